"""What is derived, and what it is derived from; and the three kinds as text, before anything has been run.

Each function makes one task from a verified program and what was seen of it. Invariant: a task is a function of its
arguments; what they claim (that a program fails, that tests hold) is the deriver's to have seen.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from random import Random

from evolve.config import DerivedKind
from evolve.derive.cuts import Cut
from evolve.derive.slips import differing
from evolve.derive.wording import (
    BUG_FIX,
    EFFECT,
    FILLED,
    FIXED,
    INFILL,
    INLINE_GAPS,
    LINE_GAPS,
    PLAIN_TESTS,
    TESTED,
    TESTS,
    WHAT,
    listed,
    quoted,
    said,
)
from evolve.markdown import fenced
from evolve.records import Proof, digest
from evolve.verifier.code import parsed
from evolve.verifier.mutants import Mutant
from evolve.verifier.needs import names

REPORT = 900
"""Characters of a failure that a task shows; a longer one has a value in it that nobody reads."""
SPAN = 60
"""Characters of a call or a value that an answer repeats."""


@dataclass(frozen=True, slots=True)
class Source:
    """A verified row: an instruction, its answer and the proof of it, and what is wanted of it."""

    id: str
    root_id: str
    instruction: str
    answer: str
    proof: Proof
    kinds: tuple[DerivedKind, ...]
    """The kinds that may be made of it."""
    count: int = 1
    """Tasks wanted, each of another kind."""
    seed: int = 0
    """The run's."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A task made of a verified row, and its answer; both were run."""

    kind: DerivedKind
    instruction: str
    output: str
    source_id: str
    root_id: str
    proof: Proof
    """Of this task: the tests that its answer's program passes, or that are its answer."""
    cut: Cut | None = None
    """Of infilling alone."""

    @property
    def id(self) -> str:
        return digest("derived", self.kind, self.source_id, self.instruction, self.output)


def bug_fix(task: str, code: str, mutant: Mutant, report: str, draw: Random) -> tuple[str, str] | None:
    """Instruction and answer; None where the fault is no line of its own."""
    pair = differing(code, mutant.source)
    if pair is None:
        return None
    line, right, wrong = pair
    call, got, expected = seen(report)
    effect = said(EFFECT, draw, call=call, got=got, expected=expected) if call else ""
    parts = {"task": task, "quoted": quoted(task), "code": fenced(mutant.source), "report": fenced(report, "text")}
    answer = {"line": line, "wrong": wrong, "right": right, "code": fenced(code), "effect": f" {effect}" * bool(effect)}
    return said(BUG_FIX, draw, **parts), said(FIXED, draw, **answer)


def infill(task: str, cut: Cut, draw: Random) -> tuple[str, str] | None:
    """Instruction and answer; None where every mark for the gap stands in the program."""
    whole = cut.prefix + cut.middle + cut.suffix
    gaps = [gap for gap in (LINE_GAPS if cut.lines else INLINE_GAPS) if gap not in whole and gap not in task]
    if not gaps:
        return None
    gap = draw.choice(gaps)
    end = "\n" if cut.middle.endswith("\n") else ""
    code = fenced(f"{cut.prefix}{cut.indent}{gap}{end}{cut.suffix}")
    parts = {"task": task, "quoted": quoted(task), "code": code, "gap": gap, "what": WHAT[cut.kind]}
    return said(INFILL, draw, **parts), said(FILLED, draw, code=fenced(cut.middle), gap=gap)


def tests(task: str, code: str, proof: Proof, draw: Random) -> tuple[str, str] | None:
    """Instruction and answer; None where the tests name nothing of the program."""
    tree, asserted = parsed(code), parsed(proof.tests)
    if tree is None or asserted is None:
        return None
    used = names(asserted)
    defined = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)]
    tested = [name for name in defined if name in used]
    if not tested:
        return None
    parts = {"task": task, "quoted": quoted(task), "code": fenced(code), "names": listed(tested)}
    answer = {"code": fenced(proof.tests.strip()), "count": proof.assertions, "names": listed(tested)}
    plain = all(isinstance(node, ast.Assert) for node in asserted.body)
    return said(PLAIN_TESTS if plain else TESTS, draw, **parts), said(TESTED, draw, **answer)


_FAILED = re.compile(r"^AssertionError: (?=assert )", re.M)
_ADDRESS = re.compile(r" at 0x[0-9a-f]+|\.\.\. \(\d+ characters\)")


def observed(detail: str, code: str) -> str:
    """What a test said, as it can be shown; "" where it says too little, or what differs from run to run.

    A comparison is shown with what came and what was expected, anything else with its traceback.
    """
    found = _FAILED.search(detail)
    report = detail[found.end() :].strip() if found else detail.strip()
    if not report or len(report) > REPORT or _ADDRESS.search(report):
        return ""
    if found:
        return report if _is_closed(report.split("\n  got ")[0], code) else ""
    empty = report.endswith("AssertionError") and "assert False" in report
    return "" if empty or "assert" not in report else report


def _is_closed(assertion: str, code: str) -> bool:
    """Whether all that the assertion speaks of is in the program or the language: no variable of a loop over cases."""
    tree, program = parsed(assertion.strip()), parsed(code)
    known = {*dir(builtins), *(names(program) if program else ()), *_defined(program)}
    return tree is not None and names(tree) <= known


def _defined(tree: ast.Module | None) -> set[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)
    return {node.name for node in (tree.body if tree else ()) if isinstance(node, kinds)}


_SEEN = re.compile(r"assert (?P<call>[^\n]+) == [^\n]+\n  got +(?P<got>[^\n]+)\n  expected +(?P<expected>[^\n]+)")


def seen(report: str) -> tuple[str, str, str]:
    """The call, what it came to and what was expected, where all are short enough to be repeated; else "" thrice."""
    found = _SEEN.fullmatch(report)
    parts = (found["call"], found["got"], found["expected"]) if found else ("", "", "")
    return parts if all(len(part) <= SPAN and "`" not in part for part in parts) else ("", "", "")
