"""Comparisons in tests, made so that the answer cannot say yes by overriding the question.

The tests' assertions are rewritten to call `CHECKS` on both sides of a comparison. What holds is then looked at again:
an object that equals everything is found out by one that equals nothing, and an object that passes for a built-in value
by the equality of that value, unless its class was there before any answer came. It runs inside, in the same
interpreter as the answer; it says nothing of order, length or truth, nor of comparisons outside of assertions.
"""

from __future__ import annotations

import ast
import itertools
import re
import sys
from collections.abc import Iterator
from typing import Any

LONG = 400
"""Characters shown of a value in a failure: enough to see the difference, too few to fill a prompt."""
DEEP = 6
"""Levels of nested containers that are searched for objects which equal everything."""
MANY = 2_000
"""Members of a container that are searched so; a list of a million true values is not walked through."""
VALUES = (int, float, str, bytes, list, tuple, dict, set, frozenset)
PLAIN = {id(kind) for kind in (int, float, str, bool, bytes, complex, type(None))}
ROWS = {id(kind) for kind in (list, tuple)}
EXACT = PLAIN | ROWS | {id(kind) for kind in (set, frozenset, dict)}
"""By identity: a class too may have an equality of its own."""
KNOWN: set[type] = set(VALUES)
"""Built-in values' classes and all that extended them before any answer came: its own are told by that, not by name."""
ASKED: set[str] = set()
"""Words of the tests: `ANY`, which equals everything, may be compared where they have it."""


class Forged(BaseException):
    """The answer did something whose only use is to pass a test that does not hold."""


class Odd:
    """Equal to nothing but itself; whatever claims to equal it equals everything."""


