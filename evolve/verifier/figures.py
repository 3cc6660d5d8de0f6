"""How involved a program is, in a few figures that a refactoring should bring down: of its tree, never of its lines.

    branches    ways through it beyond the first (McCabe 1976): ifs, loops, handlers, cases, `and` and `or`
    nesting     its branches, each counted once more for every one that it is in (SonarSource's cognitive complexity)
    repeated    nodes in statements that were there before, whatever their names and values
    longest     statements of its longest function; what stands outside of any counts as one
    size        nodes of its tree
    loops       statements that loop
    short_names, untyped, undocumented      what is asked for by name alone; of Python only

Remarks, docstrings, type hints and imports are not counted, nor does the length of a name matter: none of them makes a
program simpler or harder to follow in its structure. Python is read by its own grammar, other languages by
tree-sitter's. Invariant: the figures are a function of the text alone, and take time linear in it; no figure is 0
because nobody could count it: what cannot be read has none at all. What they mean is refactoring.py's.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping

from evolve.checks.grammars import LANGUAGES, Twig, outline
from evolve.verifier.code import parsed

STRUCTURE = ("branches", "nesting", "repeated", "longest", "size")
"""The figures that every language has, `loops` aside: less of one is simpler, all else being equal."""
SMALL = 8
"""Nodes from which a statement that comes again is a repetition: `total = total + values[i]` has eight, and two of
these are hardly worth a function."""

_LOOPS = {
    *("For", "AsyncFor", "While", "for_statement", "for_in_statement", "enhanced_for_statement", "while_statement"),
    *("do_statement", "for_expression", "while_expression", "loop_expression", "for_range_loop"),
}
_NESTS = _LOOPS | {
    *("If", "IfExp", "ExceptHandler", "Match", "if_statement", "if_expression", "catch_clause", "switch_statement"),
    *("switch_expression", "match_expression", "ternary_expression", "conditional_expression", "select_statement"),
    *("expression_switch_statement", "type_switch_statement"),
}
_SWITCHES = {"Match", "match_expression", "switch_statement", "switch_expression", "select_statement"}
_SWITCHES |= {"expression_switch_statement", "type_switch_statement"}
"""It is their cases that branch."""
_CASES = {
    *("match_case", "comprehension", "Filter", "switch_case", "case_statement", "match_arm", "expression_case"),
    *("type_case", "communication_case", "switch_rule", "switch_block_statement_group", "Elif"),
}
_BRANCHES = (_NESTS - _SWITCHES) | _CASES
_EITHER = {"binary_expression &&", "binary_expression ||", "binary_expression ??"}
_FUNCTIONS = {
    *("FunctionDef", "AsyncFunctionDef", "function_declaration", "function_definition", "method_definition"),
    *("method_declaration", "arrow_function", "function_expression", "function_item", "func_literal"),
    *("constructor_declaration", "closure_expression", "lambda_expression", "Lambda"),
}
_STATEMENT = re.compile(
    r".*_statement$|.*(?:lexical|variable|local_variable|let|short_var|var)_declaration$|declaration$"
)
_PYTHON_STATEMENTS = {node.__name__ for node in ast.stmt.__subclasses__()} - {"FunctionDef", "ClassDef"}
_TELLING = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
_UNCOUNTED = ast.Import | ast.ImportFrom | ast.expr_context | ast.operator | ast.boolop | ast.unaryop
_HINTS = {"annotation", "returns", "type_comment", "type_params"}


def figures(source: str, language: str) -> Mapping[str, int] | None:
    """Name -> count; None where the program cannot be read in that language."""
    if language == "python":
        tree = parsed(source)
        try:
            return None if tree is None else {**_counted(_twig(tree)), **_of_python(tree)}
        except RecursionError:
            return None
    top = outline(source, language) if language in LANGUAGES else None
    return None if top is None else _counted(top)


def bound(source: str) -> frozenset[str]:
    """The names that a Python program gives to what it makes: variables, parameters, functions, classes."""
    tree = parsed(source)
    return frozenset() if tree is None else frozenset(_bound(tree))


def _counted(top: Twig) -> dict[str, int]:
    repeated, size = _repeated(top)
    branches, nesting = _branches(top)
    loops = sum(twig.kind in _LOOPS for twig in _all(top))
    return {
        "branches": branches,
        "nesting": nesting,
        "repeated": repeated,
        "longest": max(_lengths(top)),
        "size": size,
        "loops": loops,
    }


def _all(top: Twig) -> Iterator[Twig]:
    waiting = [top]
    while waiting:
        twig = waiting.pop()
        yield twig
        waiting += twig.inner


def _branches(top: Twig) -> tuple[int, int]:
    """How many there are, and their sum with their depths."""
    branches = nesting = 0
    waiting = [(top, 0)]
    while waiting:
        twig, depth = waiting.pop()
        either = len(twig.inner) - 1 if twig.kind == "BoolOp" else int(twig.kind in _EITHER)
        branches += either + (twig.kind in _BRANCHES)
        nesting += either + (twig.kind in _CASES) + (1 + depth if twig.kind in _NESTS else 0)
        waiting += [(child, depth + (twig.kind in _NESTS)) for child in twig.inner]
    return branches, nesting


def _is_statement(twig: Twig) -> bool:
    return twig.kind in _PYTHON_STATEMENTS or bool(_STATEMENT.match(twig.kind))


def _lengths(top: Twig) -> list[int]:
    """The statements of each function, those of functions in it left to these; of the file's own first."""
    lengths = [0]
    waiting = [(top, 0)]
    while waiting:
        twig, owner = waiting.pop()
        if twig.kind in _FUNCTIONS:
            lengths.append(0)
            owner = len(lengths) - 1
        lengths[owner] += _is_statement(twig)
        waiting += [(child, owner) for child in twig.inner]
    return lengths


