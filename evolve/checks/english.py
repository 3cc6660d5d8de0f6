"""How an English text talks about its own rewriting: the patterns. Most candidates are English, so these are finer.

Invariant: as in rewriting.py, no pattern takes more than linear time. A noun counts only where its phrase ends: "the
task" is talk of the task, "the task queue" is not.
"""

from __future__ import annotations

import re

NOUN = (
    r"(?:prompt|instruction|question|task|problem|exercise|challenge|assignment"
    r"|test)s?(?: (?:statement|description|prompt))?"
)
_PLAIN = r"(?:prompt|instruction|question|task|problem|exercise|challenge)s?(?: statement| description)?"
END = (
    r"(?=\W{0,20}$|\s{0,20}[^\w\s-]|\s+(?:that|which|with|so|by|to|and|in|into|of|for|is|are"
    r"|was|were|has|have|below|above|using|from"
    r"|where|while|now|but|as|more|harder|at|on|can|could|should|would|requires?|asks?|adds?"
    r"|only|you|we|it|i|even|such)\b)"
)
"""Where a noun phrase ends: a mark, the end of the line, or a word that begins something else."""
_KIND = r"(?:(?:programming|coding|test|python|java|javascript|sql) ){0,2}"
_OLD = r"(?:original|given|previous|initial|old|above|first|source|existing|provided)"
_REWRITTEN = (
    r"(?:rewritten|re-written|reworded|rephrased|evolved|modified|revised|reworked|mutated"
    r"|transformed|complicated|adapted)"
)
_MORE = (
    r"(?:(?:slightly |somewhat |a bit |a little |even |much |significantly "
    r"|considerably )?(?:harder|tougher|trickier|more"
    r" (?!than\b|of\b|and\b)[\w-]+)|complexified|extended|expanded|enriched|deeper|upgraded"
    r"|enhanced|improved|updated|new|stronger)"
)
_NEW = rf"(?:{_REWRITTEN}|{_MORE})"
_VERSION = (
    r"(?:version|variant|variation|rewrite|rewriting|rewording|evolution|iteration|revision|take)"
    rf"(?! (?:of|for) (?!(?:the |this |that |your |a |an )?(?:[\w-]+ ){{0,2}}{_PLAIN}\b{END}))"
)
"""Not "a version of quicksort"."""
_NO_CODE = r"(?!\W{0,8}\n\s{0,8}(?:`{3}|~{3})(?!markdown|md\b|te?xt)\w)"
"""Nor a version of the code that follows."""
_DIFFICULTY = (
    rf"difficulty(?! (?:level )?(?:of|in|for) (?:the|each|every|an?) (?!(?:{_OLD} "
    rf"|following )?(?:(?:programming|coding|test) ){{0,2}}{_PLAIN}))"
)
"""Of the task itself: a game may have one of its own."""
_HARD = (
    r"(?:harder|tougher|trickier|more (?:challenging|difficult|complex|complicated|demanding"
    r"|advanced|intricate|interesting))"
)

_YES = (
    r"(?:sure(?: thing)?|certainly|of course|absolutely|definitely|alright|understood|got it|no problem|great(?: idea)?"
    r"|(?:i['’]d be |i would be |i['’]m |i am )?(?:happy|glad) to(?: help)?|thanks?(?: you)? for|my pleasure)"
)
OPENING = re.compile(
    rf"\A[\W_]{{0,30}}+(?:here you (?:go|are)\b|{_YES}\b\s*(?:[!,.:;—–]|here)|(?:okay|ok|great"
    rf"|perfect|right|excellent)\b\s*(?:[!.:]|,\s*(?:here|let|this|below|i\b|we\b)))",
    re.IGNORECASE,
)
"""A model's yes to whoever gave it the prompt."""

SAME = re.compile(
    r"\A[\W_]{0,30}+(?:(?:in |on |from )?(?:the |a )?(?:same|similar) (?:domain|field|topic"
    r"|area|subject|difficulty|length|style|genre|theme)(?:,| as\b| but\b| and similar\b|;)[^\n:]{0,100}[,:;—–.]"
    rf"|(?:an? |another |one )?(?:brand[- ]new|completely new|entirely new"
    rf"|fresh) (?:[\w-]+ ){{0,3}}(?:{_PLAIN})\b[^\n:]{{0,100}}:)",
    re.IGNORECASE,
)
"""A preamble that measures the task by another one."""

