"""A run that is watched: its figures in the log, on a page and, with Ray, among Ray's own, until it ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager, suppress

from evolve.cluster import Stages
from evolve.config import ClusterConfig
from evolve.metrics.log import Log
from evolve.metrics.meter import Meter
from evolve.metrics.page import Page

GAUGES_S = 5.0
"""Between two times that Ray is told."""


@asynccontextmanager
async def watched(meter: Meter, stages: Stages, log: Log, config: ClusterConfig) -> AsyncIterator[None]:
    """Raises ConfigError where the page's port is taken."""
    with ExitStack() as stack:
        if config.metrics_port is not None:
            stack.enter_context(Page(config.metrics_host, config.metrics_port, meter.figures))
        tasks = [asyncio.create_task(log.keep(meter.as_dict)), asyncio.create_task(_tell(meter, stages))]
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
