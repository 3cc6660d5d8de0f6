"""What two instructions say differently: the content words that each has and the other has not, and signs of intent.

Embeddings and likeness of letters hardly tell a rephrasing from one decisive constraint more; the words in which two
texts differ do. So both are read as words, what says nothing about the task is left out (WEAK), what is only example
data or a variable's name is made alike, and the rest is compared. A veto is a difference that makes another task
however alike the rest is: another natural or programming language, framework, number, data structure, an opposite word,
a negation, the other direction. Works in time linear in the text, but for a word alignment of bounded size. Scripts
without spaces are compared letter by letter; the lists of words are English.
"""

# ruff: noqa: SIM905  (long lists of words read better as text)

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from sys import intern

from rapidfuzz.distance import LCSseq

from evolve.checks.tongues import language

LONGEST = 3000
"""Words of either text that are aligned: about 20,000 characters, a millisecond; what comes later counts as words."""

_DENSE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af"
_TOKEN = re.compile(
    rf"[cf]#|c\+\+|\.net\b|\d++(?:\.\d++)*+|[{_DENSE}]|[^\W\d_{_DENSE}]++(?:['’][^\W\d_]++)?+|[<>]=?+|[!=]=",
    re.IGNORECASE,
)
_REGEX = re.compile("regular expression", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FORMAT = re.compile(r"\b([A-Z]{2,4})[-/.:]([A-Z]{2,4})[-/.:]([A-Z]{2,4})\b")
"""Such as YYYY-MM-DD: one word, because its order matters."""
_SYMBOL = re.compile(r"[-+*/%^|&=!<>]=|[+*/%^|&=]|(?<=[(=,])-")
_ITEM = r"""(?:"[^"\n]{0,80}"|'[^'\n]{0,80}'|-?\d++(?:\.\d++)?+)"""
_DATA = re.compile(
    rf"""{_ITEM}(?:(?:\s*+[,;:]\s*+|\s++(?:and|or)\s++){_ITEM}){{2,}}+"""
    r"""|(?<![\w.])-?\d++(?:[ \t]++-?\d++){2,}+(?![\w.])"""
    r"""|(?<![\w.,-])[\w.-]{1,40}+,-?\d++(?:\.\d++)?+(?![\w.])"""
)
"""Three values in a row or more, or a field and a number in a line of a table: example data."""

# fmt: off
WEAK_WORDS = """
    a an the of in on at to for from by with and or but if then than so as is are was were be been being it its this
    that these those there here you your we our us i my me he she they them their which who whom whose what when where
    why how can could should would will shall may might must do does did done doing have has had having also just some
    such given using use used uses utilize make give please ensure new way via let need want like able follow provide
    certain particular specific each every any all per into onto once while together thing one many much often time
    out through write create implement develop build design code construct craft produce generate define compose
    devise program function method script routine procedure subroutine algorithm solution tell tells implementation
    snippet piece task problem application app return output print display show take accept receive input argument
    parameter value call name variable result example calculate compute determine find locate check verify get obtain
    perform handle s t e g whether detect model support statement between single several number integer arbitrary
    un una el la los las lo de del que y o en con para por se su es al crea crear escribe
    escriba función programa une le les des du et ou pour dans qui est avec écris écrivez écrire crée créez fonction
    programme ein eine einen einer eines der die das den dem und oder zu mit von für im ist sich bei um schreibe
    schreiben erstelle funktion programm uma os da dos em com escreva crie função и в на с для что которая который
    которое по из как напишите напиши создайте функцию программу
    を に は が の と で し す る ま せ て く だ さ い 書 作 成
    的 了 在 是 用 来 里 中 写 一 个 请 编 实 现 创 建 函 数""".split()
"""Words with which any task is put, in some languages: dropped, added or swapped they make no other task."""
_SAME_WORDS = (
    "list array vector", "dictionary dict map hashmap hashtable mapping object", "string text phrase",
    "integer int number numeric digit", "maximum max largest biggest greatest highest top",
    "minimum min smallest least lowest", "delete remove eliminate discard drop", "element item entry member",
    "ascending increasing", "descending decreasing", "average mean", "file document", "picture image photo",
    "error exception", "character char letter", "user person", "sort order arrange", "begin start", "end finish stop",
    "equal identical same", "duplicate repeated repeat", "count tally frequency frequent", "big large",
    "small little", "quick fast rapid", "combine merge join", "concatenate append", "sum total",
    "difference subtract", "multiply product", "reverse invert backward", "row line", "contain include hold",
    "convert transform turn change", "search look seek", "separate split divide", "unique distinct",
    "choose select pick", "read load parse", "save store keep", "folder directory", "regex regexp",
    "download fetch", "raise throw", "plot draw", "operation op", "occur appear", "adjacent neighbouring contiguous",
    "below smaller under less", "above greater over more",
)
"""Words that name the same thing in most tasks; the rule takes them for one word."""
_LANGUAGE_WORDS = """
    python java javascript js typescript ts c++ cpp c# csharp golang rust ruby php kotlin swift scala perl haskell lua
    sql mysql postgresql sqlite mongodb bash powershell matlab julia dart elixir clojure fortran cobol assembly .net
    django flask fastapi react vue angular svelte jquery express spring rails laravel numpy pandas polars pytorch
    tensorflow keras sklearn scikit spark hadoop docker kubernetes terraform ansible aws azure gcp html css sass unity
    opencv selenium beautifulsoup pytest junit node nodejs deno redis kafka graphql grpc""".split()
_RIVALS = (
    "list queue stack tree graph heap trie set tuple dictionary matrix string deque dataframe linked",
    "average median mode variance sum maximum minimum multiply difference range count",
    "second minute hour day week month year daily weekly monthly yearly annual quarterly",
    "area perimeter volume circumference radius diameter", "preorder inorder postorder", "median mode",
    "depth breadth", "ascending descending", "first second third fourth fifth last middle",
    "even odd prime composite perfect square",
    "before after", "left right", "top bottom", "encode decode", "encrypt decrypt", "push pop peek",
    "insert delete update", "add delete subtract", "multiply separate", "upper lower", "uppercase lowercase",
    "prefix suffix", "contain exclude", "allow forbid", "recursive iterative recursion iteration loop recursively "
    "iteratively", "mutable immutable", "synchronous asynchronous", "sync async", "maximum minimum", "most minimum",
    "most fewest", "most least", "row column", "horizontal vertical", "forward reverse", "head tail",
    "union intersection", "client server", "serialize deserialize", "compress decompress delete", "parent child",
    "true false", "begin end", "inclusive exclusive", "unique duplicate", "longest shortest", "earliest latest",
    "above below", "more fewer", "vowel consonant", "import export", "upload download", "static dynamic",
    "public private", "big small", "quick slow", "strict lenient", "shallow deep", "local global", "lazy eager",
    "required optional", "combine separate", "permutation combination", "palindrome anagram", "get post put delete",
    "celsius fahrenheit kelvin", "binary decimal hexadecimal octal", "singly doubly", "read save", "read write",
    "key value", "pie bar line scatter", "sine cosine", "positive negative", "horizontally vertically",
    "大 小", "多 少", "前 后", "先 后", "升 降", "加 减", "乘 除", "奇 偶", "首 末", "长 短", "高 低", "増 減",
    "mayor menor", "primero último", "par impar", "größte kleinste", "gerade ungerade", "erste letzte",
    "четных нечетных", "больше меньше", "первый последний", "premier dernier", "pair impair", "maior menor",
)
"""Words of which only one can be meant: where one text has the one and the other another, they are two tasks."""
# fmt: on
_PREFIXES = ("un", "in", "im", "ir", "dis", "non", "de", "anti", "со")
"""Prefixes that turn a word into its opposite."""
_VARIABLES = frozenset(
    "x y z n m k i j b c d arr lst nums num val vals str string1 s1 s2 a1 l1 l2 foo bar data".split()
)
_NUMBERS = {word: str(n) for n, word in enumerate("zero - two three four five six seven eight nine ten".split())}
_NUMBERS |= {"eleven": "11", "twelve": "12", "hundred": "100", "thousand": "1000", "million": "1000000"}
_NEGATIONS = frozenset("not no never without cannot none neither nor except unless avoid exclud".split())
_WAYS = (frozenset("to into from before after than by over inside".split()), frozenset("a à nach an bis hasta".split()))
_ELIDED = re.compile(r"^(?:qu|[cdjlmnst])'(?=..)")
_ENDINGS = (("'s", 1), ("ing", 3), ("ed", 3), ("es", 4), ("s", 3), ("ly", 4), ("al", 4), ("ion", 4), ("e", 4), ("y", 4))
"""Endings, and the letters that must be left."""


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, read once. Strings are interned: 1.8 kB for a text of 37 words."""

    words: tuple[str, ...]
    """As compared, in order; `#` for example data."""
    content: tuple[str, ...]
    """Those that say something about the task, each once, in order."""
    spellings: tuple[str, ...]
    """Of the content words, as each came first."""
    symbols: tuple[str, ...]
    """Operators, sorted: there are some where it shows code."""
    languages: frozenset[str]
    """Content words that name a language or framework."""
    numbers: tuple[str, ...]
    """Content words that are numbers, comparisons or formats of a date."""
    negations: tuple[str, ...]
    """Content words that negate."""
    rivals: tuple[str, ...]
    """Content words of which only one can be meant."""
    prefixed: tuple[tuple[str, str], ...]
    """(rest, word) of content words that begin with a prefix of opposites."""
    tongue: str | None = None
    """The natural language, where it can be told."""

    def spelt(self, words: Sequence[str]) -> str:
        """Some of its content words as it spells them, in one line."""
        spellings = dict(zip(self.content, self.spellings, strict=True))
        return " ".join(spellings[word] for word in words)


@dataclass(frozen=True, slots=True)
class Difference:
    novel: tuple[str, ...]
    """Content words that only the new text has, in its order, each once."""
    lacking: tuple[str, ...]
    """Those that only the old one has."""
    likeness: float
    """Share of the longer text's words that are alike and in the same order, 0-1 (rapidfuzz's LCSseq)."""
    surplus: int
    """How many more times the texts' common content words stand in the one than in the other, at most; counted only
    where neither content words nor operators tell the two apart."""
    veto: str
    """The kind of difference that makes another task, or ""."""

    @property
    def foreign(self) -> bool:
        """Whether most differing words are of a script of which an English model knows nothing."""
        differing = *self.novel, *self.lacking
        return sum(word.isascii() for word in differing) * 2 < len(differing)


@lru_cache(4096)
def read(text: str) -> Wording:
    """The text's words; the latest texts are remembered, because each is compared with several."""
    plain = _DATA.sub(" § ", _FORMAT.sub(r"\1\2\3", text))
    flat = _REGEX.sub("regex", plain.replace("_", " "))
    words: list[str] = []
    found: dict[str, str] = {}
    for token in _TOKEN.findall(flat):
        for word, spelling in _entries(token):
            words.append(word)
            if spelling:
                found.setdefault(word, spelling)
    content = tuple(found)
    return Wording(
        tuple(words),
        content,
        tuple(found.values()),
        tuple(sorted(map(intern, _SYMBOL.findall(plain)))),
        _shared(_LANGUAGES.intersection(content)),
        tuple(word for word in content if _is_number(word)),
        tuple(word for word in content if word in _NEGATIONS),
        tuple(word for word in content if word in _RIVAL),
        tuple(split for word in content if word.startswith(_PREFIXES) for split in _splits(word)),
        language(text),
    )