_HERE = (
    r"(?:here(?:['’]s| is| are| you go|\s*:)|here|below (?:is|you(?:['’]ll| will)? find)"
    r"|this is|the following is|as requested"
    r"|i(?:['’]ve| have)? (?:\w+ )?(?:rewritten|rewrote|revised|reworked|reworded|rephrased"
    r"|evolved|modified|made|created|prepared|produced)"
    r"|let(?:['’]s| me| us) (?:rewrite|make|evolve|increase|raise|modify|revise))"
)
ANNOUNCEMENT = re.compile(
    rf"\A[\W_]{{0,30}}+(?:{_HERE}[^\n:.]{{0,80}}?\b(?:{_NEW} (?:[\w-]+,? ){{0,3}}?(?:{_VERSION}\b{_NO_CODE}"
    rf"|{_PLAIN}\b{END})"
    rf"|{_VERSION}\b{_NO_CODE}(?! (?:of|for|in) )(?=[^\n]{{0,120}}:[ \t*_]*$)|(?:the|this"
    rf"|your) {_PLAIN},? (?:made |now |but )?(?:\w+ )?{_HARD}|(?:to make|making|made) (?:it|this"
    rf"|the {_PLAIN}) (?:\w+ )?{_HARD})"
    rf"|(?:the|this) {_PLAIN} (?:below |above )?is (?:an? "
    rf"|the )?{_NEW} (?:\w+ )?(?:{_VERSION}\b|version of the {_OLD}\b)"
    r"|(?:my rewrite|rewritten|reworded|rephrased|evolved)(?: (?:and|with|for|to) [^\n:.,]{1,40})?:"
    rf"|(?:(?:the|this|a|an|your|my) )?(?:{_OLD} )?{_KIND}{_PLAIN}(?:, | is "
    rf"| has been )?(?:now )?(?:made |rewritten|revised|evolved|modified)[^\n:.]{{0,60}}:"
    rf"|(?:an? |the |my |your |one )?{_NEW} (?:[\w-]+ ){{0,2}}?(?:{_PLAIN}|{_VERSION})(?: (?:of"
    rf"|for) [^\n:.]{{1,60}})?(?: (?:would|could|might) (?:be|read|look like)[^\n:.]{{0,40}}"
    rf"| is| reads)?"
    r"\s*(?:[*_#]{0,4}:|[*_#]{1,4}[ \t]*$))",
    re.IGNORECASE | re.MULTILINE,
)
"""A preamble that says that what follows was rewritten; a task begins with itself."""

LABEL = re.compile(
    rf"[\W_]{{0,12}}+(?:(?:the |my |your )?(?:(?:slightly |further |more "
    rf"|less )?(?:{_REWRITTEN}|harder|difficult|created|increased|higher)[ _])"
    rf"(?:[\w-]+ )?(?:{NOUN}|version|difficulty(?: {NOUN})?)|(?:updated|improved|enhanced)[ _](?:[\w-]+ )?{NOUN}"
    rf"|(?:new|original|old|given|initial)[ _](?:prompt|instruction|(?:coding "
    rf"|programming )(?:task|question|problem)|test)"
    r"|original[ _](?:task|question|problem|exercise)"
    r"|(?:proposed |optional )?difficulty (?:increased?|raised?)(?: \w+)?|final (?:rewritten )?(?:prompt|instruction)"
    rf"|{_PLAIN} ?\((?:{_REWRITTEN}|updated|harder|new version)[^)\n]{{0,30}}\))"
    r"(?: ?\(?[\w -]{1,24}\)?)?[ \t*_\])]{0,6}(?:#+[ \t:]*$|[:：]|[ \t*_]*$)",
    re.IGNORECASE,
)
"""A line that is a name for the text before or after it."""

MARKER = re.compile(
    r"[^\w\n]{0,12}?#{1,6}[ \t]{0,4}(?:rewritten|given|created|evolved|new|original|modified"
    r"|revised|updated|old|harder)[ _]"
    r"(?:prompt|task|test|instruction|question|problem|version)[ \t]{0,4}(?:#|$)"
    r"|#{1,6}[^#\n]{0,60}\b(?:difficulty|difficult|rewritten|modified|evolved|complicated"
    r"|misdirection|erroneous)\b[^#\n]{0,60}#{1,6}\s{0,20}$"
    r"|\s{0,20}(?:reference[ _]erroneous[ _]code|erroneous[ _]code[ _]reference)[ \t]{0,4}(?::|$)"
    r"|\s{0,20}</?(?:instruction|think|thinking|(?:rewritten|evolved|new|final)[_-](?:prompt|instruction|task))>"
    r"|[^<\n]{0,400}</(?:instruction|think|thinking)>\s{0,20}$",
    re.IGNORECASE,
)
"""The markers between which the best known evolving prompts put their texts, the heading that a model makes of their
demand for erroneous code as a reference (1 % of a recorded run's evolutions), and tags."""

