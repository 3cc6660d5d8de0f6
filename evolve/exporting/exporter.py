"""What an exporter is: a format that rows of one of a run's tables are brought into.

An exporter is made once by a factory that is given Options, and then called with one row after the other. Factories are
found by the entry points of the group `evolve.exporters` (see registry.py), built-in ones too.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import pyarrow as pa

from evolve.exporting.tables import Row, Table


@dataclass(frozen=True, slots=True)
class Options:
    """What some formats need to be told."""

    template: str | None = None
    """Of `rendered`: a folder with a tokenizer, a chat template's file, or a format's name."""
    system: str | None = None
    """Of `rendered`: what the system's turn says; None: there is none."""
    fim: str | None = None
    """Of `fim`: the family of models whose sentinels are wanted."""
    sentinels: tuple[str, str, str] | None = None
    """Of `fim`: prefix, suffix and middle as they stand in text, in place of a family."""
    tokenizer: Path | None = None
    """Of `fim`: a folder with a tokenizer, whose family is found out."""
    order: Literal["psm", "spm", "both"] = "psm"
    """Of `fim`."""
    pairs: Literal["answers", "instructions", "both"] = "both"
    """Of `preference`: which pairs (see pairs.py)."""


BELONG: Mapping[str, str] = {
    "template": "rendered", "system": "rendered", "fim": "fim", "tokenizer": "fim", "sentinels": "fim", "order": "fim",
    "pairs": "preference",
}  # fmt: skip
"""Which of the package's own formats an option is for; one of another package may take any."""


class Exporter(Protocol):
    """One format."""

    name: str
    table: Table
    """Whose rows it is given; with `pairs` those of the view in pairs.py."""
    schema: pa.Schema
    """Of what it makes; an export has no row without it, so that every shard loads alike."""
    llama_factory: Mapping[str, Any] | None
    """How LLaMA-Factory's dataset_info.json describes it, file name aside; None: it cannot read it."""

    def __call__(self, row: Row) -> list[Row]:
        """The rows that it becomes: mostly one, none where it has no place in this format."""
        ...


class Factory(Protocol):
    """What an entry point of `evolve.exporters` names."""

    def __call__(self, options: Options) -> Exporter: ...
