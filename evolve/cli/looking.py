"""`evolve show`: a run's table, or one sample with its lineage."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from evolve.cli.app import AsJson, out
from evolve.errors import ConfigError


def show(
    folder: Annotated[Path, typer.Argument(help="A run's folder.")],
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="A sample's id, or the beginning of one.")] = None,
    *,
    json_: AsJson = False,
) -> None:
    """Show a run's table, or one sample with its whole lineage."""
    from evolve.ledger import Ledger
    from evolve.report import lineage_rows, sample_page, summarise, summary_page

    path = folder / "ledger.db"
    if not path.is_file():
        raise ConfigError(f"{folder}: no run there (no ledger.db); give the folder that `evolve run` named")
    with Ledger(path, read_only=True) as ledger:
        if id_ is not None:
            if json_:
                out.print(json.dumps(lineage_rows(ledger, id_)), soft_wrap=True)
            else:
                out.print(sample_page(ledger, id_))
            return
        summary = summarise(ledger)
        if json_:
            out.print(json.dumps(summary.as_dict()), soft_wrap=True)
            return
        out.print(summary_page(summary))
