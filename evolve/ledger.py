"""The ledger: the durable truth of a run, one SQLite file in the run's folder.

Three tables: `seeds` (what the run started from), `calls` (every reply or final failure of a paid call, keyed by work
item and by what was asked) and `fates` (the one terminal state of each attempt). Invariant: `record_call` returns
only after its row is on disk, so nothing is ever decided from a reply that a crash could lose. No row is deleted;
`reopen_failures` marks failed calls, so that the next try takes their place and adds to their count. The ledger
decides nothing and knows no Ray.

Writes are group-committed by one thread: a transaction holds what arrived while the last one was being written.
"""

from __future__ import annotations

import asyncio
import queue
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter

from evolve.errors import ConfigError, FolderError
from evolve.folder import refuse_network_file_system
from evolve.records import Fate, Reply, Seed, Step

VERSION = "1"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seeds (position INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    root_id TEXT, round INTEGER, attempt INTEGER, step TEXT, request TEXT,
    state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'superseded')),
    reply TEXT, error TEXT, asked INTEGER NOT NULL, seconds REAL NOT NULL,
    PRIMARY KEY (root_id, round, attempt, step, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS fates (
    round INTEGER, position INTEGER, outcome TEXT NOT NULL, operator TEXT NOT NULL, reason TEXT, child_id TEXT,
    record TEXT NOT NULL, PRIMARY KEY (round, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fates_by_child ON fates (child_id);
"""
_PUT_CALL = (
    "INSERT INTO calls VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, "
    "reply = excluded.reply, error = excluded.error, asked = asked + excluded.asked, "
    "seconds = seconds + excluded.seconds"
)
_PUT_FATE = "INSERT OR REPLACE INTO fates VALUES (?, ?, ?, ?, ?, ?, ?)"

_SEED = TypeAdapter(Seed)
_FATE = TypeAdapter(Fate)
_REPLY = TypeAdapter(Reply)
_IDENTITY = TypeAdapter(dict[str, str])


@dataclass(frozen=True, slots=True)
class Call:
    """How a paid call ended for good."""

    root_id: str
    round: int
    step: Step
    request_digest: str
    reply: Reply | None
    """None: it failed."""
    error: str | None = None
    asked: int = 1
    """Times the endpoint was asked, retries included."""
    seconds: float = 0.0
    """From the first asking to the end, pauses included."""


class Ledger:
    """Opened by one driver; `asyncio` methods belong to the loop that calls them."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open or create the file. Raises FolderError on a network file system or where SQLite cannot work."""
        if not read_only:
            refuse_network_file_system(path.parent)
        self.path = path
        self._reader = _connect(path, read_only=read_only)
        self._queue: queue.SimpleQueue[_Write | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None
        self._broken: BaseException | None = None
        if not read_only:
            self._writer = threading.Thread(target=self._write_loop, args=(_connect(path),), name="ledger", daemon=True)
            self._writer.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commit what is queued, then close. Raises FolderError if something queued could not be written."""
        self._reader.close()
        if self._writer is not None:
            self._queue.put(None)
            self._writer.join()
            self._writer = None
            if self._broken is not None:
                raise FolderError(f"{self.path}: cannot be written: {self._broken}")

    # -- identity and seeds ------------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        row = self._reader.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        self._put([("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))]).result_blocking()

    def claim(self, identity: Mapping[str, str], seeds: Iterable[Seed]) -> None:
        """Make a new ledger this run's, or check that it already is; ConfigError names the keys that differ."""
        if self.meta("identity") is not None:
            self.check(identity)
            return
        rows: list[tuple[str, tuple[Any, ...]]] = [
            ("INSERT INTO seeds VALUES (?, ?)", (i, _dump(_SEED, s))) for i, s in enumerate(seeds)
        ]
        meta = {"version": VERSION, "identity": _IDENTITY.dump_json(dict(identity)).decode()}
        rows += [("INSERT INTO meta VALUES (?, ?)", pair) for pair in meta.items()]
        self._put(rows).result_blocking()  # one transaction: a ledger is claimed whole or not at all

    def check(self, identity: Mapping[str, str]) -> None:
        """Raise ConfigError, naming the keys that differ, unless this ledger is of that identity."""
        version = self.meta("version")
        if version != VERSION:
            raise ConfigError(f"{self.path.parent}: a run of another version ({version}) of evolve; give another --out")
        differing = _differences(_IDENTITY.validate_json(self.meta("identity") or "{}"), identity)
        if differing:
            raise ConfigError(
                f"{self.path.parent}: this folder holds a run of another config; differing: "
                + "; ".join(differing)
                + ". Give another folder with --out, or the old values"
            )

    def seeds(self) -> Iterator[Seed]:
        for (record,) in self._reader.execute("SELECT record FROM seeds ORDER BY position"):
            yield _SEED.validate_json(record)

    # -- calls -------------------------------------------------------------------------------------------------------

    def find_call(self, root_id: str, round_: int, step: Step, request_digest: str) -> Call | None:
        """The recorded end of this very call, or None if it must be made."""
        row = self._reader.execute(
            "SELECT reply, error, asked, seconds FROM calls WHERE root_id = ? AND round = ? AND attempt = 1 "
            "AND step = ? AND request = ? AND state != 'superseded'",
            (root_id, round_, step, request_digest),
        ).fetchone()
        if row is None:
            return None
        reply = None if row[0] is None else _REPLY.validate_json(row[0])
        return Call(root_id, round_, step, request_digest, reply, row[1], row[2], row[3])

    async def record_call(self, call: Call) -> None:
        """Returns when the call is on disk."""
        reply = None if call.reply is None else _dump(_REPLY, call.reply)
        state = "failed" if call.reply is None else "done"
        values = (call.root_id, call.round, call.step, call.request_digest, state, reply, call.error, call.asked)
        await self._put([(_PUT_CALL, (*values, call.seconds))]).result()

    def reopen_failures(self) -> int:
        """Let failed calls be made again, and with them a finished run go on; returns how many."""
        count = int(self._reader.execute("SELECT count(*) FROM calls WHERE state = 'failed'").fetchone()[0])
        if count:
            reopen = ("UPDATE calls SET state = 'superseded' WHERE state = 'failed'", ())
            self._put([reopen, ("DELETE FROM meta WHERE key = 'finished'", ())]).result_blocking()
        return count

    # -- fates -------------------------------------------------------------------------------------------------------

    def record_fate(self, fate: Fate) -> None:
        """Queued; a fate can always be worked out again from the calls, so nobody waits for the disk."""
        a, child = fate.attempt, fate.child
        row = (a.round, a.index, fate.outcome, fate.operator, fate.reason, child and child.id, _dump(_FATE, fate))
        self._put([(_PUT_FATE, row)])

    def flush(self) -> None:
        """Wait until everything that was queued is on disk, and so can be read back."""
        self._put([]).result_blocking()

    def fates(self) -> Iterator[Fate]:
        """In canonical order."""
        for (record,) in self._reader.execute("SELECT record FROM fates ORDER BY round, position"):
            yield _FATE.validate_json(record)

    def fate_of(self, child_id: str) -> Fate | None:
        """The fate of the candidate whose id begins with `child_id`, or None. ConfigError if several do."""
        rows = self._reader.execute(
            "SELECT record FROM fates WHERE child_id >= ? AND child_id < ? LIMIT 2", (child_id, child_id + "g")
        ).fetchall()
        if len(rows) > 1:
            raise ConfigError(f"{child_id}: several ids begin like this; give more of it")
        return _FATE.validate_json(rows[0][0]) if rows else None

    def text_of(self, child_id: str) -> str:
        """The instruction with exactly that id, which must be there."""
        fate = self.fate_of(child_id)
        if fate is None or fate.child is None:
            raise ValueError(f"no such candidate in the ledger: {child_id}")
        return fate.child.text

    def example(self) -> str | None:
        """The id of an accepted evolution of the last round that has one, or None."""
        query = (
            "SELECT child_id FROM fates WHERE outcome = 'accepted' AND round > 0 ORDER BY round DESC, position LIMIT 1"
        )
        row = self._reader.execute(query).fetchone()
        return None if row is None else str(row[0])

    def children_of(self, root_id: str) -> list[Fate]:
        """Every attempt on one lineage, in order of rounds."""
        position = self._reader.execute(
            "SELECT position FROM seeds WHERE json_extract(record, '$.id') = ?", (root_id,)
        ).fetchone()
        if position is None:
            return []
        rows = self._reader.execute("SELECT record FROM fates WHERE position = ? ORDER BY round", position)
        return [_FATE.validate_json(record) for (record,) in rows]

    def rows(self, query: str) -> Iterator[tuple[Any, ...]]:
        """What a SELECT over `calls` and `fates` finds; for counting (see tallies.py)."""
        yield from self._reader.execute(query)

    # -- the writing thread ------------------------------------------------------------------------------------------

    def _put(self, rows: list[tuple[str, tuple[Any, ...]]]) -> _Write:
        if self._broken is not None:
            raise FolderError(f"{self.path}: cannot be written: {self._broken}")
        if self._writer is None:
            raise FolderError(f"{self.path}: not open for writing")
        write = _Write(rows)
        self._queue.put(write)
        return write

    def _write_loop(self, connection: sqlite3.Connection) -> None:
        open_ = True
        while open_:
            batch = [self._queue.get()]
            while len(batch) < 1024 and not self._queue.empty():
                batch.append(self._queue.get())
            open_ = None not in batch
            writes = [write for write in batch if write is not None]
            try:
                with connection:  # one transaction, one fsync
                    for write in writes:
                        for sql, values in write.rows:
                            connection.execute(sql, values)
            except Exception as error:  # whatever it is, those who wait must hear of it
                self._broken = error
            _settle(writes, self._broken)
        connection.close()


class _Write:
    """Rows on their way to the disk, and who waits for them: a coroutine or a thread."""

    def __init__(self, rows: list[tuple[str, tuple[Any, ...]]]) -> None:
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


def _settle(writes: list[_Write], error: BaseException | None) -> None:
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


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        mode = "ro" if read_only else "rwc"
        uri = f"{path.absolute().as_uri()}?mode={mode}"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=30)
        if read_only:
            connection.execute("SELECT 1 FROM meta, seeds, calls, fates LIMIT 0")
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        return connection
    except sqlite3.Error as error:
        if connection is not None:
            connection.close()
        raise FolderError(f"{path}: not usable as a ledger: {error}") from None


def _dump(adapter: TypeAdapter[Any], record: object) -> str:
    return adapter.dump_json(record).decode()


def _differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    keys = sorted(k for k in old.keys() | new.keys() if old.get(k) != new.get(k))
    return [f"{k} (was {old.get(k, 'unset')}, now {new.get(k, 'unset')})" for k in keys]
