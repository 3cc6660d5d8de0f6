"""The words by which code hands work back, in ten languages: data of the check `placeholder`.

Each pattern is tried at the beginning of a comment's text, so "your code is read here" in mid-comment is none. Bounded
repeats only. English, German, French, Spanish, Portuguese, Italian, Russian, Chinese, Japanese, Korean.
"""

from __future__ import annotations

import re

_WORK = (
    r"(?:code|logic|implementation|function|functions|methods?|program|script|class|solution|algorithm|steps?"
    r"|cases?|fields?|operations|quer(?:y|ies)|statements?|columns|rows|endpoints|routes|handlers|tests|conditions)"
)
_ADD = r"(?:add|insert|put|write|place|implement|fill in|fill|complete|provide|define|include|enter|type|do)"
_DE_WORK = r"(?:code|logik|implementierung|lösung|funktion|anweisung(?:en)?|rest|abfrage|verarbeitung)"
_FR_ADD = (
    r"(?:ajout(?:ez|er)|ins[ée]r(?:ez|er)|écri(?:vez|re)|met(?:tez|tre)|impl[ée]ment(?:ez|er)|complét(?:ez|er)"
    r"|plac(?:ez|er))"
)
_ES_ADD = (
    r"(?:a[ñg]ad(?:e|ir|a)|agreg(?:a|ar|ue)|insert(?:a|ar|e)|escrib(?:e|ir|a)|coloc(?:a|ar)|pon|implement(?:a|ar"
    r"|e)|complet(?:a|ar|e))"
)
_PT_ADD = (
    r"(?:adicion(?:e|ar|a)|insir(?:a)|inserir|escrev(?:a|er)|coloqu(?:e)|colocar|implement(?:e|ar)|complet(?:e|ar)"
    r"|ponha)"
)
_IT_ADD = (
    r"(?:aggiung(?:i|ere)|inserisc(?:i)|inserire|scriv(?:i|ere)|mett(?:i|ere)|implement(?:a|are)|complet(?:a|are))"
)
_RU_ADD = r"(?:вставьте|добавьте|напишите|допишите|реализуйте|впишите|поместите|вставить|добавить|дописать)"

STEMS = tuple(
    """can real production full complete proper robust todo fixme xxx your ur here rest remaind remaining other
    existing previous same more additional omit left elid skip
    abbrev truncat shorten implement placeholder stub dummy mock replac substitut something stuff etc and keep unchanged
    continue snip unimplemented similar likewise repeat do whatever hier dein deine ihr ihre euer usw folgt
    rest restlich übrig
    ausgelassen weggelassen nicht noch einfügen ergänzen analog ebenso gleich genauso entsprech votre ton ici
    reste à a compl
    omis non idem pareil même de tu su vuestro aquí resto por sin no lo igual omitid seu sua teu aqui não o da restant
    il tuo tua vostr propri qui omess allo ваш здес тут остал не реализ опущ и аналог то сюда добав встав напиш
    допиш""".split()  # noqa: SIM905
)
"""A comment without a word that begins so, without dots and East Asian letters, hands nothing back (a cheap test)."""

