"""The page as one file: style and script in it, the data beside them as JSON, nothing from the network.

Invariant: the browser is told to run this script and no other (a policy with the script's hash), and nothing of the
data can end or begin an element: every `<` of it is escaped, and the items are packed into base64.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache
from html import escape
from importlib.resources import files
from string import Template
from typing import Any

from evolve.web.reading import as_rows
from evolve.web.record import Item, PageData

SCRIPTS = ("dom", "diff", "charts", "source", "map", "sample", "browser", "sections", "page", "live", "runs")
"""In this order they are one script."""
LARGEST = 14_000_000
"""Bytes of a page: mail and browsers bear it."""


def as_json(data: PageData, shown: int) -> dict[str, Any]:
    """`shown`: the items that go with it."""
    return asdict(data) | {"shown": shown}


def render(data: PageData, items: Sequence[Item]) -> str:
    """The whole file."""
    return page(_block("data", as_json(data, len(items))), _block("items", {"gzip": pack(as_rows(items))}))


def page(data: str = "", items: str = "", *, run: str | None = None) -> str:
    """The page with these blocks of data, or one that asks the server about `run`; "" is all of them."""
    script, style = script_and_style()
    return Template(_text("page.html")).substitute(
        attributes="" if run is None else f' data-run="{escape(run)}"',
        policy=policy(live=run is not None),
        style=style,
        data=data,
        script=script,
        items=items,
    )


def policy(*, live: bool = False) -> str:
    """What a browser lets the page do."""
    script, style = script_and_style()
    connect = "; connect-src 'self'" if live else ""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'{connect}; base-uri 'none'; "
        "form-action 'none'"
    )


def _block(id_: str, value: Any) -> str:  # noqa: ANN401
    return f'<script type="application/json" id="{id_}">{escaped(value)}</script>\n'


def escaped(value: Any) -> str:  # noqa: ANN401
    """JSON that may stand inside an element, and in an editor: all of it is ASCII."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c")


def pack(rows: Sequence[Any]) -> str:
    """The same bytes for the same rows."""
    text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


@lru_cache(maxsize=1)
def script_and_style() -> tuple[str, str]:
    return "".join(_text(f"{name}.js") for name in (*SCRIPTS, "start")), _text("page.css")


def _text(name: str) -> str:
    return (files("evolve.web") / "static" / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
