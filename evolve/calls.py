"""A paid call over the ledger: looked for there first, made where it is not on record, kept before it counts.

Invariant: of the same place and request, at most one reply is ever paid for, however often, by how many at once and
after whatever crash it is asked; none is made that the budget does not hold; no reply is handed out that is not on
disk, or comes there unscreened. What is asked, and what is made of the reply, is the caller's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace

from evolve.ledger import Call, Ledger
from evolve.money import Budget
from evolve.records import Attempt, Reply, Request, Step, digest
from evolve.teacher import Desk, Outcome, Schedule

Place = tuple[str, int, Step, str]
"""Root id, round, step and the request's digest."""
LOOK_AHEAD = 64
"""Attempts under way per slot: bounds memory. A straggler that is asked again after six medians holds the canonical
order up for six calls of a slot, far fewer than these."""


class Calls:
    def __init__(
        self,
        ledger: Ledger,
        schedule: Schedule,
        budget: Budget,
        desk: Desk | None = None,
        screen: Callable[[Reply], Reply] = lambda reply: reply,
    ) -> None:
        """`desk`: where calls go that are made in batches. `screen`: the reply as it may be kept; screened twice, it is
        the same."""
        self._desk = desk
        self._screen = screen
        self._ledger = ledger
        self._schedule = schedule
        self.budget = budget
        self._under_way: dict[Place, asyncio.Event] = {}

    def full(self, attempts: int) -> bool:
        """Whether no further attempt is to be started, beside so many: enough calls wait.

        A batch is to hold all that can be asked, so there no number is enough.
        """
        limit = self._schedule.slots.limit
        if self._desk is not None and self._desk.gathers:
            return self.budget.waiting > 0
        return self._schedule.slots.waiting + self.budget.waiting >= limit or attempts >= LOOK_AHEAD * limit

    def close(self) -> None:
        """Make no further call; those under way go on."""
        self._schedule.close()
        if self._desk is not None:
            self._desk.close()

    async def make(self, root_id: str, step: Step, request: Request, attempt: Attempt) -> Call:
        """How the call ended for good. Raises StopError or HaltedError where the run cannot go on."""
        place = root_id, attempt.round, step, request.digest
        while (ended := self._under_way.get(place)) is not None:
            await ended.wait()
        known = self._ledger.find_call(*place)
        if known is not None:
            return known if known.reply is None else replace(known, reply=self._screen(known.reply))
        ended = self._under_way[place] = asyncio.Event()
        try:
            return await self._ask(place, request, attempt)
        finally:
            del self._under_way[place]
            ended.set()

    async def _ask(self, place: Place, request: Request, attempt: Attempt) -> Call:
        made: Call | None = None

        async def keep(outcome: Outcome) -> None:
            nonlocal made
            reply, end = outcome.reply, (outcome.error, outcome.asked, outcome.seconds, outcome.endpoint)
            if reply is None:
                hold.drop(billed=outcome.billed)
                made = Call(*place, None, *end)
                await self._ledger.record_call(made)
                return
            usd = self.budget.prices.cost(request.role, outcome.endpoint, reply.usage, outcome.factor)
            made = Call(*place, self._screen(reply), *end, usd)
            await self._ledger.record_call(made, hold.pay(reply.usage, usd))

        name, desk = digest(*map(str, place)), self._desk
        begun = None if desk is None else desk.begun(name)
        async with self.budget.hold(place[2], request, attempt, begun) as hold:
            outcome = None
            if desk is not None and desk.takes(name):
                outcome = await desk.call(name, request, keep, hold)
            if outcome is None:
                outcome = await self._schedule.call(request, attempt, keep, hold.again)
            if made is None:
                await keep(outcome)
        assert made is not None
        return made
