"""Rules that change how a function is called: over many argument lists at once, or with a guard in front.

A layer is a new function around the old one. Invariant: its cases come from running our own layer over a table of the
old cases, never from running a seed's code. What is returned by a single call changes in rules.py.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from evolve.offline.rules import Rule
from evolve.offline.tasks import Case, Task, function, wrap


@dataclass(frozen=True, slots=True)
class _Layer:
    suffix: str
    shape: str
    body: str
    """The new function's body, with the hole {f} for the old function's name."""
    suits: str
    phrases: tuple[str, ...]
    repeats: bool = False
    """Whether the cases should call with the same arguments more than once."""


_LAYERS = (
    _Layer(
        "all",
        "any",
        "    return [{f}(*args) for args in calls]",
        "complicate_input add_constraint",
        (
            "Callers have whole batches: write `{f}_all(calls)` as well, which takes a list of argument lists and "
            "returns the list of outcomes in the same order.",
            "Around it put `{f}_all(calls)`, where each item of calls is one list of arguments; it returns one outcome "
            "for each, in order.",
        ),
    ),
    _Layer(
        "cached",
        "any",
        "    keys = [repr(args) for args in calls]\n"
        "    known = {}\n"
        "    for key, args in zip(keys, calls):\n"
        "        if key not in known:\n"
        "            known[key] = {f}(*args)\n"
        "    return {'outcomes': [known[key] for key in keys], 'computed': len(known)}",
        "higher_complexity complicate_input",
        (
            "The same arguments come again and again: add `{f}_cached(calls)` for a list of argument lists, which "
            "computes each distinct one only once and returns a dict with the 'outcomes' in order and how many were "
            "'computed'.",
            "Provide `{f}_cached(calls)` too; given a list of argument lists it must not compute any of them twice, "
            "and returns a dict of the 'outcomes' in their order and the number of those that were 'computed'.",
        ),
        repeats=True,
    ),
    _Layer(
        "peak",
        "int",
        "    return max(({f}(*args) for args in calls), default=0)",
        "deepen_reasoning",
        (
            "In the end the worst case counts: `{f}_peak(calls)` takes a list of argument lists and returns the "
            "largest number found, or 0 if the list is empty.",
            "Add `{f}_peak(calls)`, which runs it for every argument list in calls and gives the maximum, 0 for none.",
        ),
    ),
    _Layer(
        "tally",
        "bool",
        "    return sum(1 for args in calls if {f}(*args))",
        "deepen_reasoning complicate_input",
        (
            "A summary is wanted: `{f}_tally(calls)` takes a list of argument lists and returns for how many of them "
            "it holds.",
            "Also define `{f}_tally(calls)`, which counts the argument lists in calls for which the answer is True.",
        ),
    ),
)


def _layer(layer: _Layer) -> Rule:
    def choices(task: Task) -> Sequence[str]:
        fits = layer.shape in task.shapes and task.listed
        first = not any(other.suffix in task.chain for other in _LAYERS)
        return ("",) if task.entry and fits and first and len(task.cases) > 1 else ()

    def change(task: Task, _: str) -> Task:
        name = f"{task.entry}_{layer.suffix}"
        source = f"def {name}(calls):\n" + layer.body.replace("{f}", task.entry)
        scope: dict[str, Callable[..., object]] = {task.entry: _lookup(task.cases)}
        exec(source, scope)  # our own layer, over a table of literals
        cases = []
        for part in _parts(task.cases, layer.repeats):
            calls = ", ".join(f"[{case.args}]" for case in part)
            cases.append(Case(f"[{calls}]", scope[name](ast.literal_eval(f"[{calls}]"))))
        return replace(task, entry=name, source=f"{task.source}\n\n\n{source}", cases=tuple(cases))

    return Rule(layer.suffix, layer.phrases, choices, change, frozenset(layer.suits.split()))


def _lookup(cases: Sequence[Case]) -> Callable[..., object]:
    table = {repr(ast.literal_eval(f"[{case.args}]")): case.expected for case in cases}
    return lambda *args: table[repr(list(args))]


def _parts(cases: Sequence[Case], repeats: bool) -> list[list[Case]]:
    half = len(cases) // 2
    again = [cases[0], cases[-1], cases[0]] if repeats else []
    return [[], [*cases[:half], *again], list(cases[half:])]


def _guardable(task: Task) -> Sequence[str]:
    node = function(task.source, task.entry) if task.entry else None
    if node is None or not node.args.args or "None" in ast.unparse(node.args):
        return ()
    return () if any("None" in case.args for case in task.cases) else ("",)


def _guard(task: Task, _: str) -> Task:
    wrapped = wrap(task)
    node = function(wrapped.source, task.entry)
    names = ", ".join(arg.arg for arg in node.args.args) if node else ""
    check = f"    if None in [{names}]:\n        raise TypeError('None is not a valid argument')\n"
    call = f"    result = {task.entry}_base("
    refused = REFUSED.format(call=f"{task.entry}({', '.join('None' for _ in names.split(', '))})")
    source = wrapped.source.replace(call, check + call)
    return replace(wrapped, source=source, further=(*task.further, *([] if task.others else [refused])))


REFUSED = """try:
    {call}
except TypeError:
    pass
else:
    raise AssertionError('None was taken')"""
"""What an argument's refusal is tested by; not in a task of files, whose tests import one function."""


CALL_RULES = (
    *(_layer(layer) for layer in _LAYERS),
    Rule(
        "guarded",
        (
            "If any argument is None, raise a TypeError before anything else is computed.",
            "Refuse None: whichever argument it is passed for, `{f}` must raise a TypeError right at the start.",
            "A missing value must not slip through, so a None among the arguments has to end in a TypeError.",
        ),
        _guardable,
        _guard,
        frozenset({"add_constraint", "concretize"}),
    ),
)
"""Rules about how it is called."""
