"""Is a limit that nobody told found, and used? A run against an endpoint with so many slots, or requests a minute.

    python benchmarks/limits.py [--seeds 3000] [--latency 0.5] [--sigma 0.3] [--slots 24] [--rpm 3000]

The offline teacher, in a process of its own, answers 429 without a wish to whatever is beyond its limit, and says
nothing of it beforehand. `used` is what was answered, over what the limit allows in the time from the tenth of the
calls to the ninth tenth: by then the run has begun and has not run out of things to ask. `away` is the share of all
tries that were turned away, `first` that of the first tenth of them, when nothing was known. Inline, without Ray.
"""

from __future__ import annotations

import argparse
import math
import subprocess
import tempfile
import time
from pathlib import Path

from endpoint import EVOLVE, offline_teacher, sets
from throughput import write_seeds


def run(args: argparse.Namespace, limit: list[str], a_second: float) -> None:
    with tempfile.TemporaryDirectory() as name:
        seeds, seen = Path(name) / "seeds.jsonl", list[tuple[float, int, int]]()
        write_seeds(seeds, args.seeds)
        shape = ("--latency", str(args.latency), "--sigma", str(args.sigma), "--faults", "0")
        with offline_teacher(*shape, *limit) as endpoint:
            settings = sets([*endpoint.settings, f"seeds={seeds}", "rounds=1", "derive.kinds=[]"])
            command = [*EVOLVE, "run", "--executor", "inline", "--no-exec", "--json", "--out", f"{name}/run", *settings]
            with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
                while process.poll() is None:
                    stats = endpoint.stats()
                    away = stats["faults"].get("limit", 0)
                    seen.append((time.monotonic(), stats["requests"] - away - stats["in_flight"], away))
                    time.sleep(0.1)
            if process.returncode:
                raise SystemExit(f"it ended with {process.returncode}")
    answered, away = seen[-1][1], seen[-1][2]
    begin, end = (next(s for s in seen if s[1] >= share * answered) for share in (0.1, 0.9))
    used = (end[1] - begin[1]) / (end[0] - begin[0]) / a_second
    print(f"{' '.join(limit):14} {answered:7} {seen[-1][0] - seen[0][0]:8.1f} {used:6.3f}", end=" ")
    print(f"{away / (answered + away):7.4f} {begin[2] / max(1, begin[1] + begin[2]):7.4f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3000, help="pairs of calls; default 3000")
    parser.add_argument("--latency", type=float, default=0.5)
    parser.add_argument("--sigma", type=float, default=0.3)
    parser.add_argument("--slots", type=int, nargs="*", default=[24])
    parser.add_argument("--rpm", type=int, nargs="*", default=[3000])
    args = parser.parse_args()
    print("limit          answered  seconds   used    away   first")
    mean_s = args.latency * math.exp(args.sigma**2 / 2)
    for slots in args.slots:
        run(args, ["--slots", str(slots)], slots / mean_s)
    for rpm in args.rpm:
        run(args, ["--rpm", str(rpm)], rpm / 60)


if __name__ == "__main__":
    main()
