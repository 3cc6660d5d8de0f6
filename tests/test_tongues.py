"""Translated tasks: in the language that was drawn, with all code, literals and numbers, and nothing else changed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from random import Random
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.paths import brought
from evolve.checks.tongues import TONGUES, mother_tongue, speak_alike
from evolve.config import EliminatorConfig
from evolve.eliminator import Candidate, Context, Deduplicator, Eliminator, Item, load_checks
from evolve.eliminator.questions import questions
from evolve.offline import RULES, Book, put, read_seeds
from evolve.offline import TONGUES as SPOKEN
from evolve.offline.families import invent
from evolve.records import Verdict
from tests import mini

ROOT = Path(__file__).resolve().parent.parent
SEEDS = tuple(read_seeds(ROOT / "seeds"))
BOOK = Book(SEEDS)
CHECKS = {check.name: check for check in load_checks(Context()) if check.subject == "instruction"}
CODE = '```python\ndef tariff(weight, zone):\n    return weight * 12  # "basic" rate\n```'
ENGLISH = (
    "Our post office charges by weight. Extend `tariff(weight, zone)` in Python so that parcels above 30 kg cost 25 "
    'more, zone "EU" is charged twice and [1, 2, 5] are the only zones without a fee; see '
    f"https://example.org/rates for the list.\n\n| zone | fee |\n|---|---|\n| 3 | 4.50 |\n\n{CODE}"
)
CHINESE = (
    "我们的邮局按重量收费。请用 Python 扩展 `tariff(weight, zone)`，使超过 30 kg 的包裹多收 25，"
    'zone 为 "EU" 时收两倍，只有 [1, 2, 5] 这几个区域不收费；列表见 https://example.org/rates 。'
    f"\n\n| zone | fee |\n|---|---|\n| 3 | 4.50 |\n\n{CODE}"
)
SPANISH = (
    "Nuestra oficina de correos cobra por peso. Amplía en Python `tariff(weight, zone)` para que los paquetes de más "
    'de 30 kg cuesten 25 más, la zona "EU" se cobre dos veces y solo [1, 2, 5] sean zonas sin tasa; consulta la lista '
    f"en https://example.org/rates .\n\n| zone | fee |\n|---|---|\n| 3 | 4.50 |\n\n{CODE}"
)
SHORT = "Write a Python function `rest(n)` that returns the remainder of n divided by 7, or 0 if n is below 3."
SHORT_SPANISH = "Escribe una función de Python `rest(n)` que devuelva el resto de n entre 7, o 0 si n es menor que 3."


def reason(child: str, tongue: str, parent: str = ENGLISH) -> str | None:
    """The first reason for which a translation is thrown out by its text."""
    candidate = Candidate(child, (parent,), f"translate_{tongue.lower()}", root=parent, tongue=tongue)
    return next((found.reason for check in CHECKS.values() if (found := check(candidate)).reason), None)


@pytest.mark.parametrize(("tongue", "child"), [("Chinese", CHINESE), ("Spanish", SPANISH)])
def test_a_true_translation_stays(tongue: str, child: str) -> None:
    assert reason(child, tongue) is None


@pytest.mark.parametrize(
    ("child", "tongue", "expected"),
    [
        pytest.param(ENGLISH, "Chinese", "no_gain", id="unchanged"),
        pytest.param(f" {ENGLISH} ", "Spanish", "no_gain", id="unchanged but for blanks"),
        pytest.param(
            ENGLISH.replace("charges by", "asks for money by the"), "Chinese", "language_drift", id="reworded"
        ),
        pytest.param(SPANISH, "Chinese", "language_drift", id="another language"),
        pytest.param(CHINESE, "Spanish", "language_drift", id="another script"),
    ],
)
def test_what_is_not_in_the_drawn_language_is_thrown_out(child: str, tongue: str, expected: str) -> None:
    assert reason(child, tongue) == expected


HALF = [
    pytest.param(
        CHINESE.replace("我们的邮局按重量收费。", "Our post office charges by the weight. "), "Chinese", id="a"
    ),
    pytest.param(
        CHINESE.replace("多收 25", "cost 25 more than the others of that size"), "Chinese", id="in a sentence"
    ),
    pytest.param(
        SPANISH.replace("cuesten 25 más", "cost 25 more than the others of that size"), "Spanish", id="in Latin"
    ),
    pytest.param(SPANISH.replace("cuesten 25 más", "多收 25 元的附加费用"), "Spanish", id="another script"),
]


@pytest.mark.parametrize(("child", "tongue"), HALF)
def test_a_half_translated_text_is_thrown_out(child: str, tongue: str) -> None:
    assert reason(child, tongue) == "language_drift"


LOST = {
    "a number": ("25", ""),
    "another number": ("4.50", "4.05"),
    "a number in letters": ("30 kg", "三十 kg"),
    "a function's name": ("`tariff(weight, zone)`", "`tarifa(peso, zona)`"),
    "its backticks": ("`tariff(weight, zone)`", "tariff(weight, zone)"),
    "a quotation": ('"EU"', '"UE"'),
    "a list": ("[1, 2, 5]", "[1, 2]"),
    "an address": ("https://example.org/rates", "https://example.org"),
    "a row of a table": ("| 3 | 4.50 |", ""),
    "a comment in code": ('# "basic" rate', "# 基本费率"),
    "a fence's language": ("```python", "```"),
    "a block": (CODE, ""),
}


@pytest.mark.parametrize("text", [CHINESE, SPANISH], ids=["Chinese", "Spanish"])
@pytest.mark.parametrize(("old", "new"), LOST.values(), ids=LOST)
def test_whatever_is_not_carried_over_is_lost(text: str, old: str, new: str) -> None:
    assert old in text
    assert reason(text.replace(old, new), "Chinese" if text is CHINESE else "Spanish") is not None
    finding = CHECKS["lost_input"](Candidate(text.replace(old, new), (ENGLISH,), "translate", tongue="Chinese"))
    assert finding.reason == "lost_input"


@pytest.mark.parametrize(
    "more",
    [" Usa como máximo 99 líneas.", " Llama a `check_rate`.", " Define además rate_of(zone).", f"\n\n{CODE}"],
    ids=["a number", "code", "a call", "a block"],
)
def test_what_is_new_is_no_translation(more: str) -> None:
    assert reason(SHORT_SPANISH, "Spanish", SHORT) is None
    assert reason(f"{SHORT_SPANISH}{more}", "Spanish", SHORT) is not None


NEAR_MISSES = [
    pytest.param(SHORT, SHORT_SPANISH, "Spanish", id="an English identifier in Spanish"),
    pytest.param(
        SHORT, "请编写 Python 函数 `rest(n)`，返回 n 除以 7 的余数；n 小于 3 时返回 0。", "Chinese", id="short"
    ),
    pytest.param(
        "Keep two rows and the first of them.",
        "请保留 2 行，以及其中的第 1 行，其余的全部去掉。",
        "Chinese",
        id="figures",
    ),
    pytest.param(
        "Explain how `for`, `while` and `if` differ in C; the words True and None must be there.",
        "请解释 C 语言中 `for`、`while` 和 `if` 的区别；其中必须出现 True 和 None 这两个词。",
        "Chinese",
        id="keywords",
    ),
    pytest.param(
        "Use GROUP BY, ORDER BY, WITH and IN, where it is possible, for the report of sales.",
        "生成销售报告时，请尽可能使用 GROUP BY、ORDER BY、WITH 和 IN。",
        "Chinese",
        id="SQL in capitals",
    ),
    pytest.param(
        "Count the word(s) of a text that begin with the letter x, as of 1 March 2024.",
        "请统计文本中以字母 x 开头的单词，以 2024 年 3 月 1 日为准。",
        "Chinese",
        id="a month, and a plural in parentheses",
    ),
    pytest.param(
        'Write `unit(line)`, which gives "" for a line that has none, and `put(line)`, which gives "amount unit" text.',
        '请编写 `unit(line)`，没有单位的行给出 ""；再编写 `put(line)`，给出 "amount unit" 形式的文本。',
        "Chinese",
        id="an empty quotation before another one",
    ),
]


@pytest.mark.parametrize(("parent", "child", "tongue"), NEAR_MISSES)
def test_what_only_looks_like_a_loss_stays(parent: str, child: str, tongue: str) -> None:
    assert reason(child, tongue, parent) is None


@pytest.mark.parametrize(("parent", "child"), [(CHINESE, ENGLISH), (SPANISH, SHORT), (SPANISH, CHINESE)])
def test_the_next_step_keeps_the_new_language(parent: str, child: str) -> None:
    found = CHECKS["language_drift"](Candidate(child, (parent,), "add_constraint", root=ENGLISH))
    assert found.reason == "language_drift"
    kept = CHECKS["language_drift"](Candidate(f"{parent} O(n)", (parent,), "add_constraint", root=ENGLISH))
    assert kept.verdict is Verdict.ACCEPT


@pytest.mark.parametrize("phrase", ["这个数字", "该区间的数据"])
def test_a_phrase_that_the_parent_has_points_to_no_more_than_it_did(phrase: str) -> None:
    parent = f"请编写 `f(n)`，返回 [1, n] 的和，并以文本返回{phrase}。"
    assert CHECKS["lost_input"](Candidate(f"{parent}还要说明复杂度。", (parent,), "deepen")).reason is None


def test_a_judge_is_not_asked_whether_a_translation_gains_or_drifts() -> None:
    translated = Candidate(SPANISH, (ENGLISH,), "translate_spanish", tongue="Spanish")
    evolved = Candidate(SPANISH, (ENGLISH,), "add_constraint")
    asked = {name for name, question in questions().items() if question.suits(translated)}
    assert {name for name, q in questions().items() if q.suits(evolved)} - asked == {"no_gain", "language_drift"}
    assert {"off_topic", "unsolvable"} <= asked


def test_a_contaminated_task_stays_so_in_any_language(tmp_path: Path) -> None:
    config = EliminatorConfig(benchmarks=[mini.write(tmp_path)])
    item = "Count the knots of a quipu cord that hang below its longest pendant: write a python function to count the "
    item += "knots of a quipu cord that hang below its longest pendant. assert count_knots([(4, 7), (9, 2)]) == 2"
    child = "请用 python 统计结绳中低于最长垂绳的绳结。assert count_knots([(4, 7), (9, 2)]) == 2"
    (check,) = [c for c in load_checks(Context(config)) if c.name == "contaminated"]
    assert check(Candidate(child, (item,), "translate_chinese", tongue="Chinese")).reason == "contaminated"
    assert (
        check(Candidate(child, ("Count the knots of a rope.",), "translate_chinese", tongue="Chinese")).reason is None
    )


def test_code_of_a_benchmark_is_seen_below_translated_words() -> None:
    code = f"```python\n{mini.LANTERNS}{mini.LANTERNS_SOLUTION}```"
    parent, child = f"Complete this, please.\n\n{code}", f"请补全下面的函数，使它满足文档字符串的要求。\n\n{code}"
    assert (
        reason(child, "Chinese", parent) is None
    )  # the code is carried over: what is in it is still there to be found
    assert mini.LANTERNS in child


# -- duplicates ------------------------------------------------------------------------------------------------------


def duplicates(*texts: str, embed_alike: bool = False) -> list[str | None]:
    """Reasons for texts of one lineage, one after the other."""
    config = EliminatorConfig()

    def alike(given: Sequence[str]) -> np.ndarray:
        return np.ones((len(given), 1), np.float16)

    search = Deduplicator(config, alike if embed_alike else Eliminator(config, {}).embed)
    return [found.reason for found in search.check([Item(str(n), "root", text) for n, text in enumerate(texts)])]


@pytest.mark.parametrize("child", [CHINESE, SPANISH], ids=["Chinese", "Spanish"])
@pytest.mark.parametrize("alike", [False, True], ids=["builtin", "an embedder that knows meaning"])
def test_a_translation_is_no_duplicate_of_its_parent(child: str, alike: bool) -> None:
    assert duplicates(ENGLISH, child, embed_alike=alike) == [None, None]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (SPANISH, SPANISH.replace("Amplía en Python", "En Python, amplía")),
        ("请编写一个函数，返回列表中最长的单词。", "编写一个函数来返回列表中最长的单词。"),
    ],
    ids=["Spanish", "Chinese"],
)
def test_two_translations_into_one_language_are_duplicates(first: str, second: str) -> None:
    assert duplicates(ENGLISH, first, second) == [None, None, "duplicate"]


# -- telling languages apart -----------------------------------------------------------------------------------------


def test_the_seeds_are_told_by_their_language() -> None:
    assert [mother_tongue(task.text) for task in SEEDS] == [task.tongue for task in SEEDS]


@settings(deadline=None, max_examples=60)
@given(st.text(max_size=200), st.text(max_size=200), st.sampled_from(TONGUES))
def test_any_two_texts_can_be_compared(text: str, parent: str, tongue: str) -> None:
    for check in CHECKS.values():
        finding = check(Candidate(text, (parent,), "translate", root=parent, tongue=tongue))
        assert (finding.reason is None) == (finding.verdict is Verdict.ACCEPT)
    assert speak_alike(text, parent) == speak_alike(parent, text)


SCRAPS = (
    "word ",
    "in the ",
    "a.",
    "-a",
    "x_1 ",
    "1 ",
    "f(x) ",
    "字",
    "`x`",
    "| a | b |\n",
    "x = f(1)\n",
    "[",
    "'",
    "de la ",
)


@pytest.mark.parametrize("scrap", SCRAPS, ids=ascii)
@pytest.mark.parametrize("tongue", ["Chinese", "Spanish"])
@pytest.mark.parametrize("name", ["lost_input", "language_drift"])
def test_a_long_row_of_anything_comes_back(name: str, tongue: str, scrap: str) -> None:
    row, began = scrap * (2**15 // len(scrap)), process_time()
    for text, parent in ((row, "Sort a list."), ("Sort a list.", row), (f"{row}!", row)):
        CHECKS[name](Candidate(text, (parent,), "translate", root=parent, tongue=tongue))
    assert process_time() - began < 2  # seen: 0.2; a step for every pair of characters takes ten


# -- the teacher's own translations ----------------------------------------------------------------------------------


def test_the_teacher_knows_enough_of_its_tasks() -> None:
    english = [task for task in SEEDS if task.tongue == "English"]
    for name, tongue in SPOKEN.items():
        assert len(tongue.families) >= 12
        assert sum(put(SEEDS, task.text, name) is not None for task in english) > 0.8 * len(english)


@pytest.mark.parametrize("name", SPOKEN)
def test_every_phrase_of_a_rule_is_translated_with_its_holes(name: str) -> None:
    of_prose = {"few_words", "counted", "block_of_its_own", "no_code_again"}  # their tasks are not translated
    assert {rule.name for rule in RULES if not rule.said(name)} == of_prose
    for rule in RULES:
        for phrase, said in zip(rule.phrases, rule.said(name) or rule.phrases, strict=True):
            assert {hole: hole in said for hole in ("{f}", "{k}")} == {hole: hole in phrase for hole in ("{f}", "{k}")}


@pytest.mark.parametrize("name", SPOKEN)
def test_every_translation_passes_the_checks_and_is_read_back(name: str) -> None:
    for task in SEEDS:
        child = put(SEEDS, task.text, name)
        if child is not None:
            assert (reason(child, name, task.text), child) == (None, child)
            read = BOOK.recognise(child)
            assert (read.entry, read.tests, read.tongue) == (task.entry, task.tests, name)


@pytest.mark.parametrize("name", SPOKEN)
def test_the_answer_to_a_translated_task_of_several_files_names_each(name: str) -> None:
    several = [task for task in SEEDS if task.files]
    assert several
    for task in several:
        child = put(SEEDS, task.text, name)
        assert child is not None
        found = brought(BOOK.recognise(child).output)
        assert (found, found.keys()) == (brought(task.output), dict(task.files).keys())


@pytest.mark.parametrize("name", SPOKEN)
def test_every_family_is_read_back_in_every_language(name: str) -> None:
    for number in range(40):
        task = invent("python" if number % 4 else "rust", Random(number), "", "English")
        child = put(SEEDS, task.text, name)
        assert child is not None
        assert (reason(child, name, task.text), BOOK.recognise(child).tests) == (None, task.tests)


@pytest.mark.parametrize("text", ["", "Sort.", f"{SEEDS[0].text} Make it sing.", f"{SEEDS[0].text}\n\nx = 1"])
def test_what_nobody_translated_is_not_said(text: str) -> None:
    assert put(SEEDS, text, "Spanish") is None


def test_a_language_that_the_teacher_does_not_know_is_not_said() -> None:
    assert put(SEEDS, SEEDS[0].text, "Klingon") is None