ORDER = re.compile(
    r"\A[\W_]{0,30}+(?:(?:please |now,? |you should |try to )?(?:"
    rf"(?:evolve|complicate|rewrite|rephrase|reword|mutate|make|increase|raise|heighten|elevate)"
    rf" (?:up )?(?:the |this |that |your |an? )?(?:{_DIFFICULTY}|complexity|hardness|(?:{_OLD} "
    rf"|following ){{0,2}}{_KIND}(?:{_PLAIN}\b{END}|test (?:question )?by\b))"
    rf"|(?:increase|raise) (?:the )?(?:\w+ )?(?:{_DIFFICULTY}|complexity)"
    rf"|(?:make|turn) (?:it|this|the \w+) (?:a (?:bit|little) |slightly "
    rf"|into an? )?{_HARD}(?: {NOUN})?(?= by\b| with\b|\W{{0,20}}$)"
    rf"|(?:add|introduce|include) (?:one |two |a few |some |more |new |another |further "
    rf"|additional |and |or )*(?:constraints?|requirements?|reasoning steps?)"
    rf"(?: (?:and|or) \w+)? (?:to|into) (?:the|this) (?:{_OLD} )?{_KIND}{NOUN}\b"
    rf"|(?:let me|let['’]s|let us|i(?:['’]ll| will| need to| should)|we (?:need to|should|must"
    rf"|will)) (?:now )?(?:think about how to )?"
    rf"(?:(?:rewrite|rephrase|reword|evolve|complicate) (?:(?:the|this|that"
    rf"|your) (?:{_OLD} )?{_KIND}{_PLAIN}\b{END}|(?:it|this|that) so that)"
    rf"|make (?:it|this|that|the {_PLAIN}) (?:\w+ )?{_HARD}|increase the (?:difficulty|complexity)"
    rf"|add [^.\n]{{0,60}} to the (?:{_OLD} )?{_KIND}{_PLAIN}\b{END})"
    rf"|(?:provide|give|write|create|generate|produce"
    rf"|come up with) (?:me )?an? {_NEW} (?:\w+ )?(?:version|variant|variation) of (?:the|this)"
    rf" (?:{_OLD} |following ){{0,2}}{_KIND}{_PLAIN}\b{END}"
    rf"|(?:transform|turn|deepen|evolve) (?:the|this|that|your) (?:{_OLD} |following ){{0,2}}{_KIND}{_PLAIN}\b{END}"
    rf"|replace (?:a|one|the) (?:commonly? (?:used )?|common )requirement))",
    re.IGNORECASE | re.MULTILINE,
)
"""A task that orders its own rewriting."""

ORDER_OF_THINGS = re.compile(
    rf"\A[\W_]{{0,30}}+(?:please |now,? )?(?:modify|extend|alter|adapt|revise|enhance|upgrade"
    rf"|change|update|improve|expand)"
    rf" (?:the |this |that |your )(?:{_OLD} )?{_KIND}{_PLAIN}\b{END}",
    re.IGNORECASE | re.MULTILINE,
)
"""The same with verbs that programs are told too."""

CLOSING = re.compile(
    r"[\W_]{0,30}+(?:(?:please |just )?let me know (?:if|whether|how|what) (?:you(?:['’]d"
    r"| would)? (?:like|want|need|prefer|think|have)|this (?:is (?:too|what|ok|okay|good|fine)"
    r"|works for you|fits|version"
    r"|task|one|prompt))"
    r"|(?:i )?hope (?:this|that|these|you)\b|would you like (?:me|another|a|any|more|some)\b"
    r"|do you want (?:me|another)\b"
    r"|(?:shall|should) i (?:make|adjust|add|increase|provide|continue|also)\b"
    r"|(?:please )?(?:feel free|don['’]t hesitate|do not hesitate) to (?:ask(?:[.!]| me\b| for"
    r"| if| any)|let me know|reach out|tell me|request)"
    r"|if you(?:['’]d| would)? (?:like|need|prefer|want)\b[^.\n]{0,80}\b(?:i can|i could"
    r"|i['’]ll|i['’]d be|let me know|just (?:ask|say|tell|let))"
    r"|(?:i['’]m |i am |i['’]d be |i would be )?(?:always )?happy to (?:adjust|help|provide"
    r"|make|tweak|refine)|is there anything else)",
    re.IGNORECASE,
)
"""A model's offer behind the task. Wishes such as good luck are an author's as well."""


