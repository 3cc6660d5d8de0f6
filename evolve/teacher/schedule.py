"""When calls are made, and where: slots, retries, deadlines. Owned by the driver, so one limit holds for a cluster.

Invariant: no call that waits to be asked again holds a slot, and every call is asked a bounded number of times. A call
that outlasts its deadline (six times the running median of its role) is given up and asked again, with twice the time;
that is all the hedging there is, since two at a time would be paid twice. A role whose every line is silent or dead
stops the run. How many calls a line takes is its own business (`lines`), who is next that of `slots`; what is asked
and what is made of the reply are the pipeline's.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from evolve.config import TeacherConfig
from evolve.errors import HaltedError, RefusedError, RetryableError, StageError, StopError, TeacherError
from evolve.records import Attempt, Reply, Request, Role, rng
from evolve.teacher.client import Answer
from evolve.teacher.endpoints import Endpoint
from evolve.teacher.lines import MAX_RETRY_AFTER_S, TOO_MUCH, Line, Sent
from evolve.teacher.slots import Slots

Complete = Callable[[str, Request, float], Awaitable[Answer]]
"""One try at a call, at the endpoint of that name, within so many seconds; raises a TeacherError, or StageError if the
worker was lost."""

Keep = Callable[["Outcome"], Awaitable[None]]
"""Makes a reply durable."""

Again = Callable[[TeacherError | StageError], Awaitable[None]]
"""Told of a try that brought nothing, before another one is made; it may wait, or raise HaltedError and so end it."""

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 30.0
COMPLAIN_S = 10.0
LAST_FEW = 4
"""Calls that are given up, and not waited for until the run stops: or it would stop for them at every start anew. Only
where the endpoint was reached: one that is gone says nothing of a call."""
TURNED_AWAY = 4
"""Times as often as it may fail, a call may be turned away: that is the schedule's fault rather than its own."""
LOOK_S = 1.0
"""Seconds from one look to the next at a call that was begun when no deadline was known."""
_LOST_WORKERS = 20
"""Times a call survives the loss of its worker; those are not the endpoint's fault and cost no try."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a call ended for good."""

    reply: Reply | None
    error: str | None
    asked: int
    seconds: float
    endpoint: str = ""
    """Name of the one that answered or was asked last."""
    billed: bool = False
    """Whether its last try may have been billed, though there is no reply."""
    factor: float | None = None
    """On the reply's price, such as of a call in a batch; None: the usual one."""


class _Role:
    """Whether a role gets answers at all: one that does not must stop the run, not fail its items one by one."""

    def __init__(self, lines: Sequence[Line], now: float) -> None:
        self.lines = lines
        self.active = 0
        """Calls under way or waiting."""
        self.answered = 0
        self.seconds: deque[float] = deque(maxlen=101)
        self.last = now
        self.stopped = False
        """Whether it has stopped the run."""
        self._told = now

    def answer(self, seconds: float, now: float) -> None:
        self.answered += 1
        self.seconds.append(seconds)
        self.last = now

    def complaint(self, now: float) -> float | None:
        """Seconds without an answer, if that is worth a word and the last one was long ago."""
        if now - max(self.last, self._told) < COMPLAIN_S:
            return None
        self._told = now
        return now - self.last

    def check(self, error: RetryableError, patience_s: float, now: float) -> None:
        """Raises StopError when no call has been answered for so long."""
        if now - self.last > patience_s:
            self.stopped = True
            words = f"no answer for {patience_s:.0f} s, the last error was: {error}"
            raise StopError(words, error.status, billed=error.billed)


