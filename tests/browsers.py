"""A headless Chromium for tests of the page, and what it complained of."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Dialog, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = (
    "no Chromium (Debian: apt install chromium)"
    if CHROMIUM is None
    else "no playwright (pip install -e '.[dev]')"
    if importlib.util.find_spec("playwright") is None
    else ""
)
"""Why there is no browser to test with; "" where there is one."""


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@dataclass
class Complaints:
    """What went wrong on a page: errors, and what its policy forbade."""

    said: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        page.on("console", self._printed)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.on("dialog", self._opened)
        page.on("request", lambda request: self._asked(request.url))
        page.expose_function("complain", self._complained)
        page.add_init_script(
            "addEventListener('securitypolicyviolation', (one) => complain(`policy: ${one.violatedDirective}`))"
        )

    def _complained(self, what: str) -> None:
        self.said.append(what)

    def _printed(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.said.append(message.text)

    def _opened(self, dialog: Dialog) -> None:
        self.said.append(f"a dialog: {dialog.message}")
        dialog.dismiss()

    def _asked(self, url: str) -> None:
        if not url.startswith(("file:", "http://127.0.0.1:", "data:")):
            self.said.append(f"network: {url}")
