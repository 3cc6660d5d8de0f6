"""Training or validation, by the lineage's root: no family has rows on both sides.

A function of the root and the share alone: the same seed is on the same side in every export, format and run, and a
larger share only moves roots from training to validation.
"""

from __future__ import annotations

from typing import Literal

from evolve.records import digest

Split = Literal["train", "validation"]


def side(root_id: str, share: float) -> Split:
    """`share`: of the roots that go to validation, 0 to 1."""
    return "validation" if int(digest("validation", root_id), 16) < share * 2**64 else "train"
