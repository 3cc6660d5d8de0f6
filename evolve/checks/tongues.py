"""The natural language of a text: by script, and of those in Latin letters by their commonest words.

Read is prose, without fenced code and quotations. Invariant: where a text is too short or too mixed to tell, it has no
language, and nothing is said. Which language a text should be in is the checks' business.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter

from evolve.checks.vocabulary import FUNCTION_WORDS
from evolve.markdown import page

ENGLISH = "English"
_QUOTED = re.compile(
    r"`[^`\n]*+`|\"[^\"\n]{0,400}\"|“[^“”\n]{0,400}”|«[^«»\n]{0,400}»|「[^「」\n]{0,400}」|『[^『』\n]{0,400}』"
    r"|https?://\S++"
    r"|'(?<!\w')[^'\n]{0,400}'(?!\w)"
)
"""Each begins with its own character, which makes the search for it a fast one."""
_QUOTES = ("`", '"', "'", "http", "“", "«", "「", "『")
SCRIPTS: Mapping[str, re.Pattern[str]] = {
    "Japanese": re.compile("[\u3041-\u30ff]"),
    "Chinese": re.compile("[\u3400-\u9fff]"),
    "Korean": re.compile("[\uac00-\ud7af\u1100-\u11ff]"),
    "Russian": re.compile("[\u0400-\u04ff]"),
    "Greek": re.compile("[\u0386-\u03ff]"),
    "Arabic": re.compile("[\u0620-\u06ff]"),
    "Hebrew": re.compile("[\u05d0-\u05ea]"),
    "Hindi": re.compile("[\u0900-\u097f]"),
    "Thai": re.compile("[\u0e01-\u0e5b]"),
}
"""Languages by script; one that shares its script with others stands for all of them."""
TONGUES = (*FUNCTION_WORDS, *SCRIPTS)
"""Every natural language that is told from others."""
_LATIN = re.compile(r"[a-zA-Z\u00c0-\u024f\u1e00-\u1eff]++")
_SENTENCE = re.compile(r"(?<=[.!?。！？])\s|(?<=[。！？])|\n")
_LETTERS = bytes(byte if chr(byte).isalpha() and byte < 128 else ord(" ") for byte in range(256))
SCRIPT_SHARE = 0.35
"""Of the letters (a Latin word counts as two, for a letter of the other scripts says more): technical Chinese,
Japanese and Korean keep English names and keywords."""
COMMON_WORDS = 4
"""Common words that a language must have at least, and a lead of half as many again over the next: below that, a
short English title looks like anything."""
LEARNING = re.compile(
    r"\b(?:translat\w{1,4}|english|spanish|french|german|chinese|mandarin|japanese|korean|italian|portuguese"
    r"|russian|arabic|greek|hindi|hebrew|"
    r"turkish|polish|dutch|latin|unicode|utf-?8|locali[sz]\w{1,5}|i18n|multilingual|bilingual|languages?"
    r"|transliterat\w{1,4}|lyrics|poem)\b"
    r"|翻译|多语言|翻訳|번역|traduc|tradui|traduz|tradu|übersetz|перевед|перевод|язык",
    re.IGNORECASE,
)


_SPEAKERS: dict[str, list[str]] = {}
for _name, _listed in FUNCTION_WORDS.items():
    for _word in _listed:
        _SPEAKERS.setdefault(_word, []).append(_name)


_COMMONEST: Mapping[str, str] = {
    "English": "no not can one all at but of on",
    "Spanish": "a de la en un no si se lo le me mi tu son hay o u e sin sobre entre desde hasta donde pero muy ya solo "
    "todo todos todas cada otro otra ni ser esa ese esto quiero necesito debería devuelve va van tiene",
    "French": "de la en un l d n s c j qu se ne pas si sur son sa ses ou où à a mais tout tous sans entre je on y",
    "German": "in an es nicht wie nur aber kann ich wir er am man keine so vom wo",
    "Portuguese": "de a o e do da se não ou mais sem só tem seja pelos pelas mas me eu isso essa esse",
    "Italian": "la in un se non o i lo le a da su si ma solo del nel dei tra fra mi ho sia",
    "Dutch": "je niet of aan dan maar nog geen kan ik we er tot per",
    "Polish": "a o ale za lecz czy już tylko być są",
    "Turkish": "mi ne değil var yok çok ama",
    "Vietnamese": "là không có thì",
    "Indonesian": "tidak bisa ada satu kita",
}
"""Words that are common too, many in several languages: they tell whether a text is in the one that it should be in."""
_COMMON = {name: words | frozenset(_COMMONEST.get(name, "").split()) for name, words in FUNCTION_WORDS.items()}


@lru_cache(maxsize=32)
def language(text: str, least: int = COMMON_WORDS) -> str | None:
    """The natural language of the text's prose; None where it is too short or too mixed to tell."""
    return spoken(unquoted(text), least)


