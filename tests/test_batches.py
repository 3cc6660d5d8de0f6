"""Runs in batches: the same bytes, nothing uploaded or worked off twice, killed at whichever step.

A proxy stands between the run and the offline teacher; it can kill the run before or after any call, and change what
comes back. Not covered: a provider's own limits on what may wait in its queue.
"""

from __future__ import annotations

import io
import json
import re
import signal
import sqlite3
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from evolve.config import TeacherConfig
from evolve.errors import RefusedError, RetryableError, StopError
from evolve.ledger import Batch, Ledger, Try
from evolve.records import Reply
from evolve.teacher import Desk, Endpoint
from evolve.teacher.batches import UndoneError, read_lines
from tests.conftest import StartTeacher, Teacher, evolve, offline_teacher
from tests.test_budget_run import PRICED, billed, billed_usd, told
from tests.test_pipeline import dataset
from tests.test_recovery import arguments, start

QUICK = ("--set", "teacher.batch.gather_s=0.3", "--set", "teacher.batch.poll_s=0.05")
INLINE = ("--executor", "inline")
FEW = ("--limit", "8", "--rounds", "1")  # some 40 calls in 6 batches


def line_of(teacher: Teacher, folder: Path, *options: str, batch: bool = True) -> list[str]:
    """Of a run; the last of an option given twice counts."""
    return arguments(teacher, folder, *INLINE, *FEW, *(("--batch", *QUICK) if batch else ()), *options)


def batches(teacher: Teacher) -> dict[str, int]:
    found: dict[str, int] = teacher.stats()["batches"]
    return found


def open_batches(folder: Path) -> int:
    with Ledger(folder / "ledger.db") as ledger:
        return len(list(ledger.batches()))


@dataclass(frozen=True)
class Whole:
    """A run without batches."""

    dataset: dict[str, str]
    requests: int
    repeated: int
    tokens: int


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    folder = tmp_path_factory.mktemp("whole") / "run"
    with offline_teacher() as teacher:
        assert evolve(*line_of(teacher, folder, batch=False)).returncode == 0
        stats = teacher.stats()
        return Whole(dataset(folder), stats["requests"], stats["repeated"], billed(teacher))


@pytest.mark.parametrize("settings", [(), ("--set", "teacher.batch.requests=7")], ids=["one file", "files of 7"])
def test_it_comes_to_the_same_bytes(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, settings: tuple[str, ...]
) -> None:
    teacher = start_teacher()
    ended = evolve(*line_of(teacher, tmp_path / "run", *settings))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    made = batches(teacher)
    assert made["requests"] == whole.requests
    assert made["uploads"] == made["batches"]
    assert teacher.stats()["requests"] == 0  # no call was made alone
    assert open_batches(tmp_path / "run") == 0


