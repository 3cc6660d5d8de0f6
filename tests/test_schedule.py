"""When calls are made: against fake endpoints (`send` is a parameter) that hold, fail and count as they are told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.config import RoleConfig, TeacherConfig
from evolve.errors import HaltedError, RefusedError, RetryableError, StageError, StopError, TeacherError
from evolve.records import Attempt, Reply, Request, Role
from evolve.teacher import Answer, Complete, Outcome, Schedule, make_request, schedule
from evolve.teacher import Endpoint as Place
from evolve.teacher.lines import MAX_RETRY_AFTER_S, REFUSED_IN_A_ROW, Line
from evolve.teacher.schedule import FIRST_PAUSE_S, LONGEST_PAUSE_S, TURNED_AWAY, pause_s
from evolve.teacher.slots import Slots
from tests.virtual import now

pytestmark = pytest.mark.virtual

REPLY = Reply("Sort two.", "stop", "m")
FIRST = Attempt(1, 0)
PATIENCE_S = 20.0
"""For what ends by itself: far longer than it takes."""


def request_of(prompt: object = "hi", role: Role = "evolver") -> Request:
    return make_request(role, RoleConfig(model="m"), str(prompt))


@dataclass
class Endpoint:
    """Ends each try as `ends` says, the last one again and again; holds it while `gate` is shut."""

    ends: list[Reply | Exception] = field(default_factory=lambda: [REPLY])
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    asked: list[str] = field(default_factory=list)
    timeouts: list[float] = field(default_factory=list)
    now: int = 0
    most: int = 0

    def __post_init__(self) -> None:
        self.gate.set()

    async def send(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        self.asked.append(request.messages[0].content)
        self.timeouts.append(timeout_s)
        end = self.ends[min(len(self.asked), len(self.ends)) - 1]
        self.now += 1
        self.most = max(self.most, self.now)
        try:
            await asyncio.sleep(0)
            await self.gate.wait()
        finally:
            self.now -= 1
        if isinstance(end, Exception):
            raise end
        return Answer(end)


def schedule_of(endpoint: Endpoint, in_flight: int = 8, max_attempts: int = 3) -> Schedule:
    return made(endpoint.send, in_flight=in_flight, max_attempts=max_attempts)


def made(send: Complete, **settings: float) -> Schedule:
    """A schedule that sends like this; all roles go to the same place."""
    roles: tuple[Role, ...] = ("evolver", "judge")
    return Schedule(TeacherConfig.model_validate(settings), {role: [Place()] for role in roles}, send)


async def settle(until: Callable[[], bool]) -> None:
    """Let others run until it is so, without a pause."""
    for _ in range(10_000):
        if until():
            return
        await asyncio.sleep(0)
    raise AssertionError("it did not come to that")


@pytest.fixture
def hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause between tries but the server's own wish."""
    monkeypatch.setattr(schedule, "FIRST_PAUSE_S", 0.0)


# -- slots -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("in_flight", [1, 3, 64])
async def test_all_slots_are_used_and_never_more(in_flight: int) -> None:
    endpoint = Endpoint()
    calls = schedule_of(endpoint, in_flight)
    await asyncio.gather(*(calls.call(request_of(i), Attempt(1, i)) for i in range(2000)))
    assert (endpoint.most, len(endpoint.asked)) == (in_flight, 2000)


@pytest.mark.usefixtures("hurry")
async def test_retries_take_slots_as_first_tries_do() -> None:
    ends: list[Reply | Exception] = [RetryableError("Later."), REPLY]
    endpoint = Endpoint(ends * 50 + [REPLY])
    calls = schedule_of(endpoint, in_flight=3, max_attempts=20)
    await asyncio.gather(*(calls.call(request_of(i), Attempt(1, i)) for i in range(50)))
    assert (endpoint.most, calls.slots.held) == (3, 0)


