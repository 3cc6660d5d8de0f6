"""Operators as data: strict templates wherever they come from, draws that depend on nothing but their generator."""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable
from math import sqrt
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from evolve.config import MethodConfig
from evolve.errors import ConfigError
from evolve.method import Operator, Operators, load_operators
from evolve.method.operators import Family, check_template, wizardcoder, wizardlm
from evolve.records import rng

IN_BREADTH: list[tuple[str, Family]] = [("breadth", "breadth"), ("crossover", "crossover")]
BUNDLED = {operator.name: operator for operator in (*wizardcoder(), *wizardlm())}
ONE_TEXT = [operator for operator in BUNDLED.values() if operator.family != "crossover"]
HOSTILE = "{} {0} %s $x $$ ${y} < & > \\ \\n ``` </instruction> 'q' \"q\" naïve 日本 😀"
ANY_INSTRUCTION = st.text(max_size=80) | st.lists(st.sampled_from(HOSTILE.split()), max_size=12).map(" ".join)


def depth(*names: str, weight: float = 1.0) -> list[Operator]:
    return [Operator(name, "$instruction", weight) for name in names]


def in_breadth() -> list[Operator]:
    return [
        Operator("breadth", "$instruction", family="breadth"),
        Operator("fuse", "$first$second", family="crossover"),
    ]


def draws(operators: Operators, count: int, round_: int, avoid: str | None = None) -> Counter[str]:
    """How often each operator is drawn, from generators that are the same in every run of the tests."""
    return Counter(operators.draw(rng("test", i), round_, avoid).name for i in range(count))


def is_about(found: int, of: int, share: float) -> bool:
    """Within five standard deviations of a binomial."""
    return abs(found - of * share) <= 5 * sqrt(of * share * (1 - share))


def write_templates(folder: Path, **texts: str) -> str:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return str(folder)


def message_of(config: MethodConfig) -> str:
    with pytest.raises(ConfigError) as caught:
        load_operators(config)
    return str(caught.value)


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterable[str]:
    """A package with three operator sets, as pip would install it."""
    (tmp_path / "their_operators.py").write_text(
        "from evolve.method import Operator\n"
        "def good():\n    return [Operator('theirs', 'Evolve: $instruction', 2.0)]\n"
        "def misspelt():\n    return [Operator('theirs', 'Evolve: $instructoin')]\n"
        "def switched_off():\n    return (Operator(name, '$instruction', 0) for name in 'ab')\n"
    )
    metadata = tmp_path / "their_operators-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: their-operators\nVersion: 1.0\n")
    names = ("good", "misspelt", "switched_off")
    points = "".join(f"their_{name} = their_operators:{name}\n" for name in names)
    (metadata / "entry_points.txt").write_text(f"[evolve.operators]\n{points}")
    monkeypatch.syspath_prepend(tmp_path)
    yield "their"
    sys.modules.pop("their_operators", None)


# -- the sets --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "wizardcoder",
            ["add_constraint", "rarer_requirement", "deepen_reasoning", "misleading_code", "higher_complexity"],
        ),
        ("wizardlm", ["add_constraint", "deepen", "concretize", "deepen_reasoning", "complicate_input"]),
    ],
    ids=["wizardcoder", "wizardlm"],
)
def test_a_set_holds_its_papers_operators_and_two_in_breadth(name: str, expected: list[str]) -> None:
    found = [(o.name, o.family) for o in load_operators(MethodConfig(operators=name))]
    assert found == [(depth_name, "depth") for depth_name in expected] + IN_BREADTH


def test_higher_complexity_is_rarely_used() -> None:
    assert {o.name: o.weight for o in wizardcoder() if o.weight != 1} == {"higher_complexity": 0.3}


def test_wizardlm_draws_uniformly() -> None:
    assert {o.weight for o in wizardlm()} == {1.0}


def test_an_operator_is_found_by_its_name() -> None:
    assert load_operators(MethodConfig())["breadth"].family == "breadth"


def test_a_set_that_two_packages_bring_is_refused(install: str, tmp_path: Path) -> None:
    metadata = tmp_path / "other_operators-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: other-operators\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[evolve.operators]\ntheir_good = other_operators:good\n")
    said = message_of(MethodConfig(operators="their_good"))
    assert said.startswith("two operator sets are named their_good: ")
    assert "their_operators:good" in said
    assert "other_operators:good" in said


def test_an_unknown_set_is_refused_with_the_known_ones() -> None:
    assert re.search(
        r"named 'wizard'; there are: .*wizardcoder, wizardlm", message_of(MethodConfig(operators="wizard"))
    )


