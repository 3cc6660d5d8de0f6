"""Of broken programs that pass a few tests, how many do inputs near those tests tell from the right one?

    python benchmarks/inputs.py --corpus FOLDER [--tests 3] [--every 4]

FOLDER (or EVOLVE_CORPUS) holds data/HumanEval.jsonl.gz. Of every fourth reference the mutants that pass the first N
assertions are the programs; the calls in these assertions, and 40 made near them, the inputs. Told apart means that one
input comes to something else than in the reference. Beside it: how many of the same programs all assertions fail.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from mutants import first
from sandbox import tasks

from evolve.config import cache_folder, corpus_folder
from evolve.sandbox import Limits, Trial, open_sandbox
from evolve.verifier.clusters import clusters
from evolve.verifier.inputs import calls, near
from evolve.verifier.mutants import mutants


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--tests", type=int, default=3, help="assertions that a program has to pass")
    parser.add_argument("--every", type=int, default=4, help="take every so many references")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    sandbox, limits = open_sandbox("wasm", cache_folder()), Limits(seconds=5)
    programs = told = known = failed = 0
    for number, (_, reference, _, whole) in enumerate(tasks(args.corpus, "HumanEval")):
        few, entry = first(whole, args.tests), whole.rstrip().rpartition("check(")[2].removesuffix(")")
        given = calls(few).get("candidate", [])
        if number % args.every or not given:
            continue
        broken = [m.source for m in mutants(reference, 12)]
        passing = [one for one in broken if sandbox.verify(Trial("python", one, few), limits).holds]
        asked = [call.of(entry) for call in (*given, *near(given, "", 40))]
        right = sandbox.observe(Trial("python", reference, ""), asked, limits)
        for one in passing:
            seen = sandbox.observe(Trial("python", one, ""), asked, limits)
            fails = not sandbox.verify(Trial("python", one, whole), limits).holds
            apart = len(clusters([right, seen])) > 1
            programs, told, failed, known = programs + 1, told + apart, failed + fails, known + (apart and fails)
    print(f"{programs} programs pass: {told} are told apart; all assertions fail {failed}, {known} of them told apart")


if __name__ == "__main__":
    main()
