"""How many of the labelled answers that only running can refute does the verifier refute?

    python benchmarks/execution.py --corpus FOLDER

FOLDER (or EVOLVE_CORPUS) holds eval/dev.jsonl; of its rows those count that are labelled `reject` and decidable by
execution. benchmarks/execution.jsonl holds tests for them, written from the instructions alone, without a look at the
answers. Where a row has no answer, it is the program in its instruction that is tried: passing shows that it brings a
solution. A row whose language has no toolchain here is told apart.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from evolve.config import VerifierConfig, cache_folder, corpus_folder
from evolve.verifier import Case, Verifier

TESTS = Path(__file__).with_suffix(".jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    rows = map(json.loads, (args.corpus / "eval" / "dev.jsonl").read_text(encoding="utf-8").splitlines())
    asked = {row["id"]: row for row in rows if row["label"] == "reject" and row["decidable"] == "execution"}
    verifier = Verifier(VerifierConfig(seconds=30, memory_mib=1024), cache_folder())
    caught = unproven = 0
    for line in TESTS.read_text(encoding="utf-8").splitlines():
        test = json.loads(line)
        row = asked[test["id"]]
        case = Case(row["reply"], row["answer"] or row["reply"], test["tests"], test["language"])
        outcome = verifier.verify([case])[0].outcome
        unproven += outcome.status == "unproven"
        right = outcome.holds if row["answer"] is None else outcome.status in {"failed", "broken", "stopped"}
        caught += right
        said = " ".join(outcome.detail.split())[-100:]
        print(f"{row['id']} {test['language']:10} {row['reason']:11} {outcome.status:8} {outcome.tier:10} {said}")
    verifier.close()
    print(f"{caught} of {len(asked)} caught, {unproven} without a toolchain here")


if __name__ == "__main__":
    main()
