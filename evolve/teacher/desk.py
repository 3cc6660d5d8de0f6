"""Calls in batches: gathered, sent as one file, waited for, and handed out one by one.

    call -> gathered -> (nothing more comes) on record -> uploaded -> batch made -> looked at -> read -> kept -> ended
                ^                                                                        |
                '------------------------- to be asked again, a bounded number of times -'

A batch is on record before its file leaves, and its ids as soon as they are known. Invariant: a request is in one batch
at a time, over all starts of a run and whenever it is killed. A start begins with the batches that are open: one whose
ids a crash kept from us is found by its nonce; calls that are in one wait for it, instead of being gathered anew; and
it has ended only when every reply in it is kept, or is in another batch. What is asked, what a call may cost and how
its end is kept are the callers'.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections import defaultdict
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, Self

from evolve.config import TeacherConfig
from evolve.errors import FolderError, HaltedError, RefusedError, RetryableError, StageError, StopError, TeacherError
from evolve.ledger import Batch, Ledger, Try
from evolve.records import Reply, Request, Role
from evolve.teacher.batches import MAX_FILE_BYTES, Batches, Said, UndoneError, write_line
from evolve.teacher.endpoints import Endpoint, starting_point
from evolve.teacher.errands import Errand, patiently
from evolve.teacher.profiles import Capabilities, adapt, learn, losses, make_body
from evolve.teacher.schedule import TURNED_AWAY, Keep, Outcome


class Room(Protocol):
    """What a call may cost: its try under way, and room for another."""

    @property
    def try_(self) -> Try: ...

    async def again(self, error: TeacherError | StageError) -> None: ...


@dataclass(slots=True, eq=False)
class _Item:
    """A call that waits to be sent."""

    name: str
    room: Room
    line: bytes
    came: asyncio.Future[Said]


class Desk:
    """One run's, over its ledger; as a context it begins with the batches that are open."""

    def __init__(
        self,
        config: TeacherConfig,
        endpoints: Mapping[Role, Sequence[Endpoint]],
        ledger: Ledger,
        say: Callable[[str], None] = lambda what: None,
    ) -> None:
        """Calls go to the first endpoint of their role. `say` is told what is sent and what has come."""
        self._config = config
        self._batch = config.batch
        self._ledger = ledger
        self._say = say
        self._places = {role: several[0] for role, several in endpoints.items()}
        self._batches = {place.name: Batches(place) for several in endpoints.values() for place in several}
        """Of all endpoints: an earlier start may have sent to another one."""
        self._gathered: defaultdict[tuple[str, str], list[_Item]] = defaultdict(list)
        self._bytes: defaultdict[tuple[str, str], int] = defaultdict(int)
        self._timer: asyncio.TimerHandle | None = None
        self._where: dict[str, Errand] = {}
        """Name -> the batch that it is in."""
        self._before: dict[str, Errand] = {}
        """Name -> the batch that brought nothing for it, until it is in another."""
        self._tries: dict[str, int] = {}
        self._taken: dict[tuple[str, str], Capabilities] = {}
        """Endpoint and model -> what it takes, as far as it was found out."""
        self._told: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def __aenter__(self) -> Self:
        """Raises StopError where an endpoint takes no batches."""
        try:
            for name in dict.fromkeys(place.name for place in self._places.values()) if self._batch.on else ():
                await patiently(self._batches[name].check, self._config)
        except BaseException:
            await self._end()
            raise
        open_ = self._ledger.tries()
        for record in self._ledger.batches():
            left = {name for name, number in record.tries.items() if number in open_}
            if not left:  # the last reply was kept, and then the run was killed
                self._ledger.put_batch(replace(record, ended=True))
                continue
            errand = self._errand(record, left, resumed=True)
            for name in left:
                if name in self._where:
                    self._leave(self._where[name], name)
                self._where[name] = errand
            self._tries |= {name: record.tries[name] for name in left}
        for errand in set(self._where.values()):
            self._spawn(errand.run(None))
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._end()

    async def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        for batches in self._batches.values():
            await batches.close()

    @property
    def gathers(self) -> bool:
        """Whether all calls are made in batches."""
        return self._batch.on

    def takes(self, name: str) -> bool:
        """Whether that call is to be made here: all are, or it is in a batch already."""
        return self._batch.on or name in self._where

    def begun(self, name: str) -> int | None:
        """The number of the try that an earlier start left under way."""
        return self._tries.pop(name, None)

    def close(self) -> None:
        """Send nothing more; what is in a batch goes on."""
        self._closed = True
        for items in self._gathered.values():
            for item in items:
                if not item.came.done():
                    item.came.set_exception(HaltedError("the run is being stopped"))
        self._gathered.clear()

    async def call(self, name: str, request: Request, keep: Keep, room: Room) -> Outcome | None:
        """Ask until there is a reply or no hope; `name` is the call's own, the same in every start.

        A call is given up after `max_attempts` only if others in its batches were answered, or it was alone.

        None: it was in a batch that brought nothing for it, and no further ones are made. Raises StopError if no call
        will work, HaltedError after `close`; other errors are in the Outcome.
        """
        place, began = self._places[request.role], _now()
        first = taken = self._takes(place, request.model)
        asked, undone, helped, tried = 0, 0, False, {taken}
        most = self._config.max_attempts
        while True:
            if name in self._where:
                said = await self._where[name].wait(name)
            else:
                said = await self._gather(name, request, taken, room)
            what, errand = said.what, self._where[name]
            asked += 1
            helped |= errand.helped
            lesser = self._lesser(request, taken, said)
            if lesser is not None and lesser not in tried:
                taken, what = lesser, UndoneError(str(what))
                tried.add(lesser)
            undone += isinstance(what, UndoneError)
            if isinstance(what, RetryableError):
                if (asked - undone < most or not helped) and asked < TURNED_AWAY * most:
                    await room.again(what)
                    if not self._batch.on:
                        self._leave(errand, name)
                        return None
                    self._before[name] = self._where.pop(name)
                    continue
                if not helped:
                    what = StopError(f"no answer in {asked} batches, the last error was: {what}", what.status)
            ended = asked, _now() - began, errand.record.endpoint
            if isinstance(what, Reply):
                if errand.record.endpoint == place.name:
                    self._learn(place, request, first, taken)
                outcome = Outcome(what, None, *ended, factor=self._batch.price)
            elif isinstance(what, RefusedError | RetryableError):
                outcome = Outcome(None, str(what), *ended, what.billed)
            else:
                self._leave(errand, name)
                raise what
            await keep(outcome)
            self._leave(errand, name)
            return outcome

    def _takes(self, place: Endpoint, model: str) -> Capabilities:
        """What the model takes there, as far as is known by now."""
        return self._taken.get((place.name, model)) or starting_point(place, model)

    def _lesser(self, request: Request, taken: Capabilities, said: Said) -> Capabilities | None:
        """How to ask again, where something of a request was not taken."""
        return adapt(taken, said.status, said.content, make_body(request, request.model, taken))

    def _learn(self, place: Endpoint, request: Request, first: Capabilities, taken: Capabilities) -> None:
        """The call was answered as it was asked at last."""
        known = learn(self._takes(place, request.model), first, taken)
        self._taken[place.name, request.model] = known
        for loss in losses(request, known):
            if loss not in self._told:
                self._told.add(loss)
                self._say(f"{place.url}: model {request.model}: {loss}")

    # -- gathering ---------------------------------------------------------------------------------------------------

    async def _gather(self, name: str, request: Request, taken: Capabilities, room: Room) -> Said:
        if self._closed:
            raise HaltedError("the run is being stopped")
        place, loop = self._places[request.role], asyncio.get_running_loop()
        key = place.name, place.models.get(request.model, request.model)
        line = write_line(name, make_body(request, key[1], taken))
        item = _Item(name, room, line, loop.create_future())
        if len(self._gathered[key]) >= self._batch.requests or self._bytes[key] + len(line) > MAX_FILE_BYTES:
            self._send(key)
        self._gathered[key].append(item)
        self._bytes[key] += len(line)
        if self._timer is not None:
            self._timer.cancel()
        self._timer = loop.call_later(self._batch.gather_s, self._send_all)
        return await item.came

    def _send_all(self) -> None:
        for key in list(self._gathered):
            self._send(key)

    def _send(self, key: tuple[str, str]) -> None:
        items = [item for item in self._gathered.pop(key, []) if not item.came.done()]
        self._bytes[key] = 0
        if items:
            self._spawn(self._begin(key, items))

    async def _begin(self, key: tuple[str, str], items: list[_Item]) -> None:
        """Put them on record as a batch, with their tries, and see it through."""
        tries = [item.room.try_ for item in items]
        numbers = {item.name: try_.number for item, try_ in zip(items, tries, strict=True)}
        errand = self._errand(Batch(secrets.token_hex(16), *key, numbers, time.time()), set(numbers))
        errand.waiting |= {item.name: item.came for item in items}
        for item in items:
            self._where[item.name] = errand
        try:
            await self._ledger.put_batch(errand.record, tries).result()
        except FolderError as error:
            for item in items:
                item.came.set_exception(error)
            return
        for item in items:
            if (before := self._before.pop(item.name, None)) is not None:
                self._leave(before, item.name)
        await errand.run(b"".join(item.line for item in items))

    # -- batches -----------------------------------------------------------------------------------------------------

    def _errand(self, record: Batch, left: set[str], *, resumed: bool = False) -> Errand:
        batches = self._batches.get(record.endpoint)
        return Errand(record, left, batches, ledger=self._ledger, config=self._config, say=self._say, resumed=resumed)

    def _leave(self, errand: Errand, name: str) -> None:
        """Nobody waits for that request of the batch any more."""
        if self._where.get(name) is errand:
            del self._where[name]
        errand.leave(name)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


def _now() -> float:
    return asyncio.get_running_loop().time()
