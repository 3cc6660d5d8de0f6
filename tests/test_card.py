"""The card: what the Hub reads of it, that its figures are the tables', and hostile words that stay words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import median
from typing import Any

import pyarrow.parquet as pq
import pytest
import yaml
from datasets.utils.metadata import MetadataConfigs
from huggingface_hub import DatasetCard

from evolve.config import Config, load
from evolve.dataset import Figures, export, make_recipe, write_card
from evolve.dataset.metadata import metadata
from evolve.records import Attempt, Fate, Finding, Instruction, Proof, Verdict
from tests.test_dataset import ACCEPTED, FATES, SEED, write_derived

TERMS = ("publish.license=apache-2.0", "publish.seeds_license=CC0", "publish.teacher_terms=anything goes")
MODELS = ("teacher.evolver.model=owner/model-7B", "teacher.responder.model=other")
CODES = {"Chinese": "zh", "English": "en"}


def copied(name: str) -> Fate:
    """A row that was taken for a benchmark's."""
    child = Instruction(f"{name}1", "An item of a benchmark, word for word.", "s3", "s3", 1, "breadth", 1)
    findings = (Finding(name, 1, Verdict.REJECT, "contaminated", "an item"),)
    return Fate(Attempt(1, 9), "s3", "breadth", "rejected", "s3", child, findings=findings, reason="contaminated")


def accepted(index: int, text: str, proof: Proof | None, kind: str = "") -> Fate:
    child = Instruction(f"x{index}", text, f"s{index}", f"s{index}", 2, "deepen", 1)
    attempt = Attempt(2, index)
    return replace(
        ACCEPTED, attempt=attempt, root_id=f"s{index}", operator="deepen", child=child, proof=proof, kind=kind
    )


CHINESE = "请写一个函数，把列表里的名字按照长度从短到长排好，长度一样的时候保持原来的顺序。"
ENGLISH = "Write a function that takes the names in the list and sorts all of them by the length that they have."
MANY = (
    *FATES,
    copied("contaminated"),
    copied("contaminated_answer"),
    replace(copied("contaminated"), attempt=Attempt(1, 11)),
    accepted(20, CHINESE, Proof("verified", "", "bubblewrap", "rust"), "refactor"),
    accepted(21, ENGLISH, Proof("unverified", "no toolchain for go")),
    accepted(22, ENGLISH, Proof("unverified", "no toolchain for go"), "refactor"),
    accepted(23, ENGLISH, None),
)


def card(folder: Path, fates: Iterable[Fate] = MANY, *settings: str, partial: str | None = None, **kept: str) -> str:
    """The card of a dataset of these fates, made with these settings."""
    folder.mkdir(parents=True, exist_ok=True)
    export(fates, folder / "data")
    write_derived(folder / "data")
    recipe = make_recipe(load(None, [*MODELS, *settings]), kept)
    write_card(folder, recipe, cost="12 calls to models: 3 sent, 4 received; cost: $0.50.", partial=partial)
    return (folder / "README.md").read_text(encoding="utf-8")


def front_matter(text: str) -> dict[str, Any]:
    """The YAML between the first two lines of three dashes, as the Hub takes it."""
    _, head, _ = re.split(r"^---$", text, maxsplit=2, flags=re.MULTILINE)
    found: dict[str, Any] = yaml.safe_load(head)
    return found


