"""Inputs that a child points back to, and stretches that stand where an input should."""

from __future__ import annotations

import pytest

from evolve.checks.above import pointed_back, stand_in

GONE = {
    "array": "Sort the given array with bubble sort and count the swaps.",
    "vector, German": "Berechne für den oben angegebenen Vektor die Varianz.",
    "list, French": "Trie la liste ci-dessus et affiche chaque étape.",
    "array, Chinese": "对上述数组进行快速排序，并输出每一步。",
    "array, Japanese": "上記の配列をクイックソートで並べ替えてください。",
    "list, Korean": "위의 리스트를 정렬하고 비교 횟수를 세어 주세요.",
    "array, Russian": "Отсортируй приведённый выше массив и выведи число обменов.",
    "error": "Explain why the error above occurs and how to prevent it.",
    "class": "Add a method `close` to this class that frees its handles.",
    "named class": "Extend the `Ledger` class with an undo; `post` must keep its behaviour.",
}
THERE = {
    "a parameter": ("Write a function that sorts the given array in place.", True),
    "the data": ("Sort the given list: [3, 1, 2], and count the swaps.", False),
    "spoken of before": ("Write a parser class. Then test the class above with three inputs.", True),
    "no thing": ("Create a pattern for dates and explain the above choice of groups.", True),
    "a class to write": ("Write a class `Ledger` and add an undo to the class.", True),
    "a quoted sentence": ('Reverse the words of this sentence: "one two three".', False),
    "a parameter, German": ("Schreibe eine Funktion, die das übergebene Array sortiert.", True),
}
STAND_INS = {
    "brackets": "Convert this table to JSON:\n\n[insert table here]",
    "goes here": "Sort this list: [list goes here]. Count the swaps.",
    "yours": "Sort the list <your list> and count the swaps.",
    "block": "Make it safe for threads:\n\n```java\n// paste your class here\n```\n",
    "German": "Verbessere diesen Text:\n\n[hier Text einfügen]",
    "Chinese": "修复下面的代码：\n\n[在此插入代码]",
}
NO_STAND_INS = {
    "a template": "Fill in [NAME] and [DATE] in a letter read from a file.",
    "dates": "Match dates as [YYYY-MM-DD].",
    "a stub": "Finish this:\n\n```python\ndef f(x):\n    # your code here\n    pass\n```\n",
    "dimensions": "Add two matrices `[rows][cols]`.",
}


@pytest.mark.parametrize("text", GONE.values(), ids=GONE)
def test_a_thing_that_is_gone_is_pointed_back_to(text: str) -> None:
    assert pointed_back(text, makes=False) is not None


@pytest.mark.parametrize(("text", "makes"), THERE.values(), ids=THERE)
def test_what_is_there_or_a_parameter_is_not_missed(text: str, makes: bool) -> None:
    assert pointed_back(text, makes=makes) is None


@pytest.mark.parametrize("text", STAND_INS.values(), ids=STAND_INS)
def test_a_stand_in_is_no_input(text: str) -> None:
    assert stand_in(text) is not None


@pytest.mark.parametrize("text", NO_STAND_INS.values(), ids=NO_STAND_INS)
def test_brackets_of_the_task_are_no_stand_in(text: str) -> None:
    assert stand_in(text) is None


@pytest.mark.parametrize("mark", ["[", "`", "the given ", "above array ", "上述", "\n", "\0\ud800", "(insert "])
def test_hostile_text_is_read_to_its_end(mark: str) -> None:
    text = mark * (300_000 // len(mark))
    assert stand_in(text) is None
    pointed_back(text, makes=False)
