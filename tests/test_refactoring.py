"""Code that was rewritten: what its figures say, and which answers of the kind are refuted."""

from __future__ import annotations

import pytest

from evolve.records import Step
from evolve.verifier import Program, Verifier, original, rewritten
from evolve.verifier.figures import STRUCTURE, figures
from tests.proofs import prove

NESTED = """
def fee(zone, heavy):
    if zone == "home":
        if heavy:
            return 650
        else:
            return 400
    else:
        if heavy:
            return 1500
        else:
            return 900
"""
FLAT = """
FEES = {"home": (400, 650)}


def fee(zone, heavy):
    light_fee, heavy_fee = FEES.get(zone, (900, 1500))
    return heavy_fee if heavy else light_fee
"""
RENAMED = NESTED.replace("heavy", "is_heavy")
HINTED = NESTED.replace("def fee(zone, heavy)", "def fee(zone: str, heavy: bool) -> int")
TOLD = NESTED.replace("heavy):", 'heavy):\n    """The fee in cents."""', 1)
REMARKED = NESTED.replace("    if zone", "    # home comes first\n    if zone", 1)
WRAPPED = f"""
class FeeOf:
    def __init__(self, zone, heavy):
        self.zone = zone
        self.heavy = heavy

    def value(self):
        if self.zone == "home" and self.heavy:
            return 650
        if self.zone == "home" and not self.heavy:
            return 400
        if self.zone != "home" and self.heavy:
            return 1500
        if self.zone != "home" and not self.heavy:
            return 900
        if self.zone is None and self.heavy:
            return 1500
        return None

{NESTED.replace("fee(", "old_fee(")}

def fee(zone, heavy):
    return FeeOf(zone, heavy).value()
"""
LOOP = "def squares(n):\n    found = []\n    for i in range(n):\n        found.append(i * i)\n    return found\n"
LISTED = "def squares(n):\n    return [i * i for i in range(n)]\n"
PAIR = """
def areas(a, b):
    first = a.width * a.height + a.margin
    second = b.width * b.height + b.margin
    return first, second
"""
ONE = """
def area(shape):
    return shape.width * shape.height + shape.margin


def areas(a, b):
    return area(a), area(b)
"""


def py(source: str) -> Program:
    return Program("python", source)


def trace(before: str, after: str, words: str = "Clean this up.") -> str:
    return rewritten(py(before), py(after), words).trace


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (NESTED, FLAT, "Clean this up."),
        (NESTED, FLAT, "Please get the nesting out."),
        (NESTED, RENAMED, "Give the variables better names."),
        (NESTED, HINTED, "Add type hints."),
        (NESTED, TOLD, "Add docstrings, it is hard to understand."),
        (LOOP, LISTED, "Use a list comprehension."),
        (LOOP, LISTED, "Could this be shorter?"),
        (PAIR, ONE, "Take the duplication out."),
        (NESTED, WRAPPED, "Turn it into a class."),
        (FLAT, NESTED, "Make it faster."),
    ],
)
def test_what_was_asked_for_is_enough(before: str, after: str, words: str) -> None:
    assert trace(before, after, words) == ""


@pytest.mark.parametrize(
    ("before", "after", "words", "said"),
    [
        (NESTED, NESTED, "Clean this up.", "the same as before"),
        (NESTED, REMARKED, "Give the variables better names.", "the same as before"),
        (NESTED, RENAMED, "Clean this up.", "no simpler"),
        (NESTED, HINTED, "Clean this up.", "no simpler"),
        (NESTED, TOLD, "Clean this up.", "no simpler"),
        (
            NESTED,
            RENAMED,
            "Take out the nesting.",
            "nesting (branches, each counted again for every one around it) 4 before, 4",
        ),
        (NESTED, HINTED, "Give the variables better names.", "did not come about"),
        (NESTED, WRAPPED, "Clean this up.", "clearly worse"),
        (FLAT, NESTED, "Clean this up.", "clearly worse"),
        (PAIR, PAIR.replace("first", "one"), "Take the duplication out.", "repeated code"),
    ],
)
def test_what_was_not_is_not(before: str, after: str, words: str, said: str) -> None:
    assert said in trace(before, after, words)


