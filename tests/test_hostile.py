"""Every check against hostile text: it answers, whatever the text is, and a megabyte does not hold it up.

Bounds are processor time and leave room for a busy machine: what takes quadratic time lies far beyond them.
`benchmarks/checks.py` prints how the time grows.
"""

from __future__ import annotations

from random import Random
from time import process_time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evolve.eliminator import Candidate, Check, Context, load_checks
from evolve.records import Verdict

TEMPLATES = {"twist": "Twist the exercise below until even a wizard has to scratch his head.\n$instruction"}
CHECKS = load_checks(Context(templates=TEMPLATES))
MEGABYTE = 2**20
LONG = 2**15
"""Characters of a row of one thing."""
LONG_S, MEGABYTE_S = 2.0, 60.0
"""Seconds for two texts of that length; seen were 0.07 and less than 3. A pattern that takes a step for every pair of
characters takes 5 over LONG, at a hundred million steps a second."""
SCRAPS = (
    "```python\n", "```\n", "~~~\n", "#", "# ", "* ", "|", "|---|\n", "\n", "\r\n", "\u2028", "\x00", "\ud800",
    "\u202e", "\u200b", "\ufeff", "`x`", '"', "'", "(", ")", "[", "{", "}", "O(n^2) ", "given code ", "the code above ",
    "def f():\n", "    pass\n", "return x\n", "...", "…", "// TODO: ", "# your code here\n", "sorry ", "I cannot ",
    "抱歉，", "以下是改写后的题目：", "上述代码", "Lo siento, ", "Sure! Here is ", "a harder version: ", "Python ",
    "in Rust ", "1, 2, 3, ", "word ", "0", "é", "字",
)  # fmt: skip
TEXTS = st.one_of(st.text(max_size=300), st.lists(st.sampled_from(SCRAPS), max_size=60).map("".join))


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.name))
@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(text=TEXTS, parent=TEXTS, answer=TEXTS, depth=st.booleans())
def test_a_check_answers_whatever_the_text(check: Check, text: str, parent: str, answer: str, depth: bool) -> None:
    finding = check(Candidate(text, (parent,), "deepen", depth, answer, root=parent))
    assert finding.check == check.name
    assert (finding.reason is not None) == (finding.verdict is Verdict.REJECT)


def comes_back(check: Check, text: str, within_s: float) -> bool:
    in_text = Candidate(text, ("Sort a list.",), "deepen", answer="Use `sorted`.")
    in_parent = Candidate("Sort a list.", (text,), "deepen", answer=text)
    began = process_time()
    named = {check(in_text).check, check(in_parent).check}
    return named == {check.name} and process_time() - began < within_s


@pytest.mark.parametrize("scrap", SCRAPS, ids=lambda scrap: ascii(scrap)[:24])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.name))
def test_a_long_row_of_anything_comes_back(check: Check, scrap: str) -> None:
    assert comes_back(check, (scrap * (LONG // len(scrap))) + "!", LONG_S)


@pytest.mark.parametrize("scraps", [SCRAPS, ("word ",), ("```\n",)], ids=["mixed", "words", "fences"])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.name))
def test_a_megabyte_comes_back(check: Check, scraps: tuple[str, ...]) -> None:
    assert comes_back(check, "".join(Random(0).choices(scraps, k=MEGABYTE // 5))[:MEGABYTE], MEGABYTE_S)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: str(check.name))
def test_ten_thousand_fences_come_back(check: Check) -> None:
    fences = "".join(f"Step {n}:\n```python\nx{n} = [{n}]\n```\n" for n in range(10_000))
    assert check(Candidate(fences, (fences[::2],), "deepen", answer=fences, root=fences)).check == check.name