# -- strict templates ------------------------------------------------------------------------------------------------

BAD_TEMPLATES = [
    pytest.param("Evolve $instructoin", r"unknown placeholder \$instructoin; expected \$instruction", id="misspelt"),
    pytest.param("$instruction as $role", r"unknown placeholder \$role", id="one-more"),
    pytest.param("$Instruction", r"unknown placeholder \$Instruction", id="other-case"),
    pytest.param("Evolve this.", r"the placeholder \$instruction is missing", id="none"),
    pytest.param("$$instruction", r"the placeholder \$instruction is missing", id="only-escaped"),
    pytest.param("", r"the placeholder \$instruction is missing", id="empty"),
    pytest.param("It costs 5 $: $instruction", r"a \$ that begins no placeholder", id="stray-dollar"),
    pytest.param("$instruction $", r"a \$ that begins no placeholder", id="dollar-at-the-end"),
    pytest.param("$5 $instruction", r"a \$ that begins no placeholder", id="dollar-and-digit"),
    pytest.param("${instruction", r"a \$ that begins no placeholder", id="open-brace"),
]


@pytest.mark.parametrize(("text", "message"), BAD_TEMPLATES)
def test_an_operator_cannot_have_a_template_that_is_wrong(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=f"^mine: {message}"):
        Operator("mine", text)


@pytest.mark.parametrize(("text", "message"), BAD_TEMPLATES)
def test_a_wrong_template_in_a_folder_is_named_by_its_file(text: str, message: str, tmp_path: Path) -> None:
    folder = write_templates(tmp_path, fine="$instruction", wrong=text)
    assert re.match(f"{re.escape(str(tmp_path / 'wrong.txt'))}: {message}", message_of(MethodConfig(folder=folder)))


