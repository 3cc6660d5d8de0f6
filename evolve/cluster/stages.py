"""The stages as Ray actors: which are made, how many, and what each of them is asked.

Invariant: Ray never repeats a paid call by itself (`max_task_retries=0`); the driver gives out again what a lost
actor was doing. Actors belong to the driver and die with it; none is detached, so nothing goes on paying. Keys travel
as actor arguments, never in `runtime_env`, which Ray writes to a log in clear. Who of a kind is asked, and what becomes
of one that is lost, is the crew's business.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from evolve.cluster.actors import EliminatorActor, IndexActor, TeacherActor, VerifierActor
from evolve.cluster.asking import LateError, answer
from evolve.cluster.batches import VERIFYING, BatchedStages
from evolve.cluster.crew import Crew
from evolve.cluster.engines import check_gpus, make_engines, places
from evolve.cluster.parcels import pack
from evolve.cluster.seam import CALLS_PER_TEACHER, Work
from evolve.cluster.session import Session
from evolve.config import ClusterConfig, prepare_environment
from evolve.embedding import Found, Part, Questions
from evolve.errors import ConfigError, StageError, StopError
from evolve.records import Request
from evolve.teacher import Answer

prepare_environment()
import ray  # noqa: E402
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy  # noqa: E402

from evolve.cluster.gauges import Gauges  # noqa: E402

GRACE_S = 10.0
"""Beyond a call's own time-out: for the way there and back."""
STAGE_S = 900.0
"""Longest time for one batch of a worker, the loading of its model included."""
INDEX_S = 30.0
"""Longest time for a batch of the duplicate search: 256 questions to a million rows take 2 s without bfloat16."""
WATCH_S = 2.0
"""Between two looks at the cluster."""
GONE_S = 20.0
"""A cluster of which no node answers for so long is gone. After 60 s Ray ends this process as it stands (measured)."""
ROOM_S = 5.0
"""A kind of which nobody has been up for so long needs the CPU of another; a process starts anew within 2 s."""
PER_ELIMINATOR = 3
"""Verifiers. In a dry run they take nine times the CPU of the eliminators with the built-in embedder, and with
all-MiniLM-L6-v2 about four times."""
_ACTOR: dict[str, Any] = {"max_restarts": -1, "max_task_retries": 0, "scheduling_strategy": "SPREAD"}
_NO_CPU: dict[str, Any] = {"num_cpus": 0, "memory": 100 * 2**20}
"""Of what works in bursts, so that a machine with one CPU can hold it. It asks for some memory, in bytes, because Ray
places at random who asks for nothing (measured)."""


class RayPart:
    """An IndexActor as the driver sees it. Both calls may be repeated: they name positions."""

    def __init__(self, begin: int, session: Session) -> None:
        # The first part is beside the driver, so that no node but the driver's can hold everybody up: Ray needs 15 s to
        # see that one is gone, and 65 s where it only falls silent (measured).
        here = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=True)
        place = _ACTOR if begin else _ACTOR | {"scheduling_strategy": here}
        self._actor: Any = ray.remote(**place, **_NO_CPU)(IndexActor).remote(begin)
        self._session = session

    async def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        return int(await self._call("add", position, vectors, lineages))

    async def ask(self, questions: Questions, until: int) -> list[Found] | None:
        found: list[Found] | None = await self._call("ask", questions, until)
        return found

    async def _call(self, method: str, *arguments: Any) -> Any:  # noqa: ANN401
        if self._session.gone is not None:
            raise self._session.gone
        try:
            return await answer(lambda: getattr(self._actor, method).remote(*pack(*arguments)), INDEX_S)
        except LateError:
            ray.kill(self._actor, no_restart=False)
            raise


