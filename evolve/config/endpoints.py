"""The models: where each is served, with which settings, and how hard it may be asked."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from evolve.config.base import Section

VariableName = Annotated[str, Field(pattern="^[A-Za-z_][A-Za-z0-9_]*$")]
"""So that a key given in place of its variable's name is refused, and never written to a run's folder."""
Url = Annotated[str, Field(pattern="^https?://[^@/?#]+(/[^@?#]*)?$")]
"""Without a password in it: keys come from the environment, and a URL is shown."""


Family = Literal[
    "openai",
    "azure",
    "vllm",
    "sglang",
    "llamacpp",
    "ollama",
    "openrouter",
    "together",
    "deepseek",
    "transformers",
    "generic",
]
TokenLimit = Literal["max_tokens", "max_completion_tokens"]
ReplyFormat = Literal["json_schema", "json_object_schema", "json_object", "none"]
"""How a reply can be kept to a schema: as such, by a schema beside `json_object`, as any JSON, not at all."""
SystemRole = Literal["system", "developer", "user"]


class CapabilitiesConfig(Section):
    """What an endpoint takes, where that is known better than its profile says. None: as that says, or is found out."""

    token_limit: TokenLimit | None = None
    temperature: bool | None = None
    top_p: bool | None = None
    response_format: ReplyFormat | None = None
    system: SystemRole | None = None


class EngineConfig(Section):
    """A model that runs in processes of the cluster itself, on its GPUs (extra `vllm`)."""

    model: str
    """Folder or Hub name of its weights."""
    tensor_parallel: int = Field(default=1, ge=1)
    """GPUs of one node that share a copy of the weights."""
    replicas: int = Field(default=1, ge=1)
    """Copies, each an actor with GPUs of its own."""
    gpus: float | None = Field(default=None, ge=0)
    """Of each replica. None: `tensor_parallel`; 0 for an engine that needs none."""
    arguments: dict[str, Any] = Field(default_factory=dict)
    """More arguments of vLLM's engine, such as max_model_len or gpu_memory_utilization."""
    template: dict[str, Any] = Field(default_factory=dict)
    """Variables of the chat template, such as enable_thinking."""

    @property
    def gpus_each(self) -> float:
        return self.tensor_parallel if self.gpus is None else self.gpus


class EndpointConfig(Section):
    """One of several places where a role's model is served, with its own key and limits."""

    base_url: Url | None = None
    """The OpenAI-compatible root. None: OpenAI."""
    api_key_env: VariableName | None = None
    """Name of the variable with its key. An endpoint on loopback needs none."""
    weight: float = Field(default=1.0, gt=0)
    """Its share of the calls in flight, beside those of the others."""
    in_flight: int | None = Field(default=None, ge=1, le=4096)
    """Calls in flight there at most; below that it is found out."""
    rpm: int | None = Field(default=None, ge=1)
    """Requests a minute that it allows; None: as it says itself, or as is found out."""
    input_tpm: int | None = Field(default=None, ge=1)
    """Prompt tokens a minute."""
    output_tpm: int | None = Field(default=None, ge=1)
    """Completion tokens a minute."""
    models: dict[str, str] = Field(default_factory=dict)
    """Name of a role's model -> what this endpoint calls it."""
    profile: Family | None = None
    """What kind of server it is. None: as its address and its list of models say."""
    capabilities: CapabilitiesConfig | None = None
    engine: EngineConfig | None = None
    """Instead of an address: the model runs in the cluster."""


class RoleConfig(Section):
    """One role's model; what is None is taken from `teacher`."""

    model: str | None = None
    """Name as the endpoint knows it. None: the evolver and responder are required, the judge is then not asked."""
    base_url: Url | None = None
    api_key_env: VariableName | None = None
    endpoints: list[EndpointConfig] = Field(default_factory=list)
    """Several places where it is served, instead of `base_url`."""
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


class BatchConfig(Section):
    """Calls in batches: files of requests, worked off within 24 hours at a lower price."""

    on: bool = False
    """Whether calls are gathered and sent so, each to the first endpoint of its role."""
    price: float = Field(default=0.5, ge=0, le=1)
    """What a call then costs, as a share of its price (OpenAI's Batch API: half)."""
    requests: int = Field(default=50_000, ge=1, le=50_000)
    """Requests in one file at most (OpenAI: 50,000). An account that may not have so many waiting needs fewer."""
    gather_s: float = Field(default=10.0, gt=0)
    """What was gathered is sent when for so long nothing was added: then everything else waits for replies."""
    poll_s: float = Field(default=15.0, gt=0)
    """First pause before it is asked how far a batch is; pauses grow to twenty times as much."""


class TeacherConfig(Section):
    """The endpoint, and how hard it may be asked."""

    base_url: Url | None = None
    """The OpenAI-compatible root, such as http://127.0.0.1:8000/v1. None: the client's default, OpenAI."""
    api_key_env: VariableName = "OPENAI_API_KEY"
    """Name of the environment variable that holds the key. A loopback endpoint needs none."""
    endpoints: list[EndpointConfig] = Field(default_factory=list)
    """Several endpoints, each with its key and limits, instead of `base_url`."""
    profile: Family | None = None
    """What kind of server is at `base_url`. None: as its address and its list of models say."""
    capabilities: CapabilitiesConfig | None = None
    engine: EngineConfig | None = None
    """Instead of an address: the model of all roles without one of their own runs in the cluster."""
    in_flight: int = Field(default=256, ge=1, le=4096)
    """Calls in flight at most, for the whole run; how many an endpoint bears below that is found out."""
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
    batch: BatchConfig = BatchConfig()
    evolver: RoleConfig = RoleConfig()
    responder: RoleConfig = RoleConfig()
    judge: JudgeConfig = JudgeConfig()
    tester: TesterConfig = TesterConfig()
    """Writes tests without seeing an answer. Without a model for it no answer is verified."""
