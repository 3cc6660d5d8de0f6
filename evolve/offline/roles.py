"""What the four models say: evolver, responder, judge and tester, each a function of the prompt alone.

The operator is read from words of the prompt's template, the task from its text (book.py). Invariant: the same prompt
and the same draw give the same reply. A good reply is made first; faults.py may then spoil it. An evolver that has
nothing left to add returns the task unchanged, as a weak model would.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from random import Random

from evolve.offline.book import MAX_CHAIN, Book
from evolve.offline.demands import DEMANDS
from evolve.offline.families import invent
from evolve.offline.faults import Reply, Scene, spoil
from evolve.offline.fusion import fuse
from evolve.offline.misleading import MISLEADING, show
from evolve.offline.rules import Rule
from evolve.offline.tasks import Task
from evolve.offline.tongues import TONGUES
from evolve.offline.translating import RULES, put
from evolve.offline.verdicts import judge

MODELS = ("offline-evolver", "offline-responder", "offline-judge", "offline-tester")

_OPERATORS = (
    ("translate", "ranslat"),
    ("crossover", "combine coding tasks"),
    ("breadth", "brand-new"),
    ("misleading_code", "astray"),
    ("higher_complexity", "time or space complexity"),
    ("concretize", "more definite"),
    ("complicate_input", "richer input"),
    ("deepen_reasoning", "more thought"),
    ("deepen", "further into its subject"),
    ("rarer_requirement", "less ordinary"),
    ("add_constraint", ""),
)
"""Operator and the words of its template that give it away; the last one is what is left."""


def role_of(model: str) -> str:
    """The role that a model's name speaks of."""
    name = model.lower()
    return next((role for part, role in _ROLES if part in name), "responder")


_ROLES = (("evolv", "evolver"), ("judge", "judge"), ("test", "tester"))


def reply(book: Book, role: str, message: str, draw: Random, faults: float) -> Reply:
    """What the model of that role answers to the last user message."""
    return {"evolver": _evolve, "judge": _judge, "tester": _test}.get(role, _respond)(book, message, draw, faults)


def _evolve(book: Book, message: str, draw: Random, faults: float) -> Reply:
    first, second = _part(message, "first"), _part(message, "second")
    parent = first if first and second else _part(message, "instruction") or message
    template = message.partition(parent)[0]
    operator = next(name for name, words in _OPERATORS if words in template)
    task = book.recognise(parent)
    if operator == "translate":
        good = put(book.seeds, parent, next((name for name in TONGUES if name in template), "")) or parent
    elif operator == "crossover":
        fused = fuse(task, book.recognise(second), draw)
        good = fused.text if fused else "INVALID"
    elif operator == "breadth":
        good = invent(task.language, draw, parent, task.tongue).text
    else:
        good = _deepen(task, operator, draw)
    if good == "INVALID":
        return Reply(good)
    return spoil("evolver", Scene(good, task, template, draw), faults)


def _deepen(task: Task, operator: str, draw: Random) -> str:
    """The task's text with one more sentence; the same text where nothing more fits."""
    if len(task.chain) >= MAX_CHAIN:
        return task.text
    wanted = "deepen_reasoning" if operator == "deepen" else operator
    free = [rule for rule in RULES if rule.name not in task.chain and rule.said(task.tongue)]
    options = _options(task, [rule for rule in free if wanted in rule.suits])
    options = options or _options(task, [rule for rule in free if rule is not MISLEADING])
    if not options:
        return task.text
    weights = [1 if rule in DEMANDS else 4 for rule, _ in options]  # what changes behaviour is worth more
    rule, choices = draw.choices(options, weights)[0]
    phrase = draw.choice(rule.said(task.tongue)).replace("{k}", draw.choice(choices)).replace("{f}", task.entry)
    if rule is MISLEADING:
        phrase = show(task, phrase, draw)
    between = TONGUES[task.tongue].gap if task.tongue in TONGUES else " "
    gap = "\n\n" if task.text.endswith("```") or rule is MISLEADING else between
    return f"{task.text}{gap}{phrase}"


