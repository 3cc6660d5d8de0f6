"""An answer that has to pass tests: they are had, it is tried, repaired, asked for anew; in the end tests are doubted.

    tests -> try -> passes: verified
               `--> repair, at most twice -> a fresh answer -> other tests -> refuted

The tester never sees an answer and the responder never a test. Invariant: an answer is refuted only after a second set
of tests, written without knowing the first, has failed all answers too: tests are wrong about as often as answers. One
that passes the second set stays unverified where that set is too weak to prove it; where there is no second set, or an
unfit one, nothing is refuted. Tests that proved another answer to the same task, in another natural language, are not
asked for again, nor doubted.
Of several answers that pass the one is kept that most others behave like on inputs near the tests' own (`clusters`).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from evolve.proving.means import Means, Problem, is_weak, proof_of
from evolve.records import Proof, Proven
from evolve.verifier import Case, Examined, request_tests
from evolve.verifier.clusters import clusters
from evolve.verifier.inputs import near, subject

INPUTS = 40
"""Calls made beside those of the tests, on which answers are told apart: a call takes less than a millisecond."""


async def prove_by_tests(means: Means, language: str, answer: str) -> tuple[str, Proof]:
    """The answer to keep, or another that was had on the way, and what is known of it."""
    return await _Proving(means, language).run(answer)


@dataclass(slots=True)
class _Proving:
    """One answer on its way."""

    means: Means
    language: str
    tests: str = ""
    tried: list[tuple[str, Examined]] = field(default_factory=list)
    """Every answer that was run, with what came of it under the first tests."""

    async def run(self, answer: str) -> tuple[str, Proof]:
        candidates = [answer, *await self.means.fresh(range(1, self.means.config.candidates))]
        problem = await self._fit_tests(candidates[0])
        if problem:
            return answer, Proof("unverified", problem, language=self.language, tests=self.tests)
        for candidate in candidates[1:]:
            self.tried.append((candidate, await self._examined(candidate)))
        passing = [pair for pair in self.tried if pair[1].holds]
        rate = len(passing) / len(self.tried)
        if passing:
            chosen, agreement = await self._agreed([text for text, _ in passing], [text for text, _ in passing])
            seen = next(seen for text, seen in passing if text == chosen)
            return self._verified(chosen, seen, rate=rate, agreement=agreement)
        if self.tried[0][1].outcome.status == "unproven":
            return answer, self._proof("unverified", self.tried[0][1])
        return await self._mend(answer, rate)

    async def _mend(self, answer: str, rate: float) -> tuple[str, Proof]:
        """Repair the first answer; then a fresh one; then other tests."""
        last, seen = self.tried[0]
        for number in range(1, self.means.config.repairs + 1):
            repaired = await self.means.repaired(last, seen.outcome.detail)
            if repaired is None:
                break
            last, seen = repaired, await self._examined(repaired)
            self.tried.append((last, seen))
            if seen.holds:
                return self._verified(last, seen, rate=rate, repairs=number)
        for fresh in await self.means.fresh([self.means.config.candidates]):
            seen = await self._examined(fresh)
            self.tried.append((fresh, seen))
            if seen.holds:
                return self._verified(fresh, seen, rate=rate)
        return await self._doubt(answer, rate)

    async def _doubt(self, answer: str, rate: float) -> tuple[str, Proof]:
        """Every answer fails: perhaps it is the tests. Others, written anew, decide."""
        first, refuted = self.tests, self._proof("refuted", self.tried[0][1], rate=rate)
        if first == self.means.given:
            return answer, refuted
        tests = await self._tests((), second=True)
        if isinstance(tests, Problem):
            return answer, self._undecided(f"there are no others: {tests.words}")
        if tests == first:
            return answer, refuted
        self.tests = tests
        known = list(dict.fromkeys(text for text, _ in self.tried))
        passing: dict[str, Examined] = {}
        for candidate in known:
            seen = await self._examined(candidate)
            if not passing and (seen.unfit or seen.outcome.status == "unproven"):
                held = "others, which it passes, prove too little" if seen.outcome.holds else "others are unfit"
                why = "; ".join(seen.unfit) or seen.outcome.detail
                return candidate if seen.outcome.holds else answer, self._undecided(f"{held}: {why}")
            if seen.unfit:
                break
            if seen.holds:
                passing[candidate] = seen
        if not passing:
            return answer, refuted
        chosen, agreement = await self._agreed(list(passing), known)
        first_ones = [text for text, _ in self.tried[: self.means.config.candidates]]
        rate = sum(text in passing for text in first_ones) / len(first_ones)
        return chosen, replace(self._proof("verified", passing[chosen], rate=rate), agreement=agreement)

    def _undecided(self, doubt: str) -> Proof:
        detail = f"the first tests fail it; {doubt}"[:500]
        return Proof("unverified", detail, language=self.language, tests=self.tests)

    async def _agreed(self, passing: list[str], known: list[str]) -> tuple[str, float | None]:
        """Of the answers that pass the one that most of `known` behave like, and the share that does; ties in order.

        None where there is nothing to compare: one answer, another language, no call that is written out.
        """
        function, given = subject(self.tests)
        if len(known) == 1 or self.language != "python" or not given:
            return passing[0], None
        calls = tuple(call.of(function) for call in (*given, *near(given, "", INPUTS)))
        case = Case(self.means.instruction, "", "", self.language, calls)
        seen = [(await self.means.examine(replace(case, answer=answer))).seen for answer in known]
        for cluster in clusters(seen):
            for number in cluster:
                if known[number] in passing:
                    return known[number], round(len(cluster) / len(known), 3)
        return passing[0], None

    # -- tests ---------------------------------------------------------------------------------------------------------

    async def _fit_tests(self, answer: str) -> str:
        """Have tests that prove something, asking a second time if need be; else why there are none."""
        if self.means.given:
            self.tests = self.means.given
            seen = await self._examined(answer)
            if not seen.unfit:
                self.tried = [(answer, seen)]
                return ""
        reasons: tuple[str, ...] = ()
        for _ in range(2):
            tests = await self._tests(reasons)
            if isinstance(tests, Problem):
                return tests.words
            self.tests = tests
            seen = await self._examined(answer)
            reasons = seen.unfit
            if not reasons:
                self.tried = [(answer, seen)]
                return ""
        return f"its tests are unfit: {'; '.join(reasons)}"[:500]

    async def _tests(self, reasons: tuple[str, ...], *, second: bool = False) -> str | Problem:
        means = self.means
        request = request_tests(
            means.tester, means.instruction, self.language, reasons, second=second, notes=means.notes
        )
        return await means.written(request, "tests")

    async def _examined(self, answer: str) -> Examined:
        seen = await self.means.examine(Case(self.means.instruction, answer, self.tests, self.language))
        if seen.holds and self.tests != self.means.given and is_weak(seen, self.means.config):
            weak = f"they fail only {seen.mutation:.0%} of slightly broken versions of a right answer"
            return replace(seen, unfit=(f"{weak}: they miss some of what the task says",))
        return seen

    # -- the proof -----------------------------------------------------------------------------------------------------

    def _verified(
        self, answer: str, seen: Examined, rate: float, repairs: int = 0, agreement: float | None = None
    ) -> tuple[str, Proof]:
        failing = next((text for text, other in self.tried if other.fails and text != answer), None)
        proof = self._proof("verified", seen, rate=rate)
        return answer, replace(proof, repairs=repairs, failing=failing, agreement=agreement)

    def _proof(self, status: Proven, seen: Examined, rate: float | None = None) -> Proof:
        proof = proof_of(status, seen, self.language, self.tests, seen.outcome.detail)
        return replace(proof, candidates=self.means.config.candidates, pass_rate=rate)
