"""How many calls at a time an endpoint bears, found out by asking for more until it is too much.

Additive increase, multiplicative decrease, as congestion control does it: the limit grows with the answers as long as
it is what holds calls back, and is cut when one is turned away or late. Three cases are told apart, because a cut
helps in the first alone: too much at once; answers that take longer in the same measure as more are under way, so that
nothing is gained by more; and an endpoint that turns a share of calls away however few there are. Invariant: one
round trip cuts the limit once. Rates are `pace`'s, and endpoints that do not work at all `lines`' business.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

FIRST = 8
"""Calls at a time to begin with: any hosted endpoint bears as many, and 1,024 are reached in twelve round trips."""
SLOW_START = 0.5
"""What an answer adds before the first cut: half as much again in each round trip. What is too much is noticed with the
first call beyond the endpoint's own limit, because a call goes out only when one has come back."""
CUT = 0.9
"""One call in hundreds is too much after the limit was found; halving it, as TCP does, would leave a quarter unused."""
HARD_CUT = 0.5
"""Where most calls since the last cut were turned away."""
CALM = 200
"""Answers between two steps upwards once the limit is known, so that less than one call in a hundred is turned away."""
STEP = 0.02
"""Share of the limit that such a step adds, one at least; twice as much with each step beyond the last cut."""
LOW = 4
"""Cut to this fraction of where it began, the limit should be well below what the endpoint bears."""
JUDGED = 100
"""Calls over which it is judged there whether the cuts helped."""
IN_VAIN = (0.01, 0.1)
"""Share of calls turned away from which they did not help; and from which it is still too much."""
TOLERATED_S = 300.0
"""How long that share is then put up with, or not put up with any more."""
GROWN = 1.25
"""Times the limit after which it is looked whether the growth was worth it."""
GAIN = 0.2
"""Share of the growth that must come out as more answers a second, if they take longer meanwhile."""
SLOWER = 0.5
"""Share of the growth by which they may take longer."""


@dataclass(slots=True)
class _Epoch:
    """Some answers in a row: the limit when they began to come, and what they took."""

    limit: float
    began: float
    answers: int = 0
    seconds: float = 0.0

    def rate(self, now: float) -> float:
        return self.answers / (now - self.began)

    @property
    def mean_s(self) -> float:
        return self.seconds / self.answers


class Throttle:
    def __init__(self, most: int, now: float) -> None:
        self.most = most
        self._limit = float(min(FIRST, most))
        self._found = False
        """Whether it was ever too much: from then on the limit grows slowly."""
        self._cut_at = -math.inf
        self._cut_from = math.inf
        """The limit before the last cut."""
        self._step = 1.0
        self._since_cut, self._bad_since_cut = 0, 0
        self._top = self._limit
        """The limit from which cutting began."""
        self._low: tuple[int, int] | None = None
        """Calls, and of these turned away, while it is judged whether the cuts helped."""
        self._tolerated = 0.0
        """Share of calls that is turned away whatever the limit."""
        self._tolerated_until = self._intolerant_until = -math.inf
        self._share = 0.0
        """Of calls turned away, lately."""
        self._epoch = _Epoch(self._limit, now)
        self._best: tuple[float, float, float] | None = None
        """Limit, answers a second and mean seconds of the last epoch whose growth was worth it."""

    @property
    def limit(self) -> int:
        """Calls at a time, at least 1."""
        return max(1, int(self._limit))

    def answer(self, sent: float, seconds: float, now: float, *, full: bool) -> None:
        """A call was answered. `full`: the limit was what held further ones back."""
        self._end(sent, now, bad=False)
        if full and self._limit < self.most and self._low is None:
            self._grow()
        self._weigh(seconds, now)

    def too_much(self, sent: float, now: float) -> None:
        """A call was turned away, or was late."""
        self._end(sent, now, bad=True)
        if sent < self._cut_at or self._low is not None:  # on its way when the limit was cut; or being judged
            return
        if now < self._tolerated_until:
            if self._share <= 2 * self._tolerated + 0.02:
                return
            self._tolerated_until, self._intolerant_until = -math.inf, now + TOLERATED_S
        mostly = 2 * self._bad_since_cut > self._since_cut > self._limit / 2
        self._cut_from, self._step = self._limit, 1.0
        self._limit = max(1.0, min((HARD_CUT if mostly else CUT) * self._limit, self._limit - 1))
        self._found, self._cut_at = True, now
        self._since_cut = self._bad_since_cut = 0
        if self._limit <= self._top / LOW:
            if now >= self._intolerant_until:
                self._limit, self._low = max(1.0, self._top / LOW), (0, 0)
            else:
                self._top = LOW * self._limit

    def _grow(self) -> None:
        if not self._found:
            step = SLOW_START
        else:
            if self._limit > self._cut_from:
                self._step *= 1 + 1 / max(CALM, self._limit)
            step = self._step * max(1.0, STEP * self._limit) / max(CALM, self._limit)
        self._limit = min(float(self.most), self._limit + step)
        self._top = max(self._top, self._limit)

    def _end(self, sent: float, now: float, *, bad: bool) -> None:
        """Count it, and judge whether cutting helps."""
        self._share += (bad - self._share) / max(JUDGED, 2 * self._limit)  # bad ends come before good ones
        if sent < self._cut_at:
            return
        self._since_cut += 1
        self._bad_since_cut += bad
        if self._low is None:
            return
        calls, away = self._low = self._low[0] + 1, self._low[1] + bad
        if calls < JUDGED:
            return
        if IN_VAIN[0] <= away / calls < IN_VAIN[1]:
            self._tolerated, self._tolerated_until = away / calls, now + TOLERATED_S
            self._limit, self._found, self._share = self._top, False, away / calls
        else:
            self._top, self._intolerant_until = LOW * self._limit, now + TOLERATED_S
        self._low = None

    def _weigh(self, seconds: float, now: float) -> None:
        """Go back to where it was before a growth that brought nothing."""
        epoch = self._epoch
        epoch.answers += 1
        epoch.seconds += seconds
        if epoch.answers < max(4 * FIRST, 2 * epoch.limit) or now <= epoch.began:
            return
        rate, mean_s = epoch.rate(now), epoch.mean_s
        if self._best is None or epoch.limit < self._best[0]:
            self._best = epoch.limit, rate, mean_s
        elif (grown := epoch.limit / self._best[0] - 1) >= GROWN - 1:
            if rate < self._best[1] * (1 + GAIN * grown) and mean_s > self._best[2] * (1 + SLOWER * grown):
                self._found, self._cut_from, self._step = True, math.inf, 1.0
                self._limit = self._top = self._best[0]
            else:
                self._best = epoch.limit, rate, mean_s
        self._epoch = _Epoch(self._limit, now)
