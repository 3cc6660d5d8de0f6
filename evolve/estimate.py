"""What a run will cost, before it starts: calls, tokens and money, by role and round, each as a range.

From the seeds' lengths, the prompts and what was measured of the method: `forecast`. The widest guess in it is how much
a model says, reasoning above all, of which nothing is known beforehand; a probe narrows that (see probe). Invariant:
nothing is asked and nothing is paid; what has no price is unpriced, and left out of sums that say so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from statistics import fmean

from evolve.contamination import TOP, read_items
from evolve.eliminator.questions import EXPLAINED, questions
from evolve.money import Prices, dollars, rough
from evolve.plan import Plan
from evolve.records import Role, Usage
from evolve.verifier import request_repair, request_tests


@dataclass(frozen=True, slots=True)
class Span:
    """From low to high."""

    low: float
    high: float

    def __add__(self, other: Span) -> Span:
        return Span(self.low + other.low, self.high + other.high)

    def __mul__(self, other: Span) -> Span:
        """Of what is never negative."""
        return Span(self.low * other.low, self.high * other.high)

    def at_most(self, high: float) -> Span:
        return Span(min(self.low, high), min(self.high, high))


NOTHING = Span(0, 0)
BYTES_PER_TOKEN = Span(3.5, 5.0)
"""UTF-8 bytes. OpenAI's cl100k and o200k: 3.9 on recorded seeds, 4.4 on evolutions, 4.1 on answers."""
GROWTH = Span(70, 250)
"""Bytes that an evolution adds: 218 on average of 1,863 recorded ones, 99 to 205 in the rounds of the dry run; the
prompts ask for about ten words."""
ANSWER = Span(450, 2000)
"""Bytes of an answer: 950 on average of 1,863 recorded ones (GPT-3.5, of 2023), 734 in the dry run; newer models say
more, by how much is not measured."""
TESTS = Span(300, 1200)
"""Bytes of a set of tests: 372 in the dry run; no real model is measured."""
VERDICT = Span(80, 300)
"""Bytes of a judge's reply: 88 in the dry run; no real model is measured."""
JUDGED = Span(0.6, 0.97)
"""Share of attempts that come before the judge: 0.80 in the dry run."""
ANSWERED = Span(0.55, 0.95)
"""Share of attempts whose instruction is answered: 0.75 in the dry run; 0.84 of the recorded, without a judge."""
ACCEPTED = Span(0.5, 0.95)
"""Share of attempts that are accepted: 0.68 in the dry run; 0.84 of the recorded, without a judge."""
SEEDS_ACCEPTED = Span(0.9, 1.0)
"""Share of the seeds' own rows that are: all in the dry run, 0.98 of the recorded."""
TRIALS = Span(0.6, 1.4)
"""Sets of tests asked for an answer: 0.81 in the dry run; two where the first is unfit or refutes."""
REPAIRS = Span(0.0, 0.4)
"""Repairs of an answer: 0.04 in the dry run; a weak model needs both that there are."""
FRESH = Span(0.0, 0.2)
"""Answers asked for anew when repairs fail: 0.02 in the dry run."""
FAILURE_BYTES = 1200
"""Of a trial, that a repair is shown."""


@dataclass(frozen=True, slots=True)
class Line:
    """The calls of one role in one round."""

    role: Role
    round: int
    calls: Span
    sent: Span
    """Tokens."""
    received: Span
    """Tokens."""
    usd: Span | None
    """None: unpriced."""


@dataclass(frozen=True, slots=True)
class Estimate:
    lines: tuple[Line, ...]
    basis: str
    """What it was made from, in words."""

    def total(self, name: str, role: Role | None = None) -> Span:
        """Sum of `calls`, `sent` or `received`, over all roles or one."""
        spans = (getattr(line, name) for line in self.lines if role in {None, line.role})
        return sum(spans, NOTHING)

    def usd(self, role: Role | None = None) -> Span | None:
        """Of what has a price; None: nothing has."""
        known = [line.usd for line in self.lines if line.usd is not None and role in {None, line.role}]
        return sum(known, NOTHING) if known or not self.lines else None

    @property
    def unpriced(self) -> list[Role]:
        return list(dict.fromkeys(line.role for line in self.lines if line.usd is None))

    def in_words(self) -> str:
        """One line of it."""
        both = self.total("sent") + self.total("received")
        without = f" without the {', the '.join(self.unpriced)}" if self.unpriced and self.usd() else ""
        return f"{_range(self.total('calls'))} calls, {_range(both)} tokens, {_money(self.usd())}{without}"


def forecast(plan: Plan, prices: Prices) -> Estimate:
    """From lengths and measured shares, for the attempts that are to be made."""
    judged = plan.method.judge is not None
    proven = plan.method.prover is not None
    sizes = _Sizes(plan)
    lines: list[Line] = []
    for round_, attempts in enumerate(attempts_of(plan)):
        child = sizes.child(round_)
        answers = attempts * (ANSWERED if round_ else sizes.unanswered)
        answered = attempts * (ANSWERED if round_ else Span(1, 1))
        found: dict[Role, list[tuple[Span, Span, Span]]] = {"responder": [(answers, child, ANSWER)]}
        if round_:
            found["evolver"] = [(attempts, sizes.evolving + sizes.child(round_ - 1), child)]
        if judged:
            found["judge"] = sizes.judging(attempts, answered, round_)
        if proven:
            found["tester"] = [(answered * TRIALS, sizes.testing + child, TESTS)]
            found["responder"] += [(answered * REPAIRS, sizes.repairing + child + ANSWER, ANSWER)]
            found["responder"] += [(answered * (FRESH + sizes.more), child, ANSWER)]
        lines += (_line(plan, prices, role, round_, calls) for role, calls in found.items())
    return Estimate(tuple(sorted(lines, key=lambda line: line.round)), "seeds' lengths and measured shares")


