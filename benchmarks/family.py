"""What the benchmarks share to watch processes from outside: a command and all that it starts, by /proc."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterator
from pathlib import Path


def family(pid: int) -> Iterator[int]:
    """A process and all that descend from it."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").glob("*"):  # a child belongs to the thread that started it
        with contextlib.suppress(OSError):
            for child in (thread / "children").read_text().split():
                yield from family(int(child))


def proportional_bytes(pid: int) -> int:
    """Memory, with a page that n processes share as 1/n of a page; 0 for one that has ended."""
    with contextlib.suppress(OSError):
        found = re.search(r"^Pss:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
        return int(found[1]) * 1024 if found else 0
    return 0


def processor_s(pid: int) -> float | None:
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return None


class Toll:
    """What a command and all that it starts take, as far as it is looked at: what ends between two looks is missed."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._spent: dict[int, float] = {}

    def look(self, *, memory: bool = True) -> int:
        """Take note of the processor time so far; bytes held now, 0 where nobody asks."""
        pids = list(family(self._pid))
        self._spent |= {pid: s for pid in pids if (s := processor_s(pid)) is not None}
        return sum(map(proportional_bytes, pids)) if memory else 0

    @property
    def processor_s(self) -> float:
        return sum(self._spent.values())
