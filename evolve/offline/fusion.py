"""Two tasks made one: the crossover of the offline teacher.

A fused task calls both functions and relates their results, so its cases follow from the parents' cases without running
anything that a seed file brought. Its text holds both parents' texts whole, and closes with a sentence that begins with
"Together:"; so it is found again in later rounds. What is not executable, shares names or has no natural relation does
not fuse: `fuse` then returns None, and the teacher answers INVALID.
"""

from __future__ import annotations

import re
from copy import deepcopy
from dataclasses import replace
from random import Random

from evolve.offline.tasks import Case, Task, defined

FUSED = re.compile(r"Part one: (?P<first>.*)\sPart two: (?P<second>.*)\sTogether: write `(?P<name>\w+)\(", re.DOTALL)
_RELATIONS: tuple[tuple[str, str, str, str, str], ...] = (
    # name, shape of the first result, of the second, expression over `one` and `two`, in words
    ("if", "any", "bool", "one if two else None", "the first outcome where the second one is True, and None otherwise"),
    ("gap", "int", "int", "abs(one - two)", "how far apart the two outcomes are, as a number that is never negative"),
    ("cut", "str", "int", "one[:max(0, two)]",
     "as many leading characters of the first outcome as the second one says, none if it is below zero"),
    ("take", "list", "int", "one[:max(0, two)]",
     "as many leading items of the first outcome as the second one says, none if it is below zero"),
    ("limit", "int", "list", "min(one, len(two))", "the first outcome, but never more than the second one has items"),
    ("without", "list", "list", "[item for item in one if item not in two]",
     "the items of the first outcome that do not occur in the second, in their order"),
    ("longer", "str", "str", "max(one, two, key=len)", "the longer of the two texts, the first one if equal"),
    ("found", "str", "strs", "[item for item in two if item in one]",
     "those strings of the second outcome that occur somewhere inside the first, in their order"),
    ("holds", "list", "str", "[one.count(two), len(one)]",
     "a list of two ints: how often the second outcome is an item of the first, and how many items that one has"),
    ("lookup", "dict", "str", "one.get(two, len(one))",
     "what the first outcome holds under the second one as a key, or the number of its entries if it has no such key"),
)  # fmt: skip


def fuse(first: Task, second: Task, draw: Random) -> Task | None:
    """One task that needs both, or None if the two do not fit together."""
    if any(not t.entry or t.others or t.language != "python" or FUSED.search(t.text) for t in (first, second)):
        return None
    if defined(first.source) & defined(second.source) or not (first.listed and second.listed):
        return None
    fitting = [row for row in _RELATIONS if row[1] in first.shapes and row[2] in second.shapes]
    fused = _fused(first, second, draw.choice(fitting)) if fitting else None
    return None if fused is None or all(case.expected is None for case in fused.cases) else fused


def refuse(first: Task, second: Task, name: str, text: str) -> Task | None:
    """The fused task of that name, from its two recovered parents."""
    rows = [row for row in _RELATIONS if name == _name(first, second, row[0])]
    return replace(_fused(first, second, rows[0]), text=text) if rows and first.entry and second.entry else None


def _name(first: Task, second: Task, relation: str) -> str:
    return f"{first.entry}_{relation}_{second.entry}"


def _fused(first: Task, second: Task, row: tuple[str, str, str, str, str]) -> Task:
    relation, _, _, expression, words = row
    name = _name(first, second, relation)
    source = (
        f"{first.source}\n\n\n{second.source}\n\n\ndef {name}(first, second):\n"
        f"    one = {first.entry}(*first)\n    two = {second.entry}(*second)\n    return {expression}"
    )
    cases = []
    for i in range(max(len(first.cases), len(second.cases))):
        a, b = first.cases[i % len(first.cases)], second.cases[i % len(second.cases)]
        both = deepcopy({"one": a.expected, "two": b.expected})
        cases.append(Case(f"[{a.args}], [{b.args}]", eval(expression, both)))  # one of the expressions above
    text = (
        f"Two pieces of one Python program are needed, and a function that joins them.\n\nPart one: {first.text}\n\n"
        f"Part two: {second.text}\n\nTogether: write `{name}(first, second)`. It calls `{first.entry}` with the "
        f"list of arguments first and `{second.entry}` with the list of arguments second, and returns {words}."
    )
    return Task(text, "Both parts stay functions of their own; the last one relates their results.",
                entry=name, source=source, cases=tuple(cases))  # fmt: skip
