"""The N rows worth most that are far from one another: quality times complexity, then distance.

Of the rows that pass the filters the POOL times N of the highest worth (scoring.py) are taken; of these the best, and
then again and again the one that is farthest from all that were taken (Gonzalez 1985, whose cover is at most twice as
wide as the best), by the built-in embedder over the instructions. DEITA (arXiv:2312.15685) has
the same two steps with a threshold on the distance in place of a size. Deterministic: ties go to the higher worth, then
to the earlier row.

Memory: a vector of 1 KB for each row of the pool; time: N products with all of them (1,000 of 40,000 took 6 s). No
other export needs either.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator

import numpy as np

from evolve.embedding import BUILTIN, Embedder
from evolve.exporting.scoring import worth
from evolve.exporting.tables import Row

POOL = 4
"""Rows considered for each that is wanted: enough to be diverse, and none that is worth much less."""
BATCH = 1024
Rows = Callable[[], Iterable[Row]]
"""The rows to select from, anew at each call: they are read twice."""


def select(rows: Rows, wanted: int) -> frozenset[int]:
    """Positions among the rows of those that are taken; all where there are no more than wanted."""
    ranked = heapq.nsmallest(wanted * POOL, ((-worth(row), position) for position, row in enumerate(rows())))
    positions = [position for _, position in ranked]
    if len(positions) <= wanted:
        return frozenset(positions)
    vectors = _vectors(rows, positions)
    return frozenset(positions[at] for at in _farthest(vectors, wanted))


def _vectors(rows: Rows, positions: list[int]) -> np.ndarray:
    """Shape (len(positions), dimension), float32, rows of length 1, in that order."""
    rank = {position: at for at, position in enumerate(positions)}
    embedder = Embedder(BUILTIN)
    found: np.ndarray | None = None
    for batch in _batches((rank[n], row) for n, row in enumerate(rows()) if n in rank):
        made = embedder.encode([row.get("instruction") or "" for _, row in batch]).astype(np.float32)
        if found is None:
            found = np.zeros((len(positions), made.shape[1]), np.float32)
        found[[at for at, _ in batch]] = made
    assert found is not None
    return found


def _batches(items: Iterable[tuple[int, Row]]) -> Iterator[list[tuple[int, Row]]]:
    batch: list[tuple[int, Row]] = []
    for item in items:
        batch.append(item)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _farthest(vectors: np.ndarray, wanted: int) -> list[int]:
    """The first, then each time the one whose nearest taken one is farthest; the earlier of equals."""
    taken = [0]
    nearest = vectors @ vectors[0]
    nearest[0] = np.inf
    while len(taken) < wanted:
        at = int(np.argmin(nearest))
        taken.append(at)
        np.maximum(nearest, vectors @ vectors[at], out=nearest)
        nearest[at] = np.inf
    return taken
