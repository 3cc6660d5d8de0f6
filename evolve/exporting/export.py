"""A run's dataset in the format that a trainer wants: the tables, filtered, selected, split, and written.

Invariant: the files are a function of the run's tables and the settings; what is written is there whole or not at all.
Rows pass through one row group at a time, twice: once to be counted, once to be written; a selection needs more (see
selection.py). No row is changed but by its format.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from evolve.errors import ConfigError
from evolve.exporting.exporter import BELONG, Exporter, Options
from evolve.exporting.filters import Filters
from evolve.exporting.pairs import pair_rows
from evolve.exporting.registry import is_own, load_exporter
from evolve.exporting.selection import select
from evolve.exporting.split import Sides, Split
from evolve.exporting.tables import Row, Tables
from evolve.exporting.writing import COMPRESSIONS, DESCRIBED, FileFormat, Shards, even, whole_folder
from evolve.folder import writing

SPLITS: tuple[Split, ...] = ("train", "validation")


@dataclass(frozen=True, slots=True)
class Settings:
    """What is wanted, format and folder aside."""

    filters: Filters = field(default_factory=Filters)
    options: Options = field(default_factory=Options)
    select: int | None = None
    """So many rows of the table at most; None: all that pass."""
    validation: float = 0.0
    """Share of the lineages whose rows go to a split of their own."""
    file_format: FileFormat = "parquet"
    compression: str | None = None
    """One of writing.COMPRESSIONS; None: the first of its file format."""
    shards: int = 1
    """Files of each split, at most as many as it has rows."""


@dataclass(slots=True)
class Exported:
    """What came of it."""

    folder: Path
    rows: dict[Split, int] = field(default_factory=dict)
    files: list[str] = field(default_factory=list)
    filtered: int = 0
    """Rows of the table that did not pass the filters, or were not selected."""
    without: int = 0
    """Rows that passed and have no place in the format."""
    between: int = 0
    """Rows that passed and are on neither side: they are of two families, one on each (see split.py)."""
    already: bool = False
    """Whether the folder held all of it before, byte for byte, and was left as it was."""


def export_run(run: Path, name: str, target: Path, settings: Settings, *, overwrite: bool = False) -> Exported:
    """Write the run's dataset in the format of that name into the folder `target`. Raises UsageError."""
    exporter = load_exporter(name, settings.options)
    _check(settings, exporter)
    tables = Tables(run)
    with writing(target), whole_folder(target, overwrite=overwrite) as beside:
        found = _write(_Source(tables, exporter, settings), beside.folder, target)
    found.already = beside.same
    return found


class _Source:
    """The rows of one export, as often as they are wanted."""

    def __init__(self, tables: Tables, exporter: Exporter, settings: Settings) -> None:
        self.exporter = exporter
        self.settings = settings
        self.sides = Sides(tables, settings.validation)
        self._tables = tables
        self._taken = None if settings.select is None else select(self.passing, settings.select)

    def passing(self) -> Iterator[Row]:
        return filter(self._passes, self._table())

    def _passes(self, row: Row) -> bool:
        """Of a selection nothing is wanted that has no place in the format: others would be there in its place."""
        return self.settings.filters.keep(row) and (self.settings.select is None or bool(self.exporter(row)))

    def _table(self) -> Iterator[Row]:
        if self.exporter.table == "pairs":
            return pair_rows(self._tables, self.settings.options.pairs)
        return self._tables.rows(self.exporter.table)

    def table(self) -> Iterator[tuple[Row, bool]]:
        """Each row of the table, in its order, and whether it is wanted."""
        taken, passed = self._taken, 0
        for row in self._table():
            passes = self._passes(row)
            yield row, passes and (taken is None or passed in taken)
            passed += passes

    def rows(self, split: Split) -> Iterator[Row]:
        """In the format, those of one side."""
        for row, wanted in self.table():
            if wanted and self.sides.of(row) == split:
                yield from self.exporter(row)


def _write(source: _Source, folder: Path, target: Path) -> Exported:
    settings, exporter = source.settings, source.exporter
    found = _count(source, target)
    compression = settings.compression or COMPRESSIONS[settings.file_format][0]
    described = {}
    for split in SPLITS:
        if not (rows := found.rows[split]):
            continue  # `datasets` cannot load a file without rows
        sizes = even(rows, settings.shards)
        shards = Shards(folder, split, exporter.schema, settings.file_format, compression, sizes)
        shards.write(source.rows(split))
        found.files += [path.name for path in shards.paths]
        plainly = settings.file_format == "parquet" or compression == "none"
        if exporter.llama_factory is not None and plainly and len(sizes) == 1:
            described[f"evolve_{split}"] = {"file_name": shards.paths[0].name, **exporter.llama_factory}
    if described:
        (folder / DESCRIBED).write_text(json.dumps(described, indent=2) + "\n", encoding="utf-8")
        found.files.append(DESCRIBED)
    return found


def _count(source: _Source, target: Path) -> Exported:
    """Raises ConfigError where there is nothing to write, or nothing to train on."""
    found = Exported(target, dict.fromkeys(SPLITS, 0))
    total = chosen = 0
    for row, wanted in source.table():
        total += 1
        if not wanted:
            continue
        chosen += 1
        made, side = len(source.exporter(row)), source.sides.of(row)
        found.without += not made
        if made and side is None:
            found.between += 1
        elif side is not None:
            found.rows[side] += made
    found.filtered = total - chosen
    if not total:
        raise ConfigError(
            f"--format {source.exporter.name}: no row to train on: table {source.exporter.table} has none"
        )
    if not found.rows["train"]:
        if absent := source.settings.filters.absent(row for row, _ in source.table()):
            raise ConfigError(absent)
        what = f"{total} rows in the table, {chosen} wanted, {found.without} of these without a place in the format"
        split = f", {found.rows['validation']} of them for validation" if found.rows["validation"] else ""
        raise ConfigError(f"--format {source.exporter.name}: no row to train on: {what}{split}; ask for less")
    return found


def _check(settings: Settings, exporter: Exporter) -> None:
    for option, name in BELONG.items():
        given = getattr(settings.options, option) != getattr(Options(), option)
        if given and exporter.name != name and is_own(exporter.name):
            raise ConfigError(f"--{option}: format {exporter.name} takes none; it is for --format {name}")
    known = COMPRESSIONS[settings.file_format]
    if settings.compression is not None and settings.compression not in known:
        raise ConfigError(
            f"--compression {settings.compression}: not for {settings.file_format}; there are: {', '.join(known)}"
        )
    if settings.filters.rounds and exporter.table == "derived":
        raise ConfigError(f"--round: tasks of format {exporter.name} come from no round; leave it out")
