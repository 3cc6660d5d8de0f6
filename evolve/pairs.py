"""Parent/child pairs from a file of any tool: what the eliminator reads when there is no run.

Invariant: every line is checked before the first pair is handed out, so a bad one costs no work and no call; and a pair
can be read again by its position, so nobody has to hold the texts. A line that cannot be used raises PairError, which
names file, line and key: verdicts are matched to pairs by id, and a pair that is left out would look like a verdict.
This module judges nothing.
"""

from __future__ import annotations

import json
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from evolve.errors import PairError
from evolve.records import digest
from evolve.text import clean, plain, shorten

COLUMNS = ("id", "parent", "operator", "reply", "finish_reason", "answer", "answer_finish_reason")
REQUIRED = ("parent", "reply")
PACKED = {b"\x1f\x8b": "gzip", b"PAR1": "Parquet", b"PK\x03\x04": "zip", b"(\xb5/\xfd": "zstd"}
"""The first bytes of what users try, and what it is."""
MAX_LINE_BYTES = 64 * 2**20
"""A longer line is an error: it is no pair of instructions, and must not fill the memory."""


@dataclass(frozen=True, slots=True)
class Pair:
    id: str
    parent: str
    reply: str
    """The evolver's reply as it came, or an instruction that was read from one."""
    operator: str = "unknown"
    finish_reason: str = "stop"
    answer: str | None = None
    """None: there is none yet, and the answer checks are not run."""
    answer_finish_reason: str = "stop"


class PairRows(Sequence[Pair]):
    """The pairs of rows that can be had by position, such as a `datasets.Dataset`."""

    def __init__(
        self, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str] | None = None, name: str = "rows"
    ) -> None:
        """`columns`: our column -> theirs, where they differ. Raises PairError."""
        self._rows = rows
        self._columns = check_columns(columns or {})
        self._name = name
        check_all(name, ((index + 1, pair) for index, pair in enumerate(self)))

    def __len__(self) -> int:
        return len(self._rows)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401  (int -> Pair, slice -> list of them)
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._pair(index, self._rows[index])

    def __iter__(self) -> Iterator[Pair]:
        return (self._pair(index, row) for index, row in enumerate(self._rows))

    def _pair(self, index: int, row: object) -> Pair:
        return read_pair(row, f"{self._name}: row {index + 1}", str(index + 1), self._columns)


class PairFile(Sequence[Pair]):
    """The pairs of a JSONL file; 8 bytes a line stay in memory."""

    def __init__(self, path: Path, columns: Mapping[str, str] | None = None) -> None:
        """`columns`: our column -> the file's, where they differ. Raises PairError."""
        self._path = path
        self._columns = check_columns(columns or {})
        self._offsets = array("Q")
        self._file: BinaryIO | None = None
        if path.exists() and not path.is_file() and not path.is_dir():
            raise PairError(f"{path}: a pipe or device can be read only once; save it as a file first")
        try:
            _check_plain(path)
            check_all(str(path), self._lines())
        except OSError as error:
            raise PairError(f"{path}: {error.strerror or error}; give a JSONL file of pairs") from None

    def __len__(self) -> int:
        return len(self._offsets)

    def __getitem__(self, index: Any) -> Any:  # noqa: ANN401  (int -> Pair, slice -> list of them)
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        if self._file is None:  # kept open: the duplicate search comes back for texts and ids again and again
            self._file = self._path.open("rb")
        return self._read(self._file, range(len(self))[index])

    def __del__(self) -> None:
        if (file := getattr(self, "_file", None)) is not None:
            file.close()

    def __iter__(self) -> Iterator[Pair]:
        """In the file's order, in one pass over it."""
        with self._path.open("rb") as file:
            for index in range(len(self)):
                yield self._read(file, index)

    def _read(self, file: BinaryIO, index: int) -> Pair:
        file.seek(self._offsets[index])
        where = f"{self._path}: pair {index + 1}"
        return read_pair(_parse(file.readline(), where), where, str(index + 1), self._columns)

    def _lines(self) -> Iterator[tuple[int, Pair]]:
        """(line, counted from 1, and its pair); notes where each begins."""
        with self._path.open("rb") as file:
            offset = 0
            for number, line in enumerate(iter(lambda: file.readline(MAX_LINE_BYTES + 1), b""), 1):
                if line.strip():
                    self._offsets.append(offset)
                    where = f"{self._path}:{number}"
                    yield number, read_pair(_parse(line, where), where, str(len(self._offsets)), self._columns)
                offset += len(line)


