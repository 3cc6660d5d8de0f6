"""Reading seeds: JSONL, JSON, Parquet, a folder of these, or a dataset on the Hub, row by row.

Invariant: a good row is never lost to a bad one. What cannot be used comes back as a Reject with its line and the
reason; only a source that cannot be read at all raises. User files are read as bytes and parsed by Python's own JSON
reader (a deeply nested line kills pyarrow's). This module does not judge whether a seed is worth evolving.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from evolve.errors import SeedError
from evolve.records import Seed, digest
from evolve.text import clean, plain, shorten

MAX_LINE_BYTES = 8 * 2**20
"""A longer line is set aside: no instruction is that long, and one line must not fill the memory."""

_HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[\w.-]+)?")
_COLUMNS = "instruction (with input, output), messages, or prompt (with completion)"


@dataclass(frozen=True, slots=True)
class Reject:
    """A row that was set aside."""

    source: str
    line: int
    """Counted from 1; in JSON and Parquet the row's number."""
    reason: str
    excerpt: str = ""


class _BadRowError(ValueError):
    """Why this one row cannot be used."""


def bundled() -> Path:
    """The folder of the seeds that come with the project."""
    package = Path(__file__).resolve().parent
    packed = package / "_seeds"
    return packed if packed.is_dir() else package.parent / "seeds"


def read(
    source: str | Path,
    limit: int | None = None,
    *,
    screen: Callable[[Seed], Seed] = lambda seed: seed,
    excerpt: Callable[[str], str] = lambda text: text,
) -> Iterator[Seed | Reject]:
    """Seeds in the source's order, at most `limit` of them, with the rows set aside in between.

    `screen`: the seed as it is to be used; it raises ValueError, with the reason, for one that is set aside. `excerpt`:
    the text of a row that is set aside as it may be shown. Rows with the text of an earlier one are set aside: ids are
    content hashes, so they would be the same seed. Raises SeedError if nothing can be read, or if the source ends
    without a single seed.
    """
    seen: dict[str, tuple[str, int]] = {}
    first_reject: Reject | None = None
    for name, line, row in rows(source):
        try:
            seed = screen(parse_row(row))
            if seed.id in seen:
                raise _BadRowError("same text as {}:{}".format(*seen[seed.id]))
        except ValueError as error:
            reject = Reject(name, line, str(error), _excerpt(row, excerpt))
            first_reject = first_reject or reject
            yield reject
            continue
        seen[seed.id] = (name, line)
        yield seed
        if limit is not None and len(seen) >= limit:
            return
    if not seen:
        why = f"{first_reject.source}:{first_reject.line}: {first_reject.reason}" if first_reject else "it is empty"
        raise SeedError(f"{source}: no usable seed: {why}")


def parse_row(row: object) -> Seed:
    """One row as a Seed; raises ValueError with the reason. `bytes` are a line of JSONL."""
    if isinstance(row, _BadRowError):
        raise row
    if isinstance(row, bytes):
        row = _parse_line(row)
    if not isinstance(row, dict):
        raise _BadRowError(f"a JSON object is expected, not {type(row).__name__}")
    text, output = _text_and_output(row)
    text = clean(text.replace("\r\n", "\n")).strip()
    if not text:
        raise _BadRowError("the instruction is empty")
    return Seed(
        id=digest("seed", text),
        text=text,
        output=None if output is None else clean(output),
        language=_label(row, "language"),
        kind=_label(row, "kind"),
    )


def _text_and_output(row: dict[str, Any]) -> tuple[str, str | None]:
    if row.get("instruction") is not None:
        text = _string(row, "instruction")
        extra = _optional(row, "input")
        return (f"{text}\n{extra}" if extra and extra.strip() else text), _optional(row, "output")
    if row.get("messages") is not None:
        return _from_messages(row["messages"])
    if row.get("prompt") is not None:
        return _string(row, "prompt"), _optional(row, "completion")
    columns = plain(", ".join(shorten(str(k), 30) for k in list(row)[:8])) or "none"
    raise _BadRowError(f"no usable column: expected {_COLUMNS}; found {columns}")


def _from_messages(messages: object) -> tuple[str, str | None]:
    if not isinstance(messages, list) or not all(isinstance(m, dict) for m in messages):
        raise _BadRowError("messages: a list of objects is expected")
    turns = [(m.get("role"), m.get("content")) for m in messages]
    roles = [role for role, _ in turns]
    if "user" not in roles:
        raise _BadRowError("messages: no user turn")
    if roles not in (["user"], ["user", "assistant"]):
        found = ", ".join(shorten(clean(str(role)), 20) for role in roles[:6])
        raise _BadRowError(
            f"messages: one user turn and at most one answer make a seed, the rest would be lost: {found}"
        )
    if not all(isinstance(content, str) for _, content in turns):
        raise _BadRowError("messages: content must be text")
    return turns[0][1], turns[1][1] if len(turns) > 1 else None


def _string(row: dict[str, Any], key: str) -> str:
    value = row[key]
    if not isinstance(value, str):
        raise _BadRowError(f"{key}: text is expected, not {type(value).__name__}")
    return value


def _optional(row: dict[str, Any], key: str) -> str | None:
    return None if row.get(key) is None else _string(row, key)


