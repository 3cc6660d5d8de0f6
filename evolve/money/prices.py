"""What calls cost: the config's prices, else those of `genai-prices` for the provider whose address it is.

Invariant: what nobody knows is None, "unpriced", and never 0; and nothing is looked up over the network, whose prices
are those of the installed package. A provider is told by the endpoint's address, so a model behind another address,
such as a gateway or this machine, has no price unless one is given. The only `import genai_prices`; it happens when the
first price is looked up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from evolve.config import Config, PriceConfig
from evolve.records import Request, Role, Usage
from evolve.teacher import Endpoint, find_endpoints, is_loopback

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice

PER = 1_000_000
"""Tokens that a price is for."""
MARGIN = 128
"""Tokens of a prompt beside its texts' bytes, for roles and what a chat template adds."""
_AHEAD, _STEP = timedelta(hours=24), timedelta(minutes=30)
"""How far and how closely the prices to come are looked at: some providers have dearer hours, the shortest of them
three hours long (genai-prices 0.2.3)."""


@dataclass(frozen=True, slots=True)
class Worst:
    """What one try of a call can cost at most."""

    tokens: int
    usd: float | None
    """None: unpriced."""


class Price(Protocol):
    """Of one model at one place, in USD."""

    def cost(self, usage: Usage) -> float:
        """At the prices of this moment."""
        ...

    def worst(self, prompt: int, completion: int) -> float:
        """At the dearest prices of the next hours, with nothing from the cache."""
        ...


class Prices:
    """Of every model that a run uses, wherever it is served."""

    def __init__(
        self, found: Mapping[Role, Mapping[str, Price | None]], models: Mapping[Role, str], factor: float = 1.0
    ) -> None:
        """`found`: role -> name of an endpoint -> the price there. `factor`: on all, such as of calls in a batch."""
        self._found = found
        self._models = models
        self._factor = factor

    def cost(self, role: Role, endpoint: str, usage: Usage, factor: float | None = None) -> float | None:
        """Of a reply in USD; None: unpriced, or the endpoint did not count its tokens. `factor`: on its price alone."""
        if not counted(usage):
            return None
        factor = self._factor if factor is None else factor
        places = self._found.get(role, {})
        found = [places[endpoint]] if endpoint in places else list(places.values())
        known = [price.cost(usage) for price in found if price is not None]
        return factor * max(known) if known and len(known) == len(found) else None

    def worst(self, request: Request) -> Worst:
        """The most that one try can cost, at the dearest of the role's endpoints.

        No token is shorter than a byte, so a prompt has no more tokens than bytes; a reply has `max_tokens` at most.
        """
        prompt = MARGIN + sum(len(m.content.encode("utf-8", "replace")) for m in request.messages)
        prompt += len((request.reply_schema or "").encode())
        return self.at_most(request.role, prompt, request.max_tokens or 0)

    def at_most(self, role: Role, prompt: int, completion: int) -> Worst:
        """The same of so many tokens."""
        prices = self._found.get(role, {}).values()
        known = [price.worst(prompt, completion) for price in prices if price is not None]
        usd = self._factor * max(known) if known and len(known) == len(prices) else None
        return Worst(prompt + completion, usd)

    def estimate(self, role: Role, usage: Usage) -> float | None:
        """What so many tokens cost now, at the dearest of the role's endpoints; None: unpriced."""
        prices = self._found.get(role, {}).values()
        known = [price.cost(usage) for price in prices if price is not None]
        return self._factor * max(known) if known and len(known) == len(prices) else None

    @property
    def unpriced(self) -> list[tuple[Role, str, str]]:
        """(role, its model, an endpoint) without a price."""
        return [
            (role, self._models[role], name)
            for role, places in self._found.items()
            for name, price in places.items()
            if price is None
        ]


def make_prices(config: Config, roles: Sequence[Role]) -> Prices:
    """The prices of these roles' models, in batches if calls are made so."""
    found: dict[Role, dict[str, Price | None]] = {}
    models: dict[Role, str] = {}
    for role, endpoints in find_endpoints(config, roles).items():
        models[role] = model = config.role(role).model or ""
        found[role] = {place.name: _find(config.prices, model, place) for place in endpoints}
    return Prices(found, models, config.teacher.batch.price if config.teacher.batch.on else 1.0)


def counted(usage: Usage) -> bool:
    """Whether an endpoint said how many tokens a reply had."""
    return bool(usage.prompt_tokens or usage.completion_tokens)


def _find(given: Mapping[str, PriceConfig], model: str, endpoint: Endpoint) -> Price | None:
    there = endpoint.models.get(model, model)
    for name in (model, there):
        if name in given:
            return Given(given[name])
    if endpoint.engine is not None or is_loopback(endpoint.url):
        return None
    return _listed(there, endpoint.url)


