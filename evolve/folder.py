"""A folder that one process may write into: the lock, where it must not lie, and what it says when nothing more can be
written.

The system frees the lock when its holder dies, however it dies; nothing has to be cleaned up by hand. Neither the
lock nor SQLite can be trusted on a network file system, so such a folder is refused.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

from evolve.errors import ConfigError, FolderError

# fmt: off
NETWORK_FILE_SYSTEMS = frozenset({
    "nfs", "nfs4", "cifs", "smb", "smb3", "smbfs", "afs", "9p", "ceph", "lustre", "beegfs", "gpfs", "glusterfs",
    "orangefs", "fuse.sshfs", "fuse.s3fs", "fuse.gcsfuse", "fuse.glusterfs", "fuse.rclone", "fuse.juicefs",
})
# fmt: on
"""SQLite's locks are not reliable on these (sqlite.org/useovernet.html)."""

UNWRITABLE = frozenset(
    {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
    | {errno.ENOTDIR, errno.EEXIST, errno.EISDIR, errno.ENAMETOOLONG, errno.ELOOP}
)
"""Errors of a file system that say that nothing, or no more, can be written there."""


class Lock:
    """Held by the one driver that may write into a folder; freed by the system when that process dies."""

    def __init__(self, folder: Path) -> None:
        """Take it, or raise FolderError: the folder cannot be written, or another process (named) holds it."""
        try:
            self._file = (folder / "lock").open("a+")
        except OSError as error:
            raise FolderError(f"{folder}: cannot be written: {error.strerror or error}") from None
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self._file.seek(0)
            holder = self._file.read().strip() or "unknown"
            self._file.close()
            raise FolderError(
                f"{folder}: another run is writing here (process {holder}); wait for it, or stop it first"
            ) from None
        self._file.truncate(0)
        self._file.write(str(os.getpid()))
        self._file.flush()

    def release(self) -> None:
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


@contextmanager
def writing(target: Path) -> Iterator[None]:
    """Raises FolderError where, in the work below, nothing or no more could be written to what `--out` names."""
    try:
        yield
    except OSError as error:
        if error.errno not in UNWRITABLE:
            raise
        raise FolderError(f"--out {target}: cannot be written: {error.strerror}; make room, or give another") from None


def ledger_of(folder: Path) -> Path:
    """The ledger's file of the run in `folder`. Raises ConfigError where there is no run."""
    path = folder / "ledger.db"
    if not path.is_file():
        raise ConfigError(f"{folder}: no run there (no ledger.db); give the folder that `evolve run` named")
    return path


def refuse_other_files(folder: Path) -> None:
    """Raise FolderError where there are files and no run: its own would be written over them, or stand among them."""
    try:
        names = {path.name for path in folder.iterdir()}
    except OSError as error:
        if not folder.exists():
            return
        raise FolderError(f"{folder}: {error.strerror or error}; give a folder of your own with --out") from None
    if "ledger.db" not in names and (others := sorted(names - {"lock"})):
        some = ", ".join(others[:3]) + (" and more" if len(others) > 3 else "")
        raise FolderError(f"{folder}: holds {some}, and no run; give a new or empty folder with --out")


def refuse_network_file_system(folder: Path, mounts: Path = Path("/proc/mounts")) -> None:
    """Raise FolderError where SQLite's locks cannot be trusted; `mounts` is a table as in proc(5)."""
    kind = _file_system(folder.resolve(), mounts)
    if kind in NETWORK_FILE_SYSTEMS:
        raise FolderError(f"{folder}: the ledger cannot lie on a network file system ({kind}); give a local --out")


def _file_system(folder: Path, mounts: Path) -> str:
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    for line in lines:
        _, mount, type_, *_ = line.split(" ")
        mount = re.sub(r"\\([0-7]{3})", lambda octal: chr(int(octal[1], 8)), mount)
        if folder.is_relative_to(mount) and len(mount) >= len(best):
            best, kind = mount, type_
    return kind
