"""Requests as the endpoint will see them, and the text in a reply: fails closed, and takes no thinking for data."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.config import JudgeConfig, RoleConfig
from evolve.records import Message, Reply, Role
from evolve.teacher import MalformedError, make_request, prompt_digest, read_text

HOSTILE = "{} {0} %s $x $$ < & > \\ \\n ``` </instruction> 'q' \"q\" naïve 日本 😀 \t "
MODEL = RoleConfig(model="m")


def reply(text: str, finish_reason: str = "stop") -> Reply:
    return Reply(text, finish_reason, "m")


def malformed(found: Reply) -> MalformedError:
    with pytest.raises(MalformedError) as caught:
        read_text(found)
    return caught.value


# -- requests --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", [HOSTILE, "", "\n  a\n"], ids=["hostile", "empty", "blanks"])
def test_the_prompt_is_one_user_message_unchanged(prompt: str) -> None:
    assert make_request("evolver", MODEL, prompt).messages == (Message("user", prompt),)


@pytest.mark.parametrize("role", ["evolver", "responder", "judge"])
def test_a_request_knows_its_role(role: Role) -> None:
    assert make_request(role, MODEL, "hi").role == role


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        pytest.param(RoleConfig(model="m"), ("m", 1.0, 0.9, 2048), id="evolve-and-answer"),
        pytest.param(JudgeConfig(model="j"), ("j", 0.0, 1.0, 512), id="judge"),
        pytest.param(
            RoleConfig(model="x", temperature=None, top_p=None, max_tokens=None), ("x", None, None, None), id="none"
        ),
        pytest.param(RoleConfig(model="x", temperature=0.3, top_p=0.5, max_tokens=7), ("x", 0.3, 0.5, 7), id="own"),
    ],
)
def test_a_request_has_its_roles_settings(config: RoleConfig, expected: tuple[object, ...]) -> None:
    request = make_request("evolver", config, "hi")
    assert (request.model, request.temperature, request.top_p, request.max_tokens) == expected


def test_a_role_without_a_model_makes_no_request() -> None:
    with pytest.raises(ValueError, match="the judge has no model"):
        make_request("judge", RoleConfig(), "hi")


def test_the_prompts_digest_does_not_depend_on_who_is_asked() -> None:
    first, second = make_request("evolver", MODEL, "hi"), make_request("judge", JudgeConfig(model="other"), "hi")
    assert (prompt_digest(first) == prompt_digest(second), first.digest == second.digest) == (True, False)


def test_the_prompts_digest_depends_on_the_prompt() -> None:
    assert len({prompt_digest(make_request("evolver", MODEL, text)) for text in ("hi", "hi ", "Hi", "")}) == 4


# -- replies that end badly ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("finish_reason", "expected"),
    [("length", "cut off"), ("content_filter", "declined"), ("refusal", "declined")],
)
@pytest.mark.parametrize("text", ["", "Sort a list.", "<think>a</think>Sort a list."], ids=["empty", "text", "think"])
def test_a_reply_that_ended_badly_is_malformed(finish_reason: str, expected: str, text: str) -> None:
    assert malformed(reply(text, finish_reason)).cause == expected


@pytest.mark.parametrize("finish_reason", ["stop", "eos", "tool_calls"])
def test_a_reply_that_came_to_its_end_is_read(finish_reason: str) -> None:
    assert read_text(reply("Sort a list.", finish_reason)) == "Sort a list."


def test_a_malformed_error_keeps_its_cause_across_processes() -> None:
    error = pickle.loads(pickle.dumps(MalformedError("cut off at max_tokens", "cut off")))
    assert (str(error), error.cause) == ("cut off at max_tokens", "cut off")


# -- thinking --------------------------------------------------------------------------------------------------------

FENCE = "Strip it:\n```html\n<p></think>text\n```\nThe rest stays."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("<think>a</think>b", "b", id="block"),
        pytest.param(" \n<think>\na\n\nb\n</think>\n\nc\n", "c", id="lines"),
        pytest.param("<THINK>a</Think>b", "b", id="other-case"),
        pytest.param("<think></think>b", "b", id="empty-block"),
        pytest.param("<think>a</think>", "", id="nothing-else"),
        pytest.param("<think>```py\nx\n``` and ```</think>b", "b", id="fences-in-the-block"),
        pytest.param("a\n</think>\nb", "b", id="only-the-closing-tag"),
        pytest.param("</think>b", "b", id="closing-tag-first"),
        pytest.param("a</THINK>b", "b", id="only-the-closing-tag-in-other-case"),
        pytest.param("try ```py\nx\n``` then\n</think>\nb", "b", id="a-whole-fence-before-the-closing-tag"),
        pytest.param('say "hi"</think>b', "b", id="a-quote-before-the-closing-tag"),
        pytest.param(f"a\n</think>\n{FENCE}", FENCE, id="only-the-closing-tag-then-a-fenced-one"),
        pytest.param("<think>a</think>b\n</think>\nc", "c", id="a-second-closing-tag"),
    ],
)
def test_thinking_is_cut_off(text: str, expected: str) -> None:
    assert read_text(reply(text)) == expected


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("<think>a", id="begun"),
        pytest.param("<think>", id="only-a-tag"),
        pytest.param("\n <Think>\nI would sort", id="other-case"),
        pytest.param("<think>a</think><think>b", id="a-second-block"),
        pytest.param("<think>a</think>\n</think>\n<think>b", id="begun-again"),
    ],
)
def test_thinking_without_an_end_is_malformed(text: str) -> None:
    assert malformed(reply(text)).cause == "cut off"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FENCE, id="in-a-fence"),
        pytest.param(f"```\na\n```\n{FENCE}", id="in-a-later-fence"),
        pytest.param("Remove `</think>` from a reply.", id="in-backticks"),
        pytest.param("Split a string at \"</think>\" or '</think>'.", id="in-quotes"),
        pytest.param("Remove every <think> block.", id="an-opening-tag-inside"),
        pytest.param("Do not <thinking> or </thinking>", id="another-tag"),
    ],
)
def test_a_tag_that_is_content_is_left_alone(text: str) -> None:
    assert read_text(reply(text)) == text


@pytest.mark.parametrize("text", [FENCE, "Remove `</think>` from a reply."], ids=["in-a-fence", "in-backticks"])
def test_a_tag_that_is_content_is_left_alone_after_thinking(text: str) -> None:
    assert read_text(reply(f"<think>\na\n</think>\n\n{text}")) == text


@pytest.mark.parametrize("text", ["", " \n\t", "<think>a</think>\n"], ids=["empty", "blanks", "only-thinking"])
def test_text_may_be_empty(text: str) -> None:
    assert not read_text(reply(text))


PIECES = st.sampled_from(["<think>", "</think>", "```", "\n", "`", '"', "a", "THINKING", " "])


GARBLED = "'/'X9F31| in\x031~$+ byI1\x1e\x1fX] andX\\+ the%aK def'\x12 list\ufffd of\x0f"
"""What a model with random weights said."""


@pytest.mark.parametrize(
    "text", [GARBLED, GARBLED * 20, f"<think>a</think>{GARBLED}"], ids=["short", "long", "thought"]
)
def test_what_is_no_text_is_garbled(text: str) -> None:
    error = malformed(reply(text))
    assert (error.cause, "garbled" in str(error)) == ("empty", True)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Print \x1b[31mred\x1b[0m, \x1b[32mgreen\x1b[0m and \x1b[34mblue\x1b[0m.", id="colours"),
        pytest.param("Replace \ufffd and \x00 in a text by a question mark.", id="two-that-it-is-about"),
        pytest.param("Sort a list.\x0c" + "\t1\r\n" * 40 + "End.", id="layout"),
        pytest.param("Strip control characters such as \x01, \x02 and \x03. " + "Keep the rest. " * 30, id="few"),
        pytest.param("数える 😀 naïve \U0001f469\u200d\U0001f4bb \u202b", id="other-alphabets"),
    ],
)
def test_a_text_with_odd_characters_is_a_text(text: str) -> None:
    assert read_text(reply(text)) == text.strip()


LETTERS = st.characters(exclude_categories=["Cc", "Cs"], exclude_characters="\ufffd")


@given(st.text(LETTERS, max_size=60).filter(lambda text: "think>" not in text.lower()))
def test_text_without_tags_is_only_stripped(text: str) -> None:
    assert read_text(reply(text)) == text.strip()


@given(st.lists(PIECES.filter(lambda piece: piece not in {"</think>", "```"}), max_size=12).map("".join))
def test_nothing_of_a_closed_block_is_left(thinking: str) -> None:
    """`THINKING` stands only inside; the tags of the block are on lines of their own."""
    assert "THINKING" not in read_text(reply(f"<think>\n{thinking}\n</think>\nSort a list."))


@given(st.lists(PIECES, max_size=14).map("".join))
def test_what_is_read_never_begins_with_a_tag(text: str) -> None:
    try:
        found = read_text(reply(text))
    except MalformedError:
        return
    assert not found.startswith(("<think>", "</think>"))
