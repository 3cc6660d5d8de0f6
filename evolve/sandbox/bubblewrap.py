"""Tier "bubblewrap": the command has namespaces of its own, and a file system in which the host's files do not exist.

Covered: mount, pid, network, ipc, uts, cgroup and user namespaces; a read-only root of system folders, the interpreter
and what the tier was told to show; one sized tmpfs for all that is written; no capabilities, no new privileges, the
system call filter; an environment of four names. Memory is bounded by the launcher, which adds up what all processes
truly hold (the JVM, Go and node reserve address space by the GB, so a limit on that would refuse them), and by
RLIMIT_DATA behind it. Started as root, the command runs as a slot's user, who then makes the user namespace for
itself; started as a user, it runs as that user within one, where the kernel counts its processes apart.

Sockets of the families unix and inet work, within: loopback there is not the host's. Not covered: what can be learnt
from the world-readable part of /usr, from the kernel's version and from timing; a hole in the kernel itself.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import SandboxError
from evolve.sandbox import seccomp, slots
from evolve.sandbox.processes import LAUNCHER, PATH, Hold, Running, pack
from evolve.sandbox.trial import Limits

SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32", "/opt/conda")
"""Shown where they are; a link stays a link."""
ETC = (
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types", "magic", "ssl/openssl.cnf",
)  # fmt: skip
"""What interpreters and compilers read; and what begins with `java`, the JDK's own settings."""
NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup")
INSIDE = "/launcher.py"
BOX = "/tmp/box"
SHARED = 16 * 2**20
"""Bytes of /dev/shm at most, beside the disk: locks of multiprocessing need some."""


@dataclass(frozen=True)
class Bubblewrap:
    """Commands in namespaces of their own."""

    readable: tuple[Path, ...] = ()
    """Further folders that are shown read-only, where they are: a virtual environment, a toolchain."""
    name: str = "bubblewrap"

    def start(self, argv: Sequence[str], folder: Path | None, limits: Limits, reply_fd: bool = False) -> Running:
        program = shutil.which("bwrap", path=PATH)
        if program is None:
            raise SandboxError("bwrap is not installed; install the package bubblewrap")
        if reason := seccomp.refusal():
            raise SandboxError(reason)
        files, slot = pack(folder, limits), slots.take()
        root = slot.uid is not None
        uid = os.getuid() if slot.uid is None else slot.uid
        etc = {f"/etc/{name}": _held(name, text) for name, text in synthetic(uid).items()}
        hold = Hold(
            prefix=[program, *self._arguments(limits, etc, root=root)],
            launcher=INSIDE,
            box=BOX,
            slot=slot,
            filter=seccomp.program(network=True, metadata=True),
            environment={"PATH": PATH, "HOME": BOX, "LANG": "C.UTF-8", "TMPDIR": "/tmp"},
            alone=True,
            namespace=root,
            beside=0 if root else 2,  # bubblewrap's init and the monitor
            descriptors=tuple(etc.values()),
        )
        try:
            return Running(argv, files, limits, hold, reply_fd)
        finally:
            for fd in etc.values():
                os.close(fd)

    def _arguments(self, limits: Limits, etc: Mapping[str, int], *, root: bool) -> Iterator[str]:
        yield from ("--die-with-parent", "--new-session", *NAMESPACES, "--hostname", "box", "--cap-drop", "ALL")
        if root:  # for the launcher: to become the slot's user, and to measure what its processes share
            for capability in ("CAP_SETUID", "CAP_SETGID", "CAP_SYS_PTRACE"):
                yield from ("--cap-add", capability)
        else:
            yield "--unshare-user"
        bound = [path for path in SYSTEM if not Path(path).is_symlink()]
        bound += [f"/etc/{name}" for name in ETC] + [str(path) for path in Path("/etc").glob("java*")]
        bound += shown(self.readable)
        for path in _parents(bound):
            yield from ("--perms", "0755", "--dir", path)
        for path in SYSTEM:
            if Path(path).is_symlink():
                yield from ("--symlink", str(Path(path).readlink()), path)
        for path in bound:
            yield from ("--ro-bind-try", path, path)
        for path, fd in etc.items():
            yield from ("--perms", "0644", "--ro-bind-data", str(fd), path)
        yield from ("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev")
        for size, path in ((limits.disk, "/tmp"), (min(limits.disk, SHARED), "/dev/shm")):
            yield from ("--size", str(size), "--perms", "1777", "--tmpfs", path)
        yield from ("--ro-bind", str(LAUNCHER), INSIDE, "--remount-ro", "/", "--")


def synthetic(uid: int) -> dict[str, str]:
    """Files of /etc that say nothing of the host."""
    return {
        "passwd": f"box:x:{uid}:{uid}::{BOX}:/bin/sh\n",
        "group": f"box:x:{uid}:\n",
        "hosts": "127.0.0.1 localhost\n::1 localhost\n",
        "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files\n",
    }


def _held(name: str, text: str) -> int:
    """A descriptor from which `text` can be read."""
    fd = os.memfd_create(name)
    os.write(fd, text.encode())
    os.lseek(fd, 0, os.SEEK_SET)
    return fd


def _parents(paths: Sequence[str]) -> list[str]:
    """The folders above them, outermost first: bubblewrap would make them for root alone."""
    above = {str(parent) for path in paths for parent in Path(path).parents} - {"/"}
    return sorted(path for path in above if path not in paths)


def shown(readable: Sequence[Path]) -> list[str]:
    """The folders beside the system's own: the interpreter's, by its names with and without links, and `readable`."""
    wanted = [Path(sys.base_prefix), Path(sys.base_exec_prefix), *readable]
    both = dict.fromkeys(str(path) for one in wanted for path in (one, one.resolve()))
    return [path for path in both if not any(Path(path).is_relative_to(system) for system in SYSTEM)]
