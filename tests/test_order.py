"""The order of the duplicate check: planted duplicates are found whoever arrives first, however it is spread."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import Deduplicator, Item, thresholds
from evolve.embedding import Embedder, Found, LocalPart, Questions
from evolve.errors import HaltedError
from evolve.ledger import Ledger
from evolve.order import Order
from evolve.records import Attempt, Finding

CONFIG = EliminatorConfig(embedder="builtin")
TASKS = (
    "Write a Python function that returns the longest run of equal numbers in a list.",
    "Parse a web server's log in Go and count its errors by hour.",
    "Explain in Rust how two threads can share a counter without a lock.",
)
REWORDED = (
    "Implement a Python method which returns the longest run of equal numbers in an array.",
    "Create a Go program to parse the log of a web server, counting errors by hour.",
    "In Rust, explain how a counter can be shared by two threads without a lock.",
)
EARLIER = [Item("old:a", "old:a", "Sort the words of a sentence by their number of vowels in Java.")]
SEEDS = [
    Item(f"s{i}", f"s{i}", f"Seed number {i + 2}: draw a {shape}.") for i, shape in enumerate(("cat", "dog", "cow"))
]
NEW = (
    (TASKS[0], TASKS[1], REWORDED[0]),  # repeated in its round, by another lineage
    (REWORDED[1], None, TASKS[2]),  # in the next round, by another lineage
    (REWORDED[2], TASKS[2], "In Java, sort a sentence's words by the number of their vowels."),  # and of an earlier run
)
"""What each round's attempts bring; None: nothing."""
PLANTED = [(1, 2), (2, 0), (3, 0), (3, 1), (3, 2)]
ATTEMPTS = [(Attempt(r, i), text) for r, texts in enumerate(NEW, 1) for i, text in enumerate(texts)]


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return Embedder("builtin")


@pytest.fixture(scope="module")
def ledger(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ledger]:
    with Ledger(tmp_path_factory.mktemp("order") / "ledger.db") as ledger:
        yield ledger


def item(attempt: Attempt, text: str) -> Item:
    return Item(f"c{attempt.round}{attempt.index}", f"s{attempt.index}", text)


async def ordered(embedder: Embedder, ledger: Ledger, arrival: Sequence[int], rows: int) -> list[Finding | None]:
    """The findings in canonical order, of attempts that arrive in that order and pauses in between."""

    async def embed(text: str) -> np.ndarray:
        await asyncio.sleep(0)
        row: np.ndarray = embedder.encode([text])[0]
        return row

    order = Order(thresholds(CONFIG), 3, embed=embed, text=ledger.text_of, part=LocalPart, rows=rows)
    found: dict[int, Finding | None] = {}

    async def attempt(number: int) -> None:
        place, text = ATTEMPTS[number]
        new = None if text is None else item(place, text)
        found[number] = finding = await order.check(place, new)
        if new is not None and finding is not None:
            await asyncio.sleep(0)
            order.settle(new.id, kept=finding.reason is None)

    async def begin() -> None:
        await order.begin([*EARLIER, *SEEDS])
        order.open()

    starts: list[asyncio.Task[None]] = []
    for number in arrival:
        starts.append(asyncio.create_task(begin() if number == len(ATTEMPTS) else attempt(number)))
        await asyncio.sleep(0)
    await asyncio.gather(*starts)
    await order.close()
    return [found[number] for number in range(len(ATTEMPTS))]


@pytest.fixture(scope="module")
def sequential(embedder: Embedder) -> list[Finding | None]:
    """What the plain program finds, one after the other."""
    search = Deduplicator(CONFIG, embedder.encode)
    search.keep([*EARLIER, *SEEDS])
    return [None if text is None else search.check([item(place, text)])[0] for place, text in ATTEMPTS]


def test_planted_duplicates_are_found(sequential: list[Finding | None]) -> None:
    places = [place for place, _ in ATTEMPTS]
    rejected = [p for p, f in zip(places, sequential, strict=True) if f is not None and f.reason]
    assert [(place.round, place.index) for place in rejected] == PLANTED


@settings(deadline=None, max_examples=30)
@given(arrival=st.permutations(range(len(ATTEMPTS) + 1)), rows=st.integers(1, 20))
async def test_they_are_found_in_any_order_of_arrival_and_number_of_parts(
    embedder: Embedder, ledger: Ledger, sequential: list[Finding | None], arrival: list[int], rows: int
) -> None:
    assert await ordered(embedder, ledger, arrival, rows) == sequential


async def test_a_candidate_waits_for_the_fate_of_what_it_repeats(embedder: Embedder, ledger: Ledger) -> None:
    async def embed(text: str) -> np.ndarray:
        row: np.ndarray = embedder.encode([text])[0]
        return row

    for kept in (True, False):
        order = Order(thresholds(CONFIG), 2, embed=embed, text=ledger.text_of, part=LocalPart, rows=9)
        order.open()
        await order.check(Attempt(1, 0), Item("a", "x", TASKS[0]))
        second = asyncio.create_task(order.check(Attempt(1, 1), Item("b", "y", REWORDED[0])))
        await asyncio.sleep(0.1)
        assert not second.done()
        order.settle("a", kept=kept)
        finding = await second
        assert finding is not None
        assert (finding.nearest_id == "a") is kept


class Broken(LocalPart):
    async def ask(self, questions: Questions, until: int) -> list[Found] | None:
        raise OSError("no memory")


async def test_an_index_that_cannot_be_asked_fails_those_who_wait(embedder: Embedder, ledger: Ledger) -> None:
    async def embed(text: str) -> np.ndarray:
        row: np.ndarray = embedder.encode([text])[0]
        return row

    order = Order(thresholds(CONFIG), 1, embed=embed, text=ledger.text_of, part=Broken, rows=9)
    await order.begin(SEEDS)
    order.open()
    with pytest.raises(OSError, match="no memory"):
        await order.check(Attempt(1, 0), Item("a", "x", TASKS[0]))


@pytest.mark.parametrize("steps", range(12))
async def test_whoever_waits_is_cut_short_by_the_end_whenever_it_comes(
    embedder: Embedder, ledger: Ledger, steps: int
) -> None:
    """For a turn that never comes, for a fate that never falls, or with the search only just begun."""

    async def embed(text: str) -> np.ndarray:
        await asyncio.sleep(0)
        row: np.ndarray = embedder.encode([text])[0]
        return row

    order = Order(thresholds(CONFIG), 4, embed=embed, text=ledger.text_of, part=LocalPart, rows=9)
    order.open()
    texts = ((0, TASKS[0]), (1, REWORDED[0]), (3, TASKS[1]))  # the third of four never arrives
    waiting = [
        asyncio.create_task(order.check(Attempt(1, index), Item(f"c{index}", f"s{index}", text)))
        for index, text in texts
    ]
    for _ in range(steps):
        await asyncio.sleep(0)
    await order.close()
    async with asyncio.timeout(20):
        ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert all(isinstance(end, asyncio.CancelledError | HaltedError) for end in ended[1:])
    with pytest.raises(HaltedError):
        await order.check(Attempt(1, 2), None)
