"""The words around a refusal that decide it, in ten languages: data of the check `refusal`, as declining.py is.

Who is sent elsewhere was given nothing; who apologises and then speaks of the matter answers; who asked for a text that
says no gets one. For text on one line with straight apostrophes. Bounded repeats only.
"""

from __future__ import annotations

import re

from evolve.checks.declining import PROOF

ABOUT_ITSELF = re.compile(
    r"\b(?:i|i'm|i'd|i've|we|we're|my|our|me|us|ai|model|assistant|request\w*|guidelines?|polic(?:y|ies)|scope|ability"
    r"|cannot be (?:done|answered|fulfilled|completed)|beyond|ich|wir|mir|meine\w*|uns|je|j'ai|nous|mon|mes|yo|mi|mis"
    r"|puedo|podemos|eu|posso|minhas?|meus?|io|mio|я|мы|мне|мо[йяиё]\w*|не могу)\b|我|您的|私|저는|제가",
    re.IGNORECASE,
)
"""Whoever apologises and then speaks of himself, or of the request, declines."""

PLAINLY = re.compile(
    r"(?:"
    r"(?:not possible|no can do|impossible) (?:for me|here)|[^.!?]{0,80}\b(?:in|within|part of|outside|beyond) "
    r"(?:of )?(?:my|what (?:this|the) (?:assistant|model|bot|ai"
    r"|chat)) (?:skill|abilit|capabilit|remit|offers|area)|there are (?:many|plenty of|lots of|several) (?:\w+ )?"
    r"(?:tutorials|resources|guides|examples|articles)"
    r"|(?:dazu|darüber|hierzu) kann ich (?:leider )?nichts|(?:isso )?não me é (?:permitid|possível)|(?:no"
    r"|non) me es (?:posible|permitido)"
    r"|(?:no|nope|nah|sorry|error)\b[.!,: ]*(?:sorry|thanks|thank you)?[.!]*$|(?:error: )?(?:content|request"
    r"|response) (?:was )?(?:filtered|blocked"
    r"|moderated|rejected|withheld)"
    r"|(?:hmm,? |sorry,? |well,? )*i (?:don't|do not|really don't) (?:know|understand|get|speak|do)\b"
    r"|i(?:'m| am) not sure (?:how|what) (?:to|you)|i have no (?:idea|clue|answer)\b"
    r"|(?:please |kindly |can you |could you )?(?:rephrase|reword|restate|try again|ask (?:me )?(?:something|another"
    r"|your (?:instructor"
    r"|teacher|professor)))"
    r"|this (?:conversation|chat|topic|content|prompt) (?:can't|cannot|can not|is not|isn't|must|has been|was|violates)"
    r"|(?:for|due to) (?:legal|safety|security|ethical|policy|privacy|copyright) reasons"
    r"|i(?:'m| am) (?:going to|gonna) (?:have to )?(?:stop|pass|leave it)|i (?:have|need|must|had) to stop"
    r"|[^.!?]{0,60}\b(?:is|are|was|would be)(?: really| simply| just)?(?:n't| not) (?:something|anything|a thing"
    r"|a task|a request) (?:that )?(?:i|we)\b"
    r"|[^.!?]{0,60}\b(?:not my thing|not what i (?:do|am for)|isn't my thing|beyond (?:me\b|my )|above my pay)"
    r"|i(?:'m| am| was) (?:not|only|just|merely|never) (?:[a-z]+ )?(?:trained|programmed|designed|built|made|meant"
    r"|equipped|here|an? (?:\w+ )?"
    r"(?:chatbot|bot|language model))"
    # German, French, Spanish, Portuguese, Italian, Russian
    r"|[^.!?]{0,40}(?:(?:übersteigt|über|außerhalb) mein\w* (?:fähigkeiten|möglichkeiten|kenntnisse)|weiß ich "
    r"(?:leider )?nicht"
    r"|(?:dépasse|au-delà de|hors de) mes (?:compétences|capacités|possibilités)|je ne sais pas|je n'ai pas été "
    r"(?:conçu|entraîné"
    r"|programmé)|(?:fuera de|más allá de|supera) mis (?:posibilidades|capacidades|competencias)|(?:no|não) (?:fui"
    r"|he sido|estoy|estou|sou|soy)"
    r" (?:entrenad|treinad|programad|diseñad|projetad|capaz)|(?:fora|além) d[ae]s minhas|não sei (?:como|fazer"
    r"|responder)|no sé (?:cómo"
    r"|hacer|responder)|non (?:sono|sono stat[oa]) (?:programmat|addestrat|progettat|capace)|(?:oltre|al di là de"
    r"|fuori d)\w* (?:le )?mie"
    r"|non so (?:come|rispondere|fare)|(?:я )?(?:не умею|не знаю, как|не обучен|не предназначен|не способ)"
    r"|выходит за (?:рамки|пределы) моих"
    r"|я (?:всего лишь|просто|только) (?:\w+ )?(?:модель|бот|ассистент|программа))"
    # Chinese, Japanese, Korean
    r"|[^。！？.!?]{0,20}(?:我(?:只是|仅仅是|不过是)[^。，]{0,10}(?:模型|助手|ai|机器人)|(?:無法|沒辦法"
    r"|不能|不會|不便)(?:幫|協助|提供|回答|完成|編寫|寫)"
    r"|超出(?:了)?我的|我不(?:知道|清楚|会写|懂)|私には(?:わかりません|分かりません|できません)|(?:わかりかねます|分かりかねます)"
    r"|(?:コード|プログラム)[^。]{0,8}(?:書く|作る|作成する)ことは(?:できません|できない)|(?:들어"
    r"|해)\s?드릴 수 (?:가 )?없|(?:잘 )?모르겠(?:습니다|어요)"
    r"|제 (?:능력|권한)(?:을|의) (?:벗어|밖))"
    r")",
    re.IGNORECASE,
)
"""At the beginning of a short answer without code, to a task that asks for code: it knows, does or gives nothing."""

