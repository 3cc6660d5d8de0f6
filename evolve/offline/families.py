"""Tasks that the offline teacher invents: families with parameters for Python, one for each other language, six fixed.

They are written down in families.toml. A family's text has holes for what it is about, so the task is read back from
its text in later rounds. Expected values come from running the family's own code on its own arguments; those of a
counter, the one task of the other languages, from counting here. Invariant: the
same parameters always make the same task. The six popular ones are what everybody asks for: they serve as duplicates.
"""

from __future__ import annotations

import operator
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

from evolve.offline.tasks import Case, Task
from evolve.offline.tongues import ENGLISH, TONGUES

_COUNT = "In <language>, write `<what>`, which tells how many of the <noun> are <op> <p>."
_OPERATORS = {"above": ">", "below": "<", "at least": ">=", "at most": "<="}
_LANGUAGES = {"java": "Java", "c++": "C++", "go": "Go", "rust": "Rust", "sql": "SQLite", "bash": "bash"}
_LANGUAGES |= {"javascript": "JavaScript", "typescript": "TypeScript"}
_HOLDS = {">": operator.gt, "<": operator.lt, ">=": operator.ge, "<=": operator.le}
_SLIPS = {">": ">=", "<": "<=", ">=": ">", "<=": "<"}
"""What differs at the border alone."""
_HOLES = {"noun": "[a-z ]+", "p": r"\d{1,4}", "q": r"\d{1,4}", "op": "[a-z ]+", "language": r"\S+", "what": "[^`]+"}


@dataclass(frozen=True, slots=True)
class Family:
    entry: str
    text: str
    source: str
    args: tuple[str, ...]
    """Arguments of its cases, as Python source."""
    p: tuple[int, ...] = (0,)
    q: tuple[int, ...] = (0,)

    def member(self, noun: str, p: str, q: str, tongue: str = ENGLISH) -> Task:
        said = self.text if tongue == ENGLISH else TONGUES[tongue].families[self.entry]
        text, source = (_fill(part, {"noun": noun, "p": p, "q": q}) for part in (said, self.source))
        scope: dict[str, Callable[..., object]] = {}
        exec(source, scope)  # our own code
        cases = tuple(Case(arg, eval(f"{self.entry}({arg})", dict(scope))) for arg in self.args)
        output = f"`{self.entry}` goes over its input and keeps only what it needs."
        if tongue != ENGLISH:
            output = TONGUES[tongue].answers[0].replace("{f}", self.entry)
        return Task(text, output, kind="text-to-code", tongue=tongue, entry=self.entry, source=source, cases=cases)


@dataclass(frozen=True, slots=True)
class Counter:
    """How many of some integers are above, below, at least or at most p."""

    language: str
    what: str
    """How it is called, with its parameters."""
    code: str
    line: str
    """One test: a list of numbers and how many match."""

    def member(self, noun: str, word: str, p: str, tongue: str = ENGLISH) -> Task:
        said = _COUNT if tongue == ENGLISH else TONGUES[tongue].count
        holes = {"what": self.what, "language": _LANGUAGES[self.language], "noun": noun, "p": p}
        prose = f"Every value is compared with {p}, and those that match are counted."
        prose = prose if tongue == ENGLISH else TONGUES[tongue].code
        sign, border = _OPERATORS[word], int(p)
        code, fence = _fill(self.code, {"op": sign, "p": p}), self.language.replace("c++", "cpp")
        rows = [[], [border], [border - 1, border, border + 1], [0, border + 30, border, -border], [border, border]]
        tests = [(row, sum(_HOLDS[sign](value, border) for value in row)) for row in rows]
        lines = [self._test(row, count) for row, count in tests]
        return Task(
            _fill(said, holes | {"op": _operator(word, tongue)}), f"{prose}\n\n```{fence}\n{code}\n```",
            self.language, "text-to-code", tongue=tongue, suite="\n".join(lines),
            slip=(f"{sign} {p}", f"{_SLIPS[sign]} {p}"), wrong_test=(lines[2], self._test(rows[2], tests[2][1] + 1)),
        )  # fmt: skip

    def _test(self, row: list[int], count: int) -> str:
        values = [str(value) for value in row]
        return _fill(self.line, {"values": ", ".join(values), "words": " ".join(values), "count": str(count)})


