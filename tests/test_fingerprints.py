"""Fingerprints: what a copyist changes is not seen; the file holds hashes; a benchmark's file is read or refused."""

from __future__ import annotations

import gzip
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.contamination.benchmarks import contents, read_items
from evolve.contamination.fingerprints import (
    GRAM,
    Fingerprints,
    Item,
    build,
    extend,
    grams,
    hashed,
    load,
    prose,
    shipped,
    whole,
    words,
)
from evolve.errors import ConfigError
from tests import mini

ITEMS = [
    Item("Mini", row["task_id"], row["prompt"], row.get("canonical_solution", ""), row["entry_point"])
    for row in mini.ROWS
]
CODE = 'def total(xs):\n    """Sum of xs."""\n    return total_of(xs)  # done\n'


def text_of(tokens: list[bytes]) -> str:
    return b" ".join(tokens).decode()


# -- words -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "copy",
    [
        pytest.param(CODE.replace("\n", "\r\n"), id="carriage-returns"),
        pytest.param(CODE.upper().replace("DEF TOTAL", "def total"), id="upper-case"),
        pytest.param(CODE.replace("    ", "\t\t"), id="tabs"),
        pytest.param(" ".join(CODE.split()), id="one-line"),
        pytest.param(CODE.replace("total", "my_sum_2"), id="renamed"),
        pytest.param(CODE.replace('"""', "'''"), id="other-quotes"),
        pytest.param(f"```python\n{CODE}```\n", id="fenced"),
        pytest.param(f"~~~~py\n{CODE}\n~~~~", id="fenced-with-tildes"),
        pytest.param("".join(f"# {line}\n" for line in CODE.splitlines()), id="commented"),
        pytest.param("".join(f"> {line}\n" for line in CODE.splitlines()), id="quoted"),
        pytest.param("".join(f">>> {line}\n" for line in CODE.splitlines()), id="prompted"),
        pytest.param(json.dumps(CODE), id="as-a-json-string"),
        pytest.param(CODE.replace("Sum", "Ｓｕｍ"), id="wide-letters"),
    ],
)
def test_what_a_copyist_changes_is_not_seen(copy: str) -> None:
    assert words(copy) == words(CODE)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "", id="nothing"),
        pytest.param("... !? --", "", id="marks"),
        pytest.param("snake_case is two", "snake case is two", id="underscores-part-words"),
        pytest.param("x1 = 3.5", "x1 3 5", id="numbers"),
        pytest.param("Ärger, naïve", "ärger naïve", id="accents"),
        pytest.param("数を数える", "数 を 数 え る", id="letters-of-a-script-without-spaces"),
        pytest.param("напиши функцию", "напиши функцию", id="cyrillic"),
        pytest.param("print(len(xs))", "xs", id="calls"),
        pytest.param("a list (of numbers)", "a list of numbers", id="no-call"),
        pytest.param("Word\nand ```code``` here", "word and code here", id="a-word-on-the-first-line"),
        pytest.param("assert area(2) == 4, area", "assert 2 4", id="an-asserted-name"),
        pytest.param("def a(x): a tree", "def x a tree", id="an-article-is-no-name"),
        pytest.param("\ud800 lone\x00s", "lone s", id="a-lone-surrogate"),
    ],
)
def test_words(text: str, expected: str) -> None:
    assert text_of(words(text)) == expected


def test_a_known_name_is_left_out_wherever_it_stands() -> None:
    assert text_of(words("find the minimum of all; min_of too", "minimum")) == "find the of all min of too"
    assert text_of(words("find the minimum of all; min_of too", "min_of")) == "find the minimum of all too"


@settings(deadline=None)
@given(st.text())
def test_words_never_raise_and_hold_no_space(text: str) -> None:
    assert all(word and not set(word) & set(b" \n\t_(") for word in words(text))


@pytest.mark.parametrize("tile", ["(", "a(", "def f_g(", "```\n", "`", "~", "_", "字", "\\n", "a" * 99 + "("], ids=repr)
def test_a_hostile_text_comes_to_an_end(tile: str) -> None:
    words((tile * 1_000_000)[:1_000_000])


# -- prose -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "begins", "ends"),
    [
        pytest.param(mini.LANTERNS, "a street of", "to either side", id="a-docstring-with-doctests"),
        pytest.param(mini.TIDE, "harbour masters", "left out example", id="a-docstring-of-single-quotes"),
        pytest.param(mini.KNOTS, "write a python", "longest pendant", id="a-sentence-and-an-assertion"),
        pytest.param("Sort it.", "sort", "it", id="a-sentence"),
    ],
)
def test_prose_is_the_task_without_its_code(text: str, begins: str, ends: str) -> None:
    found = text_of(words(prose(text)))
    assert found.startswith(begins)
    assert found.endswith(ends)


