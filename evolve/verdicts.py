"""A whole elimination, from pairs to verdicts: the stages, the judge and its calls, the file that comes out.

Invariant: what a user can get wrong is found before a call is paid; verdicts appear whole or not at all; and no reply
of the judge is paid for twice, because each is on disk, beside the verdicts, before it counts. How pairs are decided is
for elimination.py.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from evolve.calls import Calls
from evolve.cluster import Stages, Work, make_stages
from evolve.config import ClusterConfig, Config
from evolve.dataset import write_atomically
from evolve.elimination import Ask, Decision, Elimination
from evolve.eliminator import Judge, validate
from evolve.ledger import Ledger
from evolve.method import load_operators
from evolve.pairs import Pair, PairRows
from evolve.records import Attempt, Reply, Request
from evolve.teacher import Schedule, make_endpoints

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

    The judge is asked where `judge` is set and the config names its model; its replies are kept in `target`.calls.db.
    Raises UsageError, or StopError where the endpoint ends it: then the same call again goes on from there.
    """
    counts: Counts = Counter()
    asked = judge and "judge" in config.roles and "judge" not in config.eliminator.skip
    calls = target.with_name(f"{target.name}.calls.db") if asked else None
    with write_atomically(target) as path, path.open("w", encoding="utf-8") as file:
        async with _opened(config, calls, say) as (stages, ask):
            async for decision in Elimination(config.eliminator, pairs, stages, ask).decisions():
                file.write(json.dumps(decision.as_row(), ensure_ascii=False) + "\n")
                counts[decision.verdict.value, decision.reason] += 1
                watch(decision)
    return counts


def eliminate(rows: Any, config: Config | None = None, columns: Mapping[str, str] | None = None) -> Any:  # noqa: ANN401
    """The rows of a `datasets.Dataset` with three more columns: verdict, reason, and checks as JSON.

    `rows`: a Dataset, or any sequence of mappings (then a list of dicts comes back), with the columns `parent` and
    `reply`, and perhaps `id`, `operator`, `finish_reason`, `answer`, `answer_finish_reason`; `columns` says which of
    them have another name there. Text alone decides; no call is made. Raises UsageError.

        kept = eliminate(dataset).filter(lambda row: row["verdict"] == "accept")
    """
    settings = (config or Config()).model_copy(update={"cluster": ClusterConfig(executor="inline")})
    pairs = PairRows(rows, columns)

    async def decide() -> list[dict[str, Any]]:
        async with _opened(settings, None, lambda what: None) as (stages, _):
            elimination = Elimination(settings.eliminator, pairs, stages)
            return [decision.as_row() async for decision in elimination.decisions()]

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


@asynccontextmanager
async def _opened(
    config: Config, calls: Path | None, say: Callable[[str], None]
) -> AsyncIterator[tuple[Stages, Ask | None]]:
    """The stages up and the judge ready; `calls`: where its replies are kept, None: it is not asked."""
    validate(config.eliminator)
    templates = {operator.name: operator.template for operator in load_operators(config.method)}
    judge = None if calls is None else Judge(config.role("judge"), config.eliminator)
    endpoints = make_endpoints(config, () if judge is None else ("judge",))
    async with AsyncExitStack() as stack:
        stages = make_stages(config.cluster, Work(endpoints, config.teacher.in_flight, config.eliminator, templates))
        stack.push_async_callback(stages.close)
        say("starting")
        await stages.start()
        if judge is None or calls is None:
            yield stages, None
            return
        ledger = stack.enter_context(Ledger(calls))
        made = Calls(ledger, Schedule(config.teacher, stages.complete, say))

        async def call(request: Request) -> Reply | str:
            ended = await made.make(
                "", "judge", request, Attempt(0, 0)
            )  # the same question is the same call, whoever asks
            return ended.reply or ended.error or "failed"

        yield stages, lambda candidate: judge.ask(candidate, call)
