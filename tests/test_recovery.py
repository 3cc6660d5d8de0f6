"""What the ledger promises: killed at any moment, resumed by the same command, paid once, the same bytes."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from evolve.seeds import bundled
from tests.conftest import StartTeacher, Teacher, evolve, offline_teacher
from tests.test_pipeline import dataset

IN_FLIGHT = 8
LIMITS = ("--limit", "24", "--rounds", "2", "--quiet")  # some 200 calls


def arguments(teacher: Teacher, folder: Path, *options: str) -> list[str]:
    settings = [*teacher.settings, f"teacher.in_flight={IN_FLIGHT}"]
    return [
        "run",
        "--seeds",
        str(bundled()),
        "--out",
        str(folder),
        *LIMITS,
        *options,
        *(part for s in settings for part in ("--set", s)),
    ]


def start(*options: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "evolve", *options], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def wait_for_requests(teacher: Teacher, count: int, process: subprocess.Popen[str]) -> None:
    """Until the endpoint has seen `count` requests, or the process is done."""
    while process.poll() is None and teacher.stats()["requests"] < count:
        time.sleep(0.02)


def actors(name: str) -> Iterator[int]:
    """Process ids of this machine's Ray actors of that class that descend from this process."""
    for folder in Path("/proc").iterdir():
        try:
            if folder.name.isdigit() and f"ray::{name}" in (folder / "cmdline").read_text() and _ours(int(folder.name)):
                yield int(folder.name)
        except OSError:
            continue


def _ours(pid: int) -> bool:
    while pid > 1:
        if pid == os.getpid():
            return True
        pid = int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return False


@dataclass(frozen=True)
class Whole:
    """A run that nothing happened to."""

    dataset: dict[str, str]
    repeated: int
    """Requests that its endpoint saw twice: another lineage, or a later round, may ask the very same."""


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "run"
    with offline_teacher() as teacher:
        assert evolve(*arguments(teacher, folder, "--executor", "inline")).returncode == 0
        return Whole(dataset(folder), teacher.stats()["repeated"])


