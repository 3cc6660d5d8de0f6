"""The ledger: what it acknowledged is on disk, whatever happens next; one writer, one identity, one order."""

import asyncio
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evolve import tallies
from evolve.commits import Row, Writer
from evolve.errors import ConfigError, FolderError
from evolve.folder import NETWORK_FILE_SYSTEMS, Lock, refuse_network_file_system
from evolve.ledger import Batch, Call, Ledger, Try
from evolve.records import Attempt, Fate, Finding, Instruction, Outcome, Reply, Seed, Step, Usage, Verdict

IDENTITY = {"rounds": "3", "seeds.content": '"abc"'}
SEEDS = [Seed("s0", "first", "out", "python"), Seed("s1", "second \u2028 ü 😀")]
DONE = Call("s0", 1, "evolve", "q", Reply("text", "stop", "m", Usage(10, 5)), asked=2, seconds=1.5)
FAILED = Call("s0", 1, "judge", "q", None, "HTTP 400: no", asked=8, seconds=9.0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.db"


@pytest.fixture
def ledger(path: Path) -> Iterator[Ledger]:
    with Ledger(path) as opened:
        yield opened


def fate(round_: int, index: int, outcome: Outcome = "accepted", child_id: str | None = None) -> Fate:
    child = Instruction(child_id or f"c{round_}{index}", "text", f"s{index}", f"s{index}", round_, "deepen", 1)
    finding = Finding("duplicate", 1, Verdict.REJECT, "duplicate", "near", {"cosine": 0.9}, "c00")
    if outcome == "failed":
        return Fate(Attempt(round_, index), f"s{index}", "deepen", outcome, f"s{index}", None, error="HTTP 400: no")
    if outcome == "rejected":
        reject = ((finding,), "duplicate")
        return Fate(Attempt(round_, index), f"s{index}", "widen", outcome, f"s{index}", child, None, *reject)
    return Fate(Attempt(round_, index), f"s{index}", "deepen", outcome, f"s{index}", child, "answer")


def store(path: Path, *fates: Fate) -> None:
    with Ledger(path) as ledger:
        for each in fates:
            ledger.record_fate(each)


def start(code: str, *arguments: object) -> "subprocess.Popen[str]":
    command = [sys.executable, "-u", "-c", code, *map(str, arguments)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def kill(process: "subprocess.Popen[str]") -> str:
    """SIGKILL, then what it had printed and was not read yet."""
    assert process.stdout is not None
    process.kill()
    with process.stdout as pipe:
        rest = pipe.read()
    process.wait(30)
    return rest


def break_table(path: Path, table: str) -> None:
    """What is written to this table from now on fails, as on a full disk."""
    other = sqlite3.connect(path)
    other.execute(f"CREATE TRIGGER full BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    other.close()


# -- calls -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("call", [DONE, FAILED], ids=["done", "failed"])
async def test_a_recorded_call_is_found(ledger: Ledger, call: Call) -> None:
    await ledger.record_call(call)
    assert ledger.find_call(call.root_id, call.round, call.step, call.request_digest) == call


@pytest.mark.parametrize(
    ("root_id", "round_", "step", "request_digest"),
    [
        pytest.param("s1", 1, "evolve", "q", id="root"),
        pytest.param("s0", 2, "evolve", "q", id="round"),
        pytest.param("s0", 1, "answer", "q", id="step"),
        pytest.param("s0", 1, "evolve", "r", id="request"),
    ],
)
async def test_another_call_is_not_found(
    ledger: Ledger, root_id: str, round_: int, step: Step, request_digest: str
) -> None:
    await ledger.record_call(DONE)
    assert ledger.find_call(root_id, round_, step, request_digest) is None


async def test_a_call_is_on_disk_when_record_call_returns(ledger: Ledger, path: Path) -> None:
    await ledger.record_call(DONE)
    other = sqlite3.connect(path)
    assert other.execute("SELECT root_id, state FROM calls").fetchall() == [("s0", "done")]
    other.close()


def test_the_file_has_a_write_ahead_log(ledger: Ledger) -> None:
    assert ledger.path.with_name("ledger.db-wal").exists()


async def test_calls_recorded_at_once_are_all_kept(ledger: Ledger) -> None:
    calls = [Call(f"s{i}", 1, "evolve", "q", Reply(str(i), "stop", "m")) for i in range(2000)]
    await asyncio.gather(*map(ledger.record_call, calls))
    assert [ledger.find_call(c.root_id, 1, "evolve", "q") for c in calls] == calls


RECORDER = """
import asyncio, sys
from pathlib import Path
from evolve.ledger import Call, Ledger
from evolve.records import Reply

async def worker(ledger, name):
    for n in range(10**9):
        await ledger.record_call(Call(f"{name}.{n}", 1, "evolve", "q", Reply("text " * 50, "stop", "m")))
        print(f"{name}.{n}", flush=True)

async def main():
    ledger = Ledger(Path(sys.argv[1]))
    await asyncio.gather(*(worker(ledger, name) for name in range(int(sys.argv[2]))))

asyncio.run(main())
"""


@pytest.mark.parametrize("workers", [1, 32])
def test_every_acknowledged_call_survives_kill_9(path: Path, workers: int) -> None:
    process = start(RECORDER, path, workers)
    assert process.stdout is not None
    acknowledged = [process.stdout.readline().strip() for _ in range(100)]
    acknowledged += [line for line in kill(process).splitlines(keepends=True) if line.endswith("\n")]
    with Ledger(path) as ledger:
        lost = [name for name in acknowledged if ledger.find_call(name.strip(), 1, "evolve", "q") is None]
    assert len(acknowledged) >= 100
    assert lost == []


async def test_a_failed_call_is_found_until_failures_are_reopened(ledger: Ledger) -> None:
    await ledger.record_call(FAILED)
    assert ledger.reopen_failures() == 1
    assert ledger.find_call("s0", 1, "judge", "q") is None


async def test_reopening_leaves_what_is_done(ledger: Ledger) -> None:
    await ledger.record_call(DONE)
    assert ledger.reopen_failures() == 0
    assert ledger.find_call("s0", 1, "evolve", "q") == DONE


async def test_failures_are_reopened_once(ledger: Ledger) -> None:
    await ledger.record_call(FAILED)
    ledger.reopen_failures()
    assert ledger.reopen_failures() == 0


async def test_a_reopened_call_can_be_recorded_again(ledger: Ledger) -> None:
    await ledger.record_call(FAILED)
    ledger.reopen_failures()
    await ledger.record_call(Call("s0", 1, "judge", "q", Reply("yes", "stop", "m"), asked=2))
    found = ledger.find_call("s0", 1, "judge", "q")
    assert found is not None
    assert (found.reply, found.error, found.asked) == (Reply("yes", "stop", "m"), None, FAILED.asked + 2)


async def test_a_call_keeps_where_it_was_asked_and_what_it_cost(ledger: Ledger) -> None:
    call = replace(DONE, endpoint="http://127.0.0.1:9/v1", usd=0.25)
    await ledger.record_call(call)
    assert ledger.find_call("s0", 1, "evolve", "q") == call


@pytest.mark.parametrize(("first", "then", "sum_"), [(0.0, 0.5, 0.5), (0.0, None, None)], ids=["priced", "unpriced"])
async def test_what_a_call_cost_adds_up_over_its_ends(
    ledger: Ledger, first: float | None, then: float | None, sum_: float | None
) -> None:
    await ledger.record_call(replace(DONE, reply=None, error="no", usd=first))
    ledger.reopen_failures()
    await ledger.record_call(replace(DONE, usd=then))
    found = ledger.find_call("s0", 1, "evolve", "q")
    assert found is not None
    assert found.usd == sum_


async def test_a_try_is_on_record_until_its_end_is_known(path: Path) -> None:
    with Ledger(path) as ledger:
        tries = [Try(ledger.next_try(), "answer", 10 * number, 0.5) for number in (1, 2, 3)]
        for one in tries:
            await ledger.begin_try(one).result()
        assert tallies.broken_off(ledger) == (3, 60, 1.5)
        await ledger.record_call(DONE, tries[0].number)
        ledger.end_try(tries[1].number)
    with Ledger(path) as ledger:
        assert tallies.broken_off(ledger) == (1, 30, 0.5)
        assert ledger.find_try(tries[2].number) == tries[2]
        other = Try(ledger.next_try(), "judge", 1, None)
        assert other.number not in {one.number for one in tries[2:]}
        await ledger.begin_try(other).result()
        assert tallies.broken_off(ledger) == (2, 31, 0.5)


@pytest.mark.parametrize("ended", [False, True])
def test_no_try_gets_a_number_that_an_open_batch_names(path: Path, ended: bool) -> None:
    with Ledger(path) as ledger:
        tries = [Try(ledger.next_try(), "answer", 10, 0.5) for _ in range(3)]
        record = Batch("nonce", "place", "m", {str(one.number): one.number for one in tries}, 1.0)
        ledger.put_batch(record, tries)
        for one in tries[1:]:
            ledger.end_try(one.number)
        ledger.put_batch(replace(record, ended=ended))
    with Ledger(path) as ledger:
        assert ledger.next_try() == (tries[0] if ended else tries[-1]).number + 1


@pytest.mark.parametrize(
    ("last", "left"), [(Attempt(1, 1), 4), (Attempt(2, 1), 6), (None, 0)], ids=["some", "all", "none"]
)
def test_fates_beyond_an_attempt_can_be_left_out(path: Path, last: Attempt | None, left: int) -> None:
    with Ledger(path) as ledger:
        for round_ in range(3):
            for index in range(2):
                ledger.record_fate(fate(round_, index))
        ledger.cut(last)
        assert len(list(ledger.fates())) == left


async def test_usage_adds_up_calls_askings_and_tokens_by_step(ledger: Ledger) -> None:
    await ledger.record_call(DONE)
    await ledger.record_call(Call("s1", 1, "evolve", "q", Reply("t", "stop", "m", Usage(7, 3, 5, 2)), usd=0.25))
    await ledger.record_call(Call("s2", 1, "evolve", "q", Reply("t", "stop", "m", Usage(1, 1)), usd=None))
    await ledger.record_call(FAILED)
    evolve, judge = tallies.usage(ledger)
    assert evolve == ("evolve", 3, 4, 18, 9, 5, 2, 0.25, 1)
    assert judge == ("judge", 1, 8, 0, 0, 0, 0, 0.0, 0)


# -- fates -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outcome", ["accepted", "rejected", "failed"])
def test_a_fate_comes_back_as_it_was(path: Path, outcome: Outcome) -> None:
    store(path, fate(1, 0, outcome))
    with Ledger(path, read_only=True) as ledger:
        assert list(ledger.fates()) == [fate(1, 0, outcome)]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([Attempt(r, i) for r in (1, 2, 10) for i in (0, 1, 9, 10)]))
def test_fates_come_in_canonical_order_whatever_the_order_of_recording(path: Path, order: list[Attempt]) -> None:
    path.unlink(missing_ok=True)
    store(path, *(fate(attempt.round, attempt.index) for attempt in order))
    with Ledger(path, read_only=True) as ledger:
        assert [each.attempt for each in ledger.fates()] == sorted(order)


def test_a_fate_recorded_again_is_there_once(path: Path) -> None:
    store(path, fate(1, 0), fate(1, 0))
    store(path, fate(1, 0))
    with Ledger(path, read_only=True) as ledger:
        assert list(ledger.fates()) == [fate(1, 0)]


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        pytest.param("ab12cd", (1, 0), id="whole"),
        pytest.param("ab12", (1, 0), id="beginning"),
        pytest.param("abf", (1, 1), id="last-digit-f"),
        pytest.param("0", None, id="unknown"),
        pytest.param("ab12cd0", None, id="longer-than-the-id"),
        pytest.param("12cd", None, id="not-the-beginning"),
        pytest.param("%", None, id="no-wildcard"),
    ],
)
def test_a_fate_is_found_by_the_beginning_of_its_childs_id(
    path: Path, prefix: str, expected: tuple[int, int] | None
) -> None:
    store(path, fate(1, 0, child_id="ab12cd"), fate(1, 1, "rejected", "abff00"), fate(1, 2, "failed"))
    with Ledger(path, read_only=True) as ledger:
        found = ledger.fate_of(prefix)
    assert (found and found.attempt) == (expected and Attempt(*expected))


