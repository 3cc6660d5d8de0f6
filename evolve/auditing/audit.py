"""A dataset looked through as a trainer would meet it: read once, row by row, and nothing written.

Memory: two digests for each row, some 200 bytes, to tell duplicates, and a few examples of each problem. Invariant:
what is found depends on the rows and the settings alone, and is told without the rows' text: where it stands is enough
to look it up.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

from evolve.auditing.chats import Chat, problems, read
from evolve.auditing.lengths import Measure
from evolve.auditing.rows import rows
from evolve.auditing.trainers import Reading, readings
from evolve.checks import Candidate, Context
from evolve.config import EliminatorConfig
from evolve.contamination.check import Contaminated, ContaminatedAnswer
from evolve.errors import ConfigError
from evolve.records import Verdict, digest
from evolve.secrets import Scanner
from evolve.text import words

EXAMPLES = 3
"""Places that are named of each problem."""


@dataclass(slots=True)
class Audit:
    """What was found."""

    source: str
    readings: list[Reading] = field(default_factory=list)
    rows: int = 0
    unit: str = "characters"
    templated: bool = False
    """Whether lengths are those of the text with the tokenizer's chat template applied."""
    lengths: Counter[int] = field(default_factory=Counter)
    max_length: int | None = None
    problems: Counter[str] = field(default_factory=Counter)
    """What is wrong -> rows."""
    places: dict[str, list[str]] = field(default_factory=dict)
    """Of each problem the first few, as FILE:LINE."""

    @property
    def truncated(self) -> int:
        """Rows that are longer than `max_length`."""
        longest = self.max_length
        return 0 if longest is None else sum(n for length, n in self.lengths.items() if length > longest)

    def note(self, problem: str, place: str) -> None:
        self.problems[problem] += 1
        if len(places := self.places.setdefault(problem, [])) < EXAMPLES:
            places.append(place)


def audit(
    source: str, config: EliminatorConfig, *, tokenizer: Path | None = None, max_length: int | None = None
) -> Audit:
    """Raises UsageError where nothing can be read, or the tokenizer cannot be used."""
    measure = Measure(tokenizer)
    found = Audit(source, unit=measure.unit, templated=measure.templated, max_length=max_length)
    look = _Look(config, measure, found)
    for place, row in rows(source):
        found.rows += 1
        if isinstance(row, str):
            found.note(row, place)
            continue
        if not found.readings:
            found.readings = readings(row)
        chat = read(row)
        if isinstance(chat, str):
            found.note(chat, place)
        else:
            look(chat, place)
    if not found.rows:
        raise ConfigError(f"{source}: no row in it")
    return found


class _Look:
    """What is looked for in each row."""

    def __init__(self, config: EliminatorConfig, measure: Measure, found: Audit) -> None:
        context = Context(config)
        self._found = found
        self._measure = measure
        self._scanner = Scanner.make(config)
        self._contaminated = (Contaminated.make(context), ContaminatedAnswer.make(context))
        self._asked: dict[str, str] = {}

    def __call__(self, chat: Chat, place: str) -> None:
        for problem in problems(chat, self._measure.sentinels):
            self._found.note(problem, place)
        try:
            self._found.lengths[self._measure(chat)] += 1
        except ConfigError as error:
            self._found.note(f"chat template: {str(error).partition(': ')[2]}", place)
        self._repeats(chat, place)
        candidate = Candidate(chat.asked, (), "", answer=f"{chat.answered}\n{chat.rejected}")
        if any(check(candidate).verdict is Verdict.REJECT for check in self._contaminated):
            self._found.note("contaminated: holds a benchmark's item", place)
        held = self._scanner.scan(f"{chat.text}\n{chat.rejected}") if self._scanner else ()
        for rule in sorted({str(secret) for secret in held}):
            self._found.note(f"secret: {rule}", place)

    def _repeats(self, chat: Chat, place: str) -> None:
        """Words alone count: not case, punctuation or white space. Pairs may well be several of one instruction."""
        asked, answered = (digest(*words(text)) for text in (chat.asked, chat.answered))
        if chat.rejected:
            asked = digest(asked, answered, *words(chat.rejected))
        if asked not in self._asked:
            self._asked[asked] = answered
        elif self._asked[asked] == answered:
            self._found.note("duplicate: said before, word for word", place)
        else:
            self._found.note("duplicate instruction, with another answer", place)
