"""The program in an answer is what a person would copy out of it; and what it needs that the first tier lacks."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import cache_folder
from evolve.sandbox import Limits, Sandbox, Trial, open_sandbox
from evolve.verifier.code import program, without_demo
from evolve.verifier.needs import MODULES, USES, needs

DOUBLE = "def double(x):\n    return 2 * x"


def fenced(*blocks: tuple[str, str]) -> str:
    return "\n\n".join(f"Some words:\n```{tag}\n{code}\n```" for tag, code in blocks)


def source(answer: str, language: str = "") -> str:
    found = program(answer, language)
    return found.source.strip() if found else ""


PARTS = {
    "one fence": ([("python", DOUBLE)], DOUBLE),
    "another tag": ([("py3", DOUBLE)], DOUBLE),
    "no tag": ([("", DOUBLE)], DOUBLE),
    "indented as in a list": ([("python", "   def f():\n       return 1")], "def f():\n    return 1"),
    "two definitions": ([("python", "def f(): pass"), ("python", "def g(): pass")], "def f(): pass\n\n\ndef g(): pass"),
    "usage": ([("python", DOUBLE), ("python", "print(double(2))")], DOUBLE),
    "usage with variables": ([("python", DOUBLE), ("python", "xs = [1]\nfor x in xs:\n    print(double(x))")], DOUBLE),
    "usage first": ([("python", "double(2)  # 4"), ("python", DOUBLE)], DOUBLE),
    "tests": ([("python", DOUBLE), ("python", "def test_double():\n    assert double(1) == 2")], DOUBLE),
    "output": ([("python", DOUBLE), ("", "[1, 2, 3]"), ("text", "x = 4")], DOUBLE),
    "output that says it is Python": ([("python", DOUBLE), ("python", "500000500000")], DOUBLE),
    "a transcript": ([("python", DOUBLE), ("python", ">>> double(2)\n4\n>>> double(1)\n2\n>>> double(9)\n18")], DOUBLE),
    "a space at a line's end": ([("python", DOUBLE.replace("\n", "\n    \n"))], None),
    "installing": ([("bash", "pip install x\npython a.py\n# and\n./b\npip list"), ("python", DOUBLE)], DOUBLE),
    "a mended one": (
        [("python", "def f():\n    retrn 1"), ("python", "def f():\n    return 1")],
        "def f():\n    return 1",
    ),
    "pasted over": ([("python", DOUBLE), ("python", DOUBLE.replace("2", "3"))], DOUBLE.replace("2", "3")),
    "an import apart": ([("python", "import math"), ("python", "def f():\n    return math.pi")], None),
    "a constant apart": ([("python", "LIMIT = 3"), ("python", "def f():\n    return LIMIT")], None),
    "a script": ([("python", "x = 1"), ("python", "print(x)")], "x = 1\n\n\nprint(x)"),
}


@pytest.mark.parametrize("case", PARTS)
def test_fences_are_one_program(case: str) -> None:
    blocks, wanted = PARTS[case]
    assert source(fenced(*blocks)) == (wanted or "\n\n\n".join(code for _, code in blocks))


def test_what_runs_on_loading_keeps_what_it_uses() -> None:
    first = "def f():\n    return 1\n\nTABLE = f()"
    found = source(fenced(("python", first), ("python", "def f():\n    return TABLE + 1")))
    assert [node.name for node in ast.parse(found).body if isinstance(node, ast.FunctionDef)] == ["f", "f"]


def test_future_imports_stand_first() -> None:
    future = "from __future__ import annotations\n"
    found = source(fenced(("python", f"import os\n{DOUBLE}"), ("python", f"{future}def f(): return os.sep")))
    assert found.startswith(future)
    ast.parse(found)
    compile(found, "answer", "exec")


LANGUAGES = {
    "javascript": "function f() {\n  return 1;\n}",
    "ts": "function f(): number {\n  return 1;\n}",
    "c++": "#include <vector>\nint f() {\n  return 1;\n}",
    "golang": "package main\nfunc f() int { return 1 }",
    "rs": "fn f() -> i32 {\n    1\n}",
    "java": "class A {\n}",
    "sh": "f() {\n  echo 1\n}",
    "postgresql": "SELECT 1;",
    "c": "int f(void) {\n  return 1;\n}",
}


@pytest.mark.parametrize("tag", LANGUAGES)
def test_the_language_has_one_name(tag: str) -> None:
    names = {"ts": "typescript", "c++": "cpp", "golang": "go", "rs": "rust", "sh": "bash", "postgresql": "sql"}
    found = program(fenced((tag, LANGUAGES[tag])))
    assert found is not None
    assert (found.language, found.source.strip()) == (names.get(tag, tag), LANGUAGES[tag])


BARE = {
    "SELECT a\nFROM b;": "sql",
    "#!/bin/bash\necho 1": "bash",
    "-- all\nCREATE TABLE a (b);": "sql",
    "CREATED 3": "",
}


@pytest.mark.parametrize("code", BARE)
def test_what_has_no_tag_is_known_by_its_beginning(code: str) -> None:
    found = program(fenced(("", code)))
    assert (found.language if found else "") == BARE[code]


def test_the_main_language_has_most_lines() -> None:
    answer = fenced(("sql", "SELECT 1;"), ("python", DOUBLE))
    assert (source(answer), source(answer, "sql"), source(answer, "go")) == (DOUBLE, "SELECT 1;", "")


def test_a_whole_program_stands_for_its_parts() -> None:
    part, whole = "int f() {\n  return 1;\n}", "int f() {\n  return 2;\n}\nint main() {\n  return f();\n}"
    assert source(fenced(("c", part), ("c", whole))) == whole


JS = "function f(a) {\n  return a;\n}"
SCRIPTS = {
    "const r = f(1);\nconsole.log(r);": "",
    "const T = [1, 2];": "const T = [1, 2];",
    "const g = (x) => x;": "const g",
}


@pytest.mark.parametrize("more", SCRIPTS)
def test_examples_of_javascript_are_left_away(more: str) -> None:
    found = source(fenced(("js", JS), ("js", more)))
    assert found.startswith(JS)
    assert SCRIPTS[more] in found
    assert (found == JS) == (SCRIPTS[more] == "")


def test_heads_of_java_stand_first() -> None:
    found = source(fenced(("java", "import a.B;\nclass A {}"), ("java", "import a.C;\nclass D {}")))
    assert found.splitlines()[:2] == ["import a.B;", "import a.C;"]


DEMOS = {
    f"{DOUBLE}\n\nn = int(input())\nprint(double(n))\n": f"{DOUBLE}\n",
    f"LIMIT = 3\n{DOUBLE}": f"LIMIT = 3\n{DOUBLE}\n",
    f"{DOUBLE}\nTABLE = {{1: 2}}\nprint(input())\nSIZE: int = 3\n": f"{DOUBLE}\nTABLE = {{1: 2}}\nSIZE: int = 3\n",
    "print(input())": "print(input())",
    "def f(:": "def f(:",
}


@pytest.mark.parametrize("source", DEMOS)
def test_a_demonstration_can_be_left_away(source: str) -> None:
    assert without_demo(source) == DEMOS[source]


@pytest.mark.parametrize("answer", [DOUBLE, "import os\nprint(os.sep)", "x = 3\ny = x"])
def test_code_without_a_fence_is_code(answer: str) -> None:
    assert program(answer, "") is not None


@pytest.mark.parametrize(
    "answer", ["", "Yes", "No, never", "The answer is 4.", "[1, 2]", "```json\n{}\n```", "```\n4\n```"]
)
def test_prose_is_no_program(answer: str) -> None:
    assert program(answer) is None


@pytest.fixture(scope="module")
def wasm() -> Iterator[Sandbox]:
    opened = open_sandbox("wasm", cache_folder())
    yield opened
    opened.close()


@pytest.mark.parametrize("module", sorted(MODULES))
def test_a_module_that_is_said_to_lack_something_is_named(module: str) -> None:
    assert needs(f"import {module}") == needs(f"from {module} import x") == (MODULES[module],)


NEEDS = {
    "import numpy as np": ("numpy",),
    "from sklearn.linear_model import Ridge\nimport pandas": ("sklearn", "pandas"),
    "open('a').read()": ("files",),
    "from pathlib import Path\nPath('a').write_text('b')": ("files",),
    "import tempfile as t\nwith t.TemporaryDirectory() as d: pass": ("files",),
    "from threading import Thread\nThread(target=print).start()": ("threads",),
    "import threading\nclass W(threading.Thread): pass": ("threads",),
    "from concurrent.futures import ThreadPoolExecutor as P\nP()": ("threads",),
    "import asyncio\nasyncio.run(f())": ("an event loop",),
    "import sqlite3\nsqlite3.connect('a.db')": ("files",),
    "import os\nos.makedirs('a')\nimport socket": ("files", "network"),
    "from email.mime.text import MIMEText": ("email.mime",),
    "from xml.dom import minidom": ("xml.dom.minidom",),
}
NO_NEEDS = [
    "import os, re, json, collections.abc\nfrom typing import List",
    "import os\nprint(os.path.join('a', 'b'))",
    "import threading\nlock = threading.Lock()",
    "import sqlite3\nsqlite3.connect(':memory:')",
    "from pathlib import Path\nPath('a').suffix",
    "s = 'a'.replace('a', 'b')\ns.rename = 1",
    "import io\nio.StringIO('a').read()",
    "try:\n    import numpy\nexcept ImportError:\n    numpy = None",
    "if __name__ == '__main__':\n    print(open('a').read())",
    "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import numpy",
    "from solution import double\nfrom . import other",
    "import asyncio\nasync def f():\n    await asyncio.sleep(1)",
    "# import numpy\nx = 'open(1)'",
    "def f(:",
]


@pytest.mark.parametrize("code", NEEDS)
def test_a_program_needs_what_it_uses(code: str) -> None:
    assert needs(code) == NEEDS[code]


@pytest.mark.parametrize("code", NO_NEEDS)
def test_what_works_inside_is_no_need(code: str) -> None:
    assert needs(code) == ()


WORKS = {
    "socket",
    "socketserver",
    "multiprocessing",
    "subprocess",
    "smtplib",
    "ftplib",
    "imaplib",
    "poplib",
    "shelve",
    "dbm",
}
"""They are imported, and fail in use."""


def test_every_module_that_is_said_to_be_absent_is(wasm: Sandbox) -> None:
    asked = sorted(set(MODULES) - WORKS - {"xml.dom.minidom"})
    trying = (
        f"for m in {asked}:\n    try:\n        __import__(m)\n        print(m)\n    except ImportError:\n        pass"
    )
    assert wasm.verify(Trial("python", trying, ""), Limits()).output.split() == []


@pytest.mark.parametrize("module", sorted({name.split(".")[0] for name in USES}))
def test_every_module_of_which_a_part_works_is_there(wasm: Sandbox, module: str) -> None:
    assert wasm.verify(Trial("python", f"import {module}", ""), Limits()).status == "ran"


SCRAPS = [
    "```",
    "```python\n",
    "\n",
    "def f(",
    "class A:",
    "    x",
    "import a\n",
    ">>> ",
    "\x00",
    "\ud800",
    "é",
    "(",
    "~~~",
    '"""',
]


