"""One command under limits, whatever confines it: started, spoken with, read while it writes, ended with all its kin.

A tier says how the command is held (`Hold`); here it is run. Invariant: after `end` or the end of the `with`, no
process of the command is alive, its folder is gone and its slot is free, however it ended. Nothing that it does costs
more than the limits: what it writes is read up to the limit and no further, and nothing waits for it longer than the
wall clock and GRACE. The launcher beside the command enforces all of it even where this process is busy, or dies.

Not thread-safe: one thread starts, speaks with and ends a command, and must outlive it (the kernel takes bubblewrap
down with the thread that started it).
"""

from __future__ import annotations

import marshal
import os
import select
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from evolve.errors import SandboxError
from evolve.sandbox import slots
from evolve.sandbox.trial import Limits

REPLY_FD = 3
"""Descriptor of the reply channel within the command."""
LAUNCHER = Path(__file__).with_name("launcher.py")
GRACE = 5.0
"""Seconds that the launcher has beyond the wall clock: to start, to kill, to report; it needs 0.1."""
CHUNK = 2**16
SPELT = 8
"""A reply may be so many times what may be printed: JSON spells a character in six bytes, with words beside."""
PATH = "/usr/local/bin:/usr/bin:/bin"


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int | None
    """Exit status; None where a signal ended it."""
    signal: int | None
    output: bytes
    """Standard output, up to the limit."""
    errors: bytes
    """Standard error, likewise."""
    seconds: float
    """Wall clock, the sandbox's own start included."""
    limit: str | None
    """What ended it: time, memory, output, disk or processes; `stopped` where we did, `lost` where its monitor died."""


@dataclass(frozen=True)
class Hold:
    """How a tier holds a command."""

    prefix: Sequence[str]
    """What is run before the launcher and its interpreter; empty for nothing."""
    launcher: str
    """Where the launcher is, as seen after the prefix."""
    box: str
    """The work folder, as the command sees it."""
    slot: slots.Slot
    filter: bytes
    environment: Mapping[str, str]
    alone: bool = False
    """A pid namespace and a file system of its own: they end with the launcher."""
    namespace: bool = False
    """A user namespace is still to be made."""
    reach: bool = False
    """Closed folders on the way to readable ones may be passed."""
    landlock: tuple[tuple[int, int, int], int, list[tuple[str, int]]] | None = None
    beside: int = 0
    """Processes of ours that the kernel counts with the command's."""
    folder: Path | None = None
    """A folder of the host that is removed in the end."""
    descriptors: tuple[int, ...] = ()
    """What the prefix reads from."""


class Tier(Protocol):
    """A way to hold a command."""

    @property
    def name(self) -> str: ...

    def __hash__(self) -> int:
        """It is probed once and remembered."""
        ...

    def start(self, argv: Sequence[str], folder: Path | None, limits: Limits, reply_fd: bool = False) -> Running:
        """Start `argv` in a copy of `folder` (None: an empty one). Raises SandboxError where it cannot be held."""
        ...


