"""The answer check: an instruction with its own solution is caught, one with code to work on is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.solutions import AnswerLeak
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

UNHURRIED = settings(deadline=None)
HOSTILE_BYTES = 1_000_000
TASK = "Write a function that adds up a list."
PARENT = "Say how many numbers there are."
RIGHT = "def total(xs):\n    out = 0\n    for x in xs:\n        out += x\n    return out"
WRONG = RIGHT.replace("+=", "=")
STUB = "def total(xs):\n    # your code here\n    pass"


def fenced(code: str, language: str = "python") -> str:
    return f"```{language}\n{code}\n```"


def check(text: str, *parents: str, operator: str = "add_constraint") -> Finding:
    return AnswerLeak()(Candidate(text, parents or (PARENT,), operator))


CUES = [
    "**Solution**", "## Solution", "Solution:", "Answer:", "**Answer:**", "### Reference Solution",
    "Sample solution:", "Model answer", "Here is the implementation:", "Here is one possible solution:",
    "Here's the complete solution in Python:", "It can be done like this:", "This can be solved as follows:",
    "One way to solve this is:", "You can implement it like this:", "The solution is as follows:",
    "A possible implementation could look like this:", "The following code solves the problem:", "**Solución:**",
    "Aquí está la solución:", "La solución es:", "Respuesta:", "Se puede hacer así:", "Solução:",
    "Aqui está a solução:", "Resposta:", "Voici la solution :", "Réponse :", "Cela peut se faire comme suit :",
    "Lösung:", "**Musterlösung**", "Hier ist die Lösung:", "Man kann es so lösen:", "Soluzione:",
    "Ecco la soluzione:", "Risposta:", "Si può fare così:", "Решение:", "Вот решение:", "Ответ:",
    "Можно сделать так:", "解答：", "答案：", "参考答案：", "以下是解决方案：", "可以这样实现：", "解答例：",
    "模範解答：", "以下が解答です：", "次のように実装できます：", "정답:", "해답:", "풀이:",
    "다음과 같이 구현할 수 있습니다:",
]  # fmt: skip
CORRECTIONS = [
    "The correct code is:", "Corrected version:", "# Corrected Code #", "Here is the corrected code:",
    "With that fixed:", "The fixed function is as follows:", "After the fix:", "Código corregido:",
    "Código corrigido:", "Code corrigé :", "Korrigierte Version:", "Der korrigierte Code:", "Codice corretto:",
    "Исправленный код:", "正确的代码：", "修正后的代码：", "正しいコード：", "修正後のコード：", "올바른 코드:",
    "수정된 코드:",
]  # fmt: skip


@pytest.mark.parametrize("cue", [*CUES, *CORRECTIONS])
def test_a_solution_behind_a_cue_is_a_leak(cue: str) -> None:
    assert check(f"{TASK}\n\n{cue}\n\n{fenced(RIGHT)}").reason == "answer_leak"


@pytest.mark.parametrize("cue", [*CUES, *CORRECTIONS])
def test_it_need_not_be_fenced(cue: str) -> None:
    assert check(f"{TASK}\n\n{cue}\n{RIGHT}").reason == "answer_leak"


@pytest.mark.parametrize("cue", [*CUES, *CORRECTIONS])
def test_a_cue_with_nothing_behind_it_is_none(cue: str) -> None:
    assert check(f"{TASK}\n\n{cue}").verdict is Verdict.ACCEPT


@pytest.mark.parametrize("cue", [*CUES, *CORRECTIONS])
def test_a_stub_is_no_solution(cue: str) -> None:
    assert check(f"{TASK}\n\n{cue}\n\n{fenced(STUB)}").verdict is Verdict.ACCEPT


@pytest.mark.parametrize("cue", [*CUES, *CORRECTIONS])
def test_the_parents_own_code_is_no_solution(cue: str) -> None:
    assert (
        check(f"Make it lazy.\n\n{cue}\n\n{fenced(RIGHT)}", f"Speed it up: {fenced(RIGHT)}").verdict is Verdict.ACCEPT
    )


@pytest.mark.parametrize("cue", CORRECTIONS)
def test_misleading_code_with_its_correction_is_a_leak(cue: str) -> None:
    text = f"{TASK} A faulty attempt:\n\n{fenced(WRONG)}\n\n{cue}\n\n{fenced(RIGHT)}"
    assert check(text, operator="misleading_code").reason == "answer_leak"


@pytest.mark.parametrize("cue", CUES)
def test_misleading_code_may_be_called_a_solution(cue: str) -> None:
    assert check(f"{TASK}\n\n{cue}\n\n{fenced(WRONG)}", operator="misleading_code").verdict is Verdict.ACCEPT


def test_a_correction_that_mends_one_line_of_the_parents_code_is_a_leak() -> None:
    text = f"Fix this.\n\n{fenced(WRONG)}\n\nCorrected version:\n\n{fenced(RIGHT)}"
    assert check(text, f"Mend this.\n\n{fenced(WRONG)}").reason == "answer_leak"


def test_a_second_piece_under_the_same_name_is_the_correction() -> None:
    text = f"{TASK} A faulty attempt:\n\n{fenced(WRONG)}\n\nAnd now so:\n\n{fenced(RIGHT)}"
    assert check(text, operator="misleading_code").detail == "shows total twice, wrong and right"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            f"Write a function `total(xs)` that adds up.\n\n{fenced(RIGHT)}", id="under-the-name-that-is-asked-for"
        ),
        pytest.param(
            "Write a query for the largest id. This does the job: SELECT * FROM t WHERE id = (SELECT MAX(id) FROM t).",
            id="worked-into-a-sentence",
        ),
        pytest.param(
            "Group words. First use `const key = w => sort(w)`, then `for (const w of ws) add(key(w), w);`, "
            "and finally `return [...m.values()];`.",
            id="in-single-statements",
        ),
        pytest.param(
            "Name the value of `3 // 2` in Python.\n\nAnswer: it is 1, since floor division rounds down.",
            id="an-answer-in-words",
        ),
        pytest.param(
            f"Explain this code.\n\n{fenced(RIGHT)}\n\nExplanation:\nThe function begins with zero, walks over the "
            "list, adds each number to what it has so far and returns the sum.",
            id="an-explanation-of-what-is-to-be-explained",
        ),
        pytest.param(
            f"{TASK}\n\n## Solution\n1. Begin with zero.\n2. Walk over the list and add.\n3. Return what came of it.",
            id="a-solution-in-steps",
        ),
    ],
)
def test_a_solution_without_a_cue_for_code_is_a_leak(text: str) -> None:
    assert check(text).reason == "answer_leak"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Fix the bug in this function:\n\n{fenced(WRONG)}", id="to-fix"),
        pytest.param(f"Correct the following code:\n\n{fenced(WRONG)}", id="to-correct"),
        pytest.param(f"Fix:\n\n{fenced(WRONG)}", id="to-fix-in-a-word"),
        pytest.param(f"Refactor the implementation below:\n\n{fenced(RIGHT)}", id="to-refactor"),
        pytest.param(f"Translate to Rust:\n\n{fenced(RIGHT)}", id="to-translate"),
        pytest.param(f"Explain what this code does:\n\n{fenced(RIGHT)}", id="to-explain"),
        pytest.param(f"Write pytest tests for `total`:\n\n{fenced(RIGHT)}", id="to-test"),
        pytest.param(f"Optimise the working code:\n\n{fenced(RIGHT)}", id="to-optimise"),
        pytest.param(f"Here is the implementation of our adder. Make it faster:\n\n{fenced(RIGHT)}", id="ours"),
        pytest.param(f"Here is the current implementation:\n\n{fenced(RIGHT)}\n\nMake it lazy.", id="the-current-one"),
        pytest.param(f"Here is my implementation:\n\n{fenced(RIGHT)}\n\nIt is slow. Speed it up.", id="my-own"),
        pytest.param(f"Here is the working version:\n\n{fenced(RIGHT)}\n\nPort it to Go.", id="to-port"),
        pytest.param(f"{TASK} A colleague's solution is wrong:\n\n{fenced(WRONG)}", id="a-colleagues"),
        pytest.param(f"{TASK} Incorrect solution:\n\n{fenced(WRONG)}", id="an-incorrect-one"),
        pytest.param(f"{TASK} Here is a possible solution:\n\n{fenced(WRONG)}\n\nIt contains a bug.", id="with-a-bug"),
        pytest.param(f"{TASK} Start from this skeleton:\n\n{fenced(STUB)}", id="a-skeleton"),
        pytest.param(f"Complete the solution:\n\n{fenced(STUB)}", id="to-complete"),
        pytest.param(f"{TASK} Use this signature:\n\n{fenced('def total(xs: list[int]) -> int:')}", id="a-signature"),
        pytest.param(
            "LeetCode style:\n\nclass Solution:\n    def total(self, xs):\n        pass", id="a-class-of-that-name"
        ),
        pytest.param(
            f"Implement this:\n\n{fenced('interface Adder {{ int total(int[] xs); }}', 'java')}", id="an-interface"
        ),
        pytest.param(
            f"{TASK} Your solution should:\n- be linear\n- handle empty lists and never change its argument",
            id="should",
        ),
        pytest.param(
            f"{TASK}\n\n## Solution requirements\n- linear time\n- no imports\n- raises on None values",
            id="requirements",
        ),
        pytest.param(f"{TASK}\n\nThe solution must:\n1. run in linear time\n2. handle empty lists quietly", id="must"),
        pytest.param(f"{TASK}\n\nAnswer format: one integer on a line of its own, without any spaces", id="a-format"),
        pytest.param(f"{TASK}\n\nExample usage:\n\n{fenced('print(total([1, 2]))')}", id="usage"),
        pytest.param(f"{TASK}\n\nExpected output:\n\n{fenced('3', '')}", id="output"),
        pytest.param(
            f"{TASK}\n\nExample:\nInput: [1, 2]\nOutput: 3\nExplanation: one and two are added up, which gives three, "
            "and no other number is in the list.",
            id="an-explained-example",
        ),
        pytest.param(
            f"{TASK}\n\nExample\nQuestion: what is 1 + 1?\nAnswer: the sum of both is two", id="a-pair-of-data"
        ),
        pytest.param(
            f"Solution A:\n\n{fenced(RIGHT)}\n\nSolution B:\n\n{fenced(WRONG)}\n\nWhich is right?", id="to-compare"
        ),
        pytest.param(f"Is this the right solution?\n\n{fenced(RIGHT)}", id="to-judge"),
        pytest.param(
            f"Write a function `total` ten times as quick as the one below.\n\n{fenced(RIGHT)}", id="to-outdo"
        ),
        pytest.param(f"Write a function `mean` that uses `total`:\n\n{fenced(RIGHT)}", id="a-helper"),
        pytest.param(
            f"Write a decorator `timed` for functions such as:\n\n{fenced(RIGHT)}", id="something-to-decorate"
        ),
        pytest.param(
            f"Write a function `total` that behaves like this in Go:\n\n{fenced(RIGHT)}", id="the-same-elsewhere"
        ),
        pytest.param(
            "What do `return x`, `x = 1` and `for (;;)` mean in C? One is wrong in Go.", id="statements-to-explain"
        ),
        pytest.param(
            "A chemistry app: mix each solution, and store it. Solution: what the user enters.", id="chemistry"
        ),
        pytest.param(f"Tu solución debe cumplir:\n- tiempo lineal\n\n{fenced(STUB)}", id="spanish-must"),
        pytest.param(
            "Die Lösung muss:\n- linear sein\n- leere Listen verarbeiten\n- ohne Importe auskommen", id="german-must"
        ),
        pytest.param(f"修复以下代码：\n\n{fenced(WRONG)}", id="chinese-fix"),
        pytest.param("解答要求：\n- 线性时间\n- 常数内存", id="chinese-requirements"),
        pytest.param(f"次のコードを修正してください：\n\n{fenced(WRONG)}", id="japanese-fix"),
        pytest.param(f"다음 코드를 수정하세요:\n\n{fenced(WRONG)}", id="korean-fix"),
        pytest.param(f"Исправьте код:\n\n{fenced(WRONG)}", id="russian-fix"),
        pytest.param(f"Behebe den Fehler:\n\n{fenced(WRONG)}", id="german-fix"),
        pytest.param("", id="nothing"),
    ],
)
@pytest.mark.parametrize("operator", ["add_constraint", "misleading_code"])
def test_code_to_work_on_is_no_leak(text: str, operator: str) -> None:
    assert check(text, operator=operator).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "words",
    [
        "Two attempts, both faulty:",
        "Which of the two versions is faster?",
        "Each of these functions is wrong in another way.",
        "Compare them, and say what either does to an empty list.",
    ],
)
def test_two_pieces_that_are_spoken_of_are_no_leak(words: str) -> None:
    text = f"{TASK} {words}\n\n{fenced(WRONG)}\n\n{fenced(RIGHT)}"
    assert check(text, operator="misleading_code").verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "words",
    ["Use two spaces between each pair of columns.", "Lay it out in two files, please.", "Say which value was wrong."],
)
def test_other_twos_excuse_no_second_piece(words: str) -> None:
    text = f"{TASK} {words} The code below is wrong.\n\n{fenced(WRONG)}\n\n{fenced(RIGHT)}"
    assert check(text, operator="misleading_code").reason == "answer_leak"


def test_the_answer_is_not_looked_at() -> None:
    assert AnswerLeak()(Candidate(TASK, (PARENT,), "deepen", answer=f"Solution:\n{RIGHT}")).verdict is Verdict.ACCEPT


@UNHURRIED
@given(st.text(), st.text())
def test_it_never_raises(text: str, parent: str) -> None:
    assert check(text, parent).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize(
    "tile",
    ["#", " ", "\n", "\x00", "\ud800", "`", "```\n", "Solution:\n", "Solution: x\n", "Here is the ", "можно ", "答案",
     "a = b\n", "- ", "`a = b`", "does it:", "def f(x):\n", "write a `", "int ", "Explanation:\n",
     "Corrected code:\n```\n1\n```\n"],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("head", ["", "Explain. Solution:\n", "```\n"], ids=repr)
def test_a_hostile_text_costs_little(head: str, tile: str) -> None:
    text = (head + tile * HOSTILE_BYTES)[:HOSTILE_BYTES]
    assert check(text).verdict in {Verdict.ACCEPT, Verdict.REJECT}
