"""What servers of each family take of a request, against a loopback server that refuses as they do.

Covered: how a family is guessed; what is sent, renamed, left out and told; what a refusal teaches, and whom. Not
covered: the services themselves; their refusals are written down here as their documentation and users' reports show
them.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from evolve.config import CapabilitiesConfig, Config, Family
from evolve.errors import ConfigError, RefusedError
from evolve.records import Message, Request
from evolve.teacher import Answer, Client, Endpoint, acquaint, make_endpoints
from evolve.teacher.profiles import PROFILES, begin, guess_family
from tests.places import Body, Place, Refuse, at, nothing_wrong, openai_error

SCHEMA = '{"type": "object", "properties": {"a": {"type": "string"}}, "required": ["a"]}'
REQUEST = Request("judge", "m", (Message("user", "Is it so? Answer in JSON."),), 0.0, 0.9, 64, SCHEMA)
PATIENCE_S = 20.0


def reasoning(body: Body) -> tuple[int, object] | None:
    """OpenAI's reasoning models, as seen in many reports of users: one complaint at a time."""
    if "max_tokens" in body:
        words = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens'."
        return 400, openai_error(words, "max_tokens", "unsupported_parameter")
    if body.get("temperature", 1) != 1:
        words = "Unsupported value: 'temperature' does not support 0 with this model. Only the default (1) value is."
        return 400, openai_error(words, "temperature", "unsupported_value")
    if "top_p" in body:
        words = "Unsupported parameter: 'top_p' is not supported with this model."
        return 400, openai_error(words, "top_p", "unsupported_parameter")
    return None


def old_azure(body: Body) -> tuple[int, object] | None:
    """A model of before the newer field."""
    if "max_completion_tokens" in body:
        return 400, openai_error("Unrecognized request argument supplied: max_completion_tokens")
    return None


def deepseek(body: Body) -> tuple[int, object] | None:
    if body.get("response_format", {}).get("type") == "json_schema":
        return 400, openai_error("This response_format type is unavailable now", None, "invalid_request_error")
    return None


def strict(body: Body) -> tuple[int, object] | None:
    """Servers that hold a body to a model of its fields (FastAPI with pydantic)."""
    unknown = [name for name in body if name not in {"model", "messages", "max_tokens", "temperature"}]
    found = [
        {"type": "extra_forbidden", "loc": ["body", name], "msg": "Extra inputs are not permitted"} for name in unknown
    ]
    return (422, {"detail": found}) if found else None


def transformers(body: Body) -> tuple[int, object] | None:
    unknown = set(body) & {"response_format"}
    return (422, {"detail": f"Unexpected fields in the request: {unknown}"}) if unknown else None


def either(body: Body) -> tuple[int, object] | None:
    if {"temperature", "top_p"} <= set(body):
        return 400, openai_error("`temperature` and `top_p` cannot both be specified for this model. Use one.")
    return None


def no_system(body: Body) -> tuple[int, object] | None:
    """Developer messages are new, system messages old: a model of neither."""
    for number, message in enumerate(body["messages"]):
        if message["role"] in {"system", "developer"}:
            words = (
                f"Unsupported value: 'messages[{number}].role' does not support '{message['role']}' with this model."
            )
            return 400, openai_error(words, f"messages[{number}].role", "unsupported_value")
    return None


def gemma(body: Body) -> tuple[int, object] | None:
    """A chat template that knows no system messages, behind vLLM."""
    if body["messages"][0]["role"] != "user":
        return 400, openai_error("System role not supported", None, 400)
    return None


async def asked(place: Place, *requests: Request, **settings: Any) -> list[Answer]:  # noqa: ANN401
    async def use(url: str) -> list[Answer]:
        client = Client([Endpoint(url, **settings)])
        try:
            return [await client.complete(client.names[0], request, PATIENCE_S) for request in requests]
        finally:
            await client.close()

    answers: list[Answer] = await at(place, use)
    return answers


