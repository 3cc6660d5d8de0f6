"""Does a run survive half an hour of everything that goes wrong? Nothing lost, nothing doubled, memory flat.

    python benchmarks/soak.py [--minutes 30] [--in-flight 256] [--latency 8] [--kill-s 60]

A run on Ray against an offline teacher in a process of its own, of whose answers 5 % are 429, 3 % 500, 2 % a reset
connection, 1 % garbage and 1 % nothing at all (a call that hangs). Every minute one of Ray's actor processes is
killed, chosen by chance. Then the same seeds run once more, calmly: no latency, no fault, no kill. What must hold: both
end with 0, the tables are the same bytes, no id stands twice, every attempt has one fate, and what the teacher answered
twice is no more than was in flight on those that were killed. Memory is proportional (PSS), of the command and all that
it started, every ten seconds: means of the second, third and last quarter. The exit code is 1 if something does not
hold.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import signal
import sqlite3
import statistics
import subprocess
import tempfile
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pyarrow.parquet as pq
from endpoint import EVOLVE, offline_teacher, sets
from family import Toll, family
from throughput import write_seeds

TROUBLE = {"429": 0.05, "500": 0.03, "reset": 0.02, "garbage": 0.01, "hang": 0.01}


def actors(pid: int) -> list[int]:
    """The run's actors among what this process started; Ray's own agents are none, and end their node with them."""
    found = []
    for one in family(pid):
        try:
            title = Path(f"/proc/{one}/cmdline").read_bytes()
        except OSError:
            continue
        if re.match(rb"ray::(Teacher|Eliminator|Verifier|Index)Actor\b", title):
            found.append(one)
    return found


def soak(command: list[str], kill_s: float) -> tuple[int, int, list[int]]:
    """(exit code, actors killed, bytes held at each look)."""
    draw, killed, held = Random(0), 0, list[int]()
    kill_at = time.monotonic() + kill_s
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        toll = Toll(process.pid)
        while process.poll() is None:
            time.sleep(10)
            held.append(toll.look())
            if time.monotonic() >= kill_at and (living := actors(process.pid)):
                os.kill(draw.choice(living), signal.SIGKILL)
                killed, kill_at = killed + 1, kill_at + kill_s
    return process.returncode, killed, held


def digests(run: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted((run / "data").iterdir())}


def broken(rough: Path, calm: Path, attempts: int) -> list[str]:
    """What does not hold of the two runs."""
    wrong = [] if digests(rough) == digests(calm) else ["the tables differ from the calm run's"]
    for table in (rough / "data").glob("train-*"):
        ids = pq.read_table(table, columns=["id"])["id"].to_pylist()
        wrong += [f"{len(ids) - len(set(ids))} ids stand twice"] if len(set(ids)) != len(ids) else []
    with closing(sqlite3.connect(rough / "ledger.db")) as ledger:
        fates = dict(ledger.execute("SELECT outcome, count(*) FROM fates WHERE round > 0 GROUP BY outcome"))
    print("fates of round 1 on", fates)
    return wrong + ([] if sum(fates.values()) == attempts else [f"{attempts} attempts, {sum(fates.values())} fates"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency", type=float, default=8.0, help="median seconds of a reply, log-normal, sigma 0.5")
    parser.add_argument("--kill-s", type=float, default=60.0, help="seconds from one kill to the next")
    args = parser.parse_args()
    seeds_count = int(args.minutes * 60 * args.in_flight / args.latency / 1.13 / 2)
    with tempfile.TemporaryDirectory() as name:
        seeds, rough, calm = (Path(name) / part for part in ("seeds.jsonl", "rough", "calm"))
        write_seeds(seeds, seeds_count)
        given = [f"teacher.in_flight={args.in_flight}", f"seeds={seeds}", "rounds=1", "derive.kinds=[]"]
        run = [*EVOLVE, "run", "--executor", "ray", "--no-exec", "--quiet", "--json"]
        rates = [word for name, rate in TROUBLE.items() for word in (f"--rate-{name}", str(rate))]
        shape = ["--latency", str(args.latency), "--sigma", "0.5", "--faults", "0"]
        began = time.monotonic()
        with offline_teacher(*shape, *rates) as endpoint:
            code, killed, held = soak([*run, "--out", str(rough), *sets([*endpoint.settings, *given])], args.kill_s)
            stats = endpoint.stats()
        print(f"{seeds_count} seeds, {(time.monotonic() - began) / 60:.1f} minutes, ended with {code},", end=" ")
        print(f"{killed} actors killed, load {os.getloadavg()[1]:.1f}")
        print(json.dumps({key: stats[key] for key in ("requests", "repeated", "peak_in_flight", "faults")}))
        quarters = [held[len(held) * q // 4 : len(held) * (q + 1) // 4] for q in range(1, 4)]
        print("MB in the second, third, last quarter:", *(f"{statistics.mean(q) / 1e6:.0f}" for q in quarters if q))
        with offline_teacher("--faults", "0") as endpoint:
            again = subprocess.run([*run, "--out", str(calm), *sets([*endpoint.settings, *given])], check=False)
        wrong = [f"ended with {ended}" for ended in (code, again.returncode) if ended]
        wrong += broken(rough, calm, seeds_count) if not wrong else []
        if stats["repeated"] > killed * args.in_flight:
            wrong.append(f"{stats['repeated']} answered twice, {killed} actors killed")
    for line in wrong:
        print("WRONG:", line)
    raise SystemExit(1 if wrong else 0)


if __name__ == "__main__":
    main()
