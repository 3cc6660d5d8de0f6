"""Where code that nobody has read is run: an answer and its tests go in, an outcome comes out, the host is unchanged.

sandbox = open_sandbox("wasm", cache)
outcome = sandbox.verify(Trial("python", answer, tests), Limits(seconds=5))
outcome.holds                      # every test was seen to hold

Other languages than Python run in the tiers that start processes alone, where their toolchain was seen to work.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from sysconfig import get_path
from typing import TYPE_CHECKING, Protocol

from evolve.errors import SandboxError
from evolve.sandbox.python import UnfitTestsError
from evolve.sandbox.trial import Limits, Outcome, Seen, Status, Trial

if TYPE_CHECKING:
    from evolve.sandbox.toolchain import Toolchain

__all__ = ["Limits", "Outcome", "Sandbox", "Sandboxes", "Seen", "Status", "Trial", "UnfitTestsError", "open_sandbox"]


TIERS = ("wasm", "bubblewrap", "landlock")
"""The order in which they are tried: what has the least to escape into comes first."""


class Sandbox(Protocol):
    """One tier, ready to try answers; for one thread at a time."""

    @property
    def tier(self) -> str: ...

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """What came of it. Raises UnfitTestsError where the tests cannot be read; that is never the answer's fault."""

    def killed(self, broken: Sequence[Trial], limits: Limits) -> int:
        """How many of these trials, which differ in their programs alone, fail. Raises UnfitTestsError."""

    def observe(self, trial: Trial, calls: Sequence[str], limits: Limits, seed: int = 0) -> list[Seen]:
        """What each call of the answer comes to, by its own word, one for one; its tests play no part."""

    def close(self) -> None: ...


class Sandboxes:
    """The tiers that a worker may use, opened when first needed."""

    def __init__(self, tier: str, cache: Path) -> None:
        """`tier`: one by name, or `auto` for the first that can hold a trial. `cache`: for what is built once."""
        self._names = TIERS if tier == "auto" else (tier,)
        self._cache = cache
        self._open: dict[str, Sandbox | str] = {}
        self._toolchains: dict[str, Toolchain] = {}

    def prepare(self) -> None:
        """Build what the first trial would wait for. Raises FolderError."""
        if "wasm" in self._names:
            self._opened("wasm")

    def choose(self, trial: Trial, needs: Sequence[str] = ()) -> tuple[Sandbox | None, str]:
        """The first tier that can hold a trial and has what it needs; or None and why there is none.

        Beside Python a tier has to start processes, and the language's toolchain must be seen to work in it.
        """
        if trial.language != "python":
            return self._toolchain(trial.language)
        reasons = []
        for name in self._names:
            lacking = ", ".join(needs) if name == "wasm" else ""
            opened = f"wasm has no {lacking}" if lacking else self._opened(name)
            if not isinstance(opened, str):
                return opened, ""
            reasons.append(opened)
        return None, "; ".join(reasons)

    def close(self) -> None:
        for sandbox in self._open.values():
            if not isinstance(sandbox, str):
                sandbox.close()

    def _toolchain(self, language: str) -> tuple[Sandbox | None, str]:
        from evolve.sandbox.toolchain import Toolchain

        reasons = ["wasm runs Python alone"] if self._names == ("wasm",) else []
        for name in self._names:
            if name == "wasm":
                continue
            one = self._toolchains.setdefault(name, Toolchain(name))
            if not (reason := one.lacks(language)):
                return one, ""
            reasons.append(reason)
        return None, f"not verified: {'; '.join(dict.fromkeys(reasons))}"

    def _opened(self, tier: str) -> Sandbox | str:
        if tier not in self._open:
            try:
                self._open[tier] = open_sandbox(tier, self._cache)
            except SandboxError as error:
                self._open[tier] = str(error)
        return self._open[tier]


def open_sandbox(tier: str, cache: Path) -> Sandbox:
    """The tier of that name; `cache` is the folder for what is built once.

    Raises SandboxError where it does not hold here, with what got through; FolderError where nothing can be built.
    """
    if tier == "wasm":
        from evolve.sandbox.wasm import Wasm

        return Wasm(cache)
    from evolve.sandbox.bubblewrap import Bubblewrap
    from evolve.sandbox.held import HeldPython
    from evolve.sandbox.landlock import Landlock
    from evolve.sandbox.probe import probe

    packages = tuple(Path(folder) for folder in dict.fromkeys((get_path("purelib"), get_path("platlib"))))
    held: Bubblewrap | Landlock = Bubblewrap(packages) if tier == "bubblewrap" else Landlock(packages)
    found = probe(held)
    if not found.usable:
        raise SandboxError(found.reason)
    return HeldPython(held, packages)