HANDED_BACK = re.compile(
    r"[\s(\[<{*.…-]{0,6}(?:"
    # English
    rf"(?:todo|fixme|xxx)\b[:\s(\-]{{0,4}}(?:[\w@]+\)?[:\s-]{{1,3}})?(?:please )?(?:{_ADD}|finish|handle|replace|code"
    rf"|build|support|make|your)\b"
    rf"|(?:{_ADD} |replace (?:this )?with )?(?:your|ur) (?:own )?(?:[\w-]+ ){{0,2}}{_WORK}\b(?! (?:is|are|was|must"
    rf"|should|will|can|does|has|returns?|calls?)\b)"
    rf"|{_ADD} (?:[\w'/-]+ ){{0,7}}here\b(?!, ? ?not)|implement (?:this|me|it|the (?:rest|remaining|logic|actual))\b"
    rf"|implement (?:[\w'-]+ ){{1,6}}(?:logic|yourself)\b"
    rf"|(?:\w+(?:, | and )){{0,8}}\w+ omitted\b|as (?:before|above)\s*$|similar (?:[\w-]+ ){{0,3}}(?:for|to) (?:the "
    rf"|all )?(?:other|remaining|rest)\b"
    rf"|{_ADD} (?:the |an? )?(?:rest|remaining|other|missing) (?:of (?:the|your) )?{_WORK}\b"
    r"|(?:the )?(?:rest|remainder) of your \w+"
    rf"|(?:the )?(?:rest|remainder) of (?:the |your |this )?(?:[\w-]+ ){{0,2}}{_WORK}\b"
    rf"|(?:the )?(?:remaining|other|existing|previous|same|more|additional) (?:[\w-]+ ){{0,2}}{_WORK}\s*(?:here|(?:go"
    rf"|goes) here|\.{{3}}|…|(?:is |are )?"
    rf"(?:unchanged|omitted|as (?:above|before)|remains?(?: the same| unchanged)?|stays? the same|follow(?:s|ing)?"
    rf"|similarly)|$)"
    rf"|(?:[\w'-]+ ){{0,4}}{_WORK} (?:goes |go |omitted |remains? |comes |to be added |belongs )(?:in )?here\b"
    rf"|(?:[\w'-]+ ){{0,2}}{_WORK} here\s*(?:$|[.:!…])"
    r"|(?:[^\n]{0,40} )?(?:omitted|left out|elided|skipped|abbreviated|truncated|shortened) for (?:brevity|clarity"
    r"|simplicity|space)"
    r"|(?:[^\n]{0,40} )?left (?:as an exercise|to the reader|for you to)\b|to be (?:implemented|completed|filled in"
    r"|done|added|written)\b"
    r"|(?:this |it |the [\w-]+ )?(?:is )?(?:not|un)[ -]?(?:yet )?implemented(?: yet)?\b|implementation (?:omitted"
    r"|pending|missing|left|needed|required|not shown)"
    r"|(?:this is )?(?:just |only |simply )?an? (?:placeholder|stub|dummy)\b(?! (?:for (?:the )?(?:missing|empty|null"
    r"|default)|text|value))"
    rf"|(?:placeholder|stub|dummy|mock)(?: for)?(?: the)?(?: actual| real| your)? (?:[\w-]+ ){{0,2}}{_WORK}\b"
    rf"|placeholder\s*$|stub\s*$"
    rf"|(?:replace|substitute) (?:this|it|the (?:following|line|code)) (?:[\w-]+ ){{0,4}}(?:with|by) (?:the "
    rf"|your )?(?:actual|real|own)\b"
    r"|do (?:something|stuff|your thing|the work|whatever)(?: here)?\s*(?:$|[.…])|(?:etc|and so on"
    r"|and so forth)\b[.…\s]*$|\.{3}\s*$|…\s*$"
    r"|(?<=[.…])\s*(?:and so on|etc)|(?:keep|same|existing|unchanged|continue|snip)\b[^\n]{0,40}?(?:\.{3}|…|unchanged"
    r"|the same|as before|as above|\])\s*$"
    r"|[^\n]{0,120}?\bcan be (?:added|handled|implemented|done|treated|written|computed|parsed|built"
    r"|derived) (?:in the same (?:way|manner|fashion)|similarly|likewise|analogously|accordingly)"
    r"|(?:a|the|in (?:an? |the )?) ?(?:real|production|full|complete|proper|robust)[ -]?(?:world )?(?:version"
    r"|implementation|solution|parser|algorithm) (?:would|should|needs?|must|will)\b(?=[^\n]{0,120}\b(?:just|only"
    r"|simply|instead)\b|[^\n]*\n[^\n]{0,40}\b(?:for (?:the purposes? of )?this (?:example|demo|sketch)"
    r"|for simplicity|for now|we (?:just|only|simply))\b)"
    # German
    rf"|(?:hier )?(?:dein|ihr|euer)\w{{0,2}} (?:eigene\w{{0,2}} )?{_DE_WORK}\b|{_DE_WORK} (?:hier|kommt hier|folgt"
    rf"|einfügen|ergänzen)\b"
    rf"|hier (?:[\w-]+ ){{0,5}}(?:einfügen|implementieren|ergänzen|schreiben|hinzufügen|hin|einsetzen)\b"
    rf"|hier (?:kommt|folgt|gehört)\b"
    r"|(?:der |die )?(?:rest|restliche\w{0,2}|übrige\w{0,2}) (?:de[rs] |bleib|[\w-]+ (?:hier|analog|bleib))"
    r"|(?:noch )?(?:nicht|zu) implementier(?:t|en)\b"
    r"|(?:[^\n]{0,30} )?(?:aus|weg)gelassen\b|(?:usw|und so weiter)\b"
    # French
    rf"|(?:[\w']+ )?(?:votre|ton) (?:propre )?(?:code|logique|implémentation|fonction|solution)\b"
    rf"|{_FR_ADD} [^\n]{{0,50}}?\bici\b|code (?:à|a) (?:ajouter|compléter|venir|insérer)"
    r"|(?:le )?reste (?:du|de la|de l'|des|de votre) ?\w+|(?:[^\n]{0,30} )?(?:à|a) (?:implémenter|compléter|faire"
    r"|remplir)\b|non implémentée?\b|(?:[^\n]{0,30} )?omise?s? par (?:souci|brièveté)"
    # Spanish
    rf"|(?:[\w]+ )?(?:tu|su|vuestro) (?:propi[oa] )?(?:código|lógica|implementación|función|solución)\b"
    rf"|{_ES_ADD} [^\n]{{0,50}}?\baqu[ií]\b|código (?:va )?aquí|aquí (?:va|iría|debes|tienes que|se (?:implementa"
    rf"|escribe|agrega))\b"
    r"|(?:el )?resto del? (?:la )?(?:código|programa|implementación|función|lógica|clase)|(?:[^\n]{0,30} )?(?:por|sin"
    r"|a) (?:implementar|completar)\b|(?:[^\n]{0,30} )?omitid[oa]s? por\b|no implementad[oa]\b"
    # Portuguese
    rf"|(?:[\w]+ )?(?:o )?(?:seu|sua|teu) (?:própri[oa] )?(?:código|lógica|implementação|função|solução)\b"
    rf"|{_PT_ADD} [^\n]{{0,50}}?\baqui\b|código (?:vai )?aqui\b|aqui (?:vai|entra|você)\b"
    r"|(?:o )?restante? d[oa] (?:código|programa|implementação|função|lógica)|(?:[^\n]{0,30} )?(?:omitid[oa]s? (?:por"
    r"|para)|ainda não implementad[oa])\b|não implementad[oa]\b|a ser implementad[oa]"
    # Italian
    rf"|(?:[\w]+ )?(?:il )?(?:tuo|vostro|proprio) (?:codice|logica)\b|(?:la )?(?:tua|vostra) (?:logica"
    rf"|implementazione|funzione|soluzione)\b|{_IT_ADD} [^\n]{{0,50}}?\bqui\b|codice (?:va )?qui\b|qui (?:va|vanno)\b"
    r"|(?:il )?resto del(?:la|l')? ?(?:codice|programma|implementazione|funzione|logica|classe)"
    r"|(?:[^\n]{0,30} )?da (?:implementare|completare|fare)\b|non (?:ancora )?implementat[oa]\b"
    r"|(?:[^\n]{0,30} )?omess[oaie] per\b"
    # Russian
    rf"|(?:здесь |тут )?ваш[аеи]? (?:собственн\w+ )?(?:код|логика|реализация|решение|функция)"
    rf"|{_RU_ADD} (?:[^\n]{{0,40}}?(?:здесь|сюда|тут)|(?:свой|ваш|остальн|недостающ)\w*)|(?:здесь"
    rf"|тут) (?:[\w-]+ ){{0,3}}(?:код|логик|реализац|долж)\w*"
    r"|(?:остальн\w+|остаток) (?:[\w-]+ ){0,2}(?:код|част|реализац|логик|метод|функци|случа)\w*|(?:(?:ещё|еще"
    r"|пока) )?не реализован\w*|реализовать (?:здесь|позже|самостоятельно|остальн)"
    r"|(?:[^\n]{0,30} )?опущен[оаы]? (?:для|ради)|и так далее|и т\. ?д\."
    # Chinese
    r"|(?:请)?(?:在)?(?:这里|此处|这儿|此)(?:请)?[^\n]{0,12}?(?:添加|编写|填写|实现|写|补充|插入|省略|放"
    r"|输入)[^\n]{0,24}|(?:请)?(?:添加|编写|填写|补充|插入|实现)?(?:你|您)(?:自己)?的[^\n]{0,8}?(?:代码|逻辑|实现"
    r"|函数)"
    r"|(?:其余|其他|剩余|剩下|后续|省略)(?:的)?[^\n]{0,8}?(?:代码|部分|逻辑|实现|方法|函数|步骤|省略|类似|同理|同上)"
    r"|(?:此处|以下|中间)?(?:代码)?(?:省略|略)(?:\s*$|\.{3}|…)|待(?:实现|完成|补充|填写)|(?:尚|还)?未实现|以此类推"
    # Japanese
    r"|(?:ここ|こちら)(?:に|で|は)[^\n]{0,24}?(?:書|記述|実装|追加|入れ|処理|コード|挿入|ロジック)[^\n]{0,12}"
    r"|(?:あなた|自分)の(?:コード|実装|ロジック)|(?:残り|その他|他)の[^\n]{0,10}?(?:コード|実装|処理|部分|メソッド"
    r"|省略|同様)"
    r"|(?:[^\n]{0,16}?)(?:を|は)?(?:以下)?省略(?:\s*$|し|。|\)|）)|未実装|以下(?:同様|略)|(?:後で|適宜"
    r"|各自)?[^\n]{0,10}?(?:実装|追加|記述)して(?:ください|下さい)|実装(?:予定|が必要)"
    # Korean
    r"|(?:여기|이곳|이 부분)(?:에|에서|에는)?[^\n]{0,24}?(?:작성|구현|추가|코드|입력|넣|로직)[^\n]{0,12}|(?:당신"
    r"|여러분|사용자)의 (?:코드|로직|구현)|(?:나머지|남은|다른|기타) [^\n]{0,10}?(?:코드|구현|부분|로직|메서드|함수"
    r"|생략)"
    r"|(?:[^\n]{0,16}? )?생략(?:\s*$|합|했|함|됨|\)|\.)|미구현|구현(?:되지 않| 필요| 예정|해야|하세요|해 ?주세요)"
    r"|이하 (?:동일|생략)"
    r")",
    re.IGNORECASE,
)
"""Whatever follows it: this comment stands for code that is not there."""

