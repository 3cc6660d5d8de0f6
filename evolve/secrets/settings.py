"""Settings that hold a key: refused, since they are kept in the run's folder, shown, and sent along.

Invariant: whatever a run does about secrets in texts, and whichever it looks for there, a key in a setting is refused;
what is said of it never holds it. Seeds and replies are not looked at here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evolve.config import Config, SecretsConfig
from evolve.errors import ConfigError
from evolve.secrets.scanner import Scanner


def refuse_keys(config: Config) -> None:
    """Raise ConfigError, which names the setting."""
    allow = config.eliminator.secrets.allow
    scanner = Scanner(SecretsConfig(find=["key"], allow=allow))
    for where, text in _texts(config.model_dump(mode="json")):
        if text not in allow and (found := scanner.scan(text)):
            raise ConfigError(
                f"{where}: holds what looks like a key ({found[0]}; not shown), and settings are kept and shown: put "
                "it into an environment variable, or name it in eliminator.secrets.allow if it is none"
            )


def _texts(value: Any, where: str = "") -> Iterator[tuple[str, str]]:  # noqa: ANN401  (whatever a setting holds)
    """(dotted key, text) of every text in it."""
    if isinstance(value, dict | list):
        for name, each in value.items() if isinstance(value, dict) else enumerate(value):
            yield from _texts(each, f"{where}.{name}".lstrip("."))
    elif isinstance(value, str):
        yield where, value
