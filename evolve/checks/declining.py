"""The words by which an answer declines, in ten languages: data of the check `refusal`.

All patterns are for the first sentences of an answer: on one line, in lower case, with straight apostrophes. They look
for someone who says no (I, we, this assistant), not for something that cannot be: "Python has no switch" is no refusal.
English, German, French, Spanish, Portuguese, Italian, Russian, Chinese, Japanese, Korean. Bounded repeats only.
"""

from __future__ import annotations

import re

from evolve.checks.spotting import match, search

_WHO = r"(?:i|we|this (?:assistant|ai|model)|the (?:assistant|ai|model))"
_NOT = (
    r"(?:(?:can|could|will|would|do|must|should|shall|may|am|are|is)(?: not|n't)|cannot|can't|won't|shan't|ain't)"
    r"(?: (?:really|simply|unfortunately|currently|be able to|be|in good conscience|ethically|legally|personally"
    r"|directly|just|provide|yet|either))?"
)
_UNABLE = (
    r"(?:'m|'re| am| are| is|'ve| have| must| will| would|'d|'ll| feel)? ?(?:just |really |very |so |also |simply "
    r"|still |currently |respectfully |therefore |afraid (?:that )?(?:i(?:'m| am) )?)*"
    r"(?:not (?:able|allowed|permitted|willing|going|comfortable|authori[sz]ed|in a position|prepared|at liberty)"
    r"|unable|unwilling|prohibited|forbidden|reluctant)"
)
_REQUEST = (
    r"(?:this|that|it|these|those|such|your (?:request|question|task|homework|assignment|prompt)|the (?:request\w*"
    r"|task|question|prompt|following|above)|requests? (?:like|of)|what you)"
)
_HELP = (
    r"(?:help|assist|comply|fulfil+|participate|engage|oblige|proceed|accommodate|satisfy|honou?r|entertain"
    r"|continue|support|cooperate|take part|be of (?:help|assistance))"
)
_MAKE = (
    r"(?:provide|give|write|create|generate|produce|develop|build|make|design|implement|code|do|offer|share|supply"
    r"|complete|solve|answer|discuss|recommend|advise|respond|program|carry out|perform|deliver|show|tell)"
)
_ADVERB = r"(?:[a-z]+ly |also |just |even |simply |be |to |able to )*"

