"""Whether LLaMA-Factory's own loader takes the exports: its arguments, `dataset_info.json`, template and `get_dataset`.

    python -m venv VENV && VENV/bin/pip install -r benchmarks/trainers/requirements-llama-factory.txt
    VENV/bin/pip install --no-deps llamafactory==0.9.5
    touch VENV/lib/python3.11/site-packages/torchaudio.py    # without CUDA: it is imported, and no text needs it
    VENV/bin/python benchmarks/trainers/llama_factory_run.py EXPORTS

EXPORTS is as for trl_run.py; each is loaded by the `dataset_info.json` that it came with, nothing added. Of every row
it is looked at what was tokenised, and which part of it is learned; five are printed. Nothing is trained.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from llamafactory.data import get_dataset, get_template_and_fix_tokenizer
from llamafactory.hparams import get_train_args
from llamafactory.model import load_tokenizer
from tiny import LENGTH, cases, chatml, compare, learned, make_folder, read

STAGES = {"preference": "dpo", "fim": "pt", "rendered": "pt"}
"""Of the formats that are not for `sft`."""
UNREADABLE = {"prompt-completion"}


def load(export: Path, stage: str, folder: str) -> tuple[Any, Any]:
    """Rows as they go to its trainer, and its tokenizer."""
    args = {
        "model_name_or_path": make_folder(read(export), Path(folder, "model")),
        "stage": stage,
        "do_train": True,
        "finetuning_type": "full",
        "dataset_dir": str(export),
        "dataset": "evolve_train",
        "template": "chatml",
        "cutoff_len": LENGTH,
        "packing": False,
        "cache_dir": folder,
        "output_dir": f"{folder}/out",
        "report_to": "none",
    }
    model, data, training, _, _ = get_train_args(args)
    parts = load_tokenizer(model)
    template = get_template_and_fix_tokenizer(parts["tokenizer"], data)
    loader = "rm" if stage == "dpo" else stage  # as its workflow for DPO calls it
    return get_dataset(template, model, data, training, loader, **parts)["train_dataset"], parts["tokenizer"]


def run(export: Path, name: str, wanted: list[tuple[str, ...]]) -> bool:
    stage = STAGES.get(name, "sft")
    with tempfile.TemporaryDirectory() as folder:
        rows, tokenizer = load(export, stage, folder)
        if stage == "pt":
            texts = [(tokenizer.decode(row["input_ids"]),) for row in rows]
            return compare(texts, [(text + tokenizer.eos_token,) for (text,) in wanted])
        sides = ("chosen_", "rejected_") if stage == "dpo" else ("",)
        made = [[text for side in sides for text in said(row, side, tokenizer)] for row in rows]
        return compare(list(map(tuple, made)), list(map(chatml, wanted)))


def said(row: dict[str, list[int]], side: str, tokenizer: Any) -> tuple[str, str]:  # noqa: ANN401
    """The whole of it, and what is learned."""
    return tokenizer.decode(row[f"{side}input_ids"]), learned(tokenizer, row[f"{side}labels"])


def main() -> None:
    wrong = []
    for export, name, wanted in cases(Path(sys.argv[1])):
        print(f"== {export.name}")
        if name in UNREADABLE:
            print("it has no setting for these columns, and the export no dataset_info.json")
        elif not run(export, name, wanted):
            wrong.append(export.name)
    sys.exit(f"not as they should be: {', '.join(wrong)}" if wrong else 0)


if __name__ == "__main__":
    main()
