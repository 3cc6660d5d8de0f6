"""A task that the offline teacher knows: its text, a true solution and the cases that show it.

Invariant: the solution of a task passes its cases and a stub that returns None fails them; every change of a task goes
through functions that keep that. Expected values are computed from literals of the seeds, so nothing that a seed file
brought is ever executed here. A task beside Python has its tests as text, its suite, which is never changed. This
module knows neither rules nor faults; it holds a task's text, code and cases.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

FENCE = re.compile(r"```[^\n`]*\n(.*?)```", re.DOTALL)

LANGUAGES = ("typescript", "javascript", "java", "c++", "go", "rust", "sql", "bash")
"""The languages other than Python that have rules of their own, in the order in which a text is searched for them."""


@dataclass(frozen=True, slots=True)
class Case:
    """One call and what it returns."""

    args: str
    """Python source of the arguments, as between the parentheses of the call."""
    expected: object
    """The literal that the call returns."""


@dataclass(frozen=True, slots=True)
class Task:
    text: str
    """The instruction, word for word as it was last seen."""
    output: str = ""
    """The answer that came with the seed; "" where nobody knows one."""
    language: str = "python"
    kind: str = ""
    tongue: str = "English"
    """The natural language that it is put in."""
    entry: str = ""
    """Name of the function that the cases call; "" if the task cannot be executed."""
    source: str = ""
    """Python that defines `entry`; "" if the task cannot be executed."""
    path: str = ""
    """The file that `source` is, in a task of several files."""
    others: tuple[tuple[str, str], ...] = ()
    """(path, source) of the further files, each before those that import it."""
    program: str = ""
    """Python that prints the number that is asked for; "" where none is, or the instruction has the program."""
    cases: tuple[Case, ...] = ()
    further: tuple[str, ...] = ()
    """Python that passes where the solution does what no result of a case shows."""
    suite: str = ""
    """Tests of a task that has no `entry`, in the convention of its language; "" where nobody knows any."""
    slip: tuple[str, str] | None = None
    """(old, new): a place in the code and what makes it wrong there, so that the suite fails."""
    wrong_test: tuple[str, str] | None = None
    """(old, new): a place in the suite and what no right answer passes."""
    examples: tuple[str, ...] = ()
    """Assertions that hold for the Python program in the text, where the task is to translate that."""
    chain: tuple[str, ...] = ()
    """Names of the rules applied since the seed, the oldest first."""
    notes: tuple[str, ...] = ()
    """Sentences that the answer owes to those rules."""

    @property
    def code(self) -> str:
        """The solution, whatever its language, files one after the other; "" if there is none."""
        if self.kind == "output":
            return ""
        if self.others:
            return "\n\n\n".join([*(source for _, source in self.others), self.source])
        found = FENCE.search(self.output)
        return self.source or (found[1] if found else "")

    @property
    def fence(self) -> str:
        """What stands behind the backticks of its code."""
        return self.language.replace("c++", "cpp")

    @property
    def files(self) -> tuple[tuple[str, str], ...]:
        """(path, source) of every file of a task of several; () of any other."""
        return (*self.others, (self.path, self.source)) if self.others else ()

    @property
    def home(self) -> str:
        """What tests of a task of several files import their function with; "" where they need not."""
        module = self.path.removesuffix(".py").replace("/", ".")
        return f"from {module} import {self.entry}\n" if self.others else ""

    @property
    def tests(self) -> tuple[str, ...]:
        return tuple(f"assert {self.entry}({case.args}) == {case.expected!r}" for case in self.cases)

    @property
    def shapes(self) -> frozenset[str]:
        """What all expected values have in common: "any" and, for instance, "list", "ints" and "ordered" (no dict)."""
        return frozenset({"any", *_shapes([case.expected for case in self.cases])})

    @property
    def listed(self) -> bool:
        """Whether the arguments of every case can be written as one list, that is, none goes by keyword."""
        return not any(ast.parse(f"f({case.args})", mode="eval").body.keywords for case in self.cases)  # type: ignore[attr-defined]

    @property
    def wrapped(self) -> bool:
        """Whether `entry` is already the outer of two functions."""
        return f"def {self.entry}_base(" in self.source


def read_seeds(folder: Path) -> Iterator[Task]:
    """The tasks in a JSONL file, or in those of a folder in the order of their names; unreadable lines are left out."""
    for file in sorted(folder.glob("*.jsonl")) if folder.is_dir() else [folder]:
        for line in file.read_bytes().split(b"\n"):
            try:
                row = json.loads(line)
            except (ValueError, RecursionError):
                continue
            if isinstance(row, dict) and isinstance(row.get("instruction"), str):
                yield _task(row)


def _task(row: dict[str, object]) -> Task:
    extra = str(row.get("input") or "")
    text = (
        (f"{row['instruction']}\n{extra}" if extra.strip() else str(row["instruction"])).replace("\r\n", "\n").strip()
    )
    language = str(row.get("language") or guess_language(text)).lower()
    kind, tongue = str(row.get("kind") or ""), str(row.get("tongue") or "English")
    task = Task(text, str(row.get("output") or ""), {"cpp": "c++"}.get(language, language), kind, tongue)
    files, path = row.get("files"), str(row.get("path") or "")
    others = tuple((str(name), str(code).strip()) for name, code in files.items()) if isinstance(files, dict) else ()
    if task.kind == "output":
        return replace(task, program=str(row.get("solution") or "").strip())
    if isinstance(examples := row.get("examples"), list):
        return replace(task, examples=tuple(map(str, examples)))
    entry, source, tests = row.get("entry_point"), row.get("solution"), row.get("tests")
    if isinstance(tests, str):
        return replace(task, suite=tests.strip(), slip=_pair(row.get("slip")), wrong_test=_pair(row.get("wrong_test")))
    if not (isinstance(entry, str) and isinstance(source, str) and isinstance(tests, list)):
        return task
    cases = read_cases(entry, [str(test) for test in tests])
    if not cases or function(source, entry) is None or all(case.expected is None for case in cases):
        return task
    return replace(task, entry=entry, source=source.strip(), cases=cases, path=path, others=others)


def _pair(value: object) -> tuple[str, str] | None:
    return (str(value[0]), str(value[1])) if isinstance(value, list) and len(value) == 2 else None


def guess_language(text: str) -> str:
    """The first language that the text names, else Python."""
    found = (name for name in LANGUAGES if re.search(rf"\b{re.escape(name)}(?!\w)", text, re.IGNORECASE))
    return next(found, "python")


def read_cases(entry: str, tests: Iterable[str]) -> tuple[Case, ...]:
    """The cases in `assert entry(literals) == literal` lines; () if a single one is of another form."""
    cases = []
    for test in tests:
        try:
            statement = ast.parse(test.strip()).body[0]
        except (SyntaxError, IndexError):
            return ()
        match statement:
            case ast.Assert(
                test=ast.Compare(left=ast.Call(func=ast.Name(id=name)) as call, ops=[ast.Eq()], comparators=[value])
            ) if name == entry:
                pass
            case _:
                return ()
        try:
            expected = ast.literal_eval(value)
            for part in (*call.args, *(k.value for k in call.keywords)):
                ast.literal_eval(part)
        except (ValueError, TypeError):
            return ()
        cases.append(Case(ast.unparse(call).removeprefix(f"{entry}(").removesuffix(")"), expected))
    return tuple(cases)


@lru_cache(maxsize=1024)
def parse(source: str) -> ast.Module:
    """The source's tree, which is shared and so must not be changed."""
    return ast.parse(source)


