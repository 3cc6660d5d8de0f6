"""A run with a key in every place that a key can be given, none of which is in anything that it leaves, says or sends.

On a cluster, through its job server, past endpoints that repeat what they were sent; then each verb that reads the run.
The keys that are only keys have no form that the rules for texts know: what hides them must not be those.
"""

from __future__ import annotations

import http.server
import json
import sqlite3
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.conftest import Ended, evolve
from tests.hub import TOKEN, Hub, serving
from tests.test_push import TERMS, environment
from tests.test_secrets import SECRETS
from tests.test_submit import TOKEN as RAY_TOKEN
from tests.test_submit import Head, started
from tests.test_web_server import get, viewing

KEYS = {
    "OPENAI_API_KEY": "canary-default-Tq81xvZ0",
    "ONE_KEY": "canary-first-Kw27hbR4",
    "TWO_KEY": "canary-second-Yd93mcL6",
    "JUDGE_KEY": "canary-judge-Pf50ngS8",
    "SCORE_KEY": "canary-score-Bz64jrV2",
    "OPENAI_ADMIN_KEY": "canary-admin-Hg18tuW5",
    "OPENAI_CUSTOM_HEADERS": "X-Api-Key: canary-header-Nx75qeD3\nAuthorization: Bearer canary-bearer-Cs42kyM9",
}
"""Variable -> what it holds where the run is, and where it is started."""
PLACES = {"main": "OPENAI_API_KEY", "one": "ONE_KEY", "two": "TWO_KEY", "judge": "JUDGE_KEY"}
"""Endpoint -> the variable with its key."""
WRONG_TOKEN = "hf_canarywrong"
IN_SEED, IN_REPLY, IN_VERDICT = SECRETS["github"], SECRETS["openai"], SECRETS["google"]
CANARIES = [
    *(KEYS[name] for name in KEYS if name != "OPENAI_CUSTOM_HEADERS"),
    "canary-header-Nx75qeD3",
    "canary-bearer-Cs42kyM9",
    *(RAY_TOKEN, TOKEN, WRONG_TOKEN, IN_SEED, IN_REPLY, IN_VERDICT),
]
SCORE = """
import os, pathlib, sys
mark = pathlib.Path(__file__).with_suffix(".mark")
if not mark.exists():
    mark.touch()
    raise RuntimeError("no login with " + os.environ["SCORE_KEY"] + " there")
print(sys.argv[2])
"""


def held(content: str | bytes) -> list[str]:
    """Those of the keys that stand in it."""
    raw = content.encode() if isinstance(content, str) else content
    return [key for key in CANARIES if key.encode() in raw]


@dataclass
class Endpoints:
    """Servers of OpenAI's interface at four addresses, each of which shows in its errors how it was asked."""

    url: str = ""
    heard: list[tuple[str, str, bytes]] = field(default_factory=list)
    """(endpoint, headers, body) of each request."""

    def settings(self) -> list[str]:
        at = {place: f"{self.url}/{place}/v1" for place in PLACES}
        both = [{"base_url": at[place], "api_key_env": PLACES[place]} for place in ("one", "two")]
        return [
            f"teacher.base_url={at['main']}",
            f"teacher.evolver.endpoints={json.dumps(both)}",
            "teacher.evolver.model=evolver",
            "teacher.responder.model=responder",
            f"teacher.judge.base_url={at['judge']}",
            "teacher.judge.model=judge",
            "teacher.judge.api_key_env=JUDGE_KEY",
            "teacher.max_attempts=3",
        ]

    def answer(self, place: str, sent: str, body: bytes) -> tuple[int, str]:
        """Status and body of what it says to a call."""
        said = f'Traceback (most recent call last):\n  File "app.py", line 1, in go\nPermissionError: {sent!r}'
        times = sum(heard == place for heard, _, _ in self.heard)
        if place == "two":
            return 401, json.dumps({"error": {"message": f"Incorrect API key provided: {sent}", "code": "no"}})
        if place == "one" and (times == 1 or b"leap year" in body):
            return (500, said) if times == 1 else (400, json.dumps({"error": {"message": said}}))
        if place == "main" and times == 1:
            return 200, f"<html>{sent}</html>"
        text = {
            "one": f"Write a Python function that calls the service with '{IN_REPLY}' and returns its {times} users.",
            "main": f"```python\ndef users(n):\n    return connect('{IN_REPLY}').users(n)\n```\nIt is done so.",
            "judge": json.dumps({"why": f"it shows {IN_VERDICT}", "verdict": "no"}),
        }[place]
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        return 200, json.dumps({"id": "1", "object": "chat.completion", "model": place, "choices": [choice]})


@contextmanager
def answering() -> Iterator[Endpoints]:
    endpoints = Endpoints()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            place, sent = self.path.split("/")[1], self.headers["Authorization"]
            body = self.rfile.read(int(self.headers["Content-Length"]))
            endpoints.heard.append((place, str(self.headers), body))
            self.reply(*endpoints.answer(place, sent, body))

        def do_GET(self) -> None:
            endpoints.heard.append((self.path.split("/")[1], str(self.headers), b""))
            self.reply(404, str(self.headers))

        def reply(self, status: int, text: str) -> None:
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    endpoints.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield endpoints
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@contextmanager
def watched_processes() -> Iterator[set[str]]:
    """What all processes call themselves, arguments and all, as long as this lasts."""
    seen, over = set[str](), threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            for path in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    seen.add(path.read_text(errors="replace"))
                except OSError:
                    continue

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    yield seen
    over.set()
    thread.join()


