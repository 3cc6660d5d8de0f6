"""Text -> vector.

Two kinds: `builtin`, hashed words (hashed.py), there at once; and every sentence-transformers model by name or folder.
Invariant: a vector is a function of its text and the model (and of the kind of CPU), not of what else was in the batch:
a dataset must not depend on that. So a transformer's batches have fixed shapes: texts are sorted by length into
buckets, a bucket's batch always has the same number of rows, missing ones are filled up, and all is done on one thread.
Then a row's last bits depend on its own text alone: measured (`python benchmarks/duplicates.py encoder` compares
sorted, shuffled and single encodings of recorded texts: none differs), and looked at anew each time a model is loaded;
one that fails it goes text by text. Vectors are rounded to half precision at once, so that a stored and a fresh one are
the same.

Where the CPU multiplies bfloat16 natively and the model's vectors stay within a cosine of 0.9999, weights are
bfloat16: 1.7 times the rate. `precision` float32 makes vectors comparable between kinds of CPU.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from evolve.embedding.hashed import HashedBag
from evolve.embedding.products import native_bfloat16
from evolve.errors import ConfigError
from evolve.text import shorten

BUILTIN = "builtin"
TOKENS = 256
"""Tokens of one pass, padding included: short texts go 16 at a time, long ones alone, so a lone text waits for no
more than a long one."""
LENGTHS = (16, 24, 32, 40, 48, 64, 80, 96, 128)
"""Bucket lengths in tokens, each with TOKENS // length rows; a longer text is a batch of its own, not padded."""
FAITHFUL = 0.9999
"""Cosine that bfloat16 must reach to float32 on every probe (MiniLM: 0.99994 at least over 400 recorded texts)."""
_PROBES = (
    "Write a function that returns the longest run of equal numbers in a list.",
    "Sort.",
    "def f(a, b):\n    return a / b  # what happens when b is 0?",
    "Given the table below, group the orders by customer and month, and print the three largest sums of each group in "
    "descending order; ties are broken by name. Explain why your solution needs no more than one pass over the rows.",
    "将字符串反转，并说明时间复杂度。",
)

Precision = Literal["auto", "float32"]


class Embedder:
    """Loaded when first used: that takes seconds. Not for two threads at once."""

    def __init__(self, name: str, precision: Precision = "auto") -> None:
        self._name = name
        self._precision = precision
        self._model: Any = None
        self._shaped = False

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """Shape (len(texts), dimension), float16, rows of length 1."""
        if self._model is None:
            self._load()
        if not texts:
            return np.zeros((0, 0), np.float16)
        if self._shaped:
            return self._encode_shaped(texts)
        if self._name == BUILTIN:
            return np.asarray(self._model.encode(texts), np.float16)
        return _plainly(self._model, texts, 1)

    def _load(self) -> None:
        if self._name == BUILTIN:
            self._model = HashedBag()
            return
        model = _load(self._name)
        if self._precision == "auto" and native_bfloat16():
            model = _narrowed(self._name, model)
        self._model = model
        self._shaped = _is_transformer(model) and self._holds()

    def _holds(self) -> bool:
        """Whether a row depends on its own text alone in this model's batches."""
        together = self._encode_shaped(_PROBES * 3)
        alone = np.concatenate([self._encode_shaped([text]) for text in _PROBES] * 3)
        return together.tobytes() == alone.tobytes()

    def _encode_shaped(self, texts: Sequence[str]) -> np.ndarray:
        """In batches of fixed shapes, the shortest texts first."""
        rows = self._model.tokenizer(list(texts), truncation=True, max_length=self._model.max_seq_length)
        lengths = [len(row) for row in rows["input_ids"]]
        found: list[np.ndarray | None] = [None] * len(texts)
        for length, batch in _batches(lengths):
            size = max(1, TOKENS // length)
            filled = batch + batch[:1] * (size - len(batch))
            features = self._model.tokenizer.pad(
                {key: [values[i] for i in filled] for key, values in rows.items()},
                padding="max_length",
                max_length=length,
                return_tensors="pt",
            )
            for i, vector in zip(batch, self._forward(features), strict=False):
                found[i] = vector
        return np.stack([vector for vector in found if vector is not None])

    def _forward(self, features: Any) -> np.ndarray:  # noqa: ANN401
        import torch

        with torch.inference_mode():
            vectors = self._model(dict(features))["sentence_embedding"].float()
            half: np.ndarray = torch.nn.functional.normalize(vectors, dim=1).numpy().astype(np.float16)
        return half


def _batches(lengths: Sequence[int]) -> Iterator[tuple[int, list[int]]]:
    """(padded length, positions), shortest first."""
    buckets: dict[int, list[int]] = {}
    for position, length in enumerate(lengths):
        buckets.setdefault(next((most for most in LENGTHS if length <= most), length), []).append(position)
    for most, positions in sorted(buckets.items()):
        size = max(1, TOKENS // most) if most in LENGTHS else 1
        for begin in range(0, len(positions), size):
            yield most, positions[begin : begin + size]


def _plainly(model: Any, texts: Sequence[str], size: int) -> np.ndarray:  # noqa: ANN401
    vectors = model.encode(
        list(texts), batch_size=size, show_progress_bar=False, convert_to_numpy=True, normalize_embeddings=True
    )
    return np.asarray(vectors, np.float16)


def _is_transformer(model: Any) -> bool:  # noqa: ANN401
    from sentence_transformers.models import Transformer

    return isinstance(model[0], Transformer) and getattr(model, "tokenizer", None) is not None


def _narrowed(name: str, exact: Any) -> Any:  # noqa: ANN401
    """The model in bfloat16, or as it was where that loses too much or does not work."""
    import torch

    try:
        narrow = _open(name, model_kwargs={"dtype": torch.bfloat16})
        one, other = (_plainly(model, _PROBES, 1).astype(np.float64) for model in (exact, narrow))
        cosines = np.einsum("ij,ij->i", one, other) / np.sqrt((one * one).sum(1) * (other * other).sum(1))
        return narrow if cosines.min() >= FAITHFUL else exact
    except Exception:  # not every model can; float32 is always right
        return exact


def _load(name: str) -> Any:  # noqa: ANN401  (the package brings no types)
    import torch

    torch.set_num_threads(1)
    for noisy in ("sentence_transformers", "huggingface_hub", "transformers"):
        logging.getLogger(noisy).setLevel(logging.ERROR)
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()
    try:
        return _open(name)
    except Exception as error:  # the loaders below it raise whatever they like
        raise ConfigError(
            f"eliminator.embedder: {name} cannot be loaded: {shorten(str(error), 200)}; give a folder with a "
            "sentence-transformers model, a model that is already in the cache (with HF_HUB_OFFLINE=1), or `builtin`"
        ) from None


def _open(name: str, **options: Any) -> Any:  # noqa: ANN401
    from sentence_transformers import SentenceTransformer

    return SentenceTransformer(name, device="cpu", **options)  # a GPU on some nodes would be a matter of scheduling
