"""How many hand-written translations does running both sides tell right?

    python benchmarks/translations.py [--calls N]

benchmarks/translations.jsonl holds ten Python functions with a translation each, two into every language that was
tried here, and the same with one slip in it. Each pair is proven as a run does it, with the calls in the file for the
tester's. Told right: the right one is verified, the one with the slip is refuted. `--calls`: the tester gives the
first N calls alone, as a poor one would.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path

from evolve.config import RoleConfig, VerifierConfig, cache_folder
from evolve.markdown import fenced
from evolve.proving import Prover
from evolve.records import Reply, Request, Step
from evolve.verifier import Case, Examined, Verifier

PAIRS = Path(__file__).with_suffix(".jsonl")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=40)
    most = parser.parse_args().calls
    config = VerifierConfig(seconds=60, memory_mib=1024, repairs=0)
    verifier, prover = Verifier(config, cache_folder()), Prover(config, RoleConfig(model="m"), RoleConfig(model="n"))
    told: dict[str, list[bool]] = {}
    for row in map(json.loads, PAIRS.read_text(encoding="utf-8").splitlines()):
        row["calls"] = row["calls"][:most]
        for form, wanted in (("right", "verified"), ("wrong", "refuted")):
            began = time.monotonic()
            status, detail = asyncio.run(prove(verifier, prover, row, row[form]))
            told.setdefault(row["language"], []).append(status == wanted)
            shown = " ".join(detail.split())[:110]
            print(f"{row['id']:12} {form:6} {status:10} {time.monotonic() - began:5.1f} s  {shown}")
    verifier.close()
    for language, held in told.items():
        print(f"{language}: {sum(held)} of {len(held)}")


async def prove(verifier: Verifier, prover: Prover, row: dict[str, str], answer: str) -> tuple[str, str]:
    """The status of a translation and why."""

    async def ask(step: Step, request: Request) -> Reply | str:
        tests = "\n".join(f"assert {call} == 0" for call in row["calls"])
        return Reply(fenced(tests, "python"), "stop", "m") if step == "test" else "no further answer"

    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(_: str) -> bool:
        return True

    instruction = f"Translate this to {row['language']}.\n\n{fenced(row['python'], 'python')}"
    given = fenced(answer, row["language"])
    _, proof = await prover.prove(instruction, given, "translation", ask=ask, examine=examine, suits=suits)
    return proof.status, proof.detail


if __name__ == "__main__":
    main()
