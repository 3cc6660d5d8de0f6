"""`evolve push`: a repo of the Hub ends whole or untouched, whatever happens; read back, it is what lies here.

The Hub is one on loopback (tests/hub.py), the clients are the real ones, in processes of their own: they read where the
Hub is when they are imported.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import yaml

from evolve.config import dump, load
from evolve.ledger import Ledger
from evolve.publishing import write_dataset
from evolve.records import Fate, Seed
from tests.conftest import Ended, evolve
from tests.hub import TOKEN, USER, Fault, Hub, serving
from tests.test_card import MANY, MODELS, front_matter, recounted, shown
from tests.test_dataset import write_derived

NAME = f"{USER}/set"
TERMS = ("--license", "apache-2.0", "--seeds-license", "CC0", "--teacher-terms", "none: rules wrote it")
CONFIGS = {
    "default": "train",
    "preference": "preferences",
    "rejected": "rejected",
    "lineage": "lineage",
    "derived": "derived",
}
FILES = {"README.md", *(f"data/{table}-00000-of-00001.parquet" for table in CONFIGS.values())}
ROUTES = ("info", "create", "validate", "preupload", "batch", "upload", "verify", "commit")
"""All that a first push asks for."""
OLD_CARD = b"---\ntags:\n- evolve\n---\nof an earlier push"
KEY = "sk-CANARYcanaryCANARYcanary9876543210"


def make_run(folder: Path, fates: tuple[Fate, ...] = MANY, *, finished: bool = True) -> Path:
    """A folder as a run leaves it, with rows in every table."""
    folder.mkdir(parents=True)
    config = load(None, MODELS)
    (folder / "config.yaml").write_text(dump(config))
    with Ledger(folder / "ledger.db") as ledger:
        ledger.claim({"seeds": "d1g35t"}, [Seed("s3", "Sort names.")])
        for fate in fates:
            ledger.record_fate(fate)
        ledger.set_meta("derived", json.dumps(write_derived(folder / "data")))
        write_dataset(config, folder, ledger, None)
        if finished:
            ledger.set_meta("finished", "{}")
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_run(tmp_path_factory.mktemp("made") / "run")


@pytest.fixture
def run(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "run")
    return tmp_path / "run"


class Evolve:
    """The command `evolve`, imported once and forked for each call: what takes longest is importing it."""

    PROGRAM = """
import json, os, sys
import evolve.cli, evolve.hub, evolve.release
for line in sys.stdin:
    arguments, out, err, env = json.loads(line)
    child = os.fork()
    if child == 0:
        os.environ.update(env)
        for number, path in ((1, out), (2, err)):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["evolve", *arguments]
        evolve.cli.main()
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self._files = [str(folder / "out"), str(folder / "err")]
        command = [sys.executable, "-c", self.PROGRAM]
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **env}
        )

    def __call__(self, *arguments: object, env: dict[str, str] | None = None) -> Ended:
        line = [*map(str, arguments)]
        assert self._process.stdin is not None and self._process.stdout is not None  # noqa: PT018
        self._process.stdin.write(json.dumps([line, *self._files, env or {}]) + "\n")
        self._process.stdin.flush()
        code = int(self._process.stdout.readline())
        out, err = (Path(path).read_text(encoding="utf-8") for path in self._files)
        return Ended(line, code, out, err)

    def close(self) -> None:
        self._process.communicate("")


@pytest.fixture(scope="module")
def served() -> Iterator[Hub]:
    with serving(Hub()) as hub:
        yield hub


@pytest.fixture
def hub(served: Hub) -> Hub:
    served.forget()
    return served


@pytest.fixture(scope="module")
def warm(served: Hub, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Evolve]:
    folder = tmp_path_factory.mktemp("warm")
    made = Evolve(folder, environment(served, folder / "home"))
    yield made
    made.close()


def environment(hub: Hub, home: Path) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    found = {"HF_ENDPOINT": hub.url, "HF_TOKEN": TOKEN, "HF_HOME": str(home), "HF_HUB_DISABLE_XET": "1"}
    return found | {"HF_HUB_OFFLINE": "0", "HF_DATASETS_OFFLINE": "0"}


Push = Callable[..., Ended]


@pytest.fixture
def push(hub: Hub, run: Path, warm: Evolve) -> Push:
    """Pushes the run to the Hub."""

    def pushing(*options: str, name: str = NAME, **more: str) -> Ended:
        hub.log.clear()
        hub.times.clear()
        return warm("push", run, "--repo", name, *options, env=more)

    return pushing


