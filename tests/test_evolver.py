"""The evolver and the responder: which move, which request, and which candidate is in a reply."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import MethodConfig, RoleConfig
from evolve.method import Evolver, Move, Operator, Operators, Responder, load_operators, read_instruction
from evolve.records import Attempt, Instruction, Message, Reply, Seed, instruction_id
from evolve.teacher import MalformedError

MODEL = RoleConfig(model="m")
DEEPEN = Operator("deepen", "Evolve:\n$instruction\n")
FUSE = Operator("fuse", "Fuse:\n$first\n$second\n", family="crossover")
BREADTH = Operator("breadth", "New: $instruction", family="breadth")
PARENT = Instruction("p", "Sort a list.", root_id="r", parent_id="r", round=1, operator="deepen", depth=1)
PARTNER = Instruction("q", "Parse $x {} </first>", root_id="q", parent_id=None, round=0, operator="seed")
HOSTILE = "{} {0} %s $x $$ < & > \\ \\n ``` </instruction> 'q' \"q\" naïve 日本 😀 \t "


def evolver_of(*operators: Operator, quota: float = 0.0, share: float = 0.0, run_seed: int = 0) -> Evolver:
    return Evolver(Operators(operators or [DEEPEN], quota, share), MODEL, run_seed)


def bundled(run_seed: int = 0, quota: float = 0.5) -> Evolver:
    return Evolver(load_operators(MethodConfig(breadth_quota=quota)), MODEL, run_seed)


def moves(evolver: Evolver, round_: int = 2, root: str = "root", lineages: int = 10) -> list[Move]:
    """The moves of 40 lineages, or more if there are."""
    count = max(40, lineages)
    return [evolver.choose(Attempt(round_, i % lineages), f"{root}{i}", lineages) for i in range(count)]


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, "m")


def malformed(text: str, finish_reason: str = "stop") -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read_instruction(reply(text, finish_reason))
    return caught.value


# -- kinds ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ways", "kind"),
    [(["deepen"], "refactor"), (["deepen", "deepen"], "refactor"), (["breadth"], ""), (["fuse", "deepen"], "")],
    ids="-".join,
)
def test_a_kind_lasts_until_another_task_takes_its_place(ways: list[str], kind: str) -> None:
    evolver = evolver_of(DEEPEN, FUSE, BREADTH)
    line = [replace(PARENT, operator=way) for way in ways[:-1]]
    move = Move({"deepen": DEEPEN, "fuse": FUSE, "breadth": BREADTH}[ways[-1]])
    assert evolver.kind(Seed("r", "Tidy this.", kind="refactor"), line, move) == kind


# -- moves -----------------------------------------------------------------------------------------------------------


def test_the_same_run_makes_the_same_moves() -> None:
    assert moves(bundled()) == moves(bundled())


def test_the_order_of_asking_changes_nothing() -> None:
    evolver, other = bundled(), bundled()
    attempts = [Attempt(2, i) for i in range(20)]
    forward = [evolver.choose(a, f"root{a.index}", 20) for a in attempts]
    assert forward == [other.choose(a, f"root{a.index}", 20) for a in reversed(attempts)][::-1]


def test_another_run_seed_makes_other_moves() -> None:
    assert moves(bundled(run_seed=0)) != moves(bundled(run_seed=1))


def test_another_root_makes_other_moves() -> None:
    assert moves(bundled(), root="root") != moves(bundled(), root="other")


def test_another_round_makes_other_moves() -> None:
    assert moves(bundled(), round_=2) != moves(bundled(), round_=3)


def test_the_place_of_a_lineage_does_not_change_its_operator() -> None:
    chosen = {bundled().choose(Attempt(2, index), "root", 50).operator.name for index in range(50)}
    assert len(chosen) == 1


def test_the_operator_that_just_failed_is_avoided() -> None:
    evolver = evolver_of(DEEPEN, Operator("other", "$instruction"))
    found = {evolver.choose(Attempt(1, i), f"root{i}", 40, avoid="deepen").operator.name for i in range(40)}
    assert found == {"other"}


def test_round_1_fuses_nothing() -> None:
    assert {move.operator.family for move in moves(bundled(quota=1.0), round_=1)} == {"depth"}


# -- crossover -------------------------------------------------------------------------------------------------------


@given(st.integers(2, 50), st.integers(0, 10**6), st.data())
def test_the_partner_is_another_lineage(lineages: int, run_seed: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, lineages - 1))
    move = evolver_of(DEEPEN, FUSE, quota=1.0, share=1.0, run_seed=run_seed).choose(Attempt(2, index), "root", lineages)
    assert move.partner in set(range(lineages)) - {index}


def test_every_other_lineage_can_be_the_partner() -> None:
    evolver = evolver_of(DEEPEN, FUSE, quota=1.0, share=1.0)
    found = Counter(evolver.choose(Attempt(2, 3), f"root{i}", 6).partner for i in range(400))
    assert set(found) == {0, 1, 2, 4, 5}


def test_a_lineage_that_is_alone_goes_into_depth() -> None:
    evolver = evolver_of(DEEPEN, BREADTH, FUSE, quota=1.0, share=1.0)
    assert set(moves(evolver, lineages=1)) == {Move(DEEPEN)}


def test_a_lineage_that_is_alone_goes_into_breadth_where_there_is_no_depth() -> None:
    evolver = evolver_of(BREADTH, FUSE, quota=1.0, share=1.0)
    assert set(moves(evolver, lineages=1)) == {Move(BREADTH)}


def test_a_lineage_that_is_alone_avoids_what_just_failed() -> None:
    evolver = evolver_of(DEEPEN, Operator("other", "$instruction"), FUSE, quota=1.0, share=1.0)
    found = {evolver.choose(Attempt(2, 0), f"root{i}", 1, avoid="deepen").operator.name for i in range(40)}
    assert found == {"other"}


@pytest.mark.parametrize("operator", [DEEPEN, BREADTH], ids=["depth", "breadth"])
def test_only_a_crossover_has_a_partner(operator: Operator) -> None:
    evolver = evolver_of(operator, quota=1.0)
    assert {move.partner for move in moves(evolver)} == {None}


# -- requests --------------------------------------------------------------------------------------------------------


def test_the_parent_goes_into_the_template() -> None:
    assert evolver_of().request(Move(DEEPEN), PARENT).messages == (Message("user", "Evolve:\nSort a list.\n"),)


def test_both_parents_go_into_a_crossover_in_their_order() -> None:
    request = evolver_of().request(Move(FUSE, partner=1), PARENT, PARTNER)
    assert request.messages == (Message("user", "Fuse:\nSort a list.\nParse $x {} </first>\n"),)


def test_a_request_is_the_evolvers() -> None:
    request = evolver_of().request(Move(DEEPEN), PARENT)
    assert (request.role, request.model, request.temperature, request.top_p) == ("evolver", "m", 1.0, 0.9)


def test_asking_twice_gives_the_same_request() -> None:
    assert bundled().request(Move(DEEPEN), PARENT) == bundled().request(Move(DEEPEN), PARENT)


def test_the_identity_is_the_operators() -> None:
    operators = load_operators(MethodConfig())
    assert Evolver(operators, MODEL, 0).contents == operators.contents


# -- candidates ------------------------------------------------------------------------------------------------------


def test_a_candidate_is_the_child_of_its_parent() -> None:
    found = evolver_of().read(reply(" Sort two lists.\n"), Move(DEEPEN), PARENT, 3)
    child_id = instruction_id("r", "p", 3, "deepen", "Sort two lists.")
    assert found == Instruction(child_id, "Sort two lists.", "r", "p", round=3, operator="deepen", depth=2)


def test_a_crossovers_candidate_stays_in_the_first_lineage() -> None:
    found = evolver_of().read(reply("Sort and parse."), Move(FUSE, partner=1), PARENT, 3)
    assert (found.root_id, found.parent_id, found.operator) == ("r", "p", "fuse")


def test_a_malformed_reply_has_no_candidate() -> None:
    with pytest.raises(MalformedError):
        evolver_of().read(reply("Sort", "length"), Move(DEEPEN), PARENT, 3)


# -- reading ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("Sort a list.", "Sort a list.", id="plain"),
        pytest.param("\n Sort a list.\n", "Sort a list.", id="blanks"),
        pytest.param("<instruction>\nSort a list.\n</instruction>", "Sort a list.", id="tags"),
        pytest.param("<think>a</think>\n<instruction>Sort.</instruction>\n", "Sort.", id="tags-after-thinking"),
        pytest.param("<instruction>a\n\n  b</instruction>", "a\n\n  b", id="lines-inside-stay"),
        pytest.param("ソート", "ソート", id="letters-of-any-script"),
    ],
)
def test_the_instruction_is_read(text: str, expected: str) -> None:
    assert read_instruction(reply(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Wrap it in <instruction> tags, then close </instruction> and go on.", id="tags-inside"),
        pytest.param(HOSTILE.strip(), id="hostile"),
        pytest.param("Reject an INVALID date.", id="invalid-inside"),
        pytest.param("INVALID dates must be refused.", id="invalid-first"),
        pytest.param("Return the word INVALID", id="invalid-last"),
        pytest.param("Invalid input: refuse it.\nSort the rest.", id="invalid-as-a-heading"),
        pytest.param("Print this:\nINVALID", id="invalid-on-a-later-line"),
        pytest.param("INVALIDATE", id="a-longer-word"),
    ],
)
def test_an_instruction_is_left_as_it_is(text: str) -> None:
    assert read_instruction(reply(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "INVALID",
        "invalid",
        "Invalid.",
        " INVALID \n",
        "**INVALID**",
        "`INVALID`",
        '"INVALID"',
        "'invalid.'",
        "INVALID!",
        "```\nINVALID\n```",
        "<instruction>\nINVALID\n</instruction>",
        "<think>They do not fit.</think>\n\nINVALID",
        "INVALID\n\nThe two tasks have nothing in common.",
        "**INVALID**:\nthey do not fit",
    ],
    ids=ascii,
)
def test_invalid_is_no_instruction(text: str) -> None:
    assert malformed(text).cause == "not a task"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "empty", id="empty"),
        pytest.param(" \n\t", "empty", id="blanks"),
        pytest.param("<think>a</think>", "empty", id="only-thinking"),
        pytest.param("<instruction></instruction>", "empty", id="empty-tags"),
        pytest.param("<instruction>\n \n</instruction>", "empty", id="blank-tags"),
        pytest.param("...", "not a task", id="punctuation"),
        pytest.param("12 34", "not a task", id="digits"),
        pytest.param("```\n```", "not a task", id="an-empty-fence"),
        pytest.param("😀", "not a task", id="emoji"),
        pytest.param("<think>I would sort", "cut off", id="still-thinking"),
    ],
)
def test_a_reply_without_an_instruction_is_malformed(text: str, expected: str) -> None:
    assert malformed(text).cause == expected


@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "refusal"])
def test_a_reply_that_ended_badly_is_malformed(finish_reason: str) -> None:
    assert malformed("Sort a list.", finish_reason)


@given(st.text(max_size=60))
def test_what_is_read_has_a_letter_and_no_blanks_around_it(text: str) -> None:
    try:
        found = read_instruction(reply(text))
    except MalformedError:
        return
    assert (found == found.strip(), any(map(str.isalpha, found))) == (True, True)


# -- the responder ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Sort a list.", HOSTILE], ids=["plain", "hostile"])
def test_the_instruction_is_the_responders_whole_prompt(text: str) -> None:
    instruction = Instruction("i", text, root_id="i", parent_id=None, round=0, operator="seed")
    assert Responder(MODEL).request(instruction).messages == (Message("user", text),)


def test_a_request_is_the_responders() -> None:
    request = Responder(MODEL).request(PARENT)
    assert (request.role, request.model, request.max_tokens) == ("responder", "m", 2048)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```py\nsorted(x)\n```\n", "```py\nsorted(x)\n```"),
        ("<think>a</think>b", "b"),
        ("", ""),
        ("INVALID", "INVALID"),
        ("42", "42"),
    ],
    ids=["code", "think", "empty", "invalid", "digits"],
)
def test_an_answer_may_be_anything(text: str, expected: str) -> None:
    assert Responder(MODEL).read(reply(text)) == expected


@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "refusal"])
def test_an_answer_that_ended_badly_is_malformed(finish_reason: str) -> None:
    with pytest.raises(MalformedError):
        Responder(MODEL).read(reply("sorted(x)", finish_reason))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("\u200b\u2060\ufeff", "empty", id="zero-width"),
        pytest.param("\u200b\n\u00ad \u200d", "empty", id="zero-width-over-lines"),
        pytest.param("---\n***\n___", "not a task", id="rules"),
        pytest.param("None", "not a task", id="none"),
        pytest.param("**N/A**", "not a task", id="not-applicable"),
        pytest.param("```python\ndef double(x):\n    return 2 * x\n```", "not a task", id="a-bare-fence"),
        pytest.param("```sql\nSELECT 1\n```\n\n```\nx = f(1)\n```", "not a task", id="bare-fences"),
        pytest.param("```\n```", "not a task", id="an-empty-fence"),
        pytest.param("import os\n\nprint(os.getcwd())", "not a task", id="bare-code"),
        pytest.param('{"task": "sort", "steps": [1, 2]}', "not a task", id="bare-json"),
        pytest.param('```json\n[{"a": 1}]\n```', "not a task", id="bare-json-in-a-fence"),
        pytest.param("Write a function that takes a list and returns the", "cut off", id="ends-with-an-article"),
        pytest.param("Sort names of at most 9 letters, with a length of", "cut off", id="ends-with-length-of"),
        pytest.param("Sort names under these conditions:", "cut off", id="ends-with-a-colon"),
        pytest.param("Mend this:\n```python\nfor name in sorted(", "cut off", id="an-open-bracket-in-an-open-fence"),
    ],
)
def test_what_cannot_be_an_instruction_says_why(text: str, expected: str) -> None:
    assert malformed(text).cause == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("```\nWrite a function that sorts names.\n```", id="a-task-in-a-fence"),
        pytest.param("```python\nx = f(1)\n```\nWhat does it print?", id="a-question-below-code"),
        pytest.param('```python\ndef double(x):\n    """Return twice x."""\n```', id="a-stub"),
        pytest.param("```python\n# TODO: finish the loop\nfor x in y:\n    pass\n```", id="a-comment-that-asks"),
        pytest.param('Parse this: {"a": [1]}', id="json-with-a-request"),
        pytest.param("Sort", id="one-word"),
        pytest.param("Explain the keywords and, or", id="a-word-spoken-of"),
        pytest.param("Mend this:\n```python\nx = f(1)", id="an-open-fence"),
        pytest.param("Add a and b.\nInput: 1 2\nOutput:", id="an-answer-to-fill-in"),
        pytest.param("What is the type of `x` in\n\nx = [1]", id="ends-with-a-literal"),
        pytest.param("Tell what this variable is used for", id="ends-with-a-preposition"),
        pytest.param("Implement \u200bsort", id="a-zero-width-character-inside"),
    ],
)
def test_what_asks_for_something_is_an_instruction(text: str) -> None:
    assert read_instruction(reply(text)) == text


@settings(deadline=None)
@given(st.text(max_size=200))
def test_any_reply_is_read_or_malformed(text: str) -> None:
    with contextlib.suppress(MalformedError):
        assert read_instruction(reply(text))


@pytest.mark.parametrize("tile", ["[", "(", "{", "a:", "```\n", "x = ", "-", "\u200b", "the ", "~~~\n"], ids=repr)
def test_a_megabyte_of_reply_is_read_to_its_end(tile: str) -> None:
    with contextlib.suppress(MalformedError):
        assert read_instruction(reply((tile * (2**20 // len(tile) + 1))[: 2**20]))
