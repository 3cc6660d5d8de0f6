"""Benchmark items as hashes: what is left of a text once all that a copyist changes is taken away, and the file of it.

A text becomes a list of words: lower case, without marks, fences, comment signs, doctest prompts, indentation or line
ends. Names of functions (what stands directly before a parenthesis, or is defined) are left out, so that renaming one
changes nothing. An item becomes parts (its whole prompt, its prose alone, its solution), and a part its hashed runs of
GRAM words. Invariant: a Fingerprints and its file hold 64-bit hashes, task ids and counts, never a word of a benchmark;
equal items give equal bytes. This module judges no candidate (contamination.py does) and reads no benchmark's file.

Hashes meet by accident: among a million rows of 400 words the chance is one in a million that a single run equals one
of the 37,000 shipped ones, and a flag takes several.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from math import log2
from typing import Literal

import numpy as np

GRAM = 5
"""Words in a run. The shortest prompts have 7 words; with longer runs one changed word would leave nothing of them, and
with shorter ones code that everybody writes is shared (`benchmarks/contamination.py --gram 4` and so on)."""
SOLUTION_BITS = 40.0
"""Rarity, in bits, from which a solution is worth a part of its own: one in seven. Of 3,880 real answers two are equal
to a solution, a test for primes of 25 bits; none has 0.8 of a rarer one (`benchmarks/contamination.py --loose`)."""
REMEMBERED = 2**18
"""Words whose hashes are kept at hand, at most: some 30 MB."""
NUMBER_BITS = 2.0
"""What a number of several digits says, at most: numbers come in rows, such as squares, so a rare one says little."""
LETTER_BITS = 1.5
"""What a letter of a script without spaces says: about as much as one of English does, far less than a word."""
NAMES = 8
"""Defined names with a `_` that are left out where they are not called, at most: it bounds the time."""

_LETTERS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Scripts without spaces between words: each letter counts as a word."""
_WORD = re.compile(rf"[{_LETTERS}]|[^\W_{_LETTERS}]+")
_NAME = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
_DEFINES = ("def ", "function ", "func ", "fn ", "fun ", "assert ")
_FOLD = bytes(byte if chr(byte).isalnum() and byte < 128 else 32 for byte in range(256)).lower()
_DOCSTRING = re.compile(r'"""(.*?)"""|' + r"'''(.*?)'''", re.DOTALL)
_FACTORS = np.array([pow(0x9E3779B97F4A7C15, GRAM - 1 - place, 2**64) for place in range(GRAM)], np.uint64)
_SHIFT = np.uint64(29)

Kind = Literal["prompt", "prose", "solution"]
KINDS: tuple[Kind, ...] = ("prompt", "prose", "solution")


@dataclass(frozen=True, slots=True)
class Item:
    """One task of a benchmark, as its owner has it."""

    benchmark: str
    task_id: str
    text: str
    solution: str = ""
    entry_point: str = ""
    """The name of the function that it asks for; left out of its words even where it is not called."""


@dataclass(frozen=True, slots=True)
class Part:
    """One text that gives an item away by itself."""

    task: int
    """Its item's place among the tasks."""
    kind: Kind
    words: int
    whole: int
    """Hash of all its words in order."""
    grams: np.ndarray
    """Shape (max(0, words - GRAM + 1),), uint64, in their order."""


@dataclass(frozen=True, slots=True)
class Fingerprints:
    tasks: tuple[tuple[str, str], ...]
    """(benchmark, task id) of each item."""
    parts: tuple[Part, ...]
    documents: int
    """Texts that words were counted in."""
    counts: Mapping[int, int]
    """Hash of a word -> how many of these texts have it; those of one text are not listed."""

    def bits(self, tokens: Iterable[bytes]) -> float:
        """How rare it is, as -log2 of the chance, that a text has all these words; numbers and letters hardly count."""
        return sum(self._bits(token) for token in set(tokens))

    def _bits(self, token: bytes) -> float:
        if len(token) == 1 or token.isdigit():
            return min(len(token) / 2, NUMBER_BITS)
        if len(token) == 3 and not token.isascii():
            return LETTER_BITS
        return log2(self.documents / self.counts.get(_number(_hashes[token]), 1))

    def dump(self) -> bytes:
        """A line of JSON, then the arrays that it lists, little-endian."""
        words = sorted(self.counts)
        arrays = {
            "task": np.array([part.task for part in self.parts], "<u4"),
            "kind": np.array([KINDS.index(part.kind) for part in self.parts], "<u1"),
            "words": np.array([part.words for part in self.parts], "<u4"),
            "runs": np.array([len(part.grams) for part in self.parts], "<u4"),
            "whole": np.array([part.whole for part in self.parts], "<u8"),
            "grams": np.concatenate([np.zeros(0, "<u8"), *(part.grams for part in self.parts)]).astype("<u8"),
            "word": np.array(words, "<u8"),
            "count": np.array([self.counts[word] for word in words], "<u4"),
        }
        head = {
            "gram": GRAM,
            "documents": self.documents,
            "tasks": self.tasks,
            "arrays": [(name, array.dtype.str, len(array)) for name, array in arrays.items()],
        }
        return json.dumps(head).encode() + b"\n" + b"".join(array.tobytes() for array in arrays.values())


