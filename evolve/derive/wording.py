"""How derived tasks are said: several wordings of each kind, drawn by the row, so that no two neighbours look alike.

A wording is a template over named parts. Invariant: which one is taken is a function of the draw alone, and every one
of a kind uses all the parts that its task needs. Whether what is said is true is the deriver's to see to.
"""

from __future__ import annotations

from random import Random

BUG_FIX = (
    "A program for the task below gives a wrong result. Find the fault and correct it.\n\n"
    "Task: {task}\n\n{code}\n\nOne of its tests reports:\n\n{report}",
    "{task}\n\nThis is what I have so far:\n\n{code}\n\nIt is not right yet: a test stops with\n\n{report}\n\n"
    "What is wrong with it? Please give me the whole corrected program.",
    "Please debug this.\n\n{code}\n\nIt was written for the following task.\n\n{quoted}\n\n"
    "Running the tests, I see\n\n{report}",
    "There is exactly one mistake in the following Python code.\n\n{code}\n\nIts tests say:\n\n{report}\n\n"
    "The task was this:\n\n{quoted}\n\nSay which line is to blame, and write the program without the mistake.",
    "A colleague had this task:\n\n{quoted}\n\nThe program that came of it:\n\n{code}\n\n"
    "In review one of the checks failed:\n\n{report}\n\nRepair it, and change no more than you must.",
    "The test run is red since the last commit:\n\n{report}\n\nThe code under test:\n\n{code}\n\n"
    "The task behind it:\n\n{quoted}\n\nMake the test pass without breaking the others.",
    "Fix the bug in this program.\n\n{code}\n\nSpecification:\n\n{quoted}\n\nFailing test:\n\n{report}",
)
FIXED = (
    "The fault is in line {line}: `{wrong}` has to be `{right}`.{effect}\n\n{code}",
    "Line {line} reads `{wrong}`, where `{right}` is needed.{effect}\n\n{code}",
    "It is line {line}. In place of `{wrong}` it must say `{right}`.{effect}\n\n{code}",
    "`{wrong}` in line {line} is wrong and becomes `{right}`.{effect} The rest stays as it is.\n\n{code}",
    "Only line {line} is to blame: it says `{wrong}` instead of `{right}`.{effect}\n\n{code}",
)
EFFECT = (
    " As it was, `{call}` came to `{got}` and not to `{expected}`.",
    " That is why `{call}` gave `{got}` where `{expected}` is expected.",
    " With the correction `{call}` is `{expected}` again, no longer `{got}`.",
)
INFILL = (
    "{what} missing from this program, at the place marked `{gap}`. Write what belongs there.\n\n"
    "{code}\n\nIt is to solve this task: {task}",
    "Complete the code at `{gap}`.\n\n{code}\n\nThe task that it solves:\n\n{quoted}",
    "{task}\n\nA solution has been written down to one gap, marked `{gap}`:\n\n{code}\n\nFill the gap.",
    "Part of this file got lost; `{gap}` shows where.\n\n{code}\n\nIt was written for the following task.\n\n"
    "{quoted}\n\nRestore what is missing.",
    "What has to stand in place of `{gap}` so that the program solves the task?\n\n{quoted}\n\n{code}",
    "Insert the missing code.\n\nTask: {task}\n\nProgram with a gap (`{gap}`):\n\n{code}",
)
WHAT = {
    "statement": "A statement is",
    "block": "A block of lines is",
    "expression": "An expression is",
    "return_value": "The returned value is",
}
FILLED = (
    "{code}",
    "This belongs at `{gap}`:\n\n{code}",
    "What is missing:\n\n{code}",
    "In place of `{gap}`:\n\n{code}",
)
LINE_GAPS = ("# ...", "# <missing>", "# TODO", "# >>> fill in <<<", "# [gap]")
INLINE_GAPS = ("____", "<FILL>", "<?>", "[GAP]", "<missing>")
TESTS = (
    "Write tests for {names}. The code:\n\n{code}\n\nThe task that it solves:\n\n{quoted}",
    "{names} should not go out untested:\n\n{code}\n\nThe task was\n\n{quoted}\n\n"
    "Give me assertions that hold for it and that a wrong version would fail.",
    "How would you test {names}? The task was\n\n{quoted}\n\nand the code is\n\n{code}",
    "{task}\n\nThat is solved by the code below. Now check {names} by tests.\n\n{code}",
)
PLAIN_TESTS = (
    *TESTS,
    "Here is a Python program.\n\n{code}\n\nIt was written for this task: {task}\n\n"
    "Write plain `assert` statements that check {names}, ordinary cases as well as the borders.",
    "I need unit tests, simple asserts will do, for {names}.\n\n{code}\n\nTask: {task}",
    "Check the following code by assertions. Call {names} directly, without a test framework.\n\n{code}\n\n"
    "The code is the answer to this task:\n\n{quoted}",
    "Which assertions would you run before you trust {names}? The task was\n\n{quoted}\n\nand the code is\n\n{code}",
)
"""For tests that are assert statements and nothing else."""
TESTED = (
    "{code}",
    "These {count} assertions hold for {names} as it stands:\n\n{code}",
    "{count} assertions, all of which the code above passes:\n\n{code}",
    "These {count} assertions check {names}; the code passes them all.\n\n{code}",
)


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().splitlines())


def said(wordings: tuple[str, ...], draw: Random, **parts: object) -> str:
    """One of the wordings, with the parts in it."""
    return draw.choice(wordings).format(**parts).strip()


def listed(names: list[str]) -> str:
    """`a`, `b` and `c`."""
    ticked = [f"`{name}`" for name in names]
    return ticked[0] if len(ticked) == 1 else f"{', '.join(ticked[:-1])} and {ticked[-1]}"
