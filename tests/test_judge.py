"""The judge: its three verdicts, read strictly; whatever else a model says is undecided, and never an error."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import JudgeConfig
from evolve.eliminator import Judge
from evolve.records import Finding, Instruction, Reply, Verdict

PARENT = Instruction("p", "Sort the names.", "p", None, 0, "seed")
CHILD = Instruction("c", "Sort the names by length.", "p", "p", 1, "concretize", 1)
HOSTILE_BYTES = 100_000
UNHURRIED = settings(deadline=None)
FRAGMENTS = (
    "{", "}", '{"verdict": "equal"}', '"verdict"', '"equal"', ":", ",", "[", "]", "null", "true", "1e999", "NaN", "-",
    '"\\ud800"', "\\", "```json\n", "```", "<think>", "</think>", "\n", "not equal", "\x00", "\u202e",
)  # fmt: skip


def read(text: str, finish_reason: str = "stop") -> Finding:
    return Judge(JudgeConfig(model="judge")).read(Reply(text, finish_reason, "judge"))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"verdict": "equal"}', id="as-asked"),
        pytest.param('{"verdict":"Equal "}', id="case-and-space"),
        pytest.param('{\n  "verdict": "equal"\n}\n', id="over-several-lines"),
        pytest.param('{"why": "the same bounds", "verdict": "equal"}', id="with-a-reason"),
        pytest.param('{"equal": true}', id="a-boolean-under-another-name"),
        pytest.param('{"verdict": true}', id="a-boolean"),
        pytest.param('{"verdict": "yes"}', id="yes"),
        pytest.param('```json\n{"verdict": "equal"}\n```', id="fenced"),
        pytest.param('They want one thing. {"verdict": "equal"} That is all.', id="in-prose"),
        pytest.param('<think>{"verdict": "not equal"}?</think>{"verdict": "equal"}', id="after-thinking"),
        pytest.param('hm, "not equal"?</think>\n{"verdict": "equal"}', id="after-thinking-without-a-start"),
        pytest.param('{"verdict": "not equal"} - no: {"verdict": "equal"}', id="the-last-word-counts"),
        pytest.param('{"verdict": "equal"} {"confidence": 0.9}', id="another-object-behind"),
    ],
)
def test_equal_is_a_rejection(text: str) -> None:
    assert (read(text).verdict, read(text).reason) == (Verdict.REJECT, "no_gain")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"verdict": "not equal"}', id="as-asked"),
        pytest.param('{"verdict": "NOT_EQUAL"}', id="an-underscore"),
        pytest.param('{"verdict": "different"}', id="different"),
        pytest.param('{"verdict": false}', id="a-boolean"),
        pytest.param('{"equal": false}', id="a-boolean-under-another-name"),
        pytest.param('~~~\n{"verdict": "not equal"}\n~~~', id="fenced"),
        pytest.param('{"verdict": "equal"}, or rather {"verdict": "not equal"}', id="the-last-word-counts"),
    ],
)
def test_not_equal_is_accepted(text: str) -> None:
    assert (read(text).verdict, read(text).reason) == (Verdict.ACCEPT, None)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"verdict": "unsure"}', id="unsure"),
        pytest.param('At first {"verdict": "equal"}, but in the end {"verdict": "unsure"}', id="unsure-in-the-end"),
        pytest.param(
            '{"verdict": "equal"}, {"verdict": "not equal"}, or {"verdict": "unsure"}', id="the-choices-again"
        ),
        pytest.param('{"verdict": "perhaps"}', id="another-word"),
        pytest.param('{"verdict": null}', id="null"),
        pytest.param('{"verdict": 1}', id="a-number"),
        pytest.param('{"verdict": ["equal"]}', id="a-list"),
        pytest.param('{"answer": "equal"}', id="another-key"),
        pytest.param("{verdict: equal}", id="not-json"),
        pytest.param("{'verdict': 'equal'}", id="single-quotes"),
        pytest.param('{"verdict": "equal"', id="without-end"),
        pytest.param("equal", id="the-bare-word"),
        pytest.param("Yes, they are equal.", id="prose"),
        pytest.param("", id="nothing"),
        pytest.param("<html>502</html>", id="garbage"),
        pytest.param('<think>{"verdict": "equal"}', id="still-thinking"),
        pytest.param('{"verdict": ' + "[" * HOSTILE_BYTES + "]" * HOSTILE_BYTES + "}", id="lists-without-end"),
        pytest.param('{"verdict": ' + "9" * HOSTILE_BYTES + "}", id="a-number-without-end"),
    ],
)
def test_everything_else_is_undecided(text: str) -> None:
    assert (read(text).verdict, read(text).reason) == (Verdict.UNDECIDED, None)


@pytest.mark.parametrize("finish_reason", ["length", "content_filter", "refusal"])
@pytest.mark.parametrize("verdict", ["equal", "not equal"])
def test_a_reply_that_did_not_end_well_is_undecided(finish_reason: str, verdict: str) -> None:
    assert read(json.dumps({"verdict": verdict}), finish_reason).verdict is Verdict.UNDECIDED


@pytest.mark.parametrize(
    ("text", "finish_reason"), [("", "stop"), ('{"verdict": "unsure"}', "stop"), ("", "length")], ids=str
)
def test_undecided_says_why(text: str, finish_reason: str) -> None:
    assert read(text, finish_reason).detail


def test_a_judge_that_could_not_be_asked_is_undecided() -> None:
    finding = Judge(JudgeConfig(model="judge")).unasked("HTTP 400: no")
    assert (finding.verdict, finding.detail) == (Verdict.UNDECIDED, "HTTP 400: no")


@UNHURRIED
@given(st.text(), st.sampled_from(["stop", "length", "", "tool_calls"]))
def test_no_text_makes_it_raise(text: str, finish_reason: str) -> None:
    assert read(text, finish_reason).verdict in Verdict


@UNHURRIED
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=12).map("".join))
def test_no_half_json_makes_it_raise(text: str) -> None:
    finding = read(text)
    assert (finding.reason == "no_gain") == (finding.verdict is Verdict.REJECT)


@UNHURRIED
@given(st.recursive(st.none() | st.booleans() | st.text() | st.integers(), lambda below: st.lists(below, max_size=3)))
def test_no_value_makes_it_raise(value: object) -> None:
    assert read(json.dumps({"verdict": value})).verdict in Verdict


@pytest.mark.parametrize(
    "tile", ["{", "}", "{}", '{"', '{"verdict": "', "[", "<think>", "</think>", "`", " "], ids=repr
)
@pytest.mark.parametrize("head", ["", "{", "<think>"], ids=repr)
def test_a_hostile_reply_costs_little(head: str, tile: str) -> None:
    text = (head + tile * HOSTILE_BYTES)[:HOSTILE_BYTES]
    began = time.process_time()
    read(text)
    assert time.process_time() - began < 2


# -- the request -------------------------------------------------------------------------------------------------------


def test_both_texts_are_shown_to_the_judge() -> None:
    (message,) = Judge(JudgeConfig(model="judge")).request(PARENT, CHILD).messages
    assert message.content.index(PARENT.text) < message.content.index(CHILD.text)


def test_it_is_asked_with_its_own_settings() -> None:
    request = Judge(JudgeConfig(model="judge", max_tokens=99)).request(PARENT, CHILD)
    assert (request.role, request.model, request.temperature, request.max_tokens) == ("judge", "judge", 0.0, 99)


@pytest.mark.parametrize("text", ["$first $second ${x} $$", "{0} {} %s", "</first>\n<second>", "\\1 \\g<0>"], ids=repr)
def test_a_text_reaches_the_judge_as_it_is(text: str) -> None:
    hostile = Instruction("h", text, "p", "p", 1, "deepen", 1)
    assert f"\n{text}\n" in Judge(JudgeConfig(model="judge")).request(hostile, CHILD).messages[0].content


def test_the_run_remembers_which_prompt_was_used() -> None:
    assert list(Judge(JudgeConfig()).contents) == ["prompt.judge"]
