"""`evolve show`, `evolve report` and `evolve view`: a run in the terminal, as a page, as a page that grows."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.text import Text

from evolve.cli.app import AsJson, err, out
from evolve.text import plain


def show(
    folder: Annotated[Path, typer.Argument(help="A run's folder.")],
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="A sample's id, or the beginning of one.")] = None,
    *,
    json_: AsJson = False,
) -> None:
    """Show a run's table, or one sample with its whole lineage."""
    from evolve.folder import ledger_of
    from evolve.ledger import Ledger
    from evolve.report import lineage_rows, sample_page, summarise, summary_page

    with Ledger(ledger_of(folder), read_only=True) as ledger:
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


def report(
    folder: Annotated[Path, typer.Argument(help="A run's folder.")],
    *,
    target: Annotated[Path | None, typer.Option("--out", help="The file; default: report.html in the folder.")] = None,
    json_: AsJson = False,
) -> None:
    """Write a page about a run: one file that opens in any browser, without a network."""
    from evolve.cli.kept import check_target
    from evolve.folder import writing
    from evolve.web import write_report

    path = folder / "report.html" if target is None else target
    check_target("--out", path, folder / "ledger.db", folder / "config.yaml", folder / "log.jsonl")
    with writing(path):
        data = write_report(folder, path)
    level, sentence = data.assessment.level, data.assessment.sentence
    if json_:
        out.print(json.dumps({"path": str(path), "level": level, "sentence": sentence}), soft_wrap=True)
        return
    out.print(Text(plain(sentence)), soft_wrap=True)
    for warning in data.assessment.warnings:
        out.print(Text(plain(f"  {warning.level}: {warning.title}")), soft_wrap=True)
    size = path.stat().st_size / 1e6
    out.print(Text(plain(f"{path} ({size:.1f} MB): open it in a browser")), soft_wrap=True)


def view(
    folder: Annotated[Path, typer.Argument(help="A run's folder, or one that runs lie in.")],
    *,
    port: Annotated[int, typer.Option(help="On this machine alone; 0: any free one.")] = 8470,
    json_: AsJson = False,
) -> None:
    """Show the same page while a run goes on, of any size, and runs side by side."""
    from evolve.web.server import serve

    def tell(address: str) -> None:
        out.print(json.dumps({"url": address}) if json_ else address, soft_wrap=True)
        err.print("evolve: open it in a browser; Ctrl-C ends it", soft_wrap=True)

    serve(folder, port, tell)
