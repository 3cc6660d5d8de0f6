"""Looking for dear patterns cheaply: around trigger words only, and in lower case.

`spots` searches stretches around trigger words. `search`, `holds` and `match` are those of a pattern that ignores
case, several times as fast on ASCII, for there a pattern in lower case is tried first: the engine skips branches by
their first letter, but not where it ignores case. Invariant: the stretches never overlap, so a text is searched once
however many triggers it holds; what is found is what the pattern itself finds there.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from evolve.checks.vocabulary import tokens

REACH = 160
"""Characters before and behind a trigger; longer than any pattern that is looked for this way."""

_IGNORES_CASE = int(re.IGNORECASE)  # a sum of plain numbers is many times as fast
_LETTER = re.compile(r"\\.|\(\?P|[A-Z]", re.DOTALL)
"""A capital to be changed, or what holds one and is left alone: an escape, the beginning of a named group."""


@lru_cache(maxsize=32)
def distinct(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


def spots(pattern: re.Pattern[str], text: str, triggers: Collection[str]) -> Iterator[re.Match[str]]:
    """Matches of `pattern` near one of the `triggers`, which are lower-case tokens, one of which is in every match."""
    if not distinct(text).isdisjoint(triggers):
        hits = distinct(text).intersection(triggers)
        lowered = _lowered(text, pattern)
        if lowered is None:
            for begin, end in _stretches(text, hits):
                yield from pattern.finditer(text, begin, end)
            return
        folded = _folded(pattern.pattern, pattern.flags)
        for begin, end in _stretches(text, hits):
            for found in folded.finditer(lowered, begin, end):
                yield from filter(None, (pattern.match(text, found.start(), end),))


def spot(pattern: re.Pattern[str], text: str, triggers: Collection[str]) -> str | None:
    found = next(spots(pattern, text, triggers), None)
    return None if found is None else found[0]


def search(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """As pattern.search(text)."""
    lowered = _lowered(text, pattern)
    if lowered is None:
        return pattern.search(text)
    found = _folded(pattern.pattern, pattern.flags).search(lowered)
    return found and pattern.match(text, found.start())


def holds(pattern: re.Pattern[str], text: str) -> bool:
    """Whether pattern.search(text) finds anything."""
    lowered = _lowered(text, pattern)
    twin, read = (pattern, text) if lowered is None else (_folded(pattern.pattern, pattern.flags), lowered)
    return twin.search(read) is not None


def match(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    """As pattern.match(text)."""
    lowered = _lowered(text, pattern)
    if lowered is not None and not _folded(pattern.pattern, pattern.flags).match(lowered):
        return None
    return pattern.match(text)


def replace(pattern: re.Pattern[str], by: str, text: str) -> str:
    """As pattern.sub(by, text), for a `by` without backslashes and a pattern that matches no empty text."""
    lowered = _lowered(text, pattern)
    if lowered is None:
        return pattern.sub(by, text)
    parts, at = list[str](), 0
    for found in _folded(pattern.pattern, pattern.flags).finditer(lowered):
        parts += (text[at : found.start()], by)
        at = found.end()
    return "".join((*parts, text[at:]))


def _lowered(text: str, pattern: re.Pattern[str]) -> str | None:
    """What the pattern's twin reads; None where only the pattern itself will do."""
    return text.lower() if pattern.flags & _IGNORES_CASE and text.isascii() else None


@lru_cache(maxsize=128)  # more than there are such patterns
def _folded(source: str, flags: int) -> re.Pattern[str]:
    """The pattern's twin for text in lower case."""
    lower = _LETTER.sub(lambda found: found[0].lower() if len(found[0]) == 1 else found[0], source)
    return re.compile(lower, flags & ~_IGNORES_CASE)


def _stretches(text: str, hits: Collection[str]) -> list[tuple[int, int]]:
    lowered = text.lower()
    if len(lowered) != len(text):  # a letter that is two in lower case: positions would not fit
        return [(0, len(text))]
    places: list[int] = []
    for hit in hits:
        place = lowered.find(hit)
        while place >= 0:
            places.append(place)
            place = lowered.find(hit, place + REACH)
    stretches: list[tuple[int, int]] = []
    for place in sorted(places):
        begin, end = max(0, place - REACH), min(len(text), place + 2 * REACH)
        if stretches and begin <= stretches[-1][1]:
            begin = stretches.pop()[0]
        stretches.append((begin, end))
    return stretches
