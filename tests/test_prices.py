"""What calls cost: from the config, from the installed list, or unknown; never from the network."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime

import pytest
from genai_prices import Usage as Counts
from genai_prices.data_snapshot import get_snapshot
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import Config, load
from evolve.money import Prices, make_prices
from evolve.money.prices import Listed
from evolve.records import Message, Request, Role, Usage

MILLION = 1_000_000
OPENAI = "https://api.openai.com/v1"
DEARER_BY_DAY = ("deepseek-chat", "https://api.deepseek.com/v1")
DEARER_WHEN_LONG = ("gpt-6-sol", OPENAI)
EVERY = [
    (provider, model)
    for provider in get_snapshot().providers
    for model in provider.models
    if (price := model.get_prices(datetime.now(UTC))).input_mtok is not None and price.output_mtok is not None
]
LISTED = (("gpt-4o", OPENAI), DEARER_BY_DAY, DEARER_WHEN_LONG, ("grok-4", "https://api.x.ai/v1"))


def config(model: str, url: str | None = None, *more: str) -> Config:
    address = [] if url is None else [f"teacher.base_url={url}"]
    return load(None, [f"teacher.evolver.model={model}", *address, *more])


def prices(model: str, url: str | None = None, *more: str) -> Prices:
    return make_prices(config(model, url, *more), ["evolver"])


def cost(found: Prices, usage: Usage, role: Role = "evolver") -> float | None:
    return found.estimate(role, usage)


@pytest.mark.parametrize(
    ("usage", "usd"),
    [
        pytest.param(Usage(MILLION, 0), 3.0, id="input"),
        pytest.param(Usage(0, MILLION), 8.0, id="output"),
        pytest.param(Usage(MILLION, 0, cached_tokens=MILLION), 0.5, id="cached"),
        pytest.param(Usage(MILLION, 0, cached_tokens=MILLION // 2), 1.75, id="half of it cached"),
        pytest.param(Usage(0, MILLION, reasoning_tokens=MILLION), 8.0, id="reasoning is output"),
        pytest.param(Usage(MILLION, MILLION), 11.0, id="both"),
    ],
)
def test_a_given_price_is_per_million_tokens(usage: Usage, usd: float) -> None:
    given_ = prices("m", "https://models.example/v1", "prices={m: {input: 3, output: 8, cached_input: 0.5}}")
    assert cost(given_, usage) == usd


def test_a_given_price_wins_over_the_list() -> None:
    assert cost(prices("gpt-4o", OPENAI, "prices={gpt-4o: {input: 1, output: 1}}"), Usage(MILLION, 0)) == 1.0


def test_without_a_price_for_the_cache_it_costs_like_the_rest() -> None:
    found = prices("m", None, "prices={m: {input: 3, output: 8}}")
    assert cost(found, Usage(MILLION, 0, cached_tokens=MILLION)) == 3.0


@pytest.mark.parametrize(
    ("model", "url", "input_", "output", "cached"),
    [
        ("gpt-4o", None, 2.5, 10.0, 1.25),
        ("gpt-4o-mini-2024-07-18", OPENAI, 0.15, 0.6, 0.075),
        ("gpt-4o", "https://mine.openai.azure.com/openai/v1", 2.5, 10.0, 1.25),
        ("meta-llama/Llama-3.3-70B-Instruct-Turbo", "https://api.together.xyz/v1", 0.88, 0.88, 0.88),
    ],
)
def test_the_installed_list_is_asked_by_address(
    model: str, url: str | None, input_: float, output: float, cached: float
) -> None:
    found = prices(model, url)
    read = Usage(MILLION // 10, 0, cached_tokens=MILLION // 10)
    parts = (Usage(MILLION // 10, 0), Usage(0, MILLION // 10), read)
    assert [cost(found, usage) for usage in parts] == pytest.approx([input_ / 10, output / 10, cached / 10])


@pytest.mark.parametrize(
    ("model", "url"),
    [
        pytest.param("gpt-4o", "http://127.0.0.1:8000/v1", id="a known name on loopback"),
        pytest.param("gpt-4o", "https://gateway.example/v1", id="a known name at an unknown address"),
        pytest.param("no-such-model", OPENAI, id="an unknown name at a known address"),
        pytest.param("text-embedding-3-small", OPENAI, id="a model without a price for output"),
    ],
)
def test_what_nobody_knows_is_unpriced_and_not_0(model: str, url: str) -> None:
    found = prices(model, url)
    assert cost(found, Usage(MILLION, MILLION)) is None
    assert found.at_most("evolver", 9, 9).usd is None
    assert [(role, name) for role, name, _ in found.unpriced] == [("evolver", model)]


def test_tokens_that_were_not_counted_cost_nobody_knows_what() -> None:
    found = prices("gpt-4o", OPENAI)
    assert found.cost("evolver", OPENAI, Usage()) is None
    assert found.cost("evolver", OPENAI, Usage(1, 0)) is not None


def usage_of(prompt: int, completion: int, *shares: float) -> Usage:
    """With these shares cached, written to the cache and thought."""
    cached, written, thought = shares
    read = int(prompt * cached)
    return Usage(prompt, completion, read, int(completion * thought), int((prompt - read) * written))


@pytest.mark.parametrize(("model", "url"), LISTED, ids=[model for model, _ in LISTED])
@settings(deadline=None, max_examples=30)
@given(st.builds(usage_of, st.integers(0, 400_000), st.integers(0, 3000), *[st.floats(0, 1)] * 3))
def test_nothing_costs_more_than_the_worst_case(model: str, url: str, usage: Usage) -> None:
    found = prices(model, url)
    most = found.at_most("evolver", usage.prompt_tokens, usage.completion_tokens).usd
    paid = cost(found, usage)
    assert most is not None
    assert paid is not None
    assert paid <= most + 1e-12


@pytest.mark.parametrize(
    "usage",
    [Usage(900, 400), Usage(900, 400, 300, 200, 100), Usage(350_000, 2000, 9, 9, 9), Usage(1_200_000, 1), Usage(0, 7)],
    ids=["plain", "in parts", "long", "very long", "output alone"],
)
def test_every_listed_price_is_that_of_the_list(usage: Usage) -> None:
    """The list's own way to work it out is the oracle."""
    parts = {"cache_read_tokens": usage.cached_tokens, "cache_write_tokens": usage.cache_write_tokens}
    parts |= {"output_reasoning_tokens": usage.reasoning_tokens}
    counts = Counts(input_tokens=usage.prompt_tokens, output_tokens=usage.completion_tokens, **parts)
    for provider, model in EVERY:
        cost = Listed(model).cost(usage)
        assert cost == pytest.approx(float(model.calc_price(counts, provider).total_price), rel=1e-9), model.id
        assert cost <= Listed(model).worst(usage.prompt_tokens, usage.completion_tokens) + 1e-12, model.id


