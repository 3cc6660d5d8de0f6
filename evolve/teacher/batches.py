"""An endpoint's files and batches: many requests in one file, worked off later, for less.

Invariant: a request is in the file as the client would send it alone, and a line of a file of replies is read as its
reply would be. Whatever goes wrong is one of the client's errors; none of these calls is tried twice here. When a file
is sent, and what is made of its lines, is the desk's business.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import IO, TYPE_CHECKING, Any, TypeVar

from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.records import Reply
from evolve.teacher.client import classified, open_client
from evolve.teacher.endpoints import Endpoint
from evolve.teacher.responses import classify, masked, read_reply

if TYPE_CHECKING:
    from openai import AsyncOpenAI

MAX_FILE_BYTES = 200 * 10**6
"""Of one file of requests (OpenAI's API reference, /v1/batches)."""
MAX_REPLIES_BYTES = 2**32
"""A longer file of replies is cut off: 50,000 of 2,048 tokens have half a billion."""
T = TypeVar("T")
CONNECTIONS = 4
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
    """A request that its batch left undone, or whose batch is gone; nothing was charged for it, unless `billed`."""


@dataclass(frozen=True, slots=True)
class Said:
    """What came of one request."""

    what: Reply | TeacherError
    status: int = 0
    content: bytes = b""
    """The response's body, where it is an error."""


class Batches:
    """Of one endpoint; at home in the event loop that first uses it."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        self._opened: AsyncOpenAI | None = None

    async def check(self) -> None:
        """Raises StopError where batches are not taken."""
        if self.endpoint.engine is not None:
            raise StopError(f"{self.endpoint.url}: it takes no batches; run without --batch")
        try:
            await self._ask(lambda client: client.batches.with_raw_response.list(limit=1))
        except TeacherError as error:
            if error.status in _NONE_THERE:
                what = f"no batches there (HTTP {error.status} from /batches)"
                raise StopError(f"{self.endpoint.url}: {what}; run without --batch", error.status) from None
            raise

    async def upload(self, name: str, content: bytes) -> str:
        """The file's id."""

        async def work(client: AsyncOpenAI) -> str:
            raw = await client.files.with_raw_response.create(file=(name, content), purpose="batch")
            return str(_tree(raw.http_response.content)["id"])

        return await self._ask(work)

    async def create(self, file: str, nonce: str) -> Found:
        async def work(client: AsyncOpenAI) -> Found:
            raw = await client.batches.with_raw_response.create(
                input_file_id=file,
                endpoint="/v1/chat/completions",
                completion_window="24h",
                metadata={"evolve": nonce},
            )
            return self._found(_tree(raw.http_response.content))

        return await self._ask(work)

    async def look(self, batch: str) -> Found | None:
        """How far it is; None: the endpoint knows of no such batch."""

        async def work(client: AsyncOpenAI) -> Found:
            raw = await client.batches.with_raw_response.retrieve(batch)
            return self._found(_tree(raw.http_response.content))

        return await self._unless_unknown(work)

    async def find(self, nonce: str, since: float) -> Found | None:
        """The batch that was made with it; none older than `since` is looked at."""

        async def work(client: AsyncOpenAI) -> Found | None:
            async for batch in client.batches.list(limit=_PAGE):
                if batch.metadata and batch.metadata.get("evolve") == nonce:
                    return self._found(batch.model_dump())
                if batch.created_at < since - _CLOCKS_S:
                    break
            return None

        return await self._ask(work)

    async def find_file(self, name: str, since: float) -> str | None:
        """The id of the file that was uploaded under that name, likewise."""

        async def work(client: AsyncOpenAI) -> str | None:
            async for file in client.files.list(purpose="batch", limit=_PAGE, order="desc"):
                if file.filename == name:
                    return file.id
                if file.created_at < since - _CLOCKS_S:
                    break
            return None

        return await self._ask(work)

    async def fetch(self, file: str, into: IO[bytes]) -> None:
        """Write the file there, from its beginning; one that the endpoint has no more is empty."""
        into.seek(0)
        into.truncate()

        async def work(client: AsyncOpenAI) -> None:
            async with client.files.with_streaming_response.content(file) as response:
                async for chunk in response.iter_bytes():
                    into.write(chunk)

        await self._unless_unknown(work)

    async def close(self) -> None:
        if self._opened is not None:
            await self._opened.close()

    async def _ask(self, work: Callable[[AsyncOpenAI], Awaitable[T]]) -> T:
        """Raises RetryableError or StopError: what is refused here stops all of it."""
        if self._opened is None:
            self._opened = open_client(replace(self.endpoint, max_reply_bytes=MAX_REPLIES_BYTES), CONNECTIONS)
        try:
            return await classified(work(self._opened), self.endpoint, None, TIMEOUT_S)
        except RefusedError as error:
            raise StopError(f"{self.endpoint.url}: {error.message}", error.status) from None

    async def _unless_unknown(self, work: Callable[[AsyncOpenAI], Awaitable[T]]) -> T | None:
        try:
            return await self._ask(work)
        except TeacherError as error:
            if error.status == 404:
                return None
            raise

    def _found(self, said: Mapping[str, Any]) -> Found:
        files = [said.get(name) for name in ("output_file_id", "error_file_id")]
        problems = (said.get("errors") or {}).get("data") or []
        counts = said.get("request_counts") or {}
        done = sum(int(counts.get(name) or 0) for name in ("completed", "failed"))
        why = "; ".join(f"{problem.get('code')}: {problem.get('message')}" for problem in problems)
        there = tuple(str(file) for file in files if file)
        return Found(str(said["id"]), str(said["status"]), there, masked(why, self.endpoint, 300), done)


def write_line(name: str, body: Mapping[str, Any]) -> bytes:
    """A request's body as a line; `name`: what its reply is told by."""
    line = {"custom_id": name, "method": "POST", "url": "/v1/chat/completions", "body": body}
    return json.dumps(line, ensure_ascii=False, allow_nan=False).encode("utf-8", "replace") + b"\n"


def read_lines(file: IO[bytes], endpoint: Endpoint, model: str) -> Iterator[tuple[str, Said]]:
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


def _read(tree: Mapping[str, Any], endpoint: Endpoint, model: str) -> Said:
    response = tree.get("response")
    if not response:
        error = tree.get("error") or {}
        words = masked(f"{error.get('code')}: {error.get('message')}", endpoint, 300)
        return Said(UndoneError(words) if error.get("code") in UNDONE else RetryableError(words))
    status, body = int(response["status_code"]), json.dumps(response.get("body")).encode()
    if not 200 <= status < 300:
        return Said(classify(status, body, endpoint, model), status, body)
    try:
        return Said(read_reply(body, endpoint, model))
    except RetryableError as garbage:
        return Said(garbage)


def _tree(body: bytes) -> dict[str, Any]:
    tree = json.loads(body)
    if not isinstance(tree, dict) or "id" not in tree:
        raise RetryableError("no file and no batch in the reply", status=200)
    return tree
