"""Answers by what they do: those that come to the same on every input are one cluster (AlphaCode's, without a model).

What an answer came to is its own word, so one can place itself in any cluster that it can imitate; it cannot move
others. Nothing is run here.
"""

from __future__ import annotations

from collections.abc import Sequence

from evolve.sandbox import Seen
from evolve.verifier.values import alike


def clusters(seen: Sequence[Sequence[Seen]]) -> list[list[int]]:
    """Numbers of the answers that agree with the first of their cluster; the largest first, ties in order.

    `seen`: for each answer what the same calls came to. An answer of which nothing is known is in no cluster.
    """
    found: list[list[int]] = []
    for number, one in enumerate(seen):
        if all(each.end == "unknown" for each in one):
            continue
        for cluster in found:
            if all(map(alike, one, seen[cluster[0]])):
                cluster.append(number)
                break
        else:
            found.append([number])
    return sorted(found, key=lambda cluster: -len(cluster))
