"""A run from its plan to its files: what is read before anything is written, the folder, resuming, finishing.

Invariant: everything that a user can get wrong is found while planning, before a folder is made or a call is paid.
A run is resumed by running it again: the folder's ledger knows its identity, and refuses another. Once a run is
finished, running it again does nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import ExitStack, aclosing
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from evolve import seeds as seed_files
from evolve.cluster import Stages, Work, make_stages
from evolve.config import Config, EliminatorConfig, dump
from evolve.contamination import TOP, read_items
from evolve.contamination import contents as benchmark_contents
from evolve.dataset import export, export_derived, write_atomically, write_card
from evolve.derive import TOKENS
from evolve.deriving import derive
from evolve.earlier import Earlier, read_earlier
from evolve.eliminator import Eliminator, Judge, check_versions, validate
from evolve.embedding import BUILTIN, VectorStore
from evolve.errors import ConfigError, FolderError, HaltedError, StopError
from evolve.folder import Lock
from evolve.identity import identity, identity_digest
from evolve.ledger import Ledger
from evolve.method import Evolver, Responder, load_operators
from evolve.pipeline import Method, Pipeline
from evolve.proving import Prover
from evolve.records import Fate, Seed
from evolve.report import Summary, summarise
from evolve.seeds import Reject
from evolve.teacher import make_endpoints
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


@dataclass(frozen=True, slots=True)
class Result:
    folder: Path
    finished: bool
    summary: Summary
    example: str | None = None
    """The id of a sample worth looking at."""
    already: bool = False
    """It was finished before this start."""
    stopped: str | None = None
    """Why an endpoint ended it."""


def make_plan(config: Config, out: Path | None = None) -> Plan:
    """Read and check everything. Raises UsageError."""
    validate(config.eliminator)
    operators = load_operators(config.method)
    for role in ("evolver", "responder"):
        if role not in config.roles:
            raise ConfigError(f"teacher.{role}.model: name a model, such as --set teacher.{role}.model=NAME")
    evolver = Evolver(operators, config.role("evolver"), config.seed)
    judging = "judge" in config.roles and "judge" not in config.eliminator.skip
    judge = Judge(config.role("judge"), config.eliminator) if judging else None
    prover = _prover(config)
    source = config.seeds or str(seed_files.bundled())
    seeds, rejects, content = _read_seeds(source, config.limit)
    earlier = read_earlier(config.eliminator)
    before = {"against": earlier.digest} if earlier.digest else {}
    contents = {"seeds": content} | before | evolver.contents | (judge.contents if judge else {})
    contents |= prompt_contents() if prover else {}
    contents |= benchmark_contents(config.eliminator.benchmarks) | check_versions(config.eliminator)
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


def make_work(plan: Plan) -> Work:
    """What workers are given, keys included. Raises ConfigError where a key is missing."""
    config = plan.config
    endpoints = make_endpoints(config, config.roles)
    verifier = config.verifier if plan.method.prover else None
    return Work(endpoints, config.teacher.in_flight, config.eliminator, plan.templates, verifier)


def _prover(config: Config) -> Prover | None:
    """None where answers are not to be run, or nobody writes tests."""
    if not config.verifier.execute or "tester" not in config.roles:
        return None
    return Prover(config.verifier, config.role("tester"), config.role("responder"))


def try_embedder(work: Work) -> None:
    """Load the embedder that the run would use. Raises ConfigError if it cannot be loaded."""
    if _can_be_missing(work.eliminator):
        Eliminator(work.eliminator, work.templates).embed(["one"])


def finished(folder: Path) -> bool:
    """Whether the folder holds a run that is done, its dataset included."""
    path = folder / "ledger.db"
    if not path.is_file() or not any((folder / "data").glob("train-*.parquet")):
        return False
    with Ledger(path, read_only=True) as ledger:
        return ledger.meta("finished") == "1"


def reopen(plan: Plan) -> Result:
    """What a finished run came to. Raises ConfigError if the folder holds a run of another identity."""
    with Ledger(plan.folder / "ledger.db", read_only=True) as ledger:
        ledger.check(plan.identity)
        return Result(plan.folder, True, summarise(ledger), ledger.example(), already=True)


class Run:
    """A plan's folder, locked and open."""

    def __init__(self, plan: Plan, *, retry_failed: bool = False) -> None:
        """Make or reopen the folder. Raises FolderError, or ConfigError if it holds another run."""
        self._plan = plan
        with ExitStack() as stack:
            try:
                plan.folder.mkdir(parents=True, exist_ok=True)
                stack.callback(Lock(plan.folder).release)
                self.ledger = stack.enter_context(Ledger(plan.folder / "ledger.db"))
                self.ledger.claim(plan.identity, plan.seeds)
                if retry_failed:
                    self.ledger.reopen_failures()
                self._keep_inputs()
            except OSError as error:
                reason = f"{plan.folder}: {error.strerror or error}"
                raise FolderError(f"{reason}; give a folder that you may write to, with --out") from None
            self._open = stack.pop_all()

    def close(self) -> None:
        self._open.close()

    async def go(
        self,
        stop: asyncio.Event,
        stages: Stages,
        watch: Callable[[Fate], None] = lambda fate: None,
        say: Callable[[str], None] = lambda what: None,
    ) -> Result:
        """Evolve until done or stopped, and write the dataset if done."""
        began = time.monotonic()
        plan = self._plan
        before = float(self.ledger.meta("seconds") or 0)
        vectors = VectorStore(plan.folder / "embeddings", borrowed=plan.earlier.vectors)

        def tell(what: str) -> None:
            self._log("told", what=what)
            say(what)

        pipeline = Pipeline(
            plan.config,
            plan.method,
            plan.seeds,
            self.ledger,
            vectors,
            stages,
            against=plan.earlier.items,
            watch=watch,
            say=tell,
        )
        self._log("start", seeds=len(plan.seeds), executor=plan.config.cluster.executor)
        done, stopped = False, None
        try:
            done = await pipeline.run(stop) and await self._derive(stages, stop, say)
        except StopError as error:
            stopped = error.message
            if not any(used.completion_tokens for used in summarise(self.ledger).usage.values()):
                self.ledger.reopen_failures()  # it never worked: those failures say nothing about their items
        finally:
            self.ledger.set_meta("seconds", str(before + time.monotonic() - began))
        if done:
            await asyncio.to_thread(self._publish)
        self._log("finish" if done else "stop", faults=pipeline.schedule.faults, stopped=stopped)
        return Result(plan.folder, done, summarise(self.ledger), self.ledger.example(), stopped=stopped)

    async def _derive(self, stages: Stages, stop: asyncio.Event, say: Callable[[str], None]) -> bool:
        """Write the tasks that verified answers give for nothing. False if `stop` was set before that."""
        config = self._plan.config
        if not config.derive.kinds or self._plan.method.prover is None:
            return True
        say("making further tasks of verified answers")

        async def work() -> None:
            async with aclosing(derive(self.ledger.fates(), stages, config)) as tasks:
                counts = await export_derived(tasks, self._plan.folder / "data", TOKENS[config.derive.fim])
            self.ledger.set_meta("derived", json.dumps(dict(sorted(counts.items()))))

        return await _unless_stopped(work(), stop)

    def _publish(self) -> None:
        """Write the dataset and its card, then call the run finished."""
        folder, config = self._plan.folder, self._plan.config
        summary = summarise(self.ledger)
        counts = replace(export(self.ledger.fates(), folder / "data"), derived=sum(summary.derived.values()))
        models: dict[str, str] = {role: config.role(role).model or "" for role in config.roles}
        write_card(
            folder / "README.md",
            counts,
            models=models,
            rounds=config.rounds,
            rejections=summary.reasons,
            failed=summary.total("failed"),
            verified=summary.total("verified"),
        )
        self.ledger.set_meta("finished", "1")

    def _keep_inputs(self) -> None:
        """The config as it was understood, and the rows that were set aside."""
        with write_atomically(self._plan.folder / "config.yaml") as beside:
            beside.write_text(dump(self._plan.config), encoding="utf-8")
        lines = (json.dumps(asdict(reject), ensure_ascii=False) + "\n" for reject in self._plan.rejects)
        with (
            write_atomically(self._plan.folder / "rejects.jsonl") as beside,
            beside.open("w", encoding="utf-8") as file,
        ):
            file.writelines(lines)

    def _log(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        with (self._plan.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 3), "event": event} | fields) + "\n")


