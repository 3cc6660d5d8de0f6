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
from evolve.checks.courtesies import COURTEOUS, COURTESY, LABELS, MORE_STOP_WORDS, NOTHING, STOP_WORDS
from evolve.checks.declining import APOLOGY, EXCUSE, FIRMLY, OFFER, PROOF, SOFT, declines
from evolve.checks.referring import ABOUT_ITSELF, ARGUES, IN_WORDS, NOT_CODE, PLAINLY, REFERRAL, REFERRAL_SIGNS, WANTED
from evolve.checks.spotting import holds, match, search
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
PROGRAM = re.compile(
    r"\b(?:functions?|programs?|class(?:es)?|scripts?|methods?|modules?|algorithms?|implement\w*|quer(?:y|ies)"
    r"|funktion\w*"
    r"|programm\w*|klasse|funci[oó]n|programa|clase|fonction|programme|classe|função|funzione|programma|функци\w+"
    r"|класс\w*"
    r"|программ\w+)\b|函数|程序|类|関数|クラス|プログラム|함수|클래스|프로그램",
    re.I,
)
"""What takes more than a mark or a sentence."""
REFERRAL_MAY_TAKE = 900
"""Characters: who has more to say of the matter than some 150 words did not only send the asker away."""
AN_ARGUMENT = 6
"""Words after an apology from which it is an answer to a question: "I'm afraid not" with a reason."""
EXCUSED_LINES = 4
"""Lines of code that an answer may have that hands the task back to a learner."""
SHORT_ANSWER_WORDS = 80
"""WizardLM's bound: a longer answer that merely begins with "sorry" still answers (section 3.3)."""

_THOUGHT = re.compile(r"\A\s*<think>[^<]{0,20000}</think>")
_BULLET = re.compile(r"^[ \t]*[-+][ \t]", re.M)
_MARKUP = re.compile(r"[*_#>`~|]+")
_SENTENCE_END = re.compile(r"[.!?。！？\n](?:(?<=[.!?])(?=\s|$)|(?<=[。！？])|(?<=\n)\s*\n)")
_IDLE = re.compile(
    r"\s*(?:#|//|/\*|\*|--|<!--|\"\"\"|'''|%|;|import\b|from \w|using\b|use\b|package\b|require|pass\b"
    r"|\.\.\.|return\b\W*(?:None|null|0)?\W*$"
    r"|[{}()\[\];]*$"
    r"|(?:print|puts|echo|console\.log|System\.out\.print\w*|printf|fmt\.Print\w*)\W[^\n]*(?:sorry|cannot|can't"
    r"|unable|assist|refus|declin)"
    r"|(?:raise|throw|panic)\b[^\n]*)",
    re.I,
)
_CODE_BEGINS = re.compile(
    r"\n[ \t]*+(?:def |class |import |from \w+ import|return |#include|SELECT |INSERT |UPDATE |DELETE |CREATE |func "
    r"|fn |const |let |\w+ = )"
)
_CODE_ENDS = re.compile(r"[;{})](?:(?<!\))|:)[ \t]*$", re.M)


