"""Where each role's model is, with its key: read from the config, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence

from evolve.config import Config, api_key
from evolve.errors import ConfigError
from evolve.records import Role
from evolve.teacher.client import Endpoint, is_loopback


def make_endpoints(config: Config, roles: Sequence[Role]) -> dict[Role, Endpoint]:
    """Raises ConfigError where a key is missing."""
    found = find_endpoints(config, roles)
    for role, endpoints in found.items():
        for endpoint in endpoints:
            if endpoint.key is not None or is_loopback(endpoint.url):
                continue
            if endpoint.key_env is None:
                raise ConfigError(f"teacher.{role}.api_key_env: name the variable that holds the key of {endpoint.url}")
            raise ConfigError(f"${endpoint.key_env} is not set: {endpoint.url} needs a key; put it there")
    return {role: endpoints[0] for role, endpoints in found.items()}


def find_endpoints(config: Config, roles: Sequence[Role]) -> dict[Role, tuple[Endpoint, ...]]:
    """The same whether or not their keys are there."""
    found: dict[Role, tuple[Endpoint, ...]] = {}
    for role in roles:
        settings = config.role(role)
        key = api_key(config, role)
        found[role] = (Endpoint(settings.base_url, key, settings.api_key_env, config.teacher.max_reply_bytes),)
    return found
