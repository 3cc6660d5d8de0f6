"""What the whole of `evolve eliminate` costs without a judge: pairs a second and memory, embedding included.

    python benchmarks/eliminate.py --corpus FOLDER [--rows 100000] [--embedder builtin]

FOLDER (or EVOLVE_CORPUS) holds data/recorded_round1.json, a list of {seed, evolved, answer} from a real model. That is
fewer pairs than wanted, so they are repeated with seven words in ten drawn anew from the words of all: texts keep their
length and look, and no two repeat each other. The command runs in a process of its own, and the operating system says
what it took; a second run with the duplicate check off shows what everything but embedding and search costs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from evolve.config import corpus_folder

SWAPPED = 0.7
"""With 0.3 every pair has some fifty near ones (cosine over 0.5), each of which is compared: 45 pairs a second."""
_WORD = re.compile(r"[A-Za-z]{4,}")


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


def measure(source: Path, *options: str) -> tuple[float, float, int]:
    """Wall seconds, processor seconds and peak memory in bytes of one `evolve eliminate`."""
    target = source.with_suffix(".out")
    command = [sys.executable, "-m", "evolve", "eliminate", str(source), "--out", str(target), "--no-judge", "--json"]
    began = time.monotonic()
    child = os.posix_spawn(sys.executable, [*command, *options], os.environ)
    _, status, used = os.wait4(child, 0)
    wall = time.monotonic() - began
    if status:
        raise SystemExit(f"the command ended with {os.waitstatus_to_exitcode(status)}")
    return wall, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--embedder", default="builtin", help="or a sentence-transformers model by name or folder")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder) / "pairs.jsonl"
        write(source, args.corpus, args.rows)
        for name, options in (
            ("all", ("--set", f"eliminator.embedder={args.embedder}")),
            ("without duplicates", ("--set", "eliminator.skip=[duplicate]")),
        ):
            wall, cpu, peak = measure(source, *options)
            print(
                f"{name:20} {args.rows} pairs in {wall:.0f} s ({args.rows / wall:.0f} a second), "
                f"{cpu:.0f} s of processor, peak {peak / 2**20:.0f} MiB"
            )


if __name__ == "__main__":
    main()
