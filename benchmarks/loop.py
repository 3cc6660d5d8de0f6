"""The program that one would write first, as the measure for throughput.py: a semaphore and a client; no ledger, no
checks, no retries, nothing kept. It asks what a run of one round asks, and nothing is printed. Not a benchmark by
itself.
"""

from __future__ import annotations

import argparse
import asyncio
from pathlib import Path

from openai import AsyncOpenAI, DefaultAioHttpClient

from evolve.config import load
from evolve.plan import Plan, make_plan
from evolve.pool import Pool
from evolve.records import Attempt, Reply, Request


class Loop:
    def __init__(self, base_url: str, in_flight: int) -> None:
        self._slots = asyncio.Semaphore(in_flight)
        http = DefaultAioHttpClient(timeout=120)
        self._client = AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0, http_client=http)

    async def run(self, plan: Plan) -> None:
        async with self._client:
            await asyncio.gather(*(self._pair(plan, index) for index in range(len(plan.seeds))))

    async def _pair(self, plan: Plan, index: int) -> None:
        evolver, parent = plan.method.evolver, Pool(plan.seeds[index : index + 1]).parent(0, 1)
        move = evolver.choose(Attempt(1, index), parent.id, len(plan.seeds))
        reply = await self._ask(evolver.request(move, parent))
        await self._ask(plan.method.responder.request(evolver.read(reply, move, parent, 1)))

    async def _ask(self, request: Request) -> Reply:
        async with self._slots:
            said = await self._client.chat.completions.create(
                model=request.model,
                messages=[{"role": "user", "content": request.messages[0].content}],
                temperature=request.temperature,
                top_p=request.top_p,
                max_tokens=request.max_tokens,
            )
        choice = said.choices[0]
        return Reply(choice.message.content or "", choice.finish_reason, request.model)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--set", dest="settings", action="append", required=True, help="as for `evolve run`")
    args = parser.parse_args()
    config = load(None, [*args.settings, "rounds=1"])
    loop = Loop(config.teacher.base_url or "", config.teacher.in_flight)
    asyncio.run(loop.run(make_plan(config, Path("unused"))))


if __name__ == "__main__":
    main()
