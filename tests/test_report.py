"""Looking at a run: totals that add up, tables that fit, lineages that nest, and hostile text that stays text."""

import itertools
import json
from collections import Counter
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console, RenderableType
from rich.text import Text
from rich.tree import Tree

from evolve.ledger import Call, Ledger
from evolve.records import Attempt, Fate, Finding, Instruction, Outcome, Proof, Reply, Step, Usage, Verdict
from evolve.report import (
    BrokenOff,
    Progress,
    Summary,
    Used,
    lineage_tree,
    reasons_table,
    sample_view,
    summarise,
    summary_page,
    summary_table,
    usage_lines,
)
from evolve.report.summary import Line
from evolve.text import plain

FEW = settings(deadline=None, max_examples=25)
"""For what writes files: a disk may be slow at any moment."""
UNHURRIED = settings(deadline=None)
OPERATORS = ("seed", "add_constraint", "deepen_reasoning", "crossover")
REASONS = ("prompt_leak", "no_gain", "duplicate", "empty_content")
NAMES = ("accepted", "rejected", "failed")


def fate(
    round_: int,
    index: int = 0,
    outcome: Outcome = "accepted",
    *,
    operator: str = "deepen",
    reason: str | None = None,
    parent: str = "root",
    text: str = "text",
    error: str | None = None,
) -> Fate:
    """The child's id is its round, and its root's at round 0."""
    id_ = f"child{round_}" if round_ else "root"
    child = None if outcome == "failed" else Instruction(id_, text, "root", parent, round_, operator)
    parent_id = parent if round_ else None
    return Fate(Attempt(round_, index), "root", operator, outcome, parent_id, child, reason=reason, error=error)


def ledger_of(folder: Path, *fates: Fate) -> Ledger:
    """Closed, and opened again for reading."""
    with Ledger(folder / "ledger.db") as ledger:
        for each in fates:
            ledger.record_fate(each)
    return Ledger(folder / "ledger.db", read_only=True)


def summary_of(folder: Path, *fates: Fate) -> Summary:
    with ledger_of(folder, *fates) as ledger:
        return summarise(ledger)


def printed(what: RenderableType, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width, force_terminal=True, color_system=None)
    console.print(what)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


_End = tuple[Outcome, str | None]
_ENDS: st.SearchStrategy[_End] = st.one_of(
    st.just(("accepted", None)), st.just(("failed", None)), st.sampled_from(REASONS).map(lambda r: ("rejected", r))
)
_PLACES = st.tuples(st.integers(0, 3), st.integers(0, 5))
RUNS = st.dictionaries(_PLACES, st.tuples(st.sampled_from(OPERATORS), _ENDS), max_size=24).map(
    lambda run: [fate(*place, end[0], operator=name, reason=end[1]) for place, (name, end) in run.items()]
)
"""Fates at different places, in any order."""


# -- the summary -------------------------------------------------------------------------------------------------------


