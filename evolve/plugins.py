"""Entry points of a group, the package's own among them: found by name, and made into what they stand for.

Invariant: nothing depends on the order of installation; two packages that bring one name are refused, and whatever
goes wrong in somebody else's code is told with the package to mend. What is made of them is not known here.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from evolve.errors import ConfigError


def find(group: str, what: str, key: Callable[[str], Any]) -> dict[str, EntryPoint]:
    """Name -> entry point, in the order of `key` of the name. `what`: one of them, in a word. Raises ConfigError."""
    points: dict[str, EntryPoint] = {}
    for point in sorted(entry_points(group=group), key=lambda point: key(point.name)):
        if points.setdefault(point.name, point).value != point.value:
            both = f"{points[point.name].value} and {point.value}"
            raise ConfigError(f"two {what}s are named {point.name}: {both}; remove one of the packages that bring them")
    return points


def make(  # noqa: PLR0917  (what is expected of it, and who is told)
    point: EntryPoint, what: str, given: object, attribute: str, allowed: Collection[str], otherwise: str = ""
) -> Any:  # noqa: ANN401
    """What the point's factory makes of `given`: named like the point, its `attribute` one of those allowed.

    Raises ConfigError where it is not, or cannot be made; `otherwise`: what else there is to do than to mend it.
    """
    try:
        made = point.load()(given)
        if made.name == point.name and getattr(made, attribute) in allowed:
            return made
        wrong = f"it calls itself {made.name!r}, of {attribute} {getattr(made, attribute)!r}"
    except ConfigError:
        raise
    except Exception as error:  # it is somebody else's code
        wrong = f"{type(error).__name__}: {error}"
    advice = f"mend or remove the package that brings it{otherwise}"
    raise ConfigError(f"{what} {point.name} ({point.value}) cannot be used: {wrong}; {advice}")
