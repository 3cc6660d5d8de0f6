"""The answer in the question: an instruction that contains its own full solution.

Whoever learns from such a row learns to copy. Evidence is a *cue*, a heading or sentence that announces a solution or the
corrected version, with a *body* behind it: code that does something and is not the parent's, or text. Code alone is no
evidence: tasks show code to mend, to translate, to test, to start from, or to be led astray by. So a cue that speaks
of a faulty, present or unfinished piece announces none, and under the operator that shows faulty code on purpose only
a correction does.

Invariant: it reads the instruction alone, since it runs before an answer is paid for. It does not run code, so it
cannot tell whether an unannounced piece would solve the task.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Self

from evolve.eliminator import rewriting
from evolve.eliminator.candidate import Candidate, Context, Subject, accept, reject
from evolve.eliminator.markdown import Page, page
from evolve.records import Finding
from evolve.text import words

MISLEADING = "misleading_code"
"""The operator whose candidates show wrong code, and may call it a solution."""
CARRIED = 0.8
"""Share of a body's lines from which it counts as the parent's own: a renamed variable or a mended line is not new code.
Of the recorded bodies behind a cue, none lies between 0.5 and 0.9."""
AROUND = 6
"""Lines before a cue in which an example that it belongs to is announced."""
REACH = 60
"""Lines behind a cue that are looked at."""
SHORT = 60
"""Characters of a line that may be a heading without a mark."""
LONG = 200
"""Characters of the longest announcement."""
HEAD = 600
"""Characters in which a task names what it wants."""
SHOWN = 20
"""Blocks that are looked at."""
ASKS = 200
"""Characters in which a task says what it wants."""
ESSAY = 12
"""Words from which text behind a heading explains something."""

_RIGHT = r"(?:correct(?:ed)?|fixed|right|proper|repaired|debugged|bug-?free)"
_WHOLE = (
    r"(?:(?:an?|the|my|your|one|full|complete|possible|sample|example|model|reference|proposed|suggested|final|optimal|efficient"
    r"|expected|official|simple|clean|correct|working|python|java|javascript|sql|c\+\+) ){0,4}"
)
_CODE = r"(?:code|version|implementation|function|program|query|script|snippet|class|approach|line|method)"
_BEFORE = r"[\s#>*_=\-\d.)]{0,12}"
_AFTER = r"[ \t*_]{0,4}(?:#+|[:：])?[ \t*_#]{0,6}"

_ENGLISH_CORRECTED = rf"(?:with (?:that|this|it|the \w+) (?:repaired|fixed|corrected|mended|put right|out of the way)|after (?:the|this|that) (?:fix|correction|repair)|(?:repaired|mended|corrected|fixed)|(?:here(?:['’]s| is) )?(?:an? |the |my )?{_RIGHT} (?!the\b|this\b|my\b|following\b)(?:[\w.+-]+ ){{0,2}}{_CODE}(?: (?:is|should be|would be|looks|reads)(?: as follows| like this)?)?)"
_ENGLISH_SOLVED = (
    rf"{_WHOLE}(?:solution|answer(?: key)?|solution code|code solution|corrections?|(?<=proposed )fix|(?<=the )fix|(?<=suggested )fix)(?: (?:code|in [\w+#]+))?"
    r"|(?:full|complete|final|working|sample) (?:[\w+#]+ )?(?:implementation|code|version)"
)
_ENGLISH_SAID = (
    rf"here(?:['’]s| is) {_WHOLE}(?:[\w.+-]+ ){{0,2}}(?:solution|implementation|answer)\b[^\n:]{{0,80}}"
    r"|(?:it|this|that|the (?:task|problem|function|class)) can be (?:done|solved|implemented|achieved|written|fixed|accomplished)"
    r" (?:like (?:this|so)|as follows|as below|(?:with|by|using) the following[^\n:]{0,60}|in the following way|this way)"
    r"|(?:one|a|the|my) (?:possible |simple |common |good |correct |efficient |full |complete )?(?:solution|implementation|answer|way to (?:do|solve|implement) (?:it|this|that))"
    r" (?:is|would be|could be|might be|looks|could look|might look|would look)[^\n:]{0,60}"
    r"|(?:you|we|one) can (?:do|solve|implement|achieve|write|fix) (?:it|this|that|the (?:task|problem|function))"
    r" (?:like (?:this|so)|as follows|(?:with|by|using) the following[^\n:]{0,60}|in the following way|this way)"
    r"|the following (?:code|function|program|implementation|solution|query) (?:solves|accomplishes|achieves|satisfies|meets|fulfils|fulfills)[^\n:]{0,80}"
    r"|the (?:correct|right) (?:way|answer|solution|fix)[^\n:]{0,40} is"
    r"|here(?:['’]s| is) (?:the|an?|my) (?:updated|revised|modified|improved|optimi[sz]ed|working|refactored|finished|final|complete) (?:\w+ )?(?:code|function|program|script|class|query)"
    r"|(?:now,? )?let(?:['’]s| us) (?:implement|write|code) (?:this|it|the solution)[^\n:]{0,40}"
)

_SOLVED = {
    "es": r"soluci[óo]n|respuesta|implementaci[óo]n completa",
    "pt": r"solu[çc][ãa]o|resposta|implementa[çc][ãa]o completa",
    "fr": r"solution|r[ée]ponse|corrig[ée]|impl[ée]mentation compl[èe]te",
    "de": r"(?:muster|beispiel)?l[öo]sung|antwort|vollst[äa]ndige implementierung",
    "it": r"soluzione|risposta|implementazione completa",
    "ru": r"решение|ответ|(?:полная |готовая )реализация",
    "zh": r"(?:参考|參考|完整|正确|正確|示例|标准|標準)?的?(?:答案|解答|解决方案|解決方案|解法|题解|題解)|参考实现|參考實作|完整代码|完整實作",
    "ja": r"(?:模範)?(?:解答例?|回答例?|正解|解決策|答え)|実装例|完全な実装",
    "ko": r"정답|해답|풀이|(?:모범 )?답안|해결(?: ?방법|책)|전체 (?:코드|구현)",
}
_CORRECTED = (
    r"(?:c[óo]digo|versi[óo]n|implementaci[óo]n) (?:corregid[oa]|correct[oa])",
    r"(?:c[óo]digo|vers[ãa]o|implementa[çc][ãa]o) (?:corrigid[oa]|corret[oa])",
    r"(?:code|version|impl[ée]mentation) (?:corrig[ée]e?|correcte?)",
    r"(?:korrigierte|korrekte|richtige)[rn]? (?:code|quelltext|version|implementierung|fassung|l[öo]sung)",
    r"(?:codice|versione|implementazione) corrett[oa]",
    r"(?:исправленн|правильн|корректн)\w{2,3} (?:код|верси\w|реализаци\w|решение|вариант)",
    r"(?:修正|更正|改正|修复|修復|正确|正確)(?:后|後)?的?(?:代码|代碼|程式碼|版本|实现|實作|写法)",
    r"(?:修正(?:後|版|した|済み)?|正しい)の?(?:コード|実装|バージョン|版)",
    r"(?:수정된|올바른|정확한|고친) (?:코드|구현|버전)",
)
_IS = r"(?: (?:es|ist|est|è|é|lautet|sieht so aus|ser[íi]a|serait|w[äa]re|sarebbe|seria|выглядит так|такой|такая|таков)|是|如下|です|は(?:次|以下)のとおり|는 다음과 같(?:습니다|다))?"
_HERE = "|".join(each.here for each in (*rewriting.LATIN, *rewriting.OTHER_SCRIPTS))
_ANY_SOLVED = "|".join(_SOLVED.values())
_ANY_CORRECTED = "|".join(_CORRECTED)
_SO = (
    r"(?:\w+ ){0,3}(?:se puede|puede|pode|peut|kann|si pu[òo]|можно)[^\n:.]{0,50} (?:as[íi]|assim|da seguinte forma|de la siguiente manera|comme (?:suit|ceci)"
    r"|folgenderma[ßs]{1,2}en|so (?:l[öo]sen|umsetzen|implementieren|gel[öo]st werden|machen)|wie folgt[^\n:.]{0,30}|cos[ìi]|nel modo seguente|так|следующим образом)"
    r"|可以(?:这样|這樣|如下|按如下)[^\n：:。]{0,20}|次のように[^\n：:。]{0,20}(?:できます|書けます|なります)|다음과 같이 [^\n:.]{0,30}수 있(?:습니다|다)"
)

CORRECTED = re.compile(
    rf"{_BEFORE}(?:{_ENGLISH_CORRECTED}|(?:(?:{_HERE})[^\n:：.]{{0,30}}?|(?:der|die|das|el|la|le|il|lo|o|a) )?(?:{_ANY_CORRECTED}){_IS}){_AFTER}$",
    re.IGNORECASE,
)
"""A line that announces a correction: what no task shows, whatever it says of the faulty piece."""
SOLVED = re.compile(
    rf"{_BEFORE}(?:{_ENGLISH_SOLVED}|{_ENGLISH_SAID}|(?:(?:{_HERE})[^\n:：.]{{0,30}}?|(?:der|die|das|el|la|le|il|lo|o|a) )?(?:{_ANY_SOLVED}){_IS}|{_SO}){_AFTER}$",
    re.IGNORECASE,
)
"""A line that announces a solution."""
LABEL = re.compile(
    rf"{_BEFORE}(?:{_WHOLE}(?:solution|answer)|{_ANY_SOLVED})[*_ ]{{0,4}}[:：][*_ ]{{0,4}}(?=\S)",
    re.IGNORECASE,
)
"""The same with the solution on its own line."""
EXPLAINED = re.compile(
    rf"{_BEFORE}(?:(?:detailed |further )?explanation(?: of the (?:code|bug|error|output|solution))?|explicaci[óo]n|explica[çc][ãa]o"
    rf"|explication|erkl[äa]rung|spiegazione|объяснение|解释|解釋|解说|説明|解説|설명|해설){_AFTER}$",
    re.IGNORECASE,
)
_ASKS_TO_EXPLAIN = re.compile(
    r"\b(?:explain|describe|debug|identify|predict|determine|classify|what (?:does|is|will|would|are|happens|do|error)|why (?:does|is|do)"
    r"|find (?:the|any|and) (?:\w+ )?(?:bug|error|mistake|fix)|explica|explique|erkl[äa]re|beschreibe|spiega|объясни|опиши)"
    r"|解释|解釋|説明し|설명(?:하|해)|何を|什么|什麼",
    re.IGNORECASE,
)
_EXAMPLE = re.compile(
    r"\b(?:examples?|inputs?|outputs?|sample|test cases?|question|q\d?|expected|ejemplo|exemplo|exemple|beispiel|esempio|entrada|salida"
    r"|sa[íi]da|entr[ée]e|sortie|eingabe|ausgabe|пример|ввод|вывод)\b|示例|例子|输入|输出|入力|出力|例[:：]|예시|입력|출력|问题[:：]|問題[:：]",
    re.IGNORECASE,
)
_NO_SOLUTION = re.compile(
    r"\b(?:in-?correct|wrong|fault|faulty|erroneous|flawed|broken|bugs?|buggy|mistakes?|errors?|misleading|attempt|naive|naïve|brute|slow|inefficient"
    r"|incomplete|partial|unfinished|sub-?optimal|current|existing|old|legacy|initial|first draft|our|my|starter|skeleton|template|stub|draft"
    r"|student|colleague|junior|submitted|does(?: not|n['’]t)|fails?|not work|candidate|without|should|must|needs?|tests?|usage|interface"
    r"|incorrect[oa]s?|err[óo]ne[oa]s?|err[ao]d[oa]|defectuos[oa]|faux|fausse|fehlerhaft\w*|falsch\w*|naive\w*|sbagliat[oa]|errat[oa]|debe|deve|doit|muss|soll"
    r"|неправильн\w*|ошибочн\w*|неверн\w*|ошибк\w*|должн\w*)\b|错误|錯誤|有误|有誤|不正确|间违|間違|誤った|誤り|バグ|不完全|잘못|오류|틀린|버그|应|應|必须|必須|べき|해야",
    re.IGNORECASE,
)
_DOUBT = re.compile(
    r"\b(?:bugs?|buggy|mistakes?|faulty|incorrect|wrong|flaw\w*|misleading|inefficient|too slow|naive|vulnerab\w+|fails"
    r"|(?:fix|debug|refactor|optimi[sz]e|improve|rewrite|translate|convert|port|explain|review|extend|modify|complete|test|benchmark|document"
    r"|analy[sz]e|simplify|profile|parallelize|speed up|adapt|use|call|find|identify) (?:it\b|this|that|the (?:above|code|function|class|implementation|solution|bug|error|snippet)|its))"
    r"|corrig|optimiz|verbesser|fehler|erreur|errore|ошибк|исправ|оптимиз|错误|錯誤|修复|修復|优化|優化|重构|バグ|誤り|修正し|最適化|오류|버그|최적화",
    re.IGNORECASE,
)
"""Prose beside a piece of code that makes it something to work on."""
_STUB = re.compile(
    r"\bpass\b|\.\.\.|…|\bTODO\b|NotImplemented|unimplemented!|todo!|your (?:code|solution|implementation|answer)|implement (?:this|me|here)"
    r"|\bFIXME\b|to be (?:implemented|completed)|fill in|tu c[óo]digo|seu c[óo]digo|votre code|dein code|il tuo codice|ваш код|你的代码|在此|ここに|여기에",
    re.IGNORECASE,
)
_CODE_LINE = re.compile(
    r"\s*(?:def |class |function |return\b|import |from \w|#include|public |private |static |const |let |var |for ?\(|for \w|if |if\(|while |else\b|elif "
    r"|SELECT |INSERT |UPDATE |WITH |FROM |WHERE |CREATE |print\(|console\.|System\.|[}\]]|[\w.\[\]\"']{1,60} ?[+*/-]?= ?\S|[\w.]{1,60}\()"
    r"|.{0,200}[;{]\s*$"
)
_COMMENT = re.compile(r"\s*(?:#(?!include)|//|/\*|\*|--|<!--|\"\"\"|''')")
_SIGNATURE = re.compile(r"\s*(?:def |class |function |public |private |static |@|[{}]|import |from |#include|using |package |interface )")
_SAYINGS = (
    "does it:", "the job:", "the trick:", "will do:", "will do it:", "solves it:", "solves this:", "the task:", "the problem:",
    "suffices:", "it takes:", "is needed:", "you need:",
)  # fmt: skip
_SAID = re.compile(
    r"\b(?:does (?:it|the job|the trick)|do the (?:job|trick)|will do(?: it)?|solves (?:it|this|the (?:task|problem))|suffices"
    r"|is all (?:it takes|that is needed|you need)):[ \t]{0,4}(?=[^\n]{0,200}[(={;])[^\n]{15,200}",
    re.IGNORECASE,
)
_SPAN = re.compile(r"`([^`\n]{8,300})`")
_STATEMENT = re.compile(r"\breturn \S|\w ?=>|[^=!<>]=[^=]|\bfor ?\(|\bfor \w+ in |\bwhile ?\(|;$")
SPANS = 3
"""Statements in sentences that make a solution."""
_DEFINED = re.compile(
    r"^[ \t]*(?:(?:export|async|pub|public|private|protected|static|final|inline|const|def|fn|func|function|fun|sub|int|void|bool|boolean|long"
    r"|double|float|string|String|auto|let|var)\b[ \t*&]*){1,6}+([A-Za-z_]\w{1,60}) ?(?:\(|= ?(?:\(|async|function|lambda))",
    re.MULTILINE,
)
_ASKED = re.compile(
    r"\b(?:write|implement|create|develop|provide|design) (?:an? |the )?(?:(?!tests?\b|for\b|of\b|wrapper|decorator|benchmark)[\w+#-]{1,20} ){0,3}"
    r"(?:function|method|procedure|fn|routine)[,:]? (?:named |called |with the signature )?`[^`\n]{0,80}?\b(\w{2,60})(?:\([^`\n]{0,120})?`",
    re.IGNORECASE,
)
"""The name under which a task wants its solution."""
_WORKED_ON = re.compile(
    r"\b(?:bugs?|buggy|mistakes?|fault\w*|incorrect\w*|wrong\w*|flaw\w*|broken|attempts?|naive|slow\w*|inefficient|existing|current\w*|legacy|starter|stub"
    r"|skeleton|signature|start(?:ing)? (?:from|with)|extend|refactor|re-?write|optimi[sz]e|improve|faster|replace|port|translate|convert|equivalent|fix|debug"
    r"|complete|finish|fill|mirror|behaves? (?:like|as)|same as|like th[eia]\w*|generali[sz]e|adapt|modify|change|baseline|brute|draft|today|so far|fails|loses|unit tests?|tests? (?:for|of|the|this|it)|pytest|explain (?:what|how|why|the|this)|review"
    r"|fehler\w*|err[óo]ne\w+|incorrect[oa]|ошиб\w+|faux|fausse|errat\w|sbagliat\w)\b|错误|錯誤|有误|间違|間違|誤り|バグ|오류|버그",
    re.IGNORECASE,
)
"""Reasons for which a task may show code under the name that it asks for."""
_WRONG = re.compile(r"\b(?:bugs?|buggy|mistakes?|fault\w*|incorrect\w*|wrong\w*|flaw\w*|broken|attempts?|fails|fix|debug)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:both|two|either|neither|each|which|compare|attempts|versions|implementations|three|several|another attempt)\b", re.IGNORECASE)
GATE = frozenset(
    """solution answer implementation full complete final working sample updated revised modified improved optimized optimised
    refactored finished let like way follows below following correct corrected fixed right repaired mended done solved achieved
    implemented correction corrections explanation solución solucion respuesta código codigo versión así solução solucao
    resposta versão assim réponse reponse corrigé corrige corrigée correct suit ceci lösung loesung musterlösung beispiellösung
    antwort korrigierte korrekte richtige korrigierter vollständige so folgt folgendermaßen soluzione risposta codice versione
    così implementazione explicación explicação explicação explication erklärung spiegazione""".split()  # noqa: SIM905
)
"""Words of which a line in Latin letters holds one if it announces anything."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Body:
    """What follows a cue."""

    text: str
    code: bool


