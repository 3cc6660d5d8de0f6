"""One try at one call to an OpenAI-compatible endpoint, and what it brought: a clean Reply or one typed error.

Invariant: whatever happens on the way ends in one of the errors that `responses` tells apart. Where an endpoint does
not take what a request asks for, the same call is made at once as it takes it (`profiles`). No other retries, no
redirects (they would send the prompt elsewhere), no more bytes than allowed, no compressed bodies (a small one can
unfold to gigabytes), and no key in any error. The only `import openai` of the project; it happens with the first call.
"""

from __future__ import annotations

import asyncio
import errno
import os
import socket
from collections.abc import AsyncIterator, Awaitable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from evolve.errors import RetryableError, StopError, TeacherError
from evolve.records import Reply, Request
from evolve.teacher.endpoints import Endpoint, starting_point
from evolve.teacher.limits import Limits, read_limits
from evolve.teacher.profiles import (
    Capabilities,
    adapt,
    guess_family,
    learn,
    losses,
    make_body,
    read_models,
)
from evolve.teacher.responses import classify, masked, read_reply

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

T = TypeVar("T")
CONNECT_TIMEOUT_S = 20.0
_UNREACHED = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
"""aiohttp's errors of a connection that did not come about; httpx2's names blur them with one that broke."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A good response: the reply, and what its headers say of the endpoint's limits."""

    reply: Reply
    limits: Limits | None = None
    losses: tuple[str, ...] = ()
    """What the request asked for and the endpoint does not take, for a person."""


class Client:
    """Connections to the endpoints of all roles; at home in the event loop that first uses it."""

    def __init__(self, endpoints: Iterable[Endpoint], connections: int = 256) -> None:
        self._endpoints = {endpoint.name: endpoint for endpoint in endpoints}
        self._connections = connections
        self._clients: dict[str, AsyncOpenAI] = {}
        self._taken: dict[tuple[str, str], Capabilities] = {}
        """Endpoint and model -> what it takes, as far as it was found out."""

    @property
    def names(self) -> list[str]:
        """Of its endpoints."""
        return list(self._endpoints)

    async def complete(self, name: str, request: Request, timeout_s: float) -> Answer:
        """One try at the endpoint of that name. Raises RetryableError, RefusedError or StopError."""
        endpoint = self._endpoints[name]
        response = await classified(self._whole(endpoint, request), endpoint, request.model, timeout_s)
        reply = read_reply(response.content, endpoint, request.model)
        lost = losses(request, self.taken(name, request.model))
        told = tuple(f"{endpoint.url}: model {request.model}: {loss}" for loss in lost)
        return Answer(reply, read_limits(response.headers), told)

    async def ask(self, name: str, body: Mapping[str, Any], timeout_s: float) -> bytes:
        """What comes back to a call as it stands, nothing adapted. Raises as `complete` does."""
        endpoint = self._endpoints[name]
        return (await classified(self._send(endpoint, body), endpoint, None, timeout_s)).content

    def taken(self, name: str, model: str) -> Capabilities:
        """What a model takes there, as far as is known by now."""
        return self._taken.get((name, model)) or starting_point(self._endpoints[name], model)

    async def _whole(self, endpoint: Endpoint, request: Request) -> httpx2.Response:
        """A good response. Where something of the request is refused, it is asked again without or otherwise, at once.

        That is remembered only when the call was then answered: it was what the endpoint did not take.
        """
        import openai

        began = taken = self.taken(endpoint.name, request.model)
        model, tried = endpoint.models.get(request.model, request.model), set()
        while True:
            tried.add(taken)
            body = make_body(request, model, taken)
            try:
                response = await self._send(endpoint, body)
            except openai.APIStatusError as error:
                lesser = adapt(taken, error.status_code, error.response.content, body)
                if lesser is None or lesser in tried:
                    raise
                taken = lesser
            else:
                known = self.taken(endpoint.name, request.model)  # another call may have found out more meanwhile
                self._taken[endpoint.name, request.model] = learn(known, began, taken)
                return response

    async def _send(self, endpoint: Endpoint, body: Mapping[str, Any]) -> httpx2.Response:
        """Past the client's own look at every field of the body, which costs as much as the rest of the call."""
        import httpx2

        return await self._client(endpoint).post("/chat/completions", cast_to=httpx2.Response, body=body)

    async def probe(self, name: str, timeout_s: float = 20.0) -> list[Mapping[str, Any]]:
        """The list of models, [] where there is none. Raises StopError for what would stop every call."""
        import openai

        endpoint = self._endpoints[name]
        try:
            async with asyncio.timeout(timeout_s):
                raw = await self._client(endpoint).models.with_raw_response.list()
            return read_models(raw.http_response.content)
        except TimeoutError:
            raise StopError(f"{endpoint.url}: no reply within {timeout_s:.0f} s; is the address right?") from None
        except openai.APIStatusError as error:
            found = _told(error.response, endpoint, None)
            if isinstance(found, StopError) and found.status in {401, 402, 403}:
                raise found from None
            return []
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

    headers = {"Accept-Encoding": "identity"}
    client = openai.AsyncOpenAI(
        base_url=endpoint.url,
        api_key=endpoint.key or "none-needed",
        max_retries=0,
        default_headers=headers,
        http_client=openai.DefaultAioHttpClient(
            follow_redirects=False,
            timeout=httpx2.Timeout(None, connect=CONNECT_TIMEOUT_S),
            limits=httpx2.Limits(max_connections=connections, max_keepalive_connections=connections),
            event_hooks={"response": [guard]},
        ),
    )
    # Of itself it takes what the environment has for OpenAI, headers with keys among it, to whatever endpoint.
    if guess_family(endpoint.url) != "openai":
        client.organization = client.project = None
        client._custom_headers = headers
    return client


async def classified(call: Awaitable[T], endpoint: Endpoint, model: str | None, timeout_s: float) -> T:
    """What a call brings; every other end of it is one of three errors."""
    import openai

    try:
        async with asyncio.timeout(timeout_s):
            return await call
    except TimeoutError:
        raise RetryableError(f"no whole reply within {timeout_s:.0f} s", billed=True) from None
    except openai.APIStatusError as error:
        raise _told(error.response, endpoint, model) from None
    except TeacherError:
        raise
    except Exception as error:  # more than APIConnectionError: a header that aiohttp cannot read passes openai by
        raise RetryableError(f"connection: {_cause(error, endpoint)}", billed=_reached(error)) from None


def _told(response: httpx2.Response, endpoint: Endpoint, model: str | None) -> TeacherError:
    """What an error's response tells."""
    return classify(response.status_code, response.content, endpoint, model, response.headers)


def _reached(error: BaseException) -> bool:
    """Whether a failed call may have come to the endpoint."""
    kinds = (kind.__name__ for inner in _chain(error) for kind in type(inner).__mro__)
    return not _UNREACHED.intersection(kinds)


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, and what it came of."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _cause(error: BaseException, endpoint: Endpoint) -> str:
    inner = error.__cause__ or error
    plainly = (_unconnected(getattr(each, "os_error", None)) for each in _chain(error))
    return masked(next(filter(None, plainly), "") or str(inner) or type(inner).__name__, endpoint, 200)


def _unconnected(error: object) -> str:
    """Why a connection did not come about; aiohttp's own words are of TLS, even where there is none."""
    if not isinstance(error, OSError):
        return ""
    if isinstance(error, socket.gaierror):
        return f"no host is known by that name ({error.strerror})"
    if error.errno == errno.ECONNREFUSED:
        return "connection refused: nobody listens there"
    return os.strerror(error.errno) if error.errno else str(error)