@FEW
@given(RUNS)
def test_every_fate_is_counted_once(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    summary = summary_of(tmp_path_factory.mktemp("run"), *fates)
    found = {(line.round, line.operator, name): getattr(line, name) for line in summary.lines for name in NAMES}
    assert {key: n for key, n in found.items() if n} == Counter((f.attempt.round, f.operator, f.outcome) for f in fates)


@FEW
@given(RUNS)
def test_attempts_are_the_sum_of_their_outcomes(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    summary = summary_of(tmp_path_factory.mktemp("run"), *fates)
    assert summary.total("attempts") == sum(map(summary.total, NAMES)) == len(fates)


@FEW
@given(RUNS)
def test_rejections_are_the_sum_of_their_reasons(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    summary = summary_of(tmp_path_factory.mktemp("run"), *fates)
    assert all(sum(line.reasons.values()) == line.rejected for line in summary.lines)


@FEW
@given(RUNS)
def test_reasons_are_counted_over_the_whole_run(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    summary = summary_of(tmp_path_factory.mktemp("run"), *fates)
    assert summary.reasons == Counter(f.reason for f in fates if f.reason is not None)


@FEW
@given(RUNS)
def test_lines_are_in_order_of_rounds(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    keys = [(line.round, line.operator) for line in summary_of(tmp_path_factory.mktemp("run"), *fates).lines]
    assert keys == sorted(set(keys))


def test_the_most_frequent_reason_comes_first(tmp_path: Path) -> None:
    fates = [fate(1, i, "rejected", reason=reason) for i, reason in enumerate(["no_gain", "refusal", "refusal"])]
    assert list(summary_of(tmp_path, *fates).reasons) == ["refusal", "no_gain"]


def test_an_empty_run_has_a_summary(tmp_path: Path) -> None:
    assert summary_of(tmp_path) == Summary((), {}, 0.0, {})


async def used(folder: Path, *, price: float | None = None) -> Summary:
    steps: list[Step] = ["evolve", "evolve", "answer"]
    with Ledger(folder / "ledger.db") as ledger:
        for number, step in enumerate(steps):
            reply = Reply("text", "stop", "m", Usage(1000 + number, 10, cached_tokens=number, reasoning_tokens=4))
            usd = None if price is None else price * number
            await ledger.record_call(Call(f"s{number}", 1, step, "q", reply, asked=1 + number, usd=usd))
        await ledger.record_call(Call("s3", 1, "judge", "q", None, "HTTP 400: no", asked=8))
        ledger.set_meta("seconds", "12.345")
        return summarise(ledger)


async def test_usage_is_summed_by_step_and_by_role(tmp_path: Path) -> None:
    found = (await used(tmp_path, price=0.25)).as_dict()
    answer, evolve = found["usage"]["answer"], found["usage"]["evolve"]
    assert (answer["calls"], answer["asked"], answer["prompt_tokens"], answer["completion_tokens"]) == (1, 3, 1002, 10)
    assert (evolve["cached_tokens"], evolve["reasoning_tokens"], evolve["usd"], evolve["unpriced"]) == (1, 8, 0.25, 0)
    assert {role: (used["calls"], used["usd"]) for role, used in found["roles"].items()} == {
        "evolver": (2, 0.25),
        "responder": (1, 0.5),
        "judge": (1, 0.0),
    }
    assert found["cost_usd"] == 0.75


async def test_usage_is_said_in_words(tmp_path: Path) -> None:
    summary = await used(tmp_path, price=0.25)
    assert usage_lines(summary.usage, summary.broken_off) == [
        "calls    4 (1 answer, 2 evolve, 1 judge), 10 asked again",
        "tokens   3,003 sent (3 cached), 30 received (12 reasoning)",
        "  evolver   2,001 sent (1 cached), 20 received (8 reasoning), $0.25",
        "  judge     0 sent, 0 received, $0.00",
        "  responder 1,002 sent (2 cached), 10 received (4 reasoning), $0.50",
        "cost     $0.75",
    ]


@pytest.mark.parametrize(
    ("price", "broken_off", "line"),
    [
        pytest.param(None, BrokenOff(), "cost     unpriced", id="no price"),
        pytest.param(0.0, BrokenOff(), "cost     $0.00", id="free"),
        pytest.param(0.01, BrokenOff(), "cost     $0.030", id="small"),
        pytest.param(
            1.0,
            BrokenOff(2, 900, 0.5),
            "cost     $3.00; up to $0.50 more for 2 tries that broke off, if they were billed",
            id="broken off",
        ),
        pytest.param(
            None,
            BrokenOff(1, 900, 0.0),
            "cost     unpriced; up to 900 tokens more for a try that broke off, if they were billed",
            id="broken off without a price",
        ),
    ],
)
async def test_what_has_no_price_is_never_0(
    tmp_path: Path, price: float | None, broken_off: BrokenOff, line: str
) -> None:
    summary = await used(tmp_path, price=price)
    assert usage_lines(summary.usage, broken_off)[-1] == line


def test_a_part_without_a_price_is_said_to_have_none() -> None:
    usage = {"evolve": Used(2, 2, 30, 3, usd=0.5), "judge": Used(4, 4, 10, 1, unpriced=4)}
    assert usage_lines(usage, BrokenOff())[-1] == "cost     $0.50, and 4 replies unpriced"


def test_no_usage_is_said_in_words(tmp_path: Path) -> None:
    assert usage_lines(summary_of(tmp_path).usage, BrokenOff())[0] == "calls    0 (none)"


KEYS = {
    "attempts",
    "accepted",
    "ended",
    "scores",
    "rejected",
    "failed",
    "reasons",
    "failures",
    "undecided",
    "rounds",
    "usage",
    "roles",
    "cost_usd",
    "broken_off",
    "redacted",
    "surplus",
    "seconds",
    "verified",
    "repaired",
    "unverified",
    "kinds",
    "derived",
}
LINE_KEYS = {"round", "operator", "attempts", "accepted", "verified", "repaired", "rejected", "failed", "reasons"}


@FEW
@given(RUNS)
def test_the_summary_for_machines_has_these_keys(tmp_path_factory: pytest.TempPathFactory, fates: list[Fate]) -> None:
    found = summary_of(tmp_path_factory.mktemp("run"), *fates).as_dict()
    assert (set(found), {frozenset(line) for line in found["rounds"]} <= {frozenset(LINE_KEYS)}) == (KEYS, True)


def test_the_page_says_what_was_derived(tmp_path: Path) -> None:
    made = replace(summary_of(tmp_path), derived={"bug_fix": 2, "tests": 1})
    assert "derived  3 tasks of verified answers (2 bug_fix, 1 tests)" in printed(summary_page(made))


async def test_the_summary_for_machines_is_json(tmp_path: Path) -> None:
    found = (await used(tmp_path)).as_dict()
    assert json.loads(json.dumps(found)) == found


# -- tables ------------------------------------------------------------------------------------------------------------

WORDS = ("round", "operator", "attempts", "accepted", "rejected", "failed", "all")


def large_run(rounds: int) -> list[Fate]:
    names = itertools.cycle(["higher_complexity", "rarer_requirement", "deepen_reasoning", "x" * 100])
    reasons = itertools.cycle(["prompt_leak", "empty_content", "duplicate"])
    places = itertools.product(range(rounds + 1), range(12))
    return [fate(*place, "rejected", operator=next(names), reason=next(reasons)) for place in places]


@pytest.mark.parametrize("rounds", [1, 3, 4, 20])
def test_tables_fit_into_80_characters(tmp_path: Path, rounds: int) -> None:
    summary = summary_of(tmp_path, *large_run(rounds))
    lines = (printed(summary_table(summary)) + printed(reasons_table(summary))).splitlines()
    assert max(len(line.rstrip()) for line in lines) <= 80


@pytest.mark.parametrize("rounds", [1, 3, 4, 20])
def test_the_summary_table_breaks_no_word(tmp_path: Path, rounds: int) -> None:
    shown = printed(summary_table(summary_of(tmp_path, *large_run(rounds)))).split()
    assert {*WORDS, "higher_complexity", "rarer_requirement", str(12 * (rounds + 1))} <= set(shown)


@pytest.mark.parametrize("rounds", [1, 3, 4, 20])
def test_the_reasons_table_breaks_no_word(tmp_path: Path, rounds: int) -> None:
    shown = printed(reasons_table(summary_of(tmp_path, *large_run(rounds)))).split()
    assert {"rejected", "because", "all", "prompt_leak", "empty_content", str(4 * (rounds + 1))} <= set(shown)


def test_the_summary_tables_last_line_is_the_sum(tmp_path: Path) -> None:
    fates = [fate(1, 0), fate(1, 1, "failed"), fate(1, 2, "rejected", reason="no_gain"), fate(2, 0)]
    shown = [line.split() for line in printed(summary_table(summary_of(tmp_path, *fates))).splitlines()]
    assert shown[-2:-1] == [["all", "4", "2", "1", "1"]]


def test_the_reasons_table_has_a_column_for_each_round(tmp_path: Path) -> None:
    fates = [fate(round_, index, "rejected", reason="no_gain") for round_, index in [(1, 0), (1, 1), (2, 0), (3, 0)]]
    shown = [line.split() for line in printed(reasons_table(summary_of(tmp_path, *fates))).splitlines()]
    assert ["no_gain", "2", "1", "1", "4"] in shown


# -- lineage -----------------------------------------------------------------------------------------------------------

FAMILY = (
    fate(0, operator="seed", text="Sort names."),
    fate(1, operator="deepen", text="Sort names by length."),
    fate(2, 0, "rejected", reason="no_gain", parent="child1", text="Sort names by their length."),
    fate(3, 0, "failed", parent="child1", error="HTTP 400: too long"),
    fate(4, 0, "rejected", reason="malformed", parent="child1"),
    fate(5, 0, parent="child1", text="Sort names by length, then by age."),
    fate(6, 0, parent="child5", text="Sort names by length, then by age, then by town."),
)
Shape = tuple[str, list["Shape"]]


def label(tree: Tree) -> str:
    assert isinstance(tree.label, Text)
    return tree.label.plain


def shape(tree: Tree) -> Shape:
    """The rounds, nested as the tree is."""
    return label(tree).split()[1], [shape(branch) for branch in tree.children]


def test_every_attempt_hangs_under_its_parent() -> None:
    assert shape(lineage_tree(FAMILY)) == ("0", [("1", [("2", []), ("3", []), ("4", []), ("5", [("6", [])])])])


def test_when_a_child_is_rejected_the_next_hangs_under_the_same_parent() -> None:
    family = (FAMILY[0], fate(1, 0, "rejected", reason="no_gain"), fate(2))
    assert shape(lineage_tree(family)) == ("0", [("1", []), ("2", [])])


def test_a_seed_alone_is_a_lineage() -> None:
    assert shape(lineage_tree(FAMILY[:1])) == ("0", [])


def test_a_seed_that_is_not_answered_yet_is_a_root_all_the_same() -> None:
    assert shape(lineage_tree(FAMILY[1:3])) == ("0", [("1", [("2", [])])])


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, ["seed", "accepted", "root", "Sort names."]),
        (1, ["deepen", "accepted", "child1", "Sort names by length."]),
        (2, ["rejected (no_gain)", "child2", "Sort names by their length."]),
        (3, ["failed (HTTP 400: too long)", "(no text)"]),
        (6, ["accepted", "child6", "then by town."]),
    ],
)
def test_an_attempt_says_what_became_of_it(number: int, words: list[str]) -> None:
    def walk(tree: Tree) -> list[str]:
        return [label(tree), *itertools.chain.from_iterable(map(walk, tree.children))]

    said = walk(lineage_tree(FAMILY))[number]
    assert [word for word in words if word not in said] == []


@pytest.mark.parametrize("chosen", ["root", "child2", "child6"])
def test_only_the_chosen_one_is_pointed_at(chosen: str) -> None:
    lines = printed(lineage_tree(FAMILY, chosen), width=200).splitlines()
    assert [chosen in line for line in lines if "<- this one" in line] == [True]


def test_a_tree_is_made_of_what_the_ledger_holds(tmp_path: Path) -> None:
    with ledger_of(tmp_path, *reversed(FAMILY)) as ledger:
        found = list(ledger.fates())
    assert shape(lineage_tree(found)) == shape(lineage_tree(FAMILY))


# -- one sample --------------------------------------------------------------------------------------------------------


def view(text: str = "text", answer: str | None = "answer", detail: str = "") -> str:
    findings = (Finding("duplicate", 1, Verdict.ACCEPT, None, detail, {"within": 0.5}),)
    child = Instruction("c", text, "r", "r", 1, "deepen")
    return printed(sample_view(Fate(Attempt(1, 0), "r", "deepen", "accepted", "r", child, answer, findings)), 200)


def test_a_proof_is_told_with_its_shares() -> None:
    child = Instruction("a", "Add two numbers.", "r", "r", 1, "deepen", 1)
    proof = Proof("verified", "", "wasm", "python", "assert f(1)", 5, 0.9, 4, 0.5, agreement=0.667)
    fate = Fate(Attempt(1, 0), "r", "deepen", "accepted", "r", child, "x", proof=proof)
    shown = printed(sample_view(fate), 200)
    assert "verify: verified in wasm  assertions 5  mutation 0.9  agreement 0.667  repairs 0" in shown


def test_what_refuted_an_answer_is_told_once() -> None:
    child = Instruction("a", "Add two numbers.", "r", "r", 1, "deepen", 1)
    findings = (Finding("verify", 1, Verdict.REJECT, "wrong_code", "got 3, not 4"),)
    proof = Proof("refuted", "got 3, not 4", "wasm", "python", "assert f(1) == 4", 1)
    fate = Fate(Attempt(1, 0), "r", "deepen", "rejected", "r", child, "x", findings, proof=proof)
    assert printed(sample_view(fate), 200).count("got 3, not 4") == 1


def test_an_answer_that_nobody_ran_says_so() -> None:
    assert "verify: not run" in view("Sort it.", "Like this.", "seen")


@pytest.mark.parametrize("part", ["Sort it.", "Like this.", "duplicate: accept seen  within 0.5"])
def test_a_sample_is_shown_with_its_findings(part: str) -> None:
    assert part in view("Sort it.", "Like this.", "seen")


def test_what_a_sample_lacks_is_said() -> None:
    assert "(none)" in view(answer=None)


def test_the_whole_text_is_shown() -> None:
    assert view("word " * 500).split().count("word") == 500


# -- hostile text ------------------------------------------------------------------------------------------------------

HOSTILE = pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("\x1b[2Jgone", "\\x1b[2Jgone", id="clear-screen"),
        pytest.param("\x1b]0;title\x07", "\\x1b]0;title\\x07", id="window-title"),
        pytest.param("\x9b31mred", "\\x9b31mred", id="c1-escape"),
        pytest.param("a\u202egpj.exe", "a\\u202egpj.exe", id="right-to-left-override"),
        pytest.param("\u2066a\u2069", "\\u2066a\\u2069", id="isolates"),
        pytest.param("[red]a[/red]", "[red]a[/red]", id="markup"),
        pytest.param("[/]", "[/]", id="markup-that-closes-nothing"),
        pytest.param("[link=http://e.x]a", "[link=http://e.x]a", id="a-link"),
        pytest.param(":warning:", ":warning:", id="an-emoji-code"),
        pytest.param("a\x08\x08b", "a\\x08\\x08b", id="backspaces"),
    ],
)


