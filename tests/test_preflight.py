"""What is found out of endpoints before a run: by their lists of models, and by the tiny calls of `evolve check`."""

from __future__ import annotations

import json
from typing import Any

import pytest

from evolve.cluster import Work
from evolve.config import Config
from evolve.errors import ConfigError
from evolve.preflight import Checked, calls_of_check, check_up, preflight
from evolve.records import Role
from evolve.teacher import make_endpoints
from evolve.text import plain
from tests.conftest import StartTeacher, evolve
from tests.places import Body, Place, Refuse, at, nothing_wrong, openai_error
from tests.test_profiles import reasoning

ROLES: tuple[Role, ...] = ("evolver", "judge")
LISTED = {"object": "list", "data": [{"id": "m", "owned_by": "somebody"}, {"id": "other"}]}


def config_at(url: str, model: str = "m") -> Config:
    return Config.model_validate({"teacher": {"base_url": url} | {role: {"model": model} for role in ROLES}})


def work_of(config: Config) -> Work:
    return Work(make_endpoints(config, ROLES), 8, config.eliminator, {})


async def checked(place: Place, model: str = "m") -> list[Checked]:
    async def use(url: str) -> list[Checked]:
        config = config_at(url, model)
        found = await check_up(work_of(config), config)
        assert len(place.bodies) <= calls_of_check(work_of(config)) + 4  # refusals are not paid for
        return found

    found: list[Checked] = await at(place, use)
    return found


async def test_what_a_model_does_not_take_is_found_out_and_told() -> None:
    [found] = await checked(Place(reasoning, LISTED))
    assert (found.family, found.model, found.roles, found.listed) == ("generic", "m", ["evolver", "judge"], True)
    assert found.adapted == [
        "max_tokens sent as max_completion_tokens",
        "temperature 1 not sent: the model takes its default only",
        "top_p 0.9 not sent: the model takes its default only",
        "temperature 0 not sent: the model takes its default only",
        "top_p 1 not sent: the model takes its default only",
    ]


async def test_a_tiny_call_is_tiny_and_otherwise_the_roles_own() -> None:
    place = Place(nothing_wrong, LISTED)
    await checked(place)
    evolver, judge = place.bodies[:2]
    assert (evolver["max_tokens"], evolver["temperature"], "response_format" in evolver) == (16, 1.0, False)
    assert (judge["max_tokens"], judge["temperature"], judge["response_format"]["type"]) == (16, 0.0, "json_schema")


def no_seed(body: Body) -> tuple[int, object] | None:
    if "seed" in body:
        return 400, openai_error("Unknown parameter: 'seed'.", "seed", "unknown_parameter")
    return None


def no_system(body: Body) -> tuple[int, object] | None:
    return (400, openai_error("No.")) if body["messages"][0]["role"] == "system" else None


@pytest.mark.parametrize(
    ("refuse", "answers", "expected"),
    [
        pytest.param(nothing_wrong, True, {"seed": True, "n": True, "system": True}, id="all"),
        pytest.param(nothing_wrong, False, {"seed": True, "n": False, "system": True}, id="n-ignored"),
        pytest.param(no_seed, True, {"seed": False, "n": True, "system": True}, id="seed-refused"),
        pytest.param(no_system, True, {"seed": True, "n": True, "system": False}, id="system-refused"),
    ],
)
async def test_what_no_run_sends_is_found_out_beside(refuse: Refuse, answers: bool, expected: dict[str, bool]) -> None:
    place = Place(refuse, LISTED, (lambda body: body.get("n", 1)) if answers else (lambda body: 1))
    [found] = await checked(place)
    assert found.extras == expected


@pytest.mark.parametrize(
    ("status", "body", "words"),
    [
        pytest.param(404, {"error": {"message": "Nope", "code": "model_not_found"}}, "no such model: ml", id="404"),
        pytest.param(400, openai_error("Pinned to another."), "HTTP 400: Pinned to another.", id="400"),
        pytest.param(500, {"error": {"message": "Broken"}}, "HTTP 500: Broken", id="500"),
        pytest.param(500, {"error": {"message": "Broken"}}, r"/v1: model ml \([a-z, ]*evolver", id="who is asked"),
    ],
)
async def test_a_model_that_does_not_answer_is_an_error_that_names_those_there_are(
    status: int, body: object, words: str
) -> None:
    with pytest.raises(ConfigError, match=words) as caught:
        await checked(Place(lambda _: (status, body), LISTED), model="ml")
    assert "its list of models has m" in str(caught.value)


async def test_a_model_that_thinks_until_its_limit_has_taken_the_call() -> None:
    words = "Could not finish the message because max_tokens or model output limit was reached."
    [found] = await checked(Place(lambda _: (400, openai_error(words)), LISTED))
    assert found.adapted == []


async def test_a_model_that_is_not_listed_but_answers_is_only_told() -> None:
    [found] = await checked(Place(nothing_wrong, LISTED), model="alias")
    assert found.listed is False


@pytest.mark.parametrize("models", [None, [], {"data": "none"}], ids=["null", "empty", "garbage"])
async def test_without_a_list_nothing_is_said_of_it(models: object) -> None:
    [found] = await checked(Place(nothing_wrong, models))
    assert found.listed is None


async def test_one_endpoint_that_is_down_is_told_of_and_the_others_begin() -> None:
    told: list[str] = []

    async def use(url: str) -> int:
        places = [{"base_url": url}, {"base_url": "http://127.0.0.1:9/v1"}]
        config = Config.model_validate({"teacher": {"endpoints": places} | {role: {"model": "m"} for role in ROLES}})
        return len((await preflight(work_of(config), config, told.append)).endpoints["judge"])

    assert await at(Place(nothing_wrong, LISTED), use) == 2
    (line,) = told
    assert "127.0.0.1:9" in line
    assert "the other endpoints go on" in line


async def test_without_any_endpoint_nothing_begins() -> None:
    config = config_at("http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match=r"127\.0\.0\.1:9"):
        await preflight(work_of(config), config)


async def test_a_run_begins_with_what_the_list_of_models_says() -> None:
    """So that nothing is dropped in silence by a server that ignores what it does not know."""

    async def use(url: str) -> Any:  # noqa: ANN401
        config = config_at(url)
        return (await preflight(work_of(config), config)).endpoints["judge"][0].known["m"]

    listed = {"data": [{"id": "m", "supported_parameters": ["max_tokens", "temperature"]}]}
    taken = await at(Place(nothing_wrong, listed), use)
    assert (taken.temperature, taken.top_p, taken.response_format) == (True, False, "none")


def test_the_command_prints_a_table_and_says_what_it_costs(start_teacher: StartTeacher) -> None:
    sets = [word for setting in start_teacher("--no-schema").settings for word in ("--set", setting)]
    ended = evolve("check", "--seeds", "seeds", *sets, env={"COLUMNS": "160"})
    assert ended.returncode == 0, ended.stderr
    assert "at most 15 paid calls" in ended.stderr
    assert "offline-judge" in ended.stdout
    assert "no schema of the reply is kept" in plain(ended.stdout)
    tree = json.loads(evolve("check", "--seeds", "seeds", *sets, "--json").stdout)
    assert [one["model"] for one in tree["endpoints"]] == ["offline-evolver", "offline-responder", "offline-judge"]
