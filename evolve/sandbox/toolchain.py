"""Answers in other languages than Python, tried in a tier that starts processes: one command compiles and runs each.

A pass is a nonce on the reply channel. It is drawn for each trial and given to the program through a pipe, after the
compilers are done and the sources are gone; it is in no file, no argument and no environment. Code of ours says it
after the last assertion, and after an assertion that must fail did (JavaScript, Bash, C, C++, Rust, Java; SQL cannot
reach what compares). So exit code 0 is no pass, nor is anything that is printed, nor are assertions that say yes.

Not covered: an answer is in one process with its tests, so one that goes through its own descriptors and memory for the
purpose of forging finds what we hide there. Values that claim to be equal to everything (an `equals`, an `operator==`)
are believed. Chance starts from the seed in JavaScript and Bash alone. A trial has the memory, the disk and the
processes that its compiler needs, even where the limits say less; compiling counts within the seconds. For one thread
at a time.
"""

from __future__ import annotations

import json
import re
import secrets
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from random import SystemRandom

from evolve.errors import SandboxError
from evolve.sandbox.bubblewrap import Bubblewrap
from evolve.sandbox.landlock import Landlock
from evolve.sandbox.languages import LANGUAGES, Language, assertions, tools
from evolve.sandbox.layouts import GUEST, Draw, Laid, Tools
from evolve.sandbox.probe import probe
from evolve.sandbox.processes import Ended, Tier, interpreter
from evolve.sandbox.python import UnfitTestsError
from evolve.sandbox.trial import DETAIL, Limits, Outcome, Seen, Status, Trial, strays

TIERS: dict[str, Callable[[tuple[Path, ...]], Tier]] = {"bubblewrap": Bubblewrap, "landlock": Landlock}
PROBING = Limits(seconds=60)
"""Of one of the two trials that a toolchain is tried with: a busy machine must not look like one without compilers."""
FIRST_FD, LAST_FD = 10, 100
"""Where the nonce's and the reply's descriptors are."""
THREAD = re.compile(r"^(thread '[^'\n]*') \(\d+\)", re.M)
BOX = re.compile(rf"/tmp/box/|{re.escape(tempfile.gettempdir())}/evolve-box-[^/\s]*/")
"""What differs from trial to trial in what is said: a thread's number, the folder's name."""
PLACE = re.compile(r"(?:tests|Tests)\.\w+(?::|: line | line )(\d+)")


class Toolchain:
    """Tries answers in every language whose toolchain works in one tier."""

    def __init__(self, tier: str) -> None:
        """`tier`: bubblewrap or landlock."""
        self._tier = tier
        self._lacks: dict[str, str] = {}

    @property
    def tier(self) -> str:
        return self._tier

    def lacks(self, language: str) -> str:
        """Why answers in that language cannot be tried here; "" where they can. Found out once, by trying it."""
        if language not in self._lacks:
            self._lacks[language] = self._probe(language)
        return self._lacks[language]

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """Raises UnfitTestsError where the tests cannot be read, SandboxError where nothing can be started."""
        if reason := self.lacks(trial.language):
            raise SandboxError(reason)
        return self._verify(trial, limits, seed)

    def killed(self, broken: Sequence[Trial], limits: Limits) -> int:
        """How many of these trials fail, each compiled for itself. Raises UnfitTestsError."""
        return sum(not self.verify(trial, limits).holds for trial in broken)

    def observe(self, trial: Trial, calls: Sequence[str], limits: Limits, seed: int = 0) -> list[Seen]:
        """Calls are written in Python, and so is what they are made of: of other languages nothing is known."""
        return [Seen("unknown", f"calls of {trial.language} are not observed")] * len(calls)

    def close(self) -> None:
        """Nothing stays open between trials."""

    def _probe(self, name: str) -> str:
        language = LANGUAGES.get(name)
        if language is None:
            return f"no toolchain for {name or 'an unnamed language'}"
        found, why = tools(name), f"no toolchain for {name}: {language.remedy}"
        if found is None:
            return why
        held = probe(TIERS[self._tier](found.readable))
        if not held.usable:
            return held.reason
        right = Trial(name, language.answer, language.tests)
        wrong = replace(right, answer=language.answer.replace(*language.wrong))
        try:
            seen = [self._verify(one, PROBING, 0) for one in (right, wrong)]
        except (SandboxError, UnfitTestsError) as error:
            return f"{why} ({self._tier}: {str(error).splitlines()[0]})"
        if [one.status for one in seen] == ["passed", "failed"]:
            return ""
        said = " ".join(seen[0].detail.split())[:200]
        return f"{why} (tried in {self._tier}: {seen[0].status}, {seen[1].status}; {said})"

    def _verify(self, trial: Trial, limits: Limits, seed: int) -> Outcome:
        language, found = LANGUAGES[trial.language], tools(trial.language)
        if found is None:
            raise SandboxError(f"no toolchain for {trial.language}")
        total = counted(language, trial.tests)
        if stray := next((path for path in trial.files if strays(path)), None):
            return Outcome("broken", self.tier, f"{stray}: files lie in the folder of the answer", tests=total)
        limits = replace(
            limits,
            memory=max(limits.memory, language.memory),
            disk=max(limits.disk, language.disk),
            processes=max(limits.processes, language.processes),
        )
        nonce, draw = secrets.token_hex(16), _draw(seed, limits)
        laid = language.layout(trial.answer, trial.tests, found, draw)
        ended, said = self._run(trial, laid, limits, found, _order(laid, draw, nonce))
        return judged(self.tier, trial, ended, said, nonce)

    def _run(self, trial: Trial, laid: Laid, limits: Limits, found: Tools, order: str) -> tuple[Ended, list[str]]:
        """How the command ended, and the lines of its reply."""
        tier = TIERS[self._tier](found.readable)
        with tempfile.TemporaryDirectory(prefix="evolve-") as folder:
            builder = (GUEST / "build.py").read_text(encoding="utf-8")
            for path, text in {**trial.files, **laid.files, "build.py": builder}.items():
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8", errors="replace", newline="")
            command = [interpreter(), "-I", "-S", "build.py"]
            running = tier.start(command, Path(folder), limits, reply_fd=True)
        with running:
            running.write(f"{order}\n{trial.stdin}".encode(errors="replace"))
            ended = running.end()
            lines: list[str] = []
            while len(lines) < 3 and (line := running.read_line(0)) is not None:
                lines.append(line.decode(errors="replace"))
        return ended, lines