class Equality(ast.NodeTransformer):
    """In assertions, comparisons become calls that look at both sides; all else in the tests stays as it is.

    `assert a == b` becomes `__equal__(a, b, source, message)`; a message that is computed is left away. `a == b` within
    another assertion becomes `__same__(a, b)`, `a in b` `__among__(a, b)`, `self.assertEqual(a, b)`
    `self.assertEqual(*__pair__(a, b))`, and other operands and arguments `__honest__(a)`.
    """

    _inside = False

    def visit_Assert(self, node: ast.Assert) -> ast.stmt:
        test, source = node.test, ast.Constant(ast.unparse(ast.Assert(node.test)))
        whole = isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Eq)
        before, self._inside = self._inside, True
        node.test = self.visit(test)
        self._inside = before
        if not whole:
            return node
        said = [node.msg] if isinstance(node.msg, ast.Constant) else []
        call = ast.Call(ast.Name("__equal__", ast.Load()), [*node.test.args, source, *said], [])  # type: ignore[attr-defined]
        return ast.copy_location(ast.Expr(call), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        before, self._inside = self._inside, self._inside or bool(re.match("assert[A-Z]", name))
        self.generic_visit(node)
        self._inside = before
        if not re.match("assert[A-Z]", name) or any(isinstance(one, ast.Starred) for one in node.args):
            return node
        if "Equal" in name and "Not" not in name and len(node.args) > 1:
            node.args[:2] = [ast.Starred(called("__pair__", *node.args[:2]), ast.Load())]
        else:
            node.args = [honestly(one) for one in node.args]
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.expr:
        self.generic_visit(node)
        if not self._inside:
            return node
        for op, name in ((ast.Eq, "__same__"), (ast.In, "__among__")):
            if len(node.ops) == 1 and isinstance(node.ops[0], op):
                return ast.copy_location(called(name, node.left, node.comparators[0]), node)
        node.left = honestly(node.left)
        pairs = zip(node.ops, node.comparators, strict=True)
        node.comparators = [one if isinstance(op, ast.In | ast.NotIn) else honestly(one) for op, one in pairs]
        return node


def called(name: str, *arguments: ast.expr) -> ast.expr:
    return ast.copy_location(ast.Call(ast.Name(name, ast.Load()), list(arguments), []), arguments[0])


def honestly(node: ast.expr) -> ast.expr:
    return node if isinstance(node, ast.Constant) else called("__honest__", node)


def know() -> None:
    """Take all classes that extend built-in values now for known."""
    found = list(VALUES)
    while found:
        extending: list[type] = type.__subclasses__(found.pop())
        KNOWN.update(extending)
        found += extending


def equal(left: object, right: object, source: str, message: object = None) -> None:
    """`assert left == right`, asked so that the answer cannot say yes by overriding the question."""
    if not left == right:  # noqa: SIM201  (as an assert statement would ask it)
        said = f" ({message})" if message is not None else ""
        raise AssertionError(f"{source}{said}\n  got      {short(left)}\n  expected {short(right)}")
    suspect(left, right, DEEP)


def same(left: Any, right: Any) -> Any:  # noqa: ANN401
    """`left == right` as a value, which need not be a truth."""
    held = left == right
    if held is True or (held is not False and equals(left, right)):
        suspect(left, right, DEEP)
    return held


def pair(left: object, right: object) -> tuple[object, object]:
    same(left, right)
    return left, right


def among(one: object, whole: Any) -> bool:  # noqa: ANN401
    """`one in whole`, and how it equals the first member that it equals."""
    held = one in whole
    if held and id(type(whole)) in EXACT - PLAIN:
        suspect(one, next((member for member in whole if equals(one, member)), one), DEEP)
    return held


def honest(value: object) -> object:
    suspect(value, value, 0)
    return value


CHECKS = {"__equal__": equal, "__same__": same, "__among__": among, "__pair__": pair, "__honest__": honest}


def suspect(left: object, right: object, depth: int) -> None:
    """Raise Forged where one of them is, or holds, an object that equals what it should not."""
    if id(type(left)) in PLAIN and id(type(right)) in PLAIN:
        return
    for one, other in ((left, right), (right, left)):
        if id(type(one)) not in EXACT:
            lie(one, other)
    if depth:
        for one, other in itertools.islice(members(left, right), MANY):
            suspect(one, other, depth - 1)


def members(left: Any, right: Any) -> Iterator[tuple[object, object]]:  # noqa: ANN401
    """What was compared with what in two containers; where that is not known, each member with itself."""
    if id(type(left)) in ROWS and id(type(right)) in ROWS:
        yield from zip(left, right, strict=False)
    elif type(left) is type(right) is dict:
        yield from ((value, right.get(key, value)) for key, value in left.items())
    else:
        for whole in (left, right):
            if id(type(whole)) in EXACT - PLAIN:
                yield from ((one, one) for one in (whole.values() if type(whole) is dict else whole))


def lie(one: object, other: object) -> None:
    mock: Any = sys.modules.get("unittest.mock")
    if ASKED and mock and one is mock.ANY:
        return
    if equals(one, Odd()):
        raise Forged(f"an object of {type(one).__name__} equals everything")
    if (far := others(other)) and all(equals(one, value) for value in far):
        raise Forged(f"an object of {type(one).__name__} equals every {type(other).__name__}")
    for base in VALUES:
        if isinstance(one, base) and isinstance(other, base):
            defined = next(kind for kind in type(one).__mro__ if "__eq__" in vars(kind))
            known = defined in KNOWN or (mock and defined is mock._Call)  # may be imported after the answer came
            if not known and base.__eq__(one, other) is not True:  # type: ignore[operator]
                raise Forged(f"{type(one).__name__} overrides the equality of {base.__name__}")


def others(value: Any) -> list[object]:  # noqa: ANN401
    """Values of the same built-in kind, so far away that nothing honest equals the value and all of them."""
    kind = type(value)
    if kind is bool:
        return [not value]
    if kind in (int, float, complex):
        return [1_000_000_007 - value, 1_000_000_009 - value]  # also of 1e300 and inf; primes, against remainders
    if kind in (str, bytes):
        mark = "\0odd" if kind is str else b"\0odd"
        return [mark, value + mark]
    if kind in (list, tuple):
        return [kind((*value, Odd()))]
    return [{**value, Odd(): None}] if kind is dict else []


def equals(one: object, other: object) -> bool:
    """Whether they are, as an assertion would see it; where that cannot be asked, they are not."""
    try:
        return bool(one == other)
    except Exception:
        return False


def short(value: object) -> str:
    try:
        shown = repr(value)
    except BaseException as error:
        return f"<{type(value).__name__}, whose repr raises {type(error).__name__}>"
    return shown if len(shown) <= LONG else f"{shown[:LONG]}... ({len(shown)} characters)"
