"""Which checks there are: the entry points of the group `evolve.checks`, the package's own among them.

An entry point names a factory, Context -> Check; its name is the check's name, which `eliminator.skip` can list.
Invariant: the order is that of REASONS, custom checks behind the built-in ones of their subject, by name; so the
reason that a candidate is given does not depend on the order of installation.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points

from evolve.eliminator.candidate import REASONS, Check, Context
from evolve.errors import ConfigError

GROUP = "evolve.checks"


def names() -> tuple[str, ...]:
    """Every check that text alone decides, in order."""
    return tuple(sorted({point.name for point in entry_points(group=GROUP)}, key=_rank))


def load_checks(context: Context) -> list[Check]:
    """One of each that is not skipped, in order. Raises ConfigError for one that cannot be made."""
    points = {point.name: point for point in entry_points(group=GROUP)}
    return [_make(points[name], context) for name in names() if name not in context.config.skip]


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
