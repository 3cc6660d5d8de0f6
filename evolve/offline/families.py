"""Tasks that the offline teacher invents: families with parameters for Python, one for each other language, six fixed.

A family's sentence has holes for what it is about, so that the task is read back from its text in later rounds. Its
expected values come from running the family's own code on its own arguments. Invariant: for the same parameters a family
always makes the same task. The six popular ones are what everybody asks for: they serve as duplicates.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from random import Random

from evolve.offline.tasks import Case, Task

_NOUNS = (
    "bird counts", "ferry loads", "soil samples", "queue lengths", "tide levels", "vote totals", "parcel weights",
    "lap times", "battery charges", "snow depths", "page views", "harvest yields", "ticket prices", "wind speeds",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Family:
    entry: str
    text: str
    """The instruction, with holes <noun>, <p> and <q>."""
    source: str
    """Its solution, with holes <p> and <q>."""
    args: tuple[str, ...]
    p: tuple[int, ...] = (0,)
    q: tuple[int, ...] = (0,)


_SERIES = ("[]", "[4]", "[3, 9, 4, 4, 12, 7, 1, 15]", "[10, 20, 30, 5, 6, 40]", "[8, 8, 8, 2, 2, 19, 3]")
_TEXTS = ("''", "'a'", "'the quick brown fox jumps'", "'Lorem ipsum, dolor sit amet'", "'aaabbbccd eeee'")
_FAMILIES = (
    Family("streak_above", "From a list of <noun>, find the longest unbroken stretch above <p>. Write "
           "`streak_above(values)` in Python; it returns the length of that stretch, or 0 if there is none.",
           "def streak_above(values):\n    best = run = 0\n    for value in values:\n"
           "        run = run + 1 if value > <p> else 0\n        best = max(best, run)\n    return best",
           _SERIES, (2, 3, 5, 6, 7)),
    Family("outliers", "Some <noun> are typing errors. Write a Python function `outliers(values)` that returns, in their "
           "order, the values that lie more than <p> away from the middle value of the sorted list (the lower "
           "middle one if their number is even).",
           "def outliers(values):\n    middle = sorted(values)[(len(values) - 1) // 2] if values else 0\n"
           "    return [value for value in values if abs(value - middle) > <p>]", _SERIES, (2, 3, 4, 6, 8)),
    Family("fold_weeks", "A sensor stores <noun> once a day. In Python, let `fold_weeks(values)` add up each group of <p> "
           "days from the start and return the list of sums; an incomplete group at the end is left out.",
           "def fold_weeks(values):\n    full = len(values) - len(values) % <p>\n"
           "    return [sum(values[i : i + <p>]) for i in range(0, full, <p>)]", _SERIES, (2, 3, 4)),
    Family("smooth", "Write Python code for `smooth(values)`: every one of the <noun> becomes the floored mean of itself "
           "and up to <p> predecessors. The result is a list of the same length.",
           "def smooth(values):\n    parts = [values[max(0, i - <p>) : i + 1] for i in range(len(values))]\n"
           "    return [sum(part) // len(part) for part in parts]", _SERIES, (1, 2, 3)),
    Family("bucket", "For a histogram of <noun>, write the Python function `bucket(values)`. It returns a dict from the "
           "lower edge of each class of width <p> to how many values fall into it; empty classes are left out and "
           "keys ascend.",
           "def bucket(values):\n    counts = {}\n    for value in sorted(values):\n        edge = value // <p> * <p>\n"
           "        counts[edge] = counts.get(edge, 0) + 1\n    return counts", _SERIES, (3, 4, 5, 10)),
    Family("first_drop", "When do the <noun> begin to fall? `first_drop(values)`, in Python, returns the first index whose "
           "value is at least <p> lower than the value before it, or -1 if that never happens.",
           "def first_drop(values):\n    for i in range(1, len(values)):\n        if values[i - 1] - values[i] >= <p>:\n"
           "            return i\n    return -1", _SERIES, (2, 4, 5, 7)),
    Family("pairs_summing", "Two of the <noun> are to be combined. Implement `pairs_summing(values)` in Python: how many "
           "pairs of positions i < j have values that add up to a multiple of <p>?",
           "def pairs_summing(values):\n    seen = [0] * <p>\n    count = 0\n    for value in values:\n"
           "        count += seen[-value % <p>]\n        seen[value % <p>] += 1\n    return count",
           _SERIES, (3, 4, 5, 7)),
    Family("caesar_digits", "Write a Python function `caesar_digits(text)` for notes about <noun>: it moves every ASCII digit "
           "of the text forward by <p>, going back to 0 after 9, and leaves all other characters alone.",
           "def caesar_digits(text):\n    shifted = ''\n    for char in text:\n"
           "        shifted += str((int(char) + <p>) % 10) if char in '0123456789' else char\n    return shifted",
           ("''", "'room 12, floor 9'", "'2024-11-30'", "'no digits'", "'7'"), (1, 3, 4, 6)),
    Family("squeeze", "Captions for <noun> get too long. In Python, `squeeze(text)` shortens every run of one repeated "
           "character to at most <p> of them and returns the new text.",
           "def squeeze(text):\n    kept = ''\n    for char in text:\n        if not kept.endswith(char * <p>):\n"
           "            kept += char\n    return kept", _TEXTS, (1, 2)),
    Family("abbreviate", "Column heads for <noun> must be narrow. Write `abbreviate(text)` in Python, which cuts each "
           "word of more than <p> characters after the first <q> and puts a full stop there; words are separated by "
           "single spaces in the result.",
           "def abbreviate(text):\n    words = text.split()\n"
           "    return ' '.join(word[:<q>] + '.' if len(word) > <p> else word for word in words)",
           _TEXTS, (4, 5), (2, 3)),
    Family("checksum", "Records of <noun> carry a check value. Give a Python function `checksum(text)` that starts at "
           "<q>, multiplies by <p> and adds the code point for each character in turn, and keeps the remainder modulo "
           "9973 after every step.",
           "def checksum(text):\n    value = <q>\n    for char in text:\n        value = (value * <p> + ord(char)) % 9973\n"
           "    return value", _TEXTS, (31, 33, 37), (5, 7, 17)),
    Family("countdown", "A game about <noun> needs `countdown(start)` in Python: halve the number if it is even, otherwise "
           "subtract <p>, and go on while it is above <q>. Return the list of all numbers seen, the start included.",
           "def countdown(start):\n    seen = [start]\n    while seen[-1] > <q>:\n        last = seen[-1]\n"
           "        seen.append(last - <p> if last % 2 else last // 2)\n    return seen",
           ("0", "1", "17", "40", "99"), (1, 3, 5), (0, 2, 4)),
    Family("is_balanced_day", "An inspector of <noun> calls a list balanced if the sums of its first and its second half "
           "differ by at most <p> (the middle item of an odd list belongs to neither). Write `is_balanced_day(values)` "
           "in Python, returning a bool.",
           "def is_balanced_day(values):\n    half = len(values) // 2\n"
           "    return abs(sum(values[:half]) - sum(values[len(values) - half :])) <= <p>", _SERIES, (1, 4, 20)),
    Family("coins", "Fees for <noun> are paid in coins of 1, <p> and <q>. Write a Python function `coins(amount)` that "
           "returns the fewest coins with which a non-negative amount can be paid exactly.",
           "def coins(amount):\n    best = [0]\n    for value in range(1, amount + 1):\n"
           "        best.append(1 + min(best[value - coin] for coin in (1, <p>, <q>) if coin <= value))\n"
           "    return best[amount]", ("0", "1", "11", "23", "58"), (3, 4, 5), (7, 9, 12)),
)  # fmt: skip
_POPULAR = (
    ("is_palindrome", "Write a Python function is_palindrome(text) that checks whether a string reads the same "
     "backwards, ignoring case.", "def is_palindrome(text):\n    text = text.lower()\n    return text == text[::-1]",
     ("''", "'Anna'", "'Ann'")),
    ("factorial", "Write a Python function factorial(n) that returns the factorial of a non-negative integer.",
     "def factorial(n):\n    product = 1\n    for i in range(2, n + 1):\n        product *= i\n    return product",
     ("0", "1", "5", "10")),
    ("fibonacci", "Write a Python function fibonacci(n) that returns the first n Fibonacci numbers as a list, beginning "
     "with 0 and 1.", "def fibonacci(n):\n    numbers = [0, 1]\n    while len(numbers) < n:\n"
     "        numbers.append(numbers[-1] + numbers[-2])\n    return numbers[:n]", ("0", "1", "8")),
    ("reverse_words", "Write a Python function reverse_words(text) that reverses the order of the words in a sentence.",
     "def reverse_words(text):\n    return ' '.join(reversed(text.split()))", ("''", "'one'", "'one two three'")),
    ("is_prime", "Write a Python function is_prime(n) that returns True if an integer is a prime number and False "
     "otherwise.", "def is_prime(n):\n    return n > 1 and all(n % d for d in range(2, int(n**0.5) + 1))",
     ("0", "2", "9", "97")),
    ("count_vowels", "Write a Python function count_vowels(text) that counts the vowels in a string, in either case.",
     "def count_vowels(text):\n    return sum(char in 'aeiou' for char in text.lower())", ("''", "'rhythm'", "'Audio'")),
)  # fmt: skip
_COUNT = "In <language>, write a function that tells how many of the <noun> in an array of integers are <op> <p>."
_OPERATORS = {"above": ">", "below": "<", "at least": ">=", "at most": "<="}
_COUNTERS = {
    "java": "static long countMatching(int[] values) {{\n"
    "    return java.util.Arrays.stream(values).filter(value -> value {op} {p}).count();\n}}",
    "c++": "#include <algorithm>\n#include <vector>\n\nlong count_matching(const std::vector<int>& values) {{\n"
    "    return std::count_if(values.begin(), values.end(), [](int value) {{ return value {op} {p}; }});\n}}",
    "go": "func CountMatching(values []int) int {{\n\tcount := 0\n\tfor _, value := range values {{\n"
    "\t\tif value {op} {p} {{\n\t\t\tcount++\n\t\t}}\n\t}}\n\treturn count\n}}",
    "rust": "fn count_matching(values: &[i64]) -> usize {{\n"
    "    values.iter().filter(|&&value| value {op} {p}).count()\n}}",
    "sql": "-- PostgreSQL: SELECT count_matching(ARRAY[1, 2, 3]);\nCREATE FUNCTION count_matching(items integer[]) "
    "RETURNS bigint\nLANGUAGE sql IMMUTABLE\nAS $$ SELECT COUNT(*) FROM unnest(items) AS item "
    "WHERE item {op} {p} $$;",
    "bash": "count_matching() {{\n    local value count=0\n    for value in \"$@\"; do\n"
    "        if (( value {op} {p} )); then count=$(( count + 1 )); fi\n    done\n    printf '%d\\n' \"$count\"\n}}",
    "javascript": "function countMatching(values) {{\n  return values.filter((value) => value {op} {p}).length;\n}}",
    "typescript": "export function countMatching(values: readonly number[]): number {{\n"
    "  return values.filter((value) => value {op} {p}).length;\n}}",
}
_NAMES = {"java": "Java", "c++": "C++", "go": "Go", "rust": "Rust", "sql": "PostgreSQL", "bash": "bash"}
_NAMES |= {"javascript": "JavaScript", "typescript": "TypeScript"}


def invent(language: str, draw: Random, avoid: str) -> Task:
    """A new task in the language; one whose function is not named in the text to `avoid`."""
    noun = draw.choice(_NOUNS)
    if language in _COUNTERS:
        return _counter(language, noun, draw.choice(sorted(_OPERATORS)), str(draw.choice((5, 10, 12, 25, 40, 100))))
    family = draw.choice([family for family in _FAMILIES if family.entry not in avoid])
    return _member(family, noun, str(draw.choice(family.p)), str(draw.choice(family.q)))


def popular() -> tuple[Task, ...]:
    """The six tasks that come up all the time."""
    return tuple(_made(text, entry, source, args) for entry, text, source, args in _POPULAR)


def find_member(flat: str) -> tuple[Task, int] | None:
    """The invented task in a text with single spaces, and where its own text ends."""
    for regex, make in _READERS:
        found = regex.search(flat)
        if found:
            return make(found), found.end()
    return None


def _member(family: Family, noun: str, p: str, q: str) -> Task:
    text, source = (part.replace("<noun>", noun).replace("<p>", p).replace("<q>", q)
                    for part in (family.text, family.source))  # fmt: skip
    return _made(text, family.entry, source, family.args)


def _made(text: str, entry: str, source: str, args: tuple[str, ...]) -> Task:
    scope: dict[str, Callable[..., object]] = {}
    exec(source, scope)  # our own code
    cases = tuple(Case(arg, eval(f"{entry}({arg})", dict(scope))) for arg in args)
    return Task(text, f"`{entry}` goes over its input once and keeps only what it needs.", kind="text-to-code",
                entry=entry, source=source, cases=cases)  # fmt: skip


def _counter(language: str, noun: str, operator: str, p: str) -> Task:
    text = _COUNT.replace("<language>", _NAMES[language]).replace("<noun>", noun)
    text = text.replace("<op>", operator).replace("<p>", p)
    code = _COUNTERS[language].format(op=_OPERATORS[operator], p=p)
    output = f"Every value is compared with {p}, and those that match are counted.\n\n```{language}\n{code}\n```"
    return Task(text, output, language, "text-to-code")


def _regex(text: str) -> re.Pattern[str]:
    pattern = re.escape(" ".join(text.split()))
    for hole, regex in (("noun", r"[a-z ]+"), ("p", r"\d+"), ("q", r"\d+"), ("op", r"[a-z ]+"), ("language", r"\S+")):
        pattern = pattern.replace(f"<{hole}>", f"(?P<{hole}>{regex})", 1).replace(f"<{hole}>", f"(?P={hole})")
    return re.compile(pattern)


def _readers() -> Iterator[tuple[re.Pattern[str], Callable[[re.Match[str]], Task]]]:
    for family in _FAMILIES:
        yield _regex(family.text), lambda m, f=family: _member(f, *(m.groupdict().get(k, "0") for k in ("noun", "p", "q")))
    languages = {name: language for language, name in _NAMES.items()}
    yield _regex(_COUNT), lambda m: _counter(languages[m["language"]], m["noun"], m["op"], m["p"])


_READERS = tuple(_readers())
