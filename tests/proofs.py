"""Proofs of one answer, with a tester and a responder that say what a test gives them."""

from __future__ import annotations

import asyncio

from evolve.config import RoleConfig, VerifierConfig
from evolve.proving import Prover
from evolve.records import Proof, Reply, Request, Step
from evolve.verifier import Case, Examined, Verifier

Replies = list[tuple[Step, str]]
"""Each call that is to be made, in order, and what comes back."""


def prove(verifier: Verifier, task: str, answer: str, kind: str, replies: Replies) -> tuple[str, Proof, list[Request]]:
    """The answer that is kept, what is known of it, and what was asked: just the calls of `replies`."""
    asked: list[Request] = []

    async def ask(step: Step, request: Request) -> Reply | str:
        assert step == replies[len(asked)][0]
        asked.append(request)
        return Reply(replies[len(asked) - 1][1], "stop", "m")

    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(text: str) -> bool:
        return bool(text)

    prover = Prover(VerifierConfig(), RoleConfig(model="t"), RoleConfig(model="r"))
    kept, proof = asyncio.run(prover.prove(task, answer, kind, ask=ask, examine=examine, suits=suits))
    assert len(asked) == len(replies)
    return kept, proof, asked
