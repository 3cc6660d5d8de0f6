"""Manifests for KubeRay and the Slurm script: what is committed is what is rendered, and what KubeRay would take."""

from __future__ import annotations

import base64
import copy
import shlex
import shutil
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema
import pytest
import yaml

from evolve.config import load
from evolve.errors import ConfigError
from evolve.manifests import RENDERERS, Order
from evolve.teacher import key_variables
from tests.conftest import evolve

ROOT = Path(__file__).resolve().parent.parent
DEPLOY = ROOT / "deploy"
SCHEMA = yaml.safe_load((ROOT / "tests" / "data" / "kuberay.yaml").read_text(encoding="utf-8"))
MODELS = ["teacher.evolver.model=m", "teacher.responder.model=m", "teacher.base_url=https://x.example/v1"]
BIG = 2**20
Manifest = dict[str, Any]


def order(
    *settings: str, out: str = "/outputs/first", options: tuple[str, ...] = (), image: str | None = "x/y:1"
) -> Order:
    config = load(None, [*MODELS, *settings])
    return Order(config, PurePosixPath(out), options, ("MY_KEY",), "evolve submit", image)


def manifests(kind: str, wanted: Order) -> dict[str, Manifest]:
    """By their kinds."""
    return {document["kind"]: document for document in yaml.safe_load_all(RENDERERS[kind](wanted))}


def cluster(found: dict[str, Manifest]) -> Manifest:
    spec: Manifest = found["RayJob"]["spec"]["rayClusterSpec"] if "RayJob" in found else found["RayCluster"]["spec"]
    return spec


def faults(manifest: Manifest) -> list[str]:
    schema = {"$ref": f"#/$defs/{manifest['kind']}", "$defs": SCHEMA["$defs"]}
    return [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(manifest)]


@pytest.mark.parametrize("name", ["rayjob.yaml", "raycluster.yaml", "slurm.sh"])
def test_what_is_committed_is_what_its_first_lines_render(tmp_path: Path, name: str) -> None:
    committed = (DEPLOY / name).read_text(encoding="utf-8")
    command = next(line for line in committed.splitlines() if "Rendered by: " in line).partition("Rendered by: ")[2]
    (tmp_path / "deploy").mkdir()
    for inputs in ("evolve.yaml", "seeds.jsonl"):
        shutil.copy(DEPLOY / inputs, tmp_path / "deploy" / inputs)
    ended = evolve(*shlex.split(command)[1:], cwd=tmp_path)
    assert ended.returncode == 0, ended.stderr
    assert (tmp_path / "deploy" / name).read_text(encoding="utf-8") == committed


@pytest.mark.parametrize("kind", ["rayjob", "raycluster"])
@pytest.mark.parametrize(
    "settings", [[], ["eliminator.embedder=a/b", "cluster.verifiers=33", "teacher.in_flight=2048"]]
)
def test_kuberay_takes_what_is_rendered(kind: str, settings: list[str]) -> None:
    for manifest in manifests(kind, order(*settings)).values():
        assert faults(manifest) == []


def spoil(path: str, value: object) -> Callable[[Manifest], None]:
    def change(manifest: Manifest) -> None:
        *parts, last = path.split(".")
        place: Any = manifest
        for part in parts:
            place = place[int(part)] if part.isdigit() else place[part]
        place[last] = value

    return change


SPOILT = {
    "an unknown field": spoil("spec.retries", 3),
    "one of a pod": spoil("spec.rayClusterSpec.headGroupSpec.template.spec.containers.0.enf", []),
    "a number as text": spoil("spec.backoffLimit", "3"),
    "a number where text is asked for": spoil("spec.rayClusterSpec.headGroupSpec.rayStartParams.num-cpus", 0),
    "an unknown mode": spoil("spec.submissionMode", "Job"),
    "a name with a dot": spoil("metadata.name", "first.run"),
    "another restart policy": spoil("spec.submitterPodTemplate.spec.restartPolicy", "Always"),
    "a time to live without an end": spoil("spec.shutdownAfterJobFinishes", False),
}


@pytest.mark.parametrize("change", SPOILT.values(), ids=SPOILT.keys())
def test_kuberay_would_not_take_anything(change: Callable[[Manifest], None]) -> None:
    manifest = copy.deepcopy(manifests("rayjob", order())["RayJob"])
    change(manifest)
    assert len(faults(manifest)) == 1


