"""Text at the boundary: what `clean` lets through can be stored, what `plain` lets through can be shown."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.text import clean, plain, shorten, words

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
"""Every code point, lone surrogates and controls included."""
REORDERING = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}


@given(ANY_TEXT)
def test_clean_text_is_utf_8_without_nul(text: str) -> None:
    assert b"\x00" not in clean(text).encode("utf-8")


@given(ANY_TEXT)
def test_clean_changes_nothing_twice(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(ANY_TEXT)
def test_clean_keeps_every_position(text: str) -> None:
    assert len(clean(text)) == len(text)


@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        pytest.param("a\x00b", "a\ufffdb", id="nul"),
        pytest.param("a\ud83db", "a\ufffdb", id="lone-high"),
        pytest.param("\ude00", "\ufffd", id="lone-low"),
        pytest.param("\ud800\udbff\udc00\udfff", "\ufffd" * 4, id="the-borders-of-the-surrogates"),
        pytest.param("\ud83d\ude00", "\ufffd\ufffd", id="a-pair-of-surrogates-is-no-character"),
        pytest.param("tab\tline\nreturn\r\x1b", "tab\tline\nreturn\r\x1b", id="controls-can-be-stored"),
        pytest.param("naïve 日本 😀 \ufdd0", "naïve 日本 😀 \ufdd0", id="letters-and-noncharacters"),
    ],
)
def test_clean_replaces_only_what_cannot_be_stored(dirty: str, expected: str) -> None:
    assert clean(dirty) == expected


@given(ANY_TEXT)
def test_plain_text_is_utf_8(text: str) -> None:
    plain(text).encode("utf-8")


@given(ANY_TEXT)
def test_plain_text_has_no_control_but_tab_and_newline(text: str) -> None:
    assert {c for c in plain(text) if unicodedata.category(c) in {"Cc", "Cs", "Zl", "Zp"}} <= {"\t", "\n"}


@given(ANY_TEXT)
def test_plain_text_reorders_nothing(text: str) -> None:
    assert not {unicodedata.bidirectional(c) for c in plain(text)} & REORDERING


@given(ANY_TEXT)
def test_plain_changes_nothing_twice(text: str) -> None:
    assert plain(plain(text)) == plain(text)


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        pytest.param("\x1b[2J", "\\x1b[2J", id="clear-screen"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="window-title"),
        pytest.param("\x9b31m", "\\x9b31m", id="c1-escape"),
        pytest.param("done\rfake", "done\\x0dfake", id="carriage-return"),
        pytest.param("abc\x08\x7f", "abc\\x08\\x7f", id="backspace-and-delete"),
        pytest.param("x\u202etxt.exe", "x\\u202etxt.exe", id="right-to-left-override"),
        pytest.param("\u2066a\u2069", "\\u2066a\\u2069", id="isolates"),
        pytest.param("\u200e\u200f\u061c", "\\u200e\\u200f\\u061c", id="bidi-marks"),
        pytest.param("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff", id="invisible"),
        pytest.param("\u206a\u206f", "\\u206a\\u206f", id="deprecated-format"),
        pytest.param("\u2028\u2029\x85", "\\u2028\\u2029\\x85", id="other-line-ends"),
        pytest.param("\U000e0041", "\\U000e0041", id="tag-character"),
    ],
)
def test_plain_makes_visible_what_acts_on_a_terminal(hostile: str, shown: str) -> None:
    assert plain(hostile) == shown


@pytest.mark.parametrize(
    "text", ["tab\tand\nlines", "naïve – “quoted”", "日本語 עברית العربية", "😀 👍🏽", "\\x1b as written", ""], ids=repr
)
def test_plain_leaves_ordinary_text_alone(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sort a LIST.", ["sort", "a", "list"], id="lower-case"),
        pytest.param("def my_func(x1):", ["def", "my_func", "x1"], id="code"),
        pytest.param("naïve 日本", ["naïve", "日本"], id="letters-of-all-scripts"),
        pytest.param(" ... ", [], id="none"),
    ],
)
def test_words(text: str, expected: list[str]) -> None:
    assert words(text) == expected


@given(ANY_TEXT, st.integers(1, 70))
def test_shorten_keeps_to_the_width(text: str, width: int) -> None:
    assert len(shorten(text, width)) <= width


@given(ANY_TEXT, st.integers(1, 70))
def test_shorten_gives_one_line(text: str, width: int) -> None:
    assert len(shorten(text, width).splitlines()) <= 1


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        pytest.param("a  b\n\tc", 10, "a b c", id="spaces-become-one"),
        pytest.param("abcdef", 6, "abcdef", id="just-fits"),
        pytest.param("abcdefg", 6, "abcde…", id="one-too-long"),
        pytest.param("abc", 1, "…", id="no-room"),
    ],
)
def test_shorten(text: str, width: int, expected: str) -> None:
    assert shorten(text, width) == expected