def _label(row: dict[str, Any], key: str) -> str | None:
    """A label, where there is one; nothing else depends on it, so no row is set aside for its sake."""
    value = row.get(key)
    return clean(value) if isinstance(value, str) else None


def _parse_line(line: bytes) -> object:
    if len(line) > MAX_LINE_BYTES:
        raise _BadRowError(f"the line is longer than {MAX_LINE_BYTES} bytes")
    try:
        return json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise _BadRowError(f"not valid UTF-8 at byte {error.start}") from None
    except RecursionError:
        raise _BadRowError("nested too deeply") from None
    except ValueError as error:
        raise _BadRowError(f"not valid JSON: {error}") from None


def _excerpt(row: object, shown: Callable[[str], str]) -> str:
    """The beginning; what it shows is looked at with what follows, since a half of a secret may not look like one."""
    if isinstance(row, _BadRowError):
        return ""
    text = row[:4000].decode("utf-8", "replace") if isinstance(row, bytes) else repr(row)[:4000]
    return shorten(shown(clean(text)), 120)


def rows(source: str | Path) -> Iterator[tuple[str, int, object]]:
    """(file name, line, row or its raw bytes) for whatever kind of source it is."""
    path = Path(source)
    if path.is_dir():
        files = sorted(p for p in path.iterdir() if p.suffix in {".jsonl", ".json", ".parquet"})
        if not files:
            raise SeedError(f"{path}: the folder holds no .jsonl, .json or .parquet file")
        for file in files:
            yield from rows(file)
    elif path.is_file():
        yield from _file_rows(path)
    elif path.suffix in {".jsonl", ".json", ".parquet"} or not _HUB_ID.fullmatch(str(source)):
        raise SeedError(f"{source}: no such file; give a JSONL, JSON or Parquet file, a folder, or a Hub dataset id")
    else:
        yield from ((str(source), n, row) for n, row in enumerate(_hub_rows(str(source)), 1))


def _file_rows(path: Path) -> Iterator[tuple[str, int, object]]:
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise SeedError(f"{path}: {error.strerror or error}") from None
    if not head.strip(b"\xef\xbb\xbf \t\r\n"):
        if path.stat().st_size <= len(head):
            raise SeedError(f"{path}: the file is empty")
    elif head[:4] == b"PAR1":
        yield from ((path.name, n, row) for n, row in enumerate(_parquet_rows(path), 1))
        return
    elif b"\x00" in head:
        raise SeedError(f"{path}: a binary file; JSONL, JSON or Parquet is expected")
    if path.suffix == ".json" and head.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"[":
        yield from ((path.name, n, row) for n, row in enumerate(_json_rows(path), 1))
    else:
        yield from _lines(path)


def _lines(path: Path) -> Iterator[tuple[str, int, bytes]]:
    """Lines split on `\\n` alone (U+2028 and carriage returns are content), blank ones left out."""
    number = 0
    with path.open("rb") as file:
        while line := file.readline(MAX_LINE_BYTES + 1):
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if len(line) > MAX_LINE_BYTES and not line.endswith(b"\n"):
                _skip_line(file)
            if line.strip():
                yield path.name, number, line


def _skip_line(file: BinaryIO) -> None:
    while (rest := file.readline(MAX_LINE_BYTES)) and not rest.endswith(b"\n"):
        pass


def _json_rows(path: Path) -> Iterable[object]:
    try:
        rows: object = json.loads(path.read_bytes().removeprefix(b"\xef\xbb\xbf").decode("utf-8"))
    except UnicodeDecodeError as error:
        raise SeedError(f"{path}: not valid UTF-8 at byte {error.start}; save the file as UTF-8") from None
    except RecursionError:
        raise SeedError(f"{path}: nested too deeply to be a list of seeds") from None
    except ValueError as error:
        raise SeedError(f"{path}: not valid JSON: {error}") from None
    return rows if isinstance(rows, list) else [rows]


def _parquet_rows(path: Path) -> Iterator[object]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=1024):
                yield from _batch_rows(batch)
    except (pa.ArrowException, OSError) as error:
        raise SeedError(f"{path}: not readable as Parquet: {error}") from None


def _batch_rows(batch: Any) -> Iterable[object]:  # noqa: ANN401 - pyarrow has no types
    """The batch's rows; one that Python cannot hold (text not UTF-8, a year over 9999) is a _BadRowError."""
    try:
        return list(batch.to_pylist())
    except (ValueError, OverflowError) as error:
        if batch.num_rows == 1:
            return [_BadRowError(f"not readable: {error}")]
        return [row for n in range(batch.num_rows) for row in _batch_rows(batch.slice(n, 1))]


def _hub_rows(name: str) -> Iterator[object]:
    import datasets

    datasets.logging.set_verbosity_error()  # what goes wrong is told here, once
    offline = datasets.config.HF_HUB_OFFLINE
    try:
        yield from datasets.load_dataset(name, split="train", streaming=not offline)
    except Exception as error:  # the Hub's client has no common base for what can go wrong
        if offline:
            raise SeedError(
                f"{name}: no such file, and not in this machine's cache of datasets; offline, the Hub is not asked"
            ) from None
        raise SeedError(
            f"{name}: no such file, and not readable as a dataset on the Hub: {shorten(clean(str(error)), 200)}"
        ) from None
