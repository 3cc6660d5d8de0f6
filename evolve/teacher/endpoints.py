"""Where each role's model is, with its keys and limits: read from the config, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from evolve.config import Config, EndpointConfig, api_key
from evolve.errors import ConfigError
from evolve.records import Role
from evolve.teacher.places import Endpoint, is_loopback


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
            if endpoint.key is None and not is_loopback(endpoint.url):
                _complain(where, settings, endpoint)
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
        if several and address is not None:
            raise ConfigError(f"{where}: give base_url or endpoints, not both")
        if several:
            return [(f"{where}.endpoints.{number}", settings) for number, settings in enumerate(several)]
        if address is not None:
            break
    one = config.role(role)
    return [(f"teacher.{role}", EndpointConfig(base_url=one.base_url, api_key_env=one.api_key_env))]


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
    )


def _complain(where: str, settings: EndpointConfig, endpoint: Endpoint) -> NoReturn:
    if settings.api_key_env is None:
        raise ConfigError(f"{where}.api_key_env: name the variable that holds the key of {endpoint.url}")
    raise ConfigError(f"${settings.api_key_env} is not set: {endpoint.url} needs a key; put it there")
