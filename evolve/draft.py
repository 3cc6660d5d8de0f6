"""A fate in the making: what the steps of an attempt have found so far.

The one mutable record of a run; it belongs to the task that carries the attempt, and ends as a `Fate`. It decides
nothing but which of its findings rejects.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from evolve.eliminator import first_rejection
from evolve.records import Attempt, Fate, Finding, Instruction, Proof
from evolve.secrets import redaction


@dataclass(slots=True)
class Draft:
    """A fate in the making."""

    attempt: Attempt
    root_id: str
    operator: str
    kind: str = ""
    parent: Instruction | None = None
    partner_id: str | None = None
    child: Instruction | None = None
    answer: str | None = None
    findings: tuple[Finding, ...] = ()
    proof: Proof | None = None
    error: str | None = None
    redacted: Counter[str] = field(default_factory=Counter)
    """What was redacted in its replies, by rule."""
    models: dict[str, str] = field(default_factory=dict)
    prompt_digest: str | None = None

    @property
    def rejected(self) -> bool:
        return first_rejection(self.findings) is not None

    @property
    def kind_of_proof(self) -> str:
        """What evolved from a translation may ask for more than the program in it does: that is none."""
        return "" if self.kind == "translation" and self.attempt.round else self.kind

    def fate(self) -> Fate:
        rejection = first_rejection(self.findings)
        return Fate(
            attempt=self.attempt,
            root_id=self.root_id,
            operator=self.operator,
            kind=self.kind,
            outcome="rejected" if rejection else "failed" if self.error else "accepted",
            parent_id=self.parent.id if self.parent else None,
            child=self.child,
            answer=self.answer,
            findings=(*self.findings, *redaction(self.redacted)),
            proof=self.proof,
            reason=rejection.reason if rejection else None,
            error=None if rejection else self.error,
            partner_id=self.partner_id,
            models=self.models,
            prompt_digest=self.prompt_digest,
        )
