"""The eliminator and the verifier in processes of their own on this machine, without Ray; calls go out from the driver.

Invariant: same classes, same results as in one process. A process that is lost takes all others with it, so whatever
any of them was doing is given out again apart, one batch at a time, where none can end another's. The processes are
forked from a server that has imported what they need, once; they end with the driver, also where that is killed.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any

from evolve.cluster.inline import LocalStages
from evolve.cluster.seam import Work
from evolve.cluster.worker import Worker
from evolve.errors import DeadlyError

MOST = 8
"""Processes where nobody says how many: what is left to the driver keeps it busy with about half as many."""
LOSSES = 3
"""Processes that may be lost over one batch before it is believed to be its fault."""
AHEAD = 1
"""Batches of a kind that wait beside those that are being worked on, so that no process waits for the driver."""

_own: list[Worker] = []
"""In a process that serves."""


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class ProcessStages(LocalStages):
    def __init__(self, work: Work, processes: int | None = None) -> None:
        """`processes`: None: one a core, at most MOST."""
        self._processes = processes or min(cores(), MOST)
        super().__init__(work, self._stage, self._processes + AHEAD, self._processes)
        self._work = work
        self._pool = self._made(self._processes)
        self._ward: ProcessPoolExecutor | None = None
        self._alone = asyncio.Lock()

    async def start(self) -> None:
        """Nothing to wait for: processes start when there is something to do."""

    async def close(self) -> None:
        await super().close()
        for pool in (self._pool, self._ward):
            if pool is not None:
                await asyncio.to_thread(pool.shutdown, cancel_futures=True)

    async def _stage(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        """A pure call in whichever process is free."""
        loop, pool = asyncio.get_running_loop(), self._pool
        try:
            return await loop.run_in_executor(pool, _served, method, items)
        except BrokenProcessPool:
            if pool is self._pool:
                self._pool = self._made(self._processes)
        async with self._alone:
            for _ in range(LOSSES):
                self._ward = self._ward or self._made(1)
                try:
                    return await loop.run_in_executor(self._ward, _served, method, items)
                except BrokenProcessPool:
                    self._ward = None
        raise DeadlyError(f"it ended {LOSSES} processes, one after the other")

    def _made(self, processes: int) -> ProcessPoolExecutor:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["evolve.eliminator"])
        return ProcessPoolExecutor(processes, context, _serve, (self._work,))


def _serve(work: Work) -> None:
    """What a process does first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver hears it, and ends the others
    threading.Thread(target=_end_with_driver, daemon=True).start()
    _own.append(Worker(work))


def _end_with_driver() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _served(method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
    return _own[0].call(method, items)