class _Call:
    """One call, and its tries so far."""

    def __init__(self, request: Request, role: _Role, keep: Keep | None, again: Again | None) -> None:
        self.request = request
        self.role = role
        self.keep = keep
        self._again = again
        self.began = _now()
        self.asked = self.lost = self.late = self.turned_away = 0
        self.avoid: Line | None = None

    def out(self, most: int) -> bool:
        """Whether it was asked often enough."""
        failed = self.asked - self.lost - self.turned_away
        return failed >= most or self.turned_away >= TURNED_AWAY * most

    def failed(self, error: TeacherError | StageError, line: Line) -> Outcome:
        billed = isinstance(error, StageError) or error.billed
        return Outcome(None, str(error), self.asked, _now() - self.began, line.endpoint.name, billed)

    async def again(self, error: TeacherError | StageError) -> None:
        """Another try is to follow. It holds no slot while it waits for that."""
        if self._again is not None:
            await self._again(error)


class Schedule:
    def __init__(
        self,
        config: TeacherConfig,
        endpoints: Mapping[Role, Sequence[Endpoint]],
        send: Complete,
        complain: Callable[[str], None] = lambda what: None,
    ) -> None:
        """`complain` is told now and then that an endpoint does not answer, or that one is left out from now on."""
        self._config = config
        self._endpoints = endpoints
        self._complain = complain
        self._told: set[str] = set()
        self._send = send
        self._closed = asyncio.Event()
        self._roles: dict[Role, _Role] = {}
        self._lines: dict[tuple[str, str], Line] = {}
        self.slots = Slots(config.in_flight)
        self.faults = 0
        """Tries that ended in an error worth another try."""

    @property
    def lines(self) -> Sequence[Line]:
        """All that were asked so far."""
        return tuple(self._lines.values())

    async def call(
        self, request: Request, priority: Attempt, keep: Keep | None = None, again: Again | None = None
    ) -> Outcome:
        """Ask until there is a reply or no hope.

        A call is given up after `max_attempts` only if its role has been answered others meanwhile, or none is left;
        the last few of a role also where the run would otherwise stop for silence.

        A reply goes to `keep` before its slot is free, so that a crash can lose no more replies than there are slots.
        Raises StopError if no call will work, HaltedError after `close`; other errors are in the Outcome.
        """
        role = self._role(request)
        if not role.active:
            role.last = _now()  # nobody asked until now, so nobody could be answered
        role.active += 1
        call = _Call(request, role, keep, again)
        try:
            return await self._until_it_ends(call, priority)
        finally:
            role.active -= 1

    async def _until_it_ends(self, call: _Call, priority: Attempt) -> Outcome:
        role, answered = call.role, call.role.answered
        while True:
            line, sent = await self.slots.take(call.request, priority, call.avoid)
            try:
                return await self._try(call, line, sent)
            except RefusedError as error:
                return call.failed(error, line)
            except RetryableError as error:
                self.faults += 1
                call.avoid = line
                patience_s = max(self._config.patience_s, 2 * (error.retry_after_s or 0.0))
                reached = error.status is not None or error.billed
                if reached and role.active <= LAST_FEW and not role.stopped and _now() - role.last > patience_s:
                    return call.failed(error, line)
                role.check(error, patience_s, _now())
                if silence := role.complaint(_now()):
                    who = f"the {call.request.role} (model {call.request.model})"
                    self._complain(f"{who} has not answered for {silence:.0f} s; it is asked again: {error}")
                if call.out(self._config.max_attempts) and (role.answered > answered or role.active == 1):
                    return call.failed(error, line)
                await call.again(error)
                await self._pause(pause_s(call.request, call.asked, error.retry_after_s))
            except StageError as error:
                call.lost += 1
                if call.lost > _LOST_WORKERS:
                    return call.failed(error, line)
                await call.again(error)
                await self._pause(min(5.0, FIRST_PAUSE_S * call.lost))
            except StopError as error:
                call.lost += 1
                if all(other.dead is not None for other in role.lines):
                    raise
                self._complain(f"left out from now on: {error}")

    async def _try(self, call: _Call, line: Line, sent: Sent) -> Outcome:
        """One try, and what its line learns of it; whatever happens, the slot comes back."""
        call.asked += 1
        deadline_s = self._deadline_s(call)
        try:
            answer = await self._answer(call, line, sent, deadline_s)
            now = _now()
            call.role.answer(now - sent.at, now)
            outcome = Outcome(answer.reply, None, call.asked, now - call.began, line.endpoint.name)
            if call.keep is not None:
                await call.keep(outcome)
            line.answer(sent, answer, now)
            self._tell(answer.losses)
            return outcome
        except RefusedError as error:
            call.role.last = _now()
            line.refuse(sent, error, self._config.in_flight)
            if line.dead is not None:
                raise line.dead from None
            raise
        except RetryableError as error:
            if _now() - sent.at >= min(
                deadline_s, self._deadline_s(call)
            ):  # twice the time, should the endpoint have grown slower
                call.late += 1
                line.delay(sent, _now())
            elif error.status in TOO_MUCH:
                call.turned_away += 1
                line.turn_away(sent, error, _now())
            else:
                line.fail(sent, _now())
            raise
        except StopError as error:
            line.die(error)
            raise
        except BaseException:  # nothing was learnt
            line.lose()
            raise
        finally:
            self.slots.release()

    async def _answer(self, call: _Call, line: Line, sent: Sent, deadline_s: float) -> Answer:
        """What one try brings, within the deadline.

        Before a role's first answer none is known. Calls begun by then are measured by those answered since: one that
        hangs would hold up the run for its whole time-out.
        """
        sending = self._send(line.endpoint.name, call.request, deadline_s)
        if call.role.seconds:
            return await sending
        task = asyncio.ensure_future(sending)
        try:
            while not (await asyncio.wait((task,), timeout=LOOK_S))[0]:
                if (taken := _now() - sent.at) >= self._deadline_s(call):
                    raise RetryableError(f"no whole reply within {taken:.0f} s", billed=True)
            return await task
        finally:
            if task.cancel():
                await asyncio.wait((task,))

    def _tell(self, losses: Iterable[str]) -> None:
        """Each once: what the endpoints do not take of what is asked."""
        for loss in losses:
            if loss not in self._told:
                self._told.add(loss)
                self._complain(loss)

    def close(self) -> None:
        """Make no further try; those under way go on."""
        self._closed.set()
        self.slots.close()

    def deadline_s(self, role: Role) -> float:
        """Seconds that a call of this role may take now."""
        seconds = self._roles[role].seconds if role in self._roles else ()
        if not seconds:
            return self._config.timeout_s
        wanted: float = max(self._config.deadline_floor_s, self._config.deadline_factor * median(seconds))
        return min(self._config.timeout_s, wanted)

    def _deadline_s(self, call: _Call) -> float:
        """Seconds that this call's next try may take, twice as many after each that was late."""
        wanted: float = self.deadline_s(call.request.role) * 2**call.late
        return min(self._config.timeout_s, wanted)

    def _role(self, request: Request) -> _Role:
        """The role, with its lines opened at the first call."""
        if request.role not in self._roles:
            lines = [self._line(endpoint, request.model) for endpoint in self._endpoints[request.role]]
            self._roles[request.role] = _Role(lines, _now())
            self.slots.open(request.role, lines)
        return self._roles[request.role]

    def _line(self, endpoint: Endpoint, model: str) -> Line:
        key = endpoint.name, model
        if key not in self._lines:
            self._lines[key] = Line(endpoint, model, self._config.in_flight, _now())
        return self._lines[key]

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closed.wait(), seconds)
        except TimeoutError:
            return
        raise HaltedError("the run is being stopped")


def _now() -> float:
    """The loop's clock, so that a loop with a clock of its own needs no waiting."""
    return asyncio.get_running_loop().time()


def pause_s(request: Request, asked: int, retry_after_s: float | None) -> float:
    """Seconds to wait before the next try: doubling, with full jitter, and the server's own wish on top.

    Of that wish five minutes at most are granted.

    The jitter is drawn from the request, so that calls turned away together do not come back together.
    """
    longest = min(LONGEST_PAUSE_S, FIRST_PAUSE_S * 2.0 ** (asked - 1))
    jitter = rng("pause", request.digest, asked).uniform(0.1, 1.0)
    return min(MAX_RETRY_AFTER_S, retry_after_s or 0.0) + longest * jitter
