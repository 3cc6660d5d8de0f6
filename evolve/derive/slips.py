"""Which broken versions look like a slip of somebody's hand, and how they are written so that only the fault differs.

A mutant's changed place is written anew from the tree, with quotes, spaces and brackets of its own; whoever learns
from such pairs would find faults by their quotes. Invariant: a slip means what its mutant means, something else than
the program, and differs from it in a few characters of one line.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace

from evolve.verifier.code import parsed
from evolve.verifier.mutants import Mutant

APART = 20
"""Characters that a slip differs in at most, in either version: two operators or numbers, not two expressions."""
_LITERAL = re.compile(r"""[rR]?"[^"\\\n]*"|[rR]'[^'\\\n]*'|\b\d[\d_]*_\d+\b""")


_EMPTIED = frozenset(f"return {value}" for value in ("None", "''", "[]", "{}", "0"))
"""What a value that was left away leaves: a stub, no slip."""
_STEPS = re.compile(r"[-+] \d+ [-+] \d")
"""`n - 2 - 1`: nobody writes it."""


def as_slip(mutant: Mutant, code: str) -> Mutant | None:
    """The mutant with literals spelt as in the program; None where it is no slip."""
    pair = differing(code, mutant.source)
    if pair is None or mutant.change.endswith(("-> `pass`", "-> `''`", '-> `""`')):
        return None
    line, right, wrong = pair
    if wrong in _EMPTIED or (_STEPS.search(wrong) and not _STEPS.search(right)):
        return None
    spelt = _spelt(wrong, right)
    lines = mutant.source.split("\n")
    lines[line - 1] = lines[line - 1].replace(wrong, spelt)
    source = "\n".join(lines)
    if _meaning(source) not in {"", _meaning(code)} and _meaning(source) == _meaning(mutant.source):
        return replace(mutant, source=source, line=line) if _apart(right, spelt) <= APART else None
    return None


def differing(right: str, wrong: str) -> tuple[int, str, str] | None:
    """Number from 1, right text and wrong text of the one line in which two programs differ; None if it is not one."""
    ones, others = right.split("\n"), wrong.split("\n")
    lines = [n for n, (one, other) in enumerate(zip(ones, others, strict=False)) if one != other]
    if len(ones) != len(others) or len(lines) != 1:
        return None
    one, other = ones[lines[0]].strip(), others[lines[0]].strip()
    return None if "`" in one + other else (lines[0] + 1, one, other)


def _spelt(wrong: str, right: str) -> str:
    for literal in _LITERAL.findall(right):
        written = repr(ast.literal_eval(literal))
        if literal not in wrong:
            wrong = wrong.replace(written, literal)
    return wrong


def _apart(one: str, other: str) -> int:
    """Characters between the common beginning and the common end, of the longer one."""
    shorter = min(len(one), len(other))
    before = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    left = shorter - before
    after = next((n for n in range(left) if one[-1 - n] != other[-1 - n]), left)
    return max(len(one), len(other)) - before - after


def _meaning(source: str) -> str:
    """The tree's; "" where there is none."""
    tree = parsed(source)
    return "" if tree is None else ast.dump(tree)
