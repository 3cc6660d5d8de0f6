"""What hostile code tries on the tiers that start processes: each attempt is held, and the next trial works.

One property a test, on every tier that the probe finds usable here. Each attack is bounded by itself, so that a hole
would hurt nobody: 500 forks, 2 GB of memory, 1 GB of output at most. Not here: what code tries on the tests of its own
answer, and the tier without processes.
"""

from __future__ import annotations

import json
import os
import platform
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.errors import SandboxError
from evolve.sandbox import seccomp, slots
from evolve.sandbox.bubblewrap import Bubblewrap
from evolve.sandbox.landlock import Landlock
from evolve.sandbox.probe import probe, survivors
from evolve.sandbox.processes import LAUNCHER, PATH, Ended, Hold, Running, Tier, interpreter, run
from evolve.sandbox.trial import Limits

LIMITS = Limits(seconds=3, memory=128 * 2**20, output=2**16, disk=16 * 2**20, processes=32)
PATIENT = replace(LIMITS, seconds=20)
"""For attacks that end by themselves or by another limit than time, on a machine that may be busy."""
COLUMN = seccomp.MACHINES.get(platform.machine(), (0, 0))[0]

Attack = Callable[..., Ended]


@pytest.fixture(params=[Bubblewrap(), Landlock()], ids=lambda tier: tier.name)
def tier(request: pytest.FixtureRequest) -> Tier:
    """A tier that is usable here."""
    one: Tier = request.param
    found = probe(request.param)
    if not found.usable:
        pytest.skip(found.reason)
    return one


@pytest.fixture
def outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the host that file modes let anybody read and write; what a trial leaves would be found here."""
    folder = Path(tempfile.mkdtemp(prefix="evolve-test-"))
    folder.chmod(0o777)
    boxes = folder / "boxes"
    boxes.mkdir()
    boxes.chmod(0o755)
    (folder / "secret").write_text("the secret", encoding="utf-8")
    (folder / "secret").chmod(0o666)
    monkeypatch.setattr(tempfile, "tempdir", str(boxes))
    before = snapshot(folder)
    yield folder
    assert snapshot(folder) == before
    shutil.rmtree(folder)


@pytest.fixture
def attack(tier: Tier, outside: Path, request: pytest.FixtureRequest) -> Iterator[Attack]:
    """Run a Python program in the tier; afterwards nothing of it is left, and the next trial works."""
    token = f"attack-{os.urandom(8).hex()}"

    def attempt(program: str, *arguments: object, limits: Limits = LIMITS, folder: Path | None = None) -> Ended:
        given = [*(str(argument) for argument in arguments), token]
        return run(tier, [interpreter(), "-I", "-c", program, *given], folder, limits)

    yield attempt
    assert survivors(token) == []
    assert list((outside / "boxes").iterdir()) == []
    assert run(tier, ["sh", "-c", "echo $((6 * 7))"], None, PATIENT).output == b"42\n"


def snapshot(folder: Path) -> dict[str, tuple[int, int, float, bytes]]:
    """Everything below a folder: mode, owner, time of change, content."""
    seen = {}
    for path in sorted(folder.rglob("*")):
        found = path.lstat()
        content = path.read_bytes() if path.is_file() else b""
        changed = found.st_mtime if path.is_file() else 0.0
        seen[str(path.relative_to(folder))] = (found.st_mode, found.st_uid, changed, content)
    return seen


# Network

CONNECT = """
import socket, sys
family, kind, address = sys.argv[1:4]
for made in (socket.socket, lambda family, kind: socket.socketpair(socket.AF_UNIX, kind)[0]):
    targets = {"inet": [("127.0.0.1", address)], "inet6": [("::1", address)], "unix": [address, "\\0" + address]}
    for target in targets[family]:
        try:
            with made(getattr(socket, "AF_" + family.upper()), getattr(socket, "SOCK_" + kind)) as one:
                one.settimeout(1)
                target = (target[0], int(target[1])) if isinstance(target, tuple) else target
                if kind == "DGRAM":
                    one.sendto(b"hello", target)
                else:
                    one.connect(target)
                    one.sendall(b"hello")
        except OSError:
            pass
