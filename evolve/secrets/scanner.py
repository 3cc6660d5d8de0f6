"""Finding secrets and personal data in a text, and putting something harmless in their place.

What takes a secret's place keeps its kind, so that code goes on working: letters and digits for a key, an address at
example.com for an address, the same for the same value wherever it stands. Invariants: a function of text and config
alone, so a resumed run decides alike; what was redacted holds nothing that is found; redacting twice is redacting once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from importlib.metadata import version
from typing import Self

from evolve.config import EliminatorConfig, SecretsConfig
from evolve.records import digest
from evolve.secrets import rules
from evolve.secrets.placeholders import REDACTED, is_placeholder

NAME = "secret"
"""The check's name; skipping it switches all of this off."""


@dataclass(frozen=True, slots=True)
class Secret:
    """One value that was found."""

    rule: str
    value: str

    def __str__(self) -> str:
        """Never the value."""
        return self.rule.replace("_", " ")


class Scanner:
    def __init__(self, config: SecretsConfig) -> None:
        self._allow = config.allow
        self._keys = "key" in config.find
        self._rules: dict[str, rules.Rule] = {}
        for kind in config.find:
            self._rules |= rules.keys() if kind == "key" else {kind: rules.personal(kind)}

    @classmethod
    def make(cls, config: EliminatorConfig) -> Self | None:
        """None where nothing is to be looked for."""
        return None if NAME in config.skip else cls(config.secrets)

    def scan(self, text: str) -> Sequence[Secret]:
        """Each value once, the longest first."""
        found: dict[str, str] = {}
        for name, value in self._values(text):
            if value and value not in found and not is_placeholder(name, value) and not self._allowed(value):
                found[value] = name
        passwords = {value for value, name in found.items() if name == "password_in_url"}
        for value in [value for value in found if "@" in value and value.partition("@")[0] in passwords]:
            found.pop(value, None)  # with the host behind it, it looks like an address
        return [Secret(found[value], value) for value in sorted(found, key=lambda v: (-len(v), v))]

    def redact(self, text: str) -> tuple[str, Counter[str]]:
        """The text without them, and how many of each rule there were."""
        counts: Counter[str] = Counter()
        for secret in self.scan(text):
            if secret.value in text:  # else it was a part of a longer one
                counts[secret.rule] += text.count(secret.value)
                text = text.replace(secret.value, substitute(secret))
        return text, counts

    def _values(self, text: str) -> Iterator[tuple[str, str]]:
        """Whatever any rule finds, with the rule's name."""
        for name, rule in rules.long_keys().items() if self._keys else ():
            yield from ((name, value) for value in rule(text))
        for window in rules.windows(text):
            for name, rule in self._rules.items():
                yield from ((name, value) for value in rule(window))

    def _allowed(self, value: str) -> bool:
        return any(fnmatchcase(value, pattern) for pattern in self._allow)


def substitute(secret: Secret) -> str:
    """What stands in its place: the same for the same value, and never found again."""
    mark = digest("secret", secret.value.casefold())[:4]
    if secret.rule == "email":
        return f"redacted-{mark}@example.com"
    if secret.rule == "phone":
        return f"555-01{int(mark, 16) % 100:02}" if len(secret.value) < 12 else f"202-555-01{int(mark, 16) % 100:02}"
    if secret.rule == "card":
        return "4242424242424242"
    return f"{REDACTED}{secret.rule.upper()}_{mark}"


def contents(config: EliminatorConfig) -> dict[str, str]:
    """What a run's identity holds of the rules: another version of them may find other things."""
    if NAME in config.skip:
        return {}
    return {"secrets.rules": f"{rules.VERSION}, bc-detect-secrets {version('bc-detect-secrets')}"}
