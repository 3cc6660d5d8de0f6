"""The columns of a dataset's tables, and the row that a fate, or a task derived of one, becomes in each.

`train` loads in TRL, LLaMA-Factory and axolotl as it is: Alpaca columns and `messages` say the same, and there is no
`prompt`, `completion` or `conversations` column, which would silently win over them in TRL. Invariant: a row is a
function of the fate alone; no time, count of tries or address is in it, so equal runs make equal bytes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from evolve.derive import Derived, Tokens, psm, spm
from evolve.records import Fate, Proof

ROLES = ("evolver", "judge", "responder", "tester")
_TEXT = pa.string()
_SCORES = pa.struct(
    [
        ("parent_ratio", pa.float64()),  # rapidfuzz `ratio` to the parent
        ("nearest_within", pa.float64()),  # largest cosine to its own lineage before it
        ("nearest_across", pa.float64()),  # largest cosine to any other lineage before it
    ]
)
_MODELS = pa.struct([(role, _TEXT) for role in ROLES])
_VERIFICATION = pa.struct(
    [
        ("status", _TEXT),  # verified or unverified
        ("detail", _TEXT),  # why it is unverified
        ("tier", _TEXT),  # what held the code: wasm, bubblewrap, landlock or none
        ("language", _TEXT),
        ("tests", _TEXT),  # their source, written without the answer
        ("assertions", pa.int32()),
        ("mutation", pa.float64()),  # share of slightly broken versions that the tests fail
        ("pass_rate", pa.float64()),  # share of the candidates that pass: how hard the task is
        ("agreement", pa.float64()),  # share of the candidates that do the same on further inputs
        ("repairs", pa.int32()),  # rounds before this answer
        ("figures", pa.list_(pa.struct([("name", _TEXT), ("value", pa.float64())]))),  # of a refactoring, both times
    ]
)
MESSAGES = pa.list_(pa.struct([("role", _TEXT), ("content", _TEXT)]))
_ORIGIN = [
    ("root_id", _TEXT),  # the seed
    ("parent_id", _TEXT),  # null for a seed
    ("partner_id", _TEXT),  # the second parent of a crossover
    ("round", pa.int32()),
    ("operator", _TEXT),
]

TRAIN = pa.schema(
    [
        ("id", _TEXT),
        ("instruction", _TEXT),
        ("input", _TEXT),  # always "": the instruction is whole
        ("output", _TEXT),
        ("messages", MESSAGES),
        ("kind", _TEXT),  # of the seed's task, null where it has none
        *_ORIGIN,
        ("teacher_models", _MODELS),
        ("prompt_hash", _TEXT),
        ("scores", _SCORES),
        ("verification", _VERIFICATION),
    ]
)
REJECTED = pa.schema(
    [
        ("id", _TEXT),
        ("instruction", _TEXT),  # null where none could be read from the reply
        ("output", _TEXT),  # null where it was never answered
        *_ORIGIN,
        ("check", _TEXT),
        ("reason", _TEXT),
        ("detail", _TEXT),
        ("nearest_id", _TEXT),  # what it duplicates
        ("teacher_models", _MODELS),
        ("prompt_hash", _TEXT),
        ("scores", _SCORES),
    ]
)
LINEAGE = pa.schema(
    [
        *_ORIGIN,
        ("index", pa.int32()),  # the seed's position
        ("id", _TEXT),  # the child, null where there is none
        ("outcome", _TEXT),  # accepted, rejected or failed
        ("reason", _TEXT),
        ("error", _TEXT),
    ]
)

PREFERENCES = pa.schema(
    [
        ("id", _TEXT),
        ("prompt", MESSAGES),
        ("chosen", MESSAGES),  # passes the tests
        ("rejected", MESSAGES),  # was run and does not; of outputs: claims another
        ("verification", _VERIFICATION),
    ]
)

DERIVED = pa.schema(
    [
        ("id", _TEXT),
        ("kind", _TEXT),  # bug_fix, infill or tests
        ("instruction", _TEXT),
        ("output", _TEXT),
        ("messages", MESSAGES),
        ("prefix", _TEXT),  # of infilling alone, as the three below
        ("middle", _TEXT),
        ("suffix", _TEXT),
        ("fim", _TEXT),  # prefix, suffix, middle between a model's tokens
        ("fim_spm", _TEXT),  # suffix, then prefix and middle
        ("source_id", _TEXT),  # the verified row of `train`
        ("root_id", _TEXT),  # the seed
        ("verification", _VERIFICATION),  # of this task
    ]
)

_SCORE_OF = {("no_gain", "ratio"): "parent_ratio"} | {
    ("duplicate", side): f"nearest_{side}" for side in ("within", "across")
}

Row = dict[str, Any]


def train_row(fate: Fate) -> Row:
    """An accepted fate as a sample."""
    if fate.child is None or fate.answer is None:
        raise ValueError(f"an accepted fate without instruction or answer: {fate.attempt}")
    return {
        "id": fate.child.id,
        "instruction": fate.child.text,
        "input": "",
        "output": fate.answer,
        "messages": _messages(fate.child.text, fate.answer),
        "kind": fate.kind or None,
        **_origin(fate),
        **_provenance(fate),
        "verification": verification(fate.proof),
    }


def verification(proof: Proof | None) -> Row:
    """What is known of the answer; null where a number means nothing."""
    if proof is None:
        return dict.fromkeys(_VERIFICATION.names) | {
            "status": "unverified",
            "detail": "not run: no tester is named, or --no-exec",
            "tier": "none",
        }
    known = {field: getattr(proof, field) for field in _VERIFICATION.names if field != "figures"}
    known["figures"] = [{"name": name, "value": value} for name, value in sorted(proof.scores.items())] or ""
    return {name: None if value == "" else value for name, value in known.items()}


def preference_row(fate: Fate) -> Row:
    """An accepted fate whose answer took the place of one that failed the same tests, as TRL's preference trainers."""
    if fate.child is None or fate.answer is None or fate.proof is None or fate.proof.failing is None:
        raise ValueError(f"a preference without its two answers: {fate.attempt}")
    texts = {"prompt": fate.child.text, "chosen": fate.answer, "rejected": fate.proof.failing}
    roles = {"prompt": "user", "chosen": "assistant", "rejected": "assistant"}
    messages = {name: [{"role": roles[name], "content": text}] for name, text in texts.items()}
    return {"id": fate.child.id, **messages, "verification": verification(fate.proof)}


