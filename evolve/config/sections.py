"""The sections of the config beside those about models, and the whole of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from evolve.config.base import Section
from evolve.config.endpoints import RoleConfig, TeacherConfig
from evolve.config.money import BudgetConfig, PriceConfig, TargetConfig
from evolve.config.publish import PublishConfig
from evolve.records import Role


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


class SecretsConfig(Section):
    """What becomes of keys, passwords and personal data in seeds and replies."""

    policy: Literal["redact", "reject"] = "redact"
    """`redact` puts something harmless of the same kind in its place before anything is made of the text: a task does
    not depend on which key it shows, so nothing is lost. `reject` sets the seed aside, or rejects the candidate."""
    find: list[Literal["key", "email", "phone", "card"]] = Field(default=["key", "email"])
    """What is looked for. Numbers of phones and cards are not, unless named: in code they are mostly made up."""
    allow: list[str] = Field(default_factory=list)
    """Values that are no secret wherever they stand; `*` and `?` as in names of files."""


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
    secrets: SecretsConfig = SecretsConfig()
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

    kinds: list[DerivedKind] = Field(default=["bug_fix", "infill", "tests"])
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
    teachers: int | None = Field(default=None, ge=1)
    """Actors that hold connections, at least; one carries 256 calls. None: one on this machine, two on a cluster, of
    which one goes on while the other's node is lost."""
    eliminators: int | None = Field(default=None, ge=1)
    """Actors that run text checks and embed, a CPU each; None: as many as there is room for beside three times as many
    verifiers, also when nodes join later. With `processes` one a core, and at most eight."""
    verifiers: int | None = Field(default=None, ge=1)
    """Actors that run answers in the sandbox, a CPU each; None: likewise. A number is asked for, room or not, so that a
    cluster that adds nodes by itself adds them."""
    start_s: float = Field(default=180.0, gt=0)
    """Longest wait for the workers to be up; where a cluster has to add a machine first, minutes are needed."""
    metrics_port: int | None = Field(default=None, ge=0, le=65535)
    """Where the run's figures can be read as http://HOST:PORT/metrics while it goes on; None: nowhere."""
    metrics_host: str = "127.0.0.1"
    """The address that this page listens on; 0.0.0.0 for a Prometheus elsewhere, who needs no key then."""
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
    prices: dict[str, PriceConfig] = Field(default_factory=dict)
    """Model, by its name in the config or at the endpoint -> what its tokens cost."""
    budget: BudgetConfig = BudgetConfig()
    target: TargetConfig = TargetConfig()
    publish: PublishConfig = PublishConfig()

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
