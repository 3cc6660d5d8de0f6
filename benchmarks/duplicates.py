"""Where the duplicate check's thresholds come from, whether its index is exact, and what index and encoder cost.

    python benchmarks/duplicates.py pairs [--model NAME_OR_FOLDER]      # labelled pairs, by threshold
    python benchmarks/duplicates.py recorded [--corpus FOLDER] [--model ...] [--show 20]
    python benchmarks/duplicates.py index [--rows 100000 1000000] [--dimension 384] [--oracle 512]
    python benchmarks/duplicates.py encoder [--corpus FOLDER] [--model ...] [--texts 500]

`pairs` takes tests/data/pairs.jsonl, written for this: a paraphrase, renaming, reordering or other example data is a
duplicate; one constraint more, an opposite, another language, structure, bound or task in the same frame is none. Those
with `held_out` were written when the word lists were done: the defaults with MiniLM then reached precision 0.86 and
recall 0.32 on them (6 of 19 found, one false). Some thirty words of putting a task, French elisions and a unary minus
were added after seeing that, so their figures are no longer those of unseen pairs. `recorded` runs the whole check
over a real model's children (FOLDER or EVOLVE_CORPUS holds data/recorded_round1.json) and shows what it throws out, for
reading. `index` fills the index with vectors that lie in clusters, asks in batches of 256, compares the answers with
a float32 product of everything, and prints resident memory as the kernel counts it. `encoder` prints texts a second,
and how many vectors depend on their company.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from evolve.config import EliminatorConfig, corpus_folder
from evolve.eliminator import Deduplicator, Item, thresholds
from evolve.embedding import BUILTIN, Embedder, Index, Questions, cosines
from evolve.embedding.products import native_bfloat16
from evolve.records import Near, Verdict

PAIRS = Path(__file__).resolve().parent.parent / "tests" / "data" / "pairs.jsonl"
BATCH = 256


def pairs(models: list[str]) -> None:
    """Precision and recall by threshold, on all pairs and on those held out."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    truth = np.array([row["duplicate"] for row in rows])
    held = np.array([row["held_out"] for row in rows])
    for model in models:
        embedder = Embedder(model)
        found = [_near(embedder, model, row) for row in rows]
        old, new = (embedder.encode([row[side] for row in rows]) for side in ("old", "new"))
        alone = cosines(old, new)
        print(f"\n{model}: {len(rows)} pairs, {truth.sum()} duplicates; held out {held.sum()}, {truth[held].sum()}")
        print(f"{'rule':44} {'all: P':>8} {'R':>6} {'held out: P':>12} {'R':>6}")
        for cosine in (0.8, 0.85, 0.9, 0.95):
            _row(f"cosine >= {cosine} alone", alone >= cosine, truth, held)
        _row(
            "the rule, same words only", np.array([bool(near) and _says(near, 2, 2, 2) for near in found]), truth, held
        )
        default = thresholds(EliminatorConfig(embedder=model))
        for delta in (0.2, 0.3, 0.4, 0.5, 0.6):
            for cosine in (0.7, 0.85):
                said = [bool(near) and _says(near, default.within.delta, delta, cosine) for near in found]
                _row(f"across: delta >= {delta}, cosine >= {cosine}", np.array(said), truth, held)
        for delta in (0.4, 0.6, 0.7, 0.9):
            said = [bool(near) and _says(near, delta, default.across.delta, default.across.cosine) for near in found]
            _row(f"within: delta >= {delta}", np.array(said), truth, held)
        said = [
            _says(n, default.within.delta, default.across.delta, default.across.cosine) if n else False for n in found
        ]
        _row("the defaults", np.array(said), truth, held)


def _near(embedder: Embedder, model: str, row: dict[str, str]) -> Near | None:
    """What the check recorded of a pair; None below the floor."""
    search = Deduplicator(EliminatorConfig(embedder=model), embedder.encode)
    search.keep([Item("old", "root", row["old"])])
    (finding,) = search.check([Item("new", "root" if row["within"] else "other", row["new"])])
    return finding.nears[0] if finding.nears else None


