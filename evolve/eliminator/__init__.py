"""The eliminator: ordered checks that say why a candidate is thrown out. Usable on its own, without a run.

A check is a named, versioned function from Candidate to Finding. Instruction checks run before an answer is paid
for, answer checks after. Invariant: a Finding depends on the candidate and the config alone; only `duplicates`
knows what else was kept. A check that cannot tell, or that raises, says UNDECIDED; nothing is ever guessed.

    eliminator = Eliminator(config, templates)
    findings = eliminator.examine([candidate])[0]
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from evolve.checks import REASONS, Candidate, Check, Context, Subject, load_checks, names
from evolve.config import EliminatorConfig
from evolve.eliminator.duplicates import (
    Decided,
    Deduplicator,
    Duplicates,
    Item,
    Side,
    Thresholds,
    decide_again,
    thresholds,
)
from evolve.eliminator.judge import Ask, Judge, check_questions
from evolve.eliminator.questions import SCHEMA
from evolve.embedding import Embedder
from evolve.errors import ConfigError
from evolve.records import Finding, Verdict
from evolve.teacher.messages import MalformedError
from evolve.text import plain, shorten

__all__ = [
    "REASONS",
    "SCHEMA",
    "Ask",
    "Candidate",
    "Check",
    "Context",
    "Decided",
    "Deduplicator",
    "Duplicates",
    "Eliminator",
    "Item",
    "Judge",
    "Side",
    "Thresholds",
    "check_versions",
    "decide_again",
    "first_rejection",
    "load_checks",
    "malformed",
    "names",
    "thresholds",
    "undecided",
    "validate",
]

OTHERS = ("judge", "duplicate")
"""Checks that need more than the candidate's text; `eliminator.skip` can name them too, `malformed` it cannot."""

GROUP = 16
"""Candidates that a check reads in one go: their texts still fit what `page` and `tokens` remember, and its patterns
stay in the processor's caches (a tenth faster than one at a time, `benchmarks/checks.py`)."""


class Eliminator:
    """Text checks and embeddings; holds no state between candidates, so any number of these may work side by side."""

    def __init__(self, config: EliminatorConfig, templates: Mapping[str, str]) -> None:
        """`templates`: operator -> prompt text; what must not be found in a candidate is derived from them."""
        checks = load_checks(Context(config, templates))
        self._instruction = [check for check in checks if check.subject == "instruction"]
        self._answer = [check for check in checks if check.subject == "answer"]
        self._strict = config.undecided == "reject"
        self._embedder = Embedder(config.embedder, config.precision)

    def examine(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]]:
        """The instruction pass: every check's finding, in order."""
        return list(_findings(self._instruction, candidates, self._strict))

    def inspect(self, candidates: Sequence[Candidate]) -> list[tuple[Finding, ...]]:
        """The answer pass."""
        return list(_findings(self._answer, candidates, self._strict))

    def embed(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (len(texts), dimension), float16, each row of length 1; a row depends on its own text alone."""
        return self._embedder.encode(texts)


def _findings(checks: Sequence[Check], candidates: Sequence[Candidate], strict: bool) -> Iterator[tuple[Finding, ...]]:
    """Of each candidate, in order; one check after the other reads GROUP of them."""
    for begin in range(0, len(candidates), GROUP):
        group = candidates[begin : begin + GROUP]
        by_check = [_of_check(check, group, strict) for check in checks]
        yield from (tuple(findings[at] for findings in by_check) for at in range(len(group)))


def _of_check(check: Check, group: Sequence[Candidate], strict: bool) -> list[Finding]:
    """What it says of each; where it raises, as somebody else's may, it could not tell."""
    try:
        return [check(candidate) for candidate in group]
    except Exception as error:
        if len(group) > 1:
            return [finding for candidate in group for finding in _of_check(check, [candidate], strict)]
        detail = f"the check failed: {type(error).__name__}: {shorten(plain(str(error)), 200)}"
        return [undecided(check.name, check.version, detail, strict=strict)]


def undecided(check: str, version: int, detail: str, *, strict: bool) -> Finding:
    """The finding of a check that could not tell; `strict`: that rejects."""
    verdict, reason = (Verdict.REJECT, "undecided") if strict else (Verdict.UNDECIDED, None)
    return Finding(check, version, verdict, reason, detail)


def first_rejection(findings: Sequence[Finding]) -> Finding | None:
    return next((finding for finding in findings if finding.verdict is Verdict.REJECT), None)


def malformed(error: MalformedError, subject: Subject) -> Finding:
    """The finding on a reply that holds no instruction, or no whole answer."""
    of_answer = "refusal" if error.cause == "declined" else "placeholder"
    reason = "malformed" if subject == "instruction" else of_answer
    return Finding("malformed", 1, Verdict.REJECT, reason, str(error))


def check_versions(config: EliminatorConfig) -> dict[str, str]:
    """What the run's identity holds of its checks: one that judges differently makes another dataset.

    Raises ConfigError for a check that cannot be made.
    """
    return {f"check.{check.name}": str(check.version) for check in load_checks(Context(config))}


def validate(config: EliminatorConfig) -> None:
    """Raise ConfigError for a check or a question that does not exist."""
    known = (*names(), *OTHERS)
    for name in config.skip:
        if name not in known:
            raise ConfigError(f"eliminator.skip: no check is named {name!r}; there are: {', '.join(known)}")
    check_questions(config)
