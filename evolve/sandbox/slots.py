"""What one running command has to itself: a user of its own, where we are root, and a folder that is surely removed.

Invariant: no two commands on a machine have the same user at the same time, whichever process started them, because
the kernel counts processes by user and the end of a command is a kill of all that its user runs. A slot is held by an
abstract socket, which the kernel frees with its last holder; nothing is left on disk. Removal follows no link and is
stopped by neither depth nor permissions. Where we are killed ourselves, the folder stays among the temporary files.
Nothing here kills anything.
"""

from __future__ import annotations

import os
import socket
import tempfile
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import SandboxError

FIRST_UID = 60_600
"""Of a range that neither Debian nor systemd gives away (systemd: 60578-61183 unused), below a container's 65536."""
SLOTS = 256

HERE = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


@dataclass
class Slot:
    """A user's number, or None where we are not root and the command runs as we do."""

    uid: int | None
    holder: socket.socket | None

    def free(self) -> None:
        if self.holder is not None:
            self.holder.close()


def take() -> Slot:
    """A free slot. Raises SandboxError where all are taken."""
    if os.geteuid():
        return Slot(None, None)
    start = os.getpid()
    for step in range(SLOTS):
        uid = FIRST_UID + (start + step) % SLOTS
        holder = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            holder.bind(f"\0evolve-sandbox-{uid}")
        except OSError:
            holder.close()
        else:
            return Slot(uid, holder)
    raise SandboxError(f"all {SLOTS} slots of the sandbox are taken on this machine; run fewer trials at once")


def make_box(slot: Slot) -> Path:
    """A new, empty folder for the slot's user alone, among the temporary files. Raises SandboxError."""
    box = Path(tempfile.mkdtemp(prefix="evolve-box-")).resolve()
    if slot.uid is not None:
        try:
            os.chown(box, slot.uid, slot.uid)
        except OSError as error:
            box.rmdir()
            raise SandboxError(f"no folder can be given to the user {slot.uid}: {error.strerror}") from error
    return box


def remove(folder: Path) -> None:
    """Remove a folder that something hostile has filled and left. Nothing may be writing to it any more.

    Down by one name and up by "..": no path grows long, nothing recurses, one descriptor is open. Raises OSError where
    something cannot be removed, an immutable file for instance.
    """
    here = _enter(str(folder), None)
    above: list[tuple[str, list[str]]] = []
    try:
        left = _emptied(here)
        while left or above:
            if left:
                above.append((left.pop(), left))
                here = _moved(here, _enter(above[-1][0], here))
                left = _emptied(here)
            else:
                name, left = above.pop()
                here = _moved(here, os.open("..", os.O_RDONLY | HERE, dir_fd=here))
                os.rmdir(name, dir_fd=here)
    finally:
        os.close(here)
    folder.rmdir()


def _moved(before: int, after: int) -> int:
    os.close(before)
    return after


def _enter(name: str, folder: int | None) -> int:
    """A descriptor of a folder, whose owner has all rights to it from now on."""
    found = os.open(name, os.O_PATH | HERE, dir_fd=folder)
    try:
        Path(f"/proc/self/fd/{found}").chmod(0o700)
    finally:
        os.close(found)
    return os.open(name, os.O_RDONLY | HERE, dir_fd=folder)


def _emptied(folder: int) -> list[str]:
    """Remove what is no folder; the names of the folders in it."""
    folders = []
    for name in os.listdir(folder):
        try:
            os.unlink(name, dir_fd=folder)
        except IsADirectoryError:
            folders.append(name)
    return folders
