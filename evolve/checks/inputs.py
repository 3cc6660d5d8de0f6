"""What a task needs and does not hold: its parent's code or data gone, or things that nobody ever gave.

Both checks speak only where the text points to a thing that is not in it. A child that brings its own data, asks for
a function of any input, or says in words what its parent gave as code is whole, and passes.
"""

from __future__ import annotations

import re
from typing import Self

from evolve.checks.above import DEICTIC, pointed_back, stand_in
from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.carried import added, lost
from evolve.checks.citations import cited
from evolve.checks.material import has_code, has_material, has_program
from evolve.checks.references import makes, pointer
from evolve.checks.spotting import distinct
from evolve.markdown import page
from evolve.records import Finding

_DEFINED = re.compile(
    r"\b(?:def|function|func|fn|class|sub|struct|interface)\s{1,4}(\w{3,40})"
    r"|^[ \t]*(?:(?:public|private|static|int|void|double|float|string|bool|char|long|const|let|var)\s{1,4}){1,4}"
    r"(\w{3,40})",
    re.MULTILINE | re.IGNORECASE,
)
"""Names that the parent's code gives to something."""
_NAME = re.compile(r"\w{3,40}")


class LostInput:
    """Throws out a child that still speaks of its parent's code, data or literals, and holds them no more.

    13-14 % of a public run's steps lost what their parent gave. That alone is no fault (most describe it, or ask for a
    function of any such input); it is one if the child points to it ("the following code", "fix this query"), or uses
    a name that only the lost code explains. A translation has to carry over all of it, and to bring nothing.
    """

    name = "lost_input"
    version = 3
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        if candidate.tongue is not None and candidate.parents:
            changed = lost(candidate.text, candidate.parents[0]) or added(candidate.text, candidate.parents[0])
            return accept(self) if changed is None else reject(self, changed)
        return self._compare(candidate) if candidate.depth else accept(self)

    def _compare(self, candidate: Candidate) -> Finding:
        """Of a candidate that goes further than its parent."""
        text = candidate.text
        back = _points_back(candidate)
        if back is not None:
            return reject(self, back)
        if any(block.code.strip() for block in page(text).blocks):
            return accept(self)
        phrase = pointer(text, weak=True)
        name = _orphan(candidate) if phrase is None else None
        if (phrase or name) is None or not any(map(has_material, candidate.parents)) or _is_there(phrase, text):
            return accept(self)
        if phrase is not None:
            return reject(self, f"{phrase!r} is not there; its parent had it")
        return (
            accept(self) if name is None else reject(self, f"{name!r} is a name from its parent's code, which is gone")
        )


def _points_back(candidate: Candidate) -> str | None:
    """In words, what the child points back to or leaves room for; None if it does neither."""
    text = candidate.text
    instead = stand_in(text)
    if instead is not None and not any(instead in parent for parent in candidate.parents):
        return f"{instead!r} stands where the input should"
    back = pointed_back(text, makes=not distinct(text).isdisjoint(DEICTIC) and makes(text))
    if back is None or not any(map(has_material, candidate.parents)) or any(_also(back, p) for p in candidate.parents):
        return None
    return f"{back!r} is not there; its parent had it"


def _also(back: str, parent: str) -> bool:
    """Whether the parent points back in the very same words, and to as little."""
    return back in parent and pointed_back(parent, makes=makes(parent)) == back


class MissingInput:
    """Throws out a child that needs what nobody gave: attachments, figures, a book's pages, the API of some company.

    Also one that points to code or data ("the following code") where neither it nor its parent holds any. What its
    parent cites already is not held against it, and what it describes itself is given.
    """

    name = "unsolvable"
    version = 1
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        if not candidate.parents:
            return accept(self)
        text = candidate.text
        found = cited(text)
        if found is not None and not any(map(cited, candidate.parents)):
            return reject(self, f"cites what nobody gave: {found!r}")
        phrase = pointer(text, weak=False)
        if phrase is None or (candidate.depth and any(map(has_material, candidate.parents))) or _is_there(phrase, text):
            return accept(self)
        return reject(self, f"{phrase!r} is nowhere")


_PROGRAM = re.compile(
    r"\b(?:code|snippet|program|script|implementation|source)\b|代码|程序|脚本|コード|プログラム|スクリプト|코드|프로그램"
    r"|스크립트|\b(?:código|fragmento|programa|trecho|extrait|programme|quelltext|quellcode|programm|skript|codice|frammento"
    r"|programma)\b|\bкод|программ|скрипт",
    re.IGNORECASE,
)


def _is_there(phrase: str | None, text: str) -> bool:
    """Whether the text holds what the phrase may point to; for code, a quoted word is not enough."""
    if phrase is not None and "pseudo" in text.lower():  # its steps are set as a list
        return True
    return has_program(text) if phrase is not None and _PROGRAM.search(phrase) else has_material(text)


def _orphan(candidate: Candidate) -> str | None:
    """A name defined in a parent's code that the child uses and does not ask to write."""
    if not any(map(has_code, candidate.parents)) or makes(candidate.text):
        return None
    used = set(_NAME.findall(candidate.text))
    for parent in candidate.parents:
        for found in _DEFINED.finditer(parent):
            name = found[1] or found[2]
            if name in used and ("_" in name or name != name.lower()) and not name.isupper():
                return name
    return None
