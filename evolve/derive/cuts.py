"""A Python program cut in three at a node of its syntax: what stands before, the node, what stands after.

Statements and blocks are cut as whole lines, so that a gap is a place between lines; expressions where they begin and
end. Invariant: prefix + middle + suffix is the program, and the middle is what its kind says, for it parses to the very
node. Left out: what is too short to be worth asking for, definitions as a whole, docstrings, annotations, decorators,
the insides of f-strings, names and constants that are merely returned or assigned. Nothing is run here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evolve.verifier.code import parsed

CutKind = Literal["statement", "block", "expression", "return_value"]
SHORT = 6
"""Characters from which lines are worth asking for: `n += 1` is the shortest."""
INLINE = 12
"""Characters from which an expression is: `int(digit)` is not."""
SHARE = 0.5
"""Of the program that a middle may be: with less around it, it is the whole task over again."""
_DULL = (ast.Name, ast.Constant, ast.Starred, ast.Slice, ast.JoinedStr, ast.Attribute, ast.Lambda)
_APART = {"annotation", "returns", "decorator_list", "bases", "type_params"}
_SIMPLE = (ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Return, ast.Expr, ast.If, ast.For, ast.While, ast.Delete)


@dataclass(frozen=True, slots=True)
class Cut:
    kind: CutKind
    prefix: str
    middle: str
    suffix: str
    indent: str = ""
    """Before the first line of a middle that is whole lines."""

    @property
    def lines(self) -> bool:
        """Whether the middle is whole lines."""
        return self.kind in {"statement", "block"}


def cuts(source: str) -> list[Cut]:
    """Every place where the program may be cut, in their order; [] where it does not parse."""
    tree = parsed(source)
    if tree is None or "\r" in source or "\f" in source:
        return []
    page = _Page(source)
    found: dict[tuple[str, str], Cut] = {}
    for cut in _all(tree, page):
        if len(cut.middle.strip()) >= SHORT and len(cut.middle) <= SHARE * len(source):
            found.setdefault((cut.prefix, cut.suffix), cut)
    return list(found.values())


class _Page:
    """A source by the parser's coordinates: lines from 1, columns in bytes."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._lines = source.split("\n")
        self._starts = [0]
        for line in self._lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def place(self, line: int, column: int) -> int:
        """In characters."""
        return self._starts[line - 1] + len(self._lines[line - 1].encode()[:column].decode())

    def inline(self, kind: CutKind, node: ast.expr) -> Iterator[Cut]:
        """Nothing where the text at the node's place is not the node, or where it goes over several lines."""
        begin = self.place(node.lineno, node.col_offset)
        end = self.place(node.end_lineno or node.lineno, node.end_col_offset or 0)
        text = self._source[begin:end]
        if "\n" not in text and len(text) >= INLINE and _dumped(text) == ast.dump(node):
            yield Cut(kind, self._source[:begin], text, self._source[end:])

    def whole_lines(self, kind: CutKind, first: ast.stmt, last: ast.stmt) -> Iterator[Cut]:
        """Nothing where something else stands on these lines."""
        top, bottom = first.lineno, last.end_lineno or last.lineno
        indent = self._lines[top - 1][: first.col_offset]
        behind = self._lines[bottom - 1].encode()[last.end_col_offset or 0 :].decode().strip()
        if indent.strip() or (behind and not behind.startswith("#")):
            return
        begin, end = self._starts[top - 1], min(self._starts[bottom], len(self._source))
        yield Cut(kind, self._source[:begin], self._source[begin:end], self._source[end:], indent)


def _all(tree: ast.Module, page: _Page) -> Iterator[Cut]:
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        inside = [
            child for field, value in ast.iter_fields(node) if field not in _APART for child in _nodes(value)
        ]  # fmt: skip
        if not isinstance(node, ast.JoinedStr):
            waiting += reversed(inside)
        yield from _here(node, page)


def _nodes(value: object) -> list[ast.AST]:
    return [one for one in (value if isinstance(value, list) else [value]) if isinstance(one, ast.AST)]


def _here(node: ast.AST, page: _Page) -> Iterator[Cut]:
    for body in _blocks(node):
        yield from page.whole_lines("block", body[0], body[-1])
    if isinstance(node, _SIMPLE) and not isinstance(getattr(node, "value", None), ast.Name | ast.Constant):
        yield from page.whole_lines("statement", node, node)
    if isinstance(node, ast.Return) and node.value is not None and not isinstance(node.value, _DULL):
        yield from page.inline("return_value", node.value)
    if isinstance(node, ast.expr) and not isinstance(node, _DULL) and isinstance(getattr(node, "ctx", None), _LOADS):
        yield from page.inline("expression", node)


_LOADS = (ast.Load, type(None))


def _blocks(node: ast.AST) -> Iterator[list[ast.stmt]]:
    """What is indented below it, over more than one line; without its docstring."""
    if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.If | ast.For | ast.While | ast.With | ast.Try):
        return
    for field in ("body", "orelse", "finalbody"):
        body: list[ast.stmt] = [one for one in getattr(node, field, []) if not _is_docstring(one)]
        elif_ = field == "orelse" and len(body) == 1 and isinstance(body[0], ast.If)
        if body and not elif_ and (body[-1].end_lineno or 0) > body[0].lineno:
            yield body


def _is_docstring(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _dumped(text: str) -> str:
    try:
        return ast.dump(ast.parse(f"({text})", mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ""
