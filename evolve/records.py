"""The things that flow through a run: frozen records with content-hash ids.

Invariant: an id is a function of content and lineage alone, never of time, order of arrival or machine, so that two
runs over the same replies name everything alike. No behaviour lives here beyond that.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from random import Random
from typing import Literal

Role = Literal["evolver", "responder", "judge", "tester"]
Step = Literal["evolve", "judge", "answer", "test", "repair"]
ROLE_OF: Mapping[Step, Role] = {
    "evolve": "evolver",
    "judge": "judge",
    "answer": "responder",
    "test": "tester",
    "repair": "responder",
}
"""Who makes the calls of a step, and so at which price."""
Outcome = Literal["accepted", "rejected", "failed"]
Proven = Literal["verified", "refuted", "unverified"]
SEED_OPERATOR = "seed"
"""The operator's name on round-0 samples: nothing evolved them."""


def digest(*parts: str) -> str:
    """16 hexadecimal characters over the parts; each goes in behind its length, so no two lists of parts look alike."""
    whole = "".join(f"{len(part)}:{part}" for part in parts)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def rng(*parts: object) -> Random:
    """A generator drawn from what it is for: (run seed, root, round, attempt, ...), never a global one."""
    return Random(int(digest(*map(str, parts)), 16))


@dataclass(frozen=True, slots=True)
class Seed:
    """One coding instruction that the user brought."""

    id: str
    text: str
    """The instruction as a model is to read it; an Alpaca `input` is appended to it."""
    output: str | None = None
    """The answer that came with it; None: the responder is asked. An empty one is checked, and rejected, as given."""
    language: str | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Instruction:
    """A seed or an accepted evolution: what can be evolved further."""

    id: str
    text: str
    root_id: str
    parent_id: str | None
    round: int
    operator: str
    depth: int = 0
    """Accepted evolutions since the seed."""


@dataclass(frozen=True, slots=True, order=True)
class Attempt:
    """The address of one try at evolving one lineage: the unit that is accepted, rejected or failed.

    Its order, (round, index), is the canonical order in which decisions are committed.
    """

    round: int
    index: int
    """The root's position among the seeds, from 0."""


@dataclass(frozen=True, slots=True)
class Message:
    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True)
class Request:
    """One call, as the endpoint will see it."""

    role: Role
    model: str
    messages: tuple[Message, ...]
    temperature: float | None
    top_p: float | None
    max_tokens: int | None
    reply_schema: str | None = None
    """JSON Schema, as JSON text, that the reply is to obey where the endpoint can see to it; None: any text will do."""
    nth: int = 0
    """Which asking of the very same thing it is, from 0: at a temperature above 0 each is a call of its own."""

    @property
    def digest(self) -> str:
        """What was asked, whom, and how: two calls with the same digest are the same call."""
        settings = (self.role, self.model, str(self.temperature), str(self.top_p), str(self.max_tokens))
        said = (part for m in self.messages for part in (m.role, m.content))
        schema = () if self.reply_schema is None else ("schema", self.reply_schema)
        nth = ("nth", str(self.nth)) if self.nth else ()
        return digest(*settings, *said, *schema, *nth)  # no message has such a role


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens as the server counted them; 0 where it did not say."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cached_tokens: int = 0
    """Of the prompt: read from the provider's cache, at a lower price."""
    reasoning_tokens: int = 0
    """Of the completion: thought and not said, at the price of what is said."""
    cache_write_tokens: int = 0
    """Of the prompt: put into the provider's cache, which a few charge extra for."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What an endpoint answered, cleaned at the boundary: no lone surrogates, no NUL."""

    text: str
    finish_reason: str
    model: str
    usage: Usage = Usage()
    redacted: tuple[tuple[str, int], ...] = ()
    """What was redacted in the text before it was kept: (rule, how many)."""


class Verdict(StrEnum):
    """The three states of a check. UNDECIDED: the check itself failed; never a silent yes or no."""

    ACCEPT = "accept"
    REJECT = "reject"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True)
class Near:
    """An earlier instruction that was near enough to be compared, and what came of it: all that a threshold needs."""

    id: str
    cosine: float
    """Of the two whole texts."""
    within: bool
    """Of the same lineage."""
    novel: int
    """Content words that only the new text has."""
    lacking: int
    """Content words that only the earlier one has."""
    likeness: float
    """Share of words that are alike and in the same order."""
    delta: float | None = None
    """Cosine of the words in which the two differ; None where either has none, or a veto made it needless."""
    veto: str = ""
    """The kind of difference that makes another task, or ""."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What one check said of one candidate."""

    check: str
    version: int
    verdict: Verdict
    reason: str | None = None
    """One word of the eliminator's vocabulary; None unless rejected."""
    detail: str = ""
    """For a person: what was seen."""
    scores: Mapping[str, float] = field(default_factory=dict)
    """What a threshold was held to, so that it can be moved later without looking again: ratios and cosines, or counts
    and multiples (`new_words`, `words`, `times`)."""
    nearest_id: str | None = None
    """The instruction that it duplicates, if that is the reason."""
    nears: tuple[Near, ...] = ()
    """What it was compared with, nearest first, kept or not; of the duplicate check alone."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What running an answer against tests, written without it, came to."""

    status: Proven
    """refuted: it fails tests that are fit. unverified: nothing was learnt, and `detail` says why."""
    detail: str = ""
    tier: str = "none"
    """What held the code: wasm, bubblewrap, landlock or none."""
    language: str = ""
    tests: str = ""
    """The tests' source, as it was run."""
    assertions: int = 0
    mutation: float | None = None
    """Share of slightly broken versions that the tests fail, 0-1; None where none was tried."""
    candidates: int = 1
    """Answers that were tried, repaired ones not counted."""
    pass_rate: float | None = None
    """Share of those that pass: how hard the task is for this model."""
    repairs: int = 0
    """Rounds of repair before the answer that was taken."""
    failing: str | None = None
    """An answer that fails the same tests, where one that passes came after it: a preference pair."""
    agreement: float | None = None
    """Share of the answers compared that do the same as this one on further inputs, 0-1; None where none was compared.
    """
    scores: Mapping[str, float] = field(default_factory=dict)
    """Figures of the kind of proof that it is, such as a program's branches before and after."""


@dataclass(frozen=True, slots=True)
class Fate:
    """The one terminal state of an attempt, with everything that led to it."""

    attempt: Attempt
    root_id: str
    operator: str
    outcome: Outcome
    parent_id: str | None
    child: Instruction | None
    """The candidate, where one could be read from the reply."""
    answer: str | None = None
    findings: tuple[Finding, ...] = ()
    reason: str | None = None
    """The rejecting finding's reason; None unless rejected."""
    error: str | None = None
    """The server's or client's words; None unless failed."""
    partner_id: str | None = None
    """The second parent of a crossover."""
    models: Mapping[str, str] = field(default_factory=dict)
    """Role -> the model's name as the server gave it."""
    prompt_digest: str | None = None
    """Digest of the evolving request; None for seeds."""
    proof: Proof | None = None
    """None where the answer came to no trial."""
    kind: str = ""
    """Of the seed's task, which evolving in depth keeps: bug-fix, refactor, multi-file, ...; "" where it has none."""


def instruction_id(root_id: str, parent_id: str, round_: int, operator: str, text: str) -> str:
    return digest("instruction", root_id, parent_id, str(round_), operator, text)
