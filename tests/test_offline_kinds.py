"""What the offline teacher says of tasks of several files and of outputs: true, and spoilt at its known rates."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest

from evolve.config import VerifierConfig, cache_folder
from evolve.eliminator import Candidate
from evolve.eliminator.questions import questions, read_vote
from evolve.offline import MAX_CHAIN, Book, Task, read_seeds, reply
from evolve.records import Reply
from evolve.verifier import Case, Truth, Verifier, hold, question, read_tests

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = ROOT / "evolve/method/prompts"
FILES = tuple(read_seeds(ROOT / "seeds/python-files.jsonl"))
OUTPUTS = tuple(read_seeds(ROOT / "seeds/python-output.jsonl"))
EXPLAINED = tuple(t for t in read_seeds(ROOT / "seeds/python-kinds.jsonl") if t.kind == "explain")
BOOK = Book((*FILES, *OUTPUTS, *EXPLAINED))
TEST = (ROOT / "evolve/verifier/prompts/test.txt").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier(VerifierConfig(tier="wasm", seconds=5, mutants=0), cache_folder())
    yield made
    made.close()


def say(role: str, text: str, draw: object, faults: float = 0) -> str:
    return reply(BOOK, role, text, Random(str(draw)), faults).text


def evolved(task: Task) -> list[str]:
    """The task's text, and what four rounds of evolving make of it."""
    texts = [task.text]
    for depth in range(MAX_CHAIN):
        operator = ("add_constraint", "deepen_reasoning", "concretize", "complicate_input")[depth]
        prompt = (PROMPTS / f"{operator}.txt").read_text(encoding="utf-8")
        child = say("evolver", prompt.replace("$instruction", texts[-1]), f"{task.text} {depth}")
        if child != texts[-1]:
            texts.append(child)
    return texts


def written(text: str) -> str:
    said = say("tester", TEST.replace("$instruction", text), text)
    return read_tests(Reply(said, "stop", "m"))


@pytest.mark.parametrize("task", FILES, ids=lambda task: task.entry)
def test_answers_of_several_files_pass_however_they_are_evolved(verifier: Verifier, task: Task) -> None:
    texts = evolved(task)
    assert len(texts) > 2
    for text in texts:
        seen = verifier.verify([Case(text, say("responder", text, text), written(text))])[0]
        assert seen.holds, (text, seen)


@pytest.mark.parametrize("task", FILES, ids=lambda task: task.entry)
def test_a_lost_file_and_wrong_code_fail(verifier: Verifier, task: Task) -> None:
    wanted, draws = {"lost_file", "wrong_code"}, iter(range(400))
    while wanted:
        spoilt = reply(BOOK, "responder", task.text, Random(next(draws)), 5)
        if spoilt.fault in wanted:
            wanted.discard(spoilt.fault)
            seen = verifier.verify([Case(task.text, spoilt.text, written(task.text))])[0]
            assert seen.outcome.status == "failed", (spoilt, seen)


def truth(verifier: Verifier, text: str) -> tuple[str, Truth]:
    asked = question(text)
    assert asked is not None, text
    program = asked.program or written(text)
    outcome = verifier.verify([Case("", program, "", runs=True)])[0].outcome
    assert outcome.status == "ran"
    return asked.form, Truth(asked.printed(outcome.output))


@pytest.mark.parametrize("task", OUTPUTS, ids=range(len(OUTPUTS)))
def test_outputs_are_so_however_they_are_evolved(verifier: Verifier, task: Task) -> None:
    for text in evolved(task):
        form, came = truth(verifier, text)
        assert hold(say("responder", text, text), came, form, text).word == "right", text  # type: ignore[arg-type]


@pytest.mark.parametrize("task", OUTPUTS, ids=range(len(OUTPUTS)))
def test_false_outputs_are_false(verifier: Verifier, task: Task) -> None:
    form, came = truth(verifier, task.text)
    spoilt = (reply(BOOK, "responder", task.text, Random(draw), 5) for draw in range(400))
    wrong = next(said for said in spoilt if said.fault == "wrong_code")
    assert hold(wrong.text, came, form, task.text).word == "wrong"  # type: ignore[arg-type]


def explained(fault: str | None) -> tuple[Task, str]:
    """A question for an explanation, and an answer with that fault."""
    task = EXPLAINED[0]
    spoilt = (reply(BOOK, "responder", task.text, Random(draw), 5) for draw in range(400))
    return task, next(said.text for said in spoilt if said.fault == fault)


@pytest.mark.parametrize(("fault", "word"), [(None, "no"), ("wrong_words", "yes")])
def test_the_judge_knows_an_explanation_that_is_not_so(fault: str | None, word: str) -> None:
    task, answer = explained(fault)
    candidate = Candidate(task.text, (), "seed", answer=answer, kind="explain")
    asked = questions()["wrong_code"]
    assert asked.suits(candidate)
    vote = read_vote(say("judge", asked.prompt(asked.texts(candidate)), 0))
    assert vote is not None
    assert vote.word == word


@pytest.mark.parametrize("kind", ["", "refactor", "text-to-code"])
def test_only_explanations_of_code_are_judged_so(kind: str) -> None:
    task, answer = explained(None)
    asked = questions()["wrong_code"]
    assert not asked.suits(Candidate(task.text, (), "seed", answer=answer, kind=kind))
    assert not asked.suits(Candidate("What is a closure?", (), "seed", answer=answer, kind="explain"))
    assert not asked.suits(Candidate(task.text, (), "seed", kind="explain"))
