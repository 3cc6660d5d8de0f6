"""curator's part of `peers.py`: each seed evolved once and the evolution answered, as its documentation has it.

Two LLM classes, one after the other over the whole dataset, with a working folder as the cache. Runs in an environment
of its own (requirements-curator.txt); nothing that a model says is executed. Not a benchmark by itself.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from bespokelabs import curator
from datasets import load_dataset

PROMPT = Path(__file__).with_name("prompt.txt").read_text(encoding="utf-8")
GENERATION = {"temperature": 1.0, "top_p": 0.9, "max_tokens": 2048}
UNLIMITED = 100_000_000
"""A minute, of requests and of tokens; the default would hold back a server without limits."""


class Evolver(curator.LLM):
    def prompt(self, row: dict[str, Any]) -> str:
        return PROMPT.replace("{instruction}", row["instruction"])

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        return {"seed": row["instruction"], "instruction": response}


class Responder(curator.LLM):
    def prompt(self, row: dict[str, Any]) -> str:
        return row["instruction"]

    def parse(self, row: dict[str, Any], response: str) -> dict[str, Any]:
        return {"seed": row["seed"], "instruction": row["instruction"], "answer": response}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("seeds", type=Path, help="JSONL with the column instruction")
    parser.add_argument("out", type=Path, help="a folder; the same one again resumes")
    parser.add_argument("--in-flight", type=int, help="default: all at once")
    args = parser.parse_args()
    limits = {
        "base_url": args.base_url,
        "max_requests_per_minute": UNLIMITED,
        "max_tokens_per_minute": UNLIMITED,
        "max_concurrent_requests": args.in_flight,
    }
    given = {"backend": "openai", "generation_params": GENERATION}
    evolver = Evolver("offline-evolver", backend_params=dict(limits), **given)
    responder = Responder("offline-responder", backend_params=dict(limits), **given)
    seeds = load_dataset("json", data_files=str(args.seeds), split="train")
    working = str(args.out / "cache")
    evolved = evolver(seeds, working_dir=working).dataset
    responder(evolved, working_dir=working).dataset.to_json(args.out / "rows.jsonl")


if __name__ == "__main__":
    main()
