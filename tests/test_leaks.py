"""The leak check: what talks about the rewriting is caught, whatever the templates; what talks of its task is not."""

from ast import literal_eval
from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import seeds
from evolve.config import MethodConfig
from evolve.eliminator import Candidate
from evolve.eliminator.leaks import PromptLeak
from evolve.method.operators import load_operators
from evolve.records import Finding, Seed, Verdict
from evolve.text import words

BUNDLED: Mapping[str, str] = {
    operator.name: operator.template
    for name in ("wizardcoder", "wizardlm")
    for operator in load_operators(MethodConfig(operators=name))
}
CUSTOM = {"twist": "Twist the riddle below until even seven wizards scratch their heads.\n$instruction\nGo on!"}
PARENT = "Write a function that merges two sorted lists of integers."
HOSTILE_BYTES = 1_000_000
UNHURRIED = settings(deadline=None)

TASK = "write a parser for dates such as 3 May."
LEAKS = [
    pytest.param(f"Sure! Here is a trickier one: {TASK}", id="sure"),
    pytest.param(f"Certainly, {TASK}", id="certainly"),
    pytest.param(f"Okay. {TASK}", id="okay"),
    pytest.param(f"**Of course!** {TASK}", id="of-course-in-bold"),
    pytest.param(f"Here is a more demanding version: {TASK}", id="here-is-a-version"),
    pytest.param(f"Here's the rewritten question.\n\n{TASK}", id="here-s"),
    pytest.param(f"Here\u2019s your updated exercise:\n\n{TASK}", id="here-s-with-a-curly-apostrophe"),
    pytest.param(f"Modified task: {TASK}", id="a-label"),
    pytest.param(f"### More demanding problem:\n{TASK}", id="a-label-as-a-heading"),
    pytest.param(f"#Rewritten Task#\n{TASK}", id="rewritten-task"),
    pytest.param(f"# given prompt\n{TASK}", id="given-prompt"),
    pytest.param(f"#Created_Prompt#: {TASK}", id="created-prompt"),
    pytest.param(f"{TASK}\n</instruction>", id="a-closing-tag"),
    pytest.param(f"<think>harder?</think> {TASK}", id="thinking"),
    pytest.param("Rewrite the given task so that it also handles months.", id="rewrite"),
    pytest.param("Evolve this question with two further constraints.", id="evolve"),
    pytest.param("Make the prompt harder by asking for speed.", id="make-the-prompt"),
    pytest.param("Increase the difficulty by asking for a proof.", id="increase-the-difficulty"),
    pytest.param("Raise the overall complexity of the sorting.", id="raise-the-complexity"),
    pytest.param("As in the original question, sort the names.", id="the-original-question"),
    pytest.param("Extend the previous exercise to handle ties.", id="the-previous-exercise"),
    pytest.param("Answer the given programming question in Rust.", id="the-given-programming-question"),
    pytest.param("Sort the names. In the modified version, ties keep their order.", id="the-modified-version"),
    pytest.param("Sort names, and add one more constraint to the problem: no loops.", id="a-constraint-to-the-problem"),
    pytest.param("Sort names without loops, to increase the difficulty.", id="to-increase-the-difficulty"),
    pytest.param("Sort names. This wrong snippet would increase misdirection.", id="misdirection"),
    pytest.param("#Sorting With Higher Difficulty#\nSort names.", id="a-heading-that-says-so"),
    pytest.param(
        "Sure! Here's a more challenging version of the problem:\n\nWrite a parser for dates such as 3 May.",
        id="sure-here-s-a-more-challenging",
    ),
    pytest.param("Certainly. Write a parser.", id="certainly-write-a-parser"),
    pytest.param(
        "Of course, here is the evolved instruction:\nWrite a parser for dates such as 3 May",
        id="of-course-here-is-the-evolved",
    ),
    pytest.param(
        "Absolutely! Below is the rewritten task.\n\nWrite a parser for dates such as 3 May",
        id="absolutely-below-is-the-rewritten-task",
    ),
    pytest.param(
        "Great! Let's make this harder:\n\nWrite a parser for dates such as 3 May",
        id="great-let-s-make-this-harder",
    ),
    pytest.param(
        "Here is a version that asks a little more of the programmer:\n\nWrite a parser for dates such as 3 May",
        id="here-is-a-version-that-asks",
    ),
    pytest.param(
        "Below is the task, made more demanding:\nWrite a parser for dates such as 3 May",
        id="below-is-the-task-made-more",
    ),
    pytest.param(
        "A more challenging version of this task would be:\n\nWrite a parser for dates such as 3 May",
        id="a-more-challenging-version-of-this",
    ),
    pytest.param(
        "I've rewritten the prompt to include a new constraint:\n\nWrite a parser for dates such as 3 May",
        id="i-ve-rewritten-the-prompt-to",
    ),
    pytest.param(
        "The given prompt, made harder:\n\nWrite a parser for dates such as 3 May",
        id="the-given-prompt-made-harder-write",
    ),
    pytest.param("**Rewritten Prompt:**\nWrite a parser for dates such as 3 May", id="rewritten-prompt-write-x"),
    pytest.param("### Evolved Instruction\nWrite a parser for dates such as 3 May", id="evolved-instruction-write-x"),
    pytest.param(
        "#Given Prompt#:\nWrite a parser for dates such as 3 May\n#Rewritten Prompt#:\nWrite a parser for times",
        id="given-prompt-write-x-rewritten-prompt",
    ),
    pytest.param("Harder version:\nWrite a parser for dates such as 3 May", id="harder-version-write-x"),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\nI added a constraint on memory so "
        "that a naive scan no longer works.",
        id="write-x-in-linear-time-i",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\n*This version is harder than the "
        "original because it requires a heap.*",
        id="write-x-in-linear-time-this",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\nChanges made:\n- added a memory bound",
        id="write-x-in-linear-time-changes",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\nLet me know if you would like me to "
        "adjust the difficulty.",
        id="write-x-in-linear-time-let",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\nWould you like another variation?",
        id="write-x-in-linear-time-would",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May in linear time.\n\nI hope this meets your requirements!",
        id="write-x-in-linear-time-i-2",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. Compared to the original task, this one requires a heap.",
        id="write-x-compared-to-the-original",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. The added constraint makes the problem more challenging.",
        id="write-x-the-added-constraint-makes",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. This makes the task more difficult because recursion is banned.",
        id="write-x-this-makes-the-task",
    ),
    pytest.param(
        "Increase the difficulty of the following question by asking for O(n).",
        id="increase-the-difficulty-of-the-following",
    ),
    pytest.param("Evolve the question by adding a requirement about unicode.", id="evolve-the-question-by-adding-a"),
    pytest.param(
        "Rewrite the following prompt so that it is harder: Write a parser for dates such as 3 May",
        id="rewrite-the-following-prompt-so-that",
    ),
    pytest.param("Add one more constraint to the prompt: no loops.", id="add-one-more-constraint-to-the"),
    pytest.param(
        "Make this problem harder by requiring constant memory.",
        id="make-this-problem-harder-by-requiring",
    ),
    pytest.param(
        "Please rewrite the given programming task with a rarer requirement.",
        id="please-rewrite-the-given-programming-task",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. The incorrect code below is provided as a reference to "
        "increase misdirection.",
        id="write-x-the-incorrect-code-below",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. Note: the original question only asked for lists.",
        id="write-x-note-the-original-question",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. In this modified version, tuples must work too.",
        id="write-x-in-this-modified-version",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. Unlike the original problem, duplicates are allowed.",
        id="write-x-unlike-the-original-problem",
    ),
    pytest.param("当然可以！以下是更难的版本：\n\n写一个函数", id="当然可以-以下是更难的版本-写一个函数"),
    pytest.param("好的，这是改写后的题目：\n写一个函数", id="好的-这是改写后的题目-写一个函数"),
    pytest.param("改写后的题目：\n写一个函数", id="改写后的题目-写一个函数"),
    pytest.param(
        "写一个函数，返回列表的中位数。\n\n如果你需要进一步调整难度，请随时告诉我。",
        id="写一个函数-返回列表的中位数-如果你需要进一步调整难度-请随时告诉我",
    ),
    pytest.param("写一个函数。与原题相比，增加了内存限制。", id="写一个函数-与原题相比-增加了内存限制"),
    pytest.param("请将以下编程题目改写得更难：写一个函数", id="请将以下编程题目改写得更难-写一个函数"),
    pytest.param(
        "もちろんです！以下はより難しいバージョンの問題です：\n\n関数を書いてください。",
        id="もちろんです-以下はより難しいバージョンの問題です-関数を書いてください",
    ),
    pytest.param("承知しました。関数を書いてください。", id="承知しました-関数を書いてください"),
    pytest.param("書き直した問題：\n関数を書いてください。", id="書き直した問題-関数を書いてください"),
    pytest.param(
        "関数を書いてください。元の問題と比べて、メモリ制限を追加しました。",
        id="関数を書いてください-元の問題と比べて-メモリ制限を追加しました",
    ),
    pytest.param(
        "関数を書いてください。\n\nさらに調整が必要であればお知らせください。",
        id="関数を書いてください-さらに調整が必要であればお知らせください",
    ),
    pytest.param(
        "¡Claro! Aquí tienes una versión más difícil:\n\nEscribe una función",
        id="claro-aquí-tienes-una-versión-más",
    ),
    pytest.param(
        "Por supuesto, aquí está la tarea reescrita:\nEscribe una función",
        id="por-supuesto-aquí-está-la-tarea",
    ),
    pytest.param(
        "Escribe una función que ordene listas. A diferencia de la tarea original, debe ser estable.",
        id="escribe-una-función-que-ordene-listas",
    ),
    pytest.param(
        "Escribe una función que ordene listas.\n\nAvísame si quieres que la haga más difícil.",
        id="escribe-una-función-que-ordene-listas-2",
    ),
    pytest.param("**Versión reescrita:**\nEscribe una función", id="versión-reescrita-escribe-una-función"),
    pytest.param(
        "Gerne! Hier ist die überarbeitete Aufgabe:\n\nSchreibe eine Funktion",
        id="gerne-hier-ist-die-überarbeitete-aufgabe",
    ),
    pytest.param(
        "Hier ist eine schwierigere Version der Aufgabe:\n\nSchreibe eine Funktion",
        id="hier-ist-eine-schwierigere-version-der",
    ),
    pytest.param(
        "Schreibe eine Funktion, die Listen sortiert und mit Duplikaten umgeht. Im Gegensatz zur "
        "ursprünglichen Aufgabe muss sie stabil sein.",
        id="schreibe-eine-funktion-die-listen-sortiert",
    ),
    pytest.param(
        "Schreibe eine Funktion, die eine Liste sortiert.\n\nLass mich wissen, ob die Aufgabe noch schwerer sein soll.",
        id="schreibe-eine-funktion-die-eine-liste",
    ),
    pytest.param("Überarbeitete Aufgabe:\nSchreibe eine Funktion", id="überarbeitete-aufgabe-schreibe-eine-funktion"),
    pytest.param(
        "Bien sûr ! Voici une version plus difficile :\n\nÉcris une fonction",
        id="bien-sûr-voici-une-version-plus",
    ),
    pytest.param("Voici la tâche réécrite :\nÉcris une fonction", id="voici-la-tâche-réécrite-écris-une"),
    pytest.param(
        "Écris une fonction qui trie les listes avec des doublons. Par rapport à la question d'origine, "
        "elle doit être stable.",
        id="écris-une-fonction-qui-trie-les",
    ),
    pytest.param(
        "Écris une fonction qui trie les listes.\n\nN'hésitez pas à me demander une version plus simple.",
        id="écris-une-fonction-qui-trie-les-2",
    ),
    pytest.param(
        "Claro! Aqui está a versão mais difícil da tarefa:\n\nEscreva uma função",
        id="claro-aqui-está-a-versão-mais",
    ),
    pytest.param(
        "Escreva uma função que ordene uma lista. Em relação ao problema original, a memória é limitada.",
        id="escreva-uma-função-que-ordene-uma",
    ),
    pytest.param("Tarefa reescrita:\nEscreva uma função", id="tarefa-reescrita-escreva-uma-função"),
    pytest.param(
        "Конечно! Вот более сложная версия задачи:\n\nНапишите функцию",
        id="конечно-вот-более-сложная-версия-задачи",
    ),
    pytest.param("Переписанное задание:\nНапишите функцию", id="переписанное-задание-напишите-функцию"),
    pytest.param(
        "Напишите функцию. По сравнению с исходной задачей добавлено ограничение по памяти.",
        id="напишите-функцию-по-сравнению-с-исходной",
    ),
    pytest.param(
        "Напишите функцию сортировки.\n\nДайте знать, если нужно ещё усложнить.",
        id="напишите-функцию-сортировки-дайте-знать-если",
    ),
    pytest.param(
        "물론입니다! 다음은 더 어려운 버전의 문제입니다:\n\n함수를 작성하세요.",
        id="물론입니다-다음은-더-어려운-버전의-문제입니다",
    ),
    pytest.param("수정된 문제:\n함수를 작성하세요.", id="수정된-문제-함수를-작성하세요"),
    pytest.param(
        "함수를 작성하세요. 원래 문제와 달리 메모리 제한이 있습니다.", id="함수를-작성하세요-원래-문제와-달리-메모리"
    ),
    pytest.param(
        "함수를 작성하세요.\n\n더 어려운 버전을 원하시면 말씀해 주세요.",
        id="함수를-작성하세요-더-어려운-버전을-원하시면",
    ),
    pytest.param(
        "Certo! Ecco una versione più difficile:\n\nScrivi una funzione",
        id="certo-ecco-una-versione-più-difficile",
    ),
    pytest.param("Ecco il compito riscritto:\nScrivi una funzione", id="ecco-il-compito-riscritto-scrivi-una"),
    pytest.param(
        "Scrivi una funzione che ordina una lista di numeri. Rispetto al problema originale, la memoria è limitata.",
        id="scrivi-una-funzione-che-ordina-una",
    ),
    pytest.param(
        "Scrivi una funzione che ordina.\n\nFammi sapere se vuoi che la renda più difficile.",
        id="scrivi-una-funzione-che-ordina-fammi",
    ),
    pytest.param(
        "Escribe una función para aumentar la dificultad de la tarea original.",
        id="escribe-una-función-para-aumentar-la",
    ),
    pytest.param("Here you go:\n\n> Write a parser for dates such as 3 May", id="here-you-go-write-x"),
    pytest.param(
        "Understood. The new task is as follows:\n\nWrite a parser for dates such as 3 May",
        id="understood-the-new-task-is-as",
    ),
    pytest.param(
        "As requested, here's a deeper take on the exercise:\n\nWrite a parser for dates such as 3 May",
        id="as-requested-here-s-a-deeper",
    ),
    pytest.param(
        "This is a rewritten version of the prompt:\n\nWrite a parser for dates such as 3 May",
        id="this-is-a-rewritten-version-of",
    ),
    pytest.param(
        "Okay, let's increase the reasoning steps. Write a parser for dates such as 3 May",
        id="okay-let-s-increase-the-reasoning",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May.\n\n(Note: I replaced the common sort requirement with a rarer one.)",
        id="write-x-note-i-replaced-the",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May.\n\n---\n**Why this is harder:** it needs two passes.",
        id="write-x-why-this-is-harder",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May.\n\nExplanation of changes: the sort must be stable.",
        id="write-x-explanation-of-changes-the",
    ),
    pytest.param("New prompt: Write a parser for dates such as 3 May", id="new-prompt-write-x"),
    pytest.param("# New Prompt\nWrite a parser for dates such as 3 May", id="new-prompt-write-x-2"),
    pytest.param(
        "<think>Let me think</think>Write a parser for dates such as 3 May",
        id="think-let-me-think-think-write",
    ),
    pytest.param("[Rewritten Prompt]\nWrite a parser for dates such as 3 May", id="rewritten-prompt-write-x-2"),
    pytest.param("Task (rewritten): Write a parser for dates such as 3 May", id="task-rewritten-write-x"),
    pytest.param(
        "Final rewritten instruction: Write a parser for dates such as 3 May",
        id="final-rewritten-instruction-write-x",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May. The question has been made harder by forbidding recursion.",
        id="write-x-the-question-has-been",
    ),
    pytest.param(
        "To make it harder, the original prompt now asks for streaming: write a parser for dates such as 3 May",
        id="to-make-it-harder-the-original",
    ),
    pytest.param(
        "Here's one way to make it more complex: write a parser for dates such as 3 May that also logs.",
        id="here-s-one-way-to-make",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May.\n\nThis task is more challenging than the original "
        "because it forbids recursion.",
        id="write-x-this-task-is-more",
    ),
    pytest.param(
        "Write a parser for dates such as 3 May.\n\nBy adding the requirement of constant memory, the "
        "problem becomes more challenging.",
        id="write-x-by-adding-the-requirement",
    ),
    pytest.param(
        "The above prompt could be extended as follows: write a parser for dates such as 3 May.",
        id="the-above-prompt-could-be-extended",
    ),
]