async def test_a_slot_is_not_held_while_pausing() -> None:
    endpoint = Endpoint([RetryableError("Later.", 500, retry_after_s=200), REPLY])
    calls = schedule_of(endpoint, in_flight=1)
    pausing = asyncio.create_task(calls.call(request_of("first"), FIRST))
    await settle(lambda: calls.faults == 1)
    async with asyncio.timeout(PATIENCE_S):
        outcome = await calls.call(request_of("second"), Attempt(9, 9))
    assert (outcome.reply, pausing.done()) == (REPLY, False)
    pausing.cancel()


async def test_the_smallest_priority_goes_first() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    calls = schedule_of(endpoint, in_flight=1)
    order = [Attempt(9, 9), Attempt(2, 0), Attempt(1, 5), Attempt(0, 7), Attempt(1, 1)]
    tasks = [asyncio.create_task(calls.call(request_of(f"{a.round}.{a.index}"), a)) for a in order]
    await settle(lambda: calls.slots.waiting == 4)
    endpoint.gate.set()
    await asyncio.gather(*tasks)
    assert endpoint.asked == ["9.9", "0.7", "1.1", "1.5", "2.0"]


async def test_calls_of_one_priority_keep_their_order() -> None:
    endpoint = Endpoint()
    calls = schedule_of(endpoint, in_flight=1)
    await asyncio.gather(*(calls.call(request_of(i), FIRST) for i in range(20)))
    assert endpoint.asked == [str(i) for i in range(20)]


async def test_a_slot_comes_back_from_a_call_that_breaks() -> None:
    calls = schedule_of(Endpoint([ZeroDivisionError("a bug")]))
    with pytest.raises(ZeroDivisionError):
        await calls.call(request_of(), FIRST)
    assert calls.slots.held == 0


def slots_of(limit: int) -> Slots:
    """With one line, that takes eight calls at a time."""
    slots = Slots(limit)
    slots.open("evolver", [Line(Place(), "m", 8, 0.0)])
    return slots


@asynccontextmanager
async def held(slots: Slots, priority: Attempt = FIRST) -> AsyncIterator[None]:
    line, _ = await slots.take(request_of(), priority)
    try:
        yield
    finally:
        line.lose()
        slots.release()


async def hold(slots: Slots, priority: Attempt = FIRST) -> None:
    async with held(slots, priority):
        pass


