"""When calls are made: slots, retries, deadlines. Owned by the driver, so that one limit holds for a whole cluster.

Invariant: never more than `in_flight` tries at a time, and no slot is held by a call that waits to be asked again.
A call that outlasts its deadline (six times the running median of its role) is asked again, with twice the time. An
endpoint that does not work stops the run. What is asked and what is made of the reply are the pipeline's business.
Adapting the number of slots to what endpoints bear belongs here, in `Slots.limit`.
"""

from __future__ import annotations

import asyncio
import heapq
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from statistics import median

from evolve.config import TeacherConfig
from evolve.errors import HaltedError, RefusedError, RetryableError, StageError, StopError, TeacherError
from evolve.records import Attempt, Reply, Request, Role, rng

Complete = Callable[[Request, float], Awaitable[Reply]]
"""One try at a call within so many seconds; raises a TeacherError, or StageError if the worker was lost."""

Keep = Callable[["Outcome"], Awaitable[None]]
"""Makes a reply durable."""

Again = Callable[[TeacherError | StageError], Awaitable[None]]
"""Told of a try that brought nothing, before another one is made; it may wait, or raise HaltedError and so end it."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
MAX_RETRY_AFTER_S = 300.0
COMPLAIN_S = 10.0
REFUSED_IN_A_ROW = 32
"""Of 2,017 recorded calls 154 were refused, never more than 3 in a row: 32 by chance are out of the question."""
_LOST_WORKERS = 20
"""Times a call survives the loss of its worker; those are not the endpoint's fault and cost no try."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended for good."""

    reply: Reply | None
    error: str | None
    asked: int
    seconds: float
    endpoint: str = ""
    """Name of the one that answered or was asked last."""
    billed: bool = False
    """Whether its last try may have been billed, though there is no reply."""


class Slots:
    """At most `limit` holders at a time; the smallest priority waits least."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0
        self.freed = asyncio.Event()
        """Set whenever a slot has been given to somebody, so that there is room for another to wait."""
        self._waiting: list[tuple[Attempt, int, asyncio.Future[None]]] = []
        self._ticket = 0
        self._closed = False

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    def close(self) -> None:
        """Turn everyone away who waits or comes; who holds a slot keeps it."""
        self._closed = True
        for _, _, turn in self._waiting:
            if not turn.done():
                turn.set_exception(HaltedError("the run is being stopped"))
        self._waiting.clear()

    @asynccontextmanager
    async def hold(self, priority: Attempt) -> AsyncIterator[None]:
        if self._closed:
            raise HaltedError("the run is being stopped")
        self._ticket += 1
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (priority, self._ticket, turn))
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._release()
            raise
        try:
            yield
        finally:
            self._release()

    def _release(self) -> None:
        self.held -= 1
        self._grant()

    def _grant(self) -> None:
        while self._waiting and self.held < self.limit:
            turn = heapq.heappop(self._waiting)[2]
            if not turn.cancelled():
                self.held += 1
                turn.set_result(None)
                self.freed.set()


class _Line:
    """Whether a role's endpoint works at all: one that does not must stop the run, not fail its items one by one."""

    def __init__(self) -> None:
        self.active = 0
        """Calls under way or waiting."""
        self.answered = 0
        self._refused = 0
        self._last = time.monotonic()
        self._told = self._last

    def answer(self) -> None:
        self.answered += 1
        self._refused = 0
        self._last = time.monotonic()

    def refuse(self, error: RefusedError, in_flight: int) -> None:
        """Raises StopError when so many are refused in a row that none is likely to be taken."""
        self._last = time.monotonic()
        self._refused += 1
        if self._refused >= max(REFUSED_IN_A_ROW, in_flight):
            raise StopError(f"{self._refused} calls in a row were refused, the last with {error}", error.status)

    def complaint(self) -> float | None:
        """Seconds without an answer, if that is worth a word and the last one was long ago."""
        now = time.monotonic()
        if now - max(self._last, self._told) < COMPLAIN_S:
            return None
        self._told = now
        return now - self._last

    def check(self, error: RetryableError, patience_s: float) -> None:
        """Raises StopError when the endpoint has not answered any call for so long."""
        if time.monotonic() - self._last > patience_s:
            words = f"no answer for {patience_s:.0f} s, the last error was: {error}"
            raise StopError(words, error.status, billed=error.billed)


