"""What is in the accepted rows: their shape, languages and openings, words of the method, and which to look at twice.

It came of looking at a real run's page and asking what it did not tell. Invariant: it counts and lists; whether a row
is wrong is for whoever reads it. Words of the method are no proof of a leak: a task may be about "erroneous code".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from evolve.checks import fences
from evolve.checks.languages import mentioned
from evolve.proxies import METHOD, words_of_the_method
from evolve.web.record import Item

SHORT = 5
"""Words: an answer of fewer explains nothing."""
SHOWN = 8
LISTED = 4
"""Rows of a list."""
_FENCE = re.compile(r"^[ \t>]*(?:```|~~~)[ \t]*([A-Za-z0-9+#.-]*)", re.MULTILINE)
_SEVERAL, _NONE = "(several named)", "(none named)"


def contents(items: Sequence[Item]) -> dict[str, Any]:
    """Of the accepted ones, by round where it says so."""
    accepted = [item for item in items if item.outcome == "accepted" and item.instruction and item.answer is not None]
    rounds: dict[int, list[Item]] = {}
    for item in accepted:
        rounds.setdefault(item.round, []).append(item)
    return {
        "rounds": sorted(rounds),
        "shapes": [_shape(rounds[number]) for number in sorted(rounds)],
        "languages": _by_round(rounds, _language),
        "openings": _by_round(rounds, _opening),
        "method": _method(rounds),
        "depths": _depths(items),
        "edges": _edges(accepted),
    }


def _shape(rows: Sequence[Item]) -> dict[str, Any]:
    answers = Counter(item.answer for item in rows)
    return {
        "rows": len(rows),
        "characters": sum(len(item.instruction or "") + len(item.answer or "") for item in rows),
        "fenced": round(sum(bool(_FENCE.search(item.answer or "")) for item in rows) / len(rows), 4),
        "short": round(sum(len((item.answer or "").split()) < SHORT for item in rows) / len(rows), 4),
        "same": sum(count for count in answers.values() if count > 1),
    }


def _by_round(rounds: Mapping[int, Sequence[Item]], key: Callable[[Item], str]) -> list[dict[str, Any]]:
    """The most frequent of all, each with its share of each round."""
    counts = {number: Counter(map(key, rows)) for number, rows in sorted(rounds.items())}
    total = sum(counts.values(), Counter[str]())
    most = sorted(total, key=lambda name: (-total[name], name))[:SHOWN]
    return [
        {"name": name, "shares": [round(of[name] / of.total(), 4) for of in counts.values()], "count": total[name]}
        for name in most
    ]


def _language(item: Item) -> str:
    """As an export's filter knows it; else what the instruction alone names."""
    if said := fences.of_answer(item.answer or "", (item.proof or {}).get("language")):
        return said
    named = [name.lower() for name in mentioned(item.instruction or "")]
    return fences.ALIASES.get(named[0], named[0]) if len(named) == 1 else _SEVERAL if named else _NONE


def _opening(item: Item) -> str:
    return " ".join(re.findall(r"[\w']+", (item.instruction or "")[:200].lower())[:3])


def _method(rounds: Mapping[int, Sequence[Item]]) -> dict[str, Any]:
    """Words of the evolving prompts in evolutions: how many rows have any, how many have each, and some of those."""
    evolved = [item for number, rows in sorted(rounds.items()) if number for item in rows]
    words = [(item, set(words_of_the_method(item.instruction or ""))) for item in evolved]
    hits = {name: [item for item, names in words if name in names] for name in METHOD}
    found = [
        {"name": name, "count": len(items), "keys": [item.key for item in items[:LISTED]]}
        for name, items in hits.items()
        if items
    ]
    return {"rows": len({item.key for items in hits.values() for item in items}), "words": found}


def _depths(items: Iterable[Item]) -> list[int]:
    """How many lineages have 0, 1, 2, ... accepted evolutions."""
    steps = Counter({item.root: 0 for item in items})
    steps.update(item.root for item in items if item.round and item.outcome == "accepted")
    counts = Counter(steps.values())
    return [counts[depth] for depth in range(max(counts, default=0) + 1)]


def _edges(accepted: Sequence[Item]) -> dict[str, list[str]]:
    """Keys of accepted evolutions that were nearest to being thrown out, or stand out."""
    evolved = [item for item in accepted if item.round]
    lists: dict[str, list[tuple[float, str]]] = {
        "Least new words": [(_score(item, "no_gain", "new_words", 1e9), item.key) for item in evolved],
        "Nearest to another seed's": [(-_score(item, "duplicate", "across", -1.0), item.key) for item in evolved],
        "Shorter than its parent": [(float(item.added), item.key) for item in evolved if item.added and item.added < 0],
        "Longest instruction": [(-item.words, item.key) for item in evolved],
        "Shortest answer": [(len(item.answer or ""), item.key) for item in evolved],
    }
    return {name: [key for _, key in sorted(scored)[:LISTED]] for name, scored in lists.items() if scored}


def _score(item: Item, check: str, name: str, missing: float) -> float:
    found = item.score(check, name)
    return missing if found is None else found
