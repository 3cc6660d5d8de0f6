"""How far a run goes: to the last attempt, to the Nth sample, or to a ceiling on attempts.

Attempts are counted in the canonical order (round, index), whatever the order in which they end: the run goes up to
the Nth accepted one, and needs the fate of every attempt before it. What was under way beyond is surplus: paid for, on
record, and in no dataset. Invariant: where a run ends is a function of the fates alone, so it does not depend on
scheduling; and an attempt is wanted until N others before it are known to be accepted. Nothing is started here.
"""

from __future__ import annotations

import heapq

from evolve.config import TargetConfig
from evolve.records import Attempt

_OPEN, _ACCEPTED, _OTHER = 0, 1, 2


class Goal:
    def __init__(self, lineages: int, rounds: int, target: TargetConfig) -> None:
        """`lineages`: how many attempts a round has; round 0, the seeds' own answers, comes before the `rounds`."""
        every = lineages * (rounds + 1)
        self._lineages = lineages
        self._samples = target.samples
        self._most = min(every, target.max_attempts or every)
        self._states = bytearray(every)
        self._first_open = 0
        self._nearest: list[int] = []
        """The N first accepted positions that are known, negated: a heap with the last of them on top."""

    @property
    def last(self) -> Attempt:
        """The last attempt that is wanted, as far as is known."""
        return Attempt(*divmod(self._end - 1, self._lineages))

    @property
    def reached(self) -> bool:
        """Whether the fates of all that are wanted are known."""
        return self._first_open >= self._end

    def wants(self, attempt: Attempt) -> bool:
        return self._position(attempt) < self._end

    def settle(self, attempt: Attempt, *, accepted: bool) -> None:
        """Take note of a fate."""
        position = self._position(attempt)
        self._states[position] = _ACCEPTED if accepted else _OTHER
        if accepted:
            self._count(position)
        while self._first_open < len(self._states) and self._states[self._first_open] != _OPEN:
            self._first_open += 1

    def retract(self, attempt: Attempt) -> None:
        """It was taken back after all: another takes its place."""
        self._states[self._position(attempt)] = _OTHER
        self._nearest.clear()
        for position, state in enumerate(self._states):
            if state == _ACCEPTED:
                self._count(position)

    @property
    def _end(self) -> int:
        """The position behind the last one that is wanted."""
        return 1 - self._nearest[0] if len(self._nearest) == self._samples else self._most

    def _position(self, attempt: Attempt) -> int:
        return attempt.round * self._lineages + attempt.index

    def _count(self, position: int) -> None:
        if self._samples is None or position >= self._most:
            return
        heapq.heappush(self._nearest, -position)
        if len(self._nearest) > self._samples:
            heapq.heappop(self._nearest)
