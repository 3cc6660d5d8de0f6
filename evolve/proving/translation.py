"""An answer that is a translation: it and the program that it was made of come to the same, each in its own runtime.

    calls -> the Python side is run on them -> the other side is tested by what came -> all the same: verified
                                                   `--> repair, at most twice -> a fresh answer -> refuted

One of the two is Python. The tester, who has not seen the answer, writes calls; further ones are made near them. What
it expects of a call is not used: the source says what is right, so there are no tests to doubt. A call that was made
with a number beyond the tester's, or with what is empty, may be one that the program is not meant for: an answer that
differs on such calls alone is not refuted. Invariant: what cannot be compared is unverified and says why; a pass means
that at least FEWEST calls were run on both sides.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field, replace

from evolve.markdown import fenced, page
from evolve.proving.means import Means, Problem, is_weak, proof_of
from evolve.records import Proof, Proven
from evolve.verifier import Case, Examined, Program, program, request_inputs
from evolve.verifier.inputs import Call, calls, near, within
from evolve.verifier.kinds import UnwritableError
from evolve.verifier.translation import FEWEST, LANGUAGES, Checks, checks, entries, plain_name

NEAR = 24
"""Calls that are made beside the tester's: as many as it writes or more, few enough for a compiler."""
_NAMED = re.compile(
    r"\b(?:java ?script|type ?script|java|rust|bash|golang|kotlin|swift|ruby|php|(?-i:Go|C))\b|\bc(?:\+\+|#)",
    re.I | re.A,
)
_OURS = re.compile(r"^(?:Tests\.java|tests\.\w+):\d+", re.M)
_ITS_OWN = re.compile(r"^(?:Answer\.java|answer\.\w+):\d+[^\n]* error\b", re.M)
"""Where a compiler sees a mistake: if in our tests alone, they do not fit the program, which is nobody's fault."""


def source_of(instruction: str, language: str) -> Program | None:
    """The program that an answer in `language` translates, where the two can be compared; None where they cannot."""
    if language in LANGUAGES:
        return program(instruction, "python")
    found = program(instruction) if language == "python" else None
    return included(found) if found is not None and found.language in LANGUAGES else None


def stays(instruction: str, language: str) -> bool:
    """Whether an answer is in the language of the program that was to be brought into another one."""
    found = program(instruction)
    same = found is not None and found.language == language == "python"
    return same and _NAMED.search(page(instruction).prose) is not None


def included(source: Program) -> Program:
    """A snippet of C++ with the library's names known, as whoever shows one leaves its includes away."""
    given = "#include <bits/stdc++.h>\nusing namespace std;\n" if source.language == "cpp" else ""
    return replace(source, source=given + source.source)


async def prove_translation(means: Means, source: Program, language: str, answer: str) -> tuple[str, Proof]:
    """The answer to keep and what is known of it; `source` is what it translates, `language` what it is written in."""
    return await _Translation(means, source, language).run(answer)


@dataclass(frozen=True, slots=True)
class _Compared:
    """What came of one answer."""

    status: Proven
    detail: str
    seen: Examined | None = None
    tests: str = ""


