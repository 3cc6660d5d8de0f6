"""Work left undone: comments that hand it back, bodies that do nothing, data left out, answers that stop half-way.

A sample teaches its student to leave work undone if its answer does. Cues count in code only, and mostly in comments;
what the instruction itself left open, or asked to be left open (a stub, a skeleton), may stay open. Python's bodies
are judged by its tree (see stubs.py), other languages by tokens. It does not tell whether what was done is enough.
"""

from __future__ import annotations

import re
from typing import Self

from evolve.checks import python
from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.cues import EXTENSION, HANDED_BACK, LEFT_TO_READER, SIMILARLY, STEMS, UNFOLLOWED
from evolve.checks.fences import language
from evolve.checks.spotting import match, search
from evolve.checks.stubs import stubs
from evolve.markdown import Block, page
from evolve.records import Finding

OPEN_BY_REQUEST = re.compile(
    r"\b(?:skeletons?|stubs?|stubbed|templates?|boilerplate|scaffold\w*|placeholders?|no-?op|todo comments?|interfaces?"
    r"|abstract|protocols?|signatures?|empty (?:function|method|class|body)|pass statement|esqueleto|plantilla"
    r"|squelette"
    r"|gerüst|scheletro|заготовк\w+|каркас\w*|шаблон\w*)\b|骨架|模板|框架代码|占位|接口|雛形|ひな形|テンプレート"
    r"|スケルトン|インターフェース"
    r"|스켈레톤|템플릿|인터페이스",
    re.I,
)
"""A task that asks for something open: its answer's bodies may be empty."""

EXPLAIN = re.compile(
    r"\W*(?:explain|describe|compare|discuss|define|what|why|when|where|which|how|is|are|does|can|tell|summari[sz]e"
    r"|outline"
    r"|erkläre?|beschreibe?|was|warum|wie|explica|qué|por qué|cómo|expliquez?|qu|pourquoi|comment|explique|o que|como"
    r"|spiega|che cosa"
    r"|cos|perché|come|объясни\w*|что|почему|как|опиши\w*)\b|\W*(?:请?(?:解释|说明|描述|比较|什么)|なぜ|설명)",
    re.I,
)
BUILD = re.compile(
    r"\b(?:write|implement|create|build|develop|design|construct|generate|modify|refactor|rewrite|fix|program"
    r"|complete|code snippet|schreib\w*"
    r"|implementier\w*|escrib\w+|implementa\w*|crea\w*|écri\w+|implémente\w*|escrev\w+|scriv\w+|напиши\w*"
    r"|реализу\w*)\b|写|编写|实现|実装|作成|작성|구현",
    re.I,
)
"""A question is answered in words; its snippets illustrate, and what they leave out is not asked for."""
_CODE_LINE = re.compile(r"[;{}][ \t]*$|^[ \t]*(?:def|class|if|for|while)\b[^\n]*:[ \t]*$", re.M)

