"""A round's figures are counted from its fates, and end a run that is told to, with the rows of a run that long."""

from __future__ import annotations

import asyncio
import json
import re
import signal
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from evolve import tallies
from evolve.config import StopWhenConfig, load
from evolve.errors import ConfigError
from evolve.ledger import Ledger
from evolve.plan import make_plan
from evolve.proxies import FEW, METHOD, Proxies, proxies
from evolve.records import Finding, Verdict
from evolve.run import Result, execute, make_work
from evolve.seeds import bundled
from evolve.stopping import past
from tests.conftest import StartTeacher, Teacher, evolve, offline_teacher
from tests.runs import child, text, write
from tests.test_pipeline import INLINE, dataset
from tests.test_recovery import start, wait_for_requests

SEEDS, ROUNDS = 40, 3
SETTINGS = [INLINE, f"limit={SEEDS}", f"rounds={ROUNDS}"]
FINE = Proxies(2, 100, acceptance=0.8, gain=0.9, distance=0.35, leaks=0.03, contamination=0.01)


def run(teacher: Teacher, folder: Path, *settings: str) -> Result:
    plan = make_plan(load(None, [*teacher.settings, *SETTINGS, *settings]), folder)
    return asyncio.run(execute(plan, make_work(plan), asyncio.Event()))


def found(folder: Path) -> tuple[Proxies, ...]:
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        return proxies(ledger)


def limit(of: Proxies, key: str) -> str:
    """A threshold that this round is just past."""
    name, side = key.rsplit("_", 1)
    value = getattr(of, name)
    assert value is not None
    return f"target.stop_when.{key}={value + 0.0001 if side == 'below' else value - 0.0001:.4f}"


@pytest.fixture(scope="module")
def teacher() -> Iterator[Teacher]:
    with offline_teacher("--faults", "1.5") as started:
        yield started


@pytest.fixture(scope="module")
def whole(teacher: Teacher, tmp_path_factory: pytest.TempPathFactory) -> dict[int, Path]:
    """Rounds -> the folder of a run of so many."""
    folders = {number: tmp_path_factory.mktemp("whole") / str(number) for number in range(1, ROUNDS + 1)}
    for number, folder in folders.items():
        assert run(teacher, folder, f"rounds={number}").finished
    return folders


# -- what is counted ---------------------------------------------------------------------------------------------------


def measured(cosine: float) -> Finding:
    return Finding("duplicate", 1, Verdict.ACCEPT, scores={"within": 0.99, "across": cosine})


def judged(verdict: Verdict, reason: str | None = None) -> Finding:
    return Finding("judge_no_gain", 2, verdict, reason)


def test_each_figure_is_a_count_of_the_round_s_fates(tmp_path: Path) -> None:
    fates = [child(0, i, text(0, i)) for i in range(40)]
    fates += [child(1, i, text(1, i), findings=[measured(i / 100)]) for i in range(21)]
    fates += [child(1, 21, "Evolved: sort a list.", findings=[judged(Verdict.ACCEPT)])]
    fates += [child(1, i, text(1, i), reason="prompt_leak") for i in (22, 23)]
    fates += [child(1, 24, text(1, 24), reason="contaminated"), child(1, 25, text(1, 25), error="HTTP 500")]
    fates += [child(1, 26, text(1, 26), findings=[judged(Verdict.REJECT, "no_gain")], reason="no_gain")]
    fates += [child(1, 27, text(1, 27), findings=[judged(Verdict.UNDECIDED)])]
    fates += [child(1, 28, text(1, 28), findings=[judged(Verdict.REJECT, "undecided")], reason="undecided")]
    fates += [child(1, 29, text(1, 29), reason="duplicate")]
    [one] = found(write(tmp_path / "run", fates))
    shares = {"acceptance": 23 / 30, "gain": 1 / 2, "distance": 0.82, "leaks": 3 / 30, "contamination": 1 / 30}
    assert asdict(one) == {"round": 1, "attempts": 30} | {k: round(v, 4) for k, v in shares.items()}


