"""What calls of a program come to, told by a program that may lie: data with an end, its own, compared as values."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from evolve.config import cache_folder
from evolve.errors import SandboxError
from evolve.sandbox import Limits, Sandbox, Seen, Trial, open_sandbox
from evolve.verifier.clusters import clusters
from evolve.verifier.inputs import Call, calls, near, subject
from evolve.verifier.values import NoValueError, alike, read

LIMITS = Limits(seconds=8)


@pytest.fixture(scope="module", params=["wasm", "bubblewrap"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    try:
        made = open_sandbox(request.param, cache_folder())
    except SandboxError as error:
        pytest.skip(str(error))
    yield made
    made.close()


def seen(sandbox: Sandbox, answer: str, *given: str) -> list[Seen]:
    return sandbox.observe(Trial("python", answer, ""), given, LIMITS)


VALUES = {
    "a whole number": ("return 3", Seen("returned", "3")),
    "not a number": ("return float('nan')", Seen("returned", "nan")),
    "a generator": ("return (n for n in (1, 2))", Seen("returned", "[1, 2]")),
    "a number that calls itself another": (
        "class A(int):\n        __repr__ = lambda self: '7'\n        __add__ = lambda *a: 7\n    return A(3)",
        Seen("returned", "3"),
    ),
    "an object": (
        "class A: pass\n    a = A()\n    a.x = [1]\n    return a",
        Seen("returned", "(Ellipsis, 'A', {'x': [1]})"),
    ),
    "a set of objects": ("class A: pass\n    return {A()}", Seen("unknown", "it cannot be told, or is too much")),
    "an object as a key": ("class A: pass\n    return {A(): 1}", Seen("unknown", "it cannot be told, or is too much")),
    "an exception": ("raise LookupError('x')", Seen("raised", "LookupError")),
    "a failed assertion": ("assert x", Seen("raised", "AssertionError")),
    "an exit": ("raise SystemExit(0)", Seen("raised", "SystemExit")),
    "a list without end": (
        "a = []\n    a.append(a)\n    return a",
        Seen("unknown", "it cannot be told, or is too much"),
    ),
    "too many parts": ("return [0] * 10**6", Seen("unknown", "it cannot be told, or is too much")),
    "too many letters": ("return 'a' * 10**6", Seen("unknown", "it cannot be told, or is too much")),
    "something printed like a reply": (
        'print(\'{"status": "held", "value": "9", "token": ""}\')\n    return 3',
        Seen("returned", "3"),
    ),
}


@pytest.mark.parametrize("name", VALUES)
def test_a_call_is_told_as_data(sandbox: Sandbox, name: str) -> None:
    body, expected = VALUES[name]
    assert seen(sandbox, f"def f(x):\n    {body}\n", "f(0)") == [expected]


def test_what_never_returns_costs_its_call_alone(sandbox: Sandbox) -> None:
    answer = "def f(x):\n    while x == 1:\n        pass\n    return x\n"
    assert [one.end for one in seen(sandbox, answer, "f(0)", "f(1)", "f(2)")] == ["returned", "unknown", "returned"]


FORGED = {
    "the reply's writer": 'import json\njson.dumps = lambda *a, **k: \'{"status": "held", "value": "9"}\'',
    "the process": "import os\ndef f(x):\n    os._exit(0)",
    "the bench": "import sys\nsys.modules['bench'].observed = lambda *a: 9",
    "the evaluation": "import builtins\nbuiltins.eval = lambda *a: 9",
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forged_reply_says_nothing_or_lies_about_itself(sandbox: Sandbox, name: str) -> None:
    answer = f"def f(x):\n    return x\n\n{FORGED[name]}\n"
    for one in seen(sandbox, answer, "f(3)"):
        assert one.end in {"unknown", "raised"} or one.text in {"3", "9"}
    assert seen(sandbox, "def f(x):\n    return x\n", "f(3)") == [Seen("returned", "3")]


# -- values ------------------------------------------------------------------------------------------------------------

ALIKE = [
    (Seen("returned", "1"), Seen("returned", "1.0"), True),
    (Seen("returned", "0.30000000000000004"), Seen("returned", "0.3"), True),
    (Seen("returned", "0.3"), Seen("returned", "0.3001"), False),
    (Seen("returned", "nan"), Seen("returned", "nan"), True),
    (Seen("returned", "[nan, 1.0]"), Seen("returned", "[nan, 1]"), True),
    (Seen("returned", "nan"), Seen("returned", "0.0"), False),
    (Seen("returned", "{1, 2}"), Seen("returned", "{2, 1}"), True),
    (Seen("returned", "[1, 2]"), Seen("returned", "(1, 2)"), False),
    (Seen("returned", "'1'"), Seen("returned", "1"), False),
    (Seen("returned", "-inf"), Seen("returned", "inf"), False),
    (Seen("raised", "KeyError"), Seen("raised", "KeyError"), True),
    (Seen("raised", "KeyError"), Seen("raised", "ValueError"), False),
    (Seen("raised", "KeyError"), Seen("returned", "'KeyError'"), False),
    (Seen("returned", "9**9**9**9"), Seen("returned", "8**8**8**8"), False),
]


@pytest.mark.parametrize(("one", "other", "expected"), ALIKE)
def test_values_are_compared_and_not_texts(one: Seen, other: Seen, expected: bool) -> None:
    assert alike(one, other) is alike(other, one) is expected


@pytest.mark.parametrize("text", ["exit()", "9**9**9", "(" * 500, "x", "", "[" + "1," * 10 + "]]"])
def test_what_is_no_literal_is_refused(text: str) -> None:
    with pytest.raises(NoValueError):
        read(text)


# -- inputs ------------------------------------------------------------------------------------------------------------

READ = {
    "a bare call": ("assert f(1, [2]) == 3", ["f(1, [2])"]),
    "a name": ("X = [1, 2]\nassert f(X) == 3", ["f([1, 2])"]),
    "a name that is bound again": ("X = 1\nX = g()\nassert f(X) == 3", []),
    "a table": ("for a, b in [(1, 2), (3, 4)]:\n    assert f(a) == b", ["f(1)", "f(3)"]),
    "a dict's items": ("for a, b in {'x': 1}.items():\n    assert f(a) == b", ["f('x')"]),
    "a parametrized test": (
        "@pytest.mark.parametrize('a, b', [(1, 2), (3, 4)])\ndef test_f(a, b):\n    assert f(a) == b",
        ["f(1)", "f(3)"],
    ),
    "a raising call": ("with pytest.raises(ValueError):\n    f(-1)", ["f(-1)"]),
    "unittest": ("class T(unittest.TestCase):\n    def test_a(self):\n        self.assertEqual(f(x=1), 2)", ["f(x=1)"]),
    "a repeated text": ("assert f('ab' * 3) == 1", ["f('ababab')"]),
    "what is computed": ("assert f(open('a').read()) == 1", []),
    "twice the same": ("assert f(1) == 1\nassert f(1) > 0", ["f(1)"]),
    "a huge text": ("assert f('ab' * 10**9) == 1", []),
}


@pytest.mark.parametrize("name", READ)
def test_calls_are_read_from_tests(name: str) -> None:
    tests, expected = READ[name]
    assert [call.of("f") for call in calls(tests).get("f", [])] == expected


def test_the_subject_is_what_is_called_most_and_not_the_tests_own() -> None:
    tests = "def helper(x): return x\nassert helper(1) == 1\nassert helper(2) == 2\nassert sorted([2]) == f(1)"
    assert subject(tests) == ("f", [Call((1,))])


def test_near_inputs_are_few_new_and_the_same_every_time() -> None:
    given = calls("assert f([3, 4], 'ab', k=2)\nassert f([], 'x', k=1)")["f"]
    made = near(given, "seed", 30)
    assert made == near(given, "seed", 30) != near(given, "other", 30)
    shown = [call.of("f") for call in [*given, *made]]
    assert len(set(shown)) == len(shown) <= 32


@pytest.mark.parametrize(("tests", "negative"), [("f(3, [1])\nf(8, [0])", False), ("f(3, [1])\nf(-8, [0])", True)])
def test_near_inputs_are_negative_only_where_the_tests_are(tests: str, negative: bool) -> None:
    made = near(calls(tests)["f"], "seed", 60)
    assert any(call.args[0] < 0 for call in made) is negative  # type: ignore[operator]
    assert not any(one < 0 for call in made for one in call.args[1])  # type: ignore[attr-defined]


# -- clusters ----------------------------------------------------------------------------------------------------------


def told(*texts: str) -> list[Seen]:
    return [Seen("returned", text) for text in texts]


UNKNOWN = [Seen("unknown", "it does not load")] * 2
GROUPS = [
    ([told("1", "2"), told("1", "3"), told("1.0", "2")], [[0, 2], [1]]),
    ([told("1", "2"), told("3", "4")], [[0], [1]]),
    ([UNKNOWN, told("1", "2"), UNKNOWN, UNKNOWN], [[1]]),
    ([told("1", "nan"), told("1", "nan")], [[0, 1]]),
    ([[Seen("raised", "KeyError")], [Seen("raised", "IndexError")], [Seen("raised", "IndexError")]], [[1, 2], [0]]),
    ([], []),
]


@pytest.mark.parametrize(("given", "expected"), GROUPS)
def test_answers_that_do_the_same_are_one_cluster(given: list[list[Seen]], expected: list[list[int]]) -> None:
    assert clusters(given) == expected
