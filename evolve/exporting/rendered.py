"""The format `rendered`: every sample as the one text that a model is trained on, its chat template applied."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import pyarrow as pa

from evolve.errors import ConfigError
from evolve.exporting.exporter import Options
from evolve.exporting.tables import Row, Table
from evolve.exporting.templates import FORMATS, Template, load_template

_SCHEMA = pa.schema([("id", pa.string()), ("text", pa.string())])


@dataclass(frozen=True, slots=True)
class Rendered:
    """A column `text`, for trainers that apply nothing themselves."""

    template: Template
    system: str | None = None
    name: str = "rendered"
    table: Table = "train"
    schema: pa.Schema = _SCHEMA

    @property
    def llama_factory(self) -> Mapping[str, Any]:
        return {"columns": {"prompt": "text"}}

    @classmethod
    def make(cls, options: Options) -> Self:
        """Raises ConfigError where the template cannot be used."""
        if options.template is None:
            raise ConfigError(
                "--format rendered: which template? --template FOLDER (with a tokenizer), a template's file, or a "
                f"format: {', '.join(FORMATS)}"
            )
        return cls(load_template(options.template), options.system)

    def __call__(self, row: Row) -> list[Row]:
        messages = [{"role": "system", "content": self.system}] if self.system is not None else []
        messages += [{"role": "user", "content": row["instruction"]}, {"role": "assistant", "content": row["output"]}]
        return [{"id": row["id"], "text": self.template.render(messages)}]
