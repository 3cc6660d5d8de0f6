"""The program in an answer: what somebody would have who copied its code into a file.

Fences of the main language are joined in their order; of what is defined twice the later one stays, as if it had been
pasted over the first. Usage examples, tests and sample output are left away, since they are not what was asked for.
Python is read by its grammar, other languages by the lines that begin a definition. Nothing is mended and nothing is
run; it never raises, and takes time linear in the answer.
"""

from __future__ import annotations

import ast
import re
import sys
import textwrap
import warnings
from collections.abc import Container
from dataclasses import dataclass

from evolve.checks.fences import ALIASES, language
from evolve.checks.paths import brought
from evolve.checks.python import LONGEST
from evolve.checks.syntax import unfenced
from evolve.markdown import Block, page
from evolve.verifier.needs import OWN, names

__all__ = ["Program", "defines", "parsed", "program", "without_demo"]

NOT_CODE = frozenset(("", "json"))
_RUNNING = re.compile(
    r"^[ \t]*(?:\$ ?)?(?:#|pip3?\b|python3?\b|pytest\b|npm\b|npx\b|node\b|yarn\b|go (?:run|build|mod)\b|cargo\b|gcc\b"
    r"|g\+\+|clang\b|javac?\b|rustc\b|make\b|cd\b|git\b|apt\b|apt-get\b|sudo\b|brew\b|conda\b|\./|$)"
)
"""A shell's line that installs or starts something: about the program, not of it."""
_DEFINES = {
    "javascript": re.compile(
        r"^(?:export )?(?:default )?(?:async )?(?:function\*? *+(\w++)|class (\w++)"
        r"|(?:const|let|var) (\w++)(?=[^=\n]*+= ?(?:async ?)?(?:function\b|class\b|\(|\w++ ?=>)))",
        re.M,
    ),
    "c": re.compile(r"^(?=[A-Za-z_][\w:<>,*&]*+[ \t])([\w:<>,*& \t~]++)\([^;\n]*+$", re.M),
    "go": re.compile(r"^(?:func (?:\([^)\n]*+\) )?(\w++)|type (\w++))", re.M),
    "rust": re.compile(r"^(?:pub )?(?:fn|struct|enum|trait) (\w++)|^impl(?:<[^>\n]*+>)? ([^{\n]++)", re.M),
    "java": re.compile(r"^(?:public |final |abstract )*+(?:class|interface|record|enum) (\w++)", re.M),
    "bash": re.compile(r"^(?:function )?(\w++) *+\(\)", re.M),
}
_DEFINES |= {"typescript": _DEFINES["javascript"], "cpp": _DEFINES["c"]}
"""Top-level definitions, seen by their first line; the last word of a group is the name."""
_SCRIPTS = ("javascript", "typescript")
"""Here a fence without a definition may hold constants; one that prints is an example."""
_HEADS = {"java": re.compile(r"^(?:package|import) [^\n]*$\n?", re.M)}
"""Lines that must stand before all others."""
_BARE = (
    ("sql", re.compile(r"(?:\s|--[^\n]*\n)*+(?:SELECT|INSERT INTO|CREATE|UPDATE|DELETE FROM|WITH|ALTER TABLE)\s")),
    ("bash", re.compile(r"\s*+#![^\n]*\b(?:ba|z|da)?sh\b")),
)
"""How code without a tag begins in languages that the checks do not guess, for they hold nobody to their grammar."""
_TRANSCRIPT = re.compile(r"^[ \t]*(?:>>> |>>>$|In \[\d+\]:)", re.M)
_FUTURE = re.compile(r"^from __future__ import [^\n]*\n?", re.M)

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Program:
    language: str
    """python, javascript, typescript, bash, c, cpp, go, rust, java, sql, or another value of the fences' ALIASES."""
    source: str
    """Its code as one text."""
    files: tuple[tuple[str, str], ...] = ()
    """(path, code) of the files that the answer names, as it names them; tests are left away."""


def program(answer: str, language: str = "") -> Program | None:
    """The code of `answer` in its main language, or in `language` (any tag) where one is asked for; None without code.

    The main language is the one with most lines; lines that only install or start something do not count.
    """
    wanted = _one(ALIASES.get(language.lower(), language.lower()))
    blocks = _spoken(answer, wanted)
    sizes: dict[str, int] = {}
    for name, block in blocks:
        sizes[name] = sizes.get(name, 0) + _size(block.code)
    if not sizes or (wanted and wanted not in sizes):
        return None
    main = wanted or max(sizes, key=lambda name: sizes[name])
    codes = [block.code for name, block in blocks if name == main]
    source = _python(codes) if main == "python" else _joined(codes, main)
    return Program(main, source, tuple(brought(answer).items())) if source.strip() else None


