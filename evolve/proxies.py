"""What a round's fates say of evolving itself: five figures that stand in for training a model after every round.

    acceptance     fewer and fewer evolutions are fit to be kept
    gain           the judge finds fewer that ask for more than their parent (WizardLM: judged difficulty stagnates)
    distance       what is kept lies nearer and nearer to what was there before: the instructions collapse into few
    leaks          evolutions talk of the method; leaked parents leak again
    contamination  evolving turns into benchmark items

The page shows them, the card has them, and `target.stop_when` holds a run to them: counted here, and nowhere else.
Invariant: a round's figures are a function of that round's fates. What is good enough is not decided here; a model that
was trained on the rows may say otherwise (see stopping.py).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from statistics import quantiles

from evolve import tallies
from evolve.ledger import Ledger

FEW = 20
"""Accepted attempts that a round must have for its diversity to be told."""
METHOD: Mapping[str, re.Pattern[str]] = {
    "a heading between number signs": re.compile(r"^[ \t]*#+ ?[A-Z][\w ]{2,40}#+[ \t]*:?[ \t]*$", re.MULTILINE),
    "erroneous code": re.compile(r"\berroneous[ _]code\b", re.IGNORECASE),
    "the given / original / new prompt": re.compile(r"\b(?:given|original|new|rewritten) prompt\b", re.IGNORECASE),
    "evolve, evolved": re.compile(r"\bevolved?\b", re.IGNORECASE),
    "increase the difficulty": re.compile(
        r"\b(?:increas|rais)\w+ the difficulty\b|\bdifficulty level\b", re.IGNORECASE
    ),
    "the modified version": re.compile(r"\bthe modified (?:version|question|task)\b", re.IGNORECASE),
}
"""Words of the method: what leaked into accepted rows of the recorded run, and what its prompts have words for. No
proof of a leak: a task may be about "erroneous code"."""
_LEAK, _CONTAMINATED = "prompt_leak", "contaminated"
_DIGITS = 4


@dataclass(frozen=True, slots=True)
class Proxies:
    """One round, all its operators together. Shares are 0-1."""

    round: int
    """From 1: of the seeds nothing was evolved."""
    attempts: int
    acceptance: float
    """Share of the attempts."""
    gain: float | None
    """Share of what the judge was asked about, and decided, that asks for more than its parent. None: nothing was."""
    distance: float | None
    """1 - cosine to the nearest instruction of another lineage that came before, as the run's duplicate check measured
    it with the run's embedder; a tenth of the accepted are nearer. None: fewer than FEW were measured."""
    leaks: float
    """Share of the attempts that were thrown out for `prompt_leak`, or were accepted with words of the method."""
    contamination: float
    """Share of the attempts that were thrown out as `contaminated`."""


def proxies(ledger: Ledger) -> tuple[Proxies, ...]:
    """Of each round that has fates on record, the first one first."""
    attempts: dict[int, int] = {}
    counts: dict[tuple[int, str | None], int] = {}
    for round_, _, outcome, reason, count in tallies.outcomes(ledger):
        if round_:
            attempts[round_] = attempts.get(round_, 0) + count
            for key in (outcome, reason):
                counts[round_, key] = counts.get((round_, key), 0) + count
    near, flagged = _accepted(tallies.evolutions(ledger))
    gains = {round_: (better, decided) for round_, better, decided in tallies.gains(ledger)}

    def share(round_: int, count: int) -> float:
        return round(count / attempts[round_], _DIGITS)

    def gain(round_: int) -> float | None:
        better, decided = gains.get(round_, (0, 0))
        return round(better / decided, _DIGITS) if decided else None

    return tuple(
        Proxies(
            round=n,
            attempts=attempts[n],
            acceptance=share(n, counts.get((n, "accepted"), 0)),
            gain=gain(n),
            distance=_tenth(near.get(n, [])),
            leaks=share(n, counts.get((n, _LEAK), 0) + flagged.get(n, 0)),
            contamination=share(n, counts.get((n, _CONTAMINATED), 0)),
        )
        for n in sorted(attempts)
    )


def words_of_the_method(text: str) -> Iterator[str]:
    """Those of METHOD that stand in an instruction."""
    return (name for name, words in METHOD.items() if words.search(text))


def _accepted(rows: Iterable[tuple[int, str, float | None]]) -> tuple[dict[int, list[float]], dict[int, int]]:
    """By round: distances, and how many have words of the method."""
    near: dict[int, list[float]] = {}
    flagged: dict[int, int] = {}
    for round_, text, cosine in rows:
        if cosine is not None:
            near.setdefault(round_, []).append(1.0 - cosine)
        flagged[round_] = flagged.get(round_, 0) + any(words_of_the_method(text))
    return near, flagged


def _tenth(distances: list[float]) -> float | None:
    return round(quantiles(distances, n=10, method="inclusive")[0], _DIGITS) if len(distances) >= FEW else None
