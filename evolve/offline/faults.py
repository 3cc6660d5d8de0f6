"""Every failure that the teacher makes on purpose: a name, a role, a rate and what it does to a good reply.

Invariant: whether a fault strikes is drawn from the request's body alone, once per reply, so a role's rates add up. A
fault that cannot be made of a reply (no code to lose, no solution to leak) leaves it as it is and is not counted.
Faults of HTTP are not made here but in server.py.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from random import Random

from evolve.offline.book import paraphrase
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
    answer: str = ""
    """That is to be repaired."""


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
    copied = f"{scene.draw.choice(sentences)}\n\n" if sentences else FRONTS[-1]
    return scene.draw.choice((*FRONTS[:3], copied)) + scene.good


FRONTS = (
    "Here is a version that asks a little more of the programmer:\n\n",
    "Sure! Here is the rewritten task:\n\n",
    "#Rewritten Prompt#:\n",
    "The given prompt, made harder:\n\n",
)


def _lose_input(scene: Scene) -> str | None:
    if "```" not in scene.task.text:
        return None
    bare = FENCED.sub("", scene.good).strip()
    return f"{bare} Start from the code that is given below." if "below" not in bare else bare


def _leak_answer(scene: Scene) -> str | None:
    if not scene.task.entry:
        return None
    return f"{scene.good}\n\n{LEAK}\n\n```python\n{scene.task.source}\n```"


LEAK = "It can be done like this:"


def _bloat(scene: Scene) -> str:
    return f"{scene.good} {filler()}"


def filler() -> str:
    """Many words that ask for nothing."""
    areas = ("input", "output", "naming", "layout", "structure", "clarity", "robustness", "style", "habits", "purpose")
    return " ".join(
        f"Pay attention to {one} and to {two}, since the {one} of a program matters as much as its {two} does."
        for one in areas[:3]
        for two in areas[:6]
        if one != two
    )


ELSEWHERE = (
    "Write a short poem about the sea in autumn, with four lines and a simple rhyme.",
    "Explain to a ten-year-old why the sky is blue, using an example from everyday life.",
    "Plan a three-day trip to Lisbon for a family of four with a small budget.",
    "List five arguments for and against a four-day working week in a small bakery.",
    "Summarise how bread dough changes while it is kneaded, proofed and baked.",
)
REGRESSIONS = (
    "Its running time has to be O(n^2) or worse, so a linear solution will not be accepted.",
    "Use the slowest way that you can think of, comparing every item with every other one.",
    "Put two mistakes into the code that you write, so that it fails for some inputs.",
    "The code in your answer must contain an off-by-one error.",
)
UNSOLVABLES = (
    "Take the exact limits from the attached file limits_2019.xlsx.",
    "Word every message as in the figure on page 12 of our internal handbook.",
    "Fetch the missing values from our private price service, whose address you were given in the last meeting.",
    "It must hand back its result and must, in the very same call, hand back nothing at all.",
)
DRIFTS = {
    "German": "Schreibe in Python eine Funktion `{f}`, die leistet, was ihr Name sagt, auch bei leerer Eingabe.",
    "Spanish": "Escribe en Python una función `{f}` que haga lo que dice su nombre, también con entradas vacías.",
    "French": "Écris en Python une fonction `{f}` qui fait ce que son nom indique, même si l'entrée est vide.",
    "Russian": "Напиши на Python функцию `{f}`, которая делает то, что обещает её имя, и не падает на пустом вводе.",
    "Chinese": "请用 Python 编写函数 `{f}`，实现其名称所描述的功能，并能正确处理空输入。",
    "Japanese": "Python で関数 `{f}` を書いてください。名前のとおりに動作し、空の入力も扱えるようにします。",
}
"""The task in another natural language, as far as its name carries it."""
OTHER_LANGUAGE = "not in the language named above."


def _append(scene: Scene, sentences: tuple[str, ...]) -> str:
    gap = "\n\n" if scene.good.endswith("```") else " "
    return f"{scene.good}{gap}{scene.draw.choice(sentences)}"


def _drift(scene: Scene) -> str:
    """Another natural language where the task has a name, or else another programming language."""
    if scene.task.entry and scene.draw.random() < 0.5:
        others = [said for name, said in DRIFTS.items() if name != scene.task.tongue and name not in scene.template]
        return scene.draw.choice(others).replace("{f}", scene.task.entry)
    other = scene.draw.choice([name for name in ("Kotlin", "Ruby", "Haskell") if name not in scene.good])
    return f"{scene.good}\n\nWrite all of it in {other}, {OTHER_LANGUAGE}"


REFUSALS = (
    "I'm sorry, but I can't help with that request.",
    "As an AI language model, I am unable to provide code for this task.",
    "Unfortunately I cannot fulfil this request, because it goes beyond what I am able to do.",
    "I won't be able to assist with this one. Please ask a qualified developer instead.",
    "Lo siento, pero no puedo ayudar con esta tarea.",
    "Es tut mir leid, aber dabei kann ich nicht helfen.",
    "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    "К сожалению, я не могу помочь с этим запросом.",
    "抱歉，我无法协助完成这个请求。",
    "申し訳ありませんが、このご依頼にはお応えできません。",
)
PLACEHOLDERS = (
    "# your code here\n    pass",
    "# TODO: implement\n    pass",
    "...",
    "raise NotImplementedError  # to be filled in",
    "# ... the rest of the function goes here ...",
)


def _placehold(scene: Scene) -> str | None:
    if not scene.task.entry:
        return None
    head = re.findall(rf"^def {scene.task.entry}\(.*", scene.task.source, re.MULTILINE)[-1]
    body = scene.draw.choice(PLACEHOLDERS)
    return f"Fill in the body as follows.\n\n```python\n{head}\n    {body}\n```"


def _break(scene: Scene) -> str | None:
    """The right answer with a slip that keeps it from being parsed."""
    source = scene.task.source
    if not scene.task.entry or source not in scene.good:
        return None
    slips = (
        re.sub(r"^(def .*):$", r"\1", source, count=1, flags=re.MULTILINE),
        re.sub(r"\)(?!.*\))", "", source, count=1, flags=re.DOTALL),
        re.sub(r"^    return\b", "   return", source, count=1, flags=re.MULTILINE),
    )
    broken = [slip for slip in slips if not _parses(slip)]
    return scene.good.replace(source, scene.draw.choice(broken)) if broken else None


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except SyntaxError:
        return False
    return True


def _wrong(scene: Scene) -> str | None:
    """The right answer, spoilt at its very end so that a case fails whatever the type; beside Python with its slip."""
    task = scene.task
    if task.slip and task.code in scene.good:
        return scene.good.replace(task.code, task.code.replace(*task.slip, 1))
    if task.kind == "output":
        return _misread(scene.good)
    if task.examples:
        return _slip(scene)
    if not task.entry or task.source not in scene.good:
        return None
    bad = re.sub(rf"\b{task.entry}\b", f"{task.entry}_inner", task.source)
    spoilt = f"{bad}\n\n\ndef {task.entry}(*args, **kwargs):\n    return {_spoilt(task)}"
    return scene.good.replace(task.source, spoilt)


def _misread(good: str) -> str | None:
    """The answer with another output than the program's: a number one too high, or a mark too many."""
    claims = list(_CLAIM.finditer(good))
    if not claims:
        return None
    begin, end = next(claims[-1].span(group) for group in (1, 2) if claims[-1][group] is not None)
    claim = good[begin:end].rstrip("\n")
    numbers = list(re.finditer(r"\d+", claim))
    last = numbers[-1] if numbers else None
    wrong = f"{claim[: last.start()]}{int(last[0]) + 1}{claim[last.end() :]}" if last else f"{claim}!"
    return good[:begin] + wrong + good[begin + len(claim) :]


