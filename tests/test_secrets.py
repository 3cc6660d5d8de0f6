"""Secrets and personal data: what is found, what is let through, what takes its place, and what a run does about them.

Every key here was made up for the test, in the form that its provider documents; none was ever valid.
"""

from __future__ import annotations

import base64
import http.server
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evolve.config import EliminatorConfig, SecretsConfig, load
from evolve.errors import ConfigError
from evolve.plan import make_plan
from evolve.records import Attempt, Fate, Finding, Instruction, Outcome, Proof, Verdict
from evolve.rethreshold import rethreshold
from evolve.secrets import Scanner, Screen
from evolve.secrets.check import SecretAnswer, SecretHeld
from evolve.seeds import read
from tests.test_pipeline import INLINE, run

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"


def noise(length: int, alphabet: str = ALPHABET) -> str:
    """Characters without order, always the same."""
    return "".join(Random(length).choices(alphabet, k=length))


def token(payload: dict[str, object]) -> str:
    parts = [
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in ({"alg": "HS256"}, payload)
    ]
    return ".".join([*parts, noise(43)])


PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{noise(64)}\n{noise(60)}\n-----END RSA PRIVATE KEY-----"
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
SECRETS = {
    "aws": "AKIA" + noise(16, UPPER),
    "github": "ghp_" + noise(36),
    "github-fine": f"github_pat_{noise(22)}_{noise(59)}",
    "gitlab": "glpat-" + noise(20),
    "google": "AIza" + noise(35),
    "huggingface": "hf_" + noise(34),
    "openai": "sk-proj-" + noise(48),
    "anthropic": "sk-ant-api03-" + noise(80),
    "groq": "gsk_" + noise(52),
    "nvidia": "nvapi-" + noise(64),
    "openrouter": "sk-or-v1-" + noise(64, "0123456789abcdef"),
    "xai": "xai-" + noise(80),
    "slack": "xoxb-" + "2917450836-6620394817-" + noise(24).lower(),
    "stripe": "sk_live_" + noise(24),
    "sendgrid": f"SG.{noise(22)}.{noise(43)}",
    "jwt": token({"sub": "8842", "org": "Northwind Ltd"}),
    "private_key": PEM,
    "password_in_url": "postgres://svc:" + noise(14) + "@db.northwind.io/prod",
    "assigned": f'API_KEY = "{noise(32)}"',
    "assigned-in-a-dict": f"{{'client_secret': '{noise(40)}'}}",
    "email": "maria.kowalczyk@northwind.io",
}
"""One of each, as it stands in a text."""
NEAR_MISSES = (
    "AKIAIOSFODNN7EXAMPLE",
    "aws_secret_access_key = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'",
    'api_key = "YOUR_API_KEY_HERE"',
    'api_key = "sk-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
    'token = "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"',
    'token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"',
    'password = "correct-horse-battery-staple"',
    'password = "securepassword"',
    'password = "SuperSecretPassword123!"',
    'secret = "my-very-secret-value-42"',
    'SECRET_KEY = os.environ["DJANGO_SECRET_KEY"]',
    'token = "abcdefghijklmnop1234567890"',
    'access_token = "{{ config.access_token }}"',
    'auth_token = "notification.preferences.updated"',
    'tokens = "the quick brown fox jumps"',
    "const authKey = 'userAuthenticationStatus'",
    'digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"',
    'ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"',
    'id = "3f2504e0-4f89-11d3-9a0c-0305e82c3301"',
    'url = "postgres://user:password@localhost/db"',
    'url = "mysql://root:${DB_PASSWORD}@db/prod"',
    'url = f"https://{user}:{password}@api.example.com"',
    "git clone git@github.com:owner/repository.git",
    "https://medium.com/@someone/a-story",
    "npm install popper.js@1.16.1 @scope/pkg@latest",
    "y = x@self.weight + a@b.T",
    "john.doe@example.com, test@test.com, user@mail.com, a@b.co",
    "assert valid('jane_doe42@gmail.com') and not valid('foo@bar')",
    "-----BEGIN PRIVATE KEY-----\n...\n-----END PRIVATE KEY-----",
    "-----BEGIN RSA PRIVATE KEY-----\n" + "A" * 64 + "\n-----END RSA PRIVATE KEY-----",
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwibmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ."
    "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    "SKU: SK" + "A" * 32,
    "sk_test_" + noise(24),
)
"""What looks like a secret and is plainly none, or is meant to be seen."""
SCANNER = Scanner(SecretsConfig())


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@pytest.mark.parametrize("around", ["{}", "Use {} to log in.", "```python\nx = 1\nkey({})\n```\n", "字 {} 字"])
def test_a_secret_is_found_wherever_it_stands(secret: str, around: str) -> None:
    assert len(SCANNER.scan(around.replace("{}", secret))) == 1


