"""The prompt in the data: a candidate that talks about its own rewriting instead of being a task.

Two sources. From the active templates, so that it follows them when they are changed: runs of words and tags that a
candidate shares with a template (templates.py). From the way in which a model talks to whoever gave it the prompt: a
frame around the task, labels, an order to rewrite, an account of what was changed (english.py and rewriting.py).

What is excused differs. A *frame* is no task's own words in any domain: only the seed, which the user brought, may
have it, so a leaked parent does not launder its child where the seed is known. *Talk* ("the original question") can
belong to a domain in which questions are things: a parent's own words excuse it, and so does the domain (domains.py).
Either way a text excuses the words that it has, in the place in which it has them, and no others. A run in which
leaked parents are evolved further leaks more each round (a public run: 3.1 %, then 7.3 %).

Fenced code, inline code and quotations are not read, except for copied words and where all is one fence: data that
quotes a prompt or a chat is data. It does not judge whether a task is a good one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import Literal, Self

from evolve.checks import domains, english, gates, rewriting
from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.spotting import distinct, match
from evolve.checks.templates import Copies
from evolve.checks.vocabulary import tokens
from evolve.markdown import page
from evolve.records import Finding
from evolve.text import words

HEAD = 400
"""Characters in which a preamble begins and ends; a bound on the work."""
TAIL = 600
"""Characters in which a model says goodbye; a bound on the work."""
DISTINCT = 20
"""Cues of one rule that are looked into."""
SENTENCES = 20
"""Of the tail, at most."""
LINE = 200
"""Characters of the longest line that is a label."""

_QUOTED = re.compile(
    r"``[^`\n]{1,200}``|`[^`\n]{1,200}`|\"[^\"\n]{1,200}\"|“[^”\n]{1,200}”|«[^»\n]{1,200}»|「[^」\n]{1,100}」"
)
_SENTENCE = re.compile(r"[.!?。！？\n)]")
_SCRIPTS = re.compile("[\u0400-\u04ff\u3040-\u30ff\u4e00-\u9fff\uac00-\ud7a3]")

Place = Literal["head", "tail", "line", "prose", "text"]
"""Where a rule reads: the beginning, the sentences of the end, each line, all prose, or code and quotations too."""


@dataclass(frozen=True)
class Rule:
    what: str
    place: Place
    patterns: tuple[re.Pattern[str], ...]
    needs: tuple[frozenset[str], ...] = ()
    """Of each of these the text must hold a word, else the patterns need not be tried."""
    frame: bool = True
    """Whether no task can own such words: then only a seed excuses them."""
    owned: Callable[[str], tuple[re.Pattern[str], ...]] | None = None
    """The domains in which tasks own the words of a cue."""

    @cached_property
    def look(self) -> re.Pattern[str]:
        """Finds something where one of the patterns does; they have the same flags, and no groups that they refer to.

        Made when it is asked for, since it takes as long to compile as all of them.
        """
        if len(self.patterns) == 1:
            return self.patterns[0]
        return re.compile("|".join(f"(?:{pattern.pattern})" for pattern in self.patterns), self.patterns[0].flags)


class View:
    """A text as the rules read it; what is dear is made when it is asked for."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.words = list(tokens(text)) if text.isascii() else words(text)  # the same, and known already
        self.tokens = distinct(text) if text.isascii() else frozenset(self.words)

    @cached_property
    def prose(self) -> str:
        """Without fenced code; quotations are blanked. An unclosed fence, and one that holds everything, is prose."""
        if "```" not in self.text and "~~~" not in self.text:
            return _QUOTED.sub(_blank, self.text)
        parts = page(self.text)
        open_ones = (block.code for block in parts.blocks if not block.closed)
        prose = "\n".join((parts.prose, *open_ones))
        return _QUOTED.sub(_blank, prose) if any(map(str.isalnum, prose)) else self.text

    @cached_property
    def low(self) -> str:
        """The prose in lower case, letter by letter in place."""
        return _lower(self.prose)

    @cached_property
    def head(self) -> str:
        return self.text.lstrip().removeprefix("```markdown").removeprefix("```text").removeprefix("```")[:HEAD]

    @cached_property
    def lines(self) -> list[str]:
        return [line for line in self.prose.splitlines() if len(line) < LINE or "</" in line]

    @cached_property
    def tail(self) -> str:
        return self.prose.rstrip()[-TAIL:]

    @cached_property
    def starts(self) -> list[int]:
        """Where in the tail its last sentences begin."""
        return [0, *(match.end() for match in _SENTENCE.finditer(self.tail))][-SENTENCES:]


@lru_cache(maxsize=64)  # many candidates share a parent
def view(text: str) -> View:
    return View(text)


def _lower(text: str) -> str:
    low = text.lower()
    return low if len(low) == len(text) else "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def _blank(match: re.Match[str]) -> str:
    quoted = match.group()
    return quoted[0] + "\x00" * (len(quoted) - 2) + quoted[-1]