def progress_line(text: str) -> str:
    console = Console(file=StringIO(), width=200)
    with Progress(console) as progress:
        progress.stage(text)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue()


def hostile_summary(operator: str = "deepen", reason: str = "no_gain") -> Summary:
    return Summary((Line(1, operator, 0, 1, 0, {reason: 1}),), {}, 0.0, {reason: 1})


def everything(text: str) -> dict[str, str]:
    """Each place where this text may come to be printed."""
    failed = fate(1, 0, "failed", error=text)
    return {
        "lineage: text": printed(lineage_tree([fate(0, text=text)]), 200),
        "lineage: operator": printed(lineage_tree([fate(0, operator=text)]), 200),
        "lineage: reason": printed(lineage_tree([fate(0, 0, "rejected", reason=text)]), 200),
        "lineage: error": printed(lineage_tree([FAMILY[0], failed]), 200),
        "sample: text": view(text),
        "sample: answer": view(answer=text),
        "sample: detail": view(detail=text),
        "summary: operator": printed(summary_table(hostile_summary(operator=text)), 200),
        "reasons: reason": printed(reasons_table(hostile_summary(reason=text)), 200),
        "progress": progress_line(text),
    }


@HOSTILE
@pytest.mark.parametrize("place", everything(""))
def test_hostile_text_shows_visibly(place: str, text: str, shown: str) -> None:
    assert shown in everything(text)[place]


