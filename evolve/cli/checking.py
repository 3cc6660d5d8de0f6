"""`evolve check`: what a run would need, looked at without starting or writing anything; what its endpoints take."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evolve.cli.app import AsJson, ConfigFile, Seeds, Settings, err, out
from evolve.cli.options import Folder, run_config
from evolve.text import plain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.table import Table

    from evolve.preflight import Checked


def check(
    *,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Folder = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the endpoints.")] = False,
    json_: AsJson = False,
) -> None:
    """Check config, templates, seeds and endpoints without starting or writing anything.

    Every model is asked for a few tokens, as each of its roles would ask: that finds out what its endpoint takes.
    """
    from evolve.config import prepare_environment

    prepare_environment()
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
        out.print(json.dumps(tree | {"endpoints": [asdict(one) for one in checked]}), soft_wrap=True)
        return
    for key, value in found.items():
        out.print(f"{key:15} {plain(str(value))}", soft_wrap=True)
    if checked:
        out.print(_table(checked))
    out.print("nothing is wrong with it" + ("; the endpoint was not asked" if offline else ""))


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
