"""The offline teacher: an OpenAI-compatible server on loopback that needs no key, no weights and no download.

It evolves seeds that carry a solution and tests by rules that change all three together, so that a dry run's samples
are true; and it makes, at the rates of one table (`FAULTS`), every failure that the eliminator has to catch. Reading
order: tasks -> tongues -> rules -> calls -> demands -> misleading -> families -> fusion -> translating -> book ->
faults -> verdicts -> roles -> batches -> server.
"""

from evolve.offline.book import MAX_CHAIN, Book, canonical, paraphrase
from evolve.offline.faults import FAULTS, Fault, Reply
from evolve.offline.roles import MODELS, reply
from evolve.offline.rules import Rule
from evolve.offline.server import Options, main, serve
from evolve.offline.tasks import Case, Task, read_seeds
from evolve.offline.tongues import TONGUES
from evolve.offline.translating import RULES, put
from evolve.offline.trouble import Trouble

__all__ = [
    "FAULTS",
    "MAX_CHAIN",
    "MODELS",
    "RULES",
    "TONGUES",
    "Book",
    "Case",
    "Fault",
    "Options",
    "Reply",
    "Rule",
    "Task",
    "Trouble",
    "canonical",
    "main",
    "paraphrase",
    "put",
    "read_seeds",
    "reply",
    "serve",
]
