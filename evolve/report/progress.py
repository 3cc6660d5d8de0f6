"""A run while it goes on: one line on standard error, from the first moment.

On a terminal the line is drawn over itself; elsewhere (a log file, a pipe) one is printed now and then.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Self

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from evolve.money import dollars
from evolve.records import Fate
from evolve.text import plain

LOG_EVERY_S = 10.0


class Progress:
    def __init__(self, console: Console, *, quiet: bool = False) -> None:
        self._console = console
        self._quiet = quiet
        self._began = time.monotonic()
        self._logged = self._began
        self.begin(0)
        self._round = 0
        self._first_s: float | None = None
        self._paid = ""
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

    def paid(self, usd: float) -> None:
        """So much was paid so far; nothing is said of calls without a price."""
        self._paid = f"  {dollars(usd)}" if usd else ""

    def watch(self, fate: Fate) -> None:
        """One more attempt has come to its fate."""
        self._round = max(self._round, fate.attempt.round)
        if self._first_s is None and fate.attempt.round and fate.outcome == "accepted":
            self._first_s = time.monotonic() - self._began
        self.count(fate.outcome, f"round {self._round}  ")

    def count(self, what: str, where: str = "") -> None:
        """One more of what was begun is done, and this is what became of it."""
        self._counts[what] += 1
        counts = ", ".join(f"{count} {name}" for name, count in self._counts.items())
        now = time.monotonic()
        done = sum(self._counts.values())
        line = f"{where}{done}/{self._total}  {counts}{self._paid}"
        self._show(line, log=done == self._total or now - self._logged > LOG_EVERY_S)

    def _show(self, line: str, *, log: bool) -> None:
        elapsed = time.monotonic() - self._began
        line = plain(line)
        if self._live.is_started:
            self._spinner.update(text=Text(f"{line}  {elapsed:.0f} s"))
        elif log and not self._quiet:
            self._logged = time.monotonic()
            self._console.print(Text(f"evolve: {line}  {elapsed:.1f} s"), soft_wrap=True)
