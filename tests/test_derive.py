"""Derived tasks: what each kind claims was run, and it is so. The code really runs, in the sandbox."""

from __future__ import annotations

import ast
import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from evolve.cluster import InlineStages, ProcessStages, Stages, Work
from evolve.config import Config, DeriveConfig, DerivedKind, VerifierConfig, cache_folder
from evolve.derive import TOKENS, Derived, Deriver, Source, Tokens, psm, spm, suitable
from evolve.derive.cuts import INLINE, SHORT, cuts
from evolve.derive.slips import as_slip, differing
from evolve.derive.tasks import observed
from evolve.deriving import derive, source_of
from evolve.markdown import fenced, page
from evolve.records import Attempt, Fate, Instruction, Outcome, Proof
from evolve.sandbox import Limits, Sandboxes, Trial
from evolve.sandbox import Outcome as Tried
from evolve.verifier.mutants import mutants

KINDS: tuple[DerivedKind, ...] = ("bug_fix", "infill", "tests")
TASK = "Write `chunks(items, size)`: the list cut into lists of that size, the last one perhaps shorter."
CODE = '''def chunks(items, size):
    """Cut a list."""
    found = []
    current = []
    for item in items:
        current.append(item)
        if len(current) == size:
            found.append(current)
            current = []
    if current:
        found.append(current)
    return found
'''
TESTS = """assert chunks([], 3) == []
assert chunks([1, 2, 3], 2) == [[1, 2], [3]]
assert chunks([1, 2, 3, 4], 2) == [[1, 2], [3, 4]]
assert chunks([1], 5) == [[1]]
"""
COUNTDOWN = """def countdown(n):
    found = []
    while n > 0:
        found.append(n)
        n -= 1
    return found
"""
"""Most of its broken versions hang."""
COUNTDOWN_TESTS = "assert countdown(3) == [3, 2, 1]\nassert countdown(0) == []\nassert countdown(1) == [1]\n"
PROOF = Proof("verified", "", "wasm", "python", TESTS, 4, 0.9, 1, 1.0)
SOURCE = Source("row", "root", TASK, f"Like this.\n\n{fenced(CODE)}\n", PROOF, KINDS, 3)
DRAWS = range(12)
PROGRAMS = [CODE, COUNTDOWN, *(path.read_text(encoding="utf-8") for path in sorted(Path("evolve/derive").glob("*.py")))]


@pytest.fixture(scope="module")
def sandboxes() -> Iterator[Sandboxes]:
    made = Sandboxes("wasm", cache_folder())
    yield made
    made.close()


@pytest.fixture(scope="module")
def deriver(sandboxes: Sandboxes) -> Deriver:
    return Deriver(VerifierConfig(tier="wasm"), sandboxes)


def tried(sandboxes: Sandboxes, code: str, tests: str = TESTS) -> Tried:
    trial = Trial("python", code, tests)
    sandbox, why = sandboxes.choose(trial)
    assert sandbox is not None, why
    return sandbox.verify(trial, Limits(seconds=5))


def only(kind: DerivedKind, number: int, source: Source = SOURCE) -> Source:
    return replace(source, kinds=(kind,), seed=number)


def codes(text: str, language: str = "python") -> list[str]:
    return [block.code for block in page(text).blocks if block.language == language]


# -- fill in the middle ------------------------------------------------------------------------------------------------


def without(tokens: Tokens, *parts: str) -> None:
    assume(not any(mark in "\0".join(parts) or mark in "".join(parts) for mark in tokens.marks))


TEXT = st.text(max_size=20) | st.sampled_from(["", " ", "<", "fim", "\n"])


@pytest.mark.parametrize("name", TOKENS)
@given(TEXT, TEXT, TEXT)
def test_a_psm_string_comes_apart_again(name: str, prefix: str, suffix: str, middle: str) -> None:
    tokens = TOKENS[name]
    without(tokens, prefix, suffix, middle)
    whole = psm(prefix, suffix, middle, tokens)
    rest = whole.removeprefix(tokens.prefix + tokens.gap).removesuffix(tokens.end)
    before, _, rest = rest.partition(tokens.suffix)
    after, _, between = rest.partition(tokens.middle)
    assert (before, after, between) == (prefix, suffix, middle)


