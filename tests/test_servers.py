"""Whole runs against real servers: llama-cpp-python's and `transformers serve`, with tiny models that say nonsense.

Covered: that what a run sends is taken, in the shape that the server takes; that nonsense comes to nothing, with
reasons, and is counted; what `evolve check` says of them. Not covered: speed, and models that make sense.

`make test-servers` builds the servers, once, and runs this.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import sqlite3
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, sleep

import pytest

from evolve.eliminator import REASONS, SCHEMA
from evolve.records import Message, Request
from evolve.teacher import Client, Endpoint, acquaint
from tests.conftest import evolve

HOME = Path(os.environ.get("EVOLVE_SERVERS", "nowhere"))
pytestmark = [
    pytest.mark.servers,
    pytest.mark.skipif(not HOME.is_dir(), reason="make test-servers builds the servers, once, and runs these"),
]
TINY = Path(__file__).parent / "servers" / "tiny.py"
START_S = 180.0
SEEDS = (
    "Write a Python function that returns the sum of a list of numbers.",
    "Write a JavaScript function that counts the vowels of a word.",
    "Write a SQL query that lists the ten latest orders of each customer.",
    "Explain what this code returns for [3, 1].\n```python\ndef f(x):\n    return x[::-1]\n```",
)


@dataclass(frozen=True)
class Server:
    url: str
    model: str

    @property
    def settings(self) -> list[str]:
        """The --set values of a run with it in every role."""
        found = ["--set", f"teacher.base_url={self.url}"]
        for role in ("evolver", "responder", "judge", "tester"):
            found += ["--set", f"teacher.{role}.model={self.model}", "--set", f"teacher.{role}.max_tokens=32"]
        return found


def make(kind: str, path: Path) -> Path:
    subprocess.run([HOME / "bin" / "python", TINY, kind, path], check=True, capture_output=True, timeout=120)
    return path


@contextlib.contextmanager
def serving(command: list[str | Path], model: str, log: Path) -> Iterator[Server]:
    """The server that `command` starts, given a port, for as long as it is needed."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    url = f"http://127.0.0.1:{port}/v1"
    environment = os.environ | {"HF_HUB_OFFLINE": "1"}
    with log.open("wb") as file:
        asked = [*command, "--host", "127.0.0.1", "--port", str(port)]
        process = subprocess.Popen(asked, stdout=file, stderr=subprocess.STDOUT, env=environment)
    with process:
        try:
            _await(url, process, log)
            yield Server(url, model)
        finally:
            process.terminate()


