"""What a server takes of a request: known of its family, told by its list of models, or learnt from a refusal.

Invariant: what a request asks for is sent as it is, sent in another way that means the same, or named by `losses`;
nothing is left out in silence. A refusal is read by the parameter that it names and its code; by words only where a
server gives no code, and then harmlessly, for the same call is made at once with one thing less, and what was learnt
is kept only if that was answered. No call is made here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

from evolve.config import CapabilitiesConfig, Family, ReplyFormat, SystemRole, TokenLimit
from evolve.records import Request


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one model at one endpoint takes."""

    token_limit: TokenLimit = "max_tokens"
    """The field for the limit of completion tokens."""
    temperature: bool = True
    top_p: bool = True
    response_format: ReplyFormat = "json_schema"
    system: SystemRole = "system"
    """The role of a system message; `user`: it is put before the first user message."""


PROFILES: Mapping[Family, Capabilities] = {
    # `max_tokens` is deprecated there and refused by the reasoning models (API reference). What else these refuse,
    # a temperature other than 1 for one, is learnt: the refusal names the parameter, and costs nothing.
    "openai": Capabilities(token_limit="max_completion_tokens"),
    # The v1 API of Azure, at /openai/v1: no api-version, the key as a bearer token; OpenAI's fields.
    "azure": Capabilities(token_limit="max_completion_tokens"),
    # Both take both limits (their protocol classes), older versions `max_tokens` alone.
    "vllm": Capabilities(),
    "sglang": Capabilities(),
    # llama.cpp's server takes a schema both ways, llama-cpp-python's in `json_object` alone and answers HTTP 500 to
    # `json_schema`; the latter also ignores `max_completion_tokens` (both seen; and in their sources).
    "llamacpp": Capabilities(response_format="json_object_schema"),
    # Knows `max_tokens` alone, and ignores what it does not know (its request struct).
    "ollama": Capabilities(),
    # Ignores what a model does not take, so its list of models decides: `supported_parameters`.
    "openrouter": Capabilities(),
    "together": Capabilities(),
    # JSON mode without a schema. While a model thinks, as is the default, temperature and top_p are taken and ignored
    # (guide to the thinking mode).
    "deepseek": Capabilities(response_format="json_object", temperature=False, top_p=False),
    # `transformers serve` lists response_format among the fields that it ignores (its handler).
    "transformers": Capabilities(response_format="none"),
    "generic": Capabilities(),
}
"""Where each family begins; the config goes before, refusals teach more."""

_NOT_THINKING = "deepseek-chat"
"""DeepSeek's name for its model without thinking, which heeds temperature and top_p."""
_HOSTS: Mapping[str, Family] = {
    "api.openai.com": "openai",
    "openai.azure.com": "azure",
    "services.ai.azure.com": "azure",
    "cognitiveservices.azure.com": "azure",
    "openrouter.ai": "openrouter",
    "api.together.xyz": "together",
    "api.together.ai": "together",
    "api.deepseek.com": "deepseek",
    "ollama.com": "ollama",
}
_OWNERS: Mapping[str, Family] = {
    "vllm": "vllm",
    "sglang": "sglang",
    "llamacpp": "llamacpp",
    "me": "llamacpp",  # llama-cpp-python's server
    "library": "ollama",  # the namespace of its own models
}
_PORTS: Mapping[int, Family] = {11434: "ollama", 30000: "sglang"}
"""Defaults of servers; a hint where nothing else tells."""
_REFUSALS = frozenset({400, 404, 405, 415, 422, 501})
"""Statuses by which a server can say that it does not know a field, or what stands in it."""
_CODES = frozenset({"unsupported_parameter", "unsupported_value", "unknown_parameter"})
_DISMISSAL = re.compile(
    r"(un|not |n't )(support|recogni[sz]|expect|know|allow|permit|available)|both be specified|is allowed|extra"
)
_ROLE_WORDS = re.compile(r"(system|developer)\W+(role|message)|role\W+(system|developer)")
_SCHEMA_WORDS = re.compile(r"response[_ ]?format|json[_ ]?schema|structured[_ ]?output|guided|grammar|constrained")
"""What servers call it when they cannot keep a reply to a schema: the parameter (OpenAI, DeepSeek), or their own
means (vLLM's guided decoding and structured outputs, llama.cpp's grammars)."""


def guess_family(base_url: str, models: Sequence[Mapping[str, Any]] = ()) -> Family:
    """By the address of a service, else by what a server says of its models, else by its port."""
    try:
        address = urlsplit(base_url)
        host, port = address.hostname or "", address.port or 0
    except ValueError:  # no address at all
        return "generic"
    for known, family in _HOSTS.items():
        if host == known or host.endswith(f".{known}"):
            return family
    for model in models:
        if (owner := str(model.get("owned_by"))) in _OWNERS:
            return _OWNERS[owner]
    if any("max_model_len" in model for model in models):
        return "vllm"  # SGLang's says whose it is, unless it is served under another name
    if any(isinstance(model.get("status"), Mapping) and "value" in model["status"] for model in models):
        return "transformers"
    return _PORTS.get(port, "generic")


def begin(
    family: Family, model: str, chosen: CapabilitiesConfig | None = None, models: Sequence[Mapping[str, Any]] = ()
) -> Capabilities:
    """What `model` takes as far as its family and the server's list of models tell; what the config says goes first."""
    taken = PROFILES[family]
    if family == "deepseek" and model == _NOT_THINKING:
        taken = replace(taken, temperature=True, top_p=True)
    entry = next((entry for entry in models if entry.get("id") == model), {})
    if isinstance(supported := entry.get("supported_parameters"), list):
        taken = replace(
            taken,
            temperature="temperature" in supported,
            top_p="top_p" in supported,
            response_format="json_schema"
            if "structured_outputs" in supported
            else "json_object"
            if "response_format" in supported
            else "none",
        )
    return replace(taken, **(chosen.model_dump(exclude_none=True) if chosen else {}))


