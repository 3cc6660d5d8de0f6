"""The offline teacher's files and batches: many requests in one file, and later a file of what was said to each.

    POST /v1/files  GET /v1/files  GET /v1/files/ID/content        a file of requests comes, a file of replies goes
    POST /v1/batches  GET /v1/batches  GET /v1/batches/ID  POST /v1/batches/ID/cancel

Invariant: a request gets the reply that it would get alone; a batch is worked off once, when its time is over. Faults
strike single requests: a 429 or 500 is a line of the file of errors, garbage one without a message, a reset one
without a response, and what hangs is not done when the batch expires. Lines come out in another order than they went
in. All is in memory, and ends with the server.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from aiohttp import web

Line = Callable[[bytes], tuple[str | None, int, dict[str, Any]]]
"""What becomes of a request's body: (fault, status, what is said)."""
_Answer = Callable[[web.Request], Awaitable[web.Response]]
Bars = Callable[[web.Request], web.Response | None]
"""The refusal for a request without the key."""
_FIRST = ("model", "messages")
"""The keys that clients write first; the others follow in alphabetical order."""
MAX_REQUESTS = 50_000
MAX_FILE_BYTES = 200 * 10**6


@dataclass(slots=True)
class _File:
    id: str
    name: str
    content: bytes
    created: int

    def said(self) -> dict[str, Any]:
        about = {"bytes": len(self.content), "created_at": self.created, "filename": self.name}
        return {"id": self.id, "object": "file", "purpose": "batch", "status": "processed"} | about


@dataclass(slots=True)
class _Batch:
    id: str
    input: str
    metadata: Mapping[str, str]
    created: float
    status: str = "in_progress"
    output: str | None = None
    errors: str | None = None
    problems: list[dict[str, Any]] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def said(self) -> dict[str, Any]:
        about: dict[str, Any] = {"id": self.id, "object": "batch", "endpoint": "/v1/chat/completions"}
        about |= {"completion_window": "24h", "created_at": int(self.created), "metadata": self.metadata}
        about |= {"input_file_id": self.input, "output_file_id": self.output, "error_file_id": self.errors}
        about |= {"status": self.status, "request_counts": dict(self.counts)}
        return about | ({"errors": {"object": "list", "data": self.problems}} if self.problems else {})


class Batches:
    def __init__(self, line: Line, seconds: float) -> None:
        self._line = line
        self._seconds = seconds
        self._files: dict[str, _File] = {}
        self._batches: dict[str, _Batch] = {}
        self._uploads = self._lines = 0

    def stats(self) -> dict[str, int]:
        return {"uploads": self._uploads, "batches": len(self._batches), "requests": self._lines}

    def add_to(self, app: web.Application, barred: Bars) -> None:
        def guarded(answer: _Answer) -> _Answer:
            async def answer_those_with_the_key(request: web.Request) -> web.Response:
                return barred(request) or await answer(request)

            return answer_those_with_the_key

        for method, path, answer in (
            ("POST", "/v1/files", self._upload),
            ("GET", "/v1/files", self._list_files),
            ("GET", "/v1/files/{id}/content", self._content),
            ("POST", "/v1/batches", self._create),
            ("GET", "/v1/batches", self._list),
            ("GET", "/v1/batches/{id}", self._retrieve),
            ("POST", "/v1/batches/{id}/cancel", self._cancel),
        ):
            app.router.add_route(method, path, guarded(answer))

    async def _upload(self, request: web.Request) -> web.Response:
        form = await request.clone(client_max_size=MAX_FILE_BYTES).post()
        file = form.get("file")
        if form.get("purpose") != "batch" or not isinstance(file, web.FileField):
            return _refusal(400, "a file with the purpose batch is required")
        self._uploads += 1
        return web.json_response(self._keep(file.filename, file.file.read()).said())

    async def _list_files(self, request: web.Request) -> web.Response:
        return _page(request, [file.said() for file in self._files.values()])

    async def _content(self, request: web.Request) -> web.Response:
        file = self._files.get(request.match_info["id"])
        return _refusal(404, "no such file") if file is None else web.Response(body=file.content)

    async def _create(self, request: web.Request) -> web.Response:
        wish = await request.json()
        file = self._files.get(str(wish.get("input_file_id")))
        if file is None or wish.get("endpoint") != "/v1/chat/completions":
            return _refusal(400, "input_file_id and endpoint are required")
        batch = _Batch(f"batch_{len(self._batches) + 1}", file.id, wish.get("metadata") or {}, time.time())
        self._batches[batch.id] = batch
        batch.problems = _problems(file.content)
        if batch.problems:
            batch.status = "failed"
        return web.json_response(batch.said())

    async def _list(self, request: web.Request) -> web.Response:
        return _page(request, [self._now(batch).said() for batch in self._batches.values()])

    async def _retrieve(self, request: web.Request) -> web.Response:
        batch = self._batches.get(request.match_info["id"])
        return _refusal(404, "no such batch") if batch is None else web.json_response(self._now(batch).said())

    async def _cancel(self, request: web.Request) -> web.Response:
        """What was asked for by then is answered: here, half of it."""
        batch = self._batches.get(request.match_info["id"])
        if batch is None:
            return _refusal(404, "no such batch")
        if batch.status == "in_progress":
            self._work_off(batch, share=0.5)
            batch.status = "cancelled"
        return web.json_response(batch.said())

    def _now(self, batch: _Batch) -> _Batch:
        if batch.status == "in_progress" and time.time() >= batch.created + self._seconds:
            self._work_off(batch)
        return batch

    def _work_off(self, batch: _Batch, share: float = 1.0) -> None:
        """Answer that share of it."""
        lines = [json.loads(line) for line in self._files[batch.input].content.splitlines()]
        Random(batch.id).shuffle(lines)
        good, bad, left = [], [], lines[round(len(lines) * share) :]
        for line in lines[: round(len(lines) * share)]:
            self._lines += 1
            fault, status, said = self._line(_as_sent(line["body"]))
            if fault == "hang":
                left.append(line)
            elif fault is None and status == 200:
                good.append(_said(line, 200, said))
            elif fault == "garbage":
                good.append(_said(line, 200, {"id": "chatcmpl-broken", "choices": [{"mess": None}]}))
            elif fault == "reset":
                bad.append(_lost(line, "server_error", "the connection was lost"))
            else:
                wrong = {"error": {"message": "an error made on purpose", "code": None}}
                bad.append(_said(line, int(fault) if fault else status, wrong if fault else said))
        bad += [_lost(line, "batch_expired", "not done before the window's end") for line in left]
        batch.counts = Counter(total=len(lines), completed=len(good), failed=len(bad))
        batch.output = self._keep("output.jsonl", _jsonl(good)).id if good else None
        batch.errors = self._keep("errors.jsonl", _jsonl(bad)).id if bad else None
        batch.status = "expired" if left else "completed"

    def _keep(self, name: str, content: bytes) -> _File:
        file = _File(f"file-{len(self._files) + 1}", name, content, int(time.time()))
        self._files[file.id] = file
        return file


