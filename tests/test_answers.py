"""Answers as a whole: what declines is a refusal in any language, what says nothing is empty, the rest is neither."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import seeds
from evolve.checks.answers import EmptyContent, Refusal
from evolve.config import EliminatorConfig
from evolve.eliminator import Candidate, Eliminator, first_rejection
from evolve.records import Finding, Seed, Verdict

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
CODE = "```python\ndef total(numbers):\n    return sum(numbers)\n```"
ANY_TEXT = st.text(max_size=300)
UNHURRIED = settings(deadline=None)
MEGABYTE = 1_000_000


def answered(answer: str | None, text: str = TASK) -> Candidate:
    return Candidate(text, (), "seed", answer=answer)


def refusal(answer: str, text: str = TASK) -> Finding:
    return Refusal()(answered(answer, text))


def empty(answer: str | None, text: str = TASK) -> Finding:
    return EmptyContent()(answered(answer, text))


# -- refusal -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        "I'm sorry, but I can't help with that.",
        "I\u2019m sorry, but I can\u2019t help with that.",
        "i am very sorry, this is beyond me",
        "Sorry, no.",
        "**Sorry** - this goes against my guidelines.",
        "I apologize, but this is not something to write code for.",
        "I apologise for the inconvenience.",
        "My apologies, this cannot be done.",
        "Unfortunately, I have no access to that file.",
        "As an AI, I have no opinion on sorting.",
        "As a large language model I do not run code.",
        "I'm just an AI and do not know your schema.",
        "I cannot assist with this request.",
        "I can not do this.",
        "> I am unable to open links.",
        "I won't write malware.",
        "I must decline.",
        "I do not feel comfortable writing this.",
        "I don\u2019t have the table that you mention.",
        "Sorry, here is nothing:\n```\n```",
        "I would rather not write this one.",
        "I'd prefer to leave this alone.",
        "No. I won't do that.",
        "This isn't something I'm willing to do.",
        "I have to pass on this one.",
        "I can't in good conscience provide this code.",
        "It would be irresponsible of me to hand out this code.",
        "This request violates my safety policy, so there will be no code.",
        "That's outside my area of expertise; talk to a specialist.",
        "My programming does not allow me to write keyloggers.",
        "I don't have access to real-time data.",
        "You should ask a professional developer about this.",
        "Please provide the list of numbers so that I can sort it.",
        "Could you share your code first?",
        "I need more information about your table before I can answer.",
        "It looks like you forgot to include the code.",
        "Thank you for reaching out! While I understand your need, I'm not able to provide such a script.",
        "<think>Is that harmful?</think>I can't help with this.",
        "Ich kann dabei leider nicht helfen.",
        "Dafür möchte ich keinen Code schreiben.",
        "Es tut mir leid, das geht nicht.",
        "Je suis désolé, mais je ne peux pas vous aider.",
        "Je préfère ne pas écrire ce programme.",
        "Lo siento, pero no puedo ayudarte con eso.",
        "Como modelo de lenguaje, no tengo acceso a tus archivos.",
        "Desculpe, mas não posso ajudar com isso.",
        "Prefiro não escrever esse código.",
        "Mi dispiace, ma non posso aiutarti.",
        "Preferirei non farlo.",
        "Извините, но я не могу помочь с этим.",
        "Пожалуйста, пришлите код, чтобы я мог его исправить.",
        "抱歉，我无法帮助您完成这个请求。",
        "作为一个人工智能语言模型，我不能执行代码。",
        "请提供更多信息，以便我为您编写代码。",
        "申し訳ありませんが、そのご依頼にはお応えできません。",
        "そのコードの作成はお断りします。",
        "コードを提供していただけますか。",
        "죄송하지만 그 요청은 도와드릴 수 없습니다.",
        "AI로서 코드를 실행할 수 없습니다.",
    ],
    ids=str.split,
)
def test_an_answer_that_declines_is_a_refusal(answer: str) -> None:
    assert refusal(answer).reason == "refusal"


REASONS_WITHOUT_END = "There is the law to think of, and then there are the people whom it protects. " * 12


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"I can't help with this request. {REASONS_WITHOUT_END}", id="a-no-and-pages-of-reasons"),
        pytest.param(
            f"{REASONS_WITHOUT_END}\n\nFor all that I would rather not provide it.", id="reasons-and-then-a-no"
        ),
        pytest.param("I can't write this.\n\n```python\n# nothing to see here\n```", id="a-comment-beside-it"),
        pytest.param("I cannot write that.\n\n```python\nimport os\n```", id="an-import-beside-it"),
        pytest.param('I can\'t do this.\n\n```python\nprint("I cannot do this")\n```', id="code-that-says-it-again"),
        pytest.param(
            "This looks like homework, so I leave the solution to you. A function looks so:\n\n"
            "```python\ndef double(x):\n    return 2 * x\n```",
            id="homework-and-a-toy",
        ),
    ],
)
def test_a_refusal_may_be_long_and_have_a_line_of_code(answer: str) -> None:
    assert refusal(answer).reason == "refusal"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"Sorry for the wait, here it is.\n\n{CODE}", id="sorry-and-then-code"),
        pytest.param(f"Unfortunately there is no faster way.\n\n{CODE}", id="unfortunately-and-then-code"),
        pytest.param(f"I can't provide tests, but here is the function:\n\n{CODE}", id="a-part-declined-the-rest-done"),
        pytest.param("I can't see a shorter way. " + "It walks over the list once more. " * 12, id="a-long-answer"),
        pytest.param("Use `sum`. Sorry, there is no more to it.", id="sorry-in-the-middle"),
        pytest.param("Sorrybot is the name of the class.", id="a-word-that-begins-alike"),
        pytest.param("Sorry-free version: use `sum`.", id="sorry-in-a-compound"),
        pytest.param("I use a heap, which keeps the smallest on top.", id="i-and-a-verb"),
        pytest.param("Ask for the list, then add it up.", id="an-ordinary-answer"),
        pytest.param("As an alternative, use a set.", id="as-an-alternative"),
        pytest.param("As an AI opponent I place my mark in the middle.", id="a-player-of-a-game"),
        pytest.param("I have a table of primes and look it up.", id="i-have"),
        pytest.param('print("Sorry, try again")', id="code-that-prints-sorry"),
        pytest.param(
            "Unfortunately, Python has no switch statement; a dictionary of functions does it.", id="a-way-round"
        ),
        pytest.param("I can't run this here, but traced by hand the loop prints 15.", id="cannot-run-but-answers"),
        pytest.param("It is impossible: by the pigeonhole principle two keys share a slot.", id="impossible"),
        pytest.param(
            "I cannot give a faster comparison sort: the lower bound is n log n, and the proof counts the leaves.",
            id="impossible-in-the-first-person",
        ),
        pytest.param("I can't see a bug in it: the loop ends at the last index.", id="cannot-see-a-bug"),
        pytest.param("We cannot use division, so we multiply products of prefixes.", id="we-cannot-use"),
        pytest.param("I will not use recursion; a loop does it.", id="will-not-use"),
        pytest.param("You should see the developer console for the output, which is 3.", id="see-the-console"),
        pytest.param("Please provide the path as first argument; it then prints 3.", id="please-in-a-manual"),
        pytest.param("No, the list cannot be sorted in place because tuples are immutable.", id="no-as-an-answer"),
        pytest.param("Man kann ein Tupel nicht ändern; nimm eine Liste.", id="german"),
        pytest.param("On ne peut pas modifier un tuple ; prenez une liste.", id="french"),
        pytest.param("No se puede usar recursión; use una pila.", id="spanish"),
        pytest.param("Não se pode dividir por zero; teste antes.", id="portuguese"),
        pytest.param("Non si può dividere per zero.", id="italian"),
        pytest.param("Нельзя менять кортеж, возьмите список.", id="russian"),
        pytest.param("元组不能修改，所以用列表。", id="chinese"),
        pytest.param("再帰は使えないので、スタックを使います。", id="japanese"),
        pytest.param("튜플은 바꿀 수 없으므로 리스트를 씁니다.", id="korean"),
    ],
)
def test_an_answer_that_answers_is_no_refusal(answer: str) -> None:
    assert refusal(answer, "Which way is best, and what comes out?").verdict is Verdict.ACCEPT


SORRY_TASK = "I'm sorry, I can't do this alone: write a bot that answers \"I'm sorry, I cannot help\" to everything."


def test_an_instruction_may_say_sorry() -> None:
    checks = Eliminator(EliminatorConfig(embedder="builtin"), {})
    assert first_rejection(checks.examine([Candidate(SORRY_TASK, (), "seed")])[0]) is None


def test_an_answer_to_an_instruction_that_says_sorry_may_be_short() -> None:
    assert refusal("Print that one sentence.", SORRY_TASK).verdict is Verdict.ACCEPT


def test_what_the_instruction_wants_said_may_be_said() -> None:
    assert refusal("I'm sorry, I cannot help", SORRY_TASK).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("words", "reason"), [pytest.param(70, "refusal", id="short"), pytest.param(90, None, id="long")]
)
def test_an_apology_alone_counts_below_eighty_words(words: int, reason: str | None) -> None:
    assert refusal("Sorry. " + "heap " * words).reason == reason


# -- empty_content -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="nothing"),
        pytest.param(" \n\t ", id="space"),
        pytest.param("\u200b\u200d\ufeff\u00a0\u2060", id="invisible"),
        pytest.param("\u2800\u2800\u3164\u115f", id="blank-letters"),
        pytest.param("... !? --", id="punctuation"),
        pytest.param("…", id="dots"),
        pytest.param("____", id="underscores"),
        pytest.param("{}", id="an-empty-literal-that-nobody-asked-for"),
        pytest.param("\U0001f44d", id="an-emoji"),
        pytest.param("\ufffd\ufffd", id="what-could-not-be-read"),
        pytest.param("It is what it is.", id="filler"),
        pytest.param("And so it is, and that is all there is of it.", id="a-sentence-of-filler"),
        pytest.param("Sure, of course!", id="politeness"),
        pytest.param("Claro, aquí es.", id="spanish-filler"),
        pytest.param("好的，当然！", id="chinese-politeness"),
        pytest.param("```python\n```", id="a-bare-fence"),
        pytest.param("```\r\n```\r\n", id="a-bare-fence-with-carriage-returns"),
        pytest.param("~~~\n\n~~~", id="a-bare-fence-of-tildes"),
        pytest.param("```python\n   \n", id="a-fence-without-end"),
        pytest.param("```\n...\n```", id="a-fence-of-dots"),
        pytest.param("Here it is:\n```\n\n```\n", id="a-fence-with-a-heading"),
        pytest.param("Here is the Python function that you asked for:\n```python\n```", id="announced-and-not-given"),
        pytest.param("Aquí está el código:\n```python\n```", id="announced-in-spanish"),
        pytest.param("以下是代码：\n```python\n```", id="announced-in-chinese"),
        pytest.param("#\n\n##\n\n- \n- \n", id="a-skeleton-without-a-word"),
        pytest.param("| | |\n|---|---|\n| | |", id="an-empty-table"),
        pytest.param("## Solution\n\n## Explanation\n", id="headings-alone"),
        pytest.param("<p></p>&nbsp;<br/>", id="tags-alone"),
    ],
)
def test_an_answer_of_nothing_is_empty_content(answer: str | None) -> None:
    assert empty(answer).reason == "empty_content"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("42", id="a-number"),
        pytest.param("-1", id="a-negative-number"),
        pytest.param("Yes.", id="yes"),
        pytest.param("No", id="no"),
        pytest.param("True", id="true"),
        pytest.param("O(n)", id="a-bound"),
        pytest.param("`x`", id="a-name-in-backticks"),
        pytest.param("`this`", id="a-keyword-in-backticks"),
        pytest.param("SELECT 1;", id="a-statement"),
        pytest.param("[1, 2]", id="a-literal"),
        pytest.param("是", id="chinese-yes"),
        pytest.param("はい", id="japanese-yes"),
        pytest.param("네", id="korean-yes"),
        pytest.param("```\npass\n```", id="one-word-of-code"),
        pytest.param("```\n+\n```", id="code-without-a-word"),
        pytest.param("```\n```\nand the code:\n```\nx = 1\n```", id="one-fence-of-two-is-bare"),
        pytest.param(
            "Nothing has to be written, for the default already does it.\n```\n```", id="prose-and-a-bare-fence"
        ),
        pytest.param("```python\nprint(1)", id="code-without-end"),
        pytest.param("# Heap\n", id="a-heading-that-answers"),
    ],
)
def test_an_answer_of_something_is_not_empty(answer: str) -> None:
    assert empty(answer).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        pytest.param("What does `print(dict())` print?", "{}", id="an-empty-dict"),
        pytest.param("What is the value of `list()`?", "[]", id="an-empty-list"),
        pytest.param("Which operator is the remainder?", "%", id="an-operator"),
        pytest.param("Which operator is the logical and in C?", "`&&`", id="an-operator-in-backticks"),
        pytest.param("Which of the words `if` and `is` compares identity?", "is", id="a-keyword"),
        pytest.param("Which operator subtracts in SQL?", "-", id="a-dash"),
    ],
)
def test_a_mark_may_be_the_answer(text: str, answer: str) -> None:
    assert empty(answer, text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("answer", ["-", "—", "___", "--"])
def test_a_rule_is_no_answer_to_a_task_that_speaks_of_values(answer: str) -> None:
    text = "Elections! winner(ballots) should return the name, or an empty value where two have as many."
    assert empty(answer, text).reason == "empty_content"


# -- both --------------------------------------------------------------------------------------------------------------


def test_no_answer_of_the_bundled_seeds_is_rejected() -> None:
    own = [seed for seed in seeds.read(seeds.bundled()) if isinstance(seed, Seed) and seed.output]
    said = [check(answered(seed.output, seed.text)) for seed in own for check in (Refusal(), EmptyContent())]
    assert [finding.detail for finding in said if finding.verdict is not Verdict.ACCEPT] == []


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_has_a_verdict(answer: str, text: str) -> None:
    verdicts = {refusal(answer, text).verdict, empty(answer, text).verdict}
    assert verdicts <= {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize(
    "tile",
    [
        "`",
        "~",
        "```\n",
        "```\n````\n",
        "x ",
        " ",
        "\t\n",
        "#",
        "i can't ",
        "не ",
        "无法",
        "<think>",
        "\x00",
        "\ud800",
        "\u202e",
        "<!--",
    ],
    ids=ascii,
)
@pytest.mark.parametrize("check", [Refusal(), EmptyContent()], ids=lambda check: str(check.name))
def test_a_megabyte_of_anything_is_decided(check: Refusal | EmptyContent, tile: str) -> None:
    text = (tile * MEGABYTE)[:MEGABYTE]
    assert check(answered(text, text)).verdict in {Verdict.ACCEPT, Verdict.REJECT}
