"""What an endpoint says of its own limits: the `x-ratelimit-*` and `Retry-After` headers of a response.

Everything here is a hint from a server: absent, in another unit or nonsense, it is None and never an error. What is
made of a hint is the schedule's business.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

_PARTS = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_WHOLE = re.compile(rf"(?:{_PARTS.pattern})+")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_EPOCH_S = 1e9
"""A number of seconds from here on is a date, and from a thousand times as much on one in milliseconds."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What is left of an allowance when the response was made, and seconds until there is more."""

    requests: int | None = None
    requests_reset_s: float | None = None
    tokens: int | None = None
    tokens_reset_s: float | None = None


def read_limits(headers: Mapping[str, str]) -> Limits | None:
    """None where the response says nothing of requests or tokens that are left."""
    found = Limits(
        _count(_first(headers, "x-ratelimit-remaining-requests", "x-ratelimit-remaining")),
        _seconds(_first(headers, "x-ratelimit-reset-requests", "x-ratelimit-reset")),
        _count(_first(headers, "x-ratelimit-remaining-tokens")),
        _seconds(_first(headers, "x-ratelimit-reset-tokens")),
    )
    return None if found.requests is None and found.tokens is None else found


def read_retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds that the server asks to wait for, at least 0; from what is used up if it does not say so itself."""
    if "retry-after-ms" in headers:
        found = _number(headers["retry-after-ms"])
        return None if found is None else found / 1000
    if "retry-after" in headers:
        return _wait(headers["retry-after"])
    limits = read_limits(headers)
    if limits is None:
        return None
    spent = [limits.requests_reset_s] if limits.requests == 0 else []
    spent += [limits.tokens_reset_s] if limits.tokens == 0 else []
    return max((seconds for seconds in spent if seconds is not None), default=None)


def _first(headers: Mapping[str, str], *names: str) -> str | None:
    return next((headers[name] for name in names if name in headers), None)


def _wait(value: str) -> float | None:
    """Seconds, or a date."""
    found = _number(value)
    if found is not None:
        return found
    try:
        return max(0.0, parsedate_to_datetime(value).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def _seconds(value: str | None) -> float | None:
    """Seconds of `1m30s`, `59ms`, `12.5`, or until a date in seconds or milliseconds since 1970."""
    if value is None:
        return None
    if _WHOLE.fullmatch(value.strip()):
        return sum(float(number) * _SECONDS[unit] for number, unit in _PARTS.findall(value))
    found = _number(value)
    if found is None or found < _EPOCH_S:
        return found
    return max(0.0, (found / 1000 if found >= 1000 * _EPOCH_S else found) - time.time())


def _number(value: str) -> float | None:
    try:
        found = float(value)
    except ValueError:
        return None
    return max(0.0, found) if math.isfinite(found) else None


def _count(value: str | None) -> int | None:
    """None for what is below 0 too: some say so that there is no limit."""
    found = None if value is None or value.strip().startswith("-") else _number(value)
    return None if found is None else int(min(found, 2**53))
