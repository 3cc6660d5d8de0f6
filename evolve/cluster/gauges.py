"""Figures among Ray's own, which its metrics agents serve to Prometheus."""

from __future__ import annotations

from collections.abc import Mapping

from ray.util.metrics import Gauge


class Gauges:
    """Made as they come; one that only grows is told as a gauge too, since it is read elsewhere as a whole."""

    def __init__(self) -> None:
        self._made: dict[str, Gauge] = {}

    def set(self, name: str, what: str, value: float, labels: Mapping[str, str]) -> None:
        if name not in self._made:
            self._made[name] = Gauge(name, what, tuple(labels))
        self._made[name].set(value, dict(labels))
