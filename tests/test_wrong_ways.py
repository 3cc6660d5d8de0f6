"""Steps that add nothing or lead elsewhere: trivial additions, faults on purpose, slower ways, prose for programs."""

from __future__ import annotations

import pytest

from evolve.checks.courtesy import bare
from evolve.checks.sabotage import SABOTAGE, SABOTAGE_FAIR
from evolve.checks.slower import demands_slower
from evolve.checks.writing import orders_prose

SEARCH = "Find a value in a sorted array with binary search."
PAIRS = "Use a hash map to find two numbers with a given sum."
SLOWER = {
    "linear": (SEARCH, "Find a value in a sorted array; your solution must run in O(n) time."),
    "scan": (SEARCH, "Find a value in a sorted array without using binary search."),
    "Spanish": ("Implementa la búsqueda binaria.", "Busca un valor en un arreglo; la complejidad debe ser O(n)."),
    "German": ("Schreibe eine binäre Suche.", "Schreibe eine Suche, deren Laufzeit O(n^2) betragen muss."),
    "pairs": (PAIRS, "Find two numbers with a given sum by comparing every pair."),
    "square": (PAIRS, "Find two numbers with a given sum; it must take O(n²) time."),
}
NOT_SLOWER = {
    "kept": (SEARCH, "Use binary search in O(log n); a linear O(n) scan is not allowed."),
    "compared": (SEARCH, "Compare a linear search that runs in O(n) with a faster one."),
    "triples": (PAIRS, "Find all triples with a given sum in O(n^2) time."),
    "space": (SEARCH, "Find the value in O(log n) time; at most O(n) extra space."),
    "no faster parent": ("Find a value.", "Find a value in a list in O(n) time."),
}
ON_PURPOSE = {
    "Portuguese": "Escreva uma função que contenha propositalmente um erro.",
    "Polish": "Napisz funkcję, która celowo zawiera błąd.",
    "German": "Schreibe eine Funktion mit einem absichtlichen Fehler.",
    "Spanish": "Escribe una función e introduce un error a propósito.",
    "Dutch": "Schrijf een functie die opzettelijk een fout bevat.",
    "Russian": "Напиши функцию с намеренной ошибкой.",
}
FAIR = {
    "raised": "Écris une fonction qui lève une erreur volontairement si l'entrée est nulle.",
    "to find": "El código contiene un error a propósito; encuéntralo.",
    "none": "Schreibe eine Funktion ohne Fehler, absichtlich kurz.",
}
PROSE = {
    "essay": "Write an essay of 600 words on the history of bread.",
    "slogan": "Come up with a catchy slogan for a shoe shop.",
    "letter": "Write a heartfelt letter to a friend who has moved abroad.",
    "French": "Rédige une recette de tarte aux pommes pour six personnes.",
    "Chinese": "写一篇关于春天的作文。",
    "Russian": "Напишите эссе о роли семьи.",
}
PROGRAMS = {
    "on code": "Write an essay that compares two sorting algorithms.",
    "a generator": "Write a poem generator with rhymes.",
    "mail": "Write a script that sends a marketing e-mail to each row of a file.",
    "Chinese": "写一个程序，统计一篇作文的字数。",
    "a page": "Create a landing page with a catchy headline.",
}
NOTHING = {
    "printed": "Add two numbers and print the result.",
    "Spanish": "Invierte una lista y muestra el resultado.",
    "tested": "Add two numbers. Test your code.",
    "Japanese": "結果を表示してください。",
}


@pytest.mark.parametrize(("parent", "text"), SLOWER.values(), ids=SLOWER)
def test_a_slower_way_is_a_step_back(parent: str, text: str) -> None:
    assert demands_slower(text, (parent,)) is not None


@pytest.mark.parametrize(("parent", "text"), NOT_SLOWER.values(), ids=NOT_SLOWER)
def test_a_bound_that_is_no_step_back_passes(parent: str, text: str) -> None:
    assert demands_slower(text, (parent,)) is None


@pytest.mark.parametrize("text", ON_PURPOSE.values(), ids=ON_PURPOSE)
def test_a_fault_on_purpose_is_seen(text: str) -> None:
    assert SABOTAGE.search(text)
    assert not SABOTAGE_FAIR.search(text)


@pytest.mark.parametrize("text", FAIR.values(), ids=FAIR)
def test_a_fault_to_be_found_or_raised_is_fair(text: str) -> None:
    assert not SABOTAGE.search(text) or SABOTAGE_FAIR.search(text)


@pytest.mark.parametrize("text", PROSE.values(), ids=PROSE)
def test_an_order_for_prose_is_seen(text: str) -> None:
    assert orders_prose(text) is not None


@pytest.mark.parametrize("text", PROGRAMS.values(), ids=PROGRAMS)
def test_a_program_about_prose_is_a_program(text: str) -> None:
    assert orders_prose(text) is None


@pytest.mark.parametrize("text", NOTHING.values(), ids=NOTHING)
def test_what_adds_nothing_is_taken_off(text: str) -> None:
    assert len(bare(text).strip()) < len(text) - 5


@pytest.mark.parametrize("text", ["Print the result in base two.", "Print the results per month."])
def test_what_says_how_to_print_stays(text: str) -> None:
    assert bare(text) == text


@pytest.mark.parametrize("mark", ["result ", "please ", "write an ", "O(n) must ", "bug on purpose ", "写", "\n", "é"])
def test_hostile_text_is_read_to_its_end(mark: str) -> None:
    text = mark * (200_000 // len(mark))
    bare(text)
    orders_prose(text)
    demands_slower(text, (SEARCH, PAIRS))
    SABOTAGE.search(text)
