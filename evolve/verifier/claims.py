"""What an answer says that a program prints or comes to, and whether it is so.

A claim is the last fenced block that holds no code, else what stands in ticks, bold or behind a colon beside a word
like "prints" or "is", else all of a very short answer. Space at the ends of lines does not count, nor do the quotes
around a value in a sentence; a number is held to as many places as the answer gives. Invariant: `wrong` only where a
claim is plain and nothing else in the answer says what is right: no other marked value or number, no line of the block
that is claimed, no words of an error. An answer whose claim cannot be told is `unclear`. It never raises.
"""

from __future__ import annotations

import ast
import builtins
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
_AFTER = re.compile(r"\s*+(?:%|per ?cent\b)", re.I)
_ROUGHLY = re.compile(r"\b(?:about|around|roughly|approximate\w*|approx|nearly|almost|rounded)\b|[≈~]", re.I)
_FAILS = re.compile(
    r"\b(?:crash\w*|error\w*|exception\w*|fail\w*|rais\w+|throw\w*|abort\w*|traceback|uncaught|unhandled)\b", re.I
)
_CUT = re.compile(r"(?:\.\.\.|…|⋮)[ \t]*\)?$", re.M)
_REMARK = re.compile(r"[ \t]+(?:#|//|--|<-|←|\(|—|–).*")
_LEAD = re.compile(r".*?(?:[:=⇒→]|[-=]>)[ \t]*")
_SET = re.compile(r"\b(?:frozen)?set\(|\{[^{}:\n]*,[^{}:\n]*\}")
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
        return Held("wrong", raised.group()) if raised and not _stands(truth.text, answer) else Held("unclear")
    claim = (fences or said)[-1]
    if _same(claim, truth.text, form) or _same("\n".join(fences or said), truth.text, form):
        return Held("right", claim)
    elsewhere = any(_same(one, truth.text, form) for one in (*fences, *said, *_marked(page(answer).prose)))
    loose = not fences and (len(said) > 1 or len(_lines(truth.text)) > 1)
    unsure = elsewhere or loose or _holds(claim, truth.text) or _is_part(claim, truth.text, fences)
    return Held("unclear" if unsure or _reordered(claim, truth.text, instruction) else "wrong", claim)


def _marked(text: str) -> list[str]:
    """Every value in ticks, bold or quotes."""
    return ["".join(groups) for groups in _MARKED.findall(text)]


def _stands(truth: str, text: str) -> bool:
    """Whether what came out stands in the text, in whatever words."""
    return re.search(rf"(?<!\w){re.escape(' '.join(truth.split()))}(?!\w)", " ".join(text.split())) is not None


def _holds(claim: str, truth: str) -> bool:
    """Whether a claim is what came out with something around it, cut short, or spaced in another way."""
    mine, other = ([line.strip() for line in _lines(text)] for text in (claim.replace("\\n", "\n"), truth))
    if " ".join(mine).split() == truth.split() or (_CUT.search(claim) and not _CUT.search(truth)):
        return True
    if any(mine[at : at + len(other)] == other for at in range(len(mine))):
        return True
    plain = [_REMARK.sub("", line) for line in mine]
    return other in (plain, [_LEAD.sub("", line) for line in plain])


def _is_part(claim: str, truth: str, fences: list[str]) -> bool:
    """Whether the last of several blocks has some of the lines that came out, as an answer does that goes step by step.

    Of a single block that would be a claim that something is missing.
    """
    mine, other = _lines(claim), _lines(truth)
    return len(fences) > 1 and any(other[at : at + len(mine)] == mine for at in range(len(other)))


def _reordered(claim: str, truth: str, instruction: str) -> bool:
    """Whether only the order differs, where a set gives it: it is another one in every process."""
    mine, other = (sorted(re.findall(r"[^\s,{}()\[\]]+", text)) for text in (claim, truth))
    return mine == other and bool(_SET.search(f"{instruction}\n{truth}"))


