"""Code of an answer that does not parse: no reading of it, however kind, is a program.

Only what claims a language is held to it: a fenced block by its info string, or by lines that no other language has.
Whether the code does what was asked is not for a parser to tell; that is the verifier's business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

from evolve.checks import balance, grammars, python
from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.fences import language
from evolve.checks.paths import files
from evolve.markdown import Block, page
from evolve.records import Finding

SHARE = 0.5
"""Of the longest block's lines: a block with fewer illustrates a sentence, and may be a part of a statement."""
ALIKE = 0.5
"""Share of a broken block's lines from which another text is taken for the same code: before and after a repair."""

ASKED_FOR = re.compile(
    r"\b(?:with|contain\w*|introduc\w*|includ\w*|insert\w*|deliberate\w*|intentional\w*|ha[sv]e?|having"
    r"|make) (?:[\w-]+ ){0,4}"
    r"(?:syntax|compil\w+|indentation|pars\w+) (?:error|mistake)|\bpseudo-?code\b|伪代码|疑似コード|의사 ?코드"
    r"|pseudoc[oó]digo|псевдокод",
    re.I,
)
"""Code that is not meant to parse."""

LANGUAGES = frozenset(("python", *grammars.LANGUAGES, *balance.LANGUAGES))
SHORTEST = 3
"""Lines from which an answer without a fence may be read as code."""
_BEGINS = re.compile(
    r"\s*+(?:#|//|/\*|def |class |import |from \w|@|function |const |let |use |package |public |pub |fn )"
)
_CODE_LINE = re.compile(
    r"^[ \t]|[;{}(\[,)\]>:]\s*$|^(?:#|//|/\*|\*|@|def |class |import |from \w++ import|if |for |while |return\b|else"
    r"|elif|try"
    r"|except|with |raise |async |print\(|\w[\w.\[\]]*(?:,\s?\w+)* ?(?:[-+*/]?=|\())"
)
"""A line that is no sentence."""
_PROGRAM = re.compile(r"[=({:]|^[ \t]*(?:import|from|return|print|use|package)\b", re.M)


class WrongCode:
    """Rejects an answer of whose principal blocks one is broken, where nothing says that it is meant to be.

    Principal is the longest block that has a language, each that is at least half as long, and each file of an answer
    of several. A broken block is excused where the instruction holds it (a quotation), where another block of the
    answer is the same code and does parse (before and after a repair), and where broken code was asked for.
    """

    name = "wrong_code"
    version = 3
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = candidate.answer or ""
        blocks = [(language(block), block) for block in page(answer).blocks or unfenced(answer)]
        spoken = [(name, block) for name, block in blocks if name in LANGUAGES]
        errors = [fault(name, block.code) for name, block in spoken]
        broken = [Broken(*said, error) for said, error in zip(spoken, errors, strict=True) if error]
        if broken and not ASKED_FOR.search(candidate.text):
            longest = max(size(block) for _, block in spoken)
            whole = [block.code for (_, block), error in zip(spoken, errors, strict=True) if not error]
            whole_files = files(answer)
            others = [lines(text) for text in (candidate.text, *whole)]
            for one in broken:
                principal = size(one.block) >= SHARE * longest or one.block.line in whole_files
                if principal and not any(alike(one.block.code, other) for other in others):
                    return reject(self, f"{one.language}, {one.error}")
        return accept(self, parsed=1 - len(broken) / len(spoken)) if spoken else accept(self)


def unfenced(answer: str) -> tuple[Block, ...]:
    """The answer as a block where no line of it can be prose, and it cannot hide its language."""
    if not _BEGINS.match(answer):
        return ()
    written = [line for line in answer.splitlines() if line.strip()]
    if len(written) < SHORTEST or not all(map(_CODE_LINE.search, written)):
        return ()
    return (Block("", answer, True, 0),)


@dataclass(frozen=True, slots=True)
class Broken:
    language: str
    block: Block
    error: str


def fault(name: str, code: str) -> str:
    """What is wrong first, or ""."""
    if name in balance.LANGUAGES:
        return balance.fault(name, code)
    if not _PROGRAM.search(code):
        return ""
    if name == "python":
        return python.read(code).error
    return next(iter(grammars.faults(code, name)), "")


def size(block: Block) -> int:
    """Lines with something on them."""
    return sum(1 for line in block.code.splitlines() if line.strip())


def lines(text: str) -> set[str]:
    """Its lines without the space in them."""
    return {bare for line in text.splitlines() if len(bare := "".join(line.split())) > 1}


def alike(code: str, other: set[str]) -> bool:
    own = lines(code)
    return bool(own) and len(own & other) >= ALIKE * len(own)
