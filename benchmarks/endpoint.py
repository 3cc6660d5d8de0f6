"""What the benchmarks share: an offline teacher in a process of its own, and the command `evolve`. Measures nothing."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

EVOLVE = (sys.executable, "-m", "evolve")
MODELS = ("evolver", "responder")


@dataclass(frozen=True, slots=True)
class Endpoint:
    base_url: str
    pid: int

    def stats(self) -> dict[str, Any]:
        """The teacher's counters."""
        with urllib.request.urlopen(f"{self.base_url.removesuffix('/v1')}/stats", timeout=30) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    @property
    def settings(self) -> list[str]:
        """Values for --set that point a run at it; no judge, no download."""
        models = [f"teacher.{role}.model=offline-{role}" for role in MODELS]
        return [f"teacher.base_url={self.base_url}", "eliminator.embedder=builtin", *models]


@contextlib.contextmanager
def offline_teacher(*options: str) -> Iterator[Endpoint]:
    """An offline teacher with these options of `evolve teacher`, on a free port of loopback."""
    command = [*EVOLVE, "teacher", "--port", "0", "--until-eof", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        line = process.stdout.readline() if process.stdout else b""
        if not line:
            raise SystemExit("the offline teacher did not start; try `evolve teacher`")
        try:
            yield Endpoint(f"http://127.0.0.1:{json.loads(line)['port']}/v1", process.pid)
        finally:
            process.terminate()


def sets(settings: list[str]) -> list[str]:
    """The settings as arguments of the command."""
    return [word for setting in settings for word in ("--set", setting)]
