"""The offline teacher's tasks: what it evolves is true, and can be read back from the text alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from random import Random

import pytest

from evolve.eliminator import Candidate
from evolve.eliminator.questions import questions, read_vote
from evolve.offline import FAULTS, MAX_CHAIN, RULES, Book, Reply, Rule, Task, canonical, paraphrase, read_seeds, reply

ROOT = Path(__file__).resolve().parent.parent
PROMPTS = {path.stem: path.read_text(encoding="utf-8") for path in (ROOT / "evolve/method/prompts").glob("*.txt")}
SEEDS = tuple(read_seeds(ROOT / "seeds"))
BOOK = Book(SEEDS)
DEPTH = (
    "add_constraint",
    "rarer_requirement",
    "deepen_reasoning",
    "misleading_code",
    "higher_complexity",
    "concretize",
    "complicate_input",
    "deepen",
)

RUNNER = """
import json, signal, sys, types

def late(*_):
    raise TimeoutError

signal.signal(signal.SIGALRM, late)

def passes(source, stub, tests):
    scope = {}
    signal.alarm(2)  # a small fault may make a loop without end
    try:
        exec(source + stub, scope)
        for test in tests:
            exec(test, scope)
    except BaseException:
        return False
    finally:
        signal.alarm(0)
    return True

for source, entry, tests, others in json.load(sys.stdin):
    for path, code in others:
        name = path.removesuffix(".py").replace("/", ".")
        sys.modules[name.partition(".")[0]] = types.ModuleType("package")
        exec(code, vars(sys.modules.setdefault(name, types.ModuleType(name))))
    stub = f"\\ndef {entry}(*args, **kwargs): return None"
    print(json.dumps([passes(source, "", tests), passes(source, stub, tests)]))
