"""What a response is: a clean Reply, or one typed error.

Invariant: every way in which a call can end is one of RetryableError, RefusedError and StopError, decided by status
code and error code, never by words that happen to be in a message; and no key is in any error. How a response came
here, alone or as a line of a file, is not its business.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.records import Reply
from evolve.teacher.endpoints import Endpoint
from evolve.teacher.limits import read_retry_after
from evolve.teacher.profiles import read_detail, read_error
from evolve.teacher.usage import read_usage
from evolve.text import clean, shorten

_STOP_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "account_deactivated", "invalid_api_key"})
_REFUSED = frozenset({400, 403, 404, 405, 410, 413, 414, 422})
_LOST_BEHIND = frozenset({502, 504, 520, 522, 524})
"""What a gateway says when the reply of the server behind it did not come; that one may have made it all the same. An
error that the server itself reports is not billed."""


def read_reply(body: bytes, endpoint: Endpoint, model: str) -> Reply:
    """The Reply in a body of status 200. Raises RetryableError for anything else than a chat completion."""
    try:
        tree = json.loads(body)
        choice = tree["choices"][0]
        message = choice["message"]
        text, finish = _content(message.get("content")), choice.get("finish_reason") or "stop"
        if not text and isinstance(message.get("refusal"), str):
            text, finish = message["refusal"], "refusal"
        return Reply(
            text=clean(text),
            finish_reason=clean(str(finish)),
            model=clean(str(tree.get("model") or model)),
            usage=read_usage(tree.get("usage")),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        begin = masked(body.decode("utf-8", "replace"), endpoint, 80)
        raise RetryableError(f"not a chat completion: {begin!r}", status=200, billed=True) from None


def _content(content: object) -> str:
    """A message's text; some servers send it in parts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part.get("type") == "text")
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError
    return content


def classify(
    status: int, body: bytes, endpoint: Endpoint, model: str | None, headers: Mapping[str, str] = MappingProxyType({})
) -> TeacherError:
    """The error that a response of such a status is."""
    error = read_error(body)
    message = (
        masked(str(error.get("message") or read_detail(body)), endpoint, 300) or f"HTTP {status} without a message"
    )
    stop = _why_stop(status, error, message, endpoint, model)
    if stop is not None:
        return StopError(f"{endpoint.url}: {stop}", status)
    if status in _REFUSED:
        return RefusedError(message, status)
    return RetryableError(message, status, read_retry_after(headers), billed=status in _LOST_BEHIND)


def _why_stop(status: int, error: Mapping[str, Any], message: str, endpoint: Endpoint, model: str | None) -> str | None:
    """Why no further call makes sense, or None if another may work."""
    code, metadata = str(error.get("code") or error.get("type")), error.get("metadata")
    flagged = status == 403 and isinstance(metadata, dict) and "flagged_input" in metadata
    if status == 401 or code == "invalid_api_key":
        if endpoint.key_env is None:
            return "the endpoint does not accept a call without a key; name the variable that holds one: api_key_env"
        where = f"the key in ${endpoint.key_env}" if endpoint.key else f"a call without a key (${endpoint.key_env})"
        return f"the endpoint does not accept {where}; set the variable to a valid key"
    if 300 <= status < 400:
        return f"it redirects (HTTP {status}), which is not followed; give the address that it leads to"
    if status == 404 and not error:
        return "no chat completions there; does the address lack its /v1?"
    if status == 404 and _model_missing(error, model):
        return f"no such model: {model}: {message}"
    return message if status == 402 or (status == 403 and not flagged) or code in _STOP_CODES else None


def _model_missing(error: Mapping[str, Any], model: str | None) -> bool:
    """OpenAI sends a code, vLLM names the parameter, Ollama only says so with the model's name."""
    if error.get("code") == "model_not_found" or error.get("param") == "model":
        return True
    return error.get("type") == "api_error" and model is not None and model in str(error.get("message"))


def masked(text: str, endpoint: Endpoint, width: int) -> str:
    """The beginning of a server's words without the key; taken out first, so that no part of it is left at a cut."""
    text = text.replace(endpoint.key, "***") if endpoint.key else text
    return shorten(clean(text[: 4 * width]), width)
