"""The old address of FILLER; see vocabulary.py. Holds nothing of its own."""

from evolve.eliminator.vocabulary import FILLER

__all__ = ["FILLER"]
