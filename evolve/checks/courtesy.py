"""What adds nothing to a task, in ten languages: courtesy, "efficiently", "and print the result", comments, a test run.

Words that add nothing wherever they stand are in TRIVIAL; phrases that add nothing only as they are, in `bare`.
Invariant: nothing here forbids, limits, or names a thing to be handled.
"""

from __future__ import annotations

import re
from functools import lru_cache

from evolve.checks.spotting import holds, replace

TRIVIAL = frozenset(
    """efficient efficiently thank thanks whether hello hi dear
    bitte danke gegebene gegebenen gegebener gegebenes effizient effiziente effizienten effizienter effizientes saubere
    sauberen sauber gut gute guten korrekt korrekte der die das den dem des ein eine einer einen einem eines und mir uns
    favor gracias eficiente eficientes eficientemente correctamente dado dada el la los las un una uno que me por
    obrigado obrigada corretamente o um uma
    merci efficace efficaces efficacement correctement donnée donné le les une te vous plaît plait qui
    favore grazie efficiente efficienti efficientemente correttamente dato lo gli una che mi
    пожалуйста спасибо эффективно эффективную эффективный эффективная правильно заданный заданного данный мне
    효율적으로 효율적인 부탁합니다
    부탁드립니다 감사합니다 작성해 주세요 작성하세요 작성하시오 작성해주세요 올바르게 주어진
    """.split()  # noqa: SIM905
)
_RESULT = r"(?:the )?(?:final )?(?:result|results|output|outcome|answer)"
_TESTS = r"test (?:your|the) (?:code|function|solution|program|implementation)(?: (?:thoroughly|carefully|well))?"
_REMARKS = (
    r"(?:add|include|write|use|provide) (?:\w{1,12} ){0,2}?(?:comments|variable names|names|explanations?"
    r"|documentation)"
    r"(?: (?:where (?:necessary|needed|appropriate)|to (?:your|the) code|in (?:your|the) code|and (?:\w{1,12}"
    r" ){0,2}(?:comments|names)"
    r"|and add (?:\w{1,12} )?comments))?"
    r"|(?:comment|document|explain) (?:your|the) (?:code|function|solution|answer)(?: (?:well|clearly))?"
)
_CARE = (
    r"(?:make sure|ensure)(?: that)? (?:the|your|it|this) ?(?:code|function|solution|program)? (?:is|works|runs)"
    r" (?:(?:and|well|clean|correctly|properly|efficient|efficiently|readable|commented|documented|easy to"
    r" (?:read|understand)"
    r"|maintainable|correct|robust|as expected),? ?){1,8}"
)
_CHECKS = rf"(?:{_TESTS}|{_REMARKS}|{_CARE})"
_BARE = re.compile(
    rf"[,;]? ?\b(?:and|then|and then|finally) (?:print|prints|display|displays|show|shows|output|outputs|log) {_RESULT}"
    r"(?: (?:to|on|in) the (?:console|screen|terminal|standard output))?(?=[ .!]*(?:$|\n|\. ))"
    rf"|(?:^|(?<=[.!?\n]) ?)(?:please )?(?:print|display|show|output) {_RESULT}(?: (?:to|on|in) the (?:console"
    rf"|screen|terminal))?(?=[ ]?(?:[.!]|\n|$))[.!]*"
    r"|(?:^|(?<=[.!?\n]) ?)(?:please |also |and |then |remember to |do not forget to |don['’]t forget to |make"
    r" sure to |be sure to )*+"
    rf"{_CHECKS}(?=[.!]|\s*$|\n)[.!]*"
    r"|[,;]? ?\b(?:und|dann|und dann) (?:das ergebnis |die ausgabe )?(?:gib|drucke|zeige|ausgibt|ausgeben|anzeigt|gebe)"
    r"(?: (?:das|dieses) ergebnis)?(?: auf (?:der konsole|dem bildschirm))?(?: aus| an)?(?=[ .!]*$)"
    r"|,? ?\b(?:und das ergebnis (?:ausgibt|anzeigt))(?=[ .!]*$)"
    r"|[,;]? ?\b(?:y|e|et) (?:luego |depois |puis |poi )?(?:muestr[ae]|imprim[aei]\w{0,2}|mostr[ae]|exib[ae]"
    r"|affich\w{1,4}"
    r"|stamp[ai]\w{0,2}|mostri) (?:el|o|le|il|lo) (?:resultado|résultat|risultato)"
    r"(?: (?:na|en la|en|à l['’]|sullo|a|por) ?(?:tela|pantalla|écran|schermo|consola|console))?(?=[ .!]*$)"
    r"|\b(?:de manera|de forma|de maneira|de manière|in modo|auf) (?:eficiente|efficace|efficiente|effiziente weise)\b"
    r"|,? ?\bs['’]il (?:te|vous) pla[iî]t\b"
    r"|[,;]? ?\bи (?:выведи|выводит|вывести|напечатай|печатает|распечатай)\w{0,3} результат(?: на экран)?(?=[ .!]*$)"
    r"|[,，]?并?(?:且)?(?:打印|输出|显示)(?:出)?(?:最终)?结果|高效地?(?:的)?|有效率?地|谢谢[你您]?|麻烦[你您]?|给定的?"
    r"|(?:そして|また)?[、,]?結果を(?:表示|出力)(?:して(?:ください)?|する)?|効率的[にな]"
    r"|よろしくお願い(?:いたします|します)|与えられた"
    r"|[,]? ?(?:그리고 )?결과를 (?:출력|표시)(?:하세요|하시오|해 주세요|하는)?",
    re.IGNORECASE,
)
_SIGNS = re.compile(
    r"result|output|outcome|answer|test|comment|document|explain|names|sure|ensure|ergebnis|risultat|résultat"
    r"|efic|effic|effiz"
    r"|pla[iî]t|результат|结果|高效|有效|谢|麻|给定|結果|効率|よろしく|与え|결과",
    re.IGNORECASE,
)


_PRINTED = (
    rf" (?={_RESULT})(?:(?<=print )|(?<=prints )|(?<=display )|(?<=displays )|(?<=show )|(?<=shows )|(?<=output )"
    r"|(?<=outputs )|(?<=log ))"
)
_LOOKS = tuple(
    (signs, re.compile(pattern))
    for signs, pattern in (
        (("result", "outcome", "output", "answer"), _PRINTED),
        (("test the ", "test your "), _TESTS),
        (("comment", "names", "explanation", "document", "explain the ", "explain your "), _REMARKS),
        (("make sure", "ensure"), _CARE),
        (
            ("gib", "drucke", "zeig", "ausgeben", "gebe"),
            r"(?:gib|drucke|zeige|ausgibt|ausgeben|anzeigt|gebe)(?:[ .!]|$)",
        ),
        (("ficiente", "fficace", "ffiziente "), r"ef(?:f?ic(?:iente|ace)|fiziente )"),
        (("resultado", "risultato", "plait"), r"resultado|risultato|plait"),
    )
)
"""Each phrase in ASCII and lower case holds one of the signs, and what stands beside it: a cheap look, and a closer."""


def _may_hold(lower: str) -> bool:
    return any(any(map(lower.__contains__, signs)) and look.search(lower) for signs, look in _LOOKS)


@lru_cache(maxsize=32)  # of a parent and of its child, twice each
def bare(text: str) -> str:
    """The text without phrases that add nothing."""
    if text.isascii() and not _may_hold(text.lower()):
        return text
    return replace(_BARE, " ", text) if holds(_SIGNS, text) else text
