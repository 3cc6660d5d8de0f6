"""Whole runs on clusters of several nodes that lose what they run on: paid once, the same bytes, counts that add up.

Calls are counted by the endpoint, not by the run: `repeated` are requests that it had answered before.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from evolve.cluster import InlineStages, Work, make_stages
from evolve.config import ClusterConfig, Config
from evolve.eliminator import Candidate
from evolve.embedding import Questions
from evolve.ledger import Ledger
from evolve.report import summarise
from evolve.seeds import bundled
from tests.conftest import StartTeacher, Teacher, evolve, offline_teacher
from tests.rays import (
    LOOPBACK,
    STORE,
    TOKEN,
    Cluster,
    cluster,
    descendants,
    free_port,
    kill,
    nodes,
    ray_start,
    short_folder,
    signal_all,
    until,
)
from tests.test_pipeline import dataset

pytestmark = [pytest.mark.ray, pytest.mark.heavy]

SEEDS, ROUNDS, IN_FLIGHT = 12, 2, 8
LATENCY = ("--latency", "0.2")
TESTER = ("--set", "teacher.tester.model=offline-tester")
"""Then answers are run."""


def line(teacher: Teacher, folder: Path, *options: str) -> list[str]:
    """The command: some hundred calls. A deadline is 5 s at least, so that no test need wait for the usual 30, and a
    busy machine gives up no call that is only slow: that would count as paid twice."""
    settings = [*teacher.settings, f"teacher.in_flight={IN_FLIGHT}", f"rounds={ROUNDS}", f"limit={SEEDS}"]
    what = ["run", "--json", "--seeds", str(bundled() / "python.jsonl"), "--out", str(folder), *options]
    return [*what, *(part for each in (*settings, "teacher.deadline_floor_s=5") for part in ("--set", each))]


@dataclass(frozen=True)
class Came:
    """What a run came to."""

    dataset: dict[str, str]
    counts: list[tuple[int, str, int, int, int]]
    """Round, operator, accepted, rejected, failed."""
    repeated: int
    """Requests that its endpoint saw twice: another lineage, or a later round, may ask the very same."""


def came(folder: Path, teacher: Teacher) -> Came:
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        lines = summarise(ledger).lines
    counts = [(each.round, each.operator, each.accepted, each.rejected, each.failed) for each in lines]
    assert sum(sum(each[2:]) for each in counts) == SEEDS * (ROUNDS + 1)
    return Came(dataset(folder), counts, teacher.stats()["repeated"])


def quiet(folder: Path, *options: str) -> Came:
    with offline_teacher() as teacher:
        assert evolve(*line(teacher, folder, "--executor", "inline", *options)).returncode == 0
        return came(folder, teacher)


@pytest.fixture(scope="module")
def calm(tmp_path_factory: pytest.TempPathFactory) -> Came:
    """A run that nothing happened to."""
    return quiet(tmp_path_factory.mktemp("calm") / "run")


@pytest.fixture(scope="module")
def shared() -> Iterator[Cluster]:
    """A head that works nowhere itself; tests bring their nodes."""
    with cluster() as made:
        yield made


@contextmanager
def begun(options: list[str], env: dict[str, str] = LOOPBACK) -> Iterator[subprocess.Popen[str]]:
    """The command at work; ended, if it is not by itself."""
    command = [sys.executable, "-m", "evolve", *options]
    out = subprocess.PIPE
    with subprocess.Popen(command, text=True, env=os.environ | env, stdout=out, stderr=out) as process:
        try:
            yield process
        finally:
            process.kill()


def wait_for_requests(teacher: Teacher, count: int, process: subprocess.Popen[str]) -> None:
    until(lambda: teacher.stats()["requests"] >= count or process.poll() is not None)
    assert process.poll() is None, process.communicate()


def ends_as(calm: Came, process: subprocess.Popen[str], teacher: Teacher, folder: Path) -> int:
    """The run ends well, with what the calm one came to; the calls that it paid twice."""
    said, complaints = process.communicate(timeout=120)
    assert (process.returncode, json.loads(said)["finished"]) == (0, True), complaints
    found = came(folder, teacher)
    assert found.dataset == calm.dataset
    assert found.counts == calm.counts
    return found.repeated - calm.repeated


def test_nodes_come_and_go(shared: Cluster, start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher(*LATENCY)
    options = line(teacher, tmp_path / "run", "--address", shared.address, *TESTER)
    with nodes(shared, 2) as made, begun(options) as process:
        wait_for_requests(teacher, 20, process)
        with nodes(shared, 2) as added:
            until(added[0].busy, 30)  # 10 s where nobody else wants the machine
            made[0].kill()
            repeated = ends_as(quiet(tmp_path / "calm", *TESTER), process, teacher, tmp_path / "run")
            assert 0 <= repeated <= IN_FLIGHT


def test_a_node_whose_workers_hang_is_done_without(
    shared: Cluster, start_teacher: StartTeacher, tmp_path: Path, calm: Came
) -> None:
    teacher = start_teacher(*LATENCY)
    options = line(teacher, tmp_path / "run", "--address", shared.address)
    with nodes(shared, 1, 1) as made, begun(options) as process:
        wait_for_requests(teacher, 40, process)
        slow = next(node for node in made if node.actors("TeacherActor"))
        signal_all(slow.actors(), signal.SIGSTOP)
        assert 0 <= ends_as(calm, process, teacher, tmp_path / "run") <= IN_FLIGHT


def test_nothing_goes_on_paying_for_a_driver_that_is_killed(
    shared: Cluster, start_teacher: StartTeacher, tmp_path: Path, calm: Came
) -> None:
    teacher = start_teacher(*LATENCY)
    options = line(teacher, tmp_path / "run", "--address", shared.address)
    with nodes(shared, 1, 1) as made:
        with begun(options) as process:
            wait_for_requests(teacher, 40, process)
            everywhere = [shared.head, *made]
            assert any(node.actors("TeacherActor") for node in everywhere)
            process.kill()
            process.wait()
        asked = teacher.stats()["requests"]
        until(lambda: not any(node.actors() for node in everywhere))
        until(lambda: teacher.stats()["in_flight"] == 0)
        assert teacher.stats()["requests"] <= asked + IN_FLIGHT  # what was on its way
        still = teacher.stats()["requests"]
        with begun(options) as process:
            assert teacher.stats()["requests"] == still
            assert 0 <= ends_as(calm, process, teacher, tmp_path / "run") <= IN_FLIGHT


def test_without_its_head_a_run_stops_and_goes_on_in_another_cluster(
    shared: Cluster, start_teacher: StartTeacher, tmp_path: Path, calm: Came
) -> None:
    teacher = start_teacher(*LATENCY)
    address, store = f"127.0.0.1:{free_port()}", ("--object-store-memory", str(STORE))
    head = ("--head", "--port", address.rpartition(":")[2], "--include-dashboard", "false", "--num-cpus", "0")
    with ExitStack() as stack:
        folder = stack.enter_context(short_folder())
        ports = ("--ray-client-server-port", str(free_port()))
        lost = stack.enter_context(ray_start(*head, *store, *ports, "--temp-dir", folder))
        stack.enter_context(ray_start("--address", address, "--num-cpus", "1", *store))
        options = line(teacher, tmp_path / "run", "--address", address)
        process = stack.enter_context(begun(options, LOOPBACK | TOKEN))
        wait_for_requests(teacher, 40, process)
        kill(descendants(lost))
        said, complaints = process.communicate(timeout=90)
    assert process.returncode == 3, complaints
    assert "has answered for" in json.loads(said)["stopped"]
    assert "Traceback" not in complaints
    options = line(teacher, tmp_path / "run", "--address", shared.address)
    with nodes(shared, 1), begun(options) as process:
        assert 0 <= ends_as(calm, process, teacher, tmp_path / "run") <= IN_FLIGHT


def test_a_machine_whose_ray_ends_stops_the_run_and_nothing_is_lost(
    start_teacher: StartTeacher, tmp_path: Path, calm: Came
) -> None:
    teacher = start_teacher(*LATENCY)
    options = line(teacher, tmp_path / "run")
    with begun(options) as process:
        wait_for_requests(teacher, 40, process)
        everybody = descendants(process.pid)
        node = next(pid for pid in everybody if b"/raylet/raylet" in Path(f"/proc/{pid}/cmdline").read_bytes())
        kill(descendants(node))
        said, complaints = process.communicate(timeout=90)
    assert process.returncode == 3, complaints
    assert "no node" in json.loads(said)["stopped"]
    with begun(options) as process:
        assert 0 <= ends_as(calm, process, teacher, tmp_path / "run") <= IN_FLIGHT


FILL = """
import logging, os, sys, ray
ray.init(address=sys.argv[1], log_to_driver=False, logging_level=logging.ERROR)
kept = []
for size in (2**20, 2**16):
    try:
        while True:
            kept.append(ray.put(os.urandom(size)))
    except ray.exceptions.RayError:
        pass