ENGLISH_RULES = (
    Rule("talk before the task", "head", (english.OPENING,)),
    Rule("announces a rewriting", "head", (english.ANNOUNCEMENT,)),
    Rule("measures itself by another task", "head", (english.SAME,)),
    Rule("orders a rewriting", "head", (english.ORDER,)),
    Rule("orders a rewriting", "head", (english.ORDER_OF_THINGS,), frame=False, owned=domains.domain),
    Rule("a marker of the prompt", "line", (english.MARKER,), (gates.LABELS,)),
    Rule("names a rewriting", "line", (english.LABEL,), (gates.LABELS, gates.THINGS)),
    Rule("talk behind the task", "tail", (english.CLOSING,), (gates.GOODBYE,)),
    Rule("tells what was changed", "prose", english.PERSON, (gates.FIRST, gates.DONE, gates.THINGS)),
    Rule("tells what was changed", "prose", english.ACCOUNT, (gates.ACCOUNTS, gates.THINGS)),
    Rule(
        "tells what was changed",
        "prose",
        english.COMPARED,
        (gates.OLDER, gates.THINGS),
        frame=False,
        owned=domains.domain,
    ),
    Rule("tells what was changed", "prose", english.INSERTED, (gates.INSERTS,)),
    Rule("tells what it does to its solver", "prose", english.SOLVER, (gates.SOLVERS,)),
    Rule("tells what was changed", "line", (english.REMARK,), (gates.REMARKS,)),
    Rule(
        "speaks of another text",
        "prose",
        english.TALK,
        (gates.CHANGED, gates.NOUNS),
        frame=False,
        owned=domains.domain,
    ),
    Rule("names a heuristic", "text", english.HEURISTIC, (gates.HEURISTICS,)),
    Rule(
        "says what the rewriting is for",
        "prose",
        english.PURPOSE,
        (gates.PURPOSES,),
        frame=False,
        owned=domains.domain,
    ),
)


def _anchored(of: rewriting.Patterns) -> tuple[Rule, ...]:
    return (
        Rule("talk before the task", "head", (of.head,)),
        Rule("names a rewriting", "head", (of.label,)),
        Rule("measures itself by another task", "head", (of.same,)),
        Rule("orders a rewriting", "head", (of.order,), frame=False, owned=of.domain),
    )


def _searched(of: rewriting.Patterns) -> tuple[Rule, ...]:
    return (
        Rule("names a rewriting", "line", (of.label,)),
        Rule("talk behind the task", "tail", (of.bye,)),
        Rule("speaks of another text", "prose", (of.talk,), frame=False, owned=of.domain),
    )


RULES = (*ENGLISH_RULES, *_anchored(rewriting.patterns(*rewriting.LATIN)))
BY_LANGUAGE = tuple((language.hints, _searched(rewriting.patterns(language))) for language in rewriting.LATIN)
OTHER_SCRIPTS = tuple(
    rule for of in (rewriting.patterns(*rewriting.OTHER_SCRIPTS),) for rule in (*_anchored(of), *_searched(of))
)


class PromptLeak:
    name = "prompt_leak"
    version = 2
    subject: Subject = "instruction"

    def __init__(self, templates: Mapping[str, str]) -> None:
        self._copies = Copies(templates.values())

    @classmethod
    def make(cls, context: Context) -> Self:
        return cls(context.templates)

    def __call__(self, candidate: Candidate) -> Finding:
        text, parents = candidate.text, candidate.parents
        seeds = (candidate.root,) if candidate.root is not None and len(parents) == 1 else parents
        seen = View(text)
        tag = self._copies.tag(text)
        if tag and not any(tag in seed.lower() for seed in seeds):
            return reject(self, f"a tag of the prompt: {tag!r}")
        for rule in _rules(seen):
            cue = _inexcusable(rule, seen, seeds if rule.frame else parents, parents)
            if cue is not None:
                return reject(self, f"{rule.what}: {cue!r}")
        copied = self._copies.found(text, seen.words, seeds)
        return reject(self, f"words of the prompt: {copied!r}") if copied else accept(self)


def cues(rule: Rule, seen: View) -> Iterator[str]:
    """What the rule finds, one after the other."""
    whole = seen.prose if rule.place == "prose" else seen.text if rule.place == "text" else None
    if rule.place == "prose" and not rule.look.search(seen.low):
        return
    for pattern in rule.patterns:
        for found in _found(pattern, rule.place, seen):
            if found:
                yield (found.group() if whole is None else whole[found.start() : found.end()]).strip()


def _found(pattern: re.Pattern[str], place: Place, seen: View) -> Iterable[re.Match[str] | None]:
    match place:
        case "head":
            return (pattern.match(seen.head),)
        case "line":
            return map(pattern.match, seen.lines)
        case "tail":
            return (pattern.match(seen.tail, start) for start in seen.starts)
        case "prose":
            return pattern.finditer(seen.low)
        case "text":
            return pattern.finditer(_lower(seen.text))


def _rules(seen: View) -> Iterator[Rule]:
    head, said = seen.head, seen.tokens
    for rule in RULES:
        if rule.place == "head" and not any(match(pattern, head) for pattern in rule.patterns):
            continue
        for need in rule.needs:
            if need.isdisjoint(said):
                break
        else:
            yield rule
    for hints, rules in BY_LANGUAGE:
        if len(hints & seen.tokens) > 1:
            yield from rules
    if not seen.text.isascii() and _SCRIPTS.search(seen.text):
        yield from OTHER_SCRIPTS


def _inexcusable(rule: Rule, seen: View, before: Iterable[str], parents: Iterable[str]) -> str | None:
    """The first cue that no text before the candidate has in the same place, and that its domain does not own."""
    found = cues(rule, seen)
    first = next(found, None)
    if first is None:
        return None
    own = {tuple(words(cue)) for text in before for cue in cues(rule, view(text))}
    new: dict[tuple[str, ...], str] = {}
    for cue in chain((first,), found):
        if tuple(words(cue)) not in own:
            new.setdefault(tuple(words(cue)), cue)
        if len(new) == DISTINCT:
            break
    return next((cue for cue in new.values() if not _is_owned(rule, cue, seen, parents)), None)


def _is_owned(rule: Rule, cue: str, seen: View, parents: Iterable[str]) -> bool:
    if rule.owned is None:
        return False
    texts = (seen.low.replace(cue.lower(), ""), *(view(text).low for text in parents))
    return any(domain.search(text) for domain in rule.owned(cue) for text in texts)