def contents(path: Path) -> Iterator[str | bytes]:
    """All that is in a file, as it stands and unpacked."""
    yield path.read_bytes()
    if path.suffix == ".parquet":
        yield json.dumps(pq.read_table(path).to_pylist(), ensure_ascii=False, default=str)
    elif path.suffix == ".db":
        with sqlite3.connect(f"{path.as_uri()}?mode=ro", uri=True) as connection:
            yield "\n".join(connection.iterdump())


def leaks(folder: Path, *given: Path) -> dict[str, list[str]]:
    """File -> the keys in it; but for the files that the user gave."""
    paths = [path for path in folder.rglob("*") if path.is_file() and not path.is_symlink() and path not in given]
    found = {str(path): sorted({key for text in contents(path) for key in held(text)}) for path in paths}
    assert found
    return {path: keys for path, keys in found.items() if keys}


def typed(endpoints: Endpoints, folder: Path) -> tuple[object, ...]:
    """The options of a run, with its files."""
    tasks = [f"Write a Python function that logs in with {IN_SEED}.", "Tell whether a year is a leap year.", "Sort it."]
    rows = [{"instruction": task} for task in tasks] + [{"instruction": 7, "key": IN_SEED}]
    (folder / "seeds.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    (folder / "score.py").write_text(SCORE)
    config = (f"--set={setting}" for setting in endpoints.settings())
    return ("--seeds", "seeds.jsonl", "--rounds", 2, "--no-exec", *config)


def looked_at(url: str) -> Iterator[bytes]:
    """The pages of `evolve view`, and what their script asks for."""
    for path in ("/", "/runs", "/runs/run", "/runs/run/data", "/runs/run/points", "/runs/run/items?size=200"):
        yield get(url, path)[1]


def rendered(kind: str, folder: Path, env: dict[str, str]) -> Ended:
    """A manifest of the same seeds, for endpoints elsewhere, whose keys are then needed."""
    far = [{"base_url": f"https://{place}.example/v1", "api_key_env": PLACES[place]} for place in PLACES]
    models = ("--set=teacher.evolver.model=m", "--set=teacher.responder.model=m")
    options = ("--seeds", "seeds.jsonl", *models, f"--set=teacher.endpoints={json.dumps(far)}", "--out", "/outputs/a")
    image = () if kind == "slurm" else ("--image", "x")
    return evolve("submit", "--render", kind, *image, *options, "-o", f"{kind}.txt", cwd=folder, env=env)


def looking_through(folder: Path, typed: tuple[object, ...], env: dict[str, str]) -> Iterator[Ended]:
    """Every verb over the run."""
    run = folder / "run"
    yield evolve("check", *(part for part in typed if part not in {"--rounds", 2, "--no-exec"}), cwd=folder, env=env)
    yield evolve("estimate", *typed, cwd=folder, env=env)
    for verb in ("show", "report", "check"):
        yield evolve(verb, run, env=env)
    for format_ in ("default", "messages", "alpaca"):
        yield evolve("export", run, "--format", format_, "--out", folder / "exported" / format_, env=env)
    for kind in ("rayjob", "raycluster", "slurm"):
        yield rendered(kind, folder, env)


@pytest.mark.ray
@pytest.mark.heavy
def test_no_key_is_in_anything_that_a_run_leaves_says_or_sends(tmp_path: Path) -> None:
    said: dict[str, str | bytes] = {}

    def note(what: str, ended: Ended, *codes: int) -> None:
        said[what] = ended.stdout + ended.stderr
        assert ended.returncode in codes, said[what]

    with answering() as endpoints, serving(Hub()) as hub, started(KEYS) as head, watched_processes() as processes:
        env = KEYS | environment(hub, tmp_path / "home")
        options = typed(endpoints, tmp_path)
        paused, done = submitted(head, tmp_path, options, env), submitted(head, tmp_path, options, env)
        note("a run that is paused", paused, 3)
        assert "no login with *** there" in paused.stdout
        note("a run", done, 0)
        for number, ended in enumerate(looking_through(tmp_path, options, env)):
            note(f"verb {number}", ended, 2 if number == 0 else 0)  # one endpoint takes no key at all
        with viewing(tmp_path / "run") as url:
            said |= {f"page {number}": page for number, page in enumerate(looked_at(url))}
        push = ("push", tmp_path / "run", "--repo", "somebody/set", *TERMS)
        note("a push with a wrong token", evolve(*push, env=env | {"HF_TOKEN": WRONG_TOKEN}), 1)
        note("a push", evolve(*push, env=env), 0)
        said |= {f"what the Hub received {number}": sent for number, sent in enumerate(hub.received)}
        said |= {f"process {number}": process for number, process in enumerate(processes)}
        said |= {f"prompt {number}": body for number, (_, _, body) in enumerate(endpoints.heard)}
        session = leaks(head.session)
    assert {what: keys for what, text in said.items() if (keys := held(text))} == {}
    assert (session, leaks(tmp_path, tmp_path / "seeds.jsonl")) == ({}, {})
    for place, headers, _ in endpoints.heard:
        assert held(headers) == [KEYS[PLACES[place]]], place
    assert {place for place, _, _ in endpoints.heard} == set(PLACES)
    assert any("REDACTED_OPENAI" in str(text) for text in contents(tmp_path / "run" / "ledger.db"))


def submitted(head: Head, folder: Path, options: tuple[object, ...], env: dict[str, str]) -> Ended:
    score = ("--evol-stop", f"{sys.executable} {folder / 'score.py'}")
    return head.submit(*options, *score, "--out", folder / "run", env=env, cwd=folder)
