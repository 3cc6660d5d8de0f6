"""Rephrased items: the nearest rows whatever their order, at most so many questions, and no answer is never clean."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.candidate import Candidate, Context
from evolve.contamination.check import Contaminated
from evolve.contamination.fingerprints import shipped
from evolve.contamination.rephrased import BLOCK, RIVALS, Rephrased, worst
from evolve.records import Finding, Verdict

TOLD = Path(__file__).resolve().parent / "data" / "rephrased.jsonl"


def directions(count: int, dimension: int = 16, seed: int = 0) -> np.ndarray:
    drawn = np.random.default_rng(seed).standard_normal((count, dimension))
    lengths = np.sqrt((drawn**2).sum(axis=1, keepdims=True))
    return np.asarray(drawn / lengths, np.float16)


# -- the nearest rows --------------------------------------------------------------------------------------------------


def plain(items: np.ndarray, rows: np.ndarray, top: int, floor: float) -> list[tuple[int, str]]:
    """The same by its definition, one row and one item at a time."""
    scored: list[list[tuple[float, str]]] = [[] for _ in items]
    for row, vector in enumerate(rows.astype(np.float64)):
        cosines = [round(float(item @ vector), 6) for item in items.astype(np.float64)]
        rivals = sorted(cosines)[-RIVALS:]
        for item, cosine in enumerate(cosines):
            if cosine >= max(floor, rivals[0]):
                scored[item].append((round(-(cosine - sum(rivals) / len(rivals) / 2), 6), f"{row:04}"))
    return [(item, row) for item, found in enumerate(scored) for _, row in sorted(found)[:top]]


@pytest.mark.parametrize("items", [1, 3, 30], ids="{} items".format)
@pytest.mark.parametrize("floor", [-1.0, 0.3], ids="floor {}".format)
def test_it_finds_what_the_definition_says(items: int, floor: float) -> None:
    known, rows = directions(items), directions(200, seed=1)
    nearest = Rephrased(known, top=4, floor=floor)
    nearest.offer([f"{n:04}" for n in range(200)], rows)
    assert [(suspect.item, suspect.row) for suspect in nearest.suspects()] == plain(known, rows, 4, floor)


@settings(deadline=None)
@given(st.permutations(range(40)), st.integers(1, 40))
def test_neither_order_nor_batches_change_what_is_asked(order: list[int], size: int) -> None:
    known, rows = directions(8), np.repeat(directions(20, seed=1), 2, axis=0)
    nearest, expected = Rephrased(known, floor=-1.0), Rephrased(known, floor=-1.0)
    expected.offer([f"{n:02}" for n in range(40)], rows)
    for begin in range(0, 40, size):
        some = order[begin : begin + size]
        nearest.offer([f"{n:02}" for n in some], rows[some])
    assert nearest.suspects() == expected.suspects()


def test_questions_are_bounded_by_items_and_not_by_rows() -> None:
    nearest = Rephrased(directions(3), top=5, floor=-1.0)
    count = BLOCK + 100
    nearest.offer([str(n) for n in range(count)], directions(count, seed=1))
    assert Counter(suspect.item for suspect in nearest.suspects()) == {0: 5, 1: 5, 2: 5}


def test_an_item_itself_comes_first() -> None:
    known = directions(20)
    nearest = Rephrased(known)
    nearest.offer([f"row {n}" for n in range(20)], known)
    first = {suspect.item: suspect for suspect in reversed(nearest.suspects())}
    assert {n: first[n].row for n in range(20)} == {n: f"row {n}" for n in range(20)}
    assert min(pair.cosine for pair in first.values()) == pytest.approx(1.0, abs=0.01)


def test_what_is_far_is_not_asked_about() -> None:
    nearest = Rephrased(np.eye(4, dtype=np.float16)[:2], floor=0.4)
    nearest.offer(["far", "near"], np.array([[0, 0, 1, 0], [0.8, 0, 0.6, 0]], np.float16))
    assert [(suspect.item, suspect.row) for suspect in nearest.suspects()] == [(0, "near")]


@pytest.mark.parametrize(("items", "rows"), [(0, 3), (3, 0), (0, 0)])
def test_nothing_to_compare_is_nothing_to_ask(items: int, rows: int) -> None:
    nearest = Rephrased(directions(items))
    nearest.offer([str(n) for n in range(rows)], directions(rows))
    assert nearest.suspects() == []


# -- what counts of a row's answers ------------------------------------------------------------------------------------

YES, NO, FAILED = (
    Finding("judge_contaminated", 1, verdict) for verdict in (Verdict.REJECT, Verdict.ACCEPT, Verdict.UNDECIDED)
)


@pytest.mark.parametrize(
    ("answers", "verdict"),
    [
        ([NO, NO], Verdict.ACCEPT),
        ([NO, YES], Verdict.REJECT),
        ([FAILED, YES], Verdict.REJECT),
        ([YES, FAILED], Verdict.REJECT),
        ([NO, FAILED], Verdict.UNDECIDED),
        ([FAILED, NO], Verdict.UNDECIDED),
    ],
    ids=["no-no", "no-yes", "failed-yes", "yes-failed", "no-failed", "failed-no"],
)
def test_a_row_is_clean_only_if_every_question_was_answered_no(answers: list[Finding], verdict: Verdict) -> None:
    found = worst(answers)
    assert found is not None
    assert found.verdict is verdict


# -- the written examples ----------------------------------------------------------------------------------------------


def told() -> list[dict[str, str]]:
    return [json.loads(line) for line in TOLD.read_text(encoding="utf-8").splitlines()]


def test_forty_items_are_told_in_other_words() -> None:
    tasks = [(row["benchmark"], row["task_id"]) for row in told()]
    assert Counter(benchmark for benchmark, _ in tasks) == {"HumanEval": 20, "MBPP": 20}
    assert set(tasks) <= set(shipped().tasks)
    assert len(set(tasks)) == 40


def test_no_rule_on_words_sees_them() -> None:
    check = Contaminated.make(Context())
    assert [row["task_id"] for row in told() if check(Candidate(row["text"], (), "seed")).reason] == []
