"""The evolver: instruction + operator -> candidate.

Invariant: which operator, which partner and which request belong to an attempt is a function of (run seed, root,
round) and of the pool's state at the end of the round before; asking twice gives the same request, byte for byte.
"""

from __future__ import annotations

from dataclasses import dataclass

from evolve.config import RoleConfig
from evolve.method.operators import Operator, Operators
from evolve.method.reading import read_instruction
from evolve.records import Attempt, Instruction, Reply, Request, instruction_id, rng
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

    @property
    def contents(self) -> dict[str, str]:
        return self._operators.contents

    def choose(self, attempt: Attempt, root_id: str, lineages: int, avoid: str | None = None) -> Move:
        """The move for this attempt among `lineages` of them; `avoid` names the operator that just failed there."""
        random = rng(self._run_seed, root_id, attempt.round, "move")
        operator = self._operators.draw(random, attempt.round, avoid)
        if operator.family != "crossover":
            return Move(operator)
        if lineages < 2:
            return Move(self._operators.draw(random, round_=1, avoid=avoid))
        return Move(operator, partner=(attempt.index + random.randrange(1, lineages)) % lineages)

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