def check(text: str, *parents: str, templates: Mapping[str, str] = BUNDLED) -> Finding:
    return PromptLeak(templates)(Candidate(text, parents, "add_constraint"))


@pytest.mark.parametrize("text", LEAKS)
def test_talk_of_the_rewriting_is_a_leak(text: str) -> None:
    assert check(text, PARENT).reason == "prompt_leak"


@pytest.mark.parametrize("text", LEAKS)
def test_it_needs_no_templates(text: str) -> None:
    assert check(text, PARENT, templates={}).reason == "prompt_leak"


@pytest.mark.parametrize("text", LEAKS)
def test_what_the_parent_says_already_is_no_leak(text: str) -> None:
    assert check(f"{text} Explain the running time.", text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", LEAKS)
def test_what_the_second_parent_says_already_is_no_leak(text: str) -> None:
    assert check(f"{text} Explain the running time.", PARENT, text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Sure! Here is the rewritten task: {TASK}", id="a-frame"),
        pytest.param(f"#Rewritten Prompt#\n{TASK}", id="a-marker"),
        pytest.param("Evolve the question with a further constraint.", id="an-order"),
        pytest.param(f"{TASK}\n\nLet me know if you would like another one.", id="an-offer"),
    ],
)
def test_a_leaked_parent_does_not_launder_its_child(text: str) -> None:
    leak = PromptLeak(BUNDLED)
    assert leak(Candidate(text, (text,), "deepen", root=PARENT)).reason == "prompt_leak"
    assert leak(Candidate(text, (text,), "deepen", root=text)).verdict is Verdict.ACCEPT


