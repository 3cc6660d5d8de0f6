"""Deciding again from what was recorded: the same thresholds change nothing, others what they should."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evolve.seeds import bundled
from tests.conftest import Ended, StartTeacher, evolve

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
HARDER = f"{TASK} Treat upper and lower case alike, and leave out digits and marks."
AGAIN = HARDER.replace("Treat", "Please treat")
BUILTIN = ("--set", "eliminator.embedder=builtin")
PAIRS = [
    {"id": "a", "parent": TASK, "reply": HARDER},
    {"id": "b", "parent": TASK, "reply": AGAIN},
    {"id": "c", "parent": TASK, "reply": TASK},
    {"id": "d", "parent": TASK, "reply": f"{TASK} Ignore case.", "answer": "Lo siento, no puedo ayudar con eso."},
]


def decided(folder: Path) -> Path:
    """The verdicts on the pairs."""
    (folder / "in.jsonl").write_text("".join(json.dumps(pair) + "\n" for pair in PAIRS))
    ended = evolve("eliminate", folder / "in.jsonl", "--out", folder / "first.jsonl", "--no-judge", *BUILTIN)
    assert ended.returncode == 0, ended.stderr
    return folder / "first.jsonl"


def again(source: Path, *settings: str) -> tuple[Ended, list[dict[str, Any]]]:
    target = source.parent / "again.jsonl"
    given = [part for setting in settings for part in ("--set", setting)]
    ended = evolve("eliminate", source, "--out", target, "--rethreshold", "--json", *BUILTIN, *given)
    return ended, [json.loads(line) for line in target.read_text().splitlines()] if target.exists() else []


def test_the_same_thresholds_change_nothing(tmp_path: Path) -> None:
    source = decided(tmp_path)
    _, rows = again(source)
    assert [(row["id"], row["verdict"], row["reason"]) for row in rows] == [
        ("a", "accept", None),
        ("b", "reject", "duplicate"),
        ("c", "reject", "no_gain"),
        ("d", "reject", "refusal"),
    ]
    assert rows == [json.loads(line) for line in source.read_text().splitlines()]


def test_what_is_now_thrown_out_makes_nothing_a_duplicate(tmp_path: Path) -> None:
    _, rows = again(decided(tmp_path), "eliminator.no_gain_ratio=0.5", "eliminator.no_gain_words=50")
    assert [row["reason"] for row in rows] == ["no_gain"] * 4
    assert rows[1]["checks"]["duplicate"]["verdict"] == "accept"
    assert rows[1]["checks"]["duplicate"]["nears"][0]["id"] == "a"


def test_what_later_checks_never_saw_is_undecided(tmp_path: Path) -> None:
    _, rows = again(decided(tmp_path), "eliminator.no_gain_ratio=1.0", "eliminator.no_gain_words=0")
    assert rows[2]["reason"] == "no_gain"
    (tmp_path / "edited.jsonl").write_text(
        (tmp_path / "first.jsonl").read_text().replace('"ratio": 1.0', '"ratio": 0.95')
    )
    _, rows = again(tmp_path / "edited.jsonl", "eliminator.no_gain_ratio=0.99")
    assert (rows[2]["verdict"], rows[2]["reason"]) == ("undecided", None)
    assert "no_gain" in rows[2]["checks"]["rethreshold"]["detail"]


def test_the_moves_are_counted(tmp_path: Path) -> None:
    ended, _ = again(decided(tmp_path))
    assert json.loads(ended.stdout)["moves"] == [
        {"was": "accept", "is": "accept", "candidates": 1},
        {"was": "reject", "is": "reject", "candidates": 3},
    ]


def test_a_finished_run_is_decided_again_without_a_call(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    given = [part for setting in teacher.settings for part in ("--set", setting)]
    options = ["--limit", 20, "--rounds", 2, "--executor", "inline", "--quiet", "--out", tmp_path / "run"]
    ended = evolve("run", "--seeds", bundled() / "python.jsonl", *options, *given)
    assert ended.returncode == 0, ended.stderr
    asked = teacher.stats()["requests"]
    ended, rows = again(tmp_path / "run")
    counts = json.loads(evolve("show", tmp_path / "run", "--json").stdout)
    assert sum(row["verdict"] == "reject" for row in rows) == counts["rejected"]
    assert len(rows) == counts["attempts"] - counts["failed"]
    assert teacher.stats()["requests"] == asked
    ended, _ = again(tmp_path / "run", "eliminator.embedder=some/model")
    assert ended.returncode == 2
    assert 'was made with "builtin"; give --set eliminator.embedder="builtin"' in ended.stderr


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param(None, "No such file", id="missing"),
        pytest.param("\n", "there is no verdict in it", id="empty"),
        pytest.param("{", "not JSON lines", id="no-json"),
        pytest.param("[" * 100_000, "not JSON lines", id="nested"),
        pytest.param("[1]\n", "verdicts.jsonl:1: no verdict", id="no-object"),
        pytest.param('{"id": "a", "checks": null}\n', "verdicts.jsonl:1: no verdict", id="null"),
        pytest.param('{"id": "a"}\n', "verdicts.jsonl:1: no verdict as `evolve eliminate`", id="no-verdict"),
        pytest.param('{"id": "a", "checks": {"x": 3}}\n', "verdicts.jsonl:1: no verdict", id="no-finding"),
    ],
)
def test_what_holds_no_verdicts_is_named(tmp_path: Path, content: str | None, message: str) -> None:
    source = tmp_path / "verdicts.jsonl"
    if content is not None:
        source.write_text(content)
    ended, rows = again(source)
    assert (ended.returncode, rows) == (2, [])
    assert message in ended.stderr
