"""`evolve run` and `evolve check`: a run from the command line, with its signals and, for a dry run, its teacher."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

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
    settings_of,
)
from evolve.config import Config, load, prepare_environment
from evolve.errors import ConfigError, EvolveError
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.plan import Plan
    from evolve.report import Progress
    from evolve.run import Result

DRY_RUN = {
    "teacher.evolver.model": "offline-evolver",
    "teacher.responder.model": "offline-responder",
    "teacher.judge.model": "offline-judge",
    "teacher.tester.model": "offline-tester",
    "eliminator.embedder": "builtin",
    "method.languages": "[Chinese, Spanish]",
}
"""What `--dry-run` sets: over the config file, under --set."""

DryRun = Annotated[bool, typer.Option("--dry-run", help="Use the offline teacher: no key, no download, no cost.")]


def run(
    *,
    dry_run: DryRun = False,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Annotated[Path | None, typer.Option("--out", help="The run's folder; default: outputs/NAME-ID.")] = None,
    rounds: Annotated[int | None, typer.Option(help="Rounds of evolution; default 3.")] = None,
    limit: Annotated[int | None, typer.Option(help="Use this many seeds at most.")] = None,
    executor: Annotated[str | None, typer.Option(help="ray, or inline: everything in this process.")] = None,
    address: Annotated[str | None, typer.Option(help="local, auto or a running Ray cluster's address.")] = None,
    against: Against = None,
    benchmarks: Benchmarks = None,
    no_exec: Annotated[bool, typer.Option("--no-exec", help="Run no answer; every row says unverified.")] = False,
    budget_usd: Annotated[
        float | None, typer.Option("--budget-usd", help="Spend this much at most, over all starts; then pause.")
    ] = None,
    budget_tokens: Annotated[
        int | None, typer.Option("--budget-tokens", help="The same in tokens, sent and received together.")
    ] = None,
    target_samples: Annotated[
        int | None, typer.Option("--target-samples", help="Stop at exactly this many rows of the train table.")
    ] = None,
    max_attempts: Annotated[
        int | None, typer.Option("--max-attempts", help="Make this many attempts at most; default: all of all rounds.")
    ] = None,
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make failed calls again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    json_: AsJson = False,
) -> None:
    """Evolve seeds into a dataset. Run the same command again to resume."""
    from evolve.report import Progress

    with Progress(err, quiet=quiet or json_) as progress:
        progress.stage("reading seeds")
        prepare_environment()
        from evolve.plan import make_plan
        from evolve.run import finished, reopen

        named: dict[str, Any] = {"seeds": seeds, "rounds": rounds, "limit": limit}
        named |= {"cluster.executor": executor, "cluster.address": address}
        named |= {"verifier.execute": False if no_exec else None}
        named |= {"budget.usd": budget_usd, "budget.tokens": budget_tokens}
        named |= {"target.samples": target_samples, "target.max_attempts": max_attempts}
        named |= {"eliminator.against": against or None, "eliminator.benchmarks": benchmarks or None}
        first = [f"{key}={value}" for key, value in DRY_RUN.items()] if dry_run else []
        settings = first + settings_of(named, set_ or [])
        plan = make_plan(_with_seeds(load(config, settings), dry_run=dry_run), folder)
        if finished(plan) and not retry_failed:
            result = reopen(plan)
        else:
            with _offline_teacher(plan.config) if dry_run else contextlib.nullcontext(None) as base_url:
                result = asyncio.run(_whole(_at(plan, base_url), progress, retry_failed=retry_failed, ask=not dry_run))
    _report(result, plan, first_accepted_s=progress.first_accepted_s, as_json=json_)
    if result.finished:
        raise typer.Exit(FAILED if result.summary.nothing_came else DONE)
    raise typer.Exit(USAGE if result.stopped and not result.summary.usage else STOPPED)


def check(
    *,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Annotated[Path | None, typer.Option("--out", help="The run's folder, as for run.")] = None,
    offline: Annotated[bool, typer.Option("--offline", help="Do not ask the endpoint.")] = False,
    json_: AsJson = False,
) -> None:
    """Check config, templates, seeds and endpoint without starting or writing anything."""
    prepare_environment()
    from evolve.plan import calls_at_most, make_plan
    from evolve.run import make_work, preflight, try_embedder

    settings = settings_of({"seeds": seeds}, set_ or [])
    plan = make_plan(_with_seeds(load(config, settings), dry_run=False), folder)
    work = make_work(plan)
    try_embedder(work)
    if not offline:
        asyncio.run(preflight(work))
    found = {
        "seeds": len(plan.seeds),
        "rows set aside": len(plan.rejects),
        "operators": ", ".join(plan.templates),
        "models": ", ".join(f"{role} {plan.config.role(role).model}" for role in plan.config.roles),
        "calls at most": calls_at_most(plan),
        "folder": str(plan.folder),
    }
    if json_:
        out.print(json.dumps({key.replace(" ", "_"): value for key, value in found.items()}), soft_wrap=True)
    else:
        for key, value in found.items():
            out.print(f"{key:15} {plain(str(value))}", soft_wrap=True)
        out.print("nothing is wrong with it" + ("; the endpoint was not asked" if offline else ""))


async def _whole(plan: Plan, progress: Progress, *, retry_failed: bool, ask: bool) -> Result:
    """The run under this process's signals; `ask`: look first whether the endpoints answer at all."""
    from evolve.run import execute, make_work, preflight

    stop = asyncio.Event()
    _stop_on_signals(stop)
    work = make_work(plan)
    if ask:
        progress.stage("asking the endpoint for its models")
        await preflight(work)
    attempts = len(plan.seeds) * (plan.config.rounds + 1)
    progress.begin(min(attempts, plan.config.target.max_attempts or attempts))
    return await execute(
        plan, work, stop, say=progress.stage, watch=progress.watch, paid=progress.paid, retry_failed=retry_failed
    )


