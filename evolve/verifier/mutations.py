"""The kinds of small fault: for every place in a program's tree, what could stand there instead.

A kind is a function from a place to other nodes. It shares the children that it keeps, and changes no tree. What
mutants leave out, and why, is said in mutants.py; the leaving out is done here. Takes time linear in the program.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from evolve.verifier.needs import is_guard

Node = ast.expr | ast.stmt


@dataclass(frozen=True, slots=True)
class Site:
    """A place in a tree, and what the kinds need to know about where it is."""

    node: Node
    parent: ast.AST
    field: str
    index: int
    """In the parent's field, where that is a list; else 0."""
    root: bool = False
    """Inside a range up to a square root."""


@dataclass(frozen=True, slots=True)
class Change:
    kind: str
    node: Node
    by: Node
    parent: ast.AST
    field: str
    index: int


_SILENT = {"print", "warn", "debug", "info", "warning", "error", "exception", "critical", "log"}
_LOGS = {"logging", "logger", "log", "_logger", "LOGGER", "LOG", "warnings", "self.logger", "self._logger"}
_APART = {"sys.setrecursionlimit", "time.sleep", "random.seed", "TypeVar", "namedtuple", "float", "cast", "super"}
"""Calls whose arguments say nothing that a test could see, or are no values of the program's own."""


def sites(tree: ast.Module) -> Iterator[Site]:
    """Every place that may be changed, in their order."""
    returns = any(isinstance(n, ast.Return) and n.value is not None for n in ast.walk(tree))
    read = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    waiting: list[tuple[ast.AST, bool]] = [(tree, False)]
    while waiting:
        node, root = waiting.pop()
        root = root or (_is_range(node) and _has_root(node))
        inside: list[tuple[ast.AST, bool]] = []
        for field, index, child in _children(node):
            if not _left_out(node, field, child, returns) and not _unread(node, child, read):
                inside.append((child, root))
                if isinstance(child, ast.expr | ast.stmt):
                    yield Site(child, node, field, index, root)
        waiting += reversed(inside)


def changes(site: Site) -> Iterator[Change]:
    for kind, alternatives in KINDS.items():
        for by in alternatives(site):
            yield Change(kind, site.node, by, site.parent, site.field, site.index)


def _children(node: ast.AST) -> Iterator[tuple[str, int, ast.AST]]:
    for field, value in ast.iter_fields(node):
        if isinstance(value, ast.AST):
            yield field, 0, value
        elif isinstance(value, list):
            yield from ((field, n, child) for n, child in enumerate(value) if isinstance(child, ast.AST))


def _left_out(parent: ast.AST, field: str, child: ast.AST, returns: bool) -> bool:
    """Whether nothing in `child` is to be changed."""
    if field in {"annotation", "returns", "decorator_list", "bases", "keywords"} and not isinstance(parent, ast.Call):
        return True
    if isinstance(parent, ast.Raise) or (isinstance(parent, ast.Assert) and field == "msg"):
        return True
    if isinstance(child, ast.FunctionDef):
        return child.name == "__repr__"
    if isinstance(child, ast.Expr):
        return isinstance(child.value, ast.Constant) or _is_silent(child.value, returns)
    called = _full(child.func) if isinstance(child, ast.Call) else ""
    guard = isinstance(child, ast.If) and is_guard(child)
    return called in _APART or guard or isinstance(child, ast.JoinedStr | ast.Import)


def _unread(parent: ast.AST, child: ast.AST, read: set[str]) -> bool:
    """A name at the top of the program whose value nothing reads."""
    if not (isinstance(parent, ast.Module) and isinstance(child, ast.Assign)):
        return False
    return all(isinstance(target, ast.Name) and target.id not in read for target in child.targets)


def _is_silent(node: ast.expr, returns: bool) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    if isinstance(called, ast.Name):
        return called.id == "print" and returns
    return isinstance(called, ast.Attribute) and called.attr in _SILENT and _full(called.value) in _LOGS


def _full(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
        return f"{node.value.id}.{node.attr}"
    return ""


def _is_range(node: ast.AST) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "range"


def _has_root(node: ast.AST) -> bool:
    """Whether a square root is taken in it."""
    return any(
        (isinstance(n, ast.Attribute) and n.attr in {"sqrt", "isqrt"})
        or (isinstance(n, ast.Name) and n.id in {"sqrt", "isqrt"})
        or (isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow) and _number(n.right) == 0.5)
        for n in ast.walk(node)
    )


