"""The stages in this process: for debugging, unit tests, and machines without Ray. Same classes, same results."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from evolve.cluster.batches import BatchedStages
from evolve.cluster.seam import Work
from evolve.config import cache_folder
from evolve.eliminator import Eliminator
from evolve.embedding import LocalPart, Part
from evolve.records import Reply, Request
from evolve.teacher import Client
from evolve.verifier import Verifier


class InlineStages(BatchedStages):
    def __init__(self, work: Work) -> None:
        super().__init__(self._stage)
        self._client = Client(work.endpoints, work.connections)
        self._eliminator = Eliminator(work.eliminator, work.templates)
        self._verifier = None if work.verifier is None else Verifier(work.verifier, cache_folder())

    async def start(self) -> None:
        """The client connects and the embedder loads when first used; the sandbox is built here."""
        if self._verifier is not None:
            await asyncio.to_thread(self._verifier.prepare)

    async def complete(self, request: Request, timeout_s: float) -> Reply:
        return await self._client.complete(request, timeout_s)

    def part(self, begin: int) -> Part:
        return LocalPart(begin)

    async def close(self) -> None:
        await super().close()
        await self._client.close()
        if self._verifier is not None:
            self._verifier.close()

    async def _stage(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        """Beside the loop. One batch of a kind at a time, so the embedder never sees two threads."""
        worker = self._verifier if method == "verify" else self._eliminator
        return await asyncio.to_thread(getattr(worker, method), items)
