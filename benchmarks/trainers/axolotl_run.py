"""Whether axolotl's own loaders take the exports: a config validated, then `load_datasets` as its commands call it.

    python -m venv VENV && VENV/bin/pip install -r benchmarks/trainers/requirements-axolotl.txt
    VENV/bin/pip install --no-deps axolotl==0.19.0
    AXOLOTL_DO_NOT_TRACK=1 VENV/bin/python benchmarks/trainers/axolotl_run.py EXPORTS

EXPORTS is as for trl_run.py. Each is loaded with the settings of CASES, which are those that a user writes. Of every
row it is looked at what was tokenised, and which part of it is learned; five are printed. Nothing is trained.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from axolotl.cli.config import load_cfg
from axolotl.common.datasets import load_datasets, load_preference_datasets
from axolotl.loaders import load_tokenizer
from axolotl.utils.dict import DictDefault
from tiny import END, LENGTH, cases, chatml, compare, learned, make_folder, read

CHAT = {"type": "chat_template"}
ALPACA = {"type": "alpaca"}
COMPLETION = {"type": "completion"}
SHAREGPT = {
    "type": "chat_template",
    "field_messages": "conversations",
    "message_property_mappings": {"role": "from", "content": "value"},
}
CASES: dict[str, list[dict[str, Any]]] = {
    "default": [CHAT, ALPACA],
    "messages": [CHAT],
    "alpaca": [ALPACA],
    "sharegpt": [SHAREGPT],
    "preference": [{"type": "chat_template.argilla_chat"}],
    "fim": [COMPLETION],
    "rendered": [COMPLETION],
}
"""Of each format the entries of `datasets:` that it is loaded with, path aside."""
PREAMBLE = (
    "Below is an instruction that describes a task. Write a response that appropriately completes the request.\n\n"
    "### Instruction:\n{}\n\n### Response:\n"
)
"""What axolotl's `alpaca` puts around an instruction without input."""


def load(export: Path, entry: dict[str, Any], preference: bool, folder: str) -> tuple[Any, Any]:
    """Rows as they go to its trainer, and its tokenizer."""
    config = {
        "base_model": make_folder(read(export), Path(folder, "model")),
        "datasets": [{"path": str(export), **entry}],
        "sequence_len": LENGTH,
        "micro_batch_size": 1,
        "gradient_accumulation_steps": 1,
        "num_epochs": 1,
        "learning_rate": 0.0001,
        "dataset_prepared_path": f"{folder}/prepared",
        "output_dir": f"{folder}/out",
        **({"rl": "dpo"} if preference else {}),
    }
    settings = load_cfg(DictDefault(config))
    load_rows = load_preference_datasets if preference else load_datasets
    return load_rows(cfg=settings).train_dataset, load_tokenizer(settings)


def run(export: Path, name: str, entry: dict[str, Any], wanted: list[tuple[str, ...]]) -> bool:
    with tempfile.TemporaryDirectory() as folder:
        rows, tokenizer = load(export, entry, name == "preference", folder)
        if name == "preference":  # it leaves the tokens to TRL
            made = [(row["prompt"], row["chosen"], row["rejected"]) for row in rows]
            return compare(made, list(map(pair, wanted)))
        made = [(tokenizer.decode(row["input_ids"]), learned(tokenizer, row["labels"])) for row in rows]
        return compare(made, [said(entry, row, tokenizer.eos_token) for row in wanted])


def said(entry: dict[str, Any], row: tuple[str, ...], end: str) -> tuple[str, ...]:
    """The whole text, and what is to be learned of it."""
    if entry == COMPLETION:
        return (row[0] + end,) * 2
    if entry == ALPACA:
        instruction, output = row
        return f"{PREAMBLE.replace('{}', instruction, 1)}{output}{end}", output + end
    whole, answer = chatml(row)
    return whole, answer.removesuffix("\n")  # the turn ends with its mark


def pair(row: tuple[str, ...]) -> tuple[str, ...]:
    """The prompt as far as the answer begins, and both answers, each with the mark of its end."""
    whole, chosen, _, rejected = chatml(row, END.rstrip())
    return whole.removesuffix(chosen), chosen, rejected


def main() -> None:
    wrong = []
    for export, name, wanted in cases(Path(sys.argv[1])):
        for entry in CASES.get(name, []):
            print(f"== {export.name}: {entry}")
            if not run(export, name, entry, wanted):
                wrong.append(export.name)
    sys.exit(f"not as they should be: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
