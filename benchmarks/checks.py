"""How fast the text checks are, and that their time grows with the length of the text and no faster.

    python benchmarks/checks.py --corpus FOLDER [--rows 4000] [--growth]

FOLDER (or EVOLVE_CORPUS) holds data/recorded_round1.json, a list of {seed, evolved, answer} from a real model. Prints
microseconds of processor time a pair for each check (median of three passes over the same pairs, made anew for each,
one after the other on one core), then pairs a second for all of them together, in groups as a worker does it: in the
first pass, which no check can know beforehand, and in the middle one of three. Rates differ between machines and hours;
what can be compared is the last line, the time of a pair over a yardstick: `ast.parse` of the answers' fenced Python,
taken around each pass, and divided by all pairs. `--growth` instead
prints, for each check, the time for a hostile text of a megabyte over the time for half of it: 2 is linear, 4 would be
quadratic. It does not measure reading, embedding or the duplicate search (see eliminate.py).
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import json
import time
import warnings
from pathlib import Path
from statistics import median

from evolve.config import EliminatorConfig, MethodConfig, corpus_folder
from evolve.eliminator import Candidate, Check, Context, Eliminator, load_checks
from evolve.markdown import page
from evolve.method import load_operators

HOSTILE = ("```\n", "# ", "`x` ", "word ", "字", "(", '"', "\n", "def f():\n    pass\n", "1, 2, 3, ", "the code above ")


def candidates(corpus: Path, rows: int) -> list[Candidate]:
    pairs = json.loads((corpus / "data" / "recorded_round1.json").read_text(encoding="utf-8"))[:rows]
    return [Candidate(p["evolved"], (p["seed"],), "deepen", answer=p["answer"], root=p["seed"]) for p in pairs]


def seconds(check: Check, candidates: list[Candidate]) -> float:
    began = time.process_time()
    for candidate in candidates:
        check(candidate)
    return time.process_time() - began


def together(eliminator: Eliminator, pairs: list[Candidate]) -> float:
    began = time.process_time()
    eliminator.examine(pairs)
    eliminator.inspect(pairs)
    return time.process_time() - began


def yardstick(programs: list[str]) -> float:
    """Seconds that the standard library takes to parse them."""
    began = time.process_time()
    for program in programs:
        with contextlib.suppress(SyntaxError, ValueError):
            ast.parse(program)
    return time.process_time() - began


def rates(checks: list[Check], eliminator: Eliminator, corpus: Path, rows: int) -> None:
    pairs = candidates(corpus, rows)
    blocks = (block for pair in pairs for block in page(pair.answer or "").blocks)
    programs = [block.code for block in blocks if block.language == "python"]
    whole, yards = list[float](), list[float]()
    for _ in range(3):  # before the single checks: nothing has been seen yet
        before = yardstick(programs)
        whole.append(together(eliminator, candidates(corpus, rows)))
        yards.append((before + yardstick(programs)) / 2)
    for check in checks:
        cost = median(seconds(check, candidates(corpus, rows)) for _ in range(3)) / len(pairs)
        print(f"{check.name:20} {cost * 1e6:8.1f} us a pair")
    size = sum(len(c.text) + len(c.answer or "") for c in pairs) / len(pairs)
    rate, first = len(pairs) / median(whole), len(pairs) / whole[0]
    print(f"{'all':20} {rate:8.0f} pairs a second, {first:.0f} in the first pass, of {size:.0f} characters")
    ratio = median(all_ / yard for all_, yard in zip(whole, yards, strict=True))
    yard = median(yards) / len(pairs)
    print(f"{'yardstick':20} {yard * 1e6:8.1f} us a pair for ast.parse; all together take {ratio:.1f} times that")


def growth(checks: list[Check]) -> None:
    for check in checks:
        worst, tile_of_worst = 0.0, ""
        for tile in HOSTILE:
            half, whole = (min(seconds(check, [hostile(tile, size)]) for _ in range(3)) for size in (2**19, 2**20))
            if whole > 0.01 and whole / half > worst:  # below ten milliseconds a ratio is noise
                worst, tile_of_worst = whole / half, tile
        said = f"{worst:5.2f} ({tile_of_worst!r})" if worst else "under 10 ms for all"
        print(f"{check.name:20} {said}")


def hostile(tile: str, size: int) -> Candidate:
    text = (tile * (size // len(tile) + 1))[:size]
    return Candidate(text + "!", (text[: size // 2],), "deepen", answer=text, root=text[:100])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--corpus", type=Path, default=corpus_folder(), help="default: $EVOLVE_CORPUS")
    parser.add_argument("--rows", type=int, default=2000, help="pairs, at most as many as there are")
    parser.add_argument("--growth", action="store_true", help="print how the time grows instead")
    args = parser.parse_args()
    templates = {operator.name: operator.template for operator in load_operators(MethodConfig())}
    checks = load_checks(Context(EliminatorConfig(), templates))
    if args.growth:
        growth(checks)
    elif args.corpus is None:
        parser.error("give --corpus FOLDER or set EVOLVE_CORPUS; --growth needs neither")
    else:
        warnings.simplefilter("ignore", SyntaxWarning)  # of other people's programs
        warnings.simplefilter("ignore", DeprecationWarning)
        rates(checks, Eliminator(EliminatorConfig(), templates), args.corpus, args.rows)


if __name__ == "__main__":
    main()
