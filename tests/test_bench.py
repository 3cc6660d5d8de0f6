"""A Python answer passes if, and only if, its tests hold: honest answers in all forms, and every cheat that we know."""

from __future__ import annotations

import tempfile
import threading
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import cache_folder
from evolve.errors import SandboxError
from evolve.sandbox import Limits, Sandbox, Seen, Trial, UnfitTestsError, open_sandbox
from evolve.sandbox.python import steps
from evolve.sandbox.wasm import Clock
from evolve.text import clean

PROGRAMS = tomllib.loads((Path(__file__).parent / "data" / "bench.toml").read_text(encoding="utf-8"))
FORMS, CHEATS, HONEST = PROGRAMS["forms"], PROGRAMS["cheats"], PROGRAMS["honest"]
LIMITS = Limits(seconds=20)
"""Nothing here comes near it on an idle machine, and a busy one must not look like an answer that does not end."""
RIGHT = "def double(x):\n    return 2 * x\n"
TESTS = "assert double(1) == 2\nassert double(-4) == -8\nassert double('a') == 'aa'\n"


@pytest.fixture(scope="module", params=["wasm", "bubblewrap", "landlock"])
def sandbox(request: pytest.FixtureRequest) -> Iterator[Sandbox]:
    try:
        opened = open_sandbox(request.param, cache_folder())
    except SandboxError as error:
        pytest.skip(str(error))
    yield opened
    opened.close()


@pytest.mark.parametrize("form", FORMS)
def test_a_right_answer_passes_in_every_form_of_tests(sandbox: Sandbox, form: str) -> None:
    assert sandbox.verify(Trial("python", RIGHT, FORMS[form]), LIMITS).holds


@pytest.mark.parametrize("form", FORMS)
def test_a_wrong_answer_fails_in_every_form_of_tests(sandbox: Sandbox, form: str) -> None:
    wrong = "def double(x):\n    return 3 * x if x is not None else 0\n"
    assert sandbox.verify(Trial("python", wrong, FORMS[form]), LIMITS).status == "failed"


LIARS = [
    "equals everything",
    "equals everything but objects",
    "equals every number and text",
    "is equal by a number",
    "is anything",
]


@pytest.mark.parametrize("cheat", [*LIARS, "says that it comes from the library"])
def test_what_lies_about_its_equality_passes_in_no_form_of_tests(cheat: str) -> None:
    sandbox = open_sandbox("wasm", cache_folder())
    passed = [
        form for form, tests in FORMS.items() if sandbox.verify(Trial("python", CHEATS[cheat], tests), LIMITS).holds
    ]
    sandbox.close()
    assert passed == []


@pytest.mark.parametrize("cheat", ["replaces the test case", "replaces pytest's"])
def test_what_tests_are_written_with_stays_as_it_is(sandbox: Sandbox, cheat: str) -> None:
    for form in ("unittest", "pytest"):
        assert sandbox.verify(Trial("python", CHEATS[cheat], FORMS[form]), LIMITS).status == "forged"


@pytest.mark.parametrize("cheat", CHEATS)
def test_no_cheat_passes(sandbox: Sandbox, cheat: str) -> None:
    outcome = sandbox.verify(Trial("python", CHEATS[cheat], TESTS), LIMITS)
    assert not outcome.holds
    assert outcome.detail
    assert sandbox.verify(Trial("python", RIGHT, TESTS), LIMITS).holds  # and the next one is none the worse


@pytest.mark.parametrize("name", ["all", "any", "isinstance", "len", "sorted", "abs"])
def test_replacing_a_builtin_function_is_forging(sandbox: Sandbox, name: str) -> None:
    answer = f"import builtins\nbuiltins.{name} = lambda *a: True\ndef double(x):\n    return 0"
    outcome = sandbox.verify(Trial("python", answer, "assert all([double(1) == 2])"), LIMITS)
    assert outcome.status in {"forged", "stopped"}  # without isinstance the bench itself cannot reply


