"""Formats that say a sample as the usual trainers want it: the table as it is, chats, Alpaca, prompt and completion.

Each keeps the `id`, which trainers pass over, so that a row can be traced; `default` keeps all columns. Which column a
trainer takes when it finds several is in auditing/trainers.py: no format here has two that would be in each other's
way.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa

from evolve.dataset import MESSAGES, TRAIN
from evolve.exporting.exporter import Options
from evolve.exporting.tables import Row, Table

_TURN = pa.struct([("from", pa.string()), ("value", pa.string())])
_OPENAI_TAGS = {
    "role_tag": "role",
    "content_tag": "content",
    "user_tag": "user",
    "assistant_tag": "assistant",
    "system_tag": "system",
}


@dataclass(frozen=True, slots=True)
class Chat:
    """One sample said in one way."""

    name: str
    schema: pa.Schema
    llama_factory: Mapping[str, Any] | None
    table: Table = "train"

    @classmethod
    def default(cls, options: Options) -> Self:
        """The table `train`, every column of it."""
        del options
        return cls("default", TRAIN, {})

    @classmethod
    def messages(cls, options: Options) -> Self:
        del options
        described = {"formatting": "sharegpt", "columns": {"messages": "messages"}, "tags": _OPENAI_TAGS}
        return cls("messages", _schema(messages=MESSAGES), described)

    @classmethod
    def alpaca(cls, options: Options) -> Self:
        del options
        return cls("alpaca", _schema(instruction=pa.string(), input=pa.string(), output=pa.string()), {})

    @classmethod
    def sharegpt(cls, options: Options) -> Self:
        del options
        return cls("sharegpt", _schema(conversations=pa.list_(_TURN)), {"formatting": "sharegpt"})

    @classmethod
    def prompt_completion(cls, options: Options) -> Self:
        """Both as lists of messages: as plain text TRL would put nothing between the two."""
        del options
        return cls("prompt-completion", _schema(prompt=MESSAGES, completion=MESSAGES), None)

    def __call__(self, row: Row) -> list[Row]:
        instruction, output = row["instruction"], row["output"]
        messages = [{"role": "user", "content": instruction}, {"role": "assistant", "content": output}]
        said: Row = row | {
            "input": "",
            "messages": messages,
            "conversations": [{"from": "human", "value": instruction}, {"from": "gpt", "value": output}],
            "prompt": messages[:1],
            "completion": messages[1:],
        }
        return [{name: said.get(name) for name in self.schema.names}]


def _schema(**columns: Any) -> pa.Schema:  # noqa: ANN401
    return pa.schema([("id", pa.string()), *columns.items()])
