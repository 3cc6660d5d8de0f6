"""Pairs of which one is better: a view over a run's tables, and the format `preference` made of it.

answers       chosen passes the tests that rejected fails: the table `preferences`, with what `train` knows of its row
instructions  of one parent's children, chosen survived and rejected was eliminated for what its text says; the prompt
              asks to make the parent harder. It teaches an evolver, not one who answers.

What was eliminated as a duplicate, a benchmark's item or a secret is in no pair: the first is no worse a text, the
others must be in no dataset. Nor is what was evolved in breadth, out of two, or into another language: the prompt asks
for none of that. Invariant: memory does not grow with the tables: answers are joined in step, since both tables lie in
canonical order, and instructions in passes over a share of the lineages each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Self

import pyarrow as pa

from evolve.dataset import MESSAGES
from evolve.errors import ConfigError
from evolve.exporting.exporter import Options
from evolve.exporting.tables import Row, Table, Tables
from evolve.method import IN_BREADTH, TRANSLATE
from evolve.records import digest

AT_ONCE = 20_000
"""Attempts whose texts a pass holds: some 30 MB."""
OF_TEXT = frozenset(
    {
        "prompt_leak",
        "answer_leak",
        "no_gain",
        "lost_input",
        "regression",
        "unsolvable",
        "off_topic",
        "language_drift",
        "too_long",
    }
)
"""Reasons of elimination that say that an instruction is worse than one that survived."""
UNFIT = frozenset({"contaminated", "secret"})
"""Reasons of what must not be said anywhere, not even in a prompt."""
ELSEWHERE = (*IN_BREADTH, TRANSLATE)
"""How the names of operators begin that do not make the same task harder; a package's own may have other names."""
REQUEST = "Make this programming task harder in one way, and keep it one that can be solved:\n\n{task}"
"""What the prompt of a pair of instructions asks."""
_SCHEMA = pa.schema(
    [
        ("id", pa.string()),  # of the sample that `chosen` is of
        ("pair", pa.string()),  # answers or instructions
        ("instruction", pa.string()),  # the prompt as text
        ("input", pa.string()),
        ("chosen", MESSAGES),
        ("rejected", MESSAGES),
        ("chosen_text", pa.string()),
        ("rejected_text", pa.string()),
        ("reason", pa.string()),  # what is wrong with the rejected one
    ]
)
Kept = Literal["answers", "instructions", "both"]


def pair_rows(tables: Tables, kept: Kept) -> Iterator[Row]:
    """Rows of the view: those of `train`, with `pair`, `prompt`, `chosen`, `rejected` and `reason` besides."""
    if kept != "instructions":
        yield from _answers(tables)
    if kept != "answers":
        yield from _instructions(tables)


def _answers(tables: Tables) -> Iterator[Row]:
    pairs = tables.rows("preferences")
    pair = next(pairs, None)
    for row in tables.rows("train"):
        if pair is None:
            return
        if pair["id"] == row["id"]:
            rejected = pair["rejected"][-1]["content"]
            yield _pair(row, "answers", row["instruction"], row["output"], rejected, "fails the tests")
            pair = next(pairs, None)
    if pair is not None:
        raise ConfigError(
            f"{tables.folder}: row {pair['id']} of `preferences` is not in `train`, or their order differs; "
            "run `evolve run` again on that folder, so that it writes both anew"
        )


def _instructions(tables: Tables) -> Iterator[Row]:
    passes = 1 + (tables.count("train") + tables.count("rejected")) // AT_ONCE
    for number in range(passes):
        yield from _of_lineages(tables, number, passes)


def _of_lineages(tables: Tables, number: int, passes: int) -> Iterator[Row]:
    """Pairs of the lineages of one pass: of each parent its eliminated children, in order, against the one that
    survived; of a parent that has none there is no pair."""
    ours = ("id", "instruction", "root_id", "parent_id", "operator", "reason")
    eliminated: dict[str, list[Row]] = {}
    texts: dict[str, str] = {}
    for row in tables.rows("rejected", ours):
        if int(digest(row["root_id"]), 16) % passes != number or row["instruction"] is None:
            continue
        if row["reason"] not in UNFIT:  # a seed whose answer was thrown out is still a parent
            texts[row["id"]] = row["instruction"]
        if _deeper(row) and row["reason"] in OF_TEXT:
            eliminated.setdefault(row["parent_id"], []).append(row)
    for row in tables.rows("train"):
        if int(digest(row["root_id"]), 16) % passes != number:
            continue
        texts[row["id"]] = row["instruction"]
        parent = texts.get(row["parent_id"]) if _deeper(row) else None
        for worse in eliminated.pop(row["parent_id"], []) if parent is not None else []:
            asked = REQUEST.format(task=parent)
            yield _pair(row, "instructions", asked, row["instruction"], worse["instruction"], worse["reason"])


def _deeper(row: Row) -> bool:
    return row["parent_id"] is not None and not row["operator"].startswith(ELSEWHERE)


def _pair(row: Row, pair: str, prompt: str, chosen: str, rejected: str, reason: str) -> Row:  # noqa: PLR0917
    return row | {"pair": pair, "prompt": prompt, "chosen": chosen, "rejected": rejected, "reason": reason}


@dataclass(frozen=True, slots=True)
class Preference:
    """Chosen and rejected, each as the whole chat and as text. There is no column `prompt`: TRL finds it as what both
    begin with."""

    name: str = "preference"
    table: Table = "pairs"
    schema: pa.Schema = _SCHEMA

    @property
    def llama_factory(self) -> Mapping[str, Any]:
        columns = {"prompt": "instruction", "query": "input", "chosen": "chosen_text", "rejected": "rejected_text"}
        return {"ranking": True, "columns": columns}

    @classmethod
    def make(cls, options: Options) -> Self:
        del options
        return cls()

    def __call__(self, row: Row) -> list[Row]:
        if row["chosen"] == row["rejected"]:
            return []
        asked = {"role": "user", "content": row["prompt"]}
        said = {side: [asked, {"role": "assistant", "content": row[side]}] for side in ("chosen", "rejected")}
        same = {name: row[name] for name in ("id", "pair", "reason")}
        texts = {"instruction": row["prompt"], "input": ""}
        return [same | texts | said | {"chosen_text": row["chosen"], "rejected_text": row["rejected"]}]