DEEP = """
def unique(items):
    out = []
    for item in items:
        if item is not None:
            if item not in out:
                out.append(item)
    return out
"""
SHALLOW = DEEP.replace("is not None:\n            if item", "is not None and item").replace(" " * 16, " " * 12)


@pytest.mark.parametrize("words", ["It is to rename files; clean it up.", "Clean up what gets a nice naming of them."])
def test_an_aim_may_be_what_the_code_is_for(words: str) -> None:
    assert (trace(DEEP, SHALLOW), rewritten(py(DEEP), py(SHALLOW), words).unsure) == ("", True)
    assert not rewritten(py(DEEP), py(DEEP.replace("item ", "item  ").replace("out =", "out:list =")), words).unsure


def test_a_bound_is_no_aim() -> None:
    assert trace(NESTED, FLAT, "Clean this up. Stay below 40 lines of code.") == ""
    assert "no simpler" in trace(NESTED, HINTED, "Clean this up. Stay below 40 lines of code.")


def test_the_words_of_the_code_are_no_aim() -> None:
    shown = f"Clean this up.\n\n```python\n# type hints and docstrings\n{NESTED}```"
    assert "no simpler" in trace(NESTED, HINTED, shown)


def test_both_figures_are_kept() -> None:
    scores = rewritten(py(NESTED), py(FLAT), "Clean this up.").scores
    assert (scores["branches_before"], scores["branches_after"]) == (3.0, 1.0)
    assert all(f"{name}_{when}" in scores for name in STRUCTURE for when in ("before", "after"))


@pytest.mark.parametrize("change", [RENAMED, HINTED, TOLD, REMARKED, NESTED.replace("    ", "  ")])
def test_names_hints_and_remarks_change_no_figure_of_the_structure(change: str) -> None:
    before, after = figures(NESTED, "python"), figures(change, "python")
    assert before is not None
    assert after is not None
    assert [before[name] for name in STRUCTURE] == [after[name] for name in STRUCTURE]


def test_an_elif_is_not_deeper_than_its_if() -> None:
    chain = "def f(x):\n    if x == 1:\n        return 1" + "\n    elif x == 2:\n        return 2" * 2
    found = figures(chain, "python")
    assert found
    assert (found["branches"], found["nesting"]) == (3, 3)


IF_IF = "{ if (a) { if (b) { return 1; } } return 0; }"
CURLY = {
    "javascript": (f"function f(a, b) {IF_IF}", "function f(a, b) { return a && b ? 1 : 0; }"),
    "java": (
        f"class A {{ int f(boolean a, boolean b) {IF_IF} }}",
        "class A { int f(boolean a, boolean b) { return a && b ? 1 : 0; } }",
    ),
    "c": (f"int f(int a, int b) {IF_IF}", "int f(int a, int b) { return a && b; }"),
    "rust": (
        "fn f(a: bool, b: bool) -> i32 { if a { if b { return 1; } } 0 }",
        "fn f(a: bool, b: bool) -> i32 { (a && b) as i32 }",
    ),
    "go": (
        "package p\nfunc f(a, b bool) int { if a { if b { return 1 } }; return 0 }",
        "package p\nfunc f(a, b bool) bool { return a && b }",
    ),
}


@pytest.mark.parametrize("language", CURLY)
def test_other_languages_have_figures_too(language: str) -> None:
    before, after = (figures(code, language) for code in CURLY[language])
    assert before is not None
    assert after is not None
    assert (before["branches"], before["nesting"]) == (2, 3)
    assert after["nesting"] < before["nesting"]


