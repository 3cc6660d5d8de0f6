"""The seeds that come with the project: enough of them, of every kind, and every solution passes its tests."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest

from evolve.markdown import page
from evolve.records import Seed
from evolve.seeds import bundled, read

ROWS: list[dict[str, Any]] = [
    json.loads(line) for path in sorted(bundled().glob("*.jsonl")) for line in path.read_text("utf-8").splitlines()
]
EXECUTABLE = [row for row in ROWS if isinstance(row.get("tests"), list)]
TRANSLATED = [row for row in ROWS if "examples" in row]
"""Of a Python program in the instruction, into another language."""
JUDGE = """
import json, sys, types
for line in sys.stdin:
    row = json.loads(line)
    for path, source in row.get("files", {}).items():
        name = path.removesuffix(".py").replace("/", ".")
        sys.modules[name.partition(".")[0]] = types.ModuleType("package")
        exec(source, vars(sys.modules.setdefault(name, types.ModuleType(name))))
    passed = 0
    for test in row["tests"]:
        scope = {}
        try:
            exec(row["solution"], scope)
            exec(test, scope)
            passed += 1
        except Exception:
            pass
    print(passed, flush=True)
"""
"""Reads rows, prints how many of each row's tests pass; runs in an interpreter of its own."""


def passed(rows: list[dict[str, Any]]) -> list[int]:
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    ended = subprocess.run(
        [sys.executable, "-I", "-c", JUDGE], input=lines, capture_output=True, text=True, timeout=120, check=True
    )
    return [int(line) for line in ended.stdout.split()]


@pytest.fixture(scope="module")
def solutions() -> list[int]:
    return passed(EXECUTABLE)


@pytest.fixture(scope="module")
def stubs() -> list[int]:
    return passed([row | {"solution": f"def {row['entry_point']}(*a, **k): return None"} for row in EXECUTABLE])


@pytest.mark.parametrize("number", range(len(EXECUTABLE)), ids=[row["entry_point"] for row in EXECUTABLE])
def test_the_solution_passes_and_a_stub_does_not(number: int, solutions: list[int], stubs: list[int]) -> None:
    tests = len(EXECUTABLE[number]["tests"])
    assert solutions[number] == tests >= 5
    assert stubs[number] <= tests - 3


def test_the_program_that_is_translated_does_what_its_examples_say() -> None:
    sources = [page(row["instruction"]).blocks[0].code for row in TRANSLATED]
    given = [{"solution": source, "tests": row["examples"]} for source, row in zip(sources, TRANSLATED, strict=True)]
    assert passed(given) == [len(row["examples"]) for row in TRANSLATED]
    assert {row["language"] for row in TRANSLATED} >= {"javascript", "java", "cpp", "rust", "bash"}


def test_there_are_enough() -> None:
    assert len(ROWS) >= 160
    assert sum(row["language"] == "python" for row in EXECUTABLE) >= 100


def test_they_are_spread() -> None:
    languages = Counter(row["language"] for row in ROWS)
    kinds = Counter(row["kind"] for row in ROWS)
    assert min(languages[name] for name in ("javascript", "typescript", "java", "cpp", "go", "rust", "sql", "bash")) > 5
    assert {
        "text-to-code",
        "bug-fix",
        "refactor",
        "translation",
        "explain",
        "infill",
        "tests",
        "multi-file",
        "output",
    } == set(kinds)
    assert min(kinds.values()) > 5


def test_none_is_set_aside() -> None:
    assert sum(isinstance(row, Seed) for row in read(bundled())) == len(ROWS)


@pytest.mark.parametrize("row", EXECUTABLE, ids=[row["entry_point"] for row in EXECUTABLE])
def test_the_answer_holds_the_solution_that_is_tested(row: dict[str, Any]) -> None:
    assert row["solution"].strip() in row["output"]
    assert row["entry_point"] in row["instruction"]
