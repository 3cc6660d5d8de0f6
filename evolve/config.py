"""The config: one YAML file plus `--set a.b=c`, strictly read.

Invariant: every key is known, typed and in range before anything is started or written. Environment variables are
read here and nowhere else. A key's value never appears in an error, a file or a log: only the variable's name does.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate, chain
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from evolve.errors import ConfigError
from evolve.records import Role
from evolve.text import plain


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


VariableName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]
"""So that a key given in place of its variable's name is refused, and never written to a run's folder."""
Url = Annotated[str, Field(pattern="^https?://[^@/?#]+(/[^@?#]*)?$")]
"""Without a password in it: keys come from the environment, and a URL is shown."""


class RoleConfig(Section):
    """One role's model; what is None is taken from `teacher`."""

    model: str | None = None
    """Name as the endpoint knows it. None: the evolver and responder are required, the judge is then not asked."""
    base_url: Url | None = None
    api_key_env: VariableName | None = None
    temperature: float | None = Field(default=1.0, ge=0, le=2)
    """1 to evolve and answer, 0 to judge (WizardLM, section 4.1)."""
    top_p: float | None = Field(default=0.9, gt=0, le=1)
    max_tokens: int | None = Field(default=2048, ge=1)
    """WizardLM's limit; a reply that hits it is a failure, never data."""


class JudgeConfig(RoleConfig):
    temperature: float | None = Field(default=0.0, ge=0, le=2)
    top_p: float | None = Field(default=1.0, gt=0, le=1)
    max_tokens: int | None = Field(default=512, ge=1)


class TesterConfig(RoleConfig):
    temperature: float | None = Field(default=0.5, ge=0, le=2)
    """Low enough for care, above 0 so that a second set of tests is another one."""
    top_p: float | None = Field(default=1.0, gt=0, le=1)


class TeacherConfig(Section):
    """The endpoint, and how hard it may be asked."""

    base_url: Url | None = None
    """The OpenAI-compatible root, such as http://127.0.0.1:8000/v1. None: the client's default, OpenAI."""
    api_key_env: VariableName = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key. A loopback endpoint needs none."""
    in_flight: int = Field(default=64, ge=1, le=4096)
    """Calls in flight at most, for the whole run."""
    timeout_s: float = Field(default=600.0, gt=0)
    """A call that takes longer is asked again."""
    deadline_factor: float = Field(default=6.0, gt=1)
    """A call that takes this many times the running median is asked again (simulated: 6 costs 2 % of throughput)."""
    deadline_floor_s: float = Field(default=30.0, gt=0)
    """The deadline is never shorter: a median of milliseconds says nothing about a busy moment."""
    max_attempts: int = Field(default=8, ge=1, le=100)
    """Times one call is asked before its item fails: at 12 % faults, 8 leave 4 lost in a hundred million."""
    max_reply_bytes: int = Field(default=8 * 2**20, ge=1024)
    """A longer body is cut off and counts as garbage, as does a compressed one."""
    patience_s: float = Field(default=300.0, gt=0)
    """An endpoint that answers nothing for so long stops the run, which can be resumed."""
    evolver: RoleConfig = RoleConfig()
    responder: RoleConfig = RoleConfig()
    judge: JudgeConfig = JudgeConfig()
    tester: TesterConfig = TesterConfig()
    """Writes tests without seeing an answer. Without a model for it no answer is verified."""


class MethodConfig(Section):
    """How instructions are evolved."""

    operators: str = "wizardcoder"
    """Name of an operator set: wizardcoder (five heuristics), wizardlm (five in-depth), or an installed one."""
    folder: str | None = None
    """A folder of `NAME.txt` templates that join the set; each is strict about its placeholders."""
    weights: dict[str, Annotated[float, Field(ge=0)]] = Field(default_factory=dict)
    """Operator -> weight in the draw, over the set's own; 0 switches an operator off."""
    breadth_quota: float = Field(default=0.1, ge=0, le=1)
    """Share of attempts, from round 2 on, given to breadth and crossover."""
    crossover_share: float = Field(default=0.5, ge=0, le=1)
    """Of those, the share that fuses two parents."""
    languages: list[str] = Field(default_factory=list)
    """Natural languages, by their English names, that instructions may be put into; code and tests stay."""
    language_share: float = Field(default=0.15, ge=0, le=1)
    """Share of attempts, from round 2 on, given to that, at most once a lineage: after 3 rounds a fifth is."""