@pytest.mark.parametrize("place", everything(""))
@HOSTILE
def test_hostile_text_acts_on_no_terminal(place: str, text: str, shown: str) -> None:
    printed_text = everything(text)[place]
    assert plain(printed_text) == printed_text, shown


@UNHURRIED
@given(st.text(max_size=60))
def test_no_text_acts_on_a_terminal(text: str) -> None:
    for printed_text in everything(text).values():
        assert plain(printed_text) == printed_text


def test_no_escape_of_the_data_is_among_those_of_the_colours() -> None:
    console = Console(file=StringIO(), width=200, force_terminal=True, color_system="truecolor")
    console.print(lineage_tree([fate(0, text="\x1b[5mblink", operator="\x1b[5mblink")]))
    assert isinstance(console.file, StringIO)
    assert "\x1b" in console.file.getvalue()
    assert "\x1b[5m" not in console.file.getvalue()


# -- progress ----------------------------------------------------------------------------------------------------------


def watched(*fates: Fate, total: int = 9, quiet: bool = False) -> tuple[list[str], Progress]:
    """The lines that a log would hold, without their seconds."""
    console = Console(file=StringIO(), width=80)
    with Progress(console, quiet=quiet) as progress:
        progress.begin(total)
        for each in fates:
            progress.watch(each)
    assert isinstance(console.file, StringIO)
    return [line.rpartition("  ")[0] for line in console.file.getvalue().splitlines()], progress