"""


Program = tuple[str, str, tuple[str, ...], tuple[tuple[str, str], ...]]


def verdicts(programs: Iterable[Program]) -> list[tuple[bool, bool]]:
    """(the solution passes, a stub passes) for each (source, entry, tests, files), run apart from this process."""
    run = subprocess.run(
        [sys.executable, "-I", "-c", RUNNER],
        input=json.dumps(list(programs)),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return [(good, stub) for good, stub in map(json.loads, run.stdout.splitlines())]


def untrue(tasks: Iterable[Task]) -> list[str]:
    """The texts of those executable tasks whose solution fails, or whose tests a stub passes."""
    known = [task for task in tasks if task.entry]
    found = verdicts((task.source, task.entry, (*task.tests, *task.further), task.others) for task in known)
    assert len(found) == len(known)
    return [task.text for task, verdict in zip(known, found, strict=True) if verdict != (True, False)]


def say(operator: str, draw: Random, **texts: str) -> str:
    message = PROMPTS[operator]
    for name, text in texts.items():
        message = message.replace(f"${name}", text)
    return reply(BOOK, "evolver", message, draw, faults=0).text


def sentence(rule: Rule, task: Task, phrase: str) -> str:
    return phrase.replace("{k}", rule.choices(task)[0]).replace("{f}", task.entry)


def test_there_are_enough_rules_for_both_kinds_of_tasks() -> None:
    behaviour = {r.name for r in RULES for task in SEEDS if r.choices(task) and r.change(task, "2").tests != task.tests}
    assert len(behaviour) >= 14
    for language in {task.language for task in SEEDS}:
        fitting = {r.name for r in RULES for task in SEEDS if task.language == language and r.choices(task)}
        assert len(fitting) >= 10, language


def test_the_seeds_are_true() -> None:
    assert sum(1 for task in SEEDS if task.entry) >= 100
    assert untrue(SEEDS) == []


def test_chains_over_all_seeds_are_true_and_recoverable() -> None:
    evolved: list[Task] = []
    for number, seed in enumerate(SEEDS):
        text = seed.text
        for depth in range(1, MAX_CHAIN + 1):
            draw = Random(f"{number} {depth}")
            child = say(draw.choice(DEPTH), draw, instruction=text)
            task = BOOK.recognise(child)
            if child == text:  # nothing left that fits: only the plainest explanations get there
                assert not seed.entry
                continue
            assert child.startswith(text)
            assert len(task.chain) == len(BOOK.recognise(text).chain) + 1, child
            evolved.append(task)
            text = child
    assert len(evolved) > 0.97 * MAX_CHAIN * len(SEEDS)
    assert untrue(evolved) == []


def test_every_rule_is_true_on_every_seed_that_it_fits() -> None:
    evolved = []
    for seed in (task for task in SEEDS if task.entry):
        for rule in RULES:
            if (choices := rule.choices(seed)) and (said := rule.said(seed.tongue)):
                evolved.append(BOOK.recognise(f"{seed.text} {sentence(rule, seed, said[-1])}"))
                assert evolved[-1].chain == (rule.name,)
                assert evolved[-1].cases == rule.change(seed, choices[0]).cases
    assert len(evolved) > 500
    assert untrue(evolved) == []


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_a_rule_is_read_back_in_all_its_wordings(rule: Rule) -> None:
    seed = next(task for task in SEEDS if rule.choices(task))
    for phrase in rule.phrases:
        said = sentence(rule, seed, phrase)
        assert 8 <= len(said.split()) <= 36, said
        assert BOOK.recognise(f"{seed.text} {said}").chain == (rule.name,)
        assert BOOK.recognise(f"{seed.text}\n\n {said}  \n").chain == (rule.name,)


def test_a_chain_ends_at_its_limit_and_repeats_no_rule() -> None:
    text = SEEDS[0].text
    for depth in range(8):
        text = say("add_constraint", Random(depth), instruction=text)
    chain = BOOK.recognise(text).chain
    assert len(chain) == len(set(chain)) == MAX_CHAIN


def test_misleading_code_is_wrong_nearly_always_and_harms_no_later_round() -> None:
    attempts = []
    for number, seed in enumerate(task for task in SEEDS if task.entry):
        child = say("misleading_code", Random(number), instruction=seed.text)
        shown = re.findall(r"```python\n(.*?)```", child.removeprefix(seed.text), re.DOTALL)
        if not shown:  # a solution without a place for a small fault gets another rule
            continue
        assert BOOK.recognise(child).chain == ("misleading",)
        attempts.append((shown[0], seed.entry, seed.tests, seed.others))
        later = BOOK.recognise(say("deepen_reasoning", Random(number), instruction=child))
        assert len(later.chain) == 2
        assert later.chain[0] == "misleading"
    assert len(attempts) > 100
    wrong = sum(1 for passed, _ in verdicts(attempts) if not passed)
    assert wrong / len(attempts) > 0.8


def test_breadth_makes_true_tasks_that_evolve_further() -> None:
    python = next(task for task in SEEDS if task.entry)
    tasks = []
    for number in range(150):
        born = say("breadth", Random(number), instruction=python.text)
        tasks += [BOOK.recognise(born), BOOK.recognise(say("deepen_reasoning", Random(number), instruction=born))]
        assert tasks[-2].chain == ()
        assert len(tasks[-1].chain) == 1
    assert len({task.entry for task in tasks if not task.chain}) >= 12
    assert len({task.text for task in tasks if not task.chain}) > 100
    assert untrue(tasks) == []


@pytest.mark.parametrize("language", sorted({task.language for task in SEEDS} - {"python"}))
def test_breadth_stays_in_the_language(language: str) -> None:
    seed = next(task for task in SEEDS if task.language == language)
    born = BOOK.recognise(say("breadth", Random(language), instruction=seed.text))
    assert born.language == language
    assert born.code
    assert BOOK.recognise(say("add_constraint", Random(1), instruction=born.text)).chain


def test_crossover_is_true_or_invalid() -> None:
    draw = Random(0)
    fused = []
    for number in range(200):
        first, second = draw.sample(SEEDS, 2)
        text = say("crossover", Random(number), first=first.text, second=second.text)
        if text == "INVALID":
            continue
        assert first.entry
        assert second.entry
        child = say("concretize", Random(number), instruction=text)
        fused += [BOOK.recognise(text), BOOK.recognise(child)]
        assert len(fused[-1].chain) == 1
    assert 40 < len(fused) < 400
    assert untrue(fused) == []


def test_fused_tasks_and_strangers_do_not_fuse() -> None:
    one, two, three = [task for task in SEEDS if "int" in task.shapes and not task.others][:3]
    text = say("crossover", Random(0), first=one.text, second=two.text)
    assert text != "INVALID"
    assert say("crossover", Random(0), first=text, second=three.text) == "INVALID"
    assert say("crossover", Random(0), first=one.text, second=one.text) == "INVALID"
    assert say("crossover", Random(0), first=one.text, second="Sort my socks.") == "INVALID"


@pytest.mark.parametrize("number", range(3))
def test_a_paraphrase_is_the_same_task_in_other_words(number: int) -> None:
    for seed in SEEDS:
        other = paraphrase(seed.text, number)
        assert other != seed.text
        assert canonical(other) == canonical(seed.text)
        assert BOOK.recognise(other).source == seed.source


@pytest.mark.parametrize(
    "text", ["Sort my socks.", "Écris un poème.", "", "```", 'Say "hi" \\ {k} {f} <p>', "x" * 20_000]
)
def test_a_strange_instruction_gets_an_answer_that_is_python(text: str) -> None:
    said = reply(BOOK, "responder", text, Random(0), faults=0).text
    shown = re.findall(r"```python\n(.*?)```", said, re.DOTALL)
    assert len(shown) == 1
    compile(shown[0], "answer", "exec")
    assert reply(BOOK, "evolver", PROMPTS["add_constraint"].replace("$instruction", text), Random(0), 0).text


def test_answers_hold_the_solution_and_the_tester_its_tests() -> None:
    for number, seed in enumerate(task for task in SEEDS if task.entry):
        task = BOOK.recognise(say("add_constraint", Random(number), instruction=seed.text))
        assert task.source in reply(BOOK, "responder", task.text, Random(0), faults=0).text
        assert "\n".join(task.tests) in reply(BOOK, "tester", task.text, Random(0), faults=0).text


@pytest.mark.parametrize("role", ["evolver", "responder", "judge"])
def test_faults_come_at_the_rates_of_their_table(role: str) -> None:
    shown = (task for task in SEEDS if task.entry and "```" in task.text and len(task.text) < 500)
    seed = next(task for task in SEEDS if task.others) if role == "responder" else next(shown)
    book = Book([seed])
    prompt = PROMPTS["add_constraint"].replace("$instruction", seed.text)
    message = {"evolver": prompt, "responder": seed.text}.get(role, "Are they equal?")
    count = 4000
    seen = Counter(reply(book, role, message, Random(f"{role} {i}"), faults=1).fault for i in range(count))
    table = {name: fault.rate for name, fault in FAULTS.items() if fault.role == role and name != "wrong_words"}
    assert set(seen) == {None, *table}
    for name, rate in table.items():
        spread = (count * rate * (1 - rate)) ** 0.5
        assert abs(seen[name] - count * rate) < 4 * spread, name
    assert reply(book, role, message, Random(1), faults=0).fault is None


def test_the_rates_add_up_as_documented() -> None:
    sums = Counter[str]()
    for fault in FAULTS.values():
        sums[fault.role] += round(1000 * fault.rate)
    assert sums == {"evolver": 250, "responder": 150, "judge": 30, "repair": 400, "tester": 50}


def test_wrong_code_is_wrong() -> None:
    programs = []
    for number, seed in enumerate(task for task in SEEDS if task.entry and not task.others):
        for draw in range(60):
            said = reply(BOOK, "responder", seed.text, Random(f"{number} {draw}"), faults=10)
            if said.fault == "wrong_code":
                code = re.findall(r"```python\n(.*?)```", said.text, re.DOTALL)[0]
                programs.append((code, seed.entry, seed.tests, ()))
                break
    assert len(programs) > 50
    assert not any(passed for passed, _ in verdicts(programs))


def test_a_syntax_error_is_one() -> None:
    broken = 0
    for number, seed in enumerate(task for task in SEEDS if task.entry and not task.others):
        for draw in range(60):
            said = reply(BOOK, "responder", seed.text, Random(f"{number} {draw}"), faults=5)
            if said.fault == "syntax_error":
                code = re.findall(r"```python\n(.*?)```", said.text, re.DOTALL)[0]
                with pytest.raises(SyntaxError):
                    compile(code, "answer", "exec")
                broken += 1
                break
    assert broken > 50


@pytest.mark.parametrize("name", ["regression", "unsolvable", "answer_leak", "too_long"])
def test_what_a_fault_adds_is_not_read_as_a_rule(name: str) -> None:
    for seed, child in faulty(name):
        task = BOOK.recognise(child)
        assert task.entry.startswith(seed.entry)
        assert len(task.chain) <= 1


def faulty(name: str) -> list[tuple[Task, str]]:
    """Seeds and their children with this fault."""
    return [(seed, said.text) for seed, said in _children() if said.fault == name]


@lru_cache
def _children() -> list[tuple[Task, Reply]]:
    """Several children of every seventh seed, and of those that show code, most of them faulty."""
    seeds = [seed for number, seed in enumerate(SEEDS) if number % 7 == 0 or "```" in seed.text]
    prompts = [(seed, PROMPTS["add_constraint"].replace("$instruction", seed.text)) for seed in seeds]
    return [(s, reply(BOOK, "evolver", p, Random(f"{p} {i}"), faults=3)) for s, p in prompts for i in range(20)]


# -- the judge -------------------------------------------------------------------------------------------------------

QUESTIONS = questions()


def verdict(name: str, candidate: Candidate, *, swapped: bool = False) -> str:
    """What the teacher's judge says, without its own faults, to the prompt that a run would send."""
    message = QUESTIONS[name].prompt(QUESTIONS[name].texts(candidate), swapped=swapped)
    vote = read_vote(reply(BOOK, "judge", message, Random(0), faults=0).text)
    assert vote is not None
    assert vote.why
    return vote.word


