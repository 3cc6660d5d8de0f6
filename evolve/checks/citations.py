"""What a task cites of the world outside it: attachments, figures, books, talks, links, the services of some company.

`cited` knows nothing of the parent. Tasks about mail have attachments of their own, and tasks about drawing
figures; a service that the task describes, or wants made or stood in for, is given. So none of these counts.
"""

from __future__ import annotations

import re

from evolve.checks.spotting import distinct, spot
from evolve.markdown import page

_THING = (
    r"(?:file|csv|document|image|screenshot|spreadsheet|data ?set|pdf|code|zip|archive|diagram|log|schema|sheet"
    r"|notebook|data|"
    r"specification|spec|report|template|table|photo|picture|script|project|worksheet|json|xml|excel|figure|chart"
    r"|material|"
    r"resource|handout|wireframe|mock-?up|design|workbook|letter|list|map|plan|brief|survey|statement|invoice"
    r"|transcript"
    r"|recording|export|dump|sketch|scan|form|questionnaire|paper|article)s?"
)
_PICTURE = (
    r"(?:figure|fig\.?|diagram|image|screenshot|picture|chart|photo|illustration|flowchart|drawing|wireframe"
    r"|mock-?up)"
)
_BOOK = (
    r"(?:text ?book|book|manual|handout|lecture(?: notes)?|pdf|document|slides|course(?: notes)?|syllabus"
    r"|workbook|reader"
    r"|appendix|specification|style guide|handbook|report|paper|article|brochure|white ?paper|thesis|standard)"
)
_OWNER = (
    r"(?:our|my|the|your|their) (?:company|team|client|organi[sz]ation|firm|employer|department|startup|boss"
    r"|manager|vendor|customer)"
    r"(?:['’]s|s['’]) "
)
_SERVICE = (
    r"(?:apis?|sdk|library|framework|package|service|endpoint|wiki|documentation|docs|database|repo(?:sitory)?"
    r"|code ?base|server"
    r"|platform|data ?set|guidelines?|style ?guide|tool|intranet|portal|protocol|conventions?)"
)


def _family(triggers: str, pattern: str) -> tuple[frozenset[str], re.Pattern[str]]:
    return frozenset(triggers.split()), re.compile(pattern, re.IGNORECASE)