class AnswerLeak:
    name = "answer_leak"
    version = 1
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        text = candidate.text
        parts = page(text)
        found = next(chain(_leaks(candidate, parts), _spoken(candidate, parts)), None)
        return reject(self, found) if found else accept(self)


def _leaks(candidate: Candidate, parts: Page) -> Iterator[str]:
    lines = candidate.text.splitlines()
    announcing = [(at, line) for at, line in enumerate(lines) if _may_announce(line)]
    if not announcing:
        return
    fenced = _fenced(parts)
    own = {line.strip() for parent in candidate.parents for line in parent.splitlines()}
    for at, line in announcing:
        if at in fenced or line.strip() in own:
            continue
        cue = _last_sentence(line)
        if CORRECTED.match(cue):
            if _does_something(_body(lines, at + 1, fenced), own, least=1) and not _NO_SOLUTION.search(cue):
                yield f"announces a correction: {cue.strip()!r}"
        elif SOLVED.match(cue):
            if not _NO_SOLUTION.search(cue) and _is_solution(candidate, lines, at, fenced, own):
                yield f"announces a solution: {cue.strip()!r}"
        elif (label := LABEL.match(line)) and not _NO_SOLUTION.search(label.group()):
            if _is_text(line[label.end() :], lines, at, least=4):
                yield f"gives the answer: {shortened(line)!r}"
        elif EXPLAINED.match(cue) and _ASKS_TO_EXPLAIN.search(parts.prose[:ASKS]):
            if _is_text(_body(lines, at + 1, fenced).text, lines, at, least=ESSAY):
                yield f"explains what it asks to be explained: {cue.strip()!r}"


