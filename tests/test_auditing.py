"""`evolve check DATASET`: which columns win, how long the rows are, and what is wrong with them."""

from __future__ import annotations

import gzip
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tokenizers import Tokenizer, models, pre_tokenizers

from evolve.auditing import Audit, audit, histogram, quantile, readings
from evolve.auditing.chats import Chat, problems, read
from evolve.auditing.lengths import EDGES
from evolve.config import EliminatorConfig
from evolve.errors import UsageError
from evolve.exporting import Options, Settings, export_run
from tests.conftest import evolve
from tests.test_exporting import make_run
from tests.test_secrets import SECRETS

USER, ANSWER = {"role": "user", "content": "Sort."}, {"role": "assistant", "content": "sorted(x)"}
CALL = {"role": "assistant", "content": None, "tool_calls": [{"function": {"name": "sort", "arguments": "{}"}}]}
SHAREGPT = [{"from": "human", "value": "Sort."}, {"from": "gpt", "value": "sorted(x)"}]
ALPACA = {"instruction": "Sort.", "input": "", "output": "sorted(x)"}


def write(folder: Path, *rows: object, name: str = "data.jsonl") -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def looked_at(folder: Path, *rows: object, **options: Any) -> Audit:  # noqa: ANN401
    return audit(write(folder, *rows), EliminatorConfig(), **options)


def takes(row: dict[str, object]) -> dict[str, str]:
    return {reading.trainer: reading.takes for reading in readings(row)}


# -- columns -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "trl", "llama_factory", "axolotl"),
    [
        ({"messages": [USER, ANSWER]}, "messages", "messages", "messages"),
        (ALPACA, "", "instruction, input, output", "instruction, input, output"),
        (ALPACA | {"messages": [USER, ANSWER]}, "messages", "instruction, input, output", "messages"),
        ({"conversations": SHAREGPT}, "conversations", "conversations", "conversations"),
        ({"conversations": SHAREGPT, "messages": [USER]}, "conversations", "conversations", "messages"),
        ({"prompt": "a", "completion": "b"}, "prompt, completion", "", ""),
        ({"prompt": "a", "completion": "b", "messages": [USER]}, "prompt, completion", "messages", "messages"),
        ({"prompt": "a", "messages": [USER, ANSWER]}, "", "messages", "messages"),
        ({"text": "a", "messages": [USER, ANSWER]}, "messages", "messages", "messages"),
        ({"text": "a"}, "text", "text", "text"),
        ({"input_ids": [1, 2], "messages": [USER]}, "input_ids", "messages", "messages"),
        ({"question": "a", "answer": "b"}, "", "", ""),
    ],
    ids=lambda value: "-".join(value) if isinstance(value, dict) else "",
)
def test_the_column_that_wins(row: dict[str, object], trl: str, llama_factory: str, axolotl: str) -> None:
    assert takes(row) == {"TRL SFTTrainer": trl, "LLaMA-Factory": llama_factory, "axolotl": axolotl}


@pytest.mark.parametrize(
    ("row", "dpo", "llama_factory"),
    [
        ({"chosen": [USER, ANSWER], "rejected": [USER, ANSWER]}, "chosen, rejected", ""),
        ({"prompt": "a", "chosen": "b", "rejected": "c"}, "prompt, chosen, rejected", "chosen, rejected"),
        ({"prompt": "a", "chosen": [USER, ANSWER], "rejected": [USER, ANSWER]}, "", ""),
        ({"messages": [USER], "chosen": ANSWER, "rejected": ANSWER}, "", "chosen, rejected"),
    ],
)
def test_the_columns_of_a_preference_that_win(row: dict[str, object], dpo: str, llama_factory: str) -> None:
    found = takes(row)
    assert (found["TRL DPOTrainer"], found["LLaMA-Factory"]) == (dpo, llama_factory)


def test_columns_that_differ_are_warned_of() -> None:
    trl, *_ = readings({"messages": [USER, ANSWER], "completion": "text"})
    assert "whichever comes first" in trl.warning


def test_roles_that_templates_do_not_know_are_warned_of() -> None:
    trl, *_ = readings({"conversations": SHAREGPT})
    assert "human" in trl.warning