def load(data: bytes) -> Fingerprints:
    """What `dump` wrote. Raises ValueError for anything else."""
    line, _, body = data.partition(b"\n")
    head = json.loads(line)
    if head["gram"] != GRAM:
        raise ValueError(f"made of runs of {head['gram']} words, not {GRAM}; build it again")
    arrays: dict[str, np.ndarray] = {}
    for name, kind, length in head["arrays"]:
        arrays[name] = np.frombuffer(body, kind, length)
        body = body[arrays[name].nbytes :]
    grams = np.split(arrays["grams"], np.cumsum(arrays["runs"])[:-1]) if len(arrays["runs"]) else []
    columns = (arrays[name].tolist() for name in ("task", "kind", "words", "whole"))
    parts = (Part(t, KINDS[k], w, h, g) for t, k, w, h, g in zip(*columns, grams, strict=True))
    counts = dict(zip(arrays["word"].tolist(), arrays["count"].tolist(), strict=True))
    return Fingerprints(tuple((b, t) for b, t in head["tasks"]), tuple(parts), head["documents"], counts)


@cache
def shipped() -> Fingerprints:
    """Those of HumanEval and MBPP, as `benchmarks/fingerprints.py` made them."""
    return load((files("evolve.contamination") / "fingerprints.bin").read_bytes())


def build(items: Sequence[Item], texts: Iterable[str] = ()) -> Fingerprints:
    """The fingerprints of items; how rare a word is, is counted in them and in `texts`."""
    documents = [{*words(item.text, item.entry_point), *words(item.solution, item.entry_point)} for item in items]
    documents += [set(words(text)) for text in texts]
    counts = Counter(word for document in documents for word in document)
    common = {_number(_hashes[word]): count for word, count in counts.items() if count > 1}
    return extend(Fingerprints((), (), max(2, len(documents)), common), items)


def extend(known: Fingerprints, items: Sequence[Item]) -> Fingerprints:
    """`known` and the items, the rarity of words as in `known`."""
    first = len(known.tasks)
    parts = (part for number, item in enumerate(items, first) for part in _parts(item, number, known))
    tasks = (*known.tasks, *((item.benchmark, item.task_id) for item in items))
    return Fingerprints(tasks, (*known.parts, *parts), known.documents, known.counts)


def words(text: str, name: str = "", defined: bool = True) -> list[bytes]:
    """The words of `text` as they are compared.

    `name` is left out wherever it stands; so is what is `defined` in the text, else it is only where it is called.
    """
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    if "\\n" in text:
        text = text.replace("\\n", " ")  # as in a JSON string that was pasted
    for fence in ("```", "~~~"):
        if fence in text:
            first, *others = text.split(fence)
            text = "\n".join([first, *map(_without_language, others)])
    names = {name} - {""}
    if "(" in text:
        *calls, last = text.split("(")
        before = [call.rstrip(_NAME) for call in calls]
        if defined:
            names.update(c[len(b) :] for c, b in zip(calls, before, strict=True) if b.endswith(_DEFINES))
            names -= {"", "a"}  # an article, not a name
        text = " ".join([*before, last])
    for long in sorted(n for n in names if "_" in n)[:NAMES]:
        text = text.replace(long, " ")
    short = {n.lower().encode("utf-8", "replace") for n in names if "_" not in n}
    found = _split(text)
    return [word for word in found if word not in short] if short else found


def hashed(tokens: Sequence[bytes]) -> np.ndarray:
    """Shape (len(tokens),), uint64."""
    return np.frombuffer(b"".join(map(_hashes.__getitem__, tokens)), "<u8")


def grams(hashes: np.ndarray) -> np.ndarray:
    """Shape (max(0, len(hashes) - GRAM + 1),), uint64: a hash of each run of GRAM words."""
    if len(hashes) < GRAM:
        return np.zeros(0, np.uint64)
    mixed = np.correlate(hashes, _FACTORS, "valid")
    mixed ^= mixed >> _SHIFT
    return mixed


def whole(tokens: Sequence[bytes]) -> int:
    """A hash of all words in order."""
    return _number(_digest(b" ".join(tokens)))


def prose(text: str) -> str:
    """A task without the code around it: the inside of its docstring, less doctests and assertions."""
    inside = [one or other for one, other in _DOCSTRING.findall(text)]
    lines: list[str] = []
    result = False
    for line in (inside[-1] if inside else text).splitlines():
        bare = line.strip()
        if not result and not bare.startswith((">>>", "assert")):
            lines.append(line)
        result = bare.startswith(">>>")
    return "\n".join(lines)


def _parts(item: Item, number: int, known: Fingerprints) -> Iterable[Part]:
    """The item's parts; each with its entry point left out everywhere, where it is called, and as a stranger reads it.

    The name may be a word of the prose too ("find the minimum"), which a copyist may rename as well or not.
    """
    texts: tuple[tuple[Kind, str], ...] = (
        ("prompt", item.text),
        ("prose", prose(item.text)),
        ("solution", item.solution),
    )
    seen: set[int] = set()
    for kind, text in texts:
        for name, defined in ((item.entry_point, True), ("", True), ("", False)):
            tokens = words(text, name, defined)
            key = whole(tokens)
            plain = kind == "solution" and known.bits(tokens) < SOLUTION_BITS
            if tokens and key not in seen and not plain:
                seen.add(key)
                yield Part(number, kind, len(tokens), key, grams(hashed(tokens)))


def _without_language(piece: str) -> str:
    """What follows a fence, less the word behind an opening one."""
    language, newline, code = piece.partition("\n")
    return code if newline and " " not in language else piece


def _split(text: str) -> list[bytes]:
    if text.isascii():
        return text.encode().translate(_FOLD).split()
    return [word.encode("utf-8", "replace") for word in _WORD.findall(text.lower())]


def _digest(data: bytes) -> bytes:
    return blake2b(data, digest_size=8).digest()


def _number(digest: bytes) -> int:
    return int.from_bytes(digest, "little")


class _Hashes(dict[bytes, bytes]):
    """Word -> 64 bits, remembered."""

    def __missing__(self, word: bytes) -> bytes:
        if len(self) >= REMEMBERED:
            self.clear()
        self[word] = value = _digest(word)
        return value


_hashes = _Hashes()
