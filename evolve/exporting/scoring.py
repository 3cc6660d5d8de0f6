"""How good a row is, how hard, and in which language: what filters and the selection go by.

    score       0 to 1: how far its tests vouch for the answer
    worth       quality times complexity: the order in which rows are considered when only some are wanted
    language    the programming language of the answer

All are functions of the row alone. That quality and complexity multiply is from DEITA (arXiv:2312.15685, section 2.4),
where a model scores both; here they come from what the run measured, so no call is made.
"""

from __future__ import annotations

from typing import Any

from evolve.checks import fences
from evolve.exporting.tables import Row


def score(row: Row) -> float:
    """0 where nothing vouches for the answer. Verified: from 0.5; the rest by what is known of the proof: the share of
    slightly broken versions that the tests fail, and of candidates that do the same (their mean)."""
    proof: dict[str, Any] = row.get("verification") or {}
    if proof.get("status") != "verified":
        return 0.0
    known = [proof[name] for name in ("mutation", "agreement") if proof.get(name) is not None]
    return 0.5 + (0.5 * sum(known) / len(known) if known else 0.0)


def worth(row: Row) -> float:
    """Quality, 1 to 2 by the score; times complexity: one more for each round, twice as much where hardly any of the
    teacher's own answers pass."""
    passed = (row.get("verification") or {}).get("pass_rate")
    hardness = 2.0 - passed if passed is not None else 1.0
    return (1.0 + score(row)) * (1.0 + (row.get("round") or 0)) * hardness


def language(row: Row) -> str:
    """As the sandbox knew it, else that of the answer's first fenced block; "" where neither says."""
    return fences.of_answer(row.get("output") or "", (row.get("verification") or {}).get("language"))
