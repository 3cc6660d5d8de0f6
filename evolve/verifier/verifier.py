"""One worker's verifier: an answer, the tests for its instruction, and what running them shows.

A pure function of its cases: the same case gives the same outcome on every worker and every time, so a lost worker's
cases are simply given out again. An answer passes if its tests are fit, every one holds under two seeds of chance, and
neither the same program emptied nor too many slightly broken versions of it pass as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice, zip_longest
from pathlib import Path

from evolve.config import VerifierConfig
from evolve.sandbox import Limits, Outcome, Sandbox, Sandboxes, Seen, Trial, UnfitTestsError
from evolve.verifier.code import Program, at_home, program, without_demo
from evolve.verifier.files import laid, modules
from evolve.verifier.gates import unfit
from evolve.verifier.mutants import mutants, score
from evolve.verifier.needs import needs
from evolve.verifier.stubs import stub
from evolve.verifier.values import alike

SEEDS = (0, 1)
"""Of chance: a verdict that differs between them is luck."""
SLOWER = 10.0
"""A broken version may take so many times as long as the answer before it counts as hanging."""


Killed = Callable[[Sequence[Trial], Limits], int]
"""How many of these trials fail."""


@dataclass(frozen=True, slots=True)
class Case:
    instruction: str
    answer: str
    """As the dataset has it: prose and code."""
    tests: str
    """"": nothing is run; it is only seen whether the answer could be, here."""
    language: str = "python"
    calls: tuple[str, ...] = ()
    """Expressions in Python: it is told what each comes to in the answer, in place of any tests."""
    runs: bool = False
    """Whether `answer` is a program as it stands, which is run whole: its outcome has all that it prints."""


@dataclass(frozen=True, slots=True)
class Examined:
    """What came of a case."""

    outcome: Outcome
    unfit: tuple[str, ...] = ()
    """Why the tests prove nothing, in words for whoever wrote them; empty if they are fit."""
    mutation: float | None = None
    """Share of broken versions that the tests fail, 0-1; None where none was tried."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What else was measured, by name."""
    seen: tuple[Seen, ...] = ()
    """What the case's calls came to, one for one; empty where nothing could be run. A call that comes to something
    else under the second seed of chance is unknown."""

    @property
    def holds(self) -> bool:
        return self.outcome.holds and not self.unfit

    @property
    def fails(self) -> bool:
        """Whether it was run, and fails tests that are fit: neither does this hold where nothing was learnt."""
        return self.outcome.status in {"failed", "broken", "stopped"} and not self.unfit


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
        if case.runs:
            return self._ran(Trial(case.language, case.answer, ""))
        python = case.language == "python" and case.tests
        reasons = unfit(case.tests, case.instruction) if python else ()
        if reasons:
            return Examined(Outcome("unproven", "none", "its tests are unfit"), reasons)
        found = program(case.answer, case.language)
        if found is None:
            return Examined(Outcome("unproven", "none", f"there is no {case.language} code in the answer"))
        trial = trial_of(found, case)
        if isinstance(trial, str):
            return Examined(Outcome("unproven", "none", f"not verified: {trial}"))
        try:
            return self._try(trial, case)
        except UnfitTestsError as error:
            return Examined(Outcome("unproven", "none", "its tests are unfit"), (str(error),))

    def _try(self, trial: Trial, case: Case) -> Examined:
        sandbox, why = tier_for(trial, self.sandboxes, modules(case.instruction))
        if sandbox is None:
            return Examined(Outcome("unproven", "none", why))
        if case.calls:
            return Examined(Outcome("ran", sandbox.tier), seen=self._observed(sandbox, trial, case.calls))
        if not trial.tests:
            return Examined(Outcome("ran", sandbox.tier))
        return self._held(sandbox, trial)

    def _ran(self, trial: Trial) -> Examined:
        """Run it twice: what differs is chance."""
        sandbox, why = tier_for(trial, self.sandboxes)
        if sandbox is None:
            return Examined(Outcome("unproven", "none", why))
        first, second = (sandbox.verify(trial, self._limits, seed) for seed in SEEDS)
        if (first.status, first.output) != (second.status, second.output):
            return Examined(Outcome("unproven", sandbox.tier, "what it prints differs from run to run"))
        return Examined(first)

    def _observed(self, sandbox: Sandbox, trial: Trial, calls: Sequence[str]) -> tuple[Seen, ...]:
        first, second = (sandbox.observe(trial, calls, self._limits, seed) for seed in SEEDS)
        chance = Seen("unknown", "it differs from run to run")
        return tuple(one if alike(one, other) else chance for one, other in zip(first, second, strict=True))

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
        empty = replace(trial, answer=stub(trial.answer), files=_each(trial.files, stub))
        if sandbox.verify(empty, self._limits).holds:
            return Examined(outcome, ("an answer that does nothing and returns None passes all of them",))
        return self._mutate(sandbox.killed, trial, outcome)

    def _mutate(self, killed: Killed, trial: Trial, outcome: Outcome) -> Examined:
        broken = list(islice(_broken(trial, self._config.mutants), self._config.mutants))
        if not broken:
            return Examined(outcome)
        seconds = min(self._config.seconds, 0.5 + SLOWER * outcome.seconds)
        share = score(killed(broken, replace(self._limits, seconds=seconds)), len(broken))
        return Examined(outcome, (), round(share, 3))


def limits_of(config: VerifierConfig) -> Limits:
    """What one trial may use by the config."""
    return Limits(seconds=config.seconds, memory=config.memory_mib * 2**20)


def tier_for(trial: Trial, sandboxes: Sandboxes, named: Iterable[str] = ()) -> tuple[Sandbox | None, str]:
    """The first tier that has what the program and its tests need; or None and why there is none.

    `named`: modules that the answer has to bring, so that no tier has to have them.
    """
    if trial.language != "python":
        return sandboxes.choose(trial)
    code = [text for path, text in trial.files.items() if path.endswith(".py")]
    own = {name.partition(".")[0] for name in (*named, *(path.replace("/", ".") for path in trial.files))}
    wanted = [word for text in (trial.answer, *code, trial.tests) for word in needs(text) if word not in own]
    return sandboxes.choose(trial, tuple(dict.fromkeys(wanted)))


def trial_of(found: Program, case: Case) -> Trial | str:
    """What is run: one module, or several files where the answer has them; or why it is not run.

    Of the one file that an instruction names the tests may speak as a module, whatever the answer calls it.
    """
    parts = laid(found, case.tests)
    if isinstance(parts, str):
        return parts
    answer, files = parts
    tests = case.tests
    if found.language == "python" and not files:
        named = modules(case.instruction)
        tests = at_home(tests, named) if len(named) == 1 else tests
        answer = without_demo(answer) if tests or case.calls else answer
    return Trial(found.language, answer, tests, files)


def _each(files: Mapping[str, str], change: Callable[[str], str]) -> dict[str, str]:
    return {path: change(code) if path.endswith(".py") else code for path, code in files.items()}


def _broken(trial: Trial, most: int) -> Iterator[Trial]:
    """The trial with a slight fault in its program, of each file in turn."""
    if not trial.files:
        yield from (replace(trial, answer=mutant.source) for mutant in mutants(trial.answer, most))
        return
    faults = [
        [replace(trial, files={**trial.files, path: mutant.source}) for mutant in mutants(code, most)]
        for path, code in trial.files.items()
        if path.endswith(".py")
    ]
    yield from (one for turn in zip_longest(*faults) for one in turn if one is not None)