def differ(new: Wording, old: Wording) -> Difference:
    ours, theirs = frozenset(new.content), frozenset(old.content)
    novel = tuple(word for word in new.content if word not in theirs)
    lacking = tuple(word for word in old.content if word not in ours)
    one, other = new.words[:LONGEST], old.words[:LONGEST]
    likeness = LCSseq.normalized_similarity(one, other) if one or other else 1.0
    code = bool(new.symbols and old.symbols)
    alike = new.symbols == old.symbols
    surplus = _surplus(new, old) if not (novel or lacking) or (code and alike) else 0
    veto = _veto(new, old, frozenset(novel), frozenset(lacking)) or ("code" if code and (not alike or surplus) else "")
    return Difference(novel, lacking, round(likeness, 4), surplus, veto)


def _surplus(new: Wording, old: Wording) -> int:
    common = frozenset(new.content).intersection(old.content)
    counts, others = (Counter(word for word in side.words if word in common) for side in (new, old))
    return max((counts - others).total(), (others - counts).total())


@lru_cache(2**16)  # the same words come again and again
def _entries(token: str) -> tuple[tuple[str, str], ...]:
    """(word as compared, its spelling where it says something about the task, else "") of the words in a token."""
    entries = ((intern(_canonical(part)), intern(part)) for part in _parts(token))
    return tuple((word, "" if word in WEAK or part in _VARIABLES else part) for word, part in entries)


