"""Words that say little, by language, and the tokens that checks count. Data and counting alone: no verdict here.

Invariant: no list holds a word that forbids or limits ("not", "only", "without", "all" and their like in any language),
for such a word is a requirement by itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from evolve.text import words

FILLER = frozenset(
    """a an the of in on at to for from by with and but if then than so as is are was were be been it its this that
    these those there here you your we our i my me he she they them their which who whom whose what when where why how
    can could should would will shall may might must do does did done have has had also just some such using use used
    make given please ensure new way""".split()  # noqa: SIM905
)
"""English words that add no requirement by themselves. The built-in embedder weighs by them: a change here is a change
of its vectors."""

VAGUE = frozenset(
    """accordingly accurate accurately actually adequate adequately appropriate appropriately approach basically best
    careful carefully certain clarity clean cleanly clear clearly comprehensive concise considered correct correctly
    correctness crucial desired developer developers effective effectively elegant essential everything excellent
    expected fully goal good great high highly important importance indeed job kindly maintainable maintainability
    manner meaningful meet meets mind necessary needed needs neat nice overall own perfect perfectly please possible
    practice practices proper properly quality quite readability readable really reliable reliably remember required
    requirement requirements right robust robustness simply solid solution sound standard standards strong suitable
    suitably sure task thing things thorough thoroughly thought today truly understandable useful valuable various very
    well whole work working works world written""".split()  # noqa: SIM905
)
"""English words of advice that no answer could be held to: it cannot be tested that code is clean and well thought."""

SYNONYMS: Mapping[str, str] = {
    **dict.fromkeys(
        ("create", "develop", "implement", "build", "construct", "craft", "compose", "produce", "code"), "write"
    ),
    **dict.fromkeys(("method", "routine", "procedure"), "function"),
    **dict.fromkeys(("script", "programme", "application"), "program"),
    "item": "element",
    "items": "elements",
    "big": "large",
    "display": "print",
    "output": "print",
    "show": "print",
    "find": "determine",
    "compute": "calculate",
}
"""A word for another one that asks for the same in almost any coding task."""

FUNCTION_WORDS: Mapping[str, frozenset[str]] = {
    language: frozenset(listed.split())
    for language, listed in {
        "English": "the of to and that with for from this which should be is are it an write a in as by or when if "
        "each its their must your you into using then than have has was will can where given following returns return",
        "Spanish": "el los las del que una para por con escribe escriba crea cree como cada más su sus esta este debe "
        "deben función cadena lista número números y es al cuando si además también utilizando usando programa dado",
        "French": "le les des du une qui que dans pour avec écrivez écris créez crée est sont par sur cette ce ces "
        "doit doivent chaque fonction chaîne liste nombre nombres et au aux vous votre si lorsque également aussi "
        "puis donnée",
        "German": "der die das den dem des ein eine einer einen einem eines und mit für von zu im ist sind wird werden "
        "schreibe schreiben sie erstelle erstellen auf aus bei nach soll sollte muss jede jeder jedes wenn zahl "
        "zahlen "
        "oder sich zur zum als auch dass funktion liste zeichenkette programm",
        "Portuguese": "os das dos uma um para com que em no na nos nas escreva crie por pelo pela ao cada deve devem "
        "função cadeia lista número números e é são seu sua se quando mais também usando utilizando programa dado",
        "Italian": "il gli della delle dello dei degli una un per con che di nel nella scrivi scrivere crea è sono "
        "come ogni deve devono funzione stringa lista numero numeri e al alla dal dalla se quando più anche inoltre "
        "usando utilizzando programma dato questo questa",
        "Dutch": "de het een van en met voor die dat op in is zijn schrijf maak naar elke elk moet moeten functie "
        "lijst getal getallen als wordt worden ook door uit deze bij te om programma",
        "Polish": "i w na z do że się jest nie napisz funkcję program który która które dla oraz listę liczb "
        "liczby każdy każdego jeśli powinien powinna przez tak aby lub od jako po ma",
        "Turkish": "bir ve bu için ile olan yazın yaz veya her gibi olarak de da fonksiyon program liste sayı "
        "sayıların döndüren alan verilen bunu daha en kadar eğer",
        "Vietnamese": "một và của các cho là với được trong có viết hàm chương trình danh sách số để từ khi nếu này "
        "những",
        "Indonesian": "yang dan di dari untuk dengan sebuah dalam pada ini itu tulis tuliskan buat fungsi daftar "
        "bilangan setiap jika atau harus akan ke oleh adalah",
    }.items()
}
"""The commonest words of languages in Latin letters, those of coding tasks among them; for telling languages apart."""

_CJK = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_TOKEN = re.compile(rf"[{_CJK}]|[^\W{_CJK}]++")
CJK_CHARACTERS_A_WORD = 1.7
"""Chinese and Japanese characters that say as much as one English word (translations of technical prose: 1.5 to 2)."""


@lru_cache(maxsize=32)  # several checks read the same text one after the other
def tokens(text: str) -> tuple[str, ...]:
    """Lower-case words in order; of Chinese and Japanese, which put no space between words, single characters."""
    return tuple(cut(text))


def cut(text: str) -> list[str]:
    """The same, not remembered: for text that is read once, such as a sentence."""
    return words(text) if text.isascii() else _TOKEN.findall(text.lower())


def length(found: Iterable[str]) -> float:
    """Of tokens, in words of English prose."""
    listed = list(found)
    if not listed or max(listed) < "\u3040":
        return float(len(listed))
    cjk = sum(1 for token in listed if len(token) == 1 and token >= "\u3040" and not token.isdigit())
    return len(listed) - cjk + cjk / CJK_CHARACTERS_A_WORD


ADVICE = VAGUE | frozenset(
    """additionally advice always amazing ask asked become behind career challenge challenges choose classic code coding
    colleague colleagues come common commonly community concept concepts consider considering countless course daily
    day decades deep demonstrate dive engineer engineers engineering enjoy ensure ensuring especially every everyday
    everyone everywhere excellence exciting expect experience explain explore fascinating fast feel field follow
    following forget foundation fun fundamental furthermore future grow happy hand help helpful however idea ideas
    imagine industry interesting interview journey just keep knowledge learn learning let life like look love luck make
    makes making many master matter matters maybe modern more moreover most much never note now often one opportunity
    others paced part people pride problem problems professional professionally professionals program programmer
    programmers programming project projects read real realm remind review say see seem skill skills software someone
    start success successful take team think thinking time times tip together topic topics try turn understand
    understanding various vast versatile want way ways widely wish without wonder wonderful worry worth years yourself
    """.split()  # noqa: SIM905
)
"""English words that talk about programming, or to the programmer, and not of a task. Each of them is met in tasks
too; a sentence of little else is not."""

FOREIGN_ADVICE = re.compile(
    r"代码质量|高质量|最佳实践|可读性?|易读|易懂|可维护性?|维护|认真|仔细|非常|重要|务必|清晰|规范|思考|理解|优秀"
    r"|良好"
    r"|品質|丁寧|読みやす|分かりやす|わかりやす|保守|大切|重要|注意深|考え|理解|ベストプラクティス|必ず|素晴らし|頑張"
    r"|(?<!\w)(?:importante|calidad|qualidade|qualità|qualité|cuidado|cuidadosamente|attentivamente|soigneusement"
    r"|sorgfältig|wichtig|qualität|lesbar\w{0,6}|legible|legível|leggibile|lisible|limpio|limpo|pulito|propre|sauber"
    r"|buenas|prácticas|práticas|pratiche|pratiques|bonnes|recuerda|recuerde|lembre|ricorda|rappelez|wartbar\w{0,4}"
    r"|mantenible|excelencia|excelência|eccellenza|excellence|важн\w{1,4}|качеств\w{1,3}|внимательн\w|тщательн\w"
    r"|чист\w{2,3}|читаем\w{2,4}|понятн\w{2,3}|помните|хорош\w{2,3}|중요\w{0,4}|품질\w{0,2}|신중\w{0,3}|깔끔\w{0,3}"
    r"|가독성\w{0,2}|이해\w{0,4}|반드시|훌륭\w{0,3})(?!\w)",
    re.IGNORECASE,
)
"""The same in other languages: what praises quality, care and legibility."""