UNFOLLOWED = re.compile(
    r"[\s(\[*.…-]{0,6}(?:"
    rf"(?:todo|fixme)\b|(?:{_ADD}|handle|process|perform|execute|compute|calculate|create|update|check|validate|call"
    rf"|run|use"
    r"|apply|return|parse|read|load|save|send|find|get|set|remove|delete|insert|print|convert|sort|iterate"
    r"|loop)\b[^\n]{0,80}$"
    r"|(?:[\w-]+ )?(?:code|logic|implementation)s? (?:to|for|of|that|goes)\b|(?:main |actual )?(?:logic|code"
    r"|implementation)\s*$"
    r"|(?:logik|code|logique|lógica|código|codice|logica|код|логика|обработ\w+) (?:zum|für|pour|para|per|для)\b"
    r"|处理|实现|処理|実装|처리|구현|[^\n]{1,16}的(?:代码|逻辑|实现|处理)\s*$|[^\n]{1,16}の(?:コード|処理|ロジック|実装)\s*$"
    r"|[^\n]{1,16} (?:코드|로직|처리|구현)\s*$"
    r")",
    re.IGNORECASE,
)
"""Only where the comment is all that a body holds."""

SIMILARLY = re.compile(
    r"[\s(\[*.…-]{0,6}(?:"
    rf"(?:similarly|likewise|repeat|same (?:as|for|logic|with|thing)|do the same|and so on|continue)\b|(?:handle "
    rf"|implement |add )?(?:the )?(?:other|remaining|more|rest|all other) (?:[\w-]+ ){{0,2}}{_WORK}\b"
    r"|(?:analog|ebenso|gleiches|genauso|entsprechend|weitere fälle)\b|(?:de même|idem|pareil)\b|(?:lo mismo"
    r"|igual (?:para|que)|de forma similar|de manera similar)\b"
    r"|(?:o mesmo|da mesma forma|de forma semelhante)\b|(?:lo stesso|analogamente|allo stesso modo)\b|(?:аналогично"
    r"|то же самое|остальн\w+)"
    r"|同理|类似|同上|其他情况|其余|同様|同じく|他の場合|나머지|마찬가지|동일하게"
    r")",
    re.IGNORECASE,
)
"""Only where no code follows that the comment could describe."""