def section(text: str, title: str) -> str:
    """What stands below a heading."""
    found = re.search(rf"^## {re.escape(title)}$\n(.*?)(?=^## |\Z)", text, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def tables(text: str) -> list[list[list[str]]]:
    """The cells of each Markdown table, without its head."""
    blocks = re.findall(r"(?:^\|.*\n)+", text, re.MULTILINE)
    return [[[cell.strip() for cell in line.split("|")[1:-1]] for line in b.splitlines()[2:]] for b in blocks]


def read(folder: Path, table: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = pq.read_table(folder / "data" / f"{table}-00000-of-00001.parquet").to_pylist()
    return found


# -- what the Hub reads ------------------------------------------------------------------------------------------------


def test_the_hub_s_own_reader_takes_the_head(tmp_path: Path) -> None:
    card(tmp_path, MANY, *TERMS)
    data = DatasetCard.load(tmp_path / "README.md").data.to_dict()
    assert data["license"] == "apache-2.0"
    assert {"synthetic", "evolve"} <= set(data["tags"])
    assert data["task_categories"] == ["text-generation"]
    assert data["language"] == ["en", "zh", "code"]
    assert list(MetadataConfigs.from_dataset_card_data(DatasetCard.load(tmp_path / "README.md").data)) == [
        "default",
        "preference",
        "rejected",
        "lineage",
        "derived",
    ]


def test_every_config_s_pattern_finds_its_files_and_no_others(tmp_path: Path) -> None:
    configs = front_matter(card(tmp_path))["configs"]
    found = {config["config_name"]: [*tmp_path.glob(config["data_files"][0]["path"])] for config in configs}
    assert sorted(path for paths in found.values() for path in paths) == sorted((tmp_path / "data").iterdir())
    assert [config["data_files"][0]["split"] for config in configs] == ["train"] * 5


def test_the_head_leaves_out_a_table_without_rows(tmp_path: Path) -> None:
    configs = front_matter(card(tmp_path, [SEED]))["configs"]
    assert [config["config_name"] for config in configs] == ["default", "lineage", "derived"]


@pytest.mark.parametrize(
    ("samples", "expected"),
    [
        (0, "n<1K"),
        (999, "n<1K"),
        (1_000, "1K<n<10K"),
        (99_999, "10K<n<100K"),
        (100_000, "100K<n<1M"),
        (1_000_000, "1M<n<10M"),
    ],
)
def test_the_head_gives_the_size(samples: int, expected: str) -> None:
    assert metadata(Figures({"default": samples}), Config().publish)["size_categories"] == [expected]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], {}),
        (["publish.license=CC-BY-4.0"], {"license": "cc-by-4.0"}),
        (
            ["publish.license=my-terms-1.0", "publish.license_link=https://example.org/terms"],
            {"license": "other", "license_name": "my-terms-1.0", "license_link": "https://example.org/terms"},
        ),
    ],
)
def test_the_head_names_the_licence(tmp_path: Path, settings: list[str], expected: dict[str, str]) -> None:
    head = front_matter(card(tmp_path, FATES, *settings))
    assert {key: value for key, value in head.items() if key.startswith("license")} == expected


# -- figures -----------------------------------------------------------------------------------------------------------


def recounted(folder: Path) -> dict[str, list[list[str]]]:
    """The tables of a card, counted anew in the Parquet files beside it, in the plainest way."""
    train, lineage = read(folder, "train"), read(folder, "lineage")
    rejected = read(folder, "rejected")
    names = {"default": "train", "preference": "preferences"}
    configs = ("default", "preference", "rejected", "lineage", "derived")
    verified = [row for row in train if row["verification"]["status"] == "verified"]
    funnel = []
    for key in sorted({(row["round"], row["operator"]) for row in lineage}):
        of_key = Counter(row["outcome"] for row in lineage if (row["round"], row["operator"]) == key)
        proven = sum((row["round"], row["operator"]) == key for row in verified)
        counts = (of_key.total(), of_key["accepted"], proven, of_key["rejected"], of_key["failed"])
        funnel.append([str(key[0]), key[1], *map(str, counts)])
    sums = [str(sum(int(line[column]) for line in funnel)) for column in range(2, 7)]
    kinds = Counter(row["kind"] or "none" for row in train)
    return {
        "configs": [[config, str(len(read(folder, names.get(config, config))))] for config in configs],
        "lengths": [
            [
                str(round_),
                *(
                    f"{median(len(row[text].split()) for row in train if row['round'] == round_):g}"
                    for text in ("instruction", "output")
                ),
            ]
            for round_ in sorted({row["round"] for row in train})
        ],
        "kinds": sorted(
            [f"`{kind}`", str(count), str(sum((row["kind"] or "none") == kind for row in verified))]
            for kind, count in kinds.items()
        ),
        "funnel": [*funnel, ["all", "", *sums]],
        "reasons": sorted([reason, str(count)] for reason, count in Counter(row["reason"] for row in rejected).items()),
        "proofs": sorted(
            [*key, str(count)]
            for key, count in Counter(
                (row["verification"]["language"], row["verification"]["tier"]) for row in verified
            ).items()
        ),
        "unverified": sorted(
            [f"`{why}`", str(count)]
            for why, count in Counter(
                row["verification"]["detail"] for row in train if row["verification"]["status"] == "unverified"
            ).items()
        ),
    }


def shown(text: str) -> dict[str, list[list[str]]]:
    """The same as the card has it."""
    configs, lengths, kinds = tables(section(text, "What is in it"))
    [funnel], [reasons] = tables(section(text, "From attempts to rows")), tables(section(text, "What was thrown out"))
    proofs, unverified = tables(section(text, "Verification"))
    return {
        "configs": [line[:2] for line in configs],
        "lengths": lengths,
        "kinds": sorted(kinds),
        "funnel": funnel,
        "reasons": sorted(line[:2] for line in reasons),
        "proofs": sorted(proofs),
        "unverified": sorted(unverified),
    }


