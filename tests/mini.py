"""A small benchmark of our own, in the usual styles: a stub with a docstring and doctests, a sentence and a test."""

from __future__ import annotations

import json
from pathlib import Path

LANTERNS = '''from typing import List


def darkest_gap(lanterns: List[int], street: int) -> int:
    """ A street of the given length is lit by lanterns at the given metres. Return the length of the longest
    stretch between two neighbouring lanterns that no lantern reaches, when each one lights three metres to either side.
    >>> darkest_gap([2, 20, 31], 40)
    12
    >>> darkest_gap([7], 14)
    0
    """
'''
LANTERNS_SOLUTION = """    reach = 3
    lit = sorted(lanterns)
    darkest = 0
    for left, right in zip(lit, lit[1:]):
        uncovered = (right - reach) - (left + reach)
        darkest = max(darkest, uncovered)
    return max(0, darkest)
"""
TIDE = """
def tide_table(heights):
    \'\'\'
    Harbour masters write down the height of the water every hour. Mark each hour as "ebb", "flood" or "slack",
    according to whether the water stood lower, higher or equally high one hour later; the last hour is left out.

    Example:
    >>> tide_table([3, 5, 5, 1])
    ["flood", "slack", "ebb"]
    \'\'\'
"""
KNOTS = '''"""
Write a python function to count the knots of a quipu cord that hang below its longest pendant.
assert count_knots([(4, 7), (9, 2)]) == 2
"""
'''
STEMS = '''"""
Write a function to find the stem of a Volapük verb.
assert verb_stem("löfön") == "löf"
"""
'''
PLAIN = '''"""
Write a function to sort the numbers.
assert sort_numbers([3, 1]) == [1, 3]
"""
'''
ROWS = (
    {
        "task_id": "Mini/0",
        "prompt": LANTERNS,
        "canonical_solution": LANTERNS_SOLUTION,
        "entry_point": "darkest_gap",
    },
    {"task_id": "Mini/1", "prompt": TIDE, "canonical_solution": "    return a + b\n", "entry_point": "tide_table"},
    {"task_id": "Mini/2", "prompt": KNOTS, "entry_point": "count_knots"},
    {"task_id": "Mini/3", "prompt": STEMS, "entry_point": "verb_stem"},
    {"task_id": "Mini/4", "prompt": PLAIN, "entry_point": "sort_numbers"},
)


def write(folder: Path, *rows: object, name: str = "mini.jsonl") -> str:
    """A file with these rows, else with all of the benchmark's."""
    path = folder / name
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows or ROWS), encoding="utf-8")
    return str(path)