EXTENSION = re.compile(
    r"\b(?:if (?:needed|required|necessary|desired|you (?:want|like|need|wish))|as needed|optional(?:ly)?|for example"
    r"|e\.g\.|could|may|might|(?:more|additional|further) (?!code|logic|implement|method|function|quer|statement)\w+"
    r"|(?:your|test|input|sample|api|more|own|any) (?:data|values?|keys?|names?|items?|paths?|urls?|tokens?"
    r"|credentials|text|input|numbers|strings?|file\w*|cases)|no-?op|nothing|ignored?|intentional\w*|deliberate\w*"
    r"|empty on purpose"
    r"|bei bedarf|optional|falls nötig|si (?:es )?nécessaire|au besoin|si es necesario|opcional\w*|se necessário"
    r"|se necessario|при необходимости|опционально)\b|如(?:果)?需|可选|可以|必要に応じて|任意|필요(?:시|하면)|선택",
    re.IGNORECASE,
)
"""What a reader may add to code that is whole, or what only he knows."""

LEFT_TO_READER = re.compile(
    r"\b(?:the |your )?(?:rest|remaining|remainder|actual|missing|full|other) (?:of (?:the|your) )?(?:[\w-]+ ){0,2}?"
    r"(?:code|logic|implementation|functions?|methods|parts?|steps|cases|queries|details) (?:is|are|has been"
    r"|have been|will be) (?:left|up) (?:to you|for you|to the reader|as an exercise)\b"
    r"|\bi(?:['’]ll| will|['’]ve| have)? (?:leave|left) the (?:rest|remaining|actual|implementation|details"
    r"|other)\b[^.\n]{0,60}"
    r"\b(?:to you|for you|as an exercise|to the reader|up to you)\b"
    r"|\byou(?:['’]ll| will| would| should)? (?:still )?(?:need|have) to (?:implement|write|fill in|complete"
    r"|add) (?:the|your) (?:actual|missing|remaining|rest|own)\b"
    r"|\b(?:fill in|complete) the (?:rest|remaining|missing|blanks|todo)\b[^.\n]{0,40}\byour(?:self|selves)\b"
    r"|\b(?:make|makes|remain|remains|are|is|be|left as|serve as) (?:an? )?(?:nice |good |easy |simple |useful "
    r"|fun )?exercises?(?: for (?:you|the reader))?\s*[.!]|\b(?:rest|remainder) of the (?:code|implementation) (?:is"
    r"|remains|has been|was) (?:omitted|left out|similar|not shown)\b",
    re.IGNORECASE,
)
"""Prose by which an answer says that it is not whole."""

