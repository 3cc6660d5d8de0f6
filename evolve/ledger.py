"""The ledger: the durable truth of a run, one SQLite file in the run's folder.

Five tables: `seeds` (what the run started from), `calls` (every reply or final failure of a paid call, keyed by work
item and by what was asked, with what it cost), `tries` (those that were begun, until it is known how they ended: what a
crash leaves there may have been billed), `batches` (files of requests on their way, and the try of each request) and
`fates` (the one terminal state of each attempt). Invariant: `record_call`
returns only after its row is on disk, so nothing is ever decided from a reply that a crash could lose. No call is
deleted; `reopen_failures` marks failed ones, so that the next try takes their place and adds to their count. A fate can
always be worked out again from the calls. The ledger decides nothing and knows no Ray.

Writes are group-committed by one thread (see commits).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from pydantic import TypeAdapter

from evolve.commits import Row, Write, Writer
from evolve.errors import ConfigError, FolderError
from evolve.folder import refuse_network_file_system
from evolve.records import Attempt, Fate, Reply, Seed, Step

VERSION = "2"
_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS seeds (position INTEGER PRIMARY KEY, record TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS calls (
    root_id TEXT, round INTEGER, attempt INTEGER, step TEXT, request TEXT,
    state TEXT NOT NULL CHECK (state IN ('done', 'failed', 'superseded')),
    reply TEXT, error TEXT, asked INTEGER NOT NULL, seconds REAL NOT NULL, endpoint TEXT NOT NULL, usd REAL,
    PRIMARY KEY (root_id, round, attempt, step, request)
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tries (id INTEGER PRIMARY KEY, step TEXT NOT NULL, tokens INTEGER NOT NULL, usd REAL);
CREATE TABLE IF NOT EXISTS batches (
    nonce TEXT NOT NULL UNIQUE, endpoint TEXT NOT NULL, model TEXT NOT NULL, tries TEXT NOT NULL, created REAL NOT NULL,
    file TEXT, batch TEXT, ended INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS fates (
    round INTEGER, position INTEGER, outcome TEXT NOT NULL, operator TEXT NOT NULL, reason TEXT, child_id TEXT,
    record TEXT NOT NULL, PRIMARY KEY (round, position)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS fates_by_child ON fates (child_id);
"""
_PUT_CALL = (
    "INSERT INTO calls VALUES (?, ?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET state = excluded.state, "
    "reply = excluded.reply, error = excluded.error, asked = asked + excluded.asked, "
    "seconds = seconds + excluded.seconds, endpoint = excluded.endpoint, usd = usd + excluded.usd"
)
_BEGIN_TRY = "INSERT OR REPLACE INTO tries VALUES (?, ?, ?, ?)"
_PUT_BATCH = (
    "INSERT INTO batches VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (nonce) DO UPDATE SET file = excluded.file, "
    "batch = excluded.batch, ended = excluded.ended"
)
_END_TRY = "DELETE FROM tries WHERE id = ?"
_LAST_TRY = (  # also of those that have ended, as long as an open batch names them
    "SELECT coalesce(max(number), 0) FROM (SELECT id AS number FROM tries UNION ALL "
    "SELECT named.value FROM batches, json_each(batches.tries) AS named WHERE NOT ended)"
)
_PUT_FATE = "INSERT OR REPLACE INTO fates VALUES (?, ?, ?, ?, ?, ?, ?)"

_SEED = TypeAdapter(Seed)
_FATE = TypeAdapter(Fate)
_REPLY = TypeAdapter(Reply)
_IDENTITY = TypeAdapter(dict[str, str])
_TRIES = TypeAdapter(dict[str, int])


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
    endpoint: str = ""
    """Name of the one that was asked last."""
    usd: float | None = 0.0
    """What the reply cost at the prices of that moment. None: nobody knows; what failed costs nothing, or is among the
    `tries`."""


@dataclass(frozen=True, slots=True)
class Try:
    """One that was begun, and what it can have cost at most."""

    number: int
    step: Step
    tokens: int
    usd: float | None
    """None: unpriced."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A file of requests that was, or was about to be, sent."""

    nonce: str
    """What the file and the batch can be told by at the endpoint, should a crash keep their ids from us."""
    endpoint: str
    """Name of the one that it is for."""
    model: str
    """As the endpoint calls it."""
    tries: Mapping[str, int]
    """Name of each request in it -> its try's number."""
    created: float
    """Seconds since the epoch."""
    file: str | None = None
    """Id at the endpoint. None: perhaps it was not uploaded."""
    batch: str | None = None
    """Likewise. None: perhaps it was not made."""
    ended: bool = False
    """Whether nobody waits for it any more."""


