"""Questions whose answer is what a program prints or comes to: which instructions are such questions, and what to run.

Three forms. printed: code is shown, and asked is what it prints. value: code is shown, and asked is what a call, a
name or an expression comes to. number: no code is shown, and asked is one number that follows from the words alone.
An instruction is one only if it asks for nothing that running the code leaves open: who also wants code written, mended
or changed, or asks what would be if something were otherwise, is not asking what this code does. Missing a question
costs a proof; taking something else for one costs a good answer, so in doubt it is none. Nothing is run here, it never
raises, and takes time linear in the text.
"""

from __future__ import annotations

import ast
import builtins
import re
from dataclasses import dataclass
from typing import Literal

from evolve.checks.fences import language
from evolve.markdown import page
from evolve.verifier.code import parsed

Form = Literal["printed", "value", "number"]
MARK = "--- the value that is asked for ---"
"""Printed between what the program prints itself and the value that is asked for."""
RUN = ("python", "javascript", "bash", "c", "cpp", "go", "rust", "java")
"""Languages whose programs print; what a name or a call comes to is asked of Python alone."""


@dataclass(frozen=True, slots=True)
class Question:
    form: Form
    program: str = ""
    """What is run; "" where the tester has to write it."""
    language: str = "python"

    def printed(self, output: str) -> str:
        """What is asked for, of all that the program printed."""
        return output.rpartition(f"{MARK}\n")[2] if self.form == "value" else output


_PRINTS = (
    r"(?:prints?|printed|outputs?|output|displays?|displayed|writes? to (?:the )?(?:screen|console|standard output))"
)
_THE = r"(?:me |us )?(?:(?:the|its|all|exact|exactly|complete|full|final|whole|first|printed|program's|console) ){0,4}"
_PRINTED = re.compile(
    rf"\bwhat (?:exactly )?(?:does|do|will|would)\b"
    rf"(?: (?!(?:what|do|mean|happen|cause|make|change|affect)\b)\S+){{0,9}}? {_PRINTS}\b"
    rf"|\bwhat (?:exactly )?(?:is|gets|are|all)"
    rf"(?: (?:all|being|finally|actually|exactly|then|it|this|that|gets|is))* {_PRINTS}\b"
    rf"|\bwhat(?:'s| is| will be| would be| are) {_THE}(?:output|outputs|lines)\b"
    rf"|\b(?:give|show|tell|predict|determine|work out|state|find|provide|write down|note down|name) {_THE}"
    rf"(?:output|printed (?:text|lines)|lines that (?:it|this|the \w+) {_PRINTS})\b"
    rf"|\b(?:tell|show|say|explain|predict|work out|write down|state)(?: me"
    rf"| us)? (?:exactly )?what (?:\S+ ){{1,6}}?{_PRINTS}\b"
    rf"|\bwhich (?:lines?|values?|words?|numbers?|text) (?:does|do|will|would|is|are|gets?)\b"
    rf"(?: \S+){{0,6}}? {_PRINTS}\b",
    re.I,
)
_TICKED = r"`([^`\n]{1,200})`"
_TICKS = re.compile(_TICKED)
_COMES = r"(?:returns?|evaluates? to|come to|comes to|give back|gives back|yields?|result in|results in|give|equal)"
_VALUE = re.compile(
    rf"\bwhat (?:value )?(?:does|do|will|would) (?:the )?(?:(?:call|expression|calling"
    rf"|function call) )?{_TICKED} {_COMES}\b"
    rf"|\bwhat(?:'s| is| will be| would be) (?:the )?(?:final |return |resulting |exact )?(?:value|result|length"
    rf"|content|"
    rf"contents) of (?:the )?(?:(?:variable|call|expression|name|list|dict|dictionary|set|string) )?{_TICKED}"
    rf"|\bwhat (?:is|are|does) {_TICKED}(?: hold| contain| equal)?(?: in the end| at the end| afterwards"
    rf"| after\b[^?.]{{0,60}})?\?"
    rf"|\b(?:evaluate|give the (?:value|result) of|work out|determine the value of) (?:the (?:call"
    rf"|expression) )?{_TICKED}",
    re.I,
)
_MORE = re.compile(
    r"\b(?:write|create|implement|build|develop|design|add|provide|give|show|make)\b(?! down)[^.?!\n]{0,60}?"
    r"\b(?:functions?|programs? that|script|class(?:es)?|methods?|tests?|version|quer(?:y|ies)|snippet|module|solution"
    r"|implementation|code that|new code|feature|parameter|argument|handling|support)\b"
    r"|\b(?:fix(?:es)?|debug|repair|refactor\w*|rewrit\w+|modif\w+|optimi[sz]\w+|improve\w*|extend\w*|convert\w*"
    r"|translate\w*"
    r"|complete (?:the|this|it)|replace (?:the|it|this)|port (?:it|this|the)|correct (?:it|this|the (?:code|bug|error"
    r"|mistake"
    r"|function|program)))\b"
    r"|\bso that (?:it|the|this)\b|\bhow (?:can|do|could|should|would) (?:i|we|you|one|it be)\b|\bis (?:it"
    r"|this) (?:right|correct|a bug)"
    r"|\bwhat(?:'s| is) wrong\b|\bshould (?:print|output|return|display)\b|\binstead\b|\bcomplexit",
    re.I,
)
"""Who wants this wants more than to know what the code does, or knows already."""
_OTHERWISE = re.compile(
    r"\b(?:suppose|imagine|assum(?:e|es|ing)|what if|if (?:you|we|i|one|somebody|the|it|its|this|that|line|a|an"
    r"|its)\b[^?.]{0,90}\b"
    r"(?:were|was|had|replaced?|removed?|deleted?|changed?|swapped?|added?|moved?|called with|ran|runs?|became|typed?"
    r"|enters?"
    r"|entered|left out)|after (?:chang|add|remov|replac|swap|delet|mov)\w+|with(?:out)? (?:the|its|that) [^?.]{0,40}"
    r"(?:removed|changed|added|line|decorator|call)"
    r"|(?:if|when|whenever) [^?.,]{0,40}\b(?:is|are|equals?|called|given|invoked|passed)\b(?! (?:run|executed|started))"
    r"|for \w+(?= ?=)|for the (?:call|input|argument)"
    r"|python ?2|(?:on|under) (?:windows|linux|macos|a 32)"
    r"|line \d+|(?:first|second|third|fourth|fifth|last|next) (?:line|value|number|word|item|character|call))\b",
    re.I,
)
"""What would be otherwise, or elsewhere, or is only a part of what is printed."""
_READS = re.compile(
    r"\binput\(|\bstdin\b|\bargv\b|\bread -?\w|\bscanf\b|\bcin\b|\bScanner\b|\breadline\b|\bprocess\.argv"
    r"|\b(?:platform|time|os|uuid|secrets|performance)\.\w|\.(?:now|today|utcnow)\(|\b(?:hash|id|getsizeof|calcsize)\("
    r"|\bsys\.(?:max|get|version|platform|byteorder|hash|float|int|flags|path|executable|modules)|\bnew Date\(\)"
    r"|\btime\((?:NULL|0|nullptr)?\)|\$RANDOM\b|\$\$|\$\(date\b|__file__"
)
"""What a program takes from whoever or whatever runs it: another machine prints something else, and is right."""


