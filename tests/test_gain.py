"""Too little and too much: what adds nothing, and bloat, is caught; a new requirement and long lists are not."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from evolve.checks.gain import NoGain, TooLong
from evolve.config import EliminatorConfig
from evolve.eliminator import Candidate
from evolve.records import Finding, Verdict

TASK = "Write a Python function that counts how often each letter occurs in a long line of text."
ANY_TEXT = st.text(max_size=200)
UNHURRIED = settings(deadline=None)
MEGABYTE = 2**20


def child(text: str, *parents: str, depth: bool = True, root: str | None = None) -> Candidate:
    return Candidate(text, parents, "add_constraint", depth, root=root)


def no_gain(text: str, parent: str, *, ratio: float = 0.9, new_words: int = 0) -> Finding:
    return NoGain(ratio, new_words)(child(text, parent))


def too_long(text: str, parent: str = TASK, *, root: str | None = None) -> Finding:
    return TooLong(EliminatorConfig())(child(text, parent, root=root))


# -- no_gain -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        pytest.param(TASK, TASK, id="the-same"),
        pytest.param("Sort the list.", "  SORT the\nlist !?", id="case-space-and-marks"),
        pytest.param("Print the primes from 1 to 100.", "Print the primes from 1 to 5000.", id="another-number"),
        pytest.param(f"{TASK} Use 8 bits.", f"{TASK} Use 16 bits.", id="a-larger-number"),
        pytest.param(TASK, TASK.replace("a long", "the given"), id="filler-for-a-word"),
        pytest.param(TASK, TASK.replace("long ", ""), id="a-word-less"),
        pytest.param(TASK, TASK.replace("letter", "letter, each letter,"), id="a-word-twice"),
        pytest.param(TASK, f"{TASK} Please do it.", id="politeness"),
        pytest.param(TASK, TASK.replace("Write a Python function", "Create a Python method"), id="synonyms"),
        pytest.param(
            "Sort the names by length. Print each of them on one line.",
            "Print each of them on one line. Sort the names by length.",
            id="sentences-the-other-way-round",
        ),
        pytest.param(
            TASK, f"{TASK} Make sure that it works correctly and that the code is clean and well written.", id="advice"
        ),
        pytest.param("写一个函数反转字符串。", "请写一个函数，反转字符串。", id="chinese-politeness"),
        pytest.param(f"{TASK}\n```\nx = 1\n```", f"{TASK}\n\n```python\nx  =  1\n```\n", id="a-fence-set-otherwise"),
    ],
)
def test_a_child_that_asks_for_nothing_new_is_no_gain(parent: str, text: str) -> None:
    assert no_gain(text, parent).reason == "no_gain"


@pytest.mark.parametrize(
    ("parent", "text"),
    [
        pytest.param("Print all numbers up to 100.", "Print all prime numbers up to 100.", id="one-new-word"),
        pytest.param(TASK, TASK.replace("letter", "vowel"), id="one-word-for-another"),
        pytest.param(TASK, TASK.replace("Python", "Rust"), id="another-language"),
        pytest.param(TASK, f"{TASK} Ignore case.", id="a-requirement-at-the-end"),
        pytest.param(TASK, "Write a function.", id="far-shorter-without-a-new-word"),
        pytest.param("Read port 80.", "Read port http80.", id="a-number-in-a-name-is-a-word"),
        pytest.param(f"{TASK} Do it in O(n^2).", f"{TASK} Do it in O(n).", id="a-better-bound"),
        pytest.param("Flatten a list.", "Flatten a list of lists.", id="a-plural-that-nests"),
        pytest.param(TASK, TASK.replace("Write", "Do not write"), id="not"),
        pytest.param(TASK, TASK.replace("each", "only each"), id="only"),
        pytest.param(
            "Why does it fail?\n```\nf(x[0])\n```", "Why does it fail?\n```\nf(x[1])\n```", id="another-bug-in-a-fence"
        ),
        pytest.param("Why does it fail?\nx = a / b", "Why does it fail?\nx = a / (b - a)", id="another-bug-in-a-line"),
        pytest.param("写一个函数反转字符串。", "写一个函数反转字符串，不用循环。", id="a-chinese-requirement"),
        pytest.param("文字列を使用するコード。", "文字列を使用しないコード。", id="a-japanese-negation"),
    ],
)
def test_a_new_word_is_a_gain(parent: str, text: str) -> None:
    assert no_gain(text, parent).verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "candidate",
    [
        pytest.param(child(TASK, TASK, depth=False), id="breadth"),
        pytest.param(child(TASK, TASK, "Sort the list.", depth=False), id="crossover"),
        pytest.param(child(TASK), id="seed"),
    ],
)
def test_what_need_not_gain_is_not_asked_to(candidate: Candidate) -> None:
    assert NoGain(0.9, 0)(candidate).verdict is Verdict.ACCEPT


def test_the_number_of_new_words_that_are_no_gain_is_the_configs() -> None:
    assert no_gain(f"{TASK} Ignore case.", TASK, new_words=2).reason == "no_gain"


def test_the_ratio_from_which_a_child_is_no_gain_is_the_configs() -> None:
    assert no_gain(TASK.replace("long ", ""), TASK, ratio=1.0).verdict is Verdict.ACCEPT


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT)
def test_the_ratio_to_the_parent_is_kept_with_the_finding(text: str, parent: str) -> None:
    assert 0 <= no_gain(text, parent).scores["ratio"] <= 1


def test_a_rejected_child_keeps_its_scores_too() -> None:
    assert no_gain(TASK, TASK).scores == {"ratio": 1.0, "new_words": 0.0}


# -- too_long ----------------------------------------------------------------------------------------------------------

ADVICE = (
    "In modern software engineering it is very important to write code of high quality. Please think carefully before "
    "you begin, and make sure that you understand everything. Remember that good code is clean, readable and easy to "
    "maintain. Always follow the best practices of the industry. Take your time to consider various ways and choose "
    "the one that seems best. "
)
REPETITION = "The function must return how often each letter occurs in the line of text. "
LISTED = "\n".join(
    f"{number}. {condition}"
    for number, condition in enumerate(
        (
            "Letters with accents count as the letters without them.",
            "The outcome is a dictionary whose keys stand in descending order of frequency.",
            "Ties are broken by the position of the first occurrence.",
            "Digits are summed under the key `digits`, punctuation under `marks`.",
            "Lines of more than a million characters are read in blocks of 64 KiB.",
            "An unpaired surrogate raises UnicodeError with its index.",
            "Provide a command-line option that writes the histogram as SVG.",
            "Cache results on disk, keyed by a SHA-256 digest of the line.",
            "A second thread may cancel the count at any moment without losing the partial result.",
            "Emit a progress bar to standard error unless that is redirected.",
            "Support gzip input by sniffing its magic bytes.",
            "Measure throughput in megabytes per second, and fail below fifty.",
            "Type hints have to satisfy mypy in strict mode.",
            "Document the invariants of each helper, including its complexity.",
        ),
        start=1,
    )
)
CHINESE = "代码质量非常重要，请务必认真思考，保证清晰易读，符合最佳实践，便于维护。"
BLOATED = [
    pytest.param(f"{TASK} {ADVICE * 2}", id="advice"),
    pytest.param(f"{TASK} {REPETITION * 10}", id="repetition"),
    pytest.param(f"{TASK} {ADVICE} {REPETITION * 6}", id="both"),
]


@pytest.mark.parametrize("text", BLOATED)
def test_padding_of_many_times_the_parent_is_too_long(text: str) -> None:
    assert too_long(text).reason == "too_long"


def test_chinese_padding_is_too_long() -> None:
    task = "写一个函数，统计一行文本中每个字母出现的次数。"
    assert too_long(task + CHINESE * 8, task).reason == "too_long"


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(TASK, id="the-parent"),
        pytest.param(f"{TASK} {ADVICE}", id="some-advice"),
        pytest.param(f"{TASK}\n{LISTED}", id="a-long-list-of-conditions"),
        pytest.param(f"{TASK}\n```\n{REPETITION * 100}\n```", id="long-data-in-a-fence"),
        pytest.param(TASK + "".join(f"\nInput: line {n} Output: {n * n}" for n in range(60)), id="many-examples"),
    ],
)
def test_what_says_something_is_not_too_long(text: str) -> None:
    assert too_long(text).verdict is Verdict.ACCEPT


def test_a_long_parent_may_have_a_long_child() -> None:
    assert too_long(f"{TASK} {ADVICE * 2} Ignore case.", f"{TASK} {ADVICE * 2}").verdict is Verdict.ACCEPT


def test_a_chain_has_a_cap_from_its_root_on() -> None:
    many = " ".join(f"word{n} of {n}," for n in range(400))
    assert too_long(f"{TASK} {many}", f"{TASK} {many}", root=TASK).reason == "too_long"


def test_without_a_root_the_cap_is_over_the_parent() -> None:
    many = " ".join(f"word{n} of {n}," for n in range(400))
    assert too_long(f"{TASK} {many}", f"{TASK} {many}").verdict is Verdict.ACCEPT


@pytest.mark.parametrize(
    "limit",
    [{"too_long_words": 2000}, {"too_long_times": 90}, {"too_long_padding": 1.0}],
    ids=lambda limit: next(iter(limit)),
)
def test_the_limits_are_the_configs(limit: dict[str, float]) -> None:
    check = TooLong(EliminatorConfig.model_validate(limit))
    assert check(child(f"{TASK} {ADVICE * 2}", TASK)).verdict is Verdict.ACCEPT


def test_a_seed_is_never_too_long() -> None:
    assert TooLong(EliminatorConfig())(child(f"{TASK} {ADVICE * 9}")).verdict is Verdict.ACCEPT


def test_a_bloated_breadth_step_is_too_long() -> None:
    candidate = child(f"Sort names. {ADVICE * 2}", TASK, depth=False)
    assert TooLong(EliminatorConfig())(candidate).reason == "too_long"


# -- both --------------------------------------------------------------------------------------------------------------


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT, st.booleans())
def test_a_finding_can_be_decided_again_from_its_scores(text: str, parent: str, depth: bool) -> None:
    for check in (NoGain(0.9, 0), TooLong(EliminatorConfig())):
        finding = check(child(text, parent, depth=depth))
        again = check.decide(finding.scores)
        assert (again.verdict, again.reason, again.scores) == (finding.verdict, finding.reason, finding.scores)


@pytest.mark.parametrize("text", BLOATED)
def test_a_bloated_finding_can_be_decided_again_with_other_limits(text: str) -> None:
    finding = too_long(text)
    generous = TooLong(EliminatorConfig(too_long_padding=1.0))
    assert generous.decide(finding.scores) == generous(child(text, TASK))


@UNHURRIED
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_is_accepted_or_rejected(text: str, parent: str) -> None:
    found = (no_gain(text, parent), too_long(text, parent))
    assert {finding.verdict for finding in found} <= {Verdict.ACCEPT, Verdict.REJECT}


@pytest.mark.parametrize("tile", ["a", "ab ", ". ", "\n", "字", "O(", "the clean code. ", "```\n"], ids=repr)
@pytest.mark.parametrize("other", ["a", "ba ", "\n"], ids=repr)
def test_a_megabyte_is_read_to_its_end(tile: str, other: str) -> None:
    text, parent = ((part * (MEGABYTE // len(part) + 1))[:MEGABYTE] for part in (tile, other))
    found = (no_gain(text, parent), too_long(text, parent))
    assert {finding.verdict for finding in found} <= {Verdict.ACCEPT, Verdict.REJECT}
