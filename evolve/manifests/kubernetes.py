"""KubeRay's manifests: a RayJob that brings its cluster and goes with it, and a RayCluster to submit runs to.

The driver of a run is the entrypoint of a Ray job, and that runs on the head, whoever submits it; so the head alone has
the volume with the run's folder, the keys, and no CPU for workers. The volume is ReadWriteOnce, a disk and no file
system of the network: two heads of different machines cannot both have it, and on one machine the lock in the run's
folder lets one in. So a retry of the job on a new cluster (`backoffLimit`) resumes the run and never doubles it.
Workers, on which answers are run, get neither keys nor a token of the Kubernetes API.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from pathlib import Path
from shlex import quote
from typing import Any

import yaml

from evolve.errors import ConfigError
from evolve.manifests.sizes import ENGINE_CPUS, ENGINE_GIB, HEAD_CPUS, HEAD_GIB, Order
from evolve.parcel import CONFIG, Parcel, make_parcel
from evolve.text import plain

Manifest = dict[str, Any]

INPUTS = "/etc/evolve/"
"""Where config, seeds and templates are mounted; workers read benchmark files there too."""
KEYS = "evolve-keys"
"""The secret with the variables that hold keys."""
MAX_BYTES = 900_000
"""A ConfigMap holds 1 MiB, names and all."""
GPU = "nvidia.com/gpu"
"""How a pod asks for one; KubeRay tells Ray of as many, and its autoscaler."""
STORAGE = "20Gi"
"""A ledger takes about 20 kB an attempt of a dry run: room for some 500,000 with embeddings and tables."""
RETRIES = 3
LINGER_S = 600
"""How long the pods of a finished job stay, for a look at them."""
IDLE_S = 300
STOP_S = 30
"""What a job that is stopped gets to let its calls come home; Ray gives 3 s by default."""
USER, GROUP = 1000, 100
"""Of the images rayproject/ray."""
# fmt: off
_RESERVED = frozenset({
    "/bin", "/dev", "/etc", "/home", "/home/ray", "/lib", "/opt", "/proc", "/root", "/sbin", "/sys", "/tmp", "/usr",
    "/var",
})
# fmt: on
"""What no volume may hide."""


def rayjob(order: Order) -> str:
    """The volume, the inputs and the RayJob. Raises ConfigError where they do not fit."""
    parcel, missing = _fitting(order)
    command = ["evolve", "run", "--config", INPUTS + CONFIG, "--out", str(order.folder), "--address", "auto"]
    command += order.options
    if unsafe := [word for word in command if quote(word) != word]:  # two shells read it on its way
        raise ConfigError(f"{plain(unsafe[0])}: cannot stand in a RayJob's command; write it into the config")
    job = {
        "apiVersion": "ray.io/v1",
        "kind": "RayJob",
        "metadata": {"name": order.name},
        "spec": {
            "entrypoint": " ".join(command),
            "submissionMode": "K8sJobMode",
            "backoffLimit": RETRIES,
            "shutdownAfterJobFinishes": True,
            "ttlSecondsAfterFinished": LINGER_S,
            "submitterPodTemplate": _submitter(order),
            "rayClusterSpec": _cluster(order, order.workers, parcel),
        },
    }
    notes = [
        f"kubectl apply -f FILE, then kubectl logs -f job/{order.name}",
        f"A job that failed or was lost is tried again on a new cluster, {RETRIES} times at most, and goes on.",
        *(f"Before that, put there: {where}" for where in missing),
    ]
    return _text(order, notes, [_claim(order), _inputs(order, parcel), job])


def raycluster(order: Order) -> str:
    """The volume and a RayCluster that stays, with workers while there is work."""
    _check_volume(order)
    cluster = {
        "apiVersion": "ray.io/v1",
        "kind": "RayCluster",
        "metadata": {"name": order.name},
        "spec": _cluster(order, 0, None),
    }
    notes = [
        f"kubectl apply -f FILE, then kubectl port-forward svc/{order.name}-head-svc 8265",
        f"export RAY_AUTH_MODE=token RAY_AUTH_TOKEN=$(kubectl get secret {order.name} "
        "-o jsonpath={.data.auth_token} | base64 -d)",
        f"evolve submit --address http://127.0.0.1:8265 --out {order.folder} ...",
    ]
    return _text(order, notes, [_claim(order), cluster])


def _fitting(order: Order) -> tuple[Parcel, list[str]]:
    """What goes into the ConfigMap, and what has to be on the volume instead: seeds, where they are too large."""
    _check_volume(order)
    parcel = make_parcel(order.config, INPUTS)
    if any(name.endswith("/ledger.db") for name in parcel.files):  # SQLite writes beside it, even to read it
        raise ConfigError("eliminator.against: name an earlier run by its path on the volume, such as /outputs/earlier")
    if _size(parcel) > MAX_BYTES and order.config.seeds is not None and Path(order.config.seeds).exists():
        there = str(order.folder.parent / "inputs" / Path(order.config.seeds).resolve().name)
        files = {name: path for name, path in parcel.files.items() if not name.startswith("seeds/")}
        parcel = Parcel(parcel.config.model_copy(update={"seeds": there}), files, (there, *parcel.absent))
    if _size(parcel) > MAX_BYTES:
        raise ConfigError(
            f"the files that the config names come to {_size(parcel) / 1e6:.1f} MB beside the seeds, and a ConfigMap "
            "holds 0.9; put them into the image, and name them by their absolute path there"
        )
    return parcel, list(parcel.absent)


def _size(parcel: Parcel) -> int:
    sizes = (path.stat().st_size + len(name) for name, path in parcel.files.items())
    return len(parcel.text.encode()) + sum(sizes)


def _check_volume(order: Order) -> None:
    if str(order.folder.parent) in _RESERVED:
        raise ConfigError(f"--out {order.folder}: the volume would hide {order.folder.parent}; try /outputs/NAME")
    if order.image is None:
        raise ConfigError("--image: name an image that has this version of Ray and evolve in it")


def _claim(order: Order) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": order.name},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": STORAGE}}},
    }


def _inputs(order: Order, parcel: Parcel) -> Manifest:
    texts: dict[str, str] = {CONFIG: parcel.text}
    packed: dict[str, str] = {}
    for name, path in sorted(parcel.files.items()):
        if _key(name) in texts | packed:
            raise ConfigError(f"{plain(str(path))}: a ConfigMap calls it like another of the files; rename it")
        content = b"".join(parcel.content(name))
        try:
            texts[_key(name)] = content.decode()
        except UnicodeDecodeError:
            packed[_key(name)] = b64encode(content).decode()
    binary = {"binaryData": packed} if packed else {}
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": f"{order.name}-inputs"},
        "data": texts,
    } | binary


def _key(name: str) -> str:
    """A file's name as a ConfigMap's key: slashes are not allowed there."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", name.replace("/", "."))


