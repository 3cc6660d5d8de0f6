"""Operators: the named ways of evolving an instruction, as data.

An operator is a prompt template and a weight. A set of them comes from an entry point of the group
`evolve.operators` (a function without arguments that returns operators), so that another package can bring its own;
a folder of `NAME.txt` files in the config joins whatever set was chosen. Invariant: a template's placeholders are
known and complete before a run starts. The draw depends on the generator that it is given and on nothing else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import EntryPoint
from importlib.resources import files
from pathlib import Path
from random import Random
from string import Template
from typing import Literal

from evolve import plugins
from evolve.checks.tongues import TONGUES
from evolve.config import MethodConfig
from evolve.errors import ConfigError
from evolve.records import SEED_OPERATOR, digest

GROUP = "evolve.operators"
Family = Literal["depth", "breadth", "crossover", "tongue"]
IN_BREADTH: tuple[Family, ...] = ("breadth", "crossover")
"""Families whose children may leave their parent's topic; the bundled operators are named after theirs."""
_HOLES: Mapping[Family, frozenset[str]] = {
    "depth": frozenset({"instruction"}),
    "breadth": frozenset({"instruction"}),
    "crossover": frozenset({"first", "second"}),
    "tongue": frozenset({"instruction", "language"}),
}
"""The placeholders of a family's templates."""
TRANSLATE = "translate"
"""The bundled template of the family "tongue"; an operator of it is named `translate_spanish`."""


@dataclass(frozen=True, slots=True)
class Operator:
    """One in-depth or in-breadth way of evolving, or one natural language to put an instruction into."""

    name: str
    template: str
    """`string.Template` text with $instruction, with $first and $second for a crossover, with $instruction and
    $language for a natural language; `$$` is a dollar."""
    weight: float = 1.0
    """Relative to the others of its family; 0 is never drawn."""
    family: Family = "depth"
    language: str | None = None
    """Of the family "tongue": the natural language, by its English name, that its child is in."""

    def __post_init__(self) -> None:
        check_template(self.name, self.template, _HOLES[self.family])
        if (self.language in TONGUES) != (self.family == "tongue"):
            raise ConfigError(f"{self.name}: {self.language} is no natural language that a text can be told to be in")

    def prompt(self, **texts: str) -> str:
        named = texts if self.language is None else texts | {"language": self.language}
        return Template(self.template).substitute(named)


class Operators:
    """A set to draw from."""

    def __init__(
        self,
        operators: Iterable[Operator],
        breadth_quota: float = 0.0,
        crossover_share: float = 0.0,
        language_share: float = 0.0,
    ) -> None:
        self._all = {operator.name: operator for operator in operators}
        self._quota = breadth_quota
        self._share = crossover_share
        self._language_share = language_share

    def __iter__(self) -> Iterator[Operator]:
        return iter(self._all.values())

    def __getitem__(self, name: str) -> Operator:
        return self._all[name]

    @property
    def contents(self) -> dict[str, str]:
        """What the run's identity holds of the templates: name -> digest of text and weight."""
        own = ((o, (o.language,) if o.language else ()) for o in self._all.values())
        return {f"operator.{o.name}": digest(o.template, str(o.weight), o.family, *spoken) for o, spoken in own}

    @property
    def languages(self) -> frozenset[str]:
        """The natural languages that there are operators for."""
        return frozenset(o.language for o in self._all.values() if o.language is not None)

    def draw(
        self, rng: Random, round_: int, avoid: str | None = None, languages: Collection[str] = frozenset()
    ) -> Operator:
        """An operator for a lineage in `round_`; not the one to avoid, if there is another.

        In breadth, crossover and other languages come in from round 2 on, under their quotas: round 1 makes the most
        of the seeds. `languages`: those that this lineage may be put into.
        """
        tongues = [o for o in self._all.values() if o.language in languages and o.weight > 0 and o.name != avoid]
        if tongues and round_ > 1 and rng.random() < self._language_share:
            return rng.choices(tongues, weights=[o.weight for o in tongues])[0]
        wanted: Family = "depth"
        if round_ > 1 and rng.random() < self._quota:
            wanted = "crossover" if rng.random() < self._share else "breadth"
        drawable = [o for o in self._all.values() if o.weight > 0 and o.family != "tongue"]
        families = ([o for o in drawable if o.family == name] for name in (wanted, "depth", "breadth"))
        family = next((members for members in families if members), drawable)
        others = [o for o in family if o.name != avoid] or family
        return rng.choices(others, weights=[o.weight for o in others])[0]


def wizardcoder() -> tuple[Operator, ...]:
    """WizardCoder's five heuristics (section 3.1, the fifth rarely), with breadth and crossover as a family apart."""
    depth = ("add_constraint", "rarer_requirement", "deepen_reasoning", "misleading_code")
    return (*map(_bundled, depth), _bundled("higher_complexity", weight=0.3), *_in_breadth())


def wizardlm() -> tuple[Operator, ...]:
    """WizardLM's five in-depth operators (section 3.2) and its in-breadth one, with crossover beside it."""
    depth = ("add_constraint", "deepen", "concretize", "deepen_reasoning", "complicate_input")
    return (*map(_bundled, depth), *_in_breadth())