async def test_a_cancelled_holder_gives_its_slot_back() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    calls = schedule_of(endpoint, in_flight=1)
    task = asyncio.create_task(calls.call(request_of(), FIRST))
    await settle(lambda: calls.slots.held == 1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert calls.slots.held == 0


async def test_a_cancelled_waiter_lets_the_next_one_by() -> None:
    slots = slots_of(1)
    async with held(slots):
        first = asyncio.create_task(hold(slots, Attempt(1, 1)))
        second = asyncio.create_task(hold(slots, Attempt(1, 2)))
        await settle(lambda: slots.waiting == 2)
        first.cancel()
        await asyncio.wait([first])
    async with asyncio.timeout(PATIENCE_S):
        await second
    assert (first.cancelled(), slots.held, slots.waiting) == (True, 0, 0)


async def test_a_waiter_that_is_cancelled_as_its_turn_comes_gives_the_slot_back() -> None:
    slots = slots_of(1)
    async with held(slots):
        waiter = asyncio.create_task(hold(slots))
        await settle(lambda: slots.waiting == 1)
    assert (slots.held, slots.waiting) == (1, 0)  # it was given the slot, and has not run yet
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert slots.held == 0


async def test_giving_a_slot_is_announced() -> None:
    slots = slots_of(1)
    async with held(slots):
        waiter = asyncio.create_task(hold(slots))
        await settle(lambda: slots.waiting == 1)
        slots.freed.clear()
    assert slots.freed.is_set()
    await waiter


@given(st.lists(st.sampled_from(["come", "leave", "cancel", "run"]), max_size=40), st.integers(1, 3))
def test_slots_add_up_whatever_happens(events: list[str], limit: int) -> None:
    async def play() -> None:
        slots, gates, tasks = slots_of(limit), list[asyncio.Event](), list[asyncio.Task[None]]()

        async def one(gate: asyncio.Event) -> None:
            async with held(slots, Attempt(1, len(gates))):
                assert slots.held <= limit
                await gate.wait()

        for event in events:
            if event == "come":
                gates.append(asyncio.Event())
                tasks.append(asyncio.create_task(one(gates[-1])))
            elif event == "leave" and gates:
                gates[len(gates) // 2].set()
            elif event == "cancel" and tasks:
                tasks[-1 - len(tasks) // 2].cancel()
            await asyncio.sleep(0)
        for gate in gates:
            gate.set()
        async with asyncio.timeout(PATIENCE_S):
            for result in await asyncio.gather(*tasks, return_exceptions=True):
                assert result is None or isinstance(result, asyncio.CancelledError)
        assert (slots.held, slots.waiting) == (0, 0)

    asyncio.run(play())


# -- how a call ends -------------------------------------------------------------------------------------------------


async def test_a_reply_is_the_outcome() -> None:
    outcome = await schedule_of(Endpoint()).call(request_of(), FIRST)
    assert (outcome.reply, outcome.error, outcome.asked) == (REPLY, None, 1)


async def test_the_outcome_knows_how_long_it_took() -> None:
    began = now()
    outcome = await schedule_of(Endpoint()).call(request_of(), FIRST)
    assert 0 <= outcome.seconds <= now() - began


async def test_a_refused_call_fails_with_the_servers_words() -> None:
    calls = schedule_of(Endpoint([RefusedError("Too long.", 413)]))
    outcome = await calls.call(request_of(), FIRST)
    assert (outcome.reply, outcome.error, outcome.asked, calls.faults) == (None, "HTTP 413: Too long.", 1, 0)


async def test_a_stop_comes_through() -> None:
    with pytest.raises(StopError, match="No quota"):
        await schedule_of(Endpoint([StopError("No quota.", 429)])).call(request_of(), FIRST)


@pytest.mark.usefixtures("hurry")
async def test_a_stop_comes_through_after_retries() -> None:
    with pytest.raises(StopError):
        await schedule_of(Endpoint([RetryableError("Later."), StopError("No quota.")])).call(request_of(), FIRST)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("failures", [0, 1, 2])
async def test_a_call_is_asked_until_there_is_a_reply(failures: int) -> None:
    calls = schedule_of(Endpoint([*[RetryableError("Later.", 503)] * failures, REPLY]), max_attempts=3)
    outcome = await calls.call(request_of(), FIRST)
    assert (outcome.reply, outcome.error, outcome.asked, calls.faults) == (REPLY, None, failures + 1, failures)


@pytest.mark.usefixtures("hurry")
async def test_a_further_try_is_told_of_before_it_is_made() -> None:
    endpoint, told = Endpoint([RetryableError("Later."), StageError("Gone."), REPLY]), []

    async def again(error: TeacherError | StageError) -> None:
        told.append((str(error), len(endpoint.asked), calls.slots.held))

    calls = schedule_of(endpoint)
    assert (await calls.call(request_of(), FIRST, again=again)).reply == REPLY
    assert told == [("Later.", 1, 0), ("Gone.", 2, 0)]


@pytest.mark.usefixtures("hurry")
async def test_a_further_try_may_be_turned_down() -> None:
    async def again(error: TeacherError | StageError) -> None:
        raise HaltedError("No money.")

    endpoint = Endpoint([RetryableError("Later.")])
    with pytest.raises(HaltedError, match="No money"):
        await schedule_of(endpoint).call(request_of(), FIRST, again=again)
    assert len(endpoint.asked) == 1


@pytest.mark.parametrize(
    ("end", "billed"),
    [
        (RetryableError("Cut.", billed=True), True),
        (RetryableError("Busy.", 503), False),
        (RefusedError("No.", 400), False),
        (REPLY, False),
    ],
    ids=["cut off", "busy", "refused", "reply"],
)
async def test_the_outcome_knows_whether_the_last_try_was_perhaps_billed(end: Reply | Exception, billed: bool) -> None:
    assert (await schedule_of(Endpoint([end]), max_attempts=1).call(request_of(), FIRST)).billed == billed


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("max_attempts", [1, 3, 8])
async def test_a_call_fails_when_it_was_asked_often_enough(max_attempts: int) -> None:
    endpoint = Endpoint([RetryableError("Later.", 500)])
    outcome = await schedule_of(endpoint, max_attempts=max_attempts).call(request_of(), FIRST)
    assert (outcome.reply, outcome.error) == (None, "HTTP 500: Later.")
    assert outcome.asked == len(endpoint.asked) == max_attempts


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("status", [429, 503, 529])
async def test_a_call_may_be_turned_away_more_often_than_it_may_fail_but_not_for_ever(status: int) -> None:
    endpoint = Endpoint([RetryableError("Later.", status)])
    outcome = await schedule_of(endpoint, max_attempts=2).call(request_of(), FIRST)
    assert (outcome.error, outcome.asked) == (f"HTTP {status}: Later.", 2 * TURNED_AWAY)


@pytest.mark.usefixtures("hurry")
@pytest.mark.parametrize("lost", [1, 2, 20])
async def test_a_lost_worker_costs_no_try(lost: int) -> None:
    calls = schedule_of(Endpoint([*[StageError("Worker lost.")] * lost, REPLY]), max_attempts=1)
    outcome = await calls.call(request_of(), FIRST)
    assert (outcome.reply, outcome.asked, calls.faults) == (REPLY, lost + 1, 0)


@pytest.mark.usefixtures("hurry")
async def test_a_lost_worker_between_failures_costs_no_try() -> None:
    ends: list[Reply | Exception] = [
        RetryableError("Later."),
        StageError("Worker lost."),
        RetryableError("Later."),
        REPLY,
    ]
    assert (await schedule_of(Endpoint(ends), max_attempts=3).call(request_of(), FIRST)).reply == REPLY


@pytest.mark.usefixtures("hurry")
async def test_a_call_that_loses_every_worker_fails() -> None:
    outcome = await schedule_of(Endpoint([StageError("Worker lost.")])).call(request_of(), FIRST)
    assert (outcome.reply, outcome.error, outcome.asked) == (None, "Worker lost.", 21)


# -- pauses ----------------------------------------------------------------------------------------------------------


@given(st.text(max_size=10), st.integers(1, 120))
def test_a_pause_is_bounded(prompt: str, asked: int) -> None:
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (asked - 1))
    assert longest / 10 <= pause_s(request_of(prompt), asked, None) <= longest


@given(st.text(max_size=10), st.integers(1, 20), st.floats(0, 10_000) | st.just(float("inf")))
def test_a_pause_is_never_shorter_than_the_server_wishes_within_reason(prompt: str, asked: int, wish: float) -> None:
    found = pause_s(request_of(prompt), asked, wish)
    assert min(wish, MAX_RETRY_AFTER_S) <= found <= MAX_RETRY_AFTER_S + LONGEST_PAUSE_S


def test_a_pause_is_the_same_whenever_it_is_asked_for() -> None:
    assert pause_s(request_of(), 3, 1.5) == pause_s(request_of(), 3, 1.5)


def test_calls_turned_away_together_do_not_come_back_together() -> None:
    assert len({pause_s(request_of(i), 1, 7.0) for i in range(100)}) == 100


def test_pauses_of_one_call_are_not_alike() -> None:
    assert len({pause_s(request_of(), asked, None) / min(30.0, 2.0**asked) for asked in range(1, 9)}) == 8


async def test_a_call_pauses_before_it_is_asked_again() -> None:
    request = request_of()
    began = now()
    await schedule_of(Endpoint([RetryableError("Later."), REPLY])).call(request, FIRST)
    assert now() - began >= 0.9 * pause_s(request, 1, None)


@pytest.mark.usefixtures("hurry")
async def test_the_servers_wish_is_honoured() -> None:
    began = now()
    await schedule_of(Endpoint([RetryableError("Later.", 429, retry_after_s=0.2), REPLY])).call(request_of(), FIRST)
    assert now() - began >= 0.18


# -- deadlines -------------------------------------------------------------------------------------------------------


async def timed(seconds: list[float], **settings: float) -> tuple[Schedule, list[float], list[float]]:
    """A schedule after calls that took about so long, and bounds of how long each did: from inside, from outside."""
    inner, outer = list[float](), list[float]()

    async def send(_: str, request: Request, timeout_s: float) -> Answer:
        began = now()
        await asyncio.sleep(float(request.messages[0].content))
        inner.append(now() - began)
        return Answer(REPLY)

    calls = made(send, **settings)
    for each in seconds:
        outer.append((await calls.call(request_of(each), FIRST)).seconds)
    return calls, inner, outer


async def test_the_first_call_may_take_the_whole_time_out() -> None:
    endpoint = Endpoint()
    await made(endpoint.send, timeout_s=77.0).call(request_of(), FIRST)
    assert endpoint.timeouts == [77.0]


@pytest.mark.parametrize("factor", [2.0, 6.0])
async def test_the_deadline_is_a_multiple_of_the_median(factor: float) -> None:
    calls, inner, outer = await timed([0.001, 0.05, 0.01], deadline_factor=factor, deadline_floor_s=1e-6)
    assert factor * median(inner) <= calls.deadline_s("evolver") <= factor * median(outer)


async def test_the_deadline_is_never_shorter_than_its_floor() -> None:
    calls, _, _ = await timed([0.0, 0.0], deadline_factor=1.5, deadline_floor_s=500.0)
    assert calls.deadline_s("evolver") == 500.0


async def test_the_deadline_is_never_longer_than_the_time_out() -> None:
    calls, _, _ = await timed([0.02], deadline_factor=1e6, timeout_s=100.0)
    assert calls.deadline_s("evolver") == 100.0


async def test_the_time_out_is_stronger_than_the_floor() -> None:
    calls, _, _ = await timed([0.0], timeout_s=2.0, deadline_floor_s=30.0)
    assert calls.deadline_s("evolver") == 2.0


async def test_each_role_has_its_own_deadline() -> None:
    calls, _, _ = await timed([0.0], timeout_s=100.0)
    assert (calls.deadline_s("evolver"), calls.deadline_s("judge")) == (30.0, 100.0)


async def test_a_call_is_sent_with_the_deadline_of_its_moment() -> None:
    endpoint = Endpoint()
    calls = made(endpoint.send, timeout_s=100.0)
    await calls.call(request_of(), FIRST)
    await calls.call(request_of(), FIRST)
    assert endpoint.timeouts == [100.0, 30.0]


@pytest.mark.usefixtures("hurry")
async def test_failures_do_not_count_for_the_deadline() -> None:
    calls = schedule_of(Endpoint([RetryableError("Later.")]))
    await calls.call(request_of(), FIRST)
    assert calls.deadline_s("evolver") == TeacherConfig().timeout_s


# -- close -----------------------------------------------------------------------------------------------------------


async def ended(*tasks: asyncio.Task[Outcome]) -> list[object]:
    async with asyncio.timeout(PATIENCE_S):
        return [
            r.reply if isinstance(r, Outcome) else type(r) for r in await asyncio.gather(*tasks, return_exceptions=True)
        ]


async def test_a_call_under_way_is_finished_and_one_that_waits_is_turned_away() -> None:
    endpoint = Endpoint()
    endpoint.gate.clear()
    calls = schedule_of(endpoint, in_flight=1)
    tasks = [asyncio.create_task(calls.call(request_of(i), Attempt(1, i))) for i in range(3)]
    await settle(lambda: calls.slots.waiting == 2)
    calls.close()
    endpoint.gate.set()
    assert await ended(*tasks) == [REPLY, HaltedError, HaltedError]
    assert (endpoint.asked, calls.slots.held) == (["0"], 0)


@pytest.mark.parametrize("error", [RetryableError("Later.", 429, 200.0), StageError("Worker lost.")], ids=type)
async def test_a_pausing_call_is_turned_away(error: Exception) -> None:
    endpoint = Endpoint([error])
    calls = schedule_of(endpoint)
    task = asyncio.create_task(calls.call(request_of(), FIRST))
    await settle(lambda: len(endpoint.asked) == 1 and calls.slots.held == 0)
    calls.close()
    assert (await ended(task), endpoint.asked) == ([HaltedError], ["hi"])


@pytest.mark.parametrize("error", [RetryableError("Later."), StageError("Worker lost.")], ids=type)
async def test_a_call_under_way_that_fails_is_not_asked_again(error: Exception) -> None:
    endpoint = Endpoint([error])
    endpoint.gate.clear()
    calls = schedule_of(endpoint)
    task = asyncio.create_task(calls.call(request_of(), FIRST))
    await settle(lambda: endpoint.now == 1)
    calls.close()
    endpoint.gate.set()
    assert (await ended(task), endpoint.asked) == ([HaltedError], ["hi"])


async def test_a_call_that_comes_later_is_turned_away() -> None:
    endpoint = Endpoint()
    calls = schedule_of(endpoint)
    calls.close()
    with pytest.raises(HaltedError):
        await calls.call(request_of(), FIRST)
    assert endpoint.asked == []


async def test_closing_twice_is_closing() -> None:
    calls = schedule_of(Endpoint())
    calls.close()
    calls.close()
    with pytest.raises(HaltedError):
        await calls.call(request_of(), FIRST)


async def test_a_waiter_that_is_turned_away_and_cancelled_leaves_no_slot_behind() -> None:
    slots = slots_of(1)
    async with held(slots):
        waiter = asyncio.create_task(hold(slots))
        await settle(lambda: slots.waiting == 1)
        slots.close()
        waiter.cancel()
        with suppress(asyncio.CancelledError, HaltedError):
            await waiter
    assert slots.held == 0


@pytest.mark.usefixtures("hurry")
async def test_an_endpoint_that_grew_slower_is_given_more_time() -> None:
    taken = [0.0, *[0.2] * 40]

    async def send(_: str, __: Request, timeout_s: float) -> Answer:
        seconds = taken.pop(0)
        await asyncio.sleep(min(seconds, timeout_s))
        if seconds > timeout_s:
            raise RetryableError("no whole reply in time")
        return Answer(REPLY)

    calls = made(send, deadline_factor=2.0, deadline_floor_s=0.01, max_attempts=30)
    assert (await calls.call(request_of(), FIRST)).error is None
    assert (await calls.call(request_of(), FIRST)).error is None


# -- an endpoint that does not work at all -----------------------------------------------------------------------------


async def all_of(calls: Schedule, count: int) -> list[Outcome | BaseException]:
    return await asyncio.gather(
        *(calls.call(request_of(i), Attempt(1, i)) for i in range(count)), return_exceptions=True
    )


async def test_refusals_in_a_row_stop_the_run() -> None:
    async def send(_: str, __: Request, ___: float) -> Answer:
        raise RefusedError("Unsupported parameter.", 400)

    ends = await all_of(made(send, in_flight=4), 40)
    assert sum(isinstance(end, StopError) for end in ends) == 40 - REFUSED_IN_A_ROW + 1


async def test_refusals_among_answers_do_not() -> None:
    async def send(_: str, request: Request, __: float) -> Answer:
        if int(request.messages[0].content) % 4:
            raise RefusedError("Too long.", 400)
        return Answer(REPLY)

    ends = await all_of(made(send, in_flight=4), 400)
    assert sum(isinstance(end, Outcome) and end.error is not None for end in ends) == 300


@pytest.mark.usefixtures("hurry")
async def test_an_outage_is_waited_out_and_costs_no_item() -> None:
    left = 10

    async def send(_: str, __: Request, ___: float) -> Answer:
        nonlocal left
        left -= 1
        if left > 0:
            raise RetryableError("Down.", 503)
        return Answer(REPLY)

    ends = await all_of(made(send, in_flight=8, max_attempts=2), 12)
    assert [end.error for end in ends if isinstance(end, Outcome)] == [None] * 12


@pytest.mark.usefixtures("hurry")
async def test_an_outage_without_end_stops_the_run() -> None:
    async def send(_: str, __: Request, ___: float) -> Answer:
        raise RetryableError("Down.", 503)

    ends = await all_of(made(send, in_flight=8, max_attempts=2, patience_s=0.2), 12)
    assert all(isinstance(end, StopError) for end in ends)


@pytest.mark.usefixtures("hurry")
async def test_a_call_that_alone_fails_is_given_up() -> None:
    async def send(_: str, request: Request, __: float) -> Answer:
        if request.messages[0].content == "5":
            raise RetryableError("Down.", 503)
        return Answer(REPLY)

    ends = await all_of(made(send, in_flight=2, max_attempts=3), 12)
    assert [i for i, end in enumerate(ends) if isinstance(end, Outcome) and end.error] == [5]


async def test_a_reply_is_kept_before_its_slot_is_free() -> None:
    kept: list[int] = []

    async def keep(_: Outcome) -> None:
        kept.append(calls.slots.held)

    calls = made(Endpoint().send, in_flight=3)
    await calls.call(request_of(), FIRST, keep)
    assert kept == [1]


@pytest.mark.parametrize("left", [1, 2, 4])
async def test_the_last_few_calls_that_always_fail_are_given_up(left: int) -> None:
    async def send(_: str, request: Request, __: float) -> Answer:
        if int(request.messages[0].content) < left:
            raise RetryableError("Down.", 500)
        return Answer(REPLY)

    ends = await all_of(made(send, in_flight=8, max_attempts=3), left)
    assert [end.error for end in ends if isinstance(end, Outcome)] == ["HTTP 500: Down."] * left


async def test_a_role_that_nobody_asked_for_long_is_not_one_without_answers() -> None:
    endpoint = Endpoint([REPLY, RetryableError("Down.", 500), REPLY])
    calls = schedule_of(endpoint)
    await calls.call(request_of(), FIRST)
    await asyncio.sleep(2 * TeacherConfig().patience_s)
    assert (await calls.call(request_of(), FIRST)).error is None


async def test_a_long_wish_of_the_servers_is_no_silence() -> None:
    wish = RetryableError("Later.", 429, retry_after_s=MAX_RETRY_AFTER_S)
    endpoint = Endpoint([wish, wish, REPLY])
    assert (await schedule_of(endpoint).call(request_of(), FIRST)).error is None


# -- calls that begin when nothing is known --------------------------------------------------------------------------


async def test_a_first_call_that_hangs_is_measured_by_those_answered_since() -> None:
    hung = asyncio.Event()
    begun: list[float] = []

    async def send(_: str, request: Request, timeout_s: float) -> Answer:
        if request.messages[0].content == "0" and not begun:
            begun.append(now())
            try:
                await asyncio.sleep(timeout_s)
            except asyncio.CancelledError:
                hung.set()
                raise
            raise RetryableError("no reply")
        await asyncio.sleep(2)
        return Answer(REPLY)

    calls = made(send, in_flight=4, timeout_s=600, deadline_floor_s=30)
    outcomes = await asyncio.gather(*(calls.call(request_of(i), Attempt(1, i)) for i in range(4)))
    assert all(outcome.reply for outcome in outcomes)
    assert hung.is_set()  # whoever carries it is told
    assert now() - begun[0] < 40


async def test_first_calls_take_their_time_while_nobody_is_answered() -> None:
    async def send(_: str, __: Request, ___: float) -> Answer:
        await asyncio.sleep(500)
        return Answer(REPLY)

    calls = made(send, in_flight=4, timeout_s=600, deadline_floor_s=30)
    outcomes = await asyncio.gather(*(calls.call(request_of(i), Attempt(1, i)) for i in range(4)))
    assert [outcome.asked for outcome in outcomes] == [1] * 4
