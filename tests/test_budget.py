"""The budget: never over, whatever calls come to, however they break off and however often a run is started."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from evolve.calls import Calls
from evolve.config import BudgetConfig, load
from evolve.errors import ConfigError, HaltedError, RetryableError, StageError, StopError
from evolve.ledger import Ledger, Try
from evolve.money import Budget, Prices, check_budget, make_prices
from evolve.records import Attempt, Message, Reply, Request, Usage
from evolve.teacher import Outcome, Schedule
from evolve.teacher.schedule import Again, Keep

MODEL = ["teacher.responder.model=m", "teacher.base_url=http://127.0.0.1:9/v1"]
PRICED = [*MODEL, "prices={m: {input: 100, output: 1000, cached_input: 10}}"]
PRICES = make_prices(load(None, PRICED), ["responder"])
UNPRICED = make_prices(load(None, MODEL), ["responder"])
SETTINGS = settings(deadline=None, max_examples=40)


def request(text: str = "Sort.", max_tokens: int = 50) -> Request:
    return Request("responder", "m", (Message("user", text),), 1.0, 1.0, max_tokens)


WORST = PRICES.worst(request("call 0"))


@dataclass(frozen=True)
class Case:
    """What a call comes to, try by try."""

    tries: Sequence[str]
    """`lost` and `refused later` tries come before the end, which is one of reply, uncounted, refused, lost, stop."""
    share: float = 1.0
    """Of the most that it can cost, each try that was billed."""
    turns: int = 0
    """Of the loop that each try takes."""


class Server(Schedule):
    """Answers as it is told, and bills as servers do: also for what nobody received."""

    def __init__(self, cases: dict[str, Case]) -> None:
        self.cases = cases
        self.tokens, self.usd = 0, 0.0
        self.under_way = self.most_under_way = 0
        self.order: list[str] = []
        self.killed_at: int | None = None
        """Set off `kill` when so many tries were billed."""
        self.kill = asyncio.Event()
        self._billed = 0

    async def call(
        self, request: Request, priority: Attempt, keep: Keep | None = None, again: Again | None = None
    ) -> Outcome:
        text = request.messages[0].content
        case = self.cases[text]
        self.order.append(text)
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            return await self._ends(request, case, keep, again)
        finally:
            self.under_way -= 1

    async def _ends(self, request: Request, case: Case, keep: Keep | None, again: Again | None) -> Outcome:
        assert keep is not None
        assert again is not None
        for number, end in enumerate(case.tries):
            last = number == len(case.tries) - 1
            usage = self._bill(request, case) if end in {"reply", "uncounted", "lost", "worker"} else Usage()
            for _ in range(case.turns):
                await asyncio.sleep(0)
            if end in {"reply", "uncounted"}:
                reply = Reply("yes", "stop", "m", usage if end == "reply" else Usage())
                outcome = Outcome(reply, None, number + 1, 0.0)
                await keep(outcome)
                return outcome
            if end == "refused":
                return Outcome(None, "no", number + 1, 0.0)
            if end == "stop":
                raise StopError("no quota", 402)
            if last:
                return Outcome(None, "timed out", number + 1, 0.0, billed=end in {"lost", "worker"})
            await again(StageError("gone") if end == "worker" else RetryableError("later", billed=end == "lost"))
        raise AssertionError("a case needs an end")

    def _bill(self, request: Request, case: Case) -> Usage:
        worst = PRICES.worst(request)
        made = int((request.max_tokens or 0) * case.share)
        usage = Usage(int((worst.tokens - (request.max_tokens or 0)) * case.share), made)
        self.tokens += usage.prompt_tokens + usage.completion_tokens
        self.usd += PRICES.estimate("responder", usage) or 0.0
        self._billed += 1
        if self._billed == self.killed_at:
            self.kill.set()
        return usage


def server(*cases: Case) -> Server:
    return Server({f"call {number}": case for number, case in enumerate(cases)})


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def budget_of(ledger: Ledger, usd: float | None = None, tokens: int | None = None, prices: Prices = PRICES) -> Budget:
    return Budget(BudgetConfig(usd=usd, tokens=tokens), prices, ledger)


async def ask(calls: Calls, number: int) -> object:
    """Call `number`; the later ones come canonically later."""
    text = f"call {number}"
    try:
        return await calls.make(f"root{number}", "answer", request(text), Attempt(1, number))
    except (HaltedError, StopError) as error:
        return error


ENDS = st.sampled_from(["reply", "reply", "reply", "uncounted", "refused", "lost", "worker", "stop"])
BEFORE = st.lists(st.sampled_from(["lost", "refused later", "worker"]), max_size=2)
CASES = st.builds(
    lambda before, end, share, turns: Case([*before, end], share, turns),
    BEFORE,
    ENDS,
    st.sampled_from([0.1, 0.5, 1.0, 1.0]),
    st.sampled_from([0, 1, 4, 400]),
)
LIMITS = st.lists(st.floats(0.5, 12), min_size=1, max_size=3).map(sorted)
"""In worst cases, of one start after the other."""


@SETTINGS
@example([Case(["reply"], 1.0, 400)] * 10, [3.0, 3.0], "tokens", 3)  # those under way at the kill were billed
@example([Case(["lost", "reply"], 1.0, 1)] * 10, [5.5], "usd", 1)
@given(st.lists(CASES, min_size=1, max_size=14), LIMITS, st.sampled_from(["usd", "tokens"]), st.integers(1, 8))
def test_never_over_whatever_happens(
    tmp_path_factory: pytest.TempPathFactory, cases: list[Case], limits: list[float], unit: str, killed_at: int
) -> None:
    """Several starts with growing budgets; the first is killed in the middle, as far as a ledger can tell."""
    path = tmp_path_factory.mktemp("run") / "ledger.db"
    served = server(*cases)
    served.killed_at = killed_at

    async def start(most: float, *, killed: bool) -> None:
        usd = most * (WORST.usd or 0) if unit == "usd" else None
        tokens = int(most * WORST.tokens) + 1 if unit == "tokens" else None
        with Ledger(path) as ledger:
            calls = Calls(ledger, served, budget_of(ledger, usd, tokens))
            tasks = [asyncio.create_task(ask(calls, number)) for number in range(len(cases))]
            ended = asyncio.gather(*tasks, return_exceptions=True)
            ended.add_done_callback(lambda _: served.kill.set())
            if killed:
                await served.kill.wait()
                for task in tasks:
                    task.cancel()
            await ended
        assert usd is None or served.usd <= usd + 1e-9
        assert tokens is None or served.tokens <= tokens

    for number, most in enumerate(limits):
        asyncio.run(start(most, killed=number == 0 and len(limits) > 1))


@SETTINGS
@given(st.lists(CASES, min_size=1, max_size=10))
def test_what_was_spent_is_on_record(tmp_path_factory: pytest.TempPathFactory, cases: list[Case]) -> None:
    """The accounts of one start are those that the next one reads, and not less than the server's bill."""
    path = tmp_path_factory.mktemp("run") / "ledger.db"
    served = server(*cases)

    async def start() -> Budget:
        with Ledger(path) as ledger:
            calls = Calls(ledger, served, budget_of(ledger))
            await asyncio.gather(*(ask(calls, number) for number in range(len(cases))))
        return calls.budget

    kept = asyncio.run(start())
    with Ledger(path) as ledger:
        again = budget_of(ledger)
    assert again.tokens == kept.tokens
    assert again.usd == pytest.approx(kept.usd)
    assert served.tokens <= kept.tokens
    assert served.usd <= kept.usd + 1e-9


