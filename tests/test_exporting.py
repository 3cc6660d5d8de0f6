"""Exports of a run's dataset: the formats, which rows they take, the files, and that these are whole or not there."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import tracemalloc
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import datasets
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.dataset import TRAIN, export, export_derived
from evolve.derive import TOKENS, Derived
from evolve.derive.cuts import Cut
from evolve.errors import ConfigError, UsageError
from evolve.exporting import Filters, Options, Settings, export_run, load_exporter, names, pairs, score
from evolve.exporting.split import side
from evolve.records import SEED_OPERATOR, Attempt, Fate, Finding, Instruction, Proof, Verdict
from tests.conftest import evolve

PROOF = Proof("verified", "", "wasm", "python", "assert f(1) == 2\n", 5, 0.8, agreement=0.6)
JSONL = Settings(file_format="jsonl")


def fate(round_: int, index: int, text: str, parent: str | None, **changed: Any) -> Fate:  # noqa: ANN401
    """An accepted fate of lineage `index`; the child's id is `index.round`."""
    id_, operator = f"{index}.{round_}", "deepen" if round_ else SEED_OPERATOR
    child = Instruction(id_, text, f"{index}.0", parent, round_, operator, round_)
    made = Fate(Attempt(round_, index), f"{index}.0", operator, "accepted", parent, child, f"Answer to: {text}")
    return replace(made, **changed)


def rejected(round_: int, index: int, text: str, parent: str | None, reason: str, **changed: Any) -> Fate:  # noqa: ANN401
    finding = Finding(reason, 1, Verdict.REJECT, reason)
    return fate(round_, index, text, parent, outcome="rejected", reason=reason, findings=(finding,), **changed)


FATES = (
    fate(0, 0, "Sort names.", None, kind="text-to-code"),
    fate(0, 1, "Add numbers.", None, proof=PROOF, answer="```go\nfunc f() {}\n```"),
    rejected(1, 0, "Sort the names.", "0.0", "no_gain"),
    fate(1, 1, "Add numbers that are even.", "1.0", proof=replace(PROOF, failing="wrong", mutation=None)),
    fate(2, 0, "Sort names by length.", "0.0", answer="```rust\nfn f() {}\n```"),
    rejected(2, 1, "Add even numbers.", "1.1", "duplicate"),
)
CUT = Cut("return_value", "def f(x):\n    return ", "x + 1", "\n")
TASKS = (
    Derived("tests", "Test `f`.", "assert f(1) == 2", "1.1", "1.0", PROOF),
    Derived("infill", "Fill the gap.", "x + 1", "1.1", "1.0", PROOF, CUT),
)


def make_run(folder: Path, fates: Iterable[Fate] = FATES, tasks: Sequence[Derived] = TASKS) -> Path:
    async def each() -> AsyncIterator[Derived]:
        for task in tasks:
            yield task

    export(fates, folder / "data")
    asyncio.run(export_derived(each(), folder / "data", TOKENS["qwen"]))
    return folder


@pytest.fixture
def run(tmp_path: Path) -> Path:
    return make_run(tmp_path / "run")


def exported(run: Path, name: str, settings: Settings = JSONL, target: Path | None = None) -> list[dict[str, Any]]:
    """The training rows of an export, read back."""
    found = export_run(run, name, target or run.parent / "out", settings)
    return [row for file in found.files if file.startswith("train") for row in read(found.folder / file)]


