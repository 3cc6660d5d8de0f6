"""The filter of system calls, read by a plain interpreter of its steps: so also for the machine we are not on."""

from __future__ import annotations

import platform
import struct

import pytest

from evolve.sandbox import seccomp

ALLOWED, EPERM, ENOSYS, KILLED = "allowed", 1, 38, "killed"
READ, CLONE, IOCTL, SOCKET, PAIR, PRLIMIT = (0, 63), (56, 220), (16, 29), (41, 198), (53, 199), (302, 261)
UTIMENSAT, SETSID, CHMODAT = (280, 88), (112, 157), (268, 53)
MACHINES = [*seccomp.MACHINES]


@pytest.fixture(params=MACHINES)
def column(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """The tables' column of a machine, which the filter is then made for."""
    monkeypatch.setattr(platform, "machine", lambda: request.param)
    return MACHINES.index(request.param)


def verdict(program: bytes, machine: int, number: int, *arguments: int) -> str | int:
    """What the kernel would do with a call."""
    padded = (*arguments, 0, 0, 0, 0, 0, 0)[:6]
    data = struct.pack("=iIQ6Q", number, machine, 0, *(value % 2**64 for value in padded))
    steps = list(struct.iter_unpack("=HBBI", program))
    at, value = 0, 0
    while True:
        operation, yes, no, k = steps[at]
        at += 1
        if operation == 0x06:
            return ALLOWED if k == 0x7FFF0000 else KILLED if k == 0x80000000 else int(k & 0xFFFF)
        if operation == 0x20:
            value = struct.unpack_from("=I", data, k)[0]
        elif operation == 0x54:
            value &= k
        else:
            held = {0x15: value == k, 0x25: value > k, 0x45: bool(value & k)}[operation]
            at += yes if held else no


def asked(
    column: int, call: tuple[int, int], *arguments: int, network: bool = False, metadata: bool = True
) -> str | int:
    program = seccomp.program(network=network, metadata=metadata)
    return verdict(program, seccomp.MACHINES[MACHINES[column]][1], call[column], *arguments)


@pytest.mark.parametrize("network", [False, True])
def test_every_listed_call_is_refused(column: int, network: bool) -> None:
    program, machine = seccomp.program(network=network, metadata=False), seccomp.MACHINES[MACHINES[column]][1]
    tables = [(seccomp.NUMBERS, EPERM), (seccomp.ABSENT, ENOSYS), (seccomp.METADATA, EPERM)]
    tables += [] if network else [(seccomp.SOCKETS, EPERM)]
    listed = [
        (name, n, error) for table, error in tables for name, both in table.items() if (n := both[column]) is not None
    ]
    assert [name for name, number, error in listed if verdict(program, machine, number) != error] == []


def test_another_machines_calls_end_the_process(column: int) -> None:
    program = seccomp.program(network=True, metadata=True)
    others = [number for _, number in seccomp.MACHINES.values()] + [0x40000003]
    mine = seccomp.MACHINES[MACHINES[column]][1]
    assert {verdict(program, other, 0) for other in others if other != mine} == {KILLED}


@pytest.mark.parametrize("number", [463, 1000, 0x40000000, 0x40000029, -1])
def test_calls_newer_than_the_list_are_absent(column: int, number: int) -> None:
    assert asked(column, (number, number)) == ENOSYS


@pytest.mark.parametrize(
    ("call", "arguments", "expected"),
    [
        (READ, (), ALLOWED),
        (CLONE, (0x1200011,), ALLOWED),
        (CLONE, (0x10000011,), EPERM),
        (CLONE, (0x40000000,), EPERM),
        (IOCTL, (0, 0x5401), ALLOWED),
        (IOCTL, (0, 0x5412), EPERM),
        (IOCTL, (0, 2**32 + 0x541C), EPERM),
        (PRLIMIT, (0, 7), ALLOWED),
        (PRLIMIT, (4321, 7), EPERM),
        (SOCKET, (1, 1), EPERM),
        (SOCKET, (2, 1), EPERM),
        (PAIR, (1, 1), ALLOWED),
        (PAIR, (1, 1 | 0x80800), ALLOWED),
        (PAIR, (1, 5), ALLOWED),
        (PAIR, (1, 2), EPERM),
        (PAIR, (2, 1), EPERM),
        (SETSID, (), EPERM),
        (CHMODAT, (), ALLOWED),
        (UTIMENSAT, (-100, 0x7FFF00000000), ALLOWED),
    ],
)
def test_arguments_decide_without_a_network(
    column: int, call: tuple[int, int], arguments: tuple[int, ...], expected: str | int
) -> None:
    assert asked(column, call, *arguments) == expected


@pytest.mark.parametrize(
    ("family", "expected"), [(1, ALLOWED), (2, ALLOWED), (10, ALLOWED), (16, 97), (17, 97), (40, 97)]
)
def test_a_network_of_its_own_has_three_families(column: int, family: int, expected: str | int) -> None:
    assert asked(column, SOCKET, family, 1, network=True) == expected
    assert asked(column, SETSID, network=True) == ALLOWED


@pytest.mark.parametrize(("path", "expected"), [(0, ALLOWED), (0x7FFF00000000, EPERM), (0x1000, EPERM)])
def test_times_are_set_by_descriptor_alone_where_metadata_is_refused(
    column: int, path: int, expected: str | int
) -> None:
    assert asked(column, UTIMENSAT, 5, path, metadata=False) == expected
