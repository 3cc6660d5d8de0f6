"""What a run will cost, said before it starts: the run itself comes out inside the range."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import load
from evolve.errors import ConfigError
from evolve.estimate import Estimate, Span, forecast
from evolve.ledger import Ledger
from evolve.money import make_prices
from evolve.plan import Plan, make_plan
from evolve.probe import probe, sample
from evolve.records import Role, Seed
from evolve.report import Summary, Used, summarise
from evolve.report.usage import by_role
from evolve.run import execute, make_work
from evolve.seeds import bundled
from tests.conftest import StartTeacher, Teacher, evolve
from tests.test_pipeline import INLINE, dataset

ROLES: tuple[Role, ...] = ("evolver", "responder", "judge", "tester")
PRICES = ", ".join(f"offline-{role}: {{input: 1, output: 4}}" for role in ROLES)
SETTINGS = [INLINE, f"prices={{{PRICES}}}", "method.breadth_quota=0.3"]
NO_MODEL = ["teacher.base_url=http://127.0.0.1:9/v1", "teacher.evolver.model=m", "teacher.responder.model=m"]
JUDGED = [*NO_MODEL, "teacher.judge.model=m"]
PROVEN = [*JUDGED, "teacher.tester.model=m"]


def plan_of(teacher: Teacher, folder: Path, *settings: str) -> Plan:
    return make_plan(load(None, [*teacher.settings, *SETTINGS, *settings]), folder)


def finish(plan: Plan) -> Summary:
    return asyncio.run(execute(plan, make_work(plan), asyncio.Event())).summary


def estimate(plan: Plan) -> Estimate:
    return forecast(plan, make_prices(plan.config, plan.config.roles))


def inside(estimate: Estimate, used: Used, role: Role | None = None) -> list[str]:
    """What is outside of its range."""
    names = {"calls": "calls", "sent": "prompt_tokens", "received": "completion_tokens"}
    spans = {name: (estimate.total(name, role), getattr(used, of)) for name, of in names.items()}
    usd = estimate.usd(role)
    assert usd is not None
    spans["usd"] = usd, used.usd
    return [
        f"{role or 'all'} {name}: {span}, {actual}"
        for name, (span, actual) in spans.items()
        if not span.low <= actual <= span.high
    ]


def outside(estimate: Estimate, summary: Summary) -> list[str]:
    roles = by_role(summary.usage)
    found = [line for role in ROLES if role in roles for line in inside(estimate, roles[role], role)]
    return found + inside(estimate, _all(summary))


def _all(summary: Summary) -> Used:
    from evolve.report.usage import total_usage

    return total_usage(summary.usage)


@pytest.mark.heavy
def test_a_run_comes_out_inside_the_range(start_teacher: StartTeacher, tmp_path: Path) -> None:
    python = [f"seeds={bundled() / 'python.jsonl'}", "limit=24", "verifier.tier=wasm"]
    plan = plan_of(start_teacher(), tmp_path / "run", *python, "teacher.tester.model=offline-tester")
    assert outside(estimate(plan), finish(plan)) == []


def test_a_target_and_a_ceiling_come_out_inside_too(start_teacher: StartTeacher, tmp_path: Path) -> None:
    for number, more in enumerate((["target.samples=30"], ["target.max_attempts=30"])):
        plan = plan_of(start_teacher(), tmp_path / str(number), "limit=16", "teacher.in_flight=4", *more)
        assert outside(estimate(plan), finish(plan)) == []
        assert estimate(plan).total("calls").high < estimate(plan_of(start_teacher(), tmp_path)).total("calls").high


def test_a_probe_is_closer_and_its_calls_are_found_again(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher, settings = start_teacher(), ["limit=30", "rounds=2"]
    plan = plan_of(teacher, tmp_path / "run", *settings)
    found, paid = asyncio.run(probe(plan, make_work(plan), asyncio.Event(), 10))
    asked = teacher.stats()["requests"]
    assert asked == sum(used.calls for used in paid.usage.values()) > 0
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert list(ledger.fates()) == []
    summary = finish(plan)
    assert outside(found, summary) == []
    wide, close = estimate(plan).usd(), found.usd()
    assert wide is not None
    assert close is not None
    assert close.high / close.low < wide.high / wide.low
    other = plan_of(start_teacher(), tmp_path / "other", *settings)
    whole = sum(used.calls for used in finish(other).usage.values())
    assert dataset(tmp_path / "run") == dataset(tmp_path / "other")
    assert teacher.stats()["requests"] - whole < 0.2 * asked  # crossovers alone, and what came of them


def test_a_probe_that_was_killed_goes_on(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    plan = plan_of(teacher, tmp_path / "run", "limit=8", "rounds=1")
    asyncio.run(probe(plan, make_work(plan), asyncio.Event(), 4))
    with Ledger(tmp_path / "run" / "ledger.db") as ledger:
        ledger.set_meta("probe", "4")  # as it is before the end
    before = teacher.stats()["requests"]
    asyncio.run(probe(plan, make_work(plan), asyncio.Event(), 4))
    assert teacher.stats()["requests"] == before


def test_a_run_that_has_begun_is_not_probed(start_teacher: StartTeacher, tmp_path: Path) -> None:
    plan = plan_of(start_teacher(), tmp_path / "run", "limit=4", "rounds=1")
    finish(plan)
    with pytest.raises(ConfigError, match="the run has begun already"):
        asyncio.run(probe(plan, make_work(plan), asyncio.Event(), 2))
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert summarise(ledger).total("attempts") == 8


@given(st.integers(1, 50), st.integers(1, 60))
def test_probed_seeds_are_spread_over_all(seeds: int, count: int) -> None:
    every = [Seed(str(number), "Sort.") for number in range(seeds)]
    taken = [int(seed.id) for seed in sample(every, count)]
    assert len(set(taken)) == len(taken) == min(count, seeds)
    assert taken == sorted(taken)
    assert max((b - a for a, b in zip(taken, [*taken[1:], seeds], strict=True)), default=1) <= -(-seeds // len(taken))


@settings(deadline=None, max_examples=15)
@given(
    st.sampled_from([NO_MODEL, JUDGED, PROVEN]),
    st.integers(1, 4),
    st.integers(1, 20),
    st.one_of(st.none(), st.integers(21, 90)),
    st.one_of(st.none(), st.integers(1, 90)),
)
def test_no_range_is_upside_down(
    models: list[str], rounds: int, limit: int, samples: int | None, most: int | None
) -> None:
    target = [f"target.samples={samples or 'null'}", f"target.max_attempts={most or 'null'}"]
    named = [f"seeds={bundled()}", f"rounds={rounds}", f"limit={limit}", "prices={m: {input: 1, output: 4}}"]
    found = estimate(make_plan(load(None, [*models, *named, *target])))
    usd = found.usd()
    assert usd is not None
    spans = [usd, *(getattr(line, name) for line in found.lines for name in ("calls", "sent", "received", "usd"))]
    assert all(isinstance(span, Span) and 0 <= span.low <= span.high for span in spans)


def test_what_has_no_price_is_said_to_have_none(tmp_path: Path) -> None:
    folder = ["limit=4", f"seeds={bundled()}"]
    some = load(None, [*JUDGED, *folder, "teacher.judge.model=j", "prices={m: {input: 1, output: 4}}"])
    assert estimate(make_plan(some)).in_words().endswith(" without the judge")
    assert estimate(make_plan(load(None, [*JUDGED, *folder]))).in_words().endswith(" tokens, unpriced")


def test_the_command_says_it_and_asks_nobody(tmp_path: Path) -> None:
    options = [part for setting in [*JUDGED, "limit=5"] for part in ("--set", setting)]
    ended = evolve("estimate", "--seeds", bundled(), *options, "--out", tmp_path / "run")
    assert ended.returncode == 0, ended.stderr
    assert "from     seeds' lengths and measured shares; 5 seeds, 3 rounds" in ended.stdout
    assert "unpriced" in ended.stdout
    assert not (tmp_path / "run").exists()


def test_a_run_says_it_before_its_first_call(start_teacher: StartTeacher, tmp_path: Path) -> None:
    options = [part for s in [*start_teacher().settings, *SETTINGS, "limit=3"] for part in ("--set", s)]
    ended = evolve("run", "--seeds", bundled(), "--rounds", 1, *options, "--out", tmp_path / "run")
    said = ended.stderr.splitlines()
    [line] = [number for number, words in enumerate(said) if "estimated for all of it" in words]
    assert line < min(number for number, words in enumerate(said) if "the first calls are out" in words)
