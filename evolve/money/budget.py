"""The budget: what may still be paid, and who may pay next.

A call is let in only if what was spent, what those under way may cost and what it may cost itself fit together; where
it does not fit because of those under way, it waits for them, the canonically first ahead of others. When nothing is
under way and the next one still does not fit, the budget is spent, and nobody is let in any more. Invariant: what was
spent and what may yet be spent never exceed a limit, over all starts of a run and whenever it is killed: every try is
on record before it is made, and one whose end nobody saw counts as billed, with the most that it can have cost. That
holds as long as endpoints keep to `max_tokens` and count no token shorter than a byte. A start without a limit waits
for no record of a try, so a crash of the machine or a full disk may keep its last ones from a later start's limit.

    async with budget.hold("answer", request, attempt) as hold:
        ...                      # await hold.again(error) before a further try
        hold.pay(usage, usd)     # or hold.drop(billed=...)

When a call is made, and where, is the schedule's business; what a token costs is for prices.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from evolve.config import BudgetConfig, Config
from evolve.errors import ConfigError, HaltedError, StageError, StopError, TeacherError
from evolve.ledger import Ledger, Try
from evolve.money.prices import Prices, Worst, counted, make_prices
from evolve.money.wording import dollars
from evolve.records import ROLE_OF, Attempt, Request, Role, Step, Usage

_ROUNDING = 1e-9
"""US dollars, of sums of a million floats."""


class Budget:
    """One run's, over its ledger. Without limits nobody ever waits, and only the accounts are kept."""

    def __init__(self, limits: BudgetConfig, prices: Prices, ledger: Ledger, *, records: bool = True) -> None:
        """`records`: puts tries on record itself; else somebody else does, with what they are a part of."""
        self._records = records
        self._limits = limits
        self._ledger = ledger
        self.prices = prices
        self.tokens, self.usd = _spent(ledger, prices)
        """Spent over all starts, with what was perhaps billed."""
        self._held = Worst(0, 0.0)
        """What those under way may cost."""
        self._under_way = 0
        self._waiting: list[tuple[Attempt, int, Worst, asyncio.Future[None]]] = []
        self._ticket = 0
        self.spent: str | None = None
        """Why nobody is let in any more."""

    @property
    def cost_usd(self) -> float | None:
        """What was spent; None where nothing of it has a price."""
        return None if self.prices.unpriced and not self.usd else self.usd

    @property
    def waiting(self) -> int:
        """Calls that wait for others to end."""
        return len(self._waiting)

    @asynccontextmanager
    async def hold(
        self, step: Step, request: Request, priority: Attempt, begun: int | None = None
    ) -> AsyncIterator[Hold]:
        """Room for one try of that call. Raises HaltedError where there is none, nor will be.

        `begun`: a try that an earlier start left under way. It is paid for already, so it has its room.
        """
        hold = Hold(self, step, self.prices.worst(request), priority)
        if begun is None or not hold.take_over(begun):
            await hold.begin()
        try:
            yield hold
        except HaltedError:
            hold.drop(billed=False)
            raise
        except StopError as error:
            hold.drop(billed=error.billed)
            raise
        except BaseException:  # cut off: nobody knows
            hold.drop(billed=True)
            raise

    async def begin(self, step: Step, worst: Worst, priority: Attempt) -> int:
        """Wait for room, take it, and put the try on record, where there is a limit on the disk; its number there."""
        await self._room(worst, priority)
        number = self._ledger.next_try()
        if self._records:
            write = self._ledger.begin_try(Try(number, step, worst.tokens, worst.usd))
            if self._limits.usd is not None or self._limits.tokens is not None:
                try:
                    await write.result()
                except BaseException:  # it is not made
                    self.end(number, worst, 0, 0.0, known=True)
                    raise
        return number

    def take_over(self, number: int) -> Worst | None:
        """What that try may cost, from now on under way and no longer spent; None: there is no such try."""
        found = self._ledger.find_try(number)
        if found is None:
            return None
        worst = Worst(found.tokens, found.usd)
        self.tokens -= worst.tokens
        self.usd -= _lost(self.prices, found.step, found.tokens) if found.usd is None else found.usd
        self._hold(worst, 1)
        return worst

    def end(self, number: int, worst: Worst, tokens: int, usd: float, *, known: bool) -> None:
        """Give room back; so much of it was spent. `known`: the try need not stay on record."""
        self._hold(worst, -1)
        self.tokens += tokens
        self.usd += usd
        self._grant()
        if known:
            self._ledger.end_try(number)

    async def _room(self, worst: Worst, priority: Attempt) -> None:
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._ticket += 1
        heapq.heappush(self._waiting, (priority, self._ticket, worst, turn))
        self._grant()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._hold(worst, -1)
            self._grant()
            raise

    def _grant(self) -> None:
        """Let in all who fit, in their order; if nobody is under way and the first does not fit, turn all away."""
        while self._waiting:
            _, _, worst, turn = self._waiting[0]
            if turn.done():  # cancelled meanwhile
                heapq.heappop(self._waiting)
            elif self.spent is None and self._fits(worst):
                heapq.heappop(self._waiting)
                self._hold(worst, 1)
                turn.set_result(None)
            elif self.spent is not None or not self._under_way:
                self.spent = self.spent or self._why(worst)
                heapq.heappop(self._waiting)
                turn.set_exception(HaltedError(self.spent))
            else:
                return

    def _hold(self, worst: Worst, sign: int) -> None:
        self._under_way += sign
        usd = (self._held.usd or 0.0) + sign * (worst.usd or 0.0)
        self._held = Worst(self._held.tokens + sign * worst.tokens, usd if self._under_way else 0.0)

    def _fits(self, worst: Worst) -> bool:
        limits, held = self._limits, self._held
        if limits.tokens is not None and self.tokens + held.tokens + worst.tokens > limits.tokens:
            return False
        if limits.usd is None:
            return True
        return worst.usd is not None and self.usd + (held.usd or 0.0) + worst.usd <= limits.usd + _ROUNDING

    def _why(self, worst: Worst) -> str:
        limits = self._limits
        if limits.tokens is not None and self.tokens + worst.tokens > limits.tokens:
            of, one = f"{limits.tokens:,} tokens", f"{worst.tokens:,}"
            return f"the budget is spent, but for less than the next call may take ({one}): {self.tokens:,} of {of}"
        of, one = dollars(limits.usd), dollars(worst.usd)
        return f"the budget is spent, but for less than the next call may cost ({one}): {dollars(self.usd)} of {of}"


