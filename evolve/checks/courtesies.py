"""Words that say nothing, in ten languages: data of the check `empty_content`.

Stop words, a chat's courtesies, and the headings of an answer. All in lower case, with straight apostrophes.
"""

from __future__ import annotations

STOP_WORDS = frozenset(
    """a an the of in on at to for from by with and or but if then than so as is are was were be been being am
    it its it's
    this that these those there here you your we our i i'm my me he she they them their which who whom what
    when where why
    how can could should would will shall may might must do does did have has had also just some such very well
    sure okay ok certainly absolutely hello hi hey hmm um uh course right thanks thank welcome please great
    el la los las un una unos unas de del y o en es con por para que se lo al su sus esto eso aquí claro hola
    le les des du et ou est dans pour par avec que qui ce cette ces il elle voici bien sûr d'accord bonjour
    der die das ein eine und oder ist im mit für von zu den dem des auf es hier natürlich gerne klar hallo
    o os as um uma do da dos das e ou é em no na com aqui claro olá isso
    il lo gli uno di che è nel nella ecco certo ciao questo
    и в на с по к у о не что это как вот да конечно привет
    的 了 是的 好的 好 当然 您好 你好 嗯 はい もちろん ええと では です ます 네 물론입니다 물론 안녕하세요 음""".split()  # noqa: SIM905
) - {"是的", "はい", "네", "да", "no"}
"""Words that say nothing alone, and a chat's politeness. "Yes" and "no" are answers in every language."""

MORE_STOP_WORDS = frozenset(
    """all any each every both few more most other another own same no nor not only too now again once about
    above after before
    below between into through during over under up down out off further until while because against one ones
    thing things
    say said go goes going come get got make like really much many even still yet ever never always""".split()  # noqa: SIM905
)
"""Of these a sentence may be made that says nothing; alone they may answer ("no", "never", "all")."""

COURTESY = frozenset(
    """sure certainly absolutely course great good nice excellent interesting happy glad gladly pleasure problem
    gerne gern selbstverständlich gusto supuesto
    plaisir volontiers prazer volentieri piacere пожалуйста удовольствием хорошо конечно 没问题 当然可以 明白了 收到
    承知しました 承知いたしました かしこまりました わかりました 了解しました 알겠습니다 물론이죠""".split()  # noqa: SIM905
)
COURTEOUS = frozenset(
    """thing question idea i'd i'll let's let help assist go worries my be able see below following now yes はい 네 да
    sí oui ja sim sì d'accord con avec
    with mit plaisir prazer je vais ich werde helfen ayudar ayudarte aider com por en es ist sera un te le vous you task
    request question that this these bitte por favor с to""".split()  # noqa: SIM905
)
"""With one of the first a sentence of these promises an answer, and gives none."""
NOTHING = frozenset(
    ("none", "null", "nil", "undefined", "nan", "na", "n a", "tbd", "empty", "blank", "无", "なし", "없음")
)

LABELS = frozenset(
    """assistant response user human ai model bot system instruction antwort respuesta respuestas réponse resposta
    risposta
    solution answer code explanation example examples output usage approach complexity steps step summary conclusion
    result results implementation notes note overview introduction input test tests solución respuesta código
    explicación
    ejemplo salida lösung antwort erklärung beispiel ausgabe réponse explication exemple sortie solução
    resposta explicação
    exemplo saída soluzione risposta codice spiegazione esempio решение ответ код объяснение пример вывод
    解答 答案 代码 解释 示例 输出 解决方案 回答 コード 説明 例 出力 풀이 답변 코드 설명 예시 출력""".split()  # noqa: SIM905
)
