"""From a run's fates to derived tasks: each verified answer goes to a worker, what it gives comes back in order.

Invariant: the tasks and their order are a function of the fates and the config alone, whatever worker made them; so a
run that is killed here makes the same ones when it is started again. No call is paid. What a task is, and that it was
run, is the deriver's (evolve/derive).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Iterable

from evolve.checks.tongues import ENGLISH, language, mother_tongue
from evolve.cluster import Stages
from evolve.config import Config
from evolve.derive import Derived, Source, suitable
from evolve.records import Fate

WINDOW = 64
"""Answers under way: enough for the workers of a machine, little to hold in memory."""


async def derive(fates: Iterable[Fate], stages: Stages, config: Config) -> AsyncGenerator[Derived, None]:
    """The tasks of all fates, in the fates' order. Raises StageError."""
    waiting: deque[asyncio.Task[tuple[Derived, ...]]] = deque()
    try:
        for fate in fates:
            source = source_of(fate, config)
            if source is None:
                continue
            waiting.append(asyncio.create_task(stages.derive(source)))
            if len(waiting) >= WINDOW:
                for task in await waiting.popleft():
                    yield task
        while waiting:
            for task in await waiting.popleft():
                yield task
    finally:
        for unfinished in waiting:
            unfinished.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


def source_of(fate: Fate, config: Config) -> Source | None:
    """What a worker is given; None where the fate has no verified Python answer, or speaks another language than the
    wordings of derived tasks."""
    if fate.outcome != "accepted" or fate.child is None or fate.answer is None or fate.proof is None:
        return None
    if (language(fate.child.text) or mother_tongue(fate.child.text) or ENGLISH) != ENGLISH:
        return None
    wanted = config.derive
    kinds = tuple(dict.fromkeys(wanted.kinds))
    source = Source(
        fate.child.id,
        fate.root_id,
        fate.child.text,
        fate.answer,
        fate.proof,
        kinds,
        wanted.per_answer,
        config.seed,
    )
    return source if suitable(source) else None
