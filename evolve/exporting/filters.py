"""Which rows of a table are wanted. A row passes all filters that are given; one that is not given lets all pass."""

from __future__ import annotations

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
