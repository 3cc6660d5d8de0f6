"""Chat templates: a tokenizer's own, applied in a sandbox as transformers does, or a format of two parts.

A template comes with a model and is not trusted: Jinja's immutable sandbox runs it, attributes with a leading
underscore are refused, and it reads and writes nothing. Invariant: what it renders is a function of template and
messages alone. So `strftime_now` is not there: templates that ask first whether it is take their own date, others fail
by name.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.sandbox import ImmutableSandboxedEnvironment

from evolve.errors import ConfigError
from evolve.text import plain, shorten

FORMATS: Mapping[str, str] = {
    "stablecode": "{system}###Instruction\n{instruction}###Response\n{output}<|endoftext|>",
    "deepseek-coder": "{system}### Instruction:\n{instruction}\n### Response:\n{output}\n<|EOT|>",
}
"""Formats of models without a chat template. StableCode: the model card of stablecode-instruct-alpha-3b, whose end of
text is that of GPT-NeoX. DeepSeek-Coder: the README of deepseek-ai/DeepSeek-Coder and its finetune/; the sentence that
stands first there is not in the data unless it is given as the system's turn."""
LARGEST = 2**20
"""Bytes of a template; the longest of known models have some 20,000."""
Message = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Template:
    """How a chat is said as one text."""

    render: Callable[[Sequence[Message]], str]
    """Raises ConfigError where the template refuses the messages, or fails."""
    named: str


def load_template(source: str) -> Template:
    """By the name of a format, a folder with a tokenizer, or a file with a template. Raises ConfigError."""
    if source in FORMATS:
        return Template(lambda messages: _fill(FORMATS[source], messages), source)
    path = Path(source)
    try:
        is_folder, is_file = path.is_dir(), path.is_file()
    except OSError:  # a name that none can have, as a template given in a file's place is
        is_folder = is_file = False
    if not (is_folder or is_file):
        raise ConfigError(
            f"--template {plain(shorten(source, 100))}: no such file or folder, and no format of that name; there are: "
            f"{', '.join(FORMATS)}"
        )
    text, tokens = _of_folder(path) if is_folder else (_read(path), {})
    try:
        compiled = _environment().from_string(text)
    except jinja2.TemplateError as error:
        raise ConfigError(f"--template {source}: not a template that can be read: {plain(str(error))}") from None

    def render(messages: Sequence[Message]) -> str:
        try:
            said = [dict(message) for message in messages]
            return compiled.render(messages=said, tools=None, documents=None, add_generation_prompt=False, **tokens)
        except Exception as error:  # a template is a program
            raise ConfigError(f"--template {source}: it fails: {shorten(plain(str(error)), 200)}") from None

    return Template(render, str(path))


def _fill(form: str, messages: Sequence[Message]) -> str:
    said = {message["role"]: message["content"] for message in messages}
    system = f"{said['system']}\n" if said.get("system") else ""
    return form.format(system=system, instruction=said["user"], output=said["assistant"])


def _of_folder(folder: Path) -> tuple[str, dict[str, str]]:
    """The tokenizer's chat template, and the tokens that templates name (bos_token and others)."""
    config = _config(folder / "tokenizer_config.json")
    tokens = {}
    for name, value in config.items():
        text = value.get("content") if isinstance(value, dict) else value
        if name.endswith("_token") and isinstance(text, str):
            tokens[name] = text
    beside = folder / "chat_template.jinja"
    if beside.is_file():
        return _read(beside), tokens
    template = config.get("chat_template")
    if isinstance(template, list):
        named = {one.get("name"): one.get("template") for one in template if isinstance(one, dict)}
        template = named.get("default")
    if not isinstance(template, str):
        raise ConfigError(
            f"--template {folder}: neither chat_template.jinja nor a chat_template in tokenizer_config.json there; "
            f"give a template's file, or a format: {', '.join(FORMATS)}"
        )
    return template, tokens


def _config(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        read: Any = json.loads(_read(path))
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"--template {path}: not valid JSON: {error}") from None
    return read if isinstance(read, dict) else {}


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
        if len(content) > LARGEST:
            raise ConfigError(f"--template {path}: longer than {LARGEST} bytes")
        return content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"--template {path}: cannot be read: {error}") from None


class _Generation(Extension):
    """`{% generation %}`, with which templates mark what a model says: here it renders what is in it."""

    tags = {"generation"}  # noqa: RUF012

    def parse(self, parser: Any) -> Any:  # noqa: ANN401
        next(parser.stream)
        return parser.parse_statements(("name:endgeneration",), drop_needle=True)


class _Namespace(jinja2.utils.Namespace):
    """Takes no attribute with a leading underscore, by which one could get at Python's inside."""

    def __setitem__(self, name: str, value: Any) -> None:  # noqa: ANN401
        super().__setitem__(_harmless(name), value)


def _namespace(*known: Mapping[str, Any], **items: Any) -> _Namespace:  # noqa: ANN401
    return _Namespace({_harmless(name): value for name, value in dict(*known, **items).items()})


def _dict(**items: Any) -> dict[str, Any]:  # noqa: ANN401
    """Python's own would be a type, by which one could get at others."""
    return items


def _harmless(name: str) -> str:
    if name.startswith("_"):
        raise jinja2.exceptions.SecurityError(f"a namespace takes no attribute {name!r}")
    return name


def _environment() -> ImmutableSandboxedEnvironment:
    made = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[_Generation, loopcontrols])

    def refuse(message: str) -> None:
        raise jinja2.TemplateError(message)

    def to_json(value: Any, **options: Any) -> str:  # noqa: ANN401
        known = {name: options[name] for name in ("indent", "separators", "sort_keys") if name in options}
        return json.dumps(value, ensure_ascii=bool(options.get("ensure_ascii")), **known)

    made.filters["tojson"] = to_json
    made.globals["raise_exception"] = refuse
    made.globals["namespace"] = _namespace
    made.globals["dict"] = _dict
    return made