@pytest.mark.parametrize(
    ("name", "options", "trainers"),
    [
        ("default", Options(), {"TRL SFTTrainer", "LLaMA-Factory", "axolotl"}),
        ("messages", Options(), {"TRL SFTTrainer", "LLaMA-Factory", "axolotl"}),
        ("alpaca", Options(), {"LLaMA-Factory", "axolotl"}),
        ("sharegpt", Options(), {"TRL SFTTrainer", "LLaMA-Factory", "axolotl"}),
        ("prompt-completion", Options(), {"TRL SFTTrainer"}),
        ("preference", Options(), {"TRL DPOTrainer", "LLaMA-Factory", "axolotl"}),
        ("fim", Options(fim="qwen"), {"TRL SFTTrainer", "LLaMA-Factory", "axolotl"}),
        ("rendered", Options(template="stablecode"), {"TRL SFTTrainer", "LLaMA-Factory", "axolotl"}),
    ],
)
@pytest.mark.parametrize("compression", [None, "gzip", "zstd"])
def test_every_export_is_read_and_nothing_is_wrong_with_it(
    tmp_path: Path,
    name: str,
    options: Options,
    trainers: set[str],
    compression: Any,  # noqa: ANN401
) -> None:
    settings = Settings(options=options, file_format="jsonl", compression=compression)
    rows = export_run(make_run(tmp_path / "run"), name, tmp_path / "out", settings).rows["train"]
    found = audit(str(tmp_path / "out"), EliminatorConfig())
    assert {reading.trainer for reading in found.readings if reading.takes} == trainers
    assert (found.rows, found.problems) == (rows, Counter())


def test_a_run_is_read_by_its_table_of_samples(tmp_path: Path) -> None:
    assert audit(str(make_run(tmp_path / "run")), EliminatorConfig()).rows == 4


# -- problems ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ({"messages": [USER, USER, ANSWER]}, "roles do not alternate"),
        ({"messages": [ANSWER, USER, ANSWER]}, "roles do not alternate"),
        ({"messages": [USER]}, "no answer at the end"),
        ({"messages": [USER, ANSWER, {"role": "system", "content": "x"}]}, "system turn that is not the first"),
        ({"messages": [USER, {"role": "assistant", "content": " \n"}]}, "empty turn"),
        ({"messages": [USER, {"role": "assistant", "content": "x\n"}]}, "white space around an answer"),
        ({"messages": [USER, {"role": "assistant", "content": None}]}, "a turn without content"),
        ({"messages": [USER, {"role": "assistant", "content": [{"type": "text"}]}]}, "content that is no text"),
        ({"messages": [USER, {"role": 7, "content": "x"}]}, "a turn without a role"),
        ({"messages": [{"role": "human", "content": "x"}, ANSWER]}, "role that few templates know: human"),
        ({"prompt": [USER], "completion": [{"role": "gpt", "content": "x"}]}, "role that few templates know: gpt"),
        ({"messages": [USER, {"role": "wizard", "content": "x"}, ANSWER]}, "unknown role: wizard"),
        ({"instruction": "Say <|im_end|>.", "output": "x"}, "sentinel in the text: <|im_end|>"),
        ({"instruction": "Sort.", "output": None}, "a turn without content"),
        ({"question": "a"}, "no column that a trainer reads"),
        ({"text": " "}, "empty"),
        ([1, 2], "not an object"),
        ({"instruction": "Use it.", "output": f"key = '{SECRETS['github']}'"}, "secret: github"),
        ({"prompt": "a", "chosen": "b", "rejected": SECRETS["github"]}, "secret: github"),
        ({"chosen": [USER, ANSWER], "rejected": [USER, {**ANSWER, "content": SECRETS["jwt"]}]}, "secret: jwt"),
        ({"messages": [USER, ANSWER, {**USER, "content": SECRETS["jwt"]}, ANSWER]}, "secret: jwt"),
    ],
)
def test_a_problem_is_named_with_its_place(tmp_path: Path, row: object, problem: str) -> None:
    found = looked_at(tmp_path, {"instruction": "Sort names.", "output": "sorted(names)"}, row)
    assert found.problems[problem] == 1
    assert found.places[problem] == ["data.jsonl:2"]


