"""Looking for patterns cheaply: what is found is what the pattern itself finds."""

from __future__ import annotations

import re

import pytest

from evolve.checks.spotting import holds, match, search, spots

NAMED = re.compile(r"\b(?:THE|this) (?:Given )?(?P<Kind>List|[A-Z]{3})s?\b(?!\S)|\D\bΑ", re.IGNORECASE)
TEXTS = (
    "Sort the given list",
    "SORT THE GIVEN LISTS",
    "this Cat",
    "the given",
    "İ the lists",
    "sort THE LIST of x",
    "",
)


@pytest.mark.parametrize("text", TEXTS)
def test_a_search_finds_what_the_pattern_finds(text: str) -> None:
    mine, its = search(NAMED, text), NAMED.search(text)
    assert (mine and (mine.span(), mine.groupdict())) == (its and (its.span(), its.groupdict()))
    assert holds(NAMED, text) == (its is not None)


@pytest.mark.parametrize("text", TEXTS)
def test_a_match_is_the_patterns(text: str) -> None:
    for begin in range(len(text)):
        mine, its = match(NAMED, text[begin:]), NAMED.match(text[begin:])
        assert (mine and mine.groupdict()) == (its and its.groupdict())


@pytest.mark.parametrize("text", TEXTS)
def test_spots_are_the_matches_near_a_trigger(text: str) -> None:
    found = [spot.span() for spot in spots(NAMED, text, {"list", "lists", "cat"})]
    assert found == [its.span() for its in NAMED.finditer(text)]
