"""Domains in which a prompt, a question, a task or a difficulty is a thing that programs handle.

A quiz has questions, a scheduler has tasks, a game has a difficulty: there, talk of "the original question" is talk of
the subject. English only; rewriting.py holds the words of the other languages.
"""

from __future__ import annotations

import re

_DOMAINS = (
    (
        "prompt",
        r"llms?\b|gpt|openai|language model|chat ?bot|chat|completion|prompt (?:engineer"
        r"|template|builder|string)|prompts|shell|terminal|cli\b|command line|console",
    ),
    (
        "question",
        r"quiz|exams?\b|survey|forum|trivia|flash ?card|questionnaire|stack ?overflow|polls?\b"
        r"|choice|faq|chat ?bot|questions|interview|answers\b|paraphras|rephras|bleu|similarit"
        r"|llms?\b|embedding",
    ),
    (
        "instruction",
        r"instruction set|opcode|assembl|cpu|processor|bytecode|machine|register|emulator"
        r"|interpreter|compiler|recipe|robot|instructions",
    ),
    (
        "task",
        r"tasks|schedul|queue|worker|thread|async|await|celery|cron|kanban|to-?do|tracker"
        r"|task (?:manager|list|runner)|project|deadline|job|ticket|backlog|coroutine",
    ),
    (
        "problem",
        r"sub-?problem|optimi[sz]ation|instance|reduction|solver|linear program|relaxation"
        r"|numeric|dynamic programming|recursi",
    ),
    (
        "difficulty",
        r"game|player|enem(?:y|ies)|puzzle|maze|blockchain|mining|quiz|exams?\b|workout"
        r"|fitness|course|students?|trivia|opponent",
    ),
    ("", r"quiz|exams?\b|course|students?|teacher|workout|fitness|homework|assignment|coding challenge|leetcode|kata"),
)


def domain(cue: str) -> tuple[re.Pattern[str], ...]:
    """The domains in which what `cue` speaks of, a question, a task, a difficulty, is a thing that programs handle."""
    return tuple(pattern for noun, pattern in OWNED if noun in cue.lower())


OWNED = tuple((noun, re.compile(rf"\b(?:{pattern})", re.IGNORECASE)) for noun, pattern in _DOMAINS)