def _repeated(top: Twig) -> tuple[int, int]:
    """Nodes in statements that came before, each counted once; and all nodes."""
    numbers: dict[tuple[str, tuple[int, ...]], int] = {}
    shapes: dict[int, tuple[int, int]] = {}

    def number(twig: Twig) -> tuple[int, int]:
        """(what its shape is called, nodes in it): the same number for the same shape."""
        inner = [number(child) for child in twig.inner]
        key = (twig.kind, tuple(one for one, _ in inner))
        shapes[id(twig)] = found = (numbers.setdefault(key, len(numbers)), 1 + sum(size for _, size in inner))
        return found

    _, size = number(top)
    seen: set[int] = set()
    total, waiting = 0, [top]
    while waiting:
        twig = waiting.pop()
        shape, count = shapes[id(twig)]
        if _is_statement(twig) and count >= SMALL:
            if shape in seen:
                total += count
                continue
            seen.add(shape)
        waiting += reversed(twig.inner)
    return total, size


# -- Python ------------------------------------------------------------------------------------------------------------


def _twig(node: ast.AST, other: bool = False) -> Twig:
    """`other`: it is the whole else of an if."""
    kind = "Elif" if other else type(node).__name__
    if isinstance(node, ast.Attribute):
        kind = f"Attribute {node.attr}"
    elif isinstance(node, ast.BinOp | ast.UnaryOp | ast.AugAssign):
        kind = f"{kind} {type(node.op).__name__}"
    elif isinstance(node, ast.AnnAssign):
        kind = "Assign"
    return Twig(kind, tuple(_children(node)))


def _children(node: ast.AST) -> Iterator[Twig]:
    told = isinstance(node, _TELLING) and ast.get_docstring(node, clean=False) is not None
    for field, value in ast.iter_fields(node):
        children = [child for child in (value if isinstance(value, list) else [value]) if isinstance(child, ast.AST)]
        if field in _HINTS:
            continue
        other = (
            isinstance(node, ast.If) and field == "orelse" and len(children) == 1 and isinstance(children[0], ast.If)
        )
        for child in children[1:] if told and field == "body" else children:
            if field == "ifs":
                yield Twig("Filter", (_twig(child),))
            elif not isinstance(child, _UNCOUNTED) and not (isinstance(child, ast.AnnAssign) and child.value is None):
                yield _twig(child, other)


def _of_python(tree: ast.Module) -> dict[str, int]:
    """What only some are asked for: names of one or two letters, what has no type hint, what has no docstring."""
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    arguments = [arg for f in functions for arg in (*f.args.posonlyargs, *f.args.args, *f.args.kwonlyargs)]
    bare = sum(arg.annotation is None and arg.arg not in {"self", "cls"} for arg in arguments)
    telling = [*functions, *(node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))]
    return {
        "short_names": sum(len(name) <= 2 and name != "_" for name in _bound(tree)),
        "untyped": bare + sum(f.returns is None for f in functions),
        "undocumented": sum(ast.get_docstring(node) is None for node in telling),
    }


def _bound(tree: ast.Module) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.arg):
            found.add(node.arg)
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
    return found
