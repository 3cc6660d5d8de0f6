"""Checks: what text alone says of a candidate, each a reason to throw it out.

    leaks english rewriting gates domains templates     prompt_leak
    solutions solved                                    answer_leak
    gain courtesy                                       no_gain, too_long
    inputs material references citations above          lost_input, and what of unsolvable text decides
    regressions slower sabotage                         regression
    languages tongues                                   language_drift
    carried                                             lost_input of what was translated
    topics writing                                      off_topic
    answers declining referring courtesies              refusal, empty_content
    placeholders comments cues stubs                    placeholder
    syntax python grammars balance fences paths         wrong_code, as far as code does not parse
    candidate registry vocabulary spotting              what they share, and how they are found
    signatures                                          of the functions in a program, for the verifier

Invariant: a Finding depends on the candidate and the config alone; a check never raises, whatever the text, and takes
time linear in its length. No check knows another candidate, asks a model, or runs what it reads.
"""

from evolve.checks.candidate import REASONS, Candidate, Check, Context, Factory, Subject, accept, reject, rounded
from evolve.checks.registry import load_checks, names

__all__ = [
    "REASONS",
    "Candidate",
    "Check",
    "Context",
    "Factory",
    "Subject",
    "accept",
    "load_checks",
    "names",
    "reject",
    "rounded",
]
