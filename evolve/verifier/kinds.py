"""Types of other languages as far as values of Python can be written for them, and those values written.

A type is read from its text in a signature: whole and broken numbers, truth values, text, letters, series, maps, pairs
and what may be missing, of each other. What is none of these cannot be written, nor can a value that does not fit its
type; either is said, never guessed. Nothing is run here.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

INT = (-(2**31), 2**31 - 1)
LONG = (-(2**63), 2**63 - 1)
DOUBLE = (-(2**53), 2**53)
"""Whole numbers that JavaScript can tell apart."""


class UnwritableError(ValueError):
    """The type cannot be written for: no call of the function can."""


class MisfitError(ValueError):
    """The value does not fit the type: this call cannot be written, others may."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A type."""

    name: str
    """int, float, bool, text, letter, series, map, tuple or option."""
    text: str = ""
    """As a variable of it is declared."""
    of: tuple[Kind, ...] = ()
    range: tuple[int, int] = LONG
    """Of an int."""


def kind(text: str, language: str) -> Kind:
    """The type of that text. Raises UnwritableError."""
    plain = _CLEANED[language](text)
    names = _SCALARS[language]
    if plain in names:
        name, range_ = names[plain]
        return Kind(name, plain, (), range_)
    found = _COMPOUND[language](plain)
    if found is None:
        raise UnwritableError(f"the type `{text}` cannot be written for")
    name, declared, inner = found
    return Kind(name, declared, tuple(kind(one, language) for one in inner))


def _parts(inside: str) -> list[str]:
    """A list of types at its commas, those inside brackets apart."""
    parts, depth, last = [], 0, 0
    for place, char in enumerate(inside):
        depth += (char in "<([{") - (char in ">)]}")
        if char == "," and not depth:
            parts.append(inside[last:place].strip())
            last = place + 1
    return [*parts, inside[last:].strip()]


_GENERIC = re.compile(r"(\w+)\s*<(.*)>", re.S)
Compound = tuple[str, str, list[str]]
"""(name of the kind, text, inner types)."""


def _clean_cpp(text: str) -> str:
    plain = re.sub(r"\b(?:std\s*::\s*|const\b|volatile\b|struct\b)|&", " ", text)
    plain = re.sub(r"\s*([<>,*])\s*", r"\1", " ".join(plain.split()))
    return "text that is written to" if plain == "char*" and "const" not in text else plain


def _cpp(plain: str) -> Compound | None:
    found = _GENERIC.fullmatch(plain)
    if not found:
        return None
    parts = _parts(found[2])
    if found[1] in {"vector", "span", "list", "deque"}:
        held = "vector" if found[1] == "span" else found[1]
        return "series", f"std::{held}<{_cpp_text(parts[0])}>", parts[:1]
    if found[1] in {"map", "unordered_map"} and len(parts) == 2:
        return "map", f"std::{found[1]}<{_cpp_text(parts[0])}, {_cpp_text(parts[1])}>", parts
    if found[1] in {"pair", "tuple"}:
        return "tuple", f"std::{found[1]}<{', '.join(map(_cpp_text, parts))}>", parts
    return ("option", f"std::optional<{_cpp_text(parts[0])}>", parts) if found[1] == "optional" else None


def _cpp_text(plain: str) -> str:
    """With the library's names whole again."""
    return re.sub(
        r"\b(vector|span|list|deque|map|unordered_map|pair|tuple|optional|string|string_view)\b", r"std::\1", plain
    )


def _clean_java(text: str) -> str:
    plain = re.sub(r"\bfinal\b|\bjava\.(?:util|lang)\.|@\w+|\? (?:extends|super) ", "", text)
    return re.sub(r"\s*([<>,\[\]])\s*", r"\1", " ".join(plain.split()))


def _java(plain: str) -> Compound | None:
    if plain.endswith("[]"):
        return "series", plain, [plain[:-2]]
    found = _GENERIC.fullmatch(plain)
    if not found:
        return None
    parts = _parts(found[2])
    if found[1] in {"List", "ArrayList", "Collection", "Iterable"}:
        return "series", f"ArrayList<{parts[0]}>", parts
    return ("map", plain, parts) if found[1] in {"Map", "HashMap", "LinkedHashMap"} else None


def _clean_rust(text: str) -> str:
    plain = re.sub(r"'\w+\b|\bstd::(?:\w+::)*", "", text)
    return " ".join(plain.split()).replace("& ", "&")