async def execute(
    plan: Plan,
    work: Work,
    stop: asyncio.Event,
    *,
    say: Callable[[str], None] = lambda what: None,
    watch: Callable[[Fate], None] = lambda fate: None,
    retry_failed: bool = False,
) -> Result:
    """A whole run: the stages, the folder, the pipeline, the files. `say` is told what is being prepared.

    A new folder is made only when everything else is up.
    """
    run = Run(plan, retry_failed=retry_failed) if plan.folder.exists() else None
    try:
        ray = plan.config.cluster.executor == "ray"
        say(f"starting Ray ({plan.config.cluster.address})" if ray else "starting in this process")
        stages = make_stages(plan.config.cluster, work)
        try:
            if not await _unless_stopped(_started(stages, plan.config, say), stop):
                raise HaltedError("stopped before anything was asked; type the same command again to go on")
            run = run or Run(plan)
            say("the first calls are out")
            return await run.go(stop, stages, watch, say)
        finally:
            await stages.close()
    finally:
        if run is not None:
            run.close()


def _can_be_missing(config: EliminatorConfig) -> bool:
    """Whether the run needs an embedder that does not come with the package."""
    return "duplicate" not in config.skip and config.embedder != BUILTIN


async def _started(stages: Stages, config: Config, say: Callable[[str], None]) -> None:
    """The stages up, and an embedder that can be missing loaded before a call is paid."""
    await stages.start()
    if _can_be_missing(config.eliminator):
        say(f"loading {config.eliminator.embedder}")
        await stages.embed("one")


async def _unless_stopped(work: Any, stop: asyncio.Event) -> bool:  # noqa: ANN401
    """Await `work`; False as soon as `stop` is set."""
    task = asyncio.ensure_future(work)
    halt = asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, halt}, return_when=asyncio.FIRST_COMPLETED)
    halt.cancel()
    if not stop.is_set():
        task.result()
        return True
    task.cancel()  # whatever it came to: what stops us stops a Ray that is starting, too
    await asyncio.gather(task, return_exceptions=True)
    return False


def _read_seeds(source: str, limit: int | None) -> tuple[list[Seed], list[Reject], str]:
    """The seeds, the rows set aside, and a digest of the seeds' content."""
    seeds: list[Seed] = []
    rejects: list[Reject] = []
    content = sha256()
    for row in seed_files.read(source, limit):
        if isinstance(row, Seed):
            seeds.append(row)
            content.update(json.dumps([row.id, row.output], ensure_ascii=False).encode())
        else:
            rejects.append(row)
    return seeds, rejects, content.hexdigest()[:16]