async def test_a_call_waits_for_those_under_way_and_then_goes(ledger: Ledger) -> None:
    served = server(*[Case(["reply"], 0.1, 3)] * 6)
    calls = Calls(ledger, served, budget_of(ledger, usd=2.5 * (WORST.usd or 0)))
    ended = await asyncio.gather(*(ask(calls, number) for number in range(6)))
    assert not any(isinstance(end, Exception) for end in ended)
    assert served.most_under_way == 2


async def test_the_canonically_first_goes_first(ledger: Ledger) -> None:
    served = server(*[Case(["reply"], 0.05, 2)] * 5)
    calls = Calls(ledger, served, budget_of(ledger, tokens=int(1.5 * WORST.tokens)))
    await asyncio.gather(*(ask(calls, number) for number in (3, 4, 0, 2, 1)))
    assert served.order == ["call 3", "call 0", "call 1", "call 2", "call 4"]


async def test_a_budget_below_one_call_is_spent_before_anything_is_asked(ledger: Ledger) -> None:
    served = server(Case(["reply"]))
    calls = Calls(ledger, served, budget_of(ledger, usd=0.001))
    error = await ask(calls, 0)
    assert isinstance(error, HaltedError)
    assert str(error) == "the budget is spent, but for less than the next call may cost ($0.063): $0.00 of $0.0010"
    assert (calls.budget.spent, served.order) == (str(error), [])


async def test_once_it_is_spent_nobody_is_let_in(ledger: Ledger) -> None:
    served = server(Case(["reply"]), Case(["reply"]))
    calls = Calls(ledger, served, budget_of(ledger, tokens=WORST.tokens + 10))
    assert not isinstance(await ask(calls, 0), Exception)
    assert isinstance(await ask(calls, 1), HaltedError)
    small = request("call 1", max_tokens=1)
    with pytest.raises(HaltedError, match="the budget is spent"):
        await calls.make("root", "answer", small, Attempt(1, 1))
    assert served.order == ["call 0"]


async def test_what_is_on_record_needs_no_budget(ledger: Ledger) -> None:
    served = server(Case(["reply"]))
    await ask(Calls(ledger, served, budget_of(ledger)), 0)
    again = await ask(Calls(ledger, served, budget_of(ledger, usd=0.001)), 0)
    assert not isinstance(again, Exception)
    assert served.order == ["call 0"]