@pytest.mark.parametrize("name", TOKENS)
@given(TEXT, TEXT, TEXT)
def test_an_spm_string_comes_apart_again(name: str, prefix: str, suffix: str, middle: str) -> None:
    tokens = TOKENS[name]
    without(tokens, prefix, suffix, middle)
    whole = spm(prefix, suffix, middle, tokens)
    rest = whole.removeprefix(tokens.prefix + tokens.suffix).removesuffix(tokens.end)
    after, _, rest = rest.partition(tokens.middle)
    assert (after, rest) == (suffix, tokens.gap + prefix + middle)


STRINGS = {
    "starcoder2": ("<fim_prefix>p<fim_suffix>s<fim_middle>m", "<fim_prefix><fim_suffix>s<fim_middle>pm"),
    "qwen": ("<|fim_prefix|>p<|fim_suffix|>s<|fim_middle|>m", "<|fim_prefix|><|fim_suffix|>s<|fim_middle|>pm"),
    "deepseek": ("<｜fim▁begin｜>p<｜fim▁hole｜>s<｜fim▁end｜>m", "<｜fim▁begin｜><｜fim▁hole｜>s<｜fim▁end｜>pm"),
    "codellama": ("<PRE> p <SUF>s <MID>m <EOT>", "<PRE> <SUF>s <MID> pm <EOT>"),
}


@pytest.mark.parametrize("name", TOKENS)
def test_the_strings_are_those_of_the_models(name: str) -> None:
    assert (psm("p", "s", "m", TOKENS[name]), spm("p", "s", "m", TOKENS[name])) == STRINGS[name]


@pytest.mark.parametrize("join", [psm, spm], ids=["psm", "spm"])
def test_a_part_with_a_token_in_it_is_refused(join: Callable[[str, str, str, Tokens], str]) -> None:
    with pytest.raises(ValueError, match="holds the token"):
        join("a", "b <|fim_middle|>", "c", TOKENS["qwen"])


# -- cuts --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_the_parts_of_a_cut_are_the_program(source: str) -> None:
    found = cuts(source)
    assert found
    assert {cut.prefix + cut.middle + cut.suffix for cut in found} == {source}


@settings(deadline=None)
@given(st.text(max_size=200) | st.sampled_from(PROGRAMS), st.text(alphabet="é𝕏\t ", max_size=4))
def test_any_text_is_cut_into_its_parts_or_not_at_all(source: str, comment: str) -> None:
    whole = f"{source}\n# {comment}\nname = '{comment}' + str(len('{comment}')) * 12\n"
    assert {cut.prefix + cut.middle + cut.suffix for cut in cuts(whole)} <= {whole}


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_a_middle_parses_as_what_it_is(source: str) -> None:
    for cut in cuts(source):
        text = f"if 1:\n{cut.middle}" if cut.lines and cut.indent else cut.middle
        tree = ast.parse(text if cut.lines else f"({text})")
        assert cut.kind == "block" or len(tree.body) == 1
        assert len(cut.middle.strip()) >= (SHORT if cut.lines else INLINE)


@pytest.mark.parametrize("source", PROGRAMS, ids=range(len(PROGRAMS)))
def test_statements_and_blocks_are_whole_lines(source: str) -> None:
    for cut in cuts(source):
        if cut.lines:
            assert cut.prefix == "" or cut.prefix.endswith("\n")
            assert cut.middle.startswith(cut.indent)
            assert cut.middle.endswith("\n")


MIDDLES = {
    "statement": "        current.append(item)\n",
    "block": "            found.append(current)\n            current = []\n",
    "expression": "len(current) == size",
}


@pytest.mark.parametrize("kind", MIDDLES)
def test_a_program_is_cut_at_its_syntax(kind: str) -> None:
    assert MIDDLES[kind] in [cut.middle for cut in cuts(CODE) if cut.kind == kind]


def test_a_returned_value_is_a_kind_of_its_own() -> None:
    (cut,) = [
        cut
        for cut in cuts("def f(a, b):\n    a = a + 1  # text\n    return (a + b) * (a - b)")
        if cut.kind == "return_value"
    ]
    assert (cut.middle, cut.suffix) == ("(a + b) * (a - b)", "")


