"""Runs made up for tests of what looks at them: a ledger with the fates that a test wants, without a pipeline."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from evolve.ledger import Ledger
from evolve.records import SEED_OPERATOR, Attempt, Fate, Finding, Instruction, Proof, Seed, Verdict, digest, rng

WORDS = [digest("word", str(number))[: 3 + number % 7] for number in range(3000)]
VERIFIED = Proof("verified", tier="wasm", language="python", tests="assert f(1) == 2\n", assertions=5, mutation=0.9)


def text(*key: object, words: int = 30) -> str:
    """Words drawn for that key."""
    return " ".join(rng("text", *key).choices(WORDS, k=words))


def child(
    round_: int,
    index: int,
    said: str,
    *,
    answer: str | None = "def f(x):\n    return x",
    operator: str = "add_constraint",
    parent: str | None = None,
    reason: str | None = None,
    error: str | None = None,
    proof: Proof | None = None,
    findings: Sequence[Finding] = (),
    model: str = "model",
    nearest: str | None = None,
) -> Fate:
    """The fate of one attempt; ids are told by `id_of`."""
    found = list(findings)
    if reason is not None:
        found.append(Finding(reason, 1, Verdict.REJECT, reason, f"seen: {reason}", nearest_id=nearest))
    root = id_of(0, index)
    over = parent or (id_of(round_ - 1, index) if round_ else None)
    operator = operator if round_ else SEED_OPERATOR
    made = None if error else Instruction(id_of(round_, index), said, root, over, round_, operator)
    return Fate(
        Attempt(round_, index),
        root,
        operator,
        "failed" if error else "rejected" if reason else "accepted",
        over,
        made,
        answer=None if error else answer,
        findings=tuple(found),
        reason=reason,
        error=error,
        models={"evolver": model},
        proof=proof,
    )


def id_of(round_: int, index: int) -> str:
    return digest("id", str(round_), str(index))


def write(folder: Path, fates: Iterable[Fate], *, finished: bool = True, seeds: int = 0) -> Path:
    """A run's folder with these fates on record; more may follow with `add`."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = list(fates)
    count = seeds or 1 + max((fate.attempt.index for fate in kept), default=0)
    with Ledger(folder / "ledger.db") as ledger:
        ledger.claim(
            {"rounds": "3", "teacher.evolver.model": json.dumps(folder.name)},
            [Seed(id_of(0, index), text(0, index)) for index in range(count)],
        )
        for fate in kept:
            ledger.record_fate(fate)
        if finished:
            ledger.set_meta("finished", "{}")
    return folder


def add(folder: Path, fates: Iterable[Fate]) -> None:
    """As a run that goes on does."""
    with Ledger(folder / "ledger.db") as ledger:
        for fate in fates:
            ledger.record_fate(fate)


def plain_run(seeds: int, rounds: int = 2, *, words: int = 30, answer_words: int = 20) -> Iterable[Fate]:
    """Every fifth evolution thrown out, every seventh failed, every second accepted one verified."""
    for round_ in range(rounds + 1):
        for index in range(seeds):
            said = f"{text(0, index, words=words)} {text(round_, index, words=12 * round_)}".strip()
            answer = f"Here it is:\n```python\n{text('answer', round_, index, words=answer_words)}\n```"
            over = next((id_of(r, index) for r in range(round_ - 1, 0, -1) if _kept(r, index)), id_of(0, index))
            yield child(
                round_,
                index,
                said,
                answer=answer,
                operator=("add_constraint", "deepen_reasoning")[index % 2],
                parent=over if round_ else None,
                reason=("duplicate", "prompt_leak")[index % 2] if round_ and (index + round_) % 5 == 0 else None,
                error="HTTP 404: nothing at http://10.0.0.7/v1" if round_ and (index + round_) % 7 == 0 else None,
                proof=VERIFIED if index % 2 == 0 else None,
                nearest=id_of(0, (index + 1) % seeds),
            )


def _kept(round_: int, index: int) -> bool:
    return (index + round_) % 5 != 0 and (index + round_) % 7 != 0
