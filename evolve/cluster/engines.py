"""Crews of engines: models in the cluster's own GPUs, each a crew of actors under its endpoint's name.

Invariant: an engine has its GPUs to itself, and too few of them are told at once where nobody will add any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evolve.cluster.actors import EngineActor
from evolve.cluster.crew import Crew
from evolve.cluster.seam import Work
from evolve.config import prepare_environment
from evolve.errors import ConfigError
from evolve.teacher import Endpoint

prepare_environment()
import ray  # noqa: E402

LOAD_S = 3600.0
"""Longest time for an engine to load its model, perhaps over the network."""


def make_engines(work: Work, actor: Mapping[str, object], say: Callable[[str], None]) -> dict[str, Crew]:
    """Endpoint's name -> its crew, nobody hired yet. `actor`: Ray's options of every actor."""
    crews = {}
    for place in places(work):
        assert place.engine is not None
        at_once, config = place.in_flight or work.connections, place.engine
        needs = {"num_cpus": 0, "num_gpus": config.gpus_each, "max_concurrency": at_once + 8}
        made = ray.remote(**actor, **needs, concurrency_groups={"control": 1})(EngineActor)
        crews[place.name] = Crew(
            "engine",
            lambda made=made, config=config: made.remote(config),  # type: ignore[misc]
            lambda actor: actor.version.options(concurrency_group="control").remote(),
            prepare_s=LOAD_S,
            most=at_once,
            say=say,
        )
    return crews


def places(work: Work) -> list[Endpoint]:
    """Those of the endpoints that are engines."""
    return [place for place in work.places if place.engine is not None]


def check_gpus(work: Work, there: float) -> None:
    """Raise ConfigError if a machine with so many has too few for the engines."""
    engines = [place.engine for place in places(work) if place.engine is not None]
    if sum(engine.replicas * engine.gpus_each for engine in engines) > there:
        wanted = " and ".join(f"{engine.replicas} times {engine.gpus_each:g}" for engine in engines)
        raise ConfigError(
            f"engine: {wanted} GPUs are needed, {there:g} are there; lower replicas or tensor_parallel, or join a "
            "cluster that has them with cluster.address"
        )
