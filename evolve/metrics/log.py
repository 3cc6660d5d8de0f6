"""The run's log.jsonl: one object a line, with the time in seconds since 1970 and what happened.

Events: start, note (what was said to the user), figures (see `meter`), finish, stop. Nothing of what a model said, and
no key, gets in.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

EVERY_S = 30.0


class Log:
    def __init__(self, path: Path) -> None:
        self._path = path

    def write(self, event: str, **fields: Any) -> None:  # noqa: ANN401
        with self._path.open("a", encoding="utf-8") as file:
            file.write(json.dumps({"time": round(time.time(), 3), "event": event} | fields) + "\n")

    async def keep(self, figures: Callable[[], dict[str, Any]]) -> None:
        """Write the figures now and then, until cancelled."""
        while True:
            await asyncio.sleep(EVERY_S)
            self.write("figures", **figures())
