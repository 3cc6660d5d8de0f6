"""Orders for prose where a program was asked for: an essay, a letter, a slogan, a recipe, in ten languages.

Invariant: the order opens the text, and the rest names nothing that programs are made of. An essay *on* code and a
program *that writes* letters are neither: the former names code, the latter opens with the program.
"""

from __future__ import annotations

import re

from evolve.checks.spotting import match

_KINDS = (
    r"(?:essay|poem|haiku|sonnet|limerick|song|lyrics|short story|story|novel|fairy tale|fable|speech|slogan"
    r"|tagline|jingle|recipe"
    r"|cover letter|letter|thank-you note|e-?mail|invitation|press release|product description|advertisement|ad"
    r" copy|ad|marketing copy"
    r"|sales pitch|social media posts?|tweets?|instagram (?:caption|post)s?|linkedin post|blog post|blog article"
    r"|newsletter|article"
    r"|opinion piece|biography|travel (?:guide|itinerary|plan)|itinerary|meal plan|workout plan|book review|film"
    r" review|movie review"
    r"|diary entry|eulogy|toast|monologue|dialogue|screenplay|brochure|flyer|horoscope|headlines?|paragraph)s?"
)
_ENGLISH = re.compile(
    r"\A[\s#*>\"]{0,6}(?:(?:please|now|instead|imagine[^.\n]{0,80}[.,:]) )?(?:write|compose|draft|create|prepare"
    r"|pen|craft|plan|design"
    r"|produce|come up with|generate|give me|suggest)"
    rf" (?:me )?(?:an?|the|your|some|two|three|four|five|six|\d+)? ?(?:(?!that\b|which\b|to\b|for\b|script\b"
    rf"|program\b|function\b|class\b|regex\b|query\b|method\b|app\b)[\w,'’-]{{1,20}} ){{0,6}}?{_KINDS}\b(?!"
    rf" (?:generator|parser|class"
    r"|editor|manager|program|app|database|function|template|validator|sender|model|table|script|page|api|file"
    r"|format|system|object))",
    re.IGNORECASE,
)
_FOREIGN = re.compile(
    r"\A[\s#*>\"„«¿¡]{0,6}(?:(?:bitte|por favor|пожалуйста,?) )?(?:"
    r"(?:schreibe?n?(?: sie)?|verfasse?n?(?: sie)?|dichte|entwirf) (?:[\wäöüß-]{1,20} ){0,4}?(?:\w*aufsatz|essay"
    r"|gedicht|brief|\w*geschichte"
    r"|\w*rezept|werbetexte?|\w*werbespruch|slogans?|rede|blogbeitrag|e-?mail|\w*artikel|märchen|anschreiben"
    r"|pressemitteilung)\b"
    r"|(?:escrib[ea]|redact[ae]|compón|crea|elabora) (?:[\wáéíóúñ-]{1,20} ){0,4}?(?:ensayo|redacción|poema|carta"
    r"|cuento|historia|receta"
    r"|esl[óo]ga?n(?:es)?|discurso|art[íi]culo|correo|anuncio|canción)\b"
    r"|(?:escreva|redija|componha|crie|elabore) (?:[\wáéíóúãõç-]{1,20} ){0,4}?(?:ensaio|redação|poema|carta|conto"
    r"|história|receita|slogans?"
    r"|discurso|artigo|e-?mail|anúncio|texto publicitário|canção)\b"
    r"|(?:écri[sv]\w{0,3}|rédige[zr]?|compose[zr]?|imagine[zr]?|crée[zr]?) (?:[\wàâéèêëîïôûç'’-]{1,20}"
    r" ){0,4}?(?:essai|dissertation|rédaction"
    r"|poème|lettre|conte|histoire|recette|slogans?|discours|article|courriel|annonce|chanson)\b"
    r"|(?:scriv[ia]\w{0,2}|redigi|componi|crea|inventa) (?:[\wàèéìòù'’-]{1,20} ){0,4}?(?:saggio|tema|poesia"
    r"|lettera|racconto|storia|ricetta"
    r"|slogan|discorso|articolo|e-?mail|annuncio|canzone)\b"
    r"|(?:напиши(?:те)?|сочини(?:те)?|составь(?:те)?|придумай(?:те)?) (?:[\w-]{1,20} ){0,4}?(?:эссе|сочинение"
    r"|стихотворение|письмо|рассказ"
    r"|сказку|рецепт|слоган|речь|статью|рекламный текст|пост)\w{0,2}\b"
    r"|(?:napisz|ułóż) (?:[\w-]{1,20} ){0,4}?(?:esej|wypracowanie|wiersz|list|opowiadanie|przepis|slogan|artykuł"
    r"|przemówienie)\b"
    r")",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(
    r"\A\s{0,4}(?:请)?(?:写|撰写|创作|编写|拟)(?:出)?(?:一)?(?:篇|首|封|个|份|则|段|条)?[^。\n，]{0,30}(?:作文"
    r"|文章|散文|诗歌?|信|故事|演讲稿"
    r"|广告(?:语|文案)|文案|标语"
    r"|食谱|小说|论文|推文|攻略)(?![^。\n]{0,3}(?:程序|函数|系统|生成器|类|代码))"
    r"|\A[^。\n]{0,40}(?:作文|エッセイ|小論文|詩|手紙|物語|レシピ|スピーチ|キャッチコピー|広告文|記事|俳句"
    r"|ブログ)を[^。\n]{0,12}(?:書いて|作って|作成し|考えて|執筆)"
    r"|\A[^.\n]{0,40}(?:에세이|작문|시|편지|이야기|요리법|레시피|연설문|광고 ?문구|슬로건|기사|글)[를을]"
    r" ?[^.\n]{0,8}(?:작성|써|쓰|지어|만들)",
    re.IGNORECASE,
)
_PROGRAMS = re.compile(
    r"\b(?:code|coding|program\w{0,6}|function|algorithm\w{0,2}|software|script|class(?:es)?|method|variable|api"
    r"|html|css|sql|json|xml|regex"
    r"|databases?|compil\w{1,4}|debug\w{0,4}|python|java\w{0,6}|c\+\+|rust|typescript|react|git|linux|data"
    r" structures?|recurs\w{1,4}"
    r"|loops?|arrays?|strings?|server|client-side|developers?|engineers?|outage|bug|technical|app|application"
    r"|website|landing page"
    r"|markdown|latex|readme|documentation|\w*pointer|threads?|cache|query|queries|joins?|graphql|rest|http"
    r"|docker|kubernetes|tests?"
    r"|parser?|type system|machine learning|neural|model|variabl\w{1,3}|programm\w{0,6}|funktion\w{0,2}|código"
    r"|función|función|função|fonction"
    r"|funzione|codice|algoritm\w{1,3}|algorithme|datenbank\w{0,2}|informatique|inform[áa]tica|datei|fichier"
    r"|archivo|arquivo)\b"
    r"|代码|程序|函数|编程|算法|软件|数据库|接口|コード|プログラ|関数|アルゴリズム|データベース|ソフト|코드"
    r"|프로그램|함수|알고리즘|데이터베이스|소프트웨어|код\w{0,2}\b|программ"
    r"|функци|алгоритм|баз\w{1,2} данных|[`{}<>]|\w\(\)",
    re.IGNORECASE,
)


def _order(text: str) -> re.Match[str] | None:
    return match(_ENGLISH, text) or match(_FOREIGN, text) or (None if text.isascii() else _EAST_ASIAN.match(text))


def orders_prose(text: str) -> str | None:
    """The words that open a task which wants prose and speaks of no program; None if it is not such a one."""
    found = _order(text)
    if found is None or _PROGRAMS.search(text[:4000]):
        return None
    return found[0].strip()[:60]


def wants_program(text: str) -> bool:
    """Whether a task names something that programs are made of, and does not open with an order for prose."""
    return bool(_PROGRAMS.search(text[:4000])) and not _order(text)
