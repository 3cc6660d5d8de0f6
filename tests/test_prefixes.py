"""Prompts that a server's prefix cache can use: what is fixed comes first, the same bytes in every call.

Figures: benchmarks/prefixes.py. Two kinds are otherwise on purpose: the responder is given the instruction and nothing
else, and a repair, of which there are few, ends in fixed words behind the answer and the report.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from evolve.config import MethodConfig, RoleConfig
from evolve.eliminator.questions import Question, contamination, questions
from evolve.method import Operator, load_operators
from evolve.verifier import request_inputs, request_program, request_tests

Prompt = Callable[[str], str]
"""The prompt about a text."""
ROLE = RoleConfig(model="m")


def evolving(operator: Operator) -> Prompt:
    return lambda text: operator.prompt(instruction=text, first=text, second=text)


def judging(question: Question) -> Prompt:
    return lambda text: question.prompt(dict.fromkeys(question.shows, text))


def operators() -> Iterator[Operator]:
    """Of both sets, and one of a natural language."""
    languages = {"languages": ["Spanish"], "language_share": 0.5}
    for name in ("wizardcoder", "wizardlm"):
        yield from load_operators(MethodConfig.model_validate({"operators": name} | languages))


PROMPTS: Mapping[str, Prompt] = {
    **{operator.name: evolving(operator) for operator in operators()},
    **{f"judge-{question.name}": judging(question) for question in (*questions().values(), contamination())},
    "tests": lambda text: request_tests(ROLE, text, "python").messages[0].content,
    "program": lambda text: request_program(ROLE, text).messages[0].content,
    "inputs": lambda text: request_inputs(ROLE, text).messages[0].content,
}


def shared(one: str, other: str) -> str:
    """The beginning that both have."""
    alike = (n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
    return one[: next(alike, min(len(one), len(other)))]


@pytest.mark.parametrize("name", PROMPTS)
def test_the_fixed_part_comes_first_and_the_instruction_last(name: str) -> None:
    prompt = PROMPTS[name]
    one, other = prompt("Sort a list."), prompt("Zähle Wörter.")
    fixed, _, rest = shared(one, other).rpartition("<")
    assert len(fixed) > 400
    assert one.count(fixed) == 1
    behind = one[len(fixed) + len(rest) + 1 :].replace("Sort a list.", "")
    assert [line for line in behind.splitlines() if line.strip() and not line.rstrip().endswith(">")] == []


def test_another_opinion_is_asked_for_behind_the_instruction() -> None:
    """So that it shares all of the first prompt."""
    first = request_tests(ROLE, "Sort a list.", "python").messages[0].content
    again = request_tests(ROLE, "Sort a list.", "python", ["one fails"], second=True, notes=["kept"])
    assert again.messages[0].content.startswith(first.rstrip())
