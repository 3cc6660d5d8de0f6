"""Paid calls over the ledger: asked once, whoever asks, however many at once, and kept before they count."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest

from evolve.calls import Calls
from evolve.config import BatchConfig, BudgetConfig, TeacherConfig
from evolve.errors import RefusedError, StopError
from evolve.ledger import Call, Ledger
from evolve.money import Budget, Prices
from evolve.records import Attempt, Message, Reply, Request
from evolve.teacher import Answer, Desk, Schedule
from evolve.teacher import Endpoint as Place

FIRST = Attempt(1, 0)
Say = Callable[[Request], Reply]


def request(text: str = "Is it?", nth: int = 0) -> Request:
    return Request("judge", "m", (Message("user", text),), 0.0, 1.0, 9, nth=nth)


class Endpoint:
    """Answers what it is told to, and remembers what it was asked."""

    def __init__(self, answer: Say) -> None:
        self.asked: list[Request] = []
        self._answer = answer

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        self.asked.append(request)
        await asyncio.sleep(0.01)
        return Answer(self._answer(request))


def echo(request: Request) -> Reply:
    return Reply(request.messages[0].content, "stop", "m")


def refuse(request: Request) -> Reply:
    raise RefusedError("no", 400)


def stop(request: Request) -> Reply:
    raise StopError("no quota", 402)


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    with Ledger(tmp_path / "ledger.db") as ledger:
        yield ledger


def calls(ledger: Ledger, endpoint: Endpoint) -> Calls:
    schedule = Schedule(TeacherConfig(), {"judge": [Place()]}, endpoint.complete)
    return Calls(ledger, schedule, Budget(BudgetConfig(), Prices({}, {}), ledger))


@pytest.mark.parametrize("answer", [echo, refuse], ids=["reply", "failure"])
async def test_many_who_ask_the_same_at_once_share_one_call(ledger: Ledger, answer: Say) -> None:
    endpoint = Endpoint(answer)
    made = calls(ledger, endpoint)
    ended = await asyncio.gather(*(made.make("root", "judge", request(), FIRST) for _ in range(20)))
    assert len(endpoint.asked) == 1
    assert len({(call.reply, call.error, call.asked) for call in ended}) == 1


async def test_the_same_again_is_read_from_the_ledger(ledger: Ledger) -> None:
    endpoint = Endpoint(echo)
    first = await calls(ledger, endpoint).make("root", "judge", request(), FIRST)
    assert await calls(ledger, endpoint).make("root", "judge", request(), FIRST) == first
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("root", "attempt", "other"),
    [
        pytest.param("another", FIRST, request(), id="lineage"),
        pytest.param("root", Attempt(2, 0), request(), id="round"),
        pytest.param("root", FIRST, request("Is it not?"), id="text"),
        pytest.param("root", FIRST, request(nth=1), id="asking"),
    ],
)
async def test_another_place_or_request_is_another_call(
    ledger: Ledger, root: str, attempt: Attempt, other: Request
) -> None:
    endpoint = Endpoint(echo)
    made = calls(ledger, endpoint)
    await asyncio.gather(made.make("root", "judge", request(), FIRST), made.make(root, "judge", other, attempt))
    assert len(endpoint.asked) == 2


async def test_a_reply_is_on_record_when_it_is_handed_out(ledger: Ledger) -> None:
    call = await calls(ledger, Endpoint(echo)).make("root", "judge", request(), FIRST)
    expected = Call("root", 1, "judge", request().digest, Reply("Is it?", "stop", "m"), None, 1, call.seconds)
    expected = replace(expected, endpoint=Place().name, usd=None)
    assert ledger.find_call("root", 1, "judge", request().digest) == call == expected


async def test_an_end_of_the_run_is_told_to_all_and_recorded_of_none(ledger: Ledger) -> None:
    made = calls(ledger, Endpoint(stop))
    ended = await asyncio.gather(
        *(made.make("root", "judge", request(), FIRST) for _ in range(3)), return_exceptions=True
    )
    assert [type(error) for error in ended] == [StopError] * 3
    assert ledger.find_call("root", 1, "judge", request().digest) is None


@pytest.mark.parametrize("on", [True, False], ids=["in batches", "one by one"])
async def test_a_batch_is_to_hold_all_that_can_be_asked(ledger: Ledger, on: bool) -> None:
    config = TeacherConfig(in_flight=1, batch=BatchConfig(on=on))
    desk = Desk(config, {"judge": [Place()]}, ledger)
    schedule = Schedule(config, {"judge": [Place()]}, Endpoint(echo).complete)
    made = Calls(ledger, schedule, Budget(BudgetConfig(), Prices({}, {}), ledger), desk)
    assert (made.full(0), made.full(10**6)) == (False, not on)
