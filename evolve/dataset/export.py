"""Fates -> `data/{train,rejected,preferences,lineage}-00000-of-00001.parquet`, streamed, each whole or not at all.

Tasks derived of them -> `data/derived-00000-of-00001.parquet`, likewise.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, Callable, Iterable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq

from evolve.dataset.columns import (
    DERIVED,
    LINEAGE,
    PREFERENCES,
    REJECTED,
    TRAIN,
    Row,
    derived_row,
    lineage_row,
    preference_row,
    rejected_row,
    train_row,
)
from evolve.dataset.files import write_atomically
from evolve.derive import Derived, Tokens
from evolve.records import Fate

ROW_GROUP = 2048
"""Rows held in memory for each table."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Counts:
    """Rows written."""

    train: int
    rejected: int
    lineage: int
    preferences: int = 0
    derived: int = 0


def export(fates: Iterable[Fate], folder: Path) -> Counts:
    """Write the four tables into `folder`; `fates` come in canonical order."""
    with ExitStack() as stack:
        train = _Table(stack, folder / "train-00000-of-00001.parquet", TRAIN, train_row)
        rejected = _Table(stack, folder / "rejected-00000-of-00001.parquet", REJECTED, rejected_row)
        lineage = _Table(stack, folder / "lineage-00000-of-00001.parquet", LINEAGE, lineage_row)
        preferences = _Table(stack, folder / "preferences-00000-of-00001.parquet", PREFERENCES, preference_row)
        for fate in fates:
            lineage.add(fate)
            if fate.outcome == "accepted":
                train.add(fate)
                if fate.proof is not None and fate.proof.failing is not None:
                    preferences.add(fate)
            elif fate.outcome == "rejected":
                rejected.add(fate)
        for table in (train, rejected, lineage, preferences):
            table.flush()
        return Counts(train.count, rejected.count, lineage.count, preferences.count)


async def export_derived(tasks: AsyncIterable[Derived], folder: Path, tokens: Tokens) -> Counter[str]:
    """Write the table of derived tasks, in their order, into `folder`; how many there are of each kind."""
    counts: Counter[str] = Counter()
    with ExitStack() as stack:
        path = folder / "derived-00000-of-00001.parquet"
        table = _Table[Derived](stack, path, DERIVED, lambda task: derived_row(task, tokens))
        async for task in tasks:
            table.add(task)
            counts[task.kind] += 1
        table.flush()
    return counts


class _Table(Generic[Item]):
    def __init__(self, stack: ExitStack, path: Path, schema: Any, row: Callable[[Item], Row]) -> None:  # noqa: ANN401
        self._schema = schema
        self._row = row
        self._rows: list[Row] = []
        self.count = 0
        beside = stack.enter_context(write_atomically(path))
        self._writer = stack.enter_context(pq.ParquetWriter(beside, schema, compression="zstd"))

    def add(self, item: Item) -> None:
        self._rows.append(self._row(item))
        self.count += 1
        if len(self._rows) >= ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
            self._rows.clear()
