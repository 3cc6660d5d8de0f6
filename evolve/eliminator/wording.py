"""What two instructions say differently: the content words that each has and the other has not, and signs of intent.

Embeddings and likeness of letters hardly tell a rephrasing from one decisive constraint more; the words in which two
texts differ do. So both are read as words, what says nothing about the task is left out (WEAK), what is only example
data or a variable's name is made alike, and the rest is compared. A veto is a difference that makes another task
however alike the rest is: another language or framework, number, data structure, an opposite word, a negation, the
other direction. Works on any text in time linear in its length, but for a word alignment of bounded size.
Scripts without spaces are compared letter by letter; the lists of words are English.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from rapidfuzz.distance import LCSseq

LONGEST = 3000
"""Words of either text that are aligned: about 20,000 characters, a millisecond; what comes later counts as words."""

_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(rf"[cf]#|c\+\+|\.net\b|\d++(?:\.\d++)*+|[{_DENSE}]|[^\W\d_{_DENSE}]++(?:'[a-z]++)?+|[<>]=?+|[!=]=")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_ITEM = r"""(?:"[^"\n]{0,80}"|'[^'\n]{0,80}'|-?\d++(?:\.\d++)?+)"""
_DATA = re.compile(rf"""{_ITEM}(?:\s*+[,;:]\s*+{_ITEM}){{2,}}+|(?<![\w.])-?\d++(?:[ \t]++-?\d++){{2,}}+(?![\w.])""")
"""Three values in a row or more: example data."""

WEAK = frozenset(
    """a an the of in on at to for from by with and or but if then than so as is are was were be been being it its this
    that these those there here you your we our us i my me he she they them their which who whom whose what when where
    why how can could should would will shall may might must do does did done doing have has had having also just some
    such using use used uses utilize utilizing make makes making given give gives giving please ensure new way via let
    need needs needed want wants would like able such following provided provide provides certain particular specific
    each every any all based per into onto onto
    write create implement develop build design code construct craft produce generate define compose devise
    program programs function functions method methods script scripts routine procedure subroutine algorithm solution
    implementation snippet piece task problem application
    return returns returning output outputs print prints display displays show shows
    take takes taking accept accepts accepting receive receives receiving input inputs argument arguments parameter
    parameters value values called named name variable result results example
    calculate calculates compute computes determine determines find finds finding locate check checks checking verify
    get gets obtain perform performs performing that's it's handle handles
    s t e g""".split()  # noqa: SIM905
)
"""Words with which any task is put: dropped, added or swapped they make no other task."""
_VARIABLES = frozenset("x y z n m k i j a b c d arr lst nums num val vals str string1 s1 s2 a1 l1 l2 foo bar".split())  # noqa: SIM905
_NUMBERS = {word: str(n) for n, word in enumerate("zero one two three four five six seven eight nine ten".split())} | {  # noqa: SIM905
    "eleven": "11", "twelve": "12", "hundred": "100", "thousand": "1000", "million": "1000000", "twice": "2",
    "single": "1", "double": "2", "triple": "3", "dozen": "12", "half": "0.5",
}  # fmt: skip
_SAME = (
    "list array vector arrays", "dictionary dict map hashmap hashtable mapping object", "string text word phrase",
    "integer int number numeric numbers digit", "maximum max largest biggest greatest highest",
    "minimum min smallest least lowest", "delete remove eliminate discard drop", "element item entry member",
    "ascending increasing", "descending decreasing", "average mean", "file document", "picture image photo",
    "error exception", "character char letter", "show display", "user person", "sort order arrange",
    "begin start", "end finish stop", "equal identical same", "duplicate repeated repeat", "count tally",
    "big large", "small little", "quick fast rapid", "combine merge join", "concatenate append",
    "sum total", "difference subtract", "multiply product", "reverse invert backward", "row line",
    "contain include hold", "convert transform turn change", "search look seek", "separate split divide",
    "unique distinct", "calculate compute", "choose select pick", "read load", "save store",
)  # fmt: skip
"""Words that name the same thing in most tasks; the rule takes them for one word."""
_GROUP = {word: group.split()[0] for group in _SAME for word in group.split()}

