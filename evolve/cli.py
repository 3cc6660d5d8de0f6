"""The command `evolve`: run, check, teacher, show.

Exit codes: 0 done, 1 failed, 2 usage or config, 3 stopped by an endpoint or a signal and resumable. Results go to
standard output, everything else to standard error. What is heavy is imported in the verb that needs it.
"""

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
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.text import Text

from evolve.config import Config, load, prepare_environment
from evolve.errors import ConfigError, EvolveError, StopError, UsageError
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.report import Progress
    from evolve.run import Plan, Result

DONE, FAILED, USAGE, STOPPED = 0, 1, 2, 3
DRY_RUN = {
    "teacher.evolver.model": "offline-evolver",
    "teacher.responder.model": "offline-responder",
    "teacher.judge.model": "offline-judge",
    "eliminator.embedder": "builtin",
}
"""What `--dry-run` sets: over the config file, under --set."""

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Evolve seed coding instructions into a fine-tuning dataset.",
)
out = Console(highlight=False, markup=False, emoji=False)
err = Console(stderr=True, highlight=False, markup=False, emoji=False)

ConfigFile = Annotated[Path | None, typer.Option("--config", help="YAML file with the run's settings.")]
Settings = Annotated[list[str] | None, typer.Option("--set", help="Override one setting: a.b=c. Repeatable.")]
Seeds = Annotated[
    str | None, typer.Option("--seeds", help="JSONL, JSON or Parquet file, a folder, or a Hub dataset id.")
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Use the offline teacher: no key, no download, no cost.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON on standard output.")]


@app.command()
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
    against: Annotated[
        list[str] | None,
        typer.Option("--against", help="An earlier run's folder, or a dataset, not to be repeated. Repeatable."),
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
        from evolve.run import finished, make_plan, reopen

        named: dict[str, Any] = {"seeds": seeds, "rounds": rounds, "limit": limit}
        named |= {"cluster.executor": executor, "cluster.address": address, "eliminator.against": against or None}
        settings = _settings(named, set_ or [], dry_run=dry_run)
        plan = make_plan(_with_seeds(load(config, settings), dry_run=dry_run), folder)
        if finished(plan.folder) and not retry_failed:
            result = reopen(plan)
        else:
            with _offline_teacher(plan.config) if dry_run else contextlib.nullcontext(None) as base_url:
                result = asyncio.run(_whole(_at(plan, base_url), progress, retry_failed=retry_failed, ask=not dry_run))
    _report(result, plan, first_accepted_s=progress.first_accepted_s, as_json=json_)
    if result.finished:
        raise typer.Exit(FAILED if result.summary.nothing_came else DONE)
    raise typer.Exit(USAGE if result.stopped and not result.summary.usage else STOPPED)


@app.command()
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
    from evolve.run import make_plan, make_work, preflight, try_embedder

    settings = _settings({"seeds": seeds}, set_ or [], dry_run=False)
    plan = make_plan(_with_seeds(load(config, settings), dry_run=False), folder)
    work = make_work(plan)
    try_embedder(work)
    if not offline:
        asyncio.run(preflight(work))
    each = 2 + (plan.method.judge is not None)
    most = len(plan.seeds) * plan.config.rounds * each + sum(seed.output is None for seed in plan.seeds)
    found = {
        "seeds": len(plan.seeds),
        "rows set aside": len(plan.rejects),
        "operators": ", ".join(plan.templates),
        "models": ", ".join(f"{role} {plan.config.role(role).model}" for role in plan.config.roles),
        "calls at most": most,
        "folder": str(plan.folder),
    }
    if json_:
        out.print(json.dumps({key.replace(" ", "_"): value for key, value in found.items()}), soft_wrap=True)
    else:
        for key, value in found.items():
            out.print(f"{key:15} {plain(str(value))}", soft_wrap=True)
        out.print("nothing is wrong with it" + ("; the endpoint was not asked" if offline else ""))


@app.command()
def teacher(
    *,
    port: Annotated[int, typer.Option(help="0: any free port; it is printed as JSON.")] = 8399,
    seeds: Annotated[Path | None, typer.Option("--seeds", help="Folder of seeds with solutions and tests.")] = None,
    limit: Annotated[int | None, typer.Option(help="Read this many of them at most.")] = None,
    faults: Annotated[float, typer.Option(help="Multiplies the rates of bad content; 0 for none.")] = 1.0,
    rate_429: Annotated[float, typer.Option("--rate-429", help="Share of requests answered 429.")] = 0.0,
    rate_500: Annotated[float, typer.Option("--rate-500", help="Share of requests answered 500.")] = 0.0,
    rate_reset: Annotated[float, typer.Option(help="Share of connections reset.")] = 0.0,
    rate_garbage: Annotated[float, typer.Option(help="Share of replies that are no JSON.")] = 0.0,
    latency: Annotated[float, typer.Option(help="Median seconds a reply takes.")] = 0.0,
    sigma: Annotated[float, typer.Option(help="Log-normal shape of the latency.")] = 0.0,
    key: Annotated[str | None, typer.Option(help="Accept only this API key.")] = None,
    until_eof: Annotated[bool, typer.Option("--until-eof", help="End when standard input ends.")] = False,
) -> None:
    """Serve the offline teacher on loopback: an OpenAI-compatible endpoint for tests, without weights."""
    from evolve.offline import Options, main
    from evolve.seeds import bundled

    folder = bundled() if seeds is None else seeds
    if not folder.exists():
        raise ConfigError(f"{folder}: no such file or folder of seeds")
    main(
        Options(
            seeds=folder,
            limit=limit,
            port=port,
            faults=faults,
            rate_429=rate_429,
            rate_500=rate_500,
            rate_reset=rate_reset,
            rate_garbage=rate_garbage,
            latency_s=latency,
            sigma=sigma,
            key=key,
            until_eof=until_eof,
        )
    )


@app.command()
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


def main() -> NoReturn:
    """Run the command; every error is one message for a person and the right exit code."""
    try:
        code = app(args=sys.argv[1:] or ["--help"], standalone_mode=False)
    except typer.Exit as exit_:
        code = exit_.exit_code
    except UsageError as error:
        code = _complain(str(error), USAGE)
    except StopError as error:
        code = _complain(str(error), STOPPED)
    except EvolveError as error:
        code = _complain(str(error), FAILED)
    except KeyboardInterrupt:
        code = _complain("stopped before anything was started", STOPPED)
    except Exception as error:
        code = _usage_or_raise(error)
    sys.exit(code if isinstance(code, int) else DONE)


def _usage_or_raise(error: Exception) -> int:
    """Typer's own complaints about the command line carry a way to show themselves; a bug is left to be seen."""
    if hasattr(error, "format_message") and hasattr(error, "exit_code"):
        return _complain(f"{error.format_message()} (see --help)", USAGE)
    if type(error).__name__ == "Abort":
        return STOPPED
    raise error


def _complain(message: str, code: int) -> int:
    err.print(Text(f"evolve: {plain(message)}"), soft_wrap=True)
    return code


def _settings(named: dict[str, Any], given: list[str], *, dry_run: bool) -> list[str]:
    """--set values, over those of named options, over those of --dry-run."""
    first = [f"{key}={value}" for key, value in DRY_RUN.items()] if dry_run else []
    return (
        first
        + [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in named.items() if value is not None]
        + given
    )


async def _whole(plan: Plan, progress: Progress, *, retry_failed: bool, ask: bool) -> Result:
    """The run under this process's signals; `ask`: look first whether the endpoints answer at all."""
    from evolve.run import execute, make_work, preflight

    stop = asyncio.Event()
    _stop_on_signals(stop)
    work = make_work(plan)
    if ask:
        progress.stage("asking the endpoint for its models")
        await preflight(work)
    progress.begin(len(plan.seeds) * (plan.config.rounds + 1))
    return await execute(plan, work, stop, say=progress.stage, watch=progress.watch, retry_failed=retry_failed)


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
