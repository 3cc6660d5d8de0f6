"""Servers on loopback that take and refuse what a test tells them to, and note what they were sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

Body = dict[str, Any]
Refuse = Callable[[Body], tuple[int, object] | None]
"""A server's refusal of a body: status and what it sends, or None."""


def openai_error(message: str, param: str | None = None, code: object = None) -> dict[str, object]:
    return {"error": {"message": message, "type": "invalid_request_error", "param": param, "code": code}}


def nothing_wrong(_: Body) -> None:
    return None


class Place:
    """A server that refuses as told, and notes what it was sent."""

    def __init__(self, refuse: Refuse, models: object = None, answers: Callable[[Body], int] = lambda body: 1) -> None:
        """`answers`: how many there are to a body."""
        self.bodies: list[Body] = []
        self._refuse = refuse
        self._models = models
        self._answers = answers

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.bodies.append(body)
        if (refusal := self._refuse(body)) is not None:
            return web.json_response(refusal[1], status=refusal[0])
        choice = {"message": {"role": "assistant", "content": "Yes."}, "finish_reason": "stop"}
        return web.json_response({"model": body["model"], "choices": [choice] * self._answers(body)})

    async def list(self, _: web.Request) -> web.Response:
        return web.json_response(self._models)


async def at(place: Place, use: Callable[[str], Awaitable[Any]]) -> Any:  # noqa: ANN401
    """What `use` makes of the address at which the server is up."""
    application = web.Application()
    application.add_routes([web.post("/v1/chat/completions", place.chat), web.get("/v1/models", place.list)])
    runner = web.AppRunner(application)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        return await use(f"http://127.0.0.1:{runner.addresses[0][1]}/v1")
    finally:
        await runner.cleanup()
