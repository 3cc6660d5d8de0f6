"""A run's folder -> what its page shows. Reads the ledger and the log, writes nothing, asks nobody."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from evolve import __version__, tallies
from evolve.dataset.columns import public_error
from evolve.folder import ledger_of
from evolve.ledger import Ledger
from evolve.proxies import proxies
from evolve.records import rng
from evolve.report import summarise
from evolve.text import clean
from evolve.web.assessment import assess, rates
from evolve.web.contents import contents
from evolve.web.measures import Vectors, measure, place
from evolve.web.reading import MOST, measured, read_items, step, unknown
from evolve.web.record import Item, PageData
from evolve.web.timeline import moments

DRAWN = 3
"""Samples of each round to be read before anything else."""


def open_ledger(folder: Path) -> Ledger:
    """That of the run in `folder`, to be read. Raises ConfigError where there is none."""
    return Ledger(ledger_of(folder), read_only=True)


def gather(ledger: Ledger, vectors: Vectors, most: int = MOST) -> tuple[PageData, list[Item]]:
    """The run's figures, and `most` items at most."""
    attempts = tallies.attempts(ledger)
    every = step(attempts, most)
    items = read_items(ledger, every)
    others = unknown(items, ledger)
    items = place(measured(items, others), vectors)
    summary = _summary(ledger)
    measures = measure(items, vectors)
    found = contents(items)
    finished = ledger.meta("finished") is not None
    data = PageData(
        name=clean(ledger.path.absolute().parent.name),
        finished=finished,
        seeds=tallies.seeds(ledger),
        summary=summary,
        passages=tuple(tallies.passages(ledger)),
        assessment=assess(summary, measures, found, items, finished=finished),
        rates=rates(summary),
        measures=measures,
        moments=moments(ledger.path.parent / "log.jsonl"),
        identity=dict(json.loads(ledger.meta("identity") or "{}")),
        examples=_drawn(items),
        proxies=proxies(ledger),
        proofs=_proofs(items),
        contents=found,
        others=others,
        attempts=attempts,
        every=every,
        version=__version__,
    )
    return data, items


def _summary(ledger: Ledger) -> dict[str, object]:
    """For machines; of failures what may be shared."""
    found = summarise(ledger).as_dict()
    failures: dict[str, int] = {}
    for error, count in found["failures"].items():
        failures[public_error(error)] = failures.get(public_error(error), 0) + count
    return found | {"failures": failures}


def _proofs(items: Sequence[Item]) -> tuple[dict[str, Any], ...]:
    """Trials by outcome, what held the code, and language; the most frequent first."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = {}
    for item in items:
        if item.proof is not None:
            key = (item.status, str(item.proof.get("tier", "none")), str(item.proof.get("language", "")))
            groups.setdefault(key, []).append(item.proof)
    return tuple(
        {"status": status, "tier": tier, "language": language, "count": len(group)}
        | {name: _middle(group, name) for name in ("assertions", "mutation")}
        | {"pass_rate": _mean(group, "pass_rate"), "repaired": sum(bool(one.get("repairs")) for one in group)}
        for (status, tier, language), group in sorted(groups.items(), key=lambda one: (-len(one[1]), one[0]))
    )


def _middle(group: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [float(one[name]) for one in group if one.get(name)]
    return round(median(known), 3) if known else None


def _mean(group: Sequence[Mapping[str, Any]], name: str) -> float | None:
    known = [float(one[name]) for one in group if one.get(name) is not None]
    return round(fmean(known), 3) if known else None


def _drawn(items: Sequence[Item]) -> dict[str, list[str]]:
    """Keys of accepted attempts by round, by lot: the same ones for the same run."""
    accepted: dict[int, list[str]] = {}
    for item in items:
        if item.outcome == "accepted":
            accepted.setdefault(item.round, []).append(item.key)
    return {
        str(number): sorted(rng("page", number, len(keys)).sample(keys, min(DRAWN, len(keys))), key=keys.index)
        for number, keys in sorted(accepted.items())
    }
