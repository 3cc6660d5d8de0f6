"""The dataset: its tables, that equal runs make equal bytes, that it is there whole and loads."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import Config
from evolve.dataset import Counts, export, export_derived, make_recipe, write_atomically, write_card
from evolve.dataset.columns import DERIVED, LINEAGE, PREFERENCES, REJECTED, TRAIN, train_row
from evolve.dataset.export import ROW_GROUP
from evolve.derive import TOKENS, Derived
from evolve.derive.cuts import Cut
from evolve.records import Attempt, Fate, Finding, Instruction, Outcome, Proof, Verdict

SEED = Fate(
    attempt=Attempt(0, 3),
    root_id="s3",
    operator="seed",
    outcome="accepted",
    parent_id=None,
    child=Instruction("s3", "Sort names.", "s3", None, 0, "seed"),
    answer="sorted(names)",
)
ACCEPTED = Fate(
    kind="bug-fix",
    attempt=Attempt(1, 3),
    root_id="s3",
    operator="crossover",
    outcome="accepted",
    parent_id="s3",
    child=Instruction("c1", "Sort names by length.", "s3", "s3", 1, "crossover", 1),
    answer="sorted(names, key=len)",
    findings=(
        Finding("prompt_leak", 1, Verdict.ACCEPT),
        Finding("no_gain", 1, Verdict.ACCEPT, scores={"ratio": 0.71}),
        Finding("duplicate", 1, Verdict.ACCEPT, scores={"within": 0.8, "across": 0.25}),
        Finding("judge", 1, Verdict.UNDECIDED, detail="the judge cannot tell"),
    ),
    partner_id="s8",
    models={"evolver": "m-1", "responder": "m-2"},
    prompt_digest="p1",
    proof=Proof(
        "verified", "", "wasm", "python", "assert f(1) == 2\n", 5, 0.9, 2, 0.5, 1, failing="def f(x): return x"
    ),
)
DUPLICATE = Fate(
    attempt=Attempt(2, 3),
    root_id="s3",
    operator="deepen",
    outcome="rejected",
    parent_id="c1",
    child=Instruction("c2", "Sort names by their length.", "s3", "c1", 2, "deepen", 2),
    findings=(
        Finding("no_gain", 1, Verdict.ACCEPT, scores={"ratio": 0.88}),
        Finding("duplicate", 1, Verdict.REJECT, "duplicate", "cosine 0.990", {"within": 0.99}, "c1"),
    ),
    reason="duplicate",
    models={"evolver": "m-1"},
    prompt_digest="p2",
)
MALFORMED = Fate(
    attempt=Attempt(2, 4),
    root_id="s4",
    operator="deepen",
    outcome="rejected",
    parent_id="s4",
    child=None,
    findings=(Finding("malformed", 1, Verdict.REJECT, "malformed", "cut off at max_tokens"),),
    reason="malformed",
)
REFUSED = Fate(
    attempt=Attempt(3, 3),
    root_id="s3",
    operator="deepen",
    outcome="rejected",
    parent_id="c1",
    child=Instruction("c3", "Sort names by age.", "s3", "c1", 3, "deepen", 2),
    answer="Sorry, no.",
    findings=(Finding("refusal", 1, Verdict.REJECT, "refusal", "begins 'Sorry'"),),
    reason="refusal",
)
FAILED = Fate(Attempt(3, 4), "s4", "deepen", "failed", "s4", None, error="HTTP 400: too long")
FATES = (SEED, ACCEPTED, DUPLICATE, MALFORMED, REFUSED, FAILED)
TABLES = ("train", "rejected", "lineage", "preferences")
CONFIGS = {
    "default": "train",
    "rejected": "rejected",
    "preference": "preferences",
    "derived": "derived",
    "lineage": "lineage",
}
OWN_PROOF = Proof("verified", "", "wasm", "python", "assert f(1) == 2\n", 5, 0.9)
CUT = Cut("return_value", "def f(x):\n    return ", "x + 1", "\n")
TASKS = (
    Derived("tests", "Test `f`.", "assert f(1) == 2", "c1", "s3", OWN_PROOF),
    Derived("infill", "Fill the gap.", "x + 1", "c1", "s3", OWN_PROOF, CUT),
)
OUTCOMES: tuple[Outcome, ...] = ("accepted", "rejected", "failed")
FEW = settings(deadline=None, max_examples=25)
"""For what writes files: a disk may be slow at any moment."""


def table_path(folder: Path, table: str) -> Path:
    return folder / f"{table}-00000-of-00001.parquet"


def rows(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(table_path(folder, table)).to_pylist()
    return found


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def sample(index: int, text: str, answer: str = "answer") -> Fate:
    child = Instruction(f"c{index}", text, f"s{index}", f"s{index}", 1, "deepen", 1)
    return replace(ACCEPTED, attempt=Attempt(1, index), root_id=f"s{index}", child=child, answer=answer)


def of_outcome(index: int, outcome: Outcome) -> Fate:
    like = {"accepted": ACCEPTED, "rejected": DUPLICATE, "failed": FAILED}[outcome]
    return replace(like, attempt=Attempt(1, index))


# -- tables ------------------------------------------------------------------------------------------------------------


def test_a_sample_is_a_row_of_train(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    assert rows(tmp_path, "train")[1] == {
        "id": "c1",
        "instruction": "Sort names by length.",
        "input": "",
        "output": "sorted(names, key=len)",
        "messages": [
            {"role": "user", "content": "Sort names by length."},
            {"role": "assistant", "content": "sorted(names, key=len)"},
        ],
        "kind": "bug-fix",
        "root_id": "s3",
        "parent_id": "s3",
        "partner_id": "s8",
        "round": 1,
        "operator": "crossover",
        "teacher_models": {"evolver": "m-1", "judge": None, "responder": "m-2", "tester": None},
        "prompt_hash": "p1",
        "scores": {"parent_ratio": 0.71, "nearest_within": 0.8, "nearest_across": 0.25},
        "verification": {
            "status": "verified",
            "detail": None,
            "tier": "wasm",
            "language": "python",
            "tests": "assert f(1) == 2\n",
            "assertions": 5,
            "mutation": 0.9,
            "pass_rate": 0.5,
            "agreement": None,
            "repairs": 1,
            "figures": None,
        },
    }


def test_a_seed_is_a_row_without_parent_prompt_or_scores(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    row = rows(tmp_path, "train")[0]
    assert (row["id"], row["round"], row["operator"]) == ("s3", 0, "seed")
    assert {row["parent_id"], row["partner_id"], row["prompt_hash"], *row["scores"].values()} == {None}


def test_a_rejected_one_is_a_row_with_its_reason(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    assert rows(tmp_path, "rejected")[0] == {
        "id": "c2",
        "instruction": "Sort names by their length.",
        "output": None,
        "root_id": "s3",
        "parent_id": "c1",
        "partner_id": None,
        "round": 2,
        "operator": "deepen",
        "check": "duplicate",
        "reason": "duplicate",
        "detail": "cosine 0.990",
        "nearest_id": "c1",
        "teacher_models": {"evolver": "m-1", "judge": None, "responder": None, "tester": None},
        "prompt_hash": "p2",
        "scores": {"parent_ratio": 0.88, "nearest_within": 0.99, "nearest_across": None},
    }


def test_what_could_not_be_read_is_a_rejected_row_without_text(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    row = rows(tmp_path, "rejected")[1]
    assert (row["id"], row["instruction"], row["reason"]) == (None, None, "malformed")


def test_a_rejected_answer_is_kept(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    assert rows(tmp_path, "rejected")[2]["output"] == "Sorry, no."


def test_every_attempt_is_a_row_of_lineage(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    found = [
        (row["round"], row["index"], row["id"], row["outcome"], row["reason"]) for row in rows(tmp_path, "lineage")
    ]
    assert found == [
        (0, 3, "s3", "accepted", None),
        (1, 3, "c1", "accepted", None),
        (2, 3, "c2", "rejected", "duplicate"),
        (2, 4, None, "rejected", "malformed"),
        (3, 3, "c3", "rejected", "refusal"),
        (3, 4, None, "failed", None),
    ]


def test_a_failure_keeps_its_error(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    assert rows(tmp_path, "lineage")[-1]["error"] == "HTTP 400: too long"


@pytest.mark.parametrize(("table", "schema"), [("train", TRAIN), ("rejected", REJECTED), ("lineage", LINEAGE)])
@pytest.mark.parametrize("fates", [FATES, ()], ids=["rows", "no-rows"])
def test_a_table_has_its_schema_whatever_is_in_it(
    tmp_path: Path, fates: tuple[Fate, ...], table: str, schema: pa.Schema
) -> None:
    export(fates, tmp_path)
    assert pq.read_schema(table_path(tmp_path, table)).equals(schema)


@pytest.mark.parametrize("tasks", [TASKS, ()], ids=["rows", "no-rows"])
def test_the_table_of_derived_tasks_has_its_schema(tmp_path: Path, tasks: tuple[Derived, ...]) -> None:
    counts = write_derived(tmp_path, tasks)
    assert pq.read_schema(table_path(tmp_path, "derived")).equals(DERIVED)
    assert sum(counts.values()) == len(rows(tmp_path, "derived")) == len(tasks)


def test_a_derived_task_is_a_row(tmp_path: Path) -> None:
    write_derived(tmp_path)
    row = rows(tmp_path, "derived")[1]
    assert row.pop("verification")["status"] == "verified"
    assert row == {
        "id": TASKS[1].id,
        "kind": "infill",
        "instruction": "Fill the gap.",
        "output": "x + 1",
        "messages": [{"role": "user", "content": "Fill the gap."}, {"role": "assistant", "content": "x + 1"}],
        "prefix": CUT.prefix,
        "middle": CUT.middle,
        "suffix": CUT.suffix,
        "fim": f"<|fim_prefix|>{CUT.prefix}<|fim_suffix|>{CUT.suffix}<|fim_middle|>{CUT.middle}",
        "fim_spm": f"<|fim_prefix|><|fim_suffix|>{CUT.suffix}<|fim_middle|>{CUT.prefix}{CUT.middle}",
        "source_id": "c1",
        "root_id": "s3",
    }


def test_only_infilling_has_parts(tmp_path: Path) -> None:
    write_derived(tmp_path)
    row = rows(tmp_path, "derived")[0]
    assert {row[name] for name in ("prefix", "middle", "suffix", "fim", "fim_spm")} == {None}


@pytest.mark.parametrize("fim", TOKENS)
def test_the_strings_have_the_tokens_that_were_chosen(tmp_path: Path, fim: str) -> None:
    write_derived(tmp_path, fim=fim)
    row = rows(tmp_path, "derived")[1]
    assert all(mark in row[name] for name in ("fim", "fim_spm") for mark in TOKENS[fim].marks)


def test_equal_derived_tasks_make_equal_bytes(tmp_path: Path) -> None:
    write_derived(tmp_path / "one")
    write_derived(tmp_path / "other", [replace(task) for task in TASKS])
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


@pytest.mark.parametrize("column", ["prompt", "completion", "conversations", "text", "chosen"])
def test_train_has_no_column_that_trainers_would_prefer_to_messages(column: str) -> None:
    assert column not in TRAIN.names
    assert column not in DERIVED.names


@pytest.mark.parametrize("schema", [TRAIN, REJECTED, LINEAGE, PREFERENCES, DERIVED], ids=[*TABLES, "derived"])
def test_no_column_holds_a_time_or_an_address(schema: pa.Schema) -> None:
    assert not re.search(r"time|date|second|asked|url|host|address|key", " ".join(schema.names))


@FEW
@given(st.lists(st.sampled_from(OUTCOMES), max_size=8))
def test_the_counts_are_the_rows(tmp_path_factory: pytest.TempPathFactory, outcomes: list[Outcome]) -> None:
    folder = tmp_path_factory.mktemp("data")
    counts = export([of_outcome(i, outcome) for i, outcome in enumerate(outcomes)], folder)
    assert counts == Counts(*(len(rows(folder, table)) for table in TABLES))


@FEW
@given(st.lists(st.sampled_from(OUTCOMES), max_size=8))
def test_the_counts_add_up(tmp_path_factory: pytest.TempPathFactory, outcomes: list[Outcome]) -> None:
    counts = export([of_outcome(i, o) for i, o in enumerate(outcomes)], tmp_path_factory.mktemp("data"))
    assert counts.lineage == counts.train + counts.rejected + outcomes.count("failed")


def test_rows_keep_their_order_over_row_groups(tmp_path: Path) -> None:
    count = 2 * ROW_GROUP + 1
    export((sample(i, f"text {i}") for i in range(count)), tmp_path)
    assert [row["instruction"] for row in rows(tmp_path, "train")] == [f"text {i}" for i in range(count)]


def test_equal_fates_make_equal_bytes(tmp_path: Path) -> None:
    export(FATES, tmp_path / "one")
    export((replace(fate) for fate in FATES), tmp_path / "other")
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_other_fates_make_other_bytes(tmp_path: Path) -> None:
    export(FATES, tmp_path / "one")
    export((*FATES[:1], replace(ACCEPTED, answer="another"), *FATES[2:]), tmp_path / "other")
    assert contents(tmp_path / "one") != contents(tmp_path / "other")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("naïve 日本語 עברית 👩‍👩‍👧 𝕏", id="letters-of-all-scripts"),
        pytest.param("\x1b[2J\x07\r\n\t\x7f\x85", id="control-characters"),
        pytest.param("a\u202eb\u2066c\u200b\ufeff\ufffd\uffff", id="invisible"),
        pytest.param("\n\n---\n{'a': [1]}, \"\\u0000\" \\", id="quotes-and-backslashes"),
        pytest.param("é" * 2**20, id="a-megabyte-or-two"),
    ],
)
def test_hostile_text_survives(tmp_path: Path, text: str) -> None:
    export([sample(0, text, text)], tmp_path)
    row = rows(tmp_path, "train")[0]
    assert {row["instruction"], row["output"], *(message["content"] for message in row["messages"])} == {text}


@FEW
@given(st.lists(st.text(max_size=30), min_size=1, max_size=4))
def test_any_text_survives(tmp_path_factory: pytest.TempPathFactory, texts: list[str]) -> None:
    folder = tmp_path_factory.mktemp("data")
    export([sample(i, text) for i, text in enumerate(texts)], folder)
    assert [row["instruction"] for row in rows(folder, "train")] == texts


# -- whole or not at all -----------------------------------------------------------------------------------------------


def broken(fates: Iterable[Fate]) -> Iterator[Fate]:
    yield from fates
    raise OSError("the ledger cannot be read any more")


def test_an_interrupted_export_leaves_the_old_tables(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    before = contents(tmp_path)
    with pytest.raises(OSError, match="any more"):
        export(broken(FATES[:2]), tmp_path)
    assert contents(tmp_path) == before


def test_an_interrupted_first_export_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="any more"):
        export(broken(FATES), tmp_path)
    assert contents(tmp_path) == {}


@pytest.mark.parametrize(
    "fate", [replace(ACCEPTED, answer=None), replace(ACCEPTED, child=None)], ids=["no-answer", "no-instruction"]
)
def test_an_accepted_fate_without_its_sample_is_not_written(tmp_path: Path, fate: Fate) -> None:
    with pytest.raises(ValueError, match="without instruction or answer"):
        export([SEED, fate], tmp_path)
    assert contents(tmp_path) == {}


def test_a_file_is_replaced_when_it_is_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    with write_atomically(tmp_path / "file") as beside:
        beside.write_text("new")
        assert (tmp_path / "file").read_text() == "old"
    assert contents(tmp_path) == {"file": b"new"}


def write_half(path: Path, error: type[BaseException]) -> None:
    with write_atomically(path) as beside:
        beside.write_text("half")
        raise error


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt], ids=["error", "interrupt"])
def test_a_file_that_is_not_finished_leaves_the_old_one(tmp_path: Path, error: type[BaseException]) -> None:
    (tmp_path / "file").write_text("old")
    with pytest.raises(error):
        write_half(tmp_path / "file", error)
    assert contents(tmp_path) == {"file": b"old"}


def test_what_a_killed_writer_left_is_in_nobodys_way(tmp_path: Path) -> None:
    (tmp_path / ".train-00000-of-00001.parquet.tmp").write_bytes(b"half")
    export(FATES, tmp_path)
    assert contents(tmp_path).keys() == {table_path(tmp_path, table).name for table in TABLES}


def test_an_answer_that_replaced_a_failing_one_makes_a_preference(tmp_path: Path) -> None:
    export(FATES, tmp_path)
    (pair,) = rows(tmp_path, "preferences")
    texts = {name: pair[name] for name in ("prompt", "chosen", "rejected")}
    assert texts == {
        "prompt": [{"role": "user", "content": ACCEPTED.child.text if ACCEPTED.child else ""}],
        "chosen": [{"role": "assistant", "content": ACCEPTED.answer}],
        "rejected": [{"role": "assistant", "content": "def f(x): return x"}],
    }


@pytest.mark.parametrize("proof", [None, Proof("unverified", "no code")])
def test_an_answer_that_was_not_proven_says_so(proof: Proof | None) -> None:
    said = train_row(replace(ACCEPTED, proof=proof))["verification"]
    assert (said["status"], bool(said["detail"]), said["tests"]) == ("unverified", True, None)


# -- loading -----------------------------------------------------------------------------------------------------------


def _no_network(*_: object) -> NoReturn:
    raise AssertionError("loading a local dataset asked the network")


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", _no_network)
    monkeypatch.setattr(socket.socket, "connect", _no_network)


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("table", TABLES)
def test_a_table_loads_as_a_file(tmp_path: Path, table: str) -> None:
    export(FATES, tmp_path)
    path = str(table_path(tmp_path, table))
    loaded = datasets.load_dataset("parquet", data_files=path, split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded.to_list() == rows(tmp_path, table)


def write_derived(folder: Path, tasks: Iterable[Derived] = TASKS, fim: str = "qwen") -> Mapping[str, int]:
    async def given() -> AsyncIterator[Derived]:
        for task in tasks:
            yield task

    return asyncio.run(export_derived(given(), folder, TOKENS[fim]))


def make_dataset(folder: Path, fates: Iterable[Fate] = FATES) -> None:
    export(fates, folder / "data")
    write_derived(folder / "data")
    write_card(folder, make_recipe(Config(), {}), cost="nothing")


@pytest.mark.usefixtures("offline")
@pytest.mark.parametrize("config", CONFIGS)
def test_a_table_loads_from_the_folder(tmp_path: Path, config: str) -> None:
    make_dataset(tmp_path / "run")
    cache = str(tmp_path / "cache")
    loaded = datasets.load_dataset(str(tmp_path / "run"), config, split="train", cache_dir=cache)
    assert loaded.to_list() == rows(tmp_path / "run" / "data", CONFIGS[config])


@pytest.mark.usefixtures("offline")
def test_without_a_name_the_folder_loads_as_its_samples(tmp_path: Path) -> None:
    make_dataset(tmp_path / "run")
    loaded = datasets.load_dataset(str(tmp_path / "run"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["id"][:] == ["s3", "c1"]


@pytest.mark.usefixtures("offline")
def test_a_run_that_rejected_nothing_loads_too(tmp_path: Path) -> None:
    make_dataset(tmp_path / "run", [SEED])
    loaded = datasets.load_dataset(str(tmp_path / "run"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded["id"][:] == ["s3"]
