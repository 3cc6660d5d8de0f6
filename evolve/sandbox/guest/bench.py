"""The bench on which an answer is tried: it loads the answer, then takes its tests one by one.

It lives in the same interpreter as code that may lie, so it is believed only as far as it can be checked from outside:
every request carries a token that did not exist before, no test is known before its turn, some tests are decoys that
must fail, and a reply without its token is none. So there is no secret to be found by `gc` or in frames that would
buy a later test, leaving the process ends the trial unproven, and a bench that says yes to all is caught by the
decoys. It also refuses what would let a test pass without being true: in an assertion, on either side, an object that
equals everything, and one of a class not known before the answer came that overrides the equality of a built-in value;
and an answer that replaces built-in functions, or unittest's and pytest's.

Not covered: an answer written against this very file, which reads the source of a running test in its caller's frame
and tells decoys from tests; objects that lie about their order, their length or their truth; a comparison that a test
makes outside of its assertions. Nor does it hold anything in: that is the tier's work.
"""

from __future__ import annotations

import ast
import builtins
import collections
import importlib.machinery
import io
import itertools
import json
import linecache
import math
import operator
import random
import re
import sys
import traceback
import types
import unittest
from collections.abc import Callable
from typing import Any

import equality
import suite
from equality import ASKED, CHECKS, Equality, Forged

BROUGHT = {"answer"}
"""Modules that are the answer's."""
WIDEST, PARTS, DEEPEST = 20_000, 5_000, 30
"""Characters, parts and levels of a value that is observed: a program's output is data, and data has an end."""
NAME = 400
"""Characters of an exception's name."""
SERIES = (collections.deque, types.GeneratorType, map, filter, zip, reversed, range, enumerate)
BARE = (type, types.FunctionType, types.BuiltinFunctionType, types.ModuleType)
"""What is walked through, and what is known by its class alone."""
GUARDED = (builtins, math, operator, itertools, suite, unittest, unittest.TestCase)
"""What has functions that tests lean on; an answer that replaces one could make `all(...)` true."""
LOOSE = {"_", "maxDiff", "longMessage"}
"""What is set in them in good faith."""
TRACING = ("settrace", "setprofile", "_settraceallthreads", "_setprofileallthreads", "monitoring")
"""Ways to jump over a line of somebody else's frame."""


class Flood(BaseException):
    """More was printed than the limit allows."""


class Long(Exception):
    """A value cannot be observed: it is too large, or a set of objects."""


class Paper(io.StringIO):
    """Standard output with a limit in characters."""

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._left = limit

    def write(self, text: str) -> int:
        self._left -= len(text)
        if self._left < 0:
            raise Flood("it printed more than the limit")
        return super().write(text)


class Bench:
    """One answer, loaded once, and the tests asked of it in turn. Everything goes in and out as JSON text."""

    def __init__(self) -> None:
        self._names: dict[str, Any] = {}
        self._out = Paper(0)
        self._error: BaseException | None = None
        self._guards: list[tuple[Any, dict[str, Any]]] = []
        equality.know()

    def ask(self, request: str) -> str:
        """{"do": "load", answer, files, stdin, output, seed, token} or {"do": "test", source, line, token}
        -> {status, token}; status is held, failed, broken, forged or flood.

        {"do": "tell", token} -> {detail, output, token}: why the last one did not hold, and all that was printed.
        {"do": "observe", source, token} -> {status, value, error, token}: what an expression comes to, as the text of
        a literal, or the name of the exception that it raises; both may be anything that the answer likes to say.
        """
        asked = json.loads(request)
        if asked["do"] == "tell":
            said = {"detail": told(self._error), "output": io.StringIO.getvalue(self._out)}
        elif asked["do"] == "observe":
            values: list[str] = []
            status, self._error = guarded(lambda: values.append(observed(asked["source"], self._names)))
            said = {"status": status, "value": "".join(values), "error": type(self._error).__name__[:NAME]}
        else:
            work = self._load if asked["do"] == "load" else self._test
            status, self._error = guarded(lambda: work(asked))
            said = {"status": status}
        return json.dumps({**said, "token": asked["token"]})

    def _load(self, asked: dict[str, Any]) -> None:
        for name in TRACING:
            if hasattr(sys, name):
                delattr(sys, name)
        random.seed(asked["seed"])
        self._out = Paper(asked["output"])
        sys.stdout = sys.stderr = self._out
        sys.stdin = io.StringIO(asked["stdin"])
        self._shelve(asked["files"])
        module = types.ModuleType("answer")
        sys.modules["answer"] = sys.modules["solution"] = module
        sys.modules["pytest"], sys.modules["unittest"] = suite, unittest
        ASKED.clear()
        self._names = module.__dict__
        self._guards = [(owner, dict(vars(owner))) for owner in GUARDED]
        run(asked["answer"], "answer.py", self._names, 1)
        self._look()

    def _shelve(self, files: dict[str, str]) -> None:
        """Put these files where imports look first, and forget what an answer before this one brought."""
        sys.meta_path[:] = [finder for finder in sys.meta_path if not isinstance(finder, Shelf)]
        shelf = Shelf(files)
        for name in (BROUGHT | shelf.names) - {"answer"}:
            sys.modules.pop(name, None)
        BROUGHT.clear()
        BROUGHT.update({"answer"}, shelf.names)
        sys.meta_path.insert(0, shelf)

    def _test(self, asked: dict[str, Any]) -> None:
        ASKED.update(re.findall(r"\bANY\b", asked["source"]))
        self._names |= CHECKS
        self._names["__run__"] = lambda *test: suite.run(self._names, *test)
        run(asked["source"], "tests.py", self._names, asked["line"], Equality())
        self._look()

    def _look(self) -> None:
        """Raise Forged where a function that tests lean on is not what it was before the answer came."""
        if any(self._names.get(name, check) is not check for name, check in CHECKS.items()):
            raise Forged("it replaced the bench's equality")
        if sys.modules.get("pytest") is not suite or sys.modules.get("unittest") is not unittest:
            raise Forged("it replaced what tests are written with")
        for owner, before in self._guards:
            now = vars(owner)
            changed = [name for name in before if name not in LOOSE and now.get(name) is not before[name]]
            if changed:
                raise Forged(f"it replaced {owner.__name__}.{changed[0]}")