class RayStages(BatchedStages):
    def __init__(self, config: ClusterConfig, work: Work, say: Callable[[str], None] = lambda what: None) -> None:
        """`say` is told what a person should know of the workers."""
        super().__init__(self._stage, strict=work.eliminator.undecided == "reject")
        self.endpoints = work.endpoints
        self._gauges = Gauges()
        self._config = config
        self._session = Session(config)
        self._say = say
        least = config.teachers or (1 if config.address == "local" else 2)
        self._count = max(least, -(-work.connections // CALLS_PER_TEACHER))
        share = -(-work.connections // self._count)
        most = share if self._count == 1 else 2 * share  # others take over from one that is lost
        control = {"concurrency_groups": {"control": 1}, "max_concurrency": most + 8}
        teacher = ray.remote(**_ACTOR, **control, **_NO_CPU)(TeacherActor)
        eliminator = ray.remote(**_ACTOR, num_cpus=1)(EliminatorActor)
        verifier = ray.remote(**_ACTOR, num_cpus=1)(VerifierActor)
        self._teachers = Crew(
            "teacher",
            lambda: teacher.remote(work, most),
            lambda actor: actor.version.options(concurrency_group="control").remote(),
            say=say,
        )
        self._eliminators = Crew("eliminator", lambda: eliminator.remote(work), single=True, say=say)
        verify = work.verifier
        self._verifiers = Crew("verifier", lambda: verifier.remote(verify), single=True, prepare_s=STAGE_S, say=say)
        self._work = work
        self._engines = make_engines(work, _ACTOR, say)
        self._workers = [self._eliminators, *([self._verifiers] if work.verifier else [])]
        self._crews = [self._teachers, *self._workers, *self._engines.values()]
        self._watching: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start or join Ray and make the actors; one of each kind is enough to begin with, others come as they can.

        Raises ConfigError if there is no such cluster, no room in it, or if its nodes cannot run them.
        """
        await self._session.join()
        if self._engines and self._config.address == "local":
            check_gpus(self._work, await self._session.gpus())
        for place in places(self._work):
            self._engines[place.name].hire(place.engine.replicas if place.engine else 0)
        self._teachers.hire(self._count)
        for crew in self._workers:
            self._take_on(crew, 1)
        try:
            await asyncio.gather(*(crew.started(self._config.start_s) for crew in self._crews))
        except TimeoutError:
            raise ConfigError(
                f"cluster: no node could start the workers within {self._config.start_s:.0f} s (an eliminator and a "
                "verifier need a CPU each, an engine its GPUs); lower cluster.eliminators or cluster.verifiers, raise "
                "cluster.start_s, or look at the nodes"
            ) from None
        for crew in self._workers:
            self._take_on(crew, (self._most(crew) or 1) - 1)
        self._watching = asyncio.create_task(self._watch())

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        limit_s = timeout_s + GRACE_S
        crew = self._engines.get(endpoint, self._teachers)
        said: Answer = await crew.call("complete", endpoint, request, timeout_s, timeout_s=limit_s)
        return said

    def part(self, begin: int) -> Part:
        return RayPart(begin, self._session)

    def gauge(self, name: str, what: str, value: float, labels: Mapping[str, str]) -> None:
        self._gauges.set(name, what, value, labels)

    async def close(self) -> None:
        """Disconnect; actors of this driver, and a Ray that it started, end with that."""
        if self._watching is not None:
            self._watching.cancel()
            await asyncio.gather(self._watching, return_exceptions=True)
        await super().close()
        for crew in self._crews:
            await crew.close()
        await self._session.leave()

    async def _stage(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        """A pure call on whichever worker is free."""
        crew = self._verifiers if method in VERIFYING else self._eliminators
        return await crew.first(method, *pack(items), timeout_s=STAGE_S)

    async def _watch(self) -> None:
        """Take on workers where there is room for them, and notice when the cluster is gone."""
        heard, before = time.monotonic(), 0
        while time.monotonic() - heard < GONE_S:
            with contextlib.suppress(TimeoutError, StageError):
                free = await asyncio.wait_for(self._session.free_cpus(), GONE_S)
                heard = time.monotonic()
                self._grow(free)
            for crew in self._crews:
                crew.listen()
            ready = sum(crew.ready for crew in self._crews)
            if ready < before:
                self._say(f"{before - ready} of {before} workers are lost; the others go on")
            before = ready
            await asyncio.sleep(WATCH_S)
        gone = StopError(f"no node of the Ray cluster ({self._session.address}) has answered for {GONE_S:.0f} s")
        self._session.gone = gone
        for crew in self._crews:
            crew.end(gone)

    def _grow(self, free: int) -> None:
        """A worker for each CPU that nobody has taken, unless some are still on their way to one."""
        if not free:
            self._make_room()
        if not all(crew.placed for crew in self._workers):
            return
        before = sum(map(len, self._workers))
        for _ in range(free):
            wanting = [crew for crew in self._workers if len(crew) < (self._most(crew) or math.inf)]
            if wanting:
                few = len(self._verifiers) < PER_ELIMINATOR * len(self._eliminators)
                self._take_on(wanting[-1] if few else wanting[0], 1)
        if sum(map(len, self._workers)) > before:
            self._say(f"there is room: {' and '.join(f'{len(crew)} {crew.name}s' for crew in self._workers)} now")

    def _make_room(self) -> None:
        """Where all of one kind are lost with their nodes, one of the other kind gives up its CPU."""
        for crew, other in ((self._eliminators, self._verifiers), (self._verifiers, self._eliminators)):
            if crew in self._workers and crew.down_s > ROOM_S and other.ready > 1:
                other.dismiss()

    def _most(self, crew: Crew) -> int | None:
        """How many of the kind are wanted; None: as many as there is room for."""
        return self._config.verifiers if crew is self._verifiers else self._config.eliminators

    def _take_on(self, crew: Crew, count: int) -> None:
        crew.hire(count)
        for _ in range(count):
            self.widen(verifying=crew is self._verifiers)
