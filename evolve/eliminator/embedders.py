"""Text -> vector, by sentence-transformers.

Two kinds: `builtin`, a SentenceTransformer of a static hashed module, made at start without any download; and every
sentence-transformers model by name or folder. Invariant: a vector is a function of its text and the model, not of
what else was in the batch: texts go through one at a time, on one thread, because padding and thread count change a
transformer's last bits, and a dataset must not depend on those. Vectors are rounded to half precision at once, so
that a stored and a fresh one are the same.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evolve.config import EliminatorConfig
from evolve.errors import ConfigError
from evolve.text import shorten

BUILTIN = "builtin"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Cosines from which on a candidate counts as a duplicate."""

    within: float
    """Of its own lineage's instructions."""
    across: float
    """Of everything else."""


def thresholds(config: EliminatorConfig) -> Thresholds:
    """The config's own, where it has any.

    The defaults are from 1,863 recorded parent-child pairs (`benchmarks/duplicates.py` prints the distributions).
    Within a lineage only near copies: a sentence added to a long instruction reaches 0.99 and is a true step; whether
    a small step is one is for `no_gain` and the judge. Across lineages 0.95: between 0.8 and 0.95 the nearest pairs
    share a frame or a table and ask for different things.
    """
    within, across = config.duplicate_within, config.duplicate_across
    return Thresholds(0.995 if within is None else within, 0.95 if across is None else across)


class Embedder:
    """Loaded when first used: that takes seconds."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._model: Any = None

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (len(texts), dimension), float16, rows of length 1."""
        if self._model is None:
            self._model = _load(self._name)
        size = 512 if self._name == BUILTIN else 1  # the static module has no padding
        if not texts:
            return np.zeros((0, 0), np.float16)
        vectors = self._model.encode(
            list(texts), batch_size=size, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
        )
        return np.asarray(vectors, np.float16)


def _load(name: str) -> Any:  # noqa: ANN401  (the package brings no types)
    import torch

    torch.set_num_threads(1)
    for noisy in ("sentence_transformers", "huggingface_hub", "transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    from sentence_transformers import SentenceTransformer

    if name == BUILTIN:
        from evolve.eliminator.hashed import HashedBag

        return SentenceTransformer(modules=[HashedBag()], device="cpu")
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        return SentenceTransformer(name, device="cpu")  # a GPU on some nodes would make vectors a matter of scheduling
    except Exception as error:  # the loaders below it raise whatever they like
        raise ConfigError(
            f"eliminator.embedder: {name} cannot be loaded: {shorten(str(error), 200)}; give a folder with a "
            "sentence-transformers model, a model that is already in the cache (with HF_HUB_OFFLINE=1), or `builtin`"
        ) from None
