"""What a newcomer waits for: a dry run's first words, its first accepted evolution, its end.

    python benchmarks/dry_run.py [--repeats 1]

`evolve run --dry-run` over the bundled seeds, in a new folder, once under a pseudo-terminal and once with --json, which
tells when the first evolution was accepted (counted from when the program has loaded, not from the Enter key; `imports`
bounds the difference). `ratio` is to the time that importing ray and sentence-transformers takes by itself, measured
first. It does not show an installation, a model's download, or a first start whose files are not in memory yet.
"""

from __future__ import annotations

import argparse
import json
import os
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endpoint import EVOLVE

CONTROL = re.compile(rb"\x1b\[[0-9;?]*[A-Za-z]|\s")


@dataclass(frozen=True, slots=True)
class Seen:
    first_words_s: float
    """Until something could be read on the terminal, control sequences not counted."""
    total_s: float
    code: int


def on_terminal(command: list[str], folder: str, timeout_s: float) -> Seen:
    """Run the command under a pseudo-terminal of 120 columns."""
    master, slave = pty.openpty()
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "120"}
    first, began = 0.0, time.monotonic()
    with subprocess.Popen(command, stdin=slave, stdout=slave, stderr=slave, cwd=folder, env=environment) as process:
        os.close(slave)
        while time.monotonic() - began < timeout_s:
            if not select.select([master], [], [], 1.0)[0]:
                continue
            try:
                said = os.read(master, 65536)
            except OSError:  # the last one has closed it
                break
            if not first and CONTROL.sub(b"", said):
                first = time.monotonic() - began
        else:
            process.terminate()
            raise SystemExit(f"stopped: it took more than {timeout_s:.0f} s")
        code = process.wait(timeout_s)
    os.close(master)
    return Seen(first, time.monotonic() - began, code)


def as_json(command: list[str], folder: str, timeout_s: float) -> tuple[dict[str, Any], float]:
    """The command's result and its seconds."""
    began = time.monotonic()
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=timeout_s, check=True)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found, time.monotonic() - began


def imports() -> float:
    """Seconds that the two heavy packages take."""
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "import ray, sentence_transformers"], check=True, timeout=300)
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=1, help="tables to print; default 1")
    parser.add_argument("--executor", choices=("ray", "inline"), default="ray")
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which a run is given up")
    args = parser.parse_args()
    command = [*EVOLVE, "run", "--dry-run", "--executor", args.executor]
    for _ in range(args.repeats):
        base = imports()
        with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as two:
            seen = on_terminal(command, one, args.timeout)
            result, json_s = as_json([*command, "--json"], two, args.timeout)
            data = sum(path.stat().st_size for path in Path(two).rglob("*.parquet"))
        if seen.code or not result["finished"]:
            raise SystemExit(f"the run did not finish: exit code {seen.code}, {result['stopped']}")
        rows = {
            "imports": base,
            "first words on the terminal": seen.first_words_s,
            "first accepted evolution": result["first_accepted_s"],
            "the run, without start-up": result["seconds"],
            "whole command, terminal": seen.total_s,
            "whole command, --json": json_s,
        }
        print(f"{'':30} {'seconds':>8} {'ratio':>7}")
        for name, seconds in rows.items():
            print(f"{name:30} {seconds:8.2f} {seconds / base:7.2f}")
        counts = ", ".join(f"{result[name]} {name}" for name in ("attempts", "accepted", "rejected", "failed"))
        print(f"{result['seeds']} seeds, {counts}; {data / 1e6:.1f} MB of Parquet", flush=True)


if __name__ == "__main__":
    main()