@pytest.mark.parametrize("case", HONEST)
def test_what_only_looks_like_a_cheat_passes(sandbox: Sandbox, case: str) -> None:
    outcome = sandbox.verify(Trial("python", **HONEST[case], stdin="Ada\n"), LIMITS)
    assert outcome.holds, outcome.detail


ENDED = {
    "an endless loop": ("while True:\n    pass", "longer", Limits(seconds=1)),
    "a regular expression that explodes": (
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
        "longer",
        Limits(seconds=1),
    ),
    "a flood": ("while True:\n    print('x' * 1000)", "printed", LIMITS),
}


@pytest.mark.parametrize("case", ENDED)
def test_a_limit_ends_the_trial(sandbox: Sandbox, case: str) -> None:
    answer, said, limits = ENDED[case]
    outcome = sandbox.verify(Trial("python", answer, TESTS), limits)
    assert (outcome.status, said in outcome.detail) == ("stopped", True)
    assert sandbox.verify(Trial("python", RIGHT, TESTS), LIMITS).holds


@pytest.mark.parametrize("answer", ["x = bytearray(10**9)", "x = []\nwhile True:\n    x.append(bytearray(10**7))"])
def test_memory_is_limited(sandbox: Sandbox, answer: str) -> None:
    outcome = sandbox.verify(Trial("python", answer, TESTS), LIMITS)
    assert outcome.status in {"broken", "stopped"}


def test_several_files_are_one_program(sandbox: Sandbox) -> None:
    files = {"shapes/__init__.py": "", "shapes/square.py": "def area(a):\n    return a * a\n"}
    trial = Trial("python", "from shapes.square import area\n", "assert area(3) == 9", files=files)
    assert sandbox.verify(trial, LIMITS).holds


@pytest.mark.parametrize("up", ["../", "a/../../", "/"])
def test_no_file_is_written_outside(sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, up: str) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = f"{up if up != '/' else tmp_path}/stray.py"
    trial = Trial("python", RIGHT, TESTS, files={path: "x = 1"})
    assert sandbox.verify(trial, LIMITS).status == "broken"
    assert sandbox.observe(trial, ["double(1)"], LIMITS) == [Seen("returned", "2")]
    assert sandbox.killed([trial], LIMITS) == 0
    assert [*tmp_path.rglob("*.py")] == []


def test_a_failure_says_what_came_and_what_was_expected(sandbox: Sandbox) -> None:
    outcome = sandbox.verify(Trial("python", RIGHT, "assert double(1) == 2\nassert double(2) == 5"), LIMITS)
    assert (outcome.passed, outcome.tests) == (1, 2)
    assert [said in outcome.detail for said in ("line 2", "assert double(2) == 5", "got      4")] == [True] * 3


def test_output_within_the_limit_comes_back_whatever_it_is_spelt_with(sandbox: Sandbox) -> None:
    outcome = sandbox.verify(Trial("python", "print('é\\n' * 20_000)", ""), LIMITS)
    assert (outcome.status, outcome.output) == ("ran", "é\n" * 20_000 + "\n")


def test_without_tests_nothing_is_proven(sandbox: Sandbox) -> None:
    outcome = sandbox.verify(Trial("python", "print(6 * 7)", ""), LIMITS)
    assert (outcome.status, outcome.output, outcome.holds) == ("ran", "42\n", False)


def test_random_depends_on_the_seed_alone(sandbox: Sandbox) -> None:
    trial = Trial("python", "import random\nprint(random.random())", "")
    first, again, other = (sandbox.verify(trial, LIMITS, seed).output for seed in (1, 1, 2))
    assert first == again != other


POISON = {
    "brackets without end": "print('x')\nimport json\njson.dumps = lambda *a, **k: '[' * 50_000",
    "a list of a million lists": "import json\njson.dumps = lambda *a, **k: '[' + '[],' * 1_000_000 + '[]]'",
    "half a character, printed and raised": "print('\\ud800')\ndef double(x):\n    raise ValueError('\\ud800\\0')",
}