_ENGLISH = re.compile(
    r"(?<!\w)(?:"
    # will not help; will not write such a thing; declines; prefers not to; it would be wrong
    rf"{_WHO} {_NOT} (?:able to |going to |willing to |comfortable )?{_ADVERB}{_HELP}(?:ing)?\b(?! (?:but|wondering"
    rf"|noticing))"
    rf"|{_WHO}{_UNABLE} (?:to |in |with )?{_ADVERB}{_HELP}(?:ing)?\b"
    rf"|{_WHO} (?:{_NOT} |.?(?:am|'m) not (?:able|going|willing|comfortable|allowed|permitted) (?:to "
    rf"|with )?){_ADVERB}{_MAKE}(?:ing)? (?:you (?:with )?)?(?:with )?(?:{_REQUEST}|any(?:thing)?|(?:a |the "
    rf"|any )?(?:\w+ ){{0,3}}(?:code|program|script|function|solution|implementation|answer|quer(?:y|ies)|assistance"
    rf"|help|guidance|instructions|information|software|tools?|content)\b)"
    rf"|{_WHO}{_UNABLE} (?:to |with |in )?{_ADVERB}(?:{_MAKE}|writ|provid|creat|generat|produc|shar|giv)(?:ing)?\b"
    r"|(?:i|we)(?:'d| would)? (?:must|have to|need to|am going to have to|'m going to have to|will have to"
    r"|'ll have to|am forced to|respectfully|am obliged to|should)? ?(?:respectfully |politely "
    r"|regretfully )?(?:decline|refuse|pass on|turn (?:this|that|it) down|abstain|opt out)\b"
    r"|(?:i'm|i am|we're|we are) (?:going to |gonna )?(?:have to )?(?:respectfully )?(?:declin|refus"
    r"|pass(?:ing)? on)\w*"
    r"|(?:i|we)(?:'d| would) (?:much |really )?(?:(?:rather|prefer)(?: to)? not|(?:rather|prefer to) (?:skip|avoid"
    r"|pass|decline|leave|stay away))\b|(?:i|we) (?:prefer|choose|have decided|decided|have chosen) not to\b"
    rf"|(?:i|we) (?:do not|don't|would not|wouldn't) (?:feel |be |think (?:it|that|i) [\w' ]{{0,20}})?(?:comfortable"
    rf"|right|appropriate|want to (?:{_HELP}|{_MAKE}))\b"
    rf"|(?:i|we) (?:do not|don't|won't) (?:{_HELP}|do) (?:with )?(?:homework|assignments?|people's|other people|your"
    rf"|this|that|those|such)"
    r"|(?:it|this|that)(?:'s|) ?(?:would be|is|isn't||is not|wouldn't be|would not be"
    r"|seems) (?:[a-z]+ )?(?:inappropriate|unethical|irresponsible|illegal|harmful|against (?:my|the|our)"
    r"|not something (?:that )?(?:i|we)|something (?:that )?(?:i(?:'m| am)?|we(?:'re| are)?) (?:can't|cannot|won't"
    r"|will not|am not|'m not|do not|don't|am unable|am unable|willing|comfortable|happy to|decline)|(?:outside"
    r"|beyond|out of) (?:of )?(?:my\b|the scope of (?:my|what)|what i|(?:my |the )?(?:\w+ )?area of)|(?:appropriate"
    r"|ethical|responsible|safe) (?:for me|to (?:help|assist|provide)))"
    r"|(?:your|this|that|the) (?:request|task|question|prompt)(?: \w+)? (?:violates|goes against|conflicts with"
    r"|breaches|falls (?:outside|beyond)|is (?:outside|beyond|against|denied|refused|declined|not (?:something"
    r"|appropriate|allowed|permitted)|inappropriate|unethical)|cannot be (?:fulfilled|completed|processed|answered"
    r"|honou?red)|can't be (?:fulfilled|completed|processed|answered)|raises|could be (?:used|misused)|may be (?:used"
    r"|misused))"
    r"|(?:my|our) (?:guidelines|programming|polic(?:y|ies)|training|ethics|principles|design|safety \w+"
    r"|content polic(?:y|ies)|capabilities|instructions|restrictions|limitations) (?:do(?:es)? not|don't|doesn't"
    r"|prevents?|prohibits?|forbids?|restricts?|won't|will not|require me to decline|are limited|mean)"
    r"|(?:against|violates|outside|beyond|violate) (?:of )?(?:my|our|openai's|the scope of my) (?:guidelines"
    r"|programming|polic(?:y|ies)|capabilities|abilities|ethics|principles|scope|expertise|use polic(?:y|ies)"
    r"|usage polic(?:y|ies)|content polic(?:y|ies)|terms)"
    rf"|(?:there is )?no way (?:i|we)(?:'m|'ll| will| am| can)|^(?:no[.,!] )?(?:i )?(?:cannot|can't|can not|unable to"
    rf"|not able to|will not|won't|refuse to|declining to|must decline)\b (?:{_HELP}\b|process (?:this|that|your)\b"
    rf"|{_MAKE} (?:{_REQUEST}|you)\b)"
    r"|(?:request|access) (?:denied|refused)|^(?:no[.,!]+ )?(?:not|nothing) (?:something )?(?:i can|i'm able"
    r"|i am able|going to|doing|for me)|let's (?:talk about|discuss|change the|focus on) (?:something else|another"
    r"|the subject|a different)"
    r"|as an? (?:[\w-]+ ){0,3}(?:ai|language model|assistant|llm|chatbot|bot)\b[^.!?]{0,80}?(?:cannot|can't|can not"
    r"|unable|not able|do not|don't|am not|won't|will not|not (?:capable|designed|allowed|programmed|possible"
    r"|appropriate)|have no|lack|limited|only)\b"
    r"|i(?:'m| am) (?:just |only |merely )?an? (?:[\w-]+ ){0,3}(?:ai|language model|llm|chatbot"
    r"|ai assistant)\b[^.!?]{0,80}?(?:cannot|can't|can not|unable|not able|do not|don't|am not|won't|not (?:capable"
    r"|designed|allowed)|have no|lack|limited)\b"
    r"|(?:you should|you(?:'d| would) be better off|you(?:'ll| will)? need to|it(?:'s| is| would be) (?:best|better"
    r"|advisable) to|please|i(?:'d| would)? (?:strongly )?(?:recommend|suggest|advise"
    r"|encourage)(?: that)?(?: you)?(?: to)?) (?:rather |instead |first |just )?(?:ask|consult(?:ing)?|hir(?:e|ing)"
    r"|contact(?:ing)?|seek(?:ing)?|speak(?:ing)? (?:to|with)|reach(?:ing)? out to|talk(?:ing)? to|work(?:ing)? with"
    r"|turn to|engag(?:e|ing)|see (?=an? )) ?(?:with )?(?:an? |your |the |some )?(?:[\w-]+ ){0,3}?(?:professional"
    r"|expert|lawyer|attorney|doctor|specialist|engineer|developer|programmer|teacher|instructor|tutor|administrator"
    r"|consultant|dba|advisor|professor)s?\b"
    r"|do your (?:own )?homework|(?:for|due to) (?:safety|security|ethical|legal|policy|privacy) (?:reasons"
    r"|concerns)\b[^.!?]{0,60}(?:cannot|can't|won't|unable|not)"
    # the data is handed back: "please send me the code"
    r"|(?:please|could you(?: please)?|can you(?: please)?|would you(?: please)?|kindly|you(?:'ll| will)? need to"
    r"|you (?:must|should|have to)|i(?:'ll| will| would|'d)? need you to) (?:first )?(?:provide|share|supply|send"
    r"|paste|post|include|specify|upload|clarify|give)(?: me)?(?: with)? (?:the |your |some |more |additional |a |an "
    r"|any |further |what |which )(?:[\w-]+ ){0,3}?(?:code|data|dataset|table|schema|details|information|info|context"
    r"|list|file|input|string|array|text|snippet|function|question|instruction|example|clarification|requirements"
    r"|problem|structure|sentence|matrix|numbers|image|task)"
    r"|(?:i|we)(?:'ll|'d| will| would)? (?:need|require) (?:some |a bit |a few |the |your )?(?:more|additional"
    r"|further|full|complete|actual)(?: \w+)? (?:information|details?|context|data|info|clarification|code|specifics)"
    r"|(?:i|we) (?:do not|don't) (?:have|see) (?:enough|sufficient|any (?:code|data|table|file|image|attachment|list)"
    r"|the (?:code|data|table|file|necessary|required)|access)|(?:you (?:did not|didn't|haven't|have not|forgot to"
    r"|seem to have forgotten)|it (?:seems|looks|appears)(?: like| that)* you (?:did not|didn't|haven't|have not"
    r"|forgot)) (?:to )?(?:provided?|include[d]?|share[d]?|attach(?:ed)?|paste[d]?|specif(?:y|ied)|give[n]?)"
    r"|(?:i|we) (?:lack|have no) (?:the )?(?:ability|access|capability|permission|means|knowledge|information|context"
    r"|way (?:to|of))|(?:i|we) (?:do not|don't) have (?:the )?(?:ability|capability|permission|means|capacity"
    r"|real-time|knowledge|information|personal)"
    r")",
    re.IGNORECASE,
)
_EUROPEAN = re.compile(
    # German
    r"(?<!\w)(?:ich|wir) (?:kann|können|darf|dürfen|werde|werden|möchte|will|wollen|muss|bin|sind|lehne|verweigere"
    r"|weigere)\b[^.!?]{0,120}?(?:nicht (?:helfen|weiterhelfen|unterstützen|behilflich|beantworten|erfüllen"
    r"|nachkommen|bearbeiten|schreiben|erstellen|liefern|dienen|bereitstellen|umsetzen|entsprechen|tun|machen"
    r"|erzeugen|anbieten|geben|in der lage|befugt|berechtigt|bereit)|ablehnen|\bab\b|verweigern|keine?n? (?:hilfe"
    r"|code|unterstützung|auskunft|antwort|programm|skript|zugriff|solche\w*)|außerstande)"
    r"|\b(?:kann|darf|werde|möchte|will) (?:\w+ ){0,4}?keine?n? (?:\w+ ){0,2}?(?:code|hilfe|unterstützung|auskunft"
    r"|programm|skript|funktion|lösung)\w*"
    r"|(?:kann|darf|werde) ich (?:\w+ ){0,6}(?:nicht|keine?n?)\b[^.!?]{0,60}?(?:helfen|beantworten|erfüllen"
    r"|nachkommen|schreiben|erstellen|liefern|bereitstellen|unterstützen|geben)|als (?:ki|künstliche intelligenz"
    r"|sprachmodell|ki-\w+)\b[^.!?]{0,80}?(?:nicht|kein)|(?:bitte|könn(?:t)?en sie(?: bitte)?) (?:geben|stellen"
    r"|senden|schicken|teilen|fügen|nennen|liefern) sie (?:mir )?(?:\w+ ){0,4}(?:code|daten|tabelle|informationen"
    r"|angaben|details|liste)|verstößt gegen (?:meine|die|unsere)|(?:wenden sie sich"
    r"|fragen sie) (?:bitte )?(?:an )?(?:einen|eine|ihren) (?:\w+ )?(?:fachmann|experte|arzt|anwalt|entwickler"
    r"|lehrer)"
    # French
    r"|(?<!\w)(?:je|nous) (?:ne |n')(?:peux|puis|pouvons|suis|vais|souhaite|saurais|veux|dispose|ai|pourrai|fournirai"
    r"|peut)\b[^.!?]{0,30}?(?:pas|aucun\w*)\b[^.!?]{0,40}?(?:aider|répondre|fournir|écrire|créer|générer|accéder"
    r"|satisfaire|donner|produire|assister|faire|réaliser|mesure|autorisé|capable|à l'aise|accès|assez|traiter"
    r"|accéder|partager|rédiger)|je (?:dois|préfère|suis obligé de|me vois) (?:\w+ ){0,2}(?:décliner|refuser|ne pas"
    r"|m'abstenir)|je (?:refuse|décline)\b|en tant qu(?:e |')(?:\w+ ){0,2}(?:ia|intelligence artificielle|modèle"
    r"|assistant)\b[^.!?]{0,60}?(?:ne|n')|(?:veuillez|pourriez-vous|merci de) (?:me )?(?:fournir|partager|préciser"
    r"|donner|envoyer|coller) (?:\w+ |l'|d')?(?:\w+ ){0,3}(?:code|données|tableau|informations|détails|liste"
    r"|contexte)|contraire à (?:mes|nos)|(?:consultez|adressez-vous à|demandez à) (?:un"
    r"|votre) (?:\w+ )?(?:professionnel|expert|médecin|avocat|développeur|spécialiste|enseignant)"
    # Spanish, Portuguese, Italian
    r"|(?<!\w)no (?:puedo|podemos|podré|me es posible|estoy (?:en condiciones|autorizad|capacitad|dispuest)\w*"
    r"|me siento cómod\w|voy a|quiero|tengo (?:acceso|permitido|la capacidad|suficiente))\b[^.!?]{0,40}?(?:ayud|asist"
    r"|proporcion|escrib|crear|gener|responder|cumplir|dar|ofrec|complet|realiz|hacer|compart|desarroll|acceso|de |a "
    r"|con |informaci)|(?:debo|tengo que|prefiero|me veo obligado a) (?:declinar|rechazar|negarme|no )|me niego"
    r"|como (?:una? )?(?:ia|inteligencia artificial|modelo de lenguaje|asistente)\b[^.!?]{0,60}?\bno\b|(?:por favor"
    r"|podrías|podría),? (?:proporcion|compart|envía|indica|especific|pega|facilit)\w* (?:me )?(?:\w+ ){0,4}(?:código"
    r"|datos|tabla|información|detalles|lista|contexto)|(?:va|es) (?:en contra de|contrario a) mis|consult[ae] (?:a"
    r"|con) (?:un|tu|su) (?:\w+ )?(?:profesional|expert|médic|abogad|desarrollador|especialista)"
    r"|(?<!\w)(?:eu )?não (?:posso|podemos|consigo|poderei|me é possível|estou (?:autorizad|apt|em condições"
    r"|dispost)\w*|me sinto|vou|quero|tenho (?:acesso|permissão|a capacidade|informaç))\b[^.!?]{0,40}?(?:ajud|auxili"
    r"|fornec|escrev|cri|ger|respond|atend|cumpr|dar|oferec|complet|realiz|faz|compart|desenvolv|acess|com |confort"
    r"|informaç)|(?:devo|tenho que|prefiro|preciso) (?:recusar|declinar|não )|recuso-me|me recuso"
    r"|como (?:uma? )?(?:ia|inteligência artificial|modelo de linguagem|assistente)\b[^.!?]{0,60}?\bnão\b"
    r"|(?:por favor|poderia|você poderia),? (?:me )?(?:forneç|fornec|compartilh|envi|especifi|cole"
    r"|inform)\w* (?:\w+ ){0,4}(?:código|dados|tabela|informações|detalhes|lista|contexto)|(?:vai"
    r"|é) contra (?:as )?minhas|(?:consulte|procure) (?:um|uma|seu) (?:\w+ )?(?:profissional|especialista|médic"
    r"|advogad|desenvolvedor)"
    r"|(?<!\w)non (?:posso|possiamo|potrò|mi è possibile|sono (?:in grado|autorizzat|dispost|abilitat)\w*|mi sento"
    r"|intendo|voglio|ho (?:accesso|la possibilità|abbastanza|il permesso))\b[^.!?]{0,40}?(?:aiut|assist|forn|scriv"
    r"|cre|gener|rispond|soddisf|dar|offr|complet|esegu|far|condivid|svilupp|acced|accesso|di |a |con |informaz)"
    r"|(?:preferirei|preferisco) (?:di )?non\b|(?:devo|preferisco|sono costretto a) (?:declinare|rifiutare|non )"
    r"|mi rifiuto|(?:come|in quanto|essendo) (?:una? |un')?(?:ia|intelligenza artificiale|modello linguistico"
    r"|assistente)\b[^.!?]{0,60}?\bnon\b|(?:per favore|potresti|potrebbe),? (?:forni|condivid|invi|specific|indic"
    r"|incoll)\w* (?:\w+ ){0,4}(?:codice|dati|tabella|informazioni|dettagli|elenco|lista|contesto)|(?:è|va) (?:contro"
    r"|contrario a) (?:le )?mie|(?:consulta|rivolgiti a|si rivolga a) (?:un|uno|il tuo) (?:\w+ )?(?:professionista"
    r"|esperto|medico|avvocato|sviluppatore|specialista)"
    # Russian
    r"|(?<!\w)(?:я |мы )?(?:к сожалению, )?(?:я )?(?:не могу|не можем|не смогу|не буду|не стану|не хочу"
    r"|не в состоянии|не имею (?:права|возможности|доступа)|не вправе)\b[^.!?]{0,40}?(?:помо|выполн|предостав|написа"
    r"|создав|созда|сгенерир|ответ|дать|сделать|помога|писать|поддерж|обсужд|доступ|предлож|удовлетвор)"
    r"|(?:вынужден\w?|должен|предпочитаю|предпоч[её]л бы) (?:отказа|отклони|не )|я отказываюсь|у меня нет (?:доступа"
    r"|возможности)|как (?:ии|искусственный интеллект|языковая модель|ассистент)\b[^.!?]{0,60}?\b(?:не|нет)\b"
    r"|(?:пожалуйста, )?(?:предоставьте|пришлите|уточните|укажите|отправьте) (?:мне "
    r"|пожалуйста,? )?(?:\w+ ){0,4}(?:код|данные|таблиц|информаци|детал|список|контекст)|противоречит мо"
    r"|обратитесь к (?:специалист|эксперт|юрист|врач|профессионал|разработчик)",
    re.IGNORECASE,
)
_EAST_ASIAN = re.compile(
    # Chinese
    r"(?:我|我们|本助手|本模型)?(?:恐怕|实在|目前|暂时|很抱歉)?(?:无法|不能|不可以|没办法|没有办法|不便|不会|不愿"
    r"|不想|拒绝|难以|不应该?|不打算)(?:够|去|再)?(?:为您|为你|给您|给你|向您|向你|直接|继续)?(?:的)?(?:帮助|帮|协助"
    r"|提供|编写|写|完成|满足|回答|生成|创建|处理|执行|响应|支持|参与|给出|这样做|做|配合|讨论|访问)|(?:这|该|您的"
    r"|你的)(?:个)?(?:请求|要求|问题|任务|内容)[^。！？]{0,12}(?:违反|超出|不符合|不合适|无法|不当|涉及)"
    r"|作为[^。！？,，]{0,10}(?:ai|人工智能|语言模型|助手|模型)[^。！？]{0,30}(?:无法|不能|没有|不具备|不会|不)|(?:请"
    r"|麻烦|能否|可以)(?:您|你)?(?:先)?(?:提供|给出|补充|发送|分享|粘贴|说明)(?:一下)?(?:更多|具体|完整|相关|详细"
    r"|您的|你的|要|需要)[^。！？]{0,12}(?:信息|代码|数据|表|细节|内容|列表|需求)|(?:建议|请)(?:您|你)?(?:去)?(?:咨询"
    r"|联系|寻求|请教)[^。！？]{0,12}(?:专业|专家|律师|医生|老师|人士|开发者)|我没有(?:权限|能力|办法|足够)"
    # Japanese
    r"|(?:お手伝い|お答え|お応え|対応|提供|回答|協力|支援|作成|生成|記述|ご提供|サポート|実行|お教え|ご案内|アクセス"
    r"|処理|応じる|書く|お受け)(?:を|は|が|も|に)?(?:する|して|すること(?:が|は)?|こと(?:が|は)?|さしあげること(?:が"
    r"|は)?|差し上げること(?:が|は)?)?(?:でき(?:ません|ない|かねます)|いたしかねます|致しかねます|しかねます|控え"
    r"|出来ません|できそうにありません|お断り|遠慮|辞退|差し控え)|お断り(?:し|させ|いた)|(?:控えさせて|遠慮させて"
    r"|辞退させて)|(?:aiとして|aiアシスタント(?:として|である|なので)|言語モデル(?:として|である|なので)"
    r"|私はai)[^。！？]{0,50}(?:ません|ない)|(?:ご依頼|リクエスト|ご要望|ご質問)[^。！？]{0,20}(?:応えられ|応じられ"
    r"|添えま|ポリシー|ガイドライン|できま)|(?:もう少し|詳しい|詳細な?|具体的な|追加の|対象の"
    r"|該当の)?[^。！？]{0,6}(?:情報|コード|データ|詳細|テーブル|リスト)(?:を|について)(?:ご)?(?:提供|共有|提示"
    r"|教えて|送って|記載)[^。！？]{0,4}(?:ください|下さい|いただけ)|専門家[^。！？]{0,6}(?:に|へ)(?:ご)?相談"
    # Korean
    r"|(?:도와|도움을|제공|작성|답변|생성|지원|수행|처리|응답|대답|만들|응|협조|공유|알려|해 ?|해드|써 ?"
    r"|따를)[^.!?]{0,12}?(?:수(?:가|는)? 없|못합|못해|어렵습|어려울|곤란|거절|않겠|불가|드리지 (?:못|않))|거절(?:하겠"
    r"|합니다|할|해야|하고)|(?:사양|거부)(?:하겠|합니다)|(?:ai|인공지능|언어 ?모델)(?:로서|이기|이므로|으로서"
    r"|라서)[^.!?]{0,40}(?:없|못|않)|(?:추가|자세한|구체적인|더 많은|해당|전체)? ?(?:정보|코드|데이터|내용|세부 ?사항"
    r"|테이블)(?:를|을)? ?(?:제공|공유|알려|보내)[^.!?]{0,3}(?:주세요|주시|주십)|전문가[^.!?]{0,6}(?:상담|문의)"
    r"|(?:정책|지침|가이드라인)(?:에|을|상)[^.!?]{0,8}(?:위반|위배|어긋|따라)"
)

