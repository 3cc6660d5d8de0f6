"""How well the eliminator agrees with labelled pairs: precision, recall, false kills, and the reason that it names.

    python benchmarks/labelled.py LABELLED.jsonl ... [--only rules] [--show] [--config FILE]

A line of LABELLED is a pair (see `evolve eliminate`) with label (accept or reject), reason (None for accept) and
decidable (rules: text alone decides; judge: it takes understanding; execution: it takes running the code). `--only
rules` leaves out rejects that are not decidable by rules. Precision: how many of those that were rejected are labelled
so; recall: how many of those labelled reject were rejected; false kills: the share of labelled accepts that were
rejected; named: how many right rejections give the labelled reason. `--show` lists every mistake. It asks no judge:
what it shows is what text decides. Without a file it takes the project's own set, tests/data/labelled.jsonl.
"""

from __future__ import annotations

import argparse
import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evolve.config import Config, load
from evolve.verdicts import eliminate

OWN = Path(__file__).resolve().parent.parent / "tests" / "data" / "labelled.jsonl"
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Ratios are 0-1."""

    rows: int
    precision: float
    recall: float
    false_kills: float
    named: float
    by_reason: dict[str, tuple[int, int, int]]
    """Reason -> labelled so, of these rejected, of these with that reason."""
    mistakes: list[Row]


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def agreement(rows: Sequence[Row], config: Config, only: str | None = None) -> Agreement:
    """Decide all rows, and compare those that count."""
    decided = {row["id"]: row for row in eliminate(list(rows), config)}
    counted = [decided[r["id"]] | {"said": decided[r["id"]]["reason"], "reason": r["reason"]} for r in rows]
    counted = [r for r in counted if r["label"] == "accept" or only in {None, r["decidable"]}]
    rejected = [r for r in counted if r["verdict"] == "reject"]
    wanted = [r for r in counted if r["label"] == "reject"]
    right = [r for r in rejected if r["label"] == "reject"]
    named = [r for r in right if r["said"] == r["reason"]]
    total, caught, exact = (Counter(r["reason"] for r in some) for some in (wanted, right, named))
    return Agreement(
        rows=len(counted),
        precision=len(right) / max(1, len(rejected)),
        recall=len(right) / max(1, len(wanted)),
        false_kills=(len(rejected) - len(right)) / max(1, len(counted) - len(wanted)),
        named=len(named) / max(1, len(right)),
        by_reason={reason: (total[reason], caught[reason], exact[reason]) for reason in sorted(total)},
        mistakes=[r for r in counted if (r["verdict"] == "reject") != (r["label"] == "reject")],
    )


def show(found: Agreement, *, mistakes: bool) -> None:
    for reason, (total, caught, exact) in found.by_reason.items():
        print(f"{reason:16} {caught:4} of {total:4} rejected, {exact:4} with that reason")
    for row in found.mistakes if mistakes else []:
        checks = json.loads(row["checks"])
        detail = next((c.get("detail") for c in checks.values() if c.get("reason") == row["said"]), "")
        print(f"  {row['id']}: labelled {row['reason']}, said {row['said']} ({detail}); {row.get('note', '')}")
    print(
        f"precision {found.precision:.3f}  recall {found.recall:.3f}  false kills {found.false_kills:.3f}  "
        f"named {found.named:.3f}  over {found.rows} rows"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("labelled", type=Path, nargs="*", default=[OWN])
    parser.add_argument("--only", choices=["rules", "judge", "execution"])
    parser.add_argument("--show", action="store_true", help="list every mistake")
    parser.add_argument("--config", type=Path, help="a config file; default: the built-in embedder, all checks")
    args = parser.parse_args()
    config = load(args.config) if args.config else load(None, ["eliminator.embedder=builtin"])
    for path in args.labelled:
        print(path.name)
        show(agreement(read(path), config, args.only), mistakes=args.show)


if __name__ == "__main__":
    main()
