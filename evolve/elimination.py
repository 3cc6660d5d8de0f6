"""The eliminator over parent/child pairs of any tool: what a run does between two calls, without a run.

    pair -> malformed -> instruction checks -> answer checks -> duplicate -> judge -> Decision

Everything that costs nothing comes first, the answer checks included, because the answers are there already. Invariant:
a decision depends on the pairs up to its own, the config and the judge's replies; not on how pairs were batched. Pairs
are decided in their order: only what was kept before can make one a duplicate, and every parent counts as kept from its
first child on. Some are on their way at a time, and the next sets out when the first is decided; so memory holds the
vectors and ids of all, the texts of a few thousand, and what was read of a hundred thousand for comparing.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from evolve.checks.tongues import TONGUES
from evolve.cluster import Stages
from evolve.config import EliminatorConfig
from evolve.eliminator import Candidate, Item, first_rejection, malformed, thresholds
from evolve.method import IN_BREADTH, TRANSLATE, read_instruction
from evolve.order import Order
from evolve.pairs import Pair
from evolve.records import Attempt, Finding, Near, Reply, Verdict, digest
from evolve.teacher import MalformedError, read_text

WINDOW = 2048
"""Pairs on their way at a time: what several workers, the search and the comparing are busy with at once."""
TRANSLATED = {f"{TRANSLATE}_{tongue.lower()}": tongue for tongue in TONGUES}
"""Operators whose children are their parents in another natural language."""

ROOT = "r"
"""Marks the id of a lineage's root in the duplicate search; a child's is its pair's position."""

_SAID = tuple(field.name for field in fields(Finding) if field.name != "check")
_NEAR = tuple(field.name for field in fields(Near))

Ask = Callable[[Candidate], Awaitable[tuple[Finding, ...]]]
"""What the judge says of a candidate."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What became of one pair, with everything that was found on the way."""

    id: str
    findings: tuple[Finding, ...]

    @property
    def verdict(self) -> Verdict:
        """REJECT if a check rejects, else UNDECIDED if one could not tell."""
        said = {finding.verdict for finding in self.findings}
        return next((v for v in (Verdict.REJECT, Verdict.UNDECIDED) if v in said), Verdict.ACCEPT)

    @property
    def reason(self) -> str | None:
        rejection = first_rejection(self.findings)
        return rejection.reason if rejection else None

    def as_row(self) -> dict[str, Any]:
        """One line of the verdicts file."""
        verdict, checks = self.verdict.value, check_rows(self.findings)
        return {"id": self.id, "verdict": verdict, "reason": self.reason, "checks": checks}


def check_rows(findings: Iterable[Finding]) -> dict[str, dict[str, Any]]:
    """Check -> what it said, without what it did not say."""
    return {finding.check: _row(finding) for finding in findings}


def _row(finding: Finding) -> dict[str, Any]:
    """As dataclasses.asdict gives it, in a twentieth of its time: there are fifteen a pair."""
    row = {name: value for name in _SAID if (value := getattr(finding, name))}
    if finding.nears:
        row["nears"] = [{name: getattr(near, name) for name in _NEAR} for near in finding.nears]
    return row


@dataclass(slots=True)
class _Case:
    """A pair on its way through."""

    index: int
    pair: Pair
    root: int
    """Index of the first pair of its lineage: that one's parent is the root."""
    findings: list[Finding] = field(default_factory=list)
    candidate: Candidate | None = None
    """None: malformed."""
    answered: Candidate | None = None
    """The same with its answer; None: there is none, or not a whole one."""

    @property
    def decision(self) -> Decision:
        return Decision(self.pair.id, tuple(self.findings))

    @property
    def open(self) -> bool:
        return self.candidate is not None and first_rejection(self.findings) is None


