"""`evolve check DATASET`, as it is told."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from evolve.cli.app import out
from evolve.text import plain, shorten

if TYPE_CHECKING:
    from evolve.auditing import Audit
    from evolve.config import Config

WIDTH = 40
"""Characters of the longest bar."""
_FORMATS = (
    "no line of it is JSON. Read are JSON lines (.jsonl, .jsonl.gz, .jsonl.zst), a list in .json, and Parquet: turn it "
    "into one of these; of a CSV file `datasets.load_dataset('csv', data_files=…)['train'].to_json(…)` makes JSON lines"
)
"""Said of a file of another format."""


def check_dataset(
    source: str, config: Config, *, tokenizer: Path | None, max_length: int | None, as_json: bool
) -> bool:
    """Look through it and print what was found. Whether nothing is wrong with it."""
    from evolve.auditing import audit

    found = audit(source, config.eliminator, tokenizer=tokenizer, max_length=max_length)
    if as_json:
        out.print(json.dumps(_tree(found), ensure_ascii=False), soft_wrap=True)
    else:
        _show(found)
    return not found.problems and any(reading.takes for reading in found.readings)


def _tree(found: Audit) -> dict[str, Any]:
    from evolve.auditing import quantile

    lengths = {str(share): quantile(found.lengths, share) for share in (0.5, 0.9, 0.99, 1.0)}
    return {
        "source": found.source,
        "rows": found.rows,
        "trainers": [asdict(reading) for reading in found.readings],
        "unit": found.unit,
        "template_applied": found.templated,
        "lengths": lengths,
        "max_length": found.max_length,
        "truncated": found.truncated,
        "problems": dict(found.problems),
        "places": found.places,
    }


def _show(found: Audit) -> None:
    from evolve.auditing import NOT_JSON

    out.print(f"{plain(found.source)}: {found.rows} row{'s' if found.rows != 1 else ''}", soft_wrap=True)
    for reading in found.readings:
        taken = f"takes {reading.takes} ({reading.how})" if reading.takes else f"cannot read it: {reading.how}"
        out.print(f"  {reading.trainer:15} {taken}", soft_wrap=True)
        if reading.passes_over:
            out.print(f"  {'':15} passes over {', '.join(reading.passes_over)}", soft_wrap=True)
        if reading.warning:
            out.print(f"  {'':15} beware: {reading.warning}", soft_wrap=True)
    _show_lengths(found)
    for problem, count in found.problems.most_common():
        where = ", ".join(found.places[problem]) + (", …" if count > len(found.places[problem]) else "")
        out.print(f"{count:8}  {plain(shorten(problem, 100))}: {plain(shorten(where, 160))}", soft_wrap=True)
    if found.problems[NOT_JSON] == found.rows:
        out.print(_FORMATS, soft_wrap=True)
    if not found.problems:
        out.print("nothing was found of what is looked for; whether the answers are right is not", soft_wrap=True)


def _show_lengths(found: Audit) -> None:
    from evolve.auditing import histogram, quantile

    if not found.lengths:
        return
    said = {"tokens": "tokens, as they stand (the tokenizer has no chat template)"}.get(found.unit, found.unit)
    said = "tokens, the tokenizer's chat template applied" if found.templated else said
    middle, most, longest = (quantile(found.lengths, share) for share in (0.5, 0.9, 1.0))
    out.print(f"length in {said}: half up to {middle}, nine of ten up to {most}, the longest {longest}", soft_wrap=True)
    bars = histogram(found.lengths)
    highest = max(count for _, count in bars)
    for edge, count in bars:
        out.print(f"{edge:>9} {'█' * round(WIDTH * count / highest):{WIDTH}} {count}")
    if found.max_length is not None:
        share = found.truncated / found.lengths.total()
        out.print(f"{found.truncated:8}  longer than {found.max_length} {found.unit}: {share:.1%} would be truncated")