def test_a_leaked_parent_excuses_its_own_words_only() -> None:
    parent = f"In the rewritten task, {TASK}"
    assert check(f"{parent} As in the original question, no loops.", parent).reason == "prompt_leak"


def test_the_same_words_elsewhere_do_not_excuse_a_frame() -> None:
    assert check(f"Sure! {TASK}", "Count turns: Hello. Sure! Bye.").reason == "prompt_leak"


def test_what_a_domain_owns_may_be_inherited() -> None:
    parent = "Write a quiz in which a user answers one question after the other."
    assert check("Write a quiz that goes back to the previous question.", parent).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("fence", ["```\n{}\n```", "~~~text\n{}\n~~~", "```markdown\n{}"])
def test_a_leak_that_is_all_in_one_fence_is_a_leak(fence: str) -> None:
    assert check(fence.format(f"#Rewritten Prompt#\n{TASK}"), PARENT).reason == "prompt_leak"


@UNHURRIED
@given(st.text(), st.text())
def test_it_never_raises(text: str, parent: str) -> None:
    assert check(text, parent).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize(
    "text", ["\x00", "\ud800", "\u202eSure!", "İ" * 99 + "the original question", "```\n" * 10_000, "`" * 9]
)
def test_odd_texts_are_read(text: str) -> None:
    assert check(text, text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", LEAKS)
def test_the_finding_quotes_the_candidate(text: str) -> None:
    assert literal_eval(check(text, PARENT, templates={}).detail.partition(": ")[2]) in text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(PARENT, id="an-ordinary-task"),
        pytest.param(
            "Add levels to increase the difficulty of the game as the player advances.",
            id="a-game-gets-harder",
        ),
        pytest.param("Draw walls that raise the difficulty in each maze.", id="a-maze-gets-harder"),
        pytest.param("Model levels whose difficulty increases by 5 % each.", id="levels-get-harder"),
        pytest.param("Rate each riddle by its difficulty, from 1 to 10.", id="difficulty-as-data"),
        pytest.param("Return the given list without its duplicates.", id="the-given-list"),
        pytest.param("Link every node to the previous node.", id="the-previous-node"),
        pytest.param("Do not change the original array.", id="the-original-array"),
        pytest.param("Keep the original image and the modified image side by side.", id="the-modified-image"),
        pytest.param("Rewrite the function below without recursion.", id="rewrite-the-function"),
        pytest.param("Modify the class below so that it is thread-safe.", id="modify-the-class"),
        pytest.param("Extend this module by a cache.", id="extend-the-module"),
        pytest.param("Make the function faster.", id="make-the-function"),
        pytest.param("Increase the counter by one for each request.", id="increase-the-counter"),
        pytest.param("Here is a list of numbers: 3, 1, 2. Sort it.", id="here-is-a-list"),
        pytest.param("Here are two tables. Join them.", id="here-are-tables"),
        pytest.param("Sure-footed robots climb stairs. Simulate one.", id="sure-footed"),
        pytest.param("Okapi sightings lie in a CSV file. Count them.", id="a-word-that-begins-alike"),
        pytest.param("Add a unique constraint to the users table.", id="a-constraint-to-a-table"),
        pytest.param("Write a shell prompt that shows the branch.", id="a-shell-prompt"),
        pytest.param("Prompt the user for a number until it is even.", id="to-prompt"),
        pytest.param("Add a new task to the queue, then print the queue.", id="a-task-in-a-queue"),
        pytest.param("Convert `# Title` and `## Section` to HTML.", id="headings"),
        pytest.param("# Task\nSum the columns.", id="a-heading-of-its-own"),
        pytest.param("Parse `<first>Ann</first>`? No: parse `<name>Ann</name>`.".replace("first", "given"), id="xml"),
        pytest.param("", id="nothing"),
    ],
)
def test_words_of_the_task_are_no_leak(text: str) -> None:
    assert check(text, "Say hello.").verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            "Write a function that builds the prompt from a system message and the user's question.",
            id="write-a-function-that-builds-the",
        ),
        pytest.param(
            "Write a Python function that sends the given prompt to an LLM and returns the completion.",
            id="write-a-python-function-that-sends",
        ),
        pytest.param(
            "Design a prompt template class for a chatbot; the original prompt must stay unchanged.",
            id="design-a-prompt-template-class-for",
        ),
        pytest.param(
            "Write a class `Question` for a quiz and a method that returns the previous question.",
            id="write-a-class-question-for-a",
        ),
        pytest.param(
            "Write a quiz app in which the user can go back to the previous question.",
            id="write-a-quiz-app-in-which",
        ),
        pytest.param(
            "Write a game in which the difficulty increases with every level.", id="write-a-game-in-which-the"
        ),
        pytest.param(
            "Increase the difficulty level of the enemy every ten seconds in this game loop.",
            id="increase-the-difficulty-level-of-the",
        ),
        pytest.param(
            "Increase the difficulty of the game by making enemies faster.",
            id="increase-the-difficulty-of-the-game",
        ),
        pytest.param(
            "Return the given string reversed, without changing the original list.",
            id="return-the-given-string-reversed-without",
        ),
        pytest.param(
            "Read the given problem statement from a file and count its words.",
            id="read-the-given-problem-statement-from",
        ),
        pytest.param(
            "Implement a modified binary search that finds the first occurrence.",
            id="implement-a-modified-binary-search-that",
        ),
        pytest.param(
            "Use a modified version of quicksort with three partitions.",
            id="use-a-modified-version-of-quicksort",
        ),
        pytest.param(
            "Write a git hook that rejects commits whose message lacks the original issue number.",
            id="write-a-git-hook-that-rejects",
        ),
        pytest.param(
            "Write a program that compares the original file with the modified version and prints a diff.",
            id="write-a-program-that-compares-the",
        ),
        pytest.param(
            'Parse this dialogue and count turns: "Sure, I will come." "Great, see you."',
            id="parse-this-dialogue-and-count-turns",
        ),
        pytest.param(
            'Parse the email below, which begins with "Here is the updated version:", and extract the '
            "attachment's name.",
            id="parse-the-email-below-which-begins",
        ),
        pytest.param(
            'Write a regex that finds "Let me know if you need anything else" at the end of a chat log.',
            id="write-a-regex-that-finds-let",
        ),
        pytest.param("Rewrite this function without recursion.", id="rewrite-this-function-without-recursion"),
        pytest.param("Rewrite the following Python program in Go.", id="rewrite-the-following-python-program-in"),
        pytest.param("Modify the task queue so that high-priority jobs run first.", id="modify-the-task-queue-so-that"),
        pytest.param(
            "Modify the task scheduler so that each task starts only after the previous task has finished.",
            id="modify-the-task-scheduler-so-that",
        ),
        pytest.param("Make the task list sortable by due date.", id="make-the-task-list-sortable-by"),
        pytest.param("Extend the problem class by a method solve().", id="extend-the-problem-class-by-a"),
        pytest.param(
            "Write a function that divides the original problem into subproblems of half the size (divide "
            "and conquer).",
            id="write-a-function-that-divides-the",
        ),
        pytest.param(
            "Explain how dynamic programming reduces the original problem to smaller ones.",
            id="explain-how-dynamic-programming-reduces-the",
        ),
        pytest.param(
            "Here is a version of quicksort that loops forever on duplicates. Find the bug.",
            id="here-is-a-version-of-quicksort",
        ),
        pytest.param(
            "Here is the updated version of our parser:\n\n```python\ndef p(): pass\n```\nFind the bug.",
            id="here-is-the-updated-version-of",
        ),
        pytest.param(
            "Here is the improved version:\n```python\ndef f(x): return x\n```\nExplain why it is faster.",
            id="here-is-the-improved-version-python",
        ),
        pytest.param(
            "Here is a more complex class hierarchy. Draw its UML diagram.", id="here-is-a-more-complex-class"
        ),
        pytest.param(
            "Below is a modified Dijkstra. Prove that it is correct.", id="below-is-a-modified-dijkstra-prove"
        ),
        pytest.param(
            "This is a new instruction set for a toy CPU: ADD, SUB, JMP. Write an emulator.",
            id="this-is-a-new-instruction-set",
        ),
        pytest.param("Add a new question to the survey table and return its id.", id="add-a-new-question-to-the"),
        pytest.param(
            "Add a constraint to the orders table so that amounts are positive.",
            id="add-a-constraint-to-the-orders",
        ),
        pytest.param(
            "I have changed the constraint on my users table but inserts still fail. Write the SQL that fixes it.",
            id="i-have-changed-the-constraint-on",
        ),
        pytest.param("I have modified the code as below, but the test fails. Why?", id="i-have-modified-the-code-as"),
        pytest.param(
            "I've added a requirement to my Dockerfile and now the build breaks: pip cannot find numpy. Write a fix.",
            id="i-ve-added-a-requirement-to",
        ),
        pytest.param(
            "Write a changelog generator. Changes made to the API must be listed first.",
            id="write-a-changelog-generator-changes-made",
        ),
        pytest.param(
            "Write a script which prints the changes between the original document and the revised version.",
            id="write-a-script-which-prints-the",
        ),
        pytest.param(
            "Write a to-do app: add a new task, edit the given task, delete the task, and restore the original task.",
            id="write-a-to-do-app-add",
        ),
        pytest.param(
            "Create a Flask endpoint that updates the existing question in the quiz database.",
            id="create-a-flask-endpoint-that-updates",
        ),
        pytest.param("Sort the names. Ties keep their original order.", id="sort-the-names-ties-keep-their"),
        pytest.param(
            "Print how much shorter the compressed file is compared with the original.",
            id="print-how-much-shorter-the-compressed",
        ),
        pytest.param(
            "Write tests for the function below. Rewrite the test so that it uses fixtures.",
            id="write-tests-for-the-function-below",
        ),
        pytest.param("Rewrite the test class to use pytest fixtures.", id="rewrite-the-test-class-to-use"),
        pytest.param("Make it faster by using memoization.", id="make-it-faster-by-using-memoization"),
        pytest.param("To make the search faster, use an index.", id="to-make-the-search-faster-use"),
        pytest.param(
            "Write a function that extracts the text after the marker `#Rewritten Prompt#` in a file.",
            id="write-a-function-that-extracts-the",
        ),
        pytest.param(
            "Extract the prompts from this log:\n\n```\n#Rewritten Prompt#\nWrite a poem\n#Given Prompt#\n```",
            id="extract-the-prompts-from-this-log",
        ),
        pytest.param(
            "Convert Markdown headings such as `# New Task` to HTML.",
            id="convert-markdown-headings-such-as-new",
        ),
        pytest.param(
            "# Task\nWrite a function that sums a list.\n\n## Requirements\n- linear time",
            id="task-write-a-function-that-sums",
        ),
        pytest.param(
            "# Problem\nGiven a list, return the maximum.\n\n## Example\nInput: 1 2 3",
            id="problem-given-a-list-return-the",
        ),
        pytest.param(
            "### Challenge: Word Count\nWrite a program that counts words.",
            id="challenge-word-count-write-a-program",
        ),
        pytest.param(
            "Bonus: make it work for streams too. Write a word counter that reads stdin.",
            id="bonus-make-it-work-for-streams",
        ),
        pytest.param(
            "Write a word counter. For an extra challenge, do it in one pass.",
            id="write-a-word-counter-for-an",
        ),
        pytest.param("Okapi sightings lie in a CSV. Count them.", id="okapi-sightings-lie-in-a-csv"),
        pytest.param("Sure-footed robots climb stairs. Simulate one.", id="sure-footed-robots-climb-stairs-simulate"),
        pytest.param(
            "Perfect numbers equal the sum of their divisors. List those below 10000.",
            id="perfect-numbers-equal-the-sum-of",
        ),
        pytest.param("Right-align the columns of this table.", id="right-align-the-columns-of-this"),
        pytest.param("Certain lines in this log are doubled. Remove them.", id="certain-lines-in-this-log-are"),
        pytest.param(
            "Happy numbers: write a function that tests whether n is happy.",
            id="happy-numbers-write-a-function-that",
        ),
        pytest.param("Got a list of strings, need the longest common prefix. How?", id="got-a-list-of-strings-need"),
        pytest.param(
            "Hope numbers are defined as n such that n+1 is prime. List them.",
            id="hope-numbers-are-defined-as-n",
        ),
        pytest.param("Let me know how to reverse a list in Python.", id="let-me-know-how-to-reverse"),
        pytest.param(
            "My code prints 4 instead of 5. Please let me know if there is a faster way to do this.",
            id="my-code-prints-4-instead-of",
        ),
        pytest.param("Feel free to use any library. Write a JSON parser.", id="feel-free-to-use-any-library"),
        pytest.param(
            "Write a parser for dates. You may assume valid input. Good luck!",
            id="write-a-parser-for-dates-you",
        ),
        pytest.param("Should I use a list or a set here? Explain with code.", id="should-i-use-a-list-or"),
        pytest.param("Shall the parser accept tabs? Write two variants.", id="shall-the-parser-accept-tabs-write"),
        pytest.param(
            'Write a bot that answers "Sure! Here is a harder version:" when the user says "harder".',
            id="write-a-bot-that-answers-sure",
        ),
        pytest.param(
            "Write a function that increases the difficulty of a proof-of-work blockchain every 2016 blocks.",
            id="write-a-function-that-increases-the",
        ),
        pytest.param(
            "Write a function to raise the difficulty in the maze after each win.",
            id="write-a-function-to-raise-the",
        ),
        pytest.param(
            "Write an evaluator that computes BLEU between the original question and the rewritten question.",
            id="write-an-evaluator-that-computes-bleu",
        ),
        pytest.param(
            "Write a function that paraphrases the given question for a chatbot using a synonym table.",
            id="write-a-function-that-paraphrases-the",
        ),
        pytest.param(
            "Implement an exam grader: for the given question return the points.",
            id="implement-an-exam-grader-for-the",
        ),
        pytest.param(
            "Write an assembler that encodes the given instruction in 32 bits and the previous instruction "
            "in a delay slot.",
            id="write-an-assembler-that-encodes-the",
        ),
        pytest.param(
            "Implement undo: the previous version of the document is restored.",
            id="implement-undo-the-previous-version-of",
        ),
        pytest.param(
            "The wrong code path is taken if x is negative. Fix the incorrect code below.",
            id="the-wrong-code-path-is-taken",
        ),
        pytest.param("The following code is incorrect. Fix it.", id="the-following-code-is-incorrect-fix"),
        pytest.param(
            "A colleague wrote this faulty attempt; write a correct one.",
            id="a-colleague-wrote-this-faulty-attempt",
        ),
        pytest.param(
            "Write a correct function; the snippet below is misleading and contains a bug.",
            id="write-a-correct-function-the-snippet",
        ),
        pytest.param(
            "Use more reasoning than brute force: find a closed formula for the sum.",
            id="use-more-reasoning-than-brute-force",
        ),
        pytest.param(
            "Write a function that logs each new version of the task definition in ECS.",
            id="write-a-function-that-logs-each",
        ),
        pytest.param(
            "Write an AWS CLI script that registers a revised task definition.",
            id="write-an-aws-cli-script-that",
        ),
        pytest.param(
            "Same as `sorted`, but stable on keys: write `stable_sort(items, key)`.",
            id="same-as-sorted-but-stable-on",
        ),
        pytest.param("In the same directory as the script lies a CSV. Read it.", id="in-the-same-directory-as-the"),
        pytest.param(
            "Different problem sizes lead to different run times: plot them.",
            id="different-problem-sizes-lead-to-different",
        ),
        pytest.param(
            "Write a Python function that randomises the order of exam questions but keeps the first question.",
            id="write-a-python-function-that-randomises",
        ),
        pytest.param(
            "Write a function that, for the first task in the list, returns its deadline.",
            id="write-a-function-that-for-the",
        ),
        pytest.param("This task requires that you read a CSV. Write the code.", id="this-task-requires-that-you-read"),
        pytest.param(
            "This problem requires a stack. Write a function that checks brackets.",
            id="this-problem-requires-a-stack-write",
        ),
        pytest.param(
            "写一个函数，返回给定列表的中位数，不要修改原数组。", id="写一个函数-返回给定列表的中位数-不要修改原数组"
        ),
        pytest.param("编写一个函数，将原始字符串反转。", id="编写一个函数-将原始字符串反转"),
        pytest.param("修改任务队列，使高优先级任务先执行。", id="修改任务队列-使高优先级任务先执行"),
        pytest.param("好的代码应该易读。请重构下面的函数。", id="好的代码应该易读-请重构下面的函数"),
        pytest.param("写一个题库系统，可以返回修改后的题目。", id="写一个题库系统-可以返回修改后的题目"),
        pytest.param("编写一个游戏，逐级提高难度，敌人越来越快。", id="编写一个游戏-逐级提高难度-敌人越来越快"),
        pytest.param("用动态规划把原问题分解为子问题。", id="用动态规划把原问题分解为子问题"),
        pytest.param("以下是一个新的配置文件，请解析。", id="以下是一个新的配置文件-请解析"),
        pytest.param(
            "与えられたリストの中央値を返す関数を書いてください。元のリストは変更しないでください。",
            id="与えられたリストの中央値を返す関数を書いてください-元のリストは変更しないでください",
        ),
        pytest.param("以下のコードを修正してください。", id="以下のコードを修正してください"),
        pytest.param(
            "ゲームのレベルごとに難易度を上げるプログラムを書いてください。",
            id="ゲームのレベルごとに難易度を上げるプログラムを書いてください",
        ),
        pytest.param("次の関数をより速くしてください。", id="次の関数をより速くしてください"),
        pytest.param(
            "主어진 리스트의 중앙값을 반환하는 함수를 작성하세요.",
            id="主어진-리스트의-중앙값을-반환하는-함수를-작성하세요",
        ),
        pytest.param(
            "다음 코드를 수정하세요. 시간 복잡도도 알려주세요.", id="다음-코드를-수정하세요-시간-복잡도도-알려주세요"
        ),
        pytest.param("원래 리스트를 변경하지 마세요.", id="원래-리스트를-변경하지-마세요"),
        pytest.param(
            "Escribe una función que devuelva la lista original invertida.",
            id="escribe-una-función-que-devuelva-la",
        ),
        pytest.param(
            "Escribe un juego que aumente la dificultad con cada nivel.", id="escribe-un-juego-que-aumente-la"
        ),
        pytest.param("Modifica la función para que sea más rápida.", id="modifica-la-función-para-que-sea"),
        pytest.param("Aquí tienes una lista de números: 3, 1, 2. Ordénala.", id="aquí-tienes-una-lista-de-números"),
        pytest.param("Claro que el algoritmo sea O(n), escribe una función.", id="claro-que-el-algoritmo-sea-o"),
        pytest.param(
            "Espero que el programa imprima 5, pero imprime 4. ¿Por qué?",
            id="espero-que-el-programa-imprima-5",
        ),
        pytest.param(
            "Schreibe eine Funktion, die die ursprüngliche Liste unverändert lässt.",
            id="schreibe-eine-funktion-die-die-ursprüngliche",
        ),
        pytest.param(
            "Schreibe eine erweiterte Version der Klasse Stack mit einer Methode peek.",
            id="schreibe-eine-erweiterte-version-der-klasse",
        ),
        pytest.param(
            "Hier ist eine neue Klasse. Schreibe Tests für die Klasse und erkläre die Tests.",
            id="hier-ist-eine-neue-klasse-schreibe",
        ),
        pytest.param("Überarbeite die Funktion so, dass sie schneller ist.", id="überarbeite-die-funktion-so-dass-sie"),
        pytest.param("Klare Namen sind wichtig. Benenne die Variablen um.", id="klare-namen-sind-wichtig-benenne-die"),
        pytest.param(
            "Écris une fonction qui renvoie la liste d'origine inversée.",
            id="écris-une-fonction-qui-renvoie-la",
        ),
        pytest.param(
            "Voici une nouvelle classe. Écris des tests pour la classe et pour les méthodes.",
            id="voici-une-nouvelle-classe-écris-des",
        ),
        pytest.param("Voici un jeu de données plus complexe. Trie-le.", id="voici-un-jeu-de-données-plus"),
        pytest.param(
            "Escreva uma função que retorne a lista original invertida.", id="escreva-uma-função-que-retorne-a"
        ),
        pytest.param(
            "Aqui está uma nova classe. Escreva testes para a classe.", id="aqui-está-uma-nova-classe-escreva"
        ),
        pytest.param(
            "Напишите функцию, которая не меняет исходный список.",
            id="напишите-функцию-которая-не-меняет-исходный",
        ),
        pytest.param("Вот новый класс. Напишите тесты.", id="вот-новый-класс-напишите-тесты"),
        pytest.param("Да и нет: напишите функцию, которая разбирает ответы.", id="да-и-нет-напишите-функцию-которая"),
        pytest.param(
            "Задача планировщика: измените очередь задач так, чтобы исходная задача выполнялась первой.",
            id="задача-планировщика-измените-очередь-задач-т",
        ),
        pytest.param(
            "Scrivi una funzione che restituisca la lista originale invertita.",
            id="scrivi-una-funzione-che-restituisca-la",
        ),
        pytest.param("Ecco una nuova classe. Scrivi i test per la classe.", id="ecco-una-nuova-classe-scrivi-i"),
        pytest.param("Certo codice è lento: ottimizza la funzione.", id="certo-codice-è-lento-ottimizza-la"),
        pytest.param("Scrivi un gioco che aumenti la difficoltà a ogni livello.", id="scrivi-un-gioco-che-aumenti-la"),
        pytest.param(
            "Write a Java method `isOpen(Door door)`. Certainly closed doors return false.",
            id="write-a-java-method-isopen-door",
        ),
        pytest.param(
            "The original question asked in the survey is stored in column q. Write a query that counts "
            "answers per question.",
            id="the-original-question-asked-in-the",
        ),
        pytest.param(
            "Write a function `rephrase(question)` that calls an LLM; log the original question and the "
            "rewritten question.",
            id="write-a-function-rephrase-question-that",
        ),
        pytest.param("Given the original problem size n, print n log n.", id="given-the-original-problem-size-n"),
        pytest.param("Thanks for all the fish is a quote. Count its vowels.", id="thanks-for-all-the-fish-is"),
        pytest.param("Here's the problem: my loop never ends. Why?", id="here-s-the-problem-my-loop"),
        pytest.param(
            "Here is the problem statement: given n, print n lines.", id="here-is-the-problem-statement-given"
        ),
        pytest.param("Here is the task: sort a list.", id="here-is-the-task-sort-a"),
        pytest.param("Here is a challenge: sort a list in O(n).", id="here-is-a-challenge-sort-a"),
        pytest.param(
            "New requirement: the parser must accept tabs. Update the parser below.",
            id="new-requirement-the-parser-must-accept",
        ),
        pytest.param(
            "Updated requirements: the API returns JSON. Write the client.",
            id="updated-requirements-the-api-returns-json",
        ),
        pytest.param(
            'Write a diff viewer with two panes, labelled "Original version:" and "Revised version:".',
            id="write-a-diff-viewer-with-two",
        ),
        pytest.param(
            "Write a function that takes an improved version number and bumps the minor part.",
            id="write-a-function-that-takes-an",
        ),
        pytest.param("Version 2 adds a new field to the record. Write a migration.", id="version-2-adds-a-new-field"),
        pytest.param(
            "This version of the library removed `foo`. Replace it in the code below.",
            id="this-version-of-the-library-removed",
        ),
        pytest.param(
            "This new version of the API requires a token. Update the client.",
            id="this-new-version-of-the-api",
        ),
        pytest.param(
            "In this version of chess, pawns move backwards. Write a move generator.",
            id="in-this-version-of-chess-pawns",
        ),
        pytest.param(
            "In this modified version of Nim, players may take at most 3 stones. Write a solver.",
            id="in-this-modified-version-of-nim",
        ),
        pytest.param(
            "In this variation of the knapsack problem, items may be split. Write a solver.",
            id="in-this-variation-of-the-knapsack",
        ),
        pytest.param("Consider a modified version of the game of life.", id="consider-a-modified-version-of-the"),
        pytest.param(
            "Consider a modified problem in which weights may be negative.",
            id="consider-a-modified-problem-in-which",
        ),
        pytest.param("Write code for a harder variant of Sudoku with cages.", id="write-code-for-a-harder-variant"),
    ],
)
def test_talk_of_the_task_is_no_leak(text: str) -> None:
    assert check(text, "Say hello.").verdict is Verdict.ACCEPT


