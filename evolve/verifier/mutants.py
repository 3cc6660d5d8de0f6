"""Small faults put into a right Python program: tests that tell none of them from the program prove little.

A mutant differs from its source by one change of one place, compiles, and keeps the text around the change as it was
written. Which are drawn depends on the source and the seed alone; they are spread over the kinds of change first and
over lines second. Nothing is run here. Invariant: any text gives a list, perhaps an empty one.

Left out, for no test could or should see them: docstrings, annotations, decorators, `__repr__`, what `raise`, `assert`
and logging say, `print` where the program also returns values, guards on `__name__`, `float("inf")`, values of names
that nothing reads. Left out, for they often change nothing: boundaries where both sides do the same for equals
(`if a > b: b = a`, a swap of the two, `a if a > b else b`, a sign by `-a`), adding or subtracting 0, one more step of a
loop up to a square root, a `break` behind a flag, `==` and `!=` as boundaries. Not seen: what else is equivalent.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from evolve.records import digest, rng
from evolve.text import shorten
from evolve.verifier.code import parsed
from evolve.verifier.mutations import Change, changes, sites

SHOWN = 40
"""Characters of a change on each side, when it is told."""


@dataclass(frozen=True, slots=True)
class Mutant:
    source: str
    line: int
    """Where the change is, from 1."""
    change: str
    """For a person: `a < b` -> `a <= b`."""


def mutants(source: str, limit: int = 20, seed: str = "") -> list[Mutant]:
    """At most `limit` mutants of a Python program, in an order of chance; [] where it does not parse."""
    tree = parsed(source)
    if tree is None or limit <= 0:
        return []
    text, meant = Text(source), ast.dump(tree)
    found: list[Mutant] = []
    seen = {source}
    for change in _spread([change for site in sites(tree) for change in changes(site)], seed, source):
        mutant = _applied(change, text, tree, meant)
        if mutant is not None and mutant.source not in seen:
            seen.add(mutant.source)
            found.append(mutant)
            if len(found) == limit:
                break
    return found


def score(killed: int, total: int) -> float:
    """The share that was killed; 1.0 of none, for then nothing was left alive."""
    return killed / total if total else 1.0


_LINE = re.compile(r"[^\r\n]*+(?:\r\n|\r|\n)|[^\r\n]++")
"""As the parser counts them: a form feed ends none."""


class Text:
    """A source by the parser's coordinates: lines from 1, columns in bytes of UTF-8."""

    def __init__(self, source: str) -> None:
        self._lines = [line.encode("utf-8", "surrogatepass") for line in _LINE.findall(source)]

    def segment(self, node: ast.expr | ast.stmt) -> str:
        lines = self._lines[node.lineno - 1 : node.end_lineno]
        lines[-1] = lines[-1][: node.end_col_offset]
        lines[0] = lines[0][node.col_offset :]
        return b"".join(lines).decode("utf-8", "surrogatepass")

    def replaced(self, node: ast.expr | ast.stmt, by: str) -> str:
        before = [*self._lines[: node.lineno - 1], self._lines[node.lineno - 1][: node.col_offset]]
        last = node.end_lineno or node.lineno
        after = [self._lines[last - 1][node.end_col_offset :], *self._lines[last:]]
        return b"".join([*before, by.encode("utf-8", "surrogatepass"), *after]).decode("utf-8", "surrogatepass")


def _spread(found: list[Change], seed: str, source: str) -> Iterator[Change]:
    """First one change of each kind, then the next of each; within a kind first one of each line."""
    draw = rng("mutants", seed, digest(source))
    draw.shuffle(found)
    lines: dict[tuple[str, int], int] = {}
    ranked: dict[str, list[tuple[int, int]]] = {}
    for number, change in enumerate(found):
        place = (change.kind, change.node.lineno)
        lines[place] = lines.get(place, 0) + 1
        ranked.setdefault(change.kind, []).append((lines[place], number))
    order = [(rank, number) for kind in ranked.values() for rank, (_, number) in enumerate(sorted(kind))]
    return (found[number] for _, number in sorted(order))


def _applied(change: Change, text: Text, tree: ast.Module, meant: str) -> Mutant | None:
    """The mutant as text; None where it cannot be written, or means the same."""
    try:
        written = ast.unparse(change.by)
        before = text.segment(change.node)
        wanted = _meaning(change, tree)
        if wanted == meant or "\n" in written:
            return None
        for candidate in (written, f"({written})"):
            source = text.replaced(change.node, candidate)
            if _dumped(source) == wanted:
                return Mutant(source, change.node.lineno, _told(before, written))
    except (SyntaxError, ValueError, RecursionError, MemoryError, IndexError, UnicodeError):
        pass
    return None


def _meaning(change: Change, tree: ast.Module) -> str:
    """The tree with the change in it, which is undone again."""
    holder = getattr(change.parent, change.field)
    if isinstance(holder, list):
        holder[change.index] = change.by
    else:
        setattr(change.parent, change.field, change.by)
    try:
        return ast.dump(tree)
    finally:
        if isinstance(holder, list):
            holder[change.index] = change.node
        else:
            setattr(change.parent, change.field, change.node)


def _dumped(source: str) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tree = ast.parse(source)
        compile(tree, "mutant", "exec", dont_inherit=True)
    return ast.dump(tree)


def _told(before: str, after: str) -> str:
    return f"`{shorten(before, SHOWN)}` -> `{shorten(after, SHOWN)}`"