@dataclass(slots=True)
class _Translation:
    """One answer on its way."""

    means: Means
    source: Program
    language: str
    given: dict[str, list[Call]] = field(default_factory=dict)
    """The tester's calls."""
    tried: list[tuple[str, _Compared]] = field(default_factory=list)

    async def run(self, answer: str) -> tuple[str, Proof]:
        candidates = [answer, *await self.means.fresh(range(1, self.means.config.candidates))]
        if problem := await self._inputs(answer):
            return answer, Proof("unverified", problem, language=self.language)
        for candidate in candidates:
            self.tried.append((candidate, await self._compare(candidate)))
        rate = sum(one.status == "verified" for _, one in self.tried) / len(self.tried)
        for candidate, one in self.tried:
            if one.status == "verified":
                return candidate, self._proof(candidate, one, rate)
        if self.tried[0][1].status == "unverified":
            return answer, self._proof(answer, self.tried[0][1], None)
        return await self._mend(answer, rate)

    async def _mend(self, answer: str, rate: float) -> tuple[str, Proof]:
        last, seen = self.tried[0]
        for number in range(1, self.means.config.repairs + 1):
            repaired = await self.means.repaired(last, seen.detail)
            if repaired is None:
                break
            last, seen = repaired, await self._compare(repaired)
            if seen.status == "verified":
                return last, replace(self._proof(last, seen, rate), repairs=number)
        for fresh in await self.means.fresh([self.means.config.candidates]):
            if (seen := await self._compare(fresh)).status == "verified":
                return fresh, self._proof(fresh, seen, rate)
        return answer, self._proof(answer, self.tried[0][1], rate)

    def _proof(self, answer: str, one: _Compared, rate: float | None) -> Proof:
        candidates = self.means.config.candidates
        if one.seen is None:
            return Proof(one.status, one.detail, language=self.language, candidates=candidates, pass_rate=rate)
        failing = next((text for text, other in self.tried if other.status == "refuted" and text != answer), None)
        proof = proof_of(one.status, one.seen, self.language, one.tests, one.detail)
        return replace(proof, candidates=candidates, pass_rate=rate, failing=failing if not one.detail else None)

    # -- the inputs ----------------------------------------------------------------------------------------------------

    async def _inputs(self, answer: str) -> str:
        """Have calls of the Python program, asking a second time if need be; else why there are none."""
        python = self.source if self.source.language == "python" else program(answer, "python")
        reasons: tuple[str, ...] = ()
        for _ in range(2):
            request = request_inputs(self.means.tester, self.means.instruction, reasons)
            written = await self.means.written(request, "inputs")
            if isinstance(written, Problem):
                return written.words
            self.given = calls(written)
            name = _entry(self.given, python.source if python else "")
            count = len(self.given.get(name, ()))
            if count >= FEWEST:
                return ""
            reasons = (
                f"they make {count} calls of one function with arguments that are written out; wanted are eight",
            )
        return f"its inputs are too few: {reasons[0]}"

    # -- one answer ----------------------------------------------------------------------------------------------------

    async def _compare(self, answer: str) -> _Compared:
        found = program(answer, self.language)
        if found is None:
            return _Compared("refuted", f"there is no {self.language} code in the answer")
        python, other = (self.source, found) if self.language != "python" else (found, self.source)
        name = _entry(self.given, python.source)
        if not name:
            return _Compared("unverified", "the inputs call nothing that the Python program defines")
        given = self.given[name]
        made = near(given, "", NEAR)
        seen = await self._on([*given, *made], name, python, other)
        if seen.status != "refuted" or all(within(call, given) for call in made):
            return seen
        meant = [*given, *(call for call in made if within(call, given))]
        if (await self._on(meant, name, python, other)).status == "refuted":
            return seen
        return replace(seen, status="unverified", detail=f"on an input that may not be meant, {seen.detail}"[:500])

    async def _on(self, given: list[Call], name: str, python: Program, other: Program) -> _Compared:
        """What the two come to on these calls."""
        function = _called(name, python.source)
        asked = replace(self._case(python), calls=tuple(call.of(function.name) for call in given))
        seen = (await self.means.examine(asked)).seen
        try:
            made = checks(function, given, seen, other.source, other.language)
        except UnwritableError as error:
            return _Compared("unverified", f"the two cannot be compared: {error}")
        except ValueError:
            return _Compared("unverified", "the Python program could not be run")
        if made.compared < FEWEST or made.compared < made.left_out:
            said = f"{made.compared} of {len(given)} calls could be compared"
            return _Compared("unverified", f"only {said}; the last one that could not: {made.reason}")
        return await self._held(python, other, made)

    async def _held(self, python: Program, other: Program, made: Checks) -> _Compared:
        """Run the other side; where it passes, see whether the inputs tell anything."""
        seen = await self.means.examine(replace(self._case(other), tests=made.tests))
        outcome, tests = seen.outcome, made.tests if self.language != "python" else made.python
        unfit = _OURS.search(outcome.detail) and not _ITS_OWN.search(outcome.detail)
        if (outcome.status == "broken" and unfit) or (outcome.status in {"broken", "stopped"} and other is self.source):
            return _Compared("unverified", f"the two cannot be compared: {outcome.detail}"[:500], seen, tests)
        if outcome.status == "unproven":
            return _Compared("unverified", "; ".join(seen.unfit)[:500] or outcome.detail, seen, tests)
        if not seen.holds:
            return _Compared("refuted", "; ".join(seen.unfit) or outcome.detail, seen, tests)
        own = await self.means.examine(replace(self._case(python), tests=made.python))
        if not own.holds or is_weak(own, self.means.config):
            weak = "; ".join(own.unfit) or f"they tell only {own.mutation or 0:.0%} of slightly broken versions"
            return _Compared("unverified", f"the inputs say little: {weak}"[:500], seen, tests)
        return _Compared("verified", "", replace(seen, mutation=own.mutation), tests)

    def _case(self, one: Program) -> Case:
        """A program by itself: what an instruction says of names does not matter here."""
        code = fenced(one.source, one.language)
        return Case(code, code, "", one.language)


def _entry(given: dict[str, list[Call]], source: str) -> str:
    """The name by which the tester calls a function of the Python program most; "" for none."""
    known = set(map(plain_name, entries(source)))
    found = [name for name in given if plain_name(name) in known]
    return max(found, key=lambda name: len(given[name]), default="")


def _called(name: str, source: str) -> ast.FunctionDef:
    """That function."""
    return next(node for one, node in entries(source).items() if plain_name(one) == plain_name(name))