@settings(deadline=None, max_examples=200)
@given(
    st.lists(st.sampled_from(SCRAPS) | st.text(max_size=8), max_size=40),
    st.sampled_from(["", "python", "c", "js", "?"]),
)
def test_any_text_comes_back(scraps: list[str], language: str) -> None:
    found = program("".join(scraps), language)
    assert needs("".join(scraps)) is not None
    assert found is None or found.source.strip()


@pytest.mark.parametrize(
    "scrap",
    [
        "(",
        "def f(): pass\n",
        "```python\ndef f(): pass\n```\n",
        "```c\nint f() {\n}\n```\n",
        "import a\n",
        "a.b",
        "-",
        "```bash\npip\n```\n",
    ],
)
def test_a_long_answer_comes_back_in_linear_time(scrap: str) -> None:
    def spent(size: int) -> float:
        text, began = scrap * (size // len(scrap)), time.process_time()
        program(text)
        needs(text[:50_000])
        return time.process_time() - began

    spent(1_000)
    assert spent(400_000) < 6 * spent(100_000) + 1.0


LINES = [
    "const a ",
    "const a=",
    "a",
    "export ",
    "unsigned ",
    "int a",
    "int a(",
    "fn a",
    "impl<",
    "func (",
    "class ",
    "a ()",
]


@pytest.mark.parametrize("scrap", LINES)
@pytest.mark.parametrize("tag", ["js", "c", "go", "rust", "java", "bash", "sql", ""])
def test_a_long_line_of_any_language_comes_back(tag: str, scrap: str) -> None:
    began = time.process_time()
    program(fenced((tag, "1"), (tag, scrap * (100_000 // len(scrap)))))
    assert time.process_time() - began < 2
