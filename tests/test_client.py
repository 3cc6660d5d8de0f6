"""One try at one call, against servers on loopback that send whatever they like, down to single bytes.

Covered: what status, code, header and body become; what goes over the wire; that every end is a Reply or one of three
errors, without the key. Not covered: TLS, proxies.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import socket
import struct
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from email.utils import formatdate
from pathlib import Path
from typing import Any

import certifi
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import RoleConfig
from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.records import Reply, Request, Usage
from evolve.teacher import Client, Endpoint, is_loopback, make_request

KEY = "sk-proj-do/not+show_this=0123456789"
REQUEST = make_request("evolver", RoleConfig(model="m"), "Sort a list.")
PATIENCE_S = 20.0
"""For calls that end by themselves: far longer than any takes."""
COMPLETION: dict[str, Any] = {
    "model": "m-1",
    "choices": [{"message": {"role": "assistant", "content": "Sort two."}, "finish_reason": "stop"}],
    "usage": {"prompt_tokens": 3, "completion_tokens": 4},
}
Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


def http(status: int, body: object = b"", *headers: str) -> bytes:
    """A whole response; a body that is no bytes goes as JSON."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(data)}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + data


def error(status: int, *headers: str, **fields: object) -> bytes:
    return http(status, {"error": fields}, *headers)


def completion(**changed: object) -> bytes:
    """A good response with other fields in its first message, or `finish_reason` or `usage`."""
    tree = json.loads(json.dumps(COMPLETION))
    for name, value in changed.items():
        place = tree if name in tree else tree["choices"][0]
        place = place if name in place else place["message"]
        place[name] = value
    return http(200, tree)


