"""The text checks: for each, what it must catch and the near misses that it must let through; and their order."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import OTHERS, REASONS, Candidate, Eliminator, first_rejection, names, validate
from evolve.eliminator.instructions import NoGain
from evolve.errors import ConfigError
from evolve.records import Finding, Verdict

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
CODE = "```python\ndef total(numbers):\n    return sum(numbers)\n```"
TEMPLATES = {"twist": "Twist the exercise below until even a wizard has to scratch his head.\n$instruction"}
LEAKED = f"Twist the exercise below until even a wizard has to scratch his head: {TASK}"
ANY_TEXT = st.text(max_size=200)
UNHURRIED = settings(deadline=None)
HOSTILE_BYTES = 100_000


def child(text: str, *parents: str, depth: bool = True) -> Candidate:
    return Candidate(text, parents, "add_constraint", depth)


def answered(answer: str | None, text: str = TASK) -> Candidate:
    return Candidate(text, (), "seed", answer=answer)


def no_gain(text: str, parent: str, *, ratio: float = 0.9, new_words: int = 0) -> Finding:
    return NoGain(ratio, new_words)(child(text, parent))


def eliminator(*off: str) -> Eliminator:
    return Eliminator(EliminatorConfig(embedder="builtin", skip=list(off)), TEMPLATES)


# -- no_gain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        pytest.param(TASK, TASK, id="the-same"),
        pytest.param("Sort the list.", "  SORT the\nlist !?", id="case-space-and-marks"),
        pytest.param("Print the primes from 1 to 100.", "Print the primes from 1 to 5000.", id="another-number"),
        pytest.param(f"{TASK} Use 8 bits.", f"{TASK} Use 16 bits.", id="a-larger-number"),
        pytest.param(TASK, TASK.replace("a long", "the given"), id="filler-for-a-word"),
        pytest.param(TASK, TASK.replace("long ", ""), id="a-word-less"),
        pytest.param(TASK, TASK.replace("letter", "letter, each letter,"), id="a-word-twice"),
        pytest.param(TASK, f"{TASK} Please do it.", id="politeness"),
    ],
)
def test_a_child_that_asks_for_nothing_new_is_no_gain(parent: str, text: str) -> None:
    assert no_gain(text, parent).reason == "no_gain"


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        pytest.param("Print all numbers up to 100.", "Print all prime numbers up to 100.", id="one-new-word"),
        pytest.param(TASK, TASK.replace("letter", "vowel"), id="one-word-for-another"),
        pytest.param(TASK, TASK.replace("Python", "Rust"), id="another-language"),
        pytest.param(TASK, f"{TASK} Ignore case.", id="a-requirement-at-the-end"),
        pytest.param(TASK, "Write a function.", id="far-shorter-without-a-new-word"),
        pytest.param("Read port 80.", "Read port http80.", id="a-number-in-a-name-is-a-word"),
    ],
)
def test_a_new_word_is_a_gain(parent: str, text: str) -> None:
    assert no_gain(text, parent).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(child(TASK, TASK, depth=False), id="breadth"),
        pytest.param(child(TASK, TASK, "Sort the list.", depth=False), id="crossover"),
        pytest.param(child(TASK), id="seed"),
    ],
)
def test_what_need_not_gain_is_not_asked_to(candidate: Candidate) -> None:
    assert NoGain(0.9, 0)(candidate).verdict is Verdict.ACCEPT


def test_the_number_of_new_words_that_are_no_gain_is_the_configs() -> None:
    assert no_gain(f"{TASK} Ignore case.", TASK, new_words=2).reason == "no_gain"


def test_the_ratio_from_which_a_child_is_no_gain_is_the_configs() -> None:
    assert no_gain(TASK.replace("long ", ""), TASK, ratio=1.0).verdict is Verdict.ACCEPT


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT)
def test_the_ratio_to_the_parent_is_kept_with_the_finding(text: str, parent: str) -> None:
    assert 0 <= no_gain(text, parent).scores["ratio"] <= 1


def test_a_rejected_child_keeps_its_ratio_too() -> None:
    assert no_gain(TASK, TASK).scores == {"ratio": 1.0}


# -- all together ------------------------------------------------------------------------------------------------------


def test_instruction_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().examine([child(TASK)])[0]]
    assert found == ["prompt_leak", "no_gain", "contaminated"]


def test_answer_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().inspect([answered(CODE)])[0]]
    assert found == ["refusal", "empty_content", "placeholder", "wrong_code", "contaminated_answer"]


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
    with pytest.raises(ConfigError, match=r"eliminator\.skip: no check is named .*prompt_leak, no_gain"):
        validate(EliminatorConfig(skip=[name]))


# -- hostile sizes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("tile", "other"), [("a", "a"), ("ab ", "ba "), ("x y ", "y x z "), ("\n", " ")], ids=repr)
def test_a_long_child_of_a_long_parent_costs_little(tile: str, other: str) -> None:
    candidate = child((tile * HOSTILE_BYTES)[:HOSTILE_BYTES], (other * HOSTILE_BYTES)[:HOSTILE_BYTES])
    began = time.process_time()
    NoGain(0.9, 0)(candidate)
    assert time.process_time() - began < 2
