"""A model in this process, on its GPUs: vLLM behind the same seam as an endpoint, one try at one call.

The chat template is the tokenizer's, applied by the engine; settings that a request leaves open are those of the
model's generation config, as its own server would take them. A call that is given up is aborted in the engine.

Invariant: every way in which a call can end is a Reply or one of the errors of an endpoint, told apart by the engine's
types; a failed start is a ConfigError. Who places it on a node with GPUs is the cluster's business. The only `import
vllm` of the project, written against version 0.33; it happens with the first call.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from typing import TYPE_CHECKING, Any

from evolve.config import EngineConfig
from evolve.errors import ConfigError, RefusedError, RetryableError, StopError
from evolve.records import Reply, Request, Usage
from evolve.teacher.client import Answer
from evolve.text import clean, shorten

if TYPE_CHECKING:
    from vllm.sampling_params import SamplingParams
    from vllm.v1.engine.async_llm import AsyncLLM

_FINISH = {"repetition": "length"}
"""The engine's reasons that the API does not have; cut off is cut off."""


class Engine:
    """One engine; loaded by the first call or by `start`, and again after it died."""

    def __init__(self, config: EngineConfig) -> None:
        self._config = config
        self._engine: AsyncLLM | None = None
        self._numbers = itertools.count()

    async def start(self) -> None:
        """Load the model: minutes in which nothing else runs in this process. Raises ConfigError."""
        if self._engine is None:
            self._engine = _load(self._config)

    async def complete(self, request: Request, timeout_s: float) -> Answer:
        """One try. Raises RetryableError or RefusedError; StopError if the engine cannot be loaded any more."""
        try:
            await self.start()
        except ConfigError as error:
            raise StopError(str(error)) from None
        used = self._engine
        from vllm.exceptions import VLLMClientError
        from vllm.v1.engine.exceptions import EngineDeadError

        try:
            async with asyncio.timeout(timeout_s):
                return Answer(await self._generate(request))
        except TimeoutError:
            raise RetryableError(f"no whole reply within {timeout_s:.0f} s") from None
        except EngineDeadError:
            if self._engine is used:  # another call may have loaded a new one meanwhile
                self.close()
            raise RetryableError(f"engine {self._config.model}: it died; the log of its worker says of what") from None
        except VLLMClientError as error:  # too long for the model, a schema that it cannot compile
            raise RefusedError(shorten(clean(str(error)), 300), 400) from None
        except Exception as error:
            raise RetryableError(shorten(clean(f"{type(error).__name__}: {error}"), 300)) from None

    async def _generate(self, request: Request) -> Reply:
        from vllm.renderers import ChatParams

        assert self._engine is not None
        messages = [{"role": message.role, "content": message.content} for message in request.messages]
        template = ChatParams(chat_template_kwargs={"add_generation_prompt": True} | self._config.template)
        _, [prompt] = await self._engine.renderer.render_chat_async([messages], template)
        name, last = f"evolve-{next(self._numbers)}", None
        async for output in self._engine.generate(prompt, _sampling(self._engine, request), name):
            last = output
        if last is None or not last.outputs:
            raise RetryableError("the engine ended a call without a word")
        [choice] = last.outputs
        reason = str(choice.finish_reason)
        return Reply(
            text=clean(choice.text),
            finish_reason=_FINISH.get(reason, reason),
            model=request.model,
            usage=Usage(len(last.prompt_token_ids or ()), len(choice.token_ids), last.num_cached_tokens or 0),
        )

    def close(self) -> None:
        if self._engine is not None:
            self._engine.shutdown()
            self._engine = None


def _load(config: EngineConfig) -> AsyncLLM:
    try:
        from vllm.engine.arg_utils import AsyncEngineArgs
        from vllm.v1.engine.async_llm import AsyncLLM
    except ImportError as error:
        raise ConfigError(
            f"engine {config.model}: vllm is not there ({error}); on the nodes with GPUs: pip install "
            "'evolve-instruct[vllm]', without the constraints: it brings a torch of its own"
        ) from None
    several = {"distributed_executor_backend": "mp"} if config.tensor_parallel > 1 else {}  # all on the actor's node
    given = {"model": config.model, "tensor_parallel_size": config.tensor_parallel, "disable_log_stats": True}
    try:
        return AsyncLLM.from_engine_args(AsyncEngineArgs(**(given | several | config.arguments)))
    except Exception as error:
        why = shorten(clean(f"{type(error).__name__}: {error}"), 500)
        raise ConfigError(
            f"engine {config.model}: it did not start: {why}; the log of its worker says more. If memory is short, "
            "raise tensor_parallel, or set lower arguments, such as max_model_len or gpu_memory_utilization"
        ) from None


def _sampling(engine: AsyncLLM, request: Request) -> SamplingParams:
    from vllm.sampling_params import RequestOutputKind, SamplingParams, StructuredOutputsParams

    wanted: dict[str, Any] = {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_tokens,
    }
    if request.reply_schema is not None:
        wanted["structured_outputs"] = StructuredOutputsParams(json=json.loads(request.reply_schema))
    settings = {"max_tokens": None} | engine.model_config.get_diff_sampling_param()
    settings |= {name: value for name, value in wanted.items() if value is not None}
    return SamplingParams(**settings, output_kind=RequestOutputKind.FINAL_ONLY)
