"""How long the rows are, in tokens of a tokenizer that lies in a folder, or in characters.

With a tokenizer the text is what it would be trained on: its chat template applied where it has one, else the turns one
after the other. Memory: a number for each length that there is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

from evolve.auditing.chats import SENTINELS, Chat
from evolve.errors import ConfigError
from evolve.exporting import load_template

EDGES = tuple(2**n for n in range(6, 18))
"""Upper edges of the histogram's bars."""


class Measure:
    """Counts tokens."""

    def __init__(self, folder: Path | None) -> None:
        """Raises ConfigError where the folder holds no tokenizer."""
        self.unit = "characters" if folder is None else "tokens"
        self.templated = False
        self.sentinels: tuple[str, ...] = SENTINELS
        self._render: Callable[[Chat], str] = lambda chat: chat.text
        self._size: Callable[[str], int] = len
        if folder is not None:
            self._load(folder)

    def _load(self, folder: Path) -> None:
        from tokenizers import Tokenizer

        path = folder / "tokenizer.json"
        if not path.is_file():
            raise ConfigError(
                f"--tokenizer {folder}: no tokenizer.json there; give a folder that a tokenizer was saved in"
            )
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # it raises nothing more special
            raise ConfigError(f"--tokenizer {path}: cannot be read: {error}") from None
        tokenizer.no_truncation()
        tokenizer.no_padding()
        self._size = lambda text: len(tokenizer.encode(text, add_special_tokens=False).ids)
        special = [token.content for token in tokenizer.get_added_tokens_decoder().values() if token.special]
        self.sentinels = tuple(dict.fromkeys([*SENTINELS, *(mark for mark in special if len(mark) > 2)]))
        try:
            template = load_template(str(folder))
        except ConfigError:
            return  # it has none: then the turns are counted as they stand
        self.templated = True
        self._render = lambda chat: template.render([{"role": r, "content": c} for r, c in chat.turns])

    def __call__(self, chat: Chat) -> int:
        """Raises ConfigError where the chat template fails."""
        plainly = chat.turns[0][0] == ""
        return self._size(chat.text if plainly else self._render(chat))


def histogram(lengths: Counter[int]) -> list[tuple[int, int]]:
    """(upper edge, rows up to it and over the one before), without the empty bars at both ends; what is beyond the
    last edge is one bar up to the longest."""
    longest = max(lengths, default=0)
    edges = EDGES if longest <= EDGES[-1] else (*EDGES, longest)
    bars: Counter[int] = Counter()
    for length, rows in lengths.items():
        bars[next(edge for edge in edges if length <= edge)] += rows
    return [(edge, bars[edge]) for edge in edges if bars and min(bars) <= edge <= max(bars)]


def quantile(lengths: Counter[int], share: float) -> int:
    """The length that this share of the rows does not exceed."""
    left = share * lengths.total()
    for length in sorted(lengths):
        left -= lengths[length]
        if left <= 0:
            return length
    return max(lengths, default=0)