@dataclass
class Server:
    """Answers every call with `reply`, and notes what it was sent."""

    reply: bytes | Handler
    url: str = ""
    heads: list[str] = field(default_factory=list)
    bodies: list[Any] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode()
            length = re.search(r"content-length: (\d+)", head, re.IGNORECASE)
            self.heads.append(head)
            self.bodies.append(json.loads(await reader.readexactly(int(length[1]))) if length else None)
            if isinstance(self.reply, bytes):
                writer.write(self.reply)
                await writer.drain()
            else:
                await self.reply(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass  # the client has hung up
        finally:
            writer.close()


@asynccontextmanager
async def serving(reply: bytes | Handler) -> AsyncIterator[Server]:
    server = Server(reply)
    listener = await asyncio.start_server(server.serve, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/v1"
    try:
        yield server
    finally:
        listener.close()


@asynccontextmanager
async def client_of(url: str, key: str | None = KEY, cap: int = 2**20) -> AsyncIterator[Client]:
    client = Client([Endpoint(url, key, "TEACHER_KEY", cap)])
    try:
        yield client
    finally:
        await client.close()


async def complete(client: Client, request: Request, timeout_s: float = PATIENCE_S) -> Reply:
    """The reply of the client's one endpoint."""
    return (await client.complete(client.names[0], request, timeout_s)).reply


async def ask(
    reply: bytes | Handler, *, key: str | None = KEY, cap: int = 2**20, timeout_s: float = PATIENCE_S
) -> Reply:
    async with serving(reply) as server, client_of(server.url, key, cap) as client:
        return await complete(client, REQUEST, timeout_s)


async def error_of(reply: bytes | Handler, **options: Any) -> TeacherError:  # noqa: ANN401
    with pytest.raises(TeacherError) as caught:
        await ask(reply, **options)
    return caught.value


async def sent(request: Request, key: str | None = KEY) -> Server:
    """The server with what it was sent."""
    async with serving(completion()) as server, client_of(server.url, key) as client:
        await complete(client, request)
        return server


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


@pytest.fixture(scope="module", autouse=True)
def _one_certificate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Nothing here speaks TLS; reading all certificates anew for each client would take most of the time."""
    first, end, _ = Path(certifi.where()).read_text().partition("-----END CERTIFICATE-----\n")
    path = tmp_path_factory.mktemp("certificates") / "one.pem"
    path.write_text(first + end)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SSL_CERT_FILE", str(path))
        yield


# -- good replies ----------------------------------------------------------------------------------------------------


async def test_a_completion_becomes_a_reply() -> None:
    assert await ask(completion()) == Reply("Sort two.", "stop", "m-1", Usage(3, 4))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param("naïve 日本 😀", "naïve 日本 😀", id="letters"),
        pytest.param("a\ud800b\udfff", "a\ufffdb\ufffd", id="lone-surrogates"),
        pytest.param("a\x00b", "a\ufffdb", id="nul"),
        pytest.param("", "", id="empty"),
        pytest.param(None, "", id="null"),
        pytest.param([], "", id="no-parts"),
        pytest.param([{"type": "text", "text": "a"}, {"type": "text", "text": "b"}], "ab", id="parts"),
        pytest.param([{"type": "image_url"}, {"type": "text", "text": "b"}], "b", id="parts-of-other-kinds"),
        pytest.param([{"type": "text", "text": "\ud800\x00"}], "\ufffd\ufffd", id="parts-are-cleaned"),
        pytest.param("x" * 200_000, "x" * 200_000, id="long"),
    ],
)
async def test_the_replys_text(content: object, expected: str) -> None:
    assert (await ask(completion(content=content))).text == expected


@pytest.mark.parametrize(
    ("fields", "text", "finish_reason"),
    [
        pytest.param({"content": None, "refusal": "No."}, "No.", "refusal", id="refusal-alone"),
        pytest.param({"content": "", "refusal": "\ud800No."}, "\ufffdNo.", "refusal", id="refusal-is-cleaned"),
        pytest.param({"content": "Yes.", "refusal": None}, "Yes.", "stop", id="null-refusal"),
        pytest.param({"content": "Yes.", "refusal": "No."}, "Yes.", "stop", id="text-counts-first"),
        pytest.param({"content": "", "refusal": 5}, "", "stop", id="refusal-that-is-none"),
    ],
)
async def test_a_refusal_is_told_by_its_finish_reason(fields: dict[str, object], text: str, finish_reason: str) -> None:
    reply = await ask(completion(**fields))
    assert (reply.text, reply.finish_reason) == (text, finish_reason)


@pytest.mark.parametrize(
    ("finish_reason", "expected"),
    [("length", "length"), ("content_filter", "content_filter"), (None, "stop"), ("", "stop"), ("\ud800", "\ufffd")],
    ids=["length", "filter", "null", "empty", "surrogate"],
)
async def test_the_finish_reason(finish_reason: str | None, expected: str) -> None:
    assert (await ask(completion(finish_reason=finish_reason))).finish_reason == expected


@pytest.mark.parametrize(
    ("model", "expected"), [("m-2", "m-2"), (None, "m"), ("", "m"), ("\ud800\x00", "\ufffd\ufffd")], ids=ascii
)
async def test_the_model_is_the_one_that_the_server_names(model: str | None, expected: str) -> None:
    assert (await ask(completion(model=model))).model == expected


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(None, Usage(), id="null"),
        pytest.param({}, Usage(), id="empty"),
        pytest.param({"prompt_tokens": 3}, Usage(3, 0), id="half"),
        pytest.param({"prompt_tokens": "3", "completion_tokens": -1}, Usage(), id="text-and-negative"),
        pytest.param({"prompt_tokens": True, "completion_tokens": 1.5}, Usage(), id="truth-and-fraction"),
        pytest.param({"prompt_tokens": 10**30, "completion_tokens": 2**63}, Usage(), id="too-large-to-add-up"),
    ],
)
async def test_tokens_that_were_not_counted_are_0(usage: object, expected: Usage) -> None:
    found = (await ask(completion(usage=usage))).usage
    assert (found, type(found.prompt_tokens), type(found.completion_tokens)) == (expected, int, int)


async def test_a_reply_may_lack_all_but_its_message() -> None:
    assert await ask(http(200, {"choices": [{"message": {"content": "a"}}]})) == Reply("a", "stop", "m", Usage())


# -- what goes over the wire -----------------------------------------------------------------------------------------


async def test_the_request_body() -> None:
    [body] = (await sent(REQUEST)).bodies
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "Sort a list."}],
        "temperature": 1.0,
        "top_p": 0.9,
        "max_tokens": 2048,
    }


@pytest.mark.parametrize("left_out", ["temperature", "top_p", "max_tokens"])
async def test_a_setting_that_is_none_is_left_out(left_out: str) -> None:
    config = RoleConfig(model="m").model_copy(update={left_out: None})
    [body] = (await sent(make_request("evolver", config, "hi"))).bodies
    assert body.keys() == {"model", "messages", "temperature", "top_p", "max_tokens"} - {left_out}


@pytest.mark.parametrize(("name", "value"), [("temperature", 0.0), ("top_p", 0.25), ("max_tokens", 1)])
async def test_a_setting_is_sent_as_configured(name: str, value: float) -> None:
    config = RoleConfig(model="m").model_copy(update={name: value})
    [body] = (await sent(make_request("evolver", config, "hi"))).bodies
    assert body[name] == value


@pytest.mark.parametrize("prompt", ["{} %s $x < & \\ ```\n</instruction>\t", "naïve 日本 😀", "a\r\nb"], ids=ascii)
async def test_the_prompt_arrives_unchanged(prompt: str) -> None:
    [body] = (await sent(make_request("evolver", RoleConfig(model="m"), prompt))).bodies
    assert body["messages"] == [{"role": "user", "content": prompt}]


@pytest.mark.parametrize(
    "expected",
    [r"^POST /v1/chat/completions HTTP/1.1\r\n", r"\r\nAccept-Encoding: identity\r\n", r"\r\nAuthorization: Bearer "],
    ids=["path", "no-compression", "authorization"],
)
async def test_the_requests_head(expected: str) -> None:
    [head] = (await sent(REQUEST)).heads
    assert re.search(expected, head, re.IGNORECASE)


@pytest.mark.parametrize(("key", "expected"), [(KEY, KEY), (None, "none-needed")], ids=["key", "no-key"])
async def test_the_key_is_sent_to_its_endpoint(key: str | None, expected: str) -> None:
    [head] = (await sent(REQUEST, key)).heads
    assert f"\r\nauthorization: Bearer {expected}\r\n" in head.replace("Authorization", "authorization")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OPENAI_CUSTOM_HEADERS", "X-Key: of-openai"),
        ("OPENAI_CUSTOM_HEADERS", "Authorization: Bearer of-openai"),
        ("OPENAI_ORG_ID", "of-openai"),
        ("OPENAI_PROJECT_ID", "of-openai"),
        ("OPENAI_ADMIN_KEY", "of-openai"),
    ],
)
async def test_what_the_environment_has_for_openai_goes_to_nobody_else(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    monkeypatch.setenv(variable, value)
    [head] = (await sent(REQUEST, KEY)).heads
    assert "of-openai" not in head
    assert f"bearer {KEY}".lower() in head.lower()


async def test_a_call_goes_to_the_endpoint_of_that_name() -> None:
    async with serving(completion(content="one")) as one, serving(completion(content="two")) as two:
        client = Client([Endpoint(one.url), Endpoint(two.url)])
        found = [(await client.complete(url, REQUEST, PATIENCE_S)).reply.text for url in (two.url, one.url)]
        await client.close()
    assert found == ["two", "one"]


@pytest.mark.parametrize("status", [408, 409, 429, 500, 503])
async def test_a_call_is_made_once(status: int) -> None:
    async with serving(error(status, "x-should-retry: true", message="Later.")) as server:
        async with client_of(server.url) as client:
            with pytest.raises(RetryableError):
                await complete(client, REQUEST)
        assert len(server.bodies) == 1


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed(status: int) -> None:
    async with serving(completion()) as elsewhere:
        found = await error_of(http(status, b"", f"Location: {elsewhere.url}/chat/completions"))
    assert (type(found), found.status, elsewhere.heads) == (StopError, status, [])


# -- a schema for the reply ------------------------------------------------------------------------------------------

SCHEMA = '{"type": "object", "properties": {}, "required": [], "additionalProperties": false}'
CONSTRAINED = replace(REQUEST, reply_schema=SCHEMA)
LADDER = ["json_schema", "json_object", None]
"""What is asked for in turn."""


def picky(refusal: bytes, then: bytes = b"") -> tuple[list[Any], Handler]:
    """A server that answers `refusal` to calls with a response_format, and the bodies that it was sent."""
    bodies: list[Any] = []

    async def handle(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(refusal if "response_format" in bodies[-1] else then or completion())
        await writer.drain()

    return bodies, handle


async def tried(
    refusal: bytes, requests: list[Request], then: bytes = b""
) -> tuple[list[str | TeacherError], list[Any]]:
    """What became of the requests at such a server, one after the other, and the bodies that it saw."""
    bodies, handle = picky(refusal, then)
    found: list[str | TeacherError] = []
    async with serving(handle) as server, client_of(server.url) as client:
        server.bodies = bodies
        for request in requests:
            try:
                found.append((await complete(client, request)).text)
            except TeacherError as error:
                found.append(error)
    return found, bodies


async def test_a_schema_goes_over_the_wire_as_the_api_wants_it() -> None:
    [body] = (await sent(CONSTRAINED)).bodies
    assert body["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "reply", "strict": True, "schema": json.loads(SCHEMA)},
    }


@pytest.mark.parametrize(
    "refusal",
    [
        pytest.param(error(400, message="This response_format type is unavailable now"), id="400-message"),
        pytest.param(error(400, message="Invalid.", param="response_format"), id="400-param"),
        pytest.param(error(400, message="'json_schema' is not supported"), id="400-type"),
        pytest.param(error(400, message="guided decoding is off"), id="400-guided"),
        pytest.param(error(400, message="Failed to parse grammar"), id="400-grammar"),
        pytest.param(error(404, message="No endpoints that support Structured Outputs"), id="404"),
        pytest.param(http(404, {"detail": "response_format"}), id="404-no-error-object"),
        pytest.param(error(415, message="response format"), id="415"),
        pytest.param(http(422, {"detail": [{"loc": ["body", "response_format"]}]}), id="422-validation"),
        pytest.param(error(501, message="json_schema: not implemented"), id="501"),
    ],
)
async def test_an_endpoint_that_takes_no_schema_is_asked_without_and_that_is_remembered(refusal: bytes) -> None:
    found, bodies = await tried(refusal, [CONSTRAINED, CONSTRAINED])
    assert found == ["Sort two.", "Sort two."]
    assert [body.get("response_format", {}).get("type") for body in bodies] == [*LADDER, None]
    assert [{k: v for k, v in body.items() if k != "response_format"} for body in bodies] == [bodies[2]] * 4


async def test_what_is_not_taken_is_told_without_the_key() -> None:
    bodies, handle = picky(error(400, message=f"response_format {KEY}"))
    async with serving(handle) as server, client_of(server.url) as client:
        server.bodies = bodies
        answers = [await client.complete(client.names[0], request, PATIENCE_S) for request in (CONSTRAINED, REQUEST)]
    [told] = answers[0].losses
    assert (server.url in told, "schema" in told, KEY in told, answers[1].losses) == (True, True, False, ())


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        pytest.param(error(400, message="Too long."), RefusedError, id="400-about-something-else"),
        pytest.param(error(429, message="response_format"), RetryableError, id="429"),
        pytest.param(error(500, message="json_schema"), RetryableError, id="500"),
        pytest.param(error(401, message="response_format"), StopError, id="401"),
    ],
)
async def test_another_error_is_not_taken_for_that(refusal: bytes, expected: type[TeacherError]) -> None:
    [found], bodies = await tried(refusal, [CONSTRAINED])
    assert (type(found), len(bodies)) == (expected, 1)


async def test_a_refusal_that_had_another_cause_is_not_remembered() -> None:
    refusal = error(400, message="The prompt says json_schema, and is too long.")
    found, bodies = await tried(refusal, [CONSTRAINED, CONSTRAINED], then=refusal)
    assert [type(one) for one in found] == [RefusedError, RefusedError]
    assert ["response_format" in body for body in bodies] == [True, True, False] * 2


async def test_what_one_model_does_not_take_is_still_asked_of_another() -> None:
    other = replace(CONSTRAINED, model="m-2")
    _, bodies = await tried(error(400, message="response_format"), [CONSTRAINED, other, CONSTRAINED])
    sent_to = [(body["model"], "response_format" in body) for body in bodies]
    first = [("m", True), ("m", True), ("m", False)]
    assert sent_to == [*first, *(("m-2", asked) for _, asked in first), ("m", False)]


async def test_both_tries_together_are_bounded_in_time() -> None:
    async def slow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.3)
        writer.write(error(400, message="response_format"))

    async with serving(slow) as server, client_of(server.url) as client:
        with pytest.raises(RetryableError, match="no whole reply"):
            await complete(client, CONSTRAINED, 0.5)


# -- statuses and codes ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "expected", "status"),
    [
        pytest.param(error(401, message="Bad key."), StopError, 401, id="401"),
        pytest.param(http(401), StopError, 401, id="401-empty"),
        pytest.param(error(402, message="Pay."), StopError, 402, id="402"),
        pytest.param(error(403, message="Not for you."), StopError, 403, id="403"),
        pytest.param(http(403, b"<html>"), StopError, 403, id="403-html"),
        pytest.param(error(403, metadata={"flagged_input": "a"}), RefusedError, 403, id="403-flagged"),
        pytest.param(error(403, metadata={"provider": "a"}), StopError, 403, id="403-other-metadata"),
        pytest.param(error(403, metadata=5), StopError, 403, id="403-metadata-of-another-shape"),
        pytest.param(error(403, metadata="flagged_input"), StopError, 403, id="403-metadata-as-text"),
        pytest.param(error(404, code="model_not_found", message="m"), StopError, 404, id="404-model"),
        pytest.param(error(404, param="model", code=404, message="m"), StopError, 404, id="404-param-model"),
        pytest.param(error(404, type="api_error", message="no model 'm'"), StopError, 404, id="404-names-the-model"),
        pytest.param(error(404, type="api_error", message="gone"), RefusedError, 404, id="404-names-no-model"),
        pytest.param(error(404, code="item_not_found", message="m"), RefusedError, 404, id="404-other-code"),
        pytest.param(http(404, b"404 page not found"), StopError, 404, id="404-text"),
        pytest.param(http(404, {"detail": "Not Found"}), StopError, 404, id="404-no-error-object"),
        pytest.param(error(400, message="Bad."), RefusedError, 400, id="400"),
        pytest.param(http(400, b"no JSON"), RefusedError, 400, id="400-text"),
        pytest.param(error(400, code="invalid_api_key"), StopError, 400, id="400-invalid-key"),
        pytest.param(error(400, code=["x"], type={"y": 1}), RefusedError, 400, id="400-codes-of-other-shapes"),
        pytest.param(http(400, {"error": "Bad."}), RefusedError, 400, id="400-error-as-text"),
        pytest.param(error(405, message="Bad."), RefusedError, 405, id="405"),
        pytest.param(error(413, message="Long."), RefusedError, 413, id="413"),
        pytest.param(error(422, message="Bad."), RefusedError, 422, id="422"),
        pytest.param(error(408, message="Slow."), RetryableError, 408, id="408"),
        pytest.param(error(409, message="Again."), RetryableError, 409, id="409"),
        pytest.param(error(418, message="Tea."), RetryableError, 418, id="418"),
        pytest.param(error(429, code="rate_limit_exceeded"), RetryableError, 429, id="429"),
        pytest.param(http(429, b""), RetryableError, 429, id="429-empty"),
        pytest.param(error(429, message="insufficient_quota"), RetryableError, 429, id="429-words-do-not-count"),
        pytest.param(error(429, code="insufficient_quota"), StopError, 429, id="429-quota"),
        pytest.param(error(429, type="insufficient_quota"), StopError, 429, id="429-quota-as-type"),
        pytest.param(error(429, code="billing_hard_limit_reached"), StopError, 429, id="429-billing"),
        pytest.param(error(500, message="generate failed"), RetryableError, 500, id="500"),
        pytest.param(http(502, b"<html>Bad Gateway"), RetryableError, 502, id="502-html"),
        pytest.param(error(503, message="Busy."), RetryableError, 503, id="503"),
        pytest.param(error(529, message="Overloaded."), RetryableError, 529, id="529"),
        pytest.param(http(500, b'{"error":' + b"[" * 9000), RetryableError, 500, id="500-nested-without-end"),
        pytest.param(http(500, b"\xff\xfe\x00"), RetryableError, 500, id="500-no-text"),
    ],
)
async def test_a_status_becomes_an_error(reply: bytes, expected: type[TeacherError], status: int) -> None:
    found = await error_of(reply)
    assert (type(found), found.status) == (expected, status)


@pytest.mark.parametrize(
    ("reply", "key", "expected"),
    [
        pytest.param(error(400, message="Too \ud800odd."), KEY, "^HTTP 400: Too \ufffdodd.$", id="the-servers-words"),
        pytest.param(http(503), KEY, "^HTTP 503: HTTP 503 without a message$", id="no-words"),
        pytest.param(http(400, {"detail": "Pinned."}), KEY, "^HTTP 400: Pinned.$", id="fastapi"),
        pytest.param(http(400, {"object": "error", "message": "Too long."}), KEY, "^HTTP 400: Too long.$", id="bare"),
        pytest.param(error(400, message="x" * 9000), KEY, "^HTTP 400: x{299}…$", id="many-words"),
        pytest.param(error(401), KEY, r"does not accept the key in \$TEACHER_KEY; set", id="names-the-keys-variable"),
        pytest.param(error(401), None, r"call without a key \(\$TEACHER_KEY\); set", id="names-the-missing-keys"),
        pytest.param(http(404, b"gone"), KEY, "does the address lack its /v1", id="names-the-address"),
        pytest.param(error(404, code="model_not_found"), KEY, "no such model: m", id="names-the-model"),
        pytest.param(error(402, message="Pay."), KEY, r"http://127.0.0.1:\d+/v1: Pay.$", id="names-the-endpoint"),
    ],
)
async def test_an_error_says_what_is_the_matter(reply: bytes, key: str | None, expected: str) -> None:
    assert re.search(expected, str(await error_of(reply, key=key)))


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        pytest.param([], None, id="none"),
        pytest.param(["Retry-After: 7"], 7.0, id="seconds"),
        pytest.param(["Retry-After: 1.5"], 1.5, id="fraction"),
        pytest.param(["Retry-After: 0"], 0.0, id="zero"),
        pytest.param(["retry-after-ms: 250"], 0.25, id="milliseconds"),
        pytest.param(["retry-after-ms: 250", "Retry-After: 7"], 0.25, id="milliseconds-first"),
        pytest.param(["retry-after-ms: -250"], 0.0, id="negative-milliseconds"),
        pytest.param(["Retry-After: Mon, 01 Jan 2024 00:00:00 GMT"], 0.0, id="a-date-gone-by"),
        pytest.param(["Retry-After: -7"], 0.0, id="negative"),
        pytest.param(["Retry-After: soon"], None, id="word"),
        pytest.param(["Retry-After:"], None, id="empty"),
        pytest.param(["Retry-After: ²"], None, id="a-digit-that-is-none"),
        pytest.param([f"Retry-After: Mon, 01 Jan {'9' * 30} 00:00:00 GMT"], None, id="a-year-that-cannot-be"),
        pytest.param([f"Retry-After: Mon, 01 Jan 2024 00:00:00 +{'9' * 30}"], None, id="a-zone-that-cannot-be"),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
async def test_the_servers_wish_to_wait(headers: list[str], expected: float | None, status: int) -> None:
    found = await error_of(error(status, *headers, message="Later."))
    assert (type(found), found.retry_after_s) == (RetryableError, expected)


async def test_the_servers_wish_to_wait_as_a_date() -> None:
    found = await error_of(error(429, f"Retry-After: {formatdate(time.time() + 3600, usegmt=True)}"))
    assert found.retry_after_s is not None
    assert 3000 < found.retry_after_s <= 3600


# -- hostile bodies and connections ----------------------------------------------------------------------------------


async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    while not reader.at_eof():
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.02)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read()


async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    linger = struct.pack("ii", 1, 0)
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


async def reset_half_way(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(completion()[:-10])
    await writer.drain()
    await reset(reader, writer)


async def endless(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while not reader.at_eof():
        writer.write(b"1000\r\n" + b" " * 0x1000 + b"\r\n")
        await writer.drain()


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(http(200, b"<html>Sign in</html>"), "not a chat completion: '<html>Sign in</html>'", id="html"),
        pytest.param(http(200), "not a chat completion: ''", id="empty"),
        pytest.param(http(200, json.dumps(COMPLETION).encode()[:-3]), "not a chat completion", id="truncated-json"),
        pytest.param(http(200, b"data: {}\n\ndata: [DONE]\n\n"), "not a chat completion", id="event-stream"),
        pytest.param(http(200, b"\xff\xfe{}"), "not a chat completion", id="no-utf-8"),
        pytest.param(http(200, b"[" * 100_000), "not a chat completion", id="nested-without-end"),
        pytest.param(http(200, b"9" * 5000), "not a chat completion", id="a-number-too-long"),
        pytest.param(http(200, {"error": {"message": "Down."}}), "not a chat completion", id="error-with-200"),
        pytest.param(http(200, {"choices": []}), "not a chat completion", id="no-choice"),
        pytest.param(completion(content={"a": 1}), "not a chat completion", id="content-of-another-shape"),
        pytest.param(completion(content=["a"]), "not a chat completion", id="parts-of-another-shape"),
        pytest.param(completion(content=[{"type": "text"}]), "not a chat completion", id="a-part-without-text"),
        pytest.param(b"", "connection: ", id="hung-up"),
        pytest.param(reset, "connection: ", id="reset"),
        pytest.param(reset_half_way, "connection: ", id="reset-half-way"),
        pytest.param(completion()[:-10], "connection: ", id="body-cut-short"),
        pytest.param(b"\x15\x03\x01\x00\x02\x02\x46", "connection: .*status line", id="another-protocol"),
        pytest.param(b"HTTP/9\r\n\r\n", "connection: .*status line", id="bad-status-line"),
        pytest.param(b"HTTP/1.1 200 \xff\r\nContent-Length: 0\r\n\r\n", "connection: ", id="bad-reason"),
        pytest.param(b"HTTP/1.1 200 OK\r\nno header\r\n\r\n", "connection: ", id="bad-header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n", "connection: ", id="bad-chunk"),
        pytest.param(http(200, b"", "X: " + "x" * 100_000), "connection: ", id="long-header"),
        pytest.param(http(500, b"a", "Content-Type: text/html; charset=zlib"), "^HTTP 500: ", id="unpacking-charset"),
        pytest.param(http(500, b"a", "Content-Type: text/html; charset=rot13"), "^HTTP 500: ", id="odd-charset"),
        pytest.param(endless, "connection: a reply of more than 1048576 bytes", id="endless"),
        pytest.param(http(500, b"x" * 2**21), "connection: a reply of more than 1048576 bytes", id="long-error"),
    ],
)
async def test_garbage_is_asked_for_again(reply: bytes | Handler, expected: str) -> None:
    found = await error_of(reply)
    assert (type(found), re.search(expected, str(found)) is not None) == (RetryableError, True)


@pytest.mark.parametrize(("surplus", "expected"), [(0, True), (1, False)], ids=["just-fits", "one-more"])
async def test_a_body_may_be_as_long_as_allowed(surplus: int, expected: bool) -> None:
    body = json.dumps(COMPLETION).encode().ljust(4096 + surplus)
    if expected:
        assert await ask(http(200, body), cap=4096)
    else:
        assert "a reply of more than 4096 bytes" in str(await error_of(http(200, body), cap=4096))


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "identity, gzip"])
@pytest.mark.parametrize("status", [200, 500])
async def test_a_compressed_reply_is_refused(encoding: str, status: int) -> None:
    found = await error_of(http(status, gzip.compress(bytes(2**20)), f"Content-Encoding: {encoding}"))
    assert (type(found), str(found)) == (RetryableError, "connection: a compressed reply, though none was asked for")


async def test_identity_is_no_compression() -> None:
    assert await ask(http(200, COMPLETION, "Content-Encoding: identity"))


@pytest.mark.parametrize("reply", [trickle, silence], ids=["trickle", "silence"])
async def test_a_call_is_bounded_in_time(reply: Handler) -> None:
    async with asyncio.timeout(PATIENCE_S):
        found = await error_of(reply, timeout_s=0.3)
    assert (type(found), str(found)) == (RetryableError, "no whole reply within 0 s")


async def test_a_closed_port_is_asked_again_and_bills_nothing() -> None:
    async with client_of(f"http://127.0.0.1:{free_port()}/v1") as client:
        with pytest.raises(RetryableError, match="connection: ") as caught:
            await complete(client, REQUEST)
    assert not caught.value.billed


@pytest.mark.parametrize(
    ("reply", "billed"),
    [
        pytest.param(error(429, message="Slow."), False, id="429"),
        pytest.param(error(500, message="Broken."), False, id="500"),
        pytest.param(error(503, message="Busy."), False, id="503"),
        pytest.param(error(400, message="No."), False, id="400"),
        pytest.param(error(402, message="No money."), False, id="402"),
        pytest.param(http(502, b"<html>Bad Gateway"), True, id="502"),
        pytest.param(http(504, b""), True, id="504"),
        pytest.param(reset, True, id="reset"),
        pytest.param(b"", True, id="hung-up"),
        pytest.param(completion()[:-10], True, id="body-cut-short"),
        pytest.param(http(200, b"<html>"), True, id="garbage"),
        pytest.param(silence, True, id="silence"),
    ],
)
async def test_what_an_endpoint_may_have_made_may_be_billed(reply: bytes | Handler, billed: bool) -> None:
    assert (await error_of(reply, timeout_s=2.0)).billed == billed


async def test_a_client_goes_on_after_a_failure() -> None:
    async with serving(http(500)) as server, client_of(server.url) as client:
        with pytest.raises(RetryableError):
            await complete(client, REQUEST)
        server.reply = completion()
        assert (await complete(client, REQUEST)).text == "Sort two."


@pytest.mark.parametrize("url", ["http://[::1/v1", "http://[bad]/v1", "http://a\x00b/v1"], ids=ascii)
async def test_an_address_that_cannot_be_stops_the_run(url: str) -> None:
    async with client_of(url) as client:
        with pytest.raises(StopError, match="no address"):
            await complete(client, REQUEST)


@pytest.mark.parametrize("key", ["sk-\n", "sk-\x00", "sk-ä", "“sk”"], ids=ascii)
async def test_a_key_that_cannot_be_sent_stops_the_run(key: str) -> None:
    found = await error_of(completion(), key=key)
    assert (type(found), "the key in $TEACHER_KEY" in str(found), key in str(found)) == (StopError, True, False)


# -- the key ---------------------------------------------------------------------------------------------------------

PADDING = [0, 60, 70, 75, 170, 180, 190, 270, 280, 290]


@pytest.mark.parametrize(
    "reply",
    [
        *[pytest.param(error(s, message=f"Bearer {KEY}!"), id=f"message-{s}") for s in (400, 401, 402, 403, 429, 500)],
        *[pytest.param(error(400, message="x" * n + KEY), id=f"message-cut-at-{n}") for n in PADDING],
        *[pytest.param(http(200, ("x" * n + KEY).encode()), id=f"body-cut-at-{n}") for n in PADDING],
        *[pytest.param(b"HTTP/9 " + b"x" * n + KEY.encode() + b"\r\n\r\n", id=f"line-cut-at-{n}") for n in PADDING],
        pytest.param(http(200, b" " * 170 + KEY.encode()), id="body-after-blanks"),
        pytest.param(error(400, message={"deep": [KEY]}), id="message-of-another-shape"),
        pytest.param(http(400, {"error": KEY}), id="error-as-text"),
        pytest.param(error(404, code="model_not_found", message=KEY), id="model"),
        pytest.param(error(429, code="insufficient_quota", message=KEY), id="quota"),
        pytest.param(http(302, b"", f"Location: http://127.0.0.1/{KEY}"), id="redirect"),
        pytest.param(b"HTTP/1.1 200 OK\r\n" + KEY.encode() + b"\r\n\r\n", id="header"),
        pytest.param(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + KEY.encode() + b"\r\n", id="chunk"),
    ],
)
async def test_the_key_is_in_no_error(reply: bytes) -> None:
    found = await error_of(reply)
    shown = f"{found} {found!r} {found.args} {''.join(traceback.format_exception(found))}"
    assert not [part for part in (KEY[:6], KEY[:12], KEY[-12:], KEY) if part in shown]


def test_the_key_is_not_in_the_endpoints_repr() -> None:
    assert KEY not in repr(Endpoint("http://127.0.0.1/v1", KEY))


# -- any JSON, any bytes ---------------------------------------------------------------------------------------------

SURROGATES_TOO = st.text(st.characters(exclude_categories=()), max_size=5)
ATOMS = st.none() | st.booleans() | st.integers() | st.floats() | SURROGATES_TOO | st.just("text")
ANY_JSON = st.recursive(ATOMS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SURROGATES_TOO, inner))


def either(*likely: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(*likely, ANY_JSON)


PARTS = st.lists(either(st.fixed_dictionaries({"type": either(st.just("text")), "text": either()})), max_size=3)
MESSAGE = st.fixed_dictionaries({}, optional={"content": either(SURROGATES_TOO, PARTS), "refusal": either()})
CHOICE = st.fixed_dictionaries({"message": either(MESSAGE)}, optional={"finish_reason": either()})
USAGE = st.fixed_dictionaries({}, optional={"prompt_tokens": either(), "completion_tokens": either()})
NEARLY_A_COMPLETION = st.fixed_dictionaries(
    {"choices": either(st.lists(either(CHOICE), min_size=1, max_size=2))},
    optional={"model": either(), "usage": either(USAGE)},
)
NEARLY_AN_ERROR = st.fixed_dictionaries(
    {},
    optional={
        "message": either(),
        "code": either(st.just("model_not_found")),
        "type": either(st.just("insufficient_quota")),
        "param": either(st.just("model")),
        "metadata": either(),
    },
)
STATUSES = st.sampled_from([200, 204, 300, 400, 401, 403, 404, 422, 429, 500, 599])
GOOD = completion()
CUTS = st.tuples(st.integers(0, len(GOOD)), st.integers(0, 20), st.binary(max_size=6))


@pytest.fixture(scope="module")
def outcome() -> Iterator[Callable[[bytes], Reply | TeacherError]]:
    """Asks a server that sends these bytes; one server and one client for all examples."""
    with asyncio.Runner() as runner:

        async def start() -> tuple[Server, Client]:
            server = await stack.enter_async_context(serving(b""))
            return server, await stack.enter_async_context(client_of(server.url))

        async def one(reply: bytes) -> Reply | TeacherError:
            server.reply = reply
            try:
                return await complete(client, REQUEST)
            except TeacherError as error:
                return error

        stack = AsyncExitStack()
        server, client = runner.run(start())
        yield lambda reply: runner.run(one(reply))
        runner.run(stack.aclose())


@settings(deadline=None)
@given(tree=either(NEARLY_A_COMPLETION))
def test_any_json_is_a_clean_reply_or_asked_for_again(
    outcome: Callable[[bytes], Reply | TeacherError], tree: object
) -> None:
    found = outcome(http(200, tree))
    if isinstance(found, Reply):
        assert b"\x00" not in f"{found.text}{found.finish_reason}{found.model}".encode()
    else:
        assert type(found) is RetryableError


@settings(deadline=None)
@given(
    tree=st.fixed_dictionaries({"error": either(NEARLY_AN_ERROR)}) | ANY_JSON,
    status=st.sampled_from([400, 403, 404, 429, 500]),
)
def test_any_json_under_an_error_status_is_an_error(
    outcome: Callable[[bytes], Reply | TeacherError], tree: object, status: int
) -> None:
    found = outcome(http(status, tree))
    assert isinstance(found, TeacherError)
    assert found.status == status


@settings(deadline=None)
@given(cuts=st.lists(CUTS, min_size=1, max_size=3), header=st.binary(max_size=20), status=STATUSES)
def test_any_bytes_are_a_reply_or_an_error(
    outcome: Callable[[bytes], Reply | TeacherError], cuts: list[tuple[int, int, bytes]], header: bytes, status: int
) -> None:
    reply = http(status, COMPLETION, "X: y").replace(b"X: y", header)
    for begin, count, bytes_instead in cuts:
        reply = reply[:begin] + bytes_instead + reply[begin + count :]
    assert isinstance(outcome(reply), Reply | TeacherError)


# -- the probe -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(http(200, {"object": "list", "data": []}), id="200"),
        pytest.param(http(200, b"<html>"), id="html"),
        pytest.param(error(400, message="Bad."), id="400"),
        pytest.param(http(404, b"404 page not found"), id="404"),
        pytest.param(error(429, message="Later."), id="429"),
        pytest.param(http(500), id="500"),
    ],
)
async def test_a_probe_that_tells_nothing_passes(reply: bytes) -> None:
    async with serving(reply) as server, client_of(server.url) as client:
        await client.probe(client.names[0], PATIENCE_S)
        assert server.heads[0].startswith("GET /v1/models HTTP/1.1\r\n")


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(error(401, message=KEY), r"does not accept the key in \$TEACHER_KEY", id="401"),
        pytest.param(error(402, message=f"Pay for {KEY}."), r": Pay for \*\*\*\.$", id="402"),
        pytest.param(error(403, message="Not for you."), ": Not for you.$", id="403"),
        pytest.param(b"", r"http://127.0.0.1:\d+/v1: cannot be reached: ", id="hung-up"),
        pytest.param(b"HTTP/9 " + KEY.encode() + b"\r\n\r\n", r"/v1: cannot be reached: .*\*\*\*", id="garbage"),
        pytest.param(silence, r"http://127.0.0.1:\d+/v1: no reply within", id="silence"),
    ],
)
async def test_a_probe_stops_for_what_would_stop_every_call(reply: bytes | Handler, expected: str) -> None:
    async with serving(reply) as server, client_of(server.url) as client:
        with pytest.raises(StopError, match=expected) as caught:
            await client.probe(client.names[0], 0.5 if reply is silence else PATIENCE_S)
    assert KEY not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://127.0.0.1:{free_port()}/v1", "connection refused: nobody listens there$"),
        ("http://nowhere.invalid/v1", "no host is known by that name"),
    ],
    ids=["a closed port", "no such host"],
)
async def test_a_probe_says_plainly_why_a_place_cannot_be_reached(url: str, why: str) -> None:
    async with client_of(url) as client:
        with pytest.raises(StopError, match=f"^{url}: cannot be reached: {why}"):
            await client.probe(client.names[0], PATIENCE_S)


# -- loopback --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8000/v1",
        "http://127.0.0.2/v1",
        "https://localhost/v1",
        "http://LOCALHOST:1/v1",
        "http://[::1]:8000/v1",
        "http://user:word@127.0.0.1/v1",
    ],
)
def test_this_machine_is_loopback(url: str) -> None:
    assert is_loopback(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://api.openai.com/v1",
        "http://127.0.0.1.example.com/v1",
        "http://localhost.example.com/v1",
        "http://localhost@example.com/v1",
        "http://127.0.0.1:8000@example.com/v1",
        "http://example.com/127.0.0.1",
        "http://example.com?localhost",
        "http://10.0.0.1/v1",
        "http://0.0.0.0/v1",
        "http://[::2]/v1",
        "127.0.0.1:8000/v1",
        "localhost",
        "http://[::1",
        "http://[bad]/v1",
        "",
    ],
)
def test_another_machine_is_not_loopback(url: str) -> None:
    assert not is_loopback(url)