"""


@pytest.mark.parametrize("kind", ["STREAM", "DGRAM"], ids=["tcp", "udp"])
@pytest.mark.parametrize("family", ["inet", "inet6"])
def test_nothing_reaches_a_listener_on_loopback(attack: Attack, family: str, kind: str) -> None:
    with socket.socket(getattr(socket, f"AF_{family.upper()}"), getattr(socket, f"SOCK_{kind}")) as listener:
        try:
            listener.bind(("127.0.0.1" if family == "inet" else "::1", 0))
        except OSError:
            pytest.skip("this machine has no IPv6")
        if kind == "STREAM":
            listener.listen()
        attack(CONNECT, family, kind, listener.getsockname()[1], limits=PATIENT)
        assert select.select([listener], [], [], 0)[0] == []


@pytest.mark.parametrize("abstract", [False, True], ids=["path", "abstract"])
@pytest.mark.parametrize("kind", ["STREAM", "DGRAM", "SEQPACKET"])
def test_nothing_reaches_a_unix_socket(attack: Attack, kind: str, abstract: bool) -> None:
    folder = Path(tempfile.mkdtemp(prefix="evolve-socket-", dir="/tmp"))
    folder.chmod(0o777)
    path = str(folder / "socket")
    with socket.socket(socket.AF_UNIX, getattr(socket, f"SOCK_{kind}")) as listener:
        listener.bind(f"\0{path}" if abstract else path)
        if kind != "DGRAM":
            listener.listen()
        if not abstract:
            Path(path).chmod(0o777)
        attack(CONNECT, "unix", kind, path, limits=PATIENT)
        assert select.select([listener], [], [], 0)[0] == []
    shutil.rmtree(folder)


@pytest.mark.parametrize("family", [16, 17, 38, 40], ids=["netlink", "packet", "alg", "vsock"])
def test_no_socket_of_a_family_that_no_namespace_holds(attack: Attack, family: int) -> None:
    program = "import socket, sys; socket.socket(int(sys.argv[1]), socket.SOCK_RAW).close(); print('open')"
    assert attack(program, family, limits=PATIENT).output == b""


# Reading


READ = """
import sys
for path in sys.argv[1:-1]:
    try:
        print(open(path).read())
    except OSError as error:
        print(type(error).__name__)
"""


def test_the_hosts_users_cannot_be_read(attack: Attack) -> None:
    ended = attack(READ, "/etc/passwd", "/etc/shadow", "/proc/1/root/etc/passwd", "/etc/../etc/passwd", limits=PATIENT)
    assert b"root:" not in ended.output
    assert ended.code == 0


def test_a_file_outside_cannot_be_read(attack: Attack, outside: Path) -> None:
    ended = attack(READ, outside / "secret", f"/proc/self/root{outside}/secret", "../secret", limits=PATIENT)
    assert b"secret" not in ended.output
    assert ended.code == 0


def test_the_environment_does_not_come_along(attack: Attack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EVOLVE_PLANTED", "the-planted-secret")
    program = """
import glob, os
print(dict(os.environ))
for path in glob.glob("/proc/*/environ") + [f"/proc/{os.getppid()}/environ", f"/proc/{os.getpid()}/environ"]:
    try:
        print(open(path).read())
    except OSError:
        pass
"""
    ended = attack(program, limits=PATIENT)
    assert ended.code == 0
    assert b"PATH" in ended.output
    assert b"PLANTED" not in ended.output
    assert b"the-planted-secret" not in ended.output


def test_no_descriptor_of_ours_comes_along(attack: Attack, outside: Path) -> None:
    with (outside / "secret").open("rb") as ours:
        os.set_inheritable(ours.fileno(), True)
        program = """
import os
for fd in range(3, 600):
    try:
        print(fd, os.read(fd, 100))
    except OSError:
        pass
