"""What a run leaves behind: the tables, the tasks derived of verified answers, and the card.

Of a whole run, or of what is there when its budget is spent. Invariant: the tables are a function of the fates on
record, each whole or not at all; the card says whether they are all that there will be. No call is paid, and nothing is
sent anywhere (see release.py).
"""

from __future__ import annotations

import json
from contextlib import aclosing
from pathlib import Path

from evolve.cluster import Stages
from evolve.config import Config
from evolve.dataset import Figures, export, export_derived, make_recipe, write_card
from evolve.derive import TOKENS
from evolve.deriving import derive
from evolve.ledger import Ledger
from evolve.proxies import proxies
from evolve.report import cost_in_words, summarise


async def write_derived(config: Config, folder: Path, ledger: Ledger, stages: Stages) -> None:
    """The tasks that verified answers give for nothing."""
    ledger.flush()
    async with aclosing(derive(ledger.fates(), stages, config)) as tasks:
        counts = await export_derived(tasks, folder / "data", TOKENS[config.derive.fim])
    ledger.set_meta("derived", json.dumps(dict(sorted(counts.items()))))


def write_dataset(config: Config, folder: Path, ledger: Ledger, partial: str | None) -> None:
    """The tables of all fates on record, and the card. `partial`: why more are to come."""
    export(ledger.fates(), folder / "data")
    describe(config, folder, ledger, partial)


def describe(config: Config, folder: Path, ledger: Ledger, partial: str | None = None) -> Figures:
    """Write the card of the tables in the folder, and return what it counted there."""
    summary = summarise(ledger)
    kept = json.loads(ledger.meta("identity") or "{}")
    recipe = make_recipe(config, kept, scores=summary.scores, ended=summary.ended)
    cost = cost_in_words(summary.usage, summary.broken_off)
    return write_card(folder, recipe, cost=cost, rounds=proxies(ledger), partial=partial)
