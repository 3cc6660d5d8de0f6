"""`evolve submit`, against a real Ray head on loopback: one payer, no key that leaves, the job's own end."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import typer

from evolve.cli.app import app
from evolve.cluster.jobs import Job, Jobs
from tests.conftest import Ended, StartTeacher, evolve

CANARY = "sk-canary-5f2e91c07ab3"
TOKEN = "token-of-this-test-alone-81d2"
BIN = Path(sys.executable).parent
WITH_TOKEN = {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": TOKEN}


def free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]


@dataclass(frozen=True)
class Head:
    address: str
    session: Path
    """Where Ray keeps its logs and files."""

    def submit(self, *options: object, env: dict[str, str] | None = None, cwd: Path | None = None) -> Ended:
        return evolve("submit", "--address", self.address, *options, env=WITH_TOKEN | (env or {}), cwd=cwd)


@contextmanager
def started(keys: dict[str, str]) -> Iterator[Head]:
    """A head with a job server, which asks for a token, and holds keys in its environment.

    By RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=0 it calls itself 127.0.0.1 and listens there alone; otherwise Ray puts the
    machine's own address in the place of 127.0.0.1 wherever that is given.
    """
    port, dashboard, *others = free_ports(6)
    names = (
        "dashboard-agent-listen-port",
        "dashboard-agent-grpc-port",
        "metrics-export-port",
        "ray-client-server-port",
    )
    with tempfile.TemporaryDirectory(prefix="ray-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        command = [str(BIN / "ray"), "start", "--head", "--block", "--disable-usage-stats", "--num-cpus=2"]
        command += [f"--port={port}", "--dashboard-host=127.0.0.1", f"--dashboard-port={dashboard}"]
        command += [f"--{name}={number}" for name, number in zip(names, others, strict=True)]
        command += [f"--temp-dir={folder}", "--object-store-memory=100000000"]
        loopback = {"RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0", "PATH": f"{BIN}:{os.environ['PATH']}"}
        env = {**os.environ, **loopback, **WITH_TOKEN, **keys}
        with (Path(folder) / "start.log").open("wb") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=env, start_new_session=True)
        try:
            wait_for(f"http://127.0.0.1:{dashboard}/api/version", process)
            yield Head(f"http://127.0.0.1:{dashboard}", Path(folder))
        finally:
            process.terminate()
            try:
                process.wait(30)
            finally:
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture(scope="module")
def head() -> Iterator[Head]:
    with started({}) as head:
        yield head


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {TOKEN}"})
    for _ in range(120):
        assert process.poll() is None, "ray start ended"
        try:
            urllib.request.urlopen(request, timeout=1).close()
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise AssertionError("no job server within a minute")


def files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink()]


@pytest.mark.ray
@pytest.mark.heavy
def test_a_run_is_made_once_of_what_it_needs(head: Head, tmp_path: Path) -> None:
    (tmp_path / "outputs").mkdir()
    (tmp_path / "outputs" / "private.txt").write_text("private-4711")
    run = ("--dry-run", "--limit", 2, "--rounds", 1, "--no-exec", "--out", tmp_path / "run")
    first = head.submit(*run, cwd=tmp_path)
    assert first.returncode == 0, first.stderr + first.stdout
    assert f"dataset  {tmp_path}/run/data" in first.stdout
    before = {path: path.read_bytes() for path in files(tmp_path / "run" / "data")}
    assert before
    again = head.submit(*run, cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert "finished before; nothing was done" in again.stdout
    assert {path: path.read_bytes() for path in files(tmp_path / "run" / "data")} == before
    seen = files(head.session) + files(tmp_path / "run")
    assert len(seen) > 20
    assert not [path for path in seen if b"private-4711" in path.read_bytes()]


def watching(head: Head, run: Sequence[object], cwd: Path) -> subprocess.Popen[str]:
    """`evolve submit` in a process of its own."""
    command = [sys.executable, "-m", "evolve", "submit", "--address", head.address, *map(str, run)]
    env = {**os.environ, **WITH_TOKEN}
    return subprocess.Popen(command, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.ray
@pytest.mark.heavy
def test_a_job_has_one_payer_goes_on_without_its_watcher_and_resumes(
    head: Head, start_teacher: StartTeacher, tmp_path: Path
) -> None:
    slow, quick = start_teacher("--latency", "3"), start_teacher()
    tasks = [f"Write a Python function that adds {number} to a list." for number in range(3)]
    (tmp_path / "seeds.jsonl").write_text("".join(json.dumps({"instruction": task}) + "\n" for task in tasks))
    common = ("--seeds", "seeds.jsonl", "--rounds", 1, "--out", tmp_path / "run", "--set=teacher.in_flight=1")
    run = (*common, *(f"--set={setting}" for setting in slow.settings))
    with watching(head, (*run, "--no-wait"), tmp_path) as one, watching(head, (*run, "--no-wait"), tmp_path) as two:
        at_once = [process.communicate(timeout=120) for process in (one, two)]
    (id_,) = {printed.strip() for printed, _ in at_once}
    assert sum(f"job {id_} on {head.address} has started" in said for _, said in at_once) == 1
    with watching(head, run, tmp_path) as watcher:
        assert watcher.stdout is not None
        assert any("the first calls are out" in line for line in watcher.stdout)
        watcher.send_signal(signal.SIGINT)
        _, said = watcher.communicate(timeout=60)
    assert watcher.returncode == 3
    assert f"job {id_} on {head.address} is running already" in said
    assert f"no longer followed; job {id_} goes on" in said
    asked, deadline = slow.stats()["requests"], time.monotonic() + 30
    while slow.stats()["requests"] <= asked:
        assert time.monotonic() < deadline, "nothing was asked after the watcher had gone"
    stop = [str(BIN / "ray"), "job", "stop", "--address", head.address, id_]
    subprocess.run(stop, env={**os.environ, **WITH_TOKEN}, check=True, capture_output=True, timeout=60)
    resumed = head.submit(*common, *(f"--set={setting}" for setting in quick.settings), cwd=tmp_path)
    assert resumed.returncode == 0, resumed.stderr + resumed.stdout
    assert f"job {id_.rpartition('-')[0]}-2 on {head.address} has started" in resumed.stderr
    usage = json.loads(evolve("show", tmp_path / "run", "--json").stdout)["usage"]
    needed, in_flight = sum(used["calls"] for used in usage.values()), 1
    assert slow.stats()["requests"] + quick.stats()["requests"] <= needed + in_flight


@pytest.mark.heavy
@pytest.mark.ray
def test_the_exit_code_is_the_jobs(head: Head, tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").write_text('{"instruction": "Sort a list."}')
    models = [f"--set=teacher.{role}.model=m" for role in ("evolver", "responder")]
    (port,) = free_ports(1)
    nobody = f"--set=teacher.base_url=http://127.0.0.1:{port}/v1"
    ended = head.submit("--seeds", "seeds.jsonl", *models, nobody, "--out", tmp_path / "run", cwd=tmp_path)
    assert ended.returncode == 2
    assert f"http://127.0.0.1:{port}/v1: cannot be reached" in ended.stdout


@pytest.mark.heavy
@pytest.mark.ray
@pytest.mark.parametrize(
    ("env", "message"),
    [({"RAY_AUTH_TOKEN": "another"}, "this one is wrong"), ({"RAY_AUTH_MODE": "disabled"}, "none was sent")],
    ids=["wrong", "none"],
)
def test_a_cluster_that_asks_for_a_token_says_how(
    head: Head, tmp_path: Path, env: dict[str, str], message: str
) -> None:
    ended = head.submit("--dry-run", "--limit", 1, "--out", tmp_path / "run", env=env)
    assert ended.returncode == 2
    assert f"asks for a token, and {message}: set RAY_AUTH_MODE=token and RAY_AUTH_TOKEN" in ended.stderr
    assert TOKEN not in ended.stderr


@pytest.mark.heavy
@pytest.mark.ray
def test_an_address_that_was_given_counts(head: Head, tmp_path: Path) -> None:
    ended = head.submit(
        *("--dry-run", "--limit", 1, "--out", tmp_path / "run", "--seeds", "none.jsonl"),
        env={"RAY_ADDRESS": "http://127.0.0.1:9", "RAY_API_SERVER_ADDRESS": "http://127.0.0.1:9"},
    )
    assert "none.jsonl: no such file" in ended.stderr


@contextmanager
def answering(status: int, body: str) -> Iterator[str]:
    """Something that is no Ray of today."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (200, '{"ray_version": "2.9.3"}', "the cluster runs Ray 2.9.3, and evolve needs 2.60 or newer there"),
        (200, "<html>hello</html>", "no Ray job server there"),
        (404, "", "no Ray job server there"),
    ],
    ids=["old", "a page", "nothing"],
)
def test_what_is_no_cluster_of_ours_is_told(tmp_path: Path, status: int, body: str, message: str) -> None:
    with answering(status, body) as address:
        ended = evolve("submit", "--address", address, "--dry-run", "--out", tmp_path / "run")
    assert ended.returncode == 2
    assert message in ended.stderr
    assert "Traceback" not in ended.stderr


