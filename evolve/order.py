"""The turnstile before the duplicate search: candidates pass in canonical order, as a processor retires instructions.

A candidate passes when every earlier attempt has arrived, with a candidate or without; those who stand in line
without a gap pass as one batch, and while it is being searched the next one gathers. Whether an earlier one was kept
is known only with its fate, so that can be waited for. Invariant: who has passed before whom is (round, index),
whatever the order of arrival and however the index is spread. No waiting here can go in a circle, because everyone
waits for canonically earlier attempts alone.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable, Sequence

import numpy as np

from evolve.eliminator import Duplicates, Item, Thresholds
from evolve.embedding import Entry, Neighbours, Part, Search
from evolve.errors import HaltedError
from evolve.records import Attempt, Finding

BATCH = 512
"""Those that pass at a time, at most: the index multiplies up to 256 questions in one go, and of those who pass with
an elimination every other one only counts as kept. The rest goes on meanwhile."""
RECENT = 8192
"""Settled candidates whose texts are held, until they were read for comparing; older ones are asked for again."""

Embed = Callable[[str], Awaitable[np.ndarray]]


class Order:
    def __init__(
        self,
        limits: Thresholds,
        lineages: int,
        *,
        embed: Embed,
        text: Callable[[str], str],
        part: Callable[[int], Part],
        rows: int,
    ) -> None:
        """`lineages`: how many attempts a round has. `text`: that of a candidate which was settled long ago, by its id.
        `part`: makes the part of the index that begins at a position and holds `rows` rows."""
        self._embed = embed
        self._old_text = text
        self._search = Search(limits.floors, part, rows, self._again)
        self._duplicates = Duplicates(limits, embed, self._text, self._was_kept, self._was_dropped)
        self._lineages = lineages
        self._next = 0
        self._open = self.closed = False
        self._arrived: dict[int, tuple[Entry | None, asyncio.Future[Neighbours] | None]] = {}
        self._passing: asyncio.Task[None] | None = None
        self._asking: list[asyncio.Future[Neighbours]] = []
        """Of those who pass now; a task that is cancelled before its first step could not see to them."""
        self._kept: dict[str, asyncio.Future[bool] | bool] = {}
        self._texts: dict[str, str] = {}
        self._settled: deque[str] = deque()

    async def begin(self, items: Sequence[Item]) -> None:
        """What comes before every candidate, and counts as kept: earlier runs, then the seeds."""
        for start in range(0, len(items), BATCH):
            batch = items[start : start + BATCH]
            self._texts.update((item.id, item.text) for item in batch)
            vectors = await asyncio.gather(*(self._embed(item.text) for item in batch))
            await self._search.add(
                [Entry(item.id, item.root_id, vector) for item, vector in zip(batch, vectors, strict=True)]
            )

    def open(self) -> None:
        """All that comes first is in: let candidates pass."""
        self._open = True
        self._pass()

    async def close(self) -> None:
        """Let nobody pass any more, and cut short whoever waits for a turn or a fate."""
        self._open, self.closed = False, True
        if self._passing is not None:
            self._passing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._passing
        turns = [turn for _, turn in self._arrived.values() if turn is not None]
        for future in (*turns, *self._asking, *self._kept.values()):
            if isinstance(future, asyncio.Future):
                future.cancel()

    async def check(self, attempt: Attempt, item: Item | None) -> Finding | None:
        """Wait for this attempt's turn, and for the fates of those that it repeats, should they be kept.

        Every attempt takes its turn, also one without a candidate (None): those behind it wait for that. Raises
        HaltedError after `close`.
        """
        if self.closed:
            raise HaltedError("the run is being stopped")
        if item is not None:
            self._kept[item.id] = asyncio.get_running_loop().create_future()
        if item is None:
            self._arrive(attempt, None, None)
            return None
        future: asyncio.Future[Neighbours] = asyncio.get_running_loop().create_future()
        self._arrive(attempt, await self._entry(item), future)
        return await self._duplicates.check(item.text, await future)

    async def keep(self, attempt: Attempt, item: Item | None) -> None:
        """Take a turn with something that counts as kept whatever it repeats, and so need not wait for it."""
        self._arrive(attempt, None if item is None else await self._entry(item), None)
        if item is not None:
            self._forget(item.id)

    async def _entry(self, item: Item) -> Entry:
        vector = await self._embed(item.text)
        self._texts[item.id] = item.text
        return Entry(item.id, item.root_id, vector)

    def _arrive(self, attempt: Attempt, entry: Entry | None, future: asyncio.Future[Neighbours] | None) -> None:
        """Stand in line; `future` is told what is near, None: nobody asks."""
        if self.closed and future is not None:
            future.cancel()
        self._arrived[(attempt.round - 1) * self._lineages + attempt.index] = entry, future
        self._pass()

    def settle(self, id_: str, *, kept: bool) -> None:
        """The fate of a candidate; one that never took a turn is of no interest here."""
        future = self._kept.get(id_)
        if not isinstance(future, asyncio.Future):
            return
        if not future.done():
            future.set_result(kept)
        self._kept[id_] = kept
        self._forget(id_)

    def _forget(self, id_: str) -> None:
        """Its text need not be held for ever."""
        self._settled.append(id_)
        while len(self._settled) > RECENT:
            self._texts.pop(self._settled.popleft(), None)

    async def _was_kept(self, id_: str) -> bool:
        fate = self._kept.get(id_, True)
        return fate if isinstance(fate, bool) else await asyncio.shield(fate)

    def _was_dropped(self, id_: str) -> bool:
        return self._kept.get(id_) is False

    def _text(self, id_: str) -> str:
        text = self._texts.get(id_)
        return self._old_text(id_) if text is None else text

    async def _again(self, ids: Sequence[str]) -> np.ndarray:
        return np.stack(await asyncio.gather(*(self._embed(self._text(id_)) for id_ in ids)))

    def _pass(self) -> None:
        """Let through, as one batch, all who stand in line without a gap, unless one is on its way."""
        if not self._open or self._passing is not None:
            return
        batch: list[tuple[Entry, asyncio.Future[Neighbours] | None]] = []
        while self._next in self._arrived and len(batch) < BATCH:
            entry, future = self._arrived.pop(self._next)
            self._next += 1
            if entry is not None:
                batch.append((entry, future))
        self._asking = [future for _, future in batch if future is not None]
        if batch:
            self._passing = asyncio.create_task(self._search_for(batch))

    async def _search_for(self, batch: Sequence[tuple[Entry, asyncio.Future[Neighbours] | None]]) -> None:
        asked = [(entry, future) for entry, future in batch if future is not None]
        try:
            await self._search.add([entry for entry, _ in batch])
            found = await self._search.ask([entry for entry, _ in asked])
        except Exception as error:  # handed to everyone who waits for this batch; nobody passes after it
            self._open = False
            for _, future in asked:
                if not future.done():
                    future.set_exception(error)
            return
        finally:
            self._passing = None
        for (_, future), neighbours in zip(asked, found, strict=True):
            if not future.done():
                future.set_result(neighbours)
        self._pass()
