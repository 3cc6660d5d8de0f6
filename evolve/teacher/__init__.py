"""The model behind an endpoint: one seam, `complete(request) -> reply | typed error`, and who decides when it is used.

`client` makes one try at one call and classifies what comes back; `schedule` holds the slots, retries and deadlines.
Importing this package does not import openai; making a Client does.
"""

from evolve.teacher.client import Client, Endpoint, is_loopback
from evolve.teacher.schedule import Complete, Outcome, Schedule

__all__ = ["Client", "Complete", "Endpoint", "Outcome", "Schedule", "is_loopback"]