def read(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".parquet":
        rows: list[dict[str, Any]] = pq.read_table(path).to_pylist()
        return rows
    with pa.input_stream(str(path), compression="detect") as file:
        return [json.loads(line) for line in file.read().decode().splitlines()]


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


# -- formats -----------------------------------------------------------------------------------------------------------

ASKED = {"role": "user", "content": "Sort names."}
SAID = {"role": "assistant", "content": "Answer to: Sort names."}


@pytest.mark.parametrize(
    ("name", "options", "row"),
    [
        ("messages", Options(), {"messages": [ASKED, SAID]}),
        ("alpaca", Options(), {"instruction": ASKED["content"], "input": "", "output": SAID["content"]}),
        (
            "sharegpt",
            Options(),
            {
                "conversations": [
                    {"from": "human", "value": ASKED["content"]},
                    {"from": "gpt", "value": SAID["content"]},
                ]
            },
        ),
        ("prompt-completion", Options(), {"prompt": [ASKED], "completion": [SAID]}),
        (
            "rendered",
            Options(template="stablecode"),
            {"text": "###Instruction\nSort names.###Response\nAnswer to: Sort names.<|endoftext|>"},
        ),
        (
            "rendered",
            Options(template="deepseek-coder", system="Be brief."),
            {"text": "Be brief.\n### Instruction:\nSort names.\n### Response:\nAnswer to: Sort names.\n<|EOT|>"},
        ),
    ],
)
def test_a_sample_is_said_as_the_format_has_it(run: Path, name: str, options: Options, row: dict[str, Any]) -> None:
    assert exported(run, name, Settings(options=options))[0] == {"id": "0.0", **row}


@pytest.mark.parametrize("files", ["parquet", "jsonl"])
def test_the_default_is_the_table(run: Path, files: Any) -> None:  # noqa: ANN401
    assert exported(run, "default", Settings(file_format=files)) == read(run / "data" / "train-00000-of-00001.parquet")


def test_the_default_has_the_schema_of_the_table(run: Path) -> None:
    found = export_run(run, "default", run.parent / "out", Settings())
    assert pq.read_schema(found.folder / found.files[0]).equals(TRAIN)


@pytest.mark.parametrize("files", ["parquet", "jsonl"])
@pytest.mark.parametrize("name", ["default", "messages", "alpaca", "sharegpt", "prompt-completion", "preference"])
def test_an_export_loads_with_both_splits(tmp_path: Path, name: str, files: Any) -> None:  # noqa: ANN401
    lines = itertools.chain.from_iterable(
        [
            fate(0, n, f"Task {n}.", None),
            rejected(1, n, f"Worse task {n}.", f"{n}.0", "no_gain"),
            fate(2, n, f"Harder task {n}.", f"{n}.0"),
        ]
        for n in range(20)
    )
    run = make_run(tmp_path / "run", sorted(lines, key=lambda one: one.attempt))
    found = export_run(run, name, tmp_path / "out", Settings(validation=0.3, file_format=files))
    loaded = datasets.load_dataset(str(tmp_path / "out"), cache_dir=str(tmp_path / "cache"))
    assert {split: loaded[split].num_rows for split in loaded} == found.rows
    assert min(found.rows.values()) > 0


def test_what_llama_factory_is_told_names_a_file_and_its_columns(run: Path) -> None:
    rows = exported(run, "preference")
    described = json.loads((run.parent / "out" / "dataset_info.json").read_text())["evolve_train"]
    assert (run.parent / "out" / described["file_name"]).is_file()
    assert all(isinstance(rows[0][column], str) for column in described["columns"].values())


# -- pairs -------------------------------------------------------------------------------------------------------------


def test_a_verified_answer_is_chosen_over_the_one_that_failed(run: Path) -> None:
    (row,) = exported(run, "preference", Settings(options=Options(pairs="answers")))
    asked = {"role": "user", "content": "Add numbers that are even."}
    assert row["chosen"] == [
        asked,
        {"role": "assistant", "content": row["chosen_text"]},
    ]
    assert row["rejected"] == [asked, {"role": "assistant", "content": "wrong"}]
    assert (row["id"], row["instruction"], row["reason"]) == ("1.1", asked["content"], "fails the tests")


def test_a_survivor_is_chosen_over_its_eliminated_sibling(run: Path) -> None:
    (row,) = exported(run, "preference", Settings(options=Options(pairs="instructions")))
    assert (row["id"], row["reason"]) == ("0.2", "no_gain")
    assert (row["chosen_text"], row["rejected_text"]) == ("Sort names by length.", "Sort the names.")
    assert "Sort names." in row["instruction"]


@pytest.mark.parametrize("reason", ["duplicate", "contaminated", "secret", "refusal", "wrong_code", "malformed"])
def test_what_is_no_worse_a_text_or_must_not_be_shown_is_in_no_pair(tmp_path: Path, reason: str) -> None:
    lines = [FATES[0], rejected(1, 0, "Sort the names.", "0.0", reason), FATES[4]]
    run = make_run(tmp_path / "run", lines)
    with pytest.raises(ConfigError, match="no row to train on"):
        exported(run, "preference")


@pytest.mark.parametrize("operator", ["breadth", "crossover", "translate_spanish"])
@pytest.mark.parametrize("which", [1, 2])
def test_what_is_no_harder_version_of_its_parent_is_in_no_pair(tmp_path: Path, operator: str, which: int) -> None:
    lines = [FATES[0], FATES[2], FATES[4]]
    lines[which] = replace(lines[which], operator=operator)
    with pytest.raises(ConfigError, match="no row to train on"):
        exported(make_run(tmp_path / "run", lines), "preference")


def test_a_contaminated_seed_is_in_no_prompt(tmp_path: Path) -> None:
    seed = rejected(0, 0, "Sort names.", None, "contaminated")
    run = make_run(tmp_path / "run", [seed, *FATES[2:3], FATES[4]])
    with pytest.raises(ConfigError, match="no row to train on"):
        exported(run, "preference")


def test_pairs_do_not_depend_on_the_passes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [
        made
        for n in range(12)
        for made in (
            fate(0, n, f"Task {n}.", None),
            rejected(1, n, f"Worse {n}.", f"{n}.0", "no_gain"),
            fate(2, n, f"Harder {n}.", f"{n}.0"),
        )
    ]
    run = make_run(tmp_path / "run", sorted(lines, key=lambda one: one.attempt))
    once = exported(run, "preference")
    monkeypatch.setattr(pairs, "AT_ONCE", 5)
    again = exported(run, "preference", target=tmp_path / "again")
    assert len(once) == 12
    assert sorted(once, key=lambda row: row["id"]) == sorted(again, key=lambda row: row["id"])


@pytest.mark.parametrize("table", ["train", "preferences", "rejected", "lineage"])
def test_a_table_that_is_cut_off_is_named(run: Path, table: str) -> None:
    path = run / "data" / f"{table}-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ConfigError, match=f"{table}-.*: not readable as Parquet"):
        exported(run, "preference", Settings(validation=0.5))


def test_preferences_of_another_run_are_refused(run: Path, tmp_path: Path) -> None:
    other = make_run(tmp_path / "other", [fate(0, 7, "Other.", None, proof=replace(PROOF, failing="wrong"))])
    path = "data/preferences-00000-of-00001.parquet"
    (run / path).write_bytes((other / path).read_bytes())
    with pytest.raises(ConfigError, match=r"row 7\.0 of `preferences` is not in `train`"):
        exported(run, "preference")


# -- gaps --------------------------------------------------------------------------------------------------------------

PSM = "<PRE> def f(x):\n    return  <SUF>\n <MID>x + 1 <EOT>"


@pytest.mark.parametrize(
    ("options", "texts"),
    [
        pytest.param(Options(fim="codellama"), [PSM], id="family"),
        pytest.param(
            Options(sentinels=("<a>", "<b>", "<c>"), order="both"),
            ["<a>def f(x):\n    return <b>\n<c>x + 1", "<a><b>\n<c>def f(x):\n    return x + 1"],
            id="sentinels",
        ),
    ],
)
def test_a_gap_is_said_in_the_sentinels(run: Path, options: Options, texts: list[str]) -> None:
    assert [row["text"] for row in exported(run, "fim", Settings(options=options))] == texts


def test_the_sentinels_are_those_that_a_tokenizer_has(run: Path, tmp_path: Path) -> None:
    tokens = [{"content": mark} for mark in TOKENS["starcoder2"].marks]
    (tmp_path / "tokenizer.json").write_text(json.dumps({"added_tokens": tokens, "model": {"vocab": {"a": 0}}}))
    (row,) = exported(run, "fim", Settings(options=Options(tokenizer=tmp_path)))
    assert row["text"].startswith("<fim_prefix>")


def test_a_gap_that_holds_a_sentinel_is_left_out(run: Path, tmp_path: Path) -> None:
    path = run / "data" / "derived-00000-of-00001.parquet"
    table = pq.read_table(path)
    gap = table.to_pylist()[1]
    rows = [gap, gap | {"middle": "'<fim_suffix>'"}]
    pq.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    found = export_run(run, "fim", tmp_path / "out", Settings(options=Options(fim="starcoder2")))
    assert (found.rows["train"], found.without) == (1, 1)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (Options(), "say whose sentinels"),
        (Options(fim="qwen", sentinels=("a", "b", "c")), "in one way"),
        (Options(fim="bert"), "no such family; there are: starcoder2"),
        (Options(sentinels=("a", "a", "b")), "three different strings"),
        (Options(tokenizer=Path("nowhere")), "no readable tokenizer.json"),
        (Options(fim="deepseek", order="spm"), "--order spm: .* trained on psm alone"),
        (Options(fim="deepseek", order="both"), "--order both: .* trained on psm alone"),
    ],
)
def test_sentinels_that_cannot_be_used_are_refused(run: Path, options: Options, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        exported(run, "fim", Settings(options=options))


# -- which rows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filters", "ids"),
    [
        (Filters(), ["0.0", "1.0", "1.1", "0.2"]),
        (Filters(rounds=frozenset({0, 2})), ["0.0", "1.0", "0.2"]),
        (Filters(kinds=frozenset({"text-to-code"})), ["0.0"]),
        (Filters(languages=frozenset({"python"})), ["1.0", "1.1"]),
        (Filters(languages=frozenset({"rust"})), ["0.2"]),
        (Filters(verified=True), ["1.0", "1.1"]),
        (Filters(min_score=0.5), ["1.0", "1.1"]),
        (Filters(min_score=0.84), ["1.0"]),
        (Filters(rounds=frozenset({1}), verified=True), ["1.1"]),
    ],
    ids=lambda value: "" if isinstance(value, list) else str(value),
)
def test_a_filter_takes_the_rows_that_it_names(run: Path, filters: Filters, ids: list[str]) -> None:
    assert [row["id"] for row in exported(run, "alpaca", Settings(filters=filters))] == ids