_LANGUAGES = frozenset(
    """python java javascript js typescript ts c++ cpp c# csharp golang rust ruby php kotlin swift scala perl haskell
    lua sql mysql postgresql sqlite mongodb bash powershell matlab julia dart elixir clojure fortran cobol assembly
    .net django flask fastapi react vue angular svelte jquery express spring rails laravel numpy pandas polars pytorch
    tensorflow keras sklearn scikit spark hadoop docker kubernetes terraform ansible aws azure gcp html css sass
    unity opencv selenium pytest junit node nodejs deno redis kafka graphql rest grpc""".split()  # noqa: SIM905
)
_STRUCTURES = {
    "list": "list", "queue": "queue", "stack": "stack", "tree": "tree", "graph": "graph", "heap": "heap",
    "trie": "trie", "set": "set", "tuple": "tuple", "dictionary": "dictionary", "matrix": "matrix", "string": "string",
    "deque": "deque", "linked": "linked", "dataframe": "dataframe", "table": "table", "binary": "binary",
}  # fmt: skip
_OPPOSITES = (
    "ascending descending", "maximum minimum", "first last", "even odd", "before after", "left right",
    "encode decode", "encrypt decrypt", "push pop", "insert delete", "add delete", "add difference", "sum difference",
    "multiply separate", "upper lower", "uppercase lowercase", "prefix suffix", "include exclude", "contain exclude",
    "allow forbid", "recursive iterative", "recursion iteration", "recursion loop", "recursive loop",
    "mutable immutable", "synchronous asynchronous", "sync async", "directed undirected", "weighted unweighted",
    "positive negative", "valid invalid", "top bottom", "row column", "horizontal vertical", "forward reverse",
    "head tail", "union intersection", "client server", "serialize deserialize", "compress decompress",
    "parent child", "true false", "begin end", "inclusive exclusive", "unique duplicate", "longest shortest",
    "earliest latest", "more less", "more fewer", "above below", "over under", "vowel consonant", "import export",
    "upload download", "static dynamic", "public private", "big small", "start end", "read save", "read write",
    "stack queue", "prime composite", "prime perfect", "median average", "median mode", "average mode",
    "average maximum", "average minimum", "sum multiply", "sum average", "maximum sum", "minimum sum",
    "permutation combination", "depth breadth", "preorder postorder", "preorder inorder", "inorder postorder",
    "palindrome anagram", "get post", "celsius fahrenheit", "binary hexadecimal", "binary decimal",
    "hour minute", "minute second", "day month", "month year", "day year", "hour day", "client server",
    "singly doubly", "stable unstable", "optimistic pessimistic", "horizontal vertical", "rows columns",
    "quick slow", "strict lenient", "shallow deep", "local global", "lazy eager", "signed unsigned",
)  # fmt: skip
_NEGATIONS = frozenset("not no never without cannot none neither nor except unless avoid exclude excluding".split())  # noqa: SIM905
_DIRECTIONS = frozenset("to into from before after than by over inside".split())  # noqa: SIM905
_ENDINGS = re.compile(r"(?:ies|ied|ing|ed|es|s)$")


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, read once."""

    words: tuple[str, ...]
    """As compared, in order; `#` for example data."""
    content: Mapping[str, str]
    """Those that say something about the task, each with the spelling in which it came first."""


@dataclass(frozen=True, slots=True)
class Difference:
    novel: tuple[str, ...]
    """Content words that only the new text has, as they are spelt there, in its order, each once."""
    lacking: tuple[str, ...]
    """Those that only the old one has."""
    likeness: float
    """Share of the longer text's words that are alike and in the same order, 0-1 (rapidfuzz's LCSseq)."""
    surplus: int
    """How many more times the texts' common content words stand in the one than in the other, at most."""
    veto: str
    """The kind of difference that makes another task, or ""."""


def read(text: str) -> Wording:
    flat = _CAMEL.sub(" ", _DATA.sub(" § ", text).replace("_", " ")).lower()
    tokens = _TOKEN.findall(flat)
    words = tuple(_canonical(token) for token in tokens)
    content: dict[str, str] = {}
    for word, token in zip(words, tokens, strict=True):
        if word not in WEAK and word not in _VARIABLES:
            content.setdefault(word, token)
    return Wording(words, content)


def differ(new: Wording, old: Wording) -> Difference:
    novel, lacking = _only(new, old), _only(old, new)
    one, other = new.words[:LONGEST], old.words[:LONGEST]
    likeness = LCSseq.normalized_similarity(one, other) if one or other else 1.0
    common = new.content.keys() & old.content.keys()
    counts, others = (Counter(word for word in side.words if word in common) for side in (new, old))
    surplus = max((counts - others).total(), (others - counts).total())
    return Difference(
        tuple(new.content[word] for word in novel),
        tuple(old.content[word] for word in lacking),
        round(likeness, 4),
        surplus,
        _veto(new, old, novel, lacking),
    )


def _canonical(token: str) -> str:
    """One spelling for forms of a word, for numbers, and for words that name the same thing."""
    if token in _NUMBERS:
        return _NUMBERS[token]
    if token in WEAK or token in _LANGUAGES or token in _GROUP:
        return _GROUP.get(token, token)
    stem = token.removesuffix("'s")
    if len(stem) > 3 and stem.isascii() and stem.isalpha():
        stem = _ENDINGS.sub("", stem) if not stem.endswith("ss") else stem
        stem = stem[:-1] if len(stem) > 3 and stem[-1] == stem[-2] and stem[-1] not in "sl" else stem
        for whole in (stem, f"{stem}e", f"{stem}y", token):
            if whole in WEAK or whole in _GROUP:
                return _GROUP.get(whole, whole)
    return stem


def _only(one: Wording, other: Wording) -> tuple[str, ...]:
    return tuple(word for word in one.content if word not in other.content)


def _veto(new: Wording, old: Wording, novel: Sequence[str], lacking: Sequence[str]) -> str:
    if (new.content.keys() & _LANGUAGES) != (old.content.keys() & _LANGUAGES):
        return "language"
    if any(map(_is_number, novel)) and any(map(_is_number, lacking)):
        return "number"
    if bool(_NEGATIONS.intersection(novel)) != bool(_NEGATIONS.intersection(lacking)):
        return "negation"
    if any(frozenset((one, other)) in _OPPOSED for one in novel for other in lacking):
        return "opposite"
    if _STRUCTURES.keys() & set(novel) and _STRUCTURES.keys() & set(lacking):
        return "structure"
    return "direction" if _turned(new.words, old.words) else ""


def _is_number(word: str) -> bool:
    return word[0].isdigit() or word[0] in "<>!="


def _turned(new: Iterable[str], old: Iterable[str]) -> bool:
    """Whether one says `a to b` where the other says `b to a`."""
    one, other = set(_directed(new)), set(_directed(old))
    return any((last, way, first) in other and (first, way, last) not in other for first, way, last in one)


def _directed(words: Iterable[str]) -> Iterable[tuple[str, str, str]]:
    kept = [word for word in words if word in _DIRECTIONS or word not in WEAK]
    for (first, way), (_, last) in pairwise(pairwise(kept)):
        if way in _DIRECTIONS:
            yield first, way, last


_OPPOSED = frozenset(frozenset(_canonical(word) for word in pair.split()) for pair in _OPPOSITES)
