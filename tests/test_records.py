"""Ids depend on content alone; records keep their values and their order."""

import dataclasses
import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from evolve.records import (
    Attempt,
    Fate,
    Finding,
    Instruction,
    Message,
    Reply,
    Request,
    Seed,
    Usage,
    Verdict,
    digest,
    instruction_id,
    rng,
)

ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=12)
REQUEST = Request("evolver", "m", (Message("system", "s"), Message("user", "u")), 1.0, 0.9, 2048)


@given(st.lists(ANY_TEXT, max_size=4))
def test_a_digest_is_16_hexadecimal_characters(parts: list[str]) -> None:
    assert len(digest(*parts)) == 16
    assert int(digest(*parts), 16) >= 0


@given(st.lists(ANY_TEXT, max_size=4), st.lists(ANY_TEXT, max_size=4))
def test_digests_are_equal_only_for_equal_parts(left: list[str], right: list[str]) -> None:
    assert (digest(*left) == digest(*right)) == (left == right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        pytest.param(("a\x1fb",), ("a", "b"), id="unit-separator-within"),
        pytest.param(("ab", "c"), ("a", "bc"), id="moved-border"),
        pytest.param(("",), (), id="empty-part"),
        pytest.param(("1:a",), ("a",), id="looks-like-a-length"),
        pytest.param(("\ud83d\ude00",), ("😀",), id="surrogates-and-the-character"),
    ],
)
def test_no_part_can_pass_for_others(left: tuple[str, ...], right: tuple[str, ...]) -> None:
    assert digest(*left) != digest(*right)


def test_ids_and_draws_are_the_same_in_another_process() -> None:
    code = "from evolve.records import digest, rng; print(digest('a', 'ü'), rng(7, 'root', 1).random())"
    other = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30)
    assert other.stdout.split() == [digest("a", "ü"), str(rng(7, "root", 1).random())]


def test_draws_do_not_depend_on_earlier_draws() -> None:
    alone = rng(7, "root", 2).random()
    rng(7, "root", 1).random()
    assert rng(7, "root", 2).random() == alone


@pytest.mark.parametrize("parts", [(8, "root", 1), (7, "other", 1), (7, "root", 2), (7, "root", 1, "x")], ids=str)
def test_draws_differ_by_every_part(parts: tuple[object, ...]) -> None:
    assert rng(*parts).random() != rng(7, "root", 1).random()


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(("R", "p", 1, "deepen", "t"), id="root"),
        pytest.param(("r", "P", 1, "deepen", "t"), id="parent"),
        pytest.param(("r", "p", 2, "deepen", "t"), id="round"),
        pytest.param(("r", "p", 1, "concretise", "t"), id="operator"),
        pytest.param(("r", "p", 1, "deepen", "T"), id="text"),
    ],
)
def test_an_instruction_id_depends_on_each_part(other: tuple[str, str, int, str, str]) -> None:
    assert instruction_id(*other) != instruction_id("r", "p", 1, "deepen", "t")


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(dataclasses.replace(REQUEST, role="judge"), id="role"),
        pytest.param(dataclasses.replace(REQUEST, model="n"), id="model"),
        pytest.param(dataclasses.replace(REQUEST, temperature=None), id="temperature"),
        pytest.param(dataclasses.replace(REQUEST, top_p=0.8), id="top_p"),
        pytest.param(dataclasses.replace(REQUEST, max_tokens=1), id="max_tokens"),
        pytest.param(dataclasses.replace(REQUEST, reply_schema="{}"), id="reply_schema"),
        pytest.param(dataclasses.replace(REQUEST, nth=1), id="nth"),
        pytest.param(dataclasses.replace(REQUEST, messages=REQUEST.messages[::-1]), id="order"),
        pytest.param(dataclasses.replace(REQUEST, messages=(Message("user", "s"), Message("user", "u"))), id="speaker"),
        pytest.param(dataclasses.replace(REQUEST, messages=(Message("system", "s\x1fuser\x1fu"),)), id="forged-turn"),
    ],
)
def test_a_request_digest_depends_on_each_field(other: Request) -> None:
    assert other.digest != REQUEST.digest


def test_digests_of_ledgers_that_are_there_stay_as_they_are() -> None:
    plain = Request("evolver", "m", (Message("user", "u"),), 1.0, 0.9, 2048)
    assert plain.digest == digest("evolver", "m", "1.0", "0.9", "2048", "user", "u")


def test_equal_requests_have_equal_digests() -> None:
    assert dataclasses.replace(REQUEST).digest == REQUEST.digest


def test_attempts_sort_by_round_then_index() -> None:
    shuffled = [Attempt(2, 0), Attempt(1, 9), Attempt(1, 10), Attempt(10, 0), Attempt(1, 0)]
    assert sorted(shuffled) == [Attempt(1, 0), Attempt(1, 9), Attempt(1, 10), Attempt(2, 0), Attempt(10, 0)]


def test_a_record_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Seed("id", "text").text = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    "record",
    [
        pytest.param(Seed("s", "text", "out", "python", "algorithm"), id="seed"),
        pytest.param(Reply("text", "stop", "m", Usage(3, 4)), id="reply"),
        pytest.param(
            Fate(
                attempt=Attempt(1, 2),
                root_id="r",
                operator="deepen",
                outcome="rejected",
                parent_id="r",
                child=Instruction("c", "text\u2028", "r", "r", 1, "deepen", 1),
                answer="a",
                findings=(Finding("duplicate", 2, Verdict.REJECT, "duplicate", "seen", {"cosine": 0.97}, "n"),),
                reason="duplicate",
                partner_id="p",
                models={"evolver": "m"},
                prompt_digest="d",
            ),
            id="fate",
        ),
    ],
)
def test_records_survive_json(record: Seed | Reply | Fate) -> None:
    adapter: TypeAdapter[Seed | Reply | Fate] = TypeAdapter(type(record))
    assert adapter.validate_json(adapter.dump_json(record)) == record
