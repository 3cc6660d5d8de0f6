"""From a ledger to files that trainers load: columns, Parquet, the card. Needs neither Ray nor a model."""

from evolve.dataset.card import write_card
from evolve.dataset.columns import TRAIN
from evolve.dataset.export import Counts, export, export_derived
from evolve.dataset.files import write_atomically

__all__ = ["TRAIN", "Counts", "export", "export_derived", "write_atomically", "write_card"]
