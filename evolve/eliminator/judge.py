"""The judge: a model is asked whether a child is its parent in other words (WizardLM's first rule).

Three-valued. What cannot be read as one of its verdicts is UNDECIDED, never a yes or a no.
"""

from __future__ import annotations

import json
import re
from importlib.resources import files
from string import Template
from typing import Any

from evolve.config import RoleConfig
from evolve.records import Finding, Instruction, Reply, Request, Verdict, digest
from evolve.teacher.messages import MalformedError, make_request, read_text

_OBJECT = re.compile(r"\{[^{}]*\}")
_VERDICTS = {
    "equal": Verdict.REJECT,
    "true": Verdict.REJECT,
    "yes": Verdict.REJECT,
    "not equal": Verdict.ACCEPT,
    "not_equal": Verdict.ACCEPT,
    "different": Verdict.ACCEPT,
    "false": Verdict.ACCEPT,
    "no": Verdict.ACCEPT,
    "unsure": Verdict.UNDECIDED,
}
_DETAILS = {
    Verdict.REJECT: "equal to its parent",
    Verdict.ACCEPT: "",
    Verdict.UNDECIDED: "the judge cannot tell",
}


class Judge:
    name = "judge"
    version = 1

    def __init__(self, role: RoleConfig) -> None:
        self._role = role
        self._template = Template(
            (files("evolve.eliminator") / "prompts" / "judge_equal.txt").read_text(encoding="utf-8")
        )

    @property
    def contents(self) -> dict[str, str]:
        """What the run's identity holds of the judge's prompt."""
        return {"prompt.judge": digest(self._template.template)}

    def request(self, parent: Instruction, child: Instruction) -> Request:
        return make_request("judge", self._role, self._template.substitute(first=parent.text, second=child.text))

    def read(self, reply: Reply) -> Finding:
        """REJECT (no_gain), ACCEPT or UNDECIDED."""
        try:
            text = read_text(reply)
        except MalformedError as error:
            return self._finding(Verdict.UNDECIDED, f"the judge's reply is {error}")
        for match in reversed(_OBJECT.findall(text)):
            verdict = _verdict(match)
            if verdict is not None:
                return self._finding(verdict, _DETAILS[verdict])
        return self._finding(Verdict.UNDECIDED, "the judge gave no verdict")

    def unasked(self, error: str) -> Finding:
        """The finding where the judge could not be asked at all."""
        return self._finding(Verdict.UNDECIDED, error)

    def _finding(self, verdict: Verdict, detail: str) -> Finding:
        reason = "no_gain" if verdict is Verdict.REJECT else None
        return Finding(self.name, self.version, verdict, reason, detail)


def _verdict(text: str) -> Verdict | None:
    """The verdict in a JSON object, None if it holds none that is known."""
    try:
        tree: dict[str, Any] = json.loads(text)
        said = str(tree.get("verdict", tree.get("equal")))
    except (ValueError, RecursionError):  # lists without end
        return None
    return _VERDICTS.get(said.strip().lower())
