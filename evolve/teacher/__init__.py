"""The model behind an endpoint: one seam, `complete(request) -> reply | typed error`, and who decides when it is used.

    messages                 makes requests and reads replies
    client  limits           one try at one call, classified; what the response's headers say of limits
    responses  usage         a reply or one typed error; its tokens
    places  endpoints        an address with its key; where each role's model is
    schedule  slots          retries and deadlines; who goes next, and where
    lines  throttle  pace    whether an endpoint takes another call; how many at a time, how many a minute
    desk  errands  batches   many calls in one file, for less: gathered; on their way; the endpoint's files and batches

Importing this package does not import openai; using a Client does.
"""

from evolve.teacher.client import Answer, Client
from evolve.teacher.desk import Desk
from evolve.teacher.endpoints import find_endpoints, key_variables, make_endpoints
from evolve.teacher.messages import MalformedError, make_request, prompt_digest, read_text
from evolve.teacher.places import Endpoint, is_loopback
from evolve.teacher.schedule import Complete, Outcome, Schedule

__all__ = [
    "Answer",
    "Client",
    "Complete",
    "Desk",
    "Endpoint",
    "MalformedError",
    "Outcome",
    "Schedule",
    "find_endpoints",
    "is_loopback",
    "key_variables",
    "make_endpoints",
    "make_request",
    "prompt_digest",
    "read_text",
]
