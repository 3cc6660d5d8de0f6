"""The options of a run, which `run`, `submit` and `estimate` share, and the config that they come to.

Each stands here once, as a type; a verb that takes one names the type. What a dry run sets is here too: over the
config file, under --set. Nothing is read or checked beside the config.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evolve.cli.app import files_of, settings_of
from evolve.errors import ConfigError

if TYPE_CHECKING:
    from evolve.config import Config

DRY_RUN = {
    "teacher.evolver.model": "offline-evolver",
    "teacher.responder.model": "offline-responder",
    "teacher.judge.model": "offline-judge",
    "teacher.tester.model": "offline-tester",
    "eliminator.embedder": "builtin",
    "method.languages": "[Chinese, Spanish]",
}
"""What `--dry-run` sets."""

Folder = Annotated[Path | None, typer.Option("--out", help="The run's folder; default: outputs/NAME-ID.")]
Rounds = Annotated[int | None, typer.Option("--rounds", help="Rounds of evolution; default 3.")]
Limit = Annotated[int | None, typer.Option("--limit", help="Use this many seeds at most.")]
Executor = Annotated[str | None, typer.Option("--executor", help="ray, or inline: everything in this process.")]
Address = Annotated[str | None, typer.Option("--address", help="local, auto or a running Ray cluster's address.")]
NoExec = Annotated[bool, typer.Option("--no-exec", help="Run no answer; every row says unverified.")]
BudgetUsd = Annotated[
    float | None, typer.Option("--budget-usd", help="Spend this much at most, over all starts; then pause.")
]
BudgetTokens = Annotated[
    int | None, typer.Option("--budget-tokens", help="The same in tokens, sent and received together.")
]
TargetSamples = Annotated[
    int | None, typer.Option("--target-samples", help="Stop at exactly this many rows of the train table.")
]
MaxAttempts = Annotated[
    int | None, typer.Option("--max-attempts", help="Make this many attempts at most; default: all of all rounds.")
]
EvolStop = Annotated[
    str | None,
    typer.Option(
        "--evol-stop",
        metavar="COMMAND",
        help="After each round, COMMAND DATA ROUND prints a score; a lower one ends the run with the round before.",
    ),
]
StopWhen = Annotated[
    list[str] | None,
    typer.Option(
        "--stop-when",
        metavar="FIGURE=SHARE",
        help="Begin no further round after one whose figure is past it: acceptance_below, gain_below, distance_below, "
        "leaks_above or contamination_above, such as leaks_above=0.1. Repeatable.",
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Use the offline teacher: no key, no download, no cost.")]
Batch = Annotated[bool, typer.Option("--batch", help="Make calls in batches: half the price, up to 24 hours each.")]
RetryFailed = Annotated[bool, typer.Option("--retry-failed", help="Make failed calls again.")]
Quiet = Annotated[bool, typer.Option("--quiet", help="No progress.")]


def run_config(
    *,
    dry_run: bool,
    config: Path | None,
    seeds: str | None,
    set_: list[str] | None,
    rounds: int | None = None,
    limit: int | None = None,
    executor: str | None = None,
    address: str | None = None,
    against: list[str] | None = None,
    benchmarks: list[str] | None = None,
    no_exec: bool = False,
    budget_usd: float | None = None,
    budget_tokens: int | None = None,
    target_samples: int | None = None,
    max_attempts: int | None = None,
    evol_stop: str | None = None,
    stop_when: list[str] | None = None,
    batch: bool = False,
) -> Config:
    """The config of a run: the file, over it the dry run, the named options, and --set. Raises ConfigError."""
    from evolve.config import Setting, load, prepare_environment

    prepare_environment()
    named: dict[str, tuple[str, Any]] = {
        "--seeds": ("seeds", seeds),
        "--rounds": ("rounds", rounds),
        "--limit": ("limit", limit),
        "--executor": ("cluster.executor", executor),
        "--address": ("cluster.address", address),
        "--no-exec": ("verifier.execute", False if no_exec else None),
        **files_of(against, benchmarks),
        "--budget-usd": ("budget.usd", budget_usd),
        "--budget-tokens": ("budget.tokens", budget_tokens),
        "--target-samples": ("target.samples", target_samples),
        "--max-attempts": ("target.max_attempts", max_attempts),
        "--evol-stop": ("target.evol_stop", evol_stop),
        "--batch": ("teacher.batch.on", True if batch else None),
    }
    first = [f"{key}={value}" for key, value in DRY_RUN.items()] if dry_run else []
    limits = [Setting(f"target.stop_when.{limit}", "--stop-when") for limit in stop_when or []]
    loaded = load(config, [*first, *limits, *settings_of(named, set_ or [])])
    if loaded.seeds is None and not dry_run:  # it would pay for seeds that nobody named
        raise ConfigError("seeds: none are named; give --seeds FILE (or --dry-run for the ones that come with evolve)")
    return loaded