def cold(hub: Hub, run: Path, *options: str, **more: str) -> Ended:
    """The same in a process that read its environment by itself."""
    env = environment(hub, run.parent / "home") | more
    return evolve("push", run, "--repo", NAME, *options, env=env)


def here(run: Path) -> dict[str, bytes]:
    """What the repo is to hold."""
    return {path: (run / path).read_bytes() for path in FILES}


def there(hub: Hub, name: str = NAME) -> dict[str, bytes]:
    """What it holds, but for what the Hub puts there itself."""
    return {path: content for path, content in hub.repos[name].main.items() if path != ".gitattributes"}


# -- the repo is the folder --------------------------------------------------------------------------------------------


def test_a_push_makes_one_commit_of_all_files_in_a_private_repo(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (0, here(run))
    assert (hub.repos[NAME].private, len(hub.repos[NAME].commits)) == (True, 2)
    assert hub.repos[NAME].refs["main"] in ended.stdout
    assert set(hub.log) >= set(ROUTES)


def test_the_same_push_again_makes_no_commit_and_says_so(push: Push, hub: Hub, run: Path) -> None:
    push(*TERMS)
    before = dict(hub.repos[NAME].refs)
    ended = push()  # the run keeps its terms
    assert (ended.returncode, hub.repos[NAME].refs) == (0, before)
    assert "no commit was made" in ended.stdout
    assert set(hub.log) & {"create", "upload", "commit"} == set()


def test_a_change_sends_the_changed_file_alone(push: Push, hub: Hub, run: Path) -> None:
    push(*TERMS)
    ended = push("--license", "mit")
    assert (ended.returncode, there(hub), hub.asked("upload")) == (0, here(run), 1)
    assert front_matter(there(hub)["README.md"].decode())["license"] == "mit"


def test_files_in_several_parts_arrive_whole(push: Push, hub: Hub, run: Path) -> None:
    hub.part = 1000
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (0, here(run))
    assert hub.asked("complete") == len(FILES)


def test_json_says_what_was_made(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, "--json")
    said = json.loads(ended.stdout)
    assert (said["made"], said["sha"], said["private"]) == ("commit", hub.repos[NAME].refs["main"], True)
    assert ended.stderr == ""


LOAD = """
import json, sys
import datasets
rows = {}
for config in sys.argv[2:]:
    for streaming in (False, True):
        loaded = datasets.load_dataset(sys.argv[1], config, split="train", streaming=streaming)
        rows[f"{config} {streaming}"] = list(loaded)
whole = datasets.load_dataset(sys.argv[1])
print(json.dumps([rows, {split: len(table) for split, table in whole.items()}]))
"""


def test_every_config_loads_as_the_local_table(push: Push, hub: Hub, run: Path, tmp_path: Path) -> None:
    push(*TERMS)
    command = [sys.executable, "-c", LOAD, NAME, *CONFIGS]
    env = environment(hub, tmp_path / "reader")
    ended = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, timeout=120, check=False)
    assert ended.returncode == 0, ended.stderr
    rows, whole = json.loads(ended.stdout)
    for config, table in CONFIGS.items():
        local = pq.read_table(run / "data" / f"{table}-00000-of-00001.parquet").to_pylist()
        assert rows[f"{config} False"] == rows[f"{config} True"] == local
    assert whole == {"train": len(rows["default False"])}


