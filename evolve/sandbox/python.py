"""Python answers: their tests, taken apart and asked one by one of a bench that sits inside some tier.

The tests are read here, outside: each top-level statement is a step, and decoys that must fail are mixed in. An answer
passes when every step came back as held, with its own token, and every decoy as failed. The steps do not depend on the
tier, nor does the outcome of an honest answer.
"""

from __future__ import annotations

import ast
import json
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from random import SystemRandom
from typing import Any, Protocol

from evolve.sandbox.trial import DETAIL, Limits, Outcome, Seen, Status, Trial, strays
from evolve.text import clean

DECOYS = 2
"""Steps that must fail, at random places: a bench that was made to say yes is caught unless it knows them."""

CALL_S, STOPS, TOLD = 2.0, 3, 20_000
"""Of calls that are observed: seconds for one, how many may not come back, characters of a value."""
REPLY = 2**20
"""Characters of a reply that is read at all: six for each of what may be printed by default, and the error's words.
A forged one of the size of the memory inside would be tens of times that as lists of ours."""
LINE = re.compile(r"\r\n|\r|\n")
"""What ends a line for the parser; `splitlines` also ends one at a form feed, and every step after it would be off."""


class Stopped(Exception):
    """The code did not come back: a limit, a crash, or it left on purpose. The message says which."""


class Session(Protocol):
    """An answer's bench inside a tier; one for each trial."""

    def ask(self, request: str, seconds: float) -> str:
        """The reply to a request, both JSON on one line; Stopped where none comes within `seconds`."""


@dataclass(frozen=True)
class Step:
    source: str
    line: int
    """Where it stands in the tests, from 1; 0 for a decoy."""
    tests: int = 0
    """Assertions in it, those inside functions counted where they stand."""


class UnfitTestsError(ValueError):
    """The tests cannot be used: they do not parse, or need a test runner. Never the answer's fault."""


def verify(session: Session, trial: Trial, limits: Limits, tier: str, seed: int = 0) -> Outcome:  # noqa: PLR0911
    """Load the answer and ask it every test.

    `seed` is what `random` starts from inside; a verdict that changes with it is one of chance. Raises UnfitTestsError.
    """
    asked = steps(trial.tests)
    began = time.monotonic()
    total, passed, output = sum(step.tests for step in asked), 0, ""

    def ended(status: Status, detail: str = "") -> Outcome:
        spent = time.monotonic() - began
        return Outcome(status, tier, detail[:DETAIL], output, passed, total, spent)

    def ask(request: dict[str, Any]) -> dict[str, Any]:
        return asked_of(session, request, limits.seconds - (time.monotonic() - began))

    def tell() -> tuple[str, str]:
        said = ask({"do": "tell"})
        return clean(str(said["detail"])), clean(str(said["output"]))

    if stray := next(filter(strays, trial.files), ""):
        return ended("broken", f"{stray}: files lie in the folder of the answer")
    try:
        load = {"do": "load", "answer": trial.answer, "files": dict(trial.files), "stdin": trial.stdin}
        status = ask({**load, "output": limits.output, "seed": seed})["status"]
        if status != "held" or not total:
            detail, output = tell()
            return ended("ran" if status == "held" else fate(status, "broken"), detail)
        for step in with_decoys(asked):
            status = ask({"do": "test", "source": step.source, "line": max(step.line, 1)})["status"]
            if not step.line and status != "failed":
                return ended("forged", "a test that cannot hold was reported as held")
            if step.line and status != "held":
                detail, output = tell()
                return ended(fate(status, "failed"), detail)
            passed += step.tests
    except KeyError:
        return ended("forged", "its reply was not one of the bench")
    except Stopped as error:
        return ended("stopped", str(error))
    return ended("passed")


def killed(open_session: Callable[[], Session], broken: Sequence[Trial], limits: Limits) -> int:
    """How many of these trials, which differ in their programs alone, fail. They share a session as long as it lasts.

    Raises UnfitTestsError. Decoys and tokens are left away: the program that they are made of has passed already.
    """
    asked, session, count = steps(broken[0].tests if broken else ""), None, 0
    for trial in broken:
        session = session or open_session()
        began = time.monotonic()
        load = {"do": "load", "answer": trial.answer, "files": dict(trial.files), "stdin": trial.stdin, "seed": 0}
        requests = [{**load, "output": limits.output}]
        requests += [{"do": "test", "source": step.source, "line": max(step.line, 1)} for step in asked]
        try:
            for request in requests:
                left = limits.seconds - (time.monotonic() - began)
                if asked_of(session, request, left).get("status") != "held":
                    count += 1
                    break
        except Stopped:
            count, session = count + 1, None
    return count


