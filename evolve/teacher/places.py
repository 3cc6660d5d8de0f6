"""A place where models are served: its address, its key and what it allows. Nothing is asked here."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

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

    @property
    def url(self) -> str:
        return self.base_url or OPENAI

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