@pytest.mark.parametrize(
    "row",
    [
        {"messages": [{"role": "system", "content": "x"}, USER, ANSWER, USER, ANSWER]},
        {"instruction": "Make <s>old</s> of x[0] < y.", "output": "`|im_start|`"},
        {"prompt": [USER], "completion": [ANSWER]},
        {"instruction": "Add.", "input": "1, 2", "output": "3"},
        {"text": "<|im_start|>user\nSort.<|im_end|>"},
        {"prompt": [USER], "chosen": [ANSWER], "rejected": [{**ANSWER, "content": "x"}]},
        {"prompt": "Sort.", "chosen": "sorted(x)", "rejected": "x"},
        {"messages": [USER], "chosen": ANSWER, "rejected": ANSWER},
        {"conversations": SHAREGPT[:1], "chosen": SHAREGPT[1], "rejected": SHAREGPT[1]},
        {"messages": [USER, ANSWER, {"role": "tool", "content": "3"}, ANSWER]},
        {"messages": [USER, CALL, {"role": "tool", "content": "3"}, ANSWER]},
    ],
)
def test_what_is_right_is_no_problem(tmp_path: Path, row: dict[str, object]) -> None:
    assert looked_at(tmp_path, row).problems == {}


def test_duplicates_are_told_by_their_words(tmp_path: Path) -> None:
    pairs = [("Sort names.", "a"), ("sort  NAMES", "A!"), ("Sort names.", "b"), ("Sort ages.", "a")]
    found = looked_at(tmp_path, *({"instruction": asked, "output": said} for asked, said in pairs))
    assert found.places == {
        "duplicate: said before, word for word": ["data.jsonl:2"],
        "duplicate instruction, with another answer": ["data.jsonl:3"],
    }


def test_chats_that_differ_in_any_turn_are_no_duplicates(tmp_path: Path) -> None:
    said = [[USER, ANSWER, {**USER, "content": more}, ANSWER] for more in ("Backwards.", "By length.", "backwards!")]
    found = looked_at(tmp_path, *({"messages": turns} for turns in said))
    assert found.places == {"duplicate: said before, word for word": ["data.jsonl:3"]}


def test_pairs_of_one_instruction_are_no_duplicates(tmp_path: Path) -> None:
    pairs = [("b", "c"), ("b", "d"), ("e", "c"), ("b", "c")]
    found = looked_at(tmp_path, *({"prompt": "a", "chosen": one, "rejected": other} for one, other in pairs))
    assert found.places == {"duplicate: said before, word for word": ["data.jsonl:4"]}


@pytest.mark.parametrize("turn", ["in-a-later-turn", "rejected"])
def test_a_benchmark_s_item_is_found_wherever_it_stands(tmp_path: Path, turn: str) -> None:
    text = "Given the tide tables of two harbours, count the hours in which both are open."
    (tmp_path / "bench.jsonl").write_text(json.dumps({"task_id": "Mine/1", "prompt": text}))
    config = EliminatorConfig(benchmarks=[str(tmp_path / "bench.jsonl")])
    later = {"messages": [USER, ANSWER, {**USER, "content": text}, ANSWER]}
    row = later if turn == "in-a-later-turn" else {"prompt": "a", "chosen": "b", "rejected": text}
    assert audit(write(tmp_path, row), config).problems == {"contaminated: holds a benchmark's item": 1}


def test_a_benchmark_s_item_is_found(tmp_path: Path) -> None:
    item = {
        "task_id": "Mine/1",
        "prompt": "Given the tide tables of two harbours, count the hours in which both are open.",
    }
    (tmp_path / "bench.jsonl").write_text(json.dumps(item))
    config = EliminatorConfig(benchmarks=[str(tmp_path / "bench.jsonl")])
    found = audit(write(tmp_path, {"instruction": item["prompt"], "output": "x"}), config)
    assert found.problems == {"contaminated: holds a benchmark's item": 1}


