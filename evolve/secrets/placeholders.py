"""What looks like a secret and is plainly none: a placeholder, a documented example, a name, a word, a fictional
person.

Code that teaches is full of these, and a row that is thrown out or changed for one is a loss. Invariant: a function of
the value alone; what is not plainly a placeholder is none.
"""

from __future__ import annotations

import base64
import binascii
import math
import re
from collections import Counter
from itertools import pairwise

_WORDS = re.compile(
    r"your|exampl|sampl|test|dummy|fake|placeholder|secret|passw|change|xxxx|todo|here|insert|enter|demo|token|"
    r"apikey|api_key|api-key|admin|user|hello|world|foobar|default|redacted|hidden|replace|string|value|config|"
    r"abcd|1234|qwerty|0000|asdf|name|data|login|client|access|private|public",
    re.IGNORECASE,
)
"""Words of four letters and more: that one of them stands in 40 random characters happens once in 500."""
_CODE = re.compile(r"[a-z]+(?:[A-Z][a-z]+)+|[a-z_]+(?:[.-][a-z_]+)*|[A-Z_]+", re.ASCII)
"""A name in a program, such as a property or a setting."""
_RESERVED = re.compile(
    r"(?:^|\.)example\.[a-z.]+$|\.(?:example|test|invalid|localhost)$|"
    r"^(?:test|e?mail|domain|company|site|website|mysite|school|university|corp|acme|foo|bar|abc|xyz|sample|demo|"
    r"yourdomain|mydomain|self)\.[a-z.]+$"
)
"""Domains that nobody has (RFC 2606), and those that writers of examples take for such."""
_NOBODY = re.compile(
    r"(?:e-?mail|user|name|test|example|sample|demo|foo|bar|baz|admin|root|info|support|contact|hello|sales|help|"
    r"no-?reply|git|me|you|your|someone|somebody|anyone|john|jane|joe|doe|smith|alice|bob|carol|charlie|dave|eve|first|"
    r"last|abc|xyz|customer|client|student|employee|person|recipient|sender|team|office|mail|my|johndoe|janedoe|"
    r"johnsmith|username|myemail|youremail|[a-z])?\d*",
)
"""Each part of a local part, as it is taken for people who do not exist."""
TEST_CARDS = frozenset(
    {"4111111111111111", "4242424242424242", "5555555555554444", "5105105105105100", "4012888888881881", "0" * 16}
)
"""Numbers that payment providers document for tests."""
REDACTED = "REDACTED_"
"""How what took a key's place begins."""
RANDOM_BITS = 3.3
"""Shannon entropy a character from which an assigned value can be drawn at random: 20 hexadecimal digits have 3.3 on
average, 32 characters of base64 4.6; of 35 assigned values on record one is above it, and that one looks random."""


def is_placeholder(rule: str, value: str) -> bool:
    """`rule`: the name of the one that found the value."""
    return value.startswith(REDACTED) or _OF_RULE.get(rule, _of_key)(value)


def entropy(text: str) -> float:
    """Shannon's, in bits a character."""
    counts = Counter(text).values()
    return -sum(n / len(text) * math.log2(n / len(text)) for n in counts) if text else 0.0


def _of_key(value: str) -> bool:
    """What stands behind its provider's prefix is words, the alphabet, or the same few characters again and again."""
    body = re.sub(r"^[A-Za-z]{2,10}[_-](?:[a-z]{3,7}[_-])?", "", value)
    return _WORDS.search(body) is not None or len(set(body)) < min(8, len(body) / 2) or _sequential(body)


def _of_assigned(value: str) -> bool:
    kinds = sum(any(test(c) for c in value) for test in (str.isdigit, str.islower, str.isupper))
    random = kinds >= 2 and any(map(str.isdigit, value)) and not _CODE.fullmatch(value)
    return _of_key(value) or not random or entropy(value) < RANDOM_BITS


def _of_private_key(value: str) -> bool:
    return entropy(re.sub(r"-----[^-]*-----|\s", "", value)) < 4.0


def _of_url(value: str) -> bool:
    return _of_key(value) or value.isalpha() or value.isdigit()


def _of_card(value: str) -> bool:
    digits = re.sub(r"\D", "", value)
    return digits in TEST_CARDS or _sequential(digits)


def _of_phone(value: str) -> bool:
    return re.search(r"555.?01\d\d$", value) is not None or _sequential(re.sub(r"\D", "", value)[-10:])


def _sequential(text: str) -> bool:
    """Whether most characters follow the one before them, or repeat it."""
    steps = Counter(ord(b) - ord(a) for a, b in pairwise(text))
    return len(text) > 3 and (steps[1] + steps[-1] + steps[0]) >= 0.6 * (len(text) - 1)


def _of_token(value: str) -> bool:
    """A JSON Web Token about nobody, or cut short."""
    parts = value.split(".")
    if len(parts) < 3 or len(parts[2]) < 20:
        return True
    try:
        said = base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return True
    return re.search(r"John Doe|1234567890|example|\btest", said, re.IGNORECASE) is not None


def _of_address(value: str) -> bool:
    local, _, domain = value.lower().rpartition("@")
    nobody = all(_NOBODY.fullmatch(part) for part in re.split(r"[._+%-]", local))
    return nobody or _RESERVED.search(domain) is not None


_OF_RULE = {
    "assigned": _of_assigned,
    "card": _of_card,
    "email": _of_address,
    "jwt": _of_token,
    "password_in_url": _of_url,
    "phone": _of_phone,
    "private_key": _of_private_key,
}
"""The others are keys behind a prefix."""
