"""Reading the config and writing it out again; a complaint names file and line or option, the key, and what to do."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, chain
from pathlib import Path
from typing import Any, Self, get_args

import yaml
from pydantic import BaseModel, ValidationError

from evolve.config.sections import Config
from evolve.errors import ConfigError
from evolve.text import plain

_TABLES = frozenset({"weights", "prices"})
"""Sections whose keys are the user's own."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One `a.b=c`, and the option of the command line by which it was given."""

    text: str
    option: str = "--set"

    @property
    def key(self) -> str:
        return self.text.partition("=")[0].strip()


def load(path: str | Path | None = None, settings: Sequence[str | Setting] = ()) -> Config:
    """The config in the YAML file at `path` (None: all defaults), with each `a.b=c` of `settings` laid over it.

    Raises ConfigError, which names the file and its line, or the option, the key and the fix.
    """
    given = [setting if isinstance(setting, Setting) else Setting(setting) for setting in settings]
    file = _File.read(Path(path)) if path is not None else _File()
    for setting in given:
        _apply(file.tree, setting.text)
    try:
        return Config.model_validate(file.tree)
    except ValidationError as error:
        raise ConfigError("\n".join(_explain(file, given, error))) from None


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


@dataclass(frozen=True, slots=True)
class _File:
    """A config file: its keys, and where they stand."""

    name: str = "--set"
    tree: dict[str, Any] = field(default_factory=dict)
    node: yaml.Node | None = None

    @classmethod
    def read(cls, path: Path) -> Self:
        try:
            loader = _Loader(path.read_text(encoding="utf-8"))
            node = loader.get_single_node()
            tree = None if node is None else loader.construct_document(node)
        except OSError as error:
            why = error.strerror or error
            raise ConfigError(f"{path}: {why}; give the path of a YAML file with --config") from None
        except UnicodeDecodeError:
            raise ConfigError(f"{path}: not UTF-8 text; save the config as UTF-8") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            where = f":{mark.line + 1}:{mark.column + 1}" if mark else ""
            raise ConfigError(f"{path}{where}: not valid YAML: {getattr(error, 'problem', error)}") from None
        except (ValueError, RecursionError) as error:  # a date or number that cannot be, nesting without end
            raise ConfigError(f"{path}: not valid YAML: {error}") from None
        if not isinstance(tree, dict | None):
            raise ConfigError(f"{path}: a table of keys is expected, not a {type(tree).__name__}")
        return cls(str(path), tree or {}, node)

    def place(self, parts: Sequence[str | int]) -> str:
        """The file, and the line of the key, or of the last that leads to it."""
        node, line = self.node, None
        for part in parts:
            if isinstance(node, yaml.MappingNode):
                found = [(key, value) for key, value in node.value if key.value == str(part)]
            elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
                found = [(each, each) for each in node.value[part : part + 1]]
            else:
                break
            if not found:
                break
            begin, node = found[-1]
            line = begin.start_mark.line + 1
        return self.name if line is None else f"{self.name}:{line}"


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


def _explain(file: _File, given: Sequence[Setting], error: ValidationError) -> Iterator[str]:
    for problem in error.errors(include_url=False, include_context=False):
        key = plain(".".join(str(part) for part in problem["loc"]))
        option = next((s.option for s in reversed(given) if f"{key}.".startswith(f"{s.key}.")), None)
        named = option not in {None, "--set"}
        where = f"{option}" if named else f"{option or file.place(problem['loc'])}: {key}"
        if problem["type"] == "extra_forbidden":
            yield f"{where}: no such key; {_suggest(key, problem['loc'])}"
        elif "api_key" in key:
            yield f"{where}: give the name of the environment variable that holds the key (given: not shown)"
        elif "base_url" in key:
            yield f"{where}: give a URL such as http://127.0.0.1:8000/v1, with no key in it (not shown)"
        else:
            said = problem["msg"][0].lower() + problem["msg"][1:]
            yield f"{where}: {said} (given: {_shown(problem['input'])})"


def _shown(value: object) -> str:
    """A value of another type than is expected; not the whole of a table, in which a key may stand."""
    return f"a {type(value).__name__}" if isinstance(value, dict | list) else f"{value!r:.80}"


def _suggest(key: str, parts: Sequence[str | int]) -> str:
    *above, last = map(str, parts)
    section = _section(parts[:-1])
    if section is not None and (near := difflib.get_close_matches(last, section.model_fields, n=1, cutoff=0.6)):
        return f"did you mean {plain('.'.join([*above, *near]))}?"
    paths = (accumulate(name.split("."), "{}.{}".format) for name, _ in flatten(Config().model_dump()))
    known = list(dict.fromkeys(chain.from_iterable(paths)))  # sections and keys
    near = difflib.get_close_matches(key, [k for k in known if not key.startswith(f"{k}.")], n=1, cutoff=0.6)
    if near and section in {None, Config}:  # the key may belong elsewhere
        return f"did you mean {near[0]}?"
    beside = [".".join([*above, name]) for name in (section or Config).model_fields]
    return f"known there: {', '.join(beside)}"


def _section(parts: Sequence[str | int]) -> type[BaseModel] | None:
    """The section that is at that place of a config; None where there is none."""
    section: type[BaseModel] = Config
    for part in parts:
        field_ = section.model_fields.get(str(part))
        if field_ is None:  # a place in a list, or a name of the user's own
            continue
        inside = _inside(field_.annotation)
        if inside is None:
            return None
        section = inside
    return section


def _inside(kind: Any) -> type[BaseModel] | None:  # noqa: ANN401  (an annotation)
    """The section in a type such as `list[Section] | None`."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next(filter(None, map(_inside, get_args(kind))), None)
