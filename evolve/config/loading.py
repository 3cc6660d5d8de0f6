"""Reading the config and writing it out again; every complaint names file, key and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from evolve.config.sections import Config
from evolve.errors import ConfigError
from evolve.text import plain

_TABLES = frozenset({"weights", "prices"})
"""Sections whose keys are the user's own."""


def load(path: str | Path | None = None, settings: Sequence[str] = ()) -> Config:
    """The config in the YAML file at `path` (None: all defaults), with each `a.b=c` of `settings` laid over it.

    Raises ConfigError, which names file, key and fix.
    """
    source = str(path) if path is not None else "--set"
    tree: dict[str, Any] = _read(Path(path)) if path is not None else {}
    for setting in settings:
        _apply(tree, setting)
    try:
        return Config.model_validate(tree)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(source, settings, error))) from None


def dump(config: Config, *, short: bool = False) -> str:
    """The config as YAML that `load` reads back to an equal one; `short`: without what is as by default."""
    # escaped, not allow_unicode: pyyaml folds a bare U+0085 into a space
    return yaml.safe_dump(config.model_dump(mode="json", exclude_defaults=short), sort_keys=False)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) pairs; a free table such as `weights` counts as one value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and key not in _TABLES:
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


class _Loader(yaml.SafeLoader):
    """A key that stands twice in a table would silently win over the first: it is an error here."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen = set[str]()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"{key.value} stands here twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _read(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror or error}; give the path of a YAML file with --config") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not UTF-8 text; save the config as UTF-8") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
        raise ConfigError(f"{path}{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
    except (ValueError, RecursionError) as error:  # a date or number that cannot be, nesting without end
        raise ConfigError(f"{path}: not valid YAML: {error}") from None
    if tree is None:
        return {}
    if not isinstance(tree, dict):
        raise ConfigError(f"{path}: a table of keys is expected, not a {type(tree).__name__}")
    return tree


def _apply(tree: dict[str, Any], setting: str) -> None:
    key, equals, value = setting.partition("=")
    parts = key.strip().split(".")
    if not equals or not all(parts):
        raise ConfigError(f"--set {plain(key)}: write --set key.subkey=value, such as --set rounds=2")
    try:
        parsed = yaml.safe_load(value) if value else None
    except (yaml.YAMLError, ValueError, RecursionError):
        parsed = value
    for part in parts[:-1]:
        below = tree.setdefault(part, {})
        if not isinstance(below, dict):
            raise ConfigError(f"--set {plain(key)}: {part} holds a value, so it has no keys below it")
        tree = below
    tree[parts[-1]] = parsed


def _explain(source: str, settings: Sequence[str], error: ValidationError) -> Iterator[str]:
    given = [setting.partition("=")[0].strip() for setting in settings]
    for problem in error.errors(include_url=False, include_context=False):
        key = plain(".".join(str(part) for part in problem["loc"]))
        origin = "--set" if any(f"{key}.".startswith(f"{s}.") for s in given) else source
        if problem["type"] == "extra_forbidden":
            yield f"{origin}: {key}: no such key; {_suggest(key)}"
        elif "api_key" in key:
            yield f"{origin}: {key}: give the name of the environment variable that holds the key (given: not shown)"
        elif "base_url" in key:
            yield f"{origin}: {key}: give a URL such as http://127.0.0.1:8000/v1, with no key in it (not shown)"
        else:
            said = problem["msg"][0].lower() + problem["msg"][1:]
            yield f"{origin}: {key}: {said} (given: {_shown(problem['input'])})"


def _shown(value: object) -> str:
    """A value of another type than is expected; not the whole of a table, in which a key may stand."""
    return f"a {type(value).__name__}" if isinstance(value, dict | list) else f"{value!r:.80}"


def _suggest(key: str) -> str:
    paths = (accumulate(name.split("."), "{}.{}".format) for name, _ in flatten(Config().model_dump()))
    known = list(dict.fromkeys(chain.from_iterable(paths)))  # sections and keys
    near = difflib.get_close_matches(key, [k for k in known if not key.startswith(f"{k}.")], n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    prefix = key.rpartition(".")[0]
    beside = [k for k in known if k.rpartition(".")[0] == prefix]
    return f"known there: {', '.join(beside)}" if beside else f"known sections: {', '.join(Config.model_fields)}"
