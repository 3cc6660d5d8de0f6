"""A colleague's wrong attempt: the rule that shows faulty code after the task, and the mutations that make it faulty.

The fault is one small change of the known solution: the slip that a seed brings, or a comparison, an arithmetic sign or
a constant. It never changes what is asked for, so nothing but its sentence matters when the text is read back. Whether
a change matters for every input is not checked here; tests measure how often it does.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from random import Random

from evolve.offline.rules import Rule
from evolve.offline.tasks import Task

_COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.FloorDiv: ast.Mod, ast.Mod: ast.FloorDiv, ast.Mult: ast.Add,
}  # fmt: skip
_METHODS = {"lower": "upper", "upper": "lower", "strip": "lstrip", "startswith": "endswith", "split": "rsplit"}
_METHODS |= {"find": "rfind", "isdigit": "isalpha", "values": "keys", "group": "start", "isalpha": "isupper"}
_EDITS = (
    (" <= ", " < "), (" < ", " <= "), (" >= ", " > "), (" > ", " >= "), (" + 1", " + 2"), (" - 1", " - 2"),
    (" && ", " || "), (" == ", " != "), (" = 0", " = 1"), (" -lt ", " -le "), (" -gt ", " -ge "), ("$1", "$2"),
)  # fmt: skip
_SQL_EDITS = ((" >= ", " > "), (" > ", " >= "), (" < ", " <= "), (" DESC", ""), (" = ", " <> "), ("LEFT JOIN", "JOIN"))


def mutate(task: Task, draw: Random) -> str:
    """The known solution with one small fault, or "" if there is no place for one."""
    if task.slip and task.slip[0] in task.code:
        return task.code.replace(*task.slip, 1).strip()
    if not task.entry:
        edits = _SQL_EDITS if task.language == "sql" else _EDITS
        fitting = [edit for edit in edits if edit[0] in task.code]
        return task.code.replace(*draw.choice(fitting[:3]), 1).strip() if fitting else ""
    tree = ast.parse(task.source)
    places = list(_places(tree))
    if not places:
        return ""
    node, index = draw.choice(places)
    _spoil(node, index)
    return ast.unparse(tree)


def _places(tree: ast.AST) -> Iterator[tuple[ast.AST, int]]:
    for node in ast.walk(tree):
        match node:
            case ast.Compare(ops=ops):
                yield from ((node, i) for i, op in enumerate(ops) if type(op) in _COMPARISONS)
            case ast.BinOp(op=op) | ast.AugAssign(op=op) if type(op) in _ARITHMETIC:
                yield node, 0
            case ast.Constant(value=int()) | ast.BoolOp():
                yield node, 0
            case ast.Attribute(attr=name) if name in _METHODS:
                yield node, 0


def _spoil(node: ast.AST, index: int) -> None:
    match node:
        case ast.Compare(ops=ops):
            ops[index] = _COMPARISONS[type(ops[index])]()
        case ast.BinOp(op=op) | ast.AugAssign(op=op):
            node.op = _ARITHMETIC[type(op)]()
        case ast.BoolOp(op=op):
            node.op = ast.Or() if isinstance(op, ast.And) else ast.And()
        case ast.Attribute(attr=name):
            node.attr = _METHODS[name]
        case ast.Constant(value=bool(value)):
            node.value = not value
        case ast.Constant(value=int(value)):
            node.value = value + 1


def _choices(task: Task) -> Sequence[str]:
    return ("",) if task.code and mutate(task, Random(0)) and task.kind not in {"explain", "tests"} else ()


def show(task: Task, sentence: str, draw: Random) -> str:
    """The sentence and, fenced, a faulty attempt at the task."""
    return f"{sentence}\n\n```{task.fence}\n{mutate(task, draw)}\n```"


MISLEADING = Rule(
    "misleading",
    (
        "A colleague's attempt is below; it is wrong, so do not trust it.",
        "This attempt by a colleague looks right and is not; the correct solution is still wanted.",
        "What follows was handed in for review and does not do what is asked, so write a correct version.",
    ),
    _choices,
    lambda task, _: task,
    frozenset({"misleading_code"}),
)
"""Chosen for the operator misleading_code alone; `show` completes its sentence."""
