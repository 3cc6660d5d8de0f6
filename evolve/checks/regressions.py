"""Steps in the wrong direction: a worse bound demanded, faulty code ordered, less asked for than before.

WizardCoder's fourth heuristic shows wrong code and asks for right code; its fifth asks for a better bound. Models turn
both round (a public run: 12 -> 34 and 8 -> 26 rows of some 1,960). Invariant: only what is *ordered from the answerer*
counts. To explain, find, test or avoid faults is fair, and so is a slow bound as a limit, a history or a comparison.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Self

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.sabotage import SABOTAGE, SABOTAGE_FAIR, SABOTAGE_WORDS
from evolve.checks.slower import demands_slower
from evolve.checks.spotting import distinct, spots
from evolve.checks.vocabulary import FILLER, SYNONYMS, VAGUE, tokens
from evolve.markdown import page
from evolve.records import Finding

MOST = 50
"""Mentions that are looked at; no task has more, and each costs a look at its sentence."""


class Regression:
    name = "regression"
    version = 1
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        if not candidate.parents:
            return accept(self)
        prose = page(candidate.text).prose
        faulty = _orders_faults(prose)
        if faulty is not None:
            return reject(self, f"asks for faulty code: {faulty!r}")
        if not candidate.depth:
            return accept(self)
        slow = _demands_slow(prose, candidate.parents) or demands_slower(prose, candidate.parents)
        if slow is not None:
            return reject(self, f"demands a worse bound: {slow!r}")
        gone = _asks_less(candidate)
        return accept(self) if gone is None else reject(self, f"asks for less; gone: {', '.join(gone)}")


# -- faults ordered ----------------------------------------------------------------------------------------------------

_MAKE = (
    r"(?:write|create|implement|develop|build|provide|give|produce|generate|make|include|add|insert|introduce"
    r"|inject|embed|plant|"
    r"hide|leave|show|present|supply|return|submit|deliver|use|keep|offer)"
)
_FAULTY = (
    r"(?:erroneous|incorrect|buggy|faulty|flawed|broken|non-?working|misleading|defective|wrong|inefficient"
    r"|invalid|bug-ridden|"
    r"slow|sloppy|unoptimi[sz]ed|insecure|malfunctioning|suboptimal|error-prone|bad)"
)
_WORK = (
    r"(?:code|solution|implementation|program|function|script|snippet|algorithm|version|answer|query|approach|method"
    r"|class|logic)"
)
_FAULT = (
    r"(?:bugs?|errors?|mistakes?|flaws?|faults?|defects?|off-by-one errors?|vulnerabilit(?:y|ies)|memory leaks?|typos?"
    r"|race conditions?)"
)
_ON_PURPOSE = r"(?:intentional(?:ly)?|deliberate(?:ly)?|on purpose|purposely|purposefully|knowingly|subtle|subtly)"
_GLUE = r"(?:(?!\b(?:that|which|to|for|from|if|when|where|because|not|no|without|explain|find)\b)[\w'-]{1,20},? ){0,5}"

_FAULTS_PUT_IN = (
    rf"\b(?:introduce|inject|plant|hide|embed|insert|leave|include|put|add) {_GLUE}{_FAULT} (?:in|into|within|to"
    rf"|inside) "
    rf"(?:your|the|this|it|its|each) ?(?:\w{{1,20}} )?(?:{_WORK}|it)?\b"
    rf"|\b(?:your|the) (?:final )?{_WORK} (?:must|should|has to|needs to|is supposed to|ought to) "
    rf"(?:{_ON_PURPOSE} )?(?:(?:contain|include|have|exhibit) {_GLUE}(?:{_FAULT}|{_FAULTY} {_WORK})\b"
    rf"(?! (?:handl|check|report|detect|messag|log|code))|(?:be|produce|return|give) (?:{_ON_PURPOSE} )?{_FAULTY}"
    rf"(?: (?:results?|outputs?|answers?|values?))?(?=[.,;\n)]|$| (?:and|but|so)\b))"
)
_ORDERED = re.compile(
    rf"(?:^|[.!?:;,\n]\s{{0,3}}|\b(?:and|then|to|must|should|please|also|instead|will|shall|can|could|need to"
    rf"|have to|you)\s)"
    rf"(?:{_ON_PURPOSE} )?{_MAKE} (?:me |us )?{_GLUE}(?:{_ON_PURPOSE},? |is |are )?{_FAULTY}(?:,? (?:and |but "
    rf"|yet )?[\w-]{{1,20}})?"
    rf" (?:\w{{1,15}} )?(?:piece of |block of |bit of )?{_WORK}\b(?! (?:handl|detect|report|check|message|correct"
    rf"|fix|find))"
    rf"|\b{_MAKE} {_GLUE}{_ON_PURPOSE} {_GLUE}(?:{_FAULT}|{_WORK} that (?:fails|crashes|is wrong|does not work))\b"
    rf"|{_FAULTS_PUT_IN}"
    rf"|\b{_ON_PURPOSE} (?:write|make|implement|introduce|include|produce|create|use|add|leave|break"
    rf"|get) [^.\n]{{0,60}}"
    rf"\b(?:{_FAULT}|{_FAULTY})\b"
    rf"|\b(?:make|write|keep|leave) (?:it|the {_WORK}|your {_WORK}) (?:\w{{1,12}} )?(?:{_FAULTY}"
    rf"|as slow as possible|slower)\b"
    r"|\b(?:as (?:inefficient|slow|buggy)(?:ly)? as possible|in the (?:slowest|most inefficient"
    r"|least efficient) (?:\w{1,12} )?way)\b"
    r"|\b(?:use|using|choose|pick|implement|apply|take) (?:the|a) (?:slowest|most inefficient|least efficient)"
    r" (?:\w{1,12} )?(?:way|approach|method|algorithm|solution|technique)\b",
    re.IGNORECASE,
)
_ORDER_WORDS = frozenset(
    """erroneous incorrect buggy faulty flawed broken nonworking working misleading defective wrong inefficient
    inefficiently invalid bug bugs error errors mistake mistakes flaw flaws fault faults defect defects
    vulnerability vulnerabilities leak leaks typo typos race slow slower slowest sloppy unoptimized unoptimised
    insecure malfunctioning suboptimal bad intentional intentionally deliberate deliberately purpose purposely
    least""".split()  # noqa: SIM905
)
_ORDERED_PLAINLY = re.compile(_FAULTS_PUT_IN, re.IGNORECASE)
_PLAIN_WORDS = frozenset(
    """bug bugs error errors mistake mistakes flaw flaws fault faults defect defects vulnerability vulnerabilities leak
    leaks typo typos race""".split()  # noqa: SIM905
)
_NOT_PLAIN = (_ORDER_WORDS - _PLAIN_WORDS) | {
    *("ridden", "prone", "purposefully", "knowingly", "subtle", "subtly", "slowly", "buggyly")
}
"""Without one of these only the shorter pattern can match."""
_FAIR_BEFORE = re.compile(
    r"\b(?:explain|why|find|fix|debug|detect\w{0,4}|identify|spot|locate|repair|tests?|testing|unittest|pytest"
    r"|linter|analy[sz]er|avoid|without"
    r"|never|not|n['’]t|no|mutation|fuzz\w{0,4}|simulat\w{1,4}|demonstrat\w{1,4}|demo|compare|comparison"
    r"|benchmark|handler|handles?|handling|catch"
    r"|rejects?|game|quiz|refactor|improve|teach\w{0,4}|illustrat\w{1,4}|prevent|recover|tolerat\w{1,4}|raises?"
    r"|throws?|logs?|messages?|chaos"
    r"|instead of|rather than|if|when|whether|how|colleague|below|following)\b",
    re.IGNORECASE,
)
_FAIR_BEHIND = re.compile(
    r"\A[^.!?\n]{0,200}?\b(?:explain|why|then|fix(?:es)?|find|spot|identify|debug|detector|demonstrat\w{1,4}"
    r"|simulat\w{1,4}|to (?:show|test|teach)"
    r"|quiz|game|handler|handling|messages?|corrected|correct it|tests?|linter|versus|vs|along ?side|compare"
    r"|should be (?:rejected|reported|caught)"
    r"|as well as|detection|and (?:a|the|its) correct|next to|before and after|(?:is|are) (?:returned|raised"
    r"|thrown|reported|shown))\b"
    r"|\A[^.!?\n]{0,120}:",
    re.IGNORECASE,
)
"""What makes the mention of a fault fair, in the same sentence."""
_CJK_ORDERED = re.compile(
    r"(?:写|编写|提供|给出|生成|实现)(?:出)?(?:一段|一个|一份|一些)?(?:故意|带有?|含有?|包含)?(?:有)?(?:错误|缺陷"
    r"|漏洞|bug|低效|有问题)的?(?:代码|实现|程序|解法"
    r"|答案|函数|版本)"
    r"|故意(?:在[^。\n]{0,12})?(?:引入|加入|留下|写出|写错|植入|制造)|(?:代码|程序|函数|实现)(?:中|里)?(?:必须"
    r"|应该?|要|需要?)(?:故意)?(?:包含|含有|存在"
    r"|有)[^。\n]{0,6}(?:错误|缺陷|漏洞|bug)"
    r"|(?:わざと|意図的に)[^。\n]{0,20}(?:バグ|誤り|間違|エラー|非効率)|(?:バグ|誤り|間違い)のある(?:コード"
    r"|プログラム|関数|実装)を(?:書|作|実装|提供)"
    r"|(?:일부러|의도적으로)[^.\n]{0,20}(?:버그|오류|잘못|비효율)|(?:버그|오류)가 (?:있는|포함된) (?:코드"
    r"|프로그램|함수|구현)[을를] (?:작성|구현|제공|만드)",
    re.IGNORECASE,
)
_CJK_FAIR = re.compile(
    r"解释|为什么|找出|修复|修正|调试|检测|测试|避免|不要|说明|見つけ|修正|直し|説明|テスト|避け|なぜ|찾|고치"
    r"|수정|설명|테스트|피하|왜"
)
_LATIN_ORDERED = re.compile(
    r"\b(?:escrib|proporcion|cre[ae]|implement|inclu|escrev|forneç|scriv|fornisc|implementa|écri|fourni|inclu"
    r"|schreib|erstell|liefer|baue?|"
    r"напиши|создай|предоставь|добавь|введ)\w{0,5} (?:[^\s.]{1,20} ){0,4}?(?:(?:código|codice|code|programa"
    r"|programma|programme|función|função|"
    r"funzione|fonction|solución|solução|soluzione|solution|implementación|implementação|implementazione"
    r"|implémentation) (?:\w{1,15} )?"
    r"(?:erróne[oa]|incorrect[oae]?|defectuos[oa]|con errores|com erros|errad[oa]|incorret[oa]|defeituos[oa]"
    r"|errat[oa]|difettos[oa]|con errori"
    r"|con bug|erronée?|fautif|fautive|défectueu(?:x|se)|bogu[ée]e?|avec des erreurs|ineficiente|inefficiente"
    r"|inefficace)"
    r"|(?:fehlerhafte[nrsm]?|falsche[nrsm]?|ineffiziente[nrsm]?|kaputte[nrsm]?) (?:[\w-]{1,20} )?(?:Code|Programm"
    r"|Funktion|Lösung|Implementierung)"
    r"|(?:ошибочн|неправильн|неверн|неэффективн)\w{2,3} (?:код|программ|функци|решени|реализаци)\w{0,3}"
    r"|код\w? с ошибк\w{1,3})"
    r"|\b(?:a propósito|intencionalmente|intencionadamente|deliberadamente|intenzionalmente|di proposito"
    r"|volutamente|intentionnellement|"
    r"volontairement|délibérément|absichtlich|bewusst|намеренно|специально|умышленно)\b[^.\n]{0,50}\b(?:error"
    r"|erro|errore|errori|errores|erros|erreur|"
    r"bug|Fehler|ошибк|fallo|defeito|difetto|défaut|ineficiente|inefficiente|inefficace|ineffizient"
    r"|неэффективн)\w{0,3}\b",
    re.IGNORECASE,
)
_LATIN_WORDS = frozenset(
    """incorrecte erróneo errónea incorrecto incorrecta defectuoso defectuosa errores erros errado errada incorreto
    incorreta
    errato errata errori bug erroné erronée fautif fautive défectueux défectueuse bogué boguée erreurs
    ineficiente inefficiente inefficace fehlerhafte fehlerhaften fehlerhafter fehlerhaftes falsche falschen
    falscher falsches ineffiziente ineffizienten ошибочный ошибочную неправильный неправильную неверный неверную
    неэффективный неэффективную ошибками ошибкой propósito intencionalmente intencionadamente deliberadamente
    intenzionalmente proposito volutamente intentionnellement volontairement délibérément absichtlich bewusst
    намеренно специально умышленно""".split()  # noqa: SIM905
)
_LATIN_FAIR = re.compile(
    r"\b(?:explica|explique|por qué|por que|perché|pourquoi|warum|encuentra|encontre|trova|trouve|finde|corrig"
    r"|corregg|korrigier|behebe|sin|sem|"
    r"senza|sans|ohne|kein|nicht|evit|vermeid|объясни|почему|найди|исправ|без|избег|prueba|teste|test|тест|no|não"
    r"|non|не|dann|luego|puis)\w{0,6}\b",
    re.IGNORECASE,
)


def _orders_faults(prose: str) -> str | None:
    """The words that order faulty work from the answerer, None if none do."""
    plain = prose.isascii() and distinct(prose).isdisjoint(_NOT_PLAIN)
    for pattern, words, fair in (
        (_ORDERED_PLAINLY if plain else _ORDERED, _ORDER_WORDS, _fair),
        (_LATIN_ORDERED, _LATIN_WORDS, _latin_fair),
        (SABOTAGE, SABOTAGE_WORDS, _foreign_fair),
    ):
        for found in islice(spots(pattern, prose, words), MOST):
            if not fair(prose, found):
                return found[0].strip(" .,;:\n")
    if not prose.isascii():
        for found in islice(_CJK_ORDERED.finditer(prose), MOST):
            if not _CJK_FAIR.search(_sentence(prose, found)):
                return found[0]
    return None


def _fair(prose: str, found: re.Match[str]) -> bool:
    before = re.split(r"[.!?]\s|\n", prose[max(0, found.start() - 300) : found.start() + 3])[-1]
    before = before.rpartition(", but ")[2]  # what stands before it is of what the task is
    return bool(_FAIR_BEFORE.search(before) or _FAIR_BEHIND.search(prose[found.end() : found.end() + 300]))


def _latin_fair(prose: str, found: re.Match[str]) -> bool:
    return _LATIN_FAIR.search(_sentence(prose, found)) is not None


def _foreign_fair(prose: str, found: re.Match[str]) -> bool:
    return SABOTAGE_FAIR.search(_sentence(prose, found)) is not None


def _sentence(prose: str, found: re.Match[str]) -> str:
    """The sentence around a match, no more than 300 characters to either side."""
    begin, end = max(0, found.start() - 300), found.end() + 300
    before = re.split(r"[.!?。！？]\s|[。！？]|\n", prose[begin : found.start()])[-1]
    after = re.split(r"[.!?。！？](?:\s|$)|[。！？]|\n", prose[found.end() : end])[0]
    return before + found[0] + after


# -- bounds ------------------------------------------------------------------------------------------------------------

_SLOW = (
    r"(?:O ?\( ?(?:[nNmMkV] ?(?:\^|\*\*) ?\d|[nNmM] ?[²³⁴⁵]|n ?[*·×] ?n(?: ?[*·×] ?n)?|\d ?(?:\^|\*\*) ?\(?[nN]"
    r"|2ⁿ|[nN] ?!|n ?(?:\^|\*\*) ?n|exp ?\(n\))[^()\n]{0,20}\)?"
    r"|(?:exponential|quadratic|factorial|cubic|super-?polynomial|non-?linear)(?:[- ]time| (?:time )?complexity"
    r"| time| runtime| running time))"
)
_BOUND = re.compile(_SLOW, re.IGNORECASE)
_AND_WORSE = re.compile(
    rf"(?:{_SLOW},? (?:time |complexity )?(?:or|and) (?:worse|higher|slower|more|greater|above|larger)\b"
    rf"|\b(?:at least|no better than|not (?:be )?(?:better|faster|less|lower) than|worse than|slower than"
    rf"|greater than|higher than|"
    rf"a minimum of|not faster than|no faster than|no less than|exceed(?:s|ing)?(?! )|exceed(?:s"
    rf"|ing)? )\s?(?:an? |the )?"
    rf"(?:(?:time |worst-case |overall |runtime )?complexity (?:of )?)?{_SLOW}"
    rf"|\b(?:must|should|has to|have to|needs to|required to|only)\b[^.\n]{{0,60}}\b(?:exponential|quadratic"
    rf"|factorial|cubic)(?:[- ]time| "
    rf"(?:time )?complexity| time| runtime| running time)"
    r"|\b(?:至少|不低于|不优于)(?:为|是|达到)?[^。\n]{0,12}O\(n\^?[2-9²³]|(?:时间)?复杂度(?:必须|应当?|要|需)(?:为|是"
    r"|达到)?(?:至少)?O\(n(?:\^?[2-9²³]|!)\)或(?:更[高差慢])"
    r"|(?:指数|平方|阶乘)(?:级)?(?:时间)?复杂度)",
    re.IGNORECASE,
)
"""A slow bound as the least: no true task asks for that or worse."""
_BETTER = re.compile(
    r"\b(?:better|at most|no (?:worse|more|higher|slower|greater) than|exceed\w{0,4}|under|below|less|lower"
    r"|faster|improv\w{1,4}|reduc\w{1,4}"
    r"|avoid\w{0,4}|instead of|rather than|from|than|not|n['’]t|never|no|acceptable|allowed|fine|ok(?:ay)?|upper"
    r"|max(?:imum)?|within|up to"
    r"|limit\w{0,3}|compar\w{1,4}|versus|vs|both|explain|analy[sz]e|prove|why|naive|brute[- ]force|original"
    r"|current(?:ly)?|existing|beats?|space"
    r"|memory|extra|preprocess\w{0,4}|ideally|unless|cannot|otherwise|worst[- ]case|trade\w{0,4}|for (?:all"
    r"|small)|n ?≤)\b|≤|<=|<"
    r"|不超过|优于|以内|低于|最多|避免|不能|改进|优化|空间",
    re.IGNORECASE,
)
"""What makes a slow bound a limit, a history or a trade, in the sentence up to it or shortly behind it."""
_OF_BOUNDS = re.compile(r"\b(?:prove|show|explain|analy[sz]e|lower bound|instead|avoid|why|not|never)\b", re.IGNORECASE)
"""What speaks of a bound without demanding it."""
_REFUSED = re.compile(
    r"[,;:] ?(?:so |and |since )?[^,;:.\n]{0,30}\b(?:linear|fast|faster|quicker|better|efficient|optimal|logarithmic)\b"
    r"[^,;:.\n]{0,30}\b(?:not|n['’]t)\b[^,;:.\n]{0,20}\b(?:accept|allow|permit|enough|count)\w{0,6}",
    re.IGNORECASE,
)
"""Of a better solution, behind the bound: no fair word, for it makes the demand for a worse one all the plainer."""
_HISTORY = re.compile(
    r"\b(?:optimi[sz]\w{1,4}|is|has|runs?|takes?|given|works|which|that|currently|whose|if)\b", re.IGNORECASE
)
_NATURALLY_SLOW = re.compile(
    r"\b(?:matri\w{1,4}|pairs?|pairwise|permutations?|combinations?|subsets?|power ?set|all[- ]pairs|graph|floyd"
    r"|warshall|shortest paths?|grid|2d|"
    r"two-dimensional|nested|bubble|insertion sort|selection sort|queens?|triplets?|3sum|4sum|quadruplets?"
    r"|substrings?|subsequences?|palindrom\w{1,4}|edit distance|"
    r"levenshtein|knapsack|dynamic programming|brute|salesman|tsp|sudoku|backtrack\w{0,3}|sat|table|triangle"
    r"|board|image|convolution|closest|"
    r"intersections?|subarrays?|exhaustive\w{0,2}|partition\w{0,3}|coloring|hamiltonian|hanoi|n-body|collisions?"
    r"|chess|maze|tiling|game|cross|cartesian|"
    r"bitmask|minimax|inversions?|gaussian|determinant|multiplication|convex|polygon|parenthes[ie]s|"
    r"cubes?|squares?|string matching|join|pattern|pyramid|rows|columns)\b|排列|组合|矩阵|图|动态规划|子集|子序列"
    r"|子串|冒泡|棋盘|背包",
    re.IGNORECASE,
)
"""Tasks whose natural bound is a square or more, as far as words tell."""
_ORDERS_BOUND = re.compile(
    r"\b(?:must|should|shall|ha(?:s|ve) to|needs? to|required to|ensur(?:e|ing)|guarantee|make sure)\b[^.\n]{0,80}$",
    re.IGNORECASE,
)
_ASKS_BOUND = re.compile(
    r"\b(?:in|with an? (?:[\w-]{1,12} ){0,2}(?:complexity|running time|runtime) of) (?:exactly )?$", re.IGNORECASE
)
_BOUND_WORDS = frozenset(
    """o exponential quadratic factorial cubic superpolynomial nonlinear complexity""".split()  # noqa: SIM905
)


def _demands_slow(prose: str, parents: tuple[str, ...]) -> str | None:
    """The words that demand a bound which is no demand, None if none do."""
    if prose.isascii() and distinct(prose).isdisjoint(_BOUND_WORDS):
        return None
    bounds = list(islice(spots(_BOUND, prose, _BOUND_WORDS), MOST))
    if prose.isascii() and not bounds:  # the other pattern holds this one, except in Chinese
        return None
    found = spots(_AND_WORSE, prose, _BOUND_WORDS) if prose.isascii() else _AND_WORSE.finditer(prose)
    least = next((match for match in islice(found, MOST) if not any(match[0] in parent for parent in parents)), None)
    if least is not None and not _OF_BOUNDS.search(_REFUSED.sub("", _sentence(prose, least))):
        return least[0]
    asked = next((found[0] for found in bounds if _demanded(prose, found)), None)
    if asked is None or any(_BOUND.search(parent) or _NATURALLY_SLOW.search(parent) for parent in parents):
        return None
    return None if _NATURALLY_SLOW.search(prose) else asked


def _demanded(prose: str, bound: re.Match[str]) -> bool:
    """Whether the sentence orders a solution of just this bound."""
    before = re.split(r"[.!?]\s|\n", prose[max(0, bound.start() - 300) : bound.start()])[-1]
    behind = re.split(r"[.!?](?:\s|$)|\n", prose[bound.end() : bound.end() + 60])[0]
    if _BETTER.search(before) or _BETTER.search(behind):
        return False
    return bool(_ORDERS_BOUND.search(before) or (_ASKS_BOUND.search(before) and not _HISTORY.search(before)))


# -- less asked for ----------------------------------------------------------------------------------------------------

_NOTHING = (
    FILLER | VAGUE | {"simple", "simpler", "basic", "easy", "easier", "plain", "short", "shorter", "quick", "small"}
)


def _asks_less(candidate: Candidate) -> list[str] | None:
    """The telling words that a child lost which says nothing new; None unless it lost three, a quarter of them."""
    known = set().union(*(distinct(parent) for parent in candidate.parents))
    mine = distinct(candidate.text)
    if any(SYNONYMS.get(t, t) not in known for t in mine - known - _NOTHING):
        return None
    prose = [t for parent in candidate.parents for t in tokens(page(parent).prose)]
    before = {t for t in prose if t not in _NOTHING and t not in SYNONYMS and not t.isdigit()}
    gone = sorted(t for t in before if t not in mine)
    return gone[:8] if len(gone) >= 3 and len(gone) >= 0.25 * len(before) else None
