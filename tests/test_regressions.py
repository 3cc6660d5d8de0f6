"""Regressions: what orders faulty or slow work, or asks for less, is caught; talk of faults and bounds is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.regressions import Regression
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

PARENT = "Write a function that returns the largest value of a list."
LONG_PARENT = (
    "Write a function that parses dates such as 3 May, ignores blanks, rejects leap seconds, supports Roman numerals "
    "and sorts the outcome by weekday."
)
MEGABYTE = 2**20


def check(text: str, parent: str = PARENT, *, depth: bool = True) -> Finding:
    return Regression()(Candidate(text, (parent,), "misleading_code", depth))


# -- faults ordered ----------------------------------------------------------------------------------------------------

FAULTS_ORDERED = [
    pytest.param(f"{PARENT} Also provide a piece of erroneous code as a reference.", id="a-piece-of-erroneous-code"),
    pytest.param("Write an incorrect implementation of a stack.", id="an-incorrect-implementation"),
    pytest.param(f"{PARENT} Introduce a subtle bug into your code.", id="introduce-a-bug"),
    pytest.param(f"{PARENT} Your solution must contain an off-by-one error.", id="must-contain-an-error"),
    pytest.param(f"{PARENT} The program should intentionally include two mistakes.", id="intentionally"),
    pytest.param("Create a buggy program that adds up a column.", id="a-buggy-program"),
    pytest.param(f"{PARENT} Make it as slow as possible.", id="as-slow-as-possible"),
    pytest.param(f"{PARENT} Use the slowest way that you can think of.", id="the-slowest-way"),
    pytest.param(f"{PARENT} Write an intentionally inefficient version.", id="intentionally-inefficient"),
    pytest.param(f"{PARENT} The code must be incorrect.", id="must-be-incorrect"),
    pytest.param("编写一段带有错误的代码来求最大值。", id="chinese"),
    pytest.param("リストの最大値を返す関数を書き、わざとバグを入れてください。", id="japanese"),
    pytest.param("최댓값을 구하되 의도적으로 버그를 넣은 함수를 작성하세요.", id="korean"),
    pytest.param("Escribe un código con errores que busque el máximo.", id="spanish"),
    pytest.param("Schreibe eine fehlerhafte Funktion für das Maximum.", id="german"),
    pytest.param("Écris une fonction incorrecte qui renvoie le maximum.", id="french"),
    pytest.param("Escreva uma função incorreta que devolva o máximo.", id="portuguese"),
    pytest.param("Напиши неправильную функцию для поиска максимума.", id="russian"),
    pytest.param("Scrivi una funzione errata che trovi il massimo.", id="italian"),
]


@pytest.mark.parametrize("text", FAULTS_ORDERED)
@pytest.mark.parametrize("depth", [True, False], ids=["depth", "breadth"])
def test_faulty_work_is_not_to_be_ordered(text: str, depth: bool) -> None:
    assert check(text, depth=depth).reason == "regression"


@pytest.mark.parametrize(
    "text",
    [
        "Explain why this buggy code fails, and mend it:\n```python\nmax = a[1]\n```",
        "A colleague wrote the faulty function below. Write a correct one.\n```python\nmax = a[1]\n```",
        f"{PARENT} Introduce no bugs.",
        "Find the error in the program and correct it: `max(a[1:])`.",
        f"{PARENT} Do not write inefficient code.",
        f"{PARENT} Do not use the slowest algorithm.",
        "Write a program that finds the slowest way home on a map of roads.",
        f"{PARENT} Explain why nobody should use the least efficient method.",
        f"{PARENT} Avoid an inefficient solution such as sorting first.",
        f"{PARENT} Write a test suite with an intentionally failing case.",
        "Write a program that simulates a race condition for a demo.",
        f"{PARENT} The function should return an error if the list is empty.",
        f"{PARENT} The program must produce an error message for an empty list.",
        f"{PARENT} Your code must include error handling.",
        f"{PARENT} Return an error code for invalid input.",
        f"{PARENT} Add error handling for incorrect arguments.",
        "Write a linter that reports buggy code.",
        "Create a function that detects invalid queries.",
        "Write a program that marks wrong answers in red.",
        "Implement a class that keeps broken links in a list.",
        "Write a game in which the player must spot the faulty program.",
        "Implement an error-correcting code that survives a wrong bit.",
        "Write a function that returns false for an invalid value.",
        "Implement a spell checker that fixes common mistakes in the text.",
        "Implement a fault injection tool that introduces errors into the network.",
        "Write code that adds typos to the names in a data set, to test a matcher.",
        "Create an index so that the slow query becomes fast.",
        "The following implementation is incorrect. Provide the correct one.\n```python\nmax = a[1]\n```",
        "解释为什么这段带有错误的代码会失败，并修复它。",
        "この関数のバグを見つけて修正してください。",
        "Encuentra el error en este código y corrígelo.",
        "Finde den Fehler in der fehlerhaften Funktion und korrigiere ihn.",
    ],
    ids=lambda text: text[:40],
)
def test_talk_of_faults_is_fair(text: str) -> None:
    assert check(text).verdict is Verdict.ACCEPT


# -- bounds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        f"{PARENT} The time complexity must be O(n^2).",
        f"{PARENT} Your solution should have a time complexity of O(n²), where n is the length of the list.",
        f"{PARENT} It must run in O(2^n) time.",
        f"{PARENT} Use an algorithm with a time complexity of O(n!).",
        f"{PARENT} The time complexity has to be at least O(n^2).",
        f"{PARENT} The time complexity should be O(n^3) or worse.",
        f"{PARENT} The function must take exponential time.",
        f"{PARENT} It has to take O(n^2) or worse; a linear solution will not be accepted.",
        f"{PARENT} The complexity must be at least O(n^2): faster programs are not allowed.",
        "Return the largest value of a list in O(n**2).",
        "写一个返回列表最大值的函数，时间复杂度必须为O(n^2)或更高。",
    ],
    ids=lambda text: text[-40:],
)
def test_a_worse_bound_is_a_regression(text: str) -> None:
    assert check(text).reason == "regression"


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        (f"{PARENT} It must run in O(n log n) or better.", PARENT),
        (f"{PARENT} It must run in O(n).", PARENT),
        (f"{PARENT} Solutions that take O(n^2) or worse will not be accepted.", PARENT),
        (f"{PARENT} O(n^2) or slower is not enough.", PARENT),
        (f"{PARENT} The worst case O(n^2) is acceptable.", PARENT),
        (f"{PARENT} The time complexity should be at most O(n^2).", PARENT),
        (f"{PARENT} The time complexity must not exceed O(n^2).", PARENT),
        (f"{PARENT} The time complexity must be better than O(n^2).", PARENT),
        (f"{PARENT} Improve the naive solution that runs in O(n^2) time.", PARENT),
        (f"{PARENT} Do it without quadratic time.", PARENT),
        (f"{PARENT} Explain why sorting first would take O(n^2) time with bubble sort.", PARENT),
        (f"{PARENT} To save memory it may take O(n^2) time, with O(1) extra space.", PARENT),
        (f"{PARENT} Prove that it takes at least O(n^2) time on a Turing machine with one tape.", PARENT),
        ("Multiply two matrices. The time complexity should be O(n^3).", "Multiply two matrices."),
        ("List all subsets of a set. It must run in O(2^n) time.", "List the subsets of a set."),
        ("Sort a list by insertion sort; the time complexity should be O(n^2).", "Sort a list by insertion sort."),
        ("Compute the edit distance of two words. It must run in O(n^2).", "Compute the edit distance."),
        (f"{PARENT} It must run in O(n^2).", f"{PARENT} It must run in O(n^3)."),
        ("Retry failed requests with exponential back-off.", "Retry failed requests."),
        ("Fit a quadratic curve. The time to fit must be printed.", "Fit a curve."),
    ],
    ids=lambda text: text[-40:],
)
def test_a_bound_that_limits_is_no_regression(text: str, parent: str) -> None:
    assert check(text, parent).verdict is Verdict.ACCEPT


# -- less asked for ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Write a function that parses dates such as 3 May.", id="conditions-gone"),
        pytest.param("Write a function that parses dates and ignores blanks.", id="most-conditions-gone"),
        pytest.param("Please create a simple function that parses dates.", id="conditions-gone-and-advice"),
    ],
)
def test_a_parent_with_conditions_gone_is_a_regression(text: str) -> None:
    assert check(text, LONG_PARENT).reason == "regression"


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        pytest.param("Write a function that parses dates without a library.", LONG_PARENT, id="one-new-condition"),
        pytest.param(LONG_PARENT, LONG_PARENT, id="the-same"),
        pytest.param(LONG_PARENT.replace(" such as 3 May", ""), LONG_PARENT, id="an-example-gone"),
        pytest.param("Sort it.", "Sort the list.", id="one-word-gone"),
        pytest.param("Sort the list.", "Sort the list.\n```\nalpha beta gamma delta\n```", id="code-gone"),
    ],
)
def test_a_child_with_a_word_of_its_own_is_judged_by_others(text: str, parent: str) -> None:
    assert check(text, parent).verdict is Verdict.ACCEPT


def test_breadth_may_ask_for_less() -> None:
    assert check("Write a function that parses dates.", LONG_PARENT, depth=False).verdict is Verdict.ACCEPT


# -- any text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", FAULTS_ORDERED)
def test_a_seed_regresses_from_nothing(text: str) -> None:
    assert Regression()(Candidate(text, (), "seed")).verdict is Verdict.ACCEPT


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.booleans())
def test_any_text_is_accepted_or_rejected(text: str, parent: str, depth: bool) -> None:
    assert check(text, parent, depth=depth).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize(
    "tile",
    [
        "a",
        " ",
        "\n",
        "bug ",
        "write ",
        "a buggy ",
        "provide a wrong ",
        "O(n^2) ",
        "in O(",
        "must time O(n^2) ",
        "错",
        "fehlerhafte ",
    ],
    ids=repr,
)
def test_a_megabyte_is_read_to_its_end(tile: str) -> None:
    text = (tile * (MEGABYTE // len(tile) + 1))[:MEGABYTE]
    assert check(text).verdict in {Verdict.ACCEPT, Verdict.REJECT}