class _Sizes:
    """Bytes of prompts, and how many questions there are."""

    def __init__(self, plan: Plan) -> None:
        config, seeds = plan.config, plan.seeds
        self._config = config
        self._seed = fmean(len(seed.text.encode("utf-8", "replace")) for seed in seeds) if seeds else 0.0
        self._asked = [q for name, q in questions().items() if name in config.eliminator.questions]
        self._items = len(read_items(config.eliminator.benchmarks))
        self._rounds = config.rounds
        self.evolving = _exactly(fmean(len(text) for text in plan.templates.values()))
        tester, responder = config.role("tester"), config.role("responder")
        self.testing = _exactly(len(request_tests(tester, "", "python").messages[0].content) if tester.model else 0)
        repair = request_repair(responder, "", "", "").messages[0].content
        self.repairing = _exactly(len(repair) + FAILURE_BYTES)
        self.more = _exactly(config.verifier.candidates - 1)
        without = sum(seed.output is None for seed in seeds) / max(1, len(seeds))
        self.unanswered = _exactly(without)

    def child(self, round_: int) -> Span:
        """Of an instruction that comes out of a round; 0: a seed."""
        grown = GROWTH * ACCEPTED * _exactly(max(0, round_ - 1))
        return _exactly(self._seed) + grown + (GROWTH if round_ else NOTHING)

    def judging(self, attempts: Span, answered: Span, round_: int) -> list[tuple[Span, Span, Span]]:
        """Calls of the judge about instructions and answers, and in the last round about benchmark items."""
        votes = self._config.eliminator.votes
        each = Span((votes + 1) // 2, votes)
        found = []
        for question in self._asked:
            texts = sum((self._shown(name, round_) for name in question.shows), NOTHING)
            about_answer = question.subject == "answer"
            calls = answered if about_answer else attempts * JUDGED if round_ else NOTHING
            if question.name == EXPLAINED:  # asked of a kind of task that a run may have none of
                calls = Span(0, 0.1 * calls.high)
            found.append((calls * each, _exactly(len(question.fixed)) + texts, VERDICT))
        if round_ == self._rounds and self._items:
            most = Span(0, self._items * TOP * votes)
            found.append((most, _exactly(1500) + self.child(round_), VERDICT))
        return found

    def _shown(self, name: str, round_: int) -> Span:
        if name == "answer":
            return ANSWER
        return self.child(round_ - 1 if name == "parent" else round_)


def attempts_of(plan: Plan) -> list[Span]:
    """Attempts in each round, round 0 first: all of them, or as many as the target takes."""
    seeds, target = len(plan.seeds), plan.config.target
    left = target.max_attempts or seeds * (plan.config.rounds + 1)
    wanted = Span(left, left)
    if target.samples is not None:
        few = seeds + max(0, target.samples - seeds * SEEDS_ACCEPTED.high) / ACCEPTED.high
        many = seeds + max(0, target.samples - seeds * SEEDS_ACCEPTED.low) / ACCEPTED.low
        wanted = Span(few, many).at_most(left)
    found = []
    for _ in range(plan.config.rounds + 1):
        taken = wanted.at_most(seeds)
        found.append(taken)
        wanted = Span(wanted.low - taken.low, wanted.high - taken.high)
    return found


def _line(plan: Plan, prices: Prices, role: Role, round_: int, calls: Iterable[tuple[Span, Span, Span]]) -> Line:
    """Calls with the bytes of their prompts and replies, as tokens and money."""
    most = plan.config.role(role).max_tokens or float("inf")
    made = sent = received = NOTHING
    for number, prompt, reply in calls:
        made += number
        sent += number * _tokens(prompt)
        received += number * _tokens(reply).at_most(most)
    return Line(role, round_, made, sent, received, priced(prices, role, made, sent, received))


def priced(prices: Prices, role: Role, calls: Span, sent: Span, received: Span) -> Span | None:
    """So many calls with their tokens as money, each like the average; None: unpriced."""
    low = _price(prices, role, calls.low, sent.low, received.low)
    high = _price(prices, role, calls.high, sent.high, received.high)
    return None if low is None or high is None else Span(low, high)


def _price(prices: Prices, role: Role, calls: float, sent: float, received: float) -> float | None:
    each = prices.estimate(role, Usage(round(sent / max(1, calls)), round(received / max(1, calls))))
    return None if each is None else each * calls


def _tokens(bytes_: Span) -> Span:
    return Span(bytes_.low / BYTES_PER_TOKEN.high, bytes_.high / BYTES_PER_TOKEN.low)


def _exactly(number: float) -> Span:
    return Span(number, number)


def _range(span: Span) -> str:
    low, high = rough(span.low), rough(span.high)
    return low if low == high else f"{low} to {high}"


def _money(span: Span | None) -> str:
    if span is None:
        return "unpriced"
    low, high = dollars(span.low), dollars(span.high)
    return low if low == high else f"{low} to {high}"


def as_words(line: Line) -> tuple[str, str, str, str]:
    """Calls, tokens sent, tokens received and money."""
    return _range(line.calls), _range(line.sent), _range(line.received), _money(line.usd)


def as_rows(estimate: Estimate) -> list[Mapping[str, object]]:
    """For machines: a row for each role and round."""
    return [
        {"role": line.role, "round": line.round}
        | {name: [round(span.low), round(span.high)] for name, span in _counts(line)}
        | {"usd": None if line.usd is None else [round(line.usd.low, 6), round(line.usd.high, 6)]}
        for line in estimate.lines
    ]


def _counts(line: Line) -> list[tuple[str, Span]]:
    return [("calls", line.calls), ("sent", line.sent), ("received", line.received)]
