"""A run from its plan to its files: the stages, the folder, resuming, finishing.

Invariant: a run is resumed by running it again: the folder's ledger knows its identity, and refuses another. Once a run
has come as far as it is to go, running it again does nothing. One whose budget is spent leaves the dataset of what is
there, and is not finished.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import ExitStack, asynccontextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from evolve import tallies
from evolve.cluster import Stages, Work, make_stages
from evolve.config import Config, EliminatorConfig, TargetConfig, dump
from evolve.dataset import write_atomically
from evolve.eliminator import Eliminator
from evolve.embedding import BUILTIN, VectorStore
from evolve.errors import ConfigError, FolderError, HaltedError, StageError, StopError
from evolve.folder import Lock, refuse_other_files
from evolve.ledger import Batch, Ledger
from evolve.metrics import Log, Look, Meter, watched
from evolve.money import Budget, make_budget
from evolve.pipeline import Pipeline
from evolve.plan import Plan
from evolve.publishing import write_dataset, write_derived
from evolve.records import Attempt, Fate, Seed
from evolve.report import Summary, summarise
from evolve.stopping import Ending, watch_each
from evolve.teacher import Desk, make_endpoints


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
    """Why an endpoint, or the cluster, ended it."""
    spent: str | None = None
    """Why its budget ended it; the dataset then holds what was there by then."""
    batches: tuple[Batch, ...] = ()
    """Those that are on their way, and that the next start waits for."""


def make_work(plan: Plan) -> Work:
    """What workers are given, keys included. Raises ConfigError where a key is missing."""
    config = plan.config
    endpoints = make_endpoints(config, config.roles)
    verifier = config.verifier if plan.method.prover else None
    return Work(endpoints, config.teacher.in_flight, config.eliminator, plan.templates, verifier)


def try_embedder(work: Work) -> None:
    """Load the embedder that the run would use. Raises ConfigError if it cannot be loaded."""
    if _can_be_missing(work.eliminator):
        Eliminator(work.eliminator, work.templates).embed(["one"])


def finished(plan: Plan) -> bool:
    """Whether the folder holds a run that came as far as this one is to go, its dataset included."""
    path = plan.folder / "ledger.db"
    if not path.is_file() or not any((plan.folder / "data").glob("train-*.parquet")):
        return False
    with Ledger(path, read_only=True) as ledger:
        return ledger.meta("finished") == _goal(plan.config)


def _goal(config: Config) -> str:
    """How far a run is to go, as its ledger keeps it: one with another target goes on, or is cut shorter."""
    return json.dumps(config.target.model_dump(), sort_keys=True)


def reopen(plan: Plan) -> Result:
    """What a finished run came to. Raises ConfigError if the folder holds a run of another identity."""
    with Ledger(plan.folder / "ledger.db", read_only=True) as ledger:
        ledger.check(plan.identity, plan.seeds)
        return replace(_result(plan, ledger, True), already=True)


def _result(plan: Plan, ledger: Ledger, done: bool, *, stopped: str | None = None, spent: str | None = None) -> Result:
    return Result(plan.folder, done, summarise(ledger), ledger.example(), stopped=stopped, spent=spent)


class Run:
    """A plan's folder, locked and open."""

    def __init__(self, plan: Plan, *, retry_failed: bool = False) -> None:
        """Make or reopen the folder. Raises FolderError, or ConfigError if it holds another run."""
        self._plan = plan
        with ExitStack() as stack:
            refuse_other_files(plan.folder)
            try:
                plan.folder.mkdir(parents=True, exist_ok=True)
                stack.callback(Lock(plan.folder).release)
                self.ledger = stack.enter_context(Ledger(plan.folder / "ledger.db"))
                self.ledger.claim(plan.identity, plan.seeds)
                self.ledger.set_meta("redacted", json.dumps(plan.redacted))
                if retry_failed:
                    self.ledger.reopen_failures()
                self._keep_inputs()
            except OSError as error:
                reason = f"{plan.folder}: {error.strerror or error}"
                raise FolderError(f"{reason}; give a folder that you may write to, with --out") from None
            self._log = Log(plan.folder / "log.jsonl")
            self._open = stack.pop_all()

    def close(self) -> None:
        self._open.close()

    async def go(
        self,
        stop: asyncio.Event,
        stages: Stages,
        *,
        watch: Callable[[Fate], None] = lambda fate: None,
        say: Callable[[str], None] = lambda what: None,
        paid: Callable[[float], None] = lambda usd: None,
        look: Look = lambda figures: None,
    ) -> Result:
        """Evolve until done or stopped; write the dataset if done, or if the budget is spent."""
        began = time.monotonic()
        plan = self._plan
        before = float(self.ledger.meta("seconds") or 0)
        self.ledger.forget_meta("finished")
        self.forget_probe()
        budget = make_budget(plan.config, self.ledger)
        meter = Meter(stages, lambda: budget.cost_usd)

        watch_all = watch_each(plan.config, meter.count, watch)

        def say_all(what: str) -> None:
            self._log.write("note", what=what)
            say(what)

        async def run_to(target: TargetConfig) -> Attempt | None:
            config = plan.config.model_copy(update={"target": target})
            pipeline = self._pipeline(config, plan.seeds, stages, budget, desk, watch_all, say_all, paid)
            meter.schedule = pipeline.schedule
            return pipeline.goal.last if await pipeline.run(stop) else None

        async def publish(last: Attempt | None, partial: str | None) -> bool:
            if last is not None:
                self.ledger.cut(last)
                self.ledger.set_meta("surplus", str(tallies.beyond(self.ledger, last)))
            return await self._publish(partial, stages, stop, say)

        desk = Desk(plan.config.teacher, stages.endpoints, self.ledger, say_all)
        self._log.write("start", seeds=len(plan.seeds), executor=plan.config.cluster.executor)
        done, stopped = False, None
        try:
            async with desk, watched(meter, stages, self._log, plan.config.cluster, look):
                ending = Ending(self.ledger, plan.folder / "data", run_to, publish, say_all)
                last = await ending.run(plan.config, len(plan.seeds), stop)
            done = last is not None
            if done or budget.spent:
                done = await publish(last, None if done else budget.spent) and done
        except (StopError, StageError) as error:
            stopped = error.message if isinstance(error, StopError) else str(error)
            if not any(used.completion_tokens for used in summarise(self.ledger).usage.values()):
                self.ledger.reopen_failures()  # it never worked: those failures say nothing about their items
        finally:
            self.ledger.set_meta("seconds", str(before + time.monotonic() - began))
        if done:
            self.ledger.set_meta("finished", _goal(plan.config))
        faults = 0 if meter.schedule is None else meter.schedule.faults
        self._log.write("finish" if done else "stop", faults=faults, stopped=stopped or budget.spent)
        self.ledger.flush()
        open_ = () if done else tuple(self.ledger.batches())
        result = _result(plan, self.ledger, done, stopped=stopped, spent=None if done else budget.spent)
        return replace(result, batches=open_)

    async def probe(  # noqa: PLR0917  (as _pipeline)
        self,
        seeds: Sequence[Seed],
        stop: asyncio.Event,
        stages: Stages,
        watch: Callable[[Fate], None] = lambda fate: None,
        say: Callable[[str], None] = lambda what: None,
        paid: Callable[[float], None] = lambda usd: None,
    ) -> None:
        """Evolve these seeds alone, for what their calls cost. Their fates are forgotten, the calls stay.

        Raises ConfigError where the run itself was begun, HaltedError where it was stopped.
        """
        if self.ledger.meta("probe") is None and next(self.ledger.fates(), None) is not None:
            raise ConfigError(f"{self._plan.folder}: the run has begun already; `evolve show` says what it cost so far")
        self.ledger.set_meta("probe", str(len(seeds)))
        config = self._plan.config.model_copy(update={"target": TargetConfig()})
        budget = make_budget(config, self.ledger)
        self._log.write("probe", seeds=len(seeds))
        async with Desk(config.teacher, stages.endpoints, self.ledger, say) as desk:
            done = await self._pipeline(config, seeds, stages, budget, desk, watch, say, paid).run(stop)
        self.forget_probe()
        if not done:
            raise HaltedError(budget.spent or "stopped; type the same command again to go on")

    def forget_probe(self) -> None:
        """What a few seeds decided among themselves is not what all of them will."""
        if self.ledger.meta("probe") is not None:
            self.ledger.cut(None)
            self.ledger.forget_meta("probe")

    def _pipeline(  # noqa: PLR0917  (what a run is made of, and the type tells each)
        self,
        config: Config,
        seeds: Sequence[Seed],
        stages: Stages,
        budget: Budget,
        desk: Desk,
        watch: Callable[[Fate], None],
        say: Callable[[str], None],
        paid: Callable[[float], None],
    ) -> Pipeline:
        plan = self._plan
        vectors = VectorStore(plan.folder / "embeddings", borrowed=plan.earlier.vectors)

        def seen(fate: Fate) -> None:
            paid(budget.usd)
            watch(fate)

        return Pipeline(
            config,
            plan.method,
            seeds,
            self.ledger,
            vectors,
            stages,
            budget=budget,
            desk=desk,
            against=plan.earlier.items,
            watch=seen,
            say=say,
        )

    async def _publish(
        self, partial: str | None, stages: Stages, stop: asyncio.Event, say: Callable[[str], None]
    ) -> bool:
        """Write the dataset as it is now. False if `stop` was set before that."""
        config, folder = self._plan.config, self._plan.folder
        if config.derive.kinds and self._plan.method.prover is not None:
            say("making further tasks of verified answers")
            if not await _unless_stopped(write_derived(config, folder, self.ledger, stages), stop):
                return False
        self.ledger.flush()
        await asyncio.to_thread(write_dataset, config, folder, self.ledger, partial)
        return True

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


