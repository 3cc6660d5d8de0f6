"""The page of a run as a file: whole, bounded, made of the ledger alone, and holding nothing that could act."""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from evolve.web import Vectors, gather, open_ledger, write_report
from evolve.web.reading import TEXT, step
from tests.conftest import evolve
from tests.runs import add, child, id_of, plain_run, write

HOSTILE = (
    "</script><script>document.title = 'owned'</script>",
    "<img src=x onerror=alert(1)>",
    "<!--<script>",
    "\x1b]0;owned\x07\x1b[31mred",
    "abc\u202edcba\u2066",
    '"><svg/onload=alert(2)>',
)


class Elements(HTMLParser):
    """All elements, with their attributes and what is in scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self._in = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self._in = (dict(attrs).get("id") or tag) if tag in {"script", "style"} else ""

    def handle_endtag(self, tag: str) -> None:
        self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in:
            self.texts[self._in] = self.texts.get(self._in, "") + data


def report(run: Path) -> tuple[str, dict[str, Any], list[dict[str, Any]]]:
    """The file, its figures, and its items."""
    path = run / "report.html"
    write_report(run, path)
    html = path.read_text(encoding="utf-8")
    texts = Elements(html).texts
    items = json.loads(gzip.decompress(base64.b64decode(json.loads(texts["items"])["gzip"])))
    return html, json.loads(texts["data"]), items


def test_the_counts_are_those_of_the_ledger(tmp_path: Path) -> None:
    fates = list(plain_run(40))
    _, data, items = report(write(tmp_path / "run", fates))
    outcomes = Counter((fate.attempt.round, fate.outcome) for fate in fates)
    assert Counter((item["round"], item["outcome"]) for item in items) == outcomes
    for passage in data["passages"]:
        of_round = [fate for fate in fates if fate.attempt.round == passage["round"]]
        verified = [f for f in of_round if f.outcome == "accepted" and f.proof and f.proof.status == "verified"]
        assert passage["attempts"] == len(of_round)
        assert passage["read"] == sum(fate.child is not None for fate in of_round)
        assert passage["accepted"] == outcomes[passage["round"], "accepted"]
        assert passage["verified"] == len(verified)


def test_the_same_run_makes_the_same_bytes(tmp_path: Path) -> None:
    first, _, _ = report(write(tmp_path / "a" / "run", plain_run(30)))
    second, _, _ = report(write(tmp_path / "b" / "run", plain_run(30)))
    assert first == second


def test_only_its_own_script_and_style_may_run(tmp_path: Path) -> None:
    html, _, _ = report(write(tmp_path / "run", plain_run(5)))
    elements = Elements(html)
    [policy] = [str(a["content"]) for tag, a in elements.found if a.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    for name in ("script", "style"):
        digest = base64.b64encode(hashlib.sha256(elements.texts[name].encode()).digest()).decode()
        assert rules[f"{name}-src"] == f"'sha256-{digest}'"
    assert "connect-src" not in rules


def test_nothing_is_asked_of_a_network(tmp_path: Path) -> None:
    html, _, _ = report(write(tmp_path / "run", plain_run(5)))
    elements = Elements(html)
    assert [
        attributes for _, attributes in elements.found if {"src", "data", "action", "style"} & set(attributes)
    ] == []
    assert set(re.findall(r"https?://[^\s\"'`)]+", elements.texts["script"] + elements.texts["style"])) == {
        "http://www.w3.org/2000/svg"
    }


def test_hostile_texts_add_no_element(tmp_path: Path) -> None:
    plain = [child(0, index, "A task.", answer="An answer.") for index in range(len(HOSTILE))]
    hostile = [
        child(0, index, said, answer=said, reason="no_gain" if index % 2 else None, model=said)
        for index, said in enumerate(HOSTILE)
    ]
    tags = [
        [tag for tag, _ in Elements(report(write(tmp_path / name / "run", fates))[0]).found]
        for name, fates in (("plain", plain), ("hostile", hostile))
    ]
    assert tags[0] == tags[1]


def test_hostile_texts_are_kept_as_they_are(tmp_path: Path) -> None:
    _, _, items = report(write(tmp_path / "run", [child(0, i, said) for i, said in enumerate(HOSTILE)]))
    assert [item["instruction"] for item in items] == list(HOSTILE)


def test_addresses_are_not_shared(tmp_path: Path) -> None:
    fates = [child(0, 0, "A task."), child(1, 0, "", error="connection refused at http://10.1.2.3:8000/v1")]
    html, data, items = report(write(tmp_path / "run", fates))
    assert "10.1.2.3" not in html + json.dumps(items)
    assert data["summary"]["failures"] == {"no reply": 1}


def test_a_long_text_is_cut_and_says_so(tmp_path: Path) -> None:
    _, _, items = report(write(tmp_path / "run", [child(0, 0, "A task.", answer="x" * 1_000_000)]))
    assert len(items[0]["answer"]) == TEXT
    assert items[0]["cut"] == 1_000_000 - TEXT


@pytest.mark.parametrize(("attempts", "every"), [(0, 1), (10_000, 1), (10_001, 2), (20_000, 2), (100_001, 11)])
def test_how_many_lineages_a_page_bears(attempts: int, every: int) -> None:
    assert step(attempts) == every


def test_too_many_are_sampled_by_whole_lineages_and_counted_in_full(tmp_path: Path) -> None:
    run = write(tmp_path / "run", plain_run(50))
    with open_ledger(run) as ledger:
        data, items = gather(ledger, Vectors(), most=60)
    assert data.every == 3
    assert data.attempts == data.summary["attempts"] == 150
    seeds = {item.root for item in items}
    assert len(items) == 3 * len(seeds) <= 60


def test_a_parent_that_is_not_shown_is_named(tmp_path: Path) -> None:
    """A crossover's partner, or what a duplicate repeats, may lie in a lineage that was left out."""
    run = write(tmp_path / "run", plain_run(50))
    with open_ledger(run) as ledger:
        data, items = gather(ledger, Vectors(), most=60)
    shown = {item.id for item in items}
    named = {found.nearest for item in items for found in item.findings if found.nearest}
    assert named - shown
    assert named <= shown | set(data.others)