def _cluster(order: Order, replicas: int, parcel: Parcel | None) -> Manifest:
    """replicas: workers at the start; parcel: what is mounted from the ConfigMap, if anything is."""
    volumes = [] if parcel is None else [_inputs_volume(order, parcel)]
    mounts = [] if parcel is None else [{"name": "inputs", "mountPath": INPUTS.rstrip("/"), "readOnly": True}]
    stop = {"name": "RAY_JOB_STOP_WAIT_TIME_S", "value": str(STOP_S)}
    head = _container(order, "ray-head", HEAD_CPUS, HEAD_GIB) | {
        "ports": [{"name": "gcs-server", "containerPort": 6379}, {"name": "dashboard", "containerPort": 8265}],
        "env": [stop, *(_key_variable(name) for name in order.keys)],
        "volumeMounts": [{"name": "runs", "mountPath": str(order.folder.parent)}, *mounts],
    }
    runs = {"name": "runs", "persistentVolumeClaim": {"claimName": order.name}}
    worker = _container(order, "ray-worker", order.cpus, order.gib) | ({"volumeMounts": mounts} if mounts else {})
    alone = {"automountServiceAccountToken": False}
    return {
        "rayVersion": version("ray"),
        "authOptions": {"mode": "token"},
        "enableInTreeAutoscaling": True,
        "autoscalerOptions": {
            "version": "v2",
            "idleTimeoutSeconds": IDLE_S,
            "securityContext": _confined(),
        },
        "headGroupSpec": {
            "rayStartParams": {"dashboard-host": "0.0.0.0", "num-cpus": "0"},
            "template": _pod([head], [runs, *volumes]),
        },
        "workerGroupSpecs": [
            {
                "groupName": "workers",
                "replicas": replicas,
                "minReplicas": min(replicas, 1),
                "maxReplicas": order.workers,
                "rayStartParams": {},
                "template": _pod([worker], volumes, alone),
            },
            *([_engines(order, replicas, volumes, mounts)] if order.engines else []),
        ],
    }