_ELSEWHERE = (
    r"(?:documentation|docs|tutorials?|guides?|(?:open[- ]source )?(?:library|libraries|packages?)|online|forums?"
    r"|courses?"
    r"|resources|stack ?overflow|books?|textbooks?|professionals?|experts?|freelancers?|developers?|manuals?"
    r"|examples on)"
)
REFERRAL = re.compile(
    r"\b(?:beyond|outside|out of|exceeds) (?:of )?the scope of (?:this|our|an?|the current|what) (?:\w+ )?"
    r"(?:conversation|chat"
    r"|answer|response|reply|discussion|format|session|platform|message|can)\b"
    r"|\b(?:too (?:long|complex|involved|big|large|advanced|much)|not (?:feasible|practical|possible)) (?:\w+ )?(?:to"
    r"|for) (?:\w+ ){0,4}?(?:here|(?:this|a) (?:\w+ )?(?:conversation|chat|answer|response|reply|format|message))\b"
    rf"|\b(?:suggest|recommend|advise|encourage|better|best|advisable|consider|refer|you (?:should|could|can|may"
    rf"|might))\b"
    rf"(?=[^.!?]{{0,60}}\b(?:look|search|consult|read|check|refer|see|visit|hir|ask|study|find|us)\w*\b)(?:[^.!?]|\."
    rf"(?=\w)){{0,100}}"
    rf"?\b{_ELSEWHERE}\b"
    r"|\b(?:ask|consult|contact|question for) (?:your|an?|the) (?:[a-z]+ )?(?:instructor|teacher|professor"
    r"|professional|engineer|developer"
    r"|tutor|colleague|expert)\b|\brather than (?:me|my|having me) \w+ing\b|\bgood luck with (?:your|the)\b"
    r"|(?:lesen|konsultieren|schauen) sie [^.!?]{0,60}(?:dokumentation|tutorial|fach)\w*|würde den rahmen"
    r"|consult(?:e|a|ez|are|i) [^.!?]{0,40}(?:documenta\w+|tutori\w+|manual\w*)|(?:fuera d|más allá d)el alcance"
    r"|fora do escopo|dépasse le cadre|hors du cadre|esula dall|обратитесь к [^.!?]{0,30}документации"
    r"|выходит за рамки|超出[^。！？]{0,12}(?:范围|讨论)|(?:建议|请)(?:您|你)?(?:自行)?(?:查阅|参考|查看"
    r"|阅读)[^。！？]{0,16}(?:文档|教程|资料)"
    r"|(?:ドキュメント|チュートリアル|公式サイト|参考書)[^。！？]{0,10}(?:参照|ご覧|確認|読)|(?:文書|문서"
    r"|튜토리얼|자료)[^.!?]{0,8}(?:참고|참조|확인)",
    re.IGNORECASE,
)
"""Sent elsewhere for what was asked; only where the answer holds no code at all."""