def test_no_seed_of_the_package_is_a_leak() -> None:
    leak = PromptLeak(BUNDLED)
    texts = [seed.text for seed in seeds.read(seeds.bundled()) if isinstance(seed, Seed)]
    assert [text for text in texts if leak(Candidate(text, (), "seed")).verdict is not Verdict.ACCEPT] == []


# -- copied words ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", BUNDLED)
def test_six_words_of_a_bundled_template_are_a_leak(name: str) -> None:
    copied = " ".join(words(BUNDLED[name])[20:26])
    assert check(f"Sort names; {copied}.", PARENT).detail == f"words of the prompt: {copied!r}"


@UNHURRIED
@given(st.integers(0, 5), st.integers(6, 11))
def test_six_words_of_any_template_are_a_leak(begin: int, count: int) -> None:
    copied = " ".join(words(CUSTOM["twist"])[:11][begin : begin + count])
    assert check(f"Sort names. {copied}! Quickly.", PARENT, templates=CUSTOM).reason == "prompt_leak"


def test_four_words_are_a_leak_where_three_are_rare() -> None:
    text = "Sort names as wizards scratch their heads."
    assert check(text, PARENT, templates=CUSTOM).detail == "words of the prompt: 'wizards scratch their heads'"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Write the riddle below the line.", id="three-words"),
        pytest.param("Model wizards whose heads scratch.", id="the-words-in-another-order"),
        pytest.param("Go on until even numbers are left, with their heads.", id="scattered-words"),
    ],
)
def test_fewer_words_are_none(text: str) -> None:
    assert check(text, PARENT, templates=CUSTOM).verdict is Verdict.ACCEPT


