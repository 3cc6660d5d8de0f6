"""Texts as vectors: making them, keeping them, and finding which are near. Decides nothing about any text.

`Embedder` makes them, `VectorStore` keeps them on disk, `Search` is the one index of a run over any number of parts,
each an `Index` in this process or elsewhere. Knows no Ray.
"""

from __future__ import annotations

from evolve.embedding.embedders import BUILTIN, Embedder, Precision
from evolve.embedding.index import Found, Index, Questions, cosines
from evolve.embedding.search import Entry, Floors, LocalPart, Neighbour, Neighbours, Part, Search
from evolve.embedding.vectors import VectorStore

__all__ = [
    "BUILTIN",
    "Embedder",
    "Entry",
    "Floors",
    "Found",
    "Index",
    "LocalPart",
    "Neighbour",
    "Neighbours",
    "Part",
    "Precision",
    "Questions",
    "Search",
    "VectorStore",
    "cosines",
]
