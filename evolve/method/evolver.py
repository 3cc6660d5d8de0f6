"""The evolver: instruction + operator -> candidate.

Invariant: which operator, which partner and which request belong to an attempt is a function of (run seed, root,
round) and of the pool's state at the end of the round before; asking twice gives the same request, byte for byte.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evolve.checks.tongues import mother_tongue
from evolve.config import RoleConfig
from evolve.method.operators import IN_BREADTH, Operator, Operators
from evolve.method.reading import read_instruction
from evolve.records import Attempt, Instruction, Reply, Request, Seed, instruction_id, rng
from evolve.teacher.messages import make_request


@dataclass(frozen=True, slots=True)
class Move:
    """What an attempt will try."""

    operator: Operator
    partner: int | None = None
    """The other lineage of a crossover, by its index."""


class Evolver:
    def __init__(self, operators: Operators, role: RoleConfig, run_seed: int) -> None:
        self._operators = operators
        self._role = role
        self._run_seed = run_seed
        self._tongues = {operator.name for operator in operators if operator.family == "tongue"}
        self._departs = {operator.name for operator in operators if operator.family in IN_BREADTH}

    @property
    def contents(self) -> dict[str, str]:
        return self._operators.contents

    def choose(
        self,
        attempt: Attempt,
        root_id: str,
        lineages: int,
        avoid: str | None = None,
        *,
        line: Sequence[Instruction] = (),
    ) -> Move:
        """The move for this attempt among `lineages` of them; `avoid` names the operator that just failed there.

        `line`: the instructions of this lineage, the seed first, the one to be evolved last. It is put into another
        language once at most, and not into its own.
        """
        random = rng(self._run_seed, root_id, attempt.round, "move")
        operator = self._operators.draw(random, attempt.round, avoid, self._languages(line))
        if operator.family != "crossover":
            return Move(operator)
        if lineages < 2:
            return Move(self._operators.draw(random, round_=1, avoid=avoid))
        return Move(operator, partner=(attempt.index + random.randrange(1, lineages)) % lineages)

    def alone(self, attempt: Attempt, root_id: str, avoid: str | None = None) -> Move:
        """The move in place of a crossover whose parents are in two natural languages."""
        random = rng(self._run_seed, root_id, attempt.round, "alone")
        return Move(self._operators.draw(random, round_=1, avoid=avoid))

    def kind(self, seed: Seed, line: Sequence[Instruction], move: Move) -> str:
        """Of what comes of the move: the seed's, until another task takes its place, whose kind nobody knows."""
        ways = {move.operator.name, *(one.operator for one in line)}
        return (seed.kind or "") if ways.isdisjoint(self._departs) else ""

    def _languages(self, line: Sequence[Instruction]) -> frozenset[str]:
        """What the last of the line may be put into; nothing where nobody can tell what it is in."""
        known = self._operators.languages
        if not line or not known or any(one.operator in self._tongues for one in line):
            return frozenset()
        own = mother_tongue(line[-1].text)
        return known - {own} if own else frozenset()

    def request(self, move: Move, parent: Instruction, partner: Instruction | None = None) -> Request:
        if partner is None:
            prompt = move.operator.prompt(instruction=parent.text)
        else:
            prompt = move.operator.prompt(first=parent.text, second=partner.text)
        return make_request("evolver", self._role, prompt)

    def read(self, reply: Reply, move: Move, parent: Instruction, round_: int) -> Instruction:
        """The candidate in the reply. Raises MalformedError."""
        text = read_instruction(reply)
        name = move.operator.name
        child_id = instruction_id(parent.root_id, parent.id, round_, name, text)
        return Instruction(child_id, text, parent.root_id, parent.id, round_, name, parent.depth + 1)