def invent(language: str, draw: Random, avoid: str, tongue: str = ENGLISH) -> Task:
    """A new task in the language; one whose function is not named in the text to `avoid`."""
    noun = draw.choice(_nouns(tongue))
    if language in _COUNTERS:
        word, p = draw.choice(sorted(_OPERATORS)), str(draw.choice((5, 10, 12, 25, 40, 100)))
        return _COUNTERS[language].member(noun, word, p, tongue)
    family = draw.choice([family for family in _FAMILIES if family.entry not in avoid])
    return family.member(noun, str(draw.choice(family.p)), str(draw.choice(family.q)), tongue)


def put(holes: Mapping[str, str], entry: str, language: str, source: str, target: str) -> str:
    """The text of an invented task in another natural language, by what fills its holes."""
    noun = _nouns(target)[_nouns(source).index(holes["noun"])]
    if not entry:
        word = next(word for word in _OPERATORS if _operator(word, source) == holes["op"])
        return _COUNTERS[language].member(noun, word, holes["p"], target).text
    family = next(family for family in _FAMILIES if family.entry == entry)
    return family.member(noun, holes.get("p", "0"), holes.get("q", "0"), target).text


def popular() -> tuple[Task, ...]:
    """The six tasks that come up all the time."""
    return tuple(family.member("", "", "") for family in _POPULAR)


@dataclass(frozen=True, slots=True)
class Found:
    """An invented task in a text."""

    task: Task
    start: int
    end: int
    """Where its own text ends."""
    holes: Mapping[str, str]
    """What fills them; nothing where there are none."""


def find_member(flat: str) -> Found | None:
    """The invented task in a text with single spaces."""
    for family, tongue, regex in _READERS:
        if found := regex.search(flat):
            holes = found.groupdict("0")
            task = family.member(holes.get("noun", ""), holes.get("p", "0"), holes.get("q", "0"), tongue)
            return Found(task, found.start(), found.end(), holes)
    for tongue, regex in _COUNT_READERS:
        if (found := regex.search(flat)) and found["language"] in _LANGUAGES.values():
            language = next(key for key, name in _LANGUAGES.items() if name == found["language"])
            word = next((word for word in _OPERATORS if _operator(word, tongue) == found["op"]), "")
            if word:
                task = _COUNTERS[language].member(found["noun"], word, found["p"], tongue)
                return Found(task, found.start(), found.end(), found.groupdict())
    return None


def _operator(word: str, tongue: str) -> str:
    return word if tongue == ENGLISH else TONGUES[tongue].operators[word]


def _nouns(tongue: str) -> Sequence[str]:
    return _NOUNS if tongue == ENGLISH else TONGUES[tongue].nouns


def _fill(template: str, holes: dict[str, str]) -> str:
    for hole, value in holes.items():
        template = template.replace(f"<{hole}>", value)
    return template


def _regex(text: str, tongue: str = ENGLISH) -> re.Pattern[str]:
    pattern = re.escape(text)
    own = {} if tongue == ENGLISH else {"noun": _either(TONGUES[tongue].nouns)}
    own |= {} if tongue == ENGLISH else {"op": _either(TONGUES[tongue].operators.values())}
    for hole, regex in (_HOLES | own).items():
        first, found, rest = pattern.partition(f"<{hole}>")
        if found:
            pattern = f"{first}(?P<{hole}>{regex}){rest.replace(found, f'(?P={hole})')}"
    return re.compile(pattern)


def _either(words: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(words, key=len, reverse=True)))


def _family(row: dict[str, str | list[str]]) -> Family:
    values = {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}
    return Family(**values | {"text": " ".join(str(row["text"]).split())})  # type: ignore[arg-type]


_TABLE = tomllib.loads(Path(__file__).with_name("families.toml").read_text(encoding="utf-8"))
_NOUNS: list[str] = _TABLE["nouns"]
_COUNTERS = {name: Counter(name, **row) for name, row in _TABLE["counters"].items()}
_FAMILIES = tuple(_family(row) for row in _TABLE["family"])
_POPULAR = tuple(_family(row) for row in _TABLE["popular"])
_READERS = tuple((family, ENGLISH, _regex(family.text)) for family in _FAMILIES) + tuple(
    (family, name, _regex(tongue.families[family.entry], name))
    for name, tongue in TONGUES.items()
    for family in _FAMILIES
)
_COUNT_READERS = ((ENGLISH, _regex(_COUNT)), *((name, _regex(one.count, name)) for name, one in TONGUES.items()))
