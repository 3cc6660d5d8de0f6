"""A run's folder -> one HTML file. The file is there whole or not at all; it is the only thing that is written."""

from __future__ import annotations

from pathlib import Path

from evolve.dataset.files import write_atomically
from evolve.web.gathering import gather, open_ledger
from evolve.web.measures import Vectors
from evolve.web.page import LARGEST, render
from evolve.web.reading import MOST
from evolve.web.record import PageData


def write_report(folder: Path, target: Path, most: int = MOST) -> PageData:
    """`most`: items at most; fewer where the file would be larger than `LARGEST`. Raises ConfigError."""
    vectors = Vectors()
    with open_ledger(folder) as ledger:
        while True:
            data, items = gather(ledger, vectors, most)
            html = render(data, items).encode()
            if len(html) <= LARGEST or len(items) < 2:
                break
            most = max(1, min(most, len(items)) * LARGEST // len(html) * 9 // 10)
    with write_atomically(target) as beside:
        beside.write_bytes(html)
    return data
