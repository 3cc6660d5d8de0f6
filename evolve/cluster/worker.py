"""What a process does for the stages: an eliminator, and a verifier once one is asked for. Every call is pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evolve.cluster.seam import Work
from evolve.config import VerifierConfig, cache_folder
from evolve.derive import Deriver
from evolve.eliminator import Eliminator
from evolve.verifier import Verifier


class Worker:
    """Of an eliminator's methods, `verify` and `derive`; two threads may use it, if one alone does the latter two."""

    def __init__(self, work: Work) -> None:
        self._eliminator = Eliminator(work.eliminator, work.templates)
        self._config = work.verifier or VerifierConfig()
        self._verifier: Verifier | None = None

    @property
    def verifier(self) -> Verifier:
        if self._verifier is None:
            self._verifier = Verifier(self._config, cache_folder())
        return self._verifier

    def call(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        if method == "derive":
            return Deriver(self._config, self.verifier.sandboxes).derive(items)
        return getattr(self.verifier if method == "verify" else self._eliminator, method)(items)

    def close(self) -> None:
        if self._verifier is not None:
            self._verifier.close()
