"""Code that does not parse is caught in each language that has a parser; new syntax, parts and quotations are not."""

from __future__ import annotations

import warnings

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import seeds
from evolve.checks import Candidate, grammars, python
from evolve.checks.fences import language
from evolve.checks.syntax import WrongCode
from evolve.markdown import page
from evolve.records import Finding, Seed, Verdict

TASK = "Write a program that counts how often each letter occurs in a long line of text."
ANY_TEXT = st.text(max_size=200)
UNHURRIED = settings(deadline=None)
MEGABYTE = 1_000_000
TAGS = {
    "python": "py",
    "javascript": "js",
    "typescript": "ts",
    "tsx": "tsx",
    "java": "java",
    "c": "c",
    "cpp": "c++",
    "go": "golang",
    "rust": "rs",
}


def check(answer: str | None, text: str = TASK) -> Finding:
    return WrongCode()(Candidate(text, (), "seed", answer=answer))


def fenced(code: str, tag: str = "python") -> str:
    return f"This does it:\n\n```{tag}\n{code}\n```\n"


WHOLE = "def count(text):\n    return {letter: text.count(letter) for letter in set(text)}"
BROKEN = "def count(text)\n    return {letter: text.count(letter) for letter in set(text)}"

# -- broken ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "name"),
    [
        (BROKEN, "python"),
        ("def f(x):\n    return (x + 1\n\nprint(f(2))", "python"),
        ('x = "abc\nprint(x)', "python"),
        ("def f():\nreturn 1", "python"),
        ("def f():\n    x = 1\n  return x", "python"),
        ("xs = [1, 2\nfor x in xs:\n    print(x)", "python"),
        ("if x = 3:\n    print(x)", "python"),
        ("if a:\n    f()\nelse if b:\n    g()", "python"),
        ("print(\u201chello\u201d)\nx = 1", "python"),
        ("i = 0\ni++\nprint(i)", "python"),
        ('x = f"{a"\nprint(x)', "python"),
        ("function f(xs) {\n  return xs.map(x => x + 1;\n}", "javascript"),
        ("function f(xs) {\n  if (xs.length > 1) {\n    return 1;\n}", "javascript"),
        ('const s = "abc;\nconsole.log(s);', "javascript"),
        ("const x = = 3;", "javascript"),
        ("def f(x):\n    return x", "javascript"),
        ("function f(x: number): number {\n  return x +;\n}", "typescript"),
        ("const A = () => <p>{x</p>;", "tsx"),
        ("class A {\n    int f() {\n        return 1\n    }\n}", "java"),
        ("class A {\n    int f( {\n        return 1;\n    }\n}", "java"),
        ('class A {\n    String s = "abc;\n}', "java"),
        ("int main(void) {\n    int x = 1\n    return x;\n}", "c"),
        ("int main(void) {\n    for (int i = 0; i < 3; i++ {\n    }\n    return 0;\n}", "c"),
        ("int main() {\n    std::vector<int> v = {1, 2;\n    return 0;\n}", "cpp"),
        ("int f() {\n    return (1 + 2;\n}", "cpp"),
        ("func f(x int) int {\n\treturn x +\n}", "go"),
        ('package main\n\nfunc main() {\n\tprintln("a"\n}', "go"),
        ("fn f(x: i32) -> i32 {\n    let y = x + ;\n    y\n}", "rust"),
        ("fn f(x: i32) -> i32 {\n    (x + 1\n}", "rust"),
    ],
    ids=str,
)
def test_code_that_does_not_parse_is_wrong_code(code: str, name: str) -> None:
    assert check(fenced(code, TAGS[name])).reason == "wrong_code"


def test_the_finding_says_where() -> None:
    assert check(fenced(BROKEN)).detail.startswith("python, line 1: ")


@pytest.mark.parametrize("sign", ["def f(x:\n    return x\n\ndef g(y):\n    return y"], ids=["python"])
def test_code_that_cannot_hide_its_language_needs_no_tag(sign: str) -> None:
    assert check(fenced(sign, "")).reason == "wrong_code"


# -- read kindly -------------------------------------------------------------------------------------------------------

