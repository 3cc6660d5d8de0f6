"""Where each role's model is, with its keys and limits: read from the config, before anything is asked; and what is
known of it once it has told which models it has."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from evolve.config import CapabilitiesConfig, Config, EndpointConfig, EngineConfig, Family, api_key
from evolve.errors import ConfigError
from evolve.records import Role
from evolve.teacher.profiles import Capabilities, begin, guess_family

OPENAI = "https://api.openai.com/v1"


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
    family: Family | None = None
    """What kind of server it is; None: as its address says."""
    chosen: CapabilitiesConfig | None = None
    """What the config says of what it takes."""
    known: Mapping[str, Capabilities] = field(default_factory=dict)
    """Name of a model in the config -> what it takes, where more is known than its family."""
    engine: EngineConfig | None = None
    """The model runs in processes of the cluster, not at an address."""

    @property
    def url(self) -> str:
        """For people, too: an engine has no address."""
        return f"engine {self.engine.model}" if self.engine else self.base_url or OPENAI

    @property
    def name(self) -> str:
        """Address and variable of the key: two keys of one provider have limits of their own."""
        return f"{self.url} ${self.key_env}" if self.key else self.url


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


def key_variables(config: Config) -> tuple[str, ...]:
    """The variables whose keys a run of this config needs, in order; a loopback endpoint needs none."""
    every = (settings for role in config.roles for _, settings in _settings(config, role))
    far = (s.api_key_env for s in every if s.api_key_env and not is_loopback(Endpoint(s.base_url).url))
    return tuple(dict.fromkeys(far))


def make_endpoints(config: Config, roles: Sequence[Role]) -> dict[Role, tuple[Endpoint, ...]]:
    """Of each role one or more. Raises ConfigError where a key is missing, or two are the same place and key."""
    found = find_endpoints(config, roles)
    for role, endpoints in found.items():
        for (where, settings), endpoint in zip(_settings(config, role), endpoints, strict=True):
            _check(where, settings, endpoint)
        names = [endpoint.name for endpoint in endpoints]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ConfigError(f"teacher.endpoints: {twice} is given twice; give each place and key once, with a weight")
    return found


def find_endpoints(config: Config, roles: Sequence[Role]) -> dict[Role, tuple[Endpoint, ...]]:
    """The same, whether or not their keys are there: for what asks nobody."""
    return {role: tuple(_endpoint(config, settings) for _, settings in _settings(config, role)) for role in roles}


def _settings(config: Config, role: Role) -> list[tuple[str, EndpointConfig]]:
    """(key of the config, endpoint): the role's own, or else the teacher's."""
    own, teacher = getattr(config.teacher, role), config.teacher
    for where, several, address in (
        (f"teacher.{role}", own.endpoints, own.base_url),
        ("teacher", teacher.endpoints, teacher.base_url),
    ):
        engine = teacher.engine if where == "teacher" else None
        if (several != []) + (address is not None) + (engine is not None) > 1:
            raise ConfigError(f"{where}: give one of base_url, endpoints and engine")
        if engine is not None:
            return [("teacher", EndpointConfig(engine=engine))]
        if several:
            return [(f"{where}.endpoints.{number}", settings) for number, settings in enumerate(several)]
        if address is not None:
            break
    one = config.role(role)
    settings = EndpointConfig(base_url=one.base_url, api_key_env=one.api_key_env)
    if one.base_url == teacher.base_url:
        settings = settings.model_copy(update={"profile": teacher.profile, "capabilities": teacher.capabilities})
    return [(f"teacher.{role}", settings)]


def _endpoint(config: Config, settings: EndpointConfig) -> Endpoint:
    allowances = {"requests": settings.rpm, "input": settings.input_tpm, "output": settings.output_tpm}
    return Endpoint(
        settings.base_url,
        api_key(settings.api_key_env),
        settings.api_key_env,
        config.teacher.max_reply_bytes,
        weight=settings.weight,
        in_flight=settings.in_flight,
        per_minute={name: float(most) for name, most in allowances.items() if most is not None},
        models=settings.models,
        family=settings.profile,
        chosen=settings.capabilities,
        engine=settings.engine,
    )


def _check(where: str, settings: EndpointConfig, endpoint: Endpoint) -> None:
    """Raise ConfigError for one that cannot be asked."""
    if endpoint.engine is not None:
        if settings.base_url is not None:
            raise ConfigError(f"{where}: give base_url or engine, not both")
        return
    _check_address(where, endpoint.url)
    if endpoint.key is None and not is_loopback(endpoint.url):
        if settings.api_key_env is None:
            raise ConfigError(f"{where}.api_key_env: name the variable that holds the key of {endpoint.url}")
        raise ConfigError(f"${settings.api_key_env} is not set: {endpoint.url} needs a key; put it there")


def acquaint(endpoint: Endpoint, models: Sequence[Mapping[str, Any]], names: Iterable[str]) -> Endpoint:
    """The endpoint with what its list of models tells of those of `names`, which are the config's."""
    family = endpoint.family or guess_family(endpoint.url, models)
    known = {name: begin(family, endpoint.models.get(name, name), endpoint.chosen, models) for name in names}
    return replace(endpoint, family=family, known=known)


def starting_point(endpoint: Endpoint, model: str) -> Capabilities:
    """What a model takes there as far as can be told without asking."""
    if model in endpoint.known:
        return endpoint.known[model]
    family = endpoint.family or guess_family(endpoint.url)
    return begin(family, endpoint.models.get(model, model), endpoint.chosen)


def _check_address(where: str, url: str) -> None:
    """Azure has an older interface, with deployments in the address and a version behind it: another protocol."""
    path = urlsplit(url).path.rstrip("/")
    if guess_family(url) == "azure" and not path.endswith("/v1"):
        host = urlsplit(url).hostname
        raise ConfigError(f"{where}.base_url: {url}: give https://{host}/openai/v1, and the deployment as the model")
