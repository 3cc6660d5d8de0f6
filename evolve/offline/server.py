"""The offline teacher's server: OpenAI's chat completions on loopback, with faults of HTTP on demand.

Invariant: what is answered depends on the request's body alone; only whether a fault of HTTP comes first depends on how
often that body was seen, so that a retry can pass. The server listens on 127.0.0.1 and nowhere else, prints one line of
JSON with its port once it does, and ends on SIGTERM, SIGINT or, if asked to, at the end of its standard input. It does
not stream.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any

from aiohttp import web

from evolve.offline.batches import Batches
from evolve.offline.book import Book
from evolve.offline.faults import Reply
from evolve.offline.roles import MODELS, reply, role_of
from evolve.offline.tasks import read_seeds
from evolve.offline.trouble import Gate, Trouble

MAX_BODY_BYTES = 2**24
HANG_S = 600.0


@dataclass(frozen=True, slots=True)
class Options:
    """How the offline teacher behaves."""

    seeds: Path
    """A folder of JSONL files, or one such file: what the teacher can evolve truly."""
    limit: int | None = None
    """Read this many of them at most."""
    port: int = 0
    """0: any free one."""
    faults: float = 1.0
    """Multiplies the rates of all faults in what is said; 0 switches them off."""
    trouble: Trouble = field(default_factory=Trouble)
    """What goes wrong as HTTP."""
    latency_s: float = 0.0
    """Median time of a reply."""
    sigma: float = 0.0
    """Shape of the log-normal latency; 0: always the median."""
    batch_s: float | None = 0.0
    """Time that a batch of requests takes; None: it takes none, as many a server."""
    no_schema: bool = False
    """Refuse calls that want their reply kept to a schema, as many a server does."""
    key: str | None = None
    """What requests must carry as a bearer token; None: anybody may ask."""
    until_eof: bool = False
    """End when standard input does, and so with the process that holds its other end."""


class _BadRequestError(ValueError):
    """Why a body is no chat completion request."""


class Teacher:
    """The server's handlers and counters."""

    def __init__(self, options: Options) -> None:
        self._options = options
        self._book = Book(islice(read_seeds(options.seeds), options.limit))
        self._gate = Gate(options.trouble)
        self._batches = None if options.batch_s is None else Batches(self.line, options.batch_s)
        self._seen: Counter[bytes] = Counter()
        self._answered: set[bytes] = set()
        self._roles: Counter[str] = Counter()
        self._faults: Counter[str] = Counter()
        self._tokens: dict[str, Counter[str]] = {}
        self._requests = self._repeated = self._in_flight = self._peak = 0
        self._slept_s = 0.0

    def app(self) -> web.Application:
        app = web.Application(client_max_size=MAX_BODY_BYTES)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_get("/v1/models", self._models)
        if self._batches is not None:
            self._batches.add_to(app, self._barred)
        app.router.add_get("/stats", self._stats)
        app.router.add_get("/healthz", _healthz)
        return app

    def _barred(self, request: web.Request) -> web.Response | None:
        """The refusal for a request without the key, None if it may pass."""
        if self._options.key is None or request.headers.get("Authorization") == f"Bearer {self._options.key}":
            return None
        return _error(401, "the key is missing or wrong", "authentication_error", "invalid_api_key")

    async def _models(self, request: web.Request) -> web.Response:
        if barred := self._barred(request):
            return barred
        data = [{"id": name, "object": "model", "created": 0, "owned_by": "evolve"} for name in MODELS]
        return web.json_response({"object": "list", "data": data})

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(
            {
                "requests": self._requests,
                "by_role": dict(self._roles),
                "repeated": self._repeated,
                "in_flight": self._in_flight,
                "peak_in_flight": self._peak,
                "slept_s": self._slept_s,
                "faults": dict(self._faults),
                "tokens": self._tokens,
            }
            | ({} if self._batches is None else {"batches": self._batches.stats()})
        )

    async def _chat(self, request: web.Request) -> web.Response:
        if barred := self._barred(request):
            return barred
        body = await request.read()
        self._requests += 1
        self._in_flight += 1
        self._peak = max(self._peak, self._in_flight)
        try:
            return await self._answer(request, body)
        finally:
            self._in_flight -= 1

    async def _answer(self, request: web.Request, body: bytes) -> web.Response:
        key = hashlib.sha256(body).digest()
        if not self._gate.takes(self._in_flight):
            self._faults["limit"] += 1
            return _error(429, "too many requests", "rate_limit_error", "rate_limit_exceeded", ())
        fault = self._meet(key)
        latency_s = HANG_S if fault == "hang" else self._latency(key)
        await asyncio.sleep(latency_s)
        self._slept_s += latency_s
        if fault:
            self._faults[fault] += 1
            return _broken(fault, request)
        status, said = self._say(key, body)
        return web.json_response(said, status=status)

    def line(self, body: bytes) -> tuple[str | None, int, dict[str, Any]]:
        """A request out of a batch: (the fault that it met, status, what is said). At once, beyond all limits."""
        key = hashlib.sha256(body).digest()
        if fault := self._meet(key):
            self._faults[fault] += 1
            return fault, 0, {}
        return None, *self._say(key, body)

    def _meet(self, key: bytes) -> str | None:
        """The fault that comes first, this time."""
        self._seen[key] += 1
        return self._options.trouble.fault(key, self._seen[key])

    def _say(self, key: bytes, body: bytes) -> tuple[int, dict[str, Any]]:
        """The status and what is said in it."""
        try:
            model, message, wants_schema = _parse(body)
        except _BadRequestError as error:
            return 400, problem(str(error), "invalid_request_error", None)
        if wants_schema and self._options.no_schema:
            return 400, problem("this type of response_format is not available here", "invalid_request_error", None)
        role = role_of(model)
        said = reply(self._book, role, message, Random(key), self._options.faults)
        self._roles[role] += 1
        self._faults.update([said.fault] if said.fault else [])
        self._repeated += key in self._answered
        self._answered.add(key)
        usage = {"prompt_tokens": _tokens(message), "completion_tokens": _tokens(said.text)}
        self._tokens.setdefault(role, Counter()).update(usage)
        return 200, _completion(key, model, said, usage)

    def _latency(self, key: bytes) -> float:
        return self._options.latency_s * math.exp(Random(key + b"latency").gauss(0.0, self._options.sigma))


