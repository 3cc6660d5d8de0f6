"""Batches without waiting: whatever has come while the workers were busy goes out as one.

Invariant: an item is sent as soon as a worker is free, and its result is what a call for it alone would have given.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from evolve.derive import Derived, Source
from evolve.eliminator import Candidate
from evolve.records import Finding
from evolve.verifier import Case, Examined

VERIFIED = 4
"""Cases that go to a verifier together: each takes tens of milliseconds to seconds, so a batch is for fairness."""

Item = TypeVar("Item")
Result = TypeVar("Result")


class Batcher(Generic[Item, Result]):
    def __init__(
        self, send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]], workers: int = 1, size: int = 128
    ) -> None:
        """`send` takes at most `size` items and is under way at most `workers` times."""
        self._send = send
        self._free = workers
        self._size = size
        self._queue: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __call__(self, item: Item) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._queue.append((item, future))
        self._dispatch()
        return await future

    @property
    def waiting(self) -> int:
        return len(self._queue)

    async def close(self) -> None:
        """Send nothing more; give up on what is under way."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _dispatch(self) -> None:
        while self._queue and self._free and not self._closed:
            batch = [self._queue.popleft() for _ in range(min(self._size, len(self._queue)))]
            self._free -= 1
            task = asyncio.create_task(self._work(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _work(self, batch: list[tuple[Item, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._send([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
        except Exception as error:  # handed to everyone who waits for this batch
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
        finally:
            self._free += 1
            self._dispatch()


class BatchedStages:
    """The eliminator and the verifier, one item at a time outside and in batches inside."""

    def __init__(
        self, send: Callable[[str, Sequence[Any]], Awaitable[Any]], workers: int = 1, verifiers: int = 1
    ) -> None:
        """`send` calls the named method with a batch, on any of `workers` Eliminators or `verifiers` Verifiers."""
        self._examine = Batcher[Candidate, tuple[Finding, ...]](lambda items: send("examine", items), workers)
        self._inspect = Batcher[Candidate, tuple[Finding, ...]](lambda items: send("inspect", items), workers)
        self._embed = Batcher[str, np.ndarray](lambda items: send("embed", items), workers)
        self._verify = Batcher[Case, Examined](lambda items: send("verify", items), verifiers, VERIFIED)
        derive = Batcher[Source, tuple[Derived, ...]](lambda items: send("derive", items), verifiers, VERIFIED)
        self._derive = derive

    async def examine(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._examine(candidate)

    async def inspect(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._inspect(candidate)

    async def embed(self, text: str) -> np.ndarray:
        return await self._embed(text)

    async def verify(self, case: Case) -> Examined:
        return await self._verify(case)

    async def derive(self, source: Source) -> tuple[Derived, ...]:
        return await self._derive(source)

    @property
    def depths(self) -> dict[str, int]:
        return {
            "examine": self._examine.waiting,
            "inspect": self._inspect.waiting,
            "embed": self._embed.waiting,
            "verify": self._verify.waiting,
        }

    def gauge(self, name: str, what: str, value: float, labels: Mapping[str, str]) -> None:
        """Nobody asks."""

    async def close(self) -> None:
        for batcher in (self._examine, self._inspect, self._embed, self._verify, self._derive):
            await batcher.close()
