"""Evol Stop: which round a run ends with, what the command is given, and what becomes of one that fails."""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
import time
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from evolve.config import load
from evolve.errors import ConfigError, StopError
from evolve.plan import make_plan
from evolve.run import Result, execute, make_work
from evolve.stopping import score
from tests.conftest import StartTeacher, Teacher
from tests.test_pipeline import INLINE, dataset

SEEDS, ROUNDS = 8, 3
SETTINGS = [INLINE, f"limit={SEEDS}", f"rounds={ROUNDS}", "method.breadth_quota=0.3"]


def command(tmp_path: Path, program: str) -> str:
    """A command line of a Python program."""
    path = tmp_path / "score it.py"
    path.write_text(program, encoding="utf-8")
    return shlex.join([sys.executable, str(path)])


def scores(tmp_path: Path, *each: float) -> str:
    """A command that gives rounds these scores, and writes down what it was asked."""
    log = tmp_path / "asked.jsonl"
    program = f"""
import json, sys
from pathlib import Path
import pyarrow.parquet as pq
(table,) = Path(sys.argv[1]).glob("train-*")
rounds = sorted(set(pq.read_table(table)["round"].to_pylist()))
open({str(log)!r}, "a").write(json.dumps([int(sys.argv[2]), rounds]) + chr(10))
print("some words")
print({list(each)!r}[int(sys.argv[2]) - 1])
"""
    return command(tmp_path, program)


def asked(tmp_path: Path) -> list[list[object]]:
    return [json.loads(line) for line in (tmp_path / "asked.jsonl").read_text(encoding="utf-8").splitlines()]


def run(teacher: Teacher, folder: Path, *settings: str) -> Result:
    plan = make_plan(load(None, [*teacher.settings, *SETTINGS, *settings]), folder)
    return asyncio.run(execute(plan, make_work(plan), asyncio.Event()))


@pytest.mark.parametrize(
    ("each", "last"),
    [
        pytest.param((0.1, 0.2, 0.3), 3, id="better-and-better"),
        pytest.param((0.1, 0.2, 0.1), 2, id="the-third-is-worse"),
        pytest.param((0.2, 0.1, 0.9), 1, id="the-second-is-worse"),
        pytest.param((-2, -2, -2), 3, id="no-change-is-no-drop"),
    ],
)
def test_the_dataset_ends_with_the_round_before_a_drop(
    start_teacher: StartTeacher, tmp_path: Path, each: tuple[float, ...], last: int
) -> None:
    teacher = start_teacher()
    stopped = run(teacher, tmp_path / "stopped", f"target.evol_stop={scores(tmp_path, *each)}")
    most = run(teacher, tmp_path / "most", f"target.max_attempts={SEEDS * (last + 1)}")
    assert (stopped.finished, most.finished) == (True, True)
    assert dataset(tmp_path / "stopped") == dataset(tmp_path / "most")
    assert asked(tmp_path) == [[n, list(range(n + 1))] for n in range(1, min(last + 1, ROUNDS) + 1)]


def test_a_round_is_scored_once_over_several_starts(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    failing = scores(tmp_path, 0.1)  # knows round 1 alone
    paused = run(teacher, tmp_path / "run", f"target.evol_stop={failing}")
    assert (paused.finished, "IndexError" in (paused.stopped or "")) == (False, True)
    paid = teacher.stats()["requests"]
    done = run(teacher, tmp_path / "run", f"target.evol_stop={scores(tmp_path, 9, 0.05, 9)}")
    assert done.finished
    assert [number for number, _ in asked(tmp_path)] == [1, 2, 2]
    assert teacher.stats()["requests"] == paid  # the second round was there, and dropped below the first
    (table,) = (tmp_path / "run" / "data").glob("train-*")
    assert max(pq.read_table(table)["round"].to_pylist()) == 1


@pytest.mark.parametrize(
    ("program", "words"),
    [
        pytest.param("print('fine')", "must be a number, not 'fine'", id="words"),
        pytest.param("", "must be a number, not ''", id="silence"),
        pytest.param("print('nan')", "must be a number", id="no-number"),
        pytest.param("import sys; sys.exit('no \\x1b[31mGPU')", "ended with 1: no \\x1b[31mGPU", id="an-error"),
    ],
)
async def test_a_score_that_is_none_pauses_the_run(tmp_path: Path, program: str, words: str) -> None:
    with pytest.raises(StopError) as found:
        await score(command(tmp_path, program), tmp_path, 1, asyncio.Event())
    assert words in found.value.message


async def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StopError, match="no-such-program"):
        await score("no-such-program --fast", tmp_path, 1, asyncio.Event())


PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


@pytest.mark.parametrize(
    "program",
    [pytest.param("import time; time.sleep(60)", id="alone"), pytest.param(PARENT, id="a-script-that-starts-another")],
)
async def test_a_stop_ends_the_command(tmp_path: Path, program: str) -> None:
    stop, began = asyncio.Event(), time.monotonic()
    asyncio.get_running_loop().call_later(1, stop.set)
    assert await score(command(tmp_path, program), tmp_path, 1, stop) is None
    assert time.monotonic() - began < 30


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (["target.evol_stop='x"], "quotes"),
        (["target.evol_stop=x", "target.samples=90"], "leave out"),
        (["target.evol_stop=x", "target.max_attempts=90"], "leave out"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, settings: list[str], words: str) -> None:
    models = ["teacher.evolver.model=m", "teacher.responder.model=m", "teacher.base_url=http://127.0.0.1:1/v1"]
    with pytest.raises(ConfigError, match=words):
        make_plan(load(None, [*models, *SETTINGS, *settings]), tmp_path / "run")
