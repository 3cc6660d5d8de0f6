"""How much of each prompt a server has seen before: the length of the prefix that it shares with earlier ones, by role.

    python benchmarks/prefixes.py [--limit 60] [--rounds 3]

A server with a prefix cache (vLLM, SGLang, llama.cpp, and the services that bill cached tokens apart) need not work
through such a prefix again. `previous` is what a request shares with the one before it of the same role, in the order
of the calls: all that a cache of one entry gives. `any` is the most that it shares with any earlier one, whatever its
role: what a cache that forgets nothing gives. Characters stand for tokens. The requests are those of a dry run.
"""

from __future__ import annotations

import argparse
import asyncio
import tempfile
from bisect import bisect, insort
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from endpoint import offline_teacher

from evolve.cli.starting import DRY_RUN
from evolve.cluster import InlineStages
from evolve.config import load
from evolve.records import Request
from evolve.run import Run, make_plan, make_work
from evolve.teacher import Answer


class Recording(InlineStages):
    """The stages of a run, with the requests as they were made."""

    seen: list[Request]

    async def complete(self, endpoint: str, request: Request, timeout_s: float) -> Answer:
        self.seen.append(request)
        return await super().complete(endpoint, request, timeout_s)


@dataclass(slots=True)
class Tally:
    requests: int = 0
    characters: int = 0
    previous: int = 0
    any: int = 0


def shared(one: str, other: str) -> int:
    """Characters in which two texts begin alike."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def measure(requests: Sequence[Request]) -> dict[str, Tally]:
    tallies: dict[str, Tally] = defaultdict(Tally)
    last: dict[str, str] = {}
    earlier: list[str] = []
    for request in requests:
        text = "".join(message.content for message in request.messages)
        tally = tallies[request.role]
        at = bisect(earlier, text)
        tally.requests += 1
        tally.characters += len(text)
        tally.previous += shared(text, last.get(request.role, ""))
        tally.any += max((shared(text, near) for near in earlier[max(0, at - 1) : at + 1]), default=0)
        last[request.role] = text
        insort(earlier, text)
    return tallies


async def record(limit: int, rounds: int, folder: Path) -> list[Request]:
    with offline_teacher() as teacher:
        settings = [f"{key}={value}" for key, value in DRY_RUN.items()]
        settings += [
            f"teacher.base_url={teacher.base_url}",
            f"limit={limit}",
            f"rounds={rounds}",
            "cluster.executor=inline",
        ]
        plan = make_plan(load(None, settings), folder / "run")
        stages = Recording(make_work(plan))
        stages.seen = []
        run = Run(plan)
        try:
            await stages.start()
            await run.go(asyncio.Event(), stages)
        finally:
            await stages.close()
            run.close()
    return stages.seen


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--limit", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        requests = asyncio.run(record(given.limit, given.rounds, Path(folder)))
    print(f"{'role':10} requests  characters  previous  share     any  share")
    for role, tally in sorted(measure(requests).items()):
        whole, previous, most = (figure / tally.requests for figure in (tally.characters, tally.previous, tally.any))
        figures = f"{whole:11.0f} {previous:9.0f} {previous / whole:6.2f} {most:7.0f} {most / whole:6.2f}"
        print(f"{role:10} {tally.requests:8} {figures}")


if __name__ == "__main__":
    main()
