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


_C_MAIN = re.compile(r"\bmain[ \t]*\(([^()]*)\)\s*\{")
_C_HEAD = re.compile(r"^[ \t]*(?:#[^\n]*|using[ \t][^\n;]*;[ \t]*)$", re.M)
_C_AFTER = ("assert.h", "stdbool.h", "stdlib.h", "string.h")
_CPP_AFTER = ("cassert", "cmath", "cstdlib", "cstring", "string", "vector")
_WORDS = ("if", "else", "while", "for", "return", "int", "void", "NDEBUG", "main")
"""Words that an answer's macros may not mean anything else by in the tests."""


def c(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    return _c(answer, tests, tools, draw, cpp=False)


def cpp(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    return _c(answer, tests, tools, draw, cpp=True)


def _c(answer: str, tests: str, tools: Tools, draw: Draw, *, cpp: bool) -> Laid:
    """One unit of answer and tests, and one of ours; `main` is another name in the first."""
    suffix, linkage = ("cpp", 'extern "C" ') if cpp else ("c", "")
    compiler = (tools.programs["g++"], "-std=gnu++20") if cpp else (tools.programs["gcc"], "-std=gnu17")
    after = "".join(f"#include <{name}>\n" for name in (_CPP_AFTER if cpp else _C_AFTER))
    own = _C_MAIN.search(tests)
    if own:
        head, body = f'#define main evolve_main\n#include "tests.{suffix}"\n', _called("evolve_main", own)
    elif tests.strip():
        head = "".join(f"{line.strip()}\n" for line in _C_HEAD.findall(tests))
        body = f'\n#line 1 "tests.{suffix}"\n{_C_HEAD.sub("", tests)}\nreturn 0;\n'
    else:
        alone = _C_MAIN.search(answer)
        head, body = "", _called("evolve_answer_main", alone) if alone else "return 0;"
    unit = (
        f'#define main evolve_answer_main\n#include "answer.{suffix}"\n'
        + "".join(f"#undef {word}\n" for word in _WORDS)
        + after + head
        + f"{linkage}int evolve_tests(int count, char **arguments) {{ (void)count; (void)arguments; {body} }}\n"
        + f"{linkage}void evolve_decoy(int number) {{ assert(number == number + 1); }}\n"
    )  # fmt: skip
    texts = {f"answer.{suffix}": answer, f"tests.{suffix}": tests, f"trial.{suffix}": unit}
    ours = {"trailer.c": guest("trial.c", draw)}
    options = ("-O1", "-w", "-fdiagnostics-plain-output", "-fmax-errors=5", "-c")
    build = (
        (*compiler, *options, f"trial.{suffix}", "-o", "trial.o"),
        (tools.programs["gcc"], "-w", "-c", "trailer.c", "-o", "trailer.o"),
        (compiler[0], "trial.o", "trailer.o", "-o", "trial", "-lm", "-pthread"),
    )
    return Laid(texts | ours, build, ("./trial",), (*texts, *ours, "trial.o", "trailer.o"))


def _called(name: str, main: re.Match[str]) -> str:
    given = "count, arguments" if "," in main[1] else "count" if main[1].strip() not in {"", "void"} else ""
    return f"return {name}({given});"


_GO_HEAD = re.compile(r"^package[ \t]+\w+[ \t]*;?[ \t]*$", re.M)
_GO_MAIN = re.compile(r"^func[ \t]+main[ \t]*\([ \t]*\)", re.M)
_GO_IMPORT = re.compile(r"^import[ \t]+(?:\([^)]*\)|[^\n(]+)$", re.M)
_GO_KNOWN = ("errors", "fmt", "math", "os", "reflect", "sort", "strconv", "strings", "time")


def go(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    """Three files of one package; modules are off, so the standard library alone can be imported."""
    call = "evolveTests"
    if _GO_MAIN.search(tests):
        laid = _GO_HEAD.sub("package main", _GO_MAIN.sub("func evolveTests()", tests))
    elif tests.strip():
        laid = _go_bare(tests)
    else:
        laid, call = "package main\n", "evolveAnswerMain" if _GO_MAIN.search(answer) else "func() {}"
    ours = guest("trial.go", draw, CALL=call)
    main = _GO_MAIN.sub("func evolveAnswerMain()", answer)
    whole = _GO_HEAD.sub("package main", main) if _GO_HEAD.search(answer) else f"package main; {main}"
    texts = {"answer.go": whole, "tests.go": laid, "trial.go": ours}
    build = (
        f'GOCACHE="$TMPDIR/cache" GO111MODULE=off CGO_ENABLED=0 exec {tools.programs["go"]} build -trimpath -o trial'
    )
    return Laid(texts, (("/bin/sh", "-c", f"{build} answer.go tests.go trial.go"),), ("./trial",), tuple(texts))


def _go_bare(tests: str) -> str:
    """Statements in a function; what they use of the standard library's best known packages is imported."""
    tests = _GO_HEAD.sub("", tests)
    given = [found[0] for found in _GO_IMPORT.finditer(tests)]
    body = _GO_IMPORT.sub(lambda found: "\n" * found[0].count("\n"), tests)
    named = " ".join(given)
    missing = [n for n in _GO_KNOWN if re.search(rf"\b{n}\.[A-Z]", body) and f'"{n}"' not in named]
    heads = "\n".join([*given, *(f'import "{name}"' for name in missing)])
    return f"package main\n{heads}\nfunc evolveTests() {{\n//line tests.go:1\n{body}\n}}\n"


_RUST_MAIN = re.compile(r"^((?:pub(?:\([^)\n]*\))?[ \t]+)?fn[ \t]+)main\b", re.M)
_RUST_MODULE = re.compile(r"^[ \t]*(?:pub[ \t]+)?mod[ \t]+\w+[ \t]*\{[ \t]*$", re.M)
_RUST_FUNCTION = re.compile(r"\bfn[ \t]+(\w+)")
_RUST_ATTRIBUTE = re.compile(r"#\[(?:test|should_panic[^\]\n]*|cfg\(test\)|ignore[^\]\n]*)\]")
_RUST_HELD = (
    "trait EvolveHeld { fn held(self); } impl EvolveHeld for () { fn held(self) {} }"
    " impl<T, E: ::std::fmt::Debug> EvolveHeld for ::std::result::Result<T, E> { fn held(self) { self.unwrap(); } }"
)


def rust(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    """The answer is the crate, the tests are a module in it, which sees what is private too."""
    alone = bool(_RUST_MAIN.search(answer))
    crate = _RUST_MAIN.sub(r"\1evolve_answer_main", answer)
    calls, module = ["evolve_body();"], tests
    if found := _rust_tests(tests):
        module, calls = _unwrapped(_RUST_ATTRIBUTE.sub("", tests)), found
    elif _RUST_MAIN.search(tests):
        calls = ["main().held();"]
    elif tests.strip():
        module = f"fn evolve_body() {{ {tests}\n}}"
    else:
        calls = ["super::evolve_answer_main().held();"] if alone else []
    number = draw.number
    decoys = ", ".join(f"|| assert{form}" for form in (f"_eq!({number}, {number + 1})", f"!({number} > {number + 1})"))
    ours = (
        f"\n{_RUST_HELD}\npub fn evolve_run() {{ {' '.join(calls)} }}\n"
        f"pub fn evolve_decoys() -> [fn(); 2] {{ [{decoys}] }}\n"
    )
    texts = {
        "answer.rs": crate + guest("trial.rs", draw),
        "tests.rs": f"#[allow(unused_imports)] use crate::*; {module}{ours}",
    }
    options = ("--edition=2021", "--cap-lints=allow", "--error-format=short", "-Cdebuginfo=0", "-Copt-level=1")
    build = (
        tools.programs["rustc"],
        *options,
        "-Cdebug-assertions=on",
        "-Ccodegen-units=1",
        "-o",
        "trial",
        "answer.rs",
    )
    return Laid(texts, (build,), ("./trial",), tuple(texts))


def _unwrapped(tests: str) -> str:
    """Without the `mod tests { }` around them."""
    found = _RUST_MODULE.search(tests)
    end = tests.rstrip().rfind("}")
    if not found or end < found.end():
        return tests
    return tests[: found.start()] + tests[found.end() : end] + tests[end + 1 :]


def _rust_tests(tests: str) -> list[str]:
    """A call for each function under `#[test]`."""
    calls, above = [], ""
    for line in map(str.strip, tests.splitlines()):
        named = _RUST_FUNCTION.search(line)
        above += line if line.startswith("#[") else ""
        if named and "#[test]" in above:
            said = f'"{named[1]} was expected to panic"'
            panics = f"if ::std::panic::catch_unwind(|| {{ {named[1]}(); }}).is_ok() {{ panic!({said}); }}"
            calls.append(panics if "#[should_panic" in above else f"{named[1]}().held();")
        if line and (named or not line.startswith(("#[", "//"))):
            above = ""
    return calls


_JAVA_HEAD = re.compile(r"^[ \t]*(?:import|package)[ \t][^\n;]*;", re.M)
_JAVA_PACKAGE = re.compile(r"^[ \t]*package[ \t][^\n;]*;", re.M)
_JAVA_PUBLIC = re.compile(
    r"^public[ \t]+(?=(?:(?:final|abstract|sealed|strictfp)[ \t]+)*(?:class|interface|enum|record)\b)", re.M
)
_JAVA_TYPE = re.compile(
    r"^(?:(?:public|final|abstract|sealed|strictfp)[ \t]+)*(?:class|interface|enum|record)[ \t]+(\w+)", re.M
)
_JAVA_MAIN = re.compile(r"\bstatic[ \t]+void[ \t]+main[ \t]*\(")
_JAVA_IMPORTS = "import java.util.*; import java.util.function.*; import java.util.stream.*; "
_JAVA_OPEN = ("--add-opens=java.base/java.io=ALL-UNNAMED",)
"""So that ours can make a stream of a descriptor's number."""
_JAVA_CHECK = (
    'static void check(boolean held) { check(held, "check"); }'
    " static void check(boolean held, String said) { if (!held) throw new AssertionError(said); }"
)


def java(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    """One file for the answer, one for the tests, one of ours; no class is public, so file names do not matter."""
    code = _java_bare(answer) if not _JAVA_TYPE.search(answer) else _JAVA_PUBLIC.sub("", _JAVA_PACKAGE.sub("", answer))
    extends = "" if _JAVA_TYPE.search(answer) else " extends Answer"
    decoy = "static void evolveDecoy(int number) { assert number == number + 1; }"
    call = "EvolveTests.evolveRun()"
    if tests.strip() and (name := _holder(tests)):
        call = f"{name}.main(new String[0])"
        laid = _JAVA_PUBLIC.sub("", _JAVA_PACKAGE.sub("", tests)) + f"\nfinal class EvolveTests {{ {decoy} }}\n"
    else:
        name = _holder(answer) if not tests.strip() else ""
        body = f"{name}.main(new String[0]);" if name else _JAVA_HEAD.sub("", tests)
        heads = " ".join(one.strip() for one in _JAVA_HEAD.findall(_JAVA_PACKAGE.sub("", tests)))
        top = f"{_JAVA_IMPORTS}{heads} final class EvolveTests{extends} {{ {_JAVA_CHECK} {decoy}"
        laid = f"{top} static void evolveRun() throws Throwable {{ {body}\n}} }}\n"
    ours = guest("Trial.java", draw, CALL=call, DECOY="EvolveTests.evolveDecoy")
    texts = {"Answer.java": code, "Tests.java": laid, "EvolveTrial.java": ours}
    quick = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto")
    build = (tools.programs["javac"], *(f"-J{one}" for one in quick), "-proc:none", "-nowarn", "-d", ".", *texts)
    run = (
        tools.programs["java"],
        *quick,
        f"-Xmx{draw.memory // 2**20}m",
        "-Xss8m",
        *_JAVA_OPEN,
        "-ea",
        "-cp",
        ".",
        "EvolveTrial",
    )
    return Laid(texts, (build,), run, tuple(texts))


def _java_bare(answer: str) -> str:
    """Methods without a class, in one."""
    heads = " ".join(one.strip() for one in _JAVA_HEAD.findall(_JAVA_PACKAGE.sub("", answer)))
    return f"{_JAVA_IMPORTS}{heads} class Answer {{ {_JAVA_HEAD.sub('', answer)}\n}}\n"


def _holder(code: str) -> str:
    """The top-level class in which `main` stands, or ""."""
    main = _JAVA_MAIN.search(code)
    before = [found[1] for found in _JAVA_TYPE.finditer(code) if main and found.start() < main.start()]
    return before[-1] if before else ""


def sql(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    texts = {"answer.sql": answer, "tests.sql": tests, "trial.py": guest("sql.py", draw)}
    return Laid(texts, (), (tools.programs["python"], "-I", "-S", "trial.py"))
