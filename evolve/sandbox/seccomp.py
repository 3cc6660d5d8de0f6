"""The filter of system calls that holds beside a tier's walls: what no answer to a coding task needs is refused.

It is a list of what is refused, not of what is allowed, because compilers, the JVM and node call far more than anybody
would list; but a call that is newer than this list is refused as well, so it does not grow weaker as kernels grow.
Calls for another machine's or the 32-bit table end the process. It only makes the program: `launcher` installs it.

We build it ourselves: the bindings of libseccomp need its shared library, which slim images lack, and the landlock
packages leave out what a kernel does not know, which here must be a refusal.
"""

from __future__ import annotations

import platform
import struct
from collections.abc import Iterator, Sequence

EPERM, ENOSYS, EAFNOSUPPORT = 1, 38, 97
ALLOW, ERRNO, KILL = 0x7FFF0000, 0x00050000, 0x80000000
LOAD, EQUAL, GREATER, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x25, 0x45, 0x54, 0x06

LAST = 462
"""mseal, of Linux 6.10: the newest call that was looked at."""

MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Column in the tables below, and the kernel's number of the machine."""

NUMBERS: dict[str, tuple[int | None, int | None]] = {
    # other processes
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271), "kcmp": (312, 272),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_getfd": (438, 438),
    "move_pages": (279, 239), "migrate_pages": (256, 238), "setpriority": (141, 140), "ioprio_set": (251, 30),
    "sched_setaffinity": (203, 122), "sched_setscheduler": (144, 119), "sched_setparam": (142, 118),
    "sched_setattr": (314, 274),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "move_mount": (429, 429),
    "open_tree": (428, 428), "mount_setattr": (442, 442), "setns": (308, 268), "unshare": (272, 97),
    # wide attack surface
    "bpf": (321, 280), "perf_event_open": (298, 241), "add_key": (248, 217), "request_key": (249, 218),
    "keyctl": (250, 219), "open_by_handle_at": (304, 265), "name_to_handle_at": (303, 264),
    "fanotify_init": (300, 262), "lookup_dcookie": (212, 18), "modify_ldt": (154, None), "personality": (135, 92),
    # the machine
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224), "swapoff": (168, 225),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "syslog": (103, 116),
    "settimeofday": (164, 170), "clock_settime": (227, 112), "adjtimex": (159, 171), "clock_adjtime": (305, 266),
    "sethostname": (170, 161), "setdomainname": (171, 162), "iopl": (172, None), "ioperm": (173, None),
    "vhangup": (153, 58), "nfsservctl": (180, 42),
    # memory that no process is seen to hold
    "shmget": (29, 194), "msgget": (68, 186), "semget": (64, 190), "mq_open": (240, 180),
}  # fmt: skip
"""x86_64 and aarch64, from the kernel's unistd headers; None where a machine lacks the call."""

ABSENT: dict[str, tuple[int | None, int | None]] = {
    "memfd_create": (319, 279), "memfd_secret": (447, 447), "userfaultfd": (323, 282), "clone3": (435, 435),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
}  # fmt: skip
"""Refused as if the kernel had none, so that programs take the older way (clone3 hides its flags from a filter)."""

SOCKETS: dict[str, tuple[int | None, int | None]] = {
    "socket": (41, 198), "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "accept": (43, 202),
    "accept4": (288, 242), "setsid": (112, 157), "setpgid": (109, 154),
}  # fmt: skip
"""Refused where there is no network namespace and no pid namespace."""

METADATA: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None), "fchmodat": (268, 53), "fchmodat2": (452, 452), "chown": (92, None), "lchown": (94, None),
    "fchownat": (260, 54), "utime": (132, None), "utimes": (235, None), "futimesat": (261, None),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "removexattr": (197, 14), "lremovexattr": (198, 15),
}  # fmt: skip
"""By path, which Landlock does not see: refused where the command runs as the owner of the host's files."""

