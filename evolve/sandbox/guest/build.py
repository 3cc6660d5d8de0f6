"""Inside a tier: compiles a trial's files and becomes its program, which then knows where its nonce lies.

The order is the first line of standard input; what follows is the program's own. Compilers read nothing from there and
do not see the nonce, so no `include` brings it in. Before the program starts, the sources are removed; the nonce waits
in a pipe, and the reply channel is moved: both under numbers that differ from trial to trial. What was said first on
the reply channel (built, broken) was said before any of the answer ran. Standard library only; it judges nothing.
"""

# ruff: noqa: PTH108, PTH110, PTH123 - pathlib takes 5 ms to import

from __future__ import annotations

import json
import os
from contextlib import suppress

REPLY = 3


def line() -> bytes:
    """The first line of standard input, and not a byte more."""
    found = bytearray()
    while (one := os.read(0, 1)) not in {b"", b"\n"}:
        found += one
    return bytes(found)


def compiles(command: list[str]) -> bool:
    """Run a compiler: no input, its output among the errors, the reply channel closed to it."""
    actions = [(os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0), (os.POSIX_SPAWN_DUP2, 2, 1)]
    pid = os.posix_spawn(command[0], command, os.environ, file_actions=actions)
    return os.waitpid(pid, 0)[1] == 0


def executable(path: str) -> None:
    """A new file that may be run, where a compiler was not allowed to change the mode of its own."""
    if os.path.exists(path) and not os.access(path, os.X_OK):
        with open(path, "rb") as file:
            program = file.read()
        os.unlink(path)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o755), "wb") as file:
            file.write(program)


def main() -> None:
    order = json.loads(line())
    os.set_inheritable(REPLY, False)
    for command in order["build"]:
        if not compiles(command):
            os.write(REPLY, b"broken\n")
            return
    if order["build"]:
        os.write(REPLY, b"built\n")
    for path in order["remove"]:
        with suppress(FileNotFoundError):
            os.unlink(path)
    executable(order["run"][0])
    held, given = os.pipe()
    os.write(given, order["nonce"].encode() + b"\n")
    os.close(given)
    os.dup2(held, order["proof_fd"], inheritable=True)
    os.dup2(REPLY, order["reply_fd"], inheritable=True)
    os.close(held)
    os.close(REPLY)
    os.execv(order["run"][0], order["run"])


if __name__ == "__main__":
    main()
