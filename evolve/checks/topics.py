"""Off topic, as far as text alone tells: what is plainly no programming task, though its parent is one.

Invariant: it speaks only of English prose without code, names of programming languages and any of the words that
such tasks are written in. Of 1,863 recorded children not one is without such a word. Whether a sound programming task
is still about its parent's topic is for a judge.
"""

from __future__ import annotations

from typing import Self

from evolve.checks.candidate import Candidate, Context, Subject, accept, reject
from evolve.checks.languages import mentioned
from evolve.checks.material import has_program
from evolve.checks.spotting import distinct
from evolve.checks.tongues import language
from evolve.checks.vocabulary import FILLER, tokens
from evolve.checks.writing import orders_prose, wants_program
from evolve.records import Finding

TECHNICAL = frozenset(
    """abstraction addition algorithm algorithms alphabet android api apis app application applications area
    argument arguments array arrays ascii async attribute attributes average aws backend binary bit bits boolean
    bot bug bugs button byte bytes cache calculate calculator call celsius char character characters chatbot
    class classes classifier cli click cloud code column columns command commands compile compiler complexity
    component components computational compute computer computing conditional config console constructor
    container convert count counter css csv cursor data database databases dataframe dataset dates debug decimal
    declare decode default define delete deploy developer dictionaries dictionary digit digits directory div
    divide division docker document dom dropdown duplicate duplicates element elements email encapsulation
    encode encrypt endpoint enum equation error errors event events exception exceptions execute expression
    factor factorial false fibonacci field fields file files filter float folder font for-loop form format
    formula framework frontend function functions game generator git graph gui hash hashmap header heap
    hexadecimal html http image implement implementation import index inheritance input inputs insert instance
    instruction integer integers interface ios iterate iteration iterator javascript join json key keys keyword
    lambda layout learning length letters library line linked linux list lists literal log loop loops machine
    map matrix max maximum mean median memory menu merge method methods min minimum model module modulo multiply
    mutable navbar network neural node nodes null number numbers numeric object objective objects oop operator
    operators optimize output outputs package page palindrome parameter parameters parse parser password pattern
    permutation permutations pixel pointer polymorphism pop predict prediction prime primes print procedure
    process processing program programming programs prompt properties property protocol push python queries
    query queue random range recursion recursive regex regression return returns reverse row rows runtime schema
    script search select selector sentence sequence server set sets shell simulate simulation snippet software
    sort sorted sorting sql square stack statement statements stdin storage stored string strings struct
    structure style subset substring subtract sum swap syntax system table tables tag tags temperature template
    test tests text thread threads time timestamp token tool train tree trees triangle trigger true tuple tuples
    type types unicode unit unix url user username users validate value values variable variables vector version
    volume vowel vowels web webpage website while widget window word words write xml yaml zero""".split()  # noqa: SIM905
)
"""English words of programming tasks; common ones among them, for a miss costs less here than a false alarm."""
FEWEST = 12
"""Words of a text that can be told to be about something else: shorter ones live by what their parent says."""
ENOUGH = 25
"""Words up to which a text that shares a word with its parent ("the largest of them") may leave the rest to it."""


class OffTopic:
    name = "off_topic"
    version = 1
    subject: Subject = "instruction"

    @classmethod
    def make(cls, _: Context) -> Self:
        return cls()

    def __call__(self, candidate: Candidate) -> Finding:
        text = candidate.text
        prose = orders_prose(text) if candidate.parents else None
        if prose is not None and not mentioned(text) and all(map(wants_program, candidate.parents)):
            return reject(self, f"asks for prose, not for a program: {prose!r}")
        if not candidate.parents or not TECHNICAL.isdisjoint(distinct(text)) or len(tokens(text)) < FEWEST:
            return accept(self)
        for parent in map(distinct, candidate.parents):
            shares = len(tokens(text)) < ENOUGH and parent & distinct(text) - FILLER
            if len(TECHNICAL & parent) < 2 or shares:  # "write a poem" has one such word
                return accept(self)
        if language(text) != "English" or mentioned(text) or has_program(text):
            return accept(self)
        return reject(self, "not a word of programming in it")
