"""The stages as Ray actors: the plain classes, wrapped once. With jobs.py the only `import ray`.

Invariant: Ray never repeats a paid call by itself (`max_task_retries=0`); the driver gives out again what a lost
actor was doing. Actors belong to the driver and die with it; none is detached, so nothing goes on paying. Every call
to an actor has a timeout, because one that no node can host hangs its callers for ever. Keys travel as actor arguments,
never in `runtime_env`, which Ray writes to a log in clear.
"""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, TypeVar

import numpy as np

from evolve.cluster.batches import BatchedStages
from evolve.cluster.crew import Crew
from evolve.cluster.seam import Work
from evolve.cluster.worker import Runner
from evolve.config import ClusterConfig, EngineConfig, VerifierConfig, prepare_environment
from evolve.derive import Derived, Source
from evolve.eliminator import Candidate, Eliminator
from evolve.embedding import Found, Index, Part, Questions
from evolve.errors import ConfigError, EvolveError, StageError
from evolve.records import Finding, Request
from evolve.teacher import Answer, Client, Endpoint, Engine
from evolve.verifier import Case, Examined

prepare_environment()
import ray  # noqa: E402
from ray.exceptions import RayError, RayTaskError  # noqa: E402

from evolve.cluster.gauges import Gauges  # noqa: E402

CALLS_PER_ACTOR = 256
"""More in flight in one process time out on a busy core (measured)."""
GRACE_S = 15.0
"""Beyond a call's own time-out: for the way there and back."""
STAGE_S = 900.0
"""Longest time for one batch of the eliminator, the loading of its model included."""
LOAD_S = 3600.0
"""Longest time for an engine to load its model, perhaps over the network."""
_ACTOR = {"max_restarts": -1, "max_task_retries": 0}

T = TypeVar("T")


class TeacherActor:
    """A Client in a process of its own. Errors are returned, not raised, so that they keep their type."""

    def __init__(self, work: Work, connections: int) -> None:
        self._client = Client(work.places, connections)

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer | EvolveError:
        try:
            return await self._client.complete(endpoint, request, timeout_s)
        except EvolveError as error:
            return error

    async def ping(self) -> int:
        return os.getpid()


class EngineActor:
    """An Engine in a process of its own, on GPUs that are its alone; errors as above."""

    def __init__(self, config: EngineConfig) -> None:
        self._engine = Engine(config)

    async def start(self) -> EvolveError | None:
        try:
            await self._engine.start()
        except EvolveError as error:
            return error
        return None

    async def complete(self, _: str, request: Request, timeout_s: float) -> Answer | EvolveError:
        try:
            return await self._engine.complete(request, timeout_s)
        except EvolveError as error:
            return error

    async def ping(self) -> int:
        return os.getpid()


class EliminatorActor:
    """An Eliminator in a process of its own."""

    def __init__(self, work: Work) -> None:
        self._eliminator = Eliminator(work.eliminator, work.templates)

    def examine(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]] | EvolveError:
        return _returned(lambda: self._eliminator.examine(candidates))

    def inspect(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]] | EvolveError:
        return _returned(lambda: self._eliminator.inspect(candidates))

    def embed(self, texts: Sequence[str]) -> np.ndarray | EvolveError:
        return _returned(lambda: self._eliminator.embed(texts))

    def ping(self) -> int:
        return os.getpid()


class VerifierActor:
    """A Runner in a process of its own; the sandbox is built once on its node."""

    def __init__(self, config: VerifierConfig) -> None:
        self._runner = Runner(config)

    def verify(self, cases: Sequence[Case]) -> list[Examined] | EvolveError:
        return _returned(lambda: self._runner.verify(cases))

    def derive(self, sources: Sequence[Source]) -> list[tuple[Derived, ...]] | EvolveError:
        return _returned(lambda: self._runner.derive(sources))

    def prepare(self) -> EvolveError | None:
        return _returned(self._runner.prepare)

    def ping(self) -> int:
        return os.getpid()


