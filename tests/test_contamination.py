"""Contamination: an item is caught however it is planted, and what only sounds like one is let through.

Items are a small benchmark of our own, named as a private file; the shipped one is planted where the corpus is.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.contamination.benchmarks import read_items
from evolve.contamination.check import Contaminated, ContaminatedAnswer, Index
from evolve.contamination.fingerprints import Item, extend, prose, shipped
from evolve.eliminator import Candidate, Context, names
from evolve.errors import ConfigError
from evolve.records import Finding, Verdict
from tests import mini

BEFORE = "We teach a course for beginners, and here comes its third exercise. "
AFTER = " Comment each step, and say how long it takes for a large input."
FORMS: dict[str, Callable[[str], str]] = {
    "verbatim": str,
    "carriage-returns": lambda text: text.replace("\n", "\r\n"),
    "upper-case": str.upper,
    "renamed": lambda text: re.sub(r"\b(darkest_gap|tide_table|count_knots|verb_stem|sort_numbers)\b", "solveIt", text),
    "re-indented": lambda text: "\n\n".join(f"\t{line.strip()}" for line in text.splitlines()),
    "one-line": lambda text: " ".join(text.split()),
    "embedded": lambda text: BEFORE + text + AFTER,
    "fenced": lambda text: f"{BEFORE}\n```python\n{text}```\n{AFTER}",
    "quoted": lambda text: "".join(f"> {line}\n" for line in text.splitlines()),
    "commented": lambda text: "".join(f"    # {line}\n" for line in text.splitlines()),
}
PROMPTS = {row["task_id"]: row["prompt"] for row in mini.ROWS}
LONG = {task: prompt for task, prompt in PROMPTS.items() if task != "Mini/4"}
"""Those that are rare enough to be found inside a longer text."""


@pytest.fixture(scope="module")
def private(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return Context(EliminatorConfig(benchmarks=[mini.write(tmp_path_factory.mktemp("mini"))]))


@pytest.fixture(scope="module")
def instruction(private: Context) -> Contaminated:
    return Contaminated.make(private)


@pytest.fixture(scope="module")
def answer(private: Context) -> ContaminatedAnswer:
    return ContaminatedAnswer.make(private)


def of(text: str, reply: str | None = None, *parents: str) -> Candidate:
    return Candidate(text, parents, "add_constraint", answer=reply)


# -- what must be caught -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("task", LONG)
def test_an_item_in_an_instruction_is_caught(instruction: Contaminated, task: str, form: str) -> None:
    found = instruction(of(FORMS[form](PROMPTS[task])))
    assert found.reason == "contaminated"
    assert found.detail.startswith(f"{task} of mini.jsonl, ")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("task", ["Mini/0", "Mini/1", "Mini/2"])
def test_its_prose_alone_is_caught(instruction: Contaminated, task: str, form: str) -> None:
    assert instruction(of(FORMS[form](prose(PROMPTS[task])))).detail.startswith(f"{task} of mini.jsonl, ")


@pytest.mark.parametrize("task", LONG)
def test_an_item_in_an_answer_is_caught(answer: ContaminatedAnswer, task: str) -> None:
    found = answer(of("Show me an exercise.", f"Gladly:\n\n```python\n{PROMPTS[task]}```"))
    assert (found.check, found.reason) == ("contaminated_answer", "contaminated")


@pytest.mark.parametrize("share", [0.15, 0.3, 0.5, 0.7, 0.85])
@pytest.mark.parametrize("task", PROMPTS)
def test_an_item_split_between_both_is_caught(answer: ContaminatedAnswer, task: str, share: float) -> None:
    tokens = PROMPTS[task].split(" ")
    cut = max(1, int(len(tokens) * share))
    assert answer(of(" ".join(tokens[:cut]), " ".join(tokens[cut:]))).reason == "contaminated"


@pytest.mark.parametrize("task", PROMPTS)
def test_an_item_cut_within_a_word_is_caught(answer: ContaminatedAnswer, task: str) -> None:
    prompt = PROMPTS[task]
    cuts = [n for n in range(1, len(prompt)) if prompt[n - 1].isalnum() and prompt[n].isalnum()]
    assert [n for n in cuts if answer(of(prompt[:n], prompt[n:])).reason is None] == []


def test_talk_between_the_halves_does_not_hide_a_long_item(answer: ContaminatedAnswer) -> None:
    cut = len(mini.TIDE) // 2
    assert answer(of(mini.TIDE[:cut], f"Sure, here it is:\n\n{mini.TIDE[cut:]}")).reason == "contaminated"


@pytest.mark.parametrize("text", [mini.PLAIN, prose(mini.PLAIN), "write a function TO SORT the numbers!"], ids=repr)
def test_a_plain_item_is_caught_where_it_is_the_whole_text(instruction: Contaminated, text: str) -> None:
    assert instruction(of(text)).detail.startswith("Mini/4 of mini.jsonl, all of its pro")


def test_an_item_with_words_changed_is_caught(instruction: Contaminated) -> None:
    tokens = mini.LANTERNS.split(" ")
    tokens[20::15] = ["other"] * len(tokens[20::15])
    assert instruction(of(" ".join(tokens))).reason == "contaminated"


def test_an_item_with_a_requirement_more_is_caught(instruction: Contaminated) -> None:
    text = prose(mini.KNOTS).replace("Write a python function", "Create a Rust program")
    assert instruction(of(f"{text} Use no loop.")).reason == "contaminated"


def test_a_long_solution_is_caught(answer: ContaminatedAnswer) -> None:
    assert answer(of("Write it.", f"```python\n{mini.LANTERNS_SOLUTION}```")).detail.startswith("Mini/0 of mini.jsonl")


def test_a_contaminated_parent_excuses_no_child(instruction: Contaminated) -> None:
    assert instruction(of(mini.KNOTS + AFTER, None, mini.KNOTS)).reason == "contaminated"


def test_a_seed_is_looked_at_too(instruction: Contaminated) -> None:
    assert instruction(Candidate(mini.KNOTS, (), "seed")).reason == "contaminated"


def test_the_report_shows_words_of_the_candidate_and_the_share(instruction: Contaminated) -> None:
    found = instruction(of(BEFORE + mini.STEMS))
    assert re.fullmatch(
        r"Mini/3 of mini.jsonl, 100% of its prompt \(by chance 1 in 2\^\d+\): "
        r"'write a function to find the stem of a volapük verb assert'",
        found.detail,
    )
    assert found.scores == {"share": 1.0}


def test_a_private_item_that_is_named_often_is_caught_still(tmp_path: Path) -> None:
    files = [mini.write(tmp_path, name=f"{n}.jsonl") for n in range(6)]
    check = Contaminated.make(Context(EliminatorConfig(benchmarks=files)))
    tokens = mini.LANTERNS.split(" ")
    assert check(of(" ".join(tokens[: len(tokens) * 2 // 3]))).detail.startswith("Mini/0 of 0.jsonl")


@pytest.mark.corpus
@pytest.mark.parametrize("form", FORMS)
def test_every_shipped_item_is_caught(corpus: Path, form: str) -> None:
    check = Contaminated.make(Context())
    rows = read_items([corpus / "data" / "HumanEval.jsonl.gz", corpus / "data" / "MbppPlus.jsonl.gz"])
    assert [row.task_id for row in rows if check(of(FORMS[form](row.text))).verdict is Verdict.ACCEPT] == []


# -- near misses -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Write a program that prints the numbers from 1 to 100, but Fizz for multiples of 3 and Buzz for those of 5.",
        "Write a Python function to reverse a string.",
        "Write a function that checks if a given string is a palindrome, ignoring case and punctuation.",
        "Write a python function to find the sum of the even numbers in a given list of integers.",
        "Write a function to add two numbers x and y and log the result to a file.",
        "Return the n-th Fibonacci number with memoization in Go.",
        "Create a function to find the maximum of two numbers in Kotlin without an if.",
        "Given a list of integers, return a list with the elements sorted in ascending order, then remove duplicates.",
        "Write a function to calculate the area of a rectangle and of a circle, chosen by the user.",
        'def mean(values: list[float]) -> float:\n    """Return the mean of a list of numbers.\n'
        '    >>> mean([1, 2, 3])\n    2.0\n    """',
        "from typing import List\n\ndef f(numbers: List[int]) -> List[int]:\n    ...",
        "Print the squares 1 4 9 16 25 36 49 64 81 100 of the first ten numbers.",
        "编写一个函数来计算列表中所有偶数的和。",
        "Write a function to sort the numbers by their last digit.",
        "Street lamps stand along a road. For each of them, print how many others it can see.",
        "Count the knots that a sailor ties in an hour, given a log of times.",
        "Write a function to find the stem of a plant in a photo.",
        "",
    ],
    ids=lambda text: " ".join(text.split()[:7]),
)
def test_what_only_sounds_alike_is_let_through(
    instruction: Contaminated, answer: ContaminatedAnswer, text: str
) -> None:
    assert instruction(of(text)).verdict is Verdict.ACCEPT
    assert answer(of(text, "Here you are.")).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "code",
    [
        "def add(a, b):\n    return a + b",
        "return a + b",
        "def is_prime(n):\n    if n < 2:\n        return False\n    for i in range(2, int(n ** 0.5) + 1):\n"
        "        if n % i == 0:\n            return False\n    return True",
        "def gcd(a, b):\n    while b:\n        a, b = b, a % b\n    return a",
        "import math\n\ndef area(r):\n    return math.pi * r ** 2",
        "for i in range(len(arr)):\n    for j in range(i + 1, len(arr)):\n        if arr[i] > arr[j]:\n"
        "            arr[i], arr[j] = arr[j], arr[i]",
    ],
    ids=lambda code: " ".join(code.split()[:4]),
)
def test_code_that_everybody_writes_is_let_through(answer: ContaminatedAnswer, code: str) -> None:
    assert answer(of("Write it in Python.", f"Here:\n\n```python\n{code}\n```\n")).verdict is Verdict.ACCEPT


