"""Reading the evolver's reply: the new instruction in it, or why there is none. Fails closed."""

from __future__ import annotations

from evolve.records import Reply
from evolve.teacher.messages import MalformedError, read_text

INVALID = "INVALID"
"""The crossover template's word for two tasks that do not fit together."""

_OPEN, _CLOSE = "<instruction>", "</instruction>"
_MARKS = " \n.:!*_\"'`"


def read_instruction(reply: Reply) -> str:
    """The evolved instruction; tags like the prompt's own around the whole of it are taken off."""
    text = read_text(reply)
    if text.startswith(_OPEN) and text.endswith(_CLOSE):
        text = text[len(_OPEN) : -len(_CLOSE)].strip()
    if not text:
        raise MalformedError("empty", "empty")
    if text.strip(_MARKS).partition("\n")[0].strip(_MARKS).upper() == INVALID:  # reasons may follow below it
        raise MalformedError("the model sees no sensible combination", "not a task")
    if not any(character.isalpha() for character in text):
        raise MalformedError("no letter in it", "not a task")
    return text
