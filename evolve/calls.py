"""A paid call over the ledger: looked for there first, made where it is not on record, kept before it counts.

Invariant: of the same place and request, at most one reply is ever paid for, however often, by how many at once and
after whatever crash it is asked; none is made that the budget does not hold; and no reply is handed out that is not on
disk. What is asked, and what is made of the reply, is the caller's.
"""

from __future__ import annotations

import asyncio

from evolve.ledger import Call, Ledger
from evolve.money import Budget
from evolve.records import Attempt, Request, Step
from evolve.teacher import Outcome, Schedule

Place = tuple[str, int, Step, str]
"""Root id, round, step and the request's digest."""


class Calls:
    def __init__(self, ledger: Ledger, schedule: Schedule, budget: Budget) -> None:
        self._ledger = ledger
        self._schedule = schedule
        self.budget = budget
        self._under_way: dict[Place, asyncio.Event] = {}

    async def make(self, root_id: str, step: Step, request: Request, attempt: Attempt) -> Call:
        """How the call ended for good. Raises StopError or HaltedError where the run cannot go on."""
        place = root_id, attempt.round, step, request.digest
        while (ended := self._under_way.get(place)) is not None:
            await ended.wait()
        known = self._ledger.find_call(*place)
        if known is not None:
            return known
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
            usd = self.budget.prices.cost(request.role, outcome.endpoint, reply.usage)
            made = Call(*place, reply, *end, usd)
            await self._ledger.record_call(made, hold.pay(reply.usage, usd))

        async with self.budget.hold(place[2], request, attempt) as hold:
            outcome = await self._schedule.call(request, attempt, keep, hold.again)
            if made is None:
                await keep(outcome)
        assert made is not None
        return made
