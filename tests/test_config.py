"""The config: strict, with messages that say where, what and how to mend; and which keys make a run this run."""

import contextlib
import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.config import Config, Setting, api_key, corpus_folder, dump, flatten, load
from evolve.errors import ConfigError
from evolve.identity import NOT_IDENTITY, identity, identity_digest
from evolve.records import Role
from evolve.teacher import make_endpoints
from evolve.text import plain

DEFAULTS: dict[str, Any] = dict(flatten(Config().model_dump(mode="json")))
SECRET = "sk-proj-do-not-show-this"


def write(folder: Path, text: str | bytes) -> Path:
    path = folder / "config.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


SECTIONS = ", ".join(Config.model_fields)


def message_of(path: Path | None, *settings: str) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, settings)
    return str(caught.value)


def changed(key: str) -> Config:
    """A valid config that differs from the defaults in this key alone."""
    for candidate in (
        "OTHER",
        "reject",
        "inline",
        "float32",
        "wasm",
        "codellama",
        "http://h/v1",
        False,
        True,
        2,
        3,
        2048,
        0.25,
        ["x"],
        ["tests"],
        ["email"],
        {"x": 1.0},
        {"x": {"input": 1, "output": 2}},
        [{"weight": 2.0}],
        "vllm",
        {"top_p": False},
        {"model": "m"},
    ):
        try:
            config = load(None, [f"{key}={json.dumps(candidate)}"])
        except ConfigError:
            continue
        if config != Config():
            return config
    raise AssertionError(f"no other valid value of {key} is known here")


def test_nothing_given_is_the_defaults() -> None:
    assert load() == Config()


@pytest.mark.parametrize("text", ["", "# only a comment\n", "---\n", "{}"], ids=["empty", "comment", "mark", "table"])
def test_an_empty_file_is_the_defaults(tmp_path: Path, text: str) -> None:
    assert load(write(tmp_path, text)) == Config()


def test_a_setting_goes_over_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, "rounds: 5\nteacher: {evolver: {model: a, top_p: 0.5}}\n")
    config = load(path, ["teacher.evolver.model=b"])
    assert (config.rounds, config.teacher.evolver.model, config.teacher.evolver.top_p) == (5, "b", 0.5)


@pytest.mark.parametrize(
    ("settings", "key", "expected"),
    [
        pytest.param(["rounds=1", "rounds=2"], "rounds", 2, id="the-last-one-counts"),
        pytest.param(["teacher.evolver.temperature="], "teacher.evolver.temperature", None, id="empty-is-none"),
        pytest.param(["teacher.evolver.temperature=null"], "teacher.evolver.temperature", None, id="null"),
        pytest.param(["method.weights.deepen=2"], "method.weights", {"deepen": 2.0}, id="into-a-free-table"),
        pytest.param(["eliminator.skip=[a, b]"], "eliminator.skip", ["a", "b"], id="list"),
        pytest.param(["seeds=a=b.jsonl"], "seeds", "a=b.jsonl", id="equals-sign-in-the-value"),
        pytest.param([" rounds =4"], "rounds", 4, id="spaces"),
        pytest.param(["teacher={in_flight: 3}", "teacher.timeout_s=5"], "teacher.in_flight", 3, id="table"),
        pytest.param(["seeds={not yaml"], "seeds", "{not yaml", id="what-is-not-yaml-is-text"),
        pytest.param(["seeds=2024-99-99"], "seeds", "2024-99-99", id="no-such-date"),
        pytest.param(["seeds=" + "[" * 2000], "seeds", "[" * 2000, id="nested-without-end"),
    ],
)
def test_settings(settings: list[str], key: str, expected: object) -> None:
    assert dict(flatten(load(None, settings).model_dump()))[key] == expected


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("rounds: 0", ["config.yaml:1: rounds:", "greater than or equal to 1", "given: 0"], id="range"),
        pytest.param("rounds: many", ["config.yaml:1: rounds:", "valid integer", "'many'"], id="type"),
        pytest.param(
            "cluster: {executor: slurm}",
            ["config.yaml:1: cluster.executor:", "'ray', 'inline' or 'processes'", "'slurm'"],
            id="choice",
        ),
        pytest.param("teacher: 5", ["config.yaml:1: teacher:", "dictionary", "given: 5"], id="value-for-a-section"),
        pytest.param("teacher: {timeout_s: .inf}", ["teacher.timeout_s:", "finite", "inf"], id="infinite"),
        pytest.param("teacher: {judge: {top_p: .nan}}", ["teacher.judge.top_p:", "finite", "nan"], id="not-a-number"),
        pytest.param("method: {weights: {deepen: -1}}", ["method.weights.deepen:", "equal to 0", "-1"], id="weight"),
        pytest.param('"a.b": 1', ["config.yaml:1: a.b: no such key; known there: seeds,"], id="dot-in-a-key"),
        pytest.param("1: 2", ["config.yaml:1: 1:", "should be strings"], id="key-not-text"),
        pytest.param("- a\n- b", ["config.yaml:", "a table of keys is expected, not a list"], id="list"),
        pytest.param("just words", ["config.yaml:", "a table of keys is expected, not a str"], id="text"),
        pytest.param("a: [1\nb: 2", ["config.yaml:2:2:", "not valid YAML"], id="syntax"),
        pytest.param("rounds: 1\nseed: 3\nrounds: 2", ["config.yaml:3:1:", "rounds stands here twice"], id="twice"),
        pytest.param("a: !!python/object:os.system x", ["config.yaml:1:4:", "not valid YAML"], id="tag"),
        pytest.param("a: 2024-99-99", ["config.yaml:", "not valid YAML", "month"], id="no-such-date"),
        pytest.param("a: " + "[" * 2000, ["config.yaml:", "not valid YAML", "recursion"], id="nested-without-end"),
        pytest.param(b"a: \xff", ["config.yaml:", "not UTF-8", "save the config as UTF-8"], id="latin-1"),
        pytest.param("a: \x00", ["config.yaml:", "not valid YAML"], id="nul"),
    ],
)
def test_a_bad_file_is_named_with_key_and_fix(tmp_path: Path, text: str | bytes, parts: list[str]) -> None:
    path = write(tmp_path, text)
    message = message_of(path)
    assert [part for part in [str(tmp_path), *parts] if part not in message] == []


