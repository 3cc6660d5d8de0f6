"""What a rule is, and the rules that change what a function returns or takes: instruction, solution, cases together.

A rule's sentence is a phrase with two holes, {f} (the function's name) and {k} (a number): written into a text it can
be found again there, so a task's whole history is read from its instruction alone. Each rule is applied once in a chain
at most. Invariant: `change` computes the new cases from the old ones with the very code that it writes into the
solution, and that code is ours: nothing that a seed file brought is executed. How a function is called changes in
calls.py; what changes no behaviour is in demands.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import lru_cache
from types import CodeType

from evolve.offline.tasks import Task, wrap
from evolve.offline.tongues import ENGLISH, TONGUES


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    phrases: tuple[str, ...]
    """The sentence in several wordings, with the holes {f} and {k}."""
    choices: Callable[[Task], Sequence[str]]
    """What may stand for {k}: ("",) if the rule has no number, () if it does not fit the task."""
    change: Callable[[Task, str], Task]
    """The task with solution and cases (or output and notes) as the sentence with this {k} wants them."""
    suits: frozenset[str] = frozenset()
    """Operators that it answers best; it may serve the others too."""

    def said(self, tongue: str) -> tuple[str, ...]:
        """Its phrases in a natural language, one for each English one; () where it has none."""
        if tongue == ENGLISH:
            return self.phrases
        return TONGUES[tongue].rules.get(self.name, ()) if tongue in TONGUES else ()


def pattern(phrase: str) -> re.Pattern[str]:
    """What finds the phrase again in a text whose runs of white space are single spaces."""
    text = re.escape(phrase).replace(r"\{f\}", r"\w+")
    return re.compile(text.replace(r"\{k\}", r"(?P<k>\d+)", 1).replace(r"\{k\}", "(?P=k)"))


_VALUES: tuple[tuple[str, str, str, str, str, tuple[str, ...]], ...] = (
    # name, shape wanted, expression over `result`, numbers to choose from, operators, phrases
    (
        "modulo", "int", "result % {k}", "7 9 16 60 97 1000", "deepen_reasoning",
        ("Because the figure feeds a counter that wraps around, have `{f}` give it back modulo {k}.",
         "Only the remainder after division by {k} is of interest downstream, so let `{f}` hand back just that.",
         "Reduce the final number modulo {k}, so that it always lies between 0 and {k} exclusive."),
    ),
    (
        "digits", "int", "[int(digit) for digit in str(abs(result))]", "", "deepen_reasoning complicate_input",
        ("A seven-segment display shows the outcome: return its decimal digits as a list of ints, most significant "
         "first, leaving any minus sign out.",
         "Instead of the number itself, return a list with its decimal digits from left to right, ignoring the sign."),
    ),
    (
        "binary", "int", "format(result, 'b')", "", "rarer_requirement concretize",
        ("Deliver the number as binary text with neither prefix nor padding; a negative one keeps its minus sign.",
         "The firmware expects bits, so `{f}` has to return the number in base two as a string without the 0b prefix."),
    ),
    (
        "hexadecimal", "int", "format(result, 'x')", "", "rarer_requirement concretize",
        ("Log viewers want hexadecimal here: return the number as lower-case hex text without a 0x prefix.",
         "Give the number as a string of lower-case hexadecimal digits, minus sign in front when it is negative."),
    ),
    (
        "padded", "int", "str(result).zfill({k})", "4 5 6 8", "concretize",
        ("The report has fixed columns, so return the number as text, filled with leading zeros to {k} characters.",
         "Make `{f}` return a string that is at least {k} characters wide, zeros filling the space after any sign."),
    ),
    (
        "thousands", "int", "f'{result:_}'", "", "rarer_requirement",
        ("Return the number as text whose thousands are set apart by underscores, the way Python source may write it.",
         "For easier reading give the number as a string with an underscore between each group of three digits."),
    ),
    (
        "clamped", "int", "max(0, min({k}, result))", "3 5 10 50 100", "add_constraint",
        ("The gauge behind it only shows 0 to {k}: anything below or above must be pulled to the nearer end.",
         "Results under 0 count as 0 and results over {k} count as {k}; everything in between stays untouched."),
    ),
    (
        "parity", "int", "[result, 'odd' if result % 2 else 'even']", "", "deepen_reasoning",
        ("Along with the number tell its parity: return a two-item list such as [6, 'even'] or [7, 'odd'].",
         "Callers branch on parity, so return the number and the word 'even' or 'odd' together in one list."),
    ),
    (
        "yes_no", "bool", "'yes' if result else 'no'", "", "concretize rarer_requirement",
        ("The answer is printed on a form, so return the word 'yes' or 'no' in place of a boolean.",
         "Rather than True and False, `{f}` should answer with the lower-case strings 'yes' and 'no'."),
    ),
    (
        "bit", "bool", "int(result)", "", "concretize",
        ("A column of type integer takes the outcome: hand back 1 where it holds and 0 where it does not.",
         "Let `{f}` return the int 1 for a positive finding and the int 0 for a negative one, never a boolean."),
    ),
    (
        "reversed_text", "str", "result[::-1]", "", "deepen_reasoning",
        ("The strip is fed in backwards, which means the finished text has to be returned from its last character to "
         "its first.",
         "Before returning, turn the whole text round so that its final character comes first."),
    ),
    (
        "upper", "str", "result.upper()", "", "add_constraint",
        ("The label printer has capitals only, so every letter of the returned text must be upper case.",
         "Convert all letters in what `{f}` returns to capitals; other characters remain as they are."),
    ),
    (
        "word_lengths", "str", "[len(word) for word in result.split()]", "", "deepen_reasoning",
        ("For a layout estimate only the lengths of the words in that text count: return them in order as a list of "
         "ints.",
         "Split the text at white space and return how long each word is, as a list from first to last."),
    ),
    (
        "chunks_of_text", "str", "[result[i : i + {k}] for i in range(0, len(result), {k})]", "2 3 4 5",
        "complicate_input deepen_reasoning",
        ("Messages leave in packets, so return the text cut into a list of pieces of {k} characters, the last one "
         "maybe shorter.",
         "What `{f}` returns shall be a list: the text split from the left into strings of {k} characters each."),
    ),
    (
        "letter_counts", "str", "{char: result.count(char) for char in sorted(set(result))}", "", "rarer_requirement",
        ("For a frequency table, return a dict from each character of the resulting text to how often it occurs there.",
         "Don't return the text: return a dictionary that tells how many times each of its characters appears."),
    ),
    (
        "centred", "str", "result.center({k}, '.')", "20 24 30 40", "concretize",
        ("On the notice board the text stands in the middle: centre it in {k} columns, with dots as filling.",
         "Return the text centred to a width of {k} characters using dots; longer text is left alone."),
    ),
    (
        "sorted_once", "ints", "sorted(set(result))", "", "add_constraint",
        ("Repeated numbers only confuse the reader, so return each distinct one once, in ascending order.",
         "Drop repeated values from the resulting list and hand the remaining numbers back sorted upwards."),
    ),
    (
        "sorted_words", "strs", "sorted(set(result))", "", "add_constraint",
        ("No string may show up twice in the returned list, and the strings are to stand in plain code-point order.",
         "Drop repeated strings from the outcome and sort those that remain by Python's default string order."),
    ),
    (
        "running_totals", "ints", "[sum(result[: i + 1]) for i in range(len(result))]", "", "deepen_reasoning",
        ("Replace each number of the outcome by the sum of itself and all numbers before it.",
         "A chart of the cumulative course is planned: return the running totals of the list in place of its items."),
    ),
    (
        "steps", "ints", "[after - before for before, after in zip(result, result[1:])]", "", "deepen_reasoning",
        ("Of the list only the changes matter: return the differences between neighbouring items, later minus earlier.",
         "Give back how much each item differs from the one before it, so the returned list is one item shorter."),
    ),
    (
        "numbered", "list", "[[place, item] for place, item in enumerate(result, 1)]", "", "complicate_input",
        ("The rows need numbers for a printed sheet: return [position, item] pairs, with positions counted from 1.",
         "Pair every item of the returned list with its position, as [position, item], where the first position is 1."),
    ),
    (
        "every_other", "list", "result[::2]", "", "rarer_requirement",
        ("Storage is scarce, so keep only every other item of the outcome, beginning with the first one.",
         "Thin the resulting list out: the first item stays, the second goes, the third stays, and so on."),
    ),
    (
        "backwards", "list", "result[::-1]", "", "add_constraint",
        ("The consumer works like a stack, hence the list has to come back in the opposite order.",
         "Return the items last to first, since the screen shows the newest entry on top."),
    ),
    (
        "rows", "list", "[result[i : i + {k}] for i in range(0, len(result), {k})]", "2 3 4", "complicate_input",
        ("The page is {k} columns wide: return the items arranged in rows of {k}, with what is left over in "
         "the last row.",
         "Group the items of the outcome into sublists of {k} in their order; the final sublist may hold fewer."),
    ),
    (
        "joined", "strs", "' | '.join(result)", "", "concretize",
        ("The outcome goes into one table cell, so join the strings with ' | ' and return that text.",
         "Return a single string in which the items follow each other with ' | ' between them, empty for no items."),
    ),
    (
        "lengths", "strs", "{item: len(item) for item in result}", "", "rarer_requirement",
        ("To plan the column widths, return a dict from every string in the outcome to its number of characters.",
         "Let `{f}` return a dictionary whose keys are those strings and whose values are their lengths."),
    ),
    (
        "entries", "dict", "[[key, result[key]] for key in sorted(result, key=str)]", "", "concretize",
        ("Some readers of the data lose the order of keys, so return [key, value] lists sorted by the key's text.",
         "In place of the dict give a list with one [key, value] list per entry, ordered by str(key)."),
    ),
    (
        "by_value", "dict",
        "{repr(value): sorted((key for key in result if result[key] == value), key=str) for value in result.values()}",
        "",
        "deepen_reasoning",
        ("Look at it from the other side: return a dict from repr(value) to the list of keys that carry that value, "
         "sorted by their text.",
         "Turn the mapping inside out, so that repr() of each value leads to a list of its keys ordered by str(key)."),
    ),
    (
        "as_list", "tuple", "list(result)", "", "concretize",
        ("A JSON encoder comes next and knows no tuples, so return a list with the same members.",
         "Wherever `{f}` would return a tuple, let it return an equal list, which callers may extend."),
    ),
    (
        "scaled", "float", "round(result * {k})", "10 100 1000", "concretize",
        ("Floats are not welcome in that database: return the value times {k}, rounded with round() to an int.",
         "Multiply the value by {k} and return it as an int, rounding with Python's round()."),
    ),
    (
        "instead_of_none", "optional", "'n/a' if result is None else result", "", "add_constraint",
        ("Never return None: where there is nothing to report, the string 'n/a' takes its place.",
         "A None upsets the template engine, so use the text 'n/a' wherever `{f}` would have returned it."),
    ),
    (
        "labelled", "any", "{'value': result, 'type': type(result).__name__}", "", "concretize rarer_requirement",
        ("Return a dict with two keys, 'value' for the outcome and 'type' for the name of its Python type.",
         "The outcome travels with a tag: wrap it as {'value': ..., 'type': ...}, the type given by its class name."),
    ),
    (
        "repr_text", "ordered", "repr(result)", "", "rarer_requirement",
        ("An audit trail stores plain text, so return the outcome in the form in which repr() would show it.",
         "Make `{f}` return the repr() of its outcome, which lets the log be read back by ast.literal_eval."),
    ),
)  # fmt: skip


def _value(row: tuple[str, str, str, str, str, tuple[str, ...]]) -> Rule:
    """The rule that replaces a function's `result` by an expression over it."""
    name, shape, expression, numbers, suits, phrases = row

    def change(task: Task, k: str) -> Task:
        step = expression.replace("{k}", k)
        cases = tuple(replace(case, expected=_evaluate(step, case.expected)) for case in task.cases)
        wrapped = wrap(task)
        source = wrapped.source.removesuffix("    return result") + f"    result = {step}\n    return result"
        return replace(wrapped, source=source, cases=cases)

    def choices(task: Task) -> Sequence[str]:
        if not task.entry or shape not in task.shapes:
            return ()
        return [k for k in numbers.split() or [""] if repr(change(task, k).cases) != repr(task.cases)]

    return Rule(name, phrases, choices, change, frozenset(suits.split()))


def _evaluate(expression: str, result: object) -> object:
    return eval(_compiled(expression), {"result": deepcopy(result)})  # an expression of the table above


@lru_cache(maxsize=256)
def _compiled(expression: str) -> CodeType:
    return compile(expression, "rule", "eval")


VALUE_RULES = tuple(_value(row) for row in _VALUES)
"""Rules about what is returned."""
