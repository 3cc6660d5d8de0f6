"""What verbs that run something share: signals and, for a dry run, its teacher."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evolve.cli.app import STOPPED
from evolve.errors import ConfigError, EvolveError

if TYPE_CHECKING:
    from evolve.config import Config
    from evolve.plan import Plan


@contextlib.contextmanager
def served(plan: Plan, *, dry_run: bool) -> Iterator[Plan]:
    """The plan with its teacher up: in a dry run the offline one, for as long as this lasts."""
    with _offline_teacher(plan.config) if dry_run else contextlib.nullcontext(None) as base_url:
        yield _at(plan, base_url)


def _at(plan: Plan, base_url: str | None) -> Plan:
    """The plan with its teacher at another address."""
    if base_url is None:
        return plan
    teacher = plan.config.teacher.model_copy(update={"base_url": base_url})
    return replace(plan, config=plan.config.model_copy(update={"teacher": teacher}))


@contextlib.contextmanager
def _offline_teacher(config: Config) -> Iterator[str]:
    """The base URL of an offline teacher in a process of its own, which ends with this one."""
    if config.teacher.base_url is not None:
        raise ConfigError("teacher.base_url: a dry run brings its own teacher; leave out one of the two")
    command = [sys.executable, "-m", "evolve", "teacher", "--port", "0", "--until-eof"]
    if config.seeds and Path(config.seeds).exists():
        command += ["--seeds", config.seeds]
    if config.limit is not None:
        command += ["--limit", str(config.limit)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    with process:
        try:
            line = process.stdout.readline() if process.stdout else b""
            if not line:
                raise EvolveError("the offline teacher did not start; try `evolve teacher` to see why")
            yield f"http://127.0.0.1:{json.loads(line)['port']}/v1"
        finally:
            process.terminate()


def stop_on_signals(stop: asyncio.Event) -> None:
    """The first Ctrl-C or TERM lets calls under way come home for a moment; the second ends at once."""
    loop = asyncio.get_running_loop()

    def react() -> None:
        if stop.is_set():
            sys.exit(STOPPED)
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, react)