def test_a_place_in_a_compressed_file_is_its_line(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl.gz").write_bytes(gzip.compress(f"{json.dumps(ALPACA)}\n\n[]".encode()))
    found = audit(str(tmp_path / "data.jsonl.gz"), EliminatorConfig())
    assert (found.rows, found.places) == (2, {"not an object": ["data.jsonl.gz:3"]})


def test_a_line_that_cannot_be_read_ends_nothing(tmp_path: Path) -> None:
    (tmp_path / "data.jsonl").write_text(f'{{"instruction"\n{json.dumps(ALPACA)}\n\xff\n', encoding="latin-1")
    found = audit(str(tmp_path / "data.jsonl"), EliminatorConfig())
    assert (found.rows, found.problems) == (3, {"not valid JSON": 2})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
)
COLUMNS = st.sampled_from(
    [
        "messages",
        "conversations",
        "prompt",
        "completion",
        "chosen",
        "rejected",
        "instruction",
        "input",
        "output",
        "text",
    ]
)
TURNS = st.lists(
    st.fixed_dictionaries({}, optional=dict.fromkeys(["role", "content", "from", "value"], JSON)), max_size=3
)


@given(row=st.dictionaries(COLUMNS, JSON | TURNS, max_size=5))
@example(row={"conversations": [{"from": [], "value": None}]})
def test_no_row_ends_it(row: dict[str, object]) -> None:
    assert readings(row)
    chat = read(row)
    assert isinstance(chat, str) or isinstance(list(problems(chat)), list)


# -- lengths -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def tokenizer(tmp_path: Path) -> Path:
    """One token a word."""
    folder = tmp_path / "tokenizer"
    folder.mkdir()
    made = Tokenizer(models.WordLevel({"?": 0, "<mark>": 1}, unk_token="?"))
    made.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    made.add_special_tokens(["<mark>"])
    made.save(str(folder / "tokenizer.json"))
    return folder


def test_lengths_are_in_tokens_of_the_tokenizer(tmp_path: Path, tokenizer: Path) -> None:
    rows = [{"instruction": "a " * n, "output": "b c"} for n in (1, 5, 9)]
    found = looked_at(tmp_path, *rows, tokenizer=tokenizer, max_length=7)
    assert (found.unit, sorted(found.lengths), found.truncated) == ("tokens", [3, 7, 11], 1)


def test_the_chat_template_counts(tmp_path: Path, tokenizer: Path) -> None:
    (tokenizer / "chat_template.jinja").write_text("{% for m in messages %} [ {{ m.content }} ] {% endfor %}")
    found = looked_at(tmp_path, {"messages": [USER, ANSWER]}, tokenizer=tokenizer)
    assert (found.templated, [*found.lengths]) == (True, [6])


def test_the_tokenizer_s_own_marks_are_sentinels(tmp_path: Path, tokenizer: Path) -> None:
    row = {"instruction": "Print <mark> twice.", "output": "x"}
    assert looked_at(tmp_path, row).problems == {}
    assert looked_at(tmp_path, row, tokenizer=tokenizer).problems == {"sentinel in the text: <mark>": 1}


def test_a_template_that_refuses_a_row_is_a_problem_of_that_row(tmp_path: Path, tokenizer: Path) -> None:
    template = "{% if messages[0].role == 'system' %}{{ raise_exception('no system turn') }}{% endif %}x"
    (tokenizer / "chat_template.jinja").write_text(template)
    other = {"role": "user", "content": "Add."}
    bad = {"messages": [{"role": "system", "content": "x"}, other, ANSWER]}
    found = looked_at(tmp_path, {"messages": [USER, ANSWER]}, bad, tokenizer=tokenizer)
    (problem,) = found.problems
    assert "no system turn" in problem
    assert found.lengths.total() == 1


@given(lengths=st.lists(st.integers(0, 300_000), min_size=1, max_size=60), share=st.floats(0.01, 1))
def test_the_histogram_holds_every_row_and_the_quantile_its_share(lengths: list[int], share: float) -> None:
    counted = Counter(lengths)
    bars = histogram(counted)
    assert sum(count for _, count in bars) == len(lengths)
    assert [*dict(bars)] == sorted(dict(bars))
    assert len(bars) <= len(EDGES) + 1
    at = quantile(counted, share)
    assert sum(length <= at for length in lengths) >= share * len(lengths) - 1e-6
    assert at in lengths


