"""A run's log as a curve: what was accepted, under way and paid, minute by minute, over all its starts.

Counts begin at 0 with each start, so those of earlier starts are added; time in which nothing ran is left out. A line
that cannot be read, as the last one of a crash may be, is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evolve.web.record import Moment

MOST = 400
"""Points of a curve: a page shows no more."""
COUNTS = ("accepted", "rejected", "failed")


def moments(path: Path) -> tuple[Moment, ...]:
    """Of the log at `path`; none where there is no such file."""
    found: list[Moment] = []
    began, spent, turned_away = None, 0.0, 0
    before = dict.fromkeys(COUNTS, 0)
    last: dict[str, int] = dict(before)
    for line in _lines(path):
        time = float(line["time"])
        if line["event"] == "start" or began is None:
            spent = found[-1].seconds if found else 0.0
            turned_away = found[-1].turned_away if found else 0
            began, before = time, dict(last)
            found += [] if found else [Moment(0.0, 0, 0, 0, 0, 0, None, 0)]
        if line["event"] != "figures":
            continue
        last = {name: before[name] + int(line.get(name) or 0) for name in COUNTS}
        away = sum(int(one.get("turned_away") or 0) for one in line.get("lines") or ())
        found.append(
            Moment(
                round(spent + max(0.0, time - began), 1),
                last["accepted"],
                last["rejected"],
                last["failed"],
                int(line.get("accepted_per_minute") or 0),
                int(line.get("in_flight") or 0),
                line.get("usd"),
                turned_away + away,
            )
        )
    return tuple(found if len(found) <= MOST else [found[i * (len(found) - 1) // (MOST - 1)] for i in range(MOST)])


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", errors="replace") as file:
        for text in file:
            try:
                line = json.loads(text)
            except ValueError:
                continue
            if isinstance(line, dict) and "event" in line and isinstance(line.get("time"), int | float):
                yield line
