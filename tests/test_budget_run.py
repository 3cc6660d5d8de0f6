"""A budget over whole runs: killed in the middle, started again with more, never over by the server's own count."""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from evolve.ledger import Ledger
from tests.conftest import Ended, StartTeacher, Teacher, evolve, offline_teacher
from tests.test_pipeline import dataset
from tests.test_recovery import arguments, start, wait_for_requests

PRICES = ", ".join(f"offline-{role}: {{input: 1, output: 4}}" for role in ("evolver", "responder", "judge"))
PRICED = ("--executor", "inline", "--set", f"prices={{{PRICES}}}", "--json")
ROUGH = ("--latency", "0.05", "--sigma", "0.8", "--rate-reset", "0.03", "--rate-garbage", "0.03", "--rate-500", "0.03")


def billed(teacher: Teacher) -> int:
    """Tokens, as the server counts them."""
    return sum(count for tokens in teacher.stats()["tokens"].values() for count in tokens.values())


def billed_usd(teacher: Teacher) -> float:
    tokens = teacher.stats()["tokens"].values()
    return float(sum(t["prompt_tokens"] * 1e-6 + t["completion_tokens"] * 4e-6 for t in tokens))


def told(ended: Ended) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@dataclass(frozen=True)
class Whole:
    """A run without a budget."""

    dataset: dict[str, str]
    tokens: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "run"
    with offline_teacher() as teacher:
        assert evolve(*arguments(teacher, folder, *PRICED)).returncode == 0
        return Whole(dataset(folder), billed(teacher))


@pytest.mark.heavy
@pytest.mark.parametrize("unit", ["tokens", "usd"])
def test_killed_again_and_again_it_is_never_over(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, unit: str
) -> None:
    teacher, moments = start_teacher(*ROUGH), random.Random(3)
    count = billed if unit == "tokens" else billed_usd
    budget = 60_000 if unit == "tokens" else 0.12  # some 20 worst cases; the whole run takes 56,000 tokens
    line = arguments(teacher, tmp_path / "run", *PRICED)
    for _ in range(3):
        with start(*line, f"--budget-{unit}", str(budget)) as process:
            wait_for_requests(teacher, teacher.stats()["requests"] + moments.randint(8, 30), process)
            process.kill()
        assert count(teacher) <= budget
    ended = evolve(*line, f"--budget-{unit}", budget)
    assert count(teacher) <= budget
    assert ended.returncode == 3, ended.stderr
    assert told(ended)["spent"].startswith("the budget is spent")
    assert told(ended)["broken_off"]["tries"] > 0
    assert evolve(*line).returncode == 0
    assert dataset(tmp_path / "run") == whole.dataset


def test_a_bigger_budget_goes_on_and_nothing_is_counted_twice(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    teacher = start_teacher("--latency", "0.01")
    line = arguments(teacher, tmp_path / "run", *PRICED)
    for budget in (25_000, 40_000):
        ended = evolve(*line, "--budget-tokens", budget)
        assert ended.returncode == 3, ended.stderr
        roles = told(ended)["roles"].values()
        assert sum(used["prompt_tokens"] + used["completion_tokens"] for used in roles) == billed(teacher) <= budget
        assert told(ended)["cost_usd"] == pytest.approx(billed_usd(teacher))
    ended = evolve(*line, "--budget-tokens", 10**9)
    assert (ended.returncode, told(ended)["spent"]) == (0, None)
    assert billed(teacher) == whole.tokens  # nothing was asked twice
    assert dataset(tmp_path / "run") == whole.dataset


def test_what_there_is_so_far_is_a_dataset(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    line = [part for part in arguments(teacher, tmp_path / "run", *PRICED, "--budget-tokens", "40000")]
    ended = evolve(*(part for part in line if part != "--json"))
    assert ended.returncode == 3, ended.stderr
    assert "stopped  the budget is spent, but" in ended.stdout
    assert "next     type the same command again with a larger budget to go on" in ended.stdout
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        accepted = sum(fate.outcome == "accepted" for fate in ledger.fates())
    rows = pq.read_table(tmp_path / "run" / "data" / "train-00000-of-00001.parquet")
    assert rows.num_rows == accepted > 0
    card = (tmp_path / "run" / "README.md").read_text(encoding="utf-8")
    assert "**Not whole yet:** the budget is spent" in card
    assert "cost: $" in card


def test_a_budget_below_one_call_asks_nothing(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    ended = evolve(*arguments(teacher, tmp_path / "run", *PRICED, "--budget-usd", "0.0001"))
    assert ended.returncode == 3, ended.stderr
    assert "less than the next call may cost" in told(ended)["spent"]
    assert teacher.stats()["requests"] == 0


def test_a_budget_in_money_needs_prices(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    ended = evolve(*arguments(teacher, tmp_path / "run", "--budget-usd", "5"))
    assert ended.returncode == 2
    assert "no price is known for the evolver's model offline-evolver at http://127.0.0.1" in ended.stderr
    assert not (tmp_path / "run").exists()


def test_an_elimination_keeps_to_it_too(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "0")
    more = "Also return how many steps it took, and stop after a million of them."
    tasks = ("Sort a list of words in Go.", "Count the vowels of a text.", "Reverse a linked list in Java.")
    pairs = "".join(json.dumps({"parent": task, "reply": f"{task} {more}"}) + "\n" for task in tasks)
    (tmp_path / "in.jsonl").write_text(pairs)
    settings = [part for s in teacher.settings for part in ("--set", s)]
    line = ["eliminate", tmp_path / "in.jsonl", "--out", tmp_path / "out.jsonl", *settings, "--set"]
    ended = evolve(*line, "budget.tokens=3000")
    assert ended.returncode == 3, ended.stderr
    assert "the budget is spent" in ended.stderr
    assert 0 < billed(teacher) <= 3000
    assert evolve(*line, "budget.tokens=100000").returncode == 0
    assert teacher.stats()["repeated"] == 0
    ended = evolve(*line, "teacher.batch.on=true")
    assert ended.returncode == 2, ended.stderr
    assert "teacher.batch.on: an elimination makes its calls one by one" in ended.stderr
