"""A program and its translation, held to the same: what the Python one returns becomes tests of the other one.

Of the pair one is Python. Its calls were run and what came is known; here each becomes a check in the other language,
with arguments written for the types in its signature (`kinds`), and the value as a list of words that code of ours in
that language makes of its own value (`equal/`). So the other program passes as any answer passes its tests, by the same
proof. The entry point may be called in camelCase there. A call that raised, did not come back or differs from run to
run is left out, and so is a value that the other language cannot hold. Nothing is run here.
"""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

from evolve.checks.signatures import Signature, signatures
from evolve.sandbox import Seen
from evolve.verifier.code import parsed
from evolve.verifier.inputs import Call, written
from evolve.verifier.kinds import DOUBLE, LONG, Kind, MisfitError, UnwritableError, kind, literal, quoted, scripted
from evolve.verifier.values import NoValueError, read

LANGUAGES = {
    "javascript": "JavaScript", "typescript": "TypeScript", "java": "Java", "cpp": "C++", "rust": "Rust",
    "bash": "Bash",
}  # fmt: skip
"""That a Python program can be compared with -> how each is called."""
FEWEST = 3
"""Calls that must have been compared: as few assertions as tests may have."""
WIDEST = 2_000
"""Characters of a value that is compared: a compiler reads it, and each call has its own."""
_BASH_FUNCTION = re.compile(r"^[ \t]*(?:function[ \t]+(\w+)|(\w+)[ \t]*\([ \t]*\))", re.M)


@dataclass(frozen=True, slots=True)
class Checks:
    """Tests of one program by what the other one returns."""

    tests: str
    """In the language that is not Python."""
    python: str
    """The same as assertions of the Python program."""
    compared: int
    """Calls in them."""
    left_out: int
    reason: str = ""
    """Why the last call that was left out was."""


def entries(source: str) -> dict[str, ast.FunctionDef]:
    """The functions of a Python program that can be called by their names."""
    tree = parsed(source)
    return {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)} if tree else {}


def plain_name(name: str) -> str:
    """What is left of a name between camelCase and snake_case."""
    return name.replace("_", "").lower()


def counterpart(name: str, source: str, language: str) -> Signature:
    """The function that a Python one is called in another language. Raises UnwritableError where there is none."""
    if language == "bash":
        found = [Signature(one or other, ()) for one, other in _BASH_FUNCTION.findall(source)]
    else:
        found = signatures(source, language)
    named = [one for one in found if plain_name(one.name) == plain_name(name)]
    if not named:
        raise UnwritableError(f"there is no function `{name}` in the {LANGUAGES[language]} program")
    return named[-1]


def checks(node: ast.FunctionDef, given: Sequence[Call], seen: Sequence[Seen], source: str, language: str) -> Checks:
    """The calls of a Python function, and what they came to, as tests of the function that corresponds to it.

    Raises UnwritableError where none can be written: there is no such function, or its types are others.
    """
    signature = counterpart(node.name, source, language)
    write = _WRITERS.get(language, _script)(signature)
    cases, python, reason = [], [], ""
    for call, one in zip(given, seen, strict=True):
        try:
            if one.end != "returned":
                raise MisfitError(f"`{call.of(node.name)}` {'raises ' if one.end == 'raised' else ''}{one.text}"[:200])
            if len(one.text) > WIDEST:
                raise MisfitError(f"`{call.of(node.name)[:100]}` returns more than is compared")
            value = read(one.text)
            cases.append(write(call.of(node.name), _bound(call, node, signature), value))
            python.append(f"assert {call.of(node.name)} == {written(value)}")
        except (MisfitError, NoValueError) as error:
            reason = str(error)
    body = _FRAMES.get(language, "{}").format("\n".join([_CONTROL[_frame(language)], *cases]))
    text = _equal(_frame(language)).replace("@CASES@", body).replace("@LANGUAGE@", LANGUAGES[language])
    return Checks(text, "\n".join(python) + "\n", len(cases), len(given) - len(cases), reason)


