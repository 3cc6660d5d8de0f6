"""Build the fingerprints that ship with the package, from the benchmarks' own files.

    python benchmarks/fingerprints.py --data FOLDER [--to evolve/contamination/fingerprints.bin]

FOLDER (or EVOLVE_CORPUS/data) holds HumanEval.jsonl.gz and MbppPlus.jsonl.gz, whose items are hashed, and
code_alpaca_2k.json, a list of {instruction, output}, in which it is counted how common words are. The same files give
the same bytes. MbppPlus has 378 tasks of MBPP; for the others of MBPP name their file in eliminator.benchmarks.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from pathlib import Path

from evolve.config import corpus_folder
from evolve.contamination.benchmarks import read_items
from evolve.contamination.fingerprints import Fingerprints, Item, build

FILES = {"HumanEval": "HumanEval.jsonl.gz", "MBPP": "MbppPlus.jsonl.gz"}
COMMON = "code_alpaca_2k.json"


def items(folder: Path) -> list[Item]:
    """The tasks of both, under the benchmark's name in place of the file's."""
    return [
        Item(name, item.task_id, item.text, item.solution, item.entry_point)
        for name, file in FILES.items()
        for item in read_items([folder / file])
    ]


def fingerprints(folder: Path) -> Fingerprints:
    return build(items(folder), _texts(folder / COMMON))


def _texts(path: Path) -> Iterable[str]:
    rows = json.loads(path.read_text(encoding="utf-8"))
    return (f"{row['instruction']}\n{row['output']}" for row in rows)


def main() -> None:
    corpus, target = corpus_folder(), Path("evolve/contamination/fingerprints.bin")
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=corpus and corpus / "data", help="default: $EVOLVE_CORPUS/data")
    parser.add_argument("--to", type=Path, default=target)
    args = parser.parse_args()
    if args.data is None:
        parser.error("give --data FOLDER, or set EVOLVE_CORPUS")
    made = fingerprints(args.data)
    args.to.write_bytes(made.dump())
    runs = sum(len(part.grams) for part in made.parts)
    print(f"{args.to}: {len(made.tasks)} tasks, {len(made.parts)} parts, {runs} runs, {args.to.stat().st_size} bytes")


if __name__ == "__main__":
    main()