def _says(near: Near, within: float, across: float, cosine: float) -> bool:
    if near.veto or near.delta is None:
        return not near.veto and not near.novel and not near.lacking
    return near.delta >= (within if near.within else across) and (near.within or near.cosine >= cosine)


def _row(name: str, said: np.ndarray, truth: np.ndarray, held: np.ndarray) -> None:
    shown = []
    for some in (np.ones_like(held), held):
        right = (said & truth & some).sum()
        shown += [right / max(1, (said & some).sum()), right / (truth & some).sum()]
    print(f"{name:44} {shown[0]:8.3f} {shown[1]:6.3f} {shown[2]:12.3f} {shown[3]:6.3f}")


def recorded(path: Path, models: list[str], show: int) -> None:
    """What the whole check throws out of a real model's first round."""
    rows = json.loads(path.read_text(encoding="utf-8"))
    roots = list(dict.fromkeys(row["seed"] for row in rows))
    texts = {f"seed {i}": root for i, root in enumerate(roots)} | {
        f"child {i}": r["evolved"] for i, r in enumerate(rows)
    }
    for model in models:
        began = time.monotonic()
        search = Deduplicator(EliminatorConfig(embedder=model), Embedder(model).encode)
        search.keep([Item(f"seed {i}", root, root) for i, root in enumerate(roots)])
        findings = search.check([Item(f"child {i}", row["seed"], row["evolved"]) for i, row in enumerate(rows)])
        out = [(f"child {i}", finding) for i, finding in enumerate(findings) if finding.verdict is Verdict.REJECT]
        compared = sum(len(finding.nears) for finding in findings) / len(rows)
        remainders = sum(near.delta is not None for finding in findings for near in finding.nears) / len(rows)
        print(
            f"\n{model}: {len(out)} of {len(rows)} ({len(out) / len(rows):.1%}) thrown out, "
            f"{sum('own lineage' in finding.detail for _, finding in out)} within; compared with {compared:.1f} each, "
            f"of {remainders:.1f} the differing words were embedded; {time.monotonic() - began:.0f} s, loading included"
        )
        for id_, finding in random.Random(0).sample(out, min(show, len(out))):
            print(f"- {finding.detail}\n    {texts[finding.nearest_id or ''][:300]!r}\n    {texts[id_][:300]!r}")


def index(sizes: list[int], dimension: int, oracle: int) -> None:
    """Time, memory and exactness at each size."""
    print(f"bfloat16 products: {'yes' if native_bfloat16() else 'no, float32'}")
    held, source = Index(), _clusters(dimension)
    next(source)  # its centres are not the index's memory
    start, every = _resident(), []
    print(f"{'rows':>9} {'added/s':>9} {'queries/s':>10} {'MB':>7} {'bytes/row':>10} {'recall':>8} {'false':>6}")
    for size in sorted(sizes):
        began, before = time.monotonic(), len(held)
        while len(held) < size:
            rows = next(source)[: size - len(held)]
            held.add(len(held), rows, np.arange(len(held), len(held) + len(rows), dtype=np.int32))
            every += [rows] if oracle else []
        added = (size - before) / (time.monotonic() - began)
        asked = next(source)
        questions = Questions(asked, np.full(BATCH, -1, np.int32), np.full(BATCH, size), 0.7, 0.7)
        held.ask(questions, size)
        began, count = time.monotonic(), 0
        while time.monotonic() - began < 5 or count < 2:
            answers = held.ask(questions, size)
            count += 1
        rate = count * BATCH / (time.monotonic() - began)
        memory = _resident() - start - sum(rows.nbytes for rows in every)
        exact = _exactly(every, asked[:oracle], 0.7) if oracle else [set()]
        got = [set(found.hits["position"].tolist()) for found in (answers or [])[:oracle]]
        right, true = sum(len(g & e) for g, e in zip(got, exact, strict=False)), sum(map(len, exact))
        false = sum(map(len, got)) - right
        recall = f"{right / true:8.5f}" if true else f"{'-':>8}"
        print(
            f"{size:9} {added:9.0f} {rate:10.0f} {memory / 1e6:7.0f} {memory / size:10.0f} {recall} {false:6}",
            flush=True,
        )


