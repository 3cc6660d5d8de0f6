"""The model behind an endpoint: one seam, `complete(request) -> reply | typed error`, and who decides when it is used.

    messages                 makes requests and reads replies
    client  responses        one try at one call; what its response is: a reply or one typed error
    limits  usage            what the response says of limits and of tokens
    profiles                 what a server takes of a request, and how it is then sent
    engine                   the same for a model in this process
    endpoints                where each role's model is
    schedule  slots          retries and deadlines; who goes next, and where
    lines  throttle  pace    whether an endpoint takes another call; how many at a time, how many a minute
    desk  errands  batches   many calls in one file, for less: gathered; on their way; the endpoint's files and batches

Importing this package does not import openai; using a Client does.
"""

from evolve.teacher.client import Answer, Client
from evolve.teacher.desk import Desk
from evolve.teacher.endpoints import (
    Endpoint,
    acquaint,
    find_endpoints,
    is_loopback,
    key_variables,
    make_endpoints,
)
from evolve.teacher.engine import Engine
from evolve.teacher.messages import MalformedError, make_request, prompt_digest, read_text
from evolve.teacher.profiles import Capabilities, changes, losses, make_body
from evolve.teacher.schedule import Complete, Outcome, Schedule

__all__ = [
    "Answer",
    "Capabilities",
    "Client",
    "Complete",
    "Desk",
    "Endpoint",
    "Engine",
    "MalformedError",
    "Outcome",
    "Schedule",
    "acquaint",
    "changes",
    "find_endpoints",
    "is_loopback",
    "key_variables",
    "losses",
    "make_body",
    "make_endpoints",
    "make_request",
    "prompt_digest",
    "read_text",
]
