"""A line: one model at one endpoint, and whether another call may go there now.

It joins what is known of it: how many calls at a time it bears (`throttle`), how many a minute (`pace`), what it says
of itself (`limits`), and whether it works (here). Five calls in a row without an answer shut it: for as long as it
asks for, or for a pause that doubles. Then a single call tries it. A line whose every call would be in vain, as for
want of a valid key, is dead.

Invariant: `held` is the number of calls begun and not ended, never above the limit of that moment. No call is made
here, and none waits here.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass

from evolve.errors import RefusedError, RetryableError, StopError
from evolve.records import Request, Role, Usage
from evolve.teacher.client import Answer
from evolve.teacher.endpoints import Endpoint
from evolve.teacher.limits import Limits
from evolve.teacher.pace import Window
from evolve.teacher.throttle import Place, Throttle

TOO_MUCH = frozenset({429, 503, 529})
"""Statuses that say that fewer calls would have been answered."""
IN_A_ROW = 5
"""Calls without an answer that shut a line, if they are most of those begun since the first of them: at 7 % faults
one in a million times by chance."""
FIRST_SHUT_S = 1.0
LONGEST_SHUT_S = 30.0
LONGEST_FULL_S = 5.0
"""The same where it was shut for asking too often: the next minute may begin at any moment, and a try costs nothing."""
MAX_RETRY_AFTER_S = 300.0
"""What a server may ask for at most."""
REFUSED_IN_A_ROW = 32
"""Of 2,017 recorded calls 154 were refused, never more than 3 in a row: 32 by chance are out of the question."""
LEARNED_FROM = 10
"""Answers from which a rate is taken."""
LATELY_S = 600.0
"""Longest time over which one is taken: after that it says more of us than of the endpoint."""
LONG_S = 5.0
"""A wish of the server's from which its limit is one a minute or an hour, and not one of calls at a time."""
EASED_S = 1.0
SLOWED = 0.97
"""What a call turned away does to a rate that was found out, once a second."""
FASTER_S = 0.002
"""Share by which such a rate grows in a second; doubled with every half minute in which none is turned away."""
CHARACTERS = 3.5
"""Of a prompt for one token, until the endpoint has counted some: low, for code has short ones."""


@dataclass(slots=True)
class Sent:
    """A call under way."""

    at: float
    role: Role
    characters: int
    input_tokens: float
    output_tokens: float
    begun: int
    """How many had been begun before it."""
    place: Place


@dataclass(slots=True)
class Counts:
    """What became of tries."""

    asked: int = 0
    answered: int = 0
    turned_away: int = 0
    late: int = 0
    failed: int = 0
    refused: int = 0
    seconds: float = 0.0
    """Of the answered ones."""
    input_tokens: int = 0
    output_tokens: int = 0


@dataclass(slots=True)
class _Told:
    """What the endpoint said is left: `left` calls, until a time."""

    left: int
    until: float


