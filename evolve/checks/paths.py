"""Which file a fenced block is: an answer of several files names each one's path beside its code.

A path is read from the info string (`python title=shop/stock.py`, `python:shop/stock.py`, `shop/stock.py`), from the
first line where that is a comment with a path and nothing else, or from the last line before the fence where that is a
heading, a bold word or a label that names one path. Invariant: a sentence that speaks of a file labels nothing, and
what looks like a path is told as it stands, however odd: whether it may be used is the verifier's business. It never
raises, and takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from evolve.markdown import page

_ENDINGS = (
    "py|pyi|js|mjs|cjs|jsx|ts|tsx|mts|java|c|h|cc|cpp|hpp|cs|go|rs|rb|php|kt|swift|scala|sql|sh|bash|json|toml|ya?ml|txt"
    "|md|csv|ini|cfg|html|css|xml"
)
_PART = r"[^\s`*\"'<>|:;,()\[\]=]"
_PATH = rf"((?:[A-Za-z]:)?{_PART}{{0,200}}?[^\s`*\"'<>|:;,()\[\]=./\\]\.(?:{_ENDINGS}))"
_IN_INFO = re.compile(
    rf"(?:^| )\{{?(?:title|file|file_?name|path|name) ?[=:] ?[\"']?{_PATH}[\"']?(?=[ }}]|$)"
    rf"|^[\w#+.-]+[: ] ?{_PATH}$|^{_PATH}$",
    re.I,
)
_IN_COMMENT = re.compile(
    rf"(?:#|//|--|/\*|<!--) ?(?:file(?:[ _]?name)?|path)? ?:? ?[`\"']?{_PATH}[`\"']? ?(?:\*/|-->)?$", re.I
)
_MARK = r"(?:#{1,6} |[-*+] |\d+[.)] )?(?:#{1,6} )?[*_]{0,3}(?:\d+[.)] )?"
_WORD = r"(?:(?:the )?(?:new )?file(?:[ _]?name)?|path|module|create|in|and)? ?:?[*_]{0,3} ?"
_BEFORE = re.compile(
    rf">? ?{_MARK}{_WORD}[*_`\"']{{0,5}}{_PATH}[*_`\"']{{0,5}} ?(?:\([^()]{{0,80}}\))? ?:?[*_]{{0,3}} ?:?$", re.I
)
_TESTS = re.compile(r"(?:^|/)(?:tests?/|test_[^/]*$|[^/]*_test\.\w+$|conftest\.py$)")
LONGEST = 300
"""Characters of a line that may be a label."""


@lru_cache(maxsize=32)  # several checks read the same answer one after the other
def paths(text: str) -> Mapping[int, str]:
    """Line of a block's opening fence -> the path that the text gives it, in their order."""
    blocks = page(text).blocks
    lines = text.splitlines() if blocks else []
    found: dict[int, str] = {}
    for block in blocks:
        first = next((line for line in block.code.splitlines() if line.strip()), "")
        info, first, before = map(_flat, (block.info, first, _last(lines, block.line)))
        if match := _IN_INFO.search(info) or _IN_COMMENT.match(first) or _BEFORE.match(before):
            found[block.line] = next(filter(None, match.groups()))
    return found


def _flat(line: str) -> str:
    """The line with single spaces; "" where it is too long for a label."""
    return " ".join(line.split()) if len(line) <= LONGEST else ""


def _last(lines: list[str], number: int) -> str:
    """The last line with something on it before that one, two blank ones away at most."""
    return next((line for line in reversed(lines[max(0, number - 3) : number]) if line.strip()), "")


def brought(answer: str) -> dict[str, str]:
    """Path -> code of the files that an answer names, a later version in place of an earlier one, tests left away."""
    named = paths(answer)
    found = {named[block.line]: block.code for block in page(answer).blocks if block.line in named}
    return {path: code for path, code in found.items() if not _TESTS.search(path)}


def files(text: str) -> frozenset[int]:
    """Lines of the fences that are files of an answer of several, each as principal as any other; () of one alone."""
    found = paths(text)
    return frozenset(found) if len(set(found.values())) > 1 else frozenset()
