"""Reading a task back from its text: seed, family or fusion in front, then one sentence for every rule applied.

The server keeps no state about tasks: whatever it needs to know of an instruction stands in the instruction. Invariant:
for a text that this teacher wrote, `recognise` returns the very task that it had in mind, whatever has become of its
white space. A text that it did not write is a task without a known answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from evolve.offline.families import find_member, popular
from evolve.offline.fusion import FUSED, refuse
from evolve.offline.rules import Rule, pattern
from evolve.offline.tasks import Task, guess_language
from evolve.offline.tongues import ENGLISH, TONGUES
from evolve.offline.translating import RULES, put_all

MAX_CHAIN = 4
"""Rules applied to one task at most."""

_SWAPS = (
    ("Return ", "Give back "),
    ("returns ", "gives back "),
    ("Write ", "Create "),
    ("list of ", "sequence of "),
)
_FRAMES = ("Please work on the following. ", "Your task is this: ", "Here is what to do. ")


def paraphrase(text: str, number: int, tongue: str = ENGLISH) -> str:
    """The same task in other words: nothing is gained by it."""
    frames = TONGUES[tongue].frames if tongue in TONGUES else _FRAMES
    frame = frames[number % len(frames)]
    for word, other in _SWAPS:
        text = text.replace(word, other)
    return frame + text


def canonical(text: str) -> str:
    """The text without what `paraphrase` did, all white space as single spaces."""
    flat = " ".join(text.split())
    for frame in (*_FRAMES, *(frame for tongue in TONGUES.values() for frame in tongue.frames)):
        flat = flat.removeprefix(frame)
    for word, other in _SWAPS:
        flat = flat.replace(other, word)
    return flat


class Book:
    """What the teacher can read: its seeds, and what it makes of them."""

    def __init__(self, seeds: Iterable[Task]) -> None:
        self.seeds = tuple(seeds)
        """As they were read; what they are called in other languages is known as well."""
        known = [(canonical(task.text), task) for task in (*self.seeds, *put_all(self.seeds), *popular())]
        self._known = sorted(known, key=lambda item: -len(item[0]))

    def recognise(self, text: str) -> Task:
        """The task that the text asks for; it has neither output nor cases if it is not known."""
        flat = canonical(text)
        task, end = self._origin(flat) or (Task(text, language=guess_language(text)), 0)
        while step := _next_rule(task, flat, end):
            rule, k, end = step
            if not rule.choices(task):
                break  # such a sentence in a text that is not ours
            task = replace(rule.change(task, k), chain=(*task.chain, rule.name))
        return replace(task, text=text)

    def _origin(self, flat: str) -> tuple[Task, int] | None:
        """The task at the root of the text, and where the text's own additions begin."""
        fused = FUSED.search(flat)
        if fused:
            first, second = self.recognise(fused["first"]), self.recognise(fused["second"])
            task = refuse(first, second, fused["name"], flat)
            return (task, fused.end()) if task else None
        for known, seed in self._known:
            start = flat.find(known)
            if start >= 0:
                return seed, start + len(known)
        found = find_member(flat)
        return None if found is None else (found.task, found.end)


def _next_rule(task: Task, flat: str, start: int) -> tuple[Rule, str, int] | None:
    """The rule whose sentence comes first from `start` on, its number and where the sentence ends."""
    found = [(match.start(), -match.end(), rule, match) for rule, head, regex in _PHRASES.get(task.tongue, ())
             if rule.name not in task.chain and head in flat and (match := regex.search(flat, start))]  # fmt: skip
    if not found:
        return None
    _, end, rule, match = min(found, key=lambda item: item[:2])
    return rule, match.groupdict().get("k") or "", -end


_PHRASES = {
    tongue: tuple(
        (rule, canonical(re.split(r"\{[fk]\}", phrase)[0]).strip(), pattern(canonical(phrase)))
        for rule in RULES
        for phrase in rule.said(tongue)
    )
    for tongue in (ENGLISH, *TONGUES)
}
"""By natural language."""
