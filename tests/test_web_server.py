"""The live page's server: it reads and nothing else, answers only its own user, and finds every attempt once."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from evolve.web import open_ledger
from evolve.web.finding import find
from evolve.web.reading import read_items
from evolve.web.record import Item
from tests.conftest import evolve
from tests.runs import add, child, plain_run, write


@contextlib.contextmanager
def viewing(folder: Path, port: object = 0) -> Iterator[str]:
    """`evolve view`, on a free port where none is named; its address."""
    command = [sys.executable, "-m", "evolve", "view", str(folder), "--port", str(port), "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        assert process.stdout is not None
        try:
            yield str(json.loads(process.stdout.readline())["url"])
        finally:
            process.terminate()


def get(url: str, path: str, method: str = "GET", **headers: str) -> tuple[int, bytes]:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=30)
    try:
        connection.request(method, path, headers=headers)
        reply = connection.getresponse()
        return reply.status, reply.read()
    finally:
        connection.close()


def ask(url: str, path: str, **values: str) -> Any:  # noqa: ANN401
    status, body = get(url, f"{path}?{urlencode(values)}")
    assert status == 200, body
    return json.loads(body)


def everything(url: str, **wanted: str) -> list[str]:
    """Keys of all that suits, page by page."""
    keys: list[str] = []
    after: str | None = ""
    while after is not None:
        found = ask(url, "/runs/run/items", size="7", after=after, **wanted)
        keys += [item["key"] for item in found["items"]]
        after = found["next"]
    return keys


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("runs") / "run", plain_run(30))


@pytest.fixture(scope="module")
def url(run: Path) -> Iterator[str]:
    with viewing(run) as address:
        yield address


@pytest.fixture(scope="module")
def items(run: Path) -> list[Item]:
    with open_ledger(run) as ledger:
        return read_items(ledger)


def test_every_attempt_is_found_once_and_in_order(url: str, items: list[Item]) -> None:
    assert everything(url) == [item.key for item in items]


@pytest.mark.parametrize(
    "wanted",
    [
        {"round": "1"},
        {"operator": "deepen_reasoning"},
        {"outcome": "rejected", "round": "2"},
        {"reason": "prompt_leak"},
        {"status": "verified"},
        {"outcome": "failed"},
        {"kind": "none such"},
        {"operator": "' OR 1 = 1 --"},
    ],
    ids=str,
)
def test_filters_find_what_a_look_at_all_finds(url: str, items: list[Item], wanted: dict[str, str]) -> None:
    assert everything(url, **wanted) == [
        item.key for item in items if all(str(getattr(item, name) or "") == value for name, value in wanted.items())
    ]


@pytest.mark.parametrize("part", ["instruction", "answer", "a remark", "an id", "in capitals", "with % and _"])
def test_words_are_found_wherever_they_stand(url: str, items: list[Item], part: str) -> None:
    one = next(item for item in items if item.reason)
    sought = {
        "instruction": (one.instruction or "")[5:20],
        "answer": (one.answer or "")[25:40],
        "a remark": one.findings[0].detail,
        "an id": str(one.id),
        "in capitals": (one.instruction or "")[5:20].upper(),
        "with % and _": "%_%",
    }[part]
    assert (one.key in everything(url, text=sought)) is (part != "with % and _")


@pytest.mark.parametrize("sought", ["функция", "ФУНКЦИЯ", "überprüft", "ÜBERPRÜFT"])
def test_words_are_found_in_capitals_of_any_script(tmp_path: Path, sought: str) -> None:
    run = write(tmp_path / "run", [child(0, 0, "Функция, die Größen Überprüft."), child(0, 1, "Another.")])
    with open_ledger(run) as ledger:
        assert [item.key for item in find(ledger, {"text": sought}, None, 20)[0]] == ["0.0"]


def test_a_lineage_is_whole(url: str, items: list[Item]) -> None:
    found = ask(url, "/runs/run/lineage", key="2.4")
    assert [item["key"] for item in found] == ["0.4", "1.4", "2.4"]
    assert found[-1]["instruction"] == next(item.instruction for item in items if item.key == "2.4")


def test_its_figures_are_those_of_the_file(url: str, run: Path) -> None:
    evolve("report", run, "--out", run / "page.html")
    html = (run / "page.html").read_text(encoding="utf-8")
    inside = json.loads(html.split('id="data">', 1)[1].split("</script>", 1)[0])
    assert ask(url, "/runs/run/data") == inside


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/runs/other", 404),
        ("/runs/..%2f..%2fetc", 404),
        ("/runs/run/items?after=x", 400),
        ("/runs/run/items?size=many", 400),
        (f"/runs/run/items?after=1.{9**30}", 400),
        ("/runs/run/lineage", 400),
        ("/runs/run/lineage?key=1", 400),
        ("/runs/run/named?id=", 400),
        ("/ledger.db", 404),
    ],
)
def test_what_makes_no_sense_is_refused(url: str, path: str, status: int) -> None:
    assert get(url, path)[0] == status


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example"])
def test_it_answers_no_other_name(url: str, host: str) -> None:
    """A page of the web whose name was turned to this machine reads nothing."""
    assert get(url, "/runs/run/data", Host=host)[0] == 400


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS"])
def test_nothing_can_be_done_to_a_run(url: str, method: str) -> None:
    assert get(url, "/runs/run/items", method)[0] == 405


def test_looking_changes_no_file_of_the_run(tmp_path: Path) -> None:
    run = write(tmp_path / "run", plain_run(5))
    before = {path.name: path.read_bytes() for path in run.iterdir()}
    with viewing(run) as url:
        ask(url, "/runs/run/data")
        everything(url)
    after = {path.name: path.read_bytes() for path in run.iterdir() if path.suffix not in {".db-shm", ".db-wal"}}
    assert after == {name: content for name, content in before.items() if name in after}
    assert set(after) == {"ledger.db"}


def test_a_run_that_grows_is_told_of(tmp_path: Path) -> None:
    run = write(tmp_path / "run", [child(0, 0, "A task.")], finished=False, seeds=3)
    with viewing(run) as url:
        assert ask(url, "/runs/run/data")["attempts"] == 1
        where = urlsplit(url)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        connection.request("GET", "/runs/run/events")
        events = connection.getresponse()
        assert events.readline() == b":\n"
        add(run, [child(0, 1, "Another.")])
        while events.readline() != b"event: more\n":
            pass
        assert ask(url, "/runs/run/data")["attempts"] == 2
        connection.close()


def test_what_came_before_anybody_listened_is_told_too(tmp_path: Path) -> None:
    run = write(tmp_path / "run", [child(0, 0, "A task.")], finished=False, seeds=3)
    with viewing(run) as url:
        ask(url, "/runs/run/data")
        add(run, [child(0, 1, "Another.")])  # the last one: no change follows that would be told
        where = urlsplit(url)
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        connection.request("GET", "/runs/run/events")
        events = connection.getresponse()
        lines = [events.readline() for _ in range(10)]
        connection.close()
    assert b"event: more\n" in lines


def test_runs_of_a_folder_are_compared(tmp_path: Path) -> None:
    write(tmp_path / "one run", plain_run(10))
    write(tmp_path / "two", plain_run(20), finished=False)
    (tmp_path / "no run").mkdir()
    with viewing(tmp_path) as url:
        listed = ask(url, "/runs")["runs"]
        status, body = get(url, f"/compare?run={quote('one run')}&run=two&run=three")
        assert get(url, f"/runs/{quote('one run')}")[0] == 200
    assert [(run["name"], run["seeds"], run["finished"]) for run in listed] == [
        ("one run", 10, True),
        ("two", 20, False),
    ]
    assert status == 200
    found = json.loads(body)
    assert found["settings"] == {"teacher.evolver.model": ['"one run"', '"two"']}
    assert [funnel[0]["attempts"] for funnel in found["funnels"]] == [10, 20]
    assert found["reasons"].keys() == {"duplicate", "prompt_leak"}


def test_a_broken_ledger_among_others_is_told(tmp_path: Path) -> None:
    write(tmp_path / "good", plain_run(3))
    (tmp_path / "bad").mkdir()
    (tmp_path / "bad" / "ledger.db").write_bytes(b"not a ledger" * 100)
    with viewing(tmp_path) as url:
        listed = {run["name"]: run for run in ask(url, "/runs")["runs"]}
        assert get(url, "/runs/bad")[0] == 409
        assert get(url, "/compare?run=good&run=bad")[0] == 409
    assert "not usable as a ledger" in listed["bad"]["error"]
    assert listed["good"]["attempts"] == 9


def test_a_run_is_found_whatever_its_folder_is_called(tmp_path: Path) -> None:
    run = write(tmp_path / "50% of #2?", plain_run(3))
    with viewing(run) as url:
        connection = http.client.HTTPConnection(str(urlsplit(url).hostname), urlsplit(url).port, timeout=30)
        connection.request("GET", "/")
        where = str(connection.getresponse().headers["location"])
        connection.close()
        assert get(url, where)[0] == 200
        assert ask(url, f"{where}/data")["name"] == run.name


@pytest.mark.parametrize("reader", [False, True], ids=["nobody reads", "while somebody reads"])
def test_an_interrupt_ends_it_in_order(run: Path, reader: bool) -> None:
    command = [sys.executable, "-m", "evolve", "view", str(run), "--port", "0", "--json"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        where = urlsplit(json.loads(process.stdout.readline())["url"])
        connection = http.client.HTTPConnection(str(where.hostname), where.port, timeout=60)
        connection.request("GET", "/runs/run/events" if reader else "/runs")
        connection.getresponse().readline()
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=60)
        connection.close()
    assert (process.returncode, said.count("\n")) == (0, 1)


def test_a_folder_that_is_not_there_is_a_message(tmp_path: Path) -> None:
    ended = evolve("view", tmp_path / "nowhere", "--port", "0")
    assert ended.returncode == 2
    assert "no such folder" in ended.stderr


def test_a_port_that_is_taken_is_a_message(url: str, run: Path) -> None:
    ended = evolve("view", run, "--port", urlsplit(url).port)
    assert ended.returncode == 2
    assert "give another" in ended.stderr