COMMON = {
    "plain": "Write a function that takes a list of numbers and returns more than one of the values.\n$instruction"
}


def test_five_words_that_all_tasks_share_are_no_leak() -> None:
    text = "Write a function that takes a string. It finds a list of numbers."
    assert check(text, PARENT, templates=COMMON).verdict is Verdict.ACCEPT


def test_what_stands_on_two_sides_of_a_placeholder_is_no_run() -> None:
    split = {"split": "Ponder seven riddles $instruction beneath wizardly hats"}
    assert check("Print ponder seven riddles beneath wizardly.", PARENT, templates=split).verdict is Verdict.ACCEPT


SIGNS = {
    "zh": "你擅长让编程题目一步步变得更难，请在十个字以内加上一条新的限制。\n$instruction",
    "ja": "プログラミングの課題を一段だけ難しくするのがあなたの仕事です。\n$instruction",
}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("写一个排序函数。请在十个字以内加上一条新的限制。", id="chinese"),
        pytest.param("ソート関数を書いてください。課題を一段だけ難しくするのが目的です。", id="japanese"),
    ],
)
def test_a_copied_clause_without_spaces_is_a_leak(text: str) -> None:
    assert check(text, PARENT, templates=SIGNS).reason == "prompt_leak"
    assert check(text, text, templates=SIGNS).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("写一个排序函数，请加上一条新的记录。", id="chinese"),
        pytest.param("課題の一覧を並べ替える関数を書いてください。", id="japanese"),
    ],
)
def test_a_few_signs_of_a_template_are_none(text: str) -> None:
    assert check(text, PARENT, templates=SIGNS).verdict is Verdict.ACCEPT


