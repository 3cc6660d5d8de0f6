"""A tokenizer and a model made here, for trainers to be run on without a net; and what a trainer should make of a row.

The tokenizer is byte-level BPE learned from the rows, its chat template ChatML without any system turn; the model a
Llama of two layers with random weights. Invariant: decoding gives back every text as it was, so what a trainer has
tokenised can be held against the export.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset, load_dataset
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CHATML = (
    "{% for message in messages %}<|im_start|>{{ message.role }}\n{{ message.content }}<|im_end|>\n{% endfor %}"
    "{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}"
)
SHOWN = 5
IGNORED = -100
"""The label of a token that is not learned from."""
END = "<|im_end|>\n"
LENGTH = 8192
"""Tokens of a row at most; the longest of a dry run has a few hundred."""


def read(folder: Path) -> Dataset:
    """The rows of an export, as `datasets` loads them; nothing stays in its cache."""
    with tempfile.TemporaryDirectory() as cache:
        return load_dataset(str(folder), split="train", cache_dir=cache, keep_in_memory=True)


def texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def make_tokenizer(rows: Iterable[dict[str, Any]]) -> PreTrainedTokenizerFast:
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.decoder = decoders.ByteLevel()
    marks = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=2000, special_tokens=marks, initial_alphabet=alphabet, show_progress=False)
    made.train_from_iterator((text for row in rows for text in texts(row)), trainer)
    fast = PreTrainedTokenizerFast(
        tokenizer_object=made, eos_token="<|im_end|>", pad_token="<|endoftext|>", clean_up_tokenization_spaces=False
    )
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


def make_folder(rows: Iterable[dict[str, Any]], folder: Path) -> str:
    """Model and tokenizer, where a trainer loads them from."""
    tokenizer = make_tokenizer(rows)
    tokenizer.save_pretrained(folder)
    make_model(tokenizer).save_pretrained(folder)
    return str(folder)


def learned(tokenizer: PreTrainedTokenizerFast, labels: list[int]) -> str:
    return str(tokenizer.decode([label for label in labels if label != IGNORED]))


def cases(exports: Path) -> Iterator[tuple[Path, str, list[tuple[str, ...]]]]:
    """Each export's folder and format, and its rows as a trainer should take them: instruction and answer, or both
    answers of a pair, or a text alone. Of chats these are the rows of `default`, so that all formats say the same."""
    chats = [(row["instruction"], row["output"]) for row in read(exports / "default")]
    for folder in sorted(path for path in exports.iterdir() if path.is_dir()):
        name = folder.name.removesuffix("-jsonl")
        if name in {"fim", "rendered"}:
            yield folder, name, [(row["text"],) for row in read(folder)]
        elif name == "preference":
            yield folder, name, [(row["instruction"], row["chosen_text"], row["rejected_text"]) for row in read(folder)]
        else:
            yield folder, name, chats


def chatml(row: tuple[str, ...], end: str = END) -> tuple[str, ...]:
    """Of each answer: the whole chat, and of it what is learned."""
    instruction, *answers = row
    asked = f"<|im_start|>user\n{instruction}<|im_end|>\n<|im_start|>assistant\n"
    return tuple(text for answer in answers for text in (f"{asked}{answer}{end}", f"{answer}{end}"))


def compare(made: list[tuple[str, ...]], wanted: list[tuple[str, ...]]) -> bool:
    """Print five of what a trainer made, and say how many are what the export's rows ask for, in any order."""
    for parts in made[:SHOWN]:
        print("\n    ".join(map(repr, parts)))
    right = (Counter(made) & Counter(wanted)).total()
    print(f"{len(wanted)} rows in the export, {len(made)} at the trainer, {right} of these as they should be")
    for parts in Counter(made) - Counter(wanted):
        print("not asked for:", *map(repr, parts), sep="\n    ")
        break
    return len(wanted) == len(made) == right