REFERRAL_SIGNS = (
    *(
        "scope",
        "too ",
        "not feasible",
        "not practical",
        "not possible",
        "suggest",
        "recommend",
        "advis",
        "encourag",
        "better",
    ),
    *(
        "consider",
        "refer",
        "ask ",
        "consult",
        "contact",
        "question for",
        "you can",
        "you could",
        "you should",
        "you may",
    ),
    *(
        "you might",
        "rather than",
        "good luck",
        "lesen sie",
        "schauen sie",
        "rahmen",
        "alcance",
        "escopo",
        "cadre",
        "esula",
    ),
    *("обратитесь", "рамки", "超出", "建议", "请", "参照", "ご覧", "確認", "読", "참고", "참조", "확인"),
)
"""Without one of these the pattern above is not tried."""

_DECLINED = (
    r"\b(?:refus\w*|declin\w*|reject\w*|apolog\w*|sorry|den(?:y|ies|ied|ial)|turn\w* down|violat\w*|unsafe|harmful"
    r"|guard(?:rail)?s?|moderat\w*|forbidden|not allowed|unavailable|out[- ]of[- ]scope|rechaz\w*|disculp\w*|negativa"
    r"|recus\w*|desculp\w*|rifiut\w*|scus[ae]\w*|ablehn\w*|absag\w*|entschuldig\w*|excus\w*|отказ\w*|отклон\w*"
    r"|извин\w*)|拒绝|拒絕|道歉|婉拒|断り|断る|謝罪|お詫び|拒否|거절|거부|사과"
)
_SPOKEN = (
    r"\b(?:messages?|repl(?:y|ies)|responses?|text\w*|vorlage\w*|schreiben|templates?|e-?mails?|letters?|notices?"
    r"|wording|sentences?|lines?|words"
    r"|strings?|dialog(?:ue)?s?|persona|prompts?|json|say|docstring|haiku|poem|mensajes?|respuestas?|cartas?|correo"
    r"|mensage(?:m|ns)|respostas?|messagg\w+|rispost\w+|nachricht\w*|antwort\w*|satz|brief|réponses?|phrase|сообщени\w+"
    r"|ответ\w*|письм\w+|текст\w*)\b|消息|回复|文案|邮件|话术|信|メッセージ|返信|文面|返答|メール|메시지|답장|답변|문구"
)
WANTED = (re.compile(_DECLINED, re.IGNORECASE), re.compile(_SPOKEN, re.IGNORECASE))
"""An instruction with both wants a text that says no."""

IN_WORDS = re.compile(
    r"\b(?:explain|describe|discuss|compare|essay|article|paragraph|in prose|without (?:any )?code|no code|summar\w+"
    r"|advice"
    r"|recommend\w*|which|why|e-?mail|letter|erkl[äa]r\w*|explica\w*|expliqu\w*|spiega\w*|объясни\w*)\b|解释|说明|説明|설명",
    re.I,
)
"""A task that prose may fulfil."""
NOT_CODE = re.compile(
    r"\W*(?:explain|prove|show (?:that|why)|argue|why|can|could|is it|does|what|erkläre?|beweise?|warum|explica"
    r"|prueba|demuestra"
    r"|por qué|expliquez?|prouvez|pourquoi|explique|prove|spiega|perché|объясни\w*|докажи\w*|почему)\b|\W*(?:解释|证明"
    r"|为什么|説明|証明|설명|증명)",
    re.I,
)
ARGUES = re.compile(
    rf"{PROOF.pattern}|\b(?:suppose|assum\w+|because|since|iff|otherwise|then|denn|porque|car|parce|perché|потому)\b"
    rf"|因为|なぜなら|왜냐",
    re.I,
)
