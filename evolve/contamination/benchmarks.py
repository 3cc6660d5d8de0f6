"""Reading a benchmark's items from the user's own file: JSONL or JSON, packed by gzip or not.

Invariant: every row becomes an item or stops everything with its file and line; a benchmark that was named and is not
looked for would be worse than none. The columns are found by their usual names. It hashes and compares nothing.
"""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from evolve.contamination.fingerprints import Item, words
from evolve.errors import ConfigError
from evolve.records import digest
from evolve.text import plain, shorten

TEXT = ("prompt", "text", "instruction", "question", "problem", "problem_statement", "question_content", "description")
SOLUTION = ("canonical_solution", "reference_solution", "solution", "code", "output", "answer", "completion")
TASK_ID = ("task_id", "question_id", "problem_id", "id", "name")
MAX_BYTES = 2**30
"""Of a file, unpacked: no benchmark is as long, and a packed file may be a bomb."""


def read_items(files: Iterable[str | Path]) -> list[Item]:
    """The items of all files, in order. Raises ConfigError with file, line and what to do."""
    return [item for file in files for item in _read(Path(file))]


def contents(files: Sequence[str | Path]) -> dict[str, str]:
    """What the run's identity holds of the files: what is in them, not where they lay."""
    items = read_items(files)
    parts = [part for i in items for part in (i.task_id, i.text, i.solution, i.entry_point)]
    return {"eliminator.benchmarks.content": digest(*parts)} if items else {}


def _read(path: Path) -> Iterator[Item]:
    number = 0
    for number, (line, row) in enumerate(_rows(path), 1):  # noqa: B007  (counted)
        where = f"eliminator.benchmarks: {path}:{line}"
        if not isinstance(row, dict):
            raise ConfigError(f"{where}: a JSON object is expected, not {type(row).__name__}")
        text = _column(row, TEXT)
        if text is None:
            found = plain(", ".join(shorten(str(key), 30) for key in list(row)[:8])) or "none"
            raise ConfigError(f"{where}: no text; name its column one of {', '.join(TEXT)} (found: {found})")
        if isinstance(row.get("input"), str) and row["input"].strip():
            text = f"{text}\n{row['input']}"
        task = _column(row, TASK_ID) or f"line {line}"
        item = Item(path.name, task, text, _column(row, SOLUTION) or "", _column(row, ("entry_point",)) or "")
        if not words(text, item.entry_point):
            raise ConfigError(f"{where}: {plain(task)}: nothing is left to look for; give its text, or take it out")
        yield item
    if not number:
        raise ConfigError(f"eliminator.benchmarks: {path}: no item in it; give a file with one JSON object a line")


def _column(row: dict[str, Any], names: Sequence[str]) -> str | None:
    """The first of the columns that holds anything, as text."""
    found = (row[name] for name in names if row.get(name) not in (None, "", [], {}))
    value = next(found, None)
    return value if value is None or isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _rows(path: Path) -> Iterator[tuple[int, object]]:
    """(line, or number in a JSON list, and row)."""
    data = _bytes(path)
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"eliminator.benchmarks: {path}:{line}: not UTF-8; save the file as UTF-8") from None
    if text.lstrip()[:1] == "[":
        rows = _parse(text, path, 1)
        yield from enumerate(rows if isinstance(rows, list) else [rows], 1)
        return
    for number, line_text in enumerate(text.split("\n"), 1):
        if line_text.strip():
            yield number, _parse(line_text, path, number)


def _parse(text: str, path: Path, line: int) -> object:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        at = line + getattr(error, "lineno", 1) - 1
        why = getattr(error, "msg", None) or "nested too deeply"
        raise ConfigError(
            f"eliminator.benchmarks: {path}:{at}: not JSON: {why}; give one JSON object a line, or one list"
        ) from None


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            packed = file.read(2) == b"\x1f\x8b"
        with gzip.open(path) if packed else path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(
            f"eliminator.benchmarks: {path}: {error.strerror or error}; give the path of a JSONL or JSON file"
        ) from None
    except (EOFError, zlib.error):
        raise ConfigError(f"eliminator.benchmarks: {path}: the packed file is damaged; fetch it again") from None
    if len(data) > MAX_BYTES:
        raise ConfigError(f"eliminator.benchmarks: {path}: larger than {MAX_BYTES} bytes; split it")
    return data