def defines(code: str, language: str) -> set[str]:
    """Names of the functions and classes that code defines at its top, as far as they can be told."""
    if language == "python":
        tree = parsed(textwrap.dedent(code))
        return _defined(tree) if tree else set()
    pattern = _DEFINES.get(language)
    found = pattern.finditer(code) if pattern else ()
    return {(next(filter(None, match.groups()), "").split() or [""])[-1] for match in found}


def without_demo(source: str) -> str:
    """A Python program without what it does after its last definition, plain values aside; all of it where it has none.

    For tests that call its functions: one in sixteen recorded answers asks for input there, and none would be loaded.
    """
    tree = parsed(source)
    defined = [number for number, node in enumerate(tree.body) if isinstance(node, Definition)] if tree else []
    if tree is None or not defined:
        return source
    end = tree.body[defined[-1]].end_lineno or 0
    lines = re.split(r"\r\n|\r|\n", source)
    kept = [node for node in tree.body[defined[-1] + 1 :] if _is_plain(node)]
    spans = [(0, end), *((node.lineno - 1, node.end_lineno or 0) for node in kept)]
    return "".join(f"{line}\n" for begin, last in spans for line in lines[begin:last])


def at_home(tests: str, named: Container[str] | None = None) -> str:
    """Tests with every import of a module that nobody has turned into one of the answer: it is what they test.

    `named`: only modules of these names.
    """
    tree = parsed(tests)
    if tree is None:
        return tests
    lines = re.split(r"\r\n|\r|\n", tests)
    for node in ast.walk(tree):
        if not isinstance(node, ast.ImportFrom | ast.Import) or node.lineno != node.end_lineno:
            continue
        line = lines[node.lineno - 1]
        if isinstance(node, ast.ImportFrom) and _is_unknown(node.module or "", node.level, named):
            lines[node.lineno - 1] = re.sub(r"\bfrom\s+[\w.]+\s+import\b", "from answer import", line, count=1)
        elif isinstance(node, ast.Import) and len(node.names) == 1 and _is_unknown(node.names[0].name, 0, named):
            name = node.names[0].asname or node.names[0].name
            lines[node.lineno - 1] = f"{line[: node.col_offset]}import answer as {name.replace('.', '_')}"
    return "\n".join(lines)


def _is_unknown(module: str, level: int, named: Container[str] | None) -> bool:
    if named is not None:
        return not level and module in named
    top = module.partition(".")[0]
    return level > 0 or not (top in sys.stdlib_module_names or top in OWN)


def _is_plain(node: ast.stmt) -> bool:
    """A name bound to a value without calling anything: functions above may read it."""
    return isinstance(node, ast.Assign | ast.AnnAssign) and not any(isinstance(n, ast.Call) for n in ast.walk(node))


def _one(name: str) -> str:
    return "typescript" if name == "tsx" else name


def _spoken(answer: str, wanted: str) -> list[tuple[str, Block]]:
    """The blocks that are code, each with its language."""
    fenced = page(answer).blocks
    if not fenced:
        whole = unfenced(answer)
        if _does(parsed(answer)) or (wanted == "python" and whole):
            return [("python", Block("python", answer, True, 0))]
        return [(name, block) for block in whole if (name := wanted or language(block)) not in NOT_CODE]
    named = [(_one(language(block)) or _guess(block), block) for block in fenced]
    code = [(name, block) for name, block in named if name not in NOT_CODE and not _starts(name, block)]
    if code:
        return code
    bare = [block for name, block in named if not name and not block.language]
    if wanted and wanted != "python":
        return [(wanted, block) for block in bare] or [(n, b) for n, b in named if n == wanted]
    return [("python", block) for block in bare if _does(parsed(block.code))] or [
        (n, b) for n, b in named if n == "bash"
    ]


def _guess(block: Block) -> str:
    return "" if block.language else next((name for name, sign in _BARE if sign.match(block.code)), "")


def _starts(name: str, block: Block) -> bool:
    return name == "bash" and all(_RUNNING.match(line) for line in block.code.splitlines())


def _size(code: str) -> int:
    return sum(1 for line in code.splitlines() if line.strip())


