"""How a text talks about its own rewriting, in ten languages: the words, and the patterns made of them.

A language is a row of small word lists; the patterns are the same for all. Invariant: no pattern takes more than
linear time: every repeat is bounded or possessive, and none begins with an unbounded one. Nothing is decided here:
which part of a text a pattern may read, and what excuses it, is the business of leaks.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Language:
    """Word lists as alternatives of a regular expression, in lower case."""

    yes: str
    """A model's yes to whoever gave it the prompt: it stands before the task, with a mark behind it."""
    here: str
    """What introduces the text that follows."""
    rewritten: str
    """Said of a text that was rewritten."""
    harder: str
    """Said of a rewritten text, and of much else."""
    version: str
    task: str
    """What a task calls itself."""
    old: str
    """Said of the text before it was rewritten."""
    raised: str
    """The purpose of a rewriting: to raise the difficulty."""
    order: str
    """An imperative that is given to whoever rewrites; the task follows."""
    bye: str
    """A model's offer behind the task."""
    owned: str
    """Words of tasks in which a question, an instruction, a level or a difficulty is a thing of its own."""
    same: str
    """What measures the task by another one, of the same field or length."""
    hints: frozenset[str] = frozenset()
    """Frequent words: a text without two of them is not searched for the dearer patterns. Empty: the script tells."""
    spaced: bool = True
    """Whether there are spaces between words."""


