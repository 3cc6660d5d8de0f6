"""Whether an answer is right, as far as running it can tell: tests that were written without it, and the sandbox.

`code` takes the program out of an answer, `needs` says what it wants of a system, `gates` says why tests are unfit,
`mutants` breaks a program slightly, `inputs` finds what a function is called with and makes more of it, `clusters` says
which answers do the same (`values`), `translation` makes tests of one program by what another returns (`kinds`),
`asking` holds the prompts, and `Verifier` puts them together for one worker.
Nothing here pays for a call or decides over a row; evolve/proving does.
"""

from __future__ import annotations

from evolve.verifier.asking import prompt_contents, read_tests, request_inputs, request_repair, request_tests
from evolve.verifier.code import Program, at_home, program
from evolve.verifier.verifier import Case, Examined, Verifier, limits_of, tier_for

__all__ = [
    "Case",
    "Examined",
    "Program",
    "Verifier",
    "at_home",
    "limits_of",
    "program",
    "prompt_contents",
    "read_tests",
    "request_inputs",
    "request_repair",
    "request_tests",
    "tier_for",
]
