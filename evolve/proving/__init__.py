"""From an answer to a proof: which kind of proof suits it, and the calls that it costs.

`tests`: the answer passes tests that were written without it. `suite`: the answer is tests, and tells slightly broken
versions of the code from it. `translation`: the answer and the program that it translates come to the same.
`refactoring`: the answer is code rewritten, which passes what the code before it passed and is simpler. `outputs`: the
answer says what a program prints, and that is run. `means` holds what every kind has at hand. Invariant: which calls
are made, and what they come to, depends on the instruction, the config and the replies alone; every call goes through
the caller's ledger. Nothing is run here; workers do that.
"""

from __future__ import annotations

from dataclasses import dataclass

from evolve.config import RoleConfig, VerifierConfig
from evolve.markdown import fenced
from evolve.proving.means import CHECK, Ask, Examine, Means, Suits, finding
from evolve.proving.outputs import prove_output
from evolve.proving.refactoring import prove_refactoring
from evolve.proving.suite import prove_suite
from evolve.proving.tests import prove_by_tests
from evolve.proving.translation import prove_translation, source_of, stays
from evolve.records import Proof
from evolve.verifier import Case, Program, original, program, question

__all__ = ["CHECK", "Ask", "Examine", "Prover", "Suits", "finding"]


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

        `kind`: of the seed's task. Of "tests" the answer itself is tests, of the code in the instruction; of "refactor"
        it is that code, written better; of "translation" it is that code in another language. Where the two cannot be
        run side by side, tests decide. `given`: how an answer to the same task, in another natural language, was
        verified; None: it was not.
        """
        given = given if given is not None and given.assertions else None  # what a program prints has none
        tests = "" if given is None else given.tests
        means = Means(self.config, self.tester, self.responder, instruction, ask, examine, suits, given=tests)
        found, asked = program(answer), question(instruction)
        if asked is not None and (found is None or asked.program):
            return await prove_output(means, asked, answer)
        if found is None or kind == "explain":
            lacking = "there is no code in the answer that could be run" if found is None else "it explains code"
            done = given is not None and kind != "explain"  # the same task is done by code
            return answer, Proof("refuted" if done else "unverified", lacking)
        if kind == "tests" and (tested := original(instruction, found.language)) is not None:
            return await prove_suite(means, tested, answer)
        if why_not := _says_nothing(found, kind, instruction):
            return answer, Proof("unverified", why_not, language=found.language)
        return await self._of_code(means, kind, found.language if given is None else given.language, answer)

    async def _of_code(self, means: Means, kind: str, language: str, answer: str) -> tuple[str, Proof]:
        """The proof of an answer that is a program."""
        instruction = means.instruction
        seen = await means.examine(Case(instruction, answer, "", language))
        if seen.outcome.status == "unproven":
            return answer, Proof("unverified", seen.outcome.detail, language=language)
        if kind == "refactor" and (before := original(instruction, language)) is not None:
            return await prove_refactoring(means, before, answer)
        source = source_of(instruction, language) if kind == "translation" else None
        if source is not None and await self._runs(source, means.examine):
            return await prove_translation(means, source, language, answer)
        return await prove_by_tests(means, language, answer)

    async def _runs(self, source: Program, examine: Examine) -> bool:
        """Whether a program in an instruction can be run here."""
        code = fenced(source.source, source.language)
        return (await examine(Case(code, code, "", source.language))).outcome.status == "ran"

    def most(self) -> int:
        """Calls that one answer can cost at most, beside its own."""
        return 4 + self.config.repairs + self.config.candidates


_WRITTEN = {"text-to-code", "bug-fix", "refactor", "infill", "multi-file"}
"""Kinds of task whose answer is code: one that repeats what the task shows is held to it."""


def _says_nothing(found: Program, kind: str, instruction: str) -> str:
    """Why running the code of an answer would not show whether the answer is right; "" where it would."""
    if kind == "translation" and stays(instruction, found.language):
        return "it is in the language that it was to be translated from"
    quoted = kind not in _WRITTEN and _is_quoted(found, instruction)
    return "its code is what the task shows: running that says nothing of the answer" if quoted else ""


def _is_quoted(found: Program, instruction: str) -> bool:
    """Whether an answer has no line of code that its instruction has not, as who explains or speaks of that code."""
    known = {line.strip() for line in instruction.splitlines()}
    return all(line.strip() in known for line in found.source.splitlines() if line.strip())