class Running:
    """A command that runs; `with` it, or it may outlive a fault of ours until its time is up."""

    def __init__(
        self, argv: Sequence[str], files: list[tuple[str, str, int, bytes]], limits: Limits, hold: Hold, reply_fd: bool
    ) -> None:
        self._hold, self._limits = hold, limits
        self._began = time.monotonic()
        self._read: dict[int, bytearray] = {}
        self._pending = bytearray()
        self._limit: str | None = None
        self._ended: Ended | None = None
        self._process: subprocess.Popen[bytes] | None = None
        pipes = {name: os.pipe() for name in ("input", "output", "errors", "report", "life")}
        if reply_fd:
            pipes["reply"] = os.pipe()
        self._ours = {name: ends[name in {"input", "life"}] for name, ends in pipes.items()}
        theirs = {name: ends[name not in {"input", "life"}] for name, ends in pipes.items()}
        order = self._order(argv, files, theirs)
        try:
            self._process = self._launch(order, theirs)
        except OSError as error:
            self._release()
            raise SandboxError(f"{(*hold.prefix, sys.executable)[0]}: {error.strerror}") from error
        finally:
            for fd in theirs.values():
                os.close(fd)
        for name, fd in self._ours.items():
            os.set_blocking(fd, False)
            if name not in {"input", "life"}:
                self._read[fd] = bytearray()
        self._texts = {name: self._read[fd] for name, fd in self._ours.items() if fd in self._read}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def write(self, data: bytes) -> None:
        """Send `data` to its standard input; what an ended command does not take is dropped."""
        self._pending += data
        self._pump(self._deadline, lambda: not self._pending)

    def read_line(self, deadline: float) -> bytes | None:
        """The next line of the reply channel, without its end; None at the end of it or at `deadline` (monotonic)."""
        text = self._texts["reply"]
        self._pump(min(deadline, self._deadline), lambda: b"\n" in text)
        line, newline, rest = text.partition(b"\n")
        if not newline:
            return None
        text[:] = rest
        return bytes(line)

    def end(self) -> Ended:
        """Close its input, wait until it ends by itself or by a limit. Raises SandboxError where it never started."""
        if self._ended is None:
            self._pump(self._deadline, lambda: not self._pending)
            self._close("input")
            self._pump(self._deadline, lambda: False)
            self._ended = self._finish()
        if self._refused:
            raise SandboxError(self._refused)
        return self._ended

    def stop(self) -> Ended:
        """End it now."""
        if self._ended is None:
            self._close("life")
            self._ended = self._finish()
        return self._ended

    @property
    def _deadline(self) -> float:
        return self._began + self._limits.seconds + GRACE

    @property
    def _refused(self) -> str:
        """Why the command never started, or nothing."""
        up, _, report = bytes(self._texts["report"]).partition(b" ")
        if not up:
            said = self._texts["errors"].decode(errors="replace").strip()
            return said or f"the launcher did not start in {time.monotonic() - self._began:.0f} s"
        return report.removeprefix(b"refused ").decode(errors="replace") if report.startswith(b"refused ") else ""

    def _order(self, argv: Sequence[str], files: list[Any], theirs: Mapping[str, int]) -> int:
        """A descriptor from which the launcher reads what to do."""
        hold, limits = self._hold, self._limits
        order = {
            "argv": list(argv), "files": files, "box": hold.box, "make": hold.folder is None, "uid": hold.slot.uid,
            "seconds": limits.seconds, "memory": limits.memory, "disk": limits.disk, "processes": limits.processes,
            "beside": hold.beside, "alone": hold.alone, "namespace": hold.namespace, "reach": hold.reach,
            "landlock": hold.landlock, "filter": hold.filter, "environment": dict(hold.environment),
            "life": theirs["life"], "report": theirs["report"], "reply": theirs.get("reply"),
        }  # fmt: skip
        fd = os.memfd_create("order")
        with open(fd, "wb", closefd=False) as file:
            marshal.dump(order, file)
        os.lseek(fd, 0, os.SEEK_SET)
        return fd

    def _launch(self, order: int, theirs: Mapping[str, int]) -> subprocess.Popen[bytes]:
        hold = self._hold
        kept = [order, *hold.descriptors, *(theirs[name] for name in ("life", "report", "reply") if name in theirs)]
        if hold.slot.holder is not None:
            kept.append(hold.slot.holder.fileno())
        command = [*hold.prefix, interpreter(), "-I", "-S", "-B", hold.launcher, str(order)]
        try:
            return subprocess.Popen(
                command, stdin=theirs["input"], stdout=theirs["output"], stderr=theirs["errors"], pass_fds=kept,
                env={"PATH": PATH, "LANG": "C.UTF-8"}, cwd="/", start_new_session=True,
            )  # fmt: skip
        finally:
            os.close(order)

    def _pump(self, deadline: float, done: Callable[[], bool]) -> None:
        """Move bytes both ways until `done()`, or all channels have ended, or it is `deadline`."""
        poll = select.poll()
        for fd in self._read:
            poll.register(fd, select.POLLIN)
        if self._pending and "input" in self._ours:
            poll.register(self._ours["input"], select.POLLOUT)
        while self._read and not done() and (left := deadline - time.monotonic()) > 0:
            for fd, _ in poll.poll(left * 1000):
                ended = self._take(fd) if fd in self._read else self._give(fd)
                if ended:
                    poll.unregister(fd)

    def _take(self, fd: int) -> bool:
        """Read once; True where nothing more will be read. At the limit the command is ended."""
        text = self._read[fd]
        chunk = os.read(fd, CHUNK)
        text += chunk
        most = self._limits.output * (SPELT if fd == self._ours.get("reply") else 1)
        if len(text) > most and fd != self._ours["report"]:
            del text[most:]
            self._limit = self._limit or "output"
            self._close("life")
            chunk = b""
        if not chunk:
            del self._read[fd]
            os.close(fd)
            self._ours = {name: other for name, other in self._ours.items() if other != fd}
        return not chunk

    def _give(self, fd: int) -> bool:
        """Write once; True where nothing is left to write, or nobody to read it."""
        try:
            del self._pending[: os.write(fd, self._pending[:CHUNK])]
        except BrokenPipeError:
            self._pending.clear()
        except BlockingIOError:
            return False
        return not self._pending

    def _close(self, name: str) -> None:
        if name in self._ours:
            os.close(self._ours.pop(name))

    def _finish(self) -> Ended:
        """Kill what is left, take what was said, give everything back."""
        try:
            self._close("life")
            self._pump(min(self._deadline, time.monotonic() + GRACE), lambda: False)
            if self._process is not None:
                with suppress(subprocess.TimeoutExpired):
                    self._process.wait(0 if self._read else GRACE)
                self._process.kill()
                self._process.wait()
            self._pump(time.monotonic() + GRACE / 5, lambda: False)
            return self._judged()
        finally:
            self._release()

    def _judged(self) -> Ended:
        parts = bytes(self._texts["report"]).split()
        seconds = time.monotonic() - self._began
        output, errors = bytes(self._texts["output"]), bytes(self._texts["errors"])
        if len(parts) != 5 or parts[1] != b"ended":
            if not self._refused:
                self._sweep()
            return Ended(None, None, output, errors, seconds, self._limit or "lost")
        code = int(parts[3])
        limit = self._limit or (None if parts[2] == b"-" else parts[2].decode())
        return Ended(code if code >= 0 else None, -code if code < 0 else None, output, errors, seconds, limit)

    def _sweep(self) -> None:
        """Where the monitor died: end what its user still runs. (As no root, it is found by its temporary folder.)"""
        if self._hold.alone:
            return
        mark = f"TMPDIR={self._hold.environment['TMPDIR']}".encode()
        while found := [pid for pid in _pids() if _belongs(pid, self._hold.slot.uid, mark)]:
            for pid in found:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.001)

    def _release(self) -> None:
        for name in list(self._ours):
            self._close(name)
        self._read.clear()
        self._hold.slot.free()
        if self._hold.folder is not None and self._hold.folder.exists():
            slots.remove(self._hold.folder)


