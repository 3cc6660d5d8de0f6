"""Answers that look alike, and are not: faults, and what is right though it looks like one, check by check."""

from __future__ import annotations

import pytest

from evolve.checks import balance
from evolve.checks.answers import EmptyContent, Refusal
from evolve.checks.placeholders import Placeholder
from evolve.checks.syntax import WrongCode
from evolve.eliminator import Candidate
from evolve.records import Verdict

TASK = "Write a Kotlin class that pools database connections."
CHECKS = {check.name: check for check in (Refusal(), EmptyContent(), Placeholder(), WrongCode())}


def rejected(name: str, answer: str, text: str = TASK) -> bool:
    return CHECKS[name](Candidate(text, (), "seed", answer=answer)).verdict is Verdict.REJECT


def fenced(code: str, language: str) -> str:
    return f"```{language}\n{code}\n```"


@pytest.mark.parametrize(
    "answer",
    [
        "No.",
        "I don't know how to do that.",
        "This chat is not meant for code.",
        "A pool like that is beyond the scope of our chat.",
        "You could look for a tutorial, or for an open source library, in the documentation of your driver.",
        "ERROR: content filtered.",
        "Das geht über meine Fähigkeiten hinaus.",
        "Désolé, cela dépasse mes compétences.",
        "Me temo que esto está fuera de mis posibilidades.",
        "Eu não fui treinado para isso.",
        "Non sono programmato per questo.",
        "Я просто языковая модель.",
        "這個我無法幫您完成。",
        "すみません、私にはわかりません。",
        "그 부탁은 들어드릴 수 없습니다.",
    ],
)
def test_who_gives_nothing_refuses(answer: str) -> None:
    assert rejected("refusal", answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Can a Java interface hold state?", "I'm afraid not: its fields are constants, so all objects share them."),
        ("Kann man ein Tupel ändern?", "Leider nicht: Tupel sind in Python unveränderlich, man baut ein neues."),
        ("문자열을 바꿀 수 있나요?", "아쉽게도 문자열은 변경할 수 없습니다. 새 문자열을 만들어야 합니다."),
        ("Write the reply by which a shop's bot declines a refund.", "I'm sorry, but I can't help with a refund."),
        ("Schreibe eine Absage als Nachricht.", "Wir können Ihnen leider nicht weiterhelfen."),
        ("写一条拒绝退款的回复。", "很抱歉，我们无法为您办理退款。"),
        ("返品を断るメールを書いてください。", "申し訳ございませんが、お受けできません。"),
        ("Mend `if (a = 1)`.", "Sorry to say, that assigns:\n\n```js\nif (a === 1) go();\n```"),
        ("Explain how to learn SQL.", "I would suggest reading a tutorial, and then writing queries each day."),
        (
            "Name a command that counts lines.",
            "`wc -l`, see its manual; you could also consult the documentation of awk.",
        ),
    ],
)
def test_a_no_that_answers_is_no_refusal(text: str, answer: str) -> None:
    assert not rejected("refusal", answer, text)


@pytest.mark.parametrize(
    "answer",
    [
        "<|end|>",
        "<|im_start|>assistant\n<|im_end|>",
        "[/INST] </s>",
        "### Response:\n",
        "<think>A pool has a queue.</think>",
        "Certainly, here you go!",
        "Sure! Here's the class:\n\n```kotlin\n```",
        "Claro que sí, con gusto.",
        "Bien sûr, avec plaisir !",
        "はい、承知しました。",
        "네, 알겠습니다!",
        "当然可以！",
        "* * *",
        "1.\n2.\n",
        "N/A",
    ],
)
def test_what_a_chat_leaves_behind_is_empty(answer: str) -> None:
    assert rejected("empty_content", answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Which slice reverses a string? Only the brackets.", "[::-1]"),
        ("Give only the glob for all files below.", "**/*"),
        ("What does print('=' * 4) print? Only the output.", "===="),
        ("Give the regular expression for any two characters, nothing else.", ".."),
        ("Draw a row of three asterisks.", "***"),
        ("Write only the format specifier for a size_t.", "%zu"),
        ("Name the wildcard pattern of Scala.", "_"),
        ("Which HTML tag breaks a line? Only the tag.", "<br>"),
        ("Write the HTML of a checkbox.", '<input type="checkbox">'),
        ("Nur der Operator für ungleich.", "!="),
        ("只写出运算符：逻辑与", "&&"),
        ("演算子だけ：厳密等価", "==="),
    ],
)
def test_marks_may_be_what_was_asked_for(text: str, answer: str) -> None:
    assert not rejected("empty_content", answer, text)


