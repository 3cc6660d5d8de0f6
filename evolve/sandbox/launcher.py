"""Run as a program of its own, beside the code that nobody has read: it starts it, watches it and ends it.

Two processes come of it. The monitor stays outside the confinement; it holds the wall clock, adds up memory, disk and
processes of everything that came from the command (orphans included: it is their subreaper), kills all of it in the
end and says on the report channel how it ended. The child takes the limits, another user where there is one, Landlock
and seccomp, writes the files into its folder, so that a symbolic link among them leads nowhere, and becomes the
command. A step that is refused ends the child before the command starts: there is no weaker way on.

Standard library only and no import of the package: it is run by path, isolated. Not covered: kernel memory (sockets,
pipes, inodes), bounded only by time, descriptors and processes; what is used between two looks, some 20 ms apart.
"""

# ruff: noqa: PTH102, PTH116, PTH123, PTH208, PTH211 - pathlib takes 5 ms to import

from __future__ import annotations

import ctypes
import errno
import fcntl
import marshal
import os
import resource
import select
import signal
import stat
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:  # typing takes as long to import as all the rest
    from typing import Any, NoReturn

REPLY = 3
"""Where the command finds the reply channel, if it was asked for."""
LOOK = 0.02
"""Seconds between two looks at the least: at 5 GB/s a memory bomb gets 100 MB further."""
SHARE = 5
"""A look takes at most one part in so many of the monitor's time."""
ENTRIES = 10_000
"""Files and folders that the work folder may hold: what is more takes longer to count than to make."""
DESCRIPTORS, STACK = 512, 8 * 2**20

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_SECCOMP, PR_SET_SECUREBITS = 1, 4, 22, 28
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47
CAP_DAC_READ_SEARCH = 2
CLONE_NEWUSER = 0x10000000
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446

LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.syscall.restype = ctypes.c_long


def call(what: str, result: int) -> int:
    """The result of a C call; raises OSError, naming the step, where it is negative."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def prctl(what: str, option: int, *arguments: int) -> None:
    padded = [ctypes.c_ulong(value) for value in (*arguments, 0, 0, 0, 0)[:4]]
    call(what, LIBC.prctl(option, *padded))


def limit(order: dict[str, Any]) -> None:
    """Rlimits: a second line behind the monitor, except for processes, where they are the first.

    RLIMIT_DATA, not RLIMIT_AS: the JVM, Go and node reserve tens of GB of address space that they never touch. It
    counts what is private and writable, stacks of threads included, so it gets twice the memory and some, and the
    monitor holds the true sum.
    """
    seconds, memory = order["seconds"], order["memory"]
    wanted = {
        resource.RLIMIT_DATA: 2 * memory + 256 * 2**20,
        resource.RLIMIT_CPU: int(seconds * (os.cpu_count() or 1)) + 2,
        resource.RLIMIT_FSIZE: order["disk"],
        resource.RLIMIT_NOFILE: DESCRIPTORS,
        resource.RLIMIT_CORE: 0,
        resource.RLIMIT_MEMLOCK: 64 * 2**10,
        resource.RLIMIT_MSGQUEUE: 0,
        resource.RLIMIT_STACK: STACK,
        resource.RLIMIT_NPROC: order["processes"] + order["beside"],
    }
    for which, value in wanted.items():
        _, hard = resource.getrlimit(which)
        possible = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(which, (possible, possible))


def become(uid: int | None, *, reach: bool, namespace: bool) -> None:
    """Another user and no group; with `reach`, one that may pass closed folders on the way to readable ones."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        if reach:  # capabilities outlive the change of user, and access(2) sees them; capset leaves one
            prctl("secure bits", PR_SET_SECUREBITS, 1 << 2)
        os.setresuid(uid, uid, uid)
        bit = 1 << CAP_DAC_READ_SEARCH if reach else 0
        header = struct.pack("=Ii", 0x20080522, 0)
        call("capset", LIBC.capset(header, struct.pack("=6I", bit, bit, bit, 0, 0, 0)))
        if reach:
            prctl("ambient capability", PR_CAP_AMBIENT, 2, CAP_DAC_READ_SEARCH)
    prctl("dumpable", PR_SET_DUMPABLE, 1)  # else /proc/self is closed to us
    put("/proc/self/oom_score_adj", b"1000")
    if namespace:
        call("user namespace", LIBC.unshare(CLONE_NEWUSER))
        for name, text in (("setgroups", "deny"), ("uid_map", f"{uid} {uid} 1"), ("gid_map", f"{uid} {uid} 1")):
            put(f"/proc/self/{name}", text.encode())
    prctl("no new privileges", PR_SET_NO_NEW_PRIVS, 1)
    prctl("death signal", PR_SET_PDEATHSIG, signal.SIGKILL)


