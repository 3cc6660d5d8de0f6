"""What a run takes along to a cluster: the files that its config names, nothing else, and never a key."""

from __future__ import annotations

from pathlib import Path
from zipfile import ZipFile

import pytest

from evolve.config import Config, load
from evolve.errors import ConfigError
from evolve.parcel import CONFIG, make_parcel, pack, refuse_secrets
from evolve.plan import make_plan
from tests.test_secrets import SECRETS

KEY = "sk-canary-0123456789"
IN_SEED = SECRETS["github"]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with everything that a config can name, and much that it does not."""
    files = {
        "seeds.jsonl": '{"instruction": "one"}\n',
        "more/a.jsonl": "a",
        "more/b/c.jsonl": "c",
        "more/.hidden/d.jsonl": "d",
        "templates/mine.txt": "Do $instruction",
        "bench/x.jsonl": "x",
        "other/x.jsonl": "another x",
        "earlier/ledger.db": "ledger",
        "earlier/lock": "1",
        "earlier/embeddings/0.bin": "vectors",
        "earlier/data/train-0.parquet": "rows",
        "models/small/config.json": "{}",
        "outputs/run/ledger.db": "another run",
        ".git/config": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(target: Path, config: Config, at: str = "") -> set[str]:
    pack(make_parcel(config, at), target)
    with ZipFile(target) as packed:
        return set(packed.namelist())


NAMED = {
    "nothing": ([], set()),
    "a file of seeds": (["seeds=seeds.jsonl"], {"seeds/seeds.jsonl"}),
    "a folder of seeds": (["seeds=more"], {"seeds/more/a.jsonl", "seeds/more/b/c.jsonl"}),
    "a dataset of the Hub": (["seeds=owner/name"], set()),
    "templates": (["method.folder=templates"], {"templates/templates/mine.txt"}),
    "two files of one name": (
        ["eliminator.benchmarks=[bench/x.jsonl, other/x.jsonl]"],
        {"benchmarks/1/x.jsonl", "benchmarks/2/x.jsonl"},
    ),
    "an earlier run": (
        ["eliminator.against=[earlier]"],
        {"against/1/earlier/ledger.db", "against/1/earlier/embeddings/0.bin"},
    ),
    "a model": (["eliminator.embedder=models/small"], {"models/small/config.json"}),
}


@pytest.mark.parametrize(("settings", "expected"), NAMED.values(), ids=NAMED.keys())
def test_what_the_config_names_goes_along_and_nothing_else(here: Path, settings: list[str], expected: set[str]) -> None:
    assert names(here / "parcel.zip", load(None, settings)) == expected | {CONFIG}


def test_the_config_in_it_names_the_files_as_they_are_called_there(here: Path) -> None:
    given = [f"seeds={here / 'seeds.jsonl'}", "eliminator.benchmarks=[bench/x.jsonl]", "rounds=2"]
    pack(make_parcel(load(None, given)), here / "parcel.zip")
    with ZipFile(here / "parcel.zip") as packed:
        packed.extractall(here / "there")
    config = load(here / "there" / CONFIG)
    assert (config.seeds, config.eliminator.benchmarks, config.rounds) == (
        "seeds/seeds.jsonl",
        ["benchmarks/1/x.jsonl"],
        2,
    )
    assert (here / "there" / "seeds/seeds.jsonl").read_text() == (here / "seeds.jsonl").read_text()


def test_the_same_files_make_the_same_bytes(here: Path) -> None:
    parcel = make_parcel(load(None, ["seeds=more", "method.folder=templates"]))
    pack(parcel, here / "one.zip")
    for path in parcel.files.values():
        path.touch()
    pack(make_parcel(load(None, ["seeds=more", "method.folder=templates"])), here / "two.zip")
    assert (here / "one.zip").read_bytes() == (here / "two.zip").read_bytes()


def test_a_secret_in_seeds_is_not_sent(here: Path) -> None:
    (here / "seeds.jsonl").write_bytes(
        f'{{"instruction": "Log in with {IN_SEED}."}}\n\xff{IN_SEED}\n'.encode("latin-1")
    )
    pack(make_parcel(load(None, ["seeds=seeds.jsonl"])), here / "one.zip")
    with ZipFile(here / "one.zip") as packed:
        first, second, _ = packed.read("seeds/seeds.jsonl").split(b"\n")
    assert b"Log in with REDACTED_GITHUB_" in first
    assert second.startswith(b"\xff")  # no text: the run sets it aside


def test_seeds_that_are_redacted_on_their_way_are_the_seeds_of_the_run_here(here: Path) -> None:
    (here / "seeds.jsonl").write_text(
        f'{{"instruction": "Log in with {IN_SEED}.", "output": "login(\'{IN_SEED}\')"}}\n'
    )
    config = load(None, ["seeds=seeds.jsonl", "teacher.evolver.model=m", "teacher.responder.model=m"])
    pack(make_parcel(config), here / "one.zip")
    with ZipFile(here / "one.zip") as packed:
        packed.extractall(here / "there")
    there = config.model_copy(update={"seeds": "there/seeds/seeds.jsonl"})
    assert make_plan(there).identity == make_plan(config).identity


def test_seeds_that_would_be_set_aside_for_a_secret_are_named_before_they_are_sent(here: Path) -> None:
    (here / "seeds.jsonl").write_text(f'{{"instruction": "one"}}\n{{"instruction": "{IN_SEED}"}}\n')
    config = load(None, ["seeds=seeds.jsonl", "eliminator.secrets.policy=reject"])
    with pytest.raises(ConfigError, match=r"seeds\.jsonl:2: holds what looks like a secret: github") as raised:
        pack(make_parcel(config), here / "one.zip")
    assert IN_SEED not in str(raised.value)


@pytest.mark.parametrize("name", ["seeds.parquet", "seeds.jsonl"])
def test_what_holds_no_secret_goes_as_it_is(here: Path, name: str) -> None:
    content = b"PAR1 " + IN_SEED.encode() if name == "seeds.parquet" else b'{"instruction": "one"}\r\n\n{"a": 1}'
    (here / name).write_bytes(content)
    assert b"".join(make_parcel(load(None, [f"seeds={name}"])).content(f"seeds/{name}")) == content


def test_what_is_not_here_keeps_its_path_and_is_told(here: Path) -> None:
    parcel = make_parcel(load(None, ["seeds=/data/seeds.jsonl", "eliminator.embedder=/models/small"]))
    assert parcel.config.seeds == "/data/seeds.jsonl"
    assert parcel.absent == ("/data/seeds.jsonl", "/models/small")


def test_an_embedder_of_this_machine_alone_is_refused(here: Path) -> None:
    with pytest.raises(ConfigError, match=r"eliminator\.embedder: .*a folder of this machine; name it relative"):
        make_parcel(load(None, [f"eliminator.embedder={here / 'models/small'}"]))


@pytest.mark.parametrize(
    ("settings", "words", "where"),
    [
        (["seeds=seeds.jsonl"], "", r"seeds\.jsonl"),
        ([f"teacher.evolver.model={KEY}"], "", "the config"),
        ([], f"evolve run --set x={KEY}", "the command"),
    ],
    ids=["seeds", "config", "command"],
)
def test_a_key_is_not_sent(here: Path, settings: list[str], words: str, where: str) -> None:
    (here / "seeds.jsonl").write_text(f'{{"instruction": "curl -H {KEY}"}}\n')
    with pytest.raises(ConfigError, match=rf"{where}: holds the value of \$MY_KEY") as raised:
        refuse_secrets(make_parcel(load(None, settings)), {"MY_KEY": KEY}, words)
    assert KEY not in str(raised.value)


def test_a_parcel_without_it_may_go(here: Path) -> None:
    (here / "seeds.jsonl").write_text("")
    refuse_secrets(make_parcel(load(None, ["seeds=seeds.jsonl"])), {"MY_KEY": KEY, "SHORT": "s"}, "evolve run")