@pytest.mark.parametrize("text", NEAR_MISSES)
def test_what_is_plainly_no_secret_is_let_through(text: str) -> None:
    assert [str(found) for found in SCANNER.scan(text)] == []


@pytest.mark.parametrize("secret", SECRETS.values(), ids=SECRETS)
@given(before=st.text(max_size=60), after=st.text(max_size=60))
def test_what_was_redacted_holds_nothing_that_is_found(secret: str, before: str, after: str) -> None:
    text, _ = SCANNER.redact(f"{before} {secret} {after}")
    assert SCANNER.redact(text) == (text, {})
    assert secret not in text


@given(before=st.text(max_size=300), after=st.text(max_size=300))
def test_all_around_a_secret_stays(before: str, after: str) -> None:
    if SCANNER.scan(before) or SCANNER.scan(after):
        return
    text, counts = SCANNER.redact(f"{before} {SECRETS['github']} {after}")
    assert text.startswith(f"{before} REDACTED_GITHUB_")
    assert text.endswith(f" {after}")
    assert counts == {"github": 1}


@pytest.mark.parametrize("gap", [600, 1000, 1024, 1023, 5000, 20_000])
@pytest.mark.parametrize("filler", ["x", "word ", "\n", "=", "a."])
def test_a_secret_is_found_however_far_in_it_stands(gap: int, filler: str) -> None:
    text = (filler * gap)[:gap] + f" {SECRETS['anthropic']} "
    assert [found.rule for found in SCANNER.scan(text)] == ["anthropic"]


@pytest.mark.parametrize("length", [200, 800, 3000])
@pytest.mark.parametrize("gap", range(0, 1100, 100))
def test_a_token_that_is_longer_than_a_window_goes_whole(length: int, gap: int) -> None:
    signed = token({"sub": "8842", "scope": noise(length)}) + noise(299)
    text = f"{('word ' * gap)[:gap]} Bearer {signed} and more. {'word ' * 300}"
    redacted, counts = SCANNER.redact(text)
    assert counts == {"jwt": 1}
    assert not any(part in redacted for part in signed.split("."))


