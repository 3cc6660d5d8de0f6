"""Where a run ends before its last round: by what a round came to, or by somebody's own measure of all so far.

A round whose own figures (proxies.py) are past a threshold of `target.stop_when` is kept, and is the last. Evol Stop,
after WizardCoder (2306.08568), is the other way: a command scores all that came so far, and a lower score than the
round before ends the run with that one. What is measured is the command's business: a short fine-tune and a look at a
development set of one's own, never at a benchmark that will be reported, which would choose the data by its test.

Invariant: a round is judged when all its attempts have their fates and nothing of the next was begun; it is scored
once, however often the run is started; where the run ends is a function of fates and scores. Nothing is evolved or
written here but the scores, and why the run ended.
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

from evolve import tallies
from evolve.config import Config, StopWhenConfig, TargetConfig
from evolve.errors import StopError
from evolve.ledger import Ledger
from evolve.proxies import Proxies, proxies
from evolve.records import Attempt, Fate
from evolve.text import plain

_SAID = 300
"""Characters of what a command said that an error shows."""


def stepwise(target: TargetConfig) -> bool:
    """Whether rounds wait for each other, so that one can be the last."""
    return target.evol_stop is not None or target.stop_when != StopWhenConfig()


def watch_each(config: Config, *watching: Callable[[Fate], None]) -> Callable[[Fate], None]:
    """Tells all who watch of each fate, once: those on record are told again at the start of each round's run."""
    told: set[Attempt] = set()

    def watch(fate: Fate) -> None:
        if stepwise(config.target):
            if fate.attempt in told:
                return
            told.add(fate.attempt)
        for each in watching:
            each(fate)

    return watch


def past(found: Proxies, limits: StopWhenConfig) -> tuple[str, ...]:
    """In words, each figure of a round that is past its threshold; what was not measured is past none."""
    words = []
    for key, limit in limits.model_dump().items():
        name, side = key.rsplit("_", 1)
        value: float | None = getattr(found, name)
        if value is None or limit is None:
            continue
        if value < limit if side == "below" else value > limit:
            words.append(f"{name} {value:g} is {side} {limit:g} (target.stop_when.{key})")
    return tuple(words)


class Ending:
    """The way to a run's end: at once, or round by round."""

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

    async def run(self, config: Config, lineages: int, stop: asyncio.Event) -> Attempt | None:
        """The last attempt of the dataset, or None where the run does not come as far.

        Raises StopError where a score is not to be had.
        """
        self._ledger.forget_meta("ended")
        target, last = config.target, None
        if not stepwise(target):
            return await self._run_to(target)
        for round_ in range(1, config.rounds + 1):
            before, all_ = last, lineages * (round_ + 1)
            most = min(all_, target.max_attempts or all_)
            last = await self._run_to(target.model_copy(update={"max_attempts": most}))
            if last is None or last < Attempt(round_, lineages - 1):  # stopped, or the target came first
                return last
            if target.evol_stop is not None:
                dropped = await self._scored(target.evol_stop, last, stop)
                if dropped is None:
                    return None
                if dropped:
                    self._end(f"{dropped}, so the dataset ends with round {round_ - 1} (target.evol_stop)")
                    return before
            if round_ < config.rounds and (words := await self._past(round_, target.stop_when)):
                self._end(f"round {round_} is the last: {'; '.join(words)}")
                return last
        return last

    async def _past(self, round_: int, limits: StopWhenConfig) -> tuple[str, ...]:
        if limits == StopWhenConfig():
            return ()
        self._ledger.flush()
        found = await asyncio.to_thread(proxies, self._ledger)
        return past(next(one for one in found if one.round == round_), limits)

    def _end(self, why: str) -> None:
        self._ledger.set_meta("ended", why)
        self._say(why)

    async def _scored(self, command: str, last: Attempt, stop: asyncio.Event) -> str | None:
        """How the round scored lower than the one before; "" where it did not, None where `stop` was set."""
        round_, scores = last.round, tallies.scores(self._ledger)
        if len(scores) < round_:
            if not await self._publish(last, f"round {round_} is being scored"):
                return None
            self._say(f"scoring all up to round {round_}: {command}")
            found = await score(command, self._data, round_, stop)
            if found is None:
                return None
            scores = [*scores, found]
            self._ledger.set_meta("scores", json.dumps(scores))
            self._say(f"round {round_} scored {found:g}")
        if round_ > 1 and scores[round_ - 1] < scores[round_ - 2]:
            return f"round {round_} scored {scores[round_ - 1]:g}, less than the {scores[round_ - 2]:g} before"
        return ""


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
