"""A run in a browser: one file that holds all of it, or the same page over a run that goes on.

    reading     fates -> items, of every n-th lineage where there are too many
    measures    their places on the map; length, difficulty and diversity by round
    timeline    the log as a curve
    assessment  does it look good, and what speaks against it
    gathering   all of these, from a run's folder to `PageData`
    page        `PageData` -> HTML
    static/     its script and style, by hand, without a framework

Data flows one way: ledger -> plain records -> page. Nothing is written but the page.
"""

from evolve.web.gathering import gather, open_ledger
from evolve.web.measures import Vectors
from evolve.web.page import render
from evolve.web.record import Item, PageData
from evolve.web.report import write_report

__all__ = ["Item", "PageData", "Vectors", "gather", "open_ledger", "render", "write_report"]