class EliminatorConfig(Section):
    """What is thrown out. Ratios are 0-1."""

    skip: list[str] = Field(default_factory=list)
    """Names of checks that are not run."""
    questions: list[str] = Field(default_factory=lambda: ["no_gain", "unsolvable", "off_topic", "wrong_code"])
    """What the judge is asked, by the reason that a "yes" gives; in the order of the reasons, up to a rejection."""
    votes: int = Field(default=1, ge=1, le=9)
    """Times each question is put, the order of the texts swapped in between; odd, or there are ties."""
    undecided: Literal["keep", "reject"] = "keep"
    """What becomes of a candidate that the judge, or a check that failed, could not decide on; counted either way."""
    embedder: str = "builtin"
    """`builtin` (no download, knows spelling and not meaning), or a sentence-transformers model by name or folder; of
    the duplicates in 274 labelled pairs the first finds 0.53, all-MiniLM-L6-v2 0.63 (benchmarks/duplicates.py)."""
    duplicate_within: float | None = Field(default=None, ge=0, le=1)
    """Cosine from which a child can repeat an ancestor or sibling; None: see eliminator/duplicates."""
    duplicate_across: float | None = Field(default=None, ge=0, le=1)
    """Cosine from which a child can repeat another lineage; None: see eliminator/duplicates."""
    duplicate_delta_within: float | None = Field(default=None, ge=-1, le=1)
    """Cosine of their differing words from which a child asks for the same as one of its lineage; None: likewise."""
    duplicate_delta_across: float | None = Field(default=None, ge=-1, le=1)
    """The same towards other lineages; None: likewise."""
    against: list[str] = Field(default_factory=list)
    """Folders of earlier runs or datasets, whose instructions no candidate may repeat."""
    precision: Literal["auto", "float32"] = "auto"
    """`auto` is bfloat16 where the CPU has it, vectors within a cosine of 0.9999; float32 is the same on every CPU."""
    no_gain_ratio: float = Field(default=0.9, ge=0, le=1)
    """rapidfuzz `ratio` to the parent from which a child without new words is no gain."""
    no_gain_words: int = Field(default=0, ge=0)
    """New distinct content words up to which a child that is that close is no gain (see checks/gain)."""
    too_long_words: int = Field(default=120, ge=60)
    """Words of prose from which an instruction can be bloated: of 1,863 recorded children 7 % are as long."""
    too_long_times: float = Field(default=4.0, ge=1)
    """Times the parent's words of prose from which it can be: the recorded median is 2.2, 90 % stay below 6.6."""
    too_long_padding: float = Field(default=0.35, ge=0, le=1)
    """Share of words in sentences of mere advice or repetition from which it is (see checks/gain)."""
    too_long_chain_words: int = Field(default=1000, ge=60)
    """Words of prose over the seed's from which it is too long in any case: the recorded maximum of a step is 364."""
    benchmarks: list[str] = Field(default_factory=list)
    """Files with items that must not get into the data, beside HumanEval and MBPP (see contamination/benchmarks)."""


class VerifierConfig(Section):
    """Whether an answer is right: tests that were written without it are run against it in the sandbox."""

    execute: bool = True
    """False: nothing is run, no tests are asked for, and every row says that it is unverified."""
    tier: Literal["auto", "wasm", "bubblewrap", "landlock"] = "auto"
    """What holds the code while it runs; `auto` takes the first that passes its probe, for each answer."""
    candidates: int = Field(default=1, ge=1, le=64)
    """Answers asked for; one that passes and does what most do is taken; the share that passes tells how hard it is."""
    repairs: int = Field(default=2, ge=0, le=5)
    """Times an answer that fails is given back with what the test said (Self-Debugging: most of the gain is in two)."""
    mutation: float = Field(default=0.7, ge=0, le=1)
    """Share of slightly broken versions of a passing answer that its tests must fail (see benchmarks/mutants.py)."""
    mutants: int = Field(default=10, ge=0, le=200)
    """Broken versions tried at most; 0 tries none."""
    seconds: float = Field(default=10.0, gt=0, le=600)
    """Of one trial: an answer and all its tests."""
    memory_mib: int = Field(default=256, ge=64)
    """Of one trial."""


DerivedKind = Literal["bug_fix", "infill", "tests"]


