"""Checks of an answer as a whole: WizardLM's second and third rule, made fit for code and for more than English.

A cue counts only where an answer would use it: a refusal stands in the first sentences, and who refuses does not write
the code. Invariant: the instruction is looked at only to see what it quotes or asks for, never for cues of its own.
Whether an answer is right is not for text to tell.
"""

from __future__ import annotations

import re
import unicodedata
from itertools import islice
from typing import Self

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.declining import APOLOGY, EXCUSE, FIRMLY, OFFER, PROOF, SOFT, declines
from evolve.markdown import Page, page
from evolve.records import Finding
from evolve.text import words

HEAD = 420
"""Characters in which a refusal must begin: two or three sentences; "I cannot" further down is a remark."""
SENTENCES = 3
REASONS_MAY_TAKE = 2000
"""Characters in which an answer without any code may come to its no."""
ASKS_FOR_CODE = re.compile(
    r"\b(?:write|implement|create|build|develop|code|program|function|script|class|method|quer(?:y|ies)|schreib\w*"
    r"|funktion|escrib\w+|función|écri\w+|fonction"
    r"|escrev\w+|função|scriv\w+|funzione|напиши\w*|функци\w+)\b|编写|函数|実装|関数|작성|함수",
    re.I,
)
EXCUSED_LINES = 4
"""Lines of code that an answer may have that hands the task back to a learner."""
SHORT_ANSWER_WORDS = 80
"""WizardLM's bound: a longer answer that merely begins with "sorry" still answers (section 3.3)."""

_THOUGHT = re.compile(r"\A\s*<think>[^<]{0,20000}</think>")
_BULLET = re.compile(r"^[ \t]*[-+][ \t]", re.M)
_MARKUP = re.compile(r"[*_#>`~|]+")
_SENTENCE_END = re.compile(r"[.!?。！？\n](?:(?<=[.!?])(?=\s|$)|(?<=[。！？])|(?<=\n)\s*\n)")
_COMMENT = re.compile(r"\s*(?:#|//|/\*|\*|--|<!--|\"\"\"|'''|%|;)")
_IDLE = re.compile(
    r"\s*(?:import\b|from \w|using\b|use\b|package\b|#include|require|pass\b|\.\.\.|return\b\W*(?:None|null|0)?\W*$"
    r"|[{}()\[\];]*$"
    r"|(?:print|puts|echo|console\.log|System\.out\.print\w*|printf|fmt\.Print\w*)\W[^\n]*(?:sorry|cannot|can't"
    r"|unable|assist|refus|declin)"
    r"|(?:raise|throw|panic)\b[^\n]*)",
    re.I,
)
_CODE_LINE = re.compile(
    r"[;{}][ \t]*$|^[ \t]*(?:def |class |import |from \w+ import|return |#include|SELECT |INSERT |UPDATE |DELETE "
    r"|CREATE |func |fn |const |let )"
    r"|^[ \t]*\w+ = |\):[ \t]*$",
    re.M,
)


class Refusal:
    """Rejects an answer whose first sentences decline, excuse or hand the question back, and that has no code.

    One line of code, an import or a comment beside a refusal is none. Three ways of saying no count: a plain one ("I
    will not help with that"), a soft one that no answer follows ("I cannot open that file, but you can hire an
    expert"), and WizardLM's apology before less than 80 words. "I cannot run this, but by hand it gives 15" answers;
    so does a proof that something is impossible; so does a character in a game, whose lines the instruction asks for.
    """

    name = "refusal"
    version = 2
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = _THOUGHT.sub("", candidate.answer or "")
        parts = page(answer)
        lines = code_lines(parts, most=EXCUSED_LINES + 1)
        if lines > EXCUSED_LINES:  # whatever it says: most answers are not read any further
            return accept(self)
        beginning = head(answer)
        cue = declines(beginning) or EXCUSE.search(beginning)
        if cue is None and not parts.blocks and ASKS_FOR_CODE.search(candidate.text):
            cue = FIRMLY.search(plain_line(answer[:REASONS_MAY_TAKE]))
            cue = None if cue and PROOF.search(answer) else cue
        if cue is None or quoted(cue.group(), candidate.text):
            return accept(self)
        if lines > (EXCUSED_LINES if cue.re is EXCUSE else 1) or (
            cue.re in {SOFT, APOLOGY} and answers(cue, parts, beginning)
        ):
            return accept(self)
        if cue.re is APOLOGY and len(words(answer)) >= SHORT_ANSWER_WORDS:
            return accept(self)
        return reject(self, f"declines: {cue.group().strip()!r}")


def head(answer: str) -> str:
    """The first sentences, without Markdown, on one line, with plain apostrophes, in lower case."""
    text = _unmarked(answer[: 2 * HEAD]).strip()
    ends = [found.end() for found in _SENTENCE_END.finditer(text[:HEAD])]
    text = text[: ends[SENTENCES - 1]] if len(ends) >= SENTENCES else text[:HEAD]
    return plain_line(text)


def plain_line(text: str) -> str:
    return " ".join(_unmarked(text).replace("’", "'").replace("‘", "'").replace("＇", "'").lower().split())


def _unmarked(text: str) -> str:
    """With a blank in place of each mark of Markdown."""
    if any(bullet in text for bullet in ("- ", "-\t", "+ ", "+\t")):
        text = _BULLET.sub(" ", text)
    return _MARKUP.sub(" ", text)


def quoted(cue: str, instruction: str) -> bool:
    """Whether the instruction has these words: what it asks to be said is said on its behalf."""
    return cue.strip() in " ".join(instruction.replace("’", "'").lower().split())


