"""Replies recorded from a real model (EVOLVE_CORPUS=FOLDER, with FOLDER/tools/replay_teacher.py to serve them)."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from evolve.config import load
from evolve.plan import make_plan
from tests.conftest import Teacher
from tests.test_estimate import estimate, finish, outside
from tests.test_pipeline import INLINE, dataset, expected, run

pytestmark = [pytest.mark.corpus, pytest.mark.heavy]
ROUGH = ("--rate-429", "0.05", "--rate-500", "0.03", "--rate-reset", "0.02", "--rate-garbage", "0.02")


@pytest.fixture
def replay(corpus: Path, request: pytest.FixtureRequest) -> Iterator[Teacher]:
    """The recorded replies as an endpoint; the test's parameter holds its options."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    record = corpus / "data" / "recorded_round1.json"
    command = [sys.executable, str(corpus / "tools" / "replay_teacher.py"), "--data", str(record), "--port", str(port)]
    with subprocess.Popen([*command, *getattr(request, "param", ())], stderr=subprocess.DEVNULL) as process:
        teacher = Teacher(f"http://127.0.0.1:{port}/v1")
        for _ in range(200):
            try:
                teacher.stats()
                break
            except OSError:
                time.sleep(0.1)
        yield teacher
        process.terminate()


def settings(teacher: Teacher, corpus: Path) -> list[str]:
    models = ["teacher.evolver.model=evolver", "teacher.responder.model=responder", "eliminator.embedder=builtin"]
    seeds = f"seeds={corpus / 'data' / 'code_alpaca_2k.json'}"
    asked = "eliminator.skip=[secret]"  # one seed holds what looks like a secret; redacted, it is no message on record
    return [seeds, asked, f"teacher.base_url={teacher.base_url}", "rounds=1", "teacher.deadline_floor_s=60", *models]


def test_every_seed_on_record_is_decided_and_the_others_fail(replay: Teacher, corpus: Path, tmp_path: Path) -> None:
    config = load(None, [*settings(replay, corpus), INLINE])
    fates = run(config, tmp_path / "run")
    outcomes = Counter(fate.outcome for fate in fates if fate.attempt.round == 1)
    assert outcomes["failed"] == 154
    assert outcomes["accepted"] + outcomes["rejected"] == 1863
    assert {fate.error for fate in fates if fate.outcome == "failed"} == {
        "HTTP 404: nothing on record for this message"
    }
    assert replay.stats()["repeated"] == 0
    assert fates == expected(make_plan(config, tmp_path / "other"))


def test_a_run_over_them_comes_out_inside_the_estimate(replay: Teacher, corpus: Path, tmp_path: Path) -> None:
    prices = "prices={evolver: {input: 1, output: 4}, responder: {input: 1, output: 4}}"
    plan = make_plan(load(None, [*settings(replay, corpus), INLINE, "limit=400", prices]), tmp_path / "run")
    assert outside(estimate(plan), finish(plan)) == []


@pytest.mark.ray
@pytest.mark.parametrize("replay", [(*ROUGH, "--latency", "0.05", "--sigma", "0.8")], ids=["rough"], indirect=True)
def test_faults_and_actors_change_no_byte(replay: Teacher, corpus: Path, tmp_path: Path) -> None:
    run(load(None, [*settings(replay, corpus), INLINE]), tmp_path / "inline")
    urllib.request.urlopen(
        urllib.request.Request(f"{replay.base_url.removesuffix('/v1')}/reset", method="POST")
    ).close()
    several = ["cluster.teachers=4", "cluster.eliminators=2"]
    run(load(None, [*settings(replay, corpus), *several]), tmp_path / "ray")
    assert dataset(tmp_path / "inline") == dataset(tmp_path / "ray")
    assert replay.stats()["repeated"] == 0
    assert json.loads((tmp_path / "ray" / "log.jsonl").read_text().splitlines()[-1])["faults"] > 100