"""
        assert attack(program, limits=PATIENT).output == b""


# Writing


def test_nothing_is_written_outside(attack: Attack, outside: Path) -> None:
    program = """
import os, sys
outside = sys.argv[1]
def tried(act, *arguments):
    try:
        act(*arguments)
    except OSError:
        pass
for folder in (outside, "/", "/usr", "/usr/bin", "/etc", "/dev", "/var/tmp", "/root", "/home", sys.base_prefix):
    tried(lambda: open(folder + "/evolve-was-here", "w").write("x"))
secret = outside + "/secret"
tried(lambda: open(secret, "a").write("x"))
tried(os.truncate, secret, 0)
tried(os.unlink, secret)
tried(os.rename, secret, outside + "/other")
tried(os.link, secret, "hard")
tried(os.chmod, secret, 0)
tried(os.utime, secret, (1, 1))
tried(os.mkdir, outside + "/folder")
tried(os.symlink, "x", outside + "/link")
tried(os.mknod, outside + "/node")
print("done")
"""
    assert attack(program, outside, limits=PATIENT).output == b"done\n"
    places = ["/", "/usr", "/usr/bin", "/etc", "/dev", "/var/tmp", "/root", "/home", interpreter()]
    assert [place for place in places if os.path.lexists(f"{place}/evolve-was-here")] == []


def test_the_disk_is_bounded(attack: Attack) -> None:
    program = """
try:
    for number in range(100):
        open(f"file{number}", "wb").write(bytes(2**20))
    print("all")
except OSError:
    print("full")
    raise
"""
    ended = attack(program, limits=PATIENT)
    assert b"all" not in ended.output or ended.limit == "disk"
    assert ended.code != 0


def test_files_without_a_name_count_as_disk(attack: Attack) -> None:
    program = """
import os, time
held = []
for number in range(20):
    held.append(open("file", "wb", buffering=0))
    held[-1].write(bytes(4 * 2**20))
    os.unlink("file")
time.sleep(60)
"""
    ended = attack(program, limits=PATIENT)
    assert ended.limit == "disk" or ended.code == 1  # found by a look, or refused by a file system of its size


def test_the_number_of_files_is_bounded(attack: Attack) -> None:
    program = """
import os, time
for number in range(12_000):
    os.close(os.open(f"{number}", os.O_CREAT | os.O_WRONLY))
time.sleep(15)
"""
    assert attack(program, limits=PATIENT).limit == "disk"


# Processes


def test_a_fork_bomb_is_bounded(attack: Attack) -> None:
    program = """
import os, time
made = 0
try:
    for _ in range(500):
        if not os.fork():
            time.sleep(30)
            os._exit(0)
        made += 1
finally:
    print(made)
"""
    ended = attack(program, limits=PATIENT)
    assert ended.limit == "processes" or int(ended.output) < LIMITS.processes


def test_a_fork_bomb_of_nine_generations_is_bounded(attack: Attack) -> None:
    program = """
import os, time
for _ in range(9):
    try:
        os.fork()
    except OSError:
        pass
time.sleep(30)
"""
    assert attack(program).limit in {"time", "processes"}


def test_a_thread_bomb_is_bounded(attack: Attack) -> None:
    program = """
import os, threading, time
made = 0
try:
    for _ in range(500):
        threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
        made += 1
finally:
    print(made, flush=True)
    os._exit(1)
"""
    ended = attack(program, limits=PATIENT)
    assert ended.limit == "processes" or int(ended.output) < LIMITS.processes


def test_a_daemon_does_not_outlive_the_trial(attack: Attack) -> None:
    program = """
import os, signal, time
def away():
    for act in (os.setsid, lambda: os.setpgid(0, 0)):
        try:
            act()
        except OSError:
            pass
for number in range(3):
    if not os.fork():
        away()
        if not os.fork():
            for one in range(1, 32):
                if one not in (signal.SIGKILL, signal.SIGSTOP):
                    signal.signal(one, signal.SIG_IGN)
            for fd in range(3):
                os.close(fd)
            time.sleep(60)
        os._exit(0)
    os.wait()
