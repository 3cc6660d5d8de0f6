"""A sample's lineage as a tree: from its seed through every accepted and rejected evolution."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Group
from rich.padding import Padding
from rich.text import Text
from rich.tree import Tree

from evolve.errors import ConfigError
from evolve.ledger import Ledger
from evolve.proving import CHECK
from evolve.records import Fate, Proof
from evolve.text import plain, shorten

_STYLE = {"accepted": "green", "rejected": "red", "failed": "yellow"}


def lineage_rows(ledger: Ledger, id_: str) -> list[dict[str, str | int | None]]:
    """Every attempt on the lineage of the sample whose id begins with `id_`, for machines. Raises ConfigError."""
    return [
        {
            "id": fate.child.id if fate.child else None,
            "parent_id": fate.parent_id,
            "round": fate.attempt.round,
            "operator": fate.operator,
            "outcome": fate.outcome,
            "reason": fate.reason,
            "error": fate.error,
            "instruction": fate.child.text if fate.child else None,
        }
        for fate in ledger.children_of(_sample(ledger, id_).root_id)
    ]


def sample_page(ledger: Ledger, id_: str) -> Group:
    """The tree of that sample's lineage, then the sample itself. Raises ConfigError."""
    fate = _sample(ledger, id_)
    tree = lineage_tree(ledger.children_of(fate.root_id), fate.child.id if fate.child else None)
    return Group(tree, Text(), sample_view(fate))


def lineage_tree(fates: Sequence[Fate], chosen: str | None = None) -> Tree:
    """All attempts on one seed, in order of rounds, each under its parent; `chosen` is an id to point at.

    While a run goes on, the seed's own fate may come after its children's: then the root only names the seed.
    """
    root_id, seeded = fates[0].root_id, fates[0].attempt.round == 0
    texts = {fate.child.id: fate.child.text for fate in fates if fate.child is not None}
    tree = Tree(_label(fates[0], chosen) if seeded else Text(f"round 0 seed  not answered yet  {root_id}"))
    branches = {root_id: tree}
    for fate in fates[seeded:]:
        parent_id = fate.parent_id or root_id
        branch = branches.get(parent_id, tree).add(_label(fate, chosen, texts.get(parent_id, "")))
        if fate.child is not None:
            branches[fate.child.id] = branch
    return tree


def sample_view(fate: Fate) -> Group:
    """The whole text of one sample."""
    parts: list[Text | Padding] = [Text("instruction", style="bold")]
    parts.append(Padding(Text(plain(fate.child.text if fate.child else "(none)")), (0, 0, 1, 2), expand=False))
    parts.append(Text("answer", style="bold"))
    parts.append(Padding(Text(plain(fate.answer or "(none)")), (0, 0, 1, 2), expand=False))
    for finding in fate.findings:
        scores = "".join(f"  {name} {value}" for name, value in finding.scores.items())
        parts.append(Text(plain(f"{finding.check}: {finding.verdict} {finding.detail}{scores}".strip())))
    if fate.proof is None:
        parts += [Text("verify: not run")] if fate.outcome == "accepted" else []
        return Group(*parts)
    if not any(finding.check == CHECK for finding in fate.findings):
        parts.append(Text(plain(_proven(fate.proof))))
    if fate.proof.tests:
        parts.append(Padding(Text(plain(fate.proof.tests.rstrip())), (0, 0, 0, 2), expand=False))
    return Group(*parts)


def _proven(proof: Proof) -> str:
    """What is known of the answer, in a line."""
    if proof.status != "verified":
        return f"verify: {proof.status} {proof.detail}".strip()
    mutation = "" if proof.mutation is None else f"  mutation {proof.mutation}"
    agreement = "" if proof.agreement is None else f"  agreement {proof.agreement}"
    counts = f"assertions {proof.assertions}{mutation}{agreement}  repairs {proof.repairs}"
    counts += "".join(f"  {name} {value:g}" for name, value in sorted(proof.scores.items()))
    return f"verify: verified in {proof.tier}  {counts}"


def _sample(ledger: Ledger, id_: str) -> Fate:
    fate = ledger.fate_of(id_)
    if fate is None:
        folder = ledger.path.parent
        raise ConfigError(f"{id_}: no such id in {folder}; ids are in the `id` column of its dataset")
    return fate


def _label(fate: Fate, chosen: str | None, parent: str = "") -> Text:
    id_ = fate.child.id if fate.child else "(no text)"
    label = Text(f"round {fate.attempt.round} ")
    label.append(plain(fate.operator), style="bold")
    why = fate.reason or (shorten(fate.error, 60) if fate.error else "")
    outcome = fate.outcome + (f" ({why})" if why else "")
    label.append(f"  {plain(outcome)}", style=_STYLE[fate.outcome])
    label.append(f"  {id_}", style="bold cyan" if id_ == chosen else "dim")
    label.append("  <- this one" if id_ == chosen else "")
    if fate.child is not None:
        label.append(f"\n{plain(shorten(_news(fate.child.text, parent), 160))}")
    return label


def _news(text: str, parent: str) -> str:
    """The text from where it leaves its parent's, so that a step at the end of a long instruction is seen."""
    pairs = enumerate(zip(text, parent, strict=False))
    same = next((i for i, (one, other) in pairs if one != other), min(len(text), len(parent)))
    begin = text.rfind(" ", 0, same) + 1
    return text if begin < 40 or same == len(text) else f"… {text[begin:]}"
