"""The config: one YAML file plus `--set a.b=c`, strictly read.

Invariant: every key is known, typed and in range before anything is started or written. Environment variables are
read in `environment` and nowhere else. A key's value never appears in an error, a file or a log: only the variable's
name does. `endpoints` holds the sections about models, `money` those about what they cost, `publish` the rights,
`sections` all others; `loading` reads them.
"""

from evolve.config.endpoints import (
    BatchConfig,
    CapabilitiesConfig,
    EndpointConfig,
    EngineConfig,
    Family,
    JudgeConfig,
    ReplyFormat,
    RoleConfig,
    SystemRole,
    TeacherConfig,
    TesterConfig,
    TokenLimit,
)
from evolve.config.environment import (
    MIN_SECRET,
    api_key,
    cache_folder,
    corpus_folder,
    forget_ray_address,
    keep_ray_at_home,
    prepare_environment,
    secrets,
    stay_offline,
    without_secrets,
)
from evolve.config.loading import Setting, dump, flatten, load
from evolve.config.money import BudgetConfig, PriceConfig, StopWhenConfig, TargetConfig
from evolve.config.publish import LICENSES, PublishConfig
from evolve.config.sections import (
    ClusterConfig,
    Config,
    DeriveConfig,
    DerivedKind,
    EliminatorConfig,
    MethodConfig,
    SecretsConfig,
    VerifierConfig,
)

__all__ = [
    "LICENSES",
    "MIN_SECRET",
    "BatchConfig",
    "BudgetConfig",
    "CapabilitiesConfig",
    "ClusterConfig",
    "Config",
    "DeriveConfig",
    "DerivedKind",
    "EliminatorConfig",
    "EndpointConfig",
    "EngineConfig",
    "Family",
    "JudgeConfig",
    "MethodConfig",
    "PriceConfig",
    "PublishConfig",
    "ReplyFormat",
    "RoleConfig",
    "SecretsConfig",
    "Setting",
    "StopWhenConfig",
    "SystemRole",
    "TargetConfig",
    "TeacherConfig",
    "TesterConfig",
    "TokenLimit",
    "VerifierConfig",
    "api_key",
    "cache_folder",
    "corpus_folder",
    "dump",
    "flatten",
    "forget_ray_address",
    "keep_ray_at_home",
    "load",
    "prepare_environment",
    "secrets",
    "stay_offline",
    "without_secrets",
]