SPANISH = Language(
    yes=r"claro(?: que sí)?|por supuesto|desde luego|de acuerdo|entendido|con (?:mucho )?gusto|vale|perfecto",
    here=r"aqu[ií] (?:tienes?|est[áa]|va|te dejo|le dejo|presento)|esta es|este es|a continuaci[óo]n|he aqu[ií]",
    rewritten=r"reescrit[oa]|reformulad[oa]|modificad[oa]|revisad[oa]|evolucionad[oa]",
    harder=r"actualizad[oa]|mejorad[oa]|ampliad[oa]|nuev[oa]|m[áa]s (?:dif[íi]cil|complej[oa]|exigente|desafiante)",
    version=r"versi[óo]n|variante",
    task=r"tarea|problema|ejercicio|pregunta|enunciado|consigna|instrucci[óo]n|prompt|reto|desaf[íi]o",
    old=r"original|inicial",
    raised=r"(?:aument|increment|elev)ar (?:a[úu]n m[áa]s )?la (?:dificultad|complejidad)",
    order=r"(?:reescrib[ea]|reformul[ae]|modifi(?:ca|que)|evolucion[ae]|compli(?:ca|que)|ha(?:z|ga) m[áa]s dif[íi]cil)"
    r" (?:el|la|este|esta)",
    bye=r"(?:av[íi]s[ae]me|d[ée]jame saber|h[áa]zme saber|dime) si|espero que (?:esto|te|le|sea)"
    r"|¿?(?:te|le) gustar[íi]a que"
    r"|¿?quieres que|no dud(?:es|e) en (?:preguntar|ped[íi]rme|dec[íi]rmelo|avisarme)"
    r"|si (?:quieres|lo deseas|necesitas)\b[^.\n]{0,60}\b(?:puedo|av[íi]same|d[íi]melo)",
    same=r"(?:el |la )?mism[oa] (?:[áa]mbito|campo|dominio|tema|[áa]rea|longitud|dificultad)",
    owned=r"juego|nivel|jugador|enemig|cuestionario|examen|encuesta|chatbot|modelo de lenguaje|cola"
    r"|planificador|(?:lista|gestor) de tareas|subproblema",
    hints=frozenset("el los las una que con para".split()),  # noqa: SIM905
)
PORTUGUESE = Language(
    yes=r"claro(?: que sim)?|com certeza|certamente|com prazer|por supuesto|entendido|perfeito|pode deixar",
    here=r"aqui (?:est[áa]|vai|tens?)|esta [ée]|este [ée]|segue|a seguir|eis|abaixo",
    rewritten=r"reescrit[oa]|reformulad[oa]|modificad[oa]|revisad[oa]|revist[oa]|evolu[íi]d[oa]",
    harder=r"atualizad[oa]|aprimorad[oa]|melhorad[oa]|ampliad[oa]|nov[oa]|mais (?:dif[íi]cil"
    r"|complex[oa]|exigente|desafiadora?)",
    version=r"vers[ãa]o|variante",
    task=r"tarefa|problema|exerc[íi]cio|pergunta|quest[ãa]o|enunciado|instru[çc][ãa]o|prompt|desafio",
    old=r"original|inicial",
    raised=r"(?:aument|increment|elev)ar (?:ainda mais )?a (?:dificuldade|complexidade)",
    order=r"(?:reescrev[ae]|reformul[ae]|modifi(?:ca|que)|evolu[ai]|complique|torne mais dif[íi]cil) (?:o|a|este|esta)",
    bye=r"(?:me )?avise(?:-me)? se|me diga se|deixe-me saber|espero que (?:isso|isto|ajude|goste|seja)"
    r"|(?:gostaria|quer|deseja) que eu|fique [àa] vontade para (?:perguntar|pedir|me)"
    r"|se (?:quiser|precisar|desejar)\b[^.\n]{0,60}\b(?:posso|avise|[ée] s[óo])",
    same=r"(?:o |a )?mesm[oa] (?:[âa]mbito|campo|dom[íi]nio|tema|[áa]rea|dificuldade)",
    owned=r"jogo|n[íi]vel|jogador|inimig|question[áa]rio|prova|enquete|chatbot|modelo de linguagem"
    r"|fila|agendador|(?:lista|gerenciador) de tarefas|subproblema",
    hints=frozenset("uma não que para em dos da".split()),  # noqa: SIM905
)
FRENCH = Language(
    yes=r"bien s[ûu]r|certainement|avec plaisir|d['’]accord|entendu|tr[èe]s bien|parfait|absolument",
    here=r"voici|voil[àa]|ci-dessous|ceci est",
    rewritten=r"r[ée][ée]crite?|reformul[ée]e?|modifi[ée]e?|r[ée]vis[ée]e?|remani[ée]e?|retravaill[ée]e?",
    harder=r"am[ée]lior[ée]e?|enrichie?|[ée]volu[ée]e?|nouve(?:lle|au)|plus (?:difficile|complexe"
    r"|exigeante?|ardue?|pouss[ée]e)",
    version=r"version|variante",
    task=r"t[âa]che|probl[èe]me|exercice|question|consigne|[ée]nonc[ée]|instruction|prompt|d[ée]fi",
    old=r"d['’]origine|originale?|initiale?|de d[ée]part",
    raised=r"(?:augmenter|accro[îi]tre|relever) (?:encore )?la (?:difficult[ée]|complexit[ée])",
    order=r"(?:r[ée][ée]cri(?:s|vez)|reformule[zr]?|modifie[zr]?|complexifie[zr]?|complique[zr]?"
    r"|rend(?:s|ez) plus (?:difficile|complexe)) (?:le|la|cette|cet|ce)",
    bye=r"(?:dites|dis|faites|fais)-moi (?:savoir )?si|n['’]h[ée]site[sz]? pas [àa] (?:me|demander|poser)"
    r"|j['’]esp[èe]re que (?:cel?a|[çc]a|cette|vous)|(?:souhaite[sz]|veux|voulez)-(?:vous|tu) que"
    r"|si (?:vous|tu) (?:voulez|souhaite[sz]|veux)\b[^.\n]{0,60}\bje peux",
    same=r"(?:le |la )?m[êe]me (?:domaine|sujet|th[èe]me|longueur|difficult[ée])",
    owned=r"jeu(?! de (?:donn|test))|niveau|joueur|ennemi|questionnaire|examen|sondage|chatbot"
    r"|mod[èe]le de langage|file d|ordonnanceur|(?:liste|gestion(?:naire)?) des? t[âa]ches"
    r"|sous-probl",
    hints=frozenset("les des une est dans avec pour".split()),  # noqa: SIM905
)
GERMAN = Language(
    yes=r"nat[üu]rlich|klar|gerne?|sicher|selbstverst[äa]ndlich|alles klar|verstanden|in ordnung|mache ich",
    here=r"hier(?: ist| kommt| sind)?|das ist|dies ist|nachfolgend|im folgenden|unten|es folgt",
    rewritten=r"(?:[üu]berarbeitet|umgeschrieben|umformuliert|abge[äa]ndert|ge[äa]ndert|modifiziert"
    r"|weiterentwickelt)e[nrms]?",
    harder=r"(?:schwieriger|schwerer|anspruchsvoller|komplexer|erweitert|versch[äa]rft|verbessert"
    r"|aktualisiert|neu)e[nrms]?",
    version=r"version|fassung|variante",
    task=r"aufgabe(?:nstellung)?|frage(?:stellung)?|[üu]bung|problem(?:stellung)?|prompts?|anweisung|herausforderung",
    old=r"(?:urspr[üu]nglich|original|anf[äa]nglich)e[nrms]?",
    raised=r"(?:den schwierigkeitsgrad|die schwierigkeit|die komplexit[äa]t) (?:\w+ )?zu (?:erh[öo]hen|steigern)"
    r"|(?:aufgabe|frage|[üu]bung) wurde (?:\w+ ){0,3}(?:erschwert|umgeschrieben|[üu]berarbeitet|abge[äa]ndert)",
    order=r"(?:schreibe?n?|formuliere?n?|[äa]nder[en]{0,2}|[üu]berarbeite[nt]?|versch[äa]rfe?|erweiter[en]{0,2})"
    r" (?:sie )?(?:die|das|diese[ns]?|den)",
    bye=r"lass(?:en sie)? (?:es )?mich (?:gerne? )?wissen|sag(?:en sie)? (?:mir )?(?:einfach |gerne )?bescheid"
    r"|ich hoffe,? (?:dass|das|dies|diese)|(?:m[öo]chtest du|m[öo]chten sie),? dass|soll ich|gerne kann ich"
    r"|(?:falls|wenn) (?:du|sie)\b[^.\n]{0,60}\b(?:kann ich|bescheid)",
    same=r"(?:(?:im |das |der |die )?(?:gleiche[rnsm]?|selbe[nrs]?)|(?:das|die|der)selbe"
    r"|im selben) (?:gebiet|fachgebiet|thema|bereich|l[äa]nge|schwierigkeit)",
    owned=r"spiel|level|stufe|gegner|quiz|pr[üu]fung|umfrage|chatbot|sprachmodell|warteschlange"
    r"|scheduler|befehl|to-?do|aufgaben(?:liste|verwaltung|planer)|teilproblem",
    hints=frozenset("der die das und ein eine einen ist mit".split()),  # noqa: SIM905
)
ITALIAN = Language(
    yes=r"certo|certamente|va bene|d['’]accordo|naturalmente|volentieri|capito|perfetto|assolutamente",
    here=r"ecco|questa [èe]|questo [èe]|di seguito|qui sotto|segue",
    rewritten=r"riscritt[oa]|riformulat[oa]|modificat[oa]|rivist[oa]|rielaborat[oa]|evolut[oa]",
    harder=r"aggiornat[oa]|migliorat[oa]|ampliat[oa]|nuov[oa]|pi[ùu] (?:difficile|compless[oa]"
    r"|impegnativ[oa]|avanzat[oa])",
    version=r"versione|variante",
    task=r"compito|problema|esercizio|domanda|traccia|consegna|istruzione|prompt|sfida",
    old=r"originale|iniziale|di partenza",
    raised=r"(?:aumentare|accrescere|elevare) (?:ulteriormente )?la (?:difficolt[àa]|complessit[àa])",
    order=r"(?:riscriv[ie]|riformula(?:re)?|modifica(?:re)?|complica(?:re)?|evolvi|rendi pi[ùu] difficile)"
    r" (?:il|la|questo|questa)",
    bye=r"fammi sapere|mi faccia sapere|spero che (?:questo|questa|ti|sia)|(?:vuoi|vuole|desideri|ti piacerebbe) che"
    r"|non esitare a|se (?:vuoi|desideri|preferisci)\b[^.\n]{0,60}\b(?:posso|fammi)",
    same=r"(?:lo |la )?stess[oa] (?:ambito|campo|dominio|tema|argomento|lunghezza|difficolt[àa])",
    owned=r"gioco|livell|giocator|nemic|questionario|esame|sondaggio|chatbot|modello linguistico"
    r"|coda|scheduler|(?:lista|gestione) (?:dei|delle) (?:compiti|attivit)|sottoproblem",
    hints=frozenset("il di che per della un una".split()),  # noqa: SIM905
)
RUSSIAN = Language(
    yes=r"конечно(?: же)?|разумеется|хорошо|отлично|понял[аио]?|безусловно|с удовольствием|понятно|да",
    here=r"вот|ниже|далее|это|перед вами|представляю",
    rewritten=r"переписанн\w+|переформулированн\w+|измен[ёе]нн\w+|усложн[ёе]нн\w+|переработанн\w+|модифицированн\w+",
    harder=r"обновл[ёе]нн\w+|доработанн\w+|улучшенн\w+|нов(?:ая|ый|ое|ой|ую)|более (?:сложн|трудн)\w+",
    version=r"верси[яиюей]|вариант\w{0,3}|формулировк\w",
    task=r"задач[аиуей]{1,2}|задани[еяюм]|вопрос\w{0,2}|упражнени[еяюм]|промпт\w{0,2}|инструкци[яиюей]",
    old=r"исходн\w{2,3}|первоначальн\w{2,3}|изначальн\w{2,3}|оригинальн\w{2,3}",
    raised=r"(?:повысить|увеличить|поднять) (?:\w+ )?(?:сложность|трудность)|(?:повышает"
    r"|увеличивает) сложность|эта верси\w задач\w",
    order=r"(?:перепишите?|усложните?|измените?|переформулируйте?|доработайте?|сделайте? более сложн\w+)"
    r"(?: эту| это| этот)?",
    bye=r"да(?:йте|й) (?:мне )?знать|надеюсь,? (?:что|это|этот|эта)|хотите,? (?:чтобы|я)|обращайтесь|скажите,? если"
    r"|если (?:хотите|нужно|вам|тебе|хочешь)\b[^.\n]{0,60}\b(?:могу|дайте|скажите|напишите)",
    same=r"(?:та|тот) же (?:област|тем|уров|сложност)\w*",
    owned=r"игр|уров|враг|викторин|экзамен|опрос|чат-?бот|языков\w+ модел|очеред|планировщик"
    r"|процессор|список (?:задач|дел)|подзадач",
)
CHINESE = Language(
    yes=r"当然(?:可以)?|當然(?:可以)?|好的?|没问题|沒問題|明白了?|可以的?|收到|了解",
    here=r"以下|下面|这(?:里)?|這(?:裡)?",
    rewritten=r"改写|改寫|重写|重寫|修改|改编|改編|演化|进化|進化|调整|調整",
    harder=r"升级|升級|改进|改進|更(?:加)?(?:难|難|复杂|複雜|困难|困難|具(?:有)?挑战性?"
    r"|具(?:有)?挑戰性?|高级|高階)|进阶|進階|新",
    version=r"版本?",
    task=r"题目?|題目?|问题|問題|任务|任務|指令|提示词?|练习|練習|要求",
    old=r"原(?:始|来|來|有|本|先)?",
    raised=r"(?:提高|增加|提升|加大)(?:了|题目?|題目?|问题|問題|任务|任務|整体|整體|的){0,3}(?:难度"
    r"|難度|复杂性|複雜性)|(?:难度|難度)(?:得到|有所|也)?(?:提高|增加|提升)",
    order=r"(?:请|請)?(?:将|將|把)?(?:改写|改寫|重写|重寫|修改|升级|升級|进化|進化|改编|改編)(?:以下"
    r"|下面|给定|給定|上述|这个?|這個?|一下|的|编程|編程|程式){0,4}",
    bye=r"(?:如果|若|如)(?:你|您)?(?:还|還)?(?:需要|想|希望|有)[^。\n]{0,40}(?:告诉|告訴|告知|我可以|随时|隨時)"
    r"|希望(?:这|這|对你|对您|對你|對您|能帮|能幫)|(?:请|請)?(?:随时|隨時)(?:告诉|告訴|联系"
    r"|聯繫)我?|(?:是否|需不)?(?:需要|要不要)我",
    same=r"(?:同样|同一|相同|同樣)(?:的)?(?:领域|領域|主题|主題|长度|長度|难度|難度)",
    owned=r"游戏|遊戲|关卡|關卡|玩家|敌人|敵人|测验|測驗|问卷|問卷|考试|考試|聊天机器人|语言模型"
    r"|大模型|题库|試題|试题|题目管理|队列|調度|调度|子问题|指令集|待办|任务(?:列表|管理)",
    spaced=False,
)
JAPANESE = Language(
    yes=r"もちろん(?:です)?|はい|承知(?:いた)?しました|了解(?:しました|です)|かしこまりました"
    r"|わかりました|分かりました",
    here=r"以下|こちら|これ|次|下記",
    rewritten=r"書き直|書き換え|書きかえ|改訂|修正|変更|改変|リライト",
    harder=r"改良|改善|発展|強化|より(?:難し|複雑|高度|困難|実践的)\w{0,3}|難易度を(?:上げ|高め)|難しく|難化|新し",
    version=r"バージョン|版|もの",
    task=r"問題文?|課題|タスク|プロンプト|指示文?|質問|設問|演習",
    old=r"元(?:の|々の)|もとの|オリジナルの?",
    raised=r"(?:難易度|難しさ|複雑さ|複雑性)を(?:さらに)?(?:上げ|高め|増)",
    order=r"(?:次の|以下の|この|上記の|与えられた)?(?:プログラミング)?(?:問題|課題|タスク|プロンプト"
    r"|指示)を(?:より|さらに|もっと)?(?:難しく|複雑に|書き直|書き換え)",
    bye=r"[^。\n]{0,30}(?:お知らせください|お申し付けください|お気軽に|お役に立て|いかがでしょうか)"
    r"|必要(?:で|が)あれば[^。\n]{0,40}(?:できます|いたします|します)|さらに(?:調整"
    r"|難しく)[^。\n]{0,20}(?:可能|できます)",
    same=r"同じ(?:分野|領域|テーマ|難易度|長さ)",
    owned=r"ゲーム|レベル|プレイヤー|敵|クイズ|試験|アンケート|チャットボット|言語モデル|キュー"
    r"|スケジューラ|部分問題|命令セット|todo|タスク管理",
    spaced=False,
)
KOREAN = Language(
    yes=r"물론(?:입니다|이죠|이에요)?|네|예|알겠습니다|좋습니다|그럼요|이해했습니다",
    here=r"다음은|아래는|여기(?:에|는)?|이것은|다음과 같",
    rewritten=r"수정(?:된|한)|다시 (?:작성|쓴|쓰인)(?:된|한)?|재작성(?:된|한)|변형(?:된|한)|변경(?:된"
    r"|한)|재구성(?:된|한)",
    harder=r"개선(?:된|한)|업데이트된|발전(?:된|시킨)|(?:조금 |좀 )?더 (?:어려운|복잡한|까다로운"
    r"|도전적인)|새로운|난이도를 높인|심화(?:된)?",
    version=r"버전",
    task=r"문제|과제|프롬프트|지시문?|질문|연습",
    old=r"원래(?:의)?|원본|본래(?:의)?",
    raised=r"난이도를 (?:더 |더욱 )?(?:높이|올리|높여|높였)|난이도가 (?:높아|올라)",
    order=r"(?:다음|아래|이|주어진|위)(?:의)? (?:프로그래밍 )?(?:문제|과제|프롬프트|지시)(?:를"
    r"|을) (?:더 )?(?:어렵게|복잡하게|다시 작성|수정|변형)",
    bye=r"[^.\n]{0,40}(?:원하시면|필요하시면|있으시면)[^.\n]{0,40}(?:말씀|알려|문의)|도움이 되(?:었|길|기를|시)"
    r"|추가로 (?:수정|조정)[^.\n]{0,20}수 있",
    same=r"같은 (?:분야|주제|영역|난이도|길이)",
    owned=r"게임|레벨|플레이어|적(?:의|이|을)|퀴즈|시험|설문|챗봇|언어 모델|큐|스케줄러|명령어 집합|할 ?일",
)

