"""From an answer to a proof: which kind of proof suits it, and the calls that it costs.

`tests`: the answer passes tests that were written without it. `suite`: the answer is tests, and tells slightly broken
versions of the code from it. `translation`: the answer and the program that it translates come to the same. `means`
holds what every kind has at hand. Invariant: which calls are made, and what they come to, depends on the instruction,
the config and the replies alone; every call goes through the caller's ledger. Nothing is run here; workers do that.
"""

from __future__ import annotations

from dataclasses import dataclass

from evolve.config import RoleConfig, VerifierConfig
from evolve.markdown import fenced
from evolve.proving.means import Ask, Examine, Means, Suits, finding
from evolve.proving.suite import prove_suite
from evolve.proving.tests import prove_by_tests
from evolve.proving.translation import prove_translation, source_of, stays
from evolve.records import Proof
from evolve.verifier import Case, Program, program

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

        `kind`: of the seed's task. Of "tests" the answer itself is tests, of the code in the instruction; of
        "translation" it is that code in another language. Where the two cannot be run side by side, tests decide.
        """
        found = program(answer)
        if found is None:
            return answer, Proof("unverified", "there is no code in the answer that could be run")
        means = Means(self.config, self.tester, self.responder, instruction, ask, examine, suits)
        if kind == "tests" and (tested := program(instruction, found.language)) is not None:
            return await prove_suite(means, tested, answer)
        if kind == "translation" and stays(instruction, found.language):
            return answer, Proof(
                "unverified", "it is in the language that it was to be translated from", language=found.language
            )
        seen = await examine(Case(instruction, answer, "", found.language))
        if seen.outcome.status == "unproven":
            return answer, Proof("unverified", seen.outcome.detail, language=found.language)
        source = source_of(instruction, found.language) if kind == "translation" else None
        if source is not None and await self._runs(source, examine):
            return await prove_translation(means, source, found.language, answer)
        return await prove_by_tests(means, found.language, answer)

    async def _runs(self, source: Program, examine: Examine) -> bool:
        """Whether a program in an instruction can be run here."""
        code = fenced(source.source, source.language)
        return (await examine(Case(code, code, "", source.language))).outcome.status == "ran"

    def most(self) -> int:
        """Calls that one answer can cost at most, beside its own."""
        return 4 + self.config.repairs + self.config.candidates
