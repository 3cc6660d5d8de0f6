"""Tests that were written for pytest, run without it: there are no files to collect inside, and pytest needs them.

Stands in as the module `pytest` for the parts that tests of one function or class use: `raises`, `approx`, `fail`,
`param`, `mark.parametrize`, `fixture` (with `yield`, parameters and other fixtures), and the built-in fixtures
`capsys`, `monkeypatch` and `tmp_path`. Everything else of pytest is missing and raises AttributeError, so a test that
needs it fails to load rather than passing unseen. Marks but `parametrize` say nothing here. Skipping is not passing.
"""

from __future__ import annotations

import inspect
import itertools
import math
import os
import pathlib
import re
import sys
import tempfile
import types
from collections.abc import Callable, Iterator
from typing import Any

Test = Callable[..., Any]


class Raised:
    """What `raises` gives: the block must end in one of these errors, and `match` be found in its words."""

    def __init__(self, expected: Any, match: str | None) -> None:  # noqa: ANN401
        self._expected, self._match = expected, match
        self.value: BaseException | None = None
        self.type: type[BaseException] | None = None

    def __enter__(self) -> Raised:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> bool:
        if kind is None or error is None:
            raise AssertionError(f"{named(self._expected)} was not raised")
        if not issubclass(kind, self._expected):
            return False
        self.value, self.type = error, kind
        if self._match is not None and not re.search(self._match, str(error)):
            raise AssertionError(f"{kind.__name__} says {str(error)!r}, which does not match {self._match!r}")
        return True

    def match(self, pattern: str) -> bool:
        if not re.search(pattern, str(self.value)):
            raise AssertionError(f"{str(self.value)!r} does not match {pattern!r}")
        return True


def raises(expected: Any, *call: Any, match: str | None = None, **named_arguments: Any) -> Raised:  # noqa: ANN401
    block = Raised(expected, match)
    if call:
        with block:
            call[0](*call[1:], **named_arguments)
    return block


def named(expected: Any) -> str:  # noqa: ANN401
    kinds = expected if isinstance(expected, tuple) else (expected,)
    return " or ".join(kind.__name__ for kind in kinds)


class Near:
    """What `approx` gives: equal to what is within 1e-6 of it, relatively, or 1e-12; as pytest has it."""

    __hash__ = None  # type: ignore[assignment]

    def __init__(self, expected: Any, rel: float | None, abs_: float | None) -> None:  # noqa: ANN401
        self._expected = expected
        self._rel = rel if rel is not None else 1e-6 if abs_ is None else 0.0
        self._abs = abs_ if abs_ is not None else 1e-12

    def __eq__(self, other: object) -> bool:
        return self._near(self._expected, other)

    def __repr__(self) -> str:
        return f"approx({self._expected!r})"

    def _near(self, expected: Any, other: Any) -> bool:  # noqa: ANN401
        if isinstance(expected, dict):
            same = isinstance(other, dict) and expected.keys() == other.keys()
            return same and all(self._near(value, other[key]) for key, value in expected.items())
        if isinstance(expected, list | tuple):
            same = type(other) is type(expected) and len(other) == len(expected)
            return same and all(map(self._near, expected, other))
        if isinstance(expected, bool) or not isinstance(expected, int | float):
            return bool(expected == other)
        number = isinstance(other, int | float) and not isinstance(other, bool)
        return number and math.isclose(other, expected, rel_tol=self._rel, abs_tol=self._abs)


def approx(expected: Any, rel: float | None = None, abs: float | None = None) -> Near:  # noqa: ANN401
    return Near(expected, rel, abs)


def fail(reason: str = "", pytrace: bool = True) -> None:
    raise AssertionError(reason or "the test fails itself")


def skip(reason: str = "") -> None:
    raise AssertionError(f"skipped: {reason}")


def param(*values: Any, id: str | None = None, marks: object = ()) -> tuple[Any, ...]:  # noqa: ANN401
    return Values(values)


class Values(tuple[Any, ...]):
    """One case's values, told apart from a value that is a tuple."""


class Mark:
    """`mark`: `parametrize` gives a test its cases; any other mark leaves a test as it is."""

    def parametrize(self, names: Any, cases: Any, **_: object) -> Callable[[Test], Test]:  # noqa: ANN401
        split = [n.strip() for n in names.split(",")] if isinstance(names, str) else list(names)
        made = [dict(zip(split, given(case, len(split)), strict=True)) for case in cases]

        def give(test: Test) -> Test:
            test.__cases__ = [made, *getattr(test, "__cases__", [])]  # type: ignore[attr-defined]
            return test

        return give

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        def leave(*marked: Any, **_: object) -> Any:  # noqa: ANN401
            return marked[0] if len(marked) == 1 and callable(marked[0]) else lambda test: test

        return leave


