"""A target of samples: the canonical prefix of what the whole run would be, whatever the schedule."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from evolve.config import load
from evolve.errors import ConfigError
from evolve.ledger import Ledger
from evolve.plan import make_plan
from evolve.records import Fate
from evolve.run import Result, execute, finished, make_work
from tests.conftest import StartTeacher, Teacher, offline_teacher
from tests.mini import write
from tests.test_pipeline import INLINE, dataset

SEEDS, ROUNDS = 12, 2
SETTINGS = [INLINE, f"limit={SEEDS}", f"rounds={ROUNDS}", "method.breadth_quota=0.3"]
SLOW = ("--latency", "0.02", "--sigma", "1.5")


def run(teacher: Teacher, folder: Path, *settings: str) -> Result:
    plan = make_plan(load(None, [*teacher.settings, *SETTINGS, *settings]), folder)
    return asyncio.run(execute(plan, make_work(plan), asyncio.Event()))


def fates(folder: Path) -> list[Fate]:
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        return list(ledger.fates())


def rows(folder: Path) -> int:
    return int(pq.read_metadata(folder / "data" / "train-00000-of-00001.parquet").num_rows)


def prefix(whole: list[Fate], samples: int) -> list[Fate]:
    """Up to the Nth accepted one, counted one by one."""
    found = 0
    for number, fate in enumerate(whole):
        found += fate.outcome == "accepted"
        if found == samples:
            return whole[: number + 1]
    return whole


@dataclass(frozen=True)
class Whole:
    """A run without a target."""

    fates: list[Fate]
    dataset: dict[str, str]
    requests: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Whole]:
    folder = tmp_path_factory.mktemp("whole") / "run"
    with offline_teacher() as teacher:
        run(teacher, folder)
        yield Whole(fates(folder), dataset(folder), teacher.stats()["requests"])


@pytest.mark.parametrize("in_flight", [1, 7, 256])
def test_the_dataset_is_a_prefix_of_the_whole_under_every_schedule(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, in_flight: int
) -> None:
    teacher = start_teacher(*SLOW)
    result = run(teacher, tmp_path / "run", "target.samples=20", f"teacher.in_flight={in_flight}")
    assert result.finished
    assert fates(tmp_path / "run") == prefix(whole.fates, 20)
    assert rows(tmp_path / "run") == 20
    assert len(prefix(whole.fates, 20)) < len(whole.fates)  # the test has teeth


def test_what_was_under_way_beyond_is_surplus(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    teacher = start_teacher(*SLOW)
    result = run(teacher, tmp_path / "run", "target.samples=16", "teacher.in_flight=256")
    kept = len(prefix(whole.fates, 16))
    assert result.summary.surplus > 0
    assert result.summary.total("attempts") == kept
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        [(calls,)] = ledger.rows("SELECT count(*) FROM calls")
        [(open_,)] = ledger.rows("SELECT count(*) FROM tries")
    assert calls == teacher.stats()["requests"]  # every reply came home and is on record
    assert open_ == 0
    assert calls < whole.requests


@pytest.mark.parametrize(
    ("first", "then"), [("20", "26"), ("26", "20"), ("20", "null"), ("null", "20")], ids="{0[0]}-{0[1]}".format
)
def test_another_target_goes_on_from_there(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, first: str, then: str
) -> None:
    teacher = start_teacher()
    run(teacher, tmp_path / "run", f"target.samples={first}")
    run(teacher, tmp_path / "run", f"target.samples={then}")
    wanted = whole.fates if then == "null" else prefix(whole.fates, int(then))
    assert fates(tmp_path / "run") == wanted
    run(teacher, tmp_path / "other", f"target.samples={then}", f"teacher.base_url={start_teacher().base_url}")
    assert dataset(tmp_path / "run") == dataset(tmp_path / "other")
    assert teacher.stats()["requests"] <= whole.requests  # nothing was asked twice


def test_a_target_out_of_reach_ends_with_all_that_came(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    teacher = start_teacher()
    result = run(teacher, tmp_path / "run", "target.samples=5000")
    assert result.finished
    assert dataset(tmp_path / "run") == whole.dataset
    plan = make_plan(load(None, [*teacher.settings, *SETTINGS, "target.samples=5000"]), tmp_path / "run")
    assert finished(plan)


@pytest.mark.parametrize("more", [[], ["target.samples=34"]], ids=["alone", "before the target"])
def test_attempts_have_a_ceiling(start_teacher: StartTeacher, tmp_path: Path, whole: Whole, more: list[str]) -> None:
    result = run(start_teacher(*SLOW), tmp_path / "run", "target.max_attempts=17", *more)
    assert result.finished
    assert fates(tmp_path / "run") == whole.fates[:17]


def test_a_target_that_seeds_alone_would_meet_is_refused(start_teacher: StartTeacher, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"target.samples: {SEEDS} rows would all be seeds, of which there are"):
        run(start_teacher(), tmp_path / "run", f"target.samples={SEEDS}")
    assert not (tmp_path / "run").exists()


def test_what_is_taken_back_at_the_end_is_replaced(start_teacher: StartTeacher, tmp_path: Path) -> None:
    """Benchmark items in other words are looked for when the target is reached; then others fill the gap."""
    prompt = "My cron job sometimes takes longer than its interval, and then two copies run side by side."
    items = write(tmp_path, {"task_id": "Ours/1", "prompt": prompt})  # what a seed begins with
    settings = [f"eliminator.benchmarks=[{items}]", "target.samples=20"]
    run(start_teacher(), tmp_path / "run", *settings, "teacher.in_flight=1")
    run(start_teacher(*SLOW), tmp_path / "other", *settings, "teacher.in_flight=64")
    outcomes = Counter((fate.outcome, fate.reason, fate.attempt.round) for fate in fates(tmp_path / "run"))
    assert outcomes["rejected", "contaminated", 0] == 1  # no check before the last one looks at seeds
    assert rows(tmp_path / "run") == 20
    assert dataset(tmp_path / "run") == dataset(tmp_path / "other")
