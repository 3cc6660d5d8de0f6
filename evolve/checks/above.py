"""Sentences that point back to what a text never showed: "the array above", "the given list", "add to this class".

A child is read without its parent, so whatever it points back to must be in it. A noun that it used before may be what
it points to ("write a parser ... test the parser above"), and a stretch that stands for input ("[insert code here]")
is none. Invariant: this module finds phrases; whether the parent had the thing is the check's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from evolve.checks.material import has_code, has_material
from evolve.checks.spotting import distinct, holds, search, spots
from evolve.markdown import page

MOST = 20
"""Phrases that are looked at."""

_SERIES = (
    r"(?:array|list|vector|matrix|tuple|sequence|numbers|values|integers|prices|figures|scores|readings|words"
    r"|names|dates|liste|vektor|feld|zahlen|werte|tableau|nombres|valeurs|vecteur|arreglo|arrays|lista|listado"
    r"|vectores|matriz|n[úu]meros|valores|vetor|elenco|vettore|matrice|numeri|valori)"
)
_TEXT = (
    r"(?:sentence|string|text|paragraph|message|words?|expression|equation|table|dataset|data|dataframe|dictionary"
    r"|json|xml|csv|input|log|matrix|schema|markup|url|satz|zeichenkette|tabelle|daten|eingabe|ausdruck|phrase"
    r"|cha[îi]ne"
    r"|donn[ée]es|texte|entr[ée]e|frase|cadena|texto|tabla|datos|diccionario|tabela|dados|testo|stringa|tabella|dati"
    r"|substitution|mapping|cipher|key)"
)
_ERROR = (
    r"(?:(?:error|exception|warning|stack ?trace|traceback)(?: messages?)?|fehlermeldung|fehler|ausnahme|erreur"
    r"|message d['’]erreur|mensaje de error|mensagem de erro|messaggio di errore|erro|errore)"
)
_PROGRAM = (
    r"(?:code|class|component|snippet|script|program|query|procedure|config(?:uration)?|dockerfile|markup|stylesheet"
    r"|klasse|abfrage|skript|programm|quelltext|classe|requ[êe]te|programme|clase|consulta|c[óo]digo|programa|codice"
    r"|programma|funzione|funci[óo]n|fun[çc][ãa]o|fonction|funktion|function|method)"
)
_NOUN = rf"(?P<{{0}}series>{_SERIES})|(?P<{{0}}text>{_TEXT})|(?P<{{0}}error>{_ERROR})|(?P<{{0}}program>{_PROGRAM})"
_THE = (
    r"(?:the|this|these|that|those|der|die|das|den|dem|des|le|la|les|el|los|las|o|a|os|as|il|lo|gli|i|ce|cette|este"
    r"|esta|questa|questo|al|del|alla|ao|à|du|sur)"
)
_ABOVE = re.compile(
    rf"\b(?:above|aforementioned|ob(?:ige|en (?:angegeben|gezeigt|genannt|stehend)e?)[nrsm]?) (?:[\w#+`-]{{1,20}}"
    rf" ){{0,2}}"
    rf"(?:{_NOUN.format('a')})s?\b"
    rf"|\b{_THE} (?:[\w#+`-]{{1,20}} ){{0,2}}?(?:{_NOUN.format('b')})s? (?:(?:as |that (?:was|is) |which (?:was|is) )?"
    r"(?:shown|given|provided|listed|described|printed|quoted|mentioned|defined) )?"
    r"(?:above|earlier|previously|oben|ci-dessus|de arriba|(?:mostrad|indicad|dad|mencionad|citad)[oa]s?"
    r" (?:arriba|acima"
    r"|anteriormente)|acima|qui sopra|sopra)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(
    rf"\b(?:the|das|die|den|der|dem|des) (?:given|provided|supplied|(?:ge|vorge|ange)geben(?:en?|es|er)"
    rf"|vorliegende[nrsm]?)"
    rf" (?:[\w#+`-]{{1,20}} )?(?:{_NOUN.format('a')})s?\b(?! (?:of|von|de)\b)"
    rf"|\b(?:le|la|les|el|los|las|o|a|os|as|il|lo|gli) (?:{_NOUN.format('b')}) (?:donn[ée]e?s?|fournie?s?|dad[oa]s?"
    r"|proporcionad[oa]s?|fornecid[oa]s?|dat[oaie]|fornit[oaie])\b"
    rf"|\b(?:this|these|diese[nrsm]?|cette|ces|este|esta|estos|estas|estes|questa|questo|questi) (?:[\w#+`-]{{1,20}} )?"
    rf"(?:{_NOUN.format('c')})s?\b",
    re.IGNORECASE,
)
_WORKED_ON = re.compile(
    r"\b(?:(?i:to|extend|modify|refactor|change|in) (?:the|this|my|our) (?:existing |given )?(?:`\w{1,40}` "
    r"|[A-Z]\w{1,40} )?"
    r"(?P<aprogram>class|component|struct|schema)(?! (?:named|called|hierarchy|diagram|name|of|for)\b)"
    r"|(?:der|die|diese[rn]?|die bestehende|der bestehenden) (?:`\w{1,40}` )?(?P<bprogram>Klasse)(?! (?:namens|mit)\b)"
    r"|(?:a|à|alla|la|esta|essa|cette|questa) (?P<cprogram>classe?)(?: `?[A-Z]\w{1,40}`?)? (?:anterior|existente?"
    r"|acima|dada|donn[ée]e|esistente))",
)
"""A class that is to be added to: what its other members are, nobody can guess."""
_ADDS = re.compile(
    r"\b(?:add|extend|modify|refactor|change|rewrite|füge|erweitere|ergänze|ändere|añade|agrega|extiende|modifica"
    r"|adicione"
    r"|estenda|modifique|refatore|ajoute[zr]?|étend[sz]?|modifie[zr]?|aggiungi|estendi)\b",
    re.IGNORECASE,
)
_MAKES_CLASS = re.compile(
    r"\b(?:write|create|implement|design|build|define|develop|make|schreibe|erstelle|implementiere|escribe|crea"
    r"|crie|écris"
    r"|crée[rz]?|scrivi)\b[^.\n]{0,60}\b(?:class(?:es|e)?|component|struct|clase|klasse|schema)\b",
    re.IGNORECASE,
)
_CJK_NOUN = (
    r"(?:(?P<{0}series>数组|列表|向量|矩阵|数字|数据|数值|陣列|序列|配列|リスト|数値|行列|배열|리스트|목록|행렬|숫자)"
    r"|(?P<{0}text>字符串|句子|文本|表格|字典|文章|文字列|文|表|データ|辞書|문자열|문장|텍스트|표|데이터)"
    r"|(?P<{0}error>(?:错误|报错)(?:信息)?|異常|异常|エラー(?:メッセージ)?|(?:오류|에러)(?: ?메시지)?)"
    r"|(?P<{0}program>代码|类|程序|脚本|函数|查询|コード|クラス|プログラム|関数|クエリ|코드|클래스|프로그램|함수|쿼리))"
)
_CJK_ABOVE = re.compile(
    rf"(?:上述|上面|以上|前面|该|这个|这些)(?:给出|提到|所示)?的?[\w ]{{0,6}}?{_CJK_NOUN.format('a')}(?!结构|类型"
    rf"|要求|条件)"
    rf"|(?:上記|前述|先ほど|上)の[\w ]{{0,6}}?{_CJK_NOUN.format('b')}(?!構造|型|要件|条件|の?示)"
    rf"|(?:위의?|앞의|앞서 (?:제시|언급)(?:한|된)) ?(?:[\w#+]{{1,10}} ){{0,1}}{_CJK_NOUN.format('c')}"
    rf"|(?<!\w)(?:(?:приведённ|приведенн|указанн|данн)\w{{2,3}} )?(?:выше|вышеуказанн\w{{2,3}}) (?:\w{{1,15}} ){{0,1}}"
    r"(?:(?P<dseries>массив|список|списк|числа|вектор|матриц)|(?P<dtext>строк|текст|предложени|таблиц|данны|словар)"
    r"|(?P<derror>ошибк|исключени)|(?P<dprogram>код|класс|функци|программ|скрипт|запрос))\w{0,3}"
    r"|(?:(?P<eseries>массив|список|списк|числ|вектор|матриц)|(?P<etext>строк|текст|предложени|таблиц|словар)"
    r"|(?P<eerror>ошибк|исключени)|(?P<eprogram>код|класс|функци|программ|скрипт|запрос))\w{0,3}, (?:приведённ"
    r"|приведенн"
    r"|указанн|показанн)\w{2,3} выше"
    r"|(?:приведённ|приведенн|указанн)\w{2,3} выше (?:(?P<fseries>массив|список|списк|числ|вектор)"
    r"|(?P<ftext>строк|текст)"
    r"|(?P<ferror>ошибк)|(?P<fprogram>код|класс|функци|скрипт|запрос))",
    re.IGNORECASE,
)
_BACK = frozenset(
    """above aforementioned earlier previously obige obigen obiger obiges obigem oben dessus arriba anteriormente acima
    sopra""".split()  # noqa: SIM905
)
DEICTIC = frozenset(
    """given provided supplied gegebene gegebenen gegebenes gegebener vorgegebene vorgegebenen angegebene angegebenen
    angegebener angegebenes vorliegende vorliegenden donné donnée donnés données fourni fournie dado dada dados dadas
    proporcionado proporcionada fornecido fornecida dato data dati date fornito fornita this these diese diesen dieser
    dieses diesem cette ces este esta estos estas estes questa questo questi""".split()  # noqa: SIM905
)
_CLASS_WORDS = frozenset("class component struct schema klasse classe clase".split())  # noqa: SIM905
_BEFORE_MISS = re.compile(
    r"\b(?:an?|each|every|any|eine[nrsm]?|une?|una?|uma?|cada|jede[nrsm]?|chaque)\b", re.IGNORECASE
)

_LISTED = re.compile(
    r"[\[({<][^\])}>\n,;]{0,400}[,;]|\d[^\w\n]{1,3}\d|^[^|\n]{0,200}\|[^|\n]{0,200}\||[:：]\s{0,20}\S+[,，、] ?\S",
    re.MULTILINE,
)
"""What a series may be; a quoted word is none."""
_SPAN = re.compile(r"`([^`\n]++)`")
_STATEMENT = re.compile(r"\breturn\b|\bclass |\bdef |[{;]|=>|=[^=]|\) ?[-+*/%<.]|\w [-+*/%<>] \w|.{40}")
_ASSIGNMENT = re.compile(r"(?<![\w=<>!`])\w{1,30} ?= ?[\w\"'\[({<]|<[a-z]\w{0,10}>")
_RAISED = re.compile(r"\b[A-Z]\w{2,40}(?:Error|Exception|Warning)\b|\berror (?:code )?[A-Z]{0,4}\d{3,5}\b|[\"“«「`]")
"""A named error, or a quotation."""


def pointed_back(text: str, *, makes: bool) -> str | None:
    """The first phrase that points to a thing the text neither spoke of before nor holds; None if none does.

    `makes`: the task asks for a new function or program, whose parameter "the given list" may be.
    """
    if page(text).prose.strip() == "" or any(block.code.strip() for block in page(text).blocks):
        return None
    for match in islice(_pointers(text, makes=makes), MOST):
        kind, noun = next((name[1:], noun) for name, noun in match.groupdict().items() if noun)
        spoken_of = text[: match.start()].lower().find(noun.lower()[:6]) >= 0
        if not spoken_of and not _holds(text, kind):
            return match[0]
    return None


def _pointers(text: str, *, makes: bool) -> Iterator[re.Match[str]]:
    yield from spots(_ABOVE, text, _BACK)
    if not text.isascii():
        yield from _CJK_ABOVE.finditer(text)
    if not makes:
        yield from spots(_GIVEN, text, DEICTIC)
    if not distinct(text).isdisjoint(_CLASS_WORDS) and holds(_ADDS, text) and not holds(_MAKES_CLASS, text):
        yield from spots(_WORKED_ON, text, _CLASS_WORDS)


def _holds(text: str, kind: str) -> bool:
    if kind == "program":
        return (
            has_code(text) or _ASSIGNMENT.search(text) is not None or any(map(_STATEMENT.search, _SPAN.findall(text)))
        )
    if kind == "series":
        return _LISTED.search(text) is not None
    if kind == "error":
        return has_code(text) or _RAISED.search(text) is not None
    return has_material(text)


# -- stand-ins ---------------------------------------------------------------------------------------------------------

_PUT = (
    r"(?:(?:insert|paste|put|place|provide|add|include|enter|supply) (?:the |your |an? |original"
    r" )*+[\w -]{0,30}?(?:here|code|xml|json"
    r"|class|data|array|list|text|query|input|function|string|snippet|table|error|log|sentence)s?(?: here)?"
    r"|(?:your|the|original|given) (?:[\w-]{1,15} ){0,2}(?:code|xml|json|class|data|array|list|text|query|input"
    r"|function|string"
    r"|snippet|table|error(?: message)?|sentence)s?(?: (?:goes |comes )?here)?"
    r"|(?:[\w-]{1,15} ){1,3}(?:goes|comes|is inserted) here|(?:code|class|data|array|input|query|snippet) here"
    r"|(?:hier )?(?:\w{1,15} ){0,3}(?:hier )?(?:einfügen|einsetzen)|(?:inserte|inserta|pega|pegar|insertar|cole"
    r"|insira|inserir|colar"
    r"|insérez|insérer|collez|coller|inserisci|inserire|incolla) [\w ]{1,40}(?:aqu[íi]|ici|qui)?"
    r"|(?:tu|su|seu|votre|il tuo) c[óo]d(?:igo|e|ice)(?: aqu[íi]| ici| qui)?"
    r"|вставьте [\w ]{1,40}|ваш код(?: здесь)?|在?此处?[插粘填][入贴写]\w{0,12}|插入\w{1,10}|(?:你的|您的"
    r"|原)?(?:代码|数组|数据)(?:在此|放这里)"
    r"|ここに[\w ]{1,20}|[\w ]{1,12}を(?:ここに)?(?:挿入|貼り付け)\w{0,6}|(?:여기에 )[\w ]{1,20}|[\w"
    r" ]{1,12}(?:삽입|붙여넣기))"
)
_STAND_IN = re.compile(
    rf"[\[<{{(（【［](?<!\]\(.)[\[<{{(（【［]?\s?(?:{_PUT})\s?\.{{0,3}}[\]>}})）】］]{{1,2}}", re.IGNORECASE
)
_STAND_IN_BLOCK = re.compile(
    rf"\A\s*(?:#|//|--|/\*|<!--|\[|<|\{{)?\s{{0,3}}[\[<({{]?(?:{_PUT})[\w ,]{{0,40}}[\s.\]>)}}*/!-]{{0,8}}\Z",
    re.IGNORECASE,
)
_STAND_IN_MARKS = ("[", "<", "{", "(", "（", "【", "［")


def stand_in(text: str) -> str | None:
    """What stands in the text instead of the input that it speaks of; None where it brings anything else."""
    whole = page(text)
    blocks = [block.code for block in whole.blocks if block.code.strip()]
    if blocks:
        return blocks[0].strip()[:60] if len(blocks) == 1 and _STAND_IN_BLOCK.match(blocks[0][:200]) else None
    if not any(mark in text for mark in _STAND_IN_MARKS):
        return None
    found = search(_STAND_IN, whole.prose)
    if found is None or has_code(whole.prose.replace(found[0], "")):
        return None
    return found[0]
