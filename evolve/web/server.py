"""The page over HTTP, on this machine alone: while a run goes on, of any size, for one run or for a folder of them.

Invariant: it only reads, and answers no one but who asks for it by a loopback name, so that no page of the web can
read a run through the user's browser. The only `import starlette` and `import uvicorn`.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from evolve.errors import ConfigError, EvolveError
from evolve.web.finding import find, lineage, named
from evolve.web.page import escaped, page, policy
from evolve.web.reading import as_rows
from evolve.web.watching import Runs, Watched

LOOPBACK = "127.0.0.1"
LOOK_S = 1.0
"""Between two looks whether a ledger has changed."""
LARGEST_PAGE = 200
"""Items of one reply."""


def application(folder: Path) -> Starlette:
    """Raises ConfigError where there is no such folder."""
    runs = Runs(folder)
    views = _Views(runs)
    routes = [
        Route("/", views.home),
        Route("/runs", views.listed),
        Route("/compare", views.compare),
        Route("/runs/{run}", views.page),
        Route("/runs/{run}/events", views.events),
        *(Route(f"/runs/{{run}}/{name}", views.answer) for name in ("data", "points", "items", "lineage", "named")),
    ]
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=[LOOPBACK, "localhost"])
    return Starlette(routes=routes, middleware=[hosts])


def serve(folder: Path, port: int, told: Callable[[str], None]) -> None:
    """Until interrupted; `told` gets the address. Port 0: a free one. Raises ConfigError where it is taken."""
    app = application(folder)
    with socket.socket() as listening:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((LOOPBACK, port))
            listening.listen()
        except OSError as error:
            raise ConfigError(f"--port {port}: {error.strerror}; give another, or 0 for a free one") from None
        told(f"http://{LOOPBACK}:{listening.getsockname()[1]}/")
        config = uvicorn.Config(app, log_level="error", timeout_graceful_shutdown=5, lifespan="off")
        app.state.server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):
            app.state.server.run(sockets=[listening])


class _Views:
    """One for each address."""

    def __init__(self, runs: Runs) -> None:
        self._runs = runs

    def home(self, request: Request) -> Response:
        del request
        if self._runs.alone:
            return RedirectResponse(f"/runs/{quote(self._runs.names()[0], safe='')}")
        return _html("")

    def listed(self, request: Request) -> Response:
        del request
        return _json({"name": self._runs.folder.name, "runs": self._runs.listed()})

    def compare(self, request: Request) -> Response:
        try:
            return _json(self._runs.compare(request.query_params.getlist("run")))
        except EvolveError as error:
            raise HTTPException(409, str(error)) from None

    def page(self, request: Request) -> Response:
        self._run(request)
        return _html(request.path_params["run"])

    def answer(self, request: Request) -> Response:
        """What the page's script asks for; starlette calls it in a thread."""
        run, asked = self._run(request), request.query_params
        what = request.url.path.rpartition("/")[2]
        try:
            if what == "data":
                return _json(run.data())
            if what == "points":
                return _json(run.points())
            with run.lock:
                if what == "items":
                    size = max(1, min(LARGEST_PAGE, int(asked.get("size", "20"))))
                    items, next_ = find(run.ledger, asked, asked.get("after"), size)
                    return _json({"items": as_rows(items), "next": next_})
                if what == "lineage":
                    return _json(as_rows(lineage(run.ledger, asked["key"])))
                item = named(run.ledger, asked["id"])
                return _json(None if item is None else as_rows([item])[0])
        except (KeyError, ValueError, OverflowError, ConfigError):
            raise HTTPException(400) from None

    async def events(self, request: Request) -> Response:
        run = await run_in_threadpool(self._run, request)
        changes = _changes(run, request.app.state.server)
        return StreamingResponse(changes, media_type="text/event-stream", headers={"cache-control": "no-store"})

    def _run(self, request: Request) -> Watched:
        try:
            run = self._runs.get(request.path_params["run"])
        except EvolveError as error:
            raise HTTPException(409, str(error)) from None
        if run is None:
            raise HTTPException(404)
        return run


async def _changes(run: Watched, server: uvicorn.Server) -> AsyncIterator[str]:
    """An event whenever there is more to see; a comment meanwhile, so that a lost reader is noticed."""
    version = await run_in_threadpool(lambda: run.told)
    while not server.should_exit:
        if await run_in_threadpool(run.due, version):
            version = await run_in_threadpool(lambda: run.version)
            yield f"event: more\ndata: {version}\n\n"
        else:
            yield ":\n\n"
        await asyncio.sleep(LOOK_S)


def _html(run: str) -> Response:
    headers = {"content-security-policy": policy(live=True), "x-content-type-options": "nosniff"}
    return HTMLResponse(page(run=run), headers=headers | {"cache-control": "no-store"})


def _json(value: Any) -> Response:  # noqa: ANN401
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(escaped(value).encode(), media_type="application/json", headers=headers)
