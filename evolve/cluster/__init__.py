"""Where the stages run: in this process, in several of this machine, or as Ray actors on it or a cluster.

One seam, `Stages`; the pipeline does not know which it has. Nothing outside this room imports ray, and here it comes
late, because it takes its time.
"""

from __future__ import annotations

from collections.abc import Callable

from evolve.cluster.batches import Batcher
from evolve.cluster.inline import InlineStages
from evolve.cluster.processes import ProcessStages, cores
from evolve.cluster.seam import CALLS_PER_TEACHER, Stages, Work
from evolve.config import ClusterConfig, keep_ray_at_home

__all__ = ["CALLS_PER_TEACHER", "Batcher", "InlineStages", "ProcessStages", "Stages", "Work", "cores", "make_stages"]


def make_stages(config: ClusterConfig, work: Work, say: Callable[[str], None] = lambda what: None) -> Stages:
    """The stages that the config asks for, not yet started. `say` is told what a person should know of workers."""
    if config.executor == "inline":
        return InlineStages(work)
    if config.executor == "processes":
        return ProcessStages(work, config.eliminators)
    if config.address == "local":
        keep_ray_at_home()
    from evolve.cluster.stages import RayStages

    return RayStages(config, work, say)
