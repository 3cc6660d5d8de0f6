"""Are a tester's tests fit to judge an answer by? Told from the tests and the instruction alone, without any answer.

Tests are unfit where no answer could be held to them: they do not parse, are too few, repeat themselves, call what the
instruction never named, hold for every answer, bring the very function that they test, or depend on what is not there
or differs from run to run. Each reason is a sentence that can be sent back to the tester. What the tests assert may
still be wrong; only running them against answers tells. It runs nothing, and never raises.
"""

from __future__ import annotations

import ast
import builtins
import re
import sys
from collections.abc import Container, Iterator

from evolve.checks.python import LONGEST
from evolve.sandbox.python import is_assertion
from evolve.verifier.files import modules
from evolve.verifier.known import METHODS
from evolve.verifier.needs import aliases, dotted, needs
from evolve.verifier.stubs import stub

__all__ = ["FEWEST", "stub", "unfit"]

FEWEST = 3
"""Assertions from which tests are taken; each case of a table counts."""
SHOWN = 5
"""Names told in one reason."""
_WORD = re.compile(r"[^\W\d]\w*+")
_CODE = re.compile(r"```[^`]*+```|`[^`\n]++`")
_NAMED = re.compile(
    r"\b(?:functions?|class(?:es)?|methods?|named|called|def|exceptions?|constants?|types?|structs?|helpers?|interfaces?"
    r"|decorators?|generators?|raises?|import|from)[ \t]+[\"'*]{0,2}([^\W\d]\w*+)"
    r"|\b([^\W\d]\w*+)[\"'*]{0,2}[ \t]+(?:functions?|class(?:es)?|methods?|exceptions?|constants?|decorators?)\b"
    r"|\b([^\W\d]\w*+)\(|[\"']([^\W\d]\w*+)[\"']|(?<=[a-z,] )([A-Z][a-z]\w*+)"
)
"""A word beside one that says what it is, before a bracket, in quotes, or with a capital inside a sentence."""
_RUNNERS = ("nose", "hypothesis", "nose2", "doctest")
_CLOCK = {
    *("time.time", "time.perf_counter", "time.monotonic", "time.process_time", "time.time_ns", "time.perf_counter_ns"),
    *("datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow", "datetime.date.today"),
}
_CHANCE = {"secrets", "uuid.uuid1", "uuid.uuid4", "os.urandom", "random.SystemRandom"}
_SHAPES = {"isinstance", "issubclass", "callable", "hasattr"}
_RAISING = ("raises", "assertRaises", "assertWarns", "assertLogs", "assertNoLogs")
_SHAPE_METHODS = {"assertIsInstance", "assertIsNotNone", "assertNotIsInstance"}
_ABSENT = {"files": "files", "network": "the network", "a window": "a window", "a terminal": "a terminal"}


def unfit(tests: str, instruction: str) -> tuple[str, ...]:
    """Every reason not to use the tests, each a sentence about them; () where they are fit."""
    if len(tests) > LONGEST:
        return (f"the tests are longer than {LONGEST} characters",)
    try:
        tree = ast.parse(tests)
        return tuple(reason for reason in _reasons(tree, tests, instruction) if reason)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        where = f"line {error.lineno}: {error.msg}" if isinstance(error, SyntaxError) else str(error)
        return (f"the tests do not parse: {where}",)


def _reasons(tree: ast.Module, tests: str, instruction: str) -> Iterator[str]:
    nodes = list(ast.walk(tree))
    homes = modules(instruction) | {"answer", "solution"}
    bound = _bound(nodes, homes)
    asserted = list(_assertions(tree))
    stated = named(instruction)
    yield _too_few(tree, asserted)
    yield _repeated(tree, asserted)
    yield _unnamed(nodes, bound, stated, instruction, homes)
    yield _vacuous(asserted, bound | stated, nodes)
    yield _own(tree, nodes, bound, stated, homes)
    yield from _surroundings(tree, nodes, tests, instruction)


def named(instruction: str) -> set[str]:
    """The identifiers that an instruction states: in code, by their form, or by a word like "function" beside them."""
    found = {name for code in _CODE.findall(instruction) for name in _WORD.findall(code)}
    for groups in _NAMED.findall(instruction):
        found.update(filter(None, groups))
    return found | {name for name in _WORD.findall(instruction) if _is_formed(name)}


def _is_formed(word: str) -> bool:
    """Whether only a program has such a word: snake_case, camelCase, a digit in it."""
    mixed = not word.isupper() and word[1:] != word[1:].lower()
    return "_" in word.strip("_") or mixed or any(map(str.isdigit, word))


def _bound(nodes: list[ast.AST], homes: Container[str]) -> set[str]:
    """Every name that the tests give a meaning themselves; `homes`: the answer's modules."""
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
            found.add(node.name)
        elif isinstance(node, ast.Import):
            found |= {a.asname or a.name.split(".")[0] for a in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.module or "") not in homes:
            found |= {a.asname or a.name for a in node.names}
    return found


Assertion = ast.Assert | ast.Call