def _may_announce(line: str) -> bool:
    """A cheap look before the dear ones: a mark of a heading or of an announcement, and a word of one."""
    if not (":" in line or "：" in line or line.lstrip()[:1] in {"#", "*", "_", ">"} or 3 < len(line) < SHORT):
        return False
    return not line.isascii() or not GATE.isdisjoint(_WORD.findall(line[-LONG:].lower()))


def _is_solution(candidate: Candidate, lines: Sequence[str], at: int, fenced: dict[int, str], own: set[str]) -> bool:
    body = _body(lines, at + 1, fenced)
    if not body.code:
        return candidate.operator != MISLEADING and _is_text(body.text, lines, at, least=ESSAY)
    beside = "\n".join((*_prose(lines, fenced, range(max(0, at - 3), at)), *_prose(lines, fenced, range(at + 1, at + REACH))))
    doubted = candidate.operator == MISLEADING or _DOUBT.search(beside)
    return not doubted and _does_something(body, own, least=2)


def _does_something(body: Body, own: set[str], least: int) -> bool:
    """Whether a body is code of its own that is more than a signature, a call or a stub."""
    if not body.code or _STUB.search(body.text):
        return False
    code = [line.strip() for line in body.text.splitlines() if line.strip() and not _COMMENT.match(line)]
    if sum(line in own for line in code) >= CARRIED * len(code):
        return False
    return sum(not _SIGNATURE.match(line) for line in code) >= least


