"""What a page shows, as plain records: the run's figures, and one item for each attempt.

Data flows one way: ledger -> these records -> page. Invariant: a record holds nothing but what JSON can hold, and no
key, address or account: what is shared with the page is safe to be shared. Nothing is counted or judged here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from evolve.proxies import Proxies

Level = Literal["good", "note", "doubt", "bad"]


@dataclass(frozen=True, slots=True)
class Found:
    """What one check said, where it said more than yes."""

    check: str
    verdict: str
    reason: str | None
    detail: str
    scores: Mapping[str, float]
    nearest: str | None
    """Id of what it duplicates."""


@dataclass(frozen=True, slots=True)
class Item:
    """One attempt: an evolution, or a seed's own answer."""

    key: str
    """`round.position`: unlike the id it is always there."""
    id: str | None
    root: str
    parent: str | None
    partner: str | None
    round: int
    operator: str
    outcome: str
    reason: str | None
    error: str | None
    kind: str
    status: str
    """verified, refuted, unverified, or "" where no answer was put to a trial."""
    instruction: str | None
    answer: str | None
    cut: int
    """Characters that were left out of the two texts; the dataset has them."""
    passed: Sequence[str]
    """Checks that said yes and nothing else."""
    findings: Sequence[Found]
    nearest: tuple[str, float] | None
    """Id of the nearest earlier instruction, and its cosine, as the run's own embedder saw it."""
    proof: Mapping[str, Any] | None
    models: Mapping[str, str]
    words: int = 0
    """Of the instruction."""
    added: int | None = None
    """Words more than its parent has; None for seeds."""
    lines: int = 0
    """Of the answer."""
    decisions: int = 0
    """Lines of the answer that begin a branch or a loop."""
    x: float | None = None
    """Place on the map; None where there is no instruction."""
    y: float | None = None

    def score(self, check: str, name: str) -> float | None:
        """What that check held to its threshold; None where it did not."""
        return next((one.scores[name] for one in self.findings if one.check == check and name in one.scores), None)


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure over the accepted attempts of one round, as quantiles."""

    round: int
    count: int
    low: float
    """A tenth is below."""
    median: float
    high: float
    """A tenth is above."""


@dataclass(frozen=True, slots=True)
class Measure:
    """A figure that ought to grow, or at least not to fall, round by round."""

    name: str
    title: str
    help: str
    spreads: tuple[Spread, ...]


@dataclass(frozen=True, slots=True)
class Warning_:
    """Something that whoever wants to train on this should know."""

    level: Level
    title: str
    text: str
    source: str
    """Where the threshold is from."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """In a sentence: does it look good?"""

    level: Level
    sentence: str
    warnings: tuple[Warning_, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """The run's figures at one time, over all its starts."""

    seconds: float
    """Since the first start."""
    accepted: int
    rejected: int
    failed: int
    per_minute: int
    in_flight: int
    usd: float | None
    turned_away: int


@dataclass(frozen=True, slots=True)
class PageData:
    """All but the items."""

    name: str
    """Of the folder."""
    finished: bool
    seeds: int
    summary: Mapping[str, Any]
    """As `evolve show --json` prints it."""
    passages: tuple[Mapping[str, int], ...]
    """Per round: how many attempts came how far."""
    assessment: Assessment
    rates: tuple[Mapping[str, Any], ...]
    """Per reason: its share of the attempts of each round, beside that of a known run."""
    measures: tuple[Measure, ...]
    moments: tuple[Moment, ...]
    identity: Mapping[str, str]
    """Settings that decided what came out -> value."""
    examples: Mapping[str, Sequence[str]]
    """Round -> keys of accepted attempts drawn by lot, to be read before anything else."""
    proxies: tuple[Proxies, ...] = ()
    """Of each round, the figures that can end a run."""
    proofs: tuple[Mapping[str, Any], ...] = ()
    """Trials by outcome, what held the code, and language."""
    contents: Mapping[str, Any] = field(default_factory=dict)
    """Of the accepted rows: see contents.py."""
    others: Mapping[str, str] = field(default_factory=dict)
    """Texts of instructions that items name and that are none of them: id -> text."""
    attempts: int = 0
    """On record."""
    every: int = 1
    """The items are those of every so many-th lineage: 1 is all of them."""
    version: str = ""
    """Of evolve."""
