"""Work left undone: what hands it back is caught in any language, what is done, or was to be left open, is not."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import seeds
from evolve.checks.placeholders import Placeholder
from evolve.eliminator import Candidate
from evolve.records import Finding, Seed, Verdict

TASK = "Write a program that counts how often each letter occurs in a long line of text."
CODE = "```python\ndef total(numbers):\n    return sum(numbers)\n```"
ANY_TEXT = st.text(max_size=300)
UNHURRIED = settings(deadline=None)
MEGABYTE = 1_000_000


def check(answer: str | None, text: str = TASK) -> Finding:
    return Placeholder()(Candidate(text, (), "seed", answer=answer))


def fenced(code: str, language: str = "python") -> str:
    return f"This does it:\n\n```{language}\n{code}\n```\n"


# -- comments ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("# your code here", "python"),
        ("# Add your own logic", "python"),
        ("# TODO: implement the parser", "python"),
        ("# TODO write this", "python"),
        ("# ...", "python"),
        ("# … and so on", "python"),
        ("# implement the merge step here", "python"),
        ("# rest of the implementation", "python"),
        ("# Implementation goes here", "python"),
        ("# (parsing omitted for brevity)", "python"),
        ("# This is a placeholder", "python"),
        ("# to be implemented", "python"),
        ("# Replace this with the actual implementation", "python"),
        ("# the two other forms can be added in the same way", "python"),
        ("// add error handling here", "go"),
        ("// the remaining cases are handled similarly", "go"),
        ("// ... existing code ...", "javascript"),
        ("// other methods remain unchanged", "java"),
        ("//TODO: fill in", "java"),
        ("/* ... */", "c"),
        ("-- put the query here", "sql"),
        ("<!-- the rest of your page -->", "html"),
        ("# hier den Code einfügen", "python"),
        ("// Rest der Implementierung", "java"),
        ("# votre code ici", "python"),
        ("// le reste du code", "java"),
        ("# tu código aquí", "python"),
        ("// resto del código", "java"),
        ("# seu código aqui", "python"),
        ("// restante do código", "java"),
        ("# il tuo codice qui", "python"),
        ("// da implementare", "java"),
        ("# ваш код здесь", "python"),
        ("// остальной код", "java"),
        ("# 在这里添加你的代码", "python"),
        ("// 其余代码省略", "java"),
        ("# ここにコードを書いてください", "python"),
        ("// 残りの処理は省略", "java"),
        ("# 여기에 코드를 작성하세요", "python"),
        ("// 나머지 코드 생략", "java"),
    ],
    ids=str,
)
def test_code_that_hands_the_work_back_is_a_placeholder(line: str, language: str) -> None:
    assert check(fenced(line, language)).reason == "placeholder"


@pytest.mark.parametrize(
    "code",
    [
        pytest.param("int area(Shape s) {\n    // Compute the area\n}", id="all-that-a-body-holds"),
        pytest.param("int area(Shape s) {\n    // Compute the area\n    return 0;\n}", id="and-a-default"),
        pytest.param(
            "int area(Shape s) {\n    int a = side(s);\n    // similarly for circles\n    return a;\n}".replace(
                "    return a;\n", ""
            ),
            id="similarly",
        ),
    ],
)
def test_a_comment_in_place_of_code_is_a_placeholder(code: str) -> None:
    assert check(fenced(code, "java")).reason == "placeholder"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"{CODE}\n\nNow write your code here: # your code here.", id="in-prose"),
        pytest.param(f"{CODE}\r\n\r\n# your code here".replace("\n", "\r\n"), id="in-prose-with-carriage-returns"),
        pytest.param("Put `# your code here` wherever you like.", id="in-an-inline-span"),
        pytest.param(fenced("total += n  # add the number to the sum"), id="a-comment-that-explains"),
        pytest.param(fenced("# here the larger half begins"), id="here-at-the-start"),
        pytest.param(fenced("# Add the number to the running total\ntotal += number"), id="a-comment-above-its-code"),
        pytest.param(fenced("# handle the other cases\nfor case in cases:\n    run(case)"), id="other-cases-handled"),
        pytest.param(fenced("# Your function is passed as `key` to sort\nrows.sort(key=key)"), id="your-function-is"),
        pytest.param(fenced("def area(self) -> float: ..."), id="an-ellipsis-as-a-body"),
        pytest.param(fenced('print("...")'), id="three-dots-in-a-string"),
        pytest.param(fenced("items = args[..., 0]"), id="three-dots-as-an-index"),
        pytest.param(fenced("const all = [...first, ...second]", "javascript"), id="spread"),
        pytest.param(fenced("function f(...rest) {\n  return g(...rest);\n}", "javascript"), id="rest"),
        pytest.param(fenced("func f(xs ...int) int {\n\treturn g(xs...)\n}", "go"), id="variadic-go"),
        pytest.param(fenced("int log(const char *f, ...) {\n    return puts(f);\n}", "c"), id="variadic-c"),
        pytest.param(fenced("# todo list of one user"), id="a-todo-list"),
        pytest.param(fenced("your_code = read_code()"), id="a-variable"),
        pytest.param(fenced("run(jobs)\n# You could add logging here if you need it."), id="a-later-extension"),
        pytest.param(fenced("users = [\n    'ann',\n    # add more names here\n]"), id="more-data"),
        pytest.param(fenced("print(f(3))\n# Output:\n# 1\n# ...\n# 100"), id="an-excerpt-of-output"),
        pytest.param(fenced("key = '<your key>'  # replace with your API key"), id="what-only-the-reader-has"),
        pytest.param(fenced("1\n2\n...\n100", "text"), id="output-in-a-block"),
        pytest.param("It prints 1, 2, 3, ... and so on up to 100, then stops.", id="dots-in-prose"),
        pytest.param(f"{CODE}\n\nIt also works for tuples, sets, etc.", id="etc"),
        pytest.param(
            fenced("try {\n  f();\n} catch (e) {\n  // ignored: the file need not exist\n}", "javascript"), id="ignored"
        ),
    ],
)
def test_code_that_does_the_work_has_no_placeholder(answer: str) -> None:
    assert check(answer).verdict is Verdict.ACCEPT


OPEN_TASK = f"Finish only the loop, and leave the rest open:\n{fenced('# your code here')}"


def test_what_the_instruction_left_open_may_stay_open() -> None:
    assert check(fenced("# your code here"), OPEN_TASK).verdict is Verdict.ACCEPT


def test_a_placeholder_beside_one_of_the_instruction_is_found() -> None:
    assert check(fenced("# your code here\n# TODO: implement the loop"), OPEN_TASK).reason == "placeholder"


def test_a_placeholder_in_a_later_block_is_found() -> None:
    assert check(f"{CODE}\n\n{fenced('# your code here')}").reason == "placeholder"


def test_a_snippet_that_explains_may_leave_its_body_out() -> None:
    answer = fenced("while condition:\n    # code to be executed")
    assert check(answer, "What is the difference between `for` and `while`?").verdict is Verdict.ACCEPT


# -- bodies and statements ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("def parse(text):\n    pass", "python"),
        ("def parse(text):\n    ...", "python"),
        ('def parse(text):\n    """Parse it."""\n    pass', "python"),
        ("def parse(text):\n    raise NotImplementedError", "python"),
        ("def parse(text):\n    # Parse it\n\ndef show(x):\n    print(x)", "python"),
        (
            "class Stack:\n    def push(self, x):\n        self.xs.append(x)\n\n    def pop(self):\n        pass",
            "python",
        ),
        ("async def fetch(url):\n    pass", "python"),
        ("fn parse(s: &str) -> i32 {\n    todo!()\n}", "rust"),
        ('fn parse(s: &str) -> i32 {\n    unimplemented!("later")\n}', "rust"),
        ('function parse(s) {\n  throw new Error("not implemented");\n}', "javascript"),
        ('int parse(String s) {\n    throw new UnsupportedOperationException("Not implemented yet");\n}', "java"),
        ("int Parse(string s) {\n    throw new NotImplementedException();\n}", "csharp"),
        ('func parse(s string) int {\n\tpanic("not implemented")\n}', "go"),
        ('fun parse(s: String): Int = TODO("later")', "kotlin"),
        ("for (const x of xs) { ... }", "javascript"),
        ("int main() {\n    int x = 1;\n    ...\n    return x;\n}", "c"),
        ("INSERT INTO t VALUES (1, 'a'), (2, 'b'), ...;", "sql"),
        ("SELECT a, b, ... FROM t;", "sql"),
    ],
    ids=str,
)
def test_code_that_does_nothing_is_a_placeholder(code: str, language: str) -> None:
    assert check(fenced(code, language)).reason == "placeholder"


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("class MyError(Exception):\n    pass", "python"),
        ("try:\n    f()\nexcept OSError:\n    pass", "python"),
        ("from abc import ABC\n\nclass Shape(ABC):\n    @abstractmethod\n    def area(self): ...", "python"),
        (
            "class Shape:\n    def area(self):\n        raise NotImplementedError\n\n"
            "class Dot(Shape):\n    def area(self):\n        return 0",
            "python",
        ),
        ("class Sized(Protocol):\n    def size(self) -> int: ...", "python"),
        ("@overload\ndef f(x: int) -> int: ...\ndef f(x):\n    return x", "python"),
        ("@click.group()\ndef cli():\n    pass", "python"),
        ("def noop(*args):\n    pass", "python"),
        ("def on_close(event):\n    pass", "python"),
        ("def g():\n    pass\n\nrun(callback=g)", "python"),
        ("def f(x):\n    if x < 0:\n        raise NotImplementedError('only for x >= 0')\n    return x", "python"),
        ("for x in xs:\n    pass\nprint(x)", "python"),
        ("type T = tuple[int, ...]\nf: Callable[..., int] = max", "python"),
        ("abstract class A {\n    abstract int f();\n}", "java"),
        (
            'class A {\n  area() { throw new Error("not implemented"); }\n}\n'
            "class B extends A {\n  area() { return 1; }\n}",
            "javascript",
        ),
        ('throw new UnsupportedOperationException("read-only");', "java"),
        ("const noop = () => {};", "javascript"),
        ("template <class... Ts> void f(Ts... xs) { (g(xs), ...); }", "cpp"),
        ("SELECT '...' AS dots FROM t;", "sql"),
    ],
    ids=str,
)
def test_a_body_may_be_empty_where_that_is_right(code: str, language: str) -> None:
    assert check(fenced(code, language)).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        "Write the skeleton of a parser.",
        "Give me stubs for these functions.",
        "Write an interface in Python.",
        "写一个函数骨架。",
    ],
    ids=str,
)
def test_a_stub_that_was_asked_for_is_no_placeholder(text: str) -> None:
    assert check(fenced("def parse(text):\n    pass"), text).verdict is Verdict.ACCEPT


def test_a_stub_that_a_later_block_fills_in_is_no_placeholder() -> None:
    first, then = fenced("def parse(text):\n    pass"), fenced("def parse(text):\n    return text.split()")
    assert check(first + then).verdict is Verdict.ACCEPT


# -- answers that stop -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("```python\ndef f():\n    # your code here", id="in-a-placeholder"),
        pytest.param("```python\ndef f(xs):\n    for x in xs:", id="at-a-colon"),
        pytest.param("```python\ndef f(xs):\n    return sum(x for", id="in-an-expression"),
        pytest.param("```java\nclass A {\n    int f() {\n        return 1;", id="in-a-block"),
        pytest.param("The first loop counts the letters, and after it the second one prints the", id="in-a-sentence"),
        pytest.param("To count the letters, use this function:", id="where-code-was-announced"),
        pytest.param("Este programa cuenta las letras de cada línea y después escribe el resultado de", id="spanish"),
        pytest.param("用下面的函数统计字母：", id="chinese"),
    ],
)
def test_an_answer_that_stops_half_way_is_a_placeholder(answer: str) -> None:
    assert check(answer).reason == "placeholder"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("```python\nprint(1)", id="only-the-fence-is-missing"),
        pytest.param("It runs in O(n)", id="no-full-stop"),
        pytest.param("B A C D A", id="letters"),
        pytest.param("The output of the program is then the letter\n\nA", id="a-letter-on-its-own-line"),
        pytest.param("- first\n- second\n- the last item of all", id="a-list"),
        pytest.param(f"The function adds them up:\n\n{CODE}", id="announced-and-given"),
        pytest.param("def f(x):\n    return x", id="code-without-a-fence"),
        pytest.param("| name | count of the letters in it |\n|---|---|\n| Ann | 3 |", id="a-table"),
        pytest.param("函数返回字母的个数", id="chinese-without-a-full-stop"),
    ],
)
def test_an_answer_that_ends_is_not_cut_off(answer: str) -> None:
    assert check(answer).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "prose",
    [
        "The rest of the code is left to you.",
        "I leave the remaining functions to you as an exercise.",
        "You will need to implement the missing methods.",
        "The second half makes a nice exercise.",
    ],
    ids=str,
)
def test_prose_may_hand_the_work_back_too(prose: str) -> None:
    assert check(f"{CODE}\n\n{prose}").reason == "placeholder"


# -- all ---------------------------------------------------------------------------------------------------------------


def test_no_answer_of_the_bundled_seeds_is_rejected() -> None:
    own = [seed for seed in seeds.read(seeds.bundled()) if isinstance(seed, Seed) and seed.output]
    found = [check(seed.output, seed.text) for seed in own]
    assert [finding.detail for finding in found if finding.verdict is not Verdict.ACCEPT] == []


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, st.sampled_from(["", "python", "java", "sql"]))
def test_any_text_has_a_verdict(answer: str, text: str, language: str) -> None:
    assert {check(answer, text).verdict, check(fenced(answer, language), text).verdict} <= {
        Verdict.ACCEPT,
        Verdict.REJECT,
    }


@pytest.mark.parametrize(
    "tile",
    [
        "`",
        "~",
        "```\n",
        "```\n````\n",
        " ",
        "\t\n",
        "#",
        "# ",
        "//",
        "--",
        "# add a",
        "# insert a-",
        "x ",
        "…",
        "...",
        "# more\n",
        "{ ",
        "# implement ",
        "def f():\n    pass\n",
        "/*",
        "\x00",
        "\ud800",
        "# ここに",
        "(",
        "f'{",
        "throw ",
        ",\t",
        "a:\n",
        "# a\n#\n",
        "'''",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("head", ["", "```\n", "```python\n", "```js\n", "```sql\n"], ids=ascii)
def test_a_megabyte_of_anything_is_decided(head: str, tile: str) -> None:
    text = head + (tile * MEGABYTE)[:MEGABYTE]
    assert check(text, text[:1000]).verdict in {Verdict.ACCEPT, Verdict.REJECT}
