"""Pairs through the eliminator without a run: order, lineages, verdicts, the judge, and the same result every time."""

from __future__ import annotations

import json
import multiprocessing
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import datasets
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import elimination
from evolve.cluster import InlineStages, ProcessStages, Work, cores
from evolve.config import Config, load
from evolve.eliminator import Candidate
from evolve.errors import PairError
from evolve.offline.faults import REFUSALS
from evolve.teacher import make_endpoints
from evolve.verdicts import eliminate, spread
from tests.conftest import Ended, StartTeacher, evolve

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
HARDER = f"{TASK} Treat upper and lower case alike, and leave out digits and marks."
OTHER = "Write a Rust iterator over the prime factors of a 64-bit number, smallest first."
SETTINGS = ("--set", "eliminator.embedder=builtin")
BUILTIN = load(None, ["eliminator.embedder=builtin"])

Row = dict[str, Any]


def pair(reply: str, parent: str = TASK, **more: object) -> Row:
    return {"parent": parent, "reply": reply, **more}


def decided(*rows: Row, config: Config = BUILTIN) -> list[tuple[str, str | None]]:
    return [(row["verdict"], row["reason"]) for row in eliminate(list(rows), config)]


def write(path: Path, rows: Sequence[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def verdicts(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def command(folder: Path, *rows: Row, options: Sequence[object] = SETTINGS) -> Ended:
    return evolve("eliminate", write(folder / "in.jsonl", rows), "--out", folder / "out.jsonl", *options, cwd=folder)


# -- what is decided ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param(pair(HARDER), None, id="a-step"),
        pytest.param(pair(HARDER, finish_reason="length"), "malformed", id="cut-off"),
        pytest.param(pair(" "), "malformed", id="nothing"),
        pytest.param(pair(f"#Rewritten Prompt#:\n{HARDER}"), "prompt_leak", id="leak"),
        pytest.param(pair(TASK), "no_gain", id="the-same"),
        pytest.param(pair(HARDER, answer="I'm sorry, I can't help with that."), "refusal", id="refusal"),
        pytest.param(pair(HARDER, answer=""), "empty_content", id="an-empty-answer-is-one"),
        pytest.param(
            pair(HARDER, answer="Use a Counter.", answer_finish_reason="length"), "placeholder", id="cut-answer"
        ),
        pytest.param(pair(HARDER, answer="", answer_finish_reason="content_filter"), "refusal", id="filtered"),
        pytest.param(pair(OTHER, operator="breadth"), None, id="breadth-may-leave-its-parent"),
        pytest.param(pair(f"<think>Hm.</think>{HARDER}"), None, id="thinking-is-cut-off"),
    ],
)
def test_a_pair_is_decided(row: Row, reason: str | None) -> None:
    assert decided(row) == [("accept" if reason is None else "reject", reason)]


def test_no_answer_is_no_empty_answer() -> None:
    assert decided(pair(HARDER, answer=None)) == [("accept", None)]


# -- duplicates --------------------------------------------------------------------------------------------------------


def test_the_second_of_two_equal_children_is_a_duplicate() -> None:
    assert decided(pair(HARDER), pair(OTHER, "Factor a number."), pair(HARDER)) == [
        ("accept", None),
        ("accept", None),
        ("reject", "duplicate"),
    ]


def test_a_child_that_repeats_another_lineages_parent_is_a_duplicate() -> None:
    rows = [pair(OTHER, "Factor a number."), pair(OTHER, "Find prime numbers in Rust.", operator="breadth")]
    assert decided(*rows)[1] == ("reject", "duplicate")


def test_what_was_thrown_out_makes_nothing_a_duplicate() -> None:
    assert decided(pair(HARDER, answer="..."), pair(HARDER)) == [("reject", "empty_content"), ("accept", None)]


def test_the_nearest_one_is_named_by_its_pair() -> None:
    rows = eliminate([pair(HARDER, id="first"), pair(HARDER, id="second")], BUILTIN)
    assert json.loads(rows[1]["checks"])["duplicate"]["nearest_id"] == "first"


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 9), st.permutations(range(8)))
def test_the_window_changes_nothing(window: int, order: list[int]) -> None:
    texts = [HARDER, OTHER, f"{HARDER} Count pairs too.", TASK, "no", HARDER, f"{OTHER} In order.", " "]
    rows = [pair(texts[i], operator="breadth") for i in order]
    whole = decided(*rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(elimination, "WINDOW", window)
        assert decided(*rows) == whole


@pytest.mark.parametrize("lost", [False, True], ids=["whole", "one-is-lost"])
async def test_processes_find_what_one_finds(lost: bool) -> None:
    work = Work(make_endpoints(BUILTIN, ()), 1, BUILTIN.eliminator, {})
    candidates = [Candidate(text, (TASK,), "depth") for text in (HARDER, TASK, OTHER)]
    plain, apart = InlineStages(work), ProcessStages(work, 2)
    try:
        if lost:
            await apart.examine(candidates[0])
            for process in multiprocessing.active_children():
                process.kill()
        for candidate in candidates:
            assert await apart.examine(candidate) == await plain.examine(candidate)
            assert (await apart.embed(candidate.text)).tobytes() == (await plain.embed(candidate.text)).tobytes()
    finally:
        await apart.close()
        await plain.close()


def test_many_pairs_are_spread_unless_it_is_said_how() -> None:
    assert spread(Config(), 10).cluster.executor == "inline"
    assert spread(Config(), 10**6).cluster.executor == ("processes" if cores() > 1 else "inline")
    assert spread(load(None, ["cluster.executor=ray"]), 10**6).cluster.executor == "ray"


# -- a datasets.Dataset ------------------------------------------------------------------------------------------------


def test_a_dataset_gets_three_columns() -> None:
    dataset = datasets.Dataset.from_list([pair(HARDER), pair(TASK)])
    found = eliminate(dataset, BUILTIN)
    assert found.column_names == ["parent", "reply", "verdict", "reason", "checks"]
    assert found["reason"] == [None, "no_gain"]


def test_a_datasets_columns_may_have_other_names() -> None:
    dataset = datasets.Dataset.from_list([{"seed": TASK, "evolved": TASK}])
    assert eliminate(dataset, BUILTIN, {"parent": "seed", "reply": "evolved"})["reason"] == ["no_gain"]


def test_a_column_that_would_be_there_twice_is_named_first() -> None:
    dataset = datasets.Dataset.from_list([pair(HARDER, reason="mine")])
    with pytest.raises(PairError, match="there is a column reason already"):
        eliminate(dataset, BUILTIN)


def test_a_row_that_cannot_be_used_is_named() -> None:
    with pytest.raises(PairError, match="rows: row 2: reply is missing"):
        eliminate([pair(HARDER), {"parent": TASK}], BUILTIN)


async def test_it_works_inside_of_a_running_loop() -> None:
    assert decided(pair(TASK)) == [("reject", "no_gain")]


# -- the command -------------------------------------------------------------------------------------------------------


def test_verdicts_come_one_a_line_in_order(tmp_path: Path) -> None:
    ended = command(tmp_path, pair(HARDER, id="x"), pair(TASK, id="a"), options=[*SETTINGS, "--no-judge"])
    assert ended.returncode == 0, ended.stderr
    lines = verdicts(tmp_path / "out.jsonl")
    assert [(line["id"], line["verdict"], line["reason"]) for line in lines] == [
        ("x", "accept", None),
        ("a", "reject", "no_gain"),
    ]
    assert lines[1]["checks"]["no_gain"]["scores"]["ratio"] == 1


def test_machines_are_told_the_counts(tmp_path: Path) -> None:
    ended = command(tmp_path, pair(HARDER), pair(TASK), options=[*SETTINGS, "--json"])
    assert json.loads(ended.stdout)["reasons"] == {"no_gain": 1}


@pytest.mark.parametrize("options", [[], ["--executor", "ray"]], ids=["inline", "ray"])
@pytest.mark.ray
def test_the_judge_joins_in_where_there_is_one(start_teacher: StartTeacher, tmp_path: Path, options: list[str]) -> None:
    teacher = start_teacher("--faults", "0")
    given = [part for setting in teacher.settings for part in ("--set", setting)]
    poem = "Write a short poem about the sea in autumn, with four lines and a simple rhyme."
    ended = command(tmp_path, pair(HARDER), pair(poem), options=[*given, *options])
    assert ended.returncode == 0, ended.stderr
    assert [line["reason"] for line in verdicts(tmp_path / "out.jsonl")] == [None, "off_topic"]


def test_the_judge_is_asked_about_answers_too(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "0")
    given = [part for setting in teacher.settings for part in ("--set", setting)]
    given += ["--set", "eliminator.questions=[unsolvable, refusal]", "--set", "eliminator.skip=[refusal]"]
    rows = [pair(HARDER, answer=REFUSALS[0]), pair(f"{HARDER} Count pairs.", answer="Use a Counter.")]
    rows.append(pair(OTHER, "Factor a number."))
    ended = command(tmp_path, *rows, options=given)
    assert ended.returncode == 0, ended.stderr
    lines = verdicts(tmp_path / "out.jsonl")
    judged = [[name for name in line["checks"] if name.startswith("judge")] for line in lines]
    both = ["judge_unsolvable", "judge_refusal"]
    assert judged == [both, both, ["judge_unsolvable"]]
    assert [line["reason"] for line in lines] == ["refusal", None, None]


def test_a_second_time_no_call_is_paid(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--faults", "0")
    given = [part for setting in teacher.settings for part in ("--set", setting)]
    command(tmp_path, pair(HARDER), options=given)
    before, first = teacher.stats()["requests"], (tmp_path / "out.jsonl").read_bytes()
    command(tmp_path, pair(HARDER), options=given)
    assert (teacher.stats()["requests"], (tmp_path / "out.jsonl").read_bytes()) == (before, first)


def test_without_a_judge_nobody_is_called(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    given = [part for setting in teacher.settings for part in ("--set", setting)]
    command(tmp_path, pair(HARDER), options=[*given, "--no-judge"])
    assert teacher.stats()["requests"] == 0


@pytest.mark.parametrize(
    ("line", "options", "message"),
    [
        pytest.param('{"parent": "p"}', [], r"in\.jsonl:2: reply is missing", id="column"),
        pytest.param("{", [], r"in\.jsonl:2: not valid JSON", id="json"),
        pytest.param("", ["--column", "reply"], r"--column reply: write --column OURS=THEIRS", id="option"),
        pytest.param("", ["--column", "text=reply"], r"--column text: no such column", id="unknown-column"),
        pytest.param("", ["--set", "eliminator.skip=[judges]"], r"no check is named 'judges'", id="check"),
    ],
)
def test_bad_input_leaves_no_verdicts(tmp_path: Path, line: str, options: list[str], message: str) -> None:
    (tmp_path / "in.jsonl").write_text(f"{json.dumps(pair(HARDER))}\n{line}\n")
    target = tmp_path / "out.jsonl"
    ended = evolve("eliminate", tmp_path / "in.jsonl", "--out", target, *SETTINGS, "--quiet", *options)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.search(message, ended.stderr)
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


# -- the files of the command -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(["--out", "in.jsonl"], r"--out in\.jsonl: another file of this command", id="over-the-input"),
        pytest.param(["--out", "./b.jsonl", "--benchmarks", "b.jsonl"], r"--out b\.jsonl: another", id="over-items"),
        pytest.param(["--out", "o", "--kept", "in.jsonl"], r"--kept in\.jsonl: another", id="kept-over-the-input"),
        pytest.param(["--out", "o", "--kept", "o"], r"--kept o: another", id="kept-over-the-verdicts"),
        pytest.param(["--out", "."], r"--out \.: a folder", id="a-folder"),
        pytest.param(["--out", "in.jsonl/x"], r"--out in\.jsonl/x: (Not a directory|File exists)", id="below-a-file"),
        pytest.param(
            ["--out", "o", "--rethreshold", "--kept", "k", "--against", "x"],
            r"--kept, --against: no part of --rethreshold",
            id="idle-options",
        ),
        pytest.param(["--out", "in.jsonl", "--rethreshold"], r"--out in\.jsonl: another", id="over-old-verdicts"),
    ],
)
def test_a_file_that_cannot_be_written_is_named_before_any_work(
    tmp_path: Path, options: list[str], message: str
) -> None:
    source = write(tmp_path / "in.jsonl", [pair(HARDER)])
    before = source.read_bytes()
    write(tmp_path / "b.jsonl", [{"prompt": "Tell which of the ropes in a heap is the longest one."}])
    ended = evolve("eliminate", source, *options, *SETTINGS, "--quiet", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert re.search(message, ended.stderr)
    assert source.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["b.jsonl", "in.jsonl"]


def test_a_folder_for_the_verdicts_is_made(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [pair(HARDER)])
    ended = evolve("eliminate", source, "--out", "new/folder/out.jsonl", *SETTINGS, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert len(verdicts(tmp_path / "new/folder/out.jsonl")) == 1


@pytest.mark.parametrize("name", ["in.jsonl", "in.json"])
def test_the_rows_that_were_kept_come_as_they_were(tmp_path: Path, name: str) -> None:
    rows = [pair(HARDER, n=1, tags=["é\u2028"]), pair(TASK, n=2), pair(OTHER, OTHER[:30], n=3)]
    lines = [json.dumps(row, ensure_ascii=False) for row in rows]
    text = f"[{', '.join(lines)}]" if name == "in.json" else "\ufeff" + "\n\n".join(lines)
    (tmp_path / name).write_text(text, encoding="utf-8")
    options = ["--out", "out.jsonl", "--kept", "new/kept.jsonl", *SETTINGS]
    ended = evolve("eliminate", tmp_path / name, *options, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"pairs +3 .*\naccept +2 .*\nreject +1 .*\n  no_gain +1 ", ended.stdout)
    assert re.search(
        r"\njudge +not asked: text alone decided\nverdicts +out\.jsonl\nkept +new/kept\.jsonl\n$", ended.stdout
    )
    assert "evolve: 3/3  2 accept, 1 reject, 0 undecided" in ended.stderr
    kept = (tmp_path / "new/kept.jsonl").read_text(encoding="utf-8")
    assert kept == f"{lines[0]}\n{lines[2]}\n"


def test_a_full_disk_is_said_and_leaves_no_verdicts(tmp_path: Path) -> None:
    source = write(tmp_path / "in.jsonl", [pair(f"{HARDER} Case {n}.", id=str(n)) for n in range(40)])
    call = f"{sys.executable} -m evolve eliminate {source} --out {tmp_path / 'out.jsonl'} --no-judge --quiet"
    ended = subprocess.run(["bash", "-c", f"ulimit -f 8; {call}"], capture_output=True, text=True, check=False)
    assert ended.returncode == 2, ended.stderr
    assert "out.jsonl: cannot be written: File too large; make room" in ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["in.jsonl"]


# -- benchmarks of one's own (in other words: test_verdicts) -----------------------------------------------------------


def test_an_item_of_a_file_is_found(tmp_path: Path) -> None:
    item = "Tell which of the ropes in a heap is the longest one that has no knot."
    private = write(tmp_path / "private.jsonl", [{"task_id": "Ropes/1", "prompt": item}])
    rows = [pair(f"{item} Sort the ropes first.", "Find the longest rope."), pair(HARDER)]
    ended = command(tmp_path, *rows, options=[*SETTINGS, "--no-judge", "--benchmarks", private])
    assert ended.returncode == 0, ended.stderr
    lines = verdicts(tmp_path / "out.jsonl")
    assert [line["reason"] for line in lines] == ["contaminated", None]
    assert "Ropes/1 of private.jsonl" in lines[0]["checks"]["contaminated"]["detail"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        pytest.param("", r"private\.jsonl: no item in it", id="empty"),
        pytest.param('{"prompt": "..."}', r"private\.jsonl:1: line 1: nothing is left to look for", id="nothing-left"),
        pytest.param("{", r"private\.jsonl:1: not JSON", id="no-json"),
    ],
)
def test_a_benchmark_that_cannot_be_looked_for_stops_it(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "private.jsonl").write_text(content)
    ended = command(tmp_path, pair(HARDER), options=[*SETTINGS, "--benchmarks", tmp_path / "private.jsonl"])
    assert (ended.returncode, (tmp_path / "out.jsonl").exists()) == (2, False)
    assert re.search(message, ended.stderr)
