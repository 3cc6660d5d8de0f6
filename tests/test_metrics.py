"""The figures of a run while it goes on: in its log, and on a page that Prometheus reads."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from evolve.config import ClusterConfig
from evolve.metrics import Log, Meter, watched
from evolve.metrics.log import EVERY_S
from tests.conftest import StartTeacher, evolve


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def command(settings: list[str], out: Path, *more: str) -> list[str]:
    words = [word for setting in settings for word in ("--set", setting)]
    return ["run", "--executor", "inline", "--no-exec", "--out", str(out), "--rounds", "1", "--json", *words, *more]


def read(port: int) -> dict[tuple[str, str], float]:
    """(name, outcome or stage or "") -> sum over all other labels."""
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=10) as page:
        families = list(text_string_to_metric_families(page.read().decode()))
    found: dict[tuple[str, str], float] = {}
    for sample in (sample for family in families for sample in family.samples):
        key = sample.name, sample.labels.get("outcome", sample.labels.get("stage", ""))
        found[key] = found.get(key, 0.0) + sample.value
    return found


@pytest.fixture
def log(start_teacher: StartTeacher, tmp_path: Path) -> list[dict[str, object]]:
    """Of a whole run."""
    teacher = start_teacher("--limit", "12")
    ended = evolve(*command([*teacher.settings, "seeds=seeds/python.jsonl", "limit=12"], tmp_path / "run"))
    assert ended.returncode == 0, ended.stderr
    return [json.loads(line) for line in (tmp_path / "run/log.jsonl").read_text(encoding="utf-8").splitlines()]


def test_the_log_tells_what_became_of_every_attempt_and_call(log: list[dict[str, object]]) -> None:
    *_, figures, _ = log
    assert [entry["event"] for entry in (log[0], log[-2], log[-1])] == ["start", "figures", "finish"]
    assert sum(int(str(figures.get(name, 0))) for name in ("accepted", "rejected", "failed")) == 24
    lines = figures["lines"]
    assert isinstance(lines, list)
    for line in lines:
        ended = sum(line[name] for name in ("answered", "turned_away", "late", "failed", "refused"))
        assert (line["in_flight"], line["asked"], line["state"]) == (0, ended, "open")


def test_prometheus_can_read_the_figures_while_a_run_goes_on(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher, port = start_teacher("--limit", "12", "--latency", "1"), free_port()
    settings = [*teacher.settings, "seeds=seeds/python.jsonl", "limit=12", f"cluster.metrics_port={port}"]
    words = [sys.executable, "-m", "evolve", *command(settings, tmp_path / "run")]
    seen: list[dict[tuple[str, str], float]] = []
    with subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            try:
                seen.append(read(port))
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.05)
    assert process.returncode == 0
    answered = [figures.get(("evolve_calls_total", "answered"), 0.0) for figures in seen]
    assert answered == sorted(answered)
    assert answered[-1] > 0
    assert any(
        figures[("evolve_calls_in_flight", "")] > 0 for figures in seen if ("evolve_calls_in_flight", "") in figures
    )
    assert {("evolve_stage_waiting", stage) for stage in ("examine", "inspect", "embed", "verify")} <= seen[-1].keys()


def test_a_port_that_is_taken_is_told_before_a_call_is_paid(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--limit", "12")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        settings = [*teacher.settings, "seeds=seeds/python.jsonl", f"cluster.metrics_port={port}"]
        ended = evolve(*command(settings, tmp_path / "run"))
    assert ended.returncode == 2
    assert re.search(rf"cluster\.metrics_port: 127\.0\.0\.1:{port}: .*give another port", ended.stderr)
    assert "Traceback" not in ended.stderr
    assert teacher.stats()["requests"] == 0


class Broken:
    """Stages whose gauges cannot be set."""

    depths: Mapping[str, int] = {}

    def gauge(self, *_: object) -> None:
        raise RuntimeError("no gauges")


@pytest.mark.virtual
async def test_whoever_looks_on_ends_no_run(tmp_path: Path) -> None:
    def look(figures: dict[str, object]) -> None:
        raise RuntimeError(f"no terminal for {figures}")

    stages: Any = Broken()
    log = Log(tmp_path / "gone" / "log.jsonl")
    done = False
    async with watched(Meter(stages), stages, log, ClusterConfig(), look):
        await asyncio.sleep(2 * EVERY_S)
        done = True
    assert done
