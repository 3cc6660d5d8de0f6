"""Fill-in-the-middle strings: a prefix, a suffix and a middle between the tokens that a model was trained with.

PSM puts them in the order prefix, suffix, middle. SPM puts the suffix first, and the middle right behind the prefix:
the second variant of Bavarian et al. 2022 (arXiv:2207.14255, section 3.1), which is how the trainers of StarCoder
(bigcode-project/Megatron-LM, megatron/data/gpt_dataset.py) and Code Llama (facebookresearch/codellama,
infilling_prompt_tokens) write it. Invariant: a string can be taken apart again, since no part may hold a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Tokens:
    """One model's tokens, as they stand in text."""

    prefix: str
    suffix: str
    middle: str
    gap: str = ""
    """Between a token and the prefix: Code Llama's tokenizer wants a space there."""
    end: str = ""
    """After the middle, where it is another than the end of text that trainers add by themselves."""
    psm_alone: bool = False
    """Whether the model is known never to have met the suffix first."""

    @property
    def marks(self) -> tuple[str, ...]:
        """What no part may hold."""
        return tuple(mark.strip() for mark in (self.prefix, self.suffix, self.middle, self.end) if mark)


TOKENS: Mapping[str, Tokens] = {
    "starcoder2": Tokens("<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
    "qwen": Tokens("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"),
    "deepseek": Tokens("<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>", psm_alone=True),
    "codellama": Tokens("<PRE>", " <SUF>", " <MID>", gap=" ", end=" <EOT>"),
}
"""StarCoder2: arXiv:2402.19173, section 5. Qwen2.5-Coder: arXiv:2409.12186, table 1, and its README. DeepSeek-Coder:
arXiv:2401.14196, section 3.1.2, and its README; it was trained on PSM alone. Code Llama: arXiv:2308.12950, section 2.3,
and infilling_prompt_tokens, "<PRE> {pre} <SUF>{suf} <MID>" and "<PRE> <SUF>{suf} <MID> {pre}"."""


def psm(prefix: str, suffix: str, middle: str, tokens: Tokens) -> str:
    """Prefix, suffix, middle. Raises ValueError where a part holds a token."""
    _refuse(prefix + "\0" + suffix + "\0" + middle, tokens)
    return f"{tokens.prefix}{tokens.gap}{prefix}{tokens.suffix}{suffix}{tokens.middle}{middle}{tokens.end}"


def spm(prefix: str, suffix: str, middle: str, tokens: Tokens) -> str:
    """Suffix, then prefix and middle as one text. Raises ValueError where a part holds a token."""
    _refuse(prefix + middle + "\0" + suffix, tokens)
    return f"{tokens.prefix}{tokens.suffix}{suffix}{tokens.middle}{tokens.gap}{prefix}{middle}{tokens.end}"


def holds_token(text: str) -> bool:
    """Whether any model's token stands in the text: then it can be no part of a string."""
    return any(mark in text for tokens in TOKENS.values() for mark in tokens.marks)


def _refuse(parts: str, tokens: Tokens) -> None:
    if found := [mark for mark in tokens.marks if mark in parts]:
        raise ValueError(f"a part holds the token {found[0]}")