def _fences(answer: str, instruction: str) -> list[str]:
    """The blocks that hold no code."""
    found = [
        block
        for block in page(answer).blocks
        if block.language in _PLAIN and not (block.language == "" and language(block))
    ]
    return [block.code for block in found if block.code.strip() and not _is_quoted(block.code.strip(), instruction)]


def _is_quoted(code: str, instruction: str) -> bool:
    """Whether a block shows a part of the instruction; a value by itself, which occurs there, is a claim."""
    return code in instruction and (re.search(r"[(=]", code) is not None or f"\n{code}\n" in instruction)


def _said(answer: str) -> list[str]:
    """The values in the last sentence that claims one; all of an answer that is nothing but a value."""
    prose = page(answer).prose
    if labels := _LABEL.findall(prose):
        bare = _bare(labels[-1])
        return (_marked(labels[-1]) or ([bare] if len(bare.split()) == 1 else [])) if _worded(labels[-1]) else [bare]
    for sentence in reversed(_SENTENCE.split(prose)):
        cue = _CUE.search(sentence)
        if cue and (marked := _marked(sentence[cue.end() :])):
            return marked
    bare = prose.strip()
    told = len(bare.split()) if bare.endswith(".") else len(bare.split()) // 3
    return [_bare(bare)] if bare and "\n" not in bare and len(bare) <= SHORT and told <= 1 else []


def _worded(label: str) -> bool:
    """Whether there are words around the value behind a label: "Answer: 9, as 3 squared is 9"."""
    return _literal(_bare(label).rstrip(".")) is None and len(re.findall(r"[^\W\d_]{2,}", label)) > 1


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
    if re.search(rf"\b{re.escape(truth.error)}\b", answer):
        told = all(line.strip() in answer for line in _lines(truth.text))
        return Held("right" if told else "unclear", truth.error)
    if named:
        plain = len(named) == 1 and not _is_kind_of(truth.error, min(named))
        return Held("wrong" if plain else "unclear", min(named))
    if _FAILS.search(answer):
        return Held("unclear")
    said = [*_said(answer), *(block.code for block in page(answer).blocks if block.language in _PLAIN)]
    return Held("wrong", said[-1]) if said else Held("unclear")


def _is_kind_of(error: str, named: str) -> bool:
    """Whether an exception may be one of the class that is named, as a UnicodeDecodeError is a ValueError."""
    one, other = getattr(builtins, error, None), getattr(builtins, named, None)
    return one is None or other is None or issubclass(one, other)


def _of_number(answer: str, fences: list[str], truth: Truth) -> Held:
    """The last number that is claimed; of a sentence with several none is the claim, unless one is marked."""
    value = _fraction(truth.text.strip())
    if value is None:
        return Held("unclear")
    for text in _claiming(answer, fences):
        numbers = _numbers(text)
        if not numbers:
            continue
        if _near(*numbers[-1], value):
            return Held("right", numbers[-1][0])
        least = 0 if _ROUGHLY.search(text) else 1
        elsewhere = any(_near(said, number, value, least) for said, number in _numbers(answer))
        return Held("unclear" if elsewhere or len({number for _, number in numbers}) > 1 else "wrong", numbers[-1][0])
    return Held("unclear")


def _numbers(text: str) -> list[tuple[str, Fraction]]:
    """Every number as it is said, and its value; a percentage is the share that it is."""
    found = []
    for match in _NUMBER.finditer(text):
        if (number := _fraction(match.group())) is not None:
            found.append((match.group(), number))
            if after := _AFTER.match(text, match.end()):
                found[-1:] = [(f"{match.group()}{after.group()}", number / 100)]
    return found


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


def _near(said: str, number: Fraction, truth: Fraction, least: int = 2) -> bool:
    """Equal, or rounded right where at least so many places behind the point are given."""
    percent = _AFTER.search(said) is not None
    if percent and number * 100 == truth:  # the question asked for a percentage
        return True
    places = len(re.sub(r"[^\d.]", "", said).partition(".")[2]) if "." in said and "e" not in said.lower() else 0
    step = Fraction(1, 2 * 10 ** (places + 2 * percent))
    return number == truth or (places >= least and abs(number - truth) <= step)
