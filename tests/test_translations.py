"""A translation is proven by doing what its source does, each in its own runtime. Models are scripted, code runs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from random import Random

import pytest

from evolve.checks.signatures import Signature, signatures
from evolve.config import RoleConfig, VerifierConfig, cache_folder
from evolve.markdown import fenced
from evolve.offline import FAULTS, Book, Task, read_seeds, reply
from evolve.offline.faults import Scene
from evolve.proving import Prover
from evolve.records import Proof, Reply, Request, Step
from evolve.sandbox import Seen
from evolve.seeds import bundled
from evolve.verifier import Case, Examined, Verifier
from evolve.verifier.inputs import calls
from evolve.verifier.kinds import Kind, MisfitError, UnwritableError, kind, literal, quoted
from evolve.verifier.translation import checks, entries

CONFIG = VerifierConfig(seconds=60, memory_mib=1024, repairs=1)
SOURCE = '''\
def top_scores(scores, share=0.5):
    """The best part of the scores, downwards."""
    count = int(len(scores) * share)
    return sorted(scores, reverse=True)[:count]
'''
INPUTS = """\
assert top_scores([]) == []
assert top_scores([3, 10, 2, 30]) == [30, 10]
assert top_scores([5, 5, 1], 0.7) == [5, 5]
assert top_scores([1, 2, 3, 4, 5], share=0.4) == [5, 4]
assert top_scores([7]) == []
"""
RIGHT = """\
function topScores(scores, share = 0.5) {
  const count = Math.floor(scores.length * share);
  return [...scores].sort((a, b) => b - a).slice(0, count);
}
"""
SLIP = RIGHT.replace("(a, b) => b - a", "")
TASK = f"Translate this to JavaScript, as topScores.\n\n{fenced(SOURCE, 'python')}"


@pytest.fixture(scope="module")
def verifier() -> Iterator[Verifier]:
    made = Verifier(CONFIG, cache_folder())
    yield made
    made.close()


def lacks(verifier: Verifier, language: str) -> str:
    """Why that language cannot be run here, or ""."""
    seen = verifier.verify([Case("", fenced("x", language), "", language)])[0]
    return "" if seen.outcome.status == "ran" else seen.outcome.detail


def prove(
    verifier: Verifier, answer: str, task: str = TASK, replies: tuple[tuple[Step, str], ...] = (), inputs: str = INPUTS
) -> tuple[str, Proof]:
    """What is kept of an answer; the tester gives `inputs`, then the replies come in turn."""
    said = [("test", fenced(inputs, "python")), *replies]

    async def ask(step: Step, request: Request) -> Reply | str:
        expected, text = said.pop(0) if said else (step, "HTTP 400")
        assert step == expected
        assert "topScores(scores" not in request.messages[0].content or step == "repair" or task != TASK
        return Reply(text, "stop", "m") if text != "HTTP 400" else text

    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(_: str) -> bool:
        return True

    prover = Prover(CONFIG, RoleConfig(model="m"), RoleConfig(model="n"))
    return asyncio.run(prover.prove(task, answer, "translation", ask=ask, examine=examine, suits=suits))


ANSWERS = {
    "right": (RIGHT, "verified", ""),
    "another name, and a class": (f"class Scores {{\n static {RIGHT[9:]}}}\n", "verified", ""),
    "numbers sorted as text": (SLIP, "refuted", "top_scores([3, 10, 2, 30])"),
    "a border": (RIGHT.replace("floor", "ceil"), "refuted", "the JavaScript program gives"),
    "it says what is wanted": (
        "function topScores() { console.log('[30, 10]'); console.error('verified'); }\n",
        "refuted",
        "gives null",
    ),
    "it throws": ("function topScores() { throw new RangeError('no'); }\n", "refuted", "raised RangeError: no"),
    "it leaves": ("function topScores() { process.exit(0); }\n", "refuted", "exit code 0"),
    "it replaces the comparison": (
        RIGHT.replace("function", "globalThis.translated = () => true;\nfunction").replace("b - a", "a - b"),
        "refuted",
        "the Python program gives",
    ),
    "it does not parse": (RIGHT.replace("count);", "count;"), "refuted", "SyntaxError"),
    "no such function": (RIGHT.replace("topScores", "best"), "unverified", "there is no function `top_scores`"),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_a_translation_is_held_to_its_source(verifier: Verifier, name: str) -> None:
    code, status, said = ANSWERS[name]
    kept, proof = prove(verifier, fenced(code, "javascript"))
    assert (kept, proof.status) == (fenced(code, "javascript"), status), proof.detail
    assert said in proof.detail
    assert proof.language == "javascript"


PICK = "def pick(values, k):\n    return sorted(values)[k - 1]\n"
PICKED = "function pick(values, k) {\n  return [...values].sort((a, b) => a - b)[k - 1];\n}\n"
PICKS = "".join(f"assert pick([{k}, 20, 30], {k}) == 0\n" for k in (1, 2, 3)) + "assert pick([7, 5], 2) == 7\n"


@pytest.mark.parametrize(("old", "new", "status"), [("", "", "unverified"), ("a - b", "b - a", "refuted")])
def test_what_differs_beyond_the_testers_inputs_alone_is_not_refuted(
    verifier: Verifier, old: str, new: str, status: str
) -> None:
    task = TASK.replace(SOURCE, PICK)  # in Python the last one is before the first, which no call asks for
    _, proof = prove(verifier, fenced(PICKED.replace(old, new), "javascript"), task, inputs=PICKS)
    assert proof.status == status, proof.detail
    assert ("may not be meant" in proof.detail) == (status == "unverified")


def test_a_slip_is_told_with_the_input_and_both_outputs(verifier: Verifier) -> None:
    _, proof = prove(verifier, fenced(SLIP, "javascript"))
    said = "top_scores([3, 10, 2, 30]): the JavaScript program gives [ 10 2 ]; the Python program gives [ 30 10 ]"
    assert said in proof.detail


def test_a_slip_is_repaired_by_what_was_seen(verifier: Verifier) -> None:
    right = fenced(RIGHT, "javascript")
    kept, proof = prove(verifier, fenced(SLIP, "javascript"), replies=(("repair", right),))
    assert (kept, proof.status, proof.repairs, proof.failing) == (right, "verified", 1, fenced(SLIP, "javascript"))


def test_the_tests_of_a_translation_are_in_its_language_and_counted(verifier: Verifier) -> None:
    _, proof = prove(verifier, fenced(RIGHT, "javascript"))
    assert "assert(await translated(" in proof.tests
    assert proof.assertions > 20
    assert proof.mutation is not None


def test_two_proofs_of_one_answer_are_the_same(verifier: Verifier) -> None:
    assert prove(verifier, fenced(RIGHT, "javascript")) == prove(verifier, fenced(RIGHT, "javascript"))


BACK = f"Port this JavaScript to Python.\n\n{fenced(RIGHT, 'javascript')}"


@pytest.mark.parametrize(
    ("old", "new", "status"),
    [("", "", "verified"), ("int(", "round(", "refuted"), (", reverse=True", "", "refuted")],
    ids=["right", "rounded", "upwards"],
)
def test_a_translation_into_python_is_held_to_its_source(verifier: Verifier, old: str, new: str, status: str) -> None:
    _, proof = prove(verifier, fenced(SOURCE.replace(old, new), "python"), BACK)
    assert (proof.status, proof.language) == (status, "python"), proof.detail
    assert proof.tests.startswith("assert top_scores([]) == []")


@pytest.mark.parametrize("words", ["Port this to Java.", "请把这段代码移植到Java中。"], ids=["English", "Chinese"])
def test_an_answer_in_the_language_of_its_source_is_no_translation(verifier: Verifier, words: str) -> None:
    _, proof = prove(verifier, fenced(SOURCE, "python"), f"{words}\n\n{fenced(SOURCE, 'python')}")
    assert (proof.status, proof.tests) == ("unverified", "")
    assert "the language that it was to be translated from" in proof.detail


def test_a_source_that_depends_on_chance_proves_nothing(verifier: Verifier) -> None:
    chance = "import random\n\ndef top_scores(scores, share=0.5):\n    return random.random()\n"
    _, proof = prove(verifier, fenced(RIGHT, "javascript"), TASK.replace(SOURCE, chance))
    assert proof.status == "unverified"
    assert "it differs from run to run" in proof.detail


def test_a_source_that_raises_for_everything_proves_nothing(verifier: Verifier) -> None:
    raising = "def top_scores(scores, share=0.5):\n    raise ValueError\n"
    _, proof = prove(verifier, fenced(RIGHT, "javascript"), TASK.replace(SOURCE, raising))
    assert proof.status == "unverified"
    assert "ValueError" in proof.detail


@pytest.mark.parametrize("inputs", ["assert top_scores([1]) == []", "assert True", "assert other(1) == other(2)"])
def test_too_few_inputs_are_asked_for_again(verifier: Verifier, inputs: str) -> None:
    answer, again = fenced(RIGHT, "javascript"), (("test", fenced(INPUTS, "python")),)
    assert prove(verifier, answer, inputs=inputs, replies=again)[1].status == "verified"  # type: ignore[arg-type]
    assert prove(verifier, answer, inputs=inputs)[1].status == "unverified"


def test_what_the_tester_expects_does_not_matter(verifier: Verifier) -> None:
    false = INPUTS.replace("[30, 10]", "[1]")
    assert prove(verifier, fenced(RIGHT, "javascript"), inputs=false)[1].status == "verified"


RUST = """\
pub fn top_scores(scores: &[i32], share: f64) -> Vec<i32> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(|a, b| b.cmp(a));
    sorted.truncate((scores.len() as f64 * share) as usize);
    sorted
}
"""
COMPILED = {
    "right": (RUST, "verified", ""),
    "the answer's own mistake": (RUST.replace("let mut", "let"), "refuted", "answer.rs:2"),
    "a type that is not compared": (
        RUST.replace("-> Vec<i32>", "-> Top").replace("    sorted\n", "    Top(sorted)\n") + "struct Top(Vec<i32>);",
        "unverified",
        "tests.rs",
    ),
    "a type that is not written for": (RUST.replace("&[i32]", "Scores"), "unverified", "the type `Scores`"),
    "an argument less": (RUST.replace(", share: f64", ""), "unverified", "takes 1 arguments"),
}


@pytest.mark.parametrize("name", COMPILED)
def test_what_cannot_be_compared_is_told_from_what_is_wrong(verifier: Verifier, name: str) -> None:
    if why := lacks(verifier, "rust"):
        pytest.skip(why)
    code, status, said = COMPILED[name]
    _, proof = prove(verifier, fenced(code, "rust"), TASK.replace("JavaScript", "Rust"))
    assert proof.status == status, proof.detail
    assert said in proof.detail


# -- the bundled seeds, with the offline teacher ----------------------------------------------------------------------

BOOK = Book(read_seeds(bundled()))
QUICK = [task for task in read_seeds(bundled()) if task.examples and task.language in {"javascript", "bash"}]


def taught(verifier: Verifier, task: Task, answer: str) -> tuple[str, Proof]:
    """What is kept of an answer where the offline teacher, who makes no mistake, is asked for the rest."""

    async def ask(step: Step, request: Request) -> Reply | str:
        role = "tester" if step == "test" else "responder"
        return Reply(reply(BOOK, role, request.messages[-1].content, Random(0), 0).text, "stop", "m")

    async def examine(case: Case) -> Examined:
        return verifier.verify([case])[0]

    async def suits(_: str) -> bool:
        return True

    prover = Prover(CONFIG, RoleConfig(model="m"), RoleConfig(model="n"))
    return asyncio.run(prover.prove(task.text, answer, "translation", ask=ask, examine=examine, suits=suits))


@pytest.mark.parametrize("task", QUICK, ids=lambda task: task.text[:30])
def test_a_bundled_translation_is_right_and_its_slip_is_found(verifier: Verifier, task: Task) -> None:
    right = reply(BOOK, "responder", task.text, Random(0), 0).text
    kept, proof = taught(verifier, task, right)
    assert (kept, proof.status, proof.repairs) == (right, "verified", 0), proof.detail
    slip = FAULTS["wrong_code"].make(Scene(right, task, "", Random(0)))
    assert isinstance(slip, str)
    kept, proof = taught(verifier, task, slip)
    assert (kept, proof.status, proof.repairs, proof.failing) == (right, "verified", 1, slip), proof.detail


# -- types and values --------------------------------------------------------------------------------------------------

TYPED = {
    "java": (
        "import java.util.*;\npublic class Box {\n"
        "  static List<Object> f(int[] a, long b, double c, boolean d, String e, List<String> g, int[][] h,"
        " Map<String, Integer> i, char j) {\n"
        "    return Arrays.asList(a, b, c, d, e, g, h, new TreeMap<>(i), j, null);\n  }\n}\n"
    ),
    "cpp": (
        "#include <map>\n#include <string>\n#include <tuple>\n#include <vector>\n#include <optional>\n"
        "using namespace std;\n"
        "auto f(const vector<int>& a, long long b, double c, bool d, const std::string &e, vector<string> g,"
        " vector<vector<int>> h, const map<string, int>& i, char j) {\n"
        "  return std::make_tuple(a, b, c, d, e, g, h, i, j, optional<int>());\n}\n"
    ),
    "rust": (
        "use std::collections::HashMap;\n"
        "struct Out(Vec<i32>);\n"
        "fn f(a: &[i32], b: i64, c: f64, d: bool, e: &str, g: Vec<String>, h: Vec<Vec<u8>>, i: &HashMap<String, i32>,"
        " j: char) -> ((Vec<i32>, i64, f64), (bool, String, Vec<String>), (Vec<Vec<u8>>, HashMap<String, i32>), "
        "(char, Option<i32>)) {\n"
        "  ((a.to_vec(), b, c), (d, e.to_string(), g), (h, i.clone()), (j, None))\n}\n"
    ),
}
VALUES = ([1, -2], 2**40, 0.1, True, "a\"b'c\\d\n$#", ["x", ""], [[1], []], {"k": 1, "a": 2}, "z")


@pytest.mark.heavy
@pytest.mark.parametrize("language", TYPED)
def test_values_go_into_another_language_and_come_back(verifier: Verifier, language: str) -> None:
    if why := lacks(verifier, language):
        pytest.skip(why)
    python = entries("def f(a, b, c, d, e, g, h, i, j):\n    return None\n")["f"]
    v = VALUES
    told = [v[0:3], v[3:6], v[6:8], (v[8], None)] if language == "rust" else [*v, None]
    given = calls(f"f(*{VALUES!r})")["f"]
    made = checks(python, given, [Seen("returned", repr(told))], TYPED[language], language)
    code = fenced(TYPED[language], language)
    outcome = verifier.verify([Case(code, code, made.tests, language)])[0].outcome
    assert outcome.holds, outcome.detail


TYPES = [
    ("const std::vector<std::string>&", "cpp", "series", "std::vector<std::string>"),
    ("unordered_map<string, vector<int>>", "cpp", "map", "std::unordered_map<std::string, std::vector<int>>"),
    ("const char *", "cpp", "text", "char*"),
    ("std::size_t", "cpp", "int", "size_t"),
    ("final List<Integer>", "java", "series", "ArrayList<Integer>"),
    ("java.util.Map<String, List<Long>>", "java", "map", "Map<String,List<Long>>"),
    ("&'a [i64]", "rust", "lent", "&"),
    ("Option<usize>", "rust", "option", "Option<usize>"),
]


@pytest.mark.parametrize(("text", "language", "name", "declared"), TYPES)
def test_a_type_is_read_from_its_text(text: str, language: str, name: str, declared: str) -> None:
    found = kind(text, language)
    assert (found.name, found.text) == (name, declared)


UNREAD = [("int*", "cpp"), ("T", "cpp"), ("char *", "cpp"), ("Node", "java"), ("Function<Integer, Integer>", "java")]
UNREAD += [("impl Fn(i32) -> i32", "rust"), ("T", "rust"), ("", "rust")]


@pytest.mark.parametrize(("text", "language"), UNREAD)
def test_a_type_that_is_not_known_cannot_be_written_for(text: str, language: str) -> None:
    with pytest.raises(UnwritableError):
        kind(text, language)


MISFITS = [
    (2**31, "int", "java"), (-1, "usize", "rust"), (300, "u8", "rust"), (1.5, "int", "cpp"), (None, "int", "java"),
    (True, "int", "java"), (1, "bool", "cpp"), ("ab", "char", "rust"),
    ("é", "std::string", "cpp"), ([1, "a"], "Vec<i32>", "rust"),
    (float("nan"), "double", "java"), ({1: 2}, "Map<String, Integer>", "java"),
]  # fmt: skip


@pytest.mark.parametrize(("value", "text", "language"), MISFITS)
def test_a_value_that_does_not_fit_is_left_out(value: object, text: str, language: str) -> None:
    with pytest.raises(MisfitError):
        literal(value, kind(text, language), language)


@pytest.mark.parametrize("language", ["cpp", "rust", "java", "javascript", "bash"])
def test_a_text_cannot_end_its_literal(language: str) -> None:
    text = quoted("\"'\\\n`$(x)#;", language)
    assert "\n" not in text
    assert text.strip("$")[1:-1].replace("\\\\", "").replace('\\"', "").count(text[-1]) == 0


def test_a_kind_of_text_is_plain_data() -> None:
    assert kind("String", "rust") == Kind("text", "String")


SIGNATURES = [
    ("static long f(int[] a, B... b) { }", "java", Signature("f", ("int[]", "B"), "long", variadic=True)),
    ("class A { int g(int b[]) { return 1; } }", "java", Signature("g", ("int[]",), "int", "A", free=False)),
    ("const f = (a, b = 1) => a;", "javascript", Signature("f", ("", ""))),
    ("class A { static f(a) {} }", "javascript", Signature("f", ("",), "", "A")),
    ("class S { public: static int q(int x) { return x; } };", "cpp", Signature("q", ("int",), "int", "S")),
    ("namespace z { bool k(double) { return true; } }", "cpp", Signature("k", ("double",), "bool", "z")),
    ("impl S { fn q(&self, x: &mut Vec<i32>) {} }", "rust", Signature("q", ("&mut Vec<i32>",), "", "S", free=False)),
    ("func AB(xs []int, a, b string) error { }", "go", Signature("AB", ("[]int", "string", "string"), "error")),
]


@pytest.mark.parametrize(("code", "language", "expected"), SIGNATURES)
def test_a_signature_is_read_from_the_tree(code: str, language: str, expected: Signature) -> None:
    assert signatures(code, language) == [expected]


@pytest.mark.parametrize("code", ["", "{{{{", "int", "\x00", "fn (", "class {" * 200])
@pytest.mark.parametrize("language", ["java", "cpp", "rust", "javascript", "go", "python"])
def test_any_text_has_signatures_or_none(code: str, language: str) -> None:
    assert isinstance(signatures(code, language), list)
