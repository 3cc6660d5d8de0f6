"""Do known right answers pass and empty ones fail in the sandbox, and what does one trial cost?

    python benchmarks/sandbox.py --corpus FOLDER [--tier wasm] [--cache FOLDER]
    python benchmarks/sandbox.py --languages

FOLDER (or EVOLVE_CORPUS) holds data/HumanEval.jsonl.gz (164 tasks) and data/MbppPlus.jsonl.gz (378), each line with its
reference solution and tests. For each set: how many references pass, how many of the same functions with `return None`
for a body fail, seconds for all and milliseconds a trial, one after the other; then every miss and why.

--languages: seconds of one small trial (the answer that the probe uses, compiled and run) of every other language, in
every tier that starts processes; the median of five, and what the probe took, which happens once in a process.
"""

from __future__ import annotations

import argparse
import ast
import gzip
import json
import statistics
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from evolve.config import cache_folder, corpus_folder
from evolve.sandbox import Limits, Outcome, Trial, open_sandbox


def tasks(corpus: Path, name: str) -> Iterator[tuple[str, str, str, str]]:
    """(id, reference, stub, tests) of every item."""
    with gzip.open(corpus / "data" / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        for item in map(json.loads, lines):
            yield humaneval(item) if name == "HumanEval" else mbpp(item)


def humaneval(item: dict[str, Any]) -> tuple[str, str, str, str]:
    tests = f"{item['test']}\ncheck({item['entry_point']})\n"
    stub = f"{item['prompt']}\n    return None\n"
    return item["task_id"], item["prompt"] + item["canonical_solution"], stub, tests


def mbpp(item: dict[str, Any]) -> tuple[str, str, str, str]:
    reference = item["canonical_solution"]
    return item["task_id"], reference, emptied(reference), item["assertion"]


def emptied(code: str) -> str:
    """The same functions, each with `return None` for a body."""
    tree = ast.parse(code)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.body = ast.parse("def f():\n    return None").body[0].body  # type: ignore[attr-defined]
    return ast.unparse(tree)


def languages(times: int = 5) -> None:
    from evolve.sandbox.languages import LANGUAGES
    from evolve.sandbox.toolchain import Toolchain

    for tier in ("bubblewrap", "landlock"):
        chain = Toolchain(tier)
        for name, one in LANGUAGES.items():
            began = time.monotonic()
            if reason := chain.lacks(name):
                print(f"{tier:10} {name:10} {reason}", flush=True)
                continue
            probed = time.monotonic() - began
            seen = [chain.verify(Trial(name, one.answer, one.tests), Limits(seconds=60)) for _ in range(times)]
            spent = statistics.median(outcome.seconds for outcome in seen)
            right = sum(outcome.holds for outcome in seen)
            print(f"{tier:10} {name:10} {right}/{times} pass, {spent:.2f} s a trial, probe {probed:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--tier", default="wasm", help="wasm, bubblewrap or landlock")
    parser.add_argument("--cache", type=Path, default=cache_folder(), help="where the compiled component lies")
    parser.add_argument("--seconds", type=float, default=20.0, help="limit of one trial")
    parser.add_argument("--only", choices=("HumanEval", "MbppPlus"), help="this set alone")
    parser.add_argument("--languages", action="store_true", help="time the other languages instead")
    args = parser.parse_args()
    if args.languages:
        languages()
        return
    if args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    sandbox = open_sandbox(args.tier, args.cache)
    limits = Limits(seconds=args.seconds)
    for name in [args.only] if args.only else ["HumanEval", "MbppPlus"]:
        asked, misses = list(tasks(args.corpus, name)), []
        for kind, place, wanted in (("references pass", 1, True), ("stubs fail", 2, False)):
            began, right = time.monotonic(), 0
            for task in asked:
                outcome: Outcome = sandbox.verify(Trial("python", task[place], task[3]), limits)
                right += outcome.holds is wanted
                if outcome.holds is not wanted:
                    misses.append(f"  {kind}: {task[0]}: {outcome.status} {' '.join(outcome.detail.split())[-300:]}")
            spent = time.monotonic() - began
            each = spent / len(asked) * 1000
            print(f"{name:10} {kind:16} {right}/{len(asked)} in {spent:.1f} s, {each:.1f} ms a trial", flush=True)
        print("\n".join(misses))


if __name__ == "__main__":
    main()
