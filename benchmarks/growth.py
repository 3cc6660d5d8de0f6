"""Does a run of many seeds cost more for each? Time and memory for an item while a run grows, no latency at all.

    python benchmarks/growth.py [--seeds 1000 10000 100000] [--executor inline] [--set KEY=VALUE]

Each seed is evolved once and the evolution answered once, by an offline teacher in a process of its own that answers
at once. `ms/seed` is processor time of the command and all that it started over the seeds, start included; `first`,
`middle` and `last` are the same over the first, the third and the last fifth of the calls, without the start; `slope`
is last over first, 1 is flat. `MB` is the peak, proportional (PSS), of the command and all; `kB/seed` what it grew by
from a fifth of the calls to all of them, over the seeds meanwhile. Wall time says little here, where the teacher takes
its share of the same cores: `seeds/s`.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import tempfile
import time
from pathlib import Path

from endpoint import EVOLVE, offline_teacher, sets
from family import Toll
from throughput import write_seeds

CALLS = 2
"""For a seed: its evolution and the answer to it."""
LOOK_S = 0.5


def run(seeds: int, args: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as name, offline_teacher("--faults", "0") as endpoint:
        path = Path(name) / "seeds.jsonl"
        write_seeds(path, seeds)
        given = [f"teacher.in_flight={args.in_flight}", f"seeds={path}", "rounds=1", "derive.kinds=[]", *args.set]
        command = [*EVOLVE, "run", "--executor", args.executor, "--no-exec", "--quiet", "--json"]
        seen: list[tuple[int, float, int]] = []  # calls, processor seconds, bytes
        began = time.monotonic()
        with subprocess.Popen(
            [*command, "--out", f"{name}/run", *sets([*endpoint.settings, *given])], stdout=subprocess.DEVNULL
        ) as process:
            toll = Toll(process.pid)
            while process.poll() is None:
                held = toll.look()
                seen.append((endpoint.stats()["requests"], toll.processor_s, held))
                time.sleep(LOOK_S)
        if process.returncode:
            raise SystemExit(f"it ended with {process.returncode}")
    show(seeds, seen, time.monotonic() - began)


def show(seeds: int, seen: list[tuple[int, float, int]], seconds: float) -> None:
    total = seeds * CALLS
    at = [next(one for one in seen if one[0] >= share * total) for share in (0.01, 0.2, 0.4, 0.6, 0.8, 1.0)]
    rates = [
        CALLS * 1000 * (after[1] - before[1]) / max(1, after[0] - before[0])
        for before, after in (at[0:2], at[2:4], at[4:6])
    ]
    peak = max(held for _, _, held in seen)
    grown = (max(held for calls, _, held in seen if calls >= 0.9 * total) - at[1][2]) / (0.8 * seeds)
    print(f"{seeds:7} {seeds / seconds:8.1f} {1000 * seen[-1][1] / seeds:8.2f}", end=" ")
    print(*(f"{rate:7.2f}" for rate in rates), f"{rates[2] / rates[0]:6.2f}", end=" ")
    print(f"{peak / 1e6:7.0f} {grown / 1e3:8.2f} {os.getloadavg()[1]:5.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, nargs="*", default=[1000, 10_000, 100_000])
    parser.add_argument("--executor", default="inline")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as for `evolve run`")
    args = parser.parse_args()
    print("  seeds  seeds/s  ms/seed   first  middle    last  slope      MB  kB/seed  load")
    for seeds in args.seeds:
        run(seeds, args)


if __name__ == "__main__":
    main()
