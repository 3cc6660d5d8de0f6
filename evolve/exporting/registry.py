"""Which formats there are: the entry points of the group `evolve.exporters`, the package's own among them.

An entry point names a factory, Options -> Exporter; its name is the format's. Invariant: the order is by name, so
nothing depends on the order of installation; two packages that bring a format of the same name are refused.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import get_args

from evolve import plugins
from evolve.errors import ConfigError
from evolve.exporting.exporter import Exporter, Options
from evolve.exporting.tables import Table
from evolve.text import plain

GROUP = "evolve.exporters"


def names() -> tuple[str, ...]:
    """Every format."""
    return tuple(_points())


def is_own(name: str) -> bool:
    """Whether a format that exists is the package's own."""
    return _points()[name].value.startswith("evolve.")


def load_exporter(name: str, options: Options) -> Exporter:
    """Raises ConfigError for one that does not exist or cannot be made."""
    point = _points().get(name)
    if point is None:
        raise ConfigError(f"--format {plain(name)}: no such format; there are: {', '.join(names())}")
    exporter: Exporter = plugins.make(point, "format", options, "table", get_args(Table))
    return exporter


def _points() -> dict[str, EntryPoint]:
    return plugins.find(GROUP, "format", str)
