"""The format `fim`: gaps to fill, as the strings that a model is trained on, in the sentinels of its tokenizer.

The gaps are those of the table `derived`, which holds their parts without any sentinel; so an export can be for another
model than the run was. Whose sentinels: a family of derive/fim, three strings, or the family whose sentinels a
tokenizer has. A gap whose text holds a sentinel is left out: its string could not be taken apart again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import pyarrow as pa

from evolve.derive import TOKENS, Tokens, psm, spm
from evolve.errors import ConfigError
from evolve.exporting.exporter import Options
from evolve.exporting.tables import Row, Table
from evolve.text import plain

_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string()), ("order", pa.string())])
_WRITERS = {"psm": psm, "spm": spm}


@dataclass(frozen=True, slots=True)
class Fim:
    """One string a gap, or two: prefix, suffix, middle, and suffix, prefix, middle."""

    tokens: Tokens
    orders: tuple[str, ...] = ("psm",)
    name: str = "fim"
    table: Table = "derived"
    schema: pa.Schema = _SCHEMA

    @property
    def llama_factory(self) -> Mapping[str, Any]:
        return {"columns": {"prompt": "text"}}

    @classmethod
    def make(cls, options: Options) -> Self:
        orders = ("psm", "spm") if options.order == "both" else (options.order,)
        tokens = _tokens(options)
        if tokens.psm_alone and "spm" in orders:
            raise ConfigError(
                f"--order {options.order}: models with the sentinel {tokens.prefix} were trained on psm alone; leave "
                "it out"
            )
        return cls(tokens, orders)

    def __call__(self, row: Row) -> list[Row]:
        if row["middle"] is None:
            return []
        parts = row["prefix"], row["suffix"], row["middle"]
        try:
            texts = [(_WRITERS[order](*parts, self.tokens), order) for order in self.orders]
        except ValueError:
            return []
        return [{"id": row["id"], "text": text, "order": order} for text, order in texts]


def _tokens(options: Options) -> Tokens:
    given = [options.fim is not None, options.sentinels is not None, options.tokenizer is not None]
    if sum(given) != 1:
        raise ConfigError(
            f"--format fim: say whose sentinels, in one way: --fim FAMILY ({', '.join(TOKENS)}), --tokenizer FOLDER, "
            "or --sentinels PREFIX,SUFFIX,MIDDLE"
        )
    if options.sentinels is not None:
        if len(set(options.sentinels)) < 3 or not all(mark.strip() for mark in options.sentinels):
            raise ConfigError("--sentinels: three different strings are expected: PREFIX,SUFFIX,MIDDLE")
        return Tokens(*options.sentinels)
    if options.tokenizer is not None:
        return _of_tokenizer(options.tokenizer)
    if options.fim is None or options.fim not in TOKENS:
        raise ConfigError(f"--fim {plain(str(options.fim))}: no such family; there are: {', '.join(TOKENS)}")
    return TOKENS[options.fim]


def _of_tokenizer(folder: Path) -> Tokens:
    """The family all of whose sentinels are tokens of their own there."""
    path = folder / "tokenizer.json"
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
        added = {str(token["content"]).strip(" ▁") for token in read.get("added_tokens") or []}
        vocabulary = read["model"].get("vocab") or {}
        added |= {str(token).strip("▁") for token in vocabulary} if isinstance(vocabulary, dict) else set()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ConfigError(f"--tokenizer {folder}: no readable tokenizer.json there: {error}") from None
    for tokens in TOKENS.values():
        if all(mark in added for mark in tokens.marks):
            return tokens
    raise ConfigError(
        f"--tokenizer {folder}: it has the sentinels of none of {', '.join(TOKENS)}; give them with --sentinels"
    )
