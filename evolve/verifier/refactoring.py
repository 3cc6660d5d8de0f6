"""Is code that was rewritten any better? Held to what the instruction asks for, else to the figures of its structure.

An instruction may name its aim: less nesting, no duplication, shorter, smaller functions, fewer branches, no loops,
better names, type hints, docstrings. Then the figure of an aim must fall, where there is anything to bring down, and
nothing else is asked: who wants names gets names. But the words of an aim may tell what the code is for ("this removes
duplicates", "it splits a line into words"): where the aim is not met and the code is simpler all the same, nobody can
tell, and it is neither. Without an aim one figure of the structure has to fall and none may
grow clearly. So renaming, hints and docstrings by themselves are a refactoring only where they were asked for; without
that they leave a program as hard to follow as it was. An aim that no figure shows (async for callbacks, an enum for
strings) is believed; but code that is the same word for word, remarks and space aside, is never a refactoring.

Whether it still does the same is for tests to tell, not for figures. Nothing is run here, and it never raises.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from evolve.checks.tongues import mother_tongue
from evolve.markdown import fenced, page
from evolve.verifier.code import Program, defines, parsed, program
from evolve.verifier.figures import STRUCTURE, bound, figures

FACTOR = 1.5
SLACK = {"branches": 1, "nesting": 2, "repeated": 12, "longest": 3, "size": 24}
"""Grown by half and by so much more is clearly worse. A helper costs some twelve nodes (its line, a parameter, a
return, a call), so two are free whatever they take the code out of. None of the bundled refactorings of Python grows in
any figure; those of other languages that grow by more have an aim that no figure shows."""
LESS = 0.05
"""Of its nodes a program has to lose that is better in nothing else: a pass or a pair of brackets is no refactoring."""


def _asking(*words: str) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(words)})", re.I)


_AIMS: Mapping[str, re.Pattern[str]] = {
    "nesting": _asking(
        r"(?:un)?nest(?:ed|ing)?\b", "flatten", r"guard clauses?\b", r"early returns?\b", r"indentation\b",
        r"deep(?:ly)? (?:indented|levels?)", r"pyramid\b", r"arrow (?:code|anti)",
    ),
    "repeated": _asking(
        "duplicat", "repetiti", r"repeated (?:code|lines?|blocks?)", r"cop(?:y|ied)[- ](?:and[- ])?past", r"DRY\b",
        "redundan",
    ),
    "size": _asking(
        r"short(?:er|en)\b", "concise", r"compact(?:ly)?\b", r"fewer lines\b", r"less code\b", r"one[- ]liner?\b",
        r"(?:in a|on a|one|a) single line\b",
    ),
    "longest": _asking(
        r"(?:split|break)\b[^.\n]{0,40}\b(?:into|up|down)\b", r"single responsibility\b", r"too long\b",
        r"extract (?:\w+ ){0,3}(?:functions?|methods?|helpers?)",
        r"small(?:er)? (?:\w+ )?(?:functions?|methods?|pieces)",
    ),
    "branches": _asking(
        r"cyclomatic\b", r"special cases?\b", r"if[-/ ]?else\b", r"if[- ]chains?\b",
        r"(?:fewer|without) (?:branches|conditionals|ifs)\b",
    ),
    "loops": _asking(r"comprehensions?\b", r"without (?:\w+ )?loops?\b", r"replace the loops?\b", r"no loops?\b"),
    "names": _asking(
        r"renam(?:e|ing)\b", r"naming\b",
        r"(?:better|clear(?:er)?|descriptive|meaningful|good|readable|telling) (?:variable |function )?names?\b",
    ),
    "untyped": _asking(r"type[- ](?:hints?|annotations?)\b", r"annotat(?:e|ions?)\b"),
    "undocumented": _asking(r"docstrings?\b"),
}  # fmt: skip
"""Figure -> the words that ask for less of it. What only bounds a figure ("fewer than 40 lines") is no aim."""
_MANNER = re.compile(
    r"\b(?:us(?:e|es|ing)|with|into|to|by|introduc\w+|defin\w+|rid of)\b[^.\n]{0,30}?"
    r"(?:\b(?:async|await|promises?|enums?|dataclass(?:es)?|named ?tuples?|class(?:es)?|object[- ]oriented|patterns?"
    r"|optional|generators?|iterators?|traits?|interfaces?|generics?|records?|streams?|context managers?|decorators?"
    r"|operators?|smart pointers?|raii|es\d+|single pass|errors?|magic numbers?|faster|efficient\w*|functions?|lambdas?"
    r"|recursi\w+|while loops?|extend\w*|extensib\w+|testable)\b|c\+\+\d|`any`)"
    r"|\bup to date\b|\bmoderni[sz]e|\bdecoupl|\bsecure|\bsafer?\b|\brobust|\bmore efficient|\bfaster\b|\bfix(?:es)?\b",
    re.I,
)
"""What is asked for that none of the figures shows."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the figures say of code before and after."""

    trace: str = ""
    """Why it is no refactoring, with the figures; "" where it is one."""
    unsure: bool = False
    """Whether the trace may be of an aim that nobody has: the code is simpler in something else."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """`branches_before`, `branches_after` and so on; empty where the code cannot be read."""


def original(instruction: str, language: str) -> Program | None:
    """The code that an instruction wants rewritten: of what it shows twice, the first version.

    A later one that defines the same is an example, or the wrong way that an operator put there.
    """
    kept: list[str] = []
    known: set[str] = set()
    for block in page(instruction).blocks:
        names = defines(block.code, language)
        if not names & known:
            kept.append(fenced(block.code, block.language))
            known |= names
    return program("\n\n".join(kept), language) if kept else None


def rewritten(before: Program, after: Program, instruction: str) -> Rewritten:
    """Hold the code of an answer to that of its instruction."""
    if _same(before, after):
        return Rewritten("the code is the same as before: nothing was rewritten")
    old, new = figures(before.source, before.language), figures(after.source, after.language)
    if old is None or new is None:
        return Rewritten()
    gone = len(bound(before.source) - bound(after.source)) if before.language == "python" else 0
    pairs = (("before", old), ("after", new))
    scores = {f"{name}_{when}": float(of[name]) for name in old for when, of in pairs}
    words = page(instruction).prose
    trace, unsure = _trace(words, old, new, gone)
    foreign = mother_tongue(words) not in {None, "English"}  # its aims are read in English alone
    return Rewritten(trace, bool(trace) and (unsure or foreign), scores)


def _trace(words: str, old: Mapping[str, int], new: Mapping[str, int], gone: int) -> tuple[str, bool]:
    """What is wrong and whether that is unsure. `words`: of the instruction; `gone`: names that are no longer there."""
    aims = [name for name, asked in _AIMS.items() if asked.search(words) and _is_open(name, old)]
    worse = [name for name in STRUCTURE if new[name] > FACTOR * old[name] + SLACK[name]]
    simpler = any(_falls(name, old, new, gone) for name in STRUCTURE)
    if aims:
        better = any(_falls(name, old, new, gone) for name in aims)
        told = [name for name in aims if name in old]
        trace = "" if better else _told("what was asked for did not come about", told, old, new)
        return trace, bool(trace) and simpler and not worse
    if _MANNER.search(words):
        return "", False
    if worse:
        return _told("the code is clearly worse than before", worse, old, new), False
    return "" if simpler else _told("the code is no simpler than before", STRUCTURE, old, new), False


def _falls(name: str, old: Mapping[str, int], new: Mapping[str, int], gone: int) -> bool:
    if name == "names":
        return gone > 0 and new["short_names"] <= old["short_names"]
    return new[name] < old[name] and (name != "size" or new[name] <= (1 - LESS) * old[name])


def _is_open(name: str, old: Mapping[str, int]) -> bool:
    """Whether there is anything to bring down."""
    if name == "names":
        return "short_names" in old
    return old["nesting"] > old["branches"] if name == "nesting" else old.get(name, 0) > 0


def _told(words: str, names: tuple[str, ...] | list[str], old: Mapping[str, int], new: Mapping[str, int]) -> str:
    shown = ", ".join(f"{_SPOKEN[name]} {old[name]} before, {new[name]} now" for name in names)
    return f"{words}: {shown}" if shown else f"{words}: no name was changed"


_SPOKEN = {
    "branches": "branches (ifs, loops, cases)",
    "nesting": "nesting (branches, each counted again for every one around it)",
    "repeated": "repeated code (nodes of the syntax tree)",
    "longest": "statements of the longest function",
    "size": "size (nodes of the syntax tree)",
    "loops": "loops",
    "short_names": "names of one or two letters",
    "untyped": "parameters and results without a type hint",
    "undocumented": "functions and classes without a docstring",
}


def _same(before: Program, after: Program) -> bool:
    """Whether nothing but space and, in Python, remarks differs."""
    if before.language == "python":
        old, new = parsed(before.source), parsed(after.source)
        return old is not None and new is not None and ast.dump(old) == ast.dump(new)
    return _SPACE.sub("", before.source) == _SPACE.sub("", after.source)
