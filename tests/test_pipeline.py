"""The pipeline against the sequential oracle, and against itself under every schedule."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import shutil
import sqlite3
from pathlib import Path

import pytest

from evolve.cluster import make_stages
from evolve.config import Config, load
from evolve.eliminator.questions import questions
from evolve.errors import ConfigError, TeacherError
from evolve.ledger import Ledger
from evolve.plan import Plan, calls_at_most, make_plan
from evolve.records import Fate, Reply, Request, Verdict
from evolve.run import execute, make_work
from evolve.teacher import Client
from tests import oracle
from tests.conftest import StartTeacher

INLINE = "cluster.executor=inline"
VOTES = ["eliminator.votes=3", "teacher.judge.temperature=0.7", f"eliminator.questions=[{', '.join(questions())}]"]


def run(config: Config, folder: Path) -> list[Fate]:
    """A whole run; its fates in canonical order."""
    plan = make_plan(config, folder)
    result = asyncio.run(execute(plan, make_work(plan), asyncio.Event()))
    assert result.finished
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        return list(ledger.fates())


def dataset(folder: Path) -> dict[str, str]:
    """File name -> digest of its bytes."""
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((folder / "data").iterdir())}


def expected(plan: Plan) -> list[Fate]:
    """What the oracle makes of the plan, over one connection and in one thread."""
    work = make_work(plan)
    with asyncio.Runner() as runner:
        client = Client(work.places)

        def ask(request: Request) -> Reply | str:
            try:
                return runner.run(client.complete(client.names[0], request, 60)).reply
            except TeacherError as error:
                return str(error)

        fates = oracle.evolve(plan.config, plan.method, plan.templates, plan.seeds, ask, plan.earlier.items)
        runner.run(client.close())
        return fates


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param(["limit=20", "eliminator.undecided=reject", "method.operators=wizardlm"], id="undecided"),
        pytest.param(["limit=20", "eliminator.skip=[duplicate, prompt_leak]", "seed=3"], id="skipped checks"),
        pytest.param(["limit=20", "eliminator.duplicate_across=0.6", "eliminator.duplicate_within=0.9"], id="strict"),
        pytest.param(["limit=30", "cluster.index_rows=7"], id="many parts of the index"),
        pytest.param(["limit=1", "rounds=8", "method.breadth_quota=0.9", "teacher.in_flight=1"], id="one seed"),
        pytest.param(["limit=3", "rounds=8", "method.breadth_quota=0.9", "method.crossover_share=1"], id="crossovers"),
        pytest.param(["limit=12", *VOTES], id="votes on every question"),
        pytest.param(["limit=12", "eliminator.votes=2", "eliminator.undecided=reject"], id="two votes"),
        pytest.param(["limit=12", "eliminator.skip=[judge]"], id="no judge"),
        pytest.param(
            [
                "limit=15",
                "method.languages=[Chinese, Spanish]",
                "method.language_share=0.5",
                "method.breadth_quota=0.5",
            ],
            id="languages",
        ),
    ],
)
def test_equals_the_oracle_under_other_settings(
    start_teacher: StartTeacher, tmp_path: Path, settings: list[str]
) -> None:
    teacher = start_teacher("--faults", "2")
    config = load(None, [*teacher.settings, INLINE, *settings])
    assert run(config, tmp_path / "run") == expected(make_plan(config, tmp_path / "other"))


def test_equals_the_sequential_oracle(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "2")
    config = load(None, [*teacher.settings, INLINE, "limit=60", "rounds=4", "method.breadth_quota=0.4"])
    fates = run(config, tmp_path / "run")
    assert fates == expected(make_plan(config, tmp_path / "other"))
    reasons = {fate.reason for fate in fates}
    assert {"duplicate", "malformed", "prompt_leak", "no_gain", "placeholder"} <= reasons  # the test has teeth
    assert any(fate.partner_id for fate in fates)


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(["teacher.in_flight=1"], id="one at a time"),
        pytest.param(["teacher.in_flight=256"], id="all at once"),
    ],
)
def test_schedule_changes_no_byte(start_teacher: StartTeacher, tmp_path: Path, options: list[str]) -> None:
    settings = [INLINE, "limit=25", "rounds=3", "method.breadth_quota=0.3"]
    calm, slow = start_teacher(), start_teacher("--latency", "0.02", "--sigma", "1.2")
    run(load(None, [*calm.settings, *settings]), tmp_path / "calm")
    run(load(None, [*slow.settings, *settings, *options]), tmp_path / "other")
    assert dataset(tmp_path / "calm") == dataset(tmp_path / "other")


def test_faults_of_the_endpoint_change_no_byte_and_repeat_no_paid_call(
    start_teacher: StartTeacher, tmp_path: Path
) -> None:
    settings = [INLINE, "limit=30", "rounds=2", "teacher.max_attempts=20"]
    faults = ("--rate-429", "0.02", "--rate-500", "0.05", "--rate-reset", "0.05", "--rate-garbage", "0.05")
    calm, rough = start_teacher(), start_teacher(*faults)
    run(load(None, [*calm.settings, *settings]), tmp_path / "calm")
    run(load(None, [*rough.settings, *settings]), tmp_path / "rough")
    assert dataset(tmp_path / "calm") == dataset(tmp_path / "rough")
    assert sum(rough.stats()["faults"].values()) > 0
    assert rough.stats()["repeated"] == 0


@pytest.mark.ray
@pytest.mark.parametrize(("teachers", "eliminators"), [(1, 1), (4, 2)], ids=["one actor each", "several"])
def test_ray_changes_no_byte(start_teacher: StartTeacher, tmp_path: Path, teachers: int, eliminators: int) -> None:
    teacher = start_teacher()
    settings = [*teacher.settings, "limit=40", "rounds=2"]
    actors = [f"cluster.teachers={teachers}", f"cluster.eliminators={eliminators}"]
    actors += [f"cluster.index_rows={100 // eliminators}"]
    run(load(None, [*settings, INLINE]), tmp_path / "inline")
    run(load(None, [*settings, *actors]), tmp_path / "ray")
    assert dataset(tmp_path / "inline") == dataset(tmp_path / "ray")


def test_a_judge_that_takes_no_schema_decides_all_the_same(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [INLINE, "limit=30", "rounds=2"]
    teacher = start_teacher("--no-schema", "--faults", "3")
    config = load(None, [*teacher.settings, *settings])
    fates = run(config, tmp_path / "run")
    assert fates == expected(make_plan(config, tmp_path / "other"))
    assert not any(fate.error for fate in fates)
    assert {finding.verdict for fate in fates for finding in fate.findings if finding.check == "judge_no_gain"} >= {
        Verdict.ACCEPT,
        Verdict.REJECT,
    }


def test_whatever_was_decided_can_be_decided_again_without_a_call(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "3")
    config = load(None, [*teacher.settings, INLINE, "limit=15", "rounds=2", *VOTES])
    fates = run(config, tmp_path / "run")
    asked, before = teacher.stats()["requests"], dataset(tmp_path / "run")
    assert asked <= calls_at_most(make_plan(config))
    with contextlib.closing(sqlite3.connect(tmp_path / "run" / "ledger.db")) as ledger, ledger:
        ledger.execute("DELETE FROM fates")
        ledger.execute("DELETE FROM meta WHERE key = 'finished'")
    assert run(config, tmp_path / "run") == fates
    assert (teacher.stats()["requests"], dataset(tmp_path / "run")) == (asked, before)


def test_the_estimate_counts_proofs_of_seeds_and_benchmark_items(tmp_path: Path) -> None:
    (tmp_path / "items.jsonl").write_text('{"task_id": "Ours/1", "prompt": "Tell which of the ropes has no knot."}\n')
    model = [
        "teacher.base_url=http://127.0.0.1:9",
        "teacher.evolver.model=m",
        "teacher.responder.model=m",
        "limit=3",
        "rounds=2",
    ]

    def most(*settings: str) -> tuple[int, Plan]:
        plan = make_plan(load(None, [*model, *settings]), tmp_path / "run")
        return calls_at_most(plan), plan

    (bare, _), (proven, plan) = most(), most("teacher.tester.model=t")
    assert plan.method.prover is not None
    assert proven - bare == len(plan.seeds) * 3 * plan.method.prover.most()
    judge = ["teacher.judge.model=j", "teacher.judge.temperature=0", "eliminator.votes=1"]
    assert most(*judge, f"eliminator.benchmarks=[{tmp_path / 'items.jsonl'}]")[0] - most(*judge)[0] == 5 * 2


def test_answers_are_judged_too(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "2")
    judged = ["eliminator.questions=[refusal, placeholder]", "eliminator.skip=[refusal, placeholder]"]
    fates = run(load(None, [*teacher.settings, INLINE, "limit=90", "rounds=2", *judged]), tmp_path / "run")
    found = {(finding.check, finding.reason) for fate in fates for finding in fate.findings}
    assert {("judge_refusal", "refusal"), ("judge_placeholder", "placeholder")} <= found
    assert all(
        any(finding.check == "judge_placeholder" for finding in fate.findings)
        for fate in fates
        if fate.outcome == "accepted"
    )


def test_an_earlier_run_is_not_repeated(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "2")
    first = load(None, [*teacher.settings, INLINE, "limit=20", "rounds=2"])
    kept = {fate.child.text for fate in run(first, tmp_path / "first") if fate.outcome == "accepted" and fate.child}
    settings = [*teacher.settings, INLINE, "limit=20", "rounds=2", f"eliminator.against=[{tmp_path / 'first'}]"]
    again = load(None, settings)
    fates = run(again, tmp_path / "again")
    assert fates == expected(make_plan(again, tmp_path / "other"))
    evolved = [fate.child.text for fate in fates if fate.outcome == "accepted" and fate.child and fate.attempt.round]
    assert not kept.intersection(evolved)
    assert sum(":" in (f.nearest_id or "") for fate in fates for f in fate.findings) > 10  # found there, not here


@pytest.mark.parametrize("form", ["run", "run/data", "rows.jsonl"])
def test_earlier_instructions_can_be_given_as_a_run_a_dataset_or_a_file(
    start_teacher: StartTeacher, tmp_path: Path, form: str
) -> None:
    teacher = start_teacher()
    fates = run(load(None, [*teacher.settings, INLINE, "limit=6", "rounds=1"]), tmp_path / "run")
    texts = sorted(fate.child.text for fate in fates if fate.outcome == "accepted" and fate.child)
    lines = (json.dumps({"instruction": text}) + "\n" for text in texts)
    (tmp_path / "rows.jsonl").write_text("".join(lines), encoding="utf-8")
    plan = make_plan(load(None, [*teacher.settings, f"eliminator.against=[{tmp_path / form}]"]), tmp_path / "other")
    assert texts == sorted({item.text for item in plan.earlier.items} & set(texts))
    assert plan.identity["against"] == plan.earlier.digest


def test_where_an_earlier_run_lay_changes_nothing(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    run(load(None, [*teacher.settings, INLINE, "limit=6", "rounds=1"]), tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    here, there = (
        make_plan(load(None, [*teacher.settings, f"eliminator.against=[{tmp_path / name}]"]), tmp_path / "other")
        for name in ("here", "there")
    )
    assert (here.identity, here.earlier.items) == (there.identity, there.earlier.items)


@pytest.mark.parametrize("what", ["nothing", "unfinished"])
def test_what_is_no_finished_run_cannot_be_held_against(start_teacher: StartTeacher, tmp_path: Path, what: str) -> None:
    if what == "unfinished":
        (tmp_path / what).mkdir()
        Ledger(tmp_path / what / "ledger.db").close()
    config = load(None, [*start_teacher().settings, f"eliminator.against=[{tmp_path / what}]"])
    with pytest.raises(ConfigError, match=r"eliminator\.against"):
        make_plan(config)


def test_counts_add_up(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "2")
    fates = run(load(None, [*teacher.settings, INLINE, "limit=25", "rounds=3"]), tmp_path / "run")
    assert [(fate.attempt.round, fate.attempt.index) for fate in fates] == [(r, i) for r in range(4) for i in range(25)]
    assert all((fate.outcome == "rejected") == (fate.reason is not None) for fate in fates)
    assert all((fate.outcome == "failed") == (fate.error is not None) for fate in fates)


def test_a_stop_leaves_a_run_that_goes_on(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--latency", "0.02")
    settings = [*teacher.settings, INLINE, "limit=40", "rounds=2", "teacher.in_flight=8"]
    config = load(None, settings)

    async def stopped() -> bool:
        stop = asyncio.Event()
        fallen: list[Fate] = []

        def watch(fate: Fate) -> None:
            fallen.append(fate)
            if len(fallen) == 60:
                stop.set()

        plan = make_plan(config, tmp_path / "run")
        return (await execute(plan, make_work(plan), stop, watch=watch)).finished

    assert not asyncio.run(stopped())
    assert not (tmp_path / "run" / "data").exists()
    run(config, tmp_path / "run")
    run(config, tmp_path / "whole")
    assert dataset(tmp_path / "run") == dataset(tmp_path / "whole")


def test_inline_is_the_other_way_to_run_the_stages(start_teacher: StartTeacher) -> None:
    config = load(None, [*start_teacher().settings, INLINE])
    assert type(make_stages(config.cluster, make_work(make_plan(config)))).__name__ == "InlineStages"
