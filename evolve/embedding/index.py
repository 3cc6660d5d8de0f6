"""Exact search by cosine over rows that are only ever added: one part of the run's index, or all of it.

A row has a global position, and a question asks for rows before a position; so the answer depends on what lies before
it alone, not on what was added since, nor on how additions and questions were batched. Adding rows again that are
there changes nothing, so a caller who heard no answer may repeat himself. Every cosine in an answer is computed in
float64 from the stored half-precision rows (see products.py), to six decimals: the same on every machine.

Memory: 2 bytes a dimension and 4 for the lineage, so 0.77 GB per million rows of 384; it grows by blocks, and growing
copies nothing. A batch of questions takes some 15 MB while it is answered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from evolve.embedding.products import EXCLUDED, Products, Way, way_for, where

BLOCK = 65_536
"""Rows allocated at a time: 50 MB at 384 dimensions."""
CHUNK = 4096
"""Rows multiplied at a time; divides BLOCK. Narrowed, they stay in the cache (measured: 1,024 to 8,192 are alike)."""
BATCH = 256
"""Questions multiplied at a time."""
MOST = 1024
"""Hits of a question on either side, nearest first, of several alike the earliest: bounds what a text that was
repeated a million times can cost."""
PAIRS = 512
"""Pairs computed in float64 at a time: 3 MB at 384 dimensions. More are no faster, and each thread that ever computed
them keeps as much (measured over 16,000 seeds: with 8,192 the driver grew by 160 MB more)."""


@dataclass(frozen=True, slots=True)
class Questions:
    """Questions for one part of the index, an array each."""

    vectors: np.ndarray
    """Shape (n, dimension), float16."""
    lineages: np.ndarray
    """Shape (n,), int32."""
    befores: np.ndarray
    """Shape (n,), int64: only rows at earlier positions count."""
    within: float
    """Cosine from which on a row of the own lineage is a hit."""
    across: float
    """Likewise of any other lineage."""


HIT = np.dtype([("position", np.int64), ("cosine", np.float64), ("within", np.bool_)])
"""`within`: of the same lineage. Tables of these, because one text may be near to thousands."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The answer to one question."""

    hits: np.ndarray = field(default_factory=lambda: np.empty(0, HIT))
    """Shape (n,), of HIT: nearest first, of several alike the earliest."""
    within: float | None = None
    """Largest cosine to its lineage, hit or not; None: there is none before it."""
    across: float | None = None
    """Likewise to all others."""

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Found):
            return NotImplemented
        return (self.within, self.across) == (other.within, other.across) and np.array_equal(self.hits, other.hits)

    __hash__ = None  # type: ignore[assignment]


class Index:
    """Rows from position `begin` on."""

    def __init__(self, begin: int = 0, way: Way | None = None) -> None:
        """`way` of multiplying; None: the fastest on this machine."""
        self._begin = begin
        self._way = way
        self._blocks: list[np.ndarray] = []
        self._lineages: list[np.ndarray] = []
        self._size = 0

    def __len__(self) -> int:
        return self._size

    def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        """Add rows from this global position on; those that are there already are passed over.

        Returns the position that it can take next: less than was given if rows before `position` are missing.
        """
        known = self._begin + self._size - position
        if known >= 0:
            self._append(vectors[known:], lineages[known:])
        return self._begin + self._size

    def ask(self, questions: Questions, until: int = 0) -> list[Found] | None:
        """One answer each; None if it does not hold all rows before `until`, as one that was started anew."""
        if self._begin + self._size < until:
            return None
        found: list[Found] = []
        for begin in range(0, len(questions.vectors), BATCH):
            found += self._ask(_part(questions, begin, begin + BATCH))
        return found

    def _ask(self, questions: Questions) -> list[Found]:
        answers = [_Answer(questions.within, questions.across) for _ in questions.befores]
        befores = np.minimum(questions.befores - self._begin, self._size)
        first = int(befores.min()) if len(befores) else 0
        way = self._way or way_for(questions.vectors.shape[1], self._size)
        products = Products(way, questions.vectors, CHUNK)
        for begin in range(0, max(0, int(befores.max(initial=0))), CHUNK):
            block, offset = divmod(begin, BLOCK)
            end = min(offset + CHUNK, self._size - block * BLOCK)
            rows, lineages = self._blocks[block][offset:end], self._lineages[block][offset:end]
            numbers, places = where(np.equal.outer(questions.lineages, lineages))
            excluded: np.ndarray | tuple[np.ndarray, np.ndarray] = (numbers, places)
            if begin + len(rows) > first:  # some of these rows are not before all of the questions
                late = np.arange(begin, begin + len(rows)) >= befores[:, None]
                earlier = ~late[numbers, places]
                late[numbers, places] = True
                numbers, places, excluded = numbers[earlier], places[earlier], late
            chunk = _Chunk(questions.vectors, rows, begin, answers)
            chunk.measure(numbers, places, within=True)
            self._scan(products, chunk, excluded, questions.across)
        return [answer.found(self._begin) for answer in answers]

    @staticmethod
    def _scan(
        products: Products, chunk: _Chunk, excluded: np.ndarray | tuple[np.ndarray, np.ndarray], floor: float
    ) -> None:
        """Measure every row that is above the floor, or could be the nearest of all, as its product says."""
        table = products(chunk.rows, excluded)
        largest = products.largest(table)
        best = np.array([answer.best for answer in chunk.answers])
        least = np.minimum(floor, np.maximum(best, largest - products.margin)) - products.margin
        some = np.flatnonzero((largest >= least) & (largest > EXCLUDED / 2))
        if len(some):
            numbers, rows = products.at_least(table[some], np.maximum(least, EXCLUDED / 2)[some])
            chunk.measure(some[numbers], rows, within=False)

    def _append(self, vectors: np.ndarray, lineages: np.ndarray) -> None:
        while len(vectors):
            row = self._size % BLOCK
            if row == 0:
                self._blocks.append(np.empty((BLOCK, vectors.shape[1]), np.float16))
                self._lineages.append(np.empty(BLOCK, np.int32))
            count = min(BLOCK - row, len(vectors))
            self._blocks[-1][row : row + count] = vectors[:count]
            self._lineages[-1][row : row + count] = lineages[:count]
            self._size += count
            vectors, lineages = vectors[count:], lineages[count:]


