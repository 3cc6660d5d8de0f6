"""A slower way demanded than the one that the parent names: a linear scan for binary search, all pairs for a hash map.

Invariant: only a demand counts. A bound as a limit, in a comparison or in a history is none, and a task that still
names its parent's faster way keeps it.
"""

from __future__ import annotations

import re

from evolve.checks.spotting import distinct, holds

_LOGARITHMIC = re.compile(
    r"\bbinary[- ]search|\bbisect|\b(?:bin[äa]re?[nr]? suche|bin[äa]rsuche|recherche (?:binaire|dichotomique)"
    r"|(?:b[úu]squeda|busca|ricerca) bin[áa]ria?|wyszukiwani\w binarn\w)|двоичн\w{2,3} поиск|бинарн\w{2,3} поиск"
    r"|二分(?:查找|搜索|法|探索)|이진 ?(?:탐색|검색)"
    r"|\bin O\(log ?n\)|\bbinary search tree\b",
    re.IGNORECASE,
)
_FAST = re.compile(
    r"\b(?:hash ?(?:map|table|set)s?|dictionary lookup|heap|priority queue|two[- ]pointers?|sliding window|prefix"
    r" sums?|merge ?sort"
    r"|quick ?sort|heap ?sort|sieve of eratosthenes|union[- ]find|trie|single pass|one pass|hashtabelle|mergesort"
    r"|tabla hash"
    r"|tabela hash|table de hachage|tas binaire|montículo|halde|in O\(n\)|O\(n log ?n\)|in linear time)\b"
    r"|хеш-?таблиц|кучу|слияни"
    r"|哈希表|堆排序|快速排序|归并排序|双指针|滑动窗口|ハッシュ(?:表|テーブル)|ヒープ|クイックソート|マージソート"
    r"|해시 ?(?:맵|테이블)|힙|병합 정렬",
    re.IGNORECASE,
)
_LINEAR = (
    r"(?:O ?\( ?[nNmM] ?\)|linear (?:time|complexity|running time)|lineare[rn]? (?:laufzeit|zeit)|tiempo"
    r" lineal|tempo linear(?:e)?)"
)
_SQUARE = (
    r"(?:O ?\( ?[nN] ?(?:\^|\*\*)? ?[2-9²³] ?\)|O ?\( ?[nN] ?[*·×] ?[nN] ?\)|O ?\( ?2\^[nN] ?\)|quadratic (?:time"
    r"|complexity"
    r"|running time)|cubic time|quadratische[rn]? (?:laufzeit|zeit)|tiempo cuadrático|temps quadratique|tempo"
    r" quadr[áa]tico)"
)
_DEMAND = (
    r"(?:must|should|shall|ha[sv]e? to|needs? to|required to|whose (?:time )?(?:complexity|running time|runtime)"
    r" is|(?:with|has|have) an?"
    r" (?:time )?(?:complexity|running time|runtime) of|runs? in|running in|that takes|muss|soll|mit einer"
    r" (?:laufzeit|komplexität) von"
    r"|laufzeit|debe(?:rá)?|deve(?:rá)?|dev'?essere|complejidad|complexidade|complexité|complessità|doit|должн\w"
    r"|сложност\w{1,3}"
    r"|złożoność|必须|应该?|要求|复杂度|时间|計算量|でなければ|복잡도|in) ?[^.\n。]{0,50}?"
)
_WORDS_LINEAR = re.compile(
    r"\b(?:by|use|using|with) (?:an? )?(?:scanning|checking|comparing|visiting|examining|linear (?:search|scan)"
    r"|sequential search)"
    r"(?: (?:every|each|all))?|\bone (?:by|after) (?:one|another)\b|\bwithout (?:using )?binary search\b"
    r"|\binstead of binary search\b",
    re.IGNORECASE,
)
_WORDS_SQUARE = re.compile(
    r"\b(?:compar(?:e|ing)|check(?:ing)?|test(?:ing)?) (?:every|each|all) (?:possible )?pairs?\b|\bevery"
    r" (?:element|number) (?:with|against|to)"
    r" every other\b",
    re.IGNORECASE,
)
_DEMANDED_LINEAR = re.compile(
    rf"\b{_DEMAND}(?:{_LINEAR}|{_SQUARE})|(?:必须|应该?|要求|复杂度)[^。\n]{{0,20}}O\(n", re.IGNORECASE
)
_DEMANDED_SQUARE = re.compile(
    rf"\b{_DEMAND}{_SQUARE}|(?:必须|应该?|要求|复杂度)[^。\n]{{0,20}}O\(n\^?[2²3³]", re.IGNORECASE
)
_FAIR = re.compile(
    r"\b(?:at most|not|n['’]t|no|never|avoid\w{0,3}|better|faster|beat\w{0,2}|improve\w{0,2}|compar(?:e|es|ed"
    r"|ison)|versus|vs|than|limit"
    r"|within|under|below|naive|brute|instead of (?:linear|a linear|O\()|reduc\w{1,4}|from|space|memory|extra"
    r"|explain|why|prove|worst"
    r"|worst-case|measure|benchmark|if|when|unless|otherwise|preprocess\w{0,4}|build|building|construct"
    r"|amorti[sz]ed|log|count"
    r"|all|triples?|triplets?|three|queries|insert\w{0,4}|delet\w{1,4}|merg\w{1,4}|rotat\w{1,4}|unsorted"
    r"|traver\w{1,5}|sort(?:s|ing)?"
    r"|höchstens|nicht|kein\w{0,2}|besser|como máximo|mejor|no máximo|melhor|mieux|pas|au plus|al massimo|meglio"
    r"|не|лучше|максимум"
    r"|speicher|memoria|memória|mémoire|памят\w{1,2})\b|[≤<]|不超过|不能|优于|空间|最多|以内|以下|より|이하|보다|공간",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"[.!?](?=\s|$)|[。；;\n]")
_ANY = frozenset("o linear quadratic cubic scanning checking comparing every each one binary".split())  # noqa: SIM905

_SIGNS = (
    *("o(", "o (", "linear", "lineal", "quadr", "cubic", "scanning", "checking", "comparing", "visiting", "examining"),
    *("sequential", "one by ", "one after ", "binary search", " pair", "every other"),
)
"""In ASCII each demand holds one of these, in lower case."""


def demands_slower(prose: str, parents: tuple[str, ...]) -> str | None:
    """The words that demand a slower way than the parents name; None if none do."""
    if prose.isascii() and (distinct(prose).isdisjoint(_ANY) or not any(map(prose.lower().__contains__, _SIGNS))):
        return None
    for parent in parents:
        if holds(_LOGARITHMIC, parent):
            found = _demand(prose, _DEMANDED_LINEAR, _WORDS_LINEAR, keeps=_LOGARITHMIC)
        elif holds(_FAST, parent):
            found = _demand(prose, _DEMANDED_SQUARE, _WORDS_SQUARE, keeps=_FAST)
        else:
            continue
        if found is not None:
            return found
    return None


def _demand(prose: str, bound: re.Pattern[str], said: re.Pattern[str], *, keeps: re.Pattern[str]) -> str | None:
    dropped = re.sub(
        r"(?i)\b(?:without|instead of|not|avoid(?:ing)?|no) (?:using |use )?(?:an? |the )?[\w-]+(?: \w+)?", " ", prose
    )
    if keeps.search(dropped):
        return None
    for sentence in _SENTENCE.split(prose)[:40]:
        found = bound.search(sentence)
        if found and not _FAIR.search(sentence):
            return found[0]
    whole = said.search(prose)
    return None if whole is None else whole[0]
