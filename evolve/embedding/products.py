"""Matrix products of half-precision rows, fast and slightly wrong, with a bound on how wrong.

Two ways: float32 by numpy, and bfloat16 by torch where the CPU has instructions for it, on tables of few shapes alone,
for torch keeps compiled code for each shape that it ever met. Neither decides anything: whoever uses a product takes
what lies within MARGIN of what it looks for and computes that again in float64, so that the outcome does not depend on
the way taken. Rows are kept in float16 alone and widened or narrowed chunk by chunk in
the cache, on their bits: that costs a tenth of the product (`benchmarks/duplicates.py`), and a second copy nothing.

The bound for bfloat16, for rows of length 1 before they were rounded to float16, so 2^-11 off at most, which moves the
product by 2^-10: rounding either factor to 8 bits moves each component by at most 2^-8 of itself, which moves the
product by at most (1 + 2^-8)^2 - 1 < 0.0079 (Cauchy-Schwarz); the product is itself rounded to 8 bits, 0.0040 more;
half-precision subnormals are narrowed with an error below 2^-14 a component, 2^-14 sqrt(dimension) in all, 0.0028 at
2,048 dimensions; sums are float32. Together below 1/60 = 0.0166. Float32 products of 4,096 dimensions are exact to
4,096 * 2^-24 < 0.0003, with the rows' lengths below 1/512 = 0.0019.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache
from typing import Any, Literal

import numpy as np

Way = Literal["bfloat16", "float32"]

MARGIN: dict[Way, float] = {"bfloat16": 1 / 60, "float32": 1 / 512}
"""How far a product may lie from the true cosine."""
SMALL = 2**14
"""Rows below which numpy does it: growing to them costs it a second more than torch, whose import takes three."""
EXCLUDED = -4.0
"""In place of a product that does not count."""
NARROWEST = 2048
"""Dimensions up to which the bound for bfloat16 holds."""
FEWEST = 256
"""Rows multiplied by torch at least. It keeps 0.65 MB of code for each of the last 1,024 shapes that it met, on every
thread; with questions and rows in powers of two, rows from here on, there are 45 up to 256 and 4,096."""


class Products:
    """Products of fixed questions with one chunk of rows after the other."""

    def __init__(self, way: Way, questions: np.ndarray, chunk: int) -> None:
        """`questions`: shape (n, dimension), float16; `chunk`: rows that will be given at most."""
        self.margin = MARGIN[way]
        self._way = way
        self._count, dimension = questions.shape
        self._questions: Any
        if way == "bfloat16":
            self._torch = _torch()
            self._room = np.zeros((_rounded(chunk, FEWEST), dimension), np.int16)
            padded = np.zeros((_rounded(self._count), dimension), np.float32)
            padded[: self._count] = questions
            self._questions = self._torch.from_numpy(padded).bfloat16()
        else:
            self._questions = questions.astype(np.float32)
            self._room = np.empty((chunk, dimension), np.int32)

    def __call__(self, rows: np.ndarray, excluded: np.ndarray | tuple[np.ndarray, np.ndarray]) -> np.ndarray:
        """Shape (questions, rows), EXCLUDED where that is true; to be read by the other methods alone.

        `excluded`: a table of that shape, or the (questions, rows) at which it would be true: cheaper for few.
        """
        if self._way != "bfloat16":
            products: np.ndarray = self._questions @ _widen(rows, self._room[: len(rows)]).T
            products[excluded] = EXCLUDED
            return products
        _narrow(rows, self._room[: len(rows)])
        padded = self._torch.from_numpy(self._room[: _rounded(len(rows), FEWEST)]).view(self._torch.bfloat16)
        table = (self._questions @ padded.T).view(self._torch.int16).numpy()
        products = _ordered(table[: self._count, : len(rows)])
        products[excluded] = _ordered(_bits(np.array([EXCLUDED], np.float32)))
        return products

    def largest(self, products: np.ndarray) -> np.ndarray:
        """Of each question, float32."""
        return self._widened(products.max(axis=1))

    def at_least(self, products: np.ndarray, least: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """(questions, rows) of all products that are at least their question's `least`, and of no much smaller one."""
        if self._way == "bfloat16":
            least = _ordered(_bits(least.astype(np.float32)))
        return where(products >= least[:, None])

    def _widened(self, values: np.ndarray) -> np.ndarray:
        if self._way != "bfloat16":
            return values
        return (_ordered(values).astype(np.uint16).astype(np.uint32) << 16).view(np.float32)


def _rounded(count: int, least: int = 1) -> int:
    """The next power of two."""
    return max(least, 1 << (count - 1).bit_length())


def where(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """np.nonzero of a table, in a tenth of its time where little of it is true."""
    rows, columns = np.divmod(np.flatnonzero(table.ravel()), table.shape[1])
    return rows, columns


def way_for(dimension: int, rows: int) -> Way:
    """The fastest on this machine whose bound holds."""
    return "bfloat16" if rows >= SMALL and dimension <= NARROWEST and native_bfloat16() else "float32"


@cache
def native_bfloat16() -> bool:
    """Whether bfloat16 products are the faster ones here, measured once a process: without instructions for it they
    are several times slower than float32."""
    torch = _torch()
    if torch is None:
        return False
    draw = np.random.default_rng(0)
    one, other = (torch.from_numpy(draw.standard_normal((n, 384), np.float32)) for n in (128, 2048))
    narrow_one, narrow_other = one.bfloat16(), other.bfloat16()
    with torch.inference_mode():
        return _fastest(lambda: narrow_one @ narrow_other.T) < 0.9 * _fastest(lambda: one @ other.T)


@cache
def _torch() -> Any:  # noqa: ANN401
    """The package on one thread, for the chunks are small, and threads would wait for each other; or None."""
    try:
        import torch
    except ImportError:
        return None
    torch.set_num_threads(1)
    return torch


def _fastest(work: Callable[[], object]) -> float:
    def once() -> float:
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    return min(once() for _ in range(5))


def _bits(values: np.ndarray) -> np.ndarray:
    """float32 -> the upper half of its bits: bfloat16, of two neighbours the one nearer to 0 (so at most 2^-7 less)."""
    return (values.view(np.uint32) >> 16).astype(np.uint16).view(np.int16)


def _ordered(bits: np.ndarray) -> np.ndarray:
    """The bits of bfloat16 as numbers in the same order, and such numbers as bits again."""
    mask = bits >> 15
    mask &= 0x7FFF
    mask ^= bits
    return mask


def _narrow(rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """float16 -> the bits of bfloat16, rounded to nearest: three mantissa bits go, the exponent's bias grows by 112."""
    bits = rows.view(np.int16)
    np.bitwise_and(bits, 0x7FFF, out=out)
    out += 4
    out >>= 3
    out += 112 << 7
    out |= bits & np.int16(-0x8000)
    return out


def _widen(rows: np.ndarray, out: np.ndarray) -> np.ndarray:
    """float16 -> float32, exact where it is finite, in a fifteenth of numpy's own time: the bits are moved to their
    places, and a product makes good for the exponent's bias, which grows by 112."""
    np.copyto(out, rows.view(np.int16))
    out <<= 13
    out &= np.int32(-0x7000_2000)
    wide = out.view(np.float32)
    wide *= np.float32(2.0**112)
    return wide
