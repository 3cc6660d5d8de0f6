"""What each trainer makes of a dataset's columns: which it takes, which it passes over, and where it fails.

Read from the trainers' own sources: TRL 1.16.0 (trl/trainer/sft_trainer.py and dpo_trainer.py, `_prepare_dataset`, and
trl/data_utils.py), LLaMA-Factory 0.9.5 (data/parser.py and data/converter.py), axolotl 0.19.0 (prompt_strategies/
chat_template.py, alpaca_chat.py, completion.py, dpo/chat_template.py); benchmarks/trainers/ runs them. Invariant: what
is said depends on the columns and the first row, as it does there; nothing is imported of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Row = Mapping[str, Any]
_LOOKED_AT = ("prompt", "chosen", "rejected", "completion", "messages")
"""Columns by any one of which TRL tells whether a row is a chat."""


@dataclass(frozen=True, slots=True)
class Reading:
    """How one trainer takes the dataset."""

    trainer: str
    takes: str
    """Columns, or "" where it cannot read it."""
    how: str
    """With which setting, or why not."""
    passes_over: tuple[str, ...] = ()
    """Columns with the same to say, which it does not look at."""
    warning: str = ""


def readings(row: Row) -> list[Reading]:
    """By the first row, as the trainers do."""
    found = [_trl(row), _llama_factory(row), _axolotl(row)]
    return [_trl_dpo(row), *found] if {"chosen", "rejected"} <= set(row) else found


def is_chat(value: object) -> bool:
    """A list of messages with role and content."""
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and "role" in value[0]


def is_sharegpt(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict) and {"from", "value"} <= set(value[0])


def _trl(row: Row) -> Reading:
    name = "TRL SFTTrainer"
    chats = {column: is_chat(row[column]) for column in _LOOKED_AT if column in row}
    mixed = len(set(chats.values())) > 1
    warning = f"it tells a chat by one of {', '.join(chats)}, whichever comes first, and these differ" if mixed else ""
    ways = (
        ("input_ids", "input_ids" in row, "as tokenised already; no template is applied"),
        ("prompt, completion", {"prompt", "completion"} <= set(row), f"{_joined(row)}; loss on the completion"),
        ("", "prompt" in row, "there is `prompt` and no `completion`: it fails, whatever else is there"),
        (
            "conversations",
            is_sharegpt(row.get("conversations")),
            "turned into `messages`, in place of any that are there; the roles stay as they are called",
        ),
        ("messages", chats.get("messages", False), "its chat template applied"),
        ("text", isinstance(row.get("text"), str), "as it is, with an end of text"),
    )
    for takes, there, how in ways:
        if there:
            over = _others(row, *takes.split(", ")) if takes else ()
            unknown = takes == "conversations" and str(row["conversations"][0]["from"]) not in {"user", "system"}
            named = f"its roles are called {row['conversations'][0]['from']!s:.20} and the like" if unknown else warning
            return Reading(name, takes, how, over, named if takes and takes != "input_ids" else "")
    return Reading(name, "", "it wants messages, prompt and completion, conversations, or text")


def _joined(row: Row) -> str:
    return "its chat template applied" if is_chat(row.get("prompt")) else "as text, with nothing between the two"


def _trl_dpo(row: Row) -> Reading:
    name = "TRL DPOTrainer"
    chats = {column: is_chat(row[column]) for column in ("prompt", "chosen", "rejected") if column in row}
    if len(set(chats.values())) > 1:
        return Reading(name, "", f"of {', '.join(chats)} some are chats and some text: it fails, or not, by chance")
    if other := [column for column, chat in chats.items() if not chat and not isinstance(row[column], str)]:
        return Reading(name, "", f"{', '.join(other)}: neither a text nor a list of messages")
    how = "the prompt is what both begin with" if "prompt" not in chats else "the prompt as it is given"
    return Reading(name, ", ".join(chats), how)


def _llama_factory(row: Row) -> Reading:
    name = "LLaMA-Factory"
    if {"chosen", "rejected"} <= set(row):
        return _llama_factory_ranking(row, name)
    if isinstance(row.get("instruction"), str) and isinstance(row.get("output"), str):
        over = _others(row, "instruction", "input", "output")
        missing = "" if "input" in row else "there is no `input`: set `columns` in dataset_info.json, or it fails"
        return Reading(name, "instruction, input, output", "without any setting (alpaca)", over, missing)
    if is_sharegpt(row.get("conversations")):
        return Reading(name, "conversations", "formatting: sharegpt", _others(row, "conversations"))
    if is_chat(row.get("messages")):
        how = "formatting: sharegpt, columns and tags set for role and content"
        return Reading(name, "messages", how, _others(row, "messages"))
    if isinstance(row.get("text"), str):
        return Reading(name, "text", "columns: {prompt: text}, for pre-training (stage: pt)")
    return Reading(name, "", "it wants instruction and output, conversations, or messages")


def _llama_factory_ranking(row: Row, name: str) -> Reading:
    for chosen, rejected in (("chosen_text", "rejected_text"), ("chosen", "rejected")):
        if isinstance(row.get(chosen), str) and isinstance(row.get(rejected), str):
            return Reading(name, f"{chosen}, {rejected}", "ranking: true, columns set in dataset_info.json")
    if isinstance(row["chosen"], dict) and isinstance(row["rejected"], dict):
        return Reading(name, "chosen, rejected", "ranking: true, formatting: sharegpt, columns and tags set")
    return Reading(name, "", "chosen and rejected are whole chats: it wants one message or a text of each")


def _axolotl(row: Row) -> Reading:
    name = "axolotl"
    if {"chosen", "rejected"} <= set(row) and is_chat(row["chosen"]):
        return Reading(name, "chosen, rejected", "rl: dpo, type: chat_template.argilla_chat")
    if is_chat(row.get("messages")):
        how = "type: chat_template"
        if isinstance(row.get("instruction"), str) and isinstance(row.get("output"), str):
            how += "; instruction, input and output with type: alpaca"
        return Reading(name, "messages", how)
    if is_sharegpt(row.get("conversations")):
        how = "field_messages: conversations, message_property_mappings: {role: from, content: value}"
        return Reading(name, "conversations", f"type: chat_template, {how}")
    if isinstance(row.get("instruction"), str) and isinstance(row.get("output"), str):
        return Reading(name, "instruction, input, output", "type: alpaca")
    if isinstance(row.get("text"), str):
        return Reading(name, "text", "type: completion")
    return Reading(name, "", "it wants messages, instruction and output, or text, and the `type` that goes with it")


def _others(row: Row, *taken: str) -> tuple[str, ...]:
    """Columns with something to train on that are not taken."""
    texts = ("messages", "conversations", "prompt", "completion", "text", "instruction", "output", "input_ids")
    return tuple(column for column in texts if column in row and column not in taken)