@pytest.mark.parametrize(
    ("proof", "expected"),
    [
        ({"status": "unverified", "mutation": 1.0}, 0.0),
        ({"status": "verified"}, 0.5),
        ({"status": "verified", "mutation": 0.8}, 0.9),
        ({"status": "verified", "mutation": 0.8, "agreement": 0.6}, 0.85),
        (None, 0.0),
    ],
)
def test_the_score_says_how_far_tests_vouch(proof: dict[str, Any] | None, expected: float) -> None:
    assert score({"verification": proof}) == pytest.approx(expected)


def test_a_selection_takes_the_best_and_none_that_says_the_same(tmp_path: Path) -> None:
    words = ["sort a list", "parse a date", "walk a graph", "hash a file"]
    lines = [fate(1, n, f"Write code to {words[n % 4]}.", f"{n}.0", proof=PROOF) for n in range(12)]
    lines += [fate(1, n, f"Never verified, number {n}, and unlike all others.", f"{n}.0") for n in range(12, 40)]
    rows = exported(make_run(tmp_path / "run", lines), "alpaca", Settings(select=3))
    assert len({row["instruction"] for row in rows}) == 3
    assert all(row["instruction"].startswith("Write code") for row in rows)
    assert rows[0]["id"] == "0.1"


def test_a_selection_takes_what_has_a_place_in_the_format(tmp_path: Path) -> None:
    gaps = [Derived("infill", f"Fill gap {n}.", "x + 1", "1.1", "1.0", PROOF, CUT) for n in range(5)]
    others = [Derived("tests", f"Test it, way {n}.", "assert f(1) == 2", "1.1", "1.0", PROOF) for n in range(20)]
    run = make_run(tmp_path / "run", FATES, [*others, *gaps])
    assert len(exported(run, "fim", Settings(select=4, file_format="jsonl", options=Options(fim="qwen")))) == 4


