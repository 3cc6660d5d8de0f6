"""What the whole of `evolve eliminate` costs without a judge: pairs a second and memory, embedding included.

    python benchmarks/eliminate.py --corpus FOLDER [--rows 100000] [--embedder builtin]

FOLDER (or EVOLVE_CORPUS) holds data/recorded_round1.json, a list of {seed, evolved, answer} from a real model. That is
fewer pairs than wanted, so they are repeated with seven words in ten drawn anew from the words of all: texts keep their
length and look, and no two repeat each other. The command runs in processes of its own, and /proc says what they took
(Linux); a second run with the duplicate check off shows what everything but embedding and search costs.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

from family import Toll

from evolve.config import corpus_folder


@dataclass(frozen=True, slots=True)
class Measured:
    wall_s: float
    processor_s: float
    """Of all processes, but for the last second."""
    peak: int
    """Bytes, of all processes together."""
    seen: list[tuple[int, float]]
    """(pairs, seconds) as the command said now and then."""

    def __str__(self) -> str:
        """With the rate in the first and last fifth of what was seen: it falls as the index grows."""
        rows = self.seen[-1][0] if self.seen else 0
        fifths = [[place for place in self.seen if low <= place[0] <= low + rows / 5] for low in (0, rows * 0.8)]
        rates = [f"{(some[-1][0] - some[0][0]) / (some[-1][1] - some[0][1]):.0f}" for some in fifths if len(some) > 1]
        return (
            f"{self.wall_s:.0f} s, {self.processor_s:.0f} s of processor, peak {self.peak / 2**20:.0f} MiB; "
            f"a second, in the first and last fifth: {' and '.join(rates) or 'too short to say'}"
        )


SWAPPED = 0.7
"""With 0.3 every pair has some fifty near ones (cosine over 0.5), each of which is compared: 45 pairs a second."""
_WORD = re.compile(r"[A-Za-z]{4,}")
_PROGRESS = re.compile(r"evolve: (\d+)/\d+ .* ([\d.]+) s$", re.MULTILINE)


def write(target: Path, corpus: Path, rows: int) -> None:
    recorded = json.loads((corpus / "data" / "recorded_round1.json").read_text(encoding="utf-8"))
    words = sorted({word for pair in recorded for word in _WORD.findall(pair["evolved"])})
    with target.open("w", encoding="utf-8") as file:
        for number in range(rows):
            pair, draw = recorded[number % len(recorded)], Random(number)
            parent, reply = pair["seed"], pair["evolved"]
            if number >= len(recorded):
                parent, reply = again(parent, words, draw), again(reply, words, draw)
            file.write(json.dumps({"parent": parent, "reply": reply, "answer": pair["answer"]}) + "\n")


def again(text: str, words: list[str], draw: Random) -> str:
    return _WORD.sub(lambda match: draw.choice(words) if draw.random() < SWAPPED else match[0], text)


def measure(source: Path, *options: str) -> Measured:
    """One `evolve eliminate`, watched from outside once a second with all processes that it starts."""
    command = [sys.executable, "-m", "evolve", "eliminate", str(source), "--out", str(source.with_suffix(".out"))]
    began, peak = time.monotonic(), 0
    with tempfile.TemporaryFile("w+") as said:
        child = subprocess.Popen([*command, "--no-judge", *options], stdout=said, stderr=said)
        toll = Toll(child.pid)
        while child.poll() is None:
            peak = max(peak, toll.look())
            time.sleep(1)
        wall = time.monotonic() - began
        said.seek(0)
        lines = said.read()
    if child.returncode:
        raise SystemExit(f"the command ended with {child.returncode}: {lines}")
    seen = [(int(done), float(seconds)) for done, seconds in _PROGRESS.findall(lines)]
    return Measured(wall, toll.processor_s, peak, seen)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--embedder", default="builtin", help="or a sentence-transformers model by name or folder")
    parser.add_argument("--executor", help="inline, processes or ray; default: the command's own choice")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    executor = ("--executor", args.executor) if args.executor else ()
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pairs.jsonl"
        write(source, args.corpus, args.rows)
        for name, options in (
            ("all", ("--set", f"eliminator.embedder={args.embedder}")),
            ("without duplicates", ("--set", "eliminator.skip=[duplicate]")),
        ):
            print(f"{name:20} {args.rows} pairs in {measure(source, *options, *executor)}", flush=True)


if __name__ == "__main__":
    main()