def run(tier: Tier, argv: Sequence[str], folder: Path | None, limits: Limits, stdin: bytes = b"") -> Ended:
    """Run a command to its end."""
    with tier.start(argv, folder, limits) as running:
        running.write(stdin)
        return running.end()


def interpreter() -> str:
    """The Python below any virtual environment: an environment's own is a link to it that a tier may not show."""
    return os.path.realpath(getattr(sys, "_base_executable", sys.executable))


def pack(folder: Path | None, limits: Limits) -> list[tuple[str, str, int, bytes]]:
    """(path, kind, mode, content) of all below `folder`, parents first; links are kept as links, never followed.

    Raises SandboxError where it is more than the disk that the command may have.
    """
    packed: list[tuple[str, str, int, bytes]] = []
    left = limits.disk
    for path in sorted(folder.rglob("*")) if folder else ():
        found, name = path.lstat(), str(path.relative_to(folder or path))
        if stat.S_ISLNK(found.st_mode):
            packed.append((name, "link", 0, os.fsencode(path.readlink())))
        elif stat.S_ISDIR(found.st_mode):
            packed.append((name, "folder", stat.S_IMODE(found.st_mode), b""))
        elif stat.S_ISREG(found.st_mode):
            left -= found.st_size
            if left < 0:
                raise SandboxError(f"{folder}: more than {limits.disk} bytes, which is the command's limit of disk")
            packed.append((name, "file", stat.S_IMODE(found.st_mode), path.read_bytes()))
    return packed


def _pids() -> list[int]:
    return [int(path.name) for path in Path("/proc").glob("[0-9]*")]


def _belongs(pid: int, uid: int | None, mark: bytes) -> bool:
    try:
        if uid is None:
            return mark in Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
        return f"\nUid:\t{uid}\t" in status and "\nState:\tZ" not in status
    except OSError:
        return False
