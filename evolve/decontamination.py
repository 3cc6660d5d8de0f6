"""Benchmark items in other words, looked for in everything that was kept: the last thing that is done to a dataset.

Word rules see near-verbatim items as they come, round by round. What is rephrased is found by a judge, and asking about
every row would cost a call a row: so when all rows are there, the nearest few of each item are asked about. Invariant:
calls are bounded by the items, whatever the number of rows; the outcome depends on items, rows and replies, not on any
order; a row that could not be judged is UNDECIDED, never clean. Needs the items' texts, so it looks for those of the
files in `eliminator.benchmarks`; of the benchmarks that come with the package only fingerprints are there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import replace

import numpy as np

from evolve.calls import Calls
from evolve.config import EliminatorConfig
from evolve.contamination import Item, Rephrased, prose, read_items, worst
from evolve.eliminator import Judge
from evolve.goal import Goal
from evolve.ledger import Ledger
from evolve.records import Attempt, Fate, Finding, Instruction, Outcome, Reply, Request, Verdict

BATCH = 1024
"""Rows that are embedded at a time."""

Embed = Callable[[str], Awaitable[np.ndarray]]
Call = Callable[[str, Request], Awaitable[Reply | str]]
"""One call about the row of that id: the reply, or in words the error that it ended in."""


async def find_rephrased(  # noqa: PLR0917  (what it works on, and the type tells each)
    config: EliminatorConfig,
    judge: Judge,
    rows: AsyncIterable[tuple[str, str]],
    text_of: Callable[[str], str],
    embed: Embed,
    call: Call,
) -> dict[str, Finding]:
    """Row id -> what the judge says of it, for the rows that are near an item; the others are not asked about.

    `rows`: id and instruction of all that was kept. `text_of`: an instruction by its id.
    """
    items = read_items(config.benchmarks)
    if not items or "contaminated" in config.skip:
        return {}
    nearest = Rephrased(np.stack([await embed(prose(item.text)) for item in items]))
    batch: list[tuple[str, str]] = []
    async for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            await _offer(nearest, batch, embed)
            batch = []
    await _offer(nearest, batch, embed)
    near: dict[str, list[Item]] = {}
    for suspect in nearest.suspects():
        near.setdefault(suspect.row, []).append(items[suspect.item])

    async def judged(row: str) -> Finding | None:
        said = []
        for item in near[row]:
            finding = await judge.compare(item.text, text_of(row), lambda request: call(row, request))
            what = f"{item.task_id} of {item.benchmark} in other words"
            said.append(replace(finding, detail=f"{what}: {finding.detail}"))
            if finding.verdict is Verdict.REJECT:
                break
        return worst(said)

    found = await asyncio.gather(*map(judged, near))
    return {row: finding for row, finding in zip(near, found, strict=True) if finding is not None}


async def decontaminate(  # noqa: PLR0917
    config: EliminatorConfig, judge: Judge, ledger: Ledger, calls: Calls, embed: Embed, goal: Goal
) -> Attempt:
    """The same over all that a run's goal wants, once that is reached: the fates of rephrased items are taken back, and
    the goal may want others in their place. Returns the last attempt that was looked at."""
    last = goal.last
    ledger.flush()

    async def rows() -> AsyncIterator[tuple[str, str]]:
        for fate in ledger.fates():
            if fate.attempt > last:
                return
            if fate.outcome == "accepted" and fate.child is not None:
                yield fate.child.id, fate.child.text

    def fate_of(id_: str) -> tuple[Fate, Instruction]:
        fate = ledger.fate_of(id_)
        if fate is None or fate.child is None:
            raise ValueError(f"{id_}: no fate of that id")
        return fate, fate.child

    async def call(id_: str, request: Request) -> Reply | str:
        fate, child = fate_of(id_)
        made = await calls.make(child.root_id, "judge", request, fate.attempt)
        return made.reply or made.error or "failed"

    found = await find_rephrased(config, judge, rows(), ledger.text_of, embed, call)
    for id_, finding in found.items():
        fate, _ = fate_of(id_)
        outcome: Outcome = "rejected" if finding.verdict is Verdict.REJECT else "accepted"
        before = (old for old in fate.findings if old.check != finding.check)  # of a pass before this one
        findings = (*before, finding)
        ledger.record_fate(replace(fate, outcome=outcome, findings=findings, reason=finding.reason))
        if outcome == "rejected":
            goal.retract(fate.attempt)
    ledger.flush()
    return last


async def _offer(nearest: Rephrased, batch: list[tuple[str, str]], embed: Embed) -> None:
    if batch:
        vectors = await asyncio.gather(*(embed(text) for _, text in batch))
        nearest.offer([id_ for id_, _ in batch], np.stack(vectors))
