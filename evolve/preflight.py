"""What is asked of the endpoints before a run: which models they have and, by `evolve check`, a tiny call of each role.

Invariant: nothing is written, and nothing but those tiny calls is paid for. What is found here saves refusals later;
a run finds out by itself what was not found here.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from evolve.cluster import Work
from evolve.config import Config
from evolve.eliminator import SCHEMA
from evolve.errors import ConfigError, RefusedError, RetryableError, StopError
from evolve.records import Message, Request, Role
from evolve.teacher import Client, Endpoint, acquaint, changes, losses, make_body, make_request

PROMPT = 'This is a test. Answer with this line of JSON and nothing else: {"why": "a test", "verdict": "yes"}'
TOKENS = 16
"""Of a tiny call, at most."""
PATIENCE_S = 60.0
_TOO_SHORT = "output limit was reached"
"""OpenAI's reasoning models refuse a call whose limit they used up in thought; then all else of it was taken."""
EXTRAS: Mapping[str, Any] = {"seed": 1, "n": 2, "system": Message("system", "You are being tested.")}
"""What no run sends, but may be worth knowing."""
CALLS_FOR_EXTRAS = 1 + len(EXTRAS)

Models = Mapping[str, list[Mapping[str, Any]]]
"""Endpoint's name -> the entries of its list of models."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What one model at one endpoint takes."""

    endpoint: str
    family: str
    model: str
    """Its name there."""
    roles: list[Role]
    listed: bool | None
    """Whether it is in the endpoint's list of models; None: there is no list that tells."""
    adapted: list[str]
    """What is not sent as the config says it."""
    extras: dict[str, bool] = field(default_factory=dict)
    """Of EXTRAS, whether it is taken; those for which that was found out."""


async def preflight(work: Work, config: Config, say: Callable[[str], None] = lambda what: None) -> Work:
    """Ask each endpoint once for its models; the work, with what they tell of what each endpoint takes.

    One that fails beside others is told of, and the run will see. Raises ConfigError where all of a role fail.
    """
    listed, failed = await _list(work)
    for endpoints in work.endpoints.values():
        if all(endpoint.name in failed for endpoint in endpoints):
            raise ConfigError(failed[endpoints[0].name])
    for message in failed.values():
        say(f"{message}; the other endpoints go on")
    return _acquainted(work, config, listed)


def calls_of_check(work: Work) -> int:
    """Tiny calls that `check_up` makes at most."""
    asked = [endpoint for endpoints in work.endpoints.values() for endpoint in endpoints if endpoint.engine is None]
    return len(asked) + CALLS_FOR_EXTRAS * len(asked)


async def check_up(work: Work, config: Config) -> list[Checked]:
    """Ask every model at every endpoint for a few tokens, as each role would. Raises ConfigError for one that fails."""
    listed, failed = await _list(work)
    if failed:
        raise ConfigError("; ".join(failed.values()))
    work = _acquainted(work, config, listed)
    client = Client(work.places)
    try:
        served: dict[tuple[str, str], list[Role]] = {}
        for role, endpoints in work.endpoints.items():
            for endpoint in endpoints:
                served.setdefault((endpoint.name, _model(config, role)), []).append(role)
        places = {endpoint.name: endpoint for endpoint in work.places if endpoint.engine is None}
        return [
            await _check(client, places[name], [_tiny(config, role) for role in roles], listed[name])
            for (name, _), roles in served.items()
            if name in places
        ]
    finally:
        await client.close()