print("left")
"""
    ended = attack(program, limits=PATIENT)
    assert (ended.code, ended.output) == (0, b"left\n")
    assert ended.seconds < 15


@pytest.mark.parametrize(
    "act",
    ["os.kill(os.getppid(), 9)", "os.kill(-1, 9)", "os.killpg(0, 9)", "os.kill(int(sys.argv[1]), 9)", "os.kill(1, 9)"],
    ids=["parent", "all", "group", "host", "init"],
)
def test_nothing_outside_is_killed(attack: Attack, act: str) -> None:
    with subprocess.Popen([interpreter(), "-I", "-c", "input()"], stdin=subprocess.PIPE) as victim:
        ended = attack(f"import os, sys, time\ntry:\n    {act}\nexcept OSError:\n    pass", victim.pid, limits=PATIENT)
        assert victim.poll() is None
        victim.communicate(b"\n")
    assert ended.limit in {None, "lost"}
    assert ended.seconds < 15


def test_trials_side_by_side_do_not_touch_each_other(attack: Attack, tier: Tier) -> None:
    program = "import sys, time; sys.stdin.read(); print('still here')"
    with tier.start([interpreter(), "-I", "-c", program], None, PATIENT) as neighbour:
        attack("import os; os.kill(-1, 9)", limits=PATIENT)
        assert neighbour.end().output == b"still here\n"


# Memory


def test_a_memory_bomb_of_one_process_is_held(attack: Attack) -> None:
    program = "held = [bytearray(16 * 2**20) for _ in range(128)]; print('all')"
    ended = attack(program, limits=PATIENT)
    assert ended.output == b""
    assert ended.limit == "memory" or b"MemoryError" in ended.errors


@pytest.mark.parametrize("kind", ["PRIVATE", "SHARED"])
def test_a_memory_bomb_of_many_processes_is_held(attack: Attack, kind: str) -> None:
    program = f"""
import mmap, os, time
for _ in range(8):
    if not os.fork():
        held = mmap.mmap(-1, 40 * 2**20, flags=mmap.MAP_{kind} | mmap.MAP_ANONYMOUS)
        for at in range(0, len(held), 4096):
            held[at] = 1
        time.sleep(30)
time.sleep(30)
"""
    ended = attack(program, limits=PATIENT)
    assert ended.limit == "memory"


def test_what_forks_share_is_counted_once(attack: Attack) -> None:
    program = """
import os, time
held = b"x" * (60 * 2**20)
pids = [os.fork() for _ in range(3)]
time.sleep(0.5)
print("held")
"""
    assert attack(program, limits=PATIENT).code == 0


# Time and output


@pytest.mark.parametrize(
    "program",
    [
        "while True: pass",
        "import time; time.sleep(60)",
        "import signal, time\nfor one in (1, 2, 15): signal.signal(one, signal.SIG_IGN)\nwhile True: time.sleep(1)",
        "import os, signal; os.kill(os.getpid(), signal.SIGSTOP)",
    ],
    ids=["loop", "sleep", "deaf", "stopped"],
)
def test_what_does_not_end_is_ended(attack: Attack, program: str) -> None:
    ended = attack(program, limits=replace(LIMITS, seconds=1.5))
    assert ended.limit == "time"
    assert 1.4 < ended.seconds < 20


@pytest.mark.parametrize("channel", ["stdout", "stderr"])
def test_a_gigabyte_of_output_costs_neither_memory_nor_time(attack: Attack, channel: str) -> None:
    program = f"import sys\nfor _ in range(1024): sys.{channel}.write('x' * 2**20)"
    tracemalloc.start()
    try:
        ended = attack(program, limits=PATIENT)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert ended.limit == "output"
    assert len(ended.output if channel == "stdout" else ended.errors) == LIMITS.output
    assert most < 32 * 2**20


def test_output_held_open_by_a_daemon_does_not_hold_us(attack: Attack) -> None:
    ended = attack("import os, time\nif not os.fork(): time.sleep(60)\nprint('done')", limits=PATIENT)
    assert (ended.code, ended.output) == (0, b"done\n")
    assert ended.seconds < 15


# Paths


def test_links_in_the_given_folder_lead_nowhere(attack: Attack, outside: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(outside / "secret")
    (tmp_path / "above").symlink_to("../../../../../../../.." + str(outside))
    program = """
