"""One try at one call to an OpenAI-compatible endpoint, and what it brought: a clean Reply or one typed error.

Invariant: whatever happens on the way ends in one of the errors that `responses` tells apart. No retries, no redirects
(they would send the prompt elsewhere), no more bytes than allowed, no compressed bodies (a small one can unfold to
gigabytes), and no key in any error. The only `import openai` of the project; it happens with the first call.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from evolve.errors import RetryableError, StopError, TeacherError
from evolve.records import Reply, Request
from evolve.teacher.limits import Limits, read_limits
from evolve.teacher.places import Endpoint
from evolve.teacher.responses import classify, masked, read_reply, refuses_schema

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

CONNECT_TIMEOUT_S = 20.0
_UNREACHED = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
"""aiohttp's errors of a connection that did not come about; httpx2's names blur them with one that broke."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """A good response: the reply, and what its headers say of the endpoint's limits."""

    reply: Reply
    limits: Limits | None = None


class Client:
    """Connections to the endpoints of all roles; at home in the event loop that first uses it."""

    def __init__(self, endpoints: Iterable[Endpoint], connections: int = 256) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._connections = connections
        self._clients: dict[str, AsyncOpenAI] = {}
        self._schemaless: set[tuple[str, str]] = set()
        """Endpoints and models that answered only when no schema was asked for."""

    @property
    def names(self) -> list[str]:
        """Of its endpoints."""
        return list(self._endpoints)

    async def complete(self, name: str, request: Request, timeout_s: float) -> Answer:
        """One try at the endpoint of that name. Raises RetryableError, RefusedError or StopError."""
        endpoint = self._endpoints[name]
        async with classified(endpoint, request.model, timeout_s):
            response = await self._whole(endpoint, request)
            return Answer(read_reply(response.content, endpoint, request.model), read_limits(response.headers))

    async def _whole(self, endpoint: Endpoint, request: Request) -> httpx2.Response:
        """A good response. An endpoint that refuses the reply's schema is asked again without, at once.

        That is remembered only when the call without it was answered: then it was the schema that it refused.
        """
        import openai

        served = endpoint.name, request.model
        plainly = body_of(request, endpoint.models.get(request.model, request.model))
        if request.reply_schema is None or served in self._schemaless:
            return await self._send(endpoint, plainly)
        try:
            return await self._send(endpoint, plainly | kept_to(request.reply_schema))
        except openai.APIStatusError as error:
            if not refuses_schema(error.status_code, error.response.content):
                raise
        response = await self._send(endpoint, plainly)
        if served not in self._schemaless:  # another call may have found out meanwhile
            self._schemaless.add(served)
            _log.warning("%s: %s keeps to no JSON schema; asked without one from now on", endpoint.url, request.model)
        return response

    async def _send(self, endpoint: Endpoint, body: Mapping[str, Any]) -> httpx2.Response:
        raw = await self._client(endpoint).chat.completions.with_raw_response.create(**body)
        response: httpx2.Response = raw.http_response
        return response

    async def probe(self, name: str, timeout_s: float = 20.0) -> None:
        """Ask for the list of models. Raises StopError for what would stop every call; other failures tell nothing."""
        import openai

        endpoint = self._endpoints[name]
        try:
            async with asyncio.timeout(timeout_s):
                await self._client(endpoint).models.with_raw_response.list()
        except TimeoutError:
            raise StopError(f"{endpoint.url}: no reply within {timeout_s:.0f} s; is the address right?") from None
        except openai.APIStatusError as error:
            found = _classified(error.response, endpoint, None)
            if isinstance(found, StopError) and found.status in {401, 402, 403}:
                raise found from None
        except TeacherError:
            raise
        except Exception as error:  # as in `complete`
            raise StopError(f"{endpoint.url}: cannot be reached: {_cause(error, endpoint)}") from None

    async def close(self) -> None:
        for client in self._clients.values():
            await client.close()
        self._clients.clear()

    def _client(self, endpoint: Endpoint) -> AsyncOpenAI:
        if endpoint.name not in self._clients:
            self._clients[endpoint.name] = open_client(endpoint, self._connections)
        return self._clients[endpoint.name]