def test_the_pushed_card_has_the_figures_of_the_pushed_tables(push: Push, hub: Hub, tmp_path: Path) -> None:
    push(*TERMS)
    for path, content in there(hub).items():
        (tmp_path / "copy" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy" / path).write_bytes(content)
    assert shown((tmp_path / "copy" / "README.md").read_text()) == recounted(tmp_path / "copy")


# -- what is asked for beforehand --------------------------------------------------------------------------------------


def test_without_terms_it_names_the_keys_and_asks_nobody(push: Push, hub: Hub, run: Path) -> None:
    ended = push("--license", "mit")
    assert (ended.returncode, hub.log) == (2, [])
    assert "publish.seeds_license, publish.teacher_terms: not given" in ended.stderr
    assert "publish.license" not in ended.stderr


def test_a_licence_that_the_hub_does_not_know_needs_a_link(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, "--license", "my-own")
    assert (ended.returncode, hub.log) == (2, [])
    assert "publish.license_link: not given" in ended.stderr


def test_terms_may_come_from_a_config(push: Push, hub: Hub, run: Path) -> None:
    terms = {"license": "odc-by", "seeds_license": "CC0", "teacher_terms": "of the models"}
    (run.parent / "evolve.yaml").write_text(yaml.safe_dump({"publish": terms}))
    assert push("--config", str(run.parent / "evolve.yaml")).returncode == 0
    assert front_matter(there(hub)["README.md"].decode())["license"] == "odc-by"
    assert load(run / "config.yaml").publish.model_dump(exclude_none=True) == terms


def _unfinished(run: Path) -> None:
    with Ledger(run / "ledger.db") as ledger:
        ledger.forget_meta("finished")


def _truncated(run: Path) -> None:
    path = run / "data" / "train-00000-of-00001.parquet"
    path.write_bytes(path.read_bytes()[:-10])


def _shortened(run: Path) -> None:
    path = run / "data" / "train-00000-of-00001.parquet"
    pq.write_table(pq.read_table(path).slice(1), path)


def _changed(run: Path) -> None:
    path = run / "data" / "train-00000-of-00001.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[2]["output"] += " Or so."
    pq.write_table(table.from_pylist(rows, schema=table.schema), path)


def _lost(run: Path) -> None:
    (run / "data" / "rejected-00000-of-00001.parquet").unlink()


def _leaking(run: Path) -> None:
    path = run / "data" / "preferences-00000-of-00001.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    rows[0]["chosen"][0]["content"] += TOKEN
    pq.write_table(table.from_pylist(rows, schema=table.schema), path)


@pytest.mark.parametrize(
    ("spoil", "expected"),
    [
        (_unfinished, "the run is not finished"),
        (_truncated, "a table cannot be read"),
        (_shortened, "5 rows of default, but the run has 6"),
        (_changed, "is not as the run made it (accepted)"),
        (_lost, "0 rows of rejected, but the run has 5"),
        (_leaking, "holds the value of the Hub's token, so it is not published"),
    ],
)
def test_what_is_not_whole_is_not_published(
    push: Push, hub: Hub, run: Path, spoil: Callable[[Path], None], expected: str
) -> None:
    spoil(run)
    ended = push(*TERMS)
    assert (ended.returncode, hub.log) == (2, [])
    assert expected in ended.stderr
    assert TOKEN not in ended.stderr


@pytest.mark.parametrize("name", ["set", "a/b/c", "a/b c", "a/../b", ""])
def test_a_name_that_no_dataset_can_have_is_refused(push: Push, hub: Hub, run: Path, name: str) -> None:
    ended = push(*TERMS, name=name)
    assert (ended.returncode, hub.log) == (2, [])
    assert "give it as USER/NAME" in ended.stderr


def test_without_a_token_it_says_where_one_is_looked_for(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, HF_TOKEN="")
    assert (ended.returncode, hub.log) == (2, [])
    assert "set HF_TOKEN, or log in" in ended.stderr


def test_the_token_is_asked_for_last(push: Push, hub: Hub, run: Path) -> None:
    _changed(run)
    assert "publish.license" in push(HF_TOKEN="").stderr
    assert "is not as the run made it (accepted)" in push(*TERMS, HF_TOKEN="").stderr


def test_a_dry_run_says_what_would_be_published_without_a_token_or_the_hub(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, "--dry-run", "--json", HF_TOKEN="")
    found = json.loads(ended.stdout)
    assert (ended.returncode, hub.log, hub.repos) == (0, [], {})
    assert (found["repo"], found["private"]) == (NAME, True)
    assert found["files"] == {path: len(content) for path, content in here(run).items()}
    rows = {name: pq.read_metadata(run / f"data/{CONFIGS[name]}-00000-of-00001.parquet").num_rows for name in CONFIGS}
    assert {name: config["rows"] for name, config in found["configs"].items()} == rows
    words = push("--dry-run", HF_TOKEN="").stdout
    assert f"config   rejected: {rows['rejected']} rows, " in words
    assert "thrown out" in words


def test_the_login_s_token_will_do(hub: Hub, run: Path) -> None:
    (run.parent / "home").mkdir()
    (run.parent / "home" / "token").write_text(TOKEN)
    assert cold(hub, run, *TERMS, HF_TOKEN="").returncode == 0
    assert there(hub) == here(run)


def test_a_public_repo_is_asked_for_by_name(push: Push, hub: Hub, run: Path) -> None:
    hub.make(NAME, private=False)
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (2, {})
    assert "give --public" in ended.stderr
    assert push("--public").returncode == 0
    assert there(hub) == here(run)


def test_public_makes_a_public_repo(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, "--public")
    assert (ended.returncode, hub.repos[NAME].private) == (0, False)
    assert "(public)" in ended.stdout


# -- what is there already ---------------------------------------------------------------------------------------------


def test_old_tables_go_and_everything_else_stays(push: Push, hub: Hub, run: Path) -> None:
    old = {"data/train-00001-of-00002.parquet": b"old", "README.md": OLD_CARD, "LICENSE": b"a licence", "notes/a": b"x"}
    hub.make(NAME, files=old)
    assert push(*TERMS).returncode == 0
    assert there(hub) == here(run) | {"LICENSE": b"a licence", "notes/a": b"x"}
    assert len(hub.repos[NAME].commits) == 2


@pytest.mark.parametrize(
    "theirs",
    [b"mine", b"---\nlicense: mit\n---\n", b"---\n[\n---\n", b"\xff" * 2000],
    ids=["plain", "another head", "broken head", "no text"],
)
def test_a_readme_that_evolve_did_not_write_is_replaced_by_wish_alone(
    push: Push, hub: Hub, run: Path, theirs: bytes
) -> None:
    hub.make(NAME, files={"README.md": theirs})
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (2, {"README.md": theirs})
    assert "give --replace-readme" in ended.stderr
    assert push("--replace-readme").returncode == 0
    assert there(hub) == here(run)


def test_what_the_repo_ignores_is_pushed_all_the_same(push: Push, hub: Hub, run: Path) -> None:
    hub.make(NAME, files={".gitignore": b"data/\n"})
    assert push(*TERMS).returncode == 0
    assert there(hub) == here(run) | {".gitignore": b"data/\n"}


def test_a_pull_request_leaves_the_repo_as_it_is(push: Push, hub: Hub, run: Path) -> None:
    repo = hub.make(NAME)
    ended = push(*TERMS, "--pr")
    assert (ended.returncode, there(hub)) == (0, {})
    assert {path: repo.commits[repo.refs["refs/pr/1"]][path] for path in FILES} == here(run)
    assert f"/datasets/{NAME}/discussions/1" in ended.stdout
    again = push("--pr")
    assert (again.returncode, list(repo.titles)) == (0, [1])
    assert "no commit was made" in again.stdout


def test_a_pull_request_needs_a_repo(push: Push, hub: Hub, run: Path) -> None:
    ended = push(*TERMS, "--pr")
    assert (ended.returncode, hub.repos) == (1, {})
    assert "--pr needs one" in ended.stderr


# -- trouble -----------------------------------------------------------------------------------------------------------


def assert_untouched(hub: Hub) -> None:
    assert all(repo.main.keys() == {".gitattributes"} and len(repo.commits) == 1 for repo in hub.repos.values())


@pytest.mark.parametrize("route", ROUTES)
def test_a_hub_that_stays_busy_has_an_untouched_repo_and_the_same_push_ends_whole(
    push: Push, hub: Hub, run: Path, route: str
) -> None:
    hub.faults.append(Fault(route, 503))
    ended = push(*TERMS, "--patience", "0")
    assert ended.returncode == 3, ended.stderr
    assert "HTTP 503: out of order" in ended.stderr
    assert "Type the same command again to go on" in ended.stderr
    assert_untouched(hub)
    hub.faults.clear()
    assert push().returncode == 0
    assert there(hub) == here(run)
    assert len(hub.repos[NAME].commits) == 2


def test_a_hub_that_is_busy_once_everywhere_is_asked_again(push: Push, hub: Hub, run: Path) -> None:
    hub.faults += [Fault(route, status, 1, {"Retry-After": "0"}) for route, status in zip(ROUTES, BUSY, strict=True)]
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (0, here(run))
    assert len(hub.repos[NAME].commits) == 2
    assert [fault.times for fault in hub.faults] == [0] * len(ROUTES)
    assert "out of order; again in 0 s" in ended.stderr


BUSY = (429, 500, 502, 503, 504, 408, 503, 429)


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(Fault("create", 403, body="you may not"), id="create"),
        pytest.param(Fault("info", 401, headers={"X-Error-Message": f"no such token: {TOKEN}"}), id="token"),
        pytest.param(Fault("preupload", 400), id="preupload"),
        pytest.param(Fault("preupload", 200, body="<html>welcome</html>"), id="a-portal"),
        pytest.param(Fault("batch", 413), id="batch"),
        pytest.param(Fault("upload", 403), id="upload"),
        pytest.param(Fault("verify", 404), id="verify"),
        pytest.param(Fault("validate", 400, body='{"errors": [{"message": "bad \\u001b[31m head"}]}'), id="validate"),
        pytest.param(Fault("commit", 400, body="\x1b[2J"), id="commit"),
    ],
)
def test_a_hub_that_refuses_leaves_the_repo_as_it_was(push: Push, hub: Hub, run: Path, fault: Fault) -> None:
    hub.faults.append(fault)
    ended = push(*TERMS)
    assert ended.returncode == 1, ended.stderr
    assert hub.asked(fault.route) >= 1
    assert re.match(rf"evolve: .* {NAME}: ", ended.stderr.splitlines()[-1])
    assert [word for word in (TOKEN, "Traceback", "\x1b") if word in ended.stderr] == []
    assert_untouched(hub)


