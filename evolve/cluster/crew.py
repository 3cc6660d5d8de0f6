"""Actors that do the same work: each call goes to the least loaded of them.

Invariant: a call that an actor lost counts towards its load for a while, or a dead actor would look like the least
loaded one. What an actor is, and how its answer is waited for, is the caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from evolve.errors import StageError

BENCH_S = 5.0
"""How long a call that an actor lost still counts towards its load."""


class Crew:
    def __init__(self, actors: Sequence[Any], wait: Callable[[Awaitable[Any], float], Awaitable[Any]]) -> None:
        """`wait`: for what an actor was asked, so many seconds at most; raises StageError if the actor was lost."""
        self.actors = tuple(actors)
        self._wait = wait
        self._loads = [0] * len(self.actors)

    async def call(self, method: str, *arguments: object, within_s: float) -> Any:  # noqa: ANN401
        chosen = min(range(len(self._loads)), key=self._loads.__getitem__)
        self._loads[chosen] += 1
        try:
            answer = await self._wait(getattr(self.actors[chosen], method).remote(*arguments), within_s)
        except StageError:
            asyncio.get_running_loop().call_later(BENCH_S, self._unload, chosen)
            raise
        except BaseException:
            self._unload(chosen)
            raise
        self._unload(chosen)
        return answer

    def _unload(self, number: int) -> None:
        self._loads[number] -= 1
