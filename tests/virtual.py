"""A clock that needs no waiting: an event loop whose time jumps to the next thing that is due.

And endpoints to go with it, which limit what they take in the ways that real ones do. An hour of calls takes seconds,
and comes out the same each time.
"""

from __future__ import annotations

import asyncio
import math
import selectors
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass, field
from random import Random
from typing import Any, TypeVar

from evolve.errors import RetryableError
from evolve.records import Reply, Request, Usage
from evolve.teacher import Answer

T = TypeVar("T")


class _Selector(selectors.DefaultSelector):
    """Waits for nothing: the loop's clock is put forward instead."""

    loop: Loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout:
            self.loop.now += timeout
        return ready


class Loop(asyncio.SelectorEventLoop):
    def __init__(self) -> None:
        self.now = 0.0
        selector = _Selector()
        selector.loop = self
        super().__init__(selector)

    def time(self) -> float:
        return self.now


def play(work: Coroutine[Any, Any, T]) -> T:
    """Run it in a loop with such a clock."""
    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(work)


def now() -> float:
    return asyncio.get_running_loop().time()


@dataclass
class Server:
    """Answers after `seconds`, unless it has a reason to turn the call away."""

    seconds: float = 2.0
    sigma: float = 0.0
    """Of log-normal seconds."""
    slots: float = math.inf
    """Calls at a time, beyond which it answers 429."""
    serves: float = math.inf
    """Calls that it works on at a time; others wait inside."""
    per_minute: float = math.inf
    """Calls in each minute of the clock, beyond which it answers 429."""
    per_second: float = math.inf
    """What flows into a bucket that holds two seconds' worth."""
    faulty: float = 0.0
    """Share of calls that it turns away for no reason."""
    retry_after: bool = False
    draw: Random = field(default_factory=lambda: Random(0))
    asked: int = 0
    turned_away: int = 0
    answered: deque[float] = field(default_factory=deque)
    now: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self._minute = -1
        self._in_minute = 0
        self._level, self._at = 2 * self.per_second, 0.0
        self._serving = asyncio.Semaphore(int(self.serves)) if math.isfinite(self.serves) else None

    async def send(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        del endpoint, request, timeout_s
        self.asked += 1
        await asyncio.sleep(0.01)
        if (wait := self._why_not()) is not None:
            self.turned_away += 1
            raise RetryableError("Too many.", 429, wait if self.retry_after else None)
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await self._work()
        finally:
            self.now -= 1
        self.answered.append(now())
        return Answer(Reply("Sort two.", "stop", "m", Usage(100, 100)))

    async def _work(self) -> None:
        seconds = self.seconds * math.exp(self.draw.gauss(0.0, self.sigma)) if self.sigma else self.seconds
        if self._serving is None:
            await asyncio.sleep(seconds)
            return
        async with self._serving:
            await asyncio.sleep(seconds)

    def _why_not(self) -> float | None:
        """Seconds to wait, or None if the call is taken."""
        if self.now >= self.slots or self.draw.random() < self.faulty:
            return self.seconds
        if math.isfinite(self.per_second):
            self._level = min(2 * self.per_second, self._level + (now() - self._at) * self.per_second)
            self._at = now()
            if self._level < 1:
                return 1 / self.per_second
            self._level -= 1
        minute = int(now() // 60)
        if minute != self._minute:
            self._minute, self._in_minute = minute, 0
        if self._in_minute >= self.per_minute:
            return 60 * (minute + 1) - now()
        self._in_minute += 1
        return None
