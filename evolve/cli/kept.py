"""The files of an elimination as its user named them: what may be written where, and the rows that were kept.

Invariant: nothing that is read is written over, which is found out before any work is done. A kept row is the row of
the input with all of its columns; nothing is added to it, and none is judged here.
"""

from __future__ import annotations

import json
from pathlib import Path

from evolve.errors import ConfigError
from evolve.records import Verdict
from evolve.text import plain


def check_target(option: str, target: Path, *others: Path) -> None:
    """Make the folder of `target`; raise ConfigError where it cannot be, or where `target` is one of `others`."""
    where = f"{option} {plain(str(target))}"
    if any(target.resolve() == other.resolve() for other in others):
        raise ConfigError(f"{where}: another file of this command, which would be lost; give another name")
    if target.is_dir():
        raise ConfigError(f"{where}: a folder; give the name of a file")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{where}: {error.strerror or error}; give a file in a folder that can be made") from None


def write_kept(source: Path, verdicts: Path, target: Path) -> int:
    """Write the rows of `source` that `verdicts`, in the same order, do not reject: JSONL. How many those are.

    What the judge left undecided is kept, as in a run, unless `eliminator.undecided` had it rejected.
    """
    from evolve.dataset import write_atomically
    from evolve.pairs import raw_rows

    kept = 0
    with (
        write_atomically(target) as path,
        path.open("w", encoding="utf-8", newline="\n") as file,
        verdicts.open(encoding="utf-8") as lines,
    ):
        for row, line in zip(raw_rows(source), lines, strict=True):
            if json.loads(line)["verdict"] != Verdict.REJECT:
                file.write(f"{row}\n")
                kept += 1
    return kept
