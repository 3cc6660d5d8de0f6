"""How a text announces a solution, in ten languages: the patterns. Which of them count, and where, is solutions.py's
business.

Invariant: as in rewriting.py, no pattern takes more than linear time.
"""

from __future__ import annotations

import re

from evolve.checks import rewriting

_RIGHT = r"(?:correct(?:ed)?|fixed|right|proper|repaired|debugged|bug-?free)"
_WHOLE = (
    r"(?:(?:an?|the|my|your|one|full|complete|possible|sample|example|model|reference|proposed"
    r"|suggested|final|optimal|efficient"
    r"|expected|official|simple|clean|correct|working|python|java|javascript|sql|c\+\+) ){0,4}"
)
_CODE = r"(?:code|version|implementation|function|program|query|script|snippet|class|approach|line|method)"
_BEFORE = r"[\s#>*_=\-\d.)]{0,12}+"
_AFTER = r"[ \t*_]{0,4}(?:#+|[:：])?[ \t*_#]{0,6}"

_ENGLISH_CORRECTED = (
    rf"(?:with (?:that|this|it|the \w+) (?:repaired|fixed|corrected|mended|put right"
    rf"|out of the way)|after (?:the|this|that) (?:fix|correction|repair)|(?:repaired|mended"
    rf"|corrected|fixed)|(?:here(?:['’]s| is) )?(?:an? |the |my )?{_RIGHT} (?!the\b|this\b|my\b"
    rf"|following\b)(?:[\w.+-]+ ){{0,2}}{_CODE}(?: (?:is|should be|would be|looks"
    rf"|reads)(?: as follows| like this)?)?"
    rf"|(?:the |a )?{_RIGHT} (?:way|fix|solution|form|answer|one)(?: (?:to|of|for) [^\n:]{{1,40}})? (?:is|would be"
    rf"|looks)"
    r"(?: (?:this|like this|as follows))?"
    r"|(?:instead,? )?the (?:code|function|line|loop|condition) should (?:be|read|have been)(?: written)?(?:"
    r" (?:as|like this|as follows))?)"
)
_ENGLISH_SOLVED = (
    rf"{_WHOLE}(?:solution|answer(?: key)?|solution code|code solution|corrections?"
    rf"|(?<=proposed )fix|(?<=the )fix|(?<=suggested )fix)(?: (?:code|in [\w+#]+))?"
    r"|(?:full|complete|final|working|sample) (?:[\w+#]+ )?(?:implementation|code|version)"
)
_ENGLISH_SAID = (
    rf"here(?:['’]s| is) {_WHOLE}(?:[\w.+-]+ ){{0,2}}(?:solution|implementation|answer)\b[^\n:]{{0,80}}"
    r"|(?:it|this|that|the (?:task|problem|function|class)) can be (?:done|solved|implemented"
    r"|achieved|written|fixed|accomplished)"
    r" (?:like (?:this|so)|as follows|as below|(?:with|by|using) the following[^\n:]{0,60}"
    r"|in the following way|this way)"
    r"|(?:one|a|the|my) (?:possible |simple |common |good |correct |efficient |full "
    r"|complete )?(?:solution|implementation|answer|way to (?:do|solve|implement) (?:it|this"
    r"|that))"
    r" (?:is|would be|could be|might be|looks|could look|might look|would look)[^\n:]{0,60}"
    r"|(?:you|we|one) can (?:do|solve|implement|achieve|write|fix) (?:it|this|that|the (?:task|problem|function))"
    r" (?:like (?:this|so)|as follows|(?:with|by|using) the following[^\n:]{0,60}|in the following way|this way)"
    r"|the following (?:code|function|program|implementation|solution|query) (?:solves"
    r"|accomplishes|achieves|satisfies|meets|fulfils|fulfills)[^\n:]{0,80}"
    r"|the (?:correct|right) (?:way|answer|solution|fix)[^\n:]{0,40} is"
    r"|here(?:['’]s| is) (?:one|an?|the) (?:\w+ )?way (?:to|of|you)[^\n:]{0,60}"
    r"|here(?:['’]s| is) (?:the|an?|my) (?:updated|revised|modified|improved|optimi[sz]ed"
    r"|working|refactored|finished|final|complete) (?:\w+ )?(?:code|function|program|script"
    r"|class|query)"
    r"|(?:now,? )?let(?:['’]s| us) (?:implement|write|code) (?:this|it|the solution)[^\n:]{0,40}"
)