def test_a_wrong_template_of_another_package_is_named(install: str) -> None:
    assert re.match(r"theirs: unknown placeholder \$instructoin", message_of(MethodConfig(operators="their_misspelt")))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "$instruction", r"unknown placeholder \$instruction; expected \$first and \$second", id="one-text"
        ),
        pytest.param("$first", r"the placeholder \$second is missing", id="first-alone"),
        pytest.param("$second", r"the placeholder \$first is missing", id="second-alone"),
        pytest.param("$first $second $instruction", r"unknown placeholder \$instruction", id="three"),
    ],
)
def test_a_crossover_takes_two_texts(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        Operator("fuse", text, family="crossover")


@pytest.mark.parametrize("text", ["$first", "$second $instruction"], ids=["half", "mixed"])
def test_a_folders_crossover_takes_two_texts(text: str, tmp_path: Path) -> None:
    folder = write_templates(tmp_path, fuse=text)
    assert message_of(MethodConfig(folder=folder)).startswith(str(tmp_path / "fuse.txt"))


def test_a_template_that_is_right_passes() -> None:
    check_template("mine", "$a, ${b} and $$c; $a again", frozenset({"a", "b"}))


@pytest.mark.parametrize(
    ("template", "expected"),
    [
        pytest.param("Pay 5 $$.\n$instruction\n", "Pay 5 $.\n{} $x %s\n", id="dollar"),
        pytest.param("$$instruction: $instruction", "$instruction: {} $x %s", id="escaped-name"),
        pytest.param("<${instruction}s>", "<{} $x %ss>", id="braces"),
        pytest.param("{instruction} %s & \\ $instruction", "{instruction} %s & \\ {} $x %s", id="other-markup"),
    ],
)
def test_a_prompt_is_its_template_with_the_text_in_it(template: str, expected: str) -> None:
    assert Operator("mine", template).prompt(instruction="{} $x %s") == expected


# -- the bundled templates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("operator", ONE_TEXT, ids=lambda operator: operator.name)
@given(text=ANY_INSTRUCTION)
@example(text=HOSTILE)
def test_an_instruction_goes_into_the_prompt_unchanged(operator: Operator, text: str) -> None:
    before, after = operator.template.split("$instruction")
    assert operator.prompt(instruction=text) == before + text + after


@given(ANY_INSTRUCTION, ANY_INSTRUCTION)
@example("$second", "$first")
def test_both_instructions_of_a_crossover_go_in_unchanged(first: str, second: str) -> None:
    before, rest = BUNDLED["crossover"].template.split("$first")
    between, after = rest.split("$second")
    found = BUNDLED["crossover"].prompt(first=first, second=second)
    assert found == before + first + between + second + after


@pytest.mark.parametrize("operator", BUNDLED.values(), ids=BUNDLED)
def test_nothing_but_a_closing_tag_follows_the_instruction(operator: Operator) -> None:
    assert re.search(r"\$(instruction|second)\n</\1>\n\Z", operator.template)


@pytest.mark.parametrize("operator", BUNDLED.values(), ids=BUNDLED)
def test_most_of_a_template_comes_before_the_instruction(operator: Operator) -> None:
    assert operator.template.index("$") > 0.9 * len(operator.template)


@pytest.mark.parametrize("operator", ONE_TEXT, ids=lambda operator: operator.name)
def test_prompts_of_all_instructions_begin_alike(operator: Operator) -> None:
    fixed = operator.template[: operator.template.index("$")]
    assert all(operator.prompt(instruction=text).startswith(fixed) for text in ("", "Sort a list.", HOSTILE))


@pytest.mark.parametrize("operator", BUNDLED.values(), ids=BUNDLED)
def test_a_template_is_plain_text_with_unix_line_ends(operator: Operator) -> None:
    assert re.fullmatch(r"[ -~\n]+", operator.template)


# -- folders, weights, other packages --------------------------------------------------------------------------------


def test_templates_of_a_folder_join_the_set_in_the_order_of_their_names(tmp_path: Path) -> None:
    folder = write_templates(tmp_path, zeta="$instruction", alpha="$instruction")
    names = [o.name for o in load_operators(MethodConfig(folder=folder))]
    assert names == [*(o.name for o in wizardcoder()), "alpha", "zeta"]


def test_a_template_of_a_folder_takes_the_place_of_the_one_with_its_name(tmp_path: Path) -> None:
    folder = write_templates(tmp_path, deepen_reasoning="Mine: $instruction")
    found = load_operators(MethodConfig(folder=folder))
    assert ([o.name for o in found], found["deepen_reasoning"].template) == (
        [o.name for o in wizardcoder()],
        "Mine: $instruction",
    )


@pytest.mark.parametrize(
    ("text", "expected"), [("$instruction", "depth"), ("$first $second", "crossover")], ids=["one-text", "two-texts"]
)
def test_the_placeholders_tell_a_folders_templates_apart(text: str, expected: str, tmp_path: Path) -> None:
    folder = write_templates(tmp_path, mine=text)
    assert load_operators(MethodConfig(folder=folder))["mine"].family == expected


def test_a_folders_template_keeps_every_letter(tmp_path: Path) -> None:
    folder = write_templates(tmp_path, mine="naïve 日本 {} \\ & <b>\n\n$instruction\n")
    assert load_operators(MethodConfig(folder=folder))["mine"].template == "naïve 日本 {} \\ & <b>\n\n$instruction\n"


def test_other_files_of_a_folder_are_left_alone(tmp_path: Path) -> None:
    folder = write_templates(tmp_path, mine="$instruction")
    (tmp_path / "README.md").write_text("costs 5 $")
    assert "README" not in [o.name for o in load_operators(MethodConfig(folder=folder))]


@pytest.mark.parametrize("case", ["absent", "empty", "binary", "folder"])
def test_a_folder_that_cannot_be_used_is_refused(case: str, tmp_path: Path) -> None:
    folder = tmp_path / case
    if case != "absent":
        folder.mkdir()
    if case == "binary":
        (folder / "mine.txt").write_bytes(b"\xff\xfe$instruction")
    if case == "folder":
        (folder / "mine.txt").mkdir()
    assert message_of(MethodConfig(folder=str(folder))).startswith(f"method.folder: {folder}: ")


def test_another_package_brings_a_set(install: str) -> None:
    assert list(load_operators(MethodConfig(operators="their_good"))) == [
        Operator("theirs", "Evolve: $instruction", 2.0)
    ]


def test_a_set_that_is_switched_off_is_refused(install: str) -> None:
    assert "every operator has weight 0" in message_of(MethodConfig(operators="their_switched_off"))


def test_the_configs_weight_goes_over_the_sets_own() -> None:
    found = load_operators(MethodConfig(weights={"higher_complexity": 2}))
    assert {o.name: o.weight for o in found if o.weight != 1} == {"higher_complexity": 2}


def test_a_template_of_a_folder_can_be_weighted(tmp_path: Path) -> None:
    folder = write_templates(tmp_path, mine="$instruction")
    assert load_operators(MethodConfig(folder=folder, weights={"mine": 0.5}))["mine"].weight == 0.5


def test_a_weight_for_an_unknown_operator_is_refused_with_the_known_ones() -> None:
    expected = r"method\.weights\.deepen: unknown operator; there are: add_constraint, .*, crossover$"
    assert re.match(expected, message_of(MethodConfig(weights={"deepen": 1})))


@pytest.mark.parametrize("left", [None, "crossover"], ids=["none-left", "only-crossover-left"])
def test_there_must_be_an_operator_for_every_round(left: str | None) -> None:
    weights = {o.name: 0.0 for o in wizardcoder() if o.name != left}
    assert message_of(MethodConfig(weights=weights)).startswith("method.weights: every operator has weight 0")


# -- draws -----------------------------------------------------------------------------------------------------------


def test_a_draw_depends_on_its_generator_alone() -> None:
    first, second = (load_operators(MethodConfig(breadth_quota=0.5)) for _ in range(2))
    first.draw(rng("another lineage"), 2)
    assert draws(first, 300, 2) == draws(second, 300, 2)


@pytest.mark.parametrize("weights", [(1, 1), (1, 3), (0.3, 1, 1), (5, 1)], ids=str)
def test_operators_are_drawn_as_often_as_their_weights_say(weights: tuple[float, ...]) -> None:
    operators = [Operator(str(i), "$instruction", weight) for i, weight in enumerate(weights)]
    found = draws(Operators(operators), 3000, 1)
    assert all(is_about(found[o.name], 3000, o.weight / sum(weights)) for o in operators)


@pytest.mark.parametrize("round_", [1, 2])
def test_weight_0_is_never_drawn(round_: int) -> None:
    operators = Operators([*depth("a"), *depth("b", weight=0), *in_breadth()], 0.5, 0.5)
    assert "b" not in draws(operators, 500, round_)


@pytest.mark.parametrize("round_", [1, 2, 7])
def test_the_operator_to_avoid_is_not_drawn(round_: int) -> None:
    assert "a" not in draws(Operators([*depth("a", "b", "c"), *in_breadth()], 0.1, 0.5), 500, round_, avoid="a")


@pytest.mark.parametrize("avoid", ["a", "unheard-of"])
def test_an_operator_that_is_alone_is_drawn_all_the_same(avoid: str) -> None:
    assert draws(Operators(depth("a")), 50, 1, avoid) == {"a": 50}


def test_an_operator_whose_others_have_weight_0_is_alone() -> None:
    assert draws(Operators([*depth("a"), *depth("b", weight=0)]), 50, 1, avoid="a") == {"a": 50}


@pytest.mark.parametrize("quota", [0.1, 1.0])
def test_nothing_in_breadth_comes_in_round_1(quota: float) -> None:
    assert set(draws(Operators([*depth("a", "b"), *in_breadth()], quota, 0.5), 500, 1)) == {"a", "b"}


@pytest.mark.parametrize("round_", [2, 3, 20])
@pytest.mark.parametrize(("quota", "share"), [(0.1, 0.5), (0.3, 0.2), (0.5, 1.0), (0.0, 0.5), (1.0, 0.0)])
def test_the_quota_holds_in_later_rounds(quota: float, share: float, round_: int) -> None:
    found = draws(Operators([*depth("a", "b"), *in_breadth()], quota, share), 2000, round_)
    wanted = {"breadth": quota * (1 - share), "fuse": quota * share}
    assert all(is_about(found[name], 2000, part) for name, part in wanted.items())


def test_without_an_in_breadth_operator_its_share_goes_to_depth() -> None:
    assert set(draws(Operators(depth("a"), 1.0, 0.5), 100, 2)) == {"a"}


@pytest.mark.parametrize("round_", [1, 2])
def test_without_a_depth_operator_breadth_takes_its_place(round_: int) -> None:
    assert set(draws(Operators(in_breadth(), 0.0, 0.5), 200, round_)) == {"breadth"}


# -- identity --------------------------------------------------------------------------------------------------------

BASE = Operator("a", "Evolve $instruction")


def test_contents_name_every_operator() -> None:
    found = load_operators(MethodConfig())
    assert list(found.contents) == [f"operator.{o.name}" for o in found]


def test_contents_are_the_same_in_every_process() -> None:
    assert Operators([BASE]).contents == {"operator.a": "44923b7c1e25fe7d"}


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(Operator("a", "Evolve  $instruction"), id="text"),
        pytest.param(Operator("a", "Evolve $instruction", 2.0), id="weight"),
        pytest.param(Operator("a", "Evolve $instruction", 0.0), id="off"),
        pytest.param(Operator("a", "Evolve $instruction", family="breadth"), id="family"),
    ],
)
def test_contents_change_with_the_operator(other: Operator) -> None:
    assert Operators([other]).contents.keys() == Operators([BASE]).contents.keys()
    assert Operators([other]).contents != Operators([BASE]).contents


def test_contents_change_with_the_name() -> None:
    assert Operators([Operator("b", BASE.template)]).contents != Operators([BASE]).contents
