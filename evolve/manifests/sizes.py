"""What is to be rendered, and how much of a machine it takes.

Measured on a dry run (its driver 0.2 GB): an eliminator with the built-in embedder 0.19 GB, a verifier 0.16 beside the
trial that it runs (`verifier.memory_mib`), a teacher 0.17; a head's dashboard has a dozen processes of 0.1 GB. What is
asked for is several times that, since a pod that goes over its limit is killed.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import PurePosixPath

from evolve.cluster import CALLS_PER_TEACHER
from evolve.config import Config, EngineConfig
from evolve.embedding import BUILTIN
from evolve.errors import ConfigError
from evolve.teacher import find_endpoints

CPUS = 4
"""Of one worker at most: small enough to be found on most machines, large enough to share Ray's own overhead."""
ENGINE_CPUS, ENGINE_GIB = 4, 32
"""Of a worker with GPUs, whose model passes through its memory; not measured."""
HEAD_CPUS, HEAD_GIB = 2, 8
"""The driver, the dashboard, and the index of a million instructions (0.77 GB at 384 dimensions)."""
_SAFE = re.compile(r"(/[A-Za-z0-9][A-Za-z0-9._-]*){2,}")
_NAME = 40
"""Characters: KubeRay takes 47, and a few are added."""


@dataclass(frozen=True, slots=True)
class Order:
    """What a manifest is rendered from."""

    config: Config
    folder: PurePosixPath
    """The run's folder, absolute, on a volume that is mounted above it."""
    options: tuple[str, ...]
    """Of `evolve run`, beside the config and the folder."""
    keys: Sequence[str]
    """Variables that the driver needs."""
    command: str
    """What was typed to render it."""
    image: str | None = None

    def __post_init__(self) -> None:
        """Raises ConfigError for a folder that no volume can be mounted above, or that needs quotes."""
        if not _SAFE.fullmatch(str(self.folder)):
            raise ConfigError(
                f"--out {self.folder}: give a folder in a volume, such as /outputs/first: letters, digits, . _ - only"
            )

    @property
    def name(self) -> str:
        """The folder's, as Kubernetes takes names."""
        plain = re.sub(r"[^a-z0-9]+", "-", self.folder.name.lower()).strip("-")
        return (plain if plain[:1].isalpha() else f"run-{plain}")[:_NAME].rstrip("-")

    @property
    def actors(self) -> int:
        """Processes of the run that each keep a CPU busy."""
        cluster = self.config.cluster
        teachers = max(cluster.teachers or 1, ceil(self.config.teacher.in_flight / CALLS_PER_TEACHER))
        return teachers + (cluster.eliminators or 1) + (cluster.verifiers or 1)

    @property
    def engines(self) -> tuple[EngineConfig, ...]:
        """Those that need GPUs."""
        found = find_endpoints(self.config, self.config.roles)
        places = {place.name: place.engine for of_role in found.values() for place in of_role}
        return tuple(engine for engine in places.values() if engine is not None and engine.gpus_each)

    @property
    def gpus(self) -> int:
        """Of each worker that has any: as many as the largest engine's replica takes."""
        return max((ceil(engine.gpus_each) for engine in self.engines), default=0)

    @property
    def gpu_workers(self) -> int:
        """One for each replica of an engine."""
        return sum(engine.replicas for engine in self.engines)

    @property
    def workers(self) -> int:
        return ceil(self.actors / CPUS)

    @property
    def cpus(self) -> int:
        """Of each worker."""
        return ceil(self.actors / self.workers)

    @property
    def gib(self) -> int:
        """Memory of each worker; a sentence-transformers model brings torch, a gigabyte."""
        return 2 + self.cpus * (1 if self.config.eliminator.embedder == BUILTIN else 2)
