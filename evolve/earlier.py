"""What was made before: the instructions of earlier runs and datasets, which no candidate of a run may repeat.

A run's folder gives its seeds and its accepted instructions with their lineages; anything else is read as seeds are,
of a dataset's folder the `train` files alone, each instruction a lineage of its own. Ids get a prefix from the
content, so that they can never be those of this run, and a dataset does not depend on where the earlier one lay.
Invariant: only what was kept there counts. Writes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve import seeds as seed_files
from evolve.config import EliminatorConfig
from evolve.eliminator import Item
from evolve.errors import ConfigError, SeedError
from evolve.ledger import Ledger
from evolve.records import Seed, digest

SAME = ("eliminator.embedder", "eliminator.precision")
"""What must be as it is here for an earlier run's vectors to be of use."""


@dataclass(frozen=True, slots=True)
class Earlier:
    items: tuple[Item, ...] = ()
    vectors: tuple[Path, ...] = ()
    """Folders with vectors of these texts, made as this run makes them."""
    digest: str = ""
    """Of the instructions; "" if there are none."""


def read_earlier(config: EliminatorConfig) -> Earlier:
    """All that the config names in `against`. Raises ConfigError for what is no run or dataset, or not finished."""
    items: list[Item] = []
    vectors: list[Path] = []
    for source in config.against:
        found = list(_of_source(source, config, vectors))
        prefix = digest("against", *(item.id for item in found))[:8]
        items += (Item(f"{prefix}:{item.id}", item.root_id, item.text) for item in found)
    return Earlier(tuple(items), tuple(vectors), digest(*(item.id for item in items)) if items else "")


def _of_source(source: str, config: EliminatorConfig, vectors: list[Path]) -> Iterator[Item]:
    folder = Path(source)
    if not (folder / "ledger.db").is_file():
        yield from _of_dataset(source)
        return
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        if ledger.meta("finished") is None:
            raise ConfigError(f"eliminator.against: {source}: that run is not finished; let it finish first")
        identity = json.loads(ledger.meta("identity") or "{}")
        if all(identity.get(key) == json.dumps(getattr(config, key.rpartition(".")[2])) for key in SAME):
            vectors.append(folder / "embeddings")
        yield from _of_run(ledger)


def _of_run(ledger: Ledger) -> Iterator[Item]:
    for seed in ledger.seeds():
        yield Item(seed.id, seed.id, seed.text)
    for fate in ledger.fates():
        if fate.outcome == "accepted" and fate.attempt.round and fate.child is not None:
            yield Item(fate.child.id, fate.root_id, fate.child.text)


def _of_dataset(source: str) -> Iterator[Item]:
    try:
        for file in _files(source):
            for row in seed_files.read(file):
                if isinstance(row, Seed):
                    yield Item(row.id, row.id, row.text)
    except SeedError as error:
        raise ConfigError(f"eliminator.against: {error}") from None


def _files(source: str) -> Sequence[str | Path]:
    for folder in (Path(source), Path(source) / "data"):
        if found := sorted(folder.glob("train-*.parquet")):
            return found
    return [source]
