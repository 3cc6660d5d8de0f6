"""One evolution and one answer for each seed, by evolve, distilabel and curator, against the same offline teacher.

    python benchmarks/peers.py --venvs FOLDER [--seeds 500] [--in-flight 64 0] [--times 3] [--kill-at 0.5]

The peers' scripts are in peers/, as one would write them after each one's documentation; their environments are made in
FOLDER where they are missing (1.5 GB from the package index) and must not lie in this repository. The teacher sleeps
--latency seconds for each call, in a process of its own, a new one for each run. --in-flight bounds the calls at a time
where it is not 0; 0 is as many as each offers: all seeds at once.

`wall` is the command from start to end, Python and Ray included; `asking` from the first call to the end of the last;
`cpu` processor seconds of the command and all that it started, looked at ten times a second; `peak MB` their memory
together, a page that n share as 1/n, looked at twice a second; `at once` the most calls that the teacher had; `rows`
what was written; `load` the machine's before the start. Medians of --times runs, in turn.

Then, under a bound, each is ended with kill -9, all its processes, when the teacher has counted --kill-at of the calls,
and the same command is typed again: `repeated` is what the teacher answered in both starts less the calls of a run in
peace, beside what was in flight just before the kill. Without a bound, most of what was asked is in flight.

evolve does more than the peers: checks of text, the search for duplicates, and a ledger that is on disk before anything
is decided (`--no-exec`, no judge, nothing derived). The peers send the prompt in peers/prompt.txt, evolve its own. No
code that a model wrote is executed. It does not show more than one machine; teacher and all ways share its cores.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import os
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from statistics import median

import pyarrow.dataset
from endpoint import EVOLVE, Endpoint, offline_teacher, sets
from family import Toll, family
from throughput import write_seeds

PEERS = Path(__file__).with_name("peers")
EXECUTORS = ("inline", "ray")
LOOK_S = 0.1
IDLE_S, BUSY_S = 20.0, 0.5
"""A start that has no call in flight and takes no more than half a second of processor in twenty has hung."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One start of a command, seen from outside."""

    wall_s: float
    asking_s: float
    processor_s: float
    peak_mb: float
    answered: int
    """Calls that the teacher has answered since it began."""
    in_flight: int
    """When the command was killed; 0 where it ended by itself."""
    at_once: int
    ended: bool


def watch(command: list[str], endpoint: Endpoint, env: dict[str, str], log: Path, kill_at: float = math.inf) -> Seen:
    """Run the command to its end; kill all its processes once the teacher counted `kill_at` calls, or when it hangs."""
    began, first, last, peak, in_flight = time.monotonic(), None, 0.0, 0, 0
    busy_s = busy_at = 0.0
    with log.open("ab") as file, subprocess.Popen(command, stdout=file, stderr=file, env=env) as process:
        toll = Toll(process.pid)
        for look in count():
            ended = process.poll() is not None
            stats, now = endpoint.stats(), time.monotonic() - began
            peak = max(peak, toll.look(memory=look % 5 == 0))
            if stats["in_flight"]:
                first, last = now if first is None else first, now
            if stats["in_flight"] or toll.processor_s > busy_s + BUSY_S:
                busy_s, busy_at = toll.processor_s, now
            if ended:
                break
            if stats["requests"] >= kill_at or now - busy_at > IDLE_S:
                in_flight = stats["in_flight"]
                kill(process.pid)
                break
            time.sleep(LOOK_S)
    if ended and process.returncode:
        raise SystemExit(f"it ended with {process.returncode}: {' '.join(command)}\n{log.read_text()[-3000:]}")
    while (stats := endpoint.stats())["in_flight"]:
        time.sleep(LOOK_S)
    asking, answered = last - (first or 0.0), sum(stats["by_role"].values())
    return Seen(now, asking, toll.processor_s, peak / 1e6, answered, in_flight, stats["peak_in_flight"], ended)


