"""The layouts of C, C++, Go, Rust and Java: one program of the answer, its tests and a trailer of ours.

As in `layouts`: lines that begin an import, a `main` or a test are recognised and the rest is left to the compiler;
names that begin with `evolve` are ours. Nothing is run here.
"""

from __future__ import annotations

import re

from evolve.sandbox.layouts import Draw, Laid, Tools, guest

_C_MAIN = re.compile(r"\bmain[ \t]*\(([^()]*)\)\s*\{")
_C_HEAD = re.compile(r"^[ \t]*(?:#[^\n]*|using[ \t][^\n;]*;[ \t]*)$", re.M)
_C_ASSERT = re.compile(r"^[ \t]*#[ \t]*include[ \t]*[<\"]c?assert(?:\.h)?[>\"][^\n]*$", re.M)
_C_AFTER = ("stdbool.h", "stdlib.h", "string.h")
_CPP_AFTER = ("cmath", "cstdlib", "cstring", "string", "vector")
_WORDS = ("if", "else", "while", "for", "return", "int", "void", "assert", "main")
"""Words that an answer's macros may not mean anything else by in the tests."""


def c(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    return _c(answer, tests, tools, draw, cpp=False)


def cpp(answer: str, tests: str, tools: Tools, draw: Draw) -> Laid:
    return _c(answer, tests, tools, draw, cpp=True)


def _c(answer: str, tests: str, tools: Tools, draw: Draw, *, cpp: bool) -> Laid:
    """One unit of answer and tests, and one of ours, which the linker calls for `main`: it calls the tests' own.

    That one keeps its name, for only a function called main may end without a return.
    `assert` in the tests is ours: it takes commas in braces, and NDEBUG does not touch it.
    """
    suffix, linkage = ("cpp", 'extern "C" ') if cpp else ("c", "")
    compiler = (tools.programs["g++"], "-std=gnu++20") if cpp else (tools.programs["gcc"], "-std=gnu17")
    after = "".join(f"#include <{name}>\n" for name in (_CPP_AFTER if cpp else _C_AFTER))
    tests, own = _C_ASSERT.sub("", tests), _C_MAIN.search(tests)
    renamed = "#define main evolve_answer_main\n" if tests.strip() else ""
    if own:
        body = f'#include "tests.{suffix}"\n'
    elif tests.strip():
        head = "".join(f"{line.strip()}\n" for line in _C_HEAD.findall(tests))
        body = f'{head}int main() {{\n#line 1 "tests.{suffix}"\n{_C_HEAD.sub("", tests)}\nreturn 0; }}\n'
    else:
        body = "" if _C_MAIN.search(answer) else "int main() { return 0; }\n"
    unit = (
        f'{renamed}#include "answer.{suffix}"\n'
        + "".join(f"#undef {word}\n" for word in _WORDS)
        + after
        + f"{linkage}void evolve_failed(const char *, const char *, int);\n"
        + "#define assert(...) ((__VA_ARGS__) ? (void)0 : evolve_failed(#__VA_ARGS__, __FILE__, __LINE__))\n"
        + body
        + f"{linkage}void evolve_decoy(int number) {{ assert(number == number + 1); }}\n"
    )
    texts = {f"answer.{suffix}": answer, f"tests.{suffix}": tests, f"trial.{suffix}": unit}
    ours = {"trailer.c": guest("trial.c", draw)}
    options = ("-O1", "-w", "-fdiagnostics-plain-output", "-fmax-errors=5", "-c")
    build = (
        (*compiler, *options, f"trial.{suffix}", "-o", "trial.o"),
        (tools.programs["gcc"], "-w", "-c", "trailer.c", "-o", "trailer.o"),
        (compiler[0], "trial.o", "trailer.o", "-o", "trial", "-Wl,--wrap=main", "-lm", "-pthread"),
    )
    return Laid(texts | ours, build, ("./trial",), (*texts, *ours, "trial.o", "trailer.o"))


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
    forms = (
        f"_eq!({number}, {number + 1})",
        f"_ne!({number}, {number})",
        f"!({number} > {number + 1})",
        "!(matches!(1, 2))",
    )
    decoys = ", ".join(f"|| assert{form}" for form in forms)
    ours = (
        f"\n{_RUST_HELD}\npub fn evolve_run() {{ {' '.join(calls)} }}\n"
        f"pub fn evolve_decoys() -> [fn(); {len(forms)}] {{ [{decoys}] }}\n"
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
_JAVA_OURS = ("java.util.Arrays", "java.util.Objects")
"""What tests compare with, named so that no class of the answer stands in its place."""
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
        laid = (
            _java_ours(tests)
            + _JAVA_PUBLIC.sub("", _JAVA_PACKAGE.sub("", tests))
            + f"\nfinal class EvolveTests {{ {decoy} }}\n"
        )
    else:
        name = _holder(answer) if not tests.strip() else ""
        body = f"{name}.main(new String[0]);" if name else _JAVA_HEAD.sub("", tests)
        heads = " ".join(one.strip() for one in _JAVA_HEAD.findall(_JAVA_PACKAGE.sub("", tests)))
        top = f"{_JAVA_IMPORTS}{_java_ours(tests)}{heads} final class EvolveTests{extends} {{ {_JAVA_CHECK} {decoy}"
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


def _java_ours(tests: str) -> str:
    return "".join(f"import {name}; " for name in _JAVA_OURS if f"class {name.rpartition('.')[2]}" not in tests)


def _java_bare(answer: str) -> str:
    """Methods without a class, in one."""
    heads = " ".join(one.strip() for one in _JAVA_HEAD.findall(_JAVA_PACKAGE.sub("", answer)))
    return f"{_JAVA_IMPORTS}{heads} class Answer {{ {_JAVA_HEAD.sub('', answer)}\n}}\n"


def _holder(code: str) -> str:
    """The top-level class in which `main` stands, or ""."""
    main = _JAVA_MAIN.search(code)
    before = [found[1] for found in _JAVA_TYPE.finditer(code) if main and found.start() < main.start()]
    return before[-1] if before else ""