@pytest.fixture
def every_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evolve.report.progress.LOG_EVERY_S", -1.0)


def test_a_stage_is_said_at_once() -> None:
    assert progress_line("starting").startswith("evolve: starting  ")


@pytest.mark.usefixtures("every_line")
def test_a_log_counts_what_came_to_its_fate() -> None:
    lines, _ = watched(fate(0), fate(1, 0, "rejected", reason="no_gain"), fate(2, 0, "failed"))
    assert lines == [
        "evolve: round 0  1/9  1 accepted, 0 rejected, 0 failed",
        "evolve: round 1  2/9  1 accepted, 1 rejected, 0 failed",
        "evolve: round 2  3/9  1 accepted, 1 rejected, 1 failed",
    ]


@pytest.mark.usefixtures("every_line")
def test_a_log_names_the_furthest_round() -> None:
    lines, _ = watched(fate(2), fate(1))
    assert [line.split()[2] for line in lines] == ["2", "2"]


def test_a_log_is_not_flooded() -> None:
    lines, _ = watched(*(fate(1, index) for index in range(1000)), total=1001)
    assert lines == []


def test_a_log_ends_with_all_that_was_counted() -> None:
    lines, _ = watched(fate(0), fate(1), total=2)
    assert lines == ["evolve: round 1  2/2  2 accepted, 0 rejected, 0 failed"]