def test_faults_of_single_requests_are_asked_again(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    rates = ("--rate-429", "0.1", "--rate-500", "0.1", "--rate-reset", "0.1", "--rate-garbage", "0.1")
    teacher = start_teacher(*rates, "--rate-hang", "0.1")
    ended = evolve(*line_of(teacher, tmp_path / "run"))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    assert set(teacher.stats()["faults"]) >= {"429", "500", "reset", "garbage", "hang"}
    assert teacher.stats()["repeated"] == whole.repeated  # what was answered is not asked again
    assert batches(teacher)["requests"] < 3 * whole.requests


def test_a_schema_that_is_refused_is_left_out(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--no-schema")
    assert evolve(*line_of(teacher, tmp_path / "one by one", batch=False)).returncode == 0
    ended = evolve(*line_of(teacher, tmp_path / "run"))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == dataset(tmp_path / "one by one")


def test_what_fails_for_good_fails_alone(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--rate-500", "0.3")
    ended = evolve(*line_of(teacher, tmp_path / "run", "--set", "teacher.max_attempts=1", "--json"))
    assert ended.returncode == 0, ended.stderr
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        outcomes = {fate.outcome for fate in ledger.fates()}
    assert {"accepted", "failed"} <= outcomes
    assert open_batches(tmp_path / "run") == 0


@pytest.mark.heavy
def test_it_costs_half(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    ended = evolve(*line_of(teacher, tmp_path / "run", *PRICED))
    assert ended.returncode == 0, ended.stderr
    assert told(ended)["cost_usd"] == pytest.approx(billed_usd(teacher) / 2)


def test_an_endpoint_without_batches_is_told_before_anything_is_sent(
    start_teacher: StartTeacher, tmp_path: Path
) -> None:
    teacher = start_teacher("--no-batches")
    ended = evolve(*line_of(teacher, tmp_path / "run"))
    assert ended.returncode == 2, ended.stderr
    assert "no batches there (HTTP 404 from /batches); run without --batch" in ended.stdout
    assert teacher.stats()["requests"] == 0
    with Ledger(tmp_path / "run" / "ledger.db") as ledger:
        assert ledger.tries() == set()


# -- stopped, killed, cancelled ----------------------------------------------------------------------------------------


def wait_for_batches(teacher: Teacher, count: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None and batches(teacher)["batches"] < count:
        time.sleep(0.05)


@pytest.mark.heavy
@pytest.mark.parametrize("batch", [True, False], ids=["in batches", "one by one"])
def test_a_run_that_was_stopped_waits_for_the_batch_that_is_open(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, batch: bool
) -> None:
    teacher = start_teacher("--batch-delay", "1.5")
    with start(*line_of(teacher, tmp_path / "run")) as process:
        wait_for_batches(teacher, 2, process)
        process.send_signal(signal.SIGINT)
        said, complaints = process.communicate(timeout=30)
    assert process.returncode == 3, complaints
    found = re.search(r"batch    batch_\d: (\d+) calls, since \d{4}-.*; the next start waits for it", said)
    assert found is not None, said
    ended = evolve(*line_of(teacher, tmp_path / "run", batch=batch))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    assert teacher.stats()["repeated"] == whole.repeated
    assert batches(teacher)["requests"] + teacher.stats()["requests"] == whole.requests
    assert batches(teacher)["uploads"] == batches(teacher)["batches"]


@pytest.mark.heavy
def test_a_cancelled_batch_stops_the_run_and_its_replies_are_kept(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    teacher = start_teacher("--batch-delay", "1.5")
    line = line_of(teacher, tmp_path / "run")
    with start(*line) as process:
        wait_for_batches(teacher, 1, process)
        urllib.request.urlopen(f"{teacher.base_url}/batches/batch_1/cancel", data=b"", timeout=10).close()
        said, complaints = process.communicate(timeout=60)
    assert process.returncode in {2, 3}, complaints
    assert "batch batch_1 was cancelled at the endpoint" in said
    ended = evolve(*line)
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    assert teacher.stats()["repeated"] == whole.repeated


@dataclass
class Proxy:
    """Between a run and its teacher."""

    target: str
    moment: tuple[str, str, str] | None = None
    """(method, pattern of the path, before or after): when `act` is called, once."""
    act: Callable[[], None] = lambda: None
    change: Callable[[str, dict[str, Any]], None] = lambda path, tree: None
    """Changes an object of a reply in place."""

    def kill_at(self, moment: tuple[str, str, str], kill: Callable[[], None]) -> None:
        self.act, self.moment = kill, moment

    def passes(self, method: str, path: str, when: str) -> bool:
        """Whether a call goes on; False: the run that made it is no more."""
        if self.moment is None or (method, when) != self.moment[::2] or not re.search(self.moment[1], path):
            return True
        self.moment = None
        self.act()
        return False


def handler_of(proxy: Proxy) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            self.close_connection = True
            if not proxy.passes(self.command, self.path, "before"):
                return
            kept = {name: value for name, value in self.headers.items() if name.lower() in {"content-type"}}
            wish = urllib.request.Request(
                proxy.target + self.path.removeprefix("/v1"), body or None, kept, method=self.command
            )
            try:
                with urllib.request.urlopen(wish, timeout=60) as reply:
                    status, said = reply.status, reply.read()
            except urllib.error.HTTPError as error:
                status, said = error.code, error.read()
            if not proxy.passes(self.command, self.path, "after"):
                return
            if said.startswith(b"{") and b"\n" not in said:
                tree = json.loads(said)
                proxy.change(self.path, tree)
                said = json.dumps(tree).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(said)))
            self.send_header("Connection", "close")
            self.end_headers()
            self.wfile.write(said)
            self.wfile.flush()
            proxy.passes(self.command, self.path, "sent")

        do_GET = do_POST = pass_on

        def log_message(self, *_: object) -> None: ...

    return Handler


@contextmanager
def proxied(teacher: Teacher) -> Iterator[tuple[Proxy, Teacher]]:
    proxy = Proxy(teacher.base_url)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler_of(proxy))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield proxy, Teacher(f"http://127.0.0.1:{server.server_address[1]}/v1")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def kept_calls(folder: Path) -> int:
    with sqlite3.connect(f"file:{folder}/ledger.db?mode=ro", uri=True) as ledger:
        return int(ledger.execute("SELECT count(*) FROM calls").fetchone()[0])


def wait_for_replies(folder: Path, more: int) -> None:
    """Until so many more are kept, or no more come."""
    began, before = time.monotonic(), kept_calls(folder)
    while kept_calls(folder) < before + more and time.monotonic() - began < 5:
        time.sleep(0.001)


MOMENTS = (
    ("POST", "/files$", "before"),
    ("POST", "/files$", "after"),  # uploaded, and nobody heard
    ("POST", "/batches$", "before"),
    ("POST", "/batches$", "after"),  # made, and nobody heard
    ("GET", r"/batches/batch_\d+$", "before"),
    ("GET", "/content$", "before"),
    ("GET", "/content$", "sent"),  # in the middle of the replies
)


@pytest.mark.heavy
def test_killed_at_every_step_nothing_is_uploaded_or_worked_off_twice(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    teacher, folder = start_teacher("--batch-delay", "0.1"), tmp_path / "run"
    with proxied(teacher) as (proxy, seen):
        line = line_of(seen, folder)
        for moment in MOMENTS:
            with start(*line) as process:

                def kill(process: subprocess.Popen[str] = process, *, reading: bool = moment[2] == "sent") -> None:
                    if reading:
                        wait_for_replies(folder, 2)
                    process.kill()
                    process.wait()

                proxy.kill_at(moment, kill)
                process.communicate(timeout=60)
            assert process.returncode == -signal.SIGKILL, moment
        proxy.moment = None
        ended = evolve(*line)
    assert ended.returncode == 0, ended.stderr
    assert dataset(folder) == whole.dataset
    assert batches(teacher)["requests"] == whole.requests
    assert teacher.stats()["repeated"] == whole.repeated
    assert batches(teacher)["uploads"] == batches(teacher)["batches"]
    assert open_batches(folder) == 0


@pytest.mark.heavy
def test_a_kill_counts_nothing_twice_in_the_budget(start_teacher: StartTeacher, tmp_path: Path, whole: Whole) -> None:
    teacher, folder = start_teacher("--batch-delay", "0.3"), tmp_path / "run"
    budget = 30_000  # eight calls at worst at a time; were those of a killed start counted beside, none would be left
    with proxied(teacher) as (proxy, seen):
        line = line_of(seen, folder, "--budget-tokens", str(budget), "--json")
        for _ in range(2):
            with start(*line) as process:
                proxy.kill_at(("GET", r"/batches/batch_\d+$", "before"), process.kill)
                process.communicate(timeout=60)
            assert process.returncode == -signal.SIGKILL
        ended = evolve(*line)
    assert ended.returncode == 0, ended.stderr
    assert dataset(folder) == whole.dataset
    assert billed(teacher) == whole.tokens <= budget
    assert teacher.stats()["repeated"] == whole.repeated
    with Ledger(folder / "ledger.db") as ledger:
        assert ledger.tries() == set()


def test_a_batch_that_is_refused_as_a_whole_stops_the_run(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    teacher, folder = start_teacher("--batch-delay", "0.3"), tmp_path / "run"

    def refuse(path: str, tree: dict[str, Any]) -> None:
        if re.search(r"/batches/batch_1$", path):
            problem = {"code": "token_limit_exceeded", "message": "Too many tokens are waiting.", "line": None}
            tree |= {"status": "failed", "errors": {"object": "list", "data": [problem]}}

    with proxied(teacher) as (proxy, seen):
        proxy.change = refuse
        ended = evolve(*line_of(seen, folder))
        assert ended.returncode == 2, ended.stderr
        assert "batch batch_1 was failed at the endpoint: token_limit_exceeded: Too many tokens" in ended.stdout
        assert "teacher.batch.requests" in ended.stdout
        ended = evolve(*line_of(seen, folder))
    assert ended.returncode == 0, ended.stderr
    assert dataset(folder) == whole.dataset


@pytest.mark.heavy
@pytest.mark.parametrize(
    ("moment", "billed"),
    [
        pytest.param(("POST", "/files$", "before"), False, id="nothing"),
        pytest.param(("POST", "/batches$", "before"), True, id="the file"),
        pytest.param(("GET", r"/batches/batch_\d+$", "before"), True, id="the batch"),
    ],
)
def test_what_the_endpoint_forgot_is_sent_again_and_may_have_been_billed(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, moment: tuple[str, str, str], billed: bool
) -> None:
    first, second = start_teacher("--batch-delay", "60"), start_teacher()
    with proxied(first) as (proxy, seen):
        line = line_of(seen, tmp_path / "run")
        with start(*line) as process:
            proxy.kill_at(moment, process.kill)
            process.communicate(timeout=60)
        proxy.target = second.base_url
        ended = evolve(*line)
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    assert open_batches(tmp_path / "run") == 0
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert bool(ledger.tries()) == billed


@pytest.mark.heavy
@pytest.mark.parametrize("batch", [True, False], ids=["in batches", "one by one"])
def test_a_batch_at_an_endpoint_that_comes_second_now_is_waited_for(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole, batch: bool
) -> None:
    teachers = [start_teacher("--batch-delay", "1"), start_teacher("--batch-delay", "0")]

    def line(*places: Teacher) -> list[str]:
        several = ", ".join(f"{{base_url: {place.base_url}}}" for place in places)
        more = ("--set", "teacher.base_url=null", "--set", f"teacher.endpoints=[{several}]")
        return [*line_of(places[0], tmp_path / "run", batch=batch or places[0] is teachers[0]), *more]

    with start(*line(*teachers)) as process:
        wait_for_batches(teachers[0], 1, process)
        process.kill()
        process.communicate(timeout=60)
    ended = evolve(*line(*reversed(teachers)))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    asked = sum(batches(teacher)["requests"] + teacher.stats()["requests"] for teacher in teachers)
    assert asked == whole.requests
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert ledger.tries() == set()
        endpoints = {name for (name,) in ledger.rows("SELECT DISTINCT endpoint FROM calls")}
    assert endpoints == {teacher.base_url for teacher in teachers}


@pytest.mark.heavy
def test_a_batch_at_an_endpoint_that_is_no_longer_asked_may_have_been_billed(
    start_teacher: StartTeacher, tmp_path: Path, whole: Whole
) -> None:
    first, second = start_teacher("--batch-delay", "60"), start_teacher()
    with start(*line_of(first, tmp_path / "run")) as process:
        wait_for_batches(first, 1, process)
        process.kill()
        process.communicate(timeout=60)
    ended = evolve(*line_of(second, tmp_path / "run"))
    assert ended.returncode == 0, ended.stderr
    assert dataset(tmp_path / "run") == whole.dataset
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        query = f"SELECT value FROM batches, json_each(tries) WHERE endpoint = '{first.base_url}'"
        assert ledger.tries() == {number for (number,) in ledger.rows(query)} != set()


@pytest.mark.parametrize("open_", [False, True])
async def test_a_batch_whose_end_a_crash_lost_is_ended_by_the_next_start(tmp_path: Path, open_: bool) -> None:
    with Ledger(tmp_path / "ledger.db") as ledger:
        one = Try(ledger.next_try(), "answer", 10, 0.5)
        ledger.put_batch(Batch("nonce", "place", "m", {"call": one.number}, 1.0), [one])
        if not open_:
            ledger.end_try(one.number)
        ledger.flush()
        async with Desk(TeacherConfig(), {}, ledger) as desk:
            assert desk.takes("call") == open_
        ledger.flush()
        assert bool(list(ledger.batches())) == open_


# -- lines -------------------------------------------------------------------------------------------------------------

COMPLETION = {"choices": [{"message": {"content": "yes"}}]}


def said(response: object, error: object = None) -> bytes:
    return json.dumps({"custom_id": "a", "response": response, "error": error}).encode() + b"\n"


@pytest.mark.parametrize(
    ("line", "kind", "billed"),
    [
        pytest.param(said({"status_code": 200, "body": COMPLETION}), Reply, False, id="a reply"),
        pytest.param(said({"status_code": 200, "body": {}}), RetryableError, True, id="no completion"),
        pytest.param(said({"status_code": 500, "body": {}}), RetryableError, False, id="an error of the server"),
        pytest.param(said({"status_code": 400, "body": {"error": {"message": "no"}}}), RefusedError, False, id="no"),
        pytest.param(said({"status_code": 401, "body": {"error": {}}}), StopError, False, id="the key"),
        pytest.param(said(None, {"code": "batch_expired", "message": "late"}), UndoneError, False, id="expired"),
        pytest.param(said(None, {"code": "server_error", "message": "?"}), RetryableError, False, id="lost"),
        pytest.param(said(None), RetryableError, False, id="nothing"),
    ],
)
def test_a_line_is_read_as_its_response_would_be(line: bytes, kind: type, billed: bool) -> None:
    ((name, found),) = read_lines(io.BytesIO(line), Endpoint(), "m")
    assert (name, type(found.what)) == ("a", kind)
    assert getattr(found.what, "billed", False) == billed


@pytest.mark.parametrize(
    "junk",
    [
        b"\n",
        b"nonsense\n",
        b"[]\n",
        b'{"custom_id": "b", "response": {"status_code": "x"}}\n',
        b'{"custom_id": "c", "response": 7}\n',
        b"[" * 100_000 + b"\n",
        b'{"custom_id": "d", "response": "' + b"x" * 5000 + b'"}\n',
        b"\xff\xfe\n",
    ],
    ids=["empty", "words", "a list", "no status", "no response", "deep", "too long", "no text"],
)
def test_a_line_that_is_none_harms_no_other(junk: bytes) -> None:
    good = said({"status_code": 200, "body": COMPLETION})
    found = list(read_lines(io.BytesIO(junk + good + junk.rstrip(b"\n")), Endpoint(max_reply_bytes=4096), "m"))
    assert [name for name, _ in found] == ["a"]
