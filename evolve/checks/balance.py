"""Code in languages that no grammar here reads: are its brackets, and a shell's keywords, closed by their own kind?

Comments and strings are taken out first; where that cannot be told (a quote within an interpolation, a heredoc without
an end, a text that goes on in another language), nothing is. Invariant: it says "broken" only of what no reading
closes; it never raises, and takes time linear in the text. It knows no grammar.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator

LONGEST = 20_000
"""Characters of a block that are read at most."""

_C_COMMENT = r"//[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/"
_STRINGS = r'"(?:[^"\\\n]|\\.)*+"|' + r"'(?:[^'\\\n]|\\.)*+'"
_BRACKETS = r"[()\[\]{}]|[\"'`]"
_TOKENS = {
    "php": re.compile(
        rf'{_C_COMMENT}|(?<!\$)#(?!\[)[^\n]*+|"(?:[^"\\]|\\.)*+"|' rf"'(?:[^'\\]|\\.)*+'|{_BRACKETS}", re.S
    ),
    "csharp": re.compile(rf"{_C_COMMENT}|{_STRINGS}|{_BRACKETS}", re.S),
    "kotlin": re.compile(rf'{_C_COMMENT}|"""(?:[^"]|"(?!""))*+"""|{_STRINGS}|{_BRACKETS}', re.S),
    "swift": re.compile(rf'{_C_COMMENT}|"""(?:[^"]|"(?!""))*+"""|"(?:[^"\\\n]|\\.)*+"|[()\[\]{{}}]|"', re.S),
    "dart": re.compile(rf"{_C_COMMENT}|{_STRINGS}|{_BRACKETS}", re.S),
    "sql": re.compile(r"--[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/|'[^']*+'|\"[^\"\n]*+\"|`[^`\n]*+`|[()]|[\"'`]", re.S),
}
_UNSURE = {
    "php": re.compile(r"<<<|\?>|\{\$|\\['\"]\\"),
    "csharp": re.compile(r"\$@?\"|@\$?\"|\"\"\"|^[ \t]*#", re.M),
    "kotlin": re.compile(r"\$\{[^}\n]{0,200}[\"']|'\"'"),
    "swift": re.compile(r"\\\([^)\n]{0,200}\"|#\"|#/|^[ \t]*#", re.M),
    "dart": re.compile(r"\$\{[^}\n]{0,200}[\"']|'{3}|\"{3}|\br['\"]"),
    "sql": re.compile(r"\\'|\$\$|^[ \t]*#|^(?:mysql|sqlite|postgres|\w+=[#>])", re.M),
}
"""What makes strings uncertain: interpolations with quotes in them, raw text, another language around."""
_OPENING = {")": "(", "]": "[", "}": "{"}


def fault(name: str, code: str) -> str:
    """What is wrong, or ""; "" too where it cannot be told."""
    if len(code) > LONGEST:
        return ""
    if name == "json":
        return _json(code)
    if name == "bash":
        return _shell(code)
    return _brackets(name, code)


LANGUAGES = frozenset((*_TOKENS, "bash", "json"))


def _brackets(name: str, code: str) -> str:
    bare = code.strip()
    if (
        _UNSURE[name].search(code)
        or "..." in code
        or "…" in code
        or bare[:1] in {"}", ")", "]"}
        or bare[-1:] in {"{", "(", "["}
    ):
        return ""
    opened: list[str] = []
    wrong = ""
    for token in _TOKENS[name].findall(code):
        if token in {"(", "[", "{"}:
            opened.append(token)
        elif token in {")", "]", "}"} and not wrong:
            if not opened or opened.pop() != _OPENING[token]:
                wrong = f"{token!r} closes nothing"
        elif token in {"'", '"', "`"}:
            return ""  # an apostrophe of prose, or a string that goes on: what follows may be either
    return wrong or (f"{opened[-1]!r} is not closed" if opened else "")


# -- a shell's keywords ------------------------------------------------------------------------------------------------

_HEREDOC = re.compile(r"<<-?[ \t]*+(?P<q>['\"]?)(?P<end>\w++)(?P=q)[^\n]*+\n")
_SHELL_NOISE = re.compile(
    r"\\.|\$\(\((?:[^()]|\([^()]*+\))*+\)\)|\$\{[^}\n]*+\}|\$[#?*@!$]|'[^']*+'|\"(?:[^\"\\]|\\.)*+\"|(?<![^\s;(])#[^\n]*+",
    re.S,
)
_SHELL_TOKEN = re.compile(r";;&?|;&|[;|&(){}`!\n]|[^\s;|&(){}`!]++")
_KEYWORDS = frozenset(
    ("if", "then", "elif", "else", "fi", "for", "select", "while", "until", "do", "done", "case", "esac")
)
_GOES_ON = frozenset(("if", "then", "elif", "else", "while", "until", "do", "time", "!", "{"))
"""After these a command begins."""
_FIRST = re.compile(r"\s*+(?:then|else|elif|fi|do|done|esac|;;)\b|\s*+[\w.~/@:-]{0,40}[$#>%] ")
_SESSION = re.compile(r"^[ \t]*(?:\$ |> )|\.\.\.|…", re.M)
"""A part that begins in the middle, or a terminal with its prompts; dots stand for what is left out."""
_PAIRS = (("if", "fi"), ("do", "done"), ("case", "esac"))


def _shell(code: str) -> str:
    """Counts of words where a command may stand; their order is not looked at."""
    if _FIRST.match(code) or _SESSION.search(code) or (text := _without_heredocs(code)) is None:
        return ""
    text = _SHELL_NOISE.sub("_", text)
    if "'" in text or '"' in text:
        return ""
    counts = Counter(_commands(_SHELL_TOKEN.findall(text)))
    for begin, end in _PAIRS:
        if counts[begin] != counts[end] and (counts["then"] or begin != "if") and counts[begin]:
            return f"{begin!r} without {end!r}" if counts[begin] > counts[end] else f"{end!r} without {begin!r}"
    return ""


def _commands(tokens: list[str]) -> Iterator[str]:
    """The keywords that stand where a command may; the patterns of a `case` are none."""
    begins, cases, awaits, pattern = True, 0, False, False
    for token in tokens:
        if token == "in" and awaits:
            awaits, pattern = False, True
        elif pattern and token not in {"esac", ")", "\n"}:
            continue
        elif begins and token in _KEYWORDS:
            yield token
            pattern = False
            awaits = token == "case"
            cases += (token == "case") - (token == "esac")
            begins = token in _GOES_ON
        elif pattern and token == "esac":
            yield token
            cases, pattern = cases - 1, False
        elif token.startswith(";") and len(token) > 1:
            begins, pattern = True, cases > 0
        else:
            begins = token in ";|&(){`!\n" or token in _GOES_ON
            pattern = pattern and token != ")"


def _without_heredocs(code: str) -> str | None:
    """None where one does not end."""
    parts: list[str] = []
    at = 0
    while (begun := _HEREDOC.search(code, at)) is not None:
        ended = re.compile(rf"^[ \t]*{begun['end']}[ \t]*$", re.M).search(code, begun.end())
        if ended is None:
            return None
        parts += [code[at : begun.start()], "\n"]
        at = ended.end()
    return "".join((*parts, code[at:]))


# -- JSON --------------------------------------------------------------------------------------------------------------

_JSON_REMARK = re.compile(r'("(?:[^"\\\n]|\\.)*+")|//[^\n]*+|#[^\n]*+|/\*(?:[^*]|\*(?!/))*+\*/')
_JSON_COMMA = re.compile(r",(?=\s*+[\]}])")
_JSON_OPEN = re.compile(r"\.\.\.|…|<\w|\{\{|\$\{|\{%|^[ \t]*[-+][ \t]*[\"{\[]", re.M)


def _json(code: str) -> str:
    """The first thing that no kind reader of JSON takes; fragments, lines of JSON, comments and slots are taken."""
    if _JSON_OPEN.search(code) or "\x00" in code:
        return ""
    text = _JSON_COMMA.sub("", _JSON_REMARK.sub(lambda found: found[1] or "", code)).strip().rstrip(",;")
    if not text or text[0] in "}])":
        return ""
    error = ""
    for reading in (text, f"{{{text}}}", f"[{text}]"):
        try:
            json.loads(reading, strict=False)
        except json.JSONDecodeError as found:
            error = error or f"line {found.lineno}: {found.msg}"
        except (ValueError, RecursionError):
            return ""
        else:
            return ""
    return "" if _many(text) else error


def _many(text: str) -> bool:
    """Whether it is several documents, one after the other."""
    decoder = json.JSONDecoder(strict=False)
    at = documents = 0
    while at < len(text) and documents < 100:
        try:
            _, at = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            return False
        documents += 1
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return documents > 1