def load_operators(config: MethodConfig) -> Operators:
    """The set that the config names, with its folder and weights. Raises ConfigError."""
    known = plugins.find(GROUP, "operator set", str)
    if config.operators not in known:
        names = ", ".join(known)
        raise ConfigError(f"method.operators: no operator set is named {config.operators!r}; there are: {names}")
    operators = _from_package(known[config.operators])
    for operator in _in_each(TRANSLATE, _text(TRANSLATE), _languages(config)):
        operators.setdefault(operator.name, operator)
    if config.folder is not None:
        for operator in _from_folder(Path(config.folder), _languages(config)):
            known_one = operators.get(operator.name, operator)
            same_kind = _HOLES[known_one.family] == _HOLES[operator.family]
            replaced = replace(known_one, template=operator.template) if same_kind else operator
            operators[operator.name] = replaced
    for name, weight in config.weights.items():
        if name not in operators:
            raise ConfigError(f"method.weights.{name}: unknown operator; there are: {', '.join(operators)}")
        if not 0 <= weight < float("inf"):
            raise ConfigError(f"method.weights.{name}: a weight is 0 or more, not {weight}")
        operators[name] = replace(operators[name], weight=weight)
    if not any(o.weight > 0 and o.family in {"depth", "breadth"} for o in operators.values()):
        raise ConfigError("method.weights: every operator has weight 0; leave at least one above 0")
    return Operators(operators.values(), config.breadth_quota, config.crossover_share, config.language_share)


def check_template(source: str, text: str, wanted: frozenset[str]) -> None:
    """Raise ConfigError unless `text` holds exactly the placeholders `wanted`."""
    template = Template(text)
    if not template.is_valid():
        raise ConfigError(f"{source}: a $ that begins no placeholder; write $$ for a dollar sign")
    found = frozenset(template.get_identifiers())
    expected = " and ".join(f"${name}" for name in sorted(wanted))
    for name in sorted(found - wanted):
        raise ConfigError(f"{source}: unknown placeholder ${name}; expected {expected} ($$ for a dollar sign)")
    for name in sorted(wanted - found):
        raise ConfigError(f"{source}: the placeholder ${name} is missing; expected {expected}")


def _bundled(name: str, weight: float = 1.0, family: Family = "depth") -> Operator:
    return Operator(name, _text(name), weight, family)


def _text(name: str) -> str:
    return (files("evolve.method") / "prompts" / f"{name}.txt").read_text(encoding="utf-8")


def _in_breadth() -> Sequence[Operator]:
    return (_bundled("breadth", family="breadth"), _bundled("crossover", family="crossover"))


def _languages(config: MethodConfig) -> Sequence[str]:
    """What the config names, each as it is called here. Raises ConfigError."""
    known = {name.lower(): name for name in TONGUES}
    for name in config.languages:
        if name.lower() not in known:
            raise ConfigError(
                f"method.languages: no text can be told to be in {name!r}; there are: {', '.join(sorted(TONGUES))}"
            )
    return tuple(dict.fromkeys(known[name.lower()] for name in config.languages))


def _in_each(name: str, template: str, languages: Iterable[str]) -> Iterator[Operator]:
    """One operator for each language; of a name that ends in one, that one."""
    for language in languages:
        if name.endswith(f"_{language.lower()}"):
            yield Operator(name, template, family="tongue", language=language)
            return
    for language in languages:
        yield Operator(f"{name}_{language.lower()}", template, family="tongue", language=language)


def _from_package(point: EntryPoint) -> dict[str, Operator]:
    try:
        return {operator.name: operator for operator in point.load()()}
    except ConfigError:
        raise
    except Exception as error:  # it is somebody else's code
        raise ConfigError(
            f"method.operators: {point.name}: {point.value} cannot be loaded: {type(error).__name__}: {error}"
        ) from None


def _from_folder(folder: Path, languages: Sequence[str]) -> Iterable[Operator]:
    """One in-depth operator for each `NAME.txt`; $first with $second makes it a crossover, $language one for each of
    the languages, named `NAME_spanish`.

    A template named like one of the set takes its place, and keeps its weight and family.
    """
    try:
        paths = sorted(folder.glob("*.txt"))
        texts = {path: path.read_text(encoding="utf-8") for path in paths}
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"method.folder: {folder}: {error}") from None
    if not texts:
        raise ConfigError(f"method.folder: {folder}: no .txt template there")
    for path, text in texts.items():
        if path.stem == SEED_OPERATOR:
            raise ConfigError(f"{path}: no operator can be named {SEED_OPERATOR!r}; rename the file")
        holes = set(Template(text).get_identifiers())
        family: Family = "tongue" if "language" in holes else "crossover" if holes & {"first", "second"} else "depth"
        check_template(str(path), text, _HOLES[family])
        if family != "tongue":
            yield Operator(path.stem, text, family=family)
        elif languages:
            yield from _in_each(path.stem, text, languages)
        else:
            raise ConfigError(f"{path}: $language stands for one of method.languages, which names none")
