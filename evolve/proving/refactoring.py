"""An answer that is code rewritten: the same tests hold for the code before and after, and it got simpler.

The tests are run on the code in the instruction first. Where they fail it they are unfit, and the tester is told so
once; if those that it writes then fail it as well, the task wants other results on purpose, as an evolved one may: it
is proven like any other, and `kept` is 0. Else `kept` is 1, and an answer that passes must also be better by the
figures of its code (verifier/refactoring.py); one that is not counts as failing, with the figures as its trace, and is
left unverified where the figures cannot tell.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from evolve.markdown import fenced
from evolve.proving.means import Examine, Means, is_weak
from evolve.proving.tests import prove_by_tests
from evolve.records import Proof
from evolve.verifier import Case, Examined, Program, program, rewritten

UNLIKE = "the code that the task shows fails them, though it has to pass where the task does not ask for other results"


async def prove_refactoring(means: Means, before: Program, answer: str) -> tuple[str, Proof]:
    """The answer to keep and what is known of it; `before` is the code that the instruction shows."""
    held = _Held(means, before, means.examine)
    return await prove_by_tests(replace(means, examine=held, notes=("kept",)), before.language, answer)


@dataclass(slots=True)
class _Held:
    """A worker's verifier that holds answers to the code in the instruction as well."""

    means: Means
    before: Program
    examine: Examine
    said: bool = False
    """That tests fail that code: the tester knows."""
    kept: bool = False
    """Whether any tests held for that code: from then on all must."""

    async def __call__(self, case: Case) -> Examined:
        if not case.tests:
            return await self.examine(case)
        first = await self.examine(replace(case, answer=fenced(self.before.source, self.before.language)))
        if first.unfit:
            return first
        if first.outcome.holds:
            self.kept = True
        elif first.outcome.status in {"failed", "stopped"} and (self.kept or not self.said):
            self.said = True
            return replace(first, unfit=(f"{UNLIKE}: {first.outcome.detail[-400:]}",))
        seen = await self.examine(case)
        if not first.outcome.holds:
            return replace(seen, scores={**seen.scores, "kept": 0.0})
        return self._compared(case, seen)

    def _compared(self, case: Case, seen: Examined) -> Examined:
        after = program(case.answer, case.language)
        if after is None or not seen.holds or is_weak(seen, self.means.config):
            return seen
        found = rewritten(self.before, after, self.means.instruction)
        outcome = seen.outcome
        if found.trace:
            outcome = replace(outcome, status="unproven" if found.unsure else "failed", detail=found.trace)
        return replace(seen, outcome=outcome, scores={**seen.scores, "kept": 1.0, **found.scores})