@lru_cache(maxsize=32)
def unquoted(text: str) -> str:
    prose = page(text).prose
    return _QUOTED.sub(" ", prose) if any(map(prose.__contains__, _QUOTES)) else prose


def spoken(prose: str, least: int = COMMON_WORDS) -> str | None:
    words = latin(prose)
    if not prose.isascii():
        counts = {name: len(pattern.findall(prose)) for name, pattern in SCRIPTS.items()}
        if counts["Japanese"] * 10 >= counts["Chinese"]:  # kana between the characters
            counts["Japanese"] += counts.pop("Chinese")
        name = max(counts, key=lambda script: counts[script])
        if counts[name] >= 6 and counts[name] >= SCRIPT_SHARE * (counts[name] + 2 * len(words)):
            return name
    common = Counter(chain.from_iterable(filter(None, map(_SPEAKERS.get, words))))
    ranked = sorted(common.items(), key=itemgetter(1), reverse=True)
    (first, most), (_, second) = (*ranked, ("", 0), ("", 0))[:2]
    if most < max(least, 0.15 * len(words)):
        return None
    if most >= 1.5 * second:
        return first
    return next((name for name, count in ranked[:3] if count >= least and not _rival(name, words)), None)


def _rival(name: str, words: Sequence[str]) -> str | None:
    """The language that these words may be in as well as in that one, by those that only the one of the two has."""
    own, counts = _COMMON[name], Counter(words)
    for other, common in _COMMON.items():
        mine, theirs = (sum(counts[word] for word in only) for only in (own - common, common - own))
        if mine < 2 * theirs:
            return other
    return None


def latin(prose: str) -> list[str]:
    """Lower-case runs of Latin letters."""
    if prose.isascii():
        return prose.lower().encode().translate(_LETTERS).decode().split()
    return _LATIN.findall(prose.lower())


_CODE_IN_PROSE = re.compile(r"^[^\n]*(?:[;{}]|=>|==|\w\(|\w\[|</)[^\n]*$", re.MULTILINE)
"""Lines whose words may be names of variables, unless there are sentences in them too."""
SURE = 2
"""Common words from which a parent is in a language other than English; English tasks may be very short."""


def mother_tongue(parent: str) -> str | None:
    """The parent's language, told from its prose alone and from few words, for many a seed is one short line."""
    name = language(parent, least=1)
    if name is None or name == "English" or name in SCRIPTS:
        return name
    prose = _CODE_IN_PROSE.sub(lambda line: line[0] if spoken(line[0]) == name else " ", unquoted(parent))
    alone = " ".join(word for word in prose.split() if len(word) > 1 or not word.isascii())
    return name if spoken(alone, SURE) == name else None


def speak_alike(first: str, second: str) -> bool:
    """Whether two tasks are in one language, as far as can be told."""
    one, other = mother_tongue(first), mother_tongue(second)
    return one == other or None in {one, other}


