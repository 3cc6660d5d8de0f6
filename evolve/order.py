"""The turnstile before the duplicate search: candidates pass in canonical order, as a processor retires instructions.

A candidate passes when every earlier attempt has arrived, with a candidate or without; those who stand in line
without a gap pass as one batch. Whether an earlier one was kept is known only with its fate, so that can be waited
for. Invariant: who has passed before whom is (round, index), whatever the order of arrival. No waiting here can go in
a circle, because everyone waits for canonically earlier attempts alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evolve.config import EliminatorConfig
from evolve.eliminator import Admitted, Duplicates, Entry, thresholds
from evolve.records import Attempt


class Order:
    def __init__(self, config: EliminatorConfig, lineages: int) -> None:
        """`lineages`: how many attempts a round has."""
        limits = thresholds(config)
        self.duplicates = Duplicates(limits.within, limits.across)
        self._lineages = lineages
        self._next = 0
        self._open = False
        self._arrived: dict[int, tuple[Entry | None, asyncio.Future[Admitted | None]]] = {}
        self._kept: dict[str, asyncio.Future[bool]] = {}
        self._seed_ids: set[str] = set()

    def seeds(self, entries: Sequence[Entry]) -> None:
        """Seeds go first, and count as kept."""
        self.duplicates.add(entries)
        self._seed_ids.update(entry.id for entry in entries)

    def open(self) -> None:
        """All seeds are in: let candidates pass."""
        self._open = True
        self._pass()

    async def turn(self, attempt: Attempt, entry: Entry | None) -> Admitted | None:
        """Wait for this attempt's turn; what it is near to then. Without an entry nothing is waited for."""
        future: asyncio.Future[Admitted | None] = asyncio.get_running_loop().create_future()
        self._arrived[(attempt.round - 1) * self._lineages + attempt.index] = entry, future
        if entry is not None:
            self._kept[entry.id] = asyncio.get_running_loop().create_future()
        self._pass()
        return None if entry is None else await future

    async def kept(self, id_: str) -> bool:
        """Whether that earlier one was kept in the end; waits for its fate."""
        return id_ in self._seed_ids or await asyncio.shield(self._kept[id_])

    def settle(self, id_: str, *, kept: bool) -> None:
        """The fate of a candidate; one that never took a turn is of no interest here."""
        if (future := self._kept.get(id_)) and not future.done():
            future.set_result(kept)

    def _pass(self) -> None:
        """Let through, as one batch, all who stand in line without a gap."""
        if not self._open:
            return
        batch: list[tuple[Entry, asyncio.Future[Admitted | None]]] = []
        while self._next in self._arrived:
            entry, future = self._arrived.pop(self._next)
            self._next += 1
            if entry is not None:
                batch.append((entry, future))
        for (_, future), admitted in zip(batch, self.duplicates.admit([entry for entry, _ in batch]), strict=True):
            if not future.done():
                future.set_result(admitted)
