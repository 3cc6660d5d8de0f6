"""What is tried, within which limits, and what came of it: the words that every tier of the sandbox shares.

A trial is an answer and the tests that it must pass. Its outcome says `passed` only where every test was seen to hold;
everything else says why not, in words fit for a repair round. Nothing here runs anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from typing import Literal

Status = Literal["passed", "failed", "broken", "stopped", "forged", "ran", "unproven"]
"""passed: every test held. failed: a test did not, or raised. broken: the answer did not compile or load. stopped: a
limit ended it. forged: it claimed what it had not done. ran: it loaded and there were no tests, which proves nothing.
unproven: it was not run, or its compiler did not come to an end; the detail says why."""

DETAIL = 2_000
"""Characters kept of what a failure said: enough for a traceback and a diff, small enough for a prompt and a row."""


@dataclass(frozen=True)
class Limits:
    """What one trial may use. Reaching a limit ends the trial, never its neighbours."""

    seconds: float = 10.0
    """Wall clock, start of the interpreter or compiler included."""
    memory: int = 256 * 2**20
    """Bytes of address space of what the answer runs in (all its processes together, where the tier can count them)."""
    output: int = 64 * 2**10
    """Bytes of standard output and of standard error, each; more ends the trial."""
    disk: int = 64 * 2**20
    """Bytes that it may write into its own folder, where the tier has one."""
    processes: int = 64
    """Processes and threads at once, where the tier has any; compilers and the JVM need some dozens."""


@dataclass(frozen=True)
class Trial:
    """An answer and its tests, in one language."""

    language: str
    """As in a fence: python, javascript, bash, c, cpp, go, rust, java, sql."""
    answer: str
    tests: str
    files: Mapping[str, str] = field(default_factory=dict)
    """Further files by relative path; the answer may import or read them."""
    stdin: str = ""


def strays(path: str) -> bool:
    """Whether a file of a trial would not lie in the trial's folder."""
    parts = PurePosixPath(path)
    return parts.is_absolute() or ".." in parts.parts or not parts.parts or "\0" in path


@dataclass(frozen=True, slots=True)
class Seen:
    """What one call of a program came to, by its own word: it is data, and proves nothing by itself."""

    end: Literal["returned", "raised", "unknown"]
    """unknown: it did not come back, or what came is too large to be told."""
    text: str = ""
    """returned: a Python literal, in which nan, inf and Ellipsis may stand. raised: the exception's name. Else why."""


@dataclass(frozen=True)
class Outcome:
    """What came of a trial. `detail` names the failing test or limit, in at most DETAIL characters."""

    status: Status
    tier: str
    """wasm, bubblewrap, landlock or none: what held the code while it ran."""
    detail: str = ""
    output: str = ""
    """Standard output of the answer, as far as the limit allowed it."""
    passed: int = 0
    """Tests that held before the end."""
    tests: int = 0
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        return self.status == "passed"
