"""How many mutants of known right answers do their own tests kill, and what does one mutant cost?

    python benchmarks/mutants.py --corpus FOLDER [--limit 20] [--seconds 2] [--survivors 40] [--tests N]

FOLDER (or EVOLVE_CORPUS) holds data/HumanEval.jsonl.gz: 164 references with tests. Prints mutants and kills,
milliseconds of the processor a mutant (making it, and trying it), how many references reach each score, and a sample of
survivors, to be read by eye: those that are equivalent bound what any tests can reach. With --tests N only the first N
assertions of each test are asked: how low do poor tests score?
"""

from __future__ import annotations

import argparse
import ast
import time
from collections import Counter
from pathlib import Path

from sandbox import tasks

from evolve.config import cache_folder, corpus_folder
from evolve.records import rng
from evolve.sandbox import Limits, Trial, open_sandbox
from evolve.verifier.mutants import Mutant, mutants, score


def first(tests: str, count: int) -> str:
    """The same tests with the first assertions only; those in a loop count as one."""
    tree = ast.parse(tests)
    check = next(node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == "check")
    asserting = [node for node in check.body if any(isinstance(inner, ast.Assert) for inner in ast.walk(node))]
    trivial = [node for node in asserting if isinstance(node, ast.Assert) and isinstance(node.test, ast.Constant)]
    left_away = [*trivial, *[node for node in asserting if node not in trivial][count:]]
    check.body = [node for node in check.body if node not in left_away]
    return ast.unparse(tree)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where the compiled component lies")
    parser.add_argument("--limit", type=int, default=20, help="mutants of one reference")
    parser.add_argument("--seconds", type=float, default=2.0, help="limit of one trial")
    parser.add_argument("--survivors", type=int, default=40, help="how many to show")
    parser.add_argument("--tests", type=int, help="assertions of each test that are asked; default: all")
    args = parser.parse_args()
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    sandbox, limits = open_sandbox("wasm", args.cache), Limits(seconds=args.seconds)
    alive: list[tuple[str, Mutant]] = []
    scores: list[float] = []
    ends: Counter[str] = Counter()
    making = trying = 0.0
    for name, reference, _, whole in tasks(args.corpus, "HumanEval"):
        began = time.process_time()
        found = mutants(reference, args.limit)
        tests = first(whole, args.tests) if args.tests else whole
        making += time.process_time() - began
        began = time.process_time()
        ended = [sandbox.verify(Trial("python", mutant.source, tests), limits) for mutant in found]
        trying += time.process_time() - began
        ends.update(outcome.status for outcome in ended)
        living = [mutant for mutant, outcome in zip(found, ended, strict=True) if outcome.holds]
        alive += [(name, mutant) for mutant in living]
        scores.append(score(len(found) - len(living), len(found)))
    total = sum(ends.values())
    print(f"{total} mutants, {total - len(alive)} killed: {score(total - len(alive), total):.3f}; {dict(ends)}")
    print(f"{making / total * 1000:.1f} ms to make one, {trying / total * 1000:.1f} ms to try one")
    for bar in (0.5, 0.6, 0.7, 0.8, 0.9, 1.0):
        print(f"score >= {bar}: {sum(one >= bar for one in scores)}/{len(scores)}")
    for name, mutant in sorted(
        rng("survivors").sample(alive, min(args.survivors, len(alive))), key=lambda pair: pair[0]
    ):
        print(f"{name} line {mutant.line}: {mutant.change}")


if __name__ == "__main__":
    main()
