"""`evolve submit`: a run as a job of a Ray cluster that is up, or as a manifest for one that is not.

The command takes what `run` takes. It finds everything that can be wrong here before anything is sent, and says which
variables the cluster must hold: keys are never sent. The exit code is the job's. Ctrl-C ends the following alone.
"""

from __future__ import annotations

import asyncio
import json
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated

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
    DRY_RUN,
    Batch,
    BudgetTokens,
    BudgetUsd,
    DryRun,
    EvolStop,
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
from evolve.errors import ConfigError
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.cluster.jobs import Job, Jobs
    from evolve.config import Config

START_S = 900.0
"""A cluster that grows on demand gets a quarter of an hour for it, if the config does not say how long."""
NOT_FOUND = 127
"""What a shell ends with where there is no such command."""


def submit(
    *,
    address: Annotated[str | None, typer.Option(help="URL of the head's dashboard, such as http://HEAD:8265.")] = None,
    follow: Annotated[bool, typer.Option("--follow/--no-wait", help="Show what the job prints, until it ends.")] = True,
    render: Annotated[
        str | None, typer.Option(help="Submit nothing; print a rayjob, a raycluster (KubeRay) or a slurm script.")
    ] = None,
    target: Annotated[Path | None, typer.Option("--output", "-o", help="Write what is rendered to this file.")] = None,
    image: Annotated[str | None, typer.Option(help="Of rendered pods: one with Ray and evolve in it.")] = None,
    dry_run: DryRun = False,
    config: ConfigFile = None,
    seeds: Seeds = None,
    set_: Settings = None,
    folder: Annotated[
        Path | None, typer.Option("--out", help="The run's folder: an absolute path on a disk of the cluster's head.")
    ] = None,
    rounds: Rounds = None,
    limit: Limit = None,
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
    """Run on a Ray cluster as a job. Submit the same again to follow it, or to resume it when it has ended."""
    settings = run_config(
        dry_run=dry_run,
        config=config,
        seeds=seeds,
        set_=set_,
        rounds=rounds,
        limit=limit,
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
    flags = {"--dry-run": dry_run, "--retry-failed": retry_failed, "--quiet": quiet, "--json": json_}
    wish = _wish(settings, folder, [flag for flag, given in flags.items() if given])
    _refuse_idle(render, {"--image": image, "--output": target} if render is None else {"--address": address})
    if render is not None:
        _render(wish, render, image, target)
        raise typer.Exit(DONE)
    if address is None:
        raise ConfigError("--address: name the cluster by the URL of its head's dashboard, such as http://HEAD:8265")
    jobs, job = _start(wish, address)
    if follow:
        raise typer.Exit(_follow(jobs, job))
    out.print(job.id)


@dataclass(frozen=True, slots=True)
class _Wish:
    """A run that is to be made elsewhere."""

    config: Config
    folder: Path
    options: tuple[str, ...]
    """Of `evolve run`, beside config, folder and address."""
    keys: tuple[str, ...]
    """Variables that its driver needs."""


def _refuse_idle(render: str | None, idle: Mapping[str, object]) -> None:
    """Raise ConfigError for options that would do nothing."""
    if wrong := [option for option, value in idle.items() if value is not None]:
        raise ConfigError(f"{', '.join(wrong)}: {'for --render alone' if render is None else 'not with --render'}")


def _wish(config: Config, folder: Path | None, flags: list[str]) -> _Wish:
    from evolve.teacher import key_variables

    if folder is None or not folder.is_absolute():
        raise ConfigError(
            "--out: give the run's folder as an absolute path on a disk of the cluster's head, where it outlives the "
            "job: the folder that a job works in is deleted with it"
        )
    dry_run = "--dry-run" in flags
    options = (*flags, *(_over_dry_run(config) if dry_run else ()))
    keys = () if dry_run else key_variables(config)
    patience = {} if "start_s" in config.cluster.model_fields_set else {"start_s": START_S}
    cluster = config.cluster.model_copy(update={"executor": "ray", "address": "auto"} | patience)
    return _Wish(config.model_copy(update={"cluster": cluster}), folder, options, keys)


def _warn_of_loopback(wish: _Wish, address: str = "") -> None:
    """Say which endpoints cannot be reached from there. `address`: of the cluster, where it is up."""
    from evolve.teacher import find_endpoints, is_loopback

    if "--dry-run" in wish.options or is_loopback(address if "://" in address else f"http://{address}"):
        return
    places = find_endpoints(wish.config, wish.config.roles).values()
    for url in dict.fromkeys(place.url for several in places for place in several if is_loopback(place.url)):
        _say(f"{url}: no pod and no other machine reaches this one by a loopback address; give the endpoint's own")


def _over_dry_run(config: Config) -> Iterator[str]:
    """What --set said over a dry run's own settings, which would otherwise lie over the config that is sent."""
    from evolve.config import flatten

    usual = dict(flatten(run_config(dry_run=True, config=None, seeds=None, set_=None).model_dump()))
    for key, value in flatten(config.model_dump()):
        if key in DRY_RUN and value != usual[key]:
            yield f"--set={key}={json.dumps(value)}"


def _render(wish: _Wish, kind: str, image: str | None, target: Path | None) -> None:
    from evolve.config import secrets
    from evolve.manifests import RENDERERS, Order
    from evolve.parcel import make_parcel, refuse_secrets
    from evolve.plan import make_plan

    if kind not in RENDERERS:
        raise ConfigError(f"--render {plain(kind)}: give one of {', '.join(RENDERERS)}")
    parcel = make_parcel(wish.config)
    refuse_secrets(parcel, secrets(wish.keys), " ".join(sys.argv[1:]))
    if not parcel.absent:  # else it cannot be checked here
        make_plan(wish.config.model_copy(update={"limit": 1}), wish.folder)
    _warn_of_loopback(wish)
    typed = shlex.join(["evolve", *sys.argv[1:]])
    text = RENDERERS[kind](Order(wish.config, PurePosixPath(wish.folder), wish.options, wish.keys, typed, image))
    if target is None:
        sys.stdout.write(text)
        return
    try:
        target.write_text(text, encoding="utf-8")
    except OSError as error:
        raise ConfigError(f"--output {plain(str(target))}: {error.strerror or error}; give another file") from None


def _start(wish: _Wish, address: str) -> tuple[Jobs, Job]:
    """The run's job: a new one, or the one that is at it."""
    from evolve.cluster.jobs import Jobs
    from evolve.config import secrets
    from evolve.identity import identity_digest
    from evolve.parcel import CONFIG, make_parcel, pack, refuse_secrets
    from evolve.plan import make_plan
    from evolve.records import digest

    jobs = Jobs(address)
    plan = make_plan(wish.config, wish.folder)
    parcel = make_parcel(wish.config)
    words = ["evolve", "run", "--config", CONFIG, "--out", str(wish.folder), "--address", "auto", *wish.options]
    command = f"exec {shlex.join(words)}"
    refuse_secrets(parcel, secrets(wish.keys), command)
    _warn_of_loopback(wish, address)
    for path in parcel.absent:
        _say(f"{path} is not on this machine: those of the cluster must have it")
    if wish.keys:
        _say(f"the environment of the cluster's head must hold {', '.join(wish.keys)}: keys are not sent")
    name = f"evolve-{digest(identity_digest(plan.identity), str(wish.folder))[:12]}"
    with TemporaryDirectory() as scratch:
        packed = Path(scratch) / "parcel.zip"
        pack(parcel, packed)
        job, began = jobs.submit(name, command, packed)
    _say(f"job {job.id} on {jobs.address} {'has started' if began else 'is running already'}: {len(plan.seeds)} seeds")
    _say(f"to stop it: ray job stop --address {jobs.address} {job.id}")
    return jobs, job


def _follow(jobs: Jobs, job: Job) -> int:
    """Show what the job prints; the exit code that says what became of it."""

    def show(text: str) -> None:
        sys.stdout.write(plain(text))
        sys.stdout.flush()

    try:
        ended = asyncio.run(jobs.follow(job.id, show))
    except KeyboardInterrupt:
        _say(f"no longer followed; job {job.id} goes on. The same command follows it again")
        return STOPPED
    if ended.exit_code in {DONE, FAILED, USAGE}:
        return ended.exit_code
    if ended.resumable:
        _say(f"job {job.id} was stopped; submit the same again to go on")
        return STOPPED
    if ended.exit_code == NOT_FOUND:
        _say(f"job {job.id}: there is no command `evolve` on the head; install this version in its image")
    else:
        _say(f"job {job.id} failed: {ended.message}")
    return FAILED


def _say(text: str) -> None:
    err.print(Text(f"evolve: {plain(text)}"), soft_wrap=True)
