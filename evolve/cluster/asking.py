"""One call to an actor, with a limit; what can become of it, told apart once.

An actor that no node can host would hang its callers for ever, so nothing is asked without a limit.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from evolve import __version__
from evolve.config import prepare_environment
from evolve.errors import EvolveError, StageError

prepare_environment()
from ray.exceptions import RayActorError, RayError, RayTaskError  # noqa: E402


class LostError(StageError):
    """A call whose actor is gone."""


class LateError(LostError):
    """A call that outlasted its limit; its actor may be at it still."""


class UnfitError(LostError):
    """An actor that cannot start where it was put; the message says why."""


async def answer(send: Callable[[], Awaitable[Any]], timeout_s: float) -> Any:  # noqa: ANN401
    """What an actor returned; its error raised, the loss of the actor as LostError, Ray's own errors as StageError.

    Whoever gives up on the actor may cancel the future that `send` gave: that counts as its loss.
    """
    try:
        result = await asyncio.wait_for(send(), timeout_s)
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise LostError("a worker fell silent") from None  # it was not we who were cancelled, but what we wait for
    except TimeoutError:
        raise LateError(f"no word from a worker for {timeout_s:.0f} s") from None
    except RayTaskError as error:  # a fault of ours in the worker: asking again would not help
        cause = error.as_instanceof_cause()
        if isinstance(error.cause, RayError):  # of Ray itself, such as no room for what it returns
            raise StageError(f"a worker cannot answer: {_short(error.cause)}") from None
        raise cause from None
    except RayActorError as error:
        if error.actor_init_failed:
            raise UnfitError(_reason(str(error))) from None
        raise LostError(f"a worker was lost: {type(error).__name__}") from None
    except RayError as error:  # such as no room for what it is sent
        raise StageError(f"a worker cannot be asked: {_short(error)}") from None
    if isinstance(result, EvolveError):
        raise result
    return result


def _short(error: BaseException) -> str:
    return f"{type(error).__name__}: {str(error).strip().splitlines()[0][:200] if str(error).strip() else ''}"


def _reason(said: str) -> str:
    """Of a traceback that Ray brought home: where it was, and what it ends with."""
    ip = re.search(r"\bip=([^,)\s]+)", said)
    lines = [line.strip() for line in said.splitlines() if re.match(r"\s*[\w.]*(Error|Exception)\b", line)]
    why = lines[-1] if lines else said.strip()[-300:]
    advice = f"; every node needs evolve {__version__} and its packages" if "ModuleNotFoundError" in why else ""
    return f"{why}{advice} (node {ip[1] if ip else 'unknown'})"
