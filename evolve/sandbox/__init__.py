"""Where code that nobody has read is run: an answer and its tests go in, an outcome comes out, the host is unchanged.

sandbox = open_sandbox("wasm", cache)
outcome = sandbox.verify(Trial("python", answer, tests), Limits(seconds=5))
outcome.holds                      # every test was seen to hold
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from evolve.sandbox.python import UnfitTestsError
from evolve.sandbox.trial import Limits, Outcome, Status, Trial

__all__ = ["Limits", "Outcome", "Sandbox", "Sandboxes", "Status", "Trial", "UnfitTestsError", "open_sandbox"]


class Sandbox(Protocol):
    """One tier, ready to try answers; for one thread at a time."""

    @property
    def tier(self) -> str: ...

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """What came of it. Raises UnfitTestsError where the tests cannot be read; that is never the answer's fault."""

    def killed(self, trial: Trial, broken: Sequence[str], limits: Limits) -> int:
        """How many of these programs fail the trial's tests. Raises UnfitTestsError."""

    def close(self) -> None: ...


class Sandboxes:
    """The tiers that a worker may use, opened when first needed."""

    def __init__(self, tier: str, cache: Path) -> None:
        """`tier`: one by name, or `auto` for the first that can hold a trial. `cache`: for what is built once."""
        self._tier = tier
        self._cache = cache
        self._open: dict[str, Sandbox] = {}

    def prepare(self) -> None:
        """Build what the first trial would wait for. Raises FolderError."""
        if self._tier in {"auto", "wasm"}:
            self._opened("wasm")

    def choose(self, trial: Trial) -> tuple[Sandbox | None, str]:
        """The tier for a trial, or None and why there is none."""
        if trial.language == "python" and self._tier in {"auto", "wasm"}:
            return self._opened("wasm"), ""
        return None, f"no tier here runs {trial.language}"

    def close(self) -> None:
        for sandbox in self._open.values():
            sandbox.close()

    def _opened(self, tier: str) -> Sandbox:
        if tier not in self._open:
            self._open[tier] = open_sandbox(tier, self._cache)
        return self._open[tier]


def open_sandbox(tier: str, cache: Path) -> Sandbox:
    """The tier of that name; `cache` is the folder for what is built once."""
    from evolve.sandbox.wasm import Wasm

    return Wasm(cache)
