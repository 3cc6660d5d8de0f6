"""From an answer to a proof: tests asked for, the answer tried, repaired, asked for anew, and tests doubted in the end.

    tests -> try -> passes: verified
               `--> repair, at most twice -> a fresh answer -> other tests -> refuted

A translated task is its parent's task: where the parent's answer was verified, the same tests prove the child's, no
other is asked for, and none is doubted.

The tester never sees an answer and the responder never a test. Invariant: which calls are made, and what they come to,
depends on the instruction, the config and the replies alone; every call goes through the caller's ledger. An answer is
refuted only after a second set of tests, written without knowing the first, has failed all answers too: tests are
wrong about as often as answers. Nothing is run here; workers do that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace

from evolve.config import RoleConfig, VerifierConfig
from evolve.markdown import fenced
from evolve.records import Finding, Proof, Proven, Reply, Request, Step, Verdict
from evolve.teacher import MalformedError, make_request, read_text
from evolve.verifier import Case, Examined, Program, at_home, program, read_tests, request_repair, request_tests

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
class Prover:
    """How this run proves answers."""

    config: VerifierConfig
    tester: RoleConfig
    responder: RoleConfig

    async def prove(
        self,
        instruction: str,
        answer: str,
        kind: str = "",
        *,
        ask: Ask,
        examine: Examine,
        suits: Suits,
        given: Proof | None = None,
    ) -> tuple[str, Proof]:
        """The answer that is to be kept, and what is known of it. What cannot be run here costs no call.

        `kind`: of the seed's task. Of "tests" the answer itself is tests, of the code in the instruction.
        `given`: by what another answer to the same task was verified; None: tests are asked for.
        """
        found = program(answer)
        if found is None:
            lacking = "there is no code in the answer that could be run"
            return answer, Proof("refuted" if given else "unverified", lacking)  # the same task is done by code
        if kind == "tests" and (tested := program(instruction, found.language)) is not None:
            suite = _Suite(self, instruction, tested, ask, examine, suits)
            return await suite.run(answer)
        language, tests = (found.language, "") if given is None else (given.language, given.tests)
        seen = await examine(Case(instruction, answer, "", language))
        if seen.outcome.status == "unproven":
            return answer, Proof("unverified", seen.outcome.detail, language=language)
        return await _Proving(self, instruction, language, ask, examine, suits, given=tests).run(answer)

    def most(self) -> int:
        """Calls that one answer can cost at most, beside its own."""
        return 4 + self.config.repairs + self.config.candidates


def finding(proof: Proof) -> Finding:
    """What the eliminator's record says of a proof: refuted is `wrong_code`."""
    verdict = {"verified": Verdict.ACCEPT, "refuted": Verdict.REJECT, "unverified": Verdict.UNDECIDED}[proof.status]
    scores = {"assertions": float(proof.assertions), "repairs": float(proof.repairs)}
    scores |= {"mutation": proof.mutation} if proof.mutation is not None else {}
    scores |= {"pass_rate": proof.pass_rate} if proof.pass_rate is not None else {}
    reason = "wrong_code" if verdict is Verdict.REJECT else None
    return Finding(CHECK, VERSION, verdict, reason, proof.detail, scores)


