"""A model in the cluster's own processes: vLLM's names, by a stand-in without weights, behind the seam of an endpoint.

Covered: what the engine is told and what becomes of what it says; every way in which it can fail; placing it, on real
Ray actors. Not covered here: vLLM itself, but for one test that needs it and a GPU.
"""

from __future__ import annotations

import asyncio
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evolve.config import EngineConfig, RoleConfig
from evolve.errors import ConfigError, RefusedError, RetryableError
from evolve.records import Request, Usage
from evolve.teacher import Engine, make_request
from tests.conftest import Ended, evolve

STANDIN = Path(__file__).parent / "standin"
REQUEST = make_request("evolver", RoleConfig(model="m"), "Sort a list.")
REAL = importlib.util.find_spec("vllm") is not None
PATIENCE_S = 20.0


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """The stand-in's engines, as they are made."""
    for name in [name for name in sys.modules if name.split(".")[0] == "vllm"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.syspath_prepend(str(STANDIN))
    engines: list[Any] = importlib.import_module("vllm.v1.engine.async_llm").AsyncLLM.made
    engines.clear()
    yield engines
    for name in [name for name in sys.modules if name.split(".")[0] == "vllm"]:
        del sys.modules[name]


async def seen(made: list[Any], request: Request, **settings: Any) -> tuple[dict[str, Any], Any, str]:  # noqa: ANN401
    """Prompt, sampling parameters and id that the engine was given."""
    await Engine(EngineConfig(model="m", **settings)).complete(request, PATIENCE_S)
    [call] = made[0].seen
    found: tuple[dict[str, Any], Any, str] = call
    return found


# -- what it is told, and what it says -------------------------------------------------------------------------------


async def test_a_reply_is_text_reason_and_counted_tokens(made: list[Any]) -> None:
    reply = (await Engine(EngineConfig(model="weights")).complete(REQUEST, PATIENCE_S)).reply
    assert (reply.text, reply.finish_reason, reply.model) == ("Sort two.", "stop", "m")
    assert (reply.usage, made[0].args.model) == (Usage(7, 2, cached_tokens=4), "weights")


async def test_going_round_in_circles_is_being_cut_off(made: list[Any]) -> None:
    request = make_request("evolver", RoleConfig(model="m"), "It goes round.")
    assert (await Engine(EngineConfig(model="m")).complete(request, PATIENCE_S)).reply.finish_reason == "length"


async def test_the_chat_template_is_applied(made: list[Any]) -> None:
    prompt, _, _ = await seen(made, REQUEST, template={"enable_thinking": False})
    assert (prompt["prompt"], prompt["variables"]["enable_thinking"]) == ("<user>Sort a list.<assistant>", False)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        pytest.param({}, (1.0, 0.9, 20, 2048), id="the-requests"),
        pytest.param({"temperature": None, "top_p": None}, (0.6, 1.0, 20, 2048), id="the-models-where-left-open"),
        pytest.param({"temperature": 0.0, "max_tokens": None}, (0.0, 0.9, 20, None), id="zero-is-a-setting"),
    ],
)
async def test_settings_reach_the_sampler(made: list[Any], changed: dict[str, Any], expected: tuple[Any, ...]) -> None:
    _, sampling, _ = await seen(made, replace(REQUEST, **changed))
    found = (sampling.temperature, sampling.top_p, sampling.top_k, sampling.max_tokens)
    assert (found, sampling.output_kind.name, sampling.structured_outputs) == (expected, "FINAL_ONLY", None)


async def test_a_schema_constrains_the_reply(made: list[Any]) -> None:
    _, sampling, _ = await seen(made, replace(REQUEST, reply_schema='{"type": "object"}'))
    assert sampling.structured_outputs.json == {"type": "object"}


async def test_every_call_has_a_name_of_its_own(made: list[Any]) -> None:
    engine = Engine(EngineConfig(model="m"))
    await asyncio.gather(*(engine.complete(REQUEST, PATIENCE_S) for _ in range(5)))
    assert (len(made), len({name for _, _, name in made[0].seen})) == (1, 5)


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ({}, (1, None, None)),
        ({"tensor_parallel": 2}, (2, "mp", None)),
        ({"tensor_parallel": 2, "arguments": {"distributed_executor_backend": "ray"}}, (2, "ray", None)),
        ({"arguments": {"max_model_len": 8192}}, (1, None, 8192)),
    ],
)
async def test_arguments_reach_the_engine(made: list[Any], settings: dict[str, Any], expected: tuple[Any, ...]) -> None:
    await Engine(EngineConfig(model="m", **settings)).start()
    args = made[0].args
    assert (args.tensor_parallel_size, args.distributed_executor_backend, args.max_model_len) == expected


# -- how it fails ----------------------------------------------------------------------------------------------------


async def test_a_call_that_takes_too_long_is_aborted_in_the_engine(made: list[Any]) -> None:
    request = make_request("evolver", RoleConfig(model="m"), "It hangs.")
    with pytest.raises(RetryableError, match="no whole reply within"):
        await Engine(EngineConfig(model="m")).complete(request, 0.1)
    assert made[0].aborted == [made[0].seen[0][2]]


