"""Every failure that the teacher makes on purpose: a name, a role, a rate and what it does to a good reply.

Invariant: whether a fault strikes is drawn from the request's body alone, once per reply, so a role's rates add up. A
fault that cannot be made of a reply (no code to lose, no solution to leak) leaves it as it is and is not counted.
Faults of HTTP are not made here but in server.py.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from evolve.offline.book import canonical, paraphrase
from evolve.offline.families import popular
from evolve.offline.tasks import Task

FENCED = re.compile(r"```.*?(```|\Z)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Reply:
    text: str
    finish_reason: str = "stop"
    fault: str | None = None
    """The fault that was made, or None."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A good reply and what it answers."""

    good: str
    task: Task
    """What is evolved or answered."""
    template: str
    """The prompt's words before the task."""
    draw: Random


@dataclass(frozen=True, slots=True)
class Fault:
    role: str
    rate: float
    """Share of the role's replies, 0-1."""
    make: Callable[[Scene], Reply | str | None]


def _cut(scene: Scene) -> Reply:
    end = max(1, int(len(scene.good) * scene.draw.uniform(0.3, 0.8)))
    return Reply(scene.good[:end], "length")


def _leak_prompt(scene: Scene) -> str:
    sentences = re.findall(r"(?<=[.:] )[A-Z][^.:]{30,}\.", scene.template)
    fronts = (
        "Here is a version that asks a little more of the programmer:\n\n",
        "Sure! Here is the rewritten task:\n\n",
        "#Rewritten Prompt#:\n",
        f"{scene.draw.choice(sentences)}\n\n" if sentences else "The given prompt, made harder:\n\n",
    )
    return scene.draw.choice(fronts) + scene.good


def _lose_input(scene: Scene) -> str | None:
    if "```" not in scene.task.text:
        return None
    bare = FENCED.sub("", scene.good).strip()
    return f"{bare} Start from the code that is given below." if "below" not in bare else bare


def _leak_answer(scene: Scene) -> str | None:
    if not scene.task.entry:
        return None
    return f"{scene.good}\n\nIt can be done like this:\n\n```python\n{scene.task.source}\n```"


def _bloat(scene: Scene) -> str:
    areas = ("input", "output", "naming", "layout", "structure", "clarity", "robustness", "style", "habits", "purpose")
    filler = (
        f"Pay attention to {one} and to {two}, since the {one} of a program matters as much as its {two} does."
        for one in areas[:3]
        for two in areas[:6]
        if one != two
    )
    return f"{scene.good} {' '.join(filler)}"


_ELSEWHERE = (
    "Write a short poem about the sea in autumn, with four lines and a simple rhyme.",
    "Explain to a ten-year-old why the sky is blue, using an example from everyday life.",
    "Plan a three-day trip to Lisbon for a family of four with a small budget.",
    "List five arguments for and against a four-day working week in a small bakery.",
    "Summarise how bread dough changes while it is kneaded, proofed and baked.",
)
_REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "As an AI language model, I am unable to provide code for this task.",
    "Unfortunately I cannot fulfil this request, because it goes beyond what I am able to do.",
    "I won't be able to assist with this one. Please ask a qualified developer instead.",
)


def _placehold(scene: Scene) -> str | None:
    if not scene.task.entry:
        return None
    head = re.findall(rf"^def {scene.task.entry}\(.*", scene.task.source, re.MULTILINE)[-1]
    body = scene.draw.choice(("# your code here\n    pass", "# TODO: implement\n    pass", "..."))
    return f"Fill in the body as follows.\n\n```python\n{head}\n    {body}\n```"


def _wrong(scene: Scene) -> str | None:
    """The right answer, spoilt at its very end: at least one case fails whatever the type."""
    task = scene.task
    if not task.entry or task.source not in scene.good:
        return None
    bad = re.sub(rf"\b{task.entry}\b", f"{task.entry}_inner", task.source)
    spoilt = f"{bad}\n\n\ndef {task.entry}(*args, **kwargs):\n    return {_spoilt(task)}"
    return scene.good.replace(task.source, spoilt)


def _spoilt(task: Task) -> str:
    call = f"{task.entry}_inner(*args, **kwargs)"
    forms = {"int": f"{call} + 1", "bool": f"not {call}", "str": f"{call} + ' '", "list": f"{call}[1:] + [0]"}
    return next((form for shape, form in forms.items() if shape in task.shapes), f"[{call}]")


FAULTS: Mapping[str, Fault] = {
    "malformed_empty": Fault("evolver", 0.010, lambda scene: scene.draw.choice(("", "\n", "---", '""'))),
    "malformed_truncated": Fault("evolver", 0.020, _cut),
    "malformed_think_unclosed": Fault(
        "evolver", 0.010, lambda s: f"<think>\nThe task could ask for more. {s.good[:200]}"
    ),
    "think_closed": Fault("evolver", 0.020, lambda s: f"<think>\nOne more demand will do.\n</think>\n\n{s.good}"),
    "prompt_leak": Fault("evolver", 0.030, _leak_prompt),
    "no_gain": Fault("evolver", 0.030, lambda scene: paraphrase(scene.task.text, scene.draw.randrange(3))),
    "copy": Fault("evolver", 0.010, lambda scene: scene.task.text),
    "lost_input": Fault("evolver", 0.020, _lose_input),
    "answer_leak": Fault("evolver", 0.020, _leak_answer),
    "duplicate": Fault("evolver", 0.020, lambda scene: scene.draw.choice(popular()).text),
    "off_topic": Fault("evolver", 0.015, lambda scene: scene.draw.choice(_ELSEWHERE)),
    "too_long": Fault("evolver", 0.015, _bloat),
    "refusal": Fault("responder", 0.030, lambda scene: scene.draw.choice(_REFUSALS)),
    "empty_content": Fault("responder", 0.015, lambda scene: scene.draw.choice(("```python\n```", "...", " \n", "-"))),
    "placeholder": Fault("responder", 0.020, _placehold),
    "cut": Fault("responder", 0.015, _cut),
    "wrong_code": Fault("responder", 0.020, _wrong),
    "judge_unsure": Fault("judge", 0.020, lambda scene: '{"verdict": "unsure"}'),
    "judge_garbage": Fault("judge", 0.010, lambda scene: "Both tasks have their merits: {verdict"),
}
"""Everything that goes wrong on purpose. `think_closed` looks like a fault and is none: the reply after it is good."""


def spoil(role: str, scene: Scene, multiplier: float) -> Reply:
    """The good reply, or the one fault that the draw gives it."""
    point = scene.draw.random()
    for name, fault in FAULTS.items():
        if fault.role != role:
            continue
        point -= fault.rate * multiplier
        if point < 0:
            made = fault.make(scene)
            if made is None:
                break
            return replace(made if isinstance(made, Reply) else Reply(made), fault=name)
    return Reply(scene.good)


def same(first: str, second: str) -> bool:
    """Whether two texts ask for the same, as far as this teacher's own paraphrases go."""
    return canonical(first).casefold() == canonical(second).casefold()
