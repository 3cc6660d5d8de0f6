"""A run's plan: everything that it is made of, read and checked before anything is written or paid.

Invariant: what a user can get wrong is found here. Making a plan writes nothing and asks nobody.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from evolve import seeds as seed_files
from evolve.config import Config
from evolve.contamination import TOP, read_items
from evolve.contamination import contents as benchmark_contents
from evolve.earlier import Earlier, read_earlier
from evolve.eliminator import Judge, check_versions, validate
from evolve.errors import ConfigError
from evolve.identity import identity, identity_digest
from evolve.method import Evolver, Responder, load_operators
from evolve.money import check_budget
from evolve.pipeline import Method
from evolve.proving import Prover
from evolve.records import Seed
from evolve.secrets import Screen, refuse_keys
from evolve.secrets import contents as secret_contents
from evolve.seeds import Reject
from evolve.verifier import prompt_contents


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a run is made of; making one writes nothing."""

    config: Config
    seeds: list[Seed]
    rejects: list[Reject]
    """Rows that were set aside."""
    method: Method
    templates: dict[str, str]
    identity: dict[str, str]
    folder: Path
    earlier: Earlier
    """What no candidate may repeat, beside the seeds."""
    redacted: Mapping[str, int]
    """What was redacted in the seeds, by rule."""


def make_plan(config: Config, out: Path | None = None) -> Plan:
    """Read and check everything. Raises UsageError."""
    refuse_keys(config)
    validate(config.eliminator)
    check_budget(config, config.roles)
    operators = load_operators(config.method)
    for role in ("evolver", "responder"):
        if role not in config.roles:
            raise ConfigError(f"teacher.{role}.model: name a model, such as --set teacher.{role}.model=NAME")
    evolver = Evolver(operators, config.role("evolver"), config.seed)
    judging = "judge" in config.roles and "judge" not in config.eliminator.skip
    judge = Judge(config.role("judge"), config.eliminator) if judging else None
    prover = _prover(config)
    source = config.seeds or str(seed_files.bundled())
    screen = Screen(config.eliminator)
    seeds, rejects, content = _read_seeds(source, config.limit, screen)
    _check_target(config, len(seeds))
    earlier = read_earlier(config.eliminator)
    before = {"against": earlier.digest} if earlier.digest else {}
    contents = {"seeds": content} | before | evolver.contents | (judge.contents if judge else {})
    contents |= prompt_contents() if prover else {}
    contents |= benchmark_contents(config.eliminator.benchmarks) | check_versions(config.eliminator)
    contents |= secret_contents(config.eliminator)
    fields = identity(config, contents)
    name = f"{Path(source).stem}-{identity_digest(fields)[:8]}"
    return Plan(
        config=config,
        seeds=seeds,
        rejects=rejects,
        method=Method(evolver, Responder(config.role("responder")), judge, prover),
        templates={operator.name: operator.template for operator in operators},
        identity=fields,
        folder=out if out is not None else Path("outputs") / name,
        earlier=earlier,
        redacted=screen.redacted,
    )


def calls_at_most(plan: Plan) -> int:
    """Calls that the run can pay for, if nothing is rejected and every judge's reply is asked for twice."""
    judge, seeds = plan.method.judge, len(plan.seeds)
    about_answer = judge.most("answer") if judge else 0
    proving = plan.method.prover.most() if plan.method.prover else 0
    each = 2 + proving + about_answer + (judge.most("instruction") if judge else 0)
    first = proving + about_answer
    last = len(read_items(plan.config.eliminator.benchmarks)) * TOP * judge.most_compared if judge else 0
    return seeds * (plan.config.rounds * each + first) + sum(seed.output is None for seed in plan.seeds) + last


def _prover(config: Config) -> Prover | None:
    """None where answers are not to be run, or nobody writes tests."""
    if not config.verifier.execute or "tester" not in config.roles:
        return None
    return Prover(config.verifier, config.role("tester"), config.role("responder"))


def _check_target(config: Config, seeds: int) -> None:
    """Raise ConfigError where nothing would be evolved: the seeds' own rows come first, and count."""
    target = config.target
    if target.evol_stop is not None and (target.samples is not None or target.max_attempts is not None):
        raise ConfigError("target.evol_stop: the scores say where the run ends; leave out samples and max_attempts")
    if target.evol_stop is not None and not _is_command(target.evol_stop):
        raise ConfigError(f"target.evol_stop: {target.evol_stop!r} is no command; quotes must be closed")
    for key, why in _never_measured(config):
        if getattr(target.stop_when, key) is not None:
            raise ConfigError(f"target.stop_when.{key}: it would never be measured: {why}")
    if config.target.samples is not None and config.target.samples <= seeds:
        raise ConfigError(
            f"target.samples: {config.target.samples} rows would all be seeds, of which there are {seeds} (their rows "
            "count); take fewer with --limit, or give a higher target"
        )


def _never_measured(config: Config) -> Iterator[tuple[str, str]]:
    """Thresholds that nothing would come to in such a run, and why not."""
    skip = set(config.eliminator.skip)
    if "judge" not in config.roles or "judge" in skip or "no_gain" not in config.eliminator.questions:
        yield "gain_below", "name teacher.judge.model, keep no_gain in eliminator.questions, and skip no judge"
    if "duplicate" in skip:
        yield "distance_below", "take duplicate out of eliminator.skip"
    if "contaminated" in skip:
        yield "contamination_above", "take contaminated out of eliminator.skip"


def _is_command(text: str) -> bool:
    try:
        return bool(shlex.split(text))
    except ValueError:
        return False


def _read_seeds(source: str, limit: int | None, screen: Screen) -> tuple[list[Seed], list[Reject], str]:
    """The seeds, the rows set aside, and a digest of the seeds' content."""
    seeds: list[Seed] = []
    rejects: list[Reject] = []
    content = sha256()
    for row in seed_files.read(source, limit, screen=screen.seed, excerpt=screen.excerpt):
        if isinstance(row, Seed):
            seeds.append(row)
            content.update(json.dumps([row.id, row.output], ensure_ascii=False).encode())
        else:
            rejects.append(row)
    return seeds, rejects, content.hexdigest()[:16]