def question(instruction: str) -> Question | None:
    """What is asked, where an instruction is such a question and nothing else."""
    blocks = [block for block in page(instruction).blocks if block.code.strip()]
    words = " ".join(page(instruction).prose.split())
    if len(words) > LONGEST or _MORE.search(words) or _OTHERWISE.search(words):
        return None
    if not blocks:
        return Question("number") if _is_number(words) else _of_expression(words)
    spoken = {language(block) or ("python" if parsed(block.code) else "") for block in blocks}
    code = "\n".join(block.code.rstrip("\n") for block in blocks) + "\n"
    if len(spoken) > 1 or not spoken & set(RUN) or _READS.search(code):
        return None
    name = spoken.pop()
    if name == "python" and parsed(code) is None:
        return None
    value = _asked(words) if name == "python" else ""
    if value:
        return Question("value", _ending_in(code, value))
    other = any("(" in called and called not in code for called in _TICKS.findall(words))  # a call that is not made
    return Question("printed", code, name) if _PRINTED.search(words) and not other else None


LONGEST = 1_500
"""Characters of prose around a question; longer, it is a task in which a question occurs."""


def _asked(words: str) -> str:
    """The expression whose value is asked for, or ""."""
    match = _VALUE.search(words)
    found = next(filter(None, match.groups()), "").strip() if match else ""
    if match and "length of" in match.group():
        found = f"len({found})"
    return found if _is_expression(found) else ""


def _is_expression(text: str) -> bool:
    try:
        return bool(text) and bool(ast.parse(text, mode="eval"))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


def _ending_in(code: str, expression: str) -> str:
    return f"{code}\nprint()\nprint({MARK!r})\nprint(repr({expression}))\n"


def _of_expression(words: str) -> Question | None:
    """`What does `sorted("hello")[1]` return?`: an expression that brings all that it needs."""
    value = _asked(words)
    tree = ast.parse(value, mode="eval") if value else None
    if tree is None or not any(
        isinstance(node, ast.Call | ast.BinOp | ast.Subscript | ast.Compare) for node in ast.walk(tree)
    ):
        return None
    made = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    made |= {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    read = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - made
    return Question("value", _ending_in("", value)) if read <= _BUILT_IN else None


_BUILT_IN = frozenset(name for name in dir(builtins) if name.islower()) - {"input", "open", "exec", "eval", "exit"}
_NUMBER_ASKED = re.compile(
    r"^\W*(?:please )?(?:(?:compute|calculate|find|determine|work out|count|give|tell me|state)\b[^.?]{0,30}?"
    r"|what(?:'s| is| are| would be| will be) )"
    r"(?:the )?(?:\w+ ){0,3}?(?:sum|product|number|count|total|average|mean|median|difference|remainder|value"
    r"|factorial|quotient"
    r"|greatest common divisor|least common multiple|gcd|lcm|power|probability|digits?|prime|term|square|cube)\b"
    r"|^\W*how (?:many|much|often)\b|\bhow (?:many|much) [^.?]{3,160}\?\W*$",
    re.I,
)
_OPEN = re.compile(
    r"\b(?:write (?:me |us )?(?:an?|the|some|code|it|your)|using|recurs\w+|function|program|script|class|method"
    r"|algorithm|implement\w*|python|java|javascript|typescript"
    r"|c\+\+|sql|bash"
    r"|rust|golang|go|array|given|input|user|parameter|argument|variable|api|library|complexity|efficient\w*|query"
    r"|table|file"
    r"|ways? to|steps? (?:to|do|does)|lines? of)\b|\b[nmk]\b|`",
    re.I,
)
"""Words of who wants a program, or whose number depends on what is given to it."""
_FIGURE = re.compile(
    r"\d|\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundred|thousand|million|dozen)\b", re.I
)


def _is_number(words: str) -> bool:
    return bool(_NUMBER_ASKED.search(words) and _FIGURE.search(words)) and not _OPEN.search(words)