def put(path: str, data: bytes) -> None:
    with open(path, "wb", buffering=0) as file:
        file.write(data)


def ruleset(handled: tuple[int, int, int], size: int, rules: list[tuple[str, int]]) -> int:
    """A Landlock ruleset's descriptor; `handled` is (files, network, scopes), `size` what this kernel knows of it."""
    attributes = struct.pack("=3Q", *handled)[:size]
    made = call("landlock ruleset", LIBC.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(size), 0))
    for path, rights in rules:
        try:
            beneath = os.open(path, os.O_PATH | os.O_CLOEXEC)
        except FileNotFoundError:
            continue
        call(f"landlock rule for {path}", LIBC.syscall(ADD_RULE, made, 1, struct.pack("=Qi", rights, beneath), 0))
        os.close(beneath)
    return made


def filter_calls(program: bytes) -> None:
    code = ctypes.create_string_buffer(program, len(program))

    class Program(ctypes.Structure):
        _fields_ = (("length", ctypes.c_ushort), ("code", ctypes.c_void_p))

    holder = Program(len(program) // 8, ctypes.addressof(code))
    call("seccomp", LIBC.prctl(PR_SET_SECCOMP, ctypes.c_ulong(2), ctypes.byref(holder), 0, 0))


def unpack(files: list[tuple[str, str, int, bytes]]) -> None:
    """Write (path, kind, mode, content) below the current folder; a link's content is where it points."""
    for path, kind, mode, content in files:
        if kind == "folder":
            os.mkdir(path, mode | 0o700)
        elif kind == "link":
            os.symlink(content, path)
        else:
            fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode | 0o600)
            with open(fd, "wb") as file:
                file.write(content)


