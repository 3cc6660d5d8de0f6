"""Which programming language a fenced block is in: what its info string says, or what its code cannot hide.

Invariant: a guess is made only from lines that no other language has, so that nobody is held to a grammar that he
never claimed. An unknown language is "". It does not look at prose.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evolve.markdown import Block, page

ALIASES = {
    alias: language
    for language, aliases in {
        "python": "python python3 py py3 python2 py2 pyi ipython python3.11 python3.12 python3.13 sage",
        "javascript": "javascript js mjs cjs node nodejs ecmascript es6 es2015 jsx react",
        "typescript": "typescript ts mts cts",
        "tsx": "tsx",
        "java": "java",
        "c": "c c99 c11 c17 c23",
        "cpp": "cpp c++ cc cxx hpp c++11 c++14 c++17 c++20 c++23",
        "go": "go golang",
        "rust": "rust rs",
        "sql": "sql mysql postgresql postgres psql plpgsql pgsql sqlite sqlite3 tsql t-sql plsql mssql oracle",
        "csharp": "csharp c# cs",
        "kotlin": "kotlin kt kts",
        "swift": "swift",
        "php": "php",
        "ruby": "ruby rb",
        "scala": "scala",
        "dart": "dart",
        "bash": "bash sh shell zsh",
        "json": "json",
    }.items()
    for alias in aliases.split()
}
"""An info string's first word -> the language; of JavaScript and its JSX there is one grammar."""

_SIGNS = (
    ("cpp", re.compile(r"^[ \t]*#include <(?:iostream|vector|string|map|memory|algorithm|utility|optional)>", re.M)),
    ("c", re.compile(r"^[ \t]*#include <\w++\.h>", re.M)),
    ("go", re.compile(r"^package [a-z]\w*+[ \t]*$", re.M)),
    ("rust", re.compile(r"^[ \t]*(?:pub )?fn \w++(?:<[^>\n]*+>)?\([^\n]*\{[ \t]*$|^use std::[^\n]*;[ \t]*$", re.M)),
    (
        "java",
        re.compile(r"^[ \t]*(?:public (?:final |abstract )?class \w|import java\.|public static void main\()", re.M),
    ),
    (
        "python",
        re.compile(
            r"^[ \t]*(?:(?:async )?def \w++\([^\n]*:|from [\w.]++ import \w|class \w++(?:\([\w., ]*\))?:)", re.M
        ),
    ),
    (
        "javascript",
        re.compile(r"^[ \t]*(?:function \w++\([^:\n]*\) ?\{|(?:const|let) \w++ = (?:require\(|\([\w, ]*\) =>))", re.M),
    ),
)
"""In this order: C++ includes C headers too. TypeScript is no guess: what is not it may be JavaScript."""


def language(block: Block) -> str:
    """One of the values of ALIASES, or "" where neither the info string nor the code says it."""
    if block.language:
        return ALIASES.get(block.language, "") or ALIASES.get(_ending(block.info), "")
    return _guess(block.code)


def of_answer(answer: str, known: object = None) -> str:
    """`known`, as the sandbox knew it, else the language of the first block that says one, else ""."""
    return str(known) if known else next((name for block in page(answer).blocks if (name := language(block))), "")


def _ending(info: str) -> str:
    """The ending of a file's name that stands where the language should: "py" of "shop/stock.py"."""
    first = info.partition(" ")[0]
    return first.rpartition(".")[2].lower() if "." in first else ""


@lru_cache(maxsize=32)  # two checks ask it of the same block
def _guess(code: str) -> str:
    return next((name for name, sign in _SIGNS if sign.search(code)), "")
