"""Secrets and personal data in the texts of a run: found, and redacted or rejected as the config says. Asks nobody.

rules         what each kind looks like
placeholders  what looks like it and is plainly none
scanner       all rules over a text; what takes a secret's place
screen        what a run does about seeds and replies
settings      a key in the config
check         as checks of the eliminator
"""

from __future__ import annotations

from evolve.secrets.scanner import NAME, Scanner, Secret, contents
from evolve.secrets.screen import Screen, redaction
from evolve.secrets.settings import refuse_keys

__all__ = ["NAME", "Scanner", "Screen", "Secret", "contents", "redaction", "refuse_keys"]
