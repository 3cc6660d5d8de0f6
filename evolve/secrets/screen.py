"""What a run does about secrets: seeds before they reach a prompt, replies before they reach the disk.

What is kept is redacted, a seed's id with its text, since that is its content's. By the policy `reject` a seed with a
secret is set aside instead, and an attempt that got one in a reply is rejected. Invariant: a function of text and
config alone; what is said of a secret never holds it.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

from evolve.config import EliminatorConfig
from evolve.records import Finding, Reply, Seed, Verdict, digest
from evolve.secrets.rules import VERSION
from evolve.secrets.scanner import NAME, Scanner


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

    def reply(self, reply: Reply) -> Reply:
        """The reply as it is kept, and read; the second time it is the same."""
        text, counts = (reply.text, None) if self._scanner is None else self._scanner.redact(reply.text)
        if not counts:
            return reply
        return replace(reply, text=text, redacted=tuple(sorted((counts + Counter(dict(reply.redacted))).items())))

    def rejection(self, reply: Reply) -> tuple[Finding, ...]:
        """What rejects the attempt that such a reply is for, where the policy is to."""
        if self._redacts or not reply.redacted:
            return ()
        rule, count = reply.redacted[0][0].replace("_", " "), sum(count for _, count in reply.redacted)
        detail = f"a reply held what looks like a secret: {rule}"
        return (Finding("secret_reply", VERSION, Verdict.REJECT, NAME, detail, scores={"found": float(count)}),)

    def line(self, text: str) -> str:
        """A line of a file of seeds as it may be sent elsewhere. Raises ValueError where it would be set aside."""
        if self._scanner is None:
            return text
        if not self._redacts and (found := self._scanner.scan(text)):
            raise ValueError(f"holds what looks like a secret: {found[0]}")
        return self._scanner.redact(text)[0]

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
