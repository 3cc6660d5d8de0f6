"""The actors of one kind: taken on, given work for as long as they answer, and taken back once they answer again.

Invariant: an actor is given something only if it has answered since it was last lost or late, so one that no node can
host, or that hangs, holds nobody up. Every call has a limit. `call` makes one try; `first` is for what may be done
twice: it gives a call of a lost actor out again, and that of a slow one to another as well. What is asked is not known
here.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from evolve import __version__
from evolve.cluster.asking import LateError, LostError, UnfitError, answer
from evolve.config import prepare_environment
from evolve.errors import ConfigError, DeadlyError, StageError, StopError

prepare_environment()
import ray  # noqa: E402

WAIT_S = 900.0
"""Longest wait while no actor of the kind is up: a cloud takes minutes to give a node, a sandbox has to be built."""
AGAIN_S = 0.5
"""Pause before an actor that was lost is asked again; Ray starts it anew within 2 s (measured)."""
UNFIT_S = 60.0
"""Pause before an actor is made in place of one that could not start: its node may be mended, or another be taken."""
LATE_S, LATE_TIMES = 10.0, 6.0
"""A call that takes so long, and so many medians, is given to another as well: as with calls to an endpoint."""
SILENT_S = 5.0
"""Two waits for a word from who has calls; a process of a crowded machine says it in milliseconds. Without, the first
calls of a role would wait for their whole time-out when their actor hangs: no deadline is known yet."""
TRIES = 3
"""Actors that may be lost over one call before it is believed to be its fault."""


@dataclass(slots=True, eq=False)
class _Member:
    actor: Any
    load: int = 0
    """Calls that it has."""
    asked: set[asyncio.Future[Any]] = field(default_factory=set)
    """What they wait for."""
    listening: bool = False
    """Whether it is being asked if it is there."""
    turn: int = 0
    """When it was last given one: of several that are as busy, the one that waits longest is next."""
    ready: bool = False
    placed: bool = False
    """Whether it has ever been there."""
    unfit: str | None = None
    """Why it cannot start."""


class Crew:
    def __init__(
        self,
        name: str,
        make: Callable[[], Any],
        version: Callable[[Any], Awaitable[str]] = lambda actor: actor.version.remote(),
        *,
        single: bool = False,
        most: int | None = None,
        prepare_s: float | None = None,
        say: Callable[[str], None] = lambda what: None,
    ) -> None:
        """`make`: a new actor. `version`: asks one whether it is there, and which evolve it runs. `single`: they do one
        thing at a time, and one that is late hangs. `most`: calls that one has at a time; None: any number.
        `prepare_s`: they have something to do before they are ready, which may take so long."""
        self.name = name
        self._make = make
        self._version = version
        self._prepare_s = prepare_s
        self._single = single
        self._most = 1 if single else most
        self._say = say
        self._members: list[_Member] = []
        self._waiting: deque[asyncio.Future[_Member]] = deque()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._seconds: deque[float] = deque(maxlen=101)
        self._turn = 0
        self._news = asyncio.Event()
        self._missed = 0.0
        self._ended: StopError | None = None

    def __len__(self) -> int:
        return len(self._members)

    @property
    def placed(self) -> bool:
        """Whether each has been somewhere, so that none takes up the room that seems to be free."""
        return all(member.placed for member in self._members)

    @property
    def ready(self) -> int:
        return sum(member.ready for member in self._members)

    @property
    def down_s(self) -> float:
        """Seconds for which none has been ready, once one was."""
        return 0.0 if self.ready else time.monotonic() - self._missed

    def hire(self, count: int = 1) -> None:
        """Take on so many more; each is given work once it is ready."""
        for _ in range(count):
            member = _Member(self._make())
            self._members.append(member)
            self._spawn(self._admit(member))

    def dismiss(self) -> None:
        """Let one go that is ready, with its place; what it is doing is given out again."""
        member = min((member for member in self._members if member.ready), key=lambda member: member.load)
        member.ready = False
        self._members.remove(member)
        ray.kill(member.actor)

    async def started(self, place_s: float) -> None:
        """Wait until one is ready. Raises ConfigError if none can be, TimeoutError if none has a place by then."""
        await asyncio.wait_for(self._until(lambda member: member.placed), place_s)
        await self._until(lambda member: member.ready)

    async def call(self, method: str, *arguments: Any, timeout_s: float) -> Any:  # noqa: ANN401
        """One try, on whoever has least to do. Raises LostError if that one was lost, LateError if it was late."""
        member = await self._take()
        refs = []

        def ask() -> asyncio.Future[Any]:
            refs.append(getattr(member.actor, method).remote(*arguments))
            asked: asyncio.Future[Any] = asyncio.ensure_future(refs[0])
            member.asked.add(asked)
            asked.add_done_callback(member.asked.discard)
            return asked

        try:
            return await answer(ask, timeout_s)
        except asyncio.CancelledError:  # nobody wants it any more: an actor that waits for an endpoint stops waiting
            for ref in refs:
                ray.cancel(ref)
            raise
        except LostError as error:
            self._miss(member, late=isinstance(error, LateError))
            raise
        finally:
            self._give_back(member)

    async def first(self, method: str, *arguments: Any, timeout_s: float) -> Any:  # noqa: ANN401
        """Whatever is said first by those that are given it.

        Raises DeadlyError if it ends one after the other, StageError if it does not get to them.
        """

        def try_() -> asyncio.Task[Any]:
            return self._spawn(self._timed(method, *arguments, timeout_s=timeout_s))

        under_way, failed = {try_()}, 0
        while True:
            late_s = max(LATE_S, LATE_TIMES * median(self._seconds)) if self._seconds else LATE_S
            done, under_way = await asyncio.wait(
                under_way, timeout=late_s if len(under_way) == 1 else None, return_when=asyncio.FIRST_COMPLETED
            )
            for task in done:
                error = task.exception()
                if error is None:
                    return task.result()
                failed += 1
                if not isinstance(error, StageError):
                    raise error
                if failed == TRIES:
                    lost = isinstance(error, LostError)
                    raise DeadlyError(f"it ended {failed} workers, one after the other") if lost else error
                await asyncio.sleep(0 if isinstance(error, LostError) else AGAIN_S)
            if not done or not under_way:
                under_way.add(try_())

    def listen(self) -> None:
        """Whoever is at something must say now and then that it is there, or its calls are given up."""
        for member in self._members:
            if member.ready and member.load and not member.listening and not self._single:
                self._spawn(self._listen(member))

    def end(self, error: StopError) -> None:
        """Nobody can work any more: tell all who wait, or come."""
        self._ended = error
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_exception(error)

    async def close(self) -> None:
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _until(self, one: Callable[[_Member], bool]) -> None:
        while not any(one(member) for member in self._members):
            unfit = [member.unfit for member in self._members if member.unfit is not None]
            if len(unfit) == len(self._members):
                raise ConfigError(unfit[0])
            self._news.clear()
            await self._news.wait()

    async def _listen(self, member: _Member) -> None:
        member.listening = True
        try:
            for patience in range(2):  # a driver that was itself held up finds the first answer late
                try:
                    await answer(lambda: self._version(member.actor), SILENT_S)
                    return
                except LateError:
                    if patience:
                        raise
        except LostError:
            self._miss(member, late=True)
            for asked in list(member.asked):
                asked.cancel()
        finally:
            member.listening = False

    async def _timed(self, method: str, *arguments: Any, timeout_s: float) -> Any:  # noqa: ANN401
        began = time.monotonic()
        result = await self.call(method, *arguments, timeout_s=timeout_s)
        self._seconds.append(time.monotonic() - began)
        return result

    async def _take(self) -> _Member:
        """One that is ready and has room, the least busy."""
        turn: asyncio.Future[_Member] = asyncio.get_running_loop().create_future()
        if self._ended is not None:
            raise self._ended
        self._waiting.append(turn)
        self._grant()
        try:
            while not turn.done():
                await asyncio.wait({turn}, timeout=WAIT_S)
                if not turn.done() and not self.ready:
                    raise StopError(f"no {self.name} has been up for {WAIT_S:.0f} s; look at the cluster's nodes")
            return turn.result()
        except asyncio.CancelledError:
            if turn.done() and turn.exception() is None:
                self._give_back(turn.result())
            raise
        finally:
            turn.cancel()

    def _grant(self) -> None:
        while self._waiting:
            free = [m for m in self._members if m.ready and (self._most is None or m.load < self._most)]
            if not free:
                return
            turn = self._waiting.popleft()
            if not turn.done():
                member = min(free, key=lambda member: (member.load, member.turn))
                member.load += 1
                self._turn += 1
                member.turn = self._turn
                turn.set_result(member)

    def _give_back(self, member: _Member) -> None:
        member.load -= 1
        self._grant()

    def _miss(self, member: _Member, *, late: bool) -> None:
        """Give it nothing until it answers again; one that does one thing at a time is ended first, if it is late."""
        if not member.ready:
            return
        member.ready = False
        self._missed = time.monotonic()
        if late and self._single:
            ray.kill(member.actor, no_restart=False)
        self._spawn(self._admit(member))

    async def _admit(self, member: _Member) -> None:
        """Ask until it is ready; in place of one that cannot start, another is made after a while."""
        while not member.ready:
            try:
                await self._ready(member)
            except Exception as error:
                if isinstance(error, StageError) and not isinstance(error, UnfitError):
                    await asyncio.sleep(AGAIN_S)
                else:
                    await self._renew(member, error)
            else:
                member.ready = True
                self._news.set()
                self._grant()

    async def _renew(self, member: _Member, error: Exception) -> None:
        member.unfit = f"cluster: a worker ({self.name}) cannot start: {error}"
        self._news.set()
        self._say(member.unfit)
        ray.kill(member.actor)
        await asyncio.sleep(UNFIT_S)
        member.actor, member.unfit = self._make(), None

    async def _ready(self, member: _Member) -> None:
        version = await answer(lambda: self._version(member.actor), WAIT_S)
        if version != __version__:
            raise UnfitError(f"it has evolve {version}, and every node needs {__version__}, as there is here")
        member.placed = True
        self._news.set()
        if self._prepare_s is not None:
            try:
                await answer(member.actor.prepare.remote, self._prepare_s)
            except LateError:
                raise UnfitError(f"it was not ready within {self._prepare_s:.0f} s") from None

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended_task)
        return task

    def _ended_task(self, task: asyncio.Task[Any]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # who waits for it is told; nobody may be waiting any more
