"""A run's tables as an export reads them: row by row from `RUN/data`, never more than a row group in memory.

Three tables can be exported: `train`, `derived`, and `pairs`, a view over the others (see pairs.py). Invariant: rows
come in the order in which they lie, which is the canonical one, so that equal runs have equal exports. Nothing is
written.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa

from evolve.dataset import rows, rows_in
from evolve.errors import ConfigError

Row = dict[str, Any]
Table = Literal["train", "derived", "pairs"]


class Tables:
    """The Parquet files of one run."""

    def __init__(self, run: Path) -> None:
        """Raises ConfigError where there is no dataset."""
        self.folder = run / "data"
        if not any(self.folder.glob("train-*.parquet")):
            raise ConfigError(
                f"{run}: no dataset there (no data/train-*.parquet); give the folder that `evolve run` named, once its "
                "dataset is written"
            )

    def rows(self, name: str, columns: Sequence[str] | None = None) -> Iterator[Row]:
        """Rows of one table, with all columns or some; none where the run has no such table."""
        for path in self._files(name):
            with _reading(path):
                yield from rows(path, columns)

    def count(self, name: str) -> int:
        """Rows of one table, from the files' footers."""
        count = 0
        for path in self._files(name):
            with _reading(path):
                count += rows_in(path)
        return count

    def _files(self, name: str) -> list[Path]:
        return sorted(self.folder.glob(f"{name}-*.parquet"))


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    """Raises ConfigError where the file cannot be read."""
    try:
        yield
    except (pa.ArrowException, OSError) as error:
        raise ConfigError(f"{path}: not readable as Parquet: {error}") from None