# -- which family ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "family"),
    [
        ("https://api.openai.com/v1", "openai"),
        ("https://name.openai.azure.com/openai/v1", "azure"),
        ("https://name.services.ai.azure.com/openai/v1", "azure"),
        ("https://openrouter.ai/api/v1", "openrouter"),
        ("https://api.together.xyz/v1", "together"),
        ("https://api.deepseek.com", "deepseek"),
        ("http://127.0.0.1:11434/v1", "ollama"),
        ("http://127.0.0.1:30000/v1", "sglang"),
        ("http://127.0.0.1:8000/v1", "generic"),
        ("https://api.openai.com.evil.example/v1", "generic"),
        ("https://notopenrouter.ai/v1", "generic"),
        ("http://[bad]/v1", "generic"),
    ],
)
def test_an_address_tells_the_family(url: str, family: Family) -> None:
    assert guess_family(url) == family


@pytest.mark.parametrize(
    ("entry", "family"),
    [
        pytest.param({"owned_by": "vllm", "max_model_len": 8192}, "vllm", id="vllm"),
        pytest.param({"owned_by": "sglang", "max_model_len": 8192}, "sglang", id="sglang"),
        pytest.param({"owned_by": "somebody", "max_model_len": 8192}, "vllm", id="by-its-length"),
        pytest.param({"owned_by": "llamacpp", "meta": {"n_ctx": 1}}, "llamacpp", id="llama.cpp"),
        pytest.param({"owned_by": "me", "permissions": []}, "llamacpp", id="llama-cpp-python"),
        pytest.param({"owned_by": "library"}, "ollama", id="ollama"),
        pytest.param({"owned_by": "local", "status": {"value": "loaded"}}, "transformers", id="transformers"),
        pytest.param({"owned_by": "somebody"}, "generic", id="nobody-known"),
    ],
)
def test_a_list_of_models_tells_the_family(entry: Mapping[str, Any], family: Family) -> None:
    assert guess_family("http://127.0.0.1:8000/v1", [entry]) == family


def test_a_service_is_known_by_its_address_whatever_its_list_says() -> None:
    assert guess_family("https://api.openai.com/v1", [{"owned_by": "vllm"}]) == "openai"


def test_every_family_of_the_config_has_a_profile() -> None:
    assert set(PROFILES) == set(Family.__args__)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "models",
    [{"object": "list", "data": [{"id": "m", "owned_by": "vllm"}]}, [{"id": "m", "owned_by": "vllm"}]],
    ids=["usual", "bare-list"],
)
async def test_the_list_is_read_in_both_its_forms(models: object) -> None:
    async def use(url: str) -> Endpoint:
        client = Client([endpoint := Endpoint(url)])
        try:
            return acquaint(endpoint, await client.probe(client.names[0]), ["m"])
        finally:
            await client.close()

    assert (await at(Place(nothing_wrong, models), use)).family == "vllm"


# -- what is sent ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "model", "expected"),
    [
        ("openai", "m", {"max_completion_tokens": 64, "temperature": 0.0, "top_p": 0.9, "format": "json_schema"}),
        ("azure", "m", {"max_completion_tokens": 64, "temperature": 0.0, "top_p": 0.9, "format": "json_schema"}),
        ("vllm", "m", {"max_tokens": 64, "temperature": 0.0, "top_p": 0.9, "format": "json_schema"}),
        ("llamacpp", "m", {"max_tokens": 64, "temperature": 0.0, "top_p": 0.9, "format": "json_object"}),
        ("deepseek", "deepseek-v4-pro", {"max_tokens": 64, "format": "json_object"}),
        ("deepseek", "deepseek-chat", {"max_tokens": 64, "temperature": 0.0, "top_p": 0.9, "format": "json_object"}),
        ("transformers", "m", {"max_tokens": 64, "temperature": 0.0, "top_p": 0.9}),
    ],
)
async def test_a_family_is_sent_what_it_takes(family: Family, model: str, expected: Body) -> None:
    place = Place(nothing_wrong)
    await asked(place, replace(REQUEST, model=model), family=family)
    [body] = place.bodies
    form = body.pop("response_format", None)
    sent = {name: value for name, value in body.items() if name not in {"model", "messages"}}
    assert sent | ({"format": form["type"]} if form else {}) == expected


