"""The responder: instruction -> answer.

The instruction is the whole prompt, as it will be when the dataset is used; anything around it would teach a model
to expect what will not be there.
"""

from __future__ import annotations

from evolve.config import RoleConfig
from evolve.records import Instruction, Reply, Request
from evolve.teacher.messages import make_request, read_text


class Responder:
    def __init__(self, role: RoleConfig) -> None:
        self._role = role

    def request(self, instruction: Instruction) -> Request:
        return make_request("responder", self._role, instruction.text)

    def read(self, reply: Reply) -> str:
        """The answer, perhaps empty (a check's business). Raises MalformedError if it is cut off."""
        return read_text(reply)