mark = Mark()


def given(case: Any, count: int) -> tuple[Any, ...]:  # noqa: ANN401
    return tuple(case) if isinstance(case, Values) or count > 1 else (case,)


def fixture(function: Test | None = None, *, params: Any = None, autouse: bool = False, **_: object) -> Any:  # noqa: ANN401
    def give(made: Test) -> Test:
        made.__fixture__ = list(params) if params is not None else [None]  # type: ignore[attr-defined]
        made.__autouse__ = autouse  # type: ignore[attr-defined]
        return made

    return give(function) if function is not None else give


class Run:
    """One case of a test: its fixtures made when asked for, and ended in reverse."""

    def __init__(self, names: dict[str, Any], values: dict[str, Any], owner: object, chosen: dict[str, Any]) -> None:
        self._names, self._values, self._owner, self._chosen = names, dict(values), owner, chosen
        self._open: list[Iterator[Any]] = []
        self._undo: list[Callable[[], None]] = []

    def go(self, test: Test) -> None:
        try:
            for made in self._found().values():
                if made.__autouse__:  # type: ignore[attr-defined]
                    self._value(made.__name__)
            test(**{name: self._value(name) for name in parameters(test)})
        finally:
            for opened in reversed(self._open):
                next(opened, None)
            for undo in reversed(self._undo):
                undo()

    def _found(self) -> dict[str, Test]:
        inside = {n: getattr(self._owner, n) for n in dir(self._owner)} if self._owner is not None else {}
        return {n: f for n, f in (self._names | inside).items() if hasattr(f, "__fixture__")}

    def _value(self, name: str) -> Any:  # noqa: ANN401
        if name not in self._values:
            found = self._found().get(name)
            self._values[name] = self._made(found) if found is not None else self._built_in(name)
        return self._values[name]

    def _made(self, function: Test) -> Any:  # noqa: ANN401
        request = types.SimpleNamespace(param=self._chosen.get(function.__name__))
        needed = {n: request if n == "request" else self._value(n) for n in parameters(function)}
        made = function(**needed)
        if inspect.isgenerator(made):
            self._open.append(made)
            return next(made)
        return made

    def _built_in(self, name: str) -> Any:  # noqa: ANN401
        if name == "capsys":
            return Captured()
        if name == "tmp_path":
            return pathlib.Path(tempfile.mkdtemp())
        if name == "monkeypatch":
            return Patch(self._undo)
        raise AssertionError(f"no fixture is named {name!r}")


class Captured:
    """`capsys`: what was printed since it was last asked."""

    def __init__(self) -> None:
        self._seen = len(_printed())

    def readouterr(self) -> types.SimpleNamespace:
        printed = _printed()[self._seen :]
        self._seen += len(printed)
        return types.SimpleNamespace(out=printed, err="")


def _printed() -> str:
    paper: Any = sys.stdout
    return str(paper.getvalue())


class Patch:
    """`monkeypatch`: changes that are taken back when the test ends."""

    def __init__(self, undo: list[Callable[[], None]]) -> None:
        self._undo = undo

    def setattr(self, owner: Any, name: str, value: Any, raising: bool = True) -> None:  # noqa: ANN401
        missing = object()
        old = getattr(owner, name, missing)
        self._undo.append(lambda: delattr(owner, name) if old is missing else setattr(owner, name, old))
        setattr(owner, name, value)

    def setitem(self, owner: Any, key: Any, value: Any) -> None:  # noqa: ANN401
        old = dict(owner)

        def undo() -> None:
            owner.clear()
            owner.update(old)

        self._undo.append(undo)
        owner[key] = value

    def setenv(self, name: str, value: str) -> None:
        self.setitem(os.environ, name, value)


def parameters(function: Test) -> list[str]:
    """Names that a test or fixture wants values for; defaults are left alone."""
    wanted = inspect.signature(function).parameters.values()
    return [p.name for p in wanted if p.default is p.empty and p.kind in {p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY}]


def run(names: dict[str, Any], test: Any, method: str = "") -> None:  # noqa: ANN401
    """Run a test function, or a method of a test class, with every one of its cases."""
    tables = getattr(getattr(test, method) if method else test, "__cases__", [])
    if method:
        tables = [*getattr(test, "__cases__", []), *tables]
    fixtures = [f for f in names.values() if getattr(f, "__fixture__", [None]) != [None]]
    choices = [[(f.__name__, value) for value in f.__fixture__] for f in fixtures]
    for cases in itertools.product(*tables):
        for chosen in itertools.product(*choices):
            owner: Any = test() if method else None
            values = {name: value for case in cases for name, value in case.items()}
            once = Run(names, values, owner, dict(chosen))
            if hasattr(owner, "setup_method"):
                owner.setup_method()
            once.go(getattr(owner, method) if method else test)