async def test_what_the_model_cannot_take_is_refused(made: list[Any]) -> None:
    request = make_request("evolver", RoleConfig(model="m"), "This is too long.")
    with pytest.raises(RefusedError, match="9000 tokens") as caught:
        await Engine(EngineConfig(model="m")).complete(request, PATIENCE_S)
    assert caught.value.status == 400


async def test_an_engine_that_died_is_loaded_again(made: list[Any]) -> None:
    engine = Engine(EngineConfig(model="m"))
    with pytest.raises(RetryableError, match="engine m: it died"):
        await engine.complete(make_request("evolver", RoleConfig(model="m"), "It falls over."), PATIENCE_S)
    assert (await engine.complete(REQUEST, PATIENCE_S)).reply.text == "Sort two."
    assert len(made) == 2


@pytest.mark.parametrize(
    ("config", "words"),
    [
        ({"model": "too-big"}, "CUDA out of memory.*raise tensor_parallel"),
        ({"model": "m", "arguments": {"max_modell_len": 1}}, "unexpected keyword argument 'max_modell_len'"),
    ],
    ids=["memory", "argument"],
)
async def test_an_engine_that_does_not_start_says_why(made: list[Any], config: dict[str, Any], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        await Engine(EngineConfig.model_validate(config)).start()


async def test_without_vllm_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    with pytest.raises(ConfigError, match=r"pip install 'evolve-instruct\[vllm\]'"):
        await Engine(EngineConfig(model="m")).start()


# -- on Ray ----------------------------------------------------------------------------------------------------------


def run(folder: Path, *settings: str, standin: bool = True, **engine: object) -> Ended:
    """A run whose every role has an engine of its own."""
    command: list[object] = ["run", "--limit", "8", "--rounds", "1", "--out", folder, "--json"]
    for role in ("evolver", "responder", "judge", "tester"):
        name = f"offline-{role}"
        places = [{"engine": {"model": name, "gpus": 0} | engine}]
        command += ["--set", f"teacher.{role}.model={name}", "--set", f"teacher.{role}.endpoints={json.dumps(places)}"]
    command += ["--seeds", Path(__file__).parent.parent / "seeds", *(f"--set={setting}" for setting in settings)]
    path = f"{STANDIN}:{':'.join(sys.path)}" if standin else ":".join(sys.path)
    return evolve(*command, env={"PYTHONPATH": path})


@pytest.mark.heavy
@pytest.mark.ray
def test_a_whole_run_on_engines(tmp_path: Path) -> None:
    ended = run(tmp_path / "run")
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert (found["finished"], found["attempts"], found["failed"]) == (True, 16, 0)
    assert found["accepted"] + found["rejected"] == 16
    assert (found["accepted"] > 8, found["verified"] > 4, found["usage"]["evolve"]["completion_tokens"] > 0) == (
        True,
    ) * 3


@pytest.mark.heavy
@pytest.mark.ray
def test_two_replicas_share_the_calls(tmp_path: Path) -> None:
    ended = run(tmp_path / "run", replicas=2)
    assert (ended.returncode, json.loads(ended.stdout)["failed"]) == (0, 0)


@pytest.mark.heavy
@pytest.mark.ray
@pytest.mark.parametrize(
    ("settings", "standin", "engine", "words"),
    [
        pytest.param((), True, {"gpus": 64}, "4 times|1 times 64", id="too-few-gpus"),
        pytest.param((), False, {}, "evolve-instruct[vllm]", id="not-installed"),
        pytest.param((), True, {"arguments": {"no_such": 1}}, "did not start", id="does-not-start"),
        pytest.param(("cluster.executor=inline",), True, {}, "an engine needs Ray", id="without-ray"),
    ],
)
def test_what_keeps_it_from_running_is_told_before_anything_is_written(
    tmp_path: Path, settings: tuple[str, ...], standin: bool, engine: dict[str, object], words: str
) -> None:
    ended = run(tmp_path / "run", *settings, standin=standin, **engine)
    assert (ended.returncode, (tmp_path / "run").exists()) == (2, False)
    assert any(word in ended.stderr for word in words.split("|")), ended.stderr


@pytest.mark.ray
@pytest.mark.skipif(not REAL, reason="needs vllm, and a GPU")
def test_a_real_engine_answers(tmp_path: Path) -> None:
    tiny = Path(__file__).parent / "servers" / "tiny.py"
    subprocess.run([sys.executable, tiny, "checkpoint", tmp_path / "tiny"], check=True, timeout=300)
    engine = {"model": str(tmp_path / "tiny"), "arguments": {"max_model_len": 2048, "enforce_eager": True}}
    command = ["run", "--seeds", Path(__file__).parent.parent / "seeds", "--limit", "4", "--rounds", "1", "--json"]
    command += ["--set", f"teacher.engine={json.dumps(engine)}", "--out", str(tmp_path / "run")]
    ended = evolve(
        *command, "--set", "teacher.evolver={model: tiny, max_tokens: 32}", "--set", "teacher.responder.model=m"
    )
    assert json.loads(ended.stdout)["rejected"] == 4, ended.stderr