async def serve(options: Options) -> None:
    """Listen until SIGTERM, SIGINT or, with `until_eof`, the end of standard input."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.until_eof:
        threading.Thread(target=_watch_stdin, args=(loop, stop), daemon=True).start()
    runner = web.AppRunner(Teacher(options).app(), access_log=None, shutdown_timeout=0.2)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", options.port, backlog=4096)
        await site.start()
        print(json.dumps({"port": runner.addresses[0][1]}), flush=True)
        await stop.wait()
    finally:
        await runner.cleanup()


def main(options: Options) -> None:
    """Run the server in this process until it is told to end."""
    asyncio.run(serve(options))


def _watch_stdin(loop: asyncio.AbstractEventLoop, stop: asyncio.Event) -> None:
    while os.read(sys.stdin.fileno(), 4096):
        pass
    loop.call_soon_threadsafe(stop.set)


async def _healthz(_: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


def _parse(body: bytes) -> tuple[str, str, bool]:
    """(model, last user message, whether the reply is to keep to a schema) of a chat completion request."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        raise _BadRequestError("the body is not JSON") from None
    if not isinstance(request, dict) or not isinstance(request.get("model"), str):
        raise _BadRequestError("model: a name is required")
    messages = request.get("messages")
    if not isinstance(messages, list) or not all(isinstance(message, dict) for message in messages):
        raise _BadRequestError("messages: a list of objects is required")
    if request.get("stream"):
        raise _BadRequestError("stream: not supported")
    said = [message.get("content") for message in messages if message.get("role") == "user"]
    if not said or not isinstance(said[-1], str):
        raise _BadRequestError("messages: a user message with text is required")
    return request["model"], said[-1], "response_format" in request


def _completion(key: bytes, model: str, said: Reply, usage: Mapping[str, int]) -> dict[str, Any]:
    choice = {
        "index": 0,
        "finish_reason": said.finish_reason,
        "logprobs": None,
        "message": {"role": "assistant", "content": said.text, "refusal": None},
    }
    return {
        "id": f"chatcmpl-{key.hex()[:24]}",
        "object": "chat.completion",
        "created": 0,
        "model": model,
        "choices": [choice],
        "usage": {**usage, "total_tokens": sum(usage.values())},
    }


def _tokens(text: str) -> int:
    return max(1, round(1.3 * len(text.split())))


def problem(message: str, kind: str, code: str | None) -> dict[str, Any]:
    """The body of a refusal."""
    return {"error": {"message": message, "type": kind, "code": code}}


def _error(status: int, message: str, kind: str, code: str | None, wish: tuple[str, ...] = ("1",)) -> web.Response:
    headers = {"Retry-After": wish[0]} if status == 429 and wish else {}
    return web.json_response(problem(message, kind, code), status=status, headers=headers)


def _broken(fault: str, request: web.Request) -> web.Response:
    if fault == "429":
        return _error(429, "too many requests at once", "rate_limit_error", "rate_limit_exceeded")
    if fault == "500":
        return _error(500, "an error made on purpose", "server_error", None)
    if fault == "reset" and request.transport is not None:
        request.transport.abort()
    return web.Response(text='{"id": "chatcmpl-broken", "choices": [{"mess', content_type="application/json")
