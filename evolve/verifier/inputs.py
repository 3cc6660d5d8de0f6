"""The inputs of a function: the calls in its tests whose arguments are written out, and further ones near them.

Read from the tests' tree, nothing is run. An argument may be a literal, a name bound to one once, or a loop's or a
`parametrize`'s variable over a written-out table. Near inputs stay where the tests are: no number is negative and none
becomes a float where the tests have no such number in that argument, for the task may not speak of it. Invariant: the
same tests and seed give the same inputs, at most as many as asked for.
"""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from evolve.records import digest, rng
from evolve.verifier.code import parsed

MOST_CALLS = 40
"""Calls that are taken from tests; rows of tables count each."""
AGAIN = 0.4
"""Share of near inputs that are made from one that was made already, so that arguments meet which no test has together.
"""
BORROWED = 0.3
"""Share of changes that take a number or an item which another call has there: what the tests thought worth trying."""
WITHIN = 0.5
"""Share of changes of a list that change one of its items and leave the rest."""
LONGEST = 2_000
"""Characters of a call; what is longer is a load test."""


@dataclass(frozen=True, slots=True)
class Call:
    """The arguments of one call."""

    args: tuple[object, ...]
    """Plain values: None, bool, int, float, str, bytes, and list, tuple, dict and set of them."""
    named: tuple[tuple[str, object], ...] = ()

    def of(self, function: str) -> str:
        """The call as an expression."""
        given = [*map(written, self.args), *(f"{name}={written(value)}" for name, value in self.named)]
        return f"{function}({', '.join(given)})"


def written(value: object) -> str:
    """A plain value as Python source; also where it holds nan or inf, of which `repr` is none."""
    text = repr(value)
    if "nan" not in text and "inf" not in text:
        return text
    if isinstance(value, float):
        return f"float({text!r})"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{written(key)}: {written(one)}" for key, one in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, tuple):
        return f"({''.join(written(one) + ', ' for one in value)})"
    return text


def calls(tests: str) -> dict[str, list[Call]]:
    """Function -> its different calls in their order, at most MOST_CALLS each; {} where the tests do not parse."""
    tree = parsed(tests)
    found: dict[str, list[Call]] = {}
    for name, call in _calls(tree.body, {}) if tree else ():
        kept = found.setdefault(name, [])
        if len(kept) < MOST_CALLS and len(shown := call.of("")) <= LONGEST and shown not in {c.of("") for c in kept}:
            kept.append(call)
    return found


def subject(tests: str) -> tuple[str, list[Call]]:
    """The function that the tests call most, and its calls; what is built in, or the tests' own, is none.

    ("", []) where no call is written out.
    """
    tree = parsed(tests)
    own = {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef)} if tree else set()
    asserted = {name for name in _direct(tree) if name not in own and not hasattr(builtins, name)} if tree else set()
    found = {name: given for name, given in calls(tests).items() if name in asserted}
    name = max(found, key=lambda one: len(found[one]), default="")
    return name, found.get(name, [])


def _direct(tree: ast.Module) -> set[str]:
    """Names that are called as they are, not as a method: those an answer defines."""
    return {n.func.id for n in ast.walk(tree) if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}


Names = Mapping[str, object]


def _calls(body: Sequence[ast.stmt], known: Names) -> Iterator[tuple[str, Call]]:
    """Those of a block, with what names stand for in it."""
    known = dict(known)
    for node in body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(target := node.targets[0], ast.Name):
            yield from _in(node.value, known)
            known.pop(target.id, None)
            known |= _bound(target, node.value, known)
        elif isinstance(node, ast.For):
            for row in _rows(node.iter, known):
                yield from _calls(node.body, {**known, **_spread(node.target, row)})
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for row in _parameters(node, known):
                yield from _calls(node.body, {**known, **row})
        elif isinstance(node, ast.ClassDef | ast.With | ast.If | ast.Try):
            yield from _calls(node.body, known)
        else:
            yield from _in(node, known)


def _in(node: ast.AST, known: Names) -> Iterator[tuple[str, Call]]:
    """The calls inside a statement or an expression."""
    for inner in ast.walk(node):
        if not isinstance(inner, ast.Call):
            continue
        function = inner.func
        name = function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")
        try:
            args: list[object] = []
            for arg in inner.args:
                args += _several(arg.value, known) if isinstance(arg, ast.Starred) else [_value(arg, known)]
            named = tuple((keyword.arg or "", _value(keyword.value, known)) for keyword in inner.keywords)
        except (ValueError, TypeError, RecursionError, MemoryError):
            continue
        if name and all(key for key, _ in named):
            yield name, Call(tuple(args), named)


