"""The sequential program: one seed after the other, one call at a time, no ledger, no actors.

The pipeline does the same out of order and in parallel; whatever it does, its fates must equal these.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from evolve.checks.tongues import speak_alike
from evolve.config import Config
from evolve.eliminator import Candidate, Duplicates, Eliminator, Item, first_rejection, thresholds
from evolve.embedding import Neighbour, Neighbours, cosines
from evolve.pipeline import Method
from evolve.pool import Pool
from evolve.records import SEED_OPERATOR, Attempt, Fate, Finding, Reply, Request, Seed, Verdict
from evolve.teacher import MalformedError, prompt_digest

Ask = Callable[[Request], Reply | str]
"""One call: the reply, or the error's text."""


def evolve(  # noqa: PLR0917  (the whole algorithm, in one piece to be read)
    config: Config,
    method: Method,
    templates: dict[str, str],
    seeds: Sequence[Seed],
    ask: Ask,
    against: Sequence[Item] = (),
) -> list[Fate]:
    """Every fate, in canonical order."""
    eliminator = Eliminator(config.eliminator, templates)
    earlier = Earlier(config, eliminator, [*against, *(Item(seed.id, seed.id, seed.text) for seed in seeds)])
    pool = Pool(seeds)
    fates = []
    for index, seed in enumerate(seeds):
        child = pool.parent(index, 1)
        kind = seed.kind or ""
        fate = Fate(Attempt(0, index), seed.id, SEED_OPERATOR, "accepted", None, child, seed.output, kind=kind)
        fates.append(_answered(fate, Candidate(seed.text, (), SEED_OPERATOR, kind=kind), method, eliminator, ask))
    for round_ in range(1, config.rounds + 1):
        before = [pool.parent(index, round_) for index in range(len(seeds))]
        for index, parent in enumerate(before):
            attempt = Attempt(round_, index)
            avoid, line = pool.set_back(index), pool.line(index, round_)
            move = method.evolver.choose(attempt, parent.root_id, len(seeds), avoid, line=line)
            partner = None if move.partner is None else before[move.partner]
            if partner is not None and not speak_alike(parent.text, partner.text):
                move, partner = method.evolver.alone(attempt, parent.root_id, avoid), None
            request = method.evolver.request(move, parent, partner)
            fate = Fate(
                attempt,
                parent.root_id,
                move.operator.name,
                "accepted",
                parent.id,
                child=None,
                partner_id=partner.id if partner else None,
                prompt_digest=prompt_digest(request),
                kind=method.evolver.kind(seeds[index], line, move),
            )
            fate, reply = _asked(fate, request, ask)
            if reply is not None:
                try:
                    child = method.evolver.read(reply, move, parent, round_)
                except MalformedError as error:
                    fate = _found(fate, Finding("malformed", 1, Verdict.REJECT, "malformed", str(error)))
                else:
                    parents = (parent.text,) if partner is None else (parent.text, partner.text)
                    candidate = Candidate(
                        child.text,
                        parents,
                        move.operator.name,
                        move.operator.family in {"depth", "tongue"},
                        root=seeds[index].text,
                        kind=fate.kind,
                        tongue=move.operator.language,
                    )
                    fate = _with(fate, child=child)
                    fate = _found(fate, *eliminator.examine([candidate])[0])
                    if fate.outcome == "accepted" and "duplicate" not in config.eliminator.skip:
                        fate = _found(fate, earlier.check(Item(child.id, child.root_id, child.text)))
                    if fate.outcome == "accepted":
                        fate = _judged(fate, candidate, method, ask)
                    if fate.outcome == "accepted":
                        fate = _answered(fate, candidate, method, eliminator, ask)
            if fate.outcome == "accepted" and fate.child is not None:
                earlier.kept.add(fate.child.id)
            pool.settle(fate)
            fates.append(fate)
    return fates


class Earlier:
    """Everything that came before, compared with in float64, one by one."""

    def __init__(self, config: Config, eliminator: Eliminator, items: Sequence[Item]) -> None:
        """`items`: what counts as kept from the beginning."""
        self.kept = {item.id for item in items}
        self._floors = thresholds(config.eliminator).floors
        self._embed = eliminator.embed
        self._texts: dict[str, str] = {}
        self._rows: list[tuple[Item, np.ndarray]] = []
        self._duplicates = Duplicates(thresholds(config.eliminator), self._vector, self._text, self._was_kept)
        for item in items:
            self._add(item)

    def check(self, item: Item) -> Finding:
        own = self._embed([item.text])
        pairs = [
            Neighbour(old.id, float(cosines(vector[None], own)[0]), old.root_id == item.root_id)
            for old, vector in self._rows
        ]
        near = [p for p in pairs if p.cosine >= (self._floors.within if p.within else self._floors.across)]
        sides = {"within": [p.cosine for p in pairs if p.within], "across": [p.cosine for p in pairs if not p.within]}
        scores = tuple((name, max(values)) for name, values in sides.items() if values)
        self._add(item)
        found = Neighbours(tuple(sorted(near, key=lambda p: -p.cosine)), scores)
        return asyncio.run(self._duplicates.check(item.text, found))

    def _add(self, item: Item) -> None:
        self._texts[item.id] = item.text
        self._rows.append((item, self._embed([item.text])[0]))

    async def _vector(self, text: str) -> np.ndarray:
        row: np.ndarray = self._embed([text])[0]
        return row

    def _text(self, id_: str) -> str:
        return self._texts[id_]

    async def _was_kept(self, id_: str) -> bool:
        return id_ in self.kept


def _answered(fate: Fate, candidate: Candidate, method: Method, eliminator: Eliminator, ask: Ask) -> Fate:
    assert fate.child is not None
    if fate.answer is None:
        fate, reply = _asked(fate, method.responder.request(fate.child), ask)
        if reply is None:
            return fate
        try:
            fate = _with(fate, answer=method.responder.read(reply))
        except MalformedError as error:
            reason = "refusal" if error.cause == "declined" else "placeholder"
            return _found(_with(fate, answer=reply.text), Finding("malformed", 1, Verdict.REJECT, reason, str(error)))
    answered = replace(candidate, answer=fate.answer)
    fate = _found(fate, *eliminator.inspect([answered])[0])
    return _judged(fate, answered, method, ask) if fate.outcome == "accepted" else fate


def _judged(fate: Fate, candidate: Candidate, method: Method, ask: Ask) -> Fate:
    """Every question in turn. Nothing here waits, so the judge's coroutine runs through in one step."""
    if method.judge is None:
        return fate
    models = dict(fate.models)

    async def call(request: Request) -> Reply | str:
        said = ask(request)
        if isinstance(said, Reply):
            models["judge"] = said.model
        return said

    judging = method.judge.ask(candidate, call)
    try:
        judging.send(None)
    except StopIteration as end:
        return _found(_with(fate, models=models), *end.value)
    raise AssertionError("the judge waited for something")


def _asked(fate: Fate, request: Request, ask: Ask) -> tuple[Fate, Reply | None]:
    said = ask(request)
    if isinstance(said, str):
        return _with(fate, outcome="failed", error=said), None
    return _with(fate, models=dict(fate.models) | {request.role: said.model}), said


def _found(fate: Fate, *findings: Finding) -> Fate:
    fate = _with(fate, findings=fate.findings + findings)
    rejection = first_rejection(fate.findings)
    return fate if rejection is None else _with(fate, outcome="rejected", reason=rejection.reason)


def _with(fate: Fate, **changes: object) -> Fate:
    return replace(fate, **changes)  # type: ignore[arg-type]
