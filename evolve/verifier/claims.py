"""What an answer says that a program prints or comes to, and whether it is so.

A claim is the last fenced block that holds no code, else what stands in ticks, bold or behind a colon beside a word
like "prints" or "is", else all of a very short answer. Space at the ends of lines does not count, nor do the quotes
around a value in a sentence; a number is held to as many places as the answer gives. Invariant: `wrong` only where a
claim is plain and nothing else in the answer says what is right; an answer whose claim cannot be told is `unclear`.
It never raises.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from evolve.checks.fences import language
from evolve.markdown import page
from evolve.verifier.outputs import Form

Word = Literal["right", "wrong", "unclear"]
_PLAIN = {"", "text", "txt", "output", "console", "plaintext", "plain", "none", "stdout", "log"}
_CUE = re.compile(
    r"\b(?:prints?|printed|outputs?|output|displays?|displayed|shows?|returns?|returned|evaluates? to|comes? to"
    r"|gives?|yields?"
    r"|results?|answer|value|equals?|is|are|be|get|gets|sum|total|number|count|altogether|there are|produces?)\b"
    r"|[=:→⇒]",
    re.I,
)
_MARKED = re.compile(r"``?([^`\n]+)``?|\*\*([^*\n]+)\*\*|\"([^\"\n]{0,200})\"")
_LABEL = re.compile(
    r"^[ \t]*(?:[-*#>][ \t]+)?[*_]{0,2}(?:the )?(?:final )?(?:output|result|answer"
    r"|value)[*_]{0,2}[ \t]*[:=][ \t]*[*_]{0,2}"
    r"[ \t]*(\S[^\n]{0,200}?)[*_]{0,2}[ \t]*$",
    re.I | re.M,
)
_ERROR = re.compile(r"\b([A-Z]\w*(?:Error|Exception|Interrupt|Exit|Iteration|Warning))\b")
_RAISES = re.compile(
    r"\b(?:rais\w+|throw\w*|fails? with|crash\w*|ends? (?:in|with)|stops? with|results? in|gives?|is) (?:an? |the "
    r"|with )*[`*]*"
    r"[A-Z]\w*(?:Error|Exception)\b"
)
_NUMBER = re.compile(
    r"(?<![\w.,/])[-−]?(?:\d{1,3}(?:[,_\u202f\u00a0 ]\d{3})+|\d+)(?:\.\d+)?(?:[eE][-+]?\d+)?(?!\w|\.\d|[,/]\d)"
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\n{2,}")
SHORT = 80
"""Characters of an answer on one line that may be nothing but its claim."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a program came to."""

    text: str
    """Printed, or the value's repr."""
    error: str = ""
    """The name of the exception that ended it; "" where none did."""


@dataclass(frozen=True, slots=True)
class Held:
    """A claim beside the truth."""

    word: Word
    claim: str = ""


def hold(answer: str, truth: Truth, form: Form, instruction: str) -> Held:
    """Whether the answer's claim is what came out."""
    if truth.error:
        return _of_error(answer, truth)
    fences, said = _fences(answer, instruction), _said(answer)
    if form == "number":
        return _of_number(answer, fences, truth)
    if not fences and not said:
        raised = _RAISES.search(answer)
        return Held("wrong", raised.group()) if raised else Held("unclear")
    claim = fences[-1] if fences else said[-1]
    whole = claim if fences else "\n".join(said)
    if _same(claim, truth.text, form) or _same(whole, truth.text, form):
        return Held("right", claim)
    elsewhere = any(_same(one, truth.text, form) for one in (*fences, *said))
    loose = not fences and (len(said) > 1 or len(_lines(truth.text)) > 1)
    return Held("unclear" if elsewhere or loose else "wrong", claim)


def _fences(answer: str, instruction: str) -> list[str]:
    """The blocks that hold no code."""
    found = [
        block
        for block in page(answer).blocks
        if block.language in _PLAIN and not (block.language == "" and language(block))
    ]
    return [block.code for block in found if block.code.strip() and block.code.strip() not in instruction]


