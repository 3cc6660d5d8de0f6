"""The pool against its rules, and against a model that keeps every child and looks up who was eligible."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.pool import Pool
from evolve.records import SEED_OPERATOR, Attempt, Fate, Instruction, Outcome, Seed

OUTCOMES: tuple[Outcome, ...] = ("accepted", "rejected", "failed")


def pool_of(count: int = 1) -> Pool:
    return Pool([Seed(f"seed{i}", f"text {i}") for i in range(count)])


def fate(round_: int, index: int, outcome: Outcome, operator: str = "deepen") -> Fate:
    root = f"seed{index}"
    child = Instruction(f"{root}-{round_}", f"text {index}.{round_}", root, root, round_, operator)
    failed = outcome == "failed"
    return Fate(Attempt(round_, index), root, operator, outcome, root, None if failed else child)


def test_a_seed_is_its_own_root_at_round_0() -> None:
    expected = Instruction("seed1", "text 1", root_id="seed1", parent_id=None, round=0, operator=SEED_OPERATOR)
    assert pool_of(2).parent(1, 1) == expected


@pytest.mark.parametrize("count", [0, 1, 7])
def test_one_lineage_per_seed(count: int) -> None:
    assert len(pool_of(count)) == count


@pytest.mark.parametrize(
    ("outcome", "expected"), [("accepted", "seed0-1"), ("rejected", "seed0"), ("failed", "seed0")], ids=OUTCOMES
)
def test_a_child_takes_its_parents_place_only_if_accepted(outcome: Outcome, expected: str) -> None:
    pool = pool_of()
    pool.settle(fate(1, 0, outcome))
    assert pool.parent(0, 2).id == expected


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_the_next_attempt_is_on_the_same_lineage(outcome: Outcome) -> None:
    assert pool_of(3).settle(fate(1, 2, outcome)) == Attempt(2, 2)


@pytest.mark.parametrize(("round_", "expected"), [(1, "seed0"), (2, "seed0-1"), (3, "seed0-1"), (4, "seed0-3")])
def test_a_rounds_parent_is_the_one_before_it_however_far_the_lineage_has_come(round_: int, expected: str) -> None:
    pool = pool_of()
    for number, outcome in enumerate(("accepted", "rejected", "accepted"), 1):
        pool.settle(fate(number, 0, outcome))  # type: ignore[arg-type]
    assert pool.parent(0, round_).id == expected


def test_lineages_do_not_touch_each_other() -> None:
    pool = pool_of(2)
    pool.settle(fate(1, 0, "accepted"))
    assert (pool.parent(1, 1).id, pool.settled(0), pool.settled(1)) == ("seed1", 1, 0)


def test_the_parent_of_a_round_whose_past_is_open_is_refused() -> None:
    with pytest.raises(ValueError, match="lineage 0 is settled up to round 0, not 1"):
        pool_of().parent(0, 2)


@pytest.mark.parametrize(("settled", "round_"), [(0, 2), (1, 1), (1, 3)], ids=["gap", "again", "jump"])
def test_rounds_of_a_lineage_come_in_order(settled: int, round_: int) -> None:
    pool = pool_of()
    for number in range(1, settled + 1):
        pool.settle(fate(number, 0, "accepted"))
    with pytest.raises(ValueError, match=f"round {round_} of lineage 0 settled after round {settled}"):
        pool.settle(fate(round_, 0, "accepted"))


def test_a_refused_settlement_changes_nothing() -> None:
    pool = pool_of()
    with pytest.raises(ValueError, match="settled after"):
        pool.settle(fate(2, 0, "accepted"))
    assert (pool.settled(0), pool.parent(0, 1).id, pool.set_back(0)) == (0, "seed0", None)


@pytest.mark.parametrize(
    ("history", "expected"),
    [
        pytest.param([], None, id="new"),
        pytest.param([("accepted", "deepen")], None, id="accepted"),
        pytest.param([("rejected", "deepen")], "deepen", id="rejected"),
        pytest.param([("failed", "deepen")], "deepen", id="failed"),
        pytest.param([("rejected", "deepen"), ("rejected", "widen")], "widen", id="only-the-last"),
        pytest.param([("rejected", "deepen"), ("accepted", "widen")], None, id="a-new-parent-starts-afresh"),
    ],
)
def test_set_back(history: list[tuple[Outcome, str]], expected: str | None) -> None:
    pool = pool_of()
    for number, (outcome, operator) in enumerate(history, 1):
        pool.settle(fate(number, 0, outcome, operator))
    assert pool.set_back(0) == expected


@given(st.lists(st.tuples(st.integers(0, 3), st.sampled_from(OUTCOMES)), max_size=30))
def test_the_pool_agrees_with_a_naive_model(events: list[tuple[int, Outcome]]) -> None:
    """Lineages advance in any interleaving; the model recomputes everything from the list of fates."""
    pool, fates = pool_of(4), list[Fate]()
    for index, outcome in events:
        fates.append(fate(sum(f.attempt.index == index for f in fates) + 1, index, outcome))
        pool.settle(fates[-1])
    for index in range(4):
        own = [f for f in fates if f.attempt.index == index]
        assert pool.settled(index) == len(own)
        assert (pool.set_back(index) is None) == (not own or own[-1].outcome == "accepted")
        for round_ in range(1, len(own) + 2):
            kept = [f.child.id for f in own[: round_ - 1] if f.outcome == "accepted" and f.child]
            assert pool.parent(index, round_).id == (kept or [f"seed{index}"])[-1]
