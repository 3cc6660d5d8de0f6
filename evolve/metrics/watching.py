"""A run that is watched: its figures in the log, on a page and, with Ray, among Ray's own, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import Any

from evolve.cluster import Stages
from evolve.config import ClusterConfig
from evolve.metrics.log import Log
from evolve.metrics.meter import Meter
from evolve.metrics.page import Page

GAUGES_S = 5.0
"""Between two times that Ray is told."""
LOOK_S = 1.0
"""Between two looks of whoever sits in front of it."""
Look = Callable[[dict[str, Any]], None]


@asynccontextmanager
async def watched(meter: Meter, stages: Stages, log: Log, config: ClusterConfig, look: Look) -> AsyncIterator[None]:
    """`look` is given what goes into the log, every second. Raises ConfigError where the page's port is taken."""
    with ExitStack() as stack:
        if config.metrics_port is not None:
            stack.enter_context(Page(config.metrics_host, config.metrics_port, meter.figures))
        tasks = [asyncio.create_task(log.keep(meter.as_dict)), asyncio.create_task(_tell(meter, stages))]
        tasks.append(asyncio.create_task(_show(meter, look)))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)  # whoever looks on ends no run
            with suppress(OSError):
                log.write("figures", **meter.as_dict())


async def _tell(meter: Meter, stages: Stages) -> None:
    while True:
        for figure in meter.figures():
            stages.gauge(figure.name, figure.help, figure.value, figure.labels)
        await asyncio.sleep(GAUGES_S)


async def _show(meter: Meter, look: Look) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        look(meter.as_dict())
