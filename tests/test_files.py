"""Answers of several files: how their paths are read, which ones are refused, and that all of them are tried."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evolve.checks.paths import brought, paths
from evolve.config import EliminatorConfig, VerifierConfig, cache_folder
from evolve.eliminator import Candidate, Eliminator
from evolve.sandbox import Trial
from evolve.verifier import Case, Verifier, limits_of, program
from evolve.verifier.files import laid, modules
from evolve.verifier.gates import unfit

STOCK = "def count(rows):\n    return sum(row[1] for row in rows)\n"
REPORT = (
    "from shop.stock import count\n\n\ndef report(rows):\n    total = count(rows)\n"
    "    return f'{total} in stock' if total else 'sold out'\n"
)
TASK = "Write `shop/stock.py` with `count(rows)`, and `shop/report.py` whose `report(rows)` uses it."
TESTS = (
    "from shop.report import report\nfrom shop.stock import count\n\n"
    "assert count([('a', 2), ('b', 3)]) == 5\nassert count([]) == 0\nassert count([('a', 7)]) == 7\n"
    "assert report([('a', 2)]) == '2 in stock'\nassert report([]) == 'sold out'\n"
)


def named(path: str, code: str) -> str:
    return f"### `{path}`\n\n```python\n{code}```\n"


WHOLE = named("shop/stock.py", STOCK) + "\n" + named("shop/report.py", REPORT)

LABELS = [
    "```python title=a/b.py\nx = 1\n```",
    '```python title="a/b.py" linenums=1\nx = 1\n```',
    "```python filename=a/b.py\nx = 1\n```",
    "```python:a/b.py\nx = 1\n```",
    "```a/b.py\nx = 1\n```",
    "```python\n# a/b.py\nx = 1\n```",
    "```python\n\n# File: a/b.py\nx = 1\n```",
    "## a/b.py\n```python\nx = 1\n```",
    "### 2. `a/b.py`\n\n```python\nx = 1\n```",
    "**a/b.py**\n\n```python\nx = 1\n```",
    "**`a/b.py`:**\n```python\nx = 1\n```",
    "`a/b.py`:\n```python\nx = 1\n```",
    "1. **File: `a/b.py`** (the helpers):\n\n```python\nx = 1\n```",
    "- In `a/b.py`:\n\n  ```python\n  x = 1\n  ```",
    "a/b.py\n~~~python\nx = 1\n~~~",
]


@pytest.mark.parametrize("text", LABELS)
def test_a_path_is_read_wherever_it_stands(text: str) -> None:
    assert list(paths(text).values()) == ["a/b.py"]


@pytest.mark.parametrize(
    "text",
    [
        "Save this as `a/b.py` and run it:\n```python\nx = 1\n```",
        "```python\n# see a/b.py for the rest\nx = 1\n```",
        "```python\nx = 1  # a/b.py\n```",
        "```python\n# -*- coding: utf-8 -*-\nx = 1\n```",
        "```python\n#!/usr/bin/env python3.py\nx = 1\n```",
        "`a/b.py` and `c.py` are changed:\n```python\nx = 1\n```",
        "## Version 2.0\n```python\nx = 1\n```",
        "## a/b.py\n\nIt holds one value.\n\n```python\nx = 1\n```",
        "```python\nx = 1\n```\na/b.py",
    ],
)
def test_a_sentence_about_a_file_names_none(text: str) -> None:
    assert paths(text) == {}


def test_the_later_version_of_a_file_counts_and_its_tests_do_not() -> None:
    text = named("a.py", "x = 1\n") + named("tests/test_a.py", "assert x\n") + named("a.py", "x = 2\n")
    assert brought(text) == {"a.py": "x = 2\n"}


def test_what_an_instruction_names_are_modules() -> None:
    assert modules("Put it in `shop/stock.py`, shop/__init__.py and cli.py.") == {"shop.stock", "shop", "cli"}
    assert modules("Read /etc/rc.py or ../x.py, as in numpy.pyplot.") == set()


def refused(path: str) -> str:
    found = program(named("shop/stock.py", STOCK) + named(path, "x = 1\n"), "python")
    assert found is not None
    said = laid(found, TESTS)
    assert isinstance(said, str)
    return said


@pytest.mark.parametrize(
    ("path", "why"),
    [
        ("/etc/x.py", "absolute"),
        ("~/x.py", "absolute"),
        ("C:/x.py", "absolute"),
        ("../x.py", "out of the folder"),
        ("shop/../../x.py", "out of the folder"),
        ("shop\\x.py", "out of the folder"),
        ("json.py", "standard library"),
        ("os/path.py", "standard library"),
        ("bench.py", "bench"),
        ("answer.py", "bench"),
        ("pytest/x.py", "bench"),
        ("shop/my-file.py", "no name of a module"),
        (".hidden/x.py", "no name of a module"),
        ("shop//x.py", "no name of a module"),
        ("shop/Stock.py", "capitals"),
        ("shop.py", "name of a folder"),
        ("a/b/c/d/e/f/g.py", "folders deep"),
    ],
)
def test_no_games_with_paths(path: str, why: str) -> None:
    assert why in refused(path)


def test_too_many_files_are_not_laid_out() -> None:
    found = program("".join(named(f"shop/m{n}.py", "x = 1\n") for n in range(21)), "python")
    assert found is not None
    assert "21 files" in laid(found, "from shop.m1 import x")


@pytest.mark.parametrize("root", ["project/", "my-project/", "src/", "./", "app/src/"])
def test_the_folder_of_the_project_is_left_away(root: str) -> None:
    found = program(named(f"{root}shop/stock.py", STOCK) + named(f"{root}shop/report.py", REPORT), "python")
    assert found is not None
    parts = laid(found, TESTS)
    assert set(parts[1]) == {"shop/stock.py", "shop/report.py"}


def test_one_file_that_nobody_imports_is_a_program_as_ever() -> None:
    found = program("```python\n# json.py\nx = 1\n```", "python")
    assert found is not None
    assert laid(found, "assert x == 1") == ("# json.py\nx = 1\n", {})


# -- the trial ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["wasm", "auto"])
def verifier(request: pytest.FixtureRequest) -> Iterator[Verifier]:
    made = Verifier(VerifierConfig(tier=request.param, seconds=10), cache_folder())
    yield made
    made.close()


@pytest.fixture(scope="module")
def wasm() -> Iterator[Verifier]:
    made = Verifier(VerifierConfig(tier="wasm", seconds=10), cache_folder())
    yield made
    made.close()


def test_files_that_import_each_other_pass_their_tests(wasm: Verifier) -> None:
    seen = wasm.verify([Case(TASK, WHOLE, TESTS)])[0]
    assert (seen.holds, seen.outcome.tier, seen.outcome.tests) == (True, "wasm", 5), seen
    assert seen.mutation is not None


@pytest.mark.parametrize(
    ("old", "new"),
    [("row[1]", "row[1] + 1"), ("'sold out'", "'none left'")],
    ids=["stock", "report"],
)
def test_a_fault_in_any_file_is_seen(wasm: Verifier, old: str, new: str) -> None:
    seen = wasm.verify([Case(TASK, WHOLE.replace(old, new), TESTS)])[0]
    assert seen.outcome.status == "failed"


def test_files_may_import_each_other_from_where_they_are(wasm: Verifier) -> None:
    assert wasm.verify([Case(TASK, WHOLE.replace("from shop.stock", "from .stock"), TESTS)])[0].holds


def test_a_file_that_is_missing_is_missed(wasm: Verifier) -> None:
    seen = wasm.verify([Case(TASK, named("shop/report.py", REPORT), TESTS)])[0]
    assert seen.outcome.status == "failed"
    assert "shop.stock" in seen.outcome.detail


def test_one_block_is_not_the_files_that_were_asked_for(wasm: Verifier) -> None:
    flat = f"```python\n{STOCK}\n\n{REPORT.partition(chr(10))[2]}```"
    seen = wasm.verify([Case(TASK, flat, TESTS)])[0]
    assert seen.outcome.status == "failed"
    assert "shop" in seen.outcome.detail


def test_the_one_file_of_a_task_may_be_called_anything(wasm: Verifier) -> None:
    task = "Write `count(rows)` into stock.py."
    tests = TESTS.replace("from shop.report import report\n", "").replace("shop.stock", "stock")
    tests = "".join(line for line in tests.splitlines(keepends=True) if "report" not in line)
    for answer in (f"```python\n{STOCK}```", named("stock.py", STOCK), named("src/stock.py", STOCK)):
        assert wasm.verify([Case(task, answer, tests)])[0].holds


def test_bare_names_are_found_in_the_files_that_define_them(wasm: Verifier) -> None:
    task = "Write `count(rows)`, and `report(rows)` that uses it."
    tests = TESTS.partition("\n\n")[2]
    assert wasm.verify([Case(task, WHOLE, tests)])[0].holds


def test_tests_that_empty_files_pass_are_unfit(wasm: Verifier) -> None:
    tests = "from shop.stock import count\n" + "".join(f"assert count([{n}]) is None\n" for n in (1, 2, 3))
    empty = named("shop/stock.py", "def count(rows):\n    return None\n") + named("shop/report.py", REPORT)
    seen = wasm.verify([Case(TASK, empty, tests)])[0]
    assert any("does nothing" in reason for reason in seen.unfit)


def test_a_class_of_a_file_cannot_say_that_it_equals_everything(wasm: Verifier) -> None:
    lying = "class Yes(int):\n    def __eq__(self, other):\n        return True\n    __hash__ = int.__hash__\n\n\n"
    answer = named("shop/stock.py", lying + "def count(rows):\n    return Yes(1)\n") + named("shop/report.py", REPORT)
    assert wasm.verify([Case(TASK, answer, TESTS)])[0].outcome.status == "forged"


def test_files_of_one_trial_are_gone_in_the_next(wasm: Verifier) -> None:
    sandbox, _ = wasm.sandboxes.choose(Trial("python", "", ""))
    assert sandbox is not None
    files = {"shop/stock.py": STOCK, "app.py": "x = 1\n"}
    tests = "from shop.stock import count\nfrom app import x\nassert count([('a', x)]) == 1"
    right = Trial("python", "", tests, files)
    wrong = [Trial("python", "", tests, {**files, "shop/stock.py": code}) for code in ("count = max\n", STOCK, "")]
    limits = limits_of(VerifierConfig(seconds=5))
    assert sandbox.verify(right, limits).holds
    assert sandbox.killed(wrong, limits) == 2


def test_files_that_need_a_folder_get_one(verifier: Verifier) -> None:
    """The tier is chosen by what any of the files needs, and recorded."""
    reader = "def read(path):\n    with open(path) as file:\n        return file.read()\n"
    user = "from notes.reader import read\n\n\ndef size(path):\n    return len(read(path))\n"
    answer = named("notes/reader.py", reader) + named("notes/size.py", user)
    tests = "from notes.size import size\n" + "".join(
        f"open({name!r}, 'w').write({text!r})\nassert size({name!r}) == {len(text)}\n"
        for name, text in (("a", "one"), ("b", "three"), ("c", ""))
    )
    task = "Write notes/reader.py with read(path) and notes/size.py with size(path), which counts characters in files."
    seen = verifier.verify([Case(task, answer, tests)])[0]
    assert "files" in (seen.outcome.detail + str(seen.unfit)) or seen.outcome.tier in {"bubblewrap", "landlock"}


def test_tests_may_import_the_files_of_the_task_and_nothing_else() -> None:
    assert unfit(TESTS, TASK) == ()
    other = TESTS.replace("shop.stock", "store.stock")
    assert any("standard library: store" in reason for reason in unfit(other, TASK))
    unnamed = TESTS.replace("import count", "import count, tally").replace(
        "assert count([]) == 0", "assert tally([]) == 0"
    )
    assert any("tally" in reason for reason in unfit(unnamed, TASK))


# -- the checks of answers ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("return sum(row[1] for row in rows)", "return sum(row[1] for row in rows", "wrong_code"),
        ("return sum(row[1] for row in rows)", "pass  # TODO: implement", "placeholder"),
    ],
)
def test_every_file_is_read(old: str, new: str, reason: str) -> None:
    long = REPORT + "".join(f"\n\ndef report_{n}(rows):\n    return report(rows[:{n}])\n" for n in range(8))
    answer = named("shop/stock.py", STOCK.replace(old, new)) + named("shop/report.py", long)
    check = Eliminator(EliminatorConfig(), {})
    findings = check.inspect([Candidate(TASK, (), "seed", answer=answer)])[0]
    assert [finding.reason for finding in findings if finding.reason] == [reason]
