"""What tests of several modules share: a teacher on loopback, runs in a process of their own, the recorded corpus."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from evolve.config import VerifierConfig, cache_folder, corpus_folder
from evolve.verifier import Verifier
from tests.virtual import Loop

os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"  # before ray is imported: what it starts stays on loopback

settings.register_profile("untimed", deadline=None)  # no test is timed: machines are as busy as they are
settings.load_profile("untimed")

Ended = subprocess.CompletedProcess[str]


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Tests that are marked `virtual` have a clock that needs no waiting."""
    del config
    return {"loop": Loop if item.get_closest_marker("virtual") else asyncio.new_event_loop}


@dataclass(frozen=True)
class Teacher:
    """An offline teacher in a process of its own."""

    base_url: str

    def stats(self) -> dict[str, Any]:
        root = self.base_url.removesuffix("/v1")
        with urllib.request.urlopen(f"{root}/stats", timeout=10) as reply:
            found: dict[str, Any] = json.load(reply)
        return found

    @property
    def settings(self) -> list[str]:
        """The --set values that point a run at it."""
        models = [f"teacher.{role}.model=offline-{role}" for role in ("evolver", "responder", "judge")]
        return [f"teacher.base_url={self.base_url}", "eliminator.embedder=builtin", *models]


StartTeacher = Callable[..., Teacher]


@contextlib.contextmanager
def offline_teacher(*options: str) -> Iterator[Teacher]:
    """An offline teacher with the given options of `evolve teacher`, on a free port."""
    command = [sys.executable, "-m", "evolve", "teacher", "--port", "0", "--until-eof", *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        yield Teacher(f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}/v1")
        process.terminate()


def evolve(*arguments: object, cwd: Path | None = None, env: dict[str, str] | None = None) -> Ended:
    """Runs the command `evolve` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "evolve", *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=300,
        check=False,
    )


@pytest.fixture
def start_teacher() -> Iterator[StartTeacher]:
    """Starts offline teachers, which end with the test."""
    with contextlib.ExitStack() as stack:
        yield lambda *options: stack.enter_context(offline_teacher(*options))


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    """Runs Python in the first tier."""
    made = Verifier(VerifierConfig(tier="wasm", seconds=5), cache_folder())
    yield made
    made.close()


@pytest.fixture
def corpus() -> Path:
    """The folder with the recorded replies and seeds of a real model."""
    folder = corpus_folder()
    if folder is None or not (folder / "data" / "recorded_round1.json").is_file():
        pytest.skip("set EVOLVE_CORPUS to the folder that holds data/recorded_round1.json")
    return folder