@pytest.mark.parametrize(
    ("tries", "times"),
    [
        (["refused"], 0),
        (["stop"], 0),
        (["refused later", "refused"], 0),
        (["lost"], 1),
        (["worker", "refused"], 1),
        (["lost", "lost", "refused"], 2),
        (["uncounted"], 1),
    ],
    ids=["refused", "stop", "refused twice", "lost", "worker", "lost twice", "uncounted"],
)
async def test_what_may_have_been_billed_counts_in_full(ledger: Ledger, tries: list[str], times: int) -> None:
    calls = Calls(ledger, server(Case(tries)), budget_of(ledger))
    await ask(calls, 0)
    ledger.flush()
    kept = budget_of(ledger)
    assert calls.budget.tokens == kept.tokens == times * WORST.tokens
    assert calls.budget.usd == pytest.approx(kept.usd) == pytest.approx(times * (WORST.usd or 0))


async def test_a_try_again_waits_for_room_too(ledger: Ledger) -> None:
    served = server(Case(["lost", "reply"], 1.0, 1), Case(["reply"], 0.05, 9))
    calls = Calls(ledger, served, budget_of(ledger, tokens=int(2.5 * WORST.tokens)))
    first, second = await asyncio.gather(ask(calls, 0), ask(calls, 1))
    assert not isinstance(first, Exception)  # it had to wait for the second one to leave its room
    assert not isinstance(second, Exception)
    assert 2 * WORST.tokens < served.tokens <= 2.5 * WORST.tokens


async def half_paid(ledger: Ledger) -> int:
    """A try that an earlier start began in a batch, at half the price."""
    number = ledger.next_try()
    await ledger.begin_try(Try(number, "answer", WORST.tokens, (WORST.usd or 0) / 2)).result()
    return number


@pytest.mark.parametrize("billed", [False, True])
async def test_what_follows_a_batch_has_room_at_its_own_price(ledger: Ledger, billed: bool) -> None:
    begun = await half_paid(ledger)
    budget = budget_of(ledger, usd=2 * (WORST.usd or 0))
    async with budget.hold("answer", request("call 0"), Attempt(1, 0), begun) as hold:
        assert hold.try_.usd == pytest.approx((WORST.usd or 0) / 2)
        await hold.again(RetryableError("not done", billed=billed))
        assert hold.try_.usd == WORST.usd
        assert ledger.tries() == ({begun} if billed else set()) | {hold.try_.number}
        hold.drop(billed=False)


async def test_what_follows_a_batch_is_not_asked_without_room_at_its_own_price(ledger: Ledger) -> None:
    begun = await half_paid(ledger)
    budget = budget_of(ledger, usd=0.9 * (WORST.usd or 0))
    with pytest.raises(HaltedError, match="the budget is spent"):
        async with budget.hold("answer", request("call 0"), Attempt(1, 0), begun) as hold:
            await hold.again(RetryableError("not done"))
    ledger.flush()
    assert ledger.tries() == set()
    assert budget.usd == pytest.approx(0)


async def test_a_call_that_is_cut_off_before_it_is_on_record_leaves_its_room(ledger: Ledger) -> None:
    budget = budget_of(ledger, usd=WORST.usd)
    lock = sqlite3.connect(ledger.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")  # nothing comes to the disk meanwhile

    async def hold() -> None:
        async with budget.hold("answer", request("call 0"), Attempt(1, 0)) as room:
            room.drop(billed=False)

    task = asyncio.create_task(hold())
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    lock.close()
    await asyncio.wait_for(hold(), 10)
    ledger.flush()
    assert (ledger.tries(), budget.usd, budget.spent) == (set(), 0.0, None)


async def test_without_a_limit_nobody_waits(ledger: Ledger) -> None:
    served = server(*[Case(["reply"], 1.0, 2)] * 30)
    await asyncio.gather(*(ask(Calls(ledger, served, budget_of(ledger)), number) for number in range(30)))
    assert served.most_under_way == 30


async def test_what_had_no_price_counts_at_todays(ledger: Ledger) -> None:
    served = server(Case(["reply"], 0.5), Case(["lost"]))
    calls = Calls(ledger, served, budget_of(ledger, prices=UNPRICED))
    for number in range(2):
        await ask(calls, number)
    ledger.flush()
    assert calls.budget.usd == 0
    assert budget_of(ledger, usd=5).usd >= served.usd > 0


@pytest.mark.parametrize(
    ("given_", "words"),
    [
        (MODEL, r"no price is known for the responder's model m at http://127\.0\.0\.1:9/v1; .*--set 'prices="),
        ([*PRICED, "teacher.responder.max_tokens=null"], r"teacher\.responder\.max_tokens: a budget needs to know"),
    ],
    ids=["no price", "no bound"],
)
def test_a_limit_that_could_not_be_kept_is_refused(given_: list[str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        check_budget(load(None, [*given_, "budget.usd=5"]), ["responder"])


@pytest.mark.parametrize(
    "given_", [[*MODEL, "budget.tokens=5"], MODEL, [*PRICED, "budget.usd=5"]], ids=["tokens", "none", "a price"]
)
def test_a_limit_that_can_be_kept_is_taken(given_: list[str]) -> None:
    check_budget(load(None, given_), ["responder"])
