"""Cheap gates before dear patterns: words of which an English text must hold one for a pattern of english.py to match.

Invariant: a gate only saves a search. A word that it lacks can let a leak through, and can never make one.
"""

from __future__ import annotations


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NOUNS = _set(
    """prompt prompts instruction instructions question questions task tasks problem problems exercise exercises
    challenge challenges assignment test version"""
)
THINGS = NOUNS | _set(
    """difficulty complexity constraint constraints requirement requirements change changes modification
    modifications harder misleading erroneous reasoning twist challenging difficult complex"""
)
CHANGED = _set(
    """rewritten rewrote rewriting rephrased reworded revised modified mutated transformed evolved reworked
    complicated adapted changed extended increased increases raised raises adding makes made introduced
    introduces introduce imposed replaced original given previous initial old above first source existing
    provided changes modifications requires updated harder add adds include included inserted kept added"""
)
LABELS = _set(
    """rewritten evolved modified revised reworded rephrased reworked mutated transformed complicated adapted
    updated improved enhanced harder difficult difficulty created increased higher new original old given
    initial final instruction think thinking rewritten_prompt evolved_prompt new_prompt rewritten_task
    created_prompt given_prompt misdirection erroneous erroneous_code reference_erroneous_code
    erroneous_code_reference"""
)
OLDER = _set("original given previous initial old above first source existing provided")
SOLVERS = _set("programmer programmers solvers taker takers answerer answerers respondent respondents")
INSERTS = _set(
    """rewritten evolved modified reworded adapted introduced added included chosen inserted removed raised changed
    increased"""
)
ACCOUNTS = _set(
    """rewritten reworded rephrased evolved modified revised reworked mutated transformed complicated adapted
    updated harder tougher trickier challenging difficult complex demanding version increases raises requires
    adds introduces makes made making forces added additional extra changes modifications adding introducing
    requiring increasing imposing replacing"""
)
FIRST = _set("i we ve")
DONE = _set(
    """rewritten rewrote revised reworked evolved modified made increased raised changed complicated adapted kept
    extended added introduced included inserted imposed replaced"""
)
REMARKS = _set(
    """changes modifications additions adjustments changed why how evolution rewrite rationale complexity
    difficulty"""
)
GOODBYE = _set("let hope like want shall hesitate feel happy else")
HEURISTICS = _set("misdirection reasoning reference mislead misdirect confuse trick common commonly complexity")
PURPOSES = _set(
    """difficulty harder tougher trickier challenging difficult complex complicated demanding advanced intricate
    complexity"""
)
