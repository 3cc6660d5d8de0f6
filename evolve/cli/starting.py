"""`evolve run`: a run from the command line, and what it came to."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer
from rich.text import Text

from evolve.cli.app import (
    DONE,
    FAILED,
    STOPPED,
    USAGE,
    Against,
    AsJson,
    Benchmarks,
    ConfigFile,
    Seeds,
    Settings,
    err,
    out,
)
from evolve.cli.options import (
    Address,
    Batch,
    BudgetTokens,
    BudgetUsd,
    DryRun,
    EvolStop,
    Executor,
    Folder,
    Limit,
    MaxAttempts,
    NoExec,
    Quiet,
    RetryFailed,
    Rounds,
    StopWhen,
    TargetSamples,
    run_config,
)
from evolve.cli.preparing import served, stop_on_signals
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.plan import Plan
    from evolve.report import Progress
    from evolve.run import Result


def run(
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
    evol_stop: EvolStop = None,
    stop_when: StopWhen = None,
    batch: Batch = False,
    retry_failed: RetryFailed = False,
    quiet: Quiet = False,
    json_: AsJson = False,
) -> None:
    """Evolve seeds into a dataset. Run the same command again to resume."""
    from evolve.report import Progress

    with Progress(err, quiet=quiet or json_) as progress:
        progress.stage("reading seeds")
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
            evol_stop=evol_stop,
            stop_when=stop_when,
            batch=batch,
        )
        from evolve.plan import make_plan
        from evolve.run import finished, reopen

        plan = make_plan(settings, folder)
        if finished(plan) and not retry_failed:
            result = reopen(plan)
        else:
            with served(plan, dry_run=dry_run) as served_plan:
                result = asyncio.run(_whole(served_plan, progress, retry_failed=retry_failed, ask=not dry_run))
    _report(result, plan, first_accepted_s=progress.first_accepted_s, as_json=json_)
    if result.finished:
        raise typer.Exit(FAILED if result.summary.nothing_came else DONE)
    raise typer.Exit(USAGE if result.stopped and not result.summary.usage else STOPPED)


async def _whole(plan: Plan, progress: Progress, *, retry_failed: bool, ask: bool) -> Result:
    """The run under this process's signals; `ask`: look first whether the endpoints answer at all."""
    from evolve.estimate import forecast
    from evolve.money import make_prices
    from evolve.preflight import preflight
    from evolve.run import execute, make_work

    stop = asyncio.Event()
    stop_on_signals(stop)
    work = make_work(plan)
    prices = make_prices(plan.config, plan.config.roles)
    progress.note(f"estimated for all of it: {forecast(plan, prices).in_words()}")
    if ask:
        progress.stage("asking the endpoint for its models")
        work = await preflight(work, plan.config, progress.note)
    attempts = len(plan.seeds) * (plan.config.rounds + 1)
    progress.begin(min(attempts, plan.config.target.max_attempts or attempts))
    say, watch, paid, look = progress.stage, progress.watch, progress.paid, progress.look
    return await execute(plan, work, stop, say=say, watch=watch, paid=paid, look=look, retry_failed=retry_failed)


def _report(result: Result, plan: Plan, *, first_accepted_s: float | None, as_json: bool) -> None:
    from evolve.report import summary_page

    summary, target = result.summary, plan.config.target.samples
    if as_json:
        found = summary.as_dict() | {
            "finished": result.finished,
            "folder": str(result.folder),
            "seeds": len(plan.seeds),
            "rows_set_aside": len(plan.rejects),
            "first_accepted_s": None if first_accepted_s is None else round(first_accepted_s, 1),
            "stopped": result.stopped,
            "spent": result.spent,
            "batches": [batch.batch for batch in result.batches],
            "target": target,
        }
        out.print(json.dumps(found), soft_wrap=True)
        return
    out.print(summary_page(summary))
    for batch in result.batches:
        since = time.strftime("%Y-%m-%d %H:%M", time.localtime(batch.created))
        name = plain(batch.batch or f"(file evolve-{batch.nonce}.jsonl)")
        out.print(
            f"batch    {name}: {len(batch.tries):,} calls, since {since}; the next start waits for it", soft_wrap=True
        )
    if plan.rejects:
        out.print(f"seeds    {len(plan.rejects)} rows set aside: {plain(str(result.folder))}/rejects.jsonl")
    if target is not None and result.finished:
        rows = summary.total("accepted")
        short = "" if rows == target else "; no more came of the attempts that there are (see --max-attempts)"
        out.print(f"target   {rows:,} of {target:,} samples{short}", soft_wrap=True)
    if result.stopped or result.spent:
        out.print(Text(f"stopped  {plain(result.stopped or result.spent or '')}"), soft_wrap=True)
    _report_next(result)


def _report_next(result: Result) -> None:
    """Where everything is, and what to type next."""
    folder = plain(str(result.folder))
    if not result.finished:
        out.print(f"paused   every reply so far is kept in {folder}", soft_wrap=True)
        if result.spent:
            out.print(f"dataset  {folder}/data (what there is so far)", soft_wrap=True)
        more = " with a larger budget" if result.spent else ""
        first = "mend that, then " if result.stopped else ""
        out.print(f"next     {first}type the same command again{more} to go on", soft_wrap=True)
        return
    already = " (finished before; nothing was done)" if result.already else ""
    out.print(f"dataset  {folder}/data{already}", soft_wrap=True)
    out.print(f"next     {_beside('evolve')} report {folder}", soft_wrap=True)
    if result.example:
        out.print(f"         {_beside('evolve')} show {folder} {result.example}", soft_wrap=True)
    out.print(
        f"         {_beside('python')} -c \"import datasets; print(datasets.load_dataset('{folder}'))\"", soft_wrap=True
    )


def _beside(program: str) -> str:
    """A program that was installed beside this command, as the user can type it."""
    here = Path(sys.argv[0]).absolute().parent
    installed = (here / program).is_file()  # not beside `python -m evolve`
    if not installed or str(here) in os.get_exec_path() or not here.is_relative_to(Path.cwd()):
        return program
    return str(here.relative_to(Path.cwd()) / program)
