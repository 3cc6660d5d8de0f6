"""What a task brings along to be worked on: code, data, literals, tables; fenced or just written down.

Generous on purpose: whatever may be the thing that a sentence points to counts, for "the code is missing" is said only
where nothing at all could be it. Nothing here is parsed or run; it takes time linear in the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from evolve.markdown import page

_CODE_LINE = re.compile(
    r"^[ \t>]*+(?:"
    r"(?:def|class|struct|interface|enum|fn|func|function|sub|module|namespace|package|trait"
    r"|impl)\s++[\w$]++[^.\n]{0,80}"
    r"[({:;<=]"
    r"|(?:import|from|using|require|include)\s++[\w.\"'<{*][^\n]{0,80}$|#include\b|#!/|@\w++|<[!?/]?[a-zA-Z][^\n>]*+>"
    r"|(?:public|private|protected|static|const|let|var|int|float|double|char|void|long|bool|string|auto"
    r"|val)\s++[\w<\[*]"
    r"[^\n]{0,120}[=;({]"
    r"|(?:SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE (?:TABLE|INDEX|VIEW)|ALTER TABLE|WITH)\s++[\w*(`\"\[]"
    r"|(?:if|for|while|switch|elif|else if|foreach)\b[^\n]{0,120}[:{;][ \t]{0,8}$|(?:else|try|do|finally)\s*[:{]"
    r"|return\b[^.\n]{0,80};|(?:print|printf|puts|echo|console\.\w+|System\.\w+)\b ?[(\"'$\w]"
    r"|\$?[\w.]++(?:\[[^\]\n]{0,40}\]|<[\w<>, \[\]]{1,40}>|\(\w{0,20}\))?(?: [\w.]++)? *(?:[-+*/|&:%]|<<"
    r"|>>)?=(?![=~]) *\S"
    r"|\$?[\w.]{1,60}\([^\n]{0,200}\)[;{]?[ \t]{0,8}$"
    r"|[^\n]{0,200}[;{}][ \t]{0,8}$"
    r")",
    re.MULTILINE,
)
_DATA = re.compile(
    r"\[(?=[^\[\]\n]{0,80}[\w\"'])[^\[\]\n]++\]"  # a list
    r"|\{(?=[^{}]{0,80}[\w\"'])[^{}]++\}"
    r"|\([-\d.\"'][^()\n]{0,80},[^()\n]{0,200}\)"  # a tuple
    r"|\"[^\"\n]++\"|“[^“”\n]++”|«[^«»\n]++»|「[^「」\n]++」|『[^『』\n]++』|„[^„“”\n]++[“”]|(?<!\w)'[^'\n]++'(?!\w)"
    r"|(?<![\w.])-?\d[\d.]*+(?:\s{0,2}[,，、;→]\s{0,2}-?\d[\d.]*+){2}"
    r"|^[^|\n]{0,200}\|[^|\n]{0,200}\|"  # a table
    r"|^[^\t\n]{1,80}\t[^\t\n]"
    r"|^[^,\n.。]{1,40},(?:[^,\n.。]{0,40},){0,30}[^,\n.。]{1,40}$"  # comma-separated values
    r"|`(?=[^`\n]{0,200}[^\w`\n])[^`\n]++`"  # an inline span that is more than a name
    r"|\$[^$\n]{3,80}\$|\b[a-z0-9](?:\^\d)? ?[-+*/=<>] ?[a-z0-9(]\w{0,9}(?:\^\d)? ?[-+*/=<>]"  # a formula
    r"|https?://\S|<[a-zA-Z/][^<>\n]*+>",
    re.MULTILINE,
)
_LABEL = re.compile(
    r"^[ \t>*#_-]*+(?!(?:[\w-]++ ){0,3}(?:notes?|constraints?|requirements?|hints?|bonus|goals?|tasks?"
    r"|objectives?|rules?"
    r"|important|instructions?|conditions?|restrictions?|features?|steps?|warning|output"
    r"|criteria)\b)[^\W\d][^\n:：]{0,40}"
    r"[:：][*_ \t]*+(?:\n[ \t\n]*+)?(?=\S)",
    re.MULTILINE | re.IGNORECASE,
)
"""A label with something behind it, as in "Input: 5"; what heads conditions is none."""
_LATER_LINE = re.compile(
    r"\n[ \t]*+(?![-*+#>•][ \t]|\d{1,2}[.)] )(?=\S)"
    r"(?:(?>[^\s.!?。！？]\S{0,40}(?![.!?。！？]))[ \t]*+){1,9}+(?=\n|$)"
)
"""A short later line without an end of sentence: a bare value, as in "Sort it.\\n5 3 1"."""


@lru_cache(maxsize=32)  # two checks ask it of the same texts
def code(text: str) -> frozenset[str]:
    """Fenced blocks and code lines in prose, each without blanks, so that layout makes no difference."""
    whole = page(text)
    lines = {"".join(line.split()) for line in whole.prose.splitlines() if _CODE_LINE.match(line)}
    return frozenset(lines | {"".join(block.code.split()) for block in whole.blocks} - {""})


def is_code_line(line: str) -> bool:
    """Whether a line of prose is written like code; a sentence that ends in a semicolon is, too."""
    return _CODE_LINE.match(line) is not None


def has_code(text: str) -> bool:
    return bool(code(text))


_ASSIGNMENT = re.compile(r"(?<![\w=<>!])\w{1,30} ?= ?[\w\"'\[({]")
_SPAN = re.compile(r"`([^`\n]++)`")
_CODE_SPAN = re.compile(r"[=;{<>+*/%|-]|\([^)]| [^ ]++ ")
"""In an inline span of six characters or more: more than a name, a call without arguments or two words."""


@lru_cache(maxsize=32)
def has_material(text: str) -> bool:
    """Whether anything in it could be worked on: code, a literal, a table, a quotation, a labelled value."""
    return _any(text, (_CODE_LINE, _DATA, _LABEL, _LATER_LINE))


@lru_cache(maxsize=32)
def has_program(text: str) -> bool:
    """Whether anything in it could be a program: a quotation, a list or the name of a function is none."""
    spans = (len(span) > 5 and _CODE_SPAN.search(span) for span in _SPAN.findall(page(text).prose))
    return any(spans) or _any(text, (_CODE_LINE, _ASSIGNMENT, _LABEL, _LATER_LINE))


def _any(text: str, patterns: Iterable[re.Pattern[str]]) -> bool:
    whole = page(text)
    fenced = any(block.code.strip() for block in whole.blocks)
    return fenced or any(pattern.search(whole.prose) for pattern in patterns)
