"""`evolve check`: what a run would need, looked at without starting or writing anything; what its endpoints take.

With a DATASET it is that which is looked through (auditing.py), and no run.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evolve.cli.app import DONE, FAILED, AsJson, ConfigFile, Seeds, Settings, err, out
from evolve.cli.auditing import check_dataset
from evolve.cli.options import Folder, run_config
from evolve.errors import ConfigError
from evolve.text import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.table import Table

    from evolve.preflight import Checked
    from evolve.seeds import Reject

SET_ASIDE = 5
"""Rows that were set aside of which it tells the reason."""

_Dataset = Annotated[
    str | None,
    typer.Argument(
        metavar="[DATASET]", help="A run, an export, a file, a folder or a Hub dataset id; without, a run's config."
    ),
]
_Tokenizer = Annotated[Path | None, typer.Option(help="DATASET: a tokenizer's folder, to count tokens by.")]
_MaxLength = Annotated[int | None, typer.Option(min=1, help="DATASET: the length at which a trainer truncates.")]
_Strict = Annotated[bool, typer.Option("--strict", help="DATASET: exit with 1 where anything is wrong with it.")]


def check(
    dataset: _Dataset = None,
    *,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Folder = None,
    offline: Annotated[bool, typer.Option("--offline", help="Ask nobody: neither the endpoints nor the Hub.")] = False,
    tokenizer: _Tokenizer = None,
    max_length: _MaxLength = None,
    strict: _Strict = False,
    json_: AsJson = False,
) -> None:
    """Check a dataset as trainers would load it; or, without DATASET, what a run would need.

    Of a run: config, templates, seeds and endpoints, without starting or writing anything. Every model is asked for a
    few tokens, as each of its roles would ask: that finds out what its endpoint takes.
    """
    from evolve.config import load, prepare_environment, stay_offline

    prepare_environment()
    if offline:
        stay_offline()
    of_run = {"--seeds": seeds, "--out": folder, "--offline": offline}
    of_dataset = {"--tokenizer": tokenizer, "--max-length": max_length, "--strict": strict}
    if idle := [name for name, value in (of_run if dataset else of_dataset).items() if value]:
        raise ConfigError(
            f"{', '.join(idle)}: for {'a run' if dataset else 'a DATASET'}, and not for this; leave it out"
        )
    if dataset is not None:
        clean = check_dataset(
            dataset, load(config, set_ or []), tokenizer=tokenizer, max_length=max_length, as_json=json_
        )
        raise typer.Exit(DONE if clean or not strict else FAILED)
    _check_run(config, seeds, set_, folder, offline=offline, json_=json_)


def _check_run(
    config: Path | None, seeds: str | None, set_: list[str] | None, folder: Path | None, *, offline: bool, json_: bool
) -> None:
    from evolve.plan import calls_at_most, make_plan
    from evolve.preflight import calls_of_check, check_up
    from evolve.run import make_work, try_embedder

    plan = make_plan(run_config(dry_run=False, config=config, seeds=seeds, set_=set_), folder)
    work = make_work(plan)
    try_embedder(work)
    checked: list[Checked] = []
    if not offline:
        if not json_:
            err.print(f"asking the endpoints: at most {calls_of_check(work)} paid calls of a few tokens each")
        checked = asyncio.run(check_up(work, plan.config))
    found: dict[str, Any] = {
        "seeds": len(plan.seeds),
        "rows set aside": len(plan.rejects),
        "operators": ", ".join(plan.templates),
        "models": ", ".join(f"{role} {plan.config.role(role).model}" for role in plan.config.roles),
        "calls at most": calls_at_most(plan),
        "folder": str(plan.folder),
    }
    if json_:
        tree = {key.replace(" ", "_"): value for key, value in found.items()}
        tree["set_aside"] = [{"file": r.source, "line": r.line, "reason": r.reason} for r in plan.rejects[:SET_ASIDE]]
        out.print(json.dumps(tree | {"endpoints": [asdict(one) for one in checked]}), soft_wrap=True)
        return
    for key, value in found.items():
        out.print(f"{key:15} {plain(str(value))}", soft_wrap=True)
        for line in _set_aside(plan.rejects) if key == "rows set aside" else ():
            out.print(f"{'':15} {plain(line)}", soft_wrap=True)
    if checked:
        out.print(_table(checked))
    out.print("nothing is wrong with it" + ("; the endpoint was not asked" if offline else ""))


def _set_aside(rejects: Sequence[Reject]) -> Iterator[str]:
    """The first rows that were set aside, each with its place and the reason."""
    yield from (f"{row.source}:{row.line}: {row.reason}" for row in rejects[:SET_ASIDE])
    if len(rejects) > SET_ASIDE:
        yield f"and {len(rejects) - SET_ASIDE:,} more, which a run writes to rejects.jsonl"


def _table(checked: Sequence[Checked]) -> Table:
    from rich.box import SIMPLE
    from rich.table import Table

    table = Table(box=SIMPLE, pad_edge=False)
    for title in ("endpoint", "family", "model", "not as the config says"):
        table.add_column(title, overflow="fold")
    for one in checked:
        lines = list(one.adapted)
        if one.listed is False:
            lines.append("not in its list of models, but it answers")
        if without := [name for name, taken in one.extras.items() if not taken]:
            lines.append(f"takes no {', '.join(without)} (not needed)")
        cells = (one.endpoint, one.family, one.model, "\n".join(lines) or "-")
        table.add_row(*map(plain, cells))
    return table
