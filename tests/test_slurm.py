"""The Slurm script, with stand-ins for Slurm's own commands: a run is brought home in time, requeued, and goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path, PurePosixPath

import pytest

from evolve.config import load
from evolve.manifests import Order, slurm

BIN = Path(sys.executable).parent
COMMANDS = {
    "scontrol": '[ "$1" = show ] && echo here || echo "$@" >> "$REQUEUED"',
    "hostname": "echo 127.0.0.1",
}
"""Slurm's own, as far as a job of one machine needs it, and this machine's name on loopback."""


def start(script: Path, folder: Path) -> subprocess.Popen[str]:
    """The script as Slurm starts it, with a key that only the run may see."""
    for name, text in COMMANDS.items():
        (folder / name).write_text(f"#!/bin/sh\n{text}\n")
        (folder / name).chmod(0o755)
    (folder / "keys").write_text("OPENAI_API_KEY=sk-canary-2c9f4411\n")
    slurm_sets = {"SLURM_JOB_ID": str(os.getpid()), "SLURM_JOB_NODELIST": "here", "SLURM_JOB_NUM_NODES": "1"}
    ours = {
        "PATH": f"{folder}:{BIN}:{os.environ['PATH']}",
        "REQUEUED": str(folder / "requeued"),
        "EVOLVE_KEYS": str(folder / "keys"),
        "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
        "TMPDIR": "/tmp",  # Ray's sockets have short paths
    }
    command = ["bash", str(script)]
    env = {**os.environ, **slurm_sets, **ours}
    return subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


@pytest.mark.ray
@pytest.mark.heavy
def test_a_job_whose_time_is_over_is_requeued_and_goes_on(tmp_path: Path) -> None:
    keep = tmp_path / "keep" / "run"
    options = ("--dry-run", "--no-exec")
    order = Order(load(None, ["limit=25", "rounds=2"]), PurePosixPath(keep), options, (), "evolve submit")
    script = tmp_path / "slurm.sh"
    script.write_text(slurm(order))
    with start(script, tmp_path) as job:
        assert job.stdout is not None
        assert any("the first calls are out" in line for line in job.stdout)
        job.send_signal(signal.SIGUSR1)
        printed = job.stdout.read()
    assert job.returncode == 3, printed
    assert (tmp_path / "requeued").read_text() == f"requeue {os.getpid()}\n"
    assert (keep / "ledger.db").is_file()
    assert not (keep / "data").exists()
    with start(script, tmp_path) as again:
        assert again.stdout is not None
        printed = again.stdout.read()
    assert again.returncode == 0, printed
    assert list((keep / "data").glob("train-*.parquet"))
    assert (tmp_path / "requeued").read_text().count("\n") == 1
    assert not Path(f"/tmp/evolve-{os.getpid()}").exists()
    assert not [path for path in keep.rglob("*") if path.is_file() and b"sk-canary" in path.read_bytes()]