def test_the_card_s_tables_are_those_of_the_data(tmp_path: Path) -> None:
    text = card(tmp_path)
    assert shown(text) == recounted(tmp_path)


def test_the_card_s_sentences_have_the_data_s_numbers(tmp_path: Path) -> None:
    text = card(tmp_path, MANY, seeds="d1g35t")
    assert "6 samples, made from seed instructions by evolving them over 3 rounds" in text
    assert "2 of the 6 answers were run in a sandbox" in text
    assert "2 of 6 rows are verified, 1 of them after a repair." in section(text, "Verification")
    assert "Seeds: 1, from `those that come with evolve` (digest `d1g35t`)." in text
    assert "Derived tasks by kind: infill 1, tests 1." in text
    assert "put into `rejected`: contaminated 2, contaminated_answer 1." in section(text, "Benchmarks")
    assert "12 calls to models: 3 sent, 4 received; cost: $0.50." in section(text, "Cost")


def test_attempts_are_what_became_of_them(tmp_path: Path) -> None:
    [funnel] = tables(section(card(tmp_path), "From attempts to rows"))
    assert [int(line[2]) for line in funnel] == [int(line[3]) + int(line[5]) + int(line[6]) for line in funnel]


def test_a_benchmark_s_item_is_not_shown_as_an_example(tmp_path: Path) -> None:
    text = card(tmp_path)
    assert "word for word." not in text
    assert "Sort names by their length." in text


# -- how it was made ---------------------------------------------------------------------------------------------------


def test_the_card_names_the_models(tmp_path: Path) -> None:
    assert "- evolver: `owner/model-7B`\n- responder: `other`\n" in card(tmp_path)


def test_the_settings_are_a_config_that_makes_the_same(tmp_path: Path) -> None:
    text = section(card(tmp_path, FATES, "rounds=2", "method.weights={deepen_reasoning: 2}"), "How it was made")
    [block] = re.findall(r"^```yaml\n(.*?)^```$", text, re.DOTALL | re.MULTILINE)
    (tmp_path / "again.yaml").write_text(block)
    found = load(tmp_path / "again.yaml")
    assert (found.rounds, found.method.weights) == (2, {"deepen_reasoning": 2})
    assert found.teacher.evolver.model == "owner/model-7B"


@pytest.mark.parametrize(
    "setting",
    [
        "teacher.base_url=http://canary.example/v1",
        "teacher.api_key_env=CANARY",
        "teacher.endpoints=[{base_url: 'http://canary.example/v1', api_key_env: CANARY}]",
        "seeds=/home/canary/seeds.jsonl",
        "eliminator.embedder=/home/canary/model",
        "eliminator.against=[/home/canary/run]",
        "eliminator.benchmarks=[/home/canary/items.jsonl]",
        "method.folder=/home/canary/templates",
        "teacher.judge.model=sk-canaryCANARY0123456789",
        "budget.usd=123456.5",
    ],
)
def test_addresses_keys_and_folders_are_left_out(tmp_path: Path, setting: str) -> None:
    text = card(tmp_path, FATES, setting)
    assert "canary" not in section(text, "How it was made").lower()
    assert "123456" not in text


@pytest.mark.parametrize(
    "model", ["skywork-o1-open-8b", "hfl-chinese-alpaca-2", "ghostwriter-2", "AKI-large-v2-instruct"]
)
def test_a_model_is_named_though_its_name_begins_like_a_key(tmp_path: Path, model: str) -> None:
    assert f"- judge: `{model}`" in card(tmp_path, FATES, f"teacher.judge.model={model}")


def test_where_no_licence_was_given_the_card_says_so(tmp_path: Path) -> None:
    assert "No licence was given" in section(card(tmp_path), "Licence and terms")


