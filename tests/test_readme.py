"""The README's commands, run as they stand."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from evolve.checks.candidate import Candidate, Context
from evolve.config import Config, load
from evolve.verdicts import eliminate

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


@pytest.mark.heavy
def test_the_commands_run_as_they_stand(tmp_path: Path) -> None:
    config, *_ = blocks("yaml")
    (tmp_path / "evolve.yaml").write_text(config)
    script = "".join(block for block in blocks("sh") if not block.startswith("make"))
    script = "set -eu\ntrap 'kill $(jobs -p)' EXIT\n" + script.replace("&\n", "& sleep 2\n")
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    ended = subprocess.run(
        ["bash", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "HF_HOME": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "nothing is wrong with it" in ended.stdout
    assert "num_rows" in ended.stdout
    assert "prompt_leak" in ended.stdout


@pytest.mark.parametrize("config", blocks("yaml"))
def test_the_settings_are_settings(tmp_path: Path, config: str) -> None:
    (tmp_path / "evolve.yaml").write_text(config)
    assert load(tmp_path / "evolve.yaml") != Config()


def test_the_check_of_your_own_is_one() -> None:
    found: dict[str, Any] = {}
    exec(next(block for block in blocks("python") if "class" in block), found)
    check = found["NoEmoji"](Context())
    said = [check(Candidate(text, (), "deepen")) for text in ("Sort 🙂 first.", "Sort.")]
    assert [(finding.verdict, finding.reason) for finding in said] == [("reject", "no_emoji"), ("accept", None)]


def test_the_verdict_that_is_shown_is_what_comes() -> None:
    (shown,) = [block for block in blocks("json") if '"verdict"' in block]
    line = json.loads(shown)
    pairs = re.search(r"pairs\.jsonl <<'END'\n(.*?)END", README, re.DOTALL)
    assert pairs
    rows = eliminate([json.loads(row) for row in pairs[1].splitlines()])
    (row,) = [row for row in rows if row["id"] == line["id"]]
    assert (row["verdict"], row["reason"]) == (line["verdict"], line["reason"])
    seen = json.loads(row["checks"])
    assert seen["prompt_leak"] == line["checks"]["prompt_leak"]
    assert seen["no_gain"].items() >= line["checks"]["no_gain"].items()


@pytest.mark.parametrize(("target", "command"), [("run", "evolve run --dry-run"), ("test", "pytest")])
def test_the_two_commands_are_what_the_makefile_says(target: str, command: str) -> None:
    assert f"make {target}\n" in "".join(blocks("sh"))
    said = subprocess.run(
        ["make", "-n", target], cwd=ROOT, capture_output=True, text=True, timeout=30, check=True
    ).stdout
    assert command in said


def test_the_layout_names_what_is_there() -> None:
    layout = blocks("text")[-1]
    named = {name.strip("/") for line in layout.splitlines() for name in re.findall(r"(\w+(?:\.py|/))", line)}
    there = {p.name for p in (ROOT / "evolve").iterdir()} | {p.name for p in ROOT.iterdir()}
    assert named <= there
    rooms = {p.parent.name for p in (ROOT / "evolve").glob("*/__init__.py")}
    assert rooms <= named


def test_links_lead_somewhere() -> None:
    assert [link for link in re.findall(r"\]\(([^)#:]+)\)", README) if not (ROOT / link).exists()] == []