class Line:
    def __init__(self, endpoint: Endpoint, model: str, in_flight: int, now: float) -> None:
        """`in_flight`: calls at a time at most, if the endpoint has no lower limit of its own."""
        self.endpoint = endpoint
        self.model = model
        self.held = 0
        self.counts = Counts()
        self.dead: StopError | None = None
        self.throttle = Throttle(min(in_flight, endpoint.in_flight or in_flight), now)
        self._windows = {name: Window(most, now) for name, most in endpoint.per_minute.items()}
        self._learned: Window | None = None
        self._calm_since = self._eased_at = self._slowed_at = now
        self._closed_slots: list[float] = []
        """When slots open again whose call was turned away: so that another does not follow it at once."""
        self._shut_until = -math.inf
        self._shut_s = FIRST_SHUT_S
        self._trying = False
        """Whether it was shut, and one call at a time is to show whether it works."""
        self._bad, self._bad_from, self._refused = 0, 0, 0
        """Calls without an answer in a row, and how many had been begun before the first of them; refused ones."""
        self._shut_at = -math.inf
        self._for_rate = False
        """Whether it is shut for its rate, not for too many at a time."""
        self._rated_from = now, 0
        """When it last worked again after that, and how much had been answered."""
        self._told: _Told | None = None
        self._token_share = 1 / CHARACTERS
        self._output: dict[Role, float] = {}

    # -- before a call -----------------------------------------------------------------------------------------------

    def free_at(self, request: Request, now: float) -> float:
        """The time from which this call may go out: up to `now`, later, or infinity: when another has ended."""
        if self.dead is not None:
            return math.inf
        if self._told is not None and self._told.left <= 0:
            if now < self._told.until:
                return self._told.until
            self._told = None
        while self._closed_slots and self._closed_slots[0] <= now:
            heapq.heappop(self._closed_slots)
        limit = 1 if self._trying else self.throttle.limit
        if self.held >= limit:
            return math.inf
        if now < self._shut_until:
            return self._shut_until
        if not self._trying and self.held + len(self._closed_slots) >= limit:
            return self._closed_slots[0]
        wait_s = self._learned.wait_s(1, now) if self._learned else 0.0
        for name, amount in self._amounts(request):
            wait_s = max(wait_s, self._windows[name].wait_s(amount, now))
        return now + wait_s

    def begin(self, request: Request, now: float) -> Sent:
        """The call goes out."""
        for name, amount in self._amounts(request):
            self._windows[name].take(amount, now)
        if self._learned:
            self._faster(now)
            self._learned.take(1, now)
        if self._told is not None:
            self._told.left -= 1
        self.held += 1
        self.counts.asked += 1
        size = _characters(request) if self._windows else 0
        return Sent(
            now,
            request.role,
            size,
            size * self._token_share,
            self._output.get(request.role, 0.0),
            self.counts.asked,
            self.throttle.begin(self.held),
        )

    def _amounts(self, request: Request) -> list[tuple[str, float]]:
        if not self._windows:
            return []
        expected = {
            "requests": 1.0,
            "input": _characters(request) * self._token_share,
            "output": self._output.get(request.role, 0.0),
        }
        return [(name, expected[name]) for name in self._windows]

    # -- after it ----------------------------------------------------------------------------------------------------

    def answer(self, sent: Sent, answer: Answer, now: float) -> None:
        usage = answer.reply.usage
        # as long as one that waited for its turn could not have it
        full = self.held + len(self._closed_slots) >= self.throttle.limit
        self.held -= 1
        self._works(sent)
        self._refused = 0
        self.counts.answered += 1
        self.counts.seconds += now - sent.at
        self.counts.input_tokens += usage.prompt_tokens
        self.counts.output_tokens += usage.completion_tokens
        self.throttle.answer(sent.at, now - sent.at, now, full=full)
        if self._windows:
            self._settle(sent, usage)
        if answer.limits is not None:
            self._heed(sent, answer.limits, now)

    def turn_away(self, sent: Sent, error: RetryableError, now: float) -> None:
        """The endpoint has too much to do, or says that we ask too often."""
        self.counts.turned_away += 1
        wish_s = min(MAX_RETRY_AFTER_S, error.retry_after_s or 0.0)
        paced = self._learned is not None and self.held + len(self._closed_slots) < self.throttle.limit
        self.held -= 1
        if paced:
            self._slower(now)
        else:
            self.throttle.turn_away(sent.place, sent.at, now)
        heapq.heappush(self._closed_slots, now + max(wish_s, self._usual_s()))
        alone = self._trying and sent.at >= self._shut_at and not self.held  # others would be a reason by themselves
        self._worse(sent, now, wish_s, LONGEST_FULL_S)
        self._for_rate |= self._trying and (alone or wish_s > LONG_S)

    def delay(self, sent: Sent, now: float) -> None:
        """It was not answered in time."""
        self.counts.late += 1
        self.held -= 1
        self.throttle.delay(sent.at, now)
        self._worse(sent, now, 0.0, LONGEST_SHUT_S)

    def fail(self, sent: Sent, now: float) -> None:
        """It broke: a server's error, a reset, garbage."""
        self.counts.failed += 1
        self.held -= 1
        self._worse(sent, now, 0.0, LONGEST_SHUT_S)

    def refuse(self, sent: Sent, error: RefusedError, in_flight: int) -> None:
        """The call itself is no good; dead when so many are in a row that none is likely to be taken."""
        self.counts.refused += 1
        self.held -= 1
        self._works(sent)
        self._refused += 1
        if self._refused >= max(REFUSED_IN_A_ROW, in_flight):
            what = f"{self._refused} calls in a row were refused, the last with {error}"
            self.dead = StopError(f"{self.endpoint.url}: {what}", error.status)

    def die(self, error: StopError) -> None:
        """No call will be answered there any more."""
        self.held -= 1
        self.dead = error

    def lose(self) -> None:
        """Nothing is known of it: the worker was lost, or nobody waits any more."""
        self.held -= 1

    # -- what is made of it ------------------------------------------------------------------------------------------

    @property
    def state(self) -> str:
        """open, trying, shut or dead: for a person."""
        if self.dead is not None:
            return "dead"
        return ("shut" if self._bad else "trying") if self._trying else "open"

    def _works(self, sent: Sent) -> None:
        """It was answered; that says something only of the time after the call was begun."""
        if sent.begun > self._bad_from:
            if self._for_rate:
                self._learn(sent.at)
            self._bad = 0
            self._shut_s = FIRST_SHUT_S
            self._trying = False

    def _worse(self, sent: Sent, now: float, wish_s: float, longest_s: float) -> None:
        """One more without an answer: shut the line if that is one too many."""
        if sent.at < self._shut_at or now < self._shut_until:  # it was on its way when the line was shut
            return
        if not self._bad:
            self._bad_from = sent.begun
        self._bad += 1
        enough = self._bad >= IN_A_ROW and 2 * self._bad > self.counts.asked - self._bad_from
        if not self._trying and not enough:
            return
        self._trying = True
        self._shut_at = now
        self._shut_until = now + (wish_s or min(longest_s, self._shut_s))
        self._shut_s *= 2
        self._closed_slots.clear()

    def _learn(self, now: float) -> None:
        """It works again after it was shut for its rate: take that from what it answered since the last such time."""
        (before_at, before), self._rated_from = self._rated_from, (now, self.counts.answered)
        self._for_rate = False
        if now - before_at <= LATELY_S and self.counts.answered - before >= LEARNED_FROM:
            self._learned = Window(60.0 * (self.counts.answered - before) / (now - before_at), now)
            self._calm_since = now

    def _slower(self, now: float) -> None:
        self._calm_since = now
        if self._learned is not None and now - self._slowed_at >= EASED_S:
            self._learned.set(SLOWED * self._learned.per_minute, now)
            self._slowed_at = self._eased_at = now

    def _faster(self, now: float) -> None:
        if self._learned is not None and now - self._eased_at >= EASED_S and self.held < self.throttle.limit:
            share = FASTER_S * min(16.0, 2.0 ** ((now - self._calm_since) // 30.0))
            self._learned.set(self._learned.per_minute * (1 + share * min(10.0, now - self._eased_at)), now)
            self._eased_at = now

    def _usual_s(self) -> float:
        """Mean seconds of an answer."""
        return self.counts.seconds / self.counts.answered if self.counts.answered else FIRST_SHUT_S

    def _settle(self, sent: Sent, usage: Usage) -> None:
        """What it took instead of what was expected."""
        if "input" in self._windows and usage.prompt_tokens and sent.characters:
            self._windows["input"].give(sent.input_tokens - usage.prompt_tokens)
            self._token_share += 0.05 * (usage.prompt_tokens / sent.characters - self._token_share)
        if "output" in self._windows:
            self._windows["output"].give(sent.output_tokens - usage.completion_tokens)
            mean = self._output.setdefault(sent.role, float(usage.completion_tokens))
            self._output[sent.role] = mean + 0.05 * (usage.completion_tokens - mean)

    def _heed(self, sent: Sent, limits: Limits, now: float) -> None:
        """Keep to what the endpoint says is left; calls that went out after this one come off it."""
        later = self.counts.asked - sent.begun
        if limits.requests is not None and limits.requests_reset_s:
            left = limits.requests - min(later, self.held)
            self._told = _Told(left, now + min(MAX_RETRY_AFTER_S, limits.requests_reset_s))
        if limits.tokens == 0 and limits.tokens_reset_s:
            self._told = _Told(0, now + min(MAX_RETRY_AFTER_S, limits.tokens_reset_s))


def _characters(request: Request) -> int:
    return sum(len(message.content) for message in request.messages)
