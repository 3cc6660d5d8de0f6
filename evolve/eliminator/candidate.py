"""What a check sees and what it may say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from evolve.records import Finding, Verdict

REASONS = (
    "malformed",
    "prompt_leak",
    "no_gain",
    "duplicate",
    "undecided",
    "refusal",
    "empty_content",
    "placeholder",
)
"""Every reason that a run can give, in the order of the checks. `undecided` only where the config says so."""


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


class Check(Protocol):
    """One reason to throw a candidate out."""

    name: str
    version: int
    """Raised whenever the same candidate may be judged differently."""

    def __call__(self, candidate: Candidate) -> Finding: ...


def accept(check: Check, **scores: float) -> Finding:
    return Finding(check.name, check.version, Verdict.ACCEPT, scores=rounded(scores))


def reject(check: Check, detail: str, reason: str | None = None, **scores: float) -> Finding:
    return Finding(check.name, check.version, Verdict.REJECT, reason or check.name, detail, rounded(scores))


def rounded(scores: dict[str, float]) -> dict[str, float]:
    """Four decimals: more than any threshold needs, and the same on every machine."""
    return {name: round(score, 4) for name, score in scores.items()}