def observe(
    open_session: Callable[[], Session], trial: Trial, calls: Sequence[str], limits: Limits, seed: int = 0
) -> list[Seen]:
    """What each call, an expression, comes to in the answer; the trial's tests play no part.

    One that does not come back costs its session; after STOPS of them the rest is not asked for.
    """
    seen: list[Seen] = []
    session, stops, began = None, 0, 0.0
    load = {"do": "load", "answer": trial.answer, "files": dict(trial.files), "stdin": trial.stdin, "seed": seed}
    for call in calls:
        try:
            if session is None:
                if stops == STOPS:
                    raise Stopped("too many calls before it did not come back")
                session, began = open_session(), time.monotonic()
                if asked_of(session, {**load, "output": limits.output}, limits.seconds).get("status") != "held":
                    return [Seen("unknown", "it does not load")] * len(calls)
            left = min(CALL_S, limits.seconds - (time.monotonic() - began))
            seen.append(_seen(asked_of(session, {"do": "observe", "source": call}, left)))
        except Stopped as error:
            seen.append(Seen("unknown", str(error)))
            stops, session = stops + (session is not None), None
    return seen


def _seen(reply: dict[str, Any]) -> Seen:
    """A reply as data, whatever it is."""
    value, error = clean(str(reply.get("value", ""))), clean(str(reply.get("error", "")))
    if reply.get("status") == "held":
        return Seen("returned", value) if len(value) <= TOLD else Seen("unknown", "it returned too much")
    if reply.get("status") in {"broken", "failed"} and error != "Long":
        return Seen("raised", error[:100])
    return Seen("unknown", "it cannot be told, or is too much")


def asked_of(session: Session, request: dict[str, Any], seconds: float) -> dict[str, Any]:
    """One request with a fresh token; a reply that does not carry it, or is none, or is too long, is Stopped."""
    token = secrets.token_hex(8)
    if seconds <= 0:
        raise Stopped("it ran longer than it may")
    said = session.ask(json.dumps({**request, "token": token}), seconds)
    if len(said) > REPLY:
        raise Stopped("its reply is longer than one of the bench")
    try:
        reply = json.loads(said)
        if reply["token"] == token:
            return dict(reply)
    except (ValueError, KeyError, TypeError, RecursionError):
        pass
    raise Stopped("its reply was not one of the bench")


def fate(status: object, otherwise: Status) -> Status:
    known: dict[str, Status] = {"forged": "forged", "flood": "stopped"}
    return known.get(str(status), otherwise)


def steps(tests: str) -> list[Step]:
    """The tests as steps in their order; functions and classes of tests are called by steps of their own.

    Raises UnfitTestsError with the line where they do not parse or are coroutines.
    """
    try:
        return _steps(tests)
    except UnfitTestsError:
        raise
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UnfitTestsError(f"the tests do not parse: {error}") from None


def _steps(tests: str) -> list[Step]:
    tree, lines = ast.parse(tests), LINE.split(tests)
    found: list[Step] = []
    for nodes in _by_line(tree.body):
        first = min([nodes[0].lineno, *(d.lineno for d in getattr(nodes[0], "decorator_list", []))])
        source = "\n".join(lines[first - 1 : nodes[-1].end_lineno])
        calls = [call for node in nodes for call in _calls(node)]
        counted = sum(is_assertion(inner) for node in nodes for inner in ast.walk(node))
        found.append(Step(source, first, 0 if calls else counted))
        shares = [counted // len(calls) + (n < counted % len(calls)) for n in range(len(calls))]
        found += [Step(call, first, share) for call, share in zip(calls, shares, strict=True)]
    return found


def _by_line(body: list[ast.stmt]) -> Iterator[list[ast.stmt]]:
    """Statements that share a line stay together; a runner for the command line is left away."""
    group: list[ast.stmt] = []
    for node in body:
        if isinstance(node, ast.If) and "__name__" in ast.unparse(node.test):
            continue
        if group and node.lineno > (group[-1].end_lineno or 0):
            yield group
            group = []
        group.append(node)
    if group:
        yield group


def _calls(node: ast.stmt) -> list[str]:
    """What has to be called for the tests inside a definition to run."""
    if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("test"):
        raise UnfitTestsError(f"line {node.lineno} of the tests: {node.name} wants a runner for coroutines")
    if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
        return [f"__run__({node.name})"]
    if isinstance(node, ast.ClassDef):
        methods = [m.name for m in node.body if isinstance(m, ast.FunctionDef) and m.name.startswith("test")]
        if any("TestCase" in ast.unparse(base) for base in node.bases):
            return [f"{node.name}({name!r}).debug()" for name in methods]
        if node.name.startswith("Test"):
            return [f"__run__({node.name}, {name!r})" for name in methods]
    return []


def is_assertion(node: ast.AST) -> bool:
    """An assert statement, a method of unittest's that asserts, or pytest's `raises`."""
    called = node.func if isinstance(node, ast.Call) else None
    named = called.attr if isinstance(called, ast.Attribute) else ""
    return isinstance(node, ast.Assert) or named.startswith("assert") or named == "raises"


def with_decoys(asked: list[Step]) -> list[Step]:
    """The steps with DECOYS among them, at places and with values that nobody can foresee."""
    draw, mixed = SystemRandom(), list(asked)
    for _ in range(DECOYS):
        one = draw.randrange(1_000)
        decoy = Step(f"assert {one} == {one + draw.randrange(1, 9)}", 0)
        mixed.insert(draw.randrange(len(mixed) + 1), decoy)
    return mixed