@dataclass(frozen=True, slots=True)
class _Chunk:
    """Some rows, and what is asked of them."""

    questions: np.ndarray
    rows: np.ndarray
    begin: int
    answers: list[_Answer]

    def measure(self, numbers: np.ndarray, rows: np.ndarray, *, within: bool) -> None:
        """The true cosines of pairs of question and row, one question's beside each other."""
        for start in range(0, len(numbers), PAIRS):
            some, these = numbers[start : start + PAIRS], rows[start : start + PAIRS]
            values = cosines(self.questions[some], self.rows[these])
            edges = [0, *(np.flatnonzero(np.diff(some)) + 1).tolist(), len(some)]
            for first, end in pairwise(edges):
                self.answers[some[first]].take(these[first:end] + self.begin, values[first:end], within=within)


class _Answer:
    """A Found in the making."""

    def __init__(self, within: float, across: float) -> None:
        self._floors = {True: within, False: across}
        self._hits: dict[bool, list[np.ndarray]] = {True: [], False: []}
        self._largest: dict[bool, float | None] = {True: None, False: None}

    @property
    def best(self) -> float:
        """Largest cosine to another lineage so far."""
        largest = self._largest[False]
        return -2.0 if largest is None else largest

    def take(self, rows: np.ndarray, values: np.ndarray, *, within: bool) -> None:
        largest, old = float(values.max()), self._largest[within]
        self._largest[within] = largest if old is None else max(old, largest)
        if largest < self._floors[within]:
            return
        near = values >= self._floors[within]
        hits = np.empty(np.count_nonzero(near), HIT)
        hits["position"], hits["cosine"], hits["within"] = rows[near], values[near], within
        self._hits[within].append(hits)
        if sum(map(len, self._hits[within])) >= 2 * MOST:
            self._hits[within] = [nearest(self._hits[within])]

    def found(self, begin: int) -> Found:
        hits = joined(self._hits.values())
        hits["position"] += begin
        return Found(hits, self._largest[True], self._largest[False])


def sort(hits: np.ndarray) -> np.ndarray:
    """Nearest first, of several alike the earliest."""
    ordered: np.ndarray = hits[np.lexsort((hits["position"], -hits["cosine"]))]
    return ordered


def nearest(tables: Sequence[np.ndarray]) -> np.ndarray:
    """The MOST first of all."""
    return sort(np.concatenate(tables))[:MOST]


def joined(sides: Iterable[Sequence[np.ndarray]]) -> np.ndarray:
    """Of each side its MOST, in one order."""
    tables = [nearest(side) for side in sides if side]
    return sort(np.concatenate(tables)) if tables else np.empty(0, HIT)


def merge(parts: Sequence[Found]) -> Found:
    """What the parts of an index found, as one index would have."""
    if len(parts) == 1:
        return parts[0]
    hits = np.concatenate([part.hits for part in parts])
    within = [part.within for part in parts if part.within is not None]
    across = [part.across for part in parts if part.across is not None]
    sides = ([hits[hits["within"]]], [hits[~hits["within"]]])
    return Found(joined(sides), max(within, default=None), max(across, default=None))


def cosines(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Row by row, in float64, to six decimals: the same whatever they were batched with."""
    one, other = one.astype(np.float64), other.astype(np.float64)
    lengths = np.sqrt(np.einsum("ij,ij->i", one, one) * np.einsum("ij,ij->i", other, other))
    found: np.ndarray = np.round(np.einsum("ij,ij->i", one, other) / np.maximum(lengths, 1e-30), 6)
    return found


def _part(questions: Questions, begin: int, end: int) -> Questions:
    some = slice(begin, end)
    return Questions(
        questions.vectors[some],
        questions.lineages[some],
        questions.befores[some],
        questions.within,
        questions.across,
    )