@pytest.mark.parametrize("kind", ["rayjob", "raycluster"])
def test_the_head_alone_has_the_keys_and_the_disk(kind: str) -> None:
    spec = cluster(manifests(kind, order()))
    head, worker = spec["headGroupSpec"]["template"]["spec"], spec["workerGroupSpecs"][0]["template"]["spec"]
    keys = {variable["name"]: variable.get("valueFrom") for variable in head["containers"][0]["env"]}
    assert keys["MY_KEY"] == {"secretKeyRef": {"name": "evolve-keys", "key": "MY_KEY"}}
    assert {"name": "runs", "mountPath": "/outputs"} in head["containers"][0]["volumeMounts"]
    assert "env" not in worker["containers"][0]
    assert all("persistentVolumeClaim" not in volume for volume in worker.get("volumes", []))
    assert worker["automountServiceAccountToken"] is False
    assert spec["headGroupSpec"]["rayStartParams"]["num-cpus"] == "0"


@pytest.mark.parametrize(
    ("settings", "keys"),
    [
        ([], ("OPENAI_API_KEY",)),
        (["teacher.base_url=http://127.0.0.1:1/v1"], ()),
        (["teacher.judge.model=j", "teacher.judge.api_key_env=JUDGE_KEY"], ("OPENAI_API_KEY", "JUDGE_KEY")),
        (
            ["teacher.base_url=", 'teacher.endpoints=[{api_key_env: A}, {base_url: "http://b/v1", api_key_env: B}]'],
            ("A", "B"),
        ),
    ],
    ids=["OpenAI", "loopback", "two roles", "two endpoints"],
)
def test_the_keys_are_those_of_every_endpoint(settings: list[str], keys: tuple[str, ...]) -> None:
    assert key_variables(load(None, [*MODELS, *settings])) == keys


ENGINE = ["teacher.base_url=", "teacher.engine={model: m, tensor_parallel: 2, replicas: 3}"]


@pytest.mark.parametrize("kind", ["rayjob", "raycluster"])
def test_engines_get_workers_with_their_gpus(kind: str) -> None:
    found = manifests(kind, order(*ENGINE))
    workers, engines = cluster(found)["workerGroupSpecs"]
    assert faults(found["RayJob" if kind == "rayjob" else "RayCluster"]) == []
    asked = engines["template"]["spec"]["containers"][0]["resources"]
    assert (asked["limits"]["nvidia.com/gpu"], asked["requests"]["nvidia.com/gpu"]) == ("2", "2")
    assert engines["maxReplicas"] == 3
    assert "nvidia.com/gpu" not in workers["template"]["spec"]["containers"][0]["resources"]["limits"]


def test_a_batch_system_is_asked_for_the_engines_gpus() -> None:
    lines = RENDERERS["slurm"](order(*ENGINE)).splitlines()
    assert {"#SBATCH --gpus-per-node=2", "#SBATCH --nodes=3"} <= set(lines)


@pytest.mark.parametrize("kind", RENDERERS)
def test_nobody_asks_for_gpus_that_no_engine_needs(kind: str) -> None:
    for settings in ((), ("teacher.base_url=", "teacher.engine={model: m, gpus: 0}")):
        text = RENDERERS[kind](order(*settings))
        assert "nvidia.com/gpu" not in text
        assert "--gpus-per-node" not in text


def test_the_disk_is_of_one_machine_at_a_time() -> None:
    assert manifests("rayjob", order())["PersistentVolumeClaim"]["spec"]["accessModes"] == ["ReadWriteOnce"]


@pytest.mark.parametrize(
    ("settings", "workers", "cpus"),
    [
        ([], 1, 3),
        (["cluster.eliminators=2", "cluster.verifiers=4", "teacher.in_flight=512"], 2, 4),
        (["cluster.verifiers=40"], 11, 4),
    ],
    ids=["small", "two teachers", "large"],
)
def test_workers_are_as_many_as_the_config_needs(settings: list[str], workers: int, cpus: int) -> None:
    (group,) = cluster(manifests("rayjob", order(*settings)))["workerGroupSpecs"]
    (container,) = group["template"]["spec"]["containers"]
    assert (group["replicas"], group["maxReplicas"]) == (workers, workers)
    assert container["resources"]["requests"]["cpu"] == str(cpus)
    assert workers * cpus >= sum(int(s.rpartition("=")[2]) for s in settings if "cluster" in s)