async def _check(
    client: Client, endpoint: Endpoint, requests: Sequence[Request], listed: Sequence[Mapping[str, Any]]
) -> Checked:
    """`requests`: one of each role, all to the same model."""
    model = requests[0].model
    there = endpoint.models.get(model, model)
    for request in requests:
        try:
            await client.complete(endpoint.name, request, PATIENCE_S)
        except (RefusedError, RetryableError, StopError) as error:
            if not (isinstance(error, RefusedError) and _TOO_SHORT in error.message):
                what = f"model {there} ({', '.join(request.role for request in requests)})"
                raise ConfigError(f"{endpoint.url}: {what}: {error}{_near(there, listed)}") from None
    taken = client.taken(endpoint.name, model)
    adapted = [line for request in requests for line in (*changes(request, taken), *losses(request, taken))]
    return Checked(
        endpoint.url,
        str(endpoint.family),
        there,
        [request.role for request in requests],
        None if endpoint.family == "azure" else _is_listed(there, listed),  # Azure lists models, not deployments
        list(dict.fromkeys(adapted)),
        await _try_extras(client, endpoint, requests[0]),
    )


async def _try_extras(client: Client, endpoint: Endpoint, request: Request) -> dict[str, bool]:
    """Together; if that is refused, one by one. `n` is taken if as many answers come back."""
    found: dict[str, bool] = {}
    for names in (tuple(EXTRAS), *((name,) for name in EXTRAS)):
        messages = (EXTRAS["system"], *request.messages) if "system" in names else request.messages
        plain = replace(request, messages=messages, reply_schema=None)
        model = endpoint.models.get(request.model, request.model)
        body = make_body(plain, model, client.taken(endpoint.name, request.model))
        try:
            content = await client.ask(
                endpoint.name, body | {name: EXTRAS[name] for name in names if name != "system"}, PATIENCE_S
            )
        except (RefusedError, StopError):
            if len(names) == 1:
                found[names[0]] = False
        except RetryableError:
            pass  # nothing was found out
        else:
            found |= dict.fromkeys(names, True)
            if "n" in names:
                found["n"] = _choices(content) == EXTRAS["n"]
            if len(names) > 1:
                break
    return found


def _choices(content: bytes) -> int:
    try:
        return len(json.loads(content)["choices"])
    except (ValueError, LookupError, TypeError):
        return 0


def _tiny(config: Config, role: Role) -> Request:
    """A call as the role makes it, but for its length."""
    settings = config.role(role)
    limit = min(TOKENS, settings.max_tokens or TOKENS)
    request = make_request(role, settings.model_copy(update={"max_tokens": limit}), PROMPT)
    return replace(request, reply_schema=SCHEMA) if role == "judge" else request


async def _list(work: Work) -> tuple[Models, dict[str, str]]:
    """Of each endpoint its models, or what is wrong with it."""
    client = Client(work.places)
    listed, failed = dict[str, list[Mapping[str, Any]]](), dict[str, str]()
    try:
        for place in work.places:
            if place.engine is not None:
                continue
            try:
                listed[place.name] = await client.probe(place.name)
            except StopError as error:
                failed[place.name] = error.message
    finally:
        await client.close()
    return listed, failed


def _acquainted(work: Work, config: Config, listed: Models) -> Work:
    models = {_model(config, role) for role in work.endpoints}
    return replace(
        work,
        endpoints={
            role: tuple(acquaint(one, listed[one.name], models) if one.name in listed else one for one in several)
            for role, several in work.endpoints.items()
        },
    )


def _model(config: Config, role: Role) -> str:
    return config.role(role).model or ""


def _is_listed(model: str, listed: Sequence[Mapping[str, Any]]) -> bool | None:
    """Ollama lists `name:tag`, OpenRouter a model without the suffix by which it is routed."""
    if not listed:
        return None
    names = {str(entry.get("id")) for entry in listed}
    return bool(names & {model, f"{model}:latest", model.rpartition(":")[0] or model})


def _near(model: str, listed: Sequence[Mapping[str, Any]]) -> str:
    names = [str(entry.get("id")) for entry in listed]
    near = difflib.get_close_matches(model, names, n=3, cutoff=0.5) or names[:3]
    return f"; its list of models has {', '.join(near)}" if names and model not in names else ""