@dataclass(frozen=True, slots=True)
class Given:
    """As the config says."""

    config: PriceConfig

    def cost(self, usage: Usage) -> float:
        input_, cached = self.config.input, self.config.cached_input
        read = usage.cached_tokens
        usd = (usage.prompt_tokens - read) * input_ + read * (input_ if cached is None else cached)
        return (usd + usage.completion_tokens * self.config.output) / PER

    def worst(self, prompt: int, completion: int) -> float:
        dearest = max(self.config.input, self.config.cached_input or 0.0)
        return (prompt * dearest + completion * self.config.output) / PER


class Listed:
    """As the installed list of prices says, with its tiers by length and hours of the day."""

    def __init__(self, model: ModelInfo) -> None:
        self._model = model
        self._rates: dict[int, _Rates] = {}
        self._coming: Sequence[_Rates] = ()
        self._known_until = datetime.min.replace(tzinfo=UTC)

    def cost(self, usage: Usage) -> float:
        return self._at(datetime.now(UTC)).cost(usage)

    def worst(self, prompt: int, completion: int) -> float:
        return max(rates.worst(prompt, completion) for rates in self._next())

    def _next(self) -> Sequence[_Rates]:
        """Those of the next hours, each once."""
        now = datetime.now(UTC)
        if now >= self._known_until:
            moments = (now + n * _STEP for n in range(_AHEAD // _STEP))
            self._coming = tuple({id(rates): rates for rates in map(self._at, moments)}.values())
            self._known_until = now + _STEP
        return self._coming

    def _at(self, moment: datetime) -> _Rates:
        price = self._model.get_prices(moment)
        if id(price) not in self._rates:
            self._rates[id(price)] = _Rates(price)
        return self._rates[id(price)]


class _Rates:
    """One entry of the list as plain numbers: `calc_price` of genai-prices comes to the same, and takes 75 us."""

    def __init__(self, price: ModelPrice) -> None:
        self._price = price  # so that no other takes its id
        self._input, self._output = _tiers(price.input_mtok), _tiers(price.output_mtok)
        self._cached = _tiers(price.cache_read_mtok, self._input)
        self._written = _tiers(price.cache_write_mtok, self._input)
        self._reasoning = _tiers(price.output_reasoning_mtok, self._output)
        each = price.requests_kcount
        self._request = 0.0 if each is None else _tiers(each)[0][1] / 1000

    def cost(self, usage: Usage) -> float:
        """A request's whole length decides the tier of all its tokens."""
        whole, cached, written = usage.prompt_tokens, usage.cached_tokens, usage.cache_write_tokens
        usd = (whole - cached - written) * _rate(self._input, whole)
        usd += cached * _rate(self._cached, whole) + written * _rate(self._written, whole)
        usd += (usage.completion_tokens - usage.reasoning_tokens) * _rate(self._output, whole)
        return (usd + usage.reasoning_tokens * _rate(self._reasoning, whole)) / PER + self._request

    def worst(self, prompt: int, completion: int) -> float:
        """Whatever part of it is cached, written or thought: a few charge extra for writing."""
        sent = max(_rate(tiers, prompt) for tiers in (self._input, self._cached, self._written))
        received = max(_rate(tiers, prompt) for tiers in (self._output, self._reasoning))
        return (prompt * sent + completion * received) / PER + self._request


_Tiers = tuple[tuple[int, float], ...]
"""(tokens of a prompt above which it holds, USD), the highest first."""


def _tiers(price: Any, otherwise: _Tiers = ((-1, 0.0),)) -> _Tiers:  # noqa: ANN401
    """Of a price of the list: a number, or one with tiers; `otherwise` where there is none."""
    if price is None:
        return otherwise
    if not hasattr(price, "tiers"):
        return ((-1, float(price)),)
    above = [(int(tier.start), float(tier.price)) for tier in price.tiers]
    return (*sorted(above, reverse=True), (-1, float(price.base)))


def _rate(tiers: _Tiers, prompt: int) -> float:
    return next(usd for start, usd in tiers if prompt > start)


def _listed(model: str, url: str) -> Listed | None:
    """None: no such provider, or no such model of it, or it is none that answers in text."""
    from genai_prices.data_snapshot import get_snapshot

    try:
        _, found = get_snapshot().find_provider_model(model, None, None, url)
    except LookupError:
        return None
    price = found.get_prices(datetime.now(UTC))
    return Listed(found) if price.input_mtok is not None and price.output_mtok is not None else None
