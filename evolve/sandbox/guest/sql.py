"""Inside a tier: runs SQL tests and, where they say so, the answer, in a database in memory.

The tests are statements; `-- answer` on a line of its own is where the answer runs (before the first statement that is
expected to return something, where no line says so). `-- expect: JSON rows` after a statement, or after the answer,
says what the last one returned, in its order; `-- expect any order: JSON rows` leaves the order open. Numbers are equal
within one part in a billion. SQL cannot reach this program, so what it says is believed.
"""

from __future__ import annotations

import json
import math
import os
import sqlite3
import sys
from pathlib import Path
from typing import Any

PROOF, REPLY = int("@PROOF@"), int("@REPLY@")
Rows = list[list[Any]]


def statements(text: str) -> list[str]:
    found, held = [], ""
    for piece in text.split(";"):
        held += piece + ";"
        if sqlite3.complete_statement(held):
            found.append(held)
            held = ""
    return [one for one in [*found, held.removesuffix(";")] if bare(one)]


def bare(text: str) -> str:
    """What is left of it without lines that are comments."""
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("--")).strip("; \n")


def run(database: sqlite3.Connection, text: str) -> Rows:
    """The rows of the last statement that returns some."""
    rows: Rows = []
    for one in statements(text):
        cursor = database.execute(one)
        if cursor.description:
            rows = [list(row) for row in cursor.fetchall()]
    return rows


def same(one: object, other: object) -> bool:
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) or isinstance(other, float):
        return isinstance(one, int | float) and isinstance(other, int | float) and math.isclose(one, other)
    return type(one) is type(other) and bool(one == other)


def ordered(rows: Rows) -> Rows:
    """In an order that does not depend on how they came, nor on whether a number is written 2 or 2.0."""
    return sorted(rows, key=lambda row: [f"{one:.6g}" if isinstance(one, int | float) else repr(one) for one in row])


def steps(tests: str) -> list[tuple[int, str, str]]:
    """(line, what, text): what is run, answer, expect or expect any order."""
    found: list[tuple[int, str, str]] = []
    held: list[str] = []
    for number, line in enumerate(tests.splitlines(), 1):
        word, _, rest = line.strip().lstrip("-").strip().partition(":")
        if line.strip().startswith("--") and word.strip() in {"answer", "expect", "expect any order"}:
            found += [(number, "run", "\n".join(held)), (number, word.strip(), rest.strip())]
            held = []
        else:
            held.append(line)
    found = [one for one in [*found, (0, "run", "\n".join(held))] if one[1] != "run" or bare(one[2])]
    if all(what != "answer" for _, what, _ in found):
        found = with_answer(found)
    return found


def with_answer(found: list[tuple[int, str, str]]) -> list[tuple[int, str, str]]:
    """The answer goes in front of the last statement before the first expectation, if that one asks for something."""
    first = next((place for place, one in enumerate(found) if one[1].startswith("expect")), len(found))
    before = statements(found[first - 1][2]) if first else []
    asks = bool(before) and bare(before[-1]).split(None, 1)[0].lower() in {"select", "with", "values", "pragma"}
    if not asks:
        return [*found[:first], (0, "answer", ""), *found[first:]]
    number = found[first - 1][0]
    made = [(number, "run", "".join(before[:-1])), (0, "answer", ""), (number, "run", before[-1])]
    return [*found[: first - 1], *made, *found[first:]]


def say(text: str) -> None:
    os.write(REPLY, text.encode() + b"\n")


def main() -> None:
    nonce = os.read(PROOF, 64).decode().strip()
    answer, tests = (Path(f"{name}.sql").read_text(encoding="utf-8") for name in ("answer", "tests"))
    try:
        asked = steps(tests)
        wanted: list[Rows] = [json.loads(text) if what.startswith("expect") else [] for _, what, text in asked]
    except ValueError as error:
        print(error, file=sys.stderr)
        return say("unfit")
    say("built")
    database = sqlite3.connect(":memory:", isolation_level=None)
    rows: Rows = []
    answered = False
    for (number, what, text), rows_wanted in zip(asked, wanted, strict=True):
        try:
            if what in {"run", "answer"}:
                rows = run(database, answer if what == "answer" else text)
                answered = answered or what == "answer"
                continue
        except sqlite3.Error as error:
            print(f"{'the answer' if what == 'answer' else 'tests.sql:' + str(number)}: {error}", file=sys.stderr)
            return say("broken" if what == "answer" else "failed" if answered else "schema")
        got, want = (rows, rows_wanted) if what == "expect" else (ordered(rows), ordered(rows_wanted))
        if not same(got, want):
            said = f"expected {json.dumps(want)}, got {json.dumps(got, default=repr)}"
            print(f"tests.sql:{number}: {said}", file=sys.stderr)
            return say("failed")
    for row in rows if not tests.strip() else ():
        print(*row, sep="|")
    return say(nonce)


if __name__ == "__main__":
    main()
