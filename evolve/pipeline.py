"""The algorithm: every lineage is evolved once a round, and what is thrown out is thrown out in canonical order.

    pool -> evolve -> text checks -> duplicates -> judge -> answer -> answer checks -> verify -> sample
              ^                                                                      |
              '--------- rejected or failed: the parent stays, another operator next round'

Model calls finish in any order. The one decision that depends on others, whether a candidate is a near-duplicate, is
taken in the canonical order (round, index): a candidate takes its turn when every earlier attempt's candidate is
known, and waits for the fates of those earlier ones that it is near to. There is no barrier between rounds. Invariant:
the fates are a function of (seeds, config, replies), not of scheduling, the number of actors, a crash or a resume.

Every reply is in the ledger before anything is decided from it, and is looked for there before a call is made: to
resume is to run the same program again.
"""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from evolve.calls import Calls
from evolve.checks.tongues import speak_alike
from evolve.cluster import Stages
from evolve.config import Config
from evolve.decontamination import decontaminate
from evolve.draft import Draft
from evolve.eliminator import Candidate, Item, Judge, first_rejection, malformed, thresholds
from evolve.embedding import VectorStore
from evolve.errors import HaltedError
from evolve.goal import Goal
from evolve.ledger import Ledger
from evolve.method import Evolver, Move, Responder
from evolve.money import Budget
from evolve.order import Order
from evolve.pool import Pool
from evolve.proving import Prover, finding
from evolve.records import SEED_OPERATOR, Attempt, Fate, Instruction, Proof, Reply, Request, Seed, Step
from evolve.secrets import Screen
from evolve.tasks import Tasks
from evolve.teacher import Desk, MalformedError, Schedule, prompt_digest

DRAIN_S = 0.5
"""How long calls under way may still come home when a run is stopped, so that all is over in three seconds; a reply
that takes longer is lost, and asked for again when the run goes on."""


@dataclass(frozen=True, slots=True)
class Method:
    """How this run evolves, judges and answers."""

    evolver: Evolver
    responder: Responder
    judge: Judge | None
    prover: Prover | None = None
    """None: no answer is run."""


