"""Tests are sent back for what would make them useless, each fault by its name, and for nothing else."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import cache_folder
from evolve.sandbox import Limits, Sandbox, Trial, open_sandbox
from evolve.verifier.gates import stub, unfit

INSTRUCTION = "Write a function `double(x)` that doubles numbers and text. Raise a ValueError for None."
GOOD = "assert double(1) == 2\nassert double(-4) == -8\nassert double('a') == 'aa'\n"

FIT = {
    "asserts": GOOD,
    "a function": "def test_it():\n    assert double(1) == 2\n    assert double(2) == 4\n    assert double(3) == 6",
    "unittest": "import unittest\nclass T(unittest.TestCase):\n    def test_a(self):\n"
    "        self.assertEqual(double(1), 2)\n        self.assertEqual(double(2), 4)\n"
    "        with self.assertRaises(ValueError):\n            double(None)",
    "a table": "for given, wanted in [(1, 2), (2, 4), ('a', 'aa')]:\n    assert double(given) == wanted",
    "a named table": "cases = {1: 2, 2: 4, 3: 6}\nfor given, want in cases.items():\n    assert double(given) == want",
    "an expected error": GOOD + "try:\n    double(None)\n    assert False, 'no error'\nexcept ValueError:\n    pass\n",
    "a helper of their own": "def check(a, b):\n    assert double(a) == b\n" + GOOD + "check(1, 2)\n",
    "from the answer": "from solution import double\n" + GOOD,
    "the library": "import math\nfrom collections import Counter\n" + GOOD + "assert math.isclose(double(0.1), 0.2)",
    "a seed": "import random\nrandom.seed(3)\nn = random.randint(0, 9)\n" + GOOD + "assert double(n) == n + n",
    "state that changes": "xs = [1]\n"
    + GOOD
    + "assert xs.pop() == double(0.5)\nxs.append(1)\nassert xs.pop() == double(0.5)",
    "one look at a type": GOOD + "assert isinstance(double(1), int)",
    "methods of values": GOOD + "assert double('a').upper().strip() == 'AA'",
    "comprehensions": GOOD + "assert all(double(n) == n + n for n in range(9))",
    "a runner's guard": GOOD + "if __name__ == '__main__':\n    print('ok')",
    "text held in memory": "import io\n" + GOOD + "assert double(io.StringIO('a').read()) == 'aa'",
}
UNFIT = {
    "do not parse": "assert double(1) ==",
    "make 2 assertions": "assert double(1) == 2\nassert double(2) == 4",
    "make 0 assertions": "print(double(1))",
    "there twice": GOOD + "assert double( 1 )==2, 'again'",
    "the body of test_b": "def test_a():\n    x = 1\n    assert double(x) == 2\n    assert double(3) == 6\n"
    "def test_b():\n    x = 1\n    assert double(x) == 2\n    assert double(3) == 6\n",
    "does not give: triple": GOOD + "assert triple(1) == 3",
    "does not give: Doubler": GOOD + "assert Doubler().double(1) == 2",
    "does not give: .twice": GOOD + "assert double(1).twice() == 4",
    "does not give: times=": GOOD + "assert double(1, times=3) == 6",
    "does not give: halve": "from solution import halve\n" + GOOD + "assert halve(2) == 1",
    "holds whatever the answer does: assert True": GOOD + "assert True",
    "holds whatever the answer does: assert double(1) == double(1)": GOOD + "assert double(1) == double(1)",
    "holds whatever the answer does: assert len([1]) == 1": GOOD + "assert len([1]) == 1",
    "holds whatever the answer does: assert (": GOOD + "assert (double(1) == 3, 'wrong')",
    "holds whatever the answer does: assert double(1) or True": GOOD + "assert double(1) or True",
    "types and existence only": "\n".join(f"assert isinstance(double({n}), int)" for n in range(4)),
    "define what they are to test: double": "def double(x):\n    return x + x\n" + GOOD,
    "runner (pytest)": "import pytest\n" + GOOD + "with pytest.raises(ValueError):\n    double(None)",
    "runner (test_a)": "def test_a(tmp_path):\n    assert double(9) == 18\n" + GOOD,
    "need files": GOOD + "open('a.txt', 'w').write(double('a'))",
    "need the network": "import urllib.request\n" + GOOD,
    "not in the standard library: numpy": "import numpy as np\n" + GOOD + "assert np.all(double(np.ones(3)) == 2)",
    "the clock (time.time)": "import time\n" + GOOD + "assert double(time.time()) > 0",
    "the clock (datetime.datetime.now)": "from datetime import datetime\n"
    + GOOD
    + "assert double(datetime.now().year) > 1",
    "chance (random.randint)": "import random\nn = random.randint(0, 9)\n" + GOOD + "assert double(n) == n + n",
    "chance (uuid.uuid4)": "import uuid\n" + GOOD + "assert double(str(uuid.uuid4()))",
    "input from a person": GOOD + "assert double(input()) == 'aa'",
}


@pytest.mark.parametrize("case", FIT)
def test_fit_tests_are_let_through(case: str) -> None:
    assert unfit(FIT[case], INSTRUCTION) == ()


@pytest.mark.parametrize("said", UNFIT)
def test_a_fault_is_named(said: str) -> None:
    reasons = unfit(UNFIT[said], INSTRUCTION)
    assert [reason for reason in reasons if said in reason], reasons
    assert len(reasons) == 1 or said in {"runner (pytest)", "types and existence only"}, reasons


NAMED = ["a `Stack`", "a class Stack", "a Stack class", "a class named 'Stack'", "write Stack() with push", "a Stack"]


@pytest.mark.parametrize("phrase", NAMED)
def test_a_name_is_given_in_many_ways(phrase: str) -> None:
    tests = "s = Stack()\ns.push(1)\nassert s.pop() == 1\nassert s.pop() is None\nassert s.pop() == 3"
    assert unfit(tests, f"Implement {phrase}; it can push and pop.") == ()


@pytest.mark.parametrize("prose", ["Add two numbers.", "Write something that can add."])
def test_a_word_of_a_sentence_is_no_name_of_a_function(prose: str) -> None:
    assert "add" in unfit("\n".join(f"assert add({n}, 1) == {n + 1}" for n in range(3)), prose)[0]


def test_a_library_that_the_instruction_asks_for_is_let_through() -> None:
    tests = "import numpy as np\n" + "\n".join(f"assert np.sum(double({n})) == {2 * n}" for n in range(3))
    assert unfit(tests, INSTRUCTION + " It takes numpy arrays.") == ()


PROGRAM = '''import math
from dataclasses import dataclass

SIZE = 3
TABLE = build(SIZE)


def build(n):
    """Docs."""
    return [math.pi] * n


twice = lambda x: 2 * x


@dataclass
class Point:
    x: int = 0

    def shifted(self, by):
        return Point(self.x + by)


class Counter:
    def __init__(self, start):
        self.count = start

    @property
    def now(self):
        yield self.count


first, second = build(2)
asked = int(input())
print(build(2)[0])
for one in build(2):
    print(one + 1)
'''


@pytest.fixture(scope="module")
def wasm() -> Iterator[Sandbox]:
    opened = open_sandbox("wasm", cache_folder())
    yield opened
    opened.close()


@pytest.mark.parametrize(
    "held",
    [
        "SIZE == 3",
        "TABLE is None",
        "asked is None",
        "build(2) is None",
        "twice(2) is None",
        "Point(4).x == 4",
        "Point(4).shifted(1) is None",
        "Counter(2).count == 2",
        "Counter(2).now is None",
    ],
)
def test_of_a_stub_only_the_names_are_left(wasm: Sandbox, held: str) -> None:
    outcome = wasm.verify(Trial("python", stub(PROGRAM), f"assert {held}"), Limits())
    assert outcome.holds, outcome.detail


def test_a_stub_fails_where_the_program_passes(wasm: Sandbox) -> None:
    answer = "def double(x):\n    return 2 * x"
    assert wasm.verify(Trial("python", answer, GOOD), Limits()).status == "passed"
    assert wasm.verify(Trial("python", stub(answer), GOOD), Limits()).status == "failed"


SCRAPS = [
    "assert ",
    "f(",
    ")",
    "\n",
    "def t():\n",
    "    ",
    "x",
    "== 1",
    "`",
    "'",
    "class A:\n",
    "for a in b:\n",
    "\x00",
    "\ud800",
    "import a",
    "(" * 200,
    "-" * 2_000,
]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(SCRAPS) | st.text(max_size=6), max_size=30),
    st.lists(st.sampled_from(SCRAPS) | st.text(max_size=9), max_size=30),
)
def test_any_text_comes_back(tests: list[str], instruction: list[str]) -> None:
    reasons = unfit("".join(tests), "".join(instruction))
    assert "" not in reasons
    ast.parse(stub("".join(tests)))


LONG = [
    "assert f(1) == 2\n",
    "a",
    "a ",
    "`a",
    "'a",
    "a_",
    "A",
    "Aa",
    "for a in b: assert f(a)\n",
    "```",
    "class ",
    "a(",
    "def f(): pass\n",
    "f = lambda: 1\n",
    "x.assertA(x)\n",
]


@pytest.mark.parametrize("scrap", LONG)
def test_long_texts_come_back_in_linear_time(scrap: str) -> None:
    def spent(size: int) -> float:
        text, began = scrap * (size // len(scrap)), time.process_time()
        unfit(text[:48_000], text)
        stub(text[:48_000])
        return time.process_time() - began

    spent(1_000)
    assert spent(48_000) < 6 * spent(12_000) + 1.0
    assert spent(400_000) < 5