def _bound(call: Call, node: ast.FunctionDef, signature: Signature) -> list[object]:
    """The arguments in the order of the other function's parameters. Raises MisfitError, UnwritableError."""
    names = [one.arg for one in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
    fixed = len(node.args.posonlyargs) + len(node.args.args)
    values = dict(zip(names[:fixed], call.args, strict=False)) | dict(call.named)
    rest = list(call.args[fixed:])
    defaults = dict(zip(names[:fixed][::-1], node.args.defaults[::-1], strict=False))
    defaults |= {
        one.arg: value for one, value in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if value
    }
    wanted = len(signature.parameters)
    for place, name in enumerate(names):
        if name in values or name not in defaults:
            continue
        if place >= wanted and not signature.variadic:
            break
        try:
            values[name] = ast.literal_eval(defaults[name])
        except (ValueError, TypeError):
            raise UnwritableError(f"the default of `{name}` is not written out") from None
    if any(name not in names for name in values):
        raise MisfitError(f"`{call.of(node.name)}` names what the function does not")
    bound = [values[name] for name in names if name in values]
    return [*bound, *rest] if signature.variadic or not node.args.vararg else [*bound, rest]


# -- in each language --------------------------------------------------------------------------------------------------

Write = Callable[[str, list[object], object], str]
"""(the call as Python has it, its arguments, what it came to) -> a check. Raises MisfitError."""


def words(value: object) -> list[str]:
    """A value as words: what `equal/` makes of it in every language. Raises MisfitError."""
    if value is None or isinstance(value, bool):
        return [{None: "null", True: "true", False: "false"}[value]]
    if isinstance(value, int | float):
        if math.isnan(value):
            raise MisfitError("nan is not compared")
        if not LONG[0] <= value <= LONG[1]:
            raise MisfitError(f"{value} is too large for whole numbers elsewhere")
        return [str(value)]
    if isinstance(value, str):
        return [f'"{value}']
    if isinstance(value, list | tuple) and (not value or value[0] is not ...):
        return ["[", *(word for one in value for word in words(one)), "]"]
    if isinstance(value, dict) and all(type(key) in (str, int) for key in value):
        parts = sorted((f'"{key}', one) for key, one in value.items())
        return ["{", *(word for key, one in parts for word in (key, *words(one))), "}"]
    raise MisfitError(f"a value of {'an object' if isinstance(value, tuple) else type(value).__name__} is not compared")


def _fits(value: object, returns: str, language: str) -> None:
    """Raises MisfitError where a type that is known cannot hold a value, as an overflow or a missing value."""
    try:
        of = kind(returns, language)
    except UnwritableError:
        return
    missing = of.text[:1].isupper() if language == "java" else of.name in {"option", "lent"}
    if value is None and not missing:
        raise MisfitError(f"`{of.text}` holds no missing value")
    if of.name == "int" and isinstance(value, int) and not of.range[0] <= value <= of.range[1]:
        raise MisfitError(f"{value} is no `{of.text}`")


def _script(signature: Signature) -> Write:
    def write(call: str, args: list[object], value: object) -> str:
        if isinstance(value, int) and not DOUBLE[0] <= value <= DOUBLE[1]:
            raise MisfitError(f"{value} is beyond what a number of JavaScript holds")
        want = ", ".join(quoted(word, "javascript") for word in words(value))
        run = f"{_owned(signature, '.')}({', '.join(map(scripted, args))})"
        return f"assert(await translated({quoted(call, 'javascript')}, () => {run}, [{want}]));"

    return write


def _typed(signature: Signature, language: str) -> Callable[[list[object]], list[tuple[Kind, str]]]:
    """What writes arguments for the types of a signature. Raises UnwritableError."""
    kinds = [kind(one, language) for one in signature.parameters]

    def arguments(args: list[object]) -> list[tuple[Kind, str]]:
        each = kinds[:-1] + kinds[-1:] * (len(args) - len(kinds) + 1) if signature.variadic else kinds
        if len(each) != len(args):
            raise UnwritableError(f"`{signature.name}` takes {len(each)} arguments, the Python function {len(args)}")
        return [(one, literal(value, one, language)) for one, value in zip(each, args, strict=True)]

    return arguments


def _java(signature: Signature) -> Write:
    arguments = _typed(signature, "java")
    owner = signature.holder or "Answer"
    if signature.returns == "void":
        raise UnwritableError(f"`{signature.name}` returns nothing")

    def write(call: str, args: list[object], value: object) -> str:
        _fits(value, signature.returns, "java")
        given = ", ".join(text for _, text in arguments(args))
        want = "".join(f", {quoted(word, 'java')}" for word in words(value))
        run = f"{owner if signature.free else f'new {owner}()'}.{signature.name}({given})"
        return f"        assert Translated.same({quoted(call, 'java')}, () -> {run}{want});"

    return write


def _cpp(signature: Signature) -> Write:
    arguments = _typed(signature, "cpp")
    if signature.returns == "void":
        raise UnwritableError(f"`{signature.name}` returns nothing")

    def write(call: str, args: list[object], value: object) -> str:
        _fits(value, signature.returns, "cpp")
        given = arguments(args)
        made = " ".join(f"{_declared(one)} a{n} = {text};" for n, (one, text) in enumerate(given))
        want = ", ".join(quoted(word, "cpp") for word in words(value))
        run = f"{_owned(signature, '::')}({', '.join(f'a{n}' for n in range(len(given)))})"
        return f"    {{ {made} assert(translated::same({quoted(call, 'cpp')}, [&] {{ return {run}; }}, {{{want}}})); }}"

    return write


def _declared(of: Kind) -> str:
    return {"string": "std::string", "string_view": "std::string_view", "char*": "const char*"}.get(of.text, of.text)


def _rust(signature: Signature) -> Write:
    arguments = _typed(signature, "rust")
    if not signature.free:
        raise UnwritableError(f"`{signature.name}` needs an object")

    def write(call: str, args: list[object], value: object) -> str:
        _fits(value, signature.returns, "rust")
        given = ", ".join(text for _, text in arguments(args))
        want = ", ".join(quoted(word, "rust") for word in words(value))
        run = f"{_owned(signature, '::')}({given})"
        return f"    assert!(translated({quoted(call, 'rust')}, || {run}, &[{want}]));"

    return write


def _owned(signature: Signature, mark: str) -> str:
    made = {"::": f"{signature.holder}()", ".": f"new {signature.holder}()"}[mark]
    if not signature.holder:
        return signature.name
    return f"{signature.holder}{mark}{signature.name}" if signature.free else f"{made}.{signature.name}"


def _bash(signature: Signature) -> Write:
    """By output alone: one value a line or a word; a truth value may be an exit status."""

    def write(call: str, args: list[object], value: object) -> str:
        spread = [*args[:-1], *args[-1]] if args and isinstance(args[-1], list | tuple) else args
        given = [_word(one) for one in spread]
        kind_, want = "text", [value]
        if isinstance(value, bool):
            kind_ = "truth"
        elif isinstance(value, list | tuple):
            kind_, want = "words", list(value)
            if any(re.search(r"\s", str(one)) or one == "" for one in want):
                raise MisfitError("words with spaces cannot be told apart in what is printed")
        wanted = [_word(one) for one in want]
        head = f"translated {quoted(call, 'bash')} {kind_} {len(wanted)}"
        return f"{' '.join([head, *wanted, signature.name, *given])} || exit 1"

    return write


def _word(value: object) -> str:
    if value is None or isinstance(value, bool):
        return {None: "''", True: "true", False: "false"}[value]
    if isinstance(value, int | float):
        return words(value)[0]
    if isinstance(value, str):
        return quoted(value, "bash")
    raise MisfitError(f"a value of {type(value).__name__} is no word of a shell")


_WRITERS: dict[str, Callable[[Signature], Write]] = {"java": _java, "cpp": _cpp, "rust": _rust, "bash": _bash}
_FRAMES = {
    "java": "    public static void main(String[] arguments) throws Throwable {{\n{}\n    }}",
    "cpp": "int main() {{\n{}\n}}",
    "rust": "fn main() {{\n{}\n}}",
}
_CONTROL = {
    "javascript": 'assert(!(await translated("control", () => 1, ["2"])));',
    "java": '        assert !Translated.same("control", () -> 1, "2");',
    "cpp": '    assert(!translated::same("control", [] { return 1; }, {"2"}));',
    "rust": '    assert!(!translated("control", || 1, &["2"]));',
    "bash": "translated control text 1 2 echo 1 && exit 1",
}
"""What must fail comes first: code of ours that an answer has replaced is found out."""


def _frame(language: str) -> str:
    return "javascript" if language == "typescript" else language


@lru_cache
def _equal(name: str) -> str:
    return (files("evolve.verifier") / "equal" / f"{name}.txt").read_text(encoding="utf-8")
