"""`evolve estimate`: what a run will cost, from its seeds' lengths or from a few seeds that are run for it."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.box import SIMPLE
from rich.table import Table

from evolve.cli.app import Against, AsJson, Benchmarks, ConfigFile, Seeds, Settings, err, out
from evolve.cli.options import (
    Address,
    Batch,
    BudgetTokens,
    BudgetUsd,
    DryRun,
    Executor,
    Folder,
    Limit,
    MaxAttempts,
    NoExec,
    Rounds,
    TargetSamples,
    run_config,
)
from evolve.cli.preparing import served, stop_on_signals
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.estimate import Estimate
    from evolve.plan import Plan
    from evolve.report import Progress, Summary


def estimate(
    *,
    dry_run: DryRun = False,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Folder = None,
    rounds: Rounds = None,
    limit: Limit = None,
    executor: Executor = None,
    address: Address = None,
    against: Against = None,
    benchmarks: Benchmarks = None,
    no_exec: NoExec = False,
    budget_usd: BudgetUsd = None,
    budget_tokens: BudgetTokens = None,
    target_samples: TargetSamples = None,
    max_attempts: MaxAttempts = None,
    batch: Batch = False,
    probe: Annotated[
        int | None,
        typer.Option(min=1, help="Run this many seeds for it, PAID; the run that follows finds their calls."),
    ] = None,
    json_: AsJson = False,
) -> None:
    """Say what a run will cost, before it starts. Nothing is asked or paid without --probe."""
    from evolve.estimate import forecast
    from evolve.money import make_prices
    from evolve.plan import make_plan
    from evolve.report import Progress

    settings = run_config(
        dry_run=dry_run,
        config=config,
        seeds=seeds,
        set_=set_,
        rounds=rounds,
        limit=limit,
        executor=executor,
        address=address,
        against=against,
        benchmarks=benchmarks,
        no_exec=no_exec,
        budget_usd=budget_usd,
        budget_tokens=budget_tokens,
        target_samples=target_samples,
        max_attempts=max_attempts,
        batch=batch,
    )
    plan = make_plan(settings, folder)
    if probe is None:
        found, paid = forecast(plan, make_prices(plan.config, plan.config.roles)), None
    else:
        with Progress(err, quiet=json_) as progress, served(plan, dry_run=dry_run) as served_plan:
            found, paid = asyncio.run(_probe(served_plan, probe, progress, ask=not dry_run))
    _report(found, plan, paid, as_json=json_)


async def _probe(plan: Plan, count: int, progress: Progress, *, ask: bool) -> tuple[Estimate, Summary]:
    from evolve.preflight import preflight
    from evolve.probe import probe
    from evolve.run import make_work

    stop = asyncio.Event()
    stop_on_signals(stop)
    work = make_work(plan)
    progress.stage(f"running {min(count, len(plan.seeds))} of {len(plan.seeds)} seeds, which is paid for")
    if ask:
        work = await preflight(work, plan.config, progress.note)
    progress.begin(min(count, len(plan.seeds)) * (plan.config.rounds + 1))
    return await probe(plan, work, stop, count, say=progress.stage, watch=progress.watch, paid=progress.paid)


def _report(found: Estimate, plan: Plan, paid: Summary | None, *, as_json: bool) -> None:
    from evolve.estimate import as_rows
    from evolve.report import usage_lines

    if as_json:
        usd = found.usd()
        totals: dict[str, Any] = {name: _bounds(found.total(name)) for name in ("calls", "sent", "received")}
        totals["usd"] = None if usd is None else [round(usd.low, 6), round(usd.high, 6)]
        rest = {"unpriced": found.unpriced, "basis": found.basis, "folder": str(plan.folder)}
        probed = {} if paid is None else {"paid": paid.as_dict()["roles"]}
        out.print(json.dumps(totals | {"lines": as_rows(found)} | rest | probed), soft_wrap=True)
        return
    out.print(_table(found))
    out.print(f"in all   {found.in_words()}", soft_wrap=True)
    out.print(f"from     {found.basis}; {len(plan.seeds)} seeds, {plan.config.rounds} rounds", soft_wrap=True)
    if paid is None:
        out.print("without  reasoning, of which nothing is known; --probe 20 runs 20 seeds to see, paid")
        return
    out.print("the probe came to")
    for line in usage_lines(paid.usage, paid.broken_off):
        out.print(line, soft_wrap=True)
    out.print(
        f"next     `evolve run` with the same options finds these calls in {plain(str(plan.folder))}", soft_wrap=True
    )


def _table(found: Estimate) -> Table:
    from evolve.estimate import as_words

    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("round", justify="right")
    table.add_column("role", no_wrap=True)
    for name in ("calls", "tokens sent", "received", "USD"):
        table.add_column(name, justify="right")
    previous = None
    for line in found.lines:
        if previous not in {None, line.round}:
            table.add_section()
        table.add_row(str(line.round) if line.round != previous else "", line.role, *as_words(line))
        previous = line.round
    return table


def _bounds(span: Any) -> list[int]:  # noqa: ANN401
    return [round(span.low), round(span.high)]
