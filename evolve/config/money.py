"""Money: what tokens cost, what may be paid for, and how many samples are wanted. None of it changes what is made."""

from __future__ import annotations

from pydantic import Field

from evolve.config.base import Section


class PriceConfig(Section):
    """USD per million tokens of a model; wins over the prices that come with `genai-prices`."""

    input: float = Field(ge=0)
    """Of the prompt."""
    output: float = Field(ge=0)
    """Of the completion, its reasoning included."""
    cached_input: float | None = Field(default=None, ge=0)
    """Of the part of the prompt that comes from the provider's cache. None: as `input`."""


class BudgetConfig(Section):
    """What a run may cost, over all its starts; the first of both that is reached ends it, resumably."""

    usd: float | None = Field(default=None, gt=0)
    """US dollars. None: no limit."""
    tokens: int | None = Field(default=None, ge=1)
    """Sent and received together. None: no limit."""


class TargetConfig(Section):
    """How far a run goes, counted in the canonical order of its attempts."""

    samples: int | None = Field(default=None, ge=1)
    """Rows of the train table wanted, the seeds' own among them. None: all that come."""
    max_attempts: int | None = Field(default=None, ge=1)
    """Attempts made at most, round 0 (the seeds' own answers) included. None: all that the rounds have."""
    evol_stop: str | None = None
    """A command that is given the folder of the dataset so far and the round, after each round, and prints a score: the
    run ends with the round before the first that scores lower."""