def test_the_hub_s_wish_to_be_left_alone_is_heeded(push: Push, hub: Hub, run: Path) -> None:
    hub.faults.append(Fault("preupload", 429, 1, {"Retry-After": "3"}))
    assert push(*TERMS).returncode == 0
    times = dict(zip(reversed(hub.log), reversed(hub.times), strict=True))
    first = hub.times[hub.log.index("preupload")]
    assert hub.times[hub.log.index("preupload") + 1] - first >= 3
    assert times["commit"] > first


def test_a_wish_beyond_our_patience_ends_it_at_once(push: Push, hub: Hub, run: Path) -> None:
    hub.faults.append(Fault("batch", 429, headers={"Retry-After": "86400"}))
    began = time.monotonic()
    ended = push(*TERMS)
    assert (ended.returncode, time.monotonic() - began < 30) == (3, True)
    assert "it asks to be left alone for 86400 s" in ended.stderr
    assert_untouched(hub)


def test_an_upload_that_is_cut_off_is_sent_again(push: Push, hub: Hub, run: Path) -> None:
    hub.faults.append(Fault("upload", 0, 2))
    assert push(*TERMS).returncode == 0
    assert there(hub) == here(run)


@pytest.mark.heavy
def test_uploads_that_are_always_cut_off_leave_the_repo_as_it_was(push: Push, hub: Hub, run: Path) -> None:
    push(*TERMS)
    before, content = dict(hub.repos[NAME].refs), there(hub)
    hub.faults.append(Fault("upload", 0))
    ended = push("--license", "mit", "--patience", "0")
    assert ended.returncode == 3, ended.stderr
    assert "the connection broke off" in ended.stderr
    assert (hub.repos[NAME].refs, there(hub)) == (before, content)


