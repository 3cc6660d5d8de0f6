"""What a response says of its tokens, in whichever dialect: one Usage that means the same for every endpoint.

In a Usage the cached and the written tokens are part of the prompt, and the reasoning is part of the completion, as
OpenAI counts. Where the total exceeds prompt and completion, the difference is a reasoning that was left out of the
completion (xAI, Gemini) and is billed like it. Invariant: a part is never more than its whole, and what is no count
is 0. Nothing raises: a reply that was paid for is not lost over how it was counted.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evolve.records import Usage

_CACHED = (
    ("prompt_tokens_details", "cached_tokens"),  # OpenAI, Azure, vLLM, SGLang, OpenRouter
    ("prompt_cache_hit_tokens",),  # DeepSeek
    ("cached_tokens",),  # Moonshot, Together
    ("cache_read_input_tokens",),  # Databricks, and what passes Anthropic's names on
)
_WRITTEN = (("prompt_tokens_details", "cache_write_tokens"), ("cache_creation_input_tokens",))
_REASONING = (
    ("completion_tokens_details", "reasoning_tokens"),
    ("reasoning_tokens",),  # SGLang, Perplexity, Databricks
)


def read_usage(said: object) -> Usage:
    """Of a response's `usage`, whatever that is."""
    if not isinstance(said, Mapping):
        return Usage()
    prompt, completion = _count(said.get("prompt_tokens")), _count(said.get("completion_tokens"))
    unsaid = max(0, _count(said.get("total_tokens")) - prompt - completion) if prompt else 0
    cached = min(prompt, _first(said, _CACHED))
    return Usage(
        prompt,
        completion + unsaid,
        cached_tokens=cached,
        reasoning_tokens=min(completion + unsaid, max(unsaid, _first(said, _REASONING))),
        cache_write_tokens=min(prompt - cached, _first(said, _WRITTEN)),
    )


def _first(said: Mapping[Any, Any], paths: tuple[tuple[str, ...], ...]) -> int:
    """The first of these that counts something."""
    for path in paths:
        found: object = said
        for key in path:
            found = found.get(key) if isinstance(found, Mapping) else None
        if count := _count(found):
            return count
    return 0


def _count(value: object) -> int:
    return value if type(value) is int and 0 <= value < 2**31 else 0  # what SQLite can add up
