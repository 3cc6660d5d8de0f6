"""What starts a run on a cluster, as text for a file: KubeRay's RayJob and RayCluster, and a Slurm script.

    sizes                what the config asks of machines
    kubernetes           the two manifests, with their volume, config and seeds
    slurm  slurm.sh      the script, and its text with gaps

Invariant: rendering reads the files that the config names and writes nothing; the same config gives the same text. No
key is in it, only the names of the variables. Nothing is submitted here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from evolve.manifests.kubernetes import raycluster, rayjob
from evolve.manifests.sizes import Order
from evolve.manifests.slurm import slurm

__all__ = ["RENDERERS", "Order", "raycluster", "rayjob", "slurm"]

RENDERERS: Mapping[str, Callable[[Order], str]] = {"rayjob": rayjob, "raycluster": raycluster, "slurm": slurm}
"""Kind -> what renders it."""
