"""What a call was seen to come to, read as a value and compared with another's.

A text is read as a literal and never run; whoever wrote it decides what it says, not what is done with it. Equal is
what `==` calls equal, floats within a tolerance, nan like nan. Objects are (Ellipsis, class, attributes).
"""

from __future__ import annotations

import ast
import math
from types import EllipsisType

from evolve.sandbox import Seen

NEAR = 1e-9
"""Relative and absolute difference of floats that are the same: sums in another order differ by about 1e-15 a step."""
_NAMES: dict[str, float | EllipsisType] = {"nan": math.nan, "inf": math.inf, "Ellipsis": ...}


class NoValueError(ValueError):
    """The text is no literal."""


def read(text: str) -> object:
    """The value of a literal in which nan, inf and Ellipsis may stand. Raises NoValueError."""
    try:
        tree = ast.parse(text, mode="eval")
        return ast.literal_eval(_Named().visit(tree))
    except (SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
        raise NoValueError(text[:100]) from None


class _Named(ast.NodeTransformer):
    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.copy_location(ast.Constant(_NAMES[node.id]), node) if node.id in _NAMES else node


def alike(one: Seen, other: Seen) -> bool:
    """Whether two calls came to the same: the same value, or an exception of the same name."""
    if one.end != other.end or one.end != "returned":
        return one.end == other.end and (one.end == "unknown" or one.text == other.text)
    if one.text == other.text:
        return True
    try:
        return same(read(one.text), read(other.text))
    except (NoValueError, RecursionError):
        return False


def same(one: object, other: object) -> bool:
    """As `==`, but floats within NEAR, and nan equals nan."""
    if isinstance(one, float) or isinstance(other, float):
        return _close(one, other)
    if isinstance(one, list | tuple) and type(one) is type(other):
        both = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b) for a, b in both)
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(same(value, other[key]) for key, value in one.items())
    return bool(one == other)


def _close(one: object, other: object) -> bool:
    if not (isinstance(one, int | float) and isinstance(other, int | float)):
        return False
    try:
        return (math.isnan(one) and math.isnan(other)) or math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    except OverflowError:
        return False