async def test_llama_cpp_gets_the_schema_where_it_looks_for_it() -> None:
    place = Place(nothing_wrong)
    await asked(place, REQUEST, family="llamacpp")
    assert place.bodies[0]["response_format"] == {"type": "json_object", "schema": json.loads(SCHEMA)}


async def test_the_config_goes_before_the_family() -> None:
    place = Place(nothing_wrong)
    chosen = CapabilitiesConfig(token_limit="max_tokens", top_p=False, response_format="json_object")
    [answer] = await asked(place, REQUEST, family="openai", chosen=chosen)
    [body] = place.bodies
    assert ("max_tokens" in body, "top_p" in body, body["response_format"]) == (True, False, {"type": "json_object"})
    assert [loss.rpartition(": model m: ")[2] for loss in answer.losses] == [
        "top_p 0.9 not sent: the model takes its default only",
        "no schema of the reply is kept: JSON is asked for without one",
    ]


@pytest.mark.parametrize(
    ("supported", "expected"),
    [
        (["temperature", "top_p", "structured_outputs", "response_format"], (True, True, "json_schema")),
        (["temperature", "response_format"], (True, False, "json_object")),
        (["max_tokens"], (False, False, "none")),
    ],
)
def test_what_a_list_of_models_says_of_a_model_is_heeded(supported: list[str], expected: tuple[object, ...]) -> None:
    taken = begin("openrouter", "m", None, [{"id": "other"}, {"id": "m", "supported_parameters": supported}])
    assert (taken.temperature, taken.top_p, taken.response_format) == expected


# -- what a refusal teaches --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("refuse", "family", "calls", "gone", "losses"),
    [
        pytest.param(reasoning, "generic", 4, {"max_tokens", "temperature", "top_p"}, 2, id="reasoning-model"),
        pytest.param(reasoning, "openai", 3, {"max_tokens", "temperature", "top_p"}, 2, id="reasoning-model-at-openai"),
        pytest.param(old_azure, "azure", 2, {"max_completion_tokens"}, 0, id="older-model"),
        pytest.param(deepseek, "generic", 2, set(), 1, id="deepseek-unknown-as-such"),
        pytest.param(strict, "generic", 4, {"response_format", "top_p"}, 2, id="validation"),
        pytest.param(transformers, "generic", 3, {"response_format"}, 1, id="unexpected-fields"),
        pytest.param(either, "generic", 2, {"top_p"}, 1, id="one-of-two"),
        pytest.param(nothing_wrong, "generic", 1, set(), 0, id="nothing-refused"),
    ],
)
async def test_a_call_is_made_as_the_model_takes_it_and_that_is_remembered(
    refuse: Refuse, family: Family, calls: int, gone: set[str], losses: int
) -> None:
    place = Place(refuse)
    answers = await asked(place, REQUEST, REQUEST, family=family)
    assert [answer.reply.text for answer in answers] == ["Yes.", "Yes."]
    assert len(place.bodies) == calls + 1
    assert place.bodies[-1] == place.bodies[-2]
    assert gone & set(place.bodies[-1]) == set()
    assert {64} & {place.bodies[-1].get("max_tokens"), place.bodies[-1].get("max_completion_tokens")} == {64}
    assert [len(answer.losses) for answer in answers] == [losses, losses]


async def test_what_one_model_refuses_is_still_sent_to_another() -> None:
    place = Place(lambda body: reasoning(body) if body["model"] == "thinker" else None)
    await asked(place, replace(REQUEST, model="thinker"), replace(REQUEST, model="m"))
    assert {"max_tokens", "temperature", "top_p", "response_format"} <= set(place.bodies[-1])


