"""Reading pairs: by position and in order, strict about every line, and what it says of the ones it cannot use."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.errors import PairError
from evolve.pairs import COLUMNS, Pair, PairFile, PairRows, open_pairs

GOOD = {"id": "a", "parent": "Sort a list.", "reply": "Sort a list of words by length."}


def write(path: Path, *rows: object) -> Path:
    lines = (row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows)
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path


def test_what_a_line_says_is_what_the_pair_holds(tmp_path: Path) -> None:
    row = {name: name for name in COLUMNS}
    assert list(open_pairs(write(tmp_path / "in.jsonl", row))) == [Pair(**row)]


def test_what_a_line_does_not_say_has_a_default(tmp_path: Path) -> None:
    pair = open_pairs(write(tmp_path / "in.jsonl", {"parent": "p", "reply": "r"}))[0]
    assert (pair.id, pair.operator, pair.finish_reason, pair.answer) == ("1", "unknown", "stop", None)


@pytest.mark.parametrize("name", ["in.jsonl", "in.json"])
def test_a_pair_can_be_read_again_by_its_position(tmp_path: Path, name: str) -> None:
    rows = [GOOD | {"id": str(n), "reply": "é" * n + "\u2028"} for n in range(5)]
    path = tmp_path / name
    if name == "in.json":
        path.write_text(json.dumps(rows))
    else:
        write(path, b"\xef\xbb\xbf" + json.dumps(rows[0]).encode(), b"", *rows[1:], b"  ")
    pairs = open_pairs(path)
    assert [pairs[i] for i in range(5)] == list(pairs) == pairs[:5]
    assert [pair.id for pair in pairs] == ["0", "1", "2", "3", "4"]


def test_columns_may_have_other_names(tmp_path: Path) -> None:
    path = write(tmp_path / "in.jsonl", {"seed": "p", "evolved": "r", "n": 1})
    pair = open_pairs(path, {"parent": "seed", "reply": "evolved", "id": "n"})[0]
    assert (pair.id, pair.parent, pair.reply) == ("1", "p", "r")


@pytest.mark.parametrize(
    ("row", "reply"),
    [
        pytest.param({"instruction": "Mend this.", "input": "f(x"}, "Mend this.\nf(x", id="both"),
        pytest.param({"instruction": "Mend this.", "input": " "}, "Mend this.", id="empty"),
        pytest.param({"instruction": "Mend this.", "input": None}, "Mend this.", id="null"),
        pytest.param({"instruction": "", "input": "f(x"}, "f(x", id="first-empty"),
        pytest.param({"instruction": "", "instruction+input": "r"}, "r", id="a-name-with-plus"),
    ],
)
def test_an_instruction_and_its_input_are_one_text(row: dict[str, Any], reply: str) -> None:
    assert PairRows([{"parent": "p"} | row], {"reply": "instruction+input"})[0].reply == reply


@pytest.mark.parametrize(
    ("row", "message"),
    [
        pytest.param({"input": "f(x"}, r"instruction\+input is missing; the row has: parent, input", id="missing"),
        pytest.param(
            {"instruction": "i", "input": ["f"]}, r"instruction\+input: text is expected, not list", id="type"
        ),
    ],
)
def test_two_columns_that_are_no_text_are_named(row: dict[str, Any], message: str) -> None:
    with pytest.raises(PairError, match=message):
        PairRows([{"parent": "p"} | row], {"reply": "instruction+input"})


def test_rows_in_memory_are_pairs_too() -> None:
    assert list(PairRows([GOOD])) == [Pair(**GOOD)]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        pytest.param([GOOD, b"{"], r"in\.jsonl:2: not valid JSON", id="no-json"),
        pytest.param([GOOD, b"", [1]], r"in\.jsonl:3: a JSON object is expected, not list", id="no-object"),
        pytest.param([b'{"id": "\xff"}'], r"in\.jsonl:1: not valid UTF-8 at byte 8", id="no-utf-8"),
        pytest.param([{"id": "a", "parent": "p"}], r"in\.jsonl:1: reply is missing; the row has: id, parent", id="key"),
        pytest.param([GOOD | {"reply": None}], r'in\.jsonl:1: reply is null; write "" where nothing', id="null"),
        pytest.param([{"instruction": "i"}], r"parent is missing.*: instruction;.*without parents", id="no-parents"),
        pytest.param([b"\x1f\x8b\x08\x00"], r"in\.jsonl: a gzip file; unpack", id="gzip"),
        pytest.param([b"PAR1\x15\x04"], r"in\.jsonl: a Parquet file; unpack or convert", id="parquet"),
        pytest.param([GOOD | {"answer": 3}], r"in\.jsonl:1: answer: text is expected, not int", id="type"),
        pytest.param([GOOD, GOOD], r"in\.jsonl:2: id 'a' is also line 1's", id="twice"),
        pytest.param([b""], "no pair in it", id="empty"),
        pytest.param([b"[" * 100_000], r"in\.jsonl:1: not valid JSON", id="nested"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, rows: list[object], message: str) -> None:
    with pytest.raises(PairError, match=message):
        PairFile(write(tmp_path / "in.jsonl", *rows))


@pytest.mark.parametrize(
    ("name", "message"),
    [("missing.jsonl", "No such file"), ("missing.json", "No such file"), (".", "Is a directory")],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, message: str) -> None:
    with pytest.raises(PairError, match=message):
        open_pairs(tmp_path / name)


def test_a_pipe_is_refused_before_it_is_read(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.jsonl")
    with pytest.raises(PairError, match=r"pipe\.jsonl: a pipe or device can be read only once; save it"):
        open_pairs(tmp_path / "pipe.jsonl")


def test_a_column_that_pairs_do_not_have_is_named() -> None:
    with pytest.raises(PairError, match="--column texts: no such column; there are: id, parent"):
        PairRows([GOOD], {"texts": "reply"})


@given(st.text(), st.text())
def test_any_text_goes_through_storable(parent: str, reply: str) -> None:
    row: dict[str, Any] = {"parent": parent, "reply": reply}
    pair = PairRows([row])[0]
    assert pair.parent.encode() is not None
    assert "\x00" not in pair.reply