def _rust(plain: str) -> Compound | None:
    if plain.startswith("&"):
        inner = plain[1:].removeprefix("mut ").strip()
        mark = "&mut " if plain.startswith("&mut ") else "&"
        return "lent", mark, [f"Vec<{inner[1:-1]}>" if inner[:1] == "[" and ";" not in inner else inner]
    if plain.startswith("(") and plain != "()":
        return "tuple", plain, _parts(plain[1:-1].rstrip(","))
    if plain.startswith("[") and ";" in plain:
        return "array", plain, [plain[1:].rpartition(";")[0].strip()]
    found = _GENERIC.fullmatch(plain)
    parts = _parts(found[2]) if found else []
    names = {"Vec": "series", "Option": "option", "HashMap": "map", "BTreeMap": "map"}
    return (names[found[1]], plain, parts) if found and found[1] in names else None


def _unsigned(bits: int) -> tuple[str, tuple[int, int]]:
    return "int", (0, 2**bits - 1)


def _signed(bits: int) -> tuple[str, tuple[int, int]]:
    return "int", (-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)


_FLOAT, _BOOL, _TEXT, _LETTER = ("float", LONG), ("bool", LONG), ("text", LONG), ("letter", LONG)
_SCALARS: Mapping[str, Mapping[str, tuple[str, tuple[int, int]]]] = {
    "java": {
        **dict.fromkeys(("int", "Integer"), _signed(32)), **dict.fromkeys(("long", "Long"), _signed(64)),
        **dict.fromkeys(("short", "Short"), _signed(16)), **dict.fromkeys(("byte", "Byte"), _signed(8)),
        **dict.fromkeys(("double", "Double", "float", "Float"), _FLOAT), **dict.fromkeys(("boolean", "Boolean"), _BOOL),
        **dict.fromkeys(("String", "CharSequence"), _TEXT), **dict.fromkeys(("char", "Character"), _LETTER),
    },
    "cpp": {
        **dict.fromkeys(("int", "signed", "signed int", "int32_t"), _signed(32)),
        **dict.fromkeys(("long", "long int", "long long", "long long int", "int64_t", "ptrdiff_t"), _signed(64)),
        **dict.fromkeys(("short", "int16_t"), _signed(16)), "int8_t": _signed(7),
        **dict.fromkeys(("unsigned", "unsigned int", "uint32_t"), _unsigned(32)),
        **dict.fromkeys(("size_t", "unsigned long", "unsigned long long", "uint64_t"), _unsigned(63)),
        **dict.fromkeys(("double", "float", "long double"), _FLOAT), "bool": _BOOL, "char": _LETTER,
        **dict.fromkeys(("string", "string_view", "char*"), _TEXT),
    },
    "rust": {
        **{f"i{bits}": _signed(bits) for bits in (8, 16, 32, 64)}, "i128": _signed(64), "isize": _signed(64),
        **{f"u{bits}": _unsigned(bits) for bits in (8, 16, 32)},
        **dict.fromkeys(("u64", "u128", "usize"), _unsigned(63)),
        **dict.fromkeys(("f64", "f32"), _FLOAT), "bool": _BOOL, "char": _LETTER,
        "String": _TEXT, "str": ("slice", LONG),
    },
}  # fmt: skip
_CLEANED: Mapping[str, Callable[[str], str]] = {"java": _clean_java, "cpp": _clean_cpp, "rust": _clean_rust}
_COMPOUND: Mapping[str, Callable[[str], Compound | None]] = {"java": _java, "cpp": _cpp, "rust": _rust}


# -- values ------------------------------------------------------------------------------------------------------------


def quoted(text: str, language: str) -> str:
    """A literal of a text. Raises MisfitError where the language counts its letters in another way than Python."""
    if any(char > "\uffff" for char in text) or (language in {"cpp", "rust", "bash"} and not text.isascii()):
        raise MisfitError(f"text beyond {'ASCII' if language in {'cpp', 'rust', 'bash'} else 'U+FFFF'}")
    if language == "bash":
        return "$'" + re.sub(r"[^ -\"$-&(-\[\]-~]", lambda m: f"\\x{ord(m[0]):02x}", text) + "'"
    if language == "javascript":
        return json.dumps(text)
    if language == "rust":
        return '"' + re.sub(r"[^ !#-\[\]-~]", lambda m: f"\\u{{{ord(m[0]):x}}}", text) + '"'
    unicode = language == "java" and (lambda m: f"\\u{ord(m[0]):04x}" if m[0] > "\x7f" else f"\\{ord(m[0]):03o}")
    return '"' + re.sub(r"[^ !#-\[\]-~]", unicode or (lambda m: f"\\{ord(m[0]):03o}"), text) + '"'


