"""Who goes next, and where: calls of all roles wait here for a line that may take them.

Invariant: never more than `limit` calls under way in all, of those that wait and could go the canonically first goes,
and of the lines that could take it the one that is least loaded for its weight. Nobody who waits holds anything. The
lines decide for themselves whether they take another.
"""

from __future__ import annotations

import asyncio
import heapq
import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from evolve.errors import HaltedError, StopError
from evolve.records import Attempt, Request, Role
from evolve.teacher.lines import Line, Sent

Turn = tuple[Line, Sent]


class _Waiter:
    __slots__ = ("avoid", "request", "turn")

    def __init__(self, request: Request, avoid: Line | None) -> None:
        self.request = request
        self.avoid = avoid
        self.turn: asyncio.Future[Turn] = asyncio.get_running_loop().create_future()


@dataclass(slots=True)
class _Queue:
    """Calls of one role, and where they can go."""

    lines: Sequence[Line]
    waiters: list[tuple[Attempt, int, _Waiter]] = field(default_factory=list)


class Slots:
    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.freed = asyncio.Event()
        """Set whenever a call went out, so that there is room for another to wait."""
        self.waiting = 0
        self.held = 0
        """Calls under way."""
        self._queues: dict[Role, _Queue] = {}
        self._ticket = 0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = math.inf
        self._closed = False

    def open(self, role: Role, lines: Sequence[Line]) -> None:
        """Calls of this role go to these lines."""
        self._queues[role] = _Queue(lines)

    def close(self) -> None:
        """Turn everyone away who waits or comes; calls under way go on."""
        self._closed = True
        for queue in self._queues.values():
            self._turn_away(queue, HaltedError("the run is being stopped"))

    async def take(self, request: Request, priority: Attempt, avoid: Line | None = None) -> Turn:
        """Wait until the call may go out, and where to: not to `avoid`, if another line can take it.

        Whoever took a turn must end it with the line, and then `release`. Raises StopError if no line of the role is
        left, HaltedError after `close`.
        """
        if self._closed:
            raise HaltedError("the run is being stopped")
        waiter = _Waiter(request, avoid)
        self._ticket += 1
        heapq.heappush(self._queues[request.role].waiters, (priority, self._ticket, waiter))
        self.waiting += 1
        self._grant()
        try:
            return await waiter.turn
        except asyncio.CancelledError:
            if waiter.turn.cancelled():
                self.waiting -= 1
            elif waiter.turn.exception() is None:
                waiter.turn.result()[0].lose()
                self.release()
            raise

    def release(self) -> None:
        """A call has ended, and its line knows."""
        self.held -= 1
        self._grant()

    def _grant(self) -> None:
        """Let out all who can go now."""
        now, next_at = asyncio.get_running_loop().time(), math.inf
        while self.held < self.limit:
            first: tuple[Attempt, int, _Queue, Line] | None = None
            next_at = math.inf
            for queue in self._queues.values():
                if (head := self._head(queue)) is None:
                    continue
                priority, ticket, waiter = head
                line, free_at = _choose(queue.lines, waiter, now)
                next_at = min(next_at, free_at)
                if line is not None and (first is None or (priority, ticket) < first[:2]):
                    first = priority, ticket, queue, line
            if first is None:
                break
            _, _, queue, line = first
            waiter = heapq.heappop(queue.waiters)[2]
            self.waiting -= 1
            waiter.turn.set_result((line, line.begin(waiter.request, now)))
            self.held += 1
            self.freed.set()
        if next_at < math.inf and not self._closed:
            self._wake_at(next_at)

    def _head(self, queue: _Queue) -> tuple[Attempt, int, _Waiter] | None:
        """Who is first there; nobody where no line is left, for then all are turned away."""
        waiters = queue.waiters
        while waiters and waiters[0][2].turn.done():  # cancelled meanwhile
            heapq.heappop(waiters)
        if waiters and (dead := _all_dead(queue.lines)) is not None:
            self._turn_away(queue, dead)
        return waiters[0] if waiters else None

    def _turn_away(self, queue: _Queue, error: HaltedError | StopError) -> None:
        for _, _, waiter in queue.waiters:
            if not waiter.turn.done():
                waiter.turn.set_exception(error)
                self.waiting -= 1
        queue.waiters.clear()

    def _wake(self) -> None:
        self._alarm = None
        self._grant()

    def _wake_at(self, at: float) -> None:
        loop = asyncio.get_running_loop()
        if self._alarm is not None:
            if self._alarm_at <= at:
                return
            self._alarm.cancel()
        self._alarm_at = at
        self._alarm = loop.call_at(at, self._wake)


def _choose(lines: Sequence[Line], waiter: _Waiter, now: float) -> tuple[Line | None, float]:
    """The line that takes the call now, or None and when one will, as far as that is known."""
    best: Line | None = None
    least, next_at = (True, math.inf), math.inf
    for line in lines:
        free_at = line.free_at(waiter.request, now)
        if free_at > now:
            next_at = min(next_at, free_at)
        elif (load := (line is waiter.avoid, (line.held + 1) / line.endpoint.weight)) < least:
            best, least = line, load
    return best, math.inf if best is not None else next_at


def _all_dead(lines: Sequence[Line]) -> StopError | None:
    """Why, if no line will ever take a call again."""
    for line in lines:
        if line.dead is None:
            return None
    return lines[-1].dead
