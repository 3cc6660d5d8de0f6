"""What a candidate copied from the templates that it was made with: runs of words, and tags.

Invariant: derived from the texts of the templates alone, in whatever language they are written. It knows no list of
forbidden words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from evolve.checks.vocabulary import FILLER
from evolve.text import words

RUN = 6
"""Words in a run that count as copied: of 1,863 recorded evolutions under other prompts, none shares five in a row
with these templates, and 4 share four."""
RARE_RUN = 4
"""Words in a shorter run that count if RARE of them are neither filler nor daily bread of tasks: none of 3,726 recorded
seeds and evolutions has such a run of these templates."""
RARE = 3
SIGNS = 10
"""Characters in a run of a script without spaces: our choice, about as much as six words say."""

COMMON = FILLER | frozenset(
    """write function program code python java javascript class method list array string number numbers integer integers
    task problem solution return returns input output value values create implement language programming test data
    time space complexity until while after before above below even ever again between over under during through without
    within about because also very too much many any some such both every never always still only own two one first
    second all each into not or only no more most less than other same more given
    following example element elements sort sorted find print print text file line lines word words object key keys
    table query type name result algorithm error empty negative positive parameter parameters argument takes
    should""".split()  # noqa: SIM905
)
"""Words that two tasks share by chance."""

_PLACEHOLDER = re.compile(r"\$(?:\w+|\{\w+\})")
_TAG = re.compile(r"^[ \t]*+(</?[A-Za-z][\w-]{0,40}>|#{1,6}[^\n#]{1,40}#+:?)[ \t]*+$", re.MULTILINE)
_SIGN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_TOKEN = re.compile("[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]|\\w")
Shingles = set[tuple[str, ...]]


class Copies:
    """The runs of all templates."""

    def __init__(self, templates: Iterable[str]) -> None:
        texts = [_PLACEHOLDER.sub("\n\x00\n", text) for text in templates]
        self._tags: set[str] = {tag.strip().lower().rstrip(":") for text in texts for tag in _TAG.findall(text)}
        self._runs: Shingles = set()
        self._signs: Shingles = set()
        for part in (part for text in texts for part in text.split("\x00")):
            self._runs |= runs(words(part))
            self._signs |= signs(part)
        self._anchors = frozenset(max((word for word in run if is_rare(word)), key=len) for run in self._runs)

    def found(self, text: str, tokens: list[str], excused: Iterable[str]) -> str | None:
        """What `text`, whose words are `tokens`, copied and none of the excused texts holds."""
        copied: Shingles = self._runs.intersection(_near(tokens, self._anchors))
        copied = copied.difference(*(runs(words(each)) for each in excused)) if copied else copied
        if copied:
            longest = max(copied, key=lambda run: (len(run), run))
            return " ".join(longest)
        if self._signs and not text.isascii():
            copied = (self._signs & signs(text)).difference(*(signs(each) for each in excused))
        return "".join(min(copied)) if copied else None

    def tag(self, text: str) -> str | None:
        """A tag of a template, on a line of its own or at either end of the text."""
        low = text.strip().lower()
        for tag in self._tags:
            if tag in low and (low.startswith(tag) or low.endswith(tag) or _own_line(tag, low)):
                return tag
        return None


def runs(tokens: list[str]) -> Shingles:
    """All runs of RUN words with a rare one among them, and those of RARE_RUN that hold RARE rare ones."""
    rare = frozenset(filter(is_rare, tokens))
    return {run for run in _near(tokens, rare) if len(run) == RUN or sum(map(is_rare, run)) >= RARE}


def is_rare(word: str) -> bool:
    return word not in COMMON and not word.isdigit()


def _near(tokens: list[str], rare: frozenset[str]) -> Iterator[tuple[str, ...]]:
    """The runs, of either length, around the rare words."""
    at = [index for index, token in enumerate(tokens) if token in rare]
    for length in (RUN, RARE_RUN):
        begins = {begin for index in at for begin in range(max(0, index - length + 1), index + 1)}
        yield from (tuple(tokens[begin : begin + length]) for begin in begins if begin + length <= len(tokens))


def signs(text: str) -> Shingles:
    """All runs of SIGNS letters that are mostly of a script without spaces."""
    if not _SIGN.search(text):
        return set()
    letters = _TOKEN.findall(text.lower())
    found = zip(*(letters[start:] for start in range(SIGNS)), strict=False)
    return {run for run in found if sum(bool(_SIGN.match(letter)) for letter in run) * 2 > SIGNS}


def _own_line(tag: str, low: str) -> bool:
    return any(line.strip().rstrip(":") == tag for line in low.splitlines())
