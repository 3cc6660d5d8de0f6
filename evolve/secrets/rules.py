"""What a secret or a personal datum looks like: the rules, each text -> the values that it finds.

Keys are found by the rules of `bc-detect-secrets` that know a provider's form (Checkov's fork of Yelp's detect-secrets,
with which BigCode looked through The Stack: arXiv:2301.03988, section 4.3; Yelp's own had its last release in May
2024), by a table of ours for forms that it lacks, each as its provider documents it, and by entropy: what is assigned
to a name like `secret`, and looks drawn at random. Its rules for bare entropy and bare assignments are not used: over
3,880 recorded texts they flag 2,088 and 14 rows, of which one holds what could be a secret.

Invariant: a rule never raises, and takes time linear in the text: it sees WINDOW characters at a time, or begins at a
place that no other match can begin within. It judges nothing: what is plainly no secret is for placeholders.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from typing import Any

Rule = Callable[[str], Iterable[str]]

VERSION = 2
"""Raised whenever the same text may be judged differently; part of a run's identity, as is the package's version."""
WINDOW, OVERLAP = 1024, 384
"""Characters that a rule sees at a time, and how many of them it sees again: no value is longer than that, but for
those of `long_keys`."""
SHORTEST = 16
"""Characters of the shortest key that a rule of the package knows."""

_OURS: Mapping[str, str] = {
    "azure_storage": r"AccountKey=([A-Za-z0-9+/]{86}==)",
    "anthropic": r"\bsk-ant-[A-Za-z0-9_-]{24,200}",
    "github": r"\bgithub_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}\b",
    "gitlab": r"\bgl(?:pat|rt|dt|ptt)-[A-Za-z0-9_-]{20,64}",
    "groq": r"\bgsk_[A-Za-z0-9]{40,60}\b",
    "google": r"\bAIza[A-Za-z0-9_-]{35}(?![A-Za-z0-9_-])",
    "huggingface": r"\bhf_[A-Za-z0-9]{34}\b",
    "nvidia": r"\bnvapi-[A-Za-z0-9_-]{50,80}",
    "openrouter": r"\bsk-or-v1-[0-9a-f]{64}\b",
    "openai": r"\bsk-(?:proj-|svcacct-|admin-)[A-Za-z0-9_-]{40,200}|\bsk-[A-Za-z0-9]{20}T3BlbkFJ[A-Za-z0-9]{20}\b",
    "pypi": r"\bpypi-AgEIcHlwaS5vcmc[A-Za-z0-9_-]{50,300}",
    "telegram": r"\b[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])",
    "twilio": r"\bSK[0-9a-f]{32}\b",
    "xai": r"\bxai-[A-Za-z0-9]{60,100}\b",
}
_NEEDLES: Mapping[str, tuple[str, ...]] = {
    "anthropic": ("sk-ant-",),
    "aws": ("aws", "AWS", "Aws", "A3T", "ABIA", "ACCA", "AKIA", "ASIA"),
    "azure_storage": ("AccountKey=",),
    "discord": (".",),
    "email": ("@",),
    "github": ("ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_"),
    "gitlab": ("glpat-", "glrt-", "gldt-", "glptt-"),
    "groq": ("gsk_",),
    "google": ("AIza",),
    "huggingface": ("hf_",),
    "mailchimp": ("-us",),
    "npm": ("npm_", "_authToken", "NPM"),
    "nvidia": ("nvapi-",),
    "openrouter": ("sk-or-v1-",),
    "openai": ("sk-",),
    "password_in_url": ("://",),
    "pypi": ("pypi-",),
    "sendgrid": ("SG.",),
    "slack": ("xox", "XOX", "slack"),
    "square": ("sq0csp-",),
    "stripe": ("_live_",),
    "telegram": (":AA",),
    "twilio": ("SK",),
    "xai": ("xai-",),
}
"""What must stand in a window for a rule to find anything there: most windows hold none of it, so this
halves the time."""
_PEM = re.compile(
    r"-----BEGIN (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----(?:(?!-----)[\s\S]){40,8000}"
    r"-----END (?:[A-Z0-9]{1,12} ){0,3}PRIVATE KEY(?: BLOCK)?-----"
)
_JWT = re.compile(
    r"(?:(?<![A-Za-z0-9_-])|(?<=\\[nrt]))eyJ[A-Za-z0-9_=-]{8,4000}\.[A-Za-z0-9_=-]{8,8000}\.[A-Za-z0-9_=-]{20,2000}"
)
"""RFC 7519: three parts in base64url, the first two JSON objects; one that RSA signed has 700 characters and more."""
_URL = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}://[^\s:/@'\"<>{}$]{1,64}:([^\s/@'\"<>{}$]{6,128})@[\w.-]{1,128}", re.IGNORECASE
)
_QUOTED = re.compile(r"[\"'`]([A-Za-z0-9+/=_.~!@#%^&*-]{16,256})[\"'`]")
_ASSIGNED = re.compile(
    r"(?:api.?key|access.?key|private.?key|auth.?key|secret|token|passw(?:or)?d|passwd|pwd|credential)"
    r"\w{0,24}[\"'`\])]{0,3}\s{0,3}(?::=|=>|={1,3}|!==?|[:(,])\s{0,3}$",
    re.IGNORECASE,
)
_NAMES = ("key", "secret", "token", "passw", "pwd", "credential")
"""Of which one stands in each name that `_ASSIGNED` knows."""
_BEFORE = 80
"""Characters before a quoted value in which the name that it is assigned to stands."""
_EMAIL = re.compile(
    r"(?<![\w.+%@/-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9][A-Za-z0-9-]{0,62}\.){1,4}"
    r"(?:com|org|net|edu|gov|mil|info|biz|io|dev|app|ai|co|me|xyz|online|[a-z]{2})(?![\w@-])"
)
_PHONE = re.compile(r"(?<![\w.+-])(?:\+\d{1,3}[ .-])?\(?\d{3}\)?[ .-]\d{3}[ .-]\d{4}(?![\w.-]\d|\w)")
_CARD = re.compile(r"(?<![\w.-])(?:\d{4}[ -]?){3}\d{4}(?![\w.-]\d|\w)")


def keys() -> Mapping[str, Rule]:
    """Rules for keys, passwords and tokens, by name; each reads one window."""
    return _keys()


def personal(kind: str) -> Rule:
    """The rule for one kind of personal datum: email, phone or card."""
    if kind == "card":
        return lambda text: filter(_luhn, _CARD.findall(text))
    return _PHONE.findall if kind == "phone" else _where(_EMAIL.findall, _NEEDLES["email"])


def long_keys() -> Mapping[str, Rule]:
    """Rules for those that are longer than a window's overlap, by name; each reads the whole text."""
    return {
        "private_key": _where(_PEM.findall, ("PRIVATE KEY",)),
        "jwt": _where(_JWT.findall, ("eyJ",)),
    }


