"""`evolve eliminate`: the eliminator over a file of parent/child pairs, without a run."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from evolve.cli.app import DONE, Against, AsJson, Benchmarks, ConfigFile, Settings, err, out, settings_of
from evolve.cli.kept import check_target, write_kept
from evolve.errors import ConfigError
from evolve.folder import writing
from evolve.records import Verdict
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.config import Config
    from evolve.elimination import Decision
    from evolve.report import Progress

Counts = Counter[tuple[str, str | None]]
"""(verdict, reason) -> pairs."""


def eliminate(
    source: Annotated[
        Path, typer.Argument(metavar="IN", help="JSONL (or a .json list) of rows with parent and reply.")
    ],
    *,
    target: Annotated[
        Path,
        typer.Option(
            "--out", help="Where the verdicts go: JSONL, one line a pair, in order. An older file is replaced."
        ),
    ],
    kept: Annotated[
        Path | None, typer.Option("--kept", help="Where the rows that were kept go too: JSONL, with all their columns.")
    ] = None,
    config: ConfigFile = None,
    set_: Settings = None,
    no_judge: Annotated[
        bool, typer.Option("--no-judge", help="Ask no judge, though the config names one: text alone decides.")
    ] = False,
    column: Annotated[
        list[str] | None,
        typer.Option(
            "--column",
            help="A column of another name: reply=evolved; two of them: reply=instruction+input. Repeatable.",
        ),
    ] = None,
    against: Against = None,
    benchmarks: Benchmarks = None,
    rethreshold: Annotated[
        bool,
        typer.Option(
            "--rethreshold",
            help="IN is a run's folder or a file of verdicts: decide again from these by --config and --set.",
        ),
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
        from evolve.config import load, prepare_environment

        prepare_environment()
        named: dict[str, Any] = {"cluster.executor": executor}
        named |= {"eliminator.against": against or None, "eliminator.benchmarks": benchmarks or None}
        settings = load(config, settings_of(named, set_ or []))
        if rethreshold:
            idle = {"--kept": kept, "--column": column, "--against": against, "--benchmarks": benchmarks}
            _decide_again(settings, source, target, [name for name, value in idle.items() if value], as_json=json_)
            raise typer.Exit(DONE)
        files = [config] if config else []
        files += [Path(name) for name in (*(against or []), *(benchmarks or []))]
        counts = _decide(settings, _Files(source, target, kept, files), _columns(column or []), not no_judge, progress)
    asked = not no_judge and "judge" in settings.roles and "judge" not in settings.eliminator.skip
    _report(counts, target, kept, asked=asked, as_json=json_)
    raise typer.Exit(DONE)


@dataclass(frozen=True, slots=True)
class _Files:
    source: Path
    target: Path
    kept: Path | None
    read: list[Path]
    """What is read beside the source."""


def _decide(config: Config, files: _Files, columns: dict[str, str], judge: bool, progress: Progress) -> Counts:
    from evolve.pairs import open_pairs
    from evolve.verdicts import spread, write_verdicts

    pairs = open_pairs(files.source, columns)
    check_target("--out", files.target, files.source, *files.read)
    if files.kept is not None:
        check_target("--kept", files.kept, files.source, files.target, *files.read)
    config = spread(config, len(pairs))
    progress.begin(len(pairs), [verdict.value for verdict in Verdict])

    def watch(decision: Decision) -> None:
        progress.count(decision.verdict.value)

    work = write_verdicts(config, pairs, files.target, judge=judge, say=progress.stage, watch=watch)
    with writing(files.target):
        counts = asyncio.run(work)
        if files.kept is not None:
            write_kept(files.source, files.target, files.kept)
    return counts


def _decide_again(settings: Config, source: Path, target: Path, idle: list[str], *, as_json: bool) -> None:
    """`idle`: options that were given though nothing would come of them."""
    from evolve.rethreshold import rethreshold

    if idle:
        raise ConfigError(
            f"{', '.join(idle)}: no part of --rethreshold, which reads verdicts and no texts; leave it out"
        )
    check_target("--out", target, source)
    with writing(target):
        moves = rethreshold(settings.eliminator, source, target)
    _report_moves(moves, target, as_json=as_json)


def _columns(given: list[str]) -> dict[str, str]:
    columns = {}
    for pair in given:
        ours, equals, theirs = pair.partition("=")
        if not equals or not theirs:
            raise ConfigError(f"--column {plain(pair)}: write --column OURS=THEIRS, such as --column reply=evolved")
        columns[ours] = theirs
    return columns


def _report(
    counts: Counter[tuple[str, str | None]], target: Path, kept: Path | None, *, asked: bool, as_json: bool
) -> None:
    total = sum(counts.values())
    verdicts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for (verdict, reason), count in counts.items():
        verdicts[verdict] += count
        if reason is not None:
            reasons[reason] += count
    files = {"out": str(target)} | ({} if kept is None else {"kept": str(kept)})
    if as_json:
        found = {"pairs": total, "verdicts": verdicts, "reasons": reasons, "judge": asked} | files
        out.print(json.dumps(found), soft_wrap=True)
        return
    lines = [("pairs", total), *((v.value, verdicts[v.value]) for v in Verdict if v.value in verdicts)]
    for name, count in [*lines, *((f"  {reason}", n) for reason, n in reasons.most_common())]:
        out.print(f"{plain(name):24} {count:8}  {count / total:6.1%}")
    if not asked:
        out.print(f"{'judge':24} not asked: text alone decided")
    for name, path in files.items():
        out.print(f"{'verdicts' if name == 'out' else name:24} {plain(path)}", soft_wrap=True)


def _report_moves(moves: Counter[tuple[str, str]], target: Path, *, as_json: bool) -> None:
    """What the verdicts on record have become."""
    if as_json:
        found = [{"was": was, "is": now, "candidates": count} for (was, now), count in sorted(moves.items())]
        out.print(json.dumps({"moves": found, "out": str(target)}), soft_wrap=True)
        return
    for (was, now), count in sorted(moves.items()):
        out.print(f"{f'{was} -> {now}' if was != now else was:24} {count:8}")
    out.print(f"{'verdicts':24} {plain(str(target))}", soft_wrap=True)