def counted(language: Language, tests: str) -> int:
    """The assertions in the tests. Raises UnfitTestsError where there is none, or a test runner is called for."""
    if not tests.strip():
        return 0
    if language.runner is not None and (found := language.runner.search(tests)):
        raise UnfitTestsError(f"the tests want a test runner ({found[0].strip()}); wanted: {language.convention}")
    total = assertions(language, tests)
    if not total:
        raise UnfitTestsError(f"the tests assert nothing; wanted: {language.convention}")
    return total


def judged(tier: str, trial: Trial, ended: Ended, said: list[str], nonce: str) -> Outcome:
    """What the end and the reply mean. Raises UnfitTestsError where it was the tests that did not parse."""
    language = LANGUAGES[trial.language]
    errors = BOX.sub("", THREAD.sub(r"\1", ended.errors.decode(errors="replace"))).strip()
    first, second = (*said, "", "")[:2]
    unread = first == "broken" and language.syntax is not None and language.syntax.search(errors)
    if first == "unfit" or unread or (trial.language == "sql" and second == "schema"):
        raise UnfitTestsError(f"the tests cannot be read: {errors[:DETAIL]}")
    total = assertions(language, trial.tests) if trial.tests.strip() else 0
    status, detail = _status(ended, first, second, nonce, errors) if total else _untested(ended, second, nonce, errors)
    passed = total if status == "passed" else 0
    if status == "failed":
        line, passed = _where(language, trial.tests, errors)
        detail = line + detail[-DETAIL + len(line) :]
    output = ended.output.decode(errors="replace")
    return Outcome(status, tier, detail[:DETAIL], output, passed, total, ended.seconds)


def _status(ended: Ended, first: str, second: str, nonce: str, errors: str) -> tuple[Status, str]:
    """`first` was said before any of the answer ran, `second` by whoever could."""
    if second == nonce:
        return "passed", ""
    if ended.limit is not None:
        compiled = first == "built"
        return "stopped" if compiled else "unproven", _limit(ended, compiled=compiled)
    if "broken" in {first, second}:
        return "broken", errors
    if second not in {"", "failed"}:
        return "forged", "assertions that cannot hold held, or its reply was not that of its tests"
    if not second and ended.code == 0:
        return "stopped", "it left with exit code 0 before its tests had ended"
    left = f"exit code {ended.code}" if ended.signal is None else f"signal {ended.signal}"
    return "failed", errors or left


def _untested(ended: Ended, second: str, nonce: str, errors: str) -> tuple[Status, str]:
    if ended.limit is not None and second != nonce:
        return "stopped", _limit(ended, compiled=True)
    if second == nonce or (ended.code == 0 and second != "broken"):
        return "ran", ""
    return "broken", errors or f"exit code {ended.code}, signal {ended.signal}"


def _where(language: Language, tests: str, errors: str) -> tuple[str, int]:
    """The line of the tests that is spoken of, in words, and how many assertions stand before it."""
    lines = tests.splitlines()
    found = PLACE.search(errors)
    number = int(found[1]) if found else 0
    if not 0 < number <= len(lines):
        return "", 0
    before = assertions(language, "\n".join(lines[: number - 1]))
    return f"line {number} of the tests: {lines[number - 1].strip()[:200]}\n", before


def _limit(ended: Ended, *, compiled: bool) -> str:
    while_ = "" if compiled else ", compiling included"
    if ended.limit in {"time", "stopped", "lost"}:
        return f"it ran longer than it may{while_}"
    return f"it {'printed' if ended.limit == 'output' else 'used'} more {ended.limit} than it may{while_}"


def _draw(seed: int, limits: Limits) -> Draw:
    chance = SystemRandom()
    proof, reply = chance.sample(range(FIRST_FD, LAST_FD), 2)
    return Draw(proof, reply, chance.randrange(1_000), seed, limits.memory)


def _order(laid: Laid, draw: Draw, nonce: str) -> str:
    order = {
        "build": laid.build, "run": laid.run, "remove": ("build.py", *laid.remove), "nonce": nonce,
        "proof_fd": draw.proof, "reply_fd": draw.reply,
    }  # fmt: skip
    return json.dumps(order)
