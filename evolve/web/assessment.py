"""Does the data look good? A sentence, and what speaks against it, each with where its threshold is from.

Figures of a known run stand beside those of this one: what was found in a public GPT-3.5 run of WizardCoder's method
over 2,017 Code Alpaca seeds (1,966 rows after round 1, 1,953 after round 2), of which nothing had been thrown out. That
is one evolver and a small sample: orders of magnitude. Invariant: nothing is called good because it was not looked at.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from evolve.web.record import Assessment, Item, Level, Measure, Spread, Warning_

KNOWN: Mapping[str, tuple[float, float]] = {
    "prompt_leak": (0.031, 0.073),
    "no_gain": (0.064, 0.054),
    "lost_input": (0.13, 0.14),
    "regression": (0.010, 0.031),
    "answer_leak": (0.008, 0.014),
    "duplicate": (0.014, 0.086),
    "refusal": (0.0005, 0.0005),
}
"""Share of the attempts in rounds 1 and 2 of the known run."""
FAR = 2.0
"""Times the known run's share: it is known to an order of magnitude, so less than that says nothing."""
ROWS = 5
"""Rejections that a share is told from."""
ADDED = 10.0
"""Words that a step adds at least (WizardLM's prompt: 10 to 20; WizardCoder's: about 10)."""
LONG, LONG_SHARE = 20, 0.51
"""Words beyond which a step is longer than WizardLM asks for, and their share in the known run's round 2."""
NARROWED = 0.5
"""Of the distance to the nearest below which a tenth of the first round lies. One round over the recorded seeds left
1.24 of it; with a tenth of that round made of ten texts that differ in a number 0.48 were left, with a fifth 0.11. The
median sees it late: 1.09, then 1.08 and 1.05."""
APART = 0.3
BEST_ROUNDS = 3
_KNOWN_RUN = "a public GPT-3.5 run over 2,017 Code Alpaca seeds, measured"
_OFFLINE = "offline-"


