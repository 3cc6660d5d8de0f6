"""The stages in this process: for debugging, unit tests, and machines without Ray. Same classes, same results."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import numpy as np

from evolve.cluster.batches import Batcher
from evolve.cluster.seam import Work
from evolve.eliminator import Candidate, Eliminator
from evolve.records import Finding, Reply, Request
from evolve.teacher import Client


class InlineStages:
    def __init__(self, work: Work) -> None:
        self._client = Client(work.endpoints, work.connections)
        self._eliminator = Eliminator(work.eliminator, work.templates)
        self._examine = Batcher[Candidate, tuple[Finding, ...]](self._examine_all)
        self._inspect = Batcher[Candidate, tuple[Finding, ...]](self._inspect_all)
        self._embed = Batcher[str, np.ndarray](self._embed_all)  # one at a time: the embedder is not for two threads

    async def start(self) -> None:
        """Nothing to wait for: the client connects and the embedder loads when first used."""

    async def complete(self, request: Request, timeout_s: float) -> Reply:
        return await self._client.complete(request, timeout_s)

    async def examine(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._examine(candidate)

    async def inspect(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._inspect(candidate)

    async def embed(self, text: str) -> np.ndarray:
        return await self._embed(text)

    async def close(self) -> None:
        for batcher in (self._examine, self._inspect, self._embed):
            await batcher.close()
        await self._client.close()

    async def _examine_all(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]]:
        return self._eliminator.examine(candidates)

    async def _inspect_all(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]]:
        return self._eliminator.inspect(candidates)

    async def _embed_all(self, texts: Sequence[str]) -> list[np.ndarray]:
        return list(await asyncio.to_thread(self._eliminator.embed, texts))
