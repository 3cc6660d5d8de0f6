"""`evolve run`: a run from the command line, with its signals and, for a dry run, its teacher."""

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
    from evolve.report import Progress
    from evolve.run import Plan, Result

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
    retry_failed: Annotated[bool, typer.Option("--retry-failed", help="Make failed calls again.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    json_: AsJson = False,
) -> None:
    """Evolve seeds into a dataset. Run the same command again to resume."""
    from evolve.report import Progress

    with Progress(err, quiet=quiet or json_) as progress:
        progress.stage("reading seeds")
        prepare_environment()
        from evolve.run import finished, make_plan, reopen

        named: dict[str, Any] = {"seeds": seeds, "rounds": rounds, "limit": limit}
        named |= {"cluster.executor": executor, "cluster.address": address}
        named |= {"verifier.execute": False if no_exec else None}
        named |= {"eliminator.against": against or None, "eliminator.benchmarks": benchmarks or None}
        first = [f"{key}={value}" for key, value in DRY_RUN.items()] if dry_run else []
        settings = first + settings_of(named, set_ or [])
        plan = make_plan(with_seeds(load(config, settings), dry_run=dry_run), folder)
        if finished(plan.folder) and not retry_failed:
            result = reopen(plan)
        else:
            with _offline_teacher(plan.config) if dry_run else contextlib.nullcontext(None) as base_url:
                result = asyncio.run(_whole(_at(plan, base_url), progress, retry_failed=retry_failed, ask=not dry_run))
    _report(result, plan, first_accepted_s=progress.first_accepted_s, as_json=json_)
    if result.finished:
        raise typer.Exit(FAILED if result.summary.nothing_came else DONE)
    raise typer.Exit(USAGE if result.stopped and not result.summary.usage else STOPPED)


async def _whole(plan: Plan, progress: Progress, *, retry_failed: bool, ask: bool) -> Result:
    """The run under this process's signals; `ask`: look first whether the endpoints answer at all."""
    from evolve.preflight import preflight
    from evolve.run import execute, make_work

    stop = asyncio.Event()
    _stop_on_signals(stop)
    work = make_work(plan)
    if ask:
        progress.stage("asking the endpoint for its models")
        work = await preflight(work, plan.config)
    progress.begin(len(plan.seeds) * (plan.config.rounds + 1))
    return await execute(plan, work, stop, say=progress.stage, watch=progress.watch, retry_failed=retry_failed)


def with_seeds(config: Config, *, dry_run: bool) -> Config:
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

    summary = result.summary
    if as_json:
        found = summary.as_dict() | {
            "finished": result.finished,
            "folder": str(result.folder),
            "seeds": len(plan.seeds),
            "rows_set_aside": len(plan.rejects),
            "first_accepted_s": None if first_accepted_s is None else round(first_accepted_s, 1),
            "stopped": result.stopped,
        }
        out.print(json.dumps(found), soft_wrap=True)
        return
    out.print(summary_page(summary))
    if plan.rejects:
        out.print(f"seeds    {len(plan.rejects)} rows set aside: {plain(str(result.folder))}/rejects.jsonl")
    if result.stopped:
        out.print(Text(f"stopped  {plain(result.stopped)}"), soft_wrap=True)
    folder = plain(str(result.folder))
    if not result.finished:
        out.print(f"paused   every reply so far is kept in {folder}", soft_wrap=True)
        out.print("next     type the same command again to go on", soft_wrap=True)
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