def test_a_selection_is_the_same_each_time(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", [fate(1, n, f"Task number {n * n}.", f"{n}.0") for n in range(50)])
    once, again = (exported(run, "alpaca", Settings(select=7), tmp_path / name) for name in ("one", "two"))
    assert once == again
    assert len(once) == 7


@pytest.mark.parametrize("name", ["alpaca", "preference"])
def test_no_family_is_on_both_sides(tmp_path: Path, name: str) -> None:
    lines = [fate(round_, n, f"Task {n} {round_}.", None) for round_ in range(2) for n in range(30)]
    lines += [rejected(2, n, f"Worse {n}.", f"{n}.1", "no_gain") for n in range(30)]
    lines += [fate(3, n, f"Hard {n}.", f"{n}.1") for n in range(30)]
    found = export_run(make_run(tmp_path / "run", lines), name, tmp_path / "out", Settings(validation=0.4))
    families = [
        {row["id"].partition(".")[0] for row in read(found.folder / file)} for file in found.files if "parquet" in file
    ]
    assert len(families) == 2
    assert not families[0] & families[1]


@pytest.mark.parametrize("name", ["alpaca", "preference", "fim"])
def test_what_is_of_two_families_is_on_neither_side_where_these_are_apart(tmp_path: Path, name: str) -> None:
    """Of 20 pairs of families: a crossover of both, what evolved of it, a worse sibling of that, and a gap."""
    lines = [fate(0, n, f"Task {n}.", None) for n in range(40)]
    lines += [fate(1, n, f"Both {n}.", f"{n}.0", operator="crossover", partner_id=f"{n + 20}.0") for n in range(20)]
    lines += [rejected(2, n, f"Worse {n}.", f"{n}.1", "no_gain") for n in range(20)]
    lines += [fate(3, n, f"Harder {n}.", f"{n}.1") for n in range(20)]
    gaps = [Derived("infill", f"Fill {n}.", "x + 1", f"{n}.3", f"{n}.0", PROOF, CUT) for n in range(20)]
    settings = Settings(validation=0.4, file_format="jsonl", options=Options(fim="qwen" if name == "fim" else None))
    found = export_run(make_run(tmp_path / "run", lines, gaps), name, tmp_path / "out", settings)
    sides = {f"{n}.0": side(f"{n}.0", 0.4) for n in range(40)}
    apart = {n for n in range(20) if sides[f"{n}.0"] != sides[f"{n + 20}.0"]}
    ids = [row["id"] for file in found.files if "jsonl" in file for row in read(found.folder / file)]
    expected = {"alpaca": 40 + 2 * (20 - len(apart)), "preference": 20 - len(apart), "fim": 20 - len(apart)}[name]
    assert 0 < len(apart) < 20
    assert len(ids) == sum(found.rows.values()) == expected
    assert found.between == len(apart) * (2 if name == "alpaca" else 1)


@given(root=st.text(), one=st.floats(0, 1), other=st.floats(0, 1))
def test_a_larger_share_only_moves_roots_to_validation(root: str, one: float, other: float) -> None:
    small, large = sorted((one, other))
    assert (side(root, small), side(root, large)) != ("validation", "train")


@pytest.mark.parametrize(("share", "expected"), [(0.0, "train"), (1.0, "validation")])
@given(root=st.text())
def test_the_ends_of_the_share(root: str, share: float, expected: str) -> None:
    assert side(root, share) == expected


# -- files -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shards", [1, 2, 3, 4, 9])
@pytest.mark.parametrize(
    ("files", "compression"),
    [("jsonl", None), ("jsonl", "gzip"), ("jsonl", "zstd"), ("parquet", None), ("parquet", "snappy")],
)
def test_shards_hold_every_row_once_in_order(run: Path, files: Any, compression: Any, shards: int) -> None:  # noqa: ANN401
    settings = Settings(file_format=files, compression=compression, shards=shards)
    assert [row["id"] for row in exported(run, "alpaca", settings)] == ["0.0", "1.0", "1.1", "0.2"]


@pytest.mark.parametrize(
    "settings", [Settings(), Settings(file_format="jsonl", compression="gzip"), Settings(shards=3, validation=0.5)]
)
def test_equal_exports_have_equal_bytes(run: Path, tmp_path: Path, settings: Settings) -> None:
    for name in ("one", "two"):
        export_run(run, "default", tmp_path / name, settings)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_line_end_inside_a_text_ends_no_row(tmp_path: Path) -> None:
    text = "a\u2028b\r\nc\x85d"
    run = make_run(tmp_path / "run", [fate(0, 0, text, None)])
    found = export_run(run, "alpaca", tmp_path / "out", Settings(file_format="jsonl", compression="gzip"))
    lines = gzip.decompress((tmp_path / "out" / found.files[0]).read_bytes()).split(b"\n")
    assert len(lines) == 2
    assert json.loads(lines[0])["instruction"] == text


def test_an_export_that_is_there_already_is_left_as_it_is(run: Path, tmp_path: Path) -> None:
    first = export_run(run, "alpaca", tmp_path / "out", JSONL)
    before = (tmp_path / "out").stat()
    again = export_run(run, "alpaca", tmp_path / "out", JSONL)
    assert (tmp_path / "out").stat().st_ino == before.st_ino
    assert (first.already, again.already) == (False, True)


def test_an_export_that_is_there_already_is_said_to_be(run: Path, tmp_path: Path) -> None:
    first, again = (evolve("export", run, "--out", tmp_path / "out") for _ in range(2))
    assert "nothing was written" not in first.stdout
    assert "unchanged    all of it is there already, byte for byte; nothing was written" in again.stdout


def test_another_export_is_not_replaced(run: Path, tmp_path: Path) -> None:
    export_run(run, "alpaca", tmp_path / "out", JSONL)
    before = contents(tmp_path / "out")
    with pytest.raises(ConfigError, match="another export is there"):
        export_run(run, "messages", tmp_path / "out", JSONL)
    assert contents(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} == {"run", "out"}


def test_another_export_is_replaced_where_that_is_wanted(run: Path, tmp_path: Path) -> None:
    export_run(run, "alpaca", tmp_path / "out", Settings(shards=4))
    export_run(run, "messages", tmp_path / "out", JSONL, overwrite=True)
    export_run(run, "messages", tmp_path / "new", JSONL)
    assert contents(tmp_path / "out") == contents(tmp_path / "new")


def test_an_empty_folder_may_be_named_by_a_dot_or_by_a_link(run: Path, tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    for cwd, target in ((tmp_path / "here", "."), (tmp_path, "link")):
        ended = evolve("export", run, "--out", target, "--format", "alpaca", cwd=cwd)
        assert (ended.returncode, ended.stderr) == (0, "")
    assert contents(tmp_path / "here") == contents(tmp_path / "there")
    assert (tmp_path / "link").is_symlink()


@pytest.mark.parametrize("overwrite", [False, True])
def test_a_folder_that_is_no_export_is_left_alone(run: Path, tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.tex").write_text("years of work")
    with pytest.raises(ConfigError, match=r"it holds thesis\.tex"):
        export_run(run, "alpaca", tmp_path / "out", JSONL, overwrite=overwrite)
    assert contents(tmp_path / "out") == {"thesis.tex": b"years of work"}


@pytest.mark.parametrize("target", ["run", "run/data"])
def test_the_run_itself_is_never_replaced(run: Path, tmp_path: Path, target: str) -> None:
    before = contents(run / "data")
    with pytest.raises(ConfigError, match="it holds"):
        export_run(run, "default", tmp_path / target, Settings(), overwrite=True)
    assert contents(run / "data") == before


def test_a_replacement_that_was_cut_short_is_undone_or_done(run: Path, tmp_path: Path) -> None:
    export_run(run, "alpaca", tmp_path / "out", JSONL)
    (tmp_path / "out").rename(tmp_path / ".out.old")  # killed between the two renamings
    with pytest.raises(ConfigError, match="another export is there"):
        export_run(run, "messages", tmp_path / "out", JSONL)
    assert (tmp_path / "out").is_dir()


def test_memory_does_not_grow_with_the_rows(tmp_path: Path) -> None:
    peaks = []
    for rows in (4_000, 16_000):
        run = make_run(tmp_path / str(rows), (fate(0, n, f"Task {n}." * 9, None) for n in range(rows)))
        tracemalloc.start()
        export_run(run, "messages", tmp_path / f"out-{rows}", JSONL)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert peaks[1] < 1.2 * peaks[0]


# -- formats of others -------------------------------------------------------------------------------------------------

PACKAGE = """
import pyarrow as pa

class Shout:
    name, table, llama_factory = "shout", "train", None
    schema = pa.schema([("text", pa.string())])

    def __init__(self, options):
        pass

    def __call__(self, row):
        if row["round"] == 2:
            raise OSError(28, "No space left on device")
        return [{"text": row["instruction"].upper()}]

class Deaf(Shout):
    name = "dumb"

def broken(options):
    raise KeyError("nothing to make it from")
"""


class Installer:
    """Puts a package with entry points where Python finds it, as pip would."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "loud_formats.py").write_text(PACKAGE)
        self._info = folder / "loud_formats-1.0.dist-info"
        self._info.mkdir()
        (self._info / "METADATA").write_text("Metadata-Version: 2.4\nName: loud-formats\nVersion: 1.0\n")
        self._patch = monkeypatch
        self._folder = folder

    def __call__(self, *points: str) -> None:
        (self._info / "entry_points.txt").write_text("[evolve.exporters]\n" + "\n".join(points) + "\n")
        self._patch.syspath_prepend(str(self._folder))


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    (tmp_path / "site").mkdir()
    return Installer(tmp_path / "site", monkeypatch)


def test_every_built_in_format_calls_itself_by_its_name() -> None:
    options = Options(template="stablecode", fim="qwen")
    assert [load_exporter(name, options).name for name in names()] == sorted(names())
    assert len(names()) == 8


def test_another_packages_format_is_one(install: Installer, run: Path) -> None:
    install("shout = loud_formats:Shout")
    filters = Filters(rounds=frozenset({0}))
    assert exported(run, "shout", Settings(filters=filters)) == [{"text": "SORT NAMES."}, {"text": "ADD NUMBERS."}]


def test_a_format_that_fails_half_way_leaves_nothing(install: Installer, run: Path, tmp_path: Path) -> None:
    install("shout = loud_formats:Shout")
    before = {path.name for path in tmp_path.iterdir()}
    with pytest.raises(UsageError, match="No space left"):
        exported(run, "shout")
    assert {path.name for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize(
    ("point", "name", "message"),
    [
        pytest.param("shout = loud_formats:Deaf", "shout", "format shout .*calls itself 'dumb'", id="another-name"),
        pytest.param("shout = loud_formats:broken", "shout", "format shout .*KeyError: 'nothing", id="raises"),
        pytest.param("shout = loud_formats:None_", "shout", "format shout .*AttributeError", id="not-there"),
        pytest.param("shout = quiet_formats:X", "shout", "format shout .*ModuleNotFoundError", id="no-module"),
        pytest.param("fim = loud_formats:Shout", "alpaca", "two formats are named fim", id="name-taken"),
        pytest.param("shout = loud_formats:Shout", "whisper", "no such format; there are: alpaca, ", id="unknown"),
    ],
)
def test_a_format_that_cannot_be_used_is_named(install: Installer, point: str, name: str, message: str) -> None:
    install(point)
    with pytest.raises(ConfigError, match=message):
        load_exporter(name, Options())


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere", "--out", "x"], "nowhere: no dataset there"),
        (["run", "--out", "x", "--format", "rendered"], "which template?"),
        (["run", "--out", "x", "--format", "rendered", "--template", "no"], "no format of that name"),
        (["run", "--out", "x", "--round", "9"], "--round 9: no such row; there are: 0, 1"),
        (["run", "--out", "x", "--language", "cobol"], "--language cobol: no such row; there are: "),
        (["run", "--out", "x", "--template", "stablecode"], "--template: format default takes none; it is for"),
        (["run", "--out", "x", "--format", "fim", "--pairs", "answers", "--fim", "qwen"], "for --format preference"),
        (["run", "--out", "x", "--validation", "1"], "4 of them for validation"),
        (["run", "--out", "x", "--files", "jsonl", "--compression", "snappy"], "not for jsonl"),
        (["run", "--out", "x", "--format", "fim", "--fim", "qwen", "--round", "1"], "come from no round"),
        (["run", "--out", "data.txt"], "a file; give a folder"),
        (["run", "--out", "data.txt/out"], "data.txt/out: cannot be written: Not a directory"),
        (["run", "--out", "x" * 300], "cannot be written: File name too long"),
    ],
)
def test_a_mistake_in_the_call_is_one_line(run: Path, arguments: list[str], message: str) -> None:
    (run.parent / "data.txt").write_text("")
    ended = evolve("export", *arguments, cwd=run.parent)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_the_command_says_what_it_wrote(run: Path) -> None:
    ended = evolve("export", run, "--out", run.parent / "out", "--format", "alpaca", "--verified-only", "--json")
    told = json.loads(ended.stdout)
    assert told["rows"] == {"train": 2, "validation": 0}
    assert told["filtered"] == 2
    assert sorted(told["files"]) == sorted(path.name for path in (run.parent / "out").iterdir())