class DeriveConfig(Section):
    """Further tasks that verified Python answers give for nothing: each is run, no model is asked."""

    kinds: list[DerivedKind] = ["bug_fix", "infill", "tests"]
    """What may be made: the repair of a fault put into the answer, a gap in it, its tests. [] makes nothing."""
    per_answer: int = Field(default=1, ge=1, le=3)
    """Tasks of each answer at most, each of another kind."""
    fim: Literal["starcoder2", "qwen", "deepseek", "codellama"] = "qwen"
    """Whose tokens the fill-in-the-middle strings have (see derive/fim)."""


class ClusterConfig(Section):
    """Where it runs; never part of what comes out."""

    executor: Literal["ray", "inline", "processes"] = "ray"
    """`inline` is this process alone; `processes` spreads the eliminator over this machine's cores, without Ray."""
    address: str = "local"
    """`local` starts Ray on this machine; `auto` or an address joins a running cluster."""
    teachers: int = Field(default=1, ge=1)
    """Actors that hold connections; one carries 256 calls."""
    eliminators: int = Field(default=1, ge=1)
    """Actors that run text checks and embed; with `processes`, if it is not given, one a core and at most eight."""
    verifiers: int = Field(default=1, ge=1)
    """Actors that run answers in the sandbox."""
    index_rows: int = Field(default=1_000_000, ge=1)
    """Instructions that one actor of the duplicate search holds (0.77 GB at 384 dimensions); then another is made."""


class Config(Section):
    """A run, whole."""

    seeds: str | None = None
    """File, folder or Hub dataset id; None: the seeds that come with the package."""
    limit: int | None = Field(default=None, ge=1)
    """Take this many seeds at most."""
    rounds: int = Field(default=3, ge=1, le=20)
    """WizardCoder: 3 are best, the 4th hurts."""
    seed: int = 0
    """The run seed: every draw starts from it."""
    teacher: TeacherConfig = TeacherConfig()
    method: MethodConfig = MethodConfig()
    eliminator: EliminatorConfig = EliminatorConfig()
    verifier: VerifierConfig = VerifierConfig()
    derive: DeriveConfig = DeriveConfig()
    cluster: ClusterConfig = ClusterConfig()

    def role(self, role: Role) -> RoleConfig:
        """The role's settings with the teacher's filled in; a key only if it goes to the teacher's own endpoint."""
        own: RoleConfig = getattr(self.teacher, role)
        elsewhere = own.base_url is not None and own.base_url != self.teacher.base_url
        return own.model_copy(
            update={
                "base_url": own.base_url or self.teacher.base_url,
                "api_key_env": own.api_key_env or (None if elsewhere else self.teacher.api_key_env),
            }
        )

    @property
    def roles(self) -> tuple[Role, ...]:
        """The roles that have a model."""
        every: tuple[Role, ...] = ("evolver", "responder", "judge", "tester")
        return tuple(role for role in every if self.role(role).model)


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


def dump(config: Config) -> str:
    """The config as YAML that `load` reads back to an equal one."""
    # escaped, not allow_unicode: pyyaml folds a bare U+0085 into a space
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False)


def flatten(tree: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """(dotted key, value) pairs; a free table such as `weights` counts as one value."""
    for key, value in tree.items():
        if isinstance(value, Mapping) and key != "weights":
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def api_key(config: Config, role: Role) -> str | None:
    """The role's key from the environment, or None."""
    name = config.role(role).api_key_env
    return (os.environ.get(name) or None) if name else None


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


def _read(path: Path) -> dict[str, Any]:
    try:
        tree = yaml.safe_load(path.read_text(encoding="utf-8"))
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
            yield f"{origin}: {key}: {problem['msg'][0].lower()}{problem['msg'][1:]} (given: {problem['input']!r:.80})"


def _suggest(key: str) -> str:
    paths = (accumulate(name.split("."), "{}.{}".format) for name, _ in flatten(Config().model_dump()))
    known = list(dict.fromkeys(chain.from_iterable(paths)))  # sections and keys
    near = difflib.get_close_matches(key, [k for k in known if not key.startswith(f"{k}.")], n=1, cutoff=0.6)
    if near:
        return f"did you mean {near[0]}?"
    prefix = key.rpartition(".")[0]
    beside = [k for k in known if k.rpartition(".")[0] == prefix]
    return f"known there: {', '.join(beside)}" if beside else f"known sections: {', '.join(Config.model_fields)}"
