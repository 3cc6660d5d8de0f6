"""From an answer to a proof: which kind of proof suits it, and the calls that it costs.

`tests`: the answer passes tests that were written without it. `suite`: the answer is tests, and tells slightly broken
versions of the code from it. `refactoring`: the answer is code rewritten, which passes what the code before it passed
and is simpler. `outputs`: the answer says what a program prints, and that is run. `means` holds what every kind has at
hand. Invariant: which calls are made, and what they come to, depends on the instruction, the config and the replies
alone; every call goes through the caller's ledger. Nothing is run here; workers do that.
"""

from __future__ import annotations

from dataclasses import dataclass

from evolve.config import RoleConfig, VerifierConfig
from evolve.proving.means import Ask, Examine, Means, Suits, finding
from evolve.proving.outputs import prove_output
from evolve.proving.refactoring import prove_refactoring
from evolve.proving.suite import prove_suite
from evolve.proving.tests import prove_by_tests
from evolve.records import Proof
from evolve.verifier import Case, original, program, question

__all__ = ["Ask", "Examine", "Prover", "Suits", "finding"]


@dataclass(frozen=True, slots=True)
class Prover:
    """How this run proves answers."""

    config: VerifierConfig
    tester: RoleConfig
    responder: RoleConfig

    async def prove(
        self, instruction: str, answer: str, kind: str = "", *, ask: Ask, examine: Examine, suits: Suits
    ) -> tuple[str, Proof]:
        """The answer that is to be kept, and what is known of it. What cannot be run here costs no call.

        `kind`: of the seed's task. Of "tests" the answer itself is tests, of the code in the instruction; of "refactor"
        it is that code, written better.
        """
        means = Means(self.config, self.tester, self.responder, instruction, ask, examine, suits)
        found, asked = program(answer), question(instruction)
        if asked is not None and (found is None or asked.program):
            return await prove_output(means, asked, answer)
        if found is None:
            return answer, Proof("unverified", "there is no code in the answer that could be run")
        if kind == "tests" and (tested := program(instruction, found.language)) is not None:
            return await prove_suite(means, tested, answer)
        seen = await examine(Case(instruction, answer, "", found.language))
        before = original(instruction, found.language) if kind == "refactor" else None
        if seen.outcome.status == "unproven":
            return answer, Proof("unverified", seen.outcome.detail, language=found.language)
        if before is not None:
            return await prove_refactoring(means, before, answer)
        return await prove_by_tests(means, found.language, answer)

    def most(self) -> int:
        """Calls that one answer can cost at most, beside its own."""
        return 4 + self.config.repairs + self.config.candidates
