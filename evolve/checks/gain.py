"""Too little and too much: a child that asks for what its parent asked for, and one that is bloated.

Both are threshold checks: `measure` reads the texts, `decide` is a function of the measured scores and the config
alone, so that the thresholds of a finished run can be moved without its texts.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Self

from rapidfuzz import fuzz

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.courtesy import TRIVIAL, bare
from evolve.checks.material import code
from evolve.checks.spotting import distinct
from evolve.checks.vocabulary import ADVICE, FILLER, FOREIGN_ADVICE, SYNONYMS, VAGUE, cut, length, tokens
from evolve.config import EliminatorConfig
from evolve.markdown import page
from evolve.records import Finding, Verdict

LONG = 20_000
"""Characters of child and parent from which on their likeness is told by the words in common: `ratio` takes quadratic
time."""
_EMPTY = FILLER | VAGUE | TRIVIAL
_SOFT = frozenset("的了请吧呢啊之是に を は が の と も で へ や か し て く だ さ い ま す".replace(" ", ""))
"""Chinese and Japanese characters that serve grammar or courtesy. な and ん, which negate, are not among them."""
_SILENT = _EMPTY | _SOFT
_MUTE = FILLER | _SOFT
_BOUND = re.compile(r"\b[OΘΩ]\([^()\n]{1,40}(?:\([^()\n]{0,20}\)[^()\n]{0,20})?\)")
_EXACT = re.compile(r'["`=<>{}\[\]|:;“”「」]')
"""Marks of data, code and quotations: a sentence with one of them, or with a number, says something exact; examples
and data repeat for a reason."""
_SENTENCE = re.compile(r"[.!?。！？\n](?:(?<=[。！？\n])|(?=\s|$))")


class NoGain:
    """Throws out a child that asks for what its parent asked for: WizardLM's first rule, before a judge is paid.

    Two gates at once, because each alone throws out good steps: no new word (another number is none, nor is filler,
    advice that cannot be tested, or another word for "write"), and a `ratio` >= 0.9 of the texts as they are (of
    rapidfuzz's scores the one that flags fewest genuine steps, yet 6-11 % of them) or of their telling words in
    alphabetical order, which sees through reordered sentences and appended advice. Another bound O(...) or other code
    in a fence is a gain in itself. Of a translation it is asked only whether it is the very text of its parent.
    """

    name = "no_gain"
    version = 3
    subject: Subject = "instruction"

    def __init__(self, ratio: float, new_words: int) -> None:
        self._ratio = ratio
        self._new_words = new_words

    @classmethod
    def make(cls, context: Context) -> Self:
        return cls(context.config.no_gain_ratio, context.config.no_gain_words)

    def __call__(self, candidate: Candidate) -> Finding:
        if not candidate.parents or not candidate.depth:
            return self.decide({})
        if candidate.tongue is not None and _normal(candidate.text) != _normal(candidate.parents[0]):
            return self.decide({})
        new = _new(candidate)
        finding = self.decide({"ratio": _likeness(candidate), "new_words": float(len(new))})
        if finding.verdict is Verdict.ACCEPT:
            return finding
        return replace(finding, detail=f"new words: {', '.join(sorted(new)) or 'none'}; the rest is its parent")

    def decide(self, scores: Mapping[str, float]) -> Finding:
        """`scores`: the ratio 0-1 and the number of new words; none where a candidate need not gain."""
        if scores and scores["ratio"] >= self._ratio and scores["new_words"] <= self._new_words:
            return reject(self, "asks for what its parent asks for", None, **scores)
        return accept(self, **scores)


def _likeness(candidate: Candidate) -> float:
    text, parent = _normal(candidate.text), _normal("\n".join(candidate.parents))
    if text == parent:
        return 1.0
    if len(text) + len(parent) > LONG:
        return _overlap(text, parent)
    return max(fuzz.ratio(text, parent), fuzz.ratio(_telling(bare(text)), _telling(bare(parent)))) / 100


def _overlap(text: str, parent: str) -> float:
    """Twice the tokens in common over all tokens, each as often as it occurs."""
    mine, theirs = Counter(tokens(text)), Counter(tokens(parent))
    return 2 * (mine & theirs).total() / max(1, mine.total() + theirs.total())


def _normal(text: str) -> str:
    return " ".join(text.lower().split()).strip(" .!?")


def _telling(text: str) -> str:
    """The text's telling words in alphabetical order, one name for synonyms."""
    return " ".join(sorted([SYNONYMS.get(t, t) for t in tokens(text) if t not in _SILENT]))


def _new(candidate: Candidate) -> set[str]:
    """What is in the candidate and in no parent: words that tell, bounds, and code in fences."""
    known = frozenset().union(*map(distinct, candidate.parents))
    known |= {SYNONYMS[token] for token in known & SYNONYMS.keys()}
    fresh = distinct(candidate.text) - known
    if len(fresh) <= MOST_TRIVIAL:  # so little that a phrase without content may be all of it
        fresh = distinct(bare(candidate.text)) - known
    new = {t for t in fresh - _SILENT if SYNONYMS.get(t, t) not in known and not t.isdigit()}
    new |= _bounds(candidate.text).difference(*map(_bounds, candidate.parents))
    if len(new) <= FEW and code(candidate.text).difference(*map(code, candidate.parents)):
        new.add("(other code)")
    return new


MOST_TRIVIAL = 16
"""New words up to which phrases that add nothing are looked for."""
FEW = 5
"""New words up to which code is compared too; with more there is a gain whatever the code."""


def _bounds(text: str) -> set[str]:
    return {"".join(bound.lower().split()) for bound in _BOUND.findall(text)} if "O(" in text else set()


FLOOR_WORDS = 60
"""Words of prose below which nothing is bloat: shorter than three quarters of what recorded steps make of 20 words."""


class TooLong:
    """Throws out what is bloated: many times its parent, and much of it padding.

    Length alone says little. Of 1,863 recorded first steps half add more than 20 words and 7 % have over 120 words and
    four times their parent's, nearly all of them lists of real requirements. So three scores must meet: `words` of
    prose (fenced code and data apart), `times` the parent's, and `padding`, the share of words in sentences that only
    advise, or that say again what was said. Beside it the whole chain has a cap, from which on no padding is needed.
    """

    name = "too_long"
    version = 1
    subject: Subject = "instruction"

    def __init__(self, config: EliminatorConfig) -> None:
        self._config = config

    @classmethod
    def make(cls, context: Context) -> Self:
        return cls(context.config)

    def __call__(self, candidate: Candidate) -> Finding:
        return self.decide(self._measure(candidate) if candidate.parents else {})

    def decide(self, scores: Mapping[str, float]) -> Finding:
        """`scores`: words of prose, times the parent's, words over the seed's, padding 0-1; none for a seed."""
        if not scores:
            return accept(self)
        limits, words = self._config, scores["words"]
        long = words >= limits.too_long_words and scores["times"] >= limits.too_long_times
        if long and scores["padding"] >= limits.too_long_padding:
            detail = f"{scores['times']:.1f} times its parent; {scores['padding']:.0%} of {words:.0f} words say nothing"
            return reject(self, detail, None, **scores)
        if scores["over_root"] >= limits.too_long_chain_words:
            return reject(self, f"{words:.0f} words, {scores['over_root']:.0f} more than its seed", None, **scores)
        return accept(self, **scores)

    def _measure(self, candidate: Candidate) -> dict[str, float]:
        prose = page(candidate.text).prose
        words = length(tokens(prose))
        before = sum(length(tokens(page(parent).prose)) for parent in candidate.parents)
        root = before if candidate.root is None else length(tokens(page(candidate.root).prose))
        padding = _padding(prose) if words >= FLOOR_WORDS else 0.0
        over_root = max(0.0, words - root)
        return {"words": words, "times": words / max(1.0, before), "over_root": over_root, "padding": padding}


def _padding(prose: str) -> float:
    """The share of the words in sentences that are mere advice or repetition."""
    heard: set[str] = set()
    foreign = _holds_foreign_advice(prose)
    padding = whole = 0
    for sentence in _SENTENCE.split(prose):
        said = cut(sentence)
        telling = [token for token in said if token not in _MUTE]
        whole += len(said)
        exact = _EXACT.search(sentence) or any(map(str.isdigit, telling))
        if telling and not exact and (_advises(sentence, telling, foreign=foreign) or _repeats(telling, heard)):
            padding += len(said)
        heard.update(telling)
    return padding / max(1, whole)


def _holds_foreign_advice(prose: str) -> bool:
    """In ASCII the pattern matches whole words only, and each word is looked at once for many texts."""
    return any(map(_is_foreign_advice, distinct(prose))) if prose.isascii() else bool(FOREIGN_ADVICE.search(prose))


@lru_cache(maxsize=4096)
def _is_foreign_advice(word: str) -> bool:
    return FOREIGN_ADVICE.fullmatch(word) is not None


def _advises(sentence: str, telling: Sequence[str], *, foreign: bool) -> bool:
    """Whether most of what it tells is advice: half of it in English, a quarter by the shorter list of others."""
    if sum(map(ADVICE.__contains__, telling)) >= 0.5 * len(telling):
        return True
    return foreign and sum(len(tokens(found)) for found in FOREIGN_ADVICE.findall(sentence)) >= 0.25 * len(telling)


def _repeats(telling: Sequence[str], heard: set[str]) -> bool:
    """Whether it has nothing but words that were heard."""
    return len(telling) >= 4 and sum(token not in heard for token in telling) <= 0.1 * len(telling)