@pytest.mark.parametrize(
    ("fault", "question"),
    [
        ("no_gain", "no_gain"),
        ("copy", "no_gain"),
        ("answer_leak", "answer_leak"),
        ("lost_input", "lost_input"),
        ("regression", "regression"),
        ("unsolvable", "unsolvable"),
        ("off_topic", "off_topic"),
        ("duplicate", "off_topic"),
        ("language_drift", "language_drift"),
        ("too_long", "too_long"),
    ],
)
@pytest.mark.parametrize("swapped", [False, True])
def test_the_judge_knows_the_evolvers_faults(fault: str, question: str, swapped: bool) -> None:
    children = [Candidate(child, (seed.text,), "add_constraint") for seed, child in faulty(fault)]
    assert len(children) > 5
    assert {verdict(question, child, swapped=swapped) for child in children} == {"yes"}


def test_the_judge_knows_a_leaked_prompt_unless_it_is_a_sentence_of_one() -> None:
    children = [Candidate(child, (seed.text,), "add_constraint") for seed, child in faulty("prompt_leak")]
    found = Counter(verdict("prompt_leak", child) for child in children)
    assert found["yes"] > found["no"] > 0


@pytest.mark.parametrize("question", [name for name, question in QUESTIONS.items() if question.subject != "answer"])
def test_the_judge_lets_good_children_pass(question: str) -> None:
    for number, seed in enumerate(SEEDS):
        child = say(DEPTH[number % len(DEPTH)], Random(number), instruction=seed.text)
        candidate = Candidate(child, (seed.text,), "add_constraint")
        assert verdict(question, candidate) == ("yes" if child == seed.text and question == "no_gain" else "no"), child