_SOLVED = {
    "es": r"(?:posible )?soluci[óo]n(?: (?:esperada|propuesta|completa|correcta|posible|modelo|de referencia))?"
    r"|respuesta"
    r"(?: (?:correcta|esperada|modelo))?|implementaci[óo]n completa",
    "pt": r"(?:poss[íi]vel )?solu[çc][ãa]o(?: (?:esperada|proposta|completa|correta|poss[íi]vel|modelo|de"
    r" refer[êe]ncia))?"
    r"|resposta(?: (?:correta|esperada))?|gabarito|implementa[çc][ãa]o completa",
    "fr": r"solution(?: (?:attendue|propos[ée]e|possible|compl[èe]te|correcte|de r[ée]f[ée]rence))?|r[ée]ponse(?:"
    r" attendue)?"
    r"|corrig[ée](?:[- ]type)?|impl[ée]mentation compl[èe]te",
    "de": r"(?:(?:m[öo]gliche|erwartete|vollst[äa]ndige|fertige|richtige) )?(?:muster|beispiel"
    r"|referenz)?l[öo]sung(?:svorschlag)?"
    r"|(?:muster)?antwort|vollst[äa]ndige implementierung",
    "it": r"(?:possibile )?soluzione(?: (?:attesa|proposta|completa|corretta|possibile|di riferimento))?|risposta"
    r"|implementazione completa",
    "ru": r"(?:(?:возможное|правильное|готовое|полное|образцовое|эталонное) )?решение|(?:правильный )?ответ"
    r"|(?:полная |готовая )реализация",
    "rest": r"(?:wzorcowe |przykładowe )?rozwi[ąa]zanie(?: wzorcowe)?|odpowied[źz]|(?:voorbeeld)?oplossing"
    r"|(?:model)?antwoord"
    r"|uitwerking|çözüm|cevap|l[öo]sning|řešení|lời giải|đáp án|solusi|jawaban|penyelesaian|розв['’]язок|рішення"
    r"|відповідь"
    r"|الحل|समाधान|हल|เฉลย|λύση|פתרון|megoldás|soluție|ratkaisu",
    "zh": r"(?:参考|參考|完整|正确|正確|示例|标准|標準)?的?(?:答案|解答|解决方案|解決方案|解法|题解"
    r"|題解|程序|代码实现)|参考(?:实现|代码|程序)|參考(?:實作|程式碼)|完整(?:代码|实现|程序)|完整實作"
    r"|实现代码(?:如下)?",
    "ja": r"(?:模範|参考|サンプル)?(?:解答(?:例|コード)?|回答例?|正解(?:コード)?|解決策|答え)|(?:参考)?実装例"
    r"|参考(?:実装|コード)|完全な実装",
    "ko": r"정답(?: ?(?:코드|예시))?|해답(?: ?코드)?|풀이|(?:모범 ?|예시 ?|참고 ?)?답안|(?:모범|참고) ?(?:코드"
    r"|구현)|해결(?: ?방법|책)|전체 (?:코드|구현)",
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
    r"(?:수정된|올바른|정확한|고친) (?:코드|구현|버전)|수정 ?후",
    r"korrigiert|berichtigt|behoben|corregid[oa]|corrigid[oa]|corrig[ée]e?|corrett[oa]|исправлен(?:о|ный код)"
    r"|(?:wersja |kod )?poprawion[yae](?: (?:wersja|kod))?|popraw(?:ny|na) (?:kod|wersja)|gecorrigeerd(?:e"
    r" (?:code|versie))?"
    r"|düzeltilmiş (?:kod|sürüm)|修正后|修正後|更正后|正确写法|正確寫法",
)
_IS = (
    r"(?: (?:es|ist|est|è|é|lautet|sieht so aus|ser[íi]a|serait|w[äa]re|sarebbe|seria|выглядит так"
    r"|такой|такая|таков)|是|如下|です|は(?:次|以下)のとおり|는 다음과 같(?:습니다|다))?"
)
_HERE = "|".join(each.here for each in (*rewriting.LATIN, *rewriting.OTHER_SCRIPTS))
_ANY_SOLVED = "|".join(_SOLVED.values())
_ANY_CORRECTED = "|".join(_CORRECTED)
_SO = (
    r"(?:\w+ ){0,3}(?:se puede|puede|pode|peut|kann|si pu[òo]|можно)[^\n:.]{0,50} (?:as[íi]"
    r"|assim|da seguinte forma|de la siguiente manera|comme (?:suit|ceci)"
    r"|folgenderma[ßs]{1,2}en|so (?:l[öo]sen|umsetzen|implementieren|gel[öo]st werden|machen)"
    r"|wie folgt[^\n:.]{0,30}|cos[ìi]|nel modo seguente|так|следующим образом)"
    r"|可以(?:这样|這樣|如下|按如下)[^\n：:。]{0,20}|次のように[^\n：:。]{0,20}(?:できます"
    r"|書けます|なります)|다음과 같이 [^\n:.]{0,30}수 있(?:습니다|다)"
)

