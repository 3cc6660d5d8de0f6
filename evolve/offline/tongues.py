"""What the offline teacher can say in a natural language other than English, as written down in chinese.toml and
spanish.toml: seeds, invented tasks, the sentences of the rules, and the few words of its answers.

Data alone: texts with the holes of their English models. Invariant: a text that is here has every hole, number and name
that its model has (the tests see to it). What is not here the teacher cannot say; putting texts together is not done
here but in translating.py.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ENGLISH = "English"


@dataclass(frozen=True, slots=True)
class Tongue:
    """One natural language."""

    gap: str
    """What stands between two sentences."""
    task: str
    """The word for "task", for a comment in code."""
    frames: tuple[str, ...]
    """Openings that add nothing to a task."""
    answers: tuple[str, ...]
    """What is said above code; {f} is the function's name."""
    code: str
    """The same where the code has no one name."""
    kinds: Mapping[str, str]
    """The same by the kind of task, where code alone would leave a question open."""
    added: tuple[str, ...]
    """What is said of further demands."""
    nouns: tuple[str, ...]
    """In the order of families.toml."""
    operators: Mapping[str, str]
    """English comparison -> the one here."""
    count: str
    """The task of which there is one in every language but Python."""
    families: Mapping[str, str]
    """Entry -> text of the family."""
    seeds: Mapping[str, str]
    """Entry, or else the beginning of the English text -> what it says above its code."""
    rules: Mapping[str, tuple[str, ...]]
    """Name of a rule -> its phrases, in the order of the English ones."""

    def of_seed(self, text: str, entry: str) -> str | None:
        """The words of a seed in this language, without its code; None where they are not known."""
        if entry:
            return self.seeds.get(entry)
        return next((said for begin, said in self.seeds.items() if text.startswith(begin)), None)


def _read(name: str) -> Tongue:
    table = tomllib.loads(Path(__file__).with_name(f"{name}.toml").read_text(encoding="utf-8"))
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    rules = {rule: tuple(phrases) for rule, phrases in table["rules"].items()}
    return Tongue(**(table | lists | {"rules": rules}))


TONGUES: Mapping[str, Tongue] = {"Chinese": _read("chinese"), "Spanish": _read("spanish")}
