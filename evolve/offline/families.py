"""Tasks that the offline teacher invents: families with parameters for Python, one for each other language, six fixed.

They are written down in families.toml. A family's text has holes for what it is about, so the task is read back from
its text in later rounds. Expected values come from running the family's own code on its own arguments. Invariant: the
same parameters always make the same task. The six popular ones are what everybody asks for: they serve as duplicates.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from evolve.offline.tasks import Case, Task

_COUNT = "In <language>, write a function that tells how many of the <noun> in an array of integers are <op> <p>."
_OPERATORS = {"above": ">", "below": "<", "at least": ">=", "at most": "<="}
_LANGUAGES = {"java": "Java", "c++": "C++", "go": "Go", "rust": "Rust", "sql": "PostgreSQL", "bash": "bash"}
_LANGUAGES |= {"javascript": "JavaScript", "typescript": "TypeScript"}
_HOLES = {"noun": "[a-z ]+", "p": r"\d{1,4}", "q": r"\d{1,4}", "op": "[a-z ]+", "language": r"\S+"}


@dataclass(frozen=True, slots=True)
class Family:
    entry: str
    text: str
    source: str
    args: tuple[str, ...]
    """Arguments of its cases, as Python source."""
    p: tuple[int, ...] = (0,)
    q: tuple[int, ...] = (0,)

    def member(self, noun: str, p: str, q: str) -> Task:
        text, source = (_fill(part, {"noun": noun, "p": p, "q": q}) for part in (self.text, self.source))
        scope: dict[str, Callable[..., object]] = {}
        exec(source, scope)  # our own code
        cases = tuple(Case(arg, eval(f"{self.entry}({arg})", dict(scope))) for arg in self.args)
        output = f"`{self.entry}` goes over its input and keeps only what it needs."
        return Task(text, output, kind="text-to-code", entry=self.entry, source=source, cases=cases)


def invent(language: str, draw: Random, avoid: str) -> Task:
    """A new task in the language; one whose function is not named in the text to `avoid`."""
    noun = draw.choice(_NOUNS)
    if language in _COUNTERS:
        return _counter(language, noun, draw.choice(sorted(_OPERATORS)), str(draw.choice((5, 10, 12, 25, 40, 100))))
    family = draw.choice([family for family in _FAMILIES if family.entry not in avoid])
    return family.member(noun, str(draw.choice(family.p)), str(draw.choice(family.q)))


def popular() -> tuple[Task, ...]:
    """The six tasks that come up all the time."""
    return tuple(family.member("", "", "") for family in _POPULAR)


def find_member(flat: str) -> tuple[Task, int] | None:
    """The invented task in a text with single spaces, and where its own text ends."""
    for family, regex in _READERS:
        if found := regex.search(flat):
            holes = found.groupdict("0")
            return family.member(holes.get("noun", ""), holes.get("p", "0"), holes.get("q", "0")), found.end()
    if (found := _COUNT_REGEX.search(flat)) and found["language"] in _LANGUAGES.values():
        language = next(key for key, name in _LANGUAGES.items() if name == found["language"])
        return _counter(language, found["noun"], found["op"], found["p"]), found.end()
    return None


def _counter(language: str, noun: str, operator: str, p: str) -> Task:
    text = _fill(_COUNT, {"language": _LANGUAGES[language], "noun": noun, "op": operator, "p": p})
    code = _fill(_COUNTERS[language], {"op": _OPERATORS[operator], "p": p})
    output = f"Every value is compared with {p}, and those that match are counted.\n\n```{language}\n{code}\n```"
    return Task(text, output, language, "text-to-code")


def _fill(template: str, holes: dict[str, str]) -> str:
    for hole, value in holes.items():
        template = template.replace(f"<{hole}>", value)
    return template


def _regex(text: str) -> re.Pattern[str]:
    pattern = re.escape(text)
    for hole, regex in _HOLES.items():
        first, found, rest = pattern.partition(f"<{hole}>")
        if found:
            pattern = f"{first}(?P<{hole}>{regex}){rest.replace(found, f'(?P={hole})')}"
    return re.compile(pattern)


def _family(row: dict[str, str | list[str]]) -> Family:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Family(**values | {"text": " ".join(str(row["text"]).split())})  # type: ignore[arg-type]


_TABLE = tomllib.loads(Path(__file__).with_name("families.toml").read_text(encoding="utf-8"))
_NOUNS: list[str] = _TABLE["nouns"]
_COUNTERS: dict[str, str] = _TABLE["counters"]
_FAMILIES = tuple(_family(row) for row in _TABLE["family"])
_POPULAR = tuple(_family(row) for row in _TABLE["popular"])
_READERS = tuple((family, _regex(family.text)) for family in _FAMILIES)
_COUNT_REGEX = _regex(_COUNT)