@pytest.mark.parametrize(("count", "told"), [(FEW - 1, False), (FEW, True)])
def test_distance_is_told_of_enough_alone(tmp_path: Path, count: int, told: bool) -> None:
    fates = [child(1, i, text(1, i), findings=[measured(0.5)]) for i in range(count)]
    [one] = found(write(tmp_path / "run", fates))
    assert (one.distance is not None, one.gain) == (told, None)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("Sort it.\n#Rewritten Prompt#", "a heading between number signs"),
        ("Mind this erroneous code.", "erroneous code"),
        ("As the given prompt says.", "the given / original / new prompt"),
        ("An evolved question.", "evolve, evolved"),
        ("Increase the difficulty of it.", "increase the difficulty"),
        ("Answer the modified question.", "the modified version"),
    ],
)
def test_words_of_the_method_are_a_leak(tmp_path: Path, said: str, name: str) -> None:
    [one] = found(write(tmp_path / "run", [child(1, 0, said), child(1, 1, "Sort the # of a list.")]))
    assert (one.leaks, bool(METHOD[name].search(said))) == (0.5, True)


def test_an_empty_run_has_no_figures(tmp_path: Path) -> None:
    assert found(write(tmp_path / "run", [child(0, 0, "A task.")])) == ()


# -- what it decides ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", StopWhenConfig.model_fields)
def test_a_figure_that_is_its_threshold_is_not_past_it(key: str) -> None:
    name, side = key.rsplit("_", 1)
    value = getattr(FINE, name)
    assert past(FINE, StopWhenConfig(**{key: value})) == ()
    step = 0.005 if side == "below" else -0.005
    [words] = past(FINE, StopWhenConfig(**{key: value + step}))
    assert words == f"{name} {value:g} is {side} {value + step:g} (target.stop_when.{key})"


def test_what_was_not_measured_ends_nothing() -> None:
    bare = Proxies(1, 3, acceptance=1.0, gain=None, distance=None, leaks=0.0, contamination=0.0)
    assert past(bare, StopWhenConfig(gain_below=1, distance_below=2)) == ()


@pytest.mark.parametrize("key", [key for key in StopWhenConfig.model_fields if "contamination" not in key])
def test_a_run_ends_with_the_first_round_that_is_past(
    teacher: Teacher, whole: dict[int, Path], tmp_path: Path, key: str
) -> None:
    name, side = key.rsplit("_", 1)
    rounds = found(whole[ROUNDS])
    worst = (min if side == "below" else max)(rounds[:2], key=lambda one: getattr(one, name))
    setting, last = limit(worst, key), worst.round
    result = run(teacher, tmp_path / "run", setting)
    assert result.finished
    assert re.match(rf"round {last} is the last: {name} .* \(target.stop_when.{key}\)$", result.summary.ended or "")
    assert dataset(tmp_path / "run") == dataset(whole[last])
    assert found(tmp_path / "run") == rounds[:last]


def test_items_of_a_benchmark_end_a_run(teacher: Teacher, whole: dict[int, Path], tmp_path: Path) -> None:
    """What evolving makes in round 1 stands in a benchmark."""
    with Ledger(whole[1] / "ledger.db", read_only=True) as ledger:
        made = [text for _, text, _ in tallies.evolutions(ledger)][:2]
    items = tmp_path / "items.jsonl"
    items.write_text("".join(json.dumps({"task_id": f"{n}", "prompt": t}) + "\n" for n, t in enumerate(made)))
    settings = [f"eliminator.benchmarks=[{items}]", "eliminator.skip=[judge]"]
    result = run(teacher, tmp_path / "run", *settings, "target.stop_when.contamination_above=0.02")
    assert "round 1 is the last: contamination 0.05 is above 0.02" in (result.summary.ended or "")
    run(teacher, tmp_path / "one", *settings, "rounds=1")
    assert dataset(tmp_path / "run") == dataset(tmp_path / "one")


def test_no_later_round_is_begun(teacher: Teacher, tmp_path: Path) -> None:
    run(teacher, tmp_path / "run", "target.stop_when.acceptance_below=1")
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert list(ledger.rows("SELECT max(round) FROM calls")) == [(1,)]


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(["target.stop_when.leaks_above=0.99"], id="no-round-is-past"),
        pytest.param(["target.stop_when.acceptance_below=1", "rounds=1"], id="there-is-no-later-round"),
    ],
)
def test_where_nothing_is_stopped_nothing_changes(
    teacher: Teacher, whole: dict[int, Path], tmp_path: Path, settings: list[str]
) -> None:
    result = run(teacher, tmp_path / "run", *settings)
    assert (result.finished, result.summary.ended) == (True, None)
    assert dataset(tmp_path / "run") == dataset(whole[1 if "rounds=1" in settings else ROUNDS])