def _engines(order: Order, replicas: int, volumes: list[Manifest], mounts: list[Manifest]) -> Manifest:
    """Workers with GPUs, each for one replica; no CPU for other actors, so that a GPU is not paid for text checks."""
    worker = _container(order, "ray-worker", ENGINE_CPUS, ENGINE_GIB, order.gpus)
    return {
        "groupName": "engines",
        "replicas": order.gpu_workers if replicas else 0,
        "minReplicas": 0,
        "maxReplicas": order.gpu_workers,
        "rayStartParams": {"num-cpus": "0"},
        "template": _pod(
            [worker | ({"volumeMounts": mounts} if mounts else {})], volumes, {"automountServiceAccountToken": False}
        ),
    }


def _submitter(order: Order) -> Manifest:
    """It waits for the job and shows what it prints; the job itself runs on the head."""
    return _pod([_container(order, "ray-job-submitter", 1, 1)], [], {"automountServiceAccountToken": False})


def _pod(containers: list[Manifest], volumes: list[Manifest], more: Mapping[str, Any] | None = None) -> Manifest:
    user = {"runAsNonRoot": True, "runAsUser": USER, "runAsGroup": GROUP, "fsGroup": GROUP}
    spec = {"restartPolicy": "Never", "securityContext": user | {"seccompProfile": {"type": "RuntimeDefault"}}}
    return {"spec": spec | dict(more or {}) | {"containers": containers} | ({"volumes": volumes} if volumes else {})}


def _container(order: Order, name: str, cpus: int, gib: int, gpus: int = 0) -> Manifest:
    size = {"cpu": str(cpus), "memory": f"{gib}Gi"} | ({GPU: str(gpus)} if gpus else {})
    resources = {"requests": size, "limits": dict(size)}
    return {"name": name, "image": order.image, "resources": resources, "securityContext": _confined()}


def _confined() -> Manifest:
    return {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}


def _key_variable(name: str) -> Manifest:
    return {"name": name, "valueFrom": {"secretKeyRef": {"name": KEYS, "key": name}}}


def _inputs_volume(order: Order, parcel: Parcel) -> Manifest:
    items = [{"key": _key(name), "path": name} for name in (CONFIG, *sorted(parcel.files))]
    return {"name": "inputs", "configMap": {"name": f"{order.name}-inputs", "items": items}}


class _Dumper(yaml.SafeDumper):
    """Texts of several lines as they stand, and nothing by reference."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def _string(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _string)


def _text(order: Order, notes: Iterable[str], manifests: Iterable[Manifest]) -> str:
    secret = f"Keys: kubectl create secret generic {KEYS} --from-env-file=FILE, with {', '.join(order.keys)}"
    lines = [
        f"Rendered by: {' '.join(order.command.split())}",
        "Needs KubeRay 1.5.1 or newer, and a storage class of disks: the ledger cannot lie on a network file system.",
        *([secret] if order.keys else []),
        *notes,
    ]
    head = "".join(f"# {plain(line)}\n" for line in lines)
    documents = (yaml.dump(m, Dumper=_Dumper, sort_keys=False, width=10**6, allow_unicode=True) for m in manifests)
    return head + "".join(f"---\n{document}" for document in documents)
