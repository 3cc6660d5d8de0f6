"""Natural languages in a run: the operators, who draws them, what proves the child, and that it resumes."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections import Counter
from pathlib import Path

import pytest

from evolve.config import MethodConfig, RoleConfig, VerifierConfig, load
from evolve.elimination import TRANSLATED
from evolve.errors import ConfigError
from evolve.ledger import Ledger
from evolve.method import Evolver, Operator, Operators, load_operators
from evolve.plan import make_plan
from evolve.pool import Pool
from evolve.proving import Prover
from evolve.records import Attempt, Fate, Instruction, Outcome, Proof, Reply, Request, Seed, Step
from evolve.run import execute, make_work
from evolve.verifier import Case, Examined, Verifier
from tests.conftest import StartTeacher

MODEL = RoleConfig(model="m")
ENGLISH = "Write a function that takes a list of words and returns the longest of them."
SPANISH = "Escribe una función que reciba una lista de palabras y devuelva la más larga de ellas."
BOTH = MethodConfig(languages=["Chinese", "Spanish"], language_share=1.0)


def instruction(text: str, round_: int = 0, operator: str = "seed") -> Instruction:
    return Instruction(f"i{round_}", text, "root", None if operator == "seed" else "p", round_, operator, round_)


def drawn(config: MethodConfig, *line: Instruction, round_: int = 2, avoid: str | None = None) -> Counter[str]:
    evolver = Evolver(load_operators(config), MODEL, 0)
    moves = (evolver.choose(Attempt(round_, i), f"root{i}", 80, avoid, line=line) for i in range(80))
    return Counter(move.operator.family for move in moves)


def refused(config: MethodConfig) -> str:
    with pytest.raises(ConfigError) as caught:
        load_operators(config)
    return str(caught.value)


# -- operators -------------------------------------------------------------------------------------------------------


def test_nobody_gets_it_unasked() -> None:
    assert not load_operators(MethodConfig()).languages


def test_every_language_has_an_operator_whose_prompt_names_it() -> None:
    operators = load_operators(MethodConfig(languages=["chinese", "Spanish", "Chinese"]))
    assert [o.name for o in operators if o.family == "tongue"] == ["translate_chinese", "translate_spanish"]
    prompt = operators["translate_chinese"].prompt(instruction="$x {} ```")
    assert "same task in Chinese." in prompt
    assert prompt.endswith("<instruction>\n$x {} ```\n</instruction>\n")


def test_a_language_that_no_text_can_be_told_to_be_in_is_refused() -> None:
    assert "'Klingon'; there are: Arabic, Chinese" in refused(MethodConfig(languages=["Klingon"]))


def test_another_language_makes_another_identity() -> None:
    one, two = (load_operators(MethodConfig(languages=[name])).contents for name in ("Chinese", "Spanish"))
    assert set(one) ^ set(two) == {"operator.translate_chinese", "operator.translate_spanish"}


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("translate", {"translate_chinese": True, "translate_spanish": True}),
        ("translate_spanish", {"translate_chinese": False, "translate_spanish": True}),
        ("formally", {"translate_chinese": False, "formally_chinese": True, "formally_spanish": True}),
    ],
)
def test_a_template_of_the_folder_takes_the_place(tmp_path: Path, name: str, expected: dict[str, bool]) -> None:
    (tmp_path / f"{name}.txt").write_text("Ours, in $language: $instruction")
    operators = load_operators(BOTH.model_copy(update={"folder": str(tmp_path)}))
    assert {key: operators[key].prompt(instruction="x").startswith("Ours") for key in expected} == expected
    assert {operators[key].family for key in expected} == {"tongue"}


@pytest.mark.parametrize(
    ("template", "languages", "words"),
    [
        ("In $language: $instruction", [], "method.languages, which names none"),
        ("In $language.", ["Spanish"], r"placeholder $instruction is missing; expected $instruction and $language"),
    ],
)
def test_a_template_without_its_holes_is_refused(
    tmp_path: Path, template: str, languages: list[str], words: str
) -> None:
    (tmp_path / "ours.txt").write_text(template)
    assert words in refused(MethodConfig(folder=str(tmp_path), languages=languages))


def test_an_operator_of_the_family_names_its_language() -> None:
    with pytest.raises(ConfigError, match="no natural language"):
        Operator("theirs", "$instruction $language", family="tongue")


def test_the_eliminator_without_a_run_knows_the_operators_by_their_names() -> None:
    names = {o.name: o.language for o in load_operators(BOTH) if o.language}
    assert names.items() <= TRANSLATED.items()


# -- the draw --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "round_", "families"),
    [
        pytest.param((instruction(ENGLISH),), 2, {"tongue"}, id="a seed"),
        pytest.param((instruction(ENGLISH), instruction(ENGLISH, 1, "deepen")), 3, {"tongue"}, id="evolved"),
        pytest.param((instruction(ENGLISH),), 1, {"depth"}, id="not in round 1"),
        pytest.param((), 2, {"depth"}, id="nothing known of the lineage"),
        pytest.param((instruction("x = 1"),), 2, {"depth"}, id="in no language that can be told"),
        pytest.param(
            (instruction(ENGLISH), instruction(SPANISH, 2, "translate_spanish"), instruction(SPANISH, 3, "deepen")),
            4,
            {"depth"},
            id="not twice in a lineage",
        ),
    ],
)
def test_who_is_put_into_another_language(line: tuple[Instruction, ...], round_: int, families: set[str]) -> None:
    config = BOTH.model_copy(update={"breadth_quota": 0.0})
    assert set(drawn(config, *line, round_=round_)) == families


def test_a_text_is_not_put_into_its_own_language() -> None:
    evolver = Evolver(load_operators(BOTH), MODEL, 0)
    moves = {evolver.choose(Attempt(2, i), f"r{i}", 40, line=[instruction(SPANISH)]).operator.name for i in range(40)}
    assert moves == {"translate_chinese"}


def test_the_language_that_just_failed_is_not_drawn_again_at_once() -> None:
    one = MethodConfig(languages=["Spanish"], language_share=1.0, breadth_quota=0.0)
    assert set(drawn(one, instruction(ENGLISH), avoid="translate_spanish")) == {"depth"}


def test_languages_have_their_share() -> None:
    share = drawn(MethodConfig(languages=["Spanish"], language_share=0.25), instruction(ENGLISH))["tongue"] / 80
    assert 0.1 < share < 0.4


def test_other_draws_stay_as_they_were() -> None:
    plain, more = Evolver(load_operators(MethodConfig()), MODEL, 0), Evolver(load_operators(BOTH), MODEL, 0)
    line = [instruction(SPANISH, 2, "translate_spanish")]
    for i in range(40):
        assert plain.choose(Attempt(3, i), f"r{i}", 40) == more.choose(Attempt(3, i), f"r{i}", 40, line=line)


def test_parents_of_two_languages_are_not_fused() -> None:
    operators = Operators([Operator("deepen", "$instruction"), Operator("fuse", "$first$second", family="crossover")])
    assert Evolver(operators, MODEL, 0).alone(Attempt(2, 0), "root").operator.name == "deepen"


# -- the proof -------------------------------------------------------------------------------------------------------

TASK = "Escribe una función de Python `clamp(x, low, high)` que devuelva x entre low y high."
RIGHT = "Aquí está.\n\n```python\ndef clamp(x, low, high):\n    return max(low, min(x, high))\n```"
WRONG = "```python\ndef clamp(x, low, high):\n    return min(x, high)\n```"
TESTS = "assert clamp(5, 0, 10) == 5\nassert clamp(-1, 0, 10) == 0\nassert clamp(11, 0, 10) == 10\n"
GIVEN = Proof("verified", tier="wasm", language="python", tests=TESTS, assertions=3)


def prove(verifier: Verifier, first: str, given: Proof | None, **said: str) -> tuple[str, Proof, list[Step]]:
    """The answer kept, its proof and the calls made; `said`: what a step is answered with."""
    asked: list[Step] = []

    async def ask(step: Step, _: Request) -> Reply | str:
        asked.append(step)
        return Reply(said[step], "stop", "m")

    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(_: str) -> bool:
        return True

    prover = Prover(VerifierConfig(), MODEL, MODEL)
    kept, proof = asyncio.run(prover.prove(TASK, first, ask=ask, examine=examine, suits=suits, given=given))
    return kept, proof, asked


def test_the_parents_tests_prove_the_child_without_a_tester(verifier: Verifier) -> None:
    kept, proof, asked = prove(verifier, RIGHT, GIVEN)
    assert (kept, proof.status, proof.tests, asked) == (RIGHT, "verified", TESTS, [])


def test_what_fails_the_parents_tests_is_repaired(verifier: Verifier) -> None:
    kept, proof, asked = prove(verifier, WRONG, GIVEN, repair=RIGHT)
    assert (kept, proof.status, proof.failing, asked) == (RIGHT, "verified", WRONG, ["repair"])


def test_the_parents_tests_are_not_doubted(verifier: Verifier) -> None:
    _, proof, asked = prove(verifier, WRONG, GIVEN, repair=WRONG, answer=WRONG)
    assert (proof.status, proof.tests, asked) == ("refuted", TESTS, ["repair", "answer"])


def test_an_answer_in_another_language_than_the_parents_is_not_proven(verifier: Verifier) -> None:
    _, proof, asked = prove(verifier, "```javascript\nconst clamp = (x) => x;\n```", GIVEN)
    assert (proof.status, asked) == ("unverified", [])


def test_an_answer_without_code_is_refuted_where_the_parent_has_some(verifier: Verifier) -> None:
    assert [prove(verifier, "-", given)[1].status for given in (GIVEN, None)] == ["refuted", "unverified"]


@pytest.mark.parametrize("program", ["", "print(233168)\n"], ids=["of the task", "of the tester"])
def test_what_a_program_prints_is_no_proof_for_the_child(verifier: Verifier, program: str) -> None:
    printed = Proof("verified", tier="wasm", language="python", tests=program)
    _, proof, asked = prove(verifier, "Imprime `2`.", printed)
    assert (proof.status, asked) == ("unverified", [])


def test_without_a_proof_of_the_parent_the_tester_is_asked(verifier: Verifier) -> None:
    _, proof, asked = prove(verifier, RIGHT, None, test=f"```python\n{TESTS}```")
    assert (proof.status, asked) == ("verified", ["test"])


def fate(round_: int, outcome: Outcome, proof: Proof | None, parent: str = "root") -> Fate:
    child = Instruction(f"c{round_}" if round_ else "root", "text", "root", parent, round_, "deepen", round_)
    return Fate(Attempt(round_, 0), "root", "deepen", outcome, parent, child, proof=proof)


def test_the_pool_knows_what_its_parents_were_proven_by() -> None:
    pool, other = Pool([Seed("root", ENGLISH)]), Proof("verified", tests="other")
    seed = pool.parent(0, 1)
    assert (pool.proof(seed), pool.fallen(0, 0)) == (None, False)
    pool.settle(fate(0, "accepted", GIVEN))
    assert (pool.proof(seed), pool.fallen(0, 0), pool.fallen(0, 1)) == (GIVEN, True, False)
    pool.settle(fate(1, "rejected", other))
    assert pool.proof(pool.parent(0, 2)) == GIVEN
    pool.settle(fate(2, "accepted", other))
    assert (pool.proof(pool.parent(0, 3)), [one.id for one in pool.line(0, 3)]) == (other, ["root", "c2"])


# -- a whole run -----------------------------------------------------------------------------------------------------


def run(settings: list[str], folder: Path) -> list[Fate]:
    plan = make_plan(load(None, settings), folder)
    assert asyncio.run(execute(plan, make_work(plan), asyncio.Event())).finished
    with Ledger(folder / "ledger.db", read_only=True) as ledger:
        return list(ledger.fates())


def test_a_run_translates_and_goes_on_and_resumes(start_teacher: StartTeacher, tmp_path: Path) -> None:
    seeds = (Path(__file__).parent.parent / "seeds" / "python.jsonl").read_text("utf-8").splitlines()[:6]
    (tmp_path / "seeds.jsonl").write_text("\n".join(seeds), encoding="utf-8")
    teacher = start_teacher("--faults", "0", "--seeds", str(tmp_path / "seeds.jsonl"))
    settings = [*teacher.settings, "teacher.tester.model=offline-tester", f"seeds={tmp_path / 'seeds.jsonl'}"]
    settings += ["method.languages=[Chinese, Spanish]", "method.language_share=0.7", "method.breadth_quota=0"]
    settings += ["cluster.executor=inline", "rounds=3", "verifier.tier=wasm", "verifier.mutants=2", "derive.kinds=[]"]
    fates = run(settings, tmp_path / "run")
    known = {one.child.id: one for one in fates if one.child}
    translated = [one for one in fates if one.operator.startswith("translate_")]
    assert {one.outcome for one in translated} == {"accepted"}
    assert {one.operator for one in translated} == {"translate_chinese", "translate_spanish"}
    assert max(Counter(one.root_id for one in translated).values()) == 1
    for one in translated:
        parent = known[one.parent_id or ""]
        assert parent.proof is not None
        assert one.proof is not None
        assert (one.proof.status, one.proof.tests) == ("verified", parent.proof.tests)
    later = [one for one in fates if one.parent_id and known[one.parent_id].operator.startswith("translate_")]
    assert later
    assert {one.outcome for one in later} == {"accepted"}
    with contextlib.closing(sqlite3.connect(tmp_path / "run" / "ledger.db")) as ledger, ledger:
        asked = {tuple(row) for row in ledger.execute("SELECT root_id, round FROM calls WHERE step = 'test'")}
        ledger.execute("DELETE FROM fates")
        ledger.execute("DELETE FROM meta WHERE key = 'finished'")
    assert asked.isdisjoint({(one.root_id, one.attempt.round) for one in translated})
    before = teacher.stats()["requests"]
    assert run(settings, tmp_path / "run") == fates
    assert teacher.stats()["requests"] == before