async def execute(
    plan: Plan,
    work: Work,
    stop: asyncio.Event,
    *,
    say: Callable[[str], None] = lambda what: None,
    watch: Callable[[Fate], None] = lambda fate: None,
    paid: Callable[[float], None] = lambda usd: None,
    look: Look = lambda figures: None,
    retry_failed: bool = False,
) -> Result:
    """A whole run: the stages, the folder, the pipeline, the files. A new folder is made only when all else is up.

    `say` is told what is being prepared, `watch` every fate as it falls, `paid` what was spent so far in USD,
    `look` every second what is under way.
    """
    async with opened(plan, work, stop, say=say, retry_failed=retry_failed) as (run, stages):
        return await run.go(stop, stages, watch=watch, say=say, paid=paid, look=look)


@asynccontextmanager
async def opened(
    plan: Plan,
    work: Work,
    stop: asyncio.Event,
    *,
    say: Callable[[str], None] = lambda what: None,
    retry_failed: bool = False,
) -> AsyncIterator[tuple[Run, Stages]]:
    """The plan's folder, and everything up that it needs. Raises HaltedError if `stop` is set before that."""
    run = Run(plan, retry_failed=retry_failed) if plan.folder.exists() else None
    try:
        ray = plan.config.cluster.executor == "ray"
        say(f"starting Ray ({plan.config.cluster.address})" if ray else "starting in this process")
        stages = make_stages(plan.config.cluster, work, say)
        try:
            if not await _unless_stopped(_started(stages, plan.config, say), stop):
                raise HaltedError("stopped before anything was asked; type the same command again to go on")
            run = run or Run(plan)
            say("the first calls are out")
            yield run, stages
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
