"""Runs that are looked at while they may go on: a folder's runs, and of each what its page shows by now.

Invariant: a ledger is only read, and its figures are made anew only when it has changed, and not so often that whoever
looks on costs the run more than a fifth of a core. A run is found by its name among those that are there: no path is
ever made of what a browser sends.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import RLock
from typing import Any

from evolve import tallies
from evolve.errors import ConfigError, EvolveError
from evolve.ledger import Ledger
from evolve.report import summarise
from evolve.web.gathering import gather, open_ledger
from evolve.web.measures import Vectors
from evolve.web.page import as_json
from evolve.web.reading import MOST
from evolve.web.record import Item

AT_LEAST_S, TIMES = 1.0, 4.0
"""Between two times that figures are made: so many seconds, and so many times as long as they took."""
WIDTH = 240
"""Characters of an instruction that a point of the map has."""


@dataclass(slots=True)
class _Snapshot:
    version: int
    made: float
    took: float
    data: dict[str, Any]
    items: list[Item]


class Watched:
    """One run. For several threads."""

    def __init__(self, folder: Path, most: int = MOST) -> None:
        self.lock = RLock()
        self.ledger = open_ledger(folder)
        self._most = most
        self._vectors = Vectors()
        self._last: _Snapshot | None = None

    @property
    def version(self) -> int:
        """Another number whenever the ledger has changed."""
        with self.lock:
            [(version,)] = self.ledger.rows("PRAGMA data_version")
        return int(version)

    @property
    def told(self) -> int:
        """The version that figures were last made at; now, where none were."""
        last = self._last
        return self.version if last is None else last.version

    def due(self, version: int) -> bool:
        """Whether what was told at `version` is old, and it is time to tell more."""
        last = self._last
        rested = last is None or time.monotonic() - last.made > max(AT_LEAST_S, TIMES * last.took)
        return rested and self.version != version

    def data(self) -> dict[str, Any]:
        return self._now().data

    def points(self) -> list[dict[str, Any]]:
        """Of the map, with the beginning of each instruction."""
        names = ("key", "round", "operator", "outcome", "reason", "kind", "status", "x", "y")
        return [
            {name: getattr(item, name) for name in names} | {"instruction": (item.instruction or "")[:WIDTH]}
            for item in self._now().items
            if item.x is not None
        ]

    def _now(self) -> _Snapshot:
        with self.lock:
            version = self.version
            if self._last is None or (self._last.version != version and self.due(self._last.version)):
                began = time.monotonic()
                data, items = gather(self.ledger, self._vectors, self._most)
                ended = time.monotonic()
                self._last = _Snapshot(version, ended, ended - began, as_json(data, len(items)), items)
            return self._last


class Runs:
    """Those in a folder, which may be a run's own."""

    def __init__(self, folder: Path) -> None:
        """Raises ConfigError where there is no such folder."""
        if not folder.is_dir():
            raise ConfigError(f"{folder}: no such folder; give a run's, or one that runs lie in")
        self.folder = folder.absolute()
        self.alone = (folder / "ledger.db").is_file()
        self._open: dict[str, Watched] = {}
        self._lock = RLock()

    def names(self) -> list[str]:
        if self.alone:
            return [self.folder.name]
        return sorted(path.parent.name for path in self.folder.glob("*/ledger.db"))

    def get(self, name: str) -> Watched | None:
        """Raises EvolveError where its ledger cannot be read."""
        with self._lock:
            if name not in self._open and name in self.names():
                self._open[name] = Watched(self.folder if self.alone else self.folder / name)
            return self._open.get(name)

    def listed(self) -> list[dict[str, Any]]:
        """A line for each run."""
        return [self._line(name) for name in self.names()]

    def compare(self, names: Sequence[str]) -> dict[str, Any]:
        """Settings that differ, and how far attempts came, of these runs side by side."""
        found = [watched for name in names if (watched := self.get(name)) is not None]
        identities, funnels, reasons = [], [], []
        for watched in found:
            with watched.lock:
                identities.append(dict[str, str](json.loads(watched.ledger.meta("identity") or "{}")))
                funnels.append(tallies.passages(watched.ledger))
                reasons.append(summarise(watched.ledger).reasons)
        keys = sorted({key for one in identities for key in one})
        values = {key: [one.get(key) for one in identities] for key in keys}
        return {
            "runs": [self._line(name) for name in names if self.get(name) is not None],
            "settings": {key: several for key, several in values.items() if len(set(several)) > 1},
            "funnels": funnels,
            "reasons": {
                name: [one.get(name, 0) for one in reasons] for name in dict.fromkeys(n for one in reasons for n in one)
            },
        }

    def _line(self, name: str) -> dict[str, Any]:
        try:
            watched = self.get(name)
            assert watched is not None
            with watched.lock:
                return {"name": name} | _figures(watched.ledger)
        except EvolveError as error:
            return {"name": name, "error": str(error)}


def _figures(ledger: Ledger) -> dict[str, Any]:
    passages = tallies.passages(ledger)
    totals = {name: sum(row[name] for row in passages) for name in ("attempts", "accepted", "verified")}
    summary = summarise(ledger).as_dict()
    return totals | {
        "seeds": tallies.seeds(ledger),
        "finished": ledger.meta("finished") is not None,
        "cost_usd": summary["cost_usd"],
    }