TAGS = {"tagged": "Twist it.\n<riddle>\n$instruction\n</riddle>\n#Twisted Riddle#:"}


@pytest.mark.parametrize("text", ["Sort names.\n</riddle>", "<riddle>Sort names.</riddle>", "#Twisted Riddle#:\nSort."])
def test_the_tags_of_a_template_are_a_leak(text: str) -> None:
    assert check(text, PARENT, templates=TAGS).detail.startswith("a tag of the prompt")


@pytest.mark.parametrize(
    "text", ["Parse `<riddle>` out of a line.", "Put <riddle>a</riddle> into <b>.", "Print #Twisted."]
)
def test_a_tag_inside_a_line_is_data(text: str) -> None:
    assert check(text, PARENT, templates=TAGS).verdict is Verdict.ACCEPT


QUOTE = "until even seven wizards scratch their heads"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(f"Sort names {QUOTE}.", id="as-they-are"),
        pytest.param(f"Sort names {QUOTE.upper()}.", id="in-capitals"),
        pytest.param(f"Sort names {QUOTE.replace(' ', ', ')}.", id="with-commas"),
        pytest.param(f"Sort names\n{chr(10).join(QUOTE.split())}", id="over-several-lines"),
    ],
)
def test_copied_words_are_found_however_they_are_set(text: str) -> None:
    assert check(text, PARENT, templates=CUSTOM).reason == "prompt_leak"


