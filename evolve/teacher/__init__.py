"""The model behind an endpoint: one seam, `complete(request) -> reply | typed error`, and who decides when it is used.

`messages` makes requests and reads replies; `client` makes one try at one call and classifies what comes back;
`endpoints` says where each role's model is; `schedule` holds the slots, retries and deadlines. Importing this package
does not import openai; using a Client does.
"""

from evolve.teacher.client import Client, Endpoint, is_loopback
from evolve.teacher.endpoints import find_endpoints, make_endpoints
from evolve.teacher.messages import MalformedError, make_request, prompt_digest, read_text
from evolve.teacher.schedule import Complete, Outcome, Schedule

__all__ = [
    "Client",
    "Complete",
    "Endpoint",
    "MalformedError",
    "Outcome",
    "Schedule",
    "find_endpoints",
    "is_loopback",
    "make_endpoints",
    "make_request",
    "prompt_digest",
    "read_text",
]