@pytest.mark.parametrize("poison", POISON)
def test_no_reply_harms_who_reads_it(sandbox: Sandbox, poison: str) -> None:
    outcome = sandbox.verify(Trial("python", POISON[poison], TESTS), LIMITS)
    assert outcome.status in {"stopped", "failed"}
    assert clean(outcome.detail + outcome.output) == outcome.detail + outcome.output


@pytest.mark.parametrize("end", ["\x0c", "\x1c", "\x85", "\u2028", "\r"], ids=ascii)
def test_a_step_is_what_the_parser_says(sandbox: Sandbox, end: str) -> None:
    tests = f"# a{end}\nassert double(1) == 2\nassert double(2) == 5\n"
    outcome = sandbox.verify(Trial("python", RIGHT, tests), LIMITS)
    assert (outcome.status, outcome.passed) == ("failed", 1)


def test_the_clock_rings_for_what_takes_longer_and_for_nothing_else() -> None:
    rung = threading.Event()
    clock = Clock(rung.set)
    with clock.within(0.01):
        assert rung.wait(30)
    rung.clear()
    for _ in range(100):
        with clock.within(0.2):
            pass
    time.sleep(0.4)
    clock.close()
    assert not rung.is_set()


def test_a_sandbox_leaves_nothing_behind(sandbox: Sandbox) -> None:
    def held() -> tuple[int, int]:
        return len(list(Path("/proc/self/fd").iterdir())), threading.active_count()

    ends = (RIGHT, "import os\nos._exit(0)", "def f(:", "x = bytearray(10**9)")
    sandbox.verify(Trial("python", RIGHT, TESTS), LIMITS)
    before = held()
    for answer in ends:
        sandbox.verify(Trial("python", answer, TESTS), LIMITS)
        sandbox.observe(Trial("python", answer, ""), ["double(1)", "double(2)"], LIMITS)
    assert held() == before


CALM = {
    "waiting": "import time\nbegan = time.time()\ntime.sleep(3600)\nprint(round(time.time() - began))",
    "the date": "import datetime\nprint(datetime.datetime.now().year)",
    "random bytes": "import os, secrets, uuid\nprint(os.urandom(4), secrets.token_hex(4), uuid.uuid4())",
    "hashes": "print(hash('a'), {'a', 'b', 'c', 'd', 'e'})",
}


@pytest.mark.parametrize("source", CALM.values(), ids=CALM)
def test_in_webassembly_time_and_chance_repeat(source: str) -> None:
    sandbox = open_sandbox("wasm", cache_folder())
    first, again = (sandbox.verify(Trial("python", source, ""), LIMITS) for _ in range(2))
    sandbox.close()
    assert (first.status, first.output) == ("ran", again.output)


UNFIT = ["assert (", "async def test_a():\n    assert double(1) == 2", "assert 1\x00", f"if a{'.b' * 1500}: pass"]


@pytest.mark.parametrize("tests", UNFIT, ids=["syntax", "coroutine", "nul", "deep"])
def test_tests_that_cannot_be_used_are_nobodys_fault(sandbox: Sandbox, tests: str) -> None:
    with pytest.raises(UnfitTestsError):
        sandbox.verify(Trial("python", RIGHT, tests), LIMITS)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(exclude_categories=())), st.text())
def test_no_answer_raises(answer: str, stdin: str) -> None:
    sandbox = open_sandbox("wasm", cache_folder())
    assert not sandbox.verify(Trial("python", answer, "assert double(1) == 2", stdin=stdin), LIMITS).holds
    sandbox.close()


@given(st.text(st.sampled_from("assert x==1\n;def test():(#'\"\\ \t")))
def test_steps_lose_no_line(tests: str) -> None:
    try:
        found = steps(tests)
    except UnfitTestsError:
        return
    kept = "\n".join(step.source for step in found)
    assert all(line.strip() in kept for line in tests.splitlines() if line.strip().startswith("assert"))
