"""Work that a comment, or a slot of a form, hands back in code: a part of the check `placeholder`.

A cue counts at the beginning of a comment, or where nothing but the comment fills a body. What the instruction holds,
or wants marked, is none. Invariant: time linear in the code; the cheap looks before say no only where no pattern fits.
"""

from __future__ import annotations

import re

from evolve.checks.cues import EXTENSION, HANDED_BACK, SIMILARLY, STEMS, UNFOLLOWED
from evolve.checks.spotting import match

MARKED_BY_REQUEST = re.compile(
    r"\b(?:skeletons?|stubs|stubbed|scaffold\w*|starter|todos?|fill(?:ed|s)?[ -]in|fill in the|gaps|left (?:blank|open)"
    r"|esqueleto|squelette|gerüst|scheletro|заготовк\w+|каркас\w*)\b|骨架|雛形|ひな形|スケルトン|스켈레톤|填空|穴埋め|빈칸",
    re.I,
)
"""A task that asks for the marks themselves, as for students who will fill them in."""

_COMMENT = re.compile(
    r"(?:#(?<![\w:\"'`#&\\]#)#*+(?!\w*(?:include|define|if|ifdef|ifndef|endif|pragma|else|region|!))|/(?<!:/)/+!?|/\*+"
    r"|--(?!>)|<!--|^[ \t]*[*%;]+)"
    r"[ \t]*(?P<said>[^\n]*)",
    re.M,
)
_UNLINED = re.compile(_COMMENT.pattern.replace(r"|^[ \t]*[*%;]+", ""), re.M)
"""The same where no line begins with such a mark: a search for few characters, which is a fast one."""
_MARKED_LINE = re.compile(r"\n[ \t]*[*%;]")
_BRACKETED_LINE = re.compile(r"\n[ \t]*+[\[<({]")
_STEMS_BY_LETTER = {stem[0]: tuple(other for other in STEMS if other[0] == stem[0]) for stem in STEMS}
_OTHER = re.compile("[.…\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7af]")
_CODE = re.compile(r"[;={}]\s*$|\w\([^)\n]*\)[;.\s]*$|^[a-z]\w*\.\w+\(")
"""Commented-out code is no promise of code."""


def handed_back(code: str, instruction: str, *, illustrates: bool = False) -> str | None:
    """The first comment that says that work is left, and that the instruction does not have."""
    cue = _handed_back(code, instruction, illustrates=illustrates)
    return None if cue is None or MARKED_BY_REQUEST.search(instruction) else cue


def _handed_back(code: str, instruction: str, *, illustrates: bool) -> str | None:
    slot = _SLOT_IN_CODE.search(code) if may_slot(code) else None
    if slot and slot.group().strip() not in instruction:
        return f"a slot: {slot.group().strip()!r}"
    pattern = _COMMENT if _begins_marked(code) else _UNLINED
    for comment in pattern.finditer(code) if may_comment(code) else ():
        said = comment["said"].partition("*/")[0].rstrip(" \t\r*/->")
        if not (said or "…" in comment["said"]) or said in instruction:
            continue
        cue = cue_of(code, comment, said, illustrates=illustrates)
        if cue and not EXTENSION.search(said) and not _CODE.search(said):
            return cue
    return None


def may_comment(code: str) -> bool:
    """A cheap look before: whether any mark of a comment is there."""
    return any(mark in code for mark in ("#", "//", "/*", "--")) or _begins_marked(code)


def _begins_marked(code: str) -> bool:
    return code.lstrip(" \t")[:1] in {"*", "%", ";"} or _MARKED_LINE.search(code) is not None


def may_slot(code: str) -> bool:
    """A cheap look before: whether a line begins with a bracket."""
    return code.lstrip(" \t")[:1] in {"[", "<", "(", "{"} or _BRACKETED_LINE.search(code) is not None


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
        not illustrates and is_whole_body(code, begin, end) and match(UNFOLLOWED, said)
    ):
        return f"a comment in place of code: {said[:60]!r}"
    return None


_SLOT_IN_CODE = re.compile(
    r"^[ \t]*+[\[<({]{1,3}[ \t]?(?:(?:insert|put|paste|add|write|enter) [\w ]{0,40}?\b(?:code|logic"
    r"|implementation)\b[\w ]{0,12}|your [\w ]{0,20}?(?:code|logic"
    r"|implementation)[\w ]{0,12}|(?:code|logic) (?:goes )?here)[\])>}]{1,3}[ \t]*$",
    re.I | re.M,
)
"""A slot of a form where a statement should be."""


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
    if before := code[line_begin:begin].strip():
        return before.endswith("{") and bool(_CLOSES.search(code[begin:end]))
    indent = begin - line_begin
    after = next((line for line in code[end : end + 400].split("\n")[1:] if line.strip()), "")
    bare = after.strip()
    depth = len(after) - len(after.lstrip())
    return not bare or depth < indent or bare[0] in "})]" or bool(_DOES_NOTHING.fullmatch(bare))


_CLOSES = re.compile(r"\*/[ \t]*\}")
_DOES_NOTHING = re.compile(
    r"pass|\.{3}|…|continue;?|return(?: (?:None|null|nullptr|undefined|0|-1|1|false|true|False|True|nil|\"\"|''|\[\]"
    r"|\{\}|\(\)))?;?|end;?|raise NotImplementedError.*"
)
