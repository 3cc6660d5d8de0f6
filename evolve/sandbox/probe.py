"""Which tier holds on this machine: found out at the start by trying each threat in it, with small programs.

Invariant: a tier that fails one trial is refused, with the threat and what was seen; none is used with less. They are
tried against real things that the probe makes for the purpose and looks at afterwards: listeners on loopback and on
unix sockets, a readable file and a writable folder outside, a process to be killed, a limit of processes and of memory,
processes that stay behind. A sandbox that passes held these; that it holds everything is not shown by it.

It takes about a second a tier, once in a process.
"""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evolve.errors import SandboxError
from evolve.sandbox.bubblewrap import Bubblewrap
from evolve.sandbox.landlock import Landlock
from evolve.sandbox.processes import Tier, interpreter, run
from evolve.sandbox.trial import Limits

MOST = 20.0
"""Wall clock of one of the probe's programs, which need 0.2 s on an idle machine: a busy one must not look unsafe."""
LIMITS = Limits(seconds=MOST, memory=96 * 2**20, output=2**16, disk=8 * 2**20, processes=24)
NAMES = {"PATH", "HOME", "LANG", "TMPDIR", "LC_CTYPE"}
"""All that may be in the environment; Python adds the last itself."""

THREATS = r"""
import ctypes, os, signal, socket, sys, time
from os import environ
tcp, udp, path, abstract, secret, outside, victim = sys.argv[1:8]

def attempt(name, act):
    try:
        print(name, act(), flush=True)
    except BaseException as error:
        print(name, "refused", type(error).__name__, flush=True)

def connect(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as one:
        one.settimeout(1)
        one.connect(address)
        one.sendall(b"x")
    return "open"

def tell(family, address):
    with socket.socket(family, socket.SOCK_DGRAM) as one:
        one.sendto(b"x", address)
    return "sent"

def pair():
    one, two = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"x", path + ".datagram")
    return "open"

def write(at):
    with open(at, "a") as file:
        file.write("x")
    return "open"

def seen():
    names = set(environ)
    for pid in ("self", "1", str(os.getppid()), victim):
        try:
            with open(f"/proc/{pid}/environ", "rb") as file:
                names |= {item.partition(b"=")[0].decode() for item in file.read().split(b"\0") if item}
        except OSError:
            pass
    return " ".join(sorted(names))

def call(number, *arguments):
    return "refused" if ctypes.CDLL(None).syscall(number, *arguments) < 0 else "open"

def traced():
    pid = os.fork()
    if not pid:
        os._exit(call({"x86_64": 101, "aarch64": 117}[os.uname().machine], 0, 0, 0, 0) == "open")
    return "open" if os.waitpid(pid, 0)[1] else "refused"

def many():
    made = 0
    for _ in range(60):
        pid = os.fork()
        if not pid:
            stay()
        made += os.waitpid(pid, 0)[1] == 0
    return made

def stay():
    try:
        os.setsid()
    except OSError:
        pass
    try:
        if not os.fork():
            time.sleep(60)
        os._exit(0)
    except OSError:
        os._exit(1)

attempt("tcp", lambda: connect(socket.AF_INET, ("127.0.0.1", int(tcp))))
attempt("udp", lambda: tell(socket.AF_INET, ("127.0.0.1", int(udp))))
attempt("unix", lambda: connect(socket.AF_UNIX, path))
attempt("abstract", lambda: connect(socket.AF_UNIX, "\0" + abstract))
attempt("pair", pair)
attempt("read", lambda: "open" if open(secret).read() else "")
attempt("write", lambda: write(outside + "/there"))
attempt("make", lambda: write(outside + "/new"))
attempt("kill", lambda: os.kill(int(victim), signal.SIGKILL))
attempt("unshare", lambda: call({"x86_64": 272, "aarch64": 97}[os.uname().machine], 0x10000000))
attempt("ptrace", traced)
attempt("names", seen)
attempt("own", lambda: write("own"))
attempt("many", many)
"""

HOARD = r"""
import os, time
for _ in range(4):
    if not os.fork():
        held = bytearray(40 * 2**20)
        time.sleep(5)
        os._exit(0)
time.sleep(5)
"""
"""Each below the limit of memory, together above it."""


@dataclass(frozen=True)
class Probe:
    """Whether a tier may be used here."""

    tier: str
    usable: bool
    reason: str
    """What let a threat through, or why nothing could be started; empty for a usable tier."""


