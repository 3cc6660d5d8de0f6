"""How an endpoint fails as HTTP: faults at given rates, and limits beyond which it turns calls away.

Invariant: whether a body meets a fault depends on the body and on how often it was seen, so that a retry can pass and
two runs meet the same. Limits depend on the moment, as those of real endpoints do. What is said is not its business.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True)
class Trouble:
    """Rates are shares of requests, 0-1."""

    rate_429: float = 0.0
    rate_500: float = 0.0
    rate_reset: float = 0.0
    rate_garbage: float = 0.0
    rate_hang: float = 0.0
    slots: int | None = None
    """Requests at a time, beyond which it answers 429."""
    rpm: int | None = None
    """Requests in each minute of the clock, likewise."""

    def fault(self, key: bytes, seen: int) -> str | None:
        """The fault that this body meets when it is seen for that time, if any."""
        point = Random(key + str(seen).encode()).random()
        rates = {"429": self.rate_429, "500": self.rate_500, "reset": self.rate_reset, "garbage": self.rate_garbage}
        for name, rate in {**rates, "hang": self.rate_hang}.items():
            point -= rate
            if point < 0:
                return name
        return None


class Gate:
    """Whether another request is taken now."""

    def __init__(self, trouble: Trouble) -> None:
        self._trouble = trouble
        self._minute, self._taken = -1, 0

    def takes(self, in_flight: int) -> bool:
        """`in_flight`: this one included."""
        if self._trouble.slots is not None and in_flight > self._trouble.slots:
            return False
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            self._minute, self._taken = minute, 0
        if self._trouble.rpm is not None and self._taken >= self._trouble.rpm:
            return False
        self._taken += 1
        return True