async def test_calls_at_once_add_up_what_they_found() -> None:
    """Each meets another refusal first; afterwards nothing is refused any more."""

    def refuse(body: Body) -> tuple[int, object] | None:
        return reasoning(body) if "response_format" not in body else deepseek(body)

    async def use(url: str) -> None:
        client = Client([Endpoint(url)])
        try:
            plain = replace(REQUEST, reply_schema=None)
            together = (client.complete(client.names[0], request, PATIENCE_S) for request in (REQUEST, plain))
            await asyncio.gather(*together)
            before = len(place.bodies)
            for request in (REQUEST, plain):
                await client.complete(client.names[0], request, PATIENCE_S)
            assert len(place.bodies) == before + 2
        finally:
            await client.close()

    place = Place(refuse)
    await at(place, use)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        pytest.param(400, openai_error("max_tokens is too large: 64. It may be 32 at most.", "max_tokens"), id="size"),
        pytest.param(
            400, openai_error("Invalid 'temperature': decimal above maximum.", "temperature", "x"), id="value"
        ),
        pytest.param(400, openai_error("The prompt is not allowed here."), id="prompt"),
        pytest.param(413, openai_error("Unsupported: temperature", "temperature", "unsupported_value"), id="413"),
        pytest.param(400, openai_error("No.", "messages", "unsupported_value"), id="messages-of-a-user"),
    ],
)
async def test_a_refusal_of_something_else_is_one(status: int, body: object) -> None:
    place = Place(lambda _: (status, body))
    with pytest.raises(RefusedError):
        await asked(place, replace(REQUEST, reply_schema=None))
    assert len(place.bodies) == 1


async def test_a_model_that_refuses_everything_is_not_asked_for_ever() -> None:
    words = "Unsupported: max_tokens, max_completion_tokens, temperature, top_p, response_format, system role"
    place = Place(lambda _: (400, openai_error(words)))
    with pytest.raises(RefusedError):
        await asked(place, REQUEST, REQUEST)
    assert len(place.bodies) <= 8


@pytest.mark.parametrize(("refuse", "calls"), [(no_system, 3), (gemma, 3)], ids=["by-parameter", "by-words"])
async def test_a_system_message_reaches_a_model_that_knows_none(refuse: Refuse, calls: int) -> None:
    place = Place(refuse)
    told = (Message("system", "Be brief."), Message("user", "Sort a list."))
    await asked(place, replace(REQUEST, messages=told, reply_schema=None))
    assert [message["role"] for message in place.bodies[-1]["messages"]] == ["user"]
    assert place.bodies[-1]["messages"][0]["content"] == "Be brief.\n\nSort a list."
    assert len(place.bodies) == calls


# -- the config --------------------------------------------------------------------------------------------------------


def test_profile_and_capabilities_are_read_from_the_config() -> None:
    place = {"base_url": "http://127.0.0.1:1/v1", "profile": "vllm", "capabilities": {"top_p": False}}
    config = Config.model_validate({"teacher": {"endpoints": [place], "evolver": {"model": "m"}}})
    [endpoint] = make_endpoints(config, ["evolver"])["evolver"]
    assert (endpoint.family, endpoint.chosen) == ("vllm", CapabilitiesConfig(top_p=False))


def test_the_teachers_profile_is_not_that_of_a_role_elsewhere() -> None:
    teacher = {"base_url": "http://127.0.0.1:1/v1", "profile": "vllm"}
    judge = {"model": "m", "base_url": "http://127.0.0.1:2/v1"}
    config = Config.model_validate({"teacher": teacher | {"evolver": {"model": "m"}, "judge": judge}})
    endpoints = make_endpoints(config, ["evolver", "judge"])
    assert [endpoints[role][0].family for role in ("evolver", "judge")] == ["vllm", None]


def test_azures_older_address_is_told_from_its_newer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    for path, right in (("openai/deployments/d", False), ("openai/v1", True), ("openai/v1/", True)):
        teacher = {"base_url": f"https://name.openai.azure.com/{path}", "evolver": {"model": "m"}}
        config = Config.model_validate({"teacher": teacher})
        if right:
            assert make_endpoints(config, ["evolver"])
        else:
            with pytest.raises(ConfigError, match="openai/v1, and the deployment"):
                make_endpoints(config, ["evolver"])
