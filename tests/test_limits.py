"""What a response's headers say of limits: the dialects, and nonsense."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.config import load
from evolve.errors import ConfigError
from evolve.teacher import make_endpoints
from evolve.teacher.limits import Limits, read_limits, read_retry_after

REQUESTS, TOKENS = "x-ratelimit-remaining-requests", "x-ratelimit-remaining-tokens"


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("1s", 1.0), ("59ms", 0.059), ("6m0s", 360.0), ("1h2m3.5s", 3723.5), ("12", 12.0), ("0.5", 0.5), ("1d", 86400.0)],
)
def test_the_time_until_more_is_allowed(value: str, seconds: float) -> None:
    found = read_limits({REQUESTS: "7", "x-ratelimit-reset-requests": value})
    assert found is not None
    assert found.requests == 7
    assert found.requests_reset_s == pytest.approx(seconds)


@pytest.mark.parametrize("unit", [1, 1000], ids=["seconds", "milliseconds"])
def test_a_date_since_1970(unit: int) -> None:
    found = read_limits({"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int((time.time() + 30) * unit))})
    assert found is not None
    assert found.requests_reset_s == pytest.approx(30, abs=2)


def test_tokens_and_requests_are_apart() -> None:
    headers = {REQUESTS: "3", "x-ratelimit-reset-requests": "1s", TOKENS: "0", "x-ratelimit-reset-tokens": "2s"}
    assert read_limits(headers) == Limits(3, 1.0, 0, 2.0)


@pytest.mark.parametrize("headers", [{}, {"x-ratelimit-limit-requests": "500"}, {REQUESTS: "many"}, {REQUESTS: "-1"}])
def test_without_what_is_left_there_are_none(headers: dict[str, str]) -> None:
    assert read_limits(headers) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        pytest.param({"retry-after": "7"}, 7.0, id="seconds"),
        pytest.param({"retry-after-ms": "1500"}, 1.5, id="milliseconds"),
        pytest.param({"retry-after-ms": "250", "retry-after": "1"}, 0.25, id="milliseconds-first"),
        pytest.param({"retry-after": "-3"}, 0.0, id="past"),
        pytest.param({"retry-after": "soon"}, None, id="words"),
        pytest.param({"retry-after": "inf"}, None, id="infinity"),
        pytest.param({}, None, id="nothing"),
        pytest.param({REQUESTS: "0", "x-ratelimit-reset-requests": "9s"}, 9.0, id="requests-used-up"),
        pytest.param({TOKENS: "0", "x-ratelimit-reset-tokens": "4s"}, 4.0, id="tokens-used-up"),
        pytest.param({REQUESTS: "5", "x-ratelimit-reset-requests": "9s"}, None, id="some-left"),
    ],
)
def test_the_wish_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    assert read_retry_after(headers) == seconds


def test_the_wish_to_wait_as_a_date() -> None:
    assert read_retry_after({"retry-after": formatdate(time.time() + 20, usegmt=True)}) == pytest.approx(20, abs=2)


NAMES = st.sampled_from(
    [REQUESTS, TOKENS, "x-ratelimit-reset-requests", "x-ratelimit-reset-tokens", "retry-after", "retry-after-ms"]
)


@given(st.dictionaries(NAMES, st.text(max_size=12) | st.from_regex(r"-?\d{1,20}(\.\d+)?(ms|s|m|h)?", fullmatch=True)))
def test_whatever_a_server_sends_is_a_hint_or_nothing(headers: dict[str, str]) -> None:
    wish = read_retry_after(headers)
    assert wish is None or 0 <= wish < float("inf")
    found = read_limits(headers)
    assert found is None or all(n is None or n >= 0 for n in (found.requests, found.tokens, found.requests_reset_s))


# -- the endpoints of the config ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("A_KEY", "B_KEY"):
        monkeypatch.setenv(name, f"value of {name}")


SEVERAL = (
    "teacher.endpoints=[{base_url: 'https://a.example/v1', api_key_env: A_KEY, rpm: 600, models: {m: deployed-m}},"
    " {base_url: 'https://a.example/v1', api_key_env: B_KEY, weight: 2, in_flight: 9, input_tpm: 5}]"
)


def test_several_endpoints_have_keys_and_limits_of_their_own() -> None:
    one, two = make_endpoints(load(None, [SEVERAL]), ("evolver",))["evolver"]
    assert (one.key, one.per_minute, one.models) == ("value of A_KEY", {"requests": 600.0}, {"m": "deployed-m"})
    assert (two.key, two.weight, two.in_flight, two.per_minute) == ("value of B_KEY", 2.0, 9, {"input": 5.0})


def test_no_key_is_in_an_endpoints_name() -> None:
    endpoints = make_endpoints(load(None, [SEVERAL]), ("evolver",))["evolver"]
    assert [endpoint.name for endpoint in endpoints] == ["https://a.example/v1 $A_KEY", "https://a.example/v1 $B_KEY"]


def test_a_role_may_go_elsewhere() -> None:
    config = load(None, [SEVERAL, "teacher.judge.base_url=http://127.0.0.1:9/v1"])
    assert [endpoint.url for endpoint in make_endpoints(config, ("judge",))["judge"]] == ["http://127.0.0.1:9/v1"]


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ([SEVERAL, "teacher.base_url=http://127.0.0.1:9/v1"], "teacher: give one of base_url, endpoints"),
        (["teacher.endpoints=[{base_url: 'http://127.0.0.1:9/v1'}, {base_url: 'http://127.0.0.1:9/v1'}]"], "twice"),
        (["teacher.endpoints=[{base_url: 'https://a.example/v1'}]"], "teacher.endpoints.0.api_key_env: name the"),
        (["teacher.endpoints=[{base_url: 'https://a.example/v1', api_key_env: NO_KEY}]"], "$NO_KEY is not set"),
    ],
    ids=["both", "twice", "no-variable", "no-key"],
)
def test_endpoints_that_cannot_be_are_named(settings: list[str], words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        make_endpoints(load(None, settings), ("evolver",))
    assert words in str(caught.value)
