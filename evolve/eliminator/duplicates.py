"""Near-duplicates: of what is near by cosine, what asks for the same thing, as the differing words say.

Failure: a run that pays for the same task twice, and a dataset that holds it twice. Cosine alone cannot tell: a
child is as near to its parent as a rephrasing is. So the index only proposes, at a low floor, and the two texts' words
decide (wording.py): a veto makes another task; where only one side says something new it is an addition, a true step;
where neither does it is the same task; where both do, their differing words must mean about the same (`delta`), in
about equal number. Within a lineage the cosine says nothing beyond that. Only what is *kept* makes another a duplicate.

Invariant: a Finding depends on the texts, the thresholds and which of the earlier ones were kept, nothing else. It
holds what every comparison gave, so that thresholds can be moved later without embedding anything (`decide_again`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from evolve.config import EliminatorConfig
from evolve.eliminator.wording import Difference, Wording, differ, read
from evolve.embedding import BUILTIN, Entry, Floors, Neighbour, Neighbours, Search, cosines
from evolve.records import Finding, Near, Verdict

COMPARED = 32
"""Neighbours that are compared whether they were kept or not, so that moving a threshold finds them. Further ones
are compared only where they were kept: among a thousand rephrasings of one task the kept one may be far down."""
IMBALANCE = 3.0
"""Differing words of the one side per differing word of the other, up to which they can be two wordings of one thing
(FIELD: 3 on 10,027 labelled pairs)."""
ALIKE = 0.5
"""Share of words in the same order (rapidfuzz) from which on the same words say the same even where the cosine is in
doubt, between its floor and its threshold. Of the labelled duplicates there it finds 4 of 4 with MiniLM, 2 of 5 with
`builtin`."""
SURPLUS = 4
"""Times that common words may stand more often in one text: beyond, something was added in words already there."""
READ = 65_536
"""Earlier texts that are remembered as they were read (1.8 kB for one of 37 words, so some 120 MB); others are read
again when they are near."""
BATCH = 256
"""Items that the Deduplicator embeds, searches and compares at a time."""


@dataclass(frozen=True, slots=True)
class Side:
    """Thresholds towards one's own lineage, or towards all others."""

    cosine: float
    """From which on two texts can say the same in other words."""
    delta: float
    """Cosine of the differing words from which on these mean the same."""
    floor: float
    """Cosine from which on two texts are compared at all: what is recorded, and so what thresholds can be moved to."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    within: Side
    across: Side

    @property
    def floors(self) -> Floors:
        return Floors(self.within.floor, self.across.floor)


SEMANTIC = Thresholds(Side(0.70, 0.80, 0.70), Side(0.85, 0.40, 0.65))
"""For a sentence-transformers model; from `benchmarks/duplicates.py --model` with MiniLM. Across lineages delta 0.40:
on the labelled pairs precision falls below that (0.95 at 0.3, 0.86 at 0.2) while recall hardly grows, and 0.85 costs
next to no recall against 0.70. Within a lineage one word in place of another is a step as a rule ("alphabet" ->
"vowel", "title" -> "hyperlinks"; delta 0.5 to 0.7): of the recorded children those below 0.8 were no duplicates when
read. Floors: 95 % of the labelled duplicates lie above 0.75, and each candidate is compared with 4 others."""
LEXICAL = Thresholds(Side(0.50, 0.80, 0.50), Side(0.60, 0.40, 0.50))
"""For `builtin`, from the same. Other words for the same are far apart, so what it finds says the same in the same
words; its cosines only propose, and a quarter of the labelled duplicates lies below its floor."""


def thresholds(config: EliminatorConfig) -> Thresholds:
    """The defaults for the config's embedder, and the config's own values over them; a floor is never above its
    cosine."""
    default = LEXICAL if config.embedder == BUILTIN else SEMANTIC
    return Thresholds(
        _side(default.within, config.duplicate_within, config.duplicate_delta_within),
        _side(default.across, config.duplicate_across, config.duplicate_delta_across),
    )


def _side(default: Side, cosine: float | None, delta: float | None) -> Side:
    cosine = default.cosine if cosine is None else cosine
    return Side(cosine, default.delta if delta is None else delta, min(default.floor, cosine))


def repeats(near: Near, limits: Thresholds) -> bool:
    """Whether that comparison makes a duplicate."""
    side = limits.within if near.within else limits.across
    if near.veto or (near.delta is None and (near.novel or near.lacking)):
        return False
    if near.delta is None:  # the same words: where the cosine is in doubt, their order confirms it
        return near.cosine >= side.cosine or near.likeness >= ALIKE
    return near.delta >= side.delta and near.cosine >= side.cosine


class Duplicates:
    """The check, once it is known what is near. Holds no state but what it has read."""

    name = "duplicate"
    version = 3

    def __init__(
        self,
        limits: Thresholds,
        embed: Callable[[str], Awaitable[np.ndarray]],
        text: Callable[[str], str],
        kept: Callable[[str], Awaitable[bool]],
        dropped: Callable[[str], bool] = lambda id_: False,
    ) -> None:
        """`text`: of an earlier id, always the same. `kept`: whether it was kept in the end; may wait for that.
        `dropped`: whether it is known already that it was not."""
        self._limits = limits
        self._embed = embed
        self._wording = lru_cache(READ)(lambda id_: read(text(id_)))
        self._kept = kept
        self._dropped = dropped

    async def check(self, text: str, found: Neighbours) -> Finding:
        wording = read(text)
        nears = await self._compare(wording, found.near[:COMPARED])
        for near in nears:
            if repeats(near, self._limits) and await self._kept(near.id):
                return _finding(near, nears, dict(found.scores))
        for neighbour in found.near[COMPARED:]:
            if self._may_repeat(wording, neighbour) and not self._dropped(neighbour.id):
                (near,) = await self._compare(wording, [neighbour])
                if repeats(near, self._limits) and await self._kept(near.id):  # looked at first: to wait costs more
                    return _finding(near, [*nears, near], dict(found.scores))
        return _finding(None, nears, dict(found.scores))

    def remainders(self, text: str, found: Neighbours) -> Iterator[str]:
        """The texts that `check` will embed, or most of them: to be embedded together beforehand."""
        wording = read(text)
        for neighbour in found.near[:COMPARED]:
            old = self._wording(neighbour.id)
            yield from _remainders(wording, old, differ(wording, old))

    async def _compare(self, wording: Wording, neighbours: Sequence[Neighbour]) -> list[Near]:
        olds = [self._wording(neighbour.id) for neighbour in neighbours]
        differences = [differ(wording, old) for old in olds]
        remainders = [_remainders(wording, old, what) for old, what in zip(olds, differences, strict=True)]
        vectors = iter(await asyncio.gather(*(self._embed(text) for texts in remainders for text in texts)))
        deltas = [float(cosines(next(vectors)[None], next(vectors)[None])[0]) if r else None for r in remainders]
        return [_near(*compared) for compared in zip(neighbours, differences, deltas, strict=True)]

    def _may_repeat(self, wording: Wording, neighbour: Neighbour) -> bool:
        """False where `repeats` is false whatever a whole comparison gives: another language is a veto, and below the
        threshold of its side the cosine leaves nothing but texts of the same words."""
        old = self._wording(neighbour.id)
        if old.languages != wording.languages:
            return False
        side = self._limits.within if neighbour.within else self._limits.across
        if neighbour.cosine >= side.cosine:
            return True
        return len(old.content) == len(wording.content) and frozenset(old.content) == frozenset(wording.content)


@dataclass(frozen=True, slots=True)
class Item:
    """A text to be looked at by the Deduplicator."""

    id: str
    root_id: str
    text: str


class Deduplicator:
    """The whole check in one process, one item after the other, for use without a run: what is accepted is kept."""

    def __init__(self, config: EliminatorConfig, embed: Callable[[Sequence[str]], np.ndarray]) -> None:
        """`embed`: texts -> rows of length 1, float16, such as Eliminator.embed."""
        limits = thresholds(config)
        self._embed = embed
        self._search = Search(limits.floors)
        self._texts: dict[str, str] = {}
        self._dropped: set[str] = set()
        self._vectors: dict[str, np.ndarray] = {}
        self._check = Duplicates(limits, self._vector, self._texts.__getitem__, self._is_kept)

    def keep(self, items: Sequence[Item]) -> None:
        """Items that are kept in any case, and come before what is checked after."""
        asyncio.run(self._keep(items))

    def drop(self, id_: str) -> None:
        """This one was thrown out for another reason: it makes nothing a duplicate from here on."""
        self._dropped.add(id_)

    def check(self, items: Sequence[Item]) -> list[Finding]:
        """One finding each, in order; must not be called from a running event loop."""
        return asyncio.run(self._findings(items))

    async def _keep(self, items: Sequence[Item]) -> None:
        for begin in range(0, len(items), BATCH):
            await self._search.add(self._entries(items[begin : begin + BATCH]))

    async def _findings(self, items: Sequence[Item]) -> list[Finding]:
        findings: list[Finding] = []
        for begin in range(0, len(items), BATCH):
            batch = items[begin : begin + BATCH]
            found = await self._search.admit(self._entries(batch))
            needed = {
                r for item, near in zip(batch, found, strict=True) for r in self._check.remainders(item.text, near)
            }
            self._vectors = dict(zip(needed, self._embed(list(needed)), strict=True)) if needed else {}
            for item, near in zip(batch, found, strict=True):
                findings.append(await self._check.check(item.text, near))
                if findings[-1].verdict is Verdict.REJECT:
                    self._dropped.add(item.id)
        return findings

    def _entries(self, items: Sequence[Item]) -> list[Entry]:
        self._texts.update((item.id, item.text) for item in items)
        vectors = self._embed([item.text for item in items])
        return [Entry(item.id, item.root_id, vector) for item, vector in zip(items, vectors, strict=True)]

    async def _vector(self, text: str) -> np.ndarray:
        vector = self._vectors.get(text)
        return self._embed([text])[0] if vector is None else vector

    async def _is_kept(self, id_: str) -> bool:
        return id_ not in self._dropped


@dataclass(frozen=True, slots=True)
class Decided:
    """What is on record of one candidate."""

    id: str | None
    """None: there was no text."""
    findings: Sequence[Finding]
    failed: bool = False


def decide_again(records: Iterable[Decided], limits: Thresholds) -> Iterator[Finding | None]:
    """What the duplicate check says under other thresholds, from what was recorded; `records` in canonical order.

    None where it was never asked. A candidate that is now a duplicate makes no other one; one that no longer is one
    counts as kept from there on, as far as is known: no judge was asked about it, and no answer was paid. Only what was
    near enough to be recorded is seen again, so floors cannot be lowered.
    """
    dropped: set[str] = set()
    for record in records:
        old = next((finding for finding in record.findings if finding.check == Duplicates.name), None)
        others = any(f.verdict is Verdict.REJECT and f is not old for f in record.findings) or record.failed
        new = None
        if old is not None:
            counted = (near for near in old.nears if near.id not in dropped and repeats(near, limits))
            new = _finding(next(counted, None), old.nears, old.scores)
        yield new
        if record.id is not None and (others or (new is not None and new.verdict is Verdict.REJECT)):
            dropped.add(record.id)


def _remainders(new: Wording, old: Wording, difference: Difference) -> tuple[str, str] | tuple[()]:
    """The differing words of both sides, where they decide."""
    novel, lacking = len(difference.novel), len(difference.lacking)
    if (
        difference.veto
        or difference.foreign
        or not novel
        or not lacking
        or max(novel, lacking) > IMBALANCE * min(novel, lacking)
    ):
        return ()
    return new.spelt(difference.novel), old.spelt(difference.lacking)


def _near(neighbour: Neighbour, difference: Difference, delta: float | None) -> Near:
    bare = not difference.novel and not difference.lacking
    return Near(
        id=neighbour.id,
        cosine=neighbour.cosine,
        within=neighbour.within,
        novel=len(difference.novel),
        lacking=len(difference.lacking),
        likeness=difference.likeness,
        delta=None if delta is None else round(delta, 4),
        veto=difference.veto or ("surplus" if bare and difference.surplus > SURPLUS else ""),
    )


def _finding(repeated: Near | None, nears: Sequence[Near], scores: Mapping[str, float]) -> Finding:
    """`repeated`: the one that was kept, and says the same."""
    shown = {name: round(value, 4) for name, value in scores.items()}
    name, version = Duplicates.name, Duplicates.version
    if repeated is None:
        return Finding(name, version, Verdict.ACCEPT, scores=shown, nears=tuple(nears))
    where = "its own lineage" if repeated.within else "another lineage"
    words = "the same words" if repeated.delta is None else f"differing words {repeated.delta:.2f} alike"
    detail = f"cosine {repeated.cosine:.3f} to one of {where}, {words}"
    return Finding(name, version, Verdict.REJECT, "duplicate", detail, shown, repeated.id, tuple(nears))