def code_lines(parts: Page, most: int) -> int:
    """Lines that do something, counted up to `most`; without a fence only what nothing but code looks like."""
    fenced = (line for block in parts.blocks for line in block.code.splitlines())
    busy = (1 for line in fenced if line.strip() and not _COMMENT.match(line) and not _IDLE.match(line))
    inside = sum(islice(busy, most))
    outside = sum(1 for _ in islice(_CODE_LINE.finditer(parts.prose), most + 1)) if inside < most else 0
    return inside + max(0, outside - 1)


def answers(cue: re.Match[str], parts: Page, beginning: str) -> bool:
    """Whether, after a soft no or an apology, an answer follows all the same."""
    if PROOF.search(parts.prose):
        return True
    if cue.re is APOLOGY:
        return False
    rest = beginning[cue.end() :]
    turn = re.search(
        r"\b(?:but|however|still|instead|nevertheless|that said|so|assuming|if we|here is|here's|aber|mais|pero|mas"
        r"|ma|но)\b|但|不过|しかし|ですが|하지만|다만",
        rest,
    )
    return bool(turn) and not OFFER.search(rest)


# -- nothing in it -----------------------------------------------------------------------------------------------------

_INVISIBLE = re.compile("[\u115f\u1160\u3164\uffa0\u2800\ufffd_]")
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>|&(?:nbsp|emsp|ensp|zwnj|zwj|shy);|<!--[^\n]{0,400}?-->")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PLAIN_WORD = re.compile(r"[a-zA-Z]{2,}+")
_SPAN = re.compile(r"(`{1,2})(?!`)([^`\n]+)\1(?!`)")
_LITERAL = re.compile(r"[\[({<]\s*[\])}>]|(['\"])\1|[-+*/%&|^~!=<>@?:;,.]{1,3}|\S")
_LEAD_IN = re.compile(r"[^.!?。\n]{0,120}[:：]?\s*\Z")
ASKS_FOR_SYMBOL = re.compile(
    r"\b(?:what|which|operator|symbol|character|punctuation|output|print\w*|result|return\w*|evaluate\w*|value|regex"
    r"|empty|qué|cuál"
    r"|quel\w*|was|welche\w*|ausgabe|qual|quale|что|какой|вывод\w*)\b|什么|输出|何|出力|どの|무엇|출력",
    re.I,
)
"""A question whose right answer may be a mark, an empty literal or a keyword."""

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

_LABELS = frozenset(
    """solution answer code explanation example examples output usage approach complexity steps step summary conclusion
    result results implementation notes note overview introduction input test tests solución respuesta código
    explicación
    ejemplo salida lösung antwort erklärung beispiel ausgabe réponse explication exemple sortie solução
    resposta explicação
    exemplo saída soluzione risposta codice spiegazione esempio решение ответ код объяснение пример вывод
    解答 答案 代码 解释 示例 输出 解决方案 回答 コード 説明 例 出力 풀이 답변 코드 설명 예시 출력""".split()  # noqa: SIM905
)


class EmptyContent:
    """Rejects an answer of nothing but marks, stop words and space, of bare fences, or of a skeleton of Markdown.

    A short answer is none: "42", "O(n)" and a word in backticks answer. A mark or an empty literal alone ("{}", "&&")
    answers only a question that may have such an answer.
    """

    name = "empty_content"
    version = 2
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        parts = page(candidate.answer or "")
        if any(_PLAIN_WORD.search(block.code) or says_something(block.code) for block in parts.blocks):
            return accept(self)
        if not parts.blocks and len(set(_PLAIN_WORD.findall(parts.prose[:400])) - STOP_WORDS - _LABELS) > 3:
            return accept(self)
        what = emptiness(parts, visible(parts.prose), candidate.text)
        return reject(self, what) if what else accept(self)


def emptiness(parts: Page, prose: str, instruction: str) -> str | None:
    """What an answer whose blocks are bare is made of; None if its prose says something."""
    if parts.blocks and len(words(prose)) <= 12 and _LEAD_IN.fullmatch(prose.strip()):
        return "a bare fence"
    said = [word.lower() for word in _WORD.findall(prose)]
    if answers_by_a_mark(parts, prose, said, instruction):
        return None
    if not set(said) - (STOP_WORDS | MORE_STOP_WORDS if len(said) > 5 else STOP_WORDS):
        return "no word that says anything"
    heads = all(line.lstrip().startswith("#") for line in prose.splitlines() if line.strip())
    return "headings with nothing below them" if heads and not set(said) - _LABELS - STOP_WORDS else None


def answers_by_a_mark(parts: Page, prose: str, said: list[str], instruction: str) -> bool:
    """Whether a code span, an empty literal or a word that says nothing elsewhere is what was asked for."""
    asked = bool(ASKS_FOR_SYMBOL.search(instruction))
    spans = [code for _, code in _SPAN.findall(prose) if says_something(code)]
    if any(asked or _WORD.search(code) for code in spans):
        return True
    bare = prose.strip("`*_ \n")
    if asked and not parts.blocks and _LITERAL.fullmatch(bare) and bare not in {"...", "…"}:
        return True
    return asked and len(said) == 1 and said[0] in words(instruction)


def visible(text: str) -> str:
    """Without what cannot be seen, and without tags."""
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cn", "Cs"})
    return _TAG.sub(" ", _INVISIBLE.sub(" ", shown))


def says_something(code: str) -> bool:
    """Whether more is there than space and dots."""
    return bool(visible(code).strip(" \t\r\n.…"))