_THINGS = (
    _family(
        "attached attachment attachments",
        rf"\battached (?:[\w.-]{{1,20}} ){{0,2}}{_THING}\b|\b{_THING} (?:(?:that )?(?:is|are) )?attached\b(?! to\b)"
        r"|\b(?:see|in|from|find|per|open|use|check) (?:the |my |our )?attach(?:ment|ed\b(?! to))s?\b",
    ),
    _family(
        "figure fig diagram image screenshot picture chart photo illustration flowchart drawing wireframe mock mockup",
        r"\b(?:shown|depicted|illustrated|seen|described|displayed|pictured) (?:in|by|on) (?:the "
        r"|this )?(?:\w{1,15} )?"
        rf"{_PICTURE}(?: (?:\d|above|below)|(?= (?:so|to|and|using|with|without)\b|[.,;)\n]|$))|\b(?:see|refer to"
        rf"|consult|use|in|from"
        rf"|to) (?:the )?{_PICTURE} \d{{1,2}}\b"
        rf"|\bthe {_PICTURE} (?:above|below|provided|I sent)\b",
    ),
    _family(
        "textbook book manual handout lecture pdf document slides course syllabus workbook reader appendix "
        "specification guide handbook report paper article brochure whitepaper thesis standard",
        r"\b(?:page|chapter|section|exercise|slide|listing|problem|example) [\d.]{1,6} (?:of|from|in|on) (?:the"
        r"|your|our|my) "
        rf"(?:\w{{1,15}} ){{0,2}}{_BOOK}\b|\b(?:your|our) (?:\w{{1,15}} )?(?:text ?book|lecture notes"
        rf"|course notes|workbook)\b",
    ),
    _family(
        "sent gave emailed mailed shared uploaded attached showed mentioned discussed agreed covered seen "
        "conversation meeting "
        "chat session email lesson lecture",
        r"\b(?:I|we) (?:\w{1,9} )?(?:sent|gave|e-?mailed|shared|uploaded|attached|showed|mentioned|discussed)"
        r" (?:(?:to )?you|earlier|yesterday|last|before|above|previously)\b"
        r"|\b(?:as|that|which) (?:we )?(?:discussed|agreed|covered|seen) (?:in|during|at) (?:class|yesterday|last"
        r"|the (?:last|previous)"
        r"|our (?:last|previous))\b"
        r"|\b(?:from|in) our (?:last|previous) (?:conversation|meeting|chat|session|e-?mail|lesson|lecture)\b",
    ),
    _family(
        "linked enclosed link url",
        r"\bthe (?:linked|enclosed) (?:document|repo|repository|page|file|spreadsheet|data ?set|article|spec|gist"
        r"|notebook)\b"
        r"|\b(?:at|from|on|in|via) (?:the|this) (?:link|url) (?:above|below|provided|given|here)\b",
    ),
    _family(
        "drive docs dropbox 1drv onedrive we sharepoint corp intranet",
        r"https?://(?:(?:drive|docs)\.google|(?:www\.)?dropbox|1drv|onedrive|we\.tl"
        r"|[\w-]{1,40}\.sharepoint)[./][\w/.?=&%-]{3}"
        r"|https?://[\w.-]{1,60}\.(?:corp|intranet)\b",
    ),
    # Spanish, Portuguese, Italian, French, German, Russian
    _family(
        "adjunto adjunta adjuntos adjuntas anexo anexa anexos anexas anexado anexada allegato allegata allegati "
        "allegate joint jointe "
        "joints jointes annexe figura página pagina figure page anhang abbildung seite angehängte angehängten "
        "angehängter "
        "angehängtes beigefügte beigefügten beigefügter beigefügtes beiliegende beiliegenden beiliegendes "
        "вложении рисунке рис "
        "страница страницы странице imagen imagem immagine "
        + " ".join(
            f"{stem}{end}"
            for stem in ("прикреплённ", "прикрепленн", "приложенн", "вложенн")
            for end in ("ый", "ая", "ое", "ые", "ого", "ой", "ому", "ую", "ых", "ом")
        ),
        r"\b(?:archivo|fichero|documento|imagen|hoja|conjunto|arquivo|imagem|planilha|file|immagine|foglio"
        r"|tabella|tabla|csv|pdf|dati"
        r"|datos|dados) (?:[\w.]{1,12} )?(?:adjunt[oa]s?|anexad[oa]s?|anex[oa]s?|em anexo|allegat[oaie]"
        r"|in allegato)\b"
        r"|\b(?:en|na|nella|in) (?:la |a )?(?:figura|imagen|imagem|immagine) (?:\d|adjunta|anterior|siguiente"
        r"|abaixo|acima|sopra|sotto"
        r"|allegata)|\b(?:página|pagina) \d{1,3} (?:del?|do|dos) (?:libro|manual|texto|livro|manuale|testo)\b"
        r"|\b(?:fichier|document|image|tableau|feuille|données|csv|pdf) (?:\w{1,12} )?(?:ci-jointe?s?|jointe?s?"
        r"|en pièce jointe|en annexe)\b"
        r"|\bpièces? jointes?\b|\b(?:sur|dans|voir) la figure \d|\bpage \d{1,3} du (?:manuel|livre)\b"
        r"|\b(?:angehängte|beigefügte|beiliegende)[nrsm]? \w|\bim Anhang\b|\bAbbildung \d"
        r"|\bin der Abbildung (?:oben|unten)\b"
        r"|\bSeite \d{1,3} (?:des|im|unseres) (?:Buch|Lehrbuch|Handbuch|Skript)"
        r"|\b(?:прикрепл[её]нн|приложенн|вложенн)\w{2,3} (?:\w{1,12} )?(?:файл|документ|изображен|данны|архив"
        r"|рисун)|\bво вложении\b"
        r"|\bна (?:рисунке|рис\.) ?(?:\d|ниже|выше)|\bстраниц\w \d{1,3} (?:учебника|книги)",
    ),
)
_SERVICES = (
    _family(
        "company team client organization organisation firm employer department startup boss manager vendor "
        "customer our my "
        "proprietary undocumented confidential house internal private companies",
        rf"\b{_OWNER}(?:[\w-]{{1,15}} ){{0,2}}?{_SERVICE}\b"
        rf"|\b(?:our|my) (?:internal|in-house|proprietary|private|confidential"
        rf"|secret) (?:[\w-]{{1,15}} ){{0,2}}?{_SERVICE}\b"
        r"|\b(?:the|an?) (?:company-internal|undocumented|confidential|proprietary|in-house|(?:internal"
        r"|private) company) "
        rf"(?:[\w-]{{1,15}} ){{0,2}}?{_SERVICE}\b",
    ),
    _family(
        "empresa compañía azienda nostra nossa nuestra notre votre interne privée propriétaire internen interner "
        "interne firmeninterne "
        "firmeninternen hauseigene hauseigenen unserer внутренний внутреннего внутреннему внутреннюю внутренней "
        "внутренние внутренних "
        "внутренняя",
        r"\b(?:API|biblioteca|librería|libreria|servicio|serviço|servizio|documentación|documentação"
        r"|documentazione|sistema) "
        r"(?:intern[oa]|privad[oa]|privata|proprietari[oa]|propietari[oa]) (?:de|da|do|della|dell['’]|di) ?(?:la"
        r"|nuestra|nossa|nostra|mi"
        r"|minha|sua|empresa|azienda)"
        r"|\b(?:API|bibliothèque|service|documentation|système) (?:interne|privée?|propriétaire) (?:de"
        r"|à) (?:notre|la|l['’]|mon|ma|votre)"
        r"|\b(?:internen?|interner|firmeninternen?|hauseigenen?) (?:[\w-]{1,15} )?(?:API|Bibliothek|Schnittstelle"
        r"|Dokumentation|Plattform)"
        r" (?:unserer|der|meiner|eurer) (?:Firma|Unternehmen|Abteilung)"
        r"|\bunsere[rnm]? internen? (?:[\w-]{1,15} )?(?:API|Bibliothek|Schnittstelle|Dokumentation|Datenbank"
        r"|Plattform)"
        r"|\bвнутренн\w{2,3} (?:[\w-]{1,15} )?(?:API|библиотек|документац|сервис|систем)\w{0,3} (?:нашей|компании"
        r"|моей|вашей)",
    ),
)
_CJK = re.compile(
    r"附件|附图|附表|随附的?(?:文件|数据|图)|(?:如|见)(?:上|下|附)?图(?!书|形|像|片|论|表库)|第 ?\d{1,3} ?页"
    r"|(?:公司|企业|我们|团队)内部的?[\w ]{0,6}"
    r"(?:接口|API|库|系统|文档|平台|框架|服务|规范)|(?:之前|昨天|上次|刚才)我?(?:发|给|传|提供)给?(?:你|您)?的"
    r"|添付(?:の|された|した|している)?\w{0,8}(?:ファイル|画像|資料|図|データ|CSV|PDF|文書|表|コード|仕様)|(?:上"
    r"|下)の図|図 ?\d(?:に|の|を|で)"
    r"|教科書の|\d{1,3} ?ページ目?の(?:図|問|例|表|演習|コード)|(?:社内|弊社|自社)の?[\w ]{0,8}(?:API|ライブラリ"
    r"|ドキュメント|システム|サーバ|規約|仕様|Wiki)"
    r"|첨부(?:된|한)? ?(?:\w{1,8} )?(?:파일|이미지|문서|데이터|자료|그림|코드|CSV|PDF)|(?:위|아래) ?그림|그림 ?\d"
    r"|교과서|(?:사내|우리 회사의?|자사) "
    r"?(?:\w{1,8} )?(?:API|라이브러리|문서|시스템|서버|위키|규정)"
)
_MAIL = re.compile(
    r"\b(?:e-?)?mails?\b|\bmime\b|smtp|imap|gmail|outlook|\bmessages?\b|\btickets?\b|\buploads?\b|correo|courriel|почт"
    r"|письм|メール|邮|郵|메일",
    re.IGNORECASE,
)
_DRAWING = re.compile(
    r"matplotlib|\bplots?\b|latex|markdown|\btikz\b|\bprinters?\b|svg|\bcanvas\b|opencv|graphviz|分页|翻页|改ページ",
    re.IGNORECASE,
)
_DESCRIBED = re.compile(
    r"\b(?:expos(?:es|ing)|returns?|mock|stub|fake|simulat\w{1,4}|assum\w{1,4}|pretend|whose|consists? of"
    r"|with the (?:fields|columns|"
    r"endpoints|methods|signature)|(?:GET|POST|PUT|DELETE) /|design|document(?:s|ing)? (?:a|an|the|our)"
    r"|interface for|placeholder)\b",
    re.IGNORECASE,
)


_TRIGGERS = frozenset().union(*(words for words, _ in (*_THINGS, *_SERVICES)))


def cited(text: str) -> str | None:
    """What `text` cites of things outside it; None where it says itself what that is."""
    prose = page(text).prose
    if prose.isascii() and distinct(prose).isdisjoint(_TRIGGERS):
        return None
    return _thing(prose) or _service(prose)


def _thing(prose: str) -> str | None:
    for words, pattern in _THINGS:
        found = spot(pattern, prose, words)
        if found is not None:
            excuse = _DRAWING if "figure" in words else _MAIL
            return None if excuse.search(prose) else found
    outside = None if prose.isascii() else _CJK.search(prose)
    return None if outside is None or _MAIL.search(prose) or _DRAWING.search(prose) else outside[0]


def _service(prose: str) -> str | None:
    found = next((phrase for words, pattern in _SERVICES if (phrase := spot(pattern, prose, words))), None)
    return None if found is None or _DESCRIBED.search(prose) else found
