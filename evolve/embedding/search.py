"""The one index of a run: entries in canonical order, their rows spread over as many parts as they need.

A part holds a fixed number of rows; when the last is full, another is made. Positions are global, so the answers are
the same for any number of parts. The driver alone adds, and keeps who is at which position; a part that has lost its
rows with its process is given them again. Invariant: admitting an entry whose id is known adds nothing, and finds what
was found before.

Memory of the driver: about 250 bytes an entry for ids and lineages (0.25 GB per million), beside the parts' rows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from evolve.embedding.index import BATCH, Found, Index, Questions, merge
from evolve.errors import StageError

TRIES = 10
"""How often a part may lose its rows in answering one batch."""
LOST_S = 300.0
"""Longest time without a process for a part: a new one starts in seconds, or waits for a node."""
REFILL = 8192
"""Rows sent at a time to a part that has to be filled anew: 6 MB at 384 dimensions."""


@dataclass(frozen=True, slots=True)
class Entry:
    id: str
    root_id: str
    vector: np.ndarray
    """Shape (dimension,), float16, length 1."""


class Neighbour(NamedTuple):
    """An earlier entry that is near. A tuple is made in a third of a dataclass's time, and there may be thousands."""

    id: str
    cosine: float
    within: bool
    """Of the same lineage."""


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What there was before an entry."""

    near: tuple[Neighbour, ...] = ()
    """All that are as near as was asked for, nearest first, of several alike the earliest."""
    scores: tuple[tuple[str, float], ...] = ()
    """Largest cosine `within` its lineage and `across` the others, near or not."""


@dataclass(frozen=True, slots=True)
class Floors:
    """Cosines from which on an earlier entry is near."""

    within: float
    across: float


class Part(Protocol):
    """Some rows of the index, wherever they are. Both raise StageError when their process is lost."""

    async def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int: ...

    async def ask(self, questions: Questions, until: int) -> list[Found] | None: ...


class LocalPart:
    """A part in this process, beside the loop."""

    def __init__(self, begin: int) -> None:
        self._index = Index(begin)

    async def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        return self._index.add(position, vectors, lineages)

    async def ask(self, questions: Questions, until: int) -> list[Found] | None:
        return await asyncio.to_thread(self._index.ask, questions, until)


class Search:
    """One caller at a time: admissions are in order."""

    def __init__(
        self,
        floors: Floors,
        make: Callable[[int], Part] = LocalPart,
        rows: int = 1_000_000,
        again: Callable[[Sequence[str]], Awaitable[np.ndarray]] | None = None,
    ) -> None:
        """`make` gives the part that begins at a position, `rows` are what one holds, and `again` gives the vectors
        of these ids once more, for a part that has lost its rows; None: no part can be lost."""
        self._floors = floors
        self._make = make
        self._rows = rows
        self._again = again
        self._parts: list[Part] = []
        self._ids: list[str] = []
        self._positions: dict[str, int] = {}
        self._lineages: list[int] = []
        self._numbers: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    async def add(self, entries: Sequence[Entry]) -> None:
        """Add without asking."""
        new = [entry for entry in {entry.id: entry for entry in entries}.values() if entry.id not in self._positions]
        begin = len(self._ids)
        for entry in new:
            self._positions[entry.id] = len(self._ids)
            self._ids.append(entry.id)
            self._lineages.append(self._number(entry.root_id))
        done = begin
        while done < len(self._ids):
            number = done // self._rows
            if number == len(self._parts):
                self._parts.append(self._make(number * self._rows))
            end = min(len(self._ids), (number + 1) * self._rows)
            await self._fill(number, done, np.stack([entry.vector for entry in new[done - begin : end - begin]]))
            done = end

    async def admit(self, entries: Sequence[Entry]) -> list[Neighbours]:
        """What each is near to of everything before it, this batch's earlier ones included; and add it."""
        await self.add(entries)
        return await self.ask(entries)

    async def ask(self, entries: Sequence[Entry]) -> list[Neighbours]:
        """What each is near to of everything before it; all must be there."""
        found: list[Neighbours] = []
        for begin in range(0, len(entries), BATCH):
            found += await self._ask(entries[begin : begin + BATCH])
        return found

    async def _ask(self, entries: Sequence[Entry]) -> list[Neighbours]:
        questions = Questions(
            np.stack([entry.vector for entry in entries]),
            np.array([self._number(entry.root_id) for entry in entries], np.int32),
            np.array([self._positions[entry.id] for entry in entries], np.int64),
            self._floors.within,
            self._floors.across,
        )
        last = int(questions.befores.max())
        asked = [number for number in range(len(self._parts)) if number * self._rows < last]
        answers = await asyncio.gather(*(self._ask_part(number, questions) for number in asked))
        return [self._named(merge(parts)) for parts in zip(*answers, strict=True)] if asked else [Neighbours()]

    async def _ask_part(self, number: int, questions: Questions) -> list[Found]:
        until = min(len(self._ids), (number + 1) * self._rows)
        for _ in range(TRIES):
            found = await self._once_there(number, questions, until)
            if found is not None:
                return found
            await self._refill(number, until)
        raise StageError(f"part {number} of the index lost its rows {TRIES} times")

    async def _once_there(self, number: int, questions: Questions, until: int) -> list[Found] | None:
        """What a part says, as soon as it has a process."""
        waited_s = 0.0
        while True:
            try:
                return await self._parts[number].ask(questions, until)
            except StageError as error:
                if waited_s >= LOST_S:
                    raise StageError(f"part {number} of the index: {error}") from None
            pause_s = min(5.0, 0.5 + 0.5 * waited_s)
            await asyncio.sleep(pause_s)
            waited_s += pause_s

    async def _fill(self, number: int, position: int, vectors: np.ndarray) -> None:
        """Add rows to a part; one that is lost, or was, is filled when it is asked."""
        lineages = np.array(self._lineages[position : position + len(vectors)], np.int32)
        try:
            await self._parts[number].add(position, vectors, lineages)
        except StageError:
            return

    async def _refill(self, number: int, until: int) -> None:
        if self._again is None:
            raise StageError("rows of the index are gone")
        for begin in range(number * self._rows, until, REFILL):
            ids = self._ids[begin : min(begin + REFILL, until)]
            await self._fill(number, begin, await self._again(ids))

    def _number(self, root_id: str) -> int:
        return self._numbers.setdefault(root_id, len(self._numbers))

    def _named(self, found: Found) -> Neighbours:
        near = tuple(Neighbour(self._ids[place], cosine, within) for place, cosine, within in found.hits.tolist())
        scores = (("within", found.within), ("across", found.across))
        return Neighbours(near, tuple((name, value) for name, value in scores if value is not None))
