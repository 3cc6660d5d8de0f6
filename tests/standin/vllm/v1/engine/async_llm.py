"""As in vLLM: the engine that answers many requests at once; here by the offline teacher."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from random import Random
from typing import Any, ClassVar

from vllm.engine.arg_utils import AsyncEngineArgs
from vllm.exceptions import VLLMValidationError
from vllm.renderers import Renderer
from vllm.sampling_params import SamplingParams
from vllm.v1.engine.exceptions import EngineDeadError

from evolve.offline import Book, read_seeds, reply
from evolve.offline.roles import MODELS, role_of
from evolve.seeds import bundled


@dataclass
class CompletionOutput:
    text: str
    token_ids: list[int]
    finish_reason: str | None


@dataclass
class RequestOutput:
    prompt_token_ids: list[int]
    outputs: list[CompletionOutput]
    num_cached_tokens: int | None = None


class ModelConfig:
    def get_diff_sampling_param(self) -> dict[str, Any]:
        return {"temperature": 0.6, "top_k": 20}


class AsyncLLM:
    made: ClassVar[list["AsyncLLM"]] = []

    def __init__(self, engine_args: AsyncEngineArgs) -> None:
        self.args = engine_args
        self.renderer = Renderer()
        self.model_config = ModelConfig()
        self.seen: list[tuple[dict[str, Any], SamplingParams, str]] = []
        self.aborted: list[str] = []
        self.dead = False

    @classmethod
    def from_engine_args(cls, engine_args: AsyncEngineArgs) -> "AsyncLLM":
        if engine_args.model == "too-big":
            raise RuntimeError("CUDA out of memory. Tried to allocate 130.00 GiB.")
        cls.made.append(cls(engine_args))
        return cls.made[-1]

    async def generate(
        self, prompt: dict[str, Any], sampling_params: SamplingParams, request_id: str
    ) -> AsyncGenerator[RequestOutput, None]:
        self.seen.append((prompt, sampling_params, request_id))
        text: str = prompt["prompt"]
        if "too long" in text:
            raise VLLMValidationError("The prompt has 9000 tokens, the model takes 8192.")
        if "falls over" in text or self.dead:
            self.dead = True
            raise EngineDeadError("EngineCore encountered an issue.")
        try:
            await asyncio.sleep(60 if "hangs" in text else 0)
        except (asyncio.CancelledError, GeneratorExit):
            self.aborted.append(request_id)
            raise
        said, reason = self._say(text)
        output = CompletionOutput(said, list(range(len(said) // 4)), reason)
        yield RequestOutput(prompt["prompt_token_ids"], [output], num_cached_tokens=4)

    def _say(self, text: str) -> tuple[str, str]:
        if self.args.model not in MODELS:
            return "Sort two.", "repetition" if "goes round" in text else "stop"
        message = text.removeprefix("<user>").removesuffix("<assistant>")
        said = reply(_book(), role_of(self.args.model), message, Random(sha256(text.encode()).digest()), 1.0)
        return said.text, said.finish_reason

    def shutdown(self) -> None:
        pass


@cache
def _book() -> Book:
    return Book(read_seeds(bundled()))