def test_a_phrase_that_many_items_share_counts_for_nothing() -> None:
    frame = "Write a function that takes a list of measured water levels and a threshold and returns"
    ends = ["the highest", "their slope", "every gap", "the mean", "how often they cross"]
    items = [Item("Mini", str(n), f"{frame} {end}.") for n, end in enumerate(ends)]
    check = Contaminated(Index(extend(shipped(), items)))
    assert check(of(f"{frame} the index of the first dry day.")).verdict is Verdict.ACCEPT
    assert check(of(f"{frame} every gap, in metres.")).reason == "contaminated"


def test_a_short_plain_item_inside_a_longer_text_is_let_through(instruction: Contaminated) -> None:
    assert instruction(of("Write a function to sort the numbers of all the houses in a street.")).reason is None


def test_without_the_file_nothing_is_known_of_it() -> None:
    assert Contaminated.make(Context())(of(mini.KNOTS)).verdict is Verdict.ACCEPT


@pytest.mark.corpus
def test_real_seeds_are_let_through(corpus: Path) -> None:
    check = Contaminated.make(Context())
    rows = read_items([corpus / "data" / "code_alpaca_2k.json"])
    flagged = [row.text for row in rows if check(of(row.text)).verdict is Verdict.REJECT]
    assert len(flagged) <= len(rows) / 100


