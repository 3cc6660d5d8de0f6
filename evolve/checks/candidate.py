"""What a check sees, what it may say, and what it is made from.

A check is made once per worker by a factory that is given a Context, and then called with one Candidate after the
other. Factories are found by the entry points of the group `evolve.checks` (see registry.py), built-in ones too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal, Protocol

from evolve.config import EliminatorConfig
from evolve.records import Finding, Verdict

REASONS = (
    "malformed",
    "prompt_leak",
    "answer_leak",
    "no_gain",
    "lost_input",
    "regression",
    "unsolvable",
    "off_topic",
    "language_drift",
    "too_long",
    "duplicate",
    "contaminated",
    "secret",
    "undecided",
    "refusal",
    "empty_content",
    "placeholder",
    "wrong_code",
)
"""The built-in reasons, in the order in which they are given when several apply: of an instruction, then of an answer.
`undecided` only where the config says so. A custom check's reason is its own name."""

Subject = Literal["instruction", "answer"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """An evolved instruction with what it came from, and its answer once there is one."""

    text: str
    parents: tuple[str, ...]
    """The texts that it was evolved from: one, or two for a crossover; none for a seed."""
    operator: str
    depth: bool = True
    """Whether it should still be about its parent's task; breadth and crossover need not be."""
    answer: str | None = None
    root: str | None = None
    """The text of the lineage's seed, for limits that hold for a whole chain; None where it is not known."""
    kind: str = ""
    """Of the seed's task; "" where it has none, or another task took its place."""
    tongue: str | None = None
    """The natural language that it was to be put into, and nothing else changed; None: it was evolved."""


@dataclass(frozen=True, slots=True)
class Context:
    """What a check may be made from."""

    config: EliminatorConfig = field(default_factory=EliminatorConfig)
    templates: Mapping[str, str] = field(default_factory=dict)
    """Operator -> prompt text, as the evolver sees it."""


class Check(Protocol):
    """One reason to throw a candidate out. It never raises, whatever the text, and takes time linear in its length."""

    name: str
    version: int
    """Raised whenever the same candidate may be judged differently."""
    subject: Subject
    """What it reads: the instruction, before an answer is paid for, or the answer."""

    def __call__(self, candidate: Candidate) -> Finding: ...


class Factory(Protocol):
    """What an entry point of `evolve.checks` names."""

    def __call__(self, context: Context) -> Check: ...


def accept(check: Check, **scores: float) -> Finding:
    if not scores:
        return _accepted(check.name, check.version)
    return Finding(check.name, check.version, Verdict.ACCEPT, scores=rounded(scores))


@lru_cache(maxsize=64)  # by far the most frequent finding, and always the same
def _accepted(name: str, version: int) -> Finding:
    return Finding(name, version, Verdict.ACCEPT)


def reject(check: Check, detail: str, reason: str | None = None, **scores: float) -> Finding:
    return Finding(check.name, check.version, Verdict.REJECT, reason or check.name, detail, rounded(scores))


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Four decimals: more than any threshold needs, and the same on every machine."""
    return {name: round(score, 4) for name, score in scores.items()}