def test_a_push_that_is_killed_goes_on_where_it_was(push: Push, hub: Hub, run: Path) -> None:
    hub.faults.append(Fault("upload", -2, 1))
    command = [sys.executable, "-m", "evolve", "push", str(run), "--repo", NAME, *TERMS]
    with subprocess.Popen(command, env={**os.environ, **environment(hub, run.parent / "home")}) as process:
        deadline = time.monotonic() + 60
        while hub.asked("verify") < len(FILES) - 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGKILL)
    assert_untouched(hub)
    ended = push()
    assert (ended.returncode, there(hub), hub.asked("upload")) == (0, here(run), 1)


def test_a_hub_that_is_busy_after_the_commit_is_asked_again(push: Push, hub: Hub, run: Path) -> None:
    repo = hub.make(NAME)
    hub.meanwhile.append(lambda: hub.faults.append(Fault("info", 503, 2, {"Retry-After": "0"})))
    ended = push(*TERMS)
    assert (ended.returncode, len(repo.commits), there(hub)) == (0, 2, here(run))
    assert ended.stdout.startswith("commit")


def test_a_hub_that_wants_to_be_asked_at_once_for_ever_is_not(push: Push, hub: Hub) -> None:
    hub.faults.append(Fault("info", 503, headers={"Retry-After": "0"}))
    ended = push(*TERMS)
    assert (ended.returncode, hub.asked("info")) == (3, 21)


