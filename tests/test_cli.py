"""The command line: what it says, what it writes, how it ends."""

from __future__ import annotations

import json
import re
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from evolve.seeds import bundled
from tests.conftest import Ended, StartTeacher, evolve

GOOD = '{"instruction": "Write a function that adds two numbers.", "output": "def add(a, b): return a + b"}\n'
MODELS = ("--set", "teacher.evolver.model=m", "--set", "teacher.responder.model=m")
HERE = ("--set", "teacher.base_url=http://127.0.0.1:9/v1")
OFFLINE = ("--set", "eliminator.embedder=builtin", "--executor", "inline")


def seeds(folder: Path, content: bytes | str = GOOD, name: str = "seeds.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def closed_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def run(folder: Path, *options: object) -> Ended:
    """`evolve run` of one good seed in `folder`, with `options` laid over it."""
    given = [str(option) for option in options]
    base = [] if "--seeds" in given else ["--seeds", str(seeds(folder))]
    return evolve("run", *base, *MODELS, *OFFLINE, "--quiet", *given, cwd=folder)


def template(folder: Path, text: str) -> Path:
    (folder / "templates").mkdir()
    (folder / "templates" / "mine.txt").write_text(text)
    return folder / "templates"


BAD: dict[str, tuple[Callable[[Path], list[object]], str]] = {
    "missing file": (lambda f: ["--seeds", f / "none.jsonl"], r"none\.jsonl: no such file"),
    "empty file": (lambda f: ["--seeds", seeds(f, b"")], r"seeds\.jsonl: the file is empty"),
    "binary file": (lambda f: ["--seeds", seeds(f, b"\x7fELF\x00\x01")], r"seeds\.jsonl: a binary file"),
    "invalid UTF-8": (
        lambda f: ["--seeds", seeds(f, b'{"instruction": "\xff"}\n')],
        r"seeds\.jsonl:1: not valid UTF-8",
    ),
    "no usable column": (
        lambda f: ["--seeds", seeds(f, '{"question": "?"}\n')],
        r"seeds\.jsonl:1: no usable column.*question",
    ),
    "unknown config key": (lambda f: ["--set", "teacher.in_fligt=3"], r"teacher\.in_fligt: no such key.*in_flight"),
    "key of the wrong type": (lambda f: ["--set", "rounds=many"], r"--set: rounds:"),
    "no such config file": (lambda f: ["--config", f / "none.yaml"], r"none\.yaml: No such file"),
    "broken config file": (lambda f: ["--config", seeds(f, "a: [", "c.yaml")], r"c\.yaml:\d+:\d+: not valid YAML"),
    "unknown operator set": (lambda f: ["--set", "method.operators=evolx"], r"method\.operators: .*wizardcoder"),
    "unknown operator": (lambda f: ["--set", "method.weights={evolx: 1}"], r"method\.weights\.evolx: unknown operator"),
    "unknown placeholder": (
        lambda f: ["--set", f"method.folder={template(f, 'Do $instruction and $more')}"],
        r"mine\.txt: unknown placeholder \$more",
    ),
    "unknown check": (lambda f: ["--set", "eliminator.skip=[spelling]"], r"eliminator\.skip: no check is named"),
    "no model": (lambda f: ["--set", "teacher.evolver.model="], r"teacher\.evolver\.model: name a model"),
    "unreachable endpoint": (
        lambda f: ["--set", f"teacher.base_url=http://127.0.0.1:{closed_port()}/v1"],
        r"127\.0\.0\.1:\d+/v1: cannot be reached: connection refused: nobody listens there",
    ),
    "no key": (lambda f: ["--set", "teacher.base_url=https://example.org/v1"], r"\$OPENAI_API_KEY is not set"),
    "unknown option": (lambda f: ["--sede", "x"], r"(?i)no such option.*--sede"),
    "bad address": (
        lambda f: ["--address", "10.255.255.1:1", "--executor", "rey"],
        r"--executor: input should be 'ray'",
    ),
    "rounds below 1": (lambda f: ["--rounds", -1], r"--rounds: input should be greater than or equal to 1"),
    "a limit of 0": (lambda f: ["--limit", 0], r"--limit: input should be greater than or equal to 1"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_is_a_clear_message_and_writes_nothing(
    tmp_path: Path, options: Callable[[Path], list[object]], message: str
) -> None:
    given = options(tmp_path)
    before = set(tmp_path.rglob("*")) | {tmp_path / "seeds.jsonl"}
    ended = run(tmp_path, *given)
    assert ended.returncode == 2, ended.stderr
    assert re.search(message, ended.stderr.replace("\n", " "))
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert set(tmp_path.rglob("*")) <= before


def test_a_wrong_key_is_never_echoed(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--key", "right-key")
    ended = evolve(
        *("run", "--seeds", seeds(tmp_path), *OFFLINE),
        *(part for setting in teacher.settings for part in ("--set", setting)),
        cwd=tmp_path,
        env={"OPENAI_API_KEY": "sk-wrong-key-123456"},
    )
    assert ended.returncode == 2
    assert "does not accept the key in $OPENAI_API_KEY" in ended.stderr
    assert "sk-wrong" not in ended.stderr + ended.stdout
    assert not (tmp_path / "outputs").exists()


def test_the_right_key_is_in_no_file(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher("--key", "sk-right-key-123456")
    ended = evolve(
        *("run", "--seeds", seeds(tmp_path), *OFFLINE, "--out", "run", "--rounds", 1),
        *(part for setting in teacher.settings for part in ("--set", setting)),
        cwd=tmp_path,
        env={"OPENAI_API_KEY": "sk-right-key-123456"},
    )
    assert ended.returncode == 0, ended.stderr
    files = [path for path in (tmp_path / "run").rglob("*") if path.is_file()]
    assert files
    assert not [path for path in files if b"sk-right-key" in path.read_bytes()]


def test_an_embedder_that_cannot_be_loaded_costs_nothing(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    settings = [part for s in teacher.settings for part in ("--set", s)]
    missing = "eliminator.embedder=no/such"
    ended = evolve(
        "run",
        "--seeds",
        seeds(tmp_path),
        *settings,
        *OFFLINE[2:],
        "--set",
        missing,
        "--out",
        tmp_path / "run",
        env={"HF_HUB_OFFLINE": "1"},
    )  # the Hub's client tries a host that is not there for more than a minute
    assert ended.returncode == 2
    assert "eliminator.embedder: no/such cannot be loaded" in ended.stderr
    assert teacher.stats()["requests"] == 0
    assert not (tmp_path / "run").exists()


def test_a_run_in_which_all_failed_is_no_success(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for s in start_teacher("--rate-500", "1").settings for part in ("--set", s)]
    ended = run(tmp_path, *settings, "--set", "teacher.max_attempts=1", "--out", tmp_path / "run", "--rounds", 1)
    assert ended.returncode == 1


def test_a_lost_dataset_is_written_again(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    settings = [part for s in teacher.settings for part in ("--set", s)]
    assert run(tmp_path, *settings, "--out", tmp_path / "run", "--rounds", 1).returncode == 0
    path = tmp_path / "run" / "data" / "train-00000-of-00001.parquet"
    before, asked = path.read_bytes(), teacher.stats()["requests"]
    path.unlink()
    assert run(tmp_path, *settings, "--out", tmp_path / "run", "--rounds", 1).returncode == 0
    assert path.read_bytes() == before
    assert teacher.stats()["requests"] == asked


def test_a_config_file_can_say_every_key(tmp_path: Path) -> None:
    (tmp_path / "c.yaml").write_text("eliminator:\n  skip: [judge]\n")
    ended = run(
        tmp_path, "--config", tmp_path / "c.yaml", "--set", f"teacher.base_url=http://127.0.0.1:{closed_port()}/v1"
    )
    assert "cannot be reached" in ended.stderr


def test_a_key_is_not_sent_to_another_endpoint(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for s in start_teacher().settings for part in ("--set", s)]
    judge = ("--set", "teacher.judge.base_url=http://judge.example/v1")
    ended = evolve(
        "run", "--seeds", seeds(tmp_path), *OFFLINE, *settings, *judge, cwd=tmp_path, env={"OPENAI_API_KEY": "sk-1"}
    )
    assert ended.returncode == 2
    assert "teacher.judge.api_key_env: name the variable" in ended.stderr


def test_seeds_that_nobody_named_are_not_paid_for(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    ended = evolve("run", *OFFLINE, *(part for s in teacher.settings for part in ("--set", s)), cwd=tmp_path)
    assert ended.returncode == 2
    assert "seeds: none are named" in ended.stderr
    assert teacher.stats()["requests"] == 0


def test_failures_say_why(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for s in start_teacher("--rate-500", "1").settings for part in ("--set", s)]
    ended = run(tmp_path, *settings, "--set", "teacher.max_attempts=1", "--out", tmp_path / "run", "--rounds", 1)
    assert "failed   1: HTTP 500" in ended.stdout


def test_without_a_verb_it_helps() -> None:
    assert "Commands" in evolve().stdout


def test_a_folder_that_cannot_be_written(start_teacher: StartTeacher, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ended = run(tmp_path, "--set", f"teacher.base_url={start_teacher().base_url}", "--out", tmp_path / "file" / "run")
    assert ended.returncode == 2
    assert "file/run: Not a directory; give a folder" in ended.stderr.replace("\n", " ")


def test_a_folder_with_files_of_somebodys_own_is_left_alone(start_teacher: StartTeacher, tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    (mine / "data").mkdir(parents=True)
    (mine / "README.md").write_text("mine", encoding="utf-8")
    before = {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()}
    teacher = start_teacher()
    ended = run(tmp_path, "--out", mine, *(part for s in teacher.settings for part in ("--set", s)))
    assert ended.returncode == 2
    assert "holds README.md, data, and no run; give a new or empty folder" in " ".join(ended.stderr.split())
    assert {path: path.read_bytes() for path in mine.rglob("*") if path.is_file()} == before
    assert teacher.stats()["requests"] == 0


def test_a_folder_of_another_config(start_teacher: StartTeacher, tmp_path: Path) -> None:
    teacher = start_teacher()
    options = ["--out", tmp_path / "run", *(part for s in teacher.settings for part in ("--set", s))]
    assert run(tmp_path, *options, "--rounds", 1).returncode == 0
    ended = run(tmp_path, *options, "--rounds", 2)
    assert ended.returncode == 2
    assert "rounds (was 1, now 2)" in ended.stderr


def test_bad_rows_are_set_aside_with_their_lines(start_teacher: StartTeacher, tmp_path: Path) -> None:
    path = seeds(tmp_path, GOOD + "not json\n" + '{"instruction": 7}\n' + GOOD.replace("two", "three"))
    teacher = start_teacher()
    settings = [part for s in teacher.settings for part in ("--set", s)]
    ended = run(tmp_path, "--seeds", path, *settings, "--out", tmp_path / "run", "--rounds", 1, "--json")
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    rejects = [json.loads(line) for line in (tmp_path / "run" / "rejects.jsonl").read_text().splitlines()]
    assert (found["seeds"], found["rows_set_aside"]) == (2, 2)
    assert [reject["line"] for reject in rejects] == [2, 3]


def test_json_counts_add_up(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for s in start_teacher().settings for part in ("--set", s)]
    ended = evolve(
        "run",
        "--seeds",
        bundled(),
        *settings,
        *OFFLINE,
        "--limit",
        20,
        "--rounds",
        1,
        "--out",
        tmp_path / "run",
        "--json",
    )
    found = json.loads(ended.stdout)
    assert found["attempts"] == 40 == found["accepted"] + found["rejected"] + found["failed"]
    assert sum(found["reasons"].values()) == found["rejected"]


def test_dry_run_needs_no_settings(tmp_path: Path) -> None:
    ended = evolve("run", "--dry-run", "--executor", "inline", "--limit", 8, "--rounds", 1, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    (folder,) = (tmp_path / "outputs").iterdir()
    assert {"config.yaml", "ledger.db", "README.md", "data"} <= {path.name for path in folder.iterdir()}
    assert f"outputs/{folder.name}/data" in ended.stdout


def test_check_writes_nothing(start_teacher: StartTeacher, tmp_path: Path) -> None:
    settings = [part for s in start_teacher().settings for part in ("--set", s)]
    ended = evolve("check", "--seeds", seeds(tmp_path), *settings, cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert "nothing is wrong with it" in ended.stdout
    assert [path.name for path in tmp_path.iterdir()] == ["seeds.jsonl"]


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shown") / "run"
    ended = evolve("run", "--dry-run", "--executor", "inline", "--limit", 12, "--rounds", 2, "--out", folder)
    assert ended.returncode == 0, ended.stderr
    assert f"next     evolve report {folder}" in ended.stdout  # though it was started as `python -m evolve`
    return folder


def test_in_a_pipe_no_table_is_cut(finished: Path) -> None:
    ended = evolve("show", finished)
    assert (ended.returncode, "…" in ended.stdout) == (0, False)
    assert {"attempts", "accepted", "verified", "rejected", "failed"} <= set(ended.stdout.split())


def test_show_prints_a_lineage(finished: Path) -> None:
    import pyarrow.parquet as pq

    rows = pq.read_table(finished / "data" / "train-00000-of-00001.parquet").to_pylist()
    row = next(row for row in rows if row["round"] == 2)
    ended = evolve("show", finished, row["id"][:10])
    assert ended.returncode == 0, ended.stderr
    assert row["root_id"] in ended.stdout
    assert "this one" in ended.stdout
    assert row["output"].splitlines()[0][:60] in ended.stdout
    lineage = json.loads(evolve("show", finished, row["id"], "--json").stdout)
    assert row["id"] in [step["id"] for step in lineage]


def test_show_without_an_id_prints_the_table(finished: Path) -> None:
    ended = evolve("show", finished)
    assert ended.returncode == 0
    assert "accepted" in ended.stdout


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["nowhere"], "no run there"), (["{run}", "ffffffffffffffff"], "no such id")],
    ids=["folder", "id"],
)
def test_show_of_nothing(finished: Path, arguments: list[str], message: str) -> None:
    ended = evolve("show", *(a.format(run=finished) for a in arguments))
    assert ended.returncode == 2
    assert message in ended.stderr


def unusable(folder: Path, count: int) -> Path:
    """A file of seeds of which so many rows cannot be used."""
    return seeds(folder, GOOD + '{"instruction": ""}\n' + '{"instruction": 7}\n' * (count - 1))


@pytest.mark.parametrize(("count", "more"), [(2, None), (5, None), (9, "and 4 more")])
def test_check_says_which_rows_were_set_aside_and_why(tmp_path: Path, count: int, more: str | None) -> None:
    ended = evolve("check", "--offline", "--seeds", unusable(tmp_path, count), *MODELS, *HERE)
    assert ended.returncode == 0, ended.stderr
    lines = [line.strip() for line in ended.stdout.splitlines()]
    begin = lines.index(f"rows set aside  {count}")
    assert lines[begin + 1 : begin + 3] == [
        "seeds.jsonl:2: the instruction is empty",
        "seeds.jsonl:3: instruction: text is expected, not int",
    ]
    assert (more in ended.stdout) if more else ("more, which" not in ended.stdout)


def test_check_tells_machines_the_same(tmp_path: Path) -> None:
    ended = evolve("check", "--offline", "--json", "--seeds", unusable(tmp_path, 1), *MODELS, *HERE)
    told = json.loads(ended.stdout)
    assert told["rows_set_aside"] == 1
    assert told["set_aside"] == [{"file": "seeds.jsonl", "line": 2, "reason": "the instruction is empty"}]
