"""Off topic: what is plainly no programming task is caught; whatever has one word of programming is not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.topics import OffTopic
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

PARENT = "Write a function that returns the largest value of a list."
MEGABYTE = 2**20


def check(text: str, parent: str = PARENT, *, depth: bool = True) -> Finding:
    return OffTopic()(Candidate(text, (parent,), "deepen_reasoning", depth))


OFF = [
    pytest.param("Compose a poem about the first snow in the mountains, with four verses of four.", id="a-poem"),
    pytest.param("Discuss how the steam engine changed the lives of people in the towns of the north.", id="an-essay"),
    pytest.param("Plan a dinner for six guests that is ready in an hour and has no meat in it.", id="a-dinner"),
    pytest.param("Advise the owner of a bakery who wants to open a second shop near the station.", id="business"),
]


@pytest.mark.parametrize("text", OFF)
@pytest.mark.parametrize("depth", [True, False], ids=["depth", "breadth"])
def test_what_is_no_programming_is_off_topic(text: str, depth: bool) -> None:
    assert check(text, depth=depth).reason == "off_topic"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Compose a poem about the first snow, and print it with a Python program.", id="a-program"),
        pytest.param("Find who owes whom how much after a dinner of six: `settle(bills)` has to tell.", id="a-call"),
        pytest.param("Who of the guests pays most?\n```\nann 3\nbob 4\n```\nTell it in their own way.", id="a-fence"),
        pytest.param("Do the same for the largest of them but one, and say how you got there.", id="parents-word"),
        pytest.param("Explain it to the owner of a bakery.", id="short"),
        pytest.param("Cuenta cómo fue la primera nieve de las montañas para los niños del pueblo.", id="spanish"),
        pytest.param("Tell the Haskell way of doing that, and why it is not that of the others here.", id="a-language"),
    ],
)
def test_what_may_be_programming_is_not(text: str) -> None:
    assert check(text).verdict is Verdict.ACCEPT


@pytest.mark.parametrize("text", OFF)
def test_a_parent_that_is_no_programming_may_have_such_children(text: str) -> None:
    assert check(text, "Write down the rules of chess for a child.").verdict is Verdict.ACCEPT


@settings(deadline=None)
@given(st.text(max_size=300), st.text(max_size=100), st.booleans())
def test_any_text_is_accepted_or_rejected(text: str, parent: str, depth: bool) -> None:
    assert check(text, parent, depth=depth).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize("tile", ["a", "the snow of ", "\n", "`", "字"], ids=repr)
def test_a_megabyte_is_read_to_its_end(tile: str) -> None:
    assert check((tile * MEGABYTE)[:MEGABYTE]).verdict in {Verdict.ACCEPT, Verdict.REJECT}