KIND = [
    pytest.param(">>> f(3)\n9\n>>> g()\nTraceback (most recent call last)", "python", id="a-transcript"),
    pytest.param("%matplotlib inline\n!pip install x\nimport x", "python", id="a-notebook"),
    pytest.param(
        'print "a", b\nfor i in x: print i\ntry:\n    f()\nexcept E, e:\n    raise E, "x"', "python", id="python-2"
    ),
    pytest.param(
        "type A[T] = list[T]\ndef f[T: int](x: T) -> T:\n    return x\nclass B[T]:\n    pass",
        "python",
        id="type-parameters",
    ),
    pytest.param('x = f"{d["a"]} {"b" + f"{\'c\'}"}"', "python", id="quotes-in-f-strings"),
    pytest.param('x = t"hi {name}"', "python", id="template-strings"),
    pytest.param("try:\n    f()\nexcept A, B:\n    g()", "python", id="exceptions-without-brackets"),
    pytest.param(
        "match x:\n    case [1, *_]:\n        f()\nif (n := 3) > 2:\n    g()", "python", id="match-and-walrus"
    ),
    pytest.param(
        "    def area(self):\n        return 1\n\n    def side(self):\n        return 2", "python", id="methods"
    ),
    pytest.param(
        "def area(self):\n        return 1\n\n    def side(self):\n        return 2", "python", id="first-line-flush"
    ),
    pytest.param("else:\n    x = 1", "python", id="the-end-of-an-if"),
    pytest.param("except ValueError:\n    x = 1", "python", id="the-end-of-a-try"),
    pytest.param("def count(text, *, fold=False):", "python", id="a-signature"),
    pytest.param("@cache", "python", id="a-decorator"),
    pytest.param("-x = 1\n+x = 2\n y = 3", "python", id="a-change"),
    pytest.param("def f():\n    return 1\n\nprint(f())\n\nOutput:\n1 it is", "python", id="with-its-output"),
    pytest.param("f(3) → 4", "python", id="an-arrow-to-the-result"),
    pytest.param("key = <YOUR KEY>\nf(key)", "python", id="a-name-to-fill-in"),
    pytest.param("def f():\n\xa0\xa0\xa0 return 1", "python", id="no-break-spaces"),
    pytest.param("\ufeffx = 1", "python", id="a-byte-order-mark"),
    pytest.param("> def f():\n>     return 1", "python", id="in-a-quotation"),
    pytest.param("for x in xs:\n    # code to be executed\n\nprint(x)", "python", id="a-body-of-comments"),
    pytest.param('x = "\\d"', "python", id="a-warning"),
    pytest.param("x = [1, 2, …, 9]", "python", id="dots"),
    pytest.param("return x", "python", id="a-return-outside"),
    pytest.param('{\n  "a": 1,\n  "b": [1, 2]\n}', "javascript", id="an-object"),
    pytest.param("getName() {\n  return this.name;\n}\n\nsetName(n) { this.name = n; }", "javascript", id="js-methods"),
    pytest.param(
        "class A { #x = 1; static { A.y = 2; } @log m() {} }\nconst { a, ...rest } = o ?? b?.c;",
        "javascript",
        id="new-js",
    ),
    pytest.param("using f = open();\nimport d from './x.json' with { type: 'json' };", "javascript", id="newer-js"),
    pytest.param("const App = () => <div>{xs.map(x => <p key={x}>{x}</p>)}</div>;", "javascript", id="jsx"),
    pytest.param(
        "const a = { b: 1 } satisfies R;\nfunction f<const T>(x: T): asserts x is T {}\nusing d = g();",
        "typescript",
        id="new-ts",
    ),
    pytest.param("let x = <HTMLElement>document.body;\nlet y = z!;", "typescript", id="a-cast-in-angles"),
    pytest.param("const f = <T,>(x: T) => <B<string> x={x} />;", "tsx", id="tsx-generics"),
    pytest.param(
        "return switch (o) { case Tariff.Hour(int c, var d) when c > 0 -> c; default -> 0; };",
        "java",
        id="record-patterns",
    ),
    pytest.param(
        'void main() {\n    IO.println("""\n      hi "x"\n      """);\n}', "java", id="a-main-without-a-class"
    ),
    pytest.param('@Override\npublic String toString() {\n    return "x";\n}', "java", id="a-java-method"),
    pytest.param("} catch (IOException e) {\n    log(e);\n}", "java", id="the-end-of-a-java-try"),
    pytest.param(
        "#define EACH(i, n) for (int i = 0; i < n; i++)\nint main(void) {\n    EACH(i, 3) { f(i); }\n}",
        "c",
        id="macros",
    ),
    pytest.param(
        "#ifdef A\nint f(int x) {\n#else\nint f(long x) {\n#endif\n    return x;\n}",
        "c",
        id="branches-of-the-preprocessor",
    ),
    pytest.param('int x = 5;\nprintf("%d", x);\nfor (int i = 0; i < 3; i++)\n    x += i;', "c", id="c-statements"),
    pytest.param(
        'TEST(Foo, Bar) {\n  EXPECT_EQ(1, 2);\n}\nconst char* s = R"(a "b" ( )";', "cpp", id="gtest-and-raw-strings"
    ),
    pytest.param(
        "template <std::integral T> auto f(this auto&& self, T x) requires (x > 0) { co_return x; }",
        "cpp",
        id="new-cpp",
    ),
    pytest.param("public:\n    int get() const { return x; }", "cpp", id="cpp-members"),
    pytest.param("x := 5\nif err := f(); err != nil {\n\treturn err\n}", "go", id="go-statements"),
    pytest.param(
        "func Map[T, U any](xs []T, f func(T) U) []U { for i := range 10 { g(i) }; return nil }", "go", id="go-generics"
    ),
    pytest.param(
        "let f = async move || { if let Some(a) = b && let Some(c) = d { a + c } else { 0 } };", "rust", id="let-chains"
    ),
    pytest.param(
        'macro_rules! m { ($($x:expr),*) => { $( println!("{}", $x); )* } }\n'
        "let c = '{';\nlet s: &'static str = r#\"{\"#;",
        "rust",
        id="rust-macros",
    ),
    pytest.param("pub fn push(&mut self, x: T) {\n    self.items.push(x);\n}", "rust", id="a-rust-method"),
]


