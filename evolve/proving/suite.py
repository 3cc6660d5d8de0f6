"""An answer that is tests: they have to hold for the code that they were written for, and for hardly any other.

Invariant: verified only where the tests are fit, hold for the code in the instruction, and fail enough of its slightly
broken versions. The tester is not asked: the answer is what it would write.
"""

from __future__ import annotations

from dataclasses import replace

from evolve.markdown import fenced
from evolve.proving.means import Means, is_weak, proof_of
from evolve.records import Proof, Proven
from evolve.verifier import Case, Examined, Program, at_home, program


async def prove_suite(means: Means, tested: Program, answer: str) -> tuple[str, Proof]:
    """The tests to keep and what is known of them; `tested` is the code that they were asked for."""
    first = last = answer
    failing = None
    code = fenced(tested.source, tested.language)
    proof = Proof("unverified")
    for number in range(means.config.repairs + 1):
        found = program(last, tested.language)
        tests = at_home(found.source) if found else ""
        seen = await means.examine(Case(means.instruction, code, tests, tested.language))
        report = "; ".join(seen.unfit) or seen.outcome.detail
        if not report and is_weak(seen, means.config):
            report = f"the tests fail only {seen.mutation:.0%} of slightly broken versions of the code"
        if not report and seen.mutation is None:
            return last, _proof(seen, tested.language, tests, "no broken version of the code could be tried", number)
        proof = _proof(seen, tested.language, tests, report, number)
        if proof.status == "verified":
            return last, replace(proof, failing=failing)
        if number == 0 and (seen.fails or seen.outcome.holds):
            failing = first
        if seen.outcome.status == "unproven" and not seen.unfit:
            return first, proof
        repaired = await means.repaired(last, report)
        if repaired is None:
            break
        last = repaired
    return first, proof


def _proof(seen: Examined, language: str, tests: str, report: str, repairs: int) -> Proof:
    held = seen.holds and not report
    status: Proven = "verified" if held else "refuted" if seen.outcome.status == "failed" else "unverified"
    return replace(proof_of(status, seen, language, tests, report[:500]), repairs=repairs)
