"""How far a run goes: a function of the fates, whatever the order in which they fall."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.config import TargetConfig
from evolve.goal import Goal
from evolve.records import Attempt

LINEAGES, ROUNDS = 5, 3
PLACES = [Attempt(round_, index) for round_ in range(ROUNDS + 1) for index in range(LINEAGES)]


def naive_end(accepted: list[bool], samples: int | None, most: int | None) -> int:
    """Attempts that are wanted, counted one by one."""
    every = len(accepted) if most is None else min(most, len(accepted))
    if samples is None:
        return every
    found = 0
    for number in range(every):
        found += accepted[number]
        if found == samples:
            return number + 1
    return every


FATES = st.lists(st.booleans(), min_size=len(PLACES), max_size=len(PLACES))
SAMPLES = st.one_of(st.none(), st.integers(1, len(PLACES) + 2))


@given(FATES, SAMPLES, SAMPLES, st.randoms(use_true_random=False))
def test_the_end_is_that_of_the_fates_in_order(
    accepted: list[bool], samples: int | None, most: int | None, random: Random
) -> None:
    goal = Goal(LINEAGES, ROUNDS, TargetConfig(samples=samples, max_attempts=most))
    order = list(range(len(PLACES)))
    random.shuffle(order)
    end = naive_end(accepted, samples, most)
    for number in order:
        assert goal.wants(PLACES[end - 1])  # what is wanted in the end was never turned down
        goal.settle(PLACES[number], accepted=accepted[number])
    assert goal.reached
    assert goal.last == PLACES[end - 1]
    assert [goal.wants(place) for place in PLACES] == [n < end for n in range(len(PLACES))]


@given(FATES, st.integers(1, len(PLACES)), st.randoms(use_true_random=False))
def test_it_is_reached_with_the_last_fate_that_is_wanted(accepted: list[bool], samples: int, random: Random) -> None:
    goal = Goal(LINEAGES, ROUNDS, TargetConfig(samples=samples))
    order = list(range(len(PLACES)))
    random.shuffle(order)
    left = set(range(naive_end(accepted, samples, None)))
    for number in order:
        assert goal.reached == (not left)
        goal.settle(PLACES[number], accepted=accepted[number])
        left.discard(number)
    assert goal.reached


@given(FATES, st.integers(1, len(PLACES)), st.sets(st.integers(0, len(PLACES) - 1), max_size=4))
def test_what_is_taken_back_makes_room_for_others(accepted: list[bool], samples: int, taken: set[int]) -> None:
    goal = Goal(LINEAGES, ROUNDS, TargetConfig(samples=samples))
    for place, kept in zip(PLACES, accepted, strict=True):
        goal.settle(place, accepted=kept)
    for number in taken:
        goal.retract(PLACES[number])
    left = [kept and number not in taken for number, kept in enumerate(accepted)]
    assert goal.last == PLACES[naive_end(left, samples, None) - 1]


@pytest.mark.parametrize("target", [TargetConfig(), TargetConfig(max_attempts=10**9)], ids=["none", "a high ceiling"])
def test_without_a_target_every_attempt_is_wanted(target: TargetConfig) -> None:
    goal = Goal(LINEAGES, ROUNDS, target)
    assert goal.last == PLACES[-1]
    assert not goal.reached