LEFT_OUT = {
    "docstring": 'def f():\n    """What it does, in words."""\n    return compute(1, 2) + compute(3)',
    "annotation": "def f(a: dict[str, list[int]]) -> dict[str, list[int]]:\n    return a",
    "decorator": "@cached(size=1000, typed=True)\ndef f(a):\n    return a",
    "inside of an f-string": "def f(a):\n    return f'{compute(a, 1000)} and {compute(a, 2000)}'",
    "bare return": "def f(a):\n    return a_long_name",
    "constant": "counter_of_items = 0\nother_counter = 0\n",
    "shared line": "one = compute(1000); other = compute(2000)\n",
}
WORDS = re.compile(r"What it does|dict\[str|cached|and \{|^return a_long_name$|= 0$|= compute\(.000\)$")


@pytest.mark.parametrize("case", LEFT_OUT)
def test_what_is_not_worth_asking_is_left_out(case: str) -> None:
    found = [cut.middle.strip() for cut in cuts(LEFT_OUT[case])]
    assert [text for text in found if WORDS.search(text)] == []


# -- faults ------------------------------------------------------------------------------------------------------------

SPELT = 'def f(a):\n    if not a.startswith("no-") and a != "yes":\n        return [1, 10_000]\n    return a + "x"\n'


def test_a_slip_differs_in_a_few_characters() -> None:
    slips = [slip for mutant in mutants(SPELT, 200) if (slip := as_slip(mutant, SPELT)) is not None]
    assert slips
    for slip in slips:
        pair = differing(SPELT, slip.source)
        assert pair is not None
        assert pair[2].count('"') == pair[1].count('"')


def test_a_slip_means_what_its_mutant_means() -> None:
    for mutant in mutants(CODE, 200):
        slip = as_slip(mutant, CODE)
        assert slip is None or ast.dump(ast.parse(slip.source)) == ast.dump(ast.parse(mutant.source))


NO_SLIPS = {
    "a value left away": "def f(a):\n    return g(a)\n",
    "a statement left away": "def f(a):\n    a += g(a)\n",
    "an emptied text": 'def f(a):\n    return g("text")\n',
}


@pytest.mark.parametrize("case", NO_SLIPS)
def test_what_nobody_writes_is_no_slip(case: str) -> None:
    source = NO_SLIPS[case]
    written = [slip.source for mutant in mutants(source, 200) if (slip := as_slip(mutant, source)) is not None]
    assert [text for text in written if re.search(r"pass|''|\"\"|None", text)] == []


REPORTS = {
    "comparison": ("Traceback\n  File\nAssertionError: assert f(1) == 2\n  got      3\n  expected 2", True),
    "error": ("Traceback\n    assert f(1) == 2\n  File answer.py\nTypeError: no", True),
    "loop variable": ("Traceback\nAssertionError: assert f(a) == b\n  got      3\n  expected 2", False),
    "address": ("Traceback\nAssertionError: assert f(1) == 2\n  got      <F object at 0x17d1660>\n  expected 2", False),
    "cut off": ("Traceback\nAssertionError: assert f(1) == 2\n  got      [1... (700 characters)\n  expected 2", False),
    "nothing": ("", False),
    "assert False": ("Traceback\n    assert False\nAssertionError", False),
    "long": ("Traceback\n    assert f(1)\n" + "x" * 1_000, False),
}


@pytest.mark.parametrize("case", REPORTS)
def test_a_report_is_shown_where_it_says_something(case: str) -> None:
    detail, shown = REPORTS[case]
    assert bool(observed(detail, "def f(x):\n    return x\n")) == shown


# -- the three kinds ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("number", DRAWS)
def test_a_bug_to_fix_fails_and_its_answer_passes(deriver: Deriver, sandboxes: Sandboxes, number: int) -> None:
    ((task,),) = deriver.derive([only("bug_fix", number)])
    (faulty,), (right,) = codes(task.instruction), codes(task.output)
    assert (tried(sandboxes, faulty).status, tried(sandboxes, right).status) == ("failed", "passed")


