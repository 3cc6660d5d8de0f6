"""An endpoint's files and batches: many requests in one file, worked off later, for less.

Invariant: a request is in the file as the client would send it alone, and a line of a file of replies is read as its
reply would be. Whatever goes wrong is one of the client's errors; none of these calls is tried twice here. When a file
is sent, and what is made of its lines, is the desk's business.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any

from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.records import Reply, Request
from evolve.teacher.client import body_of, classified, kept_to, open_client
from evolve.teacher.places import Endpoint
from evolve.teacher.responses import classify, masked, read_reply, refuses_schema

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_REQUESTS = 50_000
MAX_FILE_BYTES = 200 * 10**6
"""Of one file (OpenAI's API reference, /v1/batches)."""
TIMEOUT_S = 600.0
"""Of one call, files included."""
ENDED = frozenset({"completed", "expired", "cancelled", "failed"})
UNDONE = frozenset({"batch_expired", "batch_cancelled"})
"""Error codes of requests that were not worked off."""
_PAGE = 100
_NONE_THERE = frozenset({404, 405, 501})
_CLOCKS_S = 24 * 3600.0
"""How far a server's clock may be behind ours."""


@dataclass(frozen=True, slots=True)
class Found:
    """A batch, as the endpoint says that it is."""

    id: str
    status: str
    files: tuple[str, ...]
    """Of replies and of errors, as far as there are any."""
    why: str
    """What the endpoint says against it, or nothing."""
    done: int
    """Requests worked off."""

    @property
    def ended(self) -> bool:
        return self.status in ENDED


class UndoneError(RetryableError):
    """A request that the batch's end found still waiting; nothing was charged for it."""


class SchemalessError(RetryableError):
    """A request that was refused, perhaps for the schema of its reply alone."""


class Batches:
    """Of one endpoint; at home in the event loop that first uses it."""

    def __init__(self, endpoint: Endpoint, most: int) -> None:
        """`most`: requests in a batch, whose replies come in one response."""
        self.endpoint = endpoint
        self._most = most
        self._opened: AsyncOpenAI | None = None

    async def check(self) -> None:
        """Raises StopError where batches are not taken."""
        try:
            async with self._asked() as client:
                await client.batches.with_raw_response.list(limit=1)
        except TeacherError as error:
            if error.status in _NONE_THERE:
                what = f"no batches there (HTTP {error.status} from /batches)"
                raise StopError(f"{self.endpoint.url}: {what}; run without --batch", error.status) from None
            raise

    async def upload(self, name: str, content: bytes) -> str:
        """The file's id."""
        async with self._asked() as client:
            raw = await client.files.with_raw_response.create(file=(name, content), purpose="batch")
            return self._id(raw.http_response.content)

    async def create(self, file: str, nonce: str) -> Found:
        async with self._asked() as client:
            raw = await client.batches.with_raw_response.create(
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"evolve": nonce},
            )
            return self._found(_tree(raw.http_response.content))

    async def look(self, batch: str) -> Found | None:
        """How far it is; None: the endpoint knows of no such batch."""
        try:
            async with self._asked() as client:
                raw = await client.batches.with_raw_response.retrieve(batch)
                return self._found(_tree(raw.http_response.content))
        except TeacherError as error:
            if error.status == 404:
                return None
            raise

    async def find(self, nonce: str, since: float) -> Found | None:
        """The batch that was made with it; none older than `since` is looked at."""
        async with self._asked() as client:
            async for batch in client.batches.list(limit=_PAGE):
                if batch.metadata and batch.metadata.get("evolve") == nonce:
                    return self._found(batch.model_dump())
                if batch.created_at < since - _CLOCKS_S:
                    break
        return None

    async def find_file(self, name: str, since: float) -> str | None:
        """The id of the file that was uploaded under that name, likewise."""
        async with self._asked() as client:
            async for file in client.files.list(purpose="batch", limit=_PAGE, order="desc"):
                if file.filename == name:
                    return file.id
                if file.created_at < since - _CLOCKS_S:
                    break
        return None

    async def fetch(self, file: str, into: IO[bytes]) -> None:
        """Write the file there, from its beginning; an endpoint that has it no more leaves it empty."""
        into.seek(0)
        into.truncate()
        try:
            async with self._asked() as client, client.files.with_streaming_response.content(file) as response:
                async for chunk in response.iter_bytes():
                    into.write(chunk)
        except TeacherError as error:
            if error.status != 404:
                raise

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    @asynccontextmanager
    async def _asked(self) -> AsyncIterator[AsyncOpenAI]:
        """The client, for one call. Raises RetryableError or StopError: what is refused here stops all of it."""
        if self._opened is None:
            whole = self._most * self.endpoint.max_reply_bytes
            self._opened = open_client(replace(self.endpoint, max_reply_bytes=whole), 4)
        try:
            async with classified(self.endpoint, None, TIMEOUT_S):
                yield self._opened
        except RefusedError as error:
            raise StopError(f"{self.endpoint.url}: {error.message}", error.status) from None

    def _found(self, said: Mapping[str, Any]) -> Found:
        files = [said.get(name) for name in ("output_file_id", "error_file_id")]
        problems = (said.get("errors") or {}).get("data") or []
        counts = said.get("request_counts") or {}
        done = sum(int(counts.get(name) or 0) for name in ("completed", "failed"))
        why = "; ".join(f"{problem.get('code')}: {problem.get('message')}" for problem in problems)
        there = tuple(str(file) for file in files if file)
        return Found(str(said["id"]), str(said["status"]), there, masked(why, self.endpoint, 300), done)

    def _id(self, body: bytes) -> str:
        return str(_tree(body)["id"])


def write_line(name: str, request: Request, model: str, *, plain: bool) -> bytes:
    """A request as a line; `plain`: without the schema of its reply. `name`: what its reply is told by."""
    body = body_of(request, model)
    if request.reply_schema is not None and not plain:
        body |= kept_to(request.reply_schema)
    line = {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


def read_lines(file: IO[bytes], endpoint: Endpoint, model: str) -> Iterator[tuple[str, Reply | TeacherError]]:
    """(name, what came of it) of each line that can be told; one that is too long counts as garbage."""
    file.seek(0)
    while line := file.readline(endpoint.max_reply_bytes):
        if not line.endswith(b"\n"):  # the rest of a line that is too long, or a last line without its end
            while (more := file.readline(endpoint.max_reply_bytes)) and not more.endswith(b"\n"):
                pass
        try:
            tree = json.loads(line)
            yield str(tree["custom_id"]), _read(tree, endpoint, model)
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            continue


def _read(tree: Mapping[str, Any], endpoint: Endpoint, model: str) -> Reply | TeacherError:
    response = tree.get("response")
    if not response:
        error = tree.get("error") or {}
        words = masked(f"{error.get('code')}: {error.get('message')}", endpoint, 300)
        return UndoneError(words) if error.get("code") in UNDONE else RetryableError(words)
    status, body = int(response["status_code"]), json.dumps(response.get("body")).encode()
    if 200 <= status < 300:
        try:
            return read_reply(body, endpoint, model)
        except RetryableError as garbage:
            return garbage
    found = classify(status, body, endpoint, model)
    if isinstance(found, RefusedError) and refuses_schema(status, body):
        return SchemalessError(found.message, status)
    return found


def _tree(body: bytes) -> dict[str, Any]:
    tree = json.loads(body)
    if not isinstance(tree, dict) or "id" not in tree:
        raise RetryableError("no file and no batch in the reply", status=200)
    return tree
