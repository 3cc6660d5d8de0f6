"""One try at one call to an OpenAI-compatible endpoint, and what it brought: a clean Reply or one typed error.

Invariant: every way in which a call can end is one of RetryableError, RefusedError and StopError, decided by status
code and error code, never by words that happen to be in a message. One thing is read from words, and harmlessly:
whether it was the schema of the reply that an endpoint refused, for then the same call is made without it. No retries,
no redirects (they would send the prompt elsewhere), no more bytes than allowed, no compressed bodies (a small one can
unfold to gigabytes), and no key in any error. The only `import openai` of the project; it happens with the first call.
"""

from __future__ import annotations

import asyncio
import ipaddress
import json
import logging
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.records import Reply, Request
from evolve.teacher.limits import Limits, read_limits, read_retry_after
from evolve.teacher.usage import read_usage
from evolve.text import clean, shorten

if TYPE_CHECKING:
    import httpx2
    from openai import AsyncOpenAI

OPENAI = "https://api.openai.com/v1"
CONNECT_TIMEOUT_S = 20.0
_STOP_CODES = frozenset({"insufficient_quota", "billing_hard_limit_reached", "account_deactivated", "invalid_api_key"})
_REFUSED = frozenset({400, 403, 404, 405, 410, 413, 414, 422})
_NO_SCHEMA = frozenset({400, 404, 405, 415, 422, 501})
_SCHEMA_WORDS = re.compile(
    rb"response[_ ]?format|json[_ ]?schema|structured[_ ]?output|guided|grammar|constrained", re.IGNORECASE
)
"""What servers call it when they cannot keep a reply to a schema: the parameter (OpenAI, DeepSeek), or their own
means (vLLM's guided decoding and structured outputs, llama.cpp's grammars)."""
_LOST_BEHIND = frozenset({502, 504, 520, 522, 524})
"""What a gateway says when the reply of the server behind it did not come; that one may have made it all the same. An
error that the server itself reports is not billed."""
_UNREACHED = frozenset({"ClientConnectorError", "ConnectionTimeoutError"})
"""aiohttp's errors of a connection that did not come about; httpx2's names blur them with one that broke."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a role's model is served."""

    base_url: str | None = None
    """The root, with its /v1; None: OpenAI."""
    key: str | None = field(default=None, repr=False)
    key_env: str | None = None
    """The variable that the key came from: what errors name."""
    max_reply_bytes: int = 8 * 2**20
    weight: float = 1.0
    """Its share of calls, beside those of other endpoints of a role."""
    in_flight: int | None = None
    """Calls at a time at most, beside what the whole run may have in flight."""
    per_minute: Mapping[str, float] = field(default_factory=dict)
    """What it allows of `requests`, `input` tokens and `output` tokens, as far as that was given."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Name of a model in the config -> its name there."""

    @property
    def url(self) -> str:
        return self.base_url or OPENAI

    @property
    def name(self) -> str:
        """Address and variable of the key: two keys of one provider have limits of their own."""
        return f"{self.url} ${self.key_env}" if self.key else self.url


@dataclass(frozen=True, slots=True)
class Answer:
    """A good response: the reply, and what its headers say of the endpoint's limits."""

    reply: Reply
    limits: Limits | None = None


