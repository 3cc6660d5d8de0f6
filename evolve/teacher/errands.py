"""An errand: one batch on its way, from its record in the ledger to what came of each request in it.

Invariant: a batch is on record before its file leaves, and its ids as soon as they are known; where an upload or the
making of a batch may have been lost that did its work, it is looked for by the batch's nonce before it is tried again.
Who waits for the requests, and what is asked again, is the desk's business.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from tempfile import TemporaryFile
from typing import TypeVar

from evolve.config import TeacherConfig
from evolve.errors import RefusedError, RetryableError, StopError, TeacherError
from evolve.ledger import Batch, Ledger
from evolve.records import Reply
from evolve.teacher.batches import Batches, Found, Said, UndoneError, read_lines
from evolve.teacher.lines import MAX_RETRY_AFTER_S, REFUSED_IN_A_ROW

T = TypeVar("T")
GROWTH, LONGEST = 1.5, 20.0
"""Of pauses between two looks at a batch, and how many times the first the longest of them is."""

_NO_FILE = frozenset({400, 404})
"""How an endpoint says that a file is not there, or is no file of requests."""


class Errand:
    def __init__(
        self,
        record: Batch,
        left: set[str],
        batches: Batches | None,
        *,
        ledger: Ledger,
        config: TeacherConfig,
        say: Callable[[str], None],
        resumed: bool = False,
    ) -> None:
        """`left`: requests whose end is not kept yet, nor in another batch. `batches`: of its endpoint, if that is
        still asked. `resumed`: an earlier start began it, so its requests are not at hand."""
        self.record = record
        self.left = left
        self.waiting: dict[str, asyncio.Future[Said]] = {}
        self.helped = False
        """Whether a reply came, or might have come for its one request alone."""
        self._came: dict[str, Said | Exception] = {}
        self._batches = batches
        self._ledger = ledger
        self._config = config
        self._say = say
        self._resumed = resumed

    async def wait(self, name: str) -> Said:
        """What came of that request. Raises what kept the batch from being seen through."""
        if name in self._came:
            came = self._came.pop(name)
            if isinstance(came, Said):
                return came
            raise came
        waiter: asyncio.Future[Said] = asyncio.get_running_loop().create_future()
        self.waiting[name] = waiter
        return await waiter

    def leave(self, name: str) -> None:
        """Nobody waits for that request any more; without the last of them the batch has ended."""
        self.left.discard(name)
        if not self.left and not self.record.ended:
            self.record = replace(self.record, ended=True)
            self._ledger.put_batch(self.record)  # should it be lost, the next start does it

    async def run(self, content: bytes | None) -> None:
        """See it through. `content`: its file; None: it is not at hand."""
        try:
            if self._batches is None:
                self._say(f"{self.record.endpoint} has a batch of {len(self.left):,} calls, but is no longer asked")
                self._hand_out(None, {})
                return
            found = await self._made(self._batches, content)
            pause_s = self._config.batch.poll_s
            while found is not None and not found.ended:
                await asyncio.sleep(pause_s)
                pause_s = min(GROWTH * pause_s, LONGEST * self._config.batch.poll_s)
                found = await self._look(self._batches, found.id)
            self._hand_out(found, {} if found is None else await self._read(self._batches, found))
        except StopError as error:  # the batch is open still, and may be charged for
            self._break_off(StopError(error.message, error.status, billed=True))
        except Exception as error:  # whatever it is, those who wait must hear of it
            self._break_off(error)

    async def _made(self, batches: Batches, content: bytes | None) -> Found | None:
        """The batch at the endpoint, made unless it is there. None: it is not there, nor what to make it of."""
        doubtful = content is None

        async def make() -> Found | None:
            nonlocal doubtful
            if self.record.batch is not None:
                return await batches.look(self.record.batch)
            if doubtful and (found := await self._search(batches)) is not None:
                return found
            doubtful = True  # from here on a call may be lost that did its work
            if self.record.file is None:
                if content is None:
                    return None
                await self._note(file=await batches.upload(self._file_name, content))
            assert self.record.file is not None
            try:
                found = await batches.create(self.record.file, self.record.nonce)
            except StopError as error:
                if self._resumed and error.status in _NO_FILE:  # nothing can be made of it any more
                    return None
                raise
            await self._note(batch=found.id)
            what = f"batch {found.id}: {len(self.record.tries):,} calls of {self.record.model}"
            self._say(f"{what} are out; the run can be stopped meanwhile")
            return found

        return await patiently(make, self._config)

    async def _search(self, batches: Batches) -> Found | None:
        """What is there of a batch whose ids are not known; looked for twice, since lists may lag behind."""
        for pause_s in (0.0, self._config.batch.poll_s):
            await asyncio.sleep(pause_s)
            if (found := await batches.find(self.record.nonce, self.record.created)) is not None:
                await self._note(batch=found.id)
                return found
            if self.record.file is None:
                await self._note(file=await batches.find_file(self._file_name, self.record.created))
        return None

    async def _look(self, batches: Batches, id_: str) -> Found | None:
        async def look() -> Found | None:
            found = await batches.look(id_)
            if found is None and not self._resumed:  # it was there a moment ago
                raise RetryableError(f"batch {id_} cannot be found", 404)
            return found

        return await patiently(look, self._config)

    async def _read(self, batches: Batches, found: Found) -> dict[str, Said]:
        """What the batch's files say of each request."""
        came: dict[str, Said] = {}
        for file in found.files:
            with TemporaryFile() as into:
                await patiently(lambda file=file, into=into: batches.fetch(file, into), self._config)  # type: ignore[misc]
                for number, (name, said) in enumerate(read_lines(into, batches.endpoint, self.record.model)):
                    came.setdefault(name, said)
                    if number % 100 == 0:
                        await asyncio.sleep(0)
        replies = sum(isinstance(said.what, Reply) for said in came.values())
        self._say(f"batch {found.id} is {found.status}: {replies:,} replies to {len(self.record.tries):,} calls")
        return came

    def _hand_out(self, found: Found | None, came: Mapping[str, Said]) -> None:
        self.helped = len(self.record.tries) == 1 or any(isinstance(said.what, Reply) for said in came.values())
        stop = _why_stop(found, [said.what for said in came.values()])
        for name in list(self.left):
            said = came.get(name) or Said(self._missing(found))
            if stop is not None and not isinstance(said.what, Reply):
                said = Said(stop)
            if isinstance(said.what, StopError) and self._resumed:  # it stopped an earlier start, and was seen to since
                said = Said(UndoneError(said.what.message, said.what.status))
            self._give(name, said)

    def _missing(self, found: Found | None) -> TeacherError:
        """What a request came to that no line tells of.

        A batch that cannot be found may go on where we do not see it; one without ids was looked for, and never made.
        """
        if found is None:
            there = self._batches is None or self.record.file is not None or self.record.batch is not None
            return UndoneError("the endpoint knows nothing of its batch", billed=there)
        if found.status != "completed":
            return UndoneError(f"not done when its batch was {found.status}")
        return RetryableError("its batch brought no line for it", billed=True)

    def _break_off(self, error: Exception) -> None:
        for name in list(self.left):
            self._give(name, error)

    def _give(self, name: str, came: Said | Exception) -> None:
        waiter = self.waiting.pop(name, None)
        if waiter is None:  # its call has not come yet
            self._came[name] = came
        elif not waiter.done():
            waiter.set_result(came) if isinstance(came, Said) else waiter.set_exception(came)

    async def _note(self, *, file: str | None = None, batch: str | None = None) -> None:
        """Keep an id as soon as it is known."""
        if file is not None or batch is not None:
            self.record = replace(self.record, file=file or self.record.file, batch=batch or self.record.batch)
            await self._ledger.put_batch(self.record).result()

    @property
    def _file_name(self) -> str:
        return f"evolve-{self.record.nonce}.jsonl"


