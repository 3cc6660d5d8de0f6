"""The figures of a run at this moment: fates, calls by endpoint, what waits where.

Invariant: a counter never goes down while a run goes on, and begins at 0 with each start of it. No clock of its own
runs: figures are read when somebody asks.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from evolve.cluster import Stages
from evolve.records import Fate
from evolve.teacher import Schedule

MINUTE_S = 60.0


@dataclass(frozen=True, slots=True)
class Figure:
    """One number, under a name and labels as Prometheus has them."""

    name: str
    help: str
    value: float
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def counter(self) -> bool:
        """Whether it only grows."""
        return self.name.endswith("_total")


class Meter:
    def __init__(self, stages: Stages, usd: Callable[[], float | None] = lambda: None) -> None:
        """`usd`: what calls have cost so far, over all starts; None where a price is not known."""
        self.schedule: Schedule | None = None
        """Whose lines are told of, once there is one."""
        self._stages = stages
        self._usd = usd
        self._fates: Counter[tuple[int, str]] = Counter()
        self._accepted_at: deque[float] = deque()

    def count(self, fate: Fate) -> None:
        """One more attempt has come to its fate."""
        self._fates[fate.attempt.round, fate.outcome] += 1
        if fate.outcome == "accepted":
            self._accepted_at.append(asyncio.get_running_loop().time())

    @property
    def accepted_per_minute(self) -> int:
        """Over the last minute."""
        now = asyncio.get_running_loop().time()
        while self._accepted_at and self._accepted_at[0] < now - MINUTE_S:
            self._accepted_at.popleft()
        return len(self._accepted_at)

    def figures(self) -> list[Figure]:
        found = [
            Figure(
                "evolve_attempts_total", "Attempts that came to a fate.", count, {"round": str(r), "outcome": outcome}
            )
            for (r, outcome), count in sorted(self._fates.items())
        ]
        found.append(Figure("evolve_accepted_per_minute", "Over the last minute.", self.accepted_per_minute))
        for stage, depth in self._stages.depths.items():
            found.append(Figure("evolve_stage_waiting", "Items that wait for a worker.", depth, {"stage": stage}))
        if (usd := self._usd()) is not None:
            found.append(Figure("evolve_cost_usd", "Paid so far, over all starts.", usd))
        return found if self.schedule is None else found + self._of_lines(self.schedule)

    @staticmethod
    def _of_lines(schedule: Schedule) -> list[Figure]:
        found = [Figure("evolve_calls_waiting", "Calls that wait for a slot.", schedule.slots.waiting)]
        for line in schedule.lines:
            here = {"endpoint": line.endpoint.url, "key": line.endpoint.key_env or "", "model": line.model}
            found += [
                Figure("evolve_endpoint_up", "1 while calls go there.", float(line.state == "open"), here),
                Figure("evolve_calls_in_flight", "Calls under way.", line.held, here),
                Figure("evolve_calls_limit", "Calls at a time that it is found to bear.", line.throttle.limit, here),
                Figure("evolve_call_seconds_total", "Of calls that were answered.", line.counts.seconds, here),
            ]
            for outcome in ("answered", "turned_away", "late", "failed", "refused"):
                count = getattr(line.counts, outcome)
                found.append(Figure("evolve_calls_total", "Tries that ended.", count, here | {"outcome": outcome}))
            for kind, tokens in (("prompt", line.counts.input_tokens), ("completion", line.counts.output_tokens)):
                found.append(Figure("evolve_tokens_total", "As the server counts.", tokens, here | {"kind": kind}))
        return found

    def as_dict(self) -> dict[str, Any]:
        """For the log: the same, by name."""
        fates: Counter[str] = Counter()
        for (_, outcome), count in self._fates.items():
            fates[outcome] += count
        lines = [
            {
                "endpoint": line.endpoint.name,
                "model": line.model,
                "state": line.state,
                "limit": line.throttle.limit,
                "in_flight": line.held,
                "asked": line.counts.asked,
                "answered": line.counts.answered,
                "turned_away": line.counts.turned_away,
                "late": line.counts.late,
                "failed": line.counts.failed,
                "refused": line.counts.refused,
            }
            for line in (() if self.schedule is None else self.schedule.lines)
        ]
        return dict(fates) | {
            "accepted_per_minute": self.accepted_per_minute,
            "in_flight": 0 if self.schedule is None else self.schedule.slots.held,
            "waiting": 0 if self.schedule is None else self.schedule.slots.waiting,
            "stages": dict(self._stages.depths),
            "usd": self._usd(),
            "lines": lines,
        }