@pytest.mark.parametrize(
    "answer",
    [
        fenced("fun open(): Connection { ... }\nfun close(): Unit { ... }", "kotlin"),
        fenced("int take() { /* as above */ }", "java"),
        fenced("int take() { /* same as put */ }", "java"),
        fenced("# step one: open\n# step two: close", "python"),
        fenced("class Pool:\n    def take(self):\n        <your code here>", "python"),
        fenced('[\n  {"id": 1},\n  ...\n]', "json"),
        "[Insert your code here]",
        "[在此插入代码]",
        "```python\ndef take(pool):\n    pool.wait()\n    pool.fi",
        f"{fenced('go(open_one(3))', 'python')}\n\nYou will need to write `open_one` for your driver.",
        "The class is too long to show here, but its methods are plain.",
        "完整代码太长，其余部分请您自行实现。",
        "El resto queda como ejercicio.",
    ],
)
def test_work_left_to_others_is_a_placeholder(answer: str) -> None:
    assert rejected("placeholder", answer)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        (
            "Write starter code with TODOs for a course.",
            fenced("def f():\n    # TODO: your code here\n    ...", "python"),
        ),
        (TASK, f"{fenced('go(open_one(3))', 'python')}\n\nYou need to call `go` once; it uses `len` and `sorted`."),
        (TASK, fenced("def open_one(n):\n    return n", "python") + "\n\nYou need to implement `open_one` only once."),
        (TASK, "<answer>\n42\n</answer>"),
        (TASK, fenced("/* Set the padding here, not on the body */\np { margin: 0 }", "css")),
        (TASK, fenced("const all = {...a, ...b};", "js")),
    ],
)
def test_work_that_is_done_is_no_placeholder(text: str, answer: str) -> None:
    assert not rejected("placeholder", answer, text)


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("function f(xs: Array<number): number {\n  return xs.length;\n}", "ts"),
        ("async function f(): Promise<Result<User> {\n  return g();\n}", "ts"),
        ('{"a": [1, 2}', "json"),
        ('{"a": 1 "b": 2}', "json"),
        ("SELECT count(* FROM t;", "sql"),
        ("<?php\nfunction f($a) {\n  if ($a) {\n    return 1;\n}", "php"),
        ("fun f(x: Int) = listOf(1, x.sum()", "kotlin"),
        ("if [ -f x ]; then\n  rm x", "bash"),
        ("for i in 1 2; do\n  echo $i", "sh"),
        ("case $1 in\n  a) go ;;", "bash"),
        ("while read -r l; do\n  if [ $l ]; then\n    go\ndone", "bash"),
    ],
)
def test_what_nothing_closes_is_wrong_code(code: str, language: str) -> None:
    assert rejected("wrong_code", fenced(code, language))


def test_code_without_a_fence_is_read_too() -> None:
    assert rejected("wrong_code", "def f(xs):\n    for x in xs\n        print(x)\n")


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("name: 'x',\nage: 3,", "js"),
        ("case 'a':\n  return 1;", "ts"),
        ("case 'a':\n    go();\n    break;", "java"),
        ("case 3:\n    x++;\n    break;", "c"),
        ("Some(x) => x + 1,\nNone => 0,", "rust"),
        ('case "a":\n\treturn 1', "go"),
        ("host='x', port=3,", "python"),
        ("'a': 1,\n'b': 2,", "python"),
        ("case Point(x=0):\n    go()", "python"),
        ("type A<T extends { id: string } = { id: string }> = Array<T[keyof T]>;", "ts"),
        ("const ok = a < b && c > d;", "ts"),
        ('"scripts": {\n  "build": "tsc"\n}', "json"),
        ('{"a": 1}\n{"a": 2}', "json"),
        ('{\n  // note\n  "a": 1,\n}', "json"),
        ("AND x = 'it''s ('", "sql"),
        ("<p>It's (</p>\n<?= $x ?>", "php"),
        ('var s = $"{(a ? "(" : ")")}";', "csharp"),
    ],
)
def test_a_part_of_a_program_is_no_wrong_code(code: str, language: str) -> None:
    assert not rejected("wrong_code", fenced(code, language))


@pytest.mark.parametrize(
    "code",
    [
        'for f in *; do if [ -s "$f" ]; then echo "$f done"; fi; done',
        "case $1 in\n  do) echo if ;;\n  *) echo 'esac' ;;\nesac",
        "cat <<EOF\nif you do\nEOF\ngo",
        "go # if you do\ndd if=/dev/zero of=x",
        "x=$(for i in 1 2; do echo $i; done)",
        "$ if true; then",
        "if a; then\n  ...",
        "else\n  go\nfi",
    ],
)
def test_a_shell_that_closes_its_words_is_whole(code: str) -> None:
    assert not balance.fault("bash", code)


@pytest.mark.parametrize("tile", ["if ", "case x in ", "<<A\n", "'", '"', "$((", "{", "[", "((", "`", '{"a":', "Aa<"])
@pytest.mark.parametrize("name", sorted(balance.LANGUAGES))
def test_a_long_text_is_decided(name: str, tile: str) -> None:
    balance.fault(name, tile * (balance.LONGEST // len(tile)))
