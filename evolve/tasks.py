"""Tasks under way, and the first error among them.

A task that was cancelled, or turned away because the run is being stopped, ends without a word. Invariant: `changed` is
set whenever one ends. What they do is whoever's who spawns them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from evolve.errors import HaltedError


class Tasks:
    def __init__(self, changed: asyncio.Event) -> None:
        """`changed` may be set by others too."""
        self.changed = changed
        self.error: BaseException | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def spawn(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def change(self) -> None:
        """Wait until one ends, or somebody else says that something changed."""
        await self.changed.wait()
        self.changed.clear()

    async def cancel(self) -> None:
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self.changed.set()
        if not task.cancelled() and (error := task.exception()) and not isinstance(error, HaltedError):
            self.error = self.error or error
