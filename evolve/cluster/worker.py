"""What a process does for the stages: an eliminator, and what runs code once that is asked for. Every call is pure."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from evolve.cluster.seam import Work
from evolve.config import VerifierConfig, cache_folder
from evolve.derive import Derived, Deriver, Source
from evolve.eliminator import Eliminator
from evolve.verifier import Case, Examined, Verifier


class Runner:
    """A verifier and a deriver that share their sandboxes; for one thread at a time."""

    def __init__(self, config: VerifierConfig) -> None:
        self._verifier = Verifier(config, cache_folder())
        self._deriver = Deriver(config, self._verifier.sandboxes)

    def prepare(self) -> None:
        """Raises FolderError."""
        self._verifier.prepare()

    def close(self) -> None:
        self._verifier.close()

    def verify(self, cases: Sequence[Case]) -> list[Examined]:
        return self._verifier.verify(cases)

    def derive(self, sources: Sequence[Source]) -> list[tuple[Derived, ...]]:
        return self._deriver.derive(sources)


class Worker:
    """Of an eliminator's methods, `verify` and `derive`; two threads may use it, if one alone does the latter two."""

    def __init__(self, work: Work) -> None:
        self._eliminator = Eliminator(work.eliminator, work.templates)
        self._config = work.verifier or VerifierConfig()

    @cached_property
    def runner(self) -> Runner:
        return Runner(self._config)

    def call(self, method: str, items: Sequence[Any]) -> Any:  # noqa: ANN401
        return getattr(self.runner if method in {"verify", "derive"} else self._eliminator, method)(items)

    def close(self) -> None:
        if "runner" in vars(self):
            self.runner.close()
