"""Whether TRL takes the exports: its SFTTrainer and DPOTrainer, two steps each, on a model made here.

    python -m venv VENV && VENV/bin/pip install -c constraints.txt trl==1.16.0 torch==2.13.0
    evolve export RUN --out EXPORTS/default    # and messages, alpaca, sharegpt, prompt-completion, preference, fim,
                                               # rendered: each into a folder of its name; NAME-jsonl with --files jsonl
    VENV/bin/python benchmarks/trainers/trl_run.py EXPORTS

The trainers have environments of their own: their versions are not this project's. Nothing is loaded from the net (see
tiny.py). Printed are five rows as the trainer had tokenised them, decoded again, and the loss.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from datasets import Dataset
from tiny import SHOWN, make_model, make_tokenizer, read
from transformers import PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

FORMATS = ("default", "messages", "sharegpt", "prompt-completion", "fim", "rendered")
COMMON: dict[str, Any] = {
    "max_steps": 2,
    "per_device_train_batch_size": 2,
    "report_to": [],
    "use_cpu": True,
    "bf16": False,
    "max_length": 1024,
    "logging_steps": 1,
    "disable_tqdm": True,
    "save_strategy": "no",
}


def supervised(rows: Dataset, tokenizer: PreTrainedTokenizerFast, folder: str) -> None:
    trainer = SFTTrainer(
        make_model(tokenizer), SFTConfig(folder, **COMMON), train_dataset=rows, processing_class=tokenizer
    )
    for row in trainer.train_dataset.select(range(min(SHOWN, len(trainer.train_dataset)))):
        print(repr(tokenizer.decode(row["input_ids"])))
    print("columns:", trainer.train_dataset.column_names)
    print("loss after two steps:", round(trainer.train().training_loss, 3))


def preferred(rows: Dataset, tokenizer: PreTrainedTokenizerFast, folder: str) -> None:
    model = f"{folder}/model"  # a path, since the trainer loads it once more to compare with
    make_model(tokenizer).save_pretrained(model)
    trainer = DPOTrainer(model, args=DPOConfig(folder, **COMMON), train_dataset=rows, processing_class=tokenizer)
    for row in trainer.train_dataset.select(range(min(SHOWN, len(trainer.train_dataset)))):
        for name in ("prompt_ids", "chosen_ids", "rejected_ids"):
            print(f"{name}: {tokenizer.decode(row[name])!r}")
    print("columns:", trainer.train_dataset.column_names)
    print("loss after two steps:", round(trainer.train().training_loss, 3))


def main() -> None:
    exports = Path(sys.argv[1])
    for name in (*FORMATS, "preference"):
        if not (exports / name).is_dir():
            print(f"== {name}: no such folder, left out")
            continue
        with tempfile.TemporaryDirectory() as folder:
            rows = read(exports / name)
            print(f"== {name}: {len(rows)} rows, {rows.column_names}")
            (preferred if name == "preference" else supervised)(rows, make_tokenizer(rows), folder)


if __name__ == "__main__":
    main()