# -- hashes ------------------------------------------------------------------------------------------------------------


def test_a_run_has_the_same_hash_wherever_it_stands() -> None:
    one, other = words("count the red fish in it"), words("please count the red fish in a pond")
    assert set(grams(hashed(one)).tolist()) & set(grams(hashed(other)).tolist()) == {
        int(grams(hashed(words("count the red fish in")))[0])
    }


@pytest.mark.parametrize("count", range(GRAM + 2))
def test_runs_of_a_short_text(count: int) -> None:
    assert len(grams(hashed([b"word"] * count))) == max(0, count - GRAM + 1)


def test_the_order_of_words_counts() -> None:
    assert len({int(grams(hashed(text.split()))[0]) for text in (b"a b c d e", b"b a c d e", b"e d c b a")}) == 3


@given(st.lists(st.sampled_from([b"a", b"b", b"c"]), max_size=30))
def test_hashing_words_changes_no_hash_of_theirs(tokens: list[bytes]) -> None:
    assert hashed(tokens).tolist() == [int(hashed([token])[0]) for token in tokens]


def test_a_hash_is_the_same_everywhere() -> None:
    program = "from evolve.contamination.fingerprints import *; print(whole(words('count fish')))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert int(ended.stdout) == whole([b"count", b"fish"])


# -- the file ----------------------------------------------------------------------------------------------------------


def same(one: Fingerprints, other: Fingerprints) -> bool:
    return one.dump() == other.dump()


@pytest.mark.parametrize("count", [0, 1, 5])
def test_what_is_dumped_is_loaded_again(count: int) -> None:
    made = build(ITEMS[:count], ["some other text", "and some more text"])
    read = load(made.dump())
    assert same(made, read)
    assert (read.tasks, read.documents, read.counts) == (made.tasks, made.documents, made.counts)
    assert all(np.array_equal(a.grams, b.grams) for a, b in zip(made.parts, read.parts, strict=True))


def test_equal_items_give_equal_bytes() -> None:
    assert build(ITEMS, ["x y"]).dump() == build(list(ITEMS), ["x y"]).dump()


def test_no_word_of_an_item_is_in_the_file() -> None:
    head, _, hashes = build(ITEMS).dump().partition(b"\n")
    assert set(json.loads(head)) == {"gram", "documents", "tasks", "arrays"}
    long = {word for item in ITEMS for word in words(item.text + item.solution) if len(word) > 4}
    assert [word for word in long if word in hashes.lower()] == []


def test_extending_keeps_what_was_there() -> None:
    known = build(ITEMS[:2])
    longer = extend(known, ITEMS[2:])
    assert longer.tasks == tuple((item.benchmark, item.task_id) for item in ITEMS)
    assert longer.parts[: len(known.parts)] == known.parts


def test_a_file_of_other_runs_is_refused() -> None:
    data = build(ITEMS).dump().replace(b'"gram": 5', b'"gram": 9', 1)
    with pytest.raises(ValueError, match="build it again"):
        load(data)


def test_the_shipped_file_knows_both_benchmarks() -> None:
    tasks = shipped().tasks
    assert {benchmark for benchmark, _ in tasks} == {"HumanEval", "MBPP"}
    assert len(tasks) == 164 + 378
    assert {part.task for part in shipped().parts} == set(range(len(tasks)))