def _splits(word: str) -> Iterator[tuple[str, str]]:
    """(rest, word), where enough letters are left behind a prefix."""
    for prefix in _PREFIXES:
        if word.startswith(prefix) and len(word) > len(prefix) + 3:
            yield word.removeprefix(prefix), word


@lru_cache(4096)
def _shared(words: frozenset[str]) -> frozenset[str]:
    """The same set for all texts that have the same words: there are few."""
    return words


def _parts(token: str) -> list[str]:
    """Lower-case words of a name in camel case, but for JavaScript and the like."""
    lower = token.lower()
    return [lower] if token == lower or lower in _LANGUAGE else _CAMEL.sub(" ", token).lower().split()


def _canonical(token: str) -> str:
    """One spelling for the forms of a word, for numbers, and for words that name the same thing."""
    if token in _NUMBERS:
        return _NUMBERS[token]
    if _is_format(token):
        return token
    token = _ELIDED.sub("", token)
    return _LANGUAGE[token] if token in _LANGUAGE else _spelt(_stem(token))


def _stem(token: str) -> str:
    """Without endings, as long as enough letters are left: crude, but alike for the forms of a word."""
    if not token.isascii() or not token[-1].isalpha():
        return token
    for _ in range(3):
        ending = next((e for e, left in _ENDINGS if token.endswith(e) and len(token) - len(e) >= left), "")
        if not ending or token.endswith("ss"):
            break
        token = token.removesuffix(ending)
    return token[:-1] if len(token) > 4 and token[-1] == token[-2] and token[-1] not in "sl" else token


