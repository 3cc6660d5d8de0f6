"""An export's files: JSONL or Parquet, in shards, compressed, in a folder that is there whole or not at all.

The folder is written beside its place and renamed. What is there already stays, unless it is the same to the byte, or
it is to be replaced and holds nothing but an export. Invariant: equal rows make equal bytes, whenever they are written.
"""

from __future__ import annotations

import filecmp
import json
import os
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.parquet as pq

from evolve.dataset import sync_folder
from evolve.errors import ConfigError
from evolve.exporting.split import Split
from evolve.exporting.tables import Row

FileFormat = Literal["jsonl", "parquet"]
COMPRESSIONS = {"jsonl": ("none", "gzip", "zstd"), "parquet": ("zstd", "snappy", "gzip", "none")}
"""By file format, the default first."""
ENDINGS = {"none": "", "gzip": ".gz", "zstd": ".zst"}
ROW_GROUP = 2048
DESCRIBED = "dataset_info.json"
"""What LLaMA-Factory reads."""
_OURS = re.compile(rf"(?:train|validation)-\d{{5}}-of-\d{{5}}\.(?:parquet|jsonl(?:\.gz|\.zst)?)|{re.escape(DESCRIBED)}")


class Shards:
    """The files of one split: so many rows each, in order, one file open at a time."""

    def __init__(  # noqa: PLR0917  (what a file is, and the type tells each)
        self, folder: Path, split: Split, schema: pa.Schema, file_format: FileFormat, compression: str, sizes: list[int]
    ) -> None:
        """`sizes`: rows of each file."""
        self._schema = schema
        self._open = _open_parquet if file_format == "parquet" else _open_jsonl
        self._compression = compression
        ending = ".parquet" if file_format == "parquet" else f".jsonl{ENDINGS[compression]}"
        self.paths = [folder / f"{split}-{n:05}-of-{len(sizes):05}{ending}" for n in range(len(sizes))]
        self._sizes = sizes

    def write(self, rows: Iterator[Row]) -> None:
        for path, size in zip(self.paths, self._sizes, strict=True):
            with self._open(path, self._schema, self._compression) as write:
                left = size
                while left:
                    batch = [next(rows) for _ in range(min(left, ROW_GROUP))]
                    write(pa.Table.from_pylist(batch, schema=self._schema))
                    left -= len(batch)


@contextmanager
def _open_parquet(path: Path, schema: pa.Schema, compression: str) -> Iterator[Any]:
    with pq.ParquetWriter(path, schema, compression=compression) as writer:
        yield writer.write_table


@contextmanager
def _open_jsonl(path: Path, schema: pa.Schema, compression: str) -> Iterator[Any]:
    del schema
    with ExitStack() as stack:
        file = stack.enter_context(pa.OSFile(str(path), "wb"))
        if compression != "none":
            file = stack.enter_context(pa.CompressedOutputStream(file, compression))

        def write(table: pa.Table) -> None:
            lines = (json.dumps(row, ensure_ascii=False, allow_nan=False) + "\n" for row in table.to_pylist())
            file.write("".join(lines).encode())

        yield write


def even(rows: int, shards: int) -> list[int]:
    """Rows of each of so many files, the first ones one larger; no more files than rows."""
    shards = min(shards, rows)
    return [rows // shards + (n < rows % shards) for n in range(shards)]


@dataclass(slots=True)
class Beside:
    """Where an export is written before it has its place."""

    folder: Path
    same: bool = False
    """Known at the end: what is in its place was the same, and was left as it was."""


@contextmanager
def whole_folder(target: Path, *, overwrite: bool) -> Iterator[Beside]:
    """A folder to write to; at the end it is `target`. Raises ConfigError where another stands there."""
    _check(target, overwrite=overwrite)
    target = target.resolve()  # what a link points at, and "." by its name
    beside, before = (target.with_name(f".{target.name}.{end}") for end in ("new", "old"))
    if before.is_dir() and not target.exists():  # a replacement was cut short between its two renamings
        before.rename(target)
    for left in (beside, before):
        if left.exists():
            shutil.rmtree(left)
    beside.mkdir(parents=True)
    try:
        made = Beside(beside)
        yield made
        _flush(beside)
        if target.is_dir() and any(target.iterdir()):
            if _same(beside, target):
                made.same = True
                return
            if not overwrite:
                raise ConfigError(
                    f"--out {target}: another export is there; give another folder, or --overwrite to replace it"
                )
            target.rename(before)
        elif target.is_dir():
            target.rmdir()
        beside.rename(target)
        sync_folder(target.parent)
    finally:
        for left in (beside, before):
            shutil.rmtree(left, ignore_errors=True)


def _check(target: Path, *, overwrite: bool) -> None:
    if target.exists() and not target.is_dir():
        raise ConfigError(f"--out {target}: a file; give a folder that is not there yet")
    if not target.is_dir():
        return
    if strange := sorted(p.name for p in target.iterdir() if not (_OURS.fullmatch(p.name) and p.is_file())):
        why = "which would be lost" if overwrite else "so it is no export"
        raise ConfigError(f"--out {target}: it holds {strange[0]}, {why}; give a folder that is not there yet")


def _same(one: Path, other: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    if names != sorted(path.name for path in other.iterdir()):
        return False
    return filecmp.cmpfiles(one, other, names, shallow=False)[0] == names


def _flush(folder: Path) -> None:
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    sync_folder(folder)
