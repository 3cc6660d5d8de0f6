"""Reading the evolver's reply: the new instruction in it, or why there is none. Fails closed.

Only what can be taken for no instruction at all is refused here: nothing, rules and marks, bare code or bare data
without a word of what to do with it, and a text that plainly stops in the middle though the endpoint says it ended.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
import warnings

from evolve.markdown import page
from evolve.records import Reply
from evolve.teacher.messages import MalformedError, read_text

INVALID = "INVALID"
"""The crossover template's word for two tasks that do not fit together."""

_OPEN, _CLOSE = "<instruction>", "</instruction>"
_MARKS = " \n.:!*_\"'`"
_PROSE_FENCES = frozenset({"", "text", "txt", "plain", "plaintext", "markdown", "md", "instruction", "prompt", "task"})
_PLACEHOLDERS = frozenset(
    """none null nil n/a na undefined empty ok okay done yes no output response result instruction prompt task
    error""".split()  # noqa: SIM905
)
"""What is no task when it is the whole reply."""
_UNFINISHED = re.compile(
    r"(?:\s(?:the|an|and|or|whose|such as|for example|e\.g\.|which must|that must|should be able to|must be|\d to"
    r"|(?:length|number|size|value|list|array|set|type|kind|complexity) of)|[(\[{,])$"
    r"|\b(?!(?:output|answer|result|response|solution|code|explanation|reply)\b)\w+[:：]$",
)
"""An end that no sentence has. "a", "to" and "in" are not here, for names and questions end so."""
_SPOKEN_OF = re.compile(
    r"\b(?:words?|keywords?|operators?|terms?|gates?|tokens?|called|named|logical|boolean|prefix|suffix)\b"
)
"""Near the end: the last word may be spoken of, not spoken."""
PARSED = 20_000
"""Characters up to which a reply without fences is tried as Python, to see whether it is nothing but code."""


def read_instruction(reply: Reply) -> str:
    """The evolved instruction; tags like the prompt's own around the whole of it are taken off."""
    text = read_text(reply)
    if text.startswith(_OPEN) and text.endswith(_CLOSE):
        text = text[len(_OPEN) : -len(_CLOSE)].strip()
    if not _visible(text):
        raise MalformedError("empty", "empty")
    if text.strip(_MARKS).partition("\n")[0].strip(_MARKS).upper() == INVALID:  # reasons may follow below it
        raise MalformedError("the model sees no sensible combination", "not a task")
    if not any(character.isalpha() for character in text):
        raise MalformedError("no letter in it", "not a task")
    if text.strip(_MARKS + "<>[](){}#-").lower() in _PLACEHOLDERS:
        raise MalformedError("a single word that asks for nothing", "not a task")
    if _is_data(text):
        raise MalformedError("data without a request", "not a task")
    if _is_code(text):
        raise MalformedError("code without a request", "not a task")
    if _stops(text):
        raise MalformedError("it stops in the middle of a sentence", "cut off")
    return text


def _stops(text: str) -> bool:
    """Whether it ends where no text ends: at an open bracket in an open fence, or in mid-sentence."""
    if text.count("```") % 2:
        return text.endswith(("(", "[", ",", "=", "+", "\\"))
    last = text[-200:].lower()
    return "```" not in last and _UNFINISHED.search(last) is not None and _SPOKEN_OF.search(last[-60:]) is None


def _visible(text: str) -> bool:
    """Whether anything in it can be seen; zero-width characters and other formatting cannot."""
    return any(not c.isspace() and unicodedata.category(c) not in {"Cf", "Cc", "Cn", "Co"} for c in text)


def _is_data(text: str) -> bool:
    """A JSON object or array and nothing beside it, in a fence or not."""
    body = text
    if text.startswith(("```", "~~~")):
        parts = page(text)
        if parts.prose.strip() or len(parts.blocks) != 1:
            return False
        body = parts.blocks[0].code.strip()
    if not body.startswith(("{", "[")) or not body.endswith(("}", "]")):
        return False
    try:
        json.loads(body)
    except (ValueError, RecursionError):  # lists without end
        return False
    return True


def _is_code(text: str) -> bool:
    """Code and nothing beside it; a stub that says in a comment what to write is a task."""
    if text.startswith(("```", "~~~")):
        parts = page(text)
        if any(character.isalpha() for character in parts.prose):
            return False
        return all(block.language not in _PROSE_FENCES or _is_python(block.code) for block in parts.blocks) and not (
            len(parts.blocks) == 1 and _is_stub(parts.blocks[0].code)
        )
    return _is_python(text) and not _is_stub(text)


def _is_python(code: str) -> bool:
    """Whether it parses as Python of more than a name or a literal: prose does not."""
    if len(code) > PARSED:
        return False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            body = ast.parse(code).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    plain = (ast.Name, ast.Constant, ast.Tuple, ast.Attribute, ast.BinOp, ast.Compare, ast.BoolOp)
    return any(
        not (isinstance(node, ast.Expr) and isinstance(node.value, plain)) and not isinstance(node, ast.AnnAssign)
        for node in body
    )


_STUB = re.compile(
    r"(?:\"\"\"|'''|\*/|\b(?:pass|\.\.\.)|(?:#|//)[^\n]{12,})[\s}]*\Z|(?:#|//|\*)[ \t]*(?:todo|write|implement"
    r"|complete|fix|your code)",
    re.IGNORECASE,
)


def _is_stub(code: str) -> bool:
    """Whether it ends where the work would begin, or has a comment that orders it."""
    return _STUB.search(code[:PARSED]) is not None
