"""Reading seeds: no good row is lost to a bad one, whatever the bytes; what cannot be read at all says so."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evolve.errors import SeedError
from evolve.records import Seed
from evolve.seeds import MAX_LINE_BYTES, Reject, bundled, parse_row, read

BOM = b"\xef\xbb\xbf"
GOOD = b'{"instruction": "good"}'
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=10)
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)
COLUMNS = st.sampled_from(["instruction", "input", "output", "messages", "prompt", "completion", "language", "kind"])
ROLES = st.sampled_from(["user", "assistant", "system"]) | ANY_JSON
TURNS = st.lists(st.fixed_dictionaries({}, optional={"role": ROLES, "content": ANY_JSON}), max_size=3)
ANY_ROW = st.dictionaries(COLUMNS, TURNS | ANY_JSON, max_size=4)


def write(folder: Path, content: bytes, name: str = "seeds.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def good(path: str | Path, limit: int | None = None) -> list[str]:
    return [row.text for row in read(path, limit) if isinstance(row, Seed)]


def bad(path: str | Path) -> list[tuple[int, str]]:
    return [(row.line, row.reason) for row in read(path) if isinstance(row, Reject)]


def error_of(path: str | Path) -> str:
    with pytest.raises(SeedError) as caught:
        list(read(path))
    return str(caught.value)


# -- one row -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "text", "output"),
    [
        pytest.param({"instruction": "do"}, "do", None, id="instruction"),
        pytest.param({"instruction": "do", "output": "did"}, "do", "did", id="with-output"),
        pytest.param({"instruction": "do", "input": "x = 1", "output": "did"}, "do\nx = 1", "did", id="alpaca-input"),
        pytest.param({"instruction": "do", "input": "", "output": "did"}, "do", "did", id="alpaca-empty-input"),
        pytest.param({"instruction": "do", "input": " \n"}, "do", None, id="alpaca-blank-input"),
        pytest.param({"instruction": "do", "input": None, "output": None}, "do", None, id="alpaca-null"),
        pytest.param({"prompt": "do", "completion": "did"}, "do", "did", id="prompt"),
        pytest.param({"prompt": "do"}, "do", None, id="prompt-alone"),
        pytest.param({"messages": [{"role": "user", "content": "do"}]}, "do", None, id="messages-one-turn"),
        pytest.param(
            {"messages": [{"role": "user", "content": "do"}, {"role": "assistant", "content": "did"}]},
            "do",
            "did",
            id="messages-with-answer",
        ),
        pytest.param({"instruction": None, "prompt": "do"}, "do", None, id="null-column-is-no-column"),
        pytest.param({"instruction": "a", "prompt": "b", "messages": []}, "a", None, id="instruction-comes-first"),
        pytest.param({"instruction": "  a\r\n  b\r\n"}, "a\n  b", None, id="line-ends-and-margins"),
        pytest.param({"instruction": "a\x00\ud800", "output": "\udfff"}, "a\ufffd\ufffd", "\ufffd", id="unstorable"),
        pytest.param({"instruction": "a\u2028b"}, "a\u2028b", None, id="u2028"),
    ],
)
def test_a_usable_row(row: dict[str, Any], text: str, output: str | None) -> None:
    seed = parse_row(row)
    assert (seed.text, seed.output) == (text, output)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        pytest.param({"instruction": ""}, "the instruction is empty", id="empty"),
        pytest.param({"instruction": " \n\t"}, "the instruction is empty", id="blank"),
        pytest.param({"instruction": 5}, "instruction: text is expected, not int", id="number"),
        pytest.param({"instruction": ["a"]}, "instruction: text is expected, not list", id="list"),
        pytest.param({"instruction": "a", "input": 5}, "input: text is expected, not int", id="input"),
        pytest.param({"instruction": "a", "output": {}}, "output: text is expected, not dict", id="output"),
        pytest.param({"prompt": True}, "prompt: text is expected, not bool", id="prompt"),
        pytest.param({"prompt": "a", "completion": 1.5}, "completion: text is expected, not float", id="completion"),
        pytest.param({"messages": "a"}, "messages: a list of objects is expected", id="messages-text"),
        pytest.param({"messages": ["a"]}, "messages: a list of objects is expected", id="messages-of-text"),
        pytest.param({"messages": []}, "messages: no user turn", id="messages-empty"),
        pytest.param({"messages": [{"role": "system", "content": "a"}]}, "messages: no user turn", id="no-user"),
        pytest.param({"messages": [{"role": "user"}]}, "messages: content must be text", id="no-content"),
        pytest.param(
            {"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}]}]},
            "messages: content must be text",
            id="content-parts",
        ),
        pytest.param([1], "a JSON object is expected, not list", id="row-list"),
        pytest.param(None, "a JSON object is expected, not NoneType", id="row-null"),
        pytest.param(b"{", "not valid JSON: ", id="syntax"),
        pytest.param(b'{"instruction": "\xff"}', "not valid UTF-8 at byte 17", id="utf-8"),
        pytest.param(b'{"instruction": "a\x00b"}', "not valid JSON: ", id="nul"),
        pytest.param(b'{"n": ' + b"9" * 5000 + b"}", "not valid JSON: ", id="endless-number"),
        pytest.param(b"[" * 200_000, "nested too deeply", id="nested"),
    ],
)
def test_an_unusable_row_is_refused_with_its_reason(row: object, reason: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_row(row)
    assert str(caught.value).startswith(reason)


def test_a_row_without_a_usable_column_names_what_was_found() -> None:
    with pytest.raises(ValueError) as caught:
        parse_row({"question": "a", "answer": "b"})
    assert str(caught.value).endswith(
        "expected instruction (with input, output), messages, or prompt (with completion); found question, answer"
    )


def test_hostile_column_names_are_shown_in_plain_words() -> None:
    with pytest.raises(ValueError, match=r"found \\x1b\[2J, \ufffd$"):
        parse_row({"\x1b[2J": 1, "\ud800": 2})


def test_labels_are_kept_and_clean() -> None:
    seed = parse_row({"instruction": "a", "language": "py\ud800", "kind": "k\x00"})
    assert (seed.language, seed.kind) == ("py\ufffd", "k\ufffd")


@pytest.mark.parametrize(
    ("row", "same"),
    [
        pytest.param({"prompt": "do", "completion": "x"}, True, id="another-format"),
        pytest.param({"instruction": "do", "output": "x"}, True, id="another-output"),
        pytest.param({"instruction": " do\n"}, True, id="margins"),
        pytest.param({"instruction": "do", "input": "it"}, False, id="another-input"),
        pytest.param({"instruction": "Do"}, False, id="another-text"),
    ],
)
def test_an_id_is_of_the_text_alone(row: dict[str, Any], same: bool) -> None:
    assert (parse_row(row).id == parse_row({"instruction": "do"}).id) is same


@given(ANY_ROW | ANY_JSON | st.binary(max_size=60) | ANY_JSON.map(lambda v: json.dumps(v).encode()))
def test_any_row_is_a_storable_seed_or_a_value_error(row: object) -> None:
    try:
        seed = parse_row(row)
    except ValueError as error:
        shown = str(error)
    else:
        shown = "".join(filter(None, (seed.id, seed.text, seed.output, seed.language, seed.kind)))
    assert b"\x00" not in shown.encode("utf-8")


# -- lines -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(GOOD, ["good"], id="no-end-of-line"),
        pytest.param(GOOD + b"\n", ["good"], id="end-of-line"),
        pytest.param(b"\n \n\t\n" + GOOD + b"\n\n", ["good"], id="blank-lines"),
        pytest.param(BOM + GOOD + b"\n", ["good"], id="bom"),
        pytest.param(BOM + b"\n" + GOOD, ["good"], id="bom-on-a-blank-line"),
        pytest.param(GOOD + b"\r\n" + b'{"instruction": "b"}\r\n', ["good", "b"], id="crlf"),
        pytest.param('{"instruction": "a\u2028b\u2029c\x85d"}'.encode(), ["a\u2028b\u2029c\x85d"], id="u2028"),
        pytest.param(b'{"instruction": "\\ud83d\\ude00 \\ud83d"}', ["😀 \ufffd"], id="escaped-surrogates"),
        pytest.param(b" " * 5000 + GOOD, ["good"], id="a-page-of-spaces-first"),
        pytest.param(b'{"instruction": "b"}\n' + GOOD, ["b", "good"], id="order-of-the-file"),
    ],
)
def test_lines(tmp_path: Path, content: bytes, expected: list[str]) -> None:
    path = write(tmp_path, content)
    assert (good(path), bad(path)) == (expected, [])


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        pytest.param(b'{"instruction": "caf\xe9"}', "not valid UTF-8 at byte 20", id="latin-1"),
        pytest.param(b'{"instruction": "cut', "not valid JSON: ", id="cut-off"),
        pytest.param(b'{"x": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "nested too deeply", id="nested"),
        pytest.param(b'{"instruction": "' + b"a" * MAX_LINE_BYTES + b'"}', "the line is longer than 8388608", id="cap"),
        pytest.param(b"a" * (2 * MAX_LINE_BYTES + 7), "the line is longer than 8388608", id="twice-the-cap"),
        pytest.param(b"a" * (MAX_LINE_BYTES + 1), "the line is longer than 8388608", id="one-over-the-cap"),
        pytest.param(b'["instruction"]', "a JSON object is expected", id="list"),
        pytest.param(b"\x0b\xff", "not valid UTF-8 at byte 1", id="rubbish"),
    ],
)
def test_a_bad_line_is_set_aside_and_its_neighbours_survive(tmp_path: Path, line: bytes, reason: str) -> None:
    path = write(tmp_path, b'{"instruction": "before"}\n\n' + line + b'\n{"instruction": "after"}\n')
    assert good(path) == ["before", "after"]
    assert [(number, why.startswith(reason)) for number, why in bad(path)] == [(3, True)]


def test_a_bad_line_at_the_end_is_set_aside(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + b"\n" + b"a" * (MAX_LINE_BYTES + 1))
    assert (good(path), [line for line, _ in bad(path)]) == (["good"], [2])


def test_a_line_just_under_the_cap_is_read(tmp_path: Path) -> None:
    frame = len(b'{"instruction": ""}\n')
    path = write(tmp_path, b'{"instruction": "' + b"a" * (MAX_LINE_BYTES - frame) + b'"}\n' + GOOD)
    assert [len(text) for text in good(path)] == [MAX_LINE_BYTES - frame, 4]


def test_a_reject_says_where_it_lay_and_shows_its_beginning(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + b'\n{"instruction": 7, "x": "' + b"y" * 500 + b'"}')
    reject = next(row for row in read(path) if isinstance(row, Reject))
    assert (reject.source, reject.line, len(reject.excerpt)) == ("seeds.jsonl", 2, 120)
    assert reject.excerpt.startswith('{"instruction": 7, "x": "yyy')


def test_a_repeated_text_is_set_aside_with_its_first_place(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + b'\n{"instruction": "b"}\n{"prompt": " good "}\n')
    assert (good(path), bad(path)) == (["good", "b"], [(3, "same text as seeds.jsonl:1")])


@pytest.mark.parametrize("limit", [1, 2, 3, None], ids=str)
def test_a_limit_counts_seeds_and_not_rejects(tmp_path: Path, limit: int | None) -> None:
    path = write(tmp_path, b'{"instruction": "1"}\nbad\n{"instruction": "2"}\n{"instruction": "3"}\n')
    assert good(path, limit) == ["1", "2", "3"][:limit]


def test_a_limit_stops_before_what_follows(tmp_path: Path) -> None:
    path = write(tmp_path, GOOD + b"\nbad\n")
    assert [type(row) for row in read(path, 1)] == [Seed]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path: Path, content: bytes) -> None:
    path = write(tmp_path, content)
    try:
        rows = list(read(path))
    except SeedError as error:
        assert str(path) in str(error)  # noqa: PT017 - either way of ending is right
    else:
        assert any(isinstance(row, Seed) for row in rows)


HOSTILE_LINES = st.lists(
    st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"").replace(b"\x00", b""))
    | ANY_ROW.map(lambda row: json.dumps(row).encode())
    | st.just(GOOD[:-1])
    | st.just(BOM),
    max_size=4,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=HOSTILE_LINES, between=HOSTILE_LINES, after=HOSTILE_LINES, end=st.sampled_from([b"\n", b"\r\n"]))
def test_no_good_row_is_lost_to_bad_ones(
    tmp_path: Path, before: list[bytes], between: list[bytes], after: list[bytes], end: bytes
) -> None:
    lines = [*before, b'{"instruction": "first good"}', *between, b'{"prompt": "second good"}', *after]
    found = good(write(tmp_path, end.join(lines)))
    assert [text for text in found if text.endswith(" good")] == ["first good", "second good"]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=HOSTILE_LINES)
def test_every_line_that_is_not_blank_comes_back(tmp_path: Path, lines: list[bytes]) -> None:
    rows = list(read(write(tmp_path, b"\n".join([b'{"instruction": "the good one"}', *lines]))))
    assert len(rows) == 1 + sum(bool(line.strip()) for line in lines)


# -- other files -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prefix", [b"", BOM, b"\n  ", BOM + b" "], ids=["plain", "bom", "spaces", "bom-and-space"])
def test_a_json_list(tmp_path: Path, prefix: bytes) -> None:
    path = write(tmp_path, prefix + b'[{"instruction": "a"}, 7,\n {"prompt": "b"}]', "seeds.json")
    assert (good(path), bad(path)) == (["a", "b"], [(2, "a JSON object is expected, not int")])


def test_a_json_file_of_lines(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"instruction": "a"}\n{"instruction": "b"}\n', "seeds.json")
    assert good(path) == ["a", "b"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(b'[{"instruction": "a"},', "not valid JSON", id="cut-off"),
        pytest.param(b'[{"instruction": "\xff"}]', "not valid UTF-8 at byte 18; save the file as UTF-8", id="latin-1"),
        pytest.param(b"[" * 200_000, "nested too deeply", id="nested"),
        pytest.param(b"[]", "no usable seed: it is empty", id="empty-list"),
    ],
)
def test_a_json_list_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    path = write(tmp_path, content, "seeds.json")
    assert error_of(path).startswith(f"{path}: {reason}")


def test_parquet(tmp_path: Path) -> None:
    rows = [{"instruction": "a", "input": None, "output": "x"}, {"instruction": None}, {"instruction": "b"}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "seeds.parquet")
    assert good(tmp_path / "seeds.parquet") == ["a", "b"]
    assert [line for line, _ in bad(tmp_path / "seeds.parquet")] == [2]


def test_parquet_with_messages(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "do"}, {"role": "assistant", "content": "did"}]
    pq.write_table(pa.Table.from_pylist([{"messages": turns}]), tmp_path / "seeds.parquet")
    assert list(read(tmp_path / "seeds.parquet")) == [parse_row({"messages": turns})]


def test_parquet_under_another_name(tmp_path: Path) -> None:
    pq.write_table(pa.table({"instruction": ["a"]}), tmp_path / "seeds.bin")
    assert good(tmp_path / "seeds.bin") == ["a"]


def not_utf_8() -> pa.Table:
    offsets = pa.array(["a", "b", "c"]).buffers()[1]
    return pa.table({"instruction": pa.Array.from_buffers(pa.string(), 3, [None, offsets, pa.py_buffer(b"a\xffc")])})


def year_36_million() -> pa.Table:
    return pa.table({"instruction": ["a", "b", "c"], "at": pa.array([0, 2**50, 1]).cast(pa.timestamp("s"))})


@pytest.mark.parametrize("table", [not_utf_8, year_36_million])
def test_a_parquet_row_that_python_cannot_hold_is_set_aside(tmp_path: Path, table: Any) -> None:  # noqa: ANN401
    pq.write_table(table(), tmp_path / "seeds.parquet")
    assert good(tmp_path / "seeds.parquet") == ["a", "c"]
    assert [(line, why.split(":")[0]) for line, why in bad(tmp_path / "seeds.parquet")] == [(2, "not readable")]


def test_parquet_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, b"PAR1" + b"rubbish " * 10 + b"PAR1", "seeds.parquet")
    assert error_of(path).startswith(f"{path}: not readable as Parquet: ")


def test_a_folder_is_read_in_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, b'[{"instruction": "b"}]', "2.json")
    write(tmp_path, b'{"instruction": "a"}\nbad', "1.jsonl")
    write(tmp_path, b"not a seed", "notes.txt")
    pq.write_table(pa.table({"instruction": ["c", "a"]}), tmp_path / "3.parquet")
    assert good(tmp_path) == ["a", "b", "c"]
    assert [(row.source, row.line) for row in read(tmp_path) if isinstance(row, Reject)] == [
        ("1.jsonl", 2),
        ("3.parquet", 2),
    ]


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        pytest.param("s.jsonl", b"", "the file is empty", id="empty"),
        pytest.param("s.jsonl", BOM + b" \n\r\n", "the file is empty", id="blank"),
        pytest.param("s.jsonl", b"\x7fELF\x00\x01", "a binary file; JSONL, JSON or Parquet is expected", id="binary"),
        pytest.param("s.jsonl", '{"instruction": "a"}'.encode("utf-16"), "a binary file", id="utf-16"),
        pytest.param("s.parquet", b"PK\x03\x04\x00", "a binary file", id="zip-named-parquet"),
        pytest.param("s.jsonl", b"\nbad\n" * 3, "no usable seed: s.jsonl:2: not valid JSON", id="no-good-line"),
        pytest.param("s.jsonl", b'{"question": "a"}', "no usable seed: s.jsonl:1: no usable column", id="columns"),
        pytest.param("s.jsonl", b"\n" * 9999, "no usable seed: it is empty", id="many-blank-lines"),
    ],
)
def test_a_file_without_seeds_is_refused_and_named(tmp_path: Path, name: str, content: bytes, reason: str) -> None:
    path = write(tmp_path, content, name)
    assert error_of(path).startswith(f"{path}: {reason}")


def test_a_file_without_a_usable_column_says_what_was_found(tmp_path: Path) -> None:
    path = write(tmp_path, b'{"question": "a", "answer": "b"}\n' * 2)
    assert error_of(path).endswith("found question, answer")


def test_a_folder_without_seed_files_is_refused(tmp_path: Path) -> None:
    write(tmp_path, b"x", "notes.txt")
    assert error_of(tmp_path) == f"{tmp_path}: the folder holds no .jsonl, .json or .parquet file"


@pytest.mark.parametrize("name", ["none.jsonl", "none.parquet", "a/b/c", "/no/such/file", "../x", "a b"])
def test_a_missing_file_is_refused_and_named(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    assert error_of(name).startswith(f"{name}: no such file; give a JSONL, JSON or Parquet file, a folder")


def test_a_hub_id_that_cannot_be_reached_is_refused_and_named() -> None:
    """In a process of its own: the client reads HF_HUB_OFFLINE when it is imported."""
    code = (
        "from evolve import errors, seeds\n"
        "try: list(seeds.read('nobody/nothing'))\n"
        "except errors.SeedError as error: print(error)\n"
    )
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.startswith("nobody/nothing: no such file, and not in this machine's cache of datasets")


def test_the_bundled_seeds_are_a_folder() -> None:
    assert bundled().is_dir()


@pytest.mark.parametrize("label", [3, ["python"], None, {}], ids=repr)
def test_an_odd_label_costs_no_row(label: object) -> None:
    assert parse_row({"instruction": "a", "language": label, "kind": label}).language is None


@pytest.mark.parametrize(
    "roles",
    [["system", "user"], ["user", "assistant", "user"], ["assistant", "user"], ["user", "user"]],
    ids=", ".join,
)
def test_a_conversation_is_set_aside_rather_than_cut(roles: list[str]) -> None:
    with pytest.raises(ValueError, match="the rest would be lost"):
        parse_row({"messages": [{"role": role, "content": "a"} for role in roles]})