def is_loopback(url: str) -> bool:
    """Whether `url` leads to this very machine, where no key is needed."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:  # no address at all
        return False
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


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
        import openai

        endpoint = self._endpoints[name]
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._whole(endpoint, request)
            return Answer(_read(response.content, endpoint, request.model), read_limits(response.headers))
        except TimeoutError:
            raise RetryableError(f"no whole reply within {timeout_s:.0f} s", billed=True) from None
        except openai.APIStatusError as error:
            raise _classify(error.response, endpoint, request.model) from None
        except TeacherError:
            raise
        except Exception as error:  # more than APIConnectionError: a header that aiohttp cannot read passes openai by
            raise RetryableError(f"connection: {_cause(error, endpoint)}", billed=_reached(error)) from None

    async def _whole(self, endpoint: Endpoint, request: Request) -> httpx2.Response:
        """A good response. An endpoint that refuses the reply's schema is asked again without, at once.

        That is remembered only when the call without it was answered: then it was the schema that it refused.
        """
        import openai

        served = endpoint.name, request.model
        plainly = _body(request, endpoint.models.get(request.model, request.model))
        if request.reply_schema is None or served in self._schemaless:
            return await self._send(endpoint, plainly)
        try:
            return await self._send(endpoint, plainly | {"response_format": _format(request.reply_schema)})
        except openai.APIStatusError as error:
            if error.status_code not in _NO_SCHEMA or not _SCHEMA_WORDS.search(error.response.content):
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
            found = _classify(error.response, endpoint, None)
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
            self._clients[endpoint.name] = _open(endpoint, self._connections)
        return self._clients[endpoint.name]


def _body(request: Request, model: str) -> dict[str, Any]:
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": m.role, "content": m.content} for m in request.messages],
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
    }
    return {key: value for key, value in body.items() if value is not None}


def _format(schema: str) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": "reply", "strict": True, "schema": json.loads(schema)}}


def _open(endpoint: Endpoint, connections: int) -> AsyncOpenAI:
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


def _read(body: bytes, endpoint: Endpoint, model: str) -> Reply:
    """The Reply in a body of status 200. Raises RetryableError for anything else than a chat completion."""
    try:
        tree = json.loads(body)
        choice = tree["choices"][0]
        message = choice["message"]
        text, finish = _content(message.get("content")), choice.get("finish_reason") or "stop"
        if not text and isinstance(message.get("refusal"), str):
            text, finish = message["refusal"], "refusal"
        return Reply(
            text=clean(text),
            finish_reason=clean(str(finish)),
            model=clean(str(tree.get("model") or model)),
            usage=read_usage(tree.get("usage")),
        )
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        begin = _masked(body.decode("utf-8", "replace"), endpoint, 80)
        raise RetryableError(f"not a chat completion: {begin!r}", status=200, billed=True) from None


def _content(content: object) -> str:
    """A message's text; some servers send it in parts."""
    if isinstance(content, list):
        return "".join(part["text"] for part in content if part.get("type") == "text")
    if content is None:
        return ""
    if not isinstance(content, str):
        raise TypeError
    return content


def _classify(response: httpx2.Response, endpoint: Endpoint, model: str | None) -> TeacherError:
    status = response.status_code
    error = _error(response.content)
    message = _masked(str(error.get("message") or ""), endpoint, 300) or f"HTTP {status} without a message"
    stop = _why_stop(status, error, message, endpoint, model)
    if stop is not None:
        return StopError(f"{endpoint.url}: {stop}", status)
    if status in _REFUSED:
        return RefusedError(message, status)
    return RetryableError(message, status, read_retry_after(response.headers), billed=status in _LOST_BEHIND)


def _why_stop(status: int, error: Mapping[str, Any], message: str, endpoint: Endpoint, model: str | None) -> str | None:
    """Why no further call makes sense, or None if another may work."""
    code, metadata = str(error.get("code") or error.get("type")), error.get("metadata")
    flagged = status == 403 and isinstance(metadata, dict) and "flagged_input" in metadata
    if status == 401 or code == "invalid_api_key":
        where = f"the key in ${endpoint.key_env}" if endpoint.key else f"a call without a key (${endpoint.key_env})"
        return f"the endpoint does not accept {where}; set the variable to a valid key"
    if 300 <= status < 400:
        return f"it redirects (HTTP {status}), which is not followed; give the address that it leads to"
    if status == 404 and not error:
        return "no chat completions there; does the address lack its /v1?"
    if status == 404 and _model_missing(error, model):
        return f"no such model: {model}: {message}"
    return message if status == 402 or (status == 403 and not flagged) or code in _STOP_CODES else None


def _error(body: bytes) -> dict[str, Any]:
    """The error object of a body, or {} where there is none."""
    try:
        error = json.loads(body)["error"]
    except (ValueError, LookupError, TypeError, RecursionError):
        return {}
    return error if isinstance(error, dict) else {"message": str(error)}


def _model_missing(error: Mapping[str, Any], model: str | None) -> bool:
    """OpenAI sends a code, vLLM names the parameter, Ollama only says so with the model's name."""
    if error.get("code") == "model_not_found" or error.get("param") == "model":
        return True
    return error.get("type") == "api_error" and model is not None and model in str(error.get("message"))


def _masked(text: str, endpoint: Endpoint, width: int) -> str:
    """The beginning of a server's words without the key; taken out first, so that no part of it is left at a cut."""
    text = text.replace(endpoint.key, "***") if endpoint.key else text
    return shorten(clean(text[: 4 * width]), width)


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
    return _masked(str(inner) or type(inner).__name__, endpoint, 200)
