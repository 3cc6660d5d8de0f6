"""Questions for what a program prints: which instructions are ones, what answers claim, and when they are refuted."""

from __future__ import annotations

import pytest

from evolve.verifier import Truth, Verifier, hold, question
from evolve.verifier.outputs import Form
from tests.proofs import Replies, prove

CODE = "items = [3, 1, 2]\nfor item in sorted(items):\n    print(item)\n"
BLOCK = f"```python\n{CODE}```"


@pytest.mark.parametrize(
    "words",
    [
        "What does this print?",
        "What will the following program output when it is run?",
        "What is the output of this code?",
        "What's the exact output?",
        "Predict the output of the snippet below.",
        "What gets printed here, and why?",
        "Explain what this prints, line by line.",
        "Without running it, tell me exactly what the program below prints.",
        "Which lines does this script print?",
        "Give me the output of the loop. End with a summary of a single sentence.",
        "Write down what this program outputs.",
        "I get confused by `sorted`: what does the program show and what does it print?",
    ],
)
def test_what_asks_what_code_prints(words: str) -> None:
    asked = question(f"{words}\n\n{BLOCK}")
    assert asked is not None
    assert (asked.form, asked.program) == ("printed", CODE)


@pytest.mark.parametrize(
    "words",
    [
        "Write a program that prints what this prints, but backwards. What does it output?",
        "Explain what this prints and fix it.",
        "What does this print? Rewrite it with a comprehension.",
        "It should print 3 first. What does it print, and what is wrong?",
        "What would this print if the list were empty?",
        "Suppose that items is [5]. What does the program print?",
        "What does it print after removing the call to sorted?",
        "What does this print without the sorted call?",
        "How can I make this print in one line?",
        "Refactor this; the output must not change.",
        "Explain this loop.",
        "What does this code do?",
        "Add a parameter to it and say what is printed.",
        "It prints numbers. Translate it to Java, keeping the output.",
        "What is the time complexity of what this prints?",
        "What is the type of the output?",
        "What is the reason this prints 3?",
        "What does it mean that this prints 3?",
        "Which line prints the smallest item?",
        "What is the last value printed?",
        "What does line 3 print?",
        "What does it print when called with [5]?",
        "What does `show([5])` print?",
        "What is the output for items = [5]?",
        "What would this print in Python 2?",
    ],
)
def test_what_asks_for_more_is_none(words: str) -> None:
    assert question(f"{words}\n\n{BLOCK}") is None


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("What does this print?", "print(input('name: '))\n"),
        ("What does this print?", "def broken(:\n"),
        ("What does this print?", ""),
        ("What does this print?", "import sys\nprint(sys.maxsize)\n"),
        ("What does this print?", "import time\nprint(time.time() > 0)\n"),
        ("What does this print?", "print(hash(10**12))\n"),
    ],
)
def test_what_cannot_be_run_is_none(words: str, code: str) -> None:
    assert question(f"{words}\n\n```python\n{code}```" if code else words) is None


@pytest.mark.parametrize(
    "words",
    [
        "What does `f(3)` return?",
        "What does the call `f(3)` evaluate to?",
        "What is the value of `f(3)` here?",
        "What is the final value of the variable `x`?",
        "Evaluate `f(3) + x`.",
    ],
)
def test_what_asks_for_a_value(words: str) -> None:
    asked = question(f"{words}\n\n```python\ndef f(n):\n    return n\nx = 1\n```")
    assert asked is not None
    assert asked.form == "value"
    assert asked.program.count("print(repr(") == 1


@pytest.mark.parametrize(
    ("words", "form"),
    [
        ("What does `sorted('hello')[1]` return in Python?", "value"),
        ("What is the sum of all multiples of 3 or 5 below 1000?", "number"),
        ("Compute the product of the first ten prime numbers.", "number"),
        ("How many integers from 1 to 500 are divisible by neither 3 nor 7?", "number"),
        ("A clock strikes once at one, twice at two and so on. How many strikes are there in 12 hours?", "number"),
    ],
)
def test_no_code_is_needed_for_some(words: str, form: str) -> None:
    asked = question(words)
    assert asked is not None
    assert asked.form == form


@pytest.mark.parametrize(
    "words",
    [
        "Write a function that computes the sum of the multiples of 3 below n.",
        "Compute the sum of all even numbers in a given list.",
        "Write a program that prints the first 10 primes.",
        "What is the number of ways to call `f`?",
        "What does `undefined_name(3)` return?",
        "Calculate the average of 5 numbers entered by the user.",
        "How many lines of code does a Flask app with 2 routes need?",
        "Find the second largest number in an array of 10 integers in Java.",
        "What is the difference between a list and a tuple?",
        "What is the value of code review?",
    ],
)
def test_tasks_for_programs_are_none(words: str) -> None:
    assert question(words) is None


@pytest.mark.parametrize(
    "text", ["```" * 3000, "what is `" * 2000, "print " * 20_000, "how many 3 " * 9000 + "?", "(" * 9000]
)
def test_nothing_raises_or_hangs(text: str) -> None:
    question(text)
    hold(text, Truth("1\n2"), "printed", text)
    hold(text, Truth("1"), "number", text)
    hold(text, Truth("", "KeyError"), "printed", text)


