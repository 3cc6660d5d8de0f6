"""Where code that nobody has read is run: an answer and its tests go in, an outcome comes out, the host is unchanged.

sandbox = open_sandbox("wasm", cache)
outcome = sandbox.verify(Trial("python", answer, tests), Limits(seconds=5))
outcome.holds                      # every test was seen to hold
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from evolve.sandbox.python import UnfitTestsError
from evolve.sandbox.trial import Limits, Outcome, Status, Trial

__all__ = ["Limits", "Outcome", "Sandbox", "Status", "Trial", "UnfitTestsError", "open_sandbox"]


class Sandbox(Protocol):
    """One tier, ready to try answers; for one thread at a time."""

    @property
    def tier(self) -> str: ...

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """What came of it. Raises UnfitTestsError where the tests cannot be read; that is never the answer's fault."""

    def close(self) -> None: ...


def open_sandbox(tier: str, cache: Path) -> Sandbox:
    """The tier of that name; `cache` is the folder for what is built once."""
    from evolve.sandbox.wasm import Wasm

    return Wasm(cache)
