"""A mutant is the program with one small fault in it, and nothing else."""

from __future__ import annotations

import ast
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.verifier.mutants import mutants, score

ALL = 10_000


def changes(source: str) -> set[str]:
    return {mutant.change for mutant in mutants(source, ALL)}


MADE = {
    "def f(a):\n    return a < 3": "`a < 3` -> `a <= 3`",
    "def f(a):\n    return a >= b": "`a >= b` -> `a < b`",
    "def f(a):\n    return a is None": "`a is None` -> `a is not None`",
    "def f(a):\n    return a and b": "`a and b` -> `a or b`",
    "def f(a):\n    return not a": "`not a` -> `a`",
    "def f(a):\n    return a * 4": "`a * 4` -> `a + 4`",
    "def f(a):\n    return a % 4": "`4` -> `3`",
    "def f(a):\n    return g(a)": "`return g(a)` -> `return None`",
    "def f(a):\n    return [a]": "`return [a]` -> `return []`",
    "def f(a):\n    return g('a')": "`'a'` -> `''`",
    "def f(a):\n    return True": "`True` -> `False`",
    "def f(a, b=2):\n    return a": "`2` -> `3`",
    "def f(a):\n    return max(a)": "`max(a)` -> `min(a)`",
    "def f(a):\n    return a[i]": "`a[i]` -> `a[i + 1]`",
    "def f(a):\n    return a[-1]": "`1` -> `2`",
    "for i in range(n):\n    f(i)": "`range(n)` -> `range(n - 1)`",
    "for i in a:\n    if i:\n        break\n    f(i)": "`break` -> `continue`",
    "for i in a:\n    if i:\n        continue\n    f(i)": "`continue` -> `break`",
    "for i in a:\n    b += i": "`b += i` -> `pass`",
    "for i in a:\n    b.append(i)": "`b.append(i)` -> `pass`",
    "if f(a):\n    b = g()": "`f(a)` -> `not f(a)`",
    "def f(a):\n    return a if a > b else 0": "`a > b` -> `a >= b`",
    "é = 'ü' + str(a < 3) + é": "`a < 3` -> `a <= 3`",
}
LEFT_OUT = {
    "a docstring": '"""One."""\ndef f():\n    """Two."""\n',
    "annotations": "def f(a: 'A' = None, b: Tuple[3] = None) -> 'B': pass",
    "what repr shows": "class A:\n    def __repr__(self):\n        return 'A' + 3",
    "what is raised": "raise ValueError('no' + str(3))",
    "logs": "import logging\nlogging.info('a')\nlogger.debug('b', 3)",
    "a guard": "if __name__ == '__main__':\n    f(3)",
    "a decorator": "@lru_cache(maxsize=3)\ndef f(): pass",
    "infinity": "f(a=float('inf'))",
    "a name nobody reads": "VERSION = '1.2'",
    "None again": "def f():\n    return None",
    "the same text again": "def f():\n    return ''",
}
NO_BOUNDARY = {
    "if a > b:\n    b = a": "`a > b` -> `a >= b`",
    "if a > b:\n    a, b = b, a": "`a > b` -> `a >= b`",
    "def f(a):\n    return a if a > b else b": "`a > b` -> `a >= b`",
    "def f(a):\n    return -a if a < 0 else a": "`a < 0` -> `a <= 0`",
    "def f(a):\n    return a == b": "`a == b` -> `a <= b`",
}


@pytest.mark.parametrize("source", MADE)
def test_a_fault_is_made(source: str) -> None:
    assert MADE[source] in changes(source)


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_no_test_sees_is_left_as_it_is(case: str) -> None:
    assert changes(LEFT_OUT[case]) == set()


@pytest.mark.parametrize("source", NO_BOUNDARY)
def test_a_boundary_that_changes_nothing_is_none(source: str) -> None:
    assert changes(source)
    assert NO_BOUNDARY[source] not in changes(source)


@pytest.mark.parametrize("near", ["if a > b:\n    c = a", "c = a if a > b else c", "if a > b:\n    b = a\n    n = 1"])
def test_a_boundary_that_may_change_something_is_one(near: str) -> None:
    assert "`a > b` -> `a >= b`" in changes(near)


SOURCE = '''import os  # kept


def f(a, b=[1, 2], *, c="x"):
    """What it does."""
    total = 0
    for i in range(len(a)):  # kept too
        if a[i] < 3 and not (b or
                             c):
            total += a[i] * (i - 1)
        elif (a[i] - 1) * 2 > total:
            break
    return total if total else max(a), f"{total + 1}"
'''


@pytest.mark.parametrize("number", range(len(mutants(SOURCE, ALL))))
def test_a_mutant_parses_and_differs_and_keeps_its_comments(number: int) -> None:
    mutant = mutants(SOURCE, ALL)[number]
    assert ast.dump(ast.parse(mutant.source)) != ast.dump(ast.parse(SOURCE))
    assert mutant.source.count("# kept") == 2
    before, after = SOURCE.splitlines(), mutant.source.splitlines()
    assert before[: mutant.line - 1] == after[: mutant.line - 1]
    assert before[mutant.line - 1] != after[mutant.line - 1]


def test_they_are_drawn_by_source_and_seed() -> None:
    assert mutants(SOURCE, 5, "a") == mutants(SOURCE, 5, "a") != mutants(SOURCE, 5, "b")
    assert mutants(SOURCE, 5, "a") == mutants(SOURCE, 9, "a")[:5]


def test_no_mutant_comes_twice() -> None:
    sources = [mutant.source for mutant in mutants(SOURCE, ALL)]
    assert len(sources) == len({*sources}) > 20


def test_they_are_spread_over_lines() -> None:
    source = "def f(a):\n" + "".join(f"    a.x{n} = {n + 2}\n" for n in range(8))
    assert {mutant.line for mutant in mutants(source, 8)} == set(range(2, 10))


def test_the_score_is_a_share() -> None:
    assert (score(0, 4), score(3, 4), score(0, 0)) == (0, 0.75, 1.0)


@pytest.mark.parametrize("source", ["", "def f(:", "\x00", "\ud800 = 1", "(" * 500, "x = " + "-" * 3_000 + "1", "pass"])
def test_what_has_no_mutant_has_none(source: str) -> None:
    assert mutants(source, 3) is not None


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                "a",
                "<",
                "3",
                "\n",
                "if ",
                ":",
                "    ",
                "(",
                ")",
                "+",
                "'é'",
                "return ",
                "[",
                "]",
                "\f",
                "\r",
                "\x0b",
                "f'{a}'",
                ";",
                "\\\n",
            ]
        ),
        max_size=20,
    )
)
def test_any_text_comes_back(scraps: list[str]) -> None:
    for mutant in mutants("x = 3\n" + "".join(scraps), 5):
        ast.parse(mutant.source)


@pytest.mark.parametrize("scrap", ["x = a < 3\n", "x = f(a[i], 3)\n", "def f(a=3): return a + 1\n"])
def test_a_long_program_takes_linear_time(scrap: str) -> None:
    def spent(size: int) -> float:
        source, began = scrap * (size // len(scrap)), time.process_time()
        mutants(source, 3)
        return time.process_time() - began

    spent(1_000)
    assert spent(48_000) < 6 * spent(12_000) + 1.0
