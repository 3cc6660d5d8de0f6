"""Checks of an instruction against its parent, by its words alone."""

from __future__ import annotations

from typing import Self

from rapidfuzz import fuzz

from evolve.eliminator.candidate import Candidate, Context, Subject, accept, reject
from evolve.records import Finding
from evolve.text import words

FILLER = frozenset(
    """a an the of in on at to for from by with and but if then than so as is are was were be been it its this that
    these those there here you your we our i my me he she they them their which who whom whose what when where why how
    can could should would will shall may might must do does did done have has had also just some such using use used
    make given please ensure new way""".split()  # noqa: SIM905
)
"""Words that add no requirement by themselves; "not", "or", "only", "all" and their like do, so they are not here."""
LONG = 20_000
"""Characters from which on the likeness is not computed below its threshold: it takes quadratic time."""


class NoGain:
    """Throws out a child that asks for what its parent asked for: WizardLM's first rule, before a judge is paid.

    Two gates at once, because each alone throws out good steps: `ratio` >= 0.9 (of rapidfuzz's scores the one that
    flags fewest genuine steps, yet 6-11 % of them) and no new word; another number is no new word. Of 1,863 recorded
    steps that is 27, among them "from 1 to 1000" for "from 1 to 100". With one new word allowed it would be 52 more,
    half of them true steps ("all numbers" -> "all prime numbers"): those are for the judge.
    """

    name = "no_gain"
    version = 1
    subject: Subject = "instruction"

    def __init__(self, ratio: float, new_words: int) -> None:
        self._ratio = ratio
        self._new_words = new_words

    @classmethod
    def make(cls, context: Context) -> Self:
        return cls(context.config.no_gain_ratio, context.config.no_gain_words)

    def __call__(self, candidate: Candidate) -> Finding:
        if not candidate.parents or not candidate.depth:
            return accept(self)
        parent = "\n".join(candidate.parents)
        cutoff = 100 * self._ratio if len(candidate.text) + len(parent) > LONG else None
        ratio = fuzz.ratio(_normal(candidate.text), _normal(parent), score_cutoff=cutoff) / 100
        new = {w for w in words(candidate.text) if w not in FILLER and not w.isdigit()} - set(words(parent))
        if ratio >= self._ratio and len(new) <= self._new_words:
            detail = f"new words: {', '.join(sorted(new)) or 'none'}; the rest is its parent"
            return reject(self, detail, ratio=ratio)
        return accept(self, ratio=ratio)


def _normal(text: str) -> str:
    return " ".join(text.lower().split()).strip(" .!?")
