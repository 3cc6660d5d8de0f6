"""Language drift: another language in the parent's place is caught; a second one beside it, data and ports are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.languages import LanguageDrift
from evolve.checks.tongues import language
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

TASKS = {
    "English": "Write a function that takes a list of words and returns the longest of them.",
    "Spanish": "Escribe una función que reciba una lista de palabras y devuelva la más larga de ellas.",
    "French": "Écrivez une fonction qui prend une liste de mots et renvoie le plus long d'entre eux.",
    "German": "Schreibe eine Funktion, die eine Liste von Wörtern nimmt und das längste davon zurückgibt.",
    "Portuguese": "Escreva uma função que receba uma lista de palavras e devolva a mais longa delas.",
    "Italian": "Scrivi una funzione che riceve una lista di parole e restituisce la più lunga della lista.",
    "Dutch": "Schrijf een functie die een lijst met woorden krijgt en het langste van deze woorden geeft.",
    "Russian": "Напишите функцию, которая принимает список слов и возвращает самое длинное из них.",
    "Chinese": "编写一个函数，接收一个单词列表，返回其中最长的单词。",
    "Japanese": "単語のリストを受け取り、最も長い単語を返す関数を書いてください。",
    "Korean": "단어 목록을 받아 가장 긴 단어를 반환하는 함수를 작성하세요.",
    "Arabic": "اكتب دالة تأخذ قائمة من الكلمات وتعيد أطول كلمة فيها.",
    "Hindi": "एक फ़ंक्शन लिखें जो शब्दों की सूची ले और सबसे लंबा शब्द लौटाए।",
}
ENGLISH = TASKS["English"]
MEGABYTE = 2**20


def check(text: str, *parents: str, depth: bool = True) -> Finding:
    return LanguageDrift()(Candidate(text, parents, "add_constraint", depth))


# -- natural language --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "text"), TASKS.items(), ids=TASKS)
def test_a_task_is_in_its_language(name: str, text: str) -> None:
    assert language(text) == name


@pytest.mark.parametrize("text", ["", "Sort.", "x = 1", "```\nthe list that is to be sorted\n```", "🙂 ✓ 42"], ids=repr)
def test_what_is_too_short_has_no_language(text: str) -> None:
    assert language(text) is None


@pytest.mark.parametrize("depth", [True, False], ids=["depth", "breadth"])
@pytest.mark.parametrize(
    ("parent", "child"), [(a, b) for a in TASKS for b in TASKS if a != b and "English" in (a, b)], ids="-to-".join
)
def test_another_language_is_drift(parent: str, child: str, depth: bool) -> None:
    assert check(TASKS[child], TASKS[parent], depth=depth).reason == "language_drift"


@pytest.mark.parametrize("text", TASKS.values(), ids=TASKS)
def test_the_same_language_is_none(text: str) -> None:
    assert check(f"{text} {text} O(n)", text).verdict is Verdict.ACCEPT


def test_a_short_parent_can_be_left_for_another_script() -> None:
    assert check(TASKS["Chinese"], "Sort a list.").reason == "language_drift"


@pytest.mark.parametrize("name", ["Chinese", "Russian", "Korean", "Spanish", "German"])
def test_a_part_in_another_language_is_drift(name: str) -> None:
    assert check(f"{ENGLISH} {TASKS[name]}", ENGLISH).reason == "language_drift"


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        pytest.param(f"{ENGLISH} The words may be Chinese, as in 你好 and 世界.", ENGLISH, id="chinese-words"),
        pytest.param(f'{ENGLISH} Test it with "{TASKS["Chinese"]}".', ENGLISH, id="a-chinese-quotation"),
        pytest.param(f"{ENGLISH}\n```\n{TASKS['Russian']}\n```", ENGLISH, id="a-russian-fence"),
        pytest.param(f"{ENGLISH} Its messages are in Spanish.", ENGLISH, id="spanish-messages"),
        pytest.param(f"Translate to English: {TASKS['Spanish']} {ENGLISH}", ENGLISH, id="to-translate"),
        pytest.param(
            "用 Python 和 NumPy 实现 quicksort，并用 pytest 测试，使用 type hints。", TASKS["Chinese"], id="names"
        ),
        pytest.param(
            "Python の list を sort する関数を書いてください。key 引数も使ってください。", TASKS["Japanese"], id="kana"
        ),
        pytest.param("Parse résumé, naïve and café from a file.", "Parse words from a file.", id="accents"),
        pytest.param(
            f"{ENGLISH} Handle the suffixes -ung, -heit and the articles der, die, das.", ENGLISH, id="articles"
        ),
    ],
)
def test_words_of_another_language_are_no_drift(text: str, parent: str) -> None:
    assert check(text, parent).verdict is Verdict.ACCEPT


def test_a_crossover_may_be_in_either_language() -> None:
    assert check(ENGLISH, ENGLISH, TASKS["German"], depth=False).verdict is Verdict.ACCEPT


# -- programming language ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        ("Write a Python function that adds two numbers.", "Write a Java function that adds two numbers of any size."),
        ("Implement a queue in C#.", "Implement a queue in Rust, with a bound on its size."),
        ("Create a Ruby script that lists files.", "Create a Go script that lists files and their sizes."),
        ("Translate this loop to Kotlin: `for x in y: z(x)`", "Translate this loop to Haskell: `for x in y: z(x)`"),
        ("用Python编写一个排序函数。", "用Java编写一个稳定的排序函数。"),
        ("Pythonでソート関数を書いてください。", "Javaで安定なソート関数を書いてください。"),
        ("Escribe una función en Python que sume.", "Escribe una función en Java que sume números grandes."),
        ("Sum it.\n```python\nx = [1]\n```\nUse Python.", "Sum it.\n```ruby\nx = [1]\n```\nUse Ruby."),
    ],
)
def test_another_programming_language_is_drift(parent: str, text: str) -> None:
    assert check(text, parent).reason == "language_drift"


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        pytest.param(
            "Write a Python function to sort.", "Write a Python function to sort, callable from C++.", id="second"
        ),
        pytest.param("Fix the Python code: `x = `", "Port the code to Go: `x = `", id="a-port"),
        pytest.param("Write a JavaScript function.", "Write a TypeScript function with generics.", id="a-family"),
        pytest.param("Write a MySQL query for totals.", "Write a PostgreSQL query for totals by month.", id="dialects"),
        pytest.param("Write a Python function to sort.", "Write a function to sort, stable.", id="left-out"),
        pytest.param("Write a function to sort.", "Write a Rust function to sort.", id="newly-named"),
        pytest.param("Write a Python program.", "Write a program like the Java tool, in Python.", id="compared-with"),
        pytest.param("Style a page with CSS.", "Style a page with CSS and JavaScript.", id="one-more"),
        pytest.param(
            "Write code in Python to go through a list.", "Write Python code to go through a tree.", id="to-go"
        ),
        pytest.param("Port the Perl code to C: `x`", "Port the Perl code to C, and C to Rust: `x`", id="one-port-more"),
        pytest.param("Convert Java to Python.", "Convert Java 21 records to Python dataclasses.", id="both-stay"),
        pytest.param("Build a page in HTML.", "Build an HTML page with a table.", id="the-other-way-round"),
        pytest.param("Write a shell command.", "Write a bash command that counts.", id="shells"),
    ],
)
def test_a_language_beside_it_is_no_drift(parent: str, text: str) -> None:
    assert check(text, parent).verdict is Verdict.ACCEPT


def test_breadth_may_take_another_programming_language() -> None:
    assert check("Write a Java class.", "Write a Python class.", depth=False).verdict is Verdict.ACCEPT


# -- any text ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", TASKS.values(), ids=TASKS)
def test_a_seed_drifts_from_nothing(text: str) -> None:
    assert check(text).verdict is Verdict.ACCEPT


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.booleans())
def test_any_text_is_accepted_or_rejected(text: str, parent: str, depth: bool) -> None:
    assert check(text, parent, depth=depth).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize(
    "tile", ["a", '"', "'a", "“", "`", "я", "字", "の", "in C", "C++ ", "用", "the ", "\n", "https://"], ids=repr
)
def test_a_megabyte_is_read_to_its_end(tile: str) -> None:
    text = (tile * (MEGABYTE // len(tile) + 1))[:MEGABYTE]
    assert check(text, "Write a Python function.").verdict in {Verdict.ACCEPT, Verdict.REJECT}
