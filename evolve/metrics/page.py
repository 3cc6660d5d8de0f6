"""The figures at http://HOST:PORT/metrics, as Prometheus reads them. The only `import prometheus_client`.

Figures are read in the run's own loop and handed over, so that the page's thread never looks at what is changing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Self

from evolve.errors import ConfigError
from evolve.metrics.meter import Figure

if TYPE_CHECKING:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

WAIT_S = 5.0
"""Longest time that a reader waits for a run that is busy."""


class Page:
    def __init__(self, host: str, port: int, figures: Callable[[], Sequence[Figure]]) -> None:
        """Serve from now on, and until closed. Raises ConfigError where the port is taken. To be made in the loop."""
        from prometheus_client import start_http_server
        from prometheus_client.registry import Collector, CollectorRegistry

        loop = asyncio.get_running_loop()

        async def read() -> Sequence[Figure]:
            return figures()

        class Figures(Collector):
            def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
                return _families(asyncio.run_coroutine_threadsafe(read(), loop).result(WAIT_S))

            def describe(self) -> list[GaugeMetricFamily]:
                return []  # or it would be read before there is a loop to answer

        registry = CollectorRegistry()
        registry.register(Figures())
        try:
            self._server, self._thread = start_http_server(port, host, registry)
        except OSError as error:
            raise ConfigError(f"cluster.metrics_port: {host}:{port}: {error.strerror}; give another port") from None

    @property
    def port(self) -> int:
        return int(self._server.server_port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        """Not waiting for a reader who waits for us."""
        self._server.shutdown()
        self._server.server_close()


def _families(figures: Sequence[Figure]) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
    from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

    families: dict[str, CounterMetricFamily | GaugeMetricFamily] = {}
    for figure in figures:
        if figure.name not in families:
            make = CounterMetricFamily if figure.counter else GaugeMetricFamily
            families[figure.name] = make(figure.name, figure.help, labels=list(figure.labels))
        families[figure.name].add_metric(list(figure.labels.values()), figure.value)
    yield from families.values()