def _each(*patterns: str) -> tuple[re.Pattern[str], ...]:
    """For text in lower case. Each begins with its own literal, which makes the search for it a fast one."""
    return tuple(re.compile(pattern, re.MULTILINE) for pattern in patterns)


_WORSE = rf"(?:makes|made|making) (?:it|this|the (?:{_OLD} )?{_KIND}{_PLAIN}) (?:\w+ )?{_HARD}"
_DONE = (
    rf"(?:\w+ly |also |now )?(?:(?:rewritten|rewrote|revised|reworked|evolved|modified|made"
    rf"|increased|raised|changed|complicated|adapted"
    rf"|kept|extended) (?:(?:the|this|your) (?:{_OLD} )?{_KIND}{_PLAIN}\b{END}"
    rf"|the (?:overall )?(?:{_DIFFICULTY}|complexity)\b(?! of (?:the|my|our) (?:function|code|algorithm)))"
    r"|(?:added|introduced|included|inserted|imposed|replaced|changed|increased)"
    r" [^.\n]{0,80}\b(?:constraints?|requirements?|misleading|erroneous|difficult\w*|challeng\w+|harder|reasoning)\b"
    r"(?! (?:to|on|in) (?:my\b|our\b|the (?:\w+ )?(?:table|column|schema|database|code|class))))"
)
PERSON = _each(*(rf"\b{who} {_DONE}" for who in ("i", "i['’]ve", "i have", "we['’]ve", "we have")))
"""Somebody says what he did to the task."""

ACCOUNT = _each(
    rf"this (?:{_REWRITTEN}|updated|harder|revised) (?:{NOUN}\b{END}|{_VERSION}\b)",
    rf"this version of the {_PLAIN}\b",
    rf"this (?:now )?{_WORSE}",
    rf"this (?:added |additional |new |extra )?(?:{_PLAIN}|constraint|requirement|change"
    rf"|modification|version|twist) (?:now |also |further )?"
    r"(?:increases|raises|requires more|adds (?:more |another |an? )?(?:\w+ )?(?:complexity"
    r"|difficulty|layer|challenge|requirement)"
    rf"|introduces (?:a |an |more )?(?:\w+ )?(?:complexity|challenge|layer)|{_WORSE})",
    rf"this (?:version|{_PLAIN}) is (?:now )?(?:\w+ )?{_HARD} (?:than the {_OLD}|because|since)\b",
    r"the (?:added|additional|new|extra) (?:constraint|requirement|twist)s? (?:makes?|forces?"
    r"|requires?|increases?|raises?|adds?) ",
    rf"the (?:{_OLD} )?{_KIND}{_PLAIN} (?:has been|was|is) (?:now )?(?:made (?:\w+ )?{_HARD}"
    rf"|rewritten|reworded|rephrased|evolved|complicated)\b",
    rf"by (?:adding|introducing|requiring|increasing|imposing|replacing)\b[^.\n]{{0,100}}, (?:the|this) {_PLAIN}"
    r" (?:now )?(?:becomes|requires|is|gets|forces)\b",
    rf"following (?:changes|modifications) (?:were|have been) made to the (?:{_OLD} )?{_KIND}{_PLAIN}\b",
)
"""An account of what was done to the task, which only somebody who knew it before can follow."""

COMPARED = _each(
    *(
        rf"{than} the {_OLD} {_KIND}(?:prompt|question|task|test|exercise|instruction"
        rf"|version of the (?:{_PLAIN}))\b{END}"
        for than in (
            "compared to", "compared with", "than", "unlike", "differs from", "in contrast to", "in addition to",
            "beyond", "building on", "based on", "extension of", "starting from",
        )
    ),
)  # fmt: skip
"""The task measured by the text that it was before."""

INSERTED = _each(
    r"(?:constraint|requirement|twist|difficulty|complication)s? (?:added|introduced|raised|increased):",
    r"\((?:rewritten|evolved|modified|reworded|adapted) (?:to|so|by|with)\b",
    r"added (?:constraint|requirement|twist|difficulty|complication)s?:",
    *(
        rf"{was} (?:introduced|added|included|chosen|inserted|removed|raised"
        rf"|changed) (?:so that|to (?:make|force|ensure|require))"
        r" (?:the )?(?:solver|programmer|test[- ]taker|answerer|solution|task|exercise|problem|question)s?\b"
        for was in ("was", "were", "has been", "have been")
    ),
)
"""What was put in, and to which end."""