LEFT_SIGNS = ("left", "leave", "need to", "have to", "ill in", "omplete the", "omitted", "xercise", "not shown")
"""Without one of these the pattern above is not tried."""

THE_SAME_FOR_THE_REST = re.compile(
    r"\b(?:too (?:long|big|large|much)|not enough (?:space|room)) (?:to (?:show|post|include|write|list|print)"
    r"|for (?:this|one|a single) (?:answer|reply|response|message))\b|\byou (?:can|could|may|should|must) (?:then )?"
    r"(?:complete"
    r"|finish|fill in|write|implement|add|do) (?:it|them|the (?:rest|others?|remaining|missing)"
    r"|all the others)\b[^.\n]{0,40}"
    r"\b(?:yourself|on your own|accordingly|the same way|in the same (?:way|manner)|similarly|analogously)"
    r"|\b(?:the )?(?:rest|remaining \w+|other \w+) (?:can|should|must|may|would) be (?:\w+ )?(?:implemented|written"
    r"|done"
    r"|added|completed) (?:in the same (?:way|manner)|similarly|analogously|likewise|by you|yourself)"
    r"|\b(?:der rest|die restliche\w?|die übrigen?)\b[^.\n]{0,60}(?:überlassen|als übung|selbst (?:ergänzen|schreiben"
    r"|implementieren)|analog)|\b(?:le reste|les autres \w+)\b[^.\n]{0,60}(?:en exercice|vous de|vous-même"
    r"|de la même (?:façon"
    r"|manière))|\b(?:el resto|lo demás|l[ao]s demás|o restante|o resto|as demais|os demais)\b[^.\n]{0,60}(?:como"
    r" ejercicio|como exercício|de (?:la misma|forma) (?:forma|manera|similar)|da mesma (?:forma|maneira)|por tu cuenta"
    r"|para (?:ti|você))|\b(?:il resto|gli altri|le altre)\b[^.\n]{0,60}(?:per esercizio|come esercizio"
    r"|allo stesso modo"
    r"|a te)|(?:остальн\w+|оставш\w+)[^.\n]{0,60}(?:упражнени|самостоятельно|аналогично|читател)"
    r"|(?:其余|剩余|剩下|其他)[^。\n]{0,20}(?:自行|自己|留给|留作|以此类推|类似地?实现|同理)|(?:残り|その他|他)[^。\n]{0,20}(?:ご自身"
    r"|ご自分|各自|同様に(?:実装|書|作成)|練習)|(?:나머지|남은)[^.\n]{0,24}(?:직접|스스로|같은 방식|동일한 방식|연습)",
    re.IGNORECASE,
)
"""Prose by which an answer stops at a part and says that the others are like it, or the reader's."""
SAME_SIGNS = (
    *("too long", "too big", "too large", "too much", "not enough ", "yourself", "on your own", "accordingly"),
    *("same way", "same manner", "similarly", "analogously", "likewise", "by you", "der rest", "restlich", "übrige"),
    *("le reste", "les autres", "el resto", "il resto", "o resto", "o restante", "demás", "demais", "gli altri"),
    *("le altre", "остальн", "оставш", "其余", "剩余", "剩下", "其他", "残り", "その他", "나머지", "남은"),
)
SAME_BEGINS = re.compile(
    r"too (?:long|big|large|much) (?:to|for) |not enough (?:space|room) |you (?:can|could|may|should|must) (?:then )?"
    r"(?:complete|finish|fill in|write|implement|add|do) (?:it|them|the |all )"
    r"|(?:rest|remaining \w+|other \w+) (?:can|should|must|may|would) be |der rest|die restliche|le reste|les autres"
    r"|el resto|o rest|il resto|s demais|gli altri|le altre"
)
"""In ASCII and lower case the pattern holds one of these too."""

