"""Reading Python that is never run: does it parse, in any way that a kind reader would read it?

Fenced Python is often not a file: it is indented like its list, a transcript, a notebook cell, a method without its
class, Python 2, or newer than the interpreter that reads it. `read` mends such text until it parses, and says what was
wrong only if no mending helps. Invariant: it never raises, whatever the text, and takes time linear in its length. It
runs nothing, and does not say whether names exist.
"""

from __future__ import annotations

import ast
import re
import symtable
import sys
import textwrap
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeVar

T = TypeVar("T")
LONGEST = 50_000
"""Characters that are parsed at most, in a tenth of a second for each reading; an answer has 2,048 tokens."""

_TRANSCRIPT = re.compile(r"^[ \t]*(?:>>> |>>>$|In \[\d+\]:)", re.M)
_TEMPLATE = re.compile(r"\{%|\{\{ ?cookiecutter")
_HEADER = re.compile(r":[ \t]*(?:#[^\n]*)?$")
A_PART = 2_000
"""Characters up to which a block is tried as arguments or as entries of a dictionary."""
_STATEMENT = re.compile(
    r"^[ \t]*(?:def|class|import|from|if|for|while|with|try|return|print|raise|async|assert)\b", re.M
)
_DEFINITION = re.compile(r"^(?:@|def |async def |class )", re.M)
_CONTINUES = re.compile(r"[ \t]*(?:(elif|else)|(except|finally))\b")
_RESULTS = re.compile(
    r"^[ \t]*(?:\w++ )?(?:output|result|explanation|usage|salida|resultado|sortie|r[eé]sultat|ausgabe|ergebnis|sa[ií]da"
    r"|risultato|вывод|результат|输出|結果|结果|出力|출력|결과)s?[ \t]*[:：]",
    re.I | re.M,
)
_MENDINGS = tuple(
    (re.compile(pattern, re.M), by)
    for pattern, by in (
        # a notebook's magics, a shell's lines
        (
            r"^([ \t]*)(?:[%!]|\$ |pip3? install |conda install |python3? (?:-m )?\w[\w./-]*(?:\.py)?[ \t]*$)[^\n]*",
            r"\1pass",
        ),
        # Python 2
        (r"(^|[:;])([ \t]*)print(?:[ \t]*>>|[ \t]++[\"'\w{\[`%-])[^\n]*", r"\1\2pass"),
        (r"(^|[:;])([ \t]*)exec[ \t]++[\"'\w][^\n]*", r"\1\2pass"),
        (r"^([ \t]*)print[ \t]++(\([^\n]*)$", r"\1print(\2)"),
        (r"\bexcept[ \t]++([\w.]++(?:,[ \t]*[\w.]++)++)(?=[ \t]*(?::|as\b))", r"except (\1)"),
        (r"\braise[ \t]++([\w.]++),[^\n]*", r"raise \1"),
        (r"<>", "!="),
        (r"\b0(?=[0-7]++\b)|(?<=\d)[lL]\b", ""),
        # newer than 3.11: type parameters, aliases, template strings
        (r"^([ \t]*(?:async[ \t]++)?(?:def|class)[ \t]++\w++)[ \t]*\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*+\]", r"\1"),
        (r"^([ \t]*)type[ \t]++(\w++)(?:\[(?:[^\[\]\n]|\[[^\[\]\n]*\])*+\])?[ \t]*=", r"\1\2 ="),
        (r"\b[tT]([rR]?[\"'])", r"\1"),
        # what is written for a reader: results behind an arrow, names to fill in, dots
        (r"(?:→|⇒|=>|==>|-->)[^\n]*", ""),
        (r"(?<=[=(,\[:])[ \t]*<[A-Za-z][\w .-]{0,40}>", " None"),
        ("…", "..."),
    )
)


_TOKEN = re.compile(r"#[^\n]*+|(?<!\w)(?P<prefix>[rRbBuUfF]{0,2})(?P<quote>\"\"\"|'''|\"|')")
_MARK = re.compile(r"\\.|[{}\n]|(?P<prefix>(?<!\w)[rRbBuUfF]{1,2}|)(?P<string>\"\"\"|'''|\"|')", re.S)
NESTED = 8
"""f-strings within one another: who writes more is no person, and each costs a Python call."""


@dataclass(frozen=True, slots=True)
class Reading:
    parsed: str | None
    """The reading that parses; None if none does, or if it cannot be told."""
    error: str = ""
    """What is wrong with the text as it stands; "" if it parses in some way, or if it cannot be told."""

    def tree(self) -> ast.Module | None:
        """Made when it is asked for: few checks look into it, and it takes longer to make than to parse."""
        try:
            return None if self.parsed is None else _quietly(ast.parse, self.parsed)
        except RecursionError:
            return None


@lru_cache(maxsize=32)  # two checks read the same block one after the other
def read(code: str) -> Reading:
    """The first reading that parses."""
    if len(code) > LONGEST:
        return Reading(None)
    text = code.lstrip("\ufeff").replace("\xa0", " ").replace("\r\n", "\n")
    error = ""
    for reading in _readings(text):
        try:
            _parse(reading)
            return Reading(reading)
        except SyntaxError as found:
            error = error or f"line {found.lineno or 0}: {found.msg}"
        except (ValueError, MemoryError, RecursionError, OverflowError):  # a NUL, nesting beyond the parser's stack
            return Reading(None)
    return Reading(None) if _TRANSCRIPT.search(text) or _TEMPLATE.search(text) else Reading(None, error)