def _assertions(tree: ast.Module) -> Iterator[Assertion]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Assert | ast.Call) and is_assertion(node):
            yield node


def _subjects(node: Assertion) -> list[ast.expr]:
    """What is asserted, without the message."""
    if isinstance(node, ast.Assert):
        return [node.test]
    few = 1 if getattr(node.func, "attr", "") in {"assertTrue", "assertFalse", "assertIsNone", "assertIsNotNone"} else 2
    return node.args[:few]


def _too_few(tree: ast.Module, asserted: list[Assertion]) -> str:
    tables = {name: node.value for node in ast.walk(tree) if isinstance(node, ast.Assign) for name in _targets(node)}
    found = len(asserted) + sum(_cases(node, tables) - 1 for node in ast.walk(tree) if isinstance(node, ast.For))
    found += sum(_rows(node) - 1 for node in ast.walk(tree) if isinstance(node, ast.Call))
    return "" if found >= FEWEST else f"the tests make {found} assertions; at least {FEWEST} different ones are needed"


def _rows(call: ast.Call) -> int:
    """Cases that a `parametrize` gives to its test; 1 for any other call."""
    table = call.args[1] if len(call.args) > 1 else None
    rows = (
        isinstance(call.func, ast.Attribute)
        and call.func.attr == "parametrize"
        and isinstance(table, ast.List | ast.Tuple)
    )
    return max(1, len(table.elts)) if rows and isinstance(table, ast.List | ast.Tuple) else 1


def _cases(loop: ast.For, tables: dict[str, ast.expr]) -> int:
    """How many cases a loop with an assertion goes through, as far as its table can be seen; 1 where it has none."""
    if not any(map(is_assertion, ast.walk(loop))):
        return 1
    table: ast.expr = loop.iter
    called = table.func if isinstance(table, ast.Call) else None
    if isinstance(called, ast.Name) and called.id == "range":
        return FEWEST
    if isinstance(called, ast.Attribute) and called.attr == "items":
        table = called.value
    if isinstance(table, ast.Name):
        table = tables.get(table.id, table)
    inside = table.keys if isinstance(table, ast.Dict) else getattr(table, "elts", ())
    return len(inside) or 1


def _targets(node: ast.Assign) -> set[str]:
    return {target.id for target in node.targets if isinstance(target, ast.Name)}


def _repeated(tree: ast.Module, asserted: list[Assertion]) -> str:
    """Assertions about values that are written out, and whole test functions. What reads a variable may differ."""
    seen: set[str] = set()
    functions = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name.startswith("test")]
    whole = [(f"the body of {n.name}", "".join(map(ast.dump, n.body))) for n in functions]
    plain = [(ast.unparse(node), "".join(map(ast.dump, _subjects(node)))) for node in asserted if _is_written_out(node)]
    for shown, meaning in [*whole, *plain]:
        if meaning in seen:
            return f"an assertion is there twice: {shown[:120]}"
        seen.add(meaning)
    return ""


def _is_written_out(node: Assertion) -> bool:
    subjects = _subjects(node)
    inner = [inside for subject in subjects for inside in ast.walk(subject)]
    called = {id(inside.func) for inside in inner if isinstance(inside, ast.Call)}
    names = [inside for inside in inner if isinstance(inside, ast.Name) and id(inside) not in called]
    return bool(called) and not [name for name in names if not hasattr(builtins, name.id)]


def _unnamed(nodes: list[ast.AST], bound: set[str], stated: set[str], instruction: str, homes: Container[str]) -> str:
    """Names that an answer could not know that it must have."""
    known = {"__name__", "__file__", "__doc__", *bound, *dir(builtins)}
    said = set(_WORD.findall(instruction))
    imported = aliases(nodes)
    strange: dict[str, None] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            if node.id not in known and node.id not in stated:
                strange[node.id] = None
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id not in known:
            strange |= {f"{k.arg}=": None for k in node.keywords if k.arg and k.arg not in said}
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            name = node.func.attr
            if not (name in said or name in bound or name in METHODS or dotted(node.func, imported)):
                strange["." + name] = None
        elif isinstance(node, ast.ImportFrom) and (node.module or "") in homes:
            strange |= dict.fromkeys(a.name for a in node.names if a.name not in stated and a.name != "*")
    if not strange:
        return ""
    return f"the tests use names that the instruction does not give: {', '.join(list(strange)[:SHOWN])}"


def _vacuous(asserted: list[Assertion], meant: set[str], nodes: list[ast.AST]) -> str:
    """Assertions that hold whatever the answer is."""
    expected = {id(inner) for node in nodes if isinstance(node, ast.Try) for inner in ast.walk(node)}
    for node in asserted:
        subjects = _subjects(node)
        raises = isinstance(node, ast.Call) and getattr(node.func, "attr", "").startswith(_RAISING)
        if id(node) not in expected and subjects and not raises and _says_nothing(subjects, meant):
            return f"an assertion holds whatever the answer does: {ast.unparse(node)[:120]}"
    if asserted and all(map(_is_shape, asserted)):
        return "the tests look at types and existence only, never at a value"
    return ""


