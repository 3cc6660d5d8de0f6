"""Tasks that verified answers give for nothing: fix a fault, fill a gap, write tests. Each is run, none is paid for.

    tasks      what is derived and from what; the three kinds as text
    wording    how they are said
    cuts       a program cut in three at a node of its syntax
    slips      which broken versions look like a slip
    fim        fill-in-the-middle strings with the tokens of the usual models
    deriver    one worker's: runs what a task claims

Nothing here decides which rows are accepted or writes a file.
"""

from __future__ import annotations

from evolve.derive.deriver import Deriver, suitable
from evolve.derive.fim import TOKENS, Tokens, psm, spm
from evolve.derive.tasks import Derived, Source

__all__ = ["TOKENS", "Derived", "Deriver", "Source", "Tokens", "psm", "spm", "suitable"]