def rates(summary: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """Per reason: rejections, and their share of the attempts, of each round; beside it the known run's."""
    attempts: dict[int, int] = {}
    counts: dict[str, dict[int, int]] = {}
    for line in summary["rounds"]:
        attempts[line["round"]] = attempts.get(line["round"], 0) + line["attempts"]
        for reason, count in line["reasons"].items():
            of_round = counts.setdefault(reason, {})
            of_round[line["round"]] = of_round.get(line["round"], 0) + count
    return tuple(
        {
            "reason": reason,
            "counts": [counts[reason].get(round_, 0) for round_ in sorted(attempts)],
            "shares": [round(counts[reason].get(round_, 0) / attempts[round_], 4) for round_ in sorted(attempts)],
            "known": [None if not round_ else _known(reason, round_) for round_ in sorted(attempts)],
        }
        for reason in summary["reasons"]
    )


def assess(
    summary: Mapping[str, Any],
    measures: Sequence[Measure],
    found: Mapping[str, Any],
    items: Sequence[Item],
    *,
    finished: bool,
) -> Assessment:
    """`found`: what is in the rows. `items` stand for the run where there are more attempts than a page can bear."""
    evolved = [line for line in summary["rounds"] if line["round"]]
    attempts, accepted = (sum(line[name] for line in evolved) for name in ("attempts", "accepted"))
    if not accepted:
        return Assessment(
            "bad", "There is nothing to train on: no evolution was accepted.", tuple(_state(summary, finished))
        )
    warnings = [
        *_origin(items),
        *_state(summary, finished),
        *_proof(summary),
        *_leaks(summary),
        *_against_known(summary),
        *_growth({one.name: one.spreads for one in measures}, items),
        *_diversity(measures),
        *_contamination(summary),
        *_shape(found["shapes"]),
        *_method(found),
        *_operators(evolved),
        *_rounds(evolved),
    ]
    order: list[Level] = ["bad", "doubt", "note", "good"]
    warnings.sort(key=lambda one: order.index(one.level))
    doubts = sum(one.level in {"bad", "doubt"} for one in warnings)
    worst: Level = "bad" if any(one.level == "bad" for one in warnings) else "doubt" if doubts else "good"
    verified = summary["verified"]
    kept = f"{accepted:,} of {attempts:,} evolutions were accepted ({accepted / attempts:.0%})"
    proven = (
        f"{verified:,} of all {summary['accepted']:,} answers pass tests that were written without them"
        if verified
        else "no answer was proven"
    )
    judged = "" if "judge" in summary["roles"] else "; no judge was asked"
    points = "one point speaks" if doubts == 1 else f"{doubts} points speak"
    opening = {
        "bad": "Not to be trained on as it is",
        "doubt": f"Look closer before training: {points} against it",
    }.get(worst, "Nothing that was looked at speaks against it")
    return Assessment(worst, f"{opening}. {kept}; {proven}{judged}.", tuple(warnings))


def _known(reason: str, round_: int) -> float | None:
    return KNOWN[reason][min(round_, 2) - 1] if reason in KNOWN else None


def _origin(items: Iterable[Item]) -> Iterator[Warning_]:
    models = {model for item in items for model in item.models.values()}
    if models and all(model.startswith(_OFFLINE) for model in models):
        yield Warning_(
            "bad",
            "Nobody thought of these rows",
            "Every model is named like one of the offline teacher's, which works by rules. Its rows are there to be "
            "looked at, not to train on.",
            "the models' names",
        )


def _state(summary: Mapping[str, Any], finished: bool) -> Iterator[Warning_]:
    if not finished:
        yield Warning_(
            "note", "The run is not finished", "More rows are to come; these are on record so far.", "the ledger"
        )
    if failed := summary["failed"]:
        why = "; ".join(f"{error} ({count:,})" for error, count in list(summary["failures"].items())[:3])
        share = failed / summary["attempts"]
        yield Warning_(
            "note",
            f"{failed:,} attempts failed ({share:.1%})",
            f"They are no rows, and which seeds they come from is hardly left to chance: {why}. "
            "`--retry-failed` tries them again.",
            "the ledger",
        )
    if undecided := sum(summary["undecided"].values()):
        names = ", ".join(f"{name} {count:,}" for name, count in summary["undecided"].items())
        yield Warning_(
            "note",
            f"{undecided:,} times a check could not decide on a row that was kept",
            f"By check: {names}. Search for them in the samples, and read some.",
            "the ledger",
        )


def _proof(summary: Mapping[str, Any]) -> Iterator[Warning_]:
    share = summary["verified"] / summary["accepted"]
    source = "SelfCodeAlign: 67.1 against 59.1 HumanEval+ for the same rows with and without such a filter"
    if not share:
        text = "No answer passed tests, so how many are wrong is not known. Name a tester, and leave out --no-exec."
        yield Warning_("doubt", "Nothing proves the answers", text, source)
    elif share < 0.5:
        whys = ", ".join(f"{why} ({count:,})" for why, count in list(summary["unverified"].items())[:3])
        text = f"The others were not refuted, but nothing was learnt of them: {whys}."
        yield Warning_("note", f"{share:.0%} of the answers are verified", text, source)


def _leaks(summary: Mapping[str, Any]) -> Iterator[Warning_]:
    """Leaked parents leak again, so the rate grows from round to round."""
    found = next((one for one in rates(summary) if one["reason"] == "prompt_leak"), None)
    for before, after in pairwise(found["shares"][1:] if found else ()):
        if after > KNOWN["prompt_leak"][0] and after > before * FAR:
            yield Warning_(
                "doubt",
                "Leaks of the evolving prompt pile up",
                f"{before:.1%} of one round's attempts, {after:.1%} of the next one's. Those are thrown out; look "
                'whether some got through: search for "evolve", "rewritten", "given prompt".',
                f"{_KNOWN_RUN}: 3.1 %, then 7.3 %",
            )
            return


def _against_known(summary: Mapping[str, Any]) -> Iterator[Warning_]:
    for one in rates(summary):
        rounds = range(len(one["shares"]))
        far = [
            i
            for i in rounds
            if one["known"][i] and one["shares"][i] > FAR * one["known"][i] and one["counts"][i] >= ROWS
        ]
        if far:
            worst = max(far, key=lambda i: one["shares"][i] / one["known"][i])
            yield Warning_(
                "doubt",
                f"Far more {one['reason']} than usual",
                f"{one['shares'][worst]:.1%} of a round's attempts were thrown out for it, where "
                f"{one['known'][worst]:.1%} would be usual. What is thrown out is not in the data, but a check "
                "that finds so many misses some.",
                f"{_KNOWN_RUN}; more than {FAR:g} times as much",
            )


def _growth(spreads: Mapping[str, Sequence[Spread]], items: Iterable[Item]) -> Iterator[Warning_]:
    added = spreads.get("added", ())
    if added and added[-1].median < ADDED:
        yield Warning_(
            "doubt",
            "Evolving has come to a standstill" if len(added) > 1 else "Small steps",
            f"Half of the accepted steps of round {added[-1].round} add {added[-1].median:g} words or fewer.",
            "WizardLM asks for 10 to 20 words a step, WizardCoder for about 10; judged difficulty stagnates "
            "anyway: 3.0, 5.5, 6.4, 6.8, 7.1 by round",
        )
    hard = spreads.get("decisions", ())
    if len(hard) > 2 and hard[-1].median <= hard[-2].median and hard[-1].high <= hard[-2].high:
        yield Warning_(
            "note",
            "The last round is no harder, by what the answers' code shows",
            f"Branches and loops: {hard[-2].median:g} in the middle answer of round {hard[-2].round}, "
            f"{hard[-1].median:g} in that of round {hard[-1].round}.",
            "WizardLM: judged difficulty grew by 2.5, 0.9, 0.5 and 0.2 from round to round",
        )
    steps = [item.added for item in items if item.outcome == "accepted" and item.added is not None]
    share = sum(step > LONG for step in steps) / (len(steps) or 1)
    if share > LONG_SHARE:
        yield Warning_(
            "note",
            "Long steps",
            f"{share:.0%} of the accepted steps add more than {LONG} words. Longer is not harder.",
            f"{_KNOWN_RUN}: 44 %, then 51 %",
        )


def _diversity(measures: Iterable[Measure]) -> Iterator[Warning_]:
    spreads = next(one.spreads for one in measures if one.name == "distance")
    if len(spreads) > 1 and spreads[-1].low < NARROWED * spreads[0].low:
        yield Warning_(
            "doubt",
            "The instructions grow alike",
            f"A tenth of round {spreads[-1].round} is within {spreads[-1].low:.2f} of another of that round; of round "
            f"{spreads[0].round} it was {spreads[0].low:.2f}. Look at the map, coloured by operator.",
            f"less than {NARROWED:g} of it: what a tenth of near-copies made of a recorded round. InverseCoder: three "
            "near-duplicates in place of one cost 6 points of HumanEval",
        )


def _contamination(summary: Mapping[str, Any]) -> Iterator[Warning_]:
    if found := summary["reasons"].get("contaminated", 0):
        yield Warning_(
            "note",
            f"{found:,} rows held benchmark items",
            "They were thrown out. What says the same in other words is looked for in the files of --benchmarks alone.",
            f"{_KNOWN_RUN}: of 159 HumanEval items 8 in the seeds, 17 after round 1, 21 after round 2: "
            "evolving makes them",
        )


def _shape(shapes: Sequence[Mapping[str, Any]]) -> Iterator[Warning_]:
    """A model that is trained on two kinds of answers gives both."""
    fenced = [one["fenced"] for one in shapes]
    if fenced and max(fenced) - min(fenced) > APART:
        yield Warning_(
            "note",
            "The answers are of two kinds",
            f"Between {min(fenced):.0%} and {max(fenced):.0%} of a round's have fenced code. Seeds that bring their "
            "own answers may be written unlike the model's: leave that column out, and the responder is asked.",
            f"our judgement: {APART:.0%} apart. The recorded run of 2,017 seeds has 0 % and 57 %",
        )


def _method(found: Mapping[str, Any]) -> Iterator[Warning_]:
    """A share of those that were read, which of a large run are not all."""
    looked_at = sum(shape["rows"] for number, shape in zip(found["rounds"], found["shapes"], strict=True) if number)
    method = found["method"]
    if (rows := method["rows"]) >= ROWS:
        names = ", ".join(f"{one['name']} ({one['count']:,})" for one in method["words"])
        yield Warning_(
            "note",
            f"Words of the method stand in {rows:,} of {looked_at:,} accepted evolutions ({rows / looked_at:.1%})",
            f"{names}. What is in the rows, below, names some of them.",
            "our reading of the recorded run over 2,017 seeds: it has 49 of 1,690, most with a heading "
            "between number signs, which no check took for a leak",
        )


def _operators(evolved: Iterable[Mapping[str, Any]]) -> Iterator[Warning_]:
    counts: dict[str, list[int]] = {}
    for line in evolved:
        of_one = counts.setdefault(line["operator"], [0, 0])
        of_one[0] += line["attempts"]
        of_one[1] += line["rejected"]
    attempts, rejected = (sum(one[i] for one in counts.values()) for i in (0, 1))
    for operator, (tried, lost) in counts.items():
        others = (rejected - lost) / ((attempts - tried) or 1)
        if tried >= 20 and lost >= ROWS and lost / tried > FAR * others:
            yield Warning_(
                "note",
                f"{operator} is thrown out {lost / tried:.0%} of the time",
                f"The other operators together: {others:.0%}. Its template may not suit this model.",
                f"more than {FAR:g} times the rest of this run",
            )


def _rounds(evolved: Iterable[Mapping[str, Any]]) -> Iterator[Warning_]:
    last = max(line["round"] for line in evolved)
    if last > BEST_ROUNDS:
        yield Warning_(
            "note",
            f"{last} rounds",
            "Train with and without the later ones.",
            "WizardCoder: HumanEval by round alone 45.7, 56.1, 53.0, 54.3, 51.2; with the fourth the whole gets worse",
        )
