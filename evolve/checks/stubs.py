"""Python functions whose bodies do nothing, where something should be done.

An empty body is right in an abstract class, a protocol, an overload, a test double, a hook, a default that subclasses
override, a decorated command group, or a function that is only passed on. What is left is a stub. It reads trees, and
runs nothing.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence

_Function = ast.FunctionDef | ast.AsyncFunctionDef

_HARMLESS = re.compile(
    r"_*(?:no_?op|nop|null|nil|dummy|fake|mock|stub|empty|pass|ignore|do_nothing|skip|identity|hook|callback|cb|on|before|after|pre|post"
    r"|setup|teardown|set_?up|tear_?down|visit|handle|log|close|flush|cleanup|emit|notify|example|foo|bar|baz)(?:_|$|(?=[A-Z]))|__\w+__$|on[A-Z]|test",
    re.I,
)
"""Names of functions that may do nothing."""
_OPEN_CLASS = re.compile(
    r"abc|protocol|interface|abstract|base|null|noop|dummy|fake|mock|stub|mixin|meta|typeddict|namedtuple|visitor|listener|handler",
    re.I,
)
"""Names of classes, or of their bases, that leave their methods to others."""
_PLAIN = frozenset(("staticmethod", "classmethod", "property", "cache", "lru_cache", "wraps", "cached_property"))
"""Decorators that do not do the work themselves."""


def stubs(trees: Sequence[ast.Module]) -> str | None:
    """The first such function's name; None if there is none."""
    empty = [name for tree in trees for name in _empty(tree.body, None, _inherited(trees))]
    if not empty:
        return None
    nodes = [node for tree in trees for node in ast.walk(tree)]
    done = {node.name for node in nodes if isinstance(node, _Function) and not _does_nothing(node)}
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    passed_on = {node.id for node in nodes if isinstance(node, ast.Name) and id(node) not in called}
    return next((name for name in empty if name not in done and name not in passed_on), None)


def _inherited(trees: Sequence[ast.Module]) -> set[str]:
    """Names of classes that another class is made from."""
    classes = (node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {ast.unparse(base) for each in classes for base in each.bases if isinstance(base, ast.Name)}


def _empty(body: Sequence[ast.stmt], owner: ast.ClassDef | None, inherited: set[str]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _empty(node.body, node, inherited)
        elif isinstance(node, _Function) and _does_nothing(node) and not _may_be_empty(node, owner, inherited):
            yield node.name


def _does_nothing(function: _Function) -> bool:
    return all(_is_nothing(statement) for statement in function.body)


def _is_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant) and (
            statement.value.value is ... or isinstance(statement.value.value, str)
        )
    if isinstance(statement, ast.Raise):
        return "NotImplemented" in _names(statement.exc)
    return isinstance(statement, ast.Pass)


def _may_be_empty(function: _Function, owner: ast.ClassDef | None, inherited: set[str]) -> bool:
    if _HARMLESS.match(function.name) or any(_last(d) not in _PLAIN for d in function.decorator_list):
        return True
    if owner is not None:
        bases = " ".join(_names(base) for base in (*owner.bases, *(k.value for k in owner.keywords)))
        return bool(owner.name in inherited or owner.bases or _OPEN_CLASS.search(f"{owner.name} {bases}"))
    first = function.args.args[:1]
    return bool(first and first[0].arg in {"self", "cls"})  # a method without its class: a piece of a larger whole


def _last(decorator: ast.expr) -> str:
    target = decorator.func if isinstance(decorator, ast.Call) else decorator
    return target.attr if isinstance(target, ast.Attribute) else target.id if isinstance(target, ast.Name) else ""


def _names(node: ast.AST | None) -> str:
    """The names in an expression, in order."""
    found = (
        (
            n.id if isinstance(n, ast.Name) else n.attr if isinstance(n, ast.Attribute) else ""
            for n in ast.walk(node)
            if n
        )
        if node
        else ()
    )
    return " ".join(found)
