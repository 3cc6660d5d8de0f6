"""What every boundary does to text: make it clean to store, and harmless to show.

Invariant: `clean` output can be written to SQLite, Parquet and UTF-8 files; `plain` output can be printed to any
terminal without moving its cursor, colouring it or reordering its letters. Neither judges what the text says.
"""

from __future__ import annotations

import re

_UNSTORABLE = re.compile("[\ud800-\udfff\x00]")
_UNPRINTABLE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # C0 but tab and newline, DEL, C1: escapes start here
    "\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # bidi controls, invisibles
    "\U000e0000-\U000e007f]"  # tag characters
)
_WORD = re.compile(r"\w+")
_APART = bytes(byte if (chr(byte).isalnum() and byte < 128) or byte == ord("_") else ord(" ") for byte in range(256))


def clean(text: str) -> str:
    """`text` without lone surrogates and NUL, which pyarrow and C strings cannot hold; each becomes U+FFFD."""
    return _UNSTORABLE.sub("\ufffd", text)


def plain(text: str) -> str:
    """`text` with everything that acts on a terminal made visible as `\\xNN` or `\\uNNNN`."""
    return _UNPRINTABLE.sub(_visible, clean(text))


def words(text: str) -> list[str]:
    """Lower-case runs of letters, digits and underscores, in order."""
    if text.isascii():  # four times as fast, and nearly every English text is
        return text.lower().encode().translate(_APART).decode().split()
    return _WORD.findall(text.lower())


def shorten(text: str, width: int) -> str:
    """The beginning, on one line, at most `width` (from 1) characters; an ellipsis where something was left out."""
    flat = " ".join(text.split())
    return flat if len(flat) <= width else flat[: max(0, width - 1)] + "…"


def _visible(match: re.Match[str]) -> str:
    code = ord(match.group())
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
