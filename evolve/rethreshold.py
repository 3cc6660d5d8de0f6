"""Verdicts again under other thresholds, from what a run or an earlier elimination recorded.

Nothing is embedded, asked or read again: the checks that have thresholds left their scores, the duplicate check what it
compared, the judge its votes. Invariant: under the config of the record every verdict comes out as it was. A candidate
that was thrown out, and now is not, is UNDECIDED where checks behind that one were never run: what they would say is
not known, and is not made up. Cosines are one embedder's: a run's folder says whose, with a file of verdicts the config
must be that of its making.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import tee
from pathlib import Path
from typing import Any, Protocol

from pydantic import TypeAdapter, ValidationError

from evolve.config import EliminatorConfig
from evolve.dataset import write_atomically
from evolve.elimination import Decision
from evolve.eliminator import Context, Decided, decide_again, first_rejection, load_checks, thresholds
from evolve.errors import ConfigError, PairError
from evolve.ledger import Ledger
from evolve.records import Finding, Verdict

NAME = "rethreshold"
_FINDING = TypeAdapter(Finding)

Moves = Counter[tuple[str, str]]
"""(verdict on record, verdict now) -> candidates."""


class _Scored(Protocol):
    """A check whose verdict is a function of its scores."""

    def decide(self, scores: Mapping[str, float]) -> Finding: ...


@dataclass(frozen=True, slots=True)
class _Record:
    name: str
    """As the verdicts call it."""
    decided: Decided


def rethreshold(config: EliminatorConfig, source: Path, target: Path) -> Moves:
    """Write the verdicts of `source`, a run's folder or a file of verdicts, under the config's thresholds to `target`.

    Raises PairError for a source that is neither, or empty; ConfigError for a run with another embedder.
    """
    scored = {check.name: check for check in load_checks(Context(config)) if hasattr(check, "decide")}
    whole = not (source / "ledger.db").is_file() and not _was_judged(source)
    moves: Moves = Counter()
    _check_embedder(source, config)
    records = ((record, _scored(record.decided.findings, scored, config)) for record in _records(source))
    mine, theirs = tee(records)  # one is never more than a record ahead of the other
    decided = (replace(record.decided, findings=findings) for record, findings in theirs)
    duplicates = decide_again(decided, thresholds(config))
    with write_atomically(target) as path, path.open("w", encoding="utf-8") as file:
        for (record, findings), duplicate in zip(mine, duplicates, strict=True):
            if record.decided.failed:
                continue
            before = tuple(record.decided.findings)
            again = [duplicate if f.check == "duplicate" and duplicate else f for f in findings]
            decision = Decision(record.name, _closed(before, again, whole=whole))
            moves[Decision(record.name, before).verdict.value, decision.verdict.value] += 1
            file.write(json.dumps(decision.as_row(), ensure_ascii=False) + "\n")
        if not moves:
            raise PairError(f"{source}: there is no verdict in it; give a run's folder or a file of verdicts")
    return moves


def _scored(findings: Sequence[Finding], scored: Mapping[str, object], config: EliminatorConfig) -> list[Finding]:
    """The findings with those decided again that their scores decide, and the policy on what is undecided applied."""
    return [_policy(_decided(f, scored.get(f.check)), config) for f in findings]


def _decided(finding: Finding, check: object) -> Finding:
    if check is None:
        return finding
    decider: _Scored = check  # type: ignore[assignment]  # it has `decide`
    found = decider.decide(finding.scores)
    return finding if found.verdict is finding.verdict else found


def _policy(finding: Finding, config: EliminatorConfig) -> Finding:
    if finding.verdict is Verdict.UNDECIDED and config.undecided == "reject":
        return replace(finding, verdict=Verdict.REJECT, reason="undecided")
    if finding.reason == "undecided" and config.undecided == "keep":
        return replace(finding, verdict=Verdict.UNDECIDED, reason=None)
    return finding


def _closed(old: Sequence[Finding], new: Sequence[Finding], *, whole: bool) -> tuple[Finding, ...]:
    """The new findings, and a word on checks that were never run. `whole`: the duplicate check was the last one."""
    before = first_rejection(old)
    if before is None or first_rejection(new) is not None or (whole and before.check == "duplicate"):
        return tuple(new)
    return (*new, Finding(NAME, 1, Verdict.UNDECIDED, detail=f"what comes after {before.check} was never looked at"))


def _records(source: Path) -> Iterator[_Record]:
    """In canonical order."""
    if (source / "ledger.db").is_file():
        with Ledger(source / "ledger.db", read_only=True) as ledger:
            for fate in ledger.fates():
                id_ = fate.child.id if fate.child else None
                name = id_ or f"round {fate.attempt.round} lineage {fate.attempt.index}"
                yield _Record(name, Decided(id_, fate.findings, failed=fate.outcome == "failed"))
        return
    for where, row in _lines(source):
        try:
            findings = [_FINDING.validate_python(said | {"check": name}) for name, said in row["checks"].items()]
            yield _Record(row["id"], Decided(row["id"], findings))
        except (KeyError, TypeError, AttributeError, ValidationError):
            raise PairError(f"{where}: no verdict as `evolve eliminate` writes them; give its output") from None


def _lines(source: Path) -> Iterator[tuple[str, Any]]:
    try:
        with source.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if line.strip():
                    yield f"{source}:{number}", json.loads(line)
    except OSError as error:
        problem = error.strerror or error
        raise PairError(f"{source}: {problem}; give a run's folder or a file of verdicts") from None
    except (ValueError, RecursionError) as error:
        raise PairError(f"{source}: not JSON lines: {error}; give a run's folder or a file of verdicts") from None


def _was_judged(source: Path) -> bool:
    return any(f.check.startswith("judge_") for record in _records(source) for f in record.decided.findings)


def _check_embedder(source: Path, config: EliminatorConfig) -> None:
    if not (source / "ledger.db").is_file():
        return
    with Ledger(source / "ledger.db", read_only=True) as ledger:
        was = json.loads(ledger.meta("identity") or "{}").get("eliminator.embedder")
    if was != json.dumps(config.embedder):
        raise ConfigError(f"eliminator.embedder: {source} was made with {was}; give --set eliminator.embedder={was}")