class Shelf:
    """Finds the modules whose texts came with the answer; there is no folder to read them from."""

    def __init__(self, files: dict[str, str]) -> None:
        """`files`: relative path -> text; of Python alone, every folder on the way is a package."""
        self._texts: dict[str, tuple[str, str]] = {}
        self._packages: set[str] = set()
        for path, text in files.items():
            if not path.endswith(".py"):
                continue
            *folders, file = path.removesuffix(".py").split("/")
            self._packages |= {".".join(folders[: n + 1]) for n in range(len(folders))}
            self._texts[".".join(folders if file == "__init__" else [*folders, file])] = (path, text)
        self.names = frozenset((*self._texts, *self._packages))

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name not in self.names:
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=name in self._packages)  # type: ignore[arg-type]

    def create_module(self, spec: object) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        path, text = self._texts.get(module.__name__, (f"{module.__name__}.py", ""))
        run(text, path, module.__dict__, 1)


def run(source: str, file: str, names: dict[str, Any], line: int, rewrite: ast.NodeTransformer | None = None) -> None:
    """Compile and execute; `line` is the number of the source's first line in `file`, for tracebacks."""
    padded = "\n" * (line - 1) + source
    linecache.cache[file] = (len(padded), None, padded.splitlines(keepends=True), file)
    code: Any = padded
    if rewrite is not None:
        code = ast.fix_missing_locations(rewrite.visit(ast.parse(padded)))
    exec(compile(code, file, "exec", dont_inherit=True), names)


def guarded(work: Callable[[], None]) -> tuple[str, BaseException | None]:
    """Do it and say what came of it; whatever is raised is an outcome, not an error of ours."""
    try:
        work()
    except Forged as error:
        return "forged", error
    except Flood as error:
        return "flood", error
    except AssertionError as error:
        return "failed", error
    except BaseException as error:
        return "broken", error
    return "held", None


def told(error: BaseException | None) -> str:
    """The error in the words of a traceback, without the frames of this file."""
    if isinstance(error, Forged | Flood) or error is None:
        return str(error or "")
    if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
        return f"it left by {type(error).__name__}"
    try:
        shown = traceback.TracebackException.from_exception(error, limit=-6)
        ours = (__file__, equality.__file__)
        kept = [frame for frame in shown.stack if frame.filename not in ours and "/python" not in frame.filename]
        shown.stack = traceback.StackSummary.from_list(kept)
        return "".join(shown.format())[-2_000:].strip()
    except BaseException:  # an exception whose own __str__ raises
        return type(error).__name__


def observed(source: str, names: dict[str, Any]) -> str:
    """The value of an expression as the text of a literal, in which nan, inf and Ellipsis may stand.

    Raises Long where it has too many parts or characters.
    """
    value = eval(compile(source, "calls.py", "eval", dont_inherit=True), names)
    text = repr(plain(value, [PARTS], DEEPEST))
    if len(text) > WIDEST:
        raise Long
    return text


def plain(value: Any, left: list[int], depth: int) -> object:  # noqa: ANN401
    """The value made of exact built-in types; an object becomes (Ellipsis, its class's name, its attributes).

    Subclasses count as what they extend, whatever they override; what is walked through becomes a list.
    """
    left[0] -= 1
    if left[0] < 0 or not depth:
        raise Long
    if isinstance(value, int | float | complex | str | bytes | None):
        return atom(value)
    if isinstance(value, dict):
        shown = [(plain(key, left, depth - 1), plain(one, left, depth - 1)) for key, one in dict.items(value)]
        return hashed(dict, shown)
    if isinstance(value, (set, frozenset, list, tuple, *SERIES)):
        made = [plain(one, left, depth - 1) for one in itertools.islice(iter(value), PARTS + 1)]
        return (
            hashed(set, made)
            if isinstance(value, set | frozenset)
            else tuple(made)
            if isinstance(value, tuple)
            else made
        )
    attributes = {} if isinstance(value, BARE) else getattr(value, "__dict__", {})
    return (..., type(value).__name__, plain(dict(attributes), left, depth - 1))


def hashed(kind: Callable[[Any], object], made: Any) -> object:  # noqa: ANN401
    """Raises Long where an object is among them, whose attributes have no hash: that is no error of the program's."""
    try:
        return kind(made)
    except TypeError:
        raise Long from None


def atom(value: Any) -> object:  # noqa: ANN401
    """A number or a text as its exact type."""
    if value is None or type(value) in (bool, int, float, complex, str, bytes):
        return value
    base: Any = next(one for one in (int, float, complex, str, bytes) if isinstance(value, one))
    return base.__getitem__(value, slice(None)) if base in (str, bytes) else base.__add__(value, base(0))