_ENGLISH_WORDS = frozenset(
    """cannot can't not won't wouldn't don't doesn't didn't haven't couldn't shouldn't isn't aren't unable
    unwilling decline declining declined
    refuse refusing refused refusal rather prefer pass passing please kindly could need needs require
    professional expert consult
    consulting hire against violates violate beyond outside inappropriate unethical irresponsible harmful
    illegal lack no denied let's
    homework opt abstain nothing specialist lawyer engineer developer teacher instructor tutor administrator
    consultant misused
    forgot prevents prohibits forbids restricts prohibited forbidden reluctant only limited raises conflicts""".split()  # noqa: SIM905
)
_EUROPEAN_WORDS = frozenset(
    """nicht kein keine keinen ablehnen ab bitte verweigere verweigern weigere außerstande verstößt wenden
    fragen könnten pas aucun aucune
    décliner refuser refuse décline préfère veuillez pourriez-vous merci contraire consultez adressez-vous
    demandez ne m'abstenir no
    niego declinar rechazar negarme favor podrías podría consulta consulte contrario contra não recusar
    declinar recuso-me recuso
    poderia procure non declinare rifiutare rifiuto preferirei preferisco potresti potrebbe rivolgiti rivolga
    contro не нет
    отказаться отклонить отказываюсь пожалуйста предоставьте пришлите уточните укажите отправьте противоречит
    обратитесь n'ai""".split()  # noqa: SIM905
)
_HAN_KANA_HANGUL = re.compile("[\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_WORD = re.compile(r"[^\W\d_]+(?:['-][^\W\d_]+)*")
_PLAIN_WORD = re.compile(r"[a-z]+(?:['-][a-z]+)*")


EXCUSE = re.compile(
    r"\b(?:solving|doing|writing|answering|completing) (?:it|this|that|them) for you (?:would|won't|will|wouldn't"
    r"|does)\b|\bleave (?:the|this|that) (?:solution|answer|code|implementation|task|rest|exercise"
    r"|whole thing)?\s?(?:to|for|up to) you\b"
    r"|\b(?:looks|sounds|reads|seems|feels|marks?|appears) (?:like|of|to be) (?:an? )?(?:\w+ )?(?:homework|assignment"
    r"|exam|coursework|take-home)\b|\bgood for your learning|\blearn (?:more|better|best) (?:by|if you)"
)
"""A task is handed back to the learner; a few lines of something else may come along."""
FIRMLY = re.compile(
    r"(?<!\w)(?:i|we)(?:(?:'d| would) (?:much |really )?(?:rather|prefer)(?: to)? not|(?:'ll| will) (?:have to "
    r"|need to )?(?:decline|refuse|pass|leave (?:this|it|that) (?:here|out|aside))| (?:must|have to"
    r"|respectfully) (?:decline|refuse)"
    rf"|(?: (?:will not|won't|cannot|can't|can not)|(?:'m| am| are|'re) (?:unable to|not (?:able|going|willing"
    rf"|comfortable|prepared) (?:to |with )?)) ?(?:be )?(?:{_HELP}|{_MAKE}(?: you)?(?: with)?|providing|writing"
    rf"|sharing|creating)(?:ing)? (?:with )?(?:{_REQUEST}|such|an? \w+|the \w+|code|any))"
    r"|\b(?:ich|wir) (?:kann|werde|möchte|darf)\b[^.!?]{0,80}?(?:nicht (?:helfen|schreiben|bereitstellen|liefern)"
    r"|keine?n? code)"
)
"""Said in the middle of reasons, where no code is: a task that asks for code is declined."""


def declines(head: str) -> re.Match[str] | None:
    """Where it says no: whatever else is said, without code that is no answer. The patterns are tried where
    they can fit."""
    said = set((_PLAIN_WORD if head.isascii() else _WORD).findall(head))
    found = search(_ENGLISH, head) if said & _ENGLISH_WORDS else None
    if found is None and said & _EUROPEAN_WORDS:
        found = search(_EUROPEAN, head)
    if found is None and _HAN_KANA_HANGUL.search(head):
        found = _EAST_ASIAN.search(head)
    return found or (search(SOFT, head) if said & _ENGLISH_WORDS else None) or match(APOLOGY, head)


SOFT = re.compile(
    rf"(?<!\w){_WHO} {_NOT} (?:actually |directly )?(?:access|interact|connect|run|execute|test|verify|search|browse"
    rf"|retrieve|download|determine|process)\b"
    rf"|(?<!\w){_WHO} {_NOT} (?:actually |directly )?(?:view|open|see|read|look at|find|know|display|locate) (?:any"
    rf"|the|your|that|this|an?)? ?(?:\w+ ){{0,2}}?(?:files?|images?|pictures?|attachments?|links?|urls?|websites?"
    rf"|pages?|databases?|tables?|data|code|internet|screenshots?|documents?|schema)\b"
    rf"|(?<!\w){_WHO}{_UNABLE} to (?:\w+ly )?\w+\b|(?<!\w){_WHO} {_NOT} {_MAKE}\b",
    re.IGNORECASE,
)
"""Says what it cannot do. An answer may follow all the same."""

APOLOGY = re.compile(
    r"[^\w]{0,8}(?:(?:i'm|i am|we're|we are) (?:very |really |so |truly |deeply |terribly |awfully )*(?:sorry"
    r"|afraid)\b|(?:so |very |terribly )?sorry\b(?!-)|(?:i |we )?(?:sincerely |deeply )?apologi[sz]e\b|(?:my"
    r"|our) (?:sincere |deepest )?apolog|apologies\b|(?:i|we) regret\b|unfortunately,? (?:i|we|this request"
    r"|that is not|your)\b|regrettably,? (?:i|we)\b|pardon me\b|forgive me\b"
    r"|(?:as|i(?:'m| am)(?: just| only)?) an? (?:ai|artificial intelligence|(?:large )?language model"
    r"|ai (?:language )?model|ai assistant)(?=\s*[,.;]|\s+(?:and|i|my|who|that|without)\b|$)"
    r"|(?:es tut mir|tut mir) (?:sehr |wirklich |aufrichtig )?leid|entschuldig\w+|leider (?:kann|darf|bin|ist es mir"
    r"|muss|können) |bedauerlicherweise (?:kann|bin)|verzeihung"
    r"|(?:je suis |nous sommes )?(?:vraiment |sincèrement |profondément )?(?:désolée?s?|navrée?s?)\b"
    r"|malheureusement,? (?:je|nous|il m)|je regrette|veuillez m'excuser|pardon\b|toutes mes excuses|je m'excuse"
    r"|lo (?:siento|lamento)|(?:mis )?disculpas?\b|disculpe|perd[oó]n\b|lamentablemente,? no (?:puedo|me)"
    r"|desafortunadamente,? no (?:puedo|me)|lamento\b|(?:sinto muito|desculpe|desculpa|me desculpe|peço desculpas"
    r"|lamento)\b|infelizmente,? (?:eu )?não (?:posso|consigo)|(?:mi (?:dispiace|scuso|spiace)|scusa|scusi"
    r"|chiedo scusa|spiacente|purtroppo,? non (?:posso|sono))"
    r"|(?:извините|простите|прошу прощения|мне (?:очень )?жаль|приношу (?:свои )?извинения|к сожалению, я)|(?:非常"
    r"|很|实在|真的|十分)?(?:抱歉|对不起|遗憾|不好意思)|(?:大変|誠に|まことに)?(?:申し訳|すみません|すいません"
    r"|ごめん|恐れ入りますが|恐縮ですが|残念ながら)|(?:정말 |대단히 )?(?:죄송|미안|유감|안타깝게도|아쉽게도))",
    re.IGNORECASE,
)
"""How a refusal begins; WizardLM counts "sorry" in less than 80 words."""

OFFER = re.compile(
    r"\b(?:i(?:'d| would| can| could|'m| am|'ll| will)? (?:be )?(?:happy|glad|help|offer|suggest|recommend|encourage"
    r"|advise|give|provide|point|explain|guide|share|discuss|try)|feel free|let me know|if you (?:have|need|provide"
    r"|share|would|could|can|want|like)"
    r"|you (?:can|could|may|might|should|will need|need|must)|please|consult|professional|expert|general (?:tips"
    r"|advice|information|guidance))\b",
    re.IGNORECASE,
)
"""What follows a no is help of another kind."""

PROOF = re.compile(
    r"\b(?:impossible|lower bound|proof|prove[sdn]?|theorem|undecidable|halting problem|pigeonhole|contradiction"
    r"|np-(?:hard|complete)|no such|does not exist|doesn't exist|cannot exist|there is no (?:such|way|finite|general)"
    r"|by induction|unmöglich|beweis\w*"
    r"|imposible|impossível|impossibile|demostración|démonstration|dimostrazione|невозможно|доказательств\w*)\b"
    r"|不可能|证明|証明|불가능|증명",
    re.IGNORECASE,
)
"""An answer may be that there is none."""
