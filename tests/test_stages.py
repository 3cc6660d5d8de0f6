"""Work whose worker is lost, hangs or cannot start: it is done by another, or told, and nobody waits for ever."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import shutil
import signal
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

import evolve as package
from evolve.cluster import Batcher, InlineStages, ProcessStages, Stages, Work, make_stages
from evolve.config import ClusterConfig, Config, VerifierConfig
from evolve.eliminator import Candidate
from evolve.errors import DeadlyError
from evolve.records import Verdict
from evolve.verifier import Case
from tests.conftest import StartTeacher, evolve
from tests.rays import LOOPBACK, Cluster, cluster, free_port, nodes, title, until
from tests.test_proving import RIGHT, TASK
from tests.test_proving import TESTS as FENCED

LOOK = Work({}, 1, Config().eliminator, {})
RUN = Work({}, 1, Config().eliminator, {}, VerifierConfig(tier="wasm", seconds=120, mutants=0))
CANDIDATES = [Candidate(f"{TASK} It is called with {number} numbers.", (TASK,), "depth") for number in range(12)]
TESTS = FENCED.removeprefix("```python\n").removesuffix("```")
GOOD, ENDLESS = Case(TASK, RIGHT, TESTS), Case(TASK, "```python\nwhile True:\n    pass\n```", TESTS)


async def send(items: Sequence[int]) -> Sequence[int]:
    """Doubles, but for 7, which ends its worker."""
    await asyncio.sleep(0)
    if 7 in items:
        raise DeadlyError("it ended the worker")
    return [2 * item for item in items]


async def test_a_batch_suffers_nothing_from_the_one_that_ends_its_worker() -> None:
    batcher = Batcher[int, int](send)
    found = await asyncio.gather(*(batcher(number) for number in range(10)), return_exceptions=True)
    assert [number for number, result in enumerate(found) if isinstance(result, DeadlyError)] == [7]
    assert [result for result in found if not isinstance(result, DeadlyError)] == [0, 2, 4, 6, 8, 10, 12, 16, 18]


async def test_what_goes_ahead_waits_for_no_queue() -> None:
    sent: list[int] = []

    async def send(items: Sequence[int]) -> Sequence[int]:
        await asyncio.sleep(0)
        sent.extend(items)
        return items

    batcher = Batcher[int, int](send, size=2, ahead=lambda item: item < 0)
    assert await asyncio.gather(*(batcher(number) for number in (1, 2, 3, 4, 5, -1, -2, -3))) == [
        *(1, 2, 3, 4, 5, -1, -2, -3)
    ]
    assert sent == [1, -1, -2, -3, 2, 3, 4, 5]


async def test_what_comes_soon_after_a_batch_goes_as_one_and_a_full_one_at_once() -> None:
    sent: list[Sequence[int]] = []

    async def send(items: Sequence[int]) -> Sequence[int]:
        sent.append(items)
        return items

    batcher = Batcher[int, int](send, workers=9, size=4, gather_s=0.2)
    await batcher(0)
    asked = [asyncio.create_task(batcher(number)) for number in range(1, 8)]
    await asyncio.sleep(0.05)
    assert sent == [[0], [1, 2, 3, 4]]
    await asyncio.gather(*asked)
    assert sent[2:] == [[5, 6, 7]]


@pytest.mark.parametrize("strict", [False, True], ids=["keep", "reject"])
async def test_who_ends_every_process_is_undecided_alone(strict: bool) -> None:
    work = Work({}, 1, Config().eliminator.model_copy(update={"undecided": "reject" if strict else "keep"}), {})
    stages = ProcessStages(work, 2)
    try:
        looked_at = asyncio.create_task(stages.examine(CANDIDATES[0]))
        while not looked_at.done():
            for process in multiprocessing.active_children():
                process.kill()
            await asyncio.sleep(0.01)
        (finding,) = await looked_at
        assert finding.verdict == (Verdict.REJECT if strict else Verdict.UNDECIDED)
        assert finding.detail == "not looked at: it ended 3 processes, one after the other"
        assert len(await stages.examine(CANDIDATES[1])) > 1
    finally:
        await stages.close()


# -- on Ray ------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def head() -> Iterator[Cluster]:
    """It works nowhere itself; tests bring their nodes."""
    with cluster() as made:
        yield made


@asynccontextmanager
async def started(
    work: Work, address: str, eliminators: int | None = None, verifiers: int | None = None
) -> AsyncIterator[Stages]:
    stages = make_stages(ClusterConfig(address=address, eliminators=eliminators, verifiers=verifiers), work)
    try:
        await stages.start()
        yield stages
    finally:
        await stages.close()


@pytest.mark.ray
@pytest.mark.heavy
async def test_an_answer_that_ends_every_verifier_is_told_as_not_verified(head: Cluster) -> None:
    with nodes(head, 2) as (node,):
        async with started(RUN, head.address) as stages:
            seen = asyncio.create_task(stages.verify(ENDLESS))
            while not seen.done():
                for pid in node.actors("VerifierActor"):
                    if title(pid).startswith("ray::VerifierActor.verify"):
                        os.kill(pid, signal.SIGKILL)
                await asyncio.sleep(0.05)
            outcome = (await seen).outcome
            assert (outcome.status, outcome.tier) == ("unproven", "none")
            assert outcome.detail == "not verified: it ended 3 workers, one after the other"
            assert (await stages.verify(GOOD)).outcome.status == "passed"


@pytest.mark.ray
@pytest.mark.heavy
@pytest.mark.parametrize("workers", [2, 1], ids=["another-does-it", "it-is-replaced"])
async def test_a_worker_that_hangs_holds_nobody_up(
    head: Cluster, monkeypatch: pytest.MonkeyPatch, workers: int
) -> None:
    monkeypatch.setattr("evolve.cluster.crew.LATE_S", 1.0)
    monkeypatch.setattr("evolve.cluster.stages.STAGE_S", 1000.0 if workers == 2 else 3.0)
    plain = InlineStages(LOOK)
    with nodes(head, workers) as (node,):
        async with started(LOOK, head.address, eliminators=workers) as stages:
            await asyncio.to_thread(until, lambda: len(node.actors("EliminatorActor")) == workers)
            os.kill(node.actors("EliminatorActor")[0], signal.SIGSTOP)
            found = await asyncio.gather(*(stages.examine(candidate) for candidate in CANDIDATES))
            assert found == [await plain.examine(candidate) for candidate in CANDIDATES]
    await plain.close()


@pytest.mark.ray
@pytest.mark.heavy
async def test_workers_without_room_keep_nobody_waiting(head: Cluster) -> None:
    with nodes(head, 2):
        async with started(RUN, head.address, eliminators=5, verifiers=5) as stages:
            assert len(await stages.examine(CANDIDATES[0])) > 1
            assert (await stages.verify(GOOD)).outcome.status == "passed"


@pytest.mark.ray
@pytest.mark.heavy
@pytest.mark.parametrize("version", [None, "0.0.9"], ids=["without", "another"])
def test_a_node_without_this_evolve_is_named(
    head: Cluster, start_teacher: StartTeacher, tmp_path: Path, version: str | None
) -> None:
    here = Path(package.__file__).parent
    (tmp_path / "there").mkdir()
    if version is None:
        (tmp_path / "there" / "evolve.py").touch()
    else:
        shutil.copytree(here, tmp_path / "there" / "evolve", ignore=shutil.ignore_patterns("__pycache__"))
        init = tmp_path / "there" / "evolve" / "__init__.py"
        init.write_text(init.read_text().replace(package.__version__, version))
    env = {"PYTHONPATH": str(tmp_path / "there")}
    settings = [part for setting in start_teacher().settings for part in ("--set", setting)]
    options = ["--seeds", here.parent / "seeds" / "python.jsonl", "--limit", "2", "--out", tmp_path / "run", *settings]
    with nodes(head, 1, env_vars=env):
        ended = evolve(
            "run", "--address", head.address, *options, cwd=tmp_path, env=LOOPBACK | {"PYTHONPATH": str(here.parent)}
        )
    why = (
        "ModuleNotFoundError: No module named 'evolve.cluster'"
        if version is None
        else "it has evolve 0.0.9, and every node needs"
    )
    assert ended.returncode == 2, ended.stderr
    assert "cluster: a worker (eliminator) cannot start: " in ended.stderr
    assert why in ended.stderr
    assert not (tmp_path / "run").exists()


def test_an_address_where_nobody_listens_is_told_at_once(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for setting in start_teacher().settings for part in ("--set", setting)]
    seeds = Path(package.__file__).parent.parent / "seeds" / "python.jsonl"
    address = f"127.0.0.1:{free_port()}"
    ended = evolve("run", "--address", address, "--seeds", seeds, "--out", tmp_path / "run", *settings)
    assert ended.returncode == 2
    assert f"cluster.address: {address}: no Ray there: Connection refused" in ended.stderr
    assert not (tmp_path / "run").exists()