class Refusal:
    """Rejects an answer whose first sentences decline, excuse or hand the question back, and that has no code.

    One line of code, an import or a comment beside a refusal is none. Three ways of saying no count: a plain one ("I
    will not help with that"), a soft one that no answer follows ("I cannot open that file, but you can hire an
    expert"), and WizardLM's apology before less than 80 words. "I cannot run this, but by hand it gives 15" answers;
    so does a proof that something is impossible; so does a character in a game, whose lines the instruction asks for.
    """

    name = "refusal"
    version = 3
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
        cue = declines(beginning) or search(EXCUSE, beginning)
        if cue is None and not parts.blocks and holds(ASKS_FOR_CODE, candidate.text):
            cue = search(FIRMLY, plain_line(answer[:REASONS_MAY_TAKE]))
            cue = None if cue and PROOF.search(answer) else cue
        if cue is None and not parts.blocks and "`" not in answer:
            cue = refers_elsewhere(answer, candidate.text)
        if cue is None or quoted(cue.group(), candidate.text) or wants_a_refusal(candidate.text):
            return accept(self)
        if lines > (EXCUSED_LINES if cue.re is EXCUSE else 1) or (
            cue.re in {SOFT, APOLOGY} and answers(cue, parts, beginning)
        ):
            return accept(self)
        if NOT_CODE.match(candidate.text) and PROOF.search(candidate.text) and ARGUES.search(answer):
            return accept(self)
        if cue.re is APOLOGY and (
            speaks_of_the_matter(cue, parts, candidate.text) or len(words(answer)) >= SHORT_ANSWER_WORDS
        ):
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
    return cue.lstrip("\"'^(?!.[{ ").strip() in " ".join(instruction.replace("’", "'").lower().split())


def wants_a_refusal(instruction: str) -> bool:
    """Whether a text that declines is what was asked for; who asks for a program wants the program around it too."""
    return all(pattern.search(instruction) for pattern in WANTED) and not PROGRAM.search(instruction)


def refers_elsewhere(answer: str, instruction: str) -> re.Match[str] | None:
    """Where a short answer without code, to a task that asks for code, sends its reader to somebody else's."""
    if len(answer) > REFERRAL_MAY_TAKE or not holds(ASKS_FOR_CODE, instruction) or holds(IN_WORDS, instruction):
        return None
    line = plain_line(answer)
    cue = match(PLAINLY, line)
    if cue is None and any(sign in line for sign in REFERRAL_SIGNS):
        cue = search(REFERRAL, line)
    return None if cue is None or PROOF.search(answer) else cue


def speaks_of_the_matter(cue: re.Match[str], parts: Page, instruction: str) -> bool:
    """Whether nobody speaks of himself or the request after an apology: "I'm afraid not: strings do not change"."""
    rest = plain_line(parts.prose)[cue.end() :]
    if ABOUT_ITSELF.search(rest) or OFFER.search(rest):
        return False
    return code_lines(parts, most=1) > 0 or (len(words(rest)) >= AN_ARGUMENT and not PROGRAM.search(instruction))