class Hold:
    """The room of one call, for the try that is under way."""

    def __init__(self, budget: Budget, step: Step, worst: Worst, priority: Attempt) -> None:
        self._budget = budget
        self._step = step
        self._own = worst
        """What a try that is begun here may cost."""
        self._worst = worst
        """Of the one under way, which an earlier start may have begun at another price."""
        self._priority = priority
        self._number: int | None = None
        """Of the try on record. None: there is no room taken."""

    @property
    def try_(self) -> Try:
        """The one under way, as it is to be put on record."""
        if self._number is None:
            raise ValueError("there is no try under way")
        return Try(self._number, self._step, self._worst.tokens, self._worst.usd)

    def take_over(self, number: int) -> bool:
        """Go on with a try that an earlier start began; False: it is not on record."""
        found = self._budget.take_over(number)
        if found is not None:
            self._worst, self._number = found, number
        return found is not None

    async def begin(self) -> None:
        """Wait for room for a try. Raises HaltedError."""
        self._worst = self._own
        self._number = await self._budget.begin(self._step, self._worst, self._priority)

    async def again(self, error: TeacherError | StageError) -> None:
        """The try ended without a reply and another is to follow: wait for room, should it have been billed, or should
        the other cost another price."""
        billed = isinstance(error, StageError) or error.billed
        if billed or self._worst != self._own:
            self.drop(billed=billed)
            await self.begin()

    def pay(self, usage: Usage, usd: float | None) -> int | None:
        """It brought a reply; the try's number on record, if that is no longer needed there.

        Where the endpoint did not count tokens, it stays, and counts with the most that it can have cost.
        """
        number, self._number = self._number, None
        if number is None:
            raise ValueError("there is no try under way")
        if not counted(usage):
            self._budget.end(number, self._worst, self._worst.tokens, self._worst.usd or 0.0, known=False)
            return None
        spent = usage.prompt_tokens + usage.completion_tokens
        self._budget.end(number, self._worst, spent, usd or 0.0, known=False)
        return number

    def drop(self, *, billed: bool) -> None:
        """It brought no reply; `billed`: perhaps, so it stays on record."""
        number, self._number = self._number, None
        if number is not None:
            tokens_, usd = (self._worst.tokens, self._worst.usd or 0.0) if billed else (0, 0.0)
            self._budget.end(number, self._worst, tokens_, usd, known=not billed)


def make_budget(config: Config, ledger: Ledger) -> Budget:
    """A run's; in batches a try is on record with its batch, and until then it was not made."""
    prices = make_prices(config, config.roles)
    return Budget(config.budget, prices, ledger, records=not config.teacher.batch.on)


def check_budget(config: Config, roles: Sequence[Role]) -> None:
    """Raise ConfigError where a limit could not be kept for calls of these roles."""
    limits = config.budget
    if limits.usd is None and limits.tokens is None:
        return
    for role in roles:
        if config.role(role).max_tokens is None:
            raise ConfigError(
                f"teacher.{role}.max_tokens: a budget needs to know how long a reply can be; set a number"
            )
    if limits.usd is None:
        return
    for role, model, endpoint in make_prices(config, roles).unpriced:
        price = "{input: USD, output: USD}"
        raise ConfigError(
            f"budget.usd: no price is known for the {role}'s model {model} at {endpoint}; give it in USD per million "
            f"tokens, with --set 'prices={{{model}: {price}}}' (0 if it costs nothing), or limit tokens instead"
        )


def _spent(ledger: Ledger, prices: Prices) -> tuple[int, float]:
    """(tokens, USD) over all starts; what had no price then counts at today's."""
    total, usd = 0, 0.0
    query = (
        "SELECT step, usd IS NULL, count(*), coalesce(sum(usd), 0), "
        "coalesce(sum(json_extract(reply, '$.usage.prompt_tokens')), 0), "
        "coalesce(sum(json_extract(reply, '$.usage.completion_tokens')), 0) FROM calls GROUP BY 1, 2"
    )
    for step, unpriced, calls, paid, prompt, completion in ledger.rows(query):
        total += prompt + completion
        each = Usage(-(-prompt // calls), -(-completion // calls))  # rounded up
        usd += calls * (prices.estimate(ROLE_OF[step], each) or 0.0) if unpriced else paid
    query = "SELECT step, usd IS NULL, coalesce(sum(usd), 0), sum(tokens) FROM tries GROUP BY 1, 2"
    for step, unpriced, paid, lost in ledger.rows(query):
        total += lost
        usd += _lost(prices, step, lost) if unpriced else paid
    return total, usd


def _lost(prices: Prices, step: Step, tokens: int) -> float:
    """What tries without a price, of so many tokens, can have cost at today's."""
    return prices.at_most(ROLE_OF[step], 0, tokens).usd or 0.0