@pytest.mark.usefixtures("every_line")
def test_a_quiet_one_says_nothing() -> None:
    lines, _ = watched(fate(1), quiet=True)
    assert lines == []


def test_on_a_terminal_the_line_is_drawn_over_itself() -> None:
    console = Console(file=StringIO(), width=80, force_terminal=True)
    with Progress(console) as progress:
        progress.stage("starting")
        progress.watch(fate(1))
    assert isinstance(console.file, StringIO)
    assert "\x1b[2K" in console.file.getvalue()


def test_a_note_stays_on_a_terminal() -> None:
    console = Console(file=StringIO(), width=80, force_terminal=True)
    with Progress(console) as progress:
        progress.stage("starting")
        progress.note("about $5")
        progress.stage("going on")
    assert isinstance(console.file, StringIO)
    after = console.file.getvalue().rpartition("evolve: about $5")[2]
    assert "\x1b[2K" not in after.splitlines()[0]  # what is drawn over is the line below it


@pytest.mark.usefixtures("every_line")
@pytest.mark.parametrize(("usd", "end"), [(1.5, "  $1.50"), (0.0, "0 failed")], ids=["priced", "no price"])
def test_what_was_paid_so_far_is_shown(usd: float, end: str) -> None:
    console = Console(file=StringIO(), width=120)
    with Progress(console) as progress:
        progress.begin(3)
        progress.paid(usd)
        progress.watch(fate(1))
    assert isinstance(console.file, StringIO)
    assert console.file.getvalue().splitlines()[0].rpartition("  ")[0].endswith(end)