def _clusters(dimension: int) -> Iterator[np.ndarray]:
    """Batches of vectors around 20,000 centres, at cosines from 0.5 to 1, without end: 50 to a centre at a million."""
    draw = np.random.default_rng(0)
    centres = draw.standard_normal((20_000, dimension), np.float32)
    while True:
        near = centres[draw.integers(0, len(centres), BATCH)]
        rows = near + draw.standard_normal((BATCH, dimension)) * draw.uniform(0.05, 1.0, (BATCH, 1))
        yield (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float16)


def _exactly(every: list[np.ndarray], asked: np.ndarray, floor: float) -> list[set[int]]:
    """Positions at or above the floor by float32 products of everything, rounded as the index rounds."""
    found: list[set[int]] = [set() for _ in asked]
    questions, begin = asked.astype(np.float32), 0
    questions /= np.linalg.norm(questions, axis=1, keepdims=True)
    for rows in every:
        wide = rows.astype(np.float32)
        products = questions @ (wide / np.linalg.norm(wide, axis=1, keepdims=True)).T
        for number, row in zip(*np.nonzero(products >= floor), strict=True):
            found[number].add(begin + int(row))
        begin += len(rows)
    return found


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def encoder(path: Path, models: list[str], count: int) -> None:
    """Texts a second, sorted into batches and one at a time, and how many vectors depend on their company."""
    texts = [row["evolved"] for row in json.loads(path.read_text(encoding="utf-8"))]
    texts = random.Random(0).sample(texts, min(count, len(texts)))
    short = [" ".join(text.split()[:4]) for text in texts]
    print(f"{'embedder':>30} {'precision':>10} {'texts/s':>8} {'alone/s':>8} {'4 words/s':>10} {'differing':>10}")
    for model in models:
        for precision in ("float32",) if model == BUILTIN else ("float32", "auto"):
            embedder = Embedder(model, precision)  # type: ignore[arg-type]
            embedder.encode(["warm"])
            together, rate = _timed(embedder, [texts])
            alone, single = _timed(embedder, [[text] for text in texts])
            _, brief = _timed(embedder, [short])
            order = random.Random(1).sample(range(len(texts)), len(texts))
            mixed = embedder.encode([texts[i] for i in order])
            differing = int(((together != alone).any(1) | (together[order] != mixed).any(1)).sum())
            name = model if len(model) < 30 else f"...{model[-27:]}"
            print(f"{name:>30} {precision:>10} {rate:8.0f} {single:8.0f} {brief:10.0f} {differing:10}", flush=True)


def _timed(embedder: Embedder, batches: list[list[str]]) -> tuple[np.ndarray, float]:
    began = time.monotonic()
    vectors = np.concatenate([embedder.encode(batch) for batch in batches])
    return vectors, len(vectors) / (time.monotonic() - began)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("pairs", "recorded", "index", "encoder"))
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--model", action="append", default=[], help="a sentence-transformers model beside builtin")
    parser.add_argument("--rows", type=int, nargs="*", default=[100_000], help="sizes of the index")
    parser.add_argument("--dimension", type=int, default=384)
    parser.add_argument("--oracle", type=int, default=64, help="questions compared with the plain product; 0: none")
    parser.add_argument("--texts", type=int, default=500)
    parser.add_argument("--show", type=int, default=0, help="rejected children to print")
    args = parser.parse_args()
    models = [BUILTIN, *args.model]
    if args.part == "pairs":
        pairs(models)
    elif args.part == "index":
        index(args.rows, args.dimension, args.oracle)
    elif args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS")
    else:
        path = args.corpus / "data" / "recorded_round1.json"
        recorded(path, models, args.show) if args.part == "recorded" else encoder(path, models, args.texts)


if __name__ == "__main__":
    main()
