"""What every kind of proof has at hand: the task, the roles, the calls, the workers; and a proof as it is kept.

Nothing here decides what is right. A call that ends in an error is words, never an answer.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from evolve.config import RoleConfig, VerifierConfig
from evolve.records import Finding, Proof, Proven, Reply, Request, Step, Verdict
from evolve.teacher import MalformedError, make_request, read_text
from evolve.verifier import Case, Examined, read_tests, request_repair

Ask = Callable[[Step, Request], Awaitable[Reply | str]]
"""One call: the reply, or in words the error that it ended in for good."""
Examine = Callable[[Case], Awaitable[Examined]]
"""A worker's verifier."""
Suits = Callable[[str], Awaitable[bool]]
"""Whether the answer checks accept an answer: a repaired one must pass what the first one passed."""
CHECK, VERSION = "verify", 1
SHOWN = 1_200
"""Characters of a failure that the responder is shown: the failing line, what came and what was expected."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why the tester wrote nothing."""

    words: str


@dataclass(frozen=True, slots=True)
class Means:
    """For the proof of one answer."""

    config: VerifierConfig
    tester: RoleConfig
    responder: RoleConfig
    instruction: str
    ask: Ask
    examine: Examine
    suits: Suits
    notes: tuple[str, ...] = ()
    """What the tester is told beside the task: names of prompts."""
    given: str = ""
    """Tests that proved another answer to the same task; "": there are none, and they are asked for."""

    async def repaired(self, answer: str, report: str) -> str | None:
        """Another answer, given what was seen to go wrong with this one; None where there is none that suits."""
        request = request_repair(self.responder, self.instruction, answer, report[-SHOWN:])
        repaired = await self.usable(await self.ask("repair", request))
        return None if repaired == answer else repaired

    async def fresh(self, numbers: Iterable[int]) -> list[str]:
        """Further answers to the same instruction, as the responder gives them; those that suit."""
        found = []
        for nth in numbers:
            request = replace(make_request("responder", self.responder, self.instruction), nth=nth)
            text = await self.usable(await self.ask("answer", request))
            if text is not None:
                found.append(text)
        return found

    async def written(self, request: Request, what: str) -> str | Problem:
        """What the tester writes; `what`: the word for what is asked for."""
        reply = await self.ask("test", request)
        if isinstance(reply, str):
            return Problem(f"no {what} could be had: {reply}")
        try:
            return read_tests(reply)
        except MalformedError as error:
            return Problem(str(error))

    async def usable(self, reply: Reply | str) -> str | None:
        """The answer in a reply, where there is one and the answer checks accept it."""
        if isinstance(reply, str):
            return None
        try:
            text = read_text(reply)
        except MalformedError:
            return None
        return text if text and await self.suits(text) else None


def finding(proof: Proof) -> Finding:
    """What the eliminator's record says of a proof: refuted is `wrong_code`."""
    verdict = {"verified": Verdict.ACCEPT, "refuted": Verdict.REJECT, "unverified": Verdict.UNDECIDED}[proof.status]
    scores = {"assertions": float(proof.assertions), "repairs": float(proof.repairs)}
    shares = {"mutation": proof.mutation, "pass_rate": proof.pass_rate, "agreement": proof.agreement}
    scores |= {name: share for name, share in shares.items() if share is not None}
    scores |= proof.scores
    reason = "wrong_code" if verdict is Verdict.REJECT else None
    return Finding(CHECK, VERSION, verdict, reason, proof.detail, scores)


def proof_of(status: Proven, seen: Examined, language: str, tests: str, detail: str) -> Proof:
    """What was examined, as it is kept."""
    outcome = seen.outcome
    return Proof(status, detail, outcome.tier, language, tests, outcome.tests, seen.mutation, scores=seen.scores)


def is_weak(seen: Examined, config: VerifierConfig) -> bool:
    """Whether tests that hold fail too few of the broken versions."""
    return seen.mutation is not None and seen.mutation < config.mutation
