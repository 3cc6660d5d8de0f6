"""Which rows of a table are wanted. A row passes all filters that are given; one that is not given lets all pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evolve.exporting.scoring import language, score
from evolve.exporting.tables import Row


@dataclass(frozen=True, slots=True)
class Filters:
    rounds: frozenset[int] = frozenset()
    """0: the seeds' own rows."""
    kinds: frozenset[str] = frozenset()
    languages: frozenset[str] = frozenset()
    """Programming languages, as in `verification` or on a code fence."""
    min_score: float = 0.0
    """See scoring.py."""
    verified: bool = False

    def keep(self, row: Row) -> bool:
        return (
            (not self.rounds or row.get("round") in self.rounds)
            and (not self.kinds or row.get("kind") in self.kinds)
            and (not self.verified or (row.get("verification") or {}).get("status") == "verified")
            and (self.min_score <= 0 or score(row) >= self.min_score)
            and (not self.languages or language(row) in self.languages)
        )

    def absent(self, rows: Iterable[Row]) -> str:
        """Of the first filter that no row has a value of: what there is instead; "" where there is none such."""
        wanted = {"round": self.rounds, "kind": self.kinds, "language": self.languages}
        there: dict[str, set[str]] = {name: set() for name in wanted}
        for row in rows:
            for name, value in (("round", row.get("round")), ("kind", row.get("kind")), ("language", language(row))):
                there[name] |= set() if value in {None, ""} else {str(value)}
        for name, values in wanted.items():
            if values and not (asked := {str(value) for value in values}) & there[name]:
                known = ", ".join(sorted(there[name])) or "none"
                return f"--{name} {', '.join(sorted(asked))}: no such row; there are: {known}"
        return ""
