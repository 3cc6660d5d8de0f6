"""How one instruction is evolved and answered: operators as data, the evolver, the responder.

Nothing here calls a model. The evolver and responder make requests and read replies; who sends them, when and how
often is the pipeline's business.
"""

from evolve.method.evolver import Evolver, Move
from evolve.method.operators import IN_BREADTH, TRANSLATE, Operator, Operators, load_operators
from evolve.method.reading import read_instruction
from evolve.method.responder import Responder

__all__ = [
    "IN_BREADTH",
    "TRANSLATE",
    "Evolver",
    "Move",
    "Operator",
    "Operators",
    "Responder",
    "load_operators",
    "read_instruction",
]
