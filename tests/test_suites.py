"""Tasks beside Python: what the offline teacher answers passes its tests, and what it spoils on purpose fails them."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path
from random import Random

import pytest

from evolve.markdown import page
from evolve.offline import FAULTS, RULES, Book, Rule, Task, read_seeds, reply
from evolve.offline.families import invent
from evolve.sandbox import Limits, Trial
from evolve.sandbox.languages import LANGUAGES, assertions
from evolve.sandbox.toolchain import Toolchain
from evolve.verifier import program

SEEDS = tuple(read_seeds(Path(__file__).resolve().parent.parent / "seeds"))
BOOK = Book(SEEDS)
SUITES = [task for task in SEEDS if task.suite]
COUNTERS = [invent(task.language, Random(n), "") for task in {t.language: t for t in SUITES}.values() for n in range(4)]
TASKS = SUITES + COUNTERS
COMPILED = ("cpp", "rust", "java", "go")
LIMITS = Limits(seconds=120)
"""Go compiles its library anew for each trial."""


def ids(tasks: list[Task]) -> list[str]:
    return [f"{task.language}-{number}" for number, task in enumerate(tasks)]


@cache
def able(language: str) -> tuple[Toolchain | None, str]:
    """The first tier in which the language's toolchain works; or None and why there is none."""
    chains = [Toolchain(name) for name in ("bubblewrap", "landlock")]
    reasons = [chain.lacks(language) for chain in chains]
    found = next((chain for chain, reason in zip(chains, reasons, strict=True) if not reason), None)
    return found, reasons[0]


def spoilt(role: str, text: str, fault: str) -> str:
    """The first reply with that fault."""
    said = (reply(BOOK, role, text, Random(f"{fault} {n}"), faults=5) for n in range(500))
    return next(one.text for one in said if one.fault == fault)


def code(text: str, language: str) -> str:
    found = program(text, language)
    assert found is not None
    return found.source


def evolved(task: Task) -> str:
    """The task with the one demand that changes its code: a comment at the head."""
    rule = next(rule for rule in RULES if rule.name == "headed")
    return f"{task.text}\n\n{rule.phrases[0]}"


@pytest.mark.parametrize(
    "language",
    [pytest.param(name, marks=[pytest.mark.heavy] * (name in COMPILED)) for name in sorted({t.fence for t in TASKS})],
)
def test_answers_pass_and_what_is_spoilt_on_purpose_fails(language: str) -> None:
    chain, reason = able(language)
    if chain is None:
        pytest.skip(reason)
    found = []
    for task in (task for task in (*SUITES, *COUNTERS[::4]) if task.fence == language):
        text = evolved(task)
        right = code(reply(BOOK, "responder", text, Random(0), faults=0).text, language)
        suite = code(reply(BOOK, "tester", text, Random(0), faults=0).text, language)
        tried = [(right, suite), (code(spoilt("responder", text, "wrong_code"), language), suite)]
        if language not in COMPILED or task in COUNTERS:
            tried.append((right, code(spoilt("tester", text, "wrong_test"), language)))
        outcomes = [chain.verify(Trial(language, answer, tests), LIMITS) for answer, tests in tried]
        if [one.status for one in outcomes] != ["passed", *["failed"] * (len(tried) - 1)]:
            found.append((task.text[:60], [(one.status, one.detail[:300]) for one in outcomes]))
    assert found == []


def test_most_seeds_beside_python_have_tests() -> None:
    kinds = {"text-to-code", "bug-fix", "refactor"}
    others = [task for task in SEEDS if task.language != "python" and task.kind in kinds]
    assert len(SUITES) >= 45
    assert len(SUITES) > 0.8 * len(others)
    assert {task.kind for task in SUITES} == kinds
    assert min(Counter(task.language for task in SUITES).values()) >= 4


@pytest.mark.parametrize("task", TASKS, ids=ids(TASKS))
def test_a_suite_asserts_enough_and_its_slips_can_be_made(task: Task) -> None:
    assert assertions(LANGUAGES[task.fence], task.suite) >= 3
    assert task.slip is not None
    assert task.wrong_test is not None
    for text, (old, new) in ((task.code, task.slip), (task.suite, task.wrong_test)):
        assert old in text
        assert old != new


@pytest.mark.parametrize("task", COUNTERS, ids=ids(COUNTERS))
def test_an_invented_task_is_read_back_with_its_tests(task: Task) -> None:
    assert BOOK.recognise(f"Your task is this: {task.text} Be quick.").suite == task.suite


def bare(text: str) -> list[str]:
    """The lines of the code without the comment that a rule may have put at its head."""
    return [line for line in text.splitlines() if " Task: " not in line]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_no_rule_changes_what_code_beside_python_does(rule: Rule) -> None:
    for task in TASKS:
        for choice in rule.choices(task):
            changed = rule.change(task, choice)
            assert (changed.suite, bare(changed.code)) == (task.suite, bare(task.code))


def test_faults_beside_python_come_at_the_rates_of_their_table() -> None:
    count = 4000
    for role, name in (("responder", "wrong_code"), ("tester", "wrong_test")):
        seen = Counter(reply(BOOK, role, SUITES[0].text, Random(f"{role} {i}"), faults=1).fault for i in range(count))
        rate = FAULTS[name].rate
        assert abs(seen[name] - count * rate) < 4 * (count * rate * (1 - rate)) ** 0.5


def test_a_wrong_answer_is_mended() -> None:
    task = SUITES[0]
    wrong = spoilt("responder", task.text, "wrong_code")
    prompt = f"<instruction>\n{task.text}\n</instruction>\n<answer>\n{wrong}\n</answer>\n<report>\nline 3\n</report>"
    assert reply(BOOK, "responder", prompt, Random(0), faults=0).text == task.output
    assert reply(BOOK, "responder", prompt, Random(0), faults=2.5).text == wrong


@pytest.mark.parametrize("kind", ["explain", "translation", "tests"])
def test_what_no_program_can_decide_has_no_tests(kind: str) -> None:
    for task in (task for task in SEEDS if task.language != "python" and task.kind == kind and not task.suite):
        assert reply(BOOK, "tester", task.text, Random(0), faults=1).text == "UNTESTABLE"


@pytest.mark.parametrize("task", SUITES, ids=ids(SUITES))
def test_the_attempt_that_leads_astray_has_the_slip(task: Task) -> None:
    prompt = (Path(__file__).resolve().parent.parent / "evolve/method/prompts/misleading_code.txt").read_text("utf-8")
    said = reply(BOOK, "evolver", prompt.replace("$instruction", task.text), Random(0), faults=0).text
    assert task.slip is not None
    shown = page(said.removeprefix(task.text)).blocks
    assert [block.code.strip() for block in shown] == [task.code.replace(*task.slip, 1).strip()]
    assert BOOK.recognise(said).suite == task.suite