def function(source: str, name: str) -> ast.FunctionDef | None:
    """The module-level function of that name."""
    try:
        body = parse(source).body
    except SyntaxError:
        return None
    return next((node for node in body if isinstance(node, ast.FunctionDef) and node.name == name), None)


def defined(source: str) -> set[str]:
    """Names that the source binds at module level."""
    names: set[str] = set()
    for node in parse(source).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Assign(targets=targets):
                names.update(target.id for target in targets if isinstance(target, ast.Name))
            case ast.AnnAssign(target=ast.Name(id=name)):
                names.add(name)
    return names


def wrap(task: Task) -> Task:
    """The same task whose function hands its arguments on to a `_base` function and returns that one's result."""
    node = function(task.source, task.entry)
    if task.wrapped or node is None:
        return task
    base = f"{task.entry}_base"
    given = [arg.arg for arg in (*node.args.posonlyargs, *node.args.args)]
    given += [f"*{node.args.vararg.arg}"] if node.args.vararg else []
    given += [f"{arg.arg}={arg.arg}" for arg in node.args.kwonlyargs]
    name = re.compile(rf"\b{task.entry}\b")
    lines = task.source.split("\n")
    inner = "\n".join(line if line.lstrip().startswith("#") else name.sub(base, line) for line in lines)
    outer = f"def {task.entry}({ast.unparse(node.args)}):\n    result = {base}({', '.join(given)})\n    return result"
    return replace(task, source=f"{inner}\n\n\n{outer}")


def _shapes(values: Sequence[object]) -> Iterator[str]:
    given = [value for value in values if value is not None]
    if given and len(given) < len(values):
        yield "optional"
    types = {type(value) for value in values}
    if len(types) != 1 or None in values:
        return
    yield types.pop().__name__
    if "{" not in repr(values):
        yield "ordered"
    items = [item for value in values if isinstance(value, list) for item in value]
    if {type(item) for item in items} == {int}:
        yield "ints"
    if {type(item) for item in items} == {str}:
        yield "strs"
