"""Looking for a dear pattern only where one of its words stands: a search over stretches around trigger words.

Invariant: the stretches never overlap, so a text is searched once however many triggers it holds.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from functools import lru_cache

from evolve.checks.vocabulary import tokens

REACH = 160
"""Characters before and behind a trigger; longer than any pattern that is looked for this way."""


@lru_cache(maxsize=16)
def distinct(text: str) -> frozenset[str]:
    return frozenset(tokens(text))


def spots(pattern: re.Pattern[str], text: str, triggers: Collection[str]) -> Iterator[re.Match[str]]:
    """Matches of `pattern` near one of the `triggers`, which are lower-case tokens, one of which is in every match."""
    hits = distinct(text).intersection(triggers)
    if hits:
        for begin, end in _stretches(text, hits):
            yield from pattern.finditer(text, begin, end)


def spot(pattern: re.Pattern[str], text: str, triggers: Collection[str]) -> str | None:
    found = next(spots(pattern, text, triggers), None)
    return None if found is None else found[0]


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