LATIN = (SPANISH, PORTUGUESE, FRENCH, GERMAN, ITALIAN)
OTHER_SCRIPTS = (RUSSIAN, CHINESE, JAPANESE, KOREAN)


@dataclass(frozen=True, slots=True)
class Patterns:
    """What is looked for in one language or several; each is tried at the places that its name says."""

    head: re.Pattern[str]
    order: re.Pattern[str]
    label: re.Pattern[str]
    bye: re.Pattern[str]
    talk: re.Pattern[str]
    owned: re.Pattern[str]
    same: re.Pattern[str]

    def domain(self, _: str) -> tuple[re.Pattern[str], ...]:
        return (self.owned,)


def patterns(*languages: Language) -> Patterns:
    return Patterns(
        head=_any(rf"\A[\W_]{{0,30}}+(?:{_head(each)})" for each in languages),
        order=_any(rf"\A[\W_]{{0,30}}+(?:{_order(each)})" for each in languages),
        label=_any(
            rf"[\W_]{{0,12}}+(?:{_named(each)})(?:[ \w]{{0,12}})?[ \t*_#]{{0,6}}(?:[:：]|#+[ \t]*$)"
            for each in languages
        ),
        bye=_any(rf"[\W_]{{0,30}}+(?:{each.bye})" for each in languages),
        talk=_any(_talk(each) for each in languages),
        owned=_any(each.owned for each in languages),
        same=_any(rf"\A[\W_]{{0,30}}+(?:{each.same})[^\n:：。.]{{0,60}}[,:;，、：]" for each in languages),
    )


