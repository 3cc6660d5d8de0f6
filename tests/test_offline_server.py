"""The offline teacher's server: a real process on loopback, asked over HTTP."""

from __future__ import annotations

import asyncio
import json
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from evolve.offline import FAULTS, MODELS

ROOT = Path(__file__).resolve().parent.parent
START = """
import json, sys
from pathlib import Path
from evolve.offline import Options, Trouble, main
options = json.loads(sys.argv[1])
trouble = Trouble(**options.pop("trouble", {}))
main(Options(**options, seeds=Path(sys.argv[2]), trouble=trouble))
"""
SEED = json.loads((ROOT / "seeds/python.jsonl").read_text(encoding="utf-8").splitlines()[0])
PROMPT = (ROOT / "evolve/method/prompts/add_constraint.txt").read_text(encoding="utf-8")


@contextmanager
def teacher(**options: object) -> Iterator[tuple[subprocess.Popen[str], int]]:
    """A running server and its port."""
    command = [sys.executable, "-c", START, json.dumps(options), str(ROOT / "seeds")]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["port"]
        finally:
            process.kill()


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with teacher(faults=0) as (_, number):
        yield number


def ask(port: int, path: str, body: object = None, key: str | None = None) -> tuple[int, dict[str, str], Any]:
    """(status, headers, JSON) of a GET, or of a POST if there is a body; text that is no JSON comes as text."""
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        connection.request("GET" if body is None else "POST", path, None if body is None else data, headers)
        response = connection.getresponse()
        text = response.read().decode()
    finally:
        connection.close()
    try:
        return response.status, dict(response.headers), json.loads(text)
    except ValueError:
        return response.status, dict(response.headers), text


def chat(model: str, content: str, **more: object) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": content}], **more}


def test_a_reply_has_the_shape_of_the_api(port: int) -> None:
    status, _, reply = ask(port, "/v1/chat/completions", chat("offline-responder", SEED["instruction"]))
    assert status == 200
    assert reply["object"] == "chat.completion"
    assert reply["model"] == "offline-responder"
    choice = reply["choices"][0]
    assert choice["finish_reason"] == "stop"
    assert choice["message"] == {"role": "assistant", "content": SEED["output"], "refusal": None}
    usage = reply["usage"]
    assert usage["prompt_tokens"] >= len(SEED["instruction"].split())
    assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]


def test_the_same_body_gets_the_same_reply_from_any_server(port: int) -> None:
    bodies = [chat("offline-evolver", PROMPT.replace("$instruction", SEED["instruction"]), seed=i) for i in range(20)]
    with teacher(faults=0) as (_, other):
        first = [ask(port, "/v1/chat/completions", body)[2] for body in bodies]
        again = [ask(other, "/v1/chat/completions", body)[2] for body in reversed(bodies)]
    assert first == again[::-1]
    assert len({reply["choices"][0]["message"]["content"] for reply in first}) > 5


def test_models_and_health(port: int) -> None:
    assert [model["id"] for model in ask(port, "/v1/models")[2]["data"]] == list(MODELS)
    assert ask(port, "/healthz")[0] == 200


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 100_000,
        [],
        {"model": "m"},
        {"model": 3, "messages": [{"role": "user", "content": "x"}]},
        {"model": "m", "messages": []},
        {"model": "m", "messages": ["x"]},
        {"model": "m", "messages": [{"role": "user", "content": None}]},
        {"model": "m", "messages": [{"role": "system", "content": "x"}]},
        chat("m", "x", stream=True),
    ],
    ids=lambda body: repr(body)[:40],
)
def test_a_bad_request_is_400_in_the_shape_of_the_api(port: int, body: object) -> None:
    status, _, reply = ask(port, "/v1/chat/completions", body)
    assert status == 400
    assert set(reply["error"]) == {"message", "type", "code"}


def test_without_the_key_nothing_is_answered() -> None:
    body = chat("offline-responder", "Hello.")
    with teacher(key="sesame") as (_, port):
        assert [ask(port, "/v1/chat/completions", body, key)[0] for key in (None, "guess", "sesame")] == [401, 401, 200]
        assert ask(port, "/stats")[2]["requests"] == 1


@pytest.mark.parametrize(("refuses", "expected"), [(True, 400), (False, 200)])
def test_a_schema_for_the_reply_is_refused_on_demand(refuses: bool, expected: int) -> None:
    body = chat("offline-judge", "What?")
    with teacher(no_schema=refuses) as (_, port):
        status, _, reply = ask(port, "/v1/chat/completions", body | {"response_format": {"type": "json_schema"}})
        assert (status, "response_format" in json.dumps(reply)) == (expected, refuses)
        assert ask(port, "/v1/chat/completions", body)[0] == 200


