"""What the contamination check catches of planted items, what it flags in real rows, and what it costs.

    python benchmarks/contamination.py --corpus FOLDER [--model NAME_OR_FOLDER] [--rephrased FILE] [--gram N] [--loose]

FOLDER (or EVOLVE_CORPUS) holds data/HumanEval.jsonl.gz, data/MbppPlus.jsonl.gz, data/code_alpaca_2k.json and
data/recorded_round1.json. First every item is planted in each way, whole and as its prose alone, and what was missed is
listed; then what is flagged in the seeds and the recorded evolutions and answers, each to be read; then the share of
rephrased items (FILE: JSONL of benchmark, task_id, text) that come among the TOP rows which a judge would be asked
about, among the seeds; then rows a second. A judge's own errors are not measured: `judged` is what one who is always
right would find, which is the most that any can. The rephrased items are ours, and the search was tuned on them.

--gram builds with longer or shorter runs; --loose asks for no rarity, which shows what it is asked for.
"""

from __future__ import annotations

import argparse
import itertools
import json
import re
import time
import tracemalloc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from fingerprints import fingerprints, items

from evolve.config import corpus_folder
from evolve.contamination import check as contamination
from evolve.contamination import fingerprints as modules
from evolve.contamination.check import Contaminated, ContaminatedAnswer, Index
from evolve.contamination.fingerprints import Item, prose
from evolve.contamination.rephrased import Rephrased
from evolve.eliminator import Candidate
from evolve.embedding.embedders import BUILTIN, Embedder
from evolve.records import Verdict

BEFORE = "We are building a small course for beginners, and this is its third exercise. "
AFTER = " Explain each step in a comment, and say at the end how long it takes for large inputs."
REPHRASED = Path(__file__).resolve().parent.parent / "tests" / "data" / "rephrased.jsonl"


def renamed(item: Item, name: str = "my_new_solver") -> str:
    return re.sub(rf"\b{re.escape(item.entry_point)}\b", name, item.text)


def reindented(item: Item) -> str:
    """Tabs for spaces, a blank line between any two, and the whole under a heading."""
    lines = (re.sub(r"^ +", lambda spaces: "\t" * len(spaces[0]), line) for line in item.text.splitlines())
    return "\n".join(f"\t{line}\n" for line in lines)


def halves(text: str, filler: str) -> tuple[str, str]:
    """The text cut between two words."""
    cut = len(text) // 2
    cut += re.search(r"\s|\Z", text[cut:]).start()  # type: ignore[union-attr]  # \Z matches
    return text[:cut], filler + text[cut:]


def changed(step: int) -> Callable[[Item], tuple[str, str]]:
    """Every so many words another one."""

    def plant(item: Item) -> tuple[str, str]:
        count = itertools.count(1)
        return re.sub(r"\S+", lambda word: word[0] if next(count) % step else "other", item.text), ""

    return plant


