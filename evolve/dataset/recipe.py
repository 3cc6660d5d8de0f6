"""How a dataset was made, as its card tells it: models, settings, seeds, terms.

Invariant: nothing in it says where, when, at which address or with whose key; of the settings those alone that change
what is made, and of these the ones that are not as by default.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from evolve.config import Config, PublishConfig, flatten
from evolve.identity import identity
from evolve.text import shorten

_CREDENTIAL = re.compile(r"\b(?:sk-|hf_|gh[pousr]_|gsk_|xox[abprs]-|AKIA|AIza|glpat-)[-_A-Za-z0-9]{12,}")
"""How keys of the usual providers begin; none belongs into a setting, and none is shown. That a model is named
`skywork` or `hfl` is no reason not to name it."""
REDACTED = "(redacted)"
LONGEST = 120
"""Characters of a setting that are shown; YAML gives a longer key a line of its own."""


@dataclass(frozen=True, slots=True)
class Recipe:
    models: Mapping[str, str]
    """Role -> name."""
    rounds: int
    seeds: str
    """Name of the file or dataset; not where it lay."""
    seeds_digest: str
    settings: Mapping[str, Any]
    """Nested, as in a config file."""
    publish: PublishConfig
    benchmarks: tuple[str, ...] = ()
    """Names of the files with items of the user's own."""
    decontaminated: bool = True
    """Whether benchmarks were looked for at all."""
    answers: bool = True
    """Whether in answers too, and not in instructions alone."""
    rephrased: bool = False
    """Whether a judge looked for the items of `benchmarks` in other words."""


def make_recipe(config: Config, kept: Mapping[str, str]) -> Recipe:
    """`kept`: the run's identity, as its ledger has it."""
    benchmarks = tuple(_name(path) for path in config.eliminator.benchmarks)
    skip = config.eliminator.skip
    return Recipe(
        models={role: _text(config.role(role).model or "") for role in config.roles},
        rounds=config.rounds,
        seeds=_name(config.seeds) if config.seeds else "those that come with evolve",
        seeds_digest=kept.get("seeds", ""),
        settings=_settings(config),
        benchmarks=benchmarks,
        decontaminated="contaminated" not in skip,
        answers="contaminated_answer" not in skip,
        rephrased=bool(benchmarks) and "judge" in config.roles and not {"judge", "contaminated"} & set(skip),
        publish=config.publish,
    )


def _settings(config: Config) -> dict[str, Any]:
    """The settings that make the data, where they differ from the defaults."""
    default, chosen = identity(Config(), {}), dict(flatten(config.model_dump(mode="json")))
    tree: dict[str, Any] = {}
    for key, value in identity(config, {}).items():
        if value != default.get(key):
            *sections, last = key.split(".")
            below = tree
            for section in sections:
                below = below.setdefault(section, {})
            below[last] = _shown(chosen[key])
    return tree


def _shown(value: Any) -> Any:  # noqa: ANN401  (whatever a setting holds)
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return [_shown(each) for each in value]
    if isinstance(value, dict):
        return {_shown(key): _shown(each) for key, each in value.items()}
    return value


def _text(value: str) -> str:
    return REDACTED if _CREDENTIAL.search(value) else shorten(_name(value), LONGEST)


def _name(source: str) -> str:
    """A path of one machine says nothing to others but its last part; a name on the Hub stays whole."""
    return PurePath(source).name if source.startswith(("/", "~", ".")) or "\\" in source else source