@pytest.mark.parametrize("language", ["bash", "sql", "cobol"])
def test_what_cannot_be_read_is_held_to_nothing_but_being_another(language: str) -> None:
    assert rewritten(Program(language, "a"), Program(language, "b"), "Clean this up.").trace == ""
    assert rewritten(Program(language, "a b"), Program(language, "a  b\n"), "Clean this up.").trace


@pytest.mark.parametrize("source", ["def f(:", "(" * 5000, "x" * 60_000, "if a:\n" + " if a:\n" * 200])
def test_nothing_raises(source: str) -> None:
    assert rewritten(py(source), py("pass"), "Clean this up.").scores == {}


def test_the_original_is_the_first_version_that_is_shown() -> None:
    astray = NESTED.replace("650", "1")
    found = original(f"Clean this up.\n\n```python{NESTED}```\n\nSomebody tried:\n\n```python{astray}```", "python")
    assert found is not None
    assert "650" in found.source
    assert original("Clean up the code that I sent you.", "python") is None


# -- the proof ---------------------------------------------------------------------------------------------------------

TASK = f"Clean up `fee`, which is hard to follow.\n\n```python{NESTED}```"
TESTS = "\n".join(
    f"assert fee({zone!r}, {heavy}) == {cents}"
    for zone, heavy, cents in [("home", True, 650), ("home", False, 400), ("sea", True, 1500), ("sea", False, 900)]
)
OTHERS = TESTS + "\nassert fee('', 0) == 900"
FALSE = TESTS.replace("650", "651")
MORE = TESTS.replace("650", "6.5").replace("400", "4.0").replace("1500", "15.0").replace("900", "9.0")


def fenced(code: str) -> str:
    return f"```python\n{code.strip()}\n```"


GOOD, BAD, SAME = fenced(FLAT), fenced(FLAT.replace("650", "640")), fenced(NESTED)
RICH = fenced(FLAT + "\n\n_cents = fee\n\n\ndef fee(zone, heavy):\n    return _cents(zone, heavy) / 100\n")
STORIES: dict[str, tuple[str, list[tuple[Step, str]], str, str, float | None]] = {
    "simpler": (GOOD, [("test", fenced(TESTS))], GOOD, "verified", 1.0),
    "the same, then simpler": (SAME, [("test", fenced(TESTS)), ("repair", GOOD)], GOOD, "verified", 1.0),
    "never simpler": (
        SAME,
        [("test", fenced(TESTS)), ("repair", SAME), ("answer", SAME), ("test", fenced(OTHERS))],
        SAME,
        "refuted",
        1.0,
    ),
    "it does something else": (BAD, [("test", fenced(TESTS)), ("repair", GOOD)], GOOD, "verified", 1.0),
    "false tests, then true ones": (GOOD, [("test", fenced(FALSE)), ("test", fenced(TESTS))], GOOD, "verified", 1.0),
    "other results on purpose": (RICH, [("test", fenced(MORE)), ("test", fenced(MORE))], RICH, "verified", 0.0),
}


@pytest.mark.parametrize("story", STORIES)
def test_a_refactoring_comes_to_its_proof(verifier: Verifier, story: str) -> None:
    answer, replies, kept, status, same = STORIES[story]
    found, proof, _ = prove(verifier, TASK, answer, "refactor", replies)
    assert (found, proof.status, proof.scores.get("kept")) == (kept, status, same)


def test_the_tester_is_told_once_that_the_code_fails_its_tests(verifier: Verifier) -> None:
    _, _, asked = prove(verifier, TASK, GOOD, "refactor", [("test", fenced(FALSE)), ("test", fenced(TESTS))])
    assert "the code that the task shows fails them" in asked[1].messages[0].content
    assert "it is to be written better" in asked[0].messages[0].content


def test_the_responder_is_told_the_figures(verifier: Verifier) -> None:
    renamed = fenced(RENAMED)
    _, _, asked = prove(verifier, TASK, renamed, "refactor", [("test", fenced(TESTS)), ("repair", GOOD)])
    assert "branches (ifs, loops, cases) 3 before, 3 now" in asked[1].messages[0].content
