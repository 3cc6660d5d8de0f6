"""The text checks together: their order, which of them gives the reason, and switching them off."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import OTHERS, REASONS, Candidate, Eliminator, first_rejection, names, validate
from evolve.errors import ConfigError
from evolve.records import Finding, Verdict

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
CODE = "```python\ndef total(numbers):\n    return sum(numbers)\n```"
TEMPLATES = {"twist": "Twist the exercise below until even a wizard has to scratch his head.\n$instruction"}
LEAKED = f"Twist the exercise below until even a wizard has to scratch his head: {TASK}"
ANY_TEXT = st.text(max_size=200)
UNHURRIED = settings(deadline=None)


def child(text: str, *parents: str, depth: bool = True) -> Candidate:
    return Candidate(text, parents, "add_constraint", depth)


def answered(answer: str | None, text: str = TASK) -> Candidate:
    return Candidate(text, (), "seed", answer=answer)


def eliminator(*off: str) -> Eliminator:
    return Eliminator(EliminatorConfig(embedder="builtin", skip=list(off)), TEMPLATES)


# -- all together ------------------------------------------------------------------------------------------------------


def test_instruction_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().examine([child(TASK)])[0]]
    assert found == [name for name in REASONS if name in names()][: len(found)]
    assert found[0] == "prompt_leak"
    assert found[-1] == "secret"


def test_answer_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().inspect([answered(CODE)])[0]]
    assert found == ["refusal", "empty_content", "placeholder", "wrong_code", "contaminated_answer", "secret_answer"]


def test_the_first_check_that_rejects_gives_the_reason() -> None:
    rejection = first_rejection(eliminator().examine([child(f"{LEAKED} ", LEAKED), child(LEAKED, TASK)])[1])
    assert rejection is not None
    assert rejection.reason == "prompt_leak"


def test_where_nothing_rejects_there_is_no_rejection() -> None:
    assert first_rejection(eliminator().inspect([answered(CODE)])[0]) is None


def test_undecided_is_no_rejection() -> None:
    assert first_rejection([Finding("judge", 1, Verdict.UNDECIDED)]) is None


@pytest.mark.parametrize("name", ["prompt_leak", "no_gain", "refusal", "empty_content", "placeholder", "wrong_code"])
def test_a_check_that_is_off_says_nothing(name: str) -> None:
    examined, inspected = eliminator(name).examine([child(TASK)])[0], eliminator(name).inspect([answered(CODE)])[0]
    assert name not in {finding.check for finding in (*examined, *inspected)}


def test_with_every_check_off_all_goes_through() -> None:
    assert eliminator(*names()).examine([child(LEAKED, LEAKED)]) == [()]


@UNHURRIED
@given(st.lists(st.sampled_from([child(TASK, TASK), child(LEAKED, TASK), child(TASK), child("Sort it.", TASK)])))
def test_a_finding_does_not_depend_on_other_candidates(candidates: list[Candidate]) -> None:
    checks = eliminator()
    assert checks.examine(candidates) == [checks.examine([candidate])[0] for candidate in candidates]


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_every_rejection_has_a_known_reason(text: str, parent: str, answer: str) -> None:
    candidate = Candidate(text, (parent,), "deepen", answer=answer)
    findings = (*eliminator().examine([candidate])[0], *eliminator().inspect([candidate])[0])
    assert {f.reason for f in findings if f.verdict is Verdict.REJECT} <= set(REASONS)


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_reason_is_given_only_with_a_rejection(text: str, parent: str, answer: str) -> None:
    candidate = Candidate(text, (parent,), "deepen", answer=answer)
    findings = (*eliminator().examine([candidate])[0], *eliminator().inspect([candidate])[0])
    assert all((f.reason is None) == (f.verdict is Verdict.ACCEPT) for f in findings)


@pytest.mark.parametrize("name", [*names(), *OTHERS])
def test_every_check_may_be_switched_off(name: str) -> None:
    validate(EliminatorConfig(skip=[name]))


@pytest.mark.parametrize("name", ["malformed", "no-gain", "", "Judge"], ids=repr)
def test_what_is_no_check_cannot_be_switched_off(name: str) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.skip: no check is named .*prompt_leak, answer_leak"):
        validate(EliminatorConfig(skip=[name]))
