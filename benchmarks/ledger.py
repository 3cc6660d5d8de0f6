"""Durable replies per second: the ledger's group commit beside one SQLite transaction for each row.

    python benchmarks/ledger.py [--calls 4000] [--writers 64] [--folder ON_THE_DISK_IN_QUESTION]

Both write rows of the same size with journal_mode=WAL and synchronous=FULL, in turns, three times; the median counts.
Each writer waits until its row is on disk before it brings the next, as calls in flight do. It does not show what
reads, fates or a busy event loop cost, and on a file system in memory it shows nothing of a disk.
"""

from __future__ import annotations

import argparse
import asyncio
import sqlite3
import tempfile
import time
from contextlib import closing
from pathlib import Path
from statistics import median

from evolve.ledger import Call, Ledger
from evolve.records import Reply, Usage

REPEATS = 3
COLUMNS = "root_id TEXT, round INTEGER, attempt INTEGER, step TEXT, request TEXT, state TEXT, reply TEXT, error TEXT"


def call(number: int, size: int) -> Call:
    return Call(f"root{number}", 1, "answer", f"{number:016x}", Reply("x" * size, "stop", "model", Usage(100, 200)))


async def grouped(folder: Path, calls: int, writers: int, size: int) -> float:
    """Calls a second through `Ledger.record_call`, by so many writers at once."""
    numbers = iter(range(calls))
    with Ledger(folder / "grouped.db") as ledger:

        async def write() -> None:
            for number in numbers:
                await ledger.record_call(call(number, size))

        began = time.monotonic()
        await asyncio.gather(*(write() for _ in range(writers)))
        return calls / (time.monotonic() - began)


def one_by_one(folder: Path, calls: int, size: int) -> float:
    """Rows a second, each in its own transaction."""
    row = ("root", 1, 1, "answer", None, "done", '{"text": "' + "x" * size + '", "usage": [100, 200]}', None)
    with closing(sqlite3.connect(folder / "plain.db", isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(f"CREATE TABLE calls ({COLUMNS}, PRIMARY KEY (root_id, round, attempt, step, request))")
        began = time.monotonic()
        for number in range(calls):
            values = (*row[:4], f"{number:016x}", *row[5:])
            connection.execute("INSERT INTO calls VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)
        return calls / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=4000, help="rows of each grouped measurement; default 4000")
    parser.add_argument("--writers", type=int, default=64, help="calls in flight; default 64")
    parser.add_argument("--bytes", type=int, default=1500, help="length of a reply; default 1500")
    parser.add_argument("--folder", type=Path, help="where to write; default: the system's temporary folder")
    args = parser.parse_args()
    ways = ("one transaction a row", "ledger, 1 writer", f"ledger, {args.writers} writers")
    rates: dict[str, list[float]] = {way: [] for way in ways}
    for _ in range(REPEATS):
        with tempfile.TemporaryDirectory(dir=args.folder) as temporary:
            single, many = Path(temporary, "single"), Path(temporary, "many")
            single.mkdir()
            many.mkdir()
            few = max(1, args.calls // 4)
            rates[ways[0]].append(one_by_one(single, few, args.bytes))
            rates[ways[1]].append(asyncio.run(grouped(single, few, 1, args.bytes)))
            rates[ways[2]].append(asyncio.run(grouped(many, args.calls, args.writers, args.bytes)))
    base = median(rates[ways[0]])
    print(f"{'way':24} {'calls/s':>9} {'ratio':>7}   lowest to highest")
    for way, found in rates.items():
        print(f"{way:24} {median(found):9.0f} {median(found) / base:7.2f}   {min(found):.0f} to {max(found):.0f}")


if __name__ == "__main__":
    main()