# -- as a check --------------------------------------------------------------------------------------------------------


def test_both_passes_are_registered() -> None:
    assert {"contaminated", "contaminated_answer"} <= set(names())


@pytest.mark.parametrize("make", [Contaminated.make, ContaminatedAnswer.make], ids=["instruction", "answer"])
def test_skipping_the_first_pass_switches_both_off(tmp_path: Path, make: Callable[[Context], Contaminated]) -> None:
    config = EliminatorConfig(benchmarks=[mini.write(tmp_path)], skip=["contaminated"])
    assert make(Context(config))(of(mini.KNOTS, mini.KNOTS)).verdict is Verdict.ACCEPT


def test_a_file_that_cannot_be_read_is_no_clean_benchmark(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="absent"):
        Contaminated.make(Context(EliminatorConfig(benchmarks=[str(tmp_path / "absent")])))


@settings(deadline=None)
@given(st.text() | st.lists(st.sampled_from(mini.TIDE.split(" "))).map(" ".join), st.none() | st.text())
def test_any_text_is_accepted_or_rejected(text: str, reply: str | None) -> None:
    for make in (Contaminated.make, ContaminatedAnswer.make):
        found: Finding = make(Context())(of(text, reply))
        assert found.verdict is (Verdict.REJECT if found.reason else Verdict.ACCEPT)


@pytest.mark.parametrize(
    "tile",
    ["a ", "(", "def f(", "```\n", "\x00", "\ud800", "字", "1 2 3 4 5 ", mini.TIDE, "to find the sum of the "],
    ids=repr,
)
def test_a_hostile_text_comes_to_an_end(instruction: Contaminated, tile: str) -> None:
    text = (tile * 1_000_000)[:1_000_000]
    assert instruction(of(text)).verdict in {Verdict.ACCEPT, Verdict.REJECT}


def test_one_item_in_a_long_text_is_found(instruction: Contaminated) -> None:
    filler = "it rains on the harbour and the boats are out. " * 10_000
    assert instruction(of(filler + mini.TIDE + filler)).reason == "contaminated"


def test_words_of_no_item_share_no_run(instruction: Contaminated) -> None:
    assert instruction(of(" ".join(reversed(mini.LANTERNS.split())))).verdict is Verdict.ACCEPT
