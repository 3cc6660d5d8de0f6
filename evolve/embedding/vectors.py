"""Embeddings on disk, so that a resumed run does not compute them again: append-only half-precision segments.

A cache, not a truth: a segment that is missing or damaged is left out, and its texts are embedded anew. Invariant:
a segment is whole or absent (written beside, then renamed). Keys are digests of texts.

Memory: what is on disk is not held, but read again segment by segment, of which the latest used are remembered. So a
text costs its key and place, about 200 bytes (0.2 GB per million), and the vectors 50 MB in all.
"""

from __future__ import annotations

import contextlib
import os
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from evolve.records import digest

SEGMENT = 1024
"""Vectors a file: half a megabyte at 256 dimensions."""
OPEN = 64
"""Segments remembered: a resumed run asks for vectors in about the order in which they were saved."""


class VectorStore:
    def __init__(self, folder: Path, borrowed: Sequence[Path] = ()) -> None:
        """Reads what is there; makes the folder if it is missing. `borrowed`: folders of other stores, only read."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._fresh: dict[int, np.ndarray] = {}
        self._places: dict[int, tuple[int, int]] = {}
        self._paths: list[Path] = []
        self._open: OrderedDict[int, np.ndarray] = OrderedDict()
        self._segments = 0
        for path in (path for place in (*borrowed, folder) for path in sorted(place.glob("*.npz"))):
            if path.parent == folder:
                self._segments = max(self._segments, int(path.stem) if path.stem.isdecimal() else 0)
            keys, _ = _read(path)
            self._remember(path, keys)

    def __len__(self) -> int:
        return len(self._places) + len(self._fresh)

    def get(self, text: str) -> np.ndarray | None:
        """Shape (dimension,), float16; None if it has to be made."""
        key = _key(text)
        place = self._places.get(key)
        if place is None:
            return self._fresh.get(key)
        vector = self._lookup(key, *place)
        if vector is None:
            del self._places[key]  # damaged since it was looked at
        return vector

    def put(self, text: str, vector: np.ndarray) -> None:
        key = _key(text)
        if key not in self._places and key not in self._fresh:
            self._fresh[key] = vector
            if len(self._fresh) % SEGMENT == 0:
                self.save()

    def save(self) -> None:
        """Write what is not yet on disk as one more segment."""
        if not self._fresh:
            return
        self._segments += 1
        path = self._folder / f"{self._segments:06d}.npz"
        keys = [f"{key:016x}" for key in self._fresh]
        with contextlib.suppress(OSError):  # a cache that cannot be written is no reason to stop a run
            _write(path, keys, np.stack(list(self._fresh.values())))
            self._remember(path, keys)
            self._fresh.clear()

    def _remember(self, path: Path, keys: Sequence[str]) -> None:
        number = len(self._paths)
        self._paths.append(path)
        self._places.update((int(key, 16), (number, row)) for row, key in enumerate(keys) if _is_key(key))

    def _lookup(self, key: int, number: int, row: int) -> np.ndarray | None:
        if number not in self._open:
            keys, vectors = _read(self._paths[number])
            if row >= len(keys) or keys[row] != f"{key:016x}":
                return None
            self._open[number] = vectors
            if len(self._open) > OPEN:
                self._open.popitem(last=False)
        self._open.move_to_end(number)
        vector: np.ndarray = self._open[number][row]
        return vector


def _key(text: str) -> int:
    return int(digest(text), 16)


def _is_key(text: str) -> bool:
    return len(text) == 16 and all(letter in "0123456789abcdef" for letter in text)


def _write(path: Path, keys: Sequence[str], vectors: np.ndarray) -> None:
    beside = path.with_suffix(".tmp")
    with beside.open("wb") as file:
        np.savez(file, keys=np.array(keys), vectors=vectors)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


def _read(path: Path) -> tuple[list[str], np.ndarray]:
    nothing: tuple[list[str], np.ndarray] = ([], np.zeros((0, 0), np.float16))
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as segment:
            keys, vectors = segment["keys"], segment["vectors"]
    except Exception:  # a damaged archive makes its readers raise whatever they like
        return nothing
    if vectors.dtype != np.float16 or vectors.ndim != 2 or keys.shape != vectors.shape[:1] or keys.dtype.kind != "U":
        return nothing
    return keys.tolist(), vectors
