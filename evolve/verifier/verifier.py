"""One worker's verifier: an answer, the tests for its instruction, and what running them shows.

A pure function of its cases: the same case gives the same outcome on every worker and every time, so a lost worker's
cases are simply given out again. An answer passes if its tests are fit, every one holds under two seeds of chance, and
neither the same program emptied nor too many slightly broken versions of it pass as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from evolve.config import VerifierConfig
from evolve.sandbox import Limits, Outcome, Sandbox, Sandboxes, Trial, UnfitTestsError
from evolve.verifier.code import program, without_demo
from evolve.verifier.gates import unfit
from evolve.verifier.mutants import mutants, score
from evolve.verifier.needs import needs
from evolve.verifier.stubs import stub

SEEDS = (0, 1)
"""Of chance: a verdict that differs between them is luck."""
SLOWER = 10.0
"""A broken version may take so many times as long as the answer before it counts as hanging."""


Killed = Callable[[Trial, Sequence[str], Limits], int]
"""How many of these programs fail the trial's tests."""


@dataclass(frozen=True, slots=True)
class Case:
    instruction: str
    answer: str
    """As the dataset has it: prose and code."""
    tests: str
    """"": nothing is run; it is only seen whether the answer could be, here."""
    language: str = "python"


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a case."""

    outcome: Outcome
    unfit: tuple[str, ...] = ()
    """Why the tests prove nothing, in words for whoever wrote them; empty if they are fit."""
    mutation: float | None = None
    """Share of broken versions that the tests fail, 0-1; None where none was tried."""

    @property
    def holds(self) -> bool:
        return self.outcome.holds and not self.unfit


class Verifier:
    """For one thread at a time."""

    def __init__(self, config: VerifierConfig, cache: Path) -> None:
        """`cache`: the folder for what the sandbox builds once; the first case waits for it."""
        self._config = config
        self._limits = limits_of(config)
        self.sandboxes = Sandboxes(config.tier, cache)
        """For whatever else runs code in this worker."""

    def prepare(self) -> None:
        """Build and probe what the first case would otherwise wait for. Raises FolderError."""
        self.sandboxes.prepare()

    def verify(self, cases: Sequence[Case]) -> list[Examined]:
        return [self._examine(case) for case in cases]

    def close(self) -> None:
        self.sandboxes.close()

    def _examine(self, case: Case) -> Examined:
        python = case.language == "python" and case.tests
        reasons = unfit(case.tests, case.instruction) if python else ()
        if reasons:
            return Examined(Outcome("unproven", "none", "its tests are unfit"), reasons)
        found = program(case.answer, case.language)
        if found is None:
            return Examined(Outcome("unproven", "none", f"there is no {case.language} code in the answer"))
        source = without_demo(found.source) if python else found.source
        trial = Trial(found.language, source, case.tests)
        try:
            return self._try(trial)
        except UnfitTestsError as error:
            return Examined(Outcome("unproven", "none", "its tests are unfit"), (str(error),))

    def _try(self, trial: Trial) -> Examined:
        sandbox, why = tier_for(trial, self.sandboxes)
        if sandbox is None:
            return Examined(Outcome("unproven", "none", why))
        if not trial.tests:
            return Examined(Outcome("ran", sandbox.tier))
        return self._held(sandbox, trial)

    def _held(self, sandbox: Sandbox, trial: Trial) -> Examined:
        """Run it, and where it passes, see whether that means something."""
        outcome = sandbox.verify(trial, self._limits, SEEDS[0])
        if not outcome.holds:
            return Examined(outcome)
        again = sandbox.verify(trial, self._limits, SEEDS[1])
        if again.status == "unproven":
            return Examined(again)
        if not again.holds:
            return Examined(again, ("the verdict depends on chance: it differs from run to run",))
        if trial.language != "python":
            return Examined(outcome)
        empty = replace(trial, answer=stub(trial.answer))
        if sandbox.verify(empty, self._limits).holds:
            return Examined(outcome, ("an answer that does nothing and returns None passes all of them",))
        return self._mutate(sandbox.killed, trial, outcome)

    def _mutate(self, killed: Killed, trial: Trial, outcome: Outcome) -> Examined:
        broken = [m.source for m in mutants(trial.answer, self._config.mutants)] if self._config.mutants else []
        if not broken:
            return Examined(outcome)
        seconds = min(self._config.seconds, 0.5 + SLOWER * outcome.seconds)
        share = score(killed(trial, broken, replace(self._limits, seconds=seconds)), len(broken))
        return Examined(outcome, (), round(share, 3))


def limits_of(config: VerifierConfig) -> Limits:
    """What one trial may use by the config."""
    return Limits(seconds=config.seconds, memory=config.memory_mib * 2**20)


def tier_for(trial: Trial, sandboxes: Sandboxes) -> tuple[Sandbox | None, str]:
    """The first tier that has what the program and its tests need; or None and why there is none."""
    return sandboxes.choose(trial, needs(trial.answer) + needs(trial.tests) if trial.language == "python" else ())
