"""The dataset card: README.md of a run's folder, as the Hub shows it.

Invariant: its figures are those of the tables beside it, but for the cost, what the judge found and the scores of Evol
Stop, which no table has; it says nothing of when, where or through which address they were made. What came from a model
or a file is shown inert: it can end no table, no code and no section, and is no link.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

import yaml

from evolve import __version__
from evolve.dataset.figures import TABLES, Figures, Reason, count
from evolve.dataset.files import write_atomically
from evolve.dataset.metadata import MARK, TITLE, metadata
from evolve.dataset.recipe import Recipe
from evolve.proxies import Proxies
from evolve.text import plain, shorten

CARD = "README.md"
SHOWN = 12
"""Lines of a list that could have very many."""
HOLDS = {
    "default": "what was accepted: `instruction`, `output`, `messages`, and where each row came from",
    "preference": "pairs of answers: `chosen` passes the tests that `rejected` fails",
    "rejected": "what was thrown out, each with its reason, its scores and what it duplicates; nothing to train on",
    "lineage": "every attempt and its outcome, also of those that failed and are in no other table",
    "derived": "tasks made of verified answers, and run: fix a fault, fill a gap, write tests",
}
"""Config -> what its rows are."""
Cells = Iterable[object]


def write_card(
    folder: Path, recipe: Recipe, *, cost: str, rounds: Sequence[Proxies] = (), partial: str | None = None
) -> Figures:
    """Count what is in `folder / "data"` and write the card beside it.

    `cost`: what the calls came to, in words. `rounds`: what evolving came to, round by round. `partial`: why these are
    not all the rows that the run will have.
    """
    figures = count(folder / "data")
    parts = (
        _intro(figures, recipe, partial),
        _contents(figures),
        _making(figures, recipe),
        _funnel(figures),
        *([_rounds(rounds, recipe)] if rounds else []),
        _thrown_out(figures),
        _verification(figures),
        _contamination(figures, recipe),
        f"## Cost\n\n{cost}",
        _rights(recipe),
        _limits(),
        _again(recipe),
    )
    head = yaml.safe_dump(metadata(figures, recipe.publish), sort_keys=False).strip()
    with write_atomically(folder / CARD) as beside:
        beside.write_text("\n\n".join((f"---\n{head}\n---", *parts)) + "\n", encoding="utf-8")
    return figures


def is_card(text: str) -> bool:
    """Whether a README.md was written by `write_card`, by the mark in its head."""
    head = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    try:
        data = yaml.safe_load(head[1]) if head else None
    except yaml.YAMLError:
        return False
    tags = data.get("tags") if isinstance(data, dict) else None
    return isinstance(tags, list) and MARK in tags


def _intro(figures: Figures, recipe: Recipe, partial: str | None) -> str:
    rounds = max((line.round for line in figures.funnel), default=0)
    span = "one round" if rounds == 1 else f"{rounds} rounds"
    warning = f"\n\n**Not whole yet:** {_cell(partial, 300)}. The run goes on from here." if partial else ""
    return f"""# {TITLE}

{figures.train} samples, made from seed instructions by evolving them over {span} with evolve {__version__}
(Evol-Instruct: every instruction is made a little harder, checked, and answered). Seeds are included as round 0.
{figures.verified} of the {figures.train} answers were run in a sandbox and passed tests that were written without \
them.{warning}"""


def _contents(figures: Figures) -> str:
    tables = ((config, figures.rows.get(config, 0), HOLDS[config]) for config in TABLES)
    lengths = ((length.round, f"{length.instruction:g}", f"{length.output:g}") for length in figures.lengths)
    kinds = ((_code(kind), *numbers) for kind, numbers in list(figures.kinds.items())[:SHOWN])
    derived = ", ".join(f"{_cell(kind)} {rows}" for kind, rows in figures.derived.items())
    return "\n\n".join(
        [
            "## What is in it",
            _table(("config", "rows", "what it holds"), tables, raw={2}),
            *([f"Derived tasks by kind: {derived}."] if derived else []),
            "By round, the words of the instruction and of the answer in the middle:",
            _table(("round", "words of the instruction", "words of the answer"), lengths),
            "By the kind of the seed's task, which evolving in depth keeps:",
            _table(("kind", "rows", "verified"), kinds, raw={0}),
        ]
    )


def _making(figures: Figures, recipe: Recipe) -> str:
    roles = "\n".join(f"- {role}: `{_cell(name)}`" for role, name in recipe.models.items())
    seeds = sum(line.attempts for line in figures.funnel if line.round == 0)
    settings = yaml.safe_dump(dict(recipe.settings), sort_keys=False, width=10_000).strip()  # a line for each
    return f"""## How it was made

Seeds: {seeds}, from `{_cell(recipe.seeds)}` (digest `{_cell(recipe.seeds_digest)}`). Models:

{roles}

Every instruction is evolved by one operator a round, looked at by text checks, held against all that came before it,
put to a judge where one is named, answered, and the answer looked at and run. What is thrown out leaves its parent in
the pool. Settings that make the data, where they are not as by default; addresses and keys are left out:

```yaml
{settings.replace("`", "'")}
```"""


def _funnel(figures: Figures) -> str:
    names = ("attempts", "accepted", "verified", "rejected", "failed")
    lines: list[Cells] = [
        (line.round, line.operator, *(getattr(line, name) for name in names)) for line in figures.funnel
    ]
    lines.append(("all", "", *(figures.total(name) for name in names)))
    return f"## From attempts to rows\n\n{_table(('round', 'operator', *names), lines)}"


def _rounds(rounds: Sequence[Proxies], recipe: Recipe) -> str:
    shares = ("acceptance", "gain", "distance", "leaks", "contamination")
    lines = ((one.round, *(_figure(getattr(one, name)) for name in shares)) for one in rounds)
    heads = ("round", "accepted", "more than the parent", "distance", "leaks", "benchmark items")
    scored = ", ".join(f"round {number}: {score:g}" for number, score in enumerate(recipe.scores, start=1))
    return "\n\n".join(
        [
            "## Round by round",
            _table(heads, lines),
            "Shares of the attempts; of what a judge decided on, how much asks for more than its parent; one less the "
            "cosine to the nearest instruction of another lineage before it, which a tenth of the accepted come below. "
            "Leaks were thrown out for it, or hold words of the method.",
            *([f"Evol Stop: a command scored all that came up to each round: {scored}."] if scored else []),
            *([f"The run ended early: {_cell(recipe.ended, 500)}."] if recipe.ended else []),
        ]
    )


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _thrown_out(figures: Figures) -> str:
    by = ((reason.name, reason.rejected, _operators(reason), *_example(reason)) for reason in figures.reasons)
    table = _table(("reason", "rejected", "operators", "one of them: what was seen", "and in what"), by, raw={3, 4})
    return f"## What was thrown out\n\n{table}" if figures.reasons else "## What was thrown out\n\nNothing."


def _operators(reason: Reason) -> str:
    ordered = sorted(reason.operators.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(f"{operator} {times}" for operator, times in ordered)


def _example(reason: Reason) -> tuple[str, str]:
    """Not of a benchmark: what is published must not spread it."""
    return ("", "") if reason.name == "contaminated" else (_code(reason.detail), _code(reason.instruction))


def _verification(figures: Figures) -> str:
    proofs = ((language or "-", tier or "-", rows) for (language, tier), rows in figures.proofs.items())
    reasons = ((_code(why or "-"), rows) for why, rows in list(figures.unverified.items())[:SHOWN])
    more = len(figures.unverified) - SHOWN
    return "\n\n".join(
        [
            "## Verification",
            f"{figures.verified} of {figures.train} rows are verified, {figures.repaired} of them after a repair. "
            "`verification` holds each row's tests, what held the code while it ran, and for the others why not.",
            *([_table(("language", "run in", "verified"), proofs)] if figures.proofs else []),
            *([_table(("why not", "unverified"), reasons, raw={0})] if figures.unverified else []),
            *([f"And {more} further reasons."] if more > 0 else []),
        ]
    )


def _contamination(figures: Figures, recipe: Recipe) -> str:
    if not recipe.decontaminated:
        return "## Benchmarks\n\nNone were looked for: the check was switched off."
    names = ", ".join(("HumanEval", "MBPP", *(f"`{_cell(name)}`" for name in recipe.benchmarks)))
    found = ", ".join(f"{check} {rows}" for check, rows in figures.contaminated.items())
    count = f"Taken for one, and put into `rejected`: {found}." if found else "None was taken for one."
    looked = "Every seed, evolution and answer" if recipe.answers else "Every seed and evolution, but no answer,"
    words = "Those of the named files were also looked for in other words, by a judge."
    return f"""## Benchmarks

{looked} was held against the items of {names}, word for word or nearly so. {count}
{words if recipe.rephrased else "Items in other words were not looked for."}"""


def _rights(recipe: Recipe) -> str:
    publish = recipe.publish
    if publish.license is None:
        return "## Licence and terms\n\nNo licence was given: what may be done with this dataset is not known."
    link = f" ({_cell(publish.license_link, 300)})" if publish.license_link else ""
    return f"""## Licence and terms

- this dataset: {_cell(publish.license)}{link}
- the seeds, which every row is derived from: {_cell(publish.seeds_license or "not given", 500)}
- the models that wrote it: {_cell(publish.teacher_terms or "not given", 500)}"""


def _limits() -> str:
    return """## Limits

- Instructions, answers and tests come from language models. Tests and answer can share a mistake: verified means that
  they agree, not that they are right.
- What is unverified was not run, or could not be.
- Rules and judges let bad rows through and throw good ones out; `rejected` is there to be looked through. It holds
  refusals, broken code and perhaps items of benchmarks.
- Near-duplicates are looked for with care: some are left."""


def _again(recipe: Recipe) -> str:
    return f"""## Making it again

With evolve {__version__}, the settings above as `evolve.yaml`, and the endpoint's address and key added:

```sh
evolve run --config evolve.yaml --seeds SEEDS
```

The rows depend on seeds, settings and the models' replies alone: the same replies make the same bytes. Asking the
models again does not bring the same replies."""


def _table(head: tuple[str, ...], lines: Iterable[Cells], raw: Collection[int] = ()) -> str:
    """`raw`: the columns that are written as they are."""
    rows = ([str(cell) if i in raw else _cell(str(cell)) for i, cell in enumerate(line)] for line in lines)
    return "\n".join([_row(head), "|" + "---|" * len(head), *map(_row, rows)])


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _code(text: str, width: int = 160) -> str:
    """As code, where an address is no link and a name calls nobody; what could end it, or the cell, is left out."""
    safe = re.sub(r"[|`]", "", plain(shorten(text, width))).strip()
    return f"`{safe}`" if safe else ""


def _cell(text: str, width: int = 100) -> str:
    """Safe inside a table's cell, a code span and a line of text."""
    return re.sub(r"[|`<>\[\]\\*]", "", plain(shorten(text, width)))
