"""How much broken code the check `wrong_code` catches, per language: python benchmarks/syntax.py

Every fenced program of the bundled seeds is broken in each of four ways, at each of a few places that a fixed seed
draws: a bracket is deleted, a quote is dropped, an operator is doubled, the text is cut in the middle of a line. The
table shows the share that is caught; the first column, what is flagged of the programs as they are, must be 0. A
mutation may leave a program whole (a quote inside a comment), so 100 % is not to be had. No model, no network.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator

from evolve import seeds
from evolve.checks.fences import language
from evolve.checks.syntax import WrongCode
from evolve.eliminator import Candidate
from evolve.markdown import page
from evolve.records import Seed, Verdict, rng

PLACES = 4
"""Places at which each program is broken in each way."""
TARGETS = {
    "bracket": re.compile(r"[()\[\]{}]"),
    "quote": re.compile(r"[\"']"),
    "operator": re.compile(r" (?:=|\+|==) "),
}


def programs() -> Iterator[tuple[str, str]]:
    """(language, code) of the longest block of each answer, where its language has a parser."""
    for seed in seeds.read(seeds.bundled()):
        blocks = page(seed.output or "").blocks if isinstance(seed, Seed) else ()
        for block in blocks:
            yield language(block), block.code


def broken(code: str, way: str, name: str) -> Iterator[str]:
    """`code` with one fault of the kind, at each of a few places."""
    draw = rng("syntax", name, way, code)
    if way == "cut":
        middles = [m.start() for m in re.finditer(r"(?<=[^\s;{}])[ .(]", code)]
        yield from (code[:at] for at in draw.sample(middles, min(PLACES, len(middles))))
        return
    places = list(TARGETS[way].finditer(code))
    for place in draw.sample(places, min(PLACES, len(places))):
        more = place.group() + place.group().lstrip() if way == "operator" else ""
        yield code[: place.start()] + more + code[place.end() :]


def caught(code: str, name: str) -> bool:
    answer = f"```{name}\n{code}\n```\n"
    return WrongCode()(Candidate("Do it.", (), "seed", answer=answer)).verdict is Verdict.REJECT


def main() -> None:
    flagged, tried = defaultdict[tuple[str, str], int](int), defaultdict[tuple[str, str], int](int)
    ways = ("as it is", "bracket", "quote", "operator", "cut")
    for name, code in programs():
        for way in ways:
            for text in [code] if way == "as it is" else broken(code, way, name):
                tried[name, way] += 1
                flagged[name, way] += caught(text, name)
    print(f"{'':12}" + "".join(f"{way:>16}" for way in ways))
    for name in sorted({name for name, _ in tried}):
        cells = (f"{flagged[name, way]}/{tried[name, way]}" for way in ways)
        print(f"{name or '(none)':12}" + "".join(f"{cell:>16}" for cell in cells))


if __name__ == "__main__":
    main()
