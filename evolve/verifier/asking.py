"""What the verifier asks of models: tests from the tester, a repaired answer from the responder; and reading the tests.

The tester is shown the instruction and never an answer; the responder never sees a test, only what one test said of its
own code. Fails closed: a reply that is cut off, or holds no tests, gives none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from string import Template

from evolve.config import RoleConfig
from evolve.markdown import page
from evolve.records import Reply, Request, digest
from evolve.sandbox.languages import LANGUAGES
from evolve.teacher.messages import MalformedError, make_request, read_text

UNTESTABLE = "UNTESTABLE"
"""The tester's word for a task whose answer no program can check."""
PYTHON = "plain `assert` statements, bare or in functions"
SPOKEN = {"cpp": "C++", "javascript": "JavaScript", "typescript": "TypeScript", "sql": "SQL (SQLite)"}
"""How a language is called in a prompt, where that is not its name in a fence with a capital."""
PROMPTS = ("test", "again", "second", "inputs", "repair", "kept", "compute", "anew")


def prompt_contents() -> Mapping[str, str]:
    """What the run's identity holds of the prompts."""
    return {f"prompt.{name}": digest(_template(name).template) for name in PROMPTS}


def request_tests(
    role: RoleConfig,
    instruction: str,
    language: str,
    reasons: Sequence[str] = (),
    *,
    second: bool = False,
    notes: Sequence[str] = (),
) -> Request:
    """Tests for an instruction; `reasons` say why those that came before cannot be used.

    `second`: a second opinion. It is asked for in other words, so that at temperature 0 it is one, too. `notes`: of
    PROMPTS, what holds for tasks of this kind.
    """
    spoken = SPOKEN.get(language, language.capitalize())
    convention = LANGUAGES[language].convention if language in LANGUAGES else PYTHON
    prompt = _template("test").substitute(instruction=instruction, language=spoken, convention=convention)
    prompt += "".join(_template(note).template for note in notes)
    if reasons:
        prompt += _template("again").substitute(reasons="\n".join(f"- {reason}" for reason in reasons))
    if second:
        prompt += _template("second").template
    return make_request("tester", role, prompt)


def request_program(role: RoleConfig, instruction: str, *, second: bool = False) -> Request:
    """A program that prints the number that an instruction asks for; `second`: in other words, as above."""
    prompt = _template("compute").substitute(instruction=instruction)
    return make_request("tester", role, prompt + (_template("anew").template if second else ""))


def request_inputs(role: RoleConfig, instruction: str, reasons: Sequence[str] = ()) -> Request:
    """Calls of a Python program that is one of a pair, as assertions; `reasons` as in `request_tests`."""
    prompt = _template("inputs").substitute(instruction=instruction)
    if reasons:
        prompt += _template("again").substitute(reasons="\n".join(f"- {reason}" for reason in reasons))
    return make_request("tester", role, prompt)


def request_repair(role: RoleConfig, instruction: str, answer: str, report: str) -> Request:
    prompt = _template("repair").substitute(instruction=instruction, answer=answer, report=report)
    return make_request("responder", role, prompt)


def read_tests(reply: Reply) -> str:
    """The tests' source. Raises MalformedError where there is none; its cause is "declined" for UNTESTABLE."""
    text = read_text(reply)
    blocks = [block.code for block in page(text).blocks if block.code.strip()]
    if not blocks and UNTESTABLE in text[:200]:
        raise MalformedError("the tester says that no program can check it", "declined")
    source = "\n".join(blocks) if blocks else text
    if not source.strip():
        raise MalformedError("the tester wrote nothing", "empty")
    return source.strip() + "\n"


@lru_cache
def _template(name: str) -> Template:
    return Template((files("evolve.verifier") / "prompts" / f"{name}.txt").read_text(encoding="utf-8"))
