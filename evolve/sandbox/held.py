"""Python in a tier that starts processes: for answers that need third-party modules, files, threads or a system.

The same bench and the same steps as in WebAssembly, in an interpreter of its own for each trial, fed through standard
input and heard on a channel of its own. What holds the process is the tier's; what is believed of it is the bench's.
Time is real here, and so is chance but for `random`, which starts from the seed; hashes differ from trial to trial.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from evolve.sandbox.component import BENCH, GUEST
from evolve.sandbox.processes import REPLY_FD, Running, Tier, interpreter
from evolve.sandbox.python import Stopped, killed, observe, verify
from evolve.sandbox.trial import Limits, Outcome, Seen, Trial, strays

SLOW = "it ran longer than it may"


class HeldPython:
    """Tries Python answers in processes of one tier. For one thread at a time."""

    def __init__(self, tier: Tier, packages: Sequence[Path] = ()) -> None:
        """`packages`: folders with modules that answers may import; the tier has to show them."""
        self._tier = tier
        self._packages = [str(folder) for folder in packages]
        self._sessions: list[Held] = []

    @property
    def tier(self) -> str:
        return self._tier.name

    def verify(self, trial: Trial, limits: Limits, seed: int = 0) -> Outcome:
        """Raises UnfitTestsError where the tests cannot be read, SandboxError where nothing can be started."""
        try:
            return verify(self._session(trial, limits), trial, limits, self.tier, seed)
        finally:
            self.close()

    def killed(self, broken: Sequence[Trial], limits: Limits) -> int:
        """How many of these trials fail; each in a process of its own, with all of its time."""
        try:
            return sum(killed(partial(self._session, one, limits), [one], limits) for one in broken)
        finally:
            self.close()

    def observe(self, trial: Trial, calls: Sequence[str], limits: Limits, seed: int = 0) -> list[Seen]:
        """What each call comes to. Raises SandboxError where nothing can be started."""
        try:
            return observe(lambda: self._session(trial, limits), trial, calls, limits, seed)
        finally:
            self.close()

    def close(self) -> None:
        while self._sessions:
            self._sessions.pop().close()

    def _session(self, trial: Trial, limits: Limits) -> Held:
        self.close()
        with tempfile.TemporaryDirectory(prefix="evolve-") as folder:
            for path, text in trial.files.items():
                if strays(path):  # this is written outside of the tier; verify says that it is no file of an answer
                    continue
                target = Path(folder) / path
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_text(text, encoding="utf-8", errors="replace")
            for name in (*BENCH, "serve.py"):
                shutil.copy(GUEST / name, folder)
            command = [interpreter(), "-I", "-X", "utf8", "serve.py", str(REPLY_FD), *self._packages]
            self._sessions.append(Held(self._tier.start(command, Path(folder), limits, reply_fd=True)))
        return self._sessions[-1]


class Held:
    """One trial's interpreter, in a process."""

    def __init__(self, running: Running) -> None:
        self._running = running

    def ask(self, request: str, seconds: float) -> str:
        self._running.write(request.encode() + b"\n")
        line = self._running.read_line(time.monotonic() + seconds)
        if line is None:
            raise Stopped(self._why())
        return line.decode("utf-8", "replace")

    def close(self) -> None:
        self._running.stop()

    def _why(self) -> str:
        ended = self._running.stop()
        if ended.limit is None:
            left = f"exit code {ended.code}" if ended.code is not None else f"signal {ended.signal}"
            return f"it left the interpreter with {left}"
        said = {"time": SLOW, "stopped": SLOW, "output": "it printed more than the limit"}
        return said.get(ended.limit, f"it used more {ended.limit} than it may")
