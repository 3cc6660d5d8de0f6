"""As in vLLM: what a request may say of how tokens are drawn; an unknown name is an error there, too."""

from dataclasses import dataclass
from enum import Enum


@dataclass
class StructuredOutputsParams:
    json: str | dict[str, object] | None = None


class RequestOutputKind(Enum):
    CUMULATIVE = 0
    DELTA = 1
    FINAL_ONLY = 2


@dataclass
class SamplingParams:
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    max_tokens: int | None = 16
    output_kind: RequestOutputKind = RequestOutputKind.CUMULATIVE
    structured_outputs: StructuredOutputsParams | None = None
