"""A probe: what a few seeds really cost, and from that what all will.

The probe is a run over some of the plan's seeds, spread over all of them, in the run's own ledger: its calls are paid,
and the run that follows finds them there (but for crossovers, whose partners are others among fewer seeds). Its fates
are left out again: what a few seeds decide among themselves is not what all of them will. Invariant: the range is two
standard errors of the mean over the probed seeds, and at least a tenth, either way.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from math import sqrt
from statistics import fmean, stdev

from evolve.cluster import Work
from evolve.estimate import Estimate, Line, Span, attempts_of, priced
from evolve.ledger import Ledger
from evolve.money import Prices, make_prices
from evolve.plan import Plan
from evolve.records import ROLE_OF, Fate, Role, Seed
from evolve.report import Summary, summarise
from evolve.run import opened

AT_LEAST = 0.1
"""Half the width of a range that a few seeds agree on: others have other lengths, and more of them more duplicates."""

Counts = dict[tuple[Role, int], dict[str, tuple[int, int, int]]]
"""(role, round) -> root id -> calls, tokens sent, tokens received."""


async def probe(
    plan: Plan,
    work: Work,
    stop: asyncio.Event,
    count: int,
    *,
    say: Callable[[str], None] = lambda what: None,
    watch: Callable[[Fate], None] = lambda fate: None,
    paid: Callable[[float], None] = lambda usd: None,
) -> tuple[Estimate, Summary]:
    """Run some seeds; what all will come to, and what those did. Raises HaltedError where it was stopped."""
    seeds = sample(plan.seeds, count)
    async with opened(plan, work, stop, say=say) as (run, stages):
        await run.probe(seeds, stop, stages, watch, say, paid)
        prices = make_prices(plan.config, plan.config.roles)
        return extrapolate(plan, prices, run.ledger, seeds), summarise(run.ledger)


def sample(seeds: Sequence[Seed], count: int) -> list[Seed]:
    """So many of them, evenly spread."""
    step = len(seeds) / min(count, len(seeds))
    return [seeds[int(number * step)] for number in range(min(count, len(seeds)))]


def extrapolate(plan: Plan, prices: Prices, ledger: Ledger, probed: Sequence[Seed]) -> Estimate:
    """What all attempts that are to be made will come to, if all seeds are like the probed ones."""
    roots = [seed.id for seed in probed]
    attempts = attempts_of(plan)
    lines = []
    for (role, round_), found in sorted(_counts(ledger, set(roots)).items(), key=lambda item: item[0][1]):
        each = [found.get(root, (0, 0, 0)) for root in roots]
        calls, sent, received = (_span([row[n] for row in each], len(plan.seeds), attempts[round_]) for n in range(3))
        lines.append(Line(role, round_, calls, sent, received, priced(prices, role, calls, sent, received)))
    return Estimate(tuple(lines), f"{len(probed)} seeds that were run")


def _counts(ledger: Ledger, roots: set[str]) -> Counts:
    query = (
        "SELECT step, round, root_id, count(*), "
        "coalesce(sum(json_extract(reply, '$.usage.prompt_tokens')), 0), "
        "coalesce(sum(json_extract(reply, '$.usage.completion_tokens')), 0) FROM calls GROUP BY 1, 2, 3"
    )
    counts: Counts = {}
    for step, round_, root, *figures in ledger.rows(query):
        if root in roots:
            of_role = counts.setdefault((ROLE_OF[step], round_), {})
            calls, sent, received = (a + b for a, b in zip(of_role.get(root, (0, 0, 0)), figures, strict=True))
            of_role[root] = calls, sent, received
    return counts


def _span(each: Sequence[int], seeds: int, attempts: Span) -> Span:
    """The sum over a round's attempts, from what each of some seeds had; exact where all of both were run."""
    mean = fmean(each)
    if len(each) == seeds == attempts.low:
        return Span(seeds * mean, seeds * mean)
    half = max(2 * stdev(each) / sqrt(len(each)) if len(each) > 1 else 0.0, AT_LEAST * mean)
    return attempts * Span(max(0.0, mean - half), mean + half)
