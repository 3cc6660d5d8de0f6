"""What a run's calls came to, over all its starts: calls, tokens and money, by step and by role.

Invariant: what has no price is said to have none, and is never added up as 0. Cached tokens are part of those sent,
reasoning is part of those received; neither is counted twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from evolve.money import dollars
from evolve.records import ROLE_OF


@dataclass(frozen=True, slots=True)
class Used:
    """Calls of one kind."""

    calls: int = 0
    asked: int = 0
    """Tries, repeated ones included."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt."""
    reasoning_tokens: int = 0
    """Of the completion."""
    usd: float = 0.0
    """Of the replies with a price."""
    unpriced: int = 0
    """Replies without one."""

    @property
    def cost_usd(self) -> float | None:
        """None: no reply has a price."""
        return None if self.unpriced and not self.usd else round(self.usd, 6)

    def as_dict(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self) | {"usd": self.cost_usd}


@dataclass(frozen=True, slots=True)
class BrokenOff:
    """Tries that nobody saw the end of, so that they may have been billed: at most so much."""

    tries: int = 0
    tokens: int = 0
    usd: float = 0.0


def by_role(usage: Mapping[str, Used]) -> dict[str, Used]:
    """Usage by step -> by role, in the order in which a run needs them."""
    roles = dict.fromkeys(ROLE_OF.values())
    found = {role: [used for step, used in usage.items() if _role(step) == role] for role in roles}
    return {role: _sum(several) for role, several in found.items() if several}


def total_usage(usage: Mapping[str, Used]) -> Used:
    return _sum(usage.values())


def usage_lines(usage: Mapping[str, Used], broken_off: BrokenOff) -> list[str]:
    """Calls, tokens and money in words."""
    total = total_usage(usage)
    steps = ", ".join(f"{used.calls} {step}" for step, used in usage.items())
    again = f", {total.asked - total.calls} asked again" if total.asked > total.calls else ""
    roles = by_role(usage)
    lines = [f"calls    {total.calls} ({steps or 'none'}){again}", f"tokens   {_tokens(total)}"]
    lines += [f"  {role:9} {_tokens(used)}, {_cost(used)}" for role, used in roles.items()] if len(roles) > 1 else []
    return [*lines, f"cost     {_cost(total)}{_more(broken_off)}"]


def cost_in_words(usage: Mapping[str, Used], broken_off: BrokenOff) -> str:
    """One sentence of it, for the dataset's card."""
    total = total_usage(usage)
    return f"{total.calls:,} calls to models: {_tokens(total)}; cost: {_cost(total)}{_more(broken_off)}."


def _tokens(used: Used) -> str:
    cached = f" ({used.cached_tokens:,} cached)" if used.cached_tokens else ""
    reasoning = f" ({used.reasoning_tokens:,} reasoning)" if used.reasoning_tokens else ""
    return f"{used.prompt_tokens:,} sent{cached}, {used.completion_tokens:,} received{reasoning}"


def _cost(used: Used) -> str:
    if used.unpriced and used.cost_usd is not None:
        return f"{dollars(used.usd)}, and {used.unpriced:,} replies unpriced"
    return dollars(used.cost_usd)


def _more(broken_off: BrokenOff) -> str:
    """What nobody knows."""
    if not broken_off.tries:
        return ""
    tries = "a try that" if broken_off.tries == 1 else f"{broken_off.tries:,} tries that"
    most = f"{dollars(broken_off.usd)}" if broken_off.usd else f"{broken_off.tokens:,} tokens"
    return f"; up to {most} more for {tries} broke off, if they were billed"


def _role(step: str) -> str:
    return next(role for known, role in ROLE_OF.items() if known == step)


def _sum(several: Iterable[Used]) -> Used:
    rows = list(several)
    return Used(*(sum(getattr(row, field.name) for row in rows) for field in fields(Used)))