def test_http_faults_come_at_their_rates_and_a_retry_can_pass() -> None:
    rates = {"rate_429": 0.2, "rate_500": 0.1, "rate_reset": 0.1, "rate_garbage": 0.1}
    passed, seen = 0, dict.fromkeys(("429", "500", "reset", "garbage"), 0)
    with teacher(faults=0, trouble=rates) as (_, port):
        for number in range(200):
            body = chat("offline-judge", f"Question {number}?")
            for _ in range(12):
                fault = http_fault(port, body)
                if fault is None:
                    passed += 1
                    break
                seen[fault] += 1
        stats = ask(port, "/stats")[2]
    assert passed == 200
    assert stats["faults"] == seen
    assert stats["requests"] == 200 + sum(seen.values())
    for name, rate in rates.items():
        expected = stats["requests"] * rate
        assert abs(seen[name.removeprefix("rate_")] - expected) < 4 * (expected * (1 - rate)) ** 0.5


@pytest.mark.parametrize("limit", [{"slots": 2}, {"rpm": 2}], ids=str)
def test_beyond_its_limit_requests_are_turned_away(limit: dict[str, int]) -> None:
    with teacher(latency_s=0.5, trouble=limit) as (_, port), ThreadPoolExecutor(6) as pool:
        bodies = [chat("offline-judge", f"Question {number}?") for number in range(6)]
        found = list(pool.map(lambda body: ask(port, "/v1/chat/completions", body)[0], bodies))
    assert sorted(found) == [200, 200, 429, 429, 429, 429]


def http_fault(port: int, body: object) -> str | None:
    """What went wrong with the request, as the caller sees it."""
    try:
        status, headers, reply = ask(port, "/v1/chat/completions", body)
    except (ConnectionError, HTTPException):
        return "reset"
    if status == 429:
        assert headers["Retry-After"] == "1"
        assert reply["error"]["code"] == "rate_limit_exceeded"
    if status == 200:
        return None if isinstance(reply, dict) else "garbage"
    return str(status)


def test_stats_count_roles_repeats_and_faults() -> None:
    prompts = [PROMPT.replace("$instruction", f"{SEED['instruction']} ({i})") for i in range(60)]
    with teacher(faults=3) as (_, port):
        for prompt in prompts:
            ask(port, "/v1/chat/completions", chat("my-Evolver-7b", prompt))
        for model in ("offline-judge", "offline-tester", "gpt-x", "gpt-x"):
            ask(port, "/v1/chat/completions", chat(model, "What?"))
        stats = ask(port, "/stats")[2]
    assert stats["requests"] == 64
    assert stats["by_role"] == {"evolver": 60, "judge": 1, "tester": 1, "responder": 2}
    assert stats["repeated"] == 1
    assert stats["in_flight"] == 0
    assert stats["peak_in_flight"] == 1
    assert set(stats["faults"]) <= set(FAULTS)
    assert 20 < sum(stats["faults"].values()) < 60


async def test_requests_overlap_and_latency_is_a_property_of_the_body() -> None:
    with teacher(latency_s=0.4, sigma=0.5) as (_, port):
        url = f"http://127.0.0.1:{port}"
        async with aiohttp.ClientSession() as session:

            async def timed(number: int) -> float:
                start = time.perf_counter()
                async with session.post(f"{url}/v1/chat/completions", json=chat("m", str(number))) as response:
                    await response.read()
                return time.perf_counter() - start

            first = await asyncio.gather(*map(timed, range(30)))
            again = await asyncio.gather(*map(timed, range(30)))
            async with session.get(f"{url}/stats") as response:
                stats = await response.json()
    assert stats["peak_in_flight"] > 10
    assert stats["repeated"] == 30
    assert max(first) > 1.5 * min(first)
    slowest = first.index(max(first))
    assert again[slowest] > sorted(again)[15]


def test_it_ends_with_its_standard_input() -> None:
    with teacher(until_eof=True) as (process, _):
        assert process.poll() is None
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(timeout=60) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_ends_in_order_on_a_signal(number: signal.Signals) -> None:
    with teacher() as (process, _):
        process.send_signal(number)
        assert process.wait(timeout=60) == 0


def test_it_starts_with_little_work() -> None:
    """In seconds of a processor, which a busy machine does not stretch; some 0.5 on a fast one."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with teacher():
        pass
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime < 3
