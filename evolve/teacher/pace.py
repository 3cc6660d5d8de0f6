"""How fast a line may be asked: so many requests and tokens a minute, spread out evenly.

Invariant: in any sixty seconds no more than the allowance is taken, but for one call that is larger than the burst.
The allowance is given by the config, or found out (see `lines`). How many calls are under way at a time is not its
business.
"""

from __future__ import annotations

BURST = 0.05
"""Share of a minute's allowance that may go out at once; the rest is spread over the minute. Servers count in windows
of a minute, of a second, or in buckets: what is spread out suits all."""


class Window:
    """An allowance a minute, of requests or tokens."""

    def __init__(self, per_minute: float, now: float) -> None:
        self._at = now
        self._level = 0.0
        self._burst = 1.0
        self.per_minute = per_minute
        self.set(per_minute, now)
        self._level = self._burst

    def set(self, per_minute: float, now: float) -> None:
        """Another allowance from now on."""
        self._refill(now)
        self.per_minute = per_minute
        self._burst = max(1.0, BURST * per_minute)
        self._level = min(self._level, self._burst)

    def wait_s(self, amount: float, now: float) -> float:
        """Seconds until so much may be taken. Of more than the burst, the burst must be there."""
        self._refill(now)
        lacking = min(amount, self._burst) - self._level
        return max(0.0, lacking / self._per_s)

    def take(self, amount: float, now: float) -> None:
        self._refill(now)
        self._level -= amount

    def give(self, amount: float) -> None:
        """So much of what was taken was not used; below 0: more was."""
        self._level = min(self._burst, self._level + amount)

    @property
    def _per_s(self) -> float:
        # a minute takes one burst and what flows in, so both together are the allowance
        return max(self.per_minute - self._burst, 0.5 * self.per_minute) / 60.0

    def _refill(self, now: float) -> None:
        self._level = min(self._burst, self._level + max(0.0, now - self._at) * self._per_s)
        self._at = max(self._at, now)