def _number(node: ast.AST | None) -> float | None:
    value = node.value if isinstance(node, ast.Constant) else None
    return value if type(value) in (int, float) else None  # type: ignore[return-value]


_BOUNDARY: dict[type, type[ast.cmpop]] = {ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt}
_NEGATED: dict[type, type[ast.cmpop]] = {
    **{ast.Lt: ast.GtE, ast.LtE: ast.Gt, ast.Gt: ast.LtE, ast.GtE: ast.Lt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq},
    **{ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In},
}
_SWAPPED: dict[type, type[ast.operator]] = {
    **{ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult},
    **{ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd},
    **{ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift},
}
_NEUTRAL_OPERANDS = {ast.Add: 0, ast.Sub: 0, ast.Pow: 1}
"""With this on the right, the swap of the operator changes nothing or hardly anything."""
_OPPOSITE = {"min": "max", "max": "min", "any": "all", "all": "any"}


def boundary(site: Site) -> Iterator[Node]:
    node = site.node
    if isinstance(node, ast.Compare) and not _equal_alike(site):
        for n, operator in enumerate(node.ops):
            if type(operator) in _BOUNDARY:
                ops = [*node.ops[:n], _BOUNDARY[type(operator)](), *node.ops[n + 1 :]]
                yield ast.Compare(node.left, ops, node.comparators)


def _equal_alike(site: Site) -> bool:
    """Whether both branches do the same where the compared values are equal."""
    node, parent = site.node, site.parent
    if not isinstance(node, ast.Compare) or site.field != "test" or len(node.ops) != 1:
        return False
    pair = {ast.dump(node.left), ast.dump(node.comparators[0])}
    if isinstance(parent, ast.IfExp):
        return {ast.dump(parent.body), ast.dump(parent.orelse)} == pair or _negates(parent.body, node.left)
    if isinstance(parent, ast.If) and len(parent.body) == 1 and isinstance(parent.body[0], ast.Assign):
        stated = parent.body[0]
        target, value = stated.targets[0], stated.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
            return {_loaded(n) for n in target.elts} == {ast.dump(n) for n in value.elts} == pair
        return {_loaded(target), ast.dump(value)} == pair or _negates(value, node.left)
    return False


def _negates(node: ast.expr, other: ast.expr) -> bool:
    return isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and ast.dump(node.operand) == ast.dump(other)


def _loaded(node: ast.expr) -> str:
    """The dump of a target as if it were read."""
    return ast.dump(node).replace("ctx=Store()", "ctx=Load()")


def negation(site: Site) -> Iterator[Node]:
    node = site.node
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield ast.Compare(node.left, [_NEGATED[type(node.ops[0])]()], node.comparators)
    elif site.field == "test" and isinstance(node, ast.Name | ast.Call | ast.Attribute | ast.Subscript):
        yield ast.UnaryOp(ast.Not(), node)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield node.operand


def connective(site: Site) -> Iterator[Node]:
    if isinstance(node := site.node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)


def arithmetic(site: Site) -> Iterator[Node]:
    node = site.node
    if isinstance(node, ast.AugAssign):
        if type(node.op) in _SWAPPED and not _is_text(node.value) and _number(node.value) != 0:
            yield ast.AugAssign(node.target, _SWAPPED[type(node.op)](), node.value)
    elif isinstance(node, ast.BinOp) and type(node.op) in _SWAPPED:
        neutral = _NEUTRAL_OPERANDS.get(type(node.op))
        dull = neutral is not None and _number(node.right) == neutral
        if not dull and not _is_text(node.left) and not _is_text(node.right):
            yield ast.BinOp(node.left, _SWAPPED[type(node.op)](), node.right)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) and _number(node.operand) is None:
        yield node.operand


def _is_text(node: ast.expr) -> bool:
    """Text, a list or a tuple: another operator on it raises, which any test sees."""
    return isinstance(node, ast.JoinedStr | ast.List | ast.ListComp | ast.Tuple) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )


def constant(site: Site) -> Iterator[Node]:
    node = site.node
    if not isinstance(node, ast.Constant) or site.field == "test":
        return
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif (number := _number(node)) is not None:
        for step in (1, -1):
            fine = number + step >= 0 or number <= 0
            if not (site.root and step > 0) and fine and number + step != number:
                yield ast.Constant(number + step) if number + step >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(1))
    elif isinstance(node.value, str) and node.value:
        yield ast.Constant("")


def returned(site: Site) -> Iterator[Node]:
    """A neutral value of the same kind, where the kind can be seen; else None."""
    node = site.node
    if not isinstance(node, ast.Return) or node.value is None or isinstance(node.value, ast.Compare | ast.BoolOp):
        return
    value = node.value
    if isinstance(value, ast.Constant) and (value.value is None or isinstance(value.value, bool)):
        return
    if isinstance(value, ast.JoinedStr) or (isinstance(value, ast.Constant) and isinstance(value.value, str)):
        yield ast.Return(ast.Constant(""))
    elif isinstance(value, ast.List | ast.ListComp):
        yield ast.Return(ast.List([], ast.Load()))
    elif isinstance(value, ast.Dict | ast.DictComp):
        yield ast.Return(ast.Dict([], []))
    elif isinstance(value, ast.BinOp) and not isinstance(value.op, ast.Add):
        yield ast.Return(ast.Constant(0))
    else:
        yield ast.Return(ast.Constant(None))


def bounds(site: Site) -> Iterator[Node]:
    """One step more or less at the end of a range, and the first one left out."""
    node = site.node
    if not _is_range(node) or not isinstance(node, ast.Call) or not 1 <= len(node.args) <= 3 or node.keywords:
        return
    last = 0 if len(node.args) == 1 else 1
    for place, operator in ((last, ast.Sub()), (last, ast.Add()), (0, ast.Add())):
        adds = isinstance(operator, ast.Add)
        if (
            _number(node.args[place]) is None
            and not (site.root or (_has_root(node) and adds))
            and (adds or place == last)
        ):
            args = list(node.args)
            args[place] = ast.BinOp(args[place], operator, ast.Constant(1))
            yield ast.Call(node.func, args, [])


def jump(site: Site) -> Iterator[Node]:
    if isinstance(site.node, ast.Continue):
        yield ast.Break()
    elif isinstance(site.node, ast.Break):
        block = getattr(site.parent, site.field)
        before = block[: site.index]
        flags = before and all(isinstance(n, ast.Assign) and isinstance(n.value, ast.Constant) for n in before)
        if not flags:
            yield ast.Continue()


_ADDING = {"append", "add", "extend", "insert", "update", "pop", "remove", "sort", "reverse", "appendleft", "popleft"}


def dropped(site: Site) -> Iterator[Node]:
    node = site.node
    called = node.value.func if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) else None
    if isinstance(node, ast.AugAssign) or (isinstance(called, ast.Attribute) and called.attr in _ADDING):
        yield ast.Pass()


def opposite(site: Site) -> Iterator[Node]:
    node = site.node
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in _OPPOSITE:
        yield ast.Call(ast.Name(_OPPOSITE[node.func.id], ast.Load()), node.args, node.keywords)


def position(site: Site) -> Iterator[Node]:
    """The next element instead of this one; constants as an index are off by one as constants."""
    node = site.node
    if (
        isinstance(node, ast.Subscript)
        and isinstance(node.ctx, ast.Load)
        and isinstance(node.slice, ast.Name | ast.BinOp)
    ):
        named = node.value.id if isinstance(node.value, ast.Name) else "x"
        if not named[:1].isupper():
            by = ast.BinOp(node.slice, ast.Add(), ast.Constant(1))
            yield ast.Subscript(node.value, by, ast.Load())


Kind = Callable[[Site], Iterator[Node]]
KINDS: dict[str, Kind] = {
    "boundary": boundary,
    "negation": negation,
    "connective": connective,
    "arithmetic": arithmetic,
    "constant": constant,
    "returned": returned,
    "bounds": bounds,
    "jump": jump,
    "dropped": dropped,
    "opposite": opposite,
    "position": position,
}
"""Defaults of arguments are constants like others."""