@pytest.mark.parametrize(
    ("setting", "parts"),
    [
        pytest.param("rounds=0", ["--set: rounds:", "greater than or equal to 1", "given: 0"], id="range"),
        pytest.param("rounds", ["--set rounds: write --set key.subkey=value"], id="no-equals-sign"),
        pytest.param("=3", ["--set :", "write --set key.subkey=value"], id="no-key"),
        pytest.param("teacher..model=x", ["--set teacher..model:", "write --set"], id="empty-part"),
        pytest.param("rounds.x=1", ["--set rounds.x:", "rounds holds a value, so it has no keys below it"], id="below"),
        pytest.param("teacher.evolver={modle: x}", ["--set: teacher.evolver.modle:", "evolver.model?"], id="table"),
    ],
)
def test_a_bad_setting_is_named_with_key_and_fix(tmp_path: Path, setting: str, parts: list[str]) -> None:
    message = message_of(write(tmp_path, "rounds: 3"), setting)
    assert [part for part in parts if part not in message] == []
    assert "config.yaml" not in message


def test_a_problem_in_the_file_is_not_blamed_on_a_setting(tmp_path: Path) -> None:
    assert "config.yaml:1: limit:" in message_of(write(tmp_path, "limit: 0"), "rounds=2")


@pytest.mark.parametrize(
    ("text", "begin"),
    [
        ("\n# seeds\nlimt: 3\n", ":3: limt: no such key; did you mean limit?"),
        ("rounds: 2\nteacher:\n  judge:\n    modle: m\n", ":4: teacher.judge.modle: no such key"),
        (
            "teacher:\n  endpoints:\n    - base_url: http://h/v1\n    - weight: 2\n      rmp: 9\n",
            ":5: teacher.endpoints.1.rmp: no such key; did you mean teacher.endpoints.1.rpm?",
        ),
        ("prices:\n  m:\n    inptu: 1\n    output: 2\n", ":3: prices.m.inptu: no such key"),
        ("prices:\n  m:\n    output: 2\n", ":2: prices.m.input: field required"),
        ("eliminator:\n  skip:\n    - a\n    - 7\n", ":4: eliminator.skip.1: input should be a valid string"),
        ("base: &b {rounds: 0}\nteacher: {<<: *b}\n", ":1: teacher.rounds: no such key"),
        ("teacher: {judge: &a {x: *a}}\n", ":1: teacher.judge.x: no such key"),
    ],
    ids=["top", "nested", "in a list", "of the user's own", "missing", "a value in a list", "merged", "in itself"],
)
def test_a_problem_in_the_file_has_its_line(tmp_path: Path, text: str, begin: str) -> None:
    path = write(tmp_path, text)
    assert any(line.startswith(f"{path}{begin}") for line in message_of(path).splitlines())


