"""As in vLLM: what an engine is made of; an unknown argument is an error there, too."""

from dataclasses import dataclass


@dataclass
class AsyncEngineArgs:
    model: str
    tensor_parallel_size: int = 1
    distributed_executor_backend: str | None = None
    disable_log_stats: bool = False
    max_model_len: int | None = None
