"""From fates on record to items: all of them, or those of every n-th lineage where there are too many for a page.

Invariant: which lineages are taken is a function of the number of attempts alone, and a lineage is taken whole. Texts
are cut to a length that a page can bear, and what was cut is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from evolve.dataset.columns import public_error
from evolve.ledger import Ledger
from evolve.records import Fate, Finding, Proof
from evolve.web.record import Found, Item

MOST = 10_000
"""Items on a page: they open in 1.2 s on two busy cores, and are 12 MB (benchmarks/page.py)."""
TEXT = 20_000
"""Characters of one text: the longest accepted answer of a dry run has a tenth of it."""
DETAIL = 1_000
_FATE = TypeAdapter(Fate)
_DECISION = re.compile(r"^[ \t}]*(?:if|elif|else if|for|while|case|when|catch|except|switch|match)\b", re.MULTILINE)
"""What McCabe (1976) counts, as far as the beginning of a line shows it in most languages."""


def step(attempts: int, most: int = MOST) -> int:
    """Every so many-th lineage has about `most` of so many attempts at most."""
    return max(1, -(-attempts // most))


def read_items(ledger: Ledger, every: int = 1) -> list[Item]:
    """In canonical order; of every so many-th lineage."""
    query = "SELECT record FROM fates WHERE position % ? = 0 ORDER BY round, position"
    return measured(parsed(record) for (record,) in ledger.rows(query, (every,)))


def parsed(record: str) -> Item:
    """The item of a fate as the ledger keeps it."""
    return make_item(_FATE.validate_json(record))


def measured(items: Iterable[Item], known: Mapping[str, str] | None = None) -> list[Item]:
    """With what each adds to its parent; `known`: texts of parents that are not among them."""
    found = list(items)
    words = {item.id: item.words for item in found if item.id is not None}
    words = {id_: len(text.split()) for id_, text in (known or {}).items()} | words
    return [
        replace(item, added=item.words - words[item.parent]) if item.id and item.parent in words else item
        for item in found
    ]


def make_item(fate: Fate) -> Item:
    text, answer = None if fate.child is None else fate.child.text, fate.answer
    silent = [f.check for f in fate.findings if f.verdict == "accept" and not f.detail and not f.scores]
    return Item(
        key=f"{fate.attempt.round}.{fate.attempt.index}",
        id=None if fate.child is None else fate.child.id,
        root=fate.root_id,
        parent=fate.parent_id,
        partner=fate.partner_id,
        round=fate.attempt.round,
        operator=fate.operator,
        outcome=fate.outcome,
        reason=fate.reason,
        error=None if fate.error is None else public_error(fate.error),
        kind=fate.kind,
        status="" if fate.proof is None else fate.proof.status,
        instruction=_cut(text),
        answer=_cut(answer),
        cut=sum(max(0, len(whole) - TEXT) for whole in (text or "", answer or "")),
        passed=silent,
        findings=[_found(finding) for finding in fate.findings if finding.check not in silent],
        nearest=_nearest(fate.findings),
        proof=None if fate.proof is None else _proof(fate.proof),
        models=dict(fate.models),
        words=len((text or "").split()),
        lines=len([line for line in (answer or "").splitlines() if line.strip()]),
        decisions=len(_DECISION.findall(answer or "")),
    )


def unknown(items: Iterable[Item], ledger: Ledger) -> dict[str, str]:
    """Texts of what items duplicate or descend from, where that is not among them: id -> text.

    Nothing of what an earlier run made.
    """
    found = list(items)
    known = {item.id for item in found}
    named = {name for item in found for name in _named(item)} - known
    texts = ((name, ledger.fate_of(name)) for name in sorted(named))
    return {name: (_cut(fate.child.text) or "") for name, fate in texts if fate is not None and fate.child}


def as_rows(items: Iterable[Item]) -> list[dict[str, Any]]:
    """For JSON: without what is not there."""
    return [{name: value for name, value in asdict(item).items() if value not in (None, "", {}, [])} for item in items]


def _named(item: Item) -> Iterator[str]:
    yield from (name for name in (item.parent, item.partner) if name is not None)
    yield from (found.nearest for found in item.findings if found.nearest is not None)


def _cut(text: str | None) -> str | None:
    return None if text is None else text[:TEXT]


def _found(finding: Finding) -> Found:
    return Found(
        finding.check,
        str(finding.verdict),
        finding.reason,
        finding.detail[:DETAIL],
        dict(finding.scores),
        finding.nearest_id,
    )


def _nearest(findings: Iterable[Finding]) -> tuple[str, float] | None:
    nears = [near for finding in findings for near in finding.nears]
    near = max(nears, key=lambda one: one.cosine, default=None)
    return None if near is None else (near.id, round(near.cosine, 3))


def _proof(proof: Proof) -> dict[str, Any]:
    found = asdict(proof) | {"tests": proof.tests[:TEXT], "detail": proof.detail[:DETAIL]}
    found["failing"] = None if proof.failing is None else _cut(proof.failing)
    return {name: value for name, value in found.items() if value not in (None, "", {})}
