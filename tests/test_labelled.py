"""The eliminator against labelled pairs: our own, and a corpus's where there is one (EVOLVE_CORPUS=FOLDER).

The bounds are what was measured when the rules were last changed, less a row or two: a rule that gets worse shows here.
Half of our own rows (`held_out`) had been seen by nobody who wrote a rule when that was measured; they are to stay so.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.labelled import OWN, agreement, read
from evolve.config import load

BUILTIN = load(None, ["eliminator.embedder=builtin"])


@pytest.mark.parametrize(
    ("held_out", "precision", "recall", "false_kills"),
    [pytest.param(False, 0.97, 0.97, 0.02, id="seen"), pytest.param(True, 0.94, 0.84, 0.03, id="held out")],
)
def test_what_text_decides_is_decided(held_out: bool, precision: float, recall: float, false_kills: float) -> None:
    found = agreement([row for row in read(OWN) if row["held_out"] is held_out], BUILTIN, "rules")
    assert found.precision >= precision
    assert found.recall >= recall
    assert found.false_kills <= false_kills
    assert found.named >= 0.9


@pytest.mark.corpus
def test_what_text_decides_of_a_corpus_is_decided(corpus: Path) -> None:
    found = agreement(read(corpus / "eval" / "dev.jsonl"), BUILTIN, "rules")
    assert found.precision >= 0.97
    assert found.recall >= 0.9
    assert found.false_kills <= 0.02
    assert found.named >= 0.9