FIGURES = {
    "in_flight": 60,
    "waiting": 12,
    "accepted_per_minute": 80,
    "stages": {"examine": 0, "inspect": 3},
    "lines": [{"turned_away": 2}, {"turned_away": 1}],
}
"""As the log has them."""


@pytest.mark.usefixtures("every_line")
def test_what_is_under_way_is_shown() -> None:
    console = Console(file=StringIO(), width=120)
    with Progress(console) as progress:
        progress.begin(3)
        progress.look(FIGURES)
        progress.watch(fate(1))
    assert isinstance(console.file, StringIO)
    said = "60 calls in flight, 12 waiting, 3 turned away, 3 to inspect, 80 accepted a minute"
    assert console.file.getvalue().splitlines()[0].split("  ")[3] == said


def test_on_a_terminal_a_look_draws_without_a_new_fate() -> None:
    console = Console(file=StringIO(), width=120, force_terminal=True)
    with Progress(console) as progress:
        progress.begin(3)
        progress.watch(fate(1))
        progress.look(FIGURES)
    assert isinstance(console.file, StringIO)
    assert "60 calls in flight" in console.file.getvalue()


@pytest.mark.parametrize(
    ("moments", "done", "left"),
    [
        pytest.param([0], [5], None, id="one-look"),
        pytest.param([0, 5], [0, 5], None, id="too-early"),
        pytest.param([0, 20], [5, 5], None, id="nothing-comes"),
        pytest.param([0, 20], [0, 10], 80 - 20, id="as-fast-as-before"),
        pytest.param([0, 100, 150], [0, 10, 20], 100, id="the-last-minute-counts"),
    ],
)
def test_what_is_to_go_is_foretold_from_the_last_minute(
    monkeypatch: pytest.MonkeyPatch, moments: list[float], done: list[int], left: float | None
) -> None:
    progress = Progress(Console(file=StringIO()))
    progress.begin(40)
    counted = 0
    for moment, count in zip(moments, done, strict=True):
        monkeypatch.setattr("evolve.report.progress.time.monotonic", lambda moment=moment: moment)
        for _ in range(count - counted):
            progress.count("accepted")
        counted = count
        progress.look(FIGURES)
    assert progress.left_s == left


@pytest.mark.parametrize(
    ("fates", "known"),
    [
        pytest.param([], False, id="nothing"),
        pytest.param([fate(0)], False, id="a-seed"),
        pytest.param([fate(1, 0, "rejected", reason="no_gain"), fate(1, 1, "failed")], False, id="none-accepted"),
        pytest.param([fate(0), fate(1)], True, id="an-evolution"),
    ],
)
def test_the_first_accepted_evolution_is_timed(fates: list[Fate], known: bool) -> None:
    assert (watched(*fates)[1].first_accepted_s is not None) == known


def test_a_later_one_does_not_change_the_time_of_the_first() -> None:
    _, progress = watched(fate(1))
    first = progress.first_accepted_s
    progress.watch(fate(2))
    assert progress.first_accepted_s == first


def test_what_was_kept_undecided_is_counted(tmp_path: Path) -> None:
    unsure = Finding("judge_no_gain", 1, Verdict.UNDECIDED)
    fates = [replace(fate(1, i), findings=(unsure,) if i else ()) for i in range(3)]
    fates.append(replace(fate(1, 3, "rejected", reason="no_gain"), findings=(unsure,)))
    summary = summary_of(tmp_path, *fates)
    assert summary.undecided == {"judge_no_gain": 2}
    assert "kept     2 on which judge_no_gain could not decide" in printed(summary_page(summary))
