"""Ray as the driver meets it: started or joined, asked what room there is, left.

Invariant: whatever of Ray can block runs in threads that nobody waits for, so that a Ray that is starting, or gone,
keeps no process from ending. A Ray that was started here ends with this process, however that ends. Who works there is
not decided here.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
import threading
from collections.abc import Callable
from typing import Any, TypeVar

from evolve.cluster.processes import cores
from evolve.config import ClusterConfig, prepare_environment
from evolve.errors import ConfigError, StageError, StopError

prepare_environment()
import ray  # noqa: E402
from ray._private import worker as rays  # noqa: E402
from ray.exceptions import AuthenticationError, RayError  # noqa: E402

JOIN_S = 60.0
"""Longest wait for a cluster to answer at all; left to itself, Ray asks for four minutes (measured)."""
KNOCK_S = 5.0
"""Longest wait for somebody to listen at a cluster's address."""
LEAVE_S = 10.0
"""Longest wait for Ray to end in order; with its head gone it takes 5 s (measured), with a silent one for ever."""

T = TypeVar("T")


class Session:
    """This process's one membership in a Ray cluster."""

    def __init__(self, config: ClusterConfig) -> None:
        self.address = config.address
        self.gone: StopError | None = None
        """What is raised instead of asking anybody there, once it is known to be gone."""
        self._fixed = (config.eliminators or 1) + (config.verifiers or 1)
        self._left = threading.Event()

    async def join(self) -> None:
        """Start or join Ray. Raises ConfigError if there is no such cluster."""
        if self.address == "local":
            # The driver is busy with about a core; two workers fit on any machine.
            room = {"num_cpus": max(2, cores() - 1, self._fixed), "include_dashboard": False}
            await _apart(lambda: self._init(**room), until=self._left)
            return
        await _apart(lambda: _knock(self.address))
        try:
            await asyncio.wait_for(_apart(self._init, until=self._left), JOIN_S)
        except TimeoutError:
            raise ConfigError(f"cluster.address: {self.address}: no answer from Ray for {JOIN_S:.0f} s") from None

    async def free_cpus(self) -> int:
        """CPUs that nobody has taken. Raises StageError if the cluster does not know, or has lost its last node."""
        try:
            found: dict[str, float] = await _apart(ray.available_resources)
        except (RayError, RuntimeError, OSError) as error:
            raise StageError(f"the cluster does not answer: {type(error).__name__}") from None
        if not found:  # a node without a CPU has memory
            raise StageError("the cluster has no node")
        return int(found.get("CPU", 0))

    async def gpus(self) -> float:
        """GPUs of the whole cluster."""
        found: dict[str, float] = await _apart(ray.cluster_resources)
        return float(found.get("GPU", 0))

    async def leave(self) -> None:
        """Disconnect; actors of this driver, and a Ray that it started, end with that."""
        if ray.is_initialized():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(_apart(ray.shutdown), LEAVE_S)
        self._left.set()

    def _init(self, **room: Any) -> None:  # noqa: ANN401
        rays._worker_logs_enabled = False  # what happens to nodes would go to standard output, which machines read
        try:
            ray.init(address=self.address, log_to_driver=False, logging_level=logging.ERROR, **room)
        except AuthenticationError:
            asks = "the cluster asks for a token: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN"
            raise ConfigError(f"cluster.address: {self.address}: {asks}") from None
        except (RayError, ConnectionError, RuntimeError, ValueError, OSError) as error:
            said = " ".join(str(error).split())
            if said.startswith("Version mismatch"):
                where = f"cluster.address: {self.address}"
                raise ConfigError(f"{where}: {said}; use the same versions here and on every node") from None
            raise _no_ray(self.address, said[:200]) from None


def _no_ray(address: str, why: object) -> ConfigError:
    advice = "start one with `ray start --head`, or use --address local"
    return ConfigError(f"cluster.address: {address}: no Ray there: {why}; {advice}")


def _knock(address: str) -> None:
    """Raise ConfigError at once where nobody listens; Ray itself would go on trying."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()
    except OSError as error:
        raise _no_ray(address, error.strerror or error) from None


async def _apart(work: Callable[[], T], until: threading.Event | None = None) -> T:
    """What it returns or raises, from a thread of its own.

    `until`: the thread stays that long, because the processes that it started end with it.
    """
    loop = asyncio.get_running_loop()
    future: asyncio.Future[T] = loop.create_future()

    def settle(set_: Callable[[Any], None], value: object) -> None:
        if not future.done():
            set_(value)

    def run() -> None:
        with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
            try:
                result = work()
            except BaseException as error:
                loop.call_soon_threadsafe(settle, future.set_exception, error)
            else:
                loop.call_soon_threadsafe(settle, future.set_result, result)
        if until is not None:
            until.wait()

    threading.Thread(target=run, daemon=True).start()
    return await future
