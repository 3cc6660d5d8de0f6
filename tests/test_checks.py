"""The text checks: for each, what it must catch and the near misses that it must let through; and their order."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import OTHERS, REASONS, Candidate, Check, Eliminator, first_rejection, names, validate
from evolve.eliminator.answers import EmptyContent, Placeholder, Refusal, code_blocks
from evolve.errors import ConfigError
from evolve.records import Finding, Verdict

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
CODE = "```python\ndef total(numbers):\n    return sum(numbers)\n```"
TEMPLATES = {"twist": "Twist the exercise below until even a wizard has to scratch his head.\n$instruction"}
LEAKED = f"Twist the exercise below until even a wizard has to scratch his head: {TASK}"
ANY_TEXT = st.text(max_size=200)
UNHURRIED = settings(deadline=None)
HOSTILE_BYTES = 100_000


def child(text: str, *parents: str, depth: bool = True) -> Candidate:
    return Candidate(text, parents, "add_constraint", depth)


def answered(answer: str | None, text: str = TASK) -> Candidate:
    return Candidate(text, (), "seed", answer=answer)


def fenced(line: str, language: str = "python") -> str:
    return f"This does it:\n\n```{language}\n{line}\n```\n"


def eliminator(*off: str) -> Eliminator:
    return Eliminator(EliminatorConfig(embedder="builtin", skip=list(off)), TEMPLATES)


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
    ],
    ids=str.split,
)
def test_an_answer_that_declines_is_a_refusal(answer: str) -> None:
    assert Refusal()(answered(answer)).reason == "refusal"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"Sorry for the wait, here it is.\n\n{CODE}", id="sorry-and-then-code"),
        pytest.param(f"Unfortunately there is no faster way.\n\n{CODE}", id="unfortunately-and-then-code"),
        pytest.param("I can't see a shorter way. " + "It walks over the list once more. " * 12, id="a-long-answer"),
        pytest.param("Use `sum`. Sorry, there is no more to it.", id="sorry-in-the-middle"),
        pytest.param("Sorrybot is the name of the class.", id="a-word-that-begins-alike"),
        pytest.param("I use a heap, which keeps the smallest on top.", id="i-and-a-verb"),
        pytest.param("Ask for the list, then add it up.", id="an-ordinary-answer"),
        pytest.param("As an alternative, use a set.", id="as-an-alternative"),
        pytest.param("I have a table of primes and look it up.", id="i-have"),
    ],
)
def test_an_answer_that_answers_is_no_refusal(answer: str) -> None:
    assert Refusal()(answered(answer)).verdict is Verdict.ACCEPT


SORRY_TASK = "I'm sorry, I can't do this alone: write a bot that answers \"I'm sorry, I cannot help\" to everything."


def test_an_instruction_may_say_sorry() -> None:
    assert first_rejection(eliminator().examine([child(SORRY_TASK)])[0]) is None


def test_an_answer_to_an_instruction_that_says_sorry_may_be_short() -> None:
    assert first_rejection(eliminator().inspect([answered("Print that one sentence.", SORRY_TASK)])[0]) is None


# -- empty_content -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(None, id="none"),
        pytest.param("", id="nothing"),
        pytest.param(" \n\t ", id="space"),
        pytest.param("... !? --", id="punctuation"),
        pytest.param("\U0001f44d", id="an-emoji"),
        pytest.param("It is what it is.", id="filler"),
        pytest.param("```python\n```", id="a-bare-fence"),
        pytest.param("```\r\n```\r\n", id="a-bare-fence-with-carriage-returns"),
        pytest.param("~~~\n\n~~~", id="a-bare-fence-of-tildes"),
        pytest.param("```python\n   \n", id="a-fence-without-end"),
        pytest.param("Here it is:\n```\n\n```\n", id="a-fence-with-a-heading"),
    ],
)
def test_an_answer_of_nothing_is_empty_content(answer: str | None) -> None:
    assert EmptyContent()(answered(answer)).reason == "empty_content"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param("42", id="a-number"),
        pytest.param("Yes.", id="one-word"),
        pytest.param("[1, 2]", id="a-literal"),
        pytest.param("はい", id="letters-of-another-script"),
        pytest.param("```\npass\n```", id="one-word-of-code"),
        pytest.param("```\n+\n```", id="code-without-a-word"),
        pytest.param("```\n```\nand the code:\n```\nx = 1\n```", id="one-fence-of-two-is-bare"),
        pytest.param(
            "Nothing has to be written, for the default already does it.\n```\n```", id="prose-and-a-bare-fence"
        ),
        pytest.param("```python\nprint(1)", id="code-without-end"),
    ],
)
def test_an_answer_of_something_is_not_empty(answer: str) -> None:
    assert EmptyContent()(answered(answer)).verdict is Verdict.ACCEPT


# -- placeholder -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("# your code here", "python"),
        ("# Add your own logic", "python"),
        ("# TODO: implement the parser", "python"),
        ("# TODO write this", "python"),
        ("# ...", "python"),
        ("# … and so on", "python"),
        ("# implement the merge step here", "python"),
        ("# rest of the implementation", "python"),
        ("# Implementation goes here", "python"),
        ("# (parsing omitted for brevity)", "python"),
        ("// add error handling here", "go"),
        ("//TODO: fill in", "java"),
        ("/* ... */", "c"),
        ("-- put the query here", "sql"),
        ("<!-- the rest of your page -->", "html"),
    ],
    ids=str,
)
def test_code_that_hands_the_work_back_is_a_placeholder(line: str, language: str) -> None:
    assert Placeholder()(answered(fenced(line, language))).reason == "placeholder"


def test_a_placeholder_in_a_later_block_is_found() -> None:
    assert Placeholder()(answered(f"{CODE}\n\n{fenced('# your code here')}")).reason == "placeholder"


def test_a_placeholder_in_code_that_is_cut_off_is_found() -> None:
    assert Placeholder()(answered("```python\ndef f():\n    # your code here")).reason == "placeholder"


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(f"{CODE}\n\nNow write your code here: # your code here", id="in-prose"),
        pytest.param(f"{CODE}\r\n\r\n# your code here".replace("\n", "\r\n"), id="in-prose-with-carriage-returns"),
        pytest.param("Put `# your code here` wherever you like.", id="in-an-inline-span"),
        pytest.param(fenced("total += n  # add the number to the sum"), id="a-comment-that-explains"),
        pytest.param(fenced("# here the larger half begins"), id="here-at-the-start"),
        pytest.param(fenced("def area(self) -> float: ..."), id="an-ellipsis-as-a-body"),
        pytest.param(fenced('print("...")'), id="three-dots-in-a-string"),
        pytest.param(fenced("items = args[..., 0]"), id="three-dots-as-an-index"),
        pytest.param(fenced("const all = [...first, ...second]", "javascript"), id="spread"),
        pytest.param(fenced("# todo list of one user"), id="a-todo-list"),
        pytest.param(fenced("your_code = read_code()"), id="a-variable"),
    ],
)
def test_code_that_does_the_work_has_no_placeholder(answer: str) -> None:
    assert Placeholder()(answered(answer)).verdict is Verdict.ACCEPT


OPEN_TASK = f"Finish only the loop, and leave the rest open:\n{fenced('# your code here')}"


def test_what_the_instruction_left_open_may_stay_open() -> None:
    assert Placeholder()(answered(fenced("# your code here"), OPEN_TASK)).verdict is Verdict.ACCEPT


def test_a_placeholder_beside_one_of_the_instruction_is_found() -> None:
    answer = fenced("# your code here\n# TODO: implement the loop")
    assert Placeholder()(answered(answer, OPEN_TASK)).reason == "placeholder"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        pytest.param("```py\na\n```\ntext\n~~~\nb\n~~~", ["a\n", "b\n"], id="both-kinds"),
        pytest.param("````\n```\na\n```\n````", ["```\na\n```\n"], id="a-longer-fence-holds-a-shorter-one"),
        pytest.param("  ```\n  a\n  ```", ["  a\n"], id="indented"),
        pytest.param("```\r\na\r\n```\r\ntext", ["a\r\n"], id="carriage-returns"),
        pytest.param("```\na", ["a"], id="without-end"),
        pytest.param("a ``` b\n", [], id="not-at-the-start-of-a-line"),
    ],
)
def test_code_blocks(text: str, blocks: list[str]) -> None:
    assert code_blocks(text) == blocks


# -- all together ------------------------------------------------------------------------------------------------------


def test_instruction_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().examine([child(TASK)])[0]]
    assert found == sorted(found, key=REASONS.index)
    assert {"prompt_leak", "no_gain", "lost_input", "regression", "unsolvable", "language_drift", "too_long"} <= {
        *found
    }


def test_answer_checks_run_in_order() -> None:
    found = [finding.check for finding in eliminator().inspect([answered(CODE)])[0]]
    assert found == ["refusal", "empty_content", "placeholder"]


def test_the_first_check_that_rejects_gives_the_reason() -> None:
    rejection = first_rejection(eliminator().examine([child(f"{LEAKED} ", LEAKED), child(LEAKED, TASK)])[1])
    assert rejection is not None
    assert rejection.reason == "prompt_leak"


def test_where_nothing_rejects_there_is_no_rejection() -> None:
    assert first_rejection(eliminator().inspect([answered(CODE)])[0]) is None


def test_undecided_is_no_rejection() -> None:
    assert first_rejection([Finding("judge", 1, Verdict.UNDECIDED)]) is None


@pytest.mark.parametrize("name", ["prompt_leak", "no_gain", "refusal", "empty_content", "placeholder"])
def test_a_check_that_is_off_says_nothing(name: str) -> None:
    examined, inspected = eliminator(name).examine([child(TASK)])[0], eliminator(name).inspect([answered(CODE)])[0]
    assert name not in {finding.check for finding in (*examined, *inspected)}


def test_with_every_check_off_all_goes_through() -> None:
    assert eliminator(*names()).examine([child(LEAKED, LEAKED)]) == [()]


@UNHURRIED
@given(st.lists(st.sampled_from([child(TASK, TASK), child(LEAKED, TASK), child(TASK), child("Sort it.", TASK)])))
def test_a_finding_does_not_depend_on_other_candidates(candidates: list[Candidate]) -> None:
    checks = eliminator()
    assert checks.examine(candidates) == [checks.examine([candidate])[0] for candidate in candidates]


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_every_rejection_has_a_known_reason(text: str, parent: str, answer: str) -> None:
    candidate = Candidate(text, (parent,), "deepen", answer=answer)
    findings = (*eliminator().examine([candidate])[0], *eliminator().inspect([candidate])[0])
    assert {f.reason for f in findings if f.verdict is Verdict.REJECT} <= set(REASONS)


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, ANY_TEXT)
def test_a_reason_is_given_only_with_a_rejection(text: str, parent: str, answer: str) -> None:
    candidate = Candidate(text, (parent,), "deepen", answer=answer)
    findings = (*eliminator().examine([candidate])[0], *eliminator().inspect([candidate])[0])
    assert all((f.reason is None) == (f.verdict is Verdict.ACCEPT) for f in findings)


@pytest.mark.parametrize("name", [*names(), *OTHERS])
def test_every_check_may_be_switched_off(name: str) -> None:
    validate(EliminatorConfig(skip=[name]))


@pytest.mark.parametrize("name", ["malformed", "no-gain", "", "Judge"], ids=repr)
def test_what_is_no_check_cannot_be_switched_off(name: str) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.skip: no check is named .*prompt_leak, no_gain"):
        validate(EliminatorConfig(skip=[name]))


# -- hostile sizes -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "tile",
    [
        "`",
        "~",
        "```\n",
        "```\n````\n",
        "```\n```",
        " ",
        "\t\n",
        "#",
        "# ",
        "//",
        "--",
        "# add a",
        "# insert a-",
        "x ",
        "…",
    ],
    ids=repr,
)
@pytest.mark.parametrize("head", ["", "```\n"], ids=repr)
@pytest.mark.parametrize("check", [Refusal(), EmptyContent(), Placeholder()], ids=lambda check: str(check.name))
def test_a_hostile_answer_costs_little(check: Check, head: str, tile: str) -> None:
    candidate = answered((head + tile * HOSTILE_BYTES)[:HOSTILE_BYTES] + "!")
    began = time.process_time()
    check(candidate)
    assert time.process_time() - began < 2