def foreign_sentences(text: str, known: Iterable[str | None]) -> str | None:
    """The language of a fifth of the text or more that is in none of the known ones; None if there is no such part.

    In another script a sentence of twelve letters counts, in Latin letters one of eight words: names and sample data
    are shorter.
    """
    prose = unquoted(text)
    mine = "English" in known
    if prose.isascii() and mine:
        return None
    found: Counter[str] = Counter()
    kin = {*known, *chain.from_iterable(_KIN.get(name or "", ()) for name in known)}
    for sentence in _SENTENCE.split(prose):
        if len(sentence) >= 12:
            name = spoken(sentence)
            if name is not None and name not in kin:
                found[name] += len(sentence)
    if not found:
        return None
    name, size = found.most_common(1)[0]
    return name if size >= 0.2 * len(prose) else None


# -- texts that were translated ----------------------------------------------------------------------------------------

_WORD = re.compile(r"(?<![\w.])[A-Za-z\u00c0-\u024f\u1e00-\u1eff]{2,}(?![\w(\[])")
"""In prose: no part of a name in code, and no single letter."""
STRETCH = 7
"""Words in a row that are looked at together."""
LEFT_OVER = 3
"""Common words of another language in so short a stretch, from which on it is a piece of that language: keywords that
a text names ("for, while or if") have others between them, or are fewer."""


LEAST = 2
"""Common words that a text in Latin letters must have at least, and twice as many as are those of another language."""


def written_in(text: str, tongue: str) -> str | None:
    """Why the text is not wholly in that natural language, in words; None if it is.

    `text`: prose alone. One that is too short to tell is not: what is put into a language has to be seen to be in it.
    """
    prose = unquoted(text)
    found = _instead_of(tongue, prose)
    if found is not None:
        return f"in {found}, not in {tongue}" if found else f"cannot be told to be in {tongue}"
    left = _left_over(prose, tongue)
    return f"partly not in {tongue}: {left!r}" if left else None


def _instead_of(tongue: str, prose: str) -> str | None:
    """The language that the prose is in instead of that one, "" where none can be told; None: it is in that one.

    Languages in Latin letters are held against each other by the words that only the one of the two has.
    """
    found = spoken(prose) or spoken(prose, 1)
    if found == tongue:
        return None
    if tongue in SCRIPTS or found in SCRIPTS:
        return found or ""
    words = latin(prose)
    if sum(word in _COMMON[tongue] for word in words) < LEAST:
        return found or ""
    return _rival(tongue, words)


_RUN = re.compile(r"(?<![\w.])(?:[A-Za-z][a-z'’]*+[ ,-]{1,2}+){4,12}[A-Za-z][a-z]*+(?![\w(\[])")
"""Five words in a row or more, in a text of another script."""


def _left_over(prose: str, tongue: str) -> str | None:
    """A stretch of the prose in another language, or None."""
    if tongue in SCRIPTS:
        for run in _RUN.finditer(prose):
            said = latin(run[0])
            if any(len(common.intersection(said)) >= LEAST for common in _COMMON.values()):
                return run[0]
    if tongue not in SCRIPTS:
        for name, pattern in SCRIPTS.items():
            if len(pattern.findall(prose)) >= 6:  # as many as make a language elsewhere
                return name
    own = _COMMON.get(tongue, frozenset())
    words = [found for found in _WORD.finditer(prose) if not found[0].isupper()]
    others = [[name for name in _SPEAKERS.get(found[0].lower(), ()) if found[0].lower() not in own] for found in words]
    for at in range(len(words)):
        end = min(at + STRETCH, len(words))
        heard = Counter(
            name for word, names in {words[i][0].lower(): others[i] for i in range(at, end)}.items() for name in names
        )
        name, most = max(heard.items(), key=itemgetter(1), default=("", 0))
        close = words[end - 1].end() - words[at].start() <= 12 * STRETCH
        if most >= LEFT_OVER and close and name not in _KIN.get(tongue, ()):
            return prose[words[at].start() : words[end - 1].end()]
    return None


_KIN: Mapping[str, tuple[str, ...]] = {
    "Spanish": ("Portuguese", "Italian", "French"),
    "Portuguese": ("Spanish", "Italian", "French"),
    "Italian": ("Spanish", "Portuguese", "French"),
    "French": ("Spanish", "Portuguese", "Italian"),
    "German": ("Dutch",),
    "Dutch": ("German",),
}
"""Languages that share so many words that a stretch of the one can look like the other."""