for path in ("link", "above/secret", "above/new"):
    for mode in ("r", "a"):
        try:
            print(open(path, mode).read())
        except OSError:
            pass
"""
    assert b"secret" not in attack(program, limits=PATIENT, folder=tmp_path).output


def test_a_hard_link_in_the_given_folder_is_a_copy(attack: Attack, outside: Path) -> None:
    folder = Path(tempfile.mkdtemp(dir="/tmp"))
    os.link(outside / "secret", folder / "hard")
    ended = attack("open('hard', 'w').write('changed'); print(open('hard').read())", limits=PATIENT, folder=folder)
    assert ended.output == b"changed\n"
    shutil.rmtree(folder)


def test_the_given_files_are_there_and_stay_as_they_were(attack: Attack, tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "package" / "module.py").write_text("x = 1\n", encoding="utf-8")
    program = "import sys; sys.path.insert(0, ''); import package.module as m; print(m.x); open(m.__file__, 'w')"
    ended = attack(program, limits=PATIENT, folder=tmp_path)
    assert (ended.code, ended.output) == (0, b"1\n")
    assert (tmp_path / "package" / "module.py").read_text(encoding="utf-8") == "x = 1\n"


@pytest.mark.parametrize(
    "program",
    [
        "os.makedirs('a/b/c'); [os.fchmod(os.open(name, 0), 0) for name in ('a/b/c', 'a/b', 'a')]",
        "[(os.mkdir('d'), os.chdir('d')) for _ in range(1200)]",
        "os.symlink(sys.argv[1], 'link'); os.symlink('link', 'again'); os.symlink('.', 'round')",
        "[open(os.fsdecode(b'\\xff\\n' + bytes([n])), 'w') for n in range(1, 40) if n != 47]; os.mkfifo('fifo')",
        "os.makedirs('a/a/a'); os.fchmod(os.open('.', 0), 0)",
    ],
    ids=["closed", "deep", "links", "names", "top"],
)
def test_whatever_the_folder_holds_is_removed(attack: Attack, outside: Path, program: str) -> None:
    assert attack(f"import os, sys\n{program}\nprint('made')", outside, limits=PATIENT).output == b"made\n"


# System calls


CALLS = {
    "ptrace": (0, 0, 0, 0),
    "unshare": (0x10000000,),
    "personality": (0,),
    "keyctl": (0, 0xFFFFFFFD, 1),
    "add_key": (0, 0, 0, 0, 0xFFFFFFFD),
    "shmget": (0, 4096, 0o1600),
    "memfd_create": (0, 0),
    "io_uring_setup": (1, 0),
    "bpf": (0, 0, 0),
    "userfaultfd": (1,),
    "process_vm_readv": (1, 0, 0, 0, 0, 0),
    "mount": (0, 0, 0, 0, 0),
    "clone3": (0, 0),
}


def test_calls_that_no_answer_needs_are_refused(attack: Attack) -> None:
    program = """
import ctypes, json, sys
libc = ctypes.CDLL(None, use_errno=True)
for name, *values in json.loads(sys.argv[1]):
    done = libc.syscall(*[ctypes.c_long(value) for value in values])
    if done != -1 or ctypes.get_errno() not in (1, 38):
        print(name, done, ctypes.get_errno())
