"""How an answer and its tests become one program, language by language: which files, compiled how, run how.

Nothing is run here and nothing is parsed: lines that begin an import, a `main` or a test are recognised, the rest is
left to the compiler. The answer comes first and with its own line numbers, the tests after it with theirs, so that
what a compiler or a failed assertion says points to the right place. A `main` that the answer brings is kept under
another name; it runs only where there are no tests. Each layout ends in code of ours that says the nonce when the last
assertion has held (`guest/`); names that begin with `evolve` are ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

GUEST = Path(__file__).parent / "guest"


@dataclass(frozen=True)
class Tools:
    """Where a language's programs are, as the tier sees them."""

    programs: Mapping[str, str]
    """Name -> path."""
    readable: tuple[Path, ...] = ()
    """Folders that the tier has to show beside the system's own."""


@dataclass(frozen=True)
class Laid:
    """A trial as files and commands."""

    files: Mapping[str, str]
    build: tuple[tuple[str, ...], ...]
    """Commands that must succeed first, each by its path."""
    run: tuple[str, ...]
    remove: tuple[str, ...] = ()
    """Files that are gone before the program starts."""


@dataclass(frozen=True)
class Draw:
    """What differs from trial to trial, so that no answer can have been written for it."""

    proof: int
    """Descriptor from which the nonce is read."""
    reply: int
    """Descriptor on which it is said."""
    number: int
    """In the assertions that must fail."""
    seed: int = 0
    memory: int = 256 * 2**20


Layout = Callable[[str, str, Tools, Draw], Laid]
"""(answer, tests, tools, draw); without tests the answer's own `main` is what runs."""


def guest(name: str, draw: Draw, **texts: str) -> str:
    """A file of ours with its places filled."""
    text = (GUEST / name).read_text(encoding="utf-8")
    filled = {"PROOF": str(draw.proof), "REPLY": str(draw.reply), "NUMBER": str(draw.number), **texts}
    for place, value in filled.items():
        text = text.replace(f"@{place}@", value)
    return text


_IMPORTS = (
    (re.compile(r"^import[ \t]+(['\"][^'\"\n]+['\"]);?", re.M), r"require(\1);"),
    (re.compile(r"^import[ \t]+\*[ \t]+as[ \t]+(\w+)[ \t]+from[ \t]+(['\"][^'\"\n]+['\"]);?", re.M),
     r"const \1 = require(\2);"),
    (re.compile(r"^import[ \t]+(\w+)[ \t]+from[ \t]+(['\"][^'\"\n]+['\"]);?", re.M), r"const \1 = require(\2);"),
    (re.compile(r"^export[ \t]+\{[^}\n]*\};?[ \t]*$", re.M), ""),
    (re.compile(r"^export[ \t]+default[ \t]+(?=(?:async[ \t]+)?function\b|class\b)", re.M), ""),
    (re.compile(r"^export[ \t]+default\b", re.M), "module.exports ="),
    (re.compile(r"^export[ \t]+(?=(?:async|function|class|const|let|var|abstract|type|interface|enum)\b)", re.M), ""),
)  # fmt: skip
_NAMED = re.compile(r"^import[ \t]+(?:type[ \t]+)?\{([^}]*)\}[ \t]+from[ \t]+(['\"][^'\"\n]+['\"]);?", re.M)
_AS = re.compile(r"\b(\w+)\s+as\s+(\w+)")


def script(module: str) -> str:
    """JavaScript without import and export: a script that shares its names with the tests, line for line."""
    module = _NAMED.sub(_required, module)
    for pattern, text in _IMPORTS:
        module = pattern.sub(text, module)
    return module


def _required(found: re.Match[str]) -> str:
    names = _AS.sub(r"\1: \2", found[1])
    return f"const {{{names}}} = require({found[2]});"


def javascript(answer: str, tests: str, tools: Tools, draw: Draw, strip: str = "false") -> Laid:
    texts = {"answer.js": script(answer), "tests.js": script(tests), "trial.js": guest("trial.js", draw, STRIP=strip)}
    return Laid(texts, (), (tools.programs["node"], f"--random-seed={draw.seed + 1}", "trial.js"))


def typescript(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    laid = javascript(answer, tests, tools, draw, "true")
    return Laid(laid.files, (), (laid.run[0], "--disable-warning=ExperimentalWarning", *laid.run[1:]))


_BASH_MAIN = re.compile(r"^main(?:[ \t]+\"?\$[@*]\"?)?[ \t]*$", re.M)
_BASH_FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+[\w:.-]+|[\w:.-]+[ \t]*\([ \t]*\))", re.M)
_BASH_TEST = re.compile(r"^([ \t]*)((?:\[[ \t].*[ \t]\]|\[\[[ \t].*[ \t]\]\]|test[ \t][^\n;|&]*))[ \t]*$", re.M)


def bash(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    """A test on a line of its own ends the tests where it fails, as if `|| exit 1` stood behind it.

    The answer's functions are there; it is `answer.bash` as well, for tests that start it with arguments.
    """
    program = tools.programs["bash"]
    checked = (program, "-n", "answer.bash")
    if not tests.strip():
        return Laid({"answer.bash": answer, "tests.bash": "#"}, (checked,), (program, "answer.bash"))
    told = _BASH_TEST.sub(r"\1\2 || exit 1", tests)
    source = "builtin source ./answer.bash; " if _BASH_FUNCTION.search(answer) else ""
    first = guest("trial.bash", draw).rstrip("\n")
    seeded = f"RANDOM={draw.seed + 1}; {source}{first}"
    texts = {
        "answer.bash": _BASH_MAIN.sub(":", answer),
        "tests.bash": seeded + told + guest("trailer.bash", draw),
    }
    return Laid(texts, (checked, (program, "-n", "tests.bash")), (program, "tests.bash"))


def sql(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    texts = {"answer.sql": answer, "tests.sql": tests, "trial.py": guest("sql.py", draw)}
    return Laid(texts, (), (tools.programs["python"], "-I", "-S", "trial.py"))
