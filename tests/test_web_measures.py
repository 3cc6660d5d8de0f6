"""What a page measures, and what it warns of: each warning has a run that must set it off, and a near miss."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from evolve.ledger import Call, Ledger
from evolve.records import Fate, Finding, Proof, Verdict
from evolve.web import PageData, Vectors, gather, open_ledger
from evolve.web.timeline import moments
from tests.runs import VERIFIED, child, text, write

UNDECIDED = Finding("judge_no_gain", 1, Verdict.UNDECIDED, detail="unsure")


def look(folder: Path, fates: Iterable[Fate], *, finished: bool = True) -> PageData:
    with open_ledger(write(folder / "run", fates, finished=finished)) as ledger:
        return gather(ledger, Vectors())[0]


def good(seeds: int = 40, rounds: int = 2, *, added: int = 15, answer: str = "```python\nx\n```") -> list[Fate]:
    """A run that nothing speaks against."""
    said = [
        [f"{text(0, i)} {' '.join(text(r, i, words=added) for r in range(1, n + 1))}" for i in range(seeds)]
        for n in range(rounds + 1)
    ]
    hard = ["", "if a:\nif b:\n", "if a:\nif b:\nif c:\nif d:\n", "for a:\n" * 6, "for a:\n" * 9]
    return [
        child(n, i, said[n][i], answer=hard[n] + answer, proof=VERIFIED)
        for n in range(rounds + 1)
        for i in range(seeds)
    ]


def without(fates: Iterable[Fate], round_: int, count: int, **changes: str) -> list[Fate]:
    """The first `count` of a round, made anew with these changes."""
    return [
        child(round_, fate.attempt.index, fate.child.text if fate.child else "", proof=VERIFIED, **changes)  # type: ignore[arg-type]
        if fate.attempt.round == round_ and fate.attempt.index < count
        else fate
        for fate in fates
    ]


def odd() -> list[Fate]:
    """With an operator of which six of 26 are thrown out."""
    more = [child(1, i, text(1, i), operator="odd", proof=VERIFIED) for i in range(40, 60)]
    return [*without(good(), 1, 6, operator="odd", reason="too_long"), *more]


def ending(words: str) -> list[Fate]:
    """With five evolutions that end like this."""
    return good()[:40] + [
        child(1, i, f"{text(0, i)} {text(1, i, words=15)}\n{words}", proof=VERIFIED) for i in range(5)
    ]


def alike(count: int) -> list[Fate]:
    """The last round, so many of which say one of three things."""
    return [
        child(2, f.attempt.index, f"{text('same', f.attempt.index % 3, words=60)} {f.attempt.index}", proof=VERIFIED)
        if f.attempt.round == 2 and f.attempt.index < count
        else f
        for f in good()
    ]


def test_nothing_speaks_against_a_good_run(tmp_path: Path) -> None:
    found = look(tmp_path, good()).assessment
    assert found.level == "good"
    assert found.warnings == ()


@pytest.mark.parametrize(
    ("task", "answer", "language"),
    [
        ("Sort names in Java.", "```py\nx\n```", "python"),
        ("Sort names in C#.", "Sort them.", "csharp"),
        ("Sort names.", "Sort them.", "(none named)"),
    ],
)
def test_the_answer_s_language_is_that_of_an_export(tmp_path: Path, task: str, answer: str, language: str) -> None:
    found = look(tmp_path, [child(0, 0, task, answer=answer), child(1, 0, task, answer=answer)]).contents
    assert [one["name"] for one in found["languages"]] == [language]


@pytest.mark.parametrize("asked", [False, True], ids=["no judge", "a judge"])
async def test_the_verdict_says_where_no_judge_was_asked(tmp_path: Path, asked: bool) -> None:
    write(tmp_path / "run", good())
    if asked:
        with Ledger(tmp_path / "run" / "ledger.db") as ledger:
            await ledger.record_call(Call("s", 1, "judge", "q", None, "HTTP 400: no"))
    with open_ledger(tmp_path / "run") as ledger:
        sentence = gather(ledger, Vectors())[0].assessment.sentence
    assert ("no judge was asked" in sentence) is not asked


@pytest.mark.parametrize(
    ("fates", "title"),
    [
        (without(good(), 1, 40, reason="no_gain"), "no_gain than usual"),
        (without(without(good(), 1, 2, reason="prompt_leak"), 2, 6, reason="prompt_leak"), "Leaks of"),
        (good(added=5), "standstill"),
        (good(rounds=1, added=5), "Small steps"),
        (good(added=30), "Long steps"),
        (alike(8), "grow alike"),
        (without(good(), 1, 3, reason="contaminated"), "held benchmark items"),
        (without(good(), 2, 1, error="HTTP 500"), "1 attempts failed"),
        (odd(), "odd is thrown out"),
        (good(rounds=4), "4 rounds"),
        ([child(0, 0, "x"), child(1, 0, text(1, 0))], "Nothing proves the answers"),
        ([*good(), child(2, 40, text(2, 40), findings=[UNDECIDED], proof=VERIFIED)], "could not decide"),
        (without(good(), 1, 1, model="offline-evolver")[40:41], "Nobody thought of these rows"),
        (ending("#Erroneous Code#"), "Words of the method"),
        ([child(0, i, text(0, i), answer="x = 1", proof=VERIFIED) for i in range(40)] + good()[40:], "two kinds"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)  # fmt: skip
def test_it_warns(tmp_path: Path, fates: list[Fate], title: str) -> None:
    titles = [warning.title for warning in look(tmp_path, fates).assessment.warnings]
    assert [one for one in titles if title in one]


@pytest.mark.parametrize(
    ("fates", "title"),
    [
        (without(good(), 1, 5, reason="no_gain"), "no_gain than usual"),  # an eighth of them: twice as usual at most
        (without(good(), 1, 4, reason="refusal"), "refusal than usual"),  # far more than usual, but four rows
        (without(without(good(), 1, 3, reason="prompt_leak"), 2, 6, reason="prompt_leak"), "Leaks of"),  # twice as many
        (good(added=10), "standstill"),
        (good(added=20), "Long steps"),
        (alike(4), "grow alike"),
        (good(rounds=3), "rounds"),
        (ending("# A comment"), "Words of the method"),
    ],
    ids=lambda value: value.replace(" ", "-") if isinstance(value, str) else "",
)  # fmt: skip
def test_it_does_not_warn_of_a_near_miss(tmp_path: Path, fates: list[Fate], title: str) -> None:
    titles = [warning.title for warning in look(tmp_path, fates).assessment.warnings]
    assert [one for one in titles if title in one] == []


def test_of_a_sample_shares_are_of_what_was_looked_at(tmp_path: Path) -> None:
    """Every evolution has the words, so their share is whole, though the page holds a third of the lineages."""
    fates = [child(0, i, text(0, i)) for i in range(30)]
    fates += [child(1, i, f"{text(0, i)} {text(1, i)}\n#Erroneous Code#") for i in range(30)]
    with open_ledger(write(tmp_path / "run", fates)) as ledger:
        found = gather(ledger, Vectors(), most=20)[0]
    [title] = [one.title for one in found.assessment.warnings if "Words of the method" in one.title]
    assert "10 of 10 accepted evolutions (100.0%)" in title


def test_every_warning_names_its_source(tmp_path: Path) -> None:
    found = look(tmp_path, good(added=5, rounds=4), finished=False).assessment.warnings
    assert len(found) >= 3
    assert all(warning.source for warning in found)


def test_a_run_without_a_row_is_not_called_good(tmp_path: Path) -> None:
    found = look(tmp_path, [child(0, 0, "x"), child(1, 0, "y", reason="no_gain")]).assessment
    assert (found.level, found.sentence) == ("bad", "There is nothing to train on: no evolution was accepted.")


def test_an_empty_run_has_a_page(tmp_path: Path) -> None:
    assert look(tmp_path, [], finished=False).attempts == 0


def test_the_map_shows_what_is_near(tmp_path: Path) -> None:
    """Two kinds of texts lie apart, and are where they were in another run of the same texts."""
    said = ["sort a list of numbers in python", "draw a red circle with html canvas"]
    fates = [child(0, i, f"{said[i % 2]} {i}") for i in range(40)]
    places = []
    for name in ("a", "b"):
        with open_ledger(write(tmp_path / name, fates)) as ledger:
            places.append(np.array([(item.x, item.y) for item in gather(ledger, Vectors())[1]]))
    first, second = places[0][::2], places[0][1::2]
    assert np.array_equal(places[0], places[1])
    assert np.abs(first.mean(0) - second.mean(0)).max() > 4 * max(first.std(0)[0], second.std(0)[0])
    assert np.abs(places[0]).max() <= 1


def test_diversity_is_told_among_equally_many(tmp_path: Path) -> None:
    """As many texts drawn alike are as diverse in a large round as in a small one."""
    fates = [child(0, i, text("x", i)) for i in range(400)] + [child(1, i, text("y", i)) for i in range(40)]
    spreads = next(one.spreads for one in look(tmp_path, fates).measures if one.name == "distance")
    assert [spread.count for spread in spreads] == [40, 40]
    assert spreads[0].median == pytest.approx(spreads[1].median, abs=0.05)


def test_contents_are_counted_by_round(tmp_path: Path) -> None:
    fates = [
        child(0, 0, "Write a Python function.", answer="7"),
        child(0, 1, "Write a query.", answer="```sql\nSELECT 1\n```"),
        child(0, 2, "Write a thing.", answer="7"),
        child(1, 0, "Write a Rust function.", answer="fn f() { one; two; three; four }"),
        child(1, 1, "no", reason="no_gain"),
    ]
    found = look(tmp_path, fates).contents
    assert found["rounds"] == [0, 1]
    assert [shape["rows"] for shape in found["shapes"]] == [3, 1]
    assert found["shapes"][0] == {"rows": 3, "characters": 73, "fenced": 0.3333, "short": 1.0, "same": 2}
    assert {one["name"]: one["shares"] for one in found["languages"]} == {
        "python": [0.3333, 0.0],
        "sql": [0.3333, 0.0],
        "(none named)": [0.3333, 0.0],
        "rust": [0.0, 1.0],
    }
    assert found["depths"] == [2, 1]


def test_rows_on_the_edge_are_listed(tmp_path: Path) -> None:
    def scored(new_words: float, across: float) -> list[Finding]:
        return [
            Finding("no_gain", 3, Verdict.ACCEPT, scores={"new_words": new_words}),
            Finding("duplicate", 3, Verdict.ACCEPT, scores={"across": across, "within": 0.75}),
        ]

    fates = [child(0, i, "one two three") for i in range(3)] + [
        child(1, 0, "one two three four", answer="long enough", findings=scored(1, 0.1)),
        child(1, 1, "one two", answer="also long enough", findings=scored(5, 0.9)),
        child(1, 2, "one two three four five", answer="no", findings=scored(3, 0.2)),
    ]
    found = look(tmp_path, fates)
    assert {name: keys[0] for name, keys in found.contents["edges"].items()} == {
        "Least new words": "1.0",
        "Nearest to another seed's": "1.1",
        "Shorter than its parent": "1.1",
        "Longest instruction": "1.2",
        "Shortest answer": "1.2",
    }
    assert found.contents["edges"]["Shorter than its parent"] == ["1.1"]
    [step] = next(one.spreads for one in found.measures if one.name == "step")
    assert (step.round, step.count, step.median) == (1, 3, 0.25)


def test_trials_are_told_by_what_held_them(tmp_path: Path) -> None:
    unfit = Proof("unverified", "no toolchain for COBOL")
    fates = [child(0, 0, "a", proof=VERIFIED), child(0, 1, "b", proof=VERIFIED), child(0, 2, "c", proof=unfit)]
    found = look(tmp_path, fates).proofs
    assert [(one["status"], one["tier"], one["count"], one["mutation"]) for one in found] == [
        ("verified", "wasm", 2, 0.9),
        ("unverified", "none", 1, None),
    ]


LOG = """{"time": 100.0, "event": "start"}
{"time": 130.0, "event": "figures", "accepted": 5, "usd": 0.5, "in_flight": 4, "lines": [{"turned_away": 2}]}
{"time": 9000.0, "event": "start"}
{"time": 9030.0, "event": "figures", "accepted": 2, "rejected": 1, "usd": 0.7, "lines": [{"turned_away": 1}]}
not json
[]
{"event": "figures"}
{"time": 9060.0, "event": "figures", "accepted": 3"""


def test_the_curve_goes_on_over_starts(tmp_path: Path) -> None:
    """Time in which nothing ran is left out, and a line that was cut off is passed over."""
    (tmp_path / "log.jsonl").write_text(LOG, encoding="utf-8")
    found = moments(tmp_path / "log.jsonl")
    assert [(one.seconds, one.accepted, one.rejected, one.usd, one.turned_away) for one in found] == [
        (0.0, 0, 0, None, 0),
        (30.0, 5, 0, 0.5, 2),
        (60.0, 7, 1, 0.7, 3),
    ]


def test_without_a_log_there_is_no_curve(tmp_path: Path) -> None:
    assert moments(tmp_path / "log.jsonl") == ()
