"""What the verbs share: the Typer app, the two consoles, options that several verbs have, exit codes.

Results go to standard output, everything else to standard error. A verb is a function in a module of its own here; it
imports what is heavy when it is called.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

if TYPE_CHECKING:
    from evolve.config import Setting

DONE, FAILED, USAGE, STOPPED = 0, 1, 2, 3
app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Evolve seed coding instructions into a fine-tuning dataset.",
)
out = Console(highlight=False, markup=False, emoji=False)
if not out.is_terminal:
    out.width = 10_000  # a pipe has none, and what is cut there is lost
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML file with the run's settings.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="Override one setting: a.b=c. Repeatable.")]
Seeds = Annotated[
    str | None, typer.Option("--seeds", help="JSONL, JSON or Parquet file, a folder, or a Hub dataset id.")
]
Against = Annotated[
    list[str] | None,
    typer.Option("--against", help="An earlier run's folder, or a dataset, not to be repeated. Repeatable."),
]
Benchmarks = Annotated[
    list[str] | None, typer.Option("--benchmarks", help="A file of items that must not be in the data. Repeatable.")
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


def files_of(against: list[str] | None, benchmarks: list[str] | None) -> dict[str, tuple[str, Any]]:
    """These two options, for `settings_of`."""
    return {
        "--against": ("eliminator.against", against or None),
        "--benchmarks": ("eliminator.benchmarks", benchmarks or None),
    }


def settings_of(named: Mapping[str, tuple[str, Any]], given: Sequence[str]) -> list[str | Setting]:
    """--set values, over those of named options: option -> key and value, None where it was not given."""
    from evolve.config import Setting

    typed = [(option, key, value) for option, (key, value) in named.items() if value is not None]
    options = [Setting(f"{key}={json.dumps(value, ensure_ascii=False)}", option) for option, key, value in typed]
    return [*options, *given]
