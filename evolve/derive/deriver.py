"""One worker's deriver: a verified row goes in, further tasks that its proof gives for nothing come out.

The program is run once more against its tests, as it will be shown. Then, in an order that the row's id draws, each
kind is tried until there are as many tasks as wanted: a broken version that fails the tests in the same words twice; a
cut whose empty middle fails them; the tests themselves, where they are known to fail enough broken versions. No model
is asked. A pure function of its sources, so a lost worker's are given out again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

from evolve.config import DerivedKind, VerifierConfig
from evolve.derive.cuts import Cut, cuts
from evolve.derive.fim import holds_token
from evolve.derive.slips import as_slip
from evolve.derive.tasks import Derived, Source, bug_fix, infill, observed, tests
from evolve.markdown import page
from evolve.records import Proof, rng
from evolve.sandbox import Outcome, Sandbox, Sandboxes, Trial, UnfitTestsError
from evolve.verifier import limits_of, tier_for
from evolve.verifier.code import program, without_demo
from evolve.verifier.mutants import mutants

TRIES = 6
"""Broken versions, or cuts, tried of one program: most fail the tests at once."""
DRAWN = 40
"""Broken versions of which those are taken that look like a slip."""
LONG = 6_000
"""Characters of a program or of its tests that a task can hold beside its words."""
SECONDS = 2.0
"""At most, for what is known to be wrong and may hang; a right program takes milliseconds."""


class Deriver:
    """For one thread at a time."""

    def __init__(self, config: VerifierConfig, sandboxes: Sandboxes) -> None:
        self._config = config
        self._sandboxes = sandboxes

    def derive(self, sources: Sequence[Source]) -> list[tuple[Derived, ...]]:
        """The tasks of each source; none where it has no Python program, brings code of its own, or is too long."""
        return [self._derive(source) for source in sources]

    def _derive(self, source: Source) -> tuple[Derived, ...]:
        found = program(source.answer, "python")
        if found is None or len(found.files) > 1 or not suitable(source):
            return ()
        code = without_demo(found.source).strip("\n") + "\n"
        if max(len(code), len(source.proof.tests)) > LONG:
            return ()
        trial = Trial("python", code, source.proof.tests)
        sandbox, _ = tier_for(trial, self._sandboxes)
        if sandbox is None:
            return ()
        try:
            return _Row(self._config, sandbox, source, trial).tasks()
        except UnfitTestsError:
            return ()


def suitable(source: Source) -> bool:
    """Whether it was verified as Python; a task that brings code of its own would show two programs."""
    proof = source.proof
    proven = proof.status == "verified" and proof.language == "python" and bool(proof.tests.strip())
    return proven and not page(source.instruction).blocks


@dataclass(slots=True)
class _Row:
    """One source on its way."""

    config: VerifierConfig
    sandbox: Sandbox
    source: Source
    trial: Trial

    def tasks(self) -> tuple[Derived, ...]:
        if not self.sandbox.verify(self.trial, limits_of(self.config)).holds:
            return ()
        kinds, made = list(self.source.kinds), list[Derived]()
        self._draw("kinds").shuffle(kinds)
        makers: dict[DerivedKind, Callable[[], Derived | None]] = {
            "bug_fix": self._bug_fix,
            "infill": self._infill,
            "tests": self._tests,
        }
        for kind in kinds:
            if len(made) < self.source.count and (task := makers[kind]()) is not None:
                made.append(task)
        return tuple(made)

    def _bug_fix(self) -> Derived | None:
        draw = self._draw("bug_fix")
        broken = mutants(self.trial.answer, DRAWN, f"{self.source.seed} {self.source.id}")
        slips = [slip for one in broken if (slip := as_slip(one, self.trial.answer)) is not None]
        for mutant in slips[:TRIES]:
            report = self._report(mutant.source)
            texts = bug_fix(self._words, self.trial.answer, mutant, report, draw) if report else None
            if texts is not None:
                return self._derived("bug_fix", texts)
        return None

    def _infill(self) -> Derived | None:
        if holds_token(self.trial.answer):
            return None
        draw = self._draw("infill")
        for cut in _mixed(cuts(self.trial.answer), draw)[:TRIES]:
            if cut.prefix + cut.middle + cut.suffix != self.trial.answer:
                raise ValueError("a cut lost a part of its program")
            if self._run(cut.prefix + cut.suffix).status in {"failed", "broken", "stopped"}:
                texts = infill(self._words, cut, draw)
                return None if texts is None else self._derived("infill", texts, cut)
        return None

    def _tests(self) -> Derived | None:
        proof = self.source.proof
        if proof.mutation is None or proof.mutation < self.config.mutation:
            return None
        texts = tests(self._words, self.trial.answer, proof, self._draw("tests"))
        return None if texts is None else self._derived("tests", texts)

    def _report(self, broken: str) -> str:
        """How it fails, where it does so in the same words whatever chance does; "" where it hangs or holds."""
        first, second = (self._run(broken, seed) for seed in (0, 1))
        if first.status != "failed" or (second.status, second.detail) != (first.status, first.detail):
            return ""
        return observed(first.detail, broken)

    def _run(self, answer: str, seed: int = 0) -> Outcome:
        limits = replace(limits_of(self.config), seconds=min(SECONDS, self.config.seconds))
        return self.sandbox.verify(replace(self.trial, answer=answer), limits, seed)

    @property
    def _words(self) -> str:
        return self.source.instruction.strip()

    def _draw(self, what: str) -> Random:
        return rng("derive", self.source.seed, self.source.id, what)

    def _derived(self, kind: DerivedKind, texts: tuple[str, str], cut: Cut | None = None) -> Derived:
        old = self.source.proof
        proof = Proof(
            "verified", "", self.sandbox.tier, "python", old.tests, old.assertions, old.mutation, pass_rate=None
        )
        return Derived(kind, *texts, self.source.id, self.source.root_id, proof, cut)


def _mixed(found: list[Cut], draw: Random) -> list[Cut]:
    """In an order of chance in which every kind comes up as soon as any other."""
    draw.shuffle(found)
    kinds = sorted({cut.kind for cut in found})
    draw.shuffle(kinds)
    ranked: list[tuple[int, int, Cut]] = []
    for place, kind in enumerate(kinds):
        ranked += [(rank, place, cut) for rank, cut in enumerate(c for c in found if c.kind == kind)]
    return [cut for _, _, cut in sorted(ranked, key=lambda item: item[:2])]
