"""Where each role's model is, with its key: read from the config, before anything is asked."""

from __future__ import annotations

from collections.abc import Sequence

from evolve.config import Config, api_key
from evolve.errors import ConfigError
from evolve.records import Role
from evolve.teacher.client import Endpoint, is_loopback


def key_variables(config: Config) -> tuple[str, ...]:
    """The variables whose keys a run of this config needs, in order; a loopback endpoint needs none."""
    settings = [config.role(role) for role in config.roles]
    far = (s.api_key_env for s in settings if s.api_key_env and not is_loopback(Endpoint(s.base_url).url))
    return tuple(dict.fromkeys(far))


def make_endpoints(config: Config, roles: Sequence[Role]) -> dict[Role, Endpoint]:
    """Raises ConfigError where a key is missing."""
    endpoints: dict[Role, Endpoint] = {}
    for role in roles:
        settings = config.role(role)
        key = api_key(config, role)
        endpoint = Endpoint(settings.base_url, key, settings.api_key_env, config.teacher.max_reply_bytes)
        if key is None and not is_loopback(endpoint.url):
            if settings.api_key_env is None:
                raise ConfigError(f"teacher.{role}.api_key_env: name the variable that holds the key of {endpoint.url}")
            raise ConfigError(f"${settings.api_key_env} is not set: {endpoint.url} needs a key; put it there")
        endpoints[role] = endpoint
    return endpoints
