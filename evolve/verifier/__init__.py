"""Whether an answer is right, as far as running it can tell: tests that were written without it, and the sandbox.

`code` takes the program out of an answer, `needs` says what it wants of a system, `gates` says why tests are unfit,
`mutants` breaks a program slightly, `inputs` finds what a function is called with and makes more of it, `clusters` says
which answers do the same (`values`), `translation` makes tests of one program by what another returns (`kinds`),
`figures` and `refactoring` say how involved code is, `files` lays out answers of several files, `outputs` knows
questions for what a program prints and `claims` what an answer says of it, `asking` holds the prompts, and `Verifier`
puts them together for one worker.
Nothing here pays for a call or decides over a row; evolve/proving does.
"""

from __future__ import annotations

from evolve.verifier.asking import (
    prompt_contents,
    read_tests,
    request_inputs,
    request_program,
    request_repair,
    request_tests,
)
from evolve.verifier.claims import Held, Truth, hold
from evolve.verifier.code import Program, at_home, program
from evolve.verifier.outputs import Question, question
from evolve.verifier.refactoring import Rewritten, original, rewritten
from evolve.verifier.verifier import Case, Examined, Verifier, limits_of, tier_for

__all__ = [
    "Case",
    "Examined",
    "Held",
    "Program",
    "Question",
    "Rewritten",
    "Truth",
    "Verifier",
    "at_home",
    "hold",
    "limits_of",
    "original",
    "program",
    "prompt_contents",
    "question",
    "read_tests",
    "request_inputs",
    "request_program",
    "request_repair",
    "request_tests",
    "rewritten",
    "tier_for",
]
