"""The program that one would write first, as the measure for throughput.py: a semaphore and a client; no ledger, no
checks, no retries, nothing kept. It asks what a run of one round asks, byte for byte, and prints the seconds that the
teacher slept for each call, drawn from the call's bytes as the teacher draws them. Not a benchmark by itself.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import math
from pathlib import Path
from random import Random

from openai import AsyncOpenAI, DefaultAioHttpClient

from evolve.config import load
from evolve.plan import Plan, make_plan
from evolve.pool import Pool
from evolve.records import Attempt, Reply, Request

Drawn = tuple[str, float]
"""A request's digest, and the seconds that the teacher slept."""


class Loop:
    def __init__(self, base_url: str, in_flight: int, latency: float, sigma: float) -> None:
        self._slots = asyncio.Semaphore(in_flight)
        http = DefaultAioHttpClient(timeout=120)
        self._client = AsyncOpenAI(base_url=base_url, api_key="none", max_retries=0, http_client=http)
        self._latency, self._sigma = latency, sigma

    async def run(self, plan: Plan) -> list[tuple[Drawn, Drawn]]:
        async with self._client:
            return await asyncio.gather(*(self._pair(plan, index) for index in range(len(plan.seeds))))

    async def _pair(self, plan: Plan, index: int) -> tuple[Drawn, Drawn]:
        evolver, parent = plan.method.evolver, Pool(plan.seeds[index : index + 1]).parent(0, 1)
        move = evolver.choose(Attempt(1, index), parent.id, len(plan.seeds))
        reply, evolved = await self._ask(evolver.request(move, parent))
        _, answered = await self._ask(plan.method.responder.request(evolver.read(reply, move, parent, 1)))
        return evolved, answered

    async def _ask(self, request: Request) -> tuple[Reply, Drawn]:
        async with self._slots:
            raw = await self._client.chat.completions.with_raw_response.create(
                model=request.model,
                messages=[{"role": "user", "content": request.messages[0].content}],
                temperature=request.temperature,
                top_p=request.top_p,
                max_tokens=request.max_tokens,
            )
        said = raw.parse().choices[0]
        key = hashlib.sha256(raw.http_request.content).digest()
        slept = self._latency * math.exp(Random(key + b"latency").gauss(0.0, self._sigma))
        return Reply(said.message.content or "", said.finish_reason, request.model), (request.digest, slept)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, required=True)
    parser.add_argument("--sigma", type=float, required=True)
    parser.add_argument("--set", dest="settings", action="append", required=True, help="as for `evolve run`")
    args = parser.parse_args()
    config = load(None, [*args.settings, "rounds=1"])
    loop = Loop(config.teacher.base_url or "", config.teacher.in_flight, args.latency, args.sigma)
    print(json.dumps(asyncio.run(loop.run(make_plan(config, Path("unused"))))))


if __name__ == "__main__":
    main()
