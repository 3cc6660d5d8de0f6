"""Which checks there are: the entry points of the group `evolve.checks`, the package's own among them.

An entry point names a factory, Context -> Check; its name is the check's name, which `eliminator.skip` can list.
Invariant: the order is that of REASONS, custom checks behind the built-in ones of their subject, by name; so the
reason that a candidate is given does not depend on the order of installation.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from evolve.checks.candidate import REASONS, Check, Context
from evolve.errors import ConfigError

GROUP = "evolve.checks"


def names() -> tuple[str, ...]:
    """Every check that text alone decides, in order."""
    return tuple(_points())


def load_checks(context: Context) -> list[Check]:
    """One of each that is not skipped, in order. Raises ConfigError for one that cannot be made."""
    return [_make(point, context) for name, point in _points().items() if name not in context.config.skip]


def _points() -> dict[str, EntryPoint]:
    points: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: _rank(point.name)):
        if points.setdefault(point.name, point).value != point.value:
            both = f"{points[point.name].value} and {point.value}"
            raise ConfigError(f"two checks are named {point.name}: {both}; remove one of the packages that bring them")
    return points


def _rank(name: str) -> tuple[int, str]:
    return (REASONS.index(name) if name in REASONS else len(REASONS), name)


def _make(point: EntryPoint, context: Context) -> Check:
    try:
        check: Check = point.load()(context)
        if check.name == point.name and check.subject in {"instruction", "answer"}:
            return check
        wrong = f"it calls itself {check.name!r}, of subject {check.subject!r}"
    except ConfigError:
        raise
    except Exception as error:  # it is somebody else's code
        wrong = f"{type(error).__name__}: {error}"
    raise ConfigError(
        f"check {point.name} ({point.value}) cannot be used: {wrong}; mend or remove the package that brings it, "
        "or leave it out with eliminator.skip"
    )
