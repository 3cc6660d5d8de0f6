"""Evol Stop, after WizardCoder (2306.08568): somebody's own command scores all that came so far, round by round.

A lower score than the round before ends the run with that round. Invariant: a round is scored once, however often the
run is started, and where the run ends is a function of the scores. What is measured is the command's business: a short
fine-tune and a look at a development set of one's own, never at a benchmark that will be reported, which would choose
the data by its test. Nothing is evolved or written here but the scores.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import math
import os
import shlex
import signal
from collections.abc import Awaitable, Callable
from pathlib import Path

from evolve.config import Config, TargetConfig
from evolve.errors import StopError
from evolve.ledger import Ledger
from evolve.records import Attempt, Fate
from evolve.text import plain

_SCORES = "scores"
_SAID = 300
"""Characters of what a command said that an error shows."""


def watch_each(config: Config, *watching: Callable[[Fate], None]) -> Callable[[Fate], None]:
    """Tells all who watch of each fate, once: those on record are told again at the start of each round's run."""
    told: set[Attempt] = set()

    def watch(fate: Fate) -> None:
        if config.target.evol_stop is not None:
            if fate.attempt in told:
                return
            told.add(fate.attempt)
        for each in watching:
            each(fate)

    return watch


class EvolStop:
    """The way to a run's end: at once, or round by round with a score after each."""

    def __init__(
        self,
        ledger: Ledger,
        data: Path,
        run_to: Callable[[TargetConfig], Awaitable[Attempt | None]],
        publish: Callable[[Attempt, str], Awaitable[bool]],
        say: Callable[[str], None],
    ) -> None:
        """`run_to`: evolve up to a target; the last attempt of it, or None where it is not reached. `publish`: write
        the dataset up to an attempt, and why more is to come; False where that was stopped."""
        self._ledger = ledger
        self._data = data
        self._run_to = run_to
        self._publish = publish
        self._say = say

    @property
    def scores(self) -> list[float]:
        """Of rounds 1, 2 and so on, as far as there are any."""
        found: list[float] = json.loads(self._ledger.meta(_SCORES) or "[]")
        return found

    async def run(self, config: Config, lineages: int, stop: asyncio.Event) -> Attempt | None:
        """The last attempt of the dataset, or None where the run does not come as far.

        Raises StopError where a score is not to be had.
        """
        target, last = config.target, None
        if target.evol_stop is None:
            return await self._run_to(target)
        for round_ in range(1, config.rounds + 1):
            before = last
            last = await self._run_to(target.model_copy(update={"max_attempts": lineages * (round_ + 1)}))
            if last is None:
                return None
            if len(self.scores) < round_ and not await self._score(target.evol_stop, last, stop):
                return None
            if round_ > 1 and self.scores[round_ - 1] < self.scores[round_ - 2]:
                self._say(f"Evol Stop: round {round_} scored lower, so the dataset ends with round {round_ - 1}")
                return before
        return last

    async def _score(self, command: str, last: Attempt, stop: asyncio.Event) -> bool:
        if not await self._publish(last, f"round {last.round} is being scored"):
            return False
        self._say(f"scoring all up to round {last.round}: {command}")
        found = await score(command, self._data, last.round, stop)
        if found is not None:
            self._ledger.set_meta(_SCORES, json.dumps([*self.scores, found]))
            self._say(f"round {last.round} scored {found:g}")
        return found is not None


async def score(command: str, data: Path, round_: int, stop: asyncio.Event) -> float | None:
    """What `COMMAND DATA ROUND` prints last; None if `stop` was set before it ended.

    Raises StopError where it cannot be started, ends badly or prints no number.
    """
    words = shlex.split(command)
    pipe = asyncio.subprocess.PIPE
    try:
        process = await asyncio.create_subprocess_exec(
            *words, str(data), str(round_), stdout=pipe, stderr=pipe, start_new_session=True
        )
    except OSError as error:
        raise StopError(f"target.evol_stop: {plain(words[0])}: {error.strerror or error}") from None
    ending = asyncio.create_task(process.communicate())
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((ending, stopping), return_when=asyncio.FIRST_COMPLETED)
        if not ending.done():
            return None
        said, complaints = (part.decode(errors="replace").strip() for part in ending.result())
    finally:
        stopping.cancel()
        if not ending.done():
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # with what it started: that would hold the pipes, and the GPUs
        await asyncio.wait((ending,))
    if process.returncode:
        why = plain(complaints[-_SAID:]) or "it said nothing"
        raise StopError(f"target.evol_stop: the command ended with {process.returncode}: {why}")
    try:
        found = float(said.splitlines()[-1])
    except (ValueError, IndexError):
        found = math.nan
    if not math.isfinite(found):
        raise StopError(f"target.evol_stop: the last line must be a number, not {plain(said[-_SAID:])!r}")
    return found