# -- claims ------------------------------------------------------------------------------------------------------------

LINES = "1\n2\n3\n"
CLAIMS: list[tuple[str, str, Form, str]] = [
    ("Sorted, so:\n\n```\n1\n2\n3\n```", LINES, "printed", "right"),
    ("Sorted, so:\n\n```text\n1  \n2\n3\n\n```\n\nIn short: they are in order.", LINES, "printed", "right"),
    ("```\n3\n1\n2\n```", LINES, "printed", "wrong"),
    ("```\n1\n2\n```", LINES, "printed", "wrong"),
    (f"The code:\n\n{BLOCK}\n\nprints\n\n```\n1\n2\n3\n```", LINES, "printed", "right"),
    ("One pass gives\n\n```\n3\n1\n2\n```\n\nand sorted it is\n\n```\n1\n2\n3\n```", LINES, "printed", "right"),
    ("It prints\n\n```\n1\n2\n3\n```\n\nnot\n\n```\n3\n1\n2\n```", LINES, "printed", "unclear"),
    ("It prints `1`, then `2`, then `3`.", LINES, "printed", "right"),
    ("It prints the three numbers in order.", LINES, "printed", "unclear"),
    ("It prints `3`, then `1`.", LINES, "printed", "unclear"),
    ("`len` counts five. It prints `5`.", "5\n", "printed", "right"),
    ("It prints **6**.", "5\n", "printed", "wrong"),
    ('It prints "abc".', "abc\n", "printed", "right"),
    ("**Output:** 5", "5\n", "printed", "right"),
    ("Output: `4`", "5\n", "printed", "wrong"),
    ("5", "5\n", "printed", "right"),
    ("5.", "5.0\n", "printed", "wrong"),
    ("It prints `5.0`.", "5\n", "printed", "wrong"),
    ("It raises a `TypeError`.", "5\n", "printed", "wrong"),
    ("It returns `[1, 2]`.", "[1, 2]\n", "value", "right"),
    ("It returns `[1,2]`.", "[1, 2]\n", "value", "right"),
    ("It returns `True`.", "1\n", "value", "wrong"),
    ("It evaluates to `1.0`.", "1\n", "value", "wrong"),
    ("It returns `abc`.", "'abc'\n", "value", "right"),
    ("The sum is **233168**.", "233168\n", "number", "right"),
    ("The sum is 233,168.", "233168\n", "number", "right"),
    ("There are 10 primes, whose product is 6,469,693,230.", "6469693230\n", "number", "right"),
    ("The sum is 233169.", "233168\n", "number", "wrong"),
    ("3 * 5 = 15, so the sum is 233169 - 1, that is 233168.", "233168\n", "number", "right"),
    ("It is about 3.14.", "3.14159\n", "number", "right"),
    ("It is about 3.15.", "3.14159\n", "number", "wrong"),
    ("It is 3.", "3.14159\n", "number", "wrong"),
    ("It depends on the clock.", "12\n", "number", "unclear"),
    ("Answer: 9 (an integer)", "9\n", "value", "unclear"),
    ("Answer: The function returns `9`.", "9\n", "value", "right"),
    ("Answer: The function returns `8`.", "9\n", "value", "wrong"),
    ("It prints `9`. Note that the variable `n` is never `4`.", "9\n", "printed", "unclear"),
    ("First\n\n```\n1\n```\n\nand then\n\n```\n2\n3\n```", LINES, "printed", "unclear"),
    ("```\n$ python a.py\n1\n2\n3\n```", LINES, "printed", "unclear"),
    ("```\n1  # first\n2  # second\n3  # last\n```", LINES, "printed", "unclear"),
    ("```\n1\n...\n3\n```", LINES, "printed", "unclear"),
    ("```\nOutput: 9\n```", "9\n", "printed", "unclear"),
    ("```\nOutput: 8\n```", "9\n", "printed", "wrong"),
    ("```\na    b\n```", "a\tb\n", "printed", "unclear"),
    ("```\n{'a', 'b'}\n```", "{'b', 'a'}\n", "printed", "unclear"),
    ("A ValueError raises inside and is caught, so hello is printed.", "hello\n", "printed", "unclear"),
    ("The sum is 5050. The cost is O(1).", "5050\n", "number", "unclear"),
    ("The sum is 5051. The cost is low.", "5050\n", "number", "wrong"),
    ("The probability is 50%.", "0.5\n", "number", "right"),
    ("The share is 50%.", "50\n", "number", "right"),
    ("The share is 33.3%.", "0.5\n", "number", "wrong"),
    ("It is 33.3.", "33.3333\n", "number", "unclear"),
]