_COMMENT = re.compile(
    r"(?:#(?<![\w:\"'`#&\\]#)#*+(?!\w*(?:include|define|if|ifdef|ifndef|endif|pragma|else|region|!))|/(?<!:/)/+!?|/\*+"
    r"|--(?!>)|<!--|^[ \t]*[*%;]+)"
    r"[ \t]*(?P<said>[^\n]*)",
    re.M,
)
_MARKED_LINE = re.compile(r"\n[ \t]*[*%;]")
_STEMS_BY_LETTER = {stem[0]: tuple(other for other in STEMS if other[0] == stem[0]) for stem in STEMS}
_OTHER = re.compile("[.…\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_CODE = re.compile(r"[;={}]\s*$|\w\([^)\n]*\)[;.\s]*$|^[a-z]\w*\.\w+\(")
"""Commented-out code is no promise of code."""
_UNDONE = re.compile(
    r"\b(?:todo|unimplemented)!\s*\(|\bTODO\([^)\n]{0,80}\)|\bthrow new NotImplemented\w*\("
    r"|(?:\bthrow\b|\bpanic!?\(|\bfatalError\(|\braise\b|\bdie\(|\berrors\.New\()[^\n]{0,60}"
    r"?(?:not (?:yet |been )?(?:implemented|supported yet)|unimplemented|\bTODO\b|to be implemented|implement me)"
    r"|^[ \t]*raise NotImplementedError[ \t]*(?:,[^\n]*)?$",
    re.I | re.M,
)
"""A statement that says that there is nothing yet."""
_ABSTRACT = re.compile(
    r"\babstract\b|\bextends\b|\bsub-?class|\boverrid|\bderived|\binterface\b|\bvirtual\b|\btrait\b|< *\w++$",
    re.I | re.M,
)
"""Bodies that are there to be overridden."""

_MAYBE_EMPTY = re.compile(r"\bpass\b|\.\.\.|NotImplemented|(?:\"\"\"|''')\s*(?:\Z|(?:async )?(?:def|class)\b)")
"""Without one of these no Python function is empty: the tree is not looked at."""
_EMPTY_SIGNS = ("pass", "...", "NotImplemented", '"""', "'''")
"""Of these a match holds one: a cheaper look before."""

_BRACED = frozenset(
    (
        "javascript",
        "typescript",
        "tsx",
        "java",
        "c",
        "cpp",
        "go",
        "rust",
        "csharp",
        "kotlin",
        "swift",
        "php",
        "scala",
        "dart",
    )
)
_ELIDED = re.compile(
    r"(?:\)|\belse|=>|\btry|\bdo|\bfinally) *\{\s*(?:\.{3}|…);?\s*\}|^[ \t]*(?:\.{3,}|…)[;,]?[ \t]*$|,[ \t]*(?:\.{3}"
    r"|…)(?=[ \t]*,|[ \t]*\n?[ \t]*[\]}])",
    re.M,
)
_ELIDED_SQL = re.compile(r"(?:,|\(|\bSELECT\b|^)[ \t]*(?:\.{3}|…)[ \t]*(?=[,);]|$|\n|\bFROM\b|\bVALUES\b)", re.I | re.M)

_OPEN_END = re.compile(
    r"(?:[,(\[{+=&|\\]|[:：]|(?<![-<])->|\b(?:and|or|the|a|an|of|to|for|with|in|is|are|that|which|by|from|as|if"
    r"|because|und|oder|der|die|das"
    r"|mit|von|für|y|o|el|la|los|las|de|del|con|para|que|et|ou|le|les|des|du|avec|pour|e|il|di|che|per|и|или|в|на|с"
    r"|для|что|как))\s*$"
)
"""No sentence ends so."""
SHORTEST_PROSE = 5
"""Words of three letters and more from which a line without a full stop is a sentence cut off, and no name or value."""
_LONG_WORD = re.compile(r"[^\W\d_]{3,}+")
_NOT_PROSE = re.compile(r"[|;{}=]|\w\(|^[ \t]*(?:#|//|--|<)")


class Placeholder:
    name = "placeholder"
    version = 2
    subject: Subject = "answer"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        answer = candidate.answer or ""
        parts = page(answer)
        blocks = [(language(block), block) for block in parts.blocks if block.code.strip()]
        illustrates = bool(EXPLAIN.match(candidate.text)) and not BUILD.search(candidate.text)
        cue = next(
            (c for _, block in blocks if (c := handed_back(block.code, candidate.text, illustrates=illustrates))), None
        )
        if cue is None and not blocks and may_comment(answer) and len(_CODE_LINE.findall(answer)) > 1:
            cue = handed_back(answer, candidate.text, illustrates=illustrates)
        if cue is None and not illustrates:
            cue = unfinished(blocks, candidate.text)
        if cue is None:
            cue = left_to_reader(parts.prose, candidate.text)
        if cue is None:
            cue = cut_off(answer, blocks, parts.prose)
        return accept(self) if cue is None else reject(self, cue)


def handed_back(code: str, instruction: str, *, illustrates: bool = False) -> str | None:
    """The first comment that says that work is left, and that the instruction does not have."""
    for comment in _COMMENT.finditer(code) if may_comment(code) else ():
        said = comment["said"].rstrip(" \t\r*/->")
        if not (said or "…" in comment["said"]) or said in instruction:
            continue
        cue = cue_of(code, comment, said, illustrates=illustrates)
        if cue and not EXTENSION.search(said) and not _CODE.search(said):
            return cue
    return None


def may_comment(code: str) -> bool:
    """A cheap look before: whether any mark of a comment is there."""
    if any(mark in code for mark in ("#", "//", "/*", "--")):
        return True
    return code.lstrip(" \t")[:1] in {"*", "%", ";"} or _MARKED_LINE.search(code) is not None


def is_stemmed(word: str) -> bool:
    bare = word.lstrip("(<[{")
    return bare.startswith(_STEMS_BY_LETTER.get(bare[:1], ()))


def cue_of(code: str, comment: re.Match[str], said: str, *, illustrates: bool) -> str | None:
    """What a comment hands back, as far as its beginning and its place tell."""
    suspect = _OTHER.search(said) or any(map(is_stemmed, said.lower().split()))
    if (
        suspect
        and (cue := match(HANDED_BACK, said))
        and not (illustrates or (is_dots(said) and in_excerpt(code, comment)))
    ):
        return f"a comment: {cue.group().strip()!r}"
    begin, end = comment.span()
    if (suspect and SIMILARLY.match(said) and nothing_follows(code, begin, end)) or (
        match(UNFOLLOWED, said) and not illustrates and is_whole_body(code, begin, end)
    ):
        return f"a comment in place of code: {said[:60]!r}"
    return None


def is_dots(said: str) -> bool:
    return not said.strip(" .…")


def in_excerpt(code: str, comment: re.Match[str]) -> bool:
    """Whether a comment of dots stands between comments: it shortens an output that they show."""
    before = code[: comment.start()].rstrip().rpartition("\n")[2].lstrip()
    after = code[comment.end() : comment.end() + 400].lstrip().partition("\n")[0]
    return before[:1] in {"#", "/", "-", "*"} and after[:1] in {"#", "/", "-", "*"}


def is_whole_body(code: str, begin: int, end: int) -> bool:
    """Whether nothing stands between the head of a body and its end but comments."""
    before = [line.strip() for line in code[max(0, begin - 400) : begin].rstrip().split("\n")[-4:]]
    while before and _COMMENT.match(before[-1]):
        before.pop()
    return bool(before) and before[-1].endswith(("{", ":")) and nothing_follows(code, begin, end)


def nothing_follows(code: str, begin: int, end: int) -> bool:
    """Whether the comment stands where code should: what comes next leaves its block, does nothing or is not there."""
    line_begin = code.rfind("\n", 0, begin) + 1
    if code[line_begin:begin].strip():
        return False
    indent = begin - line_begin
    after = next((line for line in code[end : end + 400].split("\n")[1:] if line.strip()), "")
    bare = after.strip()
    depth = len(after) - len(after.lstrip())
    return not bare or depth < indent or bare[0] in "})]" or bool(_DOES_NOTHING.fullmatch(bare))


_DOES_NOTHING = re.compile(
    r"pass|\.{3}|…|continue;?|return(?: (?:None|null|nullptr|undefined|0|-1|1|false|true|False|True|nil|\"\"|''|\[\]"
    r"|\{\}|\(\)))?;?|end;?|raise NotImplementedError.*"
)


def unfinished(blocks: list[tuple[str, Block]], instruction: str) -> str | None:
    """A body that does nothing, a statement that says so, or what dots stand for."""
    cue = undone(blocks, instruction) or elided(blocks, instruction)
    return cue if cue and not OPEN_BY_REQUEST.search(instruction) else None


def undone(blocks: list[tuple[str, Block]], instruction: str) -> str | None:
    """A function that says, or shows, that it does nothing yet."""
    python_code = [block.code for name, block in blocks if name == "python"]
    if any(_MAYBE_EMPTY.search(code) for code in python_code if any(sign in code for sign in _EMPTY_SIGNS)):
        trees = [tree for code in python_code if (tree := python.read(code).tree)]
        if empty := stubs(trees):
            return f"a body that does nothing: {empty}"
    code = "\n".join(block.code for name, block in blocks if name != "python")
    if any(sign in code for sign in ("mplemented", "TODO", "todo!", "upported yet", "mplement me")):
        found = _UNDONE.search(code)
        if found and found.group().strip() not in instruction and not _ABSTRACT.search(code):
            return f"a statement: {found.group().strip()!r}"
    return None


def elided(blocks: list[tuple[str, Block]], instruction: str) -> str | None:
    """Dots where code or data belongs, in the longest block; shorter ones illustrate."""
    longest = max((len(block.code) for _, block in blocks), default=0)
    for name, block in blocks:
        if len(block.code) < longest or not ("..." in block.code or "…" in block.code) or block.code in instruction:
            continue
        pattern = _ELIDED_SQL if name == "sql" else _ELIDED if name in _BRACED else None
        if pattern and (dots := pattern.search(block.code)):
            return f"dots in place of code: {dots.group().strip()!r}"
    return None


def left_to_reader(prose: str, instruction: str) -> str | None:
    if any(
        sign in prose
        for sign in ("left", "leave", "need to", "have to", "ill in", "omplete the", "omitted", "xercise", "not shown")
    ):
        found = search(LEFT_TO_READER, prose)
        if found and found.group() not in instruction:
            return f"to its reader: {found.group()!r}"
    return None


def cut_off(answer: str, blocks: list[tuple[str, Block]], prose: str) -> str | None:
    """Where an answer stops that does not end."""
    if blocks and not blocks[-1][1].closed:
        name, block = blocks[-1]
        last = block.code.rstrip().rpartition("\n")[2]
        if name == "python":
            return (
                f"code that stops at {last.strip()!r}" if python.read(block.code).error or last.endswith(":") else None
            )
        if _OPEN_END.search(last) or block.code.count("{") > block.code.count("}"):
            return f"code that stops at {last.strip()!r}"
        return None
    tail = answer.rstrip()
    if not tail or tail.endswith(("`" * 3, "~" * 3)):
        return None
    last = tail.rpartition("\n")[2].strip(" \t*_")
    announced = last.endswith((":", "：")) and not last.startswith("#")
    cut = (
        _OPEN_END.search(last.rstrip()[-40:])
        and len(_LONG_WORD.findall(last)) >= SHORTEST_PROSE
        and not _NOT_PROSE.search(last)
    )
    if announced or cut:
        return f"a sentence that stops at {last[-40:]!r}"
    return None