class IndexActor:
    """A part of the duplicate search's index in a process of its own; one that is lost begins again, empty."""

    def __init__(self, begin: int) -> None:
        self._index = Index(begin)

    def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        return self._index.add(position, vectors, lineages)

    def ask(self, questions: Questions, until: int) -> list[Found] | None:
        return self._index.ask(questions, until)


class RayPart:
    """An IndexActor as the driver sees it. Both calls may be repeated: they name positions."""

    def __init__(self, begin: int) -> None:
        # No CPU of its own: it works in bursts, and a machine with one CPU must be able to hold it.
        self._actor: Any = ray.remote(**_ACTOR, num_cpus=0, scheduling_strategy="SPREAD")(IndexActor).remote(begin)

    async def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        return int(await _unwrap(self._actor.add.remote(position, vectors, lineages), STAGE_S))

    async def ask(self, questions: Questions, until: int) -> list[Found] | None:
        found: list[Found] | None = await _unwrap(self._actor.ask.remote(questions, until), STAGE_S)
        return found


class RayStages(BatchedStages):
    def __init__(self, config: ClusterConfig, work: Work) -> None:
        super().__init__(self._stage, config.eliminators, config.verifiers)
        self.endpoints = work.endpoints
        self._gauges = Gauges()
        self._config = config
        self._work = work
        self._teachers = Crew([], _unwrap)
        self._crews: dict[str, Crew] = {}
        """Endpoint's name -> its engines."""
        self._idle: dict[str, asyncio.Queue[Any]] = {"eliminator": asyncio.Queue(), "verifier": asyncio.Queue()}

    async def start(self) -> None:
        """Start or join Ray and make the actors. Raises ConfigError if there is no such cluster or no room in it."""
        await asyncio.to_thread(self._join)
        self._crews = await self._engines()
        count = max(self._config.teachers, -(-self._work.connections // CALLS_PER_ACTOR))
        share = -(-self._work.connections // count)
        teacher = _calling(share, num_cpus=0)(TeacherActor)
        self._teachers = Crew([teacher.remote(self._work, share) for _ in range(count)], _unwrap)
        single = ray.remote(**_ACTOR, num_cpus=1)
        eliminators = [single(EliminatorActor).remote(self._work) for _ in range(self._config.eliminators)]
        verifiers = []
        if self._work.verifier is not None:
            verifiers = [single(VerifierActor).remote(self._work.verifier) for _ in range(self._config.verifiers)]
        for kind, actors in (("eliminator", eliminators), ("verifier", verifiers)):
            for actor in actors:
                self._idle[kind].put_nowait(actor)
        pings = [actor.ping.options(concurrency_group="control").remote() for actor in self._teachers.actors]
        pings += [actor.ping.remote() for actor in (*eliminators, *verifiers)]
        try:
            await asyncio.wait_for(asyncio.gather(*pings), self._config.start_s)
        except (TimeoutError, RayError) as error:
            raise ConfigError(
                f"cluster: no node could start the workers within {self._config.start_s:.0f} s (each eliminator and "
                f"verifier needs one CPU, and evolve installed): {type(error).__name__}; lower cluster.eliminators or "
                "cluster.verifiers, raise cluster.start_s, or look at the nodes"
            ) from None
        await asyncio.gather(*(_unwrap(actor.prepare.remote(), STAGE_S) for actor in verifiers))

    async def _engines(self) -> dict[str, Crew]:
        """Endpoint's name -> its engines, placed and loaded. Raises ConfigError."""
        engines = {place.name: place for place in self._work.places if place.engine is not None}
        if self._config.address == "local":
            _check_gpus(engines.values())
        crews = {}
        for name, place in engines.items():
            assert place.engine is not None
            at_once = place.in_flight or self._work.connections
            actor = _calling(at_once, num_cpus=0, num_gpus=place.engine.gpus_each)(EngineActor)
            crews[name] = Crew([actor.remote(place.engine) for _ in range(place.engine.replicas)], _unwrap)
        actors = [actor for crew in crews.values() for actor in crew.actors]
        pings = [actor.ping.options(concurrency_group="control").remote() for actor in actors]
        try:
            await asyncio.wait_for(asyncio.gather(*pings), self._config.start_s)
            await asyncio.gather(*(_unwrap(actor.start.remote(), LOAD_S) for actor in actors))
        except (TimeoutError, RayError) as error:
            raise ConfigError(
                f"cluster: no place within {self._config.start_s:.0f} s for the engines: {_gpus(engines.values())}, "
                f"and evolve beside them ({type(error).__name__}); raise cluster.start_s, or look at the nodes"
            ) from None
        except StageError as error:
            raise ConfigError(f"engine: {error} while it loaded its model; perhaps it ran out of memory") from None
        return crews

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        crew = self._crews.get(endpoint, self._teachers)
        answer: Answer = await crew.call("complete", endpoint, request, timeout_s, within_s=timeout_s + GRACE_S)
        return answer

    def part(self, begin: int) -> Part:
        return RayPart(begin)

    def gauge(self, name: str, what: str, value: float, labels: Mapping[str, str]) -> None:
        self._gauges.set(name, what, value, labels)

    async def close(self) -> None:
        """Disconnect; actors of this driver, and a Ray that it started, end with that."""
        await super().close()
        if ray.is_initialized():
            await asyncio.to_thread(ray.shutdown)

    async def _stage(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        """A pure call on whichever worker is free, given out again if its actor is lost."""
        idle, lost = self._idle["verifier" if method in {"verify", "derive"} else "eliminator"], 0
        while True:
            actor = await idle.get()
            try:
                return await _unwrap(getattr(actor, method).remote(items), STAGE_S)
            except StageError:
                lost += 1
                if lost > 10:
                    raise
                await asyncio.sleep(0.5 * lost)
            finally:
                idle.put_nowait(actor)

    def _join(self) -> None:
        address = self._config.address
        local: dict[str, Any] = {}
        if address == "local":
            local = {
                "num_cpus": max(os.cpu_count() or 1, self._config.eliminators + self._config.verifiers),
                "include_dashboard": False,
            }
        try:
            ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **local)
        except (ConnectionError, RuntimeError, ValueError, OSError) as error:
            raise ConfigError(
                f"cluster.address: {address}: no Ray there: {str(error).splitlines()[0][:200]}; start one with "
                "`ray start --head`, or use --address local"
            ) from None


def _calling(at_once: int, **needs: float) -> Any:  # noqa: ANN401
    """How a class becomes an actor that makes so many calls at once, and answers pings beside them."""
    return ray.remote(**_ACTOR, **needs, max_concurrency=at_once + 8, concurrency_groups={"control": 1})


def _check_gpus(engines: Iterable[Endpoint]) -> None:
    """Raise ConfigError if this machine has too few for the engines: nobody will add one."""
    if sum(place.engine.replicas * place.engine.gpus_each for place in engines if place.engine) > _there():
        raise ConfigError(
            f"engine: {_gpus(engines)}; lower replicas or tensor_parallel, or join a cluster that has them with "
            "cluster.address"
        )


def _gpus(engines: Iterable[Endpoint]) -> str:
    wanted = [f"{one.replicas} times {one.gpus_each:g}" for place in engines if (one := place.engine)]
    return f"{' and '.join(wanted)} GPUs are needed, {_there():g} are there"


def _there() -> float:
    return float(ray.cluster_resources().get("GPU", 0))


def _returned(work: Callable[[], T]) -> T | EvolveError:
    try:
        return work()
    except EvolveError as error:
        return error


async def _unwrap(call: Awaitable[Any], timeout_s: float) -> Any:  # noqa: ANN401
    """What an actor returned; its error raised, the loss of the actor as StageError."""
    try:
        result = await asyncio.wait_for(call, timeout_s)
    except TimeoutError:
        raise StageError(f"no word from a worker for {timeout_s:.0f} s") from None
    except RayTaskError as error:  # a fault of ours in the worker: asking again would not help
        raise error.as_instanceof_cause() from None
    except RayError as error:
        raise StageError(f"a worker was lost: {type(error).__name__}") from None
    if isinstance(result, EvolveError):
        raise result
    return result
