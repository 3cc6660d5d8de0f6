"""Tier "landlock": for where namespaces are refused, as in most containers. The kernel's Landlock and seccomp hold it.

Covered: files are read below system folders, the interpreter and what the tier was told to show, and written below the
work folder alone; no socket is made but a connected pair of unix streams (asyncio needs one); no session is left; no
process outside is signalled or traced; no capability but one, and that only where the interpreter lies in a folder
closed to others (root's home): CAP_DAC_READ_SEARCH, which opens closed folders on the way to what Landlock shows, and
what is closed to others within it, and nothing else. Memory, disk and processes are added up by the launcher. Started
as root, the command runs as a slot's user, so the kernel counts its processes and a kill of that user ends it; started
as a user, it runs as that user, so Linux 6.12 is required (Landlock's scope of signals), chmod and its like by path are
refused (Landlock does not see them; so what a compiler makes is not executable, but for the dynamic loader), and the
kernel's count of processes includes all the user's.

Not covered: that a file outside exists, and its size, can be learnt by stat; there is no /dev/shm, so no
multiprocessing locks; `kill(-1)` ends the command's own processes; a full host disk, up to the launcher's next look
(100 ms at worst some 100 MB past the limit); mapped files that were unlinked and closed.

We bind the three system calls ourselves (in `launcher`): the packages that do it go on with less where a kernel knows
less, and would have to be importable in front of the confinement.
"""

from __future__ import annotations

import ctypes
import errno
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import SandboxError
from evolve.sandbox import seccomp, slots
from evolve.sandbox.bubblewrap import ETC, SYSTEM, shown
from evolve.sandbox.processes import LAUNCHER, PATH, Hold, Running, interpreter, pack
from evolve.sandbox.trial import Limits

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR, TRUNCATE, IOCTL_DEV = 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 14, 1 << 15
REMOVE, MAKE_DIR, MAKE_REG, MAKE_FIFO, MAKE_SYM, REFER = 1 << 4 | 1 << 5, 1 << 7, 1 << 8, 1 << 10, 1 << 12, 1 << 13
READ = EXECUTE | READ_FILE | READ_DIR
OWN = READ | WRITE_FILE | TRUNCATE | REMOVE | MAKE_DIR | MAKE_REG | MAKE_FIFO | MAKE_SYM | REFER
OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
"""Rights that mean something for a file; the kernel refuses others in a file's rule."""

DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
PROC = ("/proc/self", "/proc/meminfo", "/proc/cpuinfo", "/proc/sys/vm/overcommit_memory", "/proc/filesystems")
"""Read by runtimes. /proc/self is the command's own first process: the folder is looked up by it."""

OLDEST = 3
"""ABI in which Landlock first sees truncation."""
SCOPED = 6
"""ABI in which it first holds signals and abstract sockets."""


@dataclass(frozen=True)
class Landlock:
    """Commands behind Landlock and seccomp, in the host's namespaces."""

    readable: tuple[Path, ...] = ()
    """Further folders that may be read, where they are: a virtual environment, a toolchain."""
    name: str = "landlock"

    def start(self, argv: Sequence[str], folder: Path | None, limits: Limits, reply_fd: bool = False) -> Running:
        if reason := refusal():
            raise SandboxError(reason)
        files, slot = pack(folder, limits), slots.take()
        try:
            box = slots.make_box(slot)
        except (SandboxError, OSError):
            slot.free()
            raise
        root = slot.uid is not None
        hold = Hold(
            prefix=[],
            launcher=str(LAUNCHER),
            box=str(box),
            slot=slot,
            filter=seccomp.program(network=False, metadata=root),
            environment={"PATH": PATH, "HOME": str(box), "LANG": "C.UTF-8", "TMPDIR": str(box)},
            reach=root and not all(_open_to_all(Path(path)) for path in [interpreter(), *map(str, self.readable)]),
            landlock=self._walls(str(box)),
            beside=0 if root else _threads_of(os.getuid()),
            folder=box,
        )
        return Running(argv, files, limits, hold, reply_fd)

    def _walls(self, box: str) -> tuple[tuple[int, int, int], int, list[tuple[str, int]]]:
        """What is handled, how much of the kernel's structure is used, and a rule for every path that is shown."""
        known = abi()
        files = (1 << (16 if known >= 5 else 15)) - 1
        etc = [f"/etc/{name}" for name in ETC] + [str(path) for path in Path("/etc").glob("java*")]
        rules = [(path, _fit(path, READ)) for path in [*SYSTEM, *etc, *shown(self.readable)]]
        rules += [(path, READ_FILE | WRITE_FILE) for path in DEVICES]
        rules += [(path, _fit(path, READ_FILE | READ_DIR)) for path in PROC]
        rules.append((box, OWN))
        network, scopes = (0b11 if known >= 4 else 0), (0b11 if known >= SCOPED else 0)
        return (files, network, scopes), 8 * (1 + (known >= 4) + (known >= SCOPED)), rules


def abi() -> int:
    """The kernel's version of Landlock; 0 where it has none or refuses to say."""
    libc = ctypes.CDLL(None, use_errno=True)
    libc.syscall.restype = ctypes.c_long
    return max(0, int(libc.syscall(444, None, ctypes.c_size_t(0), 1)))


def refusal() -> str | None:
    """Why this machine cannot hold a command so, as far as that can be told without trying; or None."""
    if reason := seccomp.refusal():
        return reason
    known = abi()
    if not known:
        reason = {errno.EOPNOTSUPP: "is switched off"}.get(ctypes.get_errno(), "is not in this kernel, or is refused")
        return f"Landlock {reason}; Linux 6.2 or newer has it, where `landlock` is among the kernel's lsm="
    if known < OLDEST:
        return f"Landlock here is of ABI {known}, which does not see truncation; ABI {OLDEST} (Linux 6.2) is needed"
    if known < SCOPED and os.geteuid():
        return f"Landlock here is of ABI {known}; without root, ABI {SCOPED} (Linux 6.12) is needed to hold signals"
    return None


def _fit(path: str, rights: int) -> int:
    return rights if Path(path).is_dir() else rights & OF_FILES


def _open_to_all(path: Path) -> bool:
    """Whether any user may pass all folders on the way to it."""
    return all(parent.stat().st_mode & 0o001 for parent in path.resolve().parents)


def _threads_of(uid: int) -> int:
    """Processes and threads that the user runs now: the kernel's limit counts them with the command's."""
    total = 0
    for task in Path("/proc").glob("[0-9]*/status"):
        try:
            lines = dict(line.partition(":")[::2] for line in task.read_text(errors="replace").splitlines())
            total += int(lines["Threads"]) if int(lines["Uid"].split()[0]) == uid else 0
        except (OSError, KeyError):
            continue
    return total
