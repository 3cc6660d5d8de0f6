"""Reading a table's files: row by row, never more than a batch in memory. Which files those are is not known here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

BATCH = 2048
"""Rows in memory."""


def rows(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """In the order in which they lie, with all columns or some. Raises OSError and pyarrow's ArrowException."""
    with pq.ParquetFile(path) as table:
        for batch in table.iter_batches(batch_size=BATCH, columns=columns):
            yield from batch.to_pylist()


def rows_in(path: Path) -> int:
    """How many, from the file's footer."""
    return int(pq.read_metadata(path).num_rows)