def _says_nothing(subjects: list[ast.expr], meant: set[str]) -> bool:
    """`meant`: names that are the tests' own or the answer's; of built-in ones alone nothing can be learnt."""
    pairs = [(one.left, one.comparators[0]) for one in subjects if isinstance(one, ast.Compare) and len(one.ops) == 1]
    pairs += [(subjects[0], subjects[1])] if len(subjects) == 2 else []
    if any(ast.dump(one) == ast.dump(other) for one, other in pairs):
        return True
    first = subjects[0]
    if isinstance(first, ast.Tuple) and first.elts and len(subjects) == 1:
        return True
    either = first.values if isinstance(first, ast.BoolOp) and isinstance(first.op, ast.Or) else []
    if any(isinstance(value, ast.Constant) and value.value for value in either):
        return True
    if isinstance(first, ast.Constant) and not first.value and len(subjects) == 1:
        return False
    inner = [node for subject in subjects for node in ast.walk(subject)]
    names = {node.id for node in inner if isinstance(node, ast.Name)}
    return not any(name in meant or not hasattr(builtins, name) for name in names)


def _is_shape(node: Assertion) -> bool:
    if isinstance(node, ast.Call):
        return getattr(node.func, "attr", "") in _SHAPE_METHODS
    test = node.test
    if isinstance(test, ast.Call) and isinstance(test.func, ast.Name):
        return test.func.id in _SHAPES
    if not (isinstance(test, ast.Compare) and isinstance(test.ops[0], ast.IsNot)):
        return False
    return isinstance(test.comparators[0], ast.Constant) and test.comparators[0].value is None


def _own(tree: ast.Module, nodes: list[ast.AST], bound: set[str], stated: set[str], homes: Container[str]) -> str:
    """What the tests define themselves, although the answer is to bring it."""
    functions = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)}
    assigned = [n for n in tree.body if isinstance(n, ast.Assign) and isinstance(n.value, ast.Lambda)]
    functions |= {name for node in assigned for name in _targets(node)}
    called = {n.func.id for n in nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
    if own := sorted(functions & stated & called):
        return f"the tests define what they are to test: {', '.join(own[:SHOWN])}"
    classes = {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
    loaded = {n.id for n in nodes if isinstance(n, ast.Name)} | _imported(nodes, homes)
    if stated & classes & called and not (loaded & stated) - bound - set(dir(builtins)):
        return f"the tests define what they are to test: {', '.join(sorted(stated & classes)[:SHOWN])}"
    return ""


def _imported(nodes: list[ast.AST], homes: Container[str]) -> set[str]:
    """What is taken from the answer by name, or the answer as a module."""
    froms = [n for n in nodes if isinstance(n, ast.ImportFrom) and (n.module or "") in homes]
    return {alias.name for node in froms for alias in node.names}


def _surroundings(tree: ast.Module, nodes: list[ast.AST], tests: str, instruction: str) -> Iterator[str]:
    """What the tests need beside the answer."""
    lacking = needs(tests)
    said = set(_WORD.findall(instruction.lower()))
    runners = [name for name in _RUNNERS if name in lacking or name in set(aliases(nodes).values())]
    if runners:
        yield f"the tests need a test runner ({runners[0]}); plain asserts, unittest or pytest do"
    if found := [_ABSENT[word] for word in lacking if word in _ABSENT]:
        yield f"the tests need {' and '.join(found)}, which are not there; keep what they use in memory"
    others = [word for word in lacking if word.isidentifier() and word not in (*_RUNNERS, *_PARTS)]
    if unsaid := [w for w in others if w.lower() not in said and w not in (*_ABSENT, *sys.stdlib_module_names)]:
        yield f"the tests import what is not in the standard library: {', '.join(unsaid[:SHOWN])}"
    known = aliases(nodes)
    used = {dotted(node, known) for node in nodes if isinstance(node, ast.Attribute | ast.Name)}
    if used & _CLOCK:
        yield f"the tests depend on the clock ({min(used & _CLOCK)})"
    if chance := _by_chance(used, nodes, known):
        yield f"the tests depend on chance ({chance}); use fixed values, or a seed"
    if any(isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == "input" for n in nodes):
        yield "the tests read input from a person"


_PARTS = ("threads", "processes", "signals", "users", "OpenSSL", "tracing")
"""Words of needs() that are no module: an instruction about threads has tests with threads."""


def _by_chance(used: set[str], nodes: list[ast.AST], known: dict[str, str]) -> str:
    calls = {dotted(node.func, known): node for node in nodes if isinstance(node, ast.Call)}
    seeded = any(name in calls and calls[name].args for name in ("random.seed", "random.Random"))
    drawn = {name for name in used if name.startswith("random.") and name.split(".")[1] not in {"seed", "Random"}}
    found = {name for name in used if name in _CHANCE or name.split(".")[0] in _CHANCE}
    return min(found | (set() if seeded else drawn), default="")