print(len(kept), flush=True)
sys.stdin.read()
"""


async def work_alike(address: str) -> bool:
    """Whether what is far too large for a call comes to the same on that cluster and here."""
    work = Work({}, 1, Config().eliminator, {})
    candidates = [Candidate(f"Sort {number} words: {'word ' * 40_000}", ("Sort.",), "depth") for number in range(3)]
    vectors, lineages = np.eye(2048, 256, dtype=np.float16), np.arange(2048, dtype=np.int32)
    questions = Questions(vectors[:1], lineages[:1], np.array([2048]), 0.9, 0.9)
    found = []
    for stages in (InlineStages(work), make_stages(ClusterConfig(address=address), work)):
        await stages.start()
        findings = await asyncio.gather(*(stages.examine(candidate) for candidate in candidates))
        part = stages.part(0)
        found.append((findings, await part.add(0, vectors, lineages), await part.ask(questions, 2048)))
        await stages.close()
    return found[0] == found[1]


def test_a_full_object_store_is_in_nobodys_way(start_teacher: StartTeacher, tmp_path: Path, calm: Came) -> None:
    teacher = start_teacher()
    no_way_out = {"automatic_object_spilling_enabled": False, "local_fs_capacity_threshold": 0.0}
    with cluster(1, _system_config=no_way_out) as made, ExitStack() as stack:
        filler, pipe = [sys.executable, "-c", FILL, made.address], subprocess.PIPE
        full = stack.enter_context(subprocess.Popen(filler, env=os.environ | LOOPBACK, stdin=pipe, stdout=pipe))
        assert full.stdout is not None
        assert int(full.stdout.readline()) > 70
        process = stack.enter_context(begun(line(teacher, tmp_path / "run", "--address", made.address)))
        assert ends_as(calm, process, teacher, tmp_path / "run") == 0
        assert asyncio.run(work_alike(made.address))
        full.kill()