@pytest.mark.heavy
def test_killed_again_and_again_the_driver_pays_once(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    teacher = start_teacher("--latency", "0.05", "--sigma", "0.8")
    line = arguments(teacher, tmp_path / "run", "--executor", "inline")
    moments = random.Random(7)
    kills = 0
    for _ in range(4):
        with start(*line) as process:
            wait_for_requests(teacher, teacher.stats()["requests"] + moments.randint(1, 40), process)
            process.kill()
        kills += process.returncode == -signal.SIGKILL
    assert evolve(*line).returncode == 0
    assert kills >= 3
    assert dataset(tmp_path / "run") == whole.dataset
    assert teacher.stats()["repeated"] <= whole.repeated + IN_FLIGHT * kills


@pytest.mark.heavy
@pytest.mark.ray
def test_killed_actors_are_replaced(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    teacher = start_teacher("--latency", "0.1")
    killed = []
    with start(*arguments(teacher, tmp_path / "run")) as process:
        for moment, name in ((15, "TeacherActor"), (60, "EliminatorActor"), (90, "IndexActor"), (130, "TeacherActor")):
            wait_for_requests(teacher, moment, process)
            for pid in actors(name):
                os.kill(pid, signal.SIGKILL)
                killed.append(name)
        said = process.communicate(timeout=240)
    assert process.returncode == 0, said
    assert set(killed) == {"TeacherActor", "EliminatorActor", "IndexActor"}
    assert dataset(tmp_path / "run") == whole.dataset
    assert teacher.stats()["repeated"] <= whole.repeated + IN_FLIGHT * len(killed)


@pytest.mark.heavy
@pytest.mark.ray
def test_a_killed_driver_leaves_no_actor_behind(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--latency", "0.2")
    with start(*arguments(teacher, tmp_path / "run")) as process:
        wait_for_requests(teacher, 20, process)
        left = [*actors("TeacherActor"), *actors("EliminatorActor")]
        process.kill()
    assert left
    deadline = time.monotonic() + 60
    while any(Path(f"/proc/{pid}").exists() for pid in left) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert not [pid for pid in left if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["interrupt", "terminate"])
def test_a_signal_drains_and_says_how_to_go_on(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, number: signal.Signals
) -> None:
    teacher = start_teacher("--latency", "0.1")
    line = arguments(teacher, tmp_path / "run", "--executor", "inline")
    with start(*line) as process:
        wait_for_requests(teacher, 40, process)
        process.send_signal(number)
        said, complaints = process.communicate(timeout=30)
    assert process.returncode == 3, complaints
    assert "type the same command again" in said
    assert "Traceback" not in complaints
    assert evolve(*line).returncode == 0
    assert teacher.stats()["repeated"] == whole.repeated  # what was under way came home
    assert dataset(tmp_path / "run") == whole.dataset


@pytest.mark.heavy
@pytest.mark.ray
def test_a_signal_while_ray_starts_stops_too(start_teacher: StartTeacher, tmp_path: Path) -> None:
    line = [option for option in arguments(start_teacher(), tmp_path / "run") if option != "--quiet"]
    with start(*line) as process:
        assert process.stderr is not None
        while "starting Ray" not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        _, complaints = process.communicate(timeout=60)
    assert (process.returncode, "type the same command again" in complaints) == (3, True), complaints
    assert not (tmp_path / "run").exists()


def test_a_second_driver_is_kept_out(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--latency", "0.2")
    line = arguments(teacher, tmp_path / "run", "--executor", "inline")
    with start(*line) as process:
        wait_for_requests(teacher, 10, process)
        second = evolve(*line)
        process.terminate()
    assert second.returncode == 2
    assert "another run is writing here" in second.stderr


def test_a_finished_run_asks_for_nothing(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    line = arguments(teacher, tmp_path / "run", "--executor", "inline")
    assert evolve(*line).returncode == 0
    before, files = teacher.stats()["requests"], dataset(tmp_path / "run")
    again = evolve(*line)
    assert again.returncode == 0
    assert "nothing was done" in again.stdout
    assert teacher.stats()["requests"] == before
    assert dataset(tmp_path / "run") == files


def test_failures_are_paid_again_only_when_asked_to(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    rough = start_teacher("--rate-500", "0.3")  # with many more, the endpoint would be left alone for a while
    line = arguments(rough, tmp_path / "run", "--executor", "inline", "--set", "teacher.max_attempts=1")
    assert evolve(*line).returncode == 0
    assert dataset(tmp_path / "run") != whole.dataset
    calm = start_teacher()
    line = arguments(calm, tmp_path / "run", "--executor", "inline")
    assert evolve(*line).returncode == 0
    assert calm.stats()["requests"] == 0
    assert evolve(*line, "--retry-failed").returncode == 0
    assert calm.stats()["requests"] > 0
    assert dataset(tmp_path / "run") == whole.dataset


def test_lost_embeddings_are_made_again(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    teacher = start_teacher("--latency", "0.05")
    line = arguments(teacher, tmp_path / "run", "--executor", "inline")
    with start(*line) as process:
        wait_for_requests(teacher, 80, process)
        process.terminate()
    for number, path in enumerate((tmp_path / "run" / "embeddings").iterdir()):
        path.unlink() if number % 2 else path.write_bytes(path.read_bytes()[:-100])
    assert evolve(*line).returncode == 0
    assert dataset(tmp_path / "run") == whole.dataset


@pytest.mark.heavy
def test_an_elimination_killed_again_and_again_pays_once(start_teacher: StartTeacher, tmp_path: Path) -> None:
    more = "Also return how many steps it took, and stop after a million of them."
    lines = (bundled() / "python.jsonl").read_text(encoding="utf-8").splitlines()[:40]
    seeds = [json.loads(line)["instruction"] for line in lines]
    pairs = "".join(json.dumps({"parent": seed, "reply": f"{seed} {more}"}) + "\n" for seed in seeds)
    (tmp_path / "in.jsonl").write_text(pairs)
    teacher = start_teacher("--latency", "0.1", "--sigma", "0.8", "--faults", "0")
    settings = [part for s in (*teacher.settings, f"teacher.in_flight={IN_FLIGHT}") for part in ("--set", s)]
    line = ["eliminate", str(tmp_path / "in.jsonl"), "--quiet", *settings, "--out"]
    kills = 0
    for moment in (5, 30):
        with start(*line, str(tmp_path / "out.jsonl")) as process:
            wait_for_requests(teacher, teacher.stats()["requests"] + moment, process)
            process.kill()
        kills += process.returncode == -signal.SIGKILL
        assert not (tmp_path / "out.jsonl").exists()
    assert evolve(*line, tmp_path / "out.jsonl").returncode == 0
    assert kills == 2
    assert 0 < teacher.stats()["repeated"] <= IN_FLIGHT * kills
    assert evolve(*line, tmp_path / "clean.jsonl").returncode == 0
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "clean.jsonl").read_bytes()
    left = {"clean.jsonl", "clean.jsonl.calls.db", "in.jsonl", "out.jsonl", "out.jsonl.calls.db"}
    assert {path.name for path in tmp_path.iterdir()} == left