"""
    numbers = {**seccomp.NUMBERS, **seccomp.ABSENT}
    calls = [[name, numbers[name][COLUMN], *arguments] for name, arguments in CALLS.items()]
    ended = attack(program, json.dumps(calls), limits=PATIENT)
    assert (ended.output, ended.code) == (b"", 0)


def test_no_privilege_is_left(attack: Attack) -> None:
    text = attack("print(open('/proc/self/status').read())", limits=PATIENT).output.decode()
    lines = dict(line.partition(":")[::2] for line in text.splitlines())
    assert lines["NoNewPrivs"].strip() == "1"
    assert lines["Seccomp"].strip() == "2"
    assert int(lines["CapEff"], 16) & ~(1 << 2) == 0
    assert "0" not in lines["Uid"].split()


# What must still work


@pytest.mark.parametrize(
    "program",
    [
        "import asyncio; asyncio.run(asyncio.sleep(0.01)); print('ok')",
        "import subprocess, sys; subprocess.run([sys.executable, '-c', 'print(\"ok\")'], check=True)",
        "import tempfile; f = tempfile.TemporaryFile(); f.write(b'x'); print('ok')",
        "from concurrent.futures import ThreadPoolExecutor as T; print(list(T(4).map(str.lower, ['OK']))[0])",
        "import os; r = os.fork(); r and os.wait(); r and print('ok')",
        "import sqlite3; sqlite3.connect('file.db').execute('create table t (a)'); print('ok')",
        "import os, time; open('f', 'w'); os.chmod(os.open('f', 0), 0o600); os.rename('f', 'g'); print('ok')",
    ],
    ids=["asyncio", "subprocess", "tempfile", "threads", "fork", "sqlite", "files"],
)
def test_ordinary_programs_work(attack: Attack, program: str) -> None:
    ended = attack(program, limits=PATIENT)
    assert (ended.output, ended.errors, ended.code) == (b"ok\n", b"", 0)


@pytest.mark.skipif(shutil.which("cc", path=PATH) is None, reason="no C compiler")
def test_a_program_is_compiled_and_run(tier: Tier, tmp_path: Path) -> None:
    if tier.name == "landlock" and os.geteuid():
        pytest.skip("not root: chmod by path is refused, so nothing made is executable")
    (tmp_path / "main.c").write_text('#include <stdio.h>\nint main(void) { puts("ok"); return 3; }\n', encoding="utf-8")
    ended = run(tier, ["sh", "-c", "cc -o main main.c && ./main"], tmp_path, PATIENT)
    assert (ended.output, ended.errors, ended.code) == (b"ok\n", b"", 3)


def test_a_reply_comes_line_by_line(tier: Tier) -> None:
    program = "import os, sys\nfor line in sys.stdin: os.write(3, line.upper().encode()); print('beside')"
    with tier.start([interpreter(), "-I", "-u", "-c", program], None, PATIENT, reply_fd=True) as running:
        for word in ("one", "two"):
            running.write(f"{word}\n".encode())
            assert running.read_line(time.monotonic() + 15) == word.upper().encode()
        assert running.read_line(time.monotonic() + 0.05) is None
        ended = running.end()
    assert (ended.output, ended.code, ended.limit) == (b"beside\n" * 2, 0, None)


def test_an_endless_reply_is_cut(tier: Tier) -> None:
    program = "import os\nfor _ in range(10_000): os.write(3, b'x' * 2**16)"
    with tier.start([interpreter(), "-I", "-c", program], None, PATIENT, reply_fd=True) as running:
        assert running.read_line(time.monotonic() + 15) is None
        assert running.end().limit == "output"


def test_more_input_than_it_takes_does_not_hold_us(tier: Tier) -> None:
    with tier.start([interpreter(), "-I", "-c", "pass"], None, PATIENT) as running:
        running.write(bytes(2**21))
        assert running.end().code == 0


def test_leaving_the_with_ends_the_command(tier: Tier) -> None:
    token, began = f"left-{os.urandom(8).hex()}", time.monotonic()
    with tier.start([interpreter(), "-I", "-c", "import time; time.sleep(60)", token], None, PATIENT):
        pass
    assert survivors(token) == []
    assert time.monotonic() - began < 15


def test_the_death_of_the_host_ends_the_command(tier: Tier) -> None:
    token = f"orphan-{os.urandom(8).hex()}"
    program = f"""
