"""Whether a real trainer takes the exports: TRL's SFTTrainer and DPOTrainer, two steps each, on a model made here.

    python -m venv TRAINERS && TRAINERS/bin/pip install -c constraints.txt trl==1.16.0 torch==2.13.0
    evolve export RUN --out EXPORTS/default           # and messages, sharegpt, prompt-completion, preference, fim,
    TRAINERS/bin/python benchmarks/trainers.py EXPORTS    # rendered: each into a folder of its name

The trainers have an environment of their own: their versions are not this project's. The model is a Llama of two
layers with random weights, the tokenizer byte-level BPE learned from the rows, its chat template ChatML; nothing is
loaded from the net. Printed are five rows as the trainer had tokenised them, decoded again, and the loss.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import DPOConfig, DPOTrainer, SFTConfig, SFTTrainer

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
FORMATS = ("default", "messages", "sharegpt", "prompt-completion", "fim", "rendered")
SHOWN = 5
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


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def make_tokenizer(rows: Dataset) -> PreTrainedTokenizerFast:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=marks, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator((text for row in rows for text in texts(row)), trainer)
    fast = PreTrainedTokenizerFast(tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    fast.chat_template = CHATML
    return fast


def make_model(tokenizer: PreTrainedTokenizerFast) -> LlamaForCausalLM:
    torch.manual_seed(0)
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=1024,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    return LlamaForCausalLM(config)


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
            rows = load_dataset(str(exports / name), split="train", cache_dir=folder)
            print(f"== {name}: {len(rows)} rows, {rows.column_names}")
            (preferred if name == "preference" else supervised)(rows, make_tokenizer(rows), folder)


if __name__ == "__main__":
    main()
