"""Counts over a ledger: what became of attempts, what calls cost, what was proven. Reads only, and pays for nothing.

Each function is one SELECT; what the numbers mean for a person is the report's.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator

from evolve.ledger import Ledger
from evolve.records import Attempt


def outcomes(ledger: Ledger) -> list[tuple[int, str, str, str | None, int]]:
    """(round, operator, outcome, reason, count) over all fates."""
    query = "SELECT round, operator, outcome, reason, count(*) FROM fates GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4"
    return [tuple(row) for row in ledger.rows(query)]


def seeds(ledger: Ledger) -> int:
    [(count,)] = ledger.rows("SELECT count(*) FROM seeds")
    return int(count)


def attempts(ledger: Ledger) -> int:
    """Those that came to a fate."""
    [(count,)] = ledger.rows("SELECT count(*) FROM fates")
    return int(count)


def passages(ledger: Ledger) -> list[dict[str, int]]:
    """How far they came, by round: `attempts`, of these `read` (with an instruction), `answered`, `accepted`,
    `verified`."""
    names = ("round", "attempts", "read", "answered", "accepted", "verified")
    query = (
        "SELECT round, count(*), sum(child_id IS NOT NULL), sum(json_extract(record, '$.answer') IS NOT NULL), "
        "sum(outcome = 'accepted'), "
        "sum(outcome = 'accepted' AND coalesce(json_extract(record, '$.proof.status') = 'verified', 0)) "
        "FROM fates GROUP BY round ORDER BY round"
    )
    return [dict(zip(names, row, strict=True)) for row in ledger.rows(query)]


def failures(ledger: Ledger) -> list[tuple[str, int]]:
    """(error, count) of failed attempts, the most frequent first, ten at most."""
    query = (
        "SELECT json_extract(record, '$.error') AS error, count(*) FROM fates WHERE outcome = 'failed' "
        "GROUP BY error ORDER BY 2 DESC, error LIMIT 10"
    )
    return [(str(error), int(count)) for error, count in ledger.rows(query)]


def undecided(ledger: Ledger) -> list[tuple[str, int]]:
    """(check, count) over accepted attempts that a check could not decide on."""
    query = (
        "SELECT json_extract(value, '$.check') AS name, count(*) FROM fates, json_each(record, '$.findings') "
        "WHERE outcome = 'accepted' AND json_extract(value, '$.verdict') = 'undecided' GROUP BY name ORDER BY name"
    )
    return [(str(name), int(count)) for name, count in ledger.rows(query)]


def proofs(ledger: Ledger) -> list[tuple[int, str, int, int]]:
    """(round, operator, verified, of these repaired) over accepted attempts."""
    query = (
        "SELECT round, operator, sum(json_extract(record, '$.proof.status') = 'verified'), "
        "sum(json_extract(record, '$.proof.status') = 'verified' AND json_extract(record, '$.proof.repairs') > 0) "
        "FROM fates WHERE outcome = 'accepted' GROUP BY round, operator ORDER BY round, operator"
    )
    return [
        (round_, operator, verified or 0, repaired or 0) for round_, operator, verified, repaired in ledger.rows(query)
    ]


def kinds(ledger: Ledger) -> list[tuple[str, int, int, int, int, int]]:
    """(kind of task, attempts, accepted, verified, of these repaired, rejected), the most frequent kind first."""
    query = (
        "SELECT coalesce(json_extract(record, '$.kind'), '') AS kind, count(*), sum(outcome = 'accepted'), "
        "sum(outcome = 'accepted' AND json_extract(record, '$.proof.status') = 'verified'), "
        "sum(outcome = 'accepted' AND json_extract(record, '$.proof.status') = 'verified' "
        "AND json_extract(record, '$.proof.repairs') > 0), sum(outcome = 'rejected') "
        "FROM fates GROUP BY kind ORDER BY 2 DESC, kind"
    )
    return [(row[0] or "none", row[1], row[2], row[3] or 0, row[4] or 0, row[5]) for row in ledger.rows(query)]


def unverified(ledger: Ledger) -> list[tuple[str, int]]:
    """(why, count) of accepted attempts whose answer nothing was learnt of, the most frequent first."""
    query = (
        "SELECT json_extract(record, '$.proof.detail') AS why, count(*) FROM fates WHERE outcome = 'accepted' "
        "AND json_extract(record, '$.proof.status') = 'unverified' GROUP BY why ORDER BY 2 DESC, why"
    )
    return [(str(why), int(count)) for why, count in ledger.rows(query)]


def derived(ledger: Ledger) -> dict[str, int]:
    """Kind -> count of the tasks that were made of verified answers when the run was finished."""
    found: dict[str, int] = json.loads(ledger.meta("derived") or "{}")
    return found


def redacted(ledger: Ledger) -> dict[str, int]:
    """Rule -> how many secrets were redacted, in seeds and in replies."""
    query = (
        "SELECT score.key, sum(score.value) FROM fates, json_each(record, '$.findings') AS finding, "
        "json_each(finding.value, '$.scores') AS score "
        "WHERE json_extract(finding.value, '$.check') = 'redaction' GROUP BY score.key"
    )
    counts: Counter[str] = Counter(json.loads(ledger.meta("redacted") or "{}"))
    counts.update({str(rule): int(count) for rule, count in ledger.rows(query)})
    return dict(counts.most_common())


def evolutions(ledger: Ledger) -> Iterator[tuple[int, str, float | None]]:
    """(round, instruction, largest cosine to another lineage before it) of accepted evolutions; None: not measured."""
    query = (
        "SELECT round, json_extract(record, '$.child.text'), (SELECT json_extract(value, '$.scores.across') "
        "FROM json_each(record, '$.findings') WHERE json_extract(value, '$.check') = 'duplicate') "
        "FROM fates WHERE outcome = 'accepted' AND round > 0 ORDER BY round, position"
    )
    return ((int(round_), str(text), cosine) for round_, text, cosine in ledger.rows(query))


def gains(ledger: Ledger) -> list[tuple[int, int, int]]:
    """(round, evolutions that the judge finds to ask for more than their parent, those that it decided on)."""
    query = (
        "SELECT round, sum(json_extract(value, '$.verdict') = 'accept'), count(*) "
        "FROM fates, json_each(record, '$.findings') WHERE json_extract(value, '$.check') = 'judge_no_gain' "
        "AND (json_extract(value, '$.verdict') = 'accept' OR json_extract(value, '$.reason') = 'no_gain') "
        "GROUP BY round ORDER BY round"
    )
    return [(int(round_), int(better), int(decided)) for round_, better, decided in ledger.rows(query)]


def scores(ledger: Ledger) -> list[float]:
    """What the command of Evol Stop gave rounds 1, 2 and so on, as far as it was asked."""
    found: list[float] = json.loads(ledger.meta("scores") or "[]")
    return found


def usage(ledger: Ledger) -> list[tuple[str, int, int, int, int, int, int, float, int]]:
    """(step, calls, tries, prompt tokens, completion tokens, of these cached and reasoning, USD, replies without a
    price) over all calls, also of earlier starts."""
    counts = ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens")
    sums = ", ".join(f"coalesce(sum(json_extract(reply, '$.usage.{name}')), 0)" for name in counts)
    query = (
        f"SELECT step, count(*), sum(asked), {sums}, coalesce(sum(usd), 0.0), "
        "sum(reply IS NOT NULL AND usd IS NULL) FROM calls GROUP BY step ORDER BY step"
    )
    return [tuple(row) for row in ledger.rows(query)]


def broken_off(ledger: Ledger) -> tuple[int, int, float]:
    """(tries, tokens, USD) of what was begun and never seen to end, so that it may have been billed, at most."""
    query = "SELECT count(*), coalesce(sum(tokens), 0), coalesce(sum(usd), 0.0) FROM tries"
    [(tries, tokens, usd)] = ledger.rows(query)
    return tries, tokens, usd


def beyond(ledger: Ledger, last: Attempt) -> int:
    """Attempts canonically after that one for which a call was made."""
    query = (
        "WITH made AS (SELECT DISTINCT root_id, round FROM calls), "
        "roots AS (SELECT json_extract(record, '$.id') AS id, position FROM seeds) "
        "SELECT count(*) FROM made JOIN roots ON roots.id = made.root_id "
        f"WHERE (round, position) > ({int(last.round)}, {int(last.index)})"
    )
    [(count,)] = ledger.rows(query)
    return int(count)
