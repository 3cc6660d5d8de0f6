"""Finding checks by entry points: built-in ones, those of another installed package, and those that cannot be used."""

from __future__ import annotations

from pathlib import Path

import pytest

from evolve.config import EliminatorConfig
from evolve.eliminator import REASONS, Candidate, Context, Eliminator, load_checks, names, validate
from evolve.errors import ConfigError
from evolve.records import Verdict

CHECK = """
from evolve.records import Finding, Verdict

class Shouting:
    name = "shouting"
    version = 3
    subject = "instruction"

    def __init__(self, context):
        self.limit = context.config.no_gain_ratio

    def __call__(self, candidate):
        if "?" in candidate.text:
            raise ValueError("questions are beyond me")
        if candidate.text.isupper():
            return Finding(self.name, self.version, Verdict.REJECT, "shouting", "all in capitals")
        return Finding(self.name, self.version, Verdict.ACCEPT)

class Deaf(Shouting):
    name = "dumb"

def broken(context):
    raise KeyError("nothing to make it from")
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Installer:
    return Installer(tmp_path, monkeypatch)


class Installer:
    """Puts a package with entry points where Python finds it, as pip would."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        (folder / "loud_checks.py").write_text(CHECK)
        self._info = folder / "loud_checks-1.0.dist-info"
        self._info.mkdir()
        (self._info / "METADATA").write_text("Metadata-Version: 2.4\nName: loud-checks\nVersion: 1.0\n")
        self._patch = monkeypatch
        self._folder = folder

    def __call__(self, *points: str) -> None:
        (self._info / "entry_points.txt").write_text("[evolve.checks]\n" + "\n".join(points) + "\n")
        self._patch.syspath_prepend(str(self._folder))


def test_the_built_in_checks_come_in_the_order_of_the_reasons() -> None:
    order = [REASONS.index(name) for name in names() if name in REASONS]
    assert order == sorted(order)
    assert len(order) > 4


def test_every_built_in_check_calls_itself_by_its_name() -> None:
    assert [check.name for check in load_checks(Context())] == list(names())


def test_another_packages_check_stands_behind_the_built_in_ones(install: Installer) -> None:
    install("shouting = loud_checks:Shouting")
    assert names()[-1] == "shouting"


def test_another_packages_check_decides_like_a_built_in_one(install: Installer) -> None:
    install("shouting = loud_checks:Shouting")
    (findings,) = Eliminator(EliminatorConfig(), {}).examine([Candidate("SORT A LIST", (), "deepen")])
    assert (findings[-1].check, findings[-1].reason, findings[-1].version) == ("shouting", "shouting", 3)


@pytest.mark.parametrize(
    ("policy", "verdict", "reason"),
    [pytest.param("keep", Verdict.UNDECIDED, None), pytest.param("reject", Verdict.REJECT, "undecided")],
)
def test_a_check_that_raises_is_undecided_on_that_candidate_alone(
    install: Installer, policy: str, verdict: Verdict, reason: str | None
) -> None:
    install("shouting = loud_checks:Shouting")
    config = EliminatorConfig.model_validate({"undecided": policy})
    candidates = [Candidate(text, (), "deepen") for text in ("Sort a list.", "Which sort is stable?", "SORT A LIST")]
    last = [findings[-1] for findings in Eliminator(config, {}).examine(candidates)]
    assert [finding.verdict for finding in last] == [Verdict.ACCEPT, verdict, Verdict.REJECT]
    assert (last[1].check, last[1].reason) == ("shouting", reason)
    assert last[1].detail == "the check failed: ValueError: questions are beyond me"


def test_another_packages_check_can_be_switched_off(install: Installer) -> None:
    install("shouting = loud_checks:Shouting")
    config = EliminatorConfig(skip=["shouting"])
    validate(config)
    (findings,) = Eliminator(config, {}).examine([Candidate("SORT A LIST", (), "deepen")])
    assert {finding.verdict for finding in findings} == {Verdict.ACCEPT}


@pytest.mark.parametrize(
    ("point", "message"),
    [
        pytest.param("shouting = loud_checks:Deaf", "check shouting .*calls itself 'dumb'", id="another-name"),
        pytest.param("shouting = loud_checks:broken", "check shouting .*KeyError: 'nothing to make", id="raises"),
        pytest.param("shouting = loud_checks:None_", "check shouting .*AttributeError", id="not-there"),
        pytest.param("shouting = quiet_checks:X", "check shouting .*ModuleNotFoundError", id="no-module"),
        pytest.param("no_gain = loud_checks:Shouting", "two checks are named no_gain", id="name-taken"),
    ],
)
def test_a_check_that_cannot_be_used_is_named(install: Installer, point: str, message: str) -> None:
    install(point)
    with pytest.raises(ConfigError, match=message):
        load_checks(Context())