def _several(node: ast.expr, known: Names) -> list[object]:
    value = _value(node, known)
    if isinstance(value, list | tuple):
        return list(value)
    raise TypeError("it is no series")


def _value(node: ast.expr, known: Names) -> object:
    """What an expression stands for. Raises ValueError where that is not written out."""
    return ast.literal_eval(_Filled(known).visit(ast.parse(ast.unparse(node), mode="eval")))


class _Filled(ast.NodeTransformer):
    """Names become their values."""

    def __init__(self, known: Names) -> None:
        self._known = known

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id not in self._known:
            return node
        return ast.parse(repr(self._known[node.id]), mode="eval").body

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        """`"ab" * 3` and `[1] * 10`, as tests write long inputs."""
        left, right = self.visit(node.left), self.visit(node.right)
        if not isinstance(node.op, ast.Mult) or not isinstance(right, ast.Constant) or not isinstance(right.value, int):
            return ast.BinOp(left, node.op, right)
        one = ast.literal_eval(left)
        if isinstance(one, str | list | tuple) and 0 <= right.value * len(one) <= LONGEST:
            return ast.parse(repr(one * right.value), mode="eval").body
        return node


def _bound(target: ast.Name, value: ast.expr, known: Names) -> dict[str, object]:
    try:
        return {target.id: _value(value, known)}
    except (ValueError, TypeError, RecursionError, MemoryError):
        return {}


def _rows(table: ast.expr, known: Names) -> list[object]:
    """What a loop goes through, as far as that is written out."""
    items = isinstance(table, ast.Call) and isinstance(table.func, ast.Attribute) and table.func.attr == "items"
    inner = (
        table.func.value if items and isinstance(table, ast.Call) and isinstance(table.func, ast.Attribute) else table
    )
    try:
        value = _value(inner, known)
    except (ValueError, TypeError, RecursionError, MemoryError):
        return []
    if isinstance(value, dict):
        return list(value.items()) if items else list(value)
    return list(value)[:MOST_CALLS] if isinstance(value, list | tuple) else []


def _spread(target: ast.expr, row: object) -> dict[str, object]:
    if isinstance(target, ast.Name):
        return {target.id: row}
    if isinstance(target, ast.Tuple | ast.List) and isinstance(row, list | tuple) and len(row) == len(target.elts):
        return {
            name: one
            for part, given in zip(target.elts, row, strict=True)
            for name, one in _spread(part, given).items()
        }
    return {}


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef, known: Names) -> list[dict[str, object]]:
    """What a `parametrize` gives to a test, row by row; one empty row for any other function."""
    for decorator in node.decorator_list:
        called = decorator.func if isinstance(decorator, ast.Call) else None
        if isinstance(decorator, ast.Call) and getattr(called, "attr", "") == "parametrize" and len(decorator.args) > 1:
            names = decorator.args[0]
            listed = names.value.split(",") if isinstance(names, ast.Constant) and isinstance(names.value, str) else []
            target = ast.Tuple([ast.Name(name.strip()) for name in listed])
            rows = _rows(decorator.args[1], known)
            return [_spread(target.elts[0] if len(listed) == 1 else target, row) for row in rows]
    return [{}]


# -- near them ---------------------------------------------------------------------------------------------------------


def near(given: Sequence[Call], seed: str, limit: int) -> list[Call]:
    """At most `limit` further calls, each of them one of `given`, or one made before, with one argument changed."""
    draw = rng("inputs", seed, digest("\n".join(call.of("") for call in given)))
    seen = {call.of("") for call in given}
    found: list[Call] = []
    for _ in range(limit * 6 if given else 0):
        call = draw.choice(found if found and draw.random() < AGAIN else given)
        places = len(call.args) + len(call.named)
        if not places or len(found) >= limit:
            break
        place = draw.randrange(places)
        values = [*call.args, *(value for _, value in call.named)]
        kinds = _kinds([other for one in given for other in _at(one, place, len(call.args))])
        values[place] = _changed(values[place], draw, kinds)
        args, named = values[: len(call.args)], values[len(call.args) :]
        made = Call(tuple(args), tuple((name, one) for (name, _), one in zip(call.named, named, strict=True)))
        if len(shown := made.of("")) <= LONGEST and shown not in seen:
            seen.add(shown)
            found.append(made)
    return found


