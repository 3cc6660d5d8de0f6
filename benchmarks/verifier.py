"""How many answers a minute the verifier proves through Ray actors, with which memory, and who survives poison.

    python benchmarks/verifier.py --corpus FOLDER [--cases 1000] [--verifiers 2] [--mutants 10] [--poison 50]

FOLDER (or EVOLVE_CORPUS) holds data/HumanEval.jsonl.gz: its reference solutions, as answers in a fence, with its tests,
over and over until there are `--cases`; items whose tests the gates call unfit (too few, vacuous) are left out. Each is
a whole verification: the gates, two runs under different seeds, the emptied program, and `--mutants` broken versions.
Every `--poison`th answer is one that loops for ever, eats memory, leaves the interpreter or floods its output, under a
limit of two seconds; none of them may pass, and every other must. Prints verifications a minute, resident memory of the
actors at each tenth, and whether they are the processes that they were at the start.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import itertools
import json
import time
from pathlib import Path
from statistics import mean

from evolve.cluster.seam import Work
from evolve.cluster.stages import RayStages
from evolve.config import ClusterConfig, EliminatorConfig, VerifierConfig, corpus_folder
from evolve.verifier import Case, Examined
from evolve.verifier.gates import unfit

IN_FLIGHT = 32
POISON = (
    "while True:\n    pass",
    "x = []\nwhile True:\n    x.append(bytearray(10**7))",
    "import os\nos._exit(0)",
    "while True:\n    print('x' * 1000)",
    "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
)


def cases(corpus: Path) -> list[Case]:
    with gzip.open(corpus / "data" / "HumanEval.jsonl.gz", "rt", encoding="utf-8") as lines:
        items = [json.loads(line) for line in lines]
    made = (Case(item["prompt"], fenced(item["prompt"] + item["canonical_solution"]), told(item)) for item in items)
    return [case for case in made if not unfit(case.tests, case.instruction)]


def told(item: dict[str, str]) -> str:
    """Its tests, calling the function by its name, so that the gates know it."""
    return f"{item['test']}\ncheck({item['entry_point']})\n"


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"


def actors() -> dict[int, float]:
    """Process id -> resident MiB of every verifier."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if b"VerifierActor" in (folder / "cmdline").read_bytes():
                pages = int((folder / "statm").read_text().split()[1])
                found[int(folder.name)] = pages * 4096 / 2**20
        except OSError:
            continue
    return found


async def measure(args: argparse.Namespace) -> None:
    config = VerifierConfig(tier="wasm", seconds=2.0, mutants=args.mutants)
    work = Work({}, 1, EliminatorConfig(skip=["duplicate"]), {}, config)
    stages = RayStages(ClusterConfig(verifiers=args.verifiers), work)
    await stages.start()
    known, poison = itertools.cycle(cases(args.corpus)), itertools.cycle(POISON)
    slots, seen, wrong = asyncio.Semaphore(IN_FLIGHT), [0], [0]
    before, began = set(actors()), time.monotonic()

    async def one(number: int, case: Case) -> None:
        poisoned = args.poison and number % args.poison == args.poison - 1
        asked = Case(case.instruction, fenced(next(poison)), case.tests) if poisoned else case
        async with slots:
            examined: Examined = await stages.verify(asked)
        seen[0] += 1
        wrong[0] += examined.holds is bool(poisoned)
        if seen[0] % max(1, args.cases // 10) == 0:
            rate = seen[0] / (time.monotonic() - began) * 60
            print(f"{seen[0]:6} verified, {rate:.0f} a minute, {mean(actors().values()):.0f} MiB an actor", flush=True)

    await asyncio.gather(*(one(number, next(known)) for number in range(args.cases)))
    spent = time.monotonic() - began
    same = set(actors()) == before
    await stages.close()
    rate = args.cases / spent * 60
    print(f"{rate:.0f} verifications a minute with {args.verifiers} actors, {args.mutants} mutants each")
    actors_said = "the same" if same else "NOT the same"
    print(f"{wrong[0]} judged wrongly; the actors are {actors_said} processes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--verifiers", type=int, default=2)
    parser.add_argument("--mutants", type=int, default=10)
    parser.add_argument("--poison", type=int, default=50, help="0: none")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    asyncio.run(measure(args))


if __name__ == "__main__":
    main()
