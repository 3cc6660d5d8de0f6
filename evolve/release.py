"""A finished run made ready to be published: its terms known, its card written anew, its files checked.

Invariant: what is published is what the ledger says was made, with the terms under which it may be used; no run goes on
in the folder meanwhile. No row is changed, and nothing is sent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from evolve.config import Config, PublishConfig, dump, load, secrets
from evolve.dataset import Figures, files, rows, write_atomically
from evolve.errors import PushError
from evolve.folder import Lock, ledger_of
from evolve.hub import Bundle, gather
from evolve.identity import identity_digest
from evolve.ledger import Ledger
from evolve.publishing import describe
from evolve.report import Summary, summarise
from evolve.teacher import key_variables


@contextmanager
def made_release(folder: Path, publish: PublishConfig) -> Iterator[Bundle]:
    """The files of the run in `folder`, which stay as they are until the end.

    Terms in `publish` that are None are those that the run was given.
    Raises ConfigError where there is no run, PushError where it cannot be published, FolderError while it goes on.
    """
    path = ledger_of(folder)
    with Lock(folder), Ledger(path, read_only=True) as ledger:
        if ledger.meta("finished") is None:
            raise PushError(f"{folder}: the run is not finished; type its `evolve run` command again to go on")
        config = _with_terms(folder, publish)
        _compare(folder, describe(config, folder, ledger), summarise(ledger))
        _compare_texts(folder, ledger)
        name = identity_digest(json.loads(ledger.meta("identity") or "{}"))[:8]
        yield gather(folder, name, secrets(key_variables(config)))


def _with_terms(folder: Path, publish: PublishConfig) -> Config:
    """The run's config, which keeps the terms."""
    kept = load(folder / "config.yaml")
    terms = kept.publish.model_copy(update=publish.model_dump(exclude_none=True))
    if terms.missing:
        options = " ".join(f"--{key.rpartition('.')[2].replace('_', '-')}" for key in terms.missing)
        raise PushError(
            f"{folder}: {', '.join(terms.missing)}: not given, so nobody could know what may be done with the dataset. "
            f"Give {options}, or a section `publish` in a file by --config"
        )
    config = kept.model_copy(update={"publish": terms})
    if config != kept:
        with write_atomically(folder / "config.yaml") as beside:
            beside.write_text(dump(config), encoding="utf-8")
    return config


def _compare(folder: Path, figures: Figures, summary: Summary) -> None:
    """Raise PushError where the tables are not those that the ledger gave."""
    made = {"default": "accepted", "rejected": "rejected", "lineage": "attempts"}
    expected = {config: summary.total(name) for config, name in made.items()} | {
        "derived": sum(summary.derived.values())
    }
    for config, wanted in expected.items():
        if (found := figures.rows.get(config, 0)) != wanted:
            raise PushError(
                f"{folder}/data: {found} rows of {config}, but the run has {wanted}; restore the files as it wrote them"
            )


def _compare_texts(folder: Path, ledger: Ledger) -> None:
    """The same where a row was changed, or stands elsewhere; there are as many rows as the ledger has fates."""
    columns = ("id", "instruction", "output")
    tables = {
        outcome: chain.from_iterable(rows(path, columns) for path in files(folder / "data", config))
        for outcome, config in (("accepted", "default"), ("rejected", "rejected"))
    }
    for fate in ledger.fates():
        if fate.outcome in tables:
            child = (None, None) if fate.child is None else (fate.child.id, fate.child.text)
            row = next(tables[fate.outcome])
            if tuple(row[column] for column in columns) != (*child, fate.answer):
                raise PushError(
                    f"{folder}/data: row {row['id']} is not as the run made it ({fate.outcome}); restore the files as "
                    "it wrote them"
                )
