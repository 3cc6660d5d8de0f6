"""What became of a run's attempts, per round and operator: always attempts = accepted + rejected + failed."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

from rich.box import SIMPLE
from rich.console import Group
from rich.table import Table
from rich.text import Text

from evolve import tallies
from evolve.ledger import Ledger
from evolve.report.usage import BrokenOff, Used, by_role, total_usage, usage_lines
from evolve.text import plain, shorten

COUNTS = ("attempts", "accepted", "verified", "repaired", "rejected", "failed")
"""Of accepted attempts some are verified, of those some repaired."""
KIND_COUNTS = ("attempts", "accepted", "verified", "repaired", "rejected")
ROUNDS_SHOWN = 5
"""Columns that fit into a line of 80 characters."""


@dataclass(frozen=True, slots=True)
class Line:
    """One operator in one round."""

    round: int
    operator: str
    accepted: int
    rejected: int
    failed: int
    reasons: dict[str, int]
    verified: int = 0
    """Of the accepted: those whose answer passes tests that were written without it."""
    repaired: int = 0
    """Of the verified: those whose first answer did not."""

    @property
    def attempts(self) -> int:
        return self.accepted + self.rejected + self.failed


@dataclass(frozen=True, slots=True)
class Summary:
    lines: tuple[Line, ...]
    usage: dict[str, Used]
    """By step: evolve, judge, answer, test, repair."""
    seconds: float
    """Driver time over all starts."""
    reasons: dict[str, int] = field(default_factory=dict)
    """Rejections by reason, the most frequent first."""

    failures: dict[str, int] = field(default_factory=dict)
    """Failed attempts by error, the ten most frequent."""
    undecided: dict[str, int] = field(default_factory=dict)
    """Accepted attempts that a check could not decide on, by check; a policy may reject them instead (see reasons)."""
    unverified: dict[str, int] = field(default_factory=dict)
    """Accepted attempts whose answer could not be proven, by why, the most frequent first; without those not tried."""
    kinds: dict[str, dict[str, int]] = field(default_factory=dict)
    """Kind of the seed's task -> KIND_COUNTS."""
    derived: dict[str, int] = field(default_factory=dict)
    """Tasks made of verified answers, by kind; nothing before the run is finished."""
    broken_off: BrokenOff = field(default_factory=BrokenOff)
    redacted: dict[str, int] = field(default_factory=dict)
    """Secrets and personal data that were redacted in seeds and replies, by rule, the most frequent first."""
    surplus: int = 0
    """Attempts that were under way beyond the target when it was reached: paid for, and in no table."""
    ended: str | None = None
    """Why it ended before its last round; None where nothing made it."""
    scores: tuple[float, ...] = ()
    """What the command of Evol Stop gave rounds 1, 2 and so on."""

    def total(self, name: str) -> int:
        """Sum of `attempts`, `accepted`, `verified`, `rejected` or any other count over all lines."""
        return sum(getattr(line, name) for line in self.lines)

    @property
    def nothing_came(self) -> bool:
        """Whether every attempt at evolving failed: then it is the endpoint or the config that failed."""
        evolved = [line for line in self.lines if line.round > 0]
        return bool(evolved) and all(line.attempts == line.failed for line in evolved)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        totals = {name: self.total(name) for name in COUNTS}
        rounds = [asdict(line) | {"attempts": line.attempts} for line in self.lines]
        usage = {step: used.as_dict() for step, used in self.usage.items()}
        roles = {role: used.as_dict() for role, used in by_role(self.usage).items()}
        return totals | {
            "reasons": self.reasons,
            "failures": self.failures,
            "undecided": self.undecided,
            "unverified": self.unverified,
            "kinds": self.kinds,
            "derived": self.derived,
            "rounds": rounds,
            "usage": usage,
            "roles": roles,
            "cost_usd": total_usage(self.usage).cost_usd,
            "broken_off": asdict(self.broken_off),
            "redacted": self.redacted,
            "surplus": self.surplus,
            "ended": self.ended,
            "scores": list(self.scores),
            "seconds": round(self.seconds, 1),
        }


