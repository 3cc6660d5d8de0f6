"""`evolve eliminate`: the eliminator over a file of parent/child pairs, without a run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from pathlib import Path
from typing import Annotated, Any

import typer

from evolve.cli.app import DONE, Against, AsJson, Benchmarks, ConfigFile, Settings, err, out, settings_of
from evolve.config import load, prepare_environment
from evolve.errors import ConfigError
from evolve.records import Verdict
from evolve.text import plain


def eliminate(
    source: Annotated[Path, typer.Argument(metavar="IN", help="JSONL (or a .json list) of parent/child pairs.")],
    *,
    target: Annotated[Path, typer.Option("--out", help="Where the verdicts go: JSONL, one line a pair, in order.")],
    config: ConfigFile = None,
    set_: Settings = None,
    no_judge: Annotated[bool, typer.Option("--no-judge", help="What text alone decides; no call is made.")] = False,
    column: Annotated[
        list[str] | None, typer.Option("--column", help="A column of another name: reply=evolved. Repeatable.")
    ] = None,
    against: Against = None,
    benchmarks: Benchmarks = None,
    rethreshold: Annotated[
        bool, typer.Option("--rethreshold", help="IN is a run's folder or a file of verdicts: decide again from these.")
    ] = False,
    executor: Annotated[
        str | None,
        typer.Option(help="inline, processes or ray. Default: processes for thousands of pairs, else inline."),
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", help="No progress.")] = False,
    json_: AsJson = False,
) -> None:
    """Say of every parent/child pair in a file whether it should be kept, and why not."""
    from evolve.report import Progress

    with Progress(err, quiet=quiet or json_) as progress:
        progress.stage("reading pairs")
        prepare_environment()
        from evolve.pairs import open_pairs
        from evolve.verdicts import spread, write_verdicts

        named: dict[str, Any] = {"cluster.executor": executor}
        named |= {"eliminator.against": against or None, "eliminator.benchmarks": benchmarks or None}
        settings = load(config, settings_of(named, set_ or []))
        if rethreshold:
            from evolve.rethreshold import rethreshold as decide_again

            moves = decide_again(settings.eliminator, source, target)
            _report_moves(moves, target, as_json=json_)
            raise typer.Exit(DONE)
        pairs = open_pairs(source, _columns(column or []))
        settings = spread(settings, len(pairs))
        progress.begin(len(pairs), [verdict.value for verdict in Verdict])
        work = write_verdicts(
            settings,
            pairs,
            target,
            judge=not no_judge,
            say=progress.stage,
            watch=lambda decision: progress.count(decision.verdict.value),
        )
        counts = asyncio.run(work)
    _report(counts, target, as_json=json_)
    raise typer.Exit(DONE)


def _columns(given: list[str]) -> dict[str, str]:
    columns = {}
    for pair in given:
        ours, equals, theirs = pair.partition("=")
        if not equals or not theirs:
            raise ConfigError(f"--column {plain(pair)}: write --column OURS=THEIRS, such as --column reply=evolved")
        columns[ours] = theirs
    return columns


def _report(counts: Counter[tuple[str, str | None]], target: Path, *, as_json: bool) -> None:
    total = sum(counts.values())
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (verdict, reason), count in counts.items():
        verdicts[verdict] += count
        if reason is not None:
            reasons[reason] += count
    if as_json:
        found = {"pairs": total, "verdicts": verdicts, "reasons": reasons, "out": str(target)}
        out.print(json.dumps(found), soft_wrap=True)
        return
    for name, count in [*verdicts.most_common(), *((f"  {reason}", n) for reason, n in reasons.most_common())]:
        out.print(f"{plain(name):16} {count:8}  {count / total:6.1%}")
    out.print(f"verdicts         {plain(str(target))}", soft_wrap=True)


def _report_moves(moves: Counter[tuple[str, str]], target: Path, *, as_json: bool) -> None:
    """What the verdicts on record have become."""
    if as_json:
        found = [{"was": was, "is": now, "candidates": count} for (was, now), count in sorted(moves.items())]
        out.print(json.dumps({"moves": found, "out": str(target)}), soft_wrap=True)
        return
    for (was, now), count in sorted(moves.items()):
        out.print(f"{f'{was} -> {now}' if was != now else was:24} {count:8}")
    out.print(f"{'verdicts':24} {plain(str(target))}", soft_wrap=True)
