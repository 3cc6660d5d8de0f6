"""Batches: whatever has come while the workers were busy, or since a moment ago, goes out as one.

Invariant: a batch is sent once a worker is free, and the one before it is some time old or this one full; what an item
gets is what a call for it alone would have given.
"""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Generic, TypeVar

import numpy as np

from evolve.derive import Derived, Source
from evolve.eliminator import Candidate, undecided
from evolve.errors import DeadlyError
from evolve.records import SEED_OPERATOR, Finding
from evolve.sandbox import Outcome
from evolve.verifier import Case, Examined

LOOKED_AT = 32
"""Candidates that go to an eliminator together: what is found of so many stays below the 100 kB that travel with a call
(see parcels.py), and a call's own cost is a hundredth of the work on them."""
VERIFIED = 4
"""Cases that go to a verifier together: each takes tens of milliseconds to seconds, so a batch is for fairness."""

GATHER_S = 0.05
"""Seconds between two batches of a kind for the eliminators that are not full. Nobody holds a slot meanwhile, and a
batch costs a process 1 to 3 ms whatever is in it: 64 calls in flight of 0.5 s each were kept busy to 0.78 on two cores
with Ray without this, to 0.93 with it, for a fifth less processor time (`benchmarks/throughput.py`; 0.1 s gains nothing
more)."""

VERIFYING = frozenset({"verify", "derive"})
"""The methods that are the verifiers'."""

Item = TypeVar("Item")
Result = TypeVar("Result")
_Batch = list[tuple[Item, asyncio.Future[Result]]]


class Batcher(Generic[Item, Result]):
    def __init__(
        self,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        workers: int = 1,
        size: int = 128,
        ahead: Callable[[Item], bool] = lambda item: False,
        gather_s: float = 0.0,
    ) -> None:
        """`send` takes at most `size` items and is under way at most `workers` times. A batch over which it raises
        DeadlyError is sent again item by item. `ahead`: items that go before all others that wait. `gather_s`: how
        long after the one before a batch is sent that is not full."""
        self._send = send
        self._free = workers
        self._size = size
        self._ahead = ahead
        self._first: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._queue: deque[tuple[Item, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()
        self._gather_s = gather_s
        self._sent_at = -math.inf
        self._alarm: asyncio.TimerHandle | None = None
        self._closed = False

    async def __call__(self, item: Item) -> Result:
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        (self._first if self._ahead(item) else self._queue).append((item, future))
        self._dispatch()
        return await future

    def widen(self) -> None:
        """There is one worker more."""
        self._free += 1
        self._dispatch()

    @property
    def waiting(self) -> int:
        return len(self._first) + len(self._queue)

    async def close(self) -> None:
        """Send nothing more; give up on what is under way."""
        self._closed = True
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _dispatch(self) -> None:
        now = asyncio.get_running_loop().time()
        while self.waiting and self._free and not self._closed:
            if self.waiting < self._size and now < (due := self._sent_at + self._gather_s):
                self._wake_at(due)
                return
            self._sent_at = now
            batch = [(self._first or self._queue).popleft() for _ in range(min(self._size, self.waiting))]
            self._free -= 1
            task = asyncio.create_task(self._work(batch))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _wake_at(self, at: float) -> None:
        def wake() -> None:
            self._alarm = None
            self._dispatch()

        if self._alarm is None:
            self._alarm = asyncio.get_running_loop().call_at(at, wake)

    async def _work(self, batch: _Batch[Item, Result]) -> None:
        try:
            await self._serve(batch)
        finally:
            self._free += 1
            self._dispatch()

    async def _serve(self, batch: _Batch[Item, Result]) -> None:
        try:
            results = await self._send([item for item, _ in batch])
            for (_, future), result in zip(batch, results, strict=True):
                if not future.done():
                    future.set_result(result)
        except Exception as error:
            if isinstance(error, DeadlyError) and len(batch) > 1:
                for one in batch:
                    await self._serve([one])
                return
            for _, future in batch:  # it is told to everyone who waits for this batch
                if not future.done():
                    future.set_exception(error)


def _is_evolved(candidate: Candidate) -> bool:
    """The answers that many seeds bring are all there at the start, and calls would wait until all were looked at."""
    return candidate.operator != SEED_OPERATOR


_Looker = Batcher[Candidate, tuple[Finding, ...]]


class BatchedStages:
    """The eliminator and the verifier, one item at a time outside and in batches inside.

    An item that ends every worker that is given it is told as undecided, or as one that could not be run.
    """

    def __init__(
        self,
        send: Callable[[str, Sequence[Any]], Awaitable[Any]],
        workers: int = 0,
        verifiers: int = 0,
        *,
        strict: bool = False,
    ) -> None:
        """`send` calls the named method with a batch, on any of `workers` Eliminators or `verifiers` Verifiers.
        `strict`: what nobody could look at is rejected."""
        self._strict = strict
        self._examine = Batcher[Candidate, tuple[Finding, ...]](
            lambda items: send("examine", items), workers, LOOKED_AT, gather_s=GATHER_S
        )
        self._inspect = Batcher[Candidate, tuple[Finding, ...]](
            lambda items: send("inspect", items), workers, LOOKED_AT, ahead=_is_evolved, gather_s=GATHER_S
        )
        self._embed = Batcher[str, np.ndarray](lambda items: send("embed", items), workers, gather_s=GATHER_S)
        self._verify = Batcher[Case, Examined](lambda items: send("verify", items), verifiers, VERIFIED)
        self._derive = Batcher[Source, tuple[Derived, ...]](lambda items: send("derive", items), verifiers, VERIFIED)

    def widen(self, *, verifying: bool) -> None:
        """There is one worker more."""
        for batcher in (self._verify, self._derive) if verifying else (self._examine, self._inspect, self._embed):
            batcher.widen()

    async def examine(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._found(self._examine, candidate)

    async def inspect(self, candidate: Candidate) -> tuple[Finding, ...]:
        return await self._found(self._inspect, candidate)

    async def embed(self, text: str) -> np.ndarray:
        return await self._embed(text)

    async def verify(self, case: Case) -> Examined:
        try:
            return await self._verify(case)
        except DeadlyError as error:
            return Examined(Outcome("unproven", "none", f"not verified: {error}"))

    async def derive(self, source: Source) -> tuple[Derived, ...]:
        try:
            return await self._derive(source)
        except DeadlyError:
            return ()

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

    async def _found(self, look: _Looker, candidate: Candidate) -> tuple[Finding, ...]:
        try:
            return await look(candidate)
        except DeadlyError as error:
            return (undecided("worker", 1, f"not looked at: {error}", strict=self._strict),)