def _is_text(text: str, lines: Sequence[str], at: int, least: int) -> bool:
    """Whether a body is text that says something, and belongs to no example."""
    before = "\n".join(lines[max(0, at - AROUND) : at])
    return len(words(text)) >= least and not _STUB.search(text) and not _EXAMPLE.search(before)


def _body(lines: Sequence[str], begin: int, fenced: dict[int, str]) -> Body:
    """The code block that begins at most three lines further on, or the lines up to the next heading or block."""
    rest = [at for at in range(begin, min(begin + REACH, len(lines))) if lines[at].strip()]
    for at in rest[:3]:
        if at in fenced:
            return Body(fenced[at], code=True)
    taken = []
    for at in rest:
        if at in fenced or lines[at].startswith("#") and not lines[at].startswith("#include") and taken:
            break
        taken.append(lines[at])
    code = sum(bool(_CODE_LINE.match(line)) for line in taken)
    if taken and code * 2 >= min(len(taken), 8) and _CODE_LINE.match(taken[0]):
        return Body("\n".join(taken), code=True)
    return Body("\n".join(taken), code=False)


def _prose(lines: Sequence[str], fenced: dict[int, str], numbers: range) -> Iterator[str]:
    return (lines[at] for at in islice(numbers, REACH) if at < len(lines) and at not in fenced)