def _head(it: Language) -> str:
    gap = r"[^\n:：.。]{0,60}?" if it.spaced else r"[^\n:：。]{0,16}?"
    end = r"\b" if it.spaced else ""
    yes = rf"(?:{it.yes})[ \t]*(?:[!.:;！。：—–-]|[,，、][ \t]*(?:{it.here}){end})"
    return rf"{yes}|(?:{it.here}){end}{gap}(?:{_named(it)}){end}"


def _order(it: Language) -> str:
    if it in {JAPANESE, KOREAN}:  # the object comes first, so `order` holds it
        return it.order
    verb_first = rf"(?:{it.order}) ?(?:(?:{_FOLLOWING}|{it.old}) )?(?:{it.task}){_end(it)}"
    if it is CHINESE:
        return (
            rf"{verb_first}|(?:请|請)?(?:将|將|把)[^，。\n]{{0,20}}(?:{it.task})(?:{it.rewritten}"
            rf"|变|變|升级|升級)(?:得|为|為|成)"
        )
    return verb_first


def _named(it: Language, *, sure: bool = False) -> str:
    """The rewritten version or task, adjective before or behind."""
    new = it.rewritten if sure else rf"{it.rewritten}|{it.harder}"
    noun = rf"{it.version}|{it.task}"
    if not it.spaced:
        return rf"(?:{new})\w{{0,6}}?(?:{noun})"
    return rf"(?:{new})(?: [\w-]+)? (?:{noun}){_edge(it)}|\b(?:{noun})(?: [\w-]+)?,? (?:{new})\b"


