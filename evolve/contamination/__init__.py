"""Benchmarks in the data: near-verbatim items by hashed runs of words, rephrased ones by embedding and a judge.

Fingerprints of HumanEval and MBPP ship with the package, without their text; `benchmarks` reads private files, `check`
looks for both in every candidate, `rephrased` picks the rows that a judge is asked about. Nothing here calls a model.
"""

from evolve.contamination.benchmarks import contents, read_items
from evolve.contamination.fingerprints import Item, prose
from evolve.contamination.rephrased import TOP, Rephrased, worst

__all__ = ["TOP", "Item", "Rephrased", "contents", "prose", "read_items", "worst"]
