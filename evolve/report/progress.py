"""A run while it goes on, on standard error, from the first moment: how far it is, what is under way, how long to go.

On a terminal a few lines are drawn over themselves; elsewhere (a log file, a pipe) one is printed now and then. Figures
come from outside (`look`); nothing is measured here but time and what was counted.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any, Self

from rich.console import Console, Group
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from evolve.money import dollars
from evolve.records import Fate
from evolve.text import plain

LOG_EVERY_S = 10.0
OVER_S = 60.0
"""What is to go is foretold from as many seconds of what went before."""
SURE_S = 10.0
"""Nothing is foretold from less."""


class Progress:
    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._began = time.monotonic()
        self._logged = self._began
        self._round = 0
        self._where = ""
        self._first_s: float | None = None
        self._paid = ""
        self._figures: Mapping[str, Any] = {}
        self._past: deque[tuple[float, int]] = deque()
        """(moment, done) at each look."""
        self.begin(0)
        self._spinner = Spinner("dots", Text(""))
        self._live = Live(self._spinner, console=console, refresh_per_second=8, transient=True)

    def __enter__(self) -> Self:
        if not self._quiet and self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live.is_started:
            self._live.stop()

    @property
    def first_accepted_s(self) -> float | None:
        """Seconds from the start to the first accepted evolution; None before it."""
        return self._first_s

    def stage(self, what: str) -> None:
        """Say what is being prepared."""
        self._show(what, log=True)

    def note(self, what: str) -> None:
        """Say something that is to stay on the screen."""
        if not self._quiet:
            self._console.print(Text(f"evolve: {plain(what)}"), soft_wrap=True)

    def begin(self, total: int, ends: Sequence[str] = ("accepted", "rejected", "failed")) -> None:
        """`total` attempts will come to one of these ends, seeds included."""
        self._total = total
        self._counts = dict.fromkeys(ends, 0)
        self._past = deque()

    def paid(self, usd: float) -> None:
        """So much was paid so far; nothing is said of calls without a price."""
        self._paid = f"  {dollars(usd)}" if usd else ""

    def look(self, figures: Mapping[str, Any]) -> None:
        """What the log would say at this moment (`metrics`): calls, stages, rates."""
        self._figures = figures
        now = time.monotonic()
        self._past.append((now, self._done))
        while now - self._past[0][0] > OVER_S:
            self._past.popleft()
        if self._done and self._live.is_started:
            self._show(self._line, log=False)

    @property
    def left_s(self) -> float | None:
        """Seconds until all is done, if it goes on as in the last minute; None while nobody can tell."""
        if not self._past:
            return None
        (since, before), (until, done) = self._past[0], self._past[-1]
        if until - since < SURE_S or done == before:
            return None
        return (self._total - done) * (until - since) / (done - before)

    def watch(self, fate: Fate) -> None:
        """One more attempt has come to its fate."""
        self._round = max(self._round, fate.attempt.round)
        if self._first_s is None and fate.attempt.round and fate.outcome == "accepted":
            self._first_s = time.monotonic() - self._began
        self.count(fate.outcome, f"round {self._round}  ")

    def count(self, what: str, where: str = "") -> None:
        """One more of what was begun is done, and this is what became of it."""
        self._counts[what] += 1
        self._where = where
        now, done = time.monotonic(), self._done
        self._show(self._line, log=done == self._total or now - self._logged > LOG_EVERY_S)

    @property
    def _done(self) -> int:
        return sum(self._counts.values())

    @property
    def _line(self) -> str:
        counts = ", ".join(f"{count} {name}" for name, count in self._counts.items())
        return f"{self._where}{self._done}/{self._total}  {counts}{self._paid}"

    @property
    def _under_way(self) -> list[str]:
        """What the figures say, in short pieces."""
        if not self._figures:
            return []
        away = sum(line["turned_away"] for line in self._figures["lines"])
        pieces = [f"{self._figures['in_flight']} calls in flight", f"{self._figures['waiting']} waiting"]
        pieces += [f"{away} turned away"] if away else []
        pieces += [f"{count} to {stage}" for stage, count in self._figures["stages"].items() if count]
        pieces += [f"{self._figures['accepted_per_minute']} accepted a minute"]
        return pieces + ([] if self.left_s is None else [f"about {_duration(self.left_s)} left"])

    def _show(self, line: str, *, log: bool) -> None:
        elapsed = time.monotonic() - self._began
        line = plain(line)
        pieces = ", ".join(self._under_way) if self._done else ""
        if self._live.is_started:
            self._spinner.update(text=Text(f"{line}  {elapsed:.0f} s"))
            self._live.update(Group(self._spinner, Text(f"  {pieces}", style="dim")) if pieces else self._spinner)
        elif log and not self._quiet:
            self._logged = time.monotonic()
            more = f"  {pieces}" if pieces else ""
            self._console.print(Text(f"evolve: {line}{more}  {elapsed:.1f} s"), soft_wrap=True)


def _duration(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
