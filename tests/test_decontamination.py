"""Benchmark items in other words: the near rows are asked about, and a run's fates are taken back."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest

from evolve.calls import Calls
from evolve.config import BudgetConfig, EliminatorConfig, JudgeConfig, TargetConfig, TeacherConfig
from evolve.decontamination import decontaminate, find_rephrased
from evolve.eliminator import Judge
from evolve.goal import Goal
from evolve.ledger import Ledger
from evolve.money import Budget, Prices
from evolve.records import Attempt, Fate, Finding, Instruction, Reply, Request, Verdict
from evolve.teacher import Answer, Endpoint, Schedule

ITEM = "Tell which of the ropes in a heap is the longest one that has no knot."
ROWS = {
    "told": "Of all cords on the pile, name the greatest in length among those without a tangle.",
    "near": "Of all cords on the pile, count those without a tangle.",
    "far": "Write a Rust iterator over prime factors.",
}
DIRECTIONS = {ITEM: (1.0, 0.0), ROWS["told"]: (0.9, 0.436), ROWS["near"]: (0.8, 0.6), ROWS["far"]: (0.0, 1.0)}
"""What an embedder that knows meaning would say, in two dimensions."""


async def embed(text: str) -> np.ndarray:
    return np.asarray(DIRECTIONS[text], np.float16)


@pytest.fixture
def config(tmp_path: Path) -> EliminatorConfig:
    path = tmp_path / "private.jsonl"
    path.write_text(json.dumps({"task_id": "Ropes/1", "prompt": ITEM}) + "\n")
    return EliminatorConfig(benchmarks=[str(path)])


def said(word: str) -> Reply:
    return Reply(json.dumps({"why": "because", "verdict": word}), "stop", "m")


def verdict_on(request: Request) -> Reply:
    return said("yes" if ROWS["told"] in request.messages[0].content else "no")


async def found(config: EliminatorConfig, *, reply: Reply | str | None = None) -> tuple[dict[str, Finding], list[str]]:
    """What is found among the rows, and which were asked about."""
    asked: list[str] = []

    async def rows() -> AsyncIterator[tuple[str, str]]:
        for row in ROWS.items():
            yield row

    async def call(row: str, request: Request) -> Reply | str:
        asked.append(row)
        return verdict_on(request) if reply is None else reply

    judge = Judge(JudgeConfig(model="m"), config)
    return await find_rephrased(config, judge, rows(), ROWS.__getitem__, embed, call), asked


async def test_the_judge_is_asked_about_near_rows_alone(config: EliminatorConfig) -> None:
    findings, asked = await found(config)
    assert sorted(asked) == ["near", "told"]
    assert {row: finding.verdict for row, finding in findings.items()} == {
        "told": Verdict.REJECT,
        "near": Verdict.ACCEPT,
    }


async def test_what_was_found_names_the_task(config: EliminatorConfig) -> None:
    findings, _ = await found(config)
    assert findings["told"].reason == "contaminated"
    assert findings["told"].detail.startswith("Ropes/1 of private.jsonl in other words: ")


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("HTTP 500", id="failed"),
        pytest.param(said("unsure"), id="unsure"),
        pytest.param(said("?"), id="odd"),
    ],
)
async def test_a_row_that_could_not_be_judged_is_not_clean(config: EliminatorConfig, reply: Reply | str) -> None:
    findings, _ = await found(config, reply=reply)
    assert {finding.verdict for finding in findings.values()} == {Verdict.UNDECIDED}


async def test_without_benchmarks_or_the_check_nobody_is_asked(config: EliminatorConfig) -> None:
    assert await found(EliminatorConfig()) == ({}, [])
    assert await found(config.model_copy(update={"skip": ["contaminated"]})) == ({}, [])


async def test_a_runs_fates_are_taken_back_and_calls_are_paid_once(config: EliminatorConfig, tmp_path: Path) -> None:
    requests: list[Request] = []

    async def complete(endpoint: str, request: Request, timeout_s: float) -> Answer:
        requests.append(request)
        return Answer(verdict_on(request))

    judge = Judge(JudgeConfig(model="m"), config)
    with Ledger(tmp_path / "ledger.db") as ledger:
        for index, (id_, text) in enumerate(ROWS.items()):
            child = Instruction(id_, text, f"root{index}", "parent", 1, "deepen")
            ledger.record_fate(Fate(Attempt(1, index), f"root{index}", "deepen", "accepted", "parent", child))
        for _ in range(2):  # the second time, as after a crash, nothing is asked
            schedule = Schedule(TeacherConfig(), {"judge": [Endpoint()]}, complete)
            calls = Calls(ledger, schedule, Budget(BudgetConfig(), Prices({}, {}), ledger))
            goal = Goal(len(ROWS), 1, TargetConfig())
            assert await decontaminate(config, judge, ledger, calls, embed, goal) == Attempt(1, len(ROWS) - 1)
        findings = {fate.child.id: len(fate.findings) for fate in ledger.fates() if fate.child}
        outcomes = {fate.child.id: (fate.outcome, fate.reason) for fate in ledger.fates() if fate.child}
    assert outcomes == {"told": ("rejected", "contaminated"), "near": ("accepted", None), "far": ("accepted", None)}
    assert findings == {"told": 1, "near": 1, "far": 0}
    assert len(requests) == 2