class Schedule:
    def __init__(
        self, config: TeacherConfig, send: Complete, complain: Callable[[str], None] = lambda what: None
    ) -> None:
        """`complain` is told now and then that an endpoint does not answer."""
        self._config = config
        self._complain = complain
        self._send = send
        self._seconds: dict[Role, deque[float]] = {}
        self._closed = asyncio.Event()
        self._lines: dict[Role, _Line] = {}
        self.slots = Slots(config.in_flight)
        self.faults = 0
        """Tries that ended in an error worth another try."""

    async def call(
        self, request: Request, priority: Attempt, keep: Keep | None = None, again: Again | None = None
    ) -> Outcome:
        """Ask until there is a reply or no hope.

        A call is given up after `max_attempts` only if the endpoint has answered others meanwhile, or none is left.

        A reply goes to `keep` before its slot is free, so that a crash can lose no more replies than there are slots.
        Raises StopError if no call will work, HaltedError after `close`; other errors are in the Outcome.
        """
        line = self._lines.setdefault(request.role, _Line())
        line.active += 1
        try:
            return await self._until_it_ends(request, priority, keep, again, line)
        finally:
            line.active -= 1

    async def _until_it_ends(
        self, request: Request, priority: Attempt, keep: Keep | None, again: Again | None, line: _Line
    ) -> Outcome:
        began, answered = time.monotonic(), line.answered
        asked, lost, late = 0, 0, 0
        tried, deadline_s = began, self._config.timeout_s
        while True:
            try:
                async with self.slots.hold(priority):
                    asked += 1
                    deadline_s = min(self._config.timeout_s, self.deadline_s(request.role) * 2**late)
                    tried = time.monotonic()
                    reply = await self._timed(request, deadline_s)
                    line.answer()
                    outcome = Outcome(reply, None, asked, time.monotonic() - began)
                    if keep is not None:
                        await keep(outcome)
                return outcome
            except RefusedError as error:
                line.refuse(error, self._config.in_flight)
                return Outcome(None, str(error), asked, time.monotonic() - began)
            except RetryableError as error:
                self.faults += 1
                late += time.monotonic() - tried >= deadline_s  # twice the time, should the endpoint have grown slower
                line.check(error, self._config.patience_s)
                if silence := line.complaint():
                    self._complain(f"{request.role}: no answer for {silence:.0f} s, asking again; {error}")
                if asked - lost >= self._config.max_attempts and (line.answered > answered or line.active == 1):
                    return Outcome(None, str(error), asked, time.monotonic() - began, billed=error.billed)
                if again is not None:
                    await again(error)
                await self._pause(pause_s(request, asked, error.retry_after_s))
            except StageError as error:
                lost += 1
                if lost > _LOST_WORKERS:
                    return Outcome(None, str(error), asked, time.monotonic() - began, billed=True)
                if again is not None:
                    await again(error)
                await self._pause(min(5.0, FIRST_PAUSE_S * lost))

    def close(self) -> None:
        """Make no further try; those under way go on."""
        self._closed.set()
        self.slots.close()

    def deadline_s(self, role: Role) -> float:
        """Seconds that a call of this role may take now."""
        seconds = self._seconds.get(role)
        if not seconds:
            return self._config.timeout_s
        wanted: float = max(self._config.deadline_floor_s, self._config.deadline_factor * median(seconds))
        return min(self._config.timeout_s, wanted)

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            return
        raise HaltedError("the run is being stopped")

    async def _timed(self, request: Request, deadline_s: float) -> Reply:
        began = time.monotonic()
        reply = await self._send(request, deadline_s)
        self._seconds.setdefault(request.role, deque(maxlen=101)).append(time.monotonic() - began)
        return reply


def pause_s(request: Request, asked: int, retry_after_s: float | None) -> float:
    """Seconds to wait before the next try: doubling, with full jitter, and the server's own wish on top.

    Of that wish five minutes at most are granted.

    The jitter is drawn from the request, so that calls turned away together do not come back together.
    """
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (asked - 1))
    jitter = rng("pause", request.digest, asked).uniform(0.1, 1.0)
    return min(MAX_RETRY_AFTER_S, retry_after_s or 0.0) + longest * jitter
