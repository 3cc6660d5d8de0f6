"""Tokens as servers of many kinds count them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.records import Usage
from evolve.teacher.usage import read_usage


def said(**more: object) -> dict[str, object]:
    return {"prompt_tokens": 100, "completion_tokens": 40, "total_tokens": 140} | more


@pytest.mark.parametrize(
    ("usage", "expected"),
    [
        pytest.param(said(), Usage(100, 40), id="plain"),
        pytest.param(
            said(
                prompt_tokens_details={"cached_tokens": 64, "audio_tokens": 0},
                completion_tokens_details={"reasoning_tokens": 30},
            ),
            Usage(100, 40, 64, 30),
            id="OpenAI",
        ),
        pytest.param(
            said(prompt_tokens_details={"cached_tokens": 64, "cache_write_tokens": 20}),
            Usage(100, 40, 64, cache_write_tokens=20),
            id="a cache that is paid for",
        ),
        pytest.param(
            said(prompt_cache_hit_tokens=60, prompt_cache_miss_tokens=40, prompt_tokens_details={"cached_tokens": 60}),
            Usage(100, 40, 60),
            id="DeepSeek, told twice",
        ),
        pytest.param(said(prompt_cache_hit_tokens=60, prompt_cache_miss_tokens=40), Usage(100, 40, 60), id="DeepSeek"),
        pytest.param(said(cached_tokens=12), Usage(100, 40, 12), id="Moonshot"),
        pytest.param(said(prompt_tokens_details=None, reasoning_tokens=7), Usage(100, 40, 0, 7), id="SGLang"),
        pytest.param(
            said(total_tokens=234, completion_tokens_details={"reasoning_tokens": 94}),
            Usage(100, 134, 0, 94),
            id="xAI: reasoning beside the completion",
        ),
        pytest.param(said(total_tokens=200), Usage(100, 100, 0, 60), id="Gemini: reasoning in the total alone"),
        pytest.param(said(total_tokens=3), Usage(100, 40), id="a total that is too small"),
        pytest.param({"total_tokens": 9}, Usage(), id="a total alone"),
        pytest.param(said(prompt_tokens_details={"cached_tokens": 900}), Usage(100, 40, 100), id="more than the whole"),
        pytest.param(said(prompt_tokens_details=[1], completion_tokens_details="x"), Usage(100, 40), id="garbage"),
        pytest.param("many", Usage(), id="a word"),
        pytest.param([3, 4], Usage(), id="a list"),
    ],
)
def test_every_dialect_means_the_same(usage: object, expected: Usage) -> None:
    assert read_usage(usage) == expected


_COUNTS = st.one_of(st.integers(-5, 300), st.none(), st.text(max_size=2), st.booleans(), st.just(2**40))
_DETAILS = st.one_of(
    st.none(),
    _COUNTS,
    st.dictionaries(st.sampled_from(["cached_tokens", "reasoning_tokens", "cache_write_tokens"]), _COUNTS),
)
_KEYS = ("prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens", "prompt_cache_hit_tokens")
_ANY = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(_KEYS, _COUNTS)
    | dict.fromkeys(("prompt_tokens_details", "completion_tokens_details", "reasoning_tokens"), _DETAILS),
)


@given(_ANY)
def test_no_part_is_more_than_its_whole(usage: dict[str, object]) -> None:
    found = read_usage(usage)
    assert 0 <= found.cached_tokens + found.cache_write_tokens <= found.prompt_tokens
    assert 0 <= found.reasoning_tokens <= found.completion_tokens