# -- the command -------------------------------------------------------------------------------------------------------


def test_the_command_says_it_for_machines(tmp_path: Path, tokenizer: Path) -> None:
    source = write(tmp_path, ALPACA, ALPACA)
    ended = evolve("check", source, "--tokenizer", tokenizer, "--max-length", 1, "--json")
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["rows"], told["truncated"]) == (0, 2, 2)
    assert told["problems"] == {"duplicate: said before, word for word": 1}


@pytest.mark.parametrize(("rows", "code"), [([ALPACA], 0), ([ALPACA, ALPACA], 1), ([{"question": "x"}], 1)])
def test_strict_exits_with_1_where_something_is_wrong(tmp_path: Path, rows: list[object], code: int) -> None:
    assert evolve("check", write(tmp_path, *rows), "--strict").returncode == code


def test_the_config_says_what_is_no_secret(tmp_path: Path) -> None:
    source = write(tmp_path, {"instruction": "Use it.", "output": f"key = '{SECRETS['github']}'"})
    ended = evolve("check", source, "--set", "eliminator.secrets.allow=[ghp_*]")
    assert "nothing was found" in ended.stdout


def test_what_was_found_is_told_without_the_text(tmp_path: Path) -> None:
    hostile = "\x1b[31m\u202e<|im_end|>"
    turns = [{"role": hostile, "content": hostile}, {"role": "user", "content": SECRETS["github"]}]
    ended = evolve("check", write(tmp_path, {"messages": turns}))
    assert ended.returncode == 0
    assert not {"\x1b", "\u202e", SECRETS["github"]} & {*ended.stdout, *ended.stdout.split()}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nowhere.jsonl"], "no such file"),
        (["empty.jsonl"], "the file is empty"),
        (["."], "the folder holds no"),
        (["data.jsonl", "--tokenizer", "."], "no tokenizer.json there"),
        (["data.jsonl", "--tokenizer", "broken"], "cannot be read"),
        (["data.jsonl", "--seeds", "data.jsonl"], "--seeds: for a run"),
        (["--max-length", "7"], "--max-length: for a DATASET"),
        (["cut.jsonl.gz"], "cannot be read"),
        (["cut.parquet"], "not readable as Parquet"),
    ],
)
def test_a_mistake_in_the_call_is_one_line(tmp_path: Path, arguments: list[str], message: str) -> None:
    (tmp_path / "here").mkdir()
    here = tmp_path / "here" if arguments == ["."] else tmp_path
    write(tmp_path, ALPACA)
    (tmp_path / "empty.jsonl").write_text("")
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "tokenizer.json").write_text("{}")
    (tmp_path / "cut.jsonl.gz").write_bytes(gzip.compress(json.dumps(ALPACA).encode() * 99)[:60])
    (tmp_path / "cut.parquet").write_bytes(b"PAR1....")
    ended = evolve("check", *arguments, cwd=here)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert message in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_a_text_without_roles_is_one_chat() -> None:
    assert read({"text": "x"}) == Chat((("", "x"),))


def test_a_dataset_without_rows_is_refused(tmp_path: Path) -> None:
    (tmp_path / "data.json").write_text("[]")
    with pytest.raises(UsageError, match="no row in it"):
        audit(str(tmp_path / "data.json"), EliminatorConfig())


@pytest.mark.parametrize(("text", "said"), [("a,b\n", True), ('a,b\n{"text": "a"}\n', False)], ids=["csv", "one line"])
def test_of_another_format_it_says_which_are_read(tmp_path: Path, text: str, said: bool) -> None:
    (tmp_path / "data.csv").write_text(text)
    ended = evolve("check", tmp_path / "data.csv")
    assert ("Read are JSON lines" in ended.stdout) is said
    assert ("data.csv: 1 row\n" in ended.stdout) is said
