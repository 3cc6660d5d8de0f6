"""How near a run comes to the ideal of its endpoint, beside a plain asynchronous loop (loop.py) over the same calls.

    python benchmarks/throughput.py [--seeds 320] [--latency 0.5] [--in-flight 64]

Each seed is evolved once and the evolution answered once, against an offline teacher in a process of its own. Ideal:
the sum of the latencies that the teacher drew for these very calls (the same ones for every way: column `same`), over
the calls in flight. `simulated` is the loop if nothing but the latencies cost time: what pairs of calls and the last
stragglers leave of the ideal. 320 seeds of two calls are ten full waves of 64.

All ways are processes watched from the teacher, every 50 ms: `first-last` runs from the first call to the end of the
last, with all that is loaded meanwhile; `middle` is the ratio over the half of the calls in between; `log` is start to
finish in the run's log, dataset included; `command` includes the start of Python and Ray. `ms/call` is processor time
of the command and all that it started, Ray and imports included, for each call, and `teacher` the teacher's own. It
does not show several rounds or more than one machine, and the teacher takes its share of the same cores.
"""

from __future__ import annotations

import argparse
import heapq
import json
import sqlite3
import subprocess
import sys
import tempfile
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random

from endpoint import EVOLVE, Endpoint, offline_teacher, sets
from family import family, processor_s

Pairs = list[list[tuple[str, float]]]
"""Of each seed, its two calls: digest of the request, seconds that the teacher slept."""


WORDS = 11
"""Invented ones of an instruction."""


@dataclass(frozen=True, slots=True)
class Watched:
    first_to_last_s: float
    middle_s: float
    """In which the second and third quarter of the calls were begun."""
    command_s: float
    processor_s: float
    """Of the command and all that it started."""
    teacher_s: float
    """The teacher's own meanwhile."""
    stdout: str


def write_seeds(path: Path, count: int) -> None:
    """Distinct instructions with an answer each, so that round 0 calls nobody.

    Each is as near to some others as real seeds are: of 1,000 nine have a cosine of 0.5 or more, the least at which
    the duplicate check compares them; of 1,000 real ones nine as well.
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
    before = endpoint.stats()["requests"]
    began = time.monotonic()
    seen: list[tuple[float, int, int]] = []  # time, requests, in flight
    spent: dict[int, float] = {}
    teacher = processor_s(endpoint.pid) or 0.0
    with tempfile.TemporaryFile("w+") as out, subprocess.Popen(command, stdout=out) as process:
        while process.poll() is None:
            if time.monotonic() - began > timeout_s:
                process.terminate()
                raise SystemExit(f"stopped: it took more than {timeout_s:.0f} s: {' '.join(command)}")
            stats = endpoint.stats()
            spent |= {pid: s for pid in family(process.pid) if (s := processor_s(pid)) is not None}
            seen.append((time.monotonic(), stats["requests"] - before, stats["in_flight"]))
            time.sleep(0.05)
        command_s = time.monotonic() - began
        out.seek(0)
        stdout = out.read()
    if process.returncode:
        raise SystemExit(f"it ended with {process.returncode}: {' '.join(command)}")
    total = max(requests for _, requests, _ in seen)
    first, second, third = (next(t for t, n, _ in seen if n > share * total) for share in (0, 0.25, 0.75))
    last = max(t for t, _, in_flight in seen if in_flight)
    teacher = (processor_s(endpoint.pid) or 0.0) - teacher
    return Watched(last - first, third - second, command_s, sum(spent.values()), teacher, stdout)


def simulate(pairs: Pairs, in_flight: int) -> float:
    """Seconds that the loop would take over these latencies if nothing else took time."""
    free = [0.0] * in_flight
    waiting = [(0.0, number, seconds, answer) for number, ((_, seconds), (_, answer)) in enumerate(pairs)]
    while waiting:
        since, number, seconds, answer = heapq.heappop(waiting)
        end = max(since, free[0]) + seconds
        heapq.heapreplace(free, end)
        if answer:
            heapq.heappush(waiting, (end, number, answer, 0.0))
    return max(free)


def compare(sigma: float, args: argparse.Namespace, folder: Path) -> None:
    """One block of the table."""
    seeds = folder / "seeds.jsonl"
    write_seeds(seeds, args.seeds)
    with offline_teacher("--latency", str(args.latency), "--sigma", str(sigma), "--faults", "0") as endpoint:
        settings = sets([*endpoint.settings, f"teacher.in_flight={args.in_flight}", f"seeds={seeds}", "rounds=1"])
        beside = str(Path(__file__).with_name("loop.py"))
        shape = ["--latency", str(args.latency), "--sigma", str(sigma)]
        watched = watch([sys.executable, beside, *shape, *settings], endpoint, args.timeout)
        pairs: Pairs = json.loads(watched.stdout)
        known = {digest: seconds for pair in pairs for digest, seconds in pair}
        ideal = sum(known.values()) / args.in_flight
        simulated = simulate(pairs, args.in_flight)
        print(f"{sigma:5} {'simulated':13} {len(known):5} {len(known):5} {ideal:6.2f} {simulated:10.2f}", end=" ")
        print(f"{ideal / simulated:8.3f}")
        show(f"{sigma:5} loop", watched, ideal, [len(known)] * 2, "")
        for executor in ("inline", "ray"):
            out = folder / executor
            command = [*EVOLVE, "run", "--executor", executor, "--out", str(out), "--json", *settings]
            watched = watch(command, endpoint, args.timeout)
            log = [json.loads(line)["time"] for line in (out / "log.jsonl").read_text(encoding="utf-8").splitlines()]
            with closing(sqlite3.connect(out / "ledger.db")) as ledger:
                asked = [digest for (digest,) in ledger.execute("SELECT request FROM calls")]
            same = [known[digest] for digest in asked if digest in known]
            ideal = sum(same) / args.in_flight
            show(f"{sigma:5} evolve {executor}", watched, ideal, [len(asked), len(same)], f"{log[-1] - log[0]:.2f}")


def show(way: str, watched: Watched, ideal: float, calls: list[int], log: str) -> None:
    whole, middle = ideal / watched.first_to_last_s, ideal / 2 / watched.middle_s
    print(f"{way:19} {calls[0]:5} {calls[1]:5} {ideal:6.2f} {watched.first_to_last_s:10.2f}", end=" ")
    print(f"{whole:8.3f} {middle:6.3f} {log:>6} {watched.command_s:7.2f}", end=" ")
    print(f"{1000 * watched.processor_s / calls[0]:7.2f} {1000 * watched.teacher_s / calls[0]:7.2f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=320, help="pairs of calls; default 320")
    parser.add_argument("--latency", type=float, default=0.5, help="median seconds of a reply; default 0.5")
    parser.add_argument("--sigma", type=float, nargs="*", default=[0.0, 0.8], help="log-normal shapes; default 0 0.8")
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--timeout", type=float, default=300.0, help="seconds after which a way is given up")
    args = parser.parse_args()
    print("sigma way           calls  same  ideal first-last of ideal middle    log command ms/call teacher")
    for sigma in args.sigma:
        with tempfile.TemporaryDirectory() as folder:
            compare(sigma, args, Path(folder))


if __name__ == "__main__":
    main()
