"""A fault ordered on purpose, in languages other than English: "que contenha propositalmente um erro".

A word for "on purpose" and a word for a fault, near each other in either order. Invariant: only the words are found
here; whether the sentence asks to find, mend or test the fault is looked at by whoever asks.
"""

from __future__ import annotations

import re

_PURPOSELY = (
    r"(?:a prop[óo]sito|de prop[óo]sito|adrede|intencion(?:al|ad)(?:mente|amente)?|deliberada(?:mente)?"
    r"|propositalmente|propositad?amente|proposital|propositado|di proposito|apposta|volutamente"
    r"|intenzional(?:mente|e)|volut[oa]"
    r"|volontairement|volontaire|intentionnel(?:lement|le)?|d[ée]lib[ée]r[ée](?:ment|e)?|expr[èe]s|à dessein"
    r"|absichtlich(?:e[nrsm]?)?|bewusst(?:e[nrsm]?)?|mit absicht|vors[äa]tzlich|gewollt(?:e[nrsm]?)?"
    r"|celowo|celow(?:y|ym|ego|e)|umyślnie|rozmyślnie|opzettelijk[e]?|met opzet|expres"
    r"|z[áa]m[ěe]rn[ěeoýou]\w{0,3}|úmyslně"
    r"|kasıtlı|kasten|bilerek|avsiktligt?|med flit|cố ý|cố tình|sengaja|намеренн\w{1,3}|нарочно|умышленн\w{1,3}"
    r"|преднамеренн\w{1,3}|специально|навмисн\w{1,3})"
)
_FAULT = (
    r"(?:errore?s?|erros?|errori|falhas?|fallos?|bugs?|d[ée]fauts?|erreurs?|fautes?|fehlern?|bł[ąę]d\w{0,3}"
    r"|fout(?:en)?|chyb\w{1,2}"
    r"|hata\w{0,4}|fel|lỗi|kesalahan|ошибк\w{1,3}|баг\w{0,2}|помилк\w{1,2}|difett[oi]|defeitos?|defectos?)"
)
_HARD_TO_SEE = (
    r"(?:sutil|dif[íi]cil de (?:notar|ver|detectar|perceber)|sottile|difficile da (?:notare|vedere)|subtile?"
    r"|difficile à (?:voir|repérer)"
    r"|schwer zu (?:finden|entdecken)|subtil\w{0,2}|незаметн\w{2,3}|trudn\w{1,2} do zauważenia)"
)
SABOTAGE = re.compile(
    rf"\b{_PURPOSELY}\b[^.\n:]{{0,50}}\b{_FAULT}\b|\b{_FAULT}\b(?: [\w-]{{1,20}}){{0,3}} {_PURPOSELY}\b"
    rf"|\b(?:com|con|mit|avec|z|introdu[czs]\w{{1,4}}|inclu\w{{1,4}}|einbau\w{{0,3}}|baue|wprowad\w{{1,4}})"
    rf" (?:[\w-]{{1,12}} ){{0,3}}(?:{_FAULT}(?: de \w{{1,12}})?,? {_HARD_TO_SEE}|{_HARD_TO_SEE} {_FAULT})\b"
    r"|\b(?:escrev|forne|cri|implement|escrib|scriv|écri|schreib|napisz|напиши)\w{0,5} (?:[^\s.]{1,20} ){0,3}?"
    r"(?:c[óo]digo|codice|code|kod|код) (?:incorret|errad|incorrect|err[óo]ne|errat|sbagliat|scorrett|fautif"
    r"|błędny|ошибочн|неверн)\w{0,2}\b",
    re.IGNORECASE,
)
SABOTAGE_WORDS = frozenset(
    """propósito proposito adrede intencional intencionalmente intencionado intencionada intencionadamente deliberada
    deliberadamente propositalmente propositadamente propositamente proposital propositado apposta volutamente
    intenzionale intenzionalmente voluto voluta volontairement volontaire intentionnel intentionnelle
    intentionnellement délibéré délibérée délibérément exprès dessein absichtlich absichtliche absichtlichen
    absichtlicher absichtliches bewusst bewusste bewussten absicht vorsätzlich gewollt gewollten gewollte celowo celowy
    celowym celowego umyślnie rozmyślnie opzettelijk opzettelijke opzet expres záměrně záměrnou záměrný úmyslně kasıtlı
    kasten bilerek avsiktligt flit cố sengaja намеренно намеренную намеренной намеренный нарочно умышленно умышленную
    преднамеренно преднамеренную специально навмисно навмисну sutil difícil sottile difficile subtil subtile subtilen
    schwer незаметной незаметную incorreto incorreta errado errada incorrecto erróneo errato sbagliato scorretto fautif
    błędny ошибочный неверный""".split()  # noqa: SIM905
)
SABOTAGE_FAIR = re.compile(
    r"\b(?:encu[eé]ntr|encontr|trov[aei]|trouve|finde[nt]?|finde|corrig|corrij|corregg|korrigier|beheb|behoben"
    r"|senza|kein|nicht|evit|vermeid|vermeiden|explic|expliq|por qué|perché|pourquoi|warum|prueba|pruebas"
    r"|teste[nst]?|tests?|testy|unit"
    r"|lan[zç]a|lanc|lève|lever|wirft|werfen|solleva|lancia|gener|zgłasza|rzuca|znajdź|napraw|popraw|vind|zoek"
    r"|herstel|zonder"
    r"|najdi|oprav|düzelt|hitta|rätta|temukan|perbaiki|найди|исправ|объясн|почему|провер|тест|вызыва|бросает|выбрасыва"
    r"|siguiente|seguinte|seguente|suivant|folgend|obig|następując|следующ|detect|erkenn|reconna|injec|simul"
    r"|colega|collega|collègue|kollege|коллег)\w{0,6}\b"
    r"|\b(?:no|não|non|не|sin|sem|sans|ohne|nie|bez|bul|tìm|sửa|без)\b",
    re.IGNORECASE,
)
"""What makes it a fault of somebody else, or one to be found, raised or tested for."""
