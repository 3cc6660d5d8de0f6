"""What runs on the cluster: plain classes, each in a process of its own, that know nothing of Ray.

Errors of ours are returned and not raised, so that they keep their type. `version` is that of evolve, asked before an
actor is given anything. What is worked on comes in pieces (see parcels.py).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import numpy as np

from evolve import __version__
from evolve.cluster.parcels import unpack
from evolve.cluster.seam import Work
from evolve.cluster.worker import Runner
from evolve.config import EngineConfig, VerifierConfig
from evolve.derive import Derived
from evolve.eliminator import Eliminator
from evolve.embedding import Found, Index
from evolve.errors import EvolveError
from evolve.records import Finding, Request
from evolve.teacher import Answer, Client, Engine
from evolve.verifier import Examined

T = TypeVar("T")


class TeacherActor:
    """A Client."""

    def __init__(self, work: Work, connections: int) -> None:
        self._client = Client(work.places, connections)

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer | EvolveError:
        try:
            return await self._client.complete(endpoint, request, timeout_s)
        except EvolveError as error:
            return error

    async def version(self) -> str:
        return __version__


class EngineActor:
    """An Engine, on GPUs that are its alone; `prepare` loads its model."""

    def __init__(self, config: EngineConfig) -> None:
        self._engine = Engine(config)

    async def prepare(self) -> EvolveError | None:
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

    async def version(self) -> str:
        return __version__


class EliminatorActor:
    """An Eliminator."""

    def __init__(self, work: Work) -> None:
        self._eliminator = Eliminator(work.eliminator, work.templates)

    def examine(self, *parcel: bytes) -> list[tuple[Finding, ...]] | EvolveError:
        return _returned(lambda: self._eliminator.examine(*unpack(parcel)))

    def inspect(self, *parcel: bytes) -> list[tuple[Finding, ...]] | EvolveError:
        return _returned(lambda: self._eliminator.inspect(*unpack(parcel)))

    def embed(self, *parcel: bytes) -> np.ndarray | EvolveError:
        return _returned(lambda: self._eliminator.embed(*unpack(parcel)))

    def version(self) -> str:
        return __version__


class VerifierActor:
    """A Runner; `prepare` builds the sandbox, once on its node."""

    def __init__(self, config: VerifierConfig) -> None:
        self._runner = Runner(config)

    def verify(self, *parcel: bytes) -> list[Examined] | EvolveError:
        return _returned(lambda: self._runner.verify(*unpack(parcel)))

    def derive(self, *parcel: bytes) -> list[tuple[Derived, ...]] | EvolveError:
        return _returned(lambda: self._runner.derive(*unpack(parcel)))

    def version(self) -> str:
        return __version__

    def prepare(self) -> EvolveError | None:
        return _returned(self._runner.prepare)


class IndexActor:
    """A part of the duplicate search's index; one that is lost begins again, empty."""

    def __init__(self, begin: int) -> None:
        self._index = Index(begin)

    def add(self, *parcel: bytes) -> int:
        return self._index.add(*unpack(parcel))

    def ask(self, *parcel: bytes) -> list[Found] | None:
        return self._index.ask(*unpack(parcel))


def _returned(work: Callable[[], T]) -> T | EvolveError:
    try:
        return work()
    except EvolveError as error:
        return error
