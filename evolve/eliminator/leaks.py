"""The prompt in the data: a candidate that talks about the rewriting instead of the task.

What to look for comes from the active templates, so it follows them when they are changed: runs of words that a
candidate shares with a template and not with its parent. Beside that, three shapes that no task of its own has: a
model's chatter before the task, an opening that orders a rewriting, and talk of the task as of another text. A run
in which leaked parents are evolved further leaks more each round (a public run: 3.1 %, then 7.3 %).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Self

from evolve.eliminator.candidate import Candidate, Context, Subject, accept, reject
from evolve.records import Finding
from evolve.text import words

SHINGLE = 6
"""Words in a run that count as copied: of 1,863 recorded evolutions under other prompts, none shares five in a row
with these templates, and 4 share four."""

_TAG = re.compile(
    r"</?(?:instruction|first|second|think)>|#\s*(?:rewritten|given|created|evolved|new|original)[ _](?:prompt|task)",
    re.IGNORECASE,
)
_NOUN = r"(?:prompt|instruction|question|task|problem|exercise|challenge|request)s?"
_OLD = r"(?:original|given|previous|initial|old|above|first|source|existing|provided)"
_NEW = r"(?:new|modified|rewritten|revised|evolved|updated|harder|improved|enhanced|complicated|(?:more|slightly) \w+)"
_DIFFICULTY = (
    rf"difficulty(?! (?:of|in) (?:the|each|every|an?) (?!(?:{_OLD} )?(?:(?:programming|coding|test) ){{0,2}}{_NOUN}))"
)
"""Of the task itself: a game may have one of its own."""

CHATTER = re.compile(
    r"\A\W*(?:(?:sure|certainly|of course|absolutely)\b\s*[!,.:]"
    r"|(?:okay|ok)\b\s*(?:[!.:]|,\s*(?:here|let|this|below|i\b|we\b))"
    rf"|here(?:['’]s| is| are) (?:an?|the|your|one) (?:(?:[\w-]+ ){{0,4}}(?:version|rewrite)"
    rf"|{_NEW} (?:[\w-]+ ){{0,3}}{_NOUN})\b"
    rf"|(?:{_NEW}) (?:[\w-]+ )?(?:{_NOUN}|version)\s*:)",
    re.IGNORECASE,
)
"""A model's words before the task; a task begins with itself."""

ORDER = re.compile(
    r"\A\W*(?:(?:evolve|complicate|rewrite|rephrase|modify|extend|alter|adapt|revise|enhance|upgrade|make|increase|raise)"
    rf" (?:up )?(?:the |this |that |your )?(?:{_DIFFICULTY}|complexity|hardness|(?:{_OLD} )?"
    r"(?:programming |coding )?(?:prompt|question|task|problem|exercise|challenge|instruction)\b)"
    rf"|(?:increase|raise) (?:the )?(?:\w+ )?(?:{_DIFFICULTY}|complexity))",
    re.IGNORECASE,
)
"""A task that orders its own rewriting."""

OTHER_TEXT = re.compile(
    rf"\bthe {_OLD} (?:(?:programming|coding) )?(?:test )?(?:prompt|question|instruction)\b"
    r"|\bthe (?:original|previous|initial) (?:(?:programming|coding) )?(?:task|problem|exercise)\b"
    r"|\b(?:the|this|in) (?:modified|rewritten|evolved|revised) (?:version|prompt|question|instruction|task|problem)\b"
    r"|\b(?:add|adding|include|introduce) (?:a |one |more |new |another )*(?:constraints?|requirements?)"
    r" (?:to|into) the (?:\w+ )?(?:prompt|question|instruction|task|problem)\b",
    re.IGNORECASE,
)
"""A task that speaks of another text which its reader never saw."""

PURPOSE = re.compile(
    r"\b(?:to|further|would|this|that) (?:further )?(?:increases?|raises?) (?:the )?(?:overall )?"
    rf"(?:misdirection|{_DIFFICULTY})"
    r"|^#++ *+(?=[^\n#]*\b(?:difficulty|difficult|rewritten|modified|evolved|complicated|misdirection)\b)[^\n#]*#+ *$",
    re.IGNORECASE | re.MULTILINE,
)
"""A task that says what its rewriting was for. A game may raise its difficulty; a task may not raise its own."""


class PromptLeak:
    name = "prompt_leak"
    version = 1
    subject: Subject = "instruction"

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._shingles = set().union(*(shingles(words(text)) for text in templates.values()))

    @classmethod
    def make(cls, context: Context) -> Self:
        return cls(context.templates)

    def __call__(self, candidate: Candidate) -> Finding:
        text, parents = candidate.text, candidate.parents
        for what, pattern in (
            ("a tag of the prompt", _TAG),
            ("talk before the task", CHATTER),
            ("orders a rewriting", ORDER),
            ("speaks of another text", OTHER_TEXT),
            ("says what the rewriting is for", PURPOSE),
        ):
            found = pattern.search(text)
            if found and not any(map(pattern.search, parents)):
                return reject(self, f"{what}: {found.group().strip()!r}")
        copied = sorted((self._shingles & shingles(words(text))).difference(*(shingles(words(p)) for p in parents)))
        if copied:
            return reject(self, f"words of the prompt: {' '.join(copied[0])!r}")
        return accept(self)


def shingles(tokens: list[str]) -> set[tuple[str, ...]]:
    return set(_windows(tokens))


def _windows(tokens: list[str]) -> Iterable[tuple[str, ...]]:
    return zip(*(tokens[start:] for start in range(SHINGLE)), strict=False)