def _talk(it: Language) -> str:
    if not it.spaced:
        return (
            rf"(?:{it.old})の?的?(?:{it.task})|(?:{it.rewritten})(?:后|後|され?た"
            rf"|した)的?(?:{it.version}的?の?)?(?:{it.task})|{it.raised}"
        )
    edge = _edge(it)
    old = rf"\b(?:{it.old}) (?:{it.task}){edge}|\b(?:{it.task}) (?:{it.old})\b"
    of = rf"(?:{it.version}) (?:{it.rewritten}) \w{{1,5}}['’ ]{{1,2}}(?:l['’]|\w+ )?(?:{it.task})"
    of += rf"|(?:{it.rewritten}) (?:{it.version}) \w{{1,5}} (?:{it.task})"
    return (
        rf"{old}|\b(?:{of}){edge}|\b(?:{it.raised})|\b(?:{it.rewritten}) (?:{it.task}){edge}"
        rf"|\b(?:{it.task}) (?:{it.rewritten})\b"
    )


_FOLLOWING = r"folgende[nrs]?|gegebene[nrs]?|siguiente|seguinte|suivante?|seguente|следующ\w+|данн\w+|programmier\w+"
_PHRASE_END = (
    r"(?=\W{0,3}$|\s{0,3}[.,;:!?]|\s+(?:siguiente|seguinte|suivante?|seguente|para|pour|per|so"
    r"|damit|чтобы|так|que|afin|con|avec"
    r"|com|mit|indem|um|y|e|et|und|и|más|plus|mais|più)\b)"
)
"""Where a noun phrase ends: "la tarea", not "la tarea de la cola"."""


def _edge(it: Language) -> str:
    """A word's end; Korean nouns carry particles."""
    return "" if it is KOREAN else r"\b"


def _end(it: Language) -> str:
    return _PHRASE_END if it.spaced else r"(?=[\s，。：:,.、使让讓令以为為成并並]|$)"


def _any(alternatives: Iterable[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)
