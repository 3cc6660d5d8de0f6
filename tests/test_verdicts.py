"""A whole elimination with a judge that says what a test wants: what it is asked, and what becomes of the row."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from evolve.config import Config, load
from evolve.pairs import PairRows
from evolve.verdicts import write_verdicts

ITEM = "Tell which of the ropes in a heap is the longest one that has no knot."
TOLD = {
    "parent": "Find the longest rope.",
    "reply": "Of the ropes in a heap some have a knot. Tell the longest one of those without, and print its length.",
}
"""The item in other words: no rule on words sees it."""
Judging = Callable[[str], str | None]
"""A prompt -> yes, no or unsure; None: the call is refused."""
Row = dict[str, Any]


@asynccontextmanager
async def judged(judging: Judging) -> AsyncIterator[tuple[str, list[str]]]:
    """The URL of an endpoint that judges so, and the prompts that it was sent."""
    prompts: list[str] = []

    async def complete(request: web.Request) -> web.Response:
        prompts.append((await request.json())["messages"][-1]["content"])
        word = judging(prompts[-1])
        if word is None:
            return web.json_response({"error": {"message": "not this one"}}, status=400)
        message = {"role": "assistant", "content": json.dumps({"why": "because", "verdict": word})}
        choice = {"index": 0, "message": message, "finish_reason": "stop"}
        return web.json_response(
            {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice]}
        )

    app = web.Application()
    app.router.add_post("/v1/chat/completions", complete)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/v1", prompts
    finally:
        await runner.cleanup()


def config(url: str, *settings: str) -> Config:
    given = [f"teacher.base_url={url}", "teacher.judge.model=m", "cluster.executor=inline"]
    return load(None, [*given, "eliminator.embedder=builtin", *settings])


async def row_of(judging: Judging, folder: Path, *settings: str) -> tuple[Row, list[str]]:
    """The verdict on TOLD, and what the judge was asked."""
    async with judged(judging) as (url, prompts):
        await write_verdicts(config(url, *settings), PairRows([TOLD]), folder / "out.jsonl")
    row: Row = json.loads((folder / "out.jsonl").read_text())
    return row, prompts


@pytest.fixture
def benchmark(tmp_path: Path) -> str:
    path = tmp_path / "private.jsonl"
    path.write_text(json.dumps({"task_id": "Ropes/1", "prompt": ITEM}) + "\n")
    return f"eliminator.benchmarks=[{path}]"


@pytest.mark.parametrize(
    ("of_item", "of_others", "verdict"),
    [
        pytest.param("no", "no", "accept", id="clean"),
        pytest.param("yes", "no", "reject", id="rephrased"),
        pytest.param("unsure", "no", "undecided", id="not-told"),
        pytest.param("yes", "unsure", "reject", id="undecided-and-rephrased"),
        pytest.param("no", "unsure", "undecided", id="undecided-and-clean"),
    ],
)
async def test_what_is_kept_is_compared_with_benchmarks(
    tmp_path: Path, benchmark: str, of_item: str, of_others: str, verdict: str
) -> None:
    def judging(prompt: str) -> str:
        return of_item if "told in other words" in prompt else of_others

    row, _ = await row_of(judging, tmp_path, benchmark)
    assert row["checks"]["contaminated"]["verdict"] == "accept"
    assert row["checks"]["judge_contaminated"]["detail"].startswith("Ropes/1 of private.jsonl in other words")
    assert row["checks"]["judge_contaminated"]["verdict"] == {"yes": "reject", "no": "accept"}.get(of_item, "undecided")
    assert (row["verdict"], row["reason"]) == (verdict, "contaminated" if verdict == "reject" else None)


async def test_a_rejected_row_is_not_compared(tmp_path: Path, benchmark: str) -> None:
    row, prompts = await row_of(lambda _: "yes", tmp_path, benchmark)
    assert (row["reason"], len(prompts)) == ("no_gain", 1)


async def test_a_call_that_failed_is_made_again_the_next_time(tmp_path: Path) -> None:
    questions = "eliminator.questions=[no_gain, unsolvable]"
    row, prompts = await row_of(lambda prompt: None if "keeps everybody" in prompt else "no", tmp_path, questions)
    assert (row["verdict"], len(prompts)) == ("undecided", 2)
    row, prompts = await row_of(lambda _: "no", tmp_path, questions)
    assert (row["verdict"], ["keeps everybody" in prompt for prompt in prompts]) == ("accept", [True])