@pytest.mark.parametrize("text", ["eyJ" * 300_000, "eyJaaaaaaaa." * 80_000, "-----BEGIN PRIVATE KEY-----" * 30_000])
def test_a_long_text_takes_no_longer_than_its_length(text: str) -> None:
    began = time.process_time()
    SCANNER.scan(text)
    whole, began = time.process_time() - began, time.process_time()
    SCANNER.scan(text[: len(text) // 4])
    assert whole < 12 * (time.process_time() - began) + 1.0  # four times, and eightfold for a busy machine


def test_the_same_value_has_the_same_substitute_everywhere() -> None:
    one, other = (SCANNER.redact(f"{words} {SECRETS['email']}")[0].split()[-1] for words in ("Write to", "From"))
    assert one == other
    assert one.endswith("@example.com")


def test_code_still_parses_when_a_key_is_redacted() -> None:
    code = f"KEY = {SECRETS['openai']!r}\nURL = 'https://svc:{noise(14)}@api.northwind.io'\nPEM = '''{PEM}'''\n"
    text, counts = SCANNER.redact(code)
    compile(text, "redacted", "exec")
    assert sum(counts.values()) == 3


@pytest.mark.parametrize(
    ("config", "found"),
    [
        ({"allow": [SECRETS["github"]]}, []),
        ({"allow": ["ghp_*"]}, []),
        ({"allow": ["gho_*"]}, ["github"]),
        ({"find": ["email"]}, []),
        ({"find": []}, []),
        ({"find": ["key"]}, ["github"]),
    ],
)
def test_what_is_looked_for_and_allowed_is_the_config_s(config: dict[str, list[str]], found: list[str]) -> None:
    scanner = Scanner(SecretsConfig.model_validate(config))
    assert [secret.rule for secret in scanner.scan(SECRETS["github"])] == found


@pytest.mark.parametrize(
    ("kind", "text", "count"),
    [
        ("phone", "call +49 301 555 2368 now", 1),
        ("phone", "call 123-456-7890 or 202-555-0143", 0),
        ("card", "card 4539 1488 0343 6467", 1),
        ("card", "card 4539 1488 0343 6468", 0),
        ("card", "card 4111 1111 1111 1111", 0),
    ],
)
def test_numbers_are_looked_for_where_they_are_named(kind: str, text: str, count: int) -> None:
    scanner = Scanner(SecretsConfig.model_validate({"find": [kind]}))
    assert len(scanner.scan(text)) == count
    assert scanner.scan(scanner.redact(text)[0]) == []


@pytest.mark.parametrize("kind", [SecretHeld, SecretAnswer])
@pytest.mark.parametrize("text", [*SECRETS.values()], ids=SECRETS)
def test_a_check_says_what_it_found_and_not_the_value(kind: type[SecretHeld], text: str) -> None:
    from evolve.checks import Candidate, Context

    finding = kind.make(Context())(Candidate(f"Use {text}.", (), "deepen", answer=f"It is {text}."))
    assert (finding.verdict, finding.reason) == (Verdict.REJECT, "secret")
    assert SCANNER.scan(finding.detail) == []


# -- seeds -------------------------------------------------------------------------------------------------------------

KEY = SECRETS["github"]


def seeds_file(folder: Path, *rows: dict[str, str], name: str = "seeds") -> str:
    path = folder / f"{name}.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return str(path)


def test_a_seed_s_secret_is_redacted_before_anything_is_made_of_it(tmp_path: Path) -> None:
    source = seeds_file(tmp_path, {"instruction": f"Log in with {KEY}.", "output": f"login('{KEY}')"})
    screen = Screen(EliminatorConfig())
    (seed,) = read(source, screen=screen.seed, excerpt=screen.excerpt)
    assert KEY not in repr(seed)
    assert screen.redacted == {"github": 2}


def test_seeds_that_differ_in_a_redacted_value_alone_are_one(tmp_path: Path) -> None:
    rows = [{"instruction": f"Write to {mail}."} for mail in ("Maria.Kowal@northwind.io", "maria.kowal@northwind.io")]
    _, again = read(seeds_file(tmp_path, *rows), screen=Screen(EliminatorConfig()).seed)
    assert "same text as" in getattr(again, "reason", "")


def test_a_seed_is_set_aside_where_the_policy_is_to_reject(tmp_path: Path) -> None:
    source = seeds_file(tmp_path, {"instruction": f"Log in with {KEY}."}, {"instruction": "Sort names."})
    config = load(None, [f"seeds={source}", "teacher.evolver.model=m", "teacher.responder.model=m", *REJECT])
    plan = make_plan(config, tmp_path / "run")
    assert [seed.text for seed in plan.seeds] == ["Sort names."]
    assert plan.rejects[0].reason == "holds what looks like a secret: github"
    assert KEY not in repr(plan.rejects)


def test_a_row_that_cannot_be_used_is_shown_without_its_secret(tmp_path: Path) -> None:
    (tmp_path / "seeds.jsonl").write_text(f'{{"instruction": 7, "key": "{KEY}"}}\n{{"instruction": "Sort names."}}\n')
    screen = Screen(EliminatorConfig())
    reject, _ = read(tmp_path / "seeds.jsonl", screen=screen.seed, excerpt=screen.excerpt)
    assert "REDACTED_GITHUB" in getattr(reject, "excerpt", "")
    assert KEY not in repr(reject)


# -- replies -----------------------------------------------------------------------------------------------------------

REJECT = ["eliminator.secrets.policy=reject"]


@pytest.fixture
def leaky() -> Iterator[tuple[str, list[str]]]:
    """An endpoint whose every reply holds a key, and what it was asked."""
    asked: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            asked.append(body)
            text = f"Write a Python function that logs in to the service with {KEY} and returns its {len(asked)} users."
            if "evolver" not in json.loads(body)["model"]:
                text = f"This is how it is done:\n\n```python\ndef login():\n    return open_session('{KEY}')\n```\n"
            choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
            reply = json.dumps(
                {"id": "1", "object": "chat.completion", "model": "m", "created": 0, "choices": [choice]}
            )
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply.encode())

        def do_GET(self) -> None:
            self.send_error(404)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}/v1", asked
    server.shutdown()
    server.server_close()
    thread.join()


def settings(tmp_path: Path, url: str) -> list[str]:
    source = seeds_file(tmp_path, {"instruction": f"Write a Python function that logs in with {KEY}."})
    models = ["teacher.evolver.model=evolver", "teacher.responder.model=responder"]
    return [f"seeds={source}", f"teacher.base_url={url}", "rounds=2", INLINE, *models]


def published(folder: Path) -> str:
    files = [*(folder / "data").iterdir(), folder / "README.md", folder / "rejects.jsonl", folder / "config.yaml"]
    return "".join(path.read_bytes().decode("latin-1") for path in files)