class Elimination:
    """Decides all pairs of one source; `decisions` may be gone through once."""

    def __init__(
        self,
        config: EliminatorConfig,
        pairs: Sequence[Pair],
        stages: Stages,
        *,
        ask: Ask | None = None,
        against: Sequence[Item] = (),
        rows: int = 1_000_000,
    ) -> None:
        """`ask`: the judge; None: what text alone decides. `against`: what no child may repeat, beside the pairs.
        `rows`: in one part of the duplicate search."""
        self._pairs = pairs
        self._stages = stages
        self._ask = ask
        self._skip = "duplicate" in config.skip
        self._order = Order(
            thresholds(config),
            2 * len(pairs),  # a lineage's root before its first child, then the child
            embed=stages.embed,
            text=self._text,
            part=stages.part,
            rows=rows,
        )
        self._against = against
        self._roots: dict[int, int] = {}
        self._ids: list[str] = []

    async def decisions(self) -> AsyncIterator[Decision]:
        """In the order of the pairs."""
        if not self._skip:
            await self._order.begin(self._against)
            self._order.open()
        under_way: deque[asyncio.Task[_Case]] = deque()
        try:
            for index, pair in enumerate(self._pairs):
                self._ids.append(pair.id)
                case = _Case(index, pair, self._root(index, pair))
                under_way.append(asyncio.create_task(self._decide(case)))
                if len(under_way) == WINDOW:
                    yield (await under_way.popleft()).decision
            while under_way:
                yield (await under_way.popleft()).decision
        finally:
            for task in under_way:
                task.cancel()
            await asyncio.gather(*under_way, return_exceptions=True)

    def _root(self, index: int, pair: Pair) -> int:
        """The lineage: that of the pair whose child the parent is, else a new one."""
        root = self._roots.setdefault(_key(pair.parent), index)
        self._roots.setdefault(_key(pair.reply), root)
        return root

    async def _decide(self, case: _Case) -> _Case:
        await self._read(case)
        if not self._skip:
            await self._unlike(case)
        for asked in (case.candidate, case.answered):  # the instruction, then the answer, as in a run
            if case.open and asked is not None and self._ask is not None:
                case.findings += await self._ask(asked)
        self._order.settle(str(case.index), kept=case.open)
        return case

    async def _read(self, case: _Case) -> None:
        """What the texts of the pair alone say."""
        pair = case.pair
        try:
            text = read_instruction(Reply(pair.reply, pair.finish_reason, ""))
        except MalformedError as error:
            case.findings.append(malformed(error, "instruction"))
            return
        root = pair if case.root == case.index else self._pairs[case.root]
        depth = pair.operator not in IN_BREADTH
        tongue = TRANSLATED.get(pair.operator)
        case.candidate = Candidate(text, (pair.parent,), pair.operator, depth, root=root.parent, tongue=tongue)
        case.findings += await self._stages.examine(case.candidate)
        if case.open and pair.answer is not None:
            case.findings += await self._read_answer(case, case.candidate, pair.answer)

    async def _read_answer(self, case: _Case, candidate: Candidate, answer: str) -> tuple[Finding, ...]:
        try:
            answer = read_text(Reply(answer, case.pair.answer_finish_reason, ""))
        except MalformedError as error:
            return (malformed(error, "answer"),)
        case.answered = replace(candidate, answer=answer)
        return await self._stages.inspect(case.answered)

    async def _unlike(self, case: _Case) -> None:
        """The duplicate check, in the order of the pairs; a lineage's root goes before its first child."""
        root, child = f"{case.root}{ROOT}", None
        first = Item(root, root, case.pair.parent) if case.root == case.index else None
        if case.open and case.candidate is not None:
            child = Item(str(case.index), root, case.candidate.text)
        of_root = self._order.keep(Attempt(1, 2 * case.index), first)
        of_child = self._order.check(Attempt(1, 2 * case.index + 1), child)
        _, finding = await asyncio.gather(of_root, of_child)
        if finding is not None:
            nears = tuple(replace(near, id=self._name(near.id)) for near in finding.nears)
            nearest = finding.nearest_id
            case.findings.append(replace(finding, nears=nears, nearest_id=nearest and self._name(nearest)))

    def _text(self, entry_id: str) -> str:
        """Of an entry of the duplicate search."""
        pair = self._pairs[int(entry_id.removesuffix(ROOT))]
        return pair.parent if entry_id.endswith(ROOT) else read_instruction(Reply(pair.reply, pair.finish_reason, ""))

    def _name(self, entry_id: str) -> str:
        """How the verdicts call an entry of the duplicate search: by its pair's id."""
        if ":" in entry_id:  # of an earlier run
            return entry_id
        id_ = self._ids[int(entry_id.removesuffix(ROOT))]
        return f"parent of {id_}" if entry_id.endswith(ROOT) else id_


def _key(text: str) -> int:
    return int(digest(text), 16)