def test_a_target_may_come_first(teacher: Teacher, tmp_path: Path) -> None:
    settings = ["target.stop_when.acceptance_below=1", f"target.samples={SEEDS + 5}"]
    result = run(teacher, tmp_path / "run", *settings)
    (table,) = (tmp_path / "run" / "data").glob("train-*")
    assert (result.finished, result.summary.ended, pq.read_table(table).num_rows) == (True, None, SEEDS + 5)


def test_another_threshold_goes_on_and_pays_nothing_twice(
    teacher: Teacher, whole: dict[int, Path], tmp_path: Path
) -> None:
    run(teacher, tmp_path / "run", "target.stop_when.acceptance_below=1")
    assert run(teacher, tmp_path / "run").summary.ended is None
    assert dataset(tmp_path / "run") == dataset(whole[ROUNDS])
    paid = teacher.stats()["requests"]
    assert run(teacher, tmp_path / "run", "target.stop_when.acceptance_below=1").finished
    assert (teacher.stats()["requests"], dataset(tmp_path / "run")) == (paid, dataset(whole[1]))


def test_a_killed_run_comes_to_the_same_end(
    start_teacher: StartTeacher, whole: dict[int, Path], tmp_path: Path
) -> None:
    """By the command, which says which figure ended it, and ends well; typed again, nothing is done."""
    slow = start_teacher("--faults", "1.5", "--latency", "0.02")
    figure = limit(found(whole[ROUNDS])[0], "acceptance_below").removeprefix("target.stop_when.")
    settings = [f"--set={setting}" for setting in (*slow.settings, *SETTINGS)]
    options = ["run", "--seeds", str(bundled()), "--out", str(tmp_path / "run"), *settings, "--stop-when", figure]
    with start(*options, "--quiet") as process:
        wait_for_requests(slow, 100, process)
        process.kill()
    assert process.returncode == -signal.SIGKILL
    ended = evolve(*options)
    said = " ".join(ended.stdout.split())
    words = f"round 1 is the last: acceptance {found(whole[1])[0].acceptance:g} is below {figure.partition('=')[2]}"
    assert (ended.returncode, f"ended {words} (target.stop_when.acceptance_below)" in said) == (0, True)
    assert dataset(tmp_path / "run") == dataset(whole[1])
    paid = slow.stats()["requests"]
    assert words in " ".join(evolve(*options).stdout.split())
    assert slow.stats()["requests"] == paid
    assert f"The run ended early: {words}" in (tmp_path / "run" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["target.stop_when.leaks_above=1.5"], "target.stop_when.leaks_above: input should be less than 1"),
        (["target.stop_when.acceptance_below=0"], "target.stop_when.acceptance_below: input should be greater than 0"),
        (["target.stop_when.leak_above=0.1"], "did you mean target.stop_when.leaks_above?"),
        (["target.stop_when.gain_below=0.5"], "target.stop_when.gain_below: it would never be measured: name teacher"),
        (
            ["target.stop_when.gain_below=0.5", "teacher.judge.model=m", "eliminator.questions=[unsolvable]"],
            "gain_below: it would never",
        ),
        (["target.stop_when.distance_below=0.1", "eliminator.skip=[duplicate]"], "distance_below: it would never"),
        (
            ["target.stop_when.contamination_above=0.1", "eliminator.skip=[contaminated]"],
            "contamination_above: it would never",
        ),
    ],
)
def test_a_threshold_that_cannot_be_is_named(tmp_path: Path, settings: list[str], words: str) -> None:
    models = ["teacher.evolver.model=m", "teacher.responder.model=m", "teacher.base_url=http://127.0.0.1:1/v1"]
    with pytest.raises(ConfigError) as raised:
        make_plan(load(None, [*models, *SETTINGS, f"seeds={bundled()}", *settings]), tmp_path / "run")
    assert words in str(raised.value)
