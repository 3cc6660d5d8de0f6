"""The leak check: what talks about the rewriting is caught, whatever the templates; what talks of its task is not."""

from ast import literal_eval
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve import seeds
from evolve.checks.leaks import PromptLeak
from evolve.config import MethodConfig
from evolve.eliminator import Candidate
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


def examples(name: str) -> list[str]:
    """One a line; `\\n` stands for the end of a line."""
    lines = (Path(__file__).parent / "data" / name).read_text(encoding="utf-8").splitlines()
    return [line.replace(r"\n", "\n") for line in lines]


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
    pytest.param("Sort names.\n\n#Erroneous Code Reference#\nreturn names", id="a-heading-of-erroneous-code"),
    pytest.param("Sort names.\n\n# Reference Erroneous Code #\nreturn names", id="the-same-with-blanks"),
    pytest.param("Sort names.\n\nErroneous code reference:\nreturn names", id="a-label-of-erroneous-code"),
    pytest.param("Sort names. Reference:\nerroneous_code_reference:\n1", id="the-same-as-a-name"),
    *examples("leaks.txt"),
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
        pytest.param("# Erroneous readings\nDrop those below zero.", id="a-heading-of-erroneous-data"),
        pytest.param("Find the fault.\nErroneous code:\nreturn names", id="code-to-mend"),
        pytest.param("Log the erroneous code reference of each bill.", id="erroneous-references"),
        pytest.param("", id="nothing"),
    ],
)
def test_words_of_the_task_are_no_leak(text: str) -> None:
    assert check(text, "Say hello.").verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", examples("near_misses.txt"))
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
@pytest.mark.parametrize("head", ["", "here is a "], ids=repr)
def test_a_hostile_text_costs_little(head: str, tile: str) -> None:
    candidate = Candidate((head + tile * HOSTILE_BYTES)[:HOSTILE_BYTES] + "!", (PARENT,), "add_constraint")
    assert PromptLeak(CUSTOM)(candidate).verdict in {Verdict.ACCEPT, Verdict.REJECT}