def derived_row(task: Derived, tokens: Tokens) -> Row:
    """A derived task as a sample; `tokens`: of the model whose fill-in-the-middle strings are wanted."""
    cut = task.cut
    parts = None if cut is None else (cut.prefix, cut.suffix, cut.middle)
    return {
        "id": task.id,
        "kind": task.kind,
        "instruction": task.instruction,
        "output": task.output,
        "messages": _messages(task.instruction, task.output),
        "prefix": None if cut is None else cut.prefix,
        "middle": None if cut is None else cut.middle,
        "suffix": None if cut is None else cut.suffix,
        "fim": None if parts is None else psm(*parts, tokens),
        "fim_spm": None if parts is None else spm(*parts, tokens),
        "source_id": task.source_id,
        "root_id": task.root_id,
        "verification": verification(task.proof),
    }


def rejected_row(fate: Fate) -> Row:
    finding = next(f for f in fate.findings if f.reason is not None)
    return {
        "id": fate.child.id if fate.child else None,
        "instruction": fate.child.text if fate.child else None,
        "output": fate.answer,
        **_origin(fate),
        "check": finding.check,
        "reason": finding.reason,
        "detail": finding.detail,
        "nearest_id": finding.nearest_id,
        **_provenance(fate),
    }


def lineage_row(fate: Fate) -> Row:
    return {
        **_origin(fate),
        "index": fate.attempt.index,
        "id": fate.child.id if fate.child else None,
        "outcome": fate.outcome,
        "reason": fate.reason,
        "error": None if fate.error is None else public_error(fate.error),
    }


def public_error(error: str) -> str:
    """What a table says of a failure: a refusal in the server's words; of all others the status or "no reply" alone.

    Those depend on the moment and may name addresses and accounts; the ledger has them in full.
    """
    status = re.match(r"HTTP (\d{3})", error)
    if status is None:
        return "no reply"
    refused = status[1].startswith("4") and status[1] not in {"408", "409", "425", "429"}
    return error if refused else status[0]


def _messages(instruction: str, output: str) -> list[Row]:
    return [{"role": "user", "content": instruction}, {"role": "assistant", "content": output}]


def _origin(fate: Fate) -> Row:
    return {
        "root_id": fate.root_id,
        "parent_id": fate.parent_id,
        "partner_id": fate.partner_id,
        "round": fate.attempt.round,
        "operator": fate.operator,
    }


def _provenance(fate: Fate) -> Row:
    found: Mapping[str, float] = {
        _SCORE_OF[finding.check, name]: value
        for finding in fate.findings
        for name, value in finding.scores.items()
        if (finding.check, name) in _SCORE_OF
    }
    return {
        "teacher_models": {role: fate.models.get(role) for role in ROLES},
        "prompt_hash": fate.prompt_digest,
        "scores": {name: found.get(name) for name in _SCORE_OF.values()},
    }