def make_body(request: Request, model: str, taken: Capabilities) -> dict[str, Any]:
    """The request's fields for a model of that name, as it takes them."""
    body: dict[str, Any] = {
        "model": model,
        "messages": _messages(request, taken.system),
        "temperature": request.temperature if taken.temperature else None,
        "top_p": request.top_p if taken.top_p else None,
        taken.token_limit: request.max_tokens,
        "response_format": _format(request.reply_schema, taken.response_format),
    }
    return {key: value for key, value in body.items() if value is not None}


def losses(request: Request, taken: Capabilities) -> tuple[str, ...]:
    """What of the request does not reach the model, for a person."""
    found = []
    for name, sent in (("temperature", taken.temperature), ("top_p", taken.top_p)):
        if (value := getattr(request, name)) is not None and not sent:
            found.append(f"{name} {value:g} not sent: the model takes its default only")
    if request.reply_schema is not None and taken.response_format in {"json_object", "none"}:
        rest = "JSON is asked for without one" if taken.response_format == "json_object" else "the prompt alone asks"
        found.append(f"no schema of the reply is kept: {rest}")
    return tuple(found)


def changes(request: Request, taken: Capabilities) -> tuple[str, ...]:
    """What of the request is sent in another way, and means the same."""
    found = []
    if taken.token_limit != "max_tokens" and request.max_tokens is not None:
        found.append(f"max_tokens sent as {taken.token_limit}")
    if taken.response_format == "json_object_schema" and request.reply_schema is not None:
        found.append("the schema sent in json_object")
    return tuple(found)


def adapt(taken: Capabilities, status: int, content: bytes, body: Mapping[str, Any]) -> Capabilities | None:
    """What to try next after a refusal of `body`: one thing less or otherwise. None: it was about other things."""
    named = _named(content, body) if status in _REFUSALS else set()
    lesser = {
        "response_format": replace(
            taken, response_format="none" if taken.response_format == "json_object" else "json_object"
        ),
        "max_tokens": replace(taken, token_limit="max_completion_tokens"),
        "max_completion_tokens": replace(taken, token_limit="max_tokens"),
        "top_p": replace(taken, top_p=False),
        "temperature": replace(taken, temperature=False),
        "messages": replace(taken, system="developer" if taken.system == "system" else "user"),
    }  # the least loss first
    return next((one for name, one in lesser.items() if name in named), None)


def learn(known: Capabilities, began: Capabilities, ended: Capabilities) -> Capabilities:
    """`known` with what one call found out on its way from `began` to `ended`; others may have found more meanwhile."""
    found = {name: getattr(ended, name) for name in Capabilities.__slots__}
    return replace(known, **{name: value for name, value in found.items() if value != getattr(began, name)})


def read_error(content: bytes) -> dict[str, Any]:
    """The error object of a body, or {} where there is none. SGLang sends it bare."""
    try:
        tree = json.loads(content)
        error = tree if tree.get("object") == "error" else tree["error"]
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {"message": str(error)}


def read_detail(content: bytes) -> str:
    """What a server made with FastAPI says in place of an error object, or ""."""
    try:
        return str(json.loads(content)["detail"])
    except (ValueError, LookupError, TypeError, RecursionError):
        return ""


def read_models(content: bytes) -> list[Mapping[str, Any]]:
    """The entries of a list of models; [] if it is none. Together's is a bare list."""
    try:
        tree = json.loads(content)
    except (ValueError, RecursionError):
        return []
    entries = tree.get("data") if isinstance(tree, dict) else tree
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []


def _named(content: bytes, body: Mapping[str, Any]) -> set[str]:
    """Names of parameters of `body` that a refusal is about; of `messages` only where it holds a system message."""
    error, words = read_error(content), content.decode("utf-8", "replace").lower()
    system = any(message["role"] in {"system", "developer"} for message in body["messages"])
    sent = set(body) - {"model"} - (set() if system else {"messages"})
    parameter = str(error.get("param") or "").split("[")[0].split(".")[0]
    if parameter in sent and str(error.get("code")) in _CODES:
        return {parameter}
    named = {name for name in sent if name in words} if _DISMISSAL.search(words) else set()
    if "messages" in sent and not _ROLE_WORDS.search(words):
        named.discard("messages")
    elif "messages" in sent and _DISMISSAL.search(words):
        named.add("messages")
    return named | {"response_format"} if "response_format" in sent and _SCHEMA_WORDS.search(words) else named


def _messages(request: Request, system: SystemRole) -> list[dict[str, str]]:
    if system != "user":
        return [{"role": system if m.role == "system" else m.role, "content": m.content} for m in request.messages]
    before = "".join(f"{m.content}\n\n" for m in request.messages if m.role == "system")
    said = [{"role": m.role, "content": m.content} for m in request.messages if m.role != "system"]
    return [said[0] | {"content": before + said[0]["content"]}, *said[1:]] if said else []


def _format(schema: str | None, way: ReplyFormat) -> dict[str, Any] | None:
    if schema is None or way == "none":
        return None
    if way == "json_object":
        return {"type": "json_object"}
    if way == "json_object_schema":
        return {"type": "json_object", "schema": json.loads(schema)}
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": json.loads(schema)}}
