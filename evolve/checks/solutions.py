"""The answer in the question: an instruction that contains its own full solution.

Whoever learns from such a row learns to copy. Evidence is a *cue*, a heading or sentence that announces a solution
or the
corrected version, with a *body* behind it: code that does something and is not the parent's, or text. Code alone is no
evidence: tasks show code to mend, to translate, to test, to start from, or to be led astray by. So a cue that speaks
of a faulty, present or unfinished piece announces none, and under the operator that shows faulty code on purpose only
a correction does.

Invariant: it reads the instruction alone, since it runs before an answer is paid for. It does not run code, so it
cannot tell whether an unannounced piece would solve the task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Self

from evolve.checks import solved as cues
from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.markdown import Page, page
from evolve.records import Finding
from evolve.text import words

MISLEADING = "misleading_code"
"""The operator whose candidates show wrong code, and may call it a solution."""
CARRIED = 0.8
"""Share of a body's lines from which it counts as the parent's own. Of twelve recorded bodies behind a cue, ten have at
most 0.4 and two have all of them from the parent. A correction may differ in one line, so there only all is."""
AROUND = 6
"""Lines before a cue in which an example that it belongs to is announced."""
REACH = 60
"""Lines behind a cue that are looked at."""
SHORT = 60
"""Characters of a line that may be a heading without a mark."""
LONG = 200
"""Characters of the longest announcement."""
HEAD = 600
"""Characters in which a task names what it wants."""
SHOWN = 20
"""Blocks that are looked at."""
ASKS = 200
"""Characters in which a task says what it wants."""
ESSAY = 12
"""Words from which text behind a heading explains something."""

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Body:
    """What follows a cue."""

    text: str
    code: bool


class AnswerLeak:
    name = "answer_leak"
    version = 2
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        text = candidate.text
        parts = page(text)
        found = next(chain(_leaks(candidate, parts), _spoken(candidate, parts)), None)
        return reject(self, found) if found else accept(self)


def _leaks(candidate: Candidate, parts: Page) -> Iterator[str]:
    lines = candidate.text.splitlines()
    announcing = [(at, line) for at, line in enumerate(lines) if _may_announce(line)]
    if not announcing:
        return
    fenced = _fenced(parts)
    own = {line.strip() for parent in candidate.parents for line in parent.splitlines()}
    for at, line in announcing:
        if at in fenced or line.strip() in own:
            continue
        cue = _last_sentence(line)
        if cues.CORRECTED.match(cue):
            if _does_something(_body(lines, at + 1, fenced), own, least=1, carried=1.0) and not cues.NO_SOLUTION.search(
                cue
            ):
                yield f"announces a correction: {cue.strip()!r}"
        elif cues.SOLVED.match(cue):
            if not cues.NO_SOLUTION.search(cue) and _is_solution(candidate, lines, at, fenced, own):
                yield f"announces a solution: {cue.strip()!r}"
        elif label := cues.LABEL.match(line):
            if not cues.NO_SOLUTION.search(label.group()) and _is_text(line[label.end() :], lines, at, least=4):
                yield f"gives the answer: {shortened(line)!r}"
        elif _explains(cue, parts) and _is_text(_body(lines, at + 1, fenced).text, lines, at, least=ESSAY):
            yield f"explains what it asks to be explained: {cue.strip()!r}"


def _explains(cue: str, parts: Page) -> bool:
    return bool(cues.EXPLAINED.match(cue) and cues.ASKS_TO_EXPLAIN.search(parts.prose[:ASKS]))


def _may_announce(line: str) -> bool:
    """A cheap look before the dear ones: a mark of a heading or of an announcement, and a word of one."""
    if not (":" in line or "：" in line or line.lstrip()[:1] in {"#", "*", "_", ">"} or 3 < len(line) < SHORT):
        return False
    return not line.isascii() or not cues.GATE.isdisjoint(words(line[-LONG:]))


def _is_solution(candidate: Candidate, lines: Sequence[str], at: int, fenced: dict[int, str], own: set[str]) -> bool:
    body = _body(lines, at + 1, fenced)
    if not body.code:
        return candidate.operator != MISLEADING and _is_text(body.text, lines, at, least=ESSAY)
    beside = "\n".join(
        (*_prose(lines, fenced, range(max(0, at - 3), at)), *_prose(lines, fenced, range(at + 1, at + REACH)))
    )
    doubted = candidate.operator == MISLEADING or cues.DOUBT.search(beside)
    return not doubted and _does_something(body, own, least=1 if cues.WHOLE_BODY.search(body.text[:4000]) else 2)


def _does_something(body: Body, own: set[str], least: int, carried: float = CARRIED) -> bool:
    """Whether a body is code of its own that is more than a signature, a call or a stub."""
    if not body.code or cues.STUB.search(body.text):
        return False
    code = [line.strip() for line in body.text.splitlines() if line.strip() and not cues.COMMENT.match(line)]
    if sum(line in own for line in code) >= carried * len(code):
        return False
    return sum(not cues.SIGNATURE.match(line) for line in code) >= least


def _is_text(text: str, lines: Sequence[str], at: int, least: int) -> bool:
    """Whether a body is text that says something, and belongs to no example."""
    before = "\n".join(lines[max(0, at - AROUND) : at])
    return len(words(text)) >= least and not cues.STUB.search(text) and not cues.EXAMPLE.search(before)


def _body(lines: Sequence[str], begin: int, fenced: dict[int, str]) -> Body:
    """The code block that begins at most three lines further on, or the lines up to the next heading or block."""
    rest = [at for at in range(begin, min(begin + REACH, len(lines))) if lines[at].strip()]
    for at in rest[:3]:
        if at in fenced:
            return Body(fenced[at], code=True)
    taken: list[str] = []
    for at in rest:
        if at in fenced or (lines[at].startswith("#") and not lines[at].startswith("#include") and taken):
            break
        taken.append(lines[at])
    code = sum(bool(cues.CODE_LINE.match(line)) for line in taken)
    if taken and code * 2 >= min(len(taken), 8) and cues.CODE_LINE.match(taken[0]):
        return Body("\n".join(taken), code=True)
    return Body("\n".join(taken), code=False)


def _prose(lines: Sequence[str], fenced: dict[int, str], numbers: range) -> Iterator[str]:
    return (lines[at] for at in islice(numbers, REACH) if at < len(lines) and at not in fenced)


def _fenced(parts: Page) -> dict[int, str]:
    """Line number -> the code of the block that it lies in, fences included."""
    inside: dict[int, str] = {}
    for block in parts.blocks:
        for at in range(block.line, block.line + len(block.code.splitlines()) + 1 + block.closed):
            inside[at] = block.code
    return inside


def _last_sentence(line: str) -> str:
    """Where a line ends in a colon, its last sentence; a short line whole."""
    bare = line.rstrip(" \t*_#")
    if bare.endswith((":", "：")) and len(bare) > 40:
        cut = max(bare.rfind(mark, 0, len(bare) - 1) for mark in (". ", "! ", "? ", "。", "；", "; "))
        return line[cut + 1 :].strip()
    return line if len(line) <= LONG else ""


def _spoken(candidate: Candidate, parts: Page) -> Iterator[str]:
    """Solutions without a heading: worked into sentences, written under the demanded name, or behind a wrong piece."""
    prose = parts.prose
    found = cues.SAID.search(prose) if any(said in prose for said in cues.SAYINGS) else None
    if found and not any(found.group() in parent for parent in candidate.parents):
        yield f"gives the answer: {shortened(found.group())!r}"
    if prose.count("`") >= 2 * cues.SPANS:
        spans = {span for span in cues.SPAN.findall(prose) if cues.STATEMENT.search(span)}
        spans = {span for span in spans if not any(span in parent for parent in candidate.parents)}
        if len(spans) >= cues.SPANS and any("return" in span for span in spans) and not cues.WRONG.search(prose):
            yield f"spells out its solution: {shortened(max(spans))!r}"
    yield from _shown(candidate, parts)


def _shown(candidate: Candidate, parts: Page) -> Iterator[str]:
    shown = parts.blocks[:SHOWN]
    yield from _labelled(candidate, [block.code for block in shown])
    new = [block.code for block in shown if not any(block.code.strip() in parent for parent in candidate.parents)]
    names = [set(cues.DEFINED.findall(code)) for code in new if not cues.STUB.search(code)]
    if candidate.operator == MISLEADING:
        twice = {name for at, some in enumerate(names) for name in some if any(name in more for more in names[:at])}
        if twice and not cues.SEVERAL.search(parts.prose):
            yield f"shows {min(twice)} twice, wrong and right"
    elif any(names) and "`" in parts.prose:
        asked = {match[1] for match in cues.ASKED.finditer(parts.prose[:HEAD])}
        asked &= set().union(*names)
        if asked and not cues.WORKED_ON.search(parts.prose):
            yield f"holds the {min(asked)} that it asks for"


def _labelled(candidate: Candidate, shown: Sequence[str]) -> Iterator[str]:
    """Code below a comment that calls it the correction."""
    own = {line.strip() for parent in candidate.parents for line in parent.splitlines()}
    for code in shown:
        lines = code.splitlines()
        for at, line in enumerate(lines[:REACH]):
            said = cues.COMMENT_TEXT.match(line)
            if said is None or line.strip() in own or cues.NO_SOLUTION.search(said[1]):
                continue
            rest = Body("\n".join(lines[at + 1 : at + REACH]), code=True)
            if cues.CORRECTED.match(said[1].strip()) and _does_something(rest, own, least=0, carried=1.0):
                yield f"labels a correction: {line.strip()!r}"
                return


def shortened(line: str) -> str:
    return line.strip()[:80]
