"""Sentences that point to something beside them: "the following code", "the table below", in ten languages.

`pointer` finds them and knows nothing of whether the thing is there (see material.py). A phrase that is a parameter
("sorts the given list"), a comparison ("values below the mean") or a compound ("the following data types") points to
nothing. STRONG phrases promise to show a thing; WEAK ones may as well speak of what the task itself describes, so they
count only in a task that asks for no new function or program.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import chain

from evolve.checks.spotting import distinct, holds, spots

_CODE = (
    r"(?:code|source|snippet|program|script|function|method|class|query|statement|expression|implementation"
    r"|algorithm|"
    r"loop|html|css|json|xml|yaml|markup|regex|stylesheet|component|page|config|configuration|dockerfile|makefile"
    r"|macro)"
)
_DATA = (
    r"(?:table|dataset|data|dataframe|dictionary|dict|object|list|array|string|text|sentence|paragraph|sentences"
    r"|matrix|"
    r"tuple|tuples|numbers|integers|values|words|lines|lists|arrays|strings|tables|records|rows|input|sequence"
    r"|log|logs|"
    r"schema|graph|tree|output|queries|functions|classes|statements|example|equation|formula|url|date|dates|names)"
)
_NOUN = rf"(?:{_CODE}|{_DATA})"
_QUALIFIER = r"(?:(?!of\b|the\b|and\b|to\b|in\b|for\b|with\b)[\w#+.'-]{1,20} ){0,3}"
_ENDS = (
    r"(?=[ \t]*(?:[.,;:!?()\n]|$)|[ \t]+(?:to|so|that|which|in|into|by|using|with|without|from|for|and|or|is|are|has|"
    r"have|does|do|on|as|if|when|while|where|then|but|works?|returns?|prints?|contains?|runs?|fails?|throws?|at"
    r"|not|it|"
    r"because|after|before|such|given|provided|written|via|due)\b)"
)
"""What may follow a noun that stands for itself; another noun would make it a compound."""

_ENGLISH_STRONG = re.compile(
    rf"\b(?:following|below) {_QUALIFIER}{_NOUN}{_ENDS}"
    rf"|\b(?:{_CODE}|table|dataset|data|dictionary|object|list|array|string|text|sentence|paragraph|matrix|schema)"
    r" (?:(?:(?:that|which) (?:is|are|was|were) )?(?:shown|given|provided|listed|presented|attached|supplied|written"
    r"|described|defined|that follows) )?"
    r"(?:below|beneath|underneath|that follows)(?=[ \t]*(?:[.,;:!?()\n]|$)|[ \t]+(?:to|so|that|which|in|into|by"
    r"|using|without|and|is|has|does|for|with|contains?)\b)",
    re.IGNORECASE,
)
_ENGLISH_WEAK = re.compile(
    rf"\bthe (?:given|provided|supplied|existing|above) {_QUALIFIER}"
    rf"(?:code|snippet|program|script|query|implementation|html|css|markup|stylesheet){_ENDS}"
    rf"|\bthe {_CODE} (?:(?:(?:that|which) (?:is|are|was|were) )?(?:shown|given|provided|listed|supplied) )?"
    r"(?:above|provided|given|supplied)"
    r"(?=[ \t]*(?:[.,;:!?()\n]|$)|[ \t]+(?:to|so|that|into|using|without|and|as|in|with|for)\b)"
    r"|\b(?:fix|debug|refactor|optimi[sz]e|correct|rewrite|explain|translate|convert|complete|modify|edit|improve|"
    r"simplify|analy[sz]e|review|change|update|extend|rework|parallelize|document|test|describe|trace|evaluate|run|"
    rf"adapt|transform|restructure|repair|tidy|clean up|speed up|shorten) (?:the|this|that|these|my|our|your) "
    rf"{_QUALIFIER}(?:code|snippet|program|script|function|query|statement|loop|expression|method|class|html"
    rf"|css){_ENDS}"
    rf"|\b(?:this|these) {_QUALIFIER}(?:code|snippet|query|list|array|string|table|dictionary|sentence|matrix){_ENDS}"
    r"|\b(?:bugs?|errors?|mistakes?|wrong|faults?|output|result|purpose|complexity)"
    rf" (?:of|in|with) (?:the|this|that|my|our) {_QUALIFIER}(?:code|snippet|program|script|function|query"
    rf"|loop){_ENDS}",
    re.IGNORECASE,
)
_ENGLISH_MAKES = re.compile(
    r"\b(?:write|create|implement|design|develop|build|construct|generate|make|define|provide|compose|code an?|devise"
    r"|craft|"
    r"produce|formulate|propose|add)\b"
    r"(?:[^.!?\n]|\.(?=\w)){0,80}\b(?:functions?|programs?|methods?|scripts?|class(?:es)?|algorithms?|tool|app"
    r"|application|routine|"
    r"procedure|quer(?:y|ies)|code|regex|expression|module|library|service|api|interface|component|(?:web)?page"
    r"|parser|system|subroutine|pipeline|view|"
    r"solution|snippet|command|statement|loop|table|list|array|structure|model|website|server|game|calculator|form)\b"
    r"|\b(?:that|which) (?:takes|accepts|receives)\b|\bas (?:an? )?(?:input|argument|parameter)",
    re.IGNORECASE,
)

_CJK_STRONG = re.compile(
    r"(?:以下|下面|下列|如下)(?:这段|这个|的|所示的?|给出的?|这些)?[\w ]{0,8}?(?:代码|程序|函数|脚本|片段|查询"
    r"|语句|列表|数组|字符串|表格"
    r"|数据|JSON|文本|句子|字典|矩阵)(?!结构|类型|签名|操作|格式|库|集|点|模型|功能|规则|要求|条件|方法|特性|名)"
    r"|(?:次|以下|下記|下)の[\w ]{0,8}?(?:コード|プログラム|関数|スクリプト|クエリ|リスト|配列|文字列|表|テーブル"
    r"|データ|JSON|文章|辞書"
    r"|行列)(?!構造|型|形式|操作|処理|ベース|要件|仕様|名|示)"
    r"|(?:다음|아래)의? ?(?:[\w+#]{1,12} ){0,2}(?:코드|프로그램|함수|스크립트|쿼리|리스트|목록|배열|문자열|표"
    r"|테이블|데이터|문장|딕셔너리|행렬)"
    r"(?! ?(?:구조|형식|유형|베이스|타입|요구|이름|조건))"
)
_LATIN_STRONG = re.compile(
    # Spanish, Portuguese, Italian, French
    r"\bsiguientes? (?:[\w#+]{1,15} ){0,2}?(?:código|función|fragmento|programa|consulta|lista|arreglo|cadena"
    r"|tabla|script|array"
    r"|datos|texto|diccionario|matriz|frase)\b(?! de (?:requisitos|funciones|reglas|tareas))"
    r"|\b(?:código|función|fragmento|programa|consulta|lista|arreglo|cadena|tabla|script|datos|texto|matriz) "
    r"(?:siguientes?|de abajo|a continuación|que sigue|de más abajo)\b"
    r"|\bseguintes? (?:[\w#+]{1,15} ){0,2}?(?:código|função|trecho|programa|consulta|lista|array|vetor|string"
    r"|tabela|script|dados"
    r"|texto|dicionário|matriz|frase)\b(?! de (?:requisitos|funções|regras|tarefas))"
    r"|\b(?:código|função|trecho|programa|consulta|lista|vetor|string|tabela|script|dados|texto|matriz) "
    r"(?:abaixo|a seguir|seguintes?)\b"
    r"|\bseguent[ei] (?:[\w#+]{1,15} ){0,2}?(?:codice|funzione|frammento|programma|query|lista|elenco|array"
    r"|stringa|tabella|script"
    r"|dati|testo|dizionario|matrice|frase)\b(?! di (?:requisiti|funzioni|regole))"
    r"|\b(?:codice|funzione|frammento|programma|query|lista|elenco|array|stringa|tabella|script|dati|testo) "
    r"(?:seguent[ei]|qui sotto|di seguito|sottostante|riportat[oa] sotto)\b"
    r"|\b(?:code|fonction|extrait|programme|requête|liste|tableau|chaîne|script|données|texte|phrase|dictionnaire) "
    r"(?:(?:\w{1,15} )?suivante?s?|ci-dessous)\b"
    # German, Russian
    r"|\b(?:folgende[nrsm]?|(?:unten |unten)stehende[nrsm]?) (?:[\w#+-]{1,20} ){0,2}?(?:Code|Funktion|Programm"
    r"|Skript|Abfrage|Liste"
    r"|Array|Zeichenkette|Tabelle|Daten|Quelltext|Quellcode|Codeausschnitt|Codeschnipsel|Text|Satz|Wörterbuch"
    r"|Matrix)\b"
    r"|\b(?:Code|Funktion|Programm|Skript|Abfrage|Liste|Zeichenkette|Tabelle|Quelltext) (?:(?:hier )?unten"
    r"|weiter unten)\b"
    r"|\b(?:следующ|нижеследующ|приведённ|приведенн)\w{2,3} (?:ниже )?(?:[\w#+-]{1,20} ){0,2}?(?:код|функци"
    r"|программ|скрипт|запрос"
    r"|список|списк|массив|строк|таблиц|данны|фрагмент|текст|словар|матриц)\w{0,3}\b"
    r"|\b(?:код|функци\w|программ\w|скрипт|запрос|список|массив|строк\w|таблиц\w|фрагмент)\w{0,2} ниже\b",
    re.IGNORECASE,
)
_CJK_WEAK = re.compile(
    r"(?:上述|上面|以上|给定|所给|提供|这段|该段|现有)的?[\w ]{0,8}?(?:代码|程序|脚本|片段|查询)"
    r"|(?:上記の?|この|与えられた|既存の)[\w ]{0,8}?(?:コード|プログラム|スクリプト|クエリ)"
    r"|(?:위의?|주어진|이|기존) ?(?:[\w+#]{1,12} ){0,1}(?:코드|프로그램|스크립트|쿼리)"
)
_LATIN_WEAK = re.compile(
    r"\b(?:este|ese) (?:código|fragmento|programa|trecho)\b|\bcódigo (?:anterior|dado|proporcionado|acima"
    r"|fornecido)\b"
    r"|\b(?:ce|cet) (?:code|extrait|programme)\b|\bcode (?:ci-dessus|fourni|donné)\b"
    r"|\b(?:diesen?|dieses|obigen?|gegebenen?) (?:[\w#+-]{1,20} )?(?:Code|Quelltext|Programm|Skript)\b"
    r"|\b(?:questo|quel) (?:codice|frammento|programma)\b|\bcodice (?:sopra|fornito|dato|precedente)\b"
    r"|\b(?:этот|этого|этом|данный|данного) (?:код|фрагмент|скрипт)\w{0,2}\b|\bкод\w? выше\b",
    re.IGNORECASE,
)
_CJK_MAKES = re.compile(
    r"(?:编写|写|实现|创建|设计|开发|构建|定义)[^。\n]{0,30}(?:函数|程序|脚本|类|方法|算法|代码|查询)"
    r"|(?:関数|プログラム|スクリプト|クラス|メソッド|アルゴリズム|コード|クエリ)を?(?:\w{0,6})(?:書|作成|実装"
    r"|設計|開発|作)"
    r"|(?:함수|프로그램|스크립트|클래스|메서드|알고리즘|코드|쿼리)[를을]? ?(?:\w{0,6} )?(?:작성|구현|만드|만들"
    r"|설계|개발)",
    re.IGNORECASE,
)
_LATIN_MAKES = re.compile(
    r"\b(?:escrib|cre[ae]|implement|diseñ|desarroll|escrev|desenvolv|scriv|sviluppa|progett|écri|crée|développ"
    r"|conçoi|schreib"
    r"|erstell|implementier|entwickl|entwirf|напиши|создай|реализуй|разработай)\w{0,6}\b[^.\n]{0,60}\b(?:funci"
    r"|funç|funz|fonction"
    r"|funktion|program|script|skript|clase|classe|klasse|méto|méth|metod|código|codice|code|функци|программ"
    r"|скрипт|класс|алгоритм"
    r"|algorit)\w{0,8}",
    re.IGNORECASE,
)
_SHOWN = re.compile(
    r"[ \t]*\n(?=[ \t]*\S)|[^\n:：]{0,120}[:：][ \t*_]*+[^\s*_][^\n]*|[^\n:：]{0,120}[:：][ \t*_]*\n\s{0,200}\S"
)
"""Behind the pointer: a next line, or a colon with something after it."""


_Spaced = Sequence[tuple[re.Pattern[str], Collection[str]]]
_ENDS_SOFT, _ENDS_HARD = "ий ая ее ие его ей ему ую их ем", "ый ая ое ые ого ой ому ую ых ом"
_RUSSIAN = (
    *(f"{stem}{end}" for stem in ("следующ", "нижеследующ") for end in _ENDS_SOFT.split()),
    *(f"{stem}{end}" for stem in ("приведённ", "приведенн") for end in _ENDS_HARD.split()),
)
_STRONG = (
    (_ENGLISH_STRONG, frozenset({"following", "below", "beneath", "underneath", "follows"})),
    (
        _LATIN_STRONG,
        frozenset(
            """siguiente siguientes abajo continuación sigue seguinte seguintes abaixo seguir seguente seguenti sotto
            seguito sottostante suivant suivante suivants suivantes dessous unten folgende folgenden folgender folgendes
            folgendem untenstehende untenstehenden stehende stehenden ниже""".split()  # noqa: SIM905
        ).union(_RUSSIAN),
    ),
)
_WEAK = (
    (
        _ENGLISH_WEAK,
        frozenset(
            """given provided supplied existing above this these fix debug refactor optimize optimise correct rewrite
            explain translate convert complete modify edit improve simplify analyze analyse review change update extend
            rework parallelize document test describe trace evaluate run adapt transform restructure repair tidy clean
            speed shorten bug bugs error errors mistake mistakes wrong fault faults output result purpose
            complexity""".split()  # noqa: SIM905
        ),
    ),
    (
        _LATIN_WEAK,
        frozenset(
            """este ese anterior dado proporcionado acima fornecido ce cet dessus fourni donné diese diesen dieses
            obigen gegebene gegebenen questo quel sopra fornito dato precedente этот этого этом данный данного
            выше""".split()  # noqa: SIM905
        ),
    ),
)
"""Patterns for languages with spaces, each with its trigger words."""
_BELOW = _STRONG[0][1] - {"following"}
_FOLLOWING = (
    (re.compile(rf"\bfollowing {_QUALIFIER}{_NOUN}{_ENDS}", re.IGNORECASE), frozenset({"following"})),
    *_STRONG[1:],
)
"""The same for a text without the other words of the first of them."""
_WEAK_WORDS = frozenset().union(*(words for _, words in _WEAK))


@lru_cache(maxsize=32)  # two checks ask for the same pointers
def pointer(text: str, *, weak: bool) -> str | None:
    """The first phrase in `text` that points to a thing beside it and shows nothing behind a colon; None if none does.

    `weak`: phrases count too that may speak of what the task describes, where the task makes nothing new.
    """
    following = distinct(text).isdisjoint(_BELOW)
    found = _first(text, _FOLLOWING if following else _STRONG, _CJK_STRONG)
    none_weak = text.isascii() and distinct(text).isdisjoint(_WEAK_WORDS)
    if found is None and weak and not none_weak and not makes(text):
        return _first(text, _WEAK, _CJK_WEAK)
    return found


def _first(text: str, spaced: _Spaced, cjk: re.Pattern[str]) -> str | None:
    matches = chain(
        *(spots(pattern, text, words) for pattern, words in spaced), () if text.isascii() else cjk.finditer(text)
    )
    return next((found[0] for found in matches if not _SHOWN.match(text, found.end())), None)


@lru_cache(maxsize=32)
def makes(text: str) -> bool:
    """Whether the task asks for a new function, program or the like, whose parameters it may speak of."""
    return holds(_ENGLISH_MAKES, text) or holds(_LATIN_MAKES, text) or (not text.isascii() and holds(_CJK_MAKES, text))