def _with_seeds(config: Config, *, dry_run: bool) -> Config:
    """The config, unless it would pay for seeds that nobody named."""
    if config.seeds is None and not dry_run:
        raise ConfigError("seeds: none are named; give --seeds FILE (or --dry-run for the ones that come with evolve)")
    return config


def _at(plan: Plan, base_url: str | None) -> Plan:
    """The plan with its teacher at another address."""
    if base_url is None:
        return plan
    teacher = plan.config.teacher.model_copy(update={"base_url": base_url})
    return replace(plan, config=plan.config.model_copy(update={"teacher": teacher}))


@contextlib.contextmanager
def _offline_teacher(config: Config) -> Iterator[str]:
    """The base URL of an offline teacher in a process of its own, which ends with this one."""
    if config.teacher.base_url is not None:
        raise ConfigError("teacher.base_url: a dry run brings its own teacher; leave out one of the two")
    command = [sys.executable, "-m", "evolve", "teacher", "--port", "0", "--until-eof"]
    if config.seeds and Path(config.seeds).exists():
        command += ["--seeds", config.seeds]
    if config.limit is not None:
        command += ["--limit", str(config.limit)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise EvolveError("the offline teacher did not start; try `evolve teacher` to see why")
            yield f"http://127.0.0.1:{json.loads(line)['port']}/v1"
        finally:
            process.terminate()


def _stop_on_signals(stop: asyncio.Event) -> None:
    """The first Ctrl-C or TERM lets calls under way come home for a moment; the second ends at once."""
    loop = asyncio.get_running_loop()

    def react() -> None:
        if stop.is_set():
            sys.exit(STOPPED)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, react)


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
            "target": target,
        }
        out.print(json.dumps(found), soft_wrap=True)
        return
    out.print(summary_page(summary))
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
        out.print(f"next     type the same command again{more} to go on", soft_wrap=True)
        return
    already = " (finished before; nothing was done)" if result.already else ""
    out.print(f"dataset  {folder}/data{already}", soft_wrap=True)
    if result.example:
        out.print(f"next     {_beside('evolve')} show {folder} {result.example}", soft_wrap=True)
    out.print(
        f"         {_beside('python')} -c \"import datasets; print(datasets.load_dataset('{folder}'))\"", soft_wrap=True
    )


def _beside(program: str) -> str:
    """A program that was installed beside this command, as the user can type it."""
    here = Path(sys.argv[0]).absolute().parent
    if str(here) in os.get_exec_path() or not here.is_relative_to(Path.cwd()):
        return program
    return str(here.relative_to(Path.cwd()) / program)
