"""A run's dataset in the formats that trainers want. The run stays as it is, and no model is asked.

tables      the run's Parquet files, row group by row group
exporter    what a format is; registry: which there are, by entry points
chats, pairs, filling, rendered    the built-in ones
templates   chat templates, in a sandbox
scoring, filters, selection, split    which rows are wanted, and on which side
writing     shards, compression, a folder whole or not at all
export      all of it in order
"""

from __future__ import annotations

from evolve.exporting.export import Exported, Settings, export_run
from evolve.exporting.exporter import Exporter, Options
from evolve.exporting.filters import Filters
from evolve.exporting.registry import load_exporter, names
from evolve.exporting.scoring import score
from evolve.exporting.templates import FORMATS, Template, load_template

__all__ = [
    "FORMATS",
    "Exported",
    "Exporter",
    "Filters",
    "Options",
    "Settings",
    "Template",
    "export_run",
    "load_exporter",
    "load_template",
    "names",
    "score",
]
