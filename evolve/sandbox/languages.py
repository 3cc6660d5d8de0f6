"""The languages beside Python: what each needs, how its tests look, and where its toolchain is.

A toolchain counts as there only if it compiled and ran a small answer in the tier itself, passed the right one and
failed the wrong one (`Toolchain.lacks`); here it is only looked for. The convention is what a tester is told, the
patterns are what tests are counted and refused by, in linear time; they read lines, not grammar.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evolve.sandbox import compiled, layouts
from evolve.sandbox.bubblewrap import SYSTEM
from evolve.sandbox.layouts import Layout, Tools
from evolve.sandbox.processes import PATH, interpreter

MIB = 2**20
ASKING_S = 20
"""Seconds that a toolchain has to say where it lies; rustc's proxy took 0.1."""


@dataclass(frozen=True)
class Language:
    """One language that answers may be written in."""

    programs: tuple[str, ...]
    """What has to be found, by name."""
    remedy: str
    """What to install where it is not."""
    convention: str
    """How tests are written, for whoever is asked for them."""
    layout: Layout
    assertion: re.Pattern[str]
    """Each match in the tests is one assertion."""
    answer: str
    """With `tests`, what the toolchain is tried with: right; `wrong` turns it into a wrong one."""
    tests: str
    wrong: tuple[str, str]
    runner: re.Pattern[str] | None = None
    """Tests that want a test runner, which is not here."""
    syntax: re.Pattern[str] | None = None
    """A compiler's words for tests that do not parse."""
    comment: str = "//"
    memory: int = 256 * MIB
    """Bytes that a trial may use at least, because the compiler does; more than the limit says where that is less."""
    disk: int = 64 * MIB
    processes: int = 64


_BASH_ASSERTION = re.compile(
    r"^[ \t]*(?:\[\[?[ \t][^\n]*\]|test [^\n|&;]*)[ \t]*$|^[ \t]*assert\w* |^[^\n#]*\b(?:exit|return) [1-9]", re.M
)
"""Not `[ ... ] && echo ok || echo no`, which ends nothing."""
_C_ASSERTION = re.compile(
    r"\b(?:static_)?assert\s*\(|\babort\s*\(|\bexit\s*\(\s*(?:1|EXIT_FAILURE)\b|\breturn\s+(?:1|EXIT_FAILURE)\s*;"
    r"|\bthrow\b"
)
_C_RUNNER = re.compile(
    r"\b(?:TEST|TEST_F|TEST_CASE|EXPECT_EQ|ASSERT_EQ|CU_ASSERT\w*)\s*\(|#include\s*[<\"](?:gtest|catch2)"
)
_C_SYNTAX = re.compile(
    r"^tests\.c(?:pp)?:\d+:\d+: error: (?:expected |stray |missing terminating|unterminated|called object)", re.M
)
_JS_ASSERTION = re.compile(r"\bassert(?:\.\w+){0,2}\s*\(|\bthrow\b|\bprocess\.exit\s*\(\s*[1-9]")
_JS_RUNNER = re.compile(r"\bexpect\s*\(|['\"](?:@jest/globals|vitest|chai|mocha|should)['\"]")
_JS_CONVENTION = (
    "plain `assert.strictEqual(got, expected)`, `assert.deepStrictEqual` and `assert.throws` of node:assert"
)
_C_CONVENTION = "plain `assert(...)` statements, bare or in `int main`, with the headers that they need"

