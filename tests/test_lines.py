"""What endpoints bear is found out and kept to: calls of hours to servers with limits, on a clock without waiting."""

from __future__ import annotations

import asyncio
import itertools
import math
from collections.abc import Callable, Sequence
from random import Random
from statistics import mean

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import RoleConfig, TeacherConfig
from evolve.errors import RefusedError, RetryableError, StopError
from evolve.records import Attempt, Reply, Request, Usage
from evolve.teacher import Answer, Complete, Endpoint, Outcome, Schedule, make_request
from evolve.teacher.limits import Limits
from evolve.teacher.pace import Window
from tests.virtual import Server, now, play

pytestmark = pytest.mark.virtual

IN_FLIGHT = 64
REPLY = Reply("Sort two.", "stop", "m", Usage(100, 50))


def request_of(number: int, length: int = 0) -> Request:
    return make_request("evolver", RoleConfig(model="m"), f"{number}".ljust(length, "x"))


async def keep_asking(
    send: Complete, minutes: float, places: Sequence[Endpoint] = (Endpoint(),), in_flight: int = IN_FLIGHT
) -> Schedule:
    """As many calls as the schedule lets out in so many minutes, always more of them waiting."""
    schedule = Schedule(TeacherConfig(in_flight=in_flight, patience_s=1e6), {"evolver": places}, send)
    numbers, end = itertools.count(), now() + 60 * minutes

    async def ask() -> None:
        while now() < end:
            number = next(numbers)
            await schedule.call(request_of(number), Attempt(1, number))

    tasks = [asyncio.create_task(ask()) for _ in range(2 * in_flight)]
    await asyncio.sleep(end - now())
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    return schedule


# -- limits that nobody told -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("server", "ideal_a_second"),
    [
        pytest.param(lambda: Server(slots=3), 3 / 2, id="3-at-a-time"),
        pytest.param(lambda: Server(slots=24), 24 / 2, id="24-at-a-time"),
        pytest.param(lambda: Server(slots=24, sigma=0.8), 24 / 2.75, id="24-at-a-time-log-normal"),
        pytest.param(lambda: Server(slots=24, retry_after=True), 24 / 2, id="24-at-a-time-with-a-wish"),
        pytest.param(lambda: Server(per_minute=600), 10, id="600-a-minute"),
        pytest.param(lambda: Server(per_minute=600, retry_after=True), 10, id="600-a-minute-with-a-wish"),
        pytest.param(lambda: Server(per_second=1), 1, id="1-a-second"),
        pytest.param(lambda: Server(per_second=10), 10, id="10-a-second"),
    ],
)
async def test_a_hidden_limit_is_found_and_used(server: Callable[[], Server], ideal_a_second: float) -> None:
    endpoint = server()
    await keep_asking(endpoint.send, 30)
    assert len(endpoint.answered) >= 0.9 * 1800 * ideal_a_second
    assert endpoint.turned_away < 0.02 * endpoint.asked


@pytest.mark.parametrize("serves", [1, 4, 16])
async def test_more_at_a_time_are_not_asked_where_that_gains_nothing(serves: int) -> None:
    endpoint = Server(serves=serves)
    schedule = await keep_asking(endpoint.send, 10)
    assert len(endpoint.answered) >= 0.98 * 600 * serves / 2
    assert schedule.lines[0].throttle.limit <= max(16, 4 * serves)


@pytest.mark.parametrize(("in_flight", "sigma"), [(1024, 0.8), (256, 1.2)])
async def test_answers_of_very_different_lengths_are_no_sign_of_too_much(in_flight: int, sigma: float) -> None:
    endpoint = Server(sigma=sigma)
    await keep_asking(endpoint.send, 3, in_flight=in_flight)
    lately = sum(at > 120 for at in endpoint.answered)
    assert lately >= 0.9 * 60 * in_flight / (2 * math.exp(sigma**2 / 2))


@pytest.mark.parametrize("seconds", [2.0, 8.0])
@pytest.mark.parametrize("share", [0.01, 0.03, 0.05])
async def test_calls_turned_away_whatever_the_limit_do_not_starve_the_run(share: float, seconds: float) -> None:
    endpoint = Server(seconds=seconds, sigma=0.5, faulty=share)
    await keep_asking(endpoint.send, 20)
    mean_s = seconds * math.exp(0.5**2 / 2)
    assert len(endpoint.answered) >= 0.85 * (1 - share) * 1200 * IN_FLIGHT / mean_s


async def test_a_limit_is_found_among_calls_turned_away_for_no_reason() -> None:
    endpoint = Server(slots=24, faulty=0.03)
    await keep_asking(endpoint.send, 20)
    assert len(endpoint.answered) >= 0.85 * 0.97 * 1200 * 24 / 2
    assert endpoint.turned_away < (0.03 + 0.03) * endpoint.asked


