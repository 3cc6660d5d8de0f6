"""What the functions of a program ask for: names and types, as written, read from tree-sitter's tree.

A type is its text with single spaces and no name in it; what it means is for others to say. Nothing is resolved: an
alias stays an alias. Functions inside functions are not told. It never raises; code that is no tree has no signatures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from tree_sitter import Node

from evolve.checks.grammars import LANGUAGES, LONGEST, parse

_FUNCTIONS = {
    *("function_declaration", "generator_function_declaration", "method_declaration", "function_definition"),
    *("function_item", "variable_declarator", "method_definition"),
}
_HOLDERS = {
    "class_declaration": "name", "record_declaration": "name", "enum_declaration": "name",
    "interface_declaration": "name", "class_specifier": "name", "struct_specifier": "name",
    "namespace_definition": "name", "impl_item": "type",
}  # fmt: skip
"""Node that functions stand in -> the field that names it."""
_INSIDE = {
    *("program", "source_file", "translation_unit", "class_body", "declaration_list", "field_declaration_list"),
    *("export_statement", "lexical_declaration", "variable_declaration", "enum_body_declarations", "ERROR"),
    *("linkage_specification", "preproc_if", "preproc_ifdef"),
}
"""Nodes that are looked into."""


@dataclass(frozen=True, slots=True)
class Signature:
    name: str
    parameters: tuple[str, ...]
    """Their types; "" each where the language has none."""
    returns: str = ""
    """"" for nothing, or where the language does not say."""
    holder: str = ""
    """The class, the type or the namespace that it stands in, the innermost; "" for none."""
    free: bool = True
    """Whether it can be called without an object."""
    variadic: bool = False
    """Whether the last parameter takes any number of values."""


def signatures(code: str, language: str) -> list[Signature]:
    """The functions of a program in their order; [] in languages without a grammar here."""
    if language not in LANGUAGES or len(code) > LONGEST:
        return []
    tree = parse(language, code.encode("utf-8", "replace"))
    return list(_found(tree.root_node, "", language)) if tree is not None else []


def _found(node: Node, holder: str, language: str) -> Iterator[Signature]:
    for child in node.named_children:
        if child.type in _FUNCTIONS:
            if (read := _READERS[language](child, holder)) is not None:
                yield read
        elif child.type in _HOLDERS:
            named = child.child_by_field_name(_HOLDERS[child.type])
            body = child.child_by_field_name("body")
            if body is not None:
                yield from _found(body, _text(named) if named else holder, language)
        elif child.type in _INSIDE:
            yield from _found(child, holder, language)


def _text(node: Node | None) -> str:
    return " ".join((node.text or b"").decode("utf-8", "replace").split()) if node is not None else ""


def _children(node: Node | None, *types: str) -> list[Node]:
    return [child for child in node.named_children if child.type in types] if node is not None else []


def _script(node: Node, holder: str) -> Signature | None:
    function = node
    if node.type == "variable_declarator":
        value = node.child_by_field_name("value")
        if value is None or value.type not in {"arrow_function", "function_expression", "function"}:
            return None
        function = value
    given = function.child_by_field_name("parameters")
    count = len(given.named_children) if given is not None else 1
    rest = given is not None and any(
        _children(one, "rest_pattern") or one.type == "rest_pattern" for one in given.named_children
    )
    return Signature(
        _text(node.child_by_field_name("name")),
        ("",) * count,
        "",
        holder,
        not holder or _text(node).startswith("static "),
        rest,
    )


def _java(node: Node, holder: str) -> Signature | None:
    parameters = _children(node.child_by_field_name("parameters"), "formal_parameter", "spread_parameter")
    types = []
    for one in parameters:
        kind = one.child_by_field_name("type") or next(
            iter(c for c in one.named_children if c.type != "modifiers"), None
        )
        types.append(_text(kind) + _text(one.child_by_field_name("dimensions")))
    modifiers = " ".join(map(_text, _children(node, "modifiers")))
    variadic = bool(parameters) and parameters[-1].type == "spread_parameter"
    returns = _text(node.child_by_field_name("type")) + _text(node.child_by_field_name("dimensions"))
    free = bool(re.search(r"\bstatic\b", modifiers))
    return Signature(_text(node.child_by_field_name("name")), tuple(types), returns, holder, free, variadic)


def _cpp(node: Node, holder: str) -> Signature | None:
    declarator = node.child_by_field_name("declarator")
    marks = ""
    while declarator is not None and declarator.type in {"pointer_declarator", "reference_declarator"}:
        marks += "*" if declarator.type == "pointer_declarator" else "&"
        declarator = declarator.child_by_field_name("declarator") or next(iter(declarator.named_children), None)
    if declarator is None or declarator.type != "function_declarator":
        return None
    named = _text(declarator.child_by_field_name("declarator"))
    types = []
    for one in _children(
        declarator.child_by_field_name("parameters"), "parameter_declaration", "optional_parameter_declaration"
    ):
        whole = _text(one).partition("=")[0].strip()
        inner = one.child_by_field_name("declarator")
        while inner is not None and inner.type != "identifier":
            inner = inner.child_by_field_name("declarator") or next(iter(inner.named_children), None)
        name = _text(inner)
        types.append(re.sub(rf"\b{re.escape(name)}\b(?=[^\w]*$)", "", whole).strip() if name else whole)
    before = _text(node.child_by_field_name("type"))
    return Signature(named, tuple(types), before + marks, holder, not _method(node))


def _method(node: Node) -> bool:
    """Whether a C++ function needs an object."""
    inside = node.parent is not None and node.parent.type == "field_declaration_list"
    return inside and not any(_text(one) == "static" for one in _children(node, "storage_class_specifier"))


def _rust(node: Node, holder: str) -> Signature | None:
    given = node.child_by_field_name("parameters")
    types = tuple(_text(one.child_by_field_name("type")) for one in _children(given, "parameter"))
    free = not _children(given, "self_parameter")
    returns = _text(node.child_by_field_name("return_type"))
    return Signature(_text(node.child_by_field_name("name")), types, returns, holder, free)


def _go(node: Node, holder: str) -> Signature | None:
    types: list[str] = []
    given = _children(node.child_by_field_name("parameters"), "parameter_declaration", "variadic_parameter_declaration")
    for one in given:
        names = one.children_by_field_name("name")
        types += [_text(one.child_by_field_name("type"))] * max(1, len(names))
    variadic = bool(given) and given[-1].type == "variadic_parameter_declaration"
    returns = _text(node.child_by_field_name("result"))
    free = node.type != "method_declaration"
    return Signature(_text(node.child_by_field_name("name")), tuple(types), returns, holder, free, variadic)


_READERS = {
    **dict.fromkeys(("javascript", "typescript", "tsx"), _script),
    "java": _java, "c": _cpp, "cpp": _cpp, "rust": _rust, "go": _go,
}  # fmt: skip
