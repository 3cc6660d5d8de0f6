"""The duplicate search against a plain oracle: every pair in float64, one after the other, however it was batched."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.eliminator import Admitted, Duplicates, Entry
from evolve.records import Verdict

UNHURRIED = settings(deadline=None)


@dataclass(frozen=True)
class Pair:
    """An earlier entry as the oracle sees it."""

    id: str
    cosine: float
    within: bool


def entry(id_: str, root: str, *components: float) -> Entry:
    vector = np.array(components, np.float64)
    return Entry(id_, root, (vector / np.linalg.norm(vector)).astype(np.float16))


def at_angle(id_: str, root: str, degrees: float) -> Entry:
    return entry(id_, root, math.cos(math.radians(degrees)), math.sin(math.radians(degrees)))


def cosine(one: Entry, other: Entry) -> float:
    a, b = ([float(x) for x in e.vector] for e in (one, other))
    product, squares = math.fsum(x * y for x, y in zip(a, b, strict=True)), math.fsum(x * x for x in a)
    return round(product / math.sqrt(squares * math.fsum(y * y for y in b)), 6)


def oracle(entries: Sequence[Entry], within: float, across: float) -> list[tuple[list[Pair], dict[str, float]]]:
    """For each: the earlier ones near enough, nearest first; and its largest cosine on either side."""
    found = []
    for i, new in enumerate(entries):
        pairs = [Pair(old.id, cosine(old, new), old.root_id == new.root_id) for old in entries[:i]]
        near = [pair for pair in pairs if pair.cosine >= (within if pair.within else across)]
        sides = {"within": [p.cosine for p in pairs if p.within], "across": [p.cosine for p in pairs if not p.within]}
        best = {side: max(values) for side, values in sides.items() if values}
        found.append((sorted(near, key=lambda pair: (-pair.cosine, pair.id)), best))
    return found


def admit(entries: Sequence[Entry], sizes: Sequence[int], within: float, across: float) -> list[Admitted]:
    """Admit them in batches of these sizes, the rest as one."""
    duplicates = Duplicates(within, across)
    bounds = [0, *itertools.accumulate(sizes), len(entries)]
    return [a for begin, end in itertools.pairwise(bounds) for a in duplicates.admit(entries[begin:end])]


def plainly(admitted: Sequence[Admitted]) -> list[tuple[list[Pair], dict[str, float]]]:
    return [([Pair(near.id, near.cosine, near.within) for near in a.nears], dict(a.scores)) for a in admitted]


@st.composite
def families(draw: st.DrawFn) -> list[Entry]:
    """Few directions, many of them equal or a hair apart."""
    component = st.integers(-2, 2) | st.sampled_from([1e-3, -1e-3, 0.999, 1.001, 60.0])
    directions = draw(st.lists(st.tuples(*[component] * 4).filter(any), min_size=1, max_size=4))
    chosen = draw(st.lists(st.tuples(st.sampled_from(directions), st.sampled_from("xy")), max_size=14))
    return [entry(f"e{i:02}", root, *direction) for i, (direction, root) in enumerate(chosen)]


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Entry], float, float]:
    """With thresholds that lie on, just below or just above a cosine that occurs."""
    entries = draw(families())
    occurring = sorted({abs(cosine(a, b)) for a, b in itertools.combinations(entries, 2)} | {0.5})
    threshold = st.tuples(st.sampled_from(occurring), st.sampled_from([-1e-6, 0.0, 1e-6])).map(sum)
    return entries, draw(threshold), draw(threshold)


@UNHURRIED
@given(cases(), st.lists(st.integers(0, 6), max_size=8))
def test_it_finds_what_the_oracle_finds(case: tuple[list[Entry], float, float], sizes: list[int]) -> None:
    entries, within, across = case
    assert plainly(admit(entries, sizes, within, across)) == oracle(entries, within, across)


@UNHURRIED
@given(cases(), st.lists(st.integers(0, 6), max_size=8), st.lists(st.integers(0, 6), max_size=8))
def test_batching_changes_nothing(case: tuple[list[Entry], float, float], one: list[int], other: list[int]) -> None:
    entries, within, across = case
    assert admit(entries, one, within, across) == admit(entries, other, within, across)


@UNHURRIED
@given(cases(), st.lists(st.integers(0, 6), max_size=8), st.integers(1, 5))
def test_growing_over_a_blocks_end_changes_nothing(
    case: tuple[list[Entry], float, float], sizes: list[int], block: int
) -> None:
    entries, within, across = case
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evolve.eliminator.duplicates.BLOCK", block)
        assert plainly(admit(entries, sizes, within, across)) == oracle(entries, within, across)


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
@pytest.mark.parametrize("near", [0.95, 0.98])
def test_it_finds_what_the_oracle_finds_near_the_threshold(near: float, dimension: int) -> None:
    entries = neighbours(7, 60, dimension, near)
    assert plainly(admit(entries, [1, 30, 2], near, near)) == oracle(entries, near, near)


# -- the decision ------------------------------------------------------------------------------------------------------


def test_the_first_of_all_is_near_to_nothing() -> None:
    assert admit([at_angle("a", "x", 0)], [], 0.9, 0.9) == [Admitted((), {})]


def test_no_batch_no_result() -> None:
    assert Duplicates(0.9, 0.9).admit([]) == []


def test_all_that_was_admitted_is_counted() -> None:
    duplicates = Duplicates(0.9, 0.9)
    duplicates.admit([at_angle("a", "x", 0), at_angle("b", "x", 0)])
    duplicates.admit([at_angle("c", "x", 0)])
    assert len(duplicates) == 3


def test_an_earlier_one_does_not_repeat_a_later_one() -> None:
    first, second = admit([at_angle("a", "x", 0), at_angle("b", "y", 0)], [], 0.9, 0.9)
    assert (first.nears, [near.id for near in second.nears]) == ((), ["a"])


@pytest.mark.parametrize(
    ("root", "within", "across", "expected"),
    [
        pytest.param("x", 0.9, 1.0, Verdict.REJECT, id="own-lineage-own-threshold"),
        pytest.param("x", 1.0, 0.9, Verdict.ACCEPT, id="own-lineage-not-the-others-threshold"),
        pytest.param("y", 1.0, 0.9, Verdict.REJECT, id="another-lineage-its-threshold"),
        pytest.param("y", 0.9, 1.0, Verdict.ACCEPT, id="another-lineage-not-the-own-threshold"),
    ],
)
def test_each_side_has_its_threshold(root: str, within: float, across: float, expected: Verdict) -> None:
    duplicates = Duplicates(within, across)
    _, admitted = duplicates.admit([at_angle("a", "x", 0), at_angle("b", root, 20)])
    assert duplicates.decide(admitted, {"a"}).verdict is expected


@pytest.mark.parametrize(("step", "expected"), [(0.0, Verdict.REJECT), (1e-6, Verdict.ACCEPT)], ids=["at", "above"])
def test_a_threshold_is_the_cosine_from_which_on(step: float, expected: Verdict) -> None:
    one, other = at_angle("a", "x", 0), at_angle("b", "x", 20)
    duplicates = Duplicates(cosine(one, other) + step, 1.0)
    assert duplicates.decide(duplicates.admit([one, other])[1], {"a"}).verdict is expected


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param({"far", "near", "nearest"}, "nearest", id="the-nearest"),
        pytest.param({"far", "near"}, "near", id="the-nearest-that-was-kept"),
        pytest.param({"far"}, "far", id="the-only-one-kept"),
        pytest.param({"aside"}, None, id="one-that-is-not-near"),
        pytest.param(set(), None, id="none"),
    ],
)
def test_only_what_was_kept_makes_a_duplicate(kept: set[str], expected: str | None) -> None:
    angles = {"far": 20, "nearest": -2, "aside": 90, "near": 10}
    duplicates = Duplicates(0.9, 0.9)
    admitted = duplicates.admit(
        [*(at_angle(id_, id_, angle) for id_, angle in angles.items()), at_angle("new", "x", 0)]
    )
    assert duplicates.decide(admitted[-1], kept).nearest_id == expected


def test_of_two_that_are_equally_near_the_smaller_id_is_named() -> None:
    duplicates = Duplicates(0.9, 0.9)
    admitted = duplicates.admit([at_angle("b", "x", 0), at_angle("a", "y", 0), at_angle("new", "z", 0)])
    assert duplicates.decide(admitted[2], {"a", "b"}).nearest_id == "a"


def test_a_duplicate_says_how_near_and_of_which_side() -> None:
    duplicates = Duplicates(0.9, 0.9)
    _, admitted = duplicates.admit([at_angle("a", "x", 0), at_angle("b", "x", 0)])
    assert duplicates.decide(admitted, {"a"}).detail == "cosine 1.000 to one of its own lineage"


@pytest.mark.parametrize("kept", [{"a", "b"}, set()], ids=["kept", "not-kept"])
def test_the_scores_count_all_that_came_before(kept: set[str]) -> None:
    duplicates = Duplicates(0.99, 0.99)
    admitted = duplicates.admit([at_angle("a", "x", 60), at_angle("b", "y", 90), at_angle("new", "x", 0)])
    scores = duplicates.decide(admitted[2], kept).scores
    assert scores == {"within": pytest.approx(0.5, abs=1e-3), "across": pytest.approx(0, abs=1e-3)}


@UNHURRIED
@given(cases())
def test_among_those_kept_none_repeats_another(case: tuple[list[Entry], float, float]) -> None:
    entries, within, across = case
    duplicates = Duplicates(within, across)
    kept: list[Entry] = []
    for new, admitted in zip(entries, duplicates.admit(entries), strict=True):
        if duplicates.decide(admitted, {old.id for old in kept}).verdict is Verdict.ACCEPT:
            kept.append(new)
    pairs = itertools.combinations(kept, 2)
    assert all(cosine(a, b) < (within if a.root_id == b.root_id else across) for a, b in pairs)