@pytest.mark.parametrize(
    ("settings", "origin"),
    [
        ([Setting("rounds=-1", "--rounds")], "--rounds: input"),
        ([Setting("rounds=-1", "--rounds"), "rounds=-2"], "--set: rounds: input"),
        (["rounds=-2", Setting("rounds=-1", "--rounds")], "--rounds: input"),
        (["rounds=-2", Setting("limit=1", "--limit")], "--set: rounds: input"),
    ],
    ids=["the option", "--set over it", "the option over --set", "another option"],
)
def test_the_option_that_was_typed_is_named(settings: list[str | Setting], origin: str) -> None:
    with pytest.raises(ConfigError, match=f"^{origin} should be greater than or equal to 1"):
        load(None, settings)


def test_every_problem_is_named_at_once(tmp_path: Path) -> None:
    lines = message_of(write(tmp_path, "limit: 0\nruonds: 2"), "seed=x").splitlines()
    assert sorted(key for line in lines for key in ("limit", "ruonds", "seed") if f": {key}: " in line) == [
        "limit",
        "ruonds",
        "seed",
    ]


@pytest.mark.parametrize("kind", ["missing", "folder"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "none.yaml" if kind == "missing" else tmp_path
    message = message_of(path)
    assert message.startswith(f"{path}: ")
    assert message.endswith("give the path of a YAML file with --config")


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("ruonds", "did you mean rounds?"),
        ("teacher.in_fligt", "did you mean teacher.in_flight?"),
        ("teacher.evolver.modle", "did you mean teacher.evolver.model?"),
        ("evolver.model", "did you mean teacher.evolver?"),
        (
            "cluster.zzzzzzzz",
            "known there: cluster.executor, cluster.address, cluster.teachers, cluster.eliminators, "
            "cluster.verifiers, cluster.start_s, cluster.metrics_port, cluster.metrics_host, cluster.index_rows",
        ),
        ("zz.zz", f"known there: {SECTIONS}"),
        ("a b", f"known there: {SECTIONS}"),
    ],
)
def test_an_unknown_key_gets_a_suggestion(key: str, hint: str) -> None:
    assert message_of(None, f"{key}=1").endswith(hint)


@pytest.mark.parametrize("key", ["\udcff=1", "a.\x1b[2J=1", "\u202e=1"], ids=ascii)
def test_a_hostile_key_is_refused_in_plain_words(key: str) -> None:
    message = message_of(None, key)
    assert message == plain(message)


@settings(deadline=None)
@given(st.one_of(st.binary(max_size=80), st.text(max_size=80).map(str.encode)))
def test_any_file_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(content)
    with contextlib.suppress(ConfigError):
        load(path)


@settings(deadline=None)
@given(st.sampled_from([*DEFAULTS, "", "x", "teacher"]), st.text(st.characters(exclude_categories=()), max_size=20))
def test_any_setting_is_taken_or_refused(key: str, value: str) -> None:
    with contextlib.suppress(ConfigError):
        load(None, [f"{key}={value}"])


# -- writing and reading back ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_dumped_config_reads_back_equal(tmp_path: Path, key: str) -> None:
    assert load(write(tmp_path, dump(changed(key)))) == changed(key)


@settings(deadline=None)
@given(seeds=st.text(max_size=30), weights=st.dictionaries(st.text(max_size=9), st.floats(0, allow_infinity=False)))
def test_any_values_dump_and_read_back_equal(seeds: str, weights: dict[str, float]) -> None:
    config = Config.model_validate({"seeds": seeds, "method": {"weights": weights}})
    assert Config.model_validate(yaml.safe_load(dump(config).encode())) == config


def test_the_dump_keeps_the_order_of_the_sections() -> None:
    assert list(yaml.safe_load(dump(Config()))) == list(Config.model_fields)


# -- identity ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", NOT_IDENTITY)
def test_every_key_left_out_of_the_identity_is_a_key(key: str) -> None:
    assert key in DEFAULTS


@pytest.mark.parametrize("key", NOT_IDENTITY)
def test_every_key_left_out_of_the_identity_has_a_reason(key: str) -> None:
    assert NOT_IDENTITY[key].strip()


@pytest.mark.parametrize("key", DEFAULTS)
def test_a_key_changes_the_identity_unless_left_out(key: str) -> None:
    before, after = identity(Config(), {}), identity(changed(key), {})
    differing = {k for k in before.keys() | after.keys() if before.get(k) != after.get(k)}
    assert differing == (set() if key in NOT_IDENTITY else {key})


@pytest.mark.parametrize(
    "key",
    ["rounds", "seed", "teacher.evolver.model", "teacher.judge.temperature", "method.weights", "eliminator.skip"],
)
def test_what_changes_the_data_is_part_of_the_identity(key: str) -> None:
    assert key in identity(Config(), {})


@pytest.mark.parametrize("key", ["seeds", "teacher.base_url", "teacher.in_flight", "cluster.executor"])
def test_what_changes_only_place_or_pace_is_not(key: str) -> None:
    assert key not in identity(Config(), {})