@pytest.mark.parametrize(("answer", "truth", "form", "word"), CLAIMS)
def test_a_claim_is_held_to_what_came_out(answer: str, truth: str, form: Form, word: str) -> None:
    assert hold(answer, Truth(truth), form, BLOCK).word == word


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ("It prints `1` and then raises a `KeyError`.", "right"),
        ("```\n1\n```\n\nThen a KeyError ends it.", "right"),
        ("It ends in a `TypeError`.", "wrong"),
        ("It prints `1`.", "wrong"),
        ("Something goes wrong.", "unclear"),
        ("It prints `1` and then crashes.", "unclear"),
        ("It prints `1`, then raises a `LookupError`.", "unclear"),
    ],
)
def test_an_end_in_an_exception_has_to_be_named(answer: str, word: str) -> None:
    assert hold(answer, Truth("1\n", "KeyError"), "printed", BLOCK).word == word


# -- the proof ---------------------------------------------------------------------------------------------------------


PRINTS = f"What does this print?\n\n{BLOCK}"
RIGHT, WRONG, VAGUE = "It is\n\n```\n1\n2\n3\n```", "It is\n\n```\n3\n1\n2\n```", "It prints them in order."
CHANCE = "What does this print?\n\n```python\nimport random\nprint(random.random())\n```"
HANGS = "What does this print?\n\n```python\nwhile True:\n    pass\n```"
RAISES = "What does this print?\n\n```python\nprint(1)\n{}['a']\n```"
ENDS = "It prints `1`, then raises a `KeyError`."
OWN = "What does this print?\n\n```python\nclass SoldOut(Exception):\n    pass\n\n\nprint(1)\nraise SoldOut\n```"
OWN_ENDS = "It prints `1`, then raises `SoldOut`."
MULTI = "What does this print?\n\n```python\nprint(1)\nraise ValueError('two lines\\nNote: this one')\n```"
MULTI_ENDS = "It prints `1` and ends in a `ValueError`."
WIDE = "What does this print?\n\n```python\nprint(len(range(2**40)))\n```"
OF, OFF = "It is 233168.", "It is 233169."
SUM = "What is the sum of all multiples of 3 or 5 below 1000?"
ADDS = "```python\nprint(sum(n for n in range(1000) if n % 3 == 0 or n % 5 == 0))\n```"
ADDS_TOO = "```python\nprint(sum({*range(0, 1000, 3), *range(0, 1000, 5)}))\n```"
MISSES = "```python\nprint(sum(n for n in range(1001) if n % 3 == 0 or n % 5 == 0))\n```"
STORIES: dict[str, tuple[str, str, Replies, str, str]] = {
    "right": (PRINTS, RIGHT, [], RIGHT, "verified"),
    "wrong, then mended": (PRINTS, WRONG, [("repair", RIGHT)], RIGHT, "verified"),
    "wrong for good": (PRINTS, WRONG, [("repair", WRONG)], WRONG, "refuted"),
    "no claim": (PRINTS, VAGUE, [], VAGUE, "unverified"),
    "chance": (CHANCE, "```\n0.5\n```", [], "```\n0.5\n```", "unverified"),
    "no end": (HANGS, "```\n0.5\n```", [], "```\n0.5\n```", "unverified"),
    "an error of its own": (OWN, OWN_ENDS, [], OWN_ENDS, "verified"),
    "an error with more lines": (MULTI, MULTI_ENDS, [], MULTI_ENDS, "verified"),
    "what the sandbox is too small for": (
        WIDE,
        "It prints `1099511627776`.",
        [],
        "It prints `1099511627776`.",
        "unverified",
    ),
    "an error": (RAISES, ENDS, [], ENDS, "verified"),
    "a right number": (SUM, OF, [("test", ADDS)], OF, "verified"),
    "a wrong number": (SUM, OFF, [("test", ADDS), ("test", ADDS_TOO), ("repair", OF)], OF, "verified"),
    "two programs, two numbers": (SUM, OF, [("test", MISSES), ("test", ADDS)], OF, "unverified"),
    "no program": (SUM, OF, [("test", "UNTESTABLE")], OF, "unverified"),
}


@pytest.mark.parametrize("story", STORIES)
def test_an_answer_comes_to_its_proof(verifier: Verifier, story: str) -> None:
    task, answer, replies, kept, status = STORIES[story]
    found, proof, _ = prove(verifier, task, answer, "output", replies)
    assert (found, proof.status, proof.assertions) == (kept, status, 0)
    assert (proof.status == "verified") == (not proof.detail)


def test_the_responder_is_told_what_came_out(verifier: Verifier) -> None:
    _, proof, asked = prove(verifier, PRINTS, WRONG, "output", [("repair", RIGHT)])
    assert "It prints:\n1\n2\n3\nThe answer says: 3\n1\n2" in asked[0].messages[0].content
    assert (proof.repairs, proof.failing) == (1, WRONG)


def test_the_tester_never_sees_the_answer(verifier: Verifier) -> None:
    _, proof, asked = prove(
        verifier, SUM, "It is 1.", "output", [("test", ADDS), ("test", ADDS_TOO), ("repair", "It is 1.")]
    )
    assert all("It is 1" not in request.messages[0].content for request in asked[:2])
    assert proof.tests in ADDS
