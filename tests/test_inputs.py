"""Inputs: a task that points to what is not there is caught; one that brings, describes or asks for it is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.inputs import LostInput, MissingInput
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

CODE = "def total(prices):\n    return sum(prices) / 0"
GIVEN = f"Find the bug in the following code:\n```python\n{CODE}\n```"
DATA = "Sort the following list in descending order.\n[3, 1, 2]"
MEGABYTE = 2**20


def lost(text: str, parent: str = GIVEN, *, depth: bool = True) -> Finding:
    return LostInput()(Candidate(text, (parent,), "add_constraint", depth))


def missing(text: str, parent: str = "Sort names by length.", *, depth: bool = True) -> Finding:
    return MissingInput()(Candidate(text, (parent,), "add_constraint", depth))


# -- what the parent gave ----------------------------------------------------------------------------------------------

POINTERS = [
    pytest.param("Find the bug in the following code and explain it.", id="following-code"),
    pytest.param("Find the bug in the Python code below, then add tests.", id="code-below"),
    pytest.param("Refactor the function shown below; keep its signature.", id="shown-below"),
    pytest.param("Count the words too. Start from the code that is given below.", id="that-is-given-below"),
    pytest.param("Fix this function so that an empty list is legal.", id="fix-this-function"),
    pytest.param("Debug the program and measure its speed.", id="debug-the-program"),
    pytest.param("Find the bug in the code above, and mend it.", id="code-above"),
    pytest.param("What is wrong with the given snippet? Answer in one line.", id="given-snippet"),
    pytest.param("What is the output of this Python code for an empty list?", id="output-of-this"),
    pytest.param('Translate the following snippet, and treat "ä" and [] as errors.', id="quotations-are-no-snippet"),
    pytest.param("Rewrite the code above as a class with `total()`.", id="a-name-in-a-span-is-no-code"),
    pytest.param("找出以下代码中的错误，并说明原因。", id="chinese"),
    pytest.param("请修复这段代码，并考虑空列表。", id="chinese-this"),
    pytest.param("次のコードの誤りを見つけて説明してください。", id="japanese"),
    pytest.param("다음 코드의 오류를 찾아 설명하세요.", id="korean"),
    pytest.param("Encuentra el error en el siguiente código y explícalo.", id="spanish"),
    pytest.param("Trouvez l'erreur dans le code suivant et expliquez-la.", id="french"),
    pytest.param("Finde den Fehler im folgenden Code und erkläre ihn.", id="german"),
    pytest.param("Encontre o erro no código abaixo e explique.", id="portuguese"),
    pytest.param("Найдите ошибку в следующем коде и объясните её.", id="russian"),
    pytest.param("Trova l'errore nel codice seguente e spiegalo.", id="italian"),
]


@pytest.mark.parametrize("text", POINTERS)
def test_a_pointer_to_code_that_is_gone_is_lost_input(text: str) -> None:
    assert lost(text).reason == "lost_input"


@pytest.mark.parametrize("text", POINTERS)
def test_the_same_with_the_code_is_whole(text: str) -> None:
    assert lost(f"{text}\n```python\n{CODE}\n```").verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", POINTERS)
def test_the_same_with_bare_code_is_whole(text: str) -> None:
    assert lost(f"{text}\n\n{CODE}").verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Sort the following list in descending order without the built-in sort.", id="following-list"),
        pytest.param("Sort the list below in descending order; keep it stable.", id="list-below"),
        pytest.param("Sort this list in descending order by merging.", id="this-list"),
        pytest.param("Write a function that sorts the following list in descending order.", id="even-in-a-function"),
    ],
)
def test_a_pointer_to_data_that_is_gone_is_lost_input(text: str) -> None:
    assert lost(text, DATA).reason == "lost_input"


def test_a_name_that_only_the_lost_code_explains_is_lost_input() -> None:
    parent = "Speed this up:\n```python\ndef count_pairs(values):\n    return len(values) ** 2\n```"
    assert lost("Make count_pairs run in linear time, and log each call.", parent).reason == "lost_input"


@pytest.mark.parametrize(
    ("text", "parent"),
    [
        pytest.param("Sort the following list: 9, 8, 7, 5.", DATA, id="data-of-its-own"),
        pytest.param("Sort this table.\n| a | b |\n|---|---|\n| 1 | 2 |", DATA, id="a-table"),
        pytest.param("Sort the following numbers in descending order.\n5 9 1", DATA, id="a-bare-line"),
        pytest.param("Sort the following list.\nInput: 5 9 1", DATA, id="an-input-label"),
        pytest.param('Sort the letters of the following string: "pear".', DATA, id="a-quotation"),
        pytest.param("Write a function that takes the given list and sorts it.", DATA, id="parameter"),
        pytest.param("Write a function that sorts a given list of any comparable values.", DATA, id="a-given-list"),
        pytest.param("Sort any list of numbers in descending order, stably.", DATA, id="any-list"),
        pytest.param("Implement merge sort for lists with values below the mean.", DATA, id="below-the-mean"),
        pytest.param("Write a class with the following methods: push, pop and peek.", DATA, id="methods-to-write"),
        pytest.param("Describe the following data types in one line each: set, list.", DATA, id="a-compound"),
        pytest.param("Write a function `total` that raises ValueError for an empty list.", GIVEN, id="written-anew"),
        pytest.param("Write a program that runs the given script in a sandbox.", GIVEN, id="a-script-as-parameter"),
        pytest.param(
            "A function divides the sum of its prices by zero. Explain what happens, and write a correct function.",
            GIVEN,
            id="in-words",
        ),
        pytest.param("Where is the mistake in `sum(prices) / 0`? Mend this code.", GIVEN, id="an-inline-span"),
        pytest.param("编写一个函数，对给定的列表降序排序。", DATA, id="chinese-parameter"),
        pytest.param("与えられたリストを降順に並べ替える関数を書いてください。", DATA, id="japanese-parameter"),
        pytest.param("Schreibe eine Funktion, die eine gegebene Liste sortiert.", DATA, id="german-parameter"),
        pytest.param("Use the following data structure: a heap that holds pairs.", DATA, id="data-structure"),
        pytest.param("Write the following query\nShow the average price of all goods.", DATA, id="in-words"),
    ],
)  # fmt: skip
def test_a_task_that_points_to_nothing_missing_is_whole(text: str, parent: str) -> None:
    assert lost(text, parent).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", POINTERS)
def test_breadth_may_leave_its_parents_data(text: str) -> None:
    assert lost(text, depth=False).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", POINTERS)
def test_what_the_parent_never_had_is_not_lost(text: str) -> None:
    assert lost(text, "Sort names by length.").verdict is Verdict.ACCEPT


# -- what nobody gave --------------------------------------------------------------------------------------------------

CITATIONS = [
    pytest.param("Clean the attached CSV file and plot it.", id="attached-file"),
    pytest.param("Count the words. The document is attached.", id="is-attached"),
    pytest.param("Compute the totals; see the attachment for the prices.", id="see-the-attachment"),
    pytest.param("Build the layout as shown in Figure 3.", id="shown-in-figure"),
    pytest.param("Build the form exactly as depicted in the screenshot.", id="depicted-in-the-screenshot"),
    pytest.param("Solve the exercise from page 42 of the textbook.", id="page"),
    pytest.param("Implement the class from chapter 3 of your textbook.", id="chapter"),
    pytest.param("Recode the answers in the attached workbook.", id="attached-workbook"),
    pytest.param("Reproduce the totals on page 14 of the annual report.", id="page-of-a-report"),
    pytest.param("Use the database that I sent you yesterday.", id="i-sent-you"),
    pytest.param("Sort names with the comparator from our previous conversation.", id="previous-conversation"),
    pytest.param("Import the rates from the linked spreadsheet.", id="linked-spreadsheet"),
    pytest.param("Fetch the names from our internal staff API.", id="our-internal-api"),
    pytest.param("Sort names with the company's proprietary library.", id="proprietary-library"),
    pytest.param("Read https://drive.google.com/file/d/abc123/view and sort it.", id="a-private-link"),
    pytest.param("根据附件中的数据编写排序程序。", id="chinese-attachment"),
    pytest.param("请调用公司内部的接口获取名单并排序。", id="chinese-service"),
    pytest.param("添付ファイルの名前を並べ替えてください。", id="japanese-attachment"),
    pytest.param("社内APIから名前を取得して並べ替えてください。", id="japanese-service"),
    pytest.param("첨부된 파일의 이름을 정렬하세요.", id="korean-attachment"),
    pytest.param("Ordena los nombres del archivo adjunto.", id="spanish-attachment"),
    pytest.param("Triez les noms du fichier ci-joint.", id="french-attachment"),
    pytest.param("Sortiere die Namen in der angehängten Datei.", id="german-attachment"),
    pytest.param("Ordene os nomes da planilha em anexo.", id="portuguese-attachment"),
    pytest.param("Отсортируйте имена из прикреплённого файла.", id="russian-attachment"),
    pytest.param("Ordina i nomi del file allegato.", id="italian-attachment"),
]


@pytest.mark.parametrize("text", CITATIONS)
@pytest.mark.parametrize("depth", [True, False], ids=["depth", "breadth"])
def test_what_nobody_gave_makes_it_unsolvable(text: str, depth: bool) -> None:
    assert missing(text, depth=depth).reason == "unsolvable"


@pytest.mark.parametrize("text", CITATIONS)
def test_what_the_parent_cites_is_not_held_against_the_child(text: str) -> None:
    assert missing(f"{text} Be quick.", text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", CITATIONS)
def test_a_seed_may_cite_what_it_likes(text: str) -> None:
    assert MissingInput()(Candidate(text, (), "seed")).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", POINTERS[:3])
def test_code_that_neither_has_makes_it_unsolvable(text: str) -> None:
    assert missing(text).reason == "unsolvable"


@pytest.mark.parametrize("text", POINTERS[:3])
def test_a_breadth_step_that_points_to_nothing_is_unsolvable(text: str) -> None:
    assert missing(text, GIVEN, depth=False).reason == "unsolvable"


@pytest.mark.parametrize("text", POINTERS[:3])
def test_code_that_the_parent_had_is_the_other_checks_business(text: str) -> None:
    assert missing(text, GIVEN).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        "Send an e-mail with the report as an attached file.",
        "Save the attachments of all messages in a folder.",
        "List the devices that are attached to the bus.",
        "Draw figure 2 of the series with matplotlib.",
        "Write a class Figure with subclasses Circle and Square.",
        "Show 20 rows a page, and jump to page 42 of the results.",
        "Reverse a linked list of files.",
        "Read names from a file whose path is the first argument.",
        "Write a script that reads data.csv with the columns name and age.",
        "Fetch https://api.example.com/users and sort the names.",
        "Design an internal API for staff records.",
        "Our internal service exposes GET /staff, which returns names. Write a client with retries.",
        "Mock the company's proprietary API, and test a client with it.",
        "Detect faces in an image and draw boxes around them.",
        "Describe how the diagram of a finite automaton is drawn by Graphviz.",
        "Use a private method to hide the cache.",
        "Explain chapter and verse numbering in a parser for citations.",
        "Write a function that returns the chart as SVG.",
        "写一个函数，统计图书馆的图书。",
        "如图书一样存储记录，并分页显示到第2页。",
        "メールの添付ファイルを保存するプログラムを書いてください。",
        "Speichere den Anhang jeder E-Mail.",
    ],
    ids=lambda text: text[:40],
)
def test_what_a_task_is_about_is_not_missing(text: str) -> None:
    assert missing(text).verdict is Verdict.ACCEPT


# -- any text ----------------------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.booleans())
def test_any_text_is_accepted_or_rejected(text: str, parent: str, depth: bool) -> None:
    found = (lost(text, parent, depth=depth), missing(text, parent, depth=depth))
    assert {finding.verdict for finding in found} <= {Verdict.ACCEPT, Verdict.REJECT}


TILES = [
    "a", "[", "{", "(1", '"', "“", "'a", "`", "<a", "|", ",", "a,", "1,", "a:\n", " ", "\t", "\n", ";", "; ", "def ",
    "code below ", "the following ", "attached ", "our ", "figure ", "以下代码", "図", "siguiente ", "以下", "=",
    "a = ", "x(", "```\n", "the list below ",
]  # fmt: skip


@pytest.mark.parametrize("tile", TILES, ids=repr)
@pytest.mark.parametrize("head", ["", "Fix the following code and "], ids=["bare", "pointing"])
def test_a_megabyte_is_read_to_its_end(head: str, tile: str) -> None:
    text = head + (tile * (MEGABYTE // len(tile) + 1))[:MEGABYTE]
    found = (lost(text), missing(text))
    assert {finding.verdict for finding in found} <= {Verdict.ACCEPT, Verdict.REJECT}