@pytest.mark.parametrize("fault", ["refusal", "placeholder"])
def test_the_judge_knows_the_responders_faults(fault: str) -> None:
    found: Counter[str] = Counter()
    for number, seed in enumerate(task for task in SEEDS if task.entry):
        for draw in range(20):
            said = reply(BOOK, "responder", seed.text, Random(f"{number} {draw}"), faults=5)
            found[f"{said.fault} {verdict(fault, Candidate(seed.text, (), 'seed', answer=said.text))}"] += 1
    assert found[f"{fault} yes"] > 50
    assert found[f"{fault} no"] == 0
    assert found["None yes"] == 0


@pytest.mark.parametrize(
    "message", ["", "Are they equal?", "Does it?\n<child 01234567>\nx\n</child 01234567>"], ids=repr
)
def test_the_judge_is_unsure_about_what_it_is_not_used_to(message: str) -> None:
    assert json.loads(reply(BOOK, "judge", message, Random(0), faults=0).text)["verdict"] == "unsure"


def test_unusable_lines_of_a_seed_file_are_left_out(tmp_path: Path) -> None:
    rows: list[object] = [
        {"instruction": "Write f(x).", "entry_point": "f", "solution": "def f(x):\n    return x", "tests": ["f(1)"]},
        {"instruction": "Write g(x).", "entry_point": "g", "solution": "def g(", "tests": ["assert g(1) == 1"]},
        {"instruction": "Write h(x).", "entry_point": "h", "solution": "def h(x): 1", "tests": ["assert h(1) == {[]}"]},
        {"instruction": "Write k().", "input": "Use Go."},
        {"prompt": "not an instruction"},
        [1],
    ]
    lines = [*(json.dumps(row).encode() for row in rows), b"{", b"\xff", b"[" * 100_000, b""]
    (tmp_path / "seeds.jsonl").write_bytes(b"\n".join(lines))
    tasks = list(read_seeds(tmp_path))
    assert [task.text for task in tasks] == ["Write f(x).", "Write g(x).", "Write h(x).", "Write k().\nUse Go."]
    assert not any(task.entry for task in tasks)
    assert tasks[-1].language == "go"
    assert list(read_seeds(tmp_path / "seeds.jsonl")) == tasks