@pytest.mark.parametrize("number", DRAWS)
def test_the_fault_is_named_with_its_line(deriver: Deriver, number: int) -> None:
    ((task,),) = deriver.derive([only("bug_fix", number)])
    pair = differing(codes(task.output)[0], codes(task.instruction)[0])
    assert pair is not None
    line, right, wrong = pair
    said = page(task.output).prose
    assert f"line {line}" in said.lower()
    assert f"`{wrong}`" in said
    assert f"`{right}`" in said


@pytest.mark.parametrize("number", DRAWS)
def test_the_report_is_what_the_test_says(deriver: Deriver, sandboxes: Sandboxes, number: int) -> None:
    ((task,),) = deriver.derive([only("bug_fix", number)])
    (report,), (faulty,) = codes(task.instruction, "text"), codes(task.instruction)
    assert report.strip() in tried(sandboxes, faulty).detail


def test_faults_that_hang_are_not_taken(deriver: Deriver, sandboxes: Sandboxes) -> None:
    proof = replace(PROOF, tests=COUNTDOWN_TESTS)
    source = replace(SOURCE, instruction="Write countdown(n).", answer=fenced(COUNTDOWN), proof=proof)
    for (task,) in deriver.derive([only("bug_fix", number, source) for number in range(3)]):
        assert tried(sandboxes, codes(task.instruction)[0], COUNTDOWN_TESTS).status == "failed"


@pytest.mark.parametrize("number", DRAWS)
def test_a_gap_fails_empty_and_passes_filled(deriver: Deriver, sandboxes: Sandboxes, number: int) -> None:
    ((task,),) = deriver.derive([only("infill", number)])
    assert task.cut is not None
    empty, filled = task.cut.prefix + task.cut.suffix, task.cut.prefix + task.cut.middle + task.cut.suffix
    assert not tried(sandboxes, empty).holds
    assert tried(sandboxes, filled).holds


@pytest.mark.parametrize("number", DRAWS)
def test_the_answer_to_a_gap_makes_the_program_whole(deriver: Deriver, number: int) -> None:
    ((task,),) = deriver.derive([only("infill", number)])
    (shown,), (middle,) = codes(task.instruction), codes(task.output)
    assert task.cut is not None
    gap = shown.removeprefix(task.cut.prefix).removesuffix(task.cut.suffix)
    assert f"`{gap.strip()}`" in task.instruction
    middle = middle if task.cut.lines else middle.rstrip("\n")
    assert shown.replace(gap, middle) == CODE


def test_tests_to_write_are_the_proof_s(deriver: Deriver) -> None:
    ((task,),) = deriver.derive([only("tests", 0)])
    assert codes(task.output) == [TESTS]
    assert "`chunks`" in task.instruction


@pytest.mark.parametrize("mutation", [None, 0.69], ids=["untried", "weak"])
def test_tests_that_miss_too_much_are_nobody_s_answer(deriver: Deriver, mutation: float | None) -> None:
    source = replace(SOURCE, proof=replace(PROOF, mutation=mutation), kinds=("tests",))
    assert deriver.derive([source]) == [()]