def _said(answer: str) -> list[str]:
    """The values in the last sentence that claims one; all of an answer that is nothing but a value."""
    prose = page(answer).prose
    if labels := _LABEL.findall(prose):
        return [_bare(labels[-1])]
    for sentence in reversed(_SENTENCE.split(prose)):
        cue = _CUE.search(sentence)
        if cue and (marked := ["".join(groups) for groups in _MARKED.findall(sentence[cue.end() :])]):
            return marked
    bare = prose.strip()
    told = len(bare.split()) if bare.endswith(".") else len(bare.split()) // 3
    return [_bare(bare)] if bare and "\n" not in bare and len(bare) <= SHORT and told <= 1 else []


def _bare(text: str) -> str:
    """A value without the marks around it."""
    text = text.strip()
    for mark in ("**", "``", "`", "*"):
        if len(text) > 2 * len(mark) and text.startswith(mark) and text.rstrip(".").endswith(mark):
            text = text.rstrip(".")[len(mark) : -len(mark)]
    return text.strip()


def _same(claim: str, truth: str, form: Form) -> bool:
    one, other = _lines(claim), _lines(truth)
    if one == other:
        return True
    if len(one) == len(other) == 1:
        plain = one[0].strip()
        if plain == other[0].strip() or _unquoted(plain) == _unquoted(other[0].strip()):
            return True
        return form == "value" and _literal(plain) == _literal(other[0]) is not None
    return False


def _lines(text: str) -> list[str]:
    return [line.rstrip() for line in text.strip("\n").rstrip().splitlines()]


def _unquoted(text: str) -> str:
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'" else text


def _literal(text: str) -> tuple[str, object] | None:
    """A literal with its type: True is not 1, and 1.0 is not 1."""
    try:
        value = ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None
    return (type(value).__name__, value)


def _of_error(answer: str, truth: Truth) -> Held:
    """The program ends in an exception: the answer has to name it, and what was printed before."""
    named = set(_ERROR.findall(answer))
    if truth.error in named:
        told = all(line.strip() in answer for line in _lines(truth.text))
        return Held("right" if told else "unclear", truth.error)
    if named:
        return Held("wrong" if len(named) == 1 else "unclear", min(named))
    said = [*_said(answer), *(block.code for block in page(answer).blocks if block.language in _PLAIN)]
    return Held("wrong", said[-1]) if said else Held("unclear")


def _of_number(answer: str, fences: list[str], truth: Truth) -> Held:
    """The last number that is claimed; of a sentence with several none is the claim, unless one is marked."""
    value = _fraction(truth.text.strip())
    if value is None:
        return Held("unclear")
    for text in _claiming(answer, fences):
        numbers = [(said, number) for said in _NUMBER.findall(text) if (number := _fraction(said)) is not None]
        if not numbers:
            continue
        if _near(*numbers[-1], value):
            return Held("right", numbers[-1][0])
        if any(_near(said, number, value) for said, number in numbers):
            return Held("unclear", numbers[-1][0])
        return Held("wrong" if len(numbers) == 1 else "unclear", numbers[-1][0])
    return Held("unclear")


def _claiming(answer: str, fences: list[str]) -> Iterator[str]:
    """Texts that may hold the number, the plainest first."""
    if fences:
        yield fences[-1]
    prose = page(answer).prose
    if labels := _LABEL.findall(prose):
        yield labels[-1]
    sentences = [sentence for sentence in _SENTENCE.split(prose) if _NUMBER.search(sentence)]
    bold = [
        found for sentence in sentences for found in re.findall(r"\*\*[^*\n]+\*\*", sentence) if _NUMBER.search(found)
    ]
    if bold:
        yield bold[-1]
    for sentence in reversed(sentences):
        if cue := list(_CUE.finditer(sentence)):
            yield sentence[cue[-1].end() :]
    if not fences and len(prose.split()) <= 3:
        yield prose


def _fraction(text: str) -> Fraction | None:
    try:
        return Fraction(re.sub(r"[,_\s\u202f\u00a0]", "", text).replace("−", "-"))
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _near(said: str, number: Fraction, truth: Fraction) -> bool:
    """Equal, or rounded right where at least two places behind the point are given."""
    places = len(said.partition(".")[2]) if "." in said and "e" not in said.lower() else 0
    return number == truth or (places >= 2 and abs(number - truth) <= Fraction(1, 2 * 10**places))
