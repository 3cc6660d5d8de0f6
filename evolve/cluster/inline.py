"""The stages in this process: for debugging, unit tests, and machines without Ray. Same classes, same results."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from evolve.cluster.batches import BatchedStages
from evolve.cluster.seam import Work
from evolve.cluster.worker import Worker
from evolve.embedding import LocalPart, Part
from evolve.errors import ConfigError
from evolve.records import Request
from evolve.teacher import Answer, Client


class LocalStages(BatchedStages):
    """What all stages without Ray share: calls and the index stay with the driver."""

    def __init__(
        self, work: Work, send: Callable[[str, Sequence[Any]], Awaitable[Any]], workers: int = 1, verifiers: int = 1
    ) -> None:
        super().__init__(send, workers, verifiers, strict=work.eliminator.undecided == "reject")
        if any(place.engine for place in work.places):
            raise ConfigError("cluster.executor: an engine needs Ray, which places it on GPUs; set it to ray")
        self.endpoints = work.endpoints
        self._client = Client(work.places, work.connections)

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        return await self._client.complete(endpoint, request, timeout_s)

    def part(self, begin: int) -> Part:
        return LocalPart(begin)

    async def close(self) -> None:
        await super().close()
        await self._client.close()


class InlineStages(LocalStages):
    def __init__(self, work: Work) -> None:
        super().__init__(work, self._stage)
        self._verifies = work.verifier is not None
        self._worker = Worker(work)

    async def start(self) -> None:
        """The client connects and the embedder loads when first used; the sandbox is built here."""
        if self._verifies:
            await asyncio.to_thread(self._worker.runner.prepare)

    async def close(self) -> None:
        await super().close()
        self._worker.close()

    async def _stage(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        """Beside the loop. One batch of a kind at a time, so the embedder never sees two threads."""
        return await asyncio.to_thread(self._worker.call, method, items)