import sys, time
from evolve.sandbox.{tier.name} import {type(tier).__name__} as Tier
from evolve.sandbox.processes import interpreter
from evolve.sandbox.trial import Limits
inner = "import os, time; os.write(3, b'up\\\\n'); os.fork(); time.sleep(60)"
running = Tier().start([interpreter(), "-I", "-c", inner, "{token}"], None, Limits(seconds=50), reply_fd=True)
print(running.read_line(time.monotonic() + 20).decode(), flush=True)
time.sleep(60)
"""
    folder = Path(tempfile.mkdtemp(prefix="evolve-test-", dir="/tmp"))
    folder.chmod(0o755)
    environment = {**os.environ, "TMPDIR": str(folder)}
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, env=environment) as host:
        assert host.stdout is not None
        assert host.stdout.readline() == b"up\n"
        host.kill()
    until = time.monotonic() + 60
    while survivors(token) and time.monotonic() < until:
        time.sleep(0.02)
    assert survivors(token) == []
    slots.remove(folder)


def test_a_program_that_is_not_there_is_said_so(tier: Tier) -> None:
    ended = run(tier, ["no-such-program"], None, PATIENT)
    assert (ended.code, ended.errors) == (127, b"no-such-program: No such file or directory\n")


def test_trials_at_once_have_their_own_users(tier: Tier) -> None:
    if os.geteuid():
        pytest.skip("not root: all trials run as the user")
    command = [interpreter(), "-I", "-c", "import os, sys; print(os.getuid()); sys.stdin.read()"]
    with ExitStack() as stack:
        running = [stack.enter_context(tier.start(command, None, PATIENT)) for _ in range(4)]
        ended = [one.end().output for one in running]
    assert len(set(ended)) == 4
    assert b"0\n" not in ended


# The probe


class Open:
    """A tier without walls: what the probe must refuse, for every threat."""

    name = "open"
    prefix: tuple[str, ...] = ()

    def start(self, argv: object, folder: object, limits: Limits, reply_fd: bool = False) -> Running:
        slot = slots.Slot(None, None)
        box = slots.make_box(slot)
        environment = {"PATH": PATH, "TMPDIR": str(box), "PLANTED": "1"}
        walls = {"landlock": None, "filter": self.filter(), "environment": environment, "folder": box, "beside": 2000}
        hold = Hold(prefix=self.prefix, launcher=str(LAUNCHER), box=str(box), slot=slot, **walls)  # type: ignore[arg-type]
        boundless = replace(limits, memory=2**40, processes=10_000)
        return Running(argv, [], boundless, hold, reply_fd)  # type: ignore[arg-type]

    def filter(self) -> bytes:
        return bytes([6, 0, 0, 0, 0, 0, 0xFF, 0x7F])  # allow all


class Broken(Open):
    def filter(self) -> bytes:
        return bytes(8)


class Absent(Open):
    prefix = ("sh", "-c", "echo no namespaces here >&2; exit 1")


def test_what_never_started_is_no_way_of_ending() -> None:
    with pytest.raises(SandboxError, match="no namespaces here"):
        run(Absent(), ["true"], None, PATIENT)
    assert probe(Absent()).reason == "open: no namespaces here"


def test_the_probe_refuses_a_tier_without_walls() -> None:
    found = probe(Open())
    assert not found.usable
    threats = ["tcp", "udp", "unix", "abstract", "pair", "read", "write", "make", "unshare"]
    assert [name for name in threats if f"{name} is open" not in found.reason and name not in {"udp"}] == []
    words = ["listener was reached: udp", "made outside", "changed", "killed", "environment", "at once", "160 MB"]
    assert [word for word in words if word not in found.reason] == []


def test_a_step_that_is_refused_ends_the_child_before_the_command(outside: Path) -> None:
    with pytest.raises(SandboxError, match="seccomp"):
        run(Broken(), [interpreter(), "-c", f"open('{outside}/new', 'w')"], None, PATIENT)
