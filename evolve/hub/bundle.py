"""What is published of a run's folder: the card, and the tables that have rows. Nothing else ever leaves it.

Invariant: a bundle is whole. Its card is one that the Hub can read, with a licence, every config in it has its files,
every file can be read, and no key of the run's is in any of them. The Hub's token is looked for when there is one, by
`refuse_secrets` too. Nothing is sent here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatch
from hashlib import sha1, sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from evolve.config import MIN_SECRET
from evolve.dataset import CARD, HOLDS, TABLES, files, rows_in
from evolve.errors import PushError

BLOCK = 2**20
"""Bytes that are read at a time."""
PATTERNS = {config: f"data/{table}-*.parquet" for config, table in TABLES.items()}
"""Config -> its files in the repo."""
STALE = tuple(PATTERNS.values())
"""What an earlier push may have left in a repo, and `datasets` would load beside this one's."""


@dataclass(frozen=True, slots=True)
class File:
    """One file, and the two names by which the Hub may know its content."""

    path: Path
    sha256: str
    """Of the content: how large files are known."""
    git: str
    """Of git's blob: how small ones are."""
    size: int


@dataclass(frozen=True, slots=True)
class Part:
    """What is published of one config."""

    rows: int
    size: int
    """Bytes of its files."""
    holds: str
    """What its rows are, in words."""


@dataclass(frozen=True, slots=True)
class Bundle:
    name: str
    """Of the run, the same for every push of it."""
    files: Mapping[str, File]
    """Path in the repo -> file."""

    @property
    def size(self) -> int:
        return sum(file.size for file in self.files.values())

    def parts(self) -> dict[str, Part]:
        """Config -> what there is of it, where it has rows."""
        found = {}
        for config, pattern in PATTERNS.items():
            if held := [file for path, file in self.files.items() if fnmatch(path, pattern)]:
                rows = sum(rows_in(file.path) for file in held)
                found[config] = Part(rows, sum(file.size for file in held), HOLDS[config])
        return found


def gather(folder: Path, name: str, secrets: Mapping[str, str]) -> Bundle:
    """The bundle of a run's folder. `secrets`: name -> value of what must be in no file. Raises PushError."""
    paths = [folder / CARD]
    for config in TABLES:
        paths += [path for path in files(folder / "data", config) if rows_in(path)]
    bundle = Bundle(name, {path.relative_to(folder).as_posix(): _file(path) for path in paths})
    _check_card(folder / CARD, bundle)
    refuse_secrets(bundle, secrets)
    return bundle


def refuse_secrets(bundle: Bundle, secrets: Mapping[str, str]) -> None:
    """Raise PushError where a file holds one: name -> value."""
    for file in bundle.files.values():
        for variable, secret in secrets.items():
            if len(secret) >= MIN_SECRET and _holds(file.path, secret):
                raise PushError(
                    f"{file.path}: holds the value of {variable}, so it is not published; make it anew without"
                )


def _file(path: Path) -> File:
    size = path.stat().st_size
    content, blob = sha256(), sha1(b"blob %d\0" % size, usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(BLOCK):
            content.update(block)
            blob.update(block)
    return File(path, content.hexdigest(), blob.hexdigest(), size)


def _check_card(path: Path, bundle: Bundle) -> None:
    """What the Hub will see in the card's head, seen beforehand."""
    from huggingface_hub import DatasetCard

    data = DatasetCard.load(path).data
    if not data.license or not data.tags:
        raise PushError(f"{path}: the card has no licence or no tags; it is written anew by every push")
    for config in data.get("configs", []):
        for split in config["data_files"]:
            if not any(fnmatch(name, split["path"]) for name in bundle.files):
                raise PushError(f"{path}: config {config['config_name']} has no file {split['path']}")


def _holds(path: Path, secret: str) -> bool:
    if path.suffix != ".parquet":
        return secret in path.read_text(encoding="utf-8")
    with pq.ParquetFile(path) as table:
        return any(
            pc.any(pc.match_substring(texts, secret)).as_py()
            for batch in table.iter_batches()
            for column in batch.columns
            for texts in _texts(column)
        )


def _texts(column: Any) -> Iterator[Any]:  # noqa: ANN401  (arrays of pyarrow, which has no types)
    """The arrays of strings in an array, however deep."""
    if pa.types.is_string(column.type):
        yield column
    elif pa.types.is_list(column.type):
        yield from _texts(column.flatten())
    elif pa.types.is_struct(column.type):
        for child in column.flatten():
            yield from _texts(child)
