"""Benchmarks in the data: an instruction, or an instruction with its answer, that holds a benchmark's item.

Evolving creates contamination (a public run: items with a hit in the seeds 8, after two rounds 21 of 159), so every
candidate is looked at, seeds included, and a contaminated parent excuses no child. What is looked for are the
fingerprints that ship with the package and those of the user's own files. Invariant: a flag names a task and words of
the candidate; a phrase that many tasks share ("write a function to find the") counts for nothing, which is derived from
the items and not from a list. Items in other words are not seen here; that is rephrased.py.

Three rules, each for one way in which an item gets into data:
- the whole text is the item: however plain it is;
- the whole item stands in the text, or is split between instruction and answer: if it is long and rare enough;
- much of the item stands there, with words changed, added or left out: a third and more of the runs that are its own.
A solution counts only where it is long and rare, for everybody writes the same test for primes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import chain
from math import inf
from typing import Self

import numpy as np

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.contamination.benchmarks import read_items
from evolve.contamination.fingerprints import (
    GRAM,
    SOLUTION_BITS,
    Fingerprints,
    extend,
    grams,
    hashed,
    shipped,
    whole,
    words,
)
from evolve.records import Finding

SHARED = 3
"""Tasks that may have a run in common; a run of more is boilerplate. Some tasks are there two or three times over, in
almost the same words."""
LONG_WORDS, LONG_BITS, SHORT_BITS = 8, 16.0, 24.0
"""A whole item inside a text counts from 8 words and one chance in 2^16; a shorter one from one in 2^24 ("checks if
given string is a palindrome" has 22). In 3,880 real instructions no item of 8 words stands inside at all."""
NEAR_RUNS, NEAR_SHARE, NEAR_BITS = 5, 0.35, 28.0
"""Part of an item counts from 5 of its own runs (9 words in a row), 0.35 of all these, and one chance in 2^28. With one
word in eight (ten, fifteen) replaced that catches 53 % (82 %, 96 %) of the prompts, and flags none of 3,880 real rows;
tasks that only sound alike ("the index of the smallest item in a given array") come up to 24 bits."""
ALL_BITS = 24.0
"""Where all of an item's own runs are there, and only its boilerplate is not, from one chance in 2^24."""
SOLUTION_SHARE = 0.8
"""Of a solution's own runs: see SOLUTION_BITS."""
SEAM = 2000
"""Characters to either side of the seam that are read as one: the longest items have some 2,000."""
SHOWN = 12
"""Words of the longest run that the report shows."""
TABLE = 2**20
"""Places in a table that says of most runs at once that no item has them: 1 MB."""
SLOT = np.uint64(TABLE - 1)


class Index:
    """Fingerprints, arranged to be searched; a text takes time linear in its length."""

    def __init__(self, known: Fingerprints) -> None:
        self._known = known
        owners = _owners(known)
        tasks: dict[int, set[int]] = {}
        for part in known.parts:
            for gram in part.grams.tolist():
                tasks.setdefault(gram, set()).add(owners[part.task])
        own = (part.grams[[len(tasks[g]) <= SHARED for g in part.grams.tolist()]] for part in known.parts)
        parts = zip(own, known.parts, strict=True)
        self._own = [np.unique(few if len(few) else part.grams) for few, part in parts]
        self._holders: dict[int, list[int]] = {}
        for number, few in enumerate(self._own):
            for gram in few.tolist():
                self._holders.setdefault(gram, []).append(number)
        self._table = np.zeros(TABLE, np.bool_)
        self._table[np.fromiter(self._holders, np.uint64, len(self._holders)) & SLOT] = True
        texts = [(number, part) for number, part in enumerate(known.parts) if part.kind != "solution"]
        self._wholes = {part.whole: number for number, part in reversed(texts)}
        self._lengths = frozenset(part.words for _, part in texts)

    def find(self, tokens: Sequence[bytes]) -> tuple[str, float] | None:
        """What was found, for a person, and the share of the item that it is; None where there is nothing."""
        runs = grams(hashed(tokens))
        places = self._table[runs & SLOT].nonzero()[0]
        near = [p for p in zip(places.tolist(), runs[places].tolist(), strict=True) if p[1] in self._holders]
        if not near and len(runs):  # an item of GRAM words or more has runs of its own
            return None
        if len(tokens) in self._lengths and (number := self._wholes.get(whole(tokens))) is not None:
            return self._say(number, "all", self._known.bits(tokens), tokens), 1.0
        hits = Counter(number for gram in {gram for _, gram in near} for number in self._holders[gram])
        shares = {n: share for n, count in hits.items() if (share := count / len(self._own[n])) >= NEAR_SHARE}
        for number in sorted(shares, key=lambda n: (-shares[n], n)):
            own = [at for at, gram in near if number in self._holders[gram]]
            bits = self._weigh(number, hits[number], tokens, runs, own)
            if bits is not None:
                seen = np.isin(runs, self._known.parts[number].grams)
                return self._say(number, f"{shares[number]:.0%}", bits, _longest(tokens, seen)), shares[number]
        return None

    def _weigh(
        self, number: int, count: int, tokens: Sequence[bytes], runs: np.ndarray, places: Sequence[int]
    ) -> float | None:
        """How rare it is, if the `count` runs that are the part's own, and those that it shares, are enough of it.

        `places`: where its own runs begin.
        """
        part, own = self._known.parts[number], self._own[number]
        needed = inf
        if part.kind == "solution":
            needed = SOLUTION_BITS if count >= SOLUTION_SHARE * len(own) else inf
        elif count == len(own):
            needed = ALL_BITS
        elif count >= NEAR_RUNS:
            needed = NEAR_BITS
        if needed < inf and (bits := self._bits(tokens, places)) >= needed:
            return bits
        if part.kind == "solution" or part.grams[0] not in runs or part.grams[-1] not in runs:
            return None
        there = np.isin(part.grams, runs)
        if not _covers(there):
            return None
        inside = LONG_BITS if part.words >= LONG_WORDS else SHORT_BITS
        bits = self._bits(tokens, np.isin(runs, part.grams).nonzero()[0].tolist())
        return bits if bits >= (inside if there.all() else NEAR_BITS) else None

    def _bits(self, tokens: Sequence[bytes], places: Iterable[int]) -> float:
        return self._known.bits(chain.from_iterable(tokens[at : at + GRAM] for at in places))

    def _say(self, number: int, share: str, bits: float, tokens: Sequence[bytes]) -> str:
        part = self._known.parts[number]
        benchmark, task = self._known.tasks[part.task]
        run = b" ".join(tokens[:SHOWN]).decode("utf-8", "replace")
        return f"{task} of {benchmark}, {share} of its {part.kind} (by chance 1 in 2^{bits:.0f}): {run!r}"


def _longest(tokens: Sequence[bytes], seen: np.ndarray) -> Sequence[bytes]:
    """The words of the longest stretch of runs that were seen."""
    edges = np.flatnonzero(np.diff(np.concatenate(([False], seen, [False])).astype(np.int8)))
    starts, ends = edges[::2], edges[1::2]
    longest = int(np.argmax(ends - starts))
    return tokens[int(starts[longest]) : int(ends[longest]) + GRAM - 1]


def _owners(known: Fingerprints) -> dict[int, int]:
    """Task -> the first task with a part in common: one and the same item, as when a benchmark is named twice."""
    first: dict[int, int] = {}
    owners: dict[int, int] = {}
    for part in known.parts:
        owner = first.setdefault(part.whole, owners.get(part.task, part.task))
        owners[part.task] = min(owner, owners.get(part.task, owner))
    return owners


def _covers(there: np.ndarray) -> bool:
    """Whether the runs that are there, the first and the last among them, hold every word."""
    return bool(np.diff(np.flatnonzero(there)).max(initial=0) <= GRAM)


class Contaminated:
    """An instruction that holds an item."""

    name = "contaminated"
    version = 2
    subject: Subject = "instruction"

    def __init__(self, index: Index) -> None:
        self._index = index

    @classmethod
    def make(cls, context: Context) -> Self:
        """Skipping `contaminated` switches both passes off."""
        config = context.config
        if Contaminated.name in config.skip:
            return cls(Index(Fingerprints((), (), 2, {})))
        return cls(Index(extend(shipped(), read_items(config.benchmarks))) if config.benchmarks else _shipped())

    def __call__(self, candidate: Candidate) -> Finding:
        for text in self._read(candidate):
            if found := self._index.find(words(text)):
                return reject(self, found[0], Contaminated.name, share=found[1])
        return accept(self)

    def _read(self, candidate: Candidate) -> Iterator[str]:
        """The texts to look at; what was translated is the item that its parent is, in whatever words."""
        yield candidate.text
        if candidate.tongue is not None:
            yield from candidate.parents


class ContaminatedAnswer(Contaminated):
    """An answer that holds an item, or the rest of one that begins in its instruction."""

    name = "contaminated_answer"
    subject: Subject = "answer"

    def _read(self, candidate: Candidate) -> Iterator[str]:
        text, answer = candidate.text, candidate.answer or ""
        yield f"{text}\n{answer}"
        if text[-1:].isalnum() and answer[:1].isalnum():  # perhaps it was cut within a word
            yield text[-SEAM:] + answer[:SEAM]


@cache
def _shipped() -> Index:
    return Index(shipped())
