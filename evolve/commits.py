"""Group commits: rows that many want on disk, written by one thread.

A transaction holds what arrived while the last one was being written, so a busy moment costs one fsync instead of
hundreds. Invariant: whoever waits for a write is woken when it is on disk, or is told that it never will be; after an
error nothing more is taken, nor written. What the rows mean is the ledger's business.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from pathlib import Path
from typing import Any, Protocol

from evolve.errors import FolderError

Row = tuple[str, tuple[Any, ...]]
"""A statement and its values."""


class Database(Protocol):
    """A connection of sqlite3: as a context it is one transaction."""

    def __enter__(self) -> object: ...
    def __exit__(self, kind: Any, error: Any, trace: Any, /) -> object: ...  # noqa: ANN401
    def execute(self, sql: str, values: Any, /) -> object: ...  # noqa: ANN401
    def close(self) -> None: ...


class Write:
    """Rows on their way to the disk, and who waits for them: a coroutine or a thread."""

    def __init__(self, rows: list[Row]) -> None:
        self.rows = rows
        self.error: BaseException | None = None
        self.event = threading.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        self.future: asyncio.Future[None] | None = None
        try:
            self.loop = asyncio.get_running_loop()
            self.future = self.loop.create_future()
        except RuntimeError:
            pass

    async def result(self) -> None:
        assert self.future is not None
        await self.future
        self._raise()

    def result_blocking(self) -> None:
        self.event.wait()
        self._raise()

    def _raise(self) -> None:
        if self.error is not None:
            raise FolderError(f"the ledger cannot be written: {self.error}")


class Writer:
    """The thread, over a connection that is its own from now on."""

    def __init__(self, path: Path, connection: Database) -> None:
        self._path = path
        self._queue: queue.SimpleQueue[Write | None] = queue.SimpleQueue()
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._write_loop, args=(connection,), name="ledger", daemon=True)
        self._thread.start()

    def put(self, rows: list[Row]) -> Write:
        """Queue the rows of one transaction. Raises FolderError if an earlier one failed."""
        self._check()
        write = Write(rows)
        self._queue.put(write)
        return write

    def close(self) -> None:
        """Commit what is queued and end. Raises FolderError if something queued could not be written."""
        self._queue.put(None)
        self._thread.join()
        self._check()

    def _check(self) -> None:
        if self._broken is not None:
            raise FolderError(f"{self._path}: cannot be written: {self._broken}")

    def _write_loop(self, connection: Database) -> None:
        open_ = True
        while open_:
            batch = [self._queue.get()]
            while len(batch) < 1024 and not self._queue.empty():
                batch.append(self._queue.get())
            open_ = None not in batch
            writes = [write for write in batch if write is not None]
            if self._broken is None:
                self._broken = _commit(connection, writes)
            _settle(writes, self._broken)
        connection.close()


def _commit(connection: Database, writes: list[Write]) -> Exception | None:
    """What kept them from the disk, or nothing."""
    try:
        with connection:  # one transaction, one fsync
            for write in writes:
                for sql, values in write.rows:
                    connection.execute(sql, values)
    except Exception as error:  # whatever it is, those who wait must hear of it
        return error
    return None


def _settle(writes: list[Write], error: BaseException | None) -> None:
    """Wake everyone who waits, with one call into each loop."""
    loops: dict[asyncio.AbstractEventLoop, list[asyncio.Future[None]]] = {}
    for write in writes:
        write.error = error
        write.event.set()
        if write.loop is not None and write.future is not None:
            loops.setdefault(write.loop, []).append(write.future)
    for loop, futures in loops.items():
        if not loop.is_closed():
            loop.call_soon_threadsafe(_resolve, futures)


def _resolve(futures: list[asyncio.Future[None]]) -> None:
    for future in futures:
        if not future.done():
            future.set_result(None)
