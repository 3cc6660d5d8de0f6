"""How far off `evolve estimate` is: what it says without a probe and with one, beside what the run then comes to.

    python benchmarks/estimate.py [--probe 20] [--limit N] [--corpus FOLDER]

Over the bundled seeds against the offline teacher (judge and tester with it), or over a corpus's recorded replies of a
real model, one round without a judge. Tokens are as the endpoint counts them; money is at 1 USD a million sent and 4
received, for all roles. It does not show how a real judge, tester or a reasoning model behaves.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from endpoint import EVOLVE, offline_teacher, sets

ROLES = ("evolver", "responder", "judge", "tester")


def told(*arguments: str) -> dict[str, Any]:
    """What the command prints for machines."""
    ended = subprocess.run([*EVOLVE, *arguments, "--json"], capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(ended.stderr)
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


@contextlib.contextmanager
def offline(limit: int | None) -> Iterator[list[str]]:
    """Options for a run over the bundled seeds."""
    from evolve.seeds import bundled

    with offline_teacher() as teacher:
        models = [f"teacher.{role}.model=offline-{role}" for role in ROLES]
        few = [] if limit is None else ["--limit", str(limit)]
        yield ["--seeds", str(bundled()), *few, *sets([f"teacher.base_url={teacher.base_url}", *models])]


@contextlib.contextmanager
def recorded(corpus: Path, limit: int | None) -> Iterator[list[str]]:
    """Options for a run over the recorded replies."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    data = corpus / "data"
    command = [sys.executable, str(corpus / "tools" / "replay_teacher.py"), "--port", port]
    command += ["--data", str(data / "recorded_round1.json")]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        time.sleep(2)
        models = [f"teacher.{role}.model=offline-{role}" for role in ROLES[:2]]
        few = [] if limit is None else ["--limit", str(limit)]
        address = f"teacher.base_url=http://127.0.0.1:{port}/v1"
        yield ["--seeds", str(data / "code_alpaca_2k.json"), "--rounds", "1", *few, *sets([address, *models])]
        process.terminate()


def show(name: str, estimate: dict[str, Any], actual: dict[str, float]) -> None:
    print(f"{name:28} {'low':>12} {'high':>12} {'actual':>12} {'low/actual':>10} {'high/actual':>11}")
    for figure, (low, high) in ((figure, estimate[figure]) for figure in actual):
        one = actual[figure]
        print(f"  {figure:26} {low:12,.2f} {high:12,.2f} {one:12,.2f} {low / one:10.2f} {high / one:11.2f}")


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--probe", type=int, default=20)
    parser.add_argument("--limit", type=int)
    parser.add_argument("--corpus", type=Path)
    args = parser.parse_args(arguments)
    prices = ", ".join(f"offline-{role}: {{input: 1, output: 4}}" for role in ROLES)
    serving = offline(args.limit) if args.corpus is None else recorded(args.corpus, args.limit)
    with serving as options, tempfile.TemporaryDirectory() as folder:
        options += ["--executor", "inline", "--out", str(Path(folder) / "run"), *sets([f"prices={{{prices}}}"])]
        before = told("estimate", *options)
        probed = told("estimate", *options, "--probe", str(args.probe))
        roles = probed["paid"].values()
        run = told("run", *options)["roles"].values()
    actual = {
        "calls": sum(used["calls"] for used in run),
        "sent": sum(used["prompt_tokens"] for used in run),
        "received": sum(used["completion_tokens"] for used in run),
        "usd": sum(used["usd"] for used in run),
    }
    show("from lengths", before, actual)
    show(f"from a probe of {args.probe} seeds", probed, actual)
    calls, usd = sum(used["calls"] for used in roles), sum(used["usd"] for used in roles)
    print(f"the probe made {calls} calls for ${usd:.3f}, which the run found")


if __name__ == "__main__":
    main()