def test_items_that_would_be_too_large_are_fewer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = write(tmp_path / "run", plain_run(60, answer_words=200))
    monkeypatch.setattr("evolve.web.report.LARGEST", 150_000)
    _, data, items = report(run)
    assert data["every"] > 1
    assert 0 < len(items) < 180
    assert (run / "report.html").stat().st_size <= 150_000


def test_a_run_that_goes_on_can_be_looked_at(tmp_path: Path) -> None:
    run = write(tmp_path / "run", [child(1, 0, "A task, made harder.")], finished=False)  # before its seed's own fate
    assert report(run)[1]["finished"] is False
    add(run, [child(0, 0, "A task.")])
    assert report(run)[1]["attempts"] == 2


def test_the_command_writes_into_the_run(tmp_path: Path) -> None:
    run = write(tmp_path / "run", plain_run(10))
    ended = evolve("report", run, "--json")
    told = json.loads(ended.stdout)
    assert ended.returncode == 0
    assert told["path"] == str(run / "report.html")
    assert (run / "report.html").is_file()


@pytest.mark.parametrize(
    "options",
    [("nothing",), ("run", "--out", "run/ledger.db"), ("run", "--out", "run")],
    ids=["no run", "over the ledger", "over a folder"],
)
def test_a_wrong_call_is_a_message_and_changes_nothing(tmp_path: Path, options: tuple[str, ...]) -> None:
    ledger = write(tmp_path / "run", plain_run(3)) / "ledger.db"
    before = ledger.read_bytes()
    ended = evolve("report", *options, cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("evolve: ")
    assert ledger.read_bytes() == before


def test_examples_are_accepted_rows_of_their_round(tmp_path: Path) -> None:
    _, data, items = report(write(tmp_path / "run", plain_run(40)))
    rows = {item["key"]: item for item in items}
    for number, keys in data["examples"].items():
        assert [rows[key]["outcome"] for key in keys] == ["accepted"] * 3
        assert {rows[key]["round"] for key in keys} == {int(number)}


def test_a_child_says_what_it_added(tmp_path: Path) -> None:
    fates = [child(0, 0, "one two three"), child(1, 0, "one two three four five"), child(1, 1, "no parent on record")]
    _, _, items = report(write(tmp_path / "run", fates))
    assert [item.get("added") for item in items] == [None, 2, None]
    assert items[1]["parent"] == id_of(0, 0)
