"""A Python program with nothing left in it but its names: what tests must fail for.

Every function and method only returns None; constructors, and the fields of dataclasses, stay, so that tests get as far
as asking for a value. What runs on loading is left away, or it would fail by itself and prove nothing of the tests.
"""

from __future__ import annotations

import ast

from evolve.verifier.code import parsed
from evolve.verifier.needs import names

_KEPT = {"__init__", "__new__", "__post_init__", "__init_subclass__", "__set_name__", "__class_getitem__"}
"""Without these there is no object to ask."""
_LOADED = (ast.Import, ast.ImportFrom, ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)


def stub(source: str) -> str:
    """The stub of a Python program; "" where it does not parse, or nests too deeply to be written again."""
    tree = parsed(source)
    if tree is None:
        return ""
    made = {"input", *(n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))}
    kept = [node for node in tree.body if isinstance(node, _LOADED) or _imports(node)]
    tree.body = [_emptied(node, made) for node in kept if not _unpacks(node, made)]
    try:
        return ast.unparse(tree) + "\n"
    except RecursionError:
        return ""


def _imports(node: ast.stmt) -> bool:
    """`try: import ...` and the like; and `if TYPE_CHECKING`."""
    inner = [*getattr(node, "body", []), *getattr(node, "orelse", [])]
    return bool(inner) and all(isinstance(one, ast.Import | ast.ImportFrom) for one in inner)


def _unpacks(node: ast.stmt, made: set[str]) -> bool:
    """`a, b = f()`, for which None is too little."""
    several = isinstance(node, ast.Assign) and any(isinstance(t, ast.Tuple | ast.List) for t in node.targets)
    return several and bool(names(node) & made)


def _emptied(node: ast.stmt, made: set[str]) -> ast.stmt:
    if isinstance(node, ast.ClassDef):
        node.body = [_emptied(inner, made) for inner in node.body]
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        if node.name not in _KEPT:
            node.body = [ast.Return(ast.Constant(None))]
    elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
        if isinstance(node.value, ast.Lambda):
            node.value.body = ast.Constant(None)
        elif names(node.value) & made:
            node.value = ast.Constant(None)
    return node