def test_the_words_of_templates_that_are_not_active_are_no_leak() -> None:
    assert check(f"Sort names {QUOTE}.", PARENT, templates=BUNDLED).verdict is Verdict.ACCEPT


def test_words_that_the_parent_shares_with_a_template_are_no_leak() -> None:
    assert check(f"Sort names {QUOTE}.", f"Add numbers {QUOTE}.", templates=CUSTOM).verdict is Verdict.ACCEPT


def test_words_beyond_those_that_the_parent_shares_are_a_leak() -> None:
    parent = f"Add numbers {QUOTE}."
    assert check(f"Below: sort names below {QUOTE}. Go on", parent, templates=CUSTOM).reason == "prompt_leak"


# -- hostile sizes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tile",
    [
        "#", "# ", "#\n", " ", "\n", "\t", "!", "a ", "a-", "new ", "more x ", "here is a ", "add a ", "the original ",
        "the given programming ", "in modified ", "to further ", "difficulty ", "# difficulty", "increase the ",
        "</", "`", '"', "“", "this task ", "by adding a ",
        "i added a ", "add a new ", "die aufgabe ", "la tarea ", "题目", "課題を", "문제 ", "задача ", "```\n",
        "<riddle>\n", "? ",
    ],
    ids=repr,
)  # fmt: skip
@pytest.mark.parametrize("head", ["", "# ", "here is a "], ids=repr)
def test_a_hostile_text_costs_little(head: str, tile: str) -> None:
    candidate = Candidate((head + tile * HOSTILE_BYTES)[:HOSTILE_BYTES] + "!", (PARENT,), "add_constraint")
    assert PromptLeak(CUSTOM)(candidate).verdict in {Verdict.ACCEPT, Verdict.REJECT}