def windows(text: str) -> Iterator[str]:
    """The text in pieces that overlap, cut at white space where there is some."""
    begin = 0
    while len(text) - begin > WINDOW:
        end = begin + WINDOW
        yield text[begin:end]
        begin = max((text.rfind(blank, end - OVERLAP, end - OVERLAP // 2) for blank in " \n\t"), default=-1)
        begin = end - OVERLAP if begin < 0 else begin
    yield text[begin:]


@cache
def _keys() -> Mapping[str, Rule]:
    rules = {name: _of_package(detector.denylist) for name, detector in _detectors().items()}
    for name, pattern in _OURS.items():
        ours = re.compile(pattern).findall
        rules[name] = _either(rules[name], ours) if name in rules else ours
    rules |= {"password_in_url": _URL.findall, "assigned": _assigned}
    return {name: _where(rule, _NEEDLES.get(name, ())) for name, rule in rules.items()}


def _detectors() -> Mapping[str, Any]:
    """Those of single companies' own products (Artifactory, Cloudant, IBM, SoftLayer) are left out, Twilio's, which
    takes 34 letters and digits after "AC" or "SK" wherever they stand, Azure's, which takes a digest for a key, and
    that of JSON Web Tokens, which can be longer than a window."""
    from detect_secrets.plugins.aws import AWSKeyDetector
    from detect_secrets.plugins.discord import DiscordBotTokenDetector
    from detect_secrets.plugins.github_token import GitHubTokenDetector
    from detect_secrets.plugins.mailchimp import MailchimpDetector
    from detect_secrets.plugins.npm import NpmDetector
    from detect_secrets.plugins.sendgrid import SendGridDetector
    from detect_secrets.plugins.slack import SlackDetector
    from detect_secrets.plugins.square_oauth import SquareOAuthDetector
    from detect_secrets.plugins.stripe import StripeDetector

    return {
        "aws": AWSKeyDetector,
        "discord": DiscordBotTokenDetector,
        "github": GitHubTokenDetector,
        "mailchimp": MailchimpDetector,
        "npm": NpmDetector,
        "sendgrid": SendGridDetector,
        "slack": SlackDetector,
        "square": SquareOAuthDetector,
        "stripe": StripeDetector,
    }


def _of_package(patterns: Iterable[re.Pattern[str]]) -> Rule:
    """Its groups are mostly a part of the key, such as its prefix; where one is long enough, it is the key."""

    def found(text: str) -> Iterator[str]:
        for pattern in patterns:
            for match in pattern.finditer(text):
                longest = max((group for group in match.groups() if group), key=len, default="")
                yield longest if len(longest) >= SHORTEST else match[0]

    return found


def _where(rule: Rule, needles: tuple[str, ...]) -> Rule:
    """The rule, where one of these stands in the text."""
    if not needles:
        return rule
    return lambda text: rule(text) if any(needle in text for needle in needles) else ()


def _either(one: Rule, other: Rule) -> Rule:
    return lambda text: [*one(text), *other(text)]


def _assigned(text: str) -> Iterator[str]:
    lower = text.lower()
    if not any(name in lower for name in _NAMES):
        return
    for match in _QUOTED.finditer(text):
        if _ASSIGNED.search(text[max(0, match.start() - _BEFORE) : match.start()]):
            yield match[1]


def _luhn(number: str) -> bool:
    digits = [int(c) for c in reversed(number) if c.isdigit()]
    return sum(d if n % 2 == 0 else d * 2 - 9 * (d > 4) for n, d in enumerate(digits)) % 10 == 0
