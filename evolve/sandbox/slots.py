"""What one running command has to itself: a user of its own, where we are root, and a folder that is surely removed.

Invariant: no two commands on a machine have the same user at the same time, whichever process started them, because
the kernel counts processes by user and the end of a command is a kill of all that its user runs. A slot is held by an
abstract socket, which the kernel frees with its last holder; nothing is left on disk. Removal follows no link and is
stopped by neither depth nor permissions. It does not kill anything.
"""

from __future__ import annotations

import os
import secrets
import socket
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from evolve.errors import SandboxError

FIRST_UID = 60_600
"""Of a range that neither Debian nor systemd gives to anybody (systemd: 60578-61183 unused), below a container's 65536."""
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
    """A new, empty folder for the slot's user alone, among the temporary files."""
    box = Path(tempfile.mkdtemp(prefix="evolve-box-")).resolve()
    if slot.uid is not None:
        os.chown(box, slot.uid, slot.uid)
    return box


def remove(folder: Path) -> None:
    """Remove a folder that something hostile has filled and left. Nothing may be writing to it any more.

    Subfolders are moved up before they are emptied: no path grows long, nothing recurses, ten thousand levels are as
    good as one. Raises OSError where something cannot be removed, an immutable file for instance.
    """
    _open_up(os.open(folder, os.O_PATH | HERE))
    top = os.open(folder, os.O_RDONLY | HERE)
    try:
        names = os.listdir(top)
        while names:
            name = names.pop()
            if not _unlinked(name, top):
                names += _empty(name, top)
                os.rmdir(name, dir_fd=top)
    finally:
        os.close(top)
    folder.rmdir()


def _empty(name: str, top: int) -> list[str]:
    """Empty the folder `name`; its subfolders are now in `top`, under the names returned."""
    _open_up(os.open(name, os.O_PATH | HERE, dir_fd=top))
    here = os.open(name, os.O_RDONLY | HERE, dir_fd=top)
    moved = []
    try:
        for below in os.listdir(here):
            if not _unlinked(below, here):
                _open_up(os.open(below, os.O_PATH | HERE, dir_fd=here))
                moved.append(secrets.token_hex(16))
                os.rename(below, moved[-1], src_dir_fd=here, dst_dir_fd=top)
    finally:
        os.close(here)
    return moved


def _unlinked(name: str, folder: int) -> bool:
    """Whether it was no folder, and is gone."""
    with suppress(IsADirectoryError):
        os.unlink(name, dir_fd=folder)
        return True
    return False


def _open_up(fd: int) -> None:
    """Give a folder's owner all rights to it, whatever they were; closes `fd`."""
    try:
        os.chmod(f"/proc/self/fd/{fd}", 0o700)
    finally:
        os.close(fd)
