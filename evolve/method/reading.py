"""Reading a model's reply: what of it is the text that was asked for.

Fails closed: a reply that is cut off, empty or still thinking is a MalformedError with the reason, never the whole
text for want of better. A reasoning model's finished `<think>` block is cut off. Nothing here judges content.
"""

from __future__ import annotations

import re

from evolve.records import Reply

INVALID = "INVALID"
"""The crossover template's word for two tasks that do not fit together."""

_THINK = re.compile(r"\A\s*<think>.*?</think>", re.DOTALL | re.IGNORECASE)
_OPEN_THINK = re.compile(r"</?think>", re.IGNORECASE)
_WRAPPED = re.compile(r"\A<instruction>\s*(.*?)\s*</instruction>\Z", re.DOTALL)


class MalformedError(ValueError):
    """The reply holds no text that could be used; the message says why."""


def read_text(reply: Reply) -> str:
    """The reply's text without its thinking, stripped; may be empty. Raises MalformedError if it is cut off."""
    if reply.finish_reason == "length":
        raise MalformedError("cut off at max_tokens")
    text = _THINK.sub("", reply.text)
    # A model whose template opens the block itself sends only the closing tag.
    head, closing, tail = text.partition("</think>")
    if closing and "<think>" not in head.lower() and "```" not in head:
        text = tail
    if _OPEN_THINK.match(text.lstrip()):
        raise MalformedError("a <think> block without an end")
    return text.strip()


def read_instruction(reply: Reply) -> str:
    """The evolved instruction in the reply; tags like the prompt's own around the whole of it are taken off."""
    text = read_text(reply)
    wrapped = _WRAPPED.match(text)
    if wrapped:
        text = wrapped.group(1)
    if not text:
        raise MalformedError("empty")
    if text.strip(" .*\"'`").upper() == INVALID:
        raise MalformedError("the model sees no sensible combination")
    if not any(character.isalpha() for character in text):
        raise MalformedError("no letter in it")
    return text
