"""A whole elimination, from pairs to verdicts: the stages, the judge and its calls, the file that comes out.

Invariant: what a user can get wrong is found before a call is paid; verdicts appear whole or not at all; and no reply
of the judge is paid for twice, because each is on disk, beside the verdicts, before it counts. How pairs are decided is
for elimination.py.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.calls import Calls
from evolve.cluster import Stages, Work, cores, make_stages
from evolve.config import ClusterConfig, Config, EliminatorConfig
from evolve.dataset import write_atomically
from evolve.decontamination import find_rephrased
from evolve.earlier import read_earlier
from evolve.elimination import Ask, Decision, Elimination, check_rows
from evolve.eliminator import Judge, validate
from evolve.errors import ConfigError, PairError
from evolve.ledger import Ledger
from evolve.method import load_operators, read_instruction
from evolve.money import check_budget, make_budget
from evolve.pairs import Pair, PairRows
from evolve.records import Attempt, Finding, Reply, Request, Verdict
from evolve.secrets import Screen
from evolve.teacher import Schedule, make_endpoints

Call = Callable[[Request], Awaitable[Reply | str]]
"""One call of the judge: the reply, or in words the error that it ended in."""
MANY = 4000
"""Pairs from which several processes are faster: they load the embedder anew, about ten seconds of a core."""
Row = dict[str, Any]
Counts = Counter[tuple[str, str | None]]
"""(verdict, reason) -> pairs."""


async def write_verdicts(
    config: Config,
    pairs: Sequence[Pair],
    target: Path,
    *,
    judge: bool = True,
    say: Callable[[str], None] = lambda what: None,
    watch: Callable[[Decision], None] = lambda decision: None,
) -> Counts:
    """Decide every pair and write the verdicts to `target`.

    The judge is asked where `judge` is set and the config names its model; its replies are kept in `target`.calls.db,
    so that the next time only calls that failed are made again.
    Raises UsageError, or StopError where the endpoint ends it: then the same call again goes on from there.
    """
    asked = judge and "judge" in config.roles and "judge" not in config.eliminator.skip
    calls = target.with_name(f"{target.name}.calls.db") if asked else None
    counts: Counts = Counter()
    with write_atomically(target) as path, _removed(path.with_suffix(".first")) as first:
        async with _opened(config, calls, say) as tools:
            elimination = _elimination(config, pairs, tools)
            with first.open("w", encoding="utf-8") as file:
                async for decision in elimination.decisions():
                    file.write(_line(decision.as_row()))
                    counts[decision.verdict.value, decision.reason] += 1
                    watch(decision)
            found = await _rephrased(config.eliminator, tools, pairs, first)
        if not found:
            first.replace(path)
            return counts
        counts.clear()
        with path.open("w", encoding="utf-8") as file:
            for row in _amended(first, found):
                counts[row["verdict"], row["reason"]] += 1
                file.write(_line(row))
    return counts


@contextmanager
def _removed(path: Path) -> Iterator[Path]:
    """A path to write to, gone at the end; of one name, so that what a kill leaves is overwritten by the next start."""
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def spread(config: Config, pairs: int) -> Config:
    """The config, with an executor that is worth its start where none is named."""
    if "executor" in config.cluster.model_fields_set:
        return config
    executor = "processes" if pairs >= MANY and cores() > 1 else "inline"
    return config.model_copy(update={"cluster": config.cluster.model_copy(update={"executor": executor})})


def _elimination(config: Config, pairs: Sequence[Pair], tools: _Tools) -> Elimination:
    earlier, rows = read_earlier(config.eliminator), config.cluster.index_rows
    return Elimination(config.eliminator, pairs, tools.stages, ask=tools.ask, against=earlier.items, rows=rows)


async def _rephrased(config: EliminatorConfig, tools: _Tools, pairs: Sequence[Pair], path: Path) -> dict[str, Finding]:
    """What the judge says of rows of `path`, by their number: those that are kept, and near an item of a benchmark."""
    call = tools.call
    if tools.judge is None or call is None:
        return {}

    async def rows() -> AsyncIterator[tuple[str, str]]:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file):
                if json.loads(line)["verdict"] != Verdict.REJECT:
                    yield str(number), text_of(str(number))

    def text_of(number: str) -> str:
        pair = pairs[int(number)]
        return read_instruction(Reply(pair.reply, pair.finish_reason, ""))

    return await find_rephrased(
        config, tools.judge, rows(), text_of, tools.stages.embed, lambda _, request: call(request)
    )


def _amended(path: Path, found: Mapping[str, Finding]) -> Iterator[Row]:
    """The rows of `path` with what was found last."""
    with path.open(encoding="utf-8") as file:
        for number, line in enumerate(file):
            row: Row = json.loads(line)
            if (finding := found.get(str(number))) is not None:
                row["checks"] |= check_rows([finding])
                if finding.verdict is not Verdict.ACCEPT:  # a clean row stays what it was, UNDECIDED perhaps
                    row |= {"verdict": finding.verdict.value, "reason": finding.reason}
            yield row


def _line(row: Row) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"


def eliminate(rows: Any, config: Config | None = None, columns: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
    """The rows of a `datasets.Dataset` with three more columns: verdict, reason, and checks as JSON.

    `rows`: a Dataset, or any sequence of mappings (then a list of dicts comes back), with the columns `parent` and
    `reply`, and perhaps `id`, `operator`, `finish_reason`, `answer`, `answer_finish_reason`; `columns` says which of
    them have another name there. Text alone decides; no call is made. Raises UsageError.

        kept = eliminate(dataset).filter(lambda row: row["verdict"] == "accept")
    """
    settings = (config or Config()).model_copy(update={"cluster": ClusterConfig(executor="inline")})
    pairs = PairRows(rows, columns)
    if taken := {"verdict", "reason", "checks"}.intersection(getattr(rows, "column_names", ())):
        raise PairError(f"rows: there is a column {min(taken)} already; rename or remove it first")

    async def decide() -> list[Row]:
        async with _opened(settings, None, lambda what: None) as tools:
            return [decision.as_row() async for decision in _elimination(settings, pairs, tools).decisions()]

    with ThreadPoolExecutor(1) as thread:  # a notebook has a loop of its own
        decided = thread.submit(lambda: asyncio.run(decide())).result()
    found = {
        "verdict": [row["verdict"] for row in decided],
        "reason": [row["reason"] for row in decided],
        "checks": [json.dumps(row["checks"], ensure_ascii=False) for row in decided],
    }
    if not hasattr(rows, "add_column"):
        return [dict(row) | {name: found[name][n] for name in found} for n, row in enumerate(rows)]
    for name, values in found.items():
        rows = rows.add_column(name, values)
    return rows


@dataclass(frozen=True, slots=True)
class _Tools:
    """What it takes to decide; without a judge the rest is None."""

    stages: Stages
    judge: Judge | None = None
    call: Call | None = None

    @property
    def ask(self) -> Ask | None:
        judge, call = self.judge, self.call
        return None if judge is None or call is None else lambda candidate: judge.ask(candidate, call)


@asynccontextmanager
async def _opened(config: Config, calls: Path | None, say: Callable[[str], None]) -> AsyncIterator[_Tools]:
    """The stages up and the judge ready; `calls`: where its replies are kept, None: it is not asked."""
    validate(config.eliminator)
    templates = {operator.name: operator.template for operator in load_operators(config.method)}
    judge = None if calls is None else Judge(config.role("judge"), config.eliminator)
    check_budget(config, () if judge is None else ("judge",))
    if judge is not None and config.teacher.batch.on:
        raise ConfigError("teacher.batch.on: an elimination makes its calls one by one; set it to false")
    endpoints = make_endpoints(config, () if judge is None else ("judge",))
    async with AsyncExitStack() as stack:
        stages = make_stages(config.cluster, Work(endpoints, config.teacher.in_flight, config.eliminator, templates))
        stack.push_async_callback(stages.close)
        say("starting")
        await stages.start()
        if judge is None or calls is None:
            yield _Tools(stages)
            return
        ledger = stack.enter_context(Ledger(calls))
        ledger.reopen_failures()
        schedule = Schedule(config.teacher, stages.endpoints, stages.complete, say)
        screen = Screen(config.eliminator).reply
        made = Calls(ledger, schedule, make_budget(config, ledger), screen=screen)

        async def call(request: Request) -> Reply | str:
            ended = await made.make("", "judge", request, Attempt(0, 0))  # who asks the same thing shares the call
            return ended.reply or ended.error or "failed"

        yield _Tools(stages, judge, call)
