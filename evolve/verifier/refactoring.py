"""Is code that was rewritten any better? Held to what the instruction asks for, else to the figures of its structure.

An instruction may name its aim: less nesting, no duplication, shorter, smaller functions, fewer branches, no loops,
better names, type hints, docstrings. Then the figure of an aim must fall, where there is anything to bring down, and
nothing else is asked: who wants names gets names. Without an aim one figure of the structure has to fall and none may
grow clearly. So renaming, hints and docstrings by themselves are a refactoring only where they were asked for; without
that they leave a program as hard to follow as it was. An aim that no figure shows (async for callbacks, an enum for
strings) is believed; but code that is the same word for word, remarks and space aside, is never a refactoring.

Whether it still does the same is for tests to tell, not for figures. Nothing is run here, and it never raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from evolve.markdown import page
from evolve.verifier.code import Program, defines, parsed, program
from evolve.verifier.figures import STRUCTURE, bound, figures

FACTOR = 1.5
SLACK = {"branches": 2, "nesting": 3, "repeated": 12, "longest": 4, "size": 24}
"""Grown by half and by so much more is clearly worse. A helper costs some twelve nodes (its line, a parameter, a return,
a call), so two are free whatever they take the code out of. None of the bundled refactorings of Python grows in any
figure; those of other languages that grow by more have an aim that no figure shows."""
LESS = 0.05
"""Of its nodes a program has to lose that is better in nothing else: a pass or a pair of brackets is no refactoring."""

_AIMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (figure, re.compile(words, re.I))
    for figure, words in (
        (
            "nesting",
            r"\b(?:un)?nest(?:ed|ing)?\b|\bflatten|\bguard clauses?\b|\bearly returns?\b|\bindentation\b|\bdeep(?:ly)? (?:in"
            r"dented|levels?)|\bpyramid\b|\barrow (?:code|anti)",
        ),
        ("repeated", r"\bduplicat|\brepetiti|\brepeated (?:code|lines?|blocks?)|\bcop(?:y|ied)[- ](?:and[- ])?past|\bDRY\b|\bredundan"),
        ("size", r"\bshort(?:er|en)\b|\bconcise|\bcompact(?:ly)?\b|\bfewer lines\b(?! of \d)|\bless code\b|\bone[- ]liner?\b|\bsingle line\b"),
        (
            "longest",
            r"\b(?:split|break)\b[^.\n]{0,40}\b(?:into|up|down)\b|\bextract (?:\w+ ){0,3}(?:functions?|methods?|helpers?)"
            r"|\bsmall(?:er)? (?:\w+ )?(?:functions?|methods?|pieces)|\bsingle responsibility\b|\btoo long\b",
        ),
        ("branches", r"\bcyclomatic\b|\bspecial cases?\b|\bif[-/ ]?else\b|\bif[- ]chains?\b|\b(?:fewer|without) (?:branches|conditionals|ifs)\b"),
        ("loops", r"\bcomprehensions?\b|\bwithout (?:\w+ )?loops?\b|\breplace the loops?\b|\bno loops?\b"),
        ("names", r"\brenam(?:e|ing)\b|\b(?:better|clear(?:er)?|descriptive|meaningful|good|readable|telling) (?:variable |function )?names?\b|\bnaming\b"),
        ("untyped", r"\btype[- ](?:hints?|annotations?)\b|\bannotat(?:e|ions?)\b"),
        ("undocumented", r"\bdocstrings?\b"),
    )
)  # fmt: skip
"""Figure -> the words that ask for less of it."""
_MANNER = re.compile(
    r"\b(?:async|await|promises?|enums?|dataclass(?:es)?|named ?tuples?|class(?:es)?|object[- ]oriented|patterns?|optional"
    r"|generators?|iterators?|traits?|interfaces?|generics?|records?|streams?|context managers?|decorators?|decoupl\w+"
    r"|question mark operator|smart pointers?|raii|c\+\+\d\d|es\d+|up to date|modern\w*|`any`s?|single pass|faster|"
    r"performan\w+|efficien\w+|(?:O|o)\([^)\n]{1,20}\)|errors?\b[^.\n]{0,20}\breturn|return errors?|subquery|magic numbers?)",
    re.I,
)
"""What is asked for that none of the figures shows."""
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class Rewritten:
    """What the figures say of code before and after."""

    trace: str = ""
    """Why it is no refactoring, with the figures; "" where it is one."""
    scores: Mapping[str, float] = ()  # type: ignore[assignment]
    """`branches_before`, `branches_after` and so on; empty where the code cannot be read."""


def original(instruction: str, language: str) -> Program | None:
    """The code that an instruction wants rewritten: of what it shows twice, the first version.

    A later one that defines the same is an example, or the wrong way that an operator put there.
    """
    shown = page(instruction).blocks
    kept, known = [], set[str]()
    for block in shown:
        names = defines(block.code, language)
        if not names & known:
            kept.append(f"```{block.language}\n{block.code.rstrip()}\n```")
            known |= names
    return program("\n\n".join(kept), language) if kept else None


def rewritten(before: Program, after: Program, instruction: str) -> Rewritten:
    """Hold the code of an answer to that of its instruction."""
    if _same(before, after):
        return Rewritten("the code is the same as before: nothing was rewritten")
    old, new = figures(before.source, before.language), figures(after.source, after.language)
    if old is None or new is None:
        return Rewritten()
    names = {"renamed": float(len(bound(before.source) - bound(after.source)))} if before.language == "python" else {}
    scores = {f"{name}_{when}": float(of[name]) for name in old for when, of in (("before", old), ("after", new))} | names
    words = page(instruction).prose
    aims = [name for name, asked in _AIMS if asked.search(words) and _is_open(name, old)]
    if aims:
        better = any(_falls(name, old, new, names) for name in aims)
        told = [name for name in aims if name in old]
        return Rewritten("" if better else _told("it was asked for, but there is no less", told, old, new), scores)
    if _MANNER.search(words):
        return Rewritten("", scores)
    if worse := [name for name in STRUCTURE if new[name] > FACTOR * old[name] + SLACK[name]]:
        return Rewritten(_told("the code is clearly worse than before", worse, old, new), scores)
    if any(_falls(name, old, new, names) for name in STRUCTURE):
        return Rewritten("", scores)
    return Rewritten(_told("the code is no simpler than before", STRUCTURE, old, new), scores)


def _falls(name: str, old: Mapping[str, int], new: Mapping[str, int], names: Mapping[str, float]) -> bool:
    if name == "names":
        return names.get("renamed", 0) > 0 and new["short_names"] <= old["short_names"]
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
    """Whether nothing but space and remarks differs; in Python docstrings are remarks."""
    if before.language == "python":
        old, new = _bare(before.source), _bare(after.source)
        return old is not None and old == new
    return _SPACE.sub("", before.source) == _SPACE.sub("", after.source)


def _bare(source: str) -> str | None:
    import ast

    tree = parsed(source)
    if tree is None:
        return None
    return ast.unparse(tree)
