"""The built-in embedder's module: hashed words, word pairs and letter groups, each with a random direction.

A text's vector is the weighted sum of its features' directions; two texts are as near as they share features. It
knows spelling, not meaning: a rephrasing in other words is far away. The directions come from a fixed seed and the
hash is BLAKE2, so the vector of a text is the same everywhere and always.
"""

from __future__ import annotations

import re
from array import array
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b
from itertools import chain, pairwise
from typing import ClassVar

import numpy as np
import torch
from sentence_transformers.sentence_transformer.modules import InputModule

FILLER = frozenset(
    """a an the of in on at to for from by with and but if then than so as is are was were be been it its this that
    these those there here you your we our i my me he she they them their which who whom whose what when where why how
    can could should would will shall may might must do does did done have has had also just some such using use used
    make given please ensure new way""".split()  # noqa: SIM905
)
"""Words that say little about a task. A list of its own: a vector must not change when a check learns a word."""
DIMENSION = 256
BUCKETS = 2**15
_TOKEN = re.compile(r"\w+|[^\w\s]")
WORD, PAIR, LETTERS, FILLER_WORD = 1.0, 0.5, 0.25, 0.2
"""Weights of a feature by its kind; the square root of its count in the text comes on top."""


class HashedBag(InputModule):  # type: ignore[misc]  # the package brings no types
    config_keys: ClassVar[list[str]] = []

    def __init__(self) -> None:
        super().__init__()
        directions = np.random.Generator(np.random.PCG64(0)).standard_normal((BUCKETS, DIMENSION), np.float32)
        self.register_buffer("directions", torch.from_numpy(directions), persistent=False)

    def preprocess(self, inputs: list[str], prompt: str | None = None, **_: object) -> dict[str, torch.Tensor]:
        bags = [features(text) or {0: 1.0} for text in inputs]
        buckets, weights = array("q"), array("d")
        for bag in bags:
            buckets.extend(bag)
            weights.extend(bag.values())
        return {
            "buckets": torch.from_numpy(np.frombuffer(buckets, np.int64)),
            "weights": torch.from_numpy(np.frombuffer(weights, np.float64).astype(np.float32)),
            "offsets": torch.tensor(np.cumsum([0, *(len(bag) for bag in bags[:-1])])),
        }

    def forward(self, features: dict[str, torch.Tensor], **_: object) -> dict[str, torch.Tensor]:
        features["sentence_embedding"] = torch.nn.functional.embedding_bag(
            features["buckets"],
            self.directions,
            features["offsets"],
            per_sample_weights=features["weights"],
            mode="sum",
        )
        return features

    def get_embedding_dimension(self) -> int:
        return DIMENSION

    def save(self, output_path: str, *_: object, **__: object) -> None:
        raise NotImplementedError("the built-in embedder is made at start, not saved")


def features(text: str) -> dict[int, float]:
    """Bucket -> weight, in an order that the text alone decides: words, pairs, letter groups."""
    tokens = _TOKEN.findall(text.lower())
    counts: Counter[str] = Counter(chain(map("w{}".format, tokens), _pairs(tokens), *map(_letters, tokens)))
    bag: dict[int, float] = {}
    for key, count in counts.items():
        bucket, weight = _place(key)
        if count > 1:
            weight *= count**0.5
        bag[bucket] = bag[bucket] + weight if bucket in bag else weight
    return bag


@lru_cache(maxsize=2**16)  # the same words come again and again: 16 MB make it 1.3 times as fast
def _place(key: str) -> tuple[int, float]:
    """Bucket and weight of a feature, which is its kind's letter and its text."""
    bucket = int.from_bytes(blake2b(key.encode(), digest_size=4).digest(), "big") % BUCKETS
    if key[0] == "w":
        return bucket, FILLER_WORD if key[1:] in FILLER else WORD
    return bucket, PAIR if key[0] == "p" else LETTERS


def _pairs(tokens: Sequence[str]) -> list[str]:
    return [f"p{one} {two}" for one, two in pairwise(tokens)]


@lru_cache(maxsize=2**14)
def _letters(token: str) -> tuple[str, ...]:
    if len(token) <= 3 or token in FILLER:
        return ()
    return tuple(f"c{f'<{token}>'[i : i + 4]}" for i in range(len(token) - 1))
