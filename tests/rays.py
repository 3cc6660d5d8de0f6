"""Ray clusters of several nodes on this machine, for tests: their own folders and ports, on loopback alone.

A node is killed as if its power went, with all that it started; whatever a test leaves goes when its cluster does, each
process by its id.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
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


def actors(pid: int, name: str = "Actor") -> list[int]:
    """Process ids of the actors, or of those of a class, that descend from a process."""
    return [each for each in descendants(pid) if re.match(rf"ray::\w*{name}", title(each))]


def kill(pids: list[int]) -> None:
    """All at once, the frozen ones too; they are gone afterwards."""
    signal_all(pids, signal.SIGKILL)
    until(lambda: not any(title(pid) for pid in pids))


class Node:
    """A node of a cluster: a raylet and what it started."""

    def __init__(self, node: Any) -> None:  # noqa: ANN401
        self._processes = [each.process for kind in node.all_processes.values() for each in kind]
        self._raylet: int = node.all_processes["raylet"][0].process.pid

    def actors(self, name: str = "Actor") -> list[int]:
        """Process ids of its actors, or of those of a class."""
        return actors(self._raylet, name)

    def busy(self) -> bool:
        """Whether an actor of it is seen at something: its process is then named after that."""
        return any(re.match(r"ray::\w+Actor\.", title(pid)) for pid in self.actors())

    def kill(self) -> None:
        signal_all([pid for each in self._processes for pid in descendants(each.pid)], signal.SIGKILL)
        for each in self._processes:
            each.wait()


class Cluster:
    """Nodes on this machine; the first is the head."""

    def __init__(self, folder: str) -> None:
        from ray.cluster_utils import Cluster as Nodes

        self._nodes: list[Node] = []
        self._cluster = Nodes(shutdown_at_exit=False)
        self._folder = folder

    def begin(self, cpus: int, **options: Any) -> None:  # noqa: ANN401
        """The head, with so many CPUs."""
        self.head = self.add(cpus, temp_dir=self._folder, include_dashboard=False, **options)
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
def short_folder() -> Iterator[str]:
    """Ray's own, under which it makes sockets: pytest's would make their paths too long."""
    folder = tempfile.mkdtemp(prefix="ray-")
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextlib.contextmanager
def cluster(cpus: int = 0, **options: Any) -> Iterator[Cluster]:  # noqa: ANN401
    """A cluster whose head has so many CPUs; gone afterwards."""
    with short_folder() as folder, contextlib.ExitStack() as stack:
        made = Cluster(folder)
        stack.callback(made.close)
        made.begin(cpus, **options)
        yield made


@contextlib.contextmanager
def nodes(of: Cluster, *cpus: int, **options: Any) -> Iterator[list[Node]]:  # noqa: ANN401
    """Nodes with so many CPUs each, gone afterwards."""
    with contextlib.ExitStack() as stack:
        made = []
        for each in cpus:
            made.append(of.add(each, **options))
            stack.callback(made[-1].kill)
        yield made


COMMAND = """
from ray._private import services
services.node_ip_address_from_perspective = lambda *_: "127.0.0.1"  # as where there is no other address
from ray.scripts.scripts import main
main()
"""
TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": "of-tests-alone-" * 3}


@contextlib.contextmanager
def ray_start(*options: str) -> Iterator[int]:
    """A node by `ray start`, which wants a token; its process id. Up when this begins, gone when it ends."""
    line = [sys.executable, "-c", COMMAND, "start", "--block", "--node-ip-address", "127.0.0.1", *options]
    env = {name: value for name, value in os.environ.items() if name not in LOOPBACK} | TOKEN
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    with subprocess.Popen(line, env=env, start_new_session=True, **pipes) as process:
        try:
            assert process.stdout is not None
            said = ""
            while "Ray runtime started" not in said:
                said += (line_ := process.stdout.readline())
                assert line_, said
            yield process.pid
        finally:
            kill(descendants(process.pid))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
