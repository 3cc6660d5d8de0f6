"""The environment: what is read from it, and what must be set in it. Nowhere else is it touched."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

MIN_SECRET = 8
"""Characters from which the value of a variable is looked for in texts: a shorter one would be found in any."""
_SECRET = re.compile(r"KEY|TOKEN|SECRET|PASSW|CREDENTIAL", re.IGNORECASE)
"""How variables with secrets are named."""


def api_key(name: str | None) -> str | None:
    """The key in the environment variable of that name, or None."""
    return (os.environ.get(name) or None) if name else None


def secrets(names: Iterable[str]) -> dict[str, str]:
    """Those of the variables that are set here, with their values: what must never be sent or written anywhere."""
    return {name: os.environ[name] for name in names if os.environ.get(name)}


def without_secrets(text: str) -> str:
    """Somebody's words without the values of the variables that are named like a secret, should they be repeated."""
    named = {value for name, value in os.environ.items() if _SECRET.search(name) and len(value) >= MIN_SECRET}
    for value in sorted(named, key=len, reverse=True):
        text = text.replace(value, "***")
    return text


def corpus_folder() -> Path | None:
    """Where a recorded corpus for tests and benchmarks lies (EVOLVE_CORPUS), or None."""
    value = os.environ.get("EVOLVE_CORPUS")
    return Path(value) if value else None


def cache_folder() -> Path:
    """Where what was built once is kept for later runs: $XDG_CACHE_HOME/evolve, else ~/.cache/evolve."""
    value = os.environ.get("XDG_CACHE_HOME")
    return (Path(value) if value else Path.home() / ".cache") / "evolve"


def prepare_environment() -> None:
    """Set what must be set before ray and the tokenizers are imported.

    Without the first, `uv run` would ship the whole folder to every worker; without the second, a late call could
    start or join a Ray. The third makes the duplicate search faster on a busy machine (1.6 times in batches, 6 times
    singly: benchmarks/duplicates.py); the others silence a warning about forks, Ray's phoning home and its own.
    """
    os.environ.setdefault("RAY_ENABLE_UV_RUN_RUNTIME_ENV", "0")
    os.environ.setdefault("RAY_ENABLE_AUTO_CONNECT", "0")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")


def stay_offline() -> None:
    """Before the Hub's clients are imported: what they have not in their cache is not looked for."""
    os.environ["HF_HUB_OFFLINE"] = os.environ["HF_DATASETS_OFFLINE"] = "1"


def keep_ray_at_home() -> None:
    """Before ray is imported: a Ray that is started here listens on loopback alone.

    The variable is Ray's, and named after systems where that is so from the start; no other machine may join.
    """
    os.environ.setdefault("RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER", "0")


def forget_ray_address() -> None:
    """Let an address that was given count: Ray's job client goes where these point instead, without a word."""
    os.environ.pop("RAY_API_SERVER_ADDRESS", None)
    os.environ.pop("RAY_ADDRESS", None)