_CLAIM = re.compile(r"^```(?:text)?\n(.*?)^```$|\*\*([^*\n]+)\*\*", re.DOTALL | re.MULTILINE)


def _misexplain(scene: Scene) -> str | None:
    """An explanation with one sentence that is not so."""
    return f"{scene.good}\n\n{scene.draw.choice(UNTRUE)}" if scene.task.kind == "explain" else None


UNTRUE = (
    "Whatever it is given, the code shown above returns None in the end.",
    "Mind that the code shown above ends in an infinite loop for every input.",
    "The code shown above reads its input from a file that is called data.txt.",
)
"""Said of code of which it is not so."""


def _lose_file(scene: Scene) -> str | None:
    """An answer of several files without one that another imports."""
    lost = [code for _, code in scene.task.others]
    blocks = [block for block in FENCED.finditer(scene.good) if any(code in block[0] for code in lost)]
    if not blocks:
        return None
    gone = scene.draw.choice(blocks)
    return scene.good[: gone.start()].rstrip() + "\n\n" + scene.good[gone.end() :].lstrip()


def _slip(scene: Scene) -> str | None:
    """A translation with one small mistake in its code, of a kind that people make."""
    prose, fence, code = scene.good.partition("```")
    found = [(old, new) for old, new in SLIPS if old in code]
    old, new = scene.draw.choice(found) if found else ("", "")
    return prose + fence + code.replace(old, new, 1) if found else None