def _fenced(parts: Page) -> dict[int, str]:
    """Line number -> the code of the block that it lies in, fences included."""
    inside: dict[int, str] = {}
    for block in parts.blocks:
        for at in range(block.line, block.line + len(block.code.splitlines()) + 1 + block.closed):
            inside[at] = block.code
    return inside


def _last_sentence(line: str) -> str:
    """Where a line ends in a colon, its last sentence; a short line whole."""
    bare = line.rstrip(" \t*_#")
    if bare.endswith((":", "：")) and len(bare) > 40:
        cut = max(bare.rfind(mark, 0, len(bare) - 1) for mark in (". ", "! ", "? ", "。", "；", "; "))
        return line[cut + 1 :].strip()
    return line if len(line) <= LONG else ""


def _spoken(candidate: Candidate, parts: Page) -> Iterator[str]:
    """Solutions without a heading: worked into sentences, written under the demanded name, or behind a wrong piece."""
    prose = parts.prose
    if any(said in prose for said in _SAYINGS) and (found := _SAID.search(prose)):
        if not any(found.group() in parent for parent in candidate.parents):
            yield f"gives the answer: {shortened(found.group())!r}"
    if prose.count("`") >= 2 * SPANS:
        spans = {span for span in _SPAN.findall(prose) if _STATEMENT.search(span)}
        spans = {span for span in spans if not any(span in parent for parent in candidate.parents)}
        if len(spans) >= SPANS and any("return" in span for span in spans) and not _WRONG.search(prose):
            yield f"spells out its solution: {shortened(max(spans))!r}"
    yield from _shown(candidate, parts)


def _shown(candidate: Candidate, parts: Page) -> Iterator[str]:
    new = [block.code for block in parts.blocks if not any(block.code.strip() in parent for parent in candidate.parents)]
    names = [set(_DEFINED.findall(code)) for code in new[:SHOWN] if not _STUB.search(code)]
    if candidate.operator == MISLEADING:
        twice = {name for at, some in enumerate(names) for name in some if any(name in more for more in names[:at])}
        if twice and not _SEVERAL.search(parts.prose):
            yield f"shows {min(twice)} twice, wrong and right"
    elif any(names) and "`" in parts.prose:
        asked = {match[1] for match in _ASKED.finditer(parts.prose[:HEAD])}
        asked &= set().union(*names)
        if asked and not _WORKED_ON.search(parts.prose):
            yield f"holds the {min(asked)} that it asks for"


def shortened(line: str) -> str:
    return line.strip()[:80]
