"""The bench's WebAssembly component: built once for each version into a folder, then only read.

componentize-py joins CPython, its standard library and the bench into one component and runs the imports ahead of
time; wasmtime compiles that to machine code. Both together take some tens of seconds and happen once; what lies in the
folder afterwards is loaded in 20 ms and its pages are shared by all processes that map it. The file's name carries
the versions of both tools and a hash of the bench, so nothing stale is ever loaded. Nothing is run here but our own
bench.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import subprocess
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

from wasmtime import Config, Engine
from wasmtime.component import Component

from evolve.errors import FolderError

GUEST = Path(__file__).parent / "guest"
BENCH = ("bench.py", "equality.py", "suite.py")
"""What the bench is made of, in every tier."""
LOG = logging.getLogger(__name__)
BUILDING_S = 900
"""Seconds after which a build is given up; one takes about 15 s on an idle machine."""


def engine() -> Engine:
    """The one way in which components are compiled and run: epochs end what runs too long."""
    config = Config()
    config.wasm_component_model = True
    config.epoch_interruption = True
    return Engine(config)


def compiled(folder: Path) -> Path:
    """The machine code of the component in `folder`, built there if it is missing; processes wait for each other.

    Raises FolderError where the folder cannot be written or the build fails.
    """
    target = folder / f"bench-{_key()}.cwasm"
    if target.exists():
        return target
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with (folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not target.exists():
                _build(target)
    except OSError as error:
        raise FolderError(f"{folder}: the sandbox cannot be built there: {error.strerror or error}") from None
    return target


def _key() -> str:
    digest = hashlib.sha256()
    for name in (*BENCH, "app.py", "bench.wit"):
        digest.update((GUEST / name).read_bytes())
    return f"{version('componentize-py')}-{version('wasmtime')}-{digest.hexdigest()[:12]}"


def _build(target: Path) -> None:
    LOG.warning("building the sandbox for Python, once for this version: about half a minute")
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        component = Path(folder) / "bench.wasm"
        program = "import sys; from componentize_py import script; sys.exit(script())"
        options = ["--wit-path", str(GUEST), "--world", "bench", "componentize", "app"]
        command = [sys.executable, "-c", program, *options, "--python-path", str(GUEST), "--output", str(component)]
        ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=BUILDING_S, check=False)
        if ended.returncode:
            said = (ended.stderr or ended.stdout).strip().splitlines()
            raise FolderError(f"the sandbox for Python could not be built: {said[-1] if said else 'no reason given'}")
        part = Path(folder) / "bench.cwasm"
        part.write_bytes(Component.from_file(engine(), component).serialize())
        part.replace(target)
    LOG.warning("the sandbox is ready: %s", target)
