"""distilabel's part of `peers.py`: each seed evolved once and the evolution answered, as its documentation has it.

EvolInstruct and TextGeneration in a pipeline with a cache. A step asks for a whole batch at a time, so the batch is
what is in flight, and both steps work at once. Runs in an environment of its own (requirements-distilabel.txt); nothing
that a model says is executed. Not a benchmark by itself.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from distilabel.models import OpenAILLM
from distilabel.pipeline import Pipeline
from distilabel.steps import LoadDataFromFileSystem
from distilabel.steps.tasks import EvolInstruct, TextGeneration

PROMPT = Path(__file__).with_name("prompt.txt").read_text(encoding="utf-8").replace("{instruction}", "<PROMPT>")
GENERATION = {"temperature": 1.0, "top_p": 0.9, "max_new_tokens": 2048}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base_url")
    parser.add_argument("seeds", type=Path, help="JSONL with the column instruction")
    parser.add_argument("out", type=Path, help="a folder; the same one again resumes")
    parser.add_argument("--in-flight", type=int, help="default: all at once")
    args = parser.parse_args()
    rows = sum(1 for _ in args.seeds.open(encoding="utf-8"))
    batch = args.in_flight // 2 if args.in_flight else rows

    def model(name: str) -> OpenAILLM:
        return OpenAILLM(model=name, base_url=args.base_url, api_key="none", generation_kwargs=GENERATION)

    with Pipeline(name="peers", cache_dir=args.out / "cache") as pipeline:
        load = LoadDataFromFileSystem(data_files=str(args.seeds), filetype="json", batch_size=batch)
        evolve = EvolInstruct(
            llm=model("offline-evolver"),
            num_evolutions=1,
            mutation_templates={"harder": PROMPT},
            input_batch_size=batch,
        )
        answer = TextGeneration(
            llm=model("offline-responder"),
            input_mappings={"instruction": "evolved_instruction"},
            input_batch_size=batch,
        )
        load >> evolve >> answer
    made = pipeline.run()
    made["default"]["train"].to_json(args.out / "rows.jsonl")


if __name__ == "__main__":
    main()
