"""What a translated task must take over as it stands: code, literals, names, numbers, tables.

Whatever the parent holds of these must be in the child, byte for byte; numbers and inline code as often as there. What
the child has beside them is new, and a translation brings nothing new. Invariant: prose may be put in any words; a
number may be written in figures where the parent has the word for it, the other way round it is lost. Whether a name
that is a plain word ("the list values") is kept, nobody can tell from a text.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice

from evolve.checks.material import is_code_line
from evolve.checks.tongues import spoken
from evolve.checks.vocabulary import tokens
from evolve.markdown import page

_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("code", re.compile(r"`([^`\n]++)`")),
    (
        "quotation",
        re.compile(r"(?:\"([^\"\n]{0,200})\"|“([^“”\n]{1,200})”|(?<!\w)'([^'\n]{0,200})'(?!\w))"),
    ),
    ("call", re.compile(r"(?<![A-Za-z0-9_`])([A-Za-z_][A-Za-z0-9_.]{0,80}+\((?!e?s\)|ies\))[^()\n]{0,200}\))")),
    ("list", re.compile(r"(\[[^\[\]\n]{0,200}\]|\{[^{}\n]{1,200}\})")),
    ("address", re.compile(r"(https?://[^\s)>\]]++(?<![.,;:!?]))")),
    (
        "name",
        re.compile(
            r"(?<![A-Za-z0-9_.])((?=[A-Za-z0-9_]*[A-Za-z])[A-Za-z0-9]*_[A-Za-z0-9_]+|[a-z]+[A-Z][A-Za-z0-9]*|(?:[A-Z][a-z0-9]+){2,}"
            r"|[A-Za-z_][A-Za-z0-9_.]*(?=\((?!e?s\)|ies\)))|--?[a-z][a-z-]*+)(?![A-Za-z0-9_])"
        ),
    ),
)
"""What is looked for, each with the stretch that must be the same as its one group that matches.

An empty quotation is matched, so that its end is not taken for the beginning of one, and has no stretch.
"""
MOST = 200
"""Stretches of a kind in one text: far more than any task has, and each is looked for in the whole of the other one."""
_NUMBER = re.compile(r"(?<![^\W\d_])\d++(?:[.,:]\d++)*+")
_ROW = re.compile(r"^[^\n|]*\|[^\n|]*\|[^\n]*$", re.MULTILINE)
_WORDS = {
    "0": "zero no none empty nobody nothing never",
    "1": "one single once first a an",
    "2": "two twice second both pair pairs half double doubled",
    "3": "three third thirds triple",
    "4": "four fourth quarter",
    "5": "five fifth",
    "6": "six sixth",
    "7": "seven seventh",
    "8": "eight eighth",
    "9": "nine ninth",
    "10": "ten tenth tens",
    "11": "eleven",
    "12": "twelve dozen",
    "100": "hundred hundredth",
    "1000": "thousand",
    "1000000": "million",
}
"""Figures that may stand in a translation where the English text has a word."""
_MONTHS = "january february march april may june july august september october november december"
_SPELT = {month: str(number) for number, month in enumerate(_MONTHS.split(), 1)}
_SPELT |= {word: number for number, listed in _WORDS.items() for word in listed.split()}


def lost(text: str, parent: str) -> str | None:
    """The first thing of the parent that the text has not, or has too few times, in words; None if all are there."""
    mine, theirs = page(text), page(parent)
    for one, other in zip((*mine.blocks, *[None] * len(theirs.blocks)), theirs.blocks, strict=False):
        if one is None or (one.code, one.language) != (other.code, other.language):
            return f"a code block is not what it was: {other.code.strip()[:60]!r}"
    lines = {line.strip() for line in mine.prose.split("\n")}
    for line in (*code_lines(theirs.prose), *_ROW.findall(theirs.prose)):
        if line.strip() not in lines:
            return f"a line of code or of a table is gone: {line.strip()[:60]!r}"
    for kind, found, count in _stretches(theirs.prose):
        if mine.prose.count(f"`{found}`" if kind == "code" else found) < count:
            return f"a {kind} is gone: {found!r}"
    missing = numbers(theirs.prose) - numbers(mine.prose)
    if missing:
        return f"a number is gone: {min(missing)}"
    return None


def added(text: str, parent: str) -> str | None:
    """The first thing in the text that its parent gives no reason for, in words; None if there is nothing."""
    mine, theirs = page(text), page(parent)
    if len(mine.blocks) > len(theirs.blocks):
        return f"a code block is new: {mine.blocks[len(theirs.blocks)].code.strip()[:60]!r}"
    for kind, found, _ in _stretches(mine.prose):
        if kind in {"code", "call", "address", "name"} and found not in parent:
            return f"a {kind} is new: {found!r}"
    spelt = {_SPELT[word] for word in tokens(theirs.prose) if word in _SPELT}
    new = numbers(mine.prose).keys() - numbers(theirs.prose).keys() - spelt
    if new and "English" in {spoken(theirs.prose), spoken(theirs.prose, 1)}:  # the words for numbers are English ones
        return f"a number is new: {min(new)}"
    return None


def without_carried(text: str, parent: str) -> str:
    """The text without the lines of code that its parent has as well, for its language is nobody's."""
    known = set(code_lines(page(parent).prose))
    return "\n".join(line for line in text.split("\n") if line not in known) if known else text


def numbers(prose: str) -> Counter[str]:
    """Figures as they are written, each with how often."""
    return Counter(unicodedata.normalize("NFKC", found) for found in _NUMBER.findall(prose))


@lru_cache(maxsize=32)
def code_lines(prose: str) -> tuple[str, ...]:
    """Lines outside of fences that are code, and no language's sentence."""
    lines = prose.split("\n")
    if len(lines) == 1:
        return ()
    return tuple(line for line in lines if is_code_line(line) and spoken(line, 3) is None)


def _stretches(prose: str) -> Iterator[tuple[str, str, int]]:
    """(kind, stretch, how often it is there) of what must stay as it is, each once; MOST of a kind are looked at."""
    seen: dict[str, str] = {}
    for kind, pattern in _KINDS:
        for found in islice(pattern.finditer(prose), MOST):
            stretch = next(filter(None, found.groups()), "")
            if stretch:
                seen.setdefault(stretch, kind)
    yield from ((kind, stretch, prose.count(f"`{stretch}`") if kind == "code" else 1) for stretch, kind in seen.items())