def probes() -> tuple[Probe, ...]:
    """The tiers that start processes, strongest first."""
    return probe(Bubblewrap()), probe(Landlock())


@cache
def probe(tier: Tier) -> Probe:
    """Try each threat in a tier. Raises nothing: what goes wrong is the reason not to use it."""
    try:
        found = [*_threats(tier), *_hoard(tier)]
    except (SandboxError, OSError, subprocess.SubprocessError) as error:
        return Probe(tier.name, False, f"{tier.name}: {error}")
    return Probe(tier.name, not found, f"{tier.name} does not hold here: {'; '.join(found)}" if found else "")


def _threats(tier: Tier) -> Iterator[str]:
    """Each threat that was not held, in words."""
    token = secrets.token_hex(8)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="evolve-probe-"))
        stack.callback(shutil.rmtree, folder)
        folder.chmod(0o777)  # so that it is the sandbox that refuses, not the file's mode
        (folder / "there").write_text("untouched", encoding="utf-8")
        (folder / "there").chmod(0o666)
        listeners = {
            "tcp": _listener(stack, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            "udp": _listener(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            "unix": _listener(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"{folder}/socket"),
            "abstract": _listener(stack, socket.AF_UNIX, socket.SOCK_STREAM, f"\0{token}"),
            "pair": _listener(stack, socket.AF_UNIX, socket.SOCK_DGRAM, f"{folder}/socket.datagram"),
        }
        victim = stack.enter_context(_victim())
        stack.callback(victim.kill)
        ports = [str(listeners[name].getsockname()[1]) for name in ("tcp", "udp")]
        given = [*ports, f"{folder}/socket", token, f"{folder}/there", str(folder), str(victim.pid), token]
        ended = run(tier, [interpreter(), "-I", "-S", "-c", THREATS, *given], None, LIMITS)
        lines = ended.output.decode(errors="replace").splitlines()
        said = {name: rest for name, _, rest in (line.partition(" ") for line in lines)}
        held = ended.code == 0 and "many" in said  # or it was ended at that last attempt, which is as good
        if not (held or ended.limit == "processes") or said.get("own") != "open":
            yield f"a program did not run: {ended.limit or ended.code} {ended.errors[-300:].decode(errors='replace')}"
        reached = select.select(list(listeners.values()), [], [], 0)[0]
        yield from (f"a listener was reached: {name}" for name, one in listeners.items() if one in reached)
        yield from (f"{name} is open" for name, what in said.items() if what == "open" and name != "own")
        if sorted(path.name for path in folder.iterdir()) != ["socket", "socket.datagram", "there"]:
            yield "a file was made outside"
        if (folder / "there").read_text(encoding="utf-8") != "untouched":
            yield "a file outside was changed"
        if victim.poll() is not None:
            yield "a process outside was killed"
        if alien := set(said.get("names", "").split()) - NAMES:
            yield f"the environment shows {len(alien)} names beside its own"
        if int(said.get("many", "0")) >= LIMITS.processes:
            yield f"{said['many']} processes at once, where {LIMITS.processes} are allowed"
        if left := survivors(token, beside=victim.pid):
            yield f"{len(left)} processes were left over"


def _hoard(tier: Tier) -> Iterator[str]:
    """Whether the memory of several processes is added up."""
    ended = run(tier, [interpreter(), "-I", "-S", "-c", HOARD], None, LIMITS)
    if ended.limit != "memory":
        yield f"160 MB were held, where 96 are allowed ({ended.limit or ended.code})"


def survivors(token: str, beside: int = 0) -> list[int]:
    """Pids of the processes that have `token` among their arguments."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if token.encode() in path.read_bytes() and int(path.parent.name) not in {beside, os.getpid()}:
                found.append(int(path.parent.name))
        except OSError:
            continue
    return found


def _victim() -> subprocess.Popen[bytes]:
    """A process of ours that anybody may try to kill; it ends with its input."""
    return subprocess.Popen([interpreter(), "-I", "-S", "-c", "input()"], stdin=subprocess.PIPE, env={})


def _listener(stack: ExitStack, family: int, kind: int, address: object) -> socket.socket:
    made = stack.enter_context(closing(socket.socket(family, kind)))
    made.bind(address)  # type: ignore[arg-type]
    if kind == socket.SOCK_STREAM:
        made.listen()
    if isinstance(address, str) and not address.startswith("\0"):
        Path(address).chmod(0o777)
    return made
