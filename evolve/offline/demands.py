"""Rules that demand something of the code or the answer and leave what is computed as it is.

They serve every language, and tasks that cannot be executed. Invariant: a demand is chosen only where the known answer
already meets it (checked on its code), or where `change` makes it do so; so the answer stays honest. What the code does
is never judged here, and a task without a known answer gets the demand unchecked.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from evolve.offline.rules import Rule
from evolve.offline.tasks import FENCE, Task, parse
from evolve.offline.tongues import TONGUES

_COMMENT = {"sql": "--", "bash": "#", "python": "#"}
_LISTED = re.compile(r"^\s*([-*+]|\d+\.) ", re.MULTILINE)
_LOOPS = (ast.For, ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)

_FORBIDDEN: tuple[tuple[str, str, str, tuple[str, ...]], ...] = (
    # name, language, what the code must not match, phrases
    ("no_print", "java", r"System\.(out|err)",
     ("The code must print nothing itself; whoever calls it decides what is done with the result.",)),
    ("no_exit", "java", r"System\.exit|Runtime\.",
     ("It runs inside a server, so ending the virtual machine or starting other processes is out of the question.",)),
    ("no_null", "java", r"return null",
     ("No method may return null; an empty collection, an Optional or an exception says the same more clearly.",)),
    ("jdk_only", "java", r"import (?!static )?(?!java)",
     ("Use nothing beyond the classes of the JDK, since the build has no network access.",)),
    ("no_using", "c++", r"using namespace",
     ("It will be pasted into a header, so keep names qualified and do without `using namespace`.",)),
    ("no_new", "c++", r"\bnew\b|\bdelete\b(?! *;)|malloc",
     ("Ownership must be plain to see: neither raw new and delete nor malloc may appear in the code.",)),
    ("no_macros", "c++", r"#define",
     ("Where a constant or an inline function would do, do not define a preprocessor macro.",)),
    ("no_goto", "c++", r"\bgoto\b|reinterpret_cast|const_cast",
     ("Our linter rejects goto, const_cast and reinterpret_cast, so find a way without any of them.",)),
    ("no_panic", "go", r"\bpanic\(|log\.Fatal|os\.Exit",
     ("Return an error value instead of panicking or ending the process when something cannot be done.",)),
    ("std_only", "go", r'"[\w.-]+\.(com|org|io|in)/',
     ("Import nothing but the standard library, because the module is built without network access.",)),
    ("no_init", "go", r"func init\(",
     ("Keep package loading free of side effects, which rules an init function out.",)),
    ("no_unsafe_go", "go", r'"unsafe"|"reflect"',
     ("Neither the unsafe nor the reflect package may be used, as the reviewers do not accept them.",)),
    ("no_unsafe", "rust", r"\bunsafe\b",
     ("The crate forbids unsafe code, so every line has to be safe Rust.",)),
    ("no_unwrap", "rust", r"\.unwrap\(|panic!|todo!|unimplemented!",
     ("Bad input must not bring the program down: do without unwrap() and without panic!.",)),
    ("std_crate", "rust", r"extern crate|\buse (?!std|core|alloc|super|crate|self)",
     ("Rely on the standard library alone and add no dependency to Cargo.toml.",)),
    ("no_static_mut", "rust", r"static mut",
     ("State that outlives a call is unwelcome, so no static mut may hide behind the interface.",)),
    ("no_star", "sql", r"(?i)select\s+\*",
     ("Columns may be added to the tables later, so name every column and never select with a star.",)),
    ("no_comma_join", "sql", r"(?is)from\s+\w+(\s+\w+)?\s*,\s*\w+",
     ("Write each join with an explicit JOIN and its condition; a comma between tables is not acceptable.",)),
    ("no_vendor", "sql", r"(?i)\b(top\s+\d|isnull\(|nvl\(|rownum)\b",
     ("It must not rely on what a single vendor offers, such as TOP, NVL, ISNULL or ROWNUM.",)),
    ("no_hint", "sql", r"/\*\+|(?i:\bnolock\b)",
     ("Leave the plan to the optimiser: hints of whatever kind have no place in the statement.",)),
    ("no_eval", "bash", r"\beval\b",
     ("Since file names come from strangers, nothing may be handed to eval or be parsed as code.",)),
    ("no_perl", "bash", r"\b(perl|python3?|ruby)\b",
     ("The container ships coreutils and little else, so perl, python and ruby are not at hand.",)),
    ("no_backtick", "bash", r"`",
     ("Command substitution is to be written with $(...) throughout, never with backticks.",)),
    ("no_sudo", "bash", r"\bsudo\b|\bcurl\b|\bwget\b",
     ("It runs as an ordinary user without network access: no sudo, and nothing may be downloaded.",)),
    ("no_var", "javascript", r"\bvar\s",
     ("Declare everything with const or let, because the linter treats var as an error.",)),
    ("strict_equal", "javascript", r"[^=!]==[^=]|!=[^=]",
     ("Compare with === and !== only, so that no value is converted behind the reader's back.",)),
    ("no_console", "javascript", r"console\.",
     ("Write nothing to the console; what went wrong is told to the caller alone.",)),
    ("no_package", "javascript", r"require\(|from ['\"](?!node:|\.)",
     ("No package from npm may be needed to run it, neither directly nor as a polyfill.",)),
    ("no_any", "typescript", r"\bany\b",
     ("It has to pass the strict compiler settings, and the type any must not occur in it.",)),
    ("no_suppress", "typescript", r"@ts-",
     ("Comments that silence the compiler, such as @ts-ignore or @ts-expect-error, are not allowed.",)),
    ("no_enum", "typescript", r"\benum\b|\bnamespace\b",
     ("The code is run with its types stripped off, hence neither enum nor namespace can be used.",)),
    ("no_logging", "typescript", r"console\.",
     ("Logging is somebody else's business here: the code itself must not touch the console.",)),
)  # fmt: skip


def _forbid(name: str, language: str, regex: str, phrases: tuple[str, ...]) -> Rule:
    def choices(task: Task) -> Sequence[str]:
        return ("",) if task.language == language and not re.search(regex, task.code) else ()

    return Rule(name, phrases, choices, lambda task, _: task, frozenset({"add_constraint", "concretize"}))


def _fact(name: str, suits: str, holds: Callable[[Task], bool], *phrases: str) -> Rule:
    return Rule(name, phrases, lambda t: ("",) if holds(t) else (), lambda t, _: t, frozenset(suits.split()))


def _flat(task: Task) -> bool:
    """Whether no loop or comprehension of the Python solution lies inside another."""
    return bool(task.entry) and not any(
        isinstance(inner, _LOOPS) for outer in _loops(task) for inner in ast.walk(outer) if inner is not outer
    )


def _linear(task: Task) -> bool:
    """Whether the solution is plainly O(n log n): flat loops with nothing in them that walks over the input again."""
    cheap = {"append", "add", "get", "int", "ord", "chr", "abs", "len", "range", "enumerate", "zip", "isdigit", "items"}
    cheap |= {"isalpha", "isupper", "islower", "isalnum", "divmod", "str", "setdefault", "pop", "values", "keys"}
    inside = [node for loop in _loops(task) for node in ast.walk(loop)]
    calls = {ast.unparse(node.func).rpartition(".")[2] for node in inside if isinstance(node, ast.Call)}
    heavy = (ast.While, ast.Slice, ast.In, ast.NotIn)
    return _flat(task) and bool(inside) and calls <= cheap and not any(isinstance(node, heavy) for node in inside)


def _loops(task: Task) -> Iterator[ast.AST]:
    return (node for node in ast.walk(parse(task.code if task.others else task.source)) if isinstance(node, _LOOPS))


def _recursive(task: Task) -> bool:
    functions = (
        node for node in ast.walk(parse(task.code if task.others else task.source)) if isinstance(node, ast.FunctionDef)
    )
    calls = ((f.name, node.func) for f in functions for node in ast.walk(f) if isinstance(node, ast.Call))
    return any(isinstance(called, ast.Name) and called.id == name for name, called in calls)


def _lines(task: Task) -> Sequence[str]:
    count = len(task.code.splitlines())
    return [k for k in ("20", "30", "40", "60", "80", "120") if count + 5 < int(k) <= count + 40 and count > 3]


def _words(task: Task) -> Sequence[str]:
    count = len(task.output.split())
    fits = task.kind == "explain" and not task.entry
    return [k for k in ("120", "150", "200", "300") if fits and count + 10 < int(k)][:2]


def _headed(task: Task, _: str) -> Task:
    """The code opens with a comment: the first words of what was asked."""
    words = re.sub(r"[`*]", "", task.text.partition("\n")[0]).split()[:12]
    label = TONGUES[task.tongue].task if task.tongue in TONGUES else "Task"
    comment = f"{_COMMENT.get(task.language, '//')} {label}: {' '.join(words)[:_NAMED]} ..."
    if task.entry:
        return replace(task, source=f"{comment}\n{task.source}")
    return replace(task, output=FENCE.sub(lambda found: _insert(found[0], comment), task.output, count=1))


_NAMED = 84
"""Characters of a task that name it: a line of code stays below 100."""


def _insert(fence: str, comment: str) -> str:
    head, _, rest = fence.partition("\n")
    if rest.startswith(("#!", "<?")):
        first, _, rest = rest.partition("\n")
        head = f"{head}\n{first}"
    return f"{head}\n{comment}\n{rest}"


def _counted(task: Task, _: str) -> Task:
    """The answer says how many lines the output has."""
    lines = len(_claimed(task).splitlines())
    return replace(task, notes=(*task.notes, f"Its output has {lines} line{'s' if lines > 1 else ''}."))


def _claimed(task: Task) -> str:
    """The printed text in the answer to a question for it; "" where the answer has none in a block of its own."""
    blocks = _PLAIN_BLOCK.findall(task.output) if task.kind == "output" and "print(" in task.text else []
    return blocks[-1] if blocks else ""


_PLAIN_BLOCK = re.compile(r"^```(?:text)?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def _summed_up(task: Task, _: str) -> Task:
    prose = FENCE.sub("", task.output).strip() or "The code does what was asked, step by step."
    first = re.split(r"(?<=[.!?])\s", prose, maxsplit=1)[0]
    return replace(task, notes=(*task.notes, f"In short: {first}"))


DEMANDS = (
    *(_forbid(*row) for row in _FORBIDDEN),
    _fact(
        "flat_loops", "higher_complexity", _flat,
        "Inputs can be long, so do not nest one loop or comprehension inside another.",
        "Nested loops would be too slow here: no loop or comprehension may contain a second one.",
    ),
    _fact(
        "n_log_n", "higher_complexity", _linear,
        "With a million items it has to stay quick: the running time must be O(n log n) or better.",
        "Make sure that the work grows no faster than n log n with the size of the input.",
    ),
    _fact(
        "no_recursion", "higher_complexity add_constraint", lambda task: bool(task.entry) and not _recursive(task),
        "The call stack is small on that device, so none of the functions may call itself.",
        "Solve it without recursion, because deep inputs must not exhaust the stack.",
    ),
    _fact(
        "no_imports", "add_constraint rarer_requirement", lambda t: bool(t.entry) and "import " not in t.source,
        "The interpreter is a bare one without a library, so the code may not import any module.",
        "Only builtins are available where this runs: nothing may be imported.",
    ),
    _fact(
        "columns", "concretize", lambda task: 0 < max(map(len, task.code.splitlines()), default=0) <= 100,
        "House style counts too: no line of the code may be longer than 100 characters.",
        "Keep each line of code within 100 columns, as the review tool cuts off the rest.",
    ),
    _fact(
        "no_bullets", "concretize", lambda task: not task.entry and not _LISTED.search(task.output),
        "The answer is read aloud to the team, so write full sentences and no bullet points or numbered lists.",
        "Put everything that is not code into running text, without lists of any kind.",
    ),
    _fact(
        "no_headings", "add_constraint", lambda task: not task.entry and not re.search(r"(?m)^#+ |\*\*", task.output),
        "Since it is pasted into a plain-text ticket, leave out headings and bold type.",
        "Neither headings nor bold words should appear around the code, because the wiki shows them raw.",
    ),
    _fact(
        "no_mocks", "add_constraint", lambda task: task.kind == "tests" and not re.search(r"(?i)mock|patch", task.code),
        "Exercise the real code throughout: mocks, stubs and patched attributes are not wanted in these tests.",
        "Let every test call what is tested as it is, with nothing mocked or patched.",
    ),
    Rule(
        "short", ("The whole code should fit on one screen, which means fewer than {k} lines.",
                  "Stay below {k} lines of code, blank lines and comments included."),
        _lines, lambda task, _: task, frozenset({"add_constraint"}),
    ),
    Rule(
        "few_words", ("Space in the handbook is tight: the answer as a whole must have fewer than {k} words.",),
        _words, lambda task, _: task, frozenset({"add_constraint", "concretize"}),
    ),
    Rule(
        "headed", ("Open the code with a one-line comment that says which task it solves.",
                   "The first comment in the code should name the task in one line, for those who find it later."),
        lambda task: ("",) if task.code else (), _headed, frozenset({"add_constraint", "concretize"}),
    ),
    Rule(
        "counted", ("Below the output say in a sentence of its own how many lines it has.",
                    "Close with the number of printed lines, so that a reader can count them off."),
        lambda task: ("",) if _claimed(task) else (), _counted, frozenset({"deepen_reasoning", "complicate_input"}),
    ),
    _fact(
        "block_of_its_own", "concretize add_constraint", lambda task: bool(_claimed(task)),
        "Put what is printed into a fenced block of its own, blanks and empty lines as they are.",
        "The printed text belongs into one code block, exactly as a terminal would have it.",
    ),
    _fact(
        "no_code_again", "add_constraint", lambda task: bool(_claimed(task)) and "```python" not in task.output,
        "Do not repeat the code in the answer, since whoever reads it has the code beside it.",
        "No line of code may stand in the answer; a word about the way to the result is enough.",
    ),
    Rule(
        "summed_up", ("After the code, close the answer with one sentence that begins with 'In short:'.",
                      "End with a summary of a single sentence, introduced by the words 'In short:'."),
        lambda task: ("",) if not task.entry else (), _summed_up, frozenset({"deepen", "deepen_reasoning"}),
    ),
)  # fmt: skip
"""Rules about the code and the answer."""
