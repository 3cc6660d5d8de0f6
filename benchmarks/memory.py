"""Peak memory of the driver over a seed file of a million lines: a run of the first thousand, and a check of them all.

    python benchmarks/memory.py [--lines 1000000] [--limit 1000] [--bound-mb 1500]

Resident memory as the kernel counts it: the process's own high-water mark (VmHWM), read every 20 ms, so that neither
Ray's processes nor the teacher's are in it. `of bound` is the peak over --bound-mb; the exit code is 1 if one is over.
One line is about 120 bytes. `check` reads every line into seeds and calls nobody; the runs stop reading at the limit.
It does not show the memory of Ray's actors (each eliminator holds its embedder) or of a run of a million seeds.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import tempfile
import time
from pathlib import Path

from endpoint import EVOLVE, offline_teacher, sets


def write_seeds(path: Path, lines: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for number in range(lines):
            text = f"Write a Python function f{number}(x) that returns the {number % 997}th digit of x times {number}."
            file.write(json.dumps({"instruction": f"{text:100}", "kind": ""}) + "\n")


def measure(command: list[str], timeout_s: float) -> tuple[float, float]:
    """(peak in MB, seconds) of the command's own process; gives up after `timeout_s`."""
    peak, began = 0.0, time.monotonic()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        status = Path(f"/proc/{process.pid}/status")
        while process.poll() is None:
            if time.monotonic() - began > timeout_s:
                process.terminate()
                raise SystemExit(f"stopped: it took more than {timeout_s:.0f} s: {' '.join(command)}")
            found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text(encoding="ascii"))
            peak = max(peak, int(found[1]) / 1000 if found else 0.0)
            time.sleep(0.02)
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}: {' '.join(command)}")
    return peak, time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000_000, help="lines of the seed file; default a million")
    parser.add_argument("--limit", type=int, default=1000, help="seeds that the runs take; default 1000")
    parser.add_argument("--bound-mb", type=float, default=1500.0, help="what no peak may pass; default 1500")
    parser.add_argument("--timeout", type=float, default=400.0, help="seconds after which one command is given up")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary, offline_teacher("--faults", "0") as endpoint:
        folder = Path(temporary)
        seeds = folder / "seeds.jsonl"
        write_seeds(seeds, args.lines)
        given = ["--seeds", str(seeds), *sets(endpoint.settings)]
        limited = ["--rounds", "1", "--limit", str(args.limit), "--json"]
        ways = {
            f"run --limit {args.limit} --executor inline": [*given, *limited, "--executor", "inline"],
            f"run --limit {args.limit} --executor ray": [*given, *limited, "--executor", "ray"],
            f"check of {args.lines} lines": [*given, "--offline"],
        }
        print(f"{seeds.stat().st_size / args.lines:.0f} bytes a line, {seeds.stat().st_size / 1e6:.0f} MB in all")
        print(f"{'way':34} {'peak MB':>8} {'of bound':>9} {'seconds':>8}")
        peaks = []
        for number, (way, arguments) in enumerate(ways.items()):
            verb, out = way.split()[0], str(folder / str(number))
            peak, seconds = measure([*EVOLVE, verb, *arguments, "--out", out], args.timeout)
            peaks.append(peak)
            print(f"{way:34} {peak:8.0f} {peak / args.bound_mb:9.2f} {seconds:8.1f}", flush=True)
    raise SystemExit(int(max(peaks) > args.bound_mb))


if __name__ == "__main__":
    main()