OUT = ("--out", "/outputs/first")
BAD: dict[str, tuple[tuple[str, ...], str]] = {
    "no cluster": (("--address", "127.0.0.1:9", *OUT), "http://127.0.0.1:9: no Ray job server there"),
    "no address": (OUT, "--address: name the cluster by the URL"),
    "an address of another kind": (("--address", "auto", *OUT), "--address auto: the URL of the head's dashboard"),
    "Ray's own protocol": (("--address", "ray://head:10001", *OUT), "the URL of the head's dashboard"),
    "no folder": (("--address", "head"), "--out: give the run's folder as an absolute path"),
    "a folder that goes with the job": (("--address", "head", "--out", "outputs/first"), "outlives the job"),
    "an image for nothing": (("--address", "head", *OUT, "--image", "x"), "--image: for --render alone"),
    "an address for nothing": (("--render", "slurm", *OUT, "--address", "head"), "--address: not with --render"),
    "an unknown kind": (("--render", "helm", *OUT), "give one of rayjob, raycluster, slurm"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_a_clear_message(options: tuple[str, ...], message: str) -> None:
    ended = evolve("submit", "--dry-run", *options)
    assert ended.returncode == 2
    assert message in ended.stderr.replace("\n", " ")
    assert ended.stdout == ""


@pytest.mark.parametrize(
    ("given", "warned"),
    [
        (("--set=teacher.base_url=http://127.0.0.1:8000/v1",), "http://127.0.0.1:8000/v1: no pod and no other machine"),
        (("--set=teacher.base_url=http://localhost/v1",), "http://localhost/v1: no pod and no other machine"),
        (("--set=teacher.base_url=http://10.0.0.7:8000/v1",), ""),
        (("--dry-run",), ""),
    ],
    ids=["an address", "a name", "another machine", "its own teacher"],
)
@pytest.mark.parametrize("kind", ["rayjob", "raycluster", "slurm"])
def test_an_endpoint_on_loopback_is_warned_of(tmp_path: Path, kind: str, given: tuple[str, ...], warned: str) -> None:
    (tmp_path / "seeds.jsonl").write_text('{"instruction": "Sort a list."}')
    models = () if "--dry-run" in given else ("--set=teacher.evolver.model=m", "--set=teacher.responder.model=m")
    image = () if kind == "slurm" else ("--image", "x")
    ended = evolve("submit", "--render", kind, *image, "--seeds", "seeds.jsonl", *models, *given, *OUT, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (warned in ended.stderr) if warned else (ended.stderr == "")
    assert ended.stdout


def test_a_manifest_of_what_is_not_there_is_not_rendered() -> None:
    ended = evolve("submit", "--render", "slurm", "--dry-run", "--seeds", "none.jsonl", *OUT)
    assert ended.returncode == 2
    assert "none.jsonl: no such file" in ended.stderr


@pytest.mark.parametrize(
    ("given", "handed_on"),
    [
        ([], " --dry-run\n"),
        (["--quiet", "--retry-failed"], " --dry-run --retry-failed --quiet\n"),
        (["--set", "method.languages=[]"], " --dry-run '--set=method.languages=[]'\n"),
        (["--set", "rounds=2", "--no-exec"], " --dry-run\n"),
    ],
    ids=["nothing", "flags", "over the dry run", "in the config"],
)
def test_the_command_there_means_what_was_typed_here(given: list[str], handed_on: str) -> None:
    ended = evolve("submit", "--render", "slurm", "--dry-run", *given, *OUT)
    assert f'--address "$address"{handed_on}' in ended.stdout, ended.stderr


def test_a_key_in_the_seeds_is_found_before_it_is_written(tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").write_text(json.dumps({"instruction": f"Call the API with {CANARY}."}))
    models = [f"--set=teacher.{role}.model=m" for role in ("evolver", "responder")]
    ended = evolve(
        *("submit", "--render", "rayjob", "--image", "x", "--seeds", "seeds.jsonl", *models, *OUT),
        cwd=tmp_path,
        env={"OPENAI_API_KEY": CANARY},
    )
    assert ended.returncode == 2
    assert "seeds.jsonl: holds the value of $OPENAI_API_KEY" in ended.stderr
    assert CANARY not in ended.stderr + ended.stdout


def test_submit_takes_what_run_takes() -> None:
    verbs = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    options = {name: {o for parameter in verbs[name].params for o in parameter.opts} for name in ("run", "submit")}
    assert options["run"] - options["submit"] == {"--executor"}


@pytest.mark.parametrize(
    ("job", "resumable"),
    [
        (Job("x", "STOPPED", None, "", ""), True),
        (Job("x", "FAILED", 3, "", ""), True),
        (Job("x", "FAILED", 137, "", ""), True),
        (Job("x", "FAILED", None, "", "JOB_SUPERVISOR_ACTOR_DIED"), True),
        (Job("x", "FAILED", None, "", "RUNTIME_ENV_SETUP_FAILURE"), False),
        (Job("x", "FAILED", 1, "", "JOB_ENTRYPOINT_COMMAND_ERROR"), False),
    ],
    ids=["stopped", "resumable", "killed", "lost", "never began", "failed"],
)
def test_what_was_stopped_can_go_on(job: Job, resumable: bool) -> None:
    assert job.resumable is resumable


def test_the_oldest_ray_is_the_one_that_is_asked_for() -> None:
    from evolve.cluster.jobs import MIN_RAY

    project = (Path(__file__).resolve().parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    assert f'"ray>={".".join(map(str, MIN_RAY))}"' in project


def test_a_server_that_is_not_there_is_not_waited_for() -> None:
    began = time.monotonic()
    with pytest.raises(Exception, match="no Ray job server there"):
        Jobs("127.0.0.1:9")
    assert time.monotonic() - began < 5
