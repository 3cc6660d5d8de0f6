"""A Slurm script: Ray over the job's machines, the run on the first of them, requeued when its time is over.

The text is in slurm.sh, with gaps such as @NAME@. A batch system's shared folders are file systems of the network, so
the run works on the machine's own disk, and the script brings what it has to the folder that outlives the job.
"""

from __future__ import annotations

import re
from importlib.resources import files
from shlex import quote

from evolve.config import dump
from evolve.errors import ConfigError
from evolve.manifests.sizes import Order
from evolve.text import plain

END = "END_OF_CONFIG"


def slurm(order: Order) -> str:
    """The script. Raises ConfigError where the config cannot stand in one."""
    config = dump(order.config, short=True)
    if END in config:
        raise ConfigError(f"{END}: cannot stand in a config that becomes part of a script")
    gaps = {
        "COMMAND": " ".join(plain(order.command).split()),
        "CONFIG": config.rstrip("\n"),
        "CPUS": str(order.cpus),
        "FOLDER": str(order.folder),
        "GIB": str(order.gib + 4),  # any of the machines may be the head
        "KEYS": ", ".join(order.keys) or "none",
        "NAME": order.name,
        "GPUS": f"#SBATCH --gpus-per-node={order.gpus}\n" if order.gpus else "",
        "NODES": str(max(order.workers, order.gpu_workers)),
        "OPTIONS": "".join(f" {quote(option)}" for option in order.options),
    }
    text = files("evolve.manifests").joinpath("slurm.sh").read_text(encoding="utf-8")
    return re.sub(r"@([A-Z]+)@", lambda gap: gaps[gap[1]], text)