def test_contents_are_part_of_the_identity() -> None:
    assert identity(Config(), {"seeds.content": "a"}) != identity(Config(), {"seeds.content": "b"})


def test_the_order_of_weights_is_not_part_of_the_identity() -> None:
    one = load(None, ["method.weights={a: 1, b: 2}"])
    other = load(None, ["method.weights={b: 2, a: 1}"])
    assert identity(one, {}) == identity(other, {})


def test_an_identity_digest_depends_on_the_fields_alone() -> None:
    fields = {"a": "1", "b": "2"}
    assert identity_digest(fields) == identity_digest({"b": "2", "a": "1"}) != identity_digest({"a": "1"})


# -- keys and environment ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    [
        f"teacher.api_key={SECRET}",
        f"teacher.evolver.api_key={SECRET}",
        f"teacher.api_key_env={SECRET}",
        f"teacher.judge.api_key_env={SECRET}",
        f"teacher.api_key_env.x={SECRET}",
        f"teacher.api_key_env=[{SECRET}]",
        f"api_key={SECRET}",
        f"teacher..api_key={SECRET}",
        f"teacher.endpoints={{base_url: http://h/v1, key: {SECRET}}}",
        f"teacher.engine=[{SECRET}]",
    ],
)
def test_a_key_given_by_mistake_is_refused_and_not_shown(tmp_path: Path, setting: str) -> None:
    path = write(tmp_path, "teacher: {api_key_env: MY_KEY}")
    assert SECRET not in message_of(path, setting)


@pytest.mark.parametrize("role", ["teacher", "teacher.evolver", "teacher.responder", "teacher.judge"])
def test_a_key_in_place_of_its_variables_name_is_refused_with_the_fix(role: str) -> None:
    message = message_of(None, f"{role}.api_key_env={SECRET}")
    assert message.startswith(f"--set: {role}.api_key_env: give the name of the environment variable")


def test_a_key_in_the_environment_stays_out_of_dump_and_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_KEY", SECRET)
    config = load(None, ["teacher.api_key_env=MY_KEY"])
    assert api_key(config.role("evolver").api_key_env) == SECRET
    assert SECRET not in dump(config) + str(identity(config, {})) + repr(config)


@pytest.mark.parametrize(
    ("value", "expected"), [("k", "k"), ("", None), (None, None)], ids=["set", "set-to-nothing", "unset"]
)
def test_api_key(monkeypatch: pytest.MonkeyPatch, value: str | None, expected: str | None) -> None:
    monkeypatch.delenv("MY_KEY", raising=False)
    if value is not None:
        monkeypatch.setenv("MY_KEY", value)
    assert api_key("MY_KEY") == expected


def test_a_role_may_have_its_own_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "shared")
    monkeypatch.setenv("JUDGE_KEY", "own")
    config = load(None, ["teacher.judge.api_key_env=JUDGE_KEY"])
    found = make_endpoints(config, ("judge", "evolver"))
    assert [endpoint.key for role in ("judge", "evolver") for endpoint in found[role]] == ["own", "shared"]


@pytest.mark.parametrize(
    ("own", "expected"), [("null", "http://all/v1"), ("http://own/v1", "http://own/v1")], ids=["shared", "own"]
)
def test_a_role_takes_from_the_teacher_what_it_lacks(own: str, expected: str) -> None:
    config = load(None, ["teacher.base_url=http://all/v1", f"teacher.responder.base_url={own}"])
    assert config.role("responder").base_url == expected


@pytest.mark.parametrize(
    ("models", "expected"),
    [
        pytest.param([], (), id="none"),
        pytest.param(["judge", "evolver"], ("evolver", "judge"), id="in-fixed-order"),
        pytest.param(["evolver", "responder", "judge"], ("evolver", "responder", "judge"), id="all"),
    ],
)
def test_the_roles_are_those_with_a_model(models: list[str], expected: tuple[Role, ...]) -> None:
    assert load(None, [f"teacher.{role}.model=m" for role in models]).roles == expected


@pytest.mark.parametrize(("value", "expected"), [("", None), ("/x/y", Path("/x/y"))], ids=["unset", "set"])
def test_corpus_folder(monkeypatch: pytest.MonkeyPatch, value: str, expected: Path | None) -> None:
    monkeypatch.setenv("EVOLVE_CORPUS", value)
    assert corpus_folder() == expected


@pytest.mark.parametrize(
    "url",
    ["http://user:hunter2@host/v1", "https://host/v1?key=hunter2", "hunter2"],
    ids=["password", "query", "no url"],
)
def test_a_url_holds_no_secret_and_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        load(None, [f"teacher.base_url={url}"])
    assert "teacher.base_url: give a URL" in str(caught.value)
    assert "hunter2" not in str(caught.value)
