"""Making a request from a role's settings, and taking the text out of a reply.

Fails closed: a reply that is cut off, declined, garbled or still thinking is a MalformedError, never the whole text for
want of better. A reasoning model's finished `<think>` block is cut off. Nothing here judges content.
"""

from __future__ import annotations

import re
from typing import Literal

from evolve.config import RoleConfig
from evolve.records import Message, Reply, Request, Role, digest

_THINK = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_TAG = re.compile(r"</?think>", re.IGNORECASE)
_CLOSING = re.compile(r"(?<![`'\"])</think>|</think>(?![`'\"])", re.IGNORECASE)
"""A closing tag that is not in quotes."""

_ODD = re.compile("[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f\x7f-\x9f\ufffd]")
"""Control characters, but those that lay out or colour a text, and what stands where bytes were no text."""
GARBLED = 0.01
"""Share of such characters from which a reply is garbled, from 3 on: of 9,623 recorded texts none has a single one; a
model with random weights has 4 to 9 in a hundred."""

Cause = Literal["cut off", "declined", "empty", "not a task"]


class MalformedError(ValueError):
    """The reply holds no text that could be used; the message says why, `cause` in one word."""

    def __init__(self, message: str = "", cause: Cause = "empty") -> None:
        super().__init__(message, cause)
        self.cause = cause

    def __str__(self) -> str:
        return str(self.args[0])


def make_request(role: Role, config: RoleConfig, prompt: str) -> Request:
    """One user message to the role's model, with the role's settings. No `stop`: it cuts rows silently."""
    if config.model is None:
        raise ValueError(f"the {role} has no model")
    return Request(
        role=role,
        model=config.model,
        messages=(Message("user", prompt),),
        temperature=config.temperature,
        top_p=config.top_p,
        max_tokens=config.max_tokens,
    )


def prompt_digest(request: Request) -> str:
    """What a row says of the prompt that made it: a digest of its messages alone."""
    return digest(*(part for m in request.messages for part in (m.role, m.content)))


def read_text(reply: Reply) -> str:
    """The reply's text without its thinking, stripped; may be empty. Raises MalformedError."""
    if reply.finish_reason in {"length", "max_tokens", "abort", "error"}:
        raise MalformedError("cut off: the reply is not whole", "cut off")
    if reply.finish_reason in {"refusal", "content_filter"}:
        raise MalformedError("the endpoint declined to answer", "declined")
    text = _THINK.sub("", reply.text)
    # A model whose chat template opens the block sends only the closing tag; one inside a code fence is content.
    text = text[_end_of_thinking(text) :]
    if _TAG.match(text.lstrip()):
        raise MalformedError("a <think> block without an end", "cut off")
    if (odd := len(_ODD.findall(text))) >= max(3, GARBLED * len(text)):
        raise MalformedError(f"garbled: {odd} of its {len(text)} characters are none of a text", "empty")
    return text.strip()


def _end_of_thinking(text: str) -> int:
    """Where the first closing tag outside of code fences ends; 0 if there is none."""
    fenced, counted = False, 0
    for tag in _CLOSING.finditer(text):
        fenced ^= text.count("```", counted, tag.start()) % 2 == 1
        counted = tag.start()
        if not fenced:
            return tag.end()
    return 0
