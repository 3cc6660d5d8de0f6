"""Looking at a run: its table, its progress while it goes on, a sample's lineage. Reads the ledger, writes nothing.

Whatever came from a model, a file or a server passes `text.plain` before it is shown, and is never read as markup.
"""

from evolve.report.lineage import lineage_rows, lineage_tree, sample_page, sample_view
from evolve.report.progress import Progress
from evolve.report.summary import Summary, reasons_table, summarise, summary_page, summary_table
from evolve.report.usage import BrokenOff, Used, cost_in_words, usage_lines

__all__ = [
    "BrokenOff",
    "Progress",
    "Summary",
    "Used",
    "cost_in_words",
    "lineage_rows",
    "lineage_tree",
    "reasons_table",
    "sample_page",
    "sample_view",
    "summarise",
    "summary_page",
    "summary_table",
    "usage_lines",
]
