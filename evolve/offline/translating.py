"""A task of this teacher's put into another natural language: its origin, then every sentence that was added to it.

Invariant: what comes out asks for the same, has the same code, and is read back as the same task with the same chain of
rules; a text that holds a word which nobody translated is not put at all. Nothing is asked of a model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from evolve.offline.calls import CALL_RULES
from evolve.offline.demands import DEMANDS
from evolve.offline.families import find_member
from evolve.offline.families import put as put_member
from evolve.offline.misleading import MISLEADING
from evolve.offline.rules import VALUE_RULES, Rule, pattern
from evolve.offline.tasks import Task
from evolve.offline.tongues import TONGUES

RULES: tuple[Rule, ...] = (*VALUE_RULES, *CALL_RULES, *DEMANDS, MISLEADING)
"""Every rule of the teacher, by which a text may have been evolved."""
_FENCED = re.compile(r"```.*?\n```", re.DOTALL)
_SHOWN = re.compile(r"(?:^#+ `[^`\n]+`\n\n)?```.*?\n```", re.DOTALL | re.MULTILINE)
"""Code of an answer, with the heading that says which file it is."""


def put_all(seeds: Iterable[Task]) -> Iterator[Task]:
    """Every seed in every language in which it is known, with an answer in that language."""
    for seed in seeds:
        for tongue in TONGUES:
            text = _put_seed(seed, tongue)
            if text is not None:
                yield replace(seed, text=text, output=_answer(seed, tongue), tongue=tongue)


def put(seeds: Iterable[Task], text: str, tongue: str) -> str | None:
    """The text in that language; None where a part of it cannot be said."""
    if tongue not in TONGUES:
        return None
    for seed in seeds:
        if text.startswith(seed.text) and (head := _put_seed(seed, tongue)) is not None:
            return _put_rest(head, text[len(seed.text) :], seed, tongue)
    found = find_member(text)
    if found is None or found.start > 0 or found.task.tongue == tongue:
        return None
    head = put_member(found, tongue)
    return _put_rest(head, text[found.end :], found.task, tongue)


def _put_seed(seed: Task, tongue: str) -> str | None:
    """A seed's text in the language: its words, then its code as it stands."""
    said = TONGUES[tongue].of_seed(seed.text, seed.entry) if seed.tongue != tongue else None
    words, fence, rest = seed.text.partition("```")
    if said is None or (fence and not rest.endswith("```")):
        return None
    return f"{said}\n\n{fence}{rest}" if fence else said if words else None


def _answer(seed: Task, tongue: str) -> str:
    """What the seed was answered with, its code under words of the language."""
    own = TONGUES[tongue]
    number = len(seed.text) % len(own.answers)
    plain = own.answers[number].replace("{f}", seed.entry) if seed.entry else own.code
    prose = own.kinds.get(seed.kind, plain)
    return "\n\n".join((prose, *_SHOWN.findall(seed.output)))


def _put_rest(head: str, rest: str, task: Task, tongue: str) -> str | None:
    """The head with what was added to the task, sentence by sentence, in the language."""
    done, gap = head, TONGUES[tongue].gap
    while rest := rest.lstrip():
        if fence := _FENCED.match(rest):
            done, rest = f"{done}\n\n{fence[0]}", rest[fence.end() :]
            continue
        step = next(_steps(rest, task, tongue), None)
        if step is None:
            return None
        said, k, rule, rest = step
        said = said.replace("{f}", task.entry).replace("{k}", k)
        apart = "\n\n" if done.endswith("```") or rule is MISLEADING else gap
        done, task = f"{done}{apart}{said}", rule.change(task, k)
    return done


def _steps(rest: str, task: Task, tongue: str) -> Iterator[tuple[str, str, Rule, str]]:
    """(what the sentence is in the language, its number, its rule, what follows) for a sentence at the beginning."""
    for rule in RULES:
        for phrase, said in zip(rule.said(task.tongue), rule.said(tongue), strict=False):
            match = pattern(phrase).match(rest)
            if match:
                yield said, match.groupdict().get("k") or "", rule, rest[match.end() :]
