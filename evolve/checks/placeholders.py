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
from evolve.checks.comments import MARKED_BY_REQUEST, handed_back, may_comment, may_slot
from evolve.checks.cues import LEFT_SIGNS, LEFT_TO_READER, SAME_BEGINS, SAME_SIGNS, SLOT, THE_SAME_FOR_THE_REST
from evolve.checks.fences import language
from evolve.checks.paths import files
from evolve.checks.spotting import search
from evolve.checks.stubs import stubs
from evolve.markdown import Block, Page, page
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
        "json",
    )
)
_ELIDED = re.compile(
    r"(?:\)(?:[ \t]*(?::|->)?[ \t]*[\w?\\*&|<>\[\], ]{1,40})?|\belse|=>|\btry|\bdo|\bfinally) *\{\s*(?:\.{3}"
    r"|…);?\s*\}|^[ \t]*(?:\.{3,}|…)[;,]?[ \t]*$|,[ \t]*(?:\.{3}"
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
_OTHER_THAN_COMMENT = re.compile(r"^[ \t]*+[^#\s]", re.M)
_BARE_NAME = re.compile(r"[ \t]++(?!pass$|break$|continue$|return$|raise$)[A-Za-z_][\w.]*+")
"""An indented line that only names something does nothing: its rest is missing."""
_NOT_PROSE = re.compile(r"[|;{}=]|\w\(|^[ \t]*(?:#|//|--|<)")


class Placeholder:
    name = "placeholder"
    version = 4
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
        if (
            cue is None
            and not blocks
            and (may_comment(answer) or may_slot(answer))
            and len(_CODE_LINE.findall(answer)) > 1
        ):
            cue = handed_back(answer, candidate.text, illustrates=illustrates)
        if cue is None and not illustrates:
            cue = unfinished(blocks, candidate.text, files(answer))
        if cue is None:
            cue = left_to_reader(parts.prose, candidate.text) or unwritten(parts)
        if cue is None:
            cue = cut_off(answer, blocks, parts.prose)
        return accept(self) if cue is None else reject(self, cue)


def unfinished(blocks: list[tuple[str, Block]], instruction: str, whole: frozenset[int]) -> str | None:
    """A body that does nothing, a statement that says so, or what dots stand for."""
    cue = undone(blocks, instruction) or elided(blocks, instruction, whole)
    if cue is None or OPEN_BY_REQUEST.search(instruction) or MARKED_BY_REQUEST.search(instruction):
        return None
    return cue


def undone(blocks: list[tuple[str, Block]], instruction: str) -> str | None:
    """A function that says, or shows, that it does nothing yet."""
    python_code = [block.code for name, block in blocks if name == "python"]
    only_python = bool(python_code) and len(python_code) == len(blocks) and "\n#" in python_code[0].strip()
    if only_python and "comment" not in instruction and not any(map(_OTHER_THAN_COMMENT.search, python_code)):
        return "comments without code"
    if any(_MAYBE_EMPTY.search(code) for code in python_code if any(sign in code for sign in _EMPTY_SIGNS)):
        trees = [tree for code in python_code if (tree := python.read(code).tree())]
        if empty := stubs(trees):
            return f"a body that does nothing: {empty}"
    code = "\n".join(block.code for name, block in blocks if name != "python")
    if any(sign in code for sign in ("mplemented", "TODO", "todo!", "upported yet", "mplement me")):
        found = _UNDONE.search(code)
        if found and found.group().strip() not in instruction and not _ABSTRACT.search(code):
            return f"a statement: {found.group().strip()!r}"
    return None


def elided(blocks: list[tuple[str, Block]], instruction: str, whole: frozenset[int]) -> str | None:
    """Dots where code or data belongs, in the longest block or in one of `whole` (lines); shorter ones illustrate."""
    longest = max((len(block.code) for _, block in blocks), default=0)
    for name, block in blocks:
        illustrates = len(block.code) < longest and block.line not in whole
        if illustrates or not ("..." in block.code or "…" in block.code) or block.code in instruction:
            continue
        pattern = _ELIDED_SQL if name == "sql" else _ELIDED if name in _BRACED else None
        if pattern and (dots := pattern.search(block.code)):
            return f"dots in place of code: {dots.group().strip()!r}"
    return None


def left_to_reader(prose: str, instruction: str) -> str | None:
    """A sentence that hands the rest over, or a slot in brackets where the answer should be."""
    lower = prose.lower()
    if any(map(lower.__contains__, LEFT_SIGNS)):
        found = search(LEFT_TO_READER, prose)
        if found and found.group() not in instruction:
            return f"to its reader: {found.group()!r}"
    if any(map(lower.__contains__, SAME_SIGNS)) and (not prose.isascii() or SAME_BEGINS.search(lower)):
        found = search(THE_SAME_FOR_THE_REST, prose)
        if found and found.group() not in instruction:
            return f"to its reader: {found.group()!r}"
    if _MAY_SLOT.search(f"\n{prose}"):
        slot = next(
            (slot for slot in SLOT.finditer(prose) if " " in slot.group().strip() or "<" not in slot.group()), None
        )
        if slot and slot.group().strip() not in instruction and not MARKED_BY_REQUEST.search(instruction):
            return f"a slot: {slot.group().strip()!r}"
    return None


_MAY_SLOT = re.compile(r"\n[ \t>*-]{0,6}[\[<({【（]")
"""Where a slot may begin: a cheap look before."""


def unwritten(parts: Page) -> str | None:
    """A function that the code calls, that prose says is the reader's to write, and that no block defines."""
    prose = parts.prose
    told = parts.blocks and "`" in prose and any(map(prose.__contains__, _TOLD))
    handed = search(_TO_WRITE, prose) if told and (not prose.isascii() or _TOLD_WELL.search(prose.lower())) else None
    if handed is None:
        return None
    code = "\n".join(block.code for block in parts.blocks)
    for name in _NAME.findall(handed.group()):
        if re.search(rf"(?<![.\w]){name}\(", code) and not re.search(
            rf"\b(?:def|function|func|fn|import|from|class|const|let|var)\b[^\n(=]{{0,80}}\b{name}\b|\b{name}\b *=[^=]"
            rf"|\b{name}\([^\n()]{{0,200}}\)[^\n;]{{0,40}}\{{",
            code,
        ):
            return f"to its reader: {name!r} is called, and not written"
    return None


_TOLD = (
    "need to ",
    "have to ",
    " to you to",
    "for you to",
    "are left",
    "is left",
    "be written",
    "be implemented",
    " are not ",
    " is not ",
)
_TOLD_WELL = re.compile(
    r"(?:need|have|you) to (?:write|implement|define|provide|supply|fill in|code|create|complete)"
    r"|not (?:shown|included|given|defined|implemented)|(?:is|are) left|be (?:written|implemented|supplied)"
)
"""The same more closely, for ASCII in lower case."""
_NAMED = r"(?:`\w{2,60}(?:\(\))?`[^`.\n]{0,12}){1,12}"
_TO_WRITE = re.compile(
    r"\b(?:you(?:['’]ll| will| would| should| must)?(?: still| also| just| then)? (?:need|have) to |left (?:to"
    r"|for) you to )"
    r"(?:write|implement|define|provide|supply|fill in|code|create|complete)\b(?: (?:the|your|own|functions?"
    r"|methods?|helpers?|bodies"
    rf"|of|for|implementations?|following|missing|remaining|and|actual|each)){{0,6}}:?\s{{1,4}}{_NAMED}"
    rf"|{_NAMED}[^.\n`]{{0,20}}\b(?:(?:is|are) (?:not (?:shown|included|given|defined|implemented)|left)|(?:must"
    rf"|needs? to"
    r"|has to|have to|should) (?:still )?be (?:written|implemented|supplied))",
    re.I,
)
_NAME = re.compile(r"`([a-z]\w*?(?:_|[a-z](?=[A-Z]))\w*)(?:\(\))?`")


def cut_off(answer: str, blocks: list[tuple[str, Block]], prose: str) -> str | None:
    """Where an answer stops that does not end."""
    if blocks and not blocks[-1][1].closed:
        name, block = blocks[-1]
        last = block.code.rstrip().rpartition("\n")[2]
        if name == "python":
            stops = python.read(block.code).error or last.endswith(":") or _BARE_NAME.fullmatch(last)
            return f"code that stops at {last.strip()!r}" if stops else None
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
