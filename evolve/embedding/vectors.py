"""Embeddings on disk, so that a resumed run does not compute them again: append-only half-precision segments.

A cache, not a truth: a segment that is missing or damaged is left out, and its texts are embedded anew. Invariant:
a segment is whole or absent (written beside, then renamed). Keys are digests of texts.
"""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

import numpy as np

from evolve.records import digest

SEGMENT = 1024
"""Vectors a file: half a megabyte at 256 dimensions."""


class VectorStore:
    def __init__(self, folder: Path) -> None:
        """Reads what is there; makes the folder if it is missing."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._vectors: dict[str, np.ndarray] = {}
        self._unsaved: list[str] = []
        self._segments = 0
        for path in sorted(folder.glob("*.npz")):
            self._segments = max(self._segments, int(path.stem) if path.stem.isdecimal() else 0)
            self._vectors.update(_read(path))

    def __len__(self) -> int:
        return len(self._vectors)

    def get(self, text: str) -> np.ndarray | None:
        """Shape (dimension,), float16; None if it has to be made."""
        return self._vectors.get(digest(text))

    def put(self, text: str, vector: np.ndarray) -> None:
        key = digest(text)
        if key not in self._vectors:
            self._vectors[key] = vector
            self._unsaved.append(key)
        if len(self._unsaved) >= SEGMENT:
            self.save()

    def save(self) -> None:
        """Write what is not yet on disk as one more segment."""
        if not self._unsaved:
            return
        self._segments += 1
        path = self._folder / f"{self._segments:06d}.npz"
        with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to stop a run
            self._write(path)
        self._unsaved.clear()

    def _write(self, path: Path) -> None:
        beside = path.with_suffix(".tmp")
        with beside.open("wb") as file:
            np.savez(file, keys=np.array(self._unsaved), vectors=np.stack([self._vectors[k] for k in self._unsaved]))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)


def _read(path: Path) -> dict[str, np.ndarray]:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as segment:
            keys, vectors = segment["keys"], segment["vectors"]
    except Exception:  # a damaged archive makes its readers raise whatever they like
        return {}
    if vectors.dtype != np.float16 or vectors.ndim != 2 or keys.shape != vectors.shape[:1]:
        return {}
    return {str(key): vector for key, vector in zip(keys, vectors, strict=True)}
