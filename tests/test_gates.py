"""Rules of the project that a machine can watch: who may import what, where heavy packages live, sizes, names."""

from __future__ import annotations

import ast
import importlib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "evolve"
MODULES = sorted(PACKAGE.rglob("*.py"))
HOST = [path for path in MODULES if path.parent.name != "guest"]
"""What runs in the sandbox has an environment and modules of its own."""
ROOMS = sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))

FLOORS = (
    {"errors", "records", "text", "markdown"},
    {"config"},
    {"folder", "identity", "commits", "plugins"},
    {"seeds", "pairs", "ledger", "pool", "goal", "tasks"},
    {"teacher", "offline", "sandbox"},
    {"embedding", "money"},
    {"checks"},
    {"method"},
    {"contamination", "secrets", "verifier"},
    {"eliminator", "derive"},
    {"calls", "cluster", "parcel"},
    {"manifests"},
    {"order", "decontamination", "earlier", "draft", "proving", "deriving", "tallies"},
    {"pipeline", "elimination", "proxies"},
    {"plan"},
    {"dataset", "report", "metrics"},
    {"hub"},
    {"publishing", "estimate", "exporting", "stopping", "web"},
    {"run", "verdicts", "rethreshold", "preflight", "release", "auditing"},
    {"probe"},
    {"cli"},
    {"__main__"},
)
"""Bottom first. A module imports from its own room and from lower floors."""

HOMES = {
    "ray": "cluster",
    "openai": "teacher",
    "genai_prices": "money",
    "httpx2": "teacher",
    "aiohttp": "offline",
    "sentence_transformers": "embedding",
    "torch": "embedding",
    "transformers": "embedding",
    "tree_sitter": "checks",
    "datasets": "seeds",
    "huggingface_hub": "hub",
    "sqlite3": "ledger",
    "jinja2": "exporting",
    "tokenizers": "auditing",
    "vllm": "teacher",
    "wasmtime": "sandbox",
    "detect_secrets": "secrets",
    "typer": "cli",
    "prometheus_client": "metrics",
    "starlette": "web",
    "uvicorn": "web",
}
"""Package -> the one room that imports it."""


def room(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def floor(name: str) -> int:
    return next(number for number, rooms in enumerate(FLOORS) if name in rooms)


def imports(path: Path) -> Iterator[str]:
    """Full names of all modules that a file imports, wherever in it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{a.name}" if node.module == "evolve" else node.module for a in node.names)


def name(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for p in MODULES if p != PACKAGE / "__init__.py"], ids=name)
def test_imports_run_downwards(path: Path) -> None:
    here = room(path)
    rooms = {full.split(".")[1] for full in imports(path) if full.startswith("evolve.")} - {here, "__version__"}
    assert [other for other in rooms if floor(other) >= floor(here)] == []


@pytest.mark.parametrize("package", HOMES)
def test_a_heavy_package_has_one_home(package: str) -> None:
    users = {room(path) for path in HOST if any(full.split(".")[0] == package for full in imports(path))}
    assert users == {HOMES[package]}


def test_the_environment_is_read_in_one_place() -> None:
    readers = {room(p) for p in HOST if re.search(r"os\.environ|getenv", p.read_text(encoding="utf-8"))}
    assert readers == {"config"}


@pytest.mark.parametrize("module", ["evolve", "evolve.cli"])
def test_importing_is_light(module: str) -> None:
    heavy = {"ray", "openai", "datasets", "sentence_transformers", "torch", "pyarrow", "numpy", "aiohttp"} | {
        "genai_prices",
        "huggingface_hub",
    }
    program = f"import sys, {module}; print(sorted(set(sys.modules) & {heavy!r}))"
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=True)
    assert ended.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").strip()


def test_the_map_of_the_checks_names_every_module() -> None:
    folder = PACKAGE / "checks"
    map_ = ast.get_docstring(ast.parse((folder / "__init__.py").read_text(encoding="utf-8"))) or ""
    named = {word for line in map_.splitlines() if line.startswith("    ") for word in line.split()}
    assert {path.stem for path in folder.glob("*.py")} - {"__init__"} - named == set()


@pytest.mark.parametrize("path", MODULES, ids=name)
def test_files_stay_readable(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    functions = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    assert text.count("\n") <= 360
    assert [f.name for f in functions if (f.end_lineno or f.lineno) - f.lineno > 62] == []


@pytest.mark.parametrize("package", ROOMS)
def test_public_names_are_there(package: str) -> None:
    module = importlib.import_module(f"evolve.{package}")
    public = module.__all__
    assert [n for n in public if not hasattr(module, n)] == []
    assert len(set(public)) == len(public)


def test_constraints_pin_every_version() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert [pin for pin in pins if not re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.]+", pin)] == []
    assert "torch==2.13.0" in pins