@pytest.mark.parametrize("kind", KINDS)
def test_every_task_says_what_the_row_says(deriver: Deriver, kind: DerivedKind) -> None:
    ((task,),) = deriver.derive([only(kind, 0)])
    assert TASK in task.instruction.replace("> ", "")
    assert (task.kind, task.source_id, task.root_id, task.proof.tests) == (kind, "row", "root", TESTS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_wording_varies(deriver: Deriver, kind: DerivedKind) -> None:
    found = deriver.derive([only(kind, number) for number in DRAWS])
    assert len({task.instruction.partition("\n")[0][:20] for tasks in found for task in tasks}) > 2


# -- which rows, and how many ------------------------------------------------------------------------------------------


def test_the_same_row_gives_the_same_tasks(deriver: Deriver) -> None:
    assert deriver.derive([SOURCE]) == deriver.derive([SOURCE])


def test_the_row_s_id_draws_the_kinds(deriver: Deriver) -> None:
    found = deriver.derive([replace(SOURCE, id=f"row {n}", count=1) for n in range(16)])
    assert {task.kind for (task,) in found} == set(KINDS)


@pytest.mark.parametrize("count", [1, 2, 3])
def test_a_row_gives_as_many_tasks_as_wanted_each_of_another_kind(deriver: Deriver, count: int) -> None:
    (tasks,) = deriver.derive([replace(SOURCE, count=count)])
    assert len(tasks) == len({task.kind for task in tasks}) == count


UNSUITABLE = {
    "unverified": replace(SOURCE, proof=replace(PROOF, status="unverified")),
    "another language": replace(SOURCE, proof=replace(PROOF, language="javascript")),
    "without tests": replace(SOURCE, proof=replace(PROOF, tests="")),
    "code in the task": replace(SOURCE, instruction=f"Fix this.\n\n{fenced(COUNTDOWN)}"),
}


@pytest.mark.parametrize("case", UNSUITABLE)
def test_a_row_that_gives_nothing_true_gives_nothing(deriver: Deriver, case: str) -> None:
    assert not suitable(UNSUITABLE[case])
    assert deriver.derive([UNSUITABLE[case]]) == [()]


UNUSABLE = {
    "no code": "A queue is a line.",
    "fails its tests": fenced(CODE.replace("== size", "== size + 1")),
    "too long": fenced(CODE.replace("    if current", f"    # {'x' * 7_000}\n    if current")),
}


@pytest.mark.parametrize("case", UNUSABLE)
def test_an_answer_that_does_not_hold_gives_nothing(deriver: Deriver, case: str) -> None:
    assert deriver.derive([replace(SOURCE, answer=UNUSABLE[case])]) == [()]


def test_what_an_answer_does_beside_is_no_part_of_its_tasks(deriver: Deriver) -> None:
    source = replace(SOURCE, answer=fenced(f"{CODE}\n\nprint(chunks(input().split(), 2))"))
    (tasks,) = deriver.derive([source])
    assert len(tasks) == 3
    assert not any("input" in task.instruction for task in tasks)


def test_code_with_a_token_in_it_has_no_gap(deriver: Deriver) -> None:
    code = CODE.replace("Cut a list.", "Cut a <|fim_middle|> list.")
    source = replace(SOURCE, answer=fenced(code), kinds=("infill",))
    assert deriver.derive([source]) == [()]


@settings(deadline=None)
@given(st.text(alphabet="`~\nab ", max_size=60))
def test_nothing_closes_a_fence_from_within(code: str) -> None:
    (block,) = page(fenced(code)).blocks
    assert block.code.rstrip() == code.rstrip()


# -- over a run --------------------------------------------------------------------------------------------------------


def fate(number: int, outcome: Outcome = "accepted", proof: Proof | None = PROOF) -> Fate:
    child = Instruction(f"c{number}", TASK, f"s{number}", None, 0, "seed")
    return Fate(Attempt(0, number), f"s{number}", "seed", outcome, None, child, SOURCE.answer, proof=proof)


FATES = [fate(0), fate(1, "rejected"), fate(2, proof=None), fate(3), fate(4), fate(5)]


async def all_of(stages: Stages, config: Config) -> list[Derived]:
    await stages.start()
    try:
        return [task async for task in derive(FATES, stages, config)]
    finally:
        await stages.close()


def work() -> Work:
    return Work({}, 1, Config().eliminator, {}, VerifierConfig(tier="wasm"))


def test_the_tasks_of_a_run_come_in_the_order_of_its_fates() -> None:
    found = asyncio.run(all_of(InlineStages(work()), Config()))
    assert [task.source_id for task in found] == ["c0", "c3", "c4", "c5"]


@pytest.mark.heavy
def test_processes_derive_what_one_process_derives() -> None:
    plain, apart = (
        asyncio.run(all_of(stages, Config())) for stages in (InlineStages(work()), ProcessStages(work(), 2))
    )
    assert plain == apart


def test_a_source_has_what_the_config_wants() -> None:
    config = Config(seed=7, derive=DeriveConfig(kinds=["tests", "infill", "tests"], per_answer=2))
    source = source_of(FATES[0], config)
    assert source is not None
    assert (source.kinds, source.count, source.seed) == (("tests", "infill"), 2, 7)