def summarise(ledger: Ledger) -> Summary:
    counts: dict[tuple[int, str], Counter[str]] = {}
    reasons: dict[tuple[int, str], Counter[str]] = {}
    for round_, operator, outcome, reason, count in tallies.outcomes(ledger):
        counts.setdefault((round_, operator), Counter())[outcome] += count
        if reason is not None:
            reasons.setdefault((round_, operator), Counter())[reason] += count
    proven = {(round_, operator): figures for round_, operator, *figures in tallies.proofs(ledger)}
    lines = tuple(
        Line(
            *key,
            c["accepted"],
            c["rejected"],
            c["failed"],
            dict(reasons.get(key, Counter()).most_common()),
            *proven.get(key, (0, 0)),
        )
        for key, c in sorted(counts.items())
    )
    usage = {row[0]: Used(*row[1:]) for row in tallies.usage(ledger)}
    total = sum(reasons.values(), Counter[str]())
    return Summary(
        lines,
        usage,
        float(ledger.meta("seconds") or 0),
        dict(total.most_common()),
        dict(tallies.failures(ledger)),
        dict(tallies.undecided(ledger)),
        dict(tallies.unverified(ledger)),
        {kind: dict(zip(KIND_COUNTS, counts, strict=True)) for kind, *counts in tallies.kinds(ledger)},
        tallies.derived(ledger),
        BrokenOff(*tallies.broken_off(ledger)),
        tallies.redacted(ledger),
        int(ledger.meta("surplus") or 0),
        ledger.meta("ended"),
        tuple(tallies.scores(ledger)),
    )


def summary_table(summary: Summary) -> Table:
    """Attempts and what became of them, by round and operator."""
    table = Table(box=SIMPLE, show_footer=True, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("round", justify="right", footer="all")
    table.add_column("operator", no_wrap=True, max_width=24)  # a longer one would push the numbers out
    shown_counts = [name for name in COUNTS if name not in {"verified", "repaired"} or summary.total("verified")]
    for name in shown_counts:
        table.add_column(name, justify="right", footer=str(summary.total(name)))
    previous = None
    for line in summary.lines:
        if previous not in {None, line.round}:
            table.add_section()
        shown = str(line.round) if line.round != previous else ""
        table.add_row(shown, Text(plain(line.operator)), *(str(getattr(line, name)) for name in shown_counts))
        previous = line.round
    return table


def reasons_table(summary: Summary) -> Table:
    """Rejections by reason, and by round where these fit on a terminal; `as_dict` has them all."""
    rounds = sorted({line.round for line in summary.lines})
    rounds = rounds if len(rounds) <= ROUNDS_SHOWN else []
    table = Table(box=SIMPLE, pad_edge=False)
    table.add_column("rejected because", no_wrap=True)
    for round_ in rounds:
        table.add_column(f"round {round_}", justify="right")
    table.add_column("all", justify="right")
    for reason, total in summary.reasons.items():
        of_round = (sum(x.reasons.get(reason, 0) for x in summary.lines if x.round == round_) for round_ in rounds)
        table.add_row(Text(plain(reason)), *(str(count) if count else "" for count in of_round), str(total))
    return table


def kinds_table(summary: Summary) -> Table:
    """The same by the kind of task: the seed's, which evolving in depth keeps; none where another took its place."""
    table = Table(box=SIMPLE, pad_edge=False, padding=(0, 1, 0, 0))
    table.add_column("kind of task", no_wrap=True, max_width=24)
    for name in KIND_COUNTS:
        table.add_column(name, justify="right")
    for kind, counts in summary.kinds.items():
        table.add_row(Text(plain(kind)), *(str(counts[name]) for name in KIND_COUNTS))
    return table


def summary_page(summary: Summary) -> Group:
    """Both tables and the lines below them."""
    tables = [summary_table(summary), *([reasons_table(summary)] if summary.reasons else [])]
    tables += [kinds_table(summary)] if len(summary.kinds) > 1 else []
    failed = [f"failed   {count}: {plain(shorten(error, 160))}" for error, count in list(summary.failures.items())[:3]]
    kept = [f"kept     {count} on which {plain(check)} could not decide" for check, count in summary.undecided.items()]
    reasons = [f"unproven {count}: {plain(shorten(why, 100))}" for why, count in list(summary.unverified.items())[:4]]
    hidden = ", ".join(f"{count} {plain(rule.replace('_', ' '))}" for rule, count in summary.redacted.items())
    redacted = [f"redacted {sum(summary.redacted.values())} secrets and personal data ({hidden})"] if hidden else []
    made = ", ".join(f"{count} {kind}" for kind, count in summary.derived.items())
    derived = [f"derived  {sum(summary.derived.values())} tasks of verified answers ({made})"] if made else []
    ended = [f"ended    {plain(summary.ended)}"] if summary.ended else []
    ended += [f"scores   {', '.join(f'{score:g}' for score in summary.scores)} by round"] if summary.scores else []
    times = [f"time     {summary.seconds:.1f} s", *ended]
    times = (
        [f"surplus  {summary.surplus} attempts beyond the target or ceiling, in no table", *times]
        if summary.surplus
        else times
    )
    return Group(
        *tables,
        *map(
            Text,
            [*usage_lines(summary.usage, summary.broken_off), *times, *derived, *redacted, *kept, *reasons, *failed],
        ),
    )