def code_lines(parts: Page, most: int) -> int:
    """Lines that do something, counted up to `most` at least; without a fence only what nothing but code looks like."""
    fenced = (line for block in parts.blocks for line in block.code.splitlines())
    busy = (1 for line in fenced if line.strip() and not _IDLE.match(line))
    inside = sum(islice(busy, most))
    if inside >= most:
        return inside
    outside = len(_CODE_ENDS.findall(parts.prose)) + len(_CODE_BEGINS.findall(f"\n{parts.prose}"))
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
_CHAT_TOKEN = re.compile(
    r"<[|](?:im_start|start_header_id)[|]>[ \t]*(?:assistant|user|system)?|<[|｜][^<>|｜\n]{1,40}[|｜]>|\[/?(?:INST|SYS"
    r"|EOS|BOS|PAD|UNK|SEP|CLS)\]|<</?SYS>>"
    r"|<start_of_turn>[ \t]*model\b|</?(?:s|eos|bos|pad|unk|eot|end_of_turn|start_of_turn)>"
)
"""What a chat template leaves behind."""
_CHAT_SIGNS = (
    *("<|", "<｜", "INST]", "SYS]", "OS]", "PAD]", "UNK]", "SEP]", "CLS]", "<<", "_turn>", "s>"),
    *("pad>", "unk>", "eot>"),
)
_TAG = re.compile(r"</?[a-zA-Z][^<>\n]{0,80}>|&(?:nbsp|emsp|ensp|zwnj|zwj|shy);|<!--[^\n]{0,400}?-->")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)?")
_PLAIN_WORD = re.compile(r"[a-zA-Z]{2,}+")
_SPAN = re.compile(r"(`{1,2})(?!`)([^`\n]+)\1(?!`)")
ASKS_FOR_MARKUP = re.compile(
    r"\b(?:html|xml|svg|jsx|tags?|elements?|markup|entit(?:y|ies)|doctype)\b|标签|タグ|태그", re.I
)
_BARE_TAG = re.compile(r"</?(?:br|p|div|span|s|b|i|u|html|body|center)\s*/?>", re.I)
ONLY_THAT = re.compile(
    r"\b(?:only|just|nothing (?:else|but|more)|solely|no (?:words|explanation|prose|other)|without (?:any )?(?:words"
    r"|explanation)"
    r"|brainfuck|befunge|golf|ascii(?:[ -]art)?|draw|emoticons?|emojis?|nur|nichts als|s[oó]lo|solamente"
    r"|[uú]nicamente|somente"
    r"|apenas|uniquement|seulement|rien (?:que|d'autre)|solo|soltanto|только|лишь)\b|只|仅|だけ|のみ|[만뿐]",
    re.I,
)
"""An answer to this may be short, and of marks."""
MARKS = 80
"""Characters without a letter or a digit that may be such an answer: an operator, a pattern, a small picture."""
_LITERAL = re.compile(r"[\[({<]\s*[\])}>]|(['\"])\1|[-+*/%&|^~!=<>@?:;,.]{1,3}|\S")
_LEAD_IN = re.compile(r"[^.!?。\n]{0,120}[:：]?\s*\Z")
ASKS_FOR_SYMBOL = re.compile(
    r"\b(?:what|which|operator|symbol|slice|brackets?|specifier|flag|unit|type|keys?|command|apl|glob|pattern"
    r"|regular expression|format string|wildcard|token"
    r"|literal|expression|sign|separator|delimiter|brainfuck|asterisks?|emoticon|smiley|operador|opérateur|operatore"
    r"|zeichen|оператор\w*|символ\w*|character|punctuation|output|print\w*|result|return\w*|evaluate\w*|value|regex"
    r"|empty|qué|cuál"
    r"|quel\w*|was|welche\w*|ausgabe|qual|quale|что|какой|вывод\w*)\b|什么|输出|符号|哪个|何|运算符|表达式|正则|格式|出力|どの|正規表現|演算子|記号"
    r"|무엇|출력"
    r"|연산자|기호",
    re.I,
)
"""A question whose right answer may be a mark, an empty literal or a keyword."""
_RULES = frozenset("-–—_=~#")
_NAMES_A_MARK = re.compile(
    r"\b(?:operators?|symbols?|signs?|characters?|separators?|delimiters?|flags?|punctuation|wildcards?|marks?|output|print"
    r"|operador\w*|opérateurs?|operatore|zeichen|оператор\w*|символ\w*|ausgabe|вывод\w*)\b"
    r"|符号|运算符|输出|出力|記号|演算子|연산자|기호|출력",
    re.I,
)
"""A question that a dash or a rule may answer; "returns" and "value" stand in nearly every task."""
_CODE_TOKEN = re.compile(r"[%\\$:@/&-]{1,2}\w{1,12}[^\w\s]{0,4}")
_NUMBERING = re.compile(r"\s*+(?:\d{1,3}[.)]\s*+)+")


class EmptyContent:
    """Rejects an answer of nothing but marks, stop words and space, of bare fences, or of a skeleton of Markdown.

    A short answer is none: "42", "O(n)" and a word in backticks answer. A mark or an empty literal alone ("{}", "&&")
    answers only a question that may have such an answer.
    """

    name = "empty_content"
    version = 4
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = _THOUGHT.sub("", candidate.answer or "")
        parts = page(_CHAT_TOKEN.sub(" ", answer) if any(map(answer.__contains__, _CHAT_SIGNS)) else answer)
        if any(_PLAIN_WORD.search(block.code) or says_something(block.code) for block in parts.blocks):
            return accept(self)
        if not parts.blocks and len(set(_PLAIN_WORD.findall(parts.prose[:400])) - STOP_WORDS - LABELS) > 3:
            return accept(self)
        what = emptiness(parts, visible(parts.prose), candidate.text)
        return reject(self, what) if what else accept(self)


