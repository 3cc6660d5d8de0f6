"""Training or validation, by the lineage's root: no family has rows on both sides.

A function of the roots and the share alone: the same seed is on the same side in every export, format and run, and a
larger share only moves roots from training to validation. A crossover, and all that comes of it, is of two families;
where these are on different sides it is on neither, for it would show the one side what the other holds.
"""

from __future__ import annotations

from typing import Literal

from evolve.exporting.tables import Row, Tables
from evolve.records import digest

Split = Literal["train", "validation"]


def side(root_id: str, share: float) -> Split:
    """`share`: of the roots that go to validation, 0 to 1."""
    return "validation" if int(digest("validation", root_id), 16) < share * 2**64 else "train"


class Sides:
    """Of the rows of one run. Memory: a set for each row of more than one family; none where there is one side."""

    def __init__(self, tables: Tables, share: float) -> None:
        """`share`: as for `side`."""
        self._share = share
        self._others = _other_roots(tables) if 0 < share < 1 else {}

    def of(self, row: Row) -> Split | None:
        """Of a row of `train`, or one that was made of it; None where its families are on different sides."""
        sample = row.get("source_id") or row["id"]
        sides = {side(root, self._share) for root in {row["root_id"], *self._others.get(sample, ())}}
        return sides.pop() if len(sides) == 1 else None


def _other_roots(tables: Tables) -> dict[str, frozenset[str]]:
    """Id of each attempt of several families -> the roots of those that are not its own. Parents stand before their
    children in `lineage`, whose order is the canonical one."""
    partners = {row["partner_id"] for row in tables.rows("lineage", ("partner_id",))} - {None}
    root_of: dict[str, str] = {}
    found: dict[str, frozenset[str]] = {}
    for row in tables.rows("lineage", ("id", "root_id", "parent_id", "partner_id")):
        roots: frozenset[str] = found.get(row["parent_id"], frozenset())
        if (partner := row["partner_id"]) is not None:
            roots = roots | found.get(partner, frozenset()) | {root_of.get(partner) or str(partner)}
        if row["id"] in partners:
            root_of[row["id"]] = row["root_id"]
        if row["id"] is not None and (roots := roots - {row["root_id"]}):
            found[row["id"]] = roots
    return found
