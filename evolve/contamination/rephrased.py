"""Benchmark items in other words: for each item the nearest rows by embedding, and a question to a judge about each.

No rule on words sees a rephrased item (substrings 0 of 164, runs of ten words 1 %), so the nearest rows are found by
cosine and a model is asked (WizardCoder, section 4). Invariant: what is asked is a function of items and rows alone,
not of their order or batches; there are at most `top` questions an item, however many rows there are; a question that
was not answered leaves its row UNDECIDED, never clean. This module calls no model.

    nearest = Rephrased(embed([prose(item.text) for item in items]))
    nearest.offer(ids, embed(texts))                          # as often as there are rows
    nearest.suspects()                                        # who is to be asked about, by judge.compare
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from evolve.records import Finding, Verdict

TOP = 5
"""Rows an item that are asked about (WizardCoder's decontamination)."""
RIVALS = 5
"""Items that a row may be asked about. Plain rows are near to every item and crowd out what is near to one alone, so a
row's cosines are taken less half their mean over its nearest items (as in CSLS, arXiv 1710.04087). Of 40 items in other
words among 2,017 seeds, 28 are then asked about, with MiniLM and 2,177 questions; by cosine alone 18, with 2,710."""
FLOOR = 0.4
"""Cosine below which nothing is asked, with MiniLM: of the same 40, 2 lie below it (0.31, 0.35), half above 0.54.
Chosen on these 40. The built-in embedder knows spelling alone: all 40 lie below 0.4, and without a floor it finds 5."""
BLOCK = 4096
"""Rows compared at a time: with 1,000 items 33 MB of cosines."""
DECIMALS = 6
"""Cosines are rounded, so that they do not depend on what else was in the batch."""


@dataclass(frozen=True, slots=True)
class Suspect:
    """A row that may be an item in other words."""

    item: int
    """The item's place among those given."""
    row: str
    """The row's id."""
    cosine: float


class Rephrased:
    """The nearest rows of each item; its memory is bounded by the items, not by the rows."""

    def __init__(self, items: np.ndarray, top: int = TOP, floor: float = FLOOR) -> None:
        """`items`: shape (items, dimension), each row of length 1."""
        self._items = items.astype(np.float64)
        self._top = top
        self._floor = floor
        self._nearest: list[list[tuple[float, str, float]]] = [[] for _ in range(len(items))]
        """Of each item (less its score, row, cosine), best first."""

    def offer(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        """Take more rows; `vectors`: shape (len(ids), dimension), each row of length 1, in the items' space."""
        if not len(self._items):
            return
        for begin in range(0, len(ids), BLOCK):
            self._take(ids[begin : begin + BLOCK], vectors[begin : begin + BLOCK].astype(np.float64))

    def _take(self, ids: Sequence[str], vectors: np.ndarray) -> None:
        cosines = np.round(vectors @ self._items.T, DECIMALS)
        rivals = np.sort(cosines, axis=1)[:, -RIVALS:]
        scores = np.round(cosines - rivals.mean(axis=1, keepdims=True) / 2, DECIMALS)
        near = (cosines >= rivals[:, :1]) & (cosines >= self._floor)
        for row, item in np.argwhere(near).tolist():
            self._nearest[item].append((-float(scores[row, item]), ids[row], float(cosines[row, item])))
        self._nearest = [sorted(rows)[: self._top] for rows in self._nearest]

    def suspects(self) -> list[Suspect]:
        """At most `top` an item, best first, equally good ones by id."""
        return [Suspect(item, row, cosine) for item, rows in enumerate(self._nearest) for _, row, cosine in rows]


def worst(findings: Iterable[Finding]) -> Finding | None:
    """Of what was said of one row, what counts: a yes, else the first that could not tell, else a no."""
    weight = {Verdict.REJECT: 0, Verdict.UNDECIDED: 1, Verdict.ACCEPT: 2}
    return min(findings, key=lambda finding: weight[finding.verdict], default=None)