@pytest.mark.parametrize(("code", "name"), KIND)
def test_code_that_some_reading_parses_is_accepted(code: str, name: str) -> None:
    assert check(fenced(code, TAGS[name])).detail == ""


@pytest.mark.parametrize(
    ("code", "tag"),
    [
        pytest.param("def def def", "cobol", id="a-language-without-a-parser"),
        pytest.param("if x then (", "", id="no-language-at-all"),
        pytest.param("total(", "text", id="text"),
        pytest.param("just a few words, in a block", "python", id="words"),
    ],
)
def test_what_claims_no_language_is_held_to_none(code: str, tag: str) -> None:
    assert check(fenced(code, tag)).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "answer", [None, "", "Use `sum`.", "def f(x:\n    return x"], ids=["none", "empty", "prose", "no-fence"]
)
def test_an_answer_without_a_block_is_accepted(answer: str | None) -> None:
    assert check(answer).verdict is Verdict.ACCEPT


# -- which block counts ------------------------------------------------------------------------------------------------


def test_a_quotation_of_the_instruction_may_be_broken() -> None:
    assert check(fenced(BROKEN), f"What is wrong here?\n{fenced(BROKEN)}").verdict is Verdict.ACCEPT


def test_code_before_its_repair_may_be_broken() -> None:
    body = "\n    text = text.lower()\n    letters = set(text)\n    return len(letters)"
    assert check(fenced(f"def f(text){body}") + fenced(f"def f(text):{body}")).verdict is Verdict.ACCEPT


def test_another_file_that_parses_is_no_excuse() -> None:
    other = "import re\n\nWORD = re.compile('a')"
    assert check(fenced(BROKEN) + fenced(other)).reason == "wrong_code"


def test_a_small_piece_beside_a_program_may_be_broken() -> None:
    program = "\n".join(f"x{i} = {i}" for i in range(9))
    assert check(fenced(program) + fenced("for x in (y")).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    ["Write a function with a syntax error for students to find.", "Show it in pseudo-code.", "用伪代码写出来。"],
    ids=str,
)
def test_what_was_not_meant_to_parse_may_be_broken(text: str) -> None:
    assert check(fenced(BROKEN), text).verdict is Verdict.ACCEPT


def test_a_share_of_blocks_that_parse_is_kept() -> None:
    assert check(fenced(WHOLE)).scores == {"parsed": 1.0}


# -- the bundled seeds, whole and broken -------------------------------------------------------------------------------

OWN = [seed for seed in seeds.read(seeds.bundled()) if isinstance(seed, Seed) and seed.output]
PROGRAMS = [
    (name, block.code)
    for seed in OWN
    for block in page(seed.output or "").blocks
    if (name := language(block)) in TAGS and block.code.count("\n") > 4
]


def test_no_answer_of_the_bundled_seeds_is_rejected() -> None:
    assert [found.detail for seed in OWN if (found := check(seed.output, seed.text)).detail] == []


