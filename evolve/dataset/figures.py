"""What a dataset's card says in numbers, counted in the tables that lie beside it and in nothing else.

Invariant: whoever has the files comes to the same figures; attempts = accepted + rejected + failed for every round and
operator. The tables are read in batches, and of each only the columns that are counted. What calls cost is not in them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow as pa

from evolve.checks.tongues import language
from evolve.dataset.reading import rows, rows_in
from evolve.errors import FolderError

TABLES = {
    "default": "train",
    "preference": "preferences",
    "rejected": "rejected",
    "lineage": "lineage",
    "derived": "derived",
}
"""Config, as `datasets` loads it -> the table in `data/`."""
EXAMPLE_CHARACTERS = 200
"""Of an instruction that is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """One operator in one round."""

    round: int
    operator: str
    accepted: int
    verified: int
    """Of the accepted."""
    rejected: int
    failed: int

    @property
    def attempts(self) -> int:
        return self.accepted + self.rejected + self.failed


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something was thrown out, and how often."""

    name: str
    rejected: int
    operators: Counter[str]
    detail: str
    """What the check saw in the first of them."""
    instruction: str
    """The beginning of that one; "" where none could be read from the reply."""


@dataclass(frozen=True, slots=True)
class Length:
    """Words in the rows of one round, the one in the middle."""

    round: int
    instruction: float
    output: float


@dataclass(frozen=True, slots=True)
class Figures:
    rows: dict[str, int]
    """Config -> rows, of the tables that have any."""
    funnel: tuple[Line, ...] = ()
    reasons: tuple[Reason, ...] = ()
    """The most frequent first."""
    lengths: tuple[Length, ...] = ()
    kinds: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Kind of the seed's task -> rows, of these verified; the most frequent first."""
    proofs: dict[tuple[str, str], int] = field(default_factory=dict)
    """(programming language, what held the code) -> verified rows."""
    repaired: int = 0
    """Verified rows whose first answer was not."""
    unverified: dict[str, int] = field(default_factory=dict)
    """Why -> rows, the most frequent first."""
    contaminated: dict[str, int] = field(default_factory=dict)
    """Check -> rows that it took for a benchmark's."""
    tongues: dict[str, int] = field(default_factory=dict)
    """Natural language -> rows whose instruction is told to be in it; short ones are told to be in none."""
    derived: dict[str, int] = field(default_factory=dict)
    """Kind of further task -> rows."""

    @property
    def train(self) -> int:
        return self.rows.get("default", 0)

    @property
    def verified(self) -> int:
        return sum(self.proofs.values())

    def total(self, name: str) -> int:
        """Sum of `attempts`, `accepted`, `verified`, `rejected` or `failed` over all rounds and operators."""
        return sum(getattr(line, name) for line in self.funnel)


def count(folder: Path) -> Figures:
    """The figures of the tables in `folder`, a dataset's `data/`; a table that is not there has no rows.

    Raises FolderError where one cannot be read.
    """
    try:
        return _count(folder)
    except (OSError, pa.ArrowException) as error:
        raise FolderError(
            f"{folder}: a table cannot be read ({error}); restore the files as they were written"
        ) from None


def _count(folder: Path) -> Figures:
    sizes = {config: sum(map(rows_in, files(folder, config))) for config in TABLES}
    train = _Train(folder)
    return Figures(
        {config: number for config, number in sizes.items() if number},
        _funnel(folder, train.verified),
        _reasons(folder),
        tuple(Length(r, median(a), median(b)) for r, (a, b) in sorted(train.lengths.items())),
        {kind: (number, train.verified_kinds[kind]) for kind, number in _ordered(train.kinds).items()},
        dict(sorted(train.proofs.items())),
        train.repaired,
        _ordered(train.unverified),
        _contaminated(folder),
        _ordered(train.tongues),
        dict(sorted(Counter(row["kind"] for row in _read(folder, "derived", "kind")).items())),
    )


def files(folder: Path, config: str) -> list[Path]:
    """The files of a config's table."""
    return sorted(folder.glob(f"{TABLES[config]}-*.parquet"))


class _Train:
    """What is counted in one pass over the train table."""

    def __init__(self, folder: Path) -> None:
        self.verified: Counter[tuple[int, str]] = Counter()
        self.lengths: dict[int, tuple[list[int], list[int]]] = defaultdict(lambda: ([], []))
        self.kinds: Counter[str] = Counter()
        self.verified_kinds: Counter[str] = Counter()
        self.proofs: Counter[tuple[str, str]] = Counter()
        self.unverified: Counter[str] = Counter()
        self.tongues: Counter[str] = Counter()
        self.repaired = 0
        for row in _read(folder, "default", "instruction", "output", "kind", "round", "operator", "verification"):
            self._add(row)

    def _add(self, row: dict[str, Any]) -> None:
        kind, proof = row["kind"] or "none", row["verification"]
        instructions, outputs = self.lengths[row["round"]]
        instructions.append(len(row["instruction"].split()))
        outputs.append(len(row["output"].split()))
        self.kinds[kind] += 1
        if tongue := language(row["instruction"]):
            self.tongues[tongue] += 1
        if proof["status"] != "verified":
            self.unverified[proof["detail"] or ""] += 1
            return
        self.verified[row["round"], row["operator"]] += 1
        self.verified_kinds[kind] += 1
        self.proofs[proof["language"] or "", proof["tier"] or ""] += 1
        self.repaired += bool(proof["repairs"])


def _funnel(folder: Path, verified: Counter[tuple[int, str]]) -> tuple[Line, ...]:
    counts: dict[tuple[int, str], Counter[str]] = defaultdict(Counter)
    for row in _read(folder, "lineage", "round", "operator", "outcome"):
        counts[row["round"], row["operator"]][row["outcome"]] += 1
    return tuple(
        Line(*key, found["accepted"], verified[key], found["rejected"], found["failed"])
        for key, found in sorted(counts.items())
    )


def _reasons(folder: Path) -> tuple[Reason, ...]:
    first: dict[str, tuple[str, str]] = {}
    operators: dict[str, Counter[str]] = defaultdict(Counter)
    for row in _read(folder, "rejected", "reason", "operator", "detail", "instruction"):
        operators[row["reason"]][row["operator"]] += 1
        shown = (row["instruction"] or "")[:EXAMPLE_CHARACTERS]
        first.setdefault(row["reason"], (row["detail"] or "", shown))
    found = (Reason(name, by.total(), by, *first[name]) for name, by in operators.items())
    return tuple(sorted(found, key=lambda reason: (-reason.rejected, reason.name)))


def _contaminated(folder: Path) -> dict[str, int]:
    rejected = _read(folder, "rejected", "reason", "check")
    return _ordered(Counter(row["check"] for row in rejected if row["reason"] == "contaminated"))


def _read(folder: Path, config: str, *columns: str) -> Iterator[dict[str, Any]]:
    for path in files(folder, config):
        yield from rows(path, columns)


def _ordered(counts: Counter[str]) -> dict[str, int]:
    """The most frequent first, equals by name."""
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))
