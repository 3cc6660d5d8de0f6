"""Answers in other languages pass if, and only if, their tests hold; and where no toolchain is, that is said."""

from __future__ import annotations

import shutil
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.config import cache_folder
from evolve.errors import SandboxError
from evolve.sandbox import Limits, Sandboxes, Trial, UnfitTestsError
from evolve.sandbox.languages import LANGUAGES, assertions
from evolve.sandbox.toolchain import Toolchain

CASES = tomllib.loads((Path(__file__).parent / "data" / "languages.toml").read_text(encoding="utf-8"))
LIMITS = Limits(seconds=60)
"""Long enough for a JVM on a busy machine; what has to be ended is given QUICK seconds."""
QUICK = 3
CHAINS = {name: Toolchain(name) for name in ("bubblewrap", "landlock")}


@pytest.fixture(params=CHAINS)
def chain(request: pytest.FixtureRequest) -> Toolchain:
    """A tier that starts processes; each language is then skipped where its toolchain does not work."""
    return CHAINS[request.param]


def able(chain: Toolchain, language: str) -> Toolchain:
    if reason := chain.lacks(language):
        pytest.skip(reason)
    return chain


def cases(kind: str) -> list[tuple[str, str]]:
    return [(language, name) for language, found in CASES.items() for name in found.get(kind, {})]


@pytest.mark.parametrize(("language", "name"), cases("right"))
def test_a_right_answer_passes(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["right"][name]
    trial = Trial(language, case["answer"], case["tests"], case.get("files", {}), case.get("stdin", ""))
    outcome = able(chain, language).verify(trial, LIMITS)
    assert (outcome.status, outcome.passed, outcome.tier) == ("passed", outcome.tests, chain.tier), outcome.detail
    assert outcome.tests == case.get("count", outcome.tests) > 0


@pytest.mark.parametrize(("language", "name"), cases("wrong"))
def test_a_wrong_answer_fails_and_says_what(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["wrong"][name]
    outcome = able(chain, language).verify(Trial(language, case["answer"], case["tests"]), LIMITS)
    assert (outcome.status, case["said"] in outcome.detail) == ("failed", True), outcome


@pytest.mark.parametrize(("language", "name"), cases("broken"))
def test_what_does_not_compile_is_broken(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["broken"][name]
    outcome = able(chain, language).verify(Trial(language, case["answer"], case["tests"]), LIMITS)
    assert (outcome.status, case["said"] in outcome.detail) == ("broken", True), outcome


@pytest.mark.parametrize(("language", "name"), cases("cheats"))
def test_no_cheat_passes(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["cheats"][name]
    outcome = able(chain, language).verify(Trial(language, case["answer"], case["tests"]), LIMITS)
    assert (outcome.status, bool(outcome.detail)) == (case.get("status", "stopped"), True), outcome


@pytest.mark.parametrize("language", [name for name in CASES if "endless" in CASES[name]])
def test_an_endless_loop_is_stopped(chain: Toolchain, language: str) -> None:
    case = CASES[language]["endless"]
    outcome = able(chain, language).verify(Trial(language, case["answer"], case["tests"]), Limits(seconds=QUICK))
    ended = "unproven" if "compiling" in outcome.detail else "stopped"  # a slow compiler does not come to the loop
    assert (outcome.status, "longer" in outcome.detail) == (ended, True), outcome


def test_a_compiler_that_had_no_time_says_nothing_about_the_answer(chain: Toolchain) -> None:
    trial = Trial("cpp", "#include <bits/stdc++.h>\nint two() { return 2; }", "assert(two() == 2);")
    outcome = able(chain, "cpp").verify(trial, Limits(seconds=0.3))
    assert (outcome.status, outcome.detail) == ("unproven", "it ran longer than it may, compiling included")


@pytest.mark.parametrize(("language", "name"), cases("unfit"))
def test_tests_that_cannot_be_used_are_nobodys_fault(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["unfit"][name]
    with pytest.raises(UnfitTestsError):
        able(chain, language).verify(Trial(language, case["answer"], case["tests"]), LIMITS)


@pytest.mark.parametrize(("language", "name"), cases("alone"))
def test_without_tests_the_program_runs_and_proves_nothing(chain: Toolchain, language: str, name: str) -> None:
    case = CASES[language]["alone"][name]
    trial = Trial(language, case["answer"], "", stdin=case.get("stdin", ""))
    outcome = able(chain, language).verify(trial, LIMITS)
    assert (outcome.status, outcome.output, outcome.holds) == ("ran", case["output"], False), outcome


def test_broken_versions_are_counted(chain: Toolchain) -> None:
    trial = Trial("bash", "f() { echo 2; }", '[ "$(f)" = 2 ]')
    faults = ["f() { echo 3; }", "f() { printf 2; }", "f() {", "exit 0"]
    broken = [replace(trial, answer=fault) for fault in faults]
    assert able(chain, "bash").killed(broken, LIMITS) == 3


def test_an_absent_toolchain_is_said(chain: Toolchain) -> None:
    if shutil.which("go"):
        pytest.skip("Go is here")
    assert chain.lacks("go") == "no toolchain for go: install Go 1.20 or newer"
    with pytest.raises(SandboxError, match="no toolchain for go"):
        chain.verify(Trial("go", "package main", 'panic("")'), LIMITS)


@pytest.mark.parametrize("language", ["haskell", "", "go"])
def test_no_tier_is_chosen_without_a_toolchain(language: str) -> None:
    if shutil.which("go") and language == "go":
        pytest.skip("Go is here")
    sandboxes = Sandboxes("auto", cache_folder())
    found, why = sandboxes.choose(Trial(language, "x", "y"))
    sandboxes.close()
    assert found is None
    assert why.startswith("not verified: ")


def test_a_tier_that_starts_processes_is_chosen(chain: Toolchain) -> None:
    able(chain, "bash")
    trial = Trial("bash", "f() { echo 2; }", '[ "$(f)" = 2 ]')
    sandboxes = Sandboxes(chain.tier, cache_folder())
    found, why = sandboxes.choose(trial, ("numpy",))
    assert (found is not None and found.verify(trial, LIMITS).holds, why) == (True, "")
    sandboxes.close()


def test_webassembly_runs_python_alone() -> None:
    found, why = Sandboxes("wasm", cache_folder()).choose(Trial("bash", "f() { :; }", "[ 1 = 1 ]"))
    assert (found, why) == (None, "not verified: wasm runs Python alone")


def test_files_stay_in_the_folder(chain: Toolchain) -> None:
    trial = Trial("bash", "f() { :; }", "[ 1 = 1 ]", files={"../x": ""})
    assert able(chain, "bash").verify(trial, LIMITS).status == "broken"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_trial_of_a_toolchain_is_fit(language: str) -> None:
    one = LANGUAGES[language]
    assert assertions(one, one.tests) == 1
    assert one.answer.replace(*one.wrong) != one.answer


@pytest.mark.parametrize("language", LANGUAGES)
def test_counting_takes_linear_time(language: str) -> None:
    for text in ("[ " * 30_000, "assert " * 20_000, "// " * 30_000, "-- expect" * 9_000, "a" * 90_000):
        assert assertions(LANGUAGES[language], text) >= 0