def test_a_key_reaches_neither_a_prompt_nor_the_dataset(leaky: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = leaky
    fates = run(load(None, settings(tmp_path, url)), tmp_path / "run")
    assert any(fate.outcome == "accepted" and fate.answer and "REDACTED_GITHUB" in fate.answer for fate in fates)
    assert KEY not in "".join(asked)
    assert KEY not in published(tmp_path / "run")


def test_what_was_redacted_is_counted(leaky: tuple[str, list[str]], tmp_path: Path) -> None:
    from evolve.ledger import Ledger
    from evolve.report import summarise

    url, asked = leaky
    run(load(None, settings(tmp_path, url)), tmp_path / "run")
    with Ledger(tmp_path / "run" / "ledger.db", read_only=True) as ledger:
        assert summarise(ledger).redacted == {"github": len(asked) + 1}


def test_where_it_is_to_reject_the_reason_says_so(leaky: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = leaky
    clean = seeds_file(tmp_path, {"instruction": "Write a Python function that logs in."}, name="clean")
    fates = run(load(None, [*settings(tmp_path, url), f"seeds={clean}", *REJECT]), tmp_path / "run")
    assert {fate.reason for fate in fates} == {"secret"}
    assert KEY not in "".join(asked)
    assert KEY not in repr(fates)
    assert KEY not in published(tmp_path / "run")


@pytest.mark.parametrize("outcome", ["accepted", "rejected"])
def test_no_fate_on_record_holds_a_secret_where_it_is_to_reject(outcome: Outcome) -> None:
    """Not even in what no check looked at: tests, an answer that failed them, remarks, and what was cut off."""
    thrown_out = outcome == "rejected"
    child = Instruction("c", f"Use {KEY}." if thrown_out else "Use it.", "s", "s", 1, "deepen")
    proof = Proof("verified", f"saw {KEY}", tests=f"assert f('{KEY}')", failing=f"f = '{KEY}'")
    finding = Finding("malformed", 1, Verdict.REJECT if thrown_out else Verdict.ACCEPT, detail=f"cut off at {KEY}")
    answer = f"It is {KEY}" if thrown_out else "It is."
    fate = Fate(Attempt(1, 0), "s", "deepen", outcome, "s", child, answer, (finding,), proof=proof)
    config = EliminatorConfig(secrets=SecretsConfig(policy="reject"))
    kept = Screen(config).fate(fate)
    assert KEY not in repr(kept)
    assert (kept.child == child, kept.answer == answer) == (not thrown_out, not thrown_out)
    assert Screen(EliminatorConfig(skip=["secret"])).fate(fate) == fate


@pytest.mark.parametrize(
    "changed",
    ["eliminator.secrets.policy=reject", "eliminator.secrets.allow=[ghp_*]", "eliminator.skip=[secret]"],
)
def test_another_policy_is_another_run(leaky: tuple[str, list[str]], tmp_path: Path, changed: str) -> None:
    url, _ = leaky
    clean = seeds_file(tmp_path, {"instruction": "Write a Python function that logs in."}, name="clean")
    base = [*settings(tmp_path, url), f"seeds={clean}"]
    run(load(None, base), tmp_path / "run")
    with pytest.raises(ConfigError, match=r"secret"):
        run(load(None, [*base, changed]), tmp_path / "run")


def test_a_run_that_goes_on_decides_alike(leaky: tuple[str, list[str]], tmp_path: Path) -> None:
    url, asked = leaky
    config = settings(tmp_path, url)
    fates = run(load(None, [*config, "target.max_attempts=2"]), tmp_path / "run")
    calls = len(asked)
    later = run(load(None, config), tmp_path / "run")
    assert later[: len(fates)] == fates
    assert len(asked) > calls


@pytest.mark.corpus
def test_on_record_one_value_looks_like_a_secret(corpus: Path) -> None:
    data = corpus / "data"
    seeds = json.loads((data / "code_alpaca_2k.json").read_text())
    pairs = json.loads((data / "recorded_round1.json").read_text())
    texts = [f"{row['instruction']}\n{row.get('input', '')}\n{row['output']}" for row in seeds]
    texts += [f"{row['evolved']}\n{row['answer']}" for row in pairs]
    found = [secret for text in texts for secret in SCANNER.scan(text)]
    assert len(texts) == 2017 + 1863
    assert [secret.rule for secret in found] == ["assigned", "assigned"]
    assert len({secret.value for secret in found}) == 1


def test_thresholds_can_be_moved_over_a_run_with_redactions(leaky: tuple[str, list[str]], tmp_path: Path) -> None:
    url, _ = leaky
    run(load(None, settings(tmp_path, url)), tmp_path / "run")
    moves = rethreshold(EliminatorConfig(), tmp_path / "run", tmp_path / "again.jsonl")
    assert all(was == now for was, now in moves)
    assert KEY not in (tmp_path / "again.jsonl").read_text()
