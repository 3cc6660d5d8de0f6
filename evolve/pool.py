"""The pool: which instruction of each lineage is evolved next.

One lineage per seed. When a child is accepted it takes its parent's place; when it is rejected or failed the parent
stays (WizardLM, section 3.2), and the operator that did not work out is not drawn again for it at once. Invariant:
what the pool says about a round is what was true when the round before it ended, however far other lineages have
come since; so it depends on canonically earlier fates alone. It makes no calls, and judges nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from evolve.records import SEED_OPERATOR, Attempt, Fate, Instruction, Proof, Seed


class Pool:
    def __init__(self, seeds: Sequence[Seed]) -> None:
        self._eligible = [[_as_instruction(seed)] for seed in seeds]
        self._settled = [0] * len(seeds)
        self._set_back: dict[int, str] = {}
        self._proofs: dict[str, Proof] = {}
        self._answered: set[int] = set()

    def __len__(self) -> int:
        return len(self._eligible)

    def parent(self, index: int, round_: int) -> Instruction:
        """The instruction of lineage `index` that is eligible in `round_` (from 1); that far it must be settled."""
        if self._settled[index] < round_ - 1:
            raise ValueError(f"lineage {index} is settled up to round {self._settled[index]}, not {round_ - 1}")
        return next(i for i in reversed(self._eligible[index]) if i.round < round_)

    def line(self, index: int, round_: int) -> list[Instruction]:
        """The lineage up to that parent, the seed first."""
        return [i for i in self._eligible[index] if i.round < round_]

    def settled(self, index: int) -> int:
        """Rounds of this lineage whose fate is known."""
        return self._settled[index]

    def set_back(self, index: int) -> str | None:
        """The operator whose child of the present parent was just turned down, or None."""
        return self._set_back.get(index)

    def proof(self, parent: Instruction) -> Proof | None:
        """How the answer to an eligible parent was verified, once its fate is known; None where it was not."""
        return self._proofs.get(parent.id)

    def fallen(self, index: int, round_: int) -> bool:
        """Whether the fate of that attempt is known; in round 0 of the seed's own answer."""
        return self._settled[index] >= round_ if round_ else index in self._answered

    def settle(self, fate: Fate) -> Attempt:
        """Take note of the fate of an attempt and return the next one; rounds of a lineage come in order.

        But for round 0, the seed's own answer, which may come after children of the seed.
        """
        round_, index = fate.attempt.round, fate.attempt.index
        if fate.outcome == "accepted" and fate.proof is not None and fate.proof.status == "verified":
            self._proofs[fate.child.id if fate.child else fate.root_id] = fate.proof
        if round_ == 0:
            self._answered.add(index)
            return Attempt(1, index)
        if round_ != self._settled[index] + 1:
            raise ValueError(f"round {round_} of lineage {index} settled after round {self._settled[index]}")
        self._settled[index] = round_
        if fate.outcome == "accepted" and fate.child is not None:
            self._eligible[index].append(fate.child)
            self._set_back.pop(index, None)
        else:
            self._set_back[index] = fate.operator
        return Attempt(round_ + 1, index)


def _as_instruction(seed: Seed) -> Instruction:
    return Instruction(seed.id, seed.text, root_id=seed.id, parent_id=None, round=0, operator=SEED_OPERATOR)