class Pipeline:
    """One run over one ledger. `run` may be called once."""

    def __init__(  # noqa: PLR0917  (what a run is made of, and the type tells each)
        self,
        config: Config,
        method: Method,
        seeds: Sequence[Seed],
        ledger: Ledger,
        vectors: VectorStore,
        stages: Stages,
        *,
        budget: Budget,
        desk: Desk | None = None,
        against: Sequence[Item] = (),
        watch: Callable[[Fate], None] = lambda fate: None,
        say: Callable[[str], None] = lambda what: None,
    ) -> None:
        """`budget`: what may be paid. `desk`: batches of calls. `against`: what no candidate may repeat, beside
        the seeds. `watch` is told every fate as it falls, `say` that an endpoint does not answer."""
        self._config = config
        self._method = method
        self._seeds = seeds
        self._ledger = ledger
        self._vectors = vectors
        self._stages = stages
        self._watch = watch
        self._pool = Pool(seeds)
        self._screen = Screen(config.eliminator)
        self.schedule = Schedule(config.teacher, stages.endpoints, stages.complete, say)
        self._calls = Calls(ledger, self.schedule, budget, desk)
        self._against = against
        self._order = Order(
            thresholds(config.eliminator),
            len(seeds),
            embed=self._vector,
            text=ledger.text_of,
            part=stages.part,
            rows=config.cluster.index_rows,
        )
        self._ready = [Attempt(0, i) for i in range(len(seeds))] + [Attempt(1, i) for i in range(len(seeds))]
        self.goal = Goal(len(seeds), config.rounds, config.target)
        self._cleaning: asyncio.Task[None] | None = None
        self._cleaned_to: Attempt | None = None
        self._settled: dict[tuple[int, int], asyncio.Future[None]] = {}
        self._tasks = Tasks(self.schedule.slots.freed)

    async def run(self, stop: asyncio.Event) -> bool:
        """Bring every attempt that is wanted to its fate. StopError if an endpoint ends it.

        False if `stop` was set before that, or the budget was spent: then what was under way has come home.
        """
        watcher = asyncio.create_task(self._wake_on(stop))
        if "duplicate" not in self._config.eliminator.skip:
            self._tasks.spawn(self._seed_order())
        try:
            while not self._done and not self._halted(stop):
                await self._feed()
                await self._tasks.change()
            await self._drain(stop)
        finally:
            watcher.cancel()
            await self._tasks.cancel()
            await self._order.close()
            self._vectors.save()
        if self._tasks.error is not None and not self._done:
            raise self._tasks.error
        return self._done

    # -- who runs when -----------------------------------------------------------------------------------------------

    @property
    def _done(self) -> bool:
        """Whether all that is wanted is there, and was looked through for benchmark items in other words."""
        needless = self._method.judge is None or not self._config.eliminator.benchmarks
        return self.goal.reached and (needless or self._cleaned_to == self.goal.last)

    def _halted(self, stop: asyncio.Event) -> bool:
        return stop.is_set() or self._tasks.error is not None or self._calls.budget.spent is not None

    async def _feed(self) -> None:
        """Start ready attempts, the canonically first before others, as long as hardly any waits for a slot."""
        while self._ready and self.goal.wants(self._ready[0]) and self._tasks.error is None:
            if self._calls.full(len(self._tasks)):
                return
            attempt = heapq.heappop(self._ready)
            self._tasks.spawn(self._round_0(attempt) if attempt.round == 0 else self._round_n(attempt))
            await asyncio.sleep(0)  # let it come as far as its call, so that `waiting` counts it
        if self.goal.reached and not self._done and self._cleaning is None:
            self._cleaning = self._tasks.spawn(self._clean())

    async def _wake_on(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._tasks.changed.set()

    async def _drain(self, stop: asyncio.Event) -> None:
        """Make no new call; keep the replies that come home: all of them, or a few where somebody waits for the end."""
        self._calls.close()
        await self._order.close()
        for waiter in self._settled.values():
            waiter.cancel()
        while len(self._tasks) and not stop.is_set() and self._tasks.error is None:
            await self._tasks.change()
        for _ in range(int(DRAIN_S / 0.05)):
            if not self.schedule.slots.held:
                break
            await asyncio.sleep(0.05)
        if len(self._tasks):
            await asyncio.sleep(0.05)

    async def _clean(self) -> None:
        """Take back what is a benchmark's item in other words; the goal may want others in its place."""
        assert self._method.judge is not None
        self._cleaned_to = await decontaminate(
            self._config.eliminator, self._method.judge, self._ledger, self._calls, self._vector, self.goal
        )
        self._cleaning = None

    # -- the life of an instruction ----------------------------------------------------------------------------------

    async def _seed_order(self) -> None:
        """Admit what was there before to the duplicate search, ahead of every candidate. It all counts as kept."""
        await self._order.begin([*self._against, *(Item(seed.id, seed.id, seed.text) for seed in self._seeds)])
        self._order.open()

    async def _round_0(self, attempt: Attempt) -> None:
        """A seed's own answer: the one that it brought, or the responder's."""
        seed = self._seeds[attempt.index]
        child = self._pool.parent(attempt.index, 1)
        draft = Draft(attempt, seed.id, SEED_OPERATOR, seed.kind or "", child=child)
        if seed.output is not None:
            draft.answer = seed.output
            await self._inspect(draft, Candidate(child.text, (), SEED_OPERATOR, answer=draft.answer, kind=draft.kind))
        else:
            await self._answer(draft, Candidate(child.text, (), SEED_OPERATOR, kind=draft.kind))
        self._record(draft)

    async def _round_n(self, attempt: Attempt) -> None:
        """One try at evolving one lineage."""
        root = self._seeds[attempt.index]
        parent = self._pool.parent(attempt.index, attempt.round)
        avoid = self._pool.set_back(attempt.index)
        line = self._pool.line(attempt.index, attempt.round)
        move = self._method.evolver.choose(attempt, root.id, len(self._seeds), avoid, line=line)
        partner = None if move.partner is None else await self._partner(move.partner, attempt.round)
        if partner is not None and not speak_alike(parent.text, partner.text):
            move, partner = self._method.evolver.alone(attempt, root.id, avoid), None
        partner_id = None if partner is None else partner.id
        kind = self._method.evolver.kind(root, line, move)
        draft = Draft(attempt, root.id, move.operator.name, kind, parent, partner_id)
        candidate = await self._evolve(draft, move, parent, partner)
        if candidate is not None:
            draft.findings += await self._stages.examine(candidate)
        await self._unlike(draft)
        if candidate is not None and draft.child is not None:
            if not draft.rejected:
                await self._judge(draft, candidate)
            if not draft.rejected:
                await self._answer(draft, candidate)
        self._record(draft)

    async def _evolve(
        self, draft: Draft, move: Move, parent: Instruction, partner: Instruction | None
    ) -> Candidate | None:
        request = self._method.evolver.request(move, parent, partner)
        draft.prompt_digest = prompt_digest(request)
        reply = await self._call(draft, "evolve", request)
        if reply is None:
            return None
        try:
            draft.child = self._method.evolver.read(reply, move, parent, draft.attempt.round)
        except MalformedError as error:
            draft.findings += (malformed(error, "instruction"),)
            return None
        parents = (parent.text,) if partner is None else (parent.text, partner.text)
        root, depth = self._seeds[draft.attempt.index].text, move.operator.family in {"depth", "tongue"}
        name, tongue = move.operator.name, move.operator.language
        return Candidate(draft.child.text, parents, name, depth, root=root, kind=draft.kind, tongue=tongue)

    async def _unlike(self, draft: Draft) -> None:
        """The duplicate check, in canonical order: what is near, says the same, and was kept."""
        if "duplicate" in self._config.eliminator.skip:
            return
        child = None if draft.rejected else draft.child
        item = Item(child.id, draft.root_id, child.text) if child else None
        if finding := await self._order.check(draft.attempt, item):
            draft.findings += (finding,)

    async def _judge(self, draft: Draft, candidate: Candidate) -> None:
        """What text checks leave open, of the instruction or, where there is one, of the answer."""
        if self._method.judge is None:
            return
        ask = self._asks(draft)
        draft.findings += await self._method.judge.ask(candidate, lambda request: ask("judge", request))

    async def _answer(self, draft: Draft, candidate: Candidate) -> None:
        if draft.child is None:
            raise ValueError("nothing to answer")
        reply = await self._call(draft, "answer", self._method.responder.request(draft.child))
        if reply is None:
            return
        try:
            draft.answer = self._method.responder.read(reply)
        except MalformedError as error:
            draft.answer = reply.text
            draft.findings += (malformed(error, "answer"),)
            return
        await self._inspect(draft, replace(candidate, answer=draft.answer))

    async def _inspect(self, draft: Draft, answered: Candidate) -> None:
        draft.findings += await self._stages.inspect(answered)
        if not draft.rejected:
            answered = await self._prove(draft, answered)
        if not draft.rejected:
            await self._judge(draft, answered)

    async def _prove(self, draft: Draft, answered: Candidate) -> Candidate:
        """The candidate with the answer that is kept: perhaps another one than the first."""
        if self._method.prover is None or answered.answer is None:
            return answered

        async def suits(answer: str) -> bool:
            return first_rejection(await self._stages.inspect(replace(answered, answer=answer))) is None

        kind, ask, examine = draft.kind_of_proof, self._asks(draft), self._stages.verify
        given = await self._given(draft.parent, draft.attempt.index) if answered.tongue and draft.parent else None
        draft.answer, draft.proof = await self._method.prover.prove(
            answered.text, answered.answer, kind, ask=ask, examine=examine, suits=suits, given=given
        )
        if draft.proof.status == "refuted":
            draft.findings += (finding(draft.proof),)
        return replace(answered, answer=draft.answer)

    # -- what it stands on -------------------------------------------------------------------------------------------

    async def _call(self, draft: Draft, step: Step, request: Request) -> Reply | None:
        """The reply to a paid call, from the ledger or the endpoint, without secrets where these are redacted; None
        with `draft.error` set if it failed."""
        call = await self._calls.make(draft.root_id, step, request, draft.attempt)
        if call.reply is None:
            draft.error = call.error or "failed"
            return None
        draft.models[request.role] = call.reply.model
        if step == "judge":  # whose words become no data
            return call.reply
        text, redacted = self._screen.reply(call.reply.text)
        draft.redacted.update(redacted)
        return replace(call.reply, text=text)

    def _asks(self, draft: Draft) -> Callable[[Step, Request], Coroutine[Any, Any, Reply | str]]:
        """Calls that fail nothing but themselves: a judge's vote, a set of tests, a repair."""

        async def ask(step: Step, request: Request) -> Reply | str:
            reply = await self._call(draft, step, request)
            error, draft.error = draft.error, None
            return reply or error or "failed"

        return ask

    async def _vector(self, text: str) -> np.ndarray:
        vector = self._vectors.get(text)
        if vector is None:
            vector = await self._stages.embed(text)
            self._vectors.put(text, vector)
        return vector

    async def _partner(self, index: int, round_: int) -> Instruction:
        """The second parent: what lineage `index` had brought forth at the end of the round before."""
        await self._fallen(index, round_ - 1)
        return self._pool.parent(index, round_)

    async def _given(self, parent: Instruction, index: int) -> Proof | None:
        """What a translated task's parent was verified by; a seed's answer may still be on its way."""
        await self._fallen(index, parent.round)
        return self._pool.proof(parent)

    async def _fallen(self, index: int, round_: int) -> None:
        """Wait until the fate of that attempt is known."""
        if not self._pool.fallen(index, round_):
            if self._order.closed:
                raise HaltedError("the run is being stopped")
            await asyncio.shield(self._settled.setdefault((index, round_), asyncio.get_running_loop().create_future()))

    def _record(self, draft: Draft) -> None:
        fate = self._screen.fate(draft.fate())
        self._ledger.record_fate(fate)
        attempt = fate.attempt
        self.goal.settle(attempt, accepted=fate.outcome == "accepted")
        following = self._pool.settle(fate)
        if attempt.round:
            if following.round <= self._config.rounds:
                heapq.heappush(self._ready, following)
            if draft.child is not None:
                self._order.settle(draft.child.id, kept=fate.outcome == "accepted")
        waiter = self._settled.pop((attempt.index, attempt.round), None)
        if waiter is not None and not waiter.done():
            waiter.set_result(None)
        self._watch(fate)