@dataclass(slots=True)
class _Proving:
    """One answer on its way."""

    by: Prover
    instruction: str
    language: str
    ask: Ask
    examine: Examine
    suits: Suits
    given: str = ""
    """Tests that proved another answer to the same task; "": there are none, or they do not fit this one."""
    tests: str = ""
    tried: list[tuple[str, Examined]] = field(default_factory=list)
    """Every answer that was run, with what came of it under the first tests."""

    async def run(self, answer: str) -> tuple[str, Proof]:
        candidates = [answer, *await self._fresh(range(1, self.by.config.candidates))]
        problem = await self._fit_tests(candidates[0])
        if problem:
            return answer, Proof("unverified", problem, language=self.language, tests=self.tests)
        for candidate in candidates[1:]:
            self.tried.append((candidate, await self._examined(candidate)))
        passing = [pair for pair in self.tried if pair[1].holds]
        rate = len(passing) / len(self.tried)
        if passing:
            return self._verified(*passing[0], rate=rate)
        if self.tried[0][1].outcome.status == "unproven":
            return answer, self._proof("unverified", self.tried[0][1])
        return await self._mend(answer, rate)

    async def _mend(self, answer: str, rate: float) -> tuple[str, Proof]:
        """Repair the first answer; then a fresh one; then other tests."""
        last, seen = self.tried[0]
        for number in range(1, self.by.config.repairs + 1):
            report = seen.outcome.detail[-SHOWN:]
            reply = await self.ask("repair", request_repair(self.by.responder, self.instruction, last, report))
            repaired = await usable(reply, self.suits)
            if repaired is None or repaired == last:
                break
            last, seen = repaired, await self._examined(repaired)
            self.tried.append((last, seen))
            if seen.holds:
                return self._verified(last, seen, rate=rate, repairs=number)
        for fresh in await self._fresh([self.by.config.candidates]):
            seen = await self._examined(fresh)
            self.tried.append((fresh, seen))
            if seen.holds:
                return self._verified(fresh, seen, rate=rate)
        return await self._doubt(answer, rate)

    async def _doubt(self, answer: str, rate: float) -> tuple[str, Proof]:
        """Every answer fails: perhaps it is the tests. Others, written anew, decide."""
        first, refuted = self.tests, self._proof("refuted", self.tried[0][1], rate=rate)
        if self.given:
            return answer, refuted
        tests = await self._tests((), second=True)
        if isinstance(tests, str) and tests != first:
            self.tests = tests
            for candidate in dict.fromkeys(text for text, _ in self.tried):
                seen = await self._examined(candidate)
                if seen.unfit:
                    break
                if seen.holds:
                    return candidate, self._proof("verified", seen, rate=rate)
        return answer, refuted

    # -- tests ---------------------------------------------------------------------------------------------------------

    async def _fit_tests(self, answer: str) -> str:
        """Have tests that prove something, asking a second time if need be; else why there are none."""
        if self.given:
            self.tests = self.given
            seen = await self._examined(answer)
            if not seen.unfit:
                self.tried = [(answer, seen)]
                return ""
            self.given = ""
        reasons: tuple[str, ...] = ()
        for _ in range(2):
            tests = await self._tests(reasons)
            if isinstance(tests, _Problem):
                return tests.words
            self.tests = tests
            seen = await self._examined(answer)
            reasons = seen.unfit
            if not reasons:
                self.tried = [(answer, seen)]
                return ""
        return f"its tests are unfit: {'; '.join(reasons)}"[:500]

    async def _tests(self, reasons: tuple[str, ...], *, second: bool = False) -> str | _Problem:
        request = request_tests(self.by.tester, self.instruction, self.language, reasons, second=second)
        reply = await self.ask("test", request)
        if isinstance(reply, str):
            return _Problem(f"no tests could be had: {reply}")
        try:
            return read_tests(reply)
        except MalformedError as error:
            return _Problem(str(error))

    async def _examined(self, answer: str) -> Examined:
        seen = await self.examine(Case(self.instruction, answer, self.tests, self.language))
        if seen.holds and not self.given and is_weak(seen, self.by.config):
            weak = f"they fail only {seen.mutation:.0%} of slightly broken versions of a right answer"
            return replace(seen, unfit=(f"{weak}: they miss some of what the task says",))
        return seen

    # -- answers -------------------------------------------------------------------------------------------------------

    async def _fresh(self, numbers: range | list[int]) -> list[str]:
        """Further answers to the same instruction, as the responder gives them."""
        found = []
        for nth in numbers:
            reply = await self.ask(
                "answer", replace(make_request("responder", self.by.responder, self.instruction), nth=nth)
            )
            text = await usable(reply, self.suits)
            if text is not None:
                found.append(text)
        return found

    # -- the proof -----------------------------------------------------------------------------------------------------

    def _verified(self, answer: str, seen: Examined, rate: float, repairs: int = 0) -> tuple[str, Proof]:
        failing = next((text for text, other in self.tried if not other.holds and text != answer), None)
        return answer, replace(self._proof("verified", seen, rate=rate), repairs=repairs, failing=failing)

    def _proof(self, status: Proven, seen: Examined, rate: float | None = None) -> Proof:
        proof = proof_of(status, seen, self.language, self.tests, seen.outcome.detail)
        return replace(proof, candidates=self.by.config.candidates, pass_rate=rate)


@dataclass(frozen=True, slots=True)
class _Suite:
    """An answer that is tests: they have to hold for the code that they were written for, and for hardly any other."""

    by: Prover
    instruction: str
    tested: Program
    ask: Ask
    examine: Examine
    suits: Suits

    async def run(self, answer: str) -> tuple[str, Proof]:
        first = last = answer
        code = fenced(self.tested.source, self.tested.language)
        proof = Proof("unverified")
        for number in range(self.by.config.repairs + 1):
            found = program(last, self.tested.language)
            tests = at_home(found.source) if found else ""
            seen = await self.examine(Case(self.instruction, code, tests, self.tested.language))
            report = "; ".join(seen.unfit) or seen.outcome.detail
            if not report and is_weak(seen, self.by.config):
                report = f"the tests fail only {seen.mutation:.0%} of slightly broken versions of the code"
            proof = self._proof(seen, tests, report, number)
            if proof.status == "verified":
                return last, replace(proof, failing=first if number else None)
            if seen.outcome.status == "unproven" and not seen.unfit:
                return first, proof
            reply = await self.ask("repair", request_repair(self.by.responder, self.instruction, last, report[-SHOWN:]))
            repaired = await usable(reply, self.suits)
            if repaired is None or repaired == last:
                break
            last = repaired
        return first, proof

    def _proof(self, seen: Examined, tests: str, report: str, repairs: int) -> Proof:
        held = seen.holds and not report
        status: Proven = "verified" if held else "refuted" if seen.outcome.status == "failed" else "unverified"
        return replace(proof_of(status, seen, self.tested.language, tests, report[:500]), repairs=repairs)


def proof_of(status: Proven, seen: Examined, language: str, tests: str, detail: str) -> Proof:
    """What was examined, as it is kept."""
    outcome = seen.outcome
    return Proof(status, detail, outcome.tier, language, tests, outcome.tests, seen.mutation)


def is_weak(seen: Examined, config: VerifierConfig) -> bool:
    """Whether tests that hold fail too few of the broken versions."""
    return seen.mutation is not None and seen.mutation < config.mutation


async def usable(reply: Reply | str, suits: Suits) -> str | None:
    """The answer in a reply, where there is one and the answer checks accept it."""
    if isinstance(reply, str):
        return None
    try:
        text = read_text(reply)
    except MalformedError:
        return None
    return text if text and await suits(text) else None


@dataclass(frozen=True, slots=True)
class _Problem:
    words: str