async def patiently(work: Callable[[], Awaitable[T]], config: TeacherConfig) -> T:
    """Do it again until it works. Raises StopError where it does not for too long."""
    loop = asyncio.get_running_loop()
    began, pause_s = loop.time(), min(1.0, config.batch.poll_s)
    while True:
        try:
            return await work()
        except RetryableError as error:
            if loop.time() - began > config.patience_s:
                words = f"no answer for {config.patience_s:.0f} s, the last error was: {error}"
                raise StopError(words, error.status) from None
            await asyncio.sleep(max(pause_s, min(MAX_RETRY_AFTER_S, error.retry_after_s or 0.0)))
            pause_s = min(2 * pause_s, LONGEST * config.batch.poll_s)


def _why_stop(found: Found | None, came: Sequence[Reply | TeacherError]) -> StopError | None:
    """Why a batch that ended so should not be followed by another."""
    if found is not None and found.status in {"failed", "cancelled"}:
        why = f": {found.why}" if found.why else ""
        hint = "; with a lower teacher.batch.requests it would hold fewer calls" if "limit" in why else ""
        return StopError(f"batch {found.id} was {found.status} at the endpoint{why}{hint}")
    refused = [what for what in came if isinstance(what, RefusedError)]
    if len(refused) == len(came) >= REFUSED_IN_A_ROW:
        return StopError(f"all {len(came)} calls of a batch were refused, one with {refused[0]}", refused[0].status)
    return None
