"""Where instructions lie on a map, and how length, difficulty and diversity go round by round.

The vectors are the built-in embedder's: of words and their parts, not of meaning, but the same on every machine. The
map is their two main directions (PCA), each turned so that its largest part is positive, and stretched to fill it.
Invariant: all of it is a function of the items, in their order. Nothing here says what is good.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from evolve.embedding import BUILTIN, Embedder
from evolve.proxies import FEW
from evolve.web.record import Item, Measure, Spread

MANY = 2_000
"""Those of a round that are compared with each other at most."""
Figure = Callable[[Item], float | None]


def _step(item: Item) -> float | None:
    cosine = item.score("duplicate", "within") if item.round else None
    return None if cosine is None else 1.0 - cosine


_COUNTED: tuple[tuple[str, str, str, Figure], ...] = (
    ("words", "Words of the instruction", "Of accepted ones. A seed's own data count.", lambda item: item.words),
    (
        "added",
        "Words more than the parent",
        "WizardLM asks for 10 to 20 a step, WizardCoder for about 10 with a new constraint.",
        lambda item: item.added,
    ),
    (
        "decisions",
        "Branches and loops in the answer",
        "What stands for difficulty here: lines that begin with if, for, while, case, catch and the like (after McCabe "
        "1976). No judge was asked how hard a task is.",
        lambda item: item.decisions,
    ),
    ("lines", "Lines of the answer", "Blank ones left out.", lambda item: item.lines),
    (
        "step",
        "Distance to the nearest of its own lineage",
        "1 - cosine, as the run's duplicate check measured it. Near 0: hardly a step.",
        _step,
    ),
)


class Vectors:
    """Of instructions, each made once: a run that goes on is looked at again and again."""

    def __init__(self) -> None:
        self._embedder = Embedder(BUILTIN)
        self._known: dict[str, np.ndarray] = {}

    def of(self, items: Sequence[Item]) -> np.ndarray:
        """Shape (len(items), dimension), float32, rows of length 1; all items have an instruction."""
        missing = {item.key: item.instruction or "" for item in items if item.key not in self._known}
        self._known |= dict(zip(missing, self._embedder.encode(list(missing.values())), strict=True))
        return np.asarray([self._known[item.key] for item in items], np.float32)


def place(items: Sequence[Item], vectors: Vectors) -> list[Item]:
    """The items with their places on the map, from -1 to 1."""
    shown = [item for item in items if item.instruction]
    if len(shown) < 3:
        return list(items)
    points = dict(zip((item.key for item in shown), _plane(vectors.of(shown)).tolist(), strict=True))

    places = ((item, points.get(item.key)) for item in items)
    return [item if at is None else replace(item, x=at[0], y=at[1]) for item, at in places]


def measure(items: Iterable[Item], vectors: Vectors) -> tuple[Measure, ...]:
    """Each figure over the accepted attempts of each round."""
    rounds: dict[int, list[Item]] = {}
    for item in items:
        if item.outcome == "accepted":
            rounds.setdefault(item.round, []).append(item)
    counted = [Measure(name, title, help_, _spreads(rounds, figure)) for name, title, help_, figure in _COUNTED]
    return (*(one for one in counted if one.spreads), _diversity(rounds, vectors))


def _spreads(rounds: dict[int, list[Item]], figure: Figure) -> tuple[Spread, ...]:
    found = {
        number: [value for item in items if (value := figure(item)) is not None] for number, items in rounds.items()
    }
    return tuple(_spread(number, values) for number, values in sorted(found.items()) if values)


def _spread(number: int, values: Sequence[float] | np.ndarray) -> Spread:
    low, median, high = (round(float(value), 3) for value in np.quantile(values, (0.1, 0.5, 0.9)))
    return Spread(number, len(values), low, median, high)


def _diversity(rounds: dict[int, list[Item]], vectors: Vectors) -> Measure:
    """As many of each round as the smallest has: among more, the nearest is nearer."""
    large = {number: items for number, items in sorted(rounds.items()) if len(items) >= FEW}
    size = min([MANY, *map(len, large.values())])
    spreads = []
    for number, items in large.items():
        some = vectors.of([items[i * len(items) // size] for i in range(size)])
        cosines = some @ some.T
        np.fill_diagonal(cosines, -1.0)
        spreads.append(_spread(number, 1.0 - cosines.max(1)))
    return Measure(
        "distance",
        "Distance to the nearest of the same round",
        f"1 - cosine of the built-in embedder, among {size:,} of each round. Near 0: many alike."
        if spreads
        else f"Told from {FEW} accepted attempts a round on.",
        tuple(spreads),
    )


def _plane(vectors: np.ndarray) -> np.ndarray:
    """Shape (rows, 2), from -1 to 1, rounded so that the last bits of a sum show nowhere."""
    centred = vectors - vectors.mean(0)
    _, directions = np.linalg.eigh((centred.T @ centred).astype(np.float64))
    main = directions[:, [-1, -2]]
    main = main * np.sign(main[np.abs(main).argmax(0), [0, 1]])
    points = centred @ main
    low, high = points.min(0), points.max(0)
    spread: np.ndarray = np.round(2 * (points - low) / np.maximum(high - low, 1e-9) - 1, 3)
    return spread
