"""Anything, cut into pieces that travel with a call.

Ray carries arguments of up to 100 kB with the call itself (10 MB of them at most). A larger one needs room in the
object store of the driver's node, which others may have filled; so nothing of a run waits for room there.
"""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from typing import Any

PIECE = 90_000
"""Bytes: what Ray adds to an argument is far less than the rest of its 100 kB."""


def pack(*values: Any) -> list[bytes]:  # noqa: ANN401
    """Pieces that `unpack` makes the values from again."""
    data = pickle.dumps(values, pickle.HIGHEST_PROTOCOL)
    return [data[begin : begin + PIECE] for begin in range(0, len(data), PIECE)]


def unpack(pieces: Sequence[bytes]) -> Any:  # noqa: ANN401
    """The tuple of values; for pieces of our own alone."""
    return pickle.loads(b"".join(pieces))