LANGUAGES: Mapping[str, Language] = {
    "javascript": Language(
        ("node",), "install Node.js 20 or newer", _JS_CONVENTION, layouts.javascript, _JS_ASSERTION,
        "function double(x) { return 2 * x; }", "assert.strictEqual(double(2), 4);", ("2 *", "3 *"), runner=_JS_RUNNER,
    ),
    "typescript": Language(
        ("node",), "install Node.js 22.13 or newer, which strips types", _JS_CONVENTION, layouts.typescript,
        _JS_ASSERTION, "function double(x: number): number { return 2 * x; }", "assert.strictEqual(double(2), 4);",
        ("2 *", "3 *"), runner=_JS_RUNNER,
    ),
    "bash": Language(
        ("bash",), "install bash", "a line `[ \"$(f 1)\" = 2 ] || exit 1` or `assert_equal 2 \"$(f 1)\"` for each",
        layouts.bash, _BASH_ASSERTION,
        "double() { echo $((2 * $1)); }", '[ "$(double 2)" = 4 ] || exit 1', ("2 *", "3 *"),
        runner=re.compile(r"^@test |\bload ['\"]?bats|\bshunit2\b", re.M),
        syntax=re.compile(r"^tests\.bash: line \d+:.*(?:syntax error|unexpected)", re.M), comment="#",
    ),
    "c": Language(
        ("gcc",), "install gcc and the C library's headers", _C_CONVENTION, compiled.c, _C_ASSERTION,
        "int twice(int x) { return 2 * x; }", "assert(twice(2) == 4);", ("2 *", "3 *"), _C_RUNNER, _C_SYNTAX,
        memory=512 * MIB,
    ),
    "cpp": Language(
        ("gcc", "g++"), "install g++", _C_CONVENTION, compiled.cpp, _C_ASSERTION,
        "#include <vector>\nint size(std::vector<int> v) { return v.size(); }", "assert(size({1, 2}) == 2);",
        ("v.size()", "3"), _C_RUNNER, _C_SYNTAX, memory=768 * MIB,
    ),
    "go": Language(
        ("go",), "install Go 1.20 or newer",
        "`if got := F(1); got != 2 { panic(fmt.Sprintf(...)) }` statements, bare or in `func main`", compiled.go,
        re.compile(r"\bpanic\s*\(|\blog\.Fatal\w*\s*\(|\bos\.Exit\s*\(\s*[1-9]"),
        "package main\n\nfunc Double(x int) int { return 2 * x }",
        'if got := Double(2); got != 4 { panic(fmt.Sprintf("got %d", got)) }', ("2 *", "3 *"),
        runner=re.compile(r"\*testing\.[TB]\b"),
        syntax=re.compile(r"^(?:\./)?tests\.go:\d+:\d+: (?:syntax error|expected )", re.M),
        memory=1024 * MIB, disk=512 * MIB, processes=256,
    ),
    "rust": Language(
        ("rustc",), "install Rust (rustc and its standard library) and gcc, which links",
        "`assert!`, `assert_eq!` and `assert_ne!` statements, bare, in `#[test]` functions or in `fn main`",
        compiled.rust, re.compile(r"\b(?:debug_)?assert(?:_eq|_ne)?!|\bpanic!|#\[should_panic"),
        "fn double(x: i32) -> i32 { 2 * x }", "assert_eq!(double(2), 4);", ("2 *", "3 *"),
        syntax=re.compile(
            r"^tests\.rs:\d+:\d+: error: (?:expected|unexpected|this file contains an un|mismatched closing|unclosed"
            r"|unknown start of token|unterminated)", re.M
        ),
        memory=512 * MIB, processes=96,
    ),
    "java": Language(
        ("javac", "java"), "install a JDK 17 or newer",
        "`assert ...;` or `check(...);` statements, bare or in a class's `main`", compiled.java,
        re.compile(r"\bassert\b|\b(?:check|assert[A-Z])\w*\s*\(|\bthrow\b"),
        "public class Solution {\n    static int twice(int x) { return 2 * x; }\n}", "check(Solution.twice(2) == 4);",
        ("2 *", "3 *"), runner=re.compile(r"@Test\b|\borg\.junit\b"),
        syntax=re.compile(
            r"^Tests\.java:\d+: error: (?:.*expected$|illegal start|reached end of file|not a statement|unclosed"
            r"|illegal character)", re.M
        ),
        memory=768 * MIB, processes=128,
    ),
    "sql": Language(
        ("python",), "nothing: it is the interpreter's own sqlite3",
        "a schema and its rows as statements, then `-- answer`, then `-- expect: [[...], ...]` with the rows as JSON"
        " (`-- expect any order: ...` where the order is open)", layouts.sql,
        re.compile(r"^[ \t]*--[ \t]*expect\b", re.M), "SELECT 2 * x FROM t;",
        "CREATE TABLE t (x);\nINSERT INTO t VALUES (2);\n-- answer\n-- expect: [[4]]", ("2 *", "3 *"), comment="",
    ),
}  # fmt: skip


def assertions(language: Language, tests: str) -> int:
    """How many there are, comments left away: seen in the text, so one in a loop is one."""
    if language.comment:
        tests = re.sub(rf"(?:^|(?<=\s)){language.comment}[^\n]*", "", tests, flags=re.M)
    return sum(1 for _ in language.assertion.finditer(tests))


@cache
def tools(name: str) -> Tools | None:
    """Where the language's programs are on this machine; None where one is missing."""
    found: dict[str, str] = {}
    readable: list[Path] = []
    for program in LANGUAGES[name].programs:
        path = _rustc() if program == "rustc" else Path(interpreter()) if program == "python" else _which(program)
        if path is None:
            return None
        found[program] = str(path)
        if program != "python" and not _within(path, [*map(Path, SYSTEM), *readable]):
            readable.append(path.parent.parent)
    return Tools(found, tuple(readable))


def _which(program: str) -> Path | None:
    """The file behind all links, if it lies in a `bin` of its own; the plain path where that is the system's."""
    path = shutil.which(program, path=PATH) or shutil.which(program) or shutil.which(program, path="/usr/local/go/bin")
    if path is None:
        return None
    return Path(path) if _within(Path(path), list(map(Path, SYSTEM))) else Path(path).resolve()


def _within(path: Path, folders: list[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _rustc() -> Path | None:
    """The compiler itself: what is on the path is often a proxy that asks a folder which no tier shows."""
    proxy = _which("rustc") or Path.home() / ".cargo" / "bin" / "rustc"
    named = shutil.which("rustc") or str(proxy)
    try:
        asked = subprocess.run(
            [named, "--print", "sysroot"], capture_output=True, text=True, timeout=ASKING_S, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return None
    found = Path(asked.stdout.strip()) / "bin" / "rustc"
    return found if found.exists() else None
