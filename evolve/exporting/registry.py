"""Which formats there are: the entry points of the group `evolve.exporters`, the package's own among them.

An entry point names a factory, Options -> Exporter; its name is the format's. Invariant: the order is by name, so
nothing depends on the order of installation; two packages that bring a format of the same name are refused.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import get_args

from evolve.errors import ConfigError
from evolve.exporting.exporter import Exporter, Options
from evolve.exporting.tables import Table
from evolve.text import plain

GROUP = "evolve.exporters"


def names() -> tuple[str, ...]:
    """Every format."""
    return tuple(_points())


def load_exporter(name: str, options: Options) -> Exporter:
    """Raises ConfigError for one that does not exist or cannot be made."""
    point = _points().get(name)
    if point is None:
        raise ConfigError(f"--format {plain(name)}: no such format; there are: {', '.join(names())}")
    try:
        exporter: Exporter = point.load()(options)
        if exporter.name == name and exporter.table in get_args(Table):
            return exporter
        wrong = f"it calls itself {exporter.name!r}, of table {exporter.table!r}"
    except ConfigError:
        raise
    except Exception as error:  # it is somebody else's code
        wrong = f"{type(error).__name__}: {error}"
    raise ConfigError(
        f"format {name} ({point.value}) cannot be used: {wrong}; mend or remove the package that brings it"
    )


def _points() -> dict[str, EntryPoint]:
    points: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if points.setdefault(point.name, point).value != point.value:
            both = f"{points[point.name].value} and {point.value}"
            raise ConfigError(f"two formats are named {point.name}: {both}; remove one of the packages that bring them")
    return points
