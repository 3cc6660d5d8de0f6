"""What checks need to know of Markdown: which lines are fenced code, and which are prose. Not a parser of Markdown.

Invariant: blocks and prose together hold every line once; it takes time linear in the text, whatever is in it. A fence
may be indented (as in a list), is closed by one of its own kind that is at least as long, and an unclosed one reaches
to the end.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

_OPEN = re.compile(r"[ \t>]*+(`{3,}+|~{3,}+)[ \t]*+([^\s`{]*+)([^`\n]*+)$")
_LANGUAGE = re.compile(r"[\w#+.-]+")


@dataclass(frozen=True, slots=True)
class Block:
    language: str
    """The info string's first word, in lower case; "" where there is none."""
    code: str
    """Without its fences; each line ends in a newline, except perhaps the last one of an unclosed block."""
    closed: bool
    line: int
    """Of its opening fence, counted from 0."""
    info: str = ""
    """The whole info string."""


@dataclass(frozen=True, slots=True)
class Page:
    blocks: tuple[Block, ...]
    prose: str
    """Everything that is not fenced; a blank line stands where a block was."""


@lru_cache(maxsize=32)  # several checks read the same text one after the other
def page(text: str) -> Page:
    """`text` taken apart at its fences."""
    if "```" not in text and "~~~" not in text:
        return Page((), text)
    blocks: list[Block] = []
    prose: list[str] = []
    fence, language, info, begin, end = "", "", "", 0, 0  # of the open block, or where the last one ended
    lines = text.splitlines(keepends=True)
    for number in [number for number, line in enumerate(lines) if "```" in line or "~~~" in line]:
        if fence:
            bare = lines[number].strip(" \t>\r\n")
            if bare.startswith(fence) and not bare.strip(fence[0]):
                blocks.append(Block(language, "".join(lines[begin + 1 : number]), True, begin, info))
                fence, end = "", number + 1
        elif opening := _OPEN.match(lines[number].rstrip("\r\n")):
            fence, begin = opening[1], number
            found = _LANGUAGE.match(opening[2])
            language = found[0].lower() if found else ""
            info = (opening[2] + opening[3]).strip()
            prose += (*lines[end:number], "\n")
    if fence:
        blocks.append(Block(language, "".join(lines[begin + 1 :]), False, begin, info))
    else:
        prose += lines[end:]
    return Page(tuple(blocks), "".join(prose))


_TICKS = re.compile(r"`+")


def fenced(code: str, language: str = "python") -> str:
    """The code in a fence that nothing in it closes."""
    longest = max((len(run) for run in _TICKS.findall(code)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{code.rstrip()}\n{fence}"
