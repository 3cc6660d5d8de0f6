"""Near-duplicates: exact search by cosine over everything that came before, in canonical order.

Candidates are admitted in canonical order, a batch at a time, and each is compared with all that were admitted
before it. Only what is *kept* in the end can make another a duplicate, so the answer comes in two steps: `admit`
says which earlier ones are near enough, `decide` is asked once it is known which of these were kept. Invariant: the
outcome depends on the order of admission alone, not on how admissions were batched. It embeds nothing.

Memory: 4 bytes a dimension, so 1 GB per million instructions of the built-in embedder's 256 dimensions.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from evolve.records import Finding, Verdict

BLOCK = 65_536
"""Rows a block: 64 MB at 256 dimensions, so that growing never copies what is there."""
PRODUCTS = 2**24
"""Cosines held at a time: 64 MB."""
MARGIN = 1e-3
"""Float32 products of half-precision rows are this exact by far; what is nearer is computed again in float64."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    root_id: str
    vector: np.ndarray
    """Shape (dimension,), float16, length 1."""


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier entry that is near enough to make a candidate a duplicate, should it have been kept."""

    id: str
    cosine: float
    within: bool
    """Of the same lineage."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What there was before a candidate."""

    nears: tuple[Near, ...]
    """Nearest first."""
    scores: dict[str, float]
    """Largest cosine `within` its lineage and `across` the others, kept or not."""


class Duplicates:
    name = "duplicate"
    version = 1

    def __init__(self, within: float, across: float) -> None:
        """The cosines from which on a candidate repeats its own lineage, and any other."""
        self._within = within
        self._across = across
        self._blocks: list[np.ndarray] = []
        self._roots = np.zeros(BLOCK, np.int32)
        self._root_numbers: dict[str, int] = {}
        self._entries: list[str] = []

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, batch: Sequence[Entry]) -> None:
        """Add without comparing: what is kept in any case."""
        for entry in batch:
            self._append(entry)

    def admit(self, batch: Sequence[Entry]) -> list[Admitted]:
        """Compare each with everything before it, this batch's earlier ones included, and add it."""
        found: list[Admitted] = []
        while len(found) < len(batch):
            size = max(1, PRODUCTS // (len(self._entries) + 1024))
            found += self._admit(batch[len(found) : len(found) + size])
        return found

    def _admit(self, batch: Sequence[Entry]) -> list[Admitted]:
        begin = len(self._entries)
        for entry in batch:
            self._append(entry)
        vectors = np.stack([entry.vector for entry in batch]).astype(np.float32)
        cosines = np.concatenate([vectors @ self._block(b).T for b in range(len(self._blocks))], axis=1)
        return [self._compare(cosines[i, : begin + i], begin + i) for i in range(len(batch))]

    def decide(self, admitted: Admitted, kept: Collection[str]) -> Finding:
        """Whether a candidate is thrown out, given which of those near it were kept."""
        scores = {name: round(value, 4) for name, value in admitted.scores.items()}
        for near in admitted.nears:
            if near.id in kept:
                where = "its own lineage" if near.within else "another lineage"
                detail = f"cosine {near.cosine:.3f} to one of {where}"
                return Finding(self.name, self.version, Verdict.REJECT, "duplicate", detail, scores, near.id)
        return Finding(self.name, self.version, Verdict.ACCEPT, scores=scores)

    def _append(self, entry: Entry) -> None:
        row = len(self._entries) % BLOCK
        if row == 0:
            self._blocks.append(np.zeros((BLOCK, entry.vector.shape[0]), np.float32))
            self._roots = np.resize(self._roots, len(self._blocks) * BLOCK)
        self._blocks[-1][row] = entry.vector
        self._roots[len(self._entries)] = self._root_numbers.setdefault(entry.root_id, len(self._root_numbers))
        self._entries.append(entry.id)

    def _block(self, number: int) -> np.ndarray:
        return self._blocks[number][: len(self._entries) - number * BLOCK]

    def _compare(self, cosines: np.ndarray, position: int) -> Admitted:
        """`cosines`: to every entry before `position`, in float32."""
        own = self._roots[:position] == self._roots[position]
        nears: list[Near] = []
        scores: dict[str, float] = {}
        for name, side, threshold in (("within", own, self._within), ("across", ~own, self._across)):
            of_side = np.where(side, cosines, -2.0)
            best = float(of_side.max(initial=-2.0))
            if best < -1.5:
                continue
            close = np.flatnonzero(of_side >= min(best, threshold) - MARGIN)
            exact = self._exact(close, position)
            scores[name] = float(exact.max())
            near = zip(close, exact, strict=True)
            nears += [Near(self._entries[i], float(c), name == "within") for i, c in near if c >= threshold]
        return Admitted(tuple(sorted(nears, key=lambda near: (-near.cosine, near.id))), scores)

    def _exact(self, rows: np.ndarray, position: int) -> np.ndarray:
        """Cosines in float64, to six decimals: the same whatever they were batched with."""
        vectors = np.stack([self._blocks[i // BLOCK][i % BLOCK] for i in rows]).astype(np.float64)
        own = self._blocks[position // BLOCK][position % BLOCK].astype(np.float64)
        lengths = np.sqrt(np.einsum("ij,ij->i", vectors, vectors) * (own @ own))
        cosines: np.ndarray = np.round(np.einsum("ij,j->i", vectors, own) / lengths, 6)
        return cosines