def test_the_terms_are_carried_over(tmp_path: Path) -> None:
    text = section(card(tmp_path, FATES, *TERMS), "Licence and terms")
    assert re.findall(r"^- .*: (.*)$", text, re.MULTILINE) == ["apache-2.0", "CC0", "anything goes"]


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        ([], "Items in other words were not looked for."),
        ([], "Every seed, evolution and answer was held against"),
        (["eliminator.skip=[contaminated_answer]"], "Every seed and evolution, but no answer, was held against"),
        (["eliminator.benchmarks=[own.jsonl]"], "of HumanEval, MBPP, `own.jsonl`, word for word"),
        (["eliminator.benchmarks=[own.jsonl]", "teacher.judge.model=j"], "in other words, by a judge."),
        (["eliminator.skip=[contaminated]"], "None were looked for"),
    ],
)
def test_the_card_says_which_benchmarks_were_looked_for(tmp_path: Path, settings: list[str], expected: str) -> None:
    assert expected in section(card(tmp_path, FATES, *settings), "Benchmarks")


def test_a_dataset_that_is_not_whole_says_so(tmp_path: Path) -> None:
    assert "**Not whole yet:** the budget is spent." in card(tmp_path, FATES, partial="the budget is spent")


def test_where_nothing_was_thrown_out_the_card_says_so(tmp_path: Path) -> None:
    assert section(card(tmp_path, [SEED]), "What was thrown out").strip() == "Nothing."


# -- hostile words -----------------------------------------------------------------------------------------------------

HOSTILE = pytest.mark.parametrize(
    "words",
    [
        pytest.param("a|b|c", id="cells"),
        pytest.param("a`b``c", id="code-spans"),
        pytest.param("a\n---\nconfigs: []\n---\n# Title", id="front-matter"),
        pytest.param("a\r| b | c |\u2028| d |\x85e", id="line-ends"),
        pytest.param("<script>alert(1)</script>", id="html"),
        pytest.param("[x](http://evil.example)![y](z) www.evil.example @all", id="links"),
        pytest.param("a\x1b[31mb\u202ec", id="escapes"),
        pytest.param("m" * 5000, id="a-long-name"),
        pytest.param("\\`a\\|", id="backslashes"),
        pytest.param("`", id="a-backtick"),
        pytest.param("```\n# a", id="a-fence"),
    ],
)


def hostile(folder: Path, words: str) -> str:
    """A card with these words in every place that a model or a file can reach."""
    finding = Finding("no_gain", 1, Verdict.REJECT, "no_gain", words)
    child = Instruction("h1", words, "s3", "s3", 1, words, 1)
    thrown_out = Fate(Attempt(1, 30), "s3", words, "rejected", "s3", child, findings=(finding,), reason="no_gain")
    unverified = accepted(31, words, Proof("unverified", words), words)
    config = Config.model_validate(
        {
            "seeds": words,
            "teacher": {"evolver": {"model": words}},
            "method": {"weights": {words: 2.0}},
            "publish": {"license": "mit", "seeds_license": words[:500], "teacher_terms": words[:500]},
        }
    )
    export((SEED, thrown_out, unverified), folder / "data")
    write_card(folder, make_recipe(config, {"seeds": words}), cost="nothing", partial=words)
    return (folder / "README.md").read_text(encoding="utf-8")


@HOSTILE
def test_hostile_words_add_no_line_and_no_cell(tmp_path: Path, words: str) -> None:
    found, calm = hostile(tmp_path / "a", words), hostile(tmp_path / "b", "calm")
    assert len(found.splitlines()) == len(calm.splitlines())
    assert [[len(line) for line in table] for table in tables(found)] == [
        [len(line) for line in table] for table in tables(calm)
    ]


@HOSTILE
def test_hostile_words_do_not_change_the_head(tmp_path: Path, words: str) -> None:
    assert front_matter(hostile(tmp_path / "a", words)) == front_matter(hostile(tmp_path / "b", "calm"))


@HOSTILE
def test_hostile_words_are_inert(tmp_path: Path, words: str) -> None:
    text = hostile(tmp_path, words)
    body = text.split("\n---\n", 1)[1]
    plain = re.sub(r"^```(?:yaml|sh)\n.*?^```$", "", body, flags=re.DOTALL | re.MULTILINE)
    prose = re.sub(r"`[^`\n]*`", "", plain)
    assert "`" not in prose
    assert not re.search(r"www\.|://|@", section(prose, "What is in it"))  # a kind is a word of the seeds' file
    assert not re.search(r"[<>\[\]\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\u2028]", prose)


def test_the_card_holds_no_time_and_no_address(tmp_path: Path) -> None:
    assert not re.search(r"\d{4}-\d\d|\d\d:\d\d|https?://|\d+\.\d+\.\d+\.\d+|localhost", card(tmp_path))


def test_equal_runs_have_equal_cards(tmp_path: Path) -> None:
    assert card(tmp_path / "one") == card(tmp_path / "other")
