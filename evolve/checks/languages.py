"""Language drift: a child in another natural language than its parent, or about another programming language.

Natural languages are told by tongues.py. Invariant: where a text is too short or too mixed to tell, it has no language,
and nothing is said; but what was to be put into another language has to be in it, wholly, or it is thrown out. That a
child *names* a second programming language, or ports its parent's code to one, is a step; that its parent's language
is gone and another stands in its place is drift.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Self

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.carried import without_carried
from evolve.checks.spotting import distinct
from evolve.checks.tongues import LEARNING, SCRIPTS, foreign_sentences, language, mother_tongue, written_in
from evolve.markdown import page
from evolve.records import Finding


class LanguageDrift:
    name = "language_drift"
    version = 2
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        if not candidate.parents:
            return accept(self)
        drifted = _translated(candidate) if candidate.tongue else _drift(candidate)
        if drifted is not None:
            return reject(self, drifted)
        switched = _switched(candidate) if candidate.depth else None
        return accept(self) if switched is None else reject(self, switched)


# -- natural language --------------------------------------------------------------------------------------------------


def _drift(candidate: Candidate) -> str | None:
    """In words, how the natural language changed; None if it did not."""
    before = {mother_tongue(parent) for parent in candidate.parents}
    now = language(candidate.text)
    if None in before and (now not in SCRIPTS or not all(parent.isascii() for parent in candidate.parents)):
        return None
    if now is not None and now not in before:
        return f"in {now}; its parent is in {' and '.join(sorted(filter(None, before))) or 'another'}"
    foreign = foreign_sentences(candidate.text, before)
    if foreign is None or any(LEARNING.search(text) for text in (candidate.text, *candidate.parents)):
        return None
    return f"partly in {foreign}; its parent is not"


def _translated(candidate: Candidate) -> str | None:
    """In words, why a candidate is not in the language that it was to be put into; None if it is."""
    parent = candidate.parents[0]
    gone = _demanded(parent) - mentioned(candidate.text)
    if gone:
        return f"its parent asks for {', '.join(sorted(gone))}, which it does not name"
    return written_in(without_carried(candidate.text, parent), candidate.tongue or "")


# -- programming language ----------------------------------------------------------------------------------------------

_FAMILIES: Mapping[str, str] = {
    "Python": "python python3 numpy pandas django flask",
    "JavaScript": "javascript typescript js ts node nodejs react jquery vue angular node.js",
    "Java": "java",
    "Kotlin": "kotlin",
    "Scala": "scala",
    "C": "c++ cpp c objective-c",
    "C#": "c# csharp",
    "Ruby": "ruby rails",
    "Rust": "rust",
    "Go": "golang go",
    "PHP": "php",
    "Perl": "perl",
    "Swift": "swift",
    "Haskell": "haskell",
    "SQL": "sql mysql postgresql sqlite t-sql",
    "HTML": "html html5 css css3",
    "shell": "bash shell zsh",
    "PowerShell": "powershell",
    "MATLAB": "matlab",
    "R": "r",
    "Lua": "lua",
    "Elixir": "elixir",
    "Erlang": "erlang",
    "Lisp": "clojure lisp scheme racket",
    "Fortran": "fortran",
    "COBOL": "cobol",
    "Dart": "dart",
    "Julia": "julia",
    "OCaml": "ocaml",
    "F#": "f#",
    "Visual Basic": "visual_basic vb.net",
    "assembly": "assembly",
    "Prolog": "prolog",
    "Groovy": "groovy",
    "Zig": "zig",
    "Pascal": "pascal delphi",
    "Ada": "ada",
    "Solidity": "solidity",
}
"""Family -> its names in lower case, `_` for a blank. One of a family for another is no drift: TypeScript for
JavaScript, C++ for C."""
_NAMES = {name.replace("_", " "): family for family, names in _FAMILIES.items() for name in names.split()}
_AMBIGUOUS = frozenset(
    """ada angular assembly c dart delphi flask go groovy java js julia lisp node pascal perl r racket rails react ruby
    rust scala scheme shell swift ts zig""".split()  # noqa: SIM905
)
"""Words and letters too: these count only as they are written as names."""
_NAME = "|".join(re.escape(name) for name in sorted(_NAMES, key=len, reverse=True))
_ALONE = r"(?![A-Za-z0-9_#+\u00c0-\u024f]|-\w|\.[a-z])"
"""Behind a name, which Chinese, Japanese and Korean letters may follow at once."""
_MENTION = re.compile(rf"(?<![A-Za-z0-9_.#+/-])(?:{_NAME}){_ALONE}", re.IGNORECASE)
_WORK = (
    r"(?:function|program|programme|code|script|class|method|snippet|application|app|module|package|library"
    r"|implementation|solution|"
    r"query|statement|command|routine|loop|expression|struct|interface|component|page|algorithm|project|service"
    r"|server|api|tool|one-?liner)"
)
_DEMAND = re.compile(
    rf"(?:\b(?:in|using|into|to|with|as an?|use|en|em|auf|mit|usando|utilizando|avec|на|dans|su|per) (?:(?:the"
    rf"|plain|pure|vanilla|modern|standard|idiomatic|de|lenguaje|linguagem|"
    rf"языке) )?|(?:用|使用|以|利用|采用) ?|^ ?|\b(?:an?|the|this|your|my|following|new|simple|single|given|write"
    rf"|create"
    rf"|implement|develop|build|design|"
    rf"generate|construct|un|una|eine?|einen|fonction|función|função|funzione|programa|programma|classe|clase"
    rf"|функци[юия]|программ[уа]) )(?P<a>{_NAME}){_ALONE}"
    rf"|(?<![A-Za-z0-9_.#+/-])(?P<b>{_NAME})(?= (?:\w{{1,15}} )?{_WORK}s?\b|(?:代码|程序|函数|脚本|语言|で"
    rf"|の(?:関数|プログラム|コード"
    rf"|スクリプト)|を使|로|으로|의?"
    r" ?(?:함수|프로그램|코드|스크립트)))",
    re.IGNORECASE | re.MULTILINE,
)
"""A language as the one to write in, not as one that is compared with or spoken of."""
_PORTS = re.compile(
    r"\b(?:port|ports|ported|porting|translat\w{1,4}|convert\w{0,4}|migrat\w{1,4}|rewrit\w{1,4}|transpil\w{1,4}"
    r"|re-?implement\w{0,4}|interop\w{0,9}|ffi|"
    r"bindings?|calls?|equivalent|counterpart)\b|移植|翻译|转换|改写|移植|書き換え|変換|변환|이식|traduc|convert"
    r"|portier|перепиш"
    r"|перенес|konvertier",
    re.IGNORECASE,
)


_TARGET = re.compile(
    rf"\b(?:port|translate|convert|migrate|rewrite|transpile|traduce|traduci|traduis|traduza|übersetze|переведи"
    rf"|перепиши)"
    rf"\b[^.\n:]{{0,80}}? (?:to|into|in|a|en|in|em|para|nach|на) (?:[a-zé]{{1,12}} )?({_NAME}){_ALONE}"
    rf"|(?:翻译|转换|改写|移植)(?:成|为|到) ?({_NAME})"
    rf"|({_NAME}) ?(?:に(?:翻訳|変換|書き換え|移植)|(?:으로|로) ?(?:번역|변환|이식))",
    re.IGNORECASE,
)
"""The language that a port is to end in."""


def _targets(text: str) -> set[str]:
    found = (next(filter(None, match.groups())) for match in _TARGET.finditer(page(text).prose))
    return {_NAMES[name.lower()] for name in found if _written_as_name(name)}


def _switched(candidate: Candidate) -> str | None:
    """In words, how the programming language changed; None if it did not."""
    if _keeps_names(candidate):
        return None
    before = set().union(*(_demanded(parent) for parent in candidate.parents))
    if not before:
        return None
    aims = set().union(*map(_targets, candidate.parents))
    aim = _targets(candidate.text) if aims else set()
    if aim and not aims & mentioned(candidate.text):
        return f"a port to {', '.join(sorted(aim))}; its parent asks for one to {', '.join(sorted(aims))}"
    now = _demanded(candidate.text)
    if not now or now & before or before & mentioned(candidate.text):
        return None
    ports = _PORTS.search(candidate.text) is not None
    if ports and not any(_PORTS.search(parent) for parent in candidate.parents):
        return None
    return f"asks for {', '.join(sorted(now))}; its parent asks for {', '.join(sorted(before))}"


_NAME_WORDS = frozenset(word for name in _NAMES for word in re.findall(r"\w+", name))


def _keeps_names(candidate: Candidate) -> bool:
    """Whether each word of the parents that may name a language is in the child too: the common case, told cheaply."""
    if not all(parent.isascii() for parent in candidate.parents):
        return False
    named = set().union(*(distinct(parent) & _NAME_WORDS for parent in candidate.parents))
    return named <= distinct(candidate.text)


@lru_cache(maxsize=32)
def _demanded(text: str) -> frozenset[str]:
    """Families of the languages that the text asks to write in, or brings code of."""
    whole = page(text)
    found = [match["a"] or match["b"] for match in _DEMAND.finditer(whole.prose)]
    fences = {_NAMES[block.language] for block in whole.blocks if block.language in _NAMES}
    return frozenset({_NAMES[name.lower()] for name in found if _written_as_name(name)} | fences)


def mentioned(text: str) -> frozenset[str]:
    """Families of all programming languages that the text names or brings code of."""
    whole = page(text)
    fences = {_NAMES[block.language] for block in whole.blocks if block.language in _NAMES}
    return frozenset({_NAMES[name.lower()] for name in _MENTION.findall(whole.prose)} | fences)


def _written_as_name(name: str) -> bool:
    return name.lower() not in _AMBIGUOUS or name != name.lower()