def parsed(code: str) -> ast.Module | None:
    """Its tree, or None where it does not parse or is longer than LONGEST characters."""
    if len(code) > LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(code)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def _does(tree: ast.Module | None) -> bool:
    """Whether it is Python that does something; a word or a list of numbers is Python as well."""
    return tree is not None and any(
        not isinstance(node, ast.Expr | ast.AnnAssign) or any(isinstance(n, ast.Call) for n in ast.walk(node))
        for node in tree.body
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One fence of Python."""

    code: str
    tree: ast.Module | None
    """None where it does not parse."""


def _python(codes: list[str]) -> str:
    parts = [_part(code) for code in codes]
    kept = _without_examples(parts)
    last: dict[str, int] = {}
    for number, part in enumerate(kept):
        for node in part.tree.body if part.tree else ():
            if isinstance(node, Definition):
                last[node.name] = number
    texts = [_pasted_over(part, number, last) for number, part in enumerate(kept)]
    if len(texts) == 1:
        return texts[0]
    futures = dict.fromkeys(line.strip() for text in texts for line in _FUTURE.findall(text))
    bodies = [_FUTURE.sub("", text).strip("\n") for text in texts]
    return "\n".join(futures) + "\n" * bool(futures) + "\n\n\n".join(body for body in bodies if body.strip()) + "\n"


def _part(code: str) -> Part:
    text = code.replace("\r\n", "\n").replace("\r", "\n")
    if (tree := parsed(text)) is None:
        text = textwrap.dedent(text)
        tree = parsed(text)
    return Part(text, tree)


def _without_examples(parts: list[Part]) -> list[Part]:
    """The fences that the program is made of; all, where none defines anything."""
    parts = [part for part in parts if not _is_sample(part)] or parts
    longest = max(parts, key=lambda part: len(part.code))
    whole = [part for part in parts if part.tree is not None or part is longest]
    defining = [part.tree for part in whole if part.tree and _defined(part.tree)]
    if not defining:
        return whole
    defined = {name for tree in defining for name in _defined(tree)}
    used = {name for tree in defining for name in names(tree)}
    return [part for part in whole if not part.tree or _defined(part.tree) or _supplies(part.tree, defined, used)]


def _is_sample(part: Part) -> bool:
    """A transcript of an interpreter, or values alone."""
    return bool(_TRANSCRIPT.search(part.code)) or (part.tree is not None and not _does(part.tree))


def _defined(tree: ast.Module) -> set[str]:
    """Functions and classes at the top, without tests."""
    return {node.name for node in tree.body if isinstance(node, Definition) and not _is_test(node)}


def _is_test(node: Definition) -> bool:
    if isinstance(node, ast.ClassDef):
        return any("TestCase" in ast.unparse(base) for base in node.bases)
    return node.name.startswith("test_")


def _supplies(tree: ast.Module, defined: set[str], used: set[str]) -> bool:
    """Whether a fence without definitions gives the others what they use: imports, constants."""
    bound: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            bound.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            bound |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
    return bool(bound & used) and not defined & names(tree)


def _pasted_over(part: Part, number: int, last: dict[str, int]) -> str:
    """The fence without the definitions that a later one repeats; those that its own statements use on loading stay."""
    if part.tree is None:
        return part.code
    stated = [node for node in part.tree.body if not isinstance(node, Definition)]
    using = {name for node in stated for name in names(node)}
    lines = part.code.split("\n")
    for node in reversed(part.tree.body):
        if isinstance(node, Definition) and last[node.name] > number and node.name not in using:
            first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
            lines[first - 1 : node.end_lineno] = []
    return "\n".join(lines)


def _joined(codes: list[str], name: str) -> str:
    """Fences of another language: one that holds all definitions of an earlier one stands for it."""
    pattern = _DEFINES.get(name)
    if pattern is None or len(codes) == 1:
        return "\n".join(codes)
    found = [defines(code, name) for code in codes]
    last = {defined: number for number, names in enumerate(found) for defined in names}
    kept = [
        code
        for number, (code, names) in enumerate(zip(codes, found, strict=True))
        if (names or not last or (name in _SCRIPTS and "console.log" not in code))
        and not (names and min(last[one] for one in names) > number)
    ]
    head = _HEADS.get(name)
    if head is None:
        return "\n".join(kept)
    heads = dict.fromkeys(line.strip() for code in kept for line in head.findall(code))
    return "\n".join([*heads, *(head.sub("", code) for code in kept)])