SOLVER = _each(
    *(
        rf"{force} (?:the )?(?:programmer|solvers|test[- ]taker|answerer|respondent)s?"
        r" (?:to (?:think|understand|derive|reason|consider)|must|ha(?:s|ve) to|needs?)\b"
        for force in ("requires", "requiring", "forces", "forcing", "so that")
    ),
)
"""What it does to whoever solves it."""

REMARK = re.compile(
    r"[\W_]{0,10}+(?:(?:changes|modifications|additions|adjustments) (?:made|applied"
    r"|introduced)(?: (?:to|from|in|compared (?:to|with))"
    rf" the (?:{_OLD} )?{_KIND}{_PLAIN})?|what (?:was |has been |i |i['’]ve )?changed"
    rf"|why (?:this|it) is (?:\w+ )?{_HARD}"
    rf"|how (?:this|it) (?:is|was) made {_HARD}|(?:explanation|summary|list"
    rf"|overview) of (?:the )?(?:changes|modifications|evolution|rewrite)"
    r"|rationale(?: for (?:the )?\w+)?|(?:key|main|added) (?:changes|modifications|complexity"
    r"|difficulty))[ \t*_]{0,6}(?:[:?]|$)",
    re.IGNORECASE,
)
"""The heading of such an account."""

TALK = _each(
    rf"the (?:original|given|previous|initial|above|provided|earlier) {_KIND}(?:prompt|question|instruction)\b{END}",
    rf"the (?:original|initial) {_KIND}(?:task|problem|exercise|assignment|challenge)\b{END}",
    *(rf"{the} {_REWRITTEN} {_KIND}(?:{_PLAIN}|test)\b{END}" for the in ("the", "this", "in")),
    *(rf"{of} (?:the|this) {_REWRITTEN} version\b(?! of\b)" for of in ("in", "for", "of")),
    *(
        rf"{add} (?:a |one |more |new |another )*(?:constraints?|requirements?) (?:to"
        rf"|into) the (?:\w+ )?{_PLAIN}\b{END}"
        for add in ("add", "adding", "include", "introduce")
    ),
)
"""A task that speaks of another text which its reader never saw."""

PURPOSE = _each(
    rf"increas(?:e|es|ing|ed) (?:the )?(?:overall )?{_DIFFICULTY}",
    rf"rais(?:e|es|ing|ed) (?:the )?(?:overall )?{_DIFFICULTY}",
    r"added difficulty",
    rf"to make (?:the|this) {_KIND}{_PLAIN} (?:\w+ )?{_HARD}",
    rf"make this {_KIND}{_PLAIN} (?:\w+ )?{_HARD}",
    rf"the (?:overall )?(?:difficulty|complexity)(?: of the (?:{_PLAIN}))? (?:has been"
    rf"|was) (?:now )?(?:increased|raised|heightened)\b",
)
"""A task that says what its rewriting was for. A game may raise its difficulty; a task may not raise its own."""

HEURISTIC = _each(
    *(
        rf"{use} misdirection\b"
        for use in ("increase", "increases", "increasing", "for", "add", "adds", "create", "cause")
    ),
    r"misdirection code\b",
    *(rf"{more} reasoning steps\b" for more in ("additional", "more", "further", "extra")),
    *(
        rf"{high} (?:time|space)(?: (?:and|or|/) (?:time|space))? complexity requirement"
        for high in ("higher", "increase", "increased", "raise")
    ),
    r"common(?:ly used)? requirement (?:\w+ ){0,3}(?:replaced|swapped|with|by)\b",
    r"replac(?:e|ed|es|ing) (?:a|the|one) common(?:ly used)? requirement",
    *(
        rf"{wrong} (?:piece of )?code as an? (?:misleading )?reference\b"
        for wrong in ("erroneous", "incorrect", "wrong", "faulty", "buggy")
    ),
    *(
        rf"to {trick} the (?:programmer|test[- ]?taker|candidate|solver|answerer|model|reader"
        rf"|developer|student|responder)s?\b"
        for trick in ("mislead", "misdirect", "confuse", "trick")
    ),
)
"""The best known heuristic by its name; comments in code name it too."""