def within(call: Call, given: Sequence[Call]) -> bool:
    """Whether each argument lies between those of `given`: no number beyond theirs, nothing empty where none is."""
    for place, value in enumerate([*call.args, *(value for _, value in call.named)]):
        known = list(_parts([one for other in given for one in _at(other, place, len(call.args))], whole=True))
        numbers = [one for one in known if isinstance(one, int | float)]
        for part in _parts(value, whole=True):
            if isinstance(part, bool):
                continue
            if isinstance(part, int | float):
                if not (numbers and min(numbers) <= part <= max(numbers)):
                    return False
            elif part in ("", [], (), {}) and part not in known:
                return False
    return True


def _at(call: Call, place: int, positional: int) -> list[object]:
    """What a call has at the place; nothing where it gives its arguments in another way."""
    if len(call.args) != positional:
        return []
    return [[*call.args, *(value for _, value in call.named)][place]] if place < positional + len(call.named) else []


@dataclass(frozen=True, slots=True)
class _Kinds:
    """What an argument is made of, in all calls."""

    lowest: float
    """No number below it is made."""
    numbers: list[float]
    letters: str
    items: list[object]
    """Of its lists."""


def _kinds(values: Sequence[object]) -> _Kinds:
    parts = list(_parts(values))
    numbers = [one for one in parts if isinstance(one, int | float)]
    letters = "".join(sorted({char for one in parts if isinstance(one, str) for char in one}))
    items = [item for value in values if isinstance(value, list) for item in value]
    return _Kinds(min([0.0, *(-abs(one) * 2 - 2 for one in numbers if one < 0)]), numbers, letters, items)


def _parts(value: object, *, whole: bool = False) -> Iterator[object]:
    """The values inside a value; `whole`: what they are in as well."""
    if whole and isinstance(value, dict | list | tuple | set):
        yield value
    if isinstance(value, dict):
        inside: Iterable[object] = [*value, *value.values()]
    elif isinstance(value, list | tuple | set):
        inside = value
    else:
        yield value
        return
    for one in inside:
        yield from _parts(one, whole=whole)


def _changed(value: object, draw: Random, kinds: _Kinds) -> object:
    """Another value of the same type; the same where there is none."""
    if isinstance(value, int | float):
        return not value if isinstance(value, bool) else _number(value, draw, kinds)
    if isinstance(value, str):
        return _text(value, draw, kinds)
    if isinstance(value, list):
        return _series(value, draw, kinds)
    if isinstance(value, tuple) and value:
        place = draw.randrange(len(value))
        return tuple(_changed(one, draw, kinds) if n == place else one for n, one in enumerate(value))
    return _less(value, draw, kinds) if isinstance(value, dict) and value else value


def _less(value: dict[object, object], draw: Random, kinds: _Kinds) -> dict[object, object]:
    """With an entry less, or another value in one."""
    key = draw.choice(list(value))
    rest = {name: one for name, one in value.items() if name != key}
    return draw.choice((rest, {**value, key: _changed(value[key], draw, kinds)}))


def _number(value: float, draw: Random, kinds: _Kinds) -> float:
    shifts = (value + 1, value - 1, value + draw.randrange(2, 6), value - draw.randrange(2, 6), 0, 1, value * 2, -value)
    borrowed = [one for one in kinds.numbers if type(one) is type(value)]
    if borrowed and draw.random() < BORROWED:
        return draw.choice(borrowed)
    made = draw.choice(shifts) if isinstance(value, int) else draw.choice((*shifts, value / 2, value + 0.25))
    return type(value)(made) if made >= kinds.lowest else value


def _text(value: str, draw: Random, kinds: _Kinds) -> str:
    cut = draw.randrange(len(value) + 1)
    letter = draw.choice(kinds.letters) if kinds.letters else ""
    forms = (
        value[:cut], value[cut:], value[::-1], value + value, "", value[:cut] + letter + value[cut:],
        value[:cut] + value[cut : cut + 1] * 2 + value[cut + 1 :], value.swapcase(),
    )  # fmt: skip
    return draw.choice(forms)


def _series(value: list[object], draw: Random, kinds: _Kinds) -> list[object]:
    if kinds.items and draw.random() < BORROWED:
        place = draw.randrange(len(value) + 1)
        return [*value[:place], draw.choice(kinds.items), *value[place:]]
    if not value:
        return value
    place = draw.randrange(len(value))
    one, rest = value[place], [*value[:place], *value[place + 1 :]]
    if draw.random() < WITHIN:
        return [_changed(one, draw, kinds) if n == place else other for n, other in enumerate(value)]
    forms: tuple[list[object], ...] = (
        rest,
        [*value, one],
        value[::-1],
        value[:place],
        [*value[: place + 1], one, *value[place + 1 :]],
        [],
    )
    return draw.choice((*forms, [*value, *value], [one]))