@given(st.text(max_size=200), st.integers(1, 5000))
def test_the_worst_case_counts_a_token_for_every_byte(text: str, max_tokens: int) -> None:
    request = Request("evolver", "m", (Message("user", text),), 1.0, 1.0, max_tokens)
    worst = prices("m", None, "prices={m: {input: 1, output: 1}}").worst(request)
    assert worst.tokens >= len(text.encode()) + max_tokens
    assert worst.usd == pytest.approx(worst.tokens / MILLION)


def test_a_dearer_hour_to_come_is_in_the_worst_case() -> None:
    model, url = DEARER_BY_DAY
    worst = prices(model, url).at_most("evolver", 0, MILLION // 1000).usd
    assert worst == pytest.approx(1.1e-3)  # by day; half of it by night (genai-prices 0.2.3)


def test_each_endpoint_has_its_own_price_and_the_worst_case_is_the_dearest() -> None:
    mine, other = OPENAI, "https://api.together.xyz/v1"
    there = f"{{base_url: {other}, models: {{gpt-4o: meta-llama/Llama-3.3-70B-Instruct-Turbo}}}}"
    both = f"teacher.evolver.endpoints=[{{base_url: {mine}}}, {there}]"
    found = make_prices(load(None, ["teacher.evolver.model=gpt-4o", both]), ["evolver"])
    usage = Usage(1000, 1000)
    paid = [found.cost("evolver", name, usage) for name in (mine, other)]
    assert paid == pytest.approx([0.0125, 0.00176])
    assert found.at_most("evolver", 1000, 1000).usd == pytest.approx(0.0125)


def test_one_endpoint_without_a_price_makes_the_worst_case_unknown() -> None:
    both = f"teacher.evolver.endpoints=[{{base_url: {OPENAI}}}, {{base_url: 'http://127.0.0.1:8000/v1'}}]"
    found = make_prices(load(None, ["teacher.evolver.model=gpt-4o", both]), ["evolver"])
    assert found.at_most("evolver", 1, 1).usd is None
    assert found.cost("evolver", OPENAI, Usage(1000, 0)) == pytest.approx(0.0025)


def test_in_batches_all_of_it_is_half() -> None:
    whole = prices("gpt-4o", OPENAI)
    half = prices("gpt-4o", OPENAI, "teacher.batch.on=true")
    usage = Usage(1000, 1000)
    assert cost(half, usage) == pytest.approx((cost(whole, usage) or 0) / 2)
    assert half.at_most("evolver", 9, 9).usd == pytest.approx((whole.at_most("evolver", 9, 9).usd or 0) / 2)


def test_prices_are_looked_up_without_the_network() -> None:
    program = f"""
import sys
def guard(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname"):
        raise SystemExit(f"went to the network: {{arguments}}")
sys.addaudithook(guard)
from evolve.config import load
from evolve.money import make_prices
from evolve.records import Usage
prices = make_prices(load(None, ["teacher.evolver.model=gpt-4o", "teacher.base_url={OPENAI}"]), ["evolver"])
print(prices.estimate("evolver", Usage(1000000, 0)))
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout.strip()) == (0, "2.5"), ended.stderr


def test_a_local_model_needs_no_list() -> None:
    program = """
import sys
from evolve.config import load
from evolve.money import make_prices
make_prices(load(None, ["teacher.evolver.model=m", "teacher.base_url=http://127.0.0.1:9/v1"]), ["evolver"])
print("genai_prices" in sys.modules)
"""
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "False"
