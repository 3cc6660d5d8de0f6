"""How near a run comes to the ideal of its endpoint, beside a plain asynchronous loop (loop.py) that asks the same.

    python benchmarks/throughput.py [--seeds 640] [--rounds 1] [--latency 0.5] [--sigma 0 0.8] [--in-flight 64]
        [--ways loop inline ray] [--times 1] [--set KEY=VALUE]

Each seed is evolved and the evolution answered, round by round, against an offline teacher in a process of its own that
sleeps before it answers. Ideal: the seconds that it slept, over the calls in flight. Nothing is executed (`--no-exec`)
and nobody judges; the checks of text, the duplicate search, the answers and the ledger are all there.

All ways are processes watched from the teacher, ten times a second: `whole` is ideal over the time from the first call
to the end of the last, with all that is loaded meanwhile and with the last stragglers; `steady` is the same ratio
between the first fifth of the sleeping and the last; `log` is start to finish in the run's log, dataset included;
`command` includes the start of Python and Ray. `ms/call` is processor time of the command and all that it started, Ray
and imports included, for each call; `teacher` is the teacher's own and `load` the processors that were busy in all. The
loop makes one round alone. It does not show more than one machine, and the teacher takes its share of the same cores.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from endpoint import EVOLVE, Endpoint, offline_teacher, sets
from family import Toll, processor_s

WORDS = 30
"""Invented ones of an instruction."""


@dataclass(frozen=True, slots=True)
class Watched:
    calls: int
    slept_s: float
    first_to_last_s: float
    steady: float
    """Calls that slept at a time, on average, between the first fifth of the sleeping and the last."""
    command_s: float
    processor_s: float
    """Of the command and all that it started."""
    teacher_s: float
    """The teacher's own meanwhile."""


def write_seeds(path: Path, count: int) -> None:
    """Distinct instructions with an answer each, so that round 0 calls nobody.

    The evolutions of 640 are as near to each other as those of real ones: with so many words a child finds 3.5 earlier
    texts that it must be compared with; among 1,863 recorded pairs it is 10.7, of which 5.9 are looked at, and the
    number grows with the pairs. With few words all look alike, because the teacher's demands are few.
    """
    draw = Random(0)
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = ["".join(draw.choice(letters) for _ in range(draw.randint(4, 9))) for _ in range(2000)]
    with path.open("w", encoding="utf-8") as file:
        for number in range(count):
            name, body = f"{draw.choice(words)}_{number}", " ".join(draw.choice(words) for _ in range(WORDS))
            text = f"Write a Python function {name}(rows) that returns {body}."
            file.write(json.dumps({"instruction": text, "output": f"def {name}(rows): return rows"}) + "\n")


def watch(command: list[str], endpoint: Endpoint, timeout_s: float) -> Watched:
    """Run the command to its end, seen from the teacher."""
    before = endpoint.stats()
    began = time.monotonic()
    seen: list[tuple[float, int, float]] = []  # time, requests, seconds slept
    last = began
    teacher = processor_s(endpoint.pid) or 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
        toll = Toll(process.pid)
        while process.poll() is None:
            if time.monotonic() - began > timeout_s:
                process.terminate()
                raise SystemExit(f"stopped: it took more than {timeout_s:.0f} s: {' '.join(command)}")
            stats, now = endpoint.stats(), time.monotonic()
            toll.look(memory=False)
            seen.append((now, stats["requests"] - before["requests"], stats["slept_s"] - before["slept_s"]))
            last = now if stats["in_flight"] else last
            time.sleep(0.1)
        command_s = time.monotonic() - began
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}: {' '.join(command)}")
    _, calls, slept = seen[-1]
    first = next(t for t, requests, _ in seen if requests)
    start, end = (next(s for s in seen if s[2] >= share * slept) for share in (0.2, 0.8))
    steady = (end[2] - start[2]) / (end[0] - start[0])
    teacher = (processor_s(endpoint.pid) or 0.0) - teacher
    return Watched(calls, slept, last - first, steady, command_s, toll.processor_s, teacher)


def compare(sigma: float, args: argparse.Namespace, folder: Path) -> None:
    """One block of the table."""
    seeds = folder / "seeds.jsonl"
    write_seeds(seeds, args.seeds)
    given = [f"teacher.in_flight={args.in_flight}", f"seeds={seeds}", f"rounds={args.rounds}", "derive.kinds=[]"]
    with offline_teacher("--latency", str(args.latency), "--sigma", str(sigma), "--faults", "0") as endpoint:
        settings = sets([*endpoint.settings, *given, *args.set])
        for way in args.ways:
            out = folder / way
            command = [*EVOLVE, "run", "--executor", way, "--no-exec", "--out", str(out), "--json", *settings]
            beside = [sys.executable, str(Path(__file__).with_name("loop.py")), *settings]
            watched = watch(beside if way == "loop" else command, endpoint, args.timeout)
            show(f"{sigma:5} {way:7}", watched, args.in_flight, log_s(out))


def log_s(run: Path) -> str:
    """Seconds between the first line of the run's log and the last."""
    try:
        lines = (run / "log.jsonl").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return ""
    return f"{json.loads(lines[-1])['time'] - json.loads(lines[0])['time']:.2f}"


def show(way: str, watched: Watched, in_flight: int, log: str) -> None:
    ideal = watched.slept_s / in_flight
    print(f"{way} {watched.calls:6} {ideal:7.2f} {watched.first_to_last_s:10.2f}", end=" ")
    print(f"{ideal / watched.first_to_last_s:6.3f} {watched.steady / in_flight:6.3f} {log:>7}", end=" ")
    print(f"{watched.command_s:7.2f} {1000 * watched.processor_s / watched.calls:7.2f}", end=" ")
    load = (watched.processor_s + watched.teacher_s) / watched.command_s
    print(f"{1000 * watched.teacher_s / watched.calls:7.2f} {load:5.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=640)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--latency", type=float, default=0.5, help="median seconds of a reply; default 0.5")
    parser.add_argument("--sigma", type=float, nargs="*", default=[0.0, 0.8], help="log-normal shapes; default 0 0.8")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--ways", nargs="*", default=["loop", "inline", "ray"], help="loop, or an executor of a run")
    parser.add_argument("--times", type=int, default=1, help="blocks of each shape")
    parser.add_argument("--set", action="append", default=[], metavar="KEY=VALUE", help="as for `evolve run`")
    parser.add_argument("--timeout", type=float, default=900.0, help="seconds after which a way is given up")
    args = parser.parse_args()
    print("sigma way      calls   ideal first-last  whole steady     log command ms/call teacher  load")
    for sigma in args.sigma * args.times:
        with tempfile.TemporaryDirectory() as folder:
            compare(sigma, args, Path(folder))


if __name__ == "__main__":
    main()