@pytest.mark.parametrize(("before", "after"), [(48, 8), (8, 48)])
async def test_a_limit_that_changes_is_followed(before: int, after: int) -> None:
    endpoint = Server(slots=before)
    asyncio.get_running_loop().call_later(300, setattr, endpoint, "slots", after)
    await keep_asking(endpoint.send, 15)
    in_the_end = sum(at > 780 for at in endpoint.answered)
    assert in_the_end >= 0.85 * 120 * after / 2


@settings(deadline=None, max_examples=40)
@given(st.integers(1, 40), st.floats(0.5, 5.0), st.integers(0, 99))
def test_calls_at_a_time_are_never_more_than_are_allowed(in_flight: int, seconds: float, chance: int) -> None:
    endpoint = Server(seconds=seconds, sigma=0.5, faulty=chance / 200)
    play(keep_asking(endpoint.send, 1, [Endpoint(in_flight=in_flight)]))
    assert endpoint.most <= in_flight


# -- limits that were told ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("allowance", [30, 600])
@pytest.mark.parametrize("what", ["requests", "input", "output"])
async def test_an_allowance_a_minute_is_used_and_kept_in_any_minute(what: str, allowance: int) -> None:
    each = {"requests": 1, "input": 100, "output": 50}[what]
    sent: list[float] = []

    async def send(_: str, __: Request, ___: float) -> Answer:
        sent.append(now())
        await asyncio.sleep(0.5)
        return Answer(REPLY)

    await keep_asking(send, 10, [Endpoint(per_minute={what: allowance * each})])
    settled = [at for at in sent if at > 120]  # by then the tokens of a call are known
    in_a_minute = [sum(start <= at < start + 60 for at in settled) for start in settled[:: len(settled) // 20]]
    assert max(in_a_minute) <= 1.05 * allowance
    assert len(settled) >= 0.9 * allowance * 8


@given(
    st.floats(1, 1e5),
    st.lists(st.tuples(st.floats(0, 20), st.floats(0.1, 50)), min_size=1, max_size=60),
)
def test_no_window_gives_more_than_its_allowance_in_a_minute(
    per_minute: float, calls: list[tuple[float, float]]
) -> None:
    window, at, taken = Window(per_minute, 0.0), 0.0, list[tuple[float, float]]()
    for pause, amount in calls:
        wanted = min(amount, max(1.0, per_minute / 20))  # larger ones may go over once
        at += pause
        at += window.wait_s(wanted, at)
        window.take(wanted, at)
        taken.append((at, wanted))
    for start, _ in taken:
        assert sum(amount for at, amount in taken if start <= at < start + 60) <= max(2.0, 1.001 * per_minute)


async def test_what_is_left_is_not_overdrawn() -> None:
    left, sent = 10, list[float]()

    async def send(_: str, __: Request, ___: float) -> Answer:
        nonlocal left
        if now() % 60 < 1 and len(sent) and now() - sent[-1] > 5:
            left = 10
        sent.append(now())
        left -= 1
        remaining = left
        await asyncio.sleep(0.1)
        if remaining < 0:
            raise RetryableError("Too many.", 429)
        return Answer(REPLY, Limits(requests=remaining, requests_reset_s=60 - now() % 60))

    schedule = await keep_asking(send, 5, [Endpoint(in_flight=4)])
    assert schedule.lines[0].counts.turned_away <= 8  # those of the first moments, when nothing had been told
    assert len(sent) >= 45


async def test_a_wish_that_everyone_wait_is_granted() -> None:
    sent: list[float] = []

    async def send(_: str, __: Request, ___: float) -> Answer:
        sent.append(now())
        if now() < 40:
            raise RetryableError("Too many.", 429, retry_after_s=40 - now())
        return Answer(REPLY)

    schedule = Schedule(TeacherConfig(in_flight=64), {"evolver": [Endpoint()]}, send)
    await asyncio.gather(*(schedule.call(request_of(i), Attempt(1, i)) for i in range(100)))
    assert not [at for at in sent if 1 < at < 40]


# -- an endpoint that does not work ------------------------------------------------------------------------------------


async def test_an_endpoint_that_is_down_is_tried_by_one_call_at_a_time() -> None:
    sent: list[float] = []

    async def send(_: str, __: Request, ___: float) -> Answer:
        sent.append(now())
        await asyncio.sleep(0.01)
        if now() < 120:
            raise RetryableError("Down.", 500)
        return Answer(REPLY)

    schedule = Schedule(TeacherConfig(in_flight=64), {"evolver": [Endpoint()]}, send)
    ends = await asyncio.gather(*(schedule.call(request_of(i), Attempt(1, i)) for i in range(200)))
    assert [end.error for end in ends if end.error] == []
    assert len([at for at in sent if 1 < at < 120]) <= 8
    assert len({at for at in sent if 1 < at < 120}) == len([at for at in sent if 1 < at < 120])


async def test_scattered_faults_shut_nothing() -> None:
    draw = Random(0)

    async def send(_: str, __: Request, ___: float) -> Answer:
        broken = draw.random() < 0.07
        await asyncio.sleep(0.01 if broken else 0.5)
        if broken:
            raise RetryableError("Down.", 500)
        return Answer(REPLY)

    schedule = await keep_asking(send, 5)
    assert schedule.lines[0].counts.answered >= 0.75 * 300 * IN_FLIGHT / 0.5


# -- several endpoints -------------------------------------------------------------------------------------------------

THREE = tuple(Endpoint(f"http://127.0.0.1:{port}/v1") for port in (1, 2, 3))
Behaviour = Callable[[Request], Answer]


def refused(_: Request) -> Answer:
    raise RetryableError("connection: refused")


def faulty(request: Request) -> Answer:
    if int(request.digest, 16) % 2:
        raise RetryableError("Down.", 500)
    return Answer(REPLY)


def unpaid(_: Request) -> Answer:
    raise StopError("No quota.", 429)


def picky(_: Request) -> Answer:
    raise RefusedError("Unsupported parameter.", 400)


async def with_one(behaviour: Behaviour | None, minutes: float = 2) -> Schedule:
    """Three endpoints of 32 calls at a time, the first of which behaves like this."""
    servers = {place.name: Server(slots=32) for place in THREE}

    async def send(name: str, request: Request, timeout_s: float) -> Answer:
        if name == THREE[0].name and behaviour is not None:
            await asyncio.sleep(0.01)
            return behaviour(request)
        return await servers[name].send(name, request, timeout_s)

    return await keep_asking(send, minutes, THREE)


def answered(schedule: Schedule) -> int:
    return sum(line.counts.answered for line in schedule.lines)


@pytest.mark.parametrize("behaviour", [refused, faulty, unpaid, picky])
async def test_one_bad_endpoint_of_three_costs_a_third_at_most(behaviour: Behaviour) -> None:
    whole = answered(await with_one(None))
    assert answered(await with_one(behaviour)) >= 0.6 * whole


@pytest.mark.parametrize("behaviour", [refused, faulty, unpaid])
async def test_one_bad_endpoint_of_three_loses_no_call(behaviour: Behaviour) -> None:
    async def send(name: str, request: Request, timeout_s: float) -> Answer:
        await asyncio.sleep(0.1)
        return behaviour(request) if name == THREE[0].name else Answer(REPLY)

    schedule = Schedule(TeacherConfig(in_flight=64), {"evolver": THREE}, send)
    ends = await asyncio.gather(*(schedule.call(request_of(i), Attempt(1, i)) for i in range(2000)))
    assert [end for end in ends if end.error] == []


async def test_when_every_endpoint_is_dead_the_run_stops() -> None:
    async def send(name: str, _: Request, __: float) -> Answer:
        await asyncio.sleep(0.01)
        raise StopError(f"{name}: no quota", 429)

    schedule = Schedule(TeacherConfig(in_flight=8), {"evolver": THREE}, send)
    ends = await asyncio.gather(
        *(schedule.call(request_of(i), Attempt(1, i)) for i in range(20)), return_exceptions=True
    )
    assert {type(end) for end in ends} == {StopError}


async def test_a_call_that_failed_goes_elsewhere_next() -> None:
    seen: list[str] = []

    async def send(name: str, _: Request, __: float) -> Answer:
        seen.append(name)
        if len(seen) == 1:
            raise RetryableError("Down.", 500)
        return Answer(REPLY)

    schedule = Schedule(TeacherConfig(), {"evolver": THREE[:2]}, send)
    outcome = await schedule.call(request_of(0), Attempt(1, 0))
    assert (len(set(seen)), outcome.endpoint) == (2, seen[1])


@pytest.mark.parametrize("weight", [1.0, 3.0])
async def test_calls_are_shared_by_weight(weight: float) -> None:
    now_there = dict.fromkeys((place.name for place in THREE[:2]), 0)
    shares: list[float] = []

    async def send(name: str, _: Request, __: float) -> Answer:
        now_there[name] += 1
        shares.append(now_there[THREE[1].name] / sum(now_there.values()))
        await asyncio.sleep(0.5)
        now_there[name] -= 1
        return Answer(REPLY)

    places = [THREE[0], Endpoint(THREE[1].base_url, weight=weight)]
    schedule = Schedule(TeacherConfig(in_flight=16), {"evolver": places}, send)
    ends: list[Outcome] = await asyncio.gather(*(schedule.call(request_of(i), Attempt(1, i)) for i in range(2000)))
    assert len(ends) == 2000
    assert mean(shares[1000:]) == pytest.approx(weight / (weight + 1), abs=0.1)
