"""The checks that throw out what holds a secret: an instruction, or an answer.

Where the policy is to redact, a run has nothing left for them to find; they stand guard, and say so of pairs that are
judged without a run, where no text can be changed.
"""

from __future__ import annotations

from typing import Self

from evolve.checks import Candidate, Context, Subject
from evolve.checks.candidate import accept, reject
from evolve.records import Finding
from evolve.secrets.rules import VERSION
from evolve.secrets.scanner import NAME, Scanner


class SecretHeld:
    """An instruction that holds a secret or personal data."""

    name = NAME
    version = VERSION
    subject: Subject = "instruction"

    def __init__(self, scanner: Scanner | None) -> None:
        self._scanner = scanner

    @classmethod
    def make(cls, context: Context) -> Self:
        """Skipping `secret` switches both passes off."""
        return cls(Scanner.make(context.config))

    def __call__(self, candidate: Candidate) -> Finding:
        found = self._scanner.scan(self._read(candidate)) if self._scanner is not None else ()
        if not found:
            return accept(self)
        return reject(self, f"holds what looks like a secret: {found[0]}", NAME, found=float(len(found)))

    def _read(self, candidate: Candidate) -> str:
        return candidate.text


class SecretAnswer(SecretHeld):
    """The same of an answer."""

    name = "secret_answer"
    subject: Subject = "answer"

    def _read(self, candidate: Candidate) -> str:
        return candidate.answer or ""
