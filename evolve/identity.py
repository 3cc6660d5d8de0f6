"""The identity of a run: what must be the same for a folder's ledger to go on, or its replies would not fit together.

Every field of the config counts but those in a short table, each with its reason. Contents count by digest: seeds,
templates, prompts, the checks' versions. Nothing is read or decided here.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

from evolve.config import Config, flatten
from evolve.records import Seed, digest

NOT_IDENTITY: Mapping[str, str] = {
    "seeds": "the seeds' content counts, not where it lay",
    "limit": "likewise: the seeds that were taken count",
    "teacher.base_url": "a model may move to another address",
    "teacher.api_key_env": "a key says who pays, not what is answered",
    "teacher.evolver.base_url": "as teacher.base_url",
    "teacher.responder.base_url": "as teacher.base_url",
    "teacher.judge.base_url": "as teacher.base_url",
    "teacher.tester.base_url": "as teacher.base_url",
    "teacher.evolver.api_key_env": "as teacher.api_key_env",
    "teacher.responder.api_key_env": "as teacher.api_key_env",
    "teacher.judge.api_key_env": "as teacher.api_key_env",
    "teacher.tester.api_key_env": "as teacher.api_key_env",
    "teacher.endpoints": "as teacher.base_url",
    "teacher.evolver.endpoints": "as teacher.base_url",
    "teacher.responder.endpoints": "as teacher.base_url",
    "teacher.judge.endpoints": "as teacher.base_url",
    "teacher.tester.endpoints": "as teacher.base_url",
    "teacher.profile": "how the endpoint is spoken to, not what it is asked",
    "teacher.capabilities": "as teacher.profile",
    "teacher.engine": "as teacher.base_url",
    "teacher.in_flight": "how fast, not what",
    "teacher.timeout_s": "how long to wait, not what for",
    "teacher.deadline_factor": "as timeout_s",
    "teacher.deadline_floor_s": "as timeout_s",
    "teacher.max_attempts": "how stubbornly, not what",
    "teacher.max_reply_bytes": "a guard, not a setting of the method",
    "teacher.patience_s": "as timeout_s",
    "teacher.batch.on": "how calls are sent, not what is asked",
    "teacher.batch.price": "as prices",
    "teacher.batch.requests": "as teacher.batch.on",
    "teacher.batch.gather_s": "as teacher.batch.on",
    "teacher.batch.poll_s": "as timeout_s",
    "method.folder": "the templates' text counts, not where it lay",
    "eliminator.benchmarks": "the items' content counts, not where they lay",
    "cluster.executor": "where it runs",
    "cluster.address": "where it runs",
    "cluster.teachers": "where it runs",
    "cluster.eliminators": "where it runs",
    "cluster.verifiers": "where it runs",
    "cluster.start_s": "as timeout_s",
    "cluster.metrics_port": "who looks on",
    "cluster.metrics_host": "who looks on",
    "cluster.index_rows": "how the duplicate search is spread; its answers are the same",
    "prices": "what it costs, not what comes",
    "budget.usd": "where it pauses, not where it ends",
    "budget.tokens": "as budget.usd",
    "target.samples": "a run may go further, or end earlier, over the same replies",
    "target.max_attempts": "as target.samples",
    "target.evol_stop": "as target.samples",
    "target.stop_when.acceptance_below": "as target.samples",
    "target.stop_when.gain_below": "as target.samples",
    "target.stop_when.distance_below": "as target.samples",
    "target.stop_when.leaks_above": "as target.samples",
    "target.stop_when.contamination_above": "as target.samples",
    "publish.license": "what may be done with it, not what comes",
    "publish.license_link": "as publish.license",
    "publish.seeds_license": "as publish.license",
    "publish.teacher_terms": "as publish.license",
    "eliminator.against": "the instructions count, not where they lay",
}
"""The fields that a run may change between two starts, each with its reason; a section stands for all that is in it.
All others are its identity."""


def identity(config: Config, contents: Mapping[str, str]) -> dict[str, str]:
    """What makes this run this run: key -> value as JSON. `contents` holds digests of seeds and templates."""
    fields = {k: json.dumps(v, sort_keys=True) for k, v in flatten(config.model_dump(mode="json"))}
    return {k: v for k, v in fields.items() if not _left_out(k)} | dict(contents)


def differences(
    old: Mapping[str, str], new: Mapping[str, str], was: Sequence[Seed], now: Sequence[Seed]
) -> Iterator[str]:
    """The keys that differ, with both values; `was` and `now`: the seeds, where more or fewer of the same are a limit's
    doing."""
    both = min(len(was), len(now))
    cut = both > 0 and len(was) != len(now) and was[:both] == now[:both]
    for key in sorted(key for key in old.keys() | new.keys() if old.get(key) != new.get(key)):
        if key == "seeds" and cut:
            yield f"limit (was {len(was)} seeds, now {len(now)})"
        else:
            yield f"{key} (was {old.get(key, 'unset')}, now {new.get(key, 'unset')})"


def _left_out(key: str) -> bool:
    return key in NOT_IDENTITY or any(key.startswith(f"{section}.") for section in NOT_IDENTITY)


def identity_digest(fields: Mapping[str, str]) -> str:
    return digest(json.dumps(fields, sort_keys=True))