CORRECTED = re.compile(
    rf"{_BEFORE}(?:{_ENGLISH_CORRECTED}|(?:(?:{_HERE})[^\n:：.]{{0,30}}?|(?:der|die|das|el|la"
    rf"|le|il|lo|o|a) )?(?:{_ANY_CORRECTED}){_IS}){_AFTER}$",
    re.IGNORECASE,
)
"""A line that announces a correction: what no task shows, whatever it says of the faulty piece."""
SOLVED = re.compile(
    rf"{_BEFORE}(?:{_ENGLISH_SOLVED}|{_ENGLISH_SAID}|(?:(?:{_HERE})[^\n:：.]{{0,30}}?|(?:der"
    rf"|die|das|el|la|le|il|lo|o|a) )?(?:{_ANY_SOLVED}){_IS}|{_SO}){_AFTER}$",
    re.IGNORECASE,
)
"""A line that announces a solution."""
LABEL = re.compile(
    rf"{_BEFORE}(?:{_WHOLE}(?:solution|answer)|{_ANY_SOLVED})[*_ ]{{0,4}}[:：][*_ ]{{0,4}}(?=\S)",
    re.IGNORECASE,
)
"""The same with the solution on its own line."""
EXPLAINED = re.compile(
    rf"{_BEFORE}(?:(?:detailed |further )?explanation(?: of the (?:code|bug|error|output"
    rf"|solution))?|explicaci[óo]n|explica[çc][ãa]o"
    rf"|explication|erkl[äa]rung|spiegazione|объяснение|解释|解釋|解说|説明|解説|설명|해설){_AFTER}$",
    re.IGNORECASE,
)
ASKS_TO_EXPLAIN = re.compile(
    r"\b(?:explain|describe|debug|identify|predict|determine|classify|what (?:does|is|will"
    r"|would|are|happens|do|error)|why (?:does|is|do)"
    r"|find (?:the|any|and) (?:\w+ )?(?:bug|error|mistake|fix)|explica|explique|erkl[äa]re"
    r"|beschreibe|spiega|объясни|опиши)"
    r"|解释|解釋|説明し|설명(?:하|해)|何を|什么|什麼",
    re.IGNORECASE,
)
EXAMPLE = re.compile(
    r"\b(?:examples?|inputs?|outputs?|sample|test cases?|question|q\d?|expected|ejemplo"
    r"|exemplo|exemple|beispiel|esempio|entrada|salida"
    r"|sa[íi]da|entr[ée]e|sortie|eingabe|ausgabe|пример|ввод|вывод)\b|示例|例子|输入|输出|入力"
    r"|出力|例[:：]|예시|입력|출력|问题[:：]|問題[:：]",
    re.IGNORECASE,
)
NO_SOLUTION = re.compile(
    r"\b(?:in-?correct|wrong|fault|faulty|erroneous|flawed|broken|bugs?|buggy|mistakes?"
    r"|errors?|misleading|attempt|naive|naïve|brute|slow|inefficient"
    r"|incomplete|partial|unfinished|sub-?optimal|current|existing|old|legacy|initial"
    r"|first draft|our|my|starter|skeleton|template|stub|draft"
    r"|student|colleague|junior|submitted|does(?: not|n['’]t)|fails?|not work|candidate"
    r"|without|should|must|needs?|tests?|usage|interface"
    r"|incorrect[oa]s?|err[óo]ne[oa]s?|err[ao]d[oa]|defectuos[oa]|faux|fausse|fehlerhaft\w*"
    r"|falsch\w*|naive\w*|sbagliat[oa]|errat[oa]|debe|deve|doit|muss|soll"
    r"|неправильн\w*|ошибочн\w*|неверн\w*|ошибк\w*|должн\w*)\b|错误|錯誤|有误|有誤|不正确|间违"
    r"|間違|誤った|誤り|バグ|不完全|잘못|오류|틀린|버그|应|應|必须|必須|べき|해야",
    re.IGNORECASE,
)
DOUBT = re.compile(
    r"\b(?:bugs?|buggy|mistakes?|faulty|incorrect|wrong|flaw\w*|misleading|inefficient|too slow|naive|vulnerab\w+|fails"
    r"|(?:fix|debug|refactor|optimi[sz]e|improve|rewrite|translate|convert|port|explain|review"
    r"|extend|modify|complete|test|benchmark|document"
    r"|analy[sz]e|simplify|profile|parallelize|speed up|adapt|use|call|find|identify) (?:it\b"
    r"|this|that|the (?:above|code|function|class|implementation|solution|bug|error|snippet)"
    r"|its))"
    r"|corrig|optimiz|verbesser|fehler|erreur|errore|ошибк|исправ|оптимиз|错误|錯誤|修复|修復"
    r"|优化|優化|重构|バグ|誤り|修正し|最適化|오류|버그|최적화",
    re.IGNORECASE,
)
"""Prose beside a piece of code that makes it something to work on."""
STUB = re.compile(
    r"\bpass\b|\.\.\.|…|\bTODO\b|NotImplemented|unimplemented!|todo!|your (?:code|solution"
    r"|implementation|answer)|implement (?:this|me|here)"
    r"|\bFIXME\b|to be (?:implemented|completed)|fill in|tu c[óo]digo|seu c[óo]digo|votre code"
    r"|dein code|il tuo codice|ваш код|你的代码|在此|ここに|여기에",
    re.IGNORECASE,
)
CODE_LINE = re.compile(
    r"\s*(?:def |class |function |return\b|import |from \w|#include|public |private |static "
    r"|const |let |var |for ?\(|for \w|if |if\(|while |else\b|elif "
    r"|SELECT |INSERT |UPDATE |WITH |FROM |WHERE |CREATE |print\(|console\.|System\.|[}\]]"
    r"|[\w.\[\]\"']{1,60} ?[+*/-]?= ?\S|[\w.]{1,60}\()"
    r"|.{0,200}[;{]\s*$"
)
COMMENT = re.compile(r"\s*(?:#(?!include)|//|/\*|\*|--|<!--|\"\"\"|''')")
COMMENT_TEXT = re.compile(r"\s*(?:#|//|/\*|--|<!--|%|;)++\s*([^\n]{3,80}?)\s*(?:\*/|-->)?\s*$")
WHOLE_BODY = re.compile(
    r"^[ \t]*(?:(?:export|async|pub|public|private|static|int|bool|boolean|void) ){0,3}(?:def|function|fn|func"
    r"|fun|int|bool|boolean|string"
    r"|String|double|void|class|const) ?[\w(][^\n]*\n(?:[^\n]*\n){0,40}?[^\n]*(?:\breturn\b|=>)"
    r"|^[ \t]*SELECT\b[^;]{10,400}\bFROM\b",
    re.MULTILINE,
)
"""A definition that returns something, or a query: whole even if it is short."""
SIGNATURE = re.compile(
    r"\s*(?:def |class |function |public |private |static |@|[{}]|import |from |#include|using |package |interface )"
)
SAYINGS = (
    "does it:", "the job:", "the trick:", "will do:", "will do it:", "solves it:", "solves this:", "the task:",
    "the problem:",
    "suffices:", "it takes:", "is needed:", "you need:",
)  # fmt: skip
SAID = re.compile(
    r"\b(?:does (?:it|the job|the trick)|do the (?:job|trick)|will do(?: it)?|solves (?:it"
    r"|this|the (?:task|problem))|suffices"
    r"|is all (?:it takes|that is needed|you need)):[ \t]{0,4}(?=[^\n]{0,200}[(={;])[^\n]{15,200}",
    re.IGNORECASE,
)
SPAN = re.compile(r"`([^`\n]{8,300})`")
STATEMENT = re.compile(r"\breturn \S|\w ?=>|[^=!<>]=[^=]|\bfor ?\(|\bfor \w+ in |\bwhile ?\(|;$")
SPANS = 3
"""Statements in sentences that make a solution."""
DEFINED = re.compile(
    r"^[ \t]*(?:(?:export|async|pub|public|private|protected|static|final|inline|const|def|fn"
    r"|func|function|fun|sub|int|void|bool|boolean|long"
    r"|double|float|string|String|auto|let|var)\b[ \t*&]*){1,6}+([A-Za-z_]\w{1,60}) ?(?:\("
    r"|= ?(?:\(|async|function|lambda))",
    re.MULTILINE,
)
ASKED = re.compile(
    r"\b(?:write|implement|create|develop|provide|design) (?:an? |the )?(?:(?!tests?\b|for\b"
    r"|of\b|wrapper|decorator|benchmark)[\w+#-]{1,20} ){0,3}"
    r"(?:function|method|procedure|fn|routine)[,:]? (?:named |called "
    r"|with the signature )?`[^`\n]{0,80}?\b(\w{2,60})(?:\([^`\n]{0,120})?`",
    re.IGNORECASE,
)
"""The name under which a task wants its solution."""
WORKED_ON = re.compile(
    r"\b(?:bugs?|buggy|mistakes?|fault\w*|incorrect\w*|wrong\w*|flaw\w*|broken|attempts?|naive"
    r"|slow\w*|inefficient|existing|current\w*|legacy|starter|stub"
    r"|skeleton|signature|start(?:ing)? (?:from|with)|extend|refactor|re-?write|optimi[sz]e"
    r"|improve|faster|replace|port|translate|convert|equivalent|fix|debug"
    r"|complete|finish|fill|mirror|behaves? (?:like|as)|same as|like th[eia]\w*|generali[sz]e"
    r"|adapt|modify|change|baseline|below|above|following|given|provided|snippet|versions?"
    r"|code|present|quicker|original|brute|draft|today|so far|fails|loses|unit tests?"
    r"|tests? (?:for|of|the|this|it)|pytest|explain (?:what|how|why|the|this)|review"
    r"|fehler\w*|err[óo]ne\w+|incorrect[oa]|ошиб\w+|faux|fausse|errat\w|sbagliat\w)\b|错误"
    r"|錯誤|有误|间違|間違|誤り|バグ|오류|버그",
    re.IGNORECASE,
)
"""Reasons for which a task may show code under the name that it asks for."""
WRONG = re.compile(
    r"\b(?:bugs?|buggy|mistakes?|fault\w*|incorrect\w*|wrong\w*|flaw\w*|broken|attempts?|fails|fix|debug)\b",
    re.IGNORECASE,
)
SEVERAL = re.compile(
    r"\b(?:both|two|three|several|either|neither|each|which)(?: \w+){0,2}? (?:of (?:them|these|the)|attempts?|versions?"
    r"|variants?|implementations?|functions?|solutions?|snippets?|programs?|pieces?|approach(?:es)?|ways|is|are)\b"
    r"|\b(?:compare|attempts|versions|implementations|another attempt)\b",
    re.IGNORECASE,
)
GATE = frozenset(
    """solution answer implementation full complete final working sample updated revised modified improved optimized
    optimised
    refactored finished let like way follows below following correct corrected fixed fix right repaired mended done
    solved achieved
    implemented correction corrections explanation solución solucion respuesta código codigo versión así solução solucao
    resposta versão assim réponse reponse corrigé corrige corrigée correct suit ceci lösung loesung musterlösung
    beispiellösung
    antwort korrigierte korrekte richtige korrigierter vollständige so folgt folgendermaßen soluzione risposta codice
    versione
    così implementazione explicación explicação explicação explication erklärung spiegazione rozwiązanie rozwiazanie
    odpowiedź oplossing     voorbeeldoplossing antwoord uitwerking cevap jawaban solusi penyelesaian gabarito korrigiert
    berichtigt behoben richtig     corregido corregida corrigido corrigida corretto corretta poprawiony poprawiona
    poprawione gecorrigeerd gecorrigeerde     referenzlösung musterantwort should lösungsvorschlag way soluție
    ratkaisu""".split()  # noqa: SIM905
)
"""Words of which a line in Latin letters holds one if it announces anything."""