class Ledger:
    """Opened by one driver; `asyncio` methods belong to the loop that calls them."""

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        """Open or create the file. Raises FolderError on a network file system or where SQLite cannot work,
        ConfigError, with the file left as it is, where another version wrote it."""
        if not read_only:
            refuse_network_file_system(path.parent)
        self.path = path
        self._reader = _connect(path, read_only=read_only)
        self._writer = None if read_only else Writer(path, _connect(path))
        self._last_try = int(self._reader.execute(_LAST_TRY).fetchone()[0])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Commit what is queued, then close. Raises FolderError if something queued could not be written."""
        self._reader.close()
        writer, self._writer = self._writer, None
        if writer is not None:
            writer.close()

    # -- identity and seeds ------------------------------------------------------------------------------------------

    def meta(self, key: str) -> str | None:
        row = self._reader.execute("SELECT value FROM meta WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def set_meta(self, key: str, value: str) -> None:
        self._put([("INSERT OR REPLACE INTO meta VALUES (?, ?)", (key, value))]).result_blocking()

    def forget_meta(self, key: str) -> None:
        self._put([("DELETE FROM meta WHERE key = ?", (key,))]).result_blocking()

    def claim(self, identity: Mapping[str, str], seeds: Iterable[Seed]) -> None:
        """Make a new ledger this run's, or check that it already is; ConfigError names the keys that differ."""
        if self.meta("identity") is not None:
            self.check(identity)
            return
        rows: list[Row] = [("INSERT INTO seeds VALUES (?, ?)", (i, _dump(_SEED, s))) for i, s in enumerate(seeds)]
        meta = {"version": VERSION, "identity": _IDENTITY.dump_json(dict(identity)).decode()}
        rows += [("INSERT INTO meta VALUES (?, ?)", pair) for pair in meta.items()]
        self._put(rows).result_blocking()  # one transaction: a ledger is claimed whole or not at all

    def check(self, identity: Mapping[str, str]) -> None:
        """Raise ConfigError, naming the keys that differ, unless this ledger is of that identity."""
        old = _IDENTITY.validate_json(self.meta("identity") or "{}")
        keys = sorted(k for k in old.keys() | identity.keys() if old.get(k) != identity.get(k))
        differing = [f"{k} (was {old.get(k, 'unset')}, now {identity.get(k, 'unset')})" for k in keys]
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
            "SELECT reply, error, asked, seconds, endpoint, usd FROM calls WHERE root_id = ? AND round = ? "
            "AND attempt = 1 AND step = ? AND request = ? AND state != 'superseded'",
            (root_id, round_, step, request_digest),
        ).fetchone()
        if row is None:
            return None
        reply = None if row[0] is None else _REPLY.validate_json(row[0])
        return Call(root_id, round_, step, request_digest, reply, *row[1:])

    async def record_call(self, call: Call, try_: int | None = None) -> None:
        """Returns when the call is on disk. `try_`: the one that ended with it, if what it cost is known now."""
        reply = None if call.reply is None else _dump(_REPLY, call.reply)
        state = "failed" if call.reply is None else "done"
        values = (call.root_id, call.round, call.step, call.request_digest, state, reply, call.error, call.asked)
        rows: list[Row] = [(_PUT_CALL, (*values, call.seconds, call.endpoint, call.usd))]
        await self._put(rows + ([] if try_ is None else [(_END_TRY, (try_,))])).result()

    def next_try(self) -> int:
        """A number that no other try has."""
        self._last_try += 1
        return self._last_try

    def begin_try(self, try_: Try) -> Write:
        """Put on record that a call is about to be made; what to wait for."""
        return self._put([(_BEGIN_TRY, _try_row(try_))])

    def tries(self) -> set[int]:
        """The numbers of those that nobody saw end."""
        return {int(number) for (number,) in self._reader.execute("SELECT id FROM tries")}

    def find_try(self, number: int) -> Try | None:
        """One that nobody saw end."""
        row = self._reader.execute("SELECT id, step, tokens, usd FROM tries WHERE id = ?", (number,)).fetchone()
        return None if row is None else Try(*row)

    def end_try(self, try_: int) -> None:
        """It was not billed. Queued: should it be lost, the run has paid less than it thinks."""
        self._put([(_END_TRY, (try_,))])

    def reopen_failures(self) -> int:
        """Let failed calls be made again, and with them a finished run go on; returns how many."""
        count = int(self._reader.execute("SELECT count(*) FROM calls WHERE state = 'failed'").fetchone()[0])
        if count:
            reopen = ("UPDATE calls SET state = 'superseded' WHERE state = 'failed'", ())
            self._put([reopen, ("DELETE FROM meta WHERE key = 'finished'", ())]).result_blocking()
        return count

    # -- batches -----------------------------------------------------------------------------------------------------

    def put_batch(self, batch: Batch, tries: Iterable[Try] = ()) -> Write:
        """Put it on record, or what has become of it, with tries that begin with it; what to wait for."""
        where = (batch.nonce, batch.endpoint, batch.model, _TRIES.dump_json(dict(batch.tries)).decode(), batch.created)
        begun: list[Row] = [(_BEGIN_TRY, _try_row(try_)) for try_ in tries]
        return self._put([*begun, (_PUT_BATCH, (*where, batch.file, batch.batch, batch.ended))])

    def batches(self) -> Iterator[Batch]:
        """Those that somebody waits for, in the order in which they were begun."""
        query = "SELECT nonce, endpoint, model, tries, created, file, batch FROM batches WHERE NOT ended ORDER BY rowid"
        for nonce, endpoint, model, tries, *rest in self._reader.execute(query).fetchall():
            yield Batch(nonce, endpoint, model, _TRIES.validate_json(tries), *rest)

    # -- fates -------------------------------------------------------------------------------------------------------

    def record_fate(self, fate: Fate) -> None:
        """Queued; a fate can always be worked out again from the calls, so nobody waits for the disk."""
        a, child = fate.attempt, fate.child
        row = (a.round, a.index, fate.outcome, fate.operator, fate.reason, child and child.id, _dump(_FATE, fate))
        self._put([(_PUT_FATE, row)])

    def cut(self, last: Attempt | None) -> None:
        """Leave out the fates beyond that attempt (None: all of them). Their calls stay."""
        after = (last.round, last.index) if last is not None else (-1, -1)
        self._put([("DELETE FROM fates WHERE (round, position) > (?, ?)", after)]).result_blocking()

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

    def rows(self, query: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """What a SELECT over `calls`, `tries` and `fates` finds; for counting (see tallies.py), and for paging."""
        yield from self._reader.execute(query, values)

    def _put(self, rows: list[Row]) -> Write:
        if self._writer is None:
            raise FolderError(f"{self.path}: not open for writing")
        return self._writer.put(rows)


def _connect(path: Path, *, read_only: bool = False) -> sqlite3.Connection:
    connection: sqlite3.Connection | None = None
    try:
        uri = f"{path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        connection = sqlite3.connect(uri, uri=True, check_same_thread=False, timeout=30)
        connection.create_function("lowered", 1, str.lower, deterministic=True)  # SQLite's own knows ASCII alone
        _refuse_other_version(connection, path)
        if read_only:
            connection.execute("SELECT 1 FROM meta, seeds, calls, tries, batches, fates LIMIT 0")
        else:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
            connection.executescript(f"BEGIN; {_SCHEMA} COMMIT;")
        return connection
    except (sqlite3.Error, ConfigError) as error:
        if connection is not None:
            connection.close()
        if isinstance(error, ConfigError):
            raise
        raise FolderError(f"{path}: not usable as a ledger: {error}") from None


def _refuse_other_version(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None:
        return
    row = connection.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    if row is not None and row[0] != VERSION:
        raise ConfigError(f"{path.parent}: a run of another version ({row[0]}) of evolve; give another --out")


def _try_row(try_: Try) -> tuple[Any, ...]:
    return try_.number, try_.step, try_.tokens, try_.usd


def _dump(adapter: TypeAdapter[Any], record: object) -> str:
    return adapter.dump_json(record).decode()