SOCKET, SOCKETPAIR, CLONE, IOCTL, PRLIMIT, UTIMENSAT = (41, 198), (53, 199), (56, 220), (16, 29), (302, 261), (280, 88)
NAMESPACES = 0x7E020000
"""CLONE_NEW*: mount, cgroup, uts, ipc, user, pid, net."""
TERMINAL = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX, which type into a terminal."""
UNIX, INET, INET6 = 1, 2, 10
PAIRED = (1, 5)
"""Types stream and seqpacket: a pair of them stays a pair, whatever address is given with a message."""


def refusal() -> str | None:
    """Why there is no filter for this machine, or None."""
    known = platform.system() == "Linux" and platform.machine() in MACHINES
    return None if known else f"no system call table for {platform.system()} on {platform.machine()}"


def program(*, network: bool, metadata: bool) -> bytes:
    """The filter as the kernel takes it: 8 bytes an instruction.

    network: sockets are allowed, of the families unix, inet and inet6, because a namespace holds them; else only a
    connected pair of unix streams is, which cannot reach any address. metadata: chmod and its like by path are allowed.
    """
    column, machine = MACHINES[platform.machine()]
    code = [_step(LOAD, 4), _step(EQUAL, machine, 1, 0), _step(RETURN, KILL), _step(LOAD, 0)]
    code += [_step(GREATER, LAST, 0, 1), _step(RETURN, ERRNO | ENOSYS)]  # the x32 table too: its numbers are huge
    code += _refuse(ABSENT, column, ENOSYS) + _refuse(NUMBERS, column, EPERM)
    code += _when(CLONE[column], [_load(0), _step(ANY_BIT, NAMESPACES, 0, 1), *_ends(EPERM)])
    code += _when(IOCTL[column], [_load(1), *_one_of(TERMINAL), *_ends(EPERM)])
    code += _when(PRLIMIT[column], [_load(0), *_one_of((0,)), *_ends(EPERM)[::-1]])
    families = (UNIX, INET, INET6)
    if network:
        code += _when(SOCKET[column], [_load(0), *_one_of(families), *_ends(EAFNOSUPPORT)[::-1]])
    else:
        code += _refuse(SOCKETS, column, EPERM)
        stream = [_load(1), _step(AND, 0xF), *_one_of(PAIRED), *_ends(EPERM)[::-1]]
        code += _when(SOCKETPAIR[column], [_load(0), _step(EQUAL, UNIX, 1, 0), _step(RETURN, ERRNO | EPERM), *stream])
    if not metadata:
        code += _refuse(METADATA, column, EPERM)
        empty = [_load(1), _step(EQUAL, 0, 0, 2), _load(1, high=True), _step(EQUAL, 0, 1, 0)]
        code += _when(UTIMENSAT[column], [*empty, *_ends(EPERM)])
    return b"".join([*code, _step(RETURN, ALLOW)])


def _step(operation: int, value: int, yes: int = 0, no: int = 0) -> bytes:
    return struct.pack("=HBBI", operation, yes, no, value)


def _load(argument: int, *, high: bool = False) -> bytes:
    return _step(LOAD, 16 + 8 * argument + 4 * high)


def _ends(error: int) -> list[bytes]:
    """The last test held: refuse. It did not: allow. (Turned round, the other way.)"""
    return [_step(RETURN, ERRNO | error), _step(RETURN, ALLOW)]


def _one_of(values: Sequence[int]) -> Iterator[bytes]:
    """On to the next instruction where one is equal, past it where none is."""
    for place, value in enumerate(values):
        last = place == len(values) - 1
        yield _step(EQUAL, value, len(values) - 1 - place, int(last))


def _when(number: int, block: list[bytes]) -> list[bytes]:
    """A block that ends in a return, for one call alone."""
    return [_step(EQUAL, number, 0, len(block)), *block]


def _refuse(table: dict[str, tuple[int | None, int | None]], column: int, error: int) -> list[bytes]:
    numbers = [numbers[column] for numbers in table.values()]
    return [step for number in numbers if number is not None for step in _when(number, [_step(RETURN, ERRNO | error)])]
