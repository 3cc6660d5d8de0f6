"""Finding attempts in a ledger of any size: a page at a time, from a place on, by filters and by words.

Invariant: a page costs what it takes to find its rows, not what the ledger holds; what was found is in canonical order,
so that no row is shown twice or left out while more come in. The same filters as in the page's own script.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evolve.ledger import Ledger
from evolve.web.reading import make_item, measured, parsed, unknown
from evolve.web.record import Item

_TEXTS = ("$.child.text", "$.child.id", "$.answer", "$.error", "$.proof.detail")
_EQUAL: Mapping[str, str] = {
    "round": "round = CAST(? AS INTEGER)",
    "operator": "operator = ?",
    "outcome": "outcome = ?",
    "reason": "reason = ?",
    "kind": "json_extract(record, '$.kind') = ?",
    "status": "json_extract(record, '$.proof.status') = ?",
}
_LAST_ROUND = 20
"""As the config has it."""


def find(ledger: Ledger, wanted: Mapping[str, str], after: str | None, size: int) -> tuple[list[Item], str | None]:
    """Up to `size` items behind the one with the key `after`, and the key from which to go on, if there are more.

    Raises ValueError where `after` is no key.
    """
    conditions, values = ["(round, position) > (?, ?)"], list[Any](place(after) if after else (-1, -1))
    for name in _EQUAL:
        if wanted.get(name):
            conditions.append(_EQUAL[name])
            values.append(wanted[name])
    if text := wanted.get("text"):
        inside = [f"instr(lowered(coalesce(json_extract(record, '{path}'), '')), ?)" for path in _TEXTS]
        inside.append(
            "EXISTS (SELECT 1 FROM json_each(record, '$.findings') "
            "WHERE instr(lowered(json_extract(value, '$.detail')), ?))"
        )
        conditions.append(f"({' OR '.join(inside)})")
        values += [text.lower()] * len(inside)
    query = f"SELECT record FROM fates WHERE {' AND '.join(conditions)} ORDER BY round, position LIMIT ?"
    items = [parsed(record) for (record,) in ledger.rows(query, [*values, size + 1])]
    page = items[:size]
    return measured(page, unknown(page, ledger)), page[-1].key if len(items) > size else None


def lineage(ledger: Ledger, key: str) -> list[Item]:
    """All attempts on that one's seed. Raises ValueError where it is no key."""
    _, position = place(key)
    rounds = ", ".join(map(str, range(_LAST_ROUND + 1)))  # so that the primary key finds them
    query = f"SELECT record FROM fates WHERE round IN ({rounds}) AND position = ? ORDER BY round"
    items = [parsed(record) for (record,) in ledger.rows(query, (position,))]
    return measured(items, unknown(items, ledger))


def named(ledger: Ledger, id_: str) -> Item | None:
    """The attempt that made the instruction with that id. Raises ConfigError where it is the beginning of several."""
    fate = ledger.fate_of(id_)
    return None if fate is None else make_item(fate)


def place(key: str) -> tuple[int, int]:
    round_, position = key.split(".")
    return int(round_), int(position)
