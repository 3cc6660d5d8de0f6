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


class StopWhenConfig(Section):
    """What a round may come to, at worst, for another to be begun: each a figure of evolve/proxies.py, None for no
    limit. Rounds wait for each other then. Suggested values stand beside what was measured; none is a law."""

    acceptance_below: float | None = Field(default=None, gt=0, le=1)
    """Share of the attempts that is accepted. 0.3 is our judgement: of a recorded run 0.84 in round 1, of a dry run
    0.76, 0.71 and 0.69."""
    gain_below: float | None = Field(default=None, gt=0, le=1)
    """Share that the judge finds to ask for more than its parent, of those it was asked about. 0.5 is our judgement:
    most evolutions are then no step. WizardLM's judged difficulty grew by 2.5, 0.9, 0.5 and 0.2 from round to round."""
    distance_below: float | None = Field(default=None, gt=0, le=2)
    """1 - cosine to the nearest earlier instruction of another lineage; a tenth of the accepted are nearer. For the
    built-in embedder 0.17: of a recorded round it was 0.35, and 0.12 when a tenth of the round were near-copies."""
    leaks_above: float | None = Field(default=None, ge=0, lt=1)
    """Share that is thrown out for `prompt_leak` or has words of the method. 0.1: of a public GPT-3.5 run 0.031 of
    round 1 and 0.073 of round 2 leaked, and leaked parents leak again."""
    contamination_above: float | None = Field(default=None, ge=0, lt=1)
    """Share that is thrown out as `contaminated`. 0.02: twice what that run made, 17 and 21 of HumanEval's items in
    some 2,000 rows of rounds 1 and 2, if each was in one row."""


class TargetConfig(Section):
    """How far a run goes, counted in the canonical order of its attempts."""

    samples: int | None = Field(default=None, ge=1)
    """Rows of the train table wanted, the seeds' own among them. None: all that come."""
    max_attempts: int | None = Field(default=None, ge=1)
    """Attempts made at most, round 0 (the seeds' own answers) included. None: all that the rounds have."""
    evol_stop: str | None = None
    """A command that is given the folder of the dataset so far and the round, after each round, and prints a score: the
    run ends with the round before the first that scores lower. What it scores on decides which rows there are, so it
    must not be a test set whose result will be reported: that would be chosen for, and say nothing any more."""
    stop_when: StopWhenConfig = StopWhenConfig()
    """When a round is the last that is begun, by that round's own figures."""
