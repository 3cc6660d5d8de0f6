"""How many calls at a time an endpoint bears, found out by asking for more until it is too much.

Additive increase, multiplicative decrease, as congestion control does it: the limit grows with the answers as long as
it is what holds calls back, and is cut when it is too much. Three cases are told apart, because a cut helps in the
first alone: too much at once; answers that take longer in the same measure as more are under way, so that nothing is
gained by more; and an endpoint that turns a share of calls away however few there are. Too much it is when a call is
turned away after many that were not; when calls are turned away at high levels and taken at lower ones (a call's level:
how many were under way with it); when a fifth of all is turned away; or when a trial with half the limit helped.
Invariant: one round trip cuts the limit once. Rates are `pace`'s business, endpoints that do not work `lines`'.
"""

from __future__ import annotations

import math
from collections import deque
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
WINDOW = 100
"""Calls at least, and twice the limit, that are remembered with their levels: how many were under way with each."""
AWAY = 3
"""Of those at a level and above, as many turned away, and more than half as many as were not, are too much there. A
share of calls that is turned away whatever the level hardly ever is: at 5 % once in some 10,000 calls."""
CLEAN, FEW_CLEAN = 2 * CALM, 3 * CALM // 4
"""Calls of which none was turned away, after which one is a sign: at 1 % by chance it is in one case of fifty. Fewer
for a limit below ten, which a single step brings back to where it was cut."""
LOT, SOME = 0.2, 0.03
"""Share of calls turned away since the last cut that is too much whatever their levels, and one that has to be tried:
where answers come in waves, levels say little."""
HELPED, HELPED_CUT = 0.25, 0.7
"""Of that share, what is left of it at half the limit where this was too much; what the limit is cut to then."""
TOLERATED_S = 300.0
"""Time until it is tried again, where half as many calls were turned away as often."""
LATE = 0.1
"""Share of calls that are late from which it is too much: some hang for no reason."""
GROWN = 1.25
"""Times the limit after which it is looked whether the growth was worth it."""
GAIN = 0.2
"""Share of the growth that must come out as more answers a second, if they take longer meanwhile."""
SLOWER = 0.5
"""Share of the growth by which they may take longer."""


@dataclass(slots=True)
class _Epoch:
    """Some answers in a row, while the limit held calls back all along: the limit when they began to come, and what
    they took."""

    limit: float
    began: float
    ended: float = math.inf
    answers: int = 0
    seconds: float = 0.0

    @property
    def rate(self) -> float:
        return self.answers / (self.ended - self.began)

    @property
    def mean_s(self) -> float:
        return self.seconds / self.answers


@dataclass(slots=True)
class Place:
    """A call among those under way when it went out."""

    level: int
    """How many there were, itself included."""
    away: bool = False
    """Whether it was turned away."""


@dataclass(slots=True)
class _Trial:
    """Half the limit, to see whether fewer calls are turned away."""

    limit: float
    """Before it."""
    share: float
    """Of calls turned away before."""