SLIPS = (
    (" <= ", " < "), ("end += 1", "end += 2"), ("place += 1", "place += 2"), ("] += 1", "] += 2"), (") += 1", ") = 1"),
    (" + 1", ""), (" % ", " / "), (" && ", " || "), ("(a, b) => a - b", ""), (" > 0", " >= 0"), (" * ", " + "),
    (".max(", ".min("),
)  # fmt: skip
"""What is written in place of what."""


def _spoilt(task: Task) -> str:
    call = f"{task.entry}_inner(*args, **kwargs)"
    forms = {"int": f"{call} + 1", "bool": f"not {call}", "str": f"{call} + ' '", "list": f"{call}[1:] + [0]"}
    return next((form for shape, form in forms.items() if shape in task.shapes), f"[{call}]")


def _wrong_test(scene: Scene) -> str | None:
    """The tests with one expected value that no right answer gives."""
    if scene.task.suite:
        return scene.good.replace(*scene.task.wrong_test, 1) if scene.task.wrong_test else None
    wrong = scene.draw.choice(scene.task.tests or scene.task.examples)
    return scene.good.replace(wrong, f"{wrong[: wrong.rindex('==')]}== 'not this'", 1)


def _few_tests(scene: Scene) -> str | None:
    known = scene.task.tests or scene.task.examples
    return f"```python\n{known[0]}\n```" if known else None


def _vacuous_tests(scene: Scene) -> str | None:
    name = scene.task.entry or "main"
    return None if scene.task.suite else f"```python\nassert {name}\nassert True\nassert 1 == 1\n```"


FAULTS: Mapping[str, Fault] = {
    "malformed_empty": Fault("evolver", 0.010, lambda scene: scene.draw.choice(("", "\n", "---", '""'))),
    "malformed_truncated": Fault("evolver", 0.020, _cut),
    "malformed_think_unclosed": Fault(
        "evolver", 0.010, lambda s: f"<think>\nThe task could ask for more. {s.good[:200]}"
    ),
    "think_closed": Fault("evolver", 0.020, lambda s: f"<think>\nOne more demand will do.\n</think>\n\n{s.good}"),
    "prompt_leak": Fault("evolver", 0.030, _leak_prompt),
    "no_gain": Fault("evolver", 0.030, lambda s: paraphrase(s.task.text, s.draw.randrange(3), s.task.tongue)),
    "copy": Fault("evolver", 0.010, lambda scene: scene.task.text),
    "lost_input": Fault("evolver", 0.020, _lose_input),
    "answer_leak": Fault("evolver", 0.020, _leak_answer),
    "duplicate": Fault("evolver", 0.020, lambda scene: scene.draw.choice(popular()).text),
    "regression": Fault("evolver", 0.010, lambda scene: _append(scene, REGRESSIONS)),
    "unsolvable": Fault("evolver", 0.010, lambda scene: _append(scene, UNSOLVABLES)),
    "off_topic": Fault("evolver", 0.015, lambda scene: scene.draw.choice(ELSEWHERE)),
    "language_drift": Fault("evolver", 0.010, _drift),
    "too_long": Fault("evolver", 0.015, _bloat),
    "refusal": Fault("responder", 0.030, lambda scene: scene.draw.choice(REFUSALS)),
    "empty_content": Fault("responder", 0.015, lambda scene: scene.draw.choice(("```python\n```", "...", " \n", "-"))),
    "placeholder": Fault("responder", 0.020, _placehold),
    "cut": Fault("responder", 0.015, _cut),
    "wrong_code": Fault("responder", 0.020, _wrong),
    "syntax_error": Fault("responder", 0.010, _break),
    "wrong_words": Fault("responder", 0.020, _misexplain),
    "lost_file": Fault("responder", 0.020, _lose_file),
    "stubborn": Fault("repair", 0.400, lambda scene: scene.answer),
    "wrong_test": Fault("tester", 0.020, _wrong_test),
    "few_tests": Fault("tester", 0.020, _few_tests),
    "vacuous_tests": Fault("tester", 0.010, _vacuous_tests),
    "judge_unsure": Fault("judge", 0.020, lambda scene: '{"why": "Both can be argued.", "verdict": "unsure"}'),
    "judge_garbage": Fault("judge", 0.010, lambda scene: "There is much to be said for either: {verdict"),
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