def test_no_run_goes_on_while_it_is_pushed(push: Push, hub: Hub, run: Path) -> None:
    hub.make(NAME)
    others: list[Ended] = []
    hub.meanwhile.append(lambda: others.append(cold(hub, run)))
    assert push(*TERMS).returncode == 0
    [other] = others
    assert other.returncode == 2
    assert "is writing here" in other.stderr


@pytest.mark.parametrize("options", [(), ("--pr",)])
def test_a_commit_whose_reply_is_lost_is_not_made_twice(
    push: Push, hub: Hub, run: Path, options: tuple[str, ...]
) -> None:
    repo = hub.make(NAME)
    hub.faults.append(Fault("commit", -1, 1))
    ended = push(*TERMS, *options)
    assert (ended.returncode, len(repo.commits), hub.asked("commit")) == (0, 2, 1)
    assert ended.stdout.startswith("pull request" if options else "commit")


def test_someone_else_s_commit_in_between_is_kept(push: Push, hub: Hub, run: Path) -> None:
    repo = hub.make(NAME)
    hub.meanwhile.append(lambda: repo.commit("main", {**repo.main, "notes": b"theirs"}))
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (0, here(run) | {"notes": b"theirs"})
    assert "someone else has committed meanwhile" in ended.stderr


@pytest.mark.parametrize("path", ["README.md", "data/train-00001-of-00002.parquet"])
def test_someone_else_s_change_to_our_files_in_between_stops_it(push: Push, hub: Hub, run: Path, path: str) -> None:
    repo = hub.make(NAME)
    hub.meanwhile.append(lambda: repo.commit("main", {**repo.main, path: b"theirs"}))
    ended = push(*TERMS)
    assert (ended.returncode, there(hub)) == (1, {path: b"theirs"})
    assert f"someone else has changed {path} meanwhile; nothing was committed" in ended.stderr


def test_one_who_is_always_faster_ends_it(push: Push, hub: Hub, run: Path) -> None:
    repo = hub.make(NAME)
    hub.meanwhile += [lambda: repo.commit("main", {**repo.main, f"n{len(repo.commits)}": b"x"}) for _ in range(20)]
    ended = push(*TERMS)
    assert ended.returncode == 1, ended.stderr
    assert not FILES & there(hub).keys()


def test_a_hub_that_is_not_there_is_one_message(run: Path) -> None:
    hub = Hub(url="http://127.0.0.1:9")
    ended = cold(hub, run, *TERMS, "--patience", "0")
    assert ended.returncode == 3, ended.stderr
    assert "the connection broke off" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_offline_mode_is_told(hub: Hub, run: Path) -> None:
    ended = cold(hub, run, *TERMS, HF_HUB_OFFLINE="1")
    assert (ended.returncode, hub.log) == (1, [])
    assert "offline mode is enabled" in ended.stderr


def check_offline(hub: Hub, home: Path) -> Ended:
    models = ("--set=teacher.evolver.model=m", "--set=teacher.responder.model=m")
    there = "--set=teacher.base_url=http://127.0.0.1:9/v1"
    return evolve("check", "--offline", "--seeds", NAME, *models, there, env=environment(hub, home))


def test_offline_a_dataset_that_is_not_in_the_cache_is_told_in_one_line(hub: Hub, tmp_path: Path) -> None:
    ended = check_offline(hub, tmp_path / "home")
    assert (ended.returncode, ended.stdout, hub.log) == (2, "", [])
    assert re.fullmatch(
        rf"evolve: {NAME}: no such file, and not in this machine's cache of datasets; .*\n", ended.stderr
    )


def test_offline_a_dataset_that_is_in_the_cache_is_read(hub: Hub, tmp_path: Path) -> None:
    hub.make(NAME, private=False, files={"train.jsonl": b'{"instruction": "Sort a list."}\n'})
    program = f"import datasets; datasets.load_dataset('{NAME}')"
    env = os.environ | environment(hub, tmp_path / "home")
    subprocess.run([sys.executable, "-c", program], env=env, check=True, capture_output=True, timeout=120)
    hub.log.clear()
    ended = check_offline(hub, tmp_path / "home")
    assert (ended.returncode, ended.stderr, hub.log) == (0, "", [])
    assert re.search(r"seeds +1\n", ended.stdout)
