"""Where the stages run: in this process, in several of this machine, or as Ray actors on it or a cluster.

One seam, `Stages`; the pipeline does not know which it has. `stages` imports ray, and `jobs`, which submits whole runs
to a cluster's job server and is imported by who needs it; no other module does.
"""

from __future__ import annotations

from evolve.cluster.batches import Batcher
from evolve.cluster.inline import InlineStages
from evolve.cluster.processes import ProcessStages, cores
from evolve.cluster.seam import Stages, Work
from evolve.config import ClusterConfig

__all__ = ["Batcher", "InlineStages", "ProcessStages", "Stages", "Work", "cores", "make_stages"]


def make_stages(config: ClusterConfig, work: Work) -> Stages:
    """The stages that the config asks for, not yet started."""
    if config.executor == "inline":
        return InlineStages(work)
    if config.executor == "processes":
        return ProcessStages(work, config.eliminators if "eliminators" in config.model_fields_set else None)
    from evolve.cluster.stages import RayStages

    return RayStages(config, work)
