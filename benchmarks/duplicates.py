"""Where the thresholds of the duplicate check come from, and what its exact search costs.

    python benchmarks/duplicates.py --corpus FOLDER [--model NAME_OR_FOLDER] [--rows 10000 100000]

FOLDER (or EVOLVE_CORPUS) holds data/recorded_round1.json, a list of {seed, evolved, answer} from a real model; without
it the first part is skipped. Each child is compared, as in a run, with all seeds and all earlier children: `parent` is
the largest cosine within its lineage, `others` the largest to any other lineage. Then: how many children each threshold
would remove, each side by itself, before it is asked which of the near ones were kept (a run removes fewer).

The second part fills the search with random vectors and asks in batches of 64 and one at a time. Random vectors are far
from each other, so few cosines are computed twice; real near-duplicates cost a little more. Filling 100,000 rows takes
minutes. It does not show whether what a threshold removes deserved it (that takes labels), or later rounds.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import numpy as np

from evolve.config import EliminatorConfig, corpus_folder
from evolve.eliminator import Duplicates, Entry, thresholds
from evolve.eliminator.embedders import BUILTIN, Embedder

QUANTILES = (0.01, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 1.0)
THRESHOLDS = (0.85, 0.9, 0.925, 0.95, 0.97, 0.98, 0.99, 0.995)
REPEATS = 3
"""In turns; the median counts."""
FILL = 1024
"""Rows a batch while filling: its products with 100,000 rows take 400 MB."""


def distributions(recorded: Path, model: str) -> None:
    """Print quantiles and counts for one embedder."""
    rows = json.loads(recorded.read_text(encoding="utf-8"))
    roots = list(dict.fromkeys(row["seed"] for row in rows))
    texts = [*roots, *(row["evolved"] for row in rows)]
    began = time.monotonic()
    vectors = Embedder(model).encode(texts)
    took = time.monotonic() - began
    search = Duplicates(2.0, 2.0)
    search.admit([Entry(f"seed {i}", root, vectors[i]) for i, root in enumerate(roots)])
    children = [Entry(f"child {i}", row["seed"], vectors[len(roots) + i]) for i, row in enumerate(rows)]
    scores = [admitted.scores for admitted in search.admit(children)]
    sides = {
        name: np.array([score.get(key, -1.0) for score in scores])
        for name, key in (("parent", "within"), ("others", "across"))
    }
    print(f"\n{model}: {len(rows)} children of {len(roots)} seeds; embedded in {took:.1f} s, loading included")
    print("quantile  " + "".join(f"{q:>8}" for q in QUANTILES))
    for name, cosines in sides.items():
        print(f"{name:10}" + "".join(f"{value:8.3f}" for value in np.quantile(cosines, QUANTILES)))
    print("threshold " + "".join(f"{t:>8}" for t in THRESHOLDS))
    for name, cosines in sides.items():
        counts = [int((cosines >= t).sum()) for t in THRESHOLDS]
        print(f"{name:10}" + "".join(f"{count:8}" for count in counts))
        print(f"{'  of all':10}" + "".join(f"{count / len(rows):8.2%}" for count in counts))


def entries(dimension: int) -> Iterator[Entry]:
    """Random directions, each a lineage of its own, without end."""
    draw, number = np.random.default_rng(0), 0
    while True:
        block = draw.standard_normal((FILL, dimension), np.float32)
        block /= np.linalg.norm(block, axis=1, keepdims=True)
        for vector in block.astype(np.float16):
            yield Entry(f"{number:08}", f"{number:08}", vector)
            number += 1


def search_rates(rows: list[int], dimension: int, queries: int) -> None:
    """Print queries a second at each size; a query is also added, as in a run."""
    default = thresholds(EliminatorConfig())
    search, source = Duplicates(default.within, default.across), entries(dimension)
    print(f"\nexact search, {dimension} dimensions, queries a second")
    print(f"{'rows':>8} {'batches of 64':>14} {'one at a time':>14} {'ratio':>6} {'filled at':>10}")
    for size in sorted(rows):
        before, began = len(search), time.monotonic()
        while len(search) < size:
            search.admit([next(source) for _ in range(min(FILL, size - len(search)))])
        filled = (size - before) / (time.monotonic() - began)
        rates: dict[int, list[float]] = {64: [], 1: []}
        for batch in (64, 1) * REPEATS:
            asked = [[next(source) for _ in range(batch)] for _ in range(max(1, queries // batch))]
            began = time.monotonic()
            for some in asked:
                search.admit(some)
            rates[batch].append(len(asked) * batch / (time.monotonic() - began))
        many, one = median(rates[64]), median(rates[1])
        print(f"{size:8} {many:14.0f} {one:14.0f} {many / one:6.2f} {filled:10.0f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--model", action="append", default=[], help="a sentence-transformers model beside builtin")
    parser.add_argument("--rows", type=int, nargs="*", default=[10_000, 100_000], help="sizes of the search")
    parser.add_argument("--dimension", type=int, default=256, help="256, as builtin has; MiniLM has 384")
    parser.add_argument("--queries", type=int, default=256, help="queries of each measurement")
    args = parser.parse_args()
    recorded = args.corpus / "data" / "recorded_round1.json" if args.corpus else None
    if recorded is None or not recorded.is_file():
        print(f"distributions skipped: {recorded or 'no --corpus and no EVOLVE_CORPUS'}: no recorded children there")
    else:
        for model in (BUILTIN, *args.model):
            distributions(recorded, model)
    search_rates(args.rows, args.dimension, args.queries)


if __name__ == "__main__":
    main()