def open_pairs(path: Path, columns: Mapping[str, str] | None = None) -> Sequence[Pair]:
    """The pairs of a JSONL file, or of a .json file that holds one list. Raises PairError."""
    if path.suffix != ".json":
        return PairFile(path, columns)
    try:
        return PairRows(_listed(path), columns, str(path))
    except OSError as error:
        raise PairError(f"{path}: {error.strerror or error}; give a JSON or JSONL file of pairs") from None
    except (ValueError, RecursionError) as error:
        raise PairError(f"{path}: not valid JSON: {error}; a file with one object a line is named .jsonl") from None


def raw_rows(path: Path) -> Iterator[str]:
    """Each row of a file that `open_pairs` reads, in its order, as one line of JSON with all its columns."""
    if path.suffix == ".json":
        yield from (json.dumps(row, ensure_ascii=False) for row in _listed(path))
        return
    with path.open("rb") as file:
        yield from (line.decode("utf-8-sig").strip() for line in file if line.strip())


def _listed(path: Path) -> list[Any]:
    """The rows of a .json file; a single object is a list of one."""
    rows = json.loads(path.read_bytes().decode("utf-8-sig"))
    return rows if isinstance(rows, list) else [rows]


def check_all(name: str, pairs: Iterable[tuple[int, Pair]]) -> None:
    """Go through all of them once. Raises PairError if there is none, or if two have one id."""
    seen: dict[int, int] = {}
    for line, pair in pairs:
        other = seen.setdefault(int(digest(pair.id), 16), line)
        if other != line:
            id_ = shorten(plain(pair.id), 40)
            raise PairError(f"{name}:{line}: id {id_!r} is also line {other}'s; make it unique, or leave ids out")
    if not seen:
        raise PairError(f"{name}: there is no pair in it; give one JSON object a line, with parent and reply")


def check_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """Raise PairError for a column that pairs do not have."""
    for name in columns:
        if name not in COLUMNS:
            raise PairError(f"--column {plain(name)}: no such column; there are: {', '.join(COLUMNS)}")
    return {name: columns.get(name, name) for name in COLUMNS}


def read_pair(row: object, where: str, default_id: str, columns: Mapping[str, str]) -> Pair:
    """One row as a Pair. Raises PairError, which begins with `where`."""
    if not isinstance(row, Mapping):
        raise PairError(f"{where}: a JSON object is expected, not {type(row).__name__}")
    found: dict[str, str] = {}
    for name, column in columns.items():
        value = _value(row, column)
        if name == "id" and isinstance(value, int) and not isinstance(value, bool):
            value = str(value)
        if value is None:
            if name in REQUIRED:
                raise PairError(f"{where}: {_lacking(row, name, column)}")
            continue
        if not isinstance(value, str):
            raise PairError(f"{where}: {plain(column)}: text is expected, not {type(value).__name__}")
        found[name] = clean(value)
    return Pair(**{"id": default_id} | found)


def _value(row: Mapping[str, Any], column: str) -> Any:  # noqa: ANN401
    """What the row has there; a+b stands for two columns, joined as seeds are, where no column is named so."""
    if column in row or "+" not in column:
        return row.get(column)
    values = [row.get(part) for part in column.split("+")]
    if values[0] is None:
        return None
    wrong = next((value for value in values if not isinstance(value, str | None)), None)
    return "\n".join(value for value in values if value and value.strip()) if wrong is None else wrong


def _lacking(row: Mapping[str, Any], name: str, column: str) -> str:
    if column in row:
        return f'{plain(column)} is null; write "" where nothing came back, or leave the row out'
    columns = plain(", ".join(shorten(str(key), 30) for key in list(row)[:8])) or "none"
    hint = "; a dataset without parents cannot be judged" if name == "parent" else ""
    return f"{plain(column)} is missing; the row has: {columns}; name its own with --column {name}=COLUMN{hint}"


def _check_plain(path: Path) -> None:
    """Raise PairError for a file that is packed; OSError as it comes."""
    with path.open("rb") as file:
        begin = file.read(4)
    for mark, kind in PACKED.items():
        if begin.startswith(mark):
            raise PairError(f"{path}: a {kind} file; unpack or convert it to JSONL, or use evolve.verdicts.eliminate")


def _parse(line: bytes, where: str) -> object:
    if len(line) > MAX_LINE_BYTES:
        raise PairError(f"{where}: the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        return json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise PairError(f"{where}: not valid UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except (ValueError, RecursionError) as error:
        raise PairError(f"{where}: not valid JSON: {error}") from None
