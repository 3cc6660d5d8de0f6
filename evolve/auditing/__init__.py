"""`evolve check DATASET`: any dataset looked through as trainers would meet it. Nothing is written, and nobody is
asked.

    rows        a run, an export, files or a dataset on the Hub, row by row
    trainers    which columns each trainer takes, and which win
    chats       a row as a chat, and what is wrong with it as one
    lengths     in tokens of a named tokenizer
    audit       all of it in one pass, with duplicates, contamination and secrets
"""

from __future__ import annotations

from evolve.auditing.audit import Audit, audit
from evolve.auditing.lengths import histogram, quantile
from evolve.auditing.rows import NOT_JSON
from evolve.auditing.trainers import Reading, readings

__all__ = ["NOT_JSON", "Audit", "Reading", "audit", "histogram", "quantile", "readings"]