@dataclass(slots=True)
class _Doubt:
    """A growth that seems to have brought nothing. Of many calls that went out lately the short ones are answered
    first, so what was measured while the limit grew says little: it is measured again at the limit before."""

    limit: float
    """To go back to, should it have been worth it."""
    epoch: _Epoch
    settling: int
    """Answers still to come until calls under way are as they will stay."""

    def settles(self) -> bool:
        """Whether the answer that came is one of these."""
        self.settling -= 1
        return self.settling >= 0


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
        self._calls = self._away = 0
        """Since the last cut."""
        self._recent: deque[Place] = deque()
        """Of the last calls since the last cut."""
        self._clean = 0
        """Calls since the last that was turned away."""
        self._trial: _Trial | None = None
        self._tolerated_until = -math.inf
        self._late = 0.0
        """Share of calls that were late, lately."""
        self._epoch = _Epoch(self._limit, now)
        self._best: _Epoch | None = None
        """The last whose growth was worth it."""
        self._doubt: _Doubt | None = None

    @property
    def limit(self) -> int:
        """Calls at a time, at least 1."""
        return max(1, int(self._limit))

    def begin(self, level: int) -> Place:
        """A call goes out, and so many are under way with it."""
        place = Place(level)
        self._recent.append(place)
        while len(self._recent) > max(WINDOW, 2 * self._limit):
            self._recent.popleft()
        return place

    def answer(self, sent: float, seconds: float, now: float, *, full: bool) -> None:
        """A call was answered. `full`: the limit was what held further ones back."""
        self._clean += 1
        self._late -= self._late / WINDOW
        self._end(sent, now)
        if full and self._limit < self.most and self._trial is None and self._doubt is None:
            self._grow()
        self._weigh(seconds, now, full=full)

    def turn_away(self, place: Place, sent: float, now: float) -> None:
        """The endpoint did not take a call."""
        place.away = True
        clean, self._clean = self._clean, 0
        self._end(sent, now, away=True)
        if sent < self._cut_at or self._trial is not None:  # on its way when the limit was cut; or it is being tried
            return
        if clean >= (CLEAN if self._limit >= 10 else FEW_CLEAN) or self._mostly or self._is_much(place):
            self._cut(now)
        elif self._share >= SOME and self._calls >= WINDOW and now >= self._tolerated_until:
            self._trial = _Trial(self._limit, self._share)
            self._cut(now, 0.5)

    def delay(self, sent: float, now: float) -> None:
        """A call was not answered in time."""
        self._late += (1 - self._late) / WINDOW
        self._end(sent, now)
        if sent >= self._cut_at and self._trial is None and self._late > LATE:
            self._cut(now)

    @property
    def _share(self) -> float:
        """Of the calls since the last cut, those that were turned away."""
        return self._away / self._calls if self._calls else 0.0

    @property
    def _mostly(self) -> bool:
        return self._share > 0.5 and self._calls > self._limit / 2

    def _is_much(self, place: Place) -> bool:
        there = [one.away for one in self._recent if one.level >= place.level]
        away = sum(there)
        return (away >= AWAY and 2 * away > len(there) - away) or (self._share > LOT and self._calls >= WINDOW / 2)

    def _cut(self, now: float, to: float = CUT) -> None:
        self._cut_from, self._step = self._limit, 1.0
        self._limit = max(1.0, min((HARD_CUT if self._mostly else to) * self._limit, self._limit - 1))
        self._found = True
        self._begin_anew(now)

    def _begin_anew(self, now: float) -> None:
        """What was before says nothing of the limit as it is now."""
        self._cut_at = now
        self._calls = self._away = 0
        self._recent.clear()
        self._late = 0.0
        self._doubt = None

    def _grow(self) -> None:
        if not self._found:
            step = SLOW_START
        else:
            if self._limit > self._cut_from:
                self._step *= 1 + 1 / max(CALM, self._limit)
            step = self._step * max(1.0, STEP * self._limit) / max(CALM, self._limit)
        self._limit = min(float(self.most), self._limit + step)

    def _end(self, sent: float, now: float, *, away: bool = False) -> None:
        """Count it, and judge a trial."""
        if sent < self._cut_at:
            return
        self._calls += 1
        self._away += away
        if self._trial is None or self._calls < WINDOW:
            return
        if self._share < HELPED * self._trial.share:
            self._limit = max(1.0, HELPED_CUT * self._trial.limit)
        else:
            self._limit, self._found, self._tolerated_until = self._trial.limit, False, now + TOLERATED_S
        self._trial = None
        self._begin_anew(now)

    def _weigh(self, seconds: float, now: float, *, full: bool) -> None:
        """Go back to where it was before a growth that brought nothing."""
        doubt, epoch = self._doubt, self._epoch
        if (doubt is not None and doubt.settles()) or not full:
            self._epoch = _Epoch(self._limit, now)
            return
        epoch.answers += 1
        epoch.seconds += seconds
        if epoch.answers < max(4 * FIRST, 2 * epoch.limit) or now <= epoch.began:
            return
        epoch.ended = now
        if doubt is not None:
            self._resolve(doubt, epoch)
        elif self._best is None or epoch.limit <= self._best.limit:
            self._best = epoch
        elif (grown := epoch.limit / self._best.limit - 1) >= GROWN - 1:
            if _gains(epoch, self._best, grown) or epoch.mean_s <= self._best.mean_s * (1 + SLOWER * grown):
                self._best = epoch
            else:
                self._doubt = _Doubt(self._limit, epoch, int(self._limit + self._best.limit))
                self._limit = self._best.limit
        self._epoch = _Epoch(self._limit, now)

    def _resolve(self, doubt: _Doubt, before: _Epoch) -> None:
        """`before`: what the limit before the growth brings."""
        self._doubt = None
        if _gains(doubt.epoch, before, doubt.epoch.limit / before.limit - 1):
            self._limit, self._best = doubt.limit, None
        else:
            self._found, self._cut_from, self._step = True, math.inf, 1.0
            self._best = before


def _gains(epoch: _Epoch, before: _Epoch, grown: float) -> bool:
    """Whether so much more at a time is answered faster."""
    return epoch.rate >= before.rate * (1 + GAIN * grown)