def kill(pid: int) -> None:
    """End a process and all that descend from it with SIGKILL."""
    for one in list(family(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.kill(one, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Way:
    """How one of them is started."""

    name: str
    venvs: Path
    seeds: Path
    rows: int

    def command(self, endpoint: Endpoint, out: Path, in_flight: int) -> list[str]:
        if self.name not in EXECUTORS:
            python, script = self.venvs / self.name / "bin" / "python", PEERS / f"{self.name}_run.py"
            bound = ["--in-flight", str(in_flight)] if in_flight else []
            return [str(python), str(script), endpoint.base_url, str(self.seeds), str(out), *bound]
        given = [f"teacher.in_flight={in_flight or self.rows}", f"seeds={self.seeds}", "rounds=1", "derive.kinds=[]"]
        settings = sets([*endpoint.settings, *given])
        return [*EVOLVE, "run", "--executor", self.name, "--no-exec", "--out", str(out), "--json", *settings]

    def environment(self, folder: Path) -> dict[str, str]:
        """Nothing is asked of anybody but the teacher, and what they keep for themselves lies in the folder."""
        if self.name in EXECUTORS:
            return dict(os.environ)
        site = next((self.venvs / self.name / "lib").glob("python*/site-packages"))
        return os.environ | {
            "HOME": str(folder),
            "HF_HUB_OFFLINE": "1",
            "NO_PROXY": "127.0.0.1",
            "OPENAI_API_KEY": "none",
            "TELEMETRY_ENABLED": "0",
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
            "TIKTOKEN_CACHE_DIR": str(site / "litellm" / "litellm_core_utils" / "tokenizers"),
        }

    def written(self, out: Path) -> int:
        """Rows, without the seeds' own."""
        if self.name not in EXECUTORS:
            return sum(1 for _ in (out / "rows.jsonl").open(encoding="utf-8"))
        files = [str(file) for file in (out / "data").glob("train-*.parquet")]
        return int(pyarrow.dataset.dataset(files).count_rows(filter=pyarrow.dataset.field("round") > 0))


def install(name: str, venvs: Path) -> None:
    """An environment with exactly the versions of its list, unless it is there."""
    wanted, stamp = PEERS / f"requirements-{name}.txt", venvs / name / "requirements.txt"
    if stamp.is_file() and stamp.read_text() == wanted.read_text():
        return
    print(f"installing {name} into {venvs / name}, once", flush=True)
    subprocess.run([sys.executable, "-m", "venv", "--clear", venvs / name], check=True)
    python = venvs / name / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", "-r", wanted], check=True)
    stamp.write_text(wanted.read_text())


def in_peace(way: Way, in_flight: int, args: argparse.Namespace) -> Seen:
    with tempfile.TemporaryDirectory() as folder, teacher(args) as endpoint:
        out, env = Path(folder) / "out", way.environment(Path(folder))
        command = way.command(endpoint, out, in_flight)
        load = os.getloadavg()[0]
        seen = watch(command, endpoint, env, Path(folder) / "log")
        if not seen.ended:
            raise SystemExit(f"{way.name} has hung")
        print(f"{way.name:11} {seen.wall_s:7.1f} {seen.asking_s:7.1f} {seen.processor_s:6.1f}", end=" ")
        print(f"{seen.peak_mb:8.0f} {seen.answered:6} {seen.at_once:8} {way.written(out):5} {load:5.1f}", flush=True)
        return seen


def killed(way: Way, in_flight: int, share: float, calls: int, args: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder, teacher(args) as endpoint:
        out, env, log = Path(folder) / "out", way.environment(Path(folder)), Path(folder) / "log"
        command = way.command(endpoint, out, in_flight)
        first = watch(command, endpoint, env, log, share * calls)
        if first.ended:
            raise SystemExit(f"{way.name} ended before it was killed")
        again = watch(command, endpoint, env, log)
        print(f"{way.name:11} {share:4} {first.answered:8} {first.in_flight:9}", end=" ")
        if again.ended:
            print(f"{again.answered - calls:8}  {way.written(out)} rows in {again.wall_s:.1f} s", flush=True)
        else:
            print(f"       -  hung after {again.answered - first.answered} calls", flush=True)


def teacher(args: argparse.Namespace) -> contextlib.AbstractContextManager[Endpoint]:
    return offline_teacher("--latency", str(args.latency), "--faults", "0")


def compare(ways: list[Way], in_flight: int, args: argparse.Namespace) -> None:
    """All ways with one bound: each run, medians with their ratios to the first way, and what a kill costs."""
    print(f"\nin flight: {in_flight or 'as many as each offers'}")
    print("way            wall  asking    cpu  peak MB  calls  at once  rows  load")
    runs: dict[str, list[Seen]] = {way.name: [] for way in ways}
    for _ in range(args.times):
        for way in ways:
            runs[way.name].append(in_peace(way, in_flight, args))
    print(f"medians of {args.times}, and as multiples of {ways[0].name}")
    fields = ("wall_s", "asking_s", "processor_s", "peak_mb")
    middles = {name: [median(getattr(seen, field) for seen in some) for field in fields] for name, some in runs.items()}
    for name, middle in middles.items():
        ratios = [mine / base for mine, base in zip(middle, middles[ways[0].name], strict=True)]
        print(f"{name:11} " + "  ".join(f"{m:7.1f} ({r:4.2f})" for m, r in zip(middle, ratios, strict=True)))
    if in_flight and args.kill_at:
        print("killed      share answered in flight repeated  started again")
    for way in ways if in_flight else ():
        for share in args.kill_at:
            killed(way, in_flight, share, runs[way.name][0].answered, args)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venvs", type=Path, required=True, help="a folder for the peers' environments")
    parser.add_argument("--seeds", type=int, default=500)
    parser.add_argument("--latency", type=float, default=0.5, help="seconds of a reply; default 0.5")
    parser.add_argument("--in-flight", type=int, nargs="*", default=[64, 0], help="default 64 0; 0: as each offers")
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--kill-at", type=float, nargs="*", default=[0.5], help="shares of the calls; default 0.5")
    parser.add_argument("--ways", nargs="*", default=["inline", "ray", "distilabel", "curator"])
    args = parser.parse_args()
    venvs = args.venvs.resolve()
    if venvs.is_relative_to(PEERS.parents[1]):
        parser.error("--venvs: a folder outside of this repository")
    for name in args.ways:
        if name not in EXECUTORS:
            install(name, venvs)
    with tempfile.TemporaryDirectory() as folder:
        seeds = Path(folder) / "seeds.jsonl"
        write_seeds(seeds, args.seeds)
        for in_flight in args.in_flight:
            compare([Way(name, venvs, seeds, args.seeds) for name in args.ways], in_flight, args)


if __name__ == "__main__":
    main()