def _spelt(stem: str) -> str:
    return _GROUP.get(stem, stem)


_LANGUAGE = {word: f"@{word}" for word in _LANGUAGE_WORDS}
_LANGUAGE |= {"js": "@javascript", "ts": "@typescript", "cpp": "@c++", "csharp": "@c#", "node": "@nodejs"}
_LANGUAGES = frozenset(_LANGUAGE.values())
_GROUP = {_stem(word): _stem(group.split()[0]) for group in _SAME_WORDS for word in group.split()}
WEAK = frozenset(_stem(word) for word in WEAK_WORDS)
_RIVAL: dict[str, frozenset[int]] = {}
for _number, _rivals in enumerate(_RIVALS):
    for _word in _rivals.split():
        _RIVAL[_spelt(_stem(_word))] = _RIVAL.get(_spelt(_stem(_word)), frozenset()) | {_number}


def _veto(new: Wording, old: Wording, novel: frozenset[str], lacking: frozenset[str]) -> str:
    if new.languages != old.languages:
        return "language"
    if new.tongue and old.tongue and new.tongue != old.tongue:
        return "tongue"
    if not novel.isdisjoint(new.numbers) and not lacking.isdisjoint(old.numbers):
        return "number"
    if novel.isdisjoint(new.negations) != lacking.isdisjoint(old.negations):
        return "negation"
    if _opposed(new, old, novel, lacking):
        return "opposite"
    return "direction" if any(_turned(new.words, old.words, ways) for ways in _WAYS) else ""


def _opposed(new: Wording, old: Wording, novel: frozenset[str], lacking: frozenset[str]) -> bool:
    """Whether one side has a word that excludes one of the other's, or its negation by a prefix."""
    excluded = {number for word in new.rivals if word in novel for number in _RIVAL[word]}
    if excluded and any(word in lacking and not excluded.isdisjoint(_RIVAL[word]) for word in old.rivals):
        return True
    return any(word in lacking and rest in novel for rest, word in old.prefixed) or any(
        word in novel and rest in lacking for rest, word in new.prefixed
    )


def _is_number(word: str) -> bool:
    """Whether it is a number, a comparison or a date's format: nothing that has synonyms."""
    return word[0].isdigit() or word[0] in "<>!=" or _is_format(word)


def _is_format(word: str) -> bool:
    return len(word) > 5 and not word.strip("ymdhs")


def _turned(new: Sequence[str], old: Sequence[str], ways: frozenset[str]) -> bool:
    """Whether one says `a to b` where the other says `b to a`."""
    if ways.isdisjoint(new) or ways.isdisjoint(old):
        return False
    one, other = set(_directed(new, ways)), set(_directed(old, ways))
    return any((last, way, first) in other and (first, way, last) not in other for first, way, last in one)


def _directed(words: Sequence[str], ways: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    kept = [word for word in words if word in ways or word not in WEAK]
    for at in range(1, len(kept) - 1):
        if kept[at] in ways:
            yield kept[at - 1], kept[at], kept[at + 1]
