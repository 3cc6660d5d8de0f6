"""Checks of an answer: WizardLM's second and third rule, made fit for code, and work left undone.

A cue counts only where an answer would use it: refusals at its beginning, placeholders in its code. Whether code
does what was asked is not for text to tell; that is the verifier's business.
"""

from __future__ import annotations

import re
from typing import Self

from evolve.eliminator.candidate import Candidate, Context, Subject, accept, reject
from evolve.eliminator.instructions import FILLER
from evolve.records import Finding
from evolve.text import words

_FENCE = re.compile(r"^[ \t]*(`{3,}+|~{3,}+)[^\n]*\n(.*?)(?:^[ \t]*\1`*[ \t\r]*$|\Z)", re.DOTALL | re.MULTILINE)

REFUSAL = re.compile(
    r"\A\W*(?:(?:i['’]?m|i am) (?:very |really |so )?sorry\b|sorry\b|(?:i )?apologi[sz]e|my apologies|unfortunately\b"
    r"|as an? (?:ai|artificial|large language|language)\b|i(?: am|['’]m) (?:just )?an? (?:ai|language model)\b"
    r"|i(?:['’]m| am)? ?(?:can['’]t|can ?not|cannot|won['’]t|will not|unable to|not able to|must decline"
    r"|have to decline)\b"
    r"|i (?:don['’]t|do not) (?:have|feel comfortable)\b)",
    re.IGNORECASE,
)
SHORT_ANSWER_WORDS = 80
"""WizardLM's bound: a longer answer that begins with "sorry" still answers (section 3.3)."""

_WORK = r"(?:code|logic|implementation|function|program|body|content)"
PLACEHOLDER = re.compile(
    r"(?:#|(?<!:)//|/\*|--|<!--)\s*(?:\.{3}|…|todo:? (?:implement|add|write|fill)\b"
    rf"|(?:(?:add|insert|put|write|place|implement) )?your (?:own )?(?:\w+ )?{_WORK}\b"
    rf"|(?:add|insert|fill in|implement) (?:[\w-]+ ){{0,5}}here\b|implement (?:this|me|it|the rest)\b"
    rf"|(?:put|write|place) (?:[\w-]+ ){{0,4}}(?:{_WORK}|query|statements?) here\b"
    rf"|(?:the )?rest of (?:your \w+|the {_WORK})\b|{_WORK} (?:goes |omitted |remains )?here\b"
    r"|[^\n]{0,40}\bomitted for brevity)",
    re.IGNORECASE,
)
"""A comment that hands the work back."""


def code_blocks(text: str) -> list[str]:
    """The insides of the fenced blocks; a fence that is never closed reaches to the end."""
    return [match.group(2) for match in _FENCE.finditer(text)]


class Refusal:
    """An answer that declines. In code-free answers only: whoever refuses does not write the code."""

    name = "refusal"
    version = 1
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = candidate.answer or ""
        cue = REFUSAL.search(answer)
        if cue and not any(block.strip() for block in code_blocks(answer)) and len(words(answer)) < SHORT_ANSWER_WORDS:
            return reject(self, f"begins {cue.group().strip()!r}")
        return accept(self)


class EmptyContent:
    """An answer of nothing but punctuation and filler, or of bare fences."""

    name = "empty_content"
    version = 1
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = candidate.answer or ""
        inside = code_blocks(answer)
        if inside and not any(block.strip() for block in inside) and len(words(_FENCE.sub("", answer))) < 5:
            return reject(self, "a bare fence")
        if not any(block.strip() for block in inside) and not set(words(answer)) - FILLER:
            return reject(self, "no word that says anything")
        return accept(self)


class Placeholder:
    """Code that leaves the work to its reader. What the instruction itself left open may stay open."""

    name = "placeholder"
    version = 1
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        for block in code_blocks(candidate.answer or ""):
            cues = (match.group() for match in PLACEHOLDER.finditer(block))
            cue = next((cue for cue in cues if cue not in candidate.text), None)
            if cue is not None:
                return reject(self, f"in its code: {cue.strip()!r}")
        return accept(self)
