"""What a run does about secrets: seeds before they reach a prompt, replies before anything is made of them.

By the policy: `redact` changes the text, and a seed's id with it, since that is its content's; `reject` leaves replies
to the checks, and sets seeds aside. Invariants: a function of text and config alone; what is said of a secret never
holds it; by either policy no fate does, though it was rejected, for its row is published among the rejected.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from evolve.config import EliminatorConfig
from evolve.records import Fate, Finding, Seed, Verdict, digest
from evolve.secrets.rules import VERSION
from evolve.secrets.scanner import Scanner


class Screen:
    def __init__(self, config: EliminatorConfig) -> None:
        self._scanner = Scanner.make(config)
        self._redacts = config.secrets.policy == "redact"
        self.redacted: Counter[str] = Counter()
        """What was redacted in seeds, by rule."""

    def seed(self, seed: Seed) -> Seed:
        """The seed without secrets. Raises ValueError, with the reason, where it is to be set aside."""
        if self._scanner is None:
            return seed
        if not self._redacts:
            if found := [*self._scanner.scan(seed.text), *self._scanner.scan(seed.output or "")]:
                raise ValueError(f"holds what looks like a secret: {found[0]}")
            return seed
        text, in_text = self._scanner.redact(seed.text)
        output, in_output = (None, None) if seed.output is None else self._scanner.redact(seed.output)
        self.redacted.update(in_text)
        self.redacted.update(in_output or {})
        return replace(seed, id=digest("seed", text) if in_text else seed.id, text=text, output=output)

    def reply(self, text: str) -> tuple[str, Counter[str]]:
        """The text that is read, and what was redacted in it, by rule."""
        if self._scanner is None or not self._redacts:
            return text, Counter()
        return self._scanner.redact(text)

    def fate(self, fate: Fate) -> Fate:
        """The fate as it goes on record. What was accepted has been looked at; what was thrown out, tests, failing
        answers and remarks may never have been."""
        if self._scanner is None or self._redacts:
            return fate
        proof, child, answer = fate.proof, fate.child, fate.answer
        if proof is not None:
            failing = None if proof.failing is None else self.excerpt(proof.failing)
            proof = replace(proof, tests=self.excerpt(proof.tests), detail=self.excerpt(proof.detail), failing=failing)
        if fate.outcome != "accepted":
            child = None if child is None else replace(child, text=self.excerpt(child.text))
            answer = None if answer is None else self.excerpt(answer)
        findings = tuple(replace(finding, detail=self.excerpt(finding.detail)) for finding in fate.findings)
        return replace(fate, child=child, answer=answer, findings=findings, proof=proof)

    def excerpt(self, text: str) -> str:
        """A text that is shown although it cannot be used: without secrets, whatever the policy."""
        return text if self._scanner is None else self._scanner.redact(text)[0]


def redaction(counts: Counter[str]) -> tuple[Finding, ...]:
    """The finding that says what was redacted in an attempt's replies; none where nothing was."""
    if not counts:
        return ()
    named = ", ".join(f"{rule.replace('_', ' ')} {count}" for rule, count in sorted(counts.items()))
    scores = {rule: float(count) for rule, count in sorted(counts.items())}
    return (Finding("redaction", VERSION, Verdict.ACCEPT, detail=f"redacted: {named}", scores=scores),)
