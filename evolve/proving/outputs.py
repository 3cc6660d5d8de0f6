"""An answer that says what a program prints or comes to: the program is run, and the claim held to it.

    code in the instruction -> run twice --.
    none: the tester's program, run twice --`-> the claim is so: verified
                                             `-> it is not: repair, at most as often as a wrong answer -> refuted

The tester never sees the answer. Invariant: an answer is refuted only where its claim is plain (verifier/claims.py);
where the program was the tester's, only after a second one, written in doubt of the first, has printed the same.
"""

from __future__ import annotations

import re
from dataclasses import replace

from evolve.proving.means import Means, Problem
from evolve.records import Proof
from evolve.verifier import Case, Examined, Held, Question, Truth, hold, request_program

_ENDED = re.compile(r"(?s:.*)^  File [^\n]*\n(?:[ \t][^\n]*\n)*+(?:\w+\.)*([A-Z]\w*)(?::|$)", re.M)
"""The exception is named behind the last frame; its words may go on over further lines."""


async def prove_output(means: Means, asked: Question, answer: str) -> tuple[str, Proof]:
    """The answer to keep, perhaps a repaired one, and what is known of it."""
    program = asked.program or await means.written(request_program(means.tester, means.instruction), "program")
    if isinstance(program, Problem):
        return answer, Proof("unverified", program.words, language=asked.language)
    seen = await means.examine(Case(means.instruction, program, "", asked.language, runs=True))
    proof = Proof("unverified", _why_not(seen), seen.outcome.tier, asked.language, "" if asked.program else program)
    truth = _truth(asked, seen)
    if truth is None:
        return answer, proof
    last, proof = answer, replace(proof, detail="")
    for number in range(means.config.repairs + 1):
        held = hold(last, truth, asked.form, means.instruction)
        if held.word == "right":
            failing = answer if number else None
            return last, replace(proof, status="verified", detail="", repairs=number, failing=failing)
        if held.word == "unclear":
            if number == 0:
                return answer, replace(proof, detail="what the answer says comes out cannot be told from its words")
            break
        if number == 0 and not asked.program and (doubt := await _doubted(means, truth)):
            return answer, replace(proof, detail=doubt)
        proof = replace(proof, status="refuted", detail=proof.detail or _report(truth, held))
        repaired = await means.repaired(last, _report(truth, held))
        if repaired is None:
            break
        last = repaired
    return answer, proof


async def _doubted(means: Means, truth: Truth) -> str:
    """Why the number of the tester's program is not to be relied on: another program has another; "" where not."""
    request = request_program(means.tester, means.instruction, second=True)
    program = await means.written(request, "program")
    if isinstance(program, Problem):
        return f"the answer says another number than one program, and there is no second one: {program.words}"
    seen = await means.examine(Case(means.instruction, program, "", runs=True))
    if seen.outcome.status == "ran" and seen.outcome.output.split() == truth.text.split():
        return ""
    return "the answer says another number than one program, and a second program does not print the same"


def _truth(asked: Question, seen: Examined) -> Truth | None:
    """What came out; None where nothing was learnt."""
    outcome = seen.outcome
    if outcome.status == "ran":
        text = asked.printed(outcome.output)
        return Truth(text) if text.strip() else None
    ended = _ENDED.match(outcome.detail) if outcome.status == "broken" else None
    if asked.form == "number" or asked.language != "python" or ended is None or ended[1] in _OURS:
        return None
    return Truth(outcome.output, ended[1])


_OURS = {
    "ModuleNotFoundError",
    "ImportError",
    "SyntaxError",
    "IndentationError",
    "FileNotFoundError",
    "EOFError",
    "SystemExit",
    "RecursionError",
    "MemoryError",
    "OverflowError",
    "OSError",
    "PermissionError",
    "NotImplementedError",
}
"""Ends that say more of the sandbox than of the program."""


def _why_not(seen: Examined) -> str:
    """Why nothing was learnt; "" where something was."""
    outcome = seen.outcome
    if outcome.status == "ran":
        return "" if outcome.output.strip() else "the program prints nothing"
    last = outcome.detail.strip().rpartition("\n")[2]
    return f"the program could not be run to its end: {last}"[:300]


def _report(truth: Truth, held: Held) -> str:
    """What the responder is shown, and the record keeps."""
    came = truth.text.strip("\n")
    ended = f"and it ends in {truth.error}" if truth.error else ""
    told = f"It prints:\n{came[:400]}\n{ended}".strip() if came.strip() or not ended else f"It prints nothing, {ended}."
    return f"The program was run. {told}\nThe answer says: {held.claim.strip()[:300]}"