def literal(value: object, of: Kind, language: str) -> str:
    """A value of Python as an expression of that type. Raises MisfitError."""
    text: str | None = None
    if of.name == "option":
        inner = "" if value is None else literal(value, of.of[0], language)
        forms = {"rust": ("None", f"Some({inner})"), "cpp": ("std::nullopt", inner)}
        text = forms[language][value is not None]
    elif of.name == "lent":
        text = ("" if of.of[0].name == "slice" else of.text) + literal(value, of.of[0], language)
    elif of.name in {"series", "array", "tuple"} and isinstance(value, list | tuple):
        text = _series(list(value), of, language)
    elif of.name == "map" and isinstance(value, dict):
        text = _map(value, of, language)
    elif isinstance(value, bool):
        text = json.dumps(value) if of.name == "bool" else None
    elif isinstance(value, int | float):
        text = _number(value, of, language)
    elif isinstance(value, str):
        text = _letters(value, of, language)
    if text is None:
        raise MisfitError(f"a value of {type(value).__name__} is no `{of.text or of.name}`")
    return text


def _number(value: float, of: Kind, language: str) -> str | None:
    if of.name == "float":
        return _float(value, of, language)
    if of.name != "int" or type(value) is float:
        return None
    if not of.range[0] <= value <= of.range[1]:
        raise MisfitError(f"{value} is no `{of.text}`")
    return f"{value}L" if language == "java" and of.text in {"long", "Long"} else str(value)


def _letters(value: str, of: Kind, language: str) -> str | None:
    text = quoted(value, language)
    if of.name == "letter" and len(value) == 1:
        return "'" + {"'": "\\'", '"': '"'}.get(value, text[1:-1]) + "'"
    if of.name not in {"text", "slice"}:
        return None
    return f"String::from({text})" if language == "rust" and of.name == "text" else text


def _float(value: float, of: Kind, language: str) -> str:
    if not math.isfinite(value) or abs(value) > 1e300:
        raise MisfitError(f"{value} has no literal")
    return repr(float(value)) + ("f" if language == "java" and of.text in {"float", "Float"} else "")


def _series(values: list[object], of: Kind, language: str) -> str:
    if of.name == "tuple" and len(values) != len(of.of):
        raise MisfitError(f"{len(values)} values are no `{of.text}`")
    kinds = of.of if of.name == "tuple" else of.of * len(values)
    inside = ", ".join(literal(one, each, language) for one, each in zip(values, kinds, strict=True))
    if language == "cpp":
        return f"{of.text}{{{inside}}}" if of.name == "series" else f"{of.text}({inside})"
    if language == "java":
        return f"new {of.text} {{{inside}}}" if of.text.endswith("[]") else f"new {of.text}(Arrays.asList({inside}))"
    if of.name == "tuple":
        return f"({inside},)"
    return f"[{inside}]" if of.name == "array" else f"::std::vec::{of.text.replace('<', '::<', 1)}::from([{inside}])"


def _map(value: Mapping[object, object], of: Kind, language: str) -> str:
    parts = [(literal(key, of.of[0], language), literal(one, of.of[1], language)) for key, one in value.items()]
    if language == "java":
        names = of.text.partition("<")[2]
        made = f"Translated.<{names[:-1]}>map({', '.join(f'{key}, {one}' for key, one in parts)})"
        return made if of.text.startswith("Map<") else f"new {of.text}({made})"
    if language == "cpp":
        return f"{of.text}{{{', '.join(f'{{{key}, {one}}}' for key, one in parts)}}}"
    pairs = ", ".join(f"({key}, {one})" for key, one in parts)
    return f"::std::collections::{of.text.replace('<', '::<', 1)}::from([{pairs}])"


def scripted(value: object) -> str:
    """A value of Python as an expression of JavaScript. Raises MisfitError."""
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int | float):
        if isinstance(value, int) and not DOUBLE[0] <= value <= DOUBLE[1]:
            raise MisfitError(f"{value} is beyond what a number of JavaScript holds")
        return {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}.get(repr(value), repr(value))
    if isinstance(value, str):
        return quoted(value, "javascript")
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(scripted, value))}]"
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return "{" + ", ".join(f"[{scripted(key)}]: {scripted(one)}" for key, one in value.items()) + "}"
    raise MisfitError(f"a value of {type(value).__name__} has no counterpart in JavaScript")