@pytest.mark.corpus
def test_the_shipped_file_is_what_its_script_makes(corpus: Path, tmp_path: Path) -> None:
    root = Path(__file__).resolve().parent.parent
    script, made = root / "benchmarks" / "fingerprints.py", tmp_path / "made.bin"
    command = [sys.executable, str(script), "--data", str(corpus / "data"), "--to", str(made)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert made.read_bytes() == (root / "evolve" / "contamination" / "fingerprints.bin").read_bytes()


# -- rarity ------------------------------------------------------------------------------------------------------------


def test_a_common_word_says_less_than_a_rare_one() -> None:
    known = shipped()
    assert known.bits([b"function"]) < known.bits([b"prime"]) < known.bits([b"zeckendorf"])


@pytest.mark.parametrize("tokens", [[], [b"x"], [b"1", b"2", b"3"], ["数".encode()]], ids=str)
def test_letters_and_digits_say_little(tokens: list[bytes]) -> None:
    assert shipped().bits(tokens) <= 1.5


def test_a_word_counts_once() -> None:
    assert shipped().bits([b"prime"] * 9) == shipped().bits([b"prime"])


# -- reading a benchmark -----------------------------------------------------------------------------------------------


def test_the_items_of_a_file(tmp_path: Path) -> None:
    items = read_items([mini.write(tmp_path)])
    assert [(i.task_id, i.text, i.solution, i.entry_point) for i in items] == [
        (i.task_id, i.text, i.solution, i.entry_point) for i in ITEMS
    ]
    assert {item.benchmark for item in items} == {"mini.jsonl"}


@pytest.mark.parametrize(
    ("row", "text", "solution"),
    [
        ({"prompt": "Count fish.", "canonical_solution": "x"}, "Count fish.", "x"),
        ({"text": "Count fish.", "code": "x"}, "Count fish.", "x"),
        ({"instruction": "Count fish.", "output": "x"}, "Count fish.", "x"),
        ({"instruction": "Count fish.", "input": "3 cod", "output": "x"}, "Count fish.\n3 cod", "x"),
        ({"question": "Count fish.", "answer": "x"}, "Count fish.", "x"),
        ({"prompt": "", "text": "Count fish.", "solution": None}, "Count fish.", ""),
        ({"prompt": ["Count", "fish"]}, '["Count", "fish"]', ""),
    ],
    ids=["prompt", "text", "instruction", "input", "question", "an-empty-column", "a-list"],
)
def test_the_usual_columns(tmp_path: Path, row: dict[str, object], text: str, solution: str) -> None:
    (item,) = read_items([mini.write(tmp_path, row)])
    assert (item.text, item.solution, item.task_id) == (text, solution, "line 1")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b'{"text": "Count fish."}\n', id="jsonl"),
        pytest.param(b'\xef\xbb\xbf\n\n{"text": "Count fish."}\r\n\n', id="blank-lines-and-a-mark"),
        pytest.param(b'[{"text": "Count fish."}]', id="json"),
        pytest.param(gzip.compress(b'{"text": "Count fish."}'), id="gzip"),
    ],
)
def test_the_usual_forms(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    assert [item.text for item in read_items([path])] == ["Count fish."]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(b"", r"file: no item in it; give", id="empty"),
        pytest.param(b" \n\n", r"file: no item in it; give", id="blank"),
        pytest.param(b"[]", r"file: no item in it; give", id="an-empty-list"),
        pytest.param(b'{"text": "Count."}\n{oops', r"file:2: not JSON: .*; give", id="no-json"),
        pytest.param(b'[{"text": "Count."},\n\n oops]', r"file:3: not JSON: .*; give", id="no-json-list"),
        pytest.param(b"[" * 100_000, r"file:1: not JSON: nested too deeply; give", id="nested"),
        pytest.param(b'{"text": "Count."}\n\xff', r"file:2: not UTF-8; save", id="no-utf-8"),
        pytest.param(b"7", r"file:1: a JSON object is expected, not int", id="a-number"),
        pytest.param(
            b'{"label": "Count."}', r"file:1: no text; name its column one of prompt, .*label", id="no-column"
        ),
        pytest.param(b'{"text": "Count."}\n{"text": "?! ..."}', r"file:2: line 2: nothing is left", id="only-marks"),
        pytest.param(b'{"text": "f(", "entry_point": "f", "id": 7}', r"file:1: 7: nothing is left", id="only-a-name"),
        pytest.param(gzip.compress(b'{"text": "Count."}')[:-9], r"damaged; fetch", id="a-cut-gzip"),
    ],
)
def test_a_file_that_cannot_be_used_is_refused(tmp_path: Path, data: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(ConfigError, match=message):
        read_items([path])


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.benchmarks: .*absent: No such file.*; give the path"):
        read_items([tmp_path / "absent"])
    with pytest.raises(ConfigError, match=r"directory; give the path"):
        read_items([tmp_path])


def test_what_is_in_a_file_counts_and_not_where_it_lies(tmp_path: Path) -> None:
    first, second, other = (
        mini.write(tmp_path, *rows, name=n) for n, rows in (("a", ()), ("b", ()), ("c", mini.ROWS[1:]))
    )
    assert contents([first]) == contents([second]) != contents([other])
    assert contents([]) == {}