@pytest.mark.parametrize("prefix", ["ab", "a", ""])
def test_an_ambiguous_beginning_is_refused(path: Path, prefix: str) -> None:
    store(path, fate(1, 0, child_id="ab12cd"), fate(1, 1, child_id="abff00"))
    with Ledger(path, read_only=True) as ledger, pytest.raises(ConfigError, match="several ids begin like this"):
        ledger.fate_of(prefix)


@pytest.mark.parametrize(("root_id", "rounds"), [("s1", [1, 2, 3]), ("s0", [1]), ("nobody", [])])
def test_children_of_a_root_come_in_order_of_rounds(path: Path, root_id: str, rounds: list[int]) -> None:
    store(path, fate(3, 1), fate(1, 1), fate(1, 0), fate(2, 1, "rejected"))
    with Ledger(path) as ledger:
        ledger.claim(IDENTITY, SEEDS)
        assert [each.attempt.round for each in ledger.children_of(root_id)] == rounds


def test_tallies_count_every_fate_once(path: Path) -> None:
    store(path, fate(1, 0), fate(1, 1), fate(1, 2, "rejected"), fate(2, 0, "failed"), fate(2, 1, "rejected"))
    with Ledger(path, read_only=True) as ledger:
        assert tallies.outcomes(ledger) == [
            (1, "deepen", "accepted", None, 2),
            (1, "widen", "rejected", "duplicate", 1),
            (2, "deepen", "failed", None, 1),
            (2, "widen", "rejected", "duplicate", 1),
        ]