def wire(order: dict[str, Any], ready: int) -> int:
    """Standard streams and the reply channel stay; all else is closed. Returns where `ready` is now."""
    ready = fcntl.fcntl(ready, fcntl.F_DUPFD_CLOEXEC, 64)
    if order["reply"] is not None:
        os.dup2(order["reply"], REPLY, inheritable=True)
    os.closerange(REPLY + (order["reply"] is not None), ready)
    os.closerange(ready + 1, max(2**16, resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    return ready


def child(order: dict[str, Any], ready: int) -> NoReturn:
    try:
        ready = wire(order, ready)
        for number in (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.umask(0o022)
        rules = ruleset(*order["landlock"]) if order["landlock"] else None
        limit(order)
        become(order["uid"], reach=order["reach"], namespace=order["namespace"])
        if order["make"]:
            os.mkdir(order["box"], 0o700)
        os.chdir(order["box"])
        if rules is not None:
            call("landlock", LIBC.syscall(RESTRICT_SELF, rules, 0))
            os.close(rules)
        filter_calls(order["filter"])
        unpack(order["files"])
    except BaseException as error:
        at = error.__traceback__
        while at and at.tb_next:
            at = at.tb_next
        os.write(ready, f"{at.tb_frame.f_code.co_name if at else ''}: {type(error).__name__}: {error}".encode())
        os._exit(126)
    command = order["argv"]
    try:
        os.execvpe(command[0], command, order["environment"])
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
    os._exit(127)


def descendants() -> dict[int, int]:
    """Pid -> threads of all that came from this process; what is dead but not yet waited for has none."""
    parents: dict[int, tuple[int, int]] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            fields = look(f"/proc/{name}/stat").rpartition(b")")[2].split()
            if len(fields) > 17:
                parents[int(name)] = (int(fields[1]), 0 if fields[0] in b"ZX" else int(fields[17]))
    below: dict[int, list[int]] = {}
    for pid, (parent, _) in parents.items():
        below.setdefault(parent, []).append(pid)
    found: dict[int, int] = {}
    queue = below.get(os.getpid(), [])
    while queue:
        pid = queue.pop()
        found[pid] = parents[pid][1]
        queue.extend(below.get(pid, []))
    return found


def look(path: str) -> bytes:
    """A small file of /proc, or nothing where its process has gone."""
    try:
        with open(path, "rb", buffering=0) as file:
            return file.read(2**16) or b""
    except OSError:
        return b""


def added(text: bytes, *names: bytes) -> int:
    """Bytes: the sum of the lines `NAME: N kB`."""
    return sum(int(line.split()[1]) for line in text.splitlines() if line.startswith(names)) * 1024


def memory(pids: dict[int, int], most: int, *, again: bool = True) -> bool:
    """Whether they hold more than `most` bytes, what forks share counted once; twice, for who ends leaves his share."""
    held = {pid: added(look(f"/proc/{pid}/status"), b"RssAnon:", b"RssShmem:", b"VmSwap:") for pid in pids}
    parts = (b"Pss_Anon:", b"Pss_Shmem:", b"SwapPss:")
    shares = (added(look(f"/proc/{pid}/smaps_rollup"), *parts) or much for pid, much in held.items())
    return sum(held.values()) > most and sum(shares) > most and (not again or memory(pids, most, again=False))


def unlinked(pids: dict[int, int]) -> int:
    """Bytes of files that have no name any more but are still held open."""
    held: dict[tuple[int, int], int] = {}
    for pid in pids:
        try:
            for name in os.listdir(f"/proc/{pid}/fd"):
                found = os.stat(f"/proc/{pid}/fd/{name}")
                if stat.S_ISREG(found.st_mode) and not found.st_nlink:
                    held[found.st_dev, found.st_ino] = found.st_blocks * 512
        except OSError:
            continue
    return sum(held.values())


def disk(box: str, most: int, pids: dict[int, int]) -> bool:
    """Whether the work folder holds more than `most` bytes, or more than ENTRIES files and folders."""
    total, entries, queue = unlinked(pids), 0, [box]
    while queue:
        try:
            with os.scandir(queue.pop()) as listing:
                for entry in listing:
                    entries += 1
                    total += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        queue.append(entry.path)
                    if total > most or entries > ENTRIES:
                        return True
        except OSError as error:
            if error.errno == errno.ENAMETOOLONG:
                return True
    return total > most


def over(order: dict[str, Any]) -> str | None:
    """The limit that was passed, if one was."""
    pids = descendants()
    if sum(pids.values()) > order["processes"]:
        return "processes"
    if memory(pids, order["memory"]):
        return "memory"
    if order["alone"]:  # a file system of its own, whose size is fixed; its number of files is not
        disks = [os.statvfs(path) for path in ("/tmp", "/dev/shm")]
        return "disk" if any(held.f_files - held.f_ffree > ENTRIES for held in disks) else None
    return "disk" if disk(order["box"], order["disk"], pids) else None


def watch(order: dict[str, Any], pid: int, deadline: float) -> tuple[str | None, int | None]:
    """Until the command ends, passes a limit or is no longer wanted: (limit, wait status)."""
    events = select.poll()
    for fd in (order["life"], os.pidfd_open(pid)):
        events.register(fd, select.POLLIN)
    pause = LOOK / 2
    while True:
        left = deadline - time.monotonic()
        if left <= 0:
            return "time", None
        ready = [fd for fd, _ in events.poll(max(1, min(pause, left) * 1000))]
        if order["life"] in ready:
            return "stopped", None
        while (ended := os.waitpid(-1, os.WNOHANG))[0]:
            if ended[0] == pid and not os.WIFSTOPPED(ended[1]):
                late = not order["alone"] and disk(order["box"], order["disk"], descendants())  # 100 MB take 0.1 s
                return ("disk", None) if late else (None, ended[1])
        began = time.monotonic()
        if limit_passed := over(order):
            return limit_passed, None
        pause = max(LOOK, SHARE * (time.monotonic() - began))


def kill(uid: int | None) -> None:
    """End all that came from the command and wait for it. As root a process of its user kills all of that user."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        if uid is not None and not (killer := os.fork()):
            try:
                os.setresuid(uid, uid, uid)
                os.kill(-1, signal.SIGKILL)
            finally:
                os._exit(0)
        elif uid is not None:
            os.waitpid(killer, 0)
        for pid in descendants():
            try:
                os.kill(pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.001)


def main() -> None:
    began = time.monotonic()
    with open(int(sys.argv[1]), "rb") as file:
        order = marshal.load(file)
    os.write(order["report"], b"up ")
    prctl("not dumpable", PR_SET_DUMPABLE, 0)
    prctl("subreaper", PR_SET_CHILD_SUBREAPER, 1)
    hear, ready = os.pipe()
    pid = os.fork()
    if not pid:
        child(order, ready)
    nothing = os.open("/dev/null", os.O_RDWR)
    for fd in {0, 1, 2, order["reply"] or 0}:
        os.dup2(nothing, fd)
    os.close(ready)
    order["files"] = []
    if refused := os.read(hear, 4096):
        os.write(order["report"], b"refused " + refused)
        return
    limit_passed, status = watch(order, pid, began + order["seconds"])
    kill(order["uid"])
    code = -9 if status is None else os.waitstatus_to_exitcode(status)
    os.write(order["report"], f"ended {limit_passed or '-'} {code} {time.monotonic() - began:.6f}".encode())


if __name__ == "__main__":
    main()
