"""From a ledger to files that trainers load: columns, Parquet, the card. Needs neither Ray nor a model."""

from evolve.dataset.card import CARD, HOLDS, is_card, write_card
from evolve.dataset.columns import MESSAGES, TRAIN
from evolve.dataset.export import Counts, export, export_derived
from evolve.dataset.figures import TABLES, Figures, count, files
from evolve.dataset.files import sync_folder, write_atomically
from evolve.dataset.reading import rows, rows_in
from evolve.dataset.recipe import Recipe, make_recipe

__all__ = [
    "CARD",
    "HOLDS",
    "MESSAGES",
    "TABLES",
    "TRAIN",
    "Counts",
    "Figures",
    "Recipe",
    "count",
    "export",
    "export_derived",
    "files",
    "is_card",
    "make_recipe",
    "rows",
    "rows_in",
    "sync_folder",
    "write_atomically",
    "write_card",
]