def body_of(request: Request, model: str) -> dict[str, Any]:
    """A request as an endpoint gets it that calls its model so."""
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
    }
    return {key: value for key, value in body.items() if value is not None}


def kept_to(schema: str) -> dict[str, Any]:
    """What keeps the reply to a JSON Schema."""
    form = {"name": "reply", "strict": True, "schema": json.loads(schema)}
    return {"response_format": {"type": "json_schema", "json_schema": form}}


def open_client(endpoint: Endpoint, connections: int) -> AsyncOpenAI:
    """A client of its own for the endpoint. Raises StopError if its address or key can be none."""
    import httpx2
    import openai

    try:
        httpx2.URL(endpoint.url)
    except httpx2.InvalidURL as error:
        raise StopError(f"{endpoint.url}: no address of an endpoint: {error}") from None
    if endpoint.key and not (endpoint.key.isascii() and endpoint.key.isprintable()):
        raise StopError(f"{endpoint.url}: the key in ${endpoint.key_env} holds a character that no key can hold")

    class Capped(httpx2.AsyncByteStream):
        """A body that ends with an error where it grows too long."""

        def __init__(self, stream: httpx2.AsyncByteStream) -> None:
            self._stream = stream

        async def __aiter__(self) -> AsyncIterator[bytes]:
            left = endpoint.max_reply_bytes
            async for chunk in self._stream:
                left -= len(chunk)
                if left < 0:
                    raise httpx2.ReadError(f"a reply of more than {endpoint.max_reply_bytes} bytes")
                yield chunk

        async def aclose(self) -> None:
            await self._stream.aclose()

    async def guard(response: httpx2.Response) -> None:
        if response.headers.get("content-encoding", "identity") != "identity":
            raise httpx2.ReadError("a compressed reply, though none was asked for")
        response.encoding = "utf-8"  # a server may name any codec, and some of them unpack
        if isinstance(response.stream, httpx2.AsyncByteStream):
            response.stream = Capped(response.stream)

    return openai.AsyncOpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key or "none-needed",
        max_retries=0,
        default_headers={"Accept-Encoding": "identity"},
        http_client=openai.DefaultAioHttpClient(
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            event_hooks={"response": [guard]},
        ),
    )


@asynccontextmanager
async def classified(endpoint: Endpoint, model: str | None, timeout_s: float) -> AsyncIterator[None]:
    """What goes wrong in here, or takes longer, is one of RetryableError, RefusedError and StopError."""
    import openai

    try:
        async with asyncio.timeout(timeout_s):
            yield
    except TimeoutError:
        raise RetryableError(f"no whole reply within {timeout_s:.0f} s", billed=True) from None
    except openai.APIStatusError as error:
        raise _classified(error.response, endpoint, model) from None
    except TeacherError:
        raise
    except Exception as error:  # more than APIConnectionError: a header that aiohttp cannot read passes openai by
        raise RetryableError(f"connection: {_cause(error, endpoint)}", billed=_reached(error)) from None


def _classified(response: httpx2.Response, endpoint: Endpoint, model: str | None) -> TeacherError:
    return classify(response.status_code, response.content, endpoint, model, response.headers)


def _reached(error: BaseException) -> bool:
    """Whether a failed call may have come to the endpoint."""
    inner: BaseException | None = error
    while inner is not None:
        if _UNREACHED.intersection(kind.__name__ for kind in type(inner).__mro__):
            return False
        inner = inner.__cause__ or inner.__context__
    return True


def _cause(error: BaseException, endpoint: Endpoint) -> str:
    inner = error.__cause__ or error
    return masked(str(inner) or type(inner).__name__, endpoint, 200)