def _problems(content: bytes) -> list[dict[str, Any]]:
    """Why a file is no batch."""
    lines, seen = content.splitlines(), set()
    models = set()
    for number, line in enumerate(lines, 1):
        try:
            said = json.loads(line)
            seen.add(said["custom_id"])
            models.add(said["body"]["model"])
        except (ValueError, LookupError, TypeError):
            return [{"code": "invalid_json_line", "message": "not a request", "line": number, "param": None}]
    if len(seen) < len(lines):
        return [{"code": "duplicate_custom_id", "message": "a custom_id is there twice", "line": None, "param": None}]
    if len(models) > 1:
        return [{"code": "mismatched_model", "message": "requests of several models", "line": None, "param": None}]
    if not 0 < len(lines) <= MAX_REQUESTS:
        return [{"code": "invalid_file", "message": f"{len(lines)} requests", "line": None, "param": None}]
    return []


def _as_sent(body: Mapping[str, Any]) -> bytes:
    """The very bytes that a client would send, so that the reply is the same."""
    keys = [key for key in _FIRST if key in body] + sorted(body.keys() - set(_FIRST))
    ordered = {key: body[key] for key in keys}
    return json.dumps(ordered, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()


def _said(line: Mapping[str, Any], status: int, body: Mapping[str, Any]) -> dict[str, Any]:
    response = {"status_code": status, "request_id": f"req_{line['custom_id']}", "body": body}
    return {"id": f"batch_req_{line['custom_id']}", "custom_id": line["custom_id"], "response": response, "error": None}


def _lost(line: Mapping[str, Any], code: str, message: str) -> dict[str, Any]:
    error = {"code": code, "message": message}
    return {"id": f"batch_req_{line['custom_id']}", "custom_id": line["custom_id"], "response": None, "error": error}


def _jsonl(lines: list[dict[str, Any]]) -> bytes:
    return "".join(f"{json.dumps(line)}\n" for line in lines).encode()


def _page(request: web.Request, found: list[dict[str, Any]]) -> web.Response:
    """Newest first, from behind `after` on."""
    found.reverse()
    ids = [one["id"] for one in found]
    after, limit = request.query.get("after"), int(request.query.get("limit", 20))
    begin = ids.index(after) + 1 if after in ids else 0
    more = len(found) > begin + limit
    return web.json_response({"object": "list", "data": found[begin : begin + limit], "has_more": more})


def _refusal(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "invalid_request_error"}}, status=status)
