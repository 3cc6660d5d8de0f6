"""Ray clusters of several nodes on this machine, for tests: their own folder and ports, on loopback alone.

Everything is ended by its process id; what a test leaves behind goes when its cluster does.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

LOOPBACK = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0"}
"""What keeps a driver that joins a cluster on loopback from looking for it at this machine's other address."""
STORE = 80 * 2**20
"""Bytes of a node's object store: hardly more than Ray's least."""


def descendants(pid: int) -> list[int]:
    """Process ids of all that descend from a process, which comes first."""
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").iterdir():
        with contextlib.suppress(OSError, ValueError):
            children.setdefault(_parent(int(folder.name)), []).append(int(folder.name))
    found = [pid]
    for each in found:
        found += children.get(each, [])
    return found


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])


def title(pid: int) -> str:
    """What a process calls itself; "" if it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ").strip()
    except OSError:
        return ""


def until(true: Callable[[], object], seconds: float = 60.0) -> float:
    """Wait until something is true; the seconds that it took."""
    began = time.monotonic()
    while not true():
        waited = time.monotonic() - began
        assert waited < seconds, f"not within {seconds} s"
        time.sleep(0.05)
    return time.monotonic() - began


def signal_all(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


class Node:
    """A node of a cluster: a raylet and what it started."""

    def __init__(self, node: Any) -> None:  # noqa: ANN401
        self._node = node
        self.raylet: int = node.all_processes["raylet"][0].process.pid

    @property
    def pids(self) -> list[int]:
        """Every process of the node; of the head also what keeps the cluster together."""
        own = [each.process.pid for kind in self._node.all_processes.values() for each in kind]
        return [pid for each in own for pid in descendants(each)]

    def actors(self, name: str) -> list[int]:
        """Process ids of its actors of that class."""
        return [pid for pid in descendants(self.raylet) if title(pid).startswith(f"ray::{name}")]

    def kill(self) -> None:
        """As if the power went: every process at once."""
        signal_all(self.pids, signal.SIGKILL)
        for kind in self._node.all_processes.values():
            for each in kind:
                each.process.wait()

    def freeze(self) -> None:
        signal_all(self.pids, signal.SIGSTOP)

    def thaw(self) -> None:
        signal_all(self.pids, signal.SIGCONT)


class Cluster:
    """Nodes on this machine."""

    def __init__(self, folder: str, cpus: int, **options: Any) -> None:  # noqa: ANN401
        from ray.cluster_utils import Cluster as Nodes

        self._nodes: list[Node] = []
        self._cluster = Nodes(shutdown_at_exit=False)
        self._folder = folder
        self.head = self.add(cpus, temp_dir=folder, include_dashboard=False, **options)
        self.address: str = self._cluster.address

    def add(self, cpus: int, **options: Any) -> Node:  # noqa: ANN401
        """Another node; the cluster knows of it."""
        options = {"object_store_memory": STORE, "node_ip_address": "127.0.0.1"} | options
        self._nodes.append(Node(self._cluster.add_node(num_cpus=cpus, **options)))
        return self._nodes[-1]

    def close(self) -> None:
        for node in reversed(self._nodes):
            node.kill()


@contextlib.contextmanager
def cluster(cpus: int = 0, **options: Any) -> Iterator[Cluster]:  # noqa: ANN401
    """A cluster whose head has so many CPUs; gone afterwards."""
    folder = tempfile.mkdtemp(prefix="ray-")  # pytest's own would make the paths of sockets too long
    made = None
    try:
        made = Cluster(folder, cpus, **options)
        yield made
    finally:
        if made is not None:
            made.close()
        shutil.rmtree(folder, ignore_errors=True)