@pytest.mark.parametrize("name", ["python", "javascript", "typescript", "java", "cpp", "go", "rust"])
@pytest.mark.parametrize(("old", "share"), [pytest.param("(", 0.9, id="bracket"), pytest.param('"', 0.7, id="quote")])
def test_most_programs_with_a_mark_less_are_caught(name: str, old: str, share: float) -> None:
    """By benchmarks/syntax.py 92-100 % of brackets and 75-100 % of quotes: some stand in comments."""
    codes = [code.replace(old, "", 1) for language, code in PROGRAMS if language == name and old in code]
    caught = [check(fenced(code, TAGS[name])).reason for code in codes].count("wrong_code")
    assert caught >= share * len(codes) - 1


# -- bounds ------------------------------------------------------------------------------------------------------------

TILES = (
    "(",
    "[",
    "{",
    "<",
    "a<",
    "-",
    "not ",
    "a.",
    "a+",
    "a if b else ",
    "lambda:",
    "'",
    '"',
    "`",
    "/*",
    "//",
    "\\\n",
    "f'{",
    "f\"{'",
    "case a:",
    "a=>",
    "if(a){",
    "elif a:\n pass\n",
    "template<",
    "'a ",
    "#if\n",
    "\x00",
    "\ud800",
    "\ufeff",
    ";",
    "a,",
    "print a\n",
    "@a\n",
    ">>> ",
    "x:\n#\n",
    "> ",
    "+",
    "\u3000",
    "9",
    "\n",
)


@pytest.mark.parametrize("tile", TILES, ids=ascii)
@pytest.mark.parametrize("name", TAGS)
def test_a_megabyte_of_anything_is_decided(name: str, tile: str) -> None:
    text = fenced("def f(x):\n" + (tile * MEGABYTE)[:MEGABYTE], TAGS[name])
    assert check(text).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize("tile", TILES, ids=ascii)
@pytest.mark.parametrize("name", sorted(grammars.LANGUAGES))
def test_what_is_short_enough_to_be_parsed_is_decided(name: str, tile: str) -> None:
    """Just below the bounds, where a parser works hardest."""
    line = (tile * 990)[:990] + ";\n"
    text = fenced((line * 30)[: grammars.LONGEST - 1], TAGS[name])
    assert check(text).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize("tile", TILES, ids=ascii)
def test_python_that_is_short_enough_to_be_parsed_is_read(tile: str) -> None:
    reading = python.read("x = 1\n" + (tile * python.LONGEST)[: python.LONGEST - 10])
    assert reading.parsed is None or not reading.error


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["", *TAGS.values()]))
def test_any_text_has_a_verdict(code: str, text: str, tag: str) -> None:
    assert check(fenced(code, tag), text).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@UNHURRIED
@given(
    st.lists(
        st.sampled_from(
            ["def f(", "x", ":", "\n", "    ", "'", 'f"', "{", "}", "(", ")", "print ", "#", "@", "->", "pass"]
        )
    )
)
def test_any_python_is_read(parts: list[str]) -> None:
    reading = python.read("".join(parts))
    assert reading.parsed is None or not reading.error


def test_a_warning_of_the_parser_is_silent() -> None:
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        check(fenced('import re\nprint(re.sub("\\d", "", x), 1 is 1)'))
    assert seen == []


@pytest.mark.parametrize(
    ("answer", "name"),
    [
        pytest.param("```Python3\n```", "python", id="an-alias-in-capitals"),
        pytest.param("```c++\n```", "cpp", id="with-marks"),
        pytest.param("```jsx\n```", "javascript", id="jsx"),
        pytest.param("```\n#include <vector>\n```", "cpp", id="a-header-of-cpp"),
        pytest.param("```\n#include <stdio.h>\n```", "c", id="a-header-of-c"),
        pytest.param("```\npackage main\n```", "go", id="a-package"),
        pytest.param("```\nfn main() {\n}\n```", "rust", id="fn"),
        pytest.param("```\npublic class A {\n}\n```", "java", id="a-public-class"),
        pytest.param("```\ndef f(x):\n```", "python", id="def"),
        pytest.param("```\nconst f = (x) => x\n```", "javascript", id="an-arrow"),
        pytest.param("```\nx = 1\n```", "", id="nothing-that-tells"),
        pytest.param("```\nSELECT 1\n```", "", id="not-guessed"),
        pytest.param("```console\ndef f(x):\n```", "", id="another-tag"),
    ],
)
def test_the_language_of_a_block(answer: str, name: str) -> None:
    assert language(page(answer).blocks[0]) == name