def _options(task: Task, rules: Iterable[Rule]) -> list[tuple[Rule, Sequence[str]]]:
    """Those of the rules that fit, each with what its number may be."""
    return [(rule, choices) for rule in rules if (choices := rule.choices(task))]


def _respond(book: Book, message: str, draw: Random, faults: float) -> Reply:
    if _part(message, "report"):
        return _repair(book, message, draw, faults)
    task = book.recognise(message.strip())
    return spoil("responder", Scene(_answer(task, draw), task, "", draw), faults)


def _repair(book: Book, message: str, draw: Random, faults: float) -> Reply:
    """The right answer in place of a wrong one; the wrong one again where the fault strikes."""
    task = book.recognise(_part(message, "instruction"))
    scene = Scene(_answer(task, draw), task, "", draw, _part(message, "answer"))
    return spoil("repair", scene, faults)


def _answer(task: Task, draw: Random) -> str:
    """The known answer with what the rules added; for an unknown task, what can honestly be said."""
    if not task.code and not task.output:
        return _unknown(task)
    if not task.chain and task.output and (not task.entry or task.source in task.output):
        return task.output
    notes = " ".join(task.notes)
    if not task.entry:
        return f"{task.output}\n\n{notes}".strip() if notes else task.output
    prose = re.split(r"\s*```", task.output, maxsplit=1)[0].strip()
    prose = re.sub(r"\n\n[^\n]*$", "", prose) if task.others else prose  # what names the first file
    known = TONGUES.get(task.tongue)
    added = draw.choice(known.added if known else _ADDED).format(entry=task.entry) if task.chain else ""
    form = draw.choice(_FILES) if task.others else "```python\n{code}\n```"
    files = task.files or (("", task.source),)
    shown = "\n\n".join(form.format(path=path, code=code) for path, code in files)
    return f"{prose}{known.gap if known else ' '}{added}".strip() + f"\n\n{shown}"


_FILES = (
    "```python title={path}\n{code}\n```",
    "```python\n# {path}\n{code}\n```",
    "`{path}`:\n\n```python\n{code}\n```",
)
"""How an answer of several files names each of them."""


_ADDED = (
    "What else is asked for is done in `{entry}`, in the order of the task.",
    "`{entry}` is the function to call: it meets the further demands one after the other.",
    "The further demands are met in `{entry}`, around the plain computation.",
)


def _unknown(task: Task) -> str:
    gist = json.dumps(" ".join(task.text.replace("`", "'").split())[:90])
    return (
        "No reference solution of this task is at hand, so this only keeps its wording where a program can show it.\n\n"
        f'```python\ndef task_summary() -> str:\n    """Return how the task begins."""\n    return {gist}\n```'
    )


def _judge(_: Book, message: str, draw: Random, faults: float) -> Reply:
    return spoil("judge", Scene(judge(message), Task(message), "", draw), faults)


def _test(book: Book, message: str, draw: Random, faults: float) -> Reply:
    task = book.recognise(_part(message, "instruction") or message.strip())
    if task.program:
        return Reply(f"```python\n{task.program}\n```")
    if task.suite:
        return spoil("tester", Scene(f"```{task.fence}\n{task.suite}\n```", task, "", draw), faults)
    known = task.tests if task.entry else task.examples if _INPUTS in message else ()
    if not known:
        return Reply("UNTESTABLE")
    tests = task.home + "\n".join((*known, *task.further))
    return spoil("tester", Scene(f"```python\n{tests}\n```", task, "", draw), faults)


_INPUTS = "choose the inputs"
"""Words of the tester's template that ask for calls of a program and not for tests of an answer."""


def _part(message: str, tag: str) -> str:
    """What stands between the first opening and the last closing tag, or ""."""
    found = re.search(rf"<{tag}>\s*(.*)\s*</{tag}>", message, re.DOTALL)
    return found[1].strip() if found else ""
