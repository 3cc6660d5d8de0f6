"""The dataset card: README.md of a run's folder, as the Hub reads it.

Invariant: it says what is in the files beside it and nothing of when, where or through which address they were made.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from evolve import __version__
from evolve.dataset.export import Counts
from evolve.dataset.files import write_atomically
from evolve.text import plain, shorten

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def write_card(
    path: Path,
    counts: Counts,
    *,
    models: Mapping[str, str],
    rounds: int,
    rejections: Mapping[str, int],
    failed: int,
    verified: int,
    cost: str,
    partial: str | None,
) -> None:
    """`models`: role -> name. `rejections`: reason -> count. `cost`: what the calls came to, in words. `partial`: why
    these are not all the rows that the run will have."""
    reasons = "\n".join(f"| {_cell(reason)} | {count} |" for reason, count in rejections.items())
    span = "one round" if rounds == 1 else f"{rounds} rounds"
    roles = "\n".join(f"- {role}: `{_cell(name)}`" for role, name in models.items())
    warning = f"\n**Not whole yet:** {_cell(partial, 300)}. The run goes on from here.\n" if partial else ""
    text = f"""---
{yaml.safe_dump(_head(counts), sort_keys=False).strip()}
---

# Evolved coding instructions

{counts.train} samples, made from seed instructions by evolving them over {span} with evolve {__version__}
(Evol-Instruct: every instruction is made a little harder, checked, and answered). Seeds are included as round 0.
{warning}
Models:

{roles}

{cost}

| config | rows | what it holds |
|---|---|---|
| default | {counts.train} | what was accepted: `instruction`, `output`, `messages`, and where each row came from |
| rejected | {counts.rejected} | what was thrown out, each with its reason, its scores and what it duplicates |
| preferences | {counts.preferences} | pairs of answers: `chosen` passes the tests that `rejected` fails |
| derived | {counts.derived} | tasks made of verified answers, and run: fix a fault, fill a gap, write tests |
| lineage | {counts.lineage} | every attempt and its outcome; {failed} of them failed and are in no other table |

| reason | rejected |
|---|---|
{reasons or "| none | 0 |"}

{verified} of the {counts.train} answers were run in a sandbox and passed tests that were written without them; the
others are unverified, and `verification` says why in each row. They come from language models: the models'
licences and terms apply.
"""
    with write_atomically(path) as beside:
        beside.write_text(text, encoding="utf-8")


def _head(counts: Counts) -> dict[str, Any]:
    """What the Hub reads."""
    return {
        "pretty_name": "Evolved coding instructions",
        "task_categories": ["text-generation"],
        "tags": ["code", "evol-instruct", "synthetic"],
        "size_categories": [_size(counts.train)],
        "configs": [
            {"config_name": name, "data_files": f"data/{table}-*.parquet"}
            for name, table, rows in (
                ("default", "train", counts.train),
                ("rejected", "rejected", counts.rejected),
                ("preferences", "preferences", counts.preferences),
                ("derived", "derived", counts.derived),
                ("lineage", "lineage", counts.lineage),
            )
            if rows  # `datasets` cannot load a table without rows
        ],
    }


def _size(rows: int) -> str:
    return next((name for bound, name in _SIZES if rows < bound), "1M<n<10M")


def _cell(text: str, width: int = 100) -> str:
    """Safe inside a table's cell and a code span."""
    return re.sub(r"[|`<>\[\]\\]", "", plain(shorten(text, width)))
