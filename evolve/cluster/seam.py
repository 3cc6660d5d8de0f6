"""What the pipeline asks of whoever runs the stages, and what these need to start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from evolve.config import EliminatorConfig, VerifierConfig
from evolve.derive import Derived, Source
from evolve.eliminator import Candidate
from evolve.embedding import Part
from evolve.records import Finding, Request, Role
from evolve.teacher import Answer, Endpoint
from evolve.verifier import Case, Examined

CALLS_PER_TEACHER = 256
"""Calls in flight of one process at most: more time out on a busy core (measured)."""


@dataclass(frozen=True, slots=True)
class Work:
    """Everything that a worker is given when it is made; it crosses process boundaries, keys included."""

    endpoints: Mapping[Role, Sequence[Endpoint]]
    connections: int
    """Calls in flight at most, over all workers."""
    eliminator: EliminatorConfig
    templates: Mapping[str, str]
    """Operator -> prompt text."""
    verifier: VerifierConfig | None = None
    """None: nothing is run."""

    @property
    def places(self) -> list[Endpoint]:
        """All endpoints, each once."""
        return list({endpoint.name: endpoint for several in self.endpoints.values() for endpoint in several}.values())


class Stages(Protocol):
    """The models' calls, the eliminator and the verifier. Every method may be called many times at once.

    All but `complete` are pure and repeat themselves if a worker is lost; they raise StageError if that goes on.
    """

    @property
    def endpoints(self) -> Mapping[Role, Sequence[Endpoint]]:
        """Where calls of each role can go."""
        ...

    async def start(self) -> None: ...

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        """One try at the endpoint of that name. Raises a TeacherError, or StageError if the worker was lost."""
        ...

    async def examine(self, candidate: Candidate) -> tuple[Finding, ...]: ...

    async def inspect(self, candidate: Candidate) -> tuple[Finding, ...]: ...

    async def verify(self, case: Case) -> Examined:
        """Run an answer against tests, in the sandbox."""
        ...

    async def derive(self, source: Source) -> tuple[Derived, ...]:
        """Further tasks of a verified answer, run in the sandbox. Not while answers are verified."""
        ...

    async def embed(self, text: str) -> np.ndarray:
        """Shape (dimension,), float16, length 1."""
        ...

    def part(self, begin: int) -> Part:
        """A new, empty part of the duplicate search's index, for rows from that position on."""
        ...

    @property
    def depths(self) -> Mapping[str, int]:
        """Method -> items that wait for a worker."""
        ...

    def gauge(self, name: str, what: str, value: float, labels: Mapping[str, str]) -> None:
        """Tell a figure to whoever shows those of the cluster; without Ray nobody does."""
        ...

    async def close(self) -> None: ...
