"""`evolve export`: a run's dataset in the format that a trainer wants."""

from __future__ import annotations

import json
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evolve.cli.app import AsJson, out
from evolve.errors import ConfigError
from evolve.text import plain

if TYPE_CHECKING:
    from evolve.exporting import Exported


class _Files(StrEnum):
    parquet = "parquet"
    jsonl = "jsonl"


class _Order(StrEnum):
    psm = "psm"
    spm = "spm"
    both = "both"


class _Pairs(StrEnum):
    answers = "answers"
    instructions = "instructions"
    both = "both"


_Target = Annotated[Path, typer.Option("--out", help="The folder to write; it must not be there yet.")]
_Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="default, messages, alpaca, sharegpt, prompt-completion, preference, fim, rendered, or of a package.",
    ),
]
_Round = Annotated[list[int] | None, typer.Option("--round", help="Only rows of this round; 0: the seeds' own.")]
_Kind = Annotated[list[str] | None, typer.Option("--kind", help="Only rows of this kind of task.")]
_Language = Annotated[
    list[str] | None, typer.Option("--language", help="Only rows whose answer is in this programming language.")
]
_Score = Annotated[
    float, typer.Option(min=0, max=1, help="Only rows whose tests vouch for the answer that far; verified: from 0.5.")
]
_Verified = Annotated[bool, typer.Option("--verified-only", help="Only rows whose answer is verified.")]
_Select = Annotated[
    int | None, typer.Option(min=1, help="So many rows at most: of the best, those far from one another.")
]
_Validation = Annotated[
    float, typer.Option(min=0, max=1, help="Share of the lineages, whole, that go to a validation split.")
]
_Compression = Annotated[
    str | None, typer.Option(help="Parquet: zstd (default), snappy, gzip, none. JSONL: none (default), gzip, zstd.")
]
_Shards = Annotated[int, typer.Option(min=1, max=99_999, help="Files of each split.")]
_Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace an export that is there.")]
_Template = Annotated[
    str | None,
    typer.Option(help="rendered: a tokenizer's folder, a chat template's file, stablecode or deepseek-coder."),
]
_System = Annotated[str | None, typer.Option(help="rendered: what the system's turn says.")]
_Fim = Annotated[str | None, typer.Option(help="fim: whose sentinels: starcoder2, qwen, deepseek, codellama.")]
_Tokenizer = Annotated[Path | None, typer.Option(help="fim: a tokenizer's folder, whose sentinels are taken.")]
_Sentinels = Annotated[str | None, typer.Option(help="fim: PREFIX,SUFFIX,MIDDLE, in place of a family.")]


def export(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="A run's folder.")],
    *,
    target: _Target,
    format_: _Format = "default",
    round_: _Round = None,
    kind: _Kind = None,
    language: _Language = None,
    min_score: _Score = 0.0,
    verified_only: _Verified = False,
    select: _Select = None,
    validation: _Validation = 0.0,
    files: Annotated[_Files, typer.Option(help="What the files are.")] = _Files.parquet,
    compression: _Compression = None,
    shards: _Shards = 1,
    overwrite: _Overwrite = False,
    template: _Template = None,
    system: _System = None,
    fim: _Fim = None,
    tokenizer: _Tokenizer = None,
    sentinels: _Sentinels = None,
    order: Annotated[_Order, typer.Option(help="fim: prefix or suffix first, or a row of each.")] = _Order.psm,
    pairs: Annotated[_Pairs, typer.Option(help="preference: pairs of which texts.")] = _Pairs.both,
    json_: AsJson = False,
) -> None:
    """Write a run's dataset in the format that a trainer wants: filtered, selected, split, in shards.

    A filter that is given several times takes rows that fit any of its values. Nothing in the run is changed.
    """
    from evolve.config import prepare_environment
    from evolve.exporting import Filters, Options, Settings, export_run

    prepare_environment()

    rounds, kinds, languages = frozenset(round_ or ()), frozenset(kind or ()), frozenset(language or ())
    filters = Filters(rounds, kinds, languages, min_score, verified_only)
    options = Options(template, system, fim, _three(sentinels), tokenizer, order.value, pairs.value)
    settings = Settings(filters, options, select, validation, files.value, compression, shards)
    _report(export_run(run, format_, target, settings, overwrite=overwrite), format_, as_json=json_)


def _three(given: str | None) -> tuple[str, str, str] | None:
    if given is None:
        return None
    parts = given.split(",")
    if len(parts) != 3:
        raise ConfigError("--sentinels: three strings are expected, with commas in between: PREFIX,SUFFIX,MIDDLE")
    return parts[0], parts[1], parts[2]


def _report(found: Exported, format_: str, *, as_json: bool) -> None:
    if as_json:
        tree = asdict(found) | {"format": format_, "folder": str(found.folder)}
        out.print(json.dumps(tree), soft_wrap=True)
        return
    lines: dict[str, str] = {
        "format": format_,
        **{str(split): f"{count} rows" for split, count in found.rows.items() if count},
        "not wanted": f"{found.filtered} rows" if found.filtered else "",
        "left out": f"{found.without} rows without a place in this format" if found.without else "",
        "between": f"{found.between} rows of two families, one on each side" if found.between else "",
        "folder": str(found.folder),
        "unchanged": "all of it is there already, byte for byte; nothing was written" if found.already else "",
    }
    for key, value in lines.items():
        if value:
            out.print(f"{key:12} {plain(value)}", soft_wrap=True)