def _parse(text: str) -> None:
    """Raises what ast.parse(text) raises; a table of symbols holds no tree, and takes half the time."""
    try:
        _quietly(symtable.symtable, text, "", "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError, OverflowError):  # of names, perhaps: no matter here
        _quietly(ast.parse, text)


def _quietly(function: Callable[..., T], *arguments: str) -> T:
    with warnings.catch_warnings():  # "\d" in a string is a warning, and none of ours
        warnings.simplefilter("ignore")
        return function(*arguments)


def _readings(text: str) -> Iterator[str]:
    """From the text as it stands to what is left of it when every kindness is done."""
    yield text
    flush = _flush(text)
    yield flush
    flush = _with_bodies(flush)
    yield flush
    for pattern, by in _MENDINGS:
        flush = pattern.sub(by, flush)
    yield flush
    yield (whole := _completed(flush))
    if len(flush) <= A_PART and not _STATEMENT.search(flush):
        yield f"_(\n{flush.rstrip().rstrip(',')}\n)"  # arguments
        yield f"_({{\n{flush.rstrip().rstrip(',')}\n}})"  # entries of a dictionary
    if flush.startswith("case "):
        yield f"match _:\n{textwrap.indent(flush, ' ')}"
    if sys.version_info < (3, 12):
        yield _without_fstrings(whole)
    results = _RESULTS.search(whole)
    if results and whole[: results.start()].strip():
        yield whole[: results.start()]
    if (lines := [line for line in text.split("\n") if line]) and all(line[0] in " +-@\\" for line in lines):
        yield textwrap.dedent("\n".join(line[1:] for line in lines if line[0] in " +"))


def _flush(text: str) -> str:
    """Without the indentation, or the quote marks, that all its lines share; the first line may lack it."""
    lines = text.expandtabs(4).split("\n")
    filled = [line for line in lines if line.strip()]
    if filled and all(line.startswith(">") for line in filled) and not any(line.startswith(">>>") for line in filled):
        lines = [line[2:] for line in lines]
    flush = textwrap.dedent("\n".join(lines))
    first, _, rest = flush.partition("\n")
    below = textwrap.dedent(rest)
    if first[:1].strip() and (not _HEADER.search(first) or (below[:1].isspace() and _DEFINITION.search(below))):
        return f"{first}\n{below}"
    return flush


def _with_bodies(text: str) -> str:
    """With `pass` where a body is only a comment: work left undone, but no error of writing."""
    lines = text.split("\n")
    below, commented = -1, False  # the indentation of the next line of code, and whether a comment stands before it
    for number in range(len(lines) - 1, -1, -1):
        bare = lines[number].lstrip()
        depth = len(lines[number]) - len(bare)
        if bare.startswith("#"):
            commented = True
        elif bare:
            if commented and below <= depth and _HEADER.search(bare):
                lines[number] += f"\n{' ' * (depth + 4)}pass"
            below, commented = depth, False
    return "\n".join(lines)


def _completed(text: str) -> str:
    """A part of a statement with the part that was left out: the beginning before `else:`, the body after a header."""
    if found := _CONTINUES.match(text):
        text = ("if True:\n    pass\n" if found[1] else "try:\n    pass\n") + text.lstrip()
    last = text.rstrip().rpartition("\n")[2]
    if _HEADER.search(last) or last.lstrip().startswith("@"):
        indent = last[: len(last) - len(last.lstrip())]
        more = f"{indent}def _(): pass" if last.lstrip().startswith("@") else f"{indent}    pass"
        text = f"{text.rstrip()}\n{more}\n"
    return text


def _without_fstrings(text: str) -> str:
    """Each f-string as "": from 3.12 on it may hold its own quotes, which an older interpreter does not read."""
    parts: list[str] = []
    at = 0
    while token := _TOKEN.search(text, at):
        begin, quote, formatted = token.start(), token["quote"], set(token["prefix"] or "") & set("fF")
        end = token.end() if quote is None else _string_end(text, token.end(), quote, bool(formatted), 0)
        if end is None:
            return text
        parts += [text[at:begin], '""' if formatted else text[begin:end]]
        at = end
    return "".join((*parts, text[at:]))


def _string_end(text: str, at: int, quote: str, formatted: bool, depth: int) -> int | None:
    """Where a string ends that began before `at`; None if it does not, or if too many lie in one another."""
    braces = 0
    while mark := _MARK.search(text, at):
        at, found = mark.end(), mark.group()
        if braces and mark["string"]:
            inner = set(mark["prefix"]) & set("fF")
            end = _string_end(text, at, mark["string"], bool(inner), depth + 1) if depth < NESTED else None
            if end is None:
                return None
            at = end
        elif mark["string"] and found.endswith(quote[0]) and not braces:
            if text.startswith(quote, begin := at - len(mark["string"])):
                return begin + len(quote)
            at = begin + 1
        elif found == "\n" and len(quote) == 1 and not braces:
            return None
        elif formatted and found == "{" and (braces or not text.startswith("{", at)):
            braces += 1
        elif formatted and found == "{":
            at += 1
        elif found == "}" and braces:
            braces -= 1
    return None
