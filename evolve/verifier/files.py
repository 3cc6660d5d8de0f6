"""An answer of several files: which ones it has, whether they may be laid out, and what its tests see of them.

Its files become modules of the sandbox's own importer, whatever the tier; where a tier has a folder they lie in it as
well. Tests either import from them, or find what they define by its bare name. Invariant: only plain relative paths are
laid out, below the folder, each a module that neither the standard library nor the bench has; of anything else it is
said why not, and nothing is run. A path is compared, never opened. It never raises.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import PurePosixPath

from evolve.verifier.code import Program, defines, parsed

HARNESS = frozenset(
    ("answer", "solution", "bench", "equality", "suite", "serve", "pytest", "wit_world", "sitecustomize")
)
"""Modules that the bench has or is made of; the answer is `answer` and `solution` by itself."""
MOST, DEEPEST = 20, 6
"""Files of one answer, folders around one of them: an answer of 2,048 tokens has neither."""
_PART = re.compile(r"[A-Za-z_]\w{0,60}")
_FOLDER = re.compile(r"[\w-]+")
_DATA_PART = re.compile(r"\w[\w.-]{0,60}")
_NAMED = re.compile(r"(?<![\w./\\-])((?:[A-Za-z_]\w{0,60}/){0,6}[A-Za-z_]\w{0,60})\.py\b")
_SIBLING = re.compile(r"""require\(\s*['"]\.{1,2}/|\bfrom\s+['"]\.{1,2}/|^\s*#\s*include\s+"|^\s*mod \w+;""", re.M)


def modules(instruction: str) -> frozenset[str]:
    """The modules whose files an instruction names: `shop.stock` of "shop/stock.py", and the packages around them."""
    found = {match[1].removesuffix("/__init__").replace("/", ".") for match in _NAMED.finditer(instruction)}
    return frozenset(found) | {name.rpartition(".")[0] for name in found if "." in name}


def laid(program: Program, tests: str) -> tuple[str, Mapping[str, str]] | str:
    """(the answer's own module, the files beside it) as a trial has them; or why they are not laid out.

    A program in one piece, and one whose single file nobody imports, is its own module, and there are no files.
    """
    files = dict(program.files)
    if program.language != "python":
        apart = len(files) > 1 and _SIBLING.search(program.source)
        return "answers of several files are run in Python alone" if apart else (program.source, {})
    files = _rooted(files, tests)
    tops = _tops(files)
    asked = bool(_imported(tests) & (tops - HARNESS))
    if not asked and not (len(files) > 1 and any(_refers(code, tops) for code in files.values())):
        return program.source, {}
    if reason := _refused(files):
        return reason
    return "" if asked else "".join(_glue(files)), files


def _imported(source: str) -> set[str]:
    """The top names of all modules that a program imports by their full name."""
    tree = parsed(source)
    found: set[str] = set()
    for node in ast.walk(tree) if tree else ():
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.partition(".")[0])
    return found


def _refers(code: str, tops: set[str]) -> bool:
    tree = parsed(code)
    relative = any(isinstance(node, ast.ImportFrom) and node.level for node in ast.walk(tree)) if tree else False
    return relative or bool(_imported(code) & tops)


def _rooted(files: Mapping[str, str], tests: str) -> dict[str, str]:
    """The files without the folders of a project around them all, where only so somebody's imports find them."""
    plain = found = {path.removeprefix("./"): code for path, code in files.items()}
    wanted = {name for source in (tests, *files.values()) for name in _imported(source)}
    for _ in range(DEEPEST):
        if wanted & _tops(found):
            return found
        folders = {path.partition("/")[0] for path in found}
        inside = {path.partition("/")[2]: code for path, code in found.items()}
        if len(folders) != 1 or "" in inside or not _FOLDER.fullmatch(min(folders)):
            break
        found = inside
    return plain


def _tops(files: Iterable[str]) -> set[str]:
    return {_module(path).partition(".")[0] for path in files if path.endswith(".py")}


def _refused(files: Mapping[str, str]) -> str:
    """Why these files are not laid out, or ""."""
    if len(files) > MOST:
        return f"the answer has {len(files)} files; {MOST} at most are laid out"
    names: dict[str, str] = {}
    for path in files:
        if reason := _stray(path):
            return f"the file {path[:80]!r} is not laid out: {reason}"
        if names.setdefault(path.lower(), path) != path:
            return f"the files {path!r} and {names[path.lower()]!r} differ in capitals alone"
    folders = {str(folder) for path in files for folder in PurePosixPath(path).parents}
    if clash := next((path for path in files if path.removesuffix(".py") in folders or path in folders), ""):
        return f"the file {clash!r} has the name of a folder"
    return ""


def _stray(path: str) -> str:
    """What is wrong with one path, or ""."""
    parts = path.split("/")
    if path.startswith(("/", "~")) or re.match(r"[A-Za-z]:", path):
        return "its path is absolute"
    if ".." in parts or "\\" in path:
        return "its path may lead out of the folder"
    if len(parts) > DEEPEST:
        return f"it lies more than {DEEPEST} folders deep"
    code = path.endswith(".py")
    shape = _PART if code else _DATA_PART
    if not all(shape.fullmatch(part) for part in (*parts[:-1], parts[-1].removesuffix(".py"))):
        return "it is no name of a module" if code else "its path is no plain one"
    top = parts[0].removesuffix(".py")
    if top in HARNESS:
        return f"{top} is what the bench is called"
    return f"{top} is a module of the standard library" if top in sys.stdlib_module_names else ""


def _module(path: str) -> str:
    return path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


def _glue(files: Mapping[str, str]) -> Iterator[str]:
    """Imports that give tests every function and class of the files by its bare name; a later file's wins."""
    for path, code in files.items():
        names = sorted(defines(code, "python")) if path.endswith(".py") else []
        if names:
            yield f"from {_module(path)} import {', '.join(names)}\n"