def mounted(found: dict[str, Manifest], target: Path) -> Path:
    """The ConfigMap as the kubelet would lay it out."""
    (volume,) = (v for v in cluster(found)["headGroupSpec"]["template"]["spec"]["volumes"] if v["name"] == "inputs")
    contents = {key: text.encode() for key, text in found["ConfigMap"]["data"].items()}
    contents |= {key: base64.b64decode(text) for key, text in found["ConfigMap"].get("binaryData", {}).items()}
    for item in volume["configMap"]["items"]:
        (target / item["path"]).parent.mkdir(parents=True, exist_ok=True)
        (target / item["path"]).write_bytes(contents[item["key"]])
    return target


def test_config_and_seeds_arrive_byte_for_byte(tmp_path: Path) -> None:
    seeds, packed = tmp_path / "seeds.jsonl", tmp_path / "bench.jsonl.gz"
    seeds.write_text('{"instruction": "tab\\t, \u2028, 🙂"}  \n\n{"instruction": "# x: y"}', encoding="utf-8")
    packed.write_bytes(b"\x1f\x8b\x00\xff")
    found = manifests("rayjob", order(f"seeds={seeds}", f"eliminator.benchmarks=[{packed}]", "rounds=2"))
    there = mounted(found, tmp_path / "there")
    config = load(there / "config.yaml")
    assert (config.seeds, config.rounds) == ("/etc/evolve/seeds/seeds.jsonl", 2)
    assert (there / "seeds/seeds.jsonl").read_bytes() == seeds.read_bytes()
    assert (there / "benchmarks/1/bench.jsonl.gz").read_bytes() == packed.read_bytes()


def test_large_seeds_are_expected_on_the_disk(tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.jsonl"
    seeds.write_text(" " * BIG)
    text = RENDERERS["rayjob"](order(f"seeds={seeds}"))
    (inputs,) = (d for d in yaml.safe_load_all(text) if d["kind"] == "ConfigMap")
    assert yaml.safe_load(inputs["data"]["config.yaml"])["seeds"] == "/outputs/inputs/seeds.jsonl"
    assert "# Before that, put there: /outputs/inputs/seeds.jsonl" in text
    assert len(text) < BIG


def benchmark(folder: Path) -> Order:
    (folder / "b.jsonl").write_text(" " * BIG)
    return order(f"eliminator.benchmarks=[{folder / 'b.jsonl'}]")


def earlier_run(folder: Path) -> Order:
    (folder / "ledger.db").touch()
    return order(f"eliminator.against=[{folder}]")


REFUSED: dict[str, tuple[str, Callable[[Path], Order], str]] = {
    "benchmarks that do not fit": ("rayjob", benchmark, "1.0 MB beside the seeds.*into the image"),
    "an earlier run": ("rayjob", earlier_run, "by its path on the volume"),
    "no image": ("rayjob", lambda _: order(image=None), "--image: name an image"),
    "no room for a volume": ("rayjob", lambda _: order(out="/first"), "--out /first: give a folder in a volume"),
    "a folder that needs quotes": ("slurm", lambda _: order(out="/a b/first"), "letters, digits"),
    "a volume over the system": ("raycluster", lambda _: order(out="/etc/first"), "would hide /etc"),
    "an option that needs quotes": ("rayjob", lambda _: order(options=("--set=a=[1, 2]",)), "cannot stand in a RayJob"),
}


@pytest.mark.parametrize(("kind", "wanted", "message"), REFUSED.values(), ids=REFUSED.keys())
def test_what_would_not_run_is_not_rendered(
    tmp_path: Path, kind: str, wanted: Callable[[Path], Order], message: str
) -> None:
    with pytest.raises(ConfigError, match=message):
        RENDERERS[kind](wanted(tmp_path))


@pytest.mark.parametrize(
    ("out", "name"), [("/o/My_Run.2", "my-run-2"), ("/o/7b", "run-7b"), (f"/o/{'x' * 99}", "x" * 40)]
)
def test_names_are_as_kubernetes_wants_them(out: str, name: str) -> None:
    assert manifests("rayjob", order(out=out))["RayJob"]["metadata"]["name"] == name
