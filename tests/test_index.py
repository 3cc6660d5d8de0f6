"""The index against a plain oracle: every pair in float64, one after the other, however rows and questions came."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.embedding import Entry, Floors, Index, LocalPart, Neighbour, Neighbours, Part, Questions, Search
from evolve.embedding.index import Found
from evolve.embedding.products import MARGIN, Products, Way
from evolve.errors import StageError

UNHURRIED = settings(deadline=None)
WAYS: tuple[Way, ...] = ("bfloat16", "float32")


def entry(id_: str, root: str, *components: float) -> Entry:
    vector = np.array(components, np.float64)
    return Entry(id_, root, (vector / np.linalg.norm(vector)).astype(np.float16))


def at_angle(id_: str, root: str, degrees: float) -> Entry:
    return entry(id_, root, math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def cosine(one: Entry, other: Entry) -> float:
    a, b = ([float(x) for x in e.vector] for e in (one, other))
    product, squares = math.fsum(x * y for x, y in zip(a, b, strict=True)), math.fsum(x * x for x in a)
    return round(product / math.sqrt(squares * math.fsum(y * y for y in b)), 6)


def oracle(entries: Sequence[Entry], floors: Floors) -> list[Neighbours]:
    """For each: the earlier ones near enough, nearest first; and its largest cosine on either side."""
    found = []
    for i, new in enumerate(entries):
        pairs = [Neighbour(old.id, cosine(old, new), old.root_id == new.root_id) for old in entries[:i]]
        near = [pair for pair in pairs if pair.cosine >= (floors.within if pair.within else floors.across)]
        sides = {"within": [p.cosine for p in pairs if p.within], "across": [p.cosine for p in pairs if not p.within]}
        scores = tuple((side, max(values)) for side, values in sides.items() if values)
        found.append(Neighbours(tuple(sorted(near, key=lambda pair: -pair.cosine)), scores))
    return found


async def admit(entries: Sequence[Entry], sizes: Sequence[int], floors: Floors, rows: int = 1000) -> list[Neighbours]:
    """Admit them in batches of these sizes, the rest as one."""
    search = Search(floors, rows=rows)
    bounds = [0, *(min(end, len(entries)) for end in itertools.accumulate(sizes)), len(entries)]
    return [n for begin, end in itertools.pairwise(bounds) for n in await search.admit(entries[begin:end])]


@st.composite
def families(draw: st.DrawFn) -> list[Entry]:
    """Few directions, many of them equal or a hair apart."""
    component = st.integers(-2, 2) | st.sampled_from([1e-3, -1e-3, 0.999, 1.001, 60.0])
    directions = draw(st.lists(st.tuples(*[component] * 4).filter(any), min_size=1, max_size=4))
    chosen = draw(st.lists(st.tuples(st.sampled_from(directions), st.sampled_from("xy")), max_size=14))
    return [entry(f"e{i:02}", root, *direction) for i, (direction, root) in enumerate(chosen)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Entry], Floors]:
    """With floors that lie on, just below or just above a cosine that occurs."""
    entries = draw(families())
    occurring = sorted({abs(cosine(a, b)) for a, b in itertools.combinations(entries, 2)} | {0.5})
    floor = st.tuples(st.sampled_from(occurring), st.sampled_from([-1e-6, 0.0, 1e-6])).map(sum)
    return entries, Floors(draw(floor), draw(floor))


async def test_a_row_that_rounding_made_shorter_is_as_near_as_its_twin() -> None:
    third = [entry(f"e{i}", f"r{i}", 0.0, 1.0, 1.0, 1.0) for i in range(3)]  # a length of 0.9996 in half precision
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evolve.embedding.index.CHUNK", 1)
        patch.setattr("evolve.embedding.index.BLOCK", 1)
        assert await admit(third, [], Floors(1.0, 1.0)) == oracle(third, Floors(1.0, 1.0))


SIZES = st.lists(st.integers(0, 6), max_size=8)


@UNHURRIED
@given(cases(), SIZES, st.integers(1, 6))
async def test_it_finds_what_the_oracle_finds(case: tuple[list[Entry], Floors], sizes: list[int], rows: int) -> None:
    entries, floors = case
    assert await admit(entries, sizes, floors, rows) == oracle(entries, floors)


@UNHURRIED
@given(cases(), st.integers(1, 5), st.integers(1, 5))
async def test_growing_over_the_ends_of_blocks_changes_nothing(
    case: tuple[list[Entry], Floors], chunk: int, chunks: int
) -> None:
    entries, floors = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evolve.embedding.index.CHUNK", chunk)
        patch.setattr("evolve.embedding.index.BLOCK", chunk * chunks)
        assert await admit(entries, [3, 1], floors) == oracle(entries, floors)


@UNHURRIED
@given(cases(), st.lists(st.integers(0, 13), max_size=10))
async def test_what_is_admitted_again_changes_nothing_and_finds_the_same(
    case: tuple[list[Entry], Floors], repeated: list[int]
) -> None:
    entries, floors = case
    search = Search(floors, rows=4)
    first = await search.admit(entries)
    for number in repeated:
        if number < len(entries):
            assert await search.admit([entries[number]]) == [first[number]]
    assert len(search) == len(entries)


def neighbours(seed: int, count: int, dimension: int, near: float) -> list[Entry]:
    """Vectors whose cosines to one of a few centres lie within 1e-3 of `near`, as half precision leaves them."""
    random = Random(seed)
    centres = [np.array([random.gauss(0, 1) for _ in range(dimension)]) for _ in range(5)]
    made = []
    for i in range(count):
        centre = centres[i % 5] / np.linalg.norm(centres[i % 5])
        aside = np.array([random.gauss(0, 1) for _ in range(dimension)])
        aside -= (aside @ centre) * centre
        angle = math.acos(min(1.0, near + random.uniform(-1e-3, 1e-3)))
        vector = math.cos(angle) * centre + math.sin(angle) * aside / np.linalg.norm(aside)
        made.append(entry(f"e{i:03}", f"r{random.randrange(6)}", *(centre if i < 5 else vector)))
    return made


@pytest.mark.parametrize("dimension", [2, 3, 256, 384])
@pytest.mark.parametrize("near", [0.7, 0.95])
@pytest.mark.parametrize("rows", [1000, 30, 20], ids=["one-part", "two", "three"])
async def test_it_finds_what_the_oracle_finds_near_the_floor(near: float, dimension: int, rows: int) -> None:
    entries = neighbours(7, 60, dimension, near)
    assert await admit(entries, [1, 30, 2], Floors(near, near), rows) == oracle(entries, Floors(near, near))


def rows(seed: int, count: int, dimension: int) -> np.ndarray:
    draw = np.random.default_rng(seed).standard_normal((count, dimension))
    made: np.ndarray = (draw / np.linalg.norm(draw, axis=1, keepdims=True)).astype(np.float16)
    return made


def ask(index: Index, vectors: np.ndarray, *, within: float, across: float) -> list[Found]:
    lineages = np.arange(len(vectors), dtype=np.int32) % 7
    found = index.ask(Questions(vectors, lineages, np.full(len(vectors), len(index)), within, across))
    assert found is not None
    return found


@pytest.mark.parametrize("dimension", [8, 384])
def test_both_ways_of_multiplying_find_the_same(dimension: int) -> None:
    held, asked = rows(1, 4500, dimension), rows(2, 300, dimension)
    answers = []
    for way in WAYS:
        index = Index(way=way)
        index.add(0, held, np.arange(4500, dtype=np.int32) % 50)
        answers.append(ask(index, asked, within=-1, across=0.1))
    assert answers[0] == answers[1]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", ["random", "alike", "tiny-components", "one-component"])
def test_products_keep_within_their_margin(way: Way, kind: str) -> None:
    held, asked = rows(1, 500, 2048), rows(2, 50, 2048)
    if kind == "alike":
        held = np.concatenate([asked] * 10)
    if kind == "tiny-components":
        held = (np.eye(500, 2048) + 5e-5).astype(np.float16)
    if kind == "one-component":
        held, asked = np.eye(500, 2048, dtype=np.float16), np.eye(50, 2048, dtype=np.float16)
    products = Products(way, asked, 512)
    table = products(held, np.zeros((50, 500), np.bool_))
    true = asked.astype(np.float64) @ held.astype(np.float64).T
    assert np.abs(products.largest(table) - true.max(axis=1)).max() < MARGIN[way]
    for shift in (-1, 1):
        least = np.full(50, np.median(true)) + shift * MARGIN[way]
        numbers, columns = products.at_least(table, least)
        chosen = np.zeros(true.shape, np.bool_)
        chosen[numbers, columns] = True
        assert chosen[true >= least[0] + MARGIN[way]].all()


def held_mb() -> float:
    """Memory that this process alone holds."""
    lines = Path("/proc/self/smaps_rollup").read_text("ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon")) / 1e3


@pytest.mark.parametrize("way", WAYS)
def test_products_of_many_shapes_leave_nothing_behind(way: Way) -> None:
    held = rows(1, 1024, 64)

    def multiply(shapes: int) -> None:
        draw = Random(shapes)
        for _ in range(shapes):
            count = draw.randint(1, 1024)
            Products(way, rows(2, draw.randint(1, 100), 64), 1024)(held[:count], (np.array([0]), np.array([0])))

    multiply(60)
    before = held_mb()
    multiply(200)
    assert held_mb() - before < 40


@pytest.mark.parametrize("given", [0, 3, 5, 9], ids=str)
def test_rows_that_are_there_are_passed_over(given: int) -> None:
    held = rows(1, 10, 8)
    index = Index(100)
    assert index.add(100, held[:6], np.zeros(6, np.int32)) == 106
    assert index.add(100 + given, held[given:], np.zeros(10 - given, np.int32)) == (110 if given <= 6 else 106)


def test_an_index_without_the_rows_says_so() -> None:
    index = Index(5)
    index.add(5, rows(1, 3, 8), np.zeros(3, np.int32))
    questions = Questions(rows(2, 1, 8), np.zeros(1, np.int32), np.array([8]), 0, 0)
    assert index.ask(questions, 8) is not None
    assert index.ask(questions, 9) is None


class Forgetful:
    """A part that loses its process, and with it its rows, at every so many calls."""

    def __init__(self, begin: int, every: int) -> None:
        self._begin, self._every, self._calls = begin, every, 0
        self._part: Part = LocalPart(begin)

    def _call(self) -> None:
        self._calls += 1
        if self._calls % self._every == 0:
            self._part = LocalPart(self._begin)
            raise StageError("lost")

    async def add(self, position: int, vectors: np.ndarray, lineages: np.ndarray) -> int:
        self._call()
        return await self._part.add(position, vectors, lineages)

    async def ask(self, questions: Questions, until: int) -> list[Found] | None:
        self._call()
        return await self._part.ask(questions, until)


@pytest.mark.parametrize("every", [4, 5, 7])
@pytest.mark.parametrize("size", [7, 100])
async def test_a_part_that_is_lost_is_filled_again(every: int, size: int) -> None:
    entries = neighbours(3, 40, 16, 0.9)
    held = {e.id: e.vector for e in entries}

    async def again(ids: Sequence[str]) -> np.ndarray:
        return np.stack([held[id_] for id_ in ids])

    search = Search(Floors(0.9, 0.9), lambda begin: Forgetful(begin, every), size, again)
    found = [n for begin in range(0, 40, 5) for n in await search.admit(entries[begin : begin + 5])]
    assert found == oracle(entries, Floors(0.9, 0.9))


async def test_of_two_that_are_equally_near_the_earlier_comes_first() -> None:
    search = Search(Floors(0.9, 0.9), rows=1)
    found = await search.admit([at_angle("b", "x", 0), at_angle("a", "y", 0), at_angle("new", "z", 0)])
    assert [near.id for near in found[2].near] == ["b", "a"]


async def test_no_more_than_so_many_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evolve.embedding.index.MOST", 3)
    entries = [at_angle(f"e{i}", "xy"[i % 2], i) for i in range(30)]
    (found,) = await Search(Floors(0, 0)).admit(entries[:1])
    assert found == Neighbours()
    last = (await admit(entries, [], Floors(0, 0), 4))[-1]
    assert [near.id for near in last.near] == ["e28", "e27", "e26", "e25", "e24", "e23"]


async def test_nothing_admitted_nothing_found() -> None:
    assert await Search(Floors(0.9, 0.9)).admit([]) == []


async def test_a_part_that_has_no_process_for_long_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    class Away(Forgetful):
        async def ask(self, questions: Questions, until: int) -> list[Found] | None:
            if sum(slept) < 60:
                raise StageError("lost")
            return await self._part.ask(questions, until)

    monkeypatch.setattr("evolve.embedding.search.asyncio.sleep", sleep)
    search = Search(Floors(0.9, 0.9), lambda begin: Away(begin, 10**6))
    found = await search.admit([at_angle("a", "x", 0), at_angle("b", "y", 0)])
    assert [near.id for near in found[1].near] == ["a"]
    assert max(slept) <= 5
