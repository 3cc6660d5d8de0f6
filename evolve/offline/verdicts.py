"""What the offline teacher's judge says: the truth, as far as it can know it from its own faults.

A question is recognised by words of its prompt. Invariant: whatever this teacher did wrong on purpose it says yes to,
where the question is about it (but for a sentence copied from a template, which a judge is not shown); to everything
else it says no, and to a question that it does not know "unsure". It understands nothing: it looks for the very marks
that faults.py leaves.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping

from evolve.offline.book import canonical
from evolve.offline.families import popular
from evolve.offline.faults import (
    DRIFTS,
    ELSEWHERE,
    FENCED,
    FRONTS,
    LEAK,
    OTHER_LANGUAGE,
    PLACEHOLDERS,
    REFUSALS,
    REGRESSIONS,
    UNSOLVABLES,
    UNTRUE,
    filler,
)

_TEXT = re.compile(r"<(parent|child|instruction|answer|item|row) ([0-9a-f]{8})>\n(.*)\n</\1 \2>", re.DOTALL)

Texts = Mapping[str, str]


def same(first: str, second: str) -> bool:
    """Whether two texts ask for the same, as far as this teacher's own paraphrases go."""
    return canonical(first).casefold() == canonical(second).casefold()


def shown(message: str) -> dict[str, str]:
    """The texts that a judge's prompt shows, by their tags."""
    found: dict[str, str] = {}
    begin = 0
    while match := _TEXT.search(message, begin):
        found[match[1]] = match[3]
        begin = match.end()
    return found


def judge(message: str) -> str:
    """The reply to a judge's prompt."""
    texts = shown(message)
    question, _, _ = message.partition("<")
    known = next((truth for words, truth in _QUESTIONS if words in question), None)
    if known is None or not texts:
        return say("unsure", "The question is not one that this judge knows.")
    word = "yes" if known(texts) else "no"
    return say(word, f"By what this teacher knows of its own texts the answer is {word}.")


def say(word: str, why: str) -> str:
    return json.dumps({"why": why, "verdict": word})


def _new(texts: Texts, marks: tuple[str, ...]) -> bool:
    """Whether the child holds one of the marks, and its parent does not."""
    parent = canonical(texts.get("parent", ""))
    return any(canonical(mark) in canonical(texts["child"]) and canonical(mark) not in parent for mark in marks)


def _elsewhere(texts: Texts) -> bool:
    return _new(texts, ELSEWHERE) or _new(texts, tuple(task.text for task in popular()))


def _drifted(texts: Texts) -> bool:
    child = texts["child"]
    return child.startswith(tuple(drift.partition("{f}")[0] for drift in DRIFTS.values())) or _new(
        texts, (OTHER_LANGUAGE,)
    )


def _lost(texts: Texts) -> bool:
    blocks = (canonical(match[0]) for match in FENCED.finditer(texts["parent"]))
    return any(block not in canonical(texts["child"]) for block in blocks)


_QUESTIONS: tuple[tuple[str, Callable[[Texts], bool]], ...] = (
    ("ask for nothing that its parent did not", lambda texts: same(texts["parent"], texts["child"])),
    ("contain its own solution", lambda texts: _new(texts, (LEAK,))),
    ("lose something that it still needs", _lost),
    ("fail to put any task", lambda texts: not texts["child"].strip()),
    ("speak of having been rewritten", lambda texts: texts["child"].startswith(FRONTS)),
    ("Did the language change", _drifted),
    ("for worse code", lambda texts: _new(texts, REGRESSIONS)),
    ("keeps everybody from doing", lambda texts: _new(texts, UNSOLVABLES)),
    ("left the subject of its parent", _elsewhere),
    ("adds to its parent filler", lambda texts: _new(texts, (filler(),))),
    ("decline the work", lambda texts: texts["answer"].strip() in REFUSALS),
    ("told in other words", lambda texts: canonical(texts["item"]).casefold() in canonical(texts["row"]).casefold()),
    ("that is not so", lambda texts: texts["answer"].rstrip().endswith(UNTRUE)),
    ("leave work undone", lambda texts: any(f"\n    {body}\n```" in texts["answer"] for body in PLACEHOLDERS)),
)
"""Words of a prompt that give the question away, and its true answer."""