def emptiness(parts: Page, prose: str, instruction: str) -> str | None:
    """What an answer whose blocks are bare is made of; None if its prose says something."""
    said = [word.lower().replace("’", "'") for word in _WORD.findall(prose)]
    if answers_by_a_mark(parts, prose, said, instruction):
        return None
    announced = prose.rstrip(" \t\n*_").endswith((":", "："))
    if parts.blocks and ((len(said) <= 12 and _LEAD_IN.fullmatch(prose.strip())) or (announced and len(said) <= 25)):
        return "a bare fence"
    if not set(said) - (STOP_WORDS | MORE_STOP_WORDS if len(said) > 5 else STOP_WORDS):
        return "no word that says anything"
    if promises(set(said)) or (said and _NUMBERING.fullmatch(prose)):
        return "a promise, or a list, with nothing in it"
    if " ".join(said) in NOTHING and PROGRAM.search(instruction) and not ASKS_FOR_SYMBOL.search(instruction):
        return "a word for nothing"
    heads = announced or all(line.lstrip().startswith("#") for line in prose.splitlines() if line.strip())
    return "headings with nothing below them" if heads and not set(said) - LABELS - STOP_WORDS else None


def promises(said: set[str]) -> bool:
    """Whether these words are a chat's courtesy alone: "Certainly, here you go!"."""
    return bool(said & COURTESY or {"here", "go"} <= said) and not said - COURTESY - COURTEOUS - STOP_WORDS


def answers_by_a_mark(parts: Page, prose: str, said: list[str], instruction: str) -> bool:
    """Whether a code span, an empty literal, marks or a word that says nothing elsewhere is what was asked for."""
    asked = bool(ASKS_FOR_SYMBOL.search(instruction))
    spans = [code for _, code in _SPAN.findall(prose) if says_something(code)]
    if any(asked or _WORD.search(code) for code in spans) or (asked and prose.strip() == "`...`"):
        return True
    if tags := _TAG.findall(parts.prose):
        wanted = ASKS_FOR_MARKUP.search(instruction) and not all(map(_BARE_TAG.fullmatch, tags))
        if (
            wanted
            or ((asked or ONLY_THAT.search(instruction)) and ASKS_FOR_MARKUP.search(instruction))
            or any("=" in tag for tag in tags)
        ):
            return True
    if said:
        return (
            asked and len(said) == 1 and (said[0] in words(instruction) or bool(_CODE_TOKEN.fullmatch(prose.strip())))
        )
    return asked and marks_answer(parts, prose, instruction)


def marks_answer(parts: Page, prose: str, instruction: str) -> bool:
    """Whether text without a letter may answer: dots and rules are what a model writes that has nothing to say."""
    text = prose if not parts.blocks else "".join(block.code for block in parts.blocks)
    bare = text.strip("`*_ \n") or text.strip("` \n") or "_" * (parts.prose.strip() in {"_", "__"})
    only = bool(ONLY_THAT.search(instruction))
    if not bare or len(bare) > MARKS:
        return False
    if not set(bare) - set(".… ") or (not set(bare) - _RULES and not _NAMES_A_MARK.search(instruction)):
        return only and not PROGRAM.search(instruction)
    if not parts.blocks and _LITERAL.fullmatch(bare):
        return True
    return only or (len(set(bare)) > 1 and not PROGRAM.search(instruction))


def visible(text: str) -> str:
    """Without what cannot be seen, and without tags."""
    shown = "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in {"Cf", "Cc", "Co", "Cn", "Cs"})
    return _TAG.sub(" ", _INVISIBLE.sub(" ", shown))


def says_something(code: str) -> bool:
    """Whether more is there than space and dots."""
    return bool(visible(code).strip(" \t\r\n.…"))