PLANTINGS: dict[str, Callable[[Item], tuple[str, str]]] = {
    "verbatim": lambda item: (item.text, ""),
    "CRLF": lambda item: (item.text.replace("\n", "\r\n"), ""),
    "renamed": lambda item: (renamed(item), ""),
    "renamed to one letter": lambda item: (renamed(item, "f"), ""),
    "renamed within words": lambda item: (item.text.replace(item.entry_point, "doTheWork"), ""),
    "re-indented": lambda item: (reindented(item), ""),
    "embedded": lambda item: (BEFORE + item.text + AFTER, ""),
    "split": lambda item: halves(item.text, ""),
    "split within a word": lambda item: (item.text[: len(item.text) // 2], item.text[len(item.text) // 2 :]),
    "split, talk between": lambda item: halves(item.text, "Sure, here it is:\n\n"),
    "upper case": lambda item: (item.text.upper(), ""),
    "fenced": lambda item: (f"{BEFORE}\n```python\n{item.text}\n```\n{AFTER}", ""),
    "in the answer": lambda item: ("Show me an exercise of yours.", f"{BEFORE}\n\n{item.text}{item.solution}"),
    "with its solution": lambda item: (item.text + item.solution, ""),
    "its solution alone": lambda item: ("Write it.", f"```python\n{item.solution}\n```"),
    "one line": lambda item: (" ".join(item.text.split()), ""),
    "1 word in 8 changed": changed(8),
    "1 word in 10 changed": changed(10),
    "1 word in 15 changed": changed(15),
    "commented": lambda item: ("\n".join(f"# {line}" for line in item.text.splitlines()), ""),
}


def planted(every: list[Item], index: Index) -> None:
    checks = Contaminated(index), ContaminatedAnswer(index)
    for form, of in (("whole prompt", lambda item: item.text), ("prose alone", lambda item: prose(item.text))):
        print(f"\n{form}: caught of {len(every)}, and what was missed")
        for name, plant in PLANTINGS.items():
            missed = []
            for item in every:
                text, answer = plant(Item(item.benchmark, item.task_id, of(item), item.solution, item.entry_point))
                candidate = Candidate(text, (), "seed", answer=answer or None)
                if not any(check(candidate).verdict is Verdict.REJECT for check in checks):
                    missed.append(item.task_id)
            print(
                f"  {name:20} {len(every) - len(missed):4} {1 - len(missed) / len(every):7.2%}  {' '.join(missed[:60])}"
            )


def flagged(name: str, rows: Iterable[Candidate], index: Index) -> None:
    check = ContaminatedAnswer(index)
    found = [(row, finding) for row in rows if (finding := check(row)).verdict is Verdict.REJECT]
    print(f"\n{name}: {len(found)} flagged")
    for row, finding in found:
        print(f"  {finding.detail}\n    {row.text[:200]!r}")


def rephrased(seeds: list[str], every: list[Item], told: list[dict[str, str]], model: str) -> None:
    """Print how many rephrased items come among the nearest rows of their own item, and the questions that it takes."""
    embed = Embedder(model).encode
    texts = {f"seed {n}": text for n, text in enumerate(seeds)} | {row["task_id"]: row["text"] for row in told}
    vectors = embed([prose(item.text) for item in every])
    rows = embed(list(texts.values()))
    places = {item.task_id: number for number, item in enumerate(every)}
    own = [float(vectors[places[r["task_id"]]].astype(float) @ rows[len(seeds) + n]) for n, r in enumerate(told)]
    print(f"\n{model}: cosine of a rephrased item to its own, ascending: {' '.join(f'{c:.2f}' for c in sorted(own))}")
    for floor in (0.0, 0.3, 0.4, 0.5):
        for top in (1, 5, 10):
            nearest = Rephrased(vectors, top, floor)
            nearest.offer(list(texts), rows)
            suspects = nearest.suspects()
            hits = {suspect.row for suspect in suspects if suspect.row == every[suspect.item].task_id}
            missed = "" if top != 5 else " ".join(row["task_id"] for row in told if row["task_id"] not in hits)
            share = len(hits) / len(told)
            print(
                f"  floor {floor} top {top:2}: judged {len(hits)} of {len(told)} {share:.2%}, {len(suspects)} questions"
            )
            print(f"    {missed}" if missed else "", end="\n" if missed else "")


def rates(rows: list[Candidate], data: Path) -> Index:
    """Print what the check costs; the index, to be used further."""
    known = fingerprints(data)
    tracemalloc.start()
    began = time.perf_counter()
    index = Index(known)
    check = ContaminatedAnswer(index)
    made, (now, _) = time.perf_counter() - began, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    times = []
    for _ in range(5):
        began = time.perf_counter()
        for row in rows:
            check(row)
        times.append(time.perf_counter() - began)
    size = sum(len(row.text) + len(row.answer or "") for row in rows) / len(rows)
    best = min(times) / len(rows)
    print(
        f"\n{1 / best:.0f} rows/s of {size:.0f} characters ({best * 1e6:.0f} us each); ready in {made:.2f} s, ", end=""
    )
    print(f"{now / 2**20:.1f} MB")
    return index


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--model", action="append", default=[], help="a sentence-transformers model beside builtin")
    parser.add_argument("--rephrased", type=Path, default=REPHRASED)
    parser.add_argument("--gram", type=int, default=contamination.GRAM, help="words in a run")
    parser.add_argument("--loose", action="store_true", help="count every find, however plain")
    args = parser.parse_args()
    modules.GRAM = contamination.GRAM = args.gram
    if args.loose:
        modules.SOLUTION_BITS = contamination.SOLUTION_BITS = 0.0
        contamination.LONG_BITS = contamination.SHORT_BITS = contamination.NEAR_BITS = contamination.ALL_BITS = 0.0
    if args.corpus is None:
        parser.error("give --corpus FOLDER, or set EVOLVE_CORPUS")
    data = args.corpus / "data"
    every = items(data)
    seeds: list[dict[str, Any]] = json.loads((data / "code_alpaca_2k.json").read_text(encoding="utf-8"))
    recorded: list[dict[str, Any]] = json.loads((data / "recorded_round1.json").read_text(encoding="utf-8"))
    told = [json.loads(line) for line in args.rephrased.read_text(encoding="utf-8").splitlines()]
    rows = [Candidate(r["evolved"], (r["seed"],), "add_constraint", answer=r["answer"]) for r in recorded]
    index = rates([row for row in rows if 1500 <= len(row.text) + len(row.answer or "") <= 2500], data)
    planted(every, index)
    flagged("seeds", (Candidate(s["instruction"], (), "seed", answer=s["output"]) for s in seeds), index)
    flagged("recorded evolutions and answers", rows, index)
    flagged("rephrased items, without a judge", (Candidate(row["text"], (), "seed") for row in told), index)
    for model in (BUILTIN, *args.model):
        rephrased([s["instruction"] for s in seeds], every, told, model)


if __name__ == "__main__":
    main()