# -- identity ----------------------------------------------------------------------------------------------------------


def test_a_claim_stores_the_seeds_in_order(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.claim(IDENTITY, iter(SEEDS))
    with Ledger(path, read_only=True) as ledger:
        assert list(ledger.seeds()) == SEEDS


def test_the_same_identity_may_claim_again(ledger: Ledger) -> None:
    ledger.claim(IDENTITY, SEEDS)
    ledger.claim(dict(reversed(IDENTITY.items())), SEEDS)
    assert list(ledger.seeds()) == SEEDS


@pytest.mark.parametrize(
    ("identity", "differing"),
    [
        pytest.param(IDENTITY | {"rounds": "4"}, "differing: rounds (was 3, now 4). Give", id="changed"),
        pytest.param(IDENTITY | {"seed": "0"}, "differing: seed (was unset, now 0). Give", id="new"),
        pytest.param({"rounds": "3"}, 'differing: seeds.content (was "abc", now unset). Give', id="gone"),
        pytest.param({}, 'rounds (was 3, now unset); seeds.content (was "abc", now unset). Give', id="several"),
    ],
)
def test_another_identity_is_refused_naming_the_keys_that_differ(
    ledger: Ledger, path: Path, identity: dict[str, str], differing: str
) -> None:
    ledger.claim(IDENTITY, SEEDS)
    with pytest.raises(ConfigError) as caught:
        ledger.claim(identity, [])
    assert str(caught.value).startswith(f"{path.parent}: ")
    assert differing in str(caught.value)


@pytest.mark.parametrize(
    ("seeds", "differing"),
    [
        pytest.param(SEEDS[:1], f"differing: limit (was {len(SEEDS)} seeds, now 1). Give", id="fewer"),
        pytest.param(
            [*SEEDS, Seed("x", "x")], f"limit (was {len(SEEDS)} seeds, now {len(SEEDS) + 1}). Give", id="more"
        ),
        pytest.param(SEEDS[::-1], "differing: seeds (was d1, now d2). Give", id="another order"),
        pytest.param([Seed("x", "x")], "differing: seeds (was d1, now d2). Give", id="others"),
    ],
)
def test_more_or_fewer_of_the_same_seeds_are_another_limit(ledger: Ledger, seeds: list[Seed], differing: str) -> None:
    ledger.claim(IDENTITY | {"seeds": "d1"}, SEEDS)
    with pytest.raises(ConfigError) as caught:
        ledger.claim(IDENTITY | {"seeds": "d2"}, seeds)
    assert differing in str(caught.value)


def test_a_refused_claim_leaves_the_seeds(ledger: Ledger) -> None:
    ledger.claim(IDENTITY, SEEDS)
    with pytest.raises(ConfigError):
        ledger.claim({}, [Seed("other", "other")])
    assert list(ledger.seeds()) == SEEDS


def test_a_claim_that_breaks_off_leaves_nothing(ledger: Ledger) -> None:
    def seeds() -> Iterator[Seed]:
        yield SEEDS[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ledger.claim(IDENTITY, seeds())
    ledger.claim(IDENTITY, SEEDS[1:])
    assert list(ledger.seeds()) == SEEDS[1:]


def test_a_claim_that_cannot_be_written_whole_leaves_no_seeds(path: Path) -> None:
    ledger = Ledger(path)
    break_table(path, "meta")
    with pytest.raises(FolderError, match="disk full"):
        ledger.claim(IDENTITY, SEEDS)
    assert list(ledger.seeds()) == []
    with pytest.raises(FolderError):
        ledger.close()


CLAIMER = """
import sys
from pathlib import Path
from evolve.ledger import Ledger
from evolve.records import Seed

with Ledger(Path(sys.argv[1])) as ledger:
    print("open", flush=True)
    ledger.claim({"a": "1"}, [Seed(str(n), "text " * 20) for n in range(20_000)])
"""


@pytest.mark.parametrize("delay_s", [0.0, 0.1, 0.2])
def test_a_claim_is_whole_or_not_there_after_kill_9(path: Path, delay_s: float) -> None:
    process = start(CLAIMER, path)
    assert process.stdout is not None
    process.stdout.readline()
    try:
        process.wait(delay_s)
    except subprocess.TimeoutExpired:
        kill(process)
    else:
        process.stdout.close()
    with Ledger(path) as ledger:
        claimed = ledger.meta("identity") is not None
        assert len(list(ledger.seeds())) == (20_000 if claimed else 0)
        ledger.claim({"a": "1"}, [Seed("s", "t")])


def test_meta_values_are_kept_and_replaced(path: Path) -> None:
    with Ledger(path) as ledger:
        ledger.set_meta("key", "one")
        ledger.set_meta("key", "two")
    with Ledger(path, read_only=True) as ledger:
        assert (ledger.meta("key"), ledger.meta("other")) == ("two", None)


# -- opening, reading alone, breaking ----------------------------------------------------------------------------------


async def test_a_reader_sees_what_the_writer_commits(ledger: Ledger, path: Path) -> None:
    with Ledger(path, read_only=True) as reader:
        await ledger.record_call(DONE)
        assert reader.find_call("s0", 1, "evolve", "q") == DONE


async def test_a_read_only_ledger_refuses_to_write(path: Path) -> None:
    store(path)
    with Ledger(path, read_only=True) as reader:
        with pytest.raises(FolderError, match="not open for writing"):
            await asyncio.wait_for(reader.record_call(DONE), 10)
        with pytest.raises(FolderError, match="not open for writing"):
            reader.claim(IDENTITY, SEEDS)


async def test_a_closed_ledger_refuses_to_write(path: Path) -> None:
    ledger = Ledger(path)
    ledger.close()
    with pytest.raises(FolderError, match="not open for writing"):
        await asyncio.wait_for(ledger.record_call(DONE), 10)


def test_closing_twice_is_closing_once(path: Path) -> None:
    ledger = Ledger(path)
    ledger.close()
    ledger.close()


@pytest.mark.parametrize("name", ["a b", "a#b?mode=rwc", "a%20b", "ü😀"])
@pytest.mark.parametrize("read_only", [False, True], ids=["write", "read"])
def test_any_folder_name_will_do(tmp_path: Path, name: str, read_only: bool) -> None:
    path = tmp_path / name / "ledger.db"
    path.parent.mkdir()
    store(path, fate(1, 0))
    with Ledger(path, read_only=read_only) as ledger:
        assert len(list(ledger.fates())) == 1
    assert [p.name for p in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("read_only", [False, True], ids=["write", "read"])
@pytest.mark.parametrize("content", [b"this is not a database, " * 200, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_corrupt_file_is_refused_and_named(path: Path, content: bytes, read_only: bool) -> None:
    path.write_bytes(content)
    with pytest.raises(FolderError) as caught:
        Ledger(path, read_only=read_only)
    assert str(caught.value).startswith(f"{path}: not usable as a ledger: ")


def test_a_corrupt_file_is_left_as_it_was(path: Path) -> None:
    path.write_bytes(b"something of the user's " * 200)
    with pytest.raises(FolderError):
        Ledger(path)
    assert path.read_bytes() == b"something of the user's " * 200


@pytest.mark.parametrize("kind", ["missing", "empty", "another-database", "folder"])
def test_what_is_no_ledger_cannot_be_read(path: Path, kind: str) -> None:
    if kind == "empty":
        path.touch()
    elif kind == "folder":
        path.mkdir()
    elif kind == "another-database":
        other = sqlite3.connect(path)
        other.execute("CREATE TABLE t (x)")
        other.close()
    with pytest.raises(FolderError, match="not usable as a ledger"):
        Ledger(path, read_only=True)


@pytest.mark.parametrize("read_only", [False, True], ids=["write", "read"])
def test_a_ledger_of_another_version_is_refused_and_left_as_it_was(path: Path, read_only: bool) -> None:
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID")
    other.execute("INSERT INTO meta VALUES ('version', '1')")
    other.commit()
    other.close()
    before = path.read_bytes()
    with pytest.raises(ConfigError, match=r"a run of another version \(1\) of evolve; give another --out"):
        Ledger(path, read_only=read_only)
    assert path.read_bytes() == before


def test_reading_creates_no_file(path: Path) -> None:
    with pytest.raises(FolderError):
        Ledger(path, read_only=True)
    assert not path.exists()


def test_a_missing_folder_is_refused_and_named(tmp_path: Path) -> None:
    with pytest.raises(FolderError, match=r"nowhere/ledger\.db: not usable as a ledger"):
        Ledger(tmp_path / "nowhere" / "ledger.db")


async def test_a_call_that_cannot_be_written_is_not_acknowledged(path: Path) -> None:
    ledger = Ledger(path)
    break_table(path, "calls")
    with pytest.raises(FolderError, match="cannot be written: disk full"):
        await ledger.record_call(DONE)
    with pytest.raises(FolderError, match="disk full"):
        ledger.close()


async def test_a_broken_ledger_takes_nothing_more(path: Path) -> None:
    ledger = Ledger(path)
    break_table(path, "calls")
    for _ in range(2):
        with pytest.raises(FolderError, match="cannot be written: disk full"):
            await ledger.record_call(DONE)
    with pytest.raises(FolderError):
        ledger.close()


class Failing:
    """A database whose first transaction fails, once `go` is set."""

    def __init__(self) -> None:
        self.begun, self.go = threading.Event(), threading.Event()
        self.executed: list[str] = []

    def __enter__(self) -> None: ...
    def __exit__(self, *_: object) -> None: ...
    def close(self) -> None: ...

    def execute(self, sql: str, values: object, /) -> None:
        self.executed.append(sql)
        if len(self.executed) == 1:
            self.begun.set()
            assert self.go.wait(10)
            raise sqlite3.OperationalError("disk full")


def test_what_waits_behind_a_write_that_fails_is_not_written(path: Path) -> None:
    database = Failing()
    writer = Writer(path, database)
    rows: list[list[Row]] = [[("first", ())], [("second", ())]]
    first = writer.put(rows[0])
    assert database.begun.wait(10)
    second = writer.put(rows[1])
    database.go.set()
    for write in (first, second):
        with pytest.raises(FolderError, match="disk full"):
            write.result_blocking()
    with pytest.raises(FolderError, match="disk full"):
        writer.close()
    assert database.executed == ["first"]


def test_closing_tells_of_a_fate_that_could_not_be_written(path: Path) -> None:
    ledger = Ledger(path)
    break_table(path, "fates")
    ledger.record_fate(fate(1, 0))
    with pytest.raises(FolderError, match="cannot be written: disk full"):
        ledger.close()


async def test_text_that_cannot_be_stored_raises_and_does_not_hang(path: Path) -> None:
    ledger = Ledger(path)
    with pytest.raises(FolderError, match="surrogates not allowed"):
        await asyncio.wait_for(ledger.record_call(Call("s0", 1, "evolve", "q", None, "\ud800")), 10)
    with pytest.raises(FolderError):
        ledger.close()


# -- one driver, on a local disk ---------------------------------------------------------------------------------------

HOLDER = """
import sys, time
from pathlib import Path
from evolve.folder import Lock

lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_lock_fences_another_process_and_is_freed_by_kill_9(tmp_path: Path) -> None:
    holder = start(HOLDER, tmp_path)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    try:
        with pytest.raises(FolderError) as caught:
            Lock(tmp_path)
    finally:
        kill(holder)
    Lock(tmp_path).release()
    assert str(caught.value).startswith(f"{tmp_path}: another run is writing here (process {holder.pid})")


def test_a_lock_fences_its_own_process_too(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    with pytest.raises(FolderError, match="another run is writing here"):
        Lock(tmp_path)
    lock.release()


def test_a_refused_lock_does_not_free_the_held_one(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    for _ in range(2):
        with pytest.raises(FolderError):
            Lock(tmp_path)
    lock.release()


def test_a_released_lock_can_be_taken_again(tmp_path: Path) -> None:
    Lock(tmp_path).release()
    Lock(tmp_path).release()


def test_locks_of_two_folders_do_not_meet(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    locks = [Lock(tmp_path), Lock(tmp_path / "other")]
    for lock in locks:
        lock.release()


@pytest.mark.parametrize("name", ["missing", "file"])
def test_a_folder_that_cannot_be_written_is_refused_and_named(tmp_path: Path, name: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FolderError, match=f"{name}: cannot be written: "):
        Lock(tmp_path / name)


def mounts(folder: Path, *lines: str) -> Path:
    table = folder / "mounts"
    table.write_text("".join(f"{line.format(folder)} rw 0 0\n" for line in ("dev / ext4", *lines)))
    return table


@pytest.mark.parametrize("kind", sorted(NETWORK_FILE_SYSTEMS))
def test_a_network_file_system_is_refused_with_the_remedy(tmp_path: Path, kind: str) -> None:
    with pytest.raises(FolderError) as caught:
        refuse_network_file_system(tmp_path, mounts(tmp_path, f"server:/x {{}} {kind}"))
    assert str(caught.value).startswith(f"{tmp_path}: ")
    assert str(caught.value).endswith(f"on a network file system ({kind}); give a local --out")


@pytest.mark.parametrize(
    "line",
    [
        pytest.param("tmp {} tmpfs", id="tmpfs"),
        pytest.param("tmp {} fuse.local", id="another-fuse"),
        pytest.param("server:/x {}/other nfs", id="below-it"),
        pytest.param("server:/x {}x nfs", id="same-beginning"),
        pytest.param("server:/x / nfs\ndev {} ext4", id="local-disk-over-it"),
        pytest.param("server:/x {} nfs\ndev {} ext4", id="mounted-over"),
    ],
)
def test_a_local_file_system_is_let_through(tmp_path: Path, line: str) -> None:
    refuse_network_file_system(tmp_path, mounts(tmp_path, *line.split("\n")))


@pytest.mark.parametrize(
    ("name", "written"), [("a b", "a\\040b"), ("a\tb", "a\\011b"), ("a\\b", "a\\134b"), ("ü", "ü")], ids=ascii
)
def test_a_mount_point_is_read_with_its_escapes(tmp_path: Path, name: str, written: str) -> None:
    folder = tmp_path / name
    (folder / "run").mkdir(parents=True)
    with pytest.raises(FolderError):
        refuse_network_file_system(folder / "run", mounts(tmp_path, f"server:/x {{}}/{written} nfs4"))


def test_a_link_is_followed(tmp_path: Path) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "out").symlink_to(tmp_path / "share")
    with pytest.raises(FolderError):
        refuse_network_file_system(tmp_path / "out", mounts(tmp_path, "server:/x {}/share nfs"))


def test_without_a_table_of_mounts_nothing_is_refused(tmp_path: Path) -> None:
    refuse_network_file_system(tmp_path, tmp_path / "none")