SLOT = re.compile(
    r"^[ \t>*-]{0,6}[\[<({【（]{1,3}[ \t]*(?:"
    r"(?:insert|put|paste|place|add|write|enter|fill in|type) [^\]\n>)}】）]{0,60}?\b(?:here|code|answer|solution"
    r"|function|implementation"
    r"|class|script|query)\b|(?:your|the|my|full|complete|actual|final)? ?(?:python |sql |java\w* )?(?:code|answer"
    r"|solution"
    r"|implementation|response|content|explanation)(?: (?:goes|comes|will go|should go|to go|continues|follows"
    r"|omitted|redacted))?(?: here)?"
    r"|hier [^\]\n]{0,40}(?:code|einfügen|antwort)|(?:aquí|inserta\w*|tu) [^\]\n]{0,40}(?:código|respuesta|solución"
    r"|aquí)"
    r"|(?:insira|inserir|seu|sua) [^\]\n]{0,40}(?:código|resposta|aqui)|(?:insér\w*|votre) [^\]\n]{0,40}(?:code"
    r"|réponse|ici)"
    r"|(?:inserisc\w*|inserire|il tuo) [^\]\n]{0,40}(?:codice|risposta|qui)|(?:вставьте|вставить|здесь"
    r"|ваш) [^\]\n]{0,40}"
    r"(?:код|ответ|здесь)|[^\]\n】）]{0,10}(?:在此|此处|这里|插入|填写)[^\]\n】）]{0,16}(?:代码|答案|内容)|(?:代码|答案)"
    r"|(?:ここに|こちらに)[^\]\n】）]{0,20}|(?:여기에|코드를)[^\]\n】）]{0,20}"
    r")[^\]\n>)}】）]{0,20}[\])>}】）]{1,3}[ \t.*]{0,4}$",
    re.IGNORECASE | re.MULTILINE,
)
"""A line of an answer that is a slot of a form: "[insert code here]"."""
