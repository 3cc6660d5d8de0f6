"""The rows of any dataset, one at a time: a run, an export, a file or folder of files, or an id on the Hub.

Of a run or a folder with splits the files of `train` and `validation` are read; else as seeds are (seeds.py),
compressed JSONL besides. Invariant: a row that cannot be read is a reason, and ends nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evolve import seeds
from evolve.errors import SeedError

Numbered = tuple[str, dict[str, Any] | str]
"""Where it stands, and the row, or why it cannot be read."""
NOT_JSON = "not valid JSON"
_ENDINGS = ("*.parquet", "*.jsonl", "*.jsonl.gz", "*.jsonl.zst")


def rows(source: str) -> Iterator[Numbered]:
    """Raises SeedError where nothing can be read at all."""
    for path in _files(Path(source)):
        if path.suffix in {".gz", ".zst"}:
            yield from _compressed(path)
            continue
        for name, line, row in seeds.rows(path):
            yield f"{name}:{line}", _object(row)


def _files(path: Path) -> list[Path]:
    """The files of the splits, where there are such."""
    if path.is_file() and path.suffix in {".gz", ".zst"}:
        return [path]
    for folder in (path / "data", path):
        found = [
            file for split in ("train", "validation") for end in _ENDINGS for file in folder.glob(f"{split}-{end}")
        ]
        if found:
            return sorted(found)
    return [path]


def _compressed(path: Path) -> Iterator[Numbered]:
    import pyarrow as pa

    try:
        with pa.input_stream(str(path), compression="gzip" if path.suffix == ".gz" else "zstd") as file:
            for number, line in enumerate(_lines(file), 1):
                if line.strip():
                    yield f"{path.name}:{number}", _object(line)
    except (OSError, EOFError, pa.ArrowException) as error:
        raise SeedError(f"{path}: cannot be read: {error}") from None


def _lines(file: Any) -> Iterator[bytes]:  # noqa: ANN401
    rest = b""
    while block := file.read(2**20):
        *lines, rest = (rest + block).split(b"\n")
        yield from lines
    yield rest


def _object(row: object) -> dict[str, Any] | str:
    if isinstance(row, bytes):
        try:
            row = json.loads(row.decode("utf-8"))
        except (ValueError, RecursionError):
            return NOT_JSON
    if isinstance(row, dict):
        return row
    return "not readable" if isinstance(row, ValueError) else "not an object"
