"""Trees of other people's code: tree-sitter's grammars, bounded. What the grammars themselves get wrong stands here.

Tree-sitter always gives a tree and marks in it what it could not read. `faults` returns these marks, read kindly: a
fragment is tried as what it may be a part of, and a mark on a line whose syntax the grammar is known not to know is
none. Invariant: it never raises, and does at most a fixed amount of work per character (counted in the parser's own
steps, not in time, so that every machine says the same). It knows nothing of types and names.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from itertools import islice

from tree_sitter import Language, Node, Parser, Point, Tree

LONGEST = 8_000
"""Characters of a block that are parsed at most; 2,048 tokens, the default of an answer, seldom take more. The worst
text found takes memory with the square of its length even within the bounds below (C, 10,000 characters: 0.5 GB)."""
DEEPEST = 100
"""Brackets that may be open at once: the parser is recursive where it frees what it made."""

_GRAMMARS = {
    "javascript": ("tree_sitter_javascript", "language"),
    "typescript": ("tree_sitter_typescript", "language_typescript"),
    "tsx": ("tree_sitter_typescript", "language_tsx"),
    "java": ("tree_sitter_java", "language"),
    "c": ("tree_sitter_c", "language"),
    "cpp": ("tree_sitter_cpp", "language"),
    "go": ("tree_sitter_go", "language"),
    "rust": ("tree_sitter_rust", "language"),
}
LANGUAGES = frozenset(_GRAMMARS)

FRAGMENT = 5_000
"""Characters from which on code is taken for a file: it is not tried as a part of one."""
STRETCH_OF = 1000
STRETCH = re.compile(rf"[^;{{}}]{{{STRETCH_OF}}}")
"""No end of a statement for so long, remarks left out: it would be kept in every way that it could be read."""
_REMARK = re.compile(r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?")

BYTES_A_STEP = 28
SLACK = 20
"""A step is a hundred of the parser's operations. None of 457 recorded programs, whole or with a bracket less, takes
more than one for 30 bytes; text that is read in many ways at once takes more, and memory with the square of them."""

_BRACKET = re.compile(r"[(\[{<>}\])]")

_BRANCH = re.compile(r"^[ \t]*#[ \t]*(?:else|elif)\b", re.M)
_OPENING = {")": "(", "]": "[", "}": "{"}
_COMMON = r"//[^\n]*|/\*(?:[^*]|\*(?!/))*+(?:\*/)?|[()\[\]{}]|'(?:[^'\\\n]|\\[^\n]{1,8}?)'"
_ONE_LINE = r'|"(?:[^"\\\n]|\\.)*+"|"'
_TOKEN = re.compile(f'R"\\((?:[^)]|\\)(?!"))*+\\)"|{_COMMON}{_ONE_LINE}', re.S)
_TOKEN_OF = {
    "java": re.compile(rf'"""(?:[^"\\]|\\.|"(?!""))*+"""|{_COMMON}{_ONE_LINE}', re.S),
    "go": re.compile(rf"`[^`]*+`|{_COMMON}{_ONE_LINE}|`", re.S),
    "rust": re.compile(rf'r#"(?:[^"]|"(?!#))*+"#|{_COMMON}|"(?:[^"\\]|\\.)*+"|"', re.S),
    **dict.fromkeys(
        ("javascript", "typescript", "tsx"),
        re.compile(rf"`(?:[^`\\]|\\.)*+`|'(?:[^'\\\n]|\\.)*+'|{_COMMON}{_ONE_LINE}|`", re.S),
    ),
}
"""Comments, strings and brackets; a quote by itself is one that nothing closes."""


_READINGS: dict[str, tuple[tuple[str, str, str], ...]] = {
    "javascript": (("javascript", "", ""), ("javascript", "class A {", "}"), ("tsx", "", ""), ("javascript", "(", ")")),
    "typescript": (("typescript", "", ""), ("tsx", "", ""), ("typescript", "class A {", "}")),
    "tsx": (("tsx", "", ""), ("typescript", "", ""), ("tsx", "class A {", "}")),
    "java": (("java", "", ""), ("java", "class A {", "}"), ("java", "class A { void a() {", "}}")),
    "c": (("c", "", ""), ("cpp", "", ""), ("c", "void a(void) {", "}")),
    "cpp": (("cpp", "", ""), ("cpp", "class A {", "};"), ("cpp", "void a() {", "}")),
    "go": (("go", "", ""), ("go", "func a() {", "}")),
    "rust": (("rust", "", ""), ("rust", "impl A {", "}"), ("rust", "fn a() {", "}")),
}
"""Language -> (grammar, text before, text after): as a file, as a part of one, and in the language that it may be."""

_SCRIPT = (("({", "})"), ("switch (a) {", "}"), ("a(", ")"))
_PARTS: dict[str, tuple[tuple[str, str], ...]] = {
    **dict.fromkeys(("javascript", "typescript", "tsx"), _SCRIPT),
    "java": (("class A { void a() { switch (b) {", "}}}"), ("class A { Object a = b(", ");}")),
    **dict.fromkeys(("c", "cpp"), (("void a(void) { switch (b) {", "}}"), ("int a[] = {", "};"))),
    "go": (("func a() { switch b {", "}}"), ("var a = B{", "}"), ("type A struct {", "}")),
    "rust": (("fn a() { match b {", "}}"), ("struct A {", "}")),
}
"""Language -> what stands around entries of an object, of a switch, of a call: these must parse as they are."""
A_PART = 1_500
"""Characters up to which code is tried as such a part."""

_C_GAPS = (
    r"\b[A-Z][A-Z0-9_]{2,}\b|^[ \t]*#|\\$|\[\[|\b__\w+|\b(?:requires|concept|co_\w+|module|import|asm|template|operator"
    r"|consteval|noexcept|decltype|typename|auto)\b|\bthis (?:auto|const)\b|_(?:Generic|Atomic|Static_assert"
    r"|BitInt)\b|\.\.\.|<=>"
)
_GAPS = {
    language: re.compile(pattern, re.M)
    for language, pattern in {
        "javascript": (
            r"@|\busing\b|\bwith *\{|<[!/A-Za-z]|\baccessor\b|\b(?:import|export)\b|#\w|^[ \t]*%|/[gimsuyvd]*v\b"
            r"|\|>|\bdo *\{"
        ),
        "typescript": (
            r"@|\b(?:using|accessor|satisfies|asserts|infer|unique|abstract|declare|override|out|const)\b *[<\w]*<"
            r"|<[/A-Za-z]"
            r"|\b(?:using|accessor|satisfies|asserts|infer|import|export)\b"
        ),
        "tsx": r"@|\b(?:using|accessor|satisfies|asserts|infer|import|export)\b|<[/A-Za-z]",
        "java": (
            r"\bcase\b[^\n:]*?[\w>]\(|\bwhen\b|\binstanceof\b|\bimport module\b|\b(?:STR|FMT|RAW)\.|\b_\b|@"
            r"|\byield\b|\\\{|\bnon-sealed\b|\"\"\""
        ),
        "c": _C_GAPS,
        "cpp": _C_GAPS,
        "go": r"\brange\b|\biota\b|~|\btype\b[^\n]*\[",
        "rust": (
            r"\w!|\blet\b[^\n]*&&|&&[^\n]*\blet\b|\b(?:gen|dyn|impl|for|async|unsafe|raw|safe|const|use|where)\b"
            r"|#!?\[|c\"|r#|\$|'\w+\b(?!')"
        ),
    }.items()
}
"""What a grammar may not know yet, or cannot know (a macro can be any text): no evidence on a line that holds it."""


def faults(code: str, language: str) -> list[str]:
    """What is wrong, one line each, in the reading with fewest faults; [] if one has none, or if it cannot be told."""
    if code.lstrip()[:1] in {"}", ")", "]"}:  # a part that begins with the end of another
        return []
    if len(code) > LONGEST or _depth(code) > DEEPEST:
        return []
    if len(code) >= STRETCH_OF and STRETCH.search(_REMARK.sub("", code)):
        return []
    least: list[str] = []
    unbalanced: bool | None = None
    for grammar, before, after in _READINGS[language]:
        if before and len(code) > FRAGMENT:
            continue
        source = f"{before}\n{code}\n{after}".encode("utf-8", "replace")
        tree = parse(grammar, source)
        if tree is None or not tree.root_node.has_error:
            return []
        unbalanced = _unbalanced(code, language) if unbalanced is None else unbalanced
        gap = None if unbalanced else _GAPS[language]
        found = _faults(tree.root_node, source.split(b"\n"), gap, typed=grammar in {"typescript", "tsx"})
        if not found:
            return []
        least = found if not least or len(found) < len(least) else least
    return [] if not unbalanced and _is_a_part(code, language) else least


@dataclass(frozen=True, slots=True)
class Twig:
    """A tree of whatever grammar, in what all of them have."""

    kind: str
    """The grammar's word for it, with the operator or the member's name where it has one; "Elif": an if of an else."""
    inner: tuple[Twig, ...] = ()


def outline(code: str, language: str) -> Twig | None:
    """The code as a file, without its remarks; None where it does not parse as one, or is too long or too deep."""
    if len(code) > LONGEST or _depth(code) > DEEPEST:
        return None
    tree = parse(language, code.encode("utf-8", "replace"))
    try:
        return None if tree is None or tree.root_node.has_error else _twig(tree.root_node)
    except RecursionError:
        return None


def _twig(node: Node) -> Twig:
    kind = node.type
    if kind in _NAMED and node.text is not None:
        kind = f"{kind} {node.text.decode('utf-8', 'replace')}"
    elif operator := node.child_by_field_name("operator"):
        kind = f"{kind} {operator.type}"
    elif kind.startswith("if_") and node.parent is not None and _is_other(node, node.parent):
        kind = "Elif"
    return Twig(kind, tuple(_twig(child) for child in node.named_children if "comment" not in child.type))


_NAMED = {"property_identifier", "field_identifier"}


def _is_other(node: Node, parent: Node) -> bool:
    """Whether it is what happens otherwise, in an if."""
    return parent.type == "else_clause" or parent.child_by_field_name("alternative") == node


def _is_a_part(code: str, language: str) -> bool:
    """Whether it parses, without a mark, in the middle of something."""
    if len(code) > A_PART:
        return False
    entries = code.rstrip().rstrip(",") if language != "rust" else code
    return any(
        (tree := parse(language, f"{before}\n{text}\n{after}".encode("utf-8", "replace")))
        and not tree.root_node.has_error
        for before, after in _PARTS[language]
        for text in {code, entries}
    )


def _unbalanced(code: str, language: str) -> bool:
    """Whether a bracket or a quote has no other: no syntax that a grammar may not know explains that.

    Except the preprocessor's, whose branches may each open the same block.
    """
    if language in {"c", "cpp"} and _BRANCH.search(code):
        return False
    opened: list[str] = []
    for token in (_TOKEN_OF.get(language) or _TOKEN).findall(code):
        if token in {"(", "[", "{"}:
            opened.append(token)
        elif token in {")", "]", "}"}:
            if not opened or opened.pop() != _OPENING[token]:
                return True
        elif token in {'"', "`"}:
            return True
    return bool(opened)


def _depth(code: str) -> int:
    """Brackets open at once, at most; a "less than" counts as one that is never closed. DEEPEST at most is told."""
    if sum(map(code.count, "([{<")) <= DEEPEST:
        return 0
    depth = most = 0
    for bracket in _BRACKET.findall(code):
        depth = depth + 1 if bracket in "([{<" else max(0, depth - 1)
        most = max(most, depth)
    return most


def parse(grammar: str, source: bytes) -> Tree | None:
    """None where the parser gave up."""
    steps = 0

    def give_up(offset: int, _: bool) -> bool:
        nonlocal steps
        steps += 1
        return steps > SLACK + offset // BYTES_A_STEP

    def chunk(offset: int, _: Point) -> bytes:
        return source[offset : offset + 65_536]

    try:
        return Parser(_language(grammar)).parse(chunk, progress_callback=give_up)
    except ValueError:
        return None


@cache
def _language(grammar: str) -> Language:
    package, function = _GRAMMARS[grammar]
    return Language(getattr(importlib.import_module(package), function)())


TYPE_LIST, TYPE_LISTS = 400, 20
"""Characters of a list, and lists of a line, that are looked at."""
_TYPE_LIST = re.compile(r"\b[A-Z]\w{0,60}[a-z]\w{0,60}<(?=[\w{(\[])")
_NEXT_BRACKET = re.compile(r"=>|>[ \t]*\{|[(\[{<>}\]);]")


def open_type(line: str) -> bool:
    """Whether a list of type arguments is cut by a bracket or a semicolon that is not its own: "Array<number)"."""
    return any(
        _cut(line[begun.end() : begun.end() + TYPE_LIST]) for begun in islice(_TYPE_LIST.finditer(line), TYPE_LISTS)
    )


def _cut(types: str) -> bool:
    """Whether the list that has just begun meets a mark that is not its own."""
    opened = ["<"]
    for mark in _NEXT_BRACKET.findall(types):
        if mark in {"(", "[", "{", "<"}:
            opened.append(mark)
        elif mark[0] == ">":
            if opened[-1] == "<" and not (opened := opened[:-1]):
                return False
            if mark[-1] == "{":
                if opened[-1] == "<":
                    return True
                opened.append("{")
        elif mark in {")", "]", "}"}:
            if opened[-1] != _OPENING[mark]:
                return opened[-1] == "<"
            opened.pop()
        elif mark == ";" and opened[-1] == "<":
            return True
    return False


def _faults(root: Node, lines: list[bytes], gap: re.Pattern[str] | None, *, typed: bool) -> list[str]:
    """The marks of a tree, less those on lines that the grammar may not know; code stands on line 1 and below."""
    found: list[str] = []
    nodes = [root]
    while nodes:
        node = nodes.pop()
        if node.is_error or node.is_missing:
            first, last = node.start_point.row, node.end_point.row
            near = b"\n".join(lines[max(0, first - 1) : last + 1]).decode("utf-8", "replace")
            if gap is None or not gap.search(near) or (typed and open_type(near)):
                what = (
                    f"{node.type} is missing"
                    if node.is_missing
                    else f"at {near.strip().rpartition(chr(10))[2].strip()[:60]!r}"
                )
                found.append(f"line {first}: {what}")
        elif node.has_error:
            nodes += node.children
    return found
