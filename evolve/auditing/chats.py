"""A row as a chat, whatever its columns: what there is to measure, and what is wrong with it as one.

Of several columns the one is taken that TRL takes (trainers.py), then Alpaca's. Invariant: no row raises; what cannot
be read is a problem, said in words that never hold the row's text.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from evolve.auditing.trainers import Row, is_chat, is_sharegpt

ROLES = {"human": "user", "gpt": "assistant", "bot": "assistant", "model": "assistant"}
"""Other names of roles, as ShareGPT and its kin have them."""
KNOWN = frozenset({"system", "user", "assistant", "tool", "developer", "function", "observation", "function_call"})
SENTINELS = (
    "<|im_start|>", "<|im_end|>", "<|endoftext|>", "<|eot_id|>", "<|start_header_id|>", "<|end_header_id|>", "<|EOT|>",
    "<|begin_of_text|>", "<|end_of_text|>", "<|user|>", "<|assistant|>", "<|system|>", "<|end|>", "<start_of_turn>",
    "<end_of_turn>", "[INST]", "[/INST]", "<<SYS>>", "<</SYS>>", "<｜User｜>", "<｜Assistant｜>",
    "<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>",
    "<fim_prefix>", "<fim_suffix>", "<fim_middle>",
)  # fmt: skip
"""Strings of the usual chat templates and tokenizers: inside a text they end a turn, or begin one."""


@dataclass(frozen=True, slots=True)
class Chat:
    """(role, content), in order; of one text without roles the role is ""."""

    turns: tuple[tuple[str, str], ...]
    rejected: str = ""
    """Of a pair: what is said in the other one's place."""

    @property
    def asked(self) -> str:
        """All that users say; of one text without roles all of it."""
        return "\n".join(content for role, content in self.turns if role in {"user", ""})

    @property
    def answered(self) -> str:
        """All that the assistant says."""
        return "\n".join(content for role, content in self.turns if role == "assistant")

    @property
    def text(self) -> str:
        """All that is trained on, but for what was rejected."""
        return "\n".join(content for _, content in self.turns)


def read(row: Row) -> Chat | str:
    """The chat, or what is wrong with it; of a pair the one that was chosen."""
    chat = _read(row)
    return chat if isinstance(chat, str) else replace(chat, rejected=_said(row.get("rejected")))


def _read(row: Row) -> Chat | str:
    if is_sharegpt(row.get("conversations")):
        said = [*row["conversations"], *_one(row.get("chosen"))]
        return _turns((turn.get("from"), turn.get("value")) for turn in said)
    if is_chat(row.get("prompt")) or is_chat(row.get("messages")):
        answer = _list(row.get("completion")) or _list(row.get("chosen"))
        in_two = is_chat(row.get("prompt"))
        said = [*row["prompt"], *answer] if in_two else [*row["messages"], *_one(row.get("chosen"))]
        return _turns((turn.get("role"), _content(turn)) for turn in said if isinstance(turn, dict))
    if is_chat(row.get("chosen")):
        return _turns((turn.get("role"), _content(turn)) for turn in row["chosen"] if isinstance(turn, dict))
    for asked, answered in (("prompt", "completion"), ("instruction", "output"), ("prompt", "chosen")):
        if isinstance(row.get(asked), str) and answered in row:
            more = row.get("input") if asked == "instruction" else None
            whole = f"{row[asked]}\n{more}" if isinstance(more, str) and more.strip() else row[asked]
            return _turns([("user", whole), ("assistant", row[answered])])
    if isinstance(row.get("text"), str):
        return Chat((("", row["text"]),)) if row["text"].strip() else "empty"
    return "no column that a trainer reads"


def problems(chat: Chat, sentinels: Iterable[str] = SENTINELS) -> Iterator[str]:
    """What a chat template would trip over, or learn wrongly."""
    roles = [role for role, _ in chat.turns]
    if unknown := sorted(set(roles) - KNOWN - {""}):
        yield f"unknown role: {re.sub(r'[^a-z_]', '?', unknown[0].lower())[:20]}"
    spoken = [role for role in roles if role in {"user", "assistant"}]
    if roles != [""]:
        if spoken[:1] != ["user"] or any(a == b and a in spoken for a, b in pairwise(roles)):
            yield "roles do not alternate"
        if spoken[-1:] != ["assistant"]:
            yield "no answer at the end"
        if "system" in roles[1:]:
            yield "system turn that is not the first"
    if any(not content.strip() for _, content in chat.turns):
        yield "empty turn"
    if any(content != content.strip() for role, content in chat.turns if role == "assistant"):
        yield "white space around an answer"
    for sentinel in sentinels:
        if any(sentinel in content for role, content in chat.turns if role):  # a text without roles has them by right
            yield f"sentinel in the text: {sentinel}"


def _said(rejected: object) -> str:
    """The text of what was rejected, in whatever shape."""
    if isinstance(rejected, str):
        return rejected
    turns = rejected if isinstance(rejected, list) else [rejected]
    texts = (turn.get("content") or turn.get("value") for turn in turns if isinstance(turn, dict))
    return "\n".join(text for text in texts if isinstance(text, str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _one(value: object) -> list[Any]:
    """Of a pair in LLaMA-Factory's shape: the one message that was chosen."""
    return [value] if isinstance(value, dict) else []


def _content(turn: Row) -> object:
    """What is said; of a turn that says nothing and calls tools, the calls."""
    said, calls = turn.get("content"), turn.get("tool_calls")
    return json.dumps(calls, ensure_ascii=False, default=str) if said is None and calls else said


def _turns(said: Iterable[tuple[object, object]]) -> Chat | str:
    turns = []
    for role, content in said:
        if not isinstance(role, str):
            return "a turn without a role"
        if content is None:
            return "a turn without content"
        if not isinstance(content, str):
            return "content that is no text"
        turns.append((ROLES.get(role, role), content))
    return Chat(tuple(turns)) if turns else "empty"
