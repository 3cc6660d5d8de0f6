"""Which checks there are: the entry points of the group `evolve.checks`, the package's own among them.

An entry point names a factory, Context -> Check; its name is the check's name, which `eliminator.skip` can list.
Invariant: the order is that of REASONS, custom checks behind the built-in ones of their subject, by name; so the
reason that a candidate is given does not depend on the order of installation.
"""

from __future__ import annotations

from importlib.metadata import EntryPoint
from typing import get_args

from evolve import plugins
from evolve.checks.candidate import REASONS, Check, Context, Subject

GROUP = "evolve.checks"


def names() -> tuple[str, ...]:
    """Every check that text alone decides, in order."""
    return tuple(_points())


def load_checks(context: Context) -> list[Check]:
    """One of each that is not skipped, in order. Raises ConfigError for one that cannot be made."""
    otherwise = ", or leave it out with eliminator.skip"
    points = [point for name, point in _points().items() if name not in context.config.skip]
    return [plugins.make(point, "check", context, "subject", get_args(Subject), otherwise) for point in points]


def _points() -> dict[str, EntryPoint]:
    return plugins.find(GROUP, "check", _rank)


def _rank(name: str) -> tuple[int, str]:
    return (REASONS.index(name) if name in REASONS else len(REASONS), name)
