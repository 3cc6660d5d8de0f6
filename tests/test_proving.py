"""From an answer to a proof: which calls are made and what they come to. Models are scripted, the code really runs."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

import pytest

from evolve.config import RoleConfig, VerifierConfig
from evolve.proving import Prover, finding
from evolve.records import Proof, Reply, Request, Step, Verdict
from evolve.verifier import Case, Examined, Verifier

TASK = "Write a Python function `clamp(x, low, high)` that returns x, but never less than low nor more than high."
RIGHT = "Here it is.\n\n```python\ndef clamp(x, low, high):\n    return max(low, min(x, high))\n```"
WRONG = "```python\ndef clamp(x, low, high):\n    return min(x, high)\n```"
OTHER = (
    "```python\ndef clamp(x, low, high):\n    if x < low:\n        return low\n    return high if x > high else x\n```"
)
TESTS = (
    "```python\nassert clamp(5, 0, 10) == 5\nassert clamp(-1, 0, 10) == 0\nassert clamp(11, 0, 10) == 10\n"
    "assert clamp(0, 0, 10) == 0\nassert clamp(10, 0, 10) == 10\n```"
)
FALSE_TESTS = TESTS.replace("clamp(5, 0, 10) == 5", "clamp(5, 0, 10) == 6")
FEW = "```python\nassert clamp(5, 0, 10) == 5\n```"
WEAK = "```python\n" + "\n".join(f"assert clamp({n}, {n}, {n}) == {n}" for n in (1, 2, 3)) + "\n```"
SCHEMAS = RoleConfig(model="m"), RoleConfig(model="n")


@dataclass
class Script:
    """What the models will say, call after call, and which calls were made."""

    replies: list[tuple[Step, str]]
    asked: list[tuple[Step, Request]] = field(default_factory=list)

    async def ask(self, step: Step, request: Request) -> Reply | str:
        expected, text = self.replies[len(self.asked)]
        self.asked.append((step, request))
        assert step == expected
        return text if text.startswith("HTTP") else Reply(text, "stop", "m")


def prove(
    verifier: Verifier,
    answer: str,
    script: Script,
    *,
    candidates: int = 1,
    refused: str = "",
    task: str = TASK,
    kind: str = "",
) -> tuple[str, Proof]:
    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(text: str) -> bool:
        return text != refused

    prover = Prover(VerifierConfig(candidates=candidates), *SCHEMAS)
    proven = prover.prove(task, answer, kind, ask=script.ask, examine=examine, suits=suits)
    kept = asyncio.run(proven)
    assert len(script.asked) == len(script.replies), "a call that was expected was not made"
    return kept


Replies = list[tuple[Step, str]]
STORIES: dict[str, tuple[str, Replies, str, str]] = {
    "right at once": (RIGHT, [("test", TESTS)], RIGHT, "verified"),
    "repaired": (WRONG, [("test", TESTS), ("repair", RIGHT)], RIGHT, "verified"),
    "repaired at the second try": (
        WRONG,
        [("test", TESTS), ("repair", WRONG.replace("min", "max")), ("repair", OTHER)],
        OTHER,
        "verified",
    ),
    "answered anew": (WRONG, [("test", TESTS), ("repair", WRONG), ("answer", OTHER)], OTHER, "verified"),
    "wrong for good": (
        WRONG,
        [("test", TESTS), ("repair", WRONG), ("answer", WRONG), ("test", TESTS)],
        WRONG,
        "refuted",
    ),
    "wrong tests": (
        RIGHT,
        [("test", FALSE_TESTS), ("repair", RIGHT), ("answer", OTHER), ("test", TESTS)],
        RIGHT,
        "verified",
    ),
    "wrong tests, then weak ones": (
        RIGHT,
        [("test", FALSE_TESTS), ("repair", RIGHT), ("answer", OTHER), ("test", WEAK)],
        RIGHT,
        "unverified",
    ),
    "wrong tests, then none": (
        RIGHT,
        [("test", FALSE_TESTS), ("repair", RIGHT), ("answer", OTHER), ("test", "HTTP 500")],
        RIGHT,
        "unverified",
    ),
    "wrong tests, then unfit ones": (
        RIGHT,
        [("test", FALSE_TESTS), ("repair", RIGHT), ("answer", OTHER), ("test", FEW)],
        RIGHT,
        "unverified",
    ),
    "few tests, then enough": (RIGHT, [("test", FEW), ("test", TESTS)], RIGHT, "verified"),
    "weak tests, then strong ones": (RIGHT, [("test", WEAK), ("test", TESTS)], RIGHT, "verified"),
    "few tests twice": (RIGHT, [("test", FEW), ("test", FEW)], RIGHT, "unverified"),
    "no tests": (RIGHT, [("test", "UNTESTABLE")], RIGHT, "unverified"),
    "a tester that fails": (RIGHT, [("test", "HTTP 400: too long")], RIGHT, "unverified"),
    "no code": ("A queue is a line.", [], "A queue is a line.", "unverified"),
    "a repair that fails": (
        WRONG,
        [("test", TESTS), ("repair", "HTTP 500"), ("answer", RIGHT)],
        RIGHT,
        "verified",
    ),
}


@pytest.mark.parametrize("story", STORIES)
def test_an_answer_comes_to_its_proof(verifier: Verifier, story: str) -> None:
    answer, replies, kept, status = STORIES[story]
    found, proof = prove(verifier, answer, Script(replies))
    assert (found, proof.status) == (kept.strip(), status)
    assert (proof.status == "verified") == (not proof.detail)


def test_the_tester_never_sees_an_answer(verifier: Verifier) -> None:
    script = Script(STORIES["wrong for good"][1])
    prove(verifier, WRONG, script)
    shown = [request.messages[0].content for step, request in script.asked if step == "test"]
    assert all(TASK in text and "min(x" not in text for text in shown)


def test_the_responder_sees_what_a_test_saw_and_not_the_tests(verifier: Verifier) -> None:
    script = Script([("test", TESTS), ("repair", RIGHT)])
    prove(verifier, WRONG, script)
    shown = script.asked[1][1].messages[0].content
    assert WRONG in shown
    assert "clamp(-1, 0, 10) == 0" in shown
    assert "clamp(10, 0, 10)" not in shown


def test_what_was_repaired_makes_a_pair(verifier: Verifier) -> None:
    _, proof = prove(verifier, WRONG, Script([("test", TESTS), ("repair", RIGHT)]))
    assert (proof.repairs, proof.failing, proof.pass_rate) == (1, WRONG, 0.0)


UNRUN = "```python\nimport numpy\n\ndef clamp(x, low, high):\n    return numpy.clip(x, low, high)\n```"
LOOSE = RIGHT.replace(
    "    return",
    "    if x is None:\n        if low == 3 and high == 7:\n            return low * 5 + high - 2\n"
    "        if low == 4 and high == 8:\n            return low * 9 - high + 3\n"
    "        if low == 5 or high == 9:\n            return low + high * 4\n    return",
)
"""It passes TESTS, which fail too few broken versions of it."""


@pytest.mark.parametrize("other", [UNRUN, LOOSE], ids=["not run", "weakly proven"])
def test_what_does_not_fail_the_tests_makes_no_pair(verifier: Verifier, other: str) -> None:
    _, proof = prove(verifier, RIGHT, Script([("answer", other), ("test", TESTS)]), candidates=2)
    assert (proof.status, proof.failing) == ("verified", None)


def test_the_pass_rate_is_of_the_tests_that_decide(verifier: Verifier) -> None:
    _, proof = prove(verifier, RIGHT, Script(STORIES["wrong tests"][1]))
    assert (proof.tests, proof.pass_rate) == (TESTS[10:-3], 1.0)


SUM = "def total(xs):\n    found = 0\n    for x in xs:\n        found += x\n    return found"
EXPLAIN = f"Explain what this does.\n\n```python\n{SUM}\n```"
QUOTING = "It goes through the list:\n\n```python\nfor x in xs:\n    found += x\n```\n\nand adds it up."


@pytest.mark.parametrize("kind", ["explain", "output", ""])
@pytest.mark.parametrize("answer", [QUOTING, f"```python\n{SUM}\n```\n\nIt multiplies."], ids=["a part", "all"])
def test_code_that_the_task_shows_proves_nothing_of_its_explanation(verifier: Verifier, kind: str, answer: str) -> None:
    kept, proof = prove(verifier, answer, Script([]), task=EXPLAIN, kind=kind)
    assert (kept, proof.status) == (answer, "unverified")


CLAMP = RIGHT.partition("\n\n")[2]
SUITE = f"Write tests for `clamp(x, low, high)`.\n\n{CLAMP}"
UNBROKEN = "Write tests for `f`.\n\n```python\ndef f(x):\n    pass\n```"


@pytest.mark.parametrize(
    ("task", "answer", "status"),
    [
        (SUITE, TESTS, "verified"),
        (f"{SUITE}\n\nDo not be misled by this attempt:\n\n{WRONG}", TESTS, "verified"),
        (SUITE, FALSE_TESTS, "refuted"),
        (SUITE, WEAK, "unverified"),
        (UNBROKEN, "```python\nassert f(1) is None\nassert f(2) is None\nassert f(3) is None\n```", "unverified"),
    ],
    ids=["right", "beside a wrong attempt", "false", "weak", "nothing to break"],
)
def test_a_suite_is_held_to_the_code_that_it_was_asked_for(
    verifier: Verifier, task: str, answer: str, status: str
) -> None:
    script = Script([("repair", answer)] if status != "verified" else [])
    _, proof = prove(verifier, answer, script, task=task, kind="tests")
    assert (proof.status, not proof.detail) == (status, status == "verified"), proof.detail


def test_a_repair_that_the_answer_checks_reject_is_not_taken(verifier: Verifier) -> None:
    script = Script([("test", TESTS), ("repair", OTHER), ("answer", RIGHT)])
    kept, proof = prove(verifier, WRONG, script, refused=OTHER)
    assert (kept, proof.status) == (RIGHT, "verified")


def test_of_several_candidates_the_first_that_passes_is_taken(verifier: Verifier) -> None:
    script = Script([("answer", WRONG + "\n\nDone."), ("answer", OTHER), ("answer", RIGHT), ("test", TESTS)])
    kept, proof = prove(verifier, WRONG, script, candidates=4)
    assert (kept, proof.pass_rate, proof.candidates) == (OTHER, 0.5, 4)


ODD = RIGHT.replace("max(low, min(x, high))", "max(low, min(x, 10))")
"""It passes TESTS, and does not as RIGHT and OTHER do where the upper bound is another one."""


def test_of_several_that_pass_the_one_that_most_behave_like_is_taken(verifier: Verifier) -> None:
    script = Script([("answer", RIGHT), ("answer", OTHER), ("test", TESTS)])
    kept, proof = prove(verifier, ODD, script, candidates=3)
    assert (kept, proof.pass_rate, proof.agreement) == (RIGHT.strip(), 1.0, 0.667)


def test_of_several_that_pass_other_tests_the_largest_cluster_is_taken(verifier: Verifier) -> None:
    replies: Replies = [("answer", RIGHT), ("answer", OTHER), ("test", FALSE_TESTS), ("repair", ODD)]
    kept, proof = prove(verifier, ODD, Script([*replies, ("answer", WRONG), ("test", TESTS)]), candidates=3)
    assert (kept, proof.status, proof.agreement) == (RIGHT.strip(), "verified", 0.5)


def test_a_cluster_that_fails_its_tests_wins_nothing(verifier: Verifier) -> None:
    replies: Replies = [("answer", WRONG + "\n\nOnce more."), ("answer", RIGHT), ("test", FALSE_TESTS)]
    replies += [("repair", WRONG), ("answer", WRONG + "\n\nAgain."), ("test", TESTS)]
    kept, proof = prove(verifier, WRONG, Script(replies), candidates=3)
    assert (kept, proof.status, proof.agreement) == (RIGHT.strip(), "verified", 0.25)


def test_one_answer_agrees_with_nobody(verifier: Verifier) -> None:
    assert prove(verifier, RIGHT, Script([("test", TESTS)]))[1].agreement is None


def test_further_answers_are_calls_of_their_own(verifier: Verifier) -> None:
    script = Script([("answer", OTHER), ("answer", RIGHT), ("test", TESTS)])
    prove(verifier, WRONG, script, candidates=3)
    digests = [request.digest for _, request in script.asked]
    assert len(set(digests)) == len(digests)


def test_an_agreement_is_a_score() -> None:
    assert finding(Proof("verified", agreement=0.5)).scores["agreement"] == 0.5


@pytest.mark.parametrize(
    ("status", "verdict", "reason"),
    [
        ("verified", Verdict.ACCEPT, None),
        ("refuted", Verdict.REJECT, "wrong_code"),
        ("unverified", Verdict.UNDECIDED, None),
    ],
)
def test_a_proof_is_a_finding(status: str, verdict: Verdict, reason: str | None) -> None:
    found = finding(Proof(status, "why"))  # type: ignore[arg-type]
    assert (found.verdict, found.reason) == (verdict, reason)