def _await(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = monotonic() + START_S
    while monotonic() < until and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/models", timeout=5):
            return
        sleep(0.2)
    pytest.fail(f"the server did not start: {log.read_text(errors='replace')[-2000:]}")


def llama(folder: Path) -> AbstractContextManager[Server]:
    path = make("gguf", folder / "tiny.gguf")
    command: list[str | Path] = [HOME / "bin" / "python", "-m", "llama_cpp.server", "--model", path]
    return serving(
        [*command, "--model_alias", "tiny", "--n_ctx", "4096", "--n_threads", "1"], "tiny", folder / "llama.log"
    )


def transformers(folder: Path) -> AbstractContextManager[Server]:
    path = make("checkpoint", folder / "checkpoint")
    command: list[str | Path] = [HOME / "bin" / "transformers", "serve", path, "--device", "cpu"]
    return serving(command, str(path), folder / "transformers.log")


SERVERS: dict[str, Callable[[Path], AbstractContextManager[Server]]] = {"llamacpp": llama, "transformers": transformers}
"""By the family that each is to be known as."""


@pytest.fixture(scope="module", params=SERVERS)
def family(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture(scope="module")
def server(family: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with SERVERS[family](tmp_path_factory.mktemp(family)) as server:
        yield server


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("seeds") / "seeds.jsonl"
    path.write_text("".join(json.dumps({"instruction": seed}) + "\n" for seed in SEEDS), encoding="utf-8")
    return path


@pytest.mark.parametrize("executor", ["inline", "ray"])
def test_nonsense_comes_to_nothing_and_is_counted(server: Server, seeds: Path, tmp_path: Path, executor: str) -> None:
    command = ["run", "--seeds", seeds, "--rounds", "2", "--out", tmp_path / "run", "--json", *server.settings]
    ended = evolve(*command, "--set", f"cluster.executor={executor}")
    found = json.loads(ended.stdout)
    attempts = 3 * len(SEEDS)  # the seed's own answer and two rounds
    assert (ended.returncode, found["finished"], found["stopped"]) == (0, True, None), ended.stderr
    assert (found["attempts"], found["accepted"], found["rejected"], found["failed"]) == (attempts, 0, attempts, 0)
    assert (sum(found["reasons"].values()), set(found["reasons"]) - set(REASONS)) == (attempts, set())
    assert {step: used["calls"] for step, used in found["usage"].items()} == {"answer": 4, "evolve": 8}
    assert all(used["asked"] == used["calls"] for used in found["usage"].values())


def test_check_tells_what_the_server_takes(server: Server, seeds: Path, family: str) -> None:
    ended = evolve("check", "--seeds", seeds, "--json", *server.settings)
    assert ended.returncode == 0, ended.stderr
    [found] = json.loads(ended.stdout)["endpoints"]
    assert (found["family"], found["model"], found["listed"]) == (family, server.model, True)
    assert [line for line in found["adapted"] if "schema" in line] == found["adapted"]
    assert (len(found["adapted"]), found["extras"]["system"], found["extras"]["n"]) == (1, True, False)


def test_check_of_a_model_that_is_not_there(server: Server, seeds: Path, family: str) -> None:
    ended = evolve("check", "--seeds", seeds, "--json", *server.settings, "--set", "teacher.judge.model=another")
    if family == "llamacpp":  # it answers to every name
        one, other = json.loads(ended.stdout)["endpoints"]
        assert (ended.returncode, one["listed"], other["listed"]) == (0, True, False)
    else:
        assert ended.returncode == 2
        assert server.model in ended.stderr


async def test_a_schema_is_kept_where_the_server_can(server: Server, family: str) -> None:
    message = Message("user", "Is it so? Answer in JSON.")
    request = Request("judge", server.model, (message,), 1.0, 1.0, 400, SCHEMA)
    client = Client([Endpoint(server.url)])
    try:
        endpoint = acquaint(Endpoint(server.url), await client.probe(client.names[0]), [server.model])
    finally:
        await client.close()
    client = Client([endpoint])
    try:
        answer = await client.complete(endpoint.name, request, 120)
    finally:
        await client.close()
    if family == "llamacpp":
        assert answer.reply.text.lstrip().startswith("{")
        assert answer.losses == ()
    else:
        assert len(answer.losses) == 1


def test_a_server_that_is_not_there_is_told_before_anything_is_written(seeds: Path, tmp_path: Path) -> None:
    with llama(tmp_path) as gone:
        pass
    ended = evolve("run", "--seeds", seeds, "--out", tmp_path / "run", *gone.settings)
    assert (ended.returncode, (tmp_path / "run").exists()) == (2, False)
    assert f"{gone.url}: cannot be reached" in ended.stderr


def test_a_run_whose_server_dies_goes_on_with_another(seeds: Path, tmp_path: Path) -> None:
    command = ["run", "--seeds", str(seeds), "--rounds", "2", "--out", str(tmp_path / "run"), "--json"]
    command += ["--set", "cluster.executor=inline", "--set", "teacher.patience_s=2"]
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    with llama(tmp_path / "first") as first:
        arguments = [sys.executable, "-m", "evolve", *command, *first.settings]
        process = subprocess.Popen([*arguments, "--set", "teacher.in_flight=1"], stdout=subprocess.PIPE)
        while process.poll() is None and kept(tmp_path / "run") < 2:
            sleep(0.01)
    said = json.loads(process.communicate(timeout=120)[0])
    before = kept(tmp_path / "run")
    assert (process.returncode, said["finished"], 2 <= before < 12) == (3, False, True)
    with llama(tmp_path / "second") as second:
        ended = evolve(*command, *second.settings)
    assert (ended.returncode, json.loads(ended.stdout)["rejected"]) == (0, 12)
    asked = (tmp_path / "second" / "llama.log").read_text(encoding="utf-8").count("POST /v1/chat/completions")
    assert before + asked == kept(tmp_path / "run") == 12


def kept(run: Path) -> int:
    """Replies in the run's ledger."""
    if not (run / "ledger.db").is_file():
        return 0
    try:
        with contextlib.closing(sqlite3.connect(run / "ledger.db")) as ledger:
            return int(ledger.execute("SELECT count(*) FROM calls WHERE state = 'done'").fetchone()[0])
    except sqlite3.OperationalError:  # still being made
        return 0
